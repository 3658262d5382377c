//! Why the journal's table is laid out as it is: alternatives side by side (docs/decisions, 2026-11-24).
//!
//! `cargo bench -p adapters --bench store_layout`. Nothing is synced, so that the disk does not drown the difference.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

const COLUMNS: &str = "portfolio INTEGER NOT NULL, row INTEGER NOT NULL, first_event INTEGER NOT NULL,
  events INTEGER NOT NULL, bytes BLOB NOT NULL, digest BLOB NOT NULL CHECK (length(digest) = 32),
  chain BLOB NOT NULL CHECK (length(chain) = 32), PRIMARY KEY (portfolio, row)";
const TRIGGER: &str = "CREATE TRIGGER once BEFORE INSERT ON j
  WHEN EXISTS (SELECT 1 FROM j WHERE portfolio = NEW.portfolio AND row = NEW.row)
  BEGIN SELECT RAISE(ABORT, 'append-only'); END";
const GROUPS: i64 = 40;
const GROUP: i64 = 1000;
const SINGLES: i64 = 4000;

struct Layout {
    name: &'static str,
    options: &'static str,
    trigger: bool,
    page: u32,
}

const fn layout(name: &'static str, options: &'static str, trigger: bool, page: u32) -> Layout {
    Layout { name, options, trigger, page }
}

fn open(file: &Path, layout: &Layout) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    let pragmas = format!("PRAGMA page_size = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF", layout.page);
    connection.execute_batch(&pragmas)?;
    connection.execute_batch(&format!("CREATE TABLE j ({COLUMNS}) STRICT{}", layout.options))?;
    if layout.trigger {
        connection.execute_batch(TRIGGER)?;
    }
    Ok(connection)
}

/// Appends rows in transactions, and gives the time of each transaction.
fn append(
    connection: &Connection,
    transactions: i64,
    rows: i64,
    place: impl Fn(i64, i64) -> (i64, i64),
    size: usize,
) -> rusqlite::Result<Vec<Duration>> {
    let (bytes, hash) = (vec![7u8; size], [7u8; 32]);
    let mut begin = connection.prepare("BEGIN IMMEDIATE")?;
    let mut commit = connection.prepare("COMMIT")?;
    let mut insert = connection.prepare("INSERT INTO j VALUES (?1, ?2, ?2, 1, ?3, ?4, ?4)")?;
    let mut times = Vec::new();
    for transaction in 0..transactions {
        let start = Instant::now();
        begin.execute([])?;
        for row in 0..rows {
            let (portfolio, row) = place(transaction, row);
            insert.execute(params![portfolio, row, bytes, hash])?;
        }
        commit.execute([])?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn rows_per_second(times: &[Duration]) -> f64 {
    (GROUPS * GROUP) as f64 / times.iter().sum::<Duration>().as_secs_f64()
}

fn measure(layout: &Layout, size: usize) -> rusqlite::Result<()> {
    let dir = tempfile::tempdir().expect("the temporary folder can be written to");
    let file = dir.path().join("layout.db");
    let one = append(&open(&file, layout)?, GROUPS, GROUP, |t, r| (1, t * GROUP + r), size)?;
    let length = std::fs::metadata(&file).map_or(0, |found| found.len());
    let content = (GROUPS * GROUP) as f64 * size as f64;
    let many = append(&open(&dir.path().join("many.db"), layout)?, GROUPS, GROUP, |t, r| (r, t), size)?;
    let mut single = append(&open(&dir.path().join("single.db"), layout)?, SINGLES, 1, |t, _| (1, t), size)?;
    single.sort();
    println!(
        "{:<24} {:>2} KiB {size:>5} B {:>9.0} {:>9.0} {:>8.1} µs {:>6.2}",
        layout.name,
        layout.page / 1024,
        rows_per_second(&one),
        rows_per_second(&many),
        single[single.len() / 2].as_secs_f64() * 1e6,
        length as f64 / content,
    );
    Ok(())
}

fn main() -> rusqlite::Result<()> {
    println!(
        "{:<24} {:>6} {:>7} {:>9} {:>9} {:>11} {:>6}",
        "table", "page", "row", "1 pf/s", "1000 pf/s", "single", "size"
    );
    for size in [400, 1000, 2000] {
        for page in [4096, 8192, 16_384] {
            measure(&layout("rowid", "", false, page), size)?;
            measure(&layout("WITHOUT ROWID", ", WITHOUT ROWID", false, page), size)?;
        }
        measure(&layout("rowid, insert trigger", "", true, 8192), size)?;
    }
    Ok(())
}
