//! Why: every number and rule behind a week, a day, an order, an event, a sleeve's week, a symbol's week, a fork, a
//! merge or a sleeve's locks, in sentences. They are made from the events when they are asked for; nothing is kept for
//! them.

mod candidate;
mod detail;
mod growth;
mod id;
mod order;
mod review;
mod summary;
mod thread;

use engine::event::{Body, Event};
use ledger::SleeveId;
use market::instrument::{Series, Symbol};
use market::time::{Date, Week};
use market::value::Price;
use protocol::rule::Rule;
use serde::Serialize;

use crate::book::{Book, WeekRecord};
use crate::error::ReportError;
use crate::notes;
use crate::story::Line;

pub use id::Id;
pub use thread::Thread;

/// An answer, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What was asked for.
    pub id: String,
    /// What it is, in a few words.
    pub title: String,
    /// The answer.
    pub sentences: Vec<Sentence>,
    /// What must be said beside it.
    pub notes: Vec<String>,
}

/// One sentence with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// The day; the week for what a weekly close says.
    pub when: String,
    /// In a trader's words, with every number.
    pub text: String,
    /// The rules behind it.
    pub rules: Vec<String>,
    /// Number of the event, from 1; 0 for a summary of several.
    pub event: u64,
}

impl std::fmt::Display for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.when, self.text)?;
        if self.rules.is_empty() { Ok(()) } else { write!(f, " [{}]", self.rules.join(" ")) }
    }
}

impl Sentence {
    fn of(when: impl ToString, text: String, rules: &[Rule], place: usize) -> Self {
        let rules = rules.iter().map(|r| r.id().to_owned()).collect();
        Sentence { when: when.to_string(), text, rules, event: place as u64 + 1 }
    }

    fn from_line(line: Line, place: usize) -> Self {
        Sentence::of(&line.when, line.text, &line.rules, place)
    }
}

/// How much is told of each event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Decisions and trades.
    Story,
    /// Settlements, approvals, marks and the figures behind each candidate too.
    Full,
}

/// Explains what `id` names.
///
/// # Errors
/// [`ReportError::UnknownId`] with what ids look like and the nearest that exists.
pub fn explain(book: &Book<'_>, id: &str) -> Result<Explanation, ReportError> {
    let (title, sentences) = match Id::find(book, id)? {
        Id::Event(place) => (format!("event #{}", place + 1), detail::sentences(book, place, Depth::Full)),
        Id::Order(order) => (format!("order {order}"), order::sentences(book, order)),
        Id::Day(day) => (format!("{day}"), day_of(book, day)),
        Id::Thread(thread) => (thread.title(), thread.sentences(book)),
        Id::Week(week) => (format!("week {week}"), Asked { week, sleeve: None, symbol: None }.sentences(book)),
        Id::SleeveWeek(sleeve, week) => {
            (format!("{sleeve} in {week}"), Asked { week, sleeve: Some(sleeve), symbol: None }.sentences(book))
        }
        Id::SymbolWeek(symbol, week) => {
            (format!("{symbol} in {week}"), Asked { week, sleeve: None, symbol: Some(symbol) }.sentences(book))
        }
    };
    Ok(Explanation { id: id.to_owned(), title, sentences, notes: notes::of_world(book) })
}

/// What an `n` for 1 split makes of a series: its strike over `n`, to the nearest cent, halves up.
pub(crate) fn split_series(series: Series, n: i64) -> Series {
    let cents = (2 * series.strike.units() + 100 * n).div_euclid(200 * n);
    Series { strike: Price::cents(cents), ..series }
}

fn day_of(book: &Book<'_>, day: Date) -> Vec<Sentence> {
    let Some(record) = book.week(Week::of(day)) else { return Vec::new() };
    let places = record.events.clone().filter(|place| book.day(*place) == day);
    places.flat_map(|place| detail::sentences(book, place, Depth::Full)).collect()
}

/// A week, or what concerns one sleeve or symbol in it.
struct Asked {
    week: Week,
    sleeve: Option<SleeveId>,
    symbol: Option<Symbol>,
}

impl Asked {
    /// The market first, then sleeve by sleeve in the order of time, each symbol summed up, each sleeve's close last.
    fn sentences(&self, book: &Book<'_>) -> Vec<Sentence> {
        let Some(record) = book.week(self.week) else { return Vec::new() };
        let mut told: Vec<Sentence> = vec![self.headline(book, record)];
        told.extend(self.splits(book, record));
        told.extend(self.tell(book, record, None));
        let sleeves: Vec<SleeveId> = book.state.sleeves.iter().map(|s| s.id).collect();
        for sleeve in sleeves.into_iter().filter(|s| self.sleeve.is_none_or(|asked| asked == *s)) {
            let (close, rest): (Vec<Sentence>, Vec<Sentence>) =
                self.tell(book, record, Some(sleeve)).into_iter().partition(|s| is_close(book, s));
            told.extend(rest);
            told.extend(summary::sentences(book, record, sleeve, self.symbol));
            told.extend(close.into_iter().filter(|_| self.symbol.is_none()));
        }
        told
    }

    fn headline(&self, book: &Book<'_>, record: &WeekRecord) -> Sentence {
        let sessions = book.state.calendar.sessions(self.week);
        let text = match (sessions.first(), sessions.last()) {
            (Some(first), Some(last)) => {
                let n = sessions.len();
                format!("the week has {n} sessions, {first} to {last}")
            }
            _ => "the week has no session".to_owned(),
        };
        Sentence { event: 0, ..Sentence::of(self.week, text, &[], record.events.start) }
    }

    /// Splits that the benchmarks' marks tell of; those of what a sleeve held are events of their own.
    fn splits(&self, book: &Book<'_>, record: &WeekRecord) -> Vec<Sentence> {
        let marks = book.marks(record).map_or(&[][..], |m| &m.benchmarks);
        let asked = |symbol: Symbol| self.symbol.is_none_or(|asked| asked == symbol);
        let split = marks.iter().filter(|b| b.split != 1 && asked(b.symbol));
        split
            .map(|b| {
                let text = format!(
                    "{} split {} for 1 since the close before; each price and strike here is the one of its day",
                    b.symbol, b.split
                );
                Sentence { event: 0, ..Sentence::of(self.week, text, &[Rule::C1], record.events.start) }
            })
            .collect()
    }

    fn tell(&self, book: &Book<'_>, record: &WeekRecord, sleeve: Option<SleeveId>) -> Vec<Sentence> {
        let depth = if self.symbol.is_some() { Depth::Full } else { Depth::Story };
        let mine = record.events.clone().filter(|place| sleeve_of(book, &book.events[*place]) == sleeve);
        mine.flat_map(|place| detail::about(book, place, depth, self.symbol)).collect()
    }
}

fn is_close(book: &Book<'_>, sentence: &Sentence) -> bool {
    let event = usize::try_from(sentence.event).ok().and_then(|n| book.events.get(n.checked_sub(1)?));
    event.is_some_and(|e| matches!(e.body, Body::SleeveClosed(_) | Body::LockChanged { .. }))
}

/// The sleeve that an event is about, if it is about one.
fn sleeve_of(book: &Book<'_>, event: &Event) -> Option<SleeveId> {
    match &event.body {
        Body::DividendAccrued(dividend) => Some(dividend.sleeve),
        Body::Planned(plan) => Some(plan.sleeve),
        Body::PositionTyped(typed) => Some(typed.sleeve),
        Body::SleeveClosed(week) => Some(week.sleeve),
        Body::LeapsPlanned { plan, .. } => Some(plan.sleeve),
        Body::Reviewed { sleeve, .. }
        | Body::Withdrawn { sleeve, .. }
        | Body::WithdrawalRefused { sleeve, .. }
        | Body::IncomeBooked { sleeve, .. }
        | Body::Reinvested { sleeve, .. }
        | Body::LeapsReviewed { sleeve, .. }
        | Body::ForkDue { sleeve, .. }
        | Body::ForkLapsed { sleeve, .. }
        | Body::Forked { from: sleeve, .. }
        | Body::OrderApproved { sleeve, .. }
        | Body::OrderRefused { sleeve, .. }
        | Body::Filled { sleeve, .. }
        | Body::Expired { sleeve, .. }
        | Body::Assigned { sleeve, .. }
        | Body::LongEnded { sleeve, .. }
        | Body::InterestCredited { sleeve, .. }
        | Body::LockChanged { sleeve, .. } => Some(*sleeve),
        Body::Crossed(crossing) => Some(crossing.from),
        Body::OrderEnded { order, .. } => {
            let decided = book.order(*order)?.decided;
            sleeve_of(book, &book.events[decided])
        }
        Body::Observed { .. }
        | Body::Proposed(_)
        | Body::Answered { .. }
        | Body::NotDone { .. }
        | Body::ActRefused { .. }
        | Body::WeekOverridden { .. }
        | Body::LevelChanged { .. }
        | Body::DecisionJudged(_)
        | Body::TrustSuggested { .. } => crate::story::people::sleeve_of(&event.body),
        Body::KillSwitch { scope: engine::event::Scope::Sleeve(sleeve), .. } => Some(*sleeve),
        Body::Opened(_)
        | Body::Founded { .. }
        | Body::Deposited { .. }
        | Body::SplitApplied { .. }
        | Body::Settled { .. }
        | Body::WeekClassified { .. }
        | Body::WeekUnclassified { .. }
        | Body::DayEnded { .. }
        | Body::Marked(_)
        | Body::WeekEnded { .. }
        | Body::GuardChanged { .. }
        | Body::ReserveInterest { .. }
        | Body::ReserveClosed { .. }
        | Body::MergeStarted { .. }
        | Body::Merged { .. }
        | Body::KillSwitch { .. }
        | Body::EpochBegan { .. }
        | Body::Frozen { .. }
        | Body::Thawed { .. }
        | Body::Commanded { .. }
        | Body::Resumed { .. }
        | Body::Compared(_) => None,
    }
}
