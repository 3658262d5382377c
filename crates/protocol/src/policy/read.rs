//! From the text of a policy file to a policy, with every problem found on the way.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Policy;
use super::check::contradictions;
use super::problem::{Located, PolicyError, Problem, most_like};
use super::section::Section;
use super::setting::Raw;

/// The version of the set of keys. It rises when a key is added, retired, or changes its meaning.
pub const SCHEMA: u32 = 1;

/// Keys of earlier versions, each with what to write instead.
pub(super) const RETIRED: &[(&str, &str)] = &[];

type TomlValue<'i> = toml::Spanned<DeValue<'i>>;

/// The problems found so far, and the text they are found in.
struct Reader<'i> {
    text: &'i str,
    retired: &'static [(&'static str, &'static str)],
    problems: Vec<Located>,
    /// Where each key that was set stands.
    lines: Vec<(String, usize)>,
}

impl Reader<'_> {
    fn line_of(&self, span: &Range<usize>) -> usize {
        self.text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1
    }

    /// The value as its writer wrote it, on one line and not too long for a message.
    fn found(&self, span: &Range<usize>) -> String {
        shortened(self.text.get(span.clone()).unwrap_or_default())
    }

    /// The key at a place in full: the last section header before it, and the name.
    fn key_at(&self, span: &Range<usize>) -> String {
        let name = self.text.get(span.clone()).unwrap_or_default().trim();
        let before = self.text.get(..span.start).unwrap_or_default();
        let header = before.lines().rev().map(str::trim).find(|line| line.starts_with('['));
        match header.and_then(|line| line.strip_prefix('[')?.strip_suffix(']')) {
            Some(section) => format!("{section}.{name}"),
            None => name.to_owned(),
        }
    }

    /// Adds a problem; on a line that is no TOML that one problem is enough.
    fn report(&mut self, span: &Range<usize>, problem: Problem) {
        let line = Some(self.line_of(span));
        let is_no_toml = |located: &Located| located.line == line && matches!(located.problem, Problem::NotToml(_));
        if !self.problems.iter().any(is_no_toml) {
            self.problems.push(Located { line, problem });
        }
    }

    fn syntax(&mut self, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        let problem = if error.message() == "duplicate key" {
            Problem::Twice { key: self.key_at(&span) }
        } else {
            Problem::NotToml(error.message().trim().to_owned())
        };
        self.report(&span, problem);
    }

    /// A key that is not set, and why.
    fn unknown(&self, key: String, known: &Policy) -> Problem {
        if let Some((_, instead)) = self.retired.iter().find(|(name, _)| *name == key) {
            return Problem::Retired { key, instead: (*instead).to_owned() };
        }
        let keys = known.keys();
        let near = most_like(&key, keys.iter().map(|info| info.path.as_str()));
        Problem::UnknownKey { key, near }
    }

    fn section(&mut self, policy: &mut Policy, name: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = format!("{name}.{}", key.get_ref());
            let raw = raw_of(value.get_ref());
            let set = match policy.section_mut(name) {
                Some(section) => set(section, &path, &raw, || self.found(&value.span())),
                None => None,
            };
            match set {
                Some(Ok(())) => {
                    let line = self.line_of(&key.span());
                    self.lines.push((path, line));
                }
                Some(Err(problem)) => self.report(&value.span(), problem),
                None => {
                    let problem = self.unknown(path, policy);
                    self.report(&key.span(), problem);
                }
            }
        }
    }

    fn table(&mut self, policy: &mut Policy, table: &DeTable<'_>) {
        for (key, value) in table {
            let name: &str = key.get_ref();
            match value.get_ref() {
                _ if matches!(name, "name" | "extends" | "schema") => {}
                DeValue::Table(inner) if policy.section_mut(name).is_some() => self.section(policy, name, inner),
                DeValue::Table(inner) if !inner.is_empty() => self.section(policy, name, inner),
                _ if policy.section_mut(name).is_some() => {
                    self.report(&key.span(), Problem::NotASection { section: name.to_owned() });
                }
                _ => {
                    let problem = self.unknown(name.to_owned(), policy);
                    self.report(&key.span(), problem);
                }
            }
        }
    }

    fn name(&mut self, table: &DeTable<'_>, key: &'static str) -> Option<String> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.report(&value.span(), Problem::NotAName { key });
                None
            }
        }
    }

    fn schema(&mut self, table: &DeTable<'_>) {
        if let Some(value) = table.get("schema") {
            let found = self.found(&value.span());
            if found != SCHEMA.to_string() {
                self.report(&value.span(), Problem::Schema { found, expected: SCHEMA });
            }
        }
    }

    fn missing(&mut self, policy: &Policy) {
        for info in policy.keys() {
            let is_set = |problem: &Problem| matches!(problem, Problem::Value { key, .. } if *key == info.path);
            let given = self.lines.iter().any(|(key, _)| *key == info.path);
            if !given && !self.problems.iter().any(|located| is_set(&located.problem)) {
                let problem = Problem::Missing { key: info.path, allowed: info.allowed };
                self.problems.push(Located { line: None, problem });
            }
        }
    }

    fn contradictions(&mut self, policy: &Policy) {
        for problem in contradictions(policy) {
            let line = match &problem {
                Problem::Contradiction { key, other, .. } => {
                    let of = |wanted: &String| self.lines.iter().find(|(k, _)| k == wanted).map(|(_, line)| *line);
                    of(key).or(of(other))
                }
                _ => None,
            };
            self.problems.push(Located { line, problem });
        }
    }
}

/// Sets one key; `None` if the section has no such key.
fn set(
    section: &mut dyn Section,
    path: &str,
    raw: &Raw<'_>,
    found: impl Fn() -> String,
) -> Option<Result<(), Problem>> {
    let (_, key) = path.split_once('.')?;
    let allowed = section.keys().iter().find(|k| k.name == key).or(section.keys().last())?.allowed();
    let outcome = section.set(key, raw)?;
    Some(outcome.map_err(|why| Problem::Value { key: path.to_owned(), found: found(), why, allowed }))
}

fn shortened(value: &str) -> String {
    const LONGEST: usize = 72;
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", line[..end].trim_end()),
        None => line,
    }
}

fn raw_of<'a>(value: &'a DeValue<'_>) -> Raw<'a> {
    match value {
        DeValue::String(text) => Raw::Word(Cow::Borrowed(text)),
        DeValue::Integer(number) if number.radix() == 10 => Raw::Number(Cow::Borrowed(number.as_str())),
        DeValue::Integer(number) => Raw::Number(Cow::Owned(number.to_string())),
        DeValue::Float(number) => Raw::Number(Cow::Borrowed(number.as_str())),
        DeValue::Boolean(yes) => Raw::Bool(*yes),
        DeValue::Datetime(date) => Raw::Date(date.to_string()),
        DeValue::Array(items) => Raw::List(items.iter().map(|item| raw_of(item.get_ref())).collect()),
        DeValue::Table(fields) => {
            Raw::Table(fields.iter().map(|(k, v)| (k.get_ref().to_string(), raw_of(v.get_ref()))).collect())
        }
    }
}

/// Reads a policy file. `base` gives the text of a policy that a file may extend.
pub(super) fn policy(
    file: &str,
    text: &str,
    base: &dyn Fn(&str) -> Option<&'static str>,
) -> Result<Policy, PolicyError> {
    with_retired(file, text, base, RETIRED)
}

pub(super) fn with_retired(
    file: &str,
    text: &str,
    base: &dyn Fn(&str) -> Option<&'static str>,
    retired: &'static [(&'static str, &'static str)],
) -> Result<Policy, PolicyError> {
    let mut reader = Reader { text, retired, problems: Vec::new(), lines: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    errors.iter().for_each(|error| reader.syntax(error));
    let table = table.get_ref();
    reader.schema(table);
    let extends = reader.name(table, "extends");
    let mut policy = match &extends {
        Some(name) => extended(&mut reader, table, name, base).unwrap_or_else(Policy::blank),
        None => Policy::blank(),
    };
    policy.name = reader.name(table, "name").unwrap_or_else(|| file.to_owned());
    let syntax_is_sound = errors.is_empty();
    reader.table(&mut policy, table);
    if extends.is_none() && syntax_is_sound {
        reader.missing(&policy);
    }
    if reader.problems.is_empty() {
        reader.contradictions(&policy);
    }
    if reader.problems.is_empty() {
        return Ok(policy);
    }
    reader.problems.sort_by_key(|located| located.line.unwrap_or(usize::MAX));
    Err(PolicyError { file: file.to_owned(), problems: reader.problems })
}

fn extended(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    name: &str,
    base: &dyn Fn(&str) -> Option<&'static str>,
) -> Option<Policy> {
    let span = table.get("extends").map_or(0..0, TomlValue::span);
    let Some(text) = base(name) else {
        reader.report(&span, Problem::UnknownBase { name: name.to_owned() });
        return None;
    };
    if DeTable::parse_recoverable(text).0.get_ref().get("extends").is_some() {
        reader.report(&span, Problem::BaseExtends { name: name.to_owned() });
        return None;
    }
    match policy(name, text, base) {
        Ok(policy) => Some(policy),
        Err(error) => {
            reader.report(&span, Problem::WrongBase(Box::new(error)));
            None
        }
    }
}

/// Sets one key from a text such as a command line gives: a TOML value, or a bare word.
pub(super) fn set_text(policy: &mut Policy, path: &str, text: &str) -> Result<(), Problem> {
    let name = path.split_once('.').map_or(path, |(name, _)| name);
    let line = format!("v = {text}");
    let parsed = DeTable::parse(&line).ok();
    let raw = parsed.as_ref().and_then(|table| {
        let table = table.get_ref();
        (table.len() == 1).then(|| table.get("v").map(|value| raw_of(value.get_ref()))).flatten()
    });
    let raw = raw.unwrap_or(Raw::Word(Cow::Borrowed(text)));
    let outcome = policy.section_mut(name).and_then(|section| set(section, path, &raw, || shortened(text)));
    outcome.unwrap_or_else(|| {
        let reader = Reader { text: "", retired: RETIRED, problems: Vec::new(), lines: Vec::new() };
        Err(reader.unknown(path.to_owned(), policy))
    })
}
