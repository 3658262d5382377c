//! Commands with keys, over both stores: one effect and one answer, whatever is sent again and whoever dies.

#![expect(clippy::disallowed_methods, reason = "the child learns from its environment which store to open")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::{Arc, Mutex};

use adapters::store::{JournalStore, Lease, Location, StoreFault};
use engine::command::{Answer, Command, CommandError, Key};
use engine::event::{Opened, World as Prices};
use engine::input::Ending;
use engine::risk::Approved;
use engine::{Body, Chain, Engine, Event, Input, journal};
use jiff::Timestamp;
use ledger::{PortfolioId, StructureId};
use market::order::OrderId;
use market::quote::Board;
use market::time::Calendar;
use market::value::Money;
use protocol::policy::Policy;
use runtime::{Broker, Commit, Loop, NotDone, Report};

use super::worlds::World;

const CHILD: &str = "ALLUSE_TEST_COMMAND";
const PORTFOLIO: u32 = 1;

/// Requests that are sent at once (bar R8).
const REQUESTS: usize = 100_000;
/// Threads that send them.
const THREADS: usize = 8;

/// Every test of commands, each in a fresh place.
pub(crate) fn run(world: &dyn World) {
    many_requests_with_one_key_have_one_effect(world);
    a_reply_that_was_dropped_is_given_again(world);
    a_key_with_other_content_is_refused_for_ever(world);
    a_loop_that_could_not_write_answers_nothing(world);
}

/// A broker that has nothing to do.
struct Nobody;

impl Broker for Nobody {
    fn submit(&mut self, _order: &Approved) {}
    fn cancel(&mut self, _order: OrderId) {}
    fn report(&mut self) -> Option<Report> {
        None
    }
    fn endings(&mut self, _board: &Board) -> Vec<Ending> {
        Vec::new()
    }
}

type Desk = Loop<Box<dyn JournalStore>>;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn deposit(dollars: u64) -> Command {
    let amount = Money::dollars(i64::try_from(dollars).unwrap());
    Command::Deposit { structure: StructureId(1), amount, parts: None }
}

/// A store with a journal that has begun.
fn begin(place: &Location) {
    let mut engine = Engine::new(Arc::new(Calendar::nyse()), Policy::all_use());
    let opened = Opened {
        portfolio: PortfolioId(PORTFOLIO),
        program: "0.1.0".to_owned(),
        schema: engine::codec::SCHEMA,
        world: Prices::Simulated,
        source: "commands".to_owned(),
        policy: Policy::all_use().to_toml(),
        premium_model: String::new(),
        people: false,
    };
    let events = engine.handle(at(0), &Input::Open(opened)).events;
    let mut store = place.create().unwrap();
    store.append(&[Chain::new(PORTFOLIO).seal(&events).unwrap()]).unwrap();
    store.finish().unwrap();
}

/// Goes on with a journal as a program does that starts again after a crash: it takes the lease of the one that died.
fn open(place: &Location) -> Desk {
    let lease = Lease { take_over: true, ..Lease::default() };
    let mut store = place.open_as(lease).unwrap();
    store.claim(PORTFOLIO).unwrap();
    let (events, chain) = journal::read(PORTFOLIO, &store.rows(PORTFOLIO).unwrap()).unwrap();
    let engine = Engine::restore(Arc::new(Calendar::nyse()), &events).unwrap();
    Loop::resume(at(1), ("Ada", "0.1.0"), engine, chain, store, Commit::EachInput).unwrap()
}

fn events(place: &Location) -> Vec<Event> {
    journal::read(PORTFOLIO, &place.open_read_only().unwrap().rows(PORTFOLIO).unwrap()).unwrap().0
}

/// What was paid in, deposit by deposit.
fn deposits(place: &Location) -> Vec<Money> {
    let paid = |event: Event| match event.body {
        Body::Deposited { parts, .. } => Some(parts.into_iter().sum()),
        _ => None,
    };
    events(place).into_iter().filter_map(paid).collect()
}

fn many_requests_with_one_key_have_one_effect(world: &dyn World) {
    let place = world.fresh();
    begin(&place);
    let desk = Mutex::new(open(&place));
    let send = |thread: usize| -> Vec<Answer> {
        let mine = (thread..REQUESTS).step_by(THREADS);
        let ask = |n: usize| {
            let now = at(10 + i64::try_from(n).unwrap());
            desk.lock().unwrap().command(now, &key("rent"), &deposit(300), None, &mut Nobody).unwrap()
        };
        mine.map(ask).collect()
    };
    let answers: Vec<Answer> = std::thread::scope(|threads| {
        let senders: Vec<_> = (0..THREADS).map(|thread| threads.spawn(move || send(thread))).collect();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    assert_eq!(answers.len(), REQUESTS);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "one answer");
    assert_eq!(deposits(&place), [Money::dollars(300)], "one effect");
    let effect = &events(&place)[usize::try_from(answers[0].first).unwrap() - 1];
    assert!(matches!(effect.body, Body::Deposited { .. }), "the answer says where the effect is");
}

fn a_reply_that_was_dropped_is_given_again(world: &dyn World) {
    let place = world.fresh();
    begin(&place);
    let mut first = None;
    for restart in 0..3 {
        let mut desk = open(&place);
        for _ in 0..2 {
            let again = desk.command(at(100 + restart), &key("rent"), &deposit(300), None, &mut Nobody).unwrap();
            assert_eq!(*first.get_or_insert(again), again);
        }
        // The process ends without a word.
        drop(desk);
    }
    assert_eq!(deposits(&place), [Money::dollars(300)]);
    // A process that only reads knows the answer too.
    let reader = Engine::restore(Arc::new(Calendar::nyse()), &events(&place)).unwrap();
    assert_eq!(reader.state().commands.get(&key("rent")).copied(), first);
}

fn a_key_with_other_content_is_refused_for_ever(world: &dyn World) {
    let place = world.fresh();
    begin(&place);
    open(&place).command(at(5), &key("rent"), &deposit(300), None, &mut Nobody).unwrap();
    for _ in 0..2 {
        let mut desk = open(&place);
        let refusal = desk.command(at(6), &key("rent"), &deposit(301), None, &mut Nobody).unwrap_err();
        assert!(matches!(&refusal, NotDone::Command(CommandError::KeyReused { event: 6, .. })), "{refusal}");
        desk.command(at(6), &key("other"), &deposit(301), None, &mut Nobody).unwrap();
    }
    assert_eq!(deposits(&place), [Money::dollars(300), Money::dollars(301)]);
}

/// Once the journal cannot be written, nothing is answered from memory that the journal may not have.
fn a_loop_that_could_not_write_answers_nothing(world: &dyn World) {
    let place = world.fresh();
    begin(&place);
    let mut old = open(&place);
    let mut new = open(&place);
    let refusal = match old.command(at(5), &key("old"), &deposit(1), None, &mut Nobody) {
        // A file has no leases: the first to append goes on, and the other meets its row.
        Ok(_) => new.command(at(5), &key("old"), &deposit(1), None, &mut Nobody).unwrap_err(),
        Err(refusal) => {
            let again = old.command(at(5), &key("old"), &deposit(1), None, &mut Nobody).unwrap_err();
            assert!(matches!(again, NotDone::StoppedBefore), "{again}");
            new.command(at(5), &key("old"), &deposit(1), None, &mut Nobody).unwrap();
            refusal
        }
    };
    let NotDone::Stopped(stopped) = &refusal else { panic!("{refusal}") };
    assert!(matches!(stopped.0.fault, StoreFault::Fenced { .. } | StoreFault::Taken { .. }), "{refusal}");
    assert_eq!(deposits(&place), [Money::dollars(1)]);
}

/// Whether this process is the child that is to be killed; then it works until it is.
pub(crate) fn is_child() -> bool {
    let Some(named) = std::env::var_os(CHILD) else { return false };
    let place = Location::read(Path::new(&named), None).unwrap();
    let mut desk = open(&place);
    for n in 1_u64.. {
        let answer = desk.command(at(10), &key(&format!("k{n}")), &deposit(n), None, &mut Nobody).unwrap();
        // The effect is there; the reply never reaches whoever asked.
        println!("effect {n} {} {}", answer.first, answer.events);
        std::io::stdout().flush().unwrap();
    }
    true
}

/// A process is killed between the effects of its commands and the replies: whoever sends them again gets the answers
/// that were lost, and no effect is there twice.
pub(crate) fn killed(world: &dyn World, test: &str) {
    let place = world.fresh();
    begin(&place);
    for effects_before_the_kill in [1, 2, 9, 30] {
        let heard = kill_after(&world.named(&place), test, effects_before_the_kill);
        let mut desk = open(&place);
        let last = u64::try_from(heard.len()).unwrap();
        for n in 1..=last + 2 {
            let answer = desk.command(at(20), &key(&format!("k{n}")), &deposit(n), None, &mut Nobody).unwrap();
            if let Some((first, events)) = usize::try_from(n - 1).ok().and_then(|n| heard.get(n)) {
                assert_eq!((answer.first, answer.events), (*first, *events), "the answer that was lost");
            }
        }
        let paid = deposits(&place);
        let once: Vec<Money> = (1..).map(Money::dollars).take(paid.len()).collect();
        assert_eq!(paid, once, "each effect once, in order");
    }
}

/// Lets a child carry out commands, kills it after some, and returns where it said that their effects are.
fn kill_after(named: &str, test: &str, effects: usize) -> Vec<(u64, u32)> {
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, named)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut heard = lines.map_while(Result::ok).filter_map(|line| {
        let mut numbers = line.split_once("effect ")?.1.split(' ').skip(1);
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    });
    let mut all: Vec<(u64, u32)> = heard.by_ref().take(effects).collect();
    child.kill().unwrap();
    all.extend(heard);
    child.wait().unwrap();
    all
}
