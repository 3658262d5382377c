//! Wash sales (T-3): a loss goes into the basis of what replaces it.
//!
//! Losses are taken in the order in which they were made, of one day in the order in which what was sold had been
//! acquired; replacements in the order in which they were acquired; each share replaces once (Reg. 1.1091-1(b) to (e)).
//! The rest of the purchase that was sold is no replacement (Revenue Ruling 56-602).

use market::instrument::Right;
use market::time::{Date, days_between};
use market::value::Money;

use super::books::Books;
use super::disposal::{Disposal, Replacement};
use super::lot::{Lot, portion};
use super::rules::View;
use super::term::after;
use super::transaction::{Asset, Place, Side};

/// A loss, as far as nothing has washed it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) disposal: usize,
    pub(super) lot: u64,
    pub(super) asset: Asset,
    pub(super) place: Place,
    pub(super) acquired: Date,
    pub(super) day: Date,
    pub(super) units: i64,
    pub(super) amount: Money,
    /// How many days it was held: they become part of the replacement's holding period.
    pub(super) held: i64,
}

/// A loss and what washed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Washed {
    /// What was sold at a loss.
    pub asset: Asset,
    /// When.
    pub sold: Date,
    /// What replaced it.
    pub replacement: Replacement,
}

impl Books {
    /// Notes the loss of a disposal, if it is one that can be washed.
    pub(super) fn note_loss(&mut self, disposal: usize, sold: &Disposal, held: i64) {
        let amount = -sold.result();
        if !amount.is_positive() || self.is_retirement(sold.place) || sold.section_1256 || self.rules.wash.is_none() {
            return;
        }
        let Disposal { lot, asset, place, acquired, units, .. } = *sold;
        self.new_losses.push(Loss { disposal, lot, asset, place, acquired, day: self.day, units, amount, held });
    }

    /// Washes the losses of this step with what is still held, and keeps what is left of them for later purchases.
    pub(super) fn wash_new_losses(&mut self) {
        let mut losses = std::mem::take(&mut self.new_losses);
        losses.sort_by_key(|loss| (loss.acquired, loss.lot));
        for mut loss in losses {
            while let Some((lot, piece)) = self.earliest_replacement(&loss) {
                self.replace(&mut loss, lot, piece);
            }
            if loss.units > 0 {
                self.losses.push(loss);
            }
        }
    }

    /// Puts in what was bought or written, and washes earlier losses with it.
    pub(super) fn arrive(&mut self, lot: Lot) {
        let at = self.lots.partition_point(|other| other.id <= lot.id);
        self.lots.insert(at, lot);
        let Some((days, _)) = self.rules.wash else { return };
        let (day, mut losses) = (self.day, std::mem::take(&mut self.losses));
        losses.retain(|loss| days_between(loss.day, day) <= days);
        for loss in &mut losses {
            while loss.units > 0 && self.replaces(&self.lots[at], loss) {
                let Some(piece) = self.lots[at].pieces.iter().position(|piece| !piece.used) else { break };
                self.replace(loss, at, piece);
            }
        }
        losses.retain(|loss| loss.units > 0);
        self.losses = losses;
    }

    /// Whether a lot was bought so near to a loss, of such a kind, that it replaces what was sold.
    fn replaces(&self, lot: &Lot, loss: &Loss) -> bool {
        let Some((days, _)) = self.rules.wash else { return false };
        let near = days_between(lot.acquired, loss.day).abs() <= days;
        let same = lot.asset == loss.asset;
        let kind = match (self.rules.view, loss.asset, lot.asset) {
            (View::Broker, ..) => same && lot.place.account == loss.place.account,
            (_, Asset::Shares(symbol), Asset::Option(series, side)) => {
                let acquires = match side {
                    Side::Long => series.right == Right::Call,
                    Side::Short => lot.deep,
                };
                acquires && series.underlying == symbol
            }
            _ => same,
        };
        near && kind && lot.id != loss.lot
    }

    fn earliest_replacement(&self, loss: &Loss) -> Option<(usize, usize)> {
        if loss.units == 0 {
            return None;
        }
        let lots = self.lots.iter().enumerate().filter(|(_, lot)| self.replaces(lot, loss));
        let free = lots.filter_map(|(at, lot)| Some((at, lot.pieces.iter().position(|p| !p.used)?, lot)));
        free.min_by_key(|(_, _, lot)| (lot.acquired, lot.id)).map(|(at, piece, _)| (at, piece))
    }

    /// As much of a loss as a piece replaces goes into its basis, or is lost where that is a retirement account's.
    fn replace(&mut self, loss: &mut Loss, at: usize, piece: usize) {
        let retirement = self.is_retirement(self.lots[at].place);
        let lot = &mut self.lots[at];
        lot.cut(piece, loss.units);
        let Lot { place, asset, acquired, .. } = *lot;
        let piece = &mut lot.pieces[piece];
        let amount = portion(loss.amount, piece.units, loss.units);
        piece.used = true;
        if !retirement {
            piece.carried += amount;
            piece.tacked += loss.held;
            piece.begins = after(piece.begins, -loss.held);
        }
        let replacement = Replacement { place, asset, acquired, units: piece.units, amount, carries: !retirement };
        loss.units -= piece.units;
        loss.amount -= amount;
        if let Some(disposal) = loss.disposal.checked_sub(self.earlier).and_then(|i| self.disposals.get_mut(i)) {
            disposal.disallowed += amount;
            disposal.lost += if retirement { amount } else { Money::ZERO };
            disposal.replaced_by.push(replacement);
            let allowed = -disposal.gain();
            self.wash_deferred(loss.disposal, allowed);
        }
        self.washed.push(Washed { asset: loss.asset, sold: loss.day, replacement });
    }
}
