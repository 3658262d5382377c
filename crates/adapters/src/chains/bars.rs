//! Zip archives of bars, a member for each series, without a header (LEAN's option data).
//!
//! An archive of days or hours has members `SYMBOL_KIND_STYLE_RIGHT_STRIKE_EXPIRATION.csv`, whose rows begin with
//! `YYYYMMDD HH:MM`; at 00:00 a row is a day, else an hour that begins there. An archive of minutes has members
//! `DATE_SYMBOL_minute_KIND_STYLE_RIGHT_STRIKE_EXPIRATION.csv`, whose rows begin with milliseconds since midnight.
//! Times are New York's. Prices and strikes are ten-thousandths of a dollar. After the time a row has
//!
//! - of a quote: open, high, low, close of the bid, its size, then the same of the ask, each side empty where nobody
//!   was;
//! - of a trade: open, high, low, close, volume;
//! - of open interest: the contracts.
//!
//! Bid and ask are those at the end of a bar.

use std::path::Path;

use jiff::Timestamp;
use market::instrument::{Series, Symbol};
use market::time::{Calendar, Date};
use market::value::Price;

use super::{ChainFile, ChainRow, Every, compact_date, not_this, unpack};
use crate::fault::DataError;
use crate::table::{Row, Table};

const QUOTE: [&str; 11] = [
    "time",
    "bid open",
    "bid high",
    "bid low",
    "bid close",
    "bid size",
    "ask open",
    "ask high",
    "ask low",
    "ask close",
    "ask size",
];
const TRADE: [&str; 6] = ["time", "open", "high", "low", "close", "volume"];
const INTEREST: [&str; 2] = ["time", "open interest"];
const TIME: usize = 0;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[derive(Clone, Copy)]
enum Kind {
    Quote,
    Trade,
    Interest,
}

impl Kind {
    fn of(word: &str) -> Option<Kind> {
        match word {
            "quote" => Some(Kind::Quote),
            "trade" => Some(Kind::Trade),
            "openinterest" => Some(Kind::Interest),
            _ => None,
        }
    }
}

/// Whether an archive of this name, without its ending, holds bars.
pub(super) fn is_bars(stem: &str) -> bool {
    let mut words = stem.rsplit('_');
    words.next().is_some_and(is_style) && words.next().is_some_and(|word| Kind::of(word).is_some())
}

fn is_style(word: &str) -> bool {
    matches!(word, "american" | "european")
}

/// What a member's name says: the series, what its rows are, and their date where they only have a time.
struct Member {
    kind: Kind,
    series: Series,
    date: Option<Date>,
}

impl Member {
    fn of(name: &str, calendar: &Calendar) -> Option<Member> {
        let stem = name.rsplit('/').next()?.strip_suffix(".csv")?;
        let words: Vec<&str> = stem.split('_').collect();
        let (date, symbol, rest) = match words.as_slice() {
            [date, symbol, "minute", rest @ ..] => (Some(compact_date(date)?), symbol, rest),
            [symbol, rest @ ..] => (None, symbol, rest),
            [] => return None,
        };
        let [kind, style, right, strike, expires] = rest else { return None };
        let strike = strike.parse().ok().filter(|units| (1..=i64::from(u32::MAX)).contains(units))?;
        let series = Series {
            underlying: Symbol::new(&symbol.to_ascii_uppercase()).ok()?,
            expiration: super::expiration(compact_date(expires)?, calendar),
            right: super::right(right)?,
            strike: Price::from_units(strike),
        };
        is_style(style).then_some(Member { kind: Kind::of(kind)?, series, date })
    }
}

/// Reads one member of an archive.
pub(super) fn parse(archive: &Path, member: &str, bytes: Vec<u8>, calendar: &Calendar) -> Result<ChainFile, DataError> {
    let name = unpack::member(archive, member);
    let Some(Member { kind, series, date }) = Member::of(member, calendar) else {
        let expected = "a name such as aapl_quote_american_put_1950000_20240614.csv, or, of minutes, \
                        20240603_aapl_minute_quote_american_put_1950000_20240614.csv";
        return Err(not_this(name, "a name that does not say its series", expected));
    };
    let of = Of { series, date, calendar };
    let rows = match kind {
        Kind::Quote => rows(&name, bytes, QUOTE, |row| {
            let touch = |price| Ok::<_, DataError>(units(row, price)?.unwrap_or(Price::ZERO));
            Ok(ChainRow {
                bid: Some(touch(4)?),
                bid_size: row.count(5)?,
                ask: Some(touch(9)?),
                ask_size: row.count(10)?,
                ..of.row(row)?
            })
        }),
        Kind::Trade => rows(&name, bytes, TRADE, |row| {
            Ok(ChainRow { last: units(row, 4)?, volume: row.count(5)?, ..of.row(row)? })
        }),
        Kind::Interest => {
            rows(&name, bytes, INTEREST, |row| Ok(ChainRow { open_interest: row.count(1)?, at: None, ..of.row(row)? }))
        }
    };
    Ok(ChainFile { name, rows: rows? })
}

fn rows<const N: usize>(
    name: &Path,
    bytes: Vec<u8>,
    columns: [&'static str; N],
    make: impl Fn(&Row<'_, N>) -> Result<ChainRow, DataError>,
) -> Result<Vec<ChainRow>, DataError> {
    let table = Table::without_header(name.to_path_buf(), bytes, &columns)?;
    table.rows(columns)?.map(|row| make(&row?)).collect()
}

/// What an intraday row covers, and when it ends: seconds since midnight.
type End = (Every, i64);

/// What all rows of a member are of.
struct Of<'a> {
    series: Series,
    date: Option<Date>,
    calendar: &'a Calendar,
}

impl Of<'_> {
    fn row<const N: usize>(&self, row: &Row<'_, N>) -> Result<ChainRow, DataError> {
        let (date, ends) = match self.date {
            Some(date) => (date, Some((Every::Minute, seconds(row)? + MINUTE))),
            None => date_and_hour(row)?,
        };
        let Some((every, ends)) = ends else { return Ok(ChainRow::new(row.line, self.series, date, Every::Session)) };
        let at = at(self.calendar, date, ends).ok_or_else(|| row.wrong(TIME, "a time on a session of NYSE"))?;
        Ok(ChainRow { at: Some(at), ..ChainRow::new(row.line, self.series, date, every) })
    }
}

/// The instant `seconds` after midnight in New York, on a session.
pub(super) fn at(calendar: &Calendar, date: Date, seconds: i64) -> Option<Timestamp> {
    calendar.session(date).map(|day| calendar.at(day, seconds))
}

/// Seconds since midnight out of milliseconds.
fn seconds<const N: usize>(row: &Row<'_, N>) -> Result<i64, DataError> {
    let read = row.decimal(TIME).and_then(crate::text::Decimal::whole).and_then(|ms| i64::try_from(ms).ok());
    let read = read.map(|ms| ms / 1000).filter(|seconds| *seconds < DAY);
    read.ok_or_else(|| row.wrong(TIME, "milliseconds since midnight, such as 34200000"))
}

/// `YYYYMMDD HH:MM`: the date and, unless it is midnight, when the hour ends.
fn date_and_hour<const N: usize>(row: &Row<'_, N>) -> Result<(Date, Option<End>), DataError> {
    let read = || {
        let (date, time) = row.text(TIME).split_once(' ')?;
        Some((compact_date(date)?, clock(time)?))
    };
    let (date, begins) = read().ok_or_else(|| row.wrong(TIME, "a date and a time such as 20240603 09:00"))?;
    Ok((date, (begins > 0).then_some((Every::Hour, begins + HOUR))))
}

/// Seconds since midnight of `HH:MM` or `HH:MM:SS`.
pub(super) fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().ok().filter(|_| part.len() == 2));
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    let sound = (0..24).contains(&hours) && (0..60).contains(&minutes) && (0..60).contains(&seconds);
    (sound && parts.next().is_none()).then_some(hours * HOUR + minutes * MINUTE + seconds)
}

/// A price in ten-thousandths of a dollar; absent where the field is empty.
fn units<const N: usize>(row: &Row<'_, N>, field: usize) -> Result<Option<Price>, DataError> {
    if row.text(field).is_empty() {
        return Ok(None);
    }
    let whole = row.decimal(field).and_then(crate::text::Decimal::whole).and_then(|n| i64::try_from(n).ok());
    let price = whole.map(Price::from_units).filter(|price| *price <= Price::dollars(10_000_000));
    price.map(Some).ok_or_else(|| row.wrong(field, "a whole number of ten-thousandths of a dollar, such as 17000"))
}
