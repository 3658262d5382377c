//! Projections: labelled, both policies side by side, the same from any run, and drawn from a user's own weeks.

use std::fs;

use serde_json::Value;

use crate::support::{Home, too_wide};

/// Enough paths for a page.
const FEW: &[&str] = &["project", "--paths", "40"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [FEW, more].concat()
}

#[test]
fn every_figure_is_labelled_and_the_honest_one_is_pointed_to() {
    let home = Home::new();
    let page = home.prints(FEW);
    assert!(page.starts_with("IF THE TARGETS WERE MET: "), "{page}");
    let titles: Vec<&str> = page.lines().filter(|line| line.starts_with("V-")).collect();
    assert_eq!(titles.len(), 6, "{page}");
    assert!(titles.iter().all(|title| title.contains("if the targets were met")), "{titles:?}");
    assert!(page.contains("alluse backtest --data DIR") && page.contains("none is a forecast"), "{page}");
    assert!(page.contains("Gen 1.50% a week (117% a year), Rev 1.00% a week (68% a year)"), "{page}");
    for name in ["equity all-use", "equity as-written", "income all-use", "ruin as-written"] {
        assert!(page.contains(name), "{name}:\n{page}");
    }
    assert_eq!(home.files(), [""; 0], "a projection leaves nothing behind");
    for width in ["80", "120"] {
        let output = home.command(FEW).env("COLUMNS", width).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(too_wide(&text, width.parse().unwrap()), [""; 0], "on {width} columns");
    }
}

#[test]
fn what_is_said_of_merges_is_computed() {
    let home = Home::new();
    let said = |arguments: &[&str]| {
        let page = home.prints(&with(arguments));
        page.lines().find(|line| line.starts_with("At these targets")).unwrap().to_owned()
    };
    let shipped = said(&["--years", "1"]);
    assert!(shipped.contains("fork.rebase = false no merge occurs, in years of any quality"), "{shipped}");
    assert!(shipped.contains("fork.rebase = true the first merge comes in week "), "{shipped}");
    let file = home.path("small.toml");
    fs::write(&file, "name = \"small\"\nextends = \"all-use\"\nschema = 1\n\n[merge]\nsize = 40_000\n").unwrap();
    let small = said(&["--years", "1", "--policy", file.to_str().unwrap()]);
    assert!(small.contains("fork.rebase = false the first merge comes in week "), "{small}");
}

#[test]
fn json_carries_every_horizon_and_repeats_itself() {
    let home = Home::new();
    let json = home.json(&with(&["--years", "3", "--json"]));
    assert_eq!(
        (json["label"].as_str(), json["weeks"]["from"].as_str()),
        (Some("if the targets were met"), Some("types"))
    );
    let names: Vec<&str> = json["policies"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["all-use", "as-written"]);
    for policy in json["policies"].as_array().unwrap() {
        let expected = &policy["at_targets"]["expected"];
        assert_eq!((expected["years"].as_array().unwrap().len(), policy["drawn"].as_array().unwrap().len()), (4, 3));
        assert_eq!(
            (expected["years"][0]["equity"].as_str(), &expected["first_fork_week"]),
            (Some("300000.00"), &24.into())
        );
        for horizon in policy["drawn"].as_array().unwrap() {
            for figure in ["equity", "income", "structures", "drawdown"] {
                let of = |name: &str| horizon[figure][name].as_f64().unwrap();
                assert!(of("p5") <= of("p50") && of("p50") <= of("p95") && of("mean").is_finite(), "{figure}");
            }
        }
    }
    assert_eq!(home.json(&with(&["--years", "3", "--json"])), json, "however the paths fell to threads");
    let drawn = |json: &Value| json["policies"][0]["drawn"].clone();
    let other = home.json(&with(&["--years", "3", "--json", "--seed", "2"]));
    assert!(drawn(&other) != drawn(&json) && other["policies"][0]["at_targets"] == json["policies"][0]["at_targets"]);
}

#[test]
fn income_is_withdrawn_on_demand() {
    let home = Home::new();
    let last = |json: &Value| json["policies"][0]["at_targets"]["expected"]["years"][2].clone();
    let kept = last(&home.json(&with(&["--years", "2", "--json"])));
    let paid = home.json(&with(&["--years", "2", "--json", "--withdraw"]));
    assert_eq!(paid["policies"][0]["income"], "withdraw");
    assert_eq!((kept["paid"].as_str(), last(&paid)["income"].as_str()), (Some("0.00"), Some("0.00")));
    assert!(last(&paid)["paid"] != "0.00");
    assert!(home.prints(&with(&["--years", "1", "--withdraw"])).contains("income paid out each week"));
}

#[test]
fn weeks_come_from_a_table() {
    let home = Home::new();
    let file = home.path("weeks.csv");
    let name = file.to_str().unwrap();
    fs::write(&file, "week,gen,rev,com\n2020-W01,0.02,0.01,0.005\n2020-W02,-0.06,-0.03,-0.01\n").unwrap();
    let page = home.prints(&with(&["--years", "2", "--history", name]));
    assert!(
        page.starts_with("IF THE TARGETS WERE MET: ") && page.contains("V-2, if these weeks came again: "),
        "{page}"
    );
    assert!(
        page.contains("one of the 2 in the table") && page.contains("Gen −2.00%, Rev −1.00%, Com −0.25%"),
        "{page}"
    );
    let json = home.json(&with(&["--years", "2", "--history", name, "--json"]));
    assert_eq!(
        (json["weeks"]["weeks"].as_u64(), json["weeks"]["label"].as_str()),
        (Some(2), Some("if these weeks came again"))
    );
    assert!(json["policies"][0]["drawn"][1]["ruin"].as_f64().unwrap() > 0.0);

    fs::write(&file, "week,gen,rev,com\n2020-W01,2,0.01,0.005\n").unwrap();
    home.refuses(
        &with(&["--history", name]),
        3,
        &["weeks.csv, line 2, column \"gen\": \"2\" is no weekly return; expected a fraction"],
    );
    home.refuses(&with(&["--history", "nowhere.csv"]), 3, &["nowhere.csv: ", "expected a CSV table"]);
    home.refuses(&with(&["--policy", "nowhere"]), 3, &["nowhere: ", "expected all-use, as-written, or a policy file"]);
}
