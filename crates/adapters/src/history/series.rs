//! Volatility indices and Treasury yields, by day.

use std::path::Path;

use market::history::{PublishedIndex, RateDay, VolatilityDay};
use market::instrument::Symbol;
use market::time::Date;
use market::value::Price;

use super::bars::Rising;
use super::problems::Problems;
use crate::fault::DataError;
use crate::table::{Row, Table};

const DATE: usize = 0;
const VIX: [&str; 2] = ["date", "close"];
const RATES: [&str; 6] = ["date", "DGS1MO", "DGS3MO", "DGS6MO", "DGS1", "DGS2"];
const INDICES: [&str; 7] = ["date", "VIX9D", "VIX3M", "VXAP", "VXAZ", "VXGO", "VIX1D"];
/// The column of [`INDICES`] that need not be there.
const SESSION: usize = 6;

/// Columns of [`INDICES`] that hold one stock's own 30-day implied volatility, and the stock (Cboe).
pub(super) const SINGLE_STOCK: [(usize, &str); 3] = [(3, "AAPL"), (4, "AMZN"), (5, "GOOG")];

/// The volatility indices of a folder.
#[derive(Default)]
pub(super) struct Volatility {
    /// The term structure, a row for each day of VIX.
    pub(super) days: Vec<VolatilityDay>,
    /// Single-stock indices.
    pub(super) of_symbol: Vec<(Symbol, Vec<(Date, f64)>)>,
}

/// The name of the column with the index of `symbol`, if there is such an index.
pub(super) fn index_of(symbol: Symbol) -> Option<&'static str> {
    SINGLE_STOCK.iter().find(|(_, name)| *name == symbol.as_str()).map(|(column, _)| INDICES[*column])
}

/// Reads rows of a table by rising date into whatever `make` makes of them.
fn dated<T, const N: usize>(
    table: &Table,
    columns: [&'static str; N],
    wanted: impl Fn(usize) -> bool,
    problems: &mut Problems,
    make: impl Fn(Date, &Row<'_, N>) -> Result<T, DataError>,
) -> Result<Vec<T>, DataError> {
    let Some(rows) = problems.keep(table.rows_of(columns, wanted))? else { return Ok(Vec::new()) };
    let (mut order, mut seen) = (Rising::default(), false);
    let mut days = Vec::new();
    for row in rows {
        seen = true;
        let day = row.and_then(|row| {
            let date = row.date(DATE)?;
            order.check(&row, DATE, date)?;
            make(date, &row)
        });
        days.extend(problems.keep(day)?);
    }
    if !seen {
        problems.report(table.without_rows("a row for each day"))?;
    }
    Ok(days)
}

/// Reads VIX with its term structure, and the indices of those of `symbols` that have one.
pub(super) fn volatility(dir: &Path, symbols: &[Symbol], problems: &mut Problems) -> Result<Volatility, DataError> {
    let opened = Table::open(dir.join("volatility/VIX.csv"), "the VIX by day, with the columns date and close");
    let vix = match problems.keep(opened)? {
        Some(table) => dated(
            &table,
            VIX,
            |_| true,
            problems,
            |date, row| {
                let close = row.volatility(1)?;
                Ok((date, close.ok_or_else(|| row.wrong(1, "a volatility in percent above zero, such as 17.24"))?))
            },
        )?,
        None => Vec::new(),
    };
    let expected = "the volatility indices by day, with the columns date, VIX9D, VIX3M, and VXAP, VXAZ, VXGO for AAPL, \
                    AMZN, GOOG, empty where there is no value";
    let opened = Table::open(dir.join("volatility/indices.csv"), expected);
    let single: Vec<(usize, Symbol)> = SINGLE_STOCK
        .iter()
        .filter_map(|(column, name)| symbols.iter().find(|s| s.as_str() == *name).map(|s| (*column, *s)))
        .collect();
    let indices = match problems.keep(opened)? {
        Some(table) => {
            let wanted = |column| match column {
                SESSION => table.has(INDICES[SESSION]),
                _ => column < SINGLE_STOCK[0].0 || single.iter().any(|(c, _)| *c == column),
            };
            dated(&table, INDICES, wanted, problems, |date, row| {
                let mut values = [None; 7];
                for (column, value) in values.iter_mut().enumerate().skip(1) {
                    *value = row.volatility(column)?;
                }
                Ok((date, values))
            })?
        }
        None => Vec::new(),
    };
    let of_symbol = single
        .iter()
        .map(|(column, symbol)| (*symbol, indices.iter().filter_map(|(d, v)| Some((*d, v[*column]?))).collect()))
        .collect();
    Ok(Volatility { days: joined(&vix, &indices), of_symbol })
}

/// The term structure on each day of VIX; both lists rise by date.
fn joined(vix: &[(Date, f64)], indices: &[(Date, [Option<f64>; 7])]) -> Vec<VolatilityDay> {
    let mut rest = indices.iter().peekable();
    let day = |&(date, vix): &(Date, f64)| {
        while rest.next_if(|(d, _)| *d < date).is_some() {}
        let same = rest.next_if(|(d, _)| *d == date);
        let of = |column: usize| same.and_then(|(_, values)| values[column]);
        VolatilityDay { date, vix, vix9d: of(1), vix3m: of(2), vix1d: of(SESSION) }
    };
    vix.iter().map(day).collect()
}

/// Reads a published index that others keep, its closes in points by rising date: `benchmarks/NAME.csv` with the
/// columns date and NAME.
pub(super) fn index(dir: &Path, name: &'static str) -> Result<Vec<(Date, Price)>, DataError> {
    let expected = format!("the closes of {name} by day, with the columns date and {name}");
    let table = Table::open(dir.join("benchmarks").join(format!("{name}.csv")), expected)?;
    dated(&table, ["date", name], |_| true, &mut Problems::First, |date, row| Ok((date, row.price(1)?)))
}

/// The published indices that the folder holds.
pub(super) fn published(dir: &Path) -> Result<Vec<PublishedIndex>, DataError> {
    let mut indices = Vec::new();
    for name in ["BXM", "PUT"] {
        let at_hand = dir.join("benchmarks").join(format!("{name}.csv")).exists();
        if let Some(symbol) = Symbol::new(name).ok().filter(|_| at_hand) {
            indices.push(PublishedIndex { symbol, closes: index(dir, name)? });
        }
    }
    Ok(indices)
}

/// Reads Treasury yields; days on which none was published are left out.
pub(super) fn rates(dir: &Path, problems: &mut Problems) -> Result<Vec<RateDay>, DataError> {
    let expected = "Treasury yields by day in percent, with the columns date,DGS1MO,DGS3MO,DGS6MO,DGS1,DGS2";
    let Some(table) = problems.keep(Table::open(dir.join("rates/treasury.csv"), expected))? else {
        return Ok(Vec::new());
    };
    let mut days = dated(
        &table,
        RATES,
        |_| true,
        problems,
        |date, row| {
            let mut yields = [None; 5];
            for (i, value) in yields.iter_mut().enumerate() {
                *value = row.rate(i + 1)?;
            }
            Ok(RateDay { date, yields })
        },
    )?;
    days.retain(|day| day.yields.iter().any(Option::is_some));
    Ok(days)
}
