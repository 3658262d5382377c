//! A file for beancount.
//!
//! Holdings are postings at cost, lot by lot; a lot's label is its number. Beancount keeps a cost for each unit, the
//! books one for each lot: where a part of a lot does not take its even share of the cost, the whole lot leaves and the
//! rest comes back under its number with a count behind it (`7.1`), so that both agree to the ten-thousandth.

use std::collections::BTreeMap;

use ledger::LotId;
use ledger::account::Account;
use market::value::Money;
use report::daybook::{Balances, Daybook, Item, Line, LotChange, Mark, Stake, Transaction};

use super::names::{self, CURRENCY};
use super::{dollars, head, reservations, telling};

/// The whole file.
#[must_use]
pub fn beancount(daybook: &Daybook) -> String {
    let mut file = File { out: String::new(), again: BTreeMap::new() };
    for line in head(daybook) {
        file.out.push_str(&format!("; {line}\n"));
    }
    file.declarations(daybook);
    for item in &daybook.items {
        match item {
            Item::Transaction(transaction) => file.write(transaction),
            Item::Prices(day, marks) => marks.iter().for_each(|mark| file.price(day, mark)),
            Item::Balances(balances) => file.assertions(balances),
        }
    }
    file.out
}

struct File {
    out: String,
    /// How often a lot came back to an account under another label.
    again: BTreeMap<(Account, LotId), u32>,
}

impl File {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn declarations(&mut self, daybook: &Daybook) {
        self.line(&format!("\noption \"title\" \"Portfolio {}\"", daybook.portfolio));
        self.line(&format!("option \"operating_currency\" \"{CURRENCY}\""));
        // Twenty-eight digits hold a cost a unit almost exactly; the rest is far below this.
        self.line(&format!("option \"inferred_tolerance_default\" \"{CURRENCY}:0.00001\"\n"));
        for (instrument, day) in daybook.instruments() {
            self.line(&format!("{day} commodity {}", names::instrument(&instrument)));
            self.line(&format!("  name: \"{instrument}\""));
        }
        for (account, day) in daybook.accounts() {
            self.line(&format!("{day} open {}", names::account(&account)));
        }
        self.line("");
    }

    fn write(&mut self, transaction: &Transaction) {
        let Transaction { day, event, number, .. } = transaction;
        let text = transaction.text.replace('\\', "/").replace('"', "'");
        let mut lines = telling(transaction).peekable();
        let notes: Vec<String> = reservations(transaction).collect();
        if lines.peek().is_none() {
            self.line(&format!("; {day} {text}, event: {event}"));
            notes.iter().for_each(|said| self.line(&format!(";     {said}")));
            return self.line("");
        }
        self.line(&format!("{day} * \"{text}\""));
        if let Some(number) = number {
            self.line(&format!("  transaction: {number}"));
        }
        self.line(&format!("  event: {event}"));
        if let Some(order) = transaction.order() {
            self.line(&format!("  order: \"{order}\""));
        }
        notes.iter().for_each(|said| self.line(&format!("  ; {said}")));
        lines.for_each(|line| self.posting(line));
        self.line("");
    }

    fn posting(&mut self, line: &Line) {
        let name = names::account(&line.account);
        let Some(lot) = line.lot else {
            return self.line(&format!("  {name}  {} {CURRENCY}", dollars(line.money)));
        };
        let held = names::instrument(&lot.instrument);
        let units = lot.change().units;
        match (lot.before.units, lot.after.units) {
            (0, _) => self.opening(line.account, &name, &lot),
            _ if lot.is_plain() && lot.is_even() => {
                let label = self.label(line.account, lot.lot);
                self.line(&format!("  {name}  {units} {held} {{\"{label}\"}}"));
            }
            (before, after) => {
                let label = self.label(line.account, lot.lot);
                self.line(&format!("  {name}  {} {held} {{\"{label}\"}}", -before));
                if after != 0 {
                    self.opening(line.account, &name, &lot);
                }
            }
        }
    }

    /// What a lot holds now, under a label that the account has not seen.
    fn opening(&mut self, account: Account, name: &str, lot: &LotChange) {
        let Stake { units, cost } = lot.after;
        let total = if units < 0 { -cost } else { cost };
        let seen = self.again.entry((account, lot.lot)).and_modify(|n| *n += 1).or_insert(0);
        let label = shown(lot.lot, *seen);
        let (held, total, since) = (names::instrument(&lot.instrument), dollars(total), lot.since);
        self.line(&format!("  {name}  {units} {held} {{{{{total} {CURRENCY}, {since}, \"{label}\"}}}}"));
    }

    fn label(&self, account: Account, lot: LotId) -> String {
        shown(lot, self.again.get(&(account, lot)).copied().unwrap_or(0))
    }

    fn price(&mut self, day: &market::time::Date, mark: &Mark) {
        let modelled = if mark.modelled { "  ; modelled" } else { "" };
        let held = names::instrument(&mark.instrument);
        self.line(&format!("{day} price {held}  {} {CURRENCY}{modelled}", dollars(mark.value)));
    }

    /// A balance stands at the beginning of its day: what an account holds at the end of one is asserted on the next.
    fn assertions(&mut self, balances: &Balances) {
        let day = balances.day.tomorrow().unwrap_or(balances.day);
        for balance in &balances.accounts {
            let name = names::account(&balance.account);
            match balance.account {
                Account::Holding(.., held) => {
                    let held = names::instrument(&held);
                    self.line(&format!("{day} balance {name}  {} {held}", balance.stake.units));
                }
                _ => {
                    let (holds, exactly) = (dollars(balance.stake.cost), dollars(Money::ZERO));
                    self.line(&format!("{day} balance {name}  {holds} ~ {exactly} {CURRENCY}"));
                }
            }
        }
        self.line("");
    }
}

fn shown(lot: LotId, again: u32) -> String {
    if again == 0 { lot.to_string() } else { format!("{lot}.{again}") }
}
