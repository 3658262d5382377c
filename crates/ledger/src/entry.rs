//! The complete list of what can be booked, as plain data.
//!
//! Amounts, quantities, prices and fees are never negative; the kind of entry says which way they go. The day of an
//! entry is its trade date and is given to [`Ledger::post`](crate::Ledger::post) beside it. No entry may touch a
//! structure that has merged.

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
    /// Founds a structure of a Generation and a Compounding sleeve under the one of `from`, and moves free cash of
    /// `from` into them (F-2, F-4). What `from` had set aside for a fork pays first, and nothing stays set aside for
    /// it.
    Fork {
        /// The sleeve that gives.
        from: SleeveId,
        /// The new structure.
        structure: StructureId,
        /// The parts of its Generation and its Compounding sleeve, exact to the cent; not both zero.
        parts: [Money; 2],
    },
    /// Closes a structure and moves all it has into a sleeve of its parent (J-1): cash, what is to settle with its
    /// dates, lots of shares and of long options with their numbers, basis, dates and cost in the cash view, and cash
    /// set aside for LEAPS; its tax reserve goes to its parent's. Its children stand under its parent from then on.
    ///
    /// Refused while it has written options or working orders. Nothing is realised: what its sleeves realised before
    /// stays their history, and the lots are realised where they leave.
    Merge {
        /// The structure that ends.
        structure: StructureId,
        /// A sleeve of its parent; by J-1 the Compounding one.
        into: SleeveId,
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
    /// Sets how much of a sleeve's cash is set aside for a purpose; zero frees it. What it has more than before must be
    /// free.
    Earmark {
        /// The sleeve.
        sleeve: SleeveId,
        /// What for.
        purpose: Purpose,
        /// How much from now on.
        amount: Money,
    },
    /// Moves free cash of a sleeve to the tax reserve of its structure. Where less is free than is due, give what
    /// is free and the rest later: the books do not let a reserve take what is promised to others.
    ToTaxReserve {
        /// The sleeve that gives.
        sleeve: SleeveId,
        /// How much.
        amount: Money,
    },
    /// Moves cash of a structure's tax reserve back to one of its sleeves.
    FromTaxReserve {
        /// The sleeve that receives.
        sleeve: SleeveId,
        /// How much.
        amount: Money,
    },
    /// The owner's taxes are paid out of a structure's tax reserve.
    PayTax {
        /// The structure whose reserve pays.
        structure: StructureId,
        /// How much.
        amount: Money,
    },
    /// The broker credits interest on a structure's tax reserve.
    TaxReserveInterest {
        /// The structure whose reserve earned it.
        structure: StructureId,
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
    /// Written options pass from one sleeve to another at a price (K-7).
    Cross(Cross),
    /// Buys calls to hold them. The order's reservation pays first, then what is set aside for LEAPS, then free
    /// cash. They cover no call.
    BuyToOpen(OptionTrade),
    /// Sells calls that are held.
    SellToClose(OptionTrade),
    /// Calls that are held end without value.
    ExpireLong {
        /// The sleeve that holds them.
        sleeve: SleeveId,
        /// Which.
        series: Series,
        /// How many.
        contracts: Contracts,
    },
    /// Calls that are held are exercised: free cash pays the strike, and their cost becomes part of what the shares
    /// cost (T-2).
    Exercise(Exercise),
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

/// What cash of a sleeve is set aside for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// LEAPS that the next window buys.
    Leaps,
    /// A fork that is due (F-3).
    Fork,
    /// A merge that has started (J-1).
    Merge,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 3] = [Purpose::Leaps, Purpose::Fork, Purpose::Merge];
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

/// Written options that one sleeve hands to another, because one would buy back what the other would write (K-7).
///
/// The lots pass with their numbers, premium, fees and dates; collateral or cover passes; the price is paid at once in
/// settled cash, without fees. For tax nothing is realised; each sleeve books what the price makes better or worse than
/// the premium, and the two sum to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cross {
    /// Which series.
    pub series: Series,
    /// How many contracts.
    pub contracts: Contracts,
    /// The sleeve that wrote them and pays to be rid of them.
    pub from: SleeveId,
    /// The sleeve that takes them and is paid.
    pub to: SleeveId,
    /// Price a share: the middle of the quote.
    pub price: Price,
    /// The working order of `from` that it fills, if there is one.
    pub close: Option<OrderId>,
    /// The working order of `to` that it fills, if there is one.
    pub open: Option<OrderId>,
}

/// An exercise of calls that are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// The sleeve that holds them.
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
