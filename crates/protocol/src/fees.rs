//! What trading costs, by trade date.

use crate::policy::unit::MicroDollars;

/// One dated rate with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The rate, in the unit that its table names.
    pub rate: MicroDollars,
    /// Who published it; "not verified" where nobody could be found.
    pub source: String,
}
