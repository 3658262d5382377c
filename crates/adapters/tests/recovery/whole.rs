//! Files that appear whole (`adapters::files`): the power goes after every call, and every call fails in every way
//! (bars R1 and R12). At each name stands what stood there or what was put there, whole, and nothing is in the way of
//! the next run.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use adapters::files::{Access, PARTIAL, Whole, create, make_folders, replace};
use simulation::disk::{Class, Disk, Fate, Fault, Trouble};
use simulation::rng::Rng;

use super::machine::{Mounted, locked};
use super::{first_seed, number};

const MOUNT: &str = "whole";
const NAMES: [&str; 3] = ["/whole/last", "/whole/page.html", "/whole/heads/2026/head.txt"];

/// What stands at each name; nothing at those that are absent.
type Held = BTreeMap<&'static str, Vec<u8>>;

/// From an entry of the log on, what stands there is one of these.
struct Mark {
    from: usize,
    allowed: Vec<Held>,
}

struct Work {
    disk: Mounted,
    start: Disk,
    held: Held,
    marks: Vec<Mark>,
}

/// What a file may hold: a few bytes, or many sectors.
fn content(rng: &mut Rng) -> Vec<u8> {
    let length = [0, 1, 40, 511, 512, 513, 5_000][rng.below(7)];
    let byte = u8::try_from(1 + rng.below(255)).expect("below 256");
    vec![byte; length]
}

impl Work {
    fn on(start: Disk, held: Held) -> Work {
        let disk = Mounted::new(MOUNT, start.clone());
        let marks = vec![Mark { from: 0, allowed: vec![held.clone()] }];
        Work { disk, start, held, marks }
    }

    fn entries(&self) -> usize {
        locked(&self.disk.machine).drive.log().len()
    }

    /// Puts a file somewhere, in one piece or several, over what is there or where nothing is.
    fn act(&mut self, rng: &mut Rng) -> io::Result<()> {
        let (name, bytes, pieces) = (NAMES[rng.below(NAMES.len())], content(rng), 1 + rng.below(3));
        let fresh = rng.below(3) == 0;
        let mut then = self.held.clone();
        then.insert(name, bytes.clone());
        self.marks.push(Mark { from: self.entries(), allowed: vec![self.held.clone(), then.clone()] });
        if fresh && self.held.contains_key(name) {
            let refused = create(&self.disk, Path::new(name), Access::Usual, &bytes).expect_err("the name is taken");
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
            return Ok(());
        }
        put(&self.disk, name, &bytes, pieces, fresh)?;
        self.held = then.clone();
        self.marks.push(Mark { from: self.entries(), allowed: vec![then] });
        Ok(())
    }

    fn allowed(&self, done: usize) -> &[Held] {
        let at = self.marks.partition_point(|mark| mark.from <= done);
        &self.marks[at.saturating_sub(1)].allowed
    }
}

fn put(disk: &Mounted, name: &str, bytes: &[u8], pieces: usize, fresh: bool) -> io::Result<()> {
    let path = Path::new(name);
    make_folders(disk, path.parent().unwrap_or(path))?;
    if pieces == 1 {
        let put = if fresh { create(disk, path, Access::Owner, bytes) } else { replace(disk, path, bytes) };
        return put;
    }
    let mut out = if fresh { Whole::fresh(disk, path, Access::Usual) } else { Whole::replacing(disk, path) }?;
    let length = bytes.len().div_ceil(pieces).max(1);
    bytes.chunks(length).try_for_each(|piece| out.write_all(piece))?;
    out.settle()
}

/// What stands at the names of a disk.
fn found(disk: &Disk) -> Held {
    let of = |name: &&'static str| disk.find(name).map(|file| (*name, disk.content(file).to_vec()));
    NAMES.iter().filter_map(of).collect()
}

fn disk_of(mounted: &Mounted) -> Disk {
    locked(&mounted.machine).drive.disk().clone()
}

/// A disk holds one of what is allowed, and the next run puts a file there that lasts.
fn goes_on(disk: &Disk, allowed: &[Held], rng: &mut Rng) -> Result<(), String> {
    let lengths = |held: &Held| held.iter().map(|(name, bytes)| (*name, bytes.len())).collect::<Vec<_>>();
    let held = found(disk);
    if !allowed.contains(&held) {
        let expected: Vec<_> = allowed.iter().map(lengths).collect();
        return Err(format!("found {:?}; expected one of {expected:?}", lengths(&held)));
    }
    let (name, bytes) = (NAMES[rng.below(NAMES.len())], content(rng));
    let on = Mounted::new(MOUNT, disk.clone());
    put(&on, name, &bytes, 2, false).map_err(|error| format!("the next run failed: {error}"))?;
    let after = disk_of(&on);
    if let Some(left) = after.names().find(|left| left.strip_suffix(PARTIAL) == Some(name)) {
        return Err(format!("{left} was left"));
    }
    for fate in [Fate::Lost, Fate::Mixed] {
        let left = found(&after.cut(fate, rng));
        // What stands there and was not acknowledged may still go, where nothing was cut yet.
        let lasts = allowed.iter().any(|held| {
            let mut then = held.clone();
            then.insert(name, bytes.clone());
            left == then
        });
        if !lasts {
            return Err(format!("after the next run ({fate:?}): {:?}; {name} with {}", lengths(&left), bytes.len()));
        }
    }
    Ok(())
}

/// Some acts, cut after every call with every fate.
fn history(seed: u64, skipped: Option<Class>) -> (u64, Result<(), String>) {
    let mut rng = Rng::stream(seed, "whole");
    let mut work = Work::on(Disk::default(), Held::new());
    locked(&work.disk.machine).drive.skipped = skipped;
    for _ in 0..1 + rng.below(5) {
        work.act(&mut rng).expect("nothing fails");
    }
    let log = locked(&work.disk.machine).drive.log().to_vec();
    let (mut disk, mut recoveries) = (work.start.clone(), 0);
    for done in 0..=log.len() {
        if done > 0 {
            disk.apply(&log[done - 1]);
        }
        for fate in [Fate::Lost, Fate::Kept, Fate::Mixed, Fate::Mixed] {
            recoveries += 1;
            let checked = goes_on(&disk.cut(fate, &mut rng), work.allowed(done), &mut rng);
            if let Err(why) = checked {
                let found = format!("seed {seed}, cut after {done} of {} ({fate:?}): {why}", log.len());
                return (recoveries, Err(found));
            }
        }
    }
    (recoveries, Ok(()))
}

#[test]
fn a_cut_anywhere_leaves_the_old_file_or_the_new_one() {
    let (first, count) = (first_seed(), number("ALLUSE_RECOVERIES").unwrap_or(2_000));
    println!("seeds from {first}");
    let (mut recoveries, mut seed) = (0, first);
    while recoveries < count {
        let (made, checked) = history(seed, None);
        checked.unwrap_or_else(|why| panic!("{why}"));
        recoveries += made;
        seed += 1;
    }
    println!("{recoveries} recoveries in {} histories: each file old or new", seed - first);
}

#[test]
fn a_disk_that_skips_syncs_of_files_or_folders_is_found_out() {
    for class in [Class::File, Class::Folder] {
        let (mut runs, mut seed) = (0, first_seed());
        let found = loop {
            let (made, checked) = history(seed, Some(class));
            runs += made;
            assert!(runs < 1_000, "{class:?}: not found out in {runs} recoveries");
            if let Err(found) = checked {
                break found;
            }
            seed += 1;
        };
        println!("{class:?}: found out by recovery {runs}: {found}");
    }
}

/// One history with one fault; how many calls there were, and whether the fault was noticed.
fn with(fault: Option<Fault>, seed: u64) -> Result<(usize, bool), String> {
    let mut rng = Rng::stream(seed, "whole faults");
    let mut work = Work::on(Disk::default(), Held::new());
    locked(&work.disk.machine).drive.fault = fault;
    let mut failed = None;
    for _ in 0..3 {
        let before = work.held.clone();
        if let Err(error) = work.act(&mut rng) {
            failed = Some((before, error));
            break;
        }
    }
    let calls = locked(&work.disk.machine).drive.calls();
    let Some((before, error)) = failed else {
        return if fault.is_some_and(|fault| fault.call < calls) {
            Err("the fault was not told".to_owned())
        } else {
            Ok((calls, false))
        };
    };
    if error.to_string().is_empty() {
        return Err("an error that says nothing".to_owned());
    }
    let left = disk_of(&work.disk);
    let allowed = work.allowed(usize::MAX).to_vec();
    let named = found(&left) != before;
    // Only the last call of an act, the sync of the folder, can fail when the file has its name.
    if named && fault.is_some_and(|fault| fault.call + 1 < calls) {
        return Err("a failed act left something new".to_owned());
    }
    let lasts = fault.is_some_and(|fault| fault.lasts);
    if let Some(left) = left.names().find(|name| name.ends_with(PARTIAL)).filter(|_| !lasts) {
        return Err(format!("{left} was left"));
    }
    goes_on(&left, &allowed, &mut rng).map_err(|why| format!("used again: {why}"))?;
    for fate in [Fate::Lost, Fate::Kept, Fate::Mixed] {
        goes_on(&left.cut(fate, &mut rng), &allowed, &mut rng).map_err(|why| format!("cut ({fate:?}): {why}"))?;
    }
    Ok((calls, true))
}

#[test]
fn every_call_fails_in_every_way_and_the_old_file_stays() {
    let (first, count) = (first_seed(), number("ALLUSE_RECOVERIES").unwrap_or(2_000));
    println!("seeds from {first}");
    let (mut faults, mut noticed, mut seed) = (0, 0, first);
    while faults < count / 4 {
        let (calls, _) = with(None, seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let ways = |call| Trouble::ALL.map(|trouble| [false, true].map(|lasts| Fault { call, trouble, lasts }));
        for fault in (0..calls).flat_map(ways).flatten() {
            let (_, told) = with(Some(fault), seed).unwrap_or_else(|why| panic!("seed {seed}, {fault:?}: {why}"));
            faults += 1;
            noticed += u64::from(told);
        }
        seed += 1;
    }
    println!("{faults} faults in {} histories, {noticed} told: each file old or new, none in the way", seed - first);
}
