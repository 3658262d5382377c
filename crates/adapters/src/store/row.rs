//! A stored row: one batch of one portfolio's events.

/// One batch of one portfolio's events with the two hashes that bind it to the rows before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose journal.
    pub portfolio: u32,
    /// Position in that journal, from 0.
    pub row: u64,
    /// Number of its first event in that journal, from 0.
    pub first_event: u64,
    /// How many events it holds, at least one.
    pub events: u32,
    /// The events, encoded.
    pub bytes: Vec<u8>,
    /// Hash over all event bytes of the portfolio to here, however batched.
    pub digest: [u8; 32],
    /// Hash over this row and the chain before it.
    pub chain: [u8; 32],
}

/// A [`Row`] whose bytes lie in the store's own page, for one sweep over a long journal without copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowRef<'a> {
    /// Whose journal.
    pub portfolio: u32,
    /// Position in that journal, from 0.
    pub row: u64,
    /// Number of its first event in that journal, from 0.
    pub first_event: u64,
    /// How many events it holds.
    pub events: u32,
    /// The events, encoded.
    pub bytes: &'a [u8],
    /// Hash over all event bytes of the portfolio to here.
    pub digest: [u8; 32],
    /// Hash over this row and the chain before it.
    pub chain: [u8; 32],
}

impl RowRef<'_> {
    /// A copy that outlives the sweep.
    #[must_use]
    pub fn to_row(&self) -> Row {
        let RowRef { portfolio, row, first_event, events, bytes, digest, chain } = *self;
        Row { portfolio, row, first_event, events, bytes: bytes.to_vec(), digest, chain }
    }
}
