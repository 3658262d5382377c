//! What belongs together though it happened weeks apart: a fork from the close at which it fell due, a merge from its
//! start, a sleeve's locks.

use engine::event::Body;
use ledger::{SleeveId, StructureId};
use market::order::Trade;

use super::{Depth, Sentence, detail};
use crate::book::Book;

/// A thread through the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thread {
    /// How a structure was founded.
    Fork(StructureId),
    /// Every fork that fell due in a Gen sleeve.
    Forks(SleeveId),
    /// How a structure folded back into its parent.
    Merge(StructureId),
    /// When and why a sleeve was locked for new puts.
    Locks(SleeveId),
}

impl Thread {
    /// The places of its events, rising; none if it never began.
    pub(super) fn places(self, book: &Book<'_>) -> Vec<usize> {
        let all = |takes: &dyn Fn(&Body) -> bool| -> Vec<usize> {
            (0..book.events.len()).filter(|place| takes(&book.events[*place].body)).collect()
        };
        match self {
            Thread::Fork(id) => {
                let forked = book
                    .events
                    .iter()
                    .position(|event| matches!(&event.body, Body::Forked { structure, .. } if *structure == id));
                let Some(place) = forked else {
                    return all(&|body| matches!(body, Body::Founded { structure, .. } if *structure == id));
                };
                let Body::Forked { from, .. } = &book.events[place].body else { return vec![place] };
                let mut places: Vec<usize> = Vec::new();
                for at in (0..place).rev() {
                    match &book.events[at].body {
                        Body::ForkDue { sleeve, .. } if sleeve == from => places.push(at),
                        Body::Forked { from: sleeve, .. } | Body::ForkLapsed { sleeve, .. } if sleeve == from => break,
                        _ => {}
                    }
                }
                places.reverse();
                places.push(place);
                places
            }
            Thread::Forks(id) => all(&|body| match body {
                Body::ForkDue { sleeve, .. } | Body::ForkLapsed { sleeve, .. } | Body::Forked { from: sleeve, .. } => {
                    *sleeve == id
                }
                _ => false,
            }),
            Thread::Locks(id) => all(&|body| matches!(body, Body::LockChanged { sleeve, .. } if *sleeve == id)),
            Thread::Merge(id) => merge(book, id),
        }
    }

    /// What it is, in a few words.
    pub(super) fn title(self) -> String {
        match self {
            Thread::Fork(id) => format!("how structure {id} was founded"),
            Thread::Forks(id) => format!("forks of {id}"),
            Thread::Merge(id) => format!("how structure {id} merged"),
            Thread::Locks(id) => format!("locks of {id}"),
        }
    }

    pub(super) fn sentences(self, book: &Book<'_>) -> Vec<Sentence> {
        self.places(book).into_iter().flat_map(|place| detail::sentences(book, place, Depth::Full)).collect()
    }
}

/// A merge: its start, what was bought back and sold for it, the move.
fn merge(book: &Book<'_>, id: StructureId) -> Vec<usize> {
    let is_start = |body: &Body| matches!(body, Body::MergeStarted { structure, .. } if *structure == id);
    let Some(start) = book.events.iter().position(|event| is_start(&event.body)) else { return Vec::new() };
    let mut places = vec![start];
    for place in start + 1..book.events.len() {
        match &book.events[place].body {
            Body::Filled { sleeve, trade, .. } if sleeve.structure == id => {
                let leaves =
                    trade.buys_back().is_some() || matches!(trade, Trade::SellShares { .. } | Trade::Option { .. });
                places.extend(leaves.then_some(place));
            }
            Body::Expired { sleeve, .. } | Body::Assigned { sleeve, .. } | Body::LongEnded { sleeve, .. }
                if sleeve.structure == id =>
            {
                places.push(place)
            }
            Body::Merged { structure, .. } if *structure == id => {
                places.push(place);
                break;
            }
            _ => {}
        }
    }
    places
}
