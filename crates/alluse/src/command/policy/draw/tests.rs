//! What is drawn is what is in the code, and fits where it is drawn.

use protocol::life::{LockState, PositionState, StructureState};
use protocol::rule::Rule;

use super::*;

const ALL: [Picture; 5] = [Picture::Week, Picture::Position, Picture::Lock, Picture::Structure, Picture::Order];

fn machines(picture: Picture) -> Vec<Machine> {
    let parts = drawn(picture, &Policy::all_use()).parts;
    let machine = |part| match part {
        Part::Machine(machine) => Some(machine),
        Part::Table(_) => None,
    };
    parts.into_iter().filter_map(machine).collect()
}

fn tables(picture: Picture, policy: &Policy) -> Vec<Table> {
    let table = |part| match part {
        Part::Table(table) => Some(table),
        Part::Machine(_) => None,
    };
    drawn(picture, policy).parts.into_iter().filter_map(table).collect()
}

fn texts(table: &Table) -> Vec<String> {
    let line = |row: &Vec<Cell>| row.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join(" | ");
    table.rows.iter().map(line).collect()
}

#[test]
fn every_transition_is_an_arrow() {
    for (picture, rows) in [
        (Picture::Position, PositionState::rows()),
        (Picture::Lock, LockState::rows()),
        (Picture::Structure, StructureState::rows()),
    ] {
        let [machine] = &machines(picture)[..] else { panic!("{picture:?}") };
        let drawn: Vec<_> = machine
            .edges
            .iter()
            .map(|e| (machine.states[e.from], e.event, machine.states[e.to], e.rules.as_slice()))
            .collect();
        let table: Vec<_> = rows.iter().map(|r| (r.from, r.event, r.to, r.rules)).collect();
        assert_eq!(drawn, table, "{picture:?}");
    }
    let [order] = &machines(Picture::Order)[..] else { panic!() };
    assert_eq!((order.states.len(), order.edges.len()), (6, 17));
}

#[test]
fn text_fits_a_terminal_of_80_columns() {
    for picture in ALL {
        for machine in machines(picture) {
            for line in text::lines(&machine) {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}

#[test]
fn the_weeks_table_is_the_protocols() {
    let tables = tables(Picture::Week, &Policy::all_use());
    assert_eq!(
        texts(&tables[0]),
        [
            "bullish | low | green | chop | chop",
            "bullish | high | green | chop | chop",
            "bearish | low | chop | chop | red",
            "bearish | high | red | red | red",
            "sideways | low | chop | chop | chop",
            "sideways | high | red | red | red",
        ]
    );
    assert_eq!(
        texts(&tables[2]),
        [
            "above its average | bullish | sideways | sideways",
            "at its average | sideways | sideways | sideways",
            "below its average | sideways | sideways | bearish",
        ]
    );
    assert_eq!(texts(&tables[3]), ["VIX ≤ its mean | low", "VIX > its mean | high"]);
    assert_eq!(texts(&tables[4]), ["share < 40% | broken", "40% ≤ share < 60% | mixed", "share ≥ 60% | strong"]);
    assert_eq!(
        texts(&tables[5]),
        ["VIX ≤ its mean | 100%", "its mean < VIX ≤ 150% of its mean | 75%", "VIX > 150% of its mean | 50%",]
    );
}

#[test]
fn edges_follow_the_policy() {
    let policy = Policy::all_use().with("vix.defend", "70").unwrap();
    let levels = &tables(Picture::Order, &policy)[0];
    assert_eq!(
        texts(levels),
        [
            "VIX ≤ 50.00 | calm | 100%",
            "50.00 < VIX ≤ 70.00 | reduce | 50%",
            "70.00 < VIX ≤ 80.00 | defend | 0%",
            "VIX > 80.00 | stop | 0%",
        ]
    );
    let off = Policy::all_use().with("rules.off", "K-3").unwrap();
    assert_eq!(texts(&tables(Picture::Order, &off)[0]), ["any VIX | calm | 100%"]);
}

#[test]
fn types_of_shares_have_the_protocols_edges() {
    let tables = tables(Picture::Position, &Policy::all_use());
    assert!(tables.iter().all(|t| t.rows.iter().all(|row| row.len() == t.heads.len())));
    let shares: Vec<String> = texts(&tables[1]);
    assert_eq!(shares.len(), 5, "{shares:?}");
    assert_eq!(tables[2].rows.len(), 11);
}

#[test]
fn pictures_are_well_formed_and_need_nothing_else() {
    for picture in ALL {
        let svg = svg::draw(&drawn(picture, &Policy::all_use()));
        let opened = svg.matches("<text").count() + svg.matches("<title").count() + svg.matches("<desc").count();
        assert_eq!(opened, svg.matches("</text>").count() + 2, "{picture:?}");
        assert!(svg.contains("prefers-color-scheme: dark") && svg.ends_with("</svg>\n"), "{picture:?}");
        for outside in ["http:", "https:", "url(", "@import", "<script", "<image"] {
            assert!(!svg.replace("http://www.w3.org/2000/svg", "").contains(outside), "{picture:?}: {outside}");
        }
    }
}

#[test]
fn rules_are_cited() {
    assert_eq!(text::cited("The class of the week", &[Rule::M4]), "The class of the week [M-4]");
    assert_eq!(text::cited("Types", &[]), "Types");
}
