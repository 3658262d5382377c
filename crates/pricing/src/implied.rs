//! Implied volatility: the one volatility at which the formula gives a price.

use market::instrument::Right;

use crate::black_scholes::Terms;
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
    #[error("no time is left to expiration")]
    Expired,
    /// Below what exercise on the forward is worth today.
    #[error("price {price} is below the option's intrinsic value {intrinsic}")]
    BelowIntrinsic {
        /// The price.
        price: f64,
        /// Discounted exercise value on the forward, dollars.
        intrinsic: f64,
    },
    /// At or above what the option can ever be worth: the spot (call) or the discounted strike (put).
    #[error("price {price} is not below the most the option can be worth, {most}")]
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
    if !(strike.is_finite() && strike > 0.0) {
        return Err(NoVolatility::Strike { strike });
    }
    if !price.is_finite() {
        return Err(NoVolatility::Price { price });
    }
    if terms.years().get() <= 0.0 {
        return Err(NoVolatility::Expired);
    }
    let discounted = strike * terms.discount();
    let (intrinsic, most) = match right {
        Right::Call => ((terms.net_spot() - discounted).max(0.0), terms.net_spot()),
        Right::Put => ((discounted - terms.net_spot()).max(0.0), discounted),
    };
    if price < intrinsic {
        return Err(NoVolatility::BelowIntrinsic { price, intrinsic });
    }
    if price >= most {
        return Err(NoVolatility::TooHigh { price, most });
    }
    let (mut low, mut high) = (0.0, 64.0 / terms.years().get().sqrt());
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        let trial = Volatility::new(middle).unwrap_or(Volatility::ZERO);
        if terms.price(right, strike, trial) < price { low = middle } else { high = middle }
    }
    Ok(Volatility::new(low).unwrap_or(Volatility::ZERO))
}
