//! Equity and drawdown: the whole beside its benchmarks, and sleeve by sleeve.

use market::time::Date;
use report::comparison::Paths;
use report::course::SleeveCourse;
use report::figure::Amount;

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{NONE, cents, ids, short_dollars, short_percent};
use crate::plot::{Anchor, Plot};
use crate::scale::{Scale, Time};
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};

use super::SHORT;

/// The structure with which a run begins.
pub(super) const ROOT: u32 = 1;

/// The three of them.
pub(super) fn exhibits(sheet: &Sheet) -> Vec<Exhibit> {
    vec![beside(sheet), sleeves(sheet), falls(sheet)]
}

fn beside(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("equity", "Equity beside what else the money could have done");
    let Some(paths) = &sheet.paths else { return Exhibit::absent(id, title, SHORT) };
    let (Some(first), Some(last)) = (paths.days.first(), paths.days.last()) else {
        return Exhibit::absent(id, title, SHORT);
    };
    let time = Time::new(first.0, last.0);
    let all: Vec<f64> = paths.lines.iter().flat_map(|l| l.values.iter().map(dollars)).collect();
    let scale = Scale::fitting(&all, (14.0, 300.0));
    let ended: Vec<String> =
        paths.lines.iter().filter_map(|l| Some(format!("{} ends at {}", l.name, cents(*l.values.last()?)))).collect();
    let mut plot = Plot::new(id, title, format!("Lines from {first} to {last}: {}.", ended.join("; ")), 326.0);
    plot.grid(&scale, short_dollars);
    plot.time(&time, 300.0);
    // The run is drawn last, above the others.
    for (n, line) in paths.lines.iter().enumerate().rev() {
        let points: Vec<(f64, f64)> =
            paths.days.iter().zip(&line.values).map(|(d, v)| (time.at(d.0), scale.at(dollars(v)))).collect();
        plot.line(&format!("l s{}", n % 6 + 1), &points);
    }
    let kind = if scale.is_log() { "Equal heights are equal factors." } else { "Equal heights are equal amounts." };
    Exhibit {
        id,
        title: title.to_owned(),
        lead: format!("Every line starts with the same money and receives the same flows at the same closes. {kind}"),
        keys: paths.lines.iter().enumerate().map(|(n, l)| key(format!("l s{}", n % 6 + 1), &l.name)).collect(),
        panels: vec![Panel { name: None, plot, table: beside_table(paths, &time) }],
        notes: Vec::new(),
    }
}

fn beside_table(paths: &Paths, time: &Time) -> Table {
    let heads = [words("week"), words("close of")].into_iter().chain(paths.lines.iter().map(|l| figures(&l.name)));
    let rows = (0..paths.days.len()).map(|n| {
        let values = paths.lines.iter().map(|l| cents(l.values[n]));
        let cells = [paths.weeks[n].clone(), paths.days[n].to_string()].into_iter().chain(values);
        Row::new(cells, ids(paths.events.get(n).copied())).at(time.at(paths.days[n].0))
    });
    Table::new(heads).with(rows)
}

/// The root's sleeves, and all forked ones together, at each weekly close.
fn sleeves(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("equity-by-sleeve", "Equity by sleeve");
    let Some(time) = sheet.time() else { return Exhibit::absent(id, title, SHORT) };
    let (bottom, top) = (280.0, 14.0);
    let columns = columns(sheet);
    let highest = sheet.course.weeks.iter().map(|w| dollars(&w.total.end));
    let scale = Scale::linear(highest.chain([0.0]), (top, bottom), 4);
    let mut plot = Plot::new(id, title, about(sheet, &columns), bottom + 26.0);
    plot.grid(&scale, short_dollars);
    plot.time(&time, bottom);
    let mut below = vec![0.0; sheet.course.weeks.len()];
    for (n, column) in columns.iter().enumerate() {
        let edge = |heights: &[f64]| -> Vec<(f64, f64)> {
            heights.iter().enumerate().map(|(w, v)| (time.at(sheet.day(w)), scale.at(*v))).collect()
        };
        let lower = edge(&below);
        below.iter_mut().zip(&column.values).for_each(|(b, v)| *b += dollars(v));
        plot.band(&format!("b gap s{}", n + 1), &edge(&below), &lower);
    }
    Exhibit {
        id,
        title: title.to_owned(),
        lead: "What each sleeve held at each weekly close, one upon the other; together they are the whole.".to_owned(),
        keys: columns.iter().enumerate().map(|(n, c)| key(format!("b s{}", n + 1), &c.name)).collect(),
        panels: vec![Panel { name: None, plot, table: sleeve_table(sheet, &columns, &time) }],
        notes: Vec::new(),
    }
}

/// Amounts at every weekly close.
struct Column {
    name: String,
    values: Vec<Amount>,
    events: Vec<Vec<u64>>,
}

fn columns(sheet: &Sheet) -> Vec<Column> {
    let weeks = sheet.course.weeks.len();
    let of = |name: &str, sleeves: Vec<&SleeveCourse>| {
        let mut column =
            Column { name: name.to_owned(), values: vec![Amount::default(); weeks], events: vec![Vec::new(); weeks] };
        for point in sleeves.into_iter().flat_map(|s| &s.points) {
            column.values[point.week].0 += point.equity.0;
            column.events[point.week].push(point.event);
        }
        column
    };
    let course = &sheet.course.sleeves;
    let mut all: Vec<Column> = course.iter().filter(|s| s.structure == ROOT).map(|s| of(&s.sleeve, vec![s])).collect();
    let forked: Vec<&SleeveCourse> = course.iter().filter(|s| s.structure != ROOT).collect();
    if !forked.is_empty() {
        all.push(of("forked structures", forked));
    }
    let mut reserve = of("tax reserves", Vec::new());
    for (n, week) in sheet.course.weeks.iter().enumerate() {
        let sleeves: market::value::Money = all.iter().map(|c| c.values[n].0).sum();
        reserve.values[n] = Amount(week.total.end.0 - sleeves);
    }
    if reserve.values.iter().any(|v| v.0 != market::value::Money::ZERO) {
        all.push(reserve);
    }
    all
}

fn about(sheet: &Sheet, columns: &[Column]) -> String {
    let ends: Vec<String> =
        columns.iter().filter_map(|c| Some(format!("{} {}", c.name, cents(*c.values.last()?)))).collect();
    let last = sheet.course.weeks.last().map_or_else(String::new, |w| format!("{}: ", w.day));
    format!("Stacked areas of equity. At the close of {last}{}.", ends.join(", "))
}

fn sleeve_table(sheet: &Sheet, columns: &[Column], time: &Time) -> Table {
    let heads = [words("week"), words("close of")].into_iter().chain(columns.iter().map(|c| figures(&c.name)));
    let rows = sheet.course.weeks.iter().enumerate().map(|(n, week)| {
        let cells = [week.week.clone(), week.day.to_string()];
        let cells = cells.into_iter().chain(columns.iter().map(|c| cents(c.values[n]))).chain([cents(week.total.end)]);
        let events = [week.event].into_iter().chain(columns.iter().flat_map(|c| c.events[n].iter().copied()));
        Row::new(cells, ids(events)).at(time.at(week.day.0))
    });
    Table::new(heads.chain([figures("total")])).with(rows)
}

fn falls(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("drawdown", "Drawdown by sleeve");
    let Some(time) = sheet.time() else { return Exhibit::absent(id, title, SHORT) };
    let roots = sheet.course.sleeves.iter().filter(|s| s.structure == ROOT);
    let deepest = sheet.course.sleeves.iter().flat_map(|s| &s.points).map(|p| -p.drawdown.0);
    let scale = Scale::linear(deepest.chain([0.0]), (14.0, 120.0), 3);
    let panels = roots.map(|sleeve| fall(sheet, sleeve, &time, &scale));
    Exhibit {
        id,
        title: title.to_owned(),
        lead: "How far each sleeve's unit value stood below its highest weekly close ever, flows removed. Where a bar \
               lies along the top, the sleeve was locked for new puts (K-2)."
            .to_owned(),
        keys: vec![key("b half s1", "fall from the highest close"), key("b s2", "locked for new puts")],
        panels: panels.collect(),
        notes: vec!["Forked sleeves stand with their deepest falls in the table of sleeves.".to_owned()],
    }
}

fn fall(sheet: &Sheet, sleeve: &SleeveCourse, time: &Time, scale: &Scale) -> Panel {
    let name = &sleeve.sleeve;
    let points: Vec<(f64, f64)> =
        sleeve.points.iter().map(|p| (time.at(sheet.day(p.week)), scale.at(-p.drawdown.0))).collect();
    let worst = sleeve.points.iter().max_by(|a, b| a.drawdown.0.total_cmp(&b.drawdown.0));
    let about = worst.map_or_else(String::new, |w| {
        format!("The deepest fall of {name} was {} at the close of {}.", w.drawdown, sheet.day(w.week))
    });
    let mut plot =
        Plot::new(format!("drawdown-{}", name.replace('.', "-")), format!("Drawdown of {name}"), about, 146.0);
    plot.grid(scale, short_percent);
    plot.area("b half s1", &points, scale.at(0.0));
    plot.time(time, 120.0);
    let last = sheet.course.weeks.last().map_or(Date::ZERO, |w| w.day.0);
    for lock in sheet.course.locks.iter().filter(|l| l.sleeve == *name) {
        let to = lock.to.map_or(last, |d| d.0);
        plot.rect("b s2", (time.at(lock.from.0), time.at(to)), (5.0, 10.0), None);
    }
    if let Some(worst) = worst.filter(|w| w.drawdown.0 > 0.0) {
        let x = time.at(sheet.day(worst.week));
        let anchor = if x > 0.85 { Anchor::End } else { Anchor::Start };
        plot.text(x, scale.at(-worst.drawdown.0) - 3.0, anchor, "n", &format!("−{}", worst.drawdown));
    }
    let heads = [words("week"), figures("unit value"), figures("drawdown"), figures("from the mark")];
    let rows = sleeve.points.iter().map(|p| {
        let cells = [
            sheet.week(p.week).to_owned(),
            format!("{:.4}", p.unit),
            p.drawdown.to_string(),
            if p.mark_drawdown == p.drawdown { NONE.to_owned() } else { p.mark_drawdown.to_string() },
        ];
        Row::new(cells, ids([p.event])).at(time.at(sheet.day(p.week)))
    });
    Panel { name: Some(name.clone()), plot, table: Table::new(heads).with(rows) }
}

/// Dollars as a place on an axis needs them.
pub(super) fn dollars(amount: &Amount) -> f64 {
    amount.0.to_f64()
}
