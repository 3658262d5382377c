//! What was measured at another time, and stands in a document with its date and command.

use super::page::{Line, Verdict};
use crate::tidy::tree::Tree;

const MUTATION: &str = "docs/mutation.md";

/// The line on planted faults.
pub(super) fn mutation(tree: &Tree) -> Line {
    let about = "planted faults";
    let from = format!("{MUTATION}, which has the commands");
    match tree.text(MUTATION).and_then(read) {
        Some((measured, rows)) => Line {
            about,
            verdict: Verdict::Recorded,
            said: format!("{measured}: {}", rows.join(", ")),
            from,
            more: Vec::new(),
        },
        None => {
            let said = "no date with a table of what was killed was found".to_owned();
            Line { about, verdict: Verdict::NotShown, said, from, more: Vec::new() }
        }
    }
}

/// When and with what it was measured, and for each row what was killed.
fn read(text: &str) -> Option<(String, Vec<String>)> {
    let line = text.lines().find(|line| line.starts_with("Measured on "))?;
    let measured = line.split(',').next()?.replacen("Measured", "measured", 1);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells.get(1).filter(|name| name.starts_with('`'))?;
        let killed = cells.iter().find(|cell| cell.starts_with("**") && cell.contains('%'))?;
        Some(format!("{name} {} killed", killed.trim_matches('*')))
    };
    let rows: Vec<String> = text.lines().filter_map(row).collect();
    (!rows.is_empty()).then_some((measured, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_and_rows_are_read_and_their_absence_is_told() {
        let text = "Measured on 2026-11-29 with cargo-mutants 27.1.0, every fault\n\n| | planted | now | survive |\n\
                    |---|---|---|---|\n| `ledger` | 924 | **703 (99.4%)** | 4 |\n| `x` | why | it | lives |\n";
        let (measured, rows) = read(text).expect("it is there");
        assert_eq!(measured, "measured on 2026-11-29 with cargo-mutants 27.1.0");
        assert_eq!(rows, ["`ledger` 703 (99.4%) killed"]);
        assert_eq!(mutation(&Tree::of([(MUTATION, "# Nothing yet\n")])).verdict, Verdict::NotShown);
        assert_eq!(mutation(&Tree::of([(MUTATION, text)])).verdict, Verdict::Recorded);
    }
}
