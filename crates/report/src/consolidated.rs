//! One statement for each structure, and one for all of them: line by line the structures sum to the whole.
//!
//! The two come by two routes. A structure's statement adds up its own sleeves and its tax reserve, with what moved
//! between structures among its flows. The consolidated one starts from what the owner had, and knows the owner's
//! payments alone. What structures gave each other cancels, so that every line must agree.

use std::collections::BTreeMap;

use engine::event::{Body, ReserveWeek};
use ledger::{SleeveId, StructureId};
use serde::Serialize;

use crate::book::{Book, WeekRecord};
use crate::figure::Amount;
use crate::period::spans;
use crate::weekly::Identity;

/// The statements of one span.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Consolidated {
    /// `2024-06`, `2024`, or both ends of the whole run.
    pub name: String,
    /// Its first week.
    pub first_week: String,
    /// Its last week.
    pub last_week: String,
    /// Every structure that had a weekly close in it, rising by number.
    pub structures: Vec<Account>,
    /// The structures together, line by line.
    pub sum: Identity,
    /// The whole, by its own route.
    pub whole: Identity,
    /// The lines on which the two differ, with the whole less the sum; none of them should.
    pub differ: Vec<(&'static str, Amount)>,
}

/// One structure's statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// Its number.
    pub structure: u32,
    /// Its sleeves.
    pub sleeves: Vec<Part>,
    /// Its tax reserve.
    pub reserve: Identity,
    /// All of it.
    pub total: Identity,
}

/// One sleeve's statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// `1.Gen`.
    pub sleeve: String,
    /// start + flows + gains = end.
    pub identity: Identity,
}

/// Which spans are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// The whole journal.
    Whole,
    /// One month, `2024-06`.
    Month(String),
    /// One year.
    Year(String),
}

/// The lines of a statement, by name.
#[must_use]
pub fn lines(i: &Identity) -> [(&'static str, Amount); 11] {
    [
        ("start", i.start),
        ("flows", i.flows),
        ("premium", i.premium),
        ("shares", i.shares),
        ("LEAPS", i.longs),
        ("dividends", i.dividends),
        ("interest", i.interest),
        ("fees", i.fees),
        ("unrealised", i.unrealised),
        ("gains", i.gains),
        ("end", i.end),
    ]
}

/// The statements of a span; `None` where it has no weekly close.
#[must_use]
pub fn consolidated(book: &Book<'_>, span: &Span) -> Option<Consolidated> {
    let (wanted, all): (Option<&String>, _) = match span {
        Span::Whole => (None, spans(book, |_| String::new())),
        Span::Month(name) => (Some(name), spans(book, |day| format!("{}-{:02}", day.year(), day.month()))),
        Span::Year(name) => (Some(name), spans(book, |day| day.year().to_string())),
    };
    let (name, weeks) = all.into_iter().find(|(name, _)| wanted.is_none_or(|wanted| wanted == name))?;
    let (first, last) = (weeks.first()?.week.to_string(), weeks.last()?.week.to_string());
    let structures = accounts(book, &weeks);
    let sum = structures.iter().map(|a| a.total).reduce(Identity::beside).unwrap_or_default();
    let whole = weeks.iter().map(|w| book.total(w)).reduce(Identity::then).unwrap_or_default();
    let differ = lines(&whole).into_iter().zip(lines(&sum)).filter(|((_, a), (_, b))| a != b);
    let differ = differ.map(|((line, a), (_, b))| (line, Amount(a.0 - b.0))).collect();
    let name = if name.is_empty() { format!("{first} to {last}") } else { name };
    Some(Consolidated { name, first_week: first, last_week: last, structures, sum, whole, differ })
}

fn accounts(book: &Book<'_>, weeks: &[&WeekRecord]) -> Vec<Account> {
    let mut sleeves: BTreeMap<SleeveId, Identity> = BTreeMap::new();
    let mut reserves: BTreeMap<StructureId, (usize, Identity)> = BTreeMap::new();
    for (place, week) in weeks.iter().enumerate() {
        for close in book.sleeve_weeks(week) {
            let identity = Identity::of(close);
            sleeves.entry(close.sleeve).and_modify(|i| *i = i.then(identity)).or_insert(identity);
        }
        for (structure, reserve) in reserve_weeks(book, week) {
            let identity = Identity::of_reserve(&reserve);
            let before = reserves.get(&structure).map(|(_, before)| before.then(identity));
            reserves.insert(structure, (place, before.unwrap_or(identity)));
        }
    }
    let last = weeks.len().saturating_sub(1);
    for (seen, reserve) in reserves.values_mut() {
        // It merged within the span: its parent's reserve took what it held.
        if *seen < last {
            reserve.flows = Amount(reserve.flows.0 - reserve.end.0);
            reserve.end = Amount::default();
        }
    }
    let mut structures: Vec<StructureId> =
        sleeves.keys().map(|s| s.structure).chain(reserves.keys().copied()).collect();
    structures.sort_unstable();
    structures.dedup();
    let account = |structure: StructureId| {
        let own = sleeves.iter().filter(|(id, _)| id.structure == structure);
        let parts: Vec<Part> = own.map(|(id, identity)| Part { sleeve: id.to_string(), identity: *identity }).collect();
        let reserve = reserves.get(&structure).map(|(_, identity)| *identity).unwrap_or_default();
        let total = parts.iter().map(|p| p.identity).chain([reserve]).reduce(Identity::beside).unwrap_or_default();
        Account { structure: structure.0, sleeves: parts, reserve, total }
    };
    structures.into_iter().map(account).collect()
}

fn reserve_weeks<'b>(
    book: &'b Book<'_>,
    week: &WeekRecord,
) -> impl Iterator<Item = (StructureId, ReserveWeek)> + use<'b> {
    book.events[week.events.clone()].iter().filter_map(|event| match &event.body {
        Body::ReserveClosed { structure, week } => Some((*structure, *week)),
        _ => None,
    })
}
