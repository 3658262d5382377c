//! Cash of the owner and between sleeves, reservations, earmarks, interest and settlement.

use market::instrument::Symbol;
use market::order::OrderId;
use market::time::Date;
use market::value::{Money, Shares};

use super::{not_negative, positive, quantity, sound};
use crate::account::Role;
use crate::entry::Purpose;
use crate::error::LedgerError;
use crate::id::{SleeveId, SleeveKind, StructureId};
use crate::ledger::{Held, Ledger, Reservation};
use crate::sleeve::{Due, Flow};

impl Ledger {
    pub(crate) fn deposit(&mut self, day: Date, structure: StructureId, parts: [Money; 3]) -> Result<(), LedgerError> {
        self.structure_at(structure)?;
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
        self.give_cash(giver, taker, amount);
        Ok(())
    }

    pub(super) fn give_cash(&mut self, giver: usize, taker: usize, amount: Money) {
        self.debit(giver, Role::Transfers, amount);
        self.credit(giver, Role::Cash, amount);
        self.debit(taker, Role::Cash, amount);
        self.credit(taker, Role::Transfers, amount);
    }

    pub(crate) fn set_earmark(
        &mut self,
        day: Date,
        sleeve: SleeveId,
        purpose: Purpose,
        amount: Money,
    ) -> Result<(), LedgerError> {
        let at = self.at(sleeve)?;
        not_negative("the amount set aside", amount)?;
        super::not_too_large(amount)?;
        let before = self.sleeves[at].earmark(purpose);
        self.require_cash(at, amount, before)?;
        self.begin(day);
        *self.sleeves[at].earmark_mut(purpose) = amount;
        self.reserve_cash(at, amount, before);
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
        let place = self.place_of_new(order)?;
        self.require_cash(at, amount, Money::ZERO)?;
        self.begin(day);
        self.reservations.insert(place, Reservation { order, sleeve, held: Held::Cash(amount) });
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
        let place = self.place_of_new(order)?;
        self.require_shares(at, symbol, shares, Shares(0))?;
        self.begin(day);
        self.reservations.insert(place, Reservation { order, sleeve, held: Held::Shares(symbol, shares) });
        self.sleeves[at].stock_mut(symbol).ordered += shares;
        Ok(())
    }

    fn place_of_new(&self, order: OrderId) -> Result<usize, LedgerError> {
        match self.reservations.binary_search_by_key(&order, |r| r.order) {
            Ok(_) => Err(LedgerError::ReservedAlready(order)),
            Err(place) => Ok(place),
        }
    }

    pub(crate) fn release(&mut self, day: Date, order: OrderId) -> Result<(), LedgerError> {
        let found = self.find_reservation(order).ok_or(LedgerError::NoReservation(order))?;
        let at = self.at(self.reservations[found].sleeve)?;
        self.begin(day);
        match self.reservations.remove(found).held {
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
