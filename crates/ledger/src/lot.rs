//! Lots of shares, of written and of long contracts, split exactly.

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
    /// Price or strike × shares, with the cost of the calls that were exercised for them.
    pub paid: Money,
    /// Premium of the assigned put that delivered them; it lowers the basis (IRS Publication 550, options).
    pub premium: Money,
    /// Fees of the purchase, those of the assigned put or the exercised calls included.
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
    /// What the sleeve that has them received: the premium, or the price of the cross that brought them. It counts in
    /// the cash basis; the premium counts in the books and for tax.
    pub received: Money,
}

/// Calls bought in one fill, to be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Long {
    /// Its name; a part that leaves keeps it.
    pub id: LotId,
    /// Which series; a split renames it.
    pub series: Series,
    /// How many contracts are left.
    pub contracts: Contracts,
    /// Trade date of the purchase; the holding period begins the day after.
    pub opened: Date,
    /// Settlement date of the purchase.
    pub settles: Date,
    /// Price × 100 × contracts, before fees.
    pub cost: Money,
    /// Fees of the purchase.
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

    pub(crate) fn rank(&self) -> Rank {
        Rank { acquired: self.acquired, basis: self.basis(), units: self.shares.0 }
    }
}

impl Long {
    /// Tax basis: cost + fees.
    #[must_use]
    pub fn basis(&self) -> Money {
        self.cost + self.fees
    }

    /// Takes `contracts` out of the lot; what does not divide to the cent stays with the rest.
    pub(crate) fn take(&mut self, contracts: Contracts) -> Long {
        let share = |amount| portion(amount, contracts.0, self.contracts.0);
        let part = Long { contracts, cost: share(self.cost), fees: share(self.fees), ..*self };
        self.contracts -= part.contracts;
        self.cost -= part.cost;
        self.fees -= part.fees;
        part
    }

    pub(crate) fn rank(&self) -> Rank {
        Rank { acquired: self.opened, basis: self.basis(), units: self.contracts.0 }
    }
}

/// What decides which of two lots of one thing leaves first.
#[derive(Clone, Copy)]
pub(crate) struct Rank {
    acquired: Date,
    basis: Money,
    units: i64,
}

impl Rank {
    /// Whether this lot leaves before `other`, which was booked earlier.
    pub(crate) fn leaves_before(&self, other: &Rank, order: LotOrder) -> bool {
        let older = self.acquired < other.acquired;
        match order {
            LotOrder::Fifo => older,
            LotOrder::HighestCost => {
                let scaled = |a: &Rank, b: &Rank| i128::from(a.basis.units()) * i128::from(b.units);
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
        let (premium, fees, received) = (share(self.premium), share(self.fees), share(self.received));
        let part = Written { contracts, premium, fees, received, ..*self };
        self.contracts -= part.contracts;
        self.premium -= part.premium;
        self.fees -= part.fees;
        self.received -= part.received;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lot(shares: i64, paid: i64, premium: i64, fees: i64) -> Lot {
        let day = Date::constant(2024, 6, 14);
        Lot {
            id: LotId(1),
            symbol: Symbol::new("AAPL").expect("a ticker"),
            shares: Shares(shares),
            acquired: day,
            settles: day,
            paid: Money::cents(paid),
            premium: Money::cents(premium),
            fees: Money::cents(fees),
        }
    }

    #[test]
    fn a_third_of_ten_dollars_is_three_thirty_three() {
        let mut rest = lot(3, 1_000, 100, 2);
        let part = rest.take(Shares(1));
        assert_eq!((part.paid, part.premium, part.fees), (Money::cents(333), Money::cents(33), Money::ZERO));
        assert_eq!((rest.paid, rest.premium, rest.fees), (Money::cents(667), Money::cents(67), Money::cents(2)));
        assert_eq!((rest.shares, rest.basis(), rest.carried()), (Shares(2), Money::cents(602), Money::cents(600)));
    }

    #[test]
    fn a_fraction_of_a_cent_leaves_with_the_last_share() {
        let mut rest = lot(2, 1_000, 0, 0);
        rest.fees = Money::from_units(33);
        assert_eq!(rest.take(Shares(1)).fees, Money::ZERO);
        assert_eq!(rest.take(Shares(1)).fees, Money::from_units(33));
    }

    #[test]
    fn which_of_two_lots_leaves_first() {
        let (cheap, dear) = (lot(10, 1_000, 0, 0), lot(100, 10_001, 0, 0));
        let older = Lot { acquired: Date::constant(2024, 6, 13), ..cheap };
        for (order, a, b, first) in [
            (LotOrder::HighestCost, dear, cheap, true),
            (LotOrder::HighestCost, cheap, dear, false),
            (LotOrder::HighestCost, older, cheap, true),
            (LotOrder::HighestCost, cheap, cheap, false),
            (LotOrder::HighestCost, older, dear, false),
            (LotOrder::Fifo, dear, cheap, false),
            (LotOrder::Fifo, older, dear, true),
            (LotOrder::Fifo, cheap, older, false),
        ] {
            assert_eq!(a.rank().leaves_before(&b.rank(), order), first, "{order:?}: {a:?} before {b:?}");
        }
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_lot_and_never_fall_below_zero(
            shares in 1i64..1_000,
            paid in 0i64..100_000_000,
            premium_percent in 0i64..=100,
            fees in 0i64..10_000,
            takes in proptest::collection::vec(1i64..100, 1..20),
        ) {
            let whole = lot(shares, paid, paid * premium_percent / 100, fees);
            let (mut rest, mut basis, mut taken) = (whole, Money::ZERO, 0);
            for wanted in takes {
                let n = wanted.min(rest.shares.0);
                if n == 0 {
                    break;
                }
                let part = rest.take(Shares(n));
                taken += n;
                basis += part.basis();
                for lot in [&part, &rest] {
                    prop_assert!(!lot.carried().is_negative() && !lot.premium.is_negative() && !lot.fees.is_negative());
                }
            }
            prop_assert_eq!(basis + rest.basis(), whole.basis());
            prop_assert_eq!(taken + rest.shares.0, shares);
        }
    }
}
