//! A second implementation of the protocol, slow and plain, written from its text alone, agrees with the engine on
//! generated histories: classes, trades, assignments, types, balances, locks and structures.

mod book;
mod close;
mod ends;
mod engine_side;
mod entry;
mod fills;
mod growth;
mod manage;
mod run;
mod week;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use simulation::chain::ChainModel;
use simulation::generator::{Parameters, generate};

use run::{Facts, Numbers, Reference};
use world::World;

const PREMIUM: &str = include_str!("../../../../policy/premium-model.toml");

/// Rules that are off on both sides: the ladder of LEAPS and merges are proved otherwise (`tests/trees.rs`, the audit).
const OFF: &[&str] = &["Q-2", "J-1"];

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
];

/// One comparison.
struct Case {
    seed: u64,
    first: Date,
    sessions: usize,
    deposit: i64,
    numbers: Numbers,
    off: Vec<&'static str>,
}

fn policy(case: &Case) -> Policy {
    let off: Vec<String> = case.off.iter().map(|r| format!("\"{r}\"")).collect();
    let keys = [
        ("rules.off", format!("[{}]", off.join(", "))),
        ("fork.surplus", case.numbers.fork_surplus.to_string()),
        ("fork.wait_for_contract", case.numbers.fork_waits.to_string()),
    ];
    keys.iter().fold(Policy::all_use(), |policy, (key, value)| policy.with(key, value).unwrap())
}

/// Runs both; the facts of the engine and of the reference.
fn both(case: &Case) -> (Facts, Facts) {
    let calendar = Arc::new(Calendar::nyse());
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let policy = policy(case);
    let first = calendar.on_or_after(case.first).unwrap();
    let history = generate(&Parameters::shipped(), case.seed, first, case.sessions, &calendar);
    let theirs = engine_side::run(&history, &policy, &premium, PREMIUM, &calendar, first, Money::dollars(case.deposit));
    let model = ChainModel::new(&history, &calendar, &policy, &premium, &[]);
    let world = World::new(&history, &calendar, &policy, model);
    let mut reference = Reference::new(&world, case.numbers, &case.off, first, case.deposit);
    let last = history.symbols[0].1.bars.last().unwrap().day;
    let mut sessions = calendar.sessions_between(first.date(), last.date()).to_vec();
    while !calendar.is_last_of_week(*sessions.last().unwrap()) {
        sessions.pop();
    }
    reference.run(&sessions);
    (theirs, reference.facts)
}

/// The first day on which they differ, with what only one side says.
fn divergence(theirs: &Facts, ours: &Facts) -> Option<String> {
    let mut days: Vec<Date> = theirs.keys().chain(ours.keys()).copied().collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        let sorted = |facts: &Facts| {
            let mut lines = facts.get(&day).cloned().unwrap_or_default();
            lines.sort();
            lines
        };
        let (a, b) = (sorted(theirs), sorted(ours));
        if a != b {
            let only = |x: &[String], y: &[String], who: &str| -> String {
                x.iter().filter(|line| !y.contains(line)).map(|line| format!("\n  {who}: {line}")).collect()
            };
            return Some(format!("{day}{}{}", only(&a, &b, "engine   "), only(&b, &a, "reference")));
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

/// Deposits from small to large; every other history forks early.
fn case(seed: u64) -> Case {
    let early = seed.is_multiple_of(2);
    Case {
        seed,
        first: Date::constant(2017, 1, 3),
        sessions: 1_200,
        deposit: [300_000, 1_000_000, 5_000_000][seed as usize % 3],
        numbers: Numbers { fork_surplus: if early { 8_000 } else { 50_000 }, fork_waits: !early },
        off: OFF.to_vec(),
    }
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
        let (theirs, ours) = both(&case);
        for line in theirs.values().flatten() {
            for kind in KINDS.iter().filter(|kind| line.contains(**kind)) {
                *seen.entry(kind).or_default() += 1;
            }
        }
        wrong.extend(divergence(&theirs, &ours).map(|text| format!("seed {seed}, deposit {}: {text}", case.deposit)));
    }
    println!("{count} histories from seed {first_seed} on; what occurred in them: {seen:?}");
    assert!(wrong.is_empty(), "{} of {count} histories differ:\n{}", wrong.len(), wrong.join("\n"));
    let missing: Vec<_> = KINDS.iter().filter(|kind| count >= 1_000 && !seen.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "never occurred: {missing:?}");
}

/// The comparison can fail: another number on one side is found, with the day and what each side says.
#[test]
fn a_planted_difference_is_found() {
    let (theirs, _) = both(&case(1));
    let (_, ours) = both(&Case { deposit: 1_000_100, ..case(1) });
    let text = divergence(&theirs, &ours).expect("other deposits make other books");
    assert!(text.contains("engine") && text.contains("reference") && text.contains("1.Gen"), "{text}");
}
