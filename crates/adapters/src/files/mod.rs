//! The one way in which this project puts files on a disk.
//!
//! A file that matters appears whole or not at all ([`Whole`]): it grows under another name in its folder or beside it,
//! is synced, takes its name, and the folder is synced. Whatever fails on the way, what stood at the name stands there
//! still, and what was begun is removed. A run that is killed leaves a partial file that nobody holds; the next one of
//! that name writes over it. Writers of one name wait for each other.
//!
//! All of it asks the system through [`Files`], so that the same code runs on a simulated disk
//! (`tests/files`, `tests/recovery`): the power goes after every call, and every call fails in every way. What must not
//! outlive its command has no name at all ([`Scratch`]). `cargo xtask tidy` finds whoever writes files without either.

mod scratch;
mod system;
mod whole;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use scratch::{Nameless, Scratch};
pub use system::{SystemFiles, remove_abandoned};
pub use whole::{Whole, create, replace};

pub(crate) use system::{link_or_copy, lock_file};

/// What a name ends with until the file is whole.
pub const PARTIAL: &str = ".partial";

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// Whoever the system lets read new files.
    Usual,
    /// Its owner alone.
    Owner,
    /// Whoever may read that file.
    As(&'a Path),
}

/// A file that was begun, held by this program alone until it is dropped.
pub trait Begun: Write + Send {
    /// Waits until the disk has what was written.
    ///
    /// # Errors
    /// The system's.
    fn sync(&mut self) -> io::Result<()>;
}

/// What is asked of the system: this one's files, or those of a simulated disk.
pub trait Files: Send + Sync {
    /// The name by which SQLite knows them; its own for this system if absent.
    fn vfs(&self) -> Option<&str>;

    /// Length of the file there; absent where something stands that is no file.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::NotFound`] where nothing stands.
    fn length(&self, path: &Path) -> io::Result<Option<u64>>;

    /// The first `count` bytes of a file, or all of a shorter one.
    ///
    /// # Errors
    /// The system's.
    fn start(&self, path: &Path, count: usize) -> io::Result<Vec<u8>>;

    /// Where a name leads to: itself, unless it is a link.
    ///
    /// # Errors
    /// The system's.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    /// Makes an empty file, or empties the one that a killed run left, as soon as nobody else holds it.
    ///
    /// # Errors
    /// The system's.
    fn begin(&self, path: &Path, access: Access<'_>) -> io::Result<Box<dyn Begun>>;

    /// Makes a folder in one that is there.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::AlreadyExists`] where something stands.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name, in place of whatever file has that name.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file another name that is free.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::AlreadyExists`] where something stands.
    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Waits until the disk has the file.
    ///
    /// # Errors
    /// The system's.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Writes what the file holds over itself, and waits until the disk has it: what a sync that failed has left in
    /// memory alone, no later sync would write.
    ///
    /// # Errors
    /// The system's.
    fn renew(&self, path: &Path) -> io::Result<()>;

    /// Waits until the disk has the names in the folder of `path`.
    ///
    /// # Errors
    /// The system's.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// Makes a folder and those above it that are not there, so that they last.
///
/// # Errors
/// The system's.
pub fn make_folders(files: &dyn Files, folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let error = match files.make_folder(folder) {
        Ok(()) => return files.sync_folder(folder),
        Err(error) => error,
    };
    match (error.kind(), folder.parent()) {
        // Whoever made it may have been killed before it lasted.
        (io::ErrorKind::AlreadyExists, _) => match files.sync_folder(folder) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            synced => synced,
        },
        (io::ErrorKind::NotFound, Some(above)) if !above.as_os_str().is_empty() => {
            make_folders(files, above)?;
            match files.make_folder(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => files.sync_folder(folder),
            }
        }
        _ => Err(error),
    }
}

/// A name with something more at its end.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
