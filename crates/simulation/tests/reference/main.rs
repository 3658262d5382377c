//! A second implementation of the protocol, slow and plain, written from its text alone, agrees with the engine on
//! generated histories: classes, trades, assignments, types, balances, locks and structures (bars R4 and V6).

mod book;
mod close;
mod corporate;
mod ends;
mod engine_side;
mod entry;
mod fills;
mod growth;
mod leaps;
mod manage;
mod merge;
mod orders;
mod run;
mod week;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use market::history::{History, Split};
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use simulation::chain::ChainModel;
use simulation::generator::{Parameters, generate};

use run::{Facts, Numbers, Reference};
use week::Kind;
use world::{World, ticker};

const PREMIUM: &str = include_str!("../../../../policy/premium-model.toml");

/// What must occur in the full run, as the lines name it.
const KINDS: &[&str] = &[
    "week Green",
    "week Red",
    "week Chop",
    " put x",
    " call x",
    " assigned ",
    " expired ",
    " buy back ",
    " roll ",
    " dividend ",
    " lock true",
    " lock false",
    " reinvested ",
    " forked ",
    " PutDeep",
    " CallRecovery",
    " CallRolled",
    " PutOverLimit",
    " PutRolled",
    " PutWithinLimit",
    " CallPremium",
    " CallAppreciation",
    " CallStrong",
    " PutExpired",
    " Idle",
    " buy long ",
    " sell long ",
    " exercised ",
    " worthless ",
    "split ",
    " merges ",
    " merged into ",
    " shares at ",
];

/// What must occur in it beside, as the reference counts.
const SEEN: &[&str] = &[
    "a call exercised early",
    "a put exercised early",
    "an income bucket became growth",
    "children moved up",
    "LEAPS moved in kind",
    "money set aside moved",
    "shares moved in kind",
    "tax reserve moved",
    "the quarter's money moved",
];

/// One comparison.
struct Case {
    seed: u64,
    first: Date,
    sessions: usize,
    deposit: i64,
    numbers: Numbers,
    splits: bool,
}

fn policy(case: &Case) -> Policy {
    let n = &case.numbers;
    let keys = [
        ("fork.surplus", n.fork_surplus.to_string()),
        ("fork.keep", n.fork_keeps.to_string()),
        ("fork.to_gen", n.fork_to_gen.to_string()),
        ("fork.wait_for_contract", n.fork_waits.to_string()),
        ("merge.size", n.merge_size.to_string()),
        ("reinvest.split", format!("\"{} / {}\"", 100 - n.leaps_percent, n.leaps_percent)),
        ("leaps.roll_months", n.leaps_roll_months.to_string()),
    ];
    keys.iter().fold(Policy::all_use(), |policy, (key, value)| policy.with(key, value).unwrap())
}

/// Gives each symbol of the universe a split: before it, its shares cost as much more.
fn split(history: &mut History, seed: u64) {
    for (i, (symbol, known)) in history.symbols.iter_mut().enumerate() {
        let traded = [Kind::Gen, Kind::Com].iter().any(|k| k.universe().iter().any(|s| ticker(s) == *symbol));
        let at = known.bars.len() / 2 + (seed as usize * 37 + i * 53) % (known.bars.len() / 3);
        let highest = known.bars[..at].iter().map(|b| b.close).max().unwrap();
        let new_per_old = [2, 3, 4][(seed as usize + i) % 3];
        // An order of one contract must stay within K-4's $500,000.
        if traded && highest.times(new_per_old) < Money::dollars(4_000) {
            known.splits.push(Split { effective: known.bars[at].day.date(), new_per_old });
        }
    }
}

/// Runs both; the facts of the engine and of the reference, and what else occurred.
fn both(case: &Case) -> (Facts, Facts, BTreeMap<&'static str, usize>) {
    let calendar = Arc::new(Calendar::nyse());
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let policy = policy(case);
    let first = calendar.on_or_after(case.first).unwrap();
    let mut history = generate(&Parameters::shipped(), case.seed, first, case.sessions, &calendar);
    if case.splits {
        split(&mut history, case.seed);
    }
    let theirs = engine_side::run(&history, &policy, &premium, PREMIUM, &calendar, first, Money::dollars(case.deposit));
    let model = ChainModel::new(&history, &calendar, &policy, &premium, &[]);
    let world = World::new(&history, &calendar, &policy, model);
    let mut reference = Reference::new(&world, case.numbers, case.deposit);
    let last = history.symbols[0].1.bars.last().unwrap().day;
    let mut sessions = calendar.sessions_between(first.date(), last.date()).to_vec();
    while !calendar.is_last_of_week(*sessions.last().unwrap()) {
        sessions.pop();
    }
    reference.run(&sessions);
    (theirs, reference.facts, reference.seen)
}

/// The first day on which they differ, with what only one side says.
fn divergence(theirs: &Facts, ours: &Facts) -> Option<String> {
    let mut days: Vec<Date> = theirs.keys().chain(ours.keys()).copied().collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        let lines = |facts: &Facts| facts.get(&day).cloned().unwrap_or_default();
        let only = |x: &Facts, y: &Facts, who: &str| -> String {
            let mut left = lines(x);
            for line in lines(y) {
                if let Some(at) = left.iter().position(|l| *l == line) {
                    left.remove(at);
                }
            }
            left.iter().map(|line| format!("\n  {who}: {line}")).collect()
        };
        let (a, b) = (only(theirs, ours, "engine   "), only(ours, theirs, "reference"));
        if !(a.is_empty() && b.is_empty()) {
            return Some(format!("{day}{a}{b}"));
        }
    }
    None
}

#[expect(clippy::disallowed_methods, reason = "a knob of a test")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Other seeds in each run, printed; `ALLUSE_SEED` names them.
fn first_seed() -> u64 {
    number("ALLUSE_SEED").unwrap_or_else(|| u64::from(std::process::id()) * 1_000)
}

/// Odd histories have the policy's thresholds, and deposits from small to large; the others fork and merge early. Half
/// of all have splits, and in every fifth LEAPS are held to their end.
fn case(seed: u64) -> Case {
    let deposit = [300_000, 1_000_000, 5_000_000][seed as usize % 3];
    let given = Numbers {
        fork_surplus: 50_000,
        fork_keeps: 50,
        fork_to_gen: 50,
        fork_waits: true,
        merge_size: 500_000,
        leaps_percent: 25,
        leaps_roll_months: if seed % 5 == 4 { 0 } else { 3 },
    };
    let early = |fork_surplus, fork_keeps, merge_size| Numbers {
        fork_surplus,
        fork_keeps,
        merge_size,
        fork_waits: false,
        leaps_percent: 50,
        ..given
    };
    let (deposit, numbers) = match seed % 8 {
        // Large Coms under small Gens come to hold LEAPS before they merge.
        0 => (20_000_000, Numbers { fork_to_gen: 20, leaps_percent: 100, ..early(150_000, 0, 300_000) }),
        2 => (4 * deposit, early(8_000, 50, 40_000)),
        4 => (20_000_000, early(8_000, 0, 110_000)),
        6 => (20_000_000, early(3_000, 50, 60_000)),
        _ => (deposit, given),
    };
    Case { seed, first: Date::constant(2017, 1, 3), sessions: 1_000, deposit, numbers, splits: seed / 2 % 2 == 1 }
}

/// A thousand histories take some minutes: `ALLUSE_SEED=1 ALLUSE_HISTORIES=1000 cargo test --release -p simulation
/// --test reference -- --nocapture`.
#[test]
fn two_implementations_agree() {
    let (first_seed, count) = (first_seed(), number("ALLUSE_HISTORIES").unwrap_or(8));
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in first_seed..first_seed + count {
        let case = case(seed);
        let (theirs, ours, beside) = both(&case);
        for (what, times) in beside.into_iter().filter(|(_, times)| *times > 0) {
            *seen.entry(what).or_default() += times;
        }
        for line in theirs.values().flatten() {
            for kind in KINDS.iter().filter(|kind| line.contains(**kind)) {
                *seen.entry(kind).or_default() += 1;
            }
        }
        wrong.extend(divergence(&theirs, &ours).map(|text| format!("seed {seed}, deposit {}: {text}", case.deposit)));
    }
    println!("{count} histories from seed {first_seed} on; what occurred in them: {seen:?}");
    assert!(wrong.is_empty(), "{} of {count} histories differ:\n{}", wrong.len(), wrong.join("\n"));
    let missing: Vec<_> =
        KINDS.iter().chain(SEEN).filter(|kind| count >= 1_000 && !seen.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "never occurred: {missing:?}");
}

/// The comparison can fail: another number on one side is found, with the day and what each side says.
#[test]
fn a_planted_difference_is_found() {
    let (theirs, ..) = both(&case(1));
    let (_, ours, _) = both(&Case { deposit: 1_000_100, ..case(1) });
    let text = divergence(&theirs, &ours).expect("other deposits make other books");
    assert!(text.contains("engine") && text.contains("reference") && text.contains("1.Gen"), "{text}");
}
