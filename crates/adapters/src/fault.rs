//! What can be wrong with a folder of price history: where, what was found, what was expected.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// Longest piece of a field that an error repeats, in characters.
const FIELD_SHOWN: usize = 40;
/// Longest piece of a header that an error repeats, in characters.
const HEADER_SHOWN: usize = 160;

/// A fault in a data file, in one sentence that names the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{}: {fault}", file.display(), Line(*line), Column(field))]
pub struct DataError {
    /// The file, or the folder where a whole file is at fault.
    pub file: PathBuf,
    /// Line of the file, from 1, its header included.
    pub line: Option<u32>,
    /// The column at fault.
    pub field: Option<Cow<'static, str>>,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong in a data file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A file that is needed is not there.
    #[error("there is no such file; expected {expected}")]
    NoFile {
        /// What the file would hold.
        expected: Cow<'static, str>,
    },
    /// The file is there but does not open.
    #[error("the file cannot be read ({reason}); expected {expected}")]
    Unreadable {
        /// What the system said.
        reason: String,
        /// What the file would hold.
        expected: Cow<'static, str>,
    },
    /// Nothing in it.
    #[error("{what}; expected {expected}")]
    Empty {
        /// What is empty: the file, or all below its header.
        what: &'static str,
        /// What it would hold.
        expected: Cow<'static, str>,
    },
    /// A column that is needed is not in the header.
    #[error("there is no column {column:?} among {found}; expected it by that name, in any place")]
    NoColumn {
        /// The column's name.
        column: Cow<'static, str>,
        /// The header as it stands.
        found: String,
    },
    /// Some text, number or date that cannot be right.
    #[error("found {found}; expected {expected}")]
    Found {
        /// The text, shortened.
        found: String,
        /// What would have been right.
        expected: Cow<'static, str>,
    },
    /// Values that are well written and contradict each other.
    #[error("{problem}")]
    Unsound {
        /// What is wrong and what was expected.
        problem: String,
    },
}

impl DataError {
    pub(crate) fn new(file: &Path, line: Option<u32>, field: Option<Cow<'static, str>>, fault: Fault) -> Self {
        DataError { file: file.to_owned(), line, field, fault }
    }

    /// A fault of a whole file.
    pub(crate) fn of_file(file: &Path, fault: Fault) -> Self {
        DataError::new(file, None, None, fault)
    }
}

/// Text of a field between quotation marks, control characters escaped, cut to a readable length.
pub(crate) fn quoted(text: &str) -> String {
    cut(text, FIELD_SHOWN)
}

/// The same for a header.
pub(crate) fn quoted_header(text: &str) -> String {
    cut(text, HEADER_SHOWN)
}

fn cut(text: &str, shown: usize) -> String {
    match text.char_indices().nth(shown) {
        Some((end, _)) => format!("{:?}… ({} characters)", &text[..end], text.chars().count()),
        None => format!("{text:?}"),
    }
}

struct Line(Option<u32>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, ", line {line}"))
    }
}

struct Column<'a>(&'a Option<Cow<'static, str>>);

impl fmt::Display for Column<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |field| write!(f, ", {field}"))
    }
}
