//! `alluse tax year`: years in figures.

use report::tax::Books;
use report::tax::year::{Part, Totals, Year};

use super::Declared;
use crate::failure::Failure;
use crate::show::{self, figures, words};

const RULES: [&str; 7] = ["T-1", "T-2", "T-3", "T-4", "T-5", "T-6", "T-7"];

/// Prints one year, or a line for each.
pub(super) fn run(declared: &Declared, year: Option<i16>) -> Result<(), Failure> {
    let books = declared.books()?;
    let asked = asked(&books, year)?;
    let years: Vec<Year> = asked.iter().map(|year| books.year(*year)).collect();
    if declared.json {
        return declared.print_json(&years);
    }
    declared.begin()?;
    match (year, years.first()) {
        (Some(_), Some(year)) => full(year)?,
        _ => lines(&years)?,
    }
    declared.end(&RULES)
}

/// The years that are asked about, which must be on record.
pub(super) fn asked(books: &Books, year: Option<i16>) -> Result<Vec<i16>, Failure> {
    let years = books.years();
    match year {
        None => Ok(years),
        Some(year) if years.contains(&year) => Ok(vec![year]),
        Some(year) if years.is_empty() => {
            Err(Failure::Usage(format!("nothing was disposed of or paid in {year}, nor in any other year")))
        }
        Some(year) => {
            let known = years.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Err(Failure::Usage(format!("nothing was disposed of or paid in {year}; there are {known}")))
        }
    }
}

fn lines(years: &[Year]) -> Result<(), Failure> {
    let columns = [
        words("year"),
        figures("short-term"),
        figures("long-term"),
        figures("of it written options"),
        figures("disallowed (W)"),
        figures("waits (straddles)"),
        figures("qualified dividends"),
        figures("other dividends"),
        figures("interest"),
    ];
    let row = |year: &Year| {
        let part = &year.total;
        let open = if year.complete { "" } else { " *" };
        [
            format!("{}{open}", year.year),
            part.short_term.gain.to_string(),
            part.long_term.gain.to_string(),
            part.written_options.to_string(),
            (part.short_term.adjustment.0 + part.long_term.adjustment.0).to_string(),
            part.deferred.to_string(),
            part.qualified_dividends.to_string(),
            part.other_dividends.to_string(),
            part.interest.to_string(),
        ]
    };
    show::table("Tax years, all taxable accounts", columns, years.iter().map(row))?;
    match years.iter().find(|year| !year.complete) {
        Some(open) => show::paragraph(&unfinished(open)),
        None => Ok(()),
    }
}

pub(super) fn unfinished(year: &Year) -> String {
    let (through, of) = (year.through, year.year);
    if through.0.year() > of && (through.0.month(), through.0.day()) > (1, 29) || through.0.year() > of + 1 {
        return format!(
            "* The books go to {through}: {of} is not final while shares may still leave too soon after a qualified \
             covered call over them was closed at a loss."
        );
    }
    format!(
        "* The books go to {through}: {of} is not final until 30 days after it ends, since a later purchase can still \
         wash a loss."
    )
}

fn full(year: &Year) -> Result<(), Failure> {
    if year.accounts.len() > 1 {
        for part in &year.accounts {
            print_part(year.year, part)?;
        }
    }
    print_part(year.year, &year.total)?;
    if year.unmarked_1256 > 0 {
        show::paragraph(&format!(
            "NOT MARKED: {} contracts on broad indices were open when {} ended. The law marks them to market then (IRC \
             1256(a)(1)); no price of them is on record, so that their gain or loss is left to the year of the close.",
            year.unmarked_1256, year.year
        ))?;
    }
    if year.complete { Ok(()) } else { show::paragraph(&unfinished(year)) }
}

fn print_part(year: i16, part: &Part) -> Result<(), Failure> {
    let columns =
        [words(""), figures("lines"), figures("proceeds"), figures("basis"), figures("disallowed"), figures("gain")];
    let row = |name: &str, totals: &Totals| {
        [
            name.to_owned(),
            totals.lines.to_string(),
            totals.proceeds.to_string(),
            totals.basis.to_string(),
            totals.adjustment.to_string(),
            totals.gain.to_string(),
        ]
    };
    let untaxed = if part.retirement { " (retirement: nothing of this is taxed)" } else { "" };
    let rows = [row("short-term", &part.short_term), row("long-term", &part.long_term)];
    show::table(&format!("{year}, {}{untaxed}", part.account), columns, rows)?;
    let others = [
        ("of it written options", part.written_options),
        ("losses on calls that wait for a later year (T-5)", part.deferred),
        ("losses on calls that had waited", part.released),
        ("losses that no basis carries: replaced in a retirement account", part.lost),
        ("section 1256 contracts: gain", part.section_1256),
        ("section 1256 contracts: its long-term part, 60%", part.section_1256_long),
        ("qualified dividends", part.qualified_dividends),
        ("other dividends", part.other_dividends),
        ("other dividends that may still become qualified", part.undecided_dividends),
        ("interest, ordinary income", part.interest),
        ("what the trades really brought", part.economic),
        ("capital gain of the year", part.capital_gain().into()),
    ];
    let rows = others.iter().map(|(name, amount)| [(*name).to_owned(), amount.to_string()]);
    show::table("and", [words(""), figures("dollars")], rows)
}
