//! Bid and ask around a modelled price, as measured on quoted chains.
//!
//! [`Measure`] gathers observed quotes and gives the median half-width over mid by |delta| and days to expiration;
//! [`SpreadTable`] is that result as policy, and answers for any option.

use std::fmt;

use market::instrument::Right;

use crate::black_scholes::Terms;
use crate::implied;
use crate::unit::{Rate, Years};

/// Where the classes of |delta| and of days end.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    delta_points: Vec<f64>,
    days: Vec<f64>,
}

impl Classes {
    /// Upper edges (inclusive) of the classes of |delta| in points and of calendar days, each rising and not empty; one
    /// more class lies beyond each last edge. `None` if they are not so.
    #[must_use]
    pub fn new(delta_points: Vec<f64>, days: Vec<f64>) -> Option<Self> {
        (is_rising(&delta_points) && is_rising(&days)).then_some(Classes { delta_points, days })
    }

    /// Rows: classes of days. Columns: classes of |delta|.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        (self.days.len() + 1, self.delta_points.len() + 1)
    }

    /// Row and column of |delta| (per 1.00, either sign) and days.
    fn place(&self, delta: f64, days: f64) -> (usize, usize) {
        let points = delta.abs() * 100.0;
        let row = self.days.partition_point(|edge| *edge < days);
        (row, self.delta_points.partition_point(|edge| *edge < points))
    }
}

pub(crate) fn is_rising(edges: &[f64]) -> bool {
    let sound = edges.iter().all(|edge| edge.is_finite() && *edge > 0.0);
    sound && !edges.is_empty() && edges.windows(2).all(|pair| pair[0] < pair[1])
}

/// Half-widths by |delta| and days to expiration.
#[derive(Clone, Debug, PartialEq)]
pub struct SpreadTable {
    /// Least half-width, dollars a share.
    pub(crate) floor: f64,
    pub(crate) classes: Classes,
    /// Half-width over mid, a row per class of days, a column per class of |delta|.
    pub(crate) of_mid: Vec<Vec<f64>>,
}

impl SpreadTable {
    /// Least half-width, dollars a share.
    #[must_use]
    pub const fn floor(&self) -> f64 {
        self.floor
    }

    /// Where its classes end.
    #[must_use]
    pub const fn classes(&self) -> &Classes {
        &self.classes
    }

    /// Half of ask less bid, dollars a share, of an option with this |delta| (per 1.00, either sign), calendar days to
    /// expiration and mid (dollars): its class's share of mid, at least the floor.
    #[must_use]
    pub fn half_width(&self, delta: f64, days: f64, mid: f64) -> f64 {
        let (row, column) = self.classes.place(delta, days);
        (self.of_mid[row][column] * mid).max(self.floor)
    }

    /// Bid and ask around `mid`, dollars, not rounded to ticks; the bid is never below zero.
    #[must_use]
    pub fn bid_ask(&self, delta: f64, days: f64, mid: f64) -> (f64, f64) {
        let half = self.half_width(delta, days, mid);
        ((mid - half).max(0.0), mid + half)
    }
}

/// The table as the policy file's `[spread]` has it.
impl fmt::Display for SpreadTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[spread]")?;
        writeln!(f, "floor = {}", self.floor)?;
        writeln!(f, "delta_points = {:?}", self.classes.delta_points)?;
        writeln!(f, "days = {:?}", self.classes.days)?;
        writeln!(f, "of_mid = [")?;
        for row in &self.of_mid {
            let cells: Vec<String> = row.iter().map(|share| format!("{share:.4}")).collect();
            writeln!(f, "    [{}],", cells.join(", "))?;
        }
        writeln!(f, "]")
    }
}

/// One quoted option of a chain, as the measurement needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quoted {
    /// Put or call.
    pub right: Right,
    /// Strike, dollars.
    pub strike: f64,
    /// Bid, dollars.
    pub bid: f64,
    /// Ask, dollars.
    pub ask: f64,
}

impl Quoted {
    fn mid(&self) -> f64 {
        0.5 * (self.bid + self.ask)
    }

    /// Somebody pays something, and asks no less.
    fn is_market(&self) -> bool {
        self.bid > 0.0 && self.ask >= self.bid && self.ask.is_finite()
    }
}

/// Why a measurement gives no table.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CannotMeasure {
    /// A class was seen too seldom for a median.
    #[error("class of days {row}, |delta| {column} (counted from 1) has {seen} quotes; expected at least {least}")]
    Thin {
        /// Class of days, from 1.
        row: usize,
        /// Class of |delta|, from 1.
        column: usize,
        /// Quotes in it.
        seen: usize,
        /// Quotes needed.
        least: usize,
    },
}

/// Gathers half-widths over mid by class.
#[derive(Clone, Debug)]
pub struct Measure {
    classes: Classes,
    cells: Vec<Vec<f64>>,
}

impl Measure {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(classes: Classes) -> Self {
        let (rows, columns) = classes.shape();
        Measure { classes, cells: vec![Vec::new(); rows * columns] }
    }

    /// Takes one quote with its |delta| (per 1.00, either sign) and calendar days; false if it is none (no bid,
    /// crossed, or not a number), and then it is not counted.
    pub fn observe(&mut self, delta: f64, days: f64, bid: f64, ask: f64) -> bool {
        let sound = bid > 0.0 && ask >= bid && ask.is_finite() && delta.is_finite() && days.is_finite();
        if sound {
            let (row, column) = self.classes.place(delta, days);
            let columns = self.classes.shape().1;
            self.cells[row * columns + column].push((ask - bid) / (ask + bid));
        }
        sound
    }

    /// Takes all options of one expiration, quoted together: the spot is found by put–call parity (no dividends), each
    /// delta from its own mid's implied volatility. Returns how many were counted; zero if parity finds no forward.
    pub fn observe_chain(&mut self, days: u32, rate: Rate, chain: &[Quoted]) -> usize {
        let years = Years::from_days(days);
        let Some(terms) = parity_forward(chain, rate.discount(years))
            .and_then(|forward| Terms::new(forward * rate.discount(years), rate, years).ok())
        else {
            return 0;
        };
        let mut counted = 0;
        for quote in chain.iter().filter(|quote| quote.is_market()) {
            if let Ok(volatility) = implied::volatility(&terms, quote.right, quote.strike, quote.mid()) {
                let (_, delta) = terms.price_and_delta(quote.right, quote.strike, volatility);
                counted += usize::from(self.observe(delta, f64::from(days), quote.bid, quote.ask));
            }
        }
        counted
    }

    /// Quotes counted so far.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.cells.iter().map(Vec::len).sum()
    }

    /// The median of each class, with `floor` dollars as the least half-width.
    ///
    /// # Errors
    /// [`CannotMeasure::Thin`] for the first class with fewer than `least` quotes.
    pub fn table(mut self, floor: f64, least: usize) -> Result<SpreadTable, CannotMeasure> {
        let columns = self.classes.shape().1;
        let mut medians = Vec::with_capacity(self.cells.len());
        for (index, cell) in self.cells.iter_mut().enumerate() {
            if cell.len() < least.max(1) {
                let (row, column) = (index / columns + 1, index % columns + 1);
                return Err(CannotMeasure::Thin { row, column, seen: cell.len(), least });
            }
            medians.push(median(cell));
        }
        let of_mid = medians.chunks(columns).map(<[f64]>::to_vec).collect();
        Ok(SpreadTable { floor, classes: self.classes, of_mid })
    }
}

/// Pairs of put and call nearest the money that parity's forward rests on.
const PARITY_PAIRS: usize = 5;

/// The forward price by put–call parity (Stoll 1969), F = K + (C − P) / discount: the median over the strikes where put
/// and call are worth most nearly the same. `None` if no strike has both quoted.
#[must_use]
pub fn parity_forward(chain: &[Quoted], discount: f64) -> Option<f64> {
    let of = |right| chain.iter().filter(move |q: &&Quoted| q.right == right && q.is_market());
    let mut pairs: Vec<(f64, f64)> = Vec::new();
    for call in of(Right::Call) {
        pairs.extend(of(Right::Put).filter(|put| put.strike.total_cmp(&call.strike).is_eq()).map(|put| {
            let gap = call.mid() - put.mid();
            (gap.abs(), call.strike + gap / discount)
        }));
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut forwards: Vec<f64> = pairs.into_iter().take(PARITY_PAIRS).map(|pair| pair.1).collect();
    (!forwards.is_empty()).then(|| median(&mut forwards))
}

/// The middle value, of an even count the mean of the two; the values must not be empty.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}
