//! `alluse data inspect`: what a folder holds and supports, and everything that is wrong with it.

use std::path::Path;

use adapters::folder::Provenance;
use adapters::history::{
    DataError, EarningsCoverage, HistoryOptions, Inspection, Premiums, Span, SymbolInspection, WarmUp, inspect,
};
use market::time::{Calendar, Date};
use serde_json::{Value, json};

use super::supports::{Support, supports};
use crate::failure::Failure;
use crate::inputs;
use crate::show::{self, figures, prose, words};

/// Looks a folder over.
pub(super) fn run(dir: &Path, policy: &str, json: bool) -> Result<(), Failure> {
    let policy = inputs::policy(policy)?;
    let warm_up = WarmUp {
        symbol_bars: policy.data.warmup_symbol_bars as usize,
        vix_closes: policy.data.warmup_vix_closes as usize,
    };
    let options = HistoryOptions::new(policy.data.splits_complete_since);
    let found = inspect(dir, &options, warm_up, &Calendar::nyse());
    let supported = supports(&found, &policy);
    if json {
        show::json(&as_json(&found, &supported))?
    } else {
        print(&found, &supported)?
    }
    match found.problems.as_slice() {
        [] => Ok(()),
        [one] => Err(Failure::Data(one.to_string())),
        many => {
            let lines: Vec<String> = many.iter().map(|p| format!("\n  {p}")).collect();
            Err(Failure::Data(format!("{} problems:{}", many.len(), lines.concat())))
        }
    }
}

fn print(found: &Inspection, supported: &[Support]) -> Result<(), Failure> {
    let columns = [
        words("symbol"),
        words("first bar"),
        words("last bar"),
        figures("bars"),
        figures("splits"),
        figures("dividends"),
    ];
    let rows = found.symbols.iter().map(|s| {
        let [first, last, count] = span(s.bars);
        let dividends = s.dividends.map_or(0, |d| d.count).to_string();
        [s.symbol.to_string(), first, last, count, s.splits.len().to_string(), dividends]
    });
    show::table(&format!("Price history in {}: daily bars and corporate actions", found.folder), columns, rows)?;
    let columns = [
        words("symbol"),
        words("earnings dates"),
        words("premiums modelled from"),
        words("replayed from"),
        words("rules act from"),
    ];
    let rows = found
        .symbols
        .iter()
        .map(|s| [s.symbol.to_string(), earnings(s), premiums(s), date(s.replay_from), date(s.act_from)]);
    show::table("What each symbol supports", columns, rows)?;
    let series = [
        ("VIX", found.vix),
        ("VIX1D, the next session", found.vix1d),
        ("VIX9D, 9 days", found.vix9d),
        ("VIX3M, 93 days", found.vix3m),
        ("1-month Treasury yield", found.bill_rates),
    ];
    let rows = series.map(|(name, days)| {
        let [first, last, count] = span(days);
        [name.to_owned(), first, last, count]
    });
    show::table("Volatility and interest", [words("series"), words("first"), words("last"), figures("days")], rows)?;
    let chains = if found.chains.is_empty() { "none".to_owned() } else { found.chains.join(", ") };
    show::print(&format!("\nFolders of option chains: {chains}."))?;
    show::print(&format!("Splits are taken to be complete since {}.", found.splits_complete_since))?;
    let columns = [words("file"), prose("from")];
    let rows = found.files.iter().map(|(file, provenance)| [file.display().to_string(), told(provenance)]);
    show::table("Where the files came from", columns, rows)?;
    let rows = supported.iter().map(|support| [support.command.to_owned(), support.said()]);
    show::table("What each command finds here", [words("command"), prose("what it finds")], rows)?;
    if found.problems.is_empty() { show::print("\nNothing is wrong with it.") } else { show::print("") }
}

fn told(provenance: &Provenance) -> String {
    match provenance {
        Provenance::Untold => "not told".to_owned(),
        Provenance::Told { sources, .. } if sources.is_empty() => "a header alone: no source gives it".to_owned(),
        Provenance::Told { sources, at } => format!("{}, last on {}", sources.join(", "), at.get(..10).unwrap_or(at)),
        Provenance::Changed => "changed since its note was written: the note no longer speaks for it".to_owned(),
    }
}

fn span(span: Option<Span>) -> [String; 3] {
    span.map_or_else(
        || [show::NONE.to_owned(), show::NONE.to_owned(), "0".to_owned()],
        |s| [s.first.to_string(), s.last.to_string(), s.count.to_string()],
    )
}

fn date(date: Option<Date>) -> String {
    date.map_or_else(|| "never".to_owned(), |d| d.to_string())
}

fn premiums(symbol: &SymbolInspection) -> String {
    match &symbol.premiums {
        Premiums::OwnIndex { index, .. } => (*index).to_owned(),
        Premiums::TermStructure => "VIX".to_owned(),
        Premiums::Nothing => "nothing".to_owned(),
    }
}

fn earnings(symbol: &SymbolInspection) -> String {
    match symbol.earnings {
        EarningsCoverage::Fund => "reports none".to_owned(),
        EarningsCoverage::Missing => "missing".to_owned(),
        EarningsCoverage::Known(s) => format!("{}, to {}", s.count, s.last),
    }
}

fn as_json(found: &Inspection, supported: &[Support]) -> Value {
    let span = |span: Option<Span>| {
        span.map(|s| json!({ "first": s.first.to_string(), "last": s.last.to_string(), "days": s.count }))
    };
    let day = |date: Option<Date>| date.map(|d| d.to_string());
    let symbol = |s: &SymbolInspection| {
        let splits = s
            .splits
            .iter()
            .map(|split| json!({ "effective": split.effective.to_string(), "new_per_old": split.new_per_old }));
        json!({
            "symbol": s.symbol.to_string(),
            "bars": span(s.bars),
            "holes": s.holes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "dividends": span(s.dividends),
            "splits": splits.collect::<Vec<_>>(),
            "earnings": earnings(s),
            "premiums_modelled_from": premiums(s),
            "replayed_from": day(s.replay_from),
            "rules_act_from": day(s.act_from),
        })
    };
    json!({
        "folder": found.folder,
        "symbols": found.symbols.iter().map(symbol).collect::<Vec<_>>(),
        "vix": span(found.vix),
        "vix1d": span(found.vix1d),
        "vix9d": span(found.vix9d),
        "vix3m": span(found.vix3m),
        "bill_rates": span(found.bill_rates),
        "chains": found.chains,
        "files": found
            .files
            .iter()
            .map(|(file, provenance)| json!({ "file": file.display().to_string(), "from": told(provenance) }))
            .collect::<Vec<_>>(),
        "commands": supported.iter().map(Support::as_json).collect::<Vec<_>>(),
        "splits_complete_since": found.splits_complete_since.to_string(),
        "problems": found.problems.iter().map(DataError::to_string).collect::<Vec<_>>(),
    })
}
