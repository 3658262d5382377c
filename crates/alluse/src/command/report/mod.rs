//! `alluse report`: statements of a journal.

mod page;
mod periods;
mod structures;
mod week;

use std::sync::Arc;

use market::time::Calendar;
use report::{ReportError, annual, monthly, weekly};

use crate::cli::{Report, Statement};
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};

/// Prints a statement, or writes the page.
pub(crate) fn run(command: &Report) -> Result<(), Failure> {
    let calendar = Arc::new(Calendar::nyse());
    let file = match command {
        Report::Weekly { of, .. } | Report::Monthly { of, .. } | Report::Annual { of, .. } => &of.of.journal,
        Report::Structures(asked) => &asked.of.of.journal,
        Report::Page(asked) => &asked.journal,
    };
    let opened = Journal::open(file.as_deref())?;
    let book = opened.book(&calendar)?;
    let masthead = Masthead::of(&book);
    let asked = |one, of: &Statement| periods::Asked {
        opened: &opened,
        book: &book,
        masthead,
        one,
        csv: of.csv,
        json: of.of.json,
    };
    match command {
        Report::Weekly { week, of } => {
            let statement = weekly(&book, *week).map_err(|e| refused(&opened, &e))?;
            match (of.of.json, of.csv) {
                (true, _) => journal::json(&opened, masthead, &statement),
                (_, true) => week::csv(&statement, masthead),
                _ => masthead.print().and_then(|()| week::print(&statement)),
            }
        }
        Report::Monthly { month, of } => asked(month.as_deref(), of).answer(monthly(&book)),
        Report::Annual { year, of } => {
            let year = year.map(|y| y.to_string());
            asked(year.as_deref(), of).answer(annual(&book))
        }
        Report::Structures(asked) => structures::run(&opened, &book, masthead, asked),
        Report::Page(page) => page::write(&opened, &book, page),
    }
}

/// A week that is not there is a wrong question; anything else is the journal's fault.
fn refused(opened: &Journal, error: &ReportError) -> Failure {
    let text = format!("{}: {error}", opened.place);
    match error {
        ReportError::NoSuchWeek { .. } | ReportError::NoClose | ReportError::UnknownId { .. } => Failure::Usage(text),
        _ => Failure::Journal(text),
    }
}
