//! A table with a line for each posting (CSV as RFC 4180 has it), pending ones too.

use ledger::account::{Account, Instrument, Side};
use ledger::receipt::Phase;
use market::value::Money;
use report::daybook::{Daybook, Line, Stake, Transaction};

use super::names;
use super::{dollars, telling};

/// The columns, in their order.
pub(super) const COLUMNS: [&str; 14] = [
    "date",
    "transaction",
    "event",
    "order",
    "description",
    "phase",
    "account",
    "debit",
    "credit",
    "instrument",
    "units",
    "lot",
    "opened",
    "occ",
];

/// The whole table: a header, and a line for each posting.
#[must_use]
pub fn postings(daybook: &Daybook) -> String {
    let mut out = record(&COLUMNS.map(str::to_owned));
    for transaction in daybook.transactions() {
        for line in telling(transaction) {
            out.push_str(&record(&posted(transaction, line)));
        }
        for posting in &transaction.pending {
            let phase = if posting.phase == Phase::Released { "released" } else { "pending" };
            let mut row = begun(transaction, phase, &posting.account);
            row[if posting.side == Side::Debit { 7 } else { 8 }] = dollars(posting.money);
            out.push_str(&record(&row));
        }
    }
    out
}

fn begun(transaction: &Transaction, phase: &str, account: &Account) -> [String; 14] {
    let mut row: [String; 14] = Default::default();
    row[0] = transaction.day.to_string();
    row[1] = transaction.number.map_or(String::new(), |number| number.to_string());
    row[2] = transaction.event.to_string();
    row[3] = transaction.order().map_or(String::new(), |order| order.to_string());
    row[4].clone_from(&transaction.text);
    row[5] = phase.to_owned();
    row[6] = names::account(account);
    row
}

fn posted(transaction: &Transaction, line: &Line) -> [String; 14] {
    let mut row = begun(transaction, "posted", &line.account);
    let of_credit = line.money < Money::ZERO || line.lot.is_some_and(|lot| lot.change().units < 0);
    row[if of_credit { 8 } else { 7 }] = dollars(if of_credit { -line.money } else { line.money });
    if let Some(lot) = line.lot {
        let Stake { units, .. } = lot.change();
        row[9] = names::instrument(&lot.instrument);
        row[10] = units.to_string();
        row[11] = lot.lot.to_string();
        row[12] = lot.since.to_string();
        if let Instrument::Option(series) = lot.instrument {
            row[13] = series.occ().unwrap_or_default();
        }
    }
    row
}

/// One record with its line end.
pub(crate) fn record<const N: usize>(fields: &[String; N]) -> String {
    let quoted = fields.each_ref().map(|text| field(text));
    format!("{}\r\n", quoted.join(","))
}

fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
