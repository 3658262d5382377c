//! Stored journals: many portfolios, appended to and never changed. One interface, [`JournalStore`], and two stores
//! behind it: [`SqliteStore`] keeps them in one file of one machine, [`PostgresStore`] in a database that several use.
//!
//! [`SqliteStore::append`] writes many rows in one transaction and returns when they are on the disk (write-ahead log,
//! full sync). After a failed append the store takes nothing more: what a failed sync left behind is known only after
//! the file is opened again. Rows must continue each portfolio's journal, so that two writers cannot interleave
//! unnoticed. What the bytes mean, and whether the hashes hold, is the engine's affair.

mod atomic;
mod error;
mod files;
mod group;
mod journals;
mod place;
mod postgres;
mod schema;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::Row;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

pub use error::{StoreError, StoreFault};
pub use files::{Files, SystemFiles};
pub use group::{GroupStore, GroupThread, Ticket};
pub use journals::{Durability, JournalStore, Standing};
pub use place::{Address, Location, Place};
pub use postgres::{Lease, POSTGRES_VERSION, PostgresStore};
pub use schema::{APPLICATION_ID, SCHEMA_VERSION};

use atomic::{Partial, beside};

/// How long an append waits for a reader's checkpoint or another writer before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

const INSERT: &str = "INSERT INTO journal_row (portfolio, row, first_event, events, bytes, digest, chain)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const SELECT: &str = "SELECT portfolio, row, first_event, events, bytes, digest, chain
                      FROM journal_row WHERE portfolio = ?1 AND row >= ?2 ORDER BY row";
const HEAD: &str = "SELECT row + 1, first_event + events FROM journal_row
                    WHERE portfolio = ?1 ORDER BY row DESC LIMIT 1";
/// One step down the key for each portfolio, instead of a sweep over all rows.
const PORTFOLIOS: &str = "WITH RECURSIVE each(portfolio) AS (
                            SELECT min(portfolio) FROM journal_row
                            UNION ALL
                            SELECT (SELECT min(portfolio) FROM journal_row WHERE portfolio > each.portfolio)
                            FROM each WHERE each.portfolio IS NOT NULL)
                          SELECT portfolio FROM each WHERE portfolio IS NOT NULL";

/// Where the next row of a portfolio goes.
#[derive(Clone, Copy)]
struct Head {
    row: u64,
    event: u64,
}

/// Rows and events count from 1.
const START: Head = Head { row: 1, event: 1 };

/// A journal file.
pub struct SqliteStore {
    // Before `partial`: the file is closed before it is removed.
    connection: Connection,
    path: PathBuf,
    heads: BTreeMap<u32, Head>,
    stopped: bool,
    partial: Option<Partial>,
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

    fn over(connection: Connection, path: &Path, partial: Option<Partial>) -> Self {
        SqliteStore { connection, path: path.to_owned(), heads: BTreeMap::new(), stopped: false, partial }
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
        let Self { connection, heads, .. } = self;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut insert = connection.prepare_cached(INSERT)?;
        for row in rows {
            let head = match heads.entry(row.portfolio) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(free) => free.insert(head_of(connection, row.portfolio)?),
            };
            head.advance(row)?;
            let inserted = insert.execute(params![
                row.portfolio,
                signed(row.row)?,
                signed(row.first_event)?,
                row.events,
                row.bytes,
                row.digest,
                row.chain
            ]);
            inserted.map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation) => StoreFault::Taken { portfolio: row.portfolio, row: row.row },
                _ => error.into(),
            })?;
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
        mut visit: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreError> {
        let mut sweep = || -> Result<Result<(), E>, StoreFault> {
            let mut select = self.connection.prepare_cached(SELECT)?;
            let mut found = select.query(params![portfolio, signed(from_row)?])?;
            let mut head = (from_row <= START.row).then_some(START);
            let mut bytes = Vec::new();
            while let Some(columns) = found.next()? {
                let row = read_row(columns, bytes)?;
                let here = Head { row: row.row, event: row.first_event };
                head.get_or_insert(here).advance(&row).map_err(damaged)?;
                if let Err(refusal) = visit(&row) {
                    return Ok(Err(refusal));
                }
                bytes = row.bytes;
            }
            Ok(Ok(()))
        };
        sweep().map_err(|fault| fault.at(&self.path))
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
        let read = || -> Result<Vec<u32>, StoreFault> {
            let mut select = self.connection.prepare_cached(PORTFOLIOS)?;
            let found = select.query_map([], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        };
        read().map_err(|fault| fault.at(&self.path))
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
        head_of(&self.connection, portfolio).map(|head| head.row - 1).map_err(|fault| fault.at(&self.path))
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

    /// Has SQLite check the structure of the whole file. Changed content that leaves the structure whole is not its
    /// affair: the chain over the rows shows that.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] with the first finding.
    pub fn check_structure(&self) -> Result<(), StoreError> {
        let check = || -> Result<(), StoreFault> {
            let found: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if found == "ok" { Ok(()) } else { Err(StoreFault::Damaged { detail: found }) }
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

/// Where journals are opened: [`SqliteStore`]'s own functions do it on the files of this system.
#[derive(Clone)]
pub struct SqliteFiles {
    files: Arc<dyn Files>,
}

impl SqliteFiles {
    /// On the files of this system.
    #[must_use]
    pub fn of_system() -> Self {
        Self::on(Arc::new(SystemFiles))
    }

    /// On other files.
    #[must_use]
    pub fn on(files: Arc<dyn Files>) -> Self {
        SqliteFiles { files }
    }

    /// As [`SqliteStore::create`].
    ///
    /// # Errors
    /// As there.
    pub fn create(&self, path: &Path) -> Result<SqliteStore, StoreError> {
        match self.files.length(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(_) => return Err(StoreFault::Exists.at(path)),
            Err(error) => return Err(StoreFault::from(error).at(path)),
        }
        self.create_atomically(path)?.finish()?;
        self.open(path)
    }

    /// As [`SqliteStore::open`].
    ///
    /// # Errors
    /// As there.
    pub fn open(&self, path: &Path) -> Result<SqliteStore, StoreError> {
        let open = || -> Result<Connection, StoreFault> {
            renew_log(&*self.files, path)?;
            let connection = connect(&*self.files, path, OpenFlags::SQLITE_OPEN_READ_WRITE, PATIENCE)?;
            if connection.is_readonly("main")? {
                return Err(StoreFault::ReadOnly);
            }
            durable(&connection)?;
            // A log that was removed must not be found again: what an opened journal shows, it shows for ever.
            self.files.sync_folder(path)?;
            Ok(connection)
        };
        Ok(SqliteStore::over(open().map_err(|fault| fault.at(path))?, path, None))
    }

    /// As [`SqliteStore::open_read_only`].
    ///
    /// # Errors
    /// As there.
    pub fn open_read_only(&self, path: &Path) -> Result<SqliteStore, StoreError> {
        let connection = connect(&*self.files, path, OpenFlags::SQLITE_OPEN_READ_ONLY, PATIENCE);
        Ok(SqliteStore::over(connection.map_err(|fault| fault.at(path))?, path, None))
    }

    /// As [`SqliteStore::create_atomically`].
    ///
    /// # Errors
    /// As there.
    pub fn create_atomically(&self, path: &Path) -> Result<SqliteStore, StoreError> {
        let (connection, partial) = Partial::start(&self.files, path).map_err(|fault| fault.at(path))?;
        Ok(SqliteStore::over(connection, path, Some(partial)))
    }
}

impl runtime::Store for SqliteStore {
    type Error = StoreError;

    fn append(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        SqliteStore::append(self, &rows)
    }
}

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

fn head_of(connection: &Connection, portfolio: u32) -> Result<Head, StoreFault> {
    let last = connection
        .prepare_cached(HEAD)?
        .query_row([portfolio], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let Some((row, event)) = last else { return Ok(START) };
    Ok(Head { row: unsigned(row)?, event: unsigned(event)? })
}

/// A gap found in the file is damage, where one in an append is the caller's mistake.
fn damaged(fault: StoreFault) -> StoreFault {
    StoreFault::Damaged { detail: fault.to_string() }
}

/// A row whose events go into the room of the row before.
fn read_row(columns: &rusqlite::Row<'_>, mut bytes: Vec<u8>) -> Result<Row, StoreFault> {
    let blob = columns.get_ref(4)?.as_blob().map_err(|e| StoreFault::Damaged { detail: format!("bytes: {e}") })?;
    bytes.clear();
    bytes.extend_from_slice(blob);
    Ok(Row {
        portfolio: columns.get(0)?,
        row: unsigned(columns.get(1)?)?,
        first_event: unsigned(columns.get(2)?)?,
        events: columns.get(3)?,
        bytes,
        digest: columns.get(5)?,
        chain: columns.get(6)?,
    })
}

/// SQLite's integers are signed; half the range is enough for more events than can ever be written.
fn signed(number: u64) -> Result<i64, StoreFault> {
    i64::try_from(number).map_err(|_| StoreFault::Io { detail: format!("{number} is beyond the largest row number") })
}

fn unsigned(number: i64) -> Result<u64, StoreFault> {
    u64::try_from(number)
        .map_err(|_| StoreFault::Damaged { detail: format!("a count is {number}; expected 0 or more") })
}

/// Opens a file that must be there and be ours.
fn connect(files: &dyn Files, path: &Path, access: OpenFlags, patience: Duration) -> Result<Connection, StoreFault> {
    match files.length(path) {
        Ok(Some(_)) => {}
        Ok(None) => return Err(StoreFault::NotAJournal),
        Err(_) => return Err(StoreFault::Missing),
    }
    let connection = sqlite(files, path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(patience)?;
    careful(&connection)?;
    schema::verify(&connection)?;
    Ok(connection)
}

fn sqlite(files: &dyn Files, path: &Path, flags: OpenFlags) -> Result<Connection, StoreFault> {
    Ok(match files.vfs() {
        Some(name) => Connection::open_with_flags_and_vfs(path, flags, name)?,
        None => Connection::open_with_flags(path, flags)?,
    })
}

/// Takes what a crash left in the log into the file. A log that is read back may be there only in the system's memory,
/// after a sync that failed: it is written again first, and nothing is built on it before the disk has it. Where
/// another program has the journal open, there was no crash.
fn renew_log(files: &dyn Files, path: &Path) -> Result<(), StoreFault> {
    let log = beside(path, "-wal");
    if !matches!(files.length(&log), Ok(Some(1..))) {
        return Ok(());
    }
    let connection = connect_alone(files, path)?;
    let Some(connection) = connection else { return Ok(()) };
    files.renew(&log)?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Opens a file for this connection alone; none where another has it open.
fn connect_alone(files: &dyn Files, path: &Path) -> Result<Option<Connection>, StoreFault> {
    let connection = sqlite(files, path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let alone = || -> Result<(), StoreFault> {
        connection.busy_timeout(Duration::ZERO)?;
        connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
        careful(&connection)?;
        schema::verify(&connection)?;
        connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        Ok(())
    };
    match alone() {
        Err(StoreFault::InUse) => Ok(None),
        done => done.map(|()| Some(connection)),
    }
}

/// What every connection does: trust nothing in the file that could run, and look twice at what it reads.
fn careful(connection: &Connection) -> Result<(), StoreFault> {
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON")?;
    Ok(())
}

/// Asks for a mode and says which one holds. SQLite answers before it commits the change: a statement that is not read
/// to its end would hide that the commit failed.
fn journal_mode(connection: &Connection, wanted: &str) -> Result<String, StoreFault> {
    let mut statement = connection.prepare(&format!("PRAGMA journal_mode = {wanted}"))?;
    let mut answers = statement.query([])?;
    let mut mode = String::new();
    while let Some(row) = answers.next()? {
        mode = row.get(0)?;
    }
    Ok(mode)
}

/// What makes an acknowledged append survive a power cut: a synced write-ahead log, on macOS down to the platter.
fn durable(connection: &Connection) -> Result<(), StoreFault> {
    let mode = journal_mode(connection, "WAL")?;
    if mode != "wal" {
        return Err(StoreFault::Io { detail: format!("write-ahead logging was refused (mode {mode})") });
    }
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON")?;
    Ok(())
}
