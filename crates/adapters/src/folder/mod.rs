//! Writing into a folder of price history: rows are laid over those that are there, all is read again by the readers
//! that a run uses, and only then the files take their names.
//!
//! Everything that can be refused is refused before the folder changes. New files grow in `.staged` within the folder,
//! beside links to the files that stay; there they are inspected. Then each is renamed into place, after its note of
//! [`provenance`](fn@provenance), which speaks of the file before as well. Whatever is killed before the first rename
//! leaves the folder as it was; between two it leaves whole files, old and new, and the next run writes the rest.

mod adjusted;
mod kind;
mod provenance;
mod sheet;
mod translate;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use market::time::Calendar;

use crate::chains::plain;
use crate::fault::DataError;
use crate::files::{Files, Whole, link_or_copy, lock_file, make_folders};
use crate::history::{HistoryOptions, WarmUp, inspect};

pub use kind::Kind;
pub(crate) use provenance::digest;
pub use provenance::{Origin, Provenance, note_of, provenance};
pub use sheet::{Revision, Sheet};
pub use translate::{DateForm, Mapping, translate};

use provenance::Note;
use sheet::Changes;

const STAGED: &str = ".staged";
const LOCK: &str = ".lock";
/// How many revisions an error lists.
const SHOWN: usize = 5;

/// Rows for one file of a folder, and where they came from.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What they are.
    pub kind: Kind,
    /// The rows.
    pub sheet: Sheet,
    /// Where they came from; nothing if they say that nothing is known.
    pub origin: Option<Origin>,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file, within the folder.
    pub file: PathBuf,
    /// Rows that it has now.
    pub rows: usize,
    /// Rows that were not there.
    pub added: usize,
    /// Values where there was none.
    pub filled: usize,
    /// Values that differ from those that stood there, and replace them.
    pub revised: Vec<Revision>,
    /// First date and last.
    pub span: Option<(String, String)>,
}

impl Written {
    /// Whether anything changed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.added + self.filled + self.revised.len() > 0
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file in the folder cannot be read, or what would be written could not be.
    #[error("{error}{}", origins(from))]
    Refused {
        /// What is wrong.
        error: Box<DataError>,
        /// Where the rows came from.
        from: Vec<String>,
    },
    /// What is there has another value.
    #[error("{}", revisions(.0))]
    Revised(Vec<Revision>),
    /// Somebody else is writing there.
    #[error("{}: another pull or import is writing into this folder; try again when it has ended", .0.display())]
    Busy(PathBuf),
    /// The machine refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl From<DataError> for FolderError {
    fn from(error: DataError) -> Self {
        FolderError::Refused { error: Box::new(error), from: Vec::new() }
    }
}

fn origins(from: &[String]) -> String {
    if from.is_empty() { String::new() } else { format!(" (the rows are from {})", from.join(", ")) }
}

fn revisions(all: &[Revision]) -> String {
    let shown: Vec<String> = all.iter().take(SHOWN).map(|revision| format!("\n  {revision}")).collect();
    let more = match all.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\n  and {more} more"),
    };
    format!(
        "{} values differ from those in the folder:{}{more}\nNothing was written. A vendor corrects its figures, or \
         adjusts all of them for a new split; to take the new ones, say --accept-revisions.",
        all.len(),
        shown.concat()
    )
}

/// How to write.
pub struct Put<'a> {
    /// The folder; it is made if it is not there.
    pub dir: &'a Path,
    /// Through which it is written.
    pub files: &'a dyn Files,
    /// Whether values that differ from those in the folder replace them.
    pub accept_revisions: bool,
    /// How the folder is read.
    pub options: &'a HistoryOptions,
    /// The exchange's calendar.
    pub calendar: &'a Calendar,
}

/// One file as it will be.
struct Target {
    kind: Kind,
    sheet: Sheet,
    changes: Changes,
    is_new: bool,
    origins: Vec<Origin>,
}

impl Target {
    fn is_changed(&self) -> bool {
        self.is_new || !self.changes.is_none()
    }
}

impl Put<'_> {
    /// Writes the pieces, all or none of them.
    ///
    /// # Errors
    /// [`FolderError`]; the folder is then as it was.
    pub fn write(&self, pieces: Vec<Piece>) -> Result<Vec<Written>, FolderError> {
        make_folders(self.files, self.dir).map_err(at(self.dir))?;
        let _lock = self.lock()?;
        let targets = self.targets(pieces)?;
        let revised: Vec<Revision> = targets.values().flat_map(|target| target.changes.revisions.clone()).collect();
        if !self.accept_revisions && !revised.is_empty() {
            return Err(FolderError::Revised(revised));
        }
        let changed: Vec<(&PathBuf, &Target)> = targets.iter().filter(|(_, target)| target.is_changed()).collect();
        if !changed.is_empty() {
            let mut staged = Staged::new(self.dir, self.files)?;
            self.stage(&mut staged, &changed)?;
            self.check(&staged.dir, &targets, &changed)?;
            staged.settle()?;
        }
        Ok(targets.into_iter().map(|(file, target)| written(file, target)).collect())
    }

    fn lock(&self) -> Result<File, FolderError> {
        let path = self.dir.join(LOCK);
        let file = lock_file(&path).map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(FolderError::Busy(self.dir.to_owned())),
            Err(TryLockError::Error(error)) => Err(FolderError::Io { path, error }),
        }
    }

    /// Each file with the pieces laid over it in their order.
    fn targets(&self, pieces: Vec<Piece>) -> Result<BTreeMap<PathBuf, Target>, FolderError> {
        let mut targets: BTreeMap<PathBuf, Target> = BTreeMap::new();
        for Piece { kind, sheet, origin } in pieces {
            let file = kind.file();
            if !targets.contains_key(&file) {
                let path = self.dir.join(&file);
                let is_new = !path.exists();
                let sheet = if is_new { Sheet::new(kind) } else { Sheet::read(kind, path)? };
                let target = Target { kind, sheet, changes: Changes::default(), is_new, origins: Vec::new() };
                targets.insert(file.clone(), target);
            }
            let Some(target) = targets.get_mut(&file) else { continue };
            let changes = target.sheet.lay(&sheet, &file);
            if !changes.is_none() || target.is_new {
                target.origins.extend(origin);
            }
            target.changes.added += changes.added;
            target.changes.filled += changes.filled;
            target.changes.revisions.extend(changes.revisions);
        }
        Ok(targets)
    }

    fn stage(&self, staged: &mut Staged<'_>, changed: &[(&PathBuf, &Target)]) -> Result<(), FolderError> {
        for (file, target) in changed {
            let csv = target.sheet.to_csv();
            let note = Note {
                path: &self.dir.join(file),
                csv: &csv,
                rows: target.sheet.len(),
                span: target.sheet.span(target.kind.keys().min(2) - 1),
                added: target.changes.added,
                revised: target.changes.revisions.len(),
                origins: &target.origins,
            };
            staged.write(&note_of(file), note.text().as_bytes())?;
            staged.write(file, csv.as_bytes())?;
        }
        let files: Vec<&PathBuf> = changed.iter().map(|(file, _)| *file).collect();
        staged.link_others(&files)
    }

    /// Reads what would be there as a run would. A fault of a file that is not written is the folder's own, and stays.
    fn check(
        &self,
        staged: &Path,
        targets: &BTreeMap<PathBuf, Target>,
        changed: &[(&PathBuf, &Target)],
    ) -> Result<(), FolderError> {
        let warm_up = WarmUp { symbol_bars: 0, vix_closes: 0 };
        for problem in inspect(staged, self.options, warm_up, self.calendar).problems {
            let file = problem.file.strip_prefix(staged).unwrap_or(&problem.file).to_owned();
            if let Some((_, target)) = changed.iter().find(|(changed, _)| **changed == file) {
                return Err(refused(DataError { file, ..problem }, target));
            }
        }
        for (file, target) in changed {
            match target.kind {
                Kind::Chains => {
                    let read = plain::parse((*file).clone(), target.sheet.to_csv().into_bytes(), self.calendar);
                    read.map_err(|error| refused(error, target))?;
                }
                Kind::Bars(symbol) => {
                    let splits = targets.get(&Kind::Splits.file()).map(|target| &target.sheet);
                    let own;
                    let splits = match splits {
                        Some(splits) => Some(splits),
                        None => {
                            own = Sheet::read(Kind::Splits, self.dir.join(Kind::Splits.file())).ok();
                            own.as_ref()
                        }
                    };
                    adjusted::check(file, symbol, &target.sheet, splits).map_err(|error| refused(error, target))?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn refused(error: DataError, target: &Target) -> FolderError {
    let from = target.origins.iter().map(|origin| origin.address.clone()).collect();
    FolderError::Refused { error: Box::new(error), from }
}

fn written(file: PathBuf, target: Target) -> Written {
    let span = target.sheet.span(target.kind.keys().min(2) - 1);
    let span = span.map(|(first, last)| (first.to_owned(), last.to_owned()));
    let Changes { added, filled, revisions } = target.changes;
    Written { file, rows: target.sheet.len(), added, filled, revised: revisions, span }
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError + use<> {
    let path = path.to_owned();
    move |error| FolderError::Io { path: path.clone(), error }
}

/// The folder in which new files grow; gone when dropped.
struct Staged<'a> {
    folder: &'a Path,
    dir: PathBuf,
    files: &'a dyn Files,
    /// In the order in which they will take their names.
    whole: Vec<(PathBuf, Whole<'a>)>,
}

impl<'a> Staged<'a> {
    fn new(folder: &'a Path, files: &'a dyn Files) -> Result<Staged<'a>, FolderError> {
        let dir = folder.join(STAGED);
        // What a killed run left is of no use to anybody; the lock says that nobody is at work in it.
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&dir)(error)),
            _ => files.make_folder(&dir).map_err(at(&dir))?,
        }
        Ok(Staged { folder, dir, files, whole: Vec::new() })
    }

    /// Writes a file, and waits until the disk has it.
    fn write(&mut self, file: &Path, bytes: &[u8]) -> Result<(), FolderError> {
        let (path, to) = (self.dir.join(file), self.folder.join(file));
        let parent = path.parent().unwrap_or(&self.dir);
        fs::create_dir_all(parent).map_err(at(parent))?;
        let mut write = || {
            let mut whole = Whole::staged(self.files, path.clone(), to.clone())?;
            whole.write_all(bytes)?;
            whole.close()?;
            self.whole.push((to.clone(), whole));
            Ok(())
        };
        write().map_err(at(&to))
    }

    /// What stays as it is stands beside what is new, so that both are read together.
    fn link_others(&self, changed: &[&PathBuf]) -> Result<(), FolderError> {
        for name in ["bars", "volatility", "rates", "events"] {
            fs::create_dir_all(self.dir.join(name)).map_err(at(&self.dir))?;
            let Ok(entries) = fs::read_dir(self.folder.join(name)) else { continue };
            for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
                let file = Path::new(name).join(entry.file_name());
                let to = self.dir.join(&file);
                if file.extension().is_some_and(|extension| extension == "csv") && !changed.contains(&&file) {
                    link_or_copy(&entry.path(), &to).map_err(at(&to))?;
                }
            }
        }
        Ok(())
    }

    /// Gives every new file its name. The folders that they go into are made before the first has its own.
    fn settle(mut self) -> Result<(), FolderError> {
        let whole = std::mem::take(&mut self.whole);
        for parent in whole.iter().filter_map(|(to, _)| to.parent()) {
            make_folders(self.files, parent).map_err(at(parent))?;
        }
        whole.into_iter().try_for_each(|(to, whole)| whole.settle().map_err(at(&to)))
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // Nobody is left to tell; what stays is removed by the next run.
        let _ = fs::remove_dir_all(&self.dir);
    }
}
