//! The complete list of what can be booked, as plain data.
//!
//! Amounts, quantities, prices and fees are never negative; the kind of entry says which way they go. The day of an
//! entry is its trade date and is given to [`Ledger::post`](crate::Ledger::post) beside it.

use market::instrument::{Series, Symbol};
use market::order::OrderId;
use market::time::Date;
use market::value::{Contracts, Money, Price, Shares};

use crate::id::{SleeveId, SleeveKinds, StructureId};

/// One business transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Opens a structure and its sleeves; without a parent it is the portfolio's root.
    Found {
        /// The new structure.
        structure: StructureId,
        /// The structure it stands under.
        parent: Option<StructureId>,
        /// Which sleeves it has.
        sleeves: SleeveKinds,
    },
    /// The owner pays in.
    Deposit {
        /// The structure that receives it.
        structure: StructureId,
        /// The parts of its Generation, Revenue and Compounding sleeve; zero for a sleeve that it does not have.
        parts: [Money; 3],
    },
    /// The owner takes out free cash.
    Withdraw {
        /// The sleeve that pays.
        sleeve: SleeveId,
        /// How much.
        amount: Money,
    },
    /// Moves free cash from one sleeve to another.
    Move {
        /// The sleeve that gives.
        from: SleeveId,
        /// The sleeve that receives.
        to: SleeveId,
        /// How much.
        amount: Money,
    },
    /// Reserves free cash for a working order: a put's collateral, or what a purchase may cost.
    Reserve {
        /// The sleeve that trades.
        sleeve: SleeveId,
        /// The order.
        order: OrderId,
        /// How much.
        amount: Money,
    },
    /// Reserves uncovered shares for a working order that sells a call or the shares.
    ReserveShares {
        /// The sleeve that trades.
        sleeve: SleeveId,
        /// The order.
        order: OrderId,
        /// Of which symbol.
        symbol: Symbol,
        /// How many.
        shares: Shares,
    },
    /// Frees what is left of an order's reservation.
    Release {
        /// The order.
        order: OrderId,
    },
    /// Writes options: a put against cash of strike × 100, a call against shares. The order's reservation, if it has
    /// one, becomes the collateral or cover.
    SellToOpen(OptionTrade),
    /// Buys written options back; the collateral that this releases may pay for it.
    BuyToClose(OptionTrade),
    /// Buys written options back and writes others in one combination order, settled as one net amount.
    Roll(Roll),
    /// Written options end without value.
    Expire {
        /// The sleeve that wrote them.
        sleeve: SleeveId,
        /// Which.
        series: Series,
        /// How many.
        contracts: Contracts,
    },
    /// Written options are assigned: a put buys the shares at its strike, a call sells them.
    Assign(Assignment),
    /// Buys shares.
    BuyShares(ShareTrade),
    /// Sells shares that cover no call.
    SellShares(ShareTrade),
    /// Books a dividend on its ex-date.
    AccrueDividend(Dividend),
    /// The broker credits interest on settled cash.
    Interest {
        /// The sleeve whose cash earned it.
        sleeve: SleeveId,
        /// How much.
        amount: Money,
    },
    /// Settles what falls due on or before a day: receivables and dividends become cash, payables are paid.
    Settle {
        /// The last day that is settled.
        through: Date,
    },
    /// A whole-number split: shares and contracts × `new_per_old`, strikes ÷ `new_per_old` to the nearest cent, half
    /// up (as the OCC adjusts them; Article VI, section 11A of its by-laws).
    Split {
        /// The symbol that splits.
        symbol: Symbol,
        /// Shares after, for each one before; at least 2.
        new_per_old: i64,
    },
}

/// A fill in one option series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionTrade {
    /// The sleeve that trades.
    pub sleeve: SleeveId,
    /// Which series.
    pub series: Series,
    /// How many contracts.
    pub contracts: Contracts,
    /// Price a share.
    pub price: Price,
    /// All fees of the fill.
    pub fees: Money,
    /// Settlement date.
    pub settles: Date,
    /// The working order that it fills, if there is one.
    pub order: Option<OrderId>,
}

/// One side of a combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which series.
    pub series: Series,
    /// How many contracts.
    pub contracts: Contracts,
    /// Price a share.
    pub price: Price,
    /// All fees of this side.
    pub fees: Money,
}

/// A fill of a combination order that replaces written options by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roll {
    /// The sleeve that trades.
    pub sleeve: SleeveId,
    /// What is bought back.
    pub close: Leg,
    /// What is written.
    pub open: Leg,
    /// Settlement date.
    pub settles: Date,
    /// The working order that it fills, if there is one.
    pub order: Option<OrderId>,
}

/// An assignment of written options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The sleeve that wrote them.
    pub sleeve: SleeveId,
    /// Which series.
    pub series: Series,
    /// How many contracts.
    pub contracts: Contracts,
    /// All fees of the delivery.
    pub fees: Money,
    /// Settlement date of the shares.
    pub settles: Date,
}

/// A fill in shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareTrade {
    /// The sleeve that trades.
    pub sleeve: SleeveId,
    /// Which symbol.
    pub symbol: Symbol,
    /// How many shares.
    pub shares: Shares,
    /// Price a share.
    pub price: Price,
    /// All fees of the fill.
    pub fees: Money,
    /// Settlement date.
    pub settles: Date,
    /// The working order that it fills, if there is one.
    pub order: Option<OrderId>,
}

/// A dividend on shares that were held at the close before the ex-date. They may have left since: a call assigned on
/// the ex-date does not take the dividend with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dividend {
    /// The sleeve that receives it.
    pub sleeve: SleeveId,
    /// Who pays.
    pub symbol: Symbol,
    /// How many shares are entitled.
    pub shares: Shares,
    /// Declared amount a share.
    pub per_share: Price,
    /// What will be paid: `shares` × `per_share` within a cent.
    pub amount: Money,
    /// Pay date.
    pub settles: Date,
}

impl OptionTrade {
    /// The trade without its sleeve, settlement and order.
    #[must_use]
    pub const fn leg(&self) -> Leg {
        Leg { series: self.series, contracts: self.contracts, price: self.price, fees: self.fees }
    }
}
