//! Orders: each id once, and no fill without its approved order.

use std::collections::BTreeMap;

use engine::event::{Body, Crossing, Event};
use ledger::SleeveId;
use market::order::{Fill, Order, OrderId, Trade};
use market::value::Money;

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
            Body::Crossed(crossing) => {
                self.crossed(crossing.close, crossing.from, crossing, tally)?;
                self.crossed(crossing.open, crossing.to, crossing, tally)
            }
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

    /// A cross fills one order of each sleeve, within its limit.
    fn crossed(
        &mut self,
        id: OrderId,
        sleeve: SleeveId,
        crossing: &Crossing,
        tally: &mut Tally,
    ) -> Result<(), CheckError> {
        let Crossing { series, contracts, price, .. } = *crossing;
        let (fees, sold, origin) = (Money::ZERO, None, crossing.origin);
        let fill = Fill { order: id, units: contracts.0, price, fees, sold, origin };
        let holds = self.open.get_mut(&id).is_some_and(|(of, order, filled)| {
            *filled += contracts.0;
            let about = |trade: &Trade| trade.writes().or_else(|| trade.buys_back()) == Some(series);
            *of == sleeve && about(&order.trade) && fill.keeps(order) && *filled <= order.trade.units()
        });
        self.open.retain(|_, (_, order, filled)| *filled < order.trade.units());
        tally.must(is::FILLS, holds, || format!("{sleeve} crosses {contracts} {series} for order {id}"))
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
