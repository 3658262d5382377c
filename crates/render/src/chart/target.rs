//! What each of the root's sleeves earned, against its target and what was on offer.

use report::course::{SleeveCourse, SleevePoint};
use report::figure::Share;

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{NONE, ids, share, short_percent, signed};
use crate::plot::{Anchor, Plot};
use crate::scale::{Scale, Time};
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};

use super::SHORT;
use super::equity::ROOT;

/// Up to so many weeks stand one by one; more stand in quarters of a year.
const ONE_BY_ONE: usize = 60;

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("target", "Actual against target");
    let Some(time) = sheet.time() else { return Exhibit::absent(id, title, SHORT) };
    let quarters = sheet.course.weeks.len() > ONE_BY_ONE;
    let roots = sheet.course.sleeves.iter().filter(|s| s.structure == ROOT);
    let spans: Vec<(&SleeveCourse, Vec<Span>)> = roots.map(|s| (s, spans(sheet, s, quarters))).collect();
    let values = spans.iter().flat_map(|(s, all)| {
        all.iter().flat_map(|q| [Some(q.earned), q.offered].into_iter().flatten()).chain([s.target.0, 0.0])
    });
    let scale = Scale::linear(values, (14.0, 130.0), 4);
    let each = if quarters { "the mean week of each quarter of a year" } else { "each week" };
    Exhibit {
        id,
        title: title.to_owned(),
        lead: format!(
            "Bars: what a sleeve earned in {each}. Line: its weekly target, which decides nothing (A-4). Dots: the \
             premium that was on offer, of its equity."
        ),
        keys: vec![key("b s1", "earned"), key("l s2", "target"), key("b s3", "premium on offer")],
        panels: spans.iter().map(|(sleeve, all)| panel(sleeve, all, &time, &scale)).collect(),
        notes: Vec::new(),
    }
}

/// Some weeks of a sleeve together.
struct Span {
    name: String,
    from: f64,
    to: f64,
    earned: f64,
    offered: Option<f64>,
    weeks: usize,
    events: Vec<u64>,
}

fn spans(sheet: &Sheet, sleeve: &SleeveCourse, quarters: bool) -> Vec<Span> {
    let name = |p: &SleevePoint| {
        let day = sheet.day(p.week);
        if quarters { format!("{} Q{}", day.year(), (day.month() - 1) / 3 + 1) } else { sheet.week(p.week).to_owned() }
    };
    let mut found: Vec<(String, Vec<&SleevePoint>)> = Vec::new();
    for point in &sleeve.points {
        let name = name(point);
        match found.last_mut() {
            Some((last, points)) if *last == name => points.push(point),
            _ => found.push((name, vec![point])),
        }
    }
    let time = sheet.time();
    let at = |week: usize| time.map_or(0.0, |t| t.at(sheet.day(week)));
    let width = 1.0 / sheet.course.weeks.len().max(1) as f64;
    let span = |(name, points): (String, Vec<&SleevePoint>)| {
        let earned: Vec<f64> = points.iter().filter_map(|p| Some(p.earned?.0)).collect();
        let offered: Vec<f64> = points.iter().filter_map(|p| Some(p.on_offer?.0)).collect();
        let (first, last) = (points.first()?, points.last()?);
        Some(Span {
            name,
            from: (at(first.week) - width).max(0.0),
            to: at(last.week),
            earned: report::measure::mean(&earned)?,
            offered: report::measure::mean(&offered),
            weeks: points.len(),
            events: points.iter().map(|p| p.event).collect(),
        })
    };
    found.into_iter().filter_map(span).collect()
}

fn panel(sleeve: &SleeveCourse, spans: &[Span], time: &Time, scale: &Scale) -> Panel {
    let name = &sleeve.sleeve;
    let reached = spans.iter().filter(|s| s.earned >= sleeve.target.0).count();
    let about = format!("{name} reached its target of {} a week in {reached} of {} spans.", sleeve.target, spans.len());
    let mut plot =
        Plot::new(format!("target-{}", name.replace('.', "-")), format!("{name} against its target"), &about, 156.0);
    plot.grid(scale, short_percent);
    for (row, span) in spans.iter().enumerate() {
        let inset = (span.to - span.from) * 0.12;
        plot.rect("b s1", (span.from + inset, span.to - inset), (scale.at(span.earned), scale.at(0.0)), Some(row));
        if let Some(offered) = span.offered {
            plot.dot("b s3", ((span.from + span.to) / 2.0, scale.at(offered)), 2.2, Some(row));
        }
    }
    let y = scale.at(sleeve.target.0);
    plot.line("l s2", &[(0.0, y), (1.0, y)]);
    plot.text(1.0, y - 4.0, Anchor::End, "n", &format!("target {}", sleeve.target));
    plot.time(time, scale.bottom());
    let heads =
        [words("span"), figures("weeks"), figures("earned a week"), figures("target"), figures("on offer a week")];
    let rows = spans.iter().map(|s| {
        let offered = s.offered.map_or_else(|| NONE.to_owned(), |o| share(Share(o)));
        let cells = [s.name.clone(), s.weeks.to_string(), signed(Share(s.earned)), sleeve.target.to_string(), offered];
        Row::new(cells, ids(s.events.iter().copied())).at((s.from + s.to) / 2.0)
    });
    Panel { name: Some(about), plot, table: Table::new(heads).with(rows) }
}
