//! Two published ways of writing options on the S&P 500, computed from its closes and a model of its options.
//!
//! *Buy-write* (Whaley 2002, "Return and Risk of CBOE Buy Write Monthly Index", The Journal of Derivatives 10; Cboe's
//! description of BXM): the index is held with its dividends, and on each third Friday a call is written that expires
//! on the next one, at the first strike above the index. From one close to the next the portfolio grows by (index +
//! dividends − call) over (index − call) before. *Put-write* (Cboe's methodology of PUT): cash lies in one-month bills,
//! and on each third Friday as many puts at the first strike not above the index are written as the bills can pay for
//! at their expiration, whatever the index does: N = value / (strike / (1 + bill) − put).
//!
//! By closing prices a third Friday has one moment, its close: what expires is settled at it and what is written is
//! written at it, at the model's price, with the time from close to close. The indices settle at the opening and write
//! in the hours after it; where a session's hours are known ([`Roll`]) the buy-write does the same, and the time to the
//! end of such a call is that to the opening.

use market::history::{History, IntradaySession, SymbolHistory};
use market::instrument::listing::monthly;
use market::instrument::{Right, Symbol};
use market::time::{Calendar, Expiration, TradingDay, days_between};
use pricing::black_scholes::{CashDividend, Terms};
use pricing::curve::TermStructure;
use pricing::model::PremiumModel;
use pricing::unit::Years;

use super::roll::Roll;
use super::weekly::EvidenceError;
use crate::premium;

/// Steps between the strikes of S&P 500 options near the index, in points (Cboe's specification of SPX).
const STRIKE_STEP: f64 = 5.0;
/// A month's bill stands for the rate of a month's option.
const MONTH: u32 = 30;

/// The S&P 500's ticker.
pub const INDEX: &str = "SPX";

/// The close of one session, and what options written on it need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Close {
    /// The session.
    pub day: TradingDay,
    /// The index, in points.
    pub index: f64,
    /// Dividends that went ex since the close before, in points.
    pub dividends: f64,
    /// If options expire on this session, when the next ones do.
    pub next: Option<Expiration>,
    /// When on their last session those settle.
    pub settlement: Settlement,
    /// The session's hours if options expire on it, where they are known.
    pub roll: Option<Roll>,
}

/// When on its last session an option settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// At the opening, as the S&P 500's monthly options do.
    Opening,
    /// At the close: what closing prices can say.
    Close,
}

/// When an option is priced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment<'a> {
    /// At a session's close, by what is known then.
    Close(&'a Close),
    /// In the middle of a roll's hours, by what was known at the close before.
    Midday(&'a Close, &'a Roll),
}

impl Moment<'_> {
    /// The session.
    #[must_use]
    pub const fn day(&self) -> TradingDay {
        match self {
            Moment::Close(close) | Moment::Midday(close, _) => close.day,
        }
    }

    /// The index, in points.
    #[must_use]
    pub const fn index(&self) -> f64 {
        match self {
            Moment::Close(close) => close.index,
            Moment::Midday(_, roll) => roll.midday,
        }
    }

    /// The session whose closing figures are the latest known.
    #[must_use]
    pub const fn known(&self) -> TradingDay {
        match self {
            Moment::Close(close) => close.day,
            Moment::Midday(_, roll) => roll.known,
        }
    }
}

/// An option of the index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written {
    /// Put or call.
    pub right: Right,
    /// Strike, in points.
    pub strike: f64,
    /// Its last session.
    pub expiration: Expiration,
    /// When on that session it settles.
    pub settlement: Settlement,
}

impl Written {
    /// What it pays at its end.
    #[must_use]
    pub fn settled(&self, index: f64) -> f64 {
        match self.right {
            Right::Call => (index - self.strike).max(0.0),
            Right::Put => (self.strike - index).max(0.0),
        }
    }
}

/// What the methods ask of a market.
pub trait Market {
    /// What an option is worth at a moment, in points.
    ///
    /// # Errors
    /// If it cannot be said.
    fn price(&self, at: &Moment<'_>, option: &Written) -> Result<f64, EvidenceError>;

    /// What a dollar in one-month bills becomes in so many calendar days.
    ///
    /// # Errors
    /// If it cannot be said.
    fn bill(&self, at: &Close, days: i64) -> Result<f64, EvidenceError>;
}

/// A call that was sold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sale<'a> {
    /// When.
    pub at: Moment<'a>,
    /// What.
    pub call: Written,
    /// For how much, in points.
    pub price: f64,
}

/// The call sold on a session on which options expire, at its midday or else at its close.
fn sale<'a>(close: &'a Close, market: &impl Market) -> Result<Option<Sale<'a>>, EvidenceError> {
    let Some(expiration) = close.next else { return Ok(None) };
    let (at, level) = match &close.roll {
        Some(roll) => (Moment::Midday(close, roll), roll.reference),
        None => (Moment::Close(close), close.index),
    };
    let strike = (level / STRIKE_STEP).floor() * STRIKE_STEP + STRIKE_STEP;
    let call = Written { right: Right::Call, strike, expiration, settlement: close.settlement };
    Ok(Some(Sale { at, call, price: market.price(&at, &call)? }))
}

/// Every call that the buy-write sells.
///
/// # Errors
/// As the market's.
pub fn sales<'a>(closes: &'a [Close], market: &impl Market) -> Result<Vec<Sale<'a>>, EvidenceError> {
    closes.iter().filter_map(|close| sale(close, market).transpose()).collect()
}

/// The value of the buy-write at each close from the first third Friday on, on which it is 1 when its call is sold.
///
/// # Errors
/// As the market's.
pub fn buy_write(closes: &[Close], market: &impl Market) -> Result<Vec<(TradingDay, f64)>, EvidenceError> {
    let (mut value, mut before): (f64, Option<(f64, Written)>) = (1.0, None);
    let mut values = Vec::with_capacity(closes.len());
    for close in closes {
        let mut kept = None;
        if let Some((net, call)) = before {
            let ends = close.day.date() >= call.expiration.0;
            let index = close.roll.filter(|_| ends).map_or(close.index, |roll| roll.opening);
            let price = if ends { call.settled(index) } else { market.price(&Moment::Close(close), &call)? };
            value *= (index + close.dividends - price) / net;
            kept = Some((index - price, call));
        }
        if let Some(Sale { at, call, price }) = sale(close, market)? {
            if let Some(roll) = &close.roll {
                let uncovered = if before.is_some() { at.index() / roll.opening } else { 1.0 };
                let net = close.index - market.price(&Moment::Close(close), &call)?;
                value *= uncovered * net / (at.index() - price);
                kept = Some((net, call));
            } else {
                kept = Some((close.index - price, call));
            }
        }
        values.extend(kept.map(|_| (close.day, value)));
        before = kept;
    }
    Ok(values)
}

/// Puts that were written, and the bills behind them.
#[derive(Clone, Copy)]
struct Secured {
    put: Written,
    puts: f64,
    bills: f64,
    since: Close,
}

/// The value of the put-write at each close from the first third Friday on, which is 1.
///
/// # Errors
/// As the market's.
pub fn put_write(closes: &[Close], market: &impl Market) -> Result<Vec<(TradingDay, f64)>, EvidenceError> {
    let (mut value, mut before): (f64, Option<Secured>) = (1.0, None);
    let mut values = Vec::with_capacity(closes.len());
    for close in closes {
        if let Some(Secured { put, puts, bills, since }) = before {
            let days = days_between(since.day.date(), close.day.date());
            let ends = close.day.date() >= put.expiration.0;
            let price = if ends { put.settled(close.index) } else { market.price(&Moment::Close(close), &put)? };
            value = bills * market.bill(&since, days)? - puts * price;
        }
        if let Some(next) = close.next {
            let strike = (close.index / STRIKE_STEP).floor() * STRIKE_STEP;
            let put = Written { right: Right::Put, strike, expiration: next, settlement: Settlement::Close };
            let price = market.price(&Moment::Close(close), &put)?;
            let grown = market.bill(close, next.days_from(close.day.date()))?;
            let puts = value / (strike / grown - price);
            before = Some(Secured { put, puts, bills: value + puts * price, since: *close });
        }
        values.extend(before.map(|_| (close.day, value)));
    }
    Ok(values)
}

/// The S&P 500 as a history has it: its bars, dividends at the fund's yield, volatility from VIX and its term
/// structure at the model's level, the Treasury's yields.
pub struct Modelled<'a> {
    history: &'a History,
    calendar: &'a Calendar,
    model: PremiumModel,
    index: &'a SymbolHistory,
    fund: &'a SymbolHistory,
}

impl<'a> Modelled<'a> {
    /// The index of `history`; `fund` holds it and pays its dividends. `model` stands at the policy's level already.
    ///
    /// # Errors
    /// [`EvidenceError::Missing`] if the history has no bars of either.
    pub fn new(
        history: &'a History,
        calendar: &'a Calendar,
        model: PremiumModel,
        fund: Symbol,
    ) -> Result<Modelled<'a>, EvidenceError> {
        let of = |name: &str, what| {
            let missing = || EvidenceError::Missing { symbol: name.to_owned(), what, history: history.source.clone() };
            Symbol::new(name).ok().and_then(|s| history.symbol(s)).ok_or_else(missing)
        };
        let index = of(INDEX, "the index that the published method writes options on")?;
        let fund = of(fund.as_str(), "the fund whose dividends stand for the index's")?;
        Ok(Modelled { history, calendar, model, index, fund })
    }

    /// Every session that both have, the index's dividends being the fund's by its yield on the close before.
    #[must_use]
    pub fn closes(&self) -> Vec<Close> {
        let mut before: Option<(f64, f64, TradingDay)> = None;
        let mut closes = Vec::with_capacity(self.index.bars.len());
        for bar in &self.index.bars {
            let Some(fund) = self.fund.index_of(bar.day).map(|i| self.fund.bars[i].close.to_f64()) else { continue };
            let dividends = before.map_or(0.0, |(index, fund, last)| {
                let paid = self.paid(last, bar.day).map(|d| d.amount).sum::<f64>();
                index * paid / fund
            });
            let index = bar.close.to_f64();
            before = Some((index, fund, bar.day));
            let (next, settlement) = (self.next(bar.day), Settlement::Close);
            closes.push(Close { day: bar.day, index, dividends, next, settlement, roll: None });
        }
        closes
    }

    /// The same as far as bars within the session go, which rise by session. Calls that expire on their first session or
    /// later settle at the opening, and those expirations have their hours; the call that is held when the bars begin
    /// was still sold at a close.
    #[must_use]
    pub fn closes_within(&self, sessions: &[IntradaySession]) -> Vec<Close> {
        let Some((first, last)) = sessions.first().zip(sessions.last()) else { return Vec::new() };
        let mut closes = self.closes();
        closes.truncate(closes.partition_point(|close| close.day <= last.day));
        for close in &mut closes {
            if close.next.is_some_and(|next| next.0 >= first.day.date()) {
                close.settlement = Settlement::Opening;
            }
            let at = sessions.binary_search_by_key(&close.day, |session| session.day).ok();
            close.roll = at.filter(|_| close.next.is_some()).and_then(|at| Roll::of(&sessions[at], self.calendar));
        }
        closes
    }

    /// The fund's dividends that go ex after one session and up to another, with the time to them from the first.
    fn paid(&self, after: TradingDay, to: TradingDay) -> impl Iterator<Item = CashDividend> + '_ {
        let due = self.fund.dividends.iter().filter(move |d| d.ex_date > after.date() && d.ex_date <= to.date());
        due.map(move |d| CashDividend {
            years: Years::from_days(u32::try_from(days_between(after.date(), d.ex_date)).unwrap_or(0)),
            amount: d.amount.to_f64(),
        })
    }

    /// The next monthly expiration, if this session is one.
    fn next(&self, day: TradingDay) -> Option<Expiration> {
        let (year, month) = (day.date().year(), day.date().month());
        monthly(self.calendar, year, month).filter(|e| e.0 == day.date())?;
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        monthly(self.calendar, year, month)
    }

    fn unpriced(&self, day: TradingDay) -> EvidenceError {
        EvidenceError::Unpriced { symbol: INDEX.into(), day: day.date(), history: self.history.source.clone() }
    }

    fn modelled(&self, at: &Moment<'_>, option: &Written) -> Option<f64> {
        let known = at.known();
        let vix = premium::recent(&self.history.volatility, known.date(), |v| v.date)?;
        let curve = self.model.index_curve(TermStructure::new(vix.vix9d, vix.vix, vix.vix3m).ok()?).ok()?;
        let last = self.calendar.session(option.expiration.0)?;
        let now = match at {
            Moment::Close(close) => self.calendar.closes_at(close.day),
            Moment::Midday(_, roll) => roll.at,
        };
        let end = match option.settlement {
            Settlement::Opening => self.calendar.opens_at(last),
            Settlement::Close => self.calendar.closes_at(last),
        };
        let years = Years::from_seconds(end.as_second() - now.as_second());
        let rate = premium::rate(&self.history.rates, known.date(), years)?;
        let close = |of: &SymbolHistory| of.index_of(known).map(|i| of.bars[i].close.to_f64());
        let scale = close(self.index)? / close(self.fund)?;
        let cash = self.paid(at.day(), last).map(|d| CashDividend { amount: d.amount * scale, ..d });
        let cash: Vec<CashDividend> = cash.collect();
        let terms = Terms::with_dividends(at.index(), rate, years, &cash).ok()?;
        Some(terms.price(option.right, option.strike, curve.volatility(years)))
    }
}

impl Market for Modelled<'_> {
    fn price(&self, at: &Moment<'_>, option: &Written) -> Result<f64, EvidenceError> {
        self.modelled(at, option).ok_or_else(|| self.unpriced(at.day()))
    }

    fn bill(&self, at: &Close, days: i64) -> Result<f64, EvidenceError> {
        let rate = premium::rate(&self.history.rates, at.day.date(), Years::from_days(MONTH));
        let days = Years::from_days(u32::try_from(days).unwrap_or(0));
        rate.map(|rate| 1.0 / rate.discount(days)).ok_or_else(|| self.unpriced(at.day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prices by a table instead of a model.
    struct Table(&'static [(&'static str, f64, f64)]);

    impl Market for Table {
        fn price(&self, at: &Moment<'_>, option: &Written) -> Result<f64, EvidenceError> {
            let same = |strike: f64| strike.total_cmp(&option.strike).is_eq();
            let found = self.0.iter().find(|(day, strike, _)| date(day) == at.day().date() && same(*strike));
            Ok(found.unwrap_or_else(|| panic!("{option:?} on {at:?}")).2)
        }

        fn bill(&self, _: &Close, days: i64) -> Result<f64, EvidenceError> {
            Ok(1.0 + 0.0001 * days as f64)
        }
    }

    fn date(text: &str) -> market::time::Date {
        text.parse().unwrap()
    }

    /// Closes of three months: January's expiration, a close between, February's, and March's.
    fn closes() -> Vec<Close> {
        let of = |day: &str, index, dividends, next: &str| Close {
            day: TradingDay::from_record(date(day)),
            index,
            dividends,
            next: next.parse().ok().map(Expiration),
            settlement: Settlement::Close,
            roll: None,
        };
        vec![
            of("2025-01-10", 3990.0, 0.0, ""),
            of("2025-01-17", 4002.0, 5.0, "2025-02-21"),
            of("2025-01-31", 4040.0, 0.0, ""),
            of("2025-02-21", 4100.0, 6.0, "2025-03-21"),
            of("2025-03-21", 4000.0, 0.0, "2025-04-17"),
            of("2025-03-31", 4000.0, 0.0, ""),
        ]
    }

    const CALLS: Table = Table(&[
        ("2025-01-17", 4005.0, 82.0),
        ("2025-01-31", 4005.0, 90.0),
        ("2025-02-21", 4105.0, 80.0),
        ("2025-03-21", 4005.0, 100.0),
        ("2025-03-31", 4005.0, 90.0),
    ]);

    /// 4002 − 82 = 3920 buys January's portfolio. It is worth 4040 − 90 = 3950 at the month's end, and 4100 + 6 − 95 =
    /// 4011 when the call pays 95. 4100 − 80 = 4020 is then 4000 when February's call ends worthless; 3900 is 3910.
    #[test]
    fn three_months_of_buy_write_by_hand() {
        let values = buy_write(&closes(), &CALLS).unwrap();
        let first = 3950.0 / 3920.0;
        let second = first * 4011.0 / 3950.0;
        let third = second * 4000.0 / 4020.0;
        let expected = [1.0, first, second, third, third * 3910.0 / 3900.0];
        assert_eq!(values.len(), 5, "nothing is counted before the first expiration");
        for ((day, value), expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-12, "{day}: {value} is not {expected}");
        }
        assert!((second - 4011.0 / 3920.0).abs() < 1e-12, "what happens between does not change a month");
    }

    /// Puts at 4000, 4100 and 4000: the index ends above the first, at 4000 below the second.
    #[test]
    fn three_months_of_put_write_by_hand() {
        let puts = Table(&[
            ("2025-01-17", 4000.0, 70.0),
            ("2025-01-31", 4000.0, 40.0),
            ("2025-02-21", 4100.0, 75.0),
            ("2025-03-21", 4000.0, 60.0),
            ("2025-03-31", 4000.0, 50.0),
        ]);
        let values: Vec<f64> = put_write(&closes(), &puts).unwrap().into_iter().map(|(_, value)| value).collect();
        let first = 1.0 / (4000.0 / 1.0035 - 70.0);
        let (second, bills) = (1.0035 * (1.0 + first * 70.0), 1.0 + first * 70.0);
        assert!((values[1] - (bills * 1.0014 - first * 40.0)).abs() < 1e-12);
        assert!((values[2] - second).abs() < 1e-12, "the first put ends worthless");
        let puts_now = second / (4100.0 / 1.0028 - 75.0);
        let third = (second + puts_now * 75.0) * 1.0028 - puts_now * 100.0;
        assert!((values[3] - third).abs() < 1e-12, "the second pays 100 points each");
        assert!(
            ((second + puts_now * 75.0) * 1.0028 - puts_now * 4100.0).abs() < 1e-9,
            "bills pay for all of the strike"
        );
    }

    #[test]
    fn a_strike_is_the_next_above_or_the_one_at_the_index() {
        let at = |index: f64| Close { index, ..closes()[1] };
        struct Strikes;
        impl Market for Strikes {
            fn price(&self, _: &Moment<'_>, option: &Written) -> Result<f64, EvidenceError> {
                Err(EvidenceError::Journal(format!("{} {}", option.right as u8, option.strike)))
            }
            fn bill(&self, _: &Close, _: i64) -> Result<f64, EvidenceError> {
                Ok(1.0)
            }
        }
        for (index, call, put) in [(4000.0, "4005", "4000"), (4000.01, "4005", "4000"), (4004.99, "4005", "4000")] {
            let said = |error: EvidenceError| error.to_string().rsplit(' ').next().unwrap().to_owned();
            assert_eq!(said(buy_write(&[at(index)], &Strikes).unwrap_err()), call);
            assert_eq!(said(put_write(&[at(index)], &Strikes).unwrap_err()), put);
        }
    }
}
