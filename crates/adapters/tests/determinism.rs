//! One digest, whatever computes it: on one thread or two, with plain instructions, AVX2 or AVX-512 (bar R3).
//!
//! `ALLUSE_SEED` names the first seed and `ALLUSE_SEEDS` how many there are. The digest is printed, so that
//! `cargo xtask bars determinism` can compare it between a debug and a release build.

#![expect(clippy::disallowed_methods, reason = "seeds come from the environment")]

use std::sync::Arc;
use std::thread;

use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use pricing::simd::{self, Level};
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// The journal's digest after one generated year, as `alluse demo --years 1` makes it.
fn year(seed: u64) -> [u8; 32] {
    let calendar = Arc::new(Calendar::nyse());
    let days = calendar.sessions_between(Date::constant(2025, 1, 1), Date::constant(2025, 12, 31));
    let history = generate(&Parameters::shipped(), seed, days[0], days.len(), &calendar);
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let policy = Policy::all_use();
    let run = Run {
        history: &history,
        policy: &policy,
        premium: &premium,
        premium_text: PREMIUM,
        from: Some(days[0].date()),
        to: None,
        deposit: Money::dollars(300_000),
        script: &[],
        liquidity: &[],
        quotes: None,
    };
    replay(&run, &calendar, MemoryStore::default(), |_, _| {}).unwrap().0.chain.digest()
}

/// One digest over the journals of all seeds, in their order, made on so many threads.
fn digest(seeds: &[u64], threads: usize) -> [u8; 32] {
    let each = thread::scope(|scope| {
        let mine = |turn| move || seeds.iter().skip(turn).step_by(threads).map(|seed| year(*seed)).collect::<Vec<_>>();
        let workers: Vec<_> = (0..threads).map(|turn| scope.spawn(mine(turn))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a replay does not panic")).collect::<Vec<_>>()
    });
    let mut hasher = blake3::Hasher::new();
    for at in 0..seeds.len() {
        hasher.update(&each[at % threads][at / threads]);
    }
    *hasher.finalize().as_bytes()
}

#[test]
fn the_digest_is_one_whatever_computes_it() {
    let first = number("ALLUSE_SEED").unwrap_or(1);
    let seeds: Vec<u64> = (first..first + number("ALLUSE_SEEDS").unwrap_or(4)).collect();
    let mut found = Vec::new();
    for level in Level::ALL.iter().filter(|level| **level <= Level::best()) {
        simd::allow_at_most(*level);
        assert_eq!(Level::used(), *level);
        for threads in [1, 2] {
            found.push((*level, threads, engine::journal::hex(&digest(&seeds, threads))));
        }
    }
    let one = &found[0].2;
    assert!(found.iter().all(|(_, _, digest)| digest == one), "{found:#?}");
    let levels: Vec<_> = found.iter().step_by(2).map(|(level, _, _)| level).collect();
    println!("seeds {first} to {}, 1 and 2 threads, {levels:?}: digest {one}", first + seeds.len() as u64 - 1);
}
