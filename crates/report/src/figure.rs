//! Figures as statements carry them: exact amounts, shares of a whole, and days.

use std::fmt;

use market::time::Date;
use market::value::{Money, Price, UNITS_PER_CENT, UNITS_PER_DOLLAR};
use protocol::policy::unit::Ppm;
use serde::{Serialize, Serializer};

use crate::words;

/// Dollars, exact to the ten-thousandth. Serialises as decimal text such as `"-1234.50"`, prints as `−$1,234.50`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Money);

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Amount(money)
    }
}

impl From<Price> for Amount {
    fn from(price: Price) -> Self {
        Amount(Money::from_units(price.units()))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&words::money(self.0))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let units = self.0.units();
        let (whole, part) =
            (units.unsigned_abs() / UNITS_PER_DOLLAR as u64, units.unsigned_abs() % UNITS_PER_DOLLAR as u64);
        let sign = if units < 0 { "-" } else { "" };
        if part.is_multiple_of(UNITS_PER_CENT as u64) {
            serializer.collect_str(&format_args!("{sign}{whole}.{:02}", part / UNITS_PER_CENT as u64))
        } else {
            serializer.collect_str(&format_args!("{sign}{whole}.{part:04}"))
        }
    }
}

/// A share of a whole: 0.05 is 5%. Serialises as a number, prints as `5.00%`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(pub f64);

impl Share {
    /// `part / whole`; `None` unless the whole is above zero.
    #[must_use]
    pub fn of(part: Money, whole: Money) -> Option<Share> {
        whole.is_positive().then(|| Share(part.units() as f64 / whole.units() as f64))
    }
}

impl From<Ppm> for Share {
    fn from(ppm: Ppm) -> Self {
        Share(ppm.to_f64())
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}%", self.0 * 100.0);
        f.pad(&if text == "-0.00%" { "0.00%".to_owned() } else { words::minus(&text) })
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

/// A day. Serialises and prints as `2020-03-16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_for_people_and_serialise_for_machines() {
        for (units, shown, json) in [
            (-12_345_000, "−$1,234.50", "\"-1234.50\""),
            (1, "$0.0001", "\"0.0001\""),
            (-1, "−$0.0001", "\"-0.0001\""),
            (3_000_000_000, "$300,000.00", "\"300000.00\""),
        ] {
            let amount = Amount(Money::from_units(units));
            assert_eq!(amount.to_string(), shown);
            assert_eq!(serde_json::to_string(&amount).unwrap(), json);
        }
    }

    #[test]
    fn shares_print_as_percent() {
        for (share, shown) in [(-0.010_28, "−1.03%"), (1.17, "117.00%"), (-0.000_001, "0.00%")] {
            assert_eq!(Share(share).to_string(), shown);
        }
        assert_eq!(serde_json::to_string(&Share(0.25)).unwrap(), "0.25");
        assert_eq!(Share::of(Money::dollars(1), Money::ZERO), None);
    }
}
