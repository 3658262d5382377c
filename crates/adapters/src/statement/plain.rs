//! A statement as a table: our own layout, and any other through a [`Mapping`].
//!
//! A `.csv` (RFC 4180) with a header; columns stand by name in any place, in any case, and others are passed over.
//!
//! | column | what it is |
//! |---|---|
//! | `date` | trade date, `YYYY-MM-DD`; of money that moves, the day on which it moved |
//! | `settles` | settlement date; may be empty |
//! | `kind` | what happened, below |
//! | `instrument` | ticker, OCC symbol, or the name that exported books use; empty for money |
//! | `quantity` | shares or contracts, out negative |
//! | `price` | dollars a share, of options too |
//! | `fees` | all fees, not negative |
//! | `amount` | what cash gains, fees taken off |
//! | `id`, `text` | the broker's number and words |
//!
//! `date`, `kind` and `amount` are required. Kinds are buy, sell, buy to open, sell to open, buy to close, sell to
//! close, assigned, exercised, expired, dividend, interest, deposit, withdrawal, transfer and split. Rows of four more
//! kinds say what the statement is of: `begins` and `ends` its first and last day, `position` what is held on the last,
//! `cash` its cash by trade date.

use std::path::Path;

use ledger::account::Instrument;
use market::instrument::{Series, Symbol};
use market::time::{Date, Expiration};
use market::value::{Money, Price};
use report::Statement;
use report::statement::{Activity, Kind, Position};

use super::amount::{money, units};
use super::mapping::{COLUMNS, Mapping, Means};
use super::{identifier, instrument};
use crate::books::{dollars, record};
use crate::fault::{DataError, Fault, quoted};
use crate::table::Table;
use crate::text;

/// The columns that are written, in their order.
pub const WRITTEN: [&str; 10] =
    ["date", "settles", "kind", "instrument", "quantity", "price", "fees", "amount", "id", "text"];
const REQUIRED: [&str; 3] = ["date", "kind", "amount"];

/// Reads one table.
///
/// # Errors
/// [`DataError`] naming line and column.
pub fn read(path: &Path, bytes: Vec<u8>, mapping: &Mapping) -> Result<Statement, DataError> {
    let mut bytes = bytes;
    let skipped = skip(&mut bytes, mapping.skip_lines);
    let table = Table::of_bytes(path.to_owned(), bytes, "a statement in the plain layout")?;
    let mut places: [Vec<usize>; COLUMNS.len()] = Default::default();
    for (place, ours) in places.iter_mut().zip(COLUMNS) {
        let theirs = &mapping.columns[ours];
        let named = theirs.len() > 1 || theirs.first().is_some_and(|name| name != ours);
        for name in theirs.iter().filter(|name| named || REQUIRED.contains(&ours) || table.has(name)) {
            place.push(table.place(name)?);
        }
    }
    let mut statement = Statement { source: path.display().to_string(), ..Statement::default() };
    let mut positions = Vec::new();
    for row in table.whole_rows() {
        let (line, fields) = row.map_err(|e| moved(e, skipped))?;
        let row = Row { path, line: line + skipped, places: &places, fields, mapping };
        row.take(&mut statement, &mut positions)?;
    }
    if !positions.is_empty() || statement.cash.is_some() {
        statement.positions = Some(positions);
    }
    Ok(statement)
}

/// Takes lines off the front; how many there were.
fn skip(bytes: &mut Vec<u8>, lines: usize) -> u32 {
    let mut skipped = 0;
    for _ in 0..lines {
        let Some(end) = bytes.iter().position(|b| *b == b'\n') else { break };
        bytes.drain(..=end);
        skipped += 1;
    }
    skipped
}

fn moved(mut error: DataError, skipped: u32) -> DataError {
    error.line = error.line.map(|line| line + skipped);
    error
}

struct Row<'a> {
    path: &'a Path,
    line: u32,
    places: &'a [Vec<usize>; COLUMNS.len()],
    fields: Vec<&'a str>,
    mapping: &'a Mapping,
}

impl Row<'_> {
    fn take(&self, statement: &mut Statement, positions: &mut Vec<Position>) -> Result<(), DataError> {
        let word = self.text("kind");
        let means = self.mapping.means(word).ok_or_else(|| {
            self.wrong("kind", "a kind such as \"sell to open\", or a word that the mapping translates")
        })?;
        match means {
            Means::Skip => {}
            Means::Begins => statement.from = Some(self.date("date")?),
            Means::Ends => statement.to = Some(self.date("date")?),
            Means::Cash => {
                self.ends(statement)?;
                statement.cash = Some(statement.cash.unwrap_or_default() + self.money("amount")?);
            }
            Means::Position => {
                self.ends(statement)?;
                let instrument = self.instrument()?.ok_or_else(|| self.wrong("instrument", EXPECTED))?;
                positions.push(Position { instrument, quantity: self.units()?, price: self.price()? });
            }
            Means::Happened(kind) => statement.activities.push(self.activity(kind)?),
        }
        Ok(())
    }

    /// What is held is held on the last day; a row may leave it to the others.
    fn ends(&self, statement: &mut Statement) -> Result<(), DataError> {
        if statement.to.is_none() && !self.text("date").is_empty() {
            statement.to = Some(self.date("date")?);
        }
        Ok(())
    }

    fn activity(&self, kind: Kind) -> Result<Activity, DataError> {
        let signed = |column: &str, way: i64, size: i64| {
            if self.mapping.is_unsigned(column) && way != 0 { size.abs() * way } else { size }
        };
        let instrument = self.instrument()?;
        let trades = kind.direction() != 0;
        if trades && instrument.is_none() {
            return Err(self.wrong("instrument", EXPECTED));
        }
        let amount = self.money("amount")?;
        let fees = self.fees()?;
        let settles = if self.text("settles").is_empty() { None } else { Some(self.date("settles")?) };
        Ok(Activity {
            place: format!("line {}", self.line),
            id: self.text("id").to_owned(),
            date: self.date("date")?,
            settles,
            kind,
            instrument,
            quantity: signed("quantity", kind.direction(), self.units()?),
            price: self.price()?,
            fees,
            amount: Money::from_units(signed("amount", kind.pays(), amount.units())),
            text: self.text("text").replace("\"\"", "\""),
        })
    }

    /// The text of a column; empty where there is none of it.
    fn text(&self, column: &str) -> &str {
        self.all(column).next().unwrap_or_default()
    }

    fn all(&self, column: &str) -> impl Iterator<Item = &str> {
        let at = COLUMNS.iter().position(|name| *name == column).expect("one of ours");
        self.places[at].iter().filter_map(|place| self.fields.get(*place)).map(|text| text.trim())
    }

    fn date(&self, column: &str) -> Result<Date, DataError> {
        let form = self.mapping.dates.as_str();
        let expected = match form {
            "mdy" => "a date such as 06/14/2024",
            "dmy" => "a date such as 14/06/2024",
            "compact" => "a date such as 20240614",
            _ => "a date such as 2024-06-14",
        };
        written(form, self.text(column)).ok_or_else(|| self.wrong(column, expected))
    }

    fn money(&self, column: &str) -> Result<Money, DataError> {
        match self.text(column) {
            "" => Ok(Money::ZERO),
            text => money(text).ok_or_else(|| self.wrong(column, "dollars such as -1234.50")),
        }
    }

    fn fees(&self) -> Result<Money, DataError> {
        let mut sum = Money::ZERO;
        for text in self.all("fees").filter(|text| !text.is_empty()) {
            // Some write what they take as a minus.
            sum += money(text).ok_or_else(|| self.wrong("fees", "dollars such as 0.65"))?.abs();
        }
        Ok(sum)
    }

    fn units(&self) -> Result<i64, DataError> {
        match self.text("quantity") {
            "" => Ok(0),
            text => units(text).ok_or_else(|| self.wrong("quantity", "a whole number of shares or contracts")),
        }
    }

    fn price(&self) -> Result<Option<Price>, DataError> {
        match self.text("price") {
            "" => Ok(None),
            text => {
                let price = money(text).filter(|price| !price.is_negative());
                let price = price.ok_or_else(|| self.wrong("price", "dollars a share such as 1.23"))?;
                Ok(Some(Price::from_units(price.units())))
            }
        }
    }

    /// What the row is about: by one name, or by an option's four parts.
    fn instrument(&self) -> Result<Option<Instrument>, DataError> {
        let (name, right) = (self.text("instrument"), self.text("right"));
        if !right.is_empty() {
            let underlying = if self.text("underlying").is_empty() { name } else { self.text("underlying") };
            let underlying = Symbol::new(underlying).map_err(|_| self.wrong("underlying", "a ticker"))?;
            let right = crate::chains::right(right).ok_or_else(|| self.wrong("right", "put, call, P or C"))?;
            let strike = money(self.text("strike")).filter(|strike| strike.is_positive());
            let strike = strike.ok_or_else(|| self.wrong("strike", "dollars above zero such as 182.50"))?;
            let (expiration, strike) = (Expiration(self.date("expiration")?), Price::from_units(strike.units()));
            return Ok(Some(Instrument::Option(Series { underlying, expiration, right, strike })));
        }
        match name {
            "" => Ok(None),
            name => instrument(name).map(Some).ok_or_else(|| self.wrong("instrument", EXPECTED)),
        }
    }

    fn wrong(&self, column: &str, expected: &str) -> DataError {
        let fault = Fault::Found { found: quoted(self.text(column)), expected: expected.to_owned().into() };
        DataError::new(self.path, Some(self.line), Some(column.to_owned().into()), fault)
    }
}

const EXPECTED: &str = "a ticker, or an option's OCC symbol such as TSLA240614P00182500";

fn written(form: &str, text: &str) -> Option<Date> {
    if form == "iso" {
        return text::date(text);
    }
    if form == "compact" {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        return digits.then(|| text::date(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])))?;
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [first, second, year] = parts.try_into().ok()?;
    let (month, day) = if form == "mdy" { (first, second) } else { (second, first) };
    let short = |part: &str| (1..=2).contains(&part.len()) && part.is_ascii();
    (short(month) && short(day)).then(|| text::date(&format!("{year}-{month:0>2}-{day:0>2}")))?
}

/// What others say may have any length and line breaks.
fn on_one_line(text: &str) -> String {
    text.chars().take(255).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Writes a statement in our own layout.
#[must_use]
pub fn write(statement: &Statement) -> String {
    let mut out = record(&WRITTEN.map(str::to_owned));
    let blank = || -> [String; WRITTEN.len()] { Default::default() };
    let mut row = |date: Option<Date>, kind: &str, fill: &dyn Fn(&mut [String; WRITTEN.len()])| {
        let mut row = blank();
        (row[0], row[2]) = (date.map_or(String::new(), |d| d.to_string()), kind.to_owned());
        fill(&mut row);
        out.push_str(&record(&row));
    };
    let (from, to) = statement.span().map_or((None, None), |(from, to)| (Some(from), Some(to)));
    if from.is_some() {
        row(from, "begins", &|_| {});
    }
    for a in &statement.activities {
        row(Some(a.date), a.kind.word(), &|row| {
            row[1] = a.settles.map_or(String::new(), |d| d.to_string());
            row[3] = a.instrument.as_ref().map_or(String::new(), identifier);
            row[4] = if a.quantity == 0 { String::new() } else { a.quantity.to_string() };
            row[5] = a.price.map_or(String::new(), |p| dollars(p.times(1)));
            row[6] = dollars(a.fees);
            row[7] = dollars(a.amount);
            row[8] = on_one_line(&a.id);
            row[9] = on_one_line(&a.text);
        });
    }
    for p in statement.positions.iter().flatten() {
        row(to, "position", &|row| {
            row[3] = identifier(&p.instrument);
            row[4] = p.quantity.to_string();
            row[5] = p.price.map_or(String::new(), |p| dollars(p.times(1)));
        });
    }
    if let Some(cash) = statement.cash {
        row(to, "cash", &|row| row[7] = dollars(cash));
    }
    if to.is_some() {
        row(to, "ends", &|_| {});
    }
    out
}
