//! What the protocol was worth, and how much of it may be chance.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use market::time::{Calendar, TradingDay};
use serde_json::Value;

use crate::support::{Home, shared, too_wide, write_history};

/// Half a year of made-up prices, without SPX and without a published index.
fn world() -> (Home, PathBuf) {
    let home = Home::new();
    let data = home.path("prices");
    fs::create_dir_all(&data).unwrap();
    write_history(&data);
    (home, data)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

/// The bounds of a difference, which hold it.
fn hold(low: &Value, value: &Value, high: &Value) -> bool {
    number(low) <= number(value) && number(value) <= number(high)
}

#[test]
fn the_protocol_stands_beside_simpler_things_with_bounds() {
    let (home, data) = world();
    let few = ["evidence", "benchmarks", "--data", data.to_str().unwrap(), "--draws", "200"];
    let shown = home.prints(&few);
    for said in [
        "MODELLED",
        "the protocol",
        "SPY held",
        "T-bills",
        "wheel 30",
        "wheel 30, from cost",
        "sleeve wheel",
        "over earnings",
        "not shown: buy-write and put-write: prices has no bars of SPX; expected bars/SPX.csv",
        "not shown: BXM as published",
        "expected the closes of BXM by day",
        "chosen with hindsight",
        "Politis and Romano 1994",
    ] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    let json = home.json(&[&few[..], &["--json"]].concat());
    let lines = json["lines"].as_array().unwrap();
    assert!(lines[0]["protocol_less_this"].is_null() && lines[0]["name"] == "the protocol");
    for line in &lines[1..] {
        let less = &line["protocol_less_this"];
        assert!(hold(&less["low"], &less["annual"], &less["high"]), "{line}");
        let apart = number(&lines[0]["annual"]) - number(&line["annual"]) - number(&less["annual"]);
        assert!(apart.abs() < 1e-12, "{line}");
        let wheel = line["name"].as_str().unwrap().contains("wheel");
        assert_eq!(line["premiums_modelled"], wheel, "{line}");
    }
    assert_eq!(json["run"]["premiums"], "modelled");
    assert_eq!(home.json(&[&few[..], &["--json"]].concat()), json, "the same seed draws the same");
    let other = home.json(&[&few[..], &["--json", "--seed", "2"]].concat());
    assert_ne!(other["lines"][1]["protocol_less_this"]["low"], lines[1]["protocol_less_this"]["low"]);
    let control = home.prints(&[&few[..], &["--control"]].concat());
    assert!(control.contains("META") && control.contains("was not chosen by how well"), "{control}");
    let narrow = home.command(&few).env("COLUMNS", "80").output().unwrap();
    assert_eq!(too_wide(&String::from_utf8(narrow.stdout).unwrap(), 80), [""; 0]);
    assert_eq!(home.files(), ["prices"], "evidence writes nothing");
}

#[test]
fn each_rule_is_measured_and_drawn_on_the_page() {
    let (home, data) = world();
    let data = data.to_str().unwrap();
    let few = ["evidence", "rules", "--data", data, "--draws", "200"];
    let shown = home.prints(&few);
    for said in [
        "MODELLED",
        "exclude zero",
        "one in twenty",
        "exit.cheap",
        "not measured",
        "chosen with hindsight",
        "no week differs",
    ] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    let text = home.prints(&[&few[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&text).unwrap();
    let rules = json["rules"].as_array().unwrap();
    assert!(rules.len() > 3, "{json}");
    for rule in rules {
        assert!(hold(&rule["low"], &rule["difference"], &rule["high"]), "{rule}");
        assert!(shown.contains(rule["rule"].as_str().unwrap()), "{rule}");
    }
    assert!(rules.windows(2).all(|pair| number(&pair[0]["difference"]) >= number(&pair[1]["difference"])));
    let same: Vec<&str> = json["no_difference"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
    assert!(same.contains(&"L-1") && same.contains(&"A-4"), "{same:?}");
    assert!(rules.iter().all(|rule| !same.contains(&rule["rule"].as_str().unwrap())));

    let worth = home.path("worth.json");
    fs::write(&worth, text).unwrap();
    home.prints(&["backtest", "--data", data]);
    let (worth, page) = (worth.to_str().unwrap().to_owned(), home.path("run.html"));
    home.prints(&["report", "page", "--out", page.to_str().unwrap(), "--rule-worth", &worth]);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains(&format!("of {} rules", rules.len())), "the page draws every rule that was measured");
}

/// V1: the published index, rebuilt from prices and modelled premiums, to the bar that was set for it.
#[test]
fn the_published_index_is_rebuilt_to_its_bar() {
    let Some(data) = shared("the_published_index_is_rebuilt_to_its_bar") else { return };
    let home = Home::new();
    let json = home.json(&["evidence", "buywrite", "--data", &data, "--json"]);
    assert_eq!((json["from"].as_str(), json["to"].as_str()), (Some("2016-07-29"), Some("2020-12-31")));
    assert_eq!((&json["months"], &json["premiums"]), (&53.into(), &"modelled".into()));
    for bar in json["bars"].as_array().unwrap() {
        assert_eq!(bar["met"], true, "{bar}");
    }
    let shown = home.prints(&["evidence", "buywrite", "--data", &data]);
    assert!(shown.starts_with("MODELLED:") && !shown.contains("not met"), "{shown}");
}

/// V1 by the index's own hours. Cboe prints the level and the strike of each roll; those of three are known here.
#[test]
fn the_published_index_is_rebuilt_by_its_hours() {
    let Some(data) = shared("the_published_index_is_rebuilt_by_its_hours") else { return };
    let home = Home::new();
    let json = home.json(&["evidence", "buywrite", "--data", &data, "--intraday", "--json"]);
    let calls = json["calls"].as_array().unwrap();
    for (day, reference, strike) in
        [("2025-01-17", 6002.99, 6005.0), ("2025-02-21", 6081.8, 6085.0), ("2025-03-21", 5637.51, 5640.0)]
    {
        let call = calls.iter().find(|call| call["day"] == day).unwrap();
        assert_eq!((number(&call["reference"]), number(&call["strike"])), (reference, strike), "{day}");
    }
    let thursday = calls.iter().find(|call| call["day"] == "2025-04-17");
    assert!(thursday.is_some(), "the session before Good Friday, a third Friday");
    let beside = &json["beside_closing_prices"];
    assert_eq!((beside["from"].as_str(), beside["to"].as_str()), (Some("2022-12-30"), Some("2026-04-30")));
    let years = beside["years"].as_array().unwrap();
    let whole: Vec<i64> = years.iter().filter(|y| y["whole"] == true).map(|y| y["year"].as_i64().unwrap()).collect();
    assert_eq!(whole, [2023, 2024, 2025]);
    let grown = |of: &str| {
        let months = beside["monthly"].as_array().unwrap();
        months.iter().filter(|m| m["to"].as_str().unwrap().starts_with("2024")).map(|m| 1.0 + number(&m[of])).product()
    };
    for of in ["rebuilt", "at_closing_prices"] {
        let product: f64 = grown(of);
        assert!((product - 1.0 - number(&years[1][of])).abs() < 1e-9, "twelve months make a year");
    }
    assert!(json["beside_published"].is_null() && json["not_compared"].as_str().unwrap().contains("2020-12-31"));
    let shown = home.prints(&["evidence", "buywrite", "--data", &data, "--intraday"]);
    assert!(shown.starts_with("MODELLED:") && shown.contains("NOT COMPARED with BXM as published"), "{shown}");
}

/// Bars of 15 minutes that stand at each session's close after its first price.
fn quarter_hours(data: &Path) {
    let calendar = Calendar::nyse();
    let mut text = "date,open,high,low,close\n".to_owned();
    for line in fs::read_to_string(data.join("bars/SPX.csv")).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let day = TradingDay::from_record(fields[0].parse().unwrap());
        let ends = calendar.closes_at(day).as_second();
        let mut at = calendar.opens_at(day);
        let [mut open, high, low, close] = [fields[1], fields[2], fields[3], fields[4]];
        while at.as_second() < ends {
            let (date, time) = at.to_string().split_once('T').map(|(d, t)| (d.to_owned(), t.to_owned())).unwrap();
            writeln!(text, "{date} {}+00:00,{open},{high},{low},{close}", time.trim_end_matches('Z')).unwrap();
            open = close;
            at = calendar.at(day, at.as_second() - calendar.at(day, 0).as_second() + 900);
        }
    }
    fs::create_dir_all(data.join("bars-15m")).unwrap();
    let mut packed = GzEncoder::new(File::create(data.join("bars-15m/SPX_15m.csv.gz")).unwrap(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap();
}

#[test]
fn a_folder_of_ones_own_is_rebuilt_by_its_hours_and_held_against_what_is_published() {
    let (home, data) = world();
    let rebuild = ["evidence", "buywrite", "--data", data.to_str().unwrap(), "--intraday"];
    home.refuses(&rebuild, 3, &["bars-15m/SPX_15m.csv.gz", "no such file", "bars of a quarter of an hour of SPX"]);
    fs::copy(data.join("bars/SPY.csv"), data.join("bars/SPX.csv")).unwrap();
    quarter_hours(&data);
    let json = home.json(&[&rebuild[..], &["--json"]].concat());
    assert!(json["not_compared"].as_str().unwrap().contains("BXM.csv is not there"), "{json}");
    let months = json["beside_closing_prices"]["monthly"].as_array().unwrap();
    assert!(months.len() >= 2 && json["beside_published"].is_null() && json["bars"] == Value::Array(Vec::new()));
    for call in json["calls"].as_array().unwrap() {
        let (level, strike) = (number(&call["reference"]), number(&call["strike"]));
        assert!(strike > level && strike <= level + 5.0 && number(&call["price"]) > 0.0, "{call}");
    }
    // What is published did as the rebuilt index did, but for a last month that was three points better.
    let mut published = "date,BXM\n".to_owned();
    let mut value = 1000.0;
    let first = json["beside_closing_prices"]["from"].as_str().unwrap();
    writeln!(published, "{first},{value:.4}").unwrap();
    for (at, month) in months.iter().enumerate() {
        value *= 1.0 + number(&month["rebuilt"]) + if at + 1 == months.len() { 0.03 } else { 0.0 };
        writeln!(published, "{},{value:.4}", month["to"].as_str().unwrap()).unwrap();
    }
    assert_eq!(months.last().unwrap()["to"], "2025-11-28");
    writeln!(published, "2025-12-01,{value:.4}").unwrap();
    fs::create_dir_all(data.join("benchmarks")).unwrap();
    fs::write(data.join("benchmarks/BXM.csv"), published).unwrap();
    let json = home.json(&[&rebuild[..], &["--json"]].concat());
    assert!(json["not_compared"].is_null(), "{json}");
    let last = json["beside_published"]["monthly"].as_array().unwrap().last().unwrap();
    assert!((number(&last["published"]) - number(&last["rebuilt"]) - 0.03).abs() < 1e-4, "{last}");
    assert_eq!(json["bars"][0]["figure"], "correlation of monthly returns");
    let shown = home.prints(&rebuild);
    assert!(shown.contains("beside BXM as published") && shown.contains("at least 0.98"), "{shown}");
    assert!(!shown.contains("NOT COMPARED"), "{shown}");
}

#[test]
fn what_is_missing_is_named_with_what_was_expected() {
    let (home, data) = world();
    let folder = data.to_str().unwrap();
    let rebuild = ["evidence", "buywrite", "--data", folder];
    home.refuses(&rebuild, 3, &["BXM.csv", "no such file", "expected the closes of BXM by day"]);
    fs::create_dir_all(data.join("benchmarks")).unwrap();
    let bxm = data.join("benchmarks/BXM.csv");
    fs::write(&bxm, "date,BXM\n2020-01-02,1400.5\n2020-01-03,-1\n").unwrap();
    home.refuses(&rebuild, 3, &["BXM.csv, line 3", "BXM", "expected a price"]);
    home.refuses(&["evidence", "benchmarks", "--data", folder], 3, &["BXM.csv, line 3"]);
    fs::write(&bxm, "date,BXM\n2020-01-02,1400.5\n2020-01-03,1401\n").unwrap();
    home.refuses(&rebuild, 3, &["no bars of SPX", "expected bars/SPX.csv"]);
    fs::copy(data.join("bars/SPY.csv"), data.join("bars/SPX.csv")).unwrap();
    home.refuses(&rebuild, 3, &["BXM.csv", "expected three ends of months within"]);
    home.refuses(&["evidence", "rules", "--data", "nowhere"], 3, &["nowhere", "expected a folder of price history"]);
    let alone = ["evidence", "rules", "--data", folder, "--draws", "99"];
    home.refuses(&alone, 2, &["100..=100000"]);
}
