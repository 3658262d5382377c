//! Orders and fills as the outside sees them, and the one table of an order's life.

use crate::instrument::Series;
use crate::quote::Origin;
use crate::value::{Contracts, Money, Price};

/// Buying or selling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Buy to close.
    Buy,
    /// Sell to open.
    Sell,
}

/// A client order id: the same intent always carries the same one. A restore or take-over begins a new epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId {
    /// Portfolio that sends it.
    pub portfolio: u32,
    /// Raised by every restore, branch or take-over.
    pub epoch: u32,
    /// Rises by one with each order of an epoch.
    pub sequence: u64,
}

impl std::fmt::Display for OrderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "o{}.{}.{}", self.portfolio, self.epoch, self.sequence)
    }
}

/// A day order with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its name.
    pub id: OrderId,
    /// What is traded.
    pub series: Series,
    /// Which way.
    pub side: Side,
    /// How many.
    pub quantity: Contracts,
    /// Worst price accepted.
    pub limit: Price,
}

/// What was traded, at what price, for what fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The order.
    pub order: OrderId,
    /// How many contracts.
    pub quantity: Contracts,
    /// Price a share.
    pub price: Price,
    /// All fees of this fill.
    pub fees: Money,
    /// Whether a quote or a model's answer filled it.
    pub origin: Origin,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStatus {
    /// Decided and durable, not yet answered by the broker.
    Intended,
    /// Acknowledged and working.
    Working,
    /// Filled in part, still working.
    Partial,
    /// Filled whole.
    Filled,
    /// Cancelled or expired, perhaps after a part was filled.
    Cancelled,
    /// Refused by the broker.
    Rejected,
}

/// What may happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderChange {
    /// The broker took it.
    Acknowledge,
    /// A part was filled.
    FillPart,
    /// The rest was filled.
    FillRest,
    /// Cancelled or ended with the day.
    Cancel,
    /// The broker refused it.
    Reject,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [OrderStatus; 6] = [
        OrderStatus::Intended,
        OrderStatus::Working,
        OrderStatus::Partial,
        OrderStatus::Filled,
        OrderStatus::Cancelled,
        OrderStatus::Rejected,
    ];

    /// The status after `change`; `None` where that cannot happen to an order so placed. A fill may arrive before its
    /// acknowledgement, and an acknowledgement that arrives late changes nothing.
    #[must_use]
    pub const fn after(self, change: OrderChange) -> Option<OrderStatus> {
        use OrderChange as C;
        use OrderStatus as S;
        Some(match (self, change) {
            (S::Intended, C::Acknowledge) => S::Working,
            (S::Intended | S::Working | S::Partial, C::FillPart) => S::Partial,
            (S::Intended | S::Working | S::Partial, C::FillRest) => S::Filled,
            (S::Intended | S::Working | S::Partial, C::Cancel) => S::Cancelled,
            (S::Intended | S::Working, C::Reject) => S::Rejected,
            (S::Working | S::Partial | S::Filled | S::Cancelled | S::Rejected, C::Acknowledge) => self,
            _ => return None,
        })
    }

    /// Whether nothing more can happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, OrderStatus::Filled | OrderStatus::Cancelled | OrderStatus::Rejected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_an_orders_life() {
        use OrderChange as C;
        let changes = [C::Acknowledge, C::FillPart, C::FillRest, C::Cancel, C::Reject];
        let drawn: Vec<String> = OrderStatus::ALL
            .iter()
            .map(|s| {
                let row: Vec<String> =
                    changes.iter().map(|c| s.after(*c).map_or("-".to_owned(), |n| format!("{n:?}"))).collect();
                format!("{s:?}: {}", row.join(" "))
            })
            .collect();
        assert_eq!(
            drawn,
            [
                "Intended: Working Partial Filled Cancelled Rejected",
                "Working: Working Partial Filled Cancelled Rejected",
                "Partial: Partial Partial Filled Cancelled -",
                "Filled: Filled - - - -",
                "Cancelled: Cancelled - - - -",
                "Rejected: Rejected - - - -",
            ]
        );
    }

    #[test]
    fn a_final_status_never_changes() {
        for status in OrderStatus::ALL.into_iter().filter(|s| s.is_final()) {
            for change in [OrderChange::Acknowledge, OrderChange::FillPart, OrderChange::Cancel, OrderChange::Reject] {
                assert!(status.after(change).is_none_or(|s| s == status));
            }
        }
    }
}
