//! The journal's rows: one per portfolio and batch, with a digest of all event bytes and a chain over the rows.
//!
//! The *digest* is BLAKE3 over the bytes of all events so far, in order, whatever batches they came in: the same for
//! replay, backtest and the live loop. The *chain* hashes each row together with the chain before it, so that no row
//! can be altered, dropped or moved unseen.

use crate::codec::{self, CodecError};
use crate::event::Event;
use crate::restore::Writer;

/// One batch of one portfolio's events, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose events.
    pub portfolio: u32,
    /// Rises by one from 1.
    pub row: u64,
    /// Number of its first event, from 1 over the whole journal.
    pub first_event: u64,
    /// How many events.
    pub events: u32,
    /// Their bytes, one after the other.
    pub bytes: Vec<u8>,
    /// BLAKE3 over the bytes of all events up to and with this row.
    pub digest: [u8; 32],
    /// BLAKE3 over the chain before, and this row's numbers and digest.
    pub chain: [u8; 32],
}

/// Why a stored journal is not sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// A row that does not continue the one before.
    #[error("row {row} begins with event {found}, expected row {expected_row} with event {expected}")]
    Gap {
        /// The row.
        row: u64,
        /// Its first event.
        found: u64,
        /// The row that was expected.
        expected_row: u64,
        /// The first event that was expected.
        expected: u64,
    },
    /// Bytes that the digest does not match.
    #[error("row {row} (events {first} to {last}): its bytes do not match its digest; they were altered")]
    Altered {
        /// The row.
        row: u64,
        /// Its first event.
        first: u64,
        /// Its last event.
        last: u64,
    },
    /// A row whose chain does not follow from the one before.
    #[error("row {row}: its chain does not follow from the row before; a row was altered, dropped or moved")]
    Broken {
        /// The row.
        row: u64,
    },
    /// Bytes that are not events.
    #[error("row {row}, event {event}: {why}")]
    Codec {
        /// The row.
        row: u64,
        /// The event.
        event: u64,
        /// What is wrong with its bytes.
        why: CodecError,
    },
    /// A newer program wrote it, or went on with it.
    #[error("a newer program wrote it (version {program}, schema {schema}); this one knows schemas up to {known}")]
    Newer {
        /// That program's version.
        program: String,
        /// Its schema.
        schema: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// A row that says it holds another number of events than it does.
    #[error("row {row} holds {found} events, but says {said}")]
    Count {
        /// The row.
        row: u64,
        /// Events found.
        found: u32,
        /// Events that it says it holds.
        said: u32,
    },
    /// Nothing at all.
    #[error("the journal of portfolio {0} is empty")]
    Empty(u32),
}

/// Digest and chain as they grow.
#[derive(Clone, Debug)]
pub struct Chain {
    portfolio: u32,
    rows: u64,
    events: u64,
    hasher: blake3::Hasher,
    chain: [u8; 32],
}

impl Chain {
    /// The chain before a portfolio's first row.
    #[must_use]
    pub fn new(portfolio: u32) -> Self {
        Chain { portfolio, rows: 0, events: 0, hasher: blake3::Hasher::new(), chain: [0; 32] }
    }

    /// BLAKE3 over the bytes of all events so far.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }

    /// The chain after the last row.
    #[must_use]
    pub const fn head(&self) -> [u8; 32] {
        self.chain
    }

    /// Events so far.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Makes the next row of `events`; `None` if there are none.
    #[must_use]
    pub fn seal(&mut self, events: &[Event]) -> Option<Row> {
        let mut bytes = Vec::with_capacity(events.len() * 96);
        events.iter().for_each(|event| codec::encode(event, &mut bytes));
        let count = u32::try_from(events.len()).expect("a batch is far below four billion events");
        (count > 0).then(|| self.add(bytes, count))
    }

    fn add(&mut self, bytes: Vec<u8>, events: u32) -> Row {
        self.hasher.update(&bytes);
        let digest = self.digest();
        let mut row = Row {
            portfolio: self.portfolio,
            row: self.rows + 1,
            first_event: self.events + 1,
            events,
            bytes,
            digest,
            chain: [0; 32],
        };
        row.chain = link(&self.chain, &row);
        self.rows += 1;
        self.events += u64::from(events);
        self.chain = row.chain;
        row
    }

    /// Checks that `row` continues this chain, and moves on to it.
    ///
    /// # Errors
    /// [`JournalError`] naming the row.
    pub fn follow(&mut self, row: &Row) -> Result<(), JournalError> {
        let (expected_row, expected) = (self.rows + 1, self.events + 1);
        if row.row != expected_row || row.first_event != expected || row.portfolio != self.portfolio {
            return Err(JournalError::Gap { row: row.row, found: row.first_event, expected_row, expected });
        }
        self.hasher.update(&row.bytes);
        if self.digest() != row.digest {
            let last = row.first_event + u64::from(row.events).saturating_sub(1);
            return Err(JournalError::Altered { row: row.row, first: row.first_event, last });
        }
        let chain = link(&self.chain, row);
        if chain != row.chain {
            return Err(JournalError::Broken { row: row.row });
        }
        self.rows += 1;
        self.events += u64::from(row.events);
        self.chain = chain;
        Ok(())
    }
}

fn link(before: &[u8; 32], row: &Row) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&row.portfolio.to_le_bytes());
    hasher.update(&row.row.to_le_bytes());
    hasher.update(&row.first_event.to_le_bytes());
    hasher.update(&row.events.to_le_bytes());
    hasher.update(&row.digest);
    *hasher.finalize().as_bytes()
}

/// Shows the events of one row, whose place in the chain is the caller's affair, in order.
///
/// # Errors
/// [`JournalError`] if the bytes are not as many events as it says; those before were shown.
pub fn for_each(row: &Row, visit: &mut impl FnMut(Event)) -> Result<(), JournalError> {
    let mut rest = row.bytes.as_slice();
    let mut found = 0u32;
    while !rest.is_empty() {
        let at = |why| JournalError::Codec { row: row.row, event: row.first_event + u64::from(found), why };
        let (event, length) = codec::decode(rest).map_err(at)?;
        // Before anything of it is met that is not known here.
        if let Some(Writer { program, schema }) = Writer::of(&event).filter(|writer| !writer.is_known()) {
            return Err(JournalError::Newer { program: program.to_owned(), schema, known: codec::SCHEMA });
        }
        rest = &rest[length..];
        found = found.saturating_add(1);
        visit(event);
    }
    if found == row.events { Ok(()) } else { Err(JournalError::Count { row: row.row, found, said: row.events }) }
}

/// Shows the events of a portfolio's rows in order, digest and chain checked on the way, and keeps none: for a fold,
/// which needs one at a time. An event is shown once its row was checked.
///
/// # Errors
/// [`JournalError`], the first.
pub fn walk(portfolio: u32, rows: &[Row], mut visit: impl FnMut(Event)) -> Result<Chain, JournalError> {
    if rows.is_empty() {
        return Err(JournalError::Empty(portfolio));
    }
    let mut chain = Chain::new(portfolio);
    for row in rows {
        chain.follow(row)?;
        for_each(row, &mut visit)?;
    }
    Ok(chain)
}

/// All events of a portfolio's rows, digest and chain checked on the way.
///
/// # Errors
/// [`JournalError`], the first.
pub fn read(portfolio: u32, rows: &[Row]) -> Result<(Vec<Event>, Chain), JournalError> {
    // A row may say that it holds more events than it does; no event takes less than four bytes.
    let most = |row: &Row| (row.events as usize).min(row.bytes.len() / 4);
    let mut all = Vec::with_capacity(rows.iter().map(most).sum());
    let chain = walk(portfolio, rows, |event| all.push(event))?;
    Ok((all, chain))
}

/// A hash as people compare it: the first 16 hexadecimal digits, or all 64.
#[must_use]
pub fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|b| format!("{b:02x}")).collect()
}
