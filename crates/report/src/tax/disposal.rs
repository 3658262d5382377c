//! What was disposed of, and what it gave.

use market::time::Date;
use market::value::Money;

use super::transaction::{Asset, Place};

/// How something left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Sold.
    Sold,
    /// Shares that an assigned call delivered.
    CalledAway,
    /// Shares that an exercised put delivered.
    Delivered,
    /// Written options bought back.
    BoughtBack,
    /// Options that ended without value.
    Expired,
    /// A premium taken when it was received: without T-2 alone.
    Received,
}

/// One part of a lot that left: a line of Form 8949.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposal {
    /// Where it lay.
    pub place: Place,
    /// What it was.
    pub asset: Asset,
    /// How it left.
    pub how: How,
    /// The lot that it came from.
    pub lot: u64,
    /// Shares, or shares that the contracts stand for.
    pub units: i64,
    /// Trade date of the purchase; of written options the day they were written.
    pub acquired: Date,
    /// First day of the holding period.
    pub begins: Date,
    /// Trade date of the disposal.
    pub closed: Date,
    /// What came in, less fees.
    pub proceeds: Money,
    /// What it had cost, with fees, without disallowed losses.
    pub cost: Money,
    /// Earlier disallowed losses that its basis carried (T-3).
    pub carried: Money,
    /// The loss that is disallowed now (T-3), positive.
    pub disallowed: Money,
    /// The part of it that no basis carries: the replacement lies in a retirement account.
    pub lost: Money,
    /// Whether the gain or loss is long-term.
    pub long_term: bool,
    /// An option on a broad index (T-7).
    pub section_1256: bool,
    /// What replaced it.
    pub replaced_by: Vec<Replacement>,
}

/// A purchase that made a loss a wash sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Where.
    pub place: Place,
    /// What.
    pub asset: Asset,
    /// When.
    pub acquired: Date,
    /// For how many of the shares.
    pub units: i64,
    /// The loss that it disallows.
    pub amount: Money,
    /// Whether its basis carries that loss.
    pub carries: bool,
}

impl Disposal {
    /// Cost or other basis, disallowed losses included: column (e) of Form 8949.
    #[must_use]
    pub fn basis(&self) -> Money {
        self.cost + self.carried
    }

    /// Proceeds less basis, before this sale's own adjustment.
    #[must_use]
    pub fn result(&self) -> Money {
        self.proceeds - self.basis()
    }

    /// Gain or loss with its adjustment: column (h) of Form 8949.
    #[must_use]
    pub fn gain(&self) -> Money {
        self.result() + self.disallowed
    }

    /// Gain or loss without any wash sale: what the trade really brought.
    #[must_use]
    pub fn economic(&self) -> Money {
        self.proceeds - self.cost
    }
}
