//! Weekly, monthly and annual statements, and the tree, against figures worked out by hand.

use engine::event::{Body, World};
use market::time::Week;
use market::value::Shares;

use super::sample::*;
use crate::book::Uncovered;
use crate::weekly::{Identity, Weekly};
use crate::{Book, ReportError, annual, monthly, tree, weekly, whole};

fn week(week: Option<Week>) -> Weekly {
    let journal = journal();
    weekly(&Book::fold(&journal.events, &calendar()).unwrap(), week).unwrap()
}

#[test]
fn the_first_week() {
    let report = week(Some(W24));
    assert_eq!(
        (report.week.as_str(), report.day.as_str(), report.world.as_str()),
        ("2024-W24", "2024-06-14", "history")
    );
    assert_eq!(report.market.class.as_deref(), Some("green"));
    let evidence = report.market.evidence.unwrap();
    assert_eq!((evidence.trend.as_str(), evidence.vix, evidence.above), ("bullish", 12.22, 4));
    let first = &report.sleeves[0];
    assert_eq!((first.sleeve.as_str(), first.kind.as_str()), ("1.Gen", "P-AWL"));
    assert_eq!(first.identity.end.to_string(), "$118,611.60");
    assert_eq!(first.identity.earned.unwrap().to_string(), "−1.16%");
    assert_eq!((first.target.to_string(), first.premium_taken.to_string()), ("1.50%".into(), "$615.00".into()));
    // The mean of 1.23 / 180 and 1.07 / 129.
    assert!((first.on_offer.unwrap().0 - 0.007_563_96).abs() < 1e-8);
    assert_eq!((first.drawdown.to_string(), first.locked), ("1.16%".into(), false));
    let balances = &first.balances;
    assert_eq!(
        [balances.settled, balances.receivable, balances.payable, balances.shares].map(|a| a.to_string()),
        ["$120,611.60", "$0.00", "$90,000.00", "$88,000.00"]
    );
    assert_eq!(
        (balances.holdings[0].uncovered, balances.holdings[0].basis.unwrap().to_string()),
        (500, "$178.77".into())
    );
    assert_eq!((report.total.end.to_string(), report.total.holds()), ("$298,619.60".into(), true));
    assert!(report.sleeves.iter().all(|s| s.identity.holds()));
    let trades: Vec<String> = report.trades.iter().map(|t| format!("{} {} {}", t.what, t.series, t.cash)).collect();
    assert_eq!(
        trades,
        ["sold TSLA 2024-06-14 $180.00 put $611.60", "assigned TSLA 2024-06-14 $180.00 put −$90,000.00"]
    );
    assert_eq!(report.trades[0].rules, ["E-2", "E-1", "E-4", "E-6", "E-5"]);
    assert_eq!(report.left.len(), 1);
    assert_eq!(report.positions[0].reference_range.0.to_string(), "1.80%");
    assert_eq!(
        report.next,
        [
            "2024-W25 has 4 sessions, 2024-06-17 to 2024-06-21; it is judged on 2024-06-17 (M-4)",
            "Gen: 500 shares of TSLA without a call; calls at the next session (E-8)",
        ]
    );
    assert!(report.notes[0].contains("hindsight"));
}

#[test]
fn the_last_week_is_the_one_that_is_not_named() {
    let report = week(None);
    assert_eq!(report.week, "2024-W25");
    let what: Vec<&str> = report.trades.iter().map(|t| t.what.as_str()).collect();
    assert_eq!(what, ["sold", "called away"]);
    assert_eq!(report.trades[1].cash.to_string(), "$92,497.35");
    assert_eq!(report.sleeves[0].on_offer.unwrap().to_string(), "0.80%", "1.50 / 187.44");
    assert_eq!(report.sleeves[1].on_offer, None);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["sleeves"][0]["identity"]["gains"], "5243.94");
}

#[test]
fn a_week_that_never_closed_is_refused_with_those_that_did() {
    let journal = journal();
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    let week = Week { year: 2020, number: 12 };
    let refused = weekly(&book, Some(week)).unwrap_err();
    assert_eq!(refused.to_string(), "the journal holds no close of week 2020-W12; it has 2024-W24 to 2024-W25");
    let young = Book::fold(&journal.events[..5], &calendar()).unwrap();
    assert_eq!(weekly(&young, None), Err(ReportError::NoClose));
    assert_eq!(Book::fold(&[], &calendar()).unwrap_err(), ReportError::NotOpened);
    let mut opened = opened(World::History);
    opened.policy = "name = 3".to_owned();
    let events = [engine::Event { at: journal.events[0].at, body: Body::Opened(opened) }];
    assert!(matches!(Book::fold(&events, &calendar()), Err(ReportError::Policy(_))));
}

#[test]
fn the_month_the_year_and_the_whole() {
    let journal = journal();
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    let (months, years, whole) = (monthly(&book), annual(&book), whole(&book).unwrap());
    assert_eq!((months.len(), years.len()), (1, 1));
    assert_eq!((months[0].name.as_str(), years[0].name.as_str()), ("2024-06", "2024"));
    assert_eq!(whole.name, "2024-06-14 to 2024-06-21");
    assert_eq!(years[0].sleeves, whole.sleeves, "the whole is judged from its first week on");
    let first = &whole.sleeves[0];
    // 0.98843 × 1.0442110
    assert!((first.time_weighted.0 - 0.032_129_5).abs() < 1e-7);
    assert_eq!(
        (first.drawdown.to_string(), first.mark_drawdown.unwrap().to_string()),
        ("1.16%".into(), "1.16%".into())
    );
    assert_eq!(first.target_annual.unwrap().to_string(), "116.89%");
    // 1.0321295 in 11 days.
    assert!((first.money_weighted.unwrap().0 - 1.855_8).abs() < 1e-3);
    assert!((first.effective_annual.unwrap().0 - 1.275_3).abs() < 1e-3, "{:?}", first.effective_annual);
    assert_eq!((first.premium.to_string(), first.identity.fees.to_string()), ("$1,365.00".into(), "−$9.46".into()));
    assert_eq!(first.idle_dollar_weeks.to_string(), "$48,138.84");
    assert_eq!(whole.total.target_weekly.unwrap().to_string(), "1.05%");
    assert_eq!((whole.total.identity.end.to_string(), whole.total.identity.holds()), ("$303,863.54".into(), true));
    assert_eq!(whole.total.mark_drawdown, None);
}

#[test]
fn weeks_types_and_decisions_are_counted() {
    let journal = journal();
    let whole = whole(&Book::fold(&journal.events, &calendar()).unwrap()).unwrap();
    let weeks: Vec<(&str, u64)> = whole.market_weeks.iter().map(|c| (c.name.as_str(), c.count)).collect();
    assert_eq!(weeks, [("green", 2), ("red", 0), ("chop", 0), ("not judged", 0)]);
    let count = |kind: &str| whole.types.iter().find(|t| t.kind == kind).unwrap();
    assert_eq!((count("P-AWL").count, count("C-WAP").count, count("W-IDL").count), (1, 1, 4));
    assert_eq!((count("P-AWL").reference, count("P-EW").reference), (None, Some((16, 16))));
    assert_eq!(count("P-EW").reference_share.unwrap().to_string(), "26.67%", "16 of 60");
    let total: f64 = whole.types.iter().filter_map(|t| t.reference_share).map(|s| s.0).sum();
    assert!((total - 1.0).abs() < 1e-12);
    let found = &whole.adherence;
    assert_eq!((found.plans, found.taken, found.approved, found.fills), (2, 2, 2, 2));
    assert_eq!((found.left[0].name.as_str(), found.left[0].count, found.left.len()), ("spread", 1, 1));
    let untestable: Vec<&str> = found.not_testable.iter().map(|c| c.name.as_str()).collect();
    assert_eq!((untestable, found.refused.len(), found.unfilled.len()), (vec!["open interest", "volume"], 0, 0));
    let rules: Vec<(&str, u64)> = found.rules.iter().map(|r| (r.rule.as_str(), r.count)).collect();
    assert_eq!(
        rules,
        [("E-1", 2), ("E-2", 3), ("E-4", 2), ("E-5", 1), ("E-6", 2), ("E-8", 1), ("W-2", 1), ("W-6", 1), ("X-6", 2)]
    );
}

#[test]
fn shares_that_stay_uncovered_are_counted_once_a_week() {
    let covered = journal();
    assert!(Book::fold(&covered.events, &calendar()).unwrap().uncovered.is_empty());
    let mut events = covered.events;
    let close = events.iter().rposition(|e| matches!(e.body, Body::DayEnded { .. })).unwrap();
    events.truncate(close + 1);
    events.retain(|e| match &e.body {
        Body::OrderApproved { order, .. } => order.trade.writes() != Some(call()),
        Body::Filled { trade, .. } => trade.writes() != Some(call()),
        Body::Assigned { series, .. } => *series != call(),
        _ => true,
    });
    let book = Book::fold(&events, &calendar()).unwrap();
    let expected = Uncovered { week: W25, sleeve: GEN, symbol: symbol("TSLA"), shares: Shares(500) };
    assert_eq!(book.uncovered, [expected]);
}

#[test]
fn the_tree_of_one_structure() {
    let journal = journal();
    let first = journal.events.iter().position(|e| matches!(e.body, Body::WeekEnded { .. })).unwrap();
    let found = tree(&Book::fold(&journal.events[..=first], &calendar()).unwrap());
    assert_eq!(
        (found.portfolio, found.as_of.as_deref(), found.equity.to_string()),
        (1, Some("2024-06-14"), "$298,619.60".into())
    );
    let root = &found.structures[0];
    assert_eq!((root.structure, root.parent, root.depth, root.sleeves.len()), (1, None, 0, 3));
    let sleeve = &root.sleeves[0];
    assert_eq!((sleeve.base.to_string(), sleeve.equity.to_string()), ("$120,000.00".into(), "$118,611.60".into()));
    assert_eq!((sleeve.holdings[0].shares, sleeve.holdings[0].value.unwrap().to_string()), (500, "$88,000.00".into()));
    let sold = journal.events.iter().position(|e| matches!(e.body, Body::Filled { .. })).unwrap();
    let found = tree(&Book::fold(&journal.events[..=sold], &calendar()).unwrap());
    let short = &found.structures[0].sleeves[0].shorts[0];
    assert_eq!(
        (short.contracts, short.collateral.to_string(), short.expires.as_str()),
        (5, "$90,000.00".into(), "2024-06-14")
    );
}

#[test]
fn identities_add_up_side_by_side_and_one_after_the_other() {
    let journal = journal();
    let book = Book::fold(&journal.events, &calendar()).unwrap();
    let of = |i: usize| Identity::of(&book.closes[i]);
    let beside = of(0).beside(of(1));
    assert_eq!((beside.end.to_string(), beside.holds()), ("$208,619.60".into(), true));
    let then = of(0).then(of(3));
    assert_eq!(
        (then.start.to_string(), then.end.to_string(), then.holds()),
        ("$0.00".into(), "$123,855.54".into(), true)
    );
    assert_eq!(then.earned.unwrap().to_string(), "3.21%");
}
