//! A table in which rows are told apart by their first columns, and how a newer one is laid over an older.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::Kind;
use crate::fault::{DataError, Fault};
use crate::table::Table;
use crate::text;

/// Rows by what tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    columns: Vec<String>,
    keys: usize,
    rows: BTreeMap<Vec<String>, Vec<String>>,
}

/// A value that a newer table has otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The file of the folder.
    pub file: PathBuf,
    /// What tells the row apart: a date, or a symbol and a date.
    pub row: String,
    /// The column.
    pub column: String,
    /// What stands in the folder.
    pub was: String,
    /// What the newer table has.
    pub now: String,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Revision { file, row, column, was, now } = self;
        write!(f, "{}, {row}, {column}: {was} in the folder, {now} now", file.display())
    }
}

/// What laying one table over another did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Rows that were not there.
    pub(crate) added: usize,
    /// Values where there was none.
    pub(crate) filled: usize,
    /// Values that differ.
    pub(crate) revisions: Vec<Revision>,
}

impl Changes {
    pub(crate) fn is_none(&self) -> bool {
        self.added == 0 && self.filled == 0 && self.revisions.is_empty()
    }
}

impl Sheet {
    /// A table of that kind without rows.
    pub(crate) fn new(kind: Kind) -> Sheet {
        let columns = kind.columns().map(str::to_owned).collect();
        Sheet { columns, keys: kind.keys(), rows: BTreeMap::new() }
    }

    /// Reads a file of the folder with all its columns, also those that the kind does not know.
    pub(crate) fn read(kind: Kind, path: PathBuf) -> Result<Sheet, DataError> {
        let table = Table::open(path, "a table")?;
        let keys: Vec<&str> = kind.columns().take(kind.keys()).collect();
        let mut places = keys.iter().map(|name| table.place(name)).collect::<Result<Vec<_>, _>>()?;
        places.extend((0..table.header().len()).filter(|place| !places.contains(place)).collect::<Vec<_>>());
        let columns = places.iter().map(|place| table.header()[*place].clone()).collect();
        let mut sheet = Sheet { columns, keys: keys.len(), rows: BTreeMap::new() };
        for row in table.whole_rows() {
            let (line, fields) = row?;
            let mut ordered: Vec<String> = places.iter().map(|place| fields[*place].to_owned()).collect();
            let values = ordered.split_off(sheet.keys);
            let shown = ordered.join(" ");
            if sheet.rows.insert(ordered, values).is_some() {
                let problem = format!("{shown} stands twice; expected it once, or nothing can be laid over it");
                return Err(table.error(line, keys[0], Fault::Unsound { problem }));
            }
        }
        sheet.complete(kind);
        Ok(sheet)
    }

    /// Adds the kind's columns that are not there, empty.
    fn complete(&mut self, kind: Kind) {
        for name in kind.columns() {
            if !self.columns.iter().any(|column| column.eq_ignore_ascii_case(name)) {
                self.columns.push(name.to_owned());
                self.rows.values_mut().for_each(|values| values.push(String::new()));
            }
        }
    }

    /// Adds a row; `false` if there is one of that key.
    pub(crate) fn insert(&mut self, key: Vec<String>, values: Vec<String>) -> bool {
        let is_new = !self.rows.contains_key(&key);
        if is_new {
            self.rows.insert(key, values);
        }
        is_new
    }

    /// Leaves out rows whose last key, a date in every kind but chains, `keep` does not want; how many.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) -> usize {
        let before = self.rows.len();
        self.rows.retain(|key, _| key.last().is_some_and(|date| keep(date)));
        before - self.rows.len()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first date and the last, by the column of that place among the keys.
    pub(crate) fn span(&self, place: usize) -> Option<(&str, &str)> {
        let dates = || self.rows.keys().filter_map(|key| key.get(place)).map(String::as_str);
        dates().min().zip(dates().max())
    }

    /// The key and one value of each row.
    pub(crate) fn column(&self, name: &str) -> impl Iterator<Item = (&[String], &str)> {
        let place = self.columns[self.keys..].iter().position(|column| column.eq_ignore_ascii_case(name));
        self.rows.iter().filter_map(move |(key, values)| Some((key.as_slice(), values[place?].as_str())))
    }

    /// Lays `newer` over this table. A value that it does not have changes nothing.
    pub(crate) fn lay(&mut self, newer: &Sheet, file: &std::path::Path) -> Changes {
        let mut changes = Changes::default();
        for column in &newer.columns {
            if !self.columns.iter().any(|own| own.eq_ignore_ascii_case(column)) {
                self.columns.push(column.clone());
                self.rows.values_mut().for_each(|values| values.push(String::new()));
            }
        }
        let place = |name: &String| self.columns.iter().position(|own| own.eq_ignore_ascii_case(name));
        let places: Vec<usize> =
            newer.columns[newer.keys..].iter().filter_map(place).map(|place| place - self.keys).collect();
        let width = self.columns.len() - self.keys;
        for (key, values) in &newer.rows {
            let Some(own) = self.rows.get_mut(key) else {
                let mut row = vec![String::new(); width];
                for (place, value) in places.iter().zip(values) {
                    row[*place].clone_from(value);
                }
                self.rows.insert(key.clone(), row);
                changes.added += 1;
                continue;
            };
            for (place, value) in places.iter().zip(values).filter(|(_, value)| !value.is_empty()) {
                let was = std::mem::take(&mut own[*place]);
                own[*place] = if same(&was, value) {
                    was
                } else {
                    changes.note(file, key, &self.columns, (place + self.keys, was), value)
                };
            }
        }
        changes
    }

    /// As a file has it.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::new();
        write_row(&mut text, self.columns.iter());
        for (key, values) in &self.rows {
            write_row(&mut text, key.iter().chain(values));
        }
        text
    }
}

impl Changes {
    /// A value that was not there, or differs; gives the new one back.
    fn note(
        &mut self,
        file: &std::path::Path,
        key: &[String],
        columns: &[String],
        (place, was): (usize, String),
        now: &str,
    ) -> String {
        if was.is_empty() {
            self.filled += 1;
        } else {
            let (row, column) = (key.join(" "), columns[place].clone());
            self.revisions.push(Revision { file: file.to_owned(), row, column, was, now: now.to_owned() });
        }
        now.to_owned()
    }
}

/// Whether two texts say the same: the same text, or one number at the four decimals that readers keep.
fn same(one: &str, other: &str) -> bool {
    let (Some(a), Some(b)) = (text::decimal(one), text::decimal(other)) else { return one == other };
    a.price().is_some_and(|price| b.price() == Some(price)) || a.whole().is_some_and(|whole| b.whole() == Some(whole))
}

fn write_row<'a>(text: &mut String, fields: impl Iterator<Item = &'a String>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            text.push(',');
        }
        if field.contains([',', '"']) {
            text.push('"');
            text.push_str(field);
            text.push('"');
        } else {
            text.push_str(field);
        }
    }
    text.push('\n');
}
