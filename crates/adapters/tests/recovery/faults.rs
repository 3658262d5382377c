//! Every call of a history fails in every way, once or for good (bar R12); and a disk that stands still (bar R16).

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use adapters::store::{GroupStore, SqliteFiles, StoreError, StoreFault};
use simulation::disk::{Disk, Fate, Fault, Trouble};
use simulation::rng::Rng;

use super::books::Book;
use super::machine::{Mounted, Stall, clock, locked};
use super::work::{FILE, Held, MOUNT, Work, cut, recover};
use super::{first_seed, number};

/// What a store refuses after a failed append it refuses without touching the disk.
fn refuses_from_now_on(work: &Work<'_>) -> Result<(), String> {
    match work.after_failure {
        Some((StoreFault::Stopped, 0)) | None => Ok(()),
        ref other => Err(format!("after a failed append the next gave {other:?} with calls to the disk")),
    }
}

/// A disk with a fault behind it is used again: what was acknowledged is there, work goes on, and a cut takes nothing.
fn used_again(disk: &Disk, allowed: &[Held], books: &[Book], rng: &mut Rng) -> Result<(), String> {
    recover(&cut(disk, Fate::Mixed, rng), books, allowed).map_err(|why| format!("cut at once: {why}"))?;
    let on = Mounted::new(MOUNT, disk.clone());
    let held = recover(&on, books, allowed).map_err(|why| format!("opened again: {why}"))?;
    let mut work = Work::on(disk.clone(), held, books);
    work.some(1, rng).map_err(|error| format!("work could not go on: {error}"))?;
    let left = locked(&work.disk.machine).drive.disk().clone();
    for fate in [Fate::Lost, Fate::Mixed] {
        let found = recover(&cut(&left, fate, rng), books, std::slice::from_ref(&work.held));
        found.map_err(|why| format!("cut after more work ({fate:?}): {why}"))?;
    }
    Ok(())
}

/// One history with one fault. Whether the fault was noticed.
fn with(fault: Option<Fault>, seed: u64) -> Result<(usize, bool), String> {
    let mut rng = Rng::stream(seed, "faults");
    let books = [Book::new(&mut rng), Book::new(&mut rng)];
    let mut work = Work::on(Disk::default(), Held::Nothing, &books);
    locked(&work.disk.machine).drive.fault = fault;
    let done = work.some(2, &mut rng);
    let (calls, left) = {
        let machine = locked(&work.disk.machine);
        (machine.drive.calls(), machine.drive.disk().clone())
    };
    match (fault, &done) {
        (None, Err(error)) => return Err(format!("without a fault: {error}")),
        (None, Ok(())) => return Ok((calls, false)),
        _ => {}
    }
    refuses_from_now_on(&work)?;
    let allowed = work.allowed(usize::MAX).to_vec();
    if let Some(killed) = work.at_failure.take() {
        used_again(&killed, &allowed, &books, &mut rng).map_err(|why| format!("killed at the fault, {why}"))?;
    }
    used_again(&left, &allowed, &books, &mut rng)?;
    Ok((calls, done.is_err()))
}

#[test]
fn every_call_fails_in_every_way_and_nothing_acknowledged_is_lost() {
    let (first, count) = (first_seed(), number("ALLUSE_RECOVERIES").unwrap_or(2_000));
    println!("seeds from {first}");
    // In small, every third: another third with another seed.
    let (skip, step) = if count < 20_000 { (first as usize / 1_000 % 3, 3) } else { (0, 1) };
    let (mut faults, mut noticed) = (0, 0);
    let mut seed = first;
    while faults < count / 12 {
        let (calls, _) = with(None, seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let ways = |call| Trouble::ALL.map(|trouble| [false, true].map(|lasts| Fault { call, trouble, lasts }));
        for fault in (0..calls).flat_map(ways).flatten().skip(skip).step_by(step) {
            let (_, error) = with(Some(fault), seed).unwrap_or_else(|why| panic!("seed {seed}, {fault:?}: {why}"));
            faults += 1;
            noticed += u64::from(error);
        }
        seed += 1;
    }
    println!("{faults} faults in {} histories, {noticed} of them ended an act: 0 lost, 0 phantom", seed - first);
}

/// A sync takes ten seconds. Meanwhile readers read all that was acknowledged, without waiting; another writer is
/// refused when its patience ends; then the append is acknowledged. Time is simulated.
#[test]
fn while_the_disk_stands_still_readers_read_and_writers_are_refused() {
    let seed = first_seed();
    println!("seed {seed}");
    let mut rng = Rng::stream(seed, "stall");
    let books = [Book::new(&mut rng)];
    let mut work = Work::on(Disk::default(), Held::Nothing, &books);
    work.session(3, &mut rng).unwrap();
    let before = work.held.clone();
    let mut store = SqliteFiles::on(Arc::new(work.disk.clone())).open(Path::new(FILE)).unwrap();
    let seen = Arc::new(Mutex::new(None));
    let (disk, told) = (work.disk.clone(), Arc::clone(&seen));
    let meanwhile = move || {
        let start = clock();
        let journals = SqliteFiles::on(Arc::new(disk.clone()));
        let reader = journals.open_read_only(Path::new(FILE)).unwrap();
        let rows: Vec<_> = reader.portfolios().unwrap().into_iter().map(|p| reader.rows(p).unwrap()).collect();
        let waited = clock() - start;
        let mut second = journals.open(Path::new(FILE)).unwrap();
        let refused = second.append(&[]).unwrap_err();
        *told.lock().unwrap() = Some((rows, waited, refused, clock() - start));
    };
    locked(&work.disk.machine).stall = Some(Stall { microseconds: 10_000_000, meanwhile: Box::new(meanwhile) });
    let begun = clock();
    while work.held == before {
        work.append(&mut store, &mut rng).unwrap();
    }
    let ended = clock();
    let (rows, waited, refused, patience) = seen.lock().unwrap().take().expect("a sync stood still");
    let Held::Rows { counts, .. } = before else { unreachable!("a session makes a journal") };
    let counts: Vec<usize> = counts.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), counts, "readers see what was acknowledged");
    assert_eq!(waited, 0, "readers do not wait");
    assert!(matches!(refused, StoreError { fault: StoreFault::InUse, .. }), "{refused}");
    assert!((4_000_000..=6_000_000).contains(&patience), "{patience} µs");
    assert_eq!(ended - begun, 10_000_000 + patience, "it is acknowledged as soon as the disk goes on");
    let (held, stood) = (work.held.clone(), clock());
    while work.held == held {
        work.append(&mut store, &mut rng).unwrap();
    }
    assert_eq!(clock(), stood, "and the next one does not wait");
    store.finish().unwrap();
    assert_eq!(recover(&work.disk, &books, std::slice::from_ref(&work.held)), Ok(work.held.clone()));
}

/// Many writers before a disk that stands still: the queue fills and no further, the rest are refused at once; then
/// everything that was taken is acknowledged.
#[test]
fn a_queue_before_a_disk_that_stands_still_is_bounded() {
    const WAITING: usize = 8;
    let mut rng = Rng::stream(first_seed(), "queue");
    let disk = Mounted::new("queue", Disk::default()).for_all_threads("queue");
    let (journals, file) = (SqliteFiles::on(Arc::new(disk.clone())), Path::new("/queue/book.journal"));
    let store = journals.create(file).unwrap();
    let mut rows = Book::new(&mut rng).journals.remove(0).1.into_iter();
    let (released, gate) = sync_channel::<()>(0);
    let (standing, stands) = sync_channel::<()>(0);
    let meanwhile = move || {
        standing.send(()).unwrap();
        gate.recv().unwrap();
    };
    locked(&disk.machine).stall = Some(Stall { microseconds: 10_000_000, meanwhile: Box::new(meanwhile) });
    let (group, thread) = GroupStore::start(store, WAITING).unwrap();
    let mut tickets = vec![group.submit(vec![rows.next().unwrap()]).unwrap()];
    stands.recv().unwrap();
    tickets.extend((0..WAITING).map(|_| group.submit(vec![rows.next().unwrap()]).unwrap()));
    for _ in 0..1_000 {
        let refused = group.submit(vec![rows.clone().next().unwrap()]).unwrap_err();
        assert_eq!(refused.fault, StoreFault::Busy);
    }
    let reader = journals.open_read_only(file).unwrap();
    assert!(reader.portfolios().unwrap().is_empty(), "nothing was acknowledged yet, and a reader does not wait");
    drop(reader);
    released.send(()).unwrap();
    tickets.into_iter().for_each(|ticket| ticket.wait().unwrap());
    let next = group.submit(vec![rows.next().unwrap()]).unwrap();
    next.wait().unwrap();
    drop(group);
    let store = thread.join();
    assert_eq!(store.rows(store.portfolios().unwrap()[0]).unwrap().len(), WAITING + 2);
}
