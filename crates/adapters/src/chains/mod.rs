//! Option chains from files: several layouts, one shape.
//!
//! | layout | files | what a row holds |
//! |---|---|---|
//! | [`Layout::Expirations`] | `NAME.tar.xz` of, or a folder with, `…/YYYY/MM/DD/EXPIRATION.csv` | the close |
//! | [`Layout::Bars`] | `…_{quote,trade,openinterest}_{american,european}.zip` | a series' day, hour or minute |
//! | [`Layout::Universe`] | `SYMBOL/YYYYMMDD.csv`, also packed by gzip | a last price, volume and open interest |
//! | [`Layout::Plain`] | any other `.csv`, also packed by gzip | what its columns say ([`plain::REQUIRED`]) |
//!
//! [`find()`] lists what a folder holds, [`read`] hands on the rows of one file, and [`Collected`] puts together what
//! several files say of one series on one session. Whatever cannot be read is refused with its file, line and column;
//! what can be read and looks wrong is counted by [`quality`], and is no quote ([`Collected::quoted`]).

mod bars;
mod collected;
mod expirations;
mod find;
pub mod plain;
pub mod quality;
mod spreads;
mod universe;
mod unpack;

use std::io::{Read, Seek};
use std::path::PathBuf;

use jiff::Timestamp;
use market::instrument::{Right, Series};
use market::time::{Calendar, Date, Expiration};
use market::value::Price;

pub use crate::fault::{DataError, Fault};
pub use collected::{Collected, Day, Seen};
pub use find::{Folder, Layout, Source, find};
pub use spreads::{observe_spreads, refuse_crossed};

/// How long a row's figures took to gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Every {
    /// An hour.
    Hour,
    /// A minute, or one moment.
    Minute,
    /// The whole session: bid and ask stood at its close.
    Session,
}

/// One option as a file has it, at one time. A file fills what it knows; zero and unknown are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainRow {
    /// Line of the file, from 1.
    pub line: u32,
    /// The option.
    pub series: Series,
    /// The date that it is filed under; not always a session.
    pub date: Date,
    /// When bid and ask stood; absent at the session's close.
    pub at: Option<Timestamp>,
    /// What the row covers.
    pub every: Every,
    /// Best bid in dollars; zero where nobody bids, absent where none was recorded.
    pub bid: Option<Price>,
    /// Best ask, likewise.
    pub ask: Option<Price>,
    /// Contracts bid for.
    pub bid_size: Option<u32>,
    /// Contracts offered.
    pub ask_size: Option<u32>,
    /// Last price of a trade.
    pub last: Option<Price>,
    /// Contracts traded in the time that the row covers.
    pub volume: Option<u32>,
    /// Contracts open.
    pub open_interest: Option<u32>,
    /// Price of what is delivered.
    pub underlying: Option<Price>,
}

impl ChainRow {
    /// A row that knows nothing but what it is of.
    const fn new(line: u32, series: Series, date: Date, every: Every) -> Self {
        ChainRow {
            line,
            series,
            date,
            at: None,
            every,
            bid: None,
            ask: None,
            bid_size: None,
            ask_size: None,
            last: None,
            volume: None,
            open_interest: None,
            underlying: None,
        }
    }

    /// Bid and ask where somebody bids and somebody offers.
    #[must_use]
    pub fn touch(&self) -> Option<(Price, Price)> {
        self.bid.zip(self.ask).filter(|(bid, ask)| *bid > Price::ZERO && *ask > Price::ZERO)
    }

    /// Whether somebody bids more than somebody asks: two moments were mixed, or the file is at fault.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        self.touch().is_some_and(|(bid, ask)| bid > ask)
    }

    /// Whether it says anything of bid or ask.
    const fn has_touch(&self) -> bool {
        self.bid.is_some() || self.ask.is_some()
    }
}

/// Rows of one file, or of one member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFile {
    /// The file, and the member in it, for messages.
    pub name: PathBuf,
    /// Rows in the file's order.
    pub rows: Vec<ChainRow>,
}

/// Hands each file of a source to `visit`, in the archive's order; members that hold no chain are passed over.
///
/// # Errors
/// [`DataError`] naming file, line and column; and whatever `visit` refuses.
pub fn read<E: From<DataError>>(
    source: &Source,
    calendar: &Calendar,
    visit: impl FnMut(ChainFile) -> Result<(), E>,
) -> Result<(), E> {
    parse(source, unpack::open(&source.path)?, calendar, visit)
}

/// The same of a file that is open; its source says what it is.
///
/// # Errors
/// As [`read`].
pub fn parse<E: From<DataError>>(
    source: &Source,
    file: impl Read + Seek,
    calendar: &Calendar,
    mut visit: impl FnMut(ChainFile) -> Result<(), E>,
) -> Result<(), E> {
    let path = &source.path;
    match source.layout {
        Layout::Expirations if unpack::is_archive(path) => {
            unpack::tar_xz(path, file, |name, bytes| visit(expirations::parse(name, bytes)?))
        }
        Layout::Bars => unpack::zip(path, file, |name, bytes| visit(bars::parse(path, &name, bytes, calendar)?)),
        Layout::Expirations => visit(expirations::parse(path.clone(), unpack::bytes(path, file)?)?),
        Layout::Universe => visit(universe::parse(path.clone(), unpack::bytes(path, file)?, calendar)?),
        Layout::Plain => visit(plain::parse(path.clone(), unpack::bytes(path, file)?, calendar)?),
    }
}

/// `put` and `call`, in words or by their first letters, in any case.
pub(crate) fn right(text: &str) -> Option<Right> {
    match text.to_ascii_lowercase().as_str() {
        "put" | "p" => Some(Right::Put),
        "call" | "c" => Some(Right::Call),
        _ => None,
    }
}

/// The last day of an option's life from the day on which a file says that it expires. Until 2015-01-31 an option
/// expired on the Saturday after its last session (OCC rule change SR-OCC-2013-04); files keep that day, and what
/// counts here is the session before.
fn expiration(date: Date, calendar: &Calendar) -> Expiration {
    let saturday = date.weekday() == market::time::Weekday::Saturday && date < Date::constant(2015, 2, 1);
    let session = saturday.then(|| calendar.on_or_before(date)).flatten();
    Expiration(session.map_or(date, market::time::TradingDay::date))
}

/// A file name without its folder and its endings.
fn stem(path: &std::path::Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// `YYYYMMDD`.
fn compact_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    crate::text::date(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
}

/// A fault of a whole file.
fn not_this(name: PathBuf, found: impl Into<String>, expected: &'static str) -> DataError {
    DataError::of_file(&name, Fault::Found { found: found.into(), expected: expected.into() })
}
