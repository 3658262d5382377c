//! Every written option by strike and time, and how it ended: the map of assignments and rolls.

use report::course::{LifeEnd, OptionLife, PriceCourse};

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{NONE, cents, count, ids, short_dollars};
use crate::plot::Plot;
use crate::scale::{Scale, Time};
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("rolls", "Assignments and rolls by strike and time");
    let lives = &sheet.course.options;
    let Some(time) = sheet.time().filter(|_| !lives.is_empty()) else {
        return Exhibit::absent(id, title, "No option has been written, or no week has closed yet.");
    };
    let mut symbols: Vec<&str> = lives.iter().map(|l| l.symbol.as_str()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    Exhibit {
        id,
        title: title.to_owned(),
        lead:
            "Each bar is an option from sale to end, at its strike; the line is the weekly close. Strikes and closes \
               are in shares of the last close, so that splits leave no steps."
                .to_owned(),
        keys: vec![
            key("l s5", "weekly close"),
            key("b s1", "put"),
            key("b s3", "call"),
            key("b s2", "dot at the end: assigned, or called away"),
            key("b s4", "dot at the end: rolled"),
        ],
        panels: symbols.iter().map(|s| panel(sheet, s, &time)).collect(),
        notes: Vec::new(),
    }
}

fn panel(sheet: &Sheet, symbol: &str, time: &Time) -> Panel {
    let lives: Vec<&OptionLife> = sheet.course.options.iter().filter(|l| l.symbol == symbol).collect();
    let prices = sheet.course.prices.iter().find(|p| p.symbol == symbol);
    let closes = prices.into_iter().flat_map(|p: &PriceCourse| &p.closes);
    let values: Vec<f64> = closes.clone().map(|(_, c)| *c).chain(lives.iter().map(|l| l.strike)).collect();
    let scale = Scale::fitting(&values, (14.0, 190.0));
    let ended = |end: LifeEnd| count(lives.iter().filter(|l| l.end == end).count());
    let about = format!(
        "{symbol}: {} options written; {} expired, {} bought back, {} rolled, {} puts assigned, {} calls called away",
        count(lives.len()),
        ended(LifeEnd::Expired),
        ended(LifeEnd::BoughtBack),
        ended(LifeEnd::Rolled),
        ended(LifeEnd::Assigned),
        ended(LifeEnd::CalledAway)
    );
    let name = format!("rolls-{}", symbol.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let mut plot = Plot::new(name, format!("Options on {symbol} by strike and time"), &about, 216.0);
    plot.grid(&scale, short_dollars);
    let line: Vec<(f64, f64)> = closes.map(|(w, c)| (time.at(sheet.day(*w)), scale.at(*c))).collect();
    plot.line("l s5", &line);
    for (row, life) in lives.iter().enumerate() {
        let y = scale.at(life.strike);
        let from = time.at(life.sold.0);
        let to = time.at(life.ended.map_or_else(|| sheet.day(sheet.course.weeks.len() - 1), |d| d.0)).max(from + 0.002);
        plot.rect(if life.call { "b s3" } else { "b s1" }, (from, to), (y - 1.2, y + 1.2), Some(row));
        match life.end {
            LifeEnd::Assigned | LifeEnd::CalledAway => plot.dot("b s2", (to, y), 2.6, Some(row)),
            LifeEnd::Rolled => plot.dot("b s4", (to, y), 1.9, Some(row)),
            LifeEnd::Expired | LifeEnd::BoughtBack | LifeEnd::Open => {}
        }
    }
    plot.time(time, scale.bottom());
    Panel { name: Some(about), plot, table: table(&lives) }
}

fn table(lives: &[&OptionLife]) -> Table {
    let heads = [
        words("option"),
        words("sleeve"),
        figures("contracts"),
        words("sold"),
        words("ended"),
        words("how"),
        figures("premium"),
        words("price"),
    ];
    let rows = lives.iter().map(|l| {
        let cells = [
            l.series.clone(),
            l.sleeve.clone(),
            l.contracts.to_string(),
            l.sold.to_string(),
            l.ended.map_or_else(|| NONE.to_owned(), |d| d.to_string()),
            how(l.end).to_owned(),
            cents(l.premium),
            if l.modelled { "modelled" } else { "quoted" }.to_owned(),
        ];
        Row::new(cells, ids(l.events.iter().copied()))
    });
    Table::new(heads).with(rows)
}

const fn how(end: LifeEnd) -> &'static str {
    match end {
        LifeEnd::Expired => "expired",
        LifeEnd::BoughtBack => "bought back",
        LifeEnd::Rolled => "rolled",
        LifeEnd::Assigned => "assigned",
        LifeEnd::CalledAway => "called away",
        LifeEnd::Open => "open",
    }
}
