//! `alluse backup`: made while the journal is written, rehearsed, and removed by rule.

mod restore;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use adapters::backup::{self, BackupError, Identity, Keep, Note, Opened, Recipient};
use adapters::clock::{Clock, SystemClock};
use adapters::store::SqliteFiles;
use engine::journal::hex;
use jiff::Timestamp;
use market::time::Calendar;
use serde_json::json;

use crate::cli::{Backup, BackupMake, BackupPrune, BackupVerify};
use crate::failure::Failure;
use crate::home;
use crate::journal::{self as journals, Journal};
use crate::show::{self, figures, words};

pub(crate) use restore::run as restore;

/// When a restore was rehearsed last, and of what.
pub(crate) const REHEARSED: &str = "rehearsed.json";

/// Runs the command.
pub(crate) fn run(command: &Backup) -> Result<(), Failure> {
    match command {
        Backup::Make(asked) => make(asked),
        Backup::Verify(asked) => verify(asked),
        Backup::List { folder, json } => list(folder, *json),
        Backup::Prune(asked) => prune(asked),
        Backup::Key { out } => key(out),
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Failure {
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::File { .. } => Failure::System(error.to_string()),
            _ => Failure::Journal(error.to_string()),
        }
    }
}

/// Now, to the second.
fn now() -> Timestamp {
    Timestamp::from_second(SystemClock.now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn make(asked: &BackupMake) -> Result<(), Failure> {
    let named = asked.journal.clone().map_or_else(home::last, Ok)?;
    let recipient = |text: &String| {
        let expected = "expected an age recipient such as `alluse backup key` prints, age1…";
        text.parse::<Recipient>().map_err(|why| Failure::Usage(format!("--recipient {text}: {why}; {expected}")))
    };
    let recipients: Vec<Recipient> = asked.recipient.iter().map(recipient).collect::<Result<_, _>>()?;
    let (scratch, files) = (home::scratch()?, SqliteFiles::of_system());
    let journal = journals::reader(&journals::location(&named)?)?;
    let note = backup::make(&files, journal.as_ref(), &asked.to, &recipients, &scratch, now())?;
    for file in backup::remove_abandoned(&files, &asked.to)? {
        show::aside(&format!("{}: left by a backup that was cut off; removed", file.display()));
    }
    show::print(&format!(
        "{}: {} bytes, {}{}",
        asked.to.join(&note.file).display(),
        note.bytes,
        held(&note),
        if note.encrypted { ", encrypted" } else { "; not encrypted: whoever has the file can read it" }
    ))
}

/// What a backup holds, in words.
fn held(note: &Note) -> String {
    let events: u64 = note.head.portfolios.iter().map(|p| p.events).sum();
    match note.head.portfolios.as_slice() {
        [one] => format!("{events} events of portfolio {}, digest {}", one.portfolio, hex(&one.digest)),
        many => format!("{events} events of {} portfolios", many.len()),
    }
}

fn identities(file: Option<&Path>) -> Result<Vec<Identity>, Failure> {
    let read = |file: &Path| {
        backup::read_identities(file).map_err(|why| Failure::Usage(format!("--identity {}: {why}", file.display())))
    };
    file.map_or_else(|| Ok(Vec::new()), read)
}

fn opened(backup: &Path, identities: &[Identity]) -> Result<Opened, Failure> {
    Ok(backup::open(backup, identities, &home::scratch()?)?)
}

fn verify(asked: &BackupVerify) -> Result<(), Failure> {
    let identities = identities(asked.identity.as_deref())?;
    let calendar = Arc::new(Calendar::nyse());
    let mut told = Vec::new();
    for file in &asked.backups {
        let opened = opened(file, &identities)?;
        for head in &opened.note.head.portfolios {
            let journal = Journal::read(opened.journal(), head.portfolio)?;
            let broken = |why: String| Failure::Check(format!("{}: {why}", file.display()));
            let audit = report::check(&journal.events, &calendar).map_err(|why| broken(why.to_string()))?;
            let (found, digest) = (journal.digest(), hex(&head.digest));
            if found != digest {
                return Err(broken(format!("replayed, its digest is {found}; its note says {digest}")));
            }
            let checks: u64 = audit.held.iter().map(|held| held.times).sum();
            told.push(json!({
                "backup": file,
                "made": opened.note.head.taken.to_string(),
                "portfolio": head.portfolio,
                "events": head.events,
                "digest": digest,
                "weeks": audit.weeks,
                "checks": checks,
            }));
        }
    }
    let rehearsed = json!({ "at": now().to_string(), "backups": told });
    home::write_whole(&home::file(REHEARSED)?, format!("{rehearsed:#}\n"))?;
    if asked.json {
        return show::json(&rehearsed);
    }
    for one in &told {
        show::print(&format!(
            "{}: portfolio {}, {} events, {} weekly closes: opened, replayed, {} checks held, digest {}",
            one["backup"].as_str().unwrap_or_default(),
            one["portfolio"],
            one["events"],
            one["weeks"],
            one["checks"],
            one["digest"].as_str().unwrap_or_default()
        ))?;
    }
    show::print("\nEvery backup could be restored.")
}

/// The backups of a folder, oldest first.
pub(super) fn notes(folder: &Path) -> Result<Vec<Note>, Failure> {
    let listed = fs::read_dir(folder).map_err(|e| Failure::file(folder, &e))?;
    let mut notes = Vec::new();
    for entry in listed.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(backup) = name.strip_suffix(".json").filter(|name| name.contains(".journal")) {
            let read = Note::read(&folder.join(backup)).map_err(|why| Failure::Journal(why.to_string()))?;
            notes.push(read);
        }
    }
    notes.sort_by(|a, b| (a.head.taken, &a.file).cmp(&(b.head.taken, &b.file)));
    Ok(notes)
}

fn list(folder: &Path, as_json: bool) -> Result<(), Failure> {
    let notes = notes(folder)?;
    if as_json {
        let texts = notes.iter().map(|note| serde_json::from_str::<serde_json::Value>(&note.to_text()));
        let values: Vec<_> = texts.flatten().collect();
        return show::json(&json!({ "folder": folder, "backups": values }));
    }
    if notes.is_empty() {
        return show::print(&format!("{}: no backup lies there", folder.display()));
    }
    let columns = [words("made"), words("backup"), figures("bytes"), words(""), words("holds")];
    let rows = notes.iter().map(|note| {
        let lock = if note.encrypted { "encrypted" } else { "" };
        [note.head.taken.to_string(), note.file.clone(), note.bytes.to_string(), lock.to_owned(), held(note)]
    });
    show::table(&format!("Backups in {}", folder.display()), columns, rows)
}

fn prune(asked: &BackupPrune) -> Result<(), Failure> {
    let notes = notes(&asked.folder)?;
    let made: Vec<Timestamp> = notes.iter().map(|note| note.head.taken).collect();
    let BackupPrune { last, daily, weekly, monthly, .. } = *asked;
    let mut dropped = 0;
    // Backups of different journals do not stand in for each other.
    let mut journals: Vec<&str> = notes.iter().map(|note| note.of.as_str()).collect();
    journals.sort_unstable();
    journals.dedup();
    for journal in journals {
        let own: Vec<usize> = (0..notes.len()).filter(|at| notes[*at].of == journal).collect();
        let times: Vec<Timestamp> = own.iter().map(|at| made[*at]).collect();
        for at in backup::sort(&times, Keep { last, daily, weekly, monthly }).dropped {
            let file = asked.folder.join(&notes[own[at]].file);
            dropped += 1;
            if asked.apply {
                // A note whose backup is gone already is what a pruning that was killed has left.
                remove(&file)?;
                remove(&asked.folder.join(format!("{}.json", notes[own[at]].file)))?;
            }
            let what = if asked.apply { "removed" } else { "would remove" };
            show::print(&format!("{what} {}", file.display()))?;
        }
    }
    let kept = notes.len() - dropped;
    show::print(&format!(
        "{kept} of {} backups kept{}",
        notes.len(),
        match (dropped, asked.apply) {
            (0, _) | (_, true) => "",
            _ => "; nothing was removed: say --apply",
        }
    ))
}

fn remove(file: &Path) -> Result<(), Failure> {
    match fs::remove_file(file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Failure::file(file, &e)),
        _ => Ok(()),
    }
}

fn key(out: &Path) -> Result<(), Failure> {
    let (text, recipient) = backup::new_identity();
    home::write_secret(out, &text)?;
    show::print(&format!("{}: a new identity. Keep it where the backups are not.", out.display()))?;
    show::print(&format!("Its recipient, for --recipient:\n{recipient}"))
}
