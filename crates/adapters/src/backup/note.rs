//! What a backup holds, in a file of JSON beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use engine::proof::{Head, PortfolioHead};
use serde_json::{Value, json};

use crate::files;
use crate::head::{hex, unhex};

/// The layout of notes.
const LAYOUT: u64 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its own name.
    pub file: String,
    /// What the journal is called by: its file without the ending, or its schema.
    pub of: String,
    /// Version of the program that made it.
    pub program: String,
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3 of the file, in hexadecimal.
    pub hash: String,
    /// Whether an identity is needed to read it.
    pub encrypted: bool,
    /// What the journal was.
    pub head: Head,
}

/// Why there is no note.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// The file.
    #[error("{}: {error}; expected the note that was written beside the backup", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// What is in it.
    #[error("{}: {what}", file.display())]
    Unsound {
        /// Which.
        file: PathBuf,
        /// What is wrong, and what was expected.
        what: String,
    },
}

/// What a note's name ends with, after its backup's.
pub(super) const ENDING: &str = ".json";

/// The note of a backup.
pub(super) fn beside(backup: &Path) -> PathBuf {
    files::beside(backup, ENDING)
}

impl Note {
    /// Its text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Note { file, of, program, bytes, hash, encrypted, head } = self;
        let portfolio = |p: &PortfolioHead| {
            json!({
                "portfolio": p.portfolio,
                "rows": p.rows,
                "events": p.events,
                "digest": hex(&p.digest),
                "chain": hex(&p.chain),
                "root": hex(&p.root),
            })
        };
        let portfolios: Vec<Value> = head.portfolios.iter().map(portfolio).collect();
        let value = json!({
            "layout": LAYOUT,
            "file": file,
            "of": of,
            "program": program,
            "bytes": bytes,
            "blake3": hash,
            "encrypted": encrypted,
            "taken": head.taken.to_string(),
            "portfolios": portfolios,
        });
        format!("{value:#}\n")
    }

    /// Reads the note of a backup.
    ///
    /// # Errors
    /// [`NoteError`] naming the field.
    pub fn read(backup: &Path) -> Result<Note, NoteError> {
        let file = beside(backup);
        let text = fs::read_to_string(&file).map_err(|error| NoteError::File { file: file.clone(), error })?;
        Note::of(&text).map_err(|what| NoteError::Unsound { file, what })
    }

    /// Reads a note's text.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    pub fn of(text: &str) -> Result<Note, String> {
        let value: Value = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
        let layout = number(&value, "layout")?;
        if layout != LAYOUT {
            return Err(format!("its layout is {layout}; this program knows layout {LAYOUT}"));
        }
        let portfolios = value["portfolios"].as_array().ok_or("portfolios: expected a list")?;
        let taken = word(&value, "taken")?;
        Ok(Note {
            file: word(&value, "file")?,
            of: word(&value, "of")?,
            program: word(&value, "program")?,
            bytes: number(&value, "bytes")?,
            hash: word(&value, "blake3")?,
            encrypted: value["encrypted"].as_bool().ok_or("encrypted: expected true or false")?,
            head: Head {
                taken: taken.parse().map_err(|_| format!("taken: found {taken:?}; expected a time"))?,
                portfolios: portfolios.iter().map(portfolio).collect::<Result<_, _>>()?,
            },
        })
    }
}

fn portfolio(value: &Value) -> Result<PortfolioHead, String> {
    let hash = |key: &str| -> Result<[u8; 32], String> {
        let found = unhex(&word(value, key)?).and_then(|bytes| bytes.try_into().ok());
        found.ok_or_else(|| format!("{key}: expected 64 hexadecimal digits"))
    };
    let portfolio = number(value, "portfolio")?;
    Ok(PortfolioHead {
        portfolio: u32::try_from(portfolio).map_err(|_| format!("portfolio: {portfolio} is too large"))?,
        rows: number(value, "rows")?,
        events: number(value, "events")?,
        digest: hash("digest")?,
        chain: hash("chain")?,
        root: hash("root")?,
    })
}

fn word(value: &Value, key: &str) -> Result<String, String> {
    value[key].as_str().map(str::to_owned).ok_or_else(|| format!("{key}: expected text"))
}

fn number(value: &Value, key: &str) -> Result<u64, String> {
    value[key].as_u64().ok_or_else(|| format!("{key}: expected a whole number"))
}
