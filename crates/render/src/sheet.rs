//! Everything that a page shows, gathered once from the journal.

use market::time::Date;
use report::comparison::{Comparison, Paths};
use report::period::Period;
use report::{Book, Course, Gap, Masthead, Provenance};

use crate::html::ids;
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

    /// The events at which a sleeve's closes, or those of the whole where none is called so, begin and end.
    pub(crate) fn span(&self, name: &str) -> String {
        let sleeve = self.course.sleeves.iter().find(|s| s.sleeve == name);
        let closes: Vec<u64> = match sleeve {
            Some(sleeve) => sleeve.points.iter().map(|p| p.event).collect(),
            None => self.course.weeks.iter().map(|w| w.event).collect(),
        };
        ids(ends(&closes))
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

/// First and last: the events between which a span lies.
pub(crate) fn ends(events: &[u64]) -> Vec<u64> {
    let mut ends: Vec<u64> = events.first().into_iter().chain(events.last()).copied().collect();
    ends.dedup();
    ends
}
