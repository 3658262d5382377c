//! `alluse evidence buywrite`: the published buy-write index, rebuilt (V1).

pub(super) mod intraday;

use std::path::Path;
use std::sync::Arc;

use adapters::history::read_index;
use market::history::History;
use market::time::Calendar;
use market::value::Money;
use protocol::policy::Policy;
use report::figure::{Day, Share};
use serde_json::json;
use simulation::evidence::agreement::{Agreement, agreement};
use simulation::evidence::beside::methods;
use simulation::replay::Run;

use super::modelled;
use crate::failure::Failure;
use crate::inputs::{self, Premium};
use crate::show::{self, Screen, figures, signed, words};

/// The published index.
pub(super) const PUBLISHED: &str = "BXM";

/// What the rebuilt index has to reach, at closing prices: the least correlation of monthly returns, and at most the
/// deviation of their differences, the difference a year, and that of a single year.
const BAR: (f64, f64, f64, f64) = (0.975, 0.0075, 0.01, 0.05);

/// How it was rebuilt, and where that is not the published method.
const METHOD: [&str; 4] = [
    "The method is that of the published index (Whaley 2002): the S&P 500 held with its dividends, and a call at the \
     first strike above it written on each third Friday and held to its end.",
    "Calls are settled and written at that Friday's close, and their time counts to the close; the published index \
     settles at its opening and writes at the mean price of two hours after it (--intraday does).",
    "The index's dividends are SPY's, at its yield on the close before; the dividends known ahead lower the forward.",
    "No spread and no fee is taken off, as in the published index.",
];

pub(super) fn run(data: &Path, policy: &str, as_json: bool) -> Result<(), Failure> {
    let calendar = Arc::new(Calendar::nyse());
    let policy = inputs::policy(policy)?;
    let premium = Premium::shipped();
    let published = read_index(data, PUBLISHED).map_err(|e| Failure::Data(e.to_string()))?;
    let history = inputs::history(data, &policy, &calendar)?;
    let (rebuilt, _) = methods(&whole(&history, &policy, &premium), &calendar)?;
    let found = agreement(&rebuilt, &published).ok_or_else(|| {
        let file = data.join("benchmarks").join(format!("{PUBLISHED}.csv"));
        let (first, last) = (rebuilt.first().map(|d| d.0), rebuilt.last().map(|d| d.0));
        let days = first.zip(last).map_or_else(|| "no day".to_owned(), |(a, b)| format!("{a} to {b}"));
        Failure::Data(format!("{}: expected three ends of months within {days}, which is rebuilt", file.display()))
    })?;
    if as_json { json(&found, &premium) } else { print(&found, &premium) }
}

/// All of a history, of which no run is made.
fn whole<'a>(history: &'a History, policy: &'a Policy, premium: &'a Premium) -> Run<'a> {
    Run {
        history,
        policy,
        premium: &premium.model,
        premium_text: &premium.text,
        from: None,
        to: None,
        deposit: Money::ZERO,
        script: &[],
        liquidity: &[],
        quotes: None,
    }
}

/// Each figure: its name, how it is shown, the bar, and whether it is met.
fn bars(found: &Agreement) -> [(&'static str, String, String, bool); 4] {
    let (least, deviation, a_year, one_year) = BAR;
    let annual = found.annual.0 - found.annual.1;
    let (year, worst) = found.worst_year().unwrap_or_default();
    let at_most = |bar: f64| format!("at most {}", Share(bar));
    [
        ("correlation of monthly returns", format!("{:.4}", found.correlation), format!("at least {least}"), {
            found.correlation >= least
        }),
        (
            "deviation of monthly returns",
            Share(found.monthly_deviation).to_string(),
            at_most(deviation),
            found.monthly_deviation <= deviation,
        ),
        ("difference a year", signed(Share(annual)), at_most(a_year), annual.abs() <= a_year),
        (
            "year of the largest difference",
            format!("{year} {}", signed(Share(worst))),
            at_most(one_year),
            worst.abs() <= one_year,
        ),
    ]
}

fn print(found: &Agreement, premium: &Premium) -> Result<(), Failure> {
    let screen = Screen::stdout();
    let warning =
        "MODELLED: the calls of the rebuilt index are priced by a model; the published index wrote real ones.";
    show::print(&screen.warning(&screen.wrap(warning, 2)))?;
    let title = format!(
        "{PUBLISHED} rebuilt beside {PUBLISHED} as published, {} to {}, {} months",
        found.from, found.to, found.months
    );
    let columns = [words(""), figures("found"), words("bar"), words("")];
    let met = |met: bool| if met { "met" } else { "not met" }.to_owned();
    let rows = bars(found).map(|(name, value, bar, is_met)| [name.to_owned(), value, bar, met(is_met)]);
    show::table(&title, columns, rows)?;
    show::paragraph(&format!(
        "{} weekly returns: correlation {:.4}, deviation {}. Deviation: the standard deviation of the differences.",
        found.weeks,
        found.weekly_correlation,
        Share(found.weekly_deviation)
    ))?;
    let columns = [words("year"), figures("rebuilt"), figures("published"), figures("difference")];
    let row = |name: String, own: f64, published: f64| {
        [name, signed(Share(own)), signed(Share(published)), signed(Share(own - published))]
    };
    let years = found.years.iter().map(|(year, own, published)| row(year.to_string(), *own, *published));
    let whole = row("a year".to_owned(), found.annual.0, found.annual.1);
    show::table("Returns of each year", columns, years.chain([whole]))?;
    show::paragraph(&format!(
        "{} begins at the close of {}, with the first whole month.",
        found.from.year(),
        found.from
    ))?;
    show::print("")?;
    show::list(METHOD.map(str::to_owned).into_iter().chain([modelled(premium)]))
}

fn json(found: &Agreement, premium: &Premium) -> Result<(), Failure> {
    let years: Vec<_> = found
        .years
        .iter()
        .map(|(year, own, published)| json!({"year": year, "rebuilt": own, "published": published}))
        .collect();
    let bars: Vec<_> = bars(found)
        .into_iter()
        .map(|(name, value, bar, met)| json!({"figure": name, "found": value, "bar": bar, "met": met}))
        .collect();
    let worst = found.worst_year().map(|(year, difference)| json!({"year": year, "difference": difference}));
    show::json(&json!({
        "premiums": "modelled",
        "from": Day(found.from),
        "to": Day(found.to),
        "months": found.months,
        "correlation": found.correlation,
        "monthly_deviation": found.monthly_deviation,
        "weeks": found.weeks,
        "weekly_correlation": found.weekly_correlation,
        "weekly_deviation": found.weekly_deviation,
        "annual": {"rebuilt": found.annual.0, "published": found.annual.1},
        "annual_difference": found.annual.0 - found.annual.1,
        "worst_year": worst,
        "years": years,
        "bars": bars,
        "notes": METHOD.map(str::to_owned).into_iter().chain([modelled(premium)]).collect::<Vec<_>>(),
    }))
}
