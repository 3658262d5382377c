//! Draws by number: the same word whoever asks for it, in whatever order.
//!
//! Word n of a key is word n of SplitMix64's sequence from that key (Steele, Lea and Flood, 2014): its state is a
//! counter times an odd constant, so that no word needs the one before it.

use crate::rng::Rng;

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Word `n` of `key`: sixty-four random bits.
#[inline]
#[must_use]
pub const fn word(key: u64, n: u64) -> u64 {
    let mut z = key.wrapping_add(n.wrapping_add(1).wrapping_mul(STEP));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The key of a purpose under `seed`; a path's key is a word of it.
#[must_use]
pub fn key(seed: u64, purpose: &str) -> u64 {
    Rng::stream(seed, purpose).next_u64()
}

/// Half a word as a number between 0 and 1, both excluded: the middle of one of 2^32 equal cells.
#[inline]
#[must_use]
pub fn fraction(bits: u32) -> f64 {
    const CELL: f64 = 1.0 / (1u64 << 32) as f64;
    (f64::from(bits) + 0.5) * CELL
}

/// One of 0 … `below − 1`, by the word's high bits (Lemire, 2019, without rejection: uneven by less than
/// `below` / 2^64).
#[inline]
#[must_use]
pub const fn below(word: u64, below: u64) -> u64 {
    ((word as u128 * below as u128) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first words of SplitMix64 from 1477776061723855037, as published with xoshiro (prng.di.unimi.it).
    #[test]
    fn words_equal_the_reference_in_any_order() {
        let published = [1_985_237_415_132_408_290, 2_979_275_885_539_914_483, 13_511_426_838_097_143_398];
        for n in [2, 0, 1] {
            assert_eq!(word(1_477_776_061_723_855_037, n as u64), published[n]);
        }
    }

    #[test]
    fn fractions_and_choices_stay_inside() {
        assert!(fraction(0) > 0.0 && fraction(u32::MAX) < 1.0);
        assert_eq!([0, u64::MAX / 2, u64::MAX].map(|w| below(w, 10)), [0, 4, 9]);
        let mean = (0..10_000).map(|n| fraction(word(key(1, "test"), n) as u32)).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        assert!(key(1, "a") != key(1, "b") && key(1, "a") != key(2, "a"));
    }
}
