//! Pages from report data: one HTML file with its charts, which needs nothing else and fetches nothing.
//!
//! Read in this order: `sheet` gathers what a page shows; `page` puts its sections together; `summary` and `honesty`
//! are those of words and tables, `chart` those that are drawn. An `exhibit` is a drawing (`plot`, on the places that
//! `scale` gives) with the `table` behind it, whose rows carry the numbers of the journal's events. `html` makes text
//! safe.
//!
//! What must stand beside every figure (L-6, E-9, A-5, G-3) has no switch here.

mod chart;
mod exhibit;
mod honesty;
mod html;
mod page;
mod plot;
mod scale;
mod sheet;
mod summary;
mod table;
mod worth;

use report::Book;

pub use worth::{RuleWorth, WorthError};

/// The page of a folded journal whose digest is given: the same bytes for the same journal. Where no worths of rules
/// are given, the page says how to get them.
#[must_use]
pub fn page(book: &Book<'_>, digest: &str, worth: Option<&RuleWorth>) -> String {
    page::html(&sheet::Sheet::of(book, digest, worth))
}
