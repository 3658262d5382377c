//! Exponential and logarithm without branches, so that columns of them become vector instructions; the same bits at
//! every level of [`crate::simd`]. Coefficients are fits of this project, near-minimax; the reductions are the usual
//! ones (Muller, "Elementary Functions", 2016, chapters 4 and 11).

/// 1.5 × 2^52: adding it rounds a small number to an integer, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 and what that float lacks of it.
const LN_2: (f64, f64) = (std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);
/// Bits of a float's mantissa.
const MANTISSA: u32 = 52;
/// Below this the exponential is taken for zero.
const LEAST: f64 = -708.0;
/// Above this it is infinite; held here.
const MOST: f64 = 709.0;

/// (e^r − 1 − r) / r² for |r| ≤ ln √2, constant term first: relative error of the whole 1.6e-17.
const EXP: [f64; 10] = [
    0.5,
    0.166_666_666_666_666_69,
    0.041_666_666_666_624_13,
    0.008_333_333_333_330_062,
    0.001_388_888_891_721_371_7,
    1.984_126_986_305_361_8e-4,
    2.480_152_129_595_437_6e-5,
    2.755_726_845_999_706_4e-6,
    2.762_008_844_540_974_6e-7,
    2.510_038_549_551_032e-8,
];

/// (ln((1 + s) / (1 − s)) − 2 s) / s³ in s² for |s| ≤ 0.2: relative error of the whole 7e-19.
const LN: [f64; 8] = [
    0.666_666_666_666_666_6,
    0.400_000_000_000_089_9,
    0.285_714_285_668_096_7,
    0.222_222_231_253_012_2,
    0.181_817_316_409_050_7,
    0.153_891_047_794_501_3,
    0.132_050_887_704_676_9,
    0.136_441_944_464_376_88,
];

/// The lesser of two numbers, neither of them NaN, in one instruction.
#[inline(always)]
pub(crate) fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The greater of two numbers, neither of them NaN, in one instruction.
#[inline(always)]
pub(crate) fn most(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// e^x to a relative 2e-16; zero below −708, held at e^709 above.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let held = least(most(x, LEAST), MOST);
    let shifted = held.mul_add(std::f64::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = (-n).mul_add(LN_2.1, (-n).mul_add(LN_2.0, held));
    let (r2, c) = (r * r, &EXP);
    let r4 = r2 * r2;
    let low = c[3].mul_add(r, c[2]).mul_add(r2, c[1].mul_add(r, c[0]));
    let high = c[7].mul_add(r, c[6]).mul_add(r2, c[5].mul_add(r, c[4]));
    let top = c[9].mul_add(r, c[8]);
    let rest = top.mul_add(r4, high).mul_add(r4, low);
    let mantissa = 1.0 + rest.mul_add(r2, r);
    // 2^n: the integer moved into the exponent.
    let power = f64::from_bits((shifted.to_bits() << MANTISSA).wrapping_add(1023 << MANTISSA));
    if x < LEAST { 0.0 } else { mantissa * power }
}

/// ln(a / b) of two positive normal floats, to a relative 4e-16 even where they are nearly equal: the difference of
/// their mantissas is exact, and there is one division.
#[inline(always)]
pub(crate) fn ln_ratio(a: f64, b: f64) -> f64 {
    // The bits of a float are its binary logarithm, nearly: their difference, rounded, says by which power of two b
    // comes within a factor 1.5 of a.
    const BIAS: u64 = 2048;
    let bits = a.to_bits().wrapping_sub(b.to_bits()).wrapping_add((BIAS << MANTISSA) + (1 << (MANTISSA - 1)));
    let k = bits >> MANTISSA;
    let near = f64::from_bits(b.to_bits().wrapping_add(k.wrapping_sub(BIAS) << MANTISSA));
    // k as a float: or it into the mantissa of 2^52.
    let n = f64::from_bits(k | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + BIAS as f64);
    let s = (a - near) / (a + near);
    let (s2, c) = (s * s, &LN);
    let s4 = s2 * s2;
    let low = c[3].mul_add(s2, c[2]).mul_add(s4, c[1].mul_add(s2, c[0]));
    let high = c[7].mul_add(s2, c[6]).mul_add(s4, c[5].mul_add(s2, c[4]));
    let rest = high.mul_add(s4 * s4, low);
    let fraction = 2.0f64.mul_add(s, (s * s2) * rest);
    n.mul_add(LN_2.0, n.mul_add(LN_2.1, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;
    use market::math;

    #[test]
    fn exponential_agrees_with_the_library() {
        for i in -70_800..70_900 {
            let x = f64::from(i) / 100.0 + 1e-3;
            assert!((exp(x) / math::exp(x) - 1.0).abs() < 4.5e-16, "{x}");
        }
        assert_eq!((exp(0.0), exp(-709.0), exp(f64::NEG_INFINITY)), (1.0, 0.0, 0.0));
    }

    #[test]
    fn logarithm_agrees_with_the_library() {
        for i in -3000..=3000 {
            let x = math::exp(f64::from(i) / 5.0 + 0.01);
            let (found, known) = (ln_ratio(x, 1.0), math::ln(x));
            assert!((found - known).abs() <= 4.5e-16 * known.abs(), "{x}: {found} {known}");
            assert!((ln_ratio(3.0, 3.0 * x) + known).abs() <= 8e-16 * known.abs().max(0.1), "{x}");
        }
        // A few units in the last place from one.
        let near = 1.0 + f64::EPSILON;
        assert_eq!((ln_ratio(near, 1.0), ln_ratio(1.0, 1.0)), (f64::EPSILON, 0.0));
    }
}
