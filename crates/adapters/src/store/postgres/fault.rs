//! What PostgreSQL's refusals mean for a journal.

use postgres::error::SqlState;

use super::super::StoreFault;
use super::super::place::reason;

/// The database's own word, raised by the journal's trigger: no lease holds.
const NO_LEASE: &str = "AU001";

impl From<postgres::Error> for StoreFault {
    fn from(error: postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let detail = reason(&error);
            return StoreFault::Unreachable { detail };
        };
        let detail = said.message().to_owned();
        let code = said.code();
        match code.code() {
            NO_LEASE => return StoreFault::Refused { detail },
            "25006" | "42501" => return StoreFault::ReadOnly,
            "53100" => return StoreFault::DiskFull,
            _ => {}
        }
        if [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::QUERY_CANCELED].contains(code) {
            return StoreFault::InUse;
        }
        match &code.code()[..2] {
            "23" | "AU" | "P0" => StoreFault::Refused { detail },
            "XX" => StoreFault::Damaged { detail },
            "08" | "28" | "3D" | "57" => StoreFault::Unreachable { detail },
            _ => StoreFault::Io { detail },
        }
    }
}

/// What a failed commit means. The database says that it rolled back where a row broke a rule; anything else, a broken
/// connection above all, leaves open whether the commit took place.
pub(super) fn of_commit(error: postgres::Error) -> StoreFault {
    let rolled_back = error.code().is_some_and(|code| ["23", "40", "AU", "P0"].contains(&&code.code()[..2]));
    match rolled_back {
        true => error.into(),
        false => StoreFault::Unknown { detail: reason(&error) },
    }
}
