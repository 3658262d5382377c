//! Backups of journals: made while somebody writes, whole or not at all, with a note of what they hold, encrypted for
//! whoever should be able to read them.
//!
//! A backup is a journal file like any other, or that encrypted with age (age-encryption.org, version 1). Beside it
//! lies its [`Note`]: the head of each portfolio, so that a restored journal can be held against what was backed up.

mod keep;
mod note;
mod seal;

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use engine::proof::{Growing, Head, HeadError};
use engine::{JournalError, Row};
use jiff::Timestamp;

use crate::files::{self, Access, Nameless, Scratch, Whole};
use crate::store::{JournalStore, Place, SqliteFiles, SqliteStore, StoreError};
pub use keep::{Keep, Sorted, sort};
pub use note::{Note, NoteError};
pub use seal::{Identity, Recipient, SealError, decrypt, encrypt, new_identity, read_identities};

/// What a backup's name ends with.
const JOURNAL: &str = ".journal";
/// The same of one that is encrypted.
const SEALED: &str = ".journal.age";
/// Rows that are copied in one transaction.
const BATCH: usize = 64;

/// Why a backup was not made, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A journal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is in it.
    #[error("{place}: {why}")]
    Journal {
        /// The journal.
        place: Place,
        /// What is wrong.
        why: JournalError,
    },
    /// Nothing to back up.
    #[error("{0}: the journal is empty; expected at least one event")]
    Empty(Place),
    /// A file or folder.
    #[error("{}: {error}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Encryption.
    #[error("{}: {why}", file.display())]
    Seal {
        /// The backup.
        file: PathBuf,
        /// What is wrong.
        why: Box<SealError>,
    },
    /// Other bytes than were written.
    #[error("{}: its bytes have the hash {found}; its note says {expected}: it was damaged", file.display())]
    Bytes {
        /// The backup.
        file: PathBuf,
        /// Hash found.
        found: String,
        /// Hash of the note.
        expected: String,
    },
    /// Another journal than was backed up.
    #[error("{}: {why}", file.display())]
    Differs {
        /// The backup.
        file: PathBuf,
        /// How.
        why: HeadError,
    },
    /// Other portfolios than were backed up.
    #[error("{}: it holds the portfolios {found:?}; its note says {expected:?}", file.display())]
    Portfolios {
        /// The backup.
        file: PathBuf,
        /// Found.
        found: Vec<u32>,
        /// As noted.
        expected: Vec<u32>,
    },
}

fn at(file: &Path) -> impl Fn(io::Error) -> BackupError + '_ {
    |error| BackupError::File { file: file.to_owned(), error }
}

/// Copies a journal as it is now, beside its writer if there is one, into a new one.
fn copy(source: &dyn JournalStore, mut made: SqliteStore, now: Timestamp) -> Result<Head, BackupError> {
    source.hold()?;
    let portfolios = source.portfolios()?;
    if portfolios.is_empty() {
        return Err(BackupError::Empty(source.place()));
    }
    let mut heads = Vec::with_capacity(portfolios.len());
    for portfolio in portfolios {
        let mut growing = Growing::new(portfolio);
        let mut waiting: Vec<Row> = Vec::with_capacity(BATCH);
        let mut followed = Ok(());
        source.visit(portfolio, 0, &mut |row| {
            followed = taken(source, &mut growing, &mut waiting, &mut made, row);
            if followed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        followed?;
        made.append(&waiting)?;
        heads.push(growing.head());
    }
    made.finish()?;
    Ok(Head { taken: now, portfolios: heads })
}

/// Takes one row over.
fn taken(
    source: &dyn JournalStore,
    growing: &mut Growing,
    waiting: &mut Vec<Row>,
    made: &mut SqliteStore,
    row: &Row,
) -> Result<(), BackupError> {
    growing.follow(row).map_err(|why| BackupError::Journal { place: source.place(), why })?;
    waiting.push(row.clone());
    if waiting.len() == BATCH {
        made.append(waiting)?;
        waiting.clear();
    }
    Ok(())
}

/// Makes a backup in `folder`; encrypted if there are recipients, by way of a file without a name in `scratch`.
///
/// # Errors
/// [`BackupError`]: no backup was made.
pub fn make(
    on: &SqliteFiles,
    journal: &dyn JournalStore,
    folder: &Path,
    recipients: &[Recipient],
    scratch: &Scratch,
    now: Timestamp,
) -> Result<Note, BackupError> {
    files::make_folders(on.files(), folder).map_err(at(folder))?;
    let of = stem(&journal.place());
    let name = name(&of, now, recipients.is_empty());
    let target = folder.join(&name);
    let head = if recipients.is_empty() {
        if target.exists() {
            return Err(at(&target)(io::ErrorKind::AlreadyExists.into()));
        }
        copy(journal, on.create_atomically(&target)?, now)?
    } else {
        let mut out = Whole::fresh(on.files(), &target, Access::Usual).map_err(at(&target))?;
        let (plain, mut made) = SqliteStore::create_nameless(scratch, &target)?;
        let head = copy(journal, plain, now)?;
        made.file.rewind().map_err(at(&target))?;
        let sealed = seal::encrypt(&mut made.file, &mut out, recipients);
        sealed.map_err(|why| BackupError::Seal { file: target.clone(), why: why.into() })?;
        out.settle().map_err(at(&target))?;
        head
    };
    let (bytes, hash) = measured(&target)?;
    let note = Note {
        file: name,
        of,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        bytes,
        hash,
        encrypted: !recipients.is_empty(),
        head,
    };
    let beside = note::beside(&target);
    let noted = files::create(on.files(), &beside, Access::Usual, note.to_text().as_bytes());
    noted.map_err(|error| {
        // A note without its backup would be missed; a backup without its note is none.
        if error.kind() != io::ErrorKind::AlreadyExists {
            let _ = on.files().remove(&beside);
        }
        let _ = on.files().remove(&target);
        at(&beside)(error)
    })?;
    Ok(note)
}

/// A backup that was opened, and is what its note says. It has no name.
pub struct Opened {
    /// What was backed up.
    pub note: Note,
    // Closed before its file goes.
    store: SqliteStore,
    _gone: Nameless,
}

impl Opened {
    /// The journal, to be read.
    #[must_use]
    pub fn journal(&self) -> &dyn JournalStore {
        &self.store
    }
}

/// Opens a backup in a file without a name in `scratch`.
///
/// # Errors
/// [`BackupError`] if it is damaged, cannot be decrypted, or is not what its note says.
pub fn open(backup: &Path, identities: &[Identity], scratch: &Scratch) -> Result<Opened, BackupError> {
    let note = Note::read(backup)?;
    let (_, found) = measured(backup)?;
    if found != note.hash {
        return Err(BackupError::Bytes { file: backup.to_owned(), found, expected: note.hash });
    }
    let fill = |out: &mut File| -> Result<(), BackupError> {
        let mut source = File::open(backup).map_err(at(backup))?;
        if note.encrypted {
            let opened = seal::decrypt(&mut source, out, identities);
            return opened.map_err(|why| BackupError::Seal { file: backup.to_owned(), why: why.into() });
        }
        io::copy(&mut source, out).map(|_| ()).map_err(at(backup))
    };
    let (store, gone) = SqliteStore::open_nameless(scratch, backup, fill)??;
    held(backup, &store, &note)?;
    Ok(Opened { note, store, _gone: gone })
}

/// What makings of backups that were killed have left in a folder, and nobody holds: it is removed.
///
/// # Errors
/// [`BackupError`] if the folder cannot be read or written.
pub fn remove_abandoned(on: &SqliteFiles, folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut removed = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(of) = name.strip_suffix(files::PARTIAL) else { continue };
        let backup = of.strip_suffix(note::ENDING).unwrap_or(of);
        let gone = match of {
            _ if of.ends_with(JOURNAL) => on.remove_abandoned(&path)?,
            _ if backup.ends_with(JOURNAL) || backup.ends_with(SEALED) => {
                files::remove_abandoned(&path).map_err(at(&path))?
            }
            _ => false,
        };
        if gone {
            removed.push(path);
        }
    }
    removed.sort();
    Ok(removed)
}

/// Whether the journal is the one of the note, row for row.
fn held(backup: &Path, store: &SqliteStore, note: &Note) -> Result<(), BackupError> {
    store.check_structure()?;
    let expected: Vec<u32> = note.head.portfolios.iter().map(|head| head.portfolio).collect();
    let found = store.portfolios()?;
    if found != expected {
        return Err(BackupError::Portfolios { file: backup.to_owned(), found, expected });
    }
    for head in &note.head.portfolios {
        let rows = store.rows(head.portfolio)?;
        let differs = |why| BackupError::Differs { file: backup.to_owned(), why };
        head.holds(note.head.taken, &rows).map_err(differs)?;
    }
    Ok(())
}

/// What a backup of a journal is called by: the file without its ending, or the database's schema.
fn stem(place: &Place) -> String {
    let text = match place {
        Place::File(file) => file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        Place::Database(address) => address.rsplit(['/', '=']).next().unwrap_or_default().to_owned(),
    };
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    text.chars().map(plain).collect()
}

/// `demo.20260102T210000Z.journal`, and `.age` where it is encrypted.
fn name(stem: &str, now: Timestamp, plain: bool) -> String {
    let now: String = now.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{stem}.{now}{}", if plain { JOURNAL } else { SEALED })
}

/// Length and BLAKE3 of a file.
fn measured(file: &Path) -> Result<(u64, String), BackupError> {
    let mut hasher = blake3::Hasher::new();
    let mut source = File::open(file).map_err(at(file))?;
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = source.read(&mut buffer).map_err(at(file))?;
        if read == 0 {
            return Ok((bytes, hasher.finalize().to_string()));
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
}
