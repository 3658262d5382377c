//! The result beside what else the money could have done (L-6), from the marks in the journal.
//!
//! Every line starts at the weekly close before the first judged week (at the first close where there is none before),
//! with the portfolio's equity at that close, takes every later flow in at the start of its week, as the portfolio's
//! own returns do, and is valued at each weekly close. Dividends are reinvested at the close of the week of their
//! ex-date.

use std::collections::BTreeMap;

use engine::event::{BenchmarkMark, Body, Marks, Variant};
use ledger::SleeveKind;
use market::instrument::Symbol;
use market::quote::Origin;
use market::time::{Date, days_between};
use market::value::{Contracts, Money, Price};
use protocol::policy::unit::Ppm;
use serde::Serialize;

use crate::book::{Book, WeekRecord};
use crate::figure::{Amount, Day, Share};
use crate::period::{bill_return, flow_day};
use crate::{measure, notes, weekly, words};

/// The name of the line that earns the one-month Treasury yield.
pub const BILLS: &str = "T-bills";

/// The run beside its benchmarks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// `history`, or `SIMULATED`.
    pub world: String,
    /// The close at which every line starts.
    pub from: String,
    /// The close at which every line ends.
    pub to: String,
    /// Weeks between them.
    pub weeks: u32,
    /// What every line starts with.
    pub start: Amount,
    /// What every line received since.
    pub flows: Amount,
    /// The protocol, then the benchmarks.
    pub lines: Vec<BenchmarkLine>,
    /// The targets, which decide nothing.
    pub targets: Vec<Target>,
    /// The same run under other assumptions.
    pub variants: Vec<VariantLine>,
    /// Where prices came from.
    pub origins: Origins,
    /// Benchmarks that could not be computed, with the reason.
    pub missing: Vec<String>,
    /// A-5, or that everything is simulated.
    pub notes: Vec<String>,
    /// What the run assumes, and which rules it does not exercise.
    pub assumptions: Vec<String>,
}

/// One line of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchmarkLine {
    /// What it is.
    pub name: String,
    /// How it is made.
    pub how: String,
    /// Value at the end, to the cent.
    pub end: Amount,
    /// Time-weighted return over the whole span.
    pub time_weighted: Share,
    /// The same as a compound annual growth rate, at 365 days a year.
    pub cagr: Option<Share>,
    /// Money-weighted annual rate.
    pub money_weighted: Option<Share>,
    /// Standard deviation of weekly returns, annualised.
    pub volatility: Option<Share>,
    /// Deepest fall of a weekly close from the highest before, flows removed.
    pub drawdown: Share,
    /// Weekly excess over T-bills, annualised by √52.
    pub sharpe: Option<f64>,
    /// The same over the downside deviation.
    pub sortino: Option<f64>,
}

/// A sleeve's target beside what it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// `Gen`.
    pub sleeve: String,
    /// Weekly target.
    pub weekly: Share,
    /// As an effective annual rate.
    pub annual: Option<Share>,
    /// What the sleeves of this kind earned a year, as an effective annual rate.
    pub earned: Option<Share>,
}

/// The same run under another assumption.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariantLine {
    /// What differs.
    pub name: String,
    /// Equity at the end.
    pub end: Amount,
    /// Time-weighted return over its run.
    pub time_weighted: Share,
    /// The same as a compound annual growth rate over the span of this comparison.
    pub cagr: Option<Share>,
    /// Deepest fall of a weekly close from the highest before.
    pub drawdown: Share,
}

/// How many prices were quoted and how many modelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Origins {
    /// Fills at a quote.
    pub fills_quoted: u64,
    /// Fills at a modelled price.
    pub fills_modelled: u64,
    /// Modelled fills of all fills.
    pub fills_modelled_share: Option<Share>,
    /// Premium sold at quotes, before fees.
    pub premium_quoted: Amount,
    /// Premium sold at modelled prices, before fees.
    pub premium_modelled: Amount,
    /// Options marked at a quote, each once a week.
    pub marks_quoted: u64,
    /// Options marked at a modelled price, each once a week.
    pub marks_modelled: u64,
    /// Modelled marks of all marks.
    pub marks_modelled_share: Option<Share>,
}

/// The run beside its benchmarks; `None` before two weekly closes with marks.
#[must_use]
pub fn comparison(book: &Book<'_>) -> Option<Comparison> {
    let span = Span::of(book)?;
    let (drawn, missing) = span.drawn(book);
    let days = span.days();
    Some(Comparison {
        world: words::world(book.opened().world).to_owned(),
        from: span.marks[0].day.to_string(),
        to: span.last().day.to_string(),
        weeks: u32::try_from(span.bills.len()).unwrap_or(u32::MAX),
        start: span.start.into(),
        flows: span.flows.iter().map(|(_, m)| *m).sum::<Money>().into(),
        lines: drawn.iter().map(|d| span.line(&d.name, &d.how, &d.returns)).collect(),
        targets: SleeveKind::ALL.into_iter().filter_map(|kind| target(book, &span, kind)).collect(),
        variants: book.variants().iter().map(|v| variant(v, days)).collect(),
        origins: origins(book),
        missing,
        notes: notes::of_world(book),
        assumptions: notes::assumptions(book),
    })
}

/// The same lines week by week, for charts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paths {
    /// The weekly closes, that at which every line starts first.
    pub days: Vec<Day>,
    /// Their weeks.
    pub weeks: Vec<String>,
    /// Numbers of the events that marked them.
    pub events: Vec<u64>,
    /// One for each of [`Comparison::lines`], in their order.
    pub lines: Vec<Path>,
}

/// One line at every weekly close.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Path {
    /// What it is.
    pub name: String,
    /// Its value, flows included, to the cent.
    pub values: Vec<Amount>,
    /// Its return in the week that ends there; nothing at the start.
    pub returns: Vec<Share>,
    /// Its fall from the highest close since the start, flows removed.
    pub falls: Vec<Share>,
}

/// The run and its benchmarks week by week; `None` where there is no [`comparison`].
#[must_use]
pub fn paths(book: &Book<'_>) -> Option<Paths> {
    let span = Span::of(book)?;
    let (drawn, _) = span.drawn(book);
    Some(Paths {
        days: span.marks.iter().map(|m| Day(m.day.date())).collect(),
        weeks: span.marks.iter().map(|m| m.week.to_string()).collect(),
        events: span.events.clone(),
        lines: drawn.iter().map(|d| span.path(d)).collect(),
    })
}

/// A line before it is measured: its name, how it is made, its weekly returns.
struct Drawn {
    name: String,
    how: String,
    returns: Vec<f64>,
}

/// The weights of the universe: the deposit's split over the sleeves, equal within a sleeve.
fn universe(book: &Book<'_>) -> Vec<(Symbol, f64)> {
    let policy = book.policy();
    let mut weights: BTreeMap<Symbol, f64> = BTreeMap::new();
    for (kind, part) in SleeveKind::ALL.into_iter().zip(policy.deposit.split.0) {
        let symbols = &policy.universe.of(kind).0;
        for symbol in symbols {
            *weights.entry(*symbol).or_default() += part.to_f64() / symbols.len() as f64;
        }
    }
    weights.into_iter().collect()
}

/// The weeks that are compared.
struct Span<'a> {
    /// The start's marks, then those of each week.
    marks: Vec<&'a Marks>,
    /// Numbers of their events.
    events: Vec<u64>,
    records: Vec<WeekRecord>,
    start: Money,
    /// Flows of each week, with their day.
    flows: Vec<(Date, Money)>,
    /// T-bills' returns.
    bills: Vec<f64>,
    per_year: f64,
}

/// Indices of written options that others compute and publish.
const PUBLISHED: [&str; 2] = ["BXM", "PUT"];

impl<'a> Span<'a> {
    fn of(book: &Book<'a>) -> Option<Self> {
        let closed: Vec<WeekRecord> = book.closed().filter(|w| w.marked.is_some()).cloned().collect();
        let judged = book.first_judged().map(|w| w.week);
        let first = judged.and_then(|week| closed.iter().position(|w| w.week >= week)).unwrap_or(0);
        let base = first.saturating_sub(1);
        let before = book.total(closed.get(base)?).end.0;
        let records: Vec<WeekRecord> = closed.get(base + 1..)?.to_vec();
        let marks: Vec<&Marks> = closed[base..].iter().filter_map(|w| book.marks(w)).collect();
        let events = closed[base..].iter().filter_map(|w| w.marked).map(|place| place as u64 + 1).collect();
        if records.is_empty() || !before.is_positive() {
            return None;
        }
        let flow = |w: &WeekRecord| book.total(w).flows.0;
        let flows = records.iter().map(|w| (flow_day(book, w), flow(w))).collect();
        let bills = marks.windows(2).map(|pair| bill_return(Some(pair[0]), pair[1])).collect();
        let per_year = f64::from(book.policy().target.weeks_per_year);
        Some(Span { marks, events, records, start: before, flows, bills, per_year })
    }

    fn last(&self) -> &'a Marks {
        self.marks[self.marks.len() - 1]
    }

    fn days(&self) -> i64 {
        days_between(self.marks[0].day.date(), self.last().day.date())
    }

    /// The portfolio's own weekly returns.
    fn own(&self, book: &Book<'_>) -> Vec<f64> {
        let week = |w: &WeekRecord| book.total(w).earned.map_or(0.0, |e| e.0);
        self.records.iter().map(week).collect()
    }

    /// The run, then its benchmarks; and those that cannot be drawn, with the reason.
    fn drawn(&self, book: &Book<'_>) -> (Vec<Drawn>, Vec<String>) {
        let of = |name: &str, how: &str, returns| Drawn { name: name.to_owned(), how: how.to_owned(), returns };
        let mut drawn = vec![of("the protocol", "this run, as its journal has it", self.own(book))];
        let mut missing = Vec::new();
        let mut hold = |name: String, how: &str, weights: &[(Symbol, f64)]| match self.held(weights) {
            Ok(returns) => drawn.push(of(&name, how, returns)),
            Err(symbol) => missing.push(format!("{name}: the journal has no closes of {symbol} for every week")),
        };
        const ALONE: &str = "bought at the start, dividends reinvested";
        let index = book.policy().universe.index;
        hold(format!("{index} held"), ALONE, &[(index, 1.0)]);
        let weights = universe(book);
        let named: Vec<String> = weights.iter().map(|(s, w)| format!("{s} {:.0}%", w * 100.0)).collect();
        let how = format!("bought at the start ({}), never rebalanced, dividends reinvested", named.join(", "));
        hold("the universe held".to_owned(), &how, &weights);
        for symbol in self.others(index, &weights) {
            hold(format!("{symbol} held"), ALONE, &[(symbol, 1.0)]);
        }
        drawn.push(of(BILLS, "compounding weekly at the one-month Treasury yield", self.bills.clone()));
        let own = drawn[0].returns.clone();
        for name in PUBLISHED {
            match self.published(name, &own) {
                Ok(returns) => drawn.push(of(&format!("{name} as published"), "as Cboe computes it", returns)),
                Err(why) => missing.push(format!("{name}: {why}")),
            }
        }
        (drawn, missing)
    }

    /// Weekly returns of an index that others compute; where it ends before the run does, what it did as far as it
    /// goes, and the run beside it.
    fn published(&self, name: &str, own: &[f64]) -> Result<Vec<f64>, String> {
        let marked = self.marks[0].benchmarks.iter().find(|b| b.symbol.as_str() == name);
        let symbol = marked.ok_or("no closes of it in the journal")?.symbol;
        let week = |pair: &[&Marks]| growth(pair[0], pair[1], symbol).map(|growth| growth - 1.0);
        if let Some(returns) = self.marks.windows(2).map(week).collect() {
            return Ok(returns);
        }
        let known = |marks: &&Marks| marks.benchmarks.iter().any(|b| b.symbol == symbol);
        let weeks = self.marks.iter().rposition(known).unwrap_or(0);
        let (first, last) = (self.marks[0], self.marks[weeks]);
        let days = days_between(first.day.date(), last.day.date());
        let annual = |growth: f64| measure::cagr(growth, days).map(Share);
        let its = growth(first, last, symbol).and_then(annual);
        Err(match (its, annual(measure::linked(&own[..weeks]))) {
            (Some(its), Some(own)) => format!(
                "as Cboe computes it, {its} a year to {}, the last week of which the journal has its close; the \
                 protocol {own} a year in the same {weeks} weeks",
                last.day
            ),
            _ => format!("the last week of which the journal has its close ends on {}", last.day),
        })
    }

    /// A line at the start and at each weekly close after it.
    fn path(&self, drawn: &Drawn) -> Path {
        let (mut value, mut unit, mut peak) = (self.start.to_f64(), 1.0, 1.0_f64);
        let mut path = Path {
            name: drawn.name.clone(),
            values: vec![self.start.into()],
            returns: vec![Share(0.0)],
            falls: vec![Share(0.0)],
        };
        for (r, (_, flow)) in drawn.returns.iter().zip(&self.flows) {
            value = (value + flow.to_f64()) * (1.0 + r);
            unit *= 1.0 + r;
            peak = peak.max(unit);
            path.values.push(cents(value));
            path.returns.push(Share(*r));
            path.falls.push(Share(if peak > 0.0 { 1.0 - unit / peak } else { 0.0 }));
        }
        path
    }

    /// Weekly returns of shares bought at the start with these weights and held. Flows buy in the same weights.
    fn held(&self, weights: &[(Symbol, f64)]) -> Result<Vec<f64>, Symbol> {
        let mut values: Vec<f64> = weights.iter().map(|(_, w)| self.start.to_f64() * w).collect();
        let mut returns = Vec::with_capacity(self.bills.len());
        for (pair, (_, flow)) in self.marks.windows(2).zip(&self.flows) {
            let mut before = 0.0;
            for (value, (symbol, weight)) in values.iter_mut().zip(weights) {
                *value += flow.to_f64() * weight;
                before += *value;
                *value *= growth(pair[0], pair[1], *symbol).ok_or(*symbol)?;
            }
            let after: f64 = values.iter().sum();
            returns.push(if before > 0.0 { after / before - 1.0 } else { 0.0 });
        }
        Ok(returns)
    }

    /// Symbols marked beside the index and the universe at the start and the end.
    fn others(&self, index: Symbol, universe: &[(Symbol, f64)]) -> Vec<Symbol> {
        let known = |s: Symbol| s == index || universe.iter().any(|(u, _)| *u == s);
        let held = self.marks[0].benchmarks.iter().map(|b| b.symbol);
        held.filter(|s| !known(*s) && !PUBLISHED.contains(&s.as_str())).collect()
    }

    fn line(&self, name: &str, how: &str, returns: &[f64]) -> BenchmarkLine {
        let excess: Vec<f64> = returns.iter().zip(&self.bills).map(|(r, bill)| r - bill).collect();
        let mut value = self.start.to_f64();
        let mut unit = 1.0;
        let units: Vec<f64> = returns
            .iter()
            .map(|r| {
                unit *= 1.0 + r;
                unit
            })
            .collect();
        for (r, (_, flow)) in returns.iter().zip(&self.flows) {
            value = (value + flow.to_f64()) * (1.0 + r);
        }
        let growth = measure::linked(returns);
        BenchmarkLine {
            name: name.to_owned(),
            how: how.to_owned(),
            end: cents(value),
            time_weighted: Share(growth - 1.0),
            cagr: measure::cagr(growth, self.days()).map(Share),
            money_weighted: self.money_weighted(value).map(Share),
            volatility: measure::volatility(returns, self.per_year).map(Share),
            drawdown: Share(measure::drawdown(1.0, units)),
            sharpe: measure::sharpe(&excess, self.per_year),
            sortino: measure::sortino(&excess, self.per_year),
        }
    }

    fn money_weighted(&self, end: f64) -> Option<f64> {
        let mut flows = vec![(self.marks[0].day.date(), -self.start.to_f64())];
        let paid = self.flows.iter().filter(|(_, flow)| *flow != Money::ZERO);
        flows.extend(paid.map(|(day, flow)| (*day, -flow.to_f64())));
        flows.push((self.last().day.date(), end));
        measure::xirr(&flows)
    }
}

/// What one share of `symbol` became between two marks: its split times close and dividends over the close before.
fn growth(before: &Marks, after: &Marks, symbol: Symbol) -> Option<f64> {
    let of = |marks: &Marks| -> Option<BenchmarkMark> { marks.benchmarks.iter().find(|b| b.symbol == symbol).copied() };
    let (before, after) = (of(before)?, of(after)?);
    let now = (after.close + after.dividends).units() as f64 * after.split as f64;
    (before.close > Price::ZERO).then(|| now / before.close.units() as f64)
}

fn cents(dollars: f64) -> Amount {
    let cents = (dollars * 100.0).round();
    Amount(if cents.abs() < 9e13 { Money::cents(cents as i64) } else { Money::ZERO })
}

/// A kind's target beside what its sleeves earned together.
fn target(book: &Book<'_>, span: &Span<'_>, kind: SleeveKind) -> Option<Target> {
    let mut returns = Vec::with_capacity(span.records.len());
    for week in &span.records {
        let of_kind: Vec<_> = book.sleeve_weeks(week).iter().filter(|c| c.sleeve.kind == kind).copied().collect();
        returns.push(weekly::together(&of_kind).earned.map_or(0.0, |e| e.0));
    }
    let exists = span.records.iter().any(|w| book.sleeve_weeks(w).iter().any(|c| c.sleeve.kind == kind));
    let weekly = book.policy().target.of(kind);
    exists.then(|| Target {
        sleeve: kind.to_string(),
        weekly: weekly.into(),
        annual: measure::effective_annual(1.0 + weekly.to_f64(), 1, span.per_year).map(Share),
        earned: measure::effective_annual(measure::linked(&returns), returns.len(), span.per_year).map(Share),
    })
}

fn variant(variant: &Variant, days: i64) -> VariantLine {
    let return_ = Ppm(variant.twr).to_f64();
    VariantLine {
        name: variant.name.clone(),
        end: variant.equity.into(),
        time_weighted: Share(return_),
        cagr: measure::cagr(1.0 + return_, days).map(Share),
        drawdown: variant.drawdown.into(),
    }
}

/// How many prices of the whole journal were quoted and how many modelled.
#[must_use]
pub fn origins(book: &Book<'_>) -> Origins {
    let mut found = Origins::default();
    for event in book.events {
        match &event.body {
            Body::Filled { fill, trade, .. } => {
                let sold = trade.writes().map(|_| fill.sold.map_or(fill.price, |s| s.price));
                let premium = sold.map_or(Money::ZERO, |price| price.of_contracts(Contracts(fill.units)));
                match fill.origin {
                    Origin::Quoted => {
                        found.fills_quoted += 1;
                        found.premium_quoted.0 += premium;
                    }
                    Origin::Modelled => {
                        found.fills_modelled += 1;
                        found.premium_modelled.0 += premium;
                    }
                }
            }
            Body::Marked(marks) => {
                for option in &marks.options {
                    match option.origin {
                        Origin::Quoted => found.marks_quoted += 1,
                        Origin::Modelled => found.marks_modelled += 1,
                    }
                }
            }
            _ => {}
        }
    }
    let share = |part: u64, rest: u64| (part + rest > 0).then(|| Share(part as f64 / (part + rest) as f64));
    found.fills_modelled_share = share(found.fills_modelled, found.fills_quoted);
    found.marks_modelled_share = share(found.marks_modelled, found.marks_quoted);
    found
}
