//! A journal that appears whole or not at all.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::opening::{careful, connect, journal_mode, sqlite};
use super::{StoreFault, schema};
use crate::files::{Files, PARTIAL, beside};

/// The file that grows beside the name it will take; removed when dropped unfinished.
pub(super) struct Partial {
    files: Arc<dyn Files>,
    path: PathBuf,
    finished: bool,
}

impl Partial {
    /// Makes `target.partial`, held for this program alone, if `target` may be written over.
    pub(super) fn start(files: &Arc<dyn Files>, target: &Path) -> Result<(Connection, Self), StoreFault> {
        settle(&**files, target)?;
        let path = beside(target, PARTIAL);
        clear(&**files, &path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = sqlite(&**files, &path, flags).map_err(|error| match error {
            StoreFault::Io { detail } => StoreFault::Io { detail: format!("{detail}; expected a folder to write in") },
            other => other,
        })?;
        let partial = Partial { files: Arc::clone(files), path, finished: false };
        fleeting(&mut connection)?;
        Ok((connection, partial))
    }

    /// Syncs the closed file and gives it its name.
    pub(super) fn finish(mut self, target: &Path) -> Result<(), StoreFault> {
        let files = Arc::clone(&self.files);
        settle(&*files, target)?;
        files.sync(&self.path)?;
        files.rename(&self.path, target)?;
        self.finished = true;
        // A rename lasts once the folder itself is on the disk.
        files.sync_folder(target)?;
        Ok(())
    }
}

/// Begins a journal in which nothing has to survive a crash yet, so that no append waits for the disk.
pub(super) fn fleeting(connection: &mut Connection) -> Result<(), StoreFault> {
    connection
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")?;
    careful(connection)?;
    schema::create(connection)
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            // Nobody is left to tell; a partial file that stays is taken over by the next run.
            let _ = remove(&*self.files, &self.path);
        }
    }
}

/// Makes sure that what stands at `path`, if anything, is a journal of ours that nobody holds and that no log beside it
/// belongs to: SQLite would replay such a log into whatever file takes the name.
fn settle(files: &dyn Files, path: &Path) -> Result<(), StoreFault> {
    match files.length(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
        Ok(_) => {}
    }
    let (connection, _) = connect(files, path, OpenFlags::SQLITE_OPEN_READ_WRITE, Duration::ZERO)?;
    let mode = journal_mode(&connection, "DELETE")?;
    if mode != "delete" {
        return Err(StoreFault::InUse);
    }
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    connection.close().map_err(|(_, error)| error)?;
    // A log whose end did not last would be found again, beside another file.
    files.sync_folder(path)?;
    Ok(())
}

/// Takes away what a run that was killed, or whose machine was, left of its file: nobody holds it, and it is ours as
/// far as it was written.
pub(super) fn clear(files: &dyn Files, path: &Path) -> Result<(), StoreFault> {
    match settle(files, path) {
        Err(StoreFault::Damaged { .. } | StoreFault::NotAJournal)
            if schema::may_be_cut_off(&files.start(path, schema::START)?) => {}
        settled => settled?,
    }
    remove(files, path)
}

fn remove(files: &dyn Files, path: &Path) -> Result<(), StoreFault> {
    match files.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

impl From<io::Error> for StoreFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreFault::DiskFull,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreFault::ReadOnly,
            _ => StoreFault::Io { detail: error.to_string() },
        }
    }
}
