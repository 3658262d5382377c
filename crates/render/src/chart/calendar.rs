//! A calendar of the root's sleeves' weeks by type (W-12), and what each type earned beside what the authors expect.

use std::collections::BTreeMap;

use report::course::{SleeveCourse, TypeCourse};

use crate::exhibit::{Exhibit, Key, Panel, key};
use crate::html::{count, ids, short_percent, signed};
use crate::plot::{Anchor, Plot};
use crate::scale::Scale;
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};

use super::SHORT;
use super::equity::ROOT;

/// A year has at most so many weeks.
const WEEKS: f64 = 53.0;
/// Where the first week begins; names of years stand before it.
const LEFT: f64 = 0.09;
const CELL: f64 = 13.0;

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("calendar", "Calendar of week types");
    if sheet.course.weeks.is_empty() {
        return Exhibit::absent(id, title, SHORT);
    }
    let roots = sheet.course.sleeves.iter().filter(|s| s.structure == ROOT);
    Exhibit {
        id,
        title: title.to_owned(),
        lead: "One row a year, one cell a week from the left. A sleeve's week has the most severe type among its \
               positions (W-12)."
            .to_owned(),
        keys: keys(sheet),
        panels: roots.map(|s| panel(sheet, s)).collect(),
        notes: Vec::new(),
    }
}

/// Types that some sleeve's week had, the most severe first; idleness is no position's and stands last.
fn keys(sheet: &Sheet) -> Vec<Key> {
    let had: BTreeMap<&str, &str> =
        sheet.course.sleeves.iter().flat_map(|s| &s.points).map(|p| (p.kind.as_str(), p.meaning.as_str())).collect();
    let order = |kind: &str| sheet.course.types.iter().position(|t| t.kind == kind).unwrap_or(usize::MAX);
    let mut had: Vec<(&str, &str)> = had.into_iter().collect();
    had.sort_by_key(|(kind, _)| order(kind));
    had.into_iter().map(|(kind, meaning)| key(mark(kind), format!("{kind} {meaning}"))).collect()
}

/// The look of a type: a hue for puts, calls and idleness, the fuller the more was given up or saved.
fn mark(kind: &str) -> &'static str {
    match kind {
        "P-EW" => "b s1",
        "P-AWL" => "b half s1",
        "P-RO" => "b s4",
        "P-AOL" => "b half s2",
        "P-DD" => "b s2",
        "C-WAP" => "b half s3",
        "C-WAP+" => "b s3",
        "C-PNO" => "b half s6",
        "C-RO" => "b half s4",
        "C-REC" => "b s6",
        _ => "b s0",
    }
}

fn panel(sheet: &Sheet, sleeve: &SleeveCourse) -> Panel {
    let name = &sleeve.sleeve;
    let parts = |week: &str| -> Option<(i32, usize)> {
        let (year, number) = week.split_once("-W")?;
        Some((year.parse().ok()?, number.parse().ok()?))
    };
    let placed: Vec<(i32, usize)> = sleeve.points.iter().filter_map(|p| parts(sheet.week(p.week))).collect();
    let first = placed.iter().map(|p| p.0).min().unwrap_or(0);
    let years = placed.iter().map(|p| p.0 - first + 1).max().unwrap_or(0);
    let about = format!("{} weeks of {name} by type; the table lists each.", sleeve.points.len());
    let height = f64::from(years) * (CELL + 2.0) + 16.0;
    let mut plot =
        Plot::new(format!("calendar-{}", name.replace('.', "-")), format!("Week types of {name}"), about, height);
    for year in 0..years {
        plot.text(0.0, f64::from(year) * (CELL + 2.0) + 11.0, Anchor::Start, "t", &(first + year).to_string());
    }
    let x = |week: usize| LEFT + (week.saturating_sub(1)) as f64 / WEEKS * (1.0 - LEFT);
    for (row, (point, (year, week))) in sleeve.points.iter().zip(&placed).enumerate() {
        let top = f64::from(year - first) * (CELL + 2.0);
        plot.rect(&format!("{} gap", mark(&point.kind)), (x(*week), x(*week + 1)), (top, top + CELL), Some(row));
    }
    for week in [1, 14, 27, 40, 53] {
        plot.text(x(week), height - 3.0, Anchor::Start, "t", &format!("W{week:02}"));
    }
    let heads = [words("week"), words("type"), figures("earned")];
    let rows = sleeve.points.iter().map(|p| {
        let cells = [sheet.week(p.week).to_owned(), p.kind.clone(), signed(p.earned)];
        Row::new(cells, ids([p.event]))
    });
    Panel { name: Some(name.clone()), plot, table: Table::new(heads).with(rows) }
}

/// What positions' weeks of each type earned beside what the authors expect.
pub(super) fn types(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("types", "Week types, earned and expected");
    let types = &sheet.course.types;
    if types.is_empty() {
        return Exhibit::absent(id, title, "No position has had a week yet: no type was given.");
    }
    let all = types.iter().flat_map(|t| [t.middle.0.0, t.middle.1.0, t.reference.0.0, t.reference.1.0, t.mean.0]);
    let scale = Scale::linear(all.chain([0.0]), (0.0, 1000.0), 6);
    let x = |value: f64| LEFT * 1.3 + scale.share(value) * (1.0 - LEFT * 1.3);
    let height = types.len() as f64 * 24.0;
    let about = "For each type, nine tenths of its weeks, their mean, and the authors' range; figures in the table.";
    let mut plot = Plot::new(id, title, about, height + 22.0);
    for tick in scale.ticks() {
        plot.straight("g", (x(*tick), 0.0), (x(*tick), height), None);
        plot.text(x(*tick), height + 15.0, Anchor::Middle, "t", &short_percent(*tick));
    }
    for (row, kind) in types.iter().enumerate() {
        let top = row as f64 * 24.0;
        plot.text(0.0, top + 15.0, Anchor::Start, "n", &kind.kind);
        let (low, high) = (x(kind.reference.0.0), x(kind.reference.1.0).max(x(kind.reference.0.0) + 0.003));
        plot.rect("b s0", (low, high), (top + 3.0, top + 21.0), Some(row));
        let (low, high) = (x(kind.middle.0.0), x(kind.middle.1.0).max(x(kind.middle.0.0) + 0.003));
        plot.rect("b s1 half", (low, high), (top + 8.0, top + 16.0), Some(row));
        plot.dot("b s2", (x(kind.mean.0), top + 12.0), 4.0, Some(row));
    }
    Exhibit {
        id,
        title: title.to_owned(),
        lead: "Gain of a position's week over what the position bound. The authors' ranges decide nothing (W)."
            .to_owned(),
        keys: vec![key("b half s1", "nine tenths of the weeks"), key("b s2", "mean"), key("b s0", "authors' range")],
        panels: vec![Panel { name: None, plot, table: type_table(types) }],
        notes: Vec::new(),
    }
}

/// How many events a row of types names; the others are found by the weeks in the calendar.
const NAMED: usize = 20;

fn type_table(types: &[TypeCourse]) -> Table {
    let heads = [
        words("type"),
        words("meaning"),
        figures("weeks"),
        figures("mean"),
        figures("from"),
        figures("to"),
        figures("authors from"),
        figures("to"),
    ];
    let rows = types.iter().map(|t| {
        let cells = [
            t.kind.clone(),
            t.meaning.clone(),
            count(t.weeks),
            signed(t.mean),
            signed(t.middle.0),
            signed(t.middle.1),
            signed(t.reference.0),
            signed(t.reference.1),
        ];
        Row::new(cells, ids(t.events.iter().copied().take(NAMED)))
    });
    Table::new(heads).with(rows)
}
