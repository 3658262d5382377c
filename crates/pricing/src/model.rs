//! The premium model and its policy file, `policy/premium-model.toml`.
//!
//! [`PremiumModel::parse`] reads the file's text. The model then makes volatility curves of the three kinds of symbol
//! and quotes options on them as [`ModelledQuote`], a type of its own, so that no modelled premium passes for a quoted
//! one.

use market::instrument::Right;
use market::math;
use market::time::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::black_scholes::Terms;
use crate::clock::{Clock, Time};
use crate::curve::{BadLevel, Skew, Smile, TermStructure, VolatilityCurve};
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

/// Sessions by which a squared daily return becomes one of a year.
const SESSIONS_PER_YEAR: f64 = 252.0;

/// How the volatility of a symbol without an index of its own is estimated from realised volatilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioRule {
    sessions: usize,
    least_sessions: usize,
    exponent: f64,
    damping: f64,
}

impl RatioRule {
    /// `None` unless 0 < least sessions ≤ sessions, and exponent and damping lie between 0 and 1.
    #[must_use]
    pub fn new(sessions: usize, least_sessions: usize, exponent: f64, damping: f64) -> Option<Self> {
        let sound = least_sessions > 0 && least_sessions <= sessions;
        let within = (0.0..=1.0).contains(&exponent) && (0.0..=1.0).contains(&damping);
        (sound && within).then_some(RatioRule { sessions, least_sessions, exponent, damping })
    }

    /// What a single stock's volatility loses against the index's while that is dear: (realised volatility of the
    /// index over VIX) raised to the damping. `index` holds squared returns as for [`RatioRule::ratio_of_squares`];
    /// `vix` is in points. 1 without damping, or where the index did not move.
    #[must_use]
    pub fn damped(&self, index: &[f64], vix: f64) -> f64 {
        let window = &index[index.len() - index.len().min(self.sessions)..];
        let realised = 100.0 * (SESSIONS_PER_YEAR * window.iter().sum::<f64>() / window.len().max(1) as f64).sqrt();
        if self.damping > 0.0 && realised > 0.0 { math::pow(realised / vix, self.damping) } else { 1.0 }
    }

    /// What the index's realised volatility over VIX is raised to.
    #[must_use]
    pub const fn damping(&self) -> f64 {
        self.damping
    }

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

    /// Sessions of returns without which it answers nothing.
    #[must_use]
    pub const fn least_sessions(&self) -> usize {
        self.least_sessions
    }

    /// What the ratio of realised volatilities is raised to.
    #[must_use]
    pub const fn exponent(&self) -> f64 {
        self.exponent
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

/// A first and a last day.
pub type Days = (Date, Date);

/// On which days the model's numbers were fitted; on others they are tested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fitted {
    /// Days of bars and volatility indices: ratio and clock.
    pub history: Option<Days>,
    /// Days of quoted chains: skew and spread.
    pub quotes: Option<Days>,
}

impl Fitted {
    /// Whether a number that quotes decide was fitted on quotes of this day.
    #[must_use]
    pub fn on_quotes(&self, day: Date) -> bool {
        self.quotes.is_some_and(|(first, last)| (first..=last).contains(&day))
    }

    /// Whether a number that bars and indices decide was fitted on this day.
    #[must_use]
    pub fn on_history(&self, day: Date) -> bool {
        self.history.is_some_and(|(first, last)| (first..=last).contains(&day))
    }
}

/// The premium model's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct PremiumModel {
    level: f64,
    stock_level: f64,
    ratio: RatioRule,
    clock: Clock,
    skew: Skew,
    spread: SpreadTable,
    fitted: Fitted,
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
        let stock = volatility.stock_level.map(|stock| source.number("volatility.stock_level", &stock, 0.1, 2.0));
        let stock_level = stock.transpose()?.unwrap_or(level);
        let sessions = source.count("ratio.sessions", &ratio.sessions, 5, 2520)?;
        let least_sessions = source.count("ratio.least_sessions", &ratio.least_sessions, 5, sessions)?;
        let exponent = source.number("ratio.exponent", &ratio.exponent, 0.0, 1.0)?;
        let damping = ratio.damping.map(|damping| source.number("ratio.damping", &damping, 0.0, 1.0)).transpose()?;
        let rule = RatioRule { sessions, least_sessions, exponent, damping: damping.unwrap_or(0.0) };
        let clock = raw.clock.map_or(Ok(Clock::CALENDAR), |clock| source.clock(&clock))?;
        let skew = raw.skew.map_or(Ok(Skew::FLAT), |skew| source.skew(&skew))?;
        let fitted = raw.fitted.map_or(Ok(Fitted::default()), |fitted| source.fitted(&fitted))?;
        let spread = source.spread(&raw.spread)?;
        Ok(PremiumModel { level, stock_level, ratio: rule, clock, skew, spread, fitted })
    }

    /// What scales VIX and its kin, which weigh all strikes, to the index fund's volatility at the money.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// The same of single stocks, whose smiles lean less.
    #[must_use]
    pub const fn stock_level(&self) -> f64 {
        self.stock_level
    }

    /// The same model at another level of both.
    #[must_use]
    pub fn at_level(mut self, level: f64) -> Self {
        (self.level, self.stock_level) = (level, self.stock_level / self.level * level);
        self
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        PremiumModel { clock, ..self }
    }

    /// The same by another rule for symbols without an index.
    #[must_use]
    pub fn with_ratio(self, ratio: RatioRule) -> Self {
        PremiumModel { ratio, ..self }
    }

    /// The same with another smile of single stocks, and what it makes of their indices.
    #[must_use]
    pub fn with_skew(self, skew: Skew, stock_level: f64) -> Self {
        PremiumModel { skew, stock_level, ..self }
    }

    /// The same with the days on which it was fitted.
    #[must_use]
    pub fn with_fitted(self, fitted: Fitted) -> Self {
        PremiumModel { fitted, ..self }
    }

    /// How time passes.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How a single stock's volatility varies with the strike.
    #[must_use]
    pub const fn skew(&self) -> Skew {
        self.skew
    }

    /// On which days it was fitted.
    #[must_use]
    pub const fn fitted(&self) -> &Fitted {
        &self.fitted
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

    /// Curve of a symbol with a 30-day index of its own, in volatility points; `month` is the time of those 30 days.
    ///
    /// # Errors
    /// See [`VolatilityCurve::with_own_index`].
    pub fn own_index_curve(
        &self,
        term: TermStructure,
        own_points: f64,
        month: Time,
    ) -> Result<VolatilityCurve, BadLevel> {
        Ok(VolatilityCurve::with_own_index(term, own_points, month, self.stock_level)?.skewed(self.skew))
    }

    /// Curve of a symbol without an index; `ratio` from [`RatioRule::ratio`].
    ///
    /// # Errors
    /// See [`VolatilityCurve::by_ratio`].
    pub fn ratio_curve(&self, term: TermStructure, ratio: f64) -> Result<VolatilityCurve, BadLevel> {
        Ok(VolatilityCurve::by_ratio(term, ratio, self.stock_level)?.skewed(self.skew))
    }

    /// Price, delta, bid and ask of one option of the smile's expiration; `strike` in dollars.
    #[must_use]
    pub fn quote(&self, terms: &Terms, smile: &Smile, right: Right, strike: f64) -> ModelledQuote {
        let (mid, delta) = terms.price_and_delta(right, strike, smile.volatility(terms, strike));
        let (bid, ask) = self.spread.bid_ask(delta, terms.years().days(), mid);
        ModelledQuote { mid, bid, ask, delta }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    volatility: RawVolatility,
    ratio: RawRatio,
    clock: Option<RawClock>,
    skew: Option<RawSkew>,
    spread: RawSpread,
    fitted: Option<RawFitted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClock {
    closed_day: Spanned<f64>,
    report: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSkew {
    slope: Spanned<f64>,
    curvature: Spanned<f64>,
    reach: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFitted {
    history: Option<Spanned<[String; 2]>>,
    quotes: Option<Spanned<[String; 2]>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVolatility {
    level: Spanned<f64>,
    stock_level: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRatio {
    sessions: Spanned<i64>,
    least_sessions: Spanned<i64>,
    exponent: Spanned<f64>,
    damping: Option<Spanned<f64>>,
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

    fn clock(&self, raw: &RawClock) -> Result<Clock, BadModel> {
        let closed_day = self.number("clock.closed_day", &raw.closed_day, 0.0, 1.0)?;
        Ok(Clock { closed_day, report: self.number("clock.report", &raw.report, 1.0, 100.0)? })
    }

    fn skew(&self, raw: &RawSkew) -> Result<Skew, BadModel> {
        let slope = self.number("skew.slope", &raw.slope, -1.0, 1.0)?;
        let curvature = self.number("skew.curvature", &raw.curvature, -1.0, 1.0)?;
        let reach = self.number("skew.reach", &raw.reach, 0.0, 10.0)?;
        Skew::new(slope, curvature, reach).ok_or_else(|| {
            let expected = "a parabola that stays above zero within its reach".to_owned();
            self.range("skew.slope", &raw.slope, slope.to_string(), expected)
        })
    }

    fn fitted(&self, raw: &RawFitted) -> Result<Fitted, BadModel> {
        let days = |key, at: &Spanned<[String; 2]>| -> Result<Days, BadModel> {
            let [first, last] = at.get_ref();
            let found = first.parse().ok().zip(last.parse().ok()).filter(|(first, last): &Days| first <= last);
            let expected = || "a first and a last day such as [\"2026-01-20\", \"2026-03-12\"]".to_owned();
            found.ok_or_else(|| self.range(key, at, format!("{:?}", at.get_ref()), expected()))
        };
        Ok(Fitted {
            history: raw.history.as_ref().map(|at| days("fitted.history", at)).transpose()?,
            quotes: raw.quotes.as_ref().map(|at| days("fitted.quotes", at)).transpose()?,
        })
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
