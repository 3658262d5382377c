//! From what a rule wants to orders within the limits of one order, and through the risk gate.

use market::order::{Order, OrderId, Trade};
use market::quote::Board;
use market::value::{Contracts, Money, Price};

use super::view::equity;
use crate::event::Body;
use crate::input::Output;
pub(super) use crate::people::Wanted;
use crate::risk::{self, RiskView};
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
pub(super) fn split(state: &State, wanted: &[Wanted]) -> Vec<(Wanted, Order)> {
    let mut orders = Vec::new();
    for one in wanted {
        let most = most_of_one_order(state, one);
        let mut left = one.trade.units();
        while left > 0 {
            let part = one.trade.of(left.min(most));
            let id =
                OrderId { portfolio: state.portfolio().0, epoch: 1, sequence: state.next_order + orders.len() as u64 };
            orders.push((*one, Order { id, trade: part, limit: one.limit }));
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
pub(super) fn gate(
    state: &State,
    board: &Board,
    (wanted, order): (Wanted, Order),
    standing: Standing,
) -> (Body, Option<Output>) {
    let sleeve = wanted.sleeve;
    let owner_equity = state.sleeves.iter().filter_map(|s| equity(state, board, s.id).ok()).sum();
    let first_contract = standing.nothing_before && order.trade.units() == 1;
    let view = RiskView { board, equity: standing.equity, owner_equity, first_contract, rule: wanted.rule };
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
            (body, Some(Output::Submit(approved)))
        }
    }
}
