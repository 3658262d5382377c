//! Lines of weekly returns from one weekly close on, and what they came to.

use std::sync::Arc;

use engine::journal;
use market::time::{Calendar, Date, TradingDay, Week, days_between};
use market::value::Money;
use report::comparison::{BILLS, comparison, paths};
use report::{Book, Masthead, measure};
use runtime::MemoryStore;

use crate::replay::{ReplayError, Run, replay};

/// Why there is no evidence.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The run cannot be made.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The run's own journal cannot be read again.
    #[error("the run's own journal cannot be read: {0}")]
    Journal(String),
    /// The run is too short.
    #[error("the run has no two weekly closes to compare; expected at least two weeks of sessions")]
    TooShort,
    /// A symbol is missing.
    #[error("{history} has no bars of {symbol}; expected bars/{symbol}.csv, {what}")]
    Missing {
        /// The symbol's ticker.
        symbol: String,
        /// What it is needed for.
        what: &'static str,
        /// The history.
        history: String,
    },
    /// An option cannot be modelled.
    #[error("{history} has nothing to price an option of {symbol} by on {day}; expected VIX and a Treasury yield")]
    Unpriced {
        /// The underlying's ticker.
        symbol: String,
        /// The session.
        day: Date,
        /// The history.
        history: String,
    },
    /// Fees are not known.
    #[error(transparent)]
    Fees(#[from] protocol::fees::FeeError),
}

/// Returns by the week. It starts where all others do; it may end before they do.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// How it is made.
    pub how: String,
    /// Whether option premiums of it are a model's.
    pub modelled: bool,
    /// The return of each week.
    pub returns: Vec<f64>,
}

/// What a line came to over its weeks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Weeks measured.
    pub weeks: usize,
    /// Compound annual growth rate, at 365 days a year.
    pub annual: Option<f64>,
    /// Standard deviation of weekly returns, annualised.
    pub volatility: Option<f64>,
    /// Deepest fall of a weekly close from the highest before.
    pub drawdown: f64,
    /// The calendar year of the lowest return, with it; the first and the last year may not be whole.
    pub worst: Option<(i16, f64)>,
    /// Weekly excess over T-bills, annualised.
    pub sharpe: Option<f64>,
}

/// The run, and what its journal compares it with.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// What every page of it begins with.
    pub masthead: Masthead,
    /// The weekly closes, that at which every line starts first.
    pub days: Vec<TradingDay>,
    /// What every line starts with.
    pub start: Money,
    /// The protocol, then the index and the universe held, then T-bills.
    pub lines: Vec<Line>,
    /// Weeks of a year, for annual figures.
    pub per_year: f64,
}

/// Runs the protocol and takes its weeks from its journal; `progress` hears (sessions done, sessions in all).
///
/// # Errors
/// [`EvidenceError`] if the run cannot be made or is too short.
pub fn protocol(
    run: &Run<'_>,
    calendar: &Arc<Calendar>,
    progress: impl FnMut(usize, usize),
) -> Result<Protocol, EvidenceError> {
    let unreadable = |e: &dyn std::fmt::Display| EvidenceError::Journal(e.to_string());
    let (outcome, store) = replay(run, calendar, MemoryStore::default(), progress)?;
    let portfolio = outcome.state.opened.as_ref().map_or(0, |opened| opened.portfolio.0);
    let (events, _) = journal::read(portfolio, &store.rows).map_err(|e| unreadable(&e))?;
    let book = Book::fold(&events, calendar).map_err(|e| unreadable(&e))?;
    let (compared, paths) = comparison(&book).zip(paths(&book)).ok_or(EvidenceError::TooShort)?;
    let masthead = Masthead::of(&book);
    let modelled = matches!(masthead.premiums(), "modelled" | "modelled and quoted");
    let line = |(at, (path, line)): (usize, (report::comparison::Path, &report::comparison::BenchmarkLine))| Line {
        name: path.name,
        how: line.how.clone(),
        modelled: modelled && at == 0,
        returns: path.returns[1..].iter().map(|r| r.0).collect(),
    };
    Ok(Protocol {
        masthead,
        days: paths.days.iter().map(|day| TradingDay::from_record(day.0)).collect(),
        start: compared.start.0,
        lines: paths.lines.into_iter().zip(&compared.lines).enumerate().map(line).collect(),
        per_year: f64::from(run.policy.target.weeks_per_year),
    })
}

impl Protocol {
    /// The run itself.
    ///
    /// # Panics
    /// Never: a comparison always has the run in its first line.
    #[must_use]
    pub fn own(&self) -> &Line {
        &self.lines[0]
    }

    /// The returns of T-bills.
    #[must_use]
    pub fn bills(&self) -> &[f64] {
        self.lines.iter().find(|line| line.name == BILLS).map_or(&[], |line| &line.returns)
    }

    /// Days from the start over the first `weeks` weeks.
    fn span(&self, weeks: usize) -> i64 {
        days_between(self.days[0].date(), self.days[weeks.min(self.days.len() - 1)].date())
    }

    /// Years of 365 days over the first `weeks` weeks.
    #[must_use]
    pub fn years(&self, weeks: usize) -> f64 {
        self.span(weeks) as f64 / 365.0
    }

    /// What a line came to over its first `weeks` weeks.
    #[must_use]
    pub fn measures(&self, returns: &[f64], weeks: usize) -> Measures {
        let returns = &returns[..weeks.min(returns.len())];
        let mut unit = 1.0;
        let units = returns.iter().map(|r| {
            unit *= 1.0 + r;
            unit
        });
        let units: Vec<f64> = units.collect();
        let excess: Vec<f64> = returns.iter().zip(self.bills()).map(|(r, bill)| r - bill).collect();
        Measures {
            weeks: returns.len(),
            annual: measure::cagr(measure::linked(returns), self.span(returns.len())),
            volatility: measure::volatility(returns, self.per_year),
            drawdown: measure::drawdown(1.0, units),
            worst: self.worst_year(returns),
            sharpe: measure::sharpe(&excess, self.per_year),
        }
    }

    /// A week belongs to the year of its last session.
    fn worst_year(&self, returns: &[f64]) -> Option<(i16, f64)> {
        let dated: Vec<(i16, f64)> =
            self.days[1..].iter().map(|day| day.date().year()).zip(returns.iter().copied()).collect();
        let years = dated.chunk_by(|a, b| a.0 == b.0).map(|year| {
            let returns: Vec<f64> = year.iter().map(|(_, r)| *r).collect();
            (year[0].0, measure::linked(&returns) - 1.0)
        });
        years.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The weeks that the closes end, the start's left out.
    pub fn weeks(&self) -> impl Iterator<Item = Week> + '_ {
        self.days[1..].iter().map(|day| Week::of(day.date()))
    }
}

/// The returns between values.
#[must_use]
pub fn returns(values: &[f64]) -> Vec<f64> {
    values.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}
