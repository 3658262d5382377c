//! Daily bars of one symbol: `date,open,high,low,close,volume`, split-adjusted.

use std::path::Path;

use market::history::{HistoryError, SymbolHistory};
use market::instrument::Symbol;
use market::quote::Bar;
use market::time::{Calendar, Date, TradingDay};
use market::value::Price;

use super::problems::Problems;
use crate::fault::{DataError, Fault};
use crate::table::{Row, Table};

const COLUMNS: [&str; 6] = ["date", "open", "high", "low", "close", "volume"];
const DATE: usize = 0;

/// Where the bars of `symbol` lie in a folder.
pub(super) fn file_name(symbol: Symbol) -> String {
    format!("{symbol}.csv")
}

/// A symbol's bars with the line of each.
struct Numbered<'a> {
    table: &'a Table,
    symbol: Symbol,
    history: SymbolHistory,
    lines: Vec<u32>,
}

/// Reads and checks the bars of one symbol.
pub(super) fn read(
    folder: &Path,
    symbol: Symbol,
    calendar: &Calendar,
    problems: &mut Problems,
) -> Result<SymbolHistory, DataError> {
    let expected = format!("the daily bars of {symbol}, with the columns {}", COLUMNS.join(","));
    let opened = Table::open(folder.join(file_name(symbol)), expected);
    let Some(table) = problems.keep(opened)? else { return Ok(SymbolHistory::default()) };
    let Some(rows) = problems.keep(table.rows(COLUMNS))? else { return Ok(SymbolHistory::default()) };
    let mut numbered = Numbered { table: &table, symbol, history: SymbolHistory::default(), lines: Vec::new() };
    let (mut order, mut seen) = (Rising::default(), false);
    for row in rows {
        seen = true;
        let bar = row.and_then(|row| {
            let bar = bar(&row)?;
            order.check(&row, DATE, bar.day.date())?;
            Ok((bar, row.line))
        });
        if let Some((bar, line)) = problems.keep(bar)? {
            numbered.history.bars.push(bar);
            numbered.lines.push(line);
        }
    }
    if !seen {
        problems.report(table.without_rows("a bar for each session"))?;
    }
    numbered.check(calendar, problems)?;
    numbered.check_adjustment(problems)?;
    Ok(numbered.history)
}

fn bar(row: &Row<'_, 6>) -> Result<Bar, DataError> {
    Ok(Bar {
        day: TradingDay::from_record(row.date(DATE)?),
        open: row.price(1)?,
        high: row.price(2)?,
        low: row.price(3)?,
        close: row.price(4)?,
        volume: row.volume(5)?,
    })
}

impl Numbered<'_> {
    fn check(&self, calendar: &Calendar, problems: &mut Problems) -> Result<(), DataError> {
        let Err(first) = self.history.check(self.symbol, calendar) else { return Ok(()) };
        if !problems.goes_on() {
            return Err(self.at_its_line(first, calendar));
        }
        let mut last = None;
        for (bars, lines) in self.history.bars.windows(2).zip(self.lines.windows(2)) {
            // Between rows that are not neighbours lies one whose own fault is told already.
            let bars = if lines[1] == lines[0] + 1 { bars } else { &bars[1..] };
            let pair = SymbolHistory { bars: bars.to_vec(), ..SymbolHistory::default() };
            if let Err(fault) = pair.check(self.symbol, calendar)
                && last.as_ref() != Some(&fault)
            {
                problems.report(self.at_its_line(fault.clone(), calendar))?;
                last = Some(fault);
            }
        }
        Ok(())
    }

    fn at_its_line(&self, fault: HistoryError, calendar: &Calendar) -> DataError {
        let place = fault.day.and_then(|day| self.history.index_of(TradingDay::from_record(day)));
        let outside = fault.day.is_some_and(|day| calendar.on_or_after(day).is_none());
        let problem = match (fault.day, outside) {
            (Some(day), true) => {
                format!("{day} lies outside the years of the exchange calendar; expected 2005 to 2040")
            }
            _ => fault.problem,
        };
        DataError::new(
            self.table.path(),
            place.map(|i| self.lines[i]),
            Some(fault.field.into()),
            Fault::Unsound { problem },
        )
    }

    /// Bars must be adjusted for splits. A night in which the price falls to a half, a third, a fourth is a split that
    /// they are not adjusted for: no symbol of such a size loses that in a night to within a twentieth.
    fn check_adjustment(&self, problems: &mut Problems) -> Result<(), DataError> {
        for (i, pair) in self.history.bars.windows(2).enumerate() {
            let (close, open) = (pair[0].close, pair[1].open);
            if let Some(parts) = split_like(close, open) {
                let problem = format!(
                    "{open} after a close of {close} looks like a split of {parts} for 1 that these bars are not \
                     adjusted for; expected bars adjusted for every split, and each split in events/splits.csv"
                );
                problems.report(self.table.error(self.lines[i + 1], "open", Fault::Unsound { problem }))?;
            }
        }
        Ok(())
    }
}

/// The whole number from 2 on by which the price seems to have been divided over night, to within a twentieth.
fn split_like(close: Price, open: Price) -> Option<i64> {
    let (close, open) = (close.units(), open.units());
    if open < Price::dollars(1).units() || close * 10 < open * 19 {
        return None;
    }
    let parts = (2 * close + open) / (2 * open);
    ((close - parts * open).abs() * 20 <= parts * open).then_some(parts)
}

/// Sees to it that dates rise.
#[derive(Default)]
pub(super) struct Rising {
    last: Option<Date>,
}

impl Rising {
    pub(super) fn check<const N: usize>(
        &mut self,
        row: &Row<'_, N>,
        field: usize,
        date: Date,
    ) -> Result<(), DataError> {
        let problem = match self.last {
            Some(last) if date == last => format!("{date} stands twice; expected each day once"),
            Some(last) if date < last => format!("{date} follows {last}; expected rows in rising order of date"),
            _ => {
                self.last = Some(date);
                return Ok(());
            }
        };
        Err(row.unsound(field, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_to_a_whole_fraction_looks_like_a_split() {
        for (close, open, parts) in [
            ("499.23", "127.58", Some(4)),   // AAPL 2020-08-31, unadjusted
            ("2213.40", "442.68", Some(5)),  // TSLA 2020-08-31 in size
            ("2447.00", "125.25", Some(20)), // AMZN 2022-06-06, unadjusted
            ("323.00", "245.00", None),      // META 2022-02-03, a real fall
            ("100.00", "60.00", None),
            ("100.00", "43.00", None),
            ("0.80", "0.40", None),
        ] {
            assert_eq!(split_like(close.parse().unwrap(), open.parse().unwrap()), parts, "{close} then {open}");
        }
    }
}
