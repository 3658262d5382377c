//! An audit from the journal alone, by a second route.
//!
//! The engine's own fold is driven once more, so that everything it checks is checked again. Beside it runs a plain
//! fold that shares no code with engine or ledger: cash, shares and contracts of each sleeve, counted from fills,
//! assignments, expirations, dividends, interest, deposits and splits, and valued at the marks. At every weekly close
//! both must say the same, to the ten-thousandth of a dollar.

use std::sync::Arc;

use engine::event::{Body, Event};
use engine::state::{Impossible, State};
use ledger::AuditError;
use market::time::Calendar;
use serde::Serialize;

use crate::book;
use crate::error::ReportError;

mod order;
mod plain;
mod time;

/// Why a journal does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// It cannot be folded at all.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// An event cannot follow what came before it.
    #[error("the journal does not fold: {0}")]
    Impossible(#[from] Impossible),
    /// The double-entry books do not agree with themselves.
    #[error("event {event}: the books do not agree with themselves: {why}")]
    Books {
        /// The event after which they were audited.
        event: u64,
        /// Where they disagree.
        why: AuditError,
    },
    /// An invariant that the second route found broken.
    #[error("event {event}: {what} ({invariant})")]
    Broken {
        /// Which invariant, as [`Audit`] names it.
        invariant: &'static str,
        /// The event, from 1.
        event: u64,
        /// Week, sleeve and figures, in a sentence.
        what: String,
    },
}

/// What was checked, and how many times each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Events read.
    pub events: u64,
    /// Weekly closes.
    pub weeks: u64,
    /// Each invariant with how many times it held.
    pub held: Vec<Held>,
}

/// One invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// What holds, in a sentence.
    pub invariant: String,
    /// How many times it was checked.
    pub times: u64,
}

/// Every invariant, in the order in which the audit names them.
pub(crate) mod invariant {
    pub(crate) const FOLD: &str = "every event follows from those before it";
    pub(crate) const IDENTITY: &str = "start + flows + gains = end, for each sleeve and week";
    pub(crate) const START: &str = "a week starts with what the week before ended with";
    pub(crate) const FLOWS: &str =
        "flows are what was paid in or taken out, and what moved between sleeves and tax reserves";
    pub(crate) const EQUITY: &str =
        "equity is cash + shares at the close + LEAPS − options at mid, counted by a second route";
    pub(crate) const PARTS: &str = "fees, dividends and interest are what trades and payments sum to";
    pub(crate) const TOTAL: &str = "sleeves and tax reserves sum to the portfolio";
    pub(crate) const BOOKS: &str = "debits equal credits, and every control account its parts";
    pub(crate) const CASH: &str = "settled cash is never negative";
    pub(crate) const SECURED: &str = "cash secures every put when it is sold";
    pub(crate) const COVERED: &str = "shares cover every short call";
    pub(crate) const SHORT: &str = "no more options end than were open, and none outlives its expiration";
    pub(crate) const MOVES: &str = "what a fork or a merge takes is what it gives, to the cent";
    pub(crate) const ORDERS: &str = "order ids rise, each used once";
    pub(crate) const FILLS: &str = "every fill has an approved order of its series, side, size and limit";
    pub(crate) const SESSIONS: &str = "sessions follow each other without a gap";
    pub(crate) const WEEKS: &str = "weeks follow each other without a gap, each with marks and every sleeve's close";
    pub(crate) const TIME: &str = "time never runs backwards";
    pub(crate) const ALL: [&str; 18] = [
        FOLD, IDENTITY, START, FLOWS, EQUITY, PARTS, TOTAL, BOOKS, CASH, SECURED, COVERED, SHORT, MOVES, ORDERS, FILLS,
        SESSIONS, WEEKS, TIME,
    ];
}

/// Counts what held; the first thing that does not is the error.
#[derive(Default)]
pub(crate) struct Tally {
    event: u64,
    times: [u64; invariant::ALL.len()],
}

impl Tally {
    fn count(&mut self, invariant: &'static str) {
        let place = invariant::ALL.iter().position(|i| *i == invariant);
        self.times[place.expect("every invariant is listed")] += 1;
    }

    /// Counts `invariant` if it holds; else it is the error, told by `what`.
    pub(crate) fn must(
        &mut self,
        invariant: &'static str,
        holds: bool,
        what: impl FnOnce() -> String,
    ) -> Result<(), CheckError> {
        if !holds {
            return Err(CheckError::Broken { invariant, event: self.event, what: what() });
        }
        self.count(invariant);
        Ok(())
    }
}

/// The second route alone: what is counted by hand, orders and time.
#[derive(Default)]
struct Second<'a> {
    plain: plain::Plain<'a>,
    orders: order::Orders,
    time: time::Time,
}

impl<'a> Second<'a> {
    fn take(&mut self, event: &'a Event, calendar: &Calendar, tally: &mut Tally) -> Result<(), CheckError> {
        tally.event += 1;
        self.time.take(event, calendar, tally)?;
        self.orders.take(event, tally)?;
        self.plain.take(event, tally)
    }
}

/// Audits a journal.
///
/// # Errors
/// [`CheckError`], the first thing that does not hold, with its event, week, sleeve and figures.
pub fn check(events: &[Event], calendar: &Arc<Calendar>) -> Result<Audit, CheckError> {
    let mut state = book::blank(events, calendar)?;
    let mut tally = Tally::default();
    let mut second = Second::default();
    let mut weeks = 0;
    for event in events {
        state.apply(event)?;
        tally.count(invariant::FOLD);
        second.take(event, calendar, &mut tally)?;
        if matches!(event.body, Body::WeekEnded { .. }) {
            weeks += 1;
            audit(&state, &second.plain, &mut tally)?;
        }
    }
    audit(&state, &second.plain, &mut tally)?;
    let held = invariant::ALL.iter().zip(tally.times);
    let held = held.map(|(invariant, times)| Held { invariant: (*invariant).to_owned(), times }).collect();
    Ok(Audit { events: tally.event, weeks, held })
}

#[cfg(test)]
pub(crate) fn second_route(events: &[Event], calendar: &Calendar) -> Result<(), CheckError> {
    let (mut second, mut tally) = (Second::default(), Tally::default());
    events.iter().try_for_each(|event| second.take(event, calendar, &mut tally))
}

/// The books against themselves, and against the plain count of cash and shares.
fn audit(state: &State, plain: &plain::Plain<'_>, tally: &mut Tally) -> Result<(), CheckError> {
    let event = tally.event;
    state.ledger.audit().map_err(|why| CheckError::Books { event, why })?;
    tally.count(invariant::BOOKS);
    plain.agrees(&state.ledger, tally)
}
