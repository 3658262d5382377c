//! How long a folder of price history takes to read: ten years of ten symbols with VIX, rates and events.
//!
//! `cargo bench -p adapters --bench history`, over `../shared/data` or the folder that `ALLUSE_SHARED` names; it says
//! so and ends where there is none.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock, and where the data lie from the environment")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use adapters::history::{HistoryOptions, read_history};
use market::time::{Calendar, Date};

const RUNS: usize = 51;

fn main() {
    let shared = std::env::var_os("ALLUSE_SHARED").map(PathBuf::from);
    let data = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")).join("data");
    if !data.is_dir() {
        println!("SKIPPED history: ../shared is absent");
        return;
    }
    let (calendar, options) = (Calendar::nyse(), HistoryOptions::new(Date::constant(2016, 1, 1)));
    let read = || read_history(&data, &options, &calendar).expect("the shared folder is sound");
    let history = read();
    let bars: usize = history.symbols.iter().map(|(_, own)| own.bars.len()).sum();
    let rows = bars + history.volatility.len() + history.rates.len();
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(read());
            start.elapsed()
        })
        .collect();
    times.sort();
    let (best, median) = (times[0].as_secs_f64(), times[RUNS / 2].as_secs_f64());
    println!("{bars} bars, {rows} rows kept: best {:.2} ms, median {:.2} ms", best * 1e3, median * 1e3);
}
