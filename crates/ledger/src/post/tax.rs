//! The tax reserve of a structure: cash outside its sleeves.

use market::time::Date;
use market::value::Money;

use super::sound;
use crate::account::{ReserveRole, Role, Side};
use crate::error::LedgerError;
use crate::id::{SleeveId, StructureId};
use crate::ledger::Ledger;

impl Ledger {
    pub(crate) fn fill_tax_reserve(&mut self, day: Date, sleeve: SleeveId, amount: Money) -> Result<(), LedgerError> {
        let (at, reserve) = (self.at(sleeve)?, self.structure_at(sleeve.structure)?);
        sound("the amount for the tax reserve", amount)?;
        self.require_settled(at, amount, Money::ZERO)?;
        self.begin(day);
        self.debit(at, Role::Transfers, amount);
        self.credit(at, Role::Cash, amount);
        self.book_reserve(reserve, ReserveRole::Cash, Side::Debit, amount);
        self.book_reserve(reserve, ReserveRole::Transfers, Side::Credit, amount);
        Ok(())
    }

    pub(crate) fn draw_tax_reserve(&mut self, day: Date, sleeve: SleeveId, amount: Money) -> Result<(), LedgerError> {
        let (at, reserve) = (self.at(sleeve)?, self.structure_at(sleeve.structure)?);
        sound("the amount from the tax reserve", amount)?;
        self.require_reserve(reserve, amount)?;
        self.begin(day);
        self.book_reserve(reserve, ReserveRole::Transfers, Side::Debit, amount);
        self.book_reserve(reserve, ReserveRole::Cash, Side::Credit, amount);
        self.debit(at, Role::Cash, amount);
        self.credit(at, Role::Transfers, amount);
        Ok(())
    }

    pub(crate) fn pay_tax(&mut self, day: Date, structure: StructureId, amount: Money) -> Result<(), LedgerError> {
        let reserve = self.structure_at(structure)?;
        sound("the tax payment", amount)?;
        self.require_reserve(reserve, amount)?;
        self.begin(day);
        self.book_reserve(reserve, ReserveRole::Taxes, Side::Debit, amount);
        self.book_reserve(reserve, ReserveRole::Cash, Side::Credit, amount);
        Ok(())
    }

    pub(crate) fn tax_reserve_interest(
        &mut self,
        day: Date,
        structure: StructureId,
        amount: Money,
    ) -> Result<(), LedgerError> {
        let reserve = self.structure_at(structure)?;
        sound("the interest", amount)?;
        self.begin(day);
        self.book_reserve(reserve, ReserveRole::Cash, Side::Debit, amount);
        self.book_reserve(reserve, ReserveRole::Interest, Side::Credit, amount);
        Ok(())
    }

    fn require_reserve(&self, at: usize, needed: Money) -> Result<(), LedgerError> {
        let (structure, held) = (self.structures[at].id, self.structures[at].cash());
        if needed > held { Err(LedgerError::NotEnoughReserve { structure, held, needed }) } else { Ok(()) }
    }
}
