//! A broker's Form 1099-B beside the books (T-1): which sales it reports, and where it says something else.

use std::collections::BTreeMap;

use market::time::Date;
use market::value::Money;
use serde::Serialize;

use super::books::Books;
use super::disposal::Disposal;
use super::form::described;
use super::transaction::{Asset, Side};
use crate::figure::{Amount, Day};

/// A line of a broker's Form 1099-B.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported1099 {
    /// Line of the table, from 1.
    pub line: u32,
    /// What was sold. Whether options were held or written is not said there.
    pub asset: Asset,
    /// Shares or contracts.
    pub quantity: i64,
    /// When it was acquired, if that is said.
    pub acquired: Option<Date>,
    /// When it was sold or closed.
    pub sold: Date,
    /// Proceeds (box 1d).
    pub proceeds: Money,
    /// Cost or other basis (box 1e), if it was reported.
    pub basis: Option<Money>,
    /// Wash sale loss disallowed (box 1g).
    pub disallowed: Money,
    /// Whether it is long-term (box 2), if that is said.
    pub long_term: Option<bool>,
}

/// Something on which the broker and the books do not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Line of the broker's table, if it has one.
    pub line: Option<u32>,
    /// What was sold.
    pub what: String,
    /// When.
    pub sold: Day,
    /// What differs.
    pub about: &'static str,
    /// What the broker says.
    pub broker: String,
    /// What the books say.
    pub books: String,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Lines of the broker's table.
    pub lines: usize,
    /// Those to which the books agree.
    pub agree: usize,
    /// The others, and sales that the broker does not report.
    pub differences: Vec<Difference>,
}

/// Sales of one thing on one day, from one purchase.
type Key = (Asset, Date, Option<Date>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    units: i64,
    proceeds: Money,
    basis: Money,
    disallowed: Money,
    long: i64,
}

/// Options are compared without their side: a form says only what was sold.
fn sideless(asset: Asset) -> Asset {
    match asset {
        Asset::Option(series, _) => Asset::Option(series, Side::Long),
        shares @ Asset::Shares(_) => shares,
    }
}

/// Compares the year's sales in taxable accounts with a broker's table, by what was sold, the day, and the day of the
/// purchase where the table says it.
#[must_use]
pub fn compare(books: &Books, year: i16, table: &[Reported1099]) -> Compared {
    let per = |asset: &Asset| if matches!(asset, Asset::Shares(_)) { 1 } else { market::value::MULTIPLIER };
    let dated: bool = table.iter().any(|line| line.acquired.is_some());
    let mut ours: BTreeMap<Key, Sums> = BTreeMap::new();
    let here = |d: &&Disposal| d.closed.year() == year && !books.is_retirement(d.place);
    for d in books.disposals().iter().filter(here) {
        // Of a written option the table names no day, or the one on which it was written.
        let key = (sideless(d.asset), d.closed, dated.then_some(d.acquired));
        let sums = ours.entry(key).or_default();
        sums.units += d.units / per(&d.asset);
        sums.proceeds += d.proceeds;
        sums.basis += d.basis();
        sums.disallowed += d.disallowed;
        sums.long += if d.long_term { d.units / per(&d.asset) } else { 0 };
    }
    let mut compared = Compared { lines: table.len(), ..Compared::default() };
    let mut theirs: BTreeMap<Key, (Sums, Vec<&Reported1099>)> = BTreeMap::new();
    for line in table {
        let key = (sideless(line.asset), line.sold, if dated { line.acquired } else { None });
        let (sums, lines) = theirs.entry(key).or_default();
        sums.units += line.quantity;
        sums.proceeds += line.proceeds;
        sums.basis += line.basis.unwrap_or_default();
        sums.disallowed += line.disallowed;
        sums.long += if line.long_term == Some(true) { line.quantity } else { 0 };
        lines.push(line);
    }
    for ((asset, sold, acquired), (sums, lines)) in theirs {
        let mine = ours.remove(&(asset, sold, acquired));
        let units = if matches!(asset, Asset::Shares(_)) { sums.units } else { sums.units * per(&asset) };
        let difference = |about, broker: String, books: String| Difference {
            line: lines.first().map(|line| line.line),
            what: described(&asset, units),
            sold: Day(sold),
            about,
            broker,
            books,
        };
        let Some(mine) = mine else {
            let day = acquired.map_or_else(String::new, |day| format!(" of {day}"));
            let sale = format!("{}{day}", described(&asset, units));
            compared.differences.push(difference("a sale that the books do not have", sale, "none".to_owned()));
            continue;
        };
        let before = compared.differences.len();
        let money = |amount: Money| Amount(amount).to_string();
        let known = lines.iter().all(|line| line.basis.is_some());
        let termed = lines.iter().all(|line| line.long_term.is_some());
        let differences = [
            (sums.units != mine.units, "quantity", sums.units.to_string(), mine.units.to_string()),
            (sums.proceeds != mine.proceeds, "proceeds (1d)", money(sums.proceeds), money(mine.proceeds)),
            (known && sums.basis != mine.basis, "basis (1e)", money(sums.basis), money(mine.basis)),
            (sums.disallowed != mine.disallowed, "disallowed (1g)", money(sums.disallowed), money(mine.disallowed)),
            (termed && sums.long != mine.long, "long-term (2)", sums.long.to_string(), mine.long.to_string()),
        ];
        for (differs, about, broker, ours) in differences {
            if differs {
                compared.differences.push(difference(about, broker, ours));
            }
        }
        compared.agree += if compared.differences.len() == before { lines.len() } else { 0 };
    }
    for ((asset, sold, _), sums) in ours {
        let units = sums.units * per(&asset);
        compared.differences.push(Difference {
            line: None,
            what: described(&asset, units),
            sold: Day(sold),
            about: "a sale that the broker does not report",
            broker: "none".to_owned(),
            books: Amount(sums.proceeds).to_string(),
        });
    }
    compared
}

/// Whether a broker's table has a sale, and its basis.
#[must_use]
pub fn reported(table: &[Reported1099], disposal: &Disposal) -> super::Reported {
    let same = |line: &&Reported1099| {
        sideless(line.asset) == sideless(disposal.asset)
            && line.sold == disposal.closed
            && line.acquired.is_none_or(|acquired| acquired == disposal.acquired)
    };
    match table.iter().find(same) {
        None => super::Reported::Not,
        Some(line) if line.basis.is_some() => super::Reported::WithBasis,
        Some(_) => super::Reported::WithoutBasis,
    }
}
