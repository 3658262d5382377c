//! What a pull or an import did to a folder.

use std::path::Path;

use adapters::files::SystemFiles;
use adapters::folder::{FolderError, Piece, Put, Written};
use adapters::history::HistoryOptions;
use market::time::Calendar;
use protocol::policy::Policy;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::show::{self, figures, words};

/// Lays the pieces over the folder's files.
pub(super) fn write(
    dir: &Path,
    pieces: Vec<Piece>,
    accept_revisions: bool,
    calendar: &Calendar,
) -> Result<Vec<Written>, Failure> {
    let options = HistoryOptions::new(Policy::all_use().data.splits_complete_since);
    Ok(Put { dir, files: &SystemFiles, accept_revisions, options: &options, calendar }.write(pieces)?)
}

/// Shows what changed.
pub(super) fn print(dir: &Path, files: &[Written]) -> Result<(), Failure> {
    let columns = [
        words("file"),
        words("first"),
        words("last"),
        figures("rows"),
        figures("new"),
        figures("filled in"),
        figures("revised"),
    ];
    let rows = files.iter().map(|file| {
        let (first, last) = file.span.clone().unwrap_or_else(|| (show::NONE.to_owned(), show::NONE.to_owned()));
        let Written { rows, added, filled, revised, .. } = file;
        let counts = [*rows, *added, *filled, revised.len()].map(|count| count.to_string());
        let [rows, added, filled, revised] = counts;
        [file.file.display().to_string(), first, last, rows, added, filled, revised]
    });
    show::table(&format!("Written to {}", dir.display()), columns, rows)?;
    show::list(files.iter().flat_map(|file| &file.revised).map(ToString::to_string))?;
    show::print("")?;
    show::print(&format!("alluse data inspect {}   what the folder supports now", dir.display()))
}

/// The same as JSON.
pub(super) fn as_json(files: &[Written]) -> Value {
    let file = |file: &Written| {
        json!({
            "file": file.file.display().to_string(),
            "rows": file.rows,
            "new": file.added,
            "filled_in": file.filled,
            "revised": file.revised.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "first": file.span.as_ref().map(|(first, _)| first),
            "last": file.span.as_ref().map(|(_, last)| last),
        })
    };
    files.iter().map(file).collect()
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Failure {
        match error {
            FolderError::Refused { .. } | FolderError::Revised(_) => Failure::Data(error.to_string()),
            FolderError::Busy(_) | FolderError::Io { .. } => Failure::System(error.to_string()),
        }
    }
}
