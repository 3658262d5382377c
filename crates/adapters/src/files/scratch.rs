//! Files that must not outlive their command: the plain text of something encrypted.
//!
//! On Unix such a file loses its name before anything is written to it, and is gone with whoever has it open, killed or
//! not. Elsewhere it has a name until it is dropped, and the next command removes what a killed one left.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::Access;
use super::system::writable;

/// What names in the folder end with. Versions up to 0.1 had plain copies there by name, of which a killed command left
/// one.
const OURS: [&str; 6] = [".nameless", ".nameless-journal", ".plain", ".plain.partial", ".opened", ".opened.partial"];

/// The folder for such files, into which its owner alone may look.
pub struct Scratch {
    folder: PathBuf,
    /// Says to others, for as long as it is open, that somebody is at work here.
    _held: Option<File>,
}

impl Scratch {
    /// Makes the folder, in one that is there, and removes what killed commands have left if nobody is at work in it.
    ///
    /// # Errors
    /// The system's.
    pub fn open(folder: &Path) -> io::Result<Scratch> {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        #[cfg(unix)]
        {
            fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            let held = File::open(folder)?;
            if held.try_lock().is_ok() {
                sweep(folder)?;
            }
            match held.lock_shared() {
                Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
                _ => {}
            }
            Ok(Scratch { folder: folder.to_owned(), _held: Some(held) })
        }
        #[cfg(not(unix))]
        {
            // What somebody has open cannot be removed there.
            let _ = sweep(folder);
            Ok(Scratch { folder: folder.to_owned(), _held: None })
        }
    }

    /// What killed commands have left in a folder, by names that are ours.
    ///
    /// # Errors
    /// The system's.
    pub fn left(folder: &Path) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            OURS.iter().any(|ending| name.ends_with(ending))
        };
        Ok(paths?.into_iter().filter(is_ours).collect())
    }

    /// A name in the folder that nobody else uses.
    pub(crate) fn name(&self) -> PathBuf {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        self.folder.join(format!("{}-{count}.nameless", std::process::id()))
    }
}

fn sweep(folder: &Path) -> io::Result<()> {
    Scratch::left(folder)?.iter().try_for_each(|path| match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// An open file that is gone when it is closed.
pub struct Nameless {
    /// Open for reading and writing.
    pub file: File,
    /// Where it could not lose its name.
    named: Option<PathBuf>,
}

impl Nameless {
    /// Makes the file at `path`, lets `also` open it too, and takes its name away: only then is anything to be written.
    pub(crate) fn at<T, E: From<io::Error>>(
        path: &Path,
        also: impl FnOnce(&Path) -> Result<T, E>,
    ) -> Result<(Nameless, T), E> {
        let file = writable(Access::Owner).create_new(true).open(path)?;
        let mut made = Nameless { file, named: Some(path.to_owned()) };
        let opened = also(path)?;
        if cfg!(unix) {
            fs::remove_file(path)?;
            made.named = None;
        }
        Ok((made, opened))
    }
}

impl Drop for Nameless {
    fn drop(&mut self) {
        if let Some(path) = self.named.take() {
            // Nobody is left to tell; the next command removes it.
            let _ = fs::remove_file(path);
        }
    }
}
