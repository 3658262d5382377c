//! What a sleeve, or the whole, came to in a span: returns, drawdowns, ratios.

use std::collections::BTreeMap;

use engine::event::{Body, Event, LockReason, Marks, SleeveWeek};
use ledger::{SleeveId, StructureId};
use market::time::{Date, days_between};
use market::value::Money;
use protocol::policy::unit::Ppm;

use super::Performance;
use crate::book::{Book, WeekRecord};
use crate::figure::Share;
use crate::measure;
use crate::weekly::{self, Identity, fall};

/// Whose weeks are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// One sleeve's.
    Sleeve(SleeveId),
    /// Those of a structure's own sleeves together.
    Structure(StructureId),
    /// All sleeves' and tax reserves'.
    Whole,
}

impl Scope {
    fn holds(self, sleeve: SleeveId) -> bool {
        match self {
            Scope::Sleeve(id) => id == sleeve,
            Scope::Structure(id) => id == sleeve.structure,
            Scope::Whole => true,
        }
    }

    fn name(self) -> String {
        match self {
            Scope::Sleeve(id) => id.to_string(),
            Scope::Structure(id) => format!("structure {id}"),
            Scope::Whole => "total".to_owned(),
        }
    }
}

/// The weeks of a scope.
pub(super) struct Track<'b, 'a> {
    book: &'b Book<'a>,
    weeks: &'b [&'b WeekRecord],
    scope: Scope,
}

impl<'b, 'a> Track<'b, 'a> {
    pub(super) fn of(book: &'b Book<'a>, weeks: &'b [&'b WeekRecord], scope: Scope) -> Self {
        Track { book, weeks, scope }
    }

    fn closes(&self, week: &WeekRecord) -> impl Iterator<Item = &'b SleeveWeek> {
        let book = self.book;
        let scope = self.scope;
        book.closes[week.closes.clone()].iter().filter(move |c| scope.holds(c.sleeve))
    }

    fn identity(&self, week: &WeekRecord) -> Identity {
        match self.scope {
            Scope::Whole => self.book.total(week),
            _ => self.closes(week).map(Identity::of).reduce(Identity::beside).unwrap_or_default(),
        }
    }

    pub(super) fn performance(&self) -> Performance {
        let policy = self.book.policy();
        let per_year = f64::from(policy.target.weeks_per_year);
        let identities: Vec<Identity> = self.weeks.iter().map(|w| self.identity(w)).collect();
        let identity = identities.iter().copied().reduce(Identity::then).unwrap_or_default();
        let lived = || self.weeks.iter().zip(&identities).filter_map(|(w, i)| Some((*w, i.earned?.0)));
        let returns: Vec<f64> = lived().map(|(_, r)| r).collect();
        let excess: Vec<f64> = lived().map(|(w, r)| r - bill(self.book, w)).collect();
        let growth = measure::linked(&returns);
        let target = self.target();
        let closes = || self.weeks.iter().flat_map(|w| self.closes(w));
        let equity: f64 = closes().map(|c| c.end.to_f64()).sum();
        let idle: Money = closes().map(|c| c.idle).sum();
        let offers: Vec<f64> = self.weeks.iter().filter_map(|w| self.offered(w)).collect();
        Performance {
            name: self.scope.name(),
            weeks: u32::try_from(returns.len()).unwrap_or(u32::MAX),
            identity,
            time_weighted: Share(growth - 1.0),
            effective_annual: measure::effective_annual(growth, returns.len(), per_year).map(Share),
            target_weekly: target.map(Share),
            target_annual: target.and_then(|w| measure::effective_annual(1.0 + w, 1, per_year)).map(Share),
            money_weighted: self.money_weighted(&identity).map(Share),
            drawdown: self.drawdown(),
            mark_drawdown: self.sleeve().and_then(|_| closes().map(|c| c.drawdown).max()).map(Share::from),
            resets: self.resets(),
            volatility: measure::volatility(&returns, per_year).map(Share),
            sharpe: measure::sharpe(&excess, per_year),
            sortino: measure::sortino(&excess, per_year),
            on_offer: measure::mean(&offers).map(Share),
            premium: self.premium().into(),
            idle_dollar_weeks: idle.into(),
            waiting_dollar_weeks: self.waiting().into(),
            idle_share: (equity > 0.0).then(|| Share(idle.to_f64() / equity)),
            uncovered_share_weeks: self.uncovered(),
        }
    }

    fn sleeve(&self) -> Option<SleeveId> {
        match self.scope {
            Scope::Sleeve(id) => Some(id),
            Scope::Structure(_) | Scope::Whole => None,
        }
    }

    /// Dollars × weeks of idle cash that a fork which was due would have moved.
    fn waiting(&self) -> Money {
        let (Some(first), Some(last)) = (self.weeks.first(), self.weeks.last()) else { return Money::ZERO };
        let span = self.book.waits.iter().filter(|w| w.week >= first.week && w.week <= last.week);
        span.filter(|w| self.scope.holds(w.sleeve)).map(|w| w.idle).sum()
    }

    fn events(&self, week: &WeekRecord) -> &'a [Event] {
        &self.book.events[week.events.clone()]
    }

    /// The weekly target; of several sleeves together, weighted by what each sleeve began with in the span.
    fn target(&self) -> Option<f64> {
        let policy = self.book.policy();
        if let Some(sleeve) = self.sleeve() {
            return Some(policy.target.of(sleeve.kind).to_f64());
        }
        let mut begun: BTreeMap<SleeveId, Money> = BTreeMap::new();
        for close in self.weeks.iter().flat_map(|w| self.closes(w)) {
            begun.entry(close.sleeve).or_insert(close.start + close.flows);
        }
        let whole: f64 = begun.values().map(|m| m.to_f64()).sum();
        let weighted = begun.iter().map(|(s, m)| policy.target.of(s.kind).to_f64() * m.to_f64()).sum::<f64>();
        (whole > 0.0).then(|| weighted / whole)
    }

    fn offered(&self, week: &WeekRecord) -> Option<f64> {
        let events = self.events(week);
        let each: Vec<f64> = self.closes(week).filter_map(|c| weekly::offered(events, c.sleeve)).map(|s| s.0).collect();
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
        span.filter(|u| self.scope.holds(u.sleeve)).map(|u| u.shares.0).sum()
    }

    fn resets(&self) -> u32 {
        let changes = self.weeks.iter().flat_map(|w| self.events(w)).filter(|event| match &event.body {
            Body::LockChanged { sleeve, why: LockReason::Reset | LockReason::Empty, .. } => self.scope.holds(*sleeve),
            _ => false,
        });
        u32::try_from(changes.count()).unwrap_or(u32::MAX)
    }

    /// The deepest fall of a close in the span from the highest close ever before it, flows removed.
    fn drawdown(&self) -> Share {
        if self.sleeve().is_some() {
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

    /// The money-weighted annual rate: equity at the start and every flow in paid in, every flow out and equity at the
    /// end received. A sleeve's flows count on the first day of their week, the owner's deposits on their own.
    fn money_weighted(&self, identity: &Identity) -> Option<f64> {
        let (first, last) = (self.weeks.first()?, self.weeks.last()?);
        let opened = start_day(self.book, first)?;
        let mut flows = vec![(opened, -identity.start.0.to_f64())];
        flows.extend(self.weeks.iter().map(|w| (flow_day(self.book, w), -self.identity(w).flows.0.to_f64())));
        flows.push((self.book.marks(last)?.day.date(), identity.end.0.to_f64()));
        flows.retain(|(_, flow)| *flow != 0.0);
        measure::xirr(&flows)
    }
}

/// The day of a week's first deposit; its first event's where there is none.
pub(crate) fn flow_day(book: &Book<'_>, week: &WeekRecord) -> Date {
    let deposit = week.events.clone().find(|place| matches!(book.events[*place].body, Body::Deposited { .. }));
    book.day(deposit.unwrap_or(week.events.start))
}

/// The day from which a week's returns count: the close before it, or the day of its first event.
fn start_day(book: &Book<'_>, week: &WeekRecord) -> Option<Date> {
    let before = book.closed().take_while(|w| w.week < week.week).last();
    before.and_then(|w| book.marks(w)).map(|m| m.day.date()).or_else(|| Some(book.day(week.events.start)))
}

/// What T-bills returned in a week: the one-month yield known at the close before it, by calendar days over 365; where
/// the week before has no marks, the yield of its own.
fn bill(book: &Book<'_>, week: &WeekRecord) -> f64 {
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
