//! Why a command failed, and the exit code that says so.

use std::io;
use std::path::Path;

/// A failed command. Each says in sentences what was found where, and what was expected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A check found something (exit code 1).
    #[error("{0}")]
    Check(String),
    /// What was asked for does not exist or cannot be (exit code 2).
    #[error("{0}")]
    Usage(String),
    /// Price history, a policy or a model that cannot be used (exit code 3).
    #[error("{0}")]
    Data(String),
    /// A journal that is missing, damaged or not ours (exit code 4).
    #[error("{0}")]
    Journal(String),
    /// The machine refused: a folder, a disk, memory (exit code 5).
    #[error("{0}")]
    System(String),
    /// Output that could not be written (exit code 5).
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// A file or folder that the machine refused.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Failure {
        Failure::System(format!("{}: {error}", path.display()))
    }

    /// The exit code, as the help lists them.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Check(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Data(_) => 3,
            Failure::Journal(_) => 4,
            Failure::System(_) | Failure::Output(_) => 5,
        }
    }

    /// Whether the reader of our output has left.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Failure::Output(e) if e.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<adapters::store::StoreError> for Failure {
    /// A full disk or a missing permission is the machine's; anything else is the journal's.
    fn from(error: adapters::store::StoreError) -> Failure {
        use adapters::store::StoreFault;
        match error.fault {
            StoreFault::DiskFull
            | StoreFault::ReadOnly
            | StoreFault::InUse
            | StoreFault::Io { .. }
            | StoreFault::Unreachable { .. }
            | StoreFault::Unknown { .. }
            | StoreFault::NotDurable { .. }
            | StoreFault::Standby
            | StoreFault::Held { .. } => Failure::System(error.to_string()),
            StoreFault::Address { .. } => Failure::Usage(error.to_string()),
            _ => Failure::Journal(error.to_string()),
        }
    }
}
