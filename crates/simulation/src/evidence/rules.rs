//! The runs that say what a rule is worth: the same run without it.
//!
//! A rule is switched off by `rules.off`. One is not: without X-8 nobody exercises at an option's end either, which
//! would count as a gain that no market pays; what it decides, to buy back what is nearly worthless, ends with
//! `exit.cheap = 0`. Rules that are facts of the world and decide nothing are not measured at all.

use protocol::policy::{Policy, PolicyError};
use protocol::rule::Rule;

/// Rules that say what the world does. Without one the world is another, and the same decisions earn what nobody could.
pub const FACTS: &[(Rule, &str)] = &[
    (Rule::A7, "when trades settle"),
    (Rule::E9, "what trading costs, and what cash earns"),
    (Rule::E11, "which expirations are listed"),
    (Rule::C1, "what a broker books at the close"),
];

/// The run without one rule.
#[derive(Clone, Debug)]
pub struct Without {
    /// The rule.
    pub rule: Rule,
    /// The key by which it is switched off, with its value.
    pub how: (&'static str, String),
    /// The policy that does so.
    pub policy: Policy,
}

/// Every rule that `policy` has on and that is not a fact of the world, each with the policy without it, in the
/// protocol's order.
///
/// # Errors
/// [`PolicyError`] if the policy does not allow it, which would be an error of the program's.
pub fn switches(policy: &Policy) -> Result<Vec<Without>, PolicyError> {
    let measured = |rule: &&Rule| !policy.is_off(**rule) && FACTS.iter().all(|(fact, _)| fact != *rule);
    Rule::ALL.iter().filter(measured).map(|rule| without(policy, *rule)).collect()
}

fn without(policy: &Policy, rule: Rule) -> Result<Without, PolicyError> {
    let how = match rule {
        Rule::X8 => ("exit.cheap", "0".to_owned()),
        _ => {
            let off = Rule::ALL.iter().filter(|other| policy.is_off(**other) || **other == rule);
            ("rules.off", off.map(|rule| rule.id()).collect::<Vec<_>>().join(" "))
        }
    };
    Ok(Without { rule, policy: policy.with(how.0, &how.1)?, how })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_switched_off_alone() {
        let policy = Policy::all_use();
        let switches = switches(&policy).unwrap();
        assert_eq!(switches.len(), Rule::ALL.len() - FACTS.len());
        for without in &switches {
            let changed: Vec<String> = without.policy.diff(&policy).into_iter().map(|d| d.path).collect();
            assert_eq!(changed, [without.how.0], "{}", without.rule);
            let off = |rule: &&Rule| without.policy.is_off(**rule);
            let expected: &[Rule] = if without.rule == Rule::X8 { &[] } else { &[without.rule] };
            assert_eq!(Rule::ALL.iter().filter(off).copied().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn what_is_off_already_stays_off_and_is_not_measured() {
        let policy = Policy::all_use().with("rules.off", "K-2 X-4").unwrap();
        let switches = switches(&policy).unwrap();
        assert!(switches.iter().all(|w| w.rule != Rule::K2 && w.rule != Rule::X4));
        assert!(switches.iter().all(|w| w.policy.is_off(Rule::K2) && w.policy.is_off(Rule::X4)));
        assert_eq!(switches.len(), Rule::ALL.len() - FACTS.len() - 2);
    }
}
