//! Rule coverage: every rule of the protocol has scenarios in which it acts, in which it does not, and at its edge, and
//! one whose output changes without it.
//!
//! A scenario says `rules = […]`, the rules that it shows; of these `negative = […]`, those that find nothing to do,
//! `boundary = […]`, those that stand at an edge, and `switches = […]`, those whose switching off changes its golden
//! output (a test of the scenarios proves that). `scenarios/pending.toml` says `rules = […]`, the rules of later work;
//! `[exempt]`, rule = reason, the rules that say what a word means and so cannot be switched off; `[no_negative]` and
//! `[no_boundary]`, rule = reason, those that always act or have no edge.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::Finding;
use super::tree::Tree;

/// The list of rules of later work.
pub(crate) const PENDING: &str = "scenarios/pending.toml";

/// The enum of rules.
pub(crate) const RULES: &str = "crates/protocol/src/rule.rs";

/// Letters of a reason below which it is not one.
const REASON: usize = 12;

type Ids = BTreeSet<String>;

/// Rules with the reason why something is not asked of them.
type Reasons = BTreeMap<String, String>;

/// What all scenarios together say of the rules.
#[derive(Default)]
struct Claims {
    shown: Ids,
    positive: Ids,
    negative: Ids,
    boundary: Ids,
    switched: Ids,
    findings: Vec<Finding>,
}

/// What `scenarios/pending.toml` says of them.
#[derive(Default)]
struct Pending {
    rules: Ids,
    exempt: Reasons,
    no_negative: Reasons,
    no_boundary: Reasons,
}

/// Every rule is shown from all sides and switched, or pending, or exempt with a reason; and nothing is said of
/// unknown rules.
pub(super) fn coverage(tree: &Tree) -> Vec<Finding> {
    let Some(rules) = tree.text(RULES).map(ids) else { return Vec::new() };
    if rules.is_empty() {
        return vec![Finding::new(RULES, 0, "no rule could be read: a line is expected to say E4 \"E-4\" \"title\";")];
    }
    let mut claims = Claims::default();
    for (path, text) in tree.files().filter(|(path, _)| is_scenario(path)) {
        claims.add(path, text, &rules);
    }
    let Some(later) = tree.text(PENDING) else {
        claims.findings.push(Finding::new(PENDING, 0, "is missing: it lists the rules of later work"));
        return claims.findings;
    };
    let pending = claims.pending(later, &rules);
    for rule in &rules {
        let faults = faults(&claims, &pending, rule);
        claims.findings.extend(faults.into_iter().map(|what| Finding::new(PENDING, 0, format!("{rule} {what}"))));
    }
    claims.findings
}

pub(crate) fn is_scenario(path: &str) -> bool {
    path.starts_with("scenarios/") && path.ends_with(".toml") && path != PENDING
}

fn faults(claims: &Claims, pending: &Pending, rule: &str) -> Vec<&'static str> {
    let (shown, switched) = (claims.shown.contains(rule), claims.switched.contains(rule));
    let (later, exempt) = (pending.rules.contains(rule), pending.exempt.contains_key(rule));
    let (negative, boundary) = (claims.negative.contains(rule), claims.boundary.contains(rule));
    let always = pending.no_negative.contains_key(rule);
    let edgeless = pending.no_boundary.contains_key(rule);
    let owed = shown && !later && !exempt;
    let table = [
        (later && shown, "is pending, but a scenario shows it: take it from the pending rules"),
        (later && exempt, "is both pending and exempt"),
        (exempt && switched, "is exempt, but a scenario switches it: it needs no exemption"),
        (!later && !exempt && !shown, "is shown by no scenario, and neither pending nor exempt"),
        (owed && !switched, "is shown, but no scenario changes when it is switched off"),
        (owed && !claims.positive.contains(rule), "acts in no scenario: each that shows it calls it negative"),
        (owed && !negative && !always, "has nothing to do in no scenario: negative, or a reason in [no_negative]"),
        (owed && !boundary && !edgeless, "stands at its edge in no scenario: boundary, or a reason in [no_boundary]"),
        (negative && always, "is in [no_negative], but a scenario calls it negative"),
        (boundary && edgeless, "is in [no_boundary], but a scenario calls it boundary"),
    ];
    table.iter().filter(|(fault, _)| *fault).map(|(_, what)| *what).collect()
}

impl Claims {
    fn add(&mut self, path: &str, text: &str, rules: &Ids) {
        let Some(table) = self.table(path, text) else { return };
        let shown = self.list(path, &table, "rules", rules);
        if shown.is_empty() {
            self.findings.push(Finding::new(path, 0, "a scenario names the rules that it shows: rules = [\"E-4\"]"));
        }
        let [negative, boundary, switched] = ["negative", "boundary", "switches"].map(|key| {
            let named = self.list(path, &table, key, rules);
            for rule in named.difference(&shown) {
                self.findings.push(Finding::new(path, 0, format!("{rule} is in {key}, but not in rules")));
            }
            named
        });
        self.positive.extend(shown.difference(&negative).cloned());
        self.shown.extend(shown);
        self.negative.extend(negative);
        self.boundary.extend(boundary);
        self.switched.extend(switched);
    }

    fn pending(&mut self, text: &str, rules: &Ids) -> Pending {
        let Some(table) = self.table(PENDING, text) else { return Pending::default() };
        Pending {
            rules: self.list(PENDING, &table, "rules", rules),
            exempt: self.reasons(&table, "exempt", rules),
            no_negative: self.reasons(&table, "no_negative", rules),
            no_boundary: self.reasons(&table, "no_boundary", rules),
        }
    }

    /// A table of rules, each with a reason.
    fn reasons(&mut self, table: &Table, key: &str, rules: &Ids) -> Reasons {
        let found: Reasons = table
            .get(key)
            .and_then(Value::as_table)
            .into_iter()
            .flatten()
            .map(|(rule, reason)| (rule.clone(), reason.as_str().unwrap_or_default().to_owned()))
            .collect();
        for (rule, reason) in &found {
            if !rules.contains(rule) {
                self.findings.push(Finding::new(PENDING, 0, format!("{rule} is no rule of the protocol")));
            }
            if reason.trim().len() < REASON {
                self.findings.push(Finding::new(PENDING, 0, format!("{rule} is in [{key}] without a reason")));
            }
        }
        found
    }

    fn table(&mut self, path: &str, text: &str) -> Option<Table> {
        text.parse().map_err(|e| self.findings.push(Finding::new(path, 0, format!("cannot be read: {e}")))).ok()
    }

    /// The known rules of a list; what else is in it becomes a finding.
    fn list(&mut self, path: &str, table: &Table, key: &str, rules: &Ids) -> Ids {
        let mut found = Ids::new();
        let values = match table.get(key) {
            None => return found,
            Some(Value::Array(values)) => values,
            Some(_) => {
                self.findings.push(Finding::new(path, 0, format!("{key} is expected to be a list of rules")));
                return found;
            }
        };
        for value in values {
            let rule = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if !rules.contains(&rule) {
                self.findings.push(Finding::new(path, 0, format!("{rule} is no rule of the protocol")));
            } else if !found.insert(rule.clone()) {
                self.findings.push(Finding::new(path, 0, format!("{rule} stands twice in {key}")));
            }
        }
        found
    }
}

/// The rules of later work become fewer; only a rule that is new to the protocol may join them.
pub(super) fn pending_shrinks(tree: &Tree) -> Vec<Finding> {
    let (Some(now), Some(rules)) = (tree.text(PENDING).map(listed), tree.text(RULES).map(ids)) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for past in &tree.past {
        let (then, known) = (listed(&past.pending), ids(&past.rules));
        let joined = now.difference(&then).filter(|rule| rules.contains(*rule) && known.contains(*rule));
        out.extend(joined.map(|rule| {
            Finding::new(
                PENDING,
                0,
                format!("{rule} was not pending at {}: the list of later work only shrinks", past.commit),
            )
        }));
    }
    out
}

fn listed(text: &str) -> Ids {
    let table: Table = text.parse().unwrap_or_default();
    let rules = table.get("rules").and_then(Value::as_array);
    rules.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The identifiers of the enum.
fn ids(text: &str) -> Ids {
    titles(text).map(|(id, _)| id.to_owned()).collect()
}

/// The identifiers of the enum with their titles: lines such as `E4 "E-4" "choice of the strike";`.
pub(crate) fn titles(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let parts: Vec<&str> = line.trim().split('"').collect();
        let [variant, id, gap, title, end] = parts.as_slice() else { return None };
        let same = variant.trim() == id.replace('-', "") && id.contains('-');
        (same && gap.trim().is_empty() && end.trim() == ";").then_some((*id, *title))
    })
}

#[cfg(test)]
mod tests {
    use super::super::findings;
    use super::super::tree::Past;
    use super::*;

    const ENUM: &str = "rules! {\n    A1 \"A-1\" \"tree\";\n    E4 \"E-4\" \"strike\";\n    M1 \"M-1\" \"trend\";\n}\n\
                        assert_eq!(from(\"E-99\"), None);";

    /// Findings of coverage over the enum above, a list of later work and one scenario.
    fn of(pending: &str, scenario: &str) -> Vec<String> {
        findings(coverage, &[(RULES, ENUM), (PENDING, pending), ("scenarios/entry/strike.toml", scenario)])
    }

    const FULL: &str = "rules = [\"M-1\"]\n[exempt]\n\"A-1\" = \"says what a structure is\"\n\
                        [no_negative]\n\"E-4\" = \"chooses whenever asked\"";
    const STORY: &str = "rules = [\"E-4\"]\nboundary = [\"E-4\"]\nswitches = [\"E-4\"]\n[given]\ncash = 1";

    #[test]
    fn the_enum_is_read() {
        assert_eq!(ids(ENUM).into_iter().collect::<Vec<_>>(), ["A-1", "E-4", "M-1"]);
    }

    #[test]
    fn a_rule_is_shown_and_switched_or_pending_or_exempt() {
        assert_eq!(of(FULL, STORY), [""; 0]);
        let cases = [
            ("", STORY, "A-1 is shown by no scenario"),
            (FULL, "rules = [\"E-4\"]", "E-4 is shown, but no scenario changes"),
            (FULL, "rules = [\"E-4\", \"M-1\"]\nswitches = [\"E-4\"]", "M-1 is pending, but a scenario shows it"),
            (
                FULL,
                "rules = [\"E-4\", \"A-1\"]\nswitches = [\"E-4\", \"A-1\"]",
                "A-1 is exempt, but a scenario switches it",
            ),
            (
                "rules = [\"M-1\", \"A-1\"]\n[exempt]\n\"A-1\" = \"says what a structure is\"",
                STORY,
                "both pending and exempt",
            ),
            ("rules = [\"M-1\"]\n[exempt]\n\"A-1\" = \"x\"", STORY, "A-1 is in [exempt] without a reason"),
            ("rules = [\"M-1\", \"Z-9\", \"A-1\"]", STORY, "Z-9 is no rule of the protocol"),
            ("rules = [\"M-1\", \"A-1\", \"A-1\"]", STORY, "A-1 stands twice in rules"),
            ("rules = [\"M-1\", \"A-1\"]\n[exempt]\n\"Z-9\" = \"says what a structure is\"", STORY, "Z-9 is no rule"),
            (FULL, "rules = [\"E-4\", 4]\nswitches = [\"E-4\"]", "4 is no rule of the protocol"),
            (FULL, "rules = \"E-4\"\nswitches = [\"E-4\"]", "rules is expected to be a list"),
            (FULL, "rules = [\"E-4\"]\nswitches = [\"E-4\", \"M-1\"]", "M-1 is in switches, but not in rules"),
            (FULL, "rules = [\"E-4\"]\nboundary = [\"M-1\"]", "M-1 is in boundary, but not in rules"),
            (FULL, "rules = [\"E-4\"]\nnegative = [\"E-4\"]", "E-4 acts in no scenario"),
            (FULL, "rules = [\"E-4\"]\nnegative = [\"E-4\"]", "E-4 is in [no_negative], but a scenario"),
            (FULL, "rules = [\"E-4\"]", "E-4 stands at its edge in no scenario"),
            ("rules = [\"M-1\", \"A-1\"]", STORY, "E-4 has nothing to do in no scenario"),
            ("[no_boundary]\n\"E-4\" = \"has no number\"", STORY, "E-4 is in [no_boundary], but a scenario"),
            (FULL, "switches = []", "a scenario names the rules that it shows"),
            (FULL, "rules = [", "cannot be read"),
            ("rules = [", STORY, "cannot be read"),
        ];
        for (pending, scenario, expected) in cases {
            let found = of(pending, scenario);
            assert!(found.iter().any(|f| f.contains(expected)), "{expected}: {found:?}");
        }
        assert!(findings(coverage, &[(RULES, ENUM)])[0].contains("is missing"));
        assert!(findings(coverage, &[(RULES, "enum Rule {}")])[0].contains("no rule could be read"));
    }

    #[test]
    fn the_list_of_later_work_only_shrinks() {
        let of = |then: &str, rules: &str| {
            let mut tree = Tree::of([(RULES, ENUM), (PENDING, "rules = [\"M-1\", \"E-4\"]")]);
            tree.past = vec![Past { commit: "HEAD".to_owned(), pending: then.to_owned(), rules: rules.to_owned() }];
            pending_shrinks(&tree).iter().map(Finding::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of("rules = [\"M-1\", \"E-4\", \"A-1\"]", ENUM), [""; 0]);
        assert_eq!(of("rules = [\"M-1\"]", &ENUM.replace("    E4", "    //")), [""; 0]);
        assert_eq!(
            of("rules = [\"M-1\"]", ENUM),
            ["scenarios/pending.toml: E-4 was not pending at HEAD: the list of later work only shrinks"]
        );
    }
}
