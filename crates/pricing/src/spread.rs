//! Bid and ask around a modelled price, as measured on quoted chains.
//!
//! [`Measure`] gathers observed quotes and gives the median half-width by |delta| and days to expiration;
//! [`SpreadTable`] is that result as policy, and answers for any option.

/// Half-widths by |delta| and days to expiration.
#[derive(Clone, Debug, PartialEq)]
pub struct SpreadTable {
    /// Least half-width, dollars.
    pub(crate) floor: f64,
    /// Upper edges of the |delta| classes in points, rising; the last class has no upper edge of its own.
    pub(crate) delta_edges: Vec<f64>,
    /// Upper edges of the classes of days, rising; likewise.
    pub(crate) day_edges: Vec<f64>,
    /// Half-width over mid, a row per class of days, a column per class of |delta|.
    pub(crate) of_mid: Vec<Vec<f64>>,
}

impl SpreadTable {
    /// Half of ask less bid, dollars a share, of an option with this |delta| (per 1.00, either sign), calendar days to
    /// expiration, and mid (dollars): the class's share of mid, at least the floor.
    #[must_use]
    pub fn half_width(&self, delta: f64, days: f64, mid: f64) -> f64 {
        let row = class(&self.day_edges, days);
        let column = class(&self.delta_edges, delta.abs() * 100.0);
        (self.of_mid[row][column] * mid).max(self.floor)
    }

    /// Bid and ask around `mid`, dollars, not rounded to ticks; the bid is never below zero.
    #[must_use]
    pub fn bid_ask(&self, delta: f64, days: f64, mid: f64) -> (f64, f64) {
        let half = self.half_width(delta, days, mid);
        ((mid - half).max(0.0), mid + half)
    }
}

/// The first class whose upper edge is not below `value`; the last beyond all edges.
fn class(edges: &[f64], value: f64) -> usize {
    edges.partition_point(|edge| *edge < value)
}
