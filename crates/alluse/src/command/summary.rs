//! What a run came to: the sleeves, beside what else the money could have done, beside other assumptions.

use report::comparison::{BenchmarkLine, Comparison};
use report::figure::{Amount, Share};
use report::period::{Performance, Period};
use report::weekly::Identity;
use report::{Book, comparison, measure, whole};

use crate::failure::Failure;
use crate::show::{self, cents, figures, share, signed, words};

/// Prints the whole run.
pub(crate) fn print(book: &Book<'_>) -> Result<(), Failure> {
    match whole(book) {
        Some(period) => sleeves(&period)?,
        None => show::print("\nThere is no weekly close yet.")?,
    }
    match comparison(book) {
        Some(compared) => beside(&compared, &book.policy().name),
        None => show::print("\nThere are not yet two weekly closes to compare."),
    }
}

/// A span: the identity, returns beside targets, risk, and where the gains came from.
pub(crate) fn sleeves(period: &Period) -> Result<(), Failure> {
    let title = format!("{}, {} weeks: start + flows + gains = end", period.name, period.weeks);
    let columns = [words("sleeve"), figures("start"), figures("flows"), figures("gains"), figures("end")];
    show::table(&title, columns, parts(period).iter().map(|(name, i)| identity(name, i)))?;
    flows(period)?;
    returns(period)?;
    risks(period)?;
    sources(period)
}

/// The root's sleeves by themselves, every other structure as one: a page holds them however many there are.
fn rows(period: &Period) -> impl Iterator<Item = &Performance> {
    period.sleeves.iter().filter(|p| p.name.starts_with("1.")).chain(&period.structures)
}

/// The same with the whole.
fn all(period: &Period) -> impl Iterator<Item = &Performance> {
    rows(period).chain([&period.total])
}

/// What the total sums up, and the total: its rows add up in every column but for flows within it, which cancel.
fn parts(period: &Period) -> Vec<(&str, Identity)> {
    let mut parts: Vec<(&str, Identity)> = rows(period).map(|p| (p.name.as_str(), p.identity)).collect();
    parts.extend((period.reserve != Identity::default()).then_some((RESERVE, period.reserve)));
    parts.push((&period.total.name, period.total.identity));
    parts
}

/// How the tax reserves are called.
pub(crate) const RESERVE: &str = "tax reserve";

/// What flows are.
fn flows(period: &Period) -> Result<(), Failure> {
    let mut said = Vec::new();
    if period.total.identity.start == Amount::default() {
        said.push("It starts with nothing: what the owner paid in is a flow.".to_owned());
    }
    let reserve = period.reserve != Identity::default();
    let between = match (reserve, period.structures.is_empty()) {
        (false, true) => "",
        (true, true) => "moved to or from the tax reserve",
        (false, false) => "was moved by forks and merges",
        (true, false) => "moved to or from the tax reserve or by forks and merges",
    };
    if !between.is_empty() {
        said.push(format!(
            "A sleeve's flows are what the owner paid in or took out, and what {between}; the latter cancel in the \
             total, whose flows are the owner's alone."
        ));
    }
    if !period.structures.is_empty() {
        said.push("A structure is its own sleeves together; --json has each of them.".to_owned());
    }
    if said.is_empty() { Ok(()) } else { show::paragraph(&said.join(" ")) }
}

/// A row of the identity.
pub(crate) fn identity(name: &str, i: &Identity) -> [String; 5] {
    [name.to_owned(), i.start.to_string(), i.flows.to_string(), i.gains.to_string(), i.end.to_string()]
}

fn returns(period: &Period) -> Result<(), Failure> {
    let columns = [
        words("sleeve"),
        figures("a year"),
        figures("target"),
        figures("a week"),
        figures("target"),
        figures("on offer"),
        figures("money-wtd"),
        figures("drawdown"),
    ];
    let rows = all(period).map(|p| {
        [
            p.name.clone(),
            signed(p.effective_annual),
            signed(p.target_annual),
            signed(mean_week(p)),
            signed(p.target_weekly),
            share(p.on_offer),
            signed(p.money_weighted),
            p.drawdown.to_string(),
        ]
    });
    show::table("Returns, beside the targets that the authors believe in", columns, rows)?;
    show::paragraph(
        "Effective annual rate and its mean week, time-weighted, each beside its target (A-4). On offer: premium a \
         week of the strikes that the rules chose, as a share of the sleeve's equity.",
    )
}

/// The geometric mean week.
fn mean_week(p: &Performance) -> Option<Share> {
    measure::effective_annual(1.0 + p.time_weighted.0, p.weeks as usize, 1.0).map(Share)
}

fn risks(period: &Period) -> Result<(), Failure> {
    let columns = [
        words("sleeve"),
        figures("return"),
        figures("volatility"),
        figures("Sharpe"),
        figures("Sortino"),
        figures("idle cash"),
        figures("marks restarted"),
    ];
    let rows = all(period).map(|p| {
        [
            p.name.clone(),
            signed(p.time_weighted),
            share(p.volatility),
            show::ratio(p.sharpe),
            show::ratio(p.sortino),
            share(p.idle_share),
            p.resets.to_string(),
        ]
    });
    show::table("Risk, and the share of equity that lay idle", columns, rows)?;
    let waiting = period.total.waiting_dollar_weeks;
    if waiting == Amount::default() {
        return Ok(());
    }
    let weeks = period.total.identity.end.0.to_f64();
    let share =
        (weeks > 0.0).then(|| format!(", {:.1} weeks of all that there is at the end", waiting.0.to_f64() / weeks));
    show::paragraph(&format!(
        "Of it waited for forks that were due (F-3): {} × weeks{}.",
        cents(waiting),
        share.unwrap_or_default()
    ))
}

/// A source of gains: its name, and its amount in an identity.
type Source = (&'static str, fn(&Identity) -> Amount);

/// In two tables, so that a terminal of 80 columns holds them.
const SOURCES: [(&str, [Source; 4]); 2] = [
    (
        "Gains from trades",
        [
            ("premium", |i| i.premium),
            ("shares that left", |i| i.shares),
            ("LEAPS sold", |i| i.longs),
            ("fees", |i| i.fees),
        ],
    ),
    (
        "Other gains, and all of them",
        [
            ("dividends", |i| i.dividends),
            ("interest", |i| i.interest),
            ("unrealised", |i| i.unrealised),
            ("all gains", |i| i.gains),
        ],
    ),
];

/// Where the gains of each part came from.
fn sources(period: &Period) -> Result<(), Failure> {
    let parts = parts(period);
    SOURCES.iter().try_for_each(|(title, sources)| {
        let columns: Vec<_> = [words("")].into_iter().chain(sources.iter().map(|(name, _)| figures(*name))).collect();
        let row = |(name, identity): &(&str, Identity)| -> Vec<String> {
            [(*name).to_owned()].into_iter().chain(sources.iter().map(|(_, of)| of(identity).to_string())).collect()
        };
        show::table(title, columns, parts.iter().map(row))
    })
}

/// The run beside its benchmarks and its variants, with all that must be said of it.
pub(crate) fn beside(compared: &Comparison, policy: &str) -> Result<(), Failure> {
    benchmarks(compared)?;
    variants(compared, policy)?;
    origins(compared)?;
    show::print("")?;
    compared.notes.iter().try_for_each(|note| show::paragraph(note))?;
    assumptions(&compared.assumptions)
}

/// What the figures assume, and what the run did not exercise.
pub(crate) fn assumptions(assumptions: &[String]) -> Result<(), Failure> {
    show::heading("What these figures assume")?;
    show::list(assumptions)
}

/// The run beside what else the money could have done.
pub(crate) fn benchmarks(compared: &Comparison) -> Result<(), Failure> {
    let Comparison { from, to, start, .. } = compared;
    let title = format!("Beside what else {start} could have done, {from} to {to}");
    let columns = [
        words(""),
        figures("end"),
        figures("a year"),
        figures("money-wtd"),
        figures("vol./yr"),
        figures("drawdown"),
        figures("Sharpe"),
    ];
    let row = |line: &BenchmarkLine| {
        [
            line.name.clone(),
            line.end.to_string(),
            signed(line.cagr),
            signed(line.money_weighted),
            share(line.volatility),
            line.drawdown.to_string(),
            show::ratio(line.sharpe),
        ]
    };
    show::table(&title, columns, compared.lines.iter().map(row))?;
    show::list(compared.lines.iter().skip(1).map(|line| format!("{}: {}", line.name, line.how)))?;
    show::list(compared.missing.iter().map(|missing| format!("not shown: {missing}")))
}

fn variants(compared: &Comparison, policy: &str) -> Result<(), Failure> {
    let Some(this) = compared.lines.first().filter(|_| !compared.variants.is_empty()) else { return Ok(()) };
    let columns = [words(""), figures("end"), figures("beside this run"), figures("a year"), figures("drawdown")];
    let own = [
        "this run".to_owned(),
        this.end.to_string(),
        show::NONE.to_owned(),
        signed(this.cagr),
        this.drawdown.to_string(),
    ];
    let others = compared.variants.iter().map(|v| {
        let more = v.end.0 - this.end.0;
        let sign = if more.is_positive() { "+" } else { "" };
        let more = format!("{sign}{}", report::words::money(more));
        [v.name.clone(), v.end.to_string(), more, signed(v.cagr), v.drawdown.to_string()]
    });
    let title = format!("The same run (policy {policy}, fills at the touch) under other assumptions, one at a time");
    show::table(&title, columns, [own].into_iter().chain(others))
}

fn origins(compared: &Comparison) -> Result<(), Failure> {
    let o = &compared.origins;
    let row = |what: &str, modelled: String, quoted: String, part: String| [what.to_owned(), modelled, quoted, part];
    let rows = [
        row("fills", o.fills_modelled.to_string(), o.fills_quoted.to_string(), share(o.fills_modelled_share)),
        row("weekly marks", o.marks_modelled.to_string(), o.marks_quoted.to_string(), share(o.marks_modelled_share)),
        row("premium sold", o.premium_modelled.to_string(), o.premium_quoted.to_string(), show::NONE.to_owned()),
    ];
    let columns = [words(""), figures("modelled"), figures("quoted"), figures("modelled share")];
    show::table("Where option prices came from", columns, rows)
}
