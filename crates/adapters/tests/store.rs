//! The journal file: what is kept, what is refused, and what survives a killed process.

use std::fs;
use std::path::{Path, PathBuf};

use adapters::store::{SqliteStore, StoreFault};
use engine::event::{Opened, World};
use engine::{Body, Chain, Event, JournalError, Row};
use jiff::Timestamp;
use tempfile::TempDir;

/// The row that a correct writer appends after `row` others of `portfolio`: every byte follows from the two numbers.
fn row(portfolio: u32, row: u64) -> Row {
    let seed = u8::try_from((row * 31 + u64::from(portfolio) * 7) % 251).expect("below 251");
    Row {
        portfolio,
        row: row + 1,
        first_event: row * 3 + 1,
        events: 3,
        bytes: vec![seed; 40 + usize::from(seed) * 9],
        digest: [seed; 32],
        chain: [seed.wrapping_add(1); 32],
    }
}

fn rows(portfolio: u32, numbers: std::ops::Range<u64>) -> Vec<Row> {
    numbers.map(|n| row(portfolio, n)).collect()
}

fn folder() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("book.journal");
    (dir, file)
}

fn fault<T>(result: Result<T, adapters::store::StoreError>) -> StoreFault {
    result.err().expect("must be refused").fault
}

/// Runs SQL as another program would.
fn elsewhere(file: &Path, sql: &str) -> rusqlite::Result<()> {
    rusqlite::Connection::open(file)?.execute_batch(sql)
}

fn names_in(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn rows_come_back_as_they_were_appended() {
    let (_dir, file) = folder();
    let mut store = SqliteStore::create(&file).unwrap();
    let mut mixed = rows(7, 0..40);
    mixed.extend(rows(u32::MAX, 0..5));
    mixed.extend(rows(0, 0..1));
    store.append(&mixed).unwrap();
    store.append(&[]).unwrap();
    store.append(&rows(7, 40..41)).unwrap();
    store.finish().unwrap();

    let mut store = SqliteStore::open(&file).unwrap();
    store.append(&rows(u32::MAX, 5..9)).unwrap();
    let reader = SqliteStore::open_read_only(&file).unwrap();
    for store in [&store, &reader] {
        assert_eq!(store.portfolios().unwrap(), [0, 7, u32::MAX]);
        assert_eq!(store.rows(7).unwrap(), rows(7, 0..41));
        assert_eq!(store.rows(u32::MAX).unwrap(), rows(u32::MAX, 0..9));
        assert_eq!(store.rows(1).unwrap(), []);
        store.check_structure().unwrap();
    }
}

#[test]
fn a_sweep_starts_where_it_is_told_and_ends_with_the_visitor() {
    let (_dir, file) = folder();
    let mut store = SqliteStore::create(&file).unwrap();
    store.append(&rows(1, 0..20)).unwrap();
    let mut seen = Vec::new();
    let end = store.for_each_row(1, 12, |row| {
        seen.push(row.row);
        if row.row == 15 { Err("enough") } else { Ok(()) }
    });
    assert_eq!(end.unwrap(), Err("enough"));
    assert_eq!(seen, [12, 13, 14, 15]);
}

#[test]
fn a_row_that_does_not_continue_is_refused_and_stops_the_store() {
    let gap = |field, found, expected| StoreFault::Gap { portfolio: 1, field, found, expected };
    for (wrong, expected) in [
        (row(1, 3), gap("row", 4, 3)),
        (row(1, 1), gap("row", 2, 3)),
        (Row { first_event: 8, ..row(1, 2) }, gap("first_event", 8, 7)),
        (Row { events: 0, ..row(1, 2) }, StoreFault::NoEvents { portfolio: 1, row: 3 }),
    ] {
        let (_dir, file) = folder();
        let mut store = SqliteStore::create(&file).unwrap();
        store.append(&rows(1, 0..2)).unwrap();
        assert_eq!(fault(store.append(&[row(2, 0), wrong])), expected);
        assert_eq!(fault(store.append(&[row(1, 2)])), StoreFault::Stopped);
        assert_eq!(store.portfolios().unwrap(), [1], "nothing of a refused batch stays");
        assert_eq!(fault(store.finish()), StoreFault::Stopped);
        SqliteStore::open(&file).unwrap().append(&[row(1, 2)]).unwrap();
    }
}

#[test]
fn a_second_writer_cannot_interleave() {
    let (_dir, file) = folder();
    let mut one = SqliteStore::create(&file).unwrap();
    let mut two = SqliteStore::open(&file).unwrap();
    one.append(&rows(1, 0..2)).unwrap();
    two.append(&rows(1, 2..3)).unwrap();
    assert_eq!(fault(one.append(&rows(1, 2..3))), StoreFault::Taken { portfolio: 1, row: 3 });
    assert_eq!(two.rows(1).unwrap(), rows(1, 0..3));
}

/// However many rows the index may lag behind, before and after its lumps, by whoever writes: the same rows are read.
#[test]
fn rows_are_found_whether_the_index_has_them_or_not() {
    for lump in [1, 2, 3, 7, 1024] {
        let (_dir, file) = folder();
        let mut store = SqliteStore::create(&file).unwrap();
        store.place_every(lump);
        for step in 0..9u64 {
            let of = |p: u32| rows(p, step * u64::from(p)..(step + 1) * u64::from(p));
            let both: Vec<Row> = (1..=3).flat_map(of).collect();
            store.append(&both).unwrap();
            if step == 4 {
                store.finish().unwrap();
                store = SqliteStore::open(&file).unwrap();
                store.place_every(lump);
            }
            let reader = SqliteStore::open_read_only(&file).unwrap();
            assert_eq!(reader.portfolios().unwrap(), [1, 2, 3]);
            for portfolio in 1..=3 {
                let count = (step + 1) * u64::from(portfolio);
                assert_eq!(reader.rows(portfolio).unwrap(), rows(portfolio, 0..count), "lump {lump}, step {step}");
                assert_eq!(reader.head(portfolio).unwrap(), count);
            }
            assert_eq!((reader.rows(4).unwrap(), reader.head(4).unwrap()), (Vec::new(), 0));
            reader.check_structure().unwrap();
        }
    }
}

/// Writers of different portfolios take turns: each sees where the other has come to.
#[test]
fn writers_of_different_portfolios_share_a_file() {
    let (_dir, file) = folder();
    let mut one = SqliteStore::create(&file).unwrap();
    let mut two = SqliteStore::open(&file).unwrap();
    for store in [&mut one, &mut two] {
        store.place_every(3);
    }
    for n in 0..10 {
        one.append(&rows(1, n..n + 1)).unwrap();
        two.append(&rows(2, 2 * n..2 * n + 2)).unwrap();
    }
    assert_eq!((one.rows(1).unwrap(), one.rows(2).unwrap()), (rows(1, 0..10), rows(2, 0..20)));
    one.check_structure().unwrap();
}

/// The index is looked at with the rows: one that was altered past the triggers is named.
#[test]
fn an_index_that_does_not_fit_the_rows_is_damage() {
    let harms = [
        ("DROP TRIGGER row_place_never_goes; DELETE FROM row_place WHERE row = 4", "1 rows without a place"),
        ("DROP TRIGGER row_place_never_changes; UPDATE row_place SET position = 4 WHERE row = 3", "1 places of rows"),
        ("UPDATE placed SET through = 5", "1 rows without a place"),
        ("DROP TRIGGER placed_only_grows; UPDATE placed SET through = 0", "-4 rows without a place"),
        ("DROP TRIGGER placed_never_goes; DELETE FROM placed", "-4 rows without a place"),
    ];
    for (harm, told) in harms {
        let (_dir, file) = folder();
        let mut store = SqliteStore::create(&file).unwrap();
        store.place_every(4);
        store.append(&rows(1, 0..4)).unwrap();
        store.append(&rows(1, 4..5)).unwrap();
        store.finish().unwrap();
        elsewhere(&file, harm).unwrap();
        let found = fault(SqliteStore::open(&file).unwrap().check_structure()).to_string();
        assert!(found.contains(told), "{harm}: {found}");
    }
}

const VERSION_1: &str = include_str!("version_1.sql");

#[test]
fn a_file_of_version_1_is_read_written_and_migrated() {
    let (dir, file) = folder();
    elsewhere(&file, VERSION_1).unwrap();
    let mut store = SqliteStore::open(&file).unwrap();
    assert_eq!(store.version(), 1);
    let both = [rows(1, 0..3), rows(2, 0..2)].concat();
    store.append(&both).unwrap();
    store.append(&rows(1, 3..5)).unwrap();
    let held = |store: &SqliteStore| {
        assert_eq!((store.rows(1).unwrap(), store.rows(2).unwrap()), (rows(1, 0..5), rows(2, 0..2)));
        assert_eq!((store.portfolios().unwrap(), store.head(1).unwrap()), (vec![1, 2], 5));
        store.check_structure().unwrap();
    };
    held(&store);
    assert_eq!(fault(SqliteStore::migrate(&file)), StoreFault::InUse);
    store.finish().unwrap();
    assert_eq!((SqliteStore::migrate(&file).unwrap(), SqliteStore::migrate(&file).unwrap()), (1, 2));
    let mut store = SqliteStore::open(&file).unwrap();
    assert_eq!(store.version(), 2);
    held(&store);
    store.append(&rows(2, 2..3)).unwrap();
    store.finish().unwrap();
    assert_eq!(names_in(dir.path()).len(), 1);
}

#[test]
fn no_program_changes_or_removes_a_row() {
    let (_dir, file) = folder();
    let mut store = SqliteStore::create(&file).unwrap();
    store.place_every(2);
    store.append(&rows(1, 0..5)).unwrap();
    for sql in [
        "UPDATE journal_row SET bytes = x'00' WHERE row = 2",
        "DELETE FROM journal_row WHERE row = 4",
        "DELETE FROM journal_row",
        "UPDATE row_place SET position = 3 WHERE row = 2",
        "DELETE FROM row_place WHERE row = 2",
        "UPDATE placed SET through = 1",
        "DELETE FROM placed",
    ] {
        let refusal = elsewhere(&file, sql).unwrap_err();
        assert!(refusal.to_string().contains("a journal is append-only"), "{sql}: {refusal}");
    }
    assert_eq!(SqliteStore::open(&file).unwrap().rows(1).unwrap(), rows(1, 0..5));
}

#[test]
fn what_is_not_our_journal_is_refused_and_left_alone() {
    let (dir, file) = folder();
    assert_eq!(fault(SqliteStore::open(&file)), StoreFault::Missing);
    assert_eq!(fault(SqliteStore::open(dir.path())), StoreFault::NotAJournal);
    let long_text = "a note that is longer than the header of a database file ".repeat(20);
    for (name, content) in [("empty", ""), ("short", "hello"), ("long", long_text.as_str())] {
        let other = dir.path().join(name);
        fs::write(&other, content).unwrap();
        for opened in [SqliteStore::open(&other), SqliteStore::open_read_only(&other)] {
            assert_eq!(fault(opened), StoreFault::NotAJournal, "{name}");
        }
        assert_eq!(fault(SqliteStore::create_atomically(&other)), StoreFault::NotAJournal, "{name}");
        assert_eq!(fault(SqliteStore::create(&other)), StoreFault::Exists);
        assert_eq!(fs::read_to_string(&other).unwrap(), content);
    }
    let database = dir.path().join("theirs.db");
    elsewhere(&database, "CREATE TABLE journal_row (row)").unwrap();
    assert_eq!(fault(SqliteStore::open(&database)), StoreFault::NotAJournal);
    assert_eq!(fault(SqliteStore::create_atomically(&database)), StoreFault::NotAJournal);
    assert_eq!(names_in(dir.path()), ["empty", "long", "short", "theirs.db"]);
}

#[test]
fn a_journal_of_a_newer_program_is_refused() {
    let (_dir, file) = folder();
    SqliteStore::create(&file).unwrap().finish().unwrap();
    elsewhere(&file, "PRAGMA user_version = 900").unwrap();
    let refusal = SqliteStore::open(&file).err().unwrap();
    assert_eq!(
        refusal.to_string(),
        format!(
            "journal {}: it has tables of version 900; this program knows up to version 2: use a newer one",
            file.display()
        )
    );
    assert!(matches!(fault(SqliteStore::create_atomically(&file)), StoreFault::Newer { found: 900, known: 2 }));
}

#[test]
fn a_reader_cannot_append() {
    let (_dir, file) = folder();
    SqliteStore::create(&file).unwrap().append(&rows(1, 0..2)).unwrap();
    let mut reader = SqliteStore::open_read_only(&file).unwrap();
    assert_eq!(fault(reader.append(&rows(1, 2..3))), StoreFault::ReadOnly);
    assert_eq!(fault(reader.append(&rows(1, 2..3))), StoreFault::Stopped);
    assert_eq!(reader.rows(1).unwrap(), rows(1, 0..2));
}

#[test]
fn an_unfinished_journal_never_shows() {
    let (dir, file) = folder();
    let mut store = SqliteStore::create_atomically(&file).unwrap();
    store.append(&rows(1, 0..500)).unwrap();
    assert_eq!(names_in(dir.path()), ["book.journal.partial"]);
    drop(store);
    assert_eq!(names_in(dir.path()), [""; 0]);

    let mut store = SqliteStore::create_atomically(&file).unwrap();
    store.append(&rows(1, 0..500)).unwrap();
    store.append(&rows(1, 900..901)).unwrap_err();
    assert_eq!(fault(store.finish()), StoreFault::Stopped);
    assert_eq!(names_in(dir.path()), [""; 0]);
}

#[test]
fn a_finished_journal_replaces_an_older_one_in_one_moment() {
    let (dir, file) = folder();
    let mut live = SqliteStore::create(&file).unwrap();
    live.append(&rows(1, 0..3)).unwrap();
    let refusal = fault(SqliteStore::create_atomically(&file));
    assert_eq!(refusal, StoreFault::InUse, "a journal that is open is not replaced");
    drop(live);

    let mut next = SqliteStore::create_atomically(&file).unwrap();
    next.append(&rows(2, 0..4)).unwrap();
    assert_eq!(fault(SqliteStore::create_atomically(&file)), StoreFault::InUse, "two runs do not share one name");
    assert_eq!(SqliteStore::open_read_only(&file).unwrap().portfolios().unwrap(), [1]);
    next.finish().unwrap();
    assert_eq!(names_in(dir.path()), ["book.journal"]);
    assert_eq!(SqliteStore::open_read_only(&file).unwrap().rows(2).unwrap(), rows(2, 0..4));
    assert_eq!(names_in(dir.path()), ["book.journal"], "one file, nothing beside it");
}

#[test]
fn a_log_left_by_a_crash_is_never_replayed_into_the_next_journal() {
    let (dir, file) = folder();
    let mut live = SqliteStore::create(&file).unwrap();
    live.append(&rows(1, 0..3)).unwrap();
    let crashed = dir.path().join("crashed.journal");
    for suffix in ["", "-wal"] {
        fs::copy(format!("{}{suffix}", file.display()), format!("{}{suffix}", crashed.display())).unwrap();
    }
    let mut next = SqliteStore::create_atomically(&crashed).unwrap();
    next.append(&rows(5, 0..2)).unwrap();
    next.finish().unwrap();
    assert_eq!(SqliteStore::open(&crashed).unwrap().portfolios().unwrap(), [5]);
}

#[test]
fn the_rest_of_a_killed_run_is_taken_over() {
    let (dir, file) = folder();
    let mut killed = SqliteStore::create_atomically(&file).unwrap();
    killed.append(&rows(1, 0..3)).unwrap();
    let copy = fs::read(dir.path().join("book.journal.partial")).unwrap();
    drop(killed);
    for rest in [copy.as_slice(), &[]] {
        fs::write(dir.path().join("book.journal.partial"), rest).unwrap();
        drop(SqliteStore::create_atomically(&file).unwrap());
        assert_eq!(names_in(dir.path()), [""; 0]);
    }
    fs::write(dir.path().join("book.journal.partial"), "somebody's notes").unwrap();
    assert_eq!(fault(SqliteStore::create_atomically(&file)), StoreFault::NotAJournal);
    assert_eq!(names_in(dir.path()), ["book.journal.partial"]);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (dir, _) = folder();
    let refusal = SqliteStore::create_atomically(&dir.path().join("nowhere/book.journal")).err().unwrap();
    let text = refusal.to_string();
    assert!(text.contains("nowhere/book.journal") && text.contains("expected a folder to write in"), "{text}");
}

#[test]
fn a_flipped_byte_never_passes_for_what_was_written() {
    let (_dir, file) = folder();
    let written = rows(1, 0..60);
    let mut store = SqliteStore::create(&file).unwrap();
    store.append(&written).unwrap();
    store.finish().unwrap();
    let sound = fs::read(&file).unwrap();
    // The first row whose bytes are a long run that stands nowhere else.
    let target = &written[50];
    let at = sound.windows(target.bytes.len()).position(|w| w == target.bytes).unwrap();
    for place in (at..at + target.bytes.len()).step_by(97) {
        let mut bent = sound.clone();
        bent[place] ^= 0x10;
        fs::write(&file, &bent).unwrap();
        let found = SqliteStore::open_read_only(&file).unwrap().rows(1);
        assert!(found.is_ok_and(|found| found.len() == 60 && found[50].bytes != target.bytes));
    }
    // Anywhere else in the file: an error, other rows, or a byte that nothing reads; never a panic.
    for place in (0..sound.len()).step_by(sound.len() / 80) {
        let mut bent = sound.clone();
        bent[place] ^= 0x81;
        fs::write(&file, &bent).unwrap();
        if let Ok(store) = SqliteStore::open_read_only(&file) {
            let _ = (store.rows(1), store.check_structure(), store.portfolios());
        }
    }
}

#[test]
fn a_broken_structure_is_found_by_the_check() {
    let (_dir, file) = folder();
    let mut store = SqliteStore::create(&file).unwrap();
    store.append(&rows(1, 0..200)).unwrap();
    store.finish().unwrap();
    let mut broken = fs::read(&file).unwrap();
    let second_half = broken.len() / 2;
    broken[second_half..second_half + 8192].fill(0xA5);
    fs::write(&file, &broken).unwrap();
    assert!(matches!(fault(SqliteStore::open_read_only(&file).unwrap().check_structure()), StoreFault::Damaged { .. }));
}

#[test]
fn a_full_disk_stops_the_store_and_keeps_what_was_acknowledged() {
    let (_dir, file) = folder();
    let mut store = SqliteStore::create(&file).unwrap();
    store.limit_pages(80).unwrap();
    let mut kept = 0;
    let refusal = loop {
        match store.append(&rows(1, kept..kept + 50)) {
            Ok(()) => kept += 50,
            Err(error) => break error,
        }
    };
    assert_eq!(refusal.fault, StoreFault::DiskFull);
    assert_eq!(fault(store.append(&rows(1, kept..kept + 1))), StoreFault::Stopped);
    drop(store);
    let mut again = SqliteStore::open(&file).unwrap();
    assert!(kept > 0);
    assert_eq!(again.rows(1).unwrap(), rows(1, 0..kept));
    again.append(&rows(1, kept..kept + 50)).unwrap();
}

/// The beginning of a journal, as often as there are rows wanted: what it says is not the store's affair.
fn sealed(rows: usize) -> (Vec<Event>, Vec<Row>) {
    let opened = |n: usize| Event {
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        body: Body::Opened(Opened {
            portfolio: ledger::PortfolioId(1),
            program: "0.1.0".to_owned(),
            schema: 1,
            world: World::Simulated,
            source: format!("seed {n}"),
            policy: "text of a policy ".repeat(20),
            premium_model: String::new(),
            people: false,
        }),
    };
    let events: Vec<Event> = (0..rows).map(opened).collect();
    let mut chain = Chain::new(1);
    let rows = events.iter().map(|event| chain.seal(std::slice::from_ref(event)).unwrap()).collect();
    (events, rows)
}

#[test]
fn the_engines_journal_comes_back_sound_and_a_flipped_bit_does_not() {
    let (_dir, file) = folder();
    let (events, rows) = sealed(30);
    let mut store = SqliteStore::create_atomically(&file).unwrap();
    runtime::Store::append(&mut store, rows).unwrap();
    store.finish().unwrap();

    let stored = SqliteStore::open_read_only(&file).unwrap().rows(1).unwrap();
    let (read, chain) = engine::journal::read(1, &stored).unwrap();
    assert_eq!((read, chain.events()), (events, 30));

    let mut bytes = fs::read(&file).unwrap();
    // Every copy: a page that was divided keeps the old one in its unused space.
    let copies: Vec<_> = bytes.windows(7).enumerate().filter(|(_, w)| *w == b"seed 17").map(|(at, _)| at).collect();
    copies.iter().for_each(|at| bytes[at + 6] ^= 1);
    fs::write(&file, bytes).unwrap();
    let stored = SqliteStore::open_read_only(&file).unwrap().rows(1).unwrap();
    let refusal = engine::journal::read(1, &stored).err();
    assert_eq!(refusal, Some(JournalError::Altered { row: 18, first: 18, last: 18 }));
}
