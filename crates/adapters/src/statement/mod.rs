//! Brokers' statements: read from CSV and OFX, and written.
//!
//! [`plain`] is our own layout of a table; a [`Mapping`] reads anybody else's. [`ofx`] reads OFX 1.x (SGML) and 2.x
//! (XML) and writes 2.x. What cannot be read whole is refused, with file, line, field, what was found and what was
//! expected.

mod amount;
mod mapping;
pub mod ofx;
pub mod plain;

use std::fs;
use std::path::Path;

use ledger::account::Instrument;
use market::instrument::{Series, Symbol};
use report::Statement;

pub use mapping::Mapping;

use crate::books::names;
use crate::fault::{DataError, Fault};

/// No statement comes near this size.
const LARGEST: usize = 256 << 20;

/// Reads the statements in a file: OFX by what it begins with, else a table.
///
/// # Errors
/// [`DataError`] naming file, line and field.
pub fn read(path: &Path, mapping: &Mapping) -> Result<Vec<Statement>, DataError> {
    let expected = "a statement: a table (CSV), or OFX";
    let bytes = fs::read(path).map_err(|e| {
        let fault = match e.kind() {
            std::io::ErrorKind::NotFound => Fault::NoFile { expected: expected.into() },
            _ => Fault::Unreadable { reason: e.to_string(), expected: expected.into() },
        };
        DataError::of_file(path, fault)
    })?;
    parse(path, bytes, mapping)
}

/// The same of bytes that were read already.
///
/// # Errors
/// [`DataError`] naming line and field.
pub fn parse(path: &Path, bytes: Vec<u8>, mapping: &Mapping) -> Result<Vec<Statement>, DataError> {
    if bytes.len() > LARGEST {
        let found = format!("{} bytes", bytes.len());
        return Err(DataError::of_file(
            path,
            Fault::Found { found, expected: "a statement of at most 256 MiB".into() },
        ));
    }
    if ofx::is_ofx(&bytes) { ofx::read(path, &bytes) } else { Ok(vec![plain::read(path, bytes, mapping)?]) }
}

/// What a name stands for: a ticker, an OCC symbol with its padding or without, or the name of exported books.
pub(crate) fn instrument(text: &str) -> Option<Instrument> {
    if let Ok(series) = Series::from_occ(text) {
        return Some(Instrument::Option(series));
    }
    let split = text.len().checked_sub(15).filter(|n| (1..=6).contains(n) && text.is_ascii());
    if let Some(root) = split
        && let Ok(series) = Series::from_occ(&format!("{:<6}{}", &text[..root], &text[root..]))
    {
        return Some(Instrument::Option(series));
    }
    // A ticker that exported books would have to rename is itself in a statement.
    Symbol::new(text).ok().map(Instrument::Shares).or_else(|| names::parse(text))
}

/// How statements name an instrument: by its ticker, an option by its OCC symbol where it has one.
pub(crate) fn identifier(held: &Instrument) -> String {
    match held {
        Instrument::Shares(symbol) => symbol.to_string(),
        Instrument::Option(series) => series.occ().unwrap_or_else(|| names::instrument(held)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruments_are_read_by_any_of_their_names() {
        let put = Instrument::Option(Series::from_occ("TSLA  240614P00182500").unwrap());
        for text in ["TSLA  240614P00182500", "TSLA240614P00182500", "TSLA_240614P182.5"] {
            assert_eq!(instrument(text), Some(put), "{text}");
        }
        assert_eq!(identifier(&put), "TSLA  240614P00182500");
        for text in ["F", "USD", "BRK.B"] {
            let shares = Instrument::Shares(Symbol::new(text).unwrap());
            assert_eq!((instrument(text), identifier(&shares)), (Some(shares), text.to_owned()));
        }
        for text in ["", "apple", "TSLA240614X00182500", "TSLA 240614", "ü240614P00182500"] {
            assert_eq!(instrument(text), None, "{text}");
        }
    }
}
