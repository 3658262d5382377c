//! The premium model's volatility by time to expiration.
//!
//! The S&P 500's own volatility indices of 9, 30 and 93 days give a term structure; a symbol's curve is that structure
//! scaled to the symbol. Total variance (σ²T) is interpolated linearly in time between the indices and the variance
//! rate is held flat outside them (Gatheral 2006, "The Volatility Surface"; the indices' own day counts are in Cboe's
//! VIX methodology).
//!
//! Known simplification: one volatility for all strikes. Real puts far below the money trade at higher volatilities
//! than the curve says, so the model *under-prices deep out-of-the-money puts* and over-prices calls far above the
//! money; near the money the level (see [`crate::model`]) removes the skew's weight from the index.

use crate::unit::{Volatility, Years};

/// Calendar days of the Cboe indices VIX9D, VIX and VIX3M.
const INDEX_DAYS: [f64; 3] = [9.0, 30.0, 93.0];

/// A volatility index, a ratio or a level that cannot be one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{what} is {value}; expected a positive number")]
pub struct BadLevel {
    /// Which figure.
    pub what: &'static str,
    /// The figure as it was given.
    pub value: f64,
}

fn positive(what: &'static str, value: f64) -> Result<f64, BadLevel> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(BadLevel { what, value }) }
}

/// The S&P 500's implied volatility by time, from its indices of one close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TermStructure {
    /// Days and total variance (σ² × days, σ per 1.00) in rising order of days; unused places repeat the last.
    nodes: [(f64, f64); 3],
}

impl TermStructure {
    /// From the closes of VIX9D, VIX and VIX3M in volatility points; an index not yet listed is absent, and the
    /// structure is flat on its side.
    ///
    /// # Errors
    /// [`BadLevel`] if a value at hand is not positive.
    pub fn new(vix9d: Option<f64>, vix: f64, vix3m: Option<f64>) -> Result<Self, BadLevel> {
        let node = |days: f64, what, points: f64| -> Result<(f64, f64), BadLevel> {
            let sigma = positive(what, points)? / 100.0;
            Ok((days, sigma * sigma * days))
        };
        let middle = node(INDEX_DAYS[1], "VIX", vix)?;
        let short = vix9d.map(|v| node(INDEX_DAYS[0], "VIX9D", v)).transpose()?;
        let long = vix3m.map(|v| node(INDEX_DAYS[2], "VIX3M", v)).transpose()?;
        let nodes = match (short, long) {
            (Some(short), Some(long)) => [short, middle, long],
            (Some(short), None) => [short, middle, middle],
            (None, Some(long)) => [middle, long, long],
            (None, None) => [middle; 3],
        };
        Ok(TermStructure { nodes })
    }

    /// The variance rate σ² to an expiration.
    fn variance_rate(&self, days: f64) -> f64 {
        let [first, middle, last] = self.nodes;
        if days <= first.0 {
            first.1 / first.0
        } else if days >= last.0 {
            last.1 / last.0
        } else {
            let (below, above) = if days <= middle.0 { (first, middle) } else { (middle, last) };
            (below.1 + (above.1 - below.1) * (days - below.0) / (above.0 - below.0)) / days
        }
    }

    /// The index's volatility to an expiration.
    #[must_use]
    pub fn volatility(&self, years: Years) -> Volatility {
        Volatility::new(self.variance_rate(years.days()).sqrt()).unwrap_or(Volatility::ZERO)
    }
}

/// One symbol's modelled at-the-money volatility by time to expiration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolatilityCurve {
    term: TermStructure,
    /// The symbol's volatility over the index's, level included.
    factor: f64,
}

impl VolatilityCurve {
    /// The index fund itself. `level` scales an index, which weighs all strikes, to at-the-money volatility.
    ///
    /// # Errors
    /// [`BadLevel`] if the level is not positive.
    pub fn of_index(term: TermStructure, level: f64) -> Result<Self, BadLevel> {
        Ok(VolatilityCurve { term, factor: positive("level", level)? })
    }

    /// A symbol with a 30-day implied-volatility index of its own (`own_points`, volatility points): that index at 30
    /// days, with the term structure's shape.
    ///
    /// # Errors
    /// [`BadLevel`] if the index or the level is not positive.
    pub fn with_own_index(term: TermStructure, own_points: f64, level: f64) -> Result<Self, BadLevel> {
        let index = term.variance_rate(INDEX_DAYS[1]).sqrt();
        let own = positive("the symbol's volatility index", own_points)? / 100.0;
        Ok(VolatilityCurve { term, factor: own / index * positive("level", level)? })
    }

    /// A symbol without an index: the term structure times `ratio`, the symbol's volatility over the index's, as
    /// [`crate::model::RatioRule::ratio`] estimates it.
    ///
    /// # Errors
    /// [`BadLevel`] if the ratio or the level is not positive.
    pub fn by_ratio(term: TermStructure, ratio: f64, level: f64) -> Result<Self, BadLevel> {
        Ok(VolatilityCurve { term, factor: positive("ratio", ratio)? * positive("level", level)? })
    }

    /// The volatility to an expiration.
    #[inline]
    #[must_use]
    pub fn volatility(&self, years: Years) -> Volatility {
        Volatility::new(self.term.variance_rate(years.days()).sqrt() * self.factor).unwrap_or(Volatility::ZERO)
    }
}
