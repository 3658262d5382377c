//! Stored journals: many portfolios, appended to and never changed. One interface, [`JournalStore`], and two stores
//! behind it: [`SqliteStore`] keeps them in one file of one machine, [`PostgresStore`] in a database that several use.
//!
//! Rows must continue each portfolio's journal, so that two writers cannot interleave unnoticed. What the bytes mean,
//! and whether the hashes hold, is the engine's affair.

mod error;
mod journals;
mod place;
mod postgres;
mod sqlite;

use engine::Row;

pub use error::{StoreError, StoreFault};
pub use journals::{Durability, JournalStore, Standing};
pub use place::{Address, Location, Place};
pub use postgres::{Lease, POSTGRES_VERSION, PostgresStore};
pub use sqlite::{APPLICATION_ID, GroupStore, GroupThread, SCHEMA_VERSION, SqliteFiles, SqliteStore, Ticket};

/// Where the next row of a portfolio goes.
#[derive(Clone, Copy)]
struct Head {
    row: u64,
    event: u64,
}

/// Rows and events count from 1.
const START: Head = Head { row: 1, event: 1 };

impl Head {
    /// Moves past `row` if it continues the journal here.
    fn advance(&mut self, row: &Row) -> Result<(), StoreFault> {
        let Row { portfolio, row, first_event, events, .. } = *row;
        for (field, found, expected) in [("row", row, self.row), ("first_event", first_event, self.event)] {
            if found != expected {
                return Err(StoreFault::Gap { portfolio, field, found, expected });
            }
        }
        if events == 0 {
            return Err(StoreFault::NoEvents { portfolio, row });
        }
        *self = Head { row: row.saturating_add(1), event: first_event.saturating_add(u64::from(events)) };
        Ok(())
    }
}

/// A gap found in the store is damage, where one in an append is the caller's mistake.
fn damaged(fault: StoreFault) -> StoreFault {
    StoreFault::Damaged { detail: fault.to_string() }
}

/// Both databases' integers are signed; half the range is enough for more events than can ever be written.
fn signed(number: u64) -> Result<i64, StoreFault> {
    i64::try_from(number).map_err(|_| StoreFault::Io { detail: format!("{number} is beyond the largest row number") })
}

fn unsigned(number: i64) -> Result<u64, StoreFault> {
    u64::try_from(number)
        .map_err(|_| StoreFault::Damaged { detail: format!("a count is {number}; expected 0 or more") })
}
