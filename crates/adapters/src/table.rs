//! A text table with a header, scanned in place: fields are slices of the file, columns are found by name.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use market::instrument::Symbol;
use market::time::Date;
use market::value::Price;

use crate::fault::{DataError, Fault, quoted, quoted_header};
use crate::text;

/// No line of such a table comes near this; a longer one is some other file.
const LONGEST_LINE: usize = 4096;

/// A file read whole, its header apart.
pub(crate) struct Table {
    path: PathBuf,
    text: String,
    header: Vec<String>,
    /// Where the first row begins, and how many lines stand before it.
    body: usize,
    before: u32,
}

impl Table {
    /// Reads a file. `expected` says what it would hold, for errors.
    pub(crate) fn open(path: PathBuf, expected: impl Into<Cow<'static, str>>) -> Result<Self, DataError> {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return Err(DataError::of_file(&path, unreadable(&error, expected.into()))),
        };
        Table::of_bytes(path, bytes, expected)
    }

    /// A table that was read already. `path` stands in messages.
    pub(crate) fn of_bytes(
        path: PathBuf,
        bytes: Vec<u8>,
        expected: impl Into<Cow<'static, str>>,
    ) -> Result<Self, DataError> {
        let (text, start) = text_of(&path, bytes)?;
        let mut table = Table { path, text, header: Vec::new(), body: start, before: 1 };
        let mut scan = Scan { table: &table, at: start, line: 0 };
        let Some(first) = scan.next_line().map_err(|fault| scan.error(None, fault))? else {
            let (what, expected) = ("the file is empty", expected.into());
            return Err(DataError::of_file(&table.path, Fault::Empty { what, expected }));
        };
        let mut header: Vec<String> = Vec::new();
        fields(first, |_, name| header.push(name.trim().to_owned())).map_err(|f| scan.error(None, f))?;
        (table.body, table.header) = (scan.at, header);
        Ok(table)
    }

    /// A table without a header, whose columns are these in this order.
    pub(crate) fn without_header(path: PathBuf, bytes: Vec<u8>, columns: &[&str]) -> Result<Self, DataError> {
        let (text, body) = text_of(&path, bytes)?;
        Ok(Table { path, text, header: columns.iter().map(|name| (*name).to_owned()).collect(), body, before: 0 })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the columns, in the file's order.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Calls the column `theirs` by the name `ours`; another column of that name is hidden.
    pub(crate) fn rename(&mut self, ours: &str, theirs: &str) -> Result<(), DataError> {
        let place = self.place(theirs)?;
        for (i, name) in self.header.iter_mut().enumerate() {
            if i == place {
                ours.clone_into(name);
            } else if name.eq_ignore_ascii_case(ours) {
                *name = format!("({name})");
            }
        }
        Ok(())
    }

    /// Every row with all its fields, and its line.
    pub(crate) fn whole_rows(&self) -> impl Iterator<Item = Result<(u32, Vec<&str>), DataError>> {
        let mut scan = Scan { table: self, at: self.body, line: self.before };
        std::iter::from_fn(move || {
            let mut row = Vec::with_capacity(self.header.len());
            let split = scan.next_line().transpose()?.and_then(|line| fields(line, |_, field| row.push(field)));
            let fault = match split {
                Ok(count) if count == self.header.len() => return Some(Ok((scan.line, row))),
                Ok(count) => {
                    let expected = format!("{}, as in the header", self.header.len());
                    Fault::Found { found: format!("{count} fields"), expected: expected.into() }
                }
                Err(fault) => fault,
            };
            Some(Err(scan.error(None, fault)))
        })
    }

    /// Whether there is a column of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.header.iter().any(|h| h.eq_ignore_ascii_case(name))
    }

    /// The rows as the columns named, in the order named.
    pub(crate) fn rows<const N: usize>(&self, names: [&'static str; N]) -> Result<Rows<'_, N>, DataError> {
        self.rows_of(names, |_| true)
    }

    /// The same for a table of which not all columns are wanted: the others are empty, and need not be there.
    pub(crate) fn rows_of<const N: usize>(
        &self,
        names: [&'static str; N],
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Rows<'_, N>, DataError> {
        let mut slots = vec![None; self.header.len()];
        for (slot, name) in names.into_iter().enumerate().filter(|(slot, _)| wanted(*slot)) {
            slots[self.place(name)?] = Some(slot);
        }
        Ok(Rows { scan: Scan { table: self, at: self.body, line: self.before }, slots, names })
    }

    pub(crate) fn place(&self, name: &str) -> Result<usize, DataError> {
        let is_named = |h: &&String| h.eq_ignore_ascii_case(name);
        let fault = match self.header.iter().filter(is_named).count() {
            1 => return Ok(self.header.iter().position(|h| is_named(&h)).expect("counted")),
            0 => Fault::NoColumn { column: name.to_owned().into(), found: quoted_header(&self.header.join(",")) },
            n => Fault::Found { found: format!("{n} columns of that name"), expected: "one".into() },
        };
        Err(DataError::new(&self.path, Some(1), Some(name.to_owned().into()), fault))
    }

    /// An error of a table that has a header and nothing below it.
    pub(crate) fn without_rows(&self, expected: &'static str) -> DataError {
        let fault = Fault::Empty { what: "there is nothing below the header", expected: expected.into() };
        DataError::of_file(&self.path, fault)
    }

    /// An error of a column that no one line of this file is to blame for.
    pub(crate) fn fault(&self, field: &'static str, fault: Fault) -> DataError {
        DataError::new(&self.path, None, Some(field.into()), fault)
    }

    /// An error at a line of this file.
    pub(crate) fn error(&self, line: u32, field: impl Into<Cow<'static, str>>, fault: Fault) -> DataError {
        DataError::new(&self.path, Some(line), Some(field.into()), fault)
    }
}

/// The text, and where it begins after a byte order mark.
fn text_of(path: &Path, bytes: Vec<u8>) -> Result<(String, usize), DataError> {
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    Ok((text, start))
}

fn unreadable(error: &io::Error, expected: Cow<'static, str>) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => Fault::NoFile { expected },
        _ => Fault::Unreadable { reason: error.to_string(), expected },
    }
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> DataError {
    let valid = error.utf8_error().valid_up_to();
    let line = 1 + error.as_bytes()[..valid].iter().filter(|b| **b == b'\n').count();
    let found = format!("the byte 0x{:02X}, which is not UTF-8", error.as_bytes()[valid]);
    let fault = Fault::Found { found, expected: "text in UTF-8".into() };
    DataError::new(path, u32::try_from(line).ok(), None, fault)
}

/// Walks the lines.
struct Scan<'a> {
    table: &'a Table,
    at: usize,
    /// The line last given, from 1.
    line: u32,
}

impl<'a> Scan<'a> {
    fn error(&self, field: Option<Cow<'static, str>>, fault: Fault) -> DataError {
        DataError::new(&self.table.path, Some(self.line), field, fault)
    }

    /// The next line without its end; `None` after the last. Empty lines may only stand at the end.
    fn next_line(&mut self) -> Result<Option<&'a str>, Fault> {
        let rest = &self.table.text[self.at..];
        if rest.is_empty() {
            return Ok(None);
        }
        self.line = self.line.saturating_add(1);
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += (length + 1).min(rest.len());
        let line = rest[..length].strip_suffix('\r').unwrap_or(&rest[..length]);
        if line.len() > LONGEST_LINE {
            let found = format!("a line of {} bytes", line.len());
            return Err(Fault::Found { found, expected: format!("at most {LONGEST_LINE}").into() });
        }
        if line.is_empty() {
            if rest.bytes().all(|b| matches!(b, b'\n' | b'\r')) {
                self.at = self.table.text.len();
                return Ok(None);
            }
            return Err(Fault::Found { found: "an empty line".into(), expected: "a row in each line".into() });
        }
        Ok(Some(line))
    }
}

/// Splits a line at its commas. A field may stand in quotation marks, as spreadsheets write one that has a comma in it;
/// a doubled mark inside stays doubled.
fn fields<'a>(line: &'a str, mut each: impl FnMut(usize, &'a str)) -> Result<usize, Fault> {
    let bytes = line.as_bytes();
    let (mut count, mut start) = (0, 0);
    loop {
        let end = if bytes.get(start) == Some(&b'"') {
            let close = closing_mark(bytes, start + 1).ok_or_else(|| unclosed(&line[start..]))?;
            each(count, &line[start + 1..close]);
            close + 1
        } else {
            let end = bytes[start..].iter().position(|b| *b == b',').map_or(bytes.len(), |n| start + n);
            each(count, &line[start..end]);
            end
        };
        count += 1;
        match bytes.get(end) {
            None => return Ok(count),
            Some(b',') => start = end + 1,
            Some(_) => return Err(unclosed(&line[start..])),
        }
    }
}

/// The next quotation mark that is not doubled.
fn closing_mark(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|b| *b == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

fn unclosed(field: &str) -> Fault {
    let expected = "a closing quotation mark before the next comma or the end of the line";
    Fault::Found { found: quoted(field), expected: expected.into() }
}

/// The rows of a table.
pub(crate) struct Rows<'a, const N: usize> {
    scan: Scan<'a>,
    /// For each column of the file, the place in a row where it is wanted.
    slots: Vec<Option<usize>>,
    names: [&'static str; N],
}

/// One row: the fields of the wanted columns.
pub(crate) struct Row<'a, const N: usize> {
    table: &'a Table,
    /// Line of the file, from 1.
    pub(crate) line: u32,
    names: [&'static str; N],
    fields: [&'a str; N],
}

impl<'a, const N: usize> Iterator for Rows<'a, N> {
    type Item = Result<Row<'a, N>, DataError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let line = match self.scan.next_line() {
            Ok(line) => line?,
            Err(fault) => return Some(Err(self.scan.error(None, fault))),
        };
        let mut row = Row { table: self.scan.table, line: self.scan.line, names: self.names, fields: [""; N] };
        let split = fields(line, |i, field| {
            if let Some(Some(slot)) = self.slots.get(i) {
                row.fields[*slot] = field;
            }
        });
        let fault = match split {
            Ok(count) if count == self.slots.len() => return Some(Ok(row)),
            Ok(1) => {
                let expected = format!("{} fields, parted by commas", self.slots.len());
                Fault::Found { found: quoted(line), expected: expected.into() }
            }
            Ok(count) => {
                let expected = format!("{}, as in the header", self.slots.len());
                Fault::Found { found: format!("{count} fields"), expected: expected.into() }
            }
            Err(fault) => fault,
        };
        Some(Err(self.scan.error(None, fault)))
    }
}

/// Most that a volatility index or a yield can sensibly be, in percent.
const HIGHEST_PERCENT: f64 = 1000.0;

impl<'a, const N: usize> Row<'a, N> {
    /// An error at a field of this row, with the text that stands there.
    pub(crate) fn wrong(&self, field: usize, expected: impl Into<Cow<'static, str>>) -> DataError {
        let fault = Fault::Found { found: quoted(self.fields[field]), expected: expected.into() };
        self.table.error(self.line, self.names[field], fault)
    }

    /// An error at a field of this row whose text is well written.
    pub(crate) fn unsound(&self, field: usize, problem: String) -> DataError {
        self.table.error(self.line, self.names[field], Fault::Unsound { problem })
    }

    /// Takes a field as empty.
    pub(crate) fn forget(&mut self, field: usize) {
        self.fields[field] = "";
    }

    /// A field as it is written.
    pub(crate) fn text(&self, field: usize) -> &'a str {
        self.fields[field]
    }

    pub(crate) fn date(&self, field: usize) -> Result<Date, DataError> {
        text::date(self.fields[field]).ok_or_else(|| self.wrong(field, "a date such as 2024-06-10"))
    }

    pub(crate) fn symbol(&self, field: usize) -> Result<Symbol, DataError> {
        Symbol::new(self.fields[field]).map_err(|_| {
            self.wrong(field, "a ticker of 1 to 6 capital letters, digits, '.' or '-', beginning with a letter")
        })
    }

    pub(crate) fn decimal(&self, field: usize) -> Option<text::Decimal> {
        text::decimal(self.fields[field])
    }

    /// A price above zero.
    #[inline]
    pub(crate) fn price(&self, field: usize) -> Result<Price, DataError> {
        let price = self.decimal(field).and_then(text::Decimal::price);
        price
            .filter(|p| *p > Price::ZERO)
            .ok_or_else(|| self.wrong(field, "a price in dollars above zero and at most ten million, such as 182.31"))
    }

    /// An amount of dollars a share, zero or more.
    pub(crate) fn amount(&self, field: usize) -> Result<Price, DataError> {
        let amount = self.decimal(field).and_then(text::Decimal::price);
        amount
            .filter(|a| *a >= Price::ZERO)
            .ok_or_else(|| self.wrong(field, "an amount in dollars of zero or more, such as 0.24"))
    }

    /// What somebody bids, asks or paid: dollars of zero or more; `None` where the field is empty.
    #[inline]
    pub(crate) fn quote(&self, field: usize) -> Result<Option<Price>, DataError> {
        if self.fields[field].is_empty() { Ok(None) } else { self.amount(field).map(Some) }
    }

    /// A number of contracts, zero or more; `None` where the field is empty.
    #[inline]
    pub(crate) fn count(&self, field: usize) -> Result<Option<u32>, DataError> {
        if self.fields[field].is_empty() {
            return Ok(None);
        }
        let whole = self.decimal(field).and_then(text::Decimal::whole).and_then(|n| u32::try_from(n).ok());
        whole.map(Some).ok_or_else(|| self.wrong(field, "a whole number of contracts, zero or more, or nothing"))
    }

    #[inline]
    pub(crate) fn volume(&self, field: usize) -> Result<u64, DataError> {
        let whole = self.decimal(field).and_then(text::Decimal::whole);
        whole.ok_or_else(|| self.wrong(field, "a whole number of shares, zero or more"))
    }

    /// A volatility in percent, above zero; `None` where the field is empty.
    pub(crate) fn volatility(&self, field: usize) -> Result<Option<f64>, DataError> {
        let expected = "a volatility in percent above zero, such as 17.24";
        self.percent(field, expected, |d| !d.is_negative() && !d.is_zero())
    }

    /// A yield in percent a year, of either sign; `None` where the field is empty.
    pub(crate) fn rate(&self, field: usize) -> Result<Option<f64>, DataError> {
        self.percent(field, "a yield in percent a year, such as 4.35, or nothing", |_| true)
    }

    fn percent(
        &self,
        field: usize,
        expected: &'static str,
        sound: impl Fn(text::Decimal) -> bool,
    ) -> Result<Option<f64>, DataError> {
        let written = self.fields[field];
        if written.is_empty() {
            return Ok(None);
        }
        let value = text::decimal(written).filter(|d| sound(*d)).and_then(|d| d.float(written));
        let value = value.filter(|v| v.abs() <= HIGHEST_PERCENT);
        value.map(Some).ok_or_else(|| self.wrong(field, expected))
    }
}
