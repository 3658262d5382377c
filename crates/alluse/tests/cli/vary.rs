//! What other choices of a key are worth.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Home, shared, too_wide, write_history};

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
        World { home, data }
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["backtest", "--data", self.data.to_str().unwrap()][..], more].concat()
    }
}

fn money(value: &Value) -> market::value::Money {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn each_choice_is_the_run_with_that_key_alone() {
    let world = World::new();
    let vary = ["--vary", "tax.reserve=0,30", "--vary", "rules.off=E-9,M-6", "--json"];
    let json = world.home.json(&world.arguments(&vary));
    let (own, choices) = (&json["vary"]["this_run"], json["vary"]["choices"].as_array().unwrap());
    let named: Vec<(&str, &str)> = choices
        .iter()
        .map(|c| (c["values"][0]["key"].as_str().unwrap(), c["values"][0]["value"].as_str().unwrap()))
        .collect();
    assert_eq!(
        named,
        [("tax.reserve", "0"), ("tax.reserve", "30"), ("rules.off", "[\"E-9\"]"), ("rules.off", "[\"M-6\"]")]
    );
    for choice in choices {
        assert_eq!(money(&choice["end"]) - money(&own["end"]), money(&choice["beside"]), "{choice}");
        assert!(choice["not_run"].is_null() && choice["forks"] == 0, "{choice}");
    }
    assert_eq!(choices[1]["beside"], "0.00", "30 is what the policy says already");
    assert!(choices[2]["beside"] != "0.00" && choices[3]["beside"] != "0.00", "{json}");

    // The run's own figures are those of the comparison that every report shows.
    let line = &json["comparison"]["lines"][0];
    assert_eq!(line["end"], own["end"]);
    for (compared, here) in [("time_weighted", "time_weighted"), ("cagr", "a_year"), ("drawdown", "drawdown")] {
        let apart = line[compared].as_f64().unwrap() - own[here].as_f64().unwrap();
        assert!(apart.abs() < 1e-4, "{compared}: {apart}");
    }

    // The same as a run of a policy file that says so.
    let mine = world.home.path("mine.toml");
    fs::write(&mine, "name = \"mine\"\nextends = \"all-use\"\nschema = 1\n[rules]\noff = [\"E-9\"]\n").unwrap();
    let run = world.home.json(&world.arguments(&["--policy", mine.to_str().unwrap(), "--json"]));
    assert_eq!(run["whole"]["total"]["identity"]["end"], choices[2]["end"]);
    assert!(run["vary"].is_null());
    assert_eq!(world.home.json(&world.arguments(&vary))["vary"], json["vary"], "however the runs fell to threads");
}

#[test]
fn choices_are_a_table_for_each_key() {
    let world = World::new();
    let arguments = world.arguments(&["--vary", "band.fallback=0,5", "--vary", "rules.off=X-4"]);
    let page = world.home.prints(&arguments);
    for said in [
        "\nband.fallback, in points of delta: With no strike inside the band",
        "\nWhat band.fallback is worth\n",
        "\n10 (this run)  ",
        "\nWhat rules.off is worth\n",
        "\n[] (this run)  ",
        "\n[\"X-4\"]        ",
        "made with hindsight",
        "MODELLED",
    ] {
        assert!(page.contains(said), "{said:?}:\n{page}");
    }
    let output = world.home.command(&arguments).env("COLUMNS", "80").output().unwrap();
    assert_eq!(too_wide(&String::from_utf8(output.stdout).unwrap(), 80), [""; 0]);
    assert!(world.home.prints(&["report", "annual"]).contains("The same run"), "the run itself is kept");
}

#[test]
fn a_grid_is_every_combination_and_csv_is_for_spreadsheets() {
    let world = World::new();
    let vary = ["--vary", "universe.gen=\"TSLA,NVDA\",TSLA,ZZZ", "--vary", "calls.below_basis=true,false", "--grid"];
    let csv = world.home.prints(&world.arguments(&[&vary[..], &["--csv"]].concat()));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "choice,end,beside_this_run,time_weighted,a_year,drawdown,forks,merges,not_run");
    assert_eq!(lines.len(), 2 + 6, "{csv}");
    assert!(lines[1].starts_with("this run,") && lines[1].ends_with(",0,0,"), "{csv}");
    let same = "\"universe.gen = [\"\"TSLA\"\", \"\"NVDA\"\"], calls.below_basis = false\"";
    assert!(lines[3].starts_with(same) && lines[3].contains(",0.00,"), "{csv}");
    assert!(lines[7].ends_with("ZZZ has no bars in prices; the policy trades it or judges the week by it"), "{csv}");
    let output = world.home.command(&world.arguments(&vary)).env("COLUMNS", "80").output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("What each combination is worth") && page.contains("not run: universe.gen"), "{page}");
    assert_eq!(too_wide(&page, 80), [""; 0]);
}

#[test]
fn what_cannot_be_varied_is_told_before_anything_is_read() {
    let home = Home::new();
    for (vary, says) in [
        (
            "band.falback=1",
            &["band.falback is not a key", "did you mean band.fallback?", "keys there: band.gen, band.rev"][..],
        ),
        ("moon=1", &["moon is not a key of the policy", "sections: data, universe"]),
        ("band.fallback", &["no value; expected KEY=VALUE such as band.fallback=0,5,10"]),
        ("=5", &["no value"]),
        ("band.fallback=0,,5", &["a value is missing"]),
        ("band.fallback=5,99", &["band.fallback = 99 is out of range; expected 0 to 50 points of delta"]),
        ("entry.gen_green=friday", &["expected \"none\", \"monday\""]),
        ("rules.off=X-99", &["holds \"X-99\", which is not known"]),
        ("week.strong=30", &["week.broken = 40 contradicts week.strong = 30"]),
    ] {
        home.refuses(&["backtest", "--data", "nowhere", "--vary", vary], 2, says);
    }
    home.refuses(&["backtest", "--data", "nowhere", "--csv"], 2, &["--vary <KEY=A,B>"]);
    home.refuses(&["backtest", "--data", "nowhere", "--grid"], 2, &["--vary <KEY=A,B>"]);
    assert_eq!(home.files(), [""; 0]);
}

#[test]
fn real_years_are_varied() {
    let Some(data) = shared("real_years_are_varied") else { return };
    let home = Home::new();
    let run = ["backtest", "--data", &data, "--from", "2019-01-01", "--to", "2020-12-31"];
    let vary = ["--vary", "rules.off=X-4", "--vary", "model.level=0.8", "--json"];
    let json = home.json(&[&run[..], &vary].concat());
    let choices = json["vary"]["choices"].as_array().unwrap();
    assert!(choices.iter().all(|c| c["beside"] != "0.00" && c["a_year"].is_number()), "{json}");
}
