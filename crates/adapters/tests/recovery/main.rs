//! The power goes at every write and every sync, with sectors kept, lost and torn: nothing acknowledged is lost,
//! nothing is found that was not written, and the books agree with a reckoning of their own (bar R1).
//!
//! `ALLUSE_SEED` names the first seed, which is otherwise another in each run and printed; `ALLUSE_RECOVERIES` says how
//! many recoveries to make.

#![expect(clippy::disallowed_methods, reason = "seed and count come from the environment")]

mod books;
mod faults;
mod machine;
mod migration;
mod vfs;
mod whole;
mod work;

use simulation::disk::{Class, Disk, Fate};
use simulation::rng::Rng;

use books::Book;
use machine::Mounted;
use work::{Held, Work, cut, recover};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn first_seed() -> u64 {
    number("ALLUSE_SEED").unwrap_or_else(|| u64::from(std::process::id()) * 1_000)
}

/// How a search for a loss ended.
struct Search {
    recoveries: u64,
    found: Option<String>,
}

/// One history: some work, cut after every entry of its log, each time with every fate; then more work on some of the
/// recovered disks, cut once more.
fn history(seed: u64, skipped: Option<Class>) -> Search {
    let mut rng = Rng::stream(seed, "recovery");
    let books = [Book::new(&mut rng), Book::new(&mut rng)];
    let mut work = Work::on(Disk::default(), Held::Nothing, &books).skipping(skipped);
    let steps = 1 + rng.below(4);
    if let Err(error) = work.some(steps, &mut rng) {
        return Search { recoveries: 0, found: Some(format!("seed {seed}: {error}")) };
    }
    let log = work.log();
    let mut disk = work.disk_after(&log, 0);
    let mut recoveries = 0;
    for done in 0..=log.len() {
        if done > 0 {
            disk.apply(&log[done - 1]);
        }
        for fate in [Fate::Lost, Fate::Kept, Fate::Mixed, Fate::Mixed] {
            recoveries += 1;
            let after = cut(&disk, fate, &mut rng);
            let checked = recover(&after, &books, work.allowed(done));
            let again = |held| if rng.below(4) == 0 { more(&after, held, &books, skipped, &mut rng) } else { Ok(0) };
            match checked.and_then(again) {
                Ok(further) => recoveries += further,
                Err(why) => {
                    let found = format!("seed {seed}, cut after {done} of {} ({fate:?}): {why}", log.len());
                    return Search { recoveries, found: Some(found) };
                }
            }
        }
    }
    Search { recoveries, found: None }
}

/// Work goes on where a recovery left the disk, and is cut at one place.
fn more(disk: &Mounted, held: Held, books: &[Book], skipped: Option<Class>, rng: &mut Rng) -> Result<u64, String> {
    let left = machine::locked(&disk.machine).drive.disk().clone();
    // What the recovery wrote and did not sync is still there, and can still be lost.
    let mut work = Work::on(left, held, books).skipping(skipped);
    work.some(1, rng).map_err(|error| format!("work could not go on: {error}"))?;
    let log = work.log();
    let done = rng.below(log.len() + 1);
    let after = cut(&work.disk_after(&log, done), Fate::Mixed, rng);
    recover(&after, books, work.allowed(done)).map_err(|why| format!("and after {done} more: {why}"))?;
    Ok(1)
}

#[test]
fn a_cut_anywhere_loses_nothing_that_was_acknowledged() {
    let (first, count) = (first_seed(), number("ALLUSE_RECOVERIES").unwrap_or(2_000));
    println!("seeds from {first}");
    let mut recoveries = 0;
    let mut seeds = first..;
    while recoveries < count {
        let search = history(seeds.next().expect("seeds without end"), None);
        recoveries += search.recoveries;
        assert!(search.found.is_none(), "{}", search.found.unwrap_or_default());
    }
    println!("{recoveries} recoveries in {} histories: 0 lost, 0 phantom", seeds.start - first);
}

#[test]
fn a_disk_that_skips_one_class_of_syncs_is_found_out() {
    let first = first_seed();
    println!("seeds from {first}");
    for class in Class::ALL {
        let mut runs = 0;
        let mut seeds = first..;
        let found = loop {
            let search = history(seeds.next().expect("seeds without end"), Some(class));
            runs += search.recoveries;
            assert!(runs < 1_000, "{class:?}: not found out in {runs} recoveries");
            if let Some(found) = search.found {
                break found;
            }
        };
        println!("{class:?}: found out by recovery {runs}: {found}");
    }
}
