//! Position-weeks by type, what they earned beside what the authors expect.

use engine::event::Body;
use protocol::position::PositionType;

use super::{TypeCourse, number};
use crate::book::Book;
use crate::figure::Share;
use crate::weekly::reference;
use crate::{measure, words};

/// Of a hundred sorted weeks, how many lie outside the middle at either end.
const OUTSIDE: usize = 5;

/// Every type that came, the most severe first.
pub(super) fn types(book: &Book<'_>) -> Vec<TypeCourse> {
    PositionType::ALL.into_iter().filter_map(|kind| of_kind(book, kind)).collect()
}

fn of_kind(book: &Book<'_>, kind: PositionType) -> Option<TypeCourse> {
    let typed = book.events.iter().enumerate().filter_map(|(place, event)| match &event.body {
        Body::PositionTyped(typed) if typed.kind == kind => {
            Some((number(place), Share::of(typed.gain, typed.capital)?.0))
        }
        _ => None,
    });
    let (events, mut earned): (Vec<u64>, Vec<f64>) = typed.unzip();
    earned.sort_by(f64::total_cmp);
    let outside = earned.len() * OUTSIDE / 100;
    let (low, high) = reference(book.policy(), kind);
    Some(TypeCourse {
        kind: kind.to_string(),
        meaning: words::position(kind).to_owned(),
        weeks: earned.len(),
        mean: Share(measure::mean(&earned)?),
        middle: (Share(*earned.get(outside)?), Share(*earned.get(earned.len() - 1 - outside)?)),
        reference: (low.into(), high.into()),
        events,
    })
}
