//! R11: every reader of text or bytes that others wrote, a minute of mutations each, in the bench's own process.
//!
//! `ALLUSE_FUZZ_SECONDS` says how long, `ALLUSE_FUZZ_SEED` which. It stops at the first panic, with the bytes.

#[path = "../../../fuzz/src/mutate.rs"]
#[expect(unreachable_pub, reason = "shared with the fuzzers, which are a crate of their own")]
mod mutate;
#[path = "../../../fuzz/src/targets.rs"]
#[expect(unreachable_pub, reason = "shared with the fuzzers, which are a crate of their own")]
mod targets;

use std::path::Path;
use std::time::{Duration, Instant};

use mutate::{Draws, corpus, mutated};
use targets::TARGETS;

#[expect(clippy::disallowed_methods, reason = "how long is the environment's to say, and a clock says when it is over")]
fn main() {
    let number =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (seed, seconds) = (number("ALLUSE_FUZZ_SEED", 1), number("ALLUSE_FUZZ_SECONDS", 60));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for target in TARGETS {
        let all = corpus(&root, target);
        let (mut draws, mut rounds, begun) = (Draws::new(seed), 0u64, Instant::now());
        while begun.elapsed() < Duration::from_secs(seconds) {
            let bytes = mutated(&mut draws, &all);
            let ran = std::panic::catch_unwind(|| (target.run)(&bytes));
            assert!(ran.is_ok(), "{}: seed {seed}, round {rounds}: {}", target.name, bytes.escape_ascii());
            rounds += 1;
        }
        println!("{:<16} {rounds:>10} inputs in {seconds} s, no panic", target.name);
    }
}
