//! Premium income by week, quoted and modelled apart.

use market::value::Money;
use report::course::SleevePoint;
use report::figure::Amount;

use crate::exhibit::{Exhibit, Panel, key};
use crate::html::{cents, ids, short_dollars};
use crate::plot::Plot;
use crate::scale::{Scale, Time};
use crate::sheet::Sheet;
use crate::table::{Row, Table, figures, words};

use super::SHORT;

pub(super) fn exhibit(sheet: &Sheet) -> Exhibit {
    let (id, title) = ("premium", "Premium income by week");
    let Some(time) = sheet.time() else { return Exhibit::absent(id, title, SHORT) };
    let weeks = weeks(sheet);
    let scale = Scale::linear(weeks.iter().flat_map(Premium::edges).chain([0.0]), (14.0, 210.0), 4);
    let (quoted, modelled) = (sum(&weeks, |w| w.quoted), sum(&weeks, |w| w.modelled));
    let all = Amount(quoted.0 + modelled.0);
    let lead = format!(
        "Premium sold less premium bought back, before fees, of all sleeves: {} in all, of which {} at quotes and {} \
         at modelled prices.",
        cents(all),
        cents(quoted),
        cents(modelled)
    );
    let mut plot = Plot::new(id, title, &lead, 236.0);
    plot.grid(&scale, short_dollars);
    let width = 1.0 / weeks.len().max(1) as f64;
    for (row, week) in weeks.iter().enumerate() {
        let x = bar(&time, sheet, row, width);
        let [quoted, modelled] = week.parts();
        // Parts of one sign stand on each other; of two signs, each on its side of zero.
        let base = if quoted * modelled > 0.0 { quoted } else { 0.0 };
        for (class, from, height) in [("b s1", 0.0, quoted), ("b s2", base, modelled)] {
            if height.abs() > 0.0 {
                plot.rect(class, x, (scale.at(from + height), scale.at(from)), Some(row));
            }
        }
    }
    plot.straight("zero", (0.0, scale.at(0.0)), (1.0, scale.at(0.0)), None);
    plot.time(&time, scale.bottom());
    let rows = weeks.iter().enumerate().map(|(n, w)| w.row(sheet, n).at(time.at(sheet.day(n))));
    let total =
        Row::new(["all weeks".to_owned(), String::new(), cents(quoted), cents(modelled), cents(all)], "").total();
    let heads = [words("week"), words("close of"), figures("at quotes"), figures("modelled"), figures("premium")];
    let table = Table::new(heads).with(rows.chain([total]));
    Exhibit {
        id,
        title: title.to_owned(),
        lead,
        keys: vec![key("b s1", "at quotes"), key("b s2", "at modelled prices")],
        panels: vec![Panel { name: None, plot, table }],
        notes: vec!["Buying back, also to roll, counts against the week in which it happens.".to_owned()],
    }
}

/// Where a week's bar stands.
pub(super) fn bar(time: &Time, sheet: &Sheet, week: usize, width: f64) -> (f64, f64) {
    let to = time.at(sheet.day(week)).max(width);
    (to - width * 0.85, to)
}

/// One week of all sleeves.
#[derive(Default)]
struct Premium {
    quoted: Amount,
    modelled: Amount,
    fills: Vec<u64>,
}

fn weeks(sheet: &Sheet) -> Vec<Premium> {
    let mut weeks: Vec<Premium> = sheet.course.weeks.iter().map(|_| Premium::default()).collect();
    for point in sheet.course.sleeves.iter().flat_map(|s| &s.points) {
        weeks[point.week].add(point);
    }
    weeks.iter_mut().for_each(|w| w.fills.sort_unstable());
    weeks
}

fn sum(weeks: &[Premium], of: impl Fn(&Premium) -> Amount) -> Amount {
    Amount(weeks.iter().map(|w| of(w).0).sum::<Money>())
}

impl Premium {
    fn add(&mut self, point: &SleevePoint) {
        self.quoted.0 += point.premium_quoted.0;
        self.modelled.0 += point.premium_modelled.0;
        self.fills.extend(&point.fills);
    }

    fn parts(&self) -> [f64; 2] {
        [self.quoted.0.to_f64(), self.modelled.0.to_f64()]
    }

    fn edges(&self) -> [f64; 3] {
        let [quoted, modelled] = self.parts();
        [quoted, modelled, if quoted * modelled > 0.0 { quoted + modelled } else { 0.0 }]
    }

    fn row(&self, sheet: &Sheet, week: usize) -> Row {
        let all = Amount(self.quoted.0 + self.modelled.0);
        let cells = [
            sheet.week(week).to_owned(),
            sheet.day(week).to_string(),
            cents(self.quoted),
            cents(self.modelled),
            cents(all),
        ];
        Row::new(cells, ids(self.fills.iter().copied()))
    }
}
