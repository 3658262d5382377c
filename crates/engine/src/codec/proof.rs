//! A proof's bytes: the CBOR array `[1, claim, event, path, portfolio, rows, events, digest, chain, root, place,
//! portfolios, path above, taken, signature]`; a claim is the event's bytes or, after a 0, the hash of its leaf.

use jiff::Timestamp;
use minicbor::Encoder;
use minicbor::data::Type;

use super::wire::{Reader, fields, sure};
use super::{CodecError, Fault};
use crate::proof::{Claim, Hash, PortfolioHead, Proof};

const VERSION: u8 = 1;
const FIELDS: u64 = 15;
const WHAT: &str = "a proof";

/// The bytes of a proof.
#[must_use]
pub fn encode_proof(proof: &Proof) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(crate::proof::LONGEST_PROOF);
    let mut w = Encoder::new(&mut bytes);
    let Proof { claim, event, path, head, place, above, taken, signature } = proof;
    sure(w.array(FIELDS).and_then(|w| w.u8(VERSION)));
    match claim {
        Claim::Event(bytes) => sure(w.bytes(bytes)),
        Claim::Leaf(hash) => sure(w.array(2).and_then(|w| w.u8(0)).and_then(|w| w.bytes(hash))),
    }
    sure(w.u64(*event));
    sure(w.bytes(&path.concat()));
    sure(w.u32(head.portfolio).and_then(|w| w.u64(head.rows)).and_then(|w| w.u64(head.events)));
    sure(w.bytes(&head.digest).and_then(|w| w.bytes(&head.chain)).and_then(|w| w.bytes(&head.root)));
    sure(w.u64(place.0).and_then(|w| w.u64(place.1)));
    sure(w.bytes(&above.concat()));
    sure(w.i64(taken.as_second()).and_then(|w| w.bytes(signature)));
    bytes
}

/// Reads a proof.
///
/// # Errors
/// [`CodecError`] if the bytes are none, or more than one.
pub fn decode_proof(bytes: &[u8]) -> Result<Proof, CodecError> {
    proof(bytes).map_err(|fault| *fault)
}

fn proof(bytes: &[u8]) -> Result<Proof, Fault> {
    let mut r = Reader::new(bytes);
    fields(&mut r, FIELDS, WHAT)?;
    let version = r.u8()?;
    if version != VERSION {
        return Err(CodecError::Value { what: "a proof's version", found: i64::from(version) }.into());
    }
    let claim = if r.datatype()? == Type::Bytes {
        Claim::Event(r.bytes()?.to_vec())
    } else {
        fields(&mut r, 2, "a claim")?;
        let found = r.u8()?;
        if found != 0 {
            return Err(CodecError::Value { what: "a claim's kind", found: i64::from(found) }.into());
        }
        Claim::Leaf(hash(&mut r)?)
    };
    let event = r.u64()?;
    let path = hashes(&mut r)?;
    let head = PortfolioHead {
        portfolio: r.u32()?,
        rows: r.u64()?,
        events: r.u64()?,
        digest: hash(&mut r)?,
        chain: hash(&mut r)?,
        root: hash(&mut r)?,
    };
    let place = (r.u64()?, r.u64()?);
    let above = hashes(&mut r)?;
    let seconds = r.i64()?;
    let taken =
        Timestamp::from_second(seconds).map_err(|_| CodecError::Value { what: "an instant", found: seconds })?;
    let signature = exactly(r.bytes()?)?;
    if r.position() != bytes.len() {
        return Err(CodecError::Text(format!("{} bytes follow the proof", bytes.len() - r.position())).into());
    }
    Ok(Proof { claim, event, path, head, place, above, taken, signature })
}

fn hash(r: &mut Reader<'_>) -> Result<Hash, Fault> {
    exactly(r.bytes()?)
}

fn hashes(r: &mut Reader<'_>) -> Result<Vec<Hash>, Fault> {
    let (whole, rest) = r.bytes()?.as_chunks();
    if rest.is_empty() { Ok(whole.to_vec()) } else { exactly(rest).map(|hash| vec![hash]) }
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    let length = CodecError::Value { what: "the length of a hash or signature", found: bytes.len() as i64 };
    bytes.try_into().map_err(|_| length.into())
}
