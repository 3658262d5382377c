//! Numbers and dates out of text, exactly: no float on the way to a price, nothing guessed.

use market::time::Date;
use market::value::Price;

/// Years in which a date is believed.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// Decimals of a [`Price`].
const PRICE_DECIMALS: u32 = 4;

/// A written decimal: `digits` divided by ten to the power `decimals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: u64,
    decimals: u32,
}

/// Digits, at most one point between or before them, an optional minus; at most 18 digits, no exponent, no other sign.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let (negative, body) = match text.as_bytes() {
        [b'-', body @ ..] => (true, body),
        body => (false, body),
    };
    // Nineteen digits fit into 64 bits.
    if body.len() > 19 {
        return None;
    }
    let (mut digits, mut count, mut point) = (0u64, 0u32, None);
    for byte in body {
        match byte {
            b'0'..=b'9' => {
                digits = digits * 10 + u64::from(byte - b'0');
                count += 1;
            }
            b'.' if point.is_none() => point = Some(count),
            _ => return None,
        }
    }
    let decimals = match point {
        Some(place) if place == count => return None,
        Some(place) => count - place,
        None => 0,
    };
    (1..=18).contains(&count).then_some(Decimal { negative, digits, decimals })
}

impl Decimal {
    pub(crate) fn is_negative(self) -> bool {
        self.negative && self.digits > 0
    }

    pub(crate) fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// As a price, further decimals rounded half up in size; `None` above ten million dollars.
    pub(crate) fn price(self) -> Option<Price> {
        let units = match self.decimals {
            d if d <= PRICE_DECIMALS => self.digits.checked_mul(10u64.pow(PRICE_DECIMALS - d))?,
            d => {
                let step = 10u64.pow(d - PRICE_DECIMALS);
                (self.digits + step / 2) / step
            }
        };
        let units = i64::try_from(units).ok().filter(|u| *u <= 10_000_000 * 10_000)?;
        Some(Price::from_units(if self.negative { -units } else { units }))
    }

    /// As a whole number that is not negative; `None` if it has a fraction. `4.0` is whole.
    pub(crate) fn whole(self) -> Option<u64> {
        let scale = 10u64.pow(self.decimals);
        (!self.is_negative() && self.digits.is_multiple_of(scale)).then(|| self.digits / scale)
    }

    /// The float nearest to what is written: below 2⁵³ both parts of the division are exact, so its one rounding is the
    /// right one (Clinger 1990); longer texts go through the standard parser.
    pub(crate) fn float(self, text: &str) -> Option<f64> {
        if self.digits >= 1 << 53 {
            return text.parse().ok();
        }
        let size = self.digits as f64 / 10u64.pow(self.decimals) as f64;
        Some(if self.negative { -size } else { size })
    }
}

/// `YYYY-MM-DD`, a day that exists, from 1900 to 2199.
pub(crate) fn date(text: &str) -> Option<Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let number = |at: &[usize]| {
        at.iter().try_fold(0i16, |sum, i| bytes[*i].is_ascii_digit().then(|| sum * 10 + i16::from(bytes[*i] - b'0')))
    };
    let (year, month, day) = (number(&[0, 1, 2, 3])?, number(&[5, 6])?, number(&[8, 9])?);
    let sound = bytes[4] == b'-' && bytes[7] == b'-' && YEARS.contains(&year);
    sound.then(|| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(text: &str) -> Option<i64> {
        decimal(text)?.price().map(Price::units)
    }

    #[test]
    fn prices_are_exact_and_further_decimals_round_half_up() {
        for (text, expected) in [
            ("17.240000", 172_400),
            ("23.4", 234_000),
            ("0.00005", 1),
            ("0.00004999", 0),
            ("1.23455", 12_346),
            ("-1.23455", -12_346),
            (".5", 5_000),
            ("10000000", 100_000_000_000),
            ("0.00000000000000001", 0),
        ] {
            assert_eq!(units(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in [
            "",
            ".",
            "-",
            "1.",
            "NaN",
            "inf",
            "1e3",
            "+1",
            "--1",
            "1..2",
            "1.2.3",
            "1,5",
            " 1",
            "1 ",
            "0x1F",
            "$5",
            "٣",
            "1234567890123456789",
            "10000000.0001",
            "99999999999999999",
        ] {
            assert_eq!(units(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_written_one_way() {
        assert_eq!(date("2024-02-29"), Date::new(2024, 2, 29).ok());
        for text in [
            "2023-02-29",
            "2024-2-29",
            "20240229",
            "29/02/2024",
            "2024-02-29T",
            "1899-12-31",
            "2024-13-01",
            "2O24-01-01",
            "",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn floats_are_those_of_the_standard_parser(text in "-?[0-9]{1,12}(\\.[0-9]{1,6})?") {
            let found = decimal(&text).unwrap().float(&text).unwrap();
            prop_assert_eq!(found.to_bits(), text.parse::<f64>().unwrap().to_bits());
        }

        #[test]
        fn prices_are_those_of_the_vocabulary(units_given in 0i64..100_000_000_000) {
            let text = format!("{}.{:04}", units_given / 10_000, units_given % 10_000);
            prop_assert_eq!(units(&text), Some(units_given));
            prop_assert_eq!(decimal(&text).unwrap().price().unwrap(), text.parse::<Price>().unwrap());
        }
    }
}
