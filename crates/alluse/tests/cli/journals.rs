//! Journals: proved whole, found damaged, never half-written.

use std::fs;
use std::path::Path;

use adapters::store::SqliteStore;

use crate::support::{Home, write_history};

fn offset(whole: &[u8], part: &[u8]) -> usize {
    whole.windows(part.len()).position(|window| window == part).unwrap()
}

/// What `check` says of a copy of the journal with one bit flipped.
fn flipped(home: &Home, whole: &[u8], byte: usize, bit: u8) -> (i32, String, String) {
    let mut damaged = whole.to_vec();
    damaged[byte] ^= 1 << bit;
    let copy = home.path("copy.journal");
    fs::write(&copy, damaged).unwrap();
    let ran = home.run(&["check", copy.to_str().unwrap()]);
    (ran.code, ran.out, ran.err)
}

#[test]
fn a_sound_journal_is_proved_and_a_flipped_bit_found() {
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    let file = home.path("demo.journal");
    let name = file.to_str().unwrap();
    let proof = home.prints(&["check", name]);
    for said in ["Everything holds.", "start + flows + gains = end", "second route", "world SIMULATED", "digest "] {
        assert!(proof.contains(said), "{said}:\n{proof}");
    }
    let json = home.json(&["check", name, "--json"]);
    assert_eq!(json["holds"], true);
    let digest = json["portfolios"][0]["digest"].as_str().unwrap().to_owned();

    let whole = fs::read(&file).unwrap();
    let rows = SqliteStore::open_read_only(&file).unwrap().rows(1).unwrap();
    assert!(rows.len() > 2, "the journal has rows to tell apart");
    for row in [&rows[0], &rows[1], rows.last().unwrap()] {
        let middle = row.bytes.len() / 2;
        let window = middle..(middle + 48).min(row.bytes.len());
        for (what, at) in [
            ("an event", offset(&whole, &row.bytes[window])),
            ("the digest", offset(&whole, &row.digest)),
            ("the chain", offset(&whole, &row.chain)),
        ] {
            let (code, out, err) = flipped(&home, &whole, at + 5, 3);
            assert_eq!(code, 4, "{what} of row {}: {out}{err}", row.row);
            assert!(err.contains("copy.journal") && err.contains(&format!("row {}", row.row)), "{what}: {err}");
        }
    }
    // Anywhere else in the file: found, or in a place that holds nothing.
    let mut found = 0;
    for i in 0..40 {
        let at = i * (whole.len() / 40) + i * 7;
        let (code, out, err) = flipped(&home, &whole, at, (i % 8) as u8);
        match code {
            0 => assert!(out.contains(&digest), "byte {at}: another digest passed:\n{out}"),
            4 | 5 => found += 1,
            _ => panic!("byte {at}: code {code}\n{out}{err}"),
        }
    }
    assert!(found > 20, "{found} of 40 flipped bits found");
}

#[test]
fn what_is_no_journal_is_refused() {
    let home = Home::new();
    let text = home.path("notes.txt");
    fs::write(&text, "not a journal, but dear to its owner\n").unwrap();
    for (file, said) in
        [("notes.txt", "not an ALL-USE journal"), ("nowhere", "there is no such file"), (".", "journal")]
    {
        let file = home.path(file);
        let file = file.to_str().unwrap();
        home.refuses(&["check", file], 4, &[file, said]);
        home.refuses(&["tree", "--journal", file], 4, &[file, said]);
        home.refuses(&["explain", "2020-W12", "--journal", file], 4, &[file, said]);
    }
}

#[test]
fn a_backtest_appears_whole_and_writes_over_nothing_but_a_journal() {
    let home = Home::new();
    let data = home.path("prices");
    write_history(&data);
    let (data, out) = (data.to_str().unwrap(), home.path("run.journal"));
    let out = out.to_str().unwrap();
    let run = ["backtest", "--data", data, "--out", out];
    let shown = home.prints(&run);
    for said in ["one digest: ", "chosen with hindsight", "control universe", "modelled premiums −20%", "end to end"]
    {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    let first = fs::read(out).unwrap();
    let json = home.json(&["backtest", "--data", data, "--out", out, "--json"]);
    assert_eq!(fs::read(out).unwrap(), first, "two runs leave the same bytes");
    assert_eq!(json["premiums"], "modelled");
    assert_eq!(json["comparison"]["variants"].as_array().unwrap().len(), 5);
    assert_eq!(home.files(), ["last", "prices", "run.journal"]);
    assert!(home.prints(&["tree"]).contains("Portfolio 1"), "the last journal is that of --out");

    fs::write(home.path("notes.txt"), "dear").unwrap();
    let notes = home.path("notes.txt");
    home.refuses(&["backtest", "--data", data, "--out", notes.to_str().unwrap()], 4, &["not an ALL-USE journal"]);
    assert_eq!(fs::read_to_string(&notes).unwrap(), "dear");
    let nowhere = home.path("no/such/folder.journal");
    home.refuses(
        &["backtest", "--data", data, "--out", nowhere.to_str().unwrap()],
        5,
        &["expected a folder to write in"],
    );
    // A failure after the draft was begun leaves the old journal as it was, and no part of a new one.
    home.refuses(
        &["backtest", "--data", data, "--out", out, "--from", "2031-01-01"],
        2,
        &["no complete week of sessions"],
    );
    home.refuses(&["backtest", "--data", data, "--out", out, "--deposit", "0"], 2, &["expected more than zero"]);
    fs::write(Path::new(data).join("bars/TSLA.csv"), "date\n").unwrap();
    home.refuses(&["backtest", "--data", data, "--out", out], 3, &["TSLA.csv"]);
    assert_eq!(fs::read(out).unwrap(), first);
    assert_eq!(home.files(), ["last", "notes.txt", "prices", "run.journal"]);
}

#[test]
fn a_page_is_written_whole_and_over_nothing_but_a_page() {
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    let (journal, out) = (home.path("demo.journal"), home.path("run.html"));
    let (journal, out) = (journal.to_str().unwrap(), out.to_str().unwrap());
    let said = home.prints(&["report", "page", "--out", out]);
    assert!(said.contains("run.html"), "{said}");
    let page = fs::read_to_string(out).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    home.prints(&["report", "page", "--journal", journal, "--out", out]);
    assert_eq!(fs::read_to_string(out).unwrap(), page, "the same journal makes the same page");
    let before = fs::read(journal).unwrap();
    home.refuses(&["report", "page", "--out", journal], 2, &["demo.journal", "is no page", "expected a new name"]);
    assert_eq!(fs::read(journal).unwrap(), before, "the journal is left as it is");
    let worth = home.path("worth.json");
    fs::write(&worth, "{}").unwrap();
    let worth = worth.to_str().unwrap();
    home.refuses(
        &["report", "page", "--out", out, "--rule-worth", worth],
        3,
        &["worth.json", "expected `rules`, an array"],
    );
    let nowhere = home.path("no/such/run.html");
    home.refuses(&["report", "page", "--out", nowhere.to_str().unwrap()], 5, &["run.html"]);
    let left: Vec<String> = home.files().into_iter().filter(|f| f.contains("partial")).collect();
    assert!(left.is_empty(), "{left:?}");
}
