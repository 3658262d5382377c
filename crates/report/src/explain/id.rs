//! Ids: what can be asked for, and what to say of one that names nothing.

use engine::event::Body;
use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::Symbol;
use market::order::OrderId;
use market::time::{Date, Week, days_between};

use super::Thread;
use crate::book::Book;
use crate::error::ReportError;

/// What can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    /// `#123`, by its place.
    Event(usize),
    /// `o1.1.42`.
    Order(OrderId),
    /// `2020-08-31`.
    Day(Date),
    /// `2020-W12`.
    Week(Week),
    /// `1.Gen/2020-W12`.
    SleeveWeek(SleeveId, Week),
    /// `TSLA/2020-W35`.
    SymbolWeek(Symbol, Week),
    /// `fork/2`, `fork/1.Gen`, `merge/2`, `lock/1.Gen`.
    Thread(Thread),
}

impl Id {
    /// Finds what `text` names in the journal.
    ///
    /// # Errors
    /// [`ReportError::UnknownId`] if it is no id, or names nothing, with the nearest that exists.
    pub fn find(book: &Book<'_>, text: &str) -> Result<Id, ReportError> {
        let text = text.trim();
        let unknown = |nearest: String| ReportError::UnknownId { id: text.to_owned(), nearest };
        let finder = Finder { book };
        let found = if let Some(number) = text.strip_prefix('#') {
            number.parse().ok().map(|n| finder.event(n))
        } else if let Some((what, of)) = text.split_once('/')
            && let Some(thread) = read_thread(what, of)
        {
            Some(finder.thread(thread))
        } else if let Some((about, week)) = text.split_once('/') {
            read_week(week).and_then(|week| finder.part(about, week))
        } else if let Some(order) = read_order(text) {
            Some(finder.order(order))
        } else if let Some(week) = read_week(text) {
            Some(finder.week(week))
        } else {
            text.parse().ok().map(|date| finder.day(date))
        };
        found.unwrap_or_else(|| Err(String::new())).map_err(unknown)
    }
}

/// What was found, or the nearest as the end of a sentence.
type Found = Result<Id, String>;

struct Finder<'b, 'a> {
    book: &'b Book<'a>,
}

impl Finder<'_, '_> {
    fn event(&self, number: usize) -> Found {
        let last = self.book.events.len();
        if (1..=last).contains(&number) {
            return Ok(Id::Event(number - 1));
        }
        Err(format!("; its events are #1 to #{last}"))
    }

    fn order(&self, id: OrderId) -> Found {
        let orders = &self.book.orders;
        if self.book.order(id).is_some() {
            return Ok(Id::Order(id));
        }
        let nearest =
            orders.iter().min_by_key(|o| (o.id.epoch.abs_diff(id.epoch), o.id.sequence.abs_diff(id.sequence)));
        Err(nearest.map_or("; it has no orders".to_owned(), |o| format!("; the nearest order is {}", o.id)))
    }

    fn week(&self, week: Week) -> Found {
        if self.book.week(week).is_some() {
            return Ok(Id::Week(week));
        }
        let weeks = &self.book.weeks;
        let at = weeks.partition_point(|w| w.week < week).min(weeks.len().saturating_sub(1));
        Err(weeks.get(at).map_or_else(String::new, |w| format!("; the nearest week is {}", w.week)))
    }

    fn day(&self, day: Date) -> Found {
        let near = [Week::of(day).before(), Week::of(day), Week::of(day).after()];
        let records = near.iter().filter_map(|week| self.book.week(*week));
        let days = records.flat_map(|r| r.events.clone()).map(|place| self.book.day(place));
        let nearest = days.min_by_key(|d| days_between(*d, day).abs());
        match nearest {
            Some(found) if found == day => Ok(Id::Day(day)),
            Some(found) => Err(format!("; the nearest day is {found}")),
            None => match self.week(Week::of(day)) {
                Err(nearest) => Err(nearest),
                Ok(_) => Err(String::new()),
            },
        }
    }

    fn thread(&self, thread: Thread) -> Found {
        if !thread.places(self.book).is_empty() {
            return Ok(Id::Thread(thread));
        }
        let names = |all: Vec<String>| match all.is_empty() {
            true => "; it has none".to_owned(),
            false => format!("; it has {}", all.join(", ")),
        };
        let mut found: Vec<String> = Vec::new();
        for event in self.book.events {
            let name = match (&event.body, thread) {
                (Body::Forked { structure, .. }, Thread::Fork(_)) => format!("fork/{structure}"),
                (Body::ForkDue { sleeve, .. } | Body::Forked { from: sleeve, .. }, Thread::Forks(_)) => {
                    format!("fork/{sleeve}")
                }
                (Body::MergeStarted { structure, .. }, Thread::Merge(_)) => format!("merge/{structure}"),
                (Body::LockChanged { sleeve, .. }, Thread::Locks(_)) => format!("lock/{sleeve}"),
                _ => continue,
            };
            if !found.contains(&name) {
                found.push(name);
            }
        }
        Err(names(found))
    }

    /// A sleeve's or a symbol's week; `None` if `about` can be neither.
    fn part(&self, about: &str, week: Week) -> Option<Found> {
        if let Some(sleeve) = read_sleeve(about) {
            let known = self.book.state.sleeve(sleeve).is_some();
            return Some(match self.week(week) {
                Err(nearest) => Err(nearest),
                Ok(_) if known => Ok(Id::SleeveWeek(sleeve, week)),
                Ok(_) => {
                    let names: Vec<String> = self.book.state.sleeves.iter().map(|s| s.id.to_string()).collect();
                    Err(format!("; its sleeves are {}", names.join(", ")))
                }
            });
        }
        let symbol = Symbol::new(about).ok()?;
        let symbols = self.symbols();
        Some(match self.week(week) {
            Err(nearest) => Err(nearest),
            Ok(_) if symbols.contains(&symbol) => Ok(Id::SymbolWeek(symbol, week)),
            Ok(_) => {
                let names: Vec<String> = symbols.iter().map(ToString::to_string).collect();
                Err(format!("; its symbols are {}", names.join(", ")))
            }
        })
    }

    /// Every symbol that the policy names or a trade touched, rising.
    fn symbols(&self) -> Vec<Symbol> {
        let mut symbols = self.book.policy().universe.all();
        symbols.extend(self.book.events.iter().filter_map(|event| match &event.body {
            Body::OrderApproved { order, .. } => Some(order.trade.underlying()),
            _ => None,
        }));
        symbols.sort_unstable();
        symbols.dedup();
        symbols
    }
}

/// `2020-W12`.
fn read_week(text: &str) -> Option<Week> {
    let (year, number) = text.split_once("-W").or_else(|| text.split_once("-w"))?;
    let week = Week { year: year.parse().ok()?, number: number.parse().ok()? };
    week.monday().map(|_| week)
}

/// `fork/2`, `fork/1.Gen`, `merge/2`, `lock/1.Gen`.
fn read_thread(what: &str, of: &str) -> Option<Thread> {
    let structure = of.parse().ok().map(StructureId);
    let sleeve = read_sleeve(of);
    match what {
        "fork" => structure.map(Thread::Fork).or(sleeve.map(Thread::Forks)),
        "merge" => structure.map(Thread::Merge),
        "lock" => sleeve.map(Thread::Locks),
        _ => None,
    }
}

/// `o1.1.42`.
fn read_order(text: &str) -> Option<OrderId> {
    let mut parts = text.strip_prefix('o')?.split('.');
    let id = OrderId {
        portfolio: parts.next()?.parse().ok()?,
        epoch: parts.next()?.parse().ok()?,
        sequence: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(id)
}

/// `1.Gen`, or `Gen` for the root's.
pub(super) fn read_sleeve(text: &str) -> Option<SleeveId> {
    let (structure, name) = match text.split_once('.') {
        Some((structure, name)) => (StructureId(structure.parse().ok()?), name),
        None => (engine::decide::ROOT, text),
    };
    let kind = SleeveKind::ALL.into_iter().find(|k| k.to_string().eq_ignore_ascii_case(name))?;
    Some(SleeveId::new(structure, kind))
}
