//! What happens to a sleeve's open lines, its lock and its week.

use market::instrument::{Series, Symbol};
use market::order::Fill;
use market::time::{Date, TradingDay};
use market::value::{Contracts, Money, Price};
use protocol::position::PutEnd;

use crate::event::{LockReason, SleeveWeek};
use crate::sleeve::{Line, Lock, Part, RollChain, SleeveState};

impl SleeveState {
    /// Whether a buy-back belongs to a roll in two orders.
    pub(super) fn bought_to_roll(&mut self, closed: &Series, fill: &Fill, chain: Option<RollChain>) -> bool {
        let Some(begun) = self.rolls.iter_mut().find(|r| r.from == *closed) else { return false };
        begun.bought += Contracts(fill.units);
        begun.cost = fill.price + fees_a_share(fill);
        begun.chain = chain.unwrap_or(begun.chain);
        true
    }

    /// The chain of rolls that a sale of a roll in two orders goes on with.
    pub(super) fn sold_to_roll(&mut self, sold: &Series, fill: &Fill) -> Option<RollChain> {
        let begun = self.rolls.iter_mut().find(|r| r.roll.to.series == *sold)?;
        begun.bought -= Contracts(fill.units);
        let net = fill.price - fees_a_share(fill) - begun.cost;
        Some(RollChain { rolls: begun.chain.rolls + 1, credit: begun.chain.credit + net, ..begun.chain })
    }

    pub(super) fn split(&mut self, symbol: Symbol, n: i64) {
        let divide = |p: Price| Price::from_units((2 * p.units() + n).div_euclid(2 * n));
        let cents = |p: Price| divide(p).units();
        for line in self.lines.iter_mut().filter(|l| l.series.underlying == symbol) {
            line.series = adjusted(line.series, n);
            line.contracts = Contracts(line.contracts.0 * n);
            line.ended = Contracts(line.ended.0 * n);
            line.assigned = Contracts(line.assigned.0 * n);
            line.price = Price::from_units(cents(line.price));
            line.chain.first_premium = divide(line.chain.first_premium);
            line.chain.credit = divide(line.chain.credit);
            line.underlying = divide(line.underlying);
            line.atr = line.atr.map(divide);
        }
        let positions = std::mem::take(&mut self.positions);
        for position in positions {
            let part = match position.part {
                Part::Put(series) if position.symbol == symbol => Part::Put(adjusted(series, n)),
                part => part,
            };
            let into = self.position_mut(position.symbol, part);
            into.start += position.start;
            into.flow += position.flow;
        }
        for sold in self.leaps_sold.iter_mut().filter(|s| s.symbol == symbol) {
            sold.contracts = Contracts(sold.contracts.0 * n);
        }
        for called in self.called.iter_mut().filter(|c| c.symbol == symbol) {
            called.strike = divide(called.strike);
            called.basis = divide(called.basis);
        }
    }

    /// Ends contracts of a series, the first sold first. What was assigned in part is assigned.
    pub(super) fn end_line(&mut self, series: &Series, contracts: Contracts, end: PutEnd, today: Date) {
        let mut left = contracts.0;
        for line in self.lines.iter_mut().filter(|l| l.series == *series) {
            let part = Contracts(left.min(line.contracts.0 - line.ended.0));
            if part == Contracts(0) {
                continue;
            }
            left -= part.0;
            line.ended += part;
            if end == PutEnd::Assigned {
                line.assigned += part;
            }
            line.ended_on = Some(TradingDay::from_record(today));
            if line.assigned > Contracts(0) {
                line.end = PutEnd::Assigned;
            } else if line.ended == line.contracts {
                line.end = end;
            }
        }
    }

    pub(super) fn mark_deep(&mut self, series: &Series) {
        for line in self.lines.iter_mut().filter(|l| l.series == *series) {
            line.deep = true;
        }
    }

    pub(super) fn change_lock(&mut self, locked: bool, why: LockReason, day: Option<TradingDay>) {
        match (locked, why) {
            (true, LockReason::Reset) => {
                self.mark = self.unit;
                self.resets += 1;
                if let Some(lock) = &mut self.lock {
                    lock.weeks = 0;
                }
            }
            (true, LockReason::Sell) => {
                if let Some(lock) = &mut self.lock {
                    (lock.weeks, lock.selling) = (0, true);
                }
            }
            (true, _) => self.lock = day.map(|since| Lock { since, weeks: 0, selling: false }),
            (false, LockReason::Empty) => {
                self.mark = self.unit;
                self.resets += 1;
                self.lock = None;
            }
            (false, _) => self.lock = None,
        }
    }

    pub(super) fn close(&mut self, week: &SleeveWeek, balance: ledger::SleeveBalance) {
        self.unit = week.unit;
        self.mark = week.mark;
        self.peak = week.peak;
        self.start = week.end;
        self.flows = Money::ZERO;
        self.book = balance;
        self.unrealised += week.gains.unrealised;
        if let Some(lock) = &mut self.lock {
            lock.weeks += 1;
        }
    }

    /// Clears what belonged to the week that ended: lines that ended, calls that were assigned, flows.
    pub(super) fn begin_week(&mut self) {
        self.lines.retain(|l| l.ended < l.contracts);
        for line in &mut self.lines {
            (line.deep, line.assigned, line.end) = (false, Contracts(0), PutEnd::Open);
        }
        self.called.clear();
        self.profit_taken.clear();
    }

    /// The first line of `series`.
    #[must_use]
    pub fn line(&self, series: &Series) -> Option<&Line> {
        self.lines.iter().find(|l| l.series == *series)
    }
}

/// An option after a split of its underlying: the strike divided, to the nearest cent.
fn adjusted(series: Series, n: i64) -> Series {
    let cent = market::value::UNITS_PER_CENT;
    let strike = (2 * series.strike.units() + n * cent).div_euclid(2 * n * cent);
    Series { strike: Price::cents(strike), ..series }
}

/// A roll's net credit a share after all its fees, rounded down to the ten-thousandth.
pub(super) fn net_a_share(fill: &Fill) -> Price {
    let sold = fill.sold.map_or(Price::ZERO, |s| s.price);
    sold - fill.price - fees_a_share(fill)
}

/// All fees of a fill in options a share, rounded up to the ten-thousandth.
pub(super) fn fees_a_share(fill: &Fill) -> Price {
    let shares = Contracts(fill.units.max(1)).shares().0;
    Price::from_units(-((-fill.all_fees().units()).div_euclid(shares)))
}
