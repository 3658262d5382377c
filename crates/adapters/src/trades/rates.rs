//! The reader's tax rates as a small TOML file.
//!
//! ```toml
//! ordinary = 32            # percent: short-term gains, interest, dividends that are not qualified
//! long_term = "18.8"       # percent: long-term gains, qualified dividends
//! loss_limit = 3000        # dollars a year off other income (IRC 1211(b)); if absent, 3,000
//! carried_short = 0        # dollars of capital losses carried into the books' first year; if absent, none
//! carried_long = 0
//! ```

use std::path::Path;

use market::value::Money;
use report::tax::Rates;
use report::tax::netting::{Carried, LOSS_LIMIT, percent};
use toml::{Table, Value};

use crate::fault::{DataError, Fault, quoted};

/// Reads the file. Both rates must be there.
///
/// # Errors
/// [`DataError`] with the file, and the line or the key at fault.
pub fn read_rates(file: &Path) -> Result<Rates, DataError> {
    let expected = "tax rates (TOML): ordinary and long_term in percent";
    let text = std::fs::read_to_string(file).map_err(|error| {
        let fault = match error.kind() {
            std::io::ErrorKind::NotFound => Fault::NoFile { expected: expected.into() },
            _ => Fault::Unreadable { reason: error.to_string(), expected: expected.into() },
        };
        DataError::of_file(file, fault)
    })?;
    parse(file, &text)
}

fn parse(file: &Path, text: &str) -> Result<Rates, DataError> {
    let table: Table = text.parse().map_err(|e: toml::de::Error| {
        let before = e.span().map_or(0, |span| span.start.min(text.len()));
        let line = 1 + text.as_bytes()[..before].iter().filter(|b| **b == b'\n').count();
        let problem = format!("{}; expected TOML", e.message());
        DataError::new(file, u32::try_from(line).ok(), None, Fault::Unsound { problem })
    })?;
    let (mut ordinary, mut long_term) = (None, None);
    let (mut loss_limit, mut carried) = (LOSS_LIMIT, Carried::default());
    for (key, value) in &table {
        let wrong = |expected: &'static str| {
            let fault = Fault::Found { found: quoted(&value.to_string()), expected: expected.into() };
            DataError::new(file, None, Some(key.clone().into()), fault)
        };
        let rate = || percent(&number(value)).ok_or_else(|| wrong(PERCENT));
        let dollars = || {
            let amount = number(value).parse::<Money>().ok().filter(|m| !m.is_negative());
            amount.ok_or_else(|| wrong("dollars of zero or more, such as 3000"))
        };
        match key.as_str() {
            "ordinary" => ordinary = Some(rate()?),
            "long_term" => long_term = Some(rate()?),
            "loss_limit" => loss_limit = dollars()?,
            "carried_short" => carried.short_term = dollars()?.into(),
            "carried_long" => carried.long_term = dollars()?.into(),
            _ => return Err(wrong("ordinary, long_term, loss_limit, carried_short or carried_long")),
        }
    }
    let missing = |key: &'static str| {
        let problem = format!("is missing; expected {PERCENT}");
        DataError::new(file, None, Some(key.into()), Fault::Unsound { problem })
    };
    let ordinary = ordinary.ok_or_else(|| missing("ordinary"))?;
    let long_term = long_term.ok_or_else(|| missing("long_term"))?;
    Ok(Rates { ordinary, long_term, loss_limit, carried })
}

const PERCENT: &str = "a percentage from 0 to 100 with at most four decimals, such as 32 or \"18.8\"";

/// A number as it was written, between quotation marks or not.
fn number(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Rates, String> {
        parse(Path::new("rates.toml"), text).map_err(|e| e.to_string())
    }

    #[test]
    fn rates_are_read_or_refused_by_their_key() {
        let rates = of("ordinary = 32\nlong_term = \"18.8\"\nloss_limit = 1500\ncarried_long = 250.75").unwrap();
        assert_eq!([rates.ordinary, rates.long_term].map(|r| r.to_string()), ["32%", "18.8%"]);
        assert_eq!((rates.loss_limit, rates.carried.long_term.0), (Money::dollars(1_500), Money::cents(25_075)));
        assert_eq!(of("ordinary = 37.5\nlong_term = 0").unwrap().ordinary.to_string(), "37.5%");
        for (text, message) in [
            ("long_term = 15", "rates.toml, ordinary: is missing; expected a percentage"),
            ("ordinary = 32", "rates.toml, long_term: is missing"),
            ("ordinary = 132\nlong_term = 15", "rates.toml, ordinary: found \"132\"; expected a percentage from 0"),
            ("ordinary = -1\nlong_term = 15", "ordinary: found \"-1\""),
            ("ordinary = nan\nlong_term = 15", "ordinary: found \"nan\""),
            ("ordinary = 32\nlong_term = 15\nstate = 5", "state: found \"5\"; expected ordinary, long_term, loss"),
            ("ordinary = 32\nlong_term = 15\nloss_limit = -3", "loss_limit: found \"-3\"; expected dollars"),
            ("ordinary = 32\nlong_term = ", "rates.toml, line 2: "),
        ] {
            let error = of(text).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
