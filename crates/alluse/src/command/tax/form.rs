//! `alluse tax form-8949`: a year's disposals as a table shaped as the form.

use std::path::Path;

use adapters::trades::read_1099b;
use report::tax::broker::{Difference, Reported1099, compare, reported};
use report::tax::form::COLUMNS;
use report::tax::{Reported, View};

use super::{Declared, impossible};
use crate::failure::Failure;
use crate::home;
use crate::show::{self, figures, prose, words};

/// Prints or writes the table.
pub(super) fn run(declared: &Declared, year: i16, out: Option<&Path>, broker: Option<&Path>) -> Result<(), Failure> {
    let books = declared.books()?;
    super::year::asked(&books, Some(year))?;
    let table = broker.map(table).transpose()?;
    let lines = books.form_8949(year, |sale| match &table {
        Some(table) => reported(table, sale),
        None => Reported::Not,
    });
    let straddles = books.form_6781(year);
    if declared.json {
        return declared.print_json(&serde_json::json!({ "form_8949": lines, "form_6781_part_ii": straddles }));
    }
    let rows = lines.iter().map(report::tax::form::Line::fields);
    let Some(out) = out else { return show::csv(COLUMNS, rows) };
    let text: Vec<String> =
        std::iter::once(show::csv_line(&COLUMNS)).chain(rows.map(|row| show::csv_line(&row))).collect();
    home::write_whole(out, text.join("\n") + "\n")?;
    declared.begin()?;
    let many = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    show::print(&format!("{}: {}", out.display(), many(lines.len(), "line")))?;
    if !straddles.is_empty() {
        show::paragraph(&format!(
            "{} on calls are not among them: they belong on Form 6781, part II (--json shows them).",
            many(straddles.len(), "loss line")
        ))?;
    }
    declared.end(&["T-3", "T-4", "T-5", "T-7"])
}

fn table(file: &Path) -> Result<Vec<Reported1099>, Failure> {
    read_1099b(file).map_err(|e| Failure::Data(e.to_string()))
}

/// Compares a broker's table with the broker's view of the books.
pub(super) fn check(declared: &Declared, year: i16, broker: &Path) -> Result<(), Failure> {
    let books = declared.owner.books(declared.rules(View::Broker)).map_err(|e| impossible(&e))?;
    super::year::asked(&books, Some(year))?;
    let compared = compare(&books, year, &table(broker)?);
    if declared.json {
        return declared.print_json(&compared);
    }
    declared.begin()?;
    show::print(&format!("\n{} lines of {}, {} agree", compared.lines, broker.display(), compared.agree))?;
    if !compared.differences.is_empty() {
        let columns =
            [figures("line"), words("sold"), words("what"), prose("about"), figures("broker"), figures("books")];
        let line = |d: &Difference| d.line.map_or_else(|| show::NONE.to_owned(), |line| line.to_string());
        let row = |d: &Difference| {
            let (sold, about) = (d.sold.to_string(), d.about.to_owned());
            [line(d), sold, d.what.clone(), about, d.broker.clone(), d.books.clone()]
        };
        show::table("Differences", columns, compared.differences.iter().map(row))?;
    }
    declared.end(&["T-1", "T-3"])?;
    match compared.differences.len() {
        0 => Ok(()),
        n => Err(Failure::Check(format!("{}: {n} differences from the books", broker.display()))),
    }
}
