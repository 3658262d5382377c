//! `alluse data spreads`: bid-ask spreads measured on quoted chains.

use std::path::Path;

use adapters::chains::{ChainError, ChainFile, archives, observe_spreads, read_archive};
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
        refuse_crossed(dir)?;
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

fn rates(data: &Path, calendar: &Calendar) -> Result<History, Failure> {
    let since = Policy::all_use().data.splits_complete_since;
    let options = HistoryOptions { symbols: Some(Vec::new()), ..HistoryOptions::new(since) };
    let why = "interest rates come from a folder of price history (--data DIR)";
    read_history(data, &options, calendar).map_err(|e| Failure::Data(format!("{e}; {why}")))
}

/// The rate from a date to an expiration, by the last yields published on or before it.
fn rate(rates: &History, date: Date, years: Years) -> Option<Rate> {
    let published = rates.rates.iter().rev().find(|day| day.date <= date && day.yields.iter().any(Option::is_some))?;
    TreasuryCurve::new(published.yields).rate(years)
}

/// A quote whose bid is above its ask was never a market: its file is at fault, or two moments were mixed.
fn refuse_crossed(dir: &Path) -> Result<(), Failure> {
    archives(dir)?.iter().try_for_each(|archive| read_archive(archive, |file| crossed(&file)))
}

fn crossed(file: &ChainFile) -> Result<(), Failure> {
    for (row, line) in file.rows.iter().zip(2..) {
        if let (Some(bid), Some(ask)) = (row.bid, row.ask)
            && bid > ask
        {
            return Err(Failure::Data(format!(
                "{}, line {line}, bid: {} is quoted at {bid} by {ask}, crossed; expected a bid not above the ask \
                 (--leave-crossed measures the others)",
                file.name, row.series
            )));
        }
    }
    Ok(())
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Failure {
        Failure::Data(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adapters::chains::parse;

    #[test]
    fn a_crossed_quote_is_refused_at_its_place() {
        let of = |bid: &str| {
            let header = "contractSymbol,strike,bid,ask,volume,openInterest,type";
            let put = "TSLA260417P00390500,390.5,1.0,1.25,4,3260,put";
            let call = format!("TSLA260417C00390500,390.5,{bid},0.16,4,3260,call");
            let text = [header, put, &call].join("\n");
            crossed(&parse("a.tar.xz: x.csv", "2026/04/15/2026-04-17.csv", &text).unwrap())
        };
        assert!(of("0.16").is_ok() && of("").is_ok());
        let said = of("0.23").unwrap_err().to_string();
        assert!(
            said.contains("x.csv, line 3, bid: TSLA 2026-04-17 $390.50 call is quoted at $0.23 by $0.16, crossed"),
            "{said}"
        );
    }
}
