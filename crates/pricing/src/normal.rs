//! The standard normal distribution, with the same bits on every machine.

use market::math;

use crate::elementary::least;

/// √(2π).
pub(crate) const ROOT_TWO_PI: f64 = 2.506_628_274_631_000_7;

/// Density at `x`: e^(−x²/2) / √(2π).
#[inline]
#[must_use]
pub fn density(x: f64) -> f64 {
    math::exp(-0.5 * x * x) / ROOT_TWO_PI
}

/// Probability below `x`: erfc(−x/√2) / 2 (Abramowitz and Stegun 1964, 26.2.29), to about 2e-16 of 1. Small
/// probabilities keep their relative accuracy.
#[inline]
#[must_use]
pub fn cdf(x: f64) -> f64 {
    0.5 * math::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Coefficients of [`mills`], constant term first: a fit of this project, least relative error on [0, 40], 5e-17. All
/// are positive, so nothing cancels.
const NUMERATOR: [f64; 10] = [
    1.253_314_137_315_500_1,
    1.943_862_358_514_534,
    1.491_287_689_666_482_6,
    0.726_846_134_120_398_9,
    0.245_612_946_194_390_95,
    0.059_431_779_543_541_924,
    0.010_296_951_427_601_83,
    0.001_236_029_960_270_680_5,
    9.399_430_860_982_003e-5,
    3.500_698_845_181_363_5e-6,
];
const DENOMINATOR: [f64; 11] = [
    1.0,
    2.348_862_324_987_446,
    2.563_996_407_859_603_4,
    1.717_242_814_048_803,
    0.783_841_097_131_691_7,
    0.255_721_897_733_101_6,
    0.060_660_808_512_169_054,
    0.010_390_945_725_631_338,
    0.001_239_530_659_302_373_5,
    9.399_430_860_784_572e-5,
    3.500_698_845_190_773e-6,
];

/// Mills' ratio, the upper tail over the density, at `a` ≥ 0: N(−a) / φ(a), to a relative 1e-15. Beyond 100 it answers
/// for 100, where the density is long below the least float.
#[inline]
#[must_use]
pub(crate) fn mills(a: f64) -> f64 {
    let a = a.min(100.0);
    let (a2, n, d) = (a * a, &NUMERATOR, &DENOMINATOR);
    let (a4, a8) = (a2 * a2, a2 * a2 * (a2 * a2));
    // In Estrin's order, so that the processor can work on several products at once.
    let numerator = ((n[0] + n[1] * a) + (n[2] + n[3] * a) * a2)
        + ((n[4] + n[5] * a) + (n[6] + n[7] * a) * a2) * a4
        + (n[8] + n[9] * a) * a8;
    let denominator = ((d[0] + d[1] * a) + (d[2] + d[3] * a) * a2)
        + ((d[4] + d[5] * a) + (d[6] + d[7] * a) * a2) * a4
        + ((d[8] + d[9] * a) + d[10] * a2) * a8;
    numerator / denominator
}

/// As [`mills`], each sum fused with its product, without branches: for the vector kernels.
#[inline(always)]
pub(crate) fn mills_fused(a: f64) -> f64 {
    let a = least(a, 100.0);
    let (n, d) = (&NUMERATOR, &DENOMINATOR);
    let a2 = a * a;
    let (a4, a8) = (a2 * a2, a2 * a2 * (a2 * a2));
    let low = n[3].mul_add(a, n[2]).mul_add(a2, n[1].mul_add(a, n[0]));
    let high = n[7].mul_add(a, n[6]).mul_add(a2, n[5].mul_add(a, n[4]));
    let numerator = n[9].mul_add(a, n[8]).mul_add(a8, high.mul_add(a4, low));
    let low = d[3].mul_add(a, d[2]).mul_add(a2, d[1].mul_add(a, d[0]));
    let high = d[7].mul_add(a, d[6]).mul_add(a2, d[5].mul_add(a, d[4]));
    let top = d[10].mul_add(a2, d[9].mul_add(a, d[8]));
    numerator / top.mul_add(a8, high.mul_add(a4, low))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz and Stegun 1964, table 26.1 (first 15 digits printed there) and 26.2 (Mills' ratio from its Q/Z).
    #[test]
    fn published_values() {
        let table = [
            (0.0, 0.5, 0.398_942_280_401_433),
            (0.5, 0.691_462_461_274_013, 0.352_065_326_764_300),
            (1.0, 0.841_344_746_068_543, 0.241_970_724_519_143),
            (2.0, 0.977_249_868_051_821, 0.053_990_966_513_188),
            (3.0, 0.998_650_101_968_370, 0.004_431_848_411_938),
        ];
        for (x, below, dense) in table {
            assert!((cdf(x) - below).abs() < 6e-16, "cdf({x}) = {}", cdf(x));
            assert!((density(x) - dense).abs() < 6e-16, "density({x}) = {}", density(x));
        }
    }

    #[test]
    fn mills_ratio_is_tail_over_density() {
        let mut worst: f64 = 0.0;
        for i in 0..=36_000 {
            let a = f64::from(i) / 1000.0;
            worst = worst.max((mills(a) * density(a) / cdf(-a) - 1.0).abs() / (1.0 + a * a));
        }
        // Squaring a in the density costs about a²/2 units in the last place; the ratio itself adds five.
        assert!(worst < 1.2e-15, "worst relative error {worst:e}");
    }

    /// Continued-fraction values 1/(a + 1/(a + 2/(a + 3/…))) (Abramowitz and Stegun 1964, 26.2.14).
    #[test]
    fn mills_ratio_by_its_continued_fraction() {
        for i in 30..=400 {
            let a = f64::from(i) / 10.0;
            let fraction = (1..=400).rev().fold(a, |tail, k| a + f64::from(k) / tail);
            assert!((mills(a) * fraction - 1.0).abs() < 1.2e-15, "at {a}");
        }
    }
}
