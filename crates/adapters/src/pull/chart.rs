//! The chart: one symbol's prices as lists, its dividends and splits, in JSON.
//!
//! `chart.result[0]` has `meta` (`symbol`, `exchangeTimezoneName`, `dataGranularity`), `timestamp` (seconds since
//! 1970, one for each session), `indicators.quote[0]` with the lists `open`, `high`, `low`, `close`, `volume`, and
//! perhaps `indicators.adjclose[0].adjclose` and `events` with `dividends` (`date`, `amount`) and `splits` (`date`,
//! `numerator`, `denominator`). Prices are adjusted for splits; `adjclose` alone also for dividends, which is how it
//! is told that the others are not. Numbers are single-precision written in double: the decimal that was meant is the
//! shortest one.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use market::instrument::Symbol;
use market::time::Date;
use serde_json::Value;

use crate::fault::{DataError, Fault, quoted};
use crate::folder::{Kind, Sheet};

const ZONE: &str = "America/New_York";
/// How far an adjusted close's step over a dividend may be from what the dividend makes it, as a share of the step and
/// beside it.
const STEP: (f64, f64) = (0.25, 1e-4);

/// What a chart says.
pub struct Chart {
    /// Prices by session.
    pub bars: Sheet,
    /// Cash dividends.
    pub dividends: Sheet,
    /// Splits.
    pub splits: Sheet,
}

/// Reads a chart of `symbol`, which its source calls `theirs`. Sessions of which `is_settled` does not hold are left
/// out.
///
/// # Errors
/// [`DataError`] with the address and what in the answer is not as expected.
pub fn read(
    name: &Path,
    bytes: &[u8],
    symbol: Symbol,
    theirs: &str,
    is_settled: &dyn Fn(Date) -> bool,
) -> Result<Chart, DataError> {
    let at = At { name };
    let whole: Value = serde_json::from_slice(bytes).map_err(|_| {
        let found = quoted(&String::from_utf8_lossy(bytes));
        at.found("", found, "a chart in JSON")
    })?;
    let refusal = &whole["chart"]["error"];
    if !refusal.is_null() {
        let said = refusal["description"].as_str().map_or_else(|| refusal.to_string(), str::to_owned);
        return Err(at.found("chart.error", quoted(&said), "a chart"));
    }
    let result = &whole["chart"]["result"][0];
    let meta = &result["meta"];
    for (key, expected) in [("symbol", theirs), ("exchangeTimezoneName", ZONE), ("dataGranularity", "1d")] {
        if meta[key].as_str().is_none_or(|found| !found.eq_ignore_ascii_case(expected)) {
            return Err(at.found(&format!("meta.{key}"), quoted(&meta[key].to_string()), expected));
        }
    }
    let zone = TimeZone::get(ZONE).map_err(|error| at.found("zone", error.to_string(), ZONE))?;
    let lists = Lists::of(&at, result, &zone)?;
    let events = Events { at: &at, result, zone: &zone, symbol };
    let dividends = events.read("dividends", Kind::Dividends, |event| number(&event["amount"]))?;
    let splits = events.read("splits", Kind::Splits, |event| {
        let (new, old) = (event["numerator"].as_f64()?, event["denominator"].as_f64()?);
        number(&Value::from(new / old)).filter(|_| old > 0.0)
    })?;
    lists.check_adjustment(&at, &dividends)?;
    Ok(Chart { bars: lists.bars(&at, symbol, is_settled)?, dividends, splits })
}

struct At<'a> {
    name: &'a Path,
}

impl At<'_> {
    fn found(&self, field: &str, found: String, expected: &str) -> DataError {
        let field = (!field.is_empty()).then(|| field.to_owned().into());
        DataError::new(self.name, None, field, Fault::Found { found, expected: expected.to_owned().into() })
    }
}

/// The lists, a place in each for a session.
struct Lists<'a> {
    days: Vec<Date>,
    prices: [(&'static str, &'a [Value]); 4],
    volume: &'a [Value],
    adjusted: Option<&'a [Value]>,
}

impl<'a> Lists<'a> {
    fn of(at: &At<'_>, result: &'a Value, zone: &TimeZone) -> Result<Lists<'a>, DataError> {
        let list = |place: &str, value: &'a Value| {
            let list = value.as_array().map(Vec::as_slice);
            list.ok_or_else(|| at.found(place, quoted(&value.to_string()), "a list with a value for each session"))
        };
        let times = list("timestamp", &result["timestamp"])?;
        let quote = &result["indicators"]["quote"][0];
        let of = |key: &'static str| list(key, &quote[key]).map(|list| (key, list));
        let prices = [of("open")?, of("high")?, of("low")?, of("close")?];
        let (_, volume) = of("volume")?;
        let adjusted = &result["indicators"]["adjclose"][0]["adjclose"];
        let adjusted = if adjusted.is_null() { None } else { Some(list("adjclose", adjusted)?) };
        let lengths = prices.iter().map(|(key, list)| (*key, list.len())).chain([("volume", volume.len())]);
        for (key, length) in lengths.chain(adjusted.map(|list| ("adjclose", list.len()))) {
            if length != times.len() {
                let expected = format!("{}, as many as there are times", times.len());
                return Err(at.found(key, format!("{length} values"), &expected));
            }
        }
        let mut days: Vec<Date> = Vec::with_capacity(times.len());
        for (i, time) in times.iter().enumerate() {
            let day = day(time, zone)
                .ok_or_else(|| at.found(&format!("timestamp[{i}]"), quoted(&time.to_string()), "seconds since 1970"))?;
            days.push(day);
        }
        Ok(Lists { days, prices, volume, adjusted })
    }

    fn bars(&self, at: &At<'_>, symbol: Symbol, is_settled: &dyn Fn(Date) -> bool) -> Result<Sheet, DataError> {
        let mut sheet = Sheet::new(Kind::Bars(symbol));
        let mut last: Option<Date> = None;
        for (i, day) in self.days.iter().enumerate().filter(|(_, day)| is_settled(**day)) {
            if let Some(last) = last.replace(*day).filter(|last| day <= last) {
                return Err(at.found(&format!("timestamp[{i}]"), format!("{day} after {last}"), "rising dates"));
            }
            let mut values = Vec::with_capacity(5);
            for (key, list) in self.prices.iter().copied().chain([("volume", self.volume)]) {
                let value = number(&list[i]).filter(|value| is_sound(key, value)).ok_or_else(|| {
                    let expected = if key == "volume" { "shares, zero or more" } else { "a price above zero" };
                    at.found(&format!("{key}[{i}] of {day}"), quoted(&list[i].to_string()), expected)
                })?;
                values.push(value);
            }
            sheet.insert(vec![day.to_string()], values);
        }
        if sheet.is_empty() {
            return Err(at.found("timestamp", "no session".to_owned(), "at least one session that is over"));
        }
        Ok(sheet)
    }

    /// Over a dividend D after a close C, the adjusted close steps by 1 − D/C against the close (the factor of CRSP's
    /// total returns). Where it does not, the close is adjusted for the dividend itself.
    fn check_adjustment(&self, at: &At<'_>, dividends: &Sheet) -> Result<(), DataError> {
        let Some(adjusted) = self.adjusted else { return Ok(()) };
        let close = self.prices[3].1;
        let ratio = |i: usize| Some(adjusted[i].as_f64()? / close[i].as_f64()?);
        for (key, amount) in dividends.column("amount_split_adjusted") {
            let place = self.days.iter().position(|day| Some(&day.to_string()) == key.get(1)).filter(|i| *i > 0);
            let step = || {
                let i = place?;
                let share = amount.parse::<f64>().ok()? / close[i - 1].as_f64()?;
                Some((i, ratio(i - 1)? / ratio(i)? - (1.0 - share), share))
            };
            if let Some((i, off, share)) = step().filter(|(_, off, share)| off.abs() > STEP.0 * share + STEP.1) {
                let problem = format!(
                    "over the dividend of {amount} on {} the adjusted close steps {off:+.5} away from 1 − {share:.5}: \
                     these closes are adjusted for dividends; expected closes adjusted for splits alone",
                    self.days[i]
                );
                return Err(DataError::new(at.name, None, Some("adjclose".into()), Fault::Unsound { problem }));
            }
        }
        Ok(())
    }
}

struct Events<'a> {
    at: &'a At<'a>,
    result: &'a Value,
    zone: &'a TimeZone,
    symbol: Symbol,
}

impl Events<'_> {
    fn read(&self, key: &str, kind: Kind, value: impl Fn(&Value) -> Option<String>) -> Result<Sheet, DataError> {
        let mut sheet = Sheet::new(kind);
        let events = &self.result["events"][key];
        for (name, event) in events.as_object().into_iter().flatten() {
            let read = || Some((day(&event["date"], self.zone)?, value(event)?));
            let (day, value) = read().ok_or_else(|| {
                let expected = if kind == Kind::Splits { "a date, new shares and old" } else { "a date and an amount" };
                self.at.found(&format!("events.{key}.{name}"), quoted(&event.to_string()), expected)
            })?;
            if !sheet.insert(vec![self.symbol.to_string(), day.to_string()], vec![value]) {
                return Err(self.at.found(&format!("events.{key}.{name}"), format!("{day} twice"), "each day once"));
            }
        }
        Ok(sheet)
    }
}

fn day(time: &Value, zone: &TimeZone) -> Option<Date> {
    Some(Timestamp::from_second(time.as_i64()?).ok()?.to_zoned(zone.clone()).date())
}

fn is_sound(key: &str, value: &str) -> bool {
    let value = crate::text::decimal(value);
    value.is_some_and(|value| !value.is_negative() && (key == "volume" || !value.is_zero()))
}

/// The decimal that was meant: the shortest in single precision where that is what the number is, else in double.
fn number(value: &Value) -> Option<String> {
    let value = value.as_f64().filter(|value| value.is_finite())?;
    let single = value as f32;
    let is_single = (f64::from(single) - value).abs() <= value.abs() * 4.0 * f64::EPSILON;
    Some(if is_single && value.abs() < 1e7 { format!("{single}") } else { format!("{value}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decimal_that_was_meant_is_the_shortest() {
        for (number_given, meant) in [
            (102.900_001_525_878_9, "102.9"),
            (5_123.430_175_781_25, "5123.43"),
            (26.082_500_457_763_672, "26.0825"),
            (0.25, "0.25"),
            (0.1425, "0.1425"),
            (75_089_800.0, "75089800"),
            (123_612_836.0, "123612836"),
        ] {
            assert_eq!(number(&Value::from(number_given)).as_deref(), Some(meant));
        }
        assert_eq!(number(&Value::Null), None);
    }
}
