//! Why an entry is refused.

use market::instrument::{Series, Symbol};
use market::order::OrderId;
use market::time::Date;
use market::value::{Contracts, Money, Shares};

use crate::id::{SleeveId, StructureId};

/// Why an entry was not booked. Nothing has changed then. Reasons are looked for in the order of this list (in a roll,
/// those of what is bought back first; of two sleeves, those of the one that gives first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The books have turned over more than they can count.
    #[error("the books are full: more than $230,000,000,000,000 has passed through them; start a new portfolio")]
    BooksFull,
    /// A structure stands already.
    #[error("structure {0} exists already; expected a new number")]
    StructureExists(StructureId),
    /// A second root, or a first structure that is not one.
    #[error("structure {0} must name its parent, unless it is the first of the portfolio: then it must name none")]
    OneRoot(StructureId),
    /// No such structure.
    #[error("structure {0} does not exist; it must be founded first")]
    NoStructure(StructureId),
    /// A structure without sleeves.
    #[error("structure {0} has no sleeves; expected at least one")]
    NoSleeves(StructureId),
    /// An entry for a structure that has merged.
    #[error("structure {0} is closed: it has merged, and its books only keep its history")]
    StructureClosed(StructureId),
    /// A merge of the root.
    #[error("structure {0} is the root of the portfolio; expected a structure that stands under another")]
    RootMerges(StructureId),
    /// A merge into a sleeve of another structure than the parent.
    #[error("structure {structure} cannot merge into {into}; expected a sleeve of the structure that it stands under")]
    NotItsParent {
        /// The structure that would end.
        structure: StructureId,
        /// Where it would go.
        into: SleeveId,
    },
    /// No such sleeve.
    #[error("sleeve {0} does not exist; its structure must be founded with it first")]
    NoSleeve(SleeveId),
    /// A move or cross from a sleeve to itself.
    #[error("sleeve {0} cannot give to itself; expected two sleeves")]
    SameSleeve(SleeveId),
    /// An amount that must be above zero.
    #[error("{what} is {amount}; expected more than zero")]
    AmountNotPositive {
        /// Which amount.
        what: &'static str,
        /// What was given.
        amount: Money,
    },
    /// An amount below zero.
    #[error("{what} is {amount}; expected zero or more")]
    AmountNegative {
        /// Which amount.
        what: &'static str,
        /// What was given.
        amount: Money,
    },
    /// A number of shares or contracts that is not above zero or above a billion.
    #[error("the quantity is {0}; expected 1 to 1,000,000,000")]
    Quantity(i64),
    /// Money above what one entry may move.
    #[error("one entry moves more than $100,000,000,000; expected less")]
    AmountTooLarge,
    /// A strike that is not above zero.
    #[error("{0}: expected a strike above zero")]
    Strike(Series),
    /// A put bought to be held.
    #[error("{0} is a put; only calls are bought to be held")]
    LongPut(Series),
    /// A put dearer than its strike.
    #[error("{series} was sold for {premium} in all, above its collateral {collateral}; no put is worth more")]
    PutAboveStrike {
        /// The put.
        series: Series,
        /// What was received.
        premium: Money,
        /// Strike × 100 × contracts.
        collateral: Money,
    },
    /// A factor below two, or one that the quantities cannot take.
    #[error("a split of {0} shares for one cannot be booked; expected a whole number from 2 to 1,000")]
    SplitFactor(i64),
    /// A dividend whose amount is not what the shares receive.
    #[error("a dividend of {amount} was given where the shares receive {expected}; expected them within a cent")]
    DividendAmount {
        /// What was given.
        amount: Money,
        /// Shares × amount a share.
        expected: Money,
    },
    /// A settlement date before the trade.
    #[error("the trade of {day} would settle on {settles}; expected its own day or a later one")]
    SettlesBefore {
        /// Trade date.
        day: Date,
        /// Settlement date.
        settles: Date,
    },
    /// A trade after the end of the option.
    #[error("{series} ended before {day}; it cannot be traded or assigned any more")]
    Expired {
        /// The option.
        series: Series,
        /// The day of the entry.
        day: Date,
    },
    /// An expiration before its day.
    #[error("{series} cannot expire on {day}: its last day has not come")]
    NotExpiring {
        /// The option.
        series: Series,
        /// The day of the entry.
        day: Date,
    },
    /// An order that has a reservation already.
    #[error("order {0} has a reservation already; expected one a working order")]
    ReservedAlready(OrderId),
    /// An order without a reservation.
    #[error("order {0} has no reservation; it was never made, used up or released before")]
    NoReservation(OrderId),
    /// An order that reserved in another sleeve, another symbol, or the other kind of thing.
    #[error("the reservation of order {0} was made for something else than this entry")]
    WrongReservation(OrderId),
    /// Working orders in a symbol that splits.
    #[error("{0} cannot be split while order {1} reserves shares of it; release the reservation first")]
    SplitWhileReserved(Symbol, OrderId),
    /// A strike that a split would round to nothing, to another's, or below the premium received.
    #[error("the split would round the strike of {0} to zero, to that of another series, or below its own premium")]
    SplitStrike(Series),
    /// A merge while options are written.
    #[error("{sleeve} has written {series}; a structure merges when its written options are bought back or ended")]
    MergeWhileWritten {
        /// The sleeve.
        sleeve: SleeveId,
        /// The option.
        series: Series,
    },
    /// A merge while orders work.
    #[error("order {order} of {sleeve} is working; a structure merges when none of its orders reserves anything")]
    MergeWhileReserved {
        /// The sleeve.
        sleeve: SleeveId,
        /// The order.
        order: OrderId,
    },
    /// More long contracts than are held.
    #[error("{sleeve} holds {held} of {series}; the entry needs {needed}")]
    NotHeld {
        /// The sleeve.
        sleeve: SleeveId,
        /// The option.
        series: Series,
        /// What it holds.
        held: Contracts,
        /// What the entry needs.
        needed: Contracts,
    },
    /// More contracts than were written.
    #[error("{sleeve} has written {held} of {series}; the entry needs {needed}")]
    NotWritten {
        /// The sleeve.
        sleeve: SleeveId,
        /// The option.
        series: Series,
        /// What it has written.
        held: Contracts,
        /// What the entry needs.
        needed: Contracts,
    },
    /// More shares than are free of calls and orders.
    #[error("{sleeve} has {free} shares of {symbol} that cover no call and no order; the entry needs {needed}")]
    NotEnoughShares {
        /// The sleeve.
        sleeve: SleeveId,
        /// The symbol.
        symbol: Symbol,
        /// What is free.
        free: Shares,
        /// What the entry needs.
        needed: Shares,
    },
    /// More cash than is free.
    #[error("{sleeve} has {free} of settled cash that is not reserved; the entry needs {needed}")]
    NotEnoughCash {
        /// The sleeve.
        sleeve: SleeveId,
        /// Settled cash less reservations, after what the entry itself frees.
        free: Money,
        /// What the entry needs.
        needed: Money,
    },
    /// More cash than the tax reserve has.
    #[error("the tax reserve of structure {structure} has {held}; the entry needs {needed}")]
    NotEnoughReserve {
        /// The structure.
        structure: StructureId,
        /// What the reserve has.
        held: Money,
        /// What the entry needs.
        needed: Money,
    },
}
