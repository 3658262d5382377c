//! `alluse policy diff`: on what two policies differ, in words.

use protocol::policy::{Difference, KeyInfo, Policy};
use serde_json::json;

use crate::cli::PolicyDiff;
use crate::failure::Failure;
use crate::inputs;
use crate::show::{self, Screen};

/// The policy that ships and that one alone is compared with.
const DEFAULT: &str = "all-use";

/// Two policies, by the names under which they were given.
struct Compared<'a> {
    names: [&'a str; 2],
    policies: [Policy; 2],
}

/// Compares.
pub(super) fn run(arguments: &PolicyDiff) -> Result<(), Failure> {
    let names = match &arguments.other {
        Some(other) => [arguments.policy.as_str(), other.as_str()],
        None => [DEFAULT, arguments.policy.as_str()],
    };
    let compared = Compared { names, policies: [inputs::policy(names[0])?, inputs::policy(names[1])?] };
    let differences = compared.policies[0].diff(&compared.policies[1]);
    if arguments.json {
        show::json(&compared.as_json(&differences))?;
    } else {
        compared.print(&differences)?;
    }
    let [a, b] = names;
    match differences.len() {
        n if n > 0 && arguments.exit_code => Err(Failure::Check(format!("{a} and {b} differ in {n} keys"))),
        _ => Ok(()),
    }
}

impl Compared<'_> {
    /// All that is known of the key that differs.
    fn key(&self, difference: &Difference) -> Option<KeyInfo> {
        self.policies.iter().find_map(|policy| policy.keys().into_iter().find(|key| key.path == difference.path))
    }

    fn print(&self, differences: &[Difference]) -> Result<(), Failure> {
        let [a, b] = self.names;
        let screen = Screen::stdout();
        if differences.is_empty() {
            return show::paragraph(&format!("{a} and {b} have the same value for every key."));
        }
        let keys = report::words::plural(differences.len() as i64, "key", "keys");
        show::print(&screen.bold(&screen.wrap(&format!("{a} and {b} differ in {} {keys}", differences.len()), 0)))?;
        let wide = a.chars().count().max(b.chars().count());
        for difference in differences {
            let Some(key) = self.key(difference) else { continue };
            show::print(&format!("\n{}", screen.bold(&key.path)))?;
            show::print(&screen.wrap(&format!("    {}{}", key.doc, cited(&key)), 0))?;
            for (name, value) in self.names.iter().zip([&difference.here, &difference.there]) {
                let pad = " ".repeat(wide - name.chars().count());
                let line = format!("    {name}:{pad} {}", said(value.as_deref(), key.unit));
                let fits = screen.width().is_none_or(|width| line.chars().count() <= width);
                // Wrapping would close the gap that aligns the values.
                show::print(&if fits { line } else { screen.wrap(&line, 2) })?;
            }
        }
        Ok(())
    }

    fn as_json(&self, differences: &[Difference]) -> serde_json::Value {
        let row = |difference: &Difference| {
            let key = self.key(difference)?;
            let rules: Vec<&str> = key.rules.iter().map(|rule| rule.id()).collect();
            Some(json!({
                "key": key.path, "meaning": key.doc, "unit": key.unit, "allowed": key.allowed, "rules": rules,
                "a": difference.here, "b": difference.there,
            }))
        };
        let one = |i: usize| json!({ "given": self.names[i], "name": self.policies[i].name });
        json!({ "a": one(0), "b": one(1), "differences": differences.iter().filter_map(row).collect::<Vec<_>>() })
    }
}

fn cited(key: &KeyInfo) -> String {
    let rules: Vec<String> = key.rules.iter().map(|rule| format!("{}, {}", rule.id(), rule.title())).collect();
    if rules.is_empty() { String::new() } else { format!(" [{}]", rules.join("; ")) }
}

/// A value as a person says it: `yes`, `30 percent`, `band`.
fn said(value: Option<&str>, unit: &str) -> String {
    match value {
        None => "not set".to_owned(),
        Some("true") => "yes".to_owned(),
        Some("false") => "no".to_owned(),
        Some(number) if number.parse::<f64>().is_ok() => format!("{number} {unit}"),
        Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said() {
        for (value, unit, words) in [
            (Some("true"), "yes or no", "yes"),
            (Some("30"), "percent", "30 percent"),
            (Some("\"band\""), "points of delta", "\"band\""),
            (Some("[\n  { below = 50 },\n]"), "a table", "[ { below = 50 }, ]"),
            (None, "percent", "not set"),
        ] {
            assert_eq!(said(value, unit), words);
        }
    }
}
