//! A process killed while the real engine, in the real loop, makes the events of each input durable: nothing
//! acknowledged is lost, nothing is found that was not written (bar R1).
//!
//! `ALLUSE_KILLS` says how often; `ALLUSE_SEED` names the first market.

#![expect(clippy::disallowed_methods, reason = "the child learns from its environment which file to append to")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use adapters::store::{SqliteStore, StoreError};
use engine::{Row, State, journal};
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::{MemoryStore, Store};
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay_durably};
use simulation::rng::Rng;

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");
const CHILD: &str = "ALLUSE_TEST_APPEND_TO";
const SEED: &str = "ALLUSE_SEED";

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// A quarter of the market of `seed`, each input's events in a row of their own.
fn run<S: Store>(seed: u64, store: S) -> S {
    let calendar = Arc::new(Calendar::nyse());
    let first = calendar.on_or_after(Date::constant(2019, 1, 2)).unwrap();
    let history = generate(&Parameters::shipped(), seed, first, 65, &calendar);
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let policy = Policy::all_use();
    let run = Run {
        history: &history,
        policy: &policy,
        premium: &premium,
        premium_text: PREMIUM,
        from: None,
        to: None,
        deposit: Money::dollars(400_000),
        script: &[],
        liquidity: &[],
        quotes: None,
    };
    replay_durably(&run, &calendar, store, |_, _| {}).unwrap().1
}

/// Says after each append how many rows are on the disk.
struct Acknowledging {
    store: SqliteStore,
    rows: usize,
}

impl Store for Acknowledging {
    type Error = StoreError;

    fn append(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        self.store.append(&rows)?;
        self.rows += rows.len();
        println!("acknowledged {}", self.rows);
        std::io::stdout().flush().unwrap();
        Ok(())
    }
}

#[test]
fn a_killed_loop_loses_nothing_that_it_acknowledged() {
    let seed = number(SEED).unwrap_or_else(|| u64::from(std::process::id()));
    if let Some(file) = std::env::var_os(CHILD) {
        let store = SqliteStore::open(Path::new(&file)).unwrap();
        run(seed, Acknowledging { store, rows: 0 });
        return;
    }
    println!("seed {seed}");
    let (mut rng, kills) = (Rng::stream(seed, "kills"), number("ALLUSE_KILLS").unwrap_or(5));
    let whole = run(seed, MemoryStore::default()).rows;
    for _ in 0..kills {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("book.journal");
        SqliteStore::create(&file).unwrap().finish().unwrap();
        let acknowledged = kill_after(&file, seed, 1 + rng.below(whole.len() - 1));
        let store = SqliteStore::open(&file).unwrap();
        store.check_structure().unwrap();
        let kept = store.rows(1).unwrap();
        assert!(kept.len() >= acknowledged, "seed {seed}: {} rows of {acknowledged} acknowledged", kept.len());
        assert!(kept[..] == whole[..kept.len()], "seed {seed}: a row that the engine did not write");
        let (events, _) = journal::read(1, &kept).unwrap();
        let mut state = State::new(Arc::new(Calendar::nyse()), Policy::all_use());
        events.iter().for_each(|event| state.apply(event).unwrap());
    }
    println!("{kills} kills among {} appends: 0 lost, 0 phantom", whole.len());
}

/// Lets a child append, kills it after some acknowledgements, and returns the last that it gave.
fn kill_after(file: &Path, seed: u64, acknowledgements: usize) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_loop_loses_nothing_that_it_acknowledged", "--nocapture"])
        .env(CHILD, file)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut heard = lines.filter_map(|line| {
        let line = line.ok()?;
        line.split_once("acknowledged ").and_then(|(_, count)| count.parse::<usize>().ok())
    });
    let mut last = 0;
    for _ in 0..acknowledgements {
        last = heard.next().expect("the child appends until it is killed");
    }
    child.kill().unwrap();
    last = heard.last().unwrap_or(last);
    child.wait().unwrap();
    last
}
