//! The second route: what it counts, and that it finds what was spoiled.

use engine::event::{Body, Event, SleeveWeek};
use market::order::{Order, OrderStatus, Trade};
use market::value::{Contracts, Money};

use super::forest::forest;
use super::sample::*;
use crate::check::{self, CheckError, check};

#[test]
fn the_wheel_holds() {
    let journal = journal();
    let audit = check(&journal.events, &calendar()).unwrap();
    assert_eq!((audit.events, audit.weeks), (journal.events.len() as u64, 2));
    let times = |text: &str| audit.held.iter().find(|h| h.invariant.contains(text)).unwrap().times;
    assert_eq!((times("start + flows"), times("second route"), times("fees, dividends")), (6, 6, 18));
    assert_eq!((times("secures every put"), times("order ids rise"), times("sessions follow")), (1, 2, 9));
}

#[test]
fn the_tree_holds_and_every_invariant_was_asked() {
    let journal = forest();
    let audit = check(&journal.events, &calendar()).unwrap();
    assert_eq!((audit.events, audit.weeks), (journal.events.len() as u64, 6));
    for held in &audit.held {
        assert!(held.times > 0, "{} was never checked", held.invariant);
    }
    let moves = audit.held.iter().find(|h| h.invariant.contains("fork or a merge")).unwrap();
    assert_eq!(moves.times, 4, "one fork, two sleeves that merge, one structure that is gone");
}

#[test]
fn a_cent_that_a_fork_or_a_merge_loses_is_found() {
    let spoiled = |spoil: &dyn Fn(&mut Body)| {
        let mut events = forest().events;
        events.iter_mut().for_each(|event| spoil(&mut event.body));
        check::second_route(&events, &calendar()).expect_err("a spoiled journal").to_string()
    };
    let fork = spoiled(&|body| {
        if let Body::Forked { division, .. } = body {
            division.compounding += cent();
        }
    });
    assert!(fork.contains("structure 2 gets $1,349.45, $1,349.44 leaves 1.Gen (what a fork"), "{fork}");
    let merge = spoiled(&|body| {
        if let Body::Merged { values, .. } = body {
            values[0].1 += cent();
        }
    });
    assert!(merge.contains("2.Gen merges with $674.73"), "{merge}");
    let reserve = spoiled(&|body| {
        if let Body::ReserveClosed { week, .. } = body {
            week.interest += cent();
            week.end += cent();
        }
    });
    assert!(reserve.contains("the tax reserve of structure 1 ends with $1,156.67"), "{reserve}");
}

/// The sample with one thing spoiled, seen by the second route alone: the engine's own fold would refuse most of these
/// before it.
fn spoiled(spoil: impl Fn(&mut Vec<Event>)) -> String {
    let mut events = journal().events;
    spoil(&mut events);
    check::second_route(&events, &calendar()).expect_err("a spoiled journal").to_string()
}

fn find(events: &mut [Event], of: impl Fn(&Body) -> bool) -> &mut Body {
    &mut events.iter_mut().find(|e| of(&e.body)).unwrap().body
}

fn gen_week(events: &mut [Event]) -> &mut SleeveWeek {
    let body = find(events, |b| matches!(b, Body::SleeveClosed(w) if w.sleeve == GEN && w.week == W25));
    if let Body::SleeveClosed(week) = body { week } else { unreachable!() }
}

fn cent() -> Money {
    Money::cents(1)
}

#[test]
fn what_was_spoiled_is_found_with_its_figures() {
    type Spoil = Box<dyn Fn(&mut Vec<Event>)>;
    let rows: Vec<(&str, Spoil)> = vec![
        (
            "week 2024-W25, 1.Gen: $118,611.60 + $0.00 + $5,243.94 is not $123,855.55 (start + flows + gains = end",
            Box::new(|e| gen_week(e).end += cent()),
        ),
        (
            "week 2024-W25, 1.Gen: start is written as $118,611.61, counted by hand $118,611.60 (a week starts",
            Box::new(|e| {
                gen_week(e).start += cent();
                gen_week(e).end += cent();
            }),
        ),
        (
            "week 2024-W25, 1.Gen: flows is written as $0.01, counted by hand $0.00 (flows are",
            Box::new(|e| {
                gen_week(e).flows += cent();
                gen_week(e).end += cent();
            }),
        ),
        (
            "week 2024-W25, 1.Gen: end is written as $123,855.55, counted by hand $123,855.54 (equity is cash",
            Box::new(|e| {
                gen_week(e).gains.unrealised += cent();
                gen_week(e).end += cent();
            }),
        ),
        (
            "week 2024-W25, 1.Gen: fees is written as −$6.05, counted by hand −$6.06 (fees, dividends",
            Box::new(|e| {
                gen_week(e).gains.fees += cent();
                gen_week(e).gains.premium += -cent();
            }),
        ),
        (
            "week 2024-W25, 1.Gen: interest is written as $0.01, counted by hand $0.00 (fees, dividends",
            Box::new(|e| {
                gen_week(e).gains.interest += cent();
                gen_week(e).gains.premium += -cent();
            }),
        ),
        (
            "1.Gen sold TSLA 2024-06-14 $180.00 put with $6,000.00 of cash missing (cash secures",
            Box::new(|e| {
                let deposit = find(e, |b| matches!(b, Body::Deposited { .. }));
                *deposit = Body::Deposited { structure: ledger::StructureId(1), parts: ["84000"; 3].map(money) };
            }),
        ),
        (
            "1.Gen promises 1000 shares of TSLA and holds 500 (shares cover",
            Box::new(|e| {
                let fill = find(e, |b| matches!(b, Body::Filled { trade, .. } if trade.writes() == Some(call())));
                if let Body::Filled { fill, trade, .. } = fill {
                    (fill.units, *trade) = (10, trade.of(10));
                }
                let order =
                    find(e, |b| matches!(b, Body::OrderApproved { order, .. } if order.trade.writes() == Some(call())));
                if let Body::OrderApproved { order, .. } = order {
                    order.trade = order.trade.of(10);
                }
            }),
        ),
        (
            "1.Gen: 6 TSLA 2024-06-14 $180.00 put end, 5 were open (no more options end",
            Box::new(|e| {
                if let Body::Assigned { contracts, .. } = find(e, |b| matches!(b, Body::Assigned { .. })) {
                    *contracts = Contracts(6);
                }
            }),
        ),
        (
            "1.Gen: 5 TSLA 2024-06-14 $180.00 put are still open after 2024-06-14 (no more options end",
            Box::new(|e| e.retain(|e| !matches!(&e.body, Body::Assigned { series, .. } if *series == put()))),
        ),
        (
            "order o1.1.1 comes after o1.1.1 (order ids rise",
            Box::new(|e| {
                let order =
                    find(e, |b| matches!(b, Body::OrderApproved { order, .. } if order.trade.writes() == Some(call())));
                if let Body::OrderApproved { order, .. } = order {
                    order.id = order_id(1);
                }
            }),
        ),
        (
            "5 TSLA 2024-06-14 $180.00 puts: a fill of order o1.1.1, which is not under way (every fill",
            Box::new(|e| {
                e.retain(
                    |e| !matches!(&e.body, Body::OrderApproved { order, .. } if order.trade.writes() == Some(put())),
                )
            }),
        ),
        (
            "1.Gen fills 5 TSLA 2024-06-14 $180.00 puts at $1.22 for order o1.1.1: 5 TSLA",
            Box::new(|e| {
                if let Body::Filled { fill, .. } = find(e, |b| matches!(b, Body::Filled { .. })) {
                    fill.price = price("1.22");
                }
            }),
        ),
        (
            "order o1.1.2 ends, which is not under way (every fill",
            Box::new(|e| {
                let ended = Body::OrderEnded { order: order_id(2), status: OrderStatus::Cancelled };
                let at = e[e.len() - 1].at;
                e.push(Event { at, body: ended });
            }),
        ),
        (
            "session 2024-06-13 follows 2024-06-11; expected 2024-06-12 (sessions follow",
            Box::new(|e| {
                e.retain(|e| !matches!(&e.body, Body::DayEnded { day, .. } if day.date() == date("2024-06-12")))
            }),
        ),
        (
            "week 2024-W26 follows 2024-W24 (weeks follow",
            Box::new(|e| {
                *find(e, |b| matches!(b, Body::WeekEnded { week } if *week == W25)) =
                    Body::WeekEnded { week: W25.after() };
            }),
        ),
        (
            "week 2024-W25 ends with the closes of 1.Gen, 1.Rev; expected 1.Gen, 1.Rev, 1.Com (weeks follow",
            Box::new(|e| {
                e.retain(|e| !matches!(&e.body, Body::SleeveClosed(w) if w.sleeve == COM && w.week == W25));
            }),
        ),
        (
            "week 2024-W25, 1.Gen: a position has no mark (equity is cash",
            Box::new(|e| {
                e.retain(|e| !matches!(&e.body, Body::Assigned { series, .. } if *series == call()));
                for event in e.iter_mut() {
                    let mut later = call();
                    later.expiration.0 = date("2024-06-28");
                    if let Body::Filled { trade, .. } | Body::OrderApproved { order: Order { trade, .. }, .. } =
                        &mut event.body
                        && trade.writes() == Some(call())
                    {
                        *trade = Trade::write(later, Contracts(trade.units()));
                    }
                }
            }),
        ),
        (
            "comes after 2024-06-21T20:00:00Z (time never",
            Box::new(|e| {
                let (first, last) = (e[0].at, e.len() - 1);
                let late = e[last].body.clone();
                e.push(Event { at: first, body: late });
            }),
        ),
    ];
    for (expected, spoil) in rows {
        let found = spoiled(spoil);
        assert!(found.contains(expected), "expected {expected:?}\n   found {found:?}");
    }
}

#[test]
fn cash_below_nothing_is_found() {
    let found = spoiled(|e| {
        let assigned = find(e, |b| matches!(b, Body::Assigned { .. }));
        if let Body::Assigned { fees, .. } = assigned {
            *fees = money("40000");
        }
        for event in e.iter_mut() {
            if let Body::SleeveClosed(week) = &mut event.body
                && week.sleeve == GEN
            {
                let lost = money("40000");
                let first = week.week == W24;
                week.gains.fees += if first { -lost } else { Money::ZERO };
                week.start += if first { Money::ZERO } else { -lost };
                week.end += -lost;
            }
        }
    });
    assert!(found.contains("1.Gen has −$9,388.40 settled on 2024-06-17 (settled cash is never negative)"), "{found}");
}

#[test]
fn the_engines_own_fold_is_driven_too() {
    let mut events = journal().events;
    let deposit = find(&mut events, |b| matches!(b, Body::Deposited { .. }));
    *deposit = Body::Deposited { structure: ledger::StructureId(7), parts: ["1"; 3].map(money) };
    assert!(matches!(check(&events, &calendar()), Err(CheckError::Impossible(_))));
    assert!(matches!(check(&[], &calendar()), Err(CheckError::Report(crate::ReportError::NotOpened))));
}
