//! Implied volatility: the one volatility at which the formula gives a price.
//!
//! The price is first brought to the out-of-the-money side by parity and measured in units of √(S K'), S being the net
//! spot and K' the discounted strike (the normalisation of Jäckel 2015, "Let's be rational"). With x = |ln(S/K')|,
//! deviation s = σ√T, h = −x/s, t = s/2 and Mills' ratio M, the normalised price and its complement to the most the
//! option can be worth are
//!
//! > b(s) = φ(h) φ(t) √(2π) · (Y(h + t) − Y(h − t)), where Y(z) = N(z)/φ(z) = M(−z),
//! >
//! > u(s) = φ(h) φ(t) √(2π) · (M(t + h) + M(t − h)),
//!
//! and db/ds = φ(h) φ(t) √(2π). Each logarithm therefore needs no exponential, and its slope is one over the bracket.
//! Householder's third-order step on ln b (prices up to half of that most) or ln u (above) converges in two or three
//! evaluations; a bracket around the root, kept throughout, makes failure impossible. An error ε in a bracket moves σ
//! by ε / s of itself, so plain subtraction is exact enough except where t is small: there the bracket is its Taylor
//! series in t.

mod row;

use market::instrument::Right;
use market::math;

use crate::black_scholes::Terms;
use crate::normal::{ROOT_TWO_PI, cdf, mills};
use crate::simd;
use crate::unit::Volatility;

/// Why a price has no implied volatility.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoVolatility {
    /// The strike is zero, negative or not a number.
    #[error("strike is {strike}; expected a positive number of dollars")]
    Strike {
        /// The strike as it was given.
        strike: f64,
    },
    /// The price is not a number.
    #[error("price is {price}; expected a number of dollars")]
    Price {
        /// The price as it was given.
        price: f64,
    },
    /// No time is left.
    #[error("no time is left to expiration; expected some")]
    Expired,
    /// Below what exercise on the forward is worth today.
    #[error("price is {price}; expected at least the option's intrinsic value {intrinsic}")]
    BelowIntrinsic {
        /// The price.
        price: f64,
        /// Discounted exercise value on the forward, dollars.
        intrinsic: f64,
    },
    /// At or above what the option can ever be worth: the net spot (call) or the discounted strike (put).
    #[error("price is {price}; expected less than the most the option can be worth, {most}")]
    TooHigh {
        /// The price.
        price: f64,
        /// The bound, dollars.
        most: f64,
    },
}

/// The volatility implied by `price` (dollars); zero at exactly the intrinsic value.
///
/// # Errors
/// [`NoVolatility`] where none exists: outside the no-arbitrage bounds, expired, or input that is no price.
pub fn volatility(terms: &Terms, right: Right, strike: f64, price: f64) -> Result<Volatility, NoVolatility> {
    let usual = simd::dispatch(row::One { terms, right, strike, price });
    Volatility::new(usual).map_or_else(|| careful(terms, right, strike, price), Ok)
}

/// As [`volatility`], per 1.00, of each strike at its own price, with the same bits; NaN where it gives an error.
/// Allocates nothing.
///
/// # Panics
/// If the columns' lengths differ.
pub fn volatilities(terms: &Terms, right: Right, strikes: &[f64], prices: &[f64], into: &mut [f64]) {
    assert!(strikes.len() == prices.len() && strikes.len() == into.len(), "columns differ in length");
    simd::dispatch(row::Rows { terms, right, strikes, prices, into: &mut *into });
    for ((strike, price), volatility) in strikes.iter().zip(prices).zip(into) {
        if volatility.is_nan() {
            *volatility = careful(terms, right, *strike, *price).map_or(f64::NAN, Volatility::get);
        }
    }
}

/// For any input, step by step.
#[cold]
fn careful(terms: &Terms, right: Right, strike: f64, price: f64) -> Result<Volatility, NoVolatility> {
    if !(strike.is_finite() && strike > 0.0) {
        return Err(NoVolatility::Strike { strike });
    }
    if !price.is_finite() {
        return Err(NoVolatility::Price { price });
    }
    if terms.years().get() <= 0.0 {
        return Err(NoVolatility::Expired);
    }
    let (spot, discounted) = (terms.net_spot(), strike * terms.discount());
    let (intrinsic, most) = match right {
        Right::Call => ((spot - discounted).max(0.0), spot),
        Right::Put => ((discounted - spot).max(0.0), discounted),
    };
    let (excess, missing) = (price - intrinsic, most - price);
    if excess < 0.0 {
        return Err(NoVolatility::BelowIntrinsic { price, intrinsic });
    }
    if missing <= 0.0 {
        return Err(NoVolatility::TooHigh { price, most });
    }
    if excess == 0.0 {
        return Ok(Volatility::ZERO);
    }
    let unit = (spot * discounted).sqrt();
    let x = math::ln(spot / discounted).abs();
    let deviation = if excess <= missing {
        Side::Price.solve(x, excess / unit, low_guess(x, excess / unit))
    } else {
        let guess = high_guess(x, spot.min(discounted) / unit, missing / unit);
        Side::Complement.solve(x, missing / unit, guess)
    };
    Ok(Volatility::new(deviation / terms.root_years()).unwrap_or(Volatility::ZERO))
}

/// Below this t the bracket is its Taylor series, whose first neglected term is then under 2e-16 of it; above, the
/// subtraction costs the volatility less than 5e-14 of itself.
const SMALL_T: f64 = 0.005;

/// Steps after which the bracket is halved instead; two or three are enough for every price met so far.
const MOST_STEPS: u32 = 12;

/// Which of the two functions of the deviation is solved for its target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// b(s), rising.
    Price,
    /// u(s), falling.
    Complement,
}

impl Side {
    /// Y(h + t) − Y(h − t), or M(t + h) + M(t − h); always positive.
    #[inline]
    fn bracket(self, h: f64, t: f64) -> f64 {
        match self {
            Side::Price if t < SMALL_T => small_bracket(h, t),
            Side::Price => inverse_mills(h + t) - mills(t - h),
            Side::Complement => inverse_mills(-h - t) + mills(t - h),
        }
    }

    /// The deviation at which this side equals `target`, from a guess.
    #[inline]
    fn solve(self, x: f64, target: f64, guess: f64) -> f64 {
        let scaled = target * ROOT_TWO_PI;
        let sign = if self == Side::Price { 1.0 } else { -1.0 };
        let (mut low, mut high, mut s) = (0.0, f64::INFINITY, guess);
        for step in 0.. {
            let (inverse, t) = (1.0 / s, 0.5 * s);
            let h = -x * inverse;
            let bracket = self.bracket(h, t);
            let residual = log_ratio(bracket, scaled) - 0.5 * (h * h + t * t);
            if sign * residual > 0.0 {
                high = s
            } else {
                low = s
            }
            let next = s + householder(h, t, inverse, residual, sign * bracket);
            let inside = next > low && next < high && step < MOST_STEPS;
            let previous = s;
            s = if inside { next } else { between(low, high) };
            let moved = (s - previous).abs();
            // The error left is of the fourth order of the step; a closed bracket cannot be narrowed.
            if (inside && moved <= 2e-4 * s) || moved <= f64::EPSILON * s {
                break;
            }
        }
        s
    }
}

/// ln(bracket / scaled), safe from overflow where the target is near the least float.
#[inline]
fn log_ratio(bracket: f64, scaled: f64) -> f64 {
    if scaled > 1e-290 { math::ln(bracket / scaled) } else { math::ln(bracket) - math::ln(scaled) }
}

/// Householder's third-order step for ln b or ln u, from its value and the inverse 1/p of its slope. With A = b''/b' =
/// (h² − t²)/s and A' = −3h²/s² − 1/4, its second and third derivatives over the first are A − p and
/// A² + A' − 3pA + 2p².
#[inline]
fn householder(h: f64, t: f64, inverse_s: f64, residual: f64, inverse_slope: f64) -> f64 {
    let (slope, newton) = (1.0 / inverse_slope, -residual * inverse_slope);
    let a = (h * h - t * t) * inverse_s;
    let a_slope = -3.0 * (h * inverse_s) * (h * inverse_s) - 0.25;
    let (second, third) = (a - slope, a * a + a_slope + slope * (2.0 * slope - 3.0 * a));
    newton * (1.0 + 0.5 * second * newton) / (1.0 + newton * (second + third * newton * (1.0 / 6.0)))
}

/// A point inside the bracket: the geometric mean, doubling or halving where one side is still open.
#[cold]
fn between(low: f64, high: f64) -> f64 {
    if high.is_infinite() {
        2.0 * low
    } else if low <= 0.0 {
        0.5 * high
    } else {
        low.sqrt() * high.sqrt()
    }
}

/// Y(z) = N(z) / φ(z) for either sign of z.
#[inline]
fn inverse_mills(z: f64) -> f64 {
    if z <= 0.0 { mills(-z) } else { ROOT_TWO_PI * math::exp(0.5 * z * z) - mills(z) }
}

/// Y(h + t) − Y(h − t) by its Taylor series in t, with Y' = 1 + hY and Y⁽ⁿ⁺¹⁾ = nY⁽ⁿ⁻¹⁾ + hY⁽ⁿ⁾.
#[inline]
fn small_bracket(h: f64, t: f64) -> f64 {
    let y0 = mills(-h);
    let y1 = 1.0 + h * y0;
    let y2 = y0 + h * y1;
    let y3 = 2.0 * y1 + h * y2;
    let y4 = 3.0 * y2 + h * y3;
    let y5 = 4.0 * y3 + h * y4;
    let t2 = t * t;
    2.0 * t * (y1 + t2 / 6.0 * (y3 + t2 / 20.0 * y5))
}

/// A deviation within about 15% of the root of b(s) = `target`. To first order in t, b ≈ φ(h) 2t Y'(h), and 1/Y' is
/// nearly 1 + 1.2533 |h| + 0.9 h²; with |h| as the unknown, one Newton step on the logarithm, t² included.
fn low_guess(x: f64, target: f64) -> f64 {
    let x = x.max(1e-200);
    let ratio = x / (target * ROOT_TWO_PI);
    if !ratio.is_finite() {
        // A price near the least float: to leading order x² / 2s² is minus its logarithm.
        return x / (2.0 * (math::ln(x) - math::ln(target))).sqrt();
    }
    let mut h = 2.0 * ratio / (1.0 + (1.0 + 5.013 * ratio).sqrt());
    if h > 1.0 {
        h = h.min((2.0 * math::ln(ratio)).max(1.0).sqrt());
    }
    let inverse = 1.0 + h * (1.2533 + 0.9 * h);
    let t = 0.5 * x / h;
    let second = t * t * (0.5 - 1.0 / (3.0 + h * (1.6 + h)));
    let excess = 0.5 * h * h + math::ln(h * inverse / ratio) + second;
    // h times the derivative, which stays above a third.
    let slope = 1.0 + h * (h + (1.2533 + 1.8 * h) / inverse) - 2.0 * second;
    let better = 1.0 - excess / slope.max(0.3);
    x / (h * if better > 0.0 { better } else { 1.0 })
}

/// A deviation within about a third of the root of u(s) = `target`, above the inflection of b at s = √(2x), where price
/// and slope are known in closed form; `most` is the option's bound in units of √(S K').
fn high_guess(x: f64, most: f64, target: f64) -> f64 {
    let inflection = (2.0 * x).sqrt();
    let complement = 0.5 * most + cdf(-inflection) / most;
    let log = math::ln(complement / target).max(0.0);
    let width = complement * ROOT_TWO_PI / most * log;
    (inflection * inflection + 2.0 * inflection * width + width * width / (1.0 + 0.125 * width * width / log.max(1e-9)))
        .sqrt()
}
