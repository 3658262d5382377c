//! What can go wrong with a journal file, in sentences.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// A fault of one journal file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("journal {}: {fault}", path.display())]
pub struct StoreError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: StoreFault,
}

/// What is wrong with a journal file, or with what was asked of it.
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
    #[error("the file has tables of version {found}; this program knows up to version {known}: use a newer one")]
    Newer {
        /// Version in the file.
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
    #[error("the file is damaged: {detail}")]
    Damaged {
        /// Where it shows.
        detail: String,
    },
    /// Reading or writing failed.
    #[error("the file could not be read or written: {detail}")]
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
    /// Refused because an earlier append failed.
    #[error("an earlier append failed, so nothing more is taken; expected the journal to be opened again")]
    Stopped,
}

impl StoreFault {
    pub(super) fn at(self, path: &Path) -> StoreError {
        StoreError { path: path.to_owned(), fault: self }
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
