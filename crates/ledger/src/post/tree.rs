//! The tree of structures: founded, forked, merged.

use std::ops::Range;

use market::time::Date;
use market::value::{Money, Shares};

use super::{not_negative, not_too_large, positive};
use crate::account::{Instrument, ReserveRole, Role, Side};
use crate::entry::Purpose;
use crate::error::LedgerError;
use crate::id::{SleeveId, SleeveKind, SleeveKinds, StructureId};
use crate::ledger::{Ledger, StructureBooks};
use crate::lot::{Long, Lot};
use crate::sleeve::{Flow, Sleeve, Stock};

impl Ledger {
    pub(crate) fn found(
        &mut self,
        day: Date,
        id: StructureId,
        parent: Option<StructureId>,
        kinds: SleeveKinds,
    ) -> Result<(), LedgerError> {
        self.require_new(id)?;
        if parent.is_none() != self.structures.is_empty() {
            return Err(LedgerError::OneRoot(id));
        }
        if let Some(parent) = parent {
            self.structure_at(parent)?;
        }
        if kinds.is_empty() {
            return Err(LedgerError::NoSleeves(id));
        }
        self.begin(day);
        self.stand_up(id, parent, kinds);
        Ok(())
    }

    pub(crate) fn fork(
        &mut self,
        day: Date,
        from: SleeveId,
        id: StructureId,
        parts: [Money; 2],
    ) -> Result<(), LedgerError> {
        self.require_new(id)?;
        let giver = self.at(from)?;
        if parts == [Money::ZERO; 2] {
            positive("the fork", Money::ZERO)?;
        }
        parts.iter().try_for_each(|part| not_negative("a part of the fork", *part))?;
        parts.iter().try_for_each(|part| not_too_large(*part))?;
        let amount = parts[0] + parts[1];
        not_too_large(amount)?;
        let set_aside = self.sleeves[giver].earmark(Purpose::Fork);
        self.require_settled(giver, amount, set_aside)?;

        self.begin(day);
        self.stand_up(id, Some(from.structure), SleeveKinds::FORKED);
        let at = |kind| self.find(SleeveId::new(id, kind)).expect("it has just been founded");
        let (generation, compounding) = (at(SleeveKind::Generation), at(SleeveKind::Compounding));
        let giver = self.find(from).expect("it was found above");
        self.end_earmark(giver, Purpose::Fork);
        self.give_cash(giver, generation, parts[0]);
        self.give_cash(giver, compounding, parts[1]);
        Ok(())
    }

    fn require_new(&self, id: StructureId) -> Result<(), LedgerError> {
        if self.find_structure(id).is_some() { Err(LedgerError::StructureExists(id)) } else { Ok(()) }
    }

    fn stand_up(&mut self, id: StructureId, parent: Option<StructureId>, kinds: SleeveKinds) {
        let at = self.structures.partition_point(|s| s.id < id);
        self.structures.insert(at, StructureBooks::new(id, parent));
        let at = self.sleeves.partition_point(|s| s.id.structure < id);
        let new = SleeveKind::ALL.into_iter().filter(|kind| kinds.contains(*kind));
        self.sleeves.splice(at..at, new.map(|kind| Sleeve::new(SleeveId::new(id, kind))));
    }

    fn end_earmark(&mut self, at: usize, purpose: Purpose) {
        let held = std::mem::take(self.sleeves[at].earmark_mut(purpose));
        self.reserve_cash(at, Money::ZERO, held);
    }

    pub(crate) fn merge(&mut self, day: Date, id: StructureId, into: SleeveId) -> Result<(), LedgerError> {
        let child = self.structure_at(id)?;
        let Some(parent) = self.structures[child].parent else { return Err(LedgerError::RootMerges(id)) };
        if into.structure != parent {
            return Err(LedgerError::NotItsParent { structure: id, into });
        }
        let to = self.at(into)?;
        let leaving = self.sleeves_of(id);
        self.require_quiet(leaving.clone())?;
        let short: Money = self.sleeves[leaving.clone()].iter().map(short_of).sum();
        self.require_cash(to, short.max(Money::ZERO), Money::ZERO)?;

        self.begin(day);
        for from in leaving {
            self.hand_over(day, from, to);
        }
        let parent_at = self.structure_at(parent)?;
        self.give_reserve(child, parent_at);
        self.structures[child].closed = Some(day);
        for structure in self.structures.iter_mut().filter(|s| s.parent == Some(id) && s.closed.is_none()) {
            structure.parent = Some(parent);
        }
        Ok(())
    }

    fn sleeves_of(&self, id: StructureId) -> Range<usize> {
        let first = self.sleeves.partition_point(|s| s.id.structure < id);
        let after = self.sleeves[first..].partition_point(|s| s.id.structure == id);
        first..first + after
    }

    /// No options written, no orders working.
    fn require_quiet(&self, places: Range<usize>) -> Result<(), LedgerError> {
        let sleeves = &self.sleeves[places];
        for sleeve in sleeves {
            if let Some(written) = sleeve.written.first() {
                return Err(LedgerError::MergeWhileWritten { sleeve: sleeve.id, series: written.series });
            }
        }
        match self.reservations.iter().find(|r| sleeves.iter().any(|s| s.id == r.sleeve)) {
            Some(r) => Err(LedgerError::MergeWhileReserved { sleeve: r.sleeve, order: r.order }),
            None => Ok(()),
        }
    }

    /// Everything of the sleeve at `from` passes to the one at `to`, at book value.
    fn hand_over(&mut self, day: Date, from: usize, to: usize) {
        let leaps = self.sleeves[from].earmark(Purpose::Leaps);
        Purpose::ALL.into_iter().for_each(|purpose| self.end_earmark(from, purpose));
        let book = self.sleeves[from].balance();
        for (role, amount) in [
            (Role::Cash, book.settled),
            (Role::Receivable, book.receivable),
            (Role::DividendsReceivable, book.dividends_receivable),
        ] {
            self.credit(from, role, amount);
            self.debit(to, role, amount);
        }
        self.hand_over_lots(day, from, to);
        self.reserve_cash(from, Money::ZERO, book.payable);
        self.debit(from, Role::Payable, book.payable);
        self.credit(to, Role::Payable, book.payable);
        let value = book.assets() - book.liabilities();
        self.credit_or_debit(from, Role::Transfers, -value);
        self.credit_or_debit(to, Role::Transfers, value);
        for due in std::mem::take(&mut self.sleeves[from].dues) {
            self.sleeves[to].add_due(due.date, due.flow, due.amount);
        }
        *self.sleeves[to].earmark_mut(Purpose::Leaps) += leaps;
        self.reserve_cash(to, book.payable + leaps, Money::ZERO);
        self.sleeves[from].closed = true;
    }

    fn hand_over_lots(&mut self, day: Date, from: usize, to: usize) {
        let giver = &mut self.sleeves[from];
        let (lots, longs) = (std::mem::take(&mut giver.lots), std::mem::take(&mut giver.longs));
        for Lot { symbol, shares, .. } in &lots {
            self.sleeves[to].stock_mut(*symbol).begin_anew(day);
            self.sleeves[to].stock_mut(*symbol).held += *shares;
        }
        for stock in std::mem::take(&mut self.sleeves[from].stocks).iter().filter(|s| s.held > Shares(0)) {
            let Stock { symbol, paid, premium, .. } = *stock;
            let taker = self.sleeves[to].stock_mut(symbol);
            taker.paid += paid;
            taker.premium += premium;
        }
        for lot in &lots {
            let held = Instrument::Shares(lot.symbol);
            self.hold(from, Role::Shares, held, Side::Credit, lot.carried(), lot.shares.0);
            self.hold(to, Role::Shares, held, Side::Debit, lot.carried(), lot.shares.0);
        }
        for lot in &longs {
            let held = Instrument::Option(lot.series);
            self.hold(from, Role::Long, held, Side::Credit, lot.cost, lot.contracts.0);
            self.hold(to, Role::Long, held, Side::Debit, lot.cost, lot.contracts.0);
        }
        let fees = lots.iter().map(|l| l.fees).chain(longs.iter().map(|l| l.fees)).sum();
        self.move_lot_fees(from, to, fees);
        let taker = &mut self.sleeves[to];
        taker.lots.extend(lots);
        taker.lots.sort_by_key(|lot: &Lot| lot.id);
        taker.longs.extend(longs);
        taker.longs.sort_by_key(|lot: &Long| lot.id);
    }

    /// Opening fees of lots that pass from one sleeve to another: they stay booked where they were paid.
    pub(super) fn move_lot_fees(&mut self, from: usize, to: usize, fees: Money) {
        self.sleeves[from].lot_fees_in -= fees;
        self.sleeves[to].lot_fees_in += fees;
    }

    fn give_reserve(&mut self, from: usize, to: usize) {
        let amount = self.structures[from].cash();
        self.book_reserve(from, ReserveRole::Transfers, Side::Debit, amount);
        self.book_reserve(from, ReserveRole::Cash, Side::Credit, amount);
        self.book_reserve(to, ReserveRole::Cash, Side::Debit, amount);
        self.book_reserve(to, ReserveRole::Transfers, Side::Credit, amount);
    }
}

/// What a sleeve owes and keeps for LEAPS beyond its settled cash; negative where more is settled.
fn short_of(sleeve: &Sleeve) -> Money {
    let owed = sleeve.dues.iter().filter(|due| due.flow == Flow::Payable).map(|due| due.amount).sum::<Money>();
    owed + sleeve.earmark(Purpose::Leaps) - sleeve.settled()
}
