//! Booking: one file per family of entries.
//!
//! Every function here has the same shape: checks that read, then [`Ledger::begin`], then changes that cannot fail.

mod actions;
mod cash;
mod cross;
mod longs;
mod options;
mod shares;
mod tax;
mod tree;

use market::instrument::Symbol;
use market::order::OrderId;
use market::time::Date;
use market::value::{MULTIPLIER, Money, Price, Shares};

use crate::account::{Account, Instrument, ReserveRole, Role, Side};
use crate::error::LedgerError;
use crate::id::LotId;
use crate::ledger::{Held, Ledger};
use crate::receipt::{Phase, Posting, Realised};
use crate::sleeve::{Flow, Stock};

/// The most that one entry moves: $100 billion.
pub(crate) const LARGEST: i64 = 1_000_000_000_000_000;
const MOST_UNITS: i64 = 1_000_000_000;

fn positive(what: &'static str, amount: Money) -> Result<(), LedgerError> {
    if amount.is_positive() { Ok(()) } else { Err(LedgerError::AmountNotPositive { what, amount }) }
}

fn not_negative(what: &'static str, amount: Money) -> Result<(), LedgerError> {
    if amount.is_negative() { Err(LedgerError::AmountNegative { what, amount }) } else { Ok(()) }
}

fn not_too_large(amount: Money) -> Result<(), LedgerError> {
    if amount.units() > LARGEST { Err(LedgerError::AmountTooLarge) } else { Ok(()) }
}

/// An amount that is above zero and not too large.
fn sound(what: &'static str, amount: Money) -> Result<(), LedgerError> {
    positive(what, amount)?;
    not_too_large(amount)
}

fn quantity(units: i64) -> Result<(), LedgerError> {
    if (1..=MOST_UNITS).contains(&units) { Ok(()) } else { Err(LedgerError::Quantity(units)) }
}

/// Price × units, of a price that is not negative.
fn value(price: Price, units: i64) -> Result<Money, LedgerError> {
    let product = i128::from(price.units()) * i128::from(units);
    match i64::try_from(product) {
        Ok(money) if money <= LARGEST => Ok(Money::from_units(money)),
        _ => Err(LedgerError::AmountTooLarge),
    }
}

fn settles_after(day: Date, settles: Date) -> Result<(), LedgerError> {
    if settles < day { Err(LedgerError::SettlesBefore { day, settles }) } else { Ok(()) }
}

/// Shares that contracts of a checked quantity stand for.
const fn shares_of(contracts: i64) -> i64 {
    contracts * MULTIPLIER
}

/// What an order's reservation gives to the entry that fills it.
#[derive(Clone, Copy)]
struct Given {
    /// The order, if it has a reservation.
    order: Option<OrderId>,
    cash: Money,
    shares: Shares,
}

impl Ledger {
    /// What the reservation of `order` gives to an entry of the sleeve at `at` that needs `cash` or `shares`.
    fn given(
        &self,
        at: usize,
        order: Option<OrderId>,
        cash: Money,
        shares: Option<(Symbol, Shares)>,
    ) -> Result<Given, LedgerError> {
        let nothing = Given { order: None, cash: Money::ZERO, shares: Shares(0) };
        let Some(order) = order else { return Ok(nothing) };
        let Some(found) = self.find_reservation(order) else { return Ok(nothing) };
        let reservation = &self.reservations[found];
        match (reservation.held, shares) {
            _ if reservation.sleeve != self.sleeves[at].id => Err(LedgerError::WrongReservation(order)),
            (Held::Cash(held), _) => Ok(Given { order: Some(order), cash: held.min(cash), ..nothing }),
            (Held::Shares(symbol, held), Some((wanted, shares))) if symbol == wanted => {
                Ok(Given { order: Some(order), shares: held.min(shares), ..nothing })
            }
            (Held::Shares(..), _) => Err(LedgerError::WrongReservation(order)),
        }
    }

    /// Whether free cash and what the entry frees pay for what it needs. An entry that frees as much as it needs is
    /// welcome even where an assignment's fees have left free cash below zero.
    fn require_cash(&self, at: usize, needed: Money, freed: Money) -> Result<(), LedgerError> {
        let sleeve = &self.sleeves[at];
        let free = sleeve.free() + freed;
        if needed > freed && needed > free {
            return Err(LedgerError::NotEnoughCash { sleeve: sleeve.id, free, needed });
        }
        Ok(())
    }

    /// As [`Self::require_cash`], for cash that leaves at once: it must be there.
    fn require_settled(&self, at: usize, needed: Money, freed: Money) -> Result<(), LedgerError> {
        let sleeve = &self.sleeves[at];
        let free = sleeve.free() + freed;
        if needed > free { Err(LedgerError::NotEnoughCash { sleeve: sleeve.id, free, needed }) } else { Ok(()) }
    }

    fn require_shares(&self, at: usize, symbol: Symbol, needed: Shares, freed: Shares) -> Result<(), LedgerError> {
        let sleeve = &self.sleeves[at];
        let free = sleeve.stock(symbol).map_or(Shares(0), Stock::uncovered) + freed;
        if needed > free {
            return Err(LedgerError::NotEnoughShares { sleeve: sleeve.id, symbol, free, needed });
        }
        Ok(())
    }

    /// The line: everything before it reads, nothing after it fails.
    fn begin(&mut self, day: Date) {
        self.slip.begin(day);
    }

    fn debit(&mut self, at: usize, role: Role, money: Money) {
        self.book(at, role, Side::Debit, money);
    }

    fn credit(&mut self, at: usize, role: Role, money: Money) {
        self.book(at, role, Side::Credit, money);
    }

    /// A gain is a credit, a loss a debit.
    fn credit_or_debit(&mut self, at: usize, role: Role, gain: Money) {
        let side = if gain.is_negative() { Side::Debit } else { Side::Credit };
        self.book(at, role, side, gain.abs());
    }

    fn book(&mut self, at: usize, role: Role, side: Side, money: Money) {
        if money == Money::ZERO {
            return;
        }
        let sleeve = &mut self.sleeves[at];
        sleeve.role_mut(role).post(side, money);
        self.total.post(side, money);
        let account = Account::Sleeve(sleeve.id, role);
        self.slip.postings.push(Posting { account, side, phase: Phase::Posted, money, units: 0 });
    }

    fn book_reserve(&mut self, at: usize, role: ReserveRole, side: Side, money: Money) {
        if money == Money::ZERO {
            return;
        }
        let structure = &mut self.structures[at];
        structure.role_mut(role).post(side, money);
        self.total.post(side, money);
        let account = Account::Reserve(structure.id, role);
        self.slip.postings.push(Posting { account, side, phase: Phase::Posted, money, units: 0 });
    }

    /// Moves units between the sleeve and the market; the money is the sleeve's side alone.
    fn exchange(&mut self, at: usize, role: Role, held: Instrument, side: Side, money: Money, units: i64) {
        self.hold(at, role, held, side, money, units);
        self.clearing.post(held, side.other(), units);
        let (account, side) = (Account::Market(held), side.other());
        self.slip.postings.push(Posting { account, side, phase: Phase::Posted, money: Money::ZERO, units });
    }

    /// One sleeve's side of units that move.
    fn hold(&mut self, at: usize, role: Role, held: Instrument, side: Side, money: Money, units: i64) {
        let sleeve = &mut self.sleeves[at];
        sleeve.role_mut(role).post(side, money);
        self.total.post(side, money);
        let account = Account::Holding(sleeve.id, role, held);
        self.slip.postings.push(Posting { account, side, phase: Phase::Posted, money, units });
    }

    /// Reserves `more` of the sleeve's cash and releases `less`, as one pending transfer to its payables.
    fn reserve_cash(&mut self, at: usize, more: Money, less: Money) {
        let change = more - less;
        if change == Money::ZERO {
            return;
        }
        let sleeve = &mut self.sleeves[at];
        sleeve.role_mut(Role::Cash).credits_pending += change;
        sleeve.role_mut(Role::Payable).debits_pending += change;
        self.total.credits_pending += change;
        self.total.debits_pending += change;
        let id = sleeve.id;
        let phase = if change.is_negative() { Phase::Released } else { Phase::Pending };
        for (role, side) in [(Role::Payable, Side::Debit), (Role::Cash, Side::Credit)] {
            let account = Account::Sleeve(id, role);
            self.slip.postings.push(Posting { account, side, phase, money: change.abs(), units: 0 });
        }
    }

    /// Books the net of a trade, to settle later; what is owed has to be reserved by the caller.
    fn settle_later(&mut self, at: usize, settles: Date, net: Money) {
        if net.is_positive() {
            self.debit(at, Role::Receivable, net);
            self.sleeves[at].add_due(settles, Flow::Receivable, net);
        } else if net.is_negative() {
            self.credit(at, Role::Payable, net.abs());
            self.sleeves[at].add_due(settles, Flow::Payable, net.abs());
        }
    }

    /// Takes out of a reservation what it gave.
    fn use_up(&mut self, given: Given) {
        let Some(found) = given.order.and_then(|order| self.find_reservation(order)) else { return };
        let reservation = &mut self.reservations[found];
        let at = self.sleeves.binary_search_by_key(&reservation.sleeve, |s| s.id).expect("an order's sleeve exists");
        let empty = match &mut reservation.held {
            Held::Cash(held) => {
                *held -= given.cash;
                *held == Money::ZERO
            }
            Held::Shares(symbol, held) => {
                *held -= given.shares;
                self.sleeves[at].stock_mut(*symbol).ordered -= given.shares;
                *held == Shares(0)
            }
        };
        if empty {
            self.reservations.remove(found);
        }
    }

    fn realise(&mut self, at: usize, realised: Realised) {
        self.sleeves[at].realised += realised.gain();
        self.slip.realised.push(realised);
    }

    fn next_lot(&mut self) -> LotId {
        self.last_lot = LotId(self.last_lot.0 + 1);
        self.slip.lot = Some(self.last_lot);
        self.last_lot
    }
}
