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
