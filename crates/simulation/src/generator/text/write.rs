//! Parameters as text.

use std::fmt::{Display, Write};
use std::str::FromStr;

use super::{Keys, Span};

pub(super) struct Writer {
    text: String,
    path: Vec<String>,
}

/// The whole file.
pub(super) fn print(command: &str, fill: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer {
        text: format!(
            "# What a generated market is made of. Nothing here decides a trade.\n\
             # Measured, not chosen; reproduce with: {command}\n\
             # Volatilities and variances are per year of 252 sessions, as fractions; logarithms are natural.\n\n"
        ),
        path: Vec::new(),
    };
    fill(&mut writer);
    writer.text
}

impl Writer {
    fn line(&mut self, key: &str, value: &str, note: &str) {
        let note = if note.is_empty() { String::new() } else { format!(" # {note}") };
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{key} = {value}{note}");
    }

    fn heading(&mut self, key: &str, note: &str, list: bool, inner: impl FnOnce(&mut Self)) {
        self.path.push(key.to_owned());
        let path = self.path.join(".");
        if !note.is_empty() {
            let _ = write!(self.text, "\n# {note}");
        }
        let _ = if list { writeln!(self.text, "\n[[{path}]]") } else { writeln!(self.text, "\n[{path}]") };
        inner(self);
        self.path.pop();
    }
}

impl Keys for Writer {
    fn number(&mut self, key: &str, value: &mut f64, _: Span, note: &str) {
        self.line(key, &value.to_string(), note);
    }

    fn list(&mut self, key: &str, values: &mut [f64], _: Span, note: &str) {
        let list: Vec<String> = values.iter().map(f64::to_string).collect();
        self.line(key, &format!("[{}]", list.join(", ")), note);
    }

    fn word<T: FromStr<Err: Display> + Display>(&mut self, key: &str, value: &mut T, note: &str) {
        let text = value.to_string().replace('\\', "\\\\").replace('"', "\\\"");
        self.line(key, &format!("\"{text}\""), note);
    }

    fn number_if(&mut self, key: &str, value: &mut Option<f64>, span: Span, note: &str) {
        if let Some(value) = value {
            self.number(key, value, span, note);
        }
    }

    fn table<T>(&mut self, key: &str, value: &mut T, note: &str, inner: impl FnOnce(&mut Self, &mut T)) {
        self.heading(key, note, false, |w| inner(w, value));
    }

    fn table_if<T: Clone>(
        &mut self,
        key: &str,
        value: &mut Option<T>,
        _: T,
        note: &str,
        inner: impl FnOnce(&mut Self, &mut T),
    ) {
        if let Some(value) = value {
            self.table(key, value, note, inner);
        }
    }

    fn tables<T>(
        &mut self,
        key: &str,
        values: &mut Vec<T>,
        _: impl Fn() -> T,
        note: &str,
        mut inner: impl FnMut(&mut Self, &mut T, usize),
    ) {
        for (before, value) in values.iter_mut().enumerate() {
            let note = if before == 0 { note } else { "" };
            self.heading(key, note, true, |w| inner(w, value, before));
        }
    }

    fn named(&mut self, key: &str, values: &mut Vec<(String, f64)>, note: &str) {
        self.heading(key, note, false, |w| {
            for (name, value) in values {
                w.line(&format!("\"{name}\""), &value.to_string(), "");
            }
        });
    }
}
