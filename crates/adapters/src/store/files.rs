//! What a journal asks of the system beside SQLite's own calls.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// The files under journals: the system's, or those of a simulated disk.
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

/// The files of this system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemFiles;

impl Files for SystemFiles {
    fn vfs(&self) -> Option<&str> {
        None
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        let found = fs::metadata(path)?;
        Ok(found.is_file().then_some(found.len()))
    }

    fn start(&self, path: &Path, count: usize) -> io::Result<Vec<u8>> {
        let mut start = Vec::with_capacity(count);
        File::open(path)?.take(count as u64).read_to_end(&mut start)?;
        Ok(start)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn renew(&self, path: &Path) -> io::Result<()> {
        let mut file = File::options().read(true).write(true).open(path)?;
        let mut held = Vec::new();
        file.read_to_end(&mut held)?;
        file.rewind()?;
        file.write_all(&held)?;
        file.sync_all()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }
}
