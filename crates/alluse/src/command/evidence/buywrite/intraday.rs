//! `alluse evidence buywrite --intraday`: the published index rebuilt by its own hours (V1).

use std::path::Path;
use std::sync::Arc;

use adapters::history::{read_index, read_intraday};
use market::instrument::Symbol;
use market::time::{Calendar, Date, TradingDay};
use report::figure::{Day, Share};
use serde_json::{Value, json};
use simulation::evidence::agreement::{Agreement, agreement};
use simulation::evidence::beside;
use simulation::evidence::modelled::INDEX;
use simulation::evidence::writing::{Moment, Sale, buy_write, sales};

use super::{PUBLISHED, modelled, whole};
use crate::failure::Failure;
use crate::inputs::{self, Premium};
use crate::show::{self, Screen, figures, signed, words};

/// What the index rebuilt by its hours has to reach: the least correlation of monthly returns, and the most that a
/// whole year may differ.
const BAR: (f64, f64) = (0.98, 0.01);

/// How it was rebuilt, and where that is not the published method.
const METHOD: [&str; 7] = [
    "The method is that of the published index (Whaley 2002, and Cboe's description): the S&P 500 held with its \
     dividends, and a call at the first strike above it written on each third Friday and held to its end.",
    "On that Friday the old call settles at the opening, here the first price of the first bar, where the published \
     index has the special opening quotation; the index is held uncovered until the new call is sold.",
    "The new strike is the first above the last index level before 11:00 New York. The call is sold at the model's \
     price at the index's mean from 11:30 to 13:30 (the open, high, low and close of its eight bars); the published \
     index takes what such calls traded at. Trading that ends at 13:00 ends those hours too.",
    "A call's time counts to the opening at which it settles. Its volatility at midday is by VIX at the close before, \
     as are interest and dividend yield; at a close they are that close's. At closing prices its time counts to the \
     close of its last day.",
    "The call held when the bars begin was still written at a close.",
    "The index's dividends are SPY's, at its yield on the close before; the dividends known ahead lower the forward.",
    "No spread and no fee is taken off, as in the published index.",
];

/// A call that was sold, and the hours that it was sold in.
struct Sold {
    day: TradingDay,
    opening: f64,
    reference: f64,
    midday: f64,
    strike: f64,
    expiration: Date,
    price: f64,
}

/// What was found.
struct Found {
    /// By its hours, beside closing prices.
    beside: Agreement,
    /// By its hours, beside the index as published where it is at hand.
    published: Option<Agreement>,
    /// Why it is not, in a sentence.
    absent: String,
    sold: Vec<Sold>,
}

pub(in crate::command::evidence) fn run(data: &Path, policy: &str, as_json: bool) -> Result<(), Failure> {
    let calendar = Arc::new(Calendar::nyse());
    let policy = inputs::policy(policy)?;
    let premium = Premium::shipped();
    let refused = |error: adapters::history::DataError| Failure::Data(error.to_string());
    let symbol = Symbol::new(INDEX).map_err(|error| Failure::Data(error.to_string()))?;
    let sessions = read_intraday(data, symbol, &calendar).map_err(refused)?;
    let file = data.join("benchmarks").join(format!("{PUBLISHED}.csv"));
    let published = if file.exists() { read_index(data, PUBLISHED).map_err(refused)? } else { Vec::new() };
    let history = inputs::history(data, &policy, &calendar)?;
    let run = whole(&history, &policy, &premium);
    let market = beside::market(&run, &calendar)?;
    let closes = market.closes_within(&sessions);
    let from = sessions[0].day;
    let within = |values: Vec<(TradingDay, f64)>| -> Vec<(TradingDay, f64)> {
        values.into_iter().filter(|(day, _)| *day >= from).collect()
    };
    let rebuilt = within(buy_write(&closes, &market)?);
    let closing: Vec<(Date, f64)> = within(beside::methods(&run, &calendar)?.0).iter().map(dated).collect();
    let beside = agreement(&rebuilt, &closing).ok_or_else(|| {
        let last = sessions[sessions.len() - 1].day;
        Failure::Data(format!(
            "{}: expected three ends of months from {from} to {last}, for which {INDEX} has bars",
            data.display()
        ))
    })?;
    let found = Found {
        published: agreement(&rebuilt, &published),
        absent: absent(&published, &beside),
        sold: sales(&closes, &market)?.iter().filter_map(sold).collect(),
        beside,
    };
    if as_json { show::json(&json(&found, &premium)) } else { print(&found, &premium) }
}

fn dated((day, value): &(TradingDay, f64)) -> (Date, f64) {
    (day.date(), *value)
}

fn sold(sale: &Sale<'_>) -> Option<Sold> {
    let Moment::Midday(close, roll) = sale.at else { return None };
    Some(Sold {
        day: close.day,
        opening: roll.opening,
        reference: roll.reference,
        midday: roll.midday,
        strike: sale.call.strike,
        expiration: sale.call.expiration.0,
        price: sale.price,
    })
}

fn absent(published: &[(Date, f64)], beside: &Agreement) -> String {
    let has = match (published.first(), published.last()) {
        (Some((first, _)), Some((last, _))) => format!("has closes from {first} to {last}"),
        _ => "is not there".to_owned(),
    };
    format!(
        "NOT COMPARED with {PUBLISHED} as published: benchmarks/{PUBLISHED}.csv {has}, without three ends of months \
         from {} to {}. Nothing above says how near the rebuilt index is to it. Whoever has its closes can hold them \
         against the months below: correlation at least {}, each whole year within {}.",
        beside.from,
        beside.to,
        BAR.0,
        Share(BAR.1)
    )
}

/// Each figure against the published index: its name, how it is shown, the bar, and whether it is met.
fn bars(found: &Agreement) -> Vec<(String, String, String, bool)> {
    let (least, most) = BAR;
    let correlation = format!("{:.4}", found.correlation);
    let first = ("correlation of monthly returns".to_owned(), correlation, format!("at least {least}"), {
        found.correlation >= least
    });
    let year = |(year, own, published): (i16, f64, f64)| {
        let difference = own - published;
        let met = difference.abs() <= most;
        (format!("difference in {year}"), signed(Share(difference)), format!("at most {}", Share(most)), met)
    };
    [first].into_iter().chain(found.whole_years().map(year)).collect()
}

fn print(found: &Found, premium: &Premium) -> Result<(), Failure> {
    let screen = Screen::stdout();
    let warning =
        "MODELLED: the calls of the rebuilt index are priced by a model; the published index wrote real ones.";
    show::print(&screen.warning(&screen.wrap(warning, 2)))?;
    let beside = &found.beside;
    let title = format!(
        "{PUBLISHED} rebuilt by its hours beside the same at closing prices, {} to {}, {} months",
        beside.from, beside.to, beside.months
    );
    years(&title, beside, "at closes")?;
    show::paragraph(&format!(
        "Monthly returns of the two: correlation {:.4}, deviation {} (the standard deviation of the differences).",
        beside.correlation,
        Share(beside.monthly_deviation)
    ))?;
    match &found.published {
        Some(published) => {
            let title = format!(
                "{PUBLISHED} rebuilt by its hours beside {PUBLISHED} as published, {} to {}, {} months",
                published.from, published.to, published.months
            );
            let met = |met: bool| if met { "met" } else { "not met" }.to_owned();
            let rows = bars(published).into_iter().map(|(name, value, bar, is_met)| [name, value, bar, met(is_met)]);
            show::table(&title, [words(""), figures("found"), words("bar"), words("")], rows)?;
            years("Returns of each year", published, "published")?;
        }
        None => {
            show::print("")?;
            show::print(&screen.warning(&screen.wrap(&found.absent, 2)))?;
        }
    }
    let columns = [words("month to"), figures("by its hours"), figures("at closes"), figures("difference")];
    let rows = beside.monthly.iter().map(|(end, own, other)| row(end.to_string(), *own, *other));
    show::table("Returns of each month", columns, rows)?;
    show::print("")?;
    show::list(METHOD.map(str::to_owned).into_iter().chain([modelled(premium)]))
}

fn row(name: String, own: f64, other: f64) -> [String; 4] {
    [name, signed(Share(own)), signed(Share(other)), signed(Share(own - other))]
}

fn years(title: &str, found: &Agreement, other: &'static str) -> Result<(), Failure> {
    let whole: Vec<i16> = found.whole_years().map(|(year, _, _)| year).collect();
    let name = |year: i16| if whole.contains(&year) { year.to_string() } else { format!("{year}, in part") };
    let years = found.years.iter().map(|(year, own, other)| row(name(*year), *own, *other));
    let columns = [words("year"), figures("by its hours"), figures(other), figures("difference")];
    show::table(title, columns, years.chain([row("a year".to_owned(), found.annual.0, found.annual.1)]))
}

fn json(found: &Found, premium: &Premium) -> Value {
    let of = |found: &Agreement, other: &str| {
        let whole: Vec<i16> = found.whole_years().map(|(year, _, _)| year).collect();
        let years = found.years.iter().map(
            |(year, own, theirs)| json!({"year": year, "whole": whole.contains(year), "rebuilt": own, other: theirs}),
        );
        let months =
            found.monthly.iter().map(|(end, own, theirs)| json!({"to": Day(*end), "rebuilt": own, other: theirs}));
        json!({
            "from": Day(found.from),
            "to": Day(found.to),
            "months": found.months,
            "correlation": found.correlation,
            "monthly_deviation": found.monthly_deviation,
            "annual": {"rebuilt": found.annual.0, other: found.annual.1},
            "years": years.collect::<Vec<_>>(),
            "monthly": months.collect::<Vec<_>>(),
        })
    };
    let sold = found.sold.iter().map(|sold| {
        json!({
            "day": Day(sold.day.date()),
            "opening": sold.opening,
            "reference": sold.reference,
            "strike": sold.strike,
            "expiration": Day(sold.expiration),
            "index": sold.midday,
            "price": sold.price,
        })
    });
    let bars = found
        .published
        .iter()
        .flat_map(bars)
        .map(|(name, value, bar, met)| json!({"figure": name, "found": value, "bar": bar, "met": met}));
    json!({
        "premiums": "modelled",
        "method": "settled at the opening, written at midday",
        "beside_closing_prices": of(&found.beside, "at_closing_prices"),
        "beside_published": found.published.as_ref().map(|published| of(published, "published")),
        "bars": bars.collect::<Vec<_>>(),
        "not_compared": found.published.is_none().then_some(&found.absent),
        "calls": sold.collect::<Vec<_>>(),
        "notes": METHOD.map(str::to_owned).into_iter().chain([modelled(premium)]).collect::<Vec<_>>(),
    })
}
