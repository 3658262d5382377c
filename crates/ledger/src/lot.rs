//! Lots of shares and of written contracts, split exactly.

use market::instrument::{Series, Symbol};
use market::time::Date;
use market::value::{Contracts, Money, Shares};

use crate::id::LotId;

/// Which lot leaves first (T-1: the standing instruction kept at the broker).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LotOrder {
    /// The highest tax basis a share; of equal ones the oldest.
    #[default]
    HighestCost,
    /// The oldest.
    Fifo,
}

/// Shares bought in one go, by trade or by assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its name; a part that leaves keeps it.
    pub id: LotId,
    /// Of which symbol.
    pub symbol: Symbol,
    /// How many shares are left.
    pub shares: Shares,
    /// Trade date; the holding period begins the day after.
    pub acquired: Date,
    /// Settlement date of the purchase.
    pub settles: Date,
    /// Price or strike × shares.
    pub paid: Money,
    /// Premium of the assigned put that delivered them; it lowers the basis (IRS Publication 550, options).
    pub premium: Money,
    /// Fees of the purchase, those of the assigned put included.
    pub fees: Money,
}

/// Contracts written in one fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its name; a part that is closed keeps it.
    pub id: LotId,
    /// Which series; a split renames it.
    pub series: Series,
    /// How many contracts are left.
    pub contracts: Contracts,
    /// The day on which they were sold.
    pub opened: Date,
    /// Premium received, before fees.
    pub premium: Money,
    /// Fees of the sale.
    pub fees: Money,
}

/// The share of `amount` that `part` of `whole` units carry, rounded down to the cent; all of it for the last units, so
/// that parts taken one after the other sum to the amount.
pub(crate) fn portion(amount: Money, part: i64, whole: i64) -> Money {
    if part == whole { amount } else { amount.fraction(part, whole).floor_cents() }
}

impl Lot {
    /// What the shares stand at in the books: paid less the premium of the put that delivered them.
    #[must_use]
    pub fn carried(&self) -> Money {
        self.paid - self.premium
    }

    /// Tax basis: paid − premium + fees.
    #[must_use]
    pub fn basis(&self) -> Money {
        self.paid - self.premium + self.fees
    }

    /// Takes `shares` out of the lot; what does not divide to the cent stays with the rest.
    pub(crate) fn take(&mut self, shares: Shares) -> Lot {
        let share = |amount| portion(amount, shares.0, self.shares.0);
        let part =
            Lot { shares, paid: share(self.paid), premium: share(self.premium), fees: share(self.fees), ..*self };
        self.shares -= part.shares;
        self.paid -= part.paid;
        self.premium -= part.premium;
        self.fees -= part.fees;
        part
    }

    /// Whether this lot leaves before `other`, which was booked earlier.
    pub(crate) fn leaves_before(&self, other: &Lot, order: LotOrder) -> bool {
        let older = self.acquired < other.acquired;
        match order {
            LotOrder::Fifo => older,
            LotOrder::HighestCost => {
                let scaled = |a: &Lot, b: &Lot| i128::from(a.basis().units()) * i128::from(b.shares.0);
                let (mine, its) = (scaled(self, other), scaled(other, self));
                mine > its || (mine == its && older)
            }
        }
    }
}

impl Written {
    /// Cash that secures them: strike × 100 of puts, nothing for calls.
    #[must_use]
    pub fn collateral(&self) -> Money {
        collateral(&self.series, self.contracts)
    }

    /// Takes `contracts` out of the lot; what does not divide to the cent stays with the rest.
    pub(crate) fn take(&mut self, contracts: Contracts) -> Written {
        let share = |amount| portion(amount, contracts.0, self.contracts.0);
        let part = Written { contracts, premium: share(self.premium), fees: share(self.fees), ..*self };
        self.contracts -= part.contracts;
        self.premium -= part.premium;
        self.fees -= part.fees;
        part
    }
}

/// Cash that `contracts` of `series` need when they are written: strike × 100 for puts, nothing for calls.
#[must_use]
pub fn collateral(series: &Series, contracts: Contracts) -> Money {
    match series.right {
        market::instrument::Right::Put => series.strike.of_contracts(contracts),
        market::instrument::Right::Call => Money::ZERO,
    }
}
