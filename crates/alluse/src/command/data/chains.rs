//! `alluse data chains`: how good quoted option chains are.

use std::path::{Path, PathBuf};

use adapters::chains::quality::{Beside, DayQuality, Quality, SymbolQuality, quality};
use adapters::chains::{Collected, Folder, find};
use market::history::History;
use market::time::{Calendar, Date};
use market::value::Price;
use pricing::unit::{Rate, Years};
use protocol::policy::Policy;
use serde_json::{Value, json};

use super::spreads::rate;
use crate::failure::Failure;
use crate::inputs;
use crate::show::{self, figures, prose, words};

/// Looks the chains in `dir` over, beside the price history in `data` or the nearest folder above that has any.
pub(super) fn run(dir: &Path, data: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let calendar = Calendar::nyse();
    let folder = find(dir)?;
    let beside = data.map(Path::to_owned).or_else(|| history_above(dir));
    let history = beside.map(|data| inputs::history(&data, &Policy::all_use(), &calendar)).transpose()?;
    let all = Collected::read(&folder, &calendar)?;
    let found = look(&all, history.as_ref(), &calendar);
    if as_json { show::json(&to_json(dir, &folder, &found)) } else { print(dir, &folder, &found, history.is_some()) }
}

/// The nearest folder above that holds price history.
fn history_above(dir: &Path) -> Option<PathBuf> {
    let whole = dir.canonicalize().ok()?;
    whole.ancestors().find(|folder| folder.join("bars").is_dir()).map(Path::to_owned)
}

fn look(all: &Collected, history: Option<&History>, calendar: &Calendar) -> Quality {
    let beside = history.map(|history| {
        let rate = move |date: Date, years: Years| -> Option<Rate> { rate(history, date, years) };
        Beside { history, rate }
    });
    quality(all, beside.as_ref(), calendar)
}

fn print(dir: &Path, folder: &Folder, found: &Quality, compared: bool) -> Result<(), Failure> {
    let columns = [
        words("symbol"),
        words("date"),
        figures("series"),
        figures("quoted"),
        figures("crossed"),
        figures("bid 0"),
        figures("ask 0"),
        figures("stale"),
        figures("twice"),
        figures("gone"),
        figures("off close"),
    ];
    let rows = found.days.iter().map(|day| {
        [
            day.symbol.to_string(),
            format!("{}{}", day.date, mark(day)),
            day.series.to_string(),
            day.quoted.to_string(),
            day.crossed.to_string(),
            day.zero_bid.to_string(),
            day.zero_ask.to_string(),
            day.stale.to_string(),
            day.twice.to_string(),
            day.missing_series.to_string(),
            price(day.off_close()),
        ]
    });
    show::table(&format!("Option chains in {}, by symbol and date", dir.display()), columns, rows)?;
    show::paragraph(
        "Quoted: somebody asks, nobody bids more, both stood at the close. Gone: series of the sessions before and \
         after. Off close: put–call parity less the bar's close. A date marked * is no session of NYSE, = repeats the \
         date before; neither is used.",
    )?;
    let rows = found.symbols.iter().map(|symbol| [symbol.symbol.to_string(), supports(symbol, compared)]);
    show::table("What that supports", [words("symbol"), prose("")], rows)?;
    show::print("")?;
    show::paragraph(&format!("Files read: {}; passed over: {}.", folder.sources.len(), passed_over(folder)))
}

fn passed_over(folder: &Folder) -> String {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match folder.passed_over.as_slice() {
        [] => "none".to_owned(),
        files => files.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// Why a date is not used.
fn mark(day: &DayQuality) -> &'static str {
    match (day.session, day.copy_of) {
        (false, None) => "*",
        (false, Some(_)) => "*=",
        (true, Some(_)) => "=",
        (true, None) => "",
    }
}

fn price(price: Option<Price>) -> String {
    price.map_or_else(|| show::NONE.to_owned(), |price| report::words::minus(&format!("{:.2}", price.to_f64())))
}

/// What one symbol's chains are good for, in words.
fn supports(symbol: &SymbolQuality, compared: bool) -> String {
    let mut said = Vec::new();
    match (symbol.quoted.first(), symbol.quoted.last()) {
        (Some(first), Some(last)) if symbol.holes.is_empty() => said.push(format!(
            "{} from {first} to {last}, none missing: on them entries, marks and fills can be quoted.",
            sessions(symbol.quoted.len())
        )),
        (Some(first), Some(last)) => said.push(format!(
            "{} from {first} to {last} are quoted, {} between them are not: {}. There premiums are modelled.",
            sessions(symbol.quoted.len()),
            symbol.holes.len(),
            dates(&symbol.holes)
        )),
        _ => said.push("No bid and ask at any session's close: nothing can be filled from it.".to_owned()),
    }
    if !symbol.left_out.is_empty() {
        said.push(format!("Left out as copies or closed days: {}.", dates(&symbol.left_out)));
    }
    if !symbol.without_quotes.is_empty() && !symbol.quoted.is_empty() {
        said.push(format!("Without bid and ask at the close: {}.", dates(&symbol.without_quotes)));
    }
    match symbol.off_close {
        Some(off) => said.push(format!(
            "Parity meets the bars' closes to ${} in the median of {} dates.",
            price(Some(off)),
            symbol.compared
        )),
        None if !compared => said.push("Not held against bars: no price history is at hand (--data DIR).".to_owned()),
        None => said.push("Cannot be held against bars.".to_owned()),
    }
    if compared && symbol.without_bar > 0 {
        said.push(format!("Cannot be replayed: {} have no bar.", sessions(symbol.without_bar)));
    }
    said.join(" ")
}

fn sessions(count: usize) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}

/// Dates in a sentence, the first few of many.
fn dates(dates: &[Date]) -> String {
    const SHOWN: usize = 4;
    let shown = dates.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if dates.len() > SHOWN { format!("{shown} and {} more", dates.len() - SHOWN) } else { shown }
}

fn to_json(dir: &Path, folder: &Folder, found: &Quality) -> Value {
    let price = |price: Option<Price>| price.map(Price::to_f64);
    let dates = |dates: &[Date]| dates.iter().map(ToString::to_string).collect::<Vec<_>>();
    let day = |day: &DayQuality| {
        json!({
            "symbol": day.symbol.to_string(),
            "date": day.date.to_string(),
            "session": day.session,
            "copy_of": day.copy_of.map(|date| date.to_string()),
            "files": day.files,
            "rows": day.rows,
            "series": day.series,
            "quoted": day.quoted,
            "crossed": day.crossed,
            "zero_bid": day.zero_bid,
            "zero_ask": day.zero_ask,
            "unrecorded": day.unrecorded,
            "stale": day.stale,
            "twice": day.twice,
            "expirations": day.expirations,
            "missing_expirations": dates(&day.missing_expirations),
            "missing_series": day.missing_series,
            "parity_spot": price(day.parity_spot),
            "underlying": price(day.underlying),
            "close": price(day.close),
            "off_close": price(day.off_close()),
        })
    };
    let symbol = |symbol: &SymbolQuality| {
        json!({
            "symbol": symbol.symbol.to_string(),
            "quoted_sessions": symbol.quoted.len(),
            "first": symbol.quoted.first().map(ToString::to_string),
            "last": symbol.quoted.last().map(ToString::to_string),
            "holes": dates(&symbol.holes),
            "left_out": dates(&symbol.left_out),
            "without_quotes": dates(&symbol.without_quotes),
            "without_bar": symbol.without_bar,
            "median_off_close": price(symbol.off_close),
            "compared": symbol.compared,
        })
    };
    let source = |source: &adapters::chains::Source| {
        let (file, layout) = (source.path.display().to_string(), source.layout.to_string());
        json!({ "file": file, "layout": layout })
    };
    json!({
        "folder": dir.display().to_string(),
        "sources": folder.sources.iter().map(source).collect::<Vec<_>>(),
        "passed_over": folder.passed_over.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "days": found.days.iter().map(day).collect::<Vec<_>>(),
        "symbols": found.symbols.iter().map(symbol).collect::<Vec<_>>(),
    })
}
