//! The tax view: a projection over all accounts of one owner (PROTOCOL, T-1 to T-7).
//!
//! Read in this order: [`transaction`] is what it is made from, [`rules`] what the policy says, [`books`] posts one
//! after the other (`acts`, `delivery`, `leaving`), [`disposal`] is what comes out; [`wash`] (T-3), [`straddle`] (T-5),
//! `covered` (qualified covered calls), [`dividend`] (T-6), `index` (T-7) and `term` (holding periods) hold the rules.
//! [`journal`] and [`owner`] gather accounts; [`year`], [`estimate`] and [`netting`], [`form`], [`basis`],
//! [`harvest`], [`warning`] and [`broker`] answer questions.
//!
//! A record and an estimate, not advice.

mod acts;
pub mod basis;
pub mod books;
pub mod broker;
mod covered;
mod delivery;
pub mod disposal;
pub mod dividend;
mod error;
pub mod estimate;
pub mod form;
pub mod harvest;
mod index;
pub mod journal;
mod leaving;
mod lot;
pub mod netting;
pub mod owner;
pub mod rules;
pub mod sources;
pub mod straddle;
mod term;
#[cfg(test)]
mod tests;
mod told;
pub mod transaction;
pub mod warning;
pub mod wash;
pub mod year;

pub use books::{Books, Closes};
pub use covered::{is_qualified, lowest_bench_mark};
pub use disposal::{Disposal, How, Replacement};
pub use dividend::{DividendPaid, Interest, Part};
pub use error::TaxError;
pub use estimate::Estimate;
pub use form::{Reported, described};
pub use index::sixty_forty;
pub use journal::{Gathered, account_of, gather};
pub use netting::Rates;
pub use owner::Owner;
pub use rules::{Rules, View};
pub use straddle::Deferral;
pub use term::is_long_term;
pub use told::told;
pub use transaction::{Account, AccountKind, Act, Asset, Place, Side, Transaction, in_order};
pub use warning::{Asked, Intent, Warning};
pub use wash::Washed;
pub use year::Year;
