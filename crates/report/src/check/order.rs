//! Orders: each id once, and no fill without its approved order.

use std::collections::BTreeMap;

use engine::event::{Body, Event};
use ledger::SleeveId;
use market::order::{Order, OrderId, Side};
use market::value::Contracts;

use super::{CheckError, Tally, invariant as is};

/// Orders under way, and the last id.
#[derive(Default)]
pub(super) struct Orders {
    last: Option<OrderId>,
    open: BTreeMap<OrderId, (SleeveId, Order, Contracts)>,
}

impl Orders {
    pub(super) fn take(&mut self, event: &Event, tally: &mut Tally) -> Result<(), CheckError> {
        match &event.body {
            Body::OrderApproved { sleeve, order, .. } => {
                self.rises(order.id, tally)?;
                self.open.insert(order.id, (*sleeve, *order, Contracts(0)));
                Ok(())
            }
            Body::OrderRefused { order, .. } => self.rises(order.id, tally),
            Body::OrderEnded { order, .. } => {
                let found = self.open.remove(order).is_some();
                tally.must(is::FILLS, found, || format!("order {order} ends, which is not under way"))
            }
            Body::Filled { .. } => self.filled(&event.body, tally),
            _ => Ok(()),
        }
    }

    fn rises(&mut self, id: OrderId, tally: &mut Tally) -> Result<(), CheckError> {
        let last = self.last.replace(id);
        tally.must(is::ORDERS, last.is_none_or(|last| last < id), || match last {
            Some(last) => format!("order {id} comes after {last}"),
            None => format!("order {id}"),
        })
    }

    fn filled(&mut self, body: &Body, tally: &mut Tally) -> Result<(), CheckError> {
        let Body::Filled { sleeve, series, side, fill, .. } = body else { return Ok(()) };
        let id = fill.order;
        let Some((of, order, filled)) = self.open.get_mut(&id) else {
            return tally
                .must(is::FILLS, false, || format!("{series} is filled for order {id}, which is not under way"));
        };
        let price = match order.side {
            Side::Sell => fill.price >= order.limit,
            Side::Buy => fill.price <= order.limit,
        };
        *filled += fill.quantity;
        let (done, order) = (*filled, *order);
        let same = *of == *sleeve && order.series == *series && order.side == *side;
        let holds = same && price && fill.quantity > Contracts(0) && done <= order.quantity;
        if done == order.quantity {
            self.open.remove(&id);
        }
        tally.must(is::FILLS, holds, || {
            format!(
                "{sleeve} fills {} {series} at {} for order {id}: {} {} at {}",
                fill.quantity, fill.price, order.quantity, order.series, order.limit
            )
        })
    }
}
