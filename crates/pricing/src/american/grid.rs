//! American options on a stock with known cash dividends, by finite differences.
//!
//! The stock less the present value of the dividends to come follows Black and Scholes (the escrowed-dividend model of
//! [`crate::black_scholes`], so that European and American prices agree where exercise never pays). Who exercises gets
//! the whole stock: just before an ex-date with the dividend, just after it without. Crank–Nicolson steps in the
//! logarithm of the net stock, the first of each stretch between ex-dates in four implicit quarters (Rannacher 1984,
//! "Finite element solution of diffusion problems with irregular data"); each step solves its linear complementarity
//! problem in one sweep from the side where exercise waits (Brennan and Schwartz 1977, "The valuation of American put
//! options").

use market::instrument::Right;
use market::math;

use super::{BUMP, DAYS_PER_YEAR, YieldTerms};
use crate::black_scholes::{BadTerms, CashDividend, Terms, sign};
use crate::greeks::Greeks;
use crate::unit::{Rate, Volatility, Years};

/// Deviations of the stock that the grid reaches beyond spot and strike.
const REACH: f64 = 6.0;
/// Implicit steps that begin a stretch, each half as long as the others.
const DAMPING: usize = 4;
/// Fewest steps between two ex-dates.
const FEWEST_STEPS: usize = 6;

/// What the options of one underlying and expiration share, dividends being known in cash.
#[derive(Clone, Debug, PartialEq)]
pub struct CashTerms {
    spot: f64,
    european: Terms,
    /// Before expiration, in order of time.
    cash: Vec<CashDividend>,
}

impl CashTerms {
    /// Terms with the known cash dividends; those after expiration do not count. `spot` in dollars.
    ///
    /// # Errors
    /// [`BadTerms`] unless the spot is positive, each dividend not negative, and the spot worth more than they are.
    pub fn new(spot: f64, rate: Rate, years: Years, cash: &[CashDividend]) -> Result<Self, BadTerms> {
        let european = Terms::with_dividends(spot, rate, years, cash)?;
        let mut cash: Vec<CashDividend> = cash.iter().copied().filter(|paid| paid.years <= years).collect();
        cash.sort_by(|a, b| a.years.get().total_cmp(&b.years.get()));
        Ok(CashTerms { spot, european, cash })
    }

    /// The terms of European options.
    #[must_use]
    pub const fn european(&self) -> &Terms {
        &self.european
    }
}

/// How fine the grid is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Intervals of the stock's logarithm.
    pub intervals: usize,
    /// Steps in time.
    pub steps: usize,
}

impl Size {
    /// Prices to about a hundred-thousandth of the strike.
    pub const USUAL: Size = Size { intervals: 800, steps: 400 };
}

/// Price of one option, dollars; `strike` in dollars, positive (else the answer means nothing).
#[must_use]
pub fn price(terms: &CashTerms, right: Right, strike: f64, volatility: Volatility, size: Size) -> f64 {
    Problem::cash(terms, right, strike, volatility).solve(size).price
}

/// Price and Greeks: delta and gamma from the grid, theta by Black and Scholes' equation, vega and rho by central
/// differences. Where exercise is due now, the option moves with the spot only.
#[must_use]
pub fn greeks(terms: &CashTerms, right: Right, strike: f64, volatility: Volatility, size: Size) -> Greeks {
    let Value { price, delta, gamma } = Problem::cash(terms, right, strike, volatility).solve(size);
    let (rate, sigma) = (terms.european.rate().get(), volatility.get());
    let at = |rate: f64, sigma: f64| {
        let rate = Rate::continuous(rate).unwrap_or(terms.european.rate());
        let bumped = CashTerms::new(terms.spot, rate, terms.european.years(), &terms.cash);
        let volatility = Volatility::new(sigma).unwrap_or(volatility);
        bumped.map_or(price, |bumped| self::price(&bumped, right, strike, volatility, size))
    };
    let step = 10.0 * BUMP * sigma.max(BUMP);
    let low = (sigma - step).max(0.0);
    let vega = (at(rate, sigma + step) - at(rate, low)) / (sigma + step - low);
    let rho = (at(rate + BUMP, sigma) - at(rate - BUMP, sigma)) / (2.0 * BUMP);
    let net_spot = terms.european.net_spot();
    let exercised = price <= sign(right) * (terms.spot - strike) || terms.european.years().get() <= 0.0;
    let decay = rate * (price - terms.spot * delta) - 0.5 * sigma * sigma * net_spot * net_spot * gamma;
    Greeks { price, delta, gamma, vega, theta: if exercised { 0.0 } else { decay / DAYS_PER_YEAR }, rho }
}

/// The same method for a continuous yield, as a check of the integral equation. Where rate and yield differ in sign or
/// are both positive, exercise waits on one side only, which the sweep needs.
#[must_use]
pub fn price_with_yield(terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility, size: Size) -> f64 {
    let problem = Problem {
        sign: sign(right),
        net_spot: terms.spot(),
        strike,
        rate: terms.rate().get(),
        dividend_yield: terms.dividend_yield().get(),
        years: terms.years().get(),
        volatility: volatility.get(),
        cash: &[],
    };
    problem.solve(size).price
}

/// One option.
struct Problem<'a> {
    sign: f64,
    net_spot: f64,
    strike: f64,
    rate: f64,
    dividend_yield: f64,
    years: f64,
    volatility: f64,
    cash: &'a [CashDividend],
}

struct Value {
    price: f64,
    delta: f64,
    gamma: f64,
}

/// The nodes, numbered from the side where exercise waits (low stocks for puts, high ones for calls).
struct Grid {
    stocks: Vec<f64>,
    /// Of the logarithm, between neighbours.
    width: f64,
    /// Where the net spot stands.
    spot: usize,
}

impl Problem<'_> {
    fn cash<'a>(terms: &'a CashTerms, right: Right, strike: f64, volatility: Volatility) -> Problem<'a> {
        Problem {
            sign: sign(right),
            net_spot: terms.european.net_spot(),
            strike,
            rate: terms.european.rate().get(),
            dividend_yield: 0.0,
            years: terms.european.years().get(),
            volatility: volatility.get(),
            cash: &terms.cash,
        }
    }

    /// Present value at time `t` of the dividends whose ex-date comes at or after `from`.
    fn escrowed(&self, t: f64, from: f64) -> f64 {
        let ahead = self.cash.iter().filter(|paid| paid.years.get() >= from);
        ahead.map(|paid| paid.amount * math::exp(-self.rate * (paid.years.get() - t))).sum()
    }

    fn exercise(&self, stock: f64, escrowed: f64) -> f64 {
        self.sign * (stock + escrowed - self.strike)
    }

    fn grid(&self, intervals: usize) -> Grid {
        let (spot, strike) = (math::ln(self.net_spot), math::ln(self.strike));
        let variance = self.volatility * self.volatility;
        let drift = (self.rate - self.dividend_yield - 0.5 * variance) * self.years;
        let beyond = REACH * self.volatility * self.years.sqrt() + drift.abs();
        let span = (spot - strike).abs();
        let wide = (span + 2.0 * beyond) / intervals as f64;
        // The strike falls on a node, too.
        let between = (span / wide).round();
        let width = if between >= 1.0 { span / between } else { wide };
        let below = ((spot.min(strike) - beyond - spot) / width).floor();
        let above = ((spot.max(strike) + beyond - spot) / width).ceil();
        let count = (above - below) as usize;
        // Puts are numbered upwards, calls downwards.
        let first = if self.sign < 0.0 { below } else { above };
        let logs = (0..=count).map(|i| (first - self.sign * i as f64) * width);
        let stocks = logs.map(|log| self.net_spot * math::exp(log)).collect();
        Grid { stocks, width, spot: first.abs() as usize }
    }

    /// Exercise value at expiration, averaged over the cell that holds the strike.
    fn expired(&self, grid: &Grid) -> Vec<f64> {
        let half = 0.5 * grid.width;
        let average = |stock: f64| {
            let kink = math::ln(self.strike / stock);
            if kink.abs() >= half {
                return self.exercise(stock, 0.0).max(0.0);
            }
            // From the strike to the cell's edge on the side of exercise.
            let edge = self.sign * half;
            let gain = stock * (math::exp(edge) - math::exp(kink)) - self.strike * (edge - kink);
            gain / grid.width
        };
        grid.stocks.iter().map(|stock| average(*stock)).collect()
    }

    fn solve(&self, size: Size) -> Value {
        let grid = if self.volatility * self.years.sqrt() > 0.0 { Some(self.grid(size.intervals)) } else { None };
        let Some(grid) = grid else { return self.without_movement() };
        let mut values = self.expired(&grid);
        let mut at = self.years;
        let mut ex_dates: Vec<f64> = self.cash.iter().map(|paid| paid.years.get()).collect();
        ex_dates.dedup();
        // Dividends from this moment on have been passed on the way back from expiration.
        let mut passed = f64::INFINITY;
        for until in ex_dates.into_iter().rev().chain([0.0]) {
            self.stretch(&grid, &mut values, (at, until), passed, size.steps);
            (at, passed) = (until, until);
            let escrowed = self.escrowed(at, passed);
            for (value, stock) in values.iter_mut().zip(&grid.stocks) {
                *value = value.max(self.exercise(*stock, escrowed));
            }
        }
        self.read(&grid, &values)
    }

    /// Steps back from one time to an earlier one, between which no dividend is paid.
    fn stretch(&self, grid: &Grid, values: &mut [f64], (from, until): (f64, f64), passed: f64, steps: usize) {
        let length = from - until;
        if length <= 0.0 {
            return;
        }
        let count = ((steps as f64 * length / self.years).ceil() as usize).max(FEWEST_STEPS);
        let full = length / count as f64;
        let damped = Step::new(self, grid, 1.0, 0.5 * full);
        let usual = Step::new(self, grid, 0.5, full);
        let mut scratch = vec![0.0; values.len()];
        let mut at = from;
        for i in 0..DAMPING + count - DAMPING / 2 {
            let step = if i < DAMPING { &damped } else { &usual };
            at -= step.years;
            let escrowed = self.escrowed(at, passed);
            step.back(self, grid, values, &mut scratch, (self.years - at, escrowed));
        }
    }

    /// The value at the grid's ends: exercise, or holding a forward.
    fn edge(&self, stock: f64, left: f64, escrowed: f64) -> f64 {
        let carried = stock * math::exp(-self.dividend_yield * left);
        let forward = self.sign * (carried - self.strike * math::exp(-self.rate * left));
        forward.max(self.exercise(stock, escrowed)).max(0.0)
    }

    /// Derivatives by five points (Abramowitz and Stegun 1964, table 25.2).
    fn read(&self, grid: &Grid, values: &[f64]) -> Value {
        let at = |offset: isize| values[grid.spot.saturating_add_signed(offset)];
        // Nodes of calls are numbered downwards.
        let first = -self.sign * (8.0 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12.0 * grid.width);
        let second = (16.0 * (at(1) + at(-1)) - 30.0 * at(0) - (at(2) + at(-2))) / (12.0 * grid.width * grid.width);
        let spot = self.net_spot;
        Value { price: at(0), delta: first / spot, gamma: (second - first) / (spot * spot) }
    }

    /// With no volatility or time left: the best of exercise now, before and after each ex-date, and at expiration.
    fn without_movement(&self) -> Value {
        let moments = self.cash.iter().flat_map(|paid| [(paid.years.get(), 0.0), (paid.years.get(), 1e-300)]);
        let ends = [(0.0, 0.0), (self.years, f64::INFINITY)];
        let gain = |(t, after): (f64, f64)| {
            let ahead =
                self.cash.iter().filter(|paid| if after > 0.0 { paid.years.get() > t } else { paid.years.get() >= t });
            let escrowed: f64 = ahead.map(|paid| paid.amount * math::exp(-self.rate * paid.years.get())).sum();
            let stock = self.net_spot * math::exp(-self.dividend_yield * t);
            self.sign * (stock + escrowed - self.strike * math::exp(-self.rate * t))
        };
        let best = ends.into_iter().chain(moments).map(gain).fold(0.0, f64::max);
        Value { price: best, delta: if best > 0.0 { self.sign } else { 0.0 }, gamma: 0.0 }
    }
}

/// One step in time: (1 − θ dt L) v(t − dt) = (1 + (1 − θ) dt L) v(t), with the generator L of three coefficients.
struct Step {
    years: f64,
    /// Of L: toward the side of exercise, at the node, away.
    near: f64,
    here: f64,
    far: f64,
    implicit: f64,
    /// Inverse diagonal after elimination from the far side; the same in every step.
    pivots: Vec<f64>,
}

impl Step {
    fn new(problem: &Problem<'_>, grid: &Grid, implicit: f64, years: f64) -> Step {
        let variance = problem.volatility * problem.volatility;
        let drift = problem.rate - problem.dividend_yield - 0.5 * variance;
        let (diffusion, convection) = (0.5 * variance / (grid.width * grid.width), 0.5 * drift / grid.width);
        // The near side is below for puts and above for calls.
        let (near, far) = (diffusion + problem.sign * convection, diffusion - problem.sign * convection);
        let here = -2.0 * diffusion - problem.rate;
        let (weight, count) = (implicit * years, grid.stocks.len());
        let mut pivots = vec![0.0; count];
        let diagonal = 1.0 - weight * here;
        pivots[count - 2] = 1.0 / diagonal;
        for i in (1..count - 2).rev() {
            pivots[i] = 1.0 / (diagonal - weight * weight * near * far * pivots[i + 1]);
        }
        Step { years, near, here, far, implicit, pivots }
    }

    /// Values a step earlier, never below exercise.
    fn back(&self, problem: &Problem<'_>, grid: &Grid, values: &mut [f64], right: &mut [f64], when: (f64, f64)) {
        let (left, escrowed) = when;
        let (explicit, weight) = ((1.0 - self.implicit) * self.years, self.implicit * self.years);
        let last = values.len() - 1;
        for i in 1..last {
            let change = self.near * values[i - 1] + self.here * values[i] + self.far * values[i + 1];
            right[i] = values[i] + explicit * change;
        }
        values[0] = problem.edge(grid.stocks[0], left, escrowed);
        values[last] = problem.edge(grid.stocks[last], left, escrowed);
        let mut beyond = values[last];
        for i in (1..last).rev() {
            right[i] += weight * self.far * beyond;
            beyond = right[i] * self.pivots[i];
        }
        for i in 1..last {
            let held = (right[i] + weight * self.near * values[i - 1]) * self.pivots[i];
            values[i] = held.max(problem.exercise(grid.stocks[i], escrowed));
        }
    }
}
