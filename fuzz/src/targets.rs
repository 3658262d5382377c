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
    Target { name: "archives", run: archives, seeds: &[] },
    Target { name: "trades", run: trades, seeds: &[] },
    Target { name: "form_1099b", run: form_1099b, seeds: &[] },
    Target { name: "prices", run: prices, seeds: &[] },
    Target { name: "chart", run: chart, seeds: &[] },
    Target { name: "head", run: head, seeds: &[] },
    Target { name: "proof", run: proof, seeds: &[] },
    Target { name: "backup_note", run: backup_note, seeds: &[] },
    Target { name: "sealed", run: sealed, seeds: &[] },
    Target { name: "address", run: address, seeds: &[] },
    Target { name: "journal", run: journal, seeds: &[] },
];

static CALENDAR: LazyLock<Calendar> = LazyLock::new(Calendar::nyse);

const FILE: &str = "fuzzed";

/// The first byte, which chooses how the rest is read, and the rest.
fn chosen<'a, T: Copy>(of: &[T], data: &'a [u8]) -> Option<(T, &'a [u8])> {
    let (first, rest) = data.split_first()?;
    Some((*of.get(usize::from(first % 16))?, rest))
}

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

/// Files of option chains in every layout, packed and not.
fn archives(data: &[u8]) {
    use adapters::chains::{DataError, Layout, Source, parse};
    const FILES: [(&str, Layout); 6] = [
        ("fuzzed.tar.xz", Layout::Expirations),
        ("spy_quote_american.zip", Layout::Bars),
        ("2024/06/10/2024-06-14.csv", Layout::Expirations),
        ("SPY/20240610.csv", Layout::Universe),
        ("SPY/20240610.csv.gz", Layout::Universe),
        ("fuzzed.csv.gz", Layout::Plain),
    ];
    let Some(((name, layout), rest)) = chosen(&FILES, data) else { return };
    let source = Source { path: name.into(), layout };
    let read: Result<(), DataError> = parse(&source, std::io::Cursor::new(rest), &CALENDAR, |_| Ok(()));
    if let Err(error) = read {
        assert!(error.to_string().starts_with(name), "no file in {error}");
    }
}

fn trades(data: &[u8]) {
    if let Err(error) = adapters::trades::parse_trades(Path::new(FILE), data.to_vec()) {
        assert!(error.to_string().starts_with(FILE), "no file in {error}");
    }
}

fn form_1099b(data: &[u8]) {
    if let Err(error) = adapters::trades::parse_1099b(Path::new(FILE), data.to_vec()) {
        assert!(error.to_string().starts_with(FILE), "no file in {error}");
    }
}

/// Tables of prices, indices, yields and events, as sources and people write them.
fn prices(data: &[u8]) {
    use adapters::folder::{Kind, Mapping, translate};
    let symbol = market::instrument::Symbol::new("SPY").expect("a symbol");
    let kinds = [
        Kind::Bars(symbol),
        Kind::Index("VIX"),
        Kind::Rates,
        Kind::Dividends,
        Kind::Splits,
        Kind::Earnings,
        Kind::Chains,
    ];
    let Some((kind, rest)) = chosen(&kinds, data) else { return };
    match translate(FILE.into(), rest.to_vec(), kind, &Mapping::default()) {
        Err(error) => assert!(error.to_string().starts_with(FILE), "no file in {error}"),
        // Values may all be absent; a table of none is refused.
        Ok(sheet) if sheet.is_empty() => {}
        Ok(sheet) => {
            let again = translate(FILE.into(), sheet.to_csv().into_bytes(), kind, &Mapping::default());
            assert_eq!(again.expect("its own text").to_csv(), sheet.to_csv());
        }
    }
}

/// A source's answer in JSON.
fn chart(data: &[u8]) {
    let symbol = market::instrument::Symbol::new("SPY").expect("a symbol");
    if let Err(error) = adapters::pull::read_chart(Path::new(FILE), data, symbol, "SPY", &|_| true) {
        assert!(error.to_string().starts_with(FILE), "no file in {error}");
    }
}

/// Signed heads and public keys: what reads is written and reads the same.
fn head(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Ok(signed) = adapters::head::read(text) {
        let again = adapters::head::read(&adapters::head::write(&signed)).expect("its own text");
        assert_eq!(again, signed);
    }
    if let Ok(key) = text.parse::<adapters::head::PublicKey>() {
        assert_eq!(key.to_string().parse::<adapters::head::PublicKey>().expect("its own text"), key);
    }
}

/// Proofs: what reads is written as it was.
fn proof(data: &[u8]) {
    if let Ok(proof) = engine::codec::decode_proof(data) {
        let again = engine::codec::decode_proof(&engine::codec::encode_proof(&proof)).expect("its own bytes");
        assert_eq!(again, proof);
        let _ = proof.message();
    }
}

fn backup_note(data: &[u8]) {
    use adapters::backup::Note;
    let Some(text) = text(data) else { return };
    if let Ok(note) = Note::of(text) {
        assert_eq!(Note::of(&note.to_text()).expect("its own text"), note);
    }
}

/// An encrypted backup; nobody else has this identity, and it opens nothing of value.
const IDENTITY: &str = concat!("AGE-SECRET", "-KEY-1LLFWZAK9EX9ASW82AUHGTRD06TEN5TZ9VQ7CNVWZNQQELFEJGPJSZT7EY8");

fn sealed(data: &[u8]) {
    let identity: adapters::backup::Identity = IDENTITY.parse().expect("an identity");
    let mut opened = Vec::new();
    if let Err(error) = adapters::backup::decrypt(&mut &data[..], &mut opened, &[identity]) {
        assert!(!error.to_string().is_empty());
    }
}

/// Addresses of databases: what is shown and what is refused repeats no password.
fn address(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Ok(address) = adapters::store::Address::read(text) {
        assert!(!address.place().to_string().is_empty());
    }
}

/// A whole journal: events that follow each other are folded and checked.
fn journal(data: &[u8]) {
    let (mut rest, mut events) = (data, Vec::new());
    while let Ok((event, length)) = engine::codec::decode(rest) {
        events.push(event);
        rest = &rest[length..];
    }
    let calendar = std::sync::Arc::new(CALENDAR.clone());
    if engine::Engine::restore(std::sync::Arc::clone(&calendar), &events).is_ok() {
        let _ = report::check(&events, &calendar);
    }
}
