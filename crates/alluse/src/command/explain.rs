//! `alluse explain`: what happened, and why.

use std::sync::Arc;

use market::time::Calendar;
use report::explain::Sentence;
use report::{ReportError, explain};

use crate::cli::Explain;
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};
use crate::show::{self, Screen};

/// Explains what an id names.
pub(crate) fn run(arguments: &Explain) -> Result<(), Failure> {
    let calendar = Arc::new(Calendar::nyse());
    let opened = Journal::open(arguments.of.journal.as_deref())?;
    let book = opened.book(&calendar)?;
    let masthead = Masthead::of(&book);
    let explanation = explain(&book, &arguments.id).map_err(|e| match e {
        ReportError::UnknownId { .. } => Failure::Usage(format!("{}: {e}", opened.place)),
        other => Failure::Journal(format!("{}: {other}", opened.place)),
    })?;
    if arguments.of.json {
        return journal::json(&opened, masthead, &explanation);
    }
    masthead.print()?;
    show::heading(&format!("Why: {}", explanation.title))?;
    sentences(&explanation.sentences)?;
    show::print("")?;
    explanation.notes.iter().try_for_each(|note| show::paragraph(note))
}

/// The sentences below the day, or the week, that they are about; each with its rules and its event.
fn sentences(all: &[Sentence]) -> Result<(), Failure> {
    let screen = Screen::stdout();
    let mut when = "";
    for sentence in all {
        if sentence.when != when {
            when = &sentence.when;
            show::print(&format!("\n{}", screen.bold(when)))?;
        }
        let rules = if sentence.rules.is_empty() { String::new() } else { format!(" [{}]", sentence.rules.join(" ")) };
        let event = if sentence.event == 0 { String::new() } else { format!(" #{}", sentence.event) };
        show::print(&screen.wrap(&format!("  {}{rules}{event}", sentence.text), 2))?;
    }
    Ok(())
}
