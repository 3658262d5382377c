//! Cash of the owner and between sleeves, reservations, interest and settlement.

use market::instrument::Symbol;
use market::order::OrderId;
use market::time::Date;
use market::value::{Money, Shares};

use super::{not_negative, positive, quantity, sound};
use crate::account::Role;
use crate::error::LedgerError;
use crate::id::{SleeveId, SleeveKind, SleeveKinds, StructureId};
use crate::ledger::{Held, Ledger, Reservation, Structure};
use crate::sleeve::{Due, Flow, Sleeve};

impl Ledger {
    pub(crate) fn found(
        &mut self,
        day: Date,
        id: StructureId,
        parent: Option<StructureId>,
        kinds: SleeveKinds,
    ) -> Result<(), LedgerError> {
        let Err(at) = self.structures.binary_search_by_key(&id, |s| s.id) else {
            return Err(LedgerError::StructureExists(id));
        };
        if parent.is_none() != self.structures.is_empty() {
            return Err(LedgerError::OneRoot(id));
        }
        if let Some(parent) = parent.filter(|parent| !self.has_structure(*parent)) {
            return Err(LedgerError::NoStructure(parent));
        }
        if kinds.is_empty() {
            return Err(LedgerError::NoSleeves(id));
        }
        self.begin(day);
        self.structures.insert(at, Structure { id, parent });
        let at = self.sleeves.partition_point(|s| s.id.structure < id);
        let new = SleeveKind::ALL.into_iter().filter(|kind| kinds.contains(*kind));
        let before = self.sleeves.len();
        self.sleeves.splice(at..at, new.map(|kind| Sleeve::new(SleeveId::new(id, kind))));
        let added = self.sleeves.len() - before;
        for reservation in self.reservations.iter_mut().filter(|r| r.sleeve >= at) {
            reservation.sleeve += added;
        }
        Ok(())
    }

    fn has_structure(&self, id: StructureId) -> bool {
        self.structures.binary_search_by_key(&id, |s| s.id).is_ok()
    }

    pub(crate) fn deposit(&mut self, day: Date, structure: StructureId, parts: [Money; 3]) -> Result<(), LedgerError> {
        if !self.has_structure(structure) {
            return Err(LedgerError::NoStructure(structure));
        }
        let parts = SleeveKind::ALL.map(|kind| (SleeveId::new(structure, kind), parts[kind as usize]));
        for (sleeve, part) in parts {
            if part != Money::ZERO {
                self.at(sleeve)?;
            }
        }
        if parts.iter().all(|(_, part)| *part == Money::ZERO) {
            positive("the deposit", Money::ZERO)?;
        }
        parts.iter().try_for_each(|(_, part)| not_negative("a part of the deposit", *part))?;
        parts.iter().try_for_each(|(_, part)| super::not_too_large(*part))?;

        self.begin(day);
        for (sleeve, part) in parts {
            let Ok(at) = self.at(sleeve) else { continue };
            self.debit(at, Role::Cash, part);
            self.credit(at, Role::Owner, part);
        }
        Ok(())
    }

    pub(crate) fn withdraw(&mut self, day: Date, sleeve: SleeveId, amount: Money) -> Result<(), LedgerError> {
        let at = self.at(sleeve)?;
        sound("the withdrawal", amount)?;
        self.require_cash(at, amount, Money::ZERO)?;
        self.begin(day);
        self.debit(at, Role::Owner, amount);
        self.credit(at, Role::Cash, amount);
        Ok(())
    }

    pub(crate) fn transfer(
        &mut self,
        day: Date,
        from: SleeveId,
        to: SleeveId,
        amount: Money,
    ) -> Result<(), LedgerError> {
        let (giver, taker) = (self.at(from)?, self.at(to)?);
        if from == to {
            return Err(LedgerError::SameSleeve(from));
        }
        sound("the amount moved", amount)?;
        self.require_cash(giver, amount, Money::ZERO)?;
        self.begin(day);
        self.debit(giver, Role::Transfers, amount);
        self.credit(giver, Role::Cash, amount);
        self.debit(taker, Role::Cash, amount);
        self.credit(taker, Role::Transfers, amount);
        Ok(())
    }

    pub(crate) fn reserve(
        &mut self,
        day: Date,
        sleeve: SleeveId,
        order: OrderId,
        amount: Money,
    ) -> Result<(), LedgerError> {
        let at = self.at(sleeve)?;
        sound("the reservation", amount)?;
        self.require_no_reservation(order)?;
        self.require_cash(at, amount, Money::ZERO)?;
        self.begin(day);
        self.reservations.push(Reservation { order, sleeve: at, held: Held::Cash(amount) });
        self.reserve_cash(at, amount, Money::ZERO);
        Ok(())
    }

    pub(crate) fn reserve_shares(
        &mut self,
        day: Date,
        sleeve: SleeveId,
        order: OrderId,
        symbol: Symbol,
        shares: Shares,
    ) -> Result<(), LedgerError> {
        let at = self.at(sleeve)?;
        quantity(shares.0)?;
        self.require_no_reservation(order)?;
        self.require_shares(at, symbol, shares, Shares(0))?;
        self.begin(day);
        self.reservations.push(Reservation { order, sleeve: at, held: Held::Shares(symbol, shares) });
        self.sleeves[at].stock_mut(symbol).ordered += shares;
        Ok(())
    }

    fn require_no_reservation(&self, order: OrderId) -> Result<(), LedgerError> {
        let made = self.reservations.iter().any(|r| r.order == order);
        if made { Err(LedgerError::ReservedAlready(order)) } else { Ok(()) }
    }

    pub(crate) fn release(&mut self, day: Date, order: OrderId) -> Result<(), LedgerError> {
        let found = self.reservations.iter().position(|r| r.order == order);
        let found = found.ok_or(LedgerError::NoReservation(order))?;
        self.begin(day);
        let Reservation { sleeve: at, held, .. } = self.reservations.remove(found);
        match held {
            Held::Cash(amount) => self.reserve_cash(at, Money::ZERO, amount),
            Held::Shares(symbol, shares) => self.sleeves[at].stock_mut(symbol).ordered -= shares,
        }
        Ok(())
    }

    pub(crate) fn interest(&mut self, day: Date, sleeve: SleeveId, amount: Money) -> Result<(), LedgerError> {
        let at = self.at(sleeve)?;
        sound("the interest", amount)?;
        self.begin(day);
        self.debit(at, Role::Cash, amount);
        self.credit(at, Role::Interest, amount);
        Ok(())
    }

    /// Nothing can refuse a settlement date. Receipts come first, then what is owed is paid in the order of its dates;
    /// a payable that settled cash cannot pay stays owed and reserved.
    pub(crate) fn settle(&mut self, day: Date, through: Date) -> Result<(), LedgerError> {
        self.begin(day);
        for at in 0..self.sleeves.len() {
            self.settle_flows(at, through, |due, _| due.flow != Flow::Payable);
            self.settle_flows(at, through, |due, settled| due.flow == Flow::Payable && due.amount <= settled);
            let sleeve = &self.sleeves[at];
            if sleeve.dues.first().is_some_and(|due| due.date <= through) {
                self.slip.debit.get_or_insert(sleeve.id);
            }
        }
        Ok(())
    }

    /// Settles what falls due by `through` and is wanted, given the cash that is settled by then.
    fn settle_flows(&mut self, at: usize, through: Date, wanted: fn(&Due, Money) -> bool) {
        let mut next = 0;
        while let Some(due) = self.sleeves[at].dues.get(next).copied().filter(|due| due.date <= through) {
            if wanted(&due, self.sleeves[at].settled()) {
                self.sleeves[at].dues.remove(next);
                self.pay(at, due);
            } else {
                next += 1;
            }
        }
    }

    fn pay(&mut self, at: usize, due: Due) {
        match due.flow {
            Flow::Receivable | Flow::Dividend => {
                let from = if due.flow == Flow::Dividend { Role::DividendsReceivable } else { Role::Receivable };
                self.debit(at, Role::Cash, due.amount);
                self.credit(at, from, due.amount);
            }
            Flow::Payable => {
                self.reserve_cash(at, Money::ZERO, due.amount);
                self.debit(at, Role::Payable, due.amount);
                self.credit(at, Role::Cash, due.amount);
            }
        }
    }
}
