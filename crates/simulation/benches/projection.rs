//! P18: drawn paths with forks, merges and income, in account-weeks; beside it, in the same run, the plainest Monte
//! Carlo there is, in path-steps.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use market::value::Money;
use protocol::policy::Policy;
use simulation::projection::draw::{fraction, key, word};
use simulation::projection::{Model, Source};

const SEED: u64 = 1;
const YEARS: u32 = 10;
const WEEKS: u64 = 520;
/// Paths of the plain kernel; those of the model are fewer, as each is a whole tree.
const PLAIN: u64 = 2_000;
const PATHS: u64 = 50;
/// Paths that the plain kernel compounds side by side.
const LANES: u64 = 8;

/// A sum at interest, drawn between 0% and 3% each week: one number drawn and one product a step.
fn plain(seed: u64, paths: u64) -> f64 {
    let seeds = key(seed, "plain");
    let mut total = 0.0;
    for block in 0..paths / LANES {
        let keys: [u64; LANES as usize] = std::array::from_fn(|lane| word(seeds, block * LANES + lane as u64));
        let mut equity = [1.0; LANES as usize];
        for week in 0..WEEKS {
            for (equity, key) in equity.iter_mut().zip(keys) {
                *equity *= 1.0 + 0.03 * fraction(word(key, week) as u32);
            }
        }
        total += equity.iter().sum::<f64>();
    }
    total
}

fn monte_carlo(c: &mut Criterion) {
    let mut group = c.benchmark_group("P18");
    group.sample_size(10);
    group.throughput(Throughput::Elements(PLAIN * WEEKS));
    group.bench_function("plain compounding: path-steps", |b| b.iter(|| plain(black_box(SEED), PLAIN)));
    for (policy, withdraws) in
        [(Policy::all_use(), "keep"), (Policy::as_written(), "keep"), (Policy::all_use(), "withdraw")]
    {
        let policy = policy.with("income.policy", withdraws).expect("both are choices");
        let model = Model::new(&policy, Money::dollars(300_000), YEARS, Source::Types).expect("the policy ships");
        group.throughput(Throughput::Elements(model.run(SEED, 0..PATHS).account_weeks));
        let name = format!("{}, income {withdraws}: account-weeks", policy.name);
        group.bench_function(name, |b| b.iter(|| model.run(black_box(SEED), 0..PATHS)));
    }
    group.finish();
}

criterion_group!(benches, monte_carlo);
criterion_main!(benches);
