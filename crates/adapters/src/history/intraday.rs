//! Bars of a quarter of an hour: `bars-15m/SYMBOL_15m.csv.gz` with the columns date, open, high, low and close, each
//! bar dated by its beginning and with its distance from UTC. Every bar of every session from the first to the last
//! must be there, none beside them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::tz::Offset;
use market::history::{IntradayBar, IntradaySession};
use market::instrument::Symbol;
use market::time::{Calendar, TradingDay};

use crate::fault::{DataError, Fault};
use crate::table::{Row, Table};

const COLUMNS: [&str; 5] = ["date", "open", "high", "low", "close"];
const DATE: usize = 0;
/// Most bytes of such a file unpacked; ten years of bars are a hundredth of it.
const MOST: u64 = 1 << 30;
const STEP: i64 = IntradaySession::MINUTES * 60;

/// Reads the bars of one symbol.
pub(super) fn read(dir: &Path, symbol: Symbol, calendar: &Calendar) -> Result<Vec<IntradaySession>, DataError> {
    let path = dir.join("bars-15m").join(format!("{symbol}_15m.csv.gz"));
    let expected =
        format!("bars of a quarter of an hour of {symbol}, packed by gzip, with the columns {}", COLUMNS.join(","));
    let bytes = unpacked(&path).map_err(|error| {
        let expected = expected.clone().into();
        DataError::of_file(
            &path,
            match error.kind() {
                io::ErrorKind::NotFound => Fault::NoFile { expected },
                _ => Fault::Unreadable { reason: error.to_string(), expected },
            },
        )
    })?;
    let table = Table::of_bytes(path, bytes, expected)?;
    let mut sessions = Sessions { calendar, read: Vec::new(), next: None };
    let mut last = 1;
    for row in table.rows(COLUMNS)? {
        let row = row?;
        last = row.line;
        sessions.take(&row)?;
    }
    if sessions.read.is_empty() {
        return Err(table.without_rows("a bar for each quarter of an hour"));
    }
    if let Some((day, at)) = sessions.next.filter(|(day, at)| *at > calendar.opens_at(*day)) {
        let problem = format!("{day} ends before {}; expected its bars to the close", sessions.named(day, at));
        return Err(table.error(last, COLUMNS[DATE], Fault::Unsound { problem }));
    }
    Ok(sessions.read)
}

fn unpacked(path: &PathBuf) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(File::open(path)?).take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other(format!("it holds more than {MOST} bytes")));
    }
    Ok(bytes)
}

/// Sessions as they are read, and the beginning of the bar that must come next.
struct Sessions<'a> {
    calendar: &'a Calendar,
    read: Vec<IntradaySession>,
    next: Option<(TradingDay, Timestamp)>,
}

impl Sessions<'_> {
    fn take(&mut self, row: &Row<'_, 5>) -> Result<(), DataError> {
        let begins: Timestamp = row
            .text(DATE)
            .parse()
            .map_err(|_| row.wrong(DATE, "a moment with its distance from UTC, such as 2024-06-10 13:30:00+00:00"))?;
        let day = self.session(begins).ok_or_else(|| {
            let problem = format!(
                "{} lies in no session of NYSE; expected bars from the opening to the close, and no others",
                row.text(DATE)
            );
            row.unsound(DATE, problem)
        })?;
        let (session, next) = self.next.unwrap_or_else(|| (day, self.calendar.opens_at(day)));
        if begins != next {
            let (found, missing) = (self.named(day, begins), self.named(session, next));
            let problem = if begins < next && !self.read.is_empty() {
                format!("the bar of {found} stands twice or out of order; expected that of {missing}")
            } else {
                format!("the bar of {found} comes where that of {missing} is missing; expected one each quarter hour")
            };
            return Err(row.unsound(DATE, problem));
        }
        let bar = bar(row)?;
        match self.read.last_mut() {
            Some(last) if last.day == day => last.bars.push(bar),
            _ => self.read.push(IntradaySession { day, bars: vec![bar] }),
        }
        let after = Timestamp::from_second(begins.as_second() + STEP).unwrap_or(Timestamp::MAX);
        let next = self.calendar.next(day);
        self.next = Some(if after < self.calendar.closes_at(day) {
            (day, after)
        } else {
            (next, self.calendar.opens_at(next))
        });
        Ok(())
    }

    /// The session in which a moment lies. Sessions begin and end on one day in UTC.
    fn session(&self, at: Timestamp) -> Option<TradingDay> {
        let day = self.calendar.session(Offset::UTC.to_datetime(at).date())?;
        (self.calendar.opens_at(day) <= at && at < self.calendar.closes_at(day)).then_some(day)
    }

    /// A moment by the session and the time in New York.
    fn named(&self, day: TradingDay, at: Timestamp) -> String {
        let minutes = (at.as_second() - self.calendar.at(day, 0).as_second()) / 60;
        format!("{day} {:02}:{:02} in New York", minutes / 60, minutes % 60)
    }
}

fn bar(row: &Row<'_, 5>) -> Result<IntradayBar, DataError> {
    let bar = IntradayBar { open: row.price(1)?, high: row.price(2)?, low: row.price(3)?, close: row.price(4)? };
    let within = |price| bar.low <= price && price <= bar.high;
    match [(1, bar.open), (4, bar.close)].into_iter().find(|(_, price)| !within(*price)) {
        None => Ok(bar),
        Some((field, price)) => {
            let problem = format!("{price}; expected it between the low {} and the high {}", bar.low, bar.high);
            Err(row.unsound(field, problem))
        }
    }
}
