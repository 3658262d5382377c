//! The program killed at any moment of a run: at the journal's name stands the old one or the new one, whole, and the
//! next run is not in its way (bar R1).
//!
//! `ALLUSE_KILLS` says how often, `ALLUSE_SEED` begins the draws.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use adapters::store::SqliteStore;
use engine::journal;
use simulation::rng::Rng;

use crate::support::Home;

#[expect(clippy::disallowed_methods, reason = "seed and count come from the environment")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn demo(home: &Home, seed: &str) -> Child {
    let mut command = home.command(&["demo", "--years", "1", "--seed", seed, "--json"]);
    command.stdout(Stdio::null()).spawn().unwrap()
}

/// How many looks at the child it takes until it has ended.
fn looks(child: &mut Child) -> usize {
    (1..).find(|_| child.try_wait().unwrap().is_some()).unwrap_or(0)
}

#[test]
fn a_killed_run_leaves_the_old_journal_or_the_new_one() {
    let seed = number("ALLUSE_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("seed {seed}");
    let (mut rng, kills) = (Rng::stream(seed, "kills"), number("ALLUSE_KILLS").unwrap_or(10));
    let home = Home::new();
    let digests: Vec<String> = ["1", "2"]
        .iter()
        .map(|seed| {
            let page = home.json(&["demo", "--years", "1", "--seed", seed, "--json"]);
            page["digest"].as_str().unwrap().to_owned()
        })
        .collect();
    let most = looks(&mut demo(&home, "1"));
    let (mut old, mut new, mut left) = (0, 0, 0);
    let mut stands = digests[0].clone();
    for turn in 0..kills {
        let mut child = demo(&home, ["1", "2"][usize::from(turn % 2 == 0)]);
        for _ in 0..rng.below(most) {
            if child.try_wait().unwrap().is_some() {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        left += usize::from(home.path("demo.journal.partial").exists());
        let store = SqliteStore::open_read_only(&home.path("demo.journal")).unwrap();
        let (_, chain) = journal::read(1, &store.rows(1).unwrap()).unwrap();
        let found = journal::hex(&chain.digest());
        assert!(digests.contains(&found), "kill {turn} of seed {seed}: a journal that no run wrote");
        if found == stands {
            old += 1
        } else {
            new += 1
        }
        stands = found;
    }
    let page = home.json(&["demo", "--years", "1", "--seed", "2", "--json"]);
    assert_eq!(page["digest"].as_str(), Some(digests[1].as_str()), "the next run is not in the way");
    assert!(!home.path("demo.journal.partial").exists());
    println!("{kills} kills: {old} times the old journal, {new} times the new one; {left} left a partial file");
}

/// Every file below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// Files that hold what only a journal holds: the name of its table.
fn plain(folder: &Path) -> Vec<PathBuf> {
    let shows = |path: &PathBuf| fs::read(path).unwrap().windows(11).any(|bytes| bytes == b"journal_row");
    walk(folder).into_iter().filter(shows).collect()
}

#[cfg(unix)]
#[test]
fn a_killed_backup_or_rehearsal_leaves_no_plain_copy() {
    let seed = number("ALLUSE_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("seed {seed}");
    let (mut rng, kills) = (Rng::stream(seed, "backup kills"), number("ALLUSE_KILLS").unwrap_or(10));
    let home = Home::new();
    home.prints(&["demo", "--years", "2"]);
    let at = |name: &str| home.path(name).display().to_string();
    let (identity, backups, scratch) = (at("identity.txt"), home.path("backups"), home.path("scratch"));
    let recipient = home.prints(&["backup", "key", "--out", &identity]).lines().last().unwrap().to_owned();
    let make = ["backup", "make", "--to", &at("backups"), "--recipient", &recipient].map(str::to_owned).to_vec();
    let run = |arguments: &[String]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let most = looks(&mut run(&make));
    let sealed = walk(&backups).into_iter().find(|path| path.extension().is_some_and(|e| e == "age")).unwrap();
    let kept = ["backup", "verify", &sealed.display().to_string(), "--identity", &identity].map(str::to_owned);
    let rehearse = kept.to_vec();
    assert_eq!((plain(&backups), plain(&scratch)), (vec![], vec![]));
    let (mut died, mut begun) = (0, 0);
    for turn in 0..kills {
        let mut child = run(if turn % 3 == 2 { &rehearse } else { &make });
        for _ in 0..rng.below(most) {
            if child.try_wait().unwrap().is_some() {
                break;
            }
        }
        died += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        begun += usize::from(walk(&backups).iter().any(|path| path.extension().is_some_and(|e| e == "partial")));
        for folder in [&backups, &scratch] {
            assert_eq!(plain(folder), Vec::<PathBuf>::new(), "kill {turn} of seed {seed}: a plain copy");
        }
    }
    // What was there by name in earlier versions, and what was begun, goes with the next backup.
    fs::write(scratch.join("demo.journal.age.plain"), "journal_row").unwrap();
    fs::create_dir(home.path("more")).unwrap();
    fs::write(home.path("more/demo.20200101T000000Z.journal.age.partial"), "begun").unwrap();
    let made = home.run(&["backup", "make", "--to", &at("more"), "--recipient", &recipient]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.err.contains("left by a backup that was cut off; removed"), "{}", made.err);
    assert_eq!((walk(&scratch).len(), walk(&home.path("more")).len()), (0, 2));
    println!("{kills} kills, {died} of a running command, {begun} with a backup begun: no plain copy");
}
