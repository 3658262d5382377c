//! Where a file of a folder came from: a note beside it, `FILE.provenance.json`.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

/// Where some rows came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The name of a source, or `import`.
    pub source: String,
    /// The address asked, without secrets, or the file that was imported.
    pub address: String,
    /// When it was fetched or imported.
    pub at: Timestamp,
    /// The status of the answer; absent where a file was imported.
    pub status: Option<u16>,
    /// BLAKE3 of the bytes received.
    pub blake3: String,
    /// How many they were.
    pub bytes: usize,
}

impl Origin {
    /// A file that somebody imported.
    #[must_use]
    pub fn imported(file: String, bytes: &[u8], at: Timestamp) -> Origin {
        let (source, blake3) = ("import".to_owned(), digest(bytes));
        Origin { source, address: file, at, status: None, blake3, bytes: bytes.len() }
    }
}

/// What a note says of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// There is no note: it is not known where the file came from.
    Untold,
    /// The file is as it was when the note was written.
    Told {
        /// Sources, each once, in the order in which they were first used.
        sources: Vec<String>,
        /// When the file was last written.
        at: String,
    },
    /// The file was changed since: the note no longer speaks for it.
    Changed,
}

/// The note that belongs to a file.
#[must_use]
pub fn note_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".provenance.json");
    PathBuf::from(name)
}

/// BLAKE3 in hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// What is known of the file at `path`.
#[must_use]
pub fn provenance(path: &Path) -> Provenance {
    let Some(note) = read(&note_of(path)) else { return Provenance::Untold };
    let Ok(bytes) = fs::read(path) else { return Provenance::Changed };
    let Some(origins) = origins(&note, &digest(&bytes)) else { return Provenance::Changed };
    let mut sources: Vec<String> = Vec::new();
    let mut at = String::new();
    for origin in origins {
        let source = origin["source"].as_str().unwrap_or_default();
        if !sources.iter().any(|known| known == source) {
            sources.push(source.to_owned());
        }
        at = origin["at"].as_str().unwrap_or_default().to_owned();
    }
    Provenance::Told { sources, at }
}

/// What a note says of a file with that hash; nothing if it speaks of another. A note takes its name before its file
/// does, and speaks of the file that was there before as well: whoever is killed between the two leaves no file untold.
fn origins<'a>(note: &'a Value, blake3: &str) -> Option<&'a [Value]> {
    let all = note["origins"].as_array().map_or(&[][..], Vec::as_slice);
    let says = |key: &str| note[key].as_str() == Some(blake3);
    let last = || note["origins_last"].as_u64().and_then(|last| usize::try_from(last).ok());
    match (says("blake3"), says("replaces")) {
        (true, _) => Some(all),
        (false, true) => Some(&all[..all.len().saturating_sub(last()?)]),
        (false, false) => None,
    }
}

fn read(note: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(note).ok()?).ok()
}

/// What a new note has to say.
pub(super) struct Note<'a> {
    /// The file as the folder has it now.
    pub(super) path: &'a Path,
    pub(super) csv: &'a str,
    pub(super) rows: usize,
    pub(super) span: Option<(&'a str, &'a str)>,
    pub(super) added: usize,
    pub(super) revised: usize,
    pub(super) origins: &'a [Origin],
}

impl Note<'_> {
    /// The note's text; earlier origins stand before the new ones, and rows that were there untold are said to be so.
    pub(super) fn text(&self) -> String {
        let before = fs::read(self.path).ok().map(|bytes| digest(&bytes));
        let mut origins = before.as_deref().map_or_else(Vec::new, |before| {
            let told = read(&note_of(self.path)).and_then(|note| Some(origins(&note, before)?.to_vec()));
            told.unwrap_or_else(|| vec![json!({ "source": "unknown", "at": "" })])
        });
        origins.extend(self.origins.iter().map(|origin| {
            json!({
                "source": origin.source,
                "address": origin.address,
                "at": origin.at.to_string(),
                "status": origin.status,
                "blake3": origin.blake3,
                "bytes": origin.bytes,
            })
        }));
        let note = json!({
            "blake3": digest(self.csv.as_bytes()),
            "replaces": before,
            "rows": self.rows,
            "first": self.span.map(|(first, _)| first),
            "last": self.span.map(|(_, last)| last),
            "rows_added_last": self.added,
            "values_revised_last": self.revised,
            "origins_last": self.origins.len(),
            "origins": origins,
        });
        format!("{note:#}\n")
    }
}
