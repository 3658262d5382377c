//! The market's weeks by class, with VIX above them.

use report::course::MarketPoint;

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{NONE, count, ids, share, trimmed};
use crate::plot::{Anchor, Plot};
use crate::scale::Scale;
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};

use super::SHORT;
use super::premium::bar;

/// Each class has a lane of its own, so that colour is not needed to tell them apart.
const LANES: [(&str, &str); 4] = [("Green", "b s3"), ("Chop", "b s5"), ("Red", "b s2"), ("not judged", "b s0")];
const TOP: f64 = 176.0;
const LANE: f64 = 14.0;

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("market", "Market weeks and VIX");
    let Some(time) = sheet.time() else { return Exhibit::absent(id, title, SHORT) };
    let weeks = &sheet.course.weeks;
    let judged: Vec<(usize, &MarketPoint)> =
        weeks.iter().enumerate().filter_map(|(n, w)| Some((n, w.market.as_ref()?))).collect();
    let scale = Scale::linear(judged.iter().flat_map(|(_, m)| [m.vix, m.vix_mean]).chain([0.0]), (14.0, 160.0), 4);
    let counted: Vec<String> = LANES
        .iter()
        .map(|(name, _)| {
            format!(
                "{} {name}",
                count(weeks.iter().filter(|w| name.eq_ignore_ascii_case(class(w.market.as_ref()))).count())
            )
        })
        .collect();
    let lead = format!(
        "VIX at the close before each week and its mean over a year; below, how each week was judged (M): {}.",
        counted.join(", ")
    );
    let mut plot = Plot::new(id, title, &lead, TOP + 4.0 * LANE + 24.0);
    plot.grid(&scale, trimmed);
    let line = |of: &dyn Fn(&MarketPoint) -> f64| -> Vec<(f64, f64)> {
        judged.iter().map(|(n, m)| (time.at(sheet.day(*n)), scale.at(of(m)))).collect()
    };
    plot.line("l s5", &line(&|m| m.vix_mean));
    plot.line("l s1", &line(&|m| m.vix));
    let width = 1.0 / weeks.len().max(1) as f64;
    for (row, week) in weeks.iter().enumerate() {
        let lane = LANES
            .iter()
            .position(|(name, _)| name.eq_ignore_ascii_case(class(week.market.as_ref())))
            .unwrap_or(LANES.len() - 1);
        let top = TOP + lane as f64 * LANE;
        plot.rect(LANES[lane].1, bar(&time, sheet, row, width), (top, top + LANE - 2.0), Some(row));
    }
    for (lane, (name, _)) in LANES.iter().enumerate() {
        plot.text(0.0, TOP + lane as f64 * LANE + 10.0, Anchor::Start, "n", name);
    }
    plot.time(&time, TOP + 4.0 * LANE);
    let keys = [key("l s1", "VIX"), key("l s5", "its mean over a year")];
    Exhibit {
        id,
        title: title.to_owned(),
        lead,
        keys: keys.into_iter().chain(LANES.map(|(name, mark)| key(mark, name))).collect(),
        panels: vec![Panel { name: None, plot, table: table(sheet) }],
        notes: Vec::new(),
    }
}

fn class(market: Option<&MarketPoint>) -> &str {
    market.map_or(LANES[3].0, |m| &m.class)
}

fn table(sheet: &Sheet) -> Table {
    let heads =
        [words("week"), words("close of"), words("class"), figures("confidence"), figures("VIX"), figures("mean")];
    let rows = sheet.course.weeks.iter().enumerate().map(|(n, week)| {
        let market = week.market.as_ref();
        let figure = |of: fn(&MarketPoint) -> f64| market.map_or_else(|| NONE.to_owned(), |m| format!("{:.2}", of(m)));
        let cells = [
            week.week.clone(),
            week.day.to_string(),
            class(market).to_owned(),
            share(market.map(|m| m.confidence)),
            figure(|m| m.vix),
            figure(|m| m.vix_mean),
        ];
        let at = sheet.time().map_or(0.0, |t| t.at(sheet.day(n)));
        Row::new(cells, ids([market.map_or(week.event, |m| m.event)])).at(at)
    });
    Table::new(heads).with(rows)
}
