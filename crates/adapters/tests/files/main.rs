//! Every place that puts files somewhere, on a simulated disk: the power goes after every call, and every call fails in
//! every way (bars R1 and R12). Each file is the old one or the new one, whole; what failed says which file and why;
//! and the next run succeeds.
//!
//! `ALLUSE_SEED` begins the draws; with `ALLUSE_RECOVERIES` of 20,000 or more every fault is tried, not every third.

#![expect(clippy::disallowed_methods, reason = "seed and count come from the environment")]

#[path = "../folder/mod.rs"]
mod folder;
mod shadow;
mod sites;
mod system;

use std::path::Path;

use simulation::disk::{Disk, Fate, Fault, Op, Trouble};
use simulation::rng::Rng;
use tempfile::TempDir;

use shadow::{Shadow, found};
use sites::{SITES, Site};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn seed() -> u64 {
    number("ALLUSE_SEED").unwrap_or_else(|| u64::from(std::process::id()))
}

/// A folder in which the site has something to replace.
fn prepared(site: &Site) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    (site.prepare)(folder.path());
    folder
}

/// What was done to the disk, and what there was before.
fn recorded(site: &Site) -> (Disk, Vec<Op>) {
    let folder = prepared(site);
    let shadow = Shadow::of(folder.path());
    let start = shadow.drive().disk().clone();
    (site.act)(folder.path(), &shadow).unwrap_or_else(|why| panic!("{}: {why}", site.name));
    let log = shadow.drive().log().to_vec();
    (start, log)
}

/// What lies there must be old or new, and after the next run new.
fn goes_on(site: &Site, root: &Path, must_be_new: bool) -> Result<(), String> {
    let is_new = (site.is_new)(root)?;
    if must_be_new && !is_new {
        return Err("what was acknowledged is not there".to_owned());
    }
    if is_new && !site.again {
        return Ok(());
    }
    (site.act)(root, &Shadow::of(root)).map_err(|why| format!("the next run failed: {why}"))?;
    if (site.is_new)(root)? { Ok(()) } else { Err("the next run left the old one".to_owned()) }
}

#[test]
fn a_cut_anywhere_leaves_the_old_or_the_new() {
    let seed = seed();
    println!("seed {seed}");
    for site in SITES {
        let (mut disk, log) = recorded(site);
        let mut rng = Rng::stream(seed, site.name);
        let mut recoveries = 0;
        for done in 0..=log.len() {
            if done > 0 {
                disk.apply(&log[done - 1]);
            }
            for fate in [Fate::Lost, Fate::Kept, Fate::Mixed, Fate::Mixed] {
                let root = tempfile::tempdir().unwrap();
                found(&disk.cut(fate, &mut rng), root.path());
                goes_on(site, root.path(), done == log.len()).unwrap_or_else(|why| {
                    panic!("{}, seed {seed}, cut after {done} of {} ({fate:?}): {why}", site.name, log.len())
                });
                recoveries += 1;
            }
        }
        println!("{}: {recoveries} recoveries", site.name);
    }
}

#[test]
fn every_call_fails_in_every_way_and_says_so() {
    // In small, every third: another third with another seed.
    let (skip, step) = if number("ALLUSE_RECOVERIES") >= Some(20_000) { (0, 1) } else { (seed() as usize % 3, 3) };
    for site in SITES {
        let calls = recorded(site).1.len();
        let ways = |call| Trouble::ALL.map(|trouble| [false, true].map(|lasts| Fault { call, trouble, lasts }));
        let faults: Vec<Fault> = (0..calls).flat_map(ways).flatten().skip(skip).step_by(step).collect();
        for fault in &faults {
            fails(site, *fault).unwrap_or_else(|why| panic!("{}, {fault:?}: {why}", site.name));
        }
        println!("{}: {} faults in {calls} calls", site.name, faults.len());
    }
}

/// One call fails.
fn fails(site: &Site, fault: Fault) -> Result<(), String> {
    let folder = prepared(site);
    let shadow = Shadow::of(folder.path());
    shadow.drive().fault = Some(fault);
    let done = (site.act)(folder.path(), &shadow);
    let Err(said) = done else {
        // What is encrypted is now a few calls longer, now shorter.
        return if shadow.drive().calls() > fault.call { Err("it was not told".to_owned()) } else { Ok(()) };
    };
    let reason = if fault.trouble == Trouble::Io { "Input/output error" } else { "No space left" };
    let reasons = [reason, "disk is full", "no room", "full"];
    if !reasons.iter().any(|reason| said.contains(reason)) || !said.contains(&folder.path().display().to_string()) {
        return Err(format!("expected the file and {reason:?} in {said:?}"));
    }
    let log = shadow.drive().log().to_vec();
    let named = log.iter().any(|op| matches!(op, Op::Rename(..)));
    if (site.is_new)(folder.path())? && !named {
        return Err("something new stands there before it took its name".to_owned());
    }
    goes_on(site, folder.path(), false)
}
