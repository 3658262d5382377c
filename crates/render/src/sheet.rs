//! Everything that a page shows, gathered once from the journal.

use market::time::Date;
use report::comparison::{Comparison, Paths};
use report::period::Period;
use report::{Book, Course, Gap, Masthead, Provenance};

use crate::scale::Time;
use crate::worth::RuleWorth;

/// What a page is made of.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) masthead: Masthead,
    pub(crate) provenance: Provenance,
    pub(crate) digest: String,
    pub(crate) whole: Option<Period>,
    pub(crate) years: Vec<Period>,
    pub(crate) compared: Option<Comparison>,
    pub(crate) paths: Option<Paths>,
    pub(crate) course: Course,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) assumptions: Vec<String>,
    pub(crate) worth: Option<RuleWorth>,
}

impl Sheet {
    pub(crate) fn of(book: &Book<'_>, digest: &str, worth: Option<&RuleWorth>) -> Sheet {
        let compared = report::comparison(book);
        Sheet {
            masthead: Masthead::of(book),
            provenance: Provenance::of(book),
            digest: digest.to_owned(),
            whole: report::whole(book),
            years: report::annual(book),
            gaps: report::gaps(book, compared.as_ref()),
            compared,
            paths: report::paths(book),
            course: report::course(book),
            assumptions: report::assumptions(book),
            worth: worth.cloned(),
        }
    }

    /// Days from the first weekly close to the last; `None` before there is one.
    pub(crate) fn time(&self) -> Option<Time> {
        let (first, last) = (self.course.weeks.first()?, self.course.weeks.last()?);
        Some(Time::new(first.day.0, last.day.0))
    }

    /// The day of a closed week.
    pub(crate) fn day(&self, week: usize) -> Date {
        self.course.weeks[week].day.0
    }

    /// The id of a closed week.
    pub(crate) fn week(&self, week: usize) -> &str {
        &self.course.weeks[week].week
    }
}
