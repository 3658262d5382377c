//! Our books as a broker's statement.

use std::collections::BTreeMap;

use ledger::account::{Account, Instrument, ReserveRole, Role};
use ledger::entry::{Leg, OptionTrade, ShareTrade};
use ledger::{Entry, SleeveId, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::time::Date;
use market::value::{Contracts, MULTIPLIER, Money, Price};

use super::{Activity, Kind, Position, Statement};
use crate::daybook::{Daybook, Item, Mark, Transaction};
use crate::error::ReportError;
use crate::words;

/// Makes the statement of a daybook that begins with the journal: what happened from a day on, positions and cash at
/// its end.
///
/// # Errors
/// [`ReportError::Daybook`] if what it says of a transaction is not what the transaction moves.
pub fn own(daybook: &Daybook, from: Option<Date>) -> Result<Statement, ReportError> {
    let mut account = Broker {
        structure: daybook.extent.structure,
        cash: Money::ZERO,
        units: BTreeMap::new(),
        dividends: Vec::new(),
        marks: BTreeMap::new(),
        out: Vec::new(),
    };
    let mut last = None;
    for item in &daybook.items {
        match item {
            Item::Transaction(transaction) => {
                last = Some(transaction.day);
                account.take(transaction)?;
            }
            Item::Prices(_, marks) => account.marks.extend(marks.iter().map(|m| (m.instrument, *m))),
            Item::Balances(balances) => last = Some(balances.day),
        }
    }
    let name = match daybook.extent.structure {
        Some(structure) => format!("P{}-S{structure}", daybook.portfolio),
        None => format!("P{}", daybook.portfolio),
    };
    let (positions, cash) = (Some(account.positions()), Some(account.cash));
    let mut activities = account.out;
    activities.retain(|a| from.is_none_or(|from| a.date >= from));
    Ok(Statement {
        source: "the journal".to_owned(),
        account: name,
        from: from.or(activities.first().map(|a| a.date)),
        to: daybook.extent.to.or(last),
        activities,
        positions,
        cash,
    })
}

/// A dividend that has not been paid yet.
struct Awaited {
    sleeve: SleeveId,
    symbol: Symbol,
    amount: Money,
    settles: Date,
}

struct Broker {
    structure: Option<StructureId>,
    cash: Money,
    units: BTreeMap<Instrument, i64>,
    dividends: Vec<Awaited>,
    marks: BTreeMap<Instrument, Mark>,
    out: Vec<Activity>,
}

/// What a transaction moves as a broker sees it.
#[derive(Default)]
struct Moved {
    cash: Money,
    units: BTreeMap<Instrument, i64>,
}

impl Broker {
    fn take(&mut self, transaction: &Transaction) -> Result<(), ReportError> {
        let moved = moved(transaction);
        let begun = self.out.len();
        if let Some(entry) = &transaction.entry {
            self.tell(transaction, entry, &moved);
            let (mut cash, mut units) = (Money::ZERO, BTreeMap::new());
            for activity in &self.out[begun..] {
                cash += activity.amount;
                if let Some(instrument) = activity.instrument {
                    *units.entry(instrument).or_insert(0) += activity.quantity;
                }
            }
            units.retain(|_, n| *n != 0);
            if cash != moved.cash || units != moved.units {
                let transaction = transaction.number.unwrap_or(ledger::TransactionId(0));
                let what = "a broker's statement would say something else".to_owned();
                return Err(ReportError::Daybook { transaction, what });
            }
        }
        self.cash += moved.cash;
        for (instrument, n) in moved.units {
            *self.units.entry(instrument).or_insert(0) += n;
        }
        Ok(())
    }

    fn positions(&self) -> Vec<Position> {
        let held = self.units.iter().filter(|(_, n)| **n != 0);
        let price = |instrument: &Instrument| {
            let per = if matches!(instrument, Instrument::Option(_)) { MULTIPLIER } else { 1 };
            self.marks.get(instrument).map(|mark| Price::from_units(mark.value.units() / per))
        };
        held.map(|(i, n)| Position { instrument: *i, quantity: *n, price: price(i) }).collect()
    }

    /// Writes down what the broker would.
    fn tell(&mut self, transaction: &Transaction, entry: &Entry, moved: &Moved) {
        let note = Note { transaction };
        match entry {
            Entry::SellToOpen(t) => self.out.push(note.option(Kind::SellToOpen, t)),
            Entry::BuyToClose(t) => self.out.push(note.option(Kind::BuyToClose, t)),
            Entry::BuyToOpen(t) => self.out.push(note.option(Kind::BuyToOpen, t)),
            Entry::SellToClose(t) => self.out.push(note.option(Kind::SellToClose, t)),
            Entry::BuyShares(t) => self.out.push(note.shares(Kind::Buy, t)),
            Entry::SellShares(t) => self.out.push(note.shares(Kind::Sell, t)),
            Entry::Roll(roll) => {
                let legs = [(Kind::BuyToClose, roll.close), (Kind::SellToOpen, roll.open)];
                self.out.extend(legs.map(|(kind, leg)| note.leg(kind, leg, roll.settles)));
            }
            Entry::Expire { series, contracts, .. } => self.out.push(note.ends(Kind::Expired, *series, contracts.0)),
            Entry::ExpireLong { series, contracts, .. } => {
                self.out.push(note.ends(Kind::Expired, *series, -contracts.0));
            }
            Entry::Assign(a) => {
                self.out.push(note.ends(Kind::Assigned, a.series, a.contracts.0));
                let kind = if a.series.right == Right::Put { Kind::Buy } else { Kind::Sell };
                self.out.push(note.delivery(kind, a.series, a.contracts, a.fees, a.settles));
            }
            Entry::Exercise(e) => {
                self.out.push(note.ends(Kind::Exercised, e.series, -e.contracts.0));
                self.out.push(note.delivery(Kind::Buy, e.series, e.contracts, e.fees, e.settles));
            }
            Entry::AccrueDividend(d) => {
                let (sleeve, symbol, amount, settles) = (d.sleeve, d.symbol, d.amount, d.settles);
                self.dividends.push(Awaited { sleeve, symbol, amount, settles });
            }
            Entry::Settle { through } => self.pay_dividends(note, *through),
            Entry::Interest { amount, .. } | Entry::TaxReserveInterest { amount, .. } => {
                self.out.push(note.money(Kind::Interest, *amount));
            }
            Entry::Deposit { parts, .. } => {
                self.out.push(note.money(Kind::Deposit, parts.iter().copied().sum()));
            }
            Entry::Withdraw { amount, .. } | Entry::PayTax { amount, .. } => {
                self.out.push(note.money(Kind::Withdrawal, -*amount));
            }
            Entry::Split { symbol, .. } => {
                let kind = |held: &Instrument| match held {
                    Instrument::Shares(s) if s == symbol => Kind::Split,
                    _ => Kind::Transfer,
                };
                self.out.extend(moved.units.iter().map(|(held, n)| note.units(kind(held), *held, *n)));
            }
            Entry::Merge { structure, into } => {
                self.dividends.iter_mut().filter(|d| d.sleeve.structure == *structure).for_each(|d| d.sleeve = *into);
                self.transfers(note, moved);
            }
            _ => self.transfers(note, moved),
        }
    }

    /// What passes to or from the rest of the portfolio; nothing where all of it is one account.
    fn transfers(&mut self, note: Note<'_>, moved: &Moved) {
        self.out.extend(moved.units.iter().map(|(held, n)| note.units(Kind::Transfer, *held, *n)));
        if moved.cash != Money::ZERO {
            self.out.push(note.money(Kind::Transfer, moved.cash));
        }
    }

    fn pay_dividends(&mut self, note: Note<'_>, through: Date) {
        let (due, awaited): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.dividends).into_iter().partition(|d| d.settles <= through);
        self.dividends = awaited;
        let wanted = self.structure;
        for dividend in due.iter().filter(|d| wanted.is_none_or(|structure| structure == d.sleeve.structure)) {
            let text = format!("dividend of {} to {}", dividend.symbol, dividend.sleeve);
            let instrument = Some(Instrument::Shares(dividend.symbol));
            self.out.push(Activity { instrument, text, ..note.money(Kind::Dividend, dividend.amount) });
        }
    }
}

/// Cash by trade date and units, with what has not settled.
fn moved(transaction: &Transaction) -> Moved {
    let mut moved = Moved::default();
    for line in &transaction.lines {
        match (line.account, &line.lot) {
            (_, Some(lot)) => *moved.units.entry(lot.instrument).or_insert(0) += lot.change().units,
            (Account::Sleeve(_, Role::Cash | Role::Receivable | Role::Payable), _)
            | (Account::Reserve(_, ReserveRole::Cash), _) => moved.cash += line.money,
            _ => {}
        }
    }
    moved.units.retain(|_, n| *n != 0);
    moved
}

/// Writes one transaction down.
#[derive(Clone, Copy)]
struct Note<'a> {
    transaction: &'a Transaction,
}

impl Note<'_> {
    fn money(self, kind: Kind, amount: Money) -> Activity {
        let Transaction { day, event, text, number, .. } = self.transaction;
        Activity {
            place: format!("event {event}"),
            id: number.map_or(String::new(), |number| number.to_string()),
            date: *day,
            settles: None,
            kind,
            instrument: None,
            quantity: 0,
            price: None,
            fees: Money::ZERO,
            amount,
            text: text.clone(),
        }
    }

    fn units(self, kind: Kind, instrument: Instrument, quantity: i64) -> Activity {
        Activity { instrument: Some(instrument), quantity, ..self.money(kind, Money::ZERO) }
    }

    fn ends(self, kind: Kind, series: Series, quantity: i64) -> Activity {
        self.units(kind, Instrument::Option(series), quantity)
    }

    fn trade(self, kind: Kind, held: Instrument, size: i64, price: Price, fees: Money, settles: Date) -> Activity {
        let per = if matches!(held, Instrument::Option(_)) { MULTIPLIER } else { 1 };
        let amount = price.times(size * per).times(kind.pays()) - fees;
        let (price, settles) = (Some(price), Some(settles));
        Activity { price, fees, settles, amount, ..self.units(kind, held, size * kind.direction()) }
    }

    fn option(self, kind: Kind, t: &OptionTrade) -> Activity {
        self.leg(kind, t.leg(), t.settles)
    }

    fn leg(self, kind: Kind, leg: Leg, settles: Date) -> Activity {
        let Leg { series, contracts, price, fees } = leg;
        self.trade(kind, Instrument::Option(series), contracts.0, price, fees, settles)
    }

    fn shares(self, kind: Kind, t: &ShareTrade) -> Activity {
        self.trade(kind, Instrument::Shares(t.symbol), t.shares.0, t.price, t.fees, t.settles)
    }

    fn delivery(self, kind: Kind, of: Series, contracts: Contracts, fees: Money, settles: Date) -> Activity {
        let held = Instrument::Shares(of.underlying);
        let text = format!("shares of {}", words::lots(contracts, &of));
        Activity { text, ..self.trade(kind, held, contracts.shares().0, of.strike, fees, settles) }
    }
}
