//! Price and Greeks of European options, one or a row of them (Haug 2007, "The Complete Guide to Option Pricing
//! Formulas", chapter 2, with cost of carry equal to the rate, on the spot less its dividends).
//!
//! A row is computed in vector instructions where the processor has them, with the same bits as one option alone.
//! [`Terms::price_and_delta`] computes by the platform-independent library instead and may differ in the last bits.

use market::instrument::Right;

use crate::black_scholes::{Terms, sign};
use crate::elementary::{exp, ln_ratio};
use crate::normal::{ROOT_TWO_PI, mills_fused};
use crate::simd::{self, Kernel};
use crate::unit::Volatility;

/// Calendar days a year, for theta.
const DAYS_PER_YEAR: f64 = 365.0;
/// Options worked on at once; their columns stay in the nearest cache.
const BLOCK: usize = 32;

/// An option's sensitivities, each of one share's option in dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Greeks {
    /// Price, dollars.
    pub price: f64,
    /// Dollars per dollar of spot, negative for puts.
    pub delta: f64,
    /// Delta per dollar of spot.
    pub gamma: f64,
    /// Dollars per 1.00 of volatility.
    pub vega: f64,
    /// Dollars per calendar day that passes while spot, rate and volatility stay.
    pub theta: f64,
    /// Dollars per 1.00 of continuous rate.
    pub rho: f64,
}

/// Columns for the Greeks of a row of options, units as in [`Greeks`]; all of the row's length.
#[derive(Debug)]
pub struct Columns<'a> {
    /// Prices.
    pub price: &'a mut [f64],
    /// Deltas.
    pub delta: &'a mut [f64],
    /// Gammas.
    pub gamma: &'a mut [f64],
    /// Vegas.
    pub vega: &'a mut [f64],
    /// Thetas.
    pub theta: &'a mut [f64],
    /// Rhos.
    pub rho: &'a mut [f64],
}

impl Columns<'_> {
    fn all(&mut self) -> [&mut [f64]; 6] {
        [self.price, self.delta, self.gamma, self.vega, self.theta, self.rho]
    }
}

impl Terms {
    /// Price and all Greeks of one option; `strike` in dollars, positive (else the answer means nothing). With no
    /// volatility or time left, the limits of the exercise value.
    #[must_use]
    pub fn greeks(&self, right: Right, strike: f64, volatility: Volatility) -> Greeks {
        simd::dispatch(One { terms: self, sign: sign(right), strike, volatility: volatility.get() })
    }

    /// As [`Terms::greeks`], of each strike at its own volatility. Allocates nothing.
    ///
    /// # Panics
    /// If the columns' lengths differ.
    pub fn greeks_rows(&self, right: Right, strikes: &[f64], volatilities: &[Volatility], mut into: Columns<'_>) {
        assert!(strikes.len() == volatilities.len(), "columns differ in length");
        assert!(into.all().iter().all(|column| column.len() == strikes.len()), "columns differ in length");
        simd::dispatch(Rows { terms: self, sign: sign(right), strikes, volatilities, into });
    }
}

struct One<'a> {
    terms: &'a Terms,
    sign: f64,
    strike: f64,
    volatility: f64,
}

impl Kernel for One<'_> {
    type Output = Greeks;

    #[inline(always)]
    fn run(self) -> Greeks {
        Shared::new(self.terms, self.sign).greeks(self.strike, self.volatility)
    }
}

struct Rows<'a> {
    terms: &'a Terms,
    sign: f64,
    strikes: &'a [f64],
    volatilities: &'a [Volatility],
    into: Columns<'a>,
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let shared = Shared::new(self.terms, self.sign);
        let (mut strikes, mut volatilities, mut out) = ([1.0; BLOCK], [0.0; BLOCK], [[0.0; BLOCK]; 6]);
        for start in (0..self.strikes.len()).step_by(BLOCK) {
            let end = self.strikes.len().min(start + BLOCK);
            strikes[..end - start].copy_from_slice(&self.strikes[start..end]);
            for (to, from) in volatilities.iter_mut().zip(&self.volatilities[start..end]) {
                *to = from.get();
            }
            for i in 0..BLOCK {
                let found = shared.greeks(strikes[i], volatilities[i]);
                out[0][i] = found.price;
                out[1][i] = found.delta;
                out[2][i] = found.gamma;
                out[3][i] = found.vega;
                out[4][i] = found.theta;
                out[5][i] = found.rho;
            }
            for (column, block) in self.into.all().into_iter().zip(&out) {
                column[start..end].copy_from_slice(&block[..end - start]);
            }
        }
    }
}

/// What the options of a row share, out of memory's way.
struct Shared {
    sign: f64,
    net_spot: f64,
    inverse_spot: f64,
    dividends: f64,
    dividend_years: f64,
    rate: f64,
    years: f64,
    root_years: f64,
    half_inverse_years: f64,
    discount: f64,
}

impl Shared {
    #[inline(always)]
    fn new(terms: &Terms, sign: f64) -> Shared {
        let years = terms.years().get();
        Shared {
            sign,
            net_spot: terms.net_spot,
            inverse_spot: 1.0 / terms.net_spot,
            dividends: terms.dividends,
            dividend_years: terms.dividend_years,
            rate: terms.rate().get(),
            years,
            root_years: terms.root_years(),
            half_inverse_years: if years > 0.0 { 0.5 / years } else { 0.0 },
            discount: terms.discount(),
        }
    }

    /// With φ(d1) net spot = φ(d2) discounted strike, one exponential serves both tails; each tail is taken on its
    /// small side, so that an option far out of the money keeps its relative accuracy.
    #[inline(always)]
    fn greeks(&self, strike: f64, volatility: f64) -> Greeks {
        let (sign, spot) = (self.sign, self.net_spot);
        let discounted = strike * self.discount;
        let deviation = volatility * self.root_years;
        // Without deviation d1 and d2 are beyond every tail, or zero at the kink: the exercise value comes out.
        let inverse = if deviation > 1e-290 { 1.0 / deviation } else { 1e290 };
        let middle = ln_ratio(spot, discounted) * inverse;
        let d1 = 0.5f64.mul_add(deviation, middle);
        let d2 = (-0.5f64).mul_add(deviation, middle);
        let density = exp(-0.5 * d1 * d1) * (1.0 / ROOT_TWO_PI);
        let tail1 = density * mills_fused(d1.abs());
        let spot_density = spot * density;
        let tail2 = spot_density * mills_fused(d2.abs());
        let probability = if sign * d1 < 0.0 { tail1 } else { 1.0 - tail1 };
        let strike_part = if sign * d2 < 0.0 { tail2 } else { discounted - tail2 };
        let price = sign * (spot * probability - strike_part);
        let delta = sign * probability;
        let strike_part = -sign * strike_part;
        let moves = deviation > 0.0;
        let gamma = if moves { density * inverse * self.inverse_spot } else { 0.0 };
        let vega = if moves { spot_density * self.root_years } else { 0.0 };
        // As a day passes the dividends come nearer and the net spot falls by their interest.
        let carried = self.rate * (-delta).mul_add(self.dividends, strike_part);
        let theta = carried - vega * volatility * self.half_inverse_years;
        let rho = delta.mul_add(self.dividend_years, -self.years * strike_part);
        // Rounding can leave a worthless option a hair below zero.
        let price = if price < 0.0 { 0.0 } else { price };
        Greeks { price, delta, gamma, vega, theta: theta * (1.0 / DAYS_PER_YEAR), rho }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Level;
    use crate::unit::{Rate, Years};

    /// The same bits at every level of this processor, in rows of any length and alone.
    #[test]
    fn rows_have_the_bits_of_one_alone_at_every_level() {
        let terms = Terms::new(100.0, Rate::continuous(0.04).unwrap(), Years::from_days(45)).unwrap();
        let strikes: Vec<f64> = (0..301).map(|i| 20.0 + f64::from(i)).collect();
        let volatilities: Vec<Volatility> =
            (0..301).map(|i| Volatility::new(f64::from(i % 50) * 0.03).unwrap()).collect();
        #[cfg(target_arch = "x86_64")]
        let levels = [Level::Baseline, Level::Avx2, Level::Avx512];
        #[cfg(not(target_arch = "x86_64"))]
        let levels = [Level::Baseline];
        for right in [Right::Put, Right::Call] {
            for level in levels.into_iter().filter(|level| *level <= Level::best()) {
                let mut columns = vec![vec![0.0; 301]; 6];
                let [price, delta, gamma, vega, theta, rho] = &mut columns[..] else { unreachable!() };
                let into = Columns { price, delta, gamma, vega, theta, rho };
                let (strikes, volatilities) = (&strikes[..], &volatilities[..]);
                simd::at(level, Rows { terms: &terms, sign: sign(right), strikes, volatilities, into });
                for (i, (strike, volatility)) in strikes.iter().zip(volatilities).enumerate() {
                    let row: Vec<u64> = columns.iter().map(|column| column[i].to_bits()).collect();
                    let one = terms.greeks(right, *strike, *volatility);
                    let alone = [one.price, one.delta, one.gamma, one.vega, one.theta, one.rho].map(f64::to_bits);
                    assert_eq!(row, alone, "{level:?} {right} {strike} at {volatility:?}");
                }
            }
        }
    }
}
