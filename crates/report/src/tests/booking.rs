//! The daybook and our own statement, on the wheel, the tree, and a split.

use engine::event::Body;
use ledger::StructureId;
use ledger::account::{Account, Instrument, Role};
use market::instrument::{Right, Series};
use market::value::{Contracts, Money};

use super::forest::forest;
use super::sample::*;
use crate::book::Book;
use crate::consolidated::{Span, consolidated};
use crate::daybook::{Daybook, Extent, Item, Line, Stake, Transaction, daybook};
use crate::error::ReportError;
use crate::statement::{Kind, own};

/// Account, dollars, and units and number of the lot.
type Row = (String, String, Option<(i64, u64)>);

fn kept(journal: &Journal, extent: Extent) -> Daybook {
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    daybook(&book, extent).unwrap()
}

fn of<'a>(daybook: &'a Daybook, text: &str) -> &'a Transaction {
    let mut found = daybook.transactions().filter(|t| t.text.contains(text));
    found.next().unwrap_or_else(|| panic!("no transaction says {text:?}"))
}

fn lines(transaction: &Transaction) -> Vec<Row> {
    let lot = |line: &Line| line.lot.map(|lot| (lot.change().units, lot.lot.0));
    let money = |line: &Line| crate::words::money(line.money).replace('−', "-");
    transaction.lines.iter().map(|line| (line.account.to_string(), money(line), lot(line))).collect()
}

fn row(account: &str, money: &str, lot: Option<(i64, u64)>) -> Row {
    (account.to_owned(), money.to_owned(), lot)
}

#[test]
fn a_puts_life_is_booked_lot_by_lot() {
    let daybook = kept(&journal(), Extent::default());
    let (put, call) = (put(), call());
    let sold = of(&daybook, "1.Gen writes 5 TSLA");
    assert_eq!(
        lines(sold),
        [
            row(&format!("1.Gen:written options:{put}"), "-$615.00", Some((-5, 1))),
            row("1.Gen:receivable", "$611.60", None),
            row("1.Gen:fees", "$3.40", None),
        ]
    );
    assert_eq!(sold.order(), Some(order_id(1)));
    let taken = of(&daybook, "are assigned: it takes 500 TSLA shares");
    assert_eq!(
        lines(taken),
        [
            row(&format!("1.Gen:written options:{put}"), "$615.00", Some((5, 1))),
            row("1.Gen:shares:TSLA", "$89,385.00", Some((500, 2))),
            row("1.Gen:payable", "-$90,000.00", None),
        ]
    );
    let delivered = of(&daybook, "are assigned: it delivers 500 TSLA shares");
    assert_eq!(
        lines(delivered),
        [
            row(&format!("1.Gen:written options:{call}"), "$750.00", Some((5, 3))),
            row("1.Gen:shares:TSLA", "-$89,385.00", Some((-500, 2))),
            row("1.Gen:share gains", "-$3,865.00", None),
            row("1.Gen:receivable", "$92,497.35", None),
            row("1.Gen:fees", "$2.65", None),
        ]
    );
    assert!(daybook.transactions().all(|t| t.lines.iter().map(|l| l.money).sum::<Money>() == Money::ZERO));
}

#[test]
fn balances_stand_at_each_weekly_close_and_at_the_end() {
    let daybook = kept(&journal(), Extent::default());
    let balances: Vec<(String, bool)> = daybook
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Balances(b) => Some((b.day.to_string(), b.all)),
            _ => None,
        })
        .collect();
    assert_eq!(balances, [("2024-06-14".to_owned(), false), ("2024-06-21".to_owned(), true)]);
    let closing = daybook.closing().unwrap();
    let cash = closing.accounts.iter().find(|b| b.account == Account::Sleeve(GEN, Role::Cash)).unwrap();
    // 120,000 + 611.60 − 90,000 + 746.59; the shares that were called away have not been paid for.
    assert_eq!(cash.stake, Stake { units: 0, cost: money("31358.19") });
}

#[test]
fn what_came_before_is_brought_forward() {
    let whole = kept(&journal(), Extent::default());
    let later = kept(&journal(), Extent { from: Some(date("2024-06-17")), ..Extent::default() });
    let forward = later.transactions().next().unwrap();
    assert_eq!((forward.number, forward.day), (None, date("2024-06-16")));
    assert_eq!(forward.lines.iter().map(|l| l.money).sum::<Money>(), Money::ZERO);
    let shares = forward.lines.iter().find_map(|l| l.lot.filter(|lot| lot.instrument.symbol() == put().underlying));
    let shares = shares.unwrap();
    assert_eq!((shares.after.units, shares.after.cost, shares.since), (500, money("89385"), date("2024-06-14")));
    assert_eq!(later.closing(), whole.closing());
    let early = kept(&journal(), Extent { to: Some(date("2024-06-14")), ..Extent::default() });
    assert_eq!(early.closing().unwrap().day, date("2024-06-14"));
}

#[test]
fn a_split_ends_every_lot_and_opens_it_again() {
    let mut j = journal();
    let at =
        j.events.iter().position(|e| matches!(&e.body, Body::Filled { trade, .. } if trade.writes() == Some(call())));
    j.events.truncate(at.unwrap() + 1);
    j.on("2024-06-18").settled().say(Body::SplitApplied { symbol: symbol("TSLA"), new_per_old: 3 });
    let daybook = kept(&j, Extent::default());
    let after = Series { strike: price("61.67"), ..call() };
    assert_eq!(
        lines(of(&daybook, "TSLA splits 3 for 1")),
        [
            row("1.Gen:shares:TSLA", "$0.00", Some((1_000, 2))),
            row(&format!("1.Gen:written options:{}", call()), "$750.00", Some((5, 3))),
            row(&format!("1.Gen:written options:{after}"), "-$750.00", Some((-15, 3))),
        ]
    );
    let statement = own(&daybook, Some(date("2024-06-18"))).unwrap();
    let told: Vec<(Kind, Option<Instrument>, i64)> =
        statement.activities.iter().map(|a| (a.kind, a.instrument, a.quantity)).collect();
    let option = |series| Some(Instrument::Option(series));
    assert_eq!(
        told,
        [
            (Kind::Split, Some(Instrument::Shares(symbol("TSLA"))), 1_000),
            (Kind::Transfer, option(after), -15),
            (Kind::Transfer, option(call()), 5),
        ]
    );
}

#[test]
fn our_statement_says_what_a_broker_would() {
    let statement = own(&kept(&journal(), Extent::default()), None).unwrap();
    let told: Vec<String> = statement
        .activities
        .iter()
        .map(|a| {
            let held = a.instrument.map_or(String::new(), |i| format!(" {i}"));
            format!("{} {} {}{held} {}", a.date, a.kind.word(), a.quantity, crate::words::money(a.amount))
        })
        .collect();
    assert_eq!(
        told,
        [
            "2024-06-10 deposit 0 $300,000.00",
            "2024-06-13 sell to open -5 TSLA 2024-06-14 $180.00 put $611.60",
            "2024-06-14 assigned 5 TSLA 2024-06-14 $180.00 put $0.00",
            "2024-06-14 buy 500 TSLA −$90,000.00",
            "2024-06-14 interest 0 $8.00",
            "2024-06-17 sell to open -5 TSLA 2024-06-21 $185.00 call $746.59",
            "2024-06-21 assigned 5 TSLA 2024-06-21 $185.00 call $0.00",
            "2024-06-21 sell -500 TSLA $92,497.35",
        ]
    );
    assert_eq!(statement.cash, Some(money("303863.54")));
    assert_eq!(statement.positions, Some(Vec::new()));
    assert_eq!((statement.account.as_str(), statement.to), ("P1", Some(date("2024-06-21"))));
}

#[test]
fn the_structures_sum_to_the_whole() {
    let journal = forest();
    let whole = kept(&journal, Extent::default());
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    let parts: Vec<Daybook> = book
        .state
        .ledger
        .structures()
        .map(|s| kept(&journal, Extent { structure: Some(s.id), ..Extent::default() }))
        .collect();
    let count = |d: &Daybook| d.transactions().map(|t| t.lines.len()).sum::<usize>();
    assert_eq!(parts.iter().map(count).sum::<usize>(), count(&whole));
    let statements = parts.iter().map(|part| own(part, None).unwrap());
    let cash: Money = statements.map(|s| s.cash.unwrap()).sum();
    assert_eq!(Some(cash), own(&whole, None).unwrap().cash);
    let refused = daybook(&book, Extent { structure: Some(StructureId(9)), ..Extent::default() }).unwrap_err();
    assert!(matches!(refused, ReportError::NoSuchStructure { .. }), "{refused}");
}

#[test]
fn a_lot_leaves_evenly_or_not() {
    let change = |units: i64, cost: &str, left: i64, rest: &str| crate::daybook::LotChange {
        instrument: Instrument::Option(Series { right: Right::Put, ..put() }),
        lot: ledger::LotId(1),
        since: date("2024-06-14"),
        before: Stake { units, cost: money(cost) },
        after: Stake { units: left, cost: money(rest) },
    };
    for (lot, plain, even) in [
        (change(3, "9.00", 2, "6.00"), true, true),
        (change(3, "10.00", 2, "6.67"), true, false),
        (change(-5, "-615", -2, "-246"), true, true),
        (change(5, "615", 15, "615"), false, false),
        (change(0, "0", 5, "615"), true, true),
        (change(5, "615", 0, "0"), true, true),
    ] {
        assert_eq!((lot.is_plain(), lot.is_even()), (plain, even), "{lot:?}");
    }
    assert_eq!(Contracts(1).shares().0, 100);
}

#[test]
fn every_line_of_the_structures_sums_to_the_whole() {
    for journal in [journal(), forest()] {
        let book = Book::fold(&journal.events, &calendar()).unwrap();
        let statement = consolidated(&book, &Span::Whole).unwrap();
        assert_eq!(statement.differ, []);
        assert_eq!(statement.sum.end, statement.whole.end);
        assert!(statement.whole.holds() && statement.structures.iter().all(|a| a.total.holds()), "{statement:?}");
        for month in ["2024-06", "2024-07"] {
            let month = consolidated(&book, &Span::Month(month.to_owned()));
            assert!(month.is_none_or(|m| m.differ.is_empty()));
        }
    }
    assert_eq!(
        consolidated(&Book::fold(&journal().events, &calendar()).unwrap(), &Span::Year("1999".to_owned())),
        None
    );
}
