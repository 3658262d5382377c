//! `alluse policy`: every number that decides something.

mod diff;
mod draw;

use protocol::policy::{KeyInfo, Policy};

use crate::cli;
use crate::failure::Failure;
use crate::inputs;
use crate::show::{self, Screen, prose, words};

/// Runs a policy command.
pub(crate) fn run(command: &cli::Policy) -> Result<(), Failure> {
    match command {
        cli::Policy::Check { file, json } => check(file, *json),
        cli::Policy::Diff(arguments) => diff::run(arguments),
        cli::Policy::Draw { picture, policy, svg } => draw::run(*picture, policy, svg.as_deref()),
        cli::Policy::Show { policy, only, changes, json } => print(policy, only.as_deref(), *changes, *json),
    }
}

fn check(file: &str, json: bool) -> Result<(), Failure> {
    let policy = inputs::policy(file)?;
    let differences = Policy::all_use().diff(&policy);
    if json {
        let rows: Vec<_> = differences
            .iter()
            .map(|d| serde_json::json!({ "key": d.path, "all_use": d.here, "here": d.there, "meaning": d.doc }))
            .collect();
        return show::json(
            &serde_json::json!({ "file": file, "name": policy.name, "sound": true, "differences": rows }),
        );
    }
    show::print(&format!("{file}: the policy {:?} is sound, {} keys.", policy.name, policy.keys().len()))?;
    if differences.is_empty() {
        return show::print("It differs from all-use in nothing.");
    }
    let none = || "not set".to_owned();
    let rows = differences
        .into_iter()
        .map(|d| [d.path, d.here.unwrap_or_else(none), d.there.unwrap_or_else(none), d.doc.to_owned()]);
    let columns = [words("key"), words("all-use"), words("here"), prose("what it decides")];
    show::table("Where it differs from all-use", columns, rows)
}

fn print(name: &str, only: Option<&str>, changes: bool, json: bool) -> Result<(), Failure> {
    let policy = inputs::policy(name)?;
    let defaults = Policy::all_use();
    let wanted = |key: &KeyInfo| {
        only.is_none_or(|text| key.path.contains(text))
            && (!changes || defaults.value(&key.path).as_ref() != Some(&key.value))
    };
    let keys: Vec<KeyInfo> = policy.keys().into_iter().filter(wanted).collect();
    if let (true, Some(text)) = (keys.is_empty(), only) {
        return Err(Failure::Usage(format!("no key of the policy {} contains {text:?}", policy.name)));
    }
    if json {
        return show::json(
            &serde_json::json!({ "policy": policy.name, "keys": keys.iter().map(row).collect::<Vec<_>>() }),
        );
    }
    let screen = Screen::stdout();
    let what = if changes { "keys that differ from all-use" } else { "keys" };
    show::print(&screen.bold(&format!("The policy {}: {} {what}", policy.name, keys.len())))?;
    for key in &keys {
        let rules: Vec<&str> = key.rules.iter().map(|rule| rule.id()).collect();
        let rules = if rules.is_empty() { String::new() } else { format!(" [{}]", rules.join(" ")) };
        show::print(&format!("\n{} = {}", screen.bold(&key.path), key.value))?;
        show::print(&screen.wrap(&format!("    {}{rules}", key.doc), 0))?;
        show::print(&screen.dim(&screen.wrap(&format!("    Expected: {}", key.allowed), 0)))?;
    }
    Ok(())
}

fn row(key: &KeyInfo) -> serde_json::Value {
    let rules: Vec<&str> = key.rules.iter().map(|rule| rule.id()).collect();
    serde_json::json!({
        "key": key.path, "value": key.value, "unit": key.unit, "allowed": key.allowed,
        "rules": rules, "meaning": key.doc,
    })
}
