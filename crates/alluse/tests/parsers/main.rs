//! R11: whatever bytes a reader is given, it gives a value or an error, and does not panic.
//!
//! The corpus lies in `fuzz/corpus`; mutations follow from `ALLUSE_FUZZ_SEED`, which `cargo xtask test` sets to the
//! day's number, so that every day tries others. A failure names the seed and the round, and shows the bytes.

#[path = "../../../../fuzz/src/mutate.rs"]
#[expect(unreachable_pub, reason = "shared with the fuzzers, which are a crate of their own")]
mod mutate;
#[path = "../../../../fuzz/src/targets.rs"]
#[expect(unreachable_pub, reason = "shared with the fuzzers, which are a crate of their own")]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use mutate::{Draws, corpus, mutated};
use targets::TARGETS;

/// Mutations of each target's corpus.
const ROUNDS: usize = 1_000;

#[expect(clippy::disallowed_methods, reason = "which mutations are tried is the environment's to say")]
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn fuzz(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let all = corpus(&root, target);
    assert!(!all.is_empty(), "{name}: nothing in its corpus");
    for (file, bytes) in &all {
        assert!(catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_ok(), "{name}: {}", file.display());
    }
    let (seed, rounds) = (number("ALLUSE_FUZZ_SEED", 1), number("ALLUSE_FUZZ_ROUNDS", ROUNDS as u64));
    let mut draws = Draws::new(seed);
    for round in 0..rounds {
        let bytes = mutated(&mut draws, &all);
        let ran = catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes)));
        assert!(ran.is_ok(), "{name}: ALLUSE_FUZZ_SEED={seed}, round {round}: {}", bytes.escape_ascii());
    }
}

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            fuzz(stringify!($name));
        })*

        #[test]
        fn every_target_is_tried() {
            let listed: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(listed, [$(stringify!($name)),*]);
        }
    };
}

targets!(
    statement,
    mapping,
    instrument,
    chains,
    policy,
    premium_model,
    generator,
    sources,
    scenario,
    event,
    weekly_returns,
    rule_worth,
    listing,
    archives,
    trades,
    form_1099b,
    prices,
    chart,
    head,
    proof,
    backup_note,
    sealed,
    address,
    journal,
);
