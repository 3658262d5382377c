//! P6: ten years of the whole protocol after parsing, journaled and hashed.
//! P17: the journal that they leave, hashed, decoded and folded again.

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::{State, journal};
use market::history::History;
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");
/// Ten years of sessions.
const SESSIONS: usize = 2_520;
/// Portfolios whose journals make a million events and more.
const PORTFOLIOS: usize = 40;

struct World {
    calendar: Arc<Calendar>,
    history: History,
    policy: Policy,
    premium: PremiumModel,
}

impl World {
    fn new() -> Self {
        let calendar = Arc::new(Calendar::nyse());
        let first = calendar.on_or_after(Date::constant(2016, 7, 1)).expect("the calendar holds 2016");
        let history = generate(&Parameters::shipped(), 1, first, SESSIONS, &calendar);
        let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").expect("the shipped model is tested");
        World { calendar, history, policy: Policy::all_use(), premium }
    }

    fn run(&self) -> Run<'_> {
        Run {
            history: &self.history,
            policy: &self.policy,
            premium: &self.premium,
            premium_text: PREMIUM,
            from: Some(Date::constant(2016, 7, 1)),
            to: None,
            deposit: Money::dollars(300_000),
            script: &[],
            liquidity: &[],
            quotes: None,
        }
    }
}

fn ten_years(c: &mut Criterion) {
    let world = World::new();
    let mut group = c.benchmark_group("P6");
    group.sample_size(10);
    group.bench_function("ten years after parsing, journaled and hashed", |b| {
        b.iter(|| replay(&world.run(), &world.calendar, MemoryStore::default(), |_, _| {}).expect("the run is sound"));
    });
    group.finish();
}

fn open_journal(c: &mut Criterion) {
    let world = World::new();
    let replayed = replay(&world.run(), &world.calendar, MemoryStore::default(), |_, _| {});
    let (outcome, store) = replayed.expect("the run is sound");
    let events = outcome.chain.events();
    let (decoded, _) = journal::read(1, &store.rows).expect("the journal is sound");
    let mut group = c.benchmark_group("P17");
    group.sample_size(10);
    group.throughput(Throughput::Elements(events));
    group.bench_function("fold: decoded events applied", |b| {
        b.iter(|| {
            let mut state = State::new(Arc::clone(&world.calendar), world.policy.clone());
            decoded.iter().for_each(|event| state.apply(event).expect("the journal is sound"));
            state.events
        });
    });
    let all = events * PORTFOLIOS as u64;
    group.throughput(Throughput::Elements(all));
    group.bench_with_input(BenchmarkId::new("open: hashed, decoded and folded", all), &store.rows, |b, rows| {
        b.iter(|| {
            for _ in 0..PORTFOLIOS {
                let mut state = State::new(Arc::clone(&world.calendar), world.policy.clone());
                let folded = journal::walk(1, rows, |event| state.apply(&event).expect("the journal is sound"));
                folded.expect("the journal is sound");
            }
        });
    });
    group.finish();
}

criterion_group!(benches, ten_years, open_journal);
criterion_main!(benches);
