//! Numbers: read digit by digit, without a float in between.

use market::quote::Delta;
use market::value::{Money, Price};

use super::{Limits, Mismatch, Raw, Setting};
use crate::policy::unit::{Multiple, Ppm, VixLevel, decimal};

/// A value that is one whole number of its smallest unit.
pub(super) trait Scalar: Copy {
    /// Decimals that it may be written with.
    const PLACES: u32;
    fn from_units(units: i64) -> Self;
    fn units(self) -> i64;
    fn digits(units: i64) -> String;
}

/// Digits to units of `10^-places`, exactly.
pub(super) fn units_of(text: &str, places: u32) -> Result<i64, Mismatch> {
    let (negative, body) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if matches!(body, "nan" | "inf") {
        return Err(Mismatch::NotFinite);
    }
    let body = body.replace(['_', ','], "");
    let (whole, part) = body.split_once('.').unwrap_or((&body, ""));
    let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) {
        return Err(Mismatch::NotPlain);
    }
    let part = part.trim_end_matches('0');
    if part.len() > places as usize {
        return Err(Mismatch::TooFine(places));
    }
    let units: i64 = format!("{whole}{part:0<width$}", width = places as usize).parse().map_err(|_| Mismatch::Range)?;
    Ok(if negative { -units } else { units })
}

pub(super) fn scalar_of<T: Scalar>(text: &str, limits: &Limits) -> Result<T, Mismatch> {
    let units = units_of(text, T::PLACES)?;
    let inside = limits.low <= units && units <= limits.high;
    if inside { Ok(T::from_units(units)) } else { Err(Mismatch::Range) }
}

pub(super) fn read_scalar<T: Scalar>(raw: &Raw<'_>, limits: &Limits) -> Result<T, Mismatch> {
    match raw {
        Raw::Number(text) => scalar_of(text, limits),
        _ => Err(Mismatch::Kind),
    }
}

pub(super) fn range_in_words<T: Scalar>(limits: &Limits) -> String {
    format!("{} to {} {}", T::digits(limits.low), T::digits(limits.high), limits.unit)
}

fn grouped(units: i64, places: u32) -> String {
    let plain = decimal(units, places);
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |w| ("-", w));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && whole.len() > 4 {
            out.push('_');
        }
        out.push(digit);
    }
    let part = if part.is_empty() { String::new() } else { format!(".{part:0<2}") };
    format!("{sign}{out}{part}")
}

macro_rules! scalar {
    ($($type:ty, $places:literal, |$units:ident| $from:expr, |$value:ident| $to:expr, $digits:expr;)+) => { $(
        impl Scalar for $type {
            const PLACES: u32 = $places;
            fn from_units($units: i64) -> Self {
                $from
            }
            fn units(self) -> i64 {
                let $value = self;
                $to
            }
            fn digits(units: i64) -> String {
                $digits(units, $places)
            }
        }

        impl Setting for $type {
            fn blank() -> Self {
                <Self as Scalar>::from_units(0)
            }
            fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch> {
                read_scalar(raw, limits)
            }
            fn show(&self) -> String {
                Self::digits(Scalar::units(*self))
            }
            fn allowed(limits: &Limits) -> String {
                range_in_words::<Self>(limits)
            }
        }
    )+ };
}

scalar! {
    Ppm, 4, |units| Ppm(units), |value| value.0, decimal;
    Multiple, 3, |units| Multiple(units), |value| value.0, decimal;
    VixLevel, 2, |units| VixLevel(units), |value| value.0, decimal;
    Delta, 2, |units| Delta(i32::try_from(units).unwrap_or(i32::MAX)), |value| i64::from(value.0), decimal;
    u32, 0, |units| u32::try_from(units).unwrap_or(u32::MAX), |value| i64::from(value), grouped;
    Money, 4, |units| Money::from_units(units), |value| value.units(), grouped;
    Price, 4, |units| Price::from_units(units), |value| value.units(), grouped;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_are_taken_exactly_or_refused() {
        for (text, places, units) in [
            ("5", 4, Ok(50_000)),
            ("0.0001", 4, Ok(1)),
            ("-0.50", 4, Ok(-5_000)),
            ("+1_000.25", 2, Ok(100_025)),
            ("1,250", 0, Ok(1_250)),
            ("0.10000000", 1, Ok(1)),
            ("0.11", 1, Err(Mismatch::TooFine(1))),
            ("nan", 4, Err(Mismatch::NotFinite)),
            ("-inf", 4, Err(Mismatch::NotFinite)),
            ("1e3", 4, Err(Mismatch::NotPlain)),
            ("0x10", 4, Err(Mismatch::NotPlain)),
            ("--1", 4, Err(Mismatch::NotPlain)),
            ("1.2.3", 4, Err(Mismatch::NotPlain)),
            (".5", 4, Err(Mismatch::NotPlain)),
            ("", 4, Err(Mismatch::NotPlain)),
            ("٣", 4, Err(Mismatch::NotPlain)),
            ("9223372036854775808", 0, Err(Mismatch::Range)),
        ] {
            assert_eq!(units_of(text, places), units, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(units in -1_000_000_000_000_000i64..1_000_000_000_000_000, places in 0u32..7) {
            prop_assert_eq!(units_of(&decimal(units, places), places), Ok(units));
            prop_assert_eq!(units_of(&grouped(units, places), places), Ok(units));
        }
    }
}
