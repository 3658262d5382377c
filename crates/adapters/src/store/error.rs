//! What can go wrong with stored journals, in sentences.

use std::path::Path;

use rusqlite::ErrorCode;

use super::Place;

/// A fault of one store of journals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("journal {place}: {fault}")]
pub struct StoreError {
    /// The file or database.
    pub place: Place,
    /// What is wrong with it.
    pub fault: StoreFault,
}

/// What is wrong with stored journals, or with what was asked of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Nothing there.
    #[error("there is no such file; expected a journal")]
    Missing,
    /// Something there that a new journal would replace.
    #[error("the file exists already; expected a name that is free")]
    Exists,
    /// Another program's file.
    #[error("the file is not an ALL-USE journal; expected one, and it is left as it is")]
    NotAJournal,
    /// A later version wrote it.
    #[error("it has tables of version {found}; this program knows up to version {known}: use a newer one")]
    Newer {
        /// Version found.
        found: i32,
        /// The newest version that this program reads.
        known: i32,
    },
    /// No right to write.
    #[error("the file or its folder cannot be written to; expected write permission and a journal opened for writing")]
    ReadOnly,
    /// Locked.
    #[error("another program holds the file; expected one writer at a time")]
    InUse,
    /// No room.
    #[error("the disk is full; what was being written is not in the journal")]
    DiskFull,
    /// Bytes that cannot be what was written.
    #[error("it is damaged: {detail}")]
    Damaged {
        /// Where it shows.
        detail: String,
    },
    /// Reading or writing failed.
    #[error("it could not be read or written: {detail}")]
    Io {
        /// What the system said.
        detail: String,
    },
    /// A row that does not follow the last one.
    #[error("portfolio {portfolio}: {field} is {found}; expected {expected}, which continues the journal")]
    Gap {
        /// Whose journal.
        portfolio: u32,
        /// `row` or `first_event`.
        field: &'static str,
        /// As given.
        found: u64,
        /// What would follow.
        expected: u64,
    },
    /// A row that another writer put there.
    #[error("portfolio {portfolio}, row {row}: another program has appended it; expected one writer at a time")]
    Taken {
        /// Whose journal.
        portfolio: u32,
        /// Which row.
        row: u64,
    },
    /// A row without events.
    #[error("portfolio {portfolio}, row {row}: it has no events; expected at least one")]
    NoEvents {
        /// Whose journal.
        portfolio: u32,
        /// Which row.
        row: u64,
    },
    /// Refused because too much waits for the disk.
    #[error("the disk is slow and the queue before it is full; nothing of this was taken: try again later")]
    Busy,
    /// An earlier version wrote it.
    #[error(
        "its tables have version {found}, older than this program's {known}; run `alluse store migrate` on it first"
    )]
    Older {
        /// Version found.
        found: i32,
        /// The version that this program writes.
        known: i32,
    },
    /// Not an address of a database.
    #[error("this is no address of a database: {why}; expected postgres://USER@HOST/DATABASE?schema=NAME")]
    Address {
        /// What is wrong with it.
        why: String,
    },
    /// No schema of ours in the database.
    #[error("there are no journals in schema {schema}; expected one that `alluse store init` made")]
    NoSchema {
        /// The schema.
        schema: String,
    },
    /// A schema that a new store would share with something else.
    #[error("schema {schema} holds {holds} already; expected a schema that is new or empty")]
    Occupied {
        /// The schema.
        schema: String,
        /// What is there.
        holds: &'static str,
    },
    /// Another program's schema.
    #[error("schema {schema} is not one of ALL-USE journals; expected one, and it is left as it is")]
    NotOurSchema {
        /// The schema.
        schema: String,
    },
    /// A database that cannot be reached, or does not let us in.
    #[error("the database cannot be reached: {detail}")]
    Unreachable {
        /// What was said.
        detail: String,
    },
    /// Nothing to know a server by.
    #[error("the root certificates of {from} cannot be used: {why}; expected certificates in PEM, or sslmode=disable")]
    Roots {
        /// Where they were looked for.
        from: String,
        /// Why not.
        why: String,
    },
    /// A database that would acknowledge what it can still lose.
    #[error("the database's {setting} is {found}; expected {expected}, or a commit that it acknowledged could be lost")]
    NotDurable {
        /// Its setting.
        setting: &'static str,
        /// As found.
        found: String,
        /// As it must be.
        expected: &'static str,
    },
    /// A copy that only follows.
    #[error("the database is a standby, which only follows; expected the primary for writing")]
    Standby,
    /// Another writer has the lease.
    #[error(
        "portfolio {portfolio}: {holder} holds the lease (token {token}) for {seconds} more seconds; expected one \
         writer at a time"
    )]
    Held {
        /// Whose journal.
        portfolio: u32,
        /// Who holds it.
        holder: String,
        /// The holder's fencing token.
        token: u64,
        /// By the database's clock, rounded up.
        seconds: u64,
    },
    /// The lease was taken over.
    #[error("portfolio {portfolio}: the lease with token {token} was taken over (token {now}); nothing was appended")]
    Fenced {
        /// Whose journal.
        portfolio: u32,
        /// The token that this writer has.
        token: u64,
        /// The token that holds now.
        now: u64,
    },
    /// The lease ran out before the append.
    #[error(
        "portfolio {portfolio}: the lease with token {token} ran out by the database's clock; nothing was appended"
    )]
    Expired {
        /// Whose journal.
        portfolio: u32,
        /// The token that this writer has.
        token: u64,
    },
    /// A row that the database itself refused.
    #[error("the database refused a row: {detail}; nothing was appended")]
    Refused {
        /// What it said.
        detail: String,
    },
    /// A commit whose answer was lost.
    #[error(
        "the answer to a commit was lost ({detail}): whether the rows are in the journal is known once it is opened \
         again"
    )]
    Unknown {
        /// What was heard instead.
        detail: String,
    },
    /// Refused because an earlier append failed.
    #[error("an earlier append failed, so nothing more is taken; expected the journal to be opened again")]
    Stopped,
}

impl StoreFault {
    pub(super) fn at(self, path: &Path) -> StoreError {
        self.of(&Place::File(path.to_owned()))
    }

    pub(super) fn of(self, place: &Place) -> StoreError {
        StoreError { place: place.clone(), fault: self }
    }
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreFault::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreFault::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                StoreFault::InUse
            }
            Some(ErrorCode::NotADatabase) => StoreFault::NotAJournal,
            Some(ErrorCode::DatabaseCorrupt) => StoreFault::Damaged { detail },
            Some(_) => StoreFault::Io { detail },
            // Not SQLite's word but the binding's: a value of another type or size than the tables promise.
            None => StoreFault::Damaged { detail },
        }
    }
}
