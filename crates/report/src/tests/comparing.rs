//! The comparison against figures worked out by hand: one week, from the close of 2024-06-14 to that of 2024-06-21.

use engine::event::{BenchmarkMark, Body, Event, Variant};
use market::value::Money;
use protocol::policy::unit::Ppm;

use super::sample::*;
use crate::comparison::{BenchmarkLine, Comparison};
use crate::{Book, comparison};

fn compared(change: impl Fn(&mut Vec<Event>)) -> Comparison {
    let mut events = journal().events;
    change(&mut events);
    let book = Book::fold(&events, &calendar()).unwrap();
    comparison(&book).expect("two closes")
}

fn line<'c>(comparison: &'c Comparison, name: &str) -> &'c BenchmarkLine {
    comparison.lines.iter().find(|l| l.name == name).unwrap_or_else(|| panic!("no line {name}"))
}

#[test]
fn one_week_beside_what_else_the_money_could_have_done() {
    let found = compared(|_| {});
    assert_eq!((found.from.as_str(), found.to.as_str(), found.weeks), ("2024-06-14", "2024-06-21", 1));
    assert_eq!(found.start.0, money("298619.60"));
    let names: Vec<&str> = found.lines.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["the protocol", "SPY held", "the universe held", "T-bills"]);
    for (name, end) in [
        ("the protocol", "303863.54"),
        // $540 became $534.60 and a dividend of $1.80.
        ("SPY held", "296628.80"),
        // A fifth each: AAPL and AMZN × 1.05, MSFT and NVDA (ten for one) × 1, TSLA × 190 / 176.
        ("the universe held", "309342.76"),
        // 5.2% for 7 of 365 days.
        ("T-bills", "298917.40"),
    ] {
        assert_eq!(line(&found, name).end.0, money(end), "{name}");
    }
    let own = line(&found, "the protocol");
    assert!((own.time_weighted.0 - 0.017_560_6).abs() < 1e-7);
    assert!((own.cagr.unwrap().0 - 1.478_7).abs() < 1e-3 && own.money_weighted.unwrap().0 > 1.47);
    assert_eq!((own.volatility, own.sharpe), (None, None), "one week has no deviation");
    assert!((line(&found, "SPY held").drawdown.0 - 0.006_666_7).abs() < 1e-7);
    assert!(line(&found, "the universe held").how.contains("TSLA 20%"));
}

#[test]
fn what_cannot_be_computed_is_said() {
    let found = compared(|events| {
        for event in events.iter_mut() {
            if let Body::Marked(marks) = &mut event.body {
                marks.benchmarks.retain(|b| marks.week == W24 || b.symbol != symbol("NVDA"));
            }
        }
    });
    assert!(found.lines.iter().all(|l| l.name != "the universe held"));
    assert_eq!(found.missing[0], "the universe held: the journal has no closes of NVDA for every week");
    assert!(found.missing[1].starts_with("BXM:") && found.missing[2].starts_with("PUT:"));
}

#[test]
fn an_index_that_others_compute_is_drawn_or_its_end_is_said() {
    let with_closes = |closes: &'static [&'static str]| {
        compared(|events| {
            let marked = events.iter_mut().filter_map(|event| match &mut event.body {
                Body::Marked(marks) => Some(marks),
                _ => None,
            });
            for (marks, close) in marked.zip(closes) {
                let (symbol, close) = (symbol("BXM"), price(close));
                marks.benchmarks.push(BenchmarkMark { symbol, close, dividends: price("0"), split: 1 });
            }
        })
    };
    let found = with_closes(&["1000", "1010"]);
    assert_eq!(line(&found, "BXM as published").end.0, money("301605.80"));
    assert!(found.missing.iter().all(|m| !m.starts_with("BXM")));
    let found = with_closes(&["1000"]);
    assert!(found.lines.iter().all(|l| !l.name.contains("BXM")));
    assert_eq!(found.missing[0], "BXM: the last week of which the journal has its close ends on 2024-06-14");
}

#[test]
fn targets_variants_origins_and_assumptions_stand_beside_it() {
    let found = compared(|events| {
        let at = events[events.len() - 1].at;
        let variant =
            |name: &str, twr| Variant { name: name.to_owned(), equity: money("310000"), twr, drawdown: Ppm(20_000) };
        let variants = vec![variant("fills at mid", 20_000), variant("control universe", -10_000)];
        events.push(Event { at, body: Body::Compared(variants) });
    });
    let shown: Vec<String> =
        found.targets.iter().map(|t| format!("{} {} {}", t.sleeve, t.weekly, t.annual.unwrap())).collect();
    assert_eq!(shown, ["Gen 1.50% 116.89%", "Rev 1.00% 67.77%", "Com 0.50% 29.61%"]);
    assert_eq!(found.targets[2].earned.unwrap().to_string(), "0.00%");
    assert_eq!(found.variants.len(), 2);
    assert_eq!(
        (found.variants[1].time_weighted.to_string(), found.variants[1].drawdown.to_string()),
        ("−1.00%".into(), "2.00%".into())
    );
    let origins = found.origins;
    assert_eq!((origins.fills_quoted, origins.fills_modelled, origins.premium_quoted.0), (2, 0, money("1365")));
    assert_eq!(origins.fills_modelled_share.unwrap().to_string(), "0.00%");
    assert!(found.notes[0].contains("chosen with hindsight"));
    assert!(found.assumptions.iter().all(|a| a.ends_with('.')));
    assert!(!found.assumptions.iter().any(|a| a.contains("modelled")), "every premium was quoted");
    assert!(serde_json::to_string(&found).unwrap().contains("\"start\":\"298619.60\""));
}

#[test]
fn later_deposits_buy_every_line_at_the_start_of_their_week() {
    let events = journal().events;
    let mut book = Book::fold(&events, &calendar()).unwrap();
    let paid = Money::dollars(10_000);
    let rev = book.closes.iter_mut().find(|c| c.sleeve == REV && c.week == W25).unwrap();
    rev.flows += paid;
    rev.end += paid;
    book.weeks.iter_mut().find(|w| w.week == W25).unwrap().flows += paid;
    let found = comparison(&book).unwrap();
    assert_eq!(found.flows.0, paid);
    assert_eq!(line(&found, "SPY held").end.0, money("306562.14"), "$308,619.60 × 536.40 / 540");
    assert_eq!(line(&found, "the protocol").end.0, money("313863.54"));
}

#[test]
fn a_single_close_compares_with_nothing() {
    let events = journal().events;
    let first = events.iter().position(|e| matches!(e.body, Body::WeekEnded { .. })).unwrap();
    let book = Book::fold(&events[..=first], &calendar()).unwrap();
    assert_eq!(comparison(&book), None);
}
