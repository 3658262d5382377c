//! Bars adjusted for dividends: their prices are no strikes' neighbours, and a run would count each dividend twice.

use std::path::Path;

use market::instrument::Symbol;

use super::Sheet;
use crate::fault::{DataError, Fault};
use crate::text;

/// Fewer closes than this say nothing.
const LEAST: usize = 20;
/// Stocks trade in cents since 2001-04-09 (SEC, order 34-43876 of 2001-01-25); older closes say nothing.
const CENTS_SINCE: &str = "2001-04-09";
/// How far from a cent a close of the day may be for its rounding, in dollars.
const NEAR: f64 = 0.0001;
/// The most that the rounding of an adjusted price may come to before it says nothing, in dollars.
const BLURRED: f64 = 0.0015;

/// A closing price of the day is a whole number of cents. Most of those that were adjusted for dividends are not,
/// unless somebody rounded them: then nothing can be seen.
pub(super) fn check(file: &Path, symbol: Symbol, bars: &Sheet, splits: Option<&Sheet>) -> Result<(), DataError> {
    let name = symbol.to_string();
    let of_symbol = |key: &[String]| key.first() == Some(&name);
    let splits: Vec<(String, f64)> = splits.map_or_else(Vec::new, |splits| {
        let own = splits.column("new_shares_per_old").filter(|(key, _)| of_symbol(key));
        own.filter_map(|(key, factor)| Some((key.get(1)?.clone(), number(factor)?))).collect()
    });
    let (mut odd, mut all, mut first) = (0, 0, None);
    for (key, close) in bars.column("close") {
        let (Some(date), Some(close)) = (key.first(), number(close)) else { continue };
        let factor: f64 = splits.iter().filter(|(effective, _)| date < effective).map(|(_, factor)| factor).product();
        let blur = 0.000_05 * factor + NEAR;
        if date.as_str() < CENTS_SINCE || blur > BLURRED {
            continue;
        }
        let cents = close * factor * 100.0;
        all += 1;
        if (cents - cents.round()).abs() > blur * 100.0 {
            odd += 1;
            first.get_or_insert_with(|| format!("{close} on {date}"));
        }
    }
    match first {
        Some(first) if all >= LEAST && odd * 2 > all => {
            let problem = format!(
                "{odd} of {all} closes are no whole cents of their day, the first {first}: prices adjusted for \
                 dividends, or for a split that events/splits.csv does not have; expected prices adjusted for splits \
                 alone"
            );
            Err(DataError::new(file, None, Some("close".into()), Fault::Unsound { problem }))
        }
        _ => Ok(()),
    }
}

fn number(written: &str) -> Option<f64> {
    text::decimal(written)?.float(written)
}
