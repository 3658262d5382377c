//! `alluse tax form-8949`: a year's disposals as a table shaped as the form.

use std::path::Path;

use report::tax::Reported;
use report::tax::form::COLUMNS;

use super::Declared;
use crate::failure::Failure;
use crate::home;
use crate::show;

/// Prints or writes the table.
pub(super) fn run(declared: &Declared, year: i16, out: Option<&Path>) -> Result<(), Failure> {
    let books = declared.books()?;
    let lines = books.form_8949(year, |_| Reported::Not);
    let straddles = books.form_6781(year);
    if declared.json {
        return declared.print_json(&serde_json::json!({ "form_8949": lines, "form_6781_part_ii": straddles }));
    }
    let rows = lines.iter().map(report::tax::form::Line::fields);
    let Some(out) = out else { return show::csv(COLUMNS, rows) };
    let text: Vec<String> =
        std::iter::once(show::csv_line(&COLUMNS)).chain(rows.map(|row| show::csv_line(&row))).collect();
    home::write_whole(out, &(text.join("\n") + "\n"))?;
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
