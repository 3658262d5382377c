//! The policy: every number and choice of the protocol, typed.
//!
//! The defaults are in `policy/all-use.toml`, which is its own manual.

mod account;
mod assignment;
mod check;
mod print;
mod problem;
mod read;
mod section;
mod setting;
mod trading;
pub mod unit;
mod word;

pub use account::*;
pub use assignment::Assignments;
pub use print::{Difference, KeyInfo};
pub use problem::{Located, PolicyError, Problem};
pub use read::SCHEMA;
pub use setting::Mismatch;
pub use trading::*;
pub use word::*;

use section::Section;

use crate::rule::Rule;

/// The default policy's text.
pub const ALL_USE: &str = include_str!("../../../../policy/all-use.toml");
/// The text of the founding document's letter, which extends the default.
pub const AS_WRITTEN: &str = include_str!("../../../../policy/as-written.toml");

macro_rules! policy {
    ($($field:ident: $type:ident,)+) => {
        /// Every number and choice of the protocol. Field names follow the file: `policy.band.fallback` is the key
        /// `band.fallback`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Policy {
            /// What the policy calls itself.
            pub name: String,
            $(#[doc = concat!("The `[", stringify!($field), "]` section: see [`", stringify!($type), "`].")]
            pub $field: $type,)+
        }

        impl Policy {
            fn blank() -> Self {
                Policy { name: String::new(), $($field: $type::blank(),)+ }
            }

            fn sections(&self) -> Vec<&dyn Section> {
                vec![$(&self.$field),+]
            }

            fn sections_mut(&mut self) -> Vec<&mut dyn Section> {
                vec![$(&mut self.$field),+]
            }
        }
    };
}

policy! {
    data: Data,
    universe: Universe,
    deposit: Deposit,
    buffer: Buffer,
    target: Targets,
    settlement: Settlement,
    week: WeekRules,
    sizing: Sizing,
    band: Bands,
    entry: Entry,
    cap: Cap,
    gate: Gates,
    iv_rank: IvRank,
    order: Orders,
    calls: Calls,
    assignment: Assignments,
    listing: Listings,
    replay: Replay,
    model: Model,
    interest: Interest,
    dividends: Dividends,
    types: Types,
    reference: References,
    frequency: Frequencies,
    exit: Exits,
    roll: Rolls,
    gbr4: Gbr4,
    drawdown: Drawdowns,
    vix: VixGuard,
    risk: Risk,
    fork: Fork,
    merge: Merge,
    tax: Tax,
    reinvest: Reinvestment,
    leaps: Leaps,
    income: Income,
    human: Human,
    projection: Projection,
    rules: Rules,
    fees: Fees,
}

impl Policy {
    /// Reads a policy file and checks every key and what must hold between them. `base` gives the text of a policy that
    /// the file may extend; [`Policy::shipped`] knows those that ship.
    ///
    /// # Errors
    /// [`PolicyError`] with every problem found, each with its line, its key, what was found and what is allowed.
    pub fn parse(
        file_name: &str,
        text: &str,
        base: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<Self, PolicyError> {
        read::policy(file_name, text, &base)
    }

    /// The text of a policy that ships, by its name.
    #[must_use]
    pub fn shipped(name: &str) -> Option<&'static str> {
        match name {
            "all-use" => Some(ALL_USE),
            "as-written" => Some(AS_WRITTEN),
            _ => None,
        }
    }

    /// The defaults: `policy/all-use.toml`.
    #[must_use]
    pub fn all_use() -> Self {
        Policy::parse("policy/all-use.toml", ALL_USE, Policy::shipped).expect("the shipped policy is tested")
    }

    /// The letter of the founding document and its authors: `policy/as-written.toml`.
    #[must_use]
    pub fn as_written() -> Self {
        Policy::parse("policy/as-written.toml", AS_WRITTEN, Policy::shipped).expect("the shipped policy is tested")
    }

    /// This policy with one key set, from a text as a command line gives it: a TOML value, or a bare word such as
    /// `band`, `40-50` or `TSLA,NVDA`.
    ///
    /// # Errors
    /// [`PolicyError`] if there is no such key, the value is not allowed, or it contradicts another key.
    pub fn with(&self, path: &str, text: &str) -> Result<Self, PolicyError> {
        let mut changed = self.clone();
        let refuse = |problems: Vec<Problem>| PolicyError {
            file: self.name.clone(),
            problems: problems.into_iter().map(|problem| Located { line: None, problem }).collect(),
        };
        read::set_text(&mut changed, path, text).map_err(|problem| refuse(vec![problem]))?;
        let problems = check::contradictions(&changed);
        if problems.is_empty() { Ok(changed) } else { Err(refuse(problems)) }
    }

    /// Whether a rule is switched off, to see what it is worth.
    #[inline]
    #[must_use]
    pub const fn is_off(&self, rule: Rule) -> bool {
        self.rules.off.contains(rule)
    }

    /// This policy on its control universe, which was not chosen with hindsight.
    #[must_use]
    pub fn on_control_universe(&self) -> Self {
        Policy { universe: self.universe.control(), ..self.clone() }
    }

    fn section_mut(&mut self, name: &str) -> Option<&mut dyn Section> {
        self.sections_mut().into_iter().find(|section| section.path() == name)
    }
}

#[cfg(test)]
mod tests;
