//! How the Greeks of European options themselves move: derivatives of the second order and beyond (Haug 2007, "The
//! Complete Guide to Option Pricing Formulas", chapter 2, with cost of carry equal to the rate, on the spot less its
//! dividends).

use market::instrument::Right;

use crate::black_scholes::Terms;
use crate::elementary::{exp, ln_ratio};
use crate::normal::ROOT_TWO_PI;
use crate::simd::{self, Kernel};
use crate::unit::Volatility;

/// Calendar days a year.
const DAYS_PER_YEAR: f64 = 365.0;

/// Sensitivities of an option's Greeks, each of one share's option in dollars. Put and call have the same, but for
/// elasticity. Gamma itself is in [`crate::greeks::Greeks`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SecondOrder {
    /// Percent of price per percent of net spot (also lambda, gearing); negative for puts. NaN without a price.
    pub elasticity: f64,
    /// Delta per 1.00 of volatility; also vega per dollar of spot.
    pub vanna: f64,
    /// Vega per 1.00 of volatility, dollars (also vomma).
    pub volga: f64,
    /// Delta per calendar day that passes (also delta bleed).
    pub charm: f64,
    /// Vega per calendar day that passes, dollars per 1.00 of volatility.
    pub veta: f64,
    /// Gamma per dollar of spot.
    pub speed: f64,
    /// Gamma per 1.00 of volatility.
    pub zomma: f64,
    /// Gamma per calendar day that passes (also gamma bleed).
    pub color: f64,
    /// Volga per 1.00 of volatility, dollars.
    pub ultima: f64,
}

impl Terms {
    /// How the Greeks of one option move; `strike` in dollars, positive (else the answer means nothing). With no
    /// volatility or time left all but elasticity are zero.
    #[must_use]
    pub fn second_order(&self, right: Right, strike: f64, volatility: Volatility) -> SecondOrder {
        let price = self.greeks(right, strike, volatility);
        let elasticity = price.delta * self.net_spot() / price.price;
        if volatility.get() * self.root_years() <= 0.0 {
            return SecondOrder { elasticity, ..SecondOrder::default() };
        }
        let moves = simd::dispatch(One { terms: self, strike, volatility: volatility.get() });
        SecondOrder { elasticity, ..moves }
    }
}

struct One<'a> {
    terms: &'a Terms,
    strike: f64,
    volatility: f64,
}

impl Kernel for One<'_> {
    type Output = SecondOrder;

    #[inline(always)]
    fn run(self) -> SecondOrder {
        let One { terms, strike, volatility } = self;
        let (spot, rate, years) = (terms.net_spot(), terms.rate().get(), terms.years().get());
        let deviation = volatility * terms.root_years();
        let inverse = 1.0 / deviation;
        let middle = ln_ratio(spot, strike * terms.discount()) * inverse;
        let (d1, d2) = (middle + 0.5 * deviation, middle - 0.5 * deviation);
        let density = exp(-0.5 * d1 * d1) * (1.0 / ROOT_TWO_PI);
        let (gamma, vega) = (density * inverse / spot, spot * density * terms.root_years());
        let (both, half) = (d1 * d2, 0.5 / years);
        let speed = -gamma / spot * (d1 * inverse + 1.0);
        let vanna = -density * d2 / volatility;
        // As a day passes the dividends come nearer and the net spot falls by their interest.
        let falls = rate * terms.dividends / DAYS_PER_YEAR;
        let drift = rate * d1 * inverse;
        SecondOrder {
            elasticity: f64::NAN,
            vanna,
            volga: vega * both / volatility,
            charm: density * (d2 * half - rate * inverse) / DAYS_PER_YEAR - falls * gamma,
            veta: vega * (drift - (1.0 + both) * half) / DAYS_PER_YEAR - falls * vanna,
            speed,
            zomma: gamma * (both - 1.0) / volatility,
            color: gamma * (drift + (1.0 - both) * half) / DAYS_PER_YEAR - falls * speed,
            ultima: -vega / (volatility * volatility) * (both * (1.0 - both) + d1 * d1 + d2 * d2),
        }
    }
}
