//! P12: events applied, sealed and made durable in groups, beside SQLite with a row for each event.
//! P13: one durable row at a time, beside a bare write-and-sync loop.
//! P14: fifty clients, each waiting for its durable row; `bench/store/compare.py` sets pgbench beside it.
//!
//! `cargo bench -p adapters --bench store [-- P12 P13 P14]`. What is compared takes turns, because a disk's sync time
//! wanders by more than what separates them: medians of the rounds, and the lowest and highest ratio. The folder is the
//! system's temporary one, or `ALLUSE_BENCH_DIR`: on a memory file system a sync costs nothing and the ratio says
//! nothing.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock, and where to write from the environment")]

mod generated;

use std::convert::Infallible;
use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use adapters::store::{GroupStore, SqliteStore, StoreError};
use engine::{Chain, Event, Row, State};
use generated::ten_years;
use market::time::Calendar;
use protocol::policy::Policy;

/// Events in one row, and rows in one transaction.
const SEALED: usize = 1024;
const TOGETHER: usize = 8;
const CLIENTS: u32 = 50;

const GROUP: u64 = 1000;
const BYTES: usize = 400;

fn row(portfolio: u32, row: u64) -> Row {
    let seed = u8::try_from(row % 251).expect("below 251");
    let bytes = vec![seed; BYTES];
    Row { portfolio, row: row + 1, first_event: row * 4 + 1, events: 4, bytes, digest: [seed; 32], chain: [seed; 32] }
}

fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn folder() -> tempfile::TempDir {
    match std::env::var_os("ALLUSE_BENCH_DIR") {
        Some(place) => tempfile::tempdir_in(PathBuf::from(place)).expect("ALLUSE_BENCH_DIR can be written to"),
        None => tempfile::tempdir().expect("the temporary folder can be written to"),
    }
}

/// One group of 1000 rows a transaction, from one portfolio or spread over a thousand.
fn groups(dir: &Path, portfolios: u32, groups: u64) {
    let file = dir.join(format!("groups-{portfolios}.journal"));
    let mut store = SqliteStore::create(&file).expect("a new journal");
    let batches: Vec<Vec<Row>> = (0..groups)
        .map(|g| match portfolios {
            1 => (g * GROUP..(g + 1) * GROUP).map(|n| row(0, n)).collect(),
            many => (0..many).map(|p| row(p, g)).collect(),
        })
        .collect();
    let times: Vec<_> = batches.iter().map(|b| timed(|| store.append(b).expect("appended"))).collect();
    let rows = groups * GROUP;
    println!(
        "append, {GROUP} rows a transaction, {portfolios:>4} portfolios  {:>10.0} rows/s  (median {:.2} ms each)",
        per_second(rows, times.iter().sum()),
        micros(median(times)) / 1e3
    );
    let read = timed(|| {
        for portfolio in store.portfolios().expect("read") {
            let swept = store.for_each_row(portfolio, 0, |row| {
                black_box(row);
                Ok::<(), Infallible>(())
            });
            let Ok(()) = swept.expect("read");
        }
    });
    println!("read back{:>47}{:>10.0} rows/s", "", per_second(rows, read));
}

/// Ratios of paired rounds: median, lowest, highest.
fn ratios(ours: &[Duration], theirs: &[Duration]) -> String {
    let mut all: Vec<f64> = ours.iter().zip(theirs).map(|(o, t)| t.as_secs_f64() / o.as_secs_f64()).collect();
    all.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2} to {:.2} in {} rounds)", all[all.len() / 2], all[0], all[all.len() - 1], all.len())
}

/// Events applied to books that check every posting and sealed, while another thread makes those before durable in
/// groups, against the same bytes in an SQLite table with one row and one key for each event, in as large transactions.
fn transfers(dir: &Path, rounds: u32) {
    let calendar = Arc::new(Calendar::nyse());
    let policy = Policy::all_use();
    let (events, _) = engine::journal::read(1, &ten_years(&calendar, &policy)).expect("the journal is sound");
    let bytes: Vec<Vec<u8>> = events.iter().map(encoded).collect();
    let store = SqliteStore::create(&dir.join("transfers.journal")).expect("a new journal");
    let (group, journal) = GroupStore::start(store, 1024).expect("a thread");
    let mut raw = rusqlite::Connection::open(dir.join("raw.db")).expect("a new file");
    raw.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").expect("as the journal");
    raw.execute_batch("CREATE TABLE event (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT").expect("a table");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        ours.push(timed(|| {
            let mut state = State::new(Arc::clone(&calendar), policy.clone());
            let mut chain = Chain::new(round);
            let mut written = Vec::new();
            for together in events.chunks(SEALED * TOGETHER) {
                together.iter().for_each(|event| state.apply(event).expect("the journal is sound"));
                let rows: Vec<Row> = together.chunks(SEALED).filter_map(|batch| chain.seal(batch)).collect();
                written.push(group.submit(rows).expect("room"));
            }
            written.into_iter().for_each(|ticket| ticket.wait().expect("durable"));
        }));
        theirs.push(timed(|| {
            for group in bytes.chunks(SEALED * TOGETHER) {
                let transaction = raw.transaction().expect("a transaction");
                let mut insert =
                    transaction.prepare_cached("INSERT INTO event (bytes) VALUES (?1)").expect("a statement");
                for event in group {
                    insert.execute([event]).expect("inserted");
                }
                drop(insert);
                transaction.commit().expect("committed");
            }
        }));
    }
    drop(group);
    drop(journal.join());
    let count = events.len() as u64;
    let mean = bytes.iter().map(Vec::len).sum::<usize>() / bytes.len();
    println!("P12 events of {mean} bytes, {} a transaction, applied and durable", SEALED * TOGETHER);
    println!("{:<47}{:>10.0} events/s", "  this journal", per_second(count, median(ours.clone())));
    println!("{:<47}{:>10.0} rows/s", "  SQLite, a row for each event", per_second(count, median(theirs.clone())));
    println!("{:<47}{:>10}", "  ours / SQLite", ratios(&ours, &theirs));
    if let Some(peak) = peak_memory() {
        println!("{:<47}{peak:>10} kB", "  most memory that this process has held");
    }
}

/// Where the system says it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn encoded(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine::codec::encode(event, &mut bytes);
    bytes
}

/// One row a transaction against the same bytes written and synced to a bare file, in alternating blocks.
fn durable(dir: &Path, blocks: u64, block: u64) {
    let mut store = SqliteStore::create(&dir.join("single.journal")).expect("a new journal");
    let mut bare = File::create(dir.join("bare.log")).expect("a new file");
    let (mut store_times, mut bare_times) = (Vec::new(), Vec::new());
    for b in 0..blocks {
        let rows: Vec<Row> = (b * block..(b + 1) * block).map(|n| row(0, n)).collect();
        store_times.push(timed(|| rows.iter().for_each(|r| store.append(std::slice::from_ref(r)).expect("appended"))));
        bare_times.push(timed(|| {
            for r in &rows {
                bare.write_all(&r.bytes).expect("written");
                bare.sync_data().expect("synced");
            }
        }));
    }
    println!("P13 rows of {BYTES} bytes, each durable before the next");
    println!("{:<47}{:>10.0} rows/s", "  this journal", per_second(block, median(store_times.clone())));
    println!("{:<47}{:>10.0} rows/s", "  bare write and fdatasync", per_second(block, median(bare_times.clone())));
    println!("{:<47}{:>10}", "  ours / bare", ratios(&store_times, &bare_times));
}

/// What an append costs without the disk: the same statements into a journal that is not synced.
fn processor_time(dir: &Path, rows: u64) {
    let mut store = SqliteStore::create_atomically(&dir.join("unsynced.journal")).expect("a new journal");
    let rows: Vec<Row> = (0..rows).map(|n| row(0, n)).collect();
    let time = timed(|| rows.iter().for_each(|r| store.append(std::slice::from_ref(r)).expect("appended")));
    println!("{:<47}{:>10.1} µs", "  one append without its sync", micros(time) / rows.len() as f64);
}

/// Clients that each wait for their row to be durable before they send the next, on two threads as those of pgbench.
fn clients(dir: &Path, each: u64) {
    let store = SqliteStore::create(&dir.join("clients.journal")).expect("a new journal");
    let (group, journal) = GroupStore::start(store, 1024).expect("a thread");
    let mut waits = Vec::new();
    let time = timed(|| {
        let serve = |first: u32| {
            let group = group.clone();
            move || served(&group, first..first + CLIENTS / 2, each)
        };
        let threads = [thread::spawn(serve(0)), thread::spawn(serve(CLIENTS / 2))];
        waits = threads.into_iter().flat_map(|thread| thread.join().expect("clients")).collect();
    });
    drop(group);
    drop(journal.join());
    waits.sort();
    let at = |percent: usize| micros(waits[waits.len() * percent / 100]) / 1e3;
    println!(
        "P14 {CLIENTS} clients, each durable before its next{:>3}{:>10.0} commits/s  (wait p50 {:.2} ms, p99 {:.2} ms)",
        "",
        per_second(u64::from(CLIENTS) * each, time),
        at(50),
        at(99)
    );
}

/// How long each row of each client took from being sent to being durable.
fn served(group: &GroupStore, clients: Range<u32>, each: u64) -> Vec<Duration> {
    let (answer, answers) = channel();
    let send = |client: u32, number: u64| {
        let (answer, sent) = (answer.clone(), Instant::now());
        let told =
            move |end: Result<(), StoreError>| answer.send((client, number, sent, end)).expect("it is waited for");
        group.submit_then(vec![row(client, number)], told).expect("room");
    };
    clients.clone().for_each(|client| send(client, 0));
    let all = clients.len() * usize::try_from(each).expect("few");
    let take = |(client, number, sent, end): (u32, u64, Instant, Result<(), StoreError>)| {
        end.expect("durable");
        if number + 1 < each {
            send(client, number + 1);
        }
        sent.elapsed()
    };
    answers.iter().take(all).map(take).collect()
}

fn main() {
    let dir = folder();
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|a| a == name);
    if asked.is_empty() {
        println!("rows of {BYTES} bytes of events");
        groups(dir.path(), 1, 60);
        groups(dir.path(), 1000, 60);
    }
    if wanted("P12") {
        transfers(dir.path(), 11);
    }
    if wanted("P13") {
        durable(dir.path(), 25, 100);
        processor_time(dir.path(), 5000);
    }
    if wanted("P14") {
        clients(dir.path(), 1_000);
    }
}
