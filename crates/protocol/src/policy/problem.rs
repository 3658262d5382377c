//! What can be wrong with a policy file, in sentences.

use std::fmt;

use super::setting::Mismatch;

/// Everything that is wrong with a policy file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The file as it was named.
    pub file: String,
    /// At least one problem.
    pub problems: Vec<Located>,
}

/// One problem and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Line, from 1; absent where the file lacks something or the value came from elsewhere.
    pub line: Option<usize>,
    /// What is wrong there.
    pub problem: Problem,
}

/// One thing that is wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is no TOML.
    #[error("this is not TOML: {0}")]
    NotToml(String),
    /// A key stands twice.
    #[error("{key} is set twice")]
    Twice {
        /// The key.
        key: String,
    },
    /// Neither a key nor a section of a policy.
    #[error("{key} is not a key of the policy{}", nearest(.near.as_deref()))]
    UnknownKey {
        /// The key.
        key: String,
        /// The known key most like it.
        near: Option<String>,
    },
    /// A key that an earlier version had.
    #[error("{key} is no longer a key of the policy; {instead}")]
    Retired {
        /// The key.
        key: String,
        /// What to write in its place.
        instead: String,
    },
    /// A key is not there, and the file extends no other.
    #[error("{key} is missing; expected {allowed}")]
    Missing {
        /// The key.
        key: String,
        /// What is allowed.
        allowed: String,
    },
    /// A value that cannot stand for its key.
    #[error("{key} = {found} {why}; expected {allowed}")]
    Value {
        /// The key.
        key: String,
        /// The value as it was given.
        found: String,
        /// Why it cannot stand.
        why: Mismatch,
        /// What is allowed.
        allowed: String,
    },
    /// Two keys that contradict each other.
    #[error("{key} = {value} contradicts {other} = {other_value}: {rule}")]
    Contradiction {
        /// One key.
        key: String,
        /// Its value.
        value: String,
        /// The other key.
        other: String,
        /// Its value.
        other_value: String,
        /// What must hold between them.
        rule: &'static str,
    },
    /// A `[section]` is not a table.
    #[error("{section} is a section; expected [{section}] with its keys below")]
    NotASection {
        /// The section.
        section: String,
    },
    /// `name` or `extends` is not a text.
    #[error("{key} must be a text in quotes")]
    NotAName {
        /// The key.
        key: &'static str,
    },
    /// The policy to extend is not known.
    #[error("extends = {name:?} names no policy that is known here")]
    UnknownBase {
        /// The name.
        name: String,
    },
    /// The extended policy extends another.
    #[error("extends = {name:?} names a policy that itself extends another; expected one that has every key")]
    BaseExtends {
        /// The name.
        name: String,
    },
    /// The extended policy is wrong itself.
    #[error("the policy that it extends is wrong: {0}")]
    WrongBase(Box<PolicyError>),
    /// The file is written for another version of the policy.
    #[error("schema = {found} is not the version that this program reads; expected {expected}")]
    Schema {
        /// The version found.
        found: String,
        /// The version this program reads.
        expected: u32,
    },
}

fn nearest(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!("; did you mean {near}?"))
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Located { line, problem }) in self.problems.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            match line {
                Some(line) => write!(f, "{}:{line}: {problem}", self.file)?,
                None => write!(f, "{}: {problem}", self.file)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

/// The key most like `given`, if one is near enough to be meant: restricted Damerau–Levenshtein distance of at most a
/// third of the longer name, sections not counted.
pub(super) fn most_like<'a>(given: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = candidates.map(|c| (distance(given, c), c)).min_by_key(|(d, _)| *d)?;
    let name_len = |path: &str| path.rsplit('.').next().map_or(0, str::len);
    let meant = near.0 <= (name_len(given).max(name_len(near.1)) / 3).max(1);
    meant.then(|| near.1.to_owned())
}

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_of_published_pairs() {
        // Wagner & Fischer (1974) and the usual examples of the transposition variant.
        for (a, b, d) in [("kitten", "sitting", 3), ("saturday", "sunday", 3), ("ca", "ac", 1), ("", "abc", 3)] {
            assert_eq!((distance(a, b), distance(b, a)), (d, d), "{a} {b}");
        }
    }

    #[test]
    fn only_what_is_near_is_offered() {
        let keys = ["band.fallback", "band.floor", "calls.retry"];
        assert_eq!(most_like("band.falback", keys.into_iter()).as_deref(), Some("band.fallback"));
        assert_eq!(most_like("moon.phase", keys.into_iter()), None);
        // A third of a name of seven letters is two.
        let keys = ["calls.retry", "fork.surplus"];
        assert_eq!(most_like("fork.srpls", keys.into_iter()).as_deref(), Some("fork.surplus"));
        assert_eq!(most_like("fork.srps", keys.into_iter()), None);
    }
}
