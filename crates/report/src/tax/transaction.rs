//! What the tax view is made from: neutral transactions of one owner's accounts, whoever keeps them.

use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::quote::Delta;
use market::time::Date;
use market::value::{Money, Price};

/// How an account is taxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// Profit is taxed as it is realised.
    Taxable,
    /// Nothing in it is taxed while it stays: an IRA or Roth IRA.
    Retirement,
}

/// One of the owner's accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What people call it.
    pub name: String,
    /// How it is taxed.
    pub kind: AccountKind,
}

/// Where a position lies. Lots are sold out of the place in which they lie; T-3 looks into all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which account, by its place in the list of accounts.
    pub account: usize,
    /// Which sleeve of it; none in accounts that have no sleeves.
    pub sleeve: Option<SleeveId>,
}

/// Whether an option is held or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Bought, and held.
    Long,
    /// Written.
    Short,
}

/// What can be held in the tax view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    /// Shares.
    Shares(Symbol),
    /// Options, and which side of them.
    Option(Series, Side),
}

impl Asset {
    /// The symbol of the shares, or of those that the option delivers.
    #[must_use]
    pub const fn symbol(&self) -> Symbol {
        match self {
            Asset::Shares(symbol) => *symbol,
            Asset::Option(series, _) => series.underlying,
        }
    }

    /// Whether it was written.
    #[must_use]
    pub const fn is_short(&self) -> bool {
        matches!(self, Asset::Option(_, Side::Short))
    }

    /// Whether it is a call that was written.
    #[must_use]
    pub fn is_short_call(&self) -> bool {
        matches!(self, Asset::Option(series, Side::Short) if series.right == Right::Call)
    }
}

/// What happened to a position. Contracts stand for 100 shares each; amounts are in all, not a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Shares were bought.
    Buy {
        /// Of which symbol.
        symbol: Symbol,
        /// How many.
        shares: i64,
        /// Price × shares.
        paid: Money,
        /// Fees, which become part of the basis.
        fees: Money,
    },
    /// Shares were sold.
    Sell {
        /// Of which symbol.
        symbol: Symbol,
        /// How many.
        shares: i64,
        /// Price × shares.
        income: Money,
        /// Fees, which lower the proceeds.
        fees: Money,
    },
    /// Options were bought or written to open.
    Open {
        /// Which series.
        series: Series,
        /// Bought or written.
        side: Side,
        /// How many.
        contracts: i64,
        /// Premium paid or received.
        amount: Money,
        /// Fees.
        fees: Money,
        /// |delta| at that moment, where known; a written put may count as a purchase of its shares (T-3).
        delta: Option<Delta>,
        /// The underlying's price then, where known: which calls are deep in the money (T-5).
        spot: Option<Price>,
    },
    /// Options were sold or bought back to close.
    Close {
        /// Which series.
        series: Series,
        /// The side that is closed.
        side: Side,
        /// How many.
        contracts: i64,
        /// Premium received or paid.
        amount: Money,
        /// Fees.
        fees: Money,
    },
    /// Options ended without value.
    Expire {
        /// Which series.
        series: Series,
        /// Held or written.
        side: Side,
        /// How many.
        contracts: i64,
    },
    /// Written options were exercised by their holder: shares were delivered at the strike.
    Assign {
        /// Which series.
        series: Series,
        /// How many.
        contracts: i64,
        /// Fees of the delivery.
        fees: Money,
    },
    /// Calls that were held were exercised.
    Exercise {
        /// Which series.
        series: Series,
        /// How many.
        contracts: i64,
        /// Fees of the delivery.
        fees: Money,
    },
    /// A whole-number split took effect, in every account.
    Split {
        /// Of which symbol.
        symbol: Symbol,
        /// Shares after, per one before.
        new_per_old: i64,
    },
    /// Shares went ex-dividend.
    Dividend {
        /// Who pays.
        symbol: Symbol,
        /// How many shares are entitled.
        shares: i64,
        /// What is paid.
        amount: Money,
        /// When: the year in which it is taxed.
        paid: Date,
    },
    /// Interest was credited.
    Interest {
        /// How much.
        amount: Money,
    },
    /// Written options passed to another sleeve of the owner: no disposal (K-7).
    Pass {
        /// Which series.
        series: Series,
        /// How many.
        contracts: i64,
        /// The sleeve that has them now.
        to: Place,
    },
    /// Everything in this place passed to another sleeve of the owner: no disposal (J-1).
    Merge {
        /// Where it lies now.
        to: Place,
    },
}

impl Act {
    /// The symbol that it is about, if it is about one.
    #[must_use]
    pub const fn symbol(&self) -> Option<Symbol> {
        match self {
            Act::Buy { symbol, .. }
            | Act::Sell { symbol, .. }
            | Act::Split { symbol, .. }
            | Act::Dividend { symbol, .. } => Some(*symbol),
            Act::Open { series, .. }
            | Act::Close { series, .. }
            | Act::Expire { series, .. }
            | Act::Assign { series, .. }
            | Act::Exercise { series, .. }
            | Act::Pass { series, .. } => Some(series.underlying),
            Act::Interest { .. } | Act::Merge { .. } => None,
        }
    }
}

/// One thing that happened in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Trade date; of a dividend the ex-date.
    pub day: Date,
    /// Where.
    pub place: Place,
    /// What.
    pub act: Act,
}

impl Transaction {
    /// Whether it happens at one moment with `other`: deliveries and expirations of one series on one day.
    pub(super) fn is_one_with(&self, other: &Transaction) -> bool {
        let series = |act: &Act| match *act {
            Act::Expire { series, side, .. } => Some((0, series, side)),
            Act::Assign { series, .. } => Some((1, series, Side::Short)),
            Act::Exercise { series, .. } => Some((2, series, Side::Long)),
            _ => None,
        };
        self.day == other.day && series(&self.act).is_some_and(|s| series(&other.act) == Some(s))
    }
}

/// Puts the transactions of several accounts in order: by day, splits before all else, then as they were given.
pub fn in_order(transactions: &mut [Transaction]) {
    transactions.sort_by_key(|t| (t.day, !matches!(t.act, Act::Split { .. })));
}
