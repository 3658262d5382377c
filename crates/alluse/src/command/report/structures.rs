//! `alluse report structures`: every structure's statement, their sum, and the whole beside it.

use report::Book;
use report::consolidated::{Consolidated, Span, consolidated, lines};
use report::weekly::Identity;

use crate::cli::ReportStructures;
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};
use crate::show::{self, figures, plain, words};

const SUM: &str = "sum";
const WHOLE: &str = "consolidated";
const CHECK: &str = "check: consolidated less sum";

/// Prints them; a difference is a failed check.
pub(super) fn run(
    opened: &Journal,
    book: &Book<'_>,
    masthead: Masthead,
    asked: &ReportStructures,
) -> Result<(), Failure> {
    let span = match (&asked.month, asked.year) {
        (Some(month), _) => Span::Month(month.clone()),
        (_, Some(year)) => Span::Year(year.to_string()),
        _ => Span::Whole,
    };
    let file = &opened.place;
    let statement = consolidated(book, &span)
        .ok_or_else(|| Failure::Usage(format!("{file}: the journal holds no weekly close in that span")))?;
    let rows = rows(&statement, asked);
    if rows.is_empty() {
        let known: Vec<String> = statement.structures.iter().map(|a| a.structure.to_string()).collect();
        let said = format!("no weekly close of structure {} then", asked.structure.unwrap_or_default());
        return Err(Failure::Usage(format!("{file}: the journal holds {said}; it has {}", known.join(", "))));
    }
    match (asked.of.of.json, asked.of.csv) {
        (true, _) => journal::json(opened, masthead, &statement)?,
        (_, true) => csv(&statement, &rows)?,
        _ => masthead.print().and_then(|()| print(&statement, &rows))?,
    }
    match statement.differ.first() {
        None => Ok(()),
        Some((line, by)) => Err(Failure::Check(format!("{line}: the structures and the whole are {by} apart"))),
    }
}

/// What is asked for, by name: a structure's sleeves, reserve and total, or every structure with sum, whole and check.
fn rows(statement: &Consolidated, asked: &ReportStructures) -> Vec<(String, Identity)> {
    let mut out = Vec::new();
    if let Some(structure) = asked.structure {
        for account in statement.structures.iter().filter(|a| a.structure == structure) {
            out.extend(account.sleeves.iter().map(|part| (part.sleeve.clone(), part.identity)));
            out.push((format!("{structure}.tax reserve"), account.reserve));
            out.push((format!("structure {structure}"), account.total));
        }
        return out;
    }
    if !asked.consolidated {
        out.extend(statement.structures.iter().map(|a| (format!("structure {}", a.structure), a.total)));
        out.push((SUM.to_owned(), statement.sum));
    }
    out.push((WHOLE.to_owned(), statement.whole));
    out
}

fn difference(statement: &Consolidated, line: &str) -> report::figure::Amount {
    statement.differ.iter().find(|(name, _)| *name == line).map(|(_, by)| *by).unwrap_or_default()
}

fn print(statement: &Consolidated, rows: &[(String, Identity)]) -> Result<(), Failure> {
    let names = lines(&Identity::default()).map(|(name, _)| name);
    let columns: Vec<_> = std::iter::once(words("")).chain(names.map(figures)).collect();
    let shown = |(name, identity): &(String, Identity)| -> Vec<String> {
        let amounts = lines(identity).map(|(_, amount)| amount.to_string());
        std::iter::once(name.clone()).chain(amounts).collect()
    };
    let mut all: Vec<Vec<String>> = rows.iter().map(shown).collect();
    if rows.iter().any(|(name, _)| name == WHOLE) {
        let check = names.map(|name| difference(statement, name).to_string());
        all.push(std::iter::once(CHECK.to_owned()).chain(check).collect());
    }
    let title = format!("{}: start + flows + gains = end; flows between structures cancel in the sum", statement.name);
    show::table(&title, columns, all)
}

fn csv(statement: &Consolidated, rows: &[(String, Identity)]) -> Result<(), Failure> {
    let header = [
        "period",
        "of",
        "start",
        "flows",
        "premium",
        "shares",
        "longs",
        "dividends",
        "interest",
        "fees",
        "unrealised",
        "gains",
        "end",
    ];
    let row = |(name, identity): &(String, Identity)| -> [String; 13] {
        let amounts = lines(identity).map(|(_, amount)| plain(&amount));
        std::array::from_fn(|i| match i {
            0 => statement.name.clone(),
            1 => name.clone(),
            i => amounts[i - 2].clone(),
        })
    };
    show::csv(header, rows.iter().map(row))
}
