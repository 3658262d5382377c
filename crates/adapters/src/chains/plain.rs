//! The plain layout: one table for any vendor's chains, and what `alluse data import` writes.
//!
//! A `.csv` with a header; columns stand by name in any place, in any case, and others are passed over.
//!
//! | column | what it is |
//! |---|---|
//! | `symbol` | the underlying's ticker |
//! | `session` | the date, `YYYY-MM-DD` |
//! | `expiration` | the last day of the option's life, `YYYY-MM-DD` |
//! | `right` | `put`, `call`, `P` or `C` |
//! | `strike` | dollars, of that day (not adjusted for later splits) |
//! | `bid`, `ask` | dollars a share; 0 where nobody bids or offers, empty where it was not recorded |
//! | `time` | when they stood, New York's `HH:MM` or `HH:MM:SS`; absent or empty: at the close |
//! | `bid_size`, `ask_size`, `volume`, `open_interest` | contracts |
//! | `last`, `underlying` | dollars |
//!
//! The first seven columns are required, the others may be left out.

use std::fmt::Write as _;
use std::path::PathBuf;

use market::instrument::{Right, Series};
use market::time::{Calendar, Expiration};
use market::value::{Price, UNITS_PER_DOLLAR};

use super::{ChainFile, ChainRow, Every, bars};
use crate::fault::DataError;
use crate::table::{Row, Table};

/// The columns that must be there.
pub const REQUIRED: [&str; 7] = ["symbol", "session", "expiration", "right", "strike", "bid", "ask"];

/// All columns, the required ones first.
pub const COLUMNS: [&str; 14] = [
    REQUIRED[0],
    REQUIRED[1],
    REQUIRED[2],
    REQUIRED[3],
    REQUIRED[4],
    REQUIRED[5],
    REQUIRED[6],
    "time",
    "bid_size",
    "ask_size",
    "last",
    "volume",
    "open_interest",
    "underlying",
];

/// Reads one file.
///
/// # Errors
/// [`DataError`] naming line and column.
pub fn parse(name: PathBuf, bytes: Vec<u8>, calendar: &Calendar) -> Result<ChainFile, DataError> {
    let table = Table::of_bytes(name.clone(), bytes, "option chains in the plain layout")?;
    let wanted = |column| column < REQUIRED.len() || table.has(COLUMNS[column]);
    let rows = table.rows_of(COLUMNS, wanted)?.map(|line| row(&line?, calendar));
    Ok(ChainFile { name, rows: rows.collect::<Result<_, _>>()? })
}

fn row(row: &Row<'_, 14>, calendar: &Calendar) -> Result<ChainRow, DataError> {
    let date = row.date(1)?;
    let expiration = row.date(2)?;
    if expiration < date {
        return Err(row.unsound(2, format!("{expiration} lies before the session {date}; expected it on or after")));
    }
    let right = super::right(row.text(3)).ok_or_else(|| row.wrong(3, "put, call, P or C"))?;
    let series =
        Series { underlying: row.symbol(0)?, expiration: Expiration(expiration), right, strike: row.price(4)? };
    let at = match row.text(7) {
        "" => None,
        time => {
            let read = bars::clock(time).ok_or_else(|| row.wrong(7, "a time such as 15:45, or nothing"))?;
            let at = bars::at(calendar, date, read);
            Some(at.ok_or_else(|| row.wrong(1, "a session of NYSE, for a time of day to mean anything"))?)
        }
    };
    let every = if at.is_some() { Every::Minute } else { Every::Session };
    Ok(ChainRow {
        at,
        bid: row.quote(5)?,
        ask: row.quote(6)?,
        bid_size: row.count(8)?,
        ask_size: row.count(9)?,
        last: row.quote(10)?,
        volume: row.count(11)?,
        open_interest: row.count(12)?,
        underlying: row.quote(13)?,
        ..ChainRow::new(row.line, series, date, every)
    })
}

/// Rows as a file in this layout, without times: each stands at the close.
#[must_use]
pub fn write(rows: &[ChainRow]) -> String {
    let price = |price: Option<Price>| price.map_or_else(String::new, dollars);
    let count = |count: Option<u32>| count.map_or_else(String::new, |n| n.to_string());
    let mut text = format!("{},{}\n", REQUIRED.join(","), COLUMNS[8..].join(","));
    for row in rows {
        let Series { underlying, expiration, right, strike } = row.series;
        let right = if right == Right::Put { "put" } else { "call" };
        let _ = writeln!(
            text,
            "{underlying},{},{expiration},{right},{},{},{},{},{},{},{},{},{}",
            row.date,
            dollars(strike),
            price(row.bid),
            price(row.ask),
            count(row.bid_size),
            count(row.ask_size),
            price(row.last),
            count(row.volume),
            count(row.open_interest),
            price(row.underlying)
        );
    }
    text
}

/// A price as files have it: at least two decimals, no sign, no comma.
pub(crate) fn dollars(price: Price) -> String {
    let (whole, part) = (price.units() / UNITS_PER_DOLLAR, price.units() % UNITS_PER_DOLLAR);
    if part % 100 == 0 { format!("{whole}.{:02}", part / 100) } else { format!("{whole}.{part:04}") }
}
