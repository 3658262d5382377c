//! Written options from sale to end, and the closes beside them.

use std::collections::BTreeMap;

use engine::event::{Body, Marks};
use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, Trade};
use market::value::{Contracts, UNITS_PER_DOLLAR};

use super::{LifeEnd, OptionLife, PriceCourse, is_modelled, number};
use crate::book::Book;
use crate::explain::split_series;
use crate::figure::Day;

/// Every option that was written.
pub(super) fn options(book: &Book<'_>) -> Vec<OptionLife> {
    let mut lives = Lives::default();
    for (place, event) in book.events.iter().enumerate() {
        let at = At { number: number(place), day: Day(book.day(place)) };
        match &event.body {
            Body::Filled { sleeve, trade, fill, .. } => lives.filled(at, *sleeve, trade, fill),
            Body::Expired { sleeve, series, contracts, .. } => {
                lives.less(at, *sleeve, series, *contracts, LifeEnd::Expired);
            }
            Body::Assigned { sleeve, series, contracts, .. } => {
                let end = if series.right == Right::Put { LifeEnd::Assigned } else { LifeEnd::CalledAway };
                lives.less(at, *sleeve, series, *contracts, end);
            }
            Body::SplitApplied { symbol, new_per_old } => lives.split(*symbol, *new_per_old),
            Body::Marked(marks) => lives.marked(marks),
            _ => {}
        }
    }
    lives.done.into_iter().map(|life| life.life).collect()
}

/// Where an event stands.
#[derive(Clone, Copy)]
struct At {
    number: u64,
    day: Day,
}

/// A life, with what is still open of it.
struct Living {
    life: OptionLife,
    symbol: Symbol,
    open: Contracts,
}

/// All lives, and where those that are open stand among them.
#[derive(Default)]
struct Lives {
    done: Vec<Living>,
    open: BTreeMap<(SleeveId, Series), usize>,
    /// Lives that began before the last marks.
    before: usize,
    /// Splits since the last marks that met something open.
    applied: Vec<Symbol>,
}

impl Lives {
    fn filled(&mut self, at: At, sleeve: SleeveId, trade: &Trade, fill: &Fill) {
        let units = Contracts(fill.units);
        if let Some(series) = trade.buys_back() {
            let rolls = trade.writes().is_some();
            if let Some(life) = self.less(at, sleeve, &series, units, end_of(rolls)) {
                life.premium.0 -= fill.price.of_contracts(units);
                life.modelled |= is_modelled(fill.origin);
            }
        }
        if let Some(series) = trade.writes() {
            let price = fill.sold.map_or(fill.price, |sold| sold.price);
            let place = *self.open.entry((sleeve, series)).or_insert_with(|| {
                self.done.push(Living {
                    life: born(at, sleeve, series),
                    symbol: series.underlying,
                    open: Contracts(0),
                });
                self.done.len() - 1
            });
            let living = &mut self.done[place];
            living.open += units;
            living.life.contracts = living.life.contracts.max(living.open.0);
            living.life.premium.0 += price.of_contracts(units);
            living.life.modelled |= is_modelled(fill.origin);
            if living.life.events.last() != Some(&at.number) {
                living.life.events.push(at.number);
            }
        }
    }

    /// Contracts of a series ended; the last of them end its life.
    fn less(
        &mut self,
        at: At,
        sleeve: SleeveId,
        series: &Series,
        contracts: Contracts,
        end: LifeEnd,
    ) -> Option<&mut OptionLife> {
        let place = *self.open.get(&(sleeve, *series))?;
        let living = &mut self.done[place];
        living.open -= contracts;
        living.life.events.push(at.number);
        if living.open <= Contracts(0) {
            (living.life.ended, living.life.end) = (Some(at.day), end);
            self.open.remove(&(sleeve, *series));
        }
        Some(&mut living.life)
    }

    /// Every strike before the split counts in the shares after it; what is open goes on under its new strike.
    fn split(&mut self, symbol: Symbol, n: i64) {
        self.applied.push(symbol);
        shrink(&mut self.done, symbol, n);
        let of_symbol: Vec<_> = self.open.iter().filter(|((_, s), _)| s.underlying == symbol).collect();
        let moved: Vec<_> = of_symbol.into_iter().map(|(key, place)| (*key, *place)).collect();
        for ((sleeve, series), place) in moved {
            self.open.remove(&(sleeve, series));
            self.done[place].open = Contracts(self.done[place].open.0 * n);
            self.open.insert((sleeve, split_series(series, n)), place);
        }
    }

    /// A split that met nothing open is known from the marks alone; it counts from the week's first session.
    fn marked(&mut self, marks: &Marks) {
        for mark in marks.benchmarks.iter().filter(|m| m.split > 1 && !self.applied.contains(&m.symbol)) {
            shrink(&mut self.done[..self.before], mark.symbol, mark.split);
        }
        self.before = self.done.len();
        self.applied.clear();
    }
}

/// Strikes of a symbol in the shares after a split.
fn shrink(lives: &mut [Living], symbol: Symbol, n: i64) {
    for living in lives.iter_mut().filter(|l| l.symbol == symbol) {
        living.life.strike /= n as f64;
    }
}

const fn end_of(rolls: bool) -> LifeEnd {
    if rolls { LifeEnd::Rolled } else { LifeEnd::BoughtBack }
}

fn born(at: At, sleeve: SleeveId, series: Series) -> OptionLife {
    OptionLife {
        sleeve: sleeve.to_string(),
        symbol: series.underlying.to_string(),
        series: series.to_string(),
        call: series.right == Right::Call,
        strike: series.strike.units() as f64 / UNITS_PER_DOLLAR as f64,
        contracts: 0,
        sold: at.day,
        ended: None,
        end: LifeEnd::Open,
        premium: crate::figure::Amount::default(),
        modelled: false,
        events: Vec::new(),
    }
}

/// Weekly closes of every benchmark, in shares of its last close.
pub(super) fn prices(book: &Book<'_>) -> Vec<PriceCourse> {
    let mut found: BTreeMap<Symbol, Vec<(usize, f64)>> = BTreeMap::new();
    let marked = book.closed().filter_map(|record| book.marks(record));
    for (week, marks) in marked.enumerate() {
        for mark in &marks.benchmarks {
            let closes = found.entry(mark.symbol).or_default();
            closes.iter_mut().for_each(|(_, close)| *close /= mark.split.max(1) as f64);
            closes.push((week, mark.close.units() as f64 / UNITS_PER_DOLLAR as f64));
        }
    }
    let course = found.into_iter().map(|(symbol, closes)| PriceCourse { symbol: symbol.to_string(), closes });
    course.collect()
}
