//! Explanations: golden sentences, an answer for every kind of event, and refusals that help.

use engine::event::{Body, Event, LockReason, Variant};
use ledger::entry::Dividend;
use ledger::id::SleeveKinds;
use ledger::{SleeveKind, StructureId};
use market::order::OrderStatus;
use market::value::{Contracts, Money, Shares};
use protocol::policy::unit::Ppm;
use protocol::week::Unclassified;

use super::sample::*;
use crate::{Book, Explanation, explain};

fn asked(events: &[Event], id: &str) -> Explanation {
    explain(&Book::fold(events, &calendar()).unwrap(), id).unwrap()
}

fn sentences(id: &str) -> Vec<String> {
    asked(&journal().events, id).sentences.iter().map(ToString::to_string).collect()
}

#[test]
fn an_order_from_its_plan_to_the_shares_called_away() {
    let expected = [
        "2024-06-13 Gen plans puts: green week, sizing 100.00%, equity $120,000.00, free cash $114,000.00, committed \
         $0.00, deployable $114,000.00 [A-3 M-6 M-7 E-5]",
        "2024-06-13 Gen wants to sell 5 TSLA 2024-06-14 $180.00 puts at $1.23 or more, with TSLA at $182.47 \
         [E-2 E-1 E-4 E-6 E-5]",
        "2024-06-13 TSLA 2024-06-14 $180.00 put: bid $1.23, ask $1.27, delta 44.10, quoted; the bid is 0.68% of \
         $180.00 for 1 day [E-9]",
        "2024-06-13 of the strikes in the band 40.00 to 50.00 it is nearest the middle [E-1 M-6 E-4]",
        "2024-06-13 5 contracts bind $90,000.00; $114,000.00 may be deployed, at most $60,000.00 in one \
         underlying [E-5]",
        "2024-06-13 not testable for TSLA, so neither passed nor refused: open interest, volume [E-6]",
        "2024-06-13 Gen: order o1.1.1 to sell 5 TSLA 2024-06-14 $180.00 puts at $1.23 or better passes the risk gate; \
         $90,000.00 of cash is reserved for it; TSLA stands at $182.47, its average true range is $6.10, the option's \
         delta 44.10 [E-5 K-4]",
        "2024-06-13 Gen sells 5 TSLA 2024-06-14 $180.00 puts at $1.23 (delta 44.10), $611.60 after fees \
         [E-2 E-1 E-4 E-6 E-5]",
        "2024-06-13 order o1.1.1 is filled: 5 at $1.23, fees $3.40, settles 2024-06-14, quoted [E-9 A-7]",
        "2024-06-14 Gen: 5 TSLA $180.00 puts end today with TSLA at $176.00 (−2.22%): prepare for assignment [X-6]",
        "2024-06-14 sold on 2024-06-13 with TSLA at $182.47, its average true range at $6.10; it fell by $6.47 to \
         $176.00 [X-1]",
        "2024-06-14 TSLA at $176.00 lies −2.22% from the strike $180.00 (above 1% it is left to expire, below −5% \
         rolled where a roll is allowed, below −15% capital is preserved) [X-6]",
        "2024-06-14 asked in this order: X-6; X-6 answers",
        "2024-06-14 Gen: 5 TSLA $180.00 puts assigned at close $176.00: 500 shares for $90,000.00 [X-8 C-1]",
        "2024-06-14 the shares of it settle 2024-06-17 [A-7]",
        "2024-06-21 Gen: 5 TSLA $185.00 calls assigned at close $190.00: 500 shares called away for $92,500.00, $2.65 \
         fees, basis $177.27 [X-8 C-1]",
    ];
    assert_eq!(sentences("o1.1.1"), expected);
}

#[test]
fn a_week_sleeve_by_sleeve_each_close_last() {
    let told = sentences("2024-W24");
    assert_eq!(told[0], "2024-W24 the week has 5 sessions, 2024-06-10 to 2024-06-14");
    let at = |text: &str| told.iter().position(|s| s.contains(text)).unwrap_or_else(|| panic!("{text}: {told:#?}"));
    let order = [
        "is green",
        "Gen plans puts",
        "leaves NVDA",
        "Gen sells 5 TSLA",
        "assigned at close",
        "Gen in TSLA: sold 5 puts for $611.60 after fees; 500 shares taken for $90,000.00; gain of the week −$1,388.40",
        "Gen closes P-AWL",
        "Rev: $8.00 interest",
        "Rev closes W-IDL",
        "Com closes W-IDL",
    ]
    .map(at);
    assert!(order.is_sorted(), "{told:#?}");
    let split = sentences("2024-W25");
    assert!(split[1].contains("NVDA split 10 for 1 since the close before"), "{}", split[1]);
}

#[test]
fn a_sleeves_and_a_symbols_week() {
    let rev = sentences("1.Rev/2024-W24");
    assert!(rev.iter().all(|s| !s.contains("TSLA")) && rev.iter().any(|s| s.contains("Rev closes W-IDL")));
    assert_eq!(sentences("Rev/2024-W24"), rev, "the root's sleeves need no number");
    let nvda = sentences("NVDA/2024-W24");
    assert!(nvda.iter().any(|s| s.contains("leaves NVDA")) && nvda.iter().any(|s| s.contains("NVDA $130.00")));
    assert!(nvda.iter().all(|s| !s.contains("TSLA")), "{nvda:#?}");
    let tsla = sentences("TSLA/2024-W25").join("\n");
    assert!(tsla.contains("of the strikes in the band 40.00 to 50.00 that is not below the basis it is nearest"));
    assert!(tsla.contains("500 shares are reserved for it"), "{tsla}");
}

#[test]
fn a_day_and_an_event() {
    let day = sentences("2024-06-14");
    assert!(day[0].contains("what was due by 2024-06-14 is settled"), "{day:#?}");
    assert!(day.iter().any(|s| s.contains("one-month Treasury yield 5.20%")));
    assert!(day.iter().any(|s| s.contains("idle $24,069.42; drawdown 1.16%")));
    assert_eq!(sentences("#3").len(), 1);
    assert!(sentences("#3")[0].contains("is paid in"));
}

#[test]
fn what_a_split_makes_of_shares_and_options() {
    let mut events = journal().events;
    let at =
        events.iter().position(|e| matches!(&e.body, Body::DayEnded { day, .. } if day.date() == date("2024-06-17")));
    events.truncate(at.unwrap() + 1);
    let at = calendar().opens_at(day("2024-06-18"));
    events.push(Event { at, body: Body::SplitApplied { symbol: symbol("TSLA"), new_per_old: 2 } });
    let told: Vec<String> =
        asked(&events, &format!("#{}", events.len())).sentences.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "2024-06-18 TSLA splits 2 for 1: shares and contracts × 2, strikes and prices ÷ 2 [C-1]",
            "2024-06-18 Gen's 500 shares of TSLA become 1,000 [C-1]",
            "2024-06-18 Gen's 5 TSLA 2024-06-21 $185.00 calls become 10 TSLA 2024-06-21 $92.50 calls [C-1]",
        ]
    );
    let expired = tsla(market::instrument::Right::Call, "2024-06-21", "92.50");
    let at = calendar().closes_at(day("2024-06-21"));
    let body = Body::Expired { sleeve: GEN, series: expired, contracts: Contracts(10), close: price("91") };
    events.push(Event { at, body });
    let order = asked(&events, "o1.1.2").sentences;
    assert!(order[order.len() - 1].text.contains("10 TSLA $92.50 calls expire at close $91.00"), "{order:#?}");
    events.remove(events.len() - 2);
    let told = asked(&journal().events, "o1.1.2").sentences;
    assert!(told[told.len() - 2].text.contains("called away"), "{told:#?}");
}

#[test]
fn what_is_unknown_is_refused_with_the_nearest() {
    let events = journal().events;
    let book = Book::fold(&events, &calendar()).unwrap();
    for (id, nearest) in [
        ("2024-W26", "; the nearest week is 2024-W25"),
        ("2019-W01", "; the nearest week is 2024-W24"),
        ("2024-06-15", "; the nearest day is 2024-06-14"),
        ("2030-01-02", "; the nearest week is 2024-W25"),
        ("o1.1.42", "; the nearest order is o1.1.2"),
        ("#0", &format!("; its events are #1 to #{}", events.len())),
        ("#999", &format!("; its events are #1 to #{}", events.len())),
        ("2.Gen/2024-W24", "; its sleeves are 1.Gen, 1.Rev, 1.Com"),
        ("IBM/2024-W24", "; its symbols are AAPL, AMZN, MSFT, NVDA, TSLA"),
        ("TSLA/2024-W40", "; the nearest week is 2024-W25"),
        ("tsla", ")"),
        ("TSLA/soon", ")"),
        ("o1.1", ")"),
        ("2024-W99", ")"),
        ("", ")"),
    ] {
        let refused = explain(&book, id).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("nothing in the journal is called {id:?}; expected a week (2020-W12)")));
        assert!(refused.ends_with(nearest), "{id}: {refused}");
    }
}

/// One event of each kind that the sample lacks, and all that it has: each must be explained.
#[test]
fn every_kind_of_event_has_a_sentence() {
    let mut journal = journal();
    let dividend = Dividend {
        sleeve: REV,
        symbol: symbol("AAPL"),
        shares: Shares(300),
        per_share: price("0.25"),
        amount: money("75"),
        settles: date("2024-07-15"),
    };
    let mut marks = first_marks();
    marks.options.push(option_mark());
    let folded = journal.events.len();
    let variant = Variant { name: "x".into(), equity: Money::ZERO, twr: 0, drawdown: Ppm(0) };
    journal.say(Body::Founded {
        structure: StructureId(2),
        parent: Some(StructureId(1)),
        sleeves: SleeveKinds::FORKED,
    });
    journal.say(Body::DividendAccrued(dividend));
    journal.say(Body::WeekUnclassified { week: W25, why: Unclassified::NoVix(day("2024-06-14")) });
    journal.say(Body::OrderRefused {
        sleeve: GEN,
        order: order(9, put(), "1.23"),
        refusal: engine::risk::Refusal::Locked,
    });
    journal.say(Body::OrderEnded { order: order_id(2), status: OrderStatus::Rejected });
    journal.say(Body::Expired { sleeve: GEN, series: put(), contracts: Contracts(1), close: price("190") });
    journal.say(Body::InterestCredited { sleeve: REV, rate: Ppm(0), dollar_days: 1, amount: Money::ZERO });
    journal.say(Body::LockChanged { sleeve: GEN, locked: true, why: LockReason::Drawdown, drawdown: Ppm(160_000) });
    journal.say(Body::Marked(marks)).say(Body::Compared(vec![variant]));
    let book = Book::fold(&journal.events[..folded], &calendar()).unwrap();
    let book = Book { events: &journal.events, ..book };
    for (place, event) in journal.events.iter().enumerate() {
        let told = explain(&book, &format!("#{}", place + 1)).unwrap().sentences;
        assert!(!told.is_empty(), "{:?}", event.body);
        assert!(told.iter().all(|s| !s.text.is_empty() && !s.text.ends_with('.') && s.event as usize == place + 1));
    }
    let modelled = explain(&book, &format!("#{}", journal.events.len() - 1)).unwrap();
    assert!(modelled.sentences[0].text.contains("at $1.55 in the middle (modelled)"));
    let founded = explain(&book, &format!("#{}", folded + 1)).unwrap();
    assert_eq!(founded.sentences[0].text, "structure 2 is founded under structure 1: Gen, Com");
    assert_eq!(SleeveKind::ALL.len(), 3);
}
