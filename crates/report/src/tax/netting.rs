//! Gains and losses of a year against each other, in the order of Schedule D, and what is carried into the next.
//!
//! Short-term results are summed with each other and with the short-term losses brought in, long-term ones likewise;
//! then a loss of one term comes off the gain of the other (IRC 1222). What is still a loss takes no more than a limit
//! off other income (IRC 1211(b)), short-term first; the rest is carried over and keeps its term (IRC 1212(b)).

use market::value::Money;
use protocol::policy::unit::Ppm;
use serde::Serialize;

use crate::figure::Amount;

/// What a capital loss may take off other income in a year (IRC 1211(b)); half of it for married persons who file
/// separately.
pub const LOSS_LIMIT: Money = Money::dollars(3_000);

/// Capital losses that are carried from one year into the next, both positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// Those that were short-term.
    pub short_term: Amount,
    /// Those that were long-term.
    pub long_term: Amount,
}

/// What is taxed how. The rates are the reader's: they depend on all of an income and on where it is taxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// On short-term gains, interest, and dividends that are not qualified.
    pub ordinary: Ppm,
    /// On long-term gains and qualified dividends.
    pub long_term: Ppm,
    /// What a capital loss may take off other income in a year.
    pub loss_limit: Money,
    /// What is carried into the first year of the books.
    pub carried: Carried,
}

impl Rates {
    /// Two rates, the law's limit, and nothing carried in.
    #[must_use]
    pub fn of(ordinary: Ppm, long_term: Ppm) -> Rates {
        Rates { ordinary, long_term, loss_limit: LOSS_LIMIT, carried: Carried::default() }
    }
}

/// A year's capital gains and losses netted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Netting {
    /// Losses of earlier years, which come off first.
    pub brought: Carried,
    /// Short-term gain or loss after them (Schedule D, line 7).
    pub short_term: Amount,
    /// Long-term gain or loss after them (Schedule D, line 15).
    pub long_term: Amount,
    /// What of it is taxed at the ordinary rate.
    pub taxed_short: Amount,
    /// What of it is taxed at the long-term rate.
    pub taxed_long: Amount,
    /// The loss that comes off other income (Schedule D, line 21), positive.
    pub deducted: Amount,
    /// What is carried into the next year.
    pub carried: Carried,
}

impl Netting {
    /// Nets a year's results with what was brought in.
    #[must_use]
    pub fn of(short: Money, long: Money, brought: Carried, limit: Money) -> Netting {
        let (short, long) = (short - brought.short_term.0, long - brought.long_term.0);
        let (above, sum) = (|amount: Money| amount.max(Money::ZERO), short + long);
        let taxed_short = if long.is_negative() { above(sum).min(above(short)) } else { above(short) };
        let deducted = above(-sum).min(limit);
        // The loss that is deducted counts as a short-term gain here (IRC 1212(b)(2)).
        let used = short + deducted;
        Netting {
            brought,
            short_term: Amount(short),
            long_term: Amount(long),
            taxed_short: Amount(taxed_short),
            taxed_long: Amount(above(sum) - taxed_short),
            deducted: Amount(deducted),
            carried: Carried {
                short_term: Amount(above(-used - above(long))),
                long_term: Amount(above(-long - above(used))),
            },
        }
    }

    /// The tax on what is netted, each part to the cent; negative where a loss takes tax off other income.
    #[must_use]
    pub fn tax(&self, rates: &Rates) -> Money {
        tax(self.taxed_short.0 - self.deducted.0, rates.ordinary) + tax(self.taxed_long.0, rates.long_term)
    }
}

/// A percentage from 0 to 100 with at most four decimals, such as `32` or `18.8`.
#[must_use]
pub fn percent(text: &str) -> Option<Ppm> {
    // A dollar has as many parts as a percent has millionths of the whole.
    let parts = Some(text.trim()).filter(|t| t.starts_with(|c: char| c.is_ascii_digit()))?.parse::<Money>().ok()?;
    Some(Ppm(parts.units())).filter(|rate| rate.0 <= Ppm::WHOLE)
}

/// An amount at a rate, rounded to the nearest cent, halves away from zero.
#[must_use]
pub fn tax(amount: Money, rate: Ppm) -> Money {
    const CENT: i128 = Ppm::WHOLE as i128 * market::value::UNITS_PER_CENT as i128;
    let product = i128::from(amount.units()) * i128::from(rate.0);
    let cents = (product.abs() + CENT / 2) / CENT * product.signum();
    Money::cents(i64::try_from(cents).expect("money overflow"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(short: i64, long: i64) -> Carried {
        Carried { short_term: Amount(Money::dollars(short)), long_term: Amount(Money::dollars(long)) }
    }

    /// By hand: short and long of the year, brought in; taxed at both rates, deducted, carried out.
    #[test]
    fn netted_as_schedule_d_says() {
        for (short, long, brought, taxed, deducted, out) in [
            (1_000, 2_000, (0, 0), (1_000, 2_000), 0, (0, 0)),
            (-1_000, 2_500, (0, 0), (0, 1_500), 0, (0, 0)),
            (2_500, -1_000, (0, 0), (1_500, 0), 0, (0, 0)),
            (-5_000, 2_000, (0, 0), (0, 0), 3_000, (0, 0)),
            (-9_000, 2_000, (0, 0), (0, 0), 3_000, (4_000, 0)),
            (1_000, -8_000, (0, 0), (0, 0), 3_000, (0, 4_000)),
            (-1_000, -6_000, (0, 0), (0, 0), 3_000, (0, 4_000)),
            (-4_000, -6_000, (0, 0), (0, 0), 3_000, (1_000, 6_000)),
            (5_000, 5_000, (2_000, 9_000), (0, 0), 1_000, (0, 0)),
            (0, 0, (4_000, 6_000), (0, 0), 3_000, (1_000, 6_000)),
            (-500, -400, (0, 0), (0, 0), 900, (0, 0)),
        ] {
            let (short, long) = (Money::dollars(short), Money::dollars(long));
            let netting = Netting::of(short, long, carried(brought.0, brought.1), LOSS_LIMIT);
            let whole = |amount: Amount| amount.0.units() / market::value::UNITS_PER_DOLLAR;
            assert_eq!((whole(netting.taxed_short), whole(netting.taxed_long)), taxed, "{netting:?}");
            assert_eq!(whole(netting.deducted), deducted, "{netting:?}");
            assert_eq!(netting.carried, carried(out.0, out.1), "{netting:?}");
        }
    }

    /// The lines of Schedule D and of its Capital Loss Carryover Worksheet, one after the other, with other income
    /// enough: what is taxed at the ordinary rate, at the long-term rate, deducted, and carried, short and long.
    fn worksheet(line_7: i64, line_15: i64, limit: i64) -> [i64; 5] {
        let line_16 = line_7 + line_15;
        let line_21 = if line_16 < 0 { (-line_16).min(limit) } else { 0 };
        let (net_capital_gain, rest) = if line_15 > 0 && line_16 > 0 {
            (line_15.min(line_16), line_16 - line_15.min(line_16))
        } else {
            (0, line_16.max(0))
        };
        let four = line_21;
        let five = if line_7 < 0 { -line_7 } else { 0 };
        let six = if line_15 > 0 { line_15 } else { 0 };
        let seven = four + six;
        let eight = if five > seven { five - seven } else { 0 };
        let nine = if line_15 < 0 { -line_15 } else { 0 };
        let ten = if line_7 > 0 { line_7 } else { 0 };
        let eleven = if four > five { four - five } else { 0 };
        let twelve = ten + eleven;
        let thirteen = if nine > twelve { nine - twelve } else { 0 };
        [rest, net_capital_gain, line_21, eight, thirteen]
    }

    #[test]
    fn netted_as_the_worksheet_has_it_line_by_line() {
        for short in (-9_000..=9_000).step_by(250) {
            for long in (-9_000..=9_000).step_by(250) {
                let dollars = Money::dollars;
                let n = Netting::of(dollars(short), dollars(long), Carried::default(), LOSS_LIMIT);
                let parts = [n.taxed_short, n.taxed_long, n.deducted, n.carried.short_term, n.carried.long_term];
                let expected = worksheet(short, long, 3_000).map(|amount| Amount(dollars(amount)));
                assert_eq!(parts, expected, "{short} {long}");
                let whole = n.taxed_short.0 + n.taxed_long.0 - n.deducted.0;
                let left = whole - n.carried.short_term.0 - n.carried.long_term.0;
                assert_eq!(left, dollars(short + long), "no dollar is made or lost");
            }
        }
    }

    #[test]
    fn a_rate_rounds_to_the_cent_the_same_way_on_both_sides_of_zero() {
        for (amount, rate, cents) in [(1_000, 325_000, 325), (150, 10_000, 2), (149, 10_000, 1), (1, 320_000, 0)] {
            assert_eq!(tax(Money::cents(amount), Ppm(rate)), Money::cents(cents));
            assert_eq!(tax(Money::cents(-amount), Ppm(rate)), Money::cents(-cents));
        }
    }
}
