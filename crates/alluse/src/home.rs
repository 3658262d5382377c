//! The program's own folder: where journals go that were given no name, and which one was written last.

use std::fs;
use std::path::{Path, PathBuf};

use adapters::files::{self, Access, Scratch, SystemFiles};

use crate::failure::Failure;

/// The file that names the journal that was written last.
const LAST: &str = "last";
/// The folder for what must not outlive a command.
pub(crate) const SCRATCH: &str = "scratch";

/// An environment variable; an empty one counts as absent.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// `$ALLUSE_HOME`, else `alluse` in the user's folder for data. It need not exist.
pub(crate) fn folder() -> Result<PathBuf, Failure> {
    if let Some(own) = variable("ALLUSE_HOME") {
        return Ok(PathBuf::from(own));
    }
    let base = match (variable("XDG_DATA_HOME"), variable("HOME"), variable("LOCALAPPDATA")) {
        (Some(data), _, _) | (None, None, Some(data)) => PathBuf::from(data),
        (None, Some(home), _) if cfg!(target_os = "macos") => Path::new(&home).join("Library/Application Support"),
        (None, Some(home), _) => Path::new(&home).join(".local/share"),
        (None, None, None) => {
            let what = "there is no folder for journals: set ALLUSE_HOME to one, or name a file";
            return Err(Failure::System(what.to_owned()));
        }
    };
    Ok(base.join("alluse"))
}

/// A file in that folder, which is made if it is not there.
pub(crate) fn file(name: &str) -> Result<PathBuf, Failure> {
    let folder = folder()?;
    files::make_folders(&SystemFiles, &folder).map_err(|e| Failure::file(&folder, &e))?;
    Ok(folder.join(name))
}

/// The folder for the plain text of something encrypted.
pub(crate) fn scratch() -> Result<Scratch, Failure> {
    let folder = file(SCRATCH)?;
    Scratch::open(&folder).map_err(|e| Failure::file(&folder, &e))
}

/// Writes a new file that its owner alone may read.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    files::create(&SystemFiles, path, Access::Owner, text.as_bytes()).map_err(|e| Failure::file(path, &e))
}

/// Remembers the journal that was written last.
pub(crate) fn remember(journal: &Path) -> Result<(), Failure> {
    let whole = fs::canonicalize(journal).unwrap_or_else(|_| journal.to_owned());
    write_whole(&file(LAST)?, format!("{}\n", whole.display()))
}

/// The journal that was written last.
pub(crate) fn last() -> Result<PathBuf, Failure> {
    let none =
        "no journal was written yet; run `alluse demo` or `alluse backtest --data DIR`, or name one with --journal";
    let text = fs::read_to_string(folder()?.join(LAST)).map_err(|_| Failure::Usage(none.to_owned()))?;
    Ok(PathBuf::from(text.trim_end_matches(['\n', '\r'])))
}

/// Writes a file that stands there whole, or leaves what is there.
pub(crate) fn write_whole(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    files::replace(&SystemFiles, path, bytes.as_ref()).map_err(|e| Failure::file(path, &e))
}
