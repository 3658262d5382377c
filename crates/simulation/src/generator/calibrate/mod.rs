//! Measures every parameter of the generator from history.
//!
//! Deterministic: closed forms, a simplex from a fixed start and searches over fixed grids. Each number is rounded when
//! it is measured, so that what is written down is what is used.

mod market;
mod rates;
mod symbol;

use ::market::history::History;
use ::market::instrument::Symbol;
use ::market::math;

use super::moments::moments_of;
use super::panel::{CalibrationError, Column, Panel};
use super::parameters::{Jumps, Measured, OwnVariance, Parameters, SESSIONS_PER_YEAR, SymbolParameters, Variance};
use super::statistics::{mean_square, significant};
use super::symbol::lower_triangle;
use super::variance::{Dynamics, State};

/// Mean squared return per year over the sessions after each row, for the rows that have that many.
pub(crate) fn realised_after(returns: &[f64], sessions: usize) -> Vec<f64> {
    returns[1..].windows(sessions).map(|w| mean_square(w) * SESSIONS_PER_YEAR).collect()
}

/// Fewest sessions that can be measured: four years.
const SHORTEST: usize = 1008;
/// Assumed, not measured: return over the one-month Treasury yield per year. Damodaran ("Equity Risk Premiums",
/// 2024 edition) has 4.6% as implied by prices of January 2024; what 2016–2026 paid was about three times as much.
const EQUITY_PREMIUM: f64 = 0.05;
/// Where moves are cut, in standard deviations: beyond anything in the history, and far from what breaks arithmetic.
const LARGEST_MOVE: f64 = 12.0;

/// Measures the parameters of an index and of symbols beside it.
///
/// # Errors
/// [`CalibrationError`] if a symbol, a bar, a day of the volatility indices or the yields are missing, or if there are
/// fewer than four years.
pub fn calibrate(history: &History, index: Symbol, symbols: &[Symbol]) -> Result<Parameters, CalibrationError> {
    let panel = Panel::new(history, index, symbols)?;
    let sessions = panel.days.len();
    if sessions < SHORTEST {
        return Err(CalibrationError::TooShort { what: index.to_string(), found: sessions, needed: SHORTEST });
    }
    let market = rounded(market::measure(&panel, LARGEST_MOVE));
    let dynamics = Dynamics::new(&market.variance, LARGEST_MOVE);
    let (first, last) = (panel.days[0], panel.days[sessions - 1]);
    let of = |symbol| history.symbol(symbol).ok_or(CalibrationError::NoSymbol(symbol));
    Ok(Parameters {
        measured: Measured { source: history.source.clone(), first, last, sessions: sessions as u32 },
        equity_premium: EQUITY_PREMIUM,
        largest_move: LARGEST_MOVE,
        variance: market.variance,
        premiums: market.premiums,
        rates: rates::measure(history, first, last)?,
        index: symbol::tape(&panel, &panel.index, of(index)?, &index_deviations(&dynamics, &market))?,
        symbols: measure_symbols(history, &panel, &dynamics, &market)?,
        observed: moments_of(&panel).into_iter().map(|(name, value)| (name, significant(value, 4))).collect(),
    })
}

fn rounded(mut market: market::Market) -> market::Market {
    let round = |x: f64| significant(x, 4);
    let v = market.variance;
    let jumps = Jumps {
        per_year: round(v.jumps.per_year),
        mean: round(v.jumps.mean),
        // Sizes may well be all alike: then the deviation is zero but for the simplex.
        deviation: (v.jumps.deviation * 1000.0).round() / 1000.0,
    };
    market.variance = Variance {
        volatility: round(v.volatility),
        half_life: v.half_life.map(round),
        shock: v.shock.map(round),
        leverage: round(v.leverage),
        tail: round(v.tail),
        jumps,
    };
    market.premiums = market.premiums.map(round);
    market
}

/// Standard deviation of the index's return, from the second session on.
fn index_deviations(dynamics: &Dynamics, market: &market::Market) -> Vec<f64> {
    let of = |s: &State| (dynamics.level * math::exp(s[0] + s[1]) / SESSIONS_PER_YEAR).sqrt();
    market.states[..market.states.len() - 1].iter().map(of).collect()
}

/// What is measured of all symbols together, before each for itself.
struct Beside<'a> {
    history: &'a History,
    panel: &'a Panel,
    dynamics: &'a Dynamics,
    market: &'a market::Market,
}

fn measure_symbols(
    history: &History,
    panel: &Panel,
    dynamics: &Dynamics,
    market: &market::Market,
) -> Result<Vec<SymbolParameters>, CalibrationError> {
    let residuals: Vec<symbol::Residual> =
        panel.symbols.iter().map(|c| symbol::Residual::new(panel, c, market)).collect();
    let half_life = significant(symbol::shared_half_life(&residuals), 3);
    let own = |r| symbol::own_variance(r, market, half_life);
    let owns: Vec<OwnVariance> = residuals.iter().map(own).collect();
    let beside = Beside { history, panel, dynamics, market };
    let mut found: Vec<SymbolParameters> = Vec::with_capacity(residuals.len());
    for (i, (column, residual)) in panel.symbols.iter().zip(&residuals).enumerate() {
        let with = |j: usize| {
            let (a, b) = ((residual, owns[i].deviation), (&residuals[j], owns[j].deviation));
            significant(symbol::correlation_of(a, b, market), 3)
        };
        let mut measured = beside.measure(column, residual, owns[i])?;
        measured.correlations = (0..i).map(with).collect();
        found.push(measured);
    }
    let rows: Vec<&[f64]> = found.iter().map(|s| s.correlations.as_slice()).collect();
    lower_triangle(&rows).map_err(|row| CalibrationError::NotAModel {
        what: format!("the correlations of {}", found[row].tape.symbol),
        found: format!("{:?}", found[row].correlations),
        expected: "a positive definite matrix",
    })?;
    Ok(found)
}

impl Beside<'_> {
    /// Everything of one symbol but its correlations.
    fn measure(
        &self,
        column: &Column,
        residual: &symbol::Residual,
        own: OwnVariance,
    ) -> Result<SymbolParameters, CalibrationError> {
        let Beside { history, panel, dynamics, market } = *self;
        let bars = history.symbol(column.symbol).ok_or(CalibrationError::NoSymbol(column.symbol))?;
        let mean_own = own.volatility * own.volatility * math::exp(0.5 * own.deviation * own.deviation);
        let deviation = |(state, index): (&State, f64)| {
            let own = mean_own * math::exp(own.market * (state[0] + state[1])) / SESSIONS_PER_YEAR;
            (residual.beta * residual.beta * index * index + own).sqrt()
        };
        let deviations: Vec<f64> =
            market.states.iter().zip(index_deviations(dynamics, market)).map(deviation).collect();
        let mut symbol = SymbolParameters {
            tape: symbol::tape(panel, column, bars, &deviations)?,
            beta: residual.beta,
            own,
            correlations: Vec::new(),
            earnings: symbol::earnings(panel, column, bars, residual),
            premium: None,
        };
        symbol.premium = symbol::premium(panel, column, bars, dynamics, market, &symbol);
        Ok(symbol)
    }
}
