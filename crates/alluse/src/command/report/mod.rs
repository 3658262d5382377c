//! `alluse report`: statements of a journal.

mod periods;
mod week;

use std::sync::Arc;

use market::time::Calendar;
use report::{ReportError, annual, monthly, weekly};

use crate::cli::{Report, Statement};
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};

/// Prints statements.
pub(crate) fn run(command: &Report) -> Result<(), Failure> {
    let (Report::Weekly { of, .. } | Report::Monthly { of, .. } | Report::Annual { of, .. }) = command;
    let Statement { of, csv } = of;
    let calendar = Arc::new(Calendar::nyse());
    let opened = Journal::open(of.journal.as_deref())?;
    let book = opened.book(&calendar)?;
    let masthead = Masthead::of(&book);
    match command {
        Report::Weekly { week, .. } => {
            let statement = weekly(&book, *week).map_err(|e| refused(&opened, &e))?;
            match (of.json, csv) {
                (true, _) => journal::json(&opened, masthead, &statement),
                (_, true) => week::csv(&statement, masthead),
                _ => masthead.print().and_then(|()| week::print(&statement)),
            }
        }
        Report::Monthly { month, .. } => {
            let all = monthly(&book);
            let one = month.as_deref();
            periods::Asked { opened: &opened, book: &book, masthead, one, csv: *csv, json: of.json }.answer(all)
        }
        Report::Annual { year, .. } => {
            let all = annual(&book);
            let one = year.map(|y| y.to_string());
            let one = one.as_deref();
            periods::Asked { opened: &opened, book: &book, masthead, one, csv: *csv, json: of.json }.answer(all)
        }
    }
}

/// A week that is not there is a wrong question; anything else is the journal's fault.
fn refused(opened: &Journal, error: &ReportError) -> Failure {
    let text = format!("{}: {error}", opened.file.display());
    match error {
        ReportError::NoSuchWeek { .. } | ReportError::NoClose | ReportError::UnknownId { .. } => Failure::Usage(text),
        _ => Failure::Journal(text),
    }
}
