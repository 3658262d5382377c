//! One demo that grows and folds: forks, a fork of a fork, merges in kind, children that move up, reinvestments.

use std::path::Path;

use serde_json::Value;

use crate::support::Home;

/// A page without its line breaks.
fn flowing(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the tree says of its open structures, and of those that have merged.
fn structures<'a>(tree: &'a Value, which: &str) -> impl Iterator<Item = &'a Value> {
    let list = tree.pointer(&format!("/report/{which}"));
    list.and_then(Value::as_array).into_iter().flatten()
}

#[test]
fn small_steps_show_growth_in_one_run() {
    let home = Home::new();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/small-steps.toml");
    let shown = home.prints(&["demo", "--policy", policy.to_str().unwrap(), "--deposit", "30000000"]);
    assert!(shown.contains("by the policy small-steps, $30,000,000.00 paid in"), "{shown}");
    assert!(!shown.contains("\nLuck\n"), "ranks are known for the default alone:\n{shown}");

    let tree = home.json(&["tree", "--json"]);
    let nested = structures(&tree, "structures").find(|s| s["depth"].as_u64() > Some(1)).expect("a fork of a fork");
    let fork = flowing(&home.prints(&["explain", &format!("fork/{}", nested["structure"])]));
    assert!(fork.contains(&format!("{}.Gen: forks structure {}", nested["parent"], nested["structure"])), "{fork}");

    let merged: Vec<String> = structures(&tree, "closed").map(|s| format!("merge/{}", s["structure"])).collect();
    let merges: Vec<String> = merged.iter().map(|id| flowing(&home.prints(&["explain", id]))).collect();
    let tells = |what: &str| merges.iter().any(|page| page.contains(what));
    assert!(tells(" moves up from structure "), "no child moved up: {merged:?}");
    assert!(tells(" AMZN shares to Com [J-1]"), "no shares moved in kind: {merged:?}");

    let quarter = flowing(&home.prints(&["explain", "2021-W13"]));
    assert!(quarter.contains(" of profit is reinvested: "), "{quarter}");
    assert!(flowing(&home.prints(&["check", home.path("demo.journal").to_str().unwrap()])).contains("holds"));
}
