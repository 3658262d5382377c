//! Writes the books to standard output, or to a file whole or not at all.

use std::io::{self, Write};
use std::sync::Arc;

use adapters::books::{beancount, hledger, postings};
use adapters::statement::{ofx, plain};
use ledger::StructureId;
use market::time::Calendar;
use report::Book;
use report::daybook::{Extent, daybook};
use report::statement::own;

use super::{refused, replaceable};
use crate::cli::{Export, Format};
use crate::failure::Failure;
use crate::home;
use crate::journal::Journal;
use crate::show;

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
    let (text, said) = written(&opened, &book, asked)?;
    let Some(out) = &asked.out else {
        return Ok(io::stdout().lock().write_all(text.as_bytes())?);
    };
    replaceable(out, &text)?;
    home::write_whole(out, &text)?;
    show::print(&format!("{}: {said}, {} bytes", out.display(), text.len()))
}

/// The file, and what is in it.
fn written(opened: &Journal, book: &Book<'_>, asked: &Export) -> Result<(String, String), Failure> {
    let whole = Extent { structure: asked.structure.map(StructureId), from: None, to: asked.to };
    let statement = matches!(asked.format, Format::Ofx | Format::Statement);
    let extent = if statement { whole } else { Extent { from: asked.from, ..whole } };
    let daybook = daybook(book, extent).map_err(|e| refused(&opened.place, &e))?;
    if statement {
        let statement = own(&daybook, asked.from).map_err(|e| refused(&opened.place, &e))?;
        let text = if asked.format == Format::Ofx { ofx::write(&statement) } else { plain::write(&statement) };
        let positions = statement.positions.as_ref().map_or(0, Vec::len);
        let said = format!("{} activities and {positions} positions", statement.activities.len());
        return Ok((text, said));
    }
    let text = match asked.format {
        Format::Hledger => hledger(&daybook),
        Format::Beancount => beancount(&daybook),
        _ => postings(&daybook),
    };
    let count = daybook.transactions().filter(|t| !t.lines.is_empty()).count();
    Ok((text, format!("{count} transactions on {} accounts", daybook.accounts().len())))
}
