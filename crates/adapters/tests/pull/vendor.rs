//! Made-up figures in the shapes that vendors send.

use std::fmt::Write as _;

use adapters::pull::Sources;
use market::time::{Calendar, Date, TradingDay};
use serde_json::{Value, json};

/// The sessions that the vendors know: 2024-04-15 to 2024-06-07.
pub(crate) fn sessions() -> Vec<TradingDay> {
    Calendar::nyse().sessions_between(Date::constant(2024, 4, 15), Date::constant(2024, 6, 7)).to_vec()
}

/// Closes that wander a little, in whole cents.
pub(crate) fn closes() -> Vec<f64> {
    let cents = |i: usize| 20_000 + (i * 137) % 400;
    (0..sessions().len()).map(|i| cents(i) as f64 / 100.0).collect()
}

/// As a single-precision number written in double.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

/// A dividend: the place of its ex-date among the sessions, and dollars.
pub(crate) const DIVIDEND: (usize, f64) = (20, 1.25);

/// A chart of `symbol`, of all sessions.
pub(crate) fn chart(symbol: &str) -> Value {
    let calendar = Calendar::nyse();
    let times: Vec<i64> = sessions().iter().map(|day| calendar.opens_at(*day).as_second()).collect();
    let closes = closes();
    let share = 1.0 - DIVIDEND.1 / closes[DIVIDEND.0 - 1];
    let adjusted = |i: usize| if i < DIVIDEND.0 { closes[i] * share } else { closes[i] };
    let list = |value: &dyn Fn(usize) -> f64| (0..closes.len()).map(|i| single(value(i))).collect::<Vec<_>>();
    let at = times[DIVIDEND.0];
    json!({ "chart": { "error": null, "result": [{
        "meta": { "symbol": symbol, "exchangeTimezoneName": "America/New_York", "dataGranularity": "1d" },
        "timestamp": times,
        "events": { "dividends": { at.to_string(): { "amount": DIVIDEND.1, "date": at } } },
        "indicators": {
            "quote": [{
                "open": list(&|i| closes[i] - 0.25),
                "high": list(&|i| closes[i] + 1.5),
                "low": list(&|i| closes[i] - 1.75),
                "close": list(&|i| closes[i]),
                "volume": (0..closes.len()).map(|i| 40_000_000 + i as u64).collect::<Vec<_>>(),
            }],
            "adjclose": [{ "adjclose": list(&adjusted) }],
        },
    }] } })
}

/// The same as a table.
pub(crate) fn table() -> String {
    let mut text = "Date,Open,High,Low,Close,Volume\r\n".to_owned();
    for (day, close) in sessions().iter().zip(closes()) {
        let (open, high, low) = (close - 0.25, close + 1.5, close - 1.75);
        write!(text, "{day},{open:.2},{high:.2},{low:.2},{close:.2},4000000\r\n").expect("into memory");
    }
    text
}

/// An index by day, months first, with highs and lows or a value alone.
pub(crate) fn index(name: &str) -> String {
    let alone = matches!(name, "VVIX" | "VXAPL");
    let mut text = if alone { format!("DATE,{name}\n") } else { "DATE,OPEN,HIGH,LOW,CLOSE\n".to_owned() };
    for (i, day) in sessions().iter().enumerate() {
        let (date, value) = (day.date(), 15.0 + (i % 7) as f64 / 4.0);
        write!(text, "{:02}/{:02}/{},", date.month(), date.day(), date.year()).expect("into memory");
        let all = format!("{:.6},{:.6},{:.6},{value:.6}", value, value + 1.0, value - 1.0);
        writeln!(text, "{}", if alone { format!("{value:.2}") } else { all }).expect("into memory");
    }
    text
}

/// Yields of a year, the latest day first.
pub(crate) fn yields(year: i16) -> String {
    let mut text = "Date,\"1 Mo\",\"2 Mo\",\"3 Mo\",\"6 Mo\",\"1 Yr\",\"2 Yr\",\"30 Yr\"\n".to_owned();
    for day in sessions().iter().rev().filter(|day| day.date().year() == year) {
        let date = day.date();
        writeln!(text, "{:02}/{:02}/{year},5.48,N/A,5.46,5.40,5.17,4.89,4.64", date.month(), date.day()).expect("ok");
    }
    text
}

/// What a path asks for, in the shapes that ship.
pub(crate) fn answer(path: &str) -> Option<String> {
    let name = |from: &str, to: &str| Some(path.split_once(from)?.1.split(to).next()?.to_owned());
    if path.starts_with("/chart/") {
        return name("/chart/", "?").map(|symbol| chart(&symbol.replace("%5E", "^")).to_string());
    }
    if path.starts_with("/index/") {
        return name("/index/", "_").map(|index_name| index(&index_name));
    }
    if path.starts_with("/yields/") {
        return name("/yields/", "?").and_then(|year| year.parse().ok()).map(yields);
    }
    path.starts_with("/table/").then(table)
}

/// The sources that ship, at another host.
pub(crate) fn sources(host: &str) -> Sources {
    let mut sources = Sources::shipped();
    for source in &mut sources.all {
        let path = match source.name.as_str() {
            "yahoo" => "/chart/{symbol}?period1={from}",
            "stooq" => "/table/?s={symbol}.us&d1={from_date}",
            "cboe" => "/index/{symbol}_History.csv",
            _ => "/yields/{year}?x={year}",
        };
        source.address = format!("{host}{path}");
    }
    sources
}
