//! A file for each date and expiration, `…/YYYY/MM/DD/EXPIRATION.csv`: the chain at the close.
//!
//! Columns `contractSymbol` (OCC), `type`, `strike`, `bid`, `ask`, `volume` and `openInterest` stand by name in any
//! place; `lastPrice` may. Such archives also hold files for weekdays on which the exchange was closed, copied from the
//! session before.

use std::fmt::Display;
use std::path::PathBuf;

use market::instrument::Series;
use market::time::{Date, Expiration};

use super::{ChainFile, ChainRow, Every, not_this};
use crate::fault::DataError;
use crate::table::{Row, Table};

const COLUMNS: [&str; 8] = ["contractSymbol", "type", "strike", "bid", "ask", "volume", "openInterest", "lastPrice"];
const SYMBOL: usize = 0;
const TYPE: usize = 1;
const STRIKE: usize = 2;
const BID: usize = 3;
const ASK: usize = 4;
const VOLUME: usize = 5;
const INTEREST: usize = 6;
const LAST: usize = 7;

/// Date and expiration of `…/YYYY/MM/DD/YYYY-MM-DD.csv`, the expiration not before the date.
pub(super) fn dates(path: &str) -> Option<(Date, Date)> {
    let mut parts = path.strip_suffix(".gz").unwrap_or(path).strip_suffix(".csv")?.rsplit(['/', '\\']);
    let expiration = crate::text::date(parts.next()?)?;
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let date = crate::text::date(&format!("{year}-{month}-{day}"))?;
    (date <= expiration).then_some((date, expiration))
}

/// Reads one file. Its name says date and expiration.
pub(super) fn parse(name: PathBuf, bytes: Vec<u8>) -> Result<ChainFile, DataError> {
    let Some((date, expiration)) = dates(&name.to_string_lossy()) else {
        let found = "a path that does not say what it holds";
        return Err(not_this(
            name,
            found,
            "one that ends in YYYY/MM/DD/YYYY-MM-DD.csv, the expiration not before the date",
        ));
    };
    let table = Table::of_bytes(name.clone(), bytes, "the chain of one expiration")?;
    let wanted = |column| column != LAST || table.has(COLUMNS[LAST]);
    let rows = table.rows_of(COLUMNS, wanted)?.map(|line| row(&line?, date, Expiration(expiration)));
    Ok(ChainFile { name, rows: rows.collect::<Result<_, _>>()? })
}

fn row(row: &Row<'_, 8>, date: Date, expiration: Expiration) -> Result<ChainRow, DataError> {
    let series = series(row)?;
    agrees(row, TYPE, series.right, super::right(row.text(TYPE)))?;
    agrees(row, STRIKE, series.strike, row.quote(STRIKE)?)?;
    if series.expiration != expiration {
        return Err(row.wrong(SYMBOL, format!("an option that expires on {expiration}, as the file's name says")));
    }
    Ok(ChainRow {
        bid: row.quote(BID)?,
        ask: row.quote(ASK)?,
        last: row.quote(LAST)?,
        volume: row.count(VOLUME)?,
        open_interest: row.count(INTEREST)?,
        ..ChainRow::new(row.line, series, date, Every::Session)
    })
}

/// A field that repeats what the contract's symbol says.
fn agrees<T: PartialEq + Display>(row: &Row<'_, 8>, field: usize, said: T, found: Option<T>) -> Result<(), DataError> {
    if found.as_ref() == Some(&said) { Ok(()) } else { Err(row.wrong(field, format!("{said}, as the symbol has"))) }
}

/// The OCC symbol without its root's padding: everything before the last 15 characters is the root.
fn series(row: &Row<'_, 8>) -> Result<Series, DataError> {
    let symbol = row.text(SYMBOL);
    let split = symbol.len().checked_sub(15).filter(|at| symbol.is_char_boundary(*at));
    let padded = split.map(|at| format!("{:<6}{}", &symbol[..at], &symbol[at..]));
    let read = padded.and_then(|padded| Series::from_occ(&padded).ok());
    read.ok_or_else(|| row.wrong(SYMBOL, "an OCC option symbol: root, YYMMDD, P or C, strike"))
}
