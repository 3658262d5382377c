//! `alluse data spreads`: bid-ask spreads measured on quoted chains.

use std::path::Path;

use adapters::chains::{DataError, observe_spreads, refuse_crossed};
use adapters::history::{HistoryOptions, read_history};
use market::history::History;
use market::time::{Calendar, Date};
use pricing::rate::TreasuryCurve;
use pricing::spread::Measure;
use pricing::unit::{Rate, Years};
use protocol::policy::Policy;

use crate::failure::Failure;
use crate::inputs::Premium;
use crate::show;

/// Fewest quotes from which a class's median spread is taken.
const LEAST_QUOTES: usize = 200;

/// Measures the archives in `dir`, with interest rates from `data`.
pub(super) fn run(dir: &Path, data: Option<&Path>, leave_crossed: bool) -> Result<(), Failure> {
    let above = dir.join("../..");
    let calendar = Calendar::nyse();
    if !leave_crossed {
        let left = |e: DataError| Failure::Data(format!("{e} (--leave-crossed measures the others)"));
        refuse_crossed(dir, &calendar).map_err(left)?;
    }
    let rates = rates(data.unwrap_or(&above), &calendar)?;
    let shipped = Premium::shipped().model;
    let mut measure = Measure::new(shipped.spread().classes().clone());
    let dates = observe_spreads(dir, &calendar, |date, years| rate(&rates, date, years), &mut measure)?;
    let seen = measure.seen();
    let table = measure.table(shipped.spread().floor(), LEAST_QUOTES);
    let table = table.map_err(|e| Failure::Data(format!("{}: {e}", dir.display())))?;
    let flag = if leave_crossed { " --leave-crossed" } else { "" };
    show::print(&format!(
        "# Half of ask less bid over mid: medians of {seen} quotes on {dates} dates; reproduce with:"
    ))?;
    show::print(&format!("#     alluse data spreads {}{flag}", dir.display()))?;
    show::print(table.to_string().trim_end())
}

pub(super) fn rates(data: &Path, calendar: &Calendar) -> Result<History, Failure> {
    let since = Policy::all_use().data.splits_complete_since;
    let options = HistoryOptions { symbols: Some(Vec::new()), ..HistoryOptions::new(since) };
    let why = "interest rates come from a folder of price history (--data DIR)";
    read_history(data, &options, calendar).map_err(|e| Failure::Data(format!("{e}; {why}")))
}

/// The rate from a date to an expiration, by the last yields published on or before it.
pub(super) fn rate(rates: &History, date: Date, years: Years) -> Option<Rate> {
    let published = rates.rates.iter().rev().find(|day| day.date <= date && day.yields.iter().any(Option::is_some))?;
    TreasuryCurve::new(published.yields).rate(years)
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Failure {
        Failure::Data(error.to_string())
    }
}
