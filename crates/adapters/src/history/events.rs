//! Dividends, splits and earnings dates: one table each for all symbols.

use std::ops::RangeInclusive;
use std::path::Path;

use market::history::{Dividend, Split, SymbolHistory};
use market::instrument::Symbol;
use market::time::{Calendar, Date};
use market::value::Price;

use super::problems::Problems;
use crate::fault::{DataError, Fault, quoted};
use crate::table::{Row, Table};

const SYMBOL: usize = 0;
const DATE: usize = 1;
const VALUE: usize = 2;

const DIVIDENDS: [&str; 3] = ["symbol", "ex_date", "amount_split_adjusted"];
const SPLITS: [&str; 3] = ["symbol", "effective_date", "new_shares_per_old"];
const EARNINGS: [&str; 2] = ["symbol", "report_date"];

const LARGEST_SPLIT: u64 = 1000;
/// All splits of one symbol together; a larger product would leave the range of a price.
const LARGEST_FACTOR: i64 = 1_000_000;

/// Splits of the protocol's symbols since 2016, as the companies announced them. They only tell a table that is too
/// short: nothing is ever read from here.
const ANNOUNCED: [(&str, Date, i64); 7] = [
    ("AAPL", Date::constant(2020, 8, 31), 4),
    ("AMZN", Date::constant(2022, 6, 6), 20),
    ("GOOG", Date::constant(2022, 7, 18), 20),
    ("NVDA", Date::constant(2021, 7, 20), 4),
    ("NVDA", Date::constant(2024, 6, 10), 10),
    ("TSLA", Date::constant(2020, 8, 31), 5),
    ("TSLA", Date::constant(2022, 8, 25), 3),
];

/// The symbols that an event may speak of.
pub(super) struct Known<'a> {
    /// Those with bars in the folder.
    pub(super) with_bars: &'a [Symbol],
    /// Others, whose rows are passed over.
    pub(super) besides: &'a [Symbol],
}

/// One row of an events table.
struct Event<T> {
    symbol: Symbol,
    date: Date,
    line: u32,
    value: T,
}

/// The events of all symbols, rising by symbol and date.
pub(super) struct Events<T> {
    rows: Vec<Event<T>>,
}

impl<T> Default for Events<T> {
    fn default() -> Self {
        Events { rows: Vec::new() }
    }
}

impl<T: Copy> Events<T> {
    /// Those of one symbol, rising by date.
    pub(super) fn of<U>(&self, symbol: Symbol, make: impl Fn(Date, T) -> U) -> Vec<U> {
        self.of_symbol(symbol).map(|e| make(e.date, e.value)).collect()
    }

    fn of_symbol(&self, symbol: Symbol) -> impl Iterator<Item = &Event<T>> {
        let start = self.rows.partition_point(|e| e.symbol < symbol);
        self.rows[start..].iter().take_while(move |e| e.symbol == symbol)
    }

    /// Reads a table whose first two columns are a symbol and a date. Two rows of one symbol and date stand there twice
    /// if `same` says so of their values.
    fn read<const N: usize>(
        table: &Table,
        columns: [&'static str; N],
        known: &Known<'_>,
        problems: &mut Problems,
        same: impl Fn(&T, &T) -> bool,
        value: impl Fn(&Row<'_, N>) -> Result<T, DataError>,
    ) -> Result<Self, DataError> {
        let Some(rows) = problems.keep(table.rows(columns))? else { return Ok(Self::default()) };
        let mut events = Vec::new();
        for row in rows {
            let event = row.and_then(|row| {
                let symbol = row.symbol(SYMBOL)?;
                known.check(symbol, &row)?;
                Ok(Event { symbol, date: row.date(DATE)?, line: row.line, value: value(&row)? })
            });
            events.extend(problems.keep(event)?);
        }
        events.sort_by_key(|e| (e.symbol, e.date, e.line));
        for pair in events.windows(2) {
            let Event { symbol, date, line, .. } = pair[1];
            if (pair[0].symbol, pair[0].date) == (symbol, date) && same(&pair[0].value, &pair[1].value) {
                let problem = format!("{symbol} on {date} stands twice; expected it once");
                problems.report(table.error(line, columns[DATE], Fault::Unsound { problem }))?;
            }
        }
        Ok(Events { rows: events })
    }
}

impl Known<'_> {
    fn check<const N: usize>(&self, symbol: Symbol, row: &Row<'_, N>) -> Result<(), DataError> {
        if self.with_bars.binary_search(&symbol).is_ok() || self.besides.contains(&symbol) {
            return Ok(());
        }
        Err(row.wrong(SYMBOL, format!("a symbol that has bars: {}", list(self.with_bars))))
    }
}

/// Symbols in a sentence.
pub(super) fn list(symbols: &[Symbol]) -> String {
    symbols.iter().map(Symbol::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn dividends(dir: &Path, known: &Known<'_>, problems: &mut Problems) -> Result<Events<Price>, DataError> {
    let expected = "the dividends, symbol,ex_date,amount_split_adjusted, or that header alone";
    let opened = Table::open(dir.join("events/dividends.csv"), expected);
    let Some(table) = problems.keep(opened)? else { return Ok(Events::default()) };
    // A special dividend may share its ex-date with a regular one.
    Events::read(&table, DIVIDENDS, known, problems, |one, other| one == other, |row| row.amount(VALUE))
}

pub(super) fn earnings(dir: &Path, known: &Known<'_>, problems: &mut Problems) -> Result<Events<()>, DataError> {
    let expected = "the days of earnings reports, symbol,report_date, or that header alone";
    let opened = Table::open(dir.join("events/earnings.csv"), expected);
    let Some(table) = problems.keep(opened)? else { return Ok(Events::default()) };
    Events::read(&table, EARNINGS, known, problems, |(), ()| true, |_| Ok(()))
}

/// Reads the splits, and holds them against those that are known to have happened between a symbol's first and last
/// bar.
pub(super) fn splits(
    dir: &Path,
    known: &Known<'_>,
    symbols: &[(Symbol, SymbolHistory)],
    calendar: &Calendar,
    problems: &mut Problems,
) -> Result<Events<i64>, DataError> {
    let expected = "every split, symbol,effective_date,new_shares_per_old, or that header alone where there was none; \
                    without it the prices of the day cannot be known";
    let opened = Table::open(dir.join("events/splits.csv"), expected);
    let Some(table) = problems.keep(opened)? else { return Ok(Events::default()) };
    let splits = Events::read(
        &table,
        SPLITS,
        known,
        problems,
        |_, _| true,
        |row| {
            let whole = row.decimal(VALUE).and_then(|d| d.whole()).filter(|n| (1..=LARGEST_SPLIT).contains(n));
            let whole = whole.and_then(|n| i64::try_from(n).ok());
            whole.ok_or_else(|| {
                row.wrong(VALUE, "a whole number of shares from 1 to 1000; other splits cannot be applied")
            })
        },
    )?;
    for (symbol, history) in symbols {
        let Some((first, last)) = history.bars.first().zip(history.bars.last()) else { continue };
        let span = first.day.date()..=last.day.date();
        on_sessions(&table, *symbol, &span, &splits, calendar, problems)?;
        complete(&table, *symbol, &span, &splits, problems)?;
    }
    Ok(splits)
}

/// A split takes effect with a session.
fn on_sessions(
    table: &Table,
    symbol: Symbol,
    span: &RangeInclusive<Date>,
    splits: &Events<i64>,
    calendar: &Calendar,
    problems: &mut Problems,
) -> Result<(), DataError> {
    for Event { date, line, .. } in splits.of_symbol(symbol) {
        if span.contains(date) && calendar.session(*date).is_none() {
            let problem = format!("{date} is not an NYSE session; expected the first session at the new price");
            problems.report(table.error(*line, SPLITS[DATE], Fault::Unsound { problem }))?;
        }
    }
    Ok(())
}

/// No split that was announced for the time of the bars is left out, and all together stay within the range of a price.
fn complete(
    table: &Table,
    symbol: Symbol,
    span: &RangeInclusive<Date>,
    splits: &Events<i64>,
    problems: &mut Problems,
) -> Result<(), DataError> {
    let of_symbol = splits.of(symbol, split);
    let first = span.start();
    let announced =
        ANNOUNCED.iter().filter(|(name, day, _)| *name == symbol.as_str() && day != first && span.contains(day));
    for (name, day, factor) in announced {
        if !of_symbol.iter().any(|s| s.effective == *day && s.new_per_old == *factor) {
            let problem = format!(
                "the table is too short: the bars of {name} begin on {first}, and its split of {factor} for 1 on {day} \
                 is not here; expected a row {name},{day},{factor}"
            );
            problems.report(table.fault(SPLITS[VALUE], Fault::Unsound { problem }))?;
        }
    }
    let product = of_symbol.iter().try_fold(1i64, |product, s| product.checked_mul(s.new_per_old));
    if product.is_none_or(|p| p > LARGEST_FACTOR) {
        let found = quoted(&of_symbol.iter().map(|s| s.new_per_old.to_string()).collect::<Vec<_>>().join(" × "));
        let expected = format!("the splits of {symbol} to multiply to at most {LARGEST_FACTOR}").into();
        problems.report(table.fault(SPLITS[VALUE], Fault::Found { found, expected }))?;
    }
    Ok(())
}

/// As the vocabulary has them.
pub(super) fn dividend(ex_date: Date, amount: Price) -> Dividend {
    Dividend { ex_date, amount }
}

/// As the vocabulary has them.
pub(super) fn split(effective: Date, new_per_old: i64) -> Split {
    Split { effective, new_per_old }
}
