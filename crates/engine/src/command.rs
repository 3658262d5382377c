//! What people tell the engine to do, and the key that makes telling it twice the same as once.
//!
//! A request may be sent again because its answer was lost. Its key is recorded in the journal with the BLAKE3 of the
//! command's bytes, by an event that follows its effects in the same row: both are there, or neither. A key that comes
//! again with the same content gets the first answer, for ever and in every process that has read the journal; with
//! other content it is refused.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use ledger::{SleeveId, StructureId};
use market::instrument::Symbol;
use market::quote::Board;
use market::value::Money;
use protocol::policy::{Level, WeekClass};
use protocol::trust::Class;

use crate::event::Scope;
use crate::input::{Input, Step};
use crate::people::{Digest, Word};
use crate::state::State;

/// Longest key, in bytes.
pub const LONGEST_KEY: usize = 200;

/// The name that a request gives itself, so that it can be sent again. Each portfolio has keys of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to {LONGEST_KEY} bytes and no control characters; this one has {length} bytes")]
pub struct BadKey {
    /// Its length in bytes.
    pub length: usize,
}

impl Key {
    /// Takes a text as a key.
    ///
    /// # Errors
    /// [`BadKey`] if it is empty, too long, or has control characters.
    pub fn new(text: &str) -> Result<Self, BadKey> {
        let length = text.len();
        let sound = (1..=LONGEST_KEY).contains(&length) && !text.chars().any(char::is_control);
        if sound { Ok(Key(text.to_owned())) } else { Err(BadKey { length }) }
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that a person tells the engine to do. What it means is said at the [`Input`] of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Pay in.
    Deposit {
        /// The structure.
        structure: StructureId,
        /// How much.
        amount: Money,
        /// The parts of its Generation, Revenue and Compounding sleeve, where they are told.
        parts: Option<[Money; 3]>,
    },
    /// Ask for money.
    Withdraw {
        /// From which sleeve.
        sleeve: SleeveId,
        /// How much.
        amount: Money,
    },
    /// Throw a kill switch, or release it (K-6).
    KillSwitch {
        /// What it stops.
        scope: Scope,
        /// Whether it holds from now on.
        on: bool,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// Decide about a frozen symbol (K-5).
    Thaw {
        /// Which symbol.
        symbol: Symbol,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// Answer a proposal (H-3).
    Answer {
        /// Which.
        proposal: u64,
        /// The content that the human has seen.
        digest: Digest,
        /// Yes, no, or something else.
        word: Word,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// Judge a week otherwise than the rules (M-5).
    OverrideWeek {
        /// The class.
        class: WeekClass,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// Grant a class of decisions a level (H-2).
    GrantLevel {
        /// The class of decisions.
        class: Class,
        /// The level.
        level: Level,
        /// Who.
        who: String,
    },
}

impl Command {
    /// As the engine hears it; with prices where the market is open.
    #[must_use]
    pub fn input<'a>(&self, board: Option<&'a Board>) -> Input<'a> {
        match self.clone() {
            Command::Deposit { structure, amount, parts } => Input::Deposit { structure, amount, parts },
            Command::Withdraw { sleeve, amount } => Input::Withdraw { sleeve, amount },
            Command::KillSwitch { scope, on, who, reason } => Input::KillSwitch { scope, on, who, reason },
            Command::Thaw { symbol, who, reason } => Input::Thaw { symbol, who, reason },
            Command::Answer { proposal, digest, word, who, reason } => {
                Input::Answer { proposal, digest, word, who, reason, board }
            }
            Command::OverrideWeek { class, who, reason } => Input::OverrideWeek { class, who, reason },
            Command::GrantLevel { class, level, who } => Input::GrantLevel { class, level, who },
        }
    }

    /// Whether it can be put before the engine at all; what then changes nothing is recorded with its reason.
    pub(crate) fn check(&self, state: &State) -> Result<(), CommandError> {
        let named = |who: &str| if who.trim().is_empty() { Err(CommandError::Unnamed) } else { Ok(()) };
        if state.opened.is_none() {
            return Err(CommandError::NotOpened);
        }
        match self {
            Command::Deposit { structure, amount, parts } => {
                if !state.structures.iter().any(|s| s.id == *structure) {
                    return Err(CommandError::NoStructure { structure: *structure });
                }
                let whole = parts.is_none_or(|parts| {
                    parts.iter().all(|part| !part.is_negative()) && parts.iter().copied().sum::<Money>() == *amount
                });
                if amount.is_positive() && whole { Ok(()) } else { Err(CommandError::Amount { amount: *amount }) }
            }
            Command::Withdraw { sleeve, amount } => {
                if state.sleeve(*sleeve).is_none() {
                    return Err(CommandError::NoSleeve { sleeve: *sleeve });
                }
                if amount.is_positive() { Ok(()) } else { Err(CommandError::Amount { amount: *amount }) }
            }
            Command::KillSwitch { who, .. } | Command::Thaw { who, .. } => named(who),
            Command::Answer { .. } | Command::OverrideWeek { .. } | Command::GrantLevel { .. } => Ok(()),
        }
    }
}

/// Where a command with a key left its effect: what every repetition is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// BLAKE3 over the command's bytes.
    pub content: Digest,
    /// When it was carried out.
    pub at: Timestamp,
    /// Number of the first event that it came to, from 1 over the whole journal.
    pub first: u64,
    /// How many events it came to; none if it changed nothing.
    pub events: u32,
}

/// What became of a command with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is carried out now: events to be made durable, outputs to be obeyed afterwards.
    Now(Step, Answer),
    /// It was carried out before; nothing is to be done.
    Before(Answer),
}

/// Why a command is not put before the engine. Nothing is recorded, and its key stays free.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The key stands for something else.
    #[error(
        "key {key} stands for content {first} since event {event}, and came with content {given}; expected a new key \
         for a new command"
    )]
    KeyReused {
        /// The key.
        key: Key,
        /// The content that it stands for.
        first: Digest,
        /// The event that recorded it, from 1.
        event: u64,
        /// The content that came.
        given: Digest,
    },
    /// Nobody stands behind it.
    #[error("the command names nobody; expected a human's name")]
    Unnamed,
    /// No amount above zero, or parts that do not sum to it.
    #[error("{amount} cannot be paid; expected an amount above zero, and parts that sum to it")]
    Amount {
        /// As given.
        amount: Money,
    },
    /// No such structure.
    #[error("there is no structure {structure}")]
    NoStructure {
        /// As given.
        structure: StructureId,
    },
    /// No such sleeve.
    #[error("there is no sleeve {sleeve}")]
    NoSleeve {
        /// As given.
        sleeve: SleeveId,
    },
    /// The journal has not begun.
    #[error("the journal is empty; expected its opening before any command")]
    NotOpened,
}

/// Every key that was used, and what it came to: a fold of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands(BTreeMap<Key, Answer>);

impl Commands {
    /// The first answer to this key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Answer> {
        self.0.get(key)
    }

    /// How many keys were used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key was used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this key is free, or stands for the same content.
    pub(crate) fn first(&self, key: &Key, given: Digest) -> Result<Option<Answer>, CommandError> {
        match self.0.get(key) {
            Some(first) if first.content != given => Err(CommandError::KeyReused {
                key: key.clone(),
                first: first.content,
                event: first.first + u64::from(first.events),
                given,
            }),
            found => Ok(found.copied()),
        }
    }

    /// Takes up a key that was recorded; whether it was free.
    pub(crate) fn take(&mut self, key: &Key, answer: Answer) -> bool {
        self.0.insert(key.clone(), answer).is_none()
    }
}
