//! What each rule was worth, as measured elsewhere: the run with the rule beside the run without it.

use report::figure::Share;
use serde::Deserialize;

/// How the file is made; stands wherever it is missing.
pub(crate) const HOW: &str = "alluse evidence rules --json";

/// What each rule was worth, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleWorth(pub(crate) Vec<RuleLine>);

/// The file; what else stands in it is for other readers.
#[derive(Deserialize)]
struct File {
    rules: Vec<RuleLine>,
}

/// One rule. Returns are annual; `low` and `high` bound the difference.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleLine {
    pub(crate) rule: String,
    pub(crate) annual_return_with: f64,
    pub(crate) annual_return_without: f64,
    pub(crate) difference: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) drawdown_difference: f64,
}

/// A file of rule worths that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorthError {
    /// It is not what was expected.
    #[error(
        "{0}; expected `rules`, an array of {{rule, annual_return_with, annual_return_without, difference, low, high, \
         drawdown_difference}}, as `{HOW}` prints it"
    )]
    Form(#[from] serde_json::Error),
    /// Figures of one rule contradict each other.
    #[error(
        "rule {rule}: its difference {difference} is not between its low {low} and its high {high}; expected low ≤ \
         difference ≤ high"
    )]
    Bounds {
        /// Which rule.
        rule: String,
        /// Annual return with the rule less that without it.
        difference: f64,
        /// Its lower bound.
        low: f64,
        /// Its upper bound.
        high: f64,
    },
}

impl RuleWorth {
    /// Reads what the evidence command prints.
    ///
    /// # Errors
    /// [`WorthError`] if it has another form, or a difference lies outside its own bounds.
    pub fn read(json: &str) -> Result<RuleWorth, WorthError> {
        let File { rules: lines } = serde_json::from_str(json)?;
        let wrong = lines.iter().find(|l| !(l.low <= l.difference && l.difference <= l.high));
        wrong.map_or(Ok(()), |l| Err(bounds(l)))?;
        Ok(RuleWorth(lines))
    }
}

fn bounds(line: &RuleLine) -> WorthError {
    let RuleLine { difference, low, high, .. } = *line;
    WorthError::Bounds { rule: line.rule.clone(), difference, low, high }
}

impl RuleLine {
    /// Whether the bounds leave no doubt about the sign.
    pub(crate) fn is_clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }

    /// Difference, lower and upper bound.
    pub(crate) const fn shares(&self) -> (Share, Share, Share) {
        (Share(self.difference), Share(self.low), Share(self.high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(low: &str) -> String {
        format!(
            "{{\"premiums\":\"modelled\",\"rules\":[\
             {{\"rule\":\"X-4\",\"annual_return_with\":0.12,\"annual_return_without\":0.1,\"difference\":0.02,\
             \"low\":{low},\"high\":0.03,\"drawdown_difference\":-0.01}}]}}"
        )
    }

    #[test]
    fn worths_are_read_or_refused_with_what_was_expected() {
        let read = RuleWorth::read(&line("0.01")).unwrap();
        assert!(read.0[0].is_clear() && !RuleWorth::read(&line("-0.01")).unwrap().0[0].is_clear());
        let outside = RuleWorth::read(&line("0.025")).unwrap_err().to_string();
        assert!(outside.starts_with("rule X-4: its difference 0.02 is not between"), "{outside}");
        let form = RuleWorth::read("{}").unwrap_err().to_string();
        assert!(form.contains("expected `rules`, an array of {rule, annual_return_with"), "{form}");
        assert!(RuleWorth::read(&line("0.01").replace("high", "hihg")).is_err());
    }
}
