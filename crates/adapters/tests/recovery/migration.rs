//! A file of version 1 is brought to this version: a cut or a fault at any call leaves the one or the other, whole.

use std::path::Path;
use std::sync::Arc;

use adapters::files::Files;
use adapters::store::{SCHEMA_VERSION, SqliteFiles};
use rusqlite::{Connection, OpenFlags};
use simulation::disk::{Disk, Fate, Fault, Trouble};
use simulation::rng::Rng;

use super::books::Book;
use super::first_seed;
use super::machine::{Mounted, locked};
use super::work::{FILE, Held, MOUNT, Work, cut, recover};

const VERSION_1: &str = include_str!("../version_1.sql");

/// A disk with a journal of version 1 that was written to, and what it holds.
fn written(books: &[Book], rng: &mut Rng) -> (Disk, Held) {
    let empty = Held::Rows { book: 0, counts: vec![0; books[0].journals.len()] };
    let mut work = Work::on(Disk::default(), empty, books);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let vfs = work.disk.vfs().expect("a name");
    Connection::open_with_flags_and_vfs(FILE, flags, vfs).unwrap().execute_batch(VERSION_1).unwrap();
    for _ in 0..3 {
        work.session(4, rng).unwrap();
    }
    let left = locked(&work.disk.machine).drive.disk().clone();
    (left, work.held.clone())
}

fn migrated(disk: &Mounted) -> Result<i32, String> {
    SqliteFiles::on(Arc::new(disk.clone())).migrate(Path::new(FILE)).map_err(|error| error.to_string())
}

/// The file holds what it held, whichever version it has, and can be brought to this one.
fn whole(disk: &Mounted, books: &[Book], held: &Held) -> Result<i32, String> {
    recover(disk, books, std::slice::from_ref(held))?;
    let version = migrated(disk)?;
    recover(disk, books, std::slice::from_ref(held))?;
    match migrated(disk)? {
        SCHEMA_VERSION => Ok(version),
        other => Err(format!("after a migration it has version {other}")),
    }
}

#[test]
fn a_migration_is_done_or_not_begun() {
    let seed = first_seed();
    println!("seed {seed}");
    let mut rng = Rng::stream(seed, "migration");
    let books = [Book::new(&mut rng)];
    let (start, held) = written(&books, &mut rng);

    let work = Work::on(start.clone(), held.clone(), &books);
    assert_eq!(migrated(&work.disk), Ok(1));
    let (log, calls) = (work.log(), locked(&work.disk.machine).drive.calls());
    let mut versions = [0, 0];
    for done in 0..=log.len() {
        for fate in [Fate::Lost, Fate::Kept, Fate::Mixed, Fate::Mixed] {
            let after = cut(&work.disk_after(&log, done), fate, &mut rng);
            let version = whole(&after, &books, &held);
            let version = version.unwrap_or_else(|why| panic!("cut after {done} of {} ({fate:?}): {why}", log.len()));
            versions[usize::from(version == SCHEMA_VERSION)] += 1;
        }
    }
    println!("{} and {} cuts left versions 1 and {SCHEMA_VERSION}", versions[0], versions[1]);
    assert!(versions.iter().all(|count| *count > 0), "cuts before and after the commit");

    let ways = |call| Trouble::ALL.map(|trouble| [false, true].map(|lasts| Fault { call, trouble, lasts }));
    for fault in (0..calls).flat_map(ways).flatten() {
        let work = Work::on(start.clone(), held.clone(), &books);
        locked(&work.disk.machine).drive.fault = Some(fault);
        let told = migrated(&work.disk);
        let left = locked(&work.disk.machine).drive.disk().clone();
        for disk in [cut(&left, Fate::Mixed, &mut rng), Mounted::new(MOUNT, left)] {
            whole(&disk, &books, &held).unwrap_or_else(|why| panic!("{fault:?}, told {told:?}: {why}"));
        }
    }
}
