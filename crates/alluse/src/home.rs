//! The program's own folder: where journals go that were given no name, and which one was written last.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The file that names the journal that was written last.
const LAST: &str = "last";

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
    fs::create_dir_all(&folder).map_err(|e| Failure::file(&folder, &e))?;
    Ok(folder.join(name))
}

/// A folder for files that are gone when a command ends. What lies there may be the plain text of something encrypted:
/// its owner alone may look into it.
pub(crate) fn scratch() -> Result<PathBuf, Failure> {
    let folder = file("scratch")?;
    let make = || {
        fs::create_dir_all(&folder)?;
        #[cfg(unix)]
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(())
    };
    make().map_err(|e| Failure::file(&folder, &e))?;
    Ok(folder)
}

/// Writes a new file that its owner alone may read.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let mut new = fs::OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    let write = || {
        let mut file = new.open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e| Failure::file(path, &e))
}

/// Remembers the journal that was written last.
pub(crate) fn remember(journal: &Path) -> Result<(), Failure> {
    let whole = fs::canonicalize(journal).unwrap_or_else(|_| journal.to_owned());
    write_whole(&file(LAST)?, &format!("{}\n", whole.display()))
}

/// The journal that was written last.
pub(crate) fn last() -> Result<PathBuf, Failure> {
    let none =
        "no journal was written yet; run `alluse demo` or `alluse backtest --data DIR`, or name one with --journal";
    let text = fs::read_to_string(folder()?.join(LAST)).map_err(|_| Failure::Usage(none.to_owned()))?;
    Ok(PathBuf::from(text.trim_end_matches(['\n', '\r'])))
}

/// Writes a file whole or not at all: it grows beside the name that it takes at the end.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    write_whole_bytes(path, text.as_bytes())
}

/// The same of bytes.
pub(crate) fn write_whole_bytes(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    let part = PathBuf::from(name);
    let write = || {
        let mut file = fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        // A name lasts once its folder is on the disk.
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
    };
    write().map_err(|e| {
        // What was begun is of no use to anybody.
        let _ = fs::remove_file(&part);
        Failure::file(path, &e)
    })
}
