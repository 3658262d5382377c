//! Structures through time, and the times in which sleeves were locked.

use std::collections::BTreeMap;

use engine::event::{Body, LockReason};
use ledger::StructureId;
use market::value::Money;

use super::{CourseWeek, Growth, LockSpan, News, SleeveCourse, StructureCourse, number};
use crate::book::Book;
use crate::figure::Day;
use crate::{story, words};

/// Every structure, rising by number.
pub(super) fn structures(book: &Book<'_>, weeks: &[CourseWeek], sleeves: &[SleeveCourse]) -> Vec<StructureCourse> {
    let mut found: BTreeMap<u32, StructureCourse> = BTreeMap::new();
    for (place, event) in book.events.iter().enumerate() {
        let day = Day(book.day(place));
        let mut tell = |structure: StructureId, parent: Option<StructureId>, what: Growth| {
            let course = found.entry(structure.0).or_insert_with(|| blank(structure, parent, day));
            course.news.push(News { event: number(place), day, what, text: told(book, place) });
        };
        match &event.body {
            Body::Founded { structure, parent, .. } => tell(*structure, *parent, Growth::Founded),
            Body::ForkDue { sleeve, .. } => tell(sleeve.structure, None, Growth::ForkDue),
            Body::ForkLapsed { sleeve, .. } => tell(sleeve.structure, None, Growth::ForkLapsed),
            Body::Forked { from, structure, .. } => {
                tell(from.structure, None, Growth::Forked);
                tell(*structure, Some(from.structure), Growth::Founded);
            }
            Body::MergeStarted { structure, .. } => tell(*structure, None, Growth::MergeStarted),
            Body::Merged { structure, into, .. } => {
                tell(*structure, None, Growth::Merged);
                if let Some(course) = found.get_mut(&structure.0) {
                    (course.merged, course.into) = (Some(day), Some(into.structure.0));
                }
            }
            _ => {}
        }
    }
    for course in found.values_mut() {
        course.equity = equity(course.structure, weeks, sleeves);
    }
    found.into_values().collect()
}

fn blank(structure: StructureId, parent: Option<StructureId>, founded: Day) -> StructureCourse {
    StructureCourse {
        structure: structure.0,
        parent: parent.map(|p| p.0),
        founded,
        merged: None,
        into: None,
        equity: Vec::new(),
        news: Vec::new(),
    }
}

fn told(book: &Book<'_>, place: usize) -> String {
    let lines = story::lines(book, place);
    lines.first().map_or_else(|| words::event(&book.events[place].body).to_owned(), |line| line.text.clone())
}

/// Equity of a structure's own sleeves at each weekly close at which it had some.
fn equity(structure: u32, weeks: &[CourseWeek], sleeves: &[SleeveCourse]) -> Vec<(usize, crate::figure::Amount)> {
    let mut sums: Vec<Option<Money>> = vec![None; weeks.len()];
    for point in sleeves.iter().filter(|s| s.structure == structure).flat_map(|s| &s.points) {
        *sums[point.week].get_or_insert(Money::ZERO) += point.equity.0;
    }
    sums.into_iter().enumerate().filter_map(|(week, sum)| Some((week, sum?.into()))).collect()
}

/// Every lock, from its beginning to its end.
pub(super) fn locks(book: &Book<'_>) -> Vec<LockSpan> {
    let mut found: Vec<LockSpan> = Vec::new();
    for (place, event) in book.events.iter().enumerate() {
        let Body::LockChanged { sleeve, locked, why, drawdown } = &event.body else { continue };
        let (day, name) = (Day(book.day(place)), sleeve.to_string());
        let open = found.iter_mut().rev().find(|span| span.sleeve == name && span.to.is_none());
        let span = match open {
            Some(span) => span,
            None => {
                found.push(LockSpan {
                    sleeve: name,
                    from: day,
                    to: None,
                    drawdown: (*drawdown).into(),
                    restarted: false,
                    why: Vec::new(),
                    events: Vec::new(),
                });
                found.last_mut().expect("one was pushed")
            }
        };
        span.why.push(words::lock(*why).to_owned());
        span.events.push(number(place));
        span.restarted |= matches!(why, LockReason::Reset | LockReason::Empty);
        span.to = (!locked).then_some(day);
    }
    found
}
