//! A process killed while it appends: nothing acknowledged is lost, nothing half is kept.

#![expect(clippy::disallowed_methods, reason = "the child learns from its environment which file to append to")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use adapters::store::SqliteStore;
use engine::Row;

const CHILD: &str = "ALLUSE_TEST_APPEND_TO";
const GROUP: u64 = 3;

fn row(number: u64) -> Row {
    let seed = u8::try_from(number % 251).expect("below 251");
    Row {
        portfolio: 9,
        row: number + 1,
        first_event: number * 2 + 1,
        events: 2,
        bytes: vec![seed; 3000],
        digest: [seed; 32],
        chain: [seed; 32],
    }
}

/// Appends for ever, and says after each group how many rows are acknowledged.
fn append_until_killed(file: &Path) {
    let mut store = SqliteStore::open(file).unwrap();
    let mut next = u64::try_from(store.rows(9).unwrap().len()).expect("a count of rows");
    loop {
        let group: Vec<Row> = (next..next + GROUP).map(row).collect();
        store.append(&group).unwrap();
        next += GROUP;
        println!("acknowledged {next}");
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    if let Some(file) = std::env::var_os(CHILD) {
        append_until_killed(Path::new(&file));
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("book.journal");
    SqliteStore::create(&file).unwrap().finish().unwrap();
    for appends_before_the_kill in [1usize, 7, 40, 150] {
        let acknowledged = kill_after(&file, appends_before_the_kill);
        let kept = SqliteStore::open(&file).unwrap().rows(9).unwrap();
        let count = u64::try_from(kept.len()).expect("a count of rows");
        assert!(count >= acknowledged, "{count} rows kept of {acknowledged} acknowledged");
        assert_eq!(count % GROUP, 0, "a group is kept whole or not at all");
        assert!(kept.iter().zip(0..).all(|(kept, number)| *kept == row(number)));
        SqliteStore::open(&file).unwrap().check_structure().unwrap();
    }
}

/// Lets a child append, kills it after some acknowledgements, and returns the last that it gave.
fn kill_after(file: &Path, acknowledgements: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_writer_loses_nothing_that_it_acknowledged", "--nocapture"])
        .env(CHILD, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut heard = lines.filter_map(|line| {
        let line = line.ok()?;
        line.split_once("acknowledged ").and_then(|(_, count)| count.parse::<u64>().ok())
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
