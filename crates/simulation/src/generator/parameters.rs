//! What a generated market is made of: every number measured from history by `calibrate`, or assumed and said so.
//!
//! Variances and volatilities are per year of 252 sessions and as fractions (0.16 is 16%); half-lives are in sessions;
//! log variance is the natural logarithm of a variance.

use market::instrument::Symbol;
use market::time::Date;

/// Sessions in one year, for every figure per year.
pub const SESSIONS_PER_YEAR: f64 = 252.0;

/// All parameters of the generator.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// What was measured.
    pub measured: Measured,
    /// Expected return of the market over the one-month Treasury yield, per year, simple. Assumed, never measured:
    /// what a decade paid says little about what the next will pay.
    pub equity_premium: f64,
    /// Moves beyond this many standard deviations of the day are cut to it.
    pub largest_move: f64,
    /// The market's own variance and jumps.
    pub variance: Variance,
    /// Variance risk premiums: the square of the 9-day, 30-day and 93-day volatility index over the expected average
    /// variance to its horizon.
    pub premiums: [f64; 3],
    /// Treasury yields.
    pub rates: Rates,
    /// The index fund that moves as the market does.
    pub index: Tape,
    /// The other symbols. A further one at the end leaves the paths of those before it as they were.
    pub symbols: Vec<SymbolParameters>,
    /// Moments of the history that was measured, to compare generated ones with.
    pub observed: Vec<(String, f64)>,
}

/// Which history was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The history's own name.
    pub source: String,
    /// First session used.
    pub first: Date,
    /// Last session used.
    pub last: Date,
    /// Sessions used.
    pub sessions: u32,
}

/// Stochastic variance of the market: log variance is a level plus a fast and a slow component, each an
/// Ornstein–Uhlenbeck process in steps of one session, both moved by the same shock (a log-normal model of the family
/// of Bergomi, "Smile Dynamics II", 2005, with two exponentials in the kernel of one shock).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variance {
    /// Volatility per year when both components are zero: the median.
    pub volatility: f64,
    /// Half-lives of the fast and the slow component, in sessions.
    pub half_life: [f64; 2],
    /// What a shock of one standard deviation adds to each component of log variance.
    pub shock: [f64; 2],
    /// Correlation of the shock with the same session's return in standard deviations (the leverage effect).
    pub leverage: f64,
    /// Degrees of freedom of the Student distribution of the part of the shock that does not come from the return.
    pub tail: f64,
    /// Jumps in the return.
    pub jumps: Jumps,
}

/// Jumps of the market's return, in standard deviations of the day (Merton, 1976, with sizes that scale with the
/// volatility of the day as in Bates, 2000). The rest of the return shrinks so that its variance stays one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jumps {
    /// Expected number per year.
    pub per_year: f64,
    /// Mean size.
    pub mean: f64,
    /// Standard deviation of the size.
    pub deviation: f64,
}

/// A slow, mean-reverting path: two equal lags in a row, so that it moves in runs as policy rates do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slow {
    /// Mean, in percent a year.
    pub mean: f64,
    /// Standard deviation around it, in percent a year.
    pub deviation: f64,
    /// Sessions after which each lag has closed a share of 1 − 1/e of its distance.
    pub lag: f64,
}

/// Treasury yields: a one-month yield, the spread of the 24-month yield over it, and how much of that spread the tenors
/// between have. Yields are not below zero (a shadow rate, Black 1995).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// One-month yield.
    pub bill: Slow,
    /// 24-month yield less one-month yield.
    pub spread: Slow,
    /// Share of the spread in the yields of 3, 6 and 12 months.
    pub shares: [f64; 3],
}

/// How one symbol's sessions look, given its daily return.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape {
    /// Ticker.
    pub symbol: Symbol,
    /// First open, in dollars.
    pub price: f64,
    /// Share of a session's variance that falls between the close and the next open.
    pub overnight: f64,
    /// Variance of the path of which high and low are drawn over the variance from open to close.
    pub range: f64,
    /// Shares traded.
    pub volume: Volume,
    /// Cash dividends, where the symbol pays any.
    pub dividend: Option<DividendParameters>,
}

/// Log volume: a mean, an autoregression of order one, and what the size of the day's move adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Volume {
    /// Median shares a session.
    pub median: f64,
    /// Autocorrelation from one session to the next.
    pub persistence: f64,
    /// What a move of one standard deviation more than usual adds to log volume.
    pub response: f64,
    /// Standard deviation of the rest.
    pub deviation: f64,
}

/// Quarterly cash dividends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DividendParameters {
    /// Paid per year over the price at the start, as a fraction.
    pub yearly: f64,
    /// Growth per year, as a fraction.
    pub growth: f64,
    /// Days from the first of the quarter to the ex-date.
    pub day: f64,
}

/// One symbol beside the index: return = β × the market's + its own.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolParameters {
    /// Its sessions.
    pub tape: Tape,
    /// β to the market.
    pub beta: f64,
    /// Its own variance.
    pub own: OwnVariance,
    /// Correlation of its own return with those of the symbols before it in the list, in their order.
    pub correlations: Vec<f64>,
    /// Earnings, where the symbol reports any.
    pub earnings: Option<EarningsParameters>,
    /// The square of its 30-day implied-volatility index over the expected average variance, where one is listed.
    pub premium: Option<f64>,
}

/// A symbol's own variance: log variance is a level, a multiple of the market's log variance around its level, and an
/// Ornstein–Uhlenbeck process of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnVariance {
    /// Volatility per year when all components are zero.
    pub volatility: f64,
    /// The multiple of the market's log variance.
    pub market: f64,
    /// Standard deviation of the symbol's own component of log variance.
    pub deviation: f64,
    /// Half-life of that component, in sessions.
    pub half_life: f64,
    /// Degrees of freedom of the Student distribution of its own return.
    pub tail: f64,
}

/// Quarterly earnings, reported after the close: the jump comes at the next session's open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarningsParameters {
    /// Mean of the days from the first of the quarter to the report.
    pub day: f64,
    /// Standard deviation of those days.
    pub spread: f64,
    /// Standard deviation of the jump, as log return.
    pub jump: f64,
}
