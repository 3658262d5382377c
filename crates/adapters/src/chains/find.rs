//! What a folder of option chains holds: each file with its layout, told from its name alone.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::{bars, expirations, unpack};
use crate::fault::{DataError, Fault};

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// A file for each date and expiration.
    Expirations,
    /// Archives of bars, a member for each series (LEAN).
    Bars,
    /// All series of a symbol on a date, without bid and ask (LEAN's universes).
    Universe,
    /// The plain layout.
    Plain,
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Layout::Expirations => "a file for each expiration",
            Layout::Bars => "LEAN bars",
            Layout::Universe => "LEAN universe",
            Layout::Plain => "plain",
        })
    }
}

/// A file of option chains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// How it is laid out.
    pub layout: Layout,
}

/// What lies in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Files of option chains, rising by path.
    pub sources: Vec<Source>,
    /// Files that are none, rising by path.
    pub passed_over: Vec<PathBuf>,
}

/// Looks through a folder and all folders in it; hidden files and folders are passed over in silence. A file may be
/// named instead.
///
/// # Errors
/// [`DataError`] if a folder does not open, or there is no file of option chains at all.
pub fn find(path: &Path) -> Result<Folder, DataError> {
    let mut found = Folder::default();
    if path.is_file() {
        found.take(path.to_owned())
    } else {
        walk(path, &mut found)?
    }
    found.sources.sort();
    found.passed_over.sort();
    if found.sources.is_empty() {
        let (what, expected) = ("there are no option chains in it", EXPECTED.into());
        return Err(DataError::of_file(path, Fault::Empty { what, expected }));
    }
    Ok(found)
}

const EXPECTED: &str = "files *.tar.xz, *_american.zip, *.csv or *.csv.gz";

fn walk(folder: &Path, found: &mut Folder) -> Result<(), DataError> {
    let refuse = |error: std::io::Error| {
        let expected = "a folder of option chains".into();
        let fault = match error.kind() {
            std::io::ErrorKind::NotFound => Fault::NoFile { expected },
            _ => Fault::Unreadable { reason: error.to_string(), expected },
        };
        DataError::of_file(folder, fault)
    };
    for entry in fs::read_dir(folder).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        match (hidden, path.is_dir()) {
            (true, _) => {}
            (false, true) => walk(&path, found)?,
            (false, false) => found.take(path),
        }
    }
    Ok(())
}

impl Folder {
    fn take(&mut self, path: PathBuf) {
        match layout(&path) {
            Some(layout) => self.sources.push(Source { path, layout }),
            None => self.passed_over.push(path),
        }
    }
}

fn layout(path: &Path) -> Option<Layout> {
    let name = path.file_name()?.to_string_lossy();
    if unpack::is_archive(path) {
        return Some(Layout::Expirations);
    }
    if name.ends_with(".zip") {
        return bars::is_bars(&super::stem(path)).then_some(Layout::Bars);
    }
    if !name.ends_with(".csv") && !name.ends_with(".csv.gz") {
        return None;
    }
    if super::compact_date(&super::stem(path)).is_some() {
        return Some(Layout::Universe);
    }
    Some(if expirations::dates(&path.to_string_lossy()).is_some() { Layout::Expirations } else { Layout::Plain })
}
