//! One moment decided again.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Home, shared, too_wide, write_history};

/// A journal, and the folder that it was made from.
struct World {
    home: Home,
    data: PathBuf,
}

impl World {
    fn new() -> World {
        let home = Home::new();
        let data = home.path("prices");
        fs::create_dir_all(&data).unwrap();
        write_history(&data);
        home.prints(&["backtest", "--data", data.to_str().unwrap()]);
        World { home, data }
    }

    fn arguments<'a>(&'a self, when: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&["whatif", when, "--data", self.data.to_str().unwrap()][..], more].concat()
    }

    fn json(&self, when: &str, more: &[&str]) -> Value {
        self.home.json(&self.arguments(when, &[more, &["--json"]].concat()))["report"].clone()
    }
}

fn decisions(report: &Value) -> Vec<&Value> {
    report["sessions"].as_array().unwrap().iter().flat_map(|s| s["decisions"].as_array().unwrap()).collect()
}

fn differing(report: &Value) -> Vec<&Value> {
    decisions(report).into_iter().filter(|d| d["differs"] == true).collect()
}

const WEEK: &str = "2025-W40";

#[test]
fn what_decides_nothing_changes_nothing() {
    let world = World::new();
    let journal = fs::read(world.home.path("backtest.journal")).unwrap();
    let files = world.home.files();
    let report = world.json(WEEK, &["--set", "tax.reserve=0"]);
    assert_eq!(report["sessions"].as_array().unwrap().len(), 5);
    assert!(decisions(&report).len() > 10 && differing(&report).is_empty(), "{report}");
    let page = world.home.prints(&world.arguments(WEEK, &["--set", "tax.reserve=0", "--all"]));
    for said in [
        "MODELLED",
        "What if, at the close of 2025-W40, each session on the books as they were recorded before it:\n",
        "\n- tax.reserve: 30 -> 0 (",
        "\n2025-09-29: 0 of ",
        "\nRev puts\n  both: ",
        "Nothing is written",
    ] {
        assert!(page.contains(said), "{said:?}:\n{page}");
    }
    assert_eq!(world.home.files(), files);
    assert_eq!(fs::read(world.home.path("backtest.journal")).unwrap(), journal, "the journal stays as it is");
}

#[test]
fn another_policy_is_told_beside_what_was_recorded() {
    let world = World::new();
    let shut = ["--set", "vix.reduce=1", "--set", "vix.defend=2", "--set", "vix.stop=3"];
    let report = world.json(WEEK, &shut);
    let guard = differing(&report).into_iter().find(|d| d["about"] == "The guard").unwrap();
    assert_eq!(guard["recorded"]["text"], "stays open");
    assert!(guard["what_if"]["text"].as_str().unwrap().contains("shut: nothing is sent without a human"), "{guard}");
    assert_eq!(guard["what_if"]["rules"][0], "K-3");
    let puts = differing(&report).into_iter().filter(|d| d["about"].as_str().unwrap().contains("puts: "));
    assert!(puts.clone().count() > 0, "{report}");
    for put in puts {
        assert!(put["what_if"]["text"].as_str().unwrap().contains("the guard against extreme volatility"), "{put}");
    }
    let mine = world.home.path("mine.toml");
    fs::write(&mine, "name = \"mine\"\nextends = \"all-use\"\nschema = 1\n[vix]\nreduce = 1\ndefend = 2\nstop = 3\n")
        .unwrap();
    let same = world.json(WEEK, &["--policy", mine.to_str().unwrap()]);
    assert_eq!(same["sessions"], report["sessions"], "a file or --set: the same");
}

#[test]
fn another_class_or_price_is_decided_and_asked_for_by_sleeve_and_symbol() {
    let world = World::new();
    let chop = world.json("2025-10-01", &["--class", "chop"]);
    assert_eq!(chop["supposed"]["class"], "chop");
    let red = world.json("2025-10-01", &["--class", "red"]);
    assert!(chop["sessions"] != red["sessions"]);
    let week = decisions(&red).into_iter().find(|d| d["about"] == "The market's week").unwrap();
    assert!(week["what_if"]["text"].as_str().unwrap().starts_with("2025-W40 is red: SPY"), "{week}");

    let one = world.json(WEEK, &["--class", "chop", "--sleeve", "1.Com", "--symbol", "AAPL"]);
    for decision in decisions(&one) {
        assert!(decision["sleeve"].is_null() || decision["sleeve"] == "1.Com", "{decision}");
        assert!(decision["symbol"].is_null() || decision["symbol"] == "AAPL", "{decision}");
    }
    assert_eq!(one, world.json(WEEK, &["--class", "chop", "--sleeve", "1.com", "--symbol", "AAPL"]));

    let cheap = ["--price", "AAPL=10", "--price", "MSFT=12.50"];
    let priced = world.json(WEEK, &cheap);
    let text = |d: &Value| d["what_if"]["text"].as_str().unwrap().to_owned();
    let aapl = differing(&priced).into_iter().filter(|d| d["symbol"] == "AAPL").map(text).collect::<Vec<_>>();
    assert!(!aapl.is_empty(), "{priced}");
    let page = world.home.prints(&world.arguments("2025-10-01", &cheap));
    assert!(page.contains("- AAPL is at $10.00; it closed at $"), "{page}");
    let output = world.home.command(&world.arguments("2025-10-01", &cheap)).env("COLUMNS", "80").output().unwrap();
    assert_eq!(too_wide(&String::from_utf8(output.stdout).unwrap(), 80), [""; 0]);
}

#[test]
fn what_cannot_be_decided_again_is_refused() {
    let world = World::new();
    let refuses = |when: &str, more: &[&str], says: &[&str]| {
        world.home.refuses(&world.arguments(when, more), 2, says);
    };
    refuses("2025-09-28", &["--class", "red"], &["2025-09-28: the exchange was closed; expected a session"]);
    refuses("2019-03-04", &["--class", "red"], &["2019-03-04 is not in ", "which runs from 20", " to 2025-12-"]);
    refuses("2019-W10", &["--class", "red"], &["2019-W10 is not in "]);
    refuses("March", &["--class", "red"], &["expected a date such as 2020-03-16, or a week such as 2020-W12"]);
    refuses(WEEK, &[], &["nothing is supposed that was not so; expected --set KEY=VALUE"]);
    refuses(WEEK, &["--set", "tax.reserve=30"], &["nothing is supposed"]);
    refuses(WEEK, &["--set", "tax.reserv=30"], &["--set tax.reserv=30: tax.reserv is not a key", "tax.reserve?"]);
    refuses(WEEK, &["--set", "tax.reserve"], &["no value; expected KEY=VALUE such as band.fallback=0"]);
    refuses(WEEK, &["--class", "blue"], &["[possible values: green, red, chop]"]);
    refuses(WEEK, &["--price", "TSLA"], &["expected a symbol and a price above zero such as TSLA=180.50"]);
    refuses(WEEK, &["--price", "TSLA=0"], &["above zero"]);
    refuses(WEEK, &["--price", "IBM=10"], &["IBM is not at hand on 2025-09-29; expected one of AAPL, AMZN"]);
    refuses(WEEK, &["--class", "red", "--sleeve", "Gem"], &["Gem is no sleeve of the journal", "1.Gen, 1.Rev, 1.Com"]);
    refuses("2025-W25", &["--class", "red"], &["cannot be given a class: too little history lies before it"]);
}

#[test]
fn another_folder_is_refused() {
    let world = World::new();
    let other = world.home.path("others");
    fs::create_dir_all(&other).unwrap();
    write_history(&other);
    let whatif = |data: &Path| {
        ["whatif", WEEK, "--class", "red", "--data"].map(str::to_owned).into_iter().chain([data.display().to_string()])
    };
    let refuses = |data: &Path, code: i32, says: &[&str]| {
        let arguments: Vec<String> = whatif(data).collect();
        world.home.refuses(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), code, says);
    };
    refuses(&other, 2, &["was made from a folder named prices", "is one named others"]);

    // A folder of the same name whose prices are others.
    let same = world.home.path("else/prices");
    fs::create_dir_all(&same).unwrap();
    write_history(&same);
    let vix = same.join("volatility/VIX.csv");
    let text = fs::read_to_string(&vix).unwrap();
    let mut changed = "date,close\n".to_owned();
    for (date, close) in text.lines().skip(1).filter_map(|line| line.split_once(',')) {
        writeln!(changed, "{date},{:.2}", close.parse::<f64>().unwrap() + 3.0).unwrap();
    }
    fs::write(&vix, changed).unwrap();
    refuses(&same, 3, &["does not come out again from", "event #", "expected the prices that the journal was made"]);

    world.home.prints(&["demo", "--years", "1"]);
    refuses(&world.data, 2, &["its market was made up (generated, seed 1)", "expected a journal of `alluse backtest`"]);
}

#[test]
fn march_2020_could_have_been_green() {
    let Some(data) = shared("march_2020_could_have_been_green") else { return };
    let home = Home::new();
    home.prints(&["backtest", "--data", &data, "--from", "2019-01-01", "--to", "2020-12-31"]);
    let page = home.prints(&["whatif", "2020-03-16", "--data", &data, "--class", "green"]);
    for said in [
        "\n  recorded: 2020-W12 is red: SPY bearish",
        "\n  supposed: 2020-W12 is green: SPY bearish",
        "\n  supposed: no puts are planned: it does not enter on this day\n",
        "decisions are the same; --all shows them.",
    ] {
        assert!(page.contains(said), "{said:?}:\n{page}");
    }
    // Weeks of splits: strikes, contracts and prices of the day come out again.
    for week in ["2020-W35", "2020-W36"] {
        let json = home.json(&["whatif", week, "--data", &data, "--set", "band.fallback=0", "--json"]);
        assert_eq!(json["report"]["sessions"].as_array().unwrap().len(), 5, "{week}");
    }
}
