//! How weekly returns are spread: the protocol's beside the index's.

use report::comparison::{Path, Paths};
use report::figure::Share;

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{count, ids, signed, trimmed};
use crate::plot::{Anchor, Plot};
use crate::scale::Scale;
use crate::sheet::{Sheet, ends};
use crate::table::{Row, Table, figures, prose, words};

use super::SHORT;

/// Bars of one hundredth, from −10% to 10%; the outermost hold what lies beyond.
const REACH: i32 = 10;

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("returns", "Distribution of weekly returns");
    let lines = sheet.paths.as_ref().and_then(|p| Some((p, p.lines.first()?, p.lines.get(1)?)));
    let Some((paths, own, index)) = lines.filter(|(p, ..)| p.days.len() > 1) else {
        return Exhibit::absent(id, title, SHORT);
    };
    let (mine, theirs) = (bins(own), bins(index));
    let scale = Scale::linear(mine.iter().chain(&theirs).map(|b| b.len() as f64).chain([0.0]), (14.0, 210.0), 4);
    let n = mine.len() as f64;
    let lead = format!(
        "{} weeks in bars of one hundredth. Half of the protocol's lie above {}, half of those of {} above {}; worst \
         and best: {} and {}, against {} and {}.",
        count(own.returns.len() - 1),
        signed(middle(own)),
        index.name,
        signed(middle(index)),
        signed(edge(own, f64::min)),
        signed(edge(own, f64::max)),
        signed(edge(index, f64::min)),
        signed(edge(index, f64::max)),
    );
    let mut plot = Plot::new(id, title, &lead, 232.0);
    plot.grid(&scale, trimmed);
    for (row, (mine, theirs)) in mine.iter().zip(&theirs).enumerate() {
        let at = |share: f64| (row as f64 + share) / n;
        plot.rect("b s1", (at(0.1), at(0.52)), (scale.at(mine.len() as f64), scale.at(0.0)), Some(row));
        plot.rect("b s5", (at(0.56), at(0.9)), (scale.at(theirs.len() as f64), scale.at(0.0)), Some(row));
    }
    for percent in [-10, -5, 0, 5, 10] {
        let x = f64::from(percent + REACH + 1) / n;
        plot.straight("g", (x, 14.0), (x, 214.0), None);
        let name = if percent < 0 { format!("−{}%", -percent) } else { format!("{percent}%") };
        plot.text(x, 226.0, Anchor::Middle, "t", &name);
    }
    Exhibit {
        id,
        title: title.to_owned(),
        lead,
        keys: vec![key("b s1", &own.name), key("b s5", &index.name)],
        panels: vec![Panel { name: None, plot, table: table(paths, own, index, &mine, &theirs) }],
        notes: Vec::new(),
    }
}

/// Weeks of a line by the hundredth that their return lies in; the first week's start has none.
fn bins(line: &Path) -> Vec<Vec<usize>> {
    let mut bins = vec![Vec::new(); (2 * REACH + 2) as usize];
    for (week, r) in line.returns.iter().enumerate().skip(1) {
        let bin = ((r.0 * 100.0).floor() as i32).clamp(-REACH - 1, REACH) + REACH + 1;
        bins[bin as usize].push(week);
    }
    bins
}

fn middle(line: &Path) -> Share {
    let mut sorted: Vec<f64> = line.returns.iter().skip(1).map(|r| r.0).collect();
    sorted.sort_by(f64::total_cmp);
    Share(sorted[sorted.len() / 2])
}

fn edge(line: &Path, of: fn(f64, f64) -> f64) -> Share {
    Share(line.returns.iter().skip(1).map(|r| r.0).reduce(of).unwrap_or(0.0))
}

fn table(paths: &Paths, own: &Path, index: &Path, mine: &[Vec<usize>], theirs: &[Vec<usize>]) -> Table {
    let heads = [words("weekly return"), figures(&own.name), figures(&index.name), prose("the protocol's weeks")];
    let name = |bin: usize| {
        let low = bin as i32 - REACH - 1;
        let edge = |p: i32| signed(Share(f64::from(p) / 100.0)).replace(".00", "");
        match bin {
            0 => format!("below {}", edge(-REACH)),
            _ if low == REACH => format!("{} and above", edge(REACH)),
            _ => format!("{} to {}", edge(low), edge(low + 1)),
        }
    };
    let rows = mine.iter().zip(theirs).enumerate().map(|(bin, (mine, theirs))| {
        let events: Vec<u64> = mine.iter().filter_map(|w| paths.events.get(*w).copied()).collect();
        // Few weeks are named one by one, many by their first and last.
        let named = if events.len() > 12 {
            ends(&mine.iter().map(|w| *w as u64).collect::<Vec<_>>())
        } else {
            mine.iter().map(|w| *w as u64).collect()
        };
        let weeks: Vec<&str> = named.iter().map(|w| paths.weeks[*w as usize].as_str()).collect();
        let weeks = if events.len() > 12 { weeks.join(" … ") } else { weeks.join(", ") };
        Row::new([name(bin), count(mine.len()), count(theirs.len()), weeks], ids(events))
            .at((bin as f64 + 0.5) / (2 * REACH + 2) as f64)
    });
    Table::new(heads).with(rows)
}
