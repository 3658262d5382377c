//! Orders that would trigger T-3, before they are sent (T-4): a reading of the books, which decides nothing.

use std::fmt;

use jiff::Timestamp;
use market::instrument::Right;
use market::order::{Action, OrderId, Trade};
use market::quote::Delta;
use market::time::{Date, days_between};
use market::value::{Contracts, Money, Price};

use super::books::Books;
use super::form::described;
use super::transaction::{Act, Asset, Place, Side, Transaction};
use super::wash::Washed;
use crate::words;

/// An order as the tax view sees it before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The day.
    pub day: Date,
    /// Where.
    pub place: Place,
    /// The order, if it has a name already.
    pub order: Option<OrderId>,
    /// The proposal that holds it, if it waits or waited for people.
    pub proposal: Option<u64>,
    /// What would be traded.
    pub trade: Trade,
    /// At what price a share; of a roll its net credit.
    pub price: Price,
    /// |delta| of what is written, where known.
    pub delta: Option<Delta>,
}

/// What an order would do to losses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The order.
    pub intent: Intent,
    /// Whether it does so only if a put that it writes is assigned by then.
    pub if_assigned: Option<Date>,
    /// Which losses, and by what.
    pub washes: Vec<Washed>,
}

/// A decision that people were asked for (H-3), as the tax view sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub proposal: u64,
    /// When it was made.
    pub made: Date,
    /// When silence answers.
    pub expires: Timestamp,
    /// When it was answered, if it was.
    pub answered: Option<Date>,
    /// Its orders.
    pub orders: Vec<Intent>,
}

impl Warning {
    /// The losses that would be disallowed.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.washes.iter().map(|w| w.replacement.amount).sum()
    }

    /// Where the losses would go, lot by lot: `$758.85 into 100 sh. TSLA`, with the day on which that was acquired if
    /// it is there already.
    #[must_use]
    pub fn lots(&self) -> Vec<String> {
        let lot = |w: &Washed| {
            let (amount, lot) = (words::money(w.replacement.amount), self.lot(w));
            if w.replacement.carries { format!("{amount} into {lot}") } else { format!("{amount} lost to {lot}") }
        };
        self.washes.iter().map(lot).collect()
    }

    /// The lot that would replace what was sold.
    #[must_use]
    pub fn lot(&self, washed: &Washed) -> String {
        let r = &washed.replacement;
        let sleeve = r.place.sleeve.map_or_else(String::new, |sleeve| format!(" in {}", words::sleeve(sleeve)));
        let bought = if r.acquired < self.intent.day { format!(" of {}", r.acquired) } else { String::new() };
        format!("{}{bought}{sleeve}", described(&r.asset, r.units))
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let traded = words::traded(&self.intent.trade);
        write!(f, "{traded} would disallow {} of losses", words::money(self.amount()))?;
        if let Some(by) = self.if_assigned {
            write!(f, " if assigned by {by}")?;
        }
        let mut days: Vec<Date> = self.washes.iter().map(|w| w.sold).collect();
        days.dedup();
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        write!(f, ": loss of {}", days.join(", "))
    }
}

impl Books {
    /// What an order would do: losses that it would disallow, its own or earlier ones. A put that is not deep counts
    /// only if it is assigned while a loss can still be washed; that is said apart.
    #[must_use]
    pub fn would_wash(&self, intent: &Intent) -> Vec<Warning> {
        let day = intent.day.max(self.day);
        if !self.rules.warnings || self.rules.wash.is_none() || self.is_retirement_loss(intent) {
            return Vec::new();
        }
        let at = |act| Transaction { day, place: intent.place, act };
        let (now, put) = acts(intent);
        let mut warnings = Vec::new();
        let mut books = self.probe();
        if now.into_iter().all(|act| books.post(&[at(act)]).is_ok()) && !books.washed.is_empty() {
            let washes = std::mem::take(&mut books.washed);
            warnings.push(Warning { intent: *intent, if_assigned: None, washes });
        }
        let Some((put, fees)) = put else { return warnings };
        let (series, contracts) = put;
        books.washed.clear();
        // The last day on which an assignment still washes the oldest loss, but not after expiration.
        let last = self.last_day_to_wash(series.underlying).map(|last| last.min(series.expiration.0));
        if let Some(day) = last.filter(|last| days_between(intent.day, *last) >= 0) {
            let assigned = Transaction { day: intent.day, ..at(Act::Assign { series, contracts, fees }) };
            if books.post(&[assigned]).is_ok() && !books.washed.is_empty() {
                warnings.push(Warning { intent: *intent, if_assigned: Some(day), washes: books.washed });
            }
        }
        warnings
    }

    /// Whether a place holds what an order closes; what opens something needs nothing there.
    #[must_use]
    pub fn can(&self, place: Place, trade: &Trade) -> bool {
        let option = |series, side, n: Contracts| (Asset::Option(series, side), n.shares().0);
        let (asset, needed) = match *trade {
            Trade::SellShares { symbol, shares } => (Asset::Shares(symbol), shares.0),
            Trade::Option { action: Action::BuyToClose, series, contracts }
            | Trade::Roll { close: series, contracts, .. } => option(series, Side::Short, contracts),
            Trade::Option { action: Action::SellToClose, series, contracts } => option(series, Side::Long, contracts),
            Trade::Option { .. } => return true,
        };
        self.held(place, asset) >= needed
    }

    /// A closing order in a retirement account makes no loss that counts.
    fn is_retirement_loss(&self, intent: &Intent) -> bool {
        let closes = matches!(
            intent.trade,
            Trade::SellShares { .. } | Trade::Option { action: Action::SellToClose | Action::BuyToClose, .. }
        );
        closes && self.is_retirement(intent.place)
    }

    /// The last day on which a purchase of shares would still wash a loss on them.
    fn last_day_to_wash(&self, symbol: market::instrument::Symbol) -> Option<Date> {
        let (days, _) = self.rules.wash?;
        let of_shares = Asset::Shares(symbol);
        let losses = self.losses.iter().filter(|l| l.asset == of_shares);
        losses.map(|l| super::term::after(l.day, days)).max()
    }
}

type Put = ((market::instrument::Series, i64), Money);

/// What an order does at its price, and the put that it writes.
fn acts(intent: &Intent) -> (Vec<Act>, Option<Put>) {
    let (price, fees, delta) = (intent.price, Money::ZERO, intent.delta);
    let written = |series, contracts, amount| {
        let act = Act::Open { series, side: Side::Short, contracts, amount, fees, delta, spot: None };
        (act, (series.right == Right::Put).then_some(((series, contracts), fees)))
    };
    match intent.trade {
        Trade::SellShares { symbol, shares } => {
            let income = price.of_shares(shares);
            (vec![Act::Sell { symbol, shares: shares.0, income, fees }], None)
        }
        Trade::Option { action, series, contracts } => {
            let (amount, contracts) = (price.of_contracts(contracts), contracts.0);
            let close = |side| Act::Close { series, side, contracts, amount, fees };
            match action {
                Action::SellToOpen => {
                    let (act, put) = written(series, contracts, amount);
                    (vec![act], put)
                }
                Action::BuyToOpen => {
                    let side = Side::Long;
                    (vec![Act::Open { series, side, contracts, amount, fees, delta, spot: None }], None)
                }
                Action::BuyToClose => (vec![close(Side::Short)], None),
                Action::SellToClose => (vec![close(Side::Long)], None),
            }
        }
        Trade::Roll { open, contracts, .. } => {
            let (act, put) = written(open, contracts.0, Price::ZERO.of_contracts(Contracts(contracts.0)));
            (vec![act], put)
        }
    }
}
