//! Double-entry books of one portfolio.
//!
//! Read in this order: [`id`] names what the books speak of, [`account`] is the chart of accounts, [`entry`] the
//! complete list of what can be booked, [`receipt`] what a booking returns, [`lot`] what is held and since when. Then
//! [`Ledger::post`] books an entry: it validates everything first, and after that line nothing can fail. [`view`]
//! answers questions, [`audit`](Ledger::audit) recomputes the books from their parts.
//!
//! Four promises hold after every entry:
//! 1. the sum of debits equals the sum of credits, and no account is adjusted to make it so: what enters or leaves
//!    passes one of the accounts in [`account::Role::EXTERNAL`];
//! 2. the units of every share and option series equal what the market delivered, over all sleeves;
//! 3. cash that is reserved (working orders, collateral of short puts, purchases that have not settled) is a pending
//!    transfer out of settled cash, so that no dollar is reserved twice;
//! 4. contributions + moves + gains = assets − liabilities at book value, in every sleeve.
//!
//! The ledger knows no market prices and no rules of trading.

pub mod account;
mod audit;
mod clearing;
pub mod entry;
mod error;
pub mod id;
mod ledger;
pub mod lot;
mod post;
pub mod receipt;
mod sleeve;
pub mod view;

pub use audit::AuditError;
pub use entry::Entry;
pub use error::LedgerError;
pub use id::{LotId, PortfolioId, SleeveId, SleeveKind, StructureId, TransactionId};
pub use ledger::Ledger;
pub use lot::{Lot, LotOrder, Written};
pub use receipt::{Posting, Realised, Receipt};
pub use view::{Short, SleeveBalance};
