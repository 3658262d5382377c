//! Stores: made, proved, copied to another kind and back, migrated.

use std::path::Path;

use crate::postgres_server::Server;
use crate::support::Home;

/// Digest and chain of the first portfolio, as `check` has them.
fn hashes(home: &Home, place: &str) -> (String, String) {
    let proof = home.json(&["check", place, "--json"]);
    let hash = |name: &str| proof["portfolios"][0][name].as_str().unwrap().to_owned();
    (hash("digest"), hash("chain"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_file_is_made_verified_and_copied() {
    let home = Home::new();
    let (empty, copy) = (home.path("empty.journal"), home.path("copy.journal"));
    assert!(home.prints(&["store", "init", text(&empty)]).contains("an empty store, tables of version 2"));
    home.refuses(&["store", "init", text(&empty)], 4, &["empty.journal", "exists already"]);
    assert!(home.prints(&["store", "verify", text(&empty)]).contains("hold no journal yet"));
    assert!(home.prints(&["store", "migrate", text(&empty)]).contains("tables of version 2 already"));
    home.refuses(&["store", "copy", text(&empty), text(&copy)], 4, &["the journal is empty"]);

    home.prints(&["demo", "--years", "1"]);
    let demo = home.path("demo.journal");
    let said = home.prints(&["store", "copy", text(&demo), text(&copy)]);
    let (digest, chain) = hashes(&home, text(&demo));
    assert!(said.contains(&digest) && said.contains(&chain), "{said}");
    assert_eq!(hashes(&home, text(&copy)), (digest, chain));
    home.refuses(&["store", "copy", text(&demo), text(&copy)], 4, &["copy.journal", "exists already"]);
    let proof = home.prints(&["store", "verify", text(&copy)]);
    assert!(proof.contains("tables of version 2 are sound") && proof.contains("Everything holds."), "{proof}");
}

#[test]
fn a_damaged_journal_is_not_copied() {
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    let (demo, copy) = (home.path("demo.journal"), home.path("copy.journal"));
    let sql = "DROP TRIGGER journal_row_never_changes; UPDATE journal_row SET chain = zeroblob(32) WHERE row = 2";
    home.sqlite(&demo, sql);
    home.refuses(&["store", "copy", text(&demo), text(&copy)], 4, &["demo.journal", "row 2: its chain"]);
    assert!(!copy.exists());
}

#[test]
fn a_database_holds_what_a_file_holds_and_gives_it_back() {
    let Some(server) = Server::start("a_database_holds_what_a_file_holds_and_gives_it_back") else { return };
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    let (demo, back) = (home.path("demo.journal"), home.path("back.journal"));
    let (demo, back) = (text(&demo), text(&back));
    let address = server.address("postgres", "books").replace("alluse@", "alluse:hunter2@");
    let url = address.as_str();
    home.refuses(&["store", "verify", url], 4, &["no journals in schema books", "alluse store init"]);
    assert!(home.prints(&["store", "init", url]).contains("an empty store, tables of version 2"));
    home.refuses(&["store", "init", url], 4, &["schema books holds journals already"]);

    home.prints(&["store", "copy", demo, url]);
    home.prints(&["store", "copy", url, back]);
    assert_eq!(hashes(&home, demo), hashes(&home, url));
    assert_eq!(hashes(&home, demo), hashes(&home, back));
    home.refuses(&["store", "copy", demo, url], 4, &["schema books holds journals already"]);
    let verified = home.prints(&["store", "verify", url]);
    for said in ["tables of version 2 are sound; read where it is written", "Everything holds."] {
        assert!(verified.contains(said), "{said}:\n{verified}");
    }
    assert!(home.prints(&["store", "migrate", url]).contains("tables of version 2 already"));
    // Every command that reads a journal reads it there, and never shows the password.
    for command in [&["tree"][..], &["report", "weekly"], &["report", "annual", "--json"], &["explain", "2025-W20"]] {
        let from = |place| home.prints(&[command, &["--journal", place][..]].concat());
        let (file, database) = (from(demo), from(url));
        assert!(!database.contains("hunter2"), "{command:?}");
        let journal = |text: &str| text.lines().filter(|line| !line.contains("\"journal\"")).collect::<String>();
        assert_eq!(journal(&file), journal(&database), "{command:?}");
    }
    assert!(!home.prints(&["check", url, "--json"]).contains("hunter2"));
    let wrong = address.replace("/postgres?", "/nowhere?");
    let refused = home.run(&["check", &wrong]);
    assert_eq!(refused.code, 5);
    assert!(refused.err.contains("cannot be reached") && !refused.err.contains("hunter2"), "{}", refused.err);
    home.refuses(&["check", "postgres://"], 2, &["no address of a database"]);
}
