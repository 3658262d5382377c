//! Journals in a file of SQLite.
//!
//! [`SqliteStore::append`] writes many rows in one transaction and returns when they are on the disk (write-ahead log,
//! full sync). After a failed append the store takes nothing more: what a failed sync left behind is known only after
//! the file is opened again.

mod atomic;
mod group;
mod opening;
mod read;
mod schema;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use engine::Row;
use rusqlite::{Connection, params};

use super::{Durability, Head, Place, START, StoreError, StoreFault, damaged, signed, unsigned};
use atomic::Partial;
pub use group::{GroupStore, GroupThread, Ticket};
pub use opening::SqliteFiles;
use schema::Layout;
pub use schema::{APPLICATION_ID, SCHEMA_VERSION};

const INSERT: &str = "INSERT INTO journal_row (portfolio, row, first_event, events, bytes, digest, chain)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/// Rows that the index may not know yet: few enough to look through.
const LUMP: u64 = 1024;

/// A journal file.
pub struct SqliteStore {
    // Before `partial`: the file is closed before it is removed.
    connection: Connection,
    layout: Layout,
    path: PathBuf,
    known: Known,
    lump: u64,
    stopped: bool,
    partial: Option<Partial>,
}

/// What the file held when it was last looked at.
#[derive(Default)]
struct Known {
    /// SQLite's count of what others have changed; none before the first look.
    version: Option<i64>,
    heads: BTreeMap<u32, Head>,
    /// The last row's place, and the last that the index knows.
    last: i64,
    placed: i64,
}

impl SqliteStore {
    /// Makes a new journal and opens it for writing.
    ///
    /// # Errors
    /// [`StoreFault::Exists`] if there is a file of that name, or why it cannot be written.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        SqliteFiles::of_system().create(path)
    }

    /// Opens a journal for reading and writing.
    ///
    /// # Errors
    /// If it is missing, not ours, newer than this program, damaged, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        SqliteFiles::of_system().open(path)
    }

    /// Opens a journal for reading only, beside a writer if there is one; appends to it are refused.
    ///
    /// # Errors
    /// If it is missing, not ours, newer than this program or damaged.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        SqliteFiles::of_system().open_read_only(path)
    }

    /// Starts a journal that appears at `path`, whole, when [`Self::finish`] is called. Until then it grows as
    /// `path.partial` beside it, without a sync per append; dropped unfinished, it is removed. A journal of ours that
    /// stands at `path` is replaced in that moment; anything else there is refused now.
    ///
    /// # Errors
    /// If `path` holds something that is not a journal, another program writes the same one, or the folder cannot be
    /// written.
    pub fn create_atomically(path: &Path) -> Result<Self, StoreError> {
        SqliteFiles::of_system().create_atomically(path)
    }

    fn over(connection: Connection, layout: Layout, path: &Path, partial: Option<Partial>) -> Self {
        let (path, known) = (path.to_owned(), Known::default());
        SqliteStore { connection, layout, path, known, lump: LUMP, stopped: false, partial }
    }

    /// Appends rows of any portfolios in one transaction; they are on the disk when it returns.
    ///
    /// # Errors
    /// If a row does not continue its portfolio's journal, or why the file could not be written. Nothing of the batch
    /// is acknowledged then, and every later append is refused.
    pub fn append(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        if self.stopped {
            return Err(StoreFault::Stopped.at(&self.path));
        }
        self.stopped = true;
        self.transact(rows).map_err(|fault| {
            // The transaction may be gone already (a full disk ends it); the store is stopped either way.
            let _ = self.connection.execute_batch("ROLLBACK");
            fault.at(&self.path)
        })?;
        self.stopped = false;
        Ok(())
    }

    fn transact(&mut self, rows: &[Row]) -> Result<(), StoreFault> {
        let Self { connection, layout, known, .. } = self;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let others_wrote = known.look(connection, *layout)?;
        let mut insert = connection.prepare_cached(INSERT)?;
        for row in rows {
            let head = match known.heads.entry(row.portfolio) {
                Entry::Occupied(head) => head.into_mut(),
                Entry::Vacant(free) => free.insert(layout.placed_head(connection, row.portfolio)?.unwrap_or(START)),
            };
            if others_wrote && row.row < head.row {
                return Err(StoreFault::Taken { portfolio: row.portfolio, row: row.row });
            }
            head.advance(row)?;
            insert.execute(params![
                row.portfolio,
                signed(row.row)?,
                signed(row.first_event)?,
                row.events,
                row.bytes,
                row.digest,
                row.chain
            ])?;
        }
        if !rows.is_empty() {
            known.last = connection.last_insert_rowid();
        }
        if *layout == Layout::Placed && known.last.abs_diff(known.placed) >= self.lump {
            schema::place(connection)?;
            known.placed = known.last;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// Visits a portfolio's rows from `from_row` on, in order, one in memory at a time. The visitor's error ends the
    /// sweep and comes back as the inner result.
    ///
    /// # Errors
    /// If the file cannot be read, or a row in it does not continue the one before.
    pub fn for_each_row<E>(
        &self,
        portfolio: u32,
        from_row: u64,
        visit: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreError> {
        self.layout.sweep(&self.connection, portfolio, from_row, visit).map_err(|fault| fault.at(&self.path))
    }

    /// A portfolio's rows in order; none for a portfolio that the file does not know.
    ///
    /// # Errors
    /// If the file cannot be read, or a row in it does not continue the one before.
    pub fn rows(&self, portfolio: u32) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        let gathered = self.for_each_row(portfolio, 0, |row| -> Result<(), std::convert::Infallible> {
            rows.push(row.clone());
            Ok(())
        })?;
        match gathered {
            Ok(()) => Ok(rows),
            Err(never) => match never {},
        }
    }

    /// The portfolios that the file holds, rising.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn portfolios(&self) -> Result<Vec<u32>, StoreError> {
        self.layout.portfolios(&self.connection).map_err(|fault| fault.at(&self.path))
    }

    /// Holds what the file says now for all reads to come, whatever a writer beside adds.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn hold(&self) -> Result<(), StoreError> {
        let begin = || -> Result<(), StoreFault> {
            self.connection.execute_batch("BEGIN")?;
            // A transaction begins with its first read.
            self.connection.query_row("SELECT count(*) FROM (SELECT 1 FROM journal_row LIMIT 1)", [], |_| Ok(()))?;
            Ok(())
        };
        begin().map_err(|fault| fault.at(&self.path))
    }

    /// How many rows a portfolio has.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn head(&self, portfolio: u32) -> Result<u64, StoreError> {
        let head = self.layout.head(&self.connection, portfolio).map_err(|fault| fault.at(&self.path))?;
        Ok(head.row - 1)
    }

    /// Version of the file's tables.
    #[must_use]
    pub const fn version(&self) -> i32 {
        self.layout.version()
    }

    /// Brings a file with earlier tables to [`SCHEMA_VERSION`], in one transaction that nobody else can write beside.
    /// The version that it had.
    ///
    /// # Errors
    /// If another program has it open, it is not sound, or it cannot be written: then it is as it was.
    pub fn migrate(path: &Path) -> Result<i32, StoreError> {
        SqliteFiles::of_system().migrate(path)
    }

    /// The file.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::File(self.path.clone())
    }

    /// Lets the file grow to `pages` pages of 8 KiB and no further: how a full disk is tried without one.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), StoreError> {
        self.connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .map_err(|error| StoreFault::from(error).at(&self.path))
    }

    /// Folds the log into the file each time it has grown to so many pages of 8 KiB; SQLite's own choice is 1,000.
    /// Fewer make the next opening after a crash faster and appends slower.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn checkpoint_every(&mut self, pages: u32) -> Result<(), StoreError> {
        self.connection
            .query_row(&format!("PRAGMA wal_autocheckpoint = {pages}"), [], |_| Ok(()))
            .map_err(|error| StoreFault::from(error).at(&self.path))
    }

    /// Enters rows into the index once there are so many that it does not know. Fewer make reading after a crash faster
    /// and appends of many portfolios slower.
    pub const fn place_every(&mut self, rows: u64) {
        self.lump = rows;
    }

    /// Has SQLite check the structure of the whole file, and sees that the index has every row. Changed content that
    /// leaves the structure whole is not its affair: the chain over the rows shows that.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] with the first finding.
    pub fn check_structure(&self) -> Result<(), StoreError> {
        let check = || -> Result<(), StoreFault> {
            let found: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if found == "ok" { self.layout.check(&self.connection) } else { Err(StoreFault::Damaged { detail: found }) }
        };
        check().map_err(|fault| fault.at(&self.path))
    }

    /// How the file logs its changes. A writer turns it to a write-ahead log with full sync and refuses to go on where
    /// that fails, so that any kind which survives a crash is safe to find.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn durability(&self) -> Result<Vec<Durability>, StoreError> {
        let read = || -> Result<String, StoreFault> {
            Ok(self.connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?)
        };
        let found = read().map_err(|fault| fault.at(&self.path))?;
        let safe = ["wal", "delete", "truncate", "persist"].contains(&found.as_str());
        let expected = "wal, or delete until it is written to";
        Ok(vec![Durability { setting: "journal_mode", found, expected, safe }])
    }

    /// Closes the file; one that was started with [`Self::create_atomically`] is synced and takes its name.
    ///
    /// # Errors
    /// If an append has failed, or the file cannot be synced or renamed: then nothing stands at the name that was not
    /// there before.
    pub fn finish(self) -> Result<(), StoreError> {
        let Self { connection, path, stopped, partial, .. } = self;
        let finish = || -> Result<(), StoreFault> {
            if stopped {
                return Err(StoreFault::Stopped);
            }
            connection.close().map_err(|(_, error)| error)?;
            partial.map_or(Ok(()), |p| p.finish(&path))
        };
        finish().map_err(|fault| fault.at(&path))
    }
}

impl runtime::Store for SqliteStore {
    type Error = StoreError;

    fn append(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        SqliteStore::append(self, &rows)
    }
}

impl Known {
    /// Looks at the file again if others have changed it since the last look, and says whether they have.
    fn look(&mut self, connection: &Connection, layout: Layout) -> Result<bool, StoreFault> {
        let version = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        let before = self.version.replace(version);
        if before == Some(version) {
            return Ok(false);
        }
        self.heads = layout.unplaced_heads(connection)?;
        (self.last, self.placed) = layout.ends(connection)?;
        Ok(before.is_some())
    }
}
