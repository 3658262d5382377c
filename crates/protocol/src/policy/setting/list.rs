//! Bands, parts, scales and lists.

use market::instrument::Symbol;

use super::scalar::{Scalar, scalar_of};
use super::{Limits, Mismatch, Raw, Setting};
use crate::policy::unit::{Parts, Ppm, Span, Steps, Symbols, decimal};
use crate::rule::{Rule, RuleSet};

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
