//! A folder of price history, read whole or refused.
//!
//! The folder holds `bars/SYMBOL.csv`, `volatility/VIX.csv`, `volatility/indices.csv`, `rates/treasury.csv` and
//! `events/{dividends,splits,earnings}.csv`, and `benchmarks/{BXM,PUT}.csv` where there are any. Columns are found by
//! name, in any order; others are ignored. Whatever cannot be read, or cannot be right, is an error that names the
//! file, the line, the column, the text found and what was expected: nothing is repaired, filled in or left out in
//! silence.

mod bars;
mod events;
mod inspect;
mod intraday;
mod problems;
mod series;

use std::fs;
use std::path::Path;

use market::history::{History, IntradaySession, SymbolHistory};
use market::instrument::Symbol;
use market::time::{Calendar, Date};

pub use crate::fault::{DataError, Fault};
pub use inspect::{EarningsCoverage, Inspection, Premiums, Span, SymbolInspection, WarmUp, inspect};

use events::Known;
use problems::Problems;

/// What to read from a folder, and what cannot be read from it.
#[derive(Clone, Debug)]
pub struct HistoryOptions {
    /// The day from which the folder's split table is complete: the policy's `data.splits_complete_since`.
    pub splits_complete_since: Date,
    /// The symbols wanted; all that have bars if `None`.
    pub symbols: Option<Vec<Symbol>>,
    /// Funds and indices: they report no earnings.
    pub funds: Vec<Symbol>,
    /// Symbols without bars whose rows in the events tables are passed over; a row of any other is refused, because a
    /// mistyped ticker would lose a dividend or a split in silence.
    pub also_known: Vec<Symbol>,
}

impl HistoryOptions {
    /// All symbols of a folder; SPY, QQQ, SPX and IWM as funds; IWM and GOOGL known without bars.
    #[must_use]
    pub fn new(splits_complete_since: Date) -> Self {
        let named = |names: &[&str]| names.iter().filter_map(|name| Symbol::new(name).ok()).collect();
        HistoryOptions {
            splits_complete_since,
            symbols: None,
            funds: named(&["IWM", "QQQ", "SPX", "SPY"]),
            also_known: named(&["GOOGL", "IWM"]),
        }
    }
}

/// Reads a folder of price history.
///
/// # Errors
/// [`DataError`] at the first thing that is missing, cannot be read, or contradicts the rest.
pub fn read_history(dir: &Path, options: &HistoryOptions, calendar: &Calendar) -> Result<History, DataError> {
    let history = gather(dir, options, calendar, &mut Problems::First)?;
    history.check(calendar).map_err(|fault| {
        let problem = fault.to_string();
        DataError::new(dir, None, Some(fault.field.into()), Fault::Unsound { problem })
    })?;
    Ok(history)
}

/// Reads the closes of an index that somebody publishes, in points, rising by date: `benchmarks/NAME.csv`, with the
/// columns date and NAME.
///
/// # Errors
/// [`DataError`] at the first thing that is missing or cannot be read.
pub fn read_index(dir: &Path, name: &'static str) -> Result<Vec<(Date, f64)>, DataError> {
    Ok(series::index(dir, name)?.into_iter().map(|(date, close)| (date, close.to_f64())).collect())
}

/// Reads bars of a quarter of an hour, each session from the first to the last whole: `bars-15m/SYMBOL_15m.csv.gz`,
/// with the columns date, open, high, low and close.
///
/// # Errors
/// [`DataError`] at the first thing that is missing, cannot be read, or contradicts the calendar.
pub fn read_intraday(dir: &Path, symbol: Symbol, calendar: &Calendar) -> Result<Vec<IntradaySession>, DataError> {
    intraday::read(dir, symbol, calendar)
}

fn gather(
    dir: &Path,
    options: &HistoryOptions,
    calendar: &Calendar,
    problems: &mut Problems,
) -> Result<History, DataError> {
    let with_bars = problems.keep(listed(&dir.join("bars")))?.unwrap_or_default();
    let wanted = wanted(dir, options, &with_bars, problems)?;
    let mut symbols: Vec<(Symbol, SymbolHistory)> = Vec::with_capacity(wanted.len());
    for symbol in &wanted {
        symbols.push((*symbol, bars::read(&dir.join("bars"), *symbol, calendar, problems)?));
    }
    let known = Known { with_bars: &with_bars, besides: &options.also_known };
    let splits = events::splits(dir, &known, &symbols, calendar, problems)?;
    let dividends = events::dividends(dir, &known, problems)?;
    let earnings = events::earnings(dir, &known, problems)?;
    let volatility = series::volatility(dir, &wanted, problems)?;
    let rates = series::rates(dir, problems)?;
    for (symbol, history) in &mut symbols {
        history.splits = splits.of(*symbol, events::split);
        history.dividends = dividends.of(*symbol, events::dividend);
        history.earnings = (!options.funds.contains(symbol)).then(|| earnings.of(*symbol, |date, ()| date));
    }
    for (symbol, index) in volatility.of_symbol {
        if let Ok(at) = symbols.binary_search_by_key(&symbol, |(s, _)| *s) {
            symbols[at].1.volatility = index;
        }
    }
    Ok(History {
        symbols,
        volatility: volatility.days,
        rates,
        indices: series::published(dir)?,
        splits_complete_since: options.splits_complete_since,
        simulated: false,
        source: folder_name(dir),
    })
}

/// The folder's own name, the same from wherever it is reached.
fn folder_name(dir: &Path) -> String {
    let whole = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    whole.file_name().map_or_else(|| whole.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// The symbols that have bars, rising.
fn listed(bars: &Path) -> Result<Vec<Symbol>, DataError> {
    let expected = "a folder of price history, with bars/SYMBOL.csv for each symbol";
    let refuse = |error: std::io::Error| {
        let fault = match error.kind() {
            std::io::ErrorKind::NotFound => Fault::NoFile { expected: expected.into() },
            _ => Fault::Unreadable { reason: error.to_string(), expected: expected.into() },
        };
        DataError::of_file(bars, fault)
    };
    let mut symbols = Vec::new();
    for entry in fs::read_dir(bars).map_err(refuse)? {
        let name = entry.map_err(refuse)?.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".csv").filter(|_| !name.starts_with('.')) else { continue };
        let symbol = Symbol::new(stem).map_err(|_| {
            let expected = "a file named after its ticker in capital letters, such as AAPL.csv".into();
            DataError::of_file(&bars.join(&name), Fault::Found { found: crate::fault::quoted(&name), expected })
        })?;
        symbols.push(symbol);
    }
    if symbols.is_empty() {
        let fault = Fault::Empty { what: "the folder has no bars", expected: expected.into() };
        return Err(DataError::of_file(bars, fault));
    }
    symbols.sort_unstable();
    Ok(symbols)
}

/// The symbols to read, rising, each once; one without bars is a fault.
fn wanted(
    dir: &Path,
    options: &HistoryOptions,
    with_bars: &[Symbol],
    problems: &mut Problems,
) -> Result<Vec<Symbol>, DataError> {
    let Some(asked) = &options.symbols else { return Ok(with_bars.to_vec()) };
    let mut wanted = asked.clone();
    wanted.sort_unstable();
    wanted.dedup();
    for symbol in &wanted {
        if with_bars.binary_search(symbol).is_err() {
            let expected = format!("the daily bars of {symbol}; the folder has {}", events::list(with_bars));
            let file = dir.join("bars").join(bars::file_name(*symbol));
            problems.report(DataError::of_file(&file, Fault::NoFile { expected: expected.into() }))?;
        }
    }
    wanted.retain(|symbol| with_bars.binary_search(symbol).is_ok());
    Ok(wanted)
}
