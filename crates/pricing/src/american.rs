//! American options: exercise at any time up to expiration.
//!
//! [`Pricer`] prices options on a stock with a continuous dividend yield by an integral equation, fast; [`grid`] those
//! on a stock with known cash dividends by finite differences. [`lattice`], [`monte_carlo`] and the closed
//! [`approximation`]s are other roads to the same values, and check them.

pub mod approximation;
pub mod grid;
mod integral;
pub mod lattice;
mod legendre;
pub mod monte_carlo;

use market::instrument::Right;
use market::math;

use self::integral::Scheme;
use crate::black_scholes::{BadTerms, Terms, sign};
use crate::greeks::Greeks;
use crate::simd;
use crate::unit::{Rate, Volatility, Years};

/// Below this rate a year nothing is gained by having the strike early: at most a billionth of it a year.
const LEAST_RATE: f64 = 1e-9;
/// Below this σ√T the stock is taken to move by its drift alone.
const LEAST_DEVIATION: f64 = 1e-5;
/// Step of the central differences for vega (of the volatility) and rho (per 1.00).
const BUMP: f64 = 1e-4;
/// Calendar days a year, for theta.
const DAYS_PER_YEAR: f64 = 365.0;

/// What the options of one underlying and expiration share, dividends being paid continuously.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YieldTerms {
    spot: f64,
    rate: Rate,
    dividend_yield: Rate,
    years: Years,
}

impl YieldTerms {
    /// `spot` in dollars; the yield is continuous, a year, per 1.00.
    ///
    /// # Errors
    /// [`BadTerms`] unless the spot is positive and finite, and one of rate and yield at least zero: with both below,
    /// exercise may pay between two boundaries, which [`Pricer`] does not follow.
    pub fn new(spot: f64, rate: Rate, dividend_yield: Rate, years: Years) -> Result<Self, BadTerms> {
        if !(spot.is_finite() && spot > 0.0) {
            return Err(BadTerms::Spot { spot });
        }
        let (interest, paid) = (rate.get(), dividend_yield.get());
        if interest < 0.0 && paid < 0.0 {
            return Err(BadTerms::BothNegative { rate: interest, dividend_yield: paid });
        }
        Ok(YieldTerms { spot, rate, dividend_yield, years })
    }

    /// Spot, dollars.
    #[must_use]
    pub const fn spot(&self) -> f64 {
        self.spot
    }

    /// The rate.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// The dividend yield.
    #[must_use]
    pub const fn dividend_yield(&self) -> Rate {
        self.dividend_yield
    }

    /// Time to expiration.
    #[must_use]
    pub const fn years(&self) -> Years {
        self.years
    }

    /// The terms of European options: the spot less its dividends is e^(−qT) of it.
    ///
    /// # Errors
    /// [`BadTerms::Spot`] if that is nothing.
    pub fn european(&self) -> Result<Terms, BadTerms> {
        Terms::new(self.spot * self.dividend_yield.discount(self.years), self.rate, self.years)
    }

    /// What exercise gains now, dollars, not below zero.
    fn exercise(&self, right: Right, strike: f64) -> f64 {
        (sign(right) * (self.spot - strike)).max(0.0)
    }
}

/// How close to the exact price, and at what cost. The errors are root mean squares over the options of Andersen, Lake
/// and Offengenden 2016, section 6 (strike 100, spots 25 to 200, yields 0 to 12%, rates 2 to 10%, a month to a year,
/// volatilities 10 to 60%; prices above $0.50), as `tests/american.rs` checks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accuracy {
    /// $3e-5, or 6e-6 of the price.
    Fast,
    /// $4.5e-6, or 1.5e-6 of the price.
    Accurate,
    /// Some 1e-9, and 1e-7 over ten years; by far the slowest.
    Exact,
}

/// Prices American options on a stock with a continuous yield. Holds tables that depend on the accuracy only: make it
/// once.
#[derive(Clone, Debug)]
pub struct Pricer {
    scheme: Scheme,
}

impl Pricer {
    /// A pricer of this accuracy.
    #[must_use]
    pub fn new(accuracy: Accuracy) -> Self {
        let scheme = match accuracy {
            Accuracy::Fast => Scheme::new(5, (3, 2, 0), (1, 2)),
            Accuracy::Accurate => Scheme::new(7, (4, 4, 0), (1, 3)),
            Accuracy::Exact => Scheme::new(31, (3, 8, 32), (8, 8)),
        };
        Pricer { scheme }
    }

    /// Price of one option, dollars; `strike` in dollars, positive (else the answer means nothing). Never less than the
    /// European option or immediate exercise. Allocates nothing.
    #[must_use]
    pub fn price(&self, terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility) -> f64 {
        self.value(terms, right, strike, volatility).price
    }

    /// Price and Greeks. Delta and gamma are derivatives of the formula, theta follows from them by Black and Scholes'
    /// equation, vega and rho (the yield stays) are central differences. Where exercise is due now, the option is worth
    /// its exercise value and moves with the spot only.
    #[must_use]
    pub fn greeks(&self, terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility) -> Greeks {
        let integral::Value { price, delta, gamma } = self.value(terms, right, strike, volatility);
        let exercised = gamma == 0.0 && price <= terms.exercise(right, strike);
        let (spot, rate, sigma) = (terms.spot, terms.rate.get(), volatility.get());
        let decay = if exercised || terms.years.get() <= 0.0 {
            0.0
        } else {
            let drift = (rate - terms.dividend_yield.get()) * spot * delta;
            rate * price - drift - 0.5 * sigma * sigma * spot * spot * gamma
        };
        let at = |rate: f64, sigma: f64| {
            let bumped = YieldTerms { rate: Rate::continuous(rate).unwrap_or(terms.rate), ..*terms };
            self.price(&bumped, right, strike, Volatility::new(sigma).unwrap_or(volatility))
        };
        let step = BUMP * sigma.max(BUMP);
        let low = (sigma - step).max(0.0);
        let vega = (at(rate, sigma + step) - at(rate, low)) / (sigma + step - low);
        let rho = (at(rate + BUMP, sigma) - at(rate - BUMP, sigma)) / (2.0 * BUMP);
        Greeks { price, delta, gamma, vega, theta: decay / DAYS_PER_YEAR, rho }
    }

    /// Price, delta and gamma, from the put that a call is with spot and strike, rate and yield exchanged. That put's
    /// price is homogeneous in spot and strike, which gives the call's derivatives.
    fn value(&self, terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility) -> integral::Value {
        let (spot, sigma, years) = (terms.spot, volatility.get(), terms.years.get());
        let (rate, dividend_yield) = (terms.rate.get(), terms.dividend_yield.get());
        let found = match right {
            Right::Put => {
                let put = integral::Put { spot: spot / strike, rate, dividend_yield, years, volatility: sigma };
                let found = self.put(&put);
                integral::Value { price: strike * found.price, delta: found.delta, gamma: found.gamma / strike }
            }
            Right::Call => {
                let (rate, dividend_yield) = (dividend_yield, rate);
                let put = integral::Put { spot: strike / spot, rate, dividend_yield, years, volatility: sigma };
                let found = self.put(&put);
                // C(S) = S p(K/S).
                let moneyness = strike / spot;
                integral::Value {
                    price: spot * found.price,
                    delta: found.price - moneyness * found.delta,
                    gamma: moneyness * moneyness * found.gamma / spot,
                }
            }
        };
        // Scaling back may have rounded below it.
        integral::Value { price: found.price.max(terms.exercise(right, strike)), ..found }
    }

    fn put(&self, put: &integral::Put) -> integral::Value {
        let deviation = put.volatility * put.years.sqrt();
        if put.years <= 0.0 {
            return integral::Value::exercised(put.spot);
        }
        if deviation < LEAST_DEVIATION {
            return without_movement(put);
        }
        if put.rate < 0.0 || (put.rate < LEAST_RATE && put.dividend_yield >= 0.0) {
            return simd::dispatch(integral::European(*put));
        }
        simd::dispatch(integral::Pricing { scheme: &self.scheme, put: *put })
    }
}

/// The best moment to exercise a put on a strike of one when the spot is known for ever: now, at expiration, or when
/// the interest on the strike equals the dividends.
fn without_movement(put: &integral::Put) -> integral::Value {
    let integral::Put { spot, rate, dividend_yield, years, .. } = *put;
    let equal = math::ln(rate / (dividend_yield * spot)) / (rate - dividend_yield);
    let moment = |t: f64| {
        let carried = math::exp(-dividend_yield * t);
        integral::Value { price: math::exp(-rate * t) - spot * carried, delta: -carried, gamma: 0.0 }
    };
    let moments = [Some(0.0), Some(years), Some(equal).filter(|t| *t > 0.0 && *t < years)];
    let best = moments.into_iter().flatten().map(moment).max_by(|a, b| a.price.total_cmp(&b.price));
    best.filter(|best| best.price > 0.0).unwrap_or_default()
}
