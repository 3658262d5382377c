//! The premium model and its policy file, `policy/premium-model.toml`.
//!
//! [`PremiumModel::parse`] reads the file's text. The model then makes volatility curves of the three kinds of symbol
//! and quotes options on them as [`ModelledQuote`], a type of its own, so that no modelled premium passes for a quoted
//! one.

use market::instrument::Right;
use market::math;
use serde::Deserialize;
use toml::Spanned;

use crate::black_scholes::Terms;
use crate::curve::{BadLevel, TermStructure, VolatilityCurve};
use crate::spread::{Classes, SpreadTable, is_rising};

/// Why a policy text is not a premium model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadModel {
    /// Not TOML, or a key is missing, unknown or of another kind.
    #[error("{file} line {line}: {message}")]
    Syntax {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A value outside its range.
    #[error("{file} line {line}: {key} is {found}; expected {expected}")]
    Range {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Section and key.
        key: &'static str,
        /// The value.
        found: String,
        /// Its range.
        expected: String,
    },
}

/// How the volatility of a symbol without an index of its own is estimated from realised volatilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioRule {
    sessions: usize,
    least_sessions: usize,
    exponent: f64,
}

impl RatioRule {
    /// The symbol's implied volatility over the index's: the ratio of their realised volatilities (roots of the mean
    /// squared daily log return, over as many of the rule's sessions as are at hand), raised to the rule's exponent.
    ///
    /// Both columns hold closes of the same sessions, oldest first, up to the previous close, in today's shares.
    /// `None` if they differ in length, are shorter than the rule's least, or show no movement.
    #[must_use]
    pub fn ratio(&self, symbol_closes: &[f64], index_closes: &[f64]) -> Option<f64> {
        if symbol_closes.len() != index_closes.len() {
            return None;
        }
        self.ratio_of_squares(&squared_returns(symbol_closes), &squared_returns(index_closes))
    }

    /// The same from squared returns ([`squared_returns`]), for callers that ask day after day.
    #[must_use]
    pub fn ratio_of_squares(&self, symbol: &[f64], index: &[f64]) -> Option<f64> {
        let returns = symbol.len().min(self.sessions);
        if symbol.len() != index.len() || returns < self.least_sessions {
            return None;
        }
        let sum = |squares: &[f64]| squares[squares.len() - returns..].iter().sum::<f64>();
        let ratio = math::pow((sum(symbol) / sum(index)).sqrt(), self.exponent);
        (ratio.is_finite() && ratio > 0.0).then_some(ratio)
    }

    /// Sessions of returns looked at, at most; one close more than this is enough.
    #[must_use]
    pub const fn sessions(&self) -> usize {
        self.sessions
    }
}

/// The squared logarithmic return of each close but the first.
#[must_use]
pub fn squared_returns(closes: &[f64]) -> Vec<f64> {
    let square = |pair: &[f64]| {
        let step = math::ln(pair[1] / pair[0]);
        step * step
    };
    closes.windows(2).map(square).collect()
}

/// A modelled option: never a quote, never a live order's price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelledQuote {
    /// The model's price, dollars a share.
    pub mid: f64,
    /// What a seller would get, dollars, not rounded to a tick.
    pub bid: f64,
    /// What a buyer would pay, dollars, not rounded to a tick.
    pub ask: f64,
    /// Spot delta, negative for puts.
    pub delta: f64,
}

/// The premium model's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct PremiumModel {
    level: f64,
    ratio: RatioRule,
    spread: SpreadTable,
}

impl PremiumModel {
    /// Reads the policy's text; `file` is its name for messages.
    ///
    /// # Errors
    /// [`BadModel`] naming file, line, key and what was expected.
    pub fn parse(text: &str, file: &str) -> Result<Self, BadModel> {
        let source = Source { text, file };
        let raw: RawModel = toml::from_str(text).map_err(|error| source.syntax(&error))?;
        let (volatility, ratio) = (raw.volatility, raw.ratio);
        let level = source.number("volatility.level", &volatility.level, 0.1, 2.0)?;
        let sessions = source.count("ratio.sessions", &ratio.sessions, 5, 2520)?;
        let least_sessions = source.count("ratio.least_sessions", &ratio.least_sessions, 5, sessions)?;
        let exponent = source.number("ratio.exponent", &ratio.exponent, 0.0, 1.0)?;
        let rule = RatioRule { sessions, least_sessions, exponent };
        Ok(PremiumModel { level, ratio: rule, spread: source.spread(&raw.spread)? })
    }

    /// What scales an implied-volatility index, which weighs all strikes, to at-the-money volatility.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// The same model at another level.
    #[must_use]
    pub fn at_level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// The rule for symbols without an index.
    #[must_use]
    pub const fn ratio_rule(&self) -> &RatioRule {
        &self.ratio
    }

    /// Bid and ask around a modelled price.
    #[must_use]
    pub const fn spread(&self) -> &SpreadTable {
        &self.spread
    }

    /// Curve of the index fund itself.
    ///
    /// # Errors
    /// See [`VolatilityCurve::of_index`].
    pub fn index_curve(&self, term: TermStructure) -> Result<VolatilityCurve, BadLevel> {
        VolatilityCurve::of_index(term, self.level)
    }

    /// Curve of a symbol with a 30-day index of its own, in volatility points.
    ///
    /// # Errors
    /// See [`VolatilityCurve::with_own_index`].
    pub fn own_index_curve(&self, term: TermStructure, own_points: f64) -> Result<VolatilityCurve, BadLevel> {
        VolatilityCurve::with_own_index(term, own_points, self.level)
    }

    /// Curve of a symbol without an index; `ratio` from [`RatioRule::ratio`].
    ///
    /// # Errors
    /// See [`VolatilityCurve::by_ratio`].
    pub fn ratio_curve(&self, term: TermStructure, ratio: f64) -> Result<VolatilityCurve, BadLevel> {
        VolatilityCurve::by_ratio(term, ratio, self.level)
    }

    /// Price, delta, bid and ask of one option; `strike` in dollars.
    #[must_use]
    pub fn quote(&self, terms: &Terms, curve: &VolatilityCurve, right: Right, strike: f64) -> ModelledQuote {
        let (mid, delta) = terms.price_and_delta(right, strike, curve.volatility(terms.years()));
        let (bid, ask) = self.spread.bid_ask(delta, terms.years().days(), mid);
        ModelledQuote { mid, bid, ask, delta }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    volatility: RawVolatility,
    ratio: RawRatio,
    spread: RawSpread,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVolatility {
    level: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRatio {
    sessions: Spanned<i64>,
    least_sessions: Spanned<i64>,
    exponent: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpread {
    floor: Spanned<f64>,
    delta_points: Spanned<Vec<f64>>,
    days: Spanned<Vec<f64>>,
    of_mid: Spanned<Vec<Spanned<Vec<f64>>>>,
}

/// A policy text with its name, for messages.
struct Source<'a> {
    text: &'a str,
    file: &'a str,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn syntax(&self, error: &toml::de::Error) -> BadModel {
        let line = self.line(error.span().map_or(0, |span| span.start));
        BadModel::Syntax { file: self.file.to_owned(), line, message: error.message().trim().to_owned() }
    }

    fn range<T>(&self, key: &'static str, at: &Spanned<T>, found: String, expected: String) -> BadModel {
        BadModel::Range { file: self.file.to_owned(), line: self.line(at.span().start), key, found, expected }
    }

    fn number(&self, key: &'static str, at: &Spanned<f64>, least: f64, most: f64) -> Result<f64, BadModel> {
        let value = *at.get_ref();
        if (least..=most).contains(&value) {
            return Ok(value);
        }
        Err(self.range(key, at, value.to_string(), format!("a number from {least} to {most}")))
    }

    fn count(&self, key: &'static str, at: &Spanned<i64>, least: usize, most: usize) -> Result<usize, BadModel> {
        let value = *at.get_ref();
        match usize::try_from(value) {
            Ok(count) if (least..=most).contains(&count) => Ok(count),
            _ => Err(self.range(key, at, value.to_string(), format!("a whole number from {least} to {most}"))),
        }
    }

    fn edges(&self, key: &'static str, at: &Spanned<Vec<f64>>) -> Result<Vec<f64>, BadModel> {
        let edges = at.get_ref();
        if is_rising(edges) {
            return Ok(edges.clone());
        }
        Err(self.range(key, at, format!("{edges:?}"), "positive numbers, rising".to_owned()))
    }

    fn spread(&self, raw: &RawSpread) -> Result<SpreadTable, BadModel> {
        let floor = self.number("spread.floor", &raw.floor, 0.0, 10.0)?;
        let delta_points = self.edges("spread.delta_points", &raw.delta_points)?;
        let days = self.edges("spread.days", &raw.days)?;
        let (rows, columns) = (days.len() + 1, delta_points.len() + 1);
        let given = raw.of_mid.get_ref();
        if given.len() != rows {
            let expected = format!("{rows} rows, one more than spread.days has edges");
            return Err(self.range("spread.of_mid", &raw.of_mid, format!("{} rows", given.len()), expected));
        }
        for row in given {
            let shares = row.get_ref();
            if shares.len() != columns || !shares.iter().all(|share| (0.0..=1.0).contains(share)) {
                let expected = format!("{columns} numbers from 0 to 1, one more than spread.delta_points has edges");
                return Err(self.range("spread.of_mid", row, format!("{shares:?}"), expected));
            }
        }
        let of_mid = given.iter().map(|row| row.get_ref().clone()).collect();
        let unchecked = "edges were found rising";
        Ok(SpreadTable { floor, classes: Classes::new(delta_points, days).expect(unchecked), of_mid })
    }
}
