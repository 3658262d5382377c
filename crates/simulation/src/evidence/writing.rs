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

use market::instrument::Right;
use market::time::{Expiration, TradingDay, days_between};

use super::roll::Roll;
use super::weekly::EvidenceError;

/// Steps between the strikes of S&P 500 options near the index, in points (Cboe's specification of SPX).
const STRIKE_STEP: f64 = 5.0;

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

    /// The same January and February by their hours, the calls settling at openings.
    fn hours() -> Vec<Close> {
        let roll = |opening, reference, midday, known: &str| Roll {
            opening,
            reference,
            midday,
            at: jiff::Timestamp::UNIX_EPOCH,
            known: TradingDay::from_record(date(known)),
        };
        let mut closes = closes()[..4].to_vec();
        closes.iter_mut().for_each(|close| close.settlement = Settlement::Opening);
        closes[1].roll = Some(roll(3995.0, 4001.0, 3990.0, "2025-01-16"));
        closes[3].roll = Some(roll(4090.0, 4106.0, 4095.0, "2025-02-20"));
        closes
    }

    /// What calls cost at midday and at closes.
    struct Hours;

    impl Market for Hours {
        fn price(&self, at: &Moment<'_>, option: &Written) -> Result<f64, EvidenceError> {
            assert_eq!(option.settlement, Settlement::Opening);
            let said = (at.day().date().to_string(), matches!(at, Moment::Midday(..)), option.strike as i64);
            Ok(match (said.0.as_str(), said.1, said.2) {
                ("2025-01-17", true, 4005) => 80.0,
                ("2025-01-17", false, 4005) => 82.0,
                ("2025-01-31", false, 4005) => 90.0,
                ("2025-02-21", true, 4110) => 78.0,
                ("2025-02-21", false, 4110) => 79.0,
                _ => panic!("{option:?} at {at:?}"),
            })
        }

        fn bill(&self, _: &Close, _: i64) -> Result<f64, EvidenceError> {
            Ok(1.0)
        }
    }

    /// January's call is sold at 80 against 3990 and stands at 82 against 4002 at the close. It pays 85 at February's
    /// opening of 4090, after 6 of dividends; the index goes on uncovered to 4095, where the next call is sold at 78.
    #[test]
    fn a_roll_day_by_hand() {
        let closes = hours();
        let values = buy_write(&closes, &Hours).unwrap();
        let first = 3920.0 / 3910.0;
        let second = first * 3950.0 / 3920.0;
        let settled = (4090.0 + 6.0 - 85.0) / 3950.0;
        let third = second * settled * (4095.0 / 4090.0) * ((4100.0 - 79.0) / (4095.0 - 78.0));
        assert_eq!(values.len(), 3);
        for ((day, value), expected) in values.iter().zip([first, second, third]) {
            assert!((value - expected).abs() < 1e-12, "{day}: {value} is not {expected}");
        }
        let sold = sales(&closes, &Hours).unwrap();
        let found: Vec<_> = sold.iter().map(|s| (s.at.index(), s.call.strike, s.price)).collect();
        assert_eq!(found, [(3990.0, 4005.0, 80.0), (4095.0, 4110.0, 78.0)]);
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
