//! The path of the market: returns, variance, and the state that all symbols share.

use market::math;

use super::parameters::{Parameters, SESSIONS_PER_YEAR};
use super::variance::{Dynamics, State};
use crate::rng::Rng;

/// Half-lives of the slow component that pass before the first session, so that the start is forgotten.
const FORGOTTEN: f64 = 8.0;

/// One row a session.
pub(crate) struct MarketPath {
    /// Return from close to close in logs, without drift.
    pub(crate) moves: Vec<f64>,
    /// Variance of the session, a fraction squared.
    pub(crate) variances: Vec<f64>,
    /// The market's log variance around its level, in force during the session.
    pub(crate) log_variances: Vec<f64>,
    /// State at the close.
    pub(crate) states: Vec<State>,
    /// The market's part of how the session's move splits into night and day, standard normal.
    pub(crate) gaps: Vec<f64>,
}

struct Streams {
    normal: Rng,
    jumps: Rng,
    variance: Rng,
}

impl Streams {
    /// The innovation of the session, variance one, and the shock to log variance that goes with it.
    #[inline]
    fn session(&mut self, dynamics: &Dynamics, largest: f64) -> (f64, f64) {
        let law = &dynamics.innovation;
        let mut sum = law.normal * self.normal.normal() - law.rate * law.mean;
        for _ in 0..self.jumps.poisson(law.rate) {
            sum += law.mean + law.deviation * self.jumps.normal();
        }
        let innovation = sum.clamp(-largest, largest);
        let rest = dynamics.tail.map(self.variance.normal());
        (innovation, dynamics.leverage * innovation + dynamics.rest * rest)
    }
}

impl MarketPath {
    pub(crate) fn new(parameters: &Parameters, dynamics: &Dynamics, seed: u64, sessions: usize) -> Self {
        let mut streams = Streams {
            normal: Rng::stream(seed, "market/return"),
            jumps: Rng::stream(seed, "market/jumps"),
            variance: Rng::stream(seed, "market/variance"),
        };
        let mut gap = Rng::stream(seed, "market/gap");
        let mut path = MarketPath {
            moves: Vec::with_capacity(sessions),
            variances: Vec::with_capacity(sessions),
            log_variances: Vec::with_capacity(sessions),
            states: Vec::with_capacity(sessions),
            gaps: Vec::with_capacity(sessions),
        };
        let mut state = [0.0; 3];
        for _ in 0..(FORGOTTEN * parameters.variance.half_life[1]) as usize {
            let (_, shock) = streams.session(dynamics, parameters.largest_move);
            state = dynamics.step(state, shock);
        }
        for _ in 0..sessions {
            let log_variance = state[0] + state[1];
            let variance = dynamics.level * math::exp(log_variance) / SESSIONS_PER_YEAR;
            let (innovation, shock) = streams.session(dynamics, parameters.largest_move);
            state = dynamics.step(state, shock);
            path.moves.push(variance.sqrt() * innovation);
            path.variances.push(variance);
            path.log_variances.push(log_variance);
            path.states.push(state);
            path.gaps.push(gap.normal());
        }
        path
    }
}
