//! American options with a continuous yield by the integral equation of their exercise boundary (Andersen, Lake and
//! Offengenden 2016, "High-performance American option pricing", Journal of Computational Finance 20(1)).
//!
//! Everything is a put on a strike of one: a call is the put with spot and strike, rate and yield exchanged (McDonald
//! and Schroder 1998), and prices scale with the strike. The boundary B(τ), τ being the time left, starts at
//! X = min(1, r/q) and is kept as H = ln²(B/X), a polynomial in √τ through Chebyshev's extreme points. It is improved
//! from a guess (Li 2010, "Analytical approximations of the critical stock prices of American options") by steps of the
//! paper's fixed-point systems A and B, B(τ) = N(τ, B) / D(τ, B) with
//!
//! > A: N = e^(−rτ) φ(d₋(τ, B)) / σ√τ + r ∫ e^(−rt) φ(d₋(t, B/B(τ−t))) / σ√t dt,
//! >
//! > D = e^(−qτ) (φ(d₊)/σ√τ + Φ(d₊)) + q ∫ e^(−qt) (φ(d₊)/σ√t + Φ(d₊)) dt;
//! >
//! > B: N = e^(−rτ) Φ(d₋) + r ∫ e^(−rt) Φ(d₋) dt, D = e^(−qτ) Φ(d₊) + q ∫ e^(−qt) Φ(d₊) dt,
//!
//! with d± (t, z) = (ln z + (r−q) t) / σ√t ± σ√t/2 and integrals over 0 < t < τ. The price is the European one and the
//! interest earned after exercise less the dividends given up (equation 8):
//!
//! > V(S) = v(S) + ∫ r e^(−rt) Φ(−d₋(t, S/B(T−t))) − q S e^(−qt) Φ(−d₊(t, S/B(T−t))) dt.
//!
//! With √t = √τ cos θ and √(τ−t) = √τ sin θ every integrand is smooth at both ends, where the boundary itself is not,
//! and Gauss–Legendre in θ needs few points. At those points the interpolated H is a fixed linear map of its values at
//! the nodes, which [`Scheme`] holds; quadrature points are the lanes of vector instructions.

use market::math;

use super::legendre;
use crate::elementary::{exp, least, ln_ratio, most};
use crate::normal::{ROOT_TWO_PI, mills_fused};
use crate::simd::Kernel;

/// Quadrature points, and nodes in the first guess, worked on at once.
const LANES: usize = 8;

/// More nodes than any scheme has.
const MOST_NODES: usize = 32;

type Lanes = [f64; LANES];

/// How finely the boundary and the integrals are resolved: the sizes, and what depends on nothing else.
#[derive(Clone, Debug)]
pub(super) struct Scheme {
    /// √τ of each node after the first (τ = 0) over √T, falling; filled up with the last to whole lanes.
    roots: Vec<f64>,
    nodes: usize,
    /// Newton steps of the first guess.
    guess_steps: usize,
    /// Steps of the iteration by system A, then by system B.
    steps: (usize, usize),
    boundary: Vec<Points>,
    price: Vec<Points>,
    /// For each node, then block of quadrature points, then node interpolated from.
    boundary_map: Vec<Lanes>,
    price_map: Vec<Lanes>,
}

/// The paper's two fixed-point systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    /// From smooth pasting: gains most in its first steps; where the rate is far above σ² many steps lead away again.
    A,
    /// From the value's continuity: slower at first, converges always.
    B,
}

/// A block of quadrature points.
#[derive(Clone, Copy, Debug)]
struct Points {
    /// √t/√τ = cos θ and its inverse.
    root: Lanes,
    inverse: Lanes,
    /// Weight of dθ times 2 sin θ: of dt/√t in units of √τ.
    weight: Lanes,
}

impl Scheme {
    /// `nodes` of the boundary besides τ = 0, steps of the guess and by each system, and `blocks` of eight quadrature
    /// points for the boundary and for the price.
    pub(super) fn new(nodes: usize, (guess_steps, a, b): (usize, usize, usize), blocks: (usize, usize)) -> Scheme {
        let angle = |i: usize| std::f64::consts::PI * i as f64 / nodes as f64;
        let mut roots: Vec<f64> = (0..nodes).map(|i| 0.5 * (1.0 + math::cos(angle(i)))).collect();
        let (boundary, boundary_at) = points(blocks.0 * LANES);
        let (price, price_at) = points(blocks.1 * LANES);
        let mut boundary_map = Vec::new();
        for root in &roots {
            boundary_map.extend(map(&roots, *root, &boundary_at));
        }
        let price_map = map(&roots, 1.0, &price_at);
        while !roots.len().is_multiple_of(LANES) {
            roots.push(roots[nodes - 1]);
        }
        Scheme { roots, nodes, guess_steps, steps: (a, b), boundary, price, boundary_map, price_map }
    }
}

/// Blocks of Gauss–Legendre points of θ from 0 to π/2, and sin θ of each.
fn points(count: usize) -> (Vec<Points>, Vec<f64>) {
    let quarter = 0.25 * std::f64::consts::PI;
    let rule = legendre::rule(count);
    let thetas: Vec<(f64, f64)> = rule.iter().map(|(y, w)| (quarter * (1.0 + y), quarter * w)).collect();
    let sines: Vec<f64> = thetas.iter().map(|(theta, _)| math::sin(*theta)).collect();
    let block = |block: &[(f64, f64)]| {
        let root: Lanes = std::array::from_fn(|k| math::cos(block[k].0));
        let inverse = root.map(|c| 1.0 / c);
        let weight = std::array::from_fn(|k| 2.0 * math::sin(block[k].0) * block[k].1);
        Points { root, inverse, weight }
    };
    (thetas.chunks_exact(LANES).map(block).collect(), sines)
}

/// The weights with which the nodes' H enter its polynomial at `root` × each sine (barycentric formula: Berrut and
/// Trefethen 2004, "Barycentric Lagrange interpolation", equations 4.2 and 5.4); H is zero at the node τ = 0.
fn map(roots: &[f64], root: f64, sines: &[f64]) -> Vec<Lanes> {
    let nodes = roots.len();
    let weight = |j: usize| {
        let half = if j == 0 || j == nodes { 0.5 } else { 1.0 };
        if j.is_multiple_of(2) { half } else { -half }
    };
    let at = |j: usize| if j == nodes { 0.0 } else { roots[j] };
    let mut out = vec![[0.0; LANES]; sines.len() / LANES * nodes];
    for (k, sine) in sines.iter().enumerate() {
        let x = root * sine;
        let terms: Vec<f64> = (0..=nodes).map(|j| weight(j) / (x - at(j))).collect();
        let sum: f64 = terms.iter().sum();
        for (j, term) in terms.iter().enumerate().take(nodes) {
            out[k / LANES * nodes + j][k % LANES] = if term.is_infinite() { 1.0 } else { term / sum };
        }
    }
    out
}

/// A put on a strike of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put {
    pub(super) spot: f64,
    pub(super) rate: f64,
    pub(super) dividend_yield: f64,
    pub(super) years: f64,
    pub(super) volatility: f64,
}

/// What one evaluation yields, strike one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Value {
    pub(super) price: f64,
    pub(super) delta: f64,
    pub(super) gamma: f64,
}

/// The European put on a strike of one.
pub(super) struct European(pub(super) Put);

impl Kernel for European {
    type Output = Value;

    #[inline(always)]
    fn run(self) -> Value {
        european(&self.0)
    }
}

/// Prices one put whose early exercise may pay: rate and volatility positive, time left. Never below the European one
/// or exercise.
pub(super) struct Pricing<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) put: Put,
}

/// H at the nodes, and ln(B/X) there.
struct Boundary {
    squares: [f64; MOST_NODES],
    logs: [f64; MOST_NODES],
}

impl Boundary {
    #[inline(always)]
    fn set(&mut self, block: usize, logs: Lanes, squares: Lanes) {
        self.logs.as_chunks_mut::<LANES>().0[block] = logs;
        self.squares.as_chunks_mut::<LANES>().0[block] = squares;
    }
}

/// A block of a column over the nodes.
#[inline(always)]
fn chunk(column: &[f64; MOST_NODES], block: usize) -> Lanes {
    column.as_chunks::<LANES>().0[block]
}

impl Kernel for Pricing<'_> {
    type Output = Value;

    #[inline(always)]
    fn run(self) -> Value {
        let Pricing { scheme, put } = self;
        let room = &mut Boundary { squares: [0.0; MOST_NODES], logs: [0.0; MOST_NODES] };
        let start = if put.dividend_yield > put.rate { put.rate / put.dividend_yield } else { 1.0 };
        let log_start = ln_ratio(start, 1.0);
        guess(scheme, &put, start, room);
        for _ in 0..scheme.steps.0 {
            improve(scheme, System::A, &put, log_start, room);
        }
        for _ in 0..scheme.steps.1 {
            improve(scheme, System::B, &put, log_start, room);
        }
        let exercised = Value::exercised(put.spot);
        if put.spot <= start * exp(room.logs[0]) {
            return exercised;
        }
        let european = european(&put);
        let found = premium(scheme, &put, ln_ratio(put.spot, 1.0), log_start, room).plus(european);
        if found.price < exercised.price {
            exercised
        } else if found.price < european.price {
            european
        } else {
            found
        }
    }
}

impl Value {
    /// Exercised now; worthless above the strike.
    pub(super) fn exercised(spot: f64) -> Value {
        if spot < 1.0 { Value { price: 1.0 - spot, delta: -1.0, gamma: 0.0 } } else { Value::default() }
    }

    #[inline(always)]
    fn plus(self, other: Value) -> Value {
        let Value { price, delta, gamma } = other;
        Value { price: self.price + price, delta: self.delta + delta, gamma: self.gamma + gamma }
    }
}

/// The normal density at `d` and the probability below it.
#[inline(always)]
fn normal(d: f64) -> (f64, f64) {
    let density = exp(-0.5 * d * d) * (1.0 / ROOT_TWO_PI);
    let tail = density * mills_fused(d.abs());
    (density, if d < 0.0 { tail } else { 1.0 - tail })
}

#[inline(always)]
fn sum(lanes: &Lanes) -> f64 {
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

#[inline(always)]
fn european(put: &Put) -> Value {
    let Put { spot, rate, dividend_yield, years, volatility } = *put;
    let deviation = volatility * years.sqrt();
    let middle = (ln_ratio(spot, 1.0) + (rate - dividend_yield) * years) / deviation;
    let (d1, d2) = (middle + 0.5 * deviation, middle - 0.5 * deviation);
    let (density, above1) = normal(-d1);
    let (_, above2) = normal(-d2);
    let carried = exp(-dividend_yield * years);
    let price = exp(-rate * years) * above2 - spot * carried * above1;
    let gamma = carried * density / (spot * deviation);
    Value { price, delta: -carried * above1, gamma }
}

/// ln(B/X) at a block of quadrature points.
#[inline(always)]
fn interpolate(map: &[Lanes], squares: &[f64]) -> Lanes {
    let mut out = [0.0; LANES];
    for (coefficients, square) in map.iter().zip(squares) {
        for k in 0..LANES {
            out[k] = coefficients[k].mul_add(*square, out[k]);
        }
    }
    out.map(|square| -most(square, 0.0).sqrt())
}

/// The premium of early exercise.
#[inline(always)]
fn premium(scheme: &Scheme, put: &Put, log_spot: f64, log_start: f64, room: &Boundary) -> Value {
    let Put { spot, rate, dividend_yield, years, volatility } = *put;
    let root_years = years.sqrt();
    let drift = rate - dividend_yield;
    let (mut price, mut delta, mut gamma) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let inverse_years = 1.0 / (volatility * root_years);
    for (points, map) in scheme.price.iter().zip(scheme.price_map.chunks_exact(scheme.nodes)) {
        let logs = interpolate(map, &room.squares[..scheme.nodes]);
        for k in 0..LANES {
            let root = root_years * points.root[k];
            let t = root * root;
            let inverse = inverse_years * points.inverse[k];
            let half = 0.5 * volatility * root;
            let middle = drift.mul_add(t, log_spot - log_start - logs[k]) * inverse;
            let (d1, d2) = (middle + half, middle - half);
            let (density1, above1) = normal(-d1);
            let (density2, above2) = normal(-d2);
            let dividends = spot * dividend_yield * exp(-dividend_yield * t);
            let interest = rate * exp(-rate * t);
            let weight = points.weight[k] * root_years * root;
            price[k] = weight.mul_add(interest * above2 - dividends * above1, price[k]);
            // In units of the spot and its square.
            let (dividend_slope, interest_slope) = (dividends * density1 * inverse, interest * density2 * inverse);
            let first = dividend_slope - interest_slope - dividends * above1;
            delta[k] = weight.mul_add(first, delta[k]);
            let second = interest_slope * (1.0 + d2 * inverse) - dividend_slope * (d1 * inverse - 1.0);
            gamma[k] = weight.mul_add(second, gamma[k]);
        }
    }
    let per_dollar = 1.0 / spot;
    Value { price: sum(&price), delta: sum(&delta) * per_dollar, gamma: sum(&gamma) * per_dollar * per_dollar }
}

/// Fills the boundary with Li's: QD+, by a few Newton steps at all nodes together.
#[inline(always)]
fn guess(scheme: &Scheme, put: &Put, start: f64, room: &mut Boundary) {
    let Put { rate, dividend_yield, years, volatility, .. } = *put;
    let drift = rate - dividend_yield;
    let variance = volatility * volatility;
    let (m, n1) = (2.0 * rate / variance, 2.0 * drift / variance - 1.0);
    let perpetual_root = -0.5 * (n1 + (n1 * n1 + 4.0 * m).sqrt());
    let perpetual = perpetual_root / (perpetual_root - 1.0);
    let root_years = years.sqrt();
    for (block, roots) in scheme.roots.as_chunks::<LANES>().0.iter().enumerate() {
        let (mut discount, mut carried, mut carry) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let (mut deviation, mut inverse) = ([0.0; LANES], [0.0; LANES]);
        let (mut power, mut decay, mut b) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for k in 0..LANES {
            let root = root_years * roots[k];
            let tau = root * root;
            deviation[k] = volatility * root;
            inverse[k] = 1.0 / deviation[k];
            carry[k] = drift * tau;
            discount[k] = exp(-rate * tau);
            carried[k] = exp(-dividend_yield * tau);
            // 2r/σ²h of the paper; its limit without interest is 2/σ²τ.
            let h = 1.0 - discount[k];
            let ratio = 2.0 / variance * if h > 1e-8 { rate / h } else { 1.0 / tau };
            let discriminant = (n1 * n1 + 4.0 * ratio).sqrt();
            // λ + c₀ without its term in the decay, whose factor is kept apart; 2λ + N − 1 is minus the discriminant.
            let correction = discount[k] * ratio / discriminant * (1.0 - ratio / (discriminant * discriminant));
            power[k] = correction - 0.5 * (n1 + discriminant);
            decay[k] = 2.0 / (variance * discriminant);
            // Barone-Adesi and Whaley's seed.
            let toward = (carry[k] - 2.0 * deviation[k]) * start / (start - perpetual);
            b[k] = perpetual + (start - perpetual) * exp(least(toward, 0.0));
        }
        for _ in 0..scheme.guess_steps {
            for (k, b) in b.iter_mut().enumerate() {
                let middle = (ln_ratio(*b, 1.0) + carry[k]) * inverse[k];
                let (d1, d2) = (middle + 0.5 * deviation[k], middle - 0.5 * deviation[k]);
                let (density, above1) = normal(-d1);
                let (_, above2) = normal(-d2);
                let (strike_part, stock_part) = (discount[k] * above2, *b * carried[k] * above1);
                let gain = 1.0 - *b - (strike_part - stock_part);
                let spread = carried[k] * density * inverse[k];
                // Decay of the European put a year, and how it changes with the boundary.
                let theta = rate * strike_part - dividend_yield * stock_part - 0.5 * variance * *b * spread;
                let bend = drift + 0.5 * variance * (1.0 - d1 * inverse[k]);
                let theta_slope = -dividend_yield * carried[k] * above1 - spread * bend;
                let free = 1.0 - carried[k] * above1;
                let f = free * *b + power[k] * gain - decay[k] * theta;
                let slope = (1.0 - power[k]) * free + spread - decay[k] * theta_slope;
                *b = least(most(*b - f / slope, 0.5 * *b), start);
            }
        }
        let logs = b.map(|b| least(ln_ratio(b, start), 0.0));
        room.set(block, logs, logs.map(|log| log * log));
    }
}

/// One Jacobi–Newton step at every node, all from the same boundary. The derivatives of N and D leave the integrals
/// out.
#[inline(always)]
fn improve(scheme: &Scheme, system: System, put: &Put, log_start: f64, room: &mut Boundary) {
    let Put { rate, dividend_yield, years, volatility, .. } = *put;
    let root_years = years.sqrt();
    let stride = scheme.boundary.len() * scheme.nodes;
    let (mut interest, mut dividends) = ([0.0; MOST_NODES], [0.0; MOST_NODES]);
    for i in 0..scheme.nodes {
        let maps = &scheme.boundary_map[i * stride..(i + 1) * stride];
        let (root_tau, log) = (root_years * scheme.roots[i], room.logs[i]);
        (interest[i], dividends[i]) = match system {
            System::A => integrals_a(scheme, maps, put, root_tau, log, room),
            System::B => integrals_b(scheme, maps, put, root_tau, log, room),
        };
    }
    for (block, roots) in scheme.roots.as_chunks::<LANES>().0.iter().enumerate() {
        // Columns of their own: the compiler then sees that nothing overlaps.
        let (roots, interest, dividends) = (*roots, chunk(&interest, block), chunk(&dividends, block));
        let (mut logs, mut squares) = (chunk(&room.logs, block), chunk(&room.squares, block));
        for k in 0..LANES {
            let root_tau = root_years * roots[k];
            let tau = root_tau * root_tau;
            let log = logs[k];
            let deviation = volatility * root_tau;
            let inverse = 1.0 / deviation;
            let (b, middle) = (exp(log_start + log), (log_start + log + (rate - dividend_yield) * tau) * inverse);
            let (d1, d2) = (middle + 0.5 * deviation, middle - 0.5 * deviation);
            let (discount, carried) = (exp(-rate * tau), exp(-dividend_yield * tau));
            let ((density1, below1), (density2, below2)) = (normal(d1), normal(d2));
            let (dense1, dense2) = (carried * density1 * inverse, discount * density2 * inverse);
            // Slopes are by ln B.
            let (n0, d0, n_slope, d_slope) = match system {
                System::A => {
                    let slope = -d2 * inverse;
                    (dense2, dense1 + carried * below1, slope * dense2, slope * dense1)
                }
                System::B => (discount * below2, carried * below1, dense2, dense1),
            };
            let (n, d) = (interest[k] + n0, dividends[k] + d0);
            let f = n / d;
            let f_slope = (n_slope - f * d_slope) / (d * b);
            let next = b - (f - b) / (f_slope - 1.0);
            // NaN is not sound, nor is what has no logarithm.
            let sound = next > 1e-300 && next < 1e300;
            let improved = least(ln_ratio(if sound { next } else { 1.0 }, 1.0) - log_start, 0.0);
            let log = if sound { improved } else { log };
            logs[k] = log;
            squares[k] = log * log;
        }
        room.set(block, logs, squares);
    }
}

/// The integrals of system A at a node.
#[inline(always)]
fn integrals_a(scheme: &Scheme, maps: &[Lanes], put: &Put, root_tau: f64, log: f64, room: &Boundary) -> (f64, f64) {
    let Put { rate, dividend_yield, volatility, .. } = *put;
    let drift = rate - dividend_yield;
    let inverse_tau = 1.0 / (volatility * root_tau);
    let (mut interest, mut dividends) = ([0.0; LANES], [0.0; LANES]);
    for (points, map) in scheme.boundary.iter().zip(maps.chunks_exact(scheme.nodes)) {
        let logs = interpolate(map, &room.squares[..scheme.nodes]);
        for k in 0..LANES {
            let root = root_tau * points.root[k];
            let t = root * root;
            let deviation = volatility * root;
            let middle = drift.mul_add(t, log - logs[k]) * (inverse_tau * points.inverse[k]);
            let (d1, d2) = (middle + 0.5 * deviation, middle - 0.5 * deviation);
            let density2 = exp((-0.5 * d2).mul_add(d2, -rate * t));
            let density1 = exp((-0.5 * d1).mul_add(d1, -dividend_yield * t));
            let tail = density1 * mills_fused(d1.abs());
            let below = if d1 < 0.0 { tail } else { ROOT_TWO_PI * exp(-dividend_yield * t) - tail };
            interest[k] = points.weight[k].mul_add(density2, interest[k]);
            dividends[k] = points.weight[k].mul_add(deviation.mul_add(below, density1), dividends[k]);
        }
    }
    // Weights are of dt/√t in units of √τ.
    let scale = root_tau / (volatility * ROOT_TWO_PI);
    (rate * scale * sum(&interest), dividend_yield * scale * sum(&dividends))
}

/// The integrals of system B at a node.
#[inline(always)]
fn integrals_b(scheme: &Scheme, maps: &[Lanes], put: &Put, root_tau: f64, log: f64, room: &Boundary) -> (f64, f64) {
    let Put { rate, dividend_yield, volatility, .. } = *put;
    let drift = rate - dividend_yield;
    let inverse_tau = 1.0 / (volatility * root_tau);
    let (mut interest, mut dividends) = ([0.0; LANES], [0.0; LANES]);
    for (points, map) in scheme.boundary.iter().zip(maps.chunks_exact(scheme.nodes)) {
        let logs = interpolate(map, &room.squares[..scheme.nodes]);
        for k in 0..LANES {
            let root = root_tau * points.root[k];
            let t = root * root;
            let deviation = volatility * root;
            let middle = drift.mul_add(t, log - logs[k]) * (inverse_tau * points.inverse[k]);
            let (_, below1) = normal(middle + 0.5 * deviation);
            let (_, below2) = normal(middle - 0.5 * deviation);
            let weight = points.weight[k] * points.root[k];
            interest[k] = weight.mul_add(exp(-rate * t) * below2, interest[k]);
            dividends[k] = weight.mul_add(exp(-dividend_yield * t) * below1, dividends[k]);
        }
    }
    let tau = root_tau * root_tau;
    (rate * tau * sum(&interest), dividend_yield * tau * sum(&dividends))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{self, Level};

    /// The same bits at every level of this processor.
    #[test]
    fn every_level_gives_the_same_bits() {
        #[cfg(target_arch = "x86_64")]
        let levels = [Level::Baseline, Level::Avx2, Level::Avx512];
        #[cfg(not(target_arch = "x86_64"))]
        let levels = [Level::Baseline];
        for scheme in [Scheme::new(4, (2, 1, 0), (1, 1)), Scheme::new(9, (3, 2, 2), (1, 2))] {
            for i in 0..200 {
                let step = f64::from(i);
                let put = Put {
                    spot: 0.7 + 0.004 * step,
                    rate: 0.001 * (step % 90.0) + 0.001,
                    dividend_yield: 0.002 * (step % 31.0),
                    years: 0.02 * (step % 70.0) + 0.01,
                    volatility: 0.03 * (step % 19.0) + 0.05,
                };
                let bits = |level| {
                    let found = simd::at(level, Pricing { scheme: &scheme, put });
                    [found.price, found.delta, found.gamma].map(f64::to_bits)
                };
                for level in levels.into_iter().filter(|level| *level <= Level::best()) {
                    assert_eq!(bits(level), bits(Level::Baseline), "{level:?} {put:?}");
                }
            }
        }
    }
}
