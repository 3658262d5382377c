//! An order from the plan that wanted it to what became of what it sold.

use engine::event::Body;
use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::order::{Order, OrderId, Trade};
use market::value::Contracts;

use super::{Depth, Sentence, candidate, detail};
use crate::book::Book;
use crate::story;

/// The plan, its candidate, the risk gate's answer, fills, and what became of what was sold.
pub(super) fn sentences(book: &Book<'_>, id: OrderId) -> Vec<Sentence> {
    let Some(record) = book.order(id) else { return Vec::new() };
    let mut told = Vec::new();
    let (Body::OrderApproved { sleeve, order, .. } | Body::OrderRefused { sleeve, order, .. }) =
        &book.events[record.decided].body
    else {
        return told;
    };
    if let Some((place, plan)) = record.plan.and_then(|place| Some((place, book.plan(place)?))) {
        let whole = story::lines(book, place).into_iter().find(|line| line.symbol.is_none());
        told.extend(whole.map(|line| Sentence::from_line(line, place)));
        let mine = plan.candidates.iter().filter(|c| c.symbol == order.trade.underlying());
        told.extend(mine.flat_map(|c| candidate::sentences(book, place, plan, c)));
    }
    told.extend(wanted(book, record.decided, *sleeve, &order.trade));
    told.extend(detail::sentences(book, record.decided, Depth::Full));
    let approved = matches!(book.events[record.decided].body, Body::OrderApproved { .. });
    let trail = Trail {
        book,
        order: *order,
        sleeve: *sleeve,
        series: order.trade.writes().or(order.trade.buys_back()),
        working: approved,
        filled: Contracts(0),
        open: Contracts(0),
    };
    told.extend(trail.follow(record.decided));
    told
}

/// The look at a position, or the plan of LEAPS, that wanted the order: the last of its day.
fn wanted(book: &Book<'_>, decided: usize, sleeve: SleeveId, trade: &Trade) -> Vec<Sentence> {
    let about = |series: &Series| match trade {
        Trade::Option { series: traded, .. } | Trade::Roll { close: traded, .. } => traded == series,
        Trade::SellShares { .. } => false,
    };
    let day = book.day(decided);
    let found =
        (0..decided).rev().take_while(|place| book.day(*place) == day).find(|place| match &book.events[*place].body {
            Body::Reviewed { sleeve: of, review } => *of == sleeve && about(&review.series),
            Body::LeapsReviewed { sleeve: of, series, .. } => *of == sleeve && about(series),
            Body::LeapsPlanned { plan, .. } => {
                plan.sleeve == sleeve && plan.candidates.iter().any(|c| c.seen.is_some_and(|s| about(&s.series)))
            }
            _ => false,
        });
    found.map_or_else(Vec::new, |place| detail::sentences(book, place, Depth::Full))
}

/// What was sold, followed through splits to its end.
struct Trail<'b, 'a> {
    book: &'b Book<'a>,
    order: Order,
    sleeve: SleeveId,
    /// What is followed, as a split renames it.
    series: Option<Series>,
    /// Whether more fills may come.
    working: bool,
    filled: Contracts,
    /// Contracts that have not ended.
    open: Contracts,
}

impl Trail<'_, '_> {
    fn follow(mut self, from: usize) -> Vec<Sentence> {
        let mut told = Vec::new();
        for place in from + 1..self.book.events.len() {
            if !self.working && self.open <= Contracts(0) {
                break;
            }
            let body = &self.book.events[place].body;
            if self.step(body) {
                told.extend(detail::sentences(self.book, place, Depth::Full));
                if matches!(body, Body::Assigned { series, .. } if series.right == Right::Put) {
                    told.extend(self.called_away(place));
                }
            }
        }
        told
    }

    /// Whether the event belongs to the order, or to what it sold.
    fn step(&mut self, body: &Body) -> bool {
        match body {
            Body::Filled { trade, fill, .. } if fill.order == self.order.id => {
                let contracts = Contracts(fill.units);
                self.filled += contracts;
                self.working = self.filled.0 < self.order.trade.units();
                self.open += if trade.writes().is_some() { contracts } else { Contracts(0) };
            }
            Body::OrderEnded { order, .. } if *order == self.order.id => self.working = false,
            Body::Crossed(crossing) if [crossing.close, crossing.open].contains(&self.order.id) => {
                self.filled += crossing.contracts;
                self.working = self.filled.0 < self.order.trade.units();
                self.open += if crossing.open == self.order.id { crossing.contracts } else { Contracts(0) };
            }
            Body::Crossed(crossing) if self.is(crossing.from, &crossing.series) => self.open -= crossing.contracts,
            Body::SplitApplied { symbol, new_per_old: n } if *symbol == self.symbol() && self.open.0 > 0 => {
                self.series = self.series.map(|series| super::split_series(series, *n));
                self.open = Contracts(self.open.0 * n);
            }
            Body::Filled { sleeve, trade, fill, .. } if trade.buys_back().is_some_and(|s| self.is(*sleeve, &s)) => {
                self.open -= Contracts(fill.units);
            }
            Body::Expired { sleeve, series, contracts, .. } if self.is(*sleeve, series) => {
                self.open -= *contracts;
            }
            Body::Assigned { sleeve, series, contracts, .. } if self.is(*sleeve, series) => {
                self.open -= *contracts;
            }
            Body::Reviewed { sleeve, review } if self.is(*sleeve, &review.series) => {}
            _ => return false,
        }
        true
    }

    fn is(&self, sleeve: SleeveId, series: &Series) -> bool {
        self.open > Contracts(0) && sleeve == self.sleeve && Some(*series) == self.series
    }

    const fn symbol(&self) -> Symbol {
        self.order.trade.underlying()
    }

    /// When the shares that an assigned put brought were called away.
    fn called_away(&self, from: usize) -> Vec<Sentence> {
        let called = (from + 1..self.book.events.len()).find(|place| match &self.book.events[*place].body {
            Body::Assigned { sleeve, series, .. } => {
                *sleeve == self.sleeve && series.underlying == self.symbol() && series.right == Right::Call
            }
            _ => false,
        });
        called.map_or_else(Vec::new, |place| detail::sentences(self.book, place, Depth::Story))
    }
}
