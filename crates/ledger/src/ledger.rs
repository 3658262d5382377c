//! The ledger's state and the one way to change it.

use market::instrument::Symbol;
use market::order::OrderId;
use market::time::Date;
use market::value::{Money, Shares};

use crate::account::{Account, ReserveRole, Role, Turnover};
use crate::clearing::Clearing;
use crate::entry::Entry;
use crate::error::LedgerError;
use crate::id::{LotId, PortfolioId, SleeveId, StructureId};
use crate::lot::LotOrder;
use crate::receipt::{Receipt, Slip};
use crate::sleeve::Sleeve;

/// The books of one portfolio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    pub(crate) portfolio: PortfolioId,
    pub(crate) lot_order: LotOrder,
    /// Rising by number.
    pub(crate) structures: Vec<StructureBooks>,
    /// Rising by id.
    pub(crate) sleeves: Vec<Sleeve>,
    /// Rising by order.
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) clearing: Clearing,
    /// Over all accounts.
    pub(crate) total: Turnover,
    pub(crate) last_lot: LotId,
    pub(crate) slip: Slip,
    /// What was booked since somebody asked for it; nothing is kept unless somebody does.
    kept: Option<Vec<(Date, Entry)>>,
}

/// A structure, where it stands in the tree, and its tax reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StructureBooks {
    pub id: StructureId,
    /// Once closed, the structure that it merged into.
    pub parent: Option<StructureId>,
    pub closed: Option<Date>,
    pub reserve: [Turnover; ReserveRole::ALL.len()],
}

/// What a working order keeps from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub order: OrderId,
    pub sleeve: SleeveId,
    pub held: Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Cash(Money),
    Shares(Symbol, Shares),
}

impl Ledger {
    /// Empty books of `portfolio`, whose lots leave in `lot_order`.
    #[must_use]
    pub fn new(portfolio: PortfolioId, lot_order: LotOrder) -> Self {
        Ledger {
            portfolio,
            lot_order,
            structures: Vec::new(),
            sleeves: Vec::new(),
            reservations: Vec::with_capacity(8),
            clearing: Clearing::default(),
            total: Turnover::default(),
            last_lot: LotId(0),
            slip: Slip::blank(),
            kept: None,
        }
    }

    /// From now on keeps every entry that is booked, for [`Ledger::take_entries`]: so that other books can be kept
    /// beside these.
    pub fn keep_entries(&mut self) {
        self.kept.get_or_insert_default();
    }

    /// The entries that were booked since they were taken last, with their trade dates, in their order.
    pub fn take_entries(&mut self) -> Vec<(Date, Entry)> {
        self.kept.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Books `entry` with trade date `day`, whole or not at all.
    ///
    /// # Errors
    /// [`LedgerError`], the first reason that holds; nothing has changed then.
    pub fn post(&mut self, day: Date, entry: &Entry) -> Result<Receipt<'_>, LedgerError> {
        if self.total.debits_posted > FULL {
            return Err(LedgerError::BooksFull);
        }
        match entry {
            Entry::Found { structure, parent, sleeves } => self.found(day, *structure, *parent, *sleeves),
            Entry::Fork { from, structure, parts } => self.fork(day, *from, *structure, *parts),
            Entry::Merge { structure, into } => self.merge(day, *structure, *into),
            Entry::Deposit { structure, parts } => self.deposit(day, *structure, *parts),
            Entry::Withdraw { sleeve, amount } => self.withdraw(day, *sleeve, *amount),
            Entry::Move { from, to, amount } => self.transfer(day, *from, *to, *amount),
            Entry::Earmark { sleeve, purpose, amount } => self.set_earmark(day, *sleeve, *purpose, *amount),
            Entry::ToTaxReserve { sleeve, amount } => self.fill_tax_reserve(day, *sleeve, *amount),
            Entry::FromTaxReserve { sleeve, amount } => self.draw_tax_reserve(day, *sleeve, *amount),
            Entry::PayTax { structure, amount } => self.pay_tax(day, *structure, *amount),
            Entry::TaxReserveInterest { structure, amount } => self.tax_reserve_interest(day, *structure, *amount),
            Entry::Reserve { sleeve, order, amount } => self.reserve(day, *sleeve, *order, *amount),
            Entry::ReserveShares { sleeve, order, symbol, shares } => {
                self.reserve_shares(day, *sleeve, *order, *symbol, *shares)
            }
            Entry::Release { order } => self.release(day, *order),
            Entry::SellToOpen(trade) => self.sell_to_open(day, trade),
            Entry::BuyToClose(trade) => self.buy_to_close(day, trade),
            Entry::Roll(roll) => self.roll(day, roll),
            Entry::Expire { sleeve, series, contracts } => self.expire(day, *sleeve, series, *contracts),
            Entry::Assign(assignment) => self.assign(day, assignment),
            Entry::Cross(cross) => self.cross(day, cross),
            Entry::BuyToOpen(trade) => self.buy_to_open(day, trade),
            Entry::SellToClose(trade) => self.sell_to_close(day, trade),
            Entry::ExpireLong { sleeve, series, contracts } => self.expire_long(day, *sleeve, series, *contracts),
            Entry::Exercise(exercise) => self.exercise(day, exercise),
            Entry::BuyShares(trade) => self.buy_shares(day, trade),
            Entry::SellShares(trade) => self.sell_shares(day, trade),
            Entry::AccrueDividend(dividend) => self.accrue_dividend(day, dividend),
            Entry::Interest { sleeve, amount } => self.interest(day, *sleeve, *amount),
            Entry::Settle { through } => self.settle(day, *through),
            Entry::Split { symbol, new_per_old } => self.split(day, *symbol, *new_per_old),
        }?;
        self.check();
        if let Some(kept) = &mut self.kept {
            kept.push((day, *entry));
        }
        Ok(self.slip.receipt())
    }

    /// The receipt of the last entry that was booked.
    #[must_use]
    pub fn last(&self) -> Receipt<'_> {
        self.slip.receipt()
    }

    /// The position of a sleeve.
    pub(crate) fn find(&self, sleeve: SleeveId) -> Option<usize> {
        self.sleeves.binary_search_by_key(&sleeve, |s| s.id).ok()
    }

    /// The position of a sleeve that an entry may touch.
    pub(crate) fn at(&self, sleeve: SleeveId) -> Result<usize, LedgerError> {
        match self.find(sleeve) {
            None => Err(LedgerError::NoSleeve(sleeve)),
            Some(at) if self.sleeves[at].closed => Err(LedgerError::StructureClosed(sleeve.structure)),
            Some(at) => Ok(at),
        }
    }

    pub(crate) fn find_structure(&self, id: StructureId) -> Option<usize> {
        self.structures.binary_search_by_key(&id, |s| s.id).ok()
    }

    /// The position of a structure that an entry may touch.
    pub(crate) fn structure_at(&self, id: StructureId) -> Result<usize, LedgerError> {
        match self.find_structure(id) {
            None => Err(LedgerError::NoStructure(id)),
            Some(at) if self.structures[at].closed.is_some() => Err(LedgerError::StructureClosed(id)),
            Some(at) => Ok(at),
        }
    }

    pub(crate) fn find_reservation(&self, order: OrderId) -> Option<usize> {
        self.reservations.binary_search_by_key(&order, |r| r.order).ok()
    }

    /// Checks after every entry what costs next to nothing; [`Ledger::audit`] checks the rest.
    fn check(&self) {
        let (total, slip) = (&self.total, &self.slip);
        assert_eq!(total.debits_posted, total.credits_posted, "{}: debits and credits differ", slip.transaction);
        assert_eq!(total.debits_pending, total.credits_pending, "{}: reservations are one-sided", slip.transaction);
        for posting in &slip.postings {
            match posting.account {
                Account::Sleeve(id, Role::Cash) => self.check_cash(id),
                Account::Reserve(id, ReserveRole::Cash) => {
                    let cash = self.find_structure(id).map(|at| self.structures[at].cash());
                    assert!(cash.is_some_and(|c| !c.is_negative()), "{id}: the tax reserve has a debit");
                }
                _ => {}
            }
        }
    }

    fn check_cash(&self, id: SleeveId) {
        let Some(at) = self.find(id) else { return };
        let (cash, owed) = (self.sleeves[at].role(Role::Cash), self.sleeves[at].role(Role::Payable));
        assert_eq!(cash.credits_pending, owed.debits_pending, "{id}: cash and payables disagree on what is reserved");
        assert!(!cash.debit_balance().is_negative(), "{id}: settled cash has a debit");
    }
}

impl StructureBooks {
    pub(crate) fn new(id: StructureId, parent: Option<StructureId>) -> Self {
        let reserve = [Turnover::default(); ReserveRole::ALL.len()];
        StructureBooks { id, parent, closed: None, reserve }
    }

    pub(crate) fn role(&self, role: ReserveRole) -> &Turnover {
        &self.reserve[role as usize]
    }

    pub(crate) fn role_mut(&mut self, role: ReserveRole) -> &mut Turnover {
        &mut self.reserve[role as usize]
    }

    /// Cash of the tax reserve.
    pub(crate) fn cash(&self) -> Money {
        self.role(ReserveRole::Cash).debit_balance()
    }
}

/// A quarter of what the counters can hold, in ten-thousandths of a dollar: no entry moves more than twice all that has
/// passed before it (a merge does) plus [`crate::post::LARGEST`] a few times, so that nothing overflows once an entry
/// is accepted.
const FULL: Money = Money::from_units(i64::MAX / 4);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{SleeveKind, SleeveKinds};

    /// Books a deposit on top of what `spoil` did to sound books.
    fn post_after(spoil: fn(&mut Ledger)) {
        let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
        let structure = StructureId(1);
        let deposit = Entry::Deposit { structure, parts: [Money::dollars(100); 3] };
        let found = Entry::Found { structure, parent: None, sleeves: SleeveKinds::ROOT };
        for entry in [found, deposit] {
            ledger.post(Date::ZERO, &entry).expect("a sound entry");
        }
        spoil(&mut ledger);
        ledger.post(Date::ZERO, &deposit).expect("a sound entry");
    }

    fn cash(ledger: &mut Ledger) -> &mut Turnover {
        let at = ledger.at(SleeveId::new(StructureId(1), SleeveKind::Revenue)).expect("a sleeve");
        ledger.sleeves[at].role_mut(Role::Cash)
    }

    #[test]
    fn sound_books_go_on() {
        post_after(|_| {});
    }

    #[test]
    #[should_panic = "debits and credits differ"]
    fn books_out_of_balance_stop() {
        post_after(|ledger| ledger.total.debits_posted += Money::cents(1));
    }

    #[test]
    #[should_panic = "reservations are one-sided"]
    fn one_sided_reservations_stop() {
        post_after(|ledger| ledger.total.credits_pending += Money::cents(1));
    }

    #[test]
    #[should_panic = "1.Rev: cash and payables disagree on what is reserved"]
    fn a_reservation_without_its_payable_stops() {
        post_after(|ledger| cash(ledger).credits_pending += Money::cents(1));
    }

    #[test]
    #[should_panic = "1.Rev: settled cash has a debit"]
    fn a_debit_stops() {
        post_after(|ledger| cash(ledger).credits_posted += Money::dollars(1_000));
    }

    #[test]
    #[should_panic = "1: the tax reserve has a debit"]
    fn a_debit_of_a_tax_reserve_stops() {
        let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
        let structure = StructureId(1);
        let found = Entry::Found { structure, parent: None, sleeves: SleeveKinds::ROOT };
        let interest = Entry::TaxReserveInterest { structure, amount: Money::dollars(1) };
        ledger.post(Date::ZERO, &found).expect("a sound entry");
        ledger.structures[0].role_mut(ReserveRole::Cash).credits_posted += Money::dollars(2);
        let _ = ledger.post(Date::ZERO, &interest);
    }

    #[test]
    fn entries_are_kept_for_whoever_asks() {
        let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
        let structure = StructureId(1);
        let found = Entry::Found { structure, parent: None, sleeves: SleeveKinds::ROOT };
        let deposit = Entry::Deposit { structure, parts: [Money::dollars(100); 3] };
        ledger.post(Date::ZERO, &found).expect("a sound entry");
        assert_eq!(ledger.take_entries(), []);
        ledger.keep_entries();
        ledger.post(Date::ZERO, &deposit).expect("a sound entry");
        ledger.post(Date::ZERO, &found).expect_err("it stands already");
        assert_eq!(ledger.take_entries(), [(Date::ZERO, deposit)]);
        assert_eq!(ledger.take_entries(), []);
    }

    #[test]
    fn a_quarter_of_what_can_be_counted_is_not_yet_full() {
        post_after(|ledger| {
            (ledger.total.debits_posted, ledger.total.credits_posted) = (FULL, FULL);
        });
    }
}
