//! Single values that are no plain number: yes or no, words, times, dates, tickers.

use market::instrument::Symbol;
use market::quote::Delta;
use market::time::Date;

use super::scalar::{range_in_words, read_scalar};
use super::{Limits, Mismatch, Raw, Setting};
use crate::policy::unit::{RollDelta, TimeOfDay};

impl Setting for bool {
    fn blank() -> Self {
        false
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        match raw {
            Raw::Bool(yes) => Ok(*yes),
            _ => Err(Mismatch::Kind),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
    fn allowed(_: &Limits) -> String {
        "true or false".to_owned()
    }
}

/// The choice that a word stands for.
pub(in crate::policy) fn read_word<T>(raw: &Raw<'_>, find: impl Fn(&str) -> Option<T>) -> Result<T, Mismatch> {
    match raw {
        Raw::Word(word) => find(word).ok_or(Mismatch::Range),
        _ => Err(Mismatch::Kind),
    }
}

/// Words as a list of alternatives.
pub(in crate::policy) fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

impl Setting for RollDelta {
    fn blank() -> Self {
        RollDelta::Band
    }
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch> {
        match raw {
            Raw::Word(word) if word == "band" => Ok(RollDelta::Band),
            Raw::Word(_) => Err(Mismatch::Range),
            _ => read_scalar(raw, limits).map(RollDelta::Points),
        }
    }
    fn show(&self) -> String {
        match self {
            RollDelta::Band => "\"band\"".to_owned(),
            RollDelta::Points(delta) => delta.show(),
        }
    }
    fn allowed(limits: &Limits) -> String {
        format!("{}, or \"band\"", range_in_words::<Delta>(limits))
    }
}

impl Setting for TimeOfDay {
    fn blank() -> Self {
        TimeOfDay(0)
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        let text: &str = match raw {
            Raw::Word(text) => text,
            Raw::Date(text) => text,
            _ => return Err(Mismatch::Kind),
        };
        let (hour, minute) = text.split_once(':').ok_or(Mismatch::Kind)?;
        let minute = minute.strip_suffix(":00").unwrap_or(minute);
        let two = |s: &str| if s.len() == 2 { s.parse::<u16>().ok() } else { None };
        match (two(hour), two(minute)) {
            (Some(hour), Some(minute)) if hour < 24 && minute < 60 => Ok(TimeOfDay::at(hour, minute)),
            (Some(_), Some(_)) => Err(Mismatch::Range),
            _ => Err(Mismatch::Kind),
        }
    }
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
    fn allowed(_: &Limits) -> String {
        "a time of day such as \"09:45\"".to_owned()
    }
}

impl Setting for Date {
    fn blank() -> Self {
        Date::constant(1970, 1, 1)
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        let text: &str = match raw {
            Raw::Word(text) => text,
            Raw::Date(text) => text,
            _ => return Err(Mismatch::Kind),
        };
        text.parse().map_err(|_| Mismatch::Kind)
    }
    fn show(&self) -> String {
        self.to_string()
    }
    fn allowed(_: &Limits) -> String {
        "a date such as 2016-01-01".to_owned()
    }
}

impl Setting for Symbol {
    fn blank() -> Self {
        Symbol::new("X").expect("a ticker of one letter")
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        read_word(raw, |word| Symbol::new(word).ok())
    }
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
    fn allowed(_: &Limits) -> String {
        "a ticker such as \"SPY\"".to_owned()
    }
}
