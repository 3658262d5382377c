//! The walk of a limit (E-7): from the middle toward the touch, in ticks, never worse than a share of the middle.

use std::sync::LazyLock;

use market::instrument::Symbol;
use market::order::Side;
use market::quote::OptionQuote;
use market::value::Price;
use proptest::prelude::*;
use protocol::policy::Policy;
use protocol::rule::Rule;
use protocol::walk::{last, limits};

static ALL_USE: LazyLock<Policy> = LazyLock::new(Policy::all_use);

fn quote(bid: i64, ask: i64) -> OptionQuote {
    let (bid, ask) = (Price::cents(bid), Price::cents(ask));
    OptionQuote { strike: Price::dollars(100), bid, ask, delta: None, open_interest: None, volume: None }
}

fn tsla() -> Symbol {
    Symbol::new("TSLA").unwrap()
}

#[test]
fn worst_limits_by_hand() {
    let policy = Policy::all_use();
    let of = |bid, ask| {
        let quote = quote(bid, ask);
        [Side::Sell, Side::Buy].map(|side| last(&policy, tsla(), &quote, side))
    };
    // 5% of $1.00 is a nickel: the touch lies on it, a cent further it does not.
    assert_eq!(of(95, 105), [Price::cents(95), Price::cents(105)]);
    assert_eq!(of(94, 106), [Price::cents(95), Price::cents(105)]);
    // 5% of $0.11 is half a cent: no price lies between the middle and the worst but the middle itself.
    assert_eq!(of(10, 12), [Price::cents(11), Price::cents(11)]);
    // From $3 on in steps of five cents: $3.895 to $4.305 lets $3.90 and $4.30 stand.
    assert_eq!(of(380, 440), [Price::cents(390), Price::cents(430)]);
}

#[test]
fn the_walk_begins_at_the_middle() {
    let walk = |bid, ask, side| {
        let walk = limits(&ALL_USE, tsla(), &quote(bid, ask), side);
        walk.into_iter().map(|limit| limit.units() / 100).collect::<Vec<_>>()
    };
    assert_eq!(walk(97, 103, Side::Sell), [100, 99, 98, 97]);
    assert_eq!(walk(97, 103, Side::Buy), [100, 101, 102, 103]);
    // The middle of $0.97 and $1.04 is $1.005: the first price on the grid beyond it.
    assert_eq!(walk(97, 104, Side::Sell), [100, 99, 98, 97]);
    assert_eq!(walk(97, 104, Side::Buy), [101, 102, 103, 104]);
    // Across $3.00, from which steps of five hold: the step that ends there is one of the side it is taken on.
    assert_eq!(walk(294, 300, Side::Buy), [297, 298, 299, 300]);
    assert_eq!(walk(298, 310, Side::Sell), [300, 299, 298]);
    // 5% around $3.06: cents hold on the lower side, steps of five on the upper.
    assert_eq!((walk(286, 326, Side::Sell).last(), walk(286, 326, Side::Buy).last()), (Some(&291), Some(&320)));
}

#[test]
fn without_the_rule_the_touch_is_taken() {
    let mut policy = Policy::all_use();
    policy.rules.off = policy.rules.off.with(Rule::E7);
    assert_eq!(last(&policy, tsla(), &quote(10, 12), Side::Sell), Price::cents(10));
    assert_eq!(last(&policy, tsla(), &quote(10, 12), Side::Buy), Price::cents(12));
}

proptest! {
    #[test]
    fn the_walk_leads_to_its_worst_limit(low in 1_i64..2_000, wide in 0_i64..400, sells in any::<bool>()) {
        let policy = &*ALL_USE;
        // Quotes stand on the grid of prices: below $3 in cents, from there on in steps of five.
        let grid = |cents: i64| if cents < 300 { cents } else { cents / 5 * 5 };
        let quote = quote(grid(low), grid(low + wide));
        let side = if sells { Side::Sell } else { Side::Buy };
        let walk = limits(policy, tsla(), &quote, side);
        let (mid, worst) = (quote.mid(), last(policy, tsla(), &quote, side));
        prop_assert_eq!(walk.last(), Some(&worst));
        for step in walk.windows(2) {
            prop_assert!(if sells { step[0] > step[1] } else { step[0] < step[1] }, "{:?}", walk);
            let tick = policy.order.tick(tsla(), step[0].min(step[1]));
            prop_assert_eq!(step[0].distance(step[1]), tick);
        }
        for limit in &walk {
            prop_assert!(quote.bid <= *limit && *limit <= quote.ask, "{limit} outside the quote");
            let beyond = 20 * limit.distance(mid).units() > mid.units();
            let worse = if sells { *limit < mid } else { *limit > mid };
            prop_assert!(!(worse && beyond), "{} lies more than 5% from {}", limit, mid);
        }
    }
}
