//! What an entry is, in a sentence.

use ledger::Entry;
use ledger::entry::{Cross, Exercise, OptionTrade, Purpose, Roll, ShareTrade};
use market::instrument::Right;
use market::order::OrderId;

use crate::words::{count, kinds, lots, money, price};

/// The sentence.
pub(super) fn narration(entry: &Entry) -> String {
    match entry {
        Entry::Found { structure, parent: None, sleeves } => {
            format!("structure {structure} is founded with {}", kinds(*sleeves))
        }
        Entry::Found { structure, parent: Some(parent), sleeves } => {
            format!("structure {structure} is founded under structure {parent} with {}", kinds(*sleeves))
        }
        Entry::Fork { from, structure, parts } => {
            let [generation, compounding] = parts.map(money);
            format!("{from} forks structure {structure}: {generation} to its Gen, {compounding} to its Com")
        }
        Entry::Merge { structure, into } => format!("structure {structure} merges into {into}, at book value"),
        Entry::Deposit { structure, parts } => {
            format!("the owner pays {} into structure {structure}", money(parts.iter().copied().sum()))
        }
        Entry::Withdraw { sleeve, amount } => format!("the owner draws {} from {sleeve}", money(*amount)),
        Entry::Move { from, to, amount } => format!("{} moves from {from} to {to}", money(*amount)),
        Entry::Earmark { sleeve, purpose, amount } => {
            format!("{sleeve} has {} set aside for {}", money(*amount), aim(*purpose))
        }
        Entry::ToTaxReserve { sleeve, amount } => {
            format!("{sleeve} puts {} into structure {}'s tax reserve", money(*amount), sleeve.structure)
        }
        Entry::FromTaxReserve { sleeve, amount } => {
            format!("{sleeve} takes {} back from structure {}'s tax reserve", money(*amount), sleeve.structure)
        }
        Entry::PayTax { structure, amount } => {
            format!("{} of tax is paid from structure {structure}'s tax reserve", money(*amount))
        }
        Entry::TaxReserveInterest { structure, amount } => {
            format!("interest of {} on structure {structure}'s tax reserve", money(*amount))
        }
        Entry::Reserve { sleeve, order, amount } => format!("{sleeve} reserves {} for order {order}", money(*amount)),
        Entry::ReserveShares { sleeve, order, symbol, shares } => {
            format!("{sleeve} reserves {} {symbol} shares for order {order}", count(shares.0))
        }
        Entry::Release { order } => format!("what order {order} still reserves is free"),
        Entry::Interest { sleeve, amount } => format!("interest of {} on {sleeve}'s cash", money(*amount)),
        Entry::Settle { through } => format!("what falls due by {through} is settled"),
        Entry::Split { symbol, new_per_old } => format!("{symbol} splits {new_per_old} for 1"),
        Entry::AccrueDividend(d) => format!(
            "{} goes ex-dividend: {} on {} shares of {}, paid on {}",
            d.symbol,
            price(d.per_share),
            count(d.shares.0),
            d.sleeve,
            d.settles
        ),
        _ => traded(entry),
    }
}

/// Trades, and how options end.
fn traded(entry: &Entry) -> String {
    let option = |does: &str, t: &OptionTrade| {
        format!("{} {does} {} at {}", t.sleeve, lots(t.contracts, &t.series), price(t.price))
    };
    let shares = |does: &str, t: &ShareTrade| {
        format!("{} {does} {} {} shares at {}", t.sleeve, count(t.shares.0), t.symbol, price(t.price))
    };
    match entry {
        Entry::SellToOpen(t) => option("writes", t),
        Entry::BuyToClose(t) => option("buys back", t),
        Entry::BuyToOpen(t) => option("buys", t),
        Entry::SellToClose(t) => option("sells", t),
        Entry::BuyShares(t) => shares("buys", t),
        Entry::SellShares(t) => shares("sells", t),
        Entry::Roll(Roll { sleeve, close, open, .. }) => format!(
            "{sleeve} rolls {} at {} into {} at {}",
            lots(close.contracts, &close.series),
            price(close.price),
            lots(open.contracts, &open.series),
            price(open.price)
        ),
        Entry::Expire { sleeve, series, contracts } => {
            format!("{sleeve}'s {} expire without value", lots(*contracts, series))
        }
        Entry::ExpireLong { sleeve, series, contracts } => {
            format!("{} that {sleeve} holds expire without value", lots(*contracts, series))
        }
        Entry::Assign(a) => {
            let does = if a.series.right == Right::Put { "takes" } else { "delivers" };
            let (delivered, what) = (count(a.contracts.shares().0), lots(a.contracts, &a.series));
            format!("{}'s {what} are assigned: it {does} {delivered} {} shares", a.sleeve, a.series.underlying)
        }
        Entry::Exercise(Exercise { sleeve, series, contracts, .. }) => {
            format!("{sleeve} exercises {}", lots(*contracts, series))
        }
        Entry::Cross(Cross { series, contracts, from, to, price: at, .. }) => {
            format!("{} pass from {from} to {to} at {}", lots(*contracts, series), price(*at))
        }
        _ => String::new(),
    }
}

const fn aim(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Leaps => "LEAPS",
        Purpose::Fork => "a fork",
        Purpose::Merge => "a merge",
    }
}

/// The working order of an entry; of a cross, that of the sleeve which is rid of the options.
pub(super) fn order(entry: &Entry) -> Option<OrderId> {
    match entry {
        Entry::Reserve { order, .. } | Entry::ReserveShares { order, .. } | Entry::Release { order } => Some(*order),
        Entry::SellToOpen(t) | Entry::BuyToClose(t) | Entry::BuyToOpen(t) | Entry::SellToClose(t) => t.order,
        Entry::BuyShares(t) | Entry::SellShares(t) => t.order,
        Entry::Roll(roll) => roll.order,
        Entry::Cross(cross) => cross.close,
        _ => None,
    }
}
