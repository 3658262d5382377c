//! Every scenario of `scenarios/` gives the story that it says, and another one without any rule that it switches.
//!
//! `ALLUSE_BLESS=1` writes the stories anew; read the difference before it is committed.

mod scenarios {
    pub(crate) mod run;
}

use std::collections::BTreeSet;
use std::fs;

use protocol::rule::Rule;
use scenarios::run::{Shelf, blessed, difference};

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs the test may ask for new golden lines")]
fn every_scenario_gives_its_story() {
    let shelf = Shelf::open();
    let bless = std::env::var_os("ALLUSE_BLESS").is_some();
    let (mut wrong, mut rewritten, mut lines) = (Vec::new(), 0, 0);
    for (path, scenario) in &shelf.scenarios {
        let told = shelf.tell(scenario, &scenario.policy);
        if told.is_empty() {
            wrong.push(format!("{}: nothing is told; expected at least one line", scenario.name));
        }
        lines += told.lines().count();
        if told == scenario.then {
            continue;
        }
        if bless {
            let text = fs::read_to_string(path).unwrap();
            fs::write(path, blessed(&text, &told)).unwrap();
            rewritten += 1;
        } else {
            wrong.push(format!("{} ({})\n{}", scenario.name, scenario.title, difference(&scenario.then, &told)));
        }
    }
    println!("{} scenarios, {lines} lines, {rewritten} written anew", shelf.scenarios.len());
    assert!(wrong.is_empty(), "{} scenarios tell another story:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_switch_changes_what_is_told() {
    let shelf = Shelf::open();
    let (mut switched, mut same) = (0, Vec::new());
    for (_, scenario) in &shelf.scenarios {
        for rule in &scenario.switches {
            switched += 1;
            let without = scenario.without(*rule).unwrap();
            if shelf.tell(scenario, &without) == shelf.tell(scenario, &scenario.policy) {
                same.push(format!("{} without {rule}", scenario.name));
            }
        }
    }
    let shown: BTreeSet<Rule> = shelf.scenarios.iter().flat_map(|(_, s)| s.rules.iter().copied()).collect();
    println!("{} rules shown, {switched} switches", shown.len());
    assert!(same.is_empty(), "these tell the same story as with the rule:\n{}", same.join("\n"));
}
