//! Opens journal files: with what every connection asks of SQLite, and with what a crash left in the log made sure of.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::atomic::{self, Partial};
use super::schema::{self, Layout};
use super::{SqliteStore, StoreError, StoreFault};
use crate::files::{Files, Nameless, Scratch, SystemFiles, beside};

/// How long an append waits for a reader's checkpoint or another writer before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

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

    /// The files.
    #[must_use]
    pub fn files(&self) -> &dyn Files {
        &*self.files
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
        let open = || -> Result<(Connection, Layout), StoreFault> {
            renew_log(&*self.files, path)?;
            let (connection, layout) = connect(&*self.files, path, OpenFlags::SQLITE_OPEN_READ_WRITE, PATIENCE)?;
            if connection.is_readonly("main")? {
                return Err(StoreFault::ReadOnly);
            }
            durable(&connection)?;
            // A log that was removed must not be found again: what an opened journal shows, it shows for ever.
            self.files.sync_folder(path)?;
            Ok((connection, layout))
        };
        let (connection, layout) = open().map_err(|fault| fault.at(path))?;
        Ok(SqliteStore::over(connection, layout, path, None))
    }

    /// As [`SqliteStore::open_read_only`].
    ///
    /// # Errors
    /// As there.
    pub fn open_read_only(&self, path: &Path) -> Result<SqliteStore, StoreError> {
        let connected = connect(&*self.files, path, OpenFlags::SQLITE_OPEN_READ_ONLY, PATIENCE);
        let (connection, layout) = connected.map_err(|fault| fault.at(path))?;
        Ok(SqliteStore::over(connection, layout, path, None))
    }

    /// As [`SqliteStore::migrate`].
    ///
    /// # Errors
    /// As there.
    pub fn migrate(&self, path: &Path) -> Result<i32, StoreError> {
        // Opening takes in what a crash left.
        let version = self.open(path)?.version();
        if version == Layout::NEWEST.version() {
            return Ok(version);
        }
        let migrate = || -> Result<(), StoreFault> {
            let mut connection = connect_alone(&*self.files, path)?.ok_or(StoreFault::InUse)?;
            durable(&connection)?;
            schema::migrate(&mut connection)?;
            connection.close().map_err(|(_, error)| error)?;
            Ok(self.files.sync_folder(path)?)
        };
        migrate().map_err(|fault| fault.at(path))?;
        Ok(version)
    }

    /// As [`SqliteStore::create_atomically`].
    ///
    /// # Errors
    /// As there.
    pub fn create_atomically(&self, path: &Path) -> Result<SqliteStore, StoreError> {
        let (connection, partial) = Partial::start(&self.files, path).map_err(|fault| fault.at(path))?;
        Ok(SqliteStore::over(connection, Layout::NEWEST, path, Some(partial)))
    }

    /// Removes what a run that was killed left of a journal that was to appear at a name, of which `partial` is the
    /// other; false where somebody still holds it, or it is not ours.
    ///
    /// # Errors
    /// The system's.
    pub fn remove_abandoned(&self, partial: &Path) -> Result<bool, StoreError> {
        match atomic::clear(&*self.files, partial) {
            Ok(()) => Ok(true),
            Err(StoreFault::InUse | StoreFault::NotAJournal | StoreFault::Damaged { .. }) => Ok(false),
            Err(fault) => Err(fault.at(partial)),
        }
    }
}

impl SqliteStore {
    /// Makes a journal in a file without a name, which is gone when both are dropped. Nothing in it survives anything;
    /// its errors speak of `called`.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn create_nameless(scratch: &Scratch, called: &Path) -> Result<(Self, Nameless), StoreError> {
        let path = scratch.name();
        let make = || -> Result<(Connection, Nameless), StoreFault> {
            let (mut connection, made) = nameless(&path)?;
            atomic::fleeting(&mut connection)?;
            Ok((connection, made))
        };
        let (connection, made) = make().map_err(|fault| fault.at(&path))?;
        Ok((SqliteStore::over(connection, Layout::NEWEST, called, None), made))
    }

    /// Opens a journal for reading in a file without a name, once `fill` has written it there; its errors speak of
    /// `called`.
    ///
    /// # Errors
    /// Inside, why `fill` did not; otherwise if the folder cannot be written, or what was filled in is no journal.
    pub fn open_nameless<E>(
        scratch: &Scratch,
        called: &Path,
        fill: impl FnOnce(&mut File) -> Result<(), E>,
    ) -> Result<Result<(Self, Nameless), E>, StoreError> {
        let path = scratch.name();
        let (connection, mut made) = nameless(&path).map_err(|fault| fault.at(&path))?;
        if let Err(why) = fill(&mut made.file) {
            return Ok(Err(why));
        }
        let ready = careful(&connection).and_then(|()| schema::verify(&connection));
        let layout = ready.map_err(|fault| fault.at(called))?;
        Ok(Ok((SqliteStore::over(connection, layout, called, None), made)))
    }
}

/// A file that SQLite has open and nobody can find.
fn nameless(path: &Path) -> Result<(Connection, Nameless), StoreFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let (made, connection) = Nameless::at(path, |path| sqlite(&SystemFiles, path, flags))?;
    Ok((connection, made))
}

/// Opens a file that must be there and be ours.
pub(super) fn connect(
    files: &dyn Files,
    path: &Path,
    access: OpenFlags,
    patience: Duration,
) -> Result<(Connection, Layout), StoreFault> {
    match files.length(path) {
        Ok(Some(_)) => {}
        Ok(None) => return Err(StoreFault::NotAJournal),
        Err(_) => return Err(StoreFault::Missing),
    }
    let connection = sqlite(files, path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(patience)?;
    careful(&connection)?;
    let layout = schema::verify(&connection)?;
    Ok((connection, layout))
}

pub(super) fn sqlite(files: &dyn Files, path: &Path, flags: OpenFlags) -> Result<Connection, StoreFault> {
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
pub(super) fn careful(connection: &Connection) -> Result<(), StoreFault> {
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON")?;
    Ok(())
}

/// Asks for a mode and says which one holds. SQLite answers before it commits the change: a statement that is not read
/// to its end would hide that the commit failed.
pub(super) fn journal_mode(connection: &Connection, wanted: &str) -> Result<String, StoreFault> {
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
