//! `alluse report page`: a run as one HTML file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use render::RuleWorth;

use crate::cli::ReportPage;
use crate::failure::Failure;
use crate::home;
use crate::journal::Journal;
use crate::show;
use report::Book;

/// What every page begins with, by which one of ours is known.
const BEGINS: &[u8] = b"<!DOCTYPE html>";

/// Writes the page, whole or not at all.
pub(super) fn write(opened: &Journal, book: &Book<'_>, asked: &ReportPage) -> Result<(), Failure> {
    replaceable(&asked.out)?;
    let worth = asked.rule_worth.as_deref().map(rule_worth).transpose()?;
    let page = render::page(book, &opened.digest(), worth.as_ref());
    home::write_whole(&asked.out, &page)?;
    show::print(&format!("{}: {} bytes; it needs nothing but a browser", asked.out.display(), page.len()))
}

/// A page may be replaced; anything else that stands there is left as it is.
fn replaceable(path: &Path) -> Result<(), Failure> {
    let mut begins = Vec::new();
    match File::open(path).and_then(|file| file.take(BEGINS.len() as u64).read_to_end(&mut begins)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Failure::file(path, &e)),
        Ok(_) if begins == BEGINS => Ok(()),
        Ok(_) => Err(Failure::Usage(format!(
            "{}: what stands there is no page; expected a new name, or a page to replace",
            path.display()
        ))),
    }
}

fn rule_worth(path: &Path) -> Result<RuleWorth, Failure> {
    let text = fs::read_to_string(path).map_err(|e| Failure::Data(format!("{}: {e}", path.display())))?;
    RuleWorth::read(&text).map_err(|e| Failure::Data(format!("{}: {e}", path.display())))
}
