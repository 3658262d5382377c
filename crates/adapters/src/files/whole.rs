//! A file that appears whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Access, Begun, Files, PARTIAL, beside};

/// What a name is taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    /// Whatever file has it.
    Any,
    /// Nobody.
    Free,
}

/// A file that grows under another name; removed when dropped before it has its own.
pub struct Whole<'a> {
    files: &'a dyn Files,
    partial: PathBuf,
    target: PathBuf,
    name: Name,
    out: Option<Box<dyn Begun>>,
    settled: bool,
}

impl<'a> Whole<'a> {
    /// Begins a file that will stand in the place of what `target` is now, read by whoever may read that.
    ///
    /// # Errors
    /// If something stands there that is no file, or the system's.
    pub fn replacing(files: &'a dyn Files, target: &Path) -> io::Result<Whole<'a>> {
        let target = files.resolve(target)?;
        let stands = stands(files, &target)?;
        let access = if stands { Access::As(&target) } else { Access::Usual };
        Whole::begin(files, beside(&target, PARTIAL), target.clone(), Name::Any, access)
    }

    /// Begins a file with a name that is free.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if it is not, or the system's.
    pub fn fresh(files: &'a dyn Files, target: &Path, access: Access<'_>) -> io::Result<Whole<'a>> {
        if !matches!(files.length(target), Err(error) if error.kind() == io::ErrorKind::NotFound) {
            return Err(taken());
        }
        Whole::begin(files, beside(target, PARTIAL), target.to_owned(), Name::Free, access)
    }

    /// Begins a file at `partial` that will stand in the place of what `target` is then. Nobody else writes there.
    ///
    /// # Errors
    /// The system's.
    pub fn staged(files: &'a dyn Files, partial: PathBuf, target: PathBuf) -> io::Result<Whole<'a>> {
        Whole::begin(files, partial, target, Name::Any, Access::Usual)
    }

    fn begin(
        files: &'a dyn Files,
        partial: PathBuf,
        target: PathBuf,
        name: Name,
        access: Access<'_>,
    ) -> io::Result<Whole<'a>> {
        let out = Some(files.begin(&partial, access)?);
        Ok(Whole { files, partial, target, name, out, settled: false })
    }

    /// Waits until the disk has what was written, and lets go of the file: nothing more can be written.
    ///
    /// # Errors
    /// The system's.
    pub fn close(&mut self) -> io::Result<()> {
        self.out.take().map_or(Ok(()), |mut out| out.sync())
    }

    /// Waits until the disk has the file, and gives it its name.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if the name was to be free and is not, or the system's: what stood there stands
    /// there still, unless it was the folder that could not be synced, when either may be found after a power cut.
    pub fn settle(mut self) -> io::Result<()> {
        if let Some(out) = &mut self.out {
            out.sync()?;
        }
        match self.name {
            Name::Any => self.files.rename(&self.partial, &self.target)?,
            Name::Free => self.files.rename_to_free(&self.partial, &self.target).map_err(told)?,
        }
        self.settled = true;
        // A name lasts once its folder is on the disk.
        self.files.sync_folder(&self.target)
    }
}

impl Write for Whole<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), |out| out.flush())
    }
}

impl Drop for Whole<'_> {
    fn drop(&mut self) {
        if !self.settled {
            // Nobody is left to tell; what stays is written over by the next run.
            let _ = self.files.remove(&self.partial);
        }
    }
}

/// Whether a file stands there.
fn stands(files: &dyn Files, target: &Path) -> io::Result<bool> {
    match files.length(target) {
        Ok(Some(_)) => Ok(true),
        Ok(None) => {
            let what = "it is no file; expected a name that is free, or a file's";
            Err(io::Error::new(io::ErrorKind::InvalidInput, what))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn taken() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "the file exists already; expected a name that is free")
}

fn told(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::AlreadyExists { taken() } else { error }
}

/// Puts a whole file in the place of what is there.
///
/// # Errors
/// As [`Whole::replacing`] and [`Whole::settle`].
pub fn replace(files: &dyn Files, target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut out = Whole::replacing(files, target)?;
    out.write_all(bytes)?;
    out.settle()
}

/// Puts a whole file where none is.
///
/// # Errors
/// As [`Whole::fresh`] and [`Whole::settle`].
pub fn create(files: &dyn Files, target: &Path, access: Access<'_>, bytes: &[u8]) -> io::Result<()> {
    let mut out = Whole::fresh(files, target, access)?;
    out.write_all(bytes)?;
    out.settle()
}
