//! Straddles (T-5): a call that is no qualified covered call takes the holding period of the shares below it, makes its
//! own loss long-term over shares that were held longer, and defers it as far as they have a gain that is not taxed.
//! The loss on a qualified covered call waits too if the shares leave with a gain in a later year within 30 days.

use std::collections::BTreeMap;

use market::instrument::Symbol;
use market::time::Date;
use market::value::{Money, Price, Shares};

use super::books::Books;
use super::disposal::Disposal;
use super::error::TaxError;
use super::leaving::Leaving;
use super::lot::{Cover, Lot, Piece, Straddled, portion};
use super::term::{after, begins, is_long_term};
use super::transaction::{Asset, Place};

/// Shares that are held for so many days after a qualified covered call over them was closed leave its loss alone.
const KEPT: i64 = 30;

/// What of a call's loss waits beyond the end of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferral {
    /// The year.
    pub year: i16,
    /// The disposal of the call.
    pub disposal: usize,
    /// The loss that waits, positive.
    pub amount: Money,
    /// The gain that was not taxed in the shares that defer it.
    pub gain: Money,
}

impl Books {
    /// What calls in a place do not cover yet is laid over shares there, those first that an assignment would take.
    pub(super) fn lay_calls(&mut self, place: Place) {
        let calls = self.lots.iter().filter(|lot| lot.place == place && lot.asset.is_short_call());
        let calls: Vec<(u64, Symbol, i64, bool)> =
            calls.map(|lot| (lot.id, lot.asset.symbol(), lot.units(), lot.qualified)).collect();
        for (call, symbol, units, qualified) in calls {
            let mut missing = units - self.covered_by(place, call);
            for at in self.in_leaving_order(place, Asset::Shares(symbol)) {
                let (lot, day) = (&mut self.lots[at], self.day);
                let mut i = 0;
                while missing > 0 && i < lot.pieces.len() {
                    if lot.pieces[i].cover.is_none() {
                        lot.cut(i, missing);
                        let piece = &mut lot.pieces[i];
                        let aged = is_long_term(piece.begins, day);
                        piece.cover = Some(Cover { call, since: day, qualified, aged });
                        missing -= piece.units;
                    }
                    i += 1;
                }
            }
        }
    }

    fn covered_by(&self, place: Place, call: u64) -> i64 {
        let pieces = self.lots.iter().filter(|lot| lot.place == place).flat_map(|lot| &lot.pieces);
        pieces.filter(|p| p.cover.is_some_and(|c| c.call == call)).map(|p| p.units).sum()
    }

    fn in_leaving_order(&self, place: Place, asset: Asset) -> Vec<usize> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let mut places: Vec<usize> = (0..self.lots.len()).collect();
        places.retain(|at| self.lots[*at].place == place && self.lots[*at].asset == asset);
        let (lots, order) = (&self.lots, self.rules.lots);
        places.sort_by(|a, b| match (&lots[*a], &lots[*b]) {
            (a, b) if a.leaves_before(b, order) => Less,
            (a, b) if b.leaves_before(a, order) => Greater,
            _ => Equal,
        });
        places
    }

    /// Ends written options: what they brought less what ending them costs.
    pub(super) fn end_written(&mut self, leaving: &Leaving) -> Result<(), TaxError> {
        let Leaving { place, asset, units, how, mut amount, mut fees, .. } = *leaving;
        let mut left = units;
        for lot in self.take(place, asset, units)? {
            let whole = lot.units();
            let (paid, paid_fees) = (portion(amount, whole, left), portion(fees, whole, left));
            amount -= paid;
            fees -= paid_fees;
            left -= whole;
            let (proceeds, cost) = (lot.cost.net(&asset), paid + paid_fees);
            let aged = if self.rules.straddles && !lot.qualified { self.released(&lot) } else { 0 };
            let (mut rest, mut made) = (Cut { proceeds, cost, units: whole }, Vec::new());
            // Parts above shares held longer first, then the others.
            for (part, over_aged) in split_at(lot.clone(), aged) {
                let mut cut = rest.take(part.units());
                for piece in &part.pieces {
                    let carried = piece.carried;
                    let Cut { proceeds, cost, .. } = cut.take(piece.units);
                    let disposal = Disposal { proceeds, cost, carried, ..self.disposal(&part, piece, how) };
                    let result = disposal.result();
                    made.push((self.next_disposal(), result, piece.units, over_aged));
                    self.leave(&part, piece, Disposal { long_term: over_aged && result.is_negative(), ..disposal });
                }
            }
            self.uncover(&lot, &made);
        }
        Ok(())
    }

    /// Units that `call` uncovers when it leaves, of shares that were held for more than a year when it came.
    fn released(&self, call: &Lot) -> i64 {
        let remaining: i64 =
            self.lots.iter().filter(|l| l.id == call.id && l.place == call.place).map(Lot::units).sum();
        let mut free = (self.covered_by(call.place, call.id) - remaining).max(0);
        let pieces = self.lots.iter().filter(|l| l.place == call.place).flat_map(|l| &l.pieces);
        let mut found = 0;
        for piece in pieces {
            let Some(cover) = piece.cover.filter(|c| c.call == call.id) else { continue };
            let gone = piece.units.min(free);
            free -= gone;
            found += if cover.aged { gone } else { 0 };
        }
        found
    }

    /// Lifts a call that left off its shares. `made` are its disposals with result, units, and whether they lay over
    /// shares held longer: their losses stay with those shares.
    pub(super) fn uncover(&mut self, call: &Lot, made: &[(usize, Money, i64, bool)]) {
        let remaining: i64 =
            self.lots.iter().filter(|l| l.id == call.id && l.place == call.place).map(Lot::units).sum();
        let mut free = (self.covered_by(call.place, call.id) - remaining).max(0);
        let mut losses = Losses::of(made);
        let (day, straddles) = (self.day, self.rules.straddles);
        for lot in self.lots.iter_mut().filter(|lot| lot.place == call.place) {
            let mut i = 0;
            while free > 0 && i < lot.pieces.len() {
                if let Some(cover) = lot.pieces[i].cover.filter(|cover| cover.call == call.id) {
                    lot.cut(i, free);
                    let piece = &mut lot.pieces[i];
                    free -= piece.units;
                    piece.cover = None;
                    if straddles {
                        piece.straddled.extend(losses.take(piece.units, &cover, day));
                    }
                    if !cover.qualified {
                        piece.hedged.push((cover.since, day));
                        if straddles && !cover.aged {
                            (piece.begins, piece.tacked) = (begins(day), 0);
                        }
                    }
                }
                i += 1;
            }
        }
    }

    /// Closes the years before that of `day`.
    pub(super) fn turn_years(&mut self, day: Date) {
        if self.day == Date::ZERO {
            return;
        }
        for year in self.day.year()..day.year() {
            self.close_year(year, Date::constant(year, 12, 31));
        }
    }

    /// Looks which losses on calls wait beyond the end of a year, by the last closes up to `at`. What does not wait is
    /// allowed for good. Of qualified covered calls it is noted what would wait.
    pub(super) fn close_year(&mut self, year: i16, at: Date) {
        let (closes, disposals, earlier) = (&self.closes, &self.disposals, self.earlier);
        let mut taken: BTreeMap<usize, Money> = BTreeMap::new();
        let mut found: Vec<Deferral> = Vec::new();
        for lot in &mut self.lots {
            let Asset::Shares(symbol) = lot.asset else { continue };
            let (net, units) = (lot.cost.net(&lot.asset), lot.units());
            let close = close_of(closes, symbol, at);
            for piece in lot.pieces.iter_mut().filter(|piece| !piece.straddled.is_empty()) {
                let basis = portion(net, piece.units, units) + piece.carried;
                let gain = close.map(|close| (close.of_shares(Shares(piece.units)) - basis).max(Money::ZERO));
                let (mut room, risked) = (gain, piece.clone());
                // What waits in any case first.
                piece.straddled.sort_by_key(|straddled| straddled.qualified.is_some());
                for straddled in &mut piece.straddled {
                    let disposal = straddled.disposal.checked_sub(earlier).and_then(|i| disposals.get(i));
                    let allowed = disposal.map_or(Money::ZERO, |d| (-d.gain()).max(Money::ZERO));
                    let others = taken.entry(straddled.disposal).or_default();
                    let waits = straddled.amount.min(allowed - *others).min(room.unwrap_or(straddled.amount));
                    let stays =
                        straddled.qualified.is_some_and(|closed| risked.days_at_risk(after(closed, 1), at) >= KEPT);
                    let amount = if stays { Money::ZERO } else { waits.max(Money::ZERO) };
                    let gain = if amount.is_positive() { gain.unwrap_or_default() } else { Money::ZERO };
                    straddled.amount = amount;
                    *others += amount;
                    room = room.map(|room| room - amount);
                    match straddled.qualified {
                        None => found.push(Deferral { year, disposal: straddled.disposal, amount, gain }),
                        Some(_) => straddled.would_wait.push((year, amount, gain)),
                    }
                }
                piece.straddled.retain(|s| s.amount.is_positive());
            }
        }
        found.into_iter().for_each(|deferral| self.defer(deferral));
    }

    fn defer(&mut self, new: Deferral) {
        let same = |d: &&mut Deferral| (d.year, d.disposal) == (new.year, new.disposal);
        match self.deferrals.iter_mut().find(same) {
            _ if !new.amount.is_positive() => {}
            Some(known) => (known.amount, known.gain) = (known.amount + new.amount, known.gain + new.gain),
            None => self.deferrals.push(new),
        }
    }

    /// Shares that leave with a gain too soon after a qualified covered call over them was closed at a loss in an
    /// earlier year: that loss waited after all (IRC 1092(c)(4)(E)).
    pub(super) fn follow_too_soon(&mut self, piece: &Piece, sold: &Disposal) {
        for straddled in &piece.straddled {
            let Some(closed) = straddled.qualified else { continue };
            if sold.gain().is_positive() && piece.days_at_risk(after(closed, 1), self.day) < KEPT {
                for (year, amount, gain) in &straddled.would_wait {
                    let (year, amount, gain) = (*year, *amount, *gain);
                    self.defer(Deferral { year, disposal: straddled.disposal, amount, gain });
                }
            }
        }
    }

    /// Whether shares are held that would still do so, for a loss of that year.
    pub(super) fn may_follow(&self, year: i16) -> bool {
        let pieces = self.lots.iter().filter(|lot| !self.is_retirement(lot.place)).flat_map(|lot| &lot.pieces);
        let mut straddled = pieces.flat_map(|piece| piece.straddled.iter().map(move |s| (piece, s)));
        straddled.any(|(piece, s)| {
            let waits = s.would_wait.iter().any(|(of, loss, _)| *of == year && loss.is_positive());
            waits && s.qualified.is_some_and(|closed| piece.days_at_risk(after(closed, 1), self.day) < KEPT)
        })
    }

    /// A loss that turns out to be a wash sale does not wait (Reg. 1.1092(b)-1T(a): that rule comes first).
    pub(super) fn wash_deferred(&mut self, disposal: usize, allowed: Money) {
        self.deferrals.iter_mut().filter(|d| d.disposal == disposal).for_each(|d| d.amount = d.amount.min(allowed));
        self.deferrals.retain(|d| d.amount.is_positive());
    }

    /// What waits beyond the end of years, year by year.
    #[must_use]
    pub fn deferrals(&self) -> &[Deferral] {
        &self.deferrals
    }
}

/// The last close of `symbol` up to a day.
pub(super) fn close_of(closes: &super::books::Closes, symbol: Symbol, at: Date) -> Option<Price> {
    let closes = closes.get(&symbol)?;
    let after = closes.partition_point(|(day, _)| *day <= at);
    closes.get(after.checked_sub(1)?).map(|(_, close)| *close)
}

/// Amounts that are divided over the parts of a lot.
#[derive(Clone, Copy)]
struct Cut {
    proceeds: Money,
    cost: Money,
    units: i64,
}

impl Cut {
    fn take(&mut self, units: i64) -> Cut {
        let (proceeds, cost) = (portion(self.proceeds, units, self.units), portion(self.cost, units, self.units));
        *self = Cut { proceeds: self.proceeds - proceeds, cost: self.cost - cost, units: self.units - units };
        Cut { proceeds, cost, units }
    }
}

/// A written lot in the part that lay over shares held longer, and the rest.
fn split_at(mut lot: Lot, aged: i64) -> Vec<(Lot, bool)> {
    if aged == 0 {
        return vec![(lot, false)];
    }
    if aged >= lot.units() {
        return vec![(lot, true)];
    }
    let first = lot.take(aged);
    vec![(first, true), (lot, false)]
}

/// The losses of a call, to be laid on shares of both ages.
struct Losses(Vec<(usize, Money, i64, bool)>);

impl Losses {
    fn of(made: &[(usize, Money, i64, bool)]) -> Losses {
        Losses(made.iter().filter(|m| m.1.is_negative()).map(|m| (m.0, -m.1, m.2, m.3)).collect())
    }

    /// What `units` of shares below the call take with them.
    fn take(&mut self, mut units: i64, cover: &Cover, day: Date) -> Vec<Straddled> {
        let (aged, qualified) = (cover.aged && !cover.qualified, cover.qualified.then_some(day));
        let mut taken = Vec::new();
        for (disposal, amount, left, _) in self.0.iter_mut().filter(|l| l.3 == aged && l.2 > 0) {
            let part = units.min(*left);
            if part == 0 {
                break;
            }
            let share = portion(*amount, part, *left);
            (*amount, *left, units) = (*amount - share, *left - part, units - part);
            taken.push(Straddled { disposal: *disposal, amount: share, qualified, would_wait: Vec::new() });
        }
        taken
    }
}
