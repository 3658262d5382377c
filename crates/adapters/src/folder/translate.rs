//! Somebody's table in the folder's own form: columns by their names there, dates as they are written there.

use std::path::PathBuf;

use market::instrument::{Right, Symbol};
use market::value::{Price, UNITS_PER_DOLLAR};

use super::Sheet;
use super::kind::{Column, Field, Kind, WIDEST};
use crate::fault::{DataError, Fault, quoted};
use crate::table::{Row, Table};
use crate::text;

/// How dates are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateForm {
    /// `2024-06-10`.
    #[default]
    Iso,
    /// `06/10/2024` or `6/10/2024`: month, day, year.
    Mdy,
    /// `10/06/2024` or `10.6.2024`: day, month, year.
    Dmy,
    /// `20240610`.
    Compact,
}

impl DateForm {
    /// A form by its name: `iso`, `mdy`, `dmy` or `compact`.
    #[must_use]
    pub fn named(name: &str) -> Option<DateForm> {
        match name {
            "iso" => Some(DateForm::Iso),
            "mdy" => Some(DateForm::Mdy),
            "dmy" => Some(DateForm::Dmy),
            "compact" => Some(DateForm::Compact),
            _ => None,
        }
    }

    fn example(self) -> &'static str {
        match self {
            DateForm::Iso => "a date such as 2024-06-10",
            DateForm::Mdy => "month, day and year such as 06/10/2024",
            DateForm::Dmy => "day, month and year such as 10/06/2024",
            DateForm::Compact => "a date such as 20240610",
        }
    }

    /// The date as the folder writes it.
    fn iso(self, written: &str) -> Option<String> {
        let of = |year: &str, month: &str, day: &str| {
            let date = format!("{year}-{month:0>2}-{day:0>2}");
            text::date(&date).map(|_| date)
        };
        let parts: Vec<&str> = written.split(['/', '.', '-']).collect();
        match (self, parts.as_slice()) {
            (DateForm::Iso, _) => text::date(written).map(|_| written.to_owned()),
            (DateForm::Mdy, [month, day, year]) | (DateForm::Dmy, [day, month, year]) => of(year, month, day),
            (DateForm::Compact, [all]) if all.len() == 8 && all.is_ascii() => of(&all[..4], &all[4..6], &all[6..]),
            _ => None,
        }
    }
}

/// How a table that somebody else wrote is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// How its dates are written.
    pub dates: DateForm,
    /// The folder's name of a column and the table's, where they differ.
    pub columns: Vec<(String, String)>,
    /// What stands where there is no value, besides nothing.
    pub missing: Vec<String>,
    /// What the table calls an index, which may be the name of its column.
    pub index: Option<String>,
    /// The symbol of every row, for a table that does not say it; of one that does, its rows alone are taken.
    pub symbol: Option<Symbol>,
}

/// Reads a table into the folder's form. `name` stands in messages.
///
/// # Errors
/// [`DataError`] naming line, column, what was found and what was expected: a page instead of a table, a column that is
/// not there, a value that cannot be right, dates of a series that neither rise nor fall throughout, a row twice.
pub fn translate(name: PathBuf, bytes: Vec<u8>, kind: Kind, mapping: &Mapping) -> Result<Sheet, DataError> {
    let expected = format!("a table with the columns {}", kind.columns().collect::<Vec<_>>().join(", "));
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'<' | b'{')) {
        let found = quoted(&String::from_utf8_lossy(&bytes));
        let expected = format!("{expected}; this is no table").into();
        return Err(DataError::of_file(&name, Fault::Found { found, expected }));
    }
    let mut table = Table::of_bytes(name, bytes, expected)?;
    for (ours, theirs) in &mapping.columns {
        table.rename(ours, theirs)?;
    }
    if let Kind::Index(index) = kind {
        let ours = if index == "VIX" { "close" } else { index };
        let names = ["close", index].into_iter().chain(mapping.index.as_deref());
        if let Some(theirs) = names.filter(|_| !table.has(ours)).find(|name| table.has(name)) {
            table.rename(ours, theirs)?;
        }
    }
    let columns = kind.table();
    let wanted = |place: usize| {
        columns.get(place).is_some_and(|column| match column.field {
            Field::Symbol => mapping.symbol.is_none() || table.has(column.name),
            Field::Volatility if is_other_index(kind, column) => false,
            Field::Volatility if kind.file() == Kind::Index("VVIX").file() => true,
            _ => column.required || table.has(column.name),
        })
    };
    let mut names = [""; WIDEST];
    names.iter_mut().zip(columns).for_each(|(name, column)| *name = column.name);
    let mut reading = Reading { kind, mapping, sheet: Sheet::new(kind), direction: Direction::default() };
    let mut seen = false;
    for row in table.rows_of(names, wanted)? {
        seen = true;
        reading.take(row?)?;
    }
    if !seen && kind.is_series() {
        return Err(table.without_rows("a row for each day"));
    }
    Ok(reading.sheet)
}

fn is_other_index(kind: Kind, column: &Column) -> bool {
    matches!(kind, Kind::Index(own) if own != "VIX" && own != column.name)
}

struct Reading<'a> {
    kind: Kind,
    mapping: &'a Mapping,
    sheet: Sheet,
    direction: Direction,
}

impl Reading<'_> {
    fn take(&mut self, mut row: Row<'_, WIDEST>) -> Result<(), DataError> {
        let columns = self.kind.table();
        if let Some(asked) = self.mapping.symbol
            && columns[0].field == Field::Symbol
            && !row.text(0).is_empty()
            && row.symbol(0)? != asked
        {
            return Ok(());
        }
        let mut fields = Vec::with_capacity(columns.len());
        for (place, column) in columns.iter().enumerate() {
            if self.mapping.missing.iter().any(|missing| missing == row.text(place)) {
                row.forget(place);
            }
            fields.push(self.field(&row, place, column)?);
        }
        let values = fields.split_off(self.kind.keys());
        if self.kind.is_series() {
            self.direction.check(&row, &fields[0])?;
            if values.iter().all(String::is_empty) {
                return Ok(());
            }
        }
        let shown = fields.join(" ");
        if self.sheet.insert(fields, values) {
            return Ok(());
        }
        Err(row.unsound(self.kind.keys() - 1, format!("{shown} stands twice; expected it once")))
    }

    fn field(&self, row: &Row<'_, WIDEST>, place: usize, column: &Column) -> Result<String, DataError> {
        let written = row.text(place);
        match column.field {
            Field::Date => {
                let dates = self.mapping.dates;
                return dates.iso(written).ok_or_else(|| row.wrong(place, dates.example()));
            }
            Field::Symbol => return self.symbol(row, place),
            Field::Right => {
                let right = crate::chains::right(written).ok_or_else(|| row.wrong(place, "put, call, P or C"))?;
                return Ok(if right == Right::Put { "put" } else { "call" }.to_owned());
            }
            // What tells rows apart is written one way.
            Field::Price if place < self.kind.keys() => return row.price(place).map(plain),
            Field::Price => row.price(place).map(drop)?,
            Field::Amount => row.amount(place).map(drop)?,
            Field::Quote => row.quote(place).map(drop)?,
            Field::Volume => row.volume(place).map(drop)?,
            Field::Contracts => row.count(place).map(drop)?,
            Field::Volatility => row.volatility(place).map(drop)?,
            Field::Yield => row.rate(place).map(drop)?,
            Field::Factor => {
                let whole = row.decimal(place).and_then(text::Decimal::whole).filter(|n| (1..=1000).contains(n));
                let expected = "a whole number of shares from 1 to 1000; other splits cannot be applied";
                whole.ok_or_else(|| row.wrong(place, expected))?;
            }
            Field::Time => {}
        }
        Ok(written.to_owned())
    }

    fn symbol(&self, row: &Row<'_, WIDEST>, place: usize) -> Result<String, DataError> {
        match self.mapping.symbol {
            Some(symbol) => Ok(symbol.to_string()),
            None => row.symbol(place).map(|symbol| symbol.to_string()),
        }
    }
}

/// A price with no more digits than it needs.
fn plain(price: Price) -> String {
    let (whole, part) = (price.units() / UNITS_PER_DOLLAR, price.units() % UNITS_PER_DOLLAR);
    format!("{whole}.{part:04}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The dates of a series rise throughout, or fall throughout.
#[derive(Default)]
struct Direction {
    last: Option<String>,
    rises: Option<bool>,
}

impl Direction {
    fn check(&mut self, row: &Row<'_, WIDEST>, date: &str) -> Result<(), DataError> {
        let Some(last) = self.last.replace(date.to_owned()) else { return Ok(()) };
        if last == date {
            return Err(row.unsound(0, format!("{date} stands twice; expected each day once")));
        }
        let rises = last.as_str() < date;
        if *self.rises.get_or_insert(rises) == rises {
            return Ok(());
        }
        Err(row.unsound(0, format!("{date} follows {last}; expected rows in one order of date")))
    }
}
