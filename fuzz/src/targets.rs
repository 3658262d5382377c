//! Every reader of text or bytes that somebody else wrote, each as a function that must not panic whatever it is given.
//!
//! Three runners share this list: `cargo nextest run` tries some thousands of mutations of the corpus (seconds), the
//! bench `parsers` a minute of them for each target, and `cargo fuzz run TARGET` searches by coverage for as long as
//! it is let. Where a reader has a writer, what was read is written and must read the same.

use std::path::Path;
use std::sync::LazyLock;

use market::time::Calendar;

/// A reader, and where examples of what it reads lie beside the corpus, from the project's root.
pub struct Target {
    /// Its name, and its folder in the corpus.
    pub name: &'static str,
    /// Reads bytes; panics where the reader is at fault.
    pub run: fn(&[u8]),
    /// Folders or files.
    pub seeds: &'static [&'static str],
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "statement", run: statement, seeds: &[] },
    Target { name: "mapping", run: mapping, seeds: &[] },
    Target { name: "instrument", run: instrument, seeds: &[] },
    Target { name: "chains", run: chains, seeds: &[] },
    Target { name: "policy", run: policy, seeds: &["policy/as-written.toml", "policy/small-steps.toml"] },
    Target { name: "premium_model", run: premium_model, seeds: &["policy/premium-model.toml"] },
    Target { name: "generator", run: generator, seeds: &["policy/generator.toml"] },
    Target { name: "sources", run: sources, seeds: &["crates/adapters/src/pull/sources.toml"] },
    Target { name: "scenario", run: scenario, seeds: &["scenarios/calls", "scenarios/growth"] },
    Target { name: "event", run: event, seeds: &["crates/engine/tests/golden"] },
    Target { name: "weekly_returns", run: weekly_returns, seeds: &[] },
    Target { name: "rule_worth", run: rule_worth, seeds: &[] },
    Target { name: "listing", run: listing, seeds: &[] },
];

static CALENDAR: LazyLock<Calendar> = LazyLock::new(Calendar::nyse);

const FILE: &str = "fuzzed";

/// Text of the bytes, where they are any.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// A broker's statement: OFX or a table. What was read is written as both, and reads the same.
fn statement(data: &[u8]) {
    use adapters::statement::{Mapping, ofx, parse, plain};
    let own = Mapping::default();
    match parse(Path::new(FILE), data.to_vec(), &own) {
        Err(error) => assert!(error.to_string().starts_with(FILE), "no file in {error}"),
        Ok(all) => {
            for first in all {
                let table = plain::write(&first);
                let again = parse(Path::new(FILE), table.into_bytes(), &own);
                let again = again.unwrap_or_else(|e| panic!("what was written does not read: {e}"));
                assert_eq!(again[0].activities.len(), first.activities.len());
                let kept = again[0].activities.iter().zip(&first.activities);
                assert!(kept.into_iter().all(|(a, b)| (a.date, a.kind, a.amount) == (b.date, b.kind, b.amount)));
                let _ = ofx::write(&first);
            }
        }
    }
}

fn mapping(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Err(error) = adapters::statement::Mapping::parse(Path::new(FILE), text) {
        assert!(error.to_string().starts_with(FILE), "no file in {error}");
    }
}

/// Names of instruments: what reads is written as it was.
fn instrument(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Some(held) = adapters::books::names::parse(text) {
        assert_eq!(adapters::books::names::instrument(&held), text);
    }
    if let Ok(series) = market::instrument::Series::from_occ(text) {
        assert_eq!(series.occ().as_deref(), Some(text));
    }
    let _ = market::instrument::Symbol::new(text);
    let _ = text.parse::<market::value::Money>();
    let _ = text.parse::<market::value::Price>();
}

fn chains(data: &[u8]) {
    if let Err(error) = adapters::chains::plain::parse(FILE.into(), data.to_vec(), &CALENDAR) {
        assert!(error.to_string().starts_with(FILE), "no file in {error}");
    }
}

/// A policy: what reads is written, and the text reads as the same.
fn policy(data: &[u8]) {
    use protocol::policy::Policy;
    let Some(text) = text(data) else { return };
    match Policy::parse(FILE, text, Policy::shipped) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(policy) => {
            let again = Policy::parse(FILE, &policy.to_toml(), Policy::shipped).expect("its own text");
            assert_eq!(again.to_toml(), policy.to_toml());
        }
    }
}

fn premium_model(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Err(error) = pricing::model::PremiumModel::parse(text, FILE) {
        assert!(error.to_string().contains(FILE), "no file in {error}");
    }
}

fn generator(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Err(error) = simulation::generator::Parameters::parse(text, FILE) {
        assert!(error.to_string().contains(FILE), "no file in {error}");
    }
}

fn sources(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Err(error) = adapters::pull::Sources::parse(text, FILE) {
        assert!(error.to_string().contains(FILE), "no file in {error}");
    }
}

fn scenario(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Err(error) = simulation::story::Scenario::parse(FILE, text, &CALENDAR) {
        assert!(error.to_string().contains(FILE), "no scenario in {error}");
    }
}

/// Events of a journal: what reads again takes the bytes that it took, once written.
fn event(data: &[u8]) {
    let mut rest = data;
    while let Ok((event, length)) = engine::codec::decode(rest) {
        let mut bytes = Vec::new();
        engine::codec::encode(&event, &mut bytes);
        let (again, written) = engine::codec::decode(&bytes).expect("its own bytes");
        assert_eq!((again, written), (event, bytes.len()));
        rest = &rest[length..];
    }
}

fn weekly_returns(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Err(error) = simulation::projection::WeeklyReturns::parse(FILE, text) {
        assert!(error.to_string().contains(FILE), "no file in {error}");
    }
}

fn rule_worth(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let _ = render::RuleWorth::read(text);
}

fn listing(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let _ = market::instrument::listing::Listing::read(text);
}
