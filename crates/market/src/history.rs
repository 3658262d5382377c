//! Daily history of a set of symbols with its corporate actions, volatility indices and rates, and prices of the day.
//!
//! Bars and dividends are stored as they come, adjusted for every split that the history knows;
//! [`SymbolHistory::factor`] turns them back into the prices of a day. A history is checked when it is built: what a
//! [`History`] holds is sound.

mod check;

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

/// A quarter of an hour of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntradayBar {
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
}

/// One session in bars of a quarter of an hour, from its opening to its close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntradaySession {
    /// The session.
    pub day: TradingDay,
    /// Rising in time, none missing: 26, or 14 where trading ends at 13:00.
    pub bars: Vec<IntradayBar>,
}

impl IntradaySession {
    /// Minutes of a bar.
    pub const MINUTES: i64 = 15;

    /// The bars that begin from one number of minutes after the opening to before another, as far as the session goes.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> &[IntradayBar] {
        let at = |minutes: i64| usize::try_from(minutes / Self::MINUTES).map_or(0, |bar| bar.min(self.bars.len()));
        self.bars.get(at(from)..at(to)).unwrap_or(&[])
    }
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
    /// Index of the next session, in business time, where at hand.
    pub vix1d: Option<f64>,
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

/// An index that others compute and publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedIndex {
    /// Its ticker.
    pub symbol: Symbol,
    /// Closes in points, rising by date.
    pub closes: Vec<(Date, Price)>,
}

/// A checked set of histories that share one calendar.
#[derive(Clone, Debug)]
pub struct History {
    /// Rising by symbol.
    pub symbols: Vec<(Symbol, SymbolHistory)>,
    /// Rising by date.
    pub volatility: Vec<VolatilityDay>,
    /// Rising by date.
    pub rates: Vec<RateDay>,
    /// Indices that others compute and publish, to stand beside a run.
    pub indices: Vec<PublishedIndex>,
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

/// `adjusted` times `factor`, to the nearest cent, halves up.
pub(crate) fn to_cents(adjusted: Price, factor: i64) -> Price {
    let units = adjusted.units().checked_mul(factor).expect("price overflow");
    Price::from_units((units + UNITS_PER_CENT / 2).div_euclid(UNITS_PER_CENT) * UNITS_PER_CENT)
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
        to_cents(adjusted, self.factor(date))
    }

    /// The position of the bar of `day`.
    #[must_use]
    pub fn index_of(&self, day: TradingDay) -> Option<usize> {
        self.bars.binary_search_by_key(&day, |b| b.day).ok()
    }

    /// Checks one symbol's series.
    ///
    /// # Errors
    /// [`HistoryError`] for a price that is not positive, high or low that do not span open and close, a day that is no
    /// session, a missing session, dates out of order or twice, a split of less than 1 or not on a session, a negative
    /// dividend, and a volatility that is not positive.
    pub fn check(&self, symbol: Symbol, calendar: &Calendar) -> Result<(), HistoryError> {
        check::symbol(self, symbol, calendar)
    }
}

impl History {
    /// The history of `symbol`.
    #[must_use]
    pub fn symbol(&self, symbol: Symbol) -> Option<&SymbolHistory> {
        self.symbols.binary_search_by_key(&symbol, |(s, _)| *s).ok().map(|i| &self.symbols[i].1)
    }

    /// Checks the whole set: symbols once and in order, each symbol's series, volatility indices and yields.
    ///
    /// # Errors
    /// [`HistoryError`] with the series, day and field at fault.
    pub fn check(&self, calendar: &Calendar) -> Result<(), HistoryError> {
        check::whole(self, calendar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn with_splits(splits: &[(&str, i64)]) -> SymbolHistory {
        let splits = splits.iter().map(|(day, n)| Split { effective: date(day), new_per_old: *n }).collect();
        SymbolHistory { splits, ..SymbolHistory::default() }
    }

    /// Splits of the five symbols, with the close before each as printed then and as adjusted today.
    #[test]
    fn prices_of_the_day_are_those_that_were_printed() {
        let tesla = with_splits(&[("2020-08-31", 5), ("2022-08-25", 3)]);
        let apple = with_splits(&[("2020-08-31", 4)]);
        let amazon = with_splits(&[("2022-06-06", 20)]);
        let nvidia = with_splits(&[("2021-07-20", 4), ("2024-06-10", 10)]);
        for (history, day, factor, adjusted, printed) in [
            (&tesla, "2020-08-28", 15, 1_475_600, 221_340),
            (&tesla, "2020-08-31", 3, 1_661_067, 49_832),
            (&tesla, "2022-08-24", 3, 2_970_967, 89_129),
            (&tesla, "2022-08-25", 1, 2_960_700, 29_607),
            (&apple, "2020-08-28", 4, 1_248_075, 49_923),
            (&apple, "2020-08-31", 1, 1_290_400, 12_904),
            (&amazon, "2022-06-03", 20, 1_223_500, 244_700),
            (&amazon, "2022-06-06", 1, 1_247_900, 12_479),
            (&nvidia, "2021-07-19", 40, 187_798, 75_119),
            (&nvidia, "2021-07-20", 10, 186_120, 18_612),
            (&nvidia, "2024-06-07", 10, 1_208_880, 120_888),
            (&nvidia, "2024-06-10", 1, 1_217_900, 12_179),
        ] {
            assert_eq!(history.factor(date(day)), factor, "{day}");
            assert_eq!(history.of_day(Price::from_units(adjusted), date(day)), Price::cents(printed), "{day}");
        }
    }

    #[test]
    fn a_price_of_the_day_is_rounded_to_the_cent_halves_up() {
        let history = with_splits(&[("2020-08-31", 3)]);
        for (adjusted, printed) in [(350, 11), (349, 10), (50, 2), (49, 1)] {
            assert_eq!(history.of_day(Price::from_units(adjusted), date("2020-08-28")), Price::cents(printed));
        }
    }
}
