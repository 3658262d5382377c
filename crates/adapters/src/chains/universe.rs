//! All series of a symbol on one date, `SYMBOL/YYYYMMDD.csv` (LEAN's option universes).
//!
//! The header is `#expiry,strike,right,open,high,low,close,volume,open_interest`, then figures of a model that are
//! passed over. The first row has no expiry and is the underlying's own bar. Prices are dollars. There is no bid and no
//! ask: such a file can fill the gates on volume and open interest and nothing else.

use std::path::PathBuf;

use market::instrument::{Series, Symbol};
use market::time::{Calendar, Date};
use market::value::Price;

use super::{ChainFile, ChainRow, Every, compact_date, not_this};
use crate::fault::DataError;
use crate::table::{Row, Table};

const COLUMNS: [&str; 6] = ["#expiry", "strike", "right", "close", "volume", "open_interest"];
const EXPIRY: usize = 0;
const STRIKE: usize = 1;
const RIGHT: usize = 2;
const CLOSE: usize = 3;
const VOLUME: usize = 4;
const INTEREST: usize = 5;

/// Reads one file. Its path says symbol and date.
pub(super) fn parse(path: PathBuf, bytes: Vec<u8>, calendar: &Calendar) -> Result<ChainFile, DataError> {
    let folder = path.parent().and_then(|p| p.file_name()).map(|name| name.to_string_lossy().to_ascii_uppercase());
    let symbol = folder.and_then(|name| Symbol::new(&name).ok());
    let Some((symbol, date)) = symbol.zip(compact_date(&super::stem(&path))) else {
        return Err(not_this(path, "a path that does not say what it holds", "one that ends in SYMBOL/YYYYMMDD.csv"));
    };
    let table = Table::of_bytes(path.clone(), bytes, "the series of a symbol on one date")?;
    let (mut rows, mut underlying) = (Vec::new(), None);
    for line in table.rows(COLUMNS)? {
        let line = line?;
        if line.text(EXPIRY).is_empty() {
            underlying = Some(line.price(CLOSE)?);
        } else {
            rows.push(row(&line, symbol, date, underlying, calendar)?);
        }
    }
    Ok(ChainFile { name: path, rows })
}

fn row(
    row: &Row<'_, 6>,
    symbol: Symbol,
    date: Date,
    underlying: Option<Price>,
    calendar: &Calendar,
) -> Result<ChainRow, DataError> {
    let expires = compact_date(row.text(EXPIRY)).ok_or_else(|| row.wrong(EXPIRY, "a date such as 20240614"))?;
    let right = super::right(row.text(RIGHT)).ok_or_else(|| row.wrong(RIGHT, "P or C"))?;
    let series = Series {
        underlying: symbol,
        expiration: super::expiration(expires, calendar),
        right,
        strike: row.price(STRIKE)?,
    };
    Ok(ChainRow {
        volume: row.count(VOLUME)?,
        open_interest: row.count(INTEREST)?,
        underlying,
        ..ChainRow::new(row.line, series, date, Every::Session)
    })
}
