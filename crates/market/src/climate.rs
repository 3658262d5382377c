//! What a decision looks at beside the chains: the index, VIX and each symbol, to the close before the session.
//!
//! [`ClimateTape`] and [`UnderlyingTape`] take one session at a time, for a market that is still going on. [`Tape`]
//! runs them over a whole history and keeps the answer for each session, so that a replay looks up and computes
//! nothing.

use std::collections::VecDeque;

use crate::history::{History, RateDay, SymbolHistory, to_cents};
use crate::indicator::{Atr, Mean, Sma};
use crate::instrument::Symbol;
use crate::quote::{Bar, Climate, Earnings, NextDividend, Underlying};
use crate::time::{Calendar, Date, TradingDay, date_of_number, day_number, days_between};
use crate::value::Price;

/// A Treasury yield older than this many days is not known: longer than any holiday leaves it unpublished.
const OLDEST_YIELD: i64 = 7;

/// Closes that an IV rank looks back on: a year of sessions.
const RANKED: usize = 252;

/// How far each figure looks, in sessions where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// Moving average of the index (M-1).
    pub trend_average: usize,
    /// How long before that average is compared with itself (M-1).
    pub trend_lookback: usize,
    /// VIX closes in the mean (M-2).
    pub vix_mean: usize,
    /// Moving average of each symbol (M-3).
    pub support_average: usize,
    /// Wilder's average true range.
    pub atr: usize,
    /// Bars before the average true range is used (M).
    pub atr_bars: u32,
    /// First and last calendar day after a report on which the next is expected while its date is not known (E-6).
    pub earnings_expected: (u32, u32),
}

impl Default for Spans {
    /// The protocol's defaults.
    fn default() -> Self {
        Spans {
            trend_average: 20,
            trend_lookback: 5,
            vix_mean: 252,
            support_average: 50,
            atr: 14,
            atr_bars: 15,
            earnings_expected: (84, 98),
        }
    }
}

/// The index and VIX, session by session.
#[derive(Clone, Debug)]
pub struct ClimateTape {
    average: Sma,
    earlier: VecDeque<Option<Price>>,
    lookback: usize,
    vix: Mean,
    vix_closes: u32,
    index_bars: u32,
}

impl ClimateTape {
    /// Before the first session.
    #[must_use]
    pub fn new(spans: &Spans) -> Self {
        ClimateTape {
            average: Sma::new(spans.trend_average),
            earlier: VecDeque::with_capacity(spans.trend_lookback + 1),
            lookback: spans.trend_lookback,
            vix: Mean::new(spans.vix_mean),
            vix_closes: 0,
            index_bars: 0,
        }
    }

    /// Takes the VIX close, in percent, of a session of which the index has no bar: those before its first.
    pub fn vix(&mut self, percent: f64) -> i64 {
        let hundredths = hundredths(percent);
        self.vix.push(hundredths);
        self.vix_closes += 1;
        hundredths
    }

    /// Takes a session's closes, VIX in percent where it has one, and gives the figures to this close. `symbol_bars` is
    /// the fewest bars that any symbol of the universe has by now.
    pub fn close(&mut self, day: TradingDay, index: Price, vix: Option<f64>, symbol_bars: u32) -> Climate {
        self.average.push(index);
        self.index_bars += 1;
        let average = self.average.value();
        self.earlier.push_back(average);
        let due = self.earlier.len() > self.lookback;
        let vix = vix.map(|percent| self.vix(percent));
        Climate {
            as_of: day,
            index_close: index,
            index_sma20: average,
            index_sma20_before: if due { self.earlier.pop_front().flatten() } else { None },
            vix,
            vix_mean: self.vix.value(),
            vix_closes: self.vix_closes,
            index_bars: self.index_bars,
            symbol_bars,
        }
    }
}

/// One symbol, session by session, on split-adjusted bars.
#[derive(Clone, Debug)]
pub struct UnderlyingTape {
    symbol: Symbol,
    average: Sma,
    atr: Atr,
    atr_bars: u32,
    close: Option<Price>,
    bars: u32,
}

impl UnderlyingTape {
    /// Before the first bar.
    #[must_use]
    pub fn new(symbol: Symbol, spans: &Spans) -> Self {
        let (average, atr) = (Sma::new(spans.support_average), Atr::new(spans.atr));
        UnderlyingTape { symbol, average, atr, atr_bars: spans.atr_bars, close: None, bars: 0 }
    }

    /// Takes a session's bar once it is over.
    pub fn push(&mut self, bar: &Bar) {
        self.average.push(bar.close);
        self.atr.push(bar);
        self.close = Some(bar.close);
        self.bars += 1;
    }

    /// Bars taken so far.
    #[must_use]
    pub const fn bars(&self) -> u32 {
        self.bars
    }

    /// What is known in the session after the last bar, at `price` of that day, with bars brought to the day's shares
    /// by `factor` ([`SymbolHistory::factor`]); `None` before the first bar.
    #[must_use]
    pub fn at(
        &self,
        price: Price,
        factor: i64,
        earnings: Earnings,
        dividend: Option<NextDividend>,
    ) -> Option<Underlying> {
        Some(Underlying {
            symbol: self.symbol,
            price,
            previous_close: to_cents(self.close?, factor),
            atr: if self.bars < self.atr_bars { None } else { self.atr.times(factor) },
            sma50: self.average.times(factor),
            earnings,
            iv_rank: None,
            dividend,
        })
    }
}

/// The next report as it is known on `day` from a table of reports, rising (E-6).
///
/// A date in the table counts as announced. After the last one the next is expected `expected` days later, first to
/// last; a day after that span, or longer before the first date than the span reaches, is not covered by the table.
#[must_use]
pub fn next_earnings(reports: Option<&[Date]>, day: Date, expected: (u32, u32)) -> Earnings {
    let Some(reports) = reports else { return Earnings::None };
    let passed = reports.partition_point(|report| *report < day);
    let later = |report: Date, days: u32| date_of_number(day_number(report) + i64::from(days));
    match (passed.checked_sub(1).map(|i| reports[i]), reports.get(passed)) {
        (Some(_), Some(next)) => Earnings::On(*next),
        (None, Some(first)) if days_between(day, *first) <= i64::from(expected.1) => Earnings::On(*first),
        (Some(last), None) => match (later(last, expected.0), later(last, expected.1)) {
            (Some(from), Some(to)) if day <= to => Earnings::Between(from, to),
            _ => Earnings::Unknown,
        },
        (None, _) => Earnings::Unknown,
    }
}

/// Why a tape cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the history has no bars of {symbol}; expected the index and every symbol of the universe")]
pub struct MissingHistory {
    /// Whose bars are missing.
    pub symbol: Symbol,
}

/// Where the last volatility before `day` stands among its last 252 values: (value − lowest) / (highest − lowest), in
/// parts per million. `None` with fewer values, or where they are all the same.
#[must_use]
pub fn iv_rank(volatility: &[(Date, f64)], day: Date) -> Option<i64> {
    let through = volatility.partition_point(|(date, _)| *date < day);
    let year = &volatility[through.checked_sub(RANKED)?..through];
    let values = || year.iter().map(|(_, points)| hundredths(*points));
    let (low, high, last) = (values().min()?, values().max()?, values().next_back()?);
    (high > low).then(|| (last - low) * 1_000_000 / (high - low))
}

/// Every session of a history with all that is known in it.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    days: Vec<TradingDay>,
    climates: Vec<Climate>,
    bill_rates: Vec<Option<i64>>,
    underlyings: Vec<Underlying>,
    /// Per session, where its underlyings end.
    ends: Vec<usize>,
}

/// One session's close: the parts of a [`crate::quote::Board`] that are no chains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment<'a> {
    /// The session.
    pub day: TradingDay,
    /// Figures to the previous close.
    pub climate: Climate,
    /// Each symbol of the universe that traded on this day and the session before, rising.
    pub underlyings: &'a [Underlying],
    /// One-month Treasury yield at the previous close, in hundredths of a basis point; absent where none was published
    /// in the seven days before.
    pub bill_rate: Option<i64>,
}

impl Tape {
    /// Runs over the bars of `index`: a session for each but the first, which has no close before it. The index stays
    /// in adjusted prices, the universe stands in prices of the day.
    ///
    /// # Errors
    /// [`MissingHistory`] if the index or a symbol of the universe has no bars.
    pub fn new(
        history: &History,
        index: Symbol,
        universe: &[Symbol],
        calendar: &Calendar,
        spans: &Spans,
    ) -> Result<Tape, MissingHistory> {
        let bars = &traded(history, index)?.bars;
        let mut lines = lines(history, universe, spans)?;
        let mut climate = ClimateTape::new(spans);
        let mut volatility = history.volatility.iter().filter(|v| calendar.session(v.date).is_some()).peekable();
        let mut tape = Tape::with_capacity(bars.len(), lines.len());
        let mut known: Option<Climate> = None;
        for bar in bars {
            if let Some(climate) = known {
                tape.push(bar.day, climate, &lines, &history.rates, spans);
            }
            lines.iter_mut().for_each(|line| line.pass(bar.day));
            while let Some(before) = volatility.next_if(|v| v.date < bar.day.date()) {
                climate.vix(before.vix);
            }
            let vix = volatility.next_if(|v| v.date == bar.day.date()).map(|v| v.vix);
            let fewest = lines.iter().map(|line| line.tape.bars()).min().unwrap_or(0);
            known = Some(climate.close(bar.day, bar.close, vix, fewest));
        }
        Ok(tape)
    }

    /// The sessions, rising.
    #[must_use]
    pub fn days(&self) -> &[TradingDay] {
        &self.days
    }

    /// The position of `day` among the sessions.
    #[must_use]
    pub fn position(&self, day: TradingDay) -> Option<usize> {
        self.days.binary_search(&day).ok()
    }

    /// The session at `position`; `None` past the last.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<Moment<'_>> {
        let day = *self.days.get(position)?;
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(Moment {
            day,
            climate: self.climates[position],
            underlyings: &self.underlyings[start..self.ends[position]],
            bill_rate: self.bill_rates[position],
        })
    }

    /// All sessions, rising.
    pub fn moments(&self) -> impl Iterator<Item = Moment<'_>> {
        (0..self.days.len()).filter_map(|position| self.at(position))
    }

    fn with_capacity(sessions: usize, symbols: usize) -> Tape {
        Tape {
            days: Vec::with_capacity(sessions),
            climates: Vec::with_capacity(sessions),
            bill_rates: Vec::with_capacity(sessions),
            underlyings: Vec::with_capacity(sessions * symbols),
            ends: Vec::with_capacity(sessions),
        }
    }

    fn push(&mut self, day: TradingDay, climate: Climate, lines: &[Line<'_>], rates: &[RateDay], spans: &Spans) {
        self.days.push(day);
        self.climates.push(climate);
        self.bill_rates.push(bill_rate(rates, climate.as_of.date()));
        self.underlyings.extend(lines.iter().filter_map(|line| line.at(day, spans)));
        self.ends.push(self.underlyings.len());
    }
}

/// The one-month yield last published on or before `date`, in hundredths of a basis point (10,000 is 1%); `None` if
/// that was more than seven days earlier.
#[must_use]
pub fn bill_rate(rates: &[RateDay], date: Date) -> Option<i64> {
    let through = rates.partition_point(|rate| rate.date <= date);
    let recent = rates[..through].iter().rev().take_while(|rate| days_between(rate.date, date) <= OLDEST_YIELD);
    recent.filter_map(|rate| rate.yields[0]).next().map(|percent| (percent * 10_000.0).round() as i64)
}

/// One symbol's bars with the place that the tape has reached.
struct Line<'a> {
    history: &'a SymbolHistory,
    next: usize,
    tape: UnderlyingTape,
}

impl Line<'_> {
    /// What is known at the close of `day`, whose bar is the next.
    fn at(&self, day: TradingDay, spans: &Spans) -> Option<Underlying> {
        let bar = self.history.bars.get(self.next).filter(|bar| bar.day == day)?;
        let factor = self.history.factor(day.date());
        let earnings = next_earnings(self.history.earnings.as_deref(), day.date(), spans.earnings_expected);
        let known = self.tape.at(to_cents(bar.close, factor), factor, earnings, self.dividend(day, factor))?;
        Some(Underlying { iv_rank: iv_rank(&self.history.volatility, day.date()), ..known })
    }

    /// The next dividend after `day`. Companies declare it some weeks ahead; how much longer it counts as known here
    /// touches no option that is so short.
    fn dividend(&self, day: TradingDay, factor: i64) -> Option<NextDividend> {
        let dividends = &self.history.dividends;
        let next = dividends.get(dividends.partition_point(|d| d.ex_date <= day.date()))?;
        Some(NextDividend { ex: next.ex_date, amount: Price::from_units(next.amount.units() * factor) })
    }

    fn pass(&mut self, day: TradingDay) {
        while let Some(bar) = self.history.bars.get(self.next).filter(|bar| bar.day <= day) {
            self.tape.push(bar);
            self.next += 1;
        }
    }
}

fn lines<'a>(history: &'a History, universe: &[Symbol], spans: &Spans) -> Result<Vec<Line<'a>>, MissingHistory> {
    let mut symbols = universe.to_vec();
    symbols.sort_unstable();
    symbols.dedup();
    let line = |symbol| {
        let history = traded(history, symbol)?;
        Ok(Line { history, next: 0, tape: UnderlyingTape::new(symbol, spans) })
    };
    symbols.into_iter().map(line).collect()
}

fn traded(history: &History, symbol: Symbol) -> Result<&SymbolHistory, MissingHistory> {
    history.symbol(symbol).filter(|series| !series.bars.is_empty()).ok_or(MissingHistory { symbol })
}

fn hundredths(percent: f64) -> i64 {
    (percent * 100.0).round() as i64
}
