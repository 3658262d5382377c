//! The `[assignment]` section: a default and, where wanted, a line for a symbol.

use market::instrument::Symbol;

use super::section::{Key, Section};
use super::setting::{Mismatch, Raw, Setting, any};
use super::word::Assignment;
use crate::rule::Rule;

/// What a symbol's puts do about assignment. A further line such as TSLA = "avoid" sets it for one symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignments {
    /// For every symbol that has no line of its own.
    pub default: Assignment,
    /// Lines for single symbols, rising by symbol.
    pub by_symbol: Vec<(Symbol, Assignment)>,
}

impl Assignments {
    pub(super) fn blank() -> Self {
        Assignments { default: Assignment::blank(), by_symbol: Vec::new() }
    }

    /// What holds for `symbol`.
    #[must_use]
    pub fn of(&self, symbol: Symbol) -> Assignment {
        self.by_symbol.iter().find(|(s, _)| *s == symbol).map_or(self.default, |(_, choice)| *choice)
    }

    fn put(&mut self, symbol: Symbol, choice: Assignment) {
        match self.by_symbol.binary_search_by_key(&symbol, |(s, _)| *s) {
            Ok(i) => self.by_symbol[i].1 = choice,
            Err(i) => self.by_symbol.insert(i, (symbol, choice)),
        }
    }
}

const KEYS: &[Key] = &[Key {
    name: "default",
    doc: "For every symbol that has no line of its own.",
    rules: &[Rule::E10],
    limits: any("a choice"),
    allowed: <Assignment as Setting>::allowed,
}];

impl Section for Assignments {
    fn path(&self) -> &'static str {
        "assignment"
    }

    fn intro(&self) -> &'static str {
        "What a symbol's puts do about assignment. A further line such as TSLA = \"avoid\" sets it for one symbol."
    }

    fn keys(&self) -> &'static [Key] {
        KEYS
    }

    fn set(&mut self, key: &str, raw: &Raw<'_>) -> Option<Result<(), Mismatch>> {
        let limits = KEYS[0].limits;
        if key == KEYS[0].name {
            return Some(Assignment::read(raw, &limits).map(|choice| self.default = choice));
        }
        let symbol = Symbol::new(key).ok()?;
        Some(Assignment::read(raw, &limits).map(|choice| self.put(symbol, choice)))
    }

    fn text(&self, key: &str) -> Option<String> {
        if key == KEYS[0].name {
            return Some(self.default.show());
        }
        let symbol = Symbol::new(key).ok()?;
        self.by_symbol.iter().find(|(s, _)| *s == symbol).map(|(_, choice)| choice.show())
    }

    fn further_keys(&self) -> Vec<String> {
        self.by_symbol.iter().map(|(symbol, _)| symbol.to_string()).collect()
    }
}
