//! A journal that appears whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::StoreFault;
use super::{careful, connect, schema};

/// The file that grows beside the name it will take; removed when dropped unfinished.
pub(super) struct Partial {
    path: PathBuf,
    finished: bool,
}

impl Partial {
    /// Makes `target.partial`, held for this program alone, if `target` may be written over.
    pub(super) fn start(target: &Path) -> Result<(Connection, Self), StoreFault> {
        settle(target)?;
        let path = beside(target, ".partial");
        settle(&path)?;
        remove(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(&path, flags).map_err(|error| match StoreFault::from(error) {
                StoreFault::Io { detail } => {
                    StoreFault::Io { detail: format!("{detail}; expected a folder to write in") }
                }
                other => other,
            })?;
        let partial = Partial { path, finished: false };
        // Nothing here has to survive a crash before the rename, so no append waits for the disk.
        connection
            .execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")?;
        careful(&connection)?;
        schema::create(&mut connection)?;
        Ok((connection, partial))
    }

    /// Syncs the closed file and gives it its name.
    pub(super) fn finish(mut self, target: &Path) -> Result<(), StoreFault> {
        settle(target)?;
        File::open(&self.path)?.sync_all()?;
        fs::rename(&self.path, target)?;
        self.finished = true;
        sync_folder(target)?;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            // Nobody is left to tell; a partial file that stays is taken over by the next run.
            let _ = remove(&self.path);
        }
    }
}

/// Makes sure that what stands at `path`, if anything, is a journal of ours that nobody holds and that no log beside it
/// belongs to: SQLite would replay such a log into whatever file takes the name.
fn settle(path: &Path) -> Result<(), StoreFault> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
        // A run that was killed before its first page.
        Ok(found) if found.is_file() && found.len() == 0 && path.extension().is_some_and(|e| e == "partial") => {
            return Ok(());
        }
        Ok(_) => {}
    }
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Duration::ZERO)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(StoreFault::InUse);
    }
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), StoreFault> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// A rename lasts once the folder itself is on the disk.
fn sync_folder(path: &Path) -> Result<(), StoreFault> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
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
