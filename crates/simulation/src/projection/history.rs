//! A history of weekly returns that a user supplies, in place of the types of weeks.

/// Weekly returns of Gen, Rev and Com, as fractions: 0.0123 is 1.23%.
#[derive(Clone, Debug, PartialEq)]
pub struct WeeklyReturns {
    rows: Vec<[f64; 3]>,
}

/// Columns that a table must have.
const COLUMNS: [&str; 3] = ["gen", "rev", "com"];

/// Why a table of weekly returns cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// A column is missing.
    #[error("{file}, line 1: no column {column:?}; expected a header such as week,gen,rev,com")]
    Column {
        /// Which file.
        file: String,
        /// Which column.
        column: &'static str,
    },
    /// There is no week.
    #[error("{file}: no week; expected a line for each week below the header")]
    Empty {
        /// Which file.
        file: String,
    },
    /// A return is none.
    #[error(
        "{file}, line {line}, column {column:?}: {text:?} is no weekly return; expected a fraction above -1 and at \
         most 1, such as 0.0123 for 1.23%"
    )]
    Return {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// Which column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
}

impl WeeklyReturns {
    /// Reads a CSV table with the columns gen, rev and com, in any order and beside others. `file` is its name in
    /// errors.
    ///
    /// # Errors
    /// [`HistoryError`] with the place of what cannot be used.
    pub fn parse(file: &str, text: &str) -> Result<Self, HistoryError> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let empty = || HistoryError::Empty { file: file.to_owned() };
        let header: Vec<&str> = lines.next().ok_or_else(empty)?.1.split(',').map(str::trim).collect();
        let mut at = [0; 3];
        for (place, column) in at.iter_mut().zip(COLUMNS) {
            let missing = || HistoryError::Column { file: file.to_owned(), column };
            *place = header.iter().position(|name| name.eq_ignore_ascii_case(column)).ok_or_else(missing)?;
        }
        let mut rows = Vec::new();
        for (line, text) in lines {
            let cells: Vec<&str> = text.split(',').map(str::trim).collect();
            let mut row = [0.0; 3];
            for ((value, place), column) in row.iter_mut().zip(at).zip(COLUMNS) {
                let text = cells.get(place).copied().unwrap_or("");
                let wrong =
                    || HistoryError::Return { file: file.to_owned(), line: line + 1, column, text: text.to_owned() };
                *value = text.parse().ok().filter(|r| *r > -1.0 && *r <= 1.0).ok_or_else(wrong)?;
            }
            rows.push(row);
        }
        if rows.is_empty() { Err(empty()) } else { Ok(WeeklyReturns { rows }) }
    }

    /// How many weeks there are; at least one.
    #[must_use]
    pub fn weeks(&self) -> usize {
        self.rows.len()
    }

    /// The returns of one week: Gen, Rev, Com.
    #[inline]
    pub(super) fn at(&self, week: usize) -> [f64; 3] {
        self.rows[week]
    }

    /// The mean weekly return of Gen, Rev and Com.
    #[must_use]
    pub fn means(&self) -> [f64; 3] {
        std::array::from_fn(|kind| self.rows.iter().map(|row| row[kind]).sum::<f64>() / self.rows.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_its_columns() {
        let table =
            WeeklyReturns::parse("h.csv", "week,Com,gen,note,rev\n2020-W01,0.005,0.015,x,-0.01\n\n2,1,0,,-.5\n");
        let table = table.unwrap();
        assert_eq!((table.weeks(), table.at(0), table.at(1)), (2, [0.015, -0.01, 0.005], [0.0, -0.5, 1.0]));
        assert_eq!(table.means().map(|m| format!("{m:.4}")), ["0.0075", "-0.2550", "0.5025"]);
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_place() {
        for (text, said) in [
            ("", "h.csv: no week"),
            ("gen,rev,com\n", "h.csv: no week"),
            ("gen,com\n0.1,0.1", "h.csv, line 1: no column \"rev\""),
            ("gen,rev,com\n0,0,0\n\n0,1.5,0", "h.csv, line 4, column \"rev\": \"1.5\" is no weekly return"),
            ("gen,rev,com\n-1,0,0", "line 2, column \"gen\": \"-1\""),
            ("gen,rev,com\n0,0,NaN", "line 2, column \"com\": \"NaN\""),
            ("gen,rev,com\n0,0", "line 2, column \"com\": \"\""),
            ("gen,rev,com\n1%,0,0", "line 2, column \"gen\": \"1%\""),
        ] {
            let error = WeeklyReturns::parse("h.csv", text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
        }
    }
}
