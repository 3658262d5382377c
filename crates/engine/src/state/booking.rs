//! What a fill books and moves.

use ledger::entry::{Leg, OptionTrade, Roll, ShareTrade};
use ledger::{Entry, SleeveId};
use market::order::{Action, Fill, Trade};
use market::time::Date;
use market::value::{Contracts, Money, Price};

use crate::sleeve::Part;

/// What a fill moved in cash, by position; a roll's two sides belong to two.
pub(super) fn flows(trade: &Trade, fill: &Fill) -> impl Iterator<Item = (Part, Money)> + use<> {
    let all = fill.proceeds(trade) - fill.all_fees();
    let sold = fill.sold.map_or(Money::ZERO, |s| s.price.of_contracts(Contracts(fill.units)) - s.fees);
    let (first, second) = match *trade {
        Trade::Option { series, .. } => ((Part::of(series), all), None),
        Trade::SellShares { .. } => ((Part::Shares, all), None),
        Trade::Roll { close, open, .. } => ((Part::of(close), all - sold), Some((Part::of(open), sold))),
    };
    std::iter::once(first).chain(second)
}

/// The entry that books a fill.
pub(super) fn booked(sleeve: SleeveId, trade: &Trade, fill: &Fill, settles: Date) -> Entry {
    let Fill { price, fees, .. } = *fill;
    let order = Some(fill.order);
    match *trade {
        Trade::Option { action, series, contracts } => {
            let trade = OptionTrade { sleeve, series, contracts, price, fees, settles, order };
            match action {
                Action::SellToOpen => Entry::SellToOpen(trade),
                Action::BuyToClose => Entry::BuyToClose(trade),
                Action::BuyToOpen => Entry::BuyToOpen(trade),
                Action::SellToClose => Entry::SellToClose(trade),
            }
        }
        Trade::Roll { close, open, contracts } => {
            let sold = fill.sold.unwrap_or(market::order::Sold { price: Price::ZERO, fees: Money::ZERO });
            let close = Leg { series: close, contracts, price, fees };
            let open = Leg { series: open, contracts, price: sold.price, fees: sold.fees };
            Entry::Roll(Roll { sleeve, close, open, settles, order })
        }
        Trade::SellShares { symbol, shares } => {
            Entry::SellShares(ShareTrade { sleeve, symbol, shares, price, fees, settles, order })
        }
    }
}
