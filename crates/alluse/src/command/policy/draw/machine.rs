//! State machines from their one table of transitions each.

use market::order::{OrderChange, OrderStatus};
use protocol::life::{LockState, PositionState, Row, StructureState};
use protocol::rule::Rule;
use report::words;

use super::{Drawing, Edge, Machine, Part};

pub(super) fn lock() -> Drawing {
    Drawing {
        title: "Capital preservation: a sleeve's lock".to_owned(),
        intro: "Asked at every weekly close. What is not drawn cannot happen.".to_owned(),
        parts: vec![Part::Machine(machine(
            "A sleeve's lock",
            states(LockState::ALL, LockState::word),
            &LockState::rows(),
        ))],
    }
}

pub(super) fn structure() -> Drawing {
    let states = states(StructureState::ALL, StructureState::word);
    Drawing {
        title: "A structure's life: forks and merges".to_owned(),
        intro: "Asked at every weekly close; the root never merges. What is not drawn cannot happen.".to_owned(),
        parts: vec![Part::Machine(machine("A structure", states, &StructureState::rows()))],
    }
}

pub(super) fn position() -> Part {
    let states = states(PositionState::ALL, PositionState::word);
    Part::Machine(machine("One contract's worth of a position", states, &PositionState::rows()))
}

/// An order's life: [`OrderStatus::after`], asked of every status and change.
pub(super) fn order() -> Part {
    let all = OrderStatus::ALL;
    let place = |status| all.iter().position(|s| *s == status).expect("every status is in its list");
    let edge = |from: OrderStatus, change: OrderChange| {
        let to = place(from.after(change)?);
        Some(Edge { from: place(from), event: changed(change), to, rules: vec![Rule::E7] })
    };
    let edges = all.iter().flat_map(|from| OrderChange::ALL.map(|change| edge(*from, change))).flatten();
    let states = all.iter().map(|s| words::status(*s)).collect();
    Part::Machine(Machine { title: "A day order".to_owned(), states, edges: edges.collect() })
}

fn changed(change: OrderChange) -> &'static str {
    match change {
        OrderChange::Acknowledge => "acknowledged",
        OrderChange::FillPart => "a part is filled",
        OrderChange::FillRest => "the rest is filled",
        OrderChange::Cancel => "cancelled, or the day ends",
        OrderChange::Reject => "refused by the broker",
    }
}

fn states<S: Copy>(all: &[S], word: fn(S) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|s| word(*s)).collect()
}

fn machine(title: &str, states: Vec<&'static str>, rows: &[Row]) -> Machine {
    let place = |word: &str| states.iter().position(|s| *s == word).expect("a table names states of its machine");
    let edge =
        |row: &Row| Edge { from: place(row.from), event: row.event, to: place(row.to), rules: row.rules.to_vec() };
    let edges = rows.iter().map(edge).collect();
    Machine { title: title.to_owned(), states, edges }
}
