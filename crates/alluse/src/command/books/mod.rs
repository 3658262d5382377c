//! `alluse export`, `alluse import`, `alluse reconcile`: the books for other programs, and theirs for us.

mod export;
mod import;
mod reconcile;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use adapters::store::Place;
use report::ReportError;

use crate::failure::Failure;

pub(crate) use export::run as export;
pub(crate) use import::run as import;
pub(crate) use reconcile::run as reconcile;

/// So much of a file's beginning says that this program wrote it.
const BEGINS: usize = 16;

/// A file that begins as the new one does may be replaced; anything else that stands there is left as it is.
fn replaceable(path: &Path, text: &str) -> Result<(), Failure> {
    let begins = &text.as_bytes()[..BEGINS.min(text.len())];
    let mut found = Vec::new();
    match File::open(path).and_then(|file| file.take(BEGINS as u64).read_to_end(&mut found)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Failure::file(path, &e)),
        Ok(_) if found == begins => Ok(()),
        Ok(_) => Err(Failure::Usage(format!(
            "{}: what stands there was not written by this command; expected a new name, or an export to replace",
            path.display()
        ))),
    }
}

/// A structure that is not there is a wrong question; anything else is the journal's fault.
fn refused(place: &Place, error: &ReportError) -> Failure {
    let text = format!("{place}: {error}");
    match error {
        ReportError::NoSuchStructure { .. } => Failure::Usage(text),
        _ => Failure::Journal(text),
    }
}
