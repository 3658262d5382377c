//! The story, line by line.

use engine::event::{Body, Event, LockReason, Variant, World};
use ledger::SleeveId;
use market::instrument::Right;
use market::order::{Fill, OrderStatus, Trade};
use market::quote::Origin;
use market::value::{Contracts, Money, Shares};
use protocol::plan::{Plan, Purpose, Skip, Verdict};
use protocol::policy::WeekClass;
use protocol::policy::unit::Ppm;
use protocol::rule::Rule;
use protocol::week::Unclassified;

use super::sample::*;
use crate::story::lines;
use crate::{Book, Filter, story};

const TOLD: &str = "\
2024-06-10 portfolio 1 opens: history, policy all-use, by hand, premiums quoted
2024-06-10 structure 1 is founded: Gen, Rev, Com [A-1]
2024-06-10 $300,000.00 is paid in: Gen $120,000.00, Rev $90,000.00, Com $90,000.00 [A-2]
2024-06-10 2024-W24 is green: SPY bullish ($534.01, average $528.25, before $521.10), VIX 12.22 low (mean 14.50), \
support strong (4 of 5), at the close of 2024-06-07; confidence 0.42 [M-1 M-2 M-3 M-4 M-5]
2024-06-13 Gen plans puts: green week, sizing 100.00%, equity $120,000.00, free cash $114,000.00, committed $0.00, \
deployable $114,000.00 [A-3 M-6 M-7 E-5]
2024-06-13 Gen leaves NVDA at $129.61: ask less bid is $0.12, at most $0.0565 allowed ($129.00 put at $1.07 by $1.19) \
[E-2 E-1 E-4 E-6]
2024-06-13 Gen sells 5 TSLA 2024-06-14 $180.00 puts at $1.23 (delta 44.10), $611.60 after fees [E-2 E-1 E-4 E-6 E-5]
2024-06-14 Gen: 5 TSLA $180.00 puts end today with TSLA at $176.00 (−2.22%): prepare for assignment [X-6]
2024-06-14 Gen: 5 TSLA $180.00 puts assigned at close $176.00: 500 shares for $90,000.00 [X-8 C-1]
2024-06-14 Rev: $8.00 interest at 4.70% a year on 630,000 dollar-days [E-9]
2024-W24 Gen TSLA puts P-AWL: $176.00 against strike $180.00 (−2.22%), gain −$1,388.40 [W-2 C-3]
2024-W24 Gen closes P-AWL: $0.00 + $120,000.00 flows − $1,388.40 = $118,611.60 (−1.16%)
2024-W24 Rev closes W-IDL: $0.00 + $90,000.00 flows + $8.00 = $90,008.00 (0.01%)
2024-W24 Com closes W-IDL: $0.00 + $90,000.00 flows + $0.00 = $90,000.00 (0.00%)
2024-06-17 2024-W25 is green: SPY bullish ($534.01, average $528.25, before $521.10), VIX 12.22 low (mean 14.50), \
support strong (4 of 5), at the close of 2024-06-07; confidence 0.42 [M-1 M-2 M-3 M-4 M-5]
2024-06-17 Gen sells 5 TSLA 2024-06-21 $185.00 calls at $1.50 (delta 42.00), $746.59 after fees [E-8 E-2]
2024-06-21 Gen: 5 TSLA $185.00 calls end today with TSLA at $190.00 (2.70%): prepare to deliver the shares [X-6]
2024-06-21 Gen: 5 TSLA $185.00 calls assigned at close $190.00: 500 shares called away for $92,500.00, $2.65 fees, \
basis $177.27 [X-8 C-1]
2024-W25 Gen TSLA shares C-WAP: $185.00 against basis $177.27 (4.36%), gain $5,243.94 [W-6 C-3]
2024-W25 Gen closes C-WAP: $118,611.60 + $0.00 flows + $5,243.94 = $123,855.54 (4.42%)
2024-W25 Rev closes W-IDL: $90,008.00 + $0.00 flows + $0.00 = $90,008.00 (0.00%)
2024-W25 Com closes W-IDL: $90,000.00 + $0.00 flows + $0.00 = $90,000.00 (0.00%)";

#[test]
fn two_weeks_of_a_wheel_are_told() {
    let journal = journal();
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    let told = story(&book, &Filter::ALL);
    for (told, expected) in told.iter().zip(TOLD.lines()) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.len(), TOLD.lines().count());
}

#[test]
fn a_filter_keeps_what_is_asked_for_and_what_concerns_everybody() {
    let journal = journal();
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    let told = |filter: Filter| story(&book, &filter);
    let rev = told(Filter { sleeve: Some(REV), ..Filter::ALL });
    assert!(rev.iter().all(|l| !l.contains("Gen ") || l.contains("is paid in") || l.contains("is founded")));
    assert_eq!(rev.iter().filter(|l| l.contains(" Rev")).count(), 5, "founding, deposit, interest, two closes");
    let nvda = told(Filter { symbol: Some(symbol("NVDA")), ..Filter::ALL });
    assert!(nvda.iter().any(|l| l.contains("leaves NVDA")) && !nvda.iter().any(|l| l.contains("TSLA")));
    let friday = Some(date("2024-06-14"));
    let one = told(Filter { from: friday, to: friday, ..Filter::ALL });
    assert_eq!(one, TOLD.lines().skip(7).take(7).collect::<Vec<_>>());
}

/// The lines of one body, told as the last event of the sample, which holds every order that it may name.
fn told(body: Body) -> Vec<String> {
    let journal = journal();
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    let mut events = journal.events.clone();
    events.push(Event { at: events[events.len() - 1].at, body });
    let book = Book { events: &events, ..book };
    lines(&book, events.len() - 1).iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_wheel_did_not_meet_is_told_too() {
    let tsla = symbol("TSLA");
    let dividend = ledger::entry::Dividend {
        sleeve: REV,
        symbol: symbol("AAPL"),
        shares: Shares(300),
        per_share: "0.25".parse().unwrap(),
        amount: money("75"),
        settles: date("2024-07-15"),
    };
    let buy = Fill {
        order: order_id(2),
        units: 1,
        price: price("0.05"),
        fees: money("0.70"),
        sold: None,
        origin: Origin::Modelled,
    };
    let series = tsla_series();
    let deep = vec![(GEN, series)];
    let rows: Vec<(Body, &str)> = vec![
        (
            Body::SplitApplied { symbol: tsla, new_per_old: 3 },
            "2024-06-21 TSLA splits 3 for 1: shares and contracts × 3, strikes and prices ÷ 3 [C-1]",
        ),
        (
            Body::DividendAccrued(dividend),
            "2024-06-21 Rev: AAPL dividend of $0.25 on 300 shares: $75.00, paid 2024-07-15 [C-1]",
        ),
        (
            Body::WeekUnclassified { week: W25, why: Unclassified::NoVix(day("2024-06-14")) },
            "2024-06-21 2024-W25 is not judged: VIX has no value for 2024-06-14; nothing is entered [M-4]",
        ),
        (
            Body::WeekUnclassified {
                week: W25,
                why: Unclassified::WarmUp { vix_closes: 260, index_bars: 20, symbol_bars: 19 },
            },
            "2024-06-21 2024-W25 is not judged: warm-up, with 260 of 252 VIX closes, 20 of 25 index bars and 19 of 50 \
             bars of every symbol; nothing is entered [M-4]",
        ),
        (
            Body::OrderRefused {
                sleeve: GEN,
                order: order(9, put(), "1.23"),
                refusal: engine::risk::Refusal::Quantity { quantity: Contracts(60), most: Contracts(50) },
            },
            "2024-06-21 Gen: order o1.1.9 to sell 5 TSLA 2024-06-14 $180.00 puts at $1.23 is refused: 60 contracts in \
             one order; at most 50 [K-4]",
        ),
        (
            Body::Filled {
                sleeve: GEN,
                trade: Trade::buy_back(series, Contracts(1)),
                fill: buy,
                settles: date("2024-06-24"),
            },
            "2024-06-21 Gen buys back 1 TSLA 2024-06-28 $150.00 put at $0.05 (modelled), $5.70 with fees [E-8]",
        ),
        (
            Body::OrderEnded { order: order_id(2), status: OrderStatus::Cancelled },
            "2024-06-21 Gen: order o1.1.2 to sell 5 TSLA 2024-06-21 $185.00 calls is cancelled, 5 of 5 filled [E-7]",
        ),
        (
            Body::Expired { sleeve: GEN, series, contracts: Contracts(1), close: price("190") },
            "2024-06-21 Gen: 1 TSLA $150.00 put expires at close $190.00 [C-1]",
        ),
        (
            Body::DayEnded { day: day("2024-06-21"), days: 3, deep },
            "2024-06-21 Gen: TSLA 2024-06-28 $150.00 put closes more than 15.00% below its strike [W-5]",
        ),
        (
            locked(true, LockReason::Drawdown, 152_100),
            "2024-W25 Gen is locked for new puts: the drawdown is above its limit (drawdown 15.21%, limit 15.00%) \
             [K-1 K-2 G-1]",
        ),
        (
            locked(false, LockReason::Recovered, 70_000),
            "2024-W25 Gen is unlocked for new puts: ten quiet sessions and the drawdown below half its limit (drawdown \
             7.00%, limit 15.00%) [G-2]",
        ),
        (
            locked(false, LockReason::Empty, 160_000),
            "2024-W25 Gen is unlocked for new puts: ten quiet sessions and nothing left to hold; the mark restarts \
             (drawdown 16.00%, limit 15.00%) [G-2]",
        ),
        (
            locked(true, LockReason::Reset, 160_000),
            "2024-W25 Gen stays locked for new puts: it has lasted half a year; the mark restarts (drawdown 16.00%, \
             limit 15.00%) [G-3]",
        ),
        (
            Body::Compared(vec![Variant {
                name: "fills at mid".to_owned(),
                equity: money("310000"),
                twr: 33_333,
                drawdown: Ppm(20_000),
            }]),
            "2024-06-21 compared with \"fills at mid\": equity $310,000.00, return 3.33%, deepest fall 2.00% [L-6]",
        ),
    ];
    for (body, expected) in rows {
        assert_eq!(told(body), [expected]);
    }
}

fn tsla_series() -> market::instrument::Series {
    tsla(Right::Put, "2024-06-28", "150")
}

fn locked(locked: bool, why: LockReason, drawdown: i64) -> Body {
    Body::LockChanged { sleeve: GEN, locked, why, drawdown: Ppm(drawdown) }
}

#[test]
fn figures_that_only_serve_others_have_no_line() {
    for body in [
        Body::Settled { through: date("2024-06-21") },
        Body::Marked(first_marks()),
        Body::WeekEnded { week: W25 },
        approved(3, put(), "1.00", "90000"),
        Body::InterestCredited { sleeve: REV, rate: Ppm(0), dollar_days: 630_000, amount: Money::ZERO },
    ] {
        assert!(told(body.clone()).is_empty(), "{body:?}");
    }
}

#[test]
fn a_week_that_worsens_says_from_what() {
    let classification = protocol::week::Classification { class: WeekClass::Red, ..classification() };
    let body = Body::WeekClassified { week: W25, classification, replaces: Some(WeekClass::Green) };
    assert!(told(body)[0].starts_with("2024-06-21 2024-W25 turns from green to red: SPY bullish"));
}

#[test]
fn shares_left_without_a_call_are_named_so() {
    let mut candidate = left();
    candidate.verdict = Verdict::Leave(Skip::NothingAboveBasis { basis: price("131.50") });
    (candidate.seen, candidate.rules) = (None, vec![Rule::E8, Rule::E2]);
    let other = SleeveId::new(ledger::StructureId(4), ledger::SleeveKind::Compounding);
    let body = Body::Planned(Plan { purpose: Purpose::Cover, sleeve: other, candidates: vec![candidate], ..plan() });
    assert_eq!(
        told(body),
        ["2024-06-21 4.Com leaves NVDA uncovered at $129.61: no call at or above the basis $131.50 pays enough \
          [E-8 E-2]"]
    );
}

#[test]
fn simulated_and_modelled_are_said_at_the_opening() {
    let mut opened = opened(World::Simulated);
    opened.premium_model = "level 0.85".to_owned();
    assert_eq!(
        told(Body::Opened(opened)),
        ["2024-06-21 portfolio 1 opens: SIMULATED, policy all-use, by hand, premiums modelled: level 0.85"]
    );
}
