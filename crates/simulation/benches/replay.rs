//! P6: ten years of the whole protocol after parsing, journaled and hashed.

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
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

criterion_group!(benches, ten_years);
criterion_main!(benches);
