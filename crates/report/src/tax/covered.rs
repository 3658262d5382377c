//! Qualified covered calls (T-5): not too short, not too deep.

use market::instrument::ladder::Ladder;
use market::instrument::{Right, Series};
use market::time::{Date, days_between};
use market::value::Price;

/// Options written for longer than this, with a higher strike than [`HIGH_STRIKE`], may be one bench mark lower.
const LONG_DAYS: i64 = 90;
const HIGH_STRIKE: Price = Price::dollars(50);
/// Up to this price the lowest bench mark is not below [`LOW_SHARE`] percent of it.
const LOW_PRICE: Price = Price::dollars(25);
const LOW_SHARE: i64 = 85;
/// Up to this price the lowest bench mark is not more than [`MOST_BELOW`] below it.
const MIDDLE_PRICE: Price = Price::dollars(150);
const MOST_BELOW: Price = Price::dollars(10);

/// The lowest strike at which a call on shares at `spot` is not deep in the money (IRC 1092(c)(4)(C) and (D)). `listed`
/// says which strikes there are; none lies below the price where the answer is `None`.
#[must_use]
pub fn lowest_bench_mark(series: &Series, days: i64, spot: Price, listed: &Ladder) -> Option<Price> {
    let first = listed.below(spot)?;
    let mark = if days > LONG_DAYS && series.strike > HIGH_STRIKE { listed.below(first)? } else { first };
    let floor = Price::from_units(spot.units() * LOW_SHARE / 100);
    Some(match spot {
        _ if spot <= LOW_PRICE => mark.max(floor),
        _ if spot <= MIDDLE_PRICE => mark.max(spot - MOST_BELOW),
        _ => mark,
    })
}

/// Whether a call that was written on `opened` is a qualified covered call: more than `days` days to expiration, and
/// not deep in the money (IRC 1092(c)(4)(B)). Where the price of the shares is not known, it is not.
#[must_use]
pub fn is_qualified(series: &Series, opened: Date, spot: Option<Price>, days: u32, listed: &Ladder) -> bool {
    let term = days_between(opened, series.expiration.0);
    let mark = || lowest_bench_mark(series, term, spot?, listed);
    series.right == Right::Call && term > i64::from(days) && mark().is_some_and(|mark| series.strike >= mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use market::instrument::Symbol;
    use market::time::Expiration;

    fn call(strike: i64, expires: Date) -> Series {
        let underlying = Symbol::new("X").expect("a ticker");
        Series { underlying, expiration: Expiration(expires), right: Right::Call, strike: Price::cents(strike) }
    }

    /// IRC 1092(c)(4)(B) to (D), each bound on both sides. Strikes stand every $2.50 below $200, else every $5.
    #[test]
    fn neither_short_nor_deep() {
        let opened = Date::constant(2024, 6, 3);
        let in_days = |n| super::super::term::after(opened, n);
        let listed = Ladder::new(&[(Price::dollars(200), Price::cents(250))], Price::dollars(5)).expect("steps");
        for (strike, days, spot, qualified) in [
            (18_000, 30, 18_000, false),
            (18_000, 31, 18_000, true),
            (17_750, 31, 18_000, true),
            (17_500, 31, 18_000, false),
            (17_500, 90, 18_000, false),
            (17_500, 91, 18_000, true),
            (17_250, 91, 18_000, false),
            (5_000, 91, 5_400, false),
            (5_250, 91, 5_400, true),
            (2_250, 60, 2_500, true),
            (2_000, 60, 2_400, false),
            (2_040, 60, 2_400, false),
            (2_250, 60, 2_400, true),
            (30_000, 60, 30_400, true),
            (29_500, 60, 30_400, false),
        ] {
            let series = call(strike, in_days(days));
            let spot = Some(Price::cents(spot));
            assert_eq!(is_qualified(&series, opened, spot, 30, &listed), qualified, "{strike} {days} {spot:?}");
        }
        assert!(!is_qualified(&call(18_000, in_days(60)), opened, None, 30, &listed));
    }
}
