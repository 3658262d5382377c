//! European options on a stock with known cash dividends: price and delta.
//!
//! Black and Scholes (1973), equation 13, on the spot less the present value of the dividends that fall before
//! expiration (the escrowed-dividend model; Merton 1973, Hull, "Options, Futures, and Other Derivatives", section
//! "Dividends"). What all options of one underlying and expiration share is prepared once in [`Terms`]; each strike
//! then costs one logarithm, one exponential and two rational functions.

use market::instrument::Right;
use market::math;

use crate::normal::{density, mills};
use crate::unit::{Rate, Volatility, Years};

/// A cash dividend known today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CashDividend {
    /// Time to its ex-date.
    pub years: Years,
    /// Dollars a share.
    pub amount: f64,
}

/// Why no option of this underlying can be priced.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BadTerms {
    /// The spot is zero, negative or not a number.
    #[error("spot is {spot}; expected a positive number of dollars")]
    Spot {
        /// The spot as it was given.
        spot: f64,
    },
    /// A dividend is negative or not a number.
    #[error("dividend is {amount}; expected dollars a share, not negative")]
    Dividend {
        /// The dividend as it was given.
        amount: f64,
    },
    /// Rate and dividend yield are both below zero.
    #[error("rate is {rate} and dividend yield {dividend_yield}; expected one of them not below zero")]
    BothNegative {
        /// The continuous rate, per 1.00.
        rate: f64,
        /// The continuous yield, per 1.00.
        dividend_yield: f64,
    },
    /// Nothing of the spot remains.
    #[error("dividends before expiration are worth {dividends} today, the spot only {spot}")]
    DividendsExceedSpot {
        /// Present value of the dividends, dollars a share.
        dividends: f64,
        /// The spot.
        spot: f64,
    },
}

/// What the options of one underlying and expiration share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Spot less the dividends' present value, dollars.
    pub(crate) net_spot: f64,
    /// Present value of the dividends, dollars.
    pub(crate) dividends: f64,
    /// Sum over the dividends of years × present value: what the net spot gains per 1.00 of rate.
    pub(crate) dividend_years: f64,
    rate: Rate,
    years: Years,
    root_years: f64,
    discount: f64,
}

impl Terms {
    /// Terms without dividends. `spot` in dollars.
    ///
    /// # Errors
    /// [`BadTerms::Spot`] unless the spot is positive and finite.
    pub fn new(spot: f64, rate: Rate, years: Years) -> Result<Self, BadTerms> {
        Self::with_dividends(spot, rate, years, &[])
    }

    /// Terms with the known cash dividends; those after expiration do not count.
    ///
    /// # Errors
    /// [`BadTerms`] unless the spot is positive, each dividend not negative, and the spot worth more than they are.
    pub fn with_dividends(spot: f64, rate: Rate, years: Years, cash: &[CashDividend]) -> Result<Self, BadTerms> {
        if !(spot.is_finite() && spot > 0.0) {
            return Err(BadTerms::Spot { spot });
        }
        let (mut dividends, mut dividend_years) = (0.0, 0.0);
        for paid in cash {
            if !(paid.amount.is_finite() && paid.amount >= 0.0) {
                return Err(BadTerms::Dividend { amount: paid.amount });
            }
            if paid.years <= years {
                let present = paid.amount * rate.discount(paid.years);
                dividends += present;
                dividend_years += present * paid.years.get();
            }
        }
        let net_spot = spot - dividends;
        if net_spot <= 0.0 {
            return Err(BadTerms::DividendsExceedSpot { dividends, spot });
        }
        let (root_years, discount) = (years.get().sqrt(), rate.discount(years));
        Ok(Terms { net_spot, dividends, dividend_years, rate, years, root_years, discount })
    }

    /// Spot less the present value of the dividends, dollars.
    #[must_use]
    pub const fn net_spot(&self) -> f64 {
        self.net_spot
    }

    /// Time to expiration.
    #[must_use]
    pub const fn years(&self) -> Years {
        self.years
    }

    /// √T.
    pub(crate) const fn root_years(&self) -> f64 {
        self.root_years
    }

    /// The rate.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// What a dollar paid at expiration is worth now.
    #[must_use]
    pub const fn discount(&self) -> f64 {
        self.discount
    }

    /// The forward price at expiration, dollars.
    #[must_use]
    pub fn forward(&self) -> f64 {
        self.net_spot / self.discount
    }

    /// Price in dollars and signed delta of one option. `strike` in dollars, positive (else the answer means nothing).
    /// With no volatility or time left, the discounted exercise value on the forward.
    #[inline]
    #[must_use]
    pub fn price_and_delta(&self, right: Right, strike: f64, volatility: Volatility) -> (f64, f64) {
        let value = self.value(right, strike, volatility);
        (value.price, value.delta)
    }

    /// Price of one option, dollars.
    #[inline]
    #[must_use]
    pub fn price(&self, right: Right, strike: f64, volatility: Volatility) -> f64 {
        self.price_and_delta(right, strike, volatility).0
    }

    /// Prices and signed deltas of a row of strikes at one volatility, into columns of the same length.
    ///
    /// # Panics
    /// If the columns' lengths differ.
    pub fn price_and_delta_row(
        &self,
        right: Right,
        strikes: &[f64],
        volatility: Volatility,
        prices: &mut [f64],
        deltas: &mut [f64],
    ) {
        assert!(strikes.len() == prices.len() && strikes.len() == deltas.len(), "columns differ in length");
        for ((strike, price), delta) in strikes.iter().zip(prices).zip(deltas) {
            (*price, *delta) = self.price_and_delta(right, *strike, volatility);
        }
    }

    /// As [`Terms::price_and_delta_row`], each strike at its own volatility.
    ///
    /// # Panics
    /// If the columns' lengths differ.
    pub fn price_and_delta_rows(
        &self,
        right: Right,
        strikes: &[f64],
        volatilities: &[Volatility],
        prices: &mut [f64],
        deltas: &mut [f64],
    ) {
        assert!(strikes.len() == volatilities.len(), "columns differ in length");
        assert!(strikes.len() == prices.len() && strikes.len() == deltas.len(), "columns differ in length");
        for (((strike, volatility), price), delta) in strikes.iter().zip(volatilities).zip(prices).zip(deltas) {
            (*price, *delta) = self.price_and_delta(right, *strike, *volatility);
        }
    }

    /// With φ(d1) net spot = φ(d2) discounted strike, one exponential serves both tails; each tail is taken on its
    /// small side, so that an option far out of the money keeps its relative accuracy.
    #[inline]
    fn value(&self, right: Right, strike: f64, volatility: Volatility) -> Value {
        let discounted = strike * self.discount;
        let deviation = volatility.get() * self.root_years;
        if deviation <= 0.0 {
            return self.at_intrinsic(right, discounted);
        }
        let sign = sign(right);
        let middle = math::ln(self.net_spot / discounted) / deviation;
        let d1 = middle + 0.5 * deviation;
        let d2 = middle - 0.5 * deviation;
        let density = density(d1);
        let tail1 = density * mills(d1.abs());
        let tail2 = self.net_spot * density * mills(d2.abs());
        let probability = if sign * d1 < 0.0 { tail1 } else { 1.0 - tail1 };
        let strike_part = if sign * d2 < 0.0 { tail2 } else { discounted - tail2 };
        let price = positive(sign * (self.net_spot * probability - strike_part));
        Value { price, delta: sign * probability }
    }

    /// Exercise value on the forward, discounted; at the kink half the delta.
    #[cold]
    fn at_intrinsic(&self, right: Right, discounted: f64) -> Value {
        let sign = sign(right);
        let gain = sign * (self.net_spot - discounted);
        let exercised = if gain == 0.0 { 0.5 } else { f64::from(u8::from(gain > 0.0)) };
        Value { price: positive(gain), delta: sign * exercised }
    }
}

/// What one evaluation of the formula yields.
struct Value {
    price: f64,
    delta: f64,
}

/// 1 for calls, −1 for puts.
#[inline]
pub(crate) fn sign(right: Right) -> f64 {
    match right {
        Right::Call => 1.0,
        Right::Put => -1.0,
    }
}

/// Rounding can leave a worthless option a hair below zero; what is not a number stays so.
#[inline]
fn positive(price: f64) -> f64 {
    if price < 0.0 { 0.0 } else { price }
}
