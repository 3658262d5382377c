//! Text as parameters.

use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Keys, Span};

/// What is wrong with a parameter file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {key}: {problem}")]
pub struct ParameterError {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The key at fault, with the tables it stands in.
    pub key: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// Reads one table; nested tables take its place while they are read.
pub(super) struct Reader<'t, 'i> {
    text: &'t str,
    file: &'t str,
    table: &'t DeTable<'i>,
    /// Where the table stands, for keys that it lacks.
    span: Range<usize>,
    path: String,
    used: Vec<String>,
    /// Lines of the tables of a list, in order.
    lines: Vec<usize>,
    /// The first problem by line.
    problem: Option<ParameterError>,
}

/// Goes through a file and returns the lines of its listed tables.
pub(super) fn fill(
    text: &str,
    file: &str,
    keys: impl FnOnce(&mut Reader<'_, '_>),
) -> Result<Vec<usize>, ParameterError> {
    let document = DeTable::parse(text).map_err(|e| ParameterError {
        file: file.to_owned(),
        line: line_of(text, e.span().map_or(0, |s| s.start)),
        key: "the file".to_owned(),
        problem: format!("is no TOML: {}", e.message().trim()),
    })?;
    let mut reader = Reader {
        text,
        file,
        table: document.get_ref(),
        span: 0..0,
        path: String::new(),
        used: Vec::new(),
        lines: Vec::new(),
        problem: None,
    };
    keys(&mut reader);
    reader.refuse_unknown();
    match reader.problem {
        Some(problem) => Err(problem),
        None => Ok(reader.lines),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
}

fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(i) => i.as_str().to_owned(),
        DeValue::Float(f) => f.as_str().to_owned(),
        DeValue::String(s) => format!("{s:?}"),
        other => format!("a {}", other.type_str()),
    }
}

fn number_of(value: &DeValue<'_>) -> Option<f64> {
    let text = match value {
        DeValue::Integer(i) => i.as_str(),
        DeValue::Float(f) => f.as_str(),
        _ => return None,
    };
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

impl<'t, 'i> Reader<'t, 'i> {
    fn report(&mut self, key: &str, at: usize, problem: String) {
        let line = line_of(self.text, at);
        if self.problem.as_ref().is_none_or(|p| line < p.line) {
            let key = format!("{}{key}", self.path);
            self.problem = Some(ParameterError { file: self.file.to_owned(), line, key, problem });
        }
    }

    fn take(&mut self, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.used.push(key.to_owned());
        self.table.get(key)
    }

    fn required(&mut self, key: &str, expected: &str) -> Option<&'t Spanned<DeValue<'i>>> {
        let value = self.take(key);
        if value.is_none() {
            self.report(key, self.span.start, format!("is missing; expected {expected}"));
        }
        value
    }

    fn in_span(&mut self, key: &str, value: &Spanned<DeValue<'_>>, (low, high): Span) -> Option<f64> {
        let found = number_of(value.get_ref()).filter(|v| (low..=high).contains(v));
        if found.is_none() {
            let problem = format!("is {}; expected a number from {low} to {high}", kind(value.get_ref()));
            self.report(key, value.span().start, problem);
        }
        found
    }

    fn refuse_unknown(&mut self) {
        for (key, _) in self.table {
            if !self.used.iter().any(|used| used == key.get_ref()) {
                let problem = "is no key of this table".to_owned();
                self.report(key.get_ref(), key.span().start, problem);
            }
        }
    }

    fn nested(&mut self, key: &str, value: &'t Spanned<DeValue<'i>>, inner: impl FnOnce(&mut Self)) {
        let DeValue::Table(table) = value.get_ref() else {
            let problem = format!("is {}; expected a table", kind(value.get_ref()));
            return self.report(key, value.span().start, problem);
        };
        let path = format!("{}{key}.", self.path);
        let outer_table = std::mem::replace(&mut self.table, table);
        let outer_span = std::mem::replace(&mut self.span, value.span());
        let outer_path = std::mem::replace(&mut self.path, path);
        let outer_used = std::mem::take(&mut self.used);
        inner(self);
        self.refuse_unknown();
        self.table = outer_table;
        self.span = outer_span;
        self.path = outer_path;
        self.used = outer_used;
    }
}

impl Keys for Reader<'_, '_> {
    fn number(&mut self, key: &str, value: &mut f64, span: Span, _: &str) {
        if let Some(found) = self.required(key, &format!("a number from {} to {}", span.0, span.1)) {
            *value = self.in_span(key, found, span).unwrap_or(*value);
        }
    }

    fn list(&mut self, key: &str, values: &mut [f64], span: Span, _: &str) {
        let expected = format!("a list of {} numbers from {} to {}", values.len(), span.0, span.1);
        let Some(found) = self.required(key, &expected) else { return };
        let DeValue::Array(items) = found.get_ref() else {
            let problem = format!("is {}; expected {expected}", kind(found.get_ref()));
            return self.report(key, found.span().start, problem);
        };
        if items.len() != values.len() {
            let problem = format!("has {} entries; expected {expected}", items.len());
            return self.report(key, found.span().start, problem);
        }
        for (item, value) in items.iter().zip(values) {
            *value = self.in_span(key, item, span).unwrap_or(*value);
        }
    }

    fn word<T: FromStr<Err: Display> + Display>(&mut self, key: &str, value: &mut T, _: &str) {
        let Some(found) = self.required(key, "a text") else { return };
        let at = found.span().start;
        match found.get_ref().as_str().map(str::parse::<T>) {
            Some(Ok(parsed)) => *value = parsed,
            Some(Err(error)) => self.report(key, at, error.to_string()),
            None => self.report(key, at, format!("is {}; expected a text", kind(found.get_ref()))),
        }
    }

    fn number_if(&mut self, key: &str, value: &mut Option<f64>, span: Span, _: &str) {
        if let Some(found) = self.take(key) {
            *value = self.in_span(key, found, span);
        }
    }

    fn table<T>(&mut self, key: &str, value: &mut T, _: &str, inner: impl FnOnce(&mut Self, &mut T)) {
        if let Some(found) = self.required(key, "a table") {
            self.nested(key, found, |r| inner(r, value));
        }
    }

    fn table_if<T: Clone>(
        &mut self,
        key: &str,
        value: &mut Option<T>,
        blank: T,
        _: &str,
        inner: impl FnOnce(&mut Self, &mut T),
    ) {
        if let Some(found) = self.take(key) {
            self.nested(key, found, |r| inner(r, value.insert(blank)));
        }
    }

    fn tables<T>(
        &mut self,
        key: &str,
        values: &mut Vec<T>,
        blank: impl Fn() -> T,
        _: &str,
        mut inner: impl FnMut(&mut Self, &mut T, usize),
    ) {
        let Some(found) = self.take(key) else { return };
        let DeValue::Array(items) = found.get_ref() else {
            let problem = format!("is {}; expected tables [[{key}]]", kind(found.get_ref()));
            return self.report(key, found.span().start, problem);
        };
        for (before, item) in items.iter().enumerate() {
            let mut value = blank();
            self.lines.push(line_of(self.text, item.span().start));
            self.nested(&format!("{key} {}", before + 1), item, |r| inner(r, &mut value, before));
            values.push(value);
        }
    }

    fn named(&mut self, key: &str, values: &mut Vec<(String, f64)>, _: &str) {
        let Some(found) = self.required(key, "a table of numbers") else { return };
        self.nested(key, found, |r| {
            for (name, value) in r.table {
                r.used.push(name.get_ref().to_string());
                if let Some(number) = r.in_span(name.get_ref(), value, (-1e12, 1e12)) {
                    values.push((name.get_ref().to_string(), number));
                }
            }
        });
    }
}
