//! What to do with a fault: stop at the first, or go on and keep them all.

use crate::fault::DataError;

/// The two ways to read a folder.
pub(super) enum Problems {
    /// A history is wanted: the first fault ends the reading.
    First,
    /// An inspection is wanted: what is at fault is left out, and the rest is read.
    All(Vec<DataError>),
}

impl Problems {
    /// The value, or nothing where its fault was kept.
    pub(super) fn keep<T>(&mut self, result: Result<T, DataError>) -> Result<Option<T>, DataError> {
        match (result, self) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(error), Problems::First) => Err(error),
            (Err(error), Problems::All(kept)) => {
                kept.push(error);
                Ok(None)
            }
        }
    }

    /// A fault without a value.
    pub(super) fn report(&mut self, error: DataError) -> Result<(), DataError> {
        self.keep::<()>(Err(error)).map(|_| ())
    }

    pub(super) fn goes_on(&self) -> bool {
        matches!(self, Problems::All(_))
    }
}
