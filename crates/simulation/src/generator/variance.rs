//! Expected variance over the horizons of the volatility indices, given the state of the model.

use market::math;

use super::parameters::{Jumps, SESSIONS_PER_YEAR, Variance};
use super::tail::Tail;

/// Sessions to which the 9-day, the 30-day and the 93-day index look ahead (calendar days × 252 / 365, rounded).
pub(crate) const HORIZONS: [usize; 3] = [6, 21, 64];

/// Gauss–Legendre nodes and weights on (−1, 1), three points.
const NODES: [(f64, f64); 3] =
    [(-0.774_596_669_241_483_4, 5.0 / 9.0), (0.0, 8.0 / 9.0), (0.774_596_669_241_483_4, 5.0 / 9.0)];

/// The state of one symbol's log variance around its level: the market's two components and its own.
pub(crate) type State = [f64; 3];

/// A return innovation of variance one: normal with jumps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Innovation {
    /// Jumps expected per session.
    pub(crate) rate: f64,
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
    /// Standard deviation of the normal part.
    pub(crate) normal: f64,
}

impl Innovation {
    pub(crate) fn new(jumps: &Jumps) -> Self {
        let rate = jumps.per_year / SESSIONS_PER_YEAR;
        let by_jumps = rate * (jumps.mean * jumps.mean + jumps.deviation * jumps.deviation);
        let normal = (1.0 - by_jumps).max(0.0).sqrt();
        Innovation { rate, mean: jumps.mean, deviation: jumps.deviation, normal }
    }

    /// ln E exp(`a` × innovation).
    fn cumulant(&self, a: f64) -> f64 {
        let jump = math::exp(a * self.mean + 0.5 * a * a * self.deviation * self.deviation);
        0.5 * a * a * self.normal * self.normal + self.rate * (jump - 1.0 - a * self.mean)
    }
}

/// The market's log variance: how it decays, how a shock moves it, and how its shock is distributed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dynamics {
    /// Variance per year at the level.
    pub(crate) level: f64,
    /// Share of each component left after one session.
    pub(crate) decay: [f64; 2],
    pub(crate) shock: [f64; 2],
    pub(crate) leverage: f64,
    /// Weight of the part of the shock that does not come from the return.
    pub(crate) rest: f64,
    pub(crate) innovation: Innovation,
    pub(crate) tail: Tail,
}

/// Share left after one session at this half-life.
pub(crate) fn decay_of(half_life: f64) -> f64 {
    math::exp(-std::f64::consts::LN_2 / half_life)
}

impl Dynamics {
    pub(crate) fn new(v: &Variance, largest: f64) -> Self {
        Dynamics {
            level: v.volatility * v.volatility,
            decay: v.half_life.map(decay_of),
            shock: v.shock,
            leverage: v.leverage,
            rest: (1.0 - v.leverage * v.leverage).max(0.0).sqrt(),
            innovation: Innovation::new(&v.jumps),
            tail: Tail::new(v.tail, largest),
        }
    }

    /// ln E exp(`a` × shock).
    fn cumulant(&self, a: f64) -> f64 {
        self.innovation.cumulant(a * self.leverage) + self.tail.cumulant(a * self.rest)
    }

    /// The state one session later, after a shock.
    #[inline]
    pub(crate) fn step(&self, state: State, shock: f64) -> State {
        [self.decay[0] * state[0] + self.shock[0] * shock, self.decay[1] * state[1] + self.shock[1] * shock, state[2]]
    }

    /// Expected variance ahead of the market itself.
    pub(crate) fn ahead(&self) -> Ahead {
        Ahead::new(self, self.level, 1.0, None)
    }
}

/// A symbol's own component of log variance, normal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnDynamics {
    pub(crate) decay: f64,
    /// Standard deviation of one session's shock.
    pub(crate) shock: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Point {
    /// Quadrature weight × level × what uncertainty adds to the mean of an exponential.
    weight: f64,
    loads: State,
}

/// Expected average variance from now to each horizon, as sums of exponentials of the state: three-point Gauss–Legendre
/// between one horizon and the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ahead {
    panels: [[Point; 3]; 3],
}

impl Ahead {
    /// For log variance = ln `level` + `scale` × the market's components + an own component.
    pub(crate) fn new(dynamics: &Dynamics, level: f64, scale: f64, own: Option<OwnDynamics>) -> Self {
        let uncertainty = Uncertainty::new(dynamics, scale, own);
        let mut panels = [[Point::default(); 3]; 3];
        let mut from = 0;
        for (panel, to) in panels.iter_mut().zip(HORIZONS) {
            let half = (to - from) as f64 / 2.0;
            // Sessions are counted from their middles, so that a sum over sessions is an integral.
            let middle = (from + to) as f64 / 2.0 - 0.5;
            for (point, (node, weight)) in panel.iter_mut().zip(NODES) {
                let session = (middle + half * node).max(0.0);
                let left = |decay: f64| math::exp(math::ln(decay) * session);
                let load = |i: usize| scale * left(dynamics.decay[i]);
                point.weight = weight * half * level * math::exp(uncertainty.at(session));
                point.loads = [load(0), load(1), own.map_or(0.0, |o| left(o.decay))];
            }
            from = to;
        }
        Ahead { panels }
    }

    #[inline]
    fn panel(&self, panel: usize, state: State) -> f64 {
        let exponent = |p: &Point| p.loads[0] * state[0] + p.loads[1] * state[1] + p.loads[2] * state[2];
        self.panels[panel].iter().map(|p| p.weight * math::exp(exponent(p))).sum()
    }

    /// Expected average variance per year to all three horizons.
    #[inline]
    pub(crate) fn averages(&self, state: State) -> [f64; 3] {
        let mut sum = 0.0;
        std::array::from_fn(|i| {
            sum += self.panel(i, state);
            sum / HORIZONS[i] as f64
        })
    }

    /// Expected average variance per year to the 30-day horizon.
    #[inline]
    pub(crate) fn month(&self, state: State) -> f64 {
        (self.panel(0, state) + self.panel(1, state)) / HORIZONS[1] as f64
    }

    /// The 30-day average and its derivative along `direction` in the state.
    pub(crate) fn month_along(&self, state: State, direction: State) -> (f64, f64) {
        let (mut value, mut slope) = (0.0, 0.0);
        for p in self.panels[..2].iter().flatten() {
            let dot = |s: State| p.loads[0] * s[0] + p.loads[1] * s[1] + p.loads[2] * s[2];
            let term = p.weight * math::exp(dot(state));
            value += term;
            slope += term * dot(direction);
        }
        (value / HORIZONS[1] as f64, slope / HORIZONS[1] as f64)
    }
}

/// What the shocks still to come add to the logarithm of expected variance, by sessions ahead.
struct Uncertainty(Vec<f64>);

impl Uncertainty {
    fn new(dynamics: &Dynamics, scale: f64, own: Option<OwnDynamics>) -> Self {
        let last = HORIZONS[HORIZONS.len() - 1] + 1;
        let mut table = Vec::with_capacity(last + 1);
        let (mut sum, mut kernel, mut own_kernel) = (0.0, dynamics.shock, own.map_or(0.0, |o| o.shock));
        for _ in 0..=last {
            table.push(sum);
            sum += dynamics.cumulant(scale * (kernel[0] + kernel[1])) + 0.5 * own_kernel * own_kernel;
            kernel = [kernel[0] * dynamics.decay[0], kernel[1] * dynamics.decay[1]];
            own_kernel *= own.map_or(0.0, |o| o.decay);
        }
        Uncertainty(table)
    }

    fn at(&self, session: f64) -> f64 {
        let whole = session as usize;
        let part = session - whole as f64;
        self.0[whole] * (1.0 - part) + self.0[whole + 1] * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Parameters;
    use crate::rng::Rng;

    fn dynamics() -> Dynamics {
        let p = Parameters::shipped();
        Dynamics::new(&p.variance, p.largest_move)
    }

    /// The sum over sessions that three-point quadrature stands for.
    fn exact(dynamics: &Dynamics, state: State, sessions: usize) -> f64 {
        let uncertainty = Uncertainty::new(dynamics, 1.0, None);
        let of = |n: usize| {
            let left = |i: usize| math::exp(math::ln(dynamics.decay[i]) * n as f64) * state[i];
            dynamics.level * math::exp(left(0) + left(1) + uncertainty.at(n as f64))
        };
        (0..sessions).map(of).sum::<f64>() / sessions as f64
    }

    #[test]
    fn quadrature_is_the_sum_over_sessions() {
        let dynamics = dynamics();
        for state in [[0.0; 3], [-1.0, -1.2, 0.0], [1.0, 0.3, 0.0], [2.5, 1.5, 0.0]] {
            let averages = dynamics.ahead().averages(state);
            for (found, sessions) in averages.into_iter().zip(HORIZONS) {
                let wanted = exact(&dynamics, state, sessions);
                assert!((found / wanted - 1.0).abs() < 5e-3, "{state:?} {sessions}: {found} instead of {wanted}");
            }
            let month = dynamics.ahead().month(state);
            assert_eq!(month.to_bits(), averages[1].to_bits());
        }
    }

    /// The volatility indices fit the market: what they expect is the mean of what comes.
    #[test]
    fn expected_variance_is_the_mean_of_simulated_variance() {
        const PATHS: u32 = 20_000;
        let dynamics = dynamics();
        let mut rng = Rng::new(11);
        let law = dynamics.innovation;
        for state in [[0.0; 3], [1.0, 0.5, 0.0]] {
            let mut sums = [0.0; 3];
            for _ in 0..PATHS {
                let (mut now, mut total) = (state, 0.0);
                for session in 0..HORIZONS[2] {
                    total += dynamics.level * math::exp(now[0] + now[1]);
                    for (sum, horizon) in sums.iter_mut().zip(HORIZONS) {
                        *sum += if session + 1 == horizon { total / horizon as f64 } else { 0.0 };
                    }
                    let jumps =
                        (0..rng.poisson(law.rate)).map(|_| law.mean + law.deviation * rng.normal()).sum::<f64>();
                    let innovation = law.normal * rng.normal() + jumps - law.rate * law.mean;
                    let rest = dynamics.tail.map(rng.normal());
                    now = dynamics.step(now, dynamics.leverage * innovation + dynamics.rest * rest);
                }
            }
            for (sum, expected) in sums.into_iter().zip(dynamics.ahead().averages(state)) {
                let mean = sum / f64::from(PATHS);
                assert!((mean / expected - 1.0).abs() < 0.03, "{state:?}: {mean}, expected {expected}");
            }
        }
    }
}
