//! Money, prices and sizes: exact integers, each its own type.
//!
//! Money and prices count ten-thousandths of a dollar. Sums and whole multiples are exact; the one place where a price
//! and a size become money is [`Price::times`]. An overflow (beyond ± 922 trillion dollars) stops the program: going on
//! with a wrapped balance would be worse.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

/// Ten-thousandths in one dollar.
pub const UNITS_PER_DOLLAR: i64 = 10_000;
/// Ten-thousandths in one cent.
pub const UNITS_PER_CENT: i64 = 100;
/// Shares that one option contract stands for.
pub const MULTIPLIER: i64 = 100;

/// An amount of US dollars, signed, in ten-thousandths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// A price per share in ten-thousandths of a dollar; never negative for a quote, signed for differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(i64);

/// A number of shares; negative only in differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shares(pub i64);

/// A number of option contracts; negative only in differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contracts(pub i64);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// From ten-thousandths of a dollar.
    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        Money(units)
    }

    /// From whole dollars.
    #[must_use]
    pub const fn dollars(dollars: i64) -> Self {
        Money(dollars * UNITS_PER_DOLLAR)
    }

    /// From whole cents.
    #[must_use]
    pub const fn cents(cents: i64) -> Self {
        Money(cents * UNITS_PER_CENT)
    }

    /// Ten-thousandths of a dollar.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// Dollars as a float, for analytics and display only.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / UNITS_PER_DOLLAR as f64
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Money(self.0.abs())
    }

    /// A whole multiple.
    #[must_use]
    pub fn times(self, n: i64) -> Self {
        Money(self.0.checked_mul(n).expect("money overflow"))
    }

    /// The fraction `numerator / denominator` of the amount, rounded down (toward minus infinity) to the
    /// ten-thousandth.
    #[must_use]
    pub fn fraction(self, numerator: i64, denominator: i64) -> Self {
        let product = i128::from(self.0) * i128::from(numerator);
        Money(i64::try_from(product.div_euclid(i128::from(denominator))).expect("money overflow"))
    }

    /// Rounded down (toward minus infinity) to the cent.
    #[must_use]
    pub const fn floor_cents(self) -> Self {
        Money(self.0.div_euclid(UNITS_PER_CENT) * UNITS_PER_CENT)
    }

    /// Rounded up to the cent.
    #[must_use]
    pub const fn ceil_cents(self) -> Self {
        Money(-((-self.0).div_euclid(UNITS_PER_CENT)) * UNITS_PER_CENT)
    }

    /// Rounded to the nearest cent, halves away from zero.
    #[must_use]
    pub const fn round_cents(self) -> Self {
        let half = UNITS_PER_CENT / 2;
        let magnitude = (self.0.abs() + half) / UNITS_PER_CENT * UNITS_PER_CENT;
        Money(if self.0 < 0 { -magnitude } else { magnitude })
    }

    /// Splits the amount over `weights` to the cent by largest remainder; the parts sum to the whole exactly.
    /// Ties go to the earlier part. A fraction of a cent in the whole goes to the first part.
    #[must_use]
    pub fn split(self, weights: &[i64]) -> Vec<Money> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        assert!(total > 0, "a split needs a positive weight");
        let whole_cents = self.0.div_euclid(UNITS_PER_CENT);
        let odd = self.0.rem_euclid(UNITS_PER_CENT);
        let mut parts: Vec<i64> = Vec::with_capacity(weights.len());
        let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
        for (i, w) in weights.iter().enumerate() {
            let product = i128::from(whole_cents) * i128::from(*w);
            parts.push(i64::try_from(product.div_euclid(total)).expect("money overflow"));
            remainders.push((product.rem_euclid(total), i));
        }
        let missing = whole_cents - parts.iter().sum::<i64>();
        remainders.sort_by_key(|(r, i)| (-r, *i));
        for (_, i) in remainders.iter().take(usize::try_from(missing).unwrap_or(0)) {
            parts[*i] += 1;
        }
        let mut parts: Vec<Money> = parts.into_iter().map(Money::cents).collect();
        parts[0].0 += odd;
        parts
    }
}

impl Price {
    /// Nothing.
    pub const ZERO: Price = Price(0);

    /// From ten-thousandths of a dollar.
    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        Price(units)
    }

    /// From whole cents.
    #[must_use]
    pub const fn cents(cents: i64) -> Self {
        Price(cents * UNITS_PER_CENT)
    }

    /// From whole dollars.
    #[must_use]
    pub const fn dollars(dollars: i64) -> Self {
        Price(dollars * UNITS_PER_DOLLAR)
    }

    /// The nearest ten-thousandth to a float in dollars; `None` if it is not finite or out of range.
    #[must_use]
    pub fn from_f64(dollars: f64) -> Option<Self> {
        let units = (dollars * UNITS_PER_DOLLAR as f64).round();
        (units.is_finite() && units.abs() < 9.0e18).then_some(Price(units as i64))
    }

    /// Ten-thousandths of a dollar.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// Dollars as a float, for option mathematics and display only.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / UNITS_PER_DOLLAR as f64
    }

    /// Price × quantity, the one function that turns a price into money.
    #[must_use]
    pub fn times(self, quantity: i64) -> Money {
        Money(self.0.checked_mul(quantity).expect("money overflow"))
    }

    /// What `shares` cost at this price.
    #[must_use]
    pub fn of_shares(self, shares: Shares) -> Money {
        self.times(shares.0)
    }

    /// What `contracts` standing for 100 shares each cost at this price.
    #[must_use]
    pub fn of_contracts(self, contracts: Contracts) -> Money {
        self.times(contracts.0 * MULTIPLIER)
    }

    /// The middle between two prices, rounded down to the ten-thousandth.
    #[must_use]
    pub const fn middle(self, other: Price) -> Price {
        Price((self.0 + other.0).div_euclid(2))
    }

    /// The difference without its sign.
    #[must_use]
    pub const fn distance(self, other: Price) -> Price {
        Price((self.0 - other.0).abs())
    }
}

macro_rules! additive {
    ($t:ident, $what:literal) => {
        impl Add for $t {
            type Output = $t;
            #[inline]
            fn add(self, other: $t) -> $t {
                $t(self.0.checked_add(other.0).expect($what))
            }
        }
        impl Sub for $t {
            type Output = $t;
            #[inline]
            fn sub(self, other: $t) -> $t {
                $t(self.0.checked_sub(other.0).expect($what))
            }
        }
        impl Neg for $t {
            type Output = $t;
            #[inline]
            fn neg(self) -> $t {
                $t(self.0.checked_neg().expect($what))
            }
        }
        impl AddAssign for $t {
            #[inline]
            fn add_assign(&mut self, other: $t) {
                *self = *self + other;
            }
        }
        impl SubAssign for $t {
            #[inline]
            fn sub_assign(&mut self, other: $t) {
                *self = *self - other;
            }
        }
        impl Sum for $t {
            fn sum<I: Iterator<Item = $t>>(iter: I) -> $t {
                iter.fold($t(0), Add::add)
            }
        }
    };
}
additive!(Money, "money overflow");
additive!(Price, "price overflow");
additive!(Shares, "share count overflow");
additive!(Contracts, "contract count overflow");

impl Contracts {
    /// The shares these contracts stand for.
    #[must_use]
    pub const fn shares(self) -> Shares {
        Shares(self.0 * MULTIPLIER)
    }
}

impl Shares {
    /// How many contracts these shares cover: whole hundreds only.
    #[must_use]
    pub const fn whole_contracts(self) -> Contracts {
        Contracts(self.0.div_euclid(MULTIPLIER))
    }
}

fn grouped(mut n: u64) -> String {
    let mut groups = Vec::new();
    while n >= 1000 {
        groups.push(format!("{:03}", n % 1000));
        n /= 1000;
    }
    groups.push(n.to_string());
    groups.reverse();
    groups.join(",")
}

fn write_dollars(f: &mut fmt::Formatter<'_>, units: i64) -> fmt::Result {
    let magnitude = units.unsigned_abs();
    let per_dollar = UNITS_PER_DOLLAR.unsigned_abs();
    let (whole, part) = (magnitude / per_dollar, magnitude % per_dollar);
    let sign = if units < 0 { "-" } else { "" };
    let text = if part.is_multiple_of(UNITS_PER_CENT.unsigned_abs()) {
        format!("{sign}${}.{:02}", grouped(whole), part / UNITS_PER_CENT.unsigned_abs())
    } else {
        format!("{sign}${}.{part:04}", grouped(whole))
    };
    f.pad(&text)
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dollars(f, self.0)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dollars(f, self.0)
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Contracts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is not an amount of dollars.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an amount in dollars; expected digits with at most four decimals, such as 300000 or 1,250.75")]
pub struct NotAnAmount {
    /// The text as it was given.
    pub text: String,
}

fn parse_units(text: &str) -> Option<i64> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let body = body.strip_prefix('$').unwrap_or(body);
    let (whole, part) = body.split_once('.').unwrap_or((body, ""));
    let digits: String = whole.chars().filter(|c| *c != ',' && *c != '_').collect();
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if digits.is_empty()
        || !plain(&digits)
        || !plain(part)
        || part.len() > 4
        || (part.is_empty() && body.ends_with('.'))
    {
        return None;
    }
    let whole: i64 = digits.parse().ok()?;
    let part: i64 = format!("{part:0<4}").parse().ok()?;
    let units = whole.checked_mul(UNITS_PER_DOLLAR)?.checked_add(part)?;
    Some(if negative { -units } else { units })
}

impl FromStr for Money {
    type Err = NotAnAmount;
    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        parse_units(text.trim()).map(Money).ok_or_else(|| NotAnAmount { text: text.to_owned() })
    }
}

impl FromStr for Price {
    type Err = NotAnAmount;
    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        parse_units(text.trim()).map(Price).ok_or_else(|| NotAnAmount { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dollars_read_and_print() {
        for (text, printed) in
            [("300000", "$300,000.00"), ("$1,250.75", "$1,250.75"), ("-0.0001", "-$0.0001"), ("0.5", "$0.50")]
        {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), printed);
        }
        for text in ["", "1.23456", "NaN", "1e3", "--1", "1.", "12a"] {
            assert!(text.parse::<Money>().is_err(), "{text} must be refused");
        }
    }

    #[test]
    fn cents_round_as_named() {
        let m = Money::from_units(-12_345);
        assert_eq!(m.floor_cents(), Money::from_units(-12_400));
        assert_eq!(m.ceil_cents(), Money::from_units(-12_300));
        assert_eq!(Money::from_units(12_350).round_cents(), Money::from_units(12_400));
        assert_eq!(Money::from_units(-12_350).round_cents(), Money::from_units(-12_400));
    }

    proptest! {
        #[test]
        fn a_split_sums_to_the_whole(units in 0i64..1_000_000_000_000, w in prop::collection::vec(1i64..100, 1..6)) {
            let whole = Money::from_units(units);
            let parts = whole.split(&w);
            prop_assert_eq!(parts.iter().copied().sum::<Money>(), whole);
            prop_assert!(parts.iter().all(|p| !p.is_negative()));
        }

        #[test]
        fn what_is_printed_is_read_back(units in -1_000_000_000_000i64..1_000_000_000_000) {
            let m = Money::from_units(units);
            prop_assert_eq!(m.to_string().parse::<Money>().unwrap(), m);
        }
    }
}
