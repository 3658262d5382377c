//! The market's side of every instrument: what it delivered to the portfolio and what it took back, in units.

use crate::account::{Instrument, Side};

/// Units that passed between the market and the portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cleared {
    pub instrument: Instrument,
    /// Units that the market took: sold shares, written contracts.
    pub debits: i64,
    /// Units that the market gave.
    pub credits: i64,
}

/// One account per instrument that is not even. An even one is dropped: nothing is owed either way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clearing {
    open: Vec<Cleared>,
}

impl Clearing {
    pub(crate) fn post(&mut self, instrument: Instrument, side: Side, units: i64) {
        let at = self.open.iter().rposition(|c| c.instrument == instrument).unwrap_or_else(|| {
            self.open.push(Cleared { instrument, debits: 0, credits: 0 });
            self.open.len() - 1
        });
        let cleared = &mut self.open[at];
        match side {
            Side::Debit => cleared.debits += units,
            Side::Credit => cleared.credits += units,
        }
        if cleared.debits == cleared.credits {
            self.open.swap_remove(at);
        }
    }

    /// What the broker must show: shares held, or contracts held less contracts written.
    pub(crate) fn position(&self, instrument: Instrument) -> i64 {
        self.open.iter().find(|c| c.instrument == instrument).map_or(0, |c| c.credits - c.debits)
    }

    pub(crate) fn open(&self) -> &[Cleared] {
        &self.open
    }
}
