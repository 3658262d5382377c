//! Journal rows a second: in groups, one durable row at a time beside a bare write-and-sync loop, and read back (P13).
//!
//! `cargo bench -p adapters --bench store`. The durable rows and the bare loop take turns in blocks, because a disk's
//! sync time wanders by more than what separates them; the medians of the blocks are compared. The folder is the
//! system's temporary one, or `ALLUSE_BENCH_DIR`: on a memory file system a sync costs nothing and the ratio says
//! nothing.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock, and where to write from the environment")]

use std::convert::Infallible;
use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use adapters::store::SqliteStore;
use engine::Row;

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
    let (store_time, bare_time) = (median(store_times), median(bare_times));
    println!("durable rows one at a time{:>30}{:>10.0} rows/s", "", per_second(block, store_time));
    println!("bare write and fdatasync{:>32}{:>10.0} rows/s", "", per_second(block, bare_time));
    println!("durable / bare{:>42}{:>10.2}", "", bare_time.as_secs_f64() / store_time.as_secs_f64());
}

/// What an append costs without the disk: the same statements into a journal that is not synced.
fn processor_time(dir: &Path, rows: u64) {
    let mut store = SqliteStore::create_atomically(&dir.join("unsynced.journal")).expect("a new journal");
    let rows: Vec<Row> = (0..rows).map(|n| row(0, n)).collect();
    let time = timed(|| rows.iter().for_each(|r| store.append(std::slice::from_ref(r)).expect("appended")));
    println!("one append without its sync{:>29}{:>10.1} µs", "", micros(time) / rows.len() as f64);
}

fn main() {
    let dir = folder();
    println!("rows of {BYTES} bytes of events");
    groups(dir.path(), 1, 60);
    groups(dir.path(), 1000, 60);
    processor_time(dir.path(), 5000);
    durable(dir.path(), 15, 60);
}
