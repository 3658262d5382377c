//! The daybook: every transaction of the books with its postings, lot by lot, for whoever keeps books in another
//! program.
//!
//! It is folded from the journal: the engine's own ledger says what was booked, a second ledger books the same entries
//! again, and every movement of a lot is read off that one. Balances, which an exported file asserts, come from the
//! first. Three things must agree then, or there is no daybook: the postings of a transaction with the movements of its
//! lots, its debits with its credits, and both ledgers with each other.

mod fold;
mod lots;
mod narration;

use std::collections::BTreeMap;

use ledger::account::{Account, Instrument};
use ledger::{Entry, LotId, Posting, StructureId, TransactionId};
use market::order::OrderId;
use market::time::Date;
use market::value::{Money, Price};

pub use fold::daybook;

/// What of the books is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Only this structure's sleeves and tax reserve.
    pub structure: Option<StructureId>,
    /// The first day; what every account holds before it is brought forward.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// The books in the order in which they were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daybook {
    /// Whose books: the portfolio's number.
    pub portfolio: u32,
    /// `history`, or `SIMULATED`.
    pub world: &'static str,
    /// Where prices come from.
    pub source: String,
    /// The policy's name.
    pub policy: String,
    /// What was asked for.
    pub extent: Extent,
    /// Everything, rising by day.
    pub items: Vec<Item>,
}

/// One thing in the daybook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Something was booked.
    Transaction(Box<Transaction>),
    /// What instruments are worth at a weekly close.
    Prices(Date, Vec<Mark>),
    /// What accounts hold at the end of a day.
    Balances(Balances),
}

/// What one unit of an instrument is worth: a share, or a contract of 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which instrument.
    pub instrument: Instrument,
    /// Dollars a share or contract.
    pub value: Money,
    /// Whether a model said so, and nobody's quote.
    pub modelled: bool,
}

/// One transaction; its lines sum to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its number in the books; none for what was brought forward.
    pub number: Option<TransactionId>,
    /// Its trade date.
    pub day: Date,
    /// The event of the journal that booked it, from 1.
    pub event: usize,
    /// What was booked; none for what was brought forward.
    pub entry: Option<Entry>,
    /// The same in a sentence.
    pub text: String,
    /// What was booked for good.
    pub lines: Vec<Line>,
    /// What was reserved or released beside it: pending, hence in no balance.
    pub pending: Vec<Posting>,
}

/// One line of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub account: Account,
    /// Debits positive, credits negative.
    pub money: Money,
    /// The lot that changes, on accounts that hold units.
    pub lot: Option<LotChange>,
}

/// What a transaction does to one lot of one account. Units and cost are negative for written options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotChange {
    /// Shares of a symbol, or an option series.
    pub instrument: Instrument,
    /// The lot's number, which it keeps on its way through sleeves.
    pub lot: LotId,
    /// Trade date of the purchase or sale that opened it.
    pub since: Date,
    /// What the account held of it.
    pub before: Stake,
    /// What it holds of it now.
    pub after: Stake,
}

/// Units and what they stand at in the books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stake {
    /// Shares or contracts.
    pub units: i64,
    /// Cost of shares and long options; premium received of written ones, negative.
    pub cost: Money,
}

/// Balances at the end of a day, from the engine's own ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balances {
    /// The day.
    pub day: Date,
    /// Every account that was ever used; else those that changed since the balances before.
    pub all: bool,
    /// Each account.
    pub accounts: Vec<Balance>,
}

/// One account's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account; of a holding, one instrument in it.
    pub account: Account,
    /// Debits less credits, and units on accounts that hold them.
    pub stake: Stake,
}

impl LotChange {
    /// What is added to the account.
    #[must_use]
    pub fn change(&self) -> Stake {
        Stake { units: self.after.units - self.before.units, cost: self.after.cost - self.before.cost }
    }

    /// Whether the change takes a part out and leaves the rest, or opens or ends the lot: anything else (a split, a
    /// part of a lot that comes back to a sleeve) ends it and opens it again.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let (before, after) = (self.before.units, self.after.units);
        before == 0 || after == 0 || (before.signum() == after.signum() && after.abs() < before.abs())
    }

    /// Whether what leaves takes its exact share of the cost, so that each unit that stays costs what it did.
    #[must_use]
    pub fn is_even(&self) -> bool {
        let scaled = |a: &Stake, b: &Stake| i128::from(a.cost.units()) * i128::from(b.units);
        scaled(&self.before, &self.after) == scaled(&self.after, &self.before)
    }
}

impl Mark {
    fn new(instrument: Instrument, price: Price, modelled: bool) -> Mark {
        let value = match instrument {
            Instrument::Shares(_) => price.times(1),
            Instrument::Option(_) => price.times(market::value::MULTIPLIER),
        };
        Mark { instrument, value, modelled }
    }
}

impl Transaction {
    /// The working order that it fills, reserves for or releases.
    #[must_use]
    pub fn order(&self) -> Option<OrderId> {
        narration::order(self.entry.as_ref()?)
    }
}

impl Daybook {
    /// The transactions, in their order.
    pub fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        self.items.iter().filter_map(|item| match item {
            Item::Transaction(transaction) => Some(transaction.as_ref()),
            _ => None,
        })
    }

    /// Each account that something was booked to or that has a balance, with the first day; holdings without their
    /// instrument.
    #[must_use]
    pub fn accounts(&self) -> Vec<(Account, Date)> {
        let mut known = BTreeMap::new();
        for (account, day) in self.named() {
            known.entry(account.control()).or_insert(day);
        }
        known.into_iter().collect()
    }

    /// Each instrument that was ever held or written, rising, with the first day.
    #[must_use]
    pub fn instruments(&self) -> Vec<(Instrument, Date)> {
        let mut known = BTreeMap::new();
        for (account, day) in self.named() {
            if let Account::Holding(_, _, held) = account {
                known.entry(held).or_insert(day);
            }
        }
        known.into_iter().collect()
    }

    /// Every account as often as it is named.
    fn named(&self) -> impl Iterator<Item = (Account, Date)> + '_ {
        self.items.iter().flat_map(|item| {
            let (lines, balances, day) = match item {
                Item::Transaction(t) => (&t.lines[..], &[][..], t.day),
                Item::Balances(b) => (&[][..], &b.accounts[..], b.day),
                Item::Prices(day, _) => (&[][..], &[][..], *day),
            };
            let accounts = lines.iter().map(|l| l.account).chain(balances.iter().map(|b| b.account));
            accounts.map(move |account| (account, day))
        })
    }

    /// The last balances of every account.
    #[must_use]
    pub fn closing(&self) -> Option<&Balances> {
        self.items.iter().rev().find_map(|item| match item {
            Item::Balances(balances) if balances.all => Some(balances),
            _ => None,
        })
    }
}
