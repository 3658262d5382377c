//! Option chains at the close, from monthly archives.
//!
//! An archive `NAME_YYYY-MM.tar.xz` holds one file per date and expiration, `…/YYYY/MM/DD/EXPIRATION.csv`, with columns
//! `contractSymbol`, `type`, `strike`, `bid`, `ask`, `volume` and `openInterest` by name in any place. The archives
//! also hold files for weekdays on which the exchange was closed, copied from the session before: whoever reads them
//! knows the calendar and leaves those dates out ([`ChainFile::date`]).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use lzma_rust2::XzReader;
use market::instrument::{Right, Series};
use market::time::{Calendar, Date, days_between};
use market::value::Price;
use pricing::spread::{Measure, Quoted};
use pricing::unit::{Rate, Years};

/// Largest chain file that is read, bytes; the largest seen are a tenth of it.
const MOST_BYTES: u64 = 4 << 20;

/// One option as it stood at the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainRow {
    /// The option.
    pub series: Series,
    /// Best bid; absent where nobody bids or none was recorded.
    pub bid: Option<Price>,
    /// Best ask; absent likewise.
    pub ask: Option<Price>,
    /// Contracts traded that day; absent where none were.
    pub volume: Option<u32>,
    /// Contracts open, where known.
    pub open_interest: Option<u32>,
}

impl ChainRow {
    /// Bid and ask as the measurement of spreads takes them; absent unless both are there.
    fn quoted(&self) -> Option<Quoted> {
        let (right, strike) = (self.series.right, self.series.strike.to_f64());
        Some(Quoted { right, strike, bid: self.bid?.to_f64(), ask: self.ask?.to_f64() })
    }
}

/// All options of one expiration on one date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFile {
    /// The archive and the file in it, for messages.
    pub name: String,
    /// The date it is filed under.
    pub date: Date,
    /// The expiration it is named after; each row's series has it.
    pub expiration: Date,
    /// Rows in the file's order.
    pub rows: Vec<ChainRow>,
}

/// What is wrong with a chain archive, naming the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A folder, archive or file in it does not open or unpack.
    #[error("{file}: {reason}; expected {expected}")]
    Unreadable {
        /// The folder, or the archive.
        file: String,
        /// What was said.
        reason: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The folder has no archive.
    #[error("{folder}: there is no archive; expected files named *.tar.xz")]
    NoArchive {
        /// The folder.
        folder: String,
    },
    /// A file's place in the archive does not say its date and expiration.
    #[error("{file}: expected a path that ends in YYYY/MM/DD/YYYY-MM-DD.csv, the expiration not before the date")]
    Path {
        /// Archive and file.
        file: String,
    },
    /// No interest rate for a date.
    #[error("{file}: there is no interest rate for {date}; expected one on or before it")]
    NoRate {
        /// Archive and file.
        file: String,
        /// The date.
        date: Date,
    },
    /// A column is missing from the header.
    #[error("{file}, line 1: there is no column {column:?}; expected it by that name, in any place")]
    NoColumn {
        /// Archive and file.
        file: String,
        /// The column.
        column: &'static str,
    },
    /// A field that cannot be right.
    #[error("{file}, line {line}, {field}: found {found:?}; expected {expected}")]
    Field {
        /// Archive and file.
        file: String,
        /// Line, from 1, the header included.
        line: usize,
        /// The column.
        field: &'static str,
        /// The text, shortened.
        found: String,
        /// What would have been right.
        expected: String,
    },
}

/// The archives of a folder in order of their names, which is that of their months.
///
/// # Errors
/// [`ChainError`] if the folder does not open or has none.
pub fn archives(folder: &Path) -> Result<Vec<PathBuf>, ChainError> {
    let unreadable = |error: std::io::Error| ChainError::Unreadable {
        file: folder.display().to_string(),
        reason: error.to_string(),
        expected: "a folder of chain archives",
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.to_string_lossy().ends_with(".tar.xz") {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() { Err(ChainError::NoArchive { folder: folder.display().to_string() }) } else { Ok(found) }
}

/// Hands each chain file of one archive to `visit`, in the archive's order; what is no `.csv` is passed over.
///
/// # Errors
/// [`ChainError`] naming archive, file, line and field; and whatever `visit` refuses.
pub fn read_archive<E: From<ChainError>>(
    archive: &Path,
    mut visit: impl FnMut(ChainFile) -> Result<(), E>,
) -> Result<(), E> {
    let unreadable = |error: std::io::Error| ChainError::Unreadable {
        file: archive.display().to_string(),
        reason: error.to_string(),
        expected: "a tar archive packed by xz",
    };
    let file = File::open(archive).map_err(unreadable)?;
    let mut unpacked = tar::Archive::new(XzReader::new(BufReader::new(file), false));
    for entry in unpacked.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let path = entry.path().map_err(unreadable)?.to_string_lossy().into_owned();
        if !path.ends_with(".csv") {
            continue;
        }
        let name = format!("{}: {path}", archive.display());
        let mut text = String::new();
        if entry.size() > MOST_BYTES {
            let reason = format!("{path} has {} bytes", entry.size());
            return Err(unreadable(std::io::Error::other(reason)).into());
        }
        entry.read_to_string(&mut text).map_err(unreadable)?;
        visit(parse(&name, &path, &text)?)?;
    }
    Ok(())
}

/// Shows `measure` every quote of a folder's archives taken on a session, expiration by expiration; options that expire
/// that day have no time left and are passed over. `rate` is asked for the rate from a date to an expiration. Returns
/// the number of dates seen.
///
/// # Errors
/// [`ChainError`] naming archive, file, line and field; or no rate for a date.
pub fn observe_spreads(
    folder: &Path,
    calendar: &Calendar,
    rate: impl Fn(Date, Years) -> Option<Rate>,
    measure: &mut Measure,
) -> Result<usize, ChainError> {
    let mut dates = BTreeSet::new();
    for archive in archives(folder)? {
        read_archive(&archive, |file| {
            let days = u32::try_from(days_between(file.date, file.expiration)).unwrap_or(0);
            if days == 0 || calendar.session(file.date).is_none() {
                return Ok(());
            }
            let rate = rate(file.date, Years::from_days(days))
                .ok_or_else(|| ChainError::NoRate { file: file.name.clone(), date: file.date })?;
            let quotes: Vec<Quoted> = file.rows.iter().filter_map(ChainRow::quoted).collect();
            measure.observe_chain(days, rate, &quotes);
            dates.insert(file.date);
            Ok::<(), ChainError>(())
        })?;
    }
    Ok(dates.len())
}

/// Reads the text of one chain file. `path` says its date and expiration; `name` stands in messages.
///
/// # Errors
/// [`ChainError`] naming file, line and field.
pub fn parse(name: &str, path: &str, text: &str) -> Result<ChainFile, ChainError> {
    let (date, expiration) = dates(path).ok_or_else(|| ChainError::Path { file: name.to_owned() })?;
    let mut lines = text.lines().zip(1..);
    let columns = Columns::of(name, lines.next().map_or("", |(header, _)| header))?;
    let rows = lines.map(|(line, number)| columns.row(&Place { file: name, line: number }, line, expiration));
    let rows = rows.collect::<Result<_, _>>()?;
    Ok(ChainFile { name: name.to_owned(), date, expiration, rows })
}

/// Date and expiration of `…/YYYY/MM/DD/YYYY-MM-DD.csv`.
fn dates(path: &str) -> Option<(Date, Date)> {
    let mut parts = path.strip_suffix(".csv")?.rsplit('/');
    let expiration: Date = parts.next()?.parse().ok()?;
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let date: Date = format!("{year}-{month}-{day}").parse().ok()?;
    (date <= expiration).then_some((date, expiration))
}

/// A line, for messages.
struct Place<'a> {
    file: &'a str,
    line: usize,
}

impl Place<'_> {
    fn refuse(&self, field: &'static str, found: &str, expected: impl Into<String>) -> ChainError {
        let found = found.chars().take(40).collect();
        ChainError::Field { file: self.file.to_owned(), line: self.line, field, found, expected: expected.into() }
    }
}

const NAMES: [&str; 7] = ["contractSymbol", "type", "strike", "bid", "ask", "volume", "openInterest"];

/// Where each of [`NAMES`] stands in a line.
struct Columns {
    places: [usize; 7],
    width: usize,
}

impl Columns {
    fn of(name: &str, header: &str) -> Result<Self, ChainError> {
        let titles: Vec<&str> = header.split(',').map(str::trim).collect();
        let mut places = [0; 7];
        for (place, column) in places.iter_mut().zip(NAMES) {
            let found = titles.iter().position(|title| *title == column);
            *place = found.ok_or_else(|| ChainError::NoColumn { file: name.to_owned(), column })?;
        }
        Ok(Columns { places, width: titles.len() })
    }

    fn row(&self, place: &Place<'_>, line: &str, expiration: Date) -> Result<ChainRow, ChainError> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if fields.len() != self.width {
            let expected = format!("{} fields, as the header has", self.width);
            return Err(place.refuse("the line", &format!("{} fields", fields.len()), expected));
        }
        let [symbol, put_or_call, strike, bid, ask, volume, open_interest] = self.places.map(|i| fields[i]);
        let series = series(place, symbol)?;
        agrees(place, "type", put_or_call, series.right, right(put_or_call))?;
        agrees(place, "strike", strike, series.strike, price(place, "strike", strike)?)?;
        if series.expiration.0 != expiration {
            return Err(place.refuse("contractSymbol", symbol, format!("an option that expires on {expiration}")));
        }
        let bid = price(place, "bid", bid)?.filter(|bid| bid.units() > 0);
        let ask = price(place, "ask", ask)?.filter(|ask| ask.units() > 0);
        let volume = count(place, "volume", volume)?;
        let open_interest = count(place, "openInterest", open_interest)?;
        Ok(ChainRow { series, bid, ask, volume, open_interest })
    }
}

/// A field that repeats what the contract's symbol says.
fn agrees<T: PartialEq + std::fmt::Display>(
    place: &Place<'_>,
    field: &'static str,
    text: &str,
    said: T,
    found: Option<T>,
) -> Result<(), ChainError> {
    if found.as_ref() == Some(&said) {
        Ok(())
    } else {
        Err(place.refuse(field, text, format!("{said}, as the symbol has")))
    }
}

fn right(text: &str) -> Option<Right> {
    match text {
        "put" => Some(Right::Put),
        "call" => Some(Right::Call),
        _ => None,
    }
}

/// The OCC symbol without its root's padding: everything before the last 15 characters is the root.
fn series(place: &Place<'_>, symbol: &str) -> Result<Series, ChainError> {
    let split = symbol.len().checked_sub(15).filter(|at| symbol.is_char_boundary(*at));
    let padded = split.map(|at| format!("{:<6}{}", &symbol[..at], &symbol[at..]));
    let read = padded.and_then(|padded| Series::from_occ(&padded).ok());
    read.ok_or_else(|| place.refuse("contractSymbol", symbol, "an OCC option symbol: root, YYMMDD, P or C, strike"))
}

fn price(place: &Place<'_>, field: &'static str, text: &str) -> Result<Option<Price>, ChainError> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = text.parse::<Price>().ok().filter(|price| price.units() >= 0);
    read.map(Some).ok_or_else(|| place.refuse(field, text, "dollars of at most four decimals, not negative"))
}

/// A whole number that may be written with a decimal `.0`; absent where empty.
fn count(place: &Place<'_>, field: &'static str, text: &str) -> Result<Option<u32>, ChainError> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let read = whole.parse().ok();
    read.map(Some).ok_or_else(|| place.refuse(field, text, "a whole number of contracts"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pricing::model::PremiumModel;
    use pricing::rate::TreasuryCurve;

    const HEADER: &str = "contractSymbol,strike,bid,ask,volume,openInterest,type\n";
    const PATH: &str = "data/2026/04/15/2026-04-17.csv";

    fn read(lines: &str) -> Result<ChainFile, ChainError> {
        parse("a.tar.xz: x.csv", PATH, &format!("{HEADER}{lines}"))
    }

    #[test]
    fn a_file_gives_its_rows() {
        let file =
            read("TSLA260417P00390500,390.5,0.0,1.25,4.0,3260.0,put\nTSLA260417C00005000,5.0,384.9,388.0,,,call\n");
        let ChainFile { date, expiration, rows, .. } = file.unwrap();
        assert_eq!((date.to_string(), expiration.to_string()), ("2026-04-15".to_owned(), "2026-04-17".to_owned()));
        assert_eq!(rows[0].series.to_string(), "TSLA 2026-04-17 $390.50 put");
        assert_eq!((rows[0].bid, rows[0].ask), (None, Some(Price::cents(125))));
        assert_eq!((rows[0].volume, rows[0].open_interest), (Some(4), Some(3260)));
        assert_eq!((rows[1].bid, rows[1].volume), (Some(Price::cents(38_490)), None));
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_its_place() {
        let good = "TSLA260417P00390500,390.5,1.0,1.25,4.0,3260.0,put";
        let table = [
            (
                "390.5,1.0",
                "39x,1.0",
                "a.tar.xz: x.csv, line 2, strike: found \"39x\"; expected dollars of at most four",
            ),
            ("390.5,1.0", "391,1.0", "line 2, strike: found \"391\"; expected $390.50, as the symbol has"),
            ("put", "call", "line 2, type: found \"call\"; expected put, as the symbol has"),
            (
                "1.0,1.25",
                "-1.0,1.25",
                "line 2, bid: found \"-1.0\"; expected dollars of at most four decimals, not neg",
            ),
            ("3260.0", "3260.5", "line 2, openInterest: found \"3260.5\"; expected a whole number of contracts"),
            ("P00390500", "X00390500", "line 2, contractSymbol: found"),
            ("260417P", "260424P", "expected an option that expires on 2026-04-17"),
            (",put", "", "line 2, the line: found \"6 fields\"; expected 7 fields, as the header has"),
        ];
        for (from, to, expected) in table {
            let error = read(&good.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = parse("f", PATH, "contractSymbol,strike\n").unwrap_err().to_string();
        assert_eq!(error, "f, line 1: there is no column \"type\"; expected it by that name, in any place");
        for path in ["2026-04-17.csv", "2026/04/18/2026-04-17.csv", "2026/4x/15/2026-04-17.csv"] {
            assert!(matches!(parse("f", path, HEADER), Err(ChainError::Path { .. })), "{path}");
        }
    }

    #[test]
    fn an_archive_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(archives(folder.path()), Err(ChainError::NoArchive { .. })));
        fs::write(folder.path().join("X_2026-01.tar.xz"), b"not packed").unwrap();
        let archives = archives(folder.path()).unwrap();
        let error = read_archive::<ChainError>(&archives[0], |_| Ok(())).unwrap_err().to_string();
        assert!(error.ends_with("expected a tar archive packed by xz"), "{error}");
    }

    /// One-, three-, six-, twelve- and 24-month yields of the last line on or before each date.
    fn yields(text: &str, date: Date) -> Option<TreasuryCurve> {
        let at = date.to_string();
        let line =
            text.lines().skip(1).take_while(|line| line[..10] <= *at).filter(|line| !line.ends_with(",,,,,")).last()?;
        let mut columns = line.split(',').skip(2).map(|field| field.parse().ok());
        Some(TreasuryCurve::new(std::array::from_fn(|_| columns.next().flatten())))
    }

    /// The policy's spread table is what the archives say, to its last printed digit.
    #[test]
    fn the_policys_spreads_are_those_measured() {
        #[expect(clippy::disallowed_methods, reason = "where the shared data lies is the environment's to say")]
        let shared = std::env::var_os("ALLUSE_SHARED");
        let shared =
            shared.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
        let Ok(treasury) = fs::read_to_string(shared.join("data/rates/treasury.csv")) else {
            println!("SKIPPED the_policys_spreads_are_those_measured: ../shared is absent");
            return;
        };
        let policy = include_str!("../../../policy/premium-model.toml");
        let model = PremiumModel::parse(policy, "premium-model.toml").unwrap();
        let mut measure = Measure::new(model.spread().classes().clone());
        let rate = |date, years| yields(&treasury, date)?.rate(years);
        let dates = observe_spreads(&shared.join("data/chains/TSLA-2026"), &Calendar::nyse(), rate, &mut measure);
        assert_eq!(dates.unwrap(), 74);
        let measured = measure.table(model.spread().floor(), 200).unwrap().to_string();
        assert!(policy.contains(&measured), "measured:\n{measured}");
    }
}
