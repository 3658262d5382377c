//! What a booking returns: its postings and what was realised.

use market::time::Date;
use market::value::Money;

use crate::account::{Account, Instrument, Side};
use crate::id::{LotId, SleeveId, TransactionId};

/// Whether a posting moved something or reserved it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Booked for good.
    Posted,
    /// Reserved: it may be posted or released later.
    Pending,
    /// A reservation that ended.
    Released,
}

/// One line of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// Which side of it.
    pub side: Side,
    /// Booked, reserved or released.
    pub phase: Phase,
    /// How much; zero where only units move.
    pub money: Money,
    /// Shares or contracts, on accounts that hold units; else zero.
    pub units: i64,
}

/// How something was realised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Written options that expired.
    Expired,
    /// Written options that were bought back.
    BoughtBack,
    /// Shares that an assigned call delivered.
    CalledAway,
    /// Shares that were sold.
    Sold,
    /// Calls that were held and sold.
    LongSold,
    /// Calls that were held and expired.
    LongExpired,
}

/// A gain or loss in the tax view, before wash sales and straddles: one for each lot that left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Realised {
    /// The sleeve.
    pub sleeve: SleeveId,
    /// The lot that it came from.
    pub lot: LotId,
    /// What was held or written; of options the ending says which.
    pub instrument: Instrument,
    /// How.
    pub ending: Ending,
    /// Shares or contracts.
    pub quantity: i64,
    /// Shares and long calls: trade date of the purchase. Written options: the day they were sold.
    pub opened: Date,
    /// The day of the entry: when the shares or calls were sold, or the option expired or was bought back.
    pub closed: Date,
    /// What came in, less the fees of the sale; an assigned call's premium is part of it.
    pub proceeds: Money,
    /// What it had cost, with the fees of the purchase, less the premium of the put that delivered it.
    pub basis: Money,
    /// The fees in both of them.
    pub fees: Money,
}

impl Realised {
    /// Proceeds less basis.
    #[must_use]
    pub fn gain(&self) -> Money {
        self.proceeds - self.basis
    }
}

/// What the last entry booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// The transaction.
    pub transaction: TransactionId,
    /// Its trade date.
    pub day: Date,
    /// Its postings; posted debits equal posted credits, pending ones too, and so do the units of each instrument.
    pub postings: &'a [Posting],
    /// What it realised, in the order in which the lots left.
    pub realised: &'a [Realised],
    /// The lot that it opened.
    pub lot: Option<LotId>,
    /// The first sleeve with a debit at settlement: settled cash that could not pay what fell due. What it owes stays
    /// owed and reserved; A-7 freezes the sleeve.
    pub debit: Option<SleeveId>,
}

/// The last transaction as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slip {
    pub day: Date,
    pub transaction: TransactionId,
    pub postings: Vec<Posting>,
    pub realised: Vec<Realised>,
    pub lot: Option<LotId>,
    pub debit: Option<SleeveId>,
}

impl Slip {
    pub(crate) fn blank() -> Self {
        Slip {
            day: Date::ZERO,
            transaction: TransactionId(0),
            postings: Vec::with_capacity(16),
            realised: Vec::with_capacity(4),
            lot: None,
            debit: None,
        }
    }

    pub(crate) fn begin(&mut self, day: Date) {
        self.day = day;
        self.transaction = TransactionId(self.transaction.0 + 1);
        self.postings.clear();
        self.realised.clear();
        self.lot = None;
        self.debit = None;
    }

    pub(crate) fn receipt(&self) -> Receipt<'_> {
        Receipt {
            transaction: self.transaction,
            day: self.day,
            postings: &self.postings,
            realised: &self.realised,
            lot: self.lot,
            debit: self.debit,
        }
    }
}
