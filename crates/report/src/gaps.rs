//! What the data did not allow to know: weeks that were not judged, gates that could not be asked, candidates left and
//! orders refused for want of a quote, symbols frozen, benchmarks that cannot be drawn.

use std::collections::BTreeMap;

use engine::event::Body;
use engine::risk::Refusal;
use protocol::plan::{Gate, Skip, Verdict};
use serde::Serialize;

use crate::book::Book;
use crate::comparison::Comparison;
use crate::words;

/// Something that data was missing for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// What could not be done or known.
    pub what: String,
    /// How often.
    pub count: usize,
    /// Numbers of the events that say so; empty where the journal is silent as a whole.
    pub events: Vec<u64>,
}

/// Every gap, in a fixed order; empty where there is none.
#[must_use]
pub fn gaps(book: &Book<'_>, compared: Option<&Comparison>) -> Vec<Gap> {
    let mut found = Found::default();
    for (place, event) in book.events.iter().enumerate() {
        let number = place as u64 + 1;
        match &event.body {
            Body::WeekUnclassified { .. } => {
                found.note(number, "weeks that were not judged, so that nothing was entered (M)".to_owned());
            }
            Body::Planned(plan) => {
                for candidate in &plan.candidates {
                    for gate in &candidate.untestable {
                        let name = words::untestable(*gate);
                        found.note(number, format!("candidates whose {name} could not be tested (E-6)"));
                    }
                    if let Verdict::Leave(skip) = &candidate.verdict
                        && is_missing(skip)
                    {
                        found.note(number, format!("candidates left: {}", words::skip_name(skip)));
                    }
                }
            }
            Body::OrderRefused { refusal: refusal @ (Refusal::Stale | Refusal::UnknownContract), .. } => {
                found.note(number, format!("orders refused: {}", words::refusal_name(refusal)));
            }
            Body::Frozen { why, .. } => found.note(number, format!("symbols frozen until a human decides: {why}")),
            _ => {}
        }
    }
    let noted = found.0.into_iter().map(|(what, (count, mut events))| {
        events.dedup();
        Gap { what, count, events }
    });
    let missing = compared.into_iter().flat_map(|c| &c.missing);
    noted.chain(missing.map(|m| Gap { what: m.clone(), count: 1, events: Vec::new() })).collect()
}

/// By what is missing, how often, and where.
#[derive(Default)]
struct Found(BTreeMap<String, (usize, Vec<u64>)>);

impl Found {
    fn note(&mut self, number: u64, what: String) {
        let (count, events) = self.0.entry(what).or_default();
        *count += 1;
        events.push(number);
    }
}

/// Whether a candidate was left because something about it was not known.
const fn is_missing(skip: &Skip) -> bool {
    matches!(
        skip,
        Skip::FeesUnknown | Skip::NoQuotes(_) | Skip::NoMark(_) | Skip::NoExpiration | Skip::Gate(Gate::NoBid)
    )
}
