//! A broker's Form 1099-B as a table, one sale a line.
//!
//! Columns, in any order: `description` (a ticker, or an option as `TSLA 2024-06-21 180 call`), `acquired` (a date, or
//! nothing), `sold`, `quantity`, `proceeds`, `basis` (dollars, or nothing where it was not reported), `wash` (dollars
//! disallowed, or nothing), `term` (`short`, `long` or nothing).

use std::path::Path;

use market::instrument::{Right, Series, Symbol};
use market::time::Expiration;
use market::value::Money;
use report::tax::broker::Reported1099;
use report::tax::{Asset, Side};

use crate::fault::DataError;
use crate::table::{Row, Table};
use crate::text;

const COLUMNS: [&str; 8] = ["description", "acquired", "sold", "quantity", "proceeds", "basis", "wash", "term"];
const DESCRIPTION: usize = 0;
const ACQUIRED: usize = 1;
const SOLD: usize = 2;
const QUANTITY: usize = 3;
const PROCEEDS: usize = 4;
const BASIS: usize = 5;
const WASH: usize = 6;
const TERM: usize = 7;

const EXPECTED: &str = "a broker's Form 1099-B: description, acquired, sold, quantity, …";

type Line<'a> = Row<'a, 8>;

/// Reads a broker's table.
///
/// # Errors
/// [`DataError`] with the file, line and column of the first thing that cannot be.
pub fn read_1099b(file: &Path) -> Result<Vec<Reported1099>, DataError> {
    read(&Table::open(file.to_owned(), EXPECTED)?)
}

/// The same of what was read already.
///
/// # Errors
/// As [`read_1099b`].
pub fn parse_1099b(file: &Path, bytes: Vec<u8>) -> Result<Vec<Reported1099>, DataError> {
    read(&Table::of_bytes(file.to_owned(), bytes, EXPECTED)?)
}

fn read(table: &Table) -> Result<Vec<Reported1099>, DataError> {
    let lines: Vec<Reported1099> = table.rows(COLUMNS)?.map(|row| line(&row?)).collect::<Result<_, DataError>>()?;
    if lines.is_empty() { Err(table.without_rows("a sale in each line")) } else { Ok(lines) }
}

fn line(row: &Line<'_>) -> Result<Reported1099, DataError> {
    let quantity = row.text(QUANTITY).parse::<i64>().ok().filter(|n| *n > 0);
    let long_term = match row.text(TERM) {
        "" => None,
        "short" => Some(false),
        "long" => Some(true),
        _ => return Err(row.wrong(TERM, "short, long or nothing")),
    };
    Ok(Reported1099 {
        line: row.line,
        asset: asset(row.text(DESCRIPTION))
            .ok_or_else(|| row.wrong(DESCRIPTION, "a ticker, or an option such as TSLA 2024-06-21 180 call"))?,
        quantity: quantity.ok_or_else(|| row.wrong(QUANTITY, "a whole number above zero"))?,
        acquired: if row.text(ACQUIRED).is_empty() { None } else { Some(row.date(ACQUIRED)?) },
        sold: row.date(SOLD)?,
        proceeds: dollars(row, PROCEEDS)?.unwrap_or_default(),
        basis: dollars(row, BASIS)?,
        disallowed: dollars(row, WASH)?.unwrap_or_default(),
        long_term,
    })
}

fn asset(text: &str) -> Option<Asset> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [ticker] => Symbol::new(ticker).ok().map(Asset::Shares),
        [ticker, expiration, strike, right] => {
            let right = match right {
                "put" => Right::Put,
                "call" => Right::Call,
                _ => return None,
            };
            let (underlying, expiration) = (Symbol::new(ticker).ok()?, Expiration(text::date(expiration)?));
            let strike = strike.parse().ok()?;
            Some(Asset::Option(Series { underlying, expiration, right, strike }, Side::Long))
        }
        _ => None,
    }
}

fn dollars(row: &Line<'_>, field: usize) -> Result<Option<Money>, DataError> {
    if row.text(field).is_empty() {
        return Ok(None);
    }
    let amount = row.text(field).parse::<Money>().ok();
    amount.map(Some).ok_or_else(|| row.wrong(field, "dollars such as 1250.75, or nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &str) -> Result<Vec<Reported1099>, String> {
        let bytes = format!("{}\n{lines}\n", COLUMNS.join(",")).into_bytes();
        read(&Table::of_bytes("b.csv".into(), bytes, "sales").unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn sales_are_read_or_refused_by_their_place() {
        let read = of("TSLA,2024-06-03,2024-06-14,100,17000,18000,250.50,short\n\
                       TSLA 2024-06-21 180 call,,2024-06-21,2,0,,,")
        .unwrap();
        assert_eq!((read[0].disallowed, read[0].basis), (Money::cents(25_050), Some(Money::dollars(18_000))));
        assert_eq!((read[1].acquired, read[1].basis, read[1].long_term), (None, None, None));
        for (line, message) in [
            ("tsla,,2024-06-14,1,1,1,,", "b.csv, line 2, description: found \"tsla\"; expected a ticker"),
            ("TSLA,,2024-06-14,1,1,1,,middle", "term: found \"middle\"; expected short, long or nothing"),
            ("TSLA,,2024-06-14,0,1,1,,", "quantity: found \"0\""),
            ("TSLA,,14.6.2024,1,1,1,,", "sold"),
        ] {
            let error = of(line).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
