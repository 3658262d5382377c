//! What leaves the books: which lots, in which order, and what each part of them gave.

use ledger::LotOrder;
use market::value::{MULTIPLIER, Money};

use super::books::Books;
use super::disposal::{Disposal, How};
use super::error::TaxError;
use super::index::is_broad_index;
use super::lot::{Lot, Piece, portion};
use super::term::{days_held, is_long_term};
use super::transaction::{Asset, Place, Side};

/// What leaves the books in one step.
pub(super) struct Leaving {
    pub(super) place: Place,
    pub(super) asset: Asset,
    pub(super) units: i64,
    pub(super) how: How,
    /// What comes in, or for written options what is paid.
    pub(super) amount: Money,
    pub(super) fees: Money,
    /// Disallowed losses of the option that delivers.
    pub(super) carried: Money,
}

impl Books {
    /// A disposal of a piece, without its amounts.
    pub(super) fn disposal(&self, lot: &Lot, piece: &Piece, how: How) -> Disposal {
        let held = lot.asset.is_short() || piece.is_suspended() && self.rules.straddles;
        Disposal {
            place: lot.place,
            asset: lot.asset,
            how,
            lot: lot.id,
            units: piece.units,
            acquired: lot.acquired,
            begins: piece.begins,
            closed: self.day,
            proceeds: Money::ZERO,
            cost: Money::ZERO,
            carried: Money::ZERO,
            disallowed: Money::ZERO,
            lost: Money::ZERO,
            long_term: !held && is_long_term(piece.begins, self.day),
            section_1256: self.rules.index_options && is_broad_index(&lot.asset),
            replaced_by: Vec::new(),
        }
    }

    /// The place in the list of the lot that leaves next.
    fn next_to_leave(&self, place: Place, asset: Asset) -> Option<usize> {
        let order = if asset.is_short() { LotOrder::Fifo } else { self.rules.lots };
        let there = self.lots.iter().enumerate().filter(|(_, lot)| lot.place == place && lot.asset == asset);
        let first = |best: (usize, _), lot: (usize, _)| {
            let (a, b): (&Lot, &Lot) = (lot.1, best.1);
            if !asset.is_short() && a.leaves_before(b, order) { lot } else { best }
        };
        there.reduce(first).map(|(at, _)| at)
    }

    pub(super) fn held(&self, place: Place, asset: Asset) -> i64 {
        self.lots.iter().filter(|lot| lot.place == place && lot.asset == asset).map(Lot::units).sum()
    }

    fn require(&self, place: Place, asset: Asset, needed: i64) -> Result<(), TaxError> {
        let held = self.held(place, asset);
        if held >= needed && needed > 0 {
            return Ok(());
        }
        let account = self.accounts.get(place.account).map_or_else(String::new, |a| a.name.clone());
        let (what, per) = match asset {
            Asset::Shares(symbol) => (format!("shares of {symbol}"), 1),
            Asset::Option(series, Side::Long) => (format!("contracts of {series} held"), MULTIPLIER),
            Asset::Option(series, Side::Short) => (format!("contracts of {series} written"), MULTIPLIER),
        };
        Err(TaxError::NotHeld { account, day: self.day, what, held: held / per, needed: needed / per })
    }

    /// Takes units off the books, lot by lot in their order.
    pub(super) fn take(&mut self, place: Place, asset: Asset, units: i64) -> Result<Vec<Lot>, TaxError> {
        self.require(place, asset, units)?;
        let (mut left, mut taken) = (units, Vec::new());
        while left > 0 {
            let Some(at) = self.next_to_leave(place, asset) else { break };
            let whole = self.lots[at].units();
            let part = if whole <= left { self.lots.remove(at) } else { self.lots[at].take(left) };
            left -= part.units();
            taken.push(part);
        }
        Ok(taken)
    }

    /// Disposes of shares, or of options that were held.
    pub(super) fn remove(&mut self, leaving: &Leaving) -> Result<(), TaxError> {
        let Leaving { place, asset, units, how, .. } = *leaving;
        let (mut amount, mut fees, mut carried, mut left) = (leaving.amount, leaving.fees, leaving.carried, units);
        for mut lot in self.take(place, asset, units)? {
            let whole = lot.units();
            let share = |amount: &mut Money| {
                let part = portion(*amount, whole, left);
                *amount -= part;
                part
            };
            let (mut proceeds, mut brought) = (share(&mut amount) - share(&mut fees), share(&mut carried));
            let (mut cost, mut rest) = (lot.cost.net(&asset), whole);
            for piece in std::mem::take(&mut lot.pieces) {
                let share = |amount: &mut Money| {
                    let part = portion(*amount, piece.units, rest);
                    *amount -= part;
                    part
                };
                let (proceeds, cost) = (share(&mut proceeds), share(&mut cost));
                let carried = piece.carried + share(&mut brought);
                rest -= piece.units;
                let disposal = Disposal { proceeds, cost, carried, ..self.disposal(&lot, &piece, how) };
                self.leave(&lot, &piece, disposal);
            }
            left -= whole;
        }
        Ok(())
    }

    /// Notes a disposal, and its loss.
    pub(super) fn leave(&mut self, lot: &Lot, piece: &Piece, disposal: Disposal) {
        self.end_dividends(lot, piece);
        let suspended = piece.is_suspended() && self.rules.straddles;
        let held = if suspended { 0 } else { days_held(piece.begins, self.day) };
        self.follow_too_soon(piece, &disposal);
        self.note_loss(self.next_disposal(), &disposal, held);
        self.disposals.push(disposal);
    }
}
