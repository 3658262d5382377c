//! The ledger's state and the one way to change it.

use market::instrument::Symbol;
use market::order::OrderId;
use market::time::Date;
use market::value::{Money, Shares};

use crate::account::{Account, Role, Turnover};
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
    pub(crate) structures: Vec<Structure>,
    /// Rising by id.
    pub(crate) sleeves: Vec<Sleeve>,
    /// In the order in which they were made.
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) clearing: Clearing,
    /// Over all accounts.
    pub(crate) total: Turnover,
    pub(crate) last_lot: LotId,
    pub(crate) slip: Slip,
}

/// A structure and where it stands in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Structure {
    pub id: StructureId,
    pub parent: Option<StructureId>,
}

/// What a working order keeps from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub order: OrderId,
    /// Position of the sleeve.
    pub sleeve: usize,
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
        }
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
            Entry::Deposit { structure, parts } => self.deposit(day, *structure, *parts),
            Entry::Withdraw { sleeve, amount } => self.withdraw(day, *sleeve, *amount),
            Entry::Move { from, to, amount } => self.transfer(day, *from, *to, *amount),
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
            Entry::BuyShares(trade) => self.buy_shares(day, trade),
            Entry::SellShares(trade) => self.sell_shares(day, trade),
            Entry::AccrueDividend(dividend) => self.accrue_dividend(day, dividend),
            Entry::Interest { sleeve, amount } => self.interest(day, *sleeve, *amount),
            Entry::Settle { through } => self.settle(day, *through),
            Entry::Split { symbol, new_per_old } => self.split(day, *symbol, *new_per_old),
        }?;
        self.check();
        Ok(self.slip.receipt())
    }

    /// The receipt of the last entry that was booked.
    #[must_use]
    pub fn last(&self) -> Receipt<'_> {
        self.slip.receipt()
    }

    /// The position of a sleeve.
    pub(crate) fn at(&self, sleeve: SleeveId) -> Result<usize, LedgerError> {
        self.sleeves.binary_search_by_key(&sleeve, |s| s.id).map_err(|_| LedgerError::NoSleeve(sleeve))
    }

    /// Checks after every entry what costs next to nothing; [`Ledger::audit`] checks the rest.
    fn check(&self) {
        let (total, slip) = (&self.total, &self.slip);
        assert_eq!(total.debits_posted, total.credits_posted, "{}: debits and credits differ", slip.transaction);
        assert_eq!(total.debits_pending, total.credits_pending, "{}: reservations are one-sided", slip.transaction);
        for posting in &slip.postings {
            let Account::Sleeve(id, Role::Cash) = posting.account else { continue };
            let Ok(at) = self.at(id) else { continue };
            let (cash, owed) = (self.sleeves[at].role(Role::Cash), self.sleeves[at].role(Role::Payable));
            assert_eq!(
                cash.credits_pending, owed.debits_pending,
                "{id}: cash and payables disagree on what is reserved"
            );
            assert!(!cash.debit_balance().is_negative(), "{id}: settled cash has a debit");
        }
    }
}

/// A quarter of what the counters can hold, in ten-thousandths of a dollar: no entry moves more than all that has
/// passed before it plus [`crate::post::LARGEST`] a few times, so that nothing overflows once an entry is accepted.
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
    fn a_quarter_of_what_can_be_counted_is_not_yet_full() {
        post_after(|ledger| {
            (ledger.total.debits_posted, ledger.total.credits_posted) = (FULL, FULL);
        });
    }
}
