//! Limits of an entry (E-7): from the middle of the quote toward the touch, in the exchange's steps, and never further
//! from the middle than a share of it.

use market::instrument::Symbol;
use market::order::Side;
use market::quote::OptionQuote;
use market::value::Price;

use crate::policy::Policy;
use crate::rule::Rule;

/// The limits that a live order takes one after the other, the best first; the last is [`last`]. One at least.
#[must_use]
pub fn limits(policy: &Policy, underlying: Symbol, quote: &OptionQuote, side: Side) -> Vec<Price> {
    let last = last(policy, underlying, quote, side);
    let mut limits = vec![last];
    let mut at = last;
    loop {
        at = match side {
            Side::Sell => at + policy.order.tick(underlying, at),
            Side::Buy => at - policy.order.tick(underlying, at - Price::from_units(1)),
        };
        let better_than_middle = match side {
            Side::Sell => at > quote.mid(),
            Side::Buy => at < quote.mid(),
        };
        if better_than_middle {
            break;
        }
        limits.push(at);
    }
    limits.reverse();
    limits
}

/// The worst limit: the touch, or what lies `order.walk` from the middle, on the grid of prices and never beyond that
/// share. Without E-7 the touch.
#[must_use]
pub fn last(policy: &Policy, underlying: Symbol, quote: &OptionQuote, side: Side) -> Price {
    let touch = match side {
        Side::Sell => quote.bid,
        Side::Buy => quote.ask,
    };
    if policy.is_off(Rule::E7) {
        return touch;
    }
    let (mid, room) = (quote.mid(), policy.order.walk.of_price(quote.mid()));
    match side {
        Side::Sell => {
            let tick = policy.order.tick(underlying, mid - room).units();
            let worst = -(-(mid - room).units()).div_euclid(tick) * tick;
            touch.max(Price::from_units(worst))
        }
        Side::Buy => {
            let tick = policy.order.tick(underlying, mid + room).units();
            let worst = (mid + room).units().div_euclid(tick) * tick;
            touch.min(Price::from_units(worst))
        }
    }
}
