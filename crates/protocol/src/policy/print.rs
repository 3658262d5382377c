//! A policy as text: its keys one by one, the file with and without its manual, and what differs between two policies.

use std::fmt;
use std::fmt::Write as _;

use super::Policy;
use super::read::SCHEMA;
use super::section::{Key, Section};
use crate::rule::Rule;

/// One key with its value and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// The key in full, such as `band.fallback`.
    pub path: String,
    /// Its value as the file writes it.
    pub value: String,
    /// What is allowed, with the unit, in words.
    pub allowed: String,
    /// The unit, or the kind of value.
    pub unit: &'static str,
    /// Rules that ask for it; empty where the protocol names the key outside a rule.
    pub rules: &'static [Rule],
    /// What it decides, in a sentence.
    pub doc: &'static str,
}

/// One key on which two policies differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key.
    pub path: String,
    /// Its value here; absent where only the other policy has the key.
    pub here: Option<String>,
    /// Its value in the other policy; absent where it has no such key.
    pub there: Option<String>,
    /// What it decides.
    pub doc: &'static str,
}

impl fmt::Display for Difference {
    /// `roll.max_delta: 70 -> "band" (Highest delta of a rolled put.)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "not set".to_owned());
        write!(f, "{}: {} -> {} ({})", self.path, value(&self.here), value(&self.there), self.doc)
    }
}

fn keys_of(section: &dyn Section) -> Vec<(String, &'static Key)> {
    let fixed = section.keys().iter().map(|key| (key.name.to_owned(), key));
    let last = section.keys().last();
    let further = section.further_keys().into_iter().filter_map(|name| last.map(|key| (name, key)));
    fixed.chain(further).collect()
}

fn info(section: &dyn Section, name: &str, key: &'static Key) -> Option<KeyInfo> {
    Some(KeyInfo {
        path: format!("{}.{name}", section.path()),
        value: section.text(name)?,
        allowed: key.allowed(),
        unit: key.limits.unit,
        rules: key.rules,
        doc: key.doc,
    })
}

/// Writes `text` as comment lines of at most 100 columns.
fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > 100 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}

impl Policy {
    /// Every key in the order of the file, with its value and what is known of it.
    #[must_use]
    pub fn keys(&self) -> Vec<KeyInfo> {
        let of = |section: &dyn Section| -> Vec<KeyInfo> {
            keys_of(section).into_iter().filter_map(|(name, key)| info(section, &name, key)).collect()
        };
        self.sections().into_iter().flat_map(of).collect()
    }

    /// The value of one key as the file writes it.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<String> {
        let (name, key) = path.split_once('.')?;
        self.sections().into_iter().find(|section| section.path() == name)?.text(key)
    }

    /// Every key and value without comments, always the same text for the same policy. This is what a journal carries
    /// and what a fingerprint is taken over; [`Policy::parse`] reads it back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = format!("name = {:?}\nschema = {SCHEMA}\n", self.name);
        for section in self.sections() {
            let _ = writeln!(out, "\n[{}]", section.path());
            for (name, _) in keys_of(section) {
                let _ = writeln!(out, "{name} = {}", section.text(&name).unwrap_or_default());
            }
        }
        out
    }

    /// The same text with its manual: above each key what it decides, what is allowed, and the rules that ask for it.
    /// `policy/all-use.toml` is this text.
    #[must_use]
    pub fn manual(&self) -> String {
        let mut out = String::new();
        comment(&mut out, MANUAL);
        let _ = writeln!(out, "\nname = {:?}\nschema = {SCHEMA}", self.name);
        for section in self.sections() {
            out.push('\n');
            comment(&mut out, section.intro());
            let _ = writeln!(out, "[{}]", section.path());
            for (i, (name, key)) in keys_of(section).into_iter().enumerate() {
                out.push_str(if i > 0 { "\n" } else { "" });
                describe(&mut out, key);
                let _ = writeln!(out, "{name} = {}", section.text(&name).unwrap_or_default());
            }
        }
        out
    }

    /// The keys on which `other` differs, in the order of the file.
    #[must_use]
    pub fn diff(&self, other: &Policy) -> Vec<Difference> {
        let (here, there) = (self.keys(), other.keys());
        let only_there = there.iter().filter(|info| !here.iter().any(|h| h.path == info.path));
        here.iter()
            .chain(only_there)
            .map(|info| Difference {
                path: info.path.clone(),
                here: self.value(&info.path),
                there: other.value(&info.path),
                doc: info.doc,
            })
            .filter(|difference| difference.here != difference.there)
            .collect()
    }
}

fn describe(out: &mut String, key: &Key) {
    let rules: Vec<&str> = key.rules.iter().map(|rule| rule.id()).collect();
    let cited = if rules.is_empty() { String::new() } else { format!("{}: ", rules.join(", ")) };
    comment(out, &format!("{cited}{} ({})", key.doc, key.allowed()));
}

const MANUAL: &str = "The ALL-USE policy: every number and choice of the protocol, with its default. This file is its \
    own manual. Above each key stand the rules that ask for it, what it decides and, in brackets, what is allowed. \
    Percentages are written in percent (5 is 5%), deltas in points (45 is a delta of 0.45), money in dollars, times in \
    New York time. To change something, write a file of your own that begins with extends = \"all-use\" and holds only \
    the keys that differ.";
