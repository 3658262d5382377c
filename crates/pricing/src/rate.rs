//! The Treasury's yields as a rate to any expiration.

use crate::unit::{Rate, Years};

/// Days of the constant maturities of 1, 3, 6, 12 and 24 months.
const TENOR_DAYS: [f64; 5] = [365.0 / 12.0, 91.25, 182.5, 365.0, 730.0];

/// One day's Treasury yields by maturity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreasuryCurve {
    /// Percent, bond-equivalent, of 1, 3, 6, 12 and 24 months; absent where not published.
    yields: [Option<f64>; 5],
}

impl TreasuryCurve {
    /// Yields in percent (bond-equivalent) of 1, 3, 6, 12 and 24 months. A value that is not finite, or at or below
    /// −100%, counts as absent.
    #[must_use]
    pub fn new(percent: [Option<f64>; 5]) -> Self {
        TreasuryCurve { yields: percent.map(|y| y.filter(|y| y.is_finite() && *y > -100.0)) }
    }

    /// The continuous rate to an expiration: the yield interpolated in time between the maturities at hand, that of the
    /// nearest one outside them. `None` if no maturity is at hand.
    #[must_use]
    pub fn rate(&self, years: Years) -> Option<Rate> {
        let days = years.days();
        let mut below = None;
        for (tenor, percent) in TENOR_DAYS.iter().zip(self.yields) {
            let Some(percent) = percent else { continue };
            if days <= *tenor {
                let at = below.map_or(percent, |(t0, y0)| y0 + (percent - y0) * (days - t0) / (tenor - t0));
                return Rate::from_bond_yield(at / 100.0);
            }
            below = Some((*tenor, percent));
        }
        Rate::from_bond_yield(below?.1 / 100.0)
    }
}
