//! R10: whatever is flipped, deleted, swapped or cut off in a journal is found by a head that was kept elsewhere, also
//! where every digest and chain was computed anew; and an event's proof holds for that event alone.

use std::sync::Arc;

use engine::codec::{decode_proof, encode_proof};
use engine::proof::{Claim, Head, LONGEST_PROOF, PortfolioHead, Proof, ProofError, SignedHead};
use engine::{Chain, Event, Row, journal};
use jiff::Timestamp;
use market::time::Calendar;
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};
use simulation::rng::Rng;

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

/// The first events of a run over a market that never existed, in rows of five.
fn journal_of(portfolio: u32, events: usize) -> Vec<Row> {
    let calendar = Arc::new(Calendar::nyse());
    let first = calendar.on_or_after("2021-01-04".parse().unwrap()).unwrap();
    let history = generate(&Parameters::shipped(), 5, first, 120, &calendar);
    let run = Run {
        history: &history,
        policy: &Policy::all_use(),
        premium: &PremiumModel::parse(PREMIUM, "premium-model.toml").unwrap(),
        premium_text: PREMIUM,
        from: None,
        to: None,
        deposit: Money::dollars(300_000),
        script: &[],
        liquidity: &[],
        quotes: None,
    };
    let (_, store) = replay(&run, &calendar, MemoryStore::default(), |_, _| {}).unwrap();
    let (found, _) = journal::read(1, &store.rows).unwrap();
    assert!(found.len() >= events, "{} events", found.len());
    sealed(portfolio, found[..events].chunks(5))
}

fn sealed<'a>(portfolio: u32, rows: impl IntoIterator<Item = &'a [Event]>) -> Vec<Row> {
    let mut chain = Chain::new(portfolio);
    rows.into_iter().filter_map(|events| chain.seal(events)).collect()
}

fn taken() -> Timestamp {
    "2026-01-02T21:00:00Z".parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "which tamperings, and how many, is said by the environment")]
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// A number below `n`.
fn below(rng: &mut Rng, n: usize) -> usize {
    (rng.next_u64() % n as u64) as usize
}

fn two(rng: &mut Rng, n: usize) -> (usize, usize) {
    let (a, b) = (below(rng, n), below(rng, n - 1));
    (a, if b >= a { b + 1 } else { b })
}

/// Changes a journal in one of the ways in which somebody would who can write to its store.
fn tamper(rng: &mut Rng, rows: &mut Vec<Row>) -> &'static str {
    let at = below(rng, rows.len());
    match rng.next_u64() % 12 {
        0 => {
            let byte = below(rng, rows[at].bytes.len());
            rows[at].bytes[byte] ^= 1 << (rng.next_u64() % 8);
            "a bit of an event flipped"
        }
        1 => {
            rows[at].digest[below(rng, 32)] ^= 1 << (rng.next_u64() % 8);
            "a bit of a digest flipped"
        }
        2 => {
            rows[at].chain[below(rng, 32)] ^= 1 << (rng.next_u64() % 8);
            "a bit of a chain flipped"
        }
        3 => {
            rows.remove(at);
            "a row deleted"
        }
        4 => {
            let (a, b) = two(rng, rows.len());
            rows.swap(a, b);
            "two rows swapped"
        }
        5 => {
            rows.truncate(at);
            "rows cut off"
        }
        6 => {
            let keep = below(rng, rows[at].bytes.len());
            rows[at].bytes.truncate(keep);
            "bytes cut off"
        }
        7 => {
            let again = rows[at].clone();
            rows.insert(at, again);
            "a row doubled"
        }
        8 => {
            rows[at].events ^= 1 << (rng.next_u64() % 4);
            "a count changed"
        }
        // From here on every digest and chain is made anew: the journal is sound by itself.
        9 => reseal(rng, rows, "an event deleted", |rng, events| {
            events.remove(below(rng, events.len()));
        }),
        10 => reseal(rng, rows, "two events swapped", |rng, events| {
            let (mut a, mut b) = two(rng, events.len());
            while events[a] == events[b] {
                (a, b) = two(rng, events.len());
            }
            events.swap(a, b);
        }),
        _ => reseal(rng, rows, "an event moved in time", |rng, events| {
            let at = below(rng, events.len());
            events[at].at = Timestamp::from_second(events[at].at.as_second() + 1).unwrap();
        }),
    }
}

fn reseal(
    rng: &mut Rng,
    rows: &mut Vec<Row>,
    what: &'static str,
    change: impl Fn(&mut Rng, &mut Vec<Event>),
) -> &'static str {
    let (mut events, _) = journal::read(rows[0].portfolio, rows).unwrap();
    change(rng, &mut events);
    *rows = sealed(rows[0].portfolio, events.chunks(5));
    assert!(journal::read(rows[0].portfolio, rows).is_ok());
    what
}

/// A million take some minutes: `ALLUSE_TAMPERINGS=1000000 cargo test --release -p simulation --test tamper`.
#[test]
fn whatever_is_tampered_with_is_found() {
    let (seed, count) = (number("ALLUSE_SEED", 1), number("ALLUSE_TAMPERINGS", 10_000));
    let rows = journal_of(7, 200);
    let head = PortfolioHead::of(7, &rows).unwrap();
    assert_eq!(head.holds(taken(), &rows), Ok(()));
    let mut met = std::collections::BTreeMap::new();
    for n in 0..count {
        let mut rng = Rng::new(seed.wrapping_add(n));
        let mut changed = rows.clone();
        let what = tamper(&mut rng, &mut changed);
        assert_ne!(changed, rows, "{what}");
        let said = head.holds(taken(), &changed);
        assert!(said.is_err(), "seed {}: {what}, and nobody saw it", seed.wrapping_add(n));
        *met.entry(what).or_insert(0_u64) += 1;
    }
    println!("{count} of {count} found, seed {seed}: {met:?}");
    assert_eq!(met.len(), 12, "every way came: {met:?}");
}

#[test]
fn a_head_holds_while_the_journal_grows() {
    let rows = journal_of(7, 120);
    for at in [0, 1, 7, rows.len()] {
        let head = PortfolioHead::of(7, &rows[..at]).unwrap();
        assert_eq!(head.holds(taken(), &rows), Ok(()), "{at} rows");
    }
    // The same events in other rows have the same digest and root, and another chain: somebody wrote them anew.
    let (events, _) = journal::read(7, &rows).unwrap();
    let other = sealed(7, events.chunks(3));
    let (mine, theirs) = (PortfolioHead::of(7, &rows).unwrap(), PortfolioHead::of(7, &other).unwrap());
    assert_eq!((mine.digest, mine.root), (theirs.digest, theirs.root));
    let said = mine.holds(taken(), &other).unwrap_err().to_string();
    assert!(said.contains("rows were written anew"), "{said}");
}

/// What a notary would sign: here only the bytes are compared.
fn head_of(journals: &[Vec<Row>]) -> SignedHead {
    let portfolios = journals.iter().map(|rows| PortfolioHead::of(rows[0].portfolio, rows).unwrap()).collect();
    SignedHead { head: Head { taken: taken(), portfolios }, key: [1; 32], signature: [2; 64] }
}

#[test]
fn every_event_has_a_short_proof_that_holds_for_it_alone() {
    let journals: Vec<Vec<Row>> = (1..=5).map(|portfolio| journal_of(portfolio, 40 + portfolio as usize)).collect();
    let signed = head_of(&journals);
    for rows in &journals {
        let portfolio = rows[0].portfolio;
        for event in 1..=signed.head.portfolio(portfolio).unwrap().events {
            let proof = Proof::of(&signed, portfolio, rows, event).unwrap();
            let bytes = encode_proof(&proof);
            assert!(bytes.len() <= LONGEST_PROOF, "{} bytes", bytes.len());
            assert_eq!(decode_proof(&bytes), Ok(proof.clone()));
            assert_eq!(proof.message(), Ok(signed.head.message()));
            let mut elsewhere = proof.clone();
            elsewhere.event = event % proof.head.events + 1;
            assert_ne!(elsewhere.message(), Ok(signed.head.message()));
            let mut other = proof.clone();
            other.claim = Claim::Event(b"I was paid".to_vec());
            assert_eq!(other.message(), Err(ProofError::NotUnder));
        }
    }
}

#[test]
fn a_changed_proof_proves_nothing_and_is_never_a_panic() {
    let rows = journal_of(3, 60);
    let signed = head_of(std::slice::from_ref(&rows));
    let proof = encode_proof(&Proof::of(&signed, 3, &rows, 17).unwrap());
    let holds = |bytes: &[u8]| {
        let read = decode_proof(bytes).ok();
        read.is_some_and(|p| p.signature == [2; 64] && p.message() == Ok(signed.head.message()))
    };
    assert!(holds(&proof));
    for at in 0..proof.len() {
        for bit in 0..8 {
            let mut changed = proof.clone();
            changed[at] ^= 1 << bit;
            assert!(!holds(&changed) || decode_proof(&changed) == decode_proof(&proof), "byte {at}, bit {bit}");
        }
        assert!(!holds(&proof[..at]), "cut after {at} bytes");
    }
}

/// A proof for a journal of a million events under a head of sixteen portfolios stays below the limit: twenty hashes
/// and four, with the figures of a head, a signature and an event of a usual size.
#[test]
fn a_proof_of_a_million_events_is_below_a_kilobyte() {
    let hash = [7; 32];
    let head = PortfolioHead { portfolio: 16, rows: 1 << 20, events: 1 << 20, digest: hash, chain: hash, root: hash };
    let (place, taken, signature) = ((15, 16), taken(), [2; 64]);
    let claim = Claim::Leaf(hash);
    let proof =
        Proof { claim, event: 1 << 20, path: vec![hash; 20], head, place, above: vec![hash; 4], taken, signature };
    let bytes = encode_proof(&proof).len();
    assert!(bytes <= LONGEST_PROOF, "{bytes} bytes");
}
