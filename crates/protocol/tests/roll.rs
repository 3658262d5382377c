//! Rolls: hand-calculated examples to the hundredth of a cent, every refusal, and the search against a slow one.

mod desk;

use desk::{Desk, FRIDAY, LATER, NEXT, c, date, ends, quote, tsla};
use market::instrument::{Right, Series};
use market::quote::{Delta, Earnings, OptionQuote};
use market::time::{Calendar, TradingDay};
use market::value::{Money, Price, Shares};
use proptest::prelude::*;
use protocol::plan::Skip;
use protocol::policy::Policy;
use protocol::position::PositionType;
use protocol::roll::{Barred, CallTarget, NoDebit, Refusal, Roll, RollKind, expirations};
use protocol::rule::Rule;

/// A put against us: $100 strike, shares at $98, costing $4.00 to buy back, delta 60.
fn against() -> Desk {
    let mut desk = Desk::put();
    desk.price(9_800);
    desk.now(390, 400);
    desk.old_delta(Some(6_000));
    desk
}

fn refused(desk: &Desk, expiration: &str) -> Refusal {
    let found = desk.search();
    found.tried.iter().find(|(e, _)| *e == ends(expiration)).unwrap().1.unwrap_err()
}

#[test]
fn a_credit_to_the_cent() {
    let mut desk = against();
    // $4.10 − $4.00 − ($0.71 + $0.74) / 100 = $0.0855: SEC's 27.80 a million of $410 are $0.0114, two cents rounded up.
    desk.offer(NEXT, vec![quote(98, 410, 420, 5_000)]);
    let roll = desk.search().best.unwrap();
    let to = Series { underlying: tsla(), expiration: ends(NEXT), right: Right::Put, strike: Price::dollars(98) };
    assert_eq!(roll.to.series, to);
    assert_eq!((roll.buy, roll.sell, roll.limit()), (c(400), c(410), c(10)));
    assert_eq!((roll.fees, roll.net), (Money::cents(145), Price::from_units(855)));
    assert_eq!((roll.kind, roll.combined), (RollKind::Credit, true));
    assert_eq!(roll.to.delta, Some(Delta(5_000)));
}

#[test]
fn a_credit_is_at_least_five_cents_after_fees() {
    let mut desk = against();
    desk.now(290, 300);
    desk.old_delta(Some(6_000));
    // Fees of $0.71 and $0.73 are $0.0144 a share: $0.0644 before fees is exactly $0.05 after them.
    let sold_at = |units: i64| {
        let mut new = quote(95, 0, 400, 5_500);
        new.bid = c(300) + Price::from_units(units);
        new
    };
    desk.offer(NEXT, vec![sold_at(644)]);
    let roll = desk.search().best.unwrap();
    assert_eq!((roll.net, roll.kind), (c(5), RollKind::Credit));
    desk.board.chains.pop();
    desk.offer(NEXT, vec![sold_at(643)]);
    assert_eq!(
        refused(&desk, NEXT),
        Refusal::TooLittle {
            strike: Price::dollars(95),
            net: Price::from_units(499),
            least: c(5),
            debit: NoDebit::OutsideBand { band: (Delta(4_000), Delta(5_000)) },
        }
    );
    desk.set("roll.min_credit", "0.04");
    assert_eq!(desk.search().best.unwrap().kind, RollKind::Credit);
}

#[test]
fn the_earliest_expiration_with_a_credit_then_the_lowest_strike() {
    let mut desk = against();
    desk.offer(LATER, vec![quote(90, 900, 910, 3_000)]);
    desk.offer(NEXT, vec![quote(94, 380, 390, 4_400), quote(96, 415, 425, 4_800), quote(98, 450, 460, 5_500)]);
    let found = desk.search();
    assert_eq!(found.best.unwrap().to.series.strike, Price::dollars(96));
    // Asked in rising order, and nothing after the first credit.
    assert_eq!(found.tried.iter().map(|(e, _)| *e).collect::<Vec<_>>(), [ends(NEXT)]);
    assert!(found.has_credit());
    // No credit there: a debit is remembered, and the later credit wins.
    desk.board.chains.retain(|chain| chain.expiration != ends(NEXT));
    desk.offer(NEXT, vec![quote(94, 380, 390, 4_400)]);
    let found = desk.search();
    assert_eq!(found.best.unwrap().to.series.expiration, ends(LATER));
    assert_eq!(found.tried[0].1.unwrap().kind, RollKind::Debit);
}

#[test]
fn else_the_smallest_debit_into_the_band() {
    let mut desk = against();
    // Net −$0.2145 at 44 points, −$0.1145 at 50, and cheaper but outside the band −$0.0645 at 51.
    desk.offer(NEXT, vec![quote(94, 380, 390, 4_400), quote(95, 390, 400, 5_000), quote(96, 395, 405, 5_001)]);
    desk.offer(LATER, vec![quote(93, 385, 395, 4_000), quote(92, 390, 400, 4_000)]);
    let roll = desk.search().best.unwrap();
    assert_eq!((roll.to.series.expiration, roll.to.series.strike), (ends(NEXT), Price::dollars(95)));
    assert_eq!((roll.net, roll.kind), (Price::from_units(-1_145), RollKind::Debit));
    // Of equal debits the lower strike; of equal expirations' debits the earlier.
    desk.board.chains.retain(|chain| chain.expiration == ends(FRIDAY));
    desk.offer(NEXT, vec![quote(94, 390, 400, 4_400), quote(95, 390, 400, 5_000)]);
    desk.offer(LATER, vec![quote(90, 390, 400, 4_000)]);
    let roll = desk.search().best.unwrap();
    assert_eq!((roll.to.series.expiration, roll.to.series.strike), (ends(NEXT), Price::dollars(94)));
    // A smaller debit later is the smaller one.
    desk.board.chains.pop();
    desk.offer(LATER, vec![quote(90, 391, 400, 4_000)]);
    assert_eq!(desk.search().best.unwrap().to.series.expiration, ends(LATER));
    // Where only a credit is asked for, there is none.
    let found = desk.search_for(false, CallTarget::AsCovered);
    assert!(found.best.is_none() && !found.has_credit());
    let why = found.tried[0].1.unwrap_err();
    assert!(matches!(why, Refusal::TooLittle { debit: NoDebit::NotAsked, .. }), "{why:?}");
}

#[test]
fn the_band_is_this_weeks() {
    let mut desk = against();
    desk.offer(NEXT, vec![quote(93, 380, 390, 3_800), quote(95, 390, 400, 4_800)]);
    assert_eq!(desk.search().best.unwrap().to.series.strike, Price::dollars(95));
    desk.red();
    assert_eq!(desk.search().best.unwrap().to.series.strike, Price::dollars(93), "35 to 45 in a Red week");
}

#[test]
fn all_debits_of_the_chain_together_are_at_most_half_its_first_premium() {
    let mut desk = against();
    // $3.20 − $4.00 − ($0.71 + $0.73) / 100 = −$0.8144; half of the first premium of $2.00 is $1.00.
    desk.offer(NEXT, vec![quote(94, 320, 330, 4_500)]);
    let with = |desk: &mut Desk, before: i64| {
        desk.short.chain_credit = Price::from_units(before);
        desk.short.rolls = 1;
        desk.search().best.map(|roll| roll.net)
    };
    assert_eq!(with(&mut desk, 0), Some(Price::from_units(-8_144)));
    assert_eq!(with(&mut desk, -1_856), Some(Price::from_units(-8_144)), "exactly half");
    assert_eq!(with(&mut desk, -1_857), None);
    assert_eq!(
        refused(&desk, NEXT),
        Refusal::TooLittle {
            strike: Price::dollars(94),
            net: Price::from_units(-8_144),
            least: c(5),
            debit: NoDebit::TooMuch { spent: Price::from_units(10_001), most: c(100) },
        }
    );
    // Earlier credits give room; the first premium counts, not the present option's.
    desk.short.first_premium = c(100);
    assert_eq!(with(&mut desk, 3_144), Some(Price::from_units(-8_144)));
    assert_eq!(with(&mut desk, 3_143), None);
    desk.short.price = c(900);
    assert_eq!(with(&mut desk, 3_143), None);
    desk.short.first_premium = Price::ZERO;
    assert_eq!(with(&mut desk, 8_143), None);
    assert_eq!(with(&mut desk, 8_144), Some(Price::from_units(-8_144)), "all together cost nothing");
}

#[test]
fn what_is_refused_tells_its_nearest_figures() {
    let mut desk = against();
    desk.short.first_premium = c(10);
    // Inside the band counts as nearer than outside, then what brings most.
    desk.offer(NEXT, vec![quote(93, 350, 360, 4_100), quote(94, 360, 370, 4_500), quote(96, 395, 405, 5_500)]);
    let Refusal::TooLittle { strike, debit, .. } = refused(&desk, NEXT) else { panic!() };
    assert_eq!(strike, Price::dollars(94));
    assert_eq!(debit, NoDebit::TooMuch { spent: Price::from_units(4_145), most: c(5) });
}

#[test]
fn a_puts_strike_is_never_higher_and_its_delta_lower_and_at_most_seventy() {
    let mut desk = against();
    desk.old_delta(Some(8_000));
    let chosen = |desk: &mut Desk, quotes: Vec<OptionQuote>| {
        desk.board.chains.retain(|chain| chain.expiration == ends(FRIDAY));
        desk.offer(NEXT, quotes);
        desk.search().best.map(|roll| roll.to.series.strike.units() / 10_000)
    };
    assert_eq!(chosen(&mut desk, vec![quote(100, 500, 510, 7_000)]), Some(100), "the same strike, 70 points");
    assert_eq!(chosen(&mut desk, vec![quote(101, 500, 510, 6_000)]), None);
    assert_eq!(chosen(&mut desk, vec![quote(100, 500, 510, 7_001)]), None);
    assert_eq!(
        refused(&desk, NEXT),
        Refusal::NoStrike { most: Delta(7_000), below: Delta(8_000), lowest: Some(Delta(7_001)) }
    );
    desk.old_delta(Some(5_500));
    assert_eq!(chosen(&mut desk, vec![quote(100, 500, 510, 5_499)]), Some(100));
    assert_eq!(chosen(&mut desk, vec![quote(100, 500, 510, 5_500)]), None, "below the old put's");
    // Nobody bids, or no delta is known.
    assert_eq!(chosen(&mut desk, vec![quote(99, 0, 510, 5_000)]), None);
    assert_eq!(refused(&desk, NEXT), Refusal::NoStrike { most: Delta(7_000), below: Delta(5_500), lowest: None });
    let unknown = OptionQuote { delta: None, ..quote(99, 500, 510, 0) };
    assert_eq!(chosen(&mut desk, vec![unknown]), None);
    assert_eq!(refused(&desk, NEXT), Refusal::NoStrike { most: Delta(7_000), below: Delta(5_500), lowest: None });
    desk.set("roll.max_delta", "band");
    assert_eq!(chosen(&mut desk, vec![quote(99, 500, 510, 5_000)]), Some(99));
    assert_eq!(chosen(&mut desk, vec![quote(99, 500, 510, 5_001)]), None);
    desk.red();
    assert_eq!(chosen(&mut desk, vec![quote(99, 500, 510, 4_501)]), None, "the band of a Red week");
}

#[test]
fn an_option_whose_mid_is_below_its_intrinsic_value_moves_with_the_shares() {
    let mut desk = against();
    desk.old_delta(None);
    desk.offer(NEXT, vec![quote(99, 500, 510, 6_900)]);
    assert!(desk.search().has_credit());
    desk.price(10_000);
    assert_eq!(
        refused(&desk, NEXT),
        Refusal::NoStrike { most: Delta(7_000), below: Delta(0), lowest: Some(Delta(6_900)) }
    );
}

#[test]
fn earnings_before_the_new_expiration_refuse() {
    let mut desk = against();
    desk.offer(NEXT, vec![quote(98, 500, 510, 5_000)]);
    let mut asked = |earnings| {
        desk.underlying().earnings = earnings;
        let found = desk.search();
        (found.tried[0].1.err(), found.earnings_unknown)
    };
    assert_eq!(asked(Earnings::On(date(NEXT))), (Some(Refusal::Earnings { on: date(NEXT) }), false));
    assert_eq!(asked(Earnings::On(date("2024-06-22"))), (None, false));
    let span = Earnings::Between(date("2024-06-20"), date("2024-07-05"));
    assert_eq!(asked(span), (Some(Refusal::Earnings { on: date("2024-06-20") }), false));
    assert_eq!(asked(Earnings::Unknown), (None, true), "neither passed nor refused, and said");
}

#[test]
fn two_rolls_and_no_third() {
    let mut desk = against();
    desk.offer(NEXT, vec![quote(98, 500, 510, 5_000)]);
    let rolled = |desk: &mut Desk, n| {
        desk.short.rolls = n;
        desk.search().barred
    };
    assert_eq!([0, 1].map(|n| rolled(&mut desk, n)), [None, None]);
    assert_eq!(rolled(&mut desk, 2), Some(Barred::TooMany { rolls: 2, most: 2 }));
    let found = desk.search();
    assert!(found.best.is_none() && found.tried.is_empty());
    desk.off(Rule::R3);
    assert_eq!(rolled(&mut desk, 2), None);
}

#[test]
fn what_bars_every_roll() {
    let mut desk = against();
    desk.offer(NEXT, vec![quote(98, 500, 510, 5_000)]);
    desk.fees = false;
    assert_eq!(desk.search().barred, Some(Barred::FeesUnknown));
    desk.fees = true;
    desk.off(Rule::R2);
    assert_eq!(desk.search().barred, Some(Barred::RuleOff), "R-2 is what allows rolls");
    let mut call = Desk::call();
    call.view.holdings.clear();
    assert_eq!(call.search().barred, Some(Barred::NoShares));
}

#[test]
fn expirations_without_quotes_are_said_so() {
    let desk = against();
    let found = desk.search();
    let fridays = [NEXT, LATER, "2024-07-05", "2024-07-12"];
    assert_eq!(found.tried, fridays.map(|f| (ends(f), Err(Refusal::NoQuotes))));
    assert_eq!((found.barred, found.best), (None, None));
}

#[test]
fn with_r3_off_the_first_roll_that_is_allowed_nearest_the_old_strike() {
    let mut desk = against();
    desk.offer(NEXT, vec![quote(94, 380, 390, 4_400), quote(96, 415, 425, 4_800), quote(98, 450, 460, 5_500)]);
    desk.off(Rule::R3);
    assert_eq!(desk.search().best.unwrap().to.series.strike, Price::dollars(98));
    // A debit of the first expiration before a credit of the next.
    let mut desk = against();
    desk.offer(NEXT, vec![quote(94, 380, 390, 4_400)]);
    desk.offer(LATER, vec![quote(94, 480, 490, 4_400)]);
    assert!(desk.search().has_credit());
    desk.off(Rule::R3);
    assert_eq!(desk.search().best.unwrap().kind, RollKind::Debit);
    assert_eq!(desk.search().tried.len(), 1);
}

#[test]
fn with_r1_off_the_legs_are_apart() {
    let mut desk = against();
    desk.offer(NEXT, vec![quote(98, 500, 510, 5_000)]);
    desk.off(Rule::R1);
    assert!(!desk.search().best.unwrap().combined);
}

/// The fridays, and from 2026-01-26 the Mondays and Wednesdays, within 35 days.
fn listed(policy: &Policy, day: &str, old: &str) -> Vec<String> {
    let day = TradingDay::from_record(date(day));
    let old = Series { underlying: tsla(), expiration: ends(old), right: Right::Put, strike: Price::dollars(100) };
    expirations(policy, &Calendar::nyse(), day, &old).iter().map(|e| e.to_string()[5..].to_owned()).collect()
}

#[test]
fn expirations_are_later_and_at_most_thirty_five_days_ahead() {
    let mut policy = Policy::all_use();
    // From Friday 2024-06-14 on: five Fridays, the last exactly 35 days ahead.
    let fridays = ["06-21", "06-28", "07-05", "07-12", "07-19"];
    assert_eq!(listed(&policy, "2024-06-14", "2024-06-14"), fridays);
    assert_eq!(listed(&policy, "2024-06-14", "2024-06-28"), fridays[2..]);
    assert_eq!(listed(&policy.with("roll.max_days", "34").unwrap(), "2024-06-14", "2024-06-14"), fridays[..4]);
    // Good Friday moves one to Thursday.
    assert_eq!(listed(&policy, "2024-03-22", "2024-03-22")[0], "03-28");
    // E-11: Mondays and Wednesdays to the end of the following week, where the symbol has them.
    let all = ["02-04", "02-06", "02-09", "02-11", "02-13", "02-20", "02-27", "03-06"];
    assert_eq!(listed(&policy, "2026-02-02", "2026-02-02"), all);
    let without = policy.with("listing.monday_wednesday", "AAPL").unwrap();
    let fridays = ["02-06", "02-13", "02-20", "02-27", "03-06"];
    assert_eq!(listed(&without, "2026-02-02", "2026-02-02"), fridays);
    policy.rules.off = policy.rules.off.with(Rule::E11);
    assert_eq!(listed(&policy, "2026-02-02", "2026-02-02"), fridays);
}

#[test]
fn chains_at_hand_are_asked_even_if_not_listed() {
    let mut desk = against();
    desk.offer("2024-06-18", vec![quote(98, 500, 510, 5_000)]);
    assert_eq!(desk.search().best.unwrap().to.series.expiration, ends("2024-06-18"));
    // Not beyond 35 days: 2024-07-17 is the last. Not the old expiration, nor before it.
    let mut desk = against();
    desk.offer("2024-07-18", vec![quote(98, 500, 510, 5_000)]);
    desk.offer("2024-06-13", vec![quote(98, 500, 510, 5_000)]);
    assert!(desk.search().best.is_none());
    desk.offer("2024-07-17", vec![quote(98, 500, 510, 5_000)]);
    assert_eq!(desk.search().best.unwrap().to.series.expiration, ends("2024-07-17"));
    // Nor another symbol's or right's.
    let mut desk = against();
    desk.offer("2024-06-18", vec![quote(98, 500, 510, 5_000)]);
    desk.board.chains.last_mut().unwrap().right = Right::Call;
    assert!(desk.search().best.is_none());
    assert!(desk.search().tried.iter().all(|(e, _)| *e != ends("2024-06-18")));
}

/// A call in the money before a dividend: $110 strike, shares at $114, $4.10 to buy back.
fn called() -> Desk {
    let mut desk = Desk::call();
    desk.price(11_400);
    desk.now(400, 410);
    desk
}

#[test]
fn before_a_dividend_the_lowest_call_not_below_the_old_one() {
    let mut desk = called();
    let strike = |desk: &Desk| {
        let found = desk.search_for(false, CallTarget::NotBelowOld);
        found.tried[0].1.map(|roll| roll.to.series.strike.units() / 10_000)
    };
    desk.offer(NEXT, vec![quote(105, 990, 999, 9_100), quote(110, 550, 560, 7_000), quote(115, 430, 440, 4_500)]);
    assert_eq!(strike(&desk), Ok(110));
    // No call with a delta above 90 is sold: the next one up.
    desk.board.chains.pop();
    desk.offer(NEXT, vec![quote(110, 550, 560, 9_001), quote(115, 430, 440, 9_000)]);
    assert_eq!(strike(&desk), Ok(115));
    // Nor one below the basis, unless the policy says so.
    desk.board.chains.pop();
    desk.offer(NEXT, vec![quote(110, 550, 560, 7_000), quote(115, 430, 440, 4_500)]);
    desk.view.holdings[0].basis = c(11_001);
    assert_eq!(strike(&desk), Ok(115));
    desk.set("calls.below_basis", "true");
    assert_eq!(strike(&desk), Ok(110));
    // Nor one that pays less than five cents.
    desk.board.chains.pop();
    desk.offer(NEXT, vec![quote(110, 4, 560, 7_000)]);
    assert_eq!(strike(&desk), Err(Refusal::Call(Skip::NothingAboveBasis { basis: Price::dollars(110) })));
}

#[test]
fn elsewhere_the_call_that_e8_would_sell() {
    let mut desk = called();
    desk.offer(NEXT, vec![quote(105, 990, 999, 6_500), quote(110, 550, 560, 5_500), quote(115, 430, 440, 4_500)]);
    assert_eq!(desk.search().best.unwrap().to.series.strike, Price::dollars(115), "45 points, the middle of the band");
    // In C-RO with calls below the basis allowed: at the money.
    desk.set("calls.below_basis", "true");
    desk.typed(PositionType::CallRolled);
    desk.price(10_600);
    assert_eq!(desk.search().best.unwrap().to.series.strike, Price::dollars(105));
    // E-8's own reason where it would sell none.
    let mut desk = called();
    desk.view.holdings[0].basis = c(20_000);
    desk.view.holdings[0].shares = Shares(100);
    desk.offer(NEXT, vec![quote(115, 430, 440, 4_500)]);
    assert_eq!(refused(&desk, NEXT), Refusal::Call(Skip::NothingAboveBasis { basis: c(20_000) }));
}

/// again, slowly: every strike of every expiration, then the best of those allowed.
fn slowly(desk: &Desk, rolls: &[(&str, Vec<OptionQuote>)]) -> Option<(Price, String, i64, bool)> {
    let (short, ask) = (&desk.short, desk.review().seen.unwrap().ask);
    let old_delta = desk.review().seen.unwrap().delta.unwrap();
    let mut allowed = Vec::new();
    for (expiration, quotes) in rolls {
        for q in quotes {
            let delta = q.delta.unwrap();
            let days = ends(expiration).days_from(desk.board.day.date());
            if q.strike > short.series.strike || days > 35 || short.rolls >= 2 || q.bid <= Price::ZERO {
                continue;
            }
            if delta.0 > 7_000 || delta >= old_delta || ends(expiration) <= short.series.expiration {
                continue;
            }
            let fees = desk.fees(market::order::Side::Buy, ask).unwrap()
                + desk.fees(market::order::Side::Sell, q.bid).unwrap();
            // Whole cents of fees over a hundred shares are whole units.
            let net = (q.bid - ask).units() - fees.units() / 100;
            let credit = net >= 500;
            let spent = -(short.chain_credit.units() + net);
            let debit = (4_000..=5_000).contains(&delta.0) && 2 * spent <= short.first_premium.units();
            if credit || debit {
                let key = if credit { (0, 0) } else { (1, -net) };
                allowed.push((key, (*expiration).to_owned(), q.strike, net, credit));
            }
        }
    }
    allowed.sort_by(|a, b| (a.0, &a.1, a.2).cmp(&(b.0, &b.1, b.2)));
    allowed.first().map(|(_, expiration, strike, net, credit)| (*strike, expiration.clone(), *net, *credit))
}

fn chain() -> impl Strategy<Value = Vec<OptionQuote>> {
    // Strikes of $90 to $103; bids and deltas need not make sense together.
    prop::collection::btree_map(90i64..=103, (0i64..700, 3_000i32..7_500), 0..6)
        .prop_map(|m| m.into_iter().map(|(k, (bid, delta))| quote(k, bid, bid + 5, delta)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_search_agrees_with_a_slow_one(
        first in chain(), second in chain(), far in chain(), beyond in chain(),
        ask in 50i64..600, delta in 3_500i32..9_000, rolls in 0u32..4, before in -150i64..50,
    ) {
        let mut desk = Desk::put();
        desk.price(9_800);
        desk.now(ask - 5, ask);
        desk.old_delta(Some(delta));
        (desk.short.rolls, desk.short.chain_credit) = (rolls, c(before));
        // The last two lie 35 and 36 days ahead.
        let offers = [(NEXT, first), (LATER, second), ("2024-07-17", far), ("2024-07-18", beyond)];
        for (expiration, quotes) in &offers {
            desk.offer(expiration, quotes.clone());
        }
        let found = desk.search();
        let told = |roll: Roll| {
            let to = roll.to.series;
            (to.strike, to.expiration.to_string(), roll.net.units(), roll.kind == RollKind::Credit)
        };
        prop_assert_eq!(found.best.map(told), slowly(&desk, &offers));
        if let Some(roll) = found.best {
            let to = roll.to.series;
            prop_assert!(to.strike <= desk.short.series.strike, "no roll raises a put's strike");
            prop_assert!(to.expiration > desk.short.series.expiration);
            prop_assert!(to.expiration.days_from(desk.board.day.date()) <= 35);
            prop_assert!(rolls < 2, "never a third");
            // After fees to the cent, a credit nets at least $5.00 a contract.
            let cash = roll.limit().times(100) - roll.fees;
            prop_assert_eq!(roll.kind == RollKind::Credit, cash >= Money::dollars(5));
        }
    }
}
