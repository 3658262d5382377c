//! The files of this system.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{Access, Begun, Files};

/// The files of this system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemFiles;

impl Begun for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

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

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => fs::canonicalize(path),
            _ => Ok(path.to_owned()),
        }
    }

    fn begin(&self, path: &Path, access: Access<'_>) -> io::Result<Box<dyn Begun>> {
        loop {
            let file = writable(access).create(true).truncate(false).open(path)?;
            hold(&file)?;
            if stands_at(&file, path)? {
                allow(&file, access)?;
                file.set_len(0)?;
                return Ok(Box::new(file));
            }
            // Its writer finished, and the file took its name, while this one waited.
        }
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            use rustix::io::Errno;
            match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
                // Not every file system can.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                done => return Ok(done?),
            }
        }
        if fs::symlink_metadata(to).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
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

/// How a file is opened that may be new. A link in the place of a partial file is not followed.
pub(super) fn writable(access: Access<'_>) -> fs::OpenOptions {
    let mut options = File::options();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        if access != Access::Usual {
            options.mode(0o600);
        }
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = access;
    options
}

/// Lets those read an open file who may, whoever might before.
fn allow(file: &File, access: Access<'_>) -> io::Result<()> {
    match access {
        Access::Usual => Ok(()),
        Access::As(like) => file.set_permissions(fs::metadata(like)?.permissions()),
        #[cfg(unix)]
        Access::Owner => file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)),
        #[cfg(not(unix))]
        Access::Owner => Ok(()),
    }
}

/// Waits until nobody else holds the file. It is let go when it is closed, also where its program was killed.
fn hold(file: &File) -> io::Result<()> {
    match file.lock() {
        // A file system without locks has one writer.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        held => held,
    }
}

/// Whether the name still leads to the open file.
fn stands_at(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let own = file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(found) => Ok((found.dev(), found.ino()) == (own.dev(), own.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        Ok(true)
    }
}

/// Removes a partial file that a killed run left; false where somebody still holds it.
///
/// # Errors
/// The system's.
pub fn remove_abandoned(path: &Path) -> io::Result<bool> {
    let file = match writable(Access::Usual).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        opened => opened?,
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
        _ => {}
    }
    if stands_at(&file, path)? {
        fs::remove_file(path)?;
    }
    Ok(true)
}

/// A file to be held, with nothing in it.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    writable(Access::Usual).create(true).truncate(false).open(path)
}

/// Gives a file a second name, or a copy where the file system has none to give.
pub(crate) fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
}
