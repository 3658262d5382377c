//! Why a report cannot be given.

use engine::state::Impossible;
use ledger::{StructureId, TransactionId};
use market::time::Week;
use protocol::policy::PolicyError;

/// Why a report cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// No events, or a first one that is not the opening.
    #[error("the journal does not begin with its opening; expected its first event to be the opening")]
    NotOpened,
    /// The policy text in the opening cannot be read.
    #[error("the journal's policy cannot be read: {0}")]
    Policy(PolicyError),
    /// An event that cannot follow what came before it.
    #[error("the journal does not fold: {0}")]
    Impossible(#[from] Impossible),
    /// The books, kept a second time, do not say what the first ones do.
    #[error("transaction {transaction}: {what} when the entries are booked a second time")]
    Daybook {
        /// Which transaction.
        transaction: TransactionId,
        /// What differs.
        what: String,
    },
    /// A structure that was never founded.
    #[error("there is no structure {structure} in the journal; it has {first} to {last}")]
    NoSuchStructure {
        /// The structure that was asked for.
        structure: StructureId,
        /// The first that was founded.
        first: StructureId,
        /// The last that was founded.
        last: StructureId,
    },
    /// The journal holds no weekly close.
    #[error("the journal holds no weekly close yet")]
    NoClose,
    /// The journal holds no close of that week.
    #[error("the journal holds no close of week {week}; it has {first} to {last}")]
    NoSuchWeek {
        /// The week that was asked for.
        week: Week,
        /// The first week with a close.
        first: Week,
        /// The last week with a close.
        last: Week,
    },
    /// An id that names nothing in the journal.
    #[error(
        "nothing in the journal is called {id:?}; expected a week (2020-W12), a day (2020-08-31), an order (o1.1.42), \
         an event (#123), a sleeve's week (1.Gen/2020-W12), a symbol's week (TSLA/2020-W35), a fork (fork/2, \
         fork/1.Gen), a merge (merge/2) or a sleeve's locks (lock/1.Gen){nearest}"
    )]
    UnknownId {
        /// The id that was asked for.
        id: String,
        /// The nearest that exists, as the end of the sentence; empty where nothing is near.
        nearest: String,
    },
}
