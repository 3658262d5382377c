//! `alluse check`: a journal proved from itself alone.

use std::sync::Arc;

use adapters::store::{JournalStore, Place};
use engine::{Chain, journal};
use market::time::Calendar;
use report::Audit;
use serde::Serialize;

use crate::cli::Check;
use crate::failure::Failure;
use crate::journal::{self as journals, Journal, Masthead, portfolios};
use crate::show::{self, figures, prose};

/// Batches in which the events are sealed again: one by one, and in sevens. Each must give the journal's own digest.
const BATCHES: [usize; 2] = [1, 7];

/// What holds of one portfolio's journal.
#[derive(Serialize)]
pub(super) struct Proof {
    portfolio: u32,
    world: &'static str,
    premiums: &'static str,
    rows: usize,
    events: usize,
    digest: String,
    chain: String,
    audit: Audit,
}

/// Checks a journal.
pub(crate) fn run(arguments: &Check) -> Result<(), Failure> {
    let store = journals::reader(&journals::location(&arguments.file)?)?;
    let place = store.place();
    let proofs = proofs(store.as_ref())?;
    if arguments.json {
        let journal = place.to_string();
        return show::json(&serde_json::json!({ "journal": journal, "holds": true, "portfolios": proofs }));
    }
    proofs.iter().try_for_each(|proof| print(&place, proof))
}

/// Proves every portfolio of a store, after the store's own structure.
pub(super) fn proofs(store: &dyn JournalStore) -> Result<Vec<Proof>, Failure> {
    let calendar = Arc::new(Calendar::nyse());
    store.check_structure()?;
    let portfolios = portfolios(store)?;
    portfolios.iter().map(|p| prove(&Journal::read(store, *p)?, *p, &calendar)).collect()
}

/// Proves one portfolio's journal.
pub(super) fn prove(opened: &Journal, portfolio: u32, calendar: &Arc<Calendar>) -> Result<Proof, Failure> {
    let digest = opened.chain.digest();
    for batch in BATCHES {
        let mut again = Chain::new(portfolio);
        for events in opened.events.chunks(batch) {
            let _ = again.seal(events);
        }
        if again.digest() != digest {
            return Err(Failure::Check(format!(
                "{}: written again in batches of {batch}, the events have another digest ({}) than the journal ({}): \
                 the program that wrote it encodes them otherwise",
                opened.place,
                journal::hex(&again.digest()),
                opened.digest()
            )));
        }
    }
    let broken = |e: String| Failure::Check(format!("{}: {e}", opened.place));
    let audit = report::check(&opened.events, calendar).map_err(|e| broken(e.to_string()))?;
    let masthead = Masthead::of(&opened.book(calendar)?);
    Ok(Proof {
        portfolio,
        world: masthead.world(),
        premiums: masthead.premiums(),
        rows: opened.rows.len(),
        events: opened.events.len(),
        digest: opened.digest(),
        chain: journal::hex(&opened.chain.head()),
        audit,
    })
}

pub(super) fn print(place: &Place, proof: &Proof) -> Result<(), Failure> {
    show::print(&format!(
        "{place}, portfolio {}: world {}, premiums {}\n{} events in {} rows, {} weekly closes\ndigest {}\nchain  {}",
        proof.portfolio,
        proof.world,
        proof.premiums,
        proof.events,
        proof.rows,
        proof.audit.weeks,
        proof.digest,
        proof.chain
    ))?;
    let held = proof.audit.held.iter().map(|held| [held.invariant.clone(), held.times.to_string()]);
    let batches = [
        ["every row continues the chain and has its digest".to_owned(), proof.rows.to_string()],
        ["events written again in other batches have the same digest".to_owned(), BATCHES.len().to_string()],
    ];
    let columns = [prose("what holds"), figures("times")];
    show::table("Checked from the journal alone", columns, batches.into_iter().chain(held))?;
    show::print("\nEverything holds.")
}
