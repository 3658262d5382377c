//! Random numbers that are the same on every machine: a seed and a purpose in, a stream of draws out.
//!
//! The generator is xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its
//! state filled by SplitMix64 (Steele, Lea and Flood, 2014). Each purpose has a stream of its own, so that a further
//! symbol or a further draw for one purpose leaves all others as they were.

use market::math;

/// One step of SplitMix64: advances `state` and returns the next word.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The 64-bit FNV-1a hash (Fowler, Noll, Vo) of a purpose's name.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// A stream of random numbers, given by its seed alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng([u64; 4]);

impl Rng {
    /// The stream of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        Rng(std::array::from_fn(|_| split_mix(&mut state)))
    }

    /// The stream of `seed` for one purpose, independent of the streams for all other purposes.
    #[must_use]
    pub fn stream(seed: u64, purpose: &str) -> Self {
        let mut state = seed;
        Rng::new(split_mix(&mut state) ^ fnv1a(purpose))
    }

    /// Sixty-four random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.0;
        let word = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        word
    }

    /// A whole number below `bound`, which is above 0: the upper half of a product (Lemire, 2019, without his
    /// rejection: off by less than bound / 2^64).
    #[inline]
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// Uniform between 0 and 1, both excluded: the middle of one of 2^53 equal cells.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        const CELL: f64 = 1.0 / (1u64 << 53) as f64;
        ((self.next_u64() >> 11) as f64 + 0.5) * CELL
    }

    /// Standard normal, from one uniform by [`inverse_normal`].
    #[inline]
    pub fn normal(&mut self) -> f64 {
        inverse_normal(self.uniform())
    }

    /// A Poisson count, from one uniform by inversion; meant for means well below 100.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let u = self.uniform();
        let mut probability = math::exp(-mean);
        let mut total = probability;
        let mut count = 0;
        while u > total && count < 1000 {
            count += 1;
            probability *= mean / f64::from(count);
            total += probability;
        }
        count
    }
}

fn ratio(x: f64, above: &[f64; 8], below: &[f64; 8]) -> f64 {
    let value = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
    value(above) / value(below)
}

/// The standard normal's quantile of `p`, to about sixteen digits (Wichura, algorithm AS 241, routine PPND16, 1988);
/// minus or plus infinity at 0 and 1.
#[must_use]
pub fn inverse_normal(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(0.180_625 - q * q, &CENTRE_ABOVE, &CENTRE_BELOW);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-math::ln(tail)).sqrt();
    let z =
        if r <= 5.0 { ratio(r - 1.6, &MIDDLE_ABOVE, &MIDDLE_BELOW) } else { ratio(r - 5.0, &FAR_ABOVE, &FAR_BELOW) };
    z.copysign(q)
}

const CENTRE_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_545e3,
];
const MIDDLE_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_6,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const MIDDLE_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_ABOVE: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_7e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Published with the reference code of both algorithms (prng.di.unimi.it) and repeated by the crate rand_xoshiro.
    #[test]
    fn words_equal_the_reference() {
        let mut state = 1_477_776_061_723_855_037;
        let words: [u64; 5] = std::array::from_fn(|_| split_mix(&mut state));
        assert_eq!(
            words,
            [
                1_985_237_415_132_408_290,
                2_979_275_885_539_914_483,
                13_511_426_838_097_143_398,
                8_488_337_342_461_049_707,
                15_141_737_807_933_549_159,
            ]
        );
        let mut rng = Rng([1, 2, 3, 4]);
        let words: [u64; 10] = std::array::from_fn(|_| rng.next_u64());
        assert_eq!(
            words,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386,
                9_228_616_714_210_784_205,
                9_973_669_472_204_895_162,
                14_011_001_112_246_962_877,
                12_406_186_145_184_390_807,
                15_849_039_046_786_891_736,
                10_450_023_813_501_588_000,
            ]
        );
        assert_eq!(Rng::new(0).next_u64(), 5_987_356_902_031_041_503);
    }

    /// Wichura (1988), the three check values of the article; and Φ(z) = p over the whole range.
    #[test]
    fn quantiles_equal_the_article_and_invert_the_distribution() {
        for (p, z) in
            [(0.25, -0.674_489_750_196_081_7), (0.001, -3.090_232_306_167_813_5), (1e-20, -9.262_340_089_798_408)]
        {
            let found = inverse_normal(p);
            assert!((found / z - 1.0).abs() < 1e-15, "{p}: {found}");
        }
        for i in 1..1000 {
            let p = f64::from(i) / 1000.0;
            let back = 0.5 * math::erfc(-inverse_normal(p) / std::f64::consts::SQRT_2);
            assert!((back - p).abs() < 1e-15, "{p}: {back}");
        }
        assert_eq!(inverse_normal(0.0).to_bits(), f64::NEG_INFINITY.to_bits());
        assert_eq!(inverse_normal(1.0).to_bits(), f64::INFINITY.to_bits());
    }

    #[test]
    fn draws_have_their_moments() {
        let mut rng = Rng::new(7);
        const N: u32 = 200_000;
        let (mut uniform, mut square, mut fourth, mut jumps, mut jumps_square) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for _ in 0..N {
            uniform += rng.uniform();
            let z = rng.normal();
            square += z * z;
            fourth += z * z * z * z;
            let k = f64::from(rng.poisson(2.5));
            jumps += k;
            jumps_square += k * k;
        }
        let mean = |sum: f64| sum / f64::from(N);
        let variance = mean(jumps_square) - mean(jumps) * mean(jumps);
        for (what, found, expected, band) in [
            ("uniform mean", mean(uniform), 0.5, 0.003),
            ("normal variance", mean(square), 1.0, 0.015),
            ("normal fourth moment", mean(fourth), 3.0, 0.12),
            ("Poisson mean", mean(jumps), 2.5, 0.02),
            ("Poisson variance", variance, 2.5, 0.05),
        ] {
            assert!((found - expected).abs() < band, "{what} is {found}; expected {expected} ± {band}");
        }
    }

    #[test]
    fn streams_differ_by_seed_and_by_purpose_and_do_not_correlate() {
        let purposes = ["market", "AAPL", "AAPL/bars", "TSLA"];
        let draw = |seed, purpose| {
            let mut rng = Rng::stream(seed, purpose);
            (0..20_000).map(|_| rng.normal()).collect::<Vec<f64>>()
        };
        let streams: Vec<Vec<f64>> =
            (0..3).flat_map(|seed| purposes.iter().map(move |p| (seed, *p))).map(|(s, p)| draw(s, p)).collect();
        for (i, a) in streams.iter().enumerate() {
            for b in &streams[..i] {
                let correlation = a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / 20_000.0;
                assert!(correlation.abs() < 0.03, "{correlation}");
            }
        }
    }
}
