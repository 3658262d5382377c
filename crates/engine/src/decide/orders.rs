//! From what a rule wants to orders within the limits of one order, and through the risk gate.

use market::order::{Action, Order, OrderId, Trade};
use market::quote::Board;
use market::value::{Contracts, Money, Price};
use protocol::rule::Rule;

use super::Turn;
use super::view::equity;
use crate::event::{Body, Crossing};
use crate::input::Output;
pub(super) use crate::people::Wanted;
use crate::risk::{self, Approved, RiskView};
use crate::state::State;

/// What E-5 knows of a sleeve when an entry is put before the risk gate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// The sleeve's equity.
    pub equity: Money,
    /// Whether the sleeve had committed nothing yet, so that one contract may exceed the cap.
    pub nothing_before: bool,
}

/// The orders that `wanted` becomes: one within the limits of one order, larger ones in several (K-4).
fn split(state: &State, wanted: &[Wanted]) -> Vec<Wanted> {
    let mut orders = Vec::new();
    for one in wanted {
        let most = most_of_one_order(state, one);
        let mut left = one.trade.units();
        while left > 0 {
            let part = one.trade.of(left.min(most));
            orders.push(Wanted { trade: part, ..*one });
            left -= part.units();
        }
    }
    orders
}

fn most_of_one_order(state: &State, wanted: &Wanted) -> i64 {
    let risk = &state.policy.risk;
    let (each, most) = match wanted.trade {
        Trade::Option { series, .. } | Trade::Roll { open: series, .. } => {
            (series.strike.of_contracts(Contracts(1)), i64::from(risk.contracts))
        }
        Trade::SellShares { .. } => (wanted.limit.times(1), i64::MAX),
    };
    most.min(risk.notional.units() / each.units().max(1)).max(1)
}

/// Puts one order before the risk gate.
fn gate(
    state: &State,
    board: &Board,
    wanted: Wanted,
    standing: Standing,
    crosses: Option<OrderId>,
) -> (Body, Option<Approved>) {
    let sleeve = wanted.sleeve;
    let id = OrderId { portfolio: state.portfolio().0, epoch: state.epoch, sequence: state.next_order };
    let order = Order { id, trade: wanted.trade, limit: wanted.limit };
    let owner_equity = state.sleeves.iter().filter_map(|s| equity(state, board, s.id).ok()).sum();
    // One contract alone: the rest of an entry that was split is none, nor a second one beyond the cap.
    let cap = state.policy.cap.underlying.of(standing.equity);
    let mut today = state.exposure_today.iter().filter(|e| e.sleeve == sleeve);
    let alone = !today.any(|e| e.symbol == order.trade.underlying() || e.amount > cap);
    let first_contract = standing.nothing_before && order.trade.units() == 1 && alone;
    let view = RiskView { board, equity: standing.equity, owner_equity, first_contract, rule: wanted.rule, crosses };
    match risk::check(state, sleeve, order, &view) {
        Err(refusal) => (Body::OrderRefused { sleeve, order, refusal }, None),
        Ok(approved) => {
            let underlying = board.underlying(order.trade.underlying());
            let body = Body::OrderApproved {
                sleeve,
                order,
                rule: wanted.rule,
                reserve: risk::cash_needed(&state.policy, board.day.date(), &order),
                underlying: underlying.map_or(Price::ZERO, |u| u.price),
                atr: underlying.and_then(|u| u.atr),
                delta: wanted.delta,
            };
            (body, Some(approved))
        }
    }
}

impl Turn<'_> {
    /// Puts orders before the risk gate and sends what it lets through.
    pub(super) fn put(&mut self, board: &Board, wanted: &[Wanted], standing: Standing) {
        for wanted in split(self.state, wanted) {
            let meets = self.meets(board, &wanted);
            let id = meets.map(|(_, waiting)| waiting.order().id);
            let (body, approved) = gate(self.state, board, wanted, standing, id);
            self.record(body);
            let left = match (approved, meets) {
                (Some(approved), Some((at, waiting))) => self.cross(board, approved, at, waiting),
                (approved, _) => approved,
            };
            left.into_iter().for_each(|a| self.send(Output::Submit(a)));
        }
    }

    /// An order of another sleeve that stands against `wanted` in one option and waits to be sent, with its place; both
    /// must take the middle of the quote.
    fn meets(&self, board: &Board, wanted: &Wanted) -> Option<(usize, Approved)> {
        if self.state.policy.is_off(Rule::K7) {
            return None;
        }
        let wants = (wanted.trade, wanted.limit);
        let crosses = |(at, output): (usize, &Output)| match output {
            Output::Submit(waiting) if waiting.sleeve() != wanted.sleeve => {
                let waits = (waiting.order().trade, waiting.order().limit);
                (cross(board, waits, wants) || cross(board, wants, waits)).then_some((at, *waiting))
            }
            _ => None,
        };
        self.step.outputs.iter().enumerate().find_map(crosses)
    }

    /// Crosses an order that was just approved with one that waits to be sent (K-7); what is left of the former.
    fn cross(&mut self, board: &Board, approved: Approved, at: usize, waiting: Approved) -> Option<Approved> {
        let crossing = crossing(board, &approved, &waiting)?;
        self.record(Body::Crossed(crossing));
        match waiting.after_cross(crossing.contracts) {
            Some(rest) => self.step.outputs[at] = Output::Submit(rest),
            None => drop(self.step.outputs.remove(at)),
        }
        approved.after_cross(crossing.contracts)
    }
}

/// Whether a buy-back and a sale to open are of the same option, and both limits take the middle of its quote.
fn cross(board: &Board, (bought, most): (Trade, Price), (sold, least): (Trade, Price)) -> bool {
    let (Trade::Option { action: Action::BuyToClose, series, .. }, Trade::Option { action: Action::SellToOpen, .. }) =
        (bought, sold)
    else {
        return false;
    };
    let mid = board.quote(&series).map(|(quote, _)| quote.mid());
    sold.writes() == Some(series) && mid.is_some_and(|mid| least <= mid && mid <= most)
}

/// What passes between two approved orders that cross; nothing without a quote, which the gate has asked for.
fn crossing(board: &Board, one: &Approved, other: &Approved) -> Option<Crossing> {
    let Trade::Option { action, series, .. } = one.order().trade else { return None };
    let (from, to) = if action == Action::BuyToClose { (one, other) } else { (other, one) };
    let (quote, origin) = board.quote(&series)?;
    let contracts = Contracts(from.order().trade.units().min(to.order().trade.units()));
    let (close, open) = (from.order().id, to.order().id);
    let (from, to) = (from.sleeve(), to.sleeve());
    Some(Crossing { series, contracts, from, to, price: quote.mid(), origin, close, open })
}
