//! `alluse prove` and `alluse verify-proof`: one event, shown to somebody who has no journal.

use std::fs;

use adapters::head::{PublicKey, fingerprint};
use engine::codec;
use engine::proof::{Claim, LONGEST_PROOF, Proof, SignedHead};
use serde_json::json;

use super::{now, read, signing_key, store, take};
use crate::cli::{Prove, VerifyProof};
use crate::failure::Failure;
use crate::home;
use crate::journal::portfolios;
use crate::show;

/// Writes a proof.
pub(crate) fn prove(asked: &Prove) -> Result<(), Failure> {
    let store = store(asked.journal.as_deref())?;
    let signed = match &asked.head {
        Some(head) => read(head)?,
        None => signing_key(asked.key.as_deref())?.sign(take(store.as_ref(), now())?),
    };
    let portfolio = asked.portfolio.map_or_else(|| Ok(portfolios(store.as_ref())?[0]), Ok::<u32, Failure>)?;
    let event = number(&asked.event, &signed, portfolio)?;
    let rows = store.rows(portfolio)?;
    let differs = |why: engine::proof::HeadError| Failure::Check(format!("{}: {why}", store.place()));
    let proof = Proof::of(&signed, portfolio, &rows, event).map_err(differs)?;
    let bytes = codec::encode_proof(&proof);
    home::write_whole(&asked.out, &bytes)?;
    show::print(&format!(
        "{}: {} bytes prove event #{event} of {}{}, by {}",
        asked.out.display(),
        bytes.len(),
        proof.head.events,
        if matches!(proof.claim, Claim::Leaf(_)) { " by its hash" } else { "" },
        fingerprint(&PublicKey(signed.key))
    ))
}

fn number(text: &str, signed: &SignedHead, portfolio: u32) -> Result<u64, Failure> {
    let Some(head) = signed.head.portfolio(portfolio) else {
        let known: Vec<String> = signed.head.portfolios.iter().map(|head| head.portfolio.to_string()).collect();
        return Err(Failure::Usage(format!("the head has no portfolio {portfolio}; it has {}", known.join(", "))));
    };
    let number = text.strip_prefix('#').unwrap_or(text).parse().ok();
    number
        .filter(|event| (1..=head.events).contains(event))
        .ok_or_else(|| Failure::Usage(format!("{text:?} is no event under the head; expected #1 to #{}", head.events)))
}

/// Checks a proof.
pub(crate) fn verify(asked: &VerifyProof) -> Result<(), Failure> {
    let key: PublicKey = asked.key.parse()?;
    let at = |why: String| format!("{}: {why}", asked.proof.display());
    let bytes = fs::read(&asked.proof).map_err(|e| Failure::file(&asked.proof, &e))?;
    if bytes.len() > LONGEST_PROOF {
        let found = format!("{} bytes; expected a proof of at most {LONGEST_PROOF}", bytes.len());
        return Err(Failure::Data(at(found)));
    }
    let proof = codec::decode_proof(&bytes).map_err(|why| Failure::Data(at(format!("it is no proof: {why}"))))?;
    proof.message().map_err(|why| Failure::Check(at(why.to_string())))?;
    if !key.signed_proof(&proof) {
        return Err(Failure::Check(at(format!("its head was not signed by the key {}", fingerprint(&key)))));
    }
    let Proof { claim, event, head, taken, .. } = &proof;
    let told = match claim {
        Claim::Event(bytes) => {
            let (read, _) = codec::decode(bytes).map_err(|why| Failure::Data(at(format!("its event: {why}"))))?;
            json!({ "kind": codec::kind(&read.body).1, "at": read.at.to_string(), "says": format!("{:?}", read.body) })
        }
        Claim::Leaf(hash) => json!({ "leaf": engine::journal::hex(hash) }),
    };
    if asked.json {
        return show::json(&json!({
            "holds": true,
            "portfolio": head.portfolio,
            "event": event,
            "of": head.events,
            "taken": taken.to_string(),
            "digest": engine::journal::hex(&head.digest),
            "claim": told,
        }));
    }
    show::print(&format!(
        "Event #{event} stood in the journal of portfolio {} when its head was signed at {taken}, over {} events.",
        head.portfolio, head.events
    ))?;
    let text = |key: &str| told[key].as_str().map(str::to_owned);
    match (text("kind"), text("at"), text("says"), text("leaf")) {
        (Some(kind), Some(at), Some(says), _) => show::print(&format!("{kind}, {at}\n{says}")),
        (.., leaf) => show::print(&format!("Its hash is {}.", leaf.unwrap_or_default())),
    }
}
