//! Spans of weeks: the monthly (L-2) and annual (L-4) report, and the whole run.
//!
//! A week belongs to the month and year of its last session. Returns are time-weighted, linked from weekly closes with
//! flows taken in at the start of their week, and money-weighted, from flows on their days.

use std::collections::BTreeMap;

use engine::event::{Body, Event, LockReason, Marks, SleeveWeek};
use ledger::SleeveId;
use market::order::OrderStatus;
use market::time::{Date, days_between};
use market::value::{Contracts, Money};
use protocol::plan::Verdict;
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;
use protocol::rule::Rule;
use serde::Serialize;

use crate::book::{Book, WeekRecord};
use crate::figure::{Amount, Share};
use crate::weekly::{self, Identity, fall};
use crate::{measure, notes, words};

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
    /// All sleeves together.
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

/// What a sleeve, or the whole, came to in a span.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Performance {
    /// `1.Gen`, or `total`.
    pub name: String,
    /// start + flows + gains = end.
    pub identity: Identity,
    /// Time-weighted return.
    pub time_weighted: Share,
    /// The time-weighted return as an effective annual rate: (1 + w)^52 − 1, w being its geometric mean week.
    pub effective_annual: Option<Share>,
    /// The weekly target; of the whole, the sleeves' targets weighted by their start.
    pub target_weekly: Option<Share>,
    /// The weekly target as an effective annual rate.
    pub target_annual: Option<Share>,
    /// Money-weighted annual rate; absent where there is none.
    pub money_weighted: Option<Share>,
    /// Deepest fall of a weekly close from the highest ever before.
    pub drawdown: Share,
    /// Deepest fall from the mark that K-2 uses; absent for the whole, which has none.
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
    let mut spans: Vec<(String, Vec<&WeekRecord>)> = Vec::new();
    for week in book.closed() {
        let Some(marks) = book.marks(week) else { continue };
        let name = name(marks.day.date());
        match spans.last_mut() {
            Some((last, weeks)) if *last == name => weeks.push(week),
            _ => spans.push((name, vec![week])),
        }
    }
    spans.into_iter().map(|(name, weeks)| period(book, name, &weeks)).collect()
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
    Period {
        name,
        world: words::world(book.opened().world).to_owned(),
        first_week: first.week.to_string(),
        last_week: last.week.to_string(),
        weeks: u32::try_from(weeks.len()).unwrap_or(u32::MAX),
        sleeves: sleeves.iter().map(|id| Track::of(book, weeks, Some(*id)).performance()).collect(),
        total: Track::of(book, weeks, None).performance(),
        market_weeks: market_weeks(book, weeks),
        types: types(book, weeks),
        adherence: adherence(book, weeks),
        notes: notes::of_world(book),
    }
}

/// One sleeve's weeks, or those of all sleeves together.
struct Track<'b, 'a> {
    book: &'b Book<'a>,
    weeks: &'b [&'b WeekRecord],
    sleeve: Option<SleeveId>,
}

impl<'b, 'a> Track<'b, 'a> {
    fn of(book: &'b Book<'a>, weeks: &'b [&'b WeekRecord], sleeve: Option<SleeveId>) -> Self {
        Track { book, weeks, sleeve }
    }

    fn closes(&self, week: &WeekRecord) -> impl Iterator<Item = &'b SleeveWeek> {
        let book = self.book;
        let sleeve = self.sleeve;
        book.closes[week.closes.clone()].iter().filter(move |c| sleeve.is_none_or(|s| c.sleeve == s))
    }

    fn identity(&self, week: &WeekRecord) -> Identity {
        self.closes(week).map(Identity::of).reduce(Identity::beside).unwrap_or_default()
    }

    fn performance(&self) -> Performance {
        let policy = self.book.policy();
        let per_year = f64::from(policy.target.weeks_per_year);
        let identities: Vec<Identity> = self.weeks.iter().map(|w| self.identity(w)).collect();
        let identity = identities.iter().copied().reduce(Identity::then).unwrap_or_default();
        let returns: Vec<f64> = identities.iter().map(|i| i.earned.map_or(0.0, |e| e.0)).collect();
        let excess: Vec<f64> = self.weeks.iter().zip(&returns).map(|(w, r)| r - bill(self.book, w)).collect();
        let growth = measure::linked(&returns);
        let target = self.target(&identity);
        let closes = || self.weeks.iter().flat_map(|w| self.closes(w));
        let equity: f64 = closes().map(|c| c.end.to_f64()).sum();
        let idle: Money = closes().map(|c| c.idle).sum();
        let offers: Vec<f64> = self.weeks.iter().filter_map(|w| self.offered(w)).collect();
        Performance {
            name: self.sleeve.map_or("total".to_owned(), |s| s.to_string()),
            identity,
            time_weighted: Share(growth - 1.0),
            effective_annual: measure::effective_annual(growth, returns.len(), per_year).map(Share),
            target_weekly: target.map(Share),
            target_annual: target.and_then(|w| measure::effective_annual(1.0 + w, 1, per_year)).map(Share),
            money_weighted: self.money_weighted(&identity).map(Share),
            drawdown: self.drawdown(),
            mark_drawdown: self.sleeve.and_then(|_| closes().map(|c| c.drawdown).max()).map(Share::from),
            resets: self.resets(),
            volatility: measure::volatility(&returns, per_year).map(Share),
            sharpe: measure::sharpe(&excess, per_year),
            sortino: measure::sortino(&excess, per_year),
            on_offer: measure::mean(&offers).map(Share),
            premium: self.premium().into(),
            idle_dollar_weeks: idle.into(),
            idle_share: (equity > 0.0).then(|| Share(idle.to_f64() / equity)),
            uncovered_share_weeks: self.uncovered(),
        }
    }

    fn events(&self, week: &WeekRecord) -> &'a [Event] {
        &self.book.events[week.events.clone()]
    }

    /// The weekly target; of the whole, weighted by what each sleeve began with, first deposits included.
    fn target(&self, identity: &Identity) -> Option<f64> {
        let policy = self.book.policy();
        if let Some(sleeve) = self.sleeve {
            return Some(policy.target.of(sleeve.kind).to_f64());
        }
        let whole = (identity.start.0 + identity.flows.0).to_f64();
        let mut parts: BTreeMap<SleeveId, Money> = BTreeMap::new();
        for (i, close) in self.weeks.iter().enumerate().flat_map(|(i, w)| self.closes(w).map(move |c| (i, c))) {
            let start = if i == 0 || !parts.contains_key(&close.sleeve) { close.start } else { Money::ZERO };
            *parts.entry(close.sleeve).or_default() += start + close.flows;
        }
        let weighted = parts.iter().map(|(s, m)| policy.target.of(s.kind).to_f64() * m.to_f64()).sum::<f64>();
        (whole > 0.0).then(|| weighted / whole)
    }

    fn offered(&self, week: &WeekRecord) -> Option<f64> {
        let events = self.events(week);
        let each: Vec<f64> = match self.sleeve {
            Some(sleeve) => weekly::offered(events, sleeve).into_iter().map(|s| s.0).collect(),
            None => self.closes(week).filter_map(|c| weekly::offered(events, c.sleeve)).map(|s| s.0).collect(),
        };
        measure::mean(&each)
    }

    fn premium(&self) -> Money {
        let each =
            |w: &&WeekRecord| -> Money { self.closes(w).map(|c| weekly::premium(self.events(w), c.sleeve)).sum() };
        self.weeks.iter().map(each).sum()
    }

    fn uncovered(&self) -> i64 {
        let (Some(first), Some(last)) = (self.weeks.first(), self.weeks.last()) else { return 0 };
        let span = self.book.uncovered.iter().filter(|u| u.week >= first.week && u.week <= last.week);
        span.filter(|u| self.sleeve.is_none_or(|s| s == u.sleeve)).map(|u| u.shares.0).sum()
    }

    fn resets(&self) -> u32 {
        let changes = self.weeks.iter().flat_map(|w| self.events(w)).filter(|event| match &event.body {
            Body::LockChanged { sleeve, why: LockReason::Reset | LockReason::Empty, .. } => {
                self.sleeve.is_none_or(|s| s == *sleeve)
            }
            _ => false,
        });
        u32::try_from(changes.count()).unwrap_or(u32::MAX)
    }

    /// The deepest fall of a close in the span from the highest close ever before it, flows removed.
    fn drawdown(&self) -> Share {
        if self.sleeve.is_some() {
            let falls = self.weeks.iter().flat_map(|w| self.closes(w)).map(|c| fall(c.unit, c.peak).0);
            return Share(falls.fold(0.0, f64::max));
        }
        let (Some(first), Some(last)) = (self.weeks.first(), self.weeks.last()) else { return Share(0.0) };
        let (mut unit, mut peak, mut worst) = (1.0f64, 1.0f64, 0.0f64);
        for week in self.book.closed().filter(|w| w.week <= last.week) {
            unit *= 1.0 + self.identity(week).earned.map_or(0.0, |e| e.0);
            peak = peak.max(unit);
            if week.week >= first.week && peak > 0.0 {
                worst = worst.max(1.0 - unit / peak);
            }
        }
        Share(worst)
    }

    /// The money-weighted annual rate: the equity at the start and every deposit paid in, the equity at the end received.
    fn money_weighted(&self, identity: &Identity) -> Option<f64> {
        let (first, last) = (self.weeks.first()?, self.weeks.last()?);
        let opened = start_day(self.book, first)?;
        let mut flows = vec![(opened, -identity.start.0.to_f64())];
        let before = self.book.closed().take_while(|w| w.week < first.week).last();
        for place in before.map_or(0, |w| w.events.end)..last.events.end {
            if let Body::Deposited { structure, parts } = &self.book.events[place].body {
                let named = ledger::SleeveKind::ALL.into_iter().zip(parts);
                let mine = named.filter(|(kind, _)| self.sleeve.is_none_or(|s| s == SleeveId::new(*structure, *kind)));
                let paid: Money = mine.map(|(_, part)| *part).sum();
                flows.push((self.book.day(place), -paid.to_f64()));
            }
        }
        flows.push((self.book.marks(last)?.day.date(), identity.end.0.to_f64()));
        flows.retain(|(_, flow)| *flow != 0.0);
        measure::xirr(&flows)
    }
}

/// The day from which a week's returns count: the close before it, or the day of its first event.
pub(crate) fn start_day(book: &Book<'_>, week: &WeekRecord) -> Option<Date> {
    let before = book.closed().take_while(|w| w.week < week.week).last();
    before.and_then(|w| book.marks(w)).map(|m| m.day.date()).or_else(|| Some(book.day(week.events.start)))
}

/// What T-bills returned in a week: the one-month yield known at the close before it, by calendar days over 365; where
/// the week before has no marks, the yield of its own.
pub(crate) fn bill(book: &Book<'_>, week: &WeekRecord) -> f64 {
    let Some(marks) = book.marks(week) else { return 0.0 };
    let before = book.closed().rev().find(|w| w.week < week.week).and_then(|w| book.marks(w));
    bill_return(before, marks)
}

/// What T-bills returned between two weekly closes.
pub(crate) fn bill_return(before: Option<&Marks>, marks: &Marks) -> f64 {
    let rate = before.and_then(|m| m.bill_rate).or(marks.bill_rate).unwrap_or(Ppm::ZERO).to_f64();
    let days = before.map_or(7, |m| days_between(m.day.date(), marks.day.date()));
    rate * days as f64 / 365.0
}

fn market_weeks(book: &Book<'_>, weeks: &[&WeekRecord]) -> Vec<Count> {
    let mut tally = Tally::of(&["green", "red", "chop", "not judged"]);
    for week in weeks {
        let last = book.events[week.events.clone()].iter().rev().find_map(|event| match &event.body {
            Body::WeekClassified { classification, .. } => Some(classification.class.word()),
            _ => None,
        });
        tally.add(last.unwrap_or("not judged"));
    }
    tally.0
}

fn types(book: &Book<'_>, weeks: &[&WeekRecord]) -> Vec<TypeCount> {
    let mut counts = [0u64; PositionType::ALL.len()];
    let mut count = |kind: PositionType| {
        let place = PositionType::ALL.iter().position(|k| *k == kind);
        place.into_iter().for_each(|p| counts[p] += 1);
    };
    for week in weeks {
        for event in &book.events[week.events.clone()] {
            match &event.body {
                Body::PositionTyped(typed) => count(typed.kind),
                Body::SleeveClosed(close) if close.kind == PositionType::Idle => count(PositionType::Idle),
                _ => {}
            }
        }
    }
    let all: u64 = counts.iter().sum();
    let policy = book.policy();
    let middle = |kind| frequency(policy, kind).map_or(0.0, |(low, high)| f64::from(low + high) / 2.0);
    let whole: f64 = PositionType::ALL.into_iter().map(middle).sum();
    let rows = PositionType::ALL.into_iter().zip(counts).map(|(kind, count)| TypeCount {
        kind: kind.to_string(),
        meaning: words::position(kind).to_owned(),
        count,
        share: (all > 0).then(|| Share(count as f64 / all as f64)),
        reference: frequency(policy, kind),
        reference_share: frequency(policy, kind).filter(|_| whole > 0.0).map(|_| Share(middle(kind) / whole)),
    });
    rows.collect()
}

/// Weeks a year in which the authors expect a type of one position (W-12); none for P-AWL and P-AOL.
fn frequency(policy: &Policy, kind: PositionType) -> Option<(u32, u32)> {
    let f = &policy.frequency;
    let span = match kind {
        PositionType::PutExpired => f.p_ew,
        PositionType::PutRolled => f.p_ro,
        PositionType::PutDeep => f.p_dd,
        PositionType::CallAppreciation => f.c_wap,
        PositionType::CallStrong => f.c_wap_plus,
        PositionType::CallPremium => f.c_pno,
        PositionType::CallRolled => f.c_ro,
        PositionType::CallRecovery => f.c_rec,
        PositionType::Idle => f.w_idl,
        PositionType::PutWithinLimit | PositionType::PutOverLimit => return None,
    };
    Some((span.low, span.high))
}

/// Counts by name, in the order in which the names came.
struct Tally(Vec<Count>);

impl Tally {
    fn of(names: &[&str]) -> Self {
        Tally(names.iter().map(|name| Count { name: (*name).to_owned(), count: 0 }).collect())
    }

    fn add(&mut self, name: &str) {
        match self.0.iter_mut().find(|c| c.name == name) {
            Some(found) => found.count += 1,
            None => self.0.push(Count { name: name.to_owned(), count: 1 }),
        }
    }

    /// The most frequent first, equals by name.
    fn ranked(mut self) -> Vec<Count> {
        self.0.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        self.0
    }
}

fn adherence(book: &Book<'_>, weeks: &[&WeekRecord]) -> Adherence {
    let mut found = Adherence::default();
    let (mut left, mut untestable, mut refused, mut unfilled) =
        (Tally::of(&[]), Tally::of(&[]), Tally::of(&[]), Tally::of(&[]));
    let mut rules: BTreeMap<Rule, u64> = BTreeMap::new();
    let mut cite = |rule: Rule| *rules.entry(rule).or_default() += 1;
    for event in weeks.iter().flat_map(|w| &book.events[w.events.clone()]) {
        match &event.body {
            Body::Planned(plan) => {
                found.plans += 1;
                for candidate in &plan.candidates {
                    candidate.rules.iter().copied().for_each(&mut cite);
                    candidate.untestable.iter().for_each(|u| untestable.add(words::untestable(*u)));
                    match &candidate.verdict {
                        Verdict::Take { .. } => found.taken += 1,
                        Verdict::Leave(skip) => left.add(words::skip_name(skip)),
                    }
                }
            }
            Body::OrderApproved { .. } => found.approved += 1,
            Body::OrderRefused { refusal, .. } => {
                refused.add(words::refusal_name(refusal));
                cite(Rule::K4);
            }
            Body::Filled { fill, .. } if fill.quantity > Contracts(0) => found.fills += 1,
            Body::OrderEnded { status, .. } if *status != OrderStatus::Filled => unfilled.add(words::status(*status)),
            Body::PositionTyped(typed) => cite(typed.kind.rule()),
            Body::ExpiryViewed { .. } => cite(Rule::X6),
            Body::LockChanged { why, .. } => cite(match why {
                LockReason::Drawdown => Rule::K2,
                LockReason::Recovered | LockReason::Empty => Rule::G2,
                LockReason::Reset => Rule::G3,
            }),
            _ => {}
        }
    }
    (found.left, found.not_testable) = (left.ranked(), untestable.ranked());
    (found.refused, found.unfilled) = (refused.ranked(), unfilled.ranked());
    let counted = rules.into_iter();
    found.rules = counted
        .map(|(rule, count)| RuleCount { rule: rule.id().to_owned(), title: rule.title().to_owned(), count })
        .collect();
    found
}
