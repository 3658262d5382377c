//! The demo, and the pages of its journal.

use std::io::Read;
use std::process::Stdio;

use crate::support::{Home, Ran, too_wide};

#[test]
fn the_demo_ends_with_its_rank_among_a_thousand() {
    let home = Home::new();
    let shown = home.prints(&["demo"]);
    assert!(shown.starts_with("SIMULATED: "), "{shown}");
    for said in ["MODELLED", "start + flows + gains = end", "SPY held", "T-bills", "target", "policy as-written"] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    assert!(shown.contains("\nLuck\nRank ") && shown.contains(" of 1000 seeds"), "{shown}");
    assert_eq!(home.files(), ["demo.journal", "last"]);
    let again = Home::new().json(&["demo", "--json"]);
    assert_eq!(again["world"], "SIMULATED");
    assert_eq!(again["standing"]["of"], 1000);
    assert!(shown.contains(again["digest"].as_str().unwrap()), "the same seed makes the same journal anywhere");
    assert!(home.json(&["demo", "--json", "--seed", "2"])["digest"] != again["digest"]);
}

/// One year is enough for the pages.
fn with_a_journal() -> Home {
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    home
}

const PAGES: &[&[&str]] = &[
    &["report", "weekly"],
    &["report", "weekly", "--week", "2025-W10"],
    &["report", "monthly"],
    &["report", "monthly", "--month", "2025-03"],
    &["report", "annual"],
    &["report", "annual", "--year", "2025"],
    &["explain", "2025-W10"],
    &["explain", "2025-03-05"],
    &["explain", "1.Gen/2025-W10"],
    &["explain", "TSLA/2025-W10"],
    &["explain", "#100"],
    &["explain", "o1.1.1"],
    &["tree"],
];

#[test]
fn every_page_says_simulated_and_modelled_and_keeps_to_the_screen() {
    let home = with_a_journal();
    for page in PAGES {
        let text = home.prints(page);
        assert!(text.starts_with("SIMULATED: ") && text.contains("\nMODELLED: "), "{page:?}:\n{text}");
        let json = home.json(&[page, &["--json"][..]].concat());
        assert_eq!(
            (json["world"].as_str(), json["premiums"].as_str()),
            (Some("SIMULATED"), Some("modelled")),
            "{page:?}"
        );
        for width in ["80", "120"] {
            let output = home.command(page).env("COLUMNS", width).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(too_wide(&text, width.parse().unwrap()), [""; 0], "{page:?} on {width} columns");
        }
    }
}

#[test]
fn csv_has_a_header_plain_figures_and_says_simulated_in_every_row() {
    let home = with_a_journal();
    for page in [&["report", "weekly", "--week", "2025-W10"][..], &["report", "monthly"], &["report", "annual"]] {
        let text = home.prints(&[page, &["--csv"][..]].concat());
        let mut lines = text.lines();
        let columns = lines.next().unwrap().split(',').count();
        let rows: Vec<&str> = lines.collect();
        assert!(!rows.is_empty(), "{page:?}");
        for row in rows {
            assert!(row.ends_with(",SIMULATED,modelled"), "{row}");
            assert!(!row.contains(['$', '%', '−']), "{row}");
            assert_eq!(row.split(',').count(), columns, "{row}");
        }
    }
}

#[test]
fn what_the_journal_does_not_have_is_told_with_what_it_has() {
    let home = with_a_journal();
    for (arguments, said) in [
        (&["explain", "2019-W10"][..], "the nearest week is 2025-W01"),
        (&["explain", "o1.1.99999"], "the nearest order is"),
        (&["explain", "ZZZZ/2025-W10"], "its symbols are"),
        (&["explain", "why"], "expected a week (2020-W12), a day"),
        (&["report", "weekly", "--week", "2019-W10"], "it has 2025-W01 to"),
        (&["report", "monthly", "--month", "2019-03"], "it has 2025-01 to 2025-12"),
        (&["report", "annual", "--year", "2019"], "no weekly close of 2019; it has 2025 to 2025"),
    ] {
        home.refuses(arguments, 2, &["demo.journal: ", said]);
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let home = with_a_journal();
    let page = ["report", "monthly", "--json"];
    assert!(home.prints(&page).len() > 2 * 65_536, "longer than a pipe holds");
    let mut child = home.command(&page).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_the_work() {
    let home = Home::new();
    std::fs::write(home.path("taken"), "mine").unwrap();
    let output = home.command(&["demo"]).env("ALLUSE_HOME", home.path("taken/below")).output().unwrap();
    let ran = Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{}", ran.err);
    assert!(ran.err.contains("taken/below"), "{}", ran.err);
}
