//! Pages of whole runs over generated markets, read again as a tree of elements.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::Event;
use engine::event::{Body, Variant};
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use render::{RuleWorth, page};
use report::Book;
use report::figure::Amount;
use roxmltree::{Document, Node, ParsingOptions};
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

/// What must stand in every page, whatever the journal holds.
const ALWAYS: [&str; 10] = [
    "summary",
    "comparison",
    "sleeves",
    "other-assumptions",
    "modelled",
    "gaps",
    "hindsight",
    "resets",
    "idle",
    "assumptions",
];

/// The charts, or the places where they would stand.
const CHARTS: [&str; 12] = [
    "equity",
    "equity-by-sleeve",
    "drawdown",
    "target",
    "premium",
    "returns",
    "market",
    "calendar",
    "types",
    "allocation",
    "tree",
    "rolls",
];

/// A market in which a forked structure forks.
const NESTED: u64 = 13;

/// A run of so many sessions whose structures fork, and fork again, early.
fn journal(seed: u64, sessions: usize) -> Vec<Event> {
    let calendar = Arc::new(Calendar::nyse());
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let first = calendar.on_or_after(Date::constant(2019, 1, 2)).unwrap();
    let keys = [
        ("fork.surplus", "8000"),
        ("fork.wait_for_contract", "false"),
        ("fork.keep", "0"),
        ("merge.size", "110000"),
        ("reinvest.split", "\"50 / 50\""),
    ];
    let policy = keys.iter().fold(Policy::all_use(), |policy, (key, value)| policy.with(key, value).unwrap());
    let history = generate(&Parameters::shipped(), seed, first, sessions, &calendar);
    let run = Run {
        history: &history,
        policy: &policy,
        premium: &premium,
        premium_text: PREMIUM,
        from: None,
        to: None,
        deposit: Money::dollars(1_000_000 + 4_000_000 * (seed as i64 % 5)),
        script: &[],
        liquidity: &[],
        quotes: None,
    };
    let (_, store) = replay(&run, &calendar, MemoryStore::default(), |_, _| {}).unwrap();
    engine::journal::read(1, &store.rows).unwrap().0
}

fn book(events: &[Event]) -> Book<'_> {
    Book::fold(events, &Arc::new(Calendar::nyse())).unwrap()
}

fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(html, options).unwrap()
}

fn by_id<'a, 'i>(page: &'a Document<'i>, id: &str) -> Node<'a, 'i> {
    page.descendants().find(|n| n.attribute("id") == Some(id)).unwrap_or_else(|| panic!("nothing is called {id}"))
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect()
}

fn named<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |n| n.has_tag_name(name))
}

/// Cells of the rows of the first table within.
fn rows(node: Node<'_, '_>) -> Vec<Vec<String>> {
    let body = named(node, "tbody").next().expect("a table");
    named(body, "tr").map(|row| row.children().filter(Node::is_element).map(text).collect()).collect()
}

fn shown(amount: Amount) -> String {
    Amount(amount.0.floor_cents()).to_string()
}

/// Dollars of a cell, in cents.
fn cents(cell: &str) -> i64 {
    let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
    let size: i64 = digits.parse().unwrap_or_else(|_| panic!("{cell} is no amount"));
    if cell.starts_with('−') { -size } else { size }
}

#[test]
fn every_section_and_chart_is_there_however_short_the_journal() {
    let events = journal(3, 60);
    let first_close = events.iter().position(|e| matches!(e.body, Body::WeekEnded { .. })).unwrap();
    for end in [1, 2, 10, first_close, first_close + 1, events.len()] {
        let book = book(&events[..end]);
        let html = page(&book, "00ff", None);
        let page = parsed(&html);
        for id in ALWAYS.iter().chain(&CHARTS).chain(&["rule-worth"]) {
            let found = by_id(&page, id);
            assert!(text(found).len() > 60, "{id} of {end} events is empty");
        }
        let assumed = by_id(&page, "assumptions");
        assert_eq!(named(assumed, "li").count(), report::assumptions(&book).len());
        assert!(text(by_id(&page, "hindsight")).contains("another universe") || end == events.len());
    }
}

#[test]
fn figures_are_those_of_the_reports() {
    let mut events = journal(3, 560);
    let at = events[events.len() - 1].at;
    let variant = |name: &str, equity: i64| Variant {
        name: name.to_owned(),
        equity: Money::dollars(equity),
        twr: 20_000,
        drawdown: Ppm(30_000),
    };
    let variants = vec![variant("fills at mid", 5_100_001), variant("control universe", 4_900_002)];
    events.push(Event { at, body: Body::Compared(variants) });
    let book = book(&events);
    let html = page(&book, "00ff", None);
    let page = parsed(&html);
    let whole = report::whole(&book).unwrap();
    let end = shown(whole.total.identity.end);
    assert!(text(by_id(&page, "summary")).contains(&end));

    let compared = report::comparison(&book).unwrap();
    let lines = rows(by_id(&page, "comparison"));
    let expected: Vec<[String; 2]> = compared.lines.iter().map(|l| [l.name.clone(), shown(l.end)]).collect();
    assert_eq!(lines.iter().map(|r| [r[0].clone(), r[1].clone()]).collect::<Vec<_>>(), expected);

    let equity = rows(by_id(&page, "equity"));
    let last = equity.last().unwrap();
    let ends: Vec<String> = compared.lines.iter().map(|l| shown(l.end)).collect();
    assert_eq!(last[2..], ends, "the lines of the chart end where the comparison does");

    let by_sleeve = rows(by_id(&page, "equity-by-sleeve"));
    assert_eq!(by_sleeve.last().unwrap().last(), Some(&end));
    for row in &by_sleeve {
        let parts: i64 = row[2..row.len() - 1].iter().map(|c| cents(c)).sum();
        let total = cents(&row[row.len() - 1]);
        assert!((0..row.len() as i64).contains(&(total - parts)), "{row:?}: each cell is rounded down");
    }

    let premium = rows(by_id(&page, "premium"));
    let (total, weeks) = premium.split_last().unwrap();
    assert_eq!(total[4], shown(whole.total.premium));
    assert_eq!(weeks.iter().map(|w| cents(&w[4])).sum::<i64>(), cents(&total[4]));

    // The whole begins with the first judged week.
    let market = rows(by_id(&page, "market"));
    let market: Vec<_> = market.iter().filter(|r| r[0] >= whole.first_week).collect();
    assert!(market.len() > 40, "a year was judged");
    for kind in &whole.market_weeks {
        let shown = market.iter().filter(|r| r[2].eq_ignore_ascii_case(&kind.name)).count() as u64;
        assert_eq!(shown, kind.count, "{}", kind.name);
    }

    let returns = rows(by_id(&page, "returns"));
    let counted: usize = returns.iter().map(|r| r[1].parse::<usize>().unwrap()).sum();
    assert_eq!(counted, compared.weeks as usize);

    let allocation = rows(by_id(&page, "allocation"));
    for (row, equity) in allocation.iter().zip(&by_sleeve) {
        assert_eq!(row[7], equity[equity.len() - 1], "{}: the parts of the allocation sum to the whole", row[0]);
    }

    let other = rows(by_id(&page, "other-assumptions"));
    assert_eq!(
        [&other[0][1], &other[1][1], &other[2][1]],
        [&shown(compared.lines[0].end), "$5,100,001.00", "$4,900,002.00"]
    );
    assert!(text(by_id(&page, "hindsight")).contains("control universe: $4,900,002.00"));
}

#[test]
fn marks_stand_for_rows_and_rows_for_events() {
    let events = journal(3, 700);
    let book = book(&events);
    let html = page(&book, "00ff", None);
    let page = parsed(&html);
    let mut asked = BTreeSet::new();
    let panels = page.descendants().filter(|n| n.attribute("class") == Some("panel"));
    for panel in panels {
        let rows: Vec<Node<'_, '_>> = named(named(panel, "tbody").next().unwrap(), "tr").collect();
        let svg = named(panel, "svg").next().unwrap();
        let name = svg.attribute("aria-labelledby").unwrap();
        for part in ["title", "desc"] {
            assert!(named(svg, part).next().is_some_and(|n| !text(n).is_empty()), "{name} has no {part}");
        }
        assert!(text(named(svg, "title").next().unwrap()).contains("(SIMULATED, MODELLED)"), "{name}");
        let marks = svg.descendants().filter_map(|n| n.attribute("data-r"));
        for mark in marks {
            assert!(mark.parse::<usize>().unwrap() < rows.len(), "{name}: no row {mark}");
        }
        let silent = rows.iter().filter(|r| r.attribute("data-events").is_none());
        for row in silent {
            let text = text(*row);
            let sums = row.attribute("class") == Some("sum") || text.contains('0');
            assert!(sums, "{name}: {text} has no events");
        }
        asked.extend(rows.iter().filter_map(|r| r.attribute("data-events")).flat_map(|e| e.split(' ')));
    }
    for id in ["comparison", "sleeves", "modelled", "idle"] {
        let silent =
            named(by_id(&page, id), "tbody").flat_map(|b| named(b, "tr")).find(|r| !r.has_attribute("data-events"));
        assert!(silent.is_none(), "{id}: {:?}", silent.map(text));
    }
    assert!(asked.len() > 500, "{} events are named", asked.len());
    for id in asked.iter().step_by(37) {
        report::explain(&book, id).unwrap_or_else(|e| panic!("{id}: {e}"));
    }
}

#[test]
fn nested_forks_stand_under_their_founders() {
    let events = journal(NESTED, 1_100);
    let nested = |event: &&Event| matches!(&event.body, Body::Forked { from, .. } if from.structure.0 != 1);
    assert!(events.iter().filter(nested).count() > 0, "the run has nested forks");
    let book = book(&events);
    let html = page(&book, "00ff", None);
    let page = parsed(&html);
    let tree = rows(by_id(&page, "tree"));
    let parents: BTreeMap<&str, &str> = tree.iter().map(|r| (r[0].as_str(), r[1].as_str())).collect();
    let course = report::course(&book);
    assert_eq!(tree.len(), course.structures.len());
    for structure in &course.structures {
        let parent = structure.parent.map_or_else(|| "–".to_owned(), |p| p.to_string());
        assert_eq!(parents[structure.structure.to_string().as_str()], parent);
    }
    let place = |name: &str| tree.iter().position(|r| r[0] == name);
    assert!(tree.iter().filter(|r| r[1] != "–").all(|r| place(&r[1]) < place(&r[0])), "founders come first");
}

#[test]
fn nothing_is_fetched_and_names_are_used_once() {
    let events = journal(7, 120);
    let html = page(&book(&events), "00ff", None);
    for way in ["http", "//", "src=", "@import", "url(", "fetch(", "XMLHttpRequest", "<link", "<iframe", "<img"] {
        let found = html.match_indices(way).next().map(|(at, _)| &html[at.saturating_sub(40)..at + 20]);
        // Comments of the script begin with two strokes too.
        let comments = html.matches("// ").count();
        assert!(found.is_none() || (way == "//" && html.matches("//").count() == comments), "{way}: {found:?}");
    }
    let page = parsed(&html);
    let mut ids = BTreeSet::new();
    for id in page.descendants().filter_map(|n| n.attribute("id")) {
        assert!(ids.insert(id), "{id} is used twice");
    }
    for link in page.descendants().filter_map(|n| n.attribute("href")) {
        assert!(ids.contains(link.strip_prefix('#').unwrap()), "{link} leads nowhere");
    }
    for labelled in page.descendants().filter_map(|n| n.attribute("aria-labelledby")) {
        assert!(labelled.split(' ').all(|id| ids.contains(id)), "{labelled}");
    }
}

#[test]
fn words_of_a_journal_cannot_become_markup() {
    let mut events = journal(7, 40);
    let Body::Opened(opened) = &mut events[0].body else { panic!("a journal begins with its opening") };
    opened.source = "</p><script>alert('x')</script>\u{1b}[31m & \"so\"".to_owned();
    let html = page(&book(&events), "</h1>", None);
    assert_eq!(html.matches("<script>").count(), 1, "only the page's own");
    assert!(
        html.contains("&lt;/p&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\u{fffd}[31m &amp; &quot;so&quot;")
    );
    assert!(html.contains("digest &lt;/h1&gt;"));
    parsed(&html);
}

#[test]
fn the_same_journal_makes_the_same_bytes() {
    let events = journal(5, 200);
    assert_eq!(page(&book(&events), "00ff", None), page(&book(&events), "00ff", None));
}

#[test]
fn rule_worths_are_drawn_where_they_are_given_and_never_made_up() {
    let events = journal(7, 60);
    let book = book(&events);
    let html = page(&book, "00ff", None);
    let without = parsed(&html);
    let place = by_id(&without, "rule-worth");
    assert!(text(place).contains("alluse evidence rules --json") && named(place, "table").next().is_none());
    let json = r#"{"premiums":"modelled","rules":[
        {"rule":"X-4","annual_return_with":0.12,"annual_return_without":0.1,"difference":0.02,"low":0.01,"high":0.03,
         "drawdown_difference":-0.01},
        {"rule":"<K-2>","annual_return_with":0.1,"annual_return_without":0.1,"difference":0,"low":-0.01,"high":0.01,
         "drawdown_difference":0}
    ]}"#;
    let worth = RuleWorth::read(json).unwrap();
    let html = page(&book, "00ff", Some(&worth));
    let with = parsed(&html);
    let rows = rows(by_id(&with, "rule-worth"));
    assert_eq!(rows[0], ["X-4", "+12.00%", "+10.00%", "+2.00%", "+1.00%", "+3.00%", "−1.00%"]);
    assert_eq!(rows[1][0], "<K-2>");
    assert!(text(by_id(&with, "rule-worth")).contains("Bounds on one side of zero: 1 of 2 rules"));
}
