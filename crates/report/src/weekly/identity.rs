//! start + flows + gains = end.

use engine::event::{ReserveWeek, SleeveWeek};
use market::value::Money;
use serde::Serialize;

use crate::figure::{Amount, Share};

/// start + flows + gains = end, with the gains by where they came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Identity {
    /// Equity at the start.
    pub start: Amount,
    /// Deposits less withdrawals.
    pub flows: Amount,
    /// Premium of options that expired or were bought back.
    pub premium: Amount,
    /// Shares that left.
    pub shares: Amount,
    /// LEAPS that were sold.
    pub longs: Amount,
    /// Dividends.
    pub dividends: Amount,
    /// Interest on cash, outside premium return.
    pub interest: Amount,
    /// Fees, negative.
    pub fees: Amount,
    /// Change of what open positions are worth above their book value.
    pub unrealised: Amount,
    /// All gains.
    pub gains: Amount,
    /// Equity at the end.
    pub end: Amount,
    /// Gains over start + flows; absent where that is nothing.
    pub earned: Option<Share>,
}

impl Identity {
    /// The identity of one sleeve's week.
    #[must_use]
    pub fn of(week: &SleeveWeek) -> Self {
        let g = &week.gains;
        Identity {
            start: week.start.into(),
            flows: week.flows.into(),
            premium: g.premium.into(),
            shares: g.shares.into(),
            longs: g.longs.into(),
            dividends: g.dividends.into(),
            interest: g.interest.into(),
            fees: g.fees.into(),
            unrealised: g.unrealised.into(),
            gains: g.total().into(),
            end: week.end.into(),
            earned: Share::of(g.total(), week.start + week.flows),
        }
    }

    /// The identity of one tax reserve's week: its gain is interest.
    #[must_use]
    pub fn of_reserve(week: &ReserveWeek) -> Self {
        let interest = week.interest.into();
        let identity = Identity {
            start: week.start.into(),
            flows: week.flows.into(),
            interest,
            gains: interest,
            end: week.end.into(),
            ..Identity::default()
        };
        identity.with_earned()
    }

    /// The same gains and end, from what the owner had at the start and with the owner's flows alone.
    #[must_use]
    pub fn whole(self, start: Money, flows: Money) -> Self {
        Identity { start: start.into(), flows: flows.into(), ..self }.with_earned()
    }

    /// This identity beside another one of the same span: every part is added, the start and the end too.
    #[must_use]
    pub fn beside(self, other: Identity) -> Self {
        let start = add(self.start, other.start);
        Identity { start, end: add(self.end, other.end), ..self.added(other) }.with_earned()
    }

    /// This identity followed by the one of the span after it: it keeps its start and takes the later end.
    #[must_use]
    pub fn then(self, later: Identity) -> Self {
        Identity { start: self.start, end: later.end, ..self.added(later) }.with_earned()
    }

    fn added(self, other: Identity) -> Self {
        Identity {
            flows: add(self.flows, other.flows),
            premium: add(self.premium, other.premium),
            shares: add(self.shares, other.shares),
            longs: add(self.longs, other.longs),
            dividends: add(self.dividends, other.dividends),
            interest: add(self.interest, other.interest),
            fees: add(self.fees, other.fees),
            unrealised: add(self.unrealised, other.unrealised),
            gains: add(self.gains, other.gains),
            ..self
        }
    }

    fn with_earned(self) -> Self {
        Identity { earned: Share::of(self.gains.0, self.start.0 + self.flows.0), ..self }
    }

    /// Whether start + flows + the gains' parts = end, to the ten-thousandth.
    #[must_use]
    pub fn holds(&self) -> bool {
        let parts = [self.premium, self.shares, self.longs, self.dividends, self.interest, self.fees, self.unrealised];
        let gains: Money = parts.iter().map(|a| a.0).sum();
        gains == self.gains.0 && self.start.0 + self.flows.0 + gains == self.end.0
    }
}

fn add(a: Amount, b: Amount) -> Amount {
    Amount(a.0 + b.0)
}

/// Some sleeves of one week together.
#[must_use]
pub fn together(weeks: &[SleeveWeek]) -> Identity {
    weeks.iter().map(Identity::of).reduce(Identity::beside).unwrap_or_default()
}
