//! The premium model's volatility by time to expiration.
//!
//! The S&P 500's own volatility indices of 9, 30 and 93 days give a term structure; a symbol's curve is that structure
//! scaled to the symbol. Total variance (σ²T) is interpolated linearly in time between the indices and the variance
//! rate is held flat outside them (Gatheral 2006, "The Volatility Surface"; the indices' own day counts are in Cboe's
//! VIX methodology). Below nine days the index of one session, VIX1D, is one more point where it is at hand.
//!
//! Between strikes a single stock's volatility follows a parabola in standard deviations from the money ([`Skew`]); an
//! index fund has one volatility for all strikes, so that the model *under-prices its puts far below the money*. The
//! level (see [`crate::model`]) removes the weight that an index gives to those from the volatility at the money.

use market::instrument::Right;
use market::math;

use crate::black_scholes::Terms;
use crate::clock::{Clock, Time};
use crate::unit::{Rate, Volatility, Years};

/// Calendar days of the Cboe indices VIX9D, VIX and VIX3M; those of single stocks have VIX's.
pub const INDEX_DAYS: [f64; 3] = [9.0, 30.0, 93.0];

/// Sessions of a year: VIX1D counts business time, one session of so many.
pub const SESSIONS_A_YEAR: f64 = 252.0;

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
    /// Time and total variance (σ² × calendar days, σ per 1.00) in rising order; unused places repeat the last.
    nodes: [(f64, f64); 3],
    /// The time of VIX.
    month: f64,
    /// The end of the next session, the same way; below the first of the nodes.
    session: Option<(f64, f64)>,
}

impl TermStructure {
    /// From the closes of VIX9D, VIX and VIX3M in volatility points; an index not yet listed is absent, and the
    /// structure is flat on its side.
    ///
    /// # Errors
    /// [`BadLevel`] if a value at hand is not positive.
    pub fn new(vix9d: Option<f64>, vix: f64, vix3m: Option<f64>) -> Result<Self, BadLevel> {
        Self::timed(vix9d, vix, vix3m, &Clock::CALENDAR, [0; 3])
    }

    /// The same by a clock; `closed` counts the calendar days without a session in the life of each index
    /// ([`INDEX_DAYS`]).
    ///
    /// # Errors
    /// As [`TermStructure::new`].
    pub fn timed(
        vix9d: Option<f64>,
        vix: f64,
        vix3m: Option<f64>,
        clock: &Clock,
        closed: [u32; 3],
    ) -> Result<Self, BadLevel> {
        let node = |at: usize, what, points: f64| -> Result<(f64, f64), BadLevel> {
            let sigma = positive(what, points)? / 100.0;
            let time = clock.time(INDEX_DAYS[at], closed[at], 0);
            Ok((time.index, sigma * sigma * time.days))
        };
        let middle = node(1, "VIX", vix)?;
        let short = vix9d.map(|v| node(0, "VIX9D", v)).transpose()?;
        let long = vix3m.map(|v| node(2, "VIX3M", v)).transpose()?;
        let nodes = match (short, long) {
            (Some(short), Some(long)) => [short, middle, long],
            (Some(short), None) => [short, middle, middle],
            (None, Some(long)) => [middle, long, long],
            (None, None) => [middle; 3],
        };
        Ok(TermStructure { nodes, month: middle.0, session: None })
    }

    /// The same with the close of VIX1D, volatility points, which at a close is the variance to the end of the next
    /// session; `session` is the time to that end, a weekend included where one lies between. VIX1D counts business
    /// time (Cboe 2023): the total is σ² of one session in [`SESSIONS_A_YEAR`], however long the night before it.
    ///
    /// It speaks of expirations below nine days alone: without VIX9D nothing changes. A total above VIX9D's counts as
    /// VIX9D's, since variance to a later day cannot be less.
    ///
    /// # Errors
    /// [`BadLevel`] if the value is not positive.
    pub fn with_session(self, vix1d: f64, session: Time) -> Result<Self, BadLevel> {
        let sigma = positive("VIX1D", vix1d)? / 100.0;
        let first = self.nodes[0];
        let total = (sigma * sigma * 365.0 / SESSIONS_A_YEAR).min(first.1);
        let below = first.0 < self.month && session.index > 0.0 && session.index < first.0;
        Ok(TermStructure { session: below.then_some((session.index, total)), ..self })
    }

    /// Variance for each session's worth of time, σ² of a year where all days count alike.
    fn variance_rate(&self, time: f64) -> f64 {
        let [first, middle, last] = self.nodes;
        if let Some(session) = self.session.filter(|_| time < first.0) {
            if time <= session.0 {
                return session.1 / session.0;
            }
            return (session.1 + (first.1 - session.1) * (time - session.0) / (first.0 - session.0)) / time;
        }
        if time <= first.0 {
            first.1 / first.0
        } else if time >= last.0 {
            last.1 / last.0
        } else {
            let (below, above) = if time <= middle.0 { (first, middle) } else { (middle, last) };
            (below.1 + (above.1 - below.1) * (time - below.0) / (above.0 - below.0)) / time
        }
    }

    /// The index's volatility to an expiration.
    #[must_use]
    pub fn volatility(&self, time: impl Into<Time>) -> Volatility {
        let time = time.into();
        let rate = self.variance_rate(time.index) * time.per_day(time.index);
        Volatility::new(rate.sqrt()).unwrap_or(Volatility::ZERO)
    }
}

impl From<Years> for Time {
    /// Calendar days that all count alike.
    fn from(years: Years) -> Time {
        Time::of_days(years.days())
    }
}

/// How volatility leans and bends with the strike: at z standard deviations above the forward it is that at the money
/// times 1 + slope z + curvature z². Beyond `reach` standard deviations either way it stays as it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skew {
    pub(crate) slope: f64,
    pub(crate) curvature: f64,
    pub(crate) reach: f64,
}

impl Skew {
    /// The same volatility at all strikes.
    pub const FLAT: Skew = Skew { slope: 0.0, curvature: 0.0, reach: 0.0 };

    /// `None` unless the numbers are finite, the reach not negative, and the volatility positive over all of it.
    #[must_use]
    pub fn new(slope: f64, curvature: f64, reach: f64) -> Option<Self> {
        let skew = Skew { slope, curvature, reach };
        let lowest = if curvature > 0.0 { -slope / (2.0 * curvature) } else { 0.0 };
        let sound = slope.is_finite() && curvature.is_finite() && reach.is_finite() && reach >= 0.0;
        (sound && [-reach, reach, lowest].iter().all(|z| skew.factor(*z) > 0.0)).then_some(skew)
    }

    /// Change of the volatility, as a share of that at the money, for each standard deviation at the money.
    #[must_use]
    pub const fn slope(&self) -> f64 {
        self.slope
    }

    /// The parabola's second coefficient.
    #[must_use]
    pub const fn curvature(&self) -> f64 {
        self.curvature
    }

    /// Standard deviations to which the parabola is followed.
    #[must_use]
    pub const fn reach(&self) -> f64 {
        self.reach
    }

    /// Volatility at the money over an index that weighs all strikes as VIX does, where one standard deviation at the
    /// money to expiration is `deviation`: the fair strike of a variance swap (Demeterfi, Derman, Kamal and Zou 1999,
    /// equation 26, on which Cboe's method rests) from prices at these volatilities.
    #[must_use]
    pub fn level(&self, deviation: f64) -> f64 {
        const STEPS: i32 = 400;
        const FAR: f64 = 8.0;
        let (one, at_money) = (Years::from_days(365), Volatility::new(deviation).unwrap_or(Volatility::ZERO));
        let Ok(terms) = Terms::new(1.0, Rate::ZERO, one) else { return 1.0 };
        let smile = Smile { at_money, skew: *self };
        let step = FAR / f64::from(STEPS) * deviation;
        let strip = (-STEPS..=STEPS).map(|at| {
            let strike = math::exp(f64::from(at) * step);
            let right = if at < 0 { Right::Put } else { Right::Call };
            terms.price(right, strike, smile.volatility(&terms, strike)) / strike
        });
        deviation / (2.0 * step * strip.sum::<f64>()).sqrt()
    }

    /// Volatility over that at the money, `z` standard deviations above the forward.
    #[must_use]
    pub fn factor(&self, z: f64) -> f64 {
        let z = z.clamp(-self.reach, self.reach);
        1.0 + z * (self.slope + self.curvature * z)
    }
}

/// Volatilities of one expiration by strike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smile {
    at_money: Volatility,
    skew: Skew,
}

impl Smile {
    /// At the money, which is the forward.
    #[must_use]
    pub const fn at_money(&self) -> Volatility {
        self.at_money
    }

    /// At a strike, dollars.
    #[inline]
    #[must_use]
    pub fn volatility(&self, terms: &Terms, strike: f64) -> Volatility {
        let deviation = self.at_money.get() * terms.root_years();
        if self.skew == Skew::FLAT || deviation <= 0.0 {
            return self.at_money;
        }
        let z = math::ln(strike / terms.forward()) / deviation;
        Volatility::new(self.at_money.get() * self.skew.factor(z)).unwrap_or(self.at_money)
    }
}

/// One symbol's modelled at-the-money volatility by time to expiration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolatilityCurve {
    term: TermStructure,
    /// The symbol's volatility over the index's, level included.
    factor: f64,
    skew: Skew,
}

impl VolatilityCurve {
    fn new(term: TermStructure, ratio: f64, level: f64) -> Result<Self, BadLevel> {
        Ok(VolatilityCurve { term, factor: ratio * positive("level", level)?, skew: Skew::FLAT })
    }

    /// The same with a skew.
    #[must_use]
    pub fn skewed(self, skew: Skew) -> Self {
        VolatilityCurve { skew, ..self }
    }

    /// The index fund itself. `level` scales an index, which weighs all strikes, to at-the-money volatility.
    ///
    /// # Errors
    /// [`BadLevel`] if the level is not positive.
    pub fn of_index(term: TermStructure, level: f64) -> Result<Self, BadLevel> {
        Self::new(term, 1.0, level)
    }

    /// A symbol with a 30-day implied-volatility index of its own (`own_points`, volatility points): that index at 30
    /// days, with the term structure's shape. `month` is the time of those 30 days.
    ///
    /// # Errors
    /// [`BadLevel`] if the index or the level is not positive.
    pub fn with_own_index(term: TermStructure, own_points: f64, month: Time, level: f64) -> Result<Self, BadLevel> {
        let index = (term.variance_rate(term.month) * month.per_day(month.own)).sqrt();
        let own = positive("the symbol's volatility index", own_points)? / 100.0;
        Self::new(term, own / index, level)
    }

    /// A symbol without an index: the term structure times `ratio`, the symbol's volatility over the index's, as
    /// [`crate::model::RatioRule::ratio`] estimates it.
    ///
    /// # Errors
    /// [`BadLevel`] if the ratio or the level is not positive.
    pub fn by_ratio(term: TermStructure, ratio: f64, level: f64) -> Result<Self, BadLevel> {
        Self::new(term, positive("ratio", ratio)?, level)
    }

    /// The volatility at the money to an expiration.
    #[inline]
    #[must_use]
    pub fn volatility(&self, time: impl Into<Time>) -> Volatility {
        let time = time.into();
        let rate = self.term.variance_rate(time.index) * time.per_day(time.own);
        Volatility::new(rate.sqrt() * self.factor).unwrap_or(Volatility::ZERO)
    }

    /// The volatilities of an expiration.
    #[must_use]
    pub fn smile(&self, time: impl Into<Time>) -> Smile {
        Smile { at_money: self.volatility(time), skew: self.skew }
    }
}
