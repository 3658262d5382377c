//! The program killed at any moment of a run: at the journal's name stands the old one or the new one, whole, and the
//! next run is not in its way (bar R1).
//!
//! `ALLUSE_KILLS` says how often, `ALLUSE_SEED` begins the draws.

use std::process::Child;

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
    command.stdout(std::process::Stdio::null()).spawn().unwrap()
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
