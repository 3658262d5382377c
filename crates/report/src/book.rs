//! The journal folded once: invariants checked again by the engine's own state, and an index of where things stand.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use engine::event::{Body, Event, Gains, Marks, Opened, ReserveWeek, SleeveWeek, Variant};
use engine::state::{State, trade_date};
use ledger::SleeveId;
use market::instrument::Symbol;
use market::order::OrderId;
use market::time::{Calendar, Date, Week};
use market::value::{Money, Shares};
use protocol::plan::Plan;
use protocol::policy::Policy;
use protocol::position::PositionType;
use protocol::week::Classification;

use crate::error::ReportError;
use crate::weekly::Identity;

/// One week of the journal, by the places of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekRecord {
    /// The week.
    pub week: Week,
    /// Its events.
    pub events: Range<usize>,
    /// Its first classification, if it was judged.
    pub classified: Option<usize>,
    /// Its marks, once it closed.
    pub marked: Option<usize>,
    /// Its sleeves' figures, in [`Book::closes`].
    pub closes: Range<usize>,
    /// Its tax reserves' figures, in [`Book::reserves`].
    pub reserves: Range<usize>,
    /// All that the owner had at the weekly close before: sleeves and tax reserves.
    pub start: Money,
    /// What the owner paid in less what was paid out since then, up to this week's marks.
    pub flows: Money,
    /// Whether its close is done (C-9).
    pub ended: bool,
}

/// An order by the places of its decision and the plan that wanted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// The order.
    pub id: OrderId,
    /// Its approval or refusal.
    pub decided: usize,
    /// The plan that wanted it, if one came before.
    pub plan: Option<usize>,
}

/// Whole hundreds of shares that had no call against them at the end of a week's last session, before what expired that
/// day was booked; shares that were assigned that day are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// The week.
    pub week: Week,
    /// The sleeve.
    pub sleeve: SleeveId,
    /// Which symbol.
    pub symbol: Symbol,
    /// How many shares, in whole hundreds.
    pub shares: Shares,
}

/// A weekly close at which a fork was due and waited (F-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The week.
    pub week: Week,
    /// The Gen sleeve.
    pub sleeve: SleeveId,
    /// Its idle cash, as far as the fork would have moved it.
    pub idle: Money,
}

/// The folded journal.
#[derive(Clone, Debug)]
pub struct Book<'a> {
    /// The journal.
    pub events: &'a [Event],
    /// What it amounts to.
    pub state: State,
    /// Its weeks, rising.
    pub weeks: Vec<WeekRecord>,
    /// Every sleeve's every week, in the order of the journal.
    pub closes: Vec<SleeveWeek>,
    /// Every tax reserve's every week, in the order of the journal.
    pub reserves: Vec<ReserveWeek>,
    /// Every order, rising by id, as the engine counts them.
    pub orders: Vec<OrderRecord>,
    /// Shares that stayed uncovered.
    pub uncovered: Vec<Uncovered>,
    /// Weekly closes at which a fork waited.
    pub waits: Vec<Wait>,
}

impl<'a> Book<'a> {
    /// Folds a journal: one pass through the engine's own state, so that every invariant it holds is checked again.
    ///
    /// # Errors
    /// [`ReportError`] if the journal does not begin with its opening, its policy cannot be read, or an event cannot
    /// follow what came before it.
    pub fn fold(events: &'a [Event], calendar: &Arc<Calendar>) -> Result<Self, ReportError> {
        let mut book = Book {
            events,
            state: blank(events, calendar)?,
            weeks: Vec::new(),
            closes: Vec::new(),
            reserves: Vec::new(),
            orders: Vec::new(),
            uncovered: Vec::new(),
            waits: Vec::new(),
        };
        let mut fold = Fold {
            day: Date::ZERO,
            at: None,
            plan: None,
            measured: None,
            before: Money::ZERO,
            paid: Money::ZERO,
            merged: Vec::new(),
            due: BTreeMap::new(),
        };
        for (place, event) in events.iter().enumerate() {
            fold.note(&mut book, place, event);
            book.state.apply(event)?;
        }
        Ok(book)
    }

    /// How the journal began.
    ///
    /// # Panics
    /// Never: [`Book::fold`] refuses a journal without its opening.
    #[must_use]
    pub fn opened(&self) -> &'a Opened {
        match self.events.first().map(|e| &e.body) {
            Some(Body::Opened(opened)) => opened,
            _ => unreachable!("a journal without its opening does not fold"),
        }
    }

    /// Every number of the run.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.state.policy
    }

    /// The state before the event at `place`, folded anew.
    ///
    /// # Panics
    /// Never: the events before `place` have been folded once.
    #[must_use]
    pub fn state_before(&self, place: usize) -> State {
        let mut state = State::new(Arc::clone(&self.state.calendar), self.state.policy.clone());
        for event in &self.events[..place.min(self.events.len())] {
            state.apply(event).expect("these events have been folded before");
        }
        state
    }

    /// Weeks that closed, rising.
    pub fn closed(&self) -> impl DoubleEndedIterator<Item = &WeekRecord> {
        self.weeks.iter().filter(|w| w.ended)
    }

    /// The record of `week`, closed or not.
    #[must_use]
    pub fn week(&self, week: Week) -> Option<&WeekRecord> {
        self.weeks.binary_search_by_key(&week, |w| w.week).ok().map(|i| &self.weeks[i])
    }

    /// A closed week, the last one if none is named.
    ///
    /// # Errors
    /// [`ReportError::NoClose`] or [`ReportError::NoSuchWeek`].
    pub fn closed_week(&self, week: Option<Week>) -> Result<&WeekRecord, ReportError> {
        let (first, last) = self.closed().next().zip(self.closed().next_back()).ok_or(ReportError::NoClose)?;
        let Some(week) = week else { return Ok(last) };
        let missing = ReportError::NoSuchWeek { week, first: first.week, last: last.week };
        self.week(week).filter(|w| w.ended).ok_or(missing)
    }

    /// The sleeves' figures of one week.
    #[must_use]
    pub fn sleeve_weeks(&self, week: &WeekRecord) -> &[SleeveWeek] {
        &self.closes[week.closes.clone()]
    }

    /// The figures of one week's tax reserves.
    #[must_use]
    pub fn reserve_weeks(&self, week: &WeekRecord) -> &[ReserveWeek] {
        &self.reserves[week.reserves.clone()]
    }

    /// The tax reserves of one week together.
    #[must_use]
    pub fn reserve(&self, week: &WeekRecord) -> Identity {
        self.reserve_weeks(week).iter().map(Identity::of_reserve).reduce(Identity::beside).unwrap_or_default()
    }

    /// The whole of one week: all sleeves and tax reserves. What moves between them cancels; its flows are the owner's.
    #[must_use]
    pub fn total(&self, week: &WeekRecord) -> Identity {
        let sleeves = self.sleeve_weeks(week).iter().map(Identity::of);
        let parts = sleeves.chain(self.reserve_weeks(week).iter().map(Identity::of_reserve));
        parts.reduce(Identity::beside).unwrap_or_default().whole(week.start, week.flows)
    }

    /// The marks of one week, once it closed.
    #[must_use]
    pub fn marks(&self, week: &WeekRecord) -> Option<&'a Marks> {
        match &self.events[week.marked?].body {
            Body::Marked(marks) => Some(marks),
            _ => None,
        }
    }

    /// The first judged week, with which every comparison starts.
    #[must_use]
    pub fn first_judged(&self) -> Option<&WeekRecord> {
        self.weeks.iter().find(|w| w.classified.is_some())
    }

    /// The week's class as it was known just before the event at `place`.
    #[must_use]
    pub fn class_before(&self, place: usize) -> Option<&'a Classification> {
        let at = self.weeks.partition_point(|w| w.events.end <= place);
        let from = self.weeks.get(at)?.events.start;
        self.events[from..place.min(self.events.len())].iter().rev().find_map(|event| match &event.body {
            Body::WeekClassified { classification, .. } => Some(classification),
            _ => None,
        })
    }

    /// The record of an order.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<&OrderRecord> {
        self.orders.binary_search_by_key(&id, |o| o.id).ok().map(|i| &self.orders[i])
    }

    /// The plan at `place`.
    #[must_use]
    pub fn plan(&self, place: usize) -> Option<&'a Plan> {
        match &self.events.get(place)?.body {
            Body::Planned(plan) => Some(plan),
            _ => None,
        }
    }

    /// The comparison with other assumptions, if it was made.
    #[must_use]
    pub fn variants(&self) -> &'a [Variant] {
        let compared = self.events.iter().rev().find_map(|event| match &event.body {
            Body::Compared(variants) => Some(variants.as_slice()),
            _ => None,
        });
        compared.unwrap_or(&[])
    }

    /// The New York day of the event at `place`.
    #[must_use]
    pub fn day(&self, place: usize) -> Date {
        self.events.get(place).map_or(Date::ZERO, |event| trade_date(event.at))
    }
}

/// A state before its first event, under the policy that the journal opens with.
pub(crate) fn blank(events: &[Event], calendar: &Arc<Calendar>) -> Result<State, ReportError> {
    let Some(Event { body: Body::Opened(opened), .. }) = events.first() else { return Err(ReportError::NotOpened) };
    let policy = Policy::parse("the journal's policy", &opened.policy, Policy::shipped).map_err(ReportError::Policy)?;
    Ok(State::new(Arc::clone(calendar), policy))
}

/// What the fold remembers between two events.
struct Fold {
    day: Date,
    at: Option<jiff::Timestamp>,
    plan: Option<usize>,
    measured: Option<Week>,
    /// All that the owner had at the last weekly close.
    before: Money,
    /// What the owner paid in less what was paid out since the last marks.
    paid: Money,
    /// The last weeks of sleeves that merged away, to be told in the week that follows.
    merged: Vec<SleeveWeek>,
    /// What each fork that is due would move.
    due: BTreeMap<SleeveId, Money>,
}

impl Fold {
    /// Notes the event at `place` before it is applied.
    fn note(&mut self, book: &mut Book<'_>, place: usize, event: &Event) {
        if self.at != Some(event.at) {
            self.at = Some(event.at);
            self.begin(book, place, trade_date(event.at));
        }
        let Some(week) = book.weeks.last_mut() else { return };
        week.events.end = place + 1;
        match &event.body {
            Body::WeekClassified { .. } => week.classified = week.classified.or(Some(place)),
            Body::Marked(_) => {
                week.marked = Some(place);
                (week.start, week.flows) = (self.before, std::mem::take(&mut self.paid));
                book.closes.append(&mut self.merged);
                week.closes.end = book.closes.len();
                self.before = Money::ZERO;
            }
            // What merged away ends the week after with nothing: all it had has left it.
            Body::Merged { structure, .. } => {
                self.due.retain(|sleeve, _| sleeve.structure != *structure);
                let last = book.closes[week.closes.clone()].iter().filter(|c| c.sleeve.structure == *structure);
                self.merged.extend(last.map(|close| SleeveWeek {
                    week: book.state.calendar.week_after(close.week),
                    kind: PositionType::Idle,
                    start: close.end,
                    flows: -close.end,
                    gains: Gains::default(),
                    end: Money::ZERO,
                    idle: Money::ZERO,
                    ..*close
                }));
            }
            Body::Deposited { parts, .. } => self.paid += parts.iter().copied().sum::<Money>(),
            Body::Withdrawn { amount, .. } => self.paid -= *amount,
            Body::SleeveClosed(close) => {
                book.closes.push(*close);
                week.closes.end = book.closes.len();
                self.before += close.end;
            }
            Body::ReserveClosed { week: reserve, .. } => {
                book.reserves.push(*reserve);
                week.reserves.end = book.reserves.len();
                self.before += reserve.end;
            }
            Body::ForkDue { sleeve, division, .. } => {
                self.due.insert(*sleeve, division.moves);
            }
            Body::ForkLapsed { sleeve, .. } | Body::Forked { from: sleeve, .. } => {
                self.due.remove(sleeve);
            }
            Body::WeekEnded { .. } => {
                week.ended = true;
                let closes = &book.closes[week.closes.clone()];
                book.waits.extend(closes.iter().filter_map(|close| {
                    let moves = *self.due.get(&close.sleeve)?;
                    Some(Wait { week: close.week, sleeve: close.sleeve, idle: close.idle.min(moves) })
                }));
            }
            Body::Planned(_) => self.plan = Some(place),
            Body::OrderApproved { order, .. } | Body::OrderRefused { order, .. } => {
                book.orders.push(OrderRecord { id: order.id, decided: place, plan: self.plan });
            }
            Body::Expired { .. } | Body::Assigned { .. } | Body::LongEnded { .. } | Body::DayEnded { .. } => {
                self.measure(book);
            }
            _ => {}
        }
    }

    /// Begins a new week's record when `day` lies in one.
    fn begin(&mut self, book: &mut Book<'_>, place: usize, day: Date) {
        if day == self.day {
            return;
        }
        (self.day, self.plan) = (day, None);
        let week = Week::of(day);
        if book.weeks.last().is_none_or(|last| last.week < week) {
            let (closes, reserves) = (book.closes.len(), book.reserves.len());
            book.weeks.push(WeekRecord {
                week,
                events: place..place,
                classified: None,
                marked: None,
                closes: closes..closes,
                reserves: reserves..reserves,
                start: Money::ZERO,
                flows: Money::ZERO,
                ended: false,
            });
        }
    }

    /// Counts uncovered shares once a week, at the end of its last session.
    fn measure(&mut self, book: &mut Book<'_>) {
        let week = Week::of(self.day);
        let last = book.state.calendar.last_session(week).is_some_and(|last| last.date() == self.day);
        if !last || self.measured == Some(week) {
            return;
        }
        self.measured = Some(week);
        for sleeve in &book.state.sleeves {
            for (symbol, _) in book.state.ledger.holdings(sleeve.id) {
                let shares = book.state.ledger.uncovered_shares(sleeve.id, symbol).whole_contracts().shares();
                if shares > Shares(0) {
                    book.uncovered.push(Uncovered { week, sleeve: sleeve.id, symbol, shares });
                }
            }
        }
    }
}
