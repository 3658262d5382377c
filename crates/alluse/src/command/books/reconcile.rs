//! Brokers' statements held against the journal.

use std::sync::Arc;

use ledger::StructureId;
use market::time::Calendar;
use report::daybook::{Extent, daybook};
use report::reconcile::{Cash, Different, Reconciliation, Shown, reconcile};
use report::statement::own;
use report::words::{count, plural};
use report::{Book, Statement};

use super::import::{mapping, statements};
use super::refused;
use crate::cli::Reconcile;
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};
use crate::show::{self, figures, prose, words};

/// Runs the command.
pub(crate) fn run(asked: &Reconcile) -> Result<(), Failure> {
    let mapping = mapping(asked.mapping.as_deref())?;
    let mut theirs = Vec::new();
    for path in &asked.statements {
        theirs.extend(statements(path, &mapping)?);
    }
    let calendar = Arc::new(Calendar::nyse());
    let opened = Journal::open(asked.of.journal.as_deref())?;
    let book = opened.book(&calendar)?;
    let mut all = Vec::new();
    for statement in &mut theirs {
        all.push(compared(&opened, &book, asked, statement)?);
    }
    if asked.of.json {
        journal::json(&opened, Masthead::of(&book), &all)?;
    } else {
        all.iter().try_for_each(print)?;
    }
    match all.iter().map(Reconciliation::differences).sum::<usize>() {
        0 => Ok(()),
        n => {
            let differ = plural(i64::try_from(n).unwrap_or(i64::MAX), "thing differs", "things differ");
            Err(Failure::Check(format!("{n} {differ} between the journal and what was compared with it")))
        }
    }
}

fn compared(
    opened: &Journal,
    book: &Book<'_>,
    asked: &Reconcile,
    statement: &mut Statement,
) -> Result<Reconciliation, Failure> {
    statement.from = asked.from.or(statement.from);
    statement.to = asked.to.or(statement.to);
    let Some((from, to)) = statement.span() else {
        let what = "it holds no activity and says no day; expected at least one of them, or --from and --to";
        return Err(Failure::Data(format!("{}: {what}", statement.source)));
    };
    statement.activities.retain(|a| (from..=to).contains(&a.date));
    let extent = Extent { structure: asked.structure.map(StructureId), from: None, to: Some(to) };
    let daybook = daybook(book, extent).map_err(|e| refused(&opened.place, &e))?;
    let ours = own(&daybook, Some(from)).map_err(|e| refused(&opened.place, &e))?;
    Ok(reconcile(&ours, statement))
}

fn print(r: &Reconciliation) -> Result<(), Failure> {
    let day = |day: Option<report::figure::Day>| day.map_or_else(|| show::NONE.to_owned(), |d| d.to_string());
    let account = if r.account.is_empty() { String::new() } else { format!(" (account {})", r.account) };
    show::paragraph(&format!("{}{account}, {} to {}", r.statement, day(r.from), day(r.to)))?;
    let number = |n: usize| count(i64::try_from(n).unwrap_or(i64::MAX));
    let parts = if r.in_parts == 0 { String::new() } else { format!(", {} of them in parts", number(r.in_parts)) };
    let mut said = vec![
        format!("{} matched{parts}", number(r.matched)),
        format!("{} on both sides, but not the same", number(r.different.len())),
        format!("{} in the books alone", number(r.missing_in_statement.len())),
        format!("{} in the statement alone", number(r.missing_in_books.len())),
    ];
    said.push(match r.positions {
        None => "positions: the statement does not say".to_owned(),
        Some(n) => {
            let held = plural(i64::try_from(n).unwrap_or(i64::MAX), "position", "positions");
            match r.positions_differ.len() {
                0 => format!("{} {held}, the same on both sides", number(n)),
                differ => format!("{} {held} in the statement, {} that differ", number(n), number(differ)),
            }
        }
    });
    said.push(match r.cash {
        None => "cash: the statement does not say".to_owned(),
        Some(Cash { books, statement }) if books == statement => format!("cash {books}, the same on both sides"),
        Some(Cash { books, statement }) => {
            let apart = report::figure::Amount(statement.0 - books.0);
            format!("cash {statement} in the statement, {books} in the books: {apart} apart")
        }
    });
    show::list(said)?;
    differing(&r.different)?;
    missing("In the books alone", &r.missing_in_statement)?;
    missing("In the statement alone", &r.missing_in_books)?;
    if r.positions_differ.is_empty() {
        return Ok(());
    }
    let rows = r.positions_differ.iter();
    let rows = rows.map(|p| [p.instrument.clone(), count(p.books), count(p.statement)]);
    show::table("Positions that differ", [words("instrument"), figures("books"), figures("statement")], rows)
}

fn differing(different: &[Different]) -> Result<(), Failure> {
    if different.is_empty() {
        return Ok(());
    }
    let rows = different.iter().flat_map(|d| {
        d.fields.iter().map(move |f| {
            let (ours, theirs) = (format!("{} ({})", f.books, d.books.place), f.statement.clone());
            [d.statement.place.clone(), d.statement.what.clone(), f.field.to_owned(), ours, theirs]
        })
    });
    let columns = [words("where"), prose("what"), words("field"), words("books"), words("statement")];
    show::table("On both sides, but not the same", columns, rows)
}

fn missing(title: &str, all: &[Shown]) -> Result<(), Failure> {
    if all.is_empty() {
        return Ok(());
    }
    let rows = all.iter().map(|s| [s.place.clone(), s.date.to_string(), s.what.clone(), s.amount.to_string()]);
    show::table(title, [words("where"), words("date"), prose("what"), figures("amount")], rows)
}
