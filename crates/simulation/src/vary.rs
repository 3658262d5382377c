//! What one choice of the policy is worth: the same run with it, measured as any other.

use std::convert::Infallible;
use std::sync::Arc;

use engine::Row;
use market::time::Calendar;
use market::value::Money;
use protocol::policy::unit::Ppm;
use runtime::Store;

use crate::replay::{Outcome, ReplayError, Run, replay};

/// A run in five figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Equity of all sleeves and cash of all tax reserves at the last weekly close.
    pub equity: Money,
    /// Time-weighted return in parts per million, from the weekly close before the first classified week.
    pub twr: i64,
    /// Largest fall of a weekly close from the highest before, over the same weeks.
    pub drawdown: Ppm,
    /// Structures that were founded by a fork.
    pub forks: usize,
    /// Structures that merged.
    pub merges: usize,
}

impl Worth {
    /// What a run came to.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Worth {
        let ledger = &outcome.state.ledger;
        Worth {
            equity: outcome.equity,
            twr: outcome.twr,
            drawdown: outcome.drawdown,
            forks: ledger.structures().filter(|s| s.parent.is_some()).count(),
            merges: ledger.structures().filter(|s| s.closed.is_some()).count(),
        }
    }
}

/// Runs the protocol and keeps nothing but the figures; `progress` hears (sessions done, sessions in all).
///
/// # Errors
/// [`ReplayError`] if data, dates or fees do not allow the run.
pub fn worth(
    run: &Run<'_>,
    calendar: &Arc<Calendar>,
    progress: impl FnMut(usize, usize),
) -> Result<Worth, ReplayError> {
    let (outcome, Nowhere) = replay(run, calendar, Nowhere, progress)?;
    Ok(Worth::of(&outcome))
}

/// A store that keeps nothing.
struct Nowhere;

impl Store for Nowhere {
    type Error = Infallible;

    fn append(&mut self, _rows: Vec<Row>) -> Result<(), Infallible> {
        Ok(())
    }
}
