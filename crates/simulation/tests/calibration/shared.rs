//! A throw-away reader of the shared price history, for tests only: it trusts the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use market::history::{Dividend, History, RateDay, SymbolHistory, VolatilityDay};
use market::instrument::Symbol;
use market::quote::Bar;
use market::time::{Date, TradingDay};
use market::value::Price;

/// The folder of shared history, or nothing with a line that says what was skipped.
#[expect(clippy::disallowed_methods, reason = "a test may be told where the shared history is")]
pub(crate) fn folder(test: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ALLUSE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let data = root.join("data");
    if data.is_dir() {
        return Some(data);
    }
    println!("SKIPPED {test}: ../shared is absent");
    None
}

fn rows(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Reads the history of `symbols`.
pub(crate) fn read(data: &Path, symbols: &[Symbol]) -> History {
    let events = |file: &str| rows(data.join("events").join(file));
    let (dividends, earnings) = (events("dividends.csv"), events("earnings.csv"));
    let indices = rows(data.join("volatility/indices.csv"));
    let one = |s: &Symbol| (*s, read_symbol(data, s.as_str(), &dividends, &earnings, &indices));
    let mut all: Vec<(Symbol, SymbolHistory)> = symbols.iter().map(one).collect();
    all.sort_by_key(|(s, _)| *s);
    let volatility = indices
        .iter()
        .filter_map(|r| {
            let vix = number(&r["VIX"])?;
            Some(VolatilityDay {
                date: r["date"].parse().unwrap(),
                vix,
                vix9d: number(&r["VIX9D"]),
                vix3m: number(&r["VIX3M"]),
                vix1d: None,
            })
        })
        .collect();
    let tenors = ["DGS1MO", "DGS3MO", "DGS6MO", "DGS1", "DGS2"];
    let rates = rows(data.join("rates/treasury.csv"))
        .iter()
        .map(|r| RateDay { date: r["date"].parse().unwrap(), yields: tenors.map(|t| number(&r[t])) })
        .collect();
    let since = Date::constant(2016, 1, 1);
    History {
        symbols: all,
        volatility,
        rates,
        indices: Vec::new(),
        splits_complete_since: since,
        simulated: false,
        source: "data".to_owned(),
    }
}

fn read_symbol(
    data: &Path,
    symbol: &str,
    dividends: &[BTreeMap<String, String>],
    earnings: &[BTreeMap<String, String>],
    indices: &[BTreeMap<String, String>],
) -> SymbolHistory {
    let price = |r: &BTreeMap<String, String>, k: &str| Price::from_f64(r[k].parse().unwrap()).unwrap();
    let bar = |r: &BTreeMap<String, String>| Bar {
        day: TradingDay::from_record(r["date"].parse().unwrap()),
        open: price(r, "open"),
        high: price(r, "high"),
        low: price(r, "low"),
        close: price(r, "close"),
        volume: r["volume"].parse::<f64>().unwrap() as u64,
    };
    let dividend = |r: &BTreeMap<String, String>| Dividend {
        ex_date: r["ex_date"].parse().unwrap(),
        amount: price(r, "amount_split_adjusted"),
    };
    let own = |r: &&BTreeMap<String, String>| r["symbol"] == symbol;
    let dates: Vec<Date> = earnings.iter().filter(own).map(|r| r["report_date"].parse().unwrap()).collect();
    let listed = match symbol {
        "AAPL" => "VXAP",
        "AMZN" => "VXAZ",
        "GOOG" => "VXGO",
        _ => "",
    };
    let implied = |r: &BTreeMap<String, String>| Some((r["date"].parse().unwrap(), number(r.get(listed)?)?));
    SymbolHistory {
        bars: rows(data.join(format!("bars/{symbol}.csv"))).iter().map(bar).collect(),
        dividends: dividends.iter().filter(own).map(dividend).collect(),
        splits: Vec::new(),
        earnings: (!dates.is_empty()).then_some(dates),
        volatility: indices.iter().filter_map(implied).collect(),
    }
}
