//! Lots of the tax view. A lot is one purchase; its pieces are the parts of it that have a tax history of their own.

use ledger::LotOrder;
use market::time::{Date, days_between};
use market::value::Money;

use super::term::after;
use super::transaction::{Asset, Place};

/// The share of `amount` that `part` of `whole` units carry, rounded down to the cent; all of it for the last units.
pub(super) fn portion(amount: Money, part: i64, whole: i64) -> Money {
    if part == whole { amount } else { amount.fraction(part, whole).floor_cents() }
}

/// What a lot cost, or of written options brought, part by part, each divided to the cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Price × shares or premium, before fees.
    pub(super) gross: Money,
    /// Premium of the written put that delivered the shares.
    pub(super) premium: Money,
    /// Fees, those of a delivered option included.
    pub(super) fees: Money,
}

impl Cost {
    /// What is held cost this; what is written brought it.
    pub(super) fn net(&self, asset: &Asset) -> Money {
        if asset.is_short() { self.gross - self.fees } else { self.gross - self.premium + self.fees }
    }

    /// Takes out what `part` of `whole` units carry.
    pub(super) fn take(&mut self, part: i64, whole: i64) -> Cost {
        let gone = Cost {
            gross: portion(self.gross, part, whole),
            premium: portion(self.premium, part, whole),
            fees: portion(self.fees, part, whole),
        };
        self.gross -= gone.gross;
        self.premium -= gone.premium;
        self.fees -= gone.fees;
        gone
    }
}

/// A call that lies over shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cover {
    /// The lot of the call.
    pub(super) call: u64,
    /// Since when.
    pub(super) since: Date,
    /// Whether it is a qualified covered call.
    pub(super) qualified: bool,
    /// Whether the shares had been held for more than a year when it came.
    pub(super) aged: bool,
}

/// A loss on a call that lay over shares which are still held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Straddled {
    /// The disposal of the call.
    pub(super) disposal: usize,
    /// The loss that these shares may defer.
    pub(super) amount: Money,
    /// When it was closed, of a qualified covered call: its loss waits only if the shares follow too soon.
    pub(super) qualified: Option<Date>,
    /// What of it would wait beyond the end of years in that case: year, loss, and unrecognised gain.
    pub(super) would_wait: Vec<(i16, Money, Money)>,
}

/// A dividend's part that these shares received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) dividend: usize,
    pub(super) amount: Money,
}

/// A part of a lot with one tax history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Shares, or shares that the contracts stand for.
    pub(super) units: i64,
    /// First day of the holding period.
    pub(super) begins: Date,
    /// Days of the holding periods of what it replaced, which are part of its own (IRC 1223(3)).
    pub(super) tacked: i64,
    /// Disallowed losses that its basis carries; those of written options lower what they brought.
    pub(super) carried: Money,
    /// Whether it has replaced something: it does so once (Reg. 1.1091-1(e)).
    pub(super) used: bool,
    /// The call over it.
    pub(super) cover: Option<Cover>,
    /// Days, both included, on which a call that is no qualified covered call lay over it.
    pub(super) hedged: Vec<(Date, Date)>,
    /// Losses on calls that lay over it.
    pub(super) straddled: Vec<Straddled>,
    /// Its dividends.
    pub(super) received: Vec<Received>,
}

impl Piece {
    pub(super) fn new(units: i64, begins: Date) -> Piece {
        Piece {
            units,
            begins,
            tacked: 0,
            carried: Money::ZERO,
            used: false,
            cover: None,
            hedged: Vec::new(),
            straddled: Vec::new(),
            received: Vec::new(),
        }
    }

    /// Takes `units` out, with their part of all that it carries.
    pub(super) fn take(&mut self, units: i64) -> Piece {
        let whole = self.units;
        let share = |amount: &mut Money| {
            let gone = portion(*amount, units, whole);
            *amount -= gone;
            gone
        };
        let carried = share(&mut self.carried);
        let straddled = self.straddled.iter_mut().map(|s| {
            let amount = share(&mut s.amount);
            let years = s.would_wait.iter_mut().map(|(year, loss, gain)| (*year, share(loss), share(gain)));
            Straddled { amount, would_wait: years.collect(), ..*s }
        });
        let straddled = straddled.collect();
        let received = self.received.iter_mut().map(|r| Received { amount: share(&mut r.amount), ..*r }).collect();
        self.units -= units;
        Piece { units, carried, straddled, received, hedged: self.hedged.clone(), ..*self }
    }

    /// Days from `first` to `last`, both included, on which no call lay over it that is no qualified covered call.
    pub(super) fn days_at_risk(&self, first: Date, last: Date) -> i64 {
        let open = self.cover.filter(|cover| !cover.qualified).map(|cover| (cover.since, last));
        let mut under: Vec<(Date, Date)> = self.hedged.iter().copied().chain(open).collect();
        under.sort_unstable();
        let (mut days, mut counted) = (overlap(first, last, first, last), first);
        for (from, to) in under {
            days -= overlap(from.max(counted), to, first, last);
            counted = counted.max(after(to, 1));
        }
        days
    }

    /// Whether a call that is no qualified covered call has taken its holding period.
    pub(super) fn is_suspended(&self) -> bool {
        self.cover.is_some_and(|cover| !cover.qualified && !cover.aged)
    }
}

/// What was bought or written in one go and is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lot {
    /// Its number, rising; parts that lie elsewhere keep it.
    pub(super) id: u64,
    /// Where it lies.
    pub(super) place: Place,
    /// What it is.
    pub(super) asset: Asset,
    /// Trade date.
    pub(super) acquired: Date,
    /// What it cost or brought, without disallowed losses.
    pub(super) cost: Cost,
    /// A put that was so deep in the money when it was written that it counts as a purchase of its shares.
    pub(super) deep: bool,
    /// A qualified covered call.
    pub(super) qualified: bool,
    /// Its pieces, none of them empty.
    pub(super) pieces: Vec<Piece>,
}

impl Lot {
    pub(super) fn units(&self) -> i64 {
        self.pieces.iter().map(|p| p.units).sum()
    }

    pub(super) fn carried(&self) -> Money {
        self.pieces.iter().map(|p| p.carried).sum()
    }

    /// Whether this lot leaves before `other`, which was booked earlier. Disallowed losses do not count: which lot is
    /// sold must not depend on what is bought later.
    pub(super) fn leaves_before(&self, other: &Lot, order: LotOrder) -> bool {
        let older = self.acquired < other.acquired;
        match order {
            LotOrder::Fifo => older,
            LotOrder::HighestCost => {
                let scaled = |a: &Lot, b: &Lot| i128::from(a.cost.net(&a.asset).units()) * i128::from(b.units());
                let (mine, its) = (scaled(self, other), scaled(other, self));
                mine > its || (mine == its && older)
            }
        }
    }

    /// Splits a piece so that it has `units` at most; the rest follows it.
    pub(super) fn cut(&mut self, at: usize, units: i64) {
        if self.pieces[at].units > units {
            let first = self.pieces[at].take(units);
            self.pieces.insert(at, first);
        }
    }

    /// Takes `units` out of the lot: its pieces, one after the other, and their part of the cost.
    pub(super) fn take(&mut self, units: i64) -> Lot {
        let whole = self.units();
        let cost = self.cost.take(units, whole);
        let (mut left, mut pieces) = (units, Vec::new());
        while left > 0 {
            self.cut(0, left);
            let piece = self.pieces.remove(0);
            left -= piece.units;
            pieces.push(piece);
        }
        Lot { cost, pieces, ..*self }
    }
}

/// Days that two spans, both ends included, have in common.
fn overlap(from: Date, to: Date, first: Date, last: Date) -> i64 {
    (days_between(from.max(first), to.min(last)) + 1).max(0)
}
