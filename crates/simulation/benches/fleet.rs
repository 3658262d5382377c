//! Ten portfolios of ten policies each on ten years of history: how long, and how much memory.
//!
//! One pass of a hundred replays, on one thread and on two; the history is shared and read-only. The journal of each
//! run is kept in memory until it ends, as a backtest does.

use std::sync::Arc;
use std::time::Instant;

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
/// What each policy changes.
const CHANGES: [(&str, &str); 10] = [
    ("roll.max_rolls", "2"),
    ("roll.max_rolls", "0"),
    ("fork.rebase", "false"),
    ("fork.wait_for_contract", "false"),
    ("tax.reserve", "0"),
    ("exit.profit_put", "50"),
    ("calls.below_basis", "true"),
    ("cap.underlying", "100"),
    ("drawdown.gen", "100"),
    ("buffer.share", "10"),
];

struct World {
    calendar: Arc<Calendar>,
    history: History,
    premium: PremiumModel,
    policies: Vec<Policy>,
}

impl World {
    fn new() -> Self {
        let calendar = Arc::new(Calendar::nyse());
        let first = calendar.on_or_after(Date::constant(2016, 7, 1)).expect("the calendar holds 2016");
        let history = generate(&Parameters::shipped(), 1, first, SESSIONS, &calendar);
        let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").expect("the shipped model is tested");
        let policy = |(key, value): &(&str, &str)| Policy::all_use().with(key, value).expect("a key of the policy");
        World { calendar, history, premium, policies: CHANGES.iter().map(policy).collect() }
    }

    /// One portfolio by one policy; how many events it journals and how many structures stand at its end.
    fn one(&self, nth: usize) -> (u64, usize) {
        let run = Run {
            history: &self.history,
            policy: &self.policies[nth % CHANGES.len()],
            premium: &self.premium,
            premium_text: PREMIUM,
            from: Some(Date::constant(2016, 7, 1)),
            to: None,
            deposit: Money::dollars(200_000 + 200_000 * (nth / CHANGES.len()) as i64),
            script: &[],
            liquidity: &[],
            quotes: None,
        };
        let (outcome, _) = replay(&run, &self.calendar, MemoryStore::default(), |_, _| {}).expect("the run is sound");
        (outcome.chain.events(), outcome.state.structures.len())
    }
}

/// The most memory that this process ever held, in MiB, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

#[expect(clippy::disallowed_methods, reason = "a bench takes its time")]
fn main() {
    let world = World::new();
    let runs = CHANGES.len() * CHANGES.len();
    for threads in [1, 2] {
        let start = Instant::now();
        let totals: Vec<(u64, usize)> = std::thread::scope(|scope| {
            let world = &world;
            let share =
                |first: usize| scope.spawn(move || (first..runs).step_by(threads).map(|n| world.one(n)).collect());
            let workers: Vec<std::thread::ScopedJoinHandle<'_, Vec<_>>> = (0..threads).map(share).collect();
            workers.into_iter().flat_map(|w| w.join().expect("a run that is sound")).collect()
        });
        let seconds = start.elapsed().as_secs_f64();
        let events: u64 = totals.iter().map(|(events, _)| events).sum();
        let structures: usize = totals.iter().map(|(_, structures)| structures).sum();
        println!(
            "{runs} runs of ten years on {threads} threads: {seconds:.1} s, {events} events, {structures} structures, \
             peak {} MiB",
            peak().map_or("unknown".to_owned(), |mib| mib.to_string())
        );
    }
}
