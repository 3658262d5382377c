//! Ten real years: one digest, books that balance, what stands beside every result (bar V8), and the weeks that people
//! ask about.

use std::fs;
use std::path::Path;

use crate::support::{Home, shared, too_wide};

#[test]
fn ten_years_are_replayed_proved_and_explained() {
    let Some(data) = shared("ten_years_are_replayed_proved_and_explained") else { return };
    let home = Home::new();
    let shown = home.prints(&["backtest", "--data", &data]);
    for said in [
        "2016-06-29 to 2026-05-29",
        "$300,000.00 paid in",
        "Replayed twice, one digest",
        "SPY held",
        "the universe held",
        "T-bills",
        "target",
        "fills at mid",
        "modelled premiums −20%",
        "modelled premiums +20%",
        "policy as-written",
        "control universe",
        "chosen with hindsight",
        "modelled share",
        "one replay",
        "end to end",
    ] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    let narrow = home.command(&["report", "annual"]).env("COLUMNS", "80").output().unwrap();
    assert_eq!(too_wide(&String::from_utf8(narrow.stdout).unwrap(), 80), [""; 0]);

    let again = home.json(&["backtest", "--data", &data, "--json"]);
    let digest = again["digest"].as_str().unwrap();
    assert!(shown.contains(digest), "two runs have one digest");
    assert_eq!(again["left_out"].as_array().unwrap().len(), 0);
    for sleeve in again["whole"]["sleeves"].as_array().unwrap() {
        let of = |key: &str| sleeve["identity"][key].as_str().unwrap().parse::<market::value::Money>().unwrap();
        assert_eq!(of("start") + of("flows") + of("gains"), of("end"), "{sleeve}");
    }
    let journal = home.path("backtest.journal");
    let proof = home.prints(&["check", journal.to_str().unwrap()]);
    assert!(proof.contains("Everything holds.") && proof.contains(digest), "{proof}");
    assert!(home.prints(&["tree"]).contains("Structure 1"));
    assert!(home.prints(&["report", "monthly"]).contains("2020-03"));
    explained(&home);
    types(&home);
}

/// A million dollars forks structures; every page holds them within the screen, and every row adds up.
#[test]
fn a_million_dollars_grow_a_tree() {
    let Some(data) = shared("a_million_dollars_grow_a_tree") else { return };
    let home = Home::new();
    let run = home.json(&["backtest", "--data", &data, "--deposit", "1000000", "--json"]);
    let of = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().parse::<market::value::Money>().unwrap();
    let whole = &run["whole"];
    assert!(!whole["structures"].as_array().unwrap().is_empty(), "it forks");
    let sleeves = whole["sleeves"].as_array().unwrap().iter().map(|s| &s["identity"]);
    let rows: Vec<_> = sleeves.chain([&whole["reserve"], &whole["total"]["identity"]]).collect();
    for row in &rows {
        assert_eq!(of(row, "start") + of(row, "flows") + of(row, "gains"), of(row, "end"), "{row}");
    }
    let parts = &rows[..rows.len() - 1];
    let sum: market::value::Money = parts.iter().map(|row| of(row, "end")).sum();
    assert_eq!(sum, of(rows[rows.len() - 1], "end"), "sleeves and tax reserve are all that there is");
    let pages: &[&[&str]] = &[&["tree"], &["report", "weekly"], &["report", "monthly"], &["report", "annual"]];
    for page in pages.iter().copied().chain([&["explain", "fork/2"][..], &["explain", "lock/1.Gen"]]) {
        for width in ["80", "120"] {
            let output = home.command(page).env("COLUMNS", width).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(!text.is_empty(), "{page:?}");
            assert_eq!(too_wide(&text, width.parse().unwrap()), [""; 0], "{page:?} on {width} columns");
        }
    }
    let fork = home.prints(&["explain", "fork/2"]);
    assert!(fork.contains("a fork is due") && fork.contains("forks structure 2"), "{fork}");
}

/// What was quoted is filled at the quote, the rest at the model's price, and both are told apart.
#[test]
fn quotes_fill_what_they_quote() {
    let Some(data) = shared("quotes_fill_what_they_quote") else { return };
    let home = Home::new();
    let quotes = format!("{data}/chains/TSLA-2026");
    let run = ["backtest", "--data", &data, "--from", "2026-01-02", "--to", "2026-04-30", "--json"];
    let quoted = home.json(&[&run[..], &["--quotes", &quotes]].concat());
    assert_eq!(quoted["premiums"], "modelled and quoted");
    let week = home.json(&["report", "weekly", "--week", "2026-W08", "--json"]);
    let trades = week["report"]["trades"].as_array().unwrap();
    let origin = |t: &&serde_json::Value| t["series"].as_str().unwrap().starts_with("TSLA") && t["order"].is_string();
    assert!(trades.iter().filter(origin).all(|t| t["origin"] == "quoted"), "{trades:?}");
    assert!(trades.iter().any(|t| t["origin"] == "modelled"), "{trades:?}");
    let refused = home.command(&["backtest", "--data", &data, "--quotes", &data]).output().unwrap();
    assert!(!refused.status.success());
}

/// All eleven types of a position's week came in the ten real years (W-1 to W-11).
fn types(home: &Home) {
    let json = home.json(&["report", "annual", "--json"]);
    let types = json["report"]["whole"]["types"].as_array().unwrap();
    let came: Vec<&str> =
        types.iter().filter(|t| t["count"].as_u64() > Some(0)).filter_map(|t| t["kind"].as_str()).collect();
    assert_eq!(
        came,
        ["P-DD", "C-REC", "C-RO", "P-AOL", "P-RO", "P-AWL", "C-PNO", "C-WAP", "C-WAP+", "P-EW", "W-IDL"],
        "{types:?}"
    );
}

/// March 2020, 2022, and the split weeks, with strikes and prices as they were.
fn explained(home: &Home) {
    for (id, says) in [
        ("2020-W12", &["2020-W12 is red", "VIX 57.83", "support broken", "AMZN at $1,689.20", "TSLA at $445.05"][..]),
        ("2022-W24", &["2022-W24 is red"]),
        ("2020-W36", &["AAPL split 4 for 1", "TSLA split 5 for 1", "TSLA 2020-09-04 $405.00 put"]),
        ("AAPL/2020-W36", &["AAPL split 4 for 1", "AAPL at $129.04", "2020-09-04 $127.50 put"]),
        ("2022-W23", &["AMZN split 20 for 1", "AMZN at $124.79"]),
        ("2022-06-06", &["AMZN at $124.79"]),
        ("2022-W34", &["TSLA split"]),
        ("TSLA/2022-W34", &["TSLA split 3 for 1", "TSLA $288.09"]),
        ("2024-06-10", &["2024-W24 is green"]),
        ("2024-W24", &["NVDA split 10 for 1"]),
    ] {
        let text = home.prints(&["explain", id]);
        for said in says {
            assert!(text.contains(said), "{id}: {said}:\n{text}");
        }
    }
    let week = home.json(&["report", "weekly", "--week", "2020-W12", "--json"]);
    assert_eq!(week["report"]["market"]["class"], "red");
    assert!(week["report"]["trades"].as_array().unwrap().iter().all(|t| t["origin"] != "quoted"));
}

/// Without its split, TSLA's bars would be read at three times their price.
#[test]
fn a_split_table_that_is_too_short_is_refused() {
    let Some(data) = shared("a_split_table_that_is_too_short_is_refused") else { return };
    let home = Home::new();
    let copy = home.path("prices");
    for folder in ["bars", "volatility", "rates", "events"] {
        fs::create_dir_all(copy.join(folder)).unwrap();
        for entry in fs::read_dir(Path::new(&data).join(folder)).unwrap() {
            let file = entry.unwrap().path();
            fs::write(copy.join(folder).join(file.file_name().unwrap()), fs::read(&file).unwrap()).unwrap();
        }
    }
    let splits = copy.join("events/splits.csv");
    let text = fs::read_to_string(&splits).unwrap();
    let short: Vec<&str> = text.lines().filter(|line| !line.starts_with("TSLA,2022-08-25")).collect();
    assert!(short.len() + 1 == text.lines().count());
    fs::write(&splits, short.join("\n")).unwrap();
    let run = ["backtest", "--data", copy.to_str().unwrap()];
    home.refuses(&run, 3, &["splits.csv", "TSLA", "2022-08-25", "expected"]);
    assert_eq!(home.files(), ["prices"]);
}

#[test]
fn real_price_history_is_inspected_and_measured() {
    let Some(data) = shared("real_price_history_is_inspected_and_measured") else { return };
    let home = Home::new();
    let shown = home.prints(&["data", "inspect", &data]);
    assert!(shown.contains("TSLA") && shown.contains("Nothing is wrong with it."), "{shown}");
    let json = home.json(&["data", "inspect", &data, "--json"]);
    assert_eq!(json["problems"].as_array().unwrap().len(), 0);
    let shipped = include_str!("../../../../policy/generator.toml");
    let measured = home.prints(&["data", "calibrate", &data]);
    let figures =
        |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(figures(&measured), figures(shipped), "the shipped parameters are what is measured");
    let chains = format!("{data}/chains/TSLA-2026");
    home.refuses(&["data", "spreads", &chains], 3, &["2026-07-17.csv, line ", "bid: TSLA", "crossed; expected a bid"]);
    let spreads = home.prints(&["data", "spreads", &chains, "--leave-crossed"]);
    let table = spreads.split_once("[spread]").unwrap().1.trim_end();
    assert!(include_str!("../../../../policy/premium-model.toml").contains(table), "{spreads}");
}
