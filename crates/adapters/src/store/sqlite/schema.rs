//! The tables of a journal file, and how a file is told to be one of ours.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreFault;

/// Marks a file as a journal of this program, in the header of the file: `ALUS`.
pub const APPLICATION_ID: i32 = i32::from_be_bytes(*b"ALUS");

/// Version of the tables below. It rises with each change, and a file with a higher one is refused; earlier ones are
/// read and written for ever.
pub const SCHEMA_VERSION: i32 = 2;

/// How a file finds the rows of one portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Version 1: by a key that is kept with every row.
    Keyed,
    /// Version 2: by an index that is brought up to date in lumps, and by looking through the rows after it.
    Placed,
}

impl Layout {
    pub(super) const NEWEST: Layout = Layout::Placed;

    pub(super) const fn version(self) -> i32 {
        match self {
            Layout::Keyed => 1,
            Layout::Placed => SCHEMA_VERSION,
        }
    }
}

/// Rows lie in the order of their appending, so that a group of many portfolios' rows fills the same few pages. A key
/// over portfolio and row would touch a page of each portfolio with each group, and every page touched goes to the log:
/// so the rows' places are entered in lumps, `placed` says how far (docs/decisions has the measurement). The triggers
/// refuse what an append-only journal never does, whichever program tries it. There is none on insert: beside the
/// checks it would make SQLite copy each page before each row, at half the speed. What another program's REPLACE does
/// to a row, the chain over the rows shows.
const TABLES: &str = "
CREATE TABLE journal_row (
  position    INTEGER PRIMARY KEY,
  portfolio   INTEGER NOT NULL CHECK (portfolio BETWEEN 0 AND 4294967295),
  row         INTEGER NOT NULL CHECK (row >= 1),
  first_event INTEGER NOT NULL CHECK (first_event >= 1),
  events      INTEGER NOT NULL CHECK (events BETWEEN 1 AND 4294967295),
  bytes       BLOB    NOT NULL,
  digest      BLOB    NOT NULL CHECK (length(digest) = 32),
  chain       BLOB    NOT NULL CHECK (length(chain) = 32)
) STRICT;

CREATE TABLE row_place (
  portfolio INTEGER NOT NULL,
  row       INTEGER NOT NULL,
  position  INTEGER NOT NULL REFERENCES journal_row (position),
  PRIMARY KEY (portfolio, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE placed (
  only    INTEGER PRIMARY KEY CHECK (only = 1),
  through INTEGER NOT NULL
) STRICT;

INSERT INTO placed VALUES (1, 0);

CREATE VIEW unplaced_row AS
SELECT * FROM journal_row WHERE position > coalesce((SELECT through FROM placed), 0);

CREATE TRIGGER journal_row_never_changes BEFORE UPDATE ON journal_row
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;

CREATE TRIGGER journal_row_never_goes BEFORE DELETE ON journal_row
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;

CREATE TRIGGER row_place_never_changes BEFORE UPDATE ON row_place
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;

CREATE TRIGGER row_place_never_goes BEFORE DELETE ON row_place
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;

CREATE TRIGGER placed_only_grows BEFORE UPDATE ON placed WHEN NEW.through < OLD.through
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;

CREATE TRIGGER placed_never_goes BEFORE DELETE ON placed
BEGIN SELECT RAISE(ABORT, 'a journal is append-only'); END;
";

/// Rows that the index does not know yet, entered into it by portfolio.
const PLACE: &str = "INSERT INTO row_place SELECT portfolio, row, position FROM unplaced_row ORDER BY portfolio, row";
const PLACED: &str = "UPDATE placed SET through = coalesce((SELECT max(position) FROM journal_row), 0)";

/// Tables of version 1 make room, and their rows follow in the order of their appending.
const KEYED_AWAY: &str = "
DROP TRIGGER IF EXISTS journal_row_never_changes;
DROP TRIGGER IF EXISTS journal_row_never_goes;
ALTER TABLE journal_row RENAME TO keyed_row;
";
const KEYED_OVER: &str = "
INSERT INTO journal_row (portfolio, row, first_event, events, bytes, digest, chain)
SELECT portfolio, row, first_event, events, bytes, digest, chain FROM keyed_row ORDER BY rowid;
DROP TABLE keyed_row;
";

/// Bytes in a page: large enough that most rows need no overflow page, small enough that one durable row is cheap.
const PAGE_SIZE: i32 = 8192;

/// Makes an empty journal of a new file.
pub(super) fn create(connection: &mut Connection) -> Result<(), StoreFault> {
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.execute_batch(TABLES)?;
    transaction.commit()?;
    Ok(())
}

/// Enters all rows into the index, in the caller's transaction.
pub(super) fn place(connection: &Connection) -> Result<(), StoreFault> {
    connection.prepare_cached(PLACE)?.execute([])?;
    connection.prepare_cached(PLACED)?.execute([])?;
    Ok(())
}

/// Brings tables of version 1 to this version, all in one transaction: at any moment the file has the one or the other.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in [KEYED_AWAY, TABLES, KEYED_OVER] {
        transaction.execute_batch(step)?;
    }
    place(&transaction)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// Bytes at the start of a file that show whether it may be a journal whose making was cut off.
pub(super) const START: usize = 101;

/// Whether a file that cannot be read as a database may be a journal whose making was cut off: it begins as one of ours
/// does, as far as it was written (<https://www.sqlite.org/fileformat.html>, 1.3). Other programs' files do not.
pub(super) fn may_be_cut_off(start: &[u8]) -> bool {
    let so_far =
        |at: usize, of: &[u8]| start.iter().skip(at).zip(of).all(|(found, ours)| *found == *ours || *found == 0);
    let is_ours = start.get(68..72) == Some(&APPLICATION_ID.to_be_bytes());
    let has_no_tree = start.get(100).is_none_or(|kind| *kind == 0);
    so_far(0, b"SQLite format 3\0") && so_far(68, &APPLICATION_ID.to_be_bytes()) && (is_ours || has_no_tree)
}

/// Refuses a file that is not a journal of ours, or newer than this program.
pub(super) fn verify(connection: &Connection) -> Result<Layout, StoreFault> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    if number("application_id")? != APPLICATION_ID {
        return Err(StoreFault::NotAJournal);
    }
    match number("user_version")? {
        1 => Ok(Layout::Keyed),
        SCHEMA_VERSION => Ok(Layout::Placed),
        found if found > SCHEMA_VERSION => Err(StoreFault::Newer { found, known: SCHEMA_VERSION }),
        found => Err(StoreFault::Damaged { detail: format!("its table version is {found}, which never existed") }),
    }
}
