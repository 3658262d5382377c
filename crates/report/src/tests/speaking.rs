//! Every variant of every reason has its words.

use engine::event::LockReason;
use engine::risk::Refusal;
use market::instrument::Right;
use market::order::{OrderStatus, Trade};
use market::quote::{Delta, Origin};
use market::time::Expiration;
use market::value::{Contracts, Money};
use protocol::plan::{Gate, Purpose, Skip, Untestable};
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;
use protocol::week::{Support, Trend, VixState};

use super::sample::*;
use crate::words;

#[test]
fn every_reason_to_leave_a_candidate() {
    let friday = Expiration(date("2024-06-14"));
    let band = (Delta::points(40), Delta::points(50));
    let rows = [
        (Skip::HoldsShares, "the sleeve holds shares of it and sells calls on them instead"),
        (Skip::Locked, "new puts are locked"),
        (Skip::NoExpiration, "no expiration in the week nor soon after"),
        (Skip::NoQuotes(friday), "no quotes for 2024-06-14"),
        (
            Skip::NoStrike { band, best: Some(Delta(2_910)) },
            "no strike with a delta of 40.00 to 50.00 (highest below: 29.10)",
        ),
        (Skip::NoStrike { band, best: None }, "no strike with a delta of 40.00 to 50.00 (none quoted below)"),
        (Skip::Gate(Gate::NoBid), "nobody bids"),
        (
            Skip::DoesNotFit { needs: money("18000"), deployable: money("12000.1234") },
            "one contract needs $18,000.00, $12,000.12 may be deployed",
        ),
        (
            Skip::Cap { would: money("18000"), cap: money("9000") },
            "one contract would bind $18,000.00 in it, the cap is $9,000.00",
        ),
        (Skip::Outbid, "other candidates took the cash"),
        (Skip::NothingAboveBasis { basis: price("178.77") }, "no call at or above the basis $178.77 pays enough"),
        (
            Skip::EarningsCoverage { on: date("2024-07-23") },
            "enough shares are covered over the earnings report of 2024-07-23",
        ),
        (Skip::NoMark(put()), "TSLA 2024-06-14 $180.00 put has no quote, so that the sleeve's equity is not known"),
        (Skip::FeesUnknown, "the fees of this day are not in the policy's table"),
        (Skip::VolumeShare { volume: 7 }, "one contract would be too much of a volume of 7"),
    ];
    for (skip, expected) in &rows {
        assert_eq!(words::skip(skip), *expected);
    }
    let mut names: Vec<&str> = rows.iter().map(|(skip, _)| words::skip_name(skip)).collect();
    names.dedup();
    assert_eq!(names.len(), rows.len() - 1, "each reason is counted under a name of its own");
}

#[test]
fn every_gate() {
    let rows = [
        (Gate::NoBid, "nobody bids"),
        (Gate::Spread { spread: price("0.30"), limit: price("0.25") }, "ask less bid is $0.30, at most $0.25 allowed"),
        (Gate::OpenInterest { found: 120, least: 500 }, "120 contracts are open, at least 500 asked for"),
        (Gate::Volume { found: 20, least: 100 }, "20 contracts traded, at least 100 asked for"),
        (
            Gate::Earnings { on: date("2024-06-14") },
            "an earnings report may come on 2024-06-14, not after the expiration",
        ),
        (Gate::Premium { bid: price("0.08"), least: price("0.10") }, "the bid $0.08 is below the least premium $0.10"),
    ];
    for (gate, expected) in &rows {
        assert_eq!(words::gate(gate), *expected);
        assert_eq!(words::skip_name(&Skip::Gate(*gate)), words::gate_name(gate));
    }
    let gates = [Untestable::OpenInterest, Untestable::Volume, Untestable::Earnings].map(words::untestable);
    assert_eq!(gates, ["open interest", "volume", "earnings"]);
}

#[test]
fn every_refusal_is_counted_under_a_name_of_its_own() {
    let (n, m, p) = (Contracts(1), Money::ZERO, price("1"));
    let all = [
        Refusal::Malformed { quantity: n, limit: p },
        Refusal::UnknownSleeve(GEN),
        Refusal::UnknownSymbol(symbol("TSLA")),
        Refusal::UnknownContract,
        Refusal::Expired,
        Refusal::MarketClosed,
        Refusal::Stale,
        Refusal::Price { limit: p, mid: p, allowed: p },
        Refusal::Quantity { quantity: n, most: n },
        Refusal::Notional { notional: m, most: m },
        Refusal::Exposure { would: m, most: m },
        Refusal::OrdersToday { sent: 1, most: 1 },
        Refusal::Locked,
        Refusal::Collateral { needs: m, free: m },
        Refusal::Cover { needs: 1, free: 1 },
        Refusal::NothingOpen { wanted: n, open: n },
        Refusal::SentBefore(order_id(1)),
        Refusal::AgainstOurOwn(order_id(1)),
        Refusal::Frozen { owed: m },
        Refusal::Killed,
        Refusal::Guarded,
        Refusal::SymbolFrozen(symbol("TSLA")),
        Refusal::NotApproved,
    ];
    let names: std::collections::BTreeSet<&str> = all.iter().map(words::refusal_name).collect();
    assert_eq!(names.len(), all.len());
}

#[test]
fn every_other_word() {
    use LockReason as L;
    let locks = [L::Drawdown, L::DeepPut, L::Recovered, L::Empty, L::Reset].map(words::lock);
    assert!(locks.iter().all(|l| !l.is_empty() && !l.ends_with('.')));
    let meanings: std::collections::BTreeSet<&str> = PositionType::ALL.into_iter().map(words::position).collect();
    assert_eq!(meanings.len(), 11);
    assert_eq!([Trend::Bullish, Trend::Bearish, Trend::Sideways].map(words::trend), ["bullish", "bearish", "sideways"]);
    assert_eq!([VixState::Low, VixState::High].map(words::volatility), ["low", "high"]);
    assert_eq!([Support::Strong, Support::Mixed, Support::Broken].map(words::support), ["strong", "mixed", "broken"]);
    assert_eq!([Origin::Quoted, Origin::Modelled].map(words::origin), ["quoted", "modelled"]);
    assert_eq!([Purpose::Entry, Purpose::Cover].map(words::purpose), ["puts", "calls on its shares"]);
    let trades =
        market::order::Action::ALL.map(|action| Trade::Option { action, series: put(), contracts: Contracts(5) });
    assert_eq!(trades.map(|t| words::verb(&t)), ["sell", "buy back", "buy", "sell"]);
    assert_eq!(trades.map(|t| words::does(&t)), ["sells", "buys back", "buys", "sells"]);
    let roll = Trade::Roll { close: put(), open: call(), contracts: Contracts(5) };
    assert_eq!(words::traded(&roll), "5 TSLA 2024-06-14 $180.00 puts to 2024-06-21 $185.00");
    let statuses: std::collections::BTreeSet<&str> = OrderStatus::ALL.into_iter().map(words::status).collect();
    assert_eq!(statuses.len(), OrderStatus::ALL.len());
}

#[test]
fn figures_as_they_are_read() {
    assert_eq!(words::money(money("-1234.50")), "−$1,234.50");
    assert_eq!(words::percent(-1234, 120_000), "−1.03%");
    assert_eq!((words::percent(1, 0), words::percent(-1, 1_000_000)), ("n/a".to_owned(), "0.00%".to_owned()));
    assert_eq!((words::percent(5, 100_000), words::percent(-5, 100_000)), ("0.01%".to_owned(), "−0.01%".to_owned()));
    assert_eq!(words::ppm(Ppm(152_149)), "15.21%");
    assert_eq!(
        (words::vix(1_205), words::count(1_234_567), words::count(-999)),
        ("12.05".into(), "1,234,567".into(), "−999".into())
    );
    assert_eq!(words::confidence(Ppm(999_999)), "0.99");
    assert_eq!(words::lots(Contracts(1), &call()), "1 TSLA 2024-06-21 $185.00 call");
    assert_eq!(words::lots(Contracts(1_200), &put()), "1,200 TSLA 2024-06-14 $180.00 puts");
    assert_eq!((words::rights(Right::Call, Contracts(2)), words::sleeve(GEN)), ("calls", "Gen".to_owned()));
    let close = calendar().closes_at(day("2024-06-14"));
    assert_eq!(engine::state::trade_date(close), date("2024-06-14"));
}
