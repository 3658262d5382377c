//! `alluse evidence model`: how far the premium model is from what somebody quoted.

pub(super) mod fit;

use std::fs;
use std::path::{Path, PathBuf};

use market::history::History;
use market::quote::QuotedChains;
use market::time::{Calendar, Weekday};
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use report::words::minus;
use serde_json::{Value, json};
use simulation::evidence::model::{
    Bar, Compared, Comparison, ENOUGH, Error, Regime, Verdict, as_if_without_index, bars, by, compare,
};
use simulation::premium::Method;

use crate::cli::EvidenceModel;
use crate::failure::Failure;
use crate::inputs::{self, Premium};
use crate::show::{self, Column, figures, words};

/// Upper edges of the classes of |delta| in points, with what they are called.
const DELTAS: [(f64, &str); 7] =
    [(5.0, "0–5"), (15.0, "5–15"), (25.0, "15–25"), (35.0, "25–35"), (45.0, "35–45"), (55.0, "45–55"), (80.0, "55–80")];
/// Upper edges of the classes of calendar days.
const DAYS: [(f64, &str); 7] = [
    (2.5, "1–2"),
    (5.5, "3–5"),
    (9.5, "6–9"),
    (21.5, "10–21"),
    (45.5, "22–45"),
    (120.5, "46–120"),
    (1000.0, "121 and more"),
];

/// Chains, history and model of a comparison.
struct Material {
    history: History,
    quotes: QuotedChains,
    calendar: Calendar,
    policy: Policy,
}

impl Material {
    fn read(data: &Path, chains: Option<&Path>) -> Result<Material, Failure> {
        let (calendar, policy) = (Calendar::nyse(), Policy::all_use());
        let history = inputs::history(data, &policy, &calendar)?;
        let folder = chains.map_or_else(|| data.join("chains"), Path::to_owned);
        let quotes = inputs::quotes(&folder, &calendar)?;
        Ok(Material { history, quotes, calendar, policy })
    }
}

/// The model in a file, or the one that ships.
fn model(file: Option<&PathBuf>) -> Result<PremiumModel, Failure> {
    let Some(file) = file else { return Ok(Premium::shipped().model) };
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|e| Failure::Data(format!("{name}: {e}; expected a premium model")))?;
    PremiumModel::parse(&text, &name).map_err(|e| Failure::Data(e.to_string()))
}

/// Compares and prints.
pub(super) fn run(arguments: &EvidenceModel) -> Result<(), Failure> {
    let model = model(arguments.model.as_ref())?;
    let material = Material::read(&arguments.data, arguments.chains.as_deref())?;
    let Material { history, quotes, calendar, policy } = &material;
    let index = policy.universe.index;
    let found = compare(history, calendar, index, &model, quotes).map_err(|e| Failure::Data(e.to_string()))?;
    let quoted = bars(&found.quotes);
    let as_if = as_if_without_index(history, calendar, index, &model);
    if arguments.json {
        return show::json(&to_json(&model, &found, &quoted, &as_if));
    }
    print(&model, &found, &quoted, &as_if)
}

fn print(model: &PremiumModel, found: &Comparison, quoted: &[Bar], as_if: &[Bar]) -> Result<(), Failure> {
    let fitted = |days: Option<(market::time::Date, market::time::Date)>| {
        days.map_or_else(|| "no days".to_owned(), |(first, last)| format!("{first} to {last}"))
    };
    show::paragraph(&format!(
        "The premium model beside {} quotes at the close. Its numbers were fitted on quotes of {} and on bars and \
         indices of {}; every other day tests it. Errors are the model's less the quote's: in points of implied \
         volatility, and of the premium as a share of all that was quoted.",
        found.quotes.len(),
        fitted(model.fitted().quotes),
        fitted(model.fitted().history)
    ))?;
    for table in tables(&found.quotes) {
        let rows = table.rows.iter().map(|(name, error)| row(name, error));
        show::table(&table.title, columns(table.of), rows)?;
    }
    bar_table("At the money, quoted: delta 45 to 55, 3 to 45 days (V9)", quoted)?;
    bar_table("The method for symbols without an index on those that have one: their index (V9)", as_if)?;
    show::print("")?;
    show::paragraph(&verdict(quoted, as_if))?;
    show::list(
        found
            .unpriced
            .iter()
            .map(|left| format!("not compared: {} quotes of {}: {}", left.quotes, left.symbol, left.why)),
    )?;
    show::paragraph(&format!(
        "Without a bid, or below what exercise gives: {} quotes, not compared.",
        found.without_volatility
    ))
}

/// A table of errors.
struct Table {
    key: &'static str,
    title: String,
    of: &'static str,
    rows: Vec<(String, Error)>,
}

fn tables(quotes: &[Compared]) -> Vec<Table> {
    let class = |edges: &[(f64, &'static str)], value: f64| {
        edges.iter().position(|(edge, _)| value <= *edge).map(|at| (at, edges[at].1))
    };
    let mut tables = Vec::new();
    let mut add = |key, title: &str, of, rows| tables.push(Table { key, title: title.to_owned(), of, rows });
    let split = |quote: &Compared| if quote.fitted { "fitted" } else { "tested" };
    add(
        "symbol",
        "By symbol",
        "symbol",
        named(by(quotes, |q| within(q).then(|| (q.symbol, split(q)))), |(symbol, split)| format!("{symbol}, {split}")),
    );
    add(
        "delta",
        "By delta, on days that test it",
        "delta",
        named(by(quotes, |q| class(&DELTAS, q.delta).filter(|_| !q.fitted)), at),
    );
    add(
        "days",
        "By days to expiration, on days that test it",
        "days",
        named(by(quotes, |q| class(&DAYS, q.days).filter(|_| within(q) && !q.fitted)), at),
    );
    let regime = |q: &Compared| (within(q) && !q.fitted).then_some(q.regime);
    add(
        "regime",
        "By VIX beside its mean of 252 closes, on days that test it",
        "VIX",
        named(by(quotes, regime), |r| level(*r).to_owned()),
    );
    let near = |q: &Compared| within(q) && !q.fitted && q.days < 45.5;
    let report = |q: &Compared| (near(q) && q.method != Method::Index).then_some(q.report);
    let word = |r: &bool| if *r { "a report before expiration" } else { "none" }.to_owned();
    add(
        "report",
        "By reports, up to 45 days to expiration, on days that test it",
        "report",
        named(by(quotes, report), word),
    );
    let weekday =
        |q: &Compared| (within(q) && !q.fitted && q.days < 5.5).then(|| q.day.date().weekday().to_monday_zero_offset());
    add(
        "weekday",
        "By weekday, up to 5 days to expiration, on days that test it",
        "weekday",
        named(by(quotes, weekday), |day| name(*day).to_owned()),
    );
    tables
}

fn named<K>(rows: Vec<(K, Error)>, name: impl Fn(&K) -> String) -> Vec<(String, Error)> {
    rows.into_iter().map(|(key, error)| (name(&key), error)).collect()
}

fn at((_, name): &(usize, &'static str)) -> String {
    (*name).to_owned()
}

fn name(day: i8) -> &'static str {
    match Weekday::from_monday_zero_offset(day) {
        Ok(Weekday::Monday) => "Monday",
        Ok(Weekday::Tuesday) => "Tuesday",
        Ok(Weekday::Wednesday) => "Wednesday",
        Ok(Weekday::Thursday) => "Thursday",
        _ => "Friday",
    }
}

/// Whether the protocol might write or roll it.
fn within(quote: &Compared) -> bool {
    (5.0..=80.0).contains(&quote.delta)
}

const fn level(regime: Regime) -> &'static str {
    match regime {
        Regime::Low => "at or below it",
        Regime::High => "above it",
        Regime::VeryHigh => "above 1.5 times it",
    }
}

fn columns(of: &str) -> Vec<Column> {
    vec![
        words(of),
        figures("quotes"),
        figures("sessions"),
        figures("bias, points"),
        figures("size, points"),
        figures("premium"),
        figures("its size"),
        figures("bid"),
    ]
}

fn row(name: &str, error: &Error) -> Vec<String> {
    vec![
        name.to_owned(),
        error.quotes.to_string(),
        error.sessions.to_string(),
        signed(error.bias),
        format!("{:.1}", error.size),
        percent(error.premium_bias),
        format!("{:.1}%", error.premium_size * 100.0),
        percent(error.bid_bias),
    ]
}

fn signed(points: f64) -> String {
    minus(&format!("{points:+.1}"))
}

fn percent(share: f64) -> String {
    format!("{}%", signed(share * 100.0))
}

fn bar_table(title: &str, bars: &[Bar]) -> Result<(), Failure> {
    let columns = [
        words("symbol"),
        words("year"),
        words("volatility from"),
        figures("sessions tested"),
        figures("bias, points"),
        figures("size"),
        figures("bar"),
        words(""),
        figures("fitted"),
        figures("bias"),
    ];
    let points = |bias: Option<f64>| bias.map_or_else(|| show::NONE.to_owned(), signed);
    let rows = bars.iter().map(|bar| {
        [
            bar.symbol.to_string(),
            bar.year.to_string(),
            source(bar.method).to_owned(),
            bar.tested.to_string(),
            points(bar.bias),
            bar.size.map_or_else(|| show::NONE.to_owned(), |size| format!("{size:.1}")),
            format!("±{}", bar.limit()),
            said(bar.verdict()).to_owned(),
            bar.fitted.to_string(),
            points(bar.bias_fitted),
        ]
    });
    show::table(title, columns, rows)
}

const fn source(method: Method) -> &'static str {
    match method {
        Method::Index => "VIX",
        Method::Own => "its own index",
        Method::Ratio => "VIX times ratio",
    }
}

const fn said(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::TooFew => "too few",
    }
}

fn verdict(quoted: &[Bar], as_if: &[Bar]) -> String {
    let count = |bars: &[Bar], is: Verdict| bars.iter().filter(|bar| bar.verdict() == is).count();
    let judged = |bars: &[Bar]| count(bars, Verdict::Met) + count(bars, Verdict::Missed);
    let of = |bars: &[Bar]| match judged(bars) {
        0 => format!("no year of a symbol has {ENOUGH} sessions that test the model"),
        all => format!("{} of {all} years of a symbol with {ENOUGH} or more sessions", count(bars, Verdict::Met)),
    };
    format!("The bar (V9) is met by {} on quotes, and by {} as if without an index.", of(quoted), of(as_if))
}

fn to_json(model: &PremiumModel, found: &Comparison, quoted: &[Bar], as_if: &[Bar]) -> Value {
    let days = |days: Option<(market::time::Date, market::time::Date)>| {
        days.map(|(first, last)| json!([first.to_string(), last.to_string()]))
    };
    let error = |(name, e): &(String, Error)| {
        json!({
            "class": name,
            "quotes": e.quotes,
            "sessions": e.sessions,
            "bias_points": e.bias,
            "size_points": e.size,
            "premium_bias": e.premium_bias,
            "premium_size": e.premium_size,
            "bid_bias": e.bid_bias,
        })
    };
    let bar = |bar: &Bar| {
        json!({
            "symbol": bar.symbol.to_string(),
            "year": bar.year,
            "volatility_from": source(bar.method),
            "sessions_tested": bar.tested,
            "sessions_fitted": bar.fitted,
            "bias_points": bar.bias,
            "size_points": bar.size,
            "bias_points_fitted": bar.bias_fitted,
            "limit_points": bar.limit(),
            "verdict": said(bar.verdict()),
        })
    };
    let table = |table: &Table| (table.key.to_owned(), table.rows.iter().map(error).collect::<Value>());
    json!({
        "fitted": { "quotes": days(model.fitted().quotes), "history": days(model.fitted().history) },
        "quotes": found.quotes.len(),
        "without_volatility": found.without_volatility,
        "not_compared": found.unpriced.iter().map(|left| {
            json!({ "symbol": left.symbol.to_string(), "quotes": left.quotes, "why": left.why })
        }).collect::<Value>(),
        "errors": tables(&found.quotes).iter().map(table).collect::<serde_json::Map<_, _>>(),
        "bars": quoted.iter().map(bar).collect::<Value>(),
        "bars_as_if_without_index": as_if.iter().map(bar).collect::<Value>(),
    })
}
