//! Implied volatilities by the row: the usual case of [`super`], in vector instructions.
//!
//! Usual is a price up to half of the most that the option can be worth. Three of Householder's steps settle it from a
//! guess; an option that is not usual or not settled is left to the careful way of [`super`], whatever row it stands
//! in, so that the bits do not depend on its neighbours.

use market::instrument::Right;

use super::SMALL_T;
use crate::black_scholes::Terms;
use crate::elementary::{exp, least, ln_ratio, most};
use crate::normal::{ROOT_TWO_PI, mills_fused};
use crate::simd::Kernel;

/// Options worked on at once; their columns stay in the nearest cache.
const BLOCK: usize = 32;
/// Householder's steps from the guess.
const STEPS: usize = 3;
/// The last step leaves an error of its fourth order: settled if it moved less than this share.
const SETTLED: f64 = 2e-4;
/// Normalised prices, spots and strikes below this are left to the careful way.
const TINY: f64 = 1e-280;

/// Implied volatilities of a row, NaN where the option is not usual.
pub(super) struct Rows<'a> {
    pub(super) terms: &'a Terms,
    pub(super) right: Right,
    pub(super) strikes: &'a [f64],
    pub(super) prices: &'a [f64],
    pub(super) into: &'a mut [f64],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let shared = Shared::new(self.terms, self.right);
        let (mut strikes, mut prices) = ([1.0; BLOCK], [0.0; BLOCK]);
        for start in (0..self.strikes.len()).step_by(BLOCK) {
            let end = self.strikes.len().min(start + BLOCK);
            strikes[..end - start].copy_from_slice(&self.strikes[start..end]);
            prices[..end - start].copy_from_slice(&self.prices[start..end]);
            let found = shared.block(&strikes, &prices);
            self.into[start..end].copy_from_slice(&found[..end - start]);
        }
    }
}

/// One option, NaN if it is not usual.
pub(super) struct One<'a> {
    pub(super) terms: &'a Terms,
    pub(super) right: Right,
    pub(super) strike: f64,
    pub(super) price: f64,
}

impl Kernel for One<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        Shared::new(self.terms, self.right).block(&[self.strike], &[self.price])[0]
    }
}

/// What the options of a row share.
struct Shared {
    is_call: bool,
    spot: f64,
    discount: f64,
    inverse_root_years: f64,
}

impl Shared {
    #[inline(always)]
    fn new(terms: &Terms, right: Right) -> Shared {
        Shared {
            is_call: right == Right::Call,
            spot: terms.net_spot(),
            discount: terms.discount(),
            // Without time nothing is usual: NaN.
            inverse_root_years: if terms.root_years() > 0.0 { 1.0 / terms.root_years() } else { f64::NAN },
        }
    }

    #[inline(always)]
    fn block<const N: usize>(&self, strikes: &[f64; N], prices: &[f64; N]) -> [f64; N] {
        let (mut x, mut scaled) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            let discounted = strikes[i] * self.discount;
            let (least_worth, most_worth) = if self.is_call {
                (most(self.spot - discounted, 0.0), self.spot)
            } else {
                (most(discounted - self.spot, 0.0), discounted)
            };
            let excess = prices[i] - least_worth;
            let target = excess / (self.spot * discounted).sqrt();
            let sizes = least(self.spot, discounted) > TINY && most(self.spot, discounted) < 1.0 / TINY;
            let usual = sizes && target > TINY && excess <= most_worth - prices[i];
            x[i] = ln_ratio(self.spot, discounted).abs();
            // NaN goes through every step and out again.
            scaled[i] = if usual { target * ROOT_TWO_PI } else { f64::NAN };
        }
        let (mut s, mut moved) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            s[i] = guess(x[i], scaled[i]);
        }
        for _ in 0..STEPS {
            for i in 0..N {
                moved[i] = step(x[i], scaled[i], s[i]);
                s[i] += moved[i];
            }
        }
        let mut out = [f64::NAN; N];
        for i in 0..N {
            let settled = moved[i].abs() <= SETTLED * s[i];
            out[i] = if settled { s[i] * self.inverse_root_years } else { f64::NAN };
        }
        out
    }
}

/// Householder's step for ln b at the deviation `s`, as [`super`] derives it; NaN is what no price gives.
#[inline(always)]
fn step(x: f64, scaled: f64, s: f64) -> f64 {
    let (inverse, t) = (1.0 / s, 0.5 * s);
    let h = -x * inverse;
    // The series in t is around h, the plain difference between h + t and h − t.
    let small = t < SMALL_T;
    let at = if small { h } else { h + t };
    let tail = mills_fused(at.abs());
    let upper = if at > 0.0 { ROOT_TWO_PI * exp(0.5 * at * at) - tail } else { tail };
    let bracket = if small { series(h, t, tail) } else { upper - mills_fused(t - h) };
    let (h2, t2) = (h * h, t * t);
    let residual = if bracket > 0.0 { ln_ratio(bracket, scaled) - 0.5 * (h2 + t2) } else { f64::NAN };
    let (slope, newton) = (1.0 / bracket, -residual * bracket);
    let a = (h2 - t2) * inverse;
    let a_slope = (-3.0 * h2).mul_add(inverse * inverse, -0.25);
    let second = a - slope;
    let third = a.mul_add(a, slope.mul_add((2.0f64).mul_add(slope, -3.0 * a), a_slope));
    let above = (0.5 * second).mul_add(newton, 1.0);
    let below = newton.mul_add((third * newton).mul_add(1.0 / 6.0, second), 1.0);
    newton * above / below
}

/// Y(h + t) − Y(h − t) by its Taylor series in t, from Y(h).
#[inline(always)]
fn series(h: f64, t: f64, y0: f64) -> f64 {
    let y1 = h.mul_add(y0, 1.0);
    let y2 = h.mul_add(y1, y0);
    let y3 = h.mul_add(y2, 2.0 * y1);
    let y4 = h.mul_add(y3, 3.0 * y2);
    let y5 = h.mul_add(y4, 4.0 * y3);
    let t2 = t * t;
    let higher = (t2 * (1.0 / 20.0)).mul_add(y5, y3);
    2.0 * t * (t2 * (1.0 / 6.0)).mul_add(higher, y1)
}

/// A deviation within about 15% of the root, as the careful way has it, from rough logarithms.
#[inline(always)]
fn guess(x: f64, scaled: f64) -> f64 {
    let x = most(x, 1e-200);
    let ratio = x / scaled;
    let log = rough_ln(ratio);
    let near = 2.0 * ratio / (1.0 + 5.013f64.mul_add(ratio, 1.0).sqrt());
    let h = if near > 1.0 { least(near, most(2.0 * log, 1.0).sqrt()) } else { near };
    let inverse = h.mul_add(0.9f64.mul_add(h, 1.2533), 1.0);
    let per_h = 1.0 / h;
    let t = 0.5 * x * per_h;
    let second = t * t * (0.5 - 1.0 / h.mul_add(1.6 + h, 3.0));
    let excess = (0.5 * h).mul_add(h, rough_ln(h * inverse) - log) + second;
    // h times the derivative, which stays above a third.
    let slope = h.mul_add(h + 1.8f64.mul_add(h, 1.2533) / inverse, 1.0) - 2.0 * second;
    let better = 1.0 - excess / most(slope, 0.3);
    let better = if better > 0.0 { better } else { 1.0 };
    x * per_h / better
}

/// ln a of a positive normal float, to 5e-4: the exponent, and a fit of this project for the mantissa.
#[inline(always)]
fn rough_ln(a: f64) -> f64 {
    let bits = a.to_bits();
    let exponent = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    let fraction = 0.107_746_856_f64.mul_add(m, -0.720_358_865).mul_add(m, 2.099_874_281).mul_add(m, -1.486_759_551);
    exponent.mul_add(std::f64::consts::LN_2, fraction)
}
