//! The market's variance, jumps and variance risk premium.

use market::math;

use crate::generator::panel::Panel;
use crate::generator::parameters::{Jumps, SESSIONS_PER_YEAR, Variance};
use crate::generator::statistics::{correlation, deviation, mean, mean_square, minimise, variogram};
use crate::generator::tail::Tail;
use crate::generator::variance::{Dynamics, HORIZONS, Innovation, State, decay_of};

/// Rounds of the simplex for the jumps, and jumps in one session up to which their likelihood is summed.
const JUMP_ROUNDS: usize = 160;
const MOST_JUMPS: usize = 5;
/// Lags, in sessions, at which the indices' variograms are matched.
const LAGS: [usize; 9] = [1, 2, 5, 10, 21, 42, 63, 126, 252];
/// Rounds of the simplex; it has settled to six digits well before.
const ROUNDS: usize = 800;
/// Rounds of the fixed point between level, premium and the distribution of the shocks; each gains two digits.
const SETTLE: usize = 4;

/// What the market's measurement leaves for the symbols'.
pub(crate) struct Market {
    pub(crate) variance: Variance,
    pub(crate) premiums: [f64; 3],
    /// State after each session.
    pub(crate) states: Vec<State>,
}

/// Half-lives and shocks from the variograms of the logarithms of the three squared indices.
///
/// To first order ln index² = constant + Σ load × component, where a component's load is the mean of its decay over
/// the index's horizon (Bergomi, 2005): the variogram at each lag follows in closed form. Matched in logarithms.
fn dynamics_of_variograms(squares: &[Vec<f64>; 3]) -> ([f64; 2], [f64; 2]) {
    let observed = squares.each_ref().map(|s| {
        let logs: Vec<f64> = s.iter().map(|v| math::ln(*v)).collect();
        LAGS.map(|lag| math::ln(variogram(&logs, lag)))
    });
    let distance = |x: &[f64; 4]| {
        let decay = [decay_of(math::exp(x[0])), decay_of(math::exp(x[1]))];
        let shock = [math::exp(x[2]), math::exp(x[3])];
        let mut sum = 0.0;
        for (horizon, row) in HORIZONS.iter().zip(&observed) {
            for (lag, value) in LAGS.iter().zip(row) {
                let error = math::ln(model_variogram(decay, shock, *horizon, *lag)) - value;
                sum += error * error;
            }
        }
        if sum.is_finite() { sum } else { f64::MAX }
    };
    let start = [math::ln(5.0), math::ln(100.0), math::ln(0.2), math::ln(0.1)];
    let x = minimise(start, 0.5, ROUNDS, distance);
    ([math::exp(x[0]), math::exp(x[1])], [math::exp(x[2]), math::exp(x[3])])
}

/// The variogram of two components that share their shock, seen through an index of this horizon.
fn model_variogram(decay: [f64; 2], shock: [f64; 2], horizon: usize, lag: usize) -> f64 {
    let power = |d: f64, n: usize| math::exp(math::ln(d) * n as f64);
    let load = |d: f64| (1.0 - power(d, horizon)) / ((1.0 - d) * horizon as f64);
    let seen = [shock[0] * load(decay[0]), shock[1] * load(decay[1])];
    let mut sum = 0.0;
    for i in 0..2 {
        for j in 0..2 {
            sum += seen[i] * seen[j] * (1.0 - power(decay[i], lag)) / (1.0 - decay[i] * decay[j]);
        }
    }
    2.0 * sum
}

/// States and shocks of all sessions, from the 30-day index alone: given the state before it, expected variance rises
/// with the shock, so that the index of the day has one solution (Newton's method on its logarithm).
fn filter(dynamics: &Dynamics, target: &[f64]) -> (Vec<State>, Vec<f64>) {
    let ahead = dynamics.ahead();
    let solve = |start: State, direction: State, target: f64| {
        let mut x = 0.0;
        for _ in 0..12 {
            let state: State = std::array::from_fn(|i| start[i] + x * direction[i]);
            let (value, slope) = ahead.month_along(state, direction);
            let step = (math::ln(target) - math::ln(value)) * value / slope;
            x += step.clamp(-8.0, 8.0);
            if step.abs() < 1e-10 {
                break;
            }
        }
        x
    };
    let mut state = [0.0, solve([0.0; 3], [0.0, 1.0, 0.0], target[0]), 0.0];
    let (mut states, mut shocks) = (vec![state], Vec::with_capacity(target.len()));
    for value in &target[1..] {
        let shock = solve(dynamics.step(state, 0.0), [dynamics.shock[0], dynamics.shock[1], 0.0], *value);
        state = dynamics.step(state, shock);
        states.push(state);
        shocks.push(shock);
    }
    (states, shocks)
}

/// Returns in standard deviations of the variance in force: the one at the close before.
fn innovations(returns: &[f64], dynamics: &Dynamics, states: &[State]) -> Vec<f64> {
    let drift = mean(&returns[1..]);
    let of =
        |(r, s): (&f64, &State)| (r - drift) / (dynamics.level * math::exp(s[0] + s[1]) / SESSIONS_PER_YEAR).sqrt();
    returns[1..].iter().zip(states).map(of).collect()
}

/// Jumps by maximum likelihood of the law that the generator draws from: a Poisson number of normal jumps beside a
/// normal, mean zero and variance one together (Press, 1967; Ball and Torous, 1985, who cut the sum over the number of
/// jumps as here).
fn jumps_of(innovations: &[f64]) -> Jumps {
    let scale = mean_square(innovations).sqrt();
    let sample: Vec<f64> = innovations.iter().map(|e| e / scale).collect();
    let law = |x: &[f64; 3]| Jumps { per_year: math::exp(x[0]) * SESSIONS_PER_YEAR, mean: x[1], deviation: x[2].abs() };
    let surprise = |x: &[f64; 3]| {
        let value = -log_likelihood(&Innovation::new(&law(x)), &sample);
        if value.is_finite() { value } else { f64::MAX }
    };
    law(&minimise([math::ln(0.05), -1.5, 1.0], 0.4, JUMP_ROUNDS, surprise))
}

fn log_likelihood(law: &Innovation, sample: &[f64]) -> f64 {
    let mut parts = [(0.0, 0.0, 0.0); MOST_JUMPS];
    let mut probability = math::exp(-law.rate);
    for (count, part) in parts.iter_mut().enumerate() {
        let jumps = count as f64;
        let variance = law.normal * law.normal + jumps * law.deviation * law.deviation;
        *part = (probability / variance.sqrt(), (jumps - law.rate) * law.mean, -0.5 / variance);
        probability *= law.rate / (jumps + 1.0);
    }
    let density = |x: &f64| parts.iter().map(|(p, m, h)| p * math::exp(h * (x - m) * (x - m))).sum::<f64>();
    sample.iter().map(|x| math::ln(density(x))).sum()
}

/// Degrees of freedom by maximum likelihood over a grid in steps of four percent, for a sample of variance one.
fn tail_of(sample: &[f64], largest: f64) -> f64 {
    let likelihood = |degrees: f64| {
        let tail = Tail::new(degrees, largest);
        sample.iter().map(|t| tail.log_density(*t)).sum::<f64>()
    };
    let grid = (0..60).map(|i| 2.8 * math::exp(0.04 * f64::from(i)));
    let best = grid.map(|d| (likelihood(d), d)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(30.0, |(_, degrees)| degrees)
}

/// Measures the market. Level and premium follow from two conditions: the components are zero in the mean, and returns
/// in standard deviations have variance one.
pub(crate) fn measure(panel: &Panel, largest: f64) -> Market {
    let squares: [Vec<f64>; 3] = std::array::from_fn(|h| panel.volatility.iter().map(|v| v[h] * v[h]).collect());
    let (half_life, shock) = dynamics_of_variograms(&squares);
    let none = Jumps { per_year: 0.0, mean: 0.0, deviation: 0.0 };
    let mut variance = Variance { volatility: 0.13, half_life, shock, leverage: -0.7, tail: 10.0, jumps: none };
    let mut premium = 1.25;
    let mut states = Vec::new();
    for _ in 0..SETTLE {
        let target: Vec<f64> = squares[1].iter().map(|v| v / premium).collect();
        let dynamics = Dynamics::new(&variance, largest);
        let (found, shocks) = filter(&dynamics, &target);
        let innovations = innovations(&panel.index.returns, &dynamics, &found);
        let sums: Vec<f64> = found.iter().map(|s| s[0] + s[1]).collect();
        let unit = mean_square(&innovations);
        let (e, w) = (deviation(&innovations), deviation(&shocks));
        variance.jumps = jumps_of(&innovations);
        variance.leverage = correlation(&innovations, &shocks);
        let rest: Vec<f64> = innovations.iter().zip(&shocks).map(|(i, s)| s / w - variance.leverage * i / e).collect();
        let unit_rest = deviation(&rest);
        let rest: Vec<f64> = rest.iter().map(|r| r / unit_rest).collect();
        variance.tail = tail_of(&rest, largest);
        variance.volatility *= math::exp(mean(&sums) / 2.0) * unit.sqrt();
        premium /= unit;
        states = found;
    }
    let dynamics = Dynamics::new(&variance, largest);
    let ahead = dynamics.ahead();
    let expected: Vec<[f64; 3]> = states.iter().map(|s| ahead.averages(*s)).collect();
    let ratio = |h: usize| mean(&squares[h].iter().zip(&expected).map(|(v, e)| v / e[h]).collect::<Vec<_>>());
    Market { variance, premiums: [ratio(0), premium, ratio(2)], states }
}
