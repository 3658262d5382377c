//! Orders and fills as the outside sees them, and the one table of an order's life.

use crate::instrument::{Series, Symbol};
use crate::quote::Origin;
use crate::value::{Contracts, Money, Price, Shares};

/// Buying or selling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Buying.
    Buy,
    /// Selling.
    Sell,
}

/// What a trade in options does to the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Writes options.
    SellToOpen,
    /// Buys written options back.
    BuyToClose,
    /// Buys options to hold.
    BuyToOpen,
    /// Sells options that are held.
    SellToClose,
}

/// What is traded, which way and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trade {
    /// One option series.
    Option {
        /// What it does.
        action: Action,
        /// Which series.
        series: Series,
        /// How many.
        contracts: Contracts,
    },
    /// Buys written options back and writes others, as one combination.
    Roll {
        /// What is bought back.
        close: Series,
        /// What is written.
        open: Series,
        /// How many of each.
        contracts: Contracts,
    },
    /// Shares that are held are sold.
    SellShares {
        /// Of which symbol.
        symbol: Symbol,
        /// How many.
        shares: Shares,
    },
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
    pub trade: Trade,
    /// Worst price accepted a share; of a roll the least net credit, negative for a debit.
    pub limit: Price,
}

/// The written side of a roll's fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sold {
    /// Price a share at which the new options were sold.
    pub price: Price,
    /// Their fees.
    pub fees: Money,
}

/// What was traded, at what price, for what fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The order.
    pub order: OrderId,
    /// How many contracts or, of shares, how many shares.
    pub units: i64,
    /// Price a share; of a roll that of what was bought back.
    pub price: Price,
    /// All fees of this fill; of a roll those of what was bought back.
    pub fees: Money,
    /// A roll's other side.
    pub sold: Option<Sold>,
    /// Whether a quote or a model's answer filled it.
    pub origin: Origin,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 4] = [Action::SellToOpen, Action::BuyToClose, Action::BuyToOpen, Action::SellToClose];

    /// Which way it goes.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Action::SellToOpen | Action::SellToClose => Side::Sell,
            Action::BuyToClose | Action::BuyToOpen => Side::Buy,
        }
    }
}

impl Trade {
    /// A sale of options to open.
    #[must_use]
    pub const fn write(series: Series, contracts: Contracts) -> Trade {
        Trade::Option { action: Action::SellToOpen, series, contracts }
    }

    /// A purchase of written options.
    #[must_use]
    pub const fn buy_back(series: Series, contracts: Contracts) -> Trade {
        Trade::Option { action: Action::BuyToClose, series, contracts }
    }

    /// The underlying, or the shares' symbol.
    #[must_use]
    pub const fn underlying(&self) -> Symbol {
        match self {
            Trade::Option { series, .. } | Trade::Roll { close: series, .. } => series.underlying,
            Trade::SellShares { symbol, .. } => *symbol,
        }
    }

    /// Contracts or, of shares, shares.
    #[must_use]
    pub const fn units(&self) -> i64 {
        match self {
            Trade::Option { contracts, .. } | Trade::Roll { contracts, .. } => contracts.0,
            Trade::SellShares { shares, .. } => shares.0,
        }
    }

    /// The same trade of `units`.
    #[must_use]
    pub const fn of(self, units: i64) -> Trade {
        match self {
            Trade::Option { action, series, .. } => Trade::Option { action, series, contracts: Contracts(units) },
            Trade::Roll { close, open, .. } => Trade::Roll { close, open, contracts: Contracts(units) },
            Trade::SellShares { symbol, .. } => Trade::SellShares { symbol, shares: Shares(units) },
        }
    }

    /// The series that it writes.
    #[must_use]
    pub const fn writes(&self) -> Option<Series> {
        match self {
            Trade::Option { action: Action::SellToOpen, series, .. } | Trade::Roll { open: series, .. } => {
                Some(*series)
            }
            _ => None,
        }
    }

    /// The written series that it buys back.
    #[must_use]
    pub const fn buys_back(&self) -> Option<Series> {
        match self {
            Trade::Option { action: Action::BuyToClose, series, .. } | Trade::Roll { close: series, .. } => {
                Some(*series)
            }
            _ => None,
        }
    }

    /// Whether the two stand on opposite sides of one series, so that they could fill each other.
    #[must_use]
    pub fn opposes(&self, other: &Trade) -> bool {
        let sides = |trade: &Trade| -> [Option<(Series, Side)>; 2] {
            match *trade {
                Trade::Option { action, series, .. } => [Some((series, action.side())), None],
                Trade::Roll { close, open, .. } => [Some((close, Side::Buy)), Some((open, Side::Sell))],
                Trade::SellShares { .. } => [None, None],
            }
        };
        let theirs = sides(other);
        sides(self).into_iter().flatten().any(|(s, side)| theirs.iter().flatten().any(|(t, b)| s == *t && side != *b))
    }
}

impl Fill {
    /// Cash that it brings before fees, negative for a purchase.
    #[must_use]
    pub fn proceeds(&self, trade: &Trade) -> Money {
        match trade {
            Trade::Option { action, .. } if action.side() == Side::Sell => {
                self.price.of_contracts(Contracts(self.units))
            }
            Trade::Option { .. } => -self.price.of_contracts(Contracts(self.units)),
            Trade::Roll { .. } => {
                let sold = self.sold.map_or(Price::ZERO, |w| w.price);
                (sold - self.price).of_contracts(Contracts(self.units))
            }
            Trade::SellShares { .. } => self.price.of_shares(Shares(self.units)),
        }
    }

    /// All fees, a roll's other side included.
    #[must_use]
    pub fn all_fees(&self) -> Money {
        self.fees + self.sold.map_or(Money::ZERO, |w| w.fees)
    }

    /// Whether the price is no worse than the order's limit.
    #[must_use]
    pub fn keeps(&self, order: &Order) -> bool {
        match order.trade {
            Trade::Option { action, .. } if action.side() == Side::Buy => self.price <= order.limit,
            Trade::Option { .. } | Trade::SellShares { .. } => self.price >= order.limit,
            Trade::Roll { .. } => self.sold.is_some_and(|w| w.price - self.price >= order.limit),
        }
    }
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

impl OrderChange {
    /// Every change.
    pub const ALL: [OrderChange; 5] = [
        OrderChange::Acknowledge,
        OrderChange::FillPart,
        OrderChange::FillRest,
        OrderChange::Cancel,
        OrderChange::Reject,
    ];
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
