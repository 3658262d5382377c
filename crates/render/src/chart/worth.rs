//! What each rule was worth: the run with it less the run without it, with bounds.

use report::figure::Share;

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{short_percent, signed};
use crate::plot::{Anchor, Plot};
use crate::scale::Scale;
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};
use crate::worth::{HOW, RuleLine};

const LANE: f64 = 22.0;
/// Where the scale begins; rules' names stand before it.
const LEFT: f64 = 0.12;

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("rule-worth", "What each rule was worth");
    let Some(worth) = sheet.worth.as_ref().filter(|w| !w.0.is_empty()) else {
        let why = format!(
            "Not measured for this page: a journal holds one run, and a rule's worth takes the same run without it. \
             {HOW} > worth.json measures it; alluse report page --rule-worth worth.json draws it here."
        );
        return Exhibit::absent(id, title, why);
    };
    let lines = &worth.0;
    let scale = Scale::linear(lines.iter().flat_map(|l| [l.low, l.high, 0.0]), (0.0, 1000.0), 5);
    let x = |value: f64| LEFT + scale.share(value) * (1.0 - LEFT - 0.02);
    let bottom = lines.len() as f64 * LANE;
    let clear = lines.iter().filter(|l| l.is_clear()).count();
    let lead = format!(
        "Annual return with the rule less that without it; bars are the bounds of each difference. Bounds on one \
         side of zero: {clear} of {} rules; only these are known to have helped or cost. The figures come from the \
         file that was given, not from this journal.",
        lines.len()
    );
    let mut plot = Plot::new(id, title, &lead, bottom + 24.0);
    for tick in scale.ticks() {
        plot.straight("g", (x(*tick), 0.0), (x(*tick), bottom), None);
        plot.text(x(*tick), bottom + 15.0, Anchor::Middle, "t", &short_percent(*tick));
    }
    plot.straight("zero", (x(0.0), 0.0), (x(0.0), bottom), None);
    for (row, line) in lines.iter().enumerate() {
        let middle = row as f64 * LANE + LANE / 2.0;
        plot.text(0.0, middle + 4.0, Anchor::Start, "n", &line.rule);
        let bar = if line.is_clear() { "b s1 half" } else { "b s0" };
        plot.rect(bar, (x(line.low), x(line.high)), (middle - 4.0, middle + 4.0), Some(row));
        plot.dot(if line.is_clear() { "b s1" } else { "b s5" }, (x(line.difference), middle), 4.0, Some(row));
    }
    Exhibit {
        id,
        title: title.to_owned(),
        lead,
        keys: vec![key("b s1", "bounds on one side of zero"), key("b s0", "bounds around zero: not known")],
        panels: vec![Panel { name: None, plot, table: table(lines) }],
        notes: Vec::new(),
    }
}

fn table(lines: &[RuleLine]) -> Table {
    let heads = [
        words("rule"),
        figures("a year with it"),
        figures("without it"),
        figures("difference"),
        figures("from"),
        figures("to"),
        figures("drawdown with it less without"),
    ];
    let rows = lines.iter().map(|l| {
        let (difference, low, high) = l.shares();
        let cells = [
            l.rule.clone(),
            signed(Share(l.annual_return_with)),
            signed(Share(l.annual_return_without)),
            signed(difference),
            signed(low),
            signed(high),
            signed(Share(l.drawdown_difference)),
        ];
        Row::new(cells, "")
    });
    Table::new(heads).with(rows)
}
