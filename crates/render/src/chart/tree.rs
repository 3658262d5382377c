//! The account tree through time: who was founded by whom, how large it grew, when it merged.

use std::collections::BTreeMap;

use market::time::Date;
use report::course::{Growth, StructureCourse};

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{NONE, cents, ids};
use crate::plot::{Anchor, Plot};
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, prose, words};

use super::SHORT;
use super::equity::dollars;

const LANE: f64 = 26.0;
/// Half of the height of the largest structure's bar.
const HALF: f64 = 9.0;

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("tree", "The account tree through time");
    let Some(time) = sheet.time() else { return Exhibit::absent(id, title, SHORT) };
    let mut ordered = Vec::new();
    below(&sheet.course.structures, None, &mut ordered);
    let forked = ordered.iter().filter(|s| s.parent.is_some()).count();
    let merged = ordered.iter().filter(|s| s.merged.is_some()).count();
    let lead = format!(
        "Structures founded by forks: {forked}; merged since: {merged}. A bar is as high as the root of what a \
         structure held: four times the money is twice the height. Lines lead from founder to founded, and back where \
         it merged."
    );
    let bottom = ordered.len() as f64 * LANE + 6.0;
    let mut plot = Plot::new(id, title, &lead, bottom + 24.0);
    let lanes: BTreeMap<u32, f64> =
        ordered.iter().enumerate().map(|(n, s)| (s.structure, n as f64 * LANE + LANE / 2.0 + 4.0)).collect();
    let most = ordered.iter().flat_map(|s| &s.equity).map(|(_, e)| dollars(e)).fold(1.0, f64::max);
    for (row, structure) in ordered.iter().enumerate() {
        bar(&mut plot, sheet, structure, &lanes, most, row);
    }
    plot.time(&time, bottom);
    Exhibit {
        id,
        title: title.to_owned(),
        lead,
        keys: vec![key("b s1", "the root"), key("b s3", "forked"), key("x s2", "fork"), key("x s4", "merge")],
        panels: vec![Panel { name: None, plot, table: table(sheet, &ordered) }],
        notes: vec![news(&ordered)],
    }
}

/// Structures, each followed by those that it founded; nested as deep as they are.
fn below<'s>(all: &'s [StructureCourse], parent: Option<u32>, found: &mut Vec<&'s StructureCourse>) {
    for structure in all.iter().filter(|s| s.parent == parent) {
        found.push(structure);
        below(all, Some(structure.structure), found);
    }
}

fn bar(plot: &mut Plot, sheet: &Sheet, s: &StructureCourse, lanes: &BTreeMap<u32, f64>, most: f64, row: usize) {
    let Some(time) = sheet.time() else { return };
    let middle = lanes[&s.structure];
    let half = |e: f64| 1.0 + HALF * (e.max(0.0) / most).sqrt();
    let edge = |sign: f64| -> Vec<(f64, f64)> {
        s.equity.iter().map(|(w, e)| (time.at(sheet.day(*w)), middle + sign * half(dollars(e)))).collect()
    };
    let end = s.merged.map_or_else(|| last(sheet), |d| d.0);
    let (from, to) = (time.at(s.founded.0), time.at(end));
    plot.straight("x s0", (from, middle), (to, middle), None);
    plot.band(if s.parent.is_some() { "b s3" } else { "b s1" }, &edge(-1.0), &edge(1.0));
    if let Some(above) = s.parent.and_then(|p| lanes.get(&p)) {
        plot.straight("x s2", (from, *above), (from, middle), Some(row));
        plot.dot("b s2", (from, middle), 2.5, Some(row));
    }
    if let (Some(_), Some(into)) = (s.merged, s.into.and_then(|i| lanes.get(&i))) {
        plot.straight("x s4", (to, middle), (to, *into), Some(row));
        plot.dot("b s4", (to, *into), 2.5, Some(row));
    }
    // An open rectangle catches the pointer over the whole life.
    plot.rect("catch", (from, to.max(from + 0.004)), (middle - LANE / 2.0, middle + LANE / 2.0), Some(row));
    let (x, anchor) = if from > 0.8 { (from - 0.006, Anchor::End) } else { (from + 0.004, Anchor::Start) };
    plot.text(x, middle + 4.0, anchor, "n", &s.structure.to_string());
}

fn last(sheet: &Sheet) -> Date {
    sheet.course.weeks.last().map_or(Date::ZERO, |w| w.day.0)
}

fn table(sheet: &Sheet, ordered: &[&StructureCourse]) -> Table {
    let heads = [
        words("structure"),
        words("founded by"),
        words("founded"),
        words("merged"),
        words("into"),
        figures("first close"),
        figures("highest"),
        figures("last close"),
        words("week of it"),
        prose("what happened"),
    ];
    let rows = ordered.iter().map(|s| {
        let number = |n: Option<u32>| n.map_or_else(|| NONE.to_owned(), |n| n.to_string());
        let equity =
            |of: Option<&(usize, report::figure::Amount)>| of.map_or_else(|| NONE.to_owned(), |(_, e)| cents(*e));
        let told: Vec<&str> = s.news.iter().filter(|n| matters(n.what)).map(|n| n.text.as_str()).collect();
        let cells = [
            s.structure.to_string(),
            number(s.parent),
            s.founded.to_string(),
            s.merged.map_or_else(|| NONE.to_owned(), |d| d.to_string()),
            number(s.into),
            equity(s.equity.first()),
            equity(s.equity.iter().max_by_key(|(_, e)| *e)),
            equity(s.equity.last()),
            s.equity.last().map_or_else(|| NONE.to_owned(), |(w, _)| sheet.week(*w).to_owned()),
            told.join(" "),
        ];
        Row::new(cells, ids(s.news.iter().map(|n| n.event)))
    });
    Table::new(heads).with(rows)
}

/// What is told of a structure in the table; that a fork is due, and lapses, is counted below.
const fn matters(what: Growth) -> bool {
    matches!(what, Growth::Founded | Growth::MergeStarted | Growth::Merged)
}

fn news(ordered: &[&StructureCourse]) -> String {
    let count = |what: Growth| ordered.iter().flat_map(|s| &s.news).filter(|n| n.what == what).count();
    format!(
        "Forks: {} made; {} times one fell due or changed what it waits for, {} times one that was due lapsed (F-3).",
        count(Growth::Forked),
        count(Growth::ForkDue),
        count(Growth::ForkLapsed)
    )
}
