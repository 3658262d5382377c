//! Daily history of a set of symbols with its corporate actions, volatility indices and rates, and prices of the day.
//!
//! Bars and dividends are stored as they come, adjusted for every split that the history knows; [`SymbolHistory::factor`]
//! turns them back into the prices of a day. A history is checked when it is built: what a [`History`] holds is sound.

use crate::instrument::Symbol;
use crate::quote::Bar;
use crate::time::{Calendar, Date, TradingDay};
use crate::value::{Price, UNITS_PER_CENT};

/// A cash dividend, in split-adjusted dollars a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dividend {
    /// First day on which a buyer no longer receives it.
    pub ex_date: Date,
    /// Split-adjusted amount a share.
    pub amount: Price,
}

/// A split: `new` shares for each `old` from the effective date on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// First session at the new price.
    pub effective: Date,
    /// Shares after, per one before. Only whole-number splits are applied by rule; others freeze the symbol.
    pub new_per_old: i64,
}

/// One symbol's daily history.
#[derive(Clone, Debug, Default)]
pub struct SymbolHistory {
    /// Split-adjusted bars, rising by day, every session present between the first and the last.
    pub bars: Vec<Bar>,
    /// Rising by ex-date.
    pub dividends: Vec<Dividend>,
    /// Rising by effective date.
    pub splits: Vec<Split>,
    /// Earnings dates, rising; `None` where the symbol does not report (funds).
    pub earnings: Option<Vec<Date>>,
    /// 30-day implied-volatility index of this symbol in percent, rising by day; empty where none is listed.
    pub volatility: Vec<(Date, f64)>,
}

/// One day of the index volatility term structure, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolatilityDay {
    /// The day.
    pub date: Date,
    /// 30-day index.
    pub vix: f64,
    /// 9-day index, where listed.
    pub vix9d: Option<f64>,
    /// 93-day index, where listed.
    pub vix3m: Option<f64>,
}

/// One day of Treasury yields, in percent a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateDay {
    /// The day.
    pub date: Date,
    /// Yield per tenor in months (1, 3, 6, 12, 24), where published.
    pub yields: [Option<f64>; 5],
}

/// Tenors of [`RateDay::yields`], in months.
pub const TENOR_MONTHS: [u32; 5] = [1, 3, 6, 12, 24];

/// A checked set of histories that share one calendar.
#[derive(Clone, Debug)]
pub struct History {
    /// Rising by symbol.
    pub symbols: Vec<(Symbol, SymbolHistory)>,
    /// Rising by date.
    pub volatility: Vec<VolatilityDay>,
    /// Rising by date.
    pub rates: Vec<RateDay>,
    /// The day from which the split tables are complete.
    pub splits_complete_since: Date,
    /// Whether the market was generated and never existed.
    pub simulated: bool,
    /// Where it comes from, for reports: a folder's name, or the generator with its seed.
    pub source: String,
}

/// Why a set of histories is not sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{symbol}: {problem}")]
pub struct HistoryError {
    /// The series that is at fault.
    pub symbol: String,
    /// The day at fault, where there is one.
    pub day: Option<Date>,
    /// The column at fault.
    pub field: &'static str,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl SymbolHistory {
    /// The product of all splits effective after `date`: a split-adjusted price times this is the price of that day.
    #[must_use]
    pub fn factor(&self, date: Date) -> i64 {
        self.splits.iter().filter(|s| s.effective > date).map(|s| s.new_per_old).product()
    }

    /// A split-adjusted price in the money of `date`, to the cent as exchanges print it.
    #[must_use]
    pub fn of_day(&self, adjusted: Price, date: Date) -> Price {
        let units = adjusted.units() * self.factor(date);
        Price::from_units((units + UNITS_PER_CENT / 2).div_euclid(UNITS_PER_CENT) * UNITS_PER_CENT)
    }

    /// The position of the bar of `day`.
    #[must_use]
    pub fn index_of(&self, day: TradingDay) -> Option<usize> {
        self.bars.binary_search_by_key(&day, |b| b.day).ok()
    }

    /// Checks one symbol's bars and actions.
    ///
    /// # Errors
    /// [`HistoryError`] for a price that is not positive, high or low that do not span open and close, bars out of order
    /// or twice, a day that is no session, and a missing session.
    pub fn check(&self, symbol: Symbol, calendar: &Calendar) -> Result<(), HistoryError> {
        let fault = |day: Date, field, problem: String| HistoryError {
            symbol: symbol.to_string(),
            day: Some(day),
            field,
            problem,
        };
        for (i, bar) in self.bars.iter().enumerate() {
            let date = bar.day.date();
            for (field, price) in [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close)] {
                if price <= Price::ZERO {
                    return Err(fault(
                        date,
                        field,
                        format!("{field} of {date} is {price}; expected a price above zero"),
                    ));
                }
            }
            let span = bar.low..=bar.high;
            for (field, price) in [("open", bar.open), ("close", bar.close)] {
                if !span.contains(&price) {
                    return Err(fault(
                        date,
                        field,
                        format!(
                            "{field} of {date} is {price}; expected it between the day's low {} and high {}",
                            bar.low, bar.high
                        ),
                    ));
                }
            }
            if calendar.session(date).is_none() {
                return Err(fault(date, "date", format!("{date} is not an NYSE session; expected trading days only")));
            }
            let Some(previous) = i.checked_sub(1).map(|p| self.bars[p].day) else { continue };
            if bar.day == previous {
                return Err(fault(date, "date", format!("{date} stands twice; expected each session once")));
            }
            if bar.day < previous {
                return Err(fault(
                    date,
                    "date",
                    format!("{date} follows {previous}; expected bars in rising order of date"),
                ));
            }
            let expected = calendar.next(previous);
            if bar.day != expected {
                return Err(fault(
                    date,
                    "date",
                    format!("{date} follows {previous}; the session of {expected} is missing"),
                ));
            }
        }
        for split in &self.splits {
            if split.new_per_old < 1 {
                return Err(fault(
                    split.effective,
                    "new_shares_per_old",
                    format!(
                        "split of {} is {}; expected a whole number of at least 1",
                        split.effective, split.new_per_old
                    ),
                ));
            }
        }
        if let Some(dividend) = self.dividends.iter().find(|d| d.amount < Price::ZERO) {
            return Err(fault(
                dividend.ex_date,
                "amount",
                format!("dividend of {} is {}; expected zero or more", dividend.ex_date, dividend.amount),
            ));
        }
        Ok(())
    }
}

impl History {
    /// The history of `symbol`.
    #[must_use]
    pub fn symbol(&self, symbol: Symbol) -> Option<&SymbolHistory> {
        self.symbols.binary_search_by_key(&symbol, |(s, _)| *s).ok().map(|i| &self.symbols[i].1)
    }
}
