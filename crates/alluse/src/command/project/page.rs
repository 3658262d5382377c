//! The page of a projection, and the same as JSON.

use ledger::SleeveKind;
use market::value::Money;
use protocol::policy::IncomePolicy;
use report::figure::{Amount, Share};
use serde_json::{Value, json};
use simulation::projection::{Distribution, Horizon, Projection, Quality, TargetYear};

use super::{Column, MERGE_YEARS, Merge, Projected};
use crate::failure::Failure;
use crate::show::{self, NONE, Screen, figures, words};

/// What every page and every table is headed with.
const LABEL: &str = "if the targets were met";
/// Where the figure is that has a market behind it.
const HONEST: &str = "What a market would have paid is another figure, and the honest one: alluse backtest --data DIR \
    replays the whole protocol over real prices (V-3).";

/// Prints the page.
pub(super) fn print(projected: &Projected<'_>) -> Result<(), Failure> {
    let screen = Screen::stdout();
    let warning = format!(
        "{}: arithmetic on what the authors expect of a week (A-4). No price stands behind any figure below, and none \
         is a forecast.",
        LABEL.to_uppercase()
    );
    show::print(&screen.warning(&screen.wrap(&warning, 2)))?;
    opening(projected)?;
    targets(projected)?;
    structures(projected)?;
    qualities(projected)?;
    show::paragraph(&merged(&projected.merges))?;
    drawn(projected)?;
    show::print("")?;
    show::paragraph(HONEST)
}

fn opening(projected: &Projected<'_>) -> Result<(), Failure> {
    let arguments = projected.arguments;
    let first = &projected.policies[0].policy;
    let target = |kind| {
        let weekly = Share::from(first.target.of(kind));
        let year = (0..first.target.weeks_per_year).fold(1.0, |value, _| value * (1.0 + weekly.0)) - 1.0;
        format!("{kind} {weekly} a week ({:.0}% a year)", 100.0 * year)
    };
    let all = SleeveKind::ALL.map(target).join(", ");
    let withdraws = first.income.policy == IncomePolicy::Withdraw;
    let income = if withdraws { "paid out each week" } else { "kept" };
    show::paragraph(&format!(
        "{} paid in, {} years, income {income}, before tax; no fork waits for a contract. Targets: {all}.",
        arguments.deposit, arguments.years
    ))
}

/// Columns with a name of their own for each policy.
fn beside(projected: &Projected<'_>, names: &[&str]) -> Vec<show::Column> {
    let of = |name: &&str| {
        let name = (*name).to_owned();
        projected.policies.iter().map(move |column| figures(format!("{name} {}", column.policy.name).trim_start()))
    };
    names.iter().flat_map(of).collect()
}

fn targets(projected: &Projected<'_>) -> Result<(), Failure> {
    let columns = [vec![figures("year")], beside(projected, &["equity", "income"])].concat();
    let rows = (0..=projected.arguments.years as usize).map(|year| {
        let of = |figure: fn(&TargetYear) -> Money| {
            projected.policies.iter().map(move |column| dollars(figure(&column.expected().years[year])))
        };
        let cells = of(TargetYear::total).chain(of(|y| y.income + y.paid));
        [year.to_string()].into_iter().chain(cells).collect::<Vec<_>>()
    });
    show::table(&format!("V-1, {LABEL}: every week at its target, years as expected"), columns, rows)?;
    show::paragraph("Income: what may be withdrawn and was not (I-1), or what was paid out so far.")
}

fn structures(projected: &Projected<'_>) -> Result<(), Failure> {
    let columns = [vec![figures("year")], beside(projected, &["open", "merges"])].concat();
    let rows = (1..=projected.arguments.years as usize).map(|year| {
        let of = |figure: fn(&TargetYear) -> u32| {
            projected.policies.iter().map(move |column| figure(&column.expected().years[year]).to_string())
        };
        let cells = of(|y| y.structures).chain(of(|y| y.merges));
        [year.to_string()].into_iter().chain(cells).collect::<Vec<_>>()
    });
    show::table(&format!("V-1, {LABEL}: structures, years as expected"), columns, rows)
}

fn qualities(projected: &Projected<'_>) -> Result<(), Failure> {
    let columns = [vec![words("years")], beside(projected, &["", "merge"])].concat();
    let rows = Quality::ALL.map(|quality| {
        let of = |figure: fn(&Projection) -> String| {
            projected.policies.iter().map(move |column| figure(&column.targets[quality as usize]))
        };
        let merge = |p: &Projection| p.first_merge.map_or_else(|| NONE.to_owned(), |week| format!("week {week}"));
        let cells = of(|p| dollars(p.last().total())).chain(of(merge));
        [quality.to_string()].into_iter().chain(cells).collect::<Vec<_>>()
    });
    let years = projected.arguments.years;
    show::table(&format!("V-1, {LABEL}: equity after {years} years, and the first merge"), columns, rows)
}

/// Whether structures merge within ten years, as it was computed.
fn merged(merges: &[Merge]) -> String {
    let told = |rebase: bool| {
        let own = || merges.iter().filter(move |m| m.rebase == rebase);
        let weeks: Vec<String> =
            own().filter_map(|m| Some(format!("in week {} of {} years", m.week?, m.quality))).collect();
        let none: Vec<String> = own().filter(|m| m.week.is_none()).map(|m| m.quality.to_string()).collect();
        match (weeks.is_empty(), none.is_empty()) {
            (true, _) => "no merge occurs, in years of any quality".to_owned(),
            (_, true) => format!("the first merge comes {}", weeks.join(", ")),
            _ => format!("the first merge comes {}; none in {} years", weeks.join(", "), none.join(" or ")),
        }
    };
    format!(
        "At these targets, within {MERGE_YEARS} years: with fork.rebase = false {}; with fork.rebase = true {}.",
        told(false),
        told(true)
    )
}

fn drawn(projected: &Projected<'_>) -> Result<(), Failure> {
    let (arguments, label) = (projected.arguments, label(projected));
    let paths = format!("{} paths of seed {}", arguments.paths, arguments.seed);
    let names = [figures("year"), words("policy")].into_iter().chain(PERCENTILES.map(figures)).collect::<Vec<_>>();
    let years = 0..arguments.years as usize;
    let rows = years.clone().flat_map(|year| {
        projected.policies.iter().map(move |column| {
            let horizon = &column.drawn.horizons[year];
            let cells = [horizon.year.to_string(), column.policy.name.clone()].into_iter();
            cells.chain(row(&horizon.equity, compact)).collect::<Vec<_>>()
        })
    });
    show::table(&format!("V-2, {label}: equity, {paths}"), names, rows)?;

    let names = [words("figure"), words("policy")].into_iter().chain(PERCENTILES.map(figures)).collect::<Vec<_>>();
    let rows = FIGURES.iter().flat_map(|(name, of, shown)| {
        projected.policies.iter().filter_map(move |column| {
            let horizon = column.drawn.horizons.last()?;
            let cells = [(*name).to_owned(), column.policy.name.clone()].into_iter();
            Some(cells.chain(row(&of(horizon), *shown)).collect::<Vec<_>>())
        })
    });
    show::table(&format!("V-2, {label}: after {} years, {paths}", arguments.years), names, rows)?;

    let columns = [vec![figures("year")], beside(projected, &["ruin", "merged"])].concat();
    let rows = years.map(|year| {
        let of = |figure: fn(&Horizon) -> f64| {
            projected.policies.iter().map(move |column| Share(figure(&column.drawn.horizons[year])).to_string())
        };
        [(year + 1).to_string()].into_iter().chain(of(|h| h.ruin)).chain(of(|h| h.merged)).collect::<Vec<_>>()
    });
    show::table(&format!("V-2, {label}: share of paths"), columns, rows)?;
    show::paragraph(&caveat(projected))
}

/// What V-2's tables are headed with.
fn label(projected: &Projected<'_>) -> &'static str {
    if projected.history.is_some() { "if these weeks came again" } else { LABEL }
}

fn caveat(projected: &Projected<'_>) -> String {
    let first = &projected.policies[0].policy;
    let ruin = format!(
        "Ruin: equity was below {} of what was paid in, at a weekly close so far. Drawdown: the largest so far, flows \
         removed.",
        Share::from(first.projection.ruin)
    );
    match &projected.history {
        None => format!(
            "{ruin} Weeks are drawn by W-12's frequencies, in years good, expected or poor; of their ranges only \
             P-DD's has a losing week, so that drawdown and ruin here say nothing about a market."
        ),
        Some(returns) => {
            let means = returns.means().map(|mean| Share(mean).to_string());
            format!(
                "{ruin} Each week is one of the {} in the table, as likely as any other, whatever came before it; \
                 they bring Gen {}, Rev {}, Com {} on average.",
                returns.weeks(),
                means[0],
                means[1],
                means[2]
            )
        }
    }
}

const PERCENTILES: [&str; 6] = ["p5", "p25", "p50", "p75", "p95", "mean"];

/// A figure: its name, where it stands, and how it is shown.
type Figure = (&'static str, fn(&Horizon) -> Distribution, fn(f64) -> String);

const FIGURES: [Figure; 4] = [
    ("equity", |h| h.equity, compact),
    ("income", |h| h.income, compact),
    ("structures", |h| h.structures, |n| format!("{n:.0}")),
    ("drawdown", |h| h.drawdown, |share| Share(share).to_string()),
];

fn row(d: &Distribution, shown: fn(f64) -> String) -> [String; 6] {
    values(d).map(shown)
}

fn values(d: &Distribution) -> [f64; 6] {
    [d.p5, d.p25, d.p50, d.p75, d.p95, d.mean]
}

/// Whole dollars, rounded down.
fn dollars(money: Money) -> String {
    let text = Amount(money.floor_cents()).to_string();
    text.split_once('.').map_or(text.clone(), |(whole, _)| whole.to_owned())
}

/// Dollars to three digits: drawn figures deserve no more.
fn compact(dollars: f64) -> String {
    let (value, unit) = match dollars {
        d if d >= 999.5e6 => (d / 1e9, "B"),
        d if d >= 999.5e3 => (d / 1e6, "M"),
        d if d >= 999.5 => (d / 1e3, "k"),
        d => (d, ""),
    };
    let places = match value {
        v if v >= 99.95 || unit.is_empty() => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    format!("${value:.places$}{unit}")
}

/// Prints the same as JSON.
pub(super) fn json(projected: &Projected<'_>) -> Result<(), Failure> {
    let arguments = projected.arguments;
    let merges = projected
        .merges
        .iter()
        .map(|m| json!({ "fork_rebase": m.rebase, "quality": m.quality.to_string(), "first_merge_week": m.week }));
    show::json(&json!({
        "label": LABEL,
        "deposit": Amount(arguments.deposit),
        "years": arguments.years,
        "seed": arguments.seed,
        "paths": arguments.paths,
        "weeks": match &projected.history {
            None => json!({ "from": "types", "label": LABEL }),
            Some(returns) => json!({
                "from": "history", "label": label(projected), "file": arguments.history,
                "weeks": returns.weeks(), "means": returns.means(),
            }),
        },
        "policies": projected.policies.iter().map(column).collect::<Vec<_>>(),
        "merges_within_ten_years": merges.collect::<Vec<_>>(),
        "honest": HONEST,
    }))
}

fn column(column: &Column) -> Value {
    let targets: serde_json::Map<String, Value> =
        Quality::ALL.iter().map(|q| (q.to_string(), target(&column.targets[*q as usize]))).collect();
    json!({
        "name": column.policy.name,
        "income": column.policy.income.policy.word(),
        "at_targets": targets,
        "drawn": column.drawn.horizons.iter().map(horizon).collect::<Vec<_>>(),
    })
}

fn target(projection: &Projection) -> Value {
    let year = |y: &TargetYear| {
        let [generation, revenue, compounding] = y.equity.map(Amount);
        json!({
            "year": y.year, "equity": Amount(y.total()),
            "gen": generation, "rev": revenue, "com": compounding,
            "income": Amount(y.income), "paid": Amount(y.paid),
            "structures": y.structures, "forks": y.forks, "merges": y.merges,
        })
    };
    json!({
        "first_fork_week": projection.first_fork,
        "first_merge_week": projection.first_merge,
        "years": projection.years.iter().map(year).collect::<Vec<_>>(),
    })
}

fn horizon(h: &Horizon) -> Value {
    let distribution = |d: &Distribution| -> serde_json::Map<String, Value> {
        PERCENTILES.iter().zip(values(d)).map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    };
    json!({
        "year": h.year,
        "equity": distribution(&h.equity), "income": distribution(&h.income),
        "structures": distribution(&h.structures), "drawdown": distribution(&h.drawdown),
        "merged": h.merged, "ruin": h.ruin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_dollars_have_three_digits() {
        for (dollars, shown) in [
            (0.0, "$0"),
            (999.4, "$999"),
            (999.5, "$1.00k"),
            (12_345.0, "$12.3k"),
            (99_960.0, "$100k"),
            (999_499.0, "$999k"),
            (999_500.0, "$1.00M"),
            (5_908_967.7, "$5.91M"),
            (1.234e9, "$1.23B"),
        ] {
            assert_eq!(compact(dollars), shown, "{dollars}");
        }
        assert_eq!(dollars(Money::cents(123_456_789)), "$1,234,567");
    }

    #[test]
    fn merges_are_told_as_they_were_found() {
        let of = |rows: &[(bool, Quality, Option<u32>)]| {
            merged(
                &rows
                    .iter()
                    .map(|(rebase, quality, week)| Merge { rebase: *rebase, quality: *quality, week: *week })
                    .collect::<Vec<_>>(),
            )
        };
        use Quality::{Expected, Good, Poor};
        let found = of(&[
            (true, Good, Some(400)),
            (true, Expected, Some(440)),
            (true, Poor, None),
            (false, Good, None),
            (false, Expected, None),
            (false, Poor, None),
        ]);
        assert_eq!(
            found,
            "At these targets, within 10 years: with fork.rebase = false no merge occurs, in years of any quality; \
             with fork.rebase = true the first merge comes in week 400 of good years, in week 440 of expected years; \
             none in poor years."
        );
    }
}
