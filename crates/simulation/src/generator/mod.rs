//! Seeded markets: correlated prices, stochastic volatility, jumps, and volatility indices that fit them.
//!
//! The market's log variance has a fast and a slow component, moved by one shock that leans against the return; returns
//! have jumps. The volatility indices are the model's own expected variance over their horizons, times a measured
//! premium. A symbol's return is β times the market's and its own, with a variance of its own, Student tails,
//! correlations, and jumps after earnings. All parameters come from a file ([`Parameters::parse`]) that [`calibrate()`]
//! measures from history; the equity premium alone is assumed, and no symbol is expected to earn more than its β.

use market::history::{History, VolatilityDay};
use market::time::{Calendar, Date, TradingDay, date_of_number, day_number};

mod bars;
mod calibrate;
mod events;

mod moments;
mod panel;
mod parameters;
mod path;
mod rates;
mod statistics;
mod symbol;
mod tail;
mod text;
mod variance;

pub use calibrate::calibrate;
pub use moments::moments;
pub use panel::CalibrationError;
pub use parameters::{
    DividendParameters, EarningsParameters, Jumps, Measured, OwnVariance, Parameters, Rates, SESSIONS_PER_YEAR, Slow,
    SymbolParameters, Tape, Variance, Volume,
};
pub use text::ParameterError;

use bars::Session;
use path::MarketPath;
use variance::Dynamics;

/// The parameters that the project ships, measured from ten years of history: `policy/generator.toml`.
pub const SHIPPED: &str = include_str!("../../../../policy/generator.toml");

/// Sessions before the first tradable one, so that every mean and range of the indicators exists on it, whatever
/// weekday it is.
pub const WARM_UP: usize = 265;

/// Days beyond the last session for which earnings and dividend dates are known: more than a quarter and its scatter.
const KNOWN_AHEAD: i64 = 150;

/// What all symbols of one generated market share.
pub(crate) struct World<'a> {
    pub(crate) parameters: &'a Parameters,
    pub(crate) seed: u64,
    pub(crate) calendar: &'a Calendar,
    pub(crate) days: &'a [TradingDay],
    /// Last day with known events.
    pub(crate) horizon: Date,
    pub(crate) dynamics: &'a Dynamics,
    pub(crate) market: &'a MarketPath,
    /// Expected average variance at each close, to the three horizons.
    pub(crate) expected: &'a [[f64; 3]],
    /// One-month yield known at each session's start, a fraction a year.
    pub(crate) bills: &'a [f64],
}

impl World<'_> {
    /// Expected simple return of one session at this β.
    fn drift(&self, row: usize, beta: f64) -> f64 {
        (self.bills[row] + beta * self.parameters.equity_premium) / SESSIONS_PER_YEAR
    }
}

/// A fraction in percent, as indices are published: to two decimals, and never zero.
pub(crate) fn percent(fraction: f64) -> f64 {
    ((fraction * 10_000.0).round() / 100.0).max(0.01)
}

/// A market that never existed: `sessions` tradable ones from `first` on, and [`WARM_UP`] before them.
///
/// The same parameters, seed, days and calendar give the same history on every machine. Every symbol, and every purpose
/// within it, draws from a stream of its own: a longer run begins as a shorter one does, and a further symbol at the
/// end of the list changes no other. Each stock is expected to earn the bill and β times the premium; since its own
/// variance is not paid for, the median path of a volatile stock falls.
///
/// # Panics
/// If the correlations of `parameters` were changed by hand to ones that no set of returns can have.
#[must_use]
pub fn generate(
    parameters: &Parameters,
    seed: u64,
    first: TradingDay,
    sessions: usize,
    calendar: &Calendar,
) -> History {
    let days = days(first, sessions, calendar);
    let rates = rates::rates(&parameters.rates, seed, &days);
    let bill = |row: usize| rates[row].yields[0].unwrap_or(0.0) / 100.0;
    let bills: Vec<f64> = (0..days.len()).map(|row| bill(row.saturating_sub(1))).collect();
    let dynamics = Dynamics::new(&parameters.variance, parameters.largest_move);
    let market = MarketPath::new(parameters, &dynamics, seed, days.len());
    let ahead = dynamics.ahead();
    let expected: Vec<[f64; 3]> = market.states.iter().map(|s| ahead.averages(*s)).collect();
    let last = days.last().map_or(first, |day| *day);
    let world = World {
        parameters,
        seed,
        calendar,
        days: &days,
        horizon: date_of_number(day_number(last.date()) + KNOWN_AHEAD).unwrap_or(last.date()),
        dynamics: &dynamics,
        market: &market,
        expected: &expected,
        bills: &bills,
    };
    let volatility = volatility(&world);
    let mut symbols = symbols(&world);
    symbols.sort_by_key(|(symbol, _)| *symbol);
    History {
        symbols,
        volatility,
        rates,
        indices: Vec::new(),
        splits_complete_since: days[0].date(),
        simulated: true,
        source: format!("generated, seed {seed}"),
    }
}

fn days(first: TradingDay, sessions: usize, calendar: &Calendar) -> Vec<TradingDay> {
    let mut days = Vec::with_capacity(WARM_UP + sessions);
    let mut day = first;
    for _ in 0..WARM_UP {
        day = calendar.previous(day);
    }
    for _ in 0..WARM_UP + sessions.max(1) {
        days.push(day);
        day = calendar.next(day);
    }
    days
}

fn volatility(world: &World<'_>) -> Vec<VolatilityDay> {
    let premiums = world.parameters.premiums;
    let day = |(day, expected): (&TradingDay, &[f64; 3])| {
        let index = |i: usize| percent((premiums[i] * expected[i]).sqrt());
        VolatilityDay { date: day.date(), vix9d: Some(index(0)), vix: index(1), vix3m: Some(index(2)), vix1d: None }
    };
    world.days.iter().zip(world.expected).map(day).collect()
}

fn index_sessions(world: &World<'_>) -> Vec<Session> {
    let session = |(row, (smooth, variance)): (usize, (&f64, &f64))| {
        let drift = world.drift(row, 1.0) - 0.5 * variance;
        Session { smooth: drift + smooth, jump: 0.0, variance: *variance, market: 1.0 }
    };
    world.market.moves.iter().zip(&world.market.variances).enumerate().map(session).collect()
}

type Named = (market::instrument::Symbol, market::history::SymbolHistory);

fn symbols(world: &World<'_>) -> Vec<Named> {
    let p = world.parameters;
    let stream = |purpose: &str| crate::rng::Rng::stream(world.seed, &format!("{}/{purpose}", p.index.symbol));
    let (bars, dividends) = bars::bars(&p.index, &index_sessions(world), world, &stream);
    let index = market::history::SymbolHistory { bars, dividends, ..Default::default() };
    let rows: Vec<&[f64]> = p.symbols.iter().map(|s| s.correlations.as_slice()).collect();
    let lower = symbol::lower_triangle(&rows).expect("parameters are checked when they are read or measured");
    let independent: Vec<Vec<f64>> = p.symbols.iter().map(|s| normals(s.tape.symbol, world)).collect();
    let mut all = vec![(p.index.symbol, index)];
    for (symbol, weights) in p.symbols.iter().zip(&lower) {
        let mut moves = vec![0.0; world.days.len()];
        for (weight, column) in weights.iter().zip(&independent) {
            for (sum, z) in moves.iter_mut().zip(column) {
                *sum += weight * z;
            }
        }
        all.push((symbol.tape.symbol, symbol::generate(symbol, &moves, world)));
    }
    all
}

fn normals(symbol: market::instrument::Symbol, world: &World<'_>) -> Vec<f64> {
    let mut stream = crate::rng::Rng::stream(world.seed, &format!("{symbol}/own"));
    world.days.iter().map(|_| stream.normal()).collect()
}
