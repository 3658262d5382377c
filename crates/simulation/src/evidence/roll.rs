//! The hours of a roll: what settles at an opening, and what is written later on the same day (Cboe's description of
//! BXM; Whaley 2002).
//!
//! S&P 500 options of a third Friday stop trading the evening before and settle at the special opening quotation, made
//! of each stock's first trade. The strike of the next call is the first above the last index level before 11:00 New
//! York; the call counts as sold at the mean price between 11:30 and 13:30. Until then the index is held uncovered. The
//! day's growth is therefore (1 + Ra)(1 + Rb)(1 + Rc): to the settlement, from it to the mean index level of those two
//! hours, and from there to the close.
//!
//! Of bars of a quarter of an hour the opening is the first bar's first price, which follows trades of the evening
//! before where a stock has not opened yet, as the special quotation does not. No bar says what an option traded at.
//! The mean over two hours is the mean of the open, high, low and close of their eight bars, and the call is priced
//! at it, at the middle of the hours.

use jiff::Timestamp;
use market::history::{IntradayBar, IntradaySession};
use market::time::{Calendar, TradingDay};
use market::value::Price;

/// Minutes from the opening at 09:30 to 11:00, 11:30 and 13:30.
const REFERENCE: i64 = 90;
const SALE: [i64; 2] = [120, 240];

/// What an expiration's hours show of the index, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roll {
    /// At the opening: what expires is settled at it.
    pub opening: f64,
    /// Just before 11:00 in New York: the strike is the first above it.
    pub reference: f64,
    /// Mean of the hours in which the next option is sold.
    pub midday: f64,
    /// The middle of those hours.
    pub at: Timestamp,
    /// The session before, whose closing figures are the latest known by then.
    pub known: TradingDay,
}

impl Roll {
    /// The hours of one session; those after an early close are left out of the mean. `None` without bars in them.
    #[must_use]
    pub fn of(session: &IntradaySession, calendar: &Calendar) -> Option<Roll> {
        let sold = session.between(SALE[0], SALE[1]);
        let total: f64 = sold.iter().map(middle).sum();
        let minutes = 2 * SALE[0] + sold.len() as i64 * IntradaySession::MINUTES;
        let at = calendar.opens_at(session.day).as_second() + minutes * 60 / 2;
        Some(Roll {
            opening: session.bars.first()?.open.to_f64(),
            reference: session.between(0, REFERENCE).last()?.close.to_f64(),
            midday: if sold.is_empty() { return None } else { total / sold.len() as f64 },
            at: Timestamp::from_second(at).ok()?,
            known: calendar.previous(session.day),
        })
    }
}

fn middle(bar: &IntradayBar) -> f64 {
    [bar.open, bar.high, bar.low, bar.close].map(Price::to_f64).iter().sum::<f64>() / 4.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(day: &str, bars: i64) -> IntradaySession {
        let day = TradingDay::from_record(day.parse().unwrap());
        let bar = |at: i64| {
            let [open, high, low, close] = [0, 8, -4, 4].map(|points| Price::dollars(4000 + 10 * at + points));
            IntradayBar { open, high, low, close }
        };
        IntradaySession { day, bars: (0..bars).map(bar).collect() }
    }

    /// Bar `i` opens at 4000 + 10 i, closes 4 higher, and is 2 higher in the mean. 10:45 is bar 5, 11:30 to 13:15 are 8
    /// to 15.
    #[test]
    fn a_rolls_hours_by_hand() {
        let calendar = Calendar::nyse();
        let roll = Roll::of(&session("2025-01-17", 26), &calendar).unwrap();
        assert_eq!((roll.opening, roll.reference, roll.midday), (4000.0, 4054.0, 4117.0));
        assert_eq!(roll.at.to_string(), "2025-01-17T17:30:00Z", "12:30 in New York");
        assert_eq!(roll.known.date(), "2025-01-16".parse().unwrap());
        let summer = Roll::of(&session("2025-04-17", 26), &calendar).unwrap();
        assert_eq!(summer.at.to_string(), "2025-04-17T16:30:00Z", "the Thursday before Good Friday, in summer time");
    }

    /// Trading that ends at 13:00 leaves the six bars from 11:30 on, 8 to 13, whose middle is 12:15.
    #[test]
    fn an_early_close_cuts_the_hours_of_the_sale() {
        let roll = Roll::of(&session("2024-12-24", 14), &Calendar::nyse()).unwrap();
        assert_eq!((roll.reference, roll.midday), (4054.0, 4107.0));
        assert_eq!(roll.at.to_string(), "2024-12-24T17:15:00Z");
        assert_eq!(Roll::of(&session("2024-12-24", 8), &Calendar::nyse()), None, "no bar in which to sell");
    }
}
