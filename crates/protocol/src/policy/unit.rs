//! Exact numbers that a policy is written in: shares of a whole, multiples, volatility levels, times of day, bands and
//! dated tables. No floats.

use std::cmp::Ordering;
use std::fmt;

use market::instrument::Symbol;
use market::quote::Delta;
use market::time::Date;
use market::value::{Money, Price};

/// A share of a whole in millionths: 5% is 50,000. Signed where a key says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppm(pub i64);

/// A multiple in thousandths: 1.5 × is 1,500.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Multiple(pub i64);

/// A level of VIX in hundredths of a point: 65.00 is 6,500.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VixLevel(pub i64);

/// A fee in millionths of a dollar, per contract or per share: $0.00279 is 2,790.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroDollars(pub i64);

/// A time of day in New York, in minutes since midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(pub u16);

fn scaled(units: i64, factor: i64, denominator: i64) -> i64 {
    let product = i128::from(units) * i128::from(factor);
    i64::try_from(product.div_euclid(i128::from(denominator))).expect("money overflow")
}

/// Compares `part / whole` with `factor / denominator` without dividing; `whole` must be positive.
fn compare(part: i64, whole: i64, factor: i64, denominator: i64) -> Ordering {
    assert!(whole > 0, "a share of nothing cannot be compared");
    (i128::from(part) * i128::from(denominator)).cmp(&(i128::from(whole) * i128::from(factor)))
}

macro_rules! fraction {
    ($t:ident, $denominator:literal) => {
        impl $t {
            /// How many units make one whole.
            pub const WHOLE: i64 = $denominator;
            /// Nothing.
            pub const ZERO: $t = $t(0);
            /// All of it.
            pub const ONE: $t = $t($denominator);

            /// This part of an amount, rounded down (toward minus infinity) to the ten-thousandth of a dollar.
            #[must_use]
            pub fn of(self, amount: Money) -> Money {
                Money::from_units(scaled(amount.units(), self.0, $denominator))
            }

            /// This part of a price, rounded down (toward minus infinity) to the ten-thousandth of a dollar.
            #[must_use]
            pub fn of_price(self, price: Price) -> Price {
                Price::from_units(scaled(price.units(), self.0, $denominator))
            }

            /// This part of a whole number, rounded down.
            #[must_use]
            pub fn of_count(self, count: i64) -> i64 {
                scaled(count, self.0, $denominator)
            }

            /// How `part / whole` compares with this, exactly; `whole` must be positive. `Greater` is strictly above.
            #[must_use]
            pub fn cmp_ratio(self, part: i64, whole: i64) -> Ordering {
                compare(part, whole, self.0, $denominator)
            }

            /// Whether `part / whole` lies strictly above this.
            #[must_use]
            pub fn is_exceeded_by(self, part: i64, whole: i64) -> bool {
                self.cmp_ratio(part, whole) == Ordering::Greater
            }

            /// Whether `part / whole` lies strictly below this.
            #[must_use]
            pub fn is_undercut_by(self, part: i64, whole: i64) -> bool {
                self.cmp_ratio(part, whole) == Ordering::Less
            }

            /// As a float, for analytics and display only.
            #[must_use]
            pub fn to_f64(self) -> f64 {
                self.0 as f64 / $denominator as f64
            }
        }
    };
}
fraction!(Ppm, 1_000_000);
fraction!(Multiple, 1_000);

impl Ppm {
    /// From whole percent.
    #[must_use]
    pub const fn percent(percent: i64) -> Self {
        Ppm(percent * 10_000)
    }

    /// What is left of the whole.
    #[must_use]
    pub const fn rest(self) -> Self {
        Ppm(1_000_000 - self.0)
    }
}

impl TimeOfDay {
    /// From hour and minute.
    #[must_use]
    pub const fn at(hour: u16, minute: u16) -> Self {
        TimeOfDay(hour * 60 + minute)
    }

    /// Hour of the day.
    #[must_use]
    pub const fn hour(self) -> u16 {
        self.0 / 60
    }

    /// Minute of the hour.
    #[must_use]
    pub const fn minute(self) -> u16 {
        self.0 % 60
    }
}

/// `units / 10^places` as decimal digits without trailing zeros.
pub(super) fn decimal(units: i64, places: u32) -> String {
    let one = 10_u64.pow(places);
    let (whole, part) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{part:0width$}", width = places as usize);
    let digits = digits.trim_end_matches('0');
    let dot = if digits.is_empty() { "" } else { "." };
    format!("{sign}{whole}{dot}{digits}")
}

impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", decimal(self.0, 4)))
    }
}

impl fmt::Display for Multiple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0, 3))
    }
}

impl fmt::Display for VixLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0, 2))
    }
}

impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("${}", decimal(self.0, 6)))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}:{:02}", self.hour(), self.minute()))
    }
}

/// From `low` to `high`, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span<T> {
    /// Lowest value that belongs to it.
    pub low: T,
    /// Highest value that belongs to it.
    pub high: T,
}

impl<T: Copy + PartialOrd> Span<T> {
    /// Whether `value` lies in it, the ends included.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A band of deltas.
pub type DeltaBand = Span<Delta>;

impl DeltaBand {
    /// Twice the band's middle, in hundredths of a point, so that it stays a whole number.
    #[must_use]
    pub const fn twice_middle(&self) -> i32 {
        self.low.0 + self.high.0
    }

    /// Both ends moved by `shift`, neither going below `floor`.
    #[must_use]
    pub fn shifted(&self, shift: Delta, floor: Delta) -> Self {
        let moved = |end: Delta| Delta((end.0 + shift.0).max(floor.0));
        Span { low: moved(self.low), high: moved(self.high) }
    }
}

/// The parts of a whole; they sum to 100%.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parts<const N: usize>(pub [Ppm; N]);

impl<const N: usize> Parts<N> {
    /// As weights for [`Money::split`].
    #[must_use]
    pub fn weights(&self) -> [i64; N] {
        self.0.map(|p| p.0)
    }
}

/// Rising steps of a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Steps<const N: usize>(pub [Ppm; N]);

/// Symbols in the order given, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols(pub Vec<Symbol>);

impl Symbols {
    /// Whether `symbol` is among them.
    #[must_use]
    pub fn contains(&self, symbol: Symbol) -> bool {
        self.0.contains(&symbol)
    }
}

/// Values by the day from which they hold, rising by day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dated<T> {
    /// The day from which each value holds, with the value.
    pub rows: Vec<(Date, T)>,
}

impl<T> Dated<T> {
    /// The value that holds on `date`; `None` before the first row.
    #[must_use]
    pub fn at(&self, date: Date) -> Option<&T> {
        let after = self.rows.partition_point(|(from, _)| *from <= date);
        after.checked_sub(1).map(|i| &self.rows[i].1)
    }
}

/// Distance between neighbouring strikes, by price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// Rising bounds with the step that holds below each.
    pub below: Vec<(Price, Price)>,
    /// The step from the last bound on.
    pub above: Price,
}

impl Ladder {
    /// The step between strikes near `price`.
    #[must_use]
    pub fn step_at(&self, price: Price) -> Price {
        self.below.iter().find(|(bound, _)| price < *bound).map_or(self.above, |(_, step)| *step)
    }
}

/// The highest delta of a rolled put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollDelta {
    /// As far as the sleeve's own band goes.
    Band,
    /// Up to this delta.
    Points(Delta),
}

impl RollDelta {
    /// The limit for a sleeve whose band is `band`.
    #[must_use]
    pub const fn limit(self, band: DeltaBand) -> Delta {
        match self {
            RollDelta::Band => band.high,
            RollDelta::Points(delta) => delta,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_of_money_round_down_to_the_ten_thousandth() {
        assert_eq!(Ppm::percent(5).of(Money::dollars(300_000)), Money::dollars(15_000));
        assert_eq!(Ppm(1_000).of(Money::from_units(1_999)), Money::from_units(1));
        assert_eq!(Ppm(1_000).of(Money::from_units(-1_001)), Money::from_units(-2));
        assert_eq!(Multiple(1_500).of_price(Price::cents(333)), Price::from_units(49_950));
        assert_eq!(Ppm::percent(10).of_count(119), 11);
        assert_eq!(Ppm::percent(5).rest(), Ppm::percent(95));
    }

    #[test]
    fn a_limit_is_breached_above_it_and_not_on_it() {
        let limit = Ppm::percent(-15);
        for (move_by, undercut) in [(-149, false), (-150, false), (-151, true)] {
            assert_eq!(limit.is_undercut_by(move_by, 1_000), undercut, "{move_by}");
        }
        assert!(!Ppm::percent(7).is_exceeded_by(7, 100));
        assert!(Ppm::percent(7).is_exceeded_by(70_001, 1_000_000));
        assert_eq!(Multiple(1_500).cmp_ratio(3, 2), Ordering::Equal);
        assert_eq!(Ppm(333_333).cmp_ratio(1, 3), Ordering::Greater);
    }

    #[test]
    fn a_shifted_band_stops_at_the_floor() {
        let band = |low, high| Span { low: Delta::points(low), high: Delta::points(high) };
        let floor = Delta::points(5);
        assert_eq!(band(40, 50).shifted(Delta::points(-5), floor), band(35, 45));
        assert_eq!(band(10, 20).shifted(Delta::points(-10), floor), band(5, 10));
        assert_eq!(band(5, 8).shifted(Delta::points(-10), floor), band(5, 5));
        assert_eq!(band(40, 50).twice_middle(), 9_000);
        assert!(band(40, 50).contains(Delta(5_000)) && !band(40, 50).contains(Delta(5_001)));
    }

    #[test]
    fn a_dated_value_holds_from_its_day_on() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let table = Dated { rows: vec![(date("2017-09-05"), 2), (date("2024-05-28"), 1)] };
        for (day, value) in [
            ("2017-09-04", None),
            ("2017-09-05", Some(2)),
            ("2024-05-27", Some(2)),
            ("2024-05-28", Some(1)),
            ("2030-01-01", Some(1)),
        ] {
            assert_eq!(table.at(date(day)).copied(), value, "{day}");
        }
    }

    #[test]
    fn strikes_stand_as_far_apart_as_the_protocol_says() {
        let ladder = crate::policy::Policy::all_use().listing.strikes;
        for (cents, step) in [
            (4_999, 50),
            (5_000, 100),
            (9_999, 100),
            (10_000, 250),
            (49_999, 250),
            (50_000, 500),
            (149_999, 500),
            (150_000, 1_000),
        ] {
            assert_eq!(ladder.step_at(Price::cents(cents)), Price::cents(step), "{cents}");
        }
    }

    #[test]
    fn units_print_as_traders_write_them() {
        let printed = [
            Ppm(50_000).to_string(),
            Ppm(-5_000).to_string(),
            Ppm(1).to_string(),
            Multiple(1_500).to_string(),
            VixLevel(6_505).to_string(),
            MicroDollars(2_790).to_string(),
            TimeOfDay::at(9, 45).to_string(),
        ];
        assert_eq!(printed, ["5%", "-0.5%", "0.0001%", "1.5", "65.05", "$0.00279", "09:45"]);
    }

    proptest! {
        /// A part and the rest of an amount differ from the whole by less than two ten-thousandths.
        #[test]
        fn a_part_and_the_rest_make_the_whole(ppm in 0i64..=1_000_000, units in 0i64..1_000_000_000_000) {
            let (part, whole) = (Ppm(ppm), Money::from_units(units));
            let lost = whole - part.of(whole) - part.rest().of(whole);
            prop_assert!((0..2).contains(&lost.units()));
        }

        /// The exact comparison agrees with the one by multiplication of the rounded-down part.
        #[test]
        fn comparing_agrees_with_taking_the_part(
            ppm in 0i64..1_000_000, part in 0i64..1_000_000, whole in 1i64..1_000_000,
        ) {
            let exceeded = Ppm(ppm).is_exceeded_by(part, whole);
            prop_assert_eq!(exceeded, part > Ppm(ppm).of_count(whole));
        }
    }
}
