//! The one place where engine and ledger types become bytes.
//!
//! An event is the CBOR array `[kind, version, at, body…]`: kind and version numbers, seconds since 1970, and the
//! fields of that kind by their place. Hashes are taken over these bytes as they are stored; nothing is ever written
//! again. A kind's fields never change under one version: a new version gets a new number, and the old one is read for
//! ever. `tests/golden` holds the bytes of every kind and version.

mod old;
mod proof;
mod reader;
mod types;
mod wire;

use jiff::Timestamp;
use minicbor::{Decoder, Encoder};

use crate::command::Command;
use crate::event::{Body, Event};
use crate::people::{Content, Digest};
pub use proof::{decode_proof, encode_proof};
use wire::{Reader, Wire, Writer, sure};

/// The newest version of the schema; a journal that names a higher one is refused.
pub const SCHEMA: u32 = 5;

/// Why bytes are not an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Not CBOR, or cut short.
    #[error("the bytes are not an event: {0}")]
    Bytes(String),
    /// Another number of fields.
    #[error("{what} has {} fields, expected {expected}", found.map_or_else(|| "unknown".to_owned(), |n| n.to_string()))]
    Fields {
        /// Of what.
        what: &'static str,
        /// Fields found; unknown for an indefinite length.
        found: Option<u64>,
        /// Fields expected.
        expected: u64,
    },
    /// A list of indefinite length.
    #[error("a list has no length; expected definite lengths only")]
    Indefinite,
    /// A number that means nothing there.
    #[error("{found} is no value of {what}")]
    Value {
        /// Of what.
        what: &'static str,
        /// The number.
        found: i64,
    },
    /// A text that means nothing there.
    #[error("{0}")]
    Text(String),
    /// A kind or version that this program does not know.
    #[error("an event of kind {kind} and version {version} is not known to this program; a newer one wrote it")]
    Unknown {
        /// Kind.
        kind: u16,
        /// Version.
        version: u16,
    },
}

/// A [`CodecError`] that takes one word, so that what is read and its error fit the processor's registers.
type Fault = Box<CodecError>;

impl From<minicbor::decode::Error> for CodecError {
    fn from(error: minicbor::decode::Error) -> Self {
        CodecError::Bytes(error.to_string())
    }
}

impl From<minicbor::decode::Error> for Fault {
    fn from(error: minicbor::decode::Error) -> Self {
        Box::new(error.into())
    }
}

macro_rules! kinds {
    (@count $($field:ident)*) => { 0 $(+ { let _ = stringify!($field); 1 })* };
    ($($kind:literal v $version:literal $variant:ident $(($inner:ident))? $({ $($field:ident),+ $(,)? })?;)+) => {
        fn header(body: &Body) -> (u16, u16, u64) {
            match body {
                $(Body::$variant $(($inner))? $({ $($field),+ })? => {
                    $(let _ = $inner;)?
                    $($(let _ = $field;)+)?
                    ($kind, $version, kinds!(@count $($inner)? $($($field)+)?))
                })+
            }
        }

        fn put(body: &Body, w: &mut Writer<'_>) {
            match body {
                $(Body::$variant $(($inner))? $({ $($field),+ })? => {
                    $($inner.put(w);)?
                    $($($field.put(w);)+)?
                })+
            }
        }

        fn get(kind: u16, version: u16, held: u64, r: &mut Reader<'_>) -> Result<Body, Fault> {
            match (kind, version) {
                $(($kind, $version) => {
                    let expected = kinds!(@count $($inner)? $($($field)+)?);
                    if held != expected {
                        let what = stringify!($variant);
                        return Err(CodecError::Fields { what, found: Some(held), expected }.into());
                    }
                    $(let $inner = Wire::get(r)?;)?
                    $($(let $field = Wire::get(r)?;)+)?
                    Ok(Body::$variant $(($inner))? $({ $($field),+ })?)
                })+
                _ => old::get(kind, version, held, r),
            }
        }

        /// Every kind of event with its number, version and name.
        pub const KINDS: &[(u16, u16, &str)] = &[$(($kind, $version, stringify!($variant))),+];
    };
}

kinds! {
    1 v 2 Opened(opened);
    2 v 1 Founded { structure, parent, sleeves };
    3 v 1 Deposited { structure, parts };
    4 v 1 SplitApplied { symbol, new_per_old };
    5 v 1 DividendAccrued(dividend);
    6 v 1 Settled { through };
    7 v 1 WeekClassified { week, classification, replaces };
    8 v 1 WeekUnclassified { week, why };
    9 v 3 Reviewed { sleeve, review };
    10 v 1 Planned(plan);
    11 v 2 OrderApproved { sleeve, order, rule, reserve, underlying, atr, delta };
    12 v 2 OrderRefused { sleeve, order, refusal };
    13 v 2 Filled { sleeve, trade, fill, settles };
    14 v 1 OrderEnded { order, status };
    15 v 1 Expired { sleeve, series, contracts, close };
    16 v 1 Assigned { sleeve, series, contracts, close, fees, settles, basis };
    17 v 1 DayEnded { day, days, deep };
    18 v 1 InterestCredited { sleeve, rate, dollar_days, amount };
    19 v 1 Marked(marks);
    20 v 1 PositionTyped(typed);
    21 v 1 LockChanged { sleeve, locked, why, drawdown };
    22 v 2 SleeveClosed(week);
    23 v 1 WeekEnded { week };
    24 v 1 Compared(variants);
    25 v 1 GuardChanged { from, to, vix };
    26 v 1 KillSwitch { scope, on, who, reason };
    27 v 1 Frozen { symbol, why };
    28 v 1 Thawed { symbol, who, reason };
    29 v 1 Withdrawn { sleeve, amount };
    30 v 1 WithdrawalRefused { sleeve, asked, why };
    31 v 1 IncomeBooked { sleeve, income, moved };
    32 v 1 ReserveInterest { structure, rate, dollar_days, amount };
    33 v 1 Reinvested { sleeve, reinvested, set_aside };
    34 v 1 LeapsPlanned { plan, rolls };
    35 v 1 LeapsReviewed { sleeve, series, contracts, answer };
    36 v 1 ForkDue { sleeve, division, waits, reserves, needs };
    37 v 1 ForkLapsed { sleeve, surplus };
    38 v 1 Forked { from, structure, division, base };
    39 v 1 MergeStarted { structure, total };
    40 v 1 Merged { structure, into, values };
    41 v 1 ReserveClosed { structure, week };
    42 v 1 Observed { class, content, rules };
    43 v 1 Proposed(proposal);
    44 v 1 Answered { proposal, reply, who, reason };
    45 v 1 NotDone { proposal, why };
    46 v 1 ActRefused { act, who, why };
    47 v 1 WeekOverridden { week, class, replaces, who, reason };
    48 v 1 LevelChanged { class, from, to, why };
    49 v 1 DecisionJudged(judged);
    50 v 1 TrustSuggested { class, trust, level, suggested };
    51 v 1 LongEnded { sleeve, series, contracts, close, fees, settles };
    52 v 1 Crossed(crossing);
    53 v 1 EpochBegan { epoch, why, who, reason };
    70 v 1 Commanded { key, content, events };
    71 v 1 Resumed { program, schema };
}

/// Appends the bytes of `event` to `out`.
pub fn encode(event: &Event, out: &mut Vec<u8>) {
    let (kind, version, fields) = header(&event.body);
    let mut w = Encoder::new(out);
    sure(w.array(3 + fields));
    sure(w.u16(kind));
    sure(w.u16(version));
    sure(w.i64(event.at.as_second()));
    put(&event.body, &mut w);
}

/// BLAKE3 over the bytes of `content`: what an approval is bound to (H-3).
#[must_use]
pub fn digest(content: &Content) -> Digest {
    hashed(content)
}

/// BLAKE3 over the bytes of `command`: what its key stands for.
#[must_use]
pub fn command_digest(command: &Command) -> Digest {
    hashed(command)
}

fn hashed(content: &impl Wire) -> Digest {
    let mut bytes = Vec::with_capacity(128);
    content.put(&mut Encoder::new(&mut bytes));
    Digest(*blake3::hash(&bytes).as_bytes())
}

/// The number and name of an event's kind.
#[must_use]
pub fn kind(body: &Body) -> (u16, &'static str) {
    let (kind, version, _) = header(body);
    let known = KINDS.iter().find(|(k, v, _)| (*k, *v) == (kind, version));
    (kind, known.map_or("", |(_, _, name)| name))
}

/// How many bytes the event at the front of `bytes` takes, whatever it is.
///
/// # Errors
/// [`CodecError`] if they do not begin with a whole CBOR item.
pub fn length(bytes: &[u8]) -> Result<usize, CodecError> {
    let mut r = Decoder::new(bytes);
    r.skip()?;
    Ok(r.position())
}

/// Reads one event from the front of `bytes`; how many bytes it took.
///
/// # Errors
/// [`CodecError`] if they do not begin with an event that this program knows.
pub fn decode(bytes: &[u8]) -> Result<(Event, usize), CodecError> {
    event(bytes).map_err(|fault| *fault)
}

fn event(bytes: &[u8]) -> Result<(Event, usize), Fault> {
    let mut r = Reader::new(bytes);
    let held = r.array()?.ok_or(CodecError::Indefinite)?;
    let kind = r.u16()?;
    let version = r.u16()?;
    let seconds = r.i64()?;
    let at = Timestamp::from_second(seconds).map_err(|_| CodecError::Value { what: "an instant", found: seconds })?;
    let held = held.checked_sub(3).ok_or(CodecError::Fields { what: "an event", found: Some(held), expected: 3 })?;
    let body = get(kind, version, held, &mut r)?;
    Ok((Event { at, body }, r.position()))
}
