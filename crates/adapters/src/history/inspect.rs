//! What a folder of price history holds, what it supports, and everything that is wrong with it.

use std::fs;
use std::path::{Path, PathBuf};

use market::history::{History, Split, SymbolHistory};
use market::instrument::Symbol;
use market::time::{Calendar, Date};

use super::problems::Problems;
use super::{HistoryOptions, gather, series};
use crate::fault::DataError;
use crate::folder::{Provenance, provenance};

/// A run of days with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// How many days have a value.
    pub count: usize,
}

impl Span {
    fn of(mut days: impl Iterator<Item = Date>) -> Option<Span> {
        let first = days.next()?;
        Some(days.fold(Span { first, last: first, count: 1 }, |span, day| Span {
            first,
            last: day,
            count: span.count + 1,
        }))
    }
}

/// How much history the protocol asks for before it classifies a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUp {
    /// Bars of the symbol.
    pub symbol_bars: usize,
    /// VIX closes on sessions.
    pub vix_closes: usize,
}

/// What is known of a symbol's earnings reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarningsCoverage {
    /// It reports none.
    Fund,
    /// It does, and no date is at hand: nothing can be entered in it.
    Missing,
    /// Dates at hand.
    Known(Span),
}

/// What a symbol's option premiums would be modelled from, no quotes being at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Premiums {
    /// Its own implied-volatility index, for these days.
    OwnIndex {
        /// Name of the index.
        index: &'static str,
        /// Days with a value.
        span: Span,
    },
    /// VIX and its term structure.
    TermStructure,
    /// Nothing: there is no volatility index in the folder.
    Nothing,
}

/// One symbol of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolInspection {
    /// The symbol.
    pub symbol: Symbol,
    /// Its bars; `None` if not one could be read.
    pub bars: Option<Span>,
    /// Sessions between the first bar and the last that have none.
    pub holes: Vec<Date>,
    /// Ex-dates.
    pub dividends: Option<Span>,
    /// Splits, rising by date.
    pub splits: Vec<Split>,
    /// Earnings reports.
    pub earnings: EarningsCoverage,
    /// What premiums would be modelled from.
    pub premiums: Premiums,
    /// First session that can be replayed: bars, VIX and a bill rate at hand, and prices of the day known.
    pub replay_from: Option<Date>,
    /// First session that the protocol would classify and act on, after its warm-up.
    pub act_from: Option<Date>,
}

/// A folder of price history, looked over.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The folder's name.
    pub folder: String,
    /// Rising by symbol.
    pub symbols: Vec<SymbolInspection>,
    /// 30-day volatility index.
    pub vix: Option<Span>,
    /// 9-day volatility index.
    pub vix9d: Option<Span>,
    /// 93-day volatility index.
    pub vix3m: Option<Span>,
    /// Volatility index of the next session.
    pub vix1d: Option<Span>,
    /// One-month Treasury yields.
    pub bill_rates: Option<Span>,
    /// The day from which the split table is said to be complete; no run can start before it.
    pub splits_complete_since: Date,
    /// Folders with option chains, by name.
    pub chains: Vec<String>,
    /// The files that a history is read from, and what is known of where they came from.
    pub files: Vec<(PathBuf, Provenance)>,
    /// Everything that is wrong; a history can be read only if this is empty.
    pub problems: Vec<DataError>,
}

/// Looks a folder over. Whatever is at fault is told and left out of the rest.
#[must_use]
pub fn inspect(dir: &Path, options: &HistoryOptions, warm_up: WarmUp, calendar: &Calendar) -> Inspection {
    let mut problems = Problems::All(Vec::new());
    let gathered = gather(dir, options, calendar, &mut problems);
    let mut found = match problems {
        Problems::All(found) => found,
        Problems::First => Vec::new(),
    };
    let history = gathered.map_err(|error| found.push(error)).ok();
    let days = |take: fn(&History) -> Option<Span>| history.as_ref().and_then(take);
    Inspection {
        folder: super::folder_name(dir),
        symbols: history.iter().flat_map(|h| symbols(h, warm_up, calendar)).collect(),
        vix: days(|h| Span::of(h.volatility.iter().map(|day| day.date))),
        vix9d: days(|h| Span::of(h.volatility.iter().filter(|day| day.vix9d.is_some()).map(|day| day.date))),
        vix3m: days(|h| Span::of(h.volatility.iter().filter(|day| day.vix3m.is_some()).map(|day| day.date))),
        vix1d: days(|h| Span::of(h.volatility.iter().filter(|day| day.vix1d.is_some()).map(|day| day.date))),
        bill_rates: days(|h| Span::of(bill_days(h))),
        splits_complete_since: options.splits_complete_since,
        chains: folders(&dir.join("chains")),
        files: files(dir),
        problems: found,
    }
}

fn bill_days(history: &History) -> impl Iterator<Item = Date> {
    history.rates.iter().filter(|day| day.yields[0].is_some()).map(|day| day.date)
}

fn symbols(history: &History, warm_up: WarmUp, calendar: &Calendar) -> Vec<SymbolInspection> {
    let vix: Vec<Date> =
        history.volatility.iter().map(|day| day.date).filter(|day| calendar.session(*day).is_some()).collect();
    let bill = bill_days(history).next();
    let look = |(symbol, own): &(Symbol, SymbolHistory)| {
        let begins = [own.bars.first().map(|b| b.day.date()), vix.first().copied(), bill];
        let begin = begins.into_iter().collect::<Option<Vec<_>>>().and_then(|days| days.into_iter().max());
        let replay_from = begin.and_then(|day| on_or_after(own, day.max(history.splits_complete_since)));
        // What a decision sees ends with the close before it, so that the warm-up's last day is the day before.
        let warm = [
            own.bars.get(warm_up.symbol_bars.saturating_sub(1)).map(|b| b.day.date()),
            vix.get(warm_up.vix_closes.saturating_sub(1)).copied(),
        ];
        let warm = warm.into_iter().collect::<Option<Vec<_>>>().and_then(|days| days.into_iter().max());
        let act_from = warm.zip(replay_from).and_then(|(warm, from)| on_or_after(own, warm.tomorrow().ok()?.max(from)));
        SymbolInspection {
            symbol: *symbol,
            bars: Span::of(own.bars.iter().map(|b| b.day.date())),
            holes: holes(own, calendar),
            dividends: Span::of(own.dividends.iter().map(|d| d.ex_date)),
            splits: own.splits.clone(),
            earnings: match &own.earnings {
                None => EarningsCoverage::Fund,
                Some(dates) => {
                    Span::of(dates.iter().copied()).map_or(EarningsCoverage::Missing, EarningsCoverage::Known)
                }
            },
            premiums: premiums(*symbol, own, history),
            replay_from,
            act_from,
        }
    };
    history.symbols.iter().map(look).collect()
}

fn on_or_after(own: &SymbolHistory, day: Date) -> Option<Date> {
    own.bars.iter().map(|b| b.day.date()).find(|date| *date >= day)
}

fn holes(own: &SymbolHistory, calendar: &Calendar) -> Vec<Date> {
    let (Some(first), Some(last)) = (own.bars.first(), own.bars.last()) else { return Vec::new() };
    let sessions = calendar.sessions_between(first.day.date(), last.day.date());
    sessions.iter().filter(|day| own.index_of(**day).is_none()).map(|day| day.date()).collect()
}

fn premiums(symbol: Symbol, own: &SymbolHistory, history: &History) -> Premiums {
    let own_index = series::index_of(symbol).zip(Span::of(own.volatility.iter().map(|(date, _)| *date)));
    match own_index {
        Some((index, span)) => Premiums::OwnIndex { index, span },
        None if history.volatility.is_empty() => Premiums::Nothing,
        None => Premiums::TermStructure,
    }
}

fn folders(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn files(dir: &Path) -> Vec<(PathBuf, Provenance)> {
    let mut files = Vec::new();
    for name in ["bars", "volatility", "rates", "events"] {
        let Ok(entries) = fs::read_dir(dir.join(name)) else { continue };
        let names = entries.flatten().map(|entry| Path::new(name).join(entry.file_name()));
        files.extend(names.filter(|file| file.extension().is_some_and(|extension| extension == "csv")));
    }
    files.sort();
    files.into_iter().map(|file| (file.clone(), provenance(&dir.join(file)))).collect()
}
