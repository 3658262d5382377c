//! Double-entry books of one portfolio.
//!
//! Read in this order: [`id`] names what the books speak of, [`account`] is the chart of accounts, [`entry`] the
//! complete list of what can be booked, [`receipt`] what a booking returns, [`lot`] what is held and since when. Then
//! [`Ledger::post`] books an entry: it validates everything first, and after that line nothing can fail. [`view`]
//! answers questions, [`audit`](Ledger::audit) recomputes the books from their parts.
//!
//! Five promises hold after every entry:
//! 1. the sum of debits equals the sum of credits, and no account is adjusted to make it so: what enters or leaves
//!    passes one of the accounts in [`account::Role::EXTERNAL`] or [`account::ReserveRole::EXTERNAL`];
//! 2. the units of every share and option series equal what the market delivered, over all sleeves;
//! 3. cash that is reserved (working orders, collateral of short puts, purchases that have not settled, what is set
//!    aside) is a pending transfer out of settled cash, so that no dollar is reserved twice;
//! 4. contributions + moves + gains = assets − liabilities at book value, in every sleeve;
//! 5. a structure that has merged is empty, and no entry touches it any more.
//!
//! The ledger knows no market prices and no rules of trading.
//!
//! ```
//! use ledger::{Entry, Ledger, LotOrder, PortfolioId, SleeveId, SleeveKind, StructureId};
//! use ledger::{entry::OptionTrade, id::SleeveKinds};
//! use market::{instrument::Series, time::Date, value::{Contracts, Money, Price}};
//!
//! let (structure, friday) = (StructureId(1), Date::constant(2024, 6, 14));
//! let sleeve = SleeveId::new(structure, SleeveKind::Generation);
//! let put = OptionTrade {
//!     sleeve,
//!     series: Series::from_occ("AAPL  240614P00180000")?,
//!     contracts: Contracts(1),
//!     price: Price::cents(180),
//!     fees: Money::cents(70),
//!     settles: friday,
//!     order: None,
//! };
//! let mut books = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
//! let thursday = Date::constant(2024, 6, 13);
//! books.post(thursday, &Entry::Found { structure, parent: None, sleeves: SleeveKinds::ROOT })?;
//! books.post(thursday, &Entry::Deposit { structure, parts: [Money::dollars(20_000), Money::ZERO, Money::ZERO] })?;
//! books.post(thursday, &Entry::SellToOpen(put))?;
//! assert_eq!(books.free_cash(sleeve), Money::dollars(2_000)); // the premium settles tomorrow
//! books.post(friday, &Entry::Settle { through: friday })?;
//! let expired = Entry::Expire { sleeve, series: put.series, contracts: put.contracts };
//! let receipt = books.post(friday, &expired)?;
//! assert_eq!(receipt.realised[0].gain(), Money::cents(17_930));
//! assert_eq!(books.free_cash(sleeve), Money::cents(2_017_930));
//! books.audit()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod account;
mod audit;
mod balance;
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
pub use balance::{SleeveBalance, TaxReserve};
pub use entry::{Entry, Purpose};
pub use error::LedgerError;
pub use id::{LotId, PortfolioId, SleeveId, SleeveKind, StructureId, TransactionId};
pub use ledger::Ledger;
pub use lot::{Long, Lot, LotOrder, Written};
pub use receipt::{Posting, Realised, Receipt};
pub use view::{Short, Structure};
