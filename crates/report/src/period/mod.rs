//! Spans of weeks: the monthly (L-2) and annual (L-4) report, and the whole run.
//!
//! A week belongs to the month and year of its last session. Returns are time-weighted, linked from weekly closes with
//! flows taken in at the start of their week, and money-weighted, from flows on their days.

mod counts;
mod track;

use engine::decide::ROOT;
use ledger::{SleeveId, StructureId};
use market::time::Date;
use serde::Serialize;

use crate::book::{Book, WeekRecord};
use crate::figure::{Amount, Share};
use crate::weekly::Identity;
use crate::{notes, words};

use track::{Scope, Track};
pub(crate) use track::{bill_return, flow_day};

/// A span of weeks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Period {
    /// `2020-03`, `2020`, or `2016-07-01 to 2026-05-29`.
    pub name: String,
    /// `history`, or `SIMULATED`.
    pub world: String,
    /// Its first week.
    pub first_week: String,
    /// Its last week.
    pub last_week: String,
    /// How many weeks.
    pub weeks: u32,
    /// Each sleeve.
    pub sleeves: Vec<Performance>,
    /// Each structure but the root, its own sleeves together.
    pub structures: Vec<Performance>,
    /// The tax reserves together: the owner's money outside the sleeves. Its gains are interest.
    pub reserve: Identity,
    /// All sleeves and tax reserves together.
    pub total: Performance,
    /// Weeks by class: green, red, chop, not judged.
    pub market_weeks: Vec<Count>,
    /// Positions' weeks by type, beside the authors' frequencies.
    pub types: Vec<TypeCount>,
    /// Decisions counted.
    pub adherence: Adherence,
    /// What must be said beside these figures.
    pub notes: Vec<String>,
}

/// What a sleeve, a structure or the whole came to in a span.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Performance {
    /// `1.Gen`, `structure 2`, or `total`.
    pub name: String,
    /// Weeks in which it had money: returns and annual rates are over these.
    pub weeks: u32,
    /// start + flows + gains = end.
    pub identity: Identity,
    /// Time-weighted return.
    pub time_weighted: Share,
    /// The time-weighted return as an effective annual rate: (1 + w)^52 − 1, w being its geometric mean week.
    pub effective_annual: Option<Share>,
    /// The weekly target; of several sleeves together, their targets weighted by their start.
    pub target_weekly: Option<Share>,
    /// The weekly target as an effective annual rate.
    pub target_annual: Option<Share>,
    /// Money-weighted annual rate; absent where there is none.
    pub money_weighted: Option<Share>,
    /// Deepest fall of a weekly close from the highest ever before.
    pub drawdown: Share,
    /// Deepest fall from the mark that K-2 uses; absent for several sleeves together, which have none.
    pub mark_drawdown: Option<Share>,
    /// How often that mark was restarted in the span (G-2, G-3).
    pub resets: u32,
    /// Standard deviation of weekly returns, annualised.
    pub volatility: Option<Share>,
    /// Sharpe's ratio: weekly excess over T-bills, annualised by √52.
    pub sharpe: Option<f64>,
    /// Sortino's ratio: the same over the downside deviation.
    pub sortino: Option<f64>,
    /// Mean over the weeks of the premium that was on offer.
    pub on_offer: Option<Share>,
    /// Premium sold less premium bought back, before fees.
    pub premium: Amount,
    /// Dollars × weeks of settled cash that was neither reserved nor buffer.
    pub idle_dollar_weeks: Amount,
    /// The same as a share of equity × weeks: weeks' worth of idle capital is this times the weeks.
    pub idle_share: Option<Share>,
    /// Dollars × weeks of idle cash that a fork which was due would have moved, had it not waited (F-3).
    pub waiting_dollar_weeks: Amount,
    /// Shares × weeks without a call, in whole hundreds.
    pub uncovered_share_weeks: i64,
}

/// Something counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// One position type's weeks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TypeCount {
    /// `P-EW`.
    pub kind: String,
    /// What it means.
    pub meaning: String,
    /// Position-weeks of it.
    pub count: u64,
    /// Its share of all position-weeks.
    pub share: Option<Share>,
    /// Weeks a year of one position that the authors expect, from and to; absent where they name none.
    pub reference: Option<(u32, u32)>,
    /// The middle of these as a share of all types' middles.
    pub reference_share: Option<Share>,
}

/// What was decided, counted (L-2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Adherence {
    /// Plans made.
    pub plans: u64,
    /// Candidates taken.
    pub taken: u64,
    /// Candidates left, by reason; gates (E-6) by the gate that refused.
    pub left: Vec<Count>,
    /// Gates that could not be asked: neither passed nor refused (E-6).
    pub not_testable: Vec<Count>,
    /// Orders that passed the risk gate.
    pub approved: u64,
    /// Orders that it refused, by check (K-4).
    pub refused: Vec<Count>,
    /// Fills.
    pub fills: u64,
    /// Orders that ended unfilled or filled in part, by how.
    pub unfilled: Vec<Count>,
    /// How often each rule was cited by a candidate, a refusal, a type or a lock.
    pub rules: Vec<RuleCount>,
}

/// One rule's decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// Its id.
    pub rule: String,
    /// What it is about.
    pub title: String,
    /// How often it was cited.
    pub count: u64,
}

/// Each month with a weekly close.
#[must_use]
pub fn monthly(book: &Book<'_>) -> Vec<Period> {
    split(book, |day| format!("{}-{:02}", day.year(), day.month()))
}

/// Each year with a weekly close.
#[must_use]
pub fn annual(book: &Book<'_>) -> Vec<Period> {
    split(book, |day| day.year().to_string())
}

/// The whole run, from the first judged week on, from the first closed one if none was judged; `None` without a close.
#[must_use]
pub fn whole(book: &Book<'_>) -> Option<Period> {
    let from = book.first_judged().map(|w| w.week);
    let weeks: Vec<&WeekRecord> = book.closed().filter(|w| from.is_none_or(|from| w.week >= from)).collect();
    let name = |w: &WeekRecord| book.marks(w).map_or(String::new(), |m| m.day.to_string());
    let (first, last) = (weeks.first()?, weeks.last()?);
    Some(period(book, format!("{} to {}", name(first), name(last)), &weeks))
}

fn split(book: &Book<'_>, name: impl Fn(Date) -> String) -> Vec<Period> {
    spans(book, name).into_iter().map(|(name, weeks)| period(book, name, &weeks)).collect()
}

/// Weeks that closed, grouped by what the day of their marks is called.
pub(crate) fn spans<'b>(book: &'b Book<'_>, name: impl Fn(Date) -> String) -> Vec<(String, Vec<&'b WeekRecord>)> {
    let mut spans: Vec<(String, Vec<&WeekRecord>)> = Vec::new();
    for week in book.closed() {
        let Some(marks) = book.marks(week) else { continue };
        let name = name(marks.day.date());
        match spans.last_mut() {
            Some((last, weeks)) if *last == name => weeks.push(week),
            _ => spans.push((name, vec![week])),
        }
    }
    spans
}

fn period(book: &Book<'_>, name: String, weeks: &[&WeekRecord]) -> Period {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else { unreachable!("a span has weeks") };
    let mut sleeves: Vec<SleeveId> = Vec::new();
    for close in weeks.iter().flat_map(|w| book.sleeve_weeks(w)) {
        if !sleeves.contains(&close.sleeve) {
            sleeves.push(close.sleeve);
        }
    }
    sleeves.sort_unstable();
    let mut structures: Vec<StructureId> = sleeves.iter().map(|s| s.structure).filter(|s| *s != ROOT).collect();
    structures.dedup();
    let of = |scope| Track::of(book, weeks, scope).performance();
    Period {
        name,
        world: words::world(book.opened().world).to_owned(),
        first_week: first.week.to_string(),
        last_week: last.week.to_string(),
        weeks: u32::try_from(weeks.len()).unwrap_or(u32::MAX),
        sleeves: sleeves.iter().map(|id| of(Scope::Sleeve(*id))).collect(),
        structures: structures.into_iter().map(|id| of(Scope::Structure(id))).collect(),
        reserve: weeks.iter().map(|w| book.reserve(w)).reduce(Identity::then).unwrap_or_default(),
        total: of(Scope::Whole),
        market_weeks: counts::market_weeks(book, weeks),
        types: counts::types(book, weeks),
        adherence: counts::adherence(book, weeks),
        notes: notes::of_world(book),
    }
}
