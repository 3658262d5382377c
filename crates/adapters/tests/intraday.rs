//! Bars of a quarter of an hour: whole sessions, or a refusal with the line.

mod folder;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use adapters::history::read_intraday;
use flate2::Compression;
use flate2::write::GzEncoder;
use folder::{calendar, shared};
use market::instrument::Symbol;
use tempfile::TempDir;

fn spx() -> Symbol {
    Symbol::new("SPX").unwrap()
}

/// The bars of 2024-07-03, which ends at 13:00, and of the session after the holiday: a line each, the header first.
fn sound() -> Vec<String> {
    let mut lines = vec!["date,open,high,low,close,volume,wap".to_owned()];
    for (day, count) in [("2024-07-03", 14), ("2024-07-05", 26)] {
        for bar in 0..count {
            let minutes = 13 * 60 + 30 + 15 * bar;
            let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
            lines.push(format!("{day} {time}:00+00:00,{}.5,5600,5400,{}.25,0.0,0.0", 5500 + bar, 5501 + bar));
        }
    }
    lines
}

fn write(dir: &Path, lines: &[String]) {
    fs::create_dir_all(dir.join("bars-15m")).unwrap();
    let file = File::create(dir.join("bars-15m/SPX_15m.csv.gz")).unwrap();
    let mut packed = GzEncoder::new(file, Compression::fast());
    packed.write_all(lines.join("\n").as_bytes()).unwrap();
    packed.finish().unwrap();
}

fn message(dir: &TempDir) -> String {
    let error = read_intraday(dir.path(), spx(), &calendar()).expect_err("must be refused");
    error.to_string().replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn whole_sessions_are_read_and_an_early_close_ends_one() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), &sound());
    let sessions = read_intraday(dir.path(), spx(), &calendar()).unwrap();
    let found: Vec<_> = sessions.iter().map(|s| (s.day.to_string(), s.bars.len())).collect();
    assert_eq!(found, [("2024-07-03".to_owned(), 14), ("2024-07-05".to_owned(), 26)]);
    let bar = sessions[1].bars[25];
    assert_eq!([bar.open, bar.close], ["5525.50", "5526.25"].map(|price| price.parse().unwrap()));
    assert_eq!((sessions[0].between(120, 240).len(), sessions[1].between(120, 240).len()), (6, 8));
}

#[test]
fn what_is_missing_doubled_or_outside_is_refused_with_its_line() {
    type Change = fn(&mut Vec<String>);
    let cases: [(Change, &str); 9] = [
        (
            |l| drop(l.remove(20)),
            "line 21, date: the bar of 2024-07-05 11:00 in New York comes where that of 2024-07-05 10:45 in New York \
             is missing",
        ),
        (
            |l| drop(l.remove(14)),
            "line 15, date: the bar of 2024-07-05 09:30 in New York comes where that of 2024-07-03 12:45",
        ),
        (
            |l| drop(l.remove(1)),
            "line 2, date: the bar of 2024-07-03 09:45 in New York comes where that of 2024-07-03 09:30",
        ),
        (
            |l| l.insert(3, l[2].clone()),
            "line 4, date: the bar of 2024-07-03 09:45 in New York stands twice or out of order",
        ),
        (|l| drop(l.pop()), "line 40, date: 2024-07-05 ends before 2024-07-05 15:45 in New York; expected its bars"),
        (
            |l| l.insert(15, l[14].replace("16:45", "17:00")),
            "line 16, date: 2024-07-03 17:00:00+00:00 lies in no session of NYSE; expected bars from the opening",
        ),
        (|l| l[5] = l[5].replace("+00:00", ""), "line 6, date: found \"2024-07-03 14:30:00\"; expected a moment with"),
        (|l| l[5] = l[5].replace("5600", "5501"), "504.50; expected it between the low"),
        (|l| l.truncate(1), "there is nothing below the header; expected a bar for each quarter of an hour"),
    ];
    for (change, expected) in cases {
        let dir = TempDir::new().unwrap();
        let mut lines = sound();
        change(&mut lines);
        write(dir.path(), &lines);
        let said = message(&dir);
        assert!(said.starts_with("bars-15m/SPX_15m.csv.gz") && said.contains(expected), "{said}\nexpected {expected}");
    }
}

#[test]
fn a_file_that_is_absent_or_not_packed_is_named() {
    let dir = TempDir::new().unwrap();
    let said = message(&dir);
    assert!(
        said.contains("SPX_15m.csv.gz: there is no such file; expected bars of a quarter of an hour of SPX"),
        "{said}"
    );
    fs::create_dir_all(dir.path().join("bars-15m")).unwrap();
    fs::write(dir.path().join("bars-15m/SPX_15m.csv.gz"), sound().join("\n")).unwrap();
    let said = message(&dir);
    assert!(said.contains("cannot be read") && said.contains("packed by gzip"), "{said}");
}

#[test]
fn the_shared_bars_are_whole() {
    let Some(data) = shared("the_shared_bars_are_whole") else { return };
    let sessions = read_intraday(&data, spx(), &calendar()).unwrap();
    assert_eq!(sessions.first().map(|s| s.day.to_string()).as_deref(), Some("2022-12-28"));
    assert_eq!((sessions.len(), sessions.iter().filter(|s| s.bars.len() == 14).count()), (857, 8));
}
