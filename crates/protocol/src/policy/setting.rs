//! How a value of each kind is read from a policy file, checked against its range, and written back.

use std::borrow::Cow;

use market::instrument::Symbol;
use market::quote::Delta;
use market::time::Date;
use market::value::{Money, Price, UNITS_PER_DOLLAR};

use super::unit::{
    Dated, Ladder, MicroDollars, Multiple, Parts, Ppm, RollDelta, Span, Steps, Symbols, TimeOfDay, VixLevel, decimal,
};
use crate::fees::Rate;
use crate::rule::{Rule, RuleSet};

/// A value as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    /// Digits, not yet taken for a number.
    Number(Cow<'a, str>),
    /// `true` or `false`.
    Bool(bool),
    /// Text in quotes.
    Word(Cow<'a, str>),
    /// A date or time.
    Date(String),
    /// `[ … ]`.
    List(Vec<Raw<'a>>),
    /// `{ … }`.
    Table(Vec<(String, Raw<'a>)>),
}

impl Raw<'_> {
    /// The value as its writer would recognise it.
    pub(super) fn shown(&self) -> String {
        match self {
            Raw::Number(text) => text.to_string(),
            Raw::Bool(yes) => yes.to_string(),
            Raw::Word(word) => format!("{word:?}"),
            Raw::Date(text) => text.clone(),
            Raw::List(items) => format!("[{}]", items.iter().map(Raw::shown).collect::<Vec<_>>().join(", ")),
            Raw::Table(fields) => {
                let fields: Vec<String> = fields.iter().map(|(k, v)| format!("{k} = {}", v.shown())).collect();
                format!("{{ {} }}", fields.join(", "))
            }
        }
    }
}

/// Why a value cannot stand for its key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Text where a number belongs, or the like.
    #[error("is not of the right kind")]
    Kind,
    /// Below the lowest or above the highest allowed.
    #[error("is out of range")]
    Range,
    /// More decimals than the unit has.
    #[error("has more than {0} decimals")]
    TooFine(u32),
    /// `nan` or `inf`.
    #[error("is not a finite number")]
    NotFinite,
    /// An exponent, or another base than ten.
    #[error("is not written in plain decimal digits")]
    NotPlain,
    /// Parts that do not make a whole.
    #[error("adds up to {0}%")]
    Sum(String),
    /// A band, a scale or a table that falls where it must rise.
    #[error("does not rise")]
    NotRising,
    /// Something twice in a list.
    #[error("names {0} twice")]
    Twice(String),
    /// A list item that means nothing.
    #[error("holds {0}, which is not known")]
    Unknown(String),
}

/// What is allowed for a key, in the smallest units of its type, and its unit in words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) unit: &'static str,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident($scale:expr, $unit:literal);)+) => {
        $($(#[doc = $doc])+
        pub(super) const fn $name(low: i64, high: i64) -> Limits {
            Limits { low: low * $scale, high: high * $scale, unit: $unit }
        })+
    };
}

limits! {
    /// Whole percent.
    percent(10_000, "percent");
    /// Millionths, shown as percent.
    share(1, "percent");
    /// Whole points of delta.
    points(100, "points of delta");
    /// Whole dollars.
    dollars(UNITS_PER_DOLLAR, "dollars");
    /// Whole dollars of an amount.
    money(UNITS_PER_DOLLAR, "dollars");
    /// Points of VIX.
    vix_points(100, "points of VIX");
}

/// A whole number of something.
pub(super) const fn count(low: i64, high: i64, unit: &'static str) -> Limits {
    Limits { low, high, unit }
}

/// Thousandths of a multiple.
pub(super) const fn multiple(low: i64, high: i64, unit: &'static str) -> Limits {
    Limits { low, high, unit }
}

/// A value whose type alone says what is allowed.
pub(super) const fn any(unit: &'static str) -> Limits {
    Limits { low: i64::MIN, high: i64::MAX, unit }
}

/// Parts or steps of a whole.
pub(super) const fn parts(unit: &'static str) -> Limits {
    Limits { low: 0, high: Ppm::WHOLE, unit }
}

/// A value that a policy can hold.
pub(super) trait Setting: Sized {
    /// A placeholder that stands until the file is read.
    fn blank() -> Self;
    /// Reads the value and checks it.
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch>;
    /// The value as the file writes it.
    fn show(&self) -> String;
    /// What is allowed, in words.
    fn allowed(limits: &Limits) -> String;
}

/// A value that is one whole number of its smallest unit.
pub(super) trait Scalar: Copy {
    /// Decimals that it may be written with.
    const PLACES: u32;
    fn from_units(units: i64) -> Self;
    fn units(self) -> i64;
    fn digits(units: i64) -> String {
        decimal(units, Self::PLACES)
    }
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
    let (whole, part) = body.split_once('.').unwrap_or((body, ""));
    let digits: String = whole.chars().chain(part.chars()).filter(|c| *c != '_' && *c != ',').collect();
    if whole.is_empty() || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Mismatch::NotPlain);
    }
    let part = part.trim_end_matches('0');
    if part.len() > places as usize {
        return Err(Mismatch::TooFine(places));
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let units: i64 = format!("{whole}{part:0<width$}", width = places as usize).parse().map_err(|_| Mismatch::Range)?;
    Ok(if negative { -units } else { units })
}

fn scalar_of<T: Scalar>(text: &str, limits: &Limits) -> Result<T, Mismatch> {
    let units = units_of(text, T::PLACES)?;
    let inside = limits.low <= units && units <= limits.high;
    if inside { Ok(T::from_units(units)) } else { Err(Mismatch::Range) }
}

fn read_scalar<T: Scalar>(raw: &Raw<'_>, limits: &Limits) -> Result<T, Mismatch> {
    match raw {
        Raw::Number(text) => scalar_of(text, limits),
        _ => Err(Mismatch::Kind),
    }
}

fn range_in_words<T: Scalar>(limits: &Limits) -> String {
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
pub(super) fn read_word<T>(raw: &Raw<'_>, find: impl Fn(&str) -> Option<T>) -> Result<T, Mismatch> {
    match raw {
        Raw::Word(word) => find(word).ok_or(Mismatch::Range),
        _ => Err(Mismatch::Kind),
    }
}

/// Words as a list of alternatives.
pub(super) fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

impl<T: Scalar + PartialOrd> Setting for Span<T> {
    fn blank() -> Self {
        Span { low: T::from_units(0), high: T::from_units(0) }
    }
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch> {
        let text = match raw {
            Raw::Number(text) | Raw::Word(text) => text.trim(),
            _ => return Err(Mismatch::Kind),
        };
        let ends = text.split_once(" to ").or_else(|| {
            let dash = text.char_indices().skip(1).find(|(_, c)| *c == '-')?.0;
            Some((&text[..dash], &text[dash + 1..]))
        });
        let (low, high) = ends.unwrap_or((text, text));
        let span = Span { low: scalar_of(low.trim(), limits)?, high: scalar_of(high.trim(), limits)? };
        if span.low <= span.high { Ok(span) } else { Err(Mismatch::NotRising) }
    }
    fn show(&self) -> String {
        let (low, high) = (T::digits(self.low.units()), T::digits(self.high.units()));
        if low == high { low } else { format!("\"{low} to {high}\"") }
    }
    fn allowed(limits: &Limits) -> String {
        format!(
            "a band such as \"{0} to {1}\" within {0} to {1} {2}",
            T::digits(limits.low),
            T::digits(limits.high),
            limits.unit
        )
    }
}

fn read_steps<const N: usize>(raw: &Raw<'_>, limits: &Limits) -> Result<[Ppm; N], Mismatch> {
    let Raw::Word(text) = raw else { return Err(Mismatch::Kind) };
    let parts: Vec<Ppm> = text.split('/').map(|p| scalar_of(p.trim(), limits)).collect::<Result<_, _>>()?;
    parts.try_into().map_err(|_| Mismatch::Kind)
}

fn show_steps(steps: &[Ppm]) -> String {
    format!("\"{}\"", steps.iter().map(Setting::show).collect::<Vec<_>>().join(" / "))
}

impl<const N: usize> Setting for Parts<N> {
    fn blank() -> Self {
        Parts([Ppm::ZERO; N])
    }
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch> {
        let parts = read_steps(raw, limits)?;
        let sum: i64 = parts.iter().map(|p| p.0).sum();
        if sum == Ppm::WHOLE { Ok(Parts(parts)) } else { Err(Mismatch::Sum(decimal(sum, 4))) }
    }
    fn show(&self) -> String {
        show_steps(&self.0)
    }
    fn allowed(limits: &Limits) -> String {
        format!("{N} parts between slashes, {}", limits.unit)
    }
}

impl<const N: usize> Setting for Steps<N> {
    fn blank() -> Self {
        Steps([Ppm::ZERO; N])
    }
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch> {
        let steps = read_steps(raw, limits)?;
        if steps.is_sorted() { Ok(Steps(steps)) } else { Err(Mismatch::NotRising) }
    }
    fn show(&self) -> String {
        show_steps(&self.0)
    }
    fn allowed(limits: &Limits) -> String {
        format!("{N} steps between slashes, {}", limits.unit)
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

fn words_of(raw: &Raw<'_>) -> Result<Vec<String>, Mismatch> {
    match raw {
        Raw::Word(text) => Ok(text.split([' ', ',']).filter(|w| !w.is_empty()).map(str::to_owned).collect()),
        Raw::List(items) => items
            .iter()
            .map(|item| match item {
                Raw::Word(word) => Ok(word.to_string()),
                _ => Err(Mismatch::Kind),
            })
            .collect(),
        _ => Err(Mismatch::Kind),
    }
}

fn each_once<T: PartialEq + ToString>(items: Vec<T>) -> Result<Vec<T>, Mismatch> {
    match items.iter().enumerate().find(|(i, item)| items[..*i].contains(item)) {
        Some((_, item)) => Err(Mismatch::Twice(item.to_string())),
        None => Ok(items),
    }
}

fn show_words<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| format!("{:?}", item.to_string())).collect();
    format!("[{}]", quoted.join(", "))
}

impl Setting for Symbols {
    fn blank() -> Self {
        Symbols(Vec::new())
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        let symbol = |word: &String| Symbol::new(word).map_err(|_| Mismatch::Unknown(format!("{word:?}")));
        let symbols = words_of(raw)?.iter().map(symbol).collect::<Result<Vec<_>, _>>()?;
        each_once(symbols).map(Symbols)
    }
    fn show(&self) -> String {
        show_words(&self.0)
    }
    fn allowed(_: &Limits) -> String {
        "a list of tickers such as [\"TSLA\", \"NVDA\"]".to_owned()
    }
}

impl Setting for RuleSet {
    fn blank() -> Self {
        RuleSet::NONE
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        let rule = |word: &String| Rule::from_id(word).ok_or_else(|| Mismatch::Unknown(format!("{word:?}")));
        let rules = words_of(raw)?.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
        each_once(rules).map(|rules| rules.into_iter().collect())
    }
    fn show(&self) -> String {
        show_words(self.iter())
    }
    fn allowed(_: &Limits) -> String {
        "a list of rule identifiers such as [\"E-4\", \"X-8\"]".to_owned()
    }
}

/// The fields of a `{ … }`, taken out one by one.
struct Fields<'a, 'b>(&'b [(String, Raw<'a>)]);

impl<'a, 'b> Fields<'a, 'b> {
    fn of(raw: &'b Raw<'a>, known: &[&str]) -> Result<Self, Mismatch> {
        let Raw::Table(fields) = raw else { return Err(Mismatch::Kind) };
        match fields.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Mismatch::Unknown(format!("{name:?}"))),
            None => Ok(Fields(fields)),
        }
    }

    fn get(&self, name: &str) -> Option<&'b Raw<'a>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, raw)| raw)
    }

    fn read<T: Setting>(&self, name: &str, limits: &Limits) -> Result<T, Mismatch> {
        T::read(self.get(name).ok_or(Mismatch::Kind)?, limits)
    }
}

fn rows_of<'a, 'b>(raw: &'b Raw<'a>) -> Result<&'b [Raw<'a>], Mismatch> {
    match raw {
        Raw::List(rows) if !rows.is_empty() => Ok(rows),
        _ => Err(Mismatch::Kind),
    }
}

fn show_rows(rows: impl Iterator<Item = String>) -> String {
    let rows: Vec<String> = rows.map(|row| format!("  {{ {row} }},\n")).collect();
    format!("[\n{}]", rows.concat())
}

/// What a dated row says besides its day.
trait Row: Sized {
    const FIELDS: &'static [&'static str];
    const SHAPE: &'static str;
    fn read_row(fields: &Fields<'_, '_>, limits: &Limits) -> Result<Self, Mismatch>;
    fn show_row(&self) -> String;
}

impl Row for u32 {
    const FIELDS: &'static [&'static str] = &["from", "days"];
    const SHAPE: &'static str = "{ from = 2016-01-01, days = 3 }";
    fn read_row(fields: &Fields<'_, '_>, limits: &Limits) -> Result<Self, Mismatch> {
        fields.read("days", limits)
    }
    fn show_row(&self) -> String {
        format!("days = {self}")
    }
}

impl Row for Rate {
    const FIELDS: &'static [&'static str] = &["from", "rate", "source"];
    const SHAPE: &'static str = "{ from = 2016-01-01, rate = 0.65, source = \"…\" }";
    fn read_row(fields: &Fields<'_, '_>, _: &Limits) -> Result<Self, Mismatch> {
        let Some(Raw::Number(digits)) = fields.get("rate") else { return Err(Mismatch::Kind) };
        let rate = units_of(digits, 6)?;
        let Some(Raw::Word(source)) = fields.get("source") else { return Err(Mismatch::Kind) };
        if (0..=1_000_000_000).contains(&rate) {
            Ok(Rate { rate: MicroDollars(rate), source: source.to_string() })
        } else {
            Err(Mismatch::Range)
        }
    }
    fn show_row(&self) -> String {
        let digits = decimal(self.rate.0, 6);
        let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
        format!("rate = {whole}.{part:0<2}, source = {:?}", self.source)
    }
}

impl<T: Row> Setting for Dated<T> {
    fn blank() -> Self {
        Dated { rows: Vec::new() }
    }
    fn read(raw: &Raw<'_>, limits: &Limits) -> Result<Self, Mismatch> {
        let mut rows: Vec<(Date, T)> = Vec::new();
        for raw in rows_of(raw)? {
            let fields = Fields::of(raw, T::FIELDS)?;
            let from: Date = fields.read("from", limits)?;
            if rows.last().is_some_and(|(before, _)| *before >= from) {
                return Err(Mismatch::NotRising);
            }
            rows.push((from, T::read_row(&fields, limits)?));
        }
        Ok(Dated { rows })
    }
    fn show(&self) -> String {
        show_rows(self.rows.iter().map(|(from, row)| format!("from = {from}, {}", row.show_row())))
    }
    fn allowed(limits: &Limits) -> String {
        format!("rows rising by date such as {}, {}", T::SHAPE, limits.unit)
    }
}

impl Setting for Ladder {
    fn blank() -> Self {
        Ladder::default()
    }
    fn read(raw: &Raw<'_>, _: &Limits) -> Result<Self, Mismatch> {
        let limits = Limits { low: 1, high: 1_000_000 * UNITS_PER_DOLLAR, unit: "dollars" };
        let (last, rows) = rows_of(raw)?.split_last().ok_or(Mismatch::Kind)?;
        let mut below: Vec<(Price, Price)> = Vec::new();
        for raw in rows {
            let fields = Fields::of(raw, &["below", "step"])?;
            let bound: Price = fields.read("below", &limits)?;
            if below.last().is_some_and(|(before, _)| *before >= bound) {
                return Err(Mismatch::NotRising);
            }
            below.push((bound, fields.read("step", &limits)?));
        }
        Ok(Ladder { below, above: Fields::of(last, &["step"])?.read("step", &limits)? })
    }
    fn show(&self) -> String {
        let rows = self.below.iter().map(|(bound, step)| format!("below = {}, step = {}", bound.show(), step.show()));
        show_rows(rows.chain([format!("step = {}", self.above.show())]))
    }
    fn allowed(_: &Limits) -> String {
        "rows rising by price such as { below = 50, step = 0.50 }, the last one with its step alone".to_owned()
    }
}
