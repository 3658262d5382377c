//! What was fetched, byte for byte, with what the host said of it: `SOURCE/NAME` and `SOURCE/NAME.json`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::http::{Fetched, Validators, without_secrets};
use crate::files::{Files, beside, make_folders, replace};
use crate::folder::digest;

/// A folder of answers.
#[derive(Clone, Copy)]
pub struct Cache<'a> {
    /// It is made if it is not there.
    pub dir: &'a Path,
    /// Through which it is written.
    pub files: &'a dyn Files,
}

impl Cache<'_> {
    fn file(&self, source: &str, name: &str) -> PathBuf {
        self.dir.join(source).join(name)
    }

    /// The last good answer to that question. One that is damaged, or was given to another question, is none.
    #[must_use]
    pub fn known(&self, source: &str, name: &str, address: &str) -> Option<Fetched> {
        let file = self.file(source, name);
        let note: Value = serde_json::from_slice(&fs::read(note_of(&file)).ok()?).ok()?;
        let bytes = fs::read(&file).ok()?;
        let sound = note["blake3"].as_str() == Some(&digest(&bytes))
            && note["address"].as_str() == Some(&without_secrets(address));
        let text = |key: &str| note[key].as_str().map(str::to_owned);
        let fetched = || {
            Some(Fetched {
                bytes,
                validators: Validators { etag: text("etag"), last_modified: text("last_modified") },
                status: u16::try_from(note["status"].as_u64()?).ok()?,
                answered: text("answered")?,
                at: text("at")?.parse().ok()?,
            })
        };
        sound.then(fetched).flatten()
    }

    /// Keeps an answer that was understood. One that was kept in part is none.
    ///
    /// # Errors
    /// The file, and what the system said.
    pub fn keep(&self, source: &str, name: &str, address: &str, fetched: &Fetched) -> Result<(), (PathBuf, io::Error)> {
        let file = self.file(source, name);
        let note = json!({
            "address": without_secrets(address),
            "answered": fetched.answered,
            "at": fetched.at.to_string(),
            "status": fetched.status,
            "blake3": digest(&fetched.bytes),
            "bytes": fetched.bytes.len(),
            "etag": fetched.validators.etag,
            "last_modified": fetched.validators.last_modified,
        });
        let keep =
            |path: &Path, bytes: &[u8]| replace(self.files, path, bytes).map_err(|error| (path.to_owned(), error));
        make_folders(self.files, &self.dir.join(source)).map_err(|error| (file.clone(), error))?;
        keep(&file, &fetched.bytes)?;
        keep(&note_of(&file), note.to_string().as_bytes())
    }
}

fn note_of(file: &Path) -> PathBuf {
    beside(file, ".json")
}
