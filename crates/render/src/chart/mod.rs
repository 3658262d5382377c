//! The charts, each with its table, in the order of the page.

mod allocation;
mod calendar;
mod equity;
mod market;
mod premium;
mod returns;
mod rolls;
mod target;
mod tree;
mod worth;

use crate::exhibit::Exhibit;
use crate::page::Section;
use crate::sheet::Sheet;

/// What stands where a chart would, before there are enough weekly closes.
const SHORT: &str =
    "There is nothing to draw: it takes weekly closes with prices, which the journal does not hold yet.";

/// Sections of charts.
pub(crate) fn sections(sheet: &Sheet) -> Vec<Section> {
    let labels = sheet.masthead.labels();
    let section = |id, name, exhibits: Vec<Exhibit>| Section {
        id,
        name,
        body: exhibits.iter().map(|e| e.html(&labels)).collect(),
    };
    vec![
        section("equity-charts", "Equity and drawdown", equity::exhibits(sheet)),
        section("income-charts", "Income and returns", income(sheet)),
        section("market-charts", "Weeks and their types", weeks(sheet)),
        section("money-charts", "Where the money was", vec![allocation::exhibit(sheet), tree::exhibit(sheet)]),
        section("option-charts", "Options and rules", vec![rolls::exhibit(sheet), worth::exhibit(sheet)]),
    ]
}

fn income(sheet: &Sheet) -> Vec<Exhibit> {
    vec![target::exhibit(sheet), premium::exhibit(sheet), returns::exhibit(sheet)]
}

fn weeks(sheet: &Sheet) -> Vec<Exhibit> {
    vec![market::exhibit(sheet), calendar::exhibit(sheet), calendar::types(sheet)]
}
