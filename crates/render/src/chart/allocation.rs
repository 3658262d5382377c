//! What the money was in, week by week.

use report::course::Allocation;
use report::figure::{Amount, Share};

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{cents, ids, share, short_percent};
use crate::plot::Plot;
use crate::scale::Scale;
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};

use super::SHORT;

/// Kinds from below upwards, with their looks; written options are owed and stand below zero.
type Kind = (&'static str, &'static str, fn(&Allocation) -> Amount);
const KINDS: [Kind; 5] = [
    ("shares", "b s1", |a| a.shares),
    ("LEAPS", "b s4", |a| a.leaps),
    ("cash that secures puts and orders", "b s3", |a| a.secured),
    ("other cash", "b s0", |a| a.cash),
    ("tax reserves", "b s6", |a| a.reserve),
];

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("allocation", "Allocation");
    let Some(time) = sheet.time() else { return Exhibit::absent(id, title, SHORT) };
    let weeks = &sheet.course.weeks;
    let part = |n: usize, of: &dyn Fn(&Allocation) -> Amount| {
        Share::of(of(&weeks[n].allocation).0, whole(&weeks[n].allocation).0).map_or(0.0, |s| s.0)
    };
    let owed = |n: usize| part(n, &|a| a.written);
    let low = (0..weeks.len()).map(owed).fold(0.0, f64::min);
    let scale = Scale::linear([low, 1.0 - low], (14.0, 250.0), 5);
    let mut plot = Plot::new(id, title, about(sheet), 276.0);
    let mut below = vec![0.0; weeks.len()];
    let edge = |heights: &[f64]| -> Vec<(f64, f64)> {
        heights.iter().enumerate().map(|(n, v)| (time.at(sheet.day(n)), scale.at(*v))).collect()
    };
    for (_, class, of) in KINDS {
        let lower = edge(&below);
        below.iter_mut().enumerate().for_each(|(n, b)| *b += part(n, &of));
        plot.band(&format!("{class} gap"), &edge(&below), &lower);
    }
    let written: Vec<f64> = (0..weeks.len()).map(owed).collect();
    plot.area("b s2", &edge(&written), scale.at(0.0));
    plot.grid(&scale, short_percent);
    plot.straight("zero", (0.0, scale.at(0.0)), (1.0, scale.at(0.0)), None);
    plot.time(&time, 250.0);
    let keys = KINDS.iter().map(|(name, class, _)| key(*class, *name));
    Exhibit {
        id,
        title: title.to_owned(),
        lead: "Of the whole equity at each weekly close. Written options are owed: they stand below zero, and what is \
               above is by so much more than the whole."
            .to_owned(),
        keys: keys.chain([key("b s2", "written options, at mid")]).collect(),
        panels: vec![Panel { name: None, plot, table: table(sheet) }],
        notes: Vec::new(),
    }
}

/// All parts together.
fn whole(a: &Allocation) -> Amount {
    Amount(a.secured.0 + a.cash.0 + a.shares.0 + a.leaps.0 + a.reserve.0 + a.written.0)
}

fn about(sheet: &Sheet) -> String {
    let Some(last) = sheet.course.weeks.last() else { return String::new() };
    let whole = whole(&last.allocation);
    let parts =
        KINDS.iter().map(|(name, _, of)| format!("{name} {}", share(Share::of(of(&last.allocation).0, whole.0))));
    format!("Stacked areas; at the close of {}: {}.", last.day, parts.collect::<Vec<_>>().join(", "))
}

fn table(sheet: &Sheet) -> Table {
    let kinds = KINDS.iter().map(|(name, _, _)| figures(*name));
    let heads =
        [words("week")].into_iter().chain(kinds).chain([figures("written options"), figures("whole"), figures("idle")]);
    let rows = sheet.course.weeks.iter().enumerate().map(|(n, week)| {
        let a = &week.allocation;
        let parts = KINDS.iter().map(|(_, _, of)| cents(of(a)));
        let cells = [week.week.clone()].into_iter().chain(parts);
        let cells = cells.chain([cents(a.written), cents(whole(a)), cents(week.idle)]);
        let at = sheet.time().map_or(0.0, |t| t.at(sheet.day(n)));
        Row::new(cells, ids([week.event])).at(at)
    });
    Table::new(heads).with(rows)
}
