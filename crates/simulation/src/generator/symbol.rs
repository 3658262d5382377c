//! One symbol beside the index: its own variance, earnings and implied volatility.

use market::history::SymbolHistory;
use market::math;
use market::time::{Date, TradingDay, days_between};

use super::bars::{Session, bars};
use super::events::{quarters, session_after};
use super::parameters::{EarningsParameters, OwnVariance, SESSIONS_PER_YEAR, SymbolParameters};
use super::path::MarketPath;
use super::variance::{Ahead, Dynamics, HORIZONS, OwnDynamics, decay_of};
use super::{World, percent};
use crate::rng::Rng;

/// Days to which a symbol's implied-volatility index looks ahead.
pub(crate) const MONTH: i64 = 30;

/// How a symbol's own component of log variance moves.
fn own_dynamics(own: &OwnVariance) -> OwnDynamics {
    let decay = decay_of(own.half_life);
    OwnDynamics { decay, shock: own.deviation * (1.0 - decay * decay).sqrt() }
}

/// Expected own variance ahead: given the own component, or with the mean over all it can be.
pub(crate) fn own_ahead(dynamics: &Dynamics, own: &OwnVariance, given: bool) -> Ahead {
    let level = own.volatility * own.volatility;
    if given {
        Ahead::new(dynamics, level, own.market, Some(own_dynamics(own)))
    } else {
        Ahead::new(dynamics, level * math::exp(0.5 * own.deviation * own.deviation), own.market, None)
    }
}

/// The lower triangle L with L Lᵀ = the correlation matrix whose rows left of the diagonal are given (Cholesky).
///
/// # Errors
/// The first row that has not as many entries as rows before it, or with which the matrix is not positive definite.
pub(crate) fn lower_triangle(rows: &[&[f64]]) -> Result<Vec<Vec<f64>>, usize> {
    let mut lower: Vec<Vec<f64>> = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        if row.len() != i {
            return Err(i);
        }
        let mut made: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, correlation) in row.iter().enumerate() {
            let known: f64 = made.iter().zip(&lower[j]).map(|(a, b)| a * b).sum();
            made.push((correlation - known) / lower[j][j]);
        }
        let left = 1.0 - made.iter().map(|v| v * v).sum::<f64>();
        if left <= 1e-6 {
            return Err(i);
        }
        made.push(left.sqrt());
        lower.push(made);
    }
    Ok(lower)
}

/// Earnings dates from the first session to a quarter beyond the last: known to the generator, as a company knows them.
fn earnings_dates(p: &EarningsParameters, world: &World<'_>, stream: &mut Rng) -> Vec<Date> {
    let (first, last) = (world.days[0].date(), world.horizon);
    let dates = quarters(first, last).filter_map(|quarter| {
        let day = p.day + p.spread * stream.normal();
        session_after(quarter, day, world.calendar).map(TradingDay::date)
    });
    dates.filter(|d| (first..=last).contains(d)).collect()
}

/// The history of one symbol; `moves` are its correlated standard normals.
pub(crate) fn generate(p: &SymbolParameters, moves: &[f64], world: &World<'_>) -> SymbolHistory {
    let name = p.tape.symbol.as_str();
    let stream = |purpose: &str| Rng::stream(world.seed, &format!("{name}/{purpose}"));
    let earnings = p.earnings.map(|e| earnings_dates(&e, world, &mut stream("earnings")));
    let mut sizes = stream("jumps");
    let jumps = p.earnings.zip(earnings.as_deref()).map_or_else(Vec::new, |(e, dates)| {
        let mut size = || e.jump * sizes.normal();
        let after = |d: &Date| world.days.partition_point(|day| day.date() <= *d);
        dates.iter().map(|d| (after(d), size())).collect()
    });
    let (sessions, components) = own_path(p, moves, &jumps, world, &mut stream("variance"));
    let volatility = p
        .premium
        .map_or_else(Vec::new, |premium| implied(p, premium, &components, earnings.as_deref().unwrap_or(&[]), world));
    let (bars, dividends) = bars(&p.tape, &sessions, world, &stream);
    SymbolHistory { bars, dividends, splits: Vec::new(), earnings, volatility }
}

/// Each session's move, and the own component of log variance at each close.
fn own_path(
    p: &SymbolParameters,
    moves: &[f64],
    jumps: &[(usize, f64)],
    world: &World<'_>,
    stream: &mut Rng,
) -> (Vec<Session>, Vec<f64>) {
    let path: &MarketPath = world.market;
    let tail = super::tail::Tail::new(p.own.tail, world.parameters.largest_move);
    let dynamics = own_dynamics(&p.own);
    let level = p.own.volatility * p.own.volatility / SESSIONS_PER_YEAR;
    let expected_jump = p.earnings.map_or(0.0, |e| 0.5 * e.jump * e.jump);
    let mut component = p.own.deviation * stream.normal();
    let mut jumps = jumps.iter().peekable();
    let mut sessions = Vec::with_capacity(moves.len());
    let mut components = Vec::with_capacity(moves.len());
    for (row, z) in moves.iter().enumerate() {
        let own = level * math::exp(p.own.market * path.log_variances[row] + component);
        let by_market = p.beta * p.beta * path.variances[row];
        let variance = by_market + own;
        let drift = world.drift(row, p.beta) - 0.5 * variance;
        let jump = jumps.next_if(|(at, _)| *at == row).map_or(0.0, |(_, size)| size - expected_jump);
        sessions.push(Session {
            smooth: drift + p.beta * path.moves[row] + own.sqrt() * tail.map(*z),
            jump,
            variance,
            market: (by_market / variance).sqrt(),
        });
        component = dynamics.decay * component + dynamics.shock * stream.normal();
        components.push(component);
    }
    (sessions, components)
}

/// The 30-day implied-volatility index: expected variance with the earnings that lie ahead, times the premium.
fn implied(
    p: &SymbolParameters,
    premium: f64,
    components: &[f64],
    earnings: &[Date],
    world: &World<'_>,
) -> Vec<(Date, f64)> {
    let own = own_ahead(world.dynamics, &p.own, true);
    let jump = p.earnings.map_or(0.0, |e| e.jump * e.jump * SESSIONS_PER_YEAR / HORIZONS[1] as f64);
    let mut next = 0;
    let of = |(row, component): (usize, &f64)| {
        let day = world.days[row].date();
        let [fast, slow, _] = world.market.states[row];
        while earnings.get(next).is_some_and(|d| *d < day) {
            next += 1;
        }
        let ahead = earnings[next..].iter().take_while(|d| days_between(day, **d) < MONTH).count();
        let by_market = p.beta * p.beta * world.expected[row][1];
        let variance = by_market + own.month([fast, slow, *component]) + ahead as f64 * jump;
        (day, percent((premium * variance).sqrt()))
    };
    components.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triangle_times_itself_is_the_matrix() {
        let rows: [&[f64]; 4] = [&[], &[0.3], &[-0.2, 0.5], &[0.1, 0.6, 0.4]];
        let lower = lower_triangle(&rows).unwrap();
        for (i, row) in rows.iter().enumerate() {
            for (j, wanted) in row.iter().chain([&1.0]).enumerate() {
                let product: f64 = lower[i].iter().zip(&lower[j]).map(|(a, b)| a * b).sum();
                assert!((product - wanted).abs() < 1e-14, "{i} {j}");
            }
        }
    }

    #[test]
    fn what_is_no_correlation_matrix_is_refused_at_its_row() {
        let cases: [(&[&[f64]], usize); 3] =
            [(&[&[], &[1.0]], 1), (&[&[], &[0.9], &[0.9, -0.9]], 2), (&[&[], &[0.1], &[0.1]], 2)];
        for (rows, row) in cases {
            assert_eq!(lower_triangle(rows), Err(row), "{rows:?}");
        }
    }
}
