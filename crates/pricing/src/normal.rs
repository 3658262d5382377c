//! The standard normal distribution, with the same bits on every machine.

use market::math;

/// 1 / √(2π).
const DENSITY_AT_ZERO: f64 = 0.398_942_280_401_432_7;

/// Density at `x`: e^(−x²/2) / √(2π).
#[inline]
#[must_use]
pub fn density(x: f64) -> f64 {
    DENSITY_AT_ZERO * math::exp(-0.5 * x * x)
}

/// Probability below `x`: erfc(−x/√2) / 2 (Abramowitz and Stegun 1964, 26.2.29), to about 1e-16 of 1; small
/// probabilities keep their relative accuracy.
#[inline]
#[must_use]
pub fn cdf(x: f64) -> f64 {
    0.5 * math::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}
