//! Writes the books to standard output, or to a file whole or not at all.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use adapters::books::{beancount, hledger, postings};
use ledger::StructureId;
use market::time::Calendar;
use report::ReportError;
use report::daybook::{Extent, daybook};

use crate::cli::{Export, Format};
use crate::failure::Failure;
use crate::home;
use crate::journal::Journal;
use crate::show;

/// So much of a file's beginning says that this command wrote it.
const BEGINS: usize = 16;

/// Runs the command.
pub(crate) fn run(asked: &Export) -> Result<(), Failure> {
    if let (Some(from), Some(to)) = (asked.from, asked.to)
        && from > to
    {
        return Err(Failure::Usage(format!("--from {from} is after --to {to}")));
    }
    let calendar = Arc::new(Calendar::nyse());
    let opened = Journal::open(asked.journal.as_deref())?;
    let book = opened.book(&calendar)?;
    let extent = Extent { structure: asked.structure.map(StructureId), from: asked.from, to: asked.to };
    let daybook = daybook(&book, extent).map_err(|e| refused(&opened.file, &e))?;
    let text = match asked.format {
        Format::Hledger => hledger(&daybook),
        Format::Beancount => beancount(&daybook),
        Format::Csv => postings(&daybook),
    };
    let Some(out) = &asked.out else {
        return Ok(io::stdout().lock().write_all(text.as_bytes())?);
    };
    replaceable(out, &text)?;
    home::write_whole(out, &text)?;
    let count = daybook.transactions().filter(|t| !t.lines.is_empty()).count();
    let accounts = daybook.accounts().len();
    show::print(&format!("{}: {count} transactions on {accounts} accounts, {} bytes", out.display(), text.len()))
}

fn refused(file: &Path, error: &ReportError) -> Failure {
    let text = format!("{}: {error}", file.display());
    match error {
        ReportError::NoSuchStructure { .. } => Failure::Usage(text),
        _ => Failure::Journal(text),
    }
}

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
