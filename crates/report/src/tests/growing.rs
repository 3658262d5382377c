//! Rolls, income, forks and merges: told, totalled, drawn as a tree and explained.

use engine::event::{Body, Event};

use super::forest::*;
use super::sample::*;
use crate::figure::Amount;
use crate::{Book, Filter, explain, story, tree, weekly, whole};

const TOLD: &str = "\
2024-06-24 Rev sells 2 AAPL 2024-06-28 $205.00 puts at $1.00 (modelled), $198.60 after fees [E-5]
2024-06-26 Rev: 2 AAPL 2024-06-28 $205.00 puts with AAPL at $204.00 (−0.49%), 1.25 ATR against it, −100.00% of the \
premium captured: a roll is proposed to 2024-07-05 $200.00, delta 39.20, for a credit of $0.1860 a share after fees \
[X-1 X-3 R-2 R-3]
2024-06-26 Rev rolls 2 AAPL 2024-06-28 $205.00 puts to 2024-07-05 $200.00 for a credit of $0.20 (modelled), $37.20 \
after fees [X-3]
2024-06-28 Gen: profit of $3,855.54 realised, $1,156.66 to the tax reserve, $2,159.10 income, $539.78 growth [I-1 Q-1]
2024-06-28 Gen: a fork is due (surplus $2,698.88: $1,349.44 stays, $1,349.44 leaves, $674.72 to the new Gen, $674.72 \
to the new Com) and waits: the new Gen could put $640.98 to work, its cheapest contract takes $1,900.00; it needs \
$5,301.12 more surplus [F-1 F-3 F-4]
2024-07-05 Rev: 2 AAPL $200.00 puts expire at close $210.00 [C-1]
2024-07-05 Gen: forks structure 2: surplus $2,698.88: $1,349.44 stays, $1,349.44 leaves, $674.72 to the new Gen, \
$674.72 to the new Com; base from now on $121,349.44 [F-1 F-2 F-4]
2024-07-12 structure 2 begins to merge: its sleeves total $1,349.44 [J-1]
2024-07-12 structure 2 merges into Com: $1,349.44 in all (2.Gen $674.72, 2.Com $674.72); it is closed [J-1]
2024-07-15 Gen: $100.00 is withdrawn [A-6 I-2]";

fn events() -> Vec<Event> {
    forest().events
}

fn amount(text: &str) -> Amount {
    Amount(money(text))
}

#[test]
fn four_weeks_of_growth_are_told() {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    let told = story(&book, &Filter { from: Some(date("2024-06-24")), ..Filter::ALL });
    let told: Vec<&str> = told.iter().map(String::as_str).filter(|line| !line.contains(" closes ")).collect();
    for (told, expected) in told.iter().zip(TOLD.lines()) {
        assert_eq!(*told, expected);
    }
    assert_eq!(told.len(), TOLD.lines().count());
}

/// What moves within the total cancels in it; every row and the total hold to the cent in every week and over the run.
#[test]
fn flows_within_the_total_cancel() {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    let expected = [("300000", "0"), ("0", "0"), ("0", "0"), ("0", "0"), ("0", "0"), ("-100", "0")];
    for (record, (flows, _)) in book.closed().zip(expected) {
        let statement = weekly(&book, Some(record.week)).unwrap();
        assert_eq!(statement.total.flows, amount(flows), "{}", record.week);
        let parts = statement.sleeves.iter().map(|s| s.identity).chain([statement.reserve, statement.total]);
        assert!(parts.into_iter().all(|identity| identity.holds()), "{}", record.week);
        let ends: market::value::Money = statement.sleeves.iter().map(|s| s.identity.end.0).sum();
        assert_eq!(ends + statement.reserve.end.0, statement.total.end.0, "{}", record.week);
    }
    let whole = whole(&book).unwrap();
    let names: Vec<&str> = whole.sleeves.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["1.Gen", "1.Rev", "1.Com", "2.Gen", "2.Com"]);
    assert_eq!(whole.structures.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["structure 2"]);
    let rows = || whole.sleeves.iter().map(|s| s.identity).chain([whole.reserve]);
    assert!(rows().chain([whole.total.identity]).all(|identity| identity.holds()));
    let sum = |of: fn(&crate::weekly::Identity) -> Amount| -> market::value::Money { rows().map(|i| of(&i).0).sum() };
    assert_eq!(sum(|i| i.flows), money("299900"), "the owner's deposit less the withdrawal");
    assert_eq!((sum(|i| i.end), sum(|i| i.gains)), (whole.total.identity.end.0, whole.total.identity.gains.0));
    assert_eq!(whole.total.identity.end, amount("303999.34"));
    assert_eq!((whole.reserve.flows, whole.reserve.end), (amount("1156.66"), amount("1156.66")));
}

/// A structure's rates are over the weeks in which it lived, and its last week ends with nothing.
#[test]
fn a_structure_that_came_and_went() {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    let whole = whole(&book).unwrap();
    let two = &whole.structures[0];
    assert_eq!((two.weeks, whole.weeks, whole.total.weeks), (1, 6, 6));
    assert_eq!((two.identity.start, two.identity.flows, two.identity.end), Default::default());
    let last = weekly(&book, None).unwrap();
    let gone = last.sleeves.iter().find(|s| s.sleeve == "2.Gen").unwrap();
    assert_eq!((gone.identity.start, gone.identity.flows), (amount("674.72"), amount("-674.72")));
    assert_eq!((gone.identity.end, gone.balances.equity), (amount("0"), amount("0")));
}

/// One weekly close passed with the fork waiting: $1,349.44 of Gen's idle cash would have moved.
#[test]
fn idle_cash_is_counted_while_a_fork_waits() {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    let whole = whole(&book).unwrap();
    assert_eq!(whole.sleeves[0].waiting_dollar_weeks, amount("1349.44"));
    assert_eq!(whole.total.waiting_dollar_weeks, amount("1349.44"));
    assert_eq!(whole.sleeves[1].waiting_dollar_weeks, amount("0"));
}

#[test]
fn balances_add_up_to_what_the_close_left() {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    let week = book.closed().nth(2).unwrap().week;
    let statement = weekly(&book, Some(week)).unwrap();
    let [generation, revenue, _] = statement.sleeves.as_slice() else { panic!("three sleeves") };
    assert_eq!(revenue.balances.equity, revenue.identity.end);
    assert_eq!((revenue.balances.cash, revenue.balances.options), (amount("90243.80"), amount("-300")));
    assert_eq!(generation.balances.equity, amount("122698.88"), "the close moved $1,156.66 to the tax reserve");
}

/// The tree as it stood after the weekly close that ends at the event of `kind`.
fn tree_after(kind: impl Fn(&Body) -> bool) -> tree::Tree {
    let mut events = events();
    let at = events.iter().position(|event| kind(&event.body)).unwrap();
    let ends = events[at..].iter().position(|event| matches!(event.body, Body::WeekEnded { .. })).unwrap();
    events.truncate(at + ends + 1);
    tree(&Book::fold(&events, &calendar()).unwrap())
}

#[test]
fn the_tree_while_a_fork_waits() {
    let tree = tree_after(|body| matches!(body, Body::ForkDue { .. }));
    let generation = &tree.structures[0].sleeves[0];
    let fork = generation.fork.as_ref().unwrap();
    assert_eq!((fork.since.as_str(), fork.as_of.as_str(), fork.weeks), ("2024-06-28", "2024-06-28", 1));
    assert_eq!((fork.needs, fork.moves), (amount("5301.12"), amount("1349.44")));
    assert!(fork.waits[0].starts_with("the new Gen could put $640.98 to work"), "{fork:?}");
    assert_eq!(fork.idle_dollar_weeks, amount("1349.44"));
    assert_eq!((generation.income, generation.growth), (amount("2159.10"), amount("539.78")));
    assert_eq!((generation.base, generation.surplus), (amount("120000"), amount("2698.88")));
    assert_eq!((tree.reserve, tree.structures[0].reserve), (amount("1156.66"), amount("1156.66")));
    assert_eq!(tree.equity, amount("303799.34"), "the tax reserve is the owner's");
}

#[test]
fn the_tree_with_a_fork_and_after_its_merge() {
    let forked = tree_after(|body| matches!(body, Body::Forked { .. }));
    let two = &forked.structures[1];
    assert_eq!((two.structure, two.parent, two.depth), (2, Some(1), 1));
    assert_eq!((two.founded.as_deref(), two.equity), (Some("2024-07-05"), amount("1349.44")));
    assert_eq!(forked.structures[0].sleeves[0].base, amount("121349.44"));
    assert!(forked.structures[0].sleeves[0].fork.is_none() && forked.closed.is_empty());
    let merged = tree_after(|body| matches!(body, Body::Merged { .. }));
    assert_eq!(merged.structures.len(), 1);
    let closed = &merged.closed[0];
    assert_eq!((closed.structure, closed.merged.as_str()), (2, "2024-07-12"));
    assert_eq!((closed.into.as_deref(), closed.value), (Some("1.Com"), amount("1349.44")));
    assert_eq!(merged.structures[0].sleeves[2].equity, amount("91349.44"));
}

fn sentences(id: &str) -> Vec<String> {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    explain(&book, id).unwrap().sentences.iter().map(ToString::to_string).collect()
}

#[test]
fn a_roll_down_to_every_expiration_that_was_tried() {
    let told = sentences("o1.1.4");
    let expected = [
        "2024-06-26 AAPL 2024-06-28 $205.00 put: bid $1.90, ask $2.00, delta 52.10, quoted; 2 sessions are left after \
         this one [E-9]",
        "2024-06-26 sold on 2024-06-24 with AAPL at $209.00, its average true range at $4.00; it fell by $5.00 to \
         $204.00: 1.25 ATR of $4.00 to the close before (watched from 0.5, a roll proposed from 1, acted on from 1.5) \
         [X-1]",
        "2024-06-26 last sold at $1.00, $2.00 to buy back: −100.00% of the premium is captured (bought back from 80% \
         on, from 50% with more than 1 session left and a move of 1 ATR in favour) [X-5]",
        "2024-06-26 a roll is sought: at most 35 days ahead, for a credit of at least $0.05 a share after fees or, \
         into the band, a debit of at most 50% of the first premium; at most 2 rolls of one position [R-2 R-3]",
        "2024-06-26 to 2024-07-03: $205.00 for a credit of $0.01, less than $0.05, outside the band 30.00 to 40.00 \
         for a debit [R-2 R-3]",
        "2024-06-26 to 2024-07-05: sell the $200.00 at $2.20 (delta 39.20), buy back at $2.00, fees $1.40 a contract: \
         a credit of $0.1860 a share; of all this is the best [R-2 R-3]",
        "2024-06-26 the next earnings report of AAPL is not known: it could not be asked for [R-2]",
        "2024-06-26 it is so cheap that it would have been bought back during the day, had that been seen [X-8 E-3]",
        "2024-06-26 asked in this order: K-6, K-3, X-7, X-8, X-4, X-3; X-3 answers",
    ];
    assert_eq!(&told[1..10], expected);
    assert!(told[10].contains("what it frees pays for it") && told[10].ends_with("[X-3 K-4]"), "{}", told[10]);
    assert!(told.iter().any(|s| s.contains("2 AAPL $200.00 puts expire at close $210.00")), "{told:#?}");
}

#[test]
fn a_fork_from_the_close_at_which_it_fell_due() {
    let told = sentences("fork/2");
    let text = told.join("\n");
    for said in [
        "a fork is due",
        "Gen: equity $122,698.88 less base $120,000.00 is a surplus of $2,698.88; a fork falls due from $50,000.00 on \
         [F-1]",
        "50% of it stays, the rest leaves in whole cents, 50% of that to the new Gen, which gets an odd cent too; what \
         stays is added to base [F-2]",
        "a contract of the new Gen takes 100 × the lowest strike that it would sell, $1,900.00; 95% of the new sleeve, \
         $640.98, may cover it: $1,259.02 is missing [F-3]",
        "forks structure 2",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    assert_eq!(sentences("fork/1.Gen"), told);
}

#[test]
fn a_merge_with_what_it_moved() {
    let text = sentences("merge/2").join("\n");
    for said in [
        "structure 2 begins to merge",
        "a structure merges from $500,000.00 on: 2.Gen $674.72, 2.Com $674.72; its short options are bought back",
        "2.Gen brings $674.72 of settled cash to Com [J-1]",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
}

#[test]
fn income_and_a_withdrawal_with_their_figures() {
    let events = events();
    let number = |kind: &dyn Fn(&Body) -> bool| events.iter().position(|e| kind(&e.body)).unwrap() + 1;
    let income = sentences(&format!("#{}", number(&|b| matches!(b, Body::IncomeBooked { .. })))).join("\n");
    for said in [
        "of 2024's realised $3,855.54 the tax reserve is due 30%, $1,156.66 in all; $1,156.66 of it this week [Q-1]",
        "after reserve $2,698.88: $0.00 makes up losses; of the rest 80% is income, $2,159.10, and $539.78 is growth",
        "Gen then has $2,159.10 of income, $539.78 of growth to reinvest and $0.00 of losses to make up",
    ] {
        assert!(income.contains(said), "{said}:\n{income}");
    }
    let withdrawn = sentences(&format!("#{}", number(&|b| matches!(b, Body::Withdrawn { .. })))).join("\n");
    assert!(withdrawn.contains("Gen: income bucket $809.66, equity less base $0.00"), "{withdrawn}");
}

#[test]
fn threads_that_never_began_are_refused_with_those_that_did() {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    for (id, nearest) in [
        ("fork/7", "; it has fork/2"),
        ("fork/1.Com", "; it has fork/1.Gen"),
        ("merge/1", "; it has merge/2"),
        ("lock/1.Gen", "; it has none"),
    ] {
        let refused = explain(&book, id).unwrap_err().to_string();
        assert!(refused.ends_with(nearest), "{id}: {refused}");
    }
}

#[test]
fn what_replay_does_not_exercise_is_said_once_with_how_often() {
    let events = events();
    let book = Book::fold(&events, &calendar()).unwrap();
    let notes: Vec<String> = crate::assumptions(&book).into_iter().filter(|n| n.contains("X-8): ")).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("the walk of limit orders (E-7; a bid"), "{notes:?}");
    assert!(notes[0].contains("at most $0.05 and 20% of its premium (X-8): at one close"), "{notes:?}");
}
