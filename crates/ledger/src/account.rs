//! The chart of accounts.
//!
//! Every sleeve keeps the same accounts, one for each [`Role`]. Three of them are control accounts over a list of lots:
//! `Shares` over the lots of each symbol, `Long` and `Written` over the contracts of each series; their postings name
//! the instrument. Every structure keeps a tax reserve beside its sleeves, one account for each [`ReserveRole`]. Units
//! (shares, contracts) come from and go to the market, one account per instrument for the whole portfolio: its balance
//! is what the broker must show.

use std::fmt;

use market::instrument::{Series, Symbol};
use market::value::Money;

use crate::id::{SleeveId, StructureId};

/// What an account of a sleeve is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Settled cash. Pending credits are what is reserved.
    Cash,
    /// Sales that have not settled, net of their fees.
    Receivable,
    /// Dividends whose pay date has not come.
    DividendsReceivable,
    /// Shares at strike or price paid, less the premium of the put that delivered them, with the cost of the calls
    /// that were exercised for them.
    Shares,
    /// Calls that are held, at what was paid for them.
    Long,
    /// Written options at the premium received for them: a liability until they end.
    Written,
    /// Purchases that have not settled, with their fees. Pending debits are what cash is reserved for.
    Payable,
    /// The owner: contributions are credits, withdrawals debits.
    Owner,
    /// The other sleeves and the tax reserves: what comes in is a credit, what goes out a debit, at book value. Over
    /// all sleeves and reserves it is even.
    Transfers,
    /// The other side of internal crosses: what their prices gave is a credit, what they took a debit. Over all sleeves
    /// it is even.
    Crosses,
    /// The market's side of written options that expired or were bought back.
    Premium,
    /// The market's side of shares that left; an assigned call's premium is part of it.
    ShareGains,
    /// The market's side of calls that were held and sold, or expired.
    LongGains,
    /// The companies that pay dividends.
    Dividends,
    /// The broker, for interest on cash.
    Interest,
    /// Broker, exchanges and authorities, for their fees.
    Fees,
    /// Fractions of a cent between a dividend as computed and as paid; at most a cent a transaction.
    Rounding,
}

impl Role {
    /// Every account of a sleeve.
    pub const ALL: [Role; 17] = [
        Role::Cash,
        Role::Receivable,
        Role::DividendsReceivable,
        Role::Shares,
        Role::Long,
        Role::Written,
        Role::Payable,
        Role::Owner,
        Role::Transfers,
        Role::Crosses,
        Role::Premium,
        Role::ShareGains,
        Role::LongGains,
        Role::Dividends,
        Role::Interest,
        Role::Fees,
        Role::Rounding,
    ];

    /// The outside world: with [`ReserveRole::EXTERNAL`] the only accounts through which value enters or leaves the
    /// portfolio.
    pub const EXTERNAL: [Role; 8] = [
        Role::Owner,
        Role::Premium,
        Role::ShareGains,
        Role::LongGains,
        Role::Dividends,
        Role::Interest,
        Role::Fees,
        Role::Rounding,
    ];

    /// The name in statements and exports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Role::Cash => "cash",
            Role::Receivable => "receivable",
            Role::DividendsReceivable => "dividends receivable",
            Role::Shares => "shares",
            Role::Long => "long options",
            Role::Written => "written options",
            Role::Payable => "payable",
            Role::Owner => "owner",
            Role::Transfers => "transfers",
            Role::Crosses => "crosses",
            Role::Premium => "premium",
            Role::ShareGains => "share gains",
            Role::LongGains => "long option gains",
            Role::Dividends => "dividends",
            Role::Interest => "interest",
            Role::Fees => "fees",
            Role::Rounding => "rounding",
        }
    }
}

/// What an account of a structure's tax reserve is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReserveRole {
    /// Settled cash.
    Cash,
    /// The sleeves, and on a merge another reserve: what comes in is a credit, what goes out a debit.
    Transfers,
    /// The broker, for interest on the reserve.
    Interest,
    /// The authorities, for the owner's taxes.
    Taxes,
}

impl ReserveRole {
    /// Every account of a tax reserve.
    pub const ALL: [ReserveRole; 4] =
        [ReserveRole::Cash, ReserveRole::Transfers, ReserveRole::Interest, ReserveRole::Taxes];

    /// The outside world.
    pub const EXTERNAL: [ReserveRole; 2] = [ReserveRole::Interest, ReserveRole::Taxes];

    /// The name in statements and exports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ReserveRole::Cash => "cash",
            ReserveRole::Transfers => "transfers",
            ReserveRole::Interest => "interest",
            ReserveRole::Taxes => "taxes",
        }
    }
}

/// What can be held in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Instrument {
    /// Shares of a symbol.
    Shares(Symbol),
    /// Contracts of an option series.
    Option(Series),
}

/// The name of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// A sleeve's account that holds money alone.
    Sleeve(SleeveId, Role),
    /// A sleeve's holding of an instrument, part of its `Shares`, `Long` or `Written`.
    Holding(SleeveId, Role, Instrument),
    /// An account of a structure's tax reserve.
    Reserve(StructureId, ReserveRole),
    /// The market's side of an instrument, in units alone.
    Market(Instrument),
}

/// The two sides of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Into an asset, out of a liability.
    Debit,
    /// Out of an asset, into a liability.
    Credit,
}

/// What passed through an account. Amounts only grow, except that a pending transfer leaves when it is posted or
/// released; a balance is a difference that has to name its side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// All debits booked.
    pub debits_posted: Money,
    /// All credits booked.
    pub credits_posted: Money,
    /// Debits reserved.
    pub debits_pending: Money,
    /// Credits reserved.
    pub credits_pending: Money,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Side {
        match self {
            Side::Debit => Side::Credit,
            Side::Credit => Side::Debit,
        }
    }
}

impl Account {
    /// The sleeve whose account it is; none for the market's and for tax reserves.
    #[must_use]
    pub const fn sleeve(&self) -> Option<SleeveId> {
        match self {
            Account::Sleeve(sleeve, _) | Account::Holding(sleeve, ..) => Some(*sleeve),
            Account::Reserve(..) | Account::Market(_) => None,
        }
    }

    /// The structure whose account it is; none for the market's.
    #[must_use]
    pub const fn structure(&self) -> Option<StructureId> {
        match self {
            Account::Sleeve(sleeve, _) | Account::Holding(sleeve, ..) => Some(sleeve.structure),
            Account::Reserve(structure, _) => Some(*structure),
            Account::Market(_) => None,
        }
    }

    /// The control account of a holding; any other account as it is.
    #[must_use]
    pub const fn control(&self) -> Account {
        match *self {
            Account::Holding(sleeve, role, _) => Account::Sleeve(sleeve, role),
            other => other,
        }
    }
}

impl Turnover {
    /// Debits less credits: the balance of an asset or an expense.
    #[must_use]
    pub fn debit_balance(&self) -> Money {
        self.debits_posted - self.credits_posted
    }

    /// Credits less debits: the balance of a liability, of capital or of income.
    #[must_use]
    pub fn credit_balance(&self) -> Money {
        self.credits_posted - self.debits_posted
    }

    pub(crate) fn post(&mut self, side: Side, money: Money) {
        match side {
            Side::Debit => self.debits_posted += money,
            Side::Credit => self.credits_posted += money,
        }
    }
}

impl Instrument {
    /// The symbol, or the option's underlying.
    #[must_use]
    pub const fn symbol(&self) -> Symbol {
        match self {
            Instrument::Shares(symbol) => *symbol,
            Instrument::Option(series) => series.underlying,
        }
    }
}

impl fmt::Display for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Instrument::Shares(symbol) => symbol.fmt(f),
            Instrument::Option(series) => series.fmt(f),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Sleeve(sleeve, role) => write!(f, "{sleeve}:{}", role.name()),
            Account::Holding(sleeve, role, held) => write!(f, "{sleeve}:{}:{held}", role.name()),
            Account::Reserve(structure, role) => write!(f, "{structure}.tax reserve:{}", role.name()),
            Account::Market(held) => write!(f, "market:{held}"),
        }
    }
}
