//! Why transactions do not make a tax view.

use market::time::Date;

/// What is wrong with a list of transactions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxError {
    /// More leaves than is there.
    #[error(
        "{account}, {day}: {needed} {what} leave, {held} are there; expected what was opened before, \
         since an account is declared with all its trades"
    )]
    NotHeld {
        /// The account.
        account: String,
        /// When.
        day: Date,
        /// What leaves.
        what: String,
        /// How many are there.
        held: i64,
        /// How many leave.
        needed: i64,
    },
    /// A day before the one that was booked last.
    #[error("a transaction of {day} comes after one of {after}; expected them in order")]
    Order {
        /// Its day.
        day: Date,
        /// The day booked last.
        after: Date,
    },
}
