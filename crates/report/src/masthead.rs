//! What every page and chart begins with: whether the market is made up, and where option prices come from.

use engine::event::World;
use serde::Serialize;

use crate::book::Book;
use crate::comparison::{Origins, origins};
use crate::words;

/// Where a journal comes from, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Whose it is.
    pub portfolio: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Version of the schema of its events.
    pub schema: u32,
    /// Where its prices come from.
    pub source: String,
    /// The policy's name.
    pub policy: String,
    /// What the premium model calls itself; empty where there is none.
    pub premium_model: String,
    /// How many events it holds.
    pub events: usize,
}

impl Provenance {
    /// Of a folded journal.
    #[must_use]
    pub fn of(book: &Book<'_>) -> Provenance {
        let opened = book.opened();
        Provenance {
            portfolio: opened.portfolio.0,
            program: opened.program.clone(),
            schema: opened.schema,
            source: opened.source.clone(),
            policy: book.policy().name.clone(),
            premium_model: words::model(&opened.premium_model).to_owned(),
            events: book.events.len(),
        }
    }
}

/// What must be said before any figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Masthead {
    simulated: bool,
    origins: Origins,
}

impl Masthead {
    /// Of a folded journal.
    #[must_use]
    pub fn of(book: &Book<'_>) -> Masthead {
        Masthead { simulated: book.opened().world == World::Simulated, origins: origins(book) }
    }

    /// `history` or `SIMULATED`.
    #[must_use]
    pub const fn world(self) -> &'static str {
        words::world(if self.simulated { World::Simulated } else { World::History })
    }

    /// `modelled`, `quoted`, `modelled and quoted`, or `none`.
    #[must_use]
    pub const fn premiums(self) -> &'static str {
        let modelled = self.origins.fills_modelled + self.origins.marks_modelled > 0;
        let quoted = self.origins.fills_quoted + self.origins.marks_quoted > 0;
        match (modelled, quoted) {
            (true, true) => "modelled and quoted",
            (true, false) => "modelled",
            (false, true) => "quoted",
            (false, false) => "none",
        }
    }

    /// The words that stand beside each figure: `SIMULATED`, `MODELLED`, both or none.
    #[must_use]
    pub fn labels(self) -> Vec<&'static str> {
        let modelled = matches!(self.premiums(), "modelled" | "modelled and quoted");
        [(self.simulated, "SIMULATED"), (modelled, "MODELLED")].into_iter().filter(|l| l.0).map(|l| l.1).collect()
    }

    /// What they mean here, in sentences that begin with them.
    #[must_use]
    pub fn warnings(self) -> Vec<String> {
        let simulated = self
            .simulated
            .then(|| "SIMULATED: a generator made up every price below; nothing here ever happened.".to_owned());
        let (modelled, all) = (self.origins.fills_modelled, self.origins.fills_modelled + self.origins.fills_quoted);
        let premiums = match self.premiums() {
            "modelled" => {
                Some("MODELLED: every option price below is a model's; none was quoted by anybody.".to_owned())
            }
            "modelled and quoted" => {
                Some(format!("MODELLED: {modelled} of {all} fills below are at a model's price, not at a quote."))
            }
            _ => None,
        };
        simulated.into_iter().chain(premiums).collect()
    }
}
