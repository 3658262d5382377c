//! The journal folded into statements, performance, comparisons, explanations and an audit, as data.
//!
//! Read in this order: [`book`] folds the journal once and keeps where things stand in it; [`mod@weekly`] and
//! [`period`] are its statements (L-1, L-2, L-4), [`mod@comparison`] puts the result beside what else the money could
//! have done (L-6), [`mod@tree`] shows structures and sleeves, [`mod@story`] tells one line for each thing that
//! happened, [`mod@course`] follows the run week by week, [`mod@explain`] answers why, [`mod@check`] proves the figures
//! by a second route. [`mod@consolidated`] sets the structures beside the whole,
//! [`mod@daybook`] gives every transaction with its postings to other programs, [`statement`] what a
//! broker would have written, and [`mod@reconcile`] holds that against what he did write. [`measure`] holds the
//! formulas, [`words`] the trader's words, [`mod@gaps`] what the data did not allow to know, [`masthead`] what every
//! page begins with.
//!
//! Everything here comes from the events alone. Nothing is rendered: the types serialise, and others draw them.

pub mod book;
pub mod check;
pub mod comparison;
pub mod consolidated;
pub mod course;
pub mod daybook;
mod error;
pub mod explain;
pub mod figure;
pub mod gaps;
pub mod masthead;
pub mod measure;
mod notes;
pub mod period;
pub mod reconcile;
pub mod statement;
pub mod story;
pub mod tax;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod weekly;
pub mod words;

pub use book::Book;
pub use check::{Audit, CheckError, check};
pub use comparison::{Comparison, comparison, paths};
pub use consolidated::{Consolidated, consolidated};
pub use course::{Course, course};
pub use daybook::{Daybook, daybook};
pub use error::ReportError;
pub use explain::{Explanation, explain};
pub use gaps::{Gap, gaps};
pub use masthead::{Masthead, Provenance};
pub use notes::{assumptions, chosen};
pub use period::{Period, annual, monthly, whole};
pub use reconcile::{Reconciliation, reconcile};
pub use statement::Statement;
pub use story::{Filter, story};
pub use tree::{Tree, tree};
pub use weekly::{Weekly, weekly};
