//! A history as columns joined by date: what calibration and moments read.

use market::history::{History, SymbolHistory};
use market::instrument::Symbol;
use market::math;
use market::time::Date;

/// One symbol's columns; row `i` is the session `Panel::days[i]`, and what needs the session before is absent (zero)
/// in row 0.
pub(crate) struct Column {
    pub(crate) symbol: Symbol,
    pub(crate) closes: Vec<f64>,
    /// Log return from close to close, dividends added back.
    pub(crate) returns: Vec<f64>,
    /// Log return from the close before to the open, dividends added back.
    pub(crate) overnight: Vec<f64>,
    /// Log return from open to close.
    pub(crate) intraday: Vec<f64>,
    /// (ln high / low)².
    pub(crate) range: Vec<f64>,
    /// Natural logarithm of the shares traded.
    pub(crate) volume: Vec<f64>,
    /// Whether the session follows an earnings date.
    pub(crate) earnings: Vec<bool>,
    /// 30-day implied volatility as a fraction.
    pub(crate) implied: Vec<Option<f64>>,
}

/// Columns of an index and symbols over the sessions that the index has.
pub(crate) struct Panel {
    pub(crate) days: Vec<Date>,
    pub(crate) index: Column,
    pub(crate) symbols: Vec<Column>,
    /// The 9-day, 30-day and 93-day volatility index as fractions.
    pub(crate) volatility: Vec<[f64; 3]>,
}

/// Why a history cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// A symbol is not in the history.
    #[error("{0} is not in the history; expected bars of the index and of every symbol to be measured")]
    NoSymbol(Symbol),
    /// A session of the index has no bar of a symbol.
    #[error("{symbol} has no bar for {day}; expected one for every session of the index")]
    NoBar {
        /// The symbol.
        symbol: Symbol,
        /// The session.
        day: Date,
    },
    /// A session has no complete volatility term structure.
    #[error("the volatility indices of {0} are not complete; expected the 9-day, 30-day and 93-day index")]
    NoVolatility(Date),
    /// Too little to measure.
    #[error("{what} has {found} rows; expected at least {needed}")]
    TooShort {
        /// What is too short.
        what: String,
        /// Rows at hand.
        found: usize,
        /// Rows needed.
        needed: usize,
    },
    /// The measured figures do not make a model.
    #[error("{what} was measured as {found}; expected {expected}")]
    NotAModel {
        /// The figure.
        what: String,
        /// Its value.
        found: String,
        /// What would have been sound.
        expected: &'static str,
    },
}

impl Panel {
    pub(crate) fn new(history: &History, index: Symbol, symbols: &[Symbol]) -> Result<Self, CalibrationError> {
        let of = |symbol| history.symbol(symbol).ok_or(CalibrationError::NoSymbol(symbol));
        let bars = &of(index)?.bars;
        let days: Vec<Date> = bars.iter().map(|b| b.day.date()).collect();
        let column = |symbol| of(symbol).and_then(|h| Column::new(symbol, h, &days));
        Ok(Panel {
            index: column(index)?,
            symbols: symbols.iter().map(|s| column(*s)).collect::<Result<_, _>>()?,
            volatility: days.iter().map(|day| term_structure(history, *day)).collect::<Result<_, _>>()?,
            days,
        })
    }
}

fn term_structure(history: &History, day: Date) -> Result<[f64; 3], CalibrationError> {
    let missing = CalibrationError::NoVolatility(day);
    let Ok(row) = history.volatility.binary_search_by_key(&day, |v| v.date) else { return Err(missing) };
    let row = history.volatility[row];
    let (Some(short), Some(long)) = (row.vix9d, row.vix3m) else { return Err(missing) };
    Ok([short / 100.0, row.vix / 100.0, long / 100.0])
}

impl Column {
    fn new(symbol: Symbol, history: &SymbolHistory, days: &[Date]) -> Result<Self, CalibrationError> {
        let rows = days.len();
        let mut column = Column {
            symbol,
            closes: Vec::with_capacity(rows),
            returns: vec![0.0; rows],
            overnight: vec![0.0; rows],
            intraday: Vec::with_capacity(rows),
            range: Vec::with_capacity(rows),
            volume: Vec::with_capacity(rows),
            earnings: vec![false; rows],
            implied: Vec::with_capacity(rows),
        };
        for (row, day) in days.iter().enumerate() {
            let at = history.bars.binary_search_by_key(day, |b| b.day.date());
            let bar = history.bars[at.map_err(|_| CalibrationError::NoBar { symbol, day: *day })?];
            let (open, close) = (bar.open.to_f64(), bar.close.to_f64());
            if row > 0 {
                let paid = dividends_on(history, days[row - 1], *day);
                column.returns[row] = math::ln((close + paid) / column.closes[row - 1]);
                column.overnight[row] = math::ln((open + paid) / column.closes[row - 1]);
                column.earnings[row] = reported_on(history, days[row - 1], *day);
            }
            let span = math::ln(bar.high.to_f64() / bar.low.to_f64());
            column.closes.push(close);
            column.intraday.push(math::ln(close / open));
            column.range.push(span * span);
            column.volume.push(math::ln(bar.volume.max(1) as f64));
            let implied = history.volatility.binary_search_by_key(day, |(d, _)| *d);
            column.implied.push(implied.ok().map(|i| history.volatility[i].1 / 100.0));
        }
        Ok(column)
    }
}

/// Dividends whose ex-date lies after `before` and not after `day`.
fn dividends_on(history: &SymbolHistory, before: Date, day: Date) -> f64 {
    let first = history.dividends.partition_point(|d| d.ex_date <= before);
    history.dividends[first..].iter().take_while(|d| d.ex_date <= day).map(|d| d.amount.to_f64()).sum()
}

/// Whether an earnings date lies on `before` or between it and `day`.
fn reported_on(history: &SymbolHistory, before: Date, day: Date) -> bool {
    let dates = history.earnings.as_deref().unwrap_or(&[]);
    let first = dates.partition_point(|d| *d < before);
    dates.get(first).is_some_and(|d| *d < day)
}
