//! The three quantities of option mathematics, each with its unit.

use market::math;

/// Seconds in the 365-day year that every time to expiration is measured against.
const SECONDS_PER_YEAR: f64 = 365.0 * 86_400.0;

/// A time in years of 365 days, finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Years(f64);

impl Years {
    /// Checks a number of years; `None` if it is negative or not finite.
    #[must_use]
    pub fn new(years: f64) -> Option<Self> {
        (years.is_finite() && years >= 0.0).then_some(Years(years))
    }

    /// Seconds to the expiration's close over 365 days; a moment in the past counts as none left.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Years(seconds.max(0) as f64 / SECONDS_PER_YEAR)
    }

    /// Calendar days over 365.
    #[must_use]
    pub fn from_days(days: u32) -> Self {
        Years(f64::from(days) / 365.0)
    }

    /// The number of years.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The number of calendar days.
    #[must_use]
    pub fn days(self) -> f64 {
        self.0 * 365.0
    }
}

/// A continuously compounded rate a year, per 1.00 (0.05 is 5%), finite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// No interest.
    pub const ZERO: Rate = Rate(0.0);

    /// Checks a continuous rate per 1.00; `None` if it is not finite.
    #[must_use]
    pub fn continuous(rate: f64) -> Option<Self> {
        rate.is_finite().then_some(Rate(rate))
    }

    /// Turns a bond-equivalent yield per 1.00, as the Treasury publishes its constant maturities (compounded twice a
    /// year), into a continuous rate: 2 ln(1 + y / 2). `None` at or below −200% or if it is not finite.
    #[must_use]
    pub fn from_bond_yield(bond_yield: f64) -> Option<Self> {
        (bond_yield.is_finite() && bond_yield > -2.0).then(|| Rate(2.0 * math::ln(1.0 + 0.5 * bond_yield)))
    }

    /// The continuous rate per 1.00.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// What a dollar paid after `years` is worth now: e^(−r T).
    #[must_use]
    pub fn discount(self, years: Years) -> f64 {
        math::exp(-self.0 * years.0)
    }
}

/// An annual volatility per 1.00 (0.45 is 45 volatility points), finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Volatility(f64);

impl Volatility {
    /// No movement.
    pub const ZERO: Volatility = Volatility(0.0);

    /// Checks a volatility per 1.00; `None` if it is negative or not finite.
    #[must_use]
    pub fn new(volatility: f64) -> Option<Self> {
        (volatility.is_finite() && volatility >= 0.0).then_some(Volatility(volatility))
    }

    /// The volatility per 1.00.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The volatility in points, as volatility indices are quoted (45 for 0.45).
    #[must_use]
    pub fn points(self) -> f64 {
        self.0 * 100.0
    }
}
