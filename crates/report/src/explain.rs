//! placeholder
use crate::{book::Book, error::ReportError};
/// x
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Explanation {
    /// The id.
    pub id: String,
}
/// x
///
/// # Errors
/// x
pub fn explain(_book: &Book<'_>, id: &str) -> Result<Explanation, ReportError> {
    Err(ReportError::UnknownId { id: id.to_owned(), nearest: String::new() })
}
