//! The premium model's policy: `policy/premium-model.toml` read into [`PremiumModel`].

use crate::spread::SpreadTable;

/// How the volatility of a symbol without an index of its own is estimated from realised volatilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioRule {
    /// Sessions of returns looked at.
    pub sessions: usize,
}

impl RatioRule {
    /// The symbol's volatility over the index's, from both their closes on the same sessions, oldest first, the last
    /// one the previous close, in today's shares. `None` if there are fewer closes than the rule needs.
    #[must_use]
    pub fn ratio(&self, _stock_closes: &[f64], _index_closes: &[f64]) -> Option<f64> {
        None
    }
}

/// The premium model's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct PremiumModel {
    /// What scales an implied-volatility index to at-the-money volatility.
    pub level: f64,
    /// For symbols without an index.
    pub ratio: RatioRule,
    /// Bid and ask around a modelled price.
    pub spread: SpreadTable,
}
