//! Heads and proofs: what a journal was at a moment, in so few bytes that they can be kept elsewhere, and that an event
//! stood under it.
//!
//! The events of a portfolio are the leaves of a Merkle tree, the portfolios of a store those of another; both have the
//! shape and the prefixes of RFC 6962 (Laurie, Langley, Kasper 2013, section 2.1), with BLAKE3 for SHA-256. A leaf is
//! an event's bytes as they are stored. Whoever keeps a head that was signed can tell later whether the journal still
//! begins as it did then, and a proof of some twenty hashes shows one event to somebody who has no journal at all.

mod tree;

use jiff::Timestamp;

use crate::codec;
use crate::journal::{Chain, JournalError, Row, hex};
pub use tree::{Hash, Tree, inclusion, leaf, root_of};

/// A proof may be no longer than this: it fits a QR code or the line of an e-mail.
pub const LONGEST_PROOF: usize = 1024;

/// What one portfolio's journal was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortfolioHead {
    /// Whose journal.
    pub portfolio: u32,
    /// Its rows.
    pub rows: u64,
    /// Its events.
    pub events: u64,
    /// BLAKE3 over the bytes of all events.
    pub digest: Hash,
    /// The chain after the last row.
    pub chain: Hash,
    /// Root of the tree over its events.
    pub root: Hash,
}

/// What a store of journals was at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// When it was taken.
    pub taken: Timestamp,
    /// Its portfolios, rising by number.
    pub portfolios: Vec<PortfolioHead>,
}

/// A head that somebody signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// What was signed.
    pub head: Head,
    /// Ed25519 public key (RFC 8032).
    pub key: [u8; 32],
    /// Its signature over [`Head::message`].
    pub signature: [u8; 64],
}

/// How a journal differs from a head that was kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It is not sound by itself.
    #[error("portfolio {portfolio}: {why}")]
    Journal {
        /// Whose journal.
        portfolio: u32,
        /// What is wrong.
        why: JournalError,
    },
    /// Events are gone.
    #[error("portfolio {portfolio} has {found} events; the head of {taken} was over {expected}: its end was cut off")]
    Shorter {
        /// Whose journal.
        portfolio: u32,
        /// Events found.
        found: u64,
        /// Events that the head is over.
        expected: u64,
        /// When the head was taken.
        taken: Timestamp,
    },
    /// Events are others than they were.
    #[error(
        "portfolio {portfolio}: its first {events} events have the digest {found}; the head of {taken} has {expected}: \
         history was rewritten"
    )]
    Rewritten {
        /// Whose journal.
        portfolio: u32,
        /// Events that the head is over.
        events: u64,
        /// Digest found.
        found: String,
        /// Digest of the head.
        expected: String,
        /// When the head was taken.
        taken: Timestamp,
    },
    /// The rows are divided otherwise, though the events are the same.
    #[error(
        "portfolio {portfolio}: after row {rows} its chain is {found}; the head of {taken} has {expected}: rows were \
         written anew"
    )]
    Rows {
        /// Whose journal.
        portfolio: u32,
        /// Rows that the head is over.
        rows: u64,
        /// Chain found.
        found: String,
        /// Chain of the head.
        expected: String,
        /// When the head was taken.
        taken: Timestamp,
    },
}

/// One portfolio's journal as it is read row by row: its chain, and the tree over its events.
#[derive(Clone, Debug)]
pub struct Growing {
    portfolio: u32,
    rows: u64,
    chain: Chain,
    tree: Tree,
}

impl Growing {
    /// Before the first row.
    #[must_use]
    pub fn new(portfolio: u32) -> Self {
        Growing { portfolio, rows: 0, chain: Chain::new(portfolio), tree: Tree::default() }
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// [`JournalError`] if it does not continue the journal, or does not hold the events that it says.
    pub fn follow(&mut self, row: &Row) -> Result<(), JournalError> {
        self.chain.follow(row)?;
        for bytes in event_bytes(row)? {
            self.tree.add(leaf(bytes));
        }
        self.rows = row.row;
        Ok(())
    }

    /// What it is now.
    #[must_use]
    pub fn head(&self) -> PortfolioHead {
        PortfolioHead {
            portfolio: self.portfolio,
            rows: self.rows,
            events: self.chain.events(),
            digest: self.chain.digest(),
            chain: self.chain.head(),
            root: self.tree.root(),
        }
    }
}

/// The bytes of each event of a row.
///
/// # Errors
/// [`JournalError`] if they are not as many events as the row says.
pub fn event_bytes(row: &Row) -> Result<Vec<&[u8]>, JournalError> {
    let mut found = Vec::with_capacity(row.events as usize);
    let mut rest = row.bytes.as_slice();
    while !rest.is_empty() {
        let event = row.first_event + found.len() as u64;
        let length = codec::length(rest).map_err(|why| JournalError::Codec { row: row.row, event, why })?;
        let (one, after) = rest.split_at(length);
        found.push(one);
        rest = after;
    }
    let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
    if count == row.events {
        Ok(found)
    } else {
        Err(JournalError::Count { row: row.row, found: count, said: row.events })
    }
}

impl PortfolioHead {
    /// The head of these rows.
    ///
    /// # Errors
    /// [`JournalError`], the first.
    pub fn of(portfolio: u32, rows: &[Row]) -> Result<PortfolioHead, JournalError> {
        let mut growing = Growing::new(portfolio);
        rows.iter().try_for_each(|row| growing.follow(row))?;
        Ok(growing.head())
    }

    /// Its leaf in the tree over the portfolios.
    fn leaf(&self) -> Hash {
        let mut bytes = Vec::with_capacity(116);
        bytes.extend_from_slice(&self.portfolio.to_le_bytes());
        bytes.extend_from_slice(&self.rows.to_le_bytes());
        bytes.extend_from_slice(&self.events.to_le_bytes());
        bytes.extend_from_slice(&self.digest);
        bytes.extend_from_slice(&self.chain);
        bytes.extend_from_slice(&self.root);
        leaf(&bytes)
    }

    /// Whether the rows of a journal still begin as this head says; they may have grown.
    ///
    /// # Errors
    /// [`HeadError`], the first difference.
    pub fn holds(&self, taken: Timestamp, rows: &[Row]) -> Result<(), HeadError> {
        let PortfolioHead { portfolio, rows: at, events: expected, .. } = *self;
        let bad = |why| HeadError::Journal { portfolio, why };
        let mut growing = Growing::new(portfolio);
        let mut then = (expected == 0).then(|| growing.head());
        for row in rows {
            growing.follow(row).map_err(bad)?;
            if growing.chain.events() == expected && then.is_none() {
                then = Some(growing.head());
            }
        }
        let found = growing.chain.events();
        if found < expected {
            return Err(HeadError::Shorter { portfolio, found, expected, taken });
        }
        let rewritten = |found: String| HeadError::Rewritten {
            portfolio,
            events: expected,
            found,
            expected: hex(&self.digest),
            taken,
        };
        let Some(then) = then else { return Err(rewritten("none: no row ends there".to_owned())) };
        if (then.digest, then.root) != (self.digest, self.root) {
            return Err(rewritten(hex(&then.digest)));
        }
        if (then.rows, then.chain) != (at, self.chain) {
            let (found, expected) = (hex(&then.chain), hex(&self.chain));
            return Err(HeadError::Rows { portfolio, rows: at, found, expected, taken });
        }
        Ok(())
    }
}

impl Head {
    /// Root of the tree over the portfolios.
    #[must_use]
    pub fn root(&self) -> Hash {
        let leaves: Vec<Hash> = self.portfolios.iter().map(PortfolioHead::leaf).collect();
        root_of(&leaves)
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        message(self.taken, self.portfolios.len() as u64, &self.root())
    }

    /// The portfolio of that number.
    #[must_use]
    pub fn portfolio(&self, portfolio: u32) -> Option<&PortfolioHead> {
        self.portfolios.iter().find(|head| head.portfolio == portfolio)
    }
}

fn message(taken: Timestamp, portfolios: u64, root: &Hash) -> Vec<u8> {
    let mut bytes = b"all-use head 1\n".to_vec();
    bytes.extend_from_slice(&taken.as_second().to_le_bytes());
    bytes.extend_from_slice(&portfolios.to_le_bytes());
    bytes.extend_from_slice(root);
    bytes
}

/// What a proof says of its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The event's bytes.
    Event(Vec<u8>),
    /// Only the leaf, where the bytes would be too many.
    Leaf(Hash),
}

/// That an event stood under a signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What is proved.
    pub claim: Claim,
    /// Number of the event, from 1.
    pub event: u64,
    /// The hashes beside the way from its leaf to the portfolio's root.
    pub path: Vec<Hash>,
    /// The portfolio's head; its root follows from the path.
    pub head: PortfolioHead,
    /// Place of the portfolio in the head, from 0, and how many it has.
    pub place: (u64, u64),
    /// The hashes beside the way from there to the head's root.
    pub above: Vec<Hash>,
    /// When the head was taken.
    pub taken: Timestamp,
    /// The signature over the head's message.
    pub signature: [u8; 64],
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The numbers do not fit the paths.
    #[error("the proof's path does not fit event {event} of {events}; it was cut or altered")]
    Path {
        /// The event.
        event: u64,
        /// Events in all.
        events: u64,
    },
    /// The event is not under that root.
    #[error("the event does not stand under the portfolio's root; the event or the proof was altered")]
    NotUnder,
    /// The portfolio is not in the head.
    #[error("the portfolio does not stand in the head; the proof was altered")]
    NotIn,
}

impl Proof {
    /// The proof of event number `event` of one portfolio's rows, which `signed` is over.
    ///
    /// # Errors
    /// [`HeadError`] if the journal is not the one that was signed.
    ///
    /// # Panics
    /// If the head has no such portfolio, or the portfolio no such event.
    pub fn of(signed: &SignedHead, portfolio: u32, rows: &[Row], event: u64) -> Result<Proof, HeadError> {
        let place = signed.head.portfolios.iter().position(|head| head.portfolio == portfolio);
        let place = place.expect("the head has the portfolio");
        let head = signed.head.portfolios[place].clone();
        head.holds(signed.head.taken, rows)?;
        assert!((1..=head.events).contains(&event), "event {event} of {}", head.events);
        let mut leaves = Vec::with_capacity(usize::try_from(head.events).unwrap_or(0));
        let mut claim = Vec::new();
        for row in rows.iter().take_while(|row| row.first_event <= head.events) {
            let events = event_bytes(row).map_err(|why| HeadError::Journal { portfolio, why })?;
            for bytes in events {
                leaves.push(leaf(bytes));
                if leaves.len() as u64 == event {
                    claim = bytes.to_vec();
                }
            }
        }
        let portfolios: Vec<Hash> = signed.head.portfolios.iter().map(PortfolioHead::leaf).collect();
        let mut proof = Proof {
            claim: Claim::Event(claim),
            event,
            path: inclusion(&leaves, usize::try_from(event - 1).expect("an event in memory")),
            head,
            place: (place as u64, portfolios.len() as u64),
            above: inclusion(&portfolios, place),
            taken: signed.head.taken,
            signature: signed.signature,
        };
        if codec::encode_proof(&proof).len() > LONGEST_PROOF {
            proof.claim = Claim::Leaf(proof.claim.leaf());
        }
        Ok(proof)
    }

    /// The bytes that the signature has to be over.
    ///
    /// # Errors
    /// [`ProofError`] if the proof does not hold together.
    pub fn message(&self) -> Result<Vec<u8>, ProofError> {
        let (event, events) = (self.event, self.head.events);
        let under = tree::climb(self.claim.leaf(), event.wrapping_sub(1), events, &self.path);
        if under.ok_or(ProofError::Path { event, events })? != self.head.root {
            return Err(ProofError::NotUnder);
        }
        let root = tree::climb(self.head.leaf(), self.place.0, self.place.1, &self.above).ok_or(ProofError::NotIn)?;
        Ok(message(self.taken, self.place.1, &root))
    }
}

impl Claim {
    fn leaf(&self) -> Hash {
        match self {
            Claim::Event(bytes) => leaf(bytes),
            Claim::Leaf(hash) => *hash,
        }
    }
}
