//! A journal for hledger.
//!
//! Holdings are postings in the instrument with the total cost (`@@`), so that every transaction balances at cost and
//! `--cost` shows book values; lots are tags (`--pivot lot`). Balances are asserted by transactions that move nothing.

use std::fmt::Write as _;

use market::value::Money;
use report::daybook::{Balances, Daybook, Item, Line, LotChange, Mark, Stake, Transaction};

use super::names::{self, CURRENCY};
use super::{dollars, head, reservations, telling};

/// The whole file.
#[must_use]
pub fn hledger(daybook: &Daybook) -> String {
    let mut out = String::new();
    for line in head(daybook) {
        out.push_str(&format!("; {line}\n"));
    }
    declarations(&mut out, daybook);
    for item in &daybook.items {
        match item {
            Item::Transaction(transaction) => write(&mut out, transaction),
            Item::Prices(day, marks) => marks.iter().for_each(|mark| price(&mut out, day, mark)),
            Item::Balances(balances) => assertions(&mut out, balances),
        }
    }
    out
}

fn declarations(out: &mut String, daybook: &Daybook) {
    out.push_str(&format!("\ndecimal-mark .\ncommodity {CURRENCY}\n  format 1000.0000 {CURRENCY}\n"));
    for (instrument, _) in daybook.instruments() {
        out.push_str(&format!("commodity {}  ; {instrument}\n", commodity(&names::instrument(&instrument))));
    }
    let kinds = [("Assets", 'A'), ("Liabilities", 'L'), ("Equity", 'E'), ("Income", 'R'), ("Expenses", 'X')];
    for (account, _) in daybook.accounts() {
        let name = names::account(&account);
        let kind = kinds.iter().find(|(class, _)| name.starts_with(class)).map_or('A', |(_, kind)| *kind);
        out.push_str(&format!("account {name}  ; type: {kind}\n"));
    }
    out.push('\n');
}

/// A name with a digit or a point in it stands between quotation marks.
fn commodity(name: &str) -> String {
    format!("\"{name}\"")
}

fn write(out: &mut String, transaction: &Transaction) {
    let Transaction { day, event, text, .. } = transaction;
    let text = text.replace([';', '|'], ",");
    let order = transaction.order().map_or(String::new(), |order| format!(", order: {order}"));
    let number = transaction.number.map_or(String::new(), |number| format!("({number}) "));
    let mut lines = telling(transaction).peekable();
    if lines.peek().is_none() {
        out.push_str(&format!("; {day} {text}, event: {event}\n"));
        reservations(transaction).for_each(|said| out.push_str(&format!(";     {said}\n")));
        out.push('\n');
        return;
    }
    out.push_str(&format!("{day} {number}{text}  ; event: {event}{order}\n"));
    reservations(transaction).for_each(|said| out.push_str(&format!("    ; {said}\n")));
    lines.for_each(|line| posting(out, line));
    out.push('\n');
}

fn posting(out: &mut String, line: &Line) {
    let name = names::account(&line.account);
    match &line.lot {
        None => out.push_str(&format!("    {name}  {} {CURRENCY}\n", dollars(line.money))),
        Some(lot) if lot.is_plain() => holding(out, &name, lot, lot.change()),
        Some(lot) => {
            holding(out, &name, lot, Stake { units: -lot.before.units, cost: -lot.before.cost });
            holding(out, &name, lot, lot.after);
        }
    }
}

fn holding(out: &mut String, name: &str, lot: &LotChange, change: Stake) {
    let Stake { units, cost } = change;
    // The sign of a total cost follows the units.
    let total = if units < 0 { -cost } else { cost };
    let held = commodity(&names::instrument(&lot.instrument));
    let (number, since) = (lot.lot, lot.since);
    out.push_str(&format!(
        "    {name}  {units} {held} @@ {} {CURRENCY}  ; lot: {number}, opened: {since}\n",
        dollars(total)
    ));
}

fn price(out: &mut String, day: &market::time::Date, mark: &Mark) {
    let held = commodity(&names::instrument(&mark.instrument));
    let modelled = if mark.modelled { "  ; modelled" } else { "" };
    out.push_str(&format!("P {day} {held} {} {CURRENCY}{modelled}\n", dollars(mark.value)));
}

fn assertions(out: &mut String, balances: &Balances) {
    let what = if balances.all { "every account" } else { "every account that changed" };
    let _ = writeln!(out, "{} balances: {what}", balances.day);
    for balance in &balances.accounts {
        let name = names::account(&balance.account);
        match balance.account {
            ledger::account::Account::Holding(.., held) => {
                let held = commodity(&names::instrument(&held));
                let _ = writeln!(out, "    {name}  0 {held} = {} {held}", balance.stake.units);
            }
            _ => {
                let (zero, holds) = (dollars(Money::ZERO), dollars(balance.stake.cost));
                let _ = writeln!(out, "    {name}  {zero} {CURRENCY} = {holds} {CURRENCY}");
            }
        }
    }
    out.push('\n');
}
