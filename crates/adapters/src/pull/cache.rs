//! What was fetched, byte for byte, with what the host said of it: `SOURCE/NAME` and `SOURCE/NAME.json`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::http::{Fetched, Validators, without_secrets};
use crate::folder::{digest, write_synced};

/// A folder of answers.
pub(super) struct Cache<'a> {
    pub(super) dir: &'a Path,
}

impl Cache<'_> {
    fn file(&self, source: &str, name: &str) -> PathBuf {
        self.dir.join(source).join(name)
    }

    /// The last good answer to that question. One that is damaged, or was given to another question, is none.
    pub(super) fn known(&self, source: &str, name: &str, address: &str) -> Option<Fetched> {
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

    /// Keeps an answer that was understood.
    pub(super) fn keep(
        &self,
        source: &str,
        name: &str,
        address: &str,
        fetched: &Fetched,
    ) -> Result<(), (PathBuf, io::Error)> {
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
        let write = || {
            for (path, bytes) in
                [(file.clone(), fetched.bytes.as_slice()), (note_of(&file), note.to_string().as_bytes())]
            {
                let mut part = path.clone().into_os_string();
                part.push(".partial");
                write_synced(Path::new(&part), bytes)?;
                fs::rename(&part, &path)?;
            }
            Ok(())
        };
        write().map_err(|error| (file.clone(), error))
    }
}

fn note_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".json");
    PathBuf::from(name)
}
