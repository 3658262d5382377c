//! Indicators over daily closes and bars, in exact integers: one rounding, where a figure is read.
//!
//! Each is a small machine that takes one session at a time and allocates only when it is made; the functions of the
//! same name run it over a whole series. Figures over split-adjusted prices are read in the shares of a day by the
//! factor of [`crate::history::SymbolHistory::factor`], before they are rounded. A period of 0 counts as 1.

use std::collections::VecDeque;

use crate::math;
use crate::quote::Bar;
use crate::value::Price;

/// Sessions in a year, to annualise a daily volatility.
pub const SESSIONS_PER_YEAR: f64 = 252.0;

/// Mean of the last values, in whole numbers.
#[derive(Clone, Debug)]
pub struct Mean {
    period: usize,
    values: VecDeque<i64>,
    sum: i128,
}

impl Mean {
    /// Of the last `period` values.
    #[must_use]
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Mean { period, values: VecDeque::with_capacity(period), sum: 0 }
    }

    /// Takes the next value.
    pub fn push(&mut self, value: i64) {
        if self.values.len() == self.period {
            self.sum -= self.values.pop_front().map_or(0, i128::from);
        }
        self.values.push_back(value);
        self.sum += i128::from(value);
    }

    /// The mean, rounded to the nearest whole number, halves up; `None` before `period` values.
    #[must_use]
    pub fn value(&self) -> Option<i64> {
        self.times(1)
    }

    /// The mean times `factor`, rounded once.
    #[must_use]
    pub fn times(&self, factor: i64) -> Option<i64> {
        (self.values.len() == self.period)
            .then(|| rounded(self.sum * i128::from(factor), self.period as i128))
            .map(|mean| i64::try_from(mean).expect("mean overflow"))
    }
}

/// Simple moving average of closes.
#[derive(Clone, Debug)]
pub struct Sma(Mean);

impl Sma {
    /// Of the last `period` closes.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Sma(Mean::new(period))
    }

    /// Takes the next close.
    pub fn push(&mut self, close: Price) {
        self.0.push(close.units());
    }

    /// The average, rounded to the nearest ten-thousandth, halves up; `None` before `period` closes.
    #[must_use]
    pub fn value(&self) -> Option<Price> {
        self.times(1)
    }

    /// The average of prices that are `factor` times as high, rounded once.
    #[must_use]
    pub fn times(&self, factor: i64) -> Option<Price> {
        self.0.times(factor).map(Price::from_units)
    }
}

/// Parts of a ten-thousandth of a dollar in which [`Atr`] carries its average: 10⁻⁹ dollars.
const PARTS: i128 = 100_000;

/// Average true range: Wilder, New Concepts in Technical Trading Systems (1978), chapter 3.
///
/// A session's true range is the longest of high − low, |high − previous close|, |low − previous close|; the very first
/// is high − low. The average begins as the mean of the first n true ranges and then moves by 1/n of each new one. It
/// is carried to 10⁻⁹ dollars, rounded half up, so that at n = 14 it never errs by more than 10⁻⁸ dollars.
#[derive(Clone, Debug)]
pub struct Atr {
    period: i128,
    seen: i128,
    /// Sum of the first true ranges in parts, then the average in parts.
    carried: i128,
    close: Option<Price>,
}

impl Atr {
    /// Over `period` sessions; Wilder's own is 14.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Atr { period: period.max(1) as i128, seen: 0, carried: 0, close: None }
    }

    /// Takes the next session.
    pub fn push(&mut self, bar: &Bar) {
        let range = i128::from(true_range(bar, self.close).units()) * PARTS;
        self.close = Some(bar.close);
        self.seen += 1;
        self.carried = if self.seen < self.period {
            self.carried + range
        } else if self.seen == self.period {
            rounded(self.carried + range, self.period)
        } else {
            rounded(self.carried * (self.period - 1) + range, self.period)
        };
    }

    /// The average, rounded to the nearest ten-thousandth, halves up; `None` before `period` sessions.
    #[must_use]
    pub fn value(&self) -> Option<Price> {
        self.times(1)
    }

    /// The average over prices that are `factor` times as high, rounded once.
    #[must_use]
    pub fn times(&self, factor: i64) -> Option<Price> {
        (self.seen >= self.period)
            .then(|| rounded(self.carried * i128::from(factor), PARTS))
            .map(|units| Price::from_units(i64::try_from(units).expect("price overflow")))
    }
}

/// The true range of `bar` after a session that closed at `previous`; high − low without one.
#[must_use]
pub fn true_range(bar: &Bar, previous: Option<Price>) -> Price {
    let high = previous.map_or(bar.high, |close| bar.high.max(close));
    let low = previous.map_or(bar.low, |close| bar.low.min(close));
    high - low
}

/// Close-to-close volatility: the sample deviation of daily log returns, annualised by 252 sessions (Hull, Options,
/// Futures, and Other Derivatives, 10th edition 2018, section 15.4).
#[derive(Clone, Debug)]
pub struct RealisedVolatility {
    period: usize,
    returns: VecDeque<f64>,
    log_close: Option<f64>,
}

impl RealisedVolatility {
    /// Over the last `period` returns, at least two.
    #[must_use]
    pub fn new(period: usize) -> Self {
        let period = period.max(2);
        RealisedVolatility { period, returns: VecDeque::with_capacity(period), log_close: None }
    }

    /// Takes the next close, which must be above zero.
    pub fn push(&mut self, close: Price) {
        let log = math::ln(close.to_f64());
        if let Some(before) = self.log_close.replace(log) {
            if self.returns.len() == self.period {
                self.returns.pop_front();
            }
            self.returns.push_back(log - before);
        }
    }

    /// The volatility a year (0.25 is 25%); `None` before `period` returns.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.returns.len() == self.period).then(|| {
            let n = self.period as f64;
            let mean = self.returns.iter().sum::<f64>() / n;
            let squares: f64 = self.returns.iter().map(|r| (r - mean) * (r - mean)).sum();
            (squares / (n - 1.0) * SESSIONS_PER_YEAR).sqrt()
        })
    }
}

/// [`Sma`] after each close.
#[must_use]
pub fn sma(closes: &[Price], period: usize) -> Vec<Option<Price>> {
    let mut sma = Sma::new(period);
    closes
        .iter()
        .map(|close| {
            sma.push(*close);
            sma.value()
        })
        .collect()
}

/// [`Atr`] after each session.
#[must_use]
pub fn atr(bars: &[Bar], period: usize) -> Vec<Option<Price>> {
    let mut atr = Atr::new(period);
    bars.iter()
        .map(|bar| {
            atr.push(bar);
            atr.value()
        })
        .collect()
}

/// [`RealisedVolatility`] after each close.
#[must_use]
pub fn realised_volatility(closes: &[Price], period: usize) -> Vec<Option<f64>> {
    let mut volatility = RealisedVolatility::new(period);
    closes
        .iter()
        .map(|close| {
            volatility.push(*close);
            volatility.value()
        })
        .collect()
}

/// `numerator / denominator` to the nearest whole number, halves up.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{TradingDay, date_of_number};
    use proptest::prelude::*;

    fn bar(day: i64, high: i64, low: i64, close: i64) -> Bar {
        let day = TradingDay::from_record(date_of_number(day).unwrap());
        let [high, low, close] = [high, low, close].map(Price::cents);
        Bar { day, open: close, high, low, close, volume: 1 }
    }

    /// Sixty sessions between $98 and $123, in cents by formula.
    fn made_up_bars() -> Vec<Bar> {
        (0..60)
            .map(|i| {
                let close = 10_000 + (i * i * 37 + i * 91) % 2_000;
                bar(i, close + i * 53 % 300 + 1, close - i * 71 % 250 - 1, close)
            })
            .collect()
    }

    fn closes() -> Vec<Price> {
        made_up_bars().iter().map(|bar| bar.close).collect()
    }

    fn near(found: Option<f64>, expected: f64, tolerance: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() <= tolerance)
    }

    /// TA-Lib 0.8 `ATR(14)`, which skips the first bar: a bar closing at bar 0's close was put before it.
    #[test]
    fn atr_agrees_with_ta_lib() {
        let atr = atr(&made_up_bars(), 14);
        assert_eq!(atr[12], None);
        for (i, expected) in [
            (13, 7.771428571428572),
            (14, 8.041326530612245),
            (15, 8.438374635568513),
            (20, 8.582346759468042),
            (27, 7.33770773293311),
            (35, 7.895278052958268),
            (44, 9.578355074585104),
            (59, 7.148750196810749),
        ] {
            assert_eq!(atr[i], Price::from_f64(expected), "after bar {i}");
        }
    }

    /// The same figures read for prices a hundred thousand times as high show the precision that is carried.
    #[test]
    fn atr_is_carried_to_the_billionth() {
        let mut atr = Atr::new(14);
        made_up_bars().iter().for_each(|bar| atr.push(bar));
        assert!(near(atr.times(100_000).map(|p| p.to_f64() / 100_000.0), 7.148750196810749, 1e-8));
    }

    /// TA-Lib 0.8 `SMA(20)`.
    #[test]
    fn sma_agrees_with_ta_lib() {
        let sma = sma(&closes(), 20);
        assert_eq!(sma[18], None);
        for (i, expected) in [(19, 109.34), (20, 109.65), (33, 111.02), (47, 109.74), (59, 109.94)] {
            assert_eq!(sma[i], Price::from_f64(expected), "after close {i}");
        }
    }

    /// NumPy 2.4: `std(diff(log(closes))[-20:], ddof=1) * sqrt(252)`.
    #[test]
    fn realised_volatility_agrees_with_numpy() {
        let volatility = realised_volatility(&closes(), 20);
        assert_eq!(volatility[19], None);
        for (i, expected) in
            [(20, 1.218820146222386), (21, 1.226569800993028), (40, 1.2160232570067964), (59, 1.1189486797980441)]
        {
            assert!(near(volatility[i], expected, 1e-14), "after close {i}: {:?}", volatility[i]);
        }
    }

    #[test]
    fn halves_round_up() {
        let mean = |values: &[i64]| {
            let mut mean = Mean::new(values.len());
            values.iter().for_each(|value| mean.push(*value));
            mean.value()
        };
        assert_eq!(mean(&[1, 2]), Some(2));
        assert_eq!(mean(&[-1, -2]), Some(-1));
        assert_eq!(mean(&[1, 1, 2]), Some(1));
    }

    #[test]
    fn true_range_reaches_to_the_previous_close() {
        let bar = bar(0, 1_050, 1_000, 1_020);
        for (previous, range) in [(None, 50), (Some(1_010), 50), (Some(1_100), 100), (Some(900), 150)] {
            assert_eq!(true_range(&bar, previous.map(Price::cents)), Price::cents(range));
        }
    }

    proptest! {
        #[test]
        fn a_moving_mean_is_the_mean_of_its_window(
            values in prop::collection::vec(-1_000_000i64..1_000_000, 1..60),
            n in 1usize..20,
        ) {
            let closes: Vec<Price> = values.iter().map(|v| Price::from_units(*v)).collect();
            for (i, found) in sma(&closes, n).into_iter().enumerate() {
                let expected = (i + 1 >= n).then(|| {
                    let sum: i64 = values[i + 1 - n..=i].iter().sum();
                    Price::from_units((2 * sum + n as i64).div_euclid(2 * n as i64))
                });
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn a_factor_scales_before_it_rounds(n in 1usize..30, factor in 1i64..50) {
            let (mut one, mut many) = (Atr::new(n), Atr::new(n));
            for bar in made_up_bars() {
                one.push(&bar);
                let [open, high, low, close] =
                    [bar.open, bar.high, bar.low, bar.close].map(|p| Price::from_units(p.units() * factor));
                many.push(&Bar { open, high, low, close, ..bar });
            }
            let difference = one.times(factor).unwrap().distance(many.value().unwrap());
            prop_assert!(difference <= Price::from_units(1));
        }
    }
}
