//! One symbol: β, its own variance, tails, earnings, and how its sessions look.

use market::history::SymbolHistory;
use market::math;
use market::time::{Date, days_between};

use super::market::Market;
use crate::generator::bars::range_parameter;
use crate::generator::events::quarter_start;
use crate::generator::moments::around_trend;
use crate::generator::panel::{CalibrationError, Column, Panel};
use crate::generator::parameters::{
    DividendParameters, EarningsParameters, OwnVariance, SESSIONS_PER_YEAR, SymbolParameters, Tape, Volume,
};
use crate::generator::statistics::{
    autocorrelation, correlation, covariance, degrees_of, deviation, kurtosis, line, mean, mean_square, median,
    significant,
};
use crate::generator::symbol::{MONTH, own_ahead};
use crate::generator::variance::{Dynamics, HORIZONS};

/// Sessions in one block of the variance proxy.
const BLOCK: usize = 5;
/// Lags, in blocks, at which the own component's autocovariance is matched.
const LAGS: usize = 12;

/// A symbol's own returns, and what the market's state says about their variance.
pub(crate) struct Residual {
    pub(crate) beta: f64,
    /// Per session from the second on: return less β × the market's; absent after earnings.
    pub(crate) own: Vec<Option<f64>>,
    /// The multiple of the market's log variance in the symbol's own.
    pub(crate) market: f64,
    /// Log of the mean squared own return per block, less the market's part.
    blocks: Vec<f64>,
}

/// The market's log variance in force during each session from the second on.
fn in_force(market: &Market) -> Vec<f64> {
    market.states[..market.states.len() - 1].iter().map(|s| s[0] + s[1]).collect()
}

impl Residual {
    /// β by least squares, sessions after earnings left out; the variance proxy is the log of the mean square over five
    /// sessions, regressed on the market's log variance.
    pub(crate) fn new(panel: &Panel, column: &Column, market: &Market) -> Self {
        let state = in_force(market);
        let usual = |of: &Column| {
            (1..of.returns.len()).filter(|row| !column.earnings[*row]).map(|row| of.returns[row]).collect::<Vec<f64>>()
        };
        let (x, y) = (usual(&panel.index), usual(column));
        let (mx, my) = (mean(&x), mean(&y));
        let beta = significant(line(&x, &y).1, 3);
        let of = |row: usize| column.returns[row] - my - beta * (panel.index.returns[row] - mx);
        let own: Vec<Option<f64>> =
            (1..column.returns.len()).map(|row| (!column.earnings[row]).then(|| of(row))).collect();
        let pairs: Vec<(f64, f64)> = own.chunks_exact(BLOCK).zip(state.chunks_exact(BLOCK)).map(block).collect();
        let (states, logs): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let (constant, slope) = line(&states, &logs);
        let blocks = states.iter().zip(&logs).map(|(s, l)| l - constant - slope * s).collect();
        Residual { beta, own, market: slope, blocks }
    }

    /// Autocovariance of the variance proxy at each lag.
    fn autocovariances(&self) -> [f64; LAGS] {
        let n = self.blocks.len();
        std::array::from_fn(|i| covariance(&self.blocks[..n - i - 1], &self.blocks[i + 1..]))
    }

    /// Own returns over what the market's state makes of them, with the state.
    fn scaled(&self, market: &Market) -> Vec<f64> {
        let scale = |s: &f64| math::exp(-0.5 * self.market * s);
        self.own.iter().zip(in_force(market)).filter_map(|(e, s)| e.map(|e| e * scale(&s))).collect()
    }
}

/// Mean state and log mean square of one block.
fn block((own, state): (&[Option<f64>], &[f64])) -> (f64, f64) {
    let squares: Vec<f64> = own.iter().flatten().map(|e| e * e).collect();
    (mean(state), math::ln(mean(&squares).max(1e-12)))
}

/// The half-life that all symbols' own components share, from their autocovariances together: the proxy's noise does
/// not persist, so that only the component shows in lags above zero.
pub(crate) fn shared_half_life(residuals: &[Residual]) -> f64 {
    let rows: Vec<[f64; LAGS]> = residuals.iter().map(Residual::autocovariances).collect();
    let misfit = |half_life: f64| {
        let shape = shape(half_life);
        rows.iter()
            .map(|row| {
                let height = height(row, &shape);
                row.iter().zip(&shape).map(|(c, s)| (c - height * s) * (c - height * s)).sum::<f64>()
            })
            .sum::<f64>()
    };
    // From five sessions to a year in steps of four percent.
    let candidates = (0..100).map(|i| 5.0 * math::exp(0.04 * f64::from(i)));
    candidates.min_by(|a, b| misfit(*a).total_cmp(&misfit(*b))).unwrap_or(5.0)
}

fn shape(half_life: f64) -> [f64; LAGS] {
    std::array::from_fn(|i| math::exp(-std::f64::consts::LN_2 * ((i + 1) * BLOCK) as f64 / half_life))
}

fn height(row: &[f64; LAGS], shape: &[f64; LAGS]) -> f64 {
    let dot = |a: &[f64; LAGS], b: &[f64; LAGS]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    (dot(row, shape) / dot(shape, shape)).max(0.0)
}

/// The own variance of one symbol, so that its mean is the mean of the squared own returns.
pub(crate) fn own_variance(residual: &Residual, market: &Market, half_life: f64) -> OwnVariance {
    let variance = height(&residual.autocovariances(), &shape(half_life));
    let scaled = residual.scaled(market);
    // A mixture of variances with log variance s² has exp(s²) times the kurtosis of its parts.
    let kurtosis = kurtosis(&scaled) * math::exp(-variance);
    let level = mean_square(&scaled) * SESSIONS_PER_YEAR * math::exp(-0.5 * variance);
    OwnVariance {
        volatility: significant(level.sqrt(), 4),
        market: significant(residual.market, 3),
        deviation: significant(variance.sqrt(), 3),
        half_life,
        tail: significant(degrees_of(kurtosis), 3),
    }
}

/// Correlation of what moves two symbols: that of their own returns over what the market's state makes of them, with
/// what their own variances take from it given back (exp(−s² / 8) each, s the deviation of the own component, since
/// E √variance / √(E variance) is that for a log-normal variance).
pub(crate) fn correlation_of(a: (&Residual, f64), b: (&Residual, f64), market: &Market) -> f64 {
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    for ((x, y), s) in a.0.own.iter().zip(&b.0.own).zip(in_force(market)) {
        if let (Some(x), Some(y)) = (x, y) {
            xs.push(x * math::exp(-0.5 * a.0.market * s));
            ys.push(y * math::exp(-0.5 * b.0.market * s));
        }
    }
    correlation(&xs, &ys) * math::exp((a.1 * a.1 + b.1 * b.1) / 8.0)
}

/// Report dates and the jump that follows: the mean squared own return after earnings less that of other sessions.
pub(crate) fn earnings(
    panel: &Panel,
    column: &Column,
    history: &SymbolHistory,
    residual: &Residual,
) -> Option<EarningsParameters> {
    let (first, last) = (panel.days[0], panel.days[panel.days.len() - 1]);
    let dates = history.earnings.as_ref()?;
    let offsets = offsets(dates.iter().copied(), first, last);
    if offsets.is_empty() {
        return None;
    }
    let usual: Vec<f64> = residual.own.iter().flatten().copied().collect();
    let (mx, my) = (mean(&panel.index.returns[1..]), mean(&column.returns[1..]));
    let after: Vec<f64> = (1..column.returns.len())
        .filter(|row| column.earnings[*row])
        .map(|row| column.returns[row] - my - residual.beta * (panel.index.returns[row] - mx))
        .collect();
    let jump = (mean_square(&after) - mean_square(&usual)).max(0.0).sqrt();
    Some(EarningsParameters {
        day: significant(mean(&offsets), 3),
        spread: significant(deviation(&offsets), 2),
        jump: significant(jump, 3),
    })
}

/// Days from the first of the quarter, for the dates in the span.
fn offsets(dates: impl Iterator<Item = Date>, first: Date, last: Date) -> Vec<f64> {
    dates.filter(|d| (first..=last).contains(d)).map(|d| days_between(quarter_start(d), d) as f64).collect()
}

fn dividend(panel: &Panel, column: &Column, history: &SymbolHistory) -> Option<DividendParameters> {
    let (first, last) = (panel.days[0], panel.days[panel.days.len() - 1]);
    let paid: Vec<(Date, f64)> = history
        .dividends
        .iter()
        .filter(|d| (first..=last).contains(&d.ex_date))
        .map(|d| (d.ex_date, d.amount.to_f64()))
        .collect();
    let year: f64 = paid.iter().rev().take_while(|(d, _)| days_between(*d, last) < 365).map(|(_, a)| a).sum();
    let price = column.closes[column.closes.len() - 1];
    if year <= 0.0 {
        return None;
    }
    // Growth needs two years of quarters that do not overlap.
    let of = |quarters: &[(Date, f64)]| quarters.iter().map(|(_, a)| a).sum::<f64>();
    let growth = if paid.len() >= 12 {
        let years = days_between(paid[0].0, paid[paid.len() - 4].0) as f64 / 365.25;
        math::exp(math::ln(of(&paid[paid.len() - 4..]) / of(&paid[..4])) / years) - 1.0
    } else {
        0.0
    };
    let days = offsets(paid.iter().map(|(d, _)| *d), first, last);
    Some(DividendParameters {
        yearly: significant(year / price, 3),
        growth: significant(growth.max(0.0), 2),
        day: significant(median(&days), 3),
    })
}

/// Median of the last year; autoregression of log volume around a straight trend; response to the day's move in
/// standard deviations, given its variance.
fn volume(column: &Column, deviations: &[f64]) -> Volume {
    let rows = column.volume.len();
    let around = around_trend(&column.volume);
    let persistence = autocorrelation(&around, 1);
    let news: Vec<f64> = around.windows(2).map(|w| w[1] - persistence * w[0]).collect();
    let moves: Vec<f64> = column.returns[1..].iter().zip(deviations).map(|(r, d)| r.abs() / d).collect();
    let (level, response) = line(&moves, &news);
    let rest: Vec<f64> = news.iter().zip(&moves).map(|(n, m)| n - level - response * m).collect();
    let year = &column.volume[rows - rows.min(SESSIONS_PER_YEAR as usize)..];
    Volume {
        median: significant(math::exp(median(year)), 3),
        persistence: significant(persistence, 3),
        response: significant(response, 3),
        deviation: significant(deviation(&rest), 3),
    }
}

/// How a symbol's sessions look; `deviations` are the standard deviations of its return from the second session on.
pub(crate) fn tape(
    panel: &Panel,
    column: &Column,
    history: &SymbolHistory,
    deviations: &[f64],
) -> Result<Tape, CalibrationError> {
    let usual: Vec<usize> = (1..column.returns.len()).filter(|row| !column.earnings[*row]).collect();
    let of = |x: &[f64]| usual.iter().map(|row| x[*row]).collect::<Vec<f64>>();
    let (overnight, intraday) = (of(&column.overnight), of(&column.intraday));
    let (between, within) = (covariance(&overnight, &overnight), covariance(&intraday, &intraday));
    if within <= 0.0 {
        return Err(CalibrationError::NotAModel {
            what: format!("{}'s variance from open to close", column.symbol),
            found: within.to_string(),
            expected: "a positive number",
        });
    }
    // Parkinson (1980): the mean of (ln high / low)² is 4 ln 2 times the variance.
    let parkinson = mean(&of(&column.range)) / (4.0 * std::f64::consts::LN_2);
    let range = range_parameter(parkinson / within);
    Ok(Tape {
        symbol: column.symbol,
        price: significant(column.closes[column.closes.len() - 1], 2),
        overnight: significant(between / (between + within), 3),
        range: significant(range.max(0.2), 3),
        volume: volume(column, deviations),
        dividend: dividend(panel, column, history),
    })
}

/// Mean of implied variance over mean of expected variance to the 30-day horizon, earnings in it included.
pub(crate) fn premium(
    panel: &Panel,
    column: &Column,
    history: &SymbolHistory,
    dynamics: &Dynamics,
    market: &Market,
    symbol: &SymbolParameters,
) -> Option<f64> {
    let ahead = dynamics.ahead();
    let own = own_ahead(dynamics, &symbol.own, false);
    let jump = symbol.earnings.map_or(0.0, |e| e.jump * e.jump);
    let (mut implied, mut expected) = (Vec::new(), Vec::new());
    for (row, value) in column.implied.iter().enumerate() {
        let Some(value) = value else { continue };
        let state = market.states[row];
        let reports =
            history.earnings.iter().flatten().filter(|d| (0..MONTH).contains(&days_between(panel.days[row], **d)));
        let by_jumps = reports.count() as f64 * jump * SESSIONS_PER_YEAR / HORIZONS[1] as f64;
        implied.push(value * value);
        expected.push(symbol.beta * symbol.beta * ahead.month(state) + own.month(state) + by_jumps);
    }
    (implied.len() >= SESSIONS_PER_YEAR as usize).then(|| significant(mean(&implied) / mean(&expected), 4))
}
