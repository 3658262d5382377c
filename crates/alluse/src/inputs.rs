//! What a run is made from: the policy, the premium model, price history; and the clock that times it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use adapters::chains::{Collected, find};
use adapters::history::{HistoryOptions, read_history};
use market::history::History;
use market::quote::QuotedChains;
use market::time::Calendar;
use pricing::model::PremiumModel;
use protocol::policy::{Policy, PolicyError};

use crate::failure::Failure;

/// The text of the premium model that ships.
pub(crate) const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

/// The model that prices options where nobody quoted, with its text for journals: what it calls itself in the first
/// line, then all its numbers.
pub(crate) struct Premium {
    /// The model.
    pub(crate) model: PremiumModel,
    /// Its text.
    pub(crate) text: String,
}

impl Premium {
    /// As it ships.
    pub(crate) fn shipped() -> Premium {
        let model = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").expect("the shipped model is tested");
        let name = format!(
            "Black–Scholes at {} of VIX, its term structure, and single-stock indices where there are any; spreads as \
             measured on TSLA in 2026",
            model.level()
        );
        Premium { text: format!("# {name}\n{PREMIUM}"), model }
    }
}

/// What a folder of option chains quotes at the close of its sessions.
pub(crate) fn quotes(dir: &Path, calendar: &Calendar) -> Result<QuotedChains, Failure> {
    let quotes = Collected::read(&find(dir)?, calendar)?.quoted(calendar, &dir.display().to_string());
    if quotes.is_empty() {
        let expected = "bid and ask at a session's close; `alluse data chains` says what it holds";
        return Err(Failure::Data(format!("{}: nothing is quoted in it; expected {expected}", dir.display())));
    }
    Ok(quotes)
}

/// A policy that ships, or one from a file.
pub(crate) fn policy(name: &str) -> Result<Policy, Failure> {
    match Policy::shipped(name) {
        Some(text) => parse(&format!("policy/{name}.toml"), text),
        None => policy_file(Path::new(name)),
    }
}

/// A policy from a file.
fn policy_file(file: &Path) -> Result<Policy, Failure> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|e| {
        Failure::Data(format!("{name}: {e}; expected all-use, as-written, or a policy file (see `alluse policy show`)"))
    })?;
    parse(&name, &text)
}

fn parse(name: &str, text: &str) -> Result<Policy, Failure> {
    Policy::parse(name, text, Policy::shipped).map_err(|e: PolicyError| Failure::Data(e.to_string()))
}

/// A folder of price history, read whole or refused.
pub(crate) fn history(dir: &Path, policy: &Policy, calendar: &Calendar) -> Result<History, Failure> {
    let options = HistoryOptions::new(policy.data.splits_complete_since);
    read_history(dir, &options, calendar).map_err(|e| Failure::Data(e.to_string()))
}

/// Measures how long things take, to be told beside them.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[expect(clippy::disallowed_methods, reason = "how long a command took is shown to a person and decides nothing")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Since the start.
    #[expect(clippy::disallowed_methods, reason = "how long a command took is shown to a person and decides nothing")]
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
