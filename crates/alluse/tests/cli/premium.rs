//! `alluse evidence model` and `fit`.

use std::fs;

use crate::support::{Home, shared, write_history};

/// A chain in the plain layout, on made-up history: four expirations at one close, the model's own in shape.
fn write_chains(home: &Home) -> String {
    let file = home.path("chains/mine.csv");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut text = "symbol,session,expiration,right,strike,bid,ask\n".to_owned();
    for strike in [80, 90, 100, 110, 120] {
        for right in ["put", "call"] {
            text += &format!("NOBODY,2025-11-10,2025-11-21,{right},{strike},1.00,1.10\n");
        }
    }
    fs::write(&file, text).unwrap();
    home.path("chains").display().to_string()
}

#[test]
fn what_is_missing_for_a_comparison_is_named() {
    let home = Home::new();
    write_history(&home.path("prices"));
    let data = home.path("prices").display().to_string();
    let model = ["evidence", "model", "--data", &data];
    home.refuses(&model, 3, &["prices/chains", "expected"]);
    let chains = write_chains(&home);
    // A symbol of which there is no bar, so that nothing can be priced.
    home.refuses(&[&model[..], &["--chains", &chains]].concat(), 3, &["bars/NOBODY.csv", "expected"]);
    home.refuses(&["evidence", "fit", "--data", &data, "--chains", &chains], 3, &["1 sessions of quotes", "expected"]);
    let wrong = home.path("wrong.toml");
    fs::write(&wrong, "[volatility]\nlevel = 85\n").unwrap();
    let wrong = wrong.display().to_string();
    home.refuses(&[&model[..], &["--model", &wrong]].concat(), 3, &["wrong.toml line 1: missing field `ratio`"]);
    let nowhere = home.path("nowhere.toml").display().to_string();
    home.refuses(&[&model[..], &["--model", &nowhere]].concat(), 3, &["nowhere.toml", "expected a premium model"]);
}

/// V9 on the quotes at hand, of a model fitted on other days: what can be judged meets its bar, what cannot says so.
#[test]
fn the_model_is_held_against_real_quotes() {
    let Some(data) = shared("the_model_is_held_against_real_quotes") else { return };
    let home = Home::new();
    let fitted = home.path("fitted.toml");
    fs::write(&fitted, home.prints(&["evidence", "fit", "--data", &data])).unwrap();
    let fitted = fitted.display().to_string();
    let json = home.json(&["evidence", "model", "--data", &data, "--model", &fitted, "--json"]);
    let all = |key: &str| json[key].as_array().unwrap().clone();
    let (quoted, as_if) = (all("bars"), all("bars_as_if_without_index"));
    let few = |bar: &serde_json::Value| bar["sessions_tested"].as_u64().unwrap() < 60;
    assert!(quoted.iter().chain(&as_if).all(|bar| few(bar) == (bar["verdict"] == "too few")), "{json}");
    assert!(quoted.iter().chain(&as_if).all(|bar| bar["verdict"] != "missed"), "{json}");
    assert!(as_if.iter().filter(|bar| bar["verdict"] == "met").count() >= 15, "{json}");
    let errors = json["errors"].as_object().unwrap();
    assert_eq!(errors.len(), 6);
    assert!(errors.values().all(|table| table.as_array().is_some_and(|rows| !rows.is_empty())), "{json}");
}

/// The TSLA chains of 2026 and the same weeks modelled: the difference is taken apart to the cent.
#[test]
fn what_quotes_and_the_model_differ_by_is_taken_apart() {
    let Some(data) = shared("what_quotes_and_the_model_differ_by_is_taken_apart") else { return };
    let (home, chains) = (Home::new(), format!("{data}/chains/TSLA-2026"));
    let asked = ["evidence", "quotes", "--data", &data, "--quotes", &chains, "--from", "2026-01-02"];
    let shown = home.prints(&asked);
    for said in ["MODELLED", "volatility", "spread", "choice", "size", "alone", "the same at $", "all gains"] {
        assert!(shown.contains(said), "{said}:\n{shown}");
    }
    let json = home.json(&[&asked[..], &["--json"]].concat());
    let cents = |value: &serde_json::Value| {
        let text = value.as_str().unwrap_or_else(|| panic!("{value} is an amount"));
        text.replace('.', "").parse::<i64>().unwrap()
            * if text.contains('.') && text.len() - text.find('.').unwrap() == 3 { 100 } else { 1 }
    };
    let sum = |parts: &serde_json::Value| parts.as_object().unwrap().values().map(cents).sum::<i64>();
    let pairs = json["pairs"].as_array().unwrap();
    assert!(pairs.iter().filter(|pair| !pair["quote"].is_null()).count() >= 10, "{json}");
    assert!(pairs.iter().all(|pair| sum(&pair["parts"]) == cents(&pair["difference"])), "{json}");
    assert_eq!(pairs.iter().map(|pair| cents(&pair["difference"])).sum::<i64>(), cents(&json["options"]["difference"]));
    let of = |key: &str, side: &str| cents(&json[key][side]);
    let all = |side: &str| cents(&json["gains"][side]["all"]);
    assert_eq!(of("end", "on_quotes") - of("end", "modelled"), all("on_quotes") - all("modelled"));
    home.refuses(&["evidence", "quotes", "--data", &data, "--quotes", "nowhere"], 3, &["nowhere"]);
}
