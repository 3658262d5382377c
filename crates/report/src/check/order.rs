//! Orders: each id once, and no fill without its approved order.

use std::collections::BTreeMap;

use engine::event::{Body, Event};
use ledger::SleeveId;
use market::order::{Order, OrderId};

use super::{CheckError, Tally, invariant as is};
use crate::words;

/// Orders under way, and the last id.
#[derive(Default)]
pub(super) struct Orders {
    last: Option<OrderId>,
    open: BTreeMap<OrderId, (SleeveId, Order, i64)>,
}

impl Orders {
    pub(super) fn take(&mut self, event: &Event, tally: &mut Tally) -> Result<(), CheckError> {
        match &event.body {
            Body::OrderApproved { sleeve, order, .. } => {
                self.rises(order.id, tally)?;
                self.open.insert(order.id, (*sleeve, *order, 0));
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
        let Body::Filled { sleeve, trade, fill, .. } = body else { return Ok(()) };
        let id = fill.order;
        let Some((of, order, filled)) = self.open.get_mut(&id) else {
            let what = words::traded(trade);
            return tally.must(is::FILLS, false, || format!("{what}: a fill of order {id}, which is not under way"));
        };
        *filled += fill.units;
        let (done, order) = (*filled, *order);
        let same = *of == *sleeve && order.trade.of(fill.units) == *trade;
        let holds = same && fill.keeps(&order) && fill.units > 0 && done <= order.trade.units();
        if done == order.trade.units() {
            self.open.remove(&id);
        }
        tally.must(is::FILLS, holds, || {
            format!(
                "{sleeve} fills {} at {} for order {id}: {} {}",
                words::traded(trade),
                words::price(fill.price),
                words::traded(&order.trade),
                words::limit(&order)
            )
        })
    }
}
