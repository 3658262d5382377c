//! What an option is worth.
//!
//! European and American prices and Greeks, implied volatility, and the premium model that stands in where no quote is
//! at hand: a volatility by time to expiration ([`curve`], [`clock`]) and strike, and the bid and ask around its price
//! ([`spread`]), all governed by one policy file ([`model`]). Floats live here and stay here: whoever decides on a
//! result rounds it first. This crate knows nothing of money, accounts or rules.

pub mod american;
pub mod black_scholes;
pub mod clock;
pub mod curve;
mod elementary;
pub mod greeks;
pub mod implied;
pub mod model;
pub mod normal;
pub mod rate;
pub mod second_order;
pub mod simd;
pub mod spread;
pub mod unit;
