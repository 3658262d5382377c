//! How things look: text to the terminal's width, tables, headings, banners, JSON and CSV.
//!
//! A terminal gets colour and lines of its own width. A pipe or a file gets neither: one sentence is one line there, so
//! that `grep` and `diff` find it whole.

mod csv;
mod progress;
mod screen;
mod table;

use std::io::{self, Write};

use report::figure::{Amount, Share};
use serde::Serialize;

use crate::failure::Failure;

pub(crate) use csv::{csv, csv_line, plain};
pub(crate) use progress::Progress;
pub(crate) use screen::{Screen, wants_colour};
pub(crate) use table::{Column, figures, prose, table, words};

/// Prints a line, or several, to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Says on standard error what must not be overlooked, so that it is in no table or JSON.
pub(crate) fn aside(text: &str) {
    eprintln!("alluse: {text}");
}

/// Prints a paragraph, wrapped on a terminal.
pub(crate) fn paragraph(text: &str) -> Result<(), Failure> {
    print(&Screen::stdout().wrap(text, 0))
}

/// Prints a list, each item wrapped behind its dash.
pub(crate) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Result<(), Failure> {
    let screen = Screen::stdout();
    items.into_iter().try_for_each(|item| print(&screen.wrap(&format!("- {}", item.as_ref()), 2)))
}

/// Prints an empty line and a heading.
pub(crate) fn heading(text: &str) -> Result<(), Failure> {
    let screen = Screen::stdout();
    print(&format!("\n{}", screen.bold(&screen.wrap(text, 0))))
}

/// Prints anything as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).map_err(|e| Failure::System(e.to_string()))?)
}

/// Dollars rounded down to the cent, where a balance holds parts of one.
pub(crate) fn cents(amount: Amount) -> String {
    Amount(amount.0.floor_cents()).to_string()
}

/// What stands where there is no figure.
pub(crate) const NONE: &str = "–";

/// A share that may be absent.
pub(crate) fn share(share: Option<Share>) -> String {
    share.map_or_else(|| NONE.to_owned(), |s| s.to_string())
}

/// A return, with its sign; it may be absent.
pub(crate) fn signed(share: impl Into<Option<Share>>) -> String {
    match share.into() {
        None => NONE.to_owned(),
        Some(share) => {
            let text = share.to_string();
            if share.0 > 0.0 && text != "0.00%" { format!("+{text}") } else { text }
        }
    }
}

/// A ratio that may be absent.
pub(crate) fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| NONE.to_owned(), |r| report::words::minus(&format!("{r:.2}")))
}

/// Hours, minutes and seconds are too coarse here and nanoseconds too fine.
pub(crate) fn seconds(duration: std::time::Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_have_a_sign() {
        for (share, shown) in [(0.0123, "+1.23%"), (-0.0123, "−1.23%"), (0.0, "0.00%"), (0.000_001, "0.00%")] {
            assert_eq!(signed(Share(share)), shown);
        }
        assert_eq!(
            (signed(None), ratio(None), ratio(Some(-0.5))),
            ("–".to_owned(), "–".to_owned(), "−0.50".to_owned())
        );
    }
}
