//! What a run came to: the sleeves, beside what else the money could have done, beside other assumptions.

use report::comparison::{BenchmarkLine, Comparison};
use report::figure::{Amount, Share};
use report::period::{Performance, Period};
use report::weekly::Identity;
use report::{Book, comparison, measure, whole};

use crate::failure::Failure;
use crate::show::{self, figures, share, signed, words};

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
    let sleeves = period.sleeves.iter().map(|p| identity(&p.name, &p.identity));
    let reserve = (period.reserve != Identity::default()).then(|| identity("tax reserve", &period.reserve));
    let total = identity(&period.total.name, &period.total.identity);
    show::table(&title, columns, sleeves.chain(reserve).chain([total]))?;
    returns(period)?;
    risks(period)?;
    sources(period)
}

/// Each sleeve, and the whole.
fn all(period: &Period) -> impl Iterator<Item = &Performance> {
    period.sleeves.iter().chain([&period.total])
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
            signed(mean_week(p, period.weeks)),
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
fn mean_week(p: &Performance, weeks: u32) -> Option<Share> {
    measure::effective_annual(1.0 + p.time_weighted.0, weeks as usize, 1.0).map(Share)
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
    show::table("Risk, and the share of equity that lay idle", columns, rows)
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

/// The root's sleeves by themselves, every other structure as one, the tax reserves, and the whole.
fn sources(period: &Period) -> Result<(), Failure> {
    let mut parts: Vec<(String, Identity)> = Vec::new();
    for p in &period.sleeves {
        let (structure, _) = p.name.split_once('.').unwrap_or((p.name.as_str(), ""));
        let name = if structure == "1" { p.name.clone() } else { format!("structure {structure}") };
        match parts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum = sum.beside(p.identity),
            None => parts.push((name, p.identity)),
        }
    }
    if period.reserve != Identity::default() {
        parts.push(("tax reserve".to_owned(), period.reserve));
    }
    parts.push((period.total.name.clone(), period.total.identity));
    SOURCES.iter().try_for_each(|(title, sources)| {
        let columns: Vec<_> = [words("")].into_iter().chain(sources.iter().map(|(name, _)| figures(*name))).collect();
        let row = |(name, identity): &(String, Identity)| -> Vec<String> {
            [name.clone()].into_iter().chain(sources.iter().map(|(_, of)| of(identity).to_string())).collect()
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
    show::heading("What these figures assume")?;
    show::list(&compared.assumptions)
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
