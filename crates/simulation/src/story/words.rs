//! Reading a scenario's keys, each fault named with its key and what was expected.

use market::instrument::Symbol;
use market::time::Date;
use market::value::{Money, Price};
use protocol::rule::Rule;
use toml::{Table, Value};

use super::StoryError;

/// One table of a scenario.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    scenario: &'a str,
    path: &'a str,
    table: &'a Table,
}

/// What reading a key gives.
type Read<T> = Result<T, StoryError>;

impl<'a> Reader<'a> {
    pub(super) const fn new(scenario: &'a str, path: &'a str, table: &'a Table) -> Self {
        Reader { scenario, path, table }
    }

    pub(super) fn fault(&self, key: &str, problem: String) -> StoryError {
        let dot = if self.path.is_empty() || key.is_empty() { "" } else { "." };
        StoryError { scenario: self.scenario.to_owned(), key: format!("{}{dot}{key}", self.path), problem }
    }

    pub(super) fn only(&self, known: &[&str]) -> Read<()> {
        match self.table.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(self.fault(key, format!("is no key of a scenario; expected one of {}", known.join(", ")))),
            None => Ok(()),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a String> {
        self.table.keys()
    }

    fn value(&self, key: &str) -> Read<&'a Value> {
        self.table.get(key).ok_or_else(|| self.fault(key, "is missing".to_owned()))
    }

    /// What `read` reads, or `default` if the key is absent.
    pub(super) fn optional<T>(&self, key: &str, default: T, read: impl Fn(&Self, &str) -> Read<T>) -> Read<T> {
        if self.has(key) { read(self, key) } else { Ok(default) }
    }

    pub(super) fn text(&self, key: &str) -> Read<String> {
        let value = self.value(key)?;
        value.as_str().map(str::to_owned).ok_or_else(|| self.fault(key, format!("is {value}; expected a text")))
    }

    pub(super) fn yes(&self, key: &str) -> Read<bool> {
        let value = self.value(key)?;
        value.as_bool().ok_or_else(|| self.fault(key, format!("is {value}; expected true or false")))
    }

    pub(super) fn texts(&self, key: &str) -> Read<Vec<String>> {
        let value = self.value(key)?;
        let list = value.as_array().and_then(|l| l.iter().map(|v| v.as_str().map(str::to_owned)).collect());
        list.ok_or_else(|| self.fault(key, format!("is {value}; expected a list of texts")))
    }

    pub(super) fn rules(&self, key: &str) -> Read<Vec<Rule>> {
        let read = |id: &String| {
            Rule::from_id(id).ok_or_else(|| self.fault(key, format!("names {id:?}; expected rules such as \"E-4\"")))
        };
        self.texts(key)?.iter().map(read).collect()
    }

    pub(super) fn date(&self, key: &str) -> Read<Date> {
        let value = self.value(key)?;
        let text = value.as_datetime().map(ToString::to_string).unwrap_or_default();
        text.parse().map_err(|_| self.fault(key, format!("is {value}; expected a date such as 2024-06-10")))
    }

    pub(super) fn number(&self, key: &str) -> Read<f64> {
        let value = self.value(key)?;
        let number = value.as_float().or_else(|| value.as_integer().map(|n| n as f64));
        number.filter(|n| n.is_finite()).ok_or_else(|| self.fault(key, format!("is {value}; expected a number")))
    }

    pub(super) fn count(&self, key: &str) -> Read<i64> {
        let value = self.value(key)?;
        let count = value.as_integer().filter(|n| *n > 0);
        count.ok_or_else(|| self.fault(key, format!("is {value}; expected a whole number above zero")))
    }

    /// A number of contracts, from zero.
    pub(super) fn contracts(&self, key: &str) -> Read<u32> {
        let value = self.value(key)?;
        let count = value.as_integer().and_then(|n| u32::try_from(n).ok());
        count.ok_or_else(|| self.fault(key, format!("is {value}; expected a number of contracts")))
    }

    pub(super) fn price(&self, key: &str) -> Read<Price> {
        let price = Price::from_f64(self.number(key)?).filter(|p| *p > Price::ZERO);
        price.ok_or_else(|| self.fault(key, "is no price; expected dollars above zero".to_owned()))
    }

    pub(super) fn money(&self, key: &str) -> Read<Money> {
        let value = self.value(key)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map_err(|e: market::value::NotAnAmount| self.fault(key, e.to_string()))
    }

    /// A share such as `"-4%"`, in parts per million.
    pub(super) fn share(&self, key: &str) -> Read<i64> {
        let text = self.text(key)?;
        let number = text.strip_suffix('%').and_then(|n| n.trim().parse::<f64>().ok());
        let whole = number.map(|n| (n * 10_000.0).round()).filter(|n| n.abs() < 1e9);
        let problem = || self.fault(key, format!("is {text:?}; expected a share such as \"-4%\""));
        whole.map(|n| n as i64).ok_or_else(problem)
    }

    pub(super) fn symbol(&self, key: &str) -> Read<Symbol> {
        let text = self.text(key)?;
        Symbol::new(&text).map_err(|e| self.fault(key, e.to_string()))
    }

    /// A key that is itself a ticker.
    pub(super) fn ticker(&self, key: &str) -> Read<Symbol> {
        Symbol::new(key).map_err(|_| self.fault(key, "is neither a key of a scenario nor a ticker".to_owned()))
    }

    pub(super) fn is_text(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(Value::is_str)
    }

    /// A table below this one.
    pub(super) fn table(&self, key: &'a str) -> Read<Reader<'a>> {
        let value = self.value(key)?;
        let table = value.as_table().ok_or_else(|| self.fault(key, format!("is {value}; expected a table")))?;
        Ok(Reader { scenario: self.scenario, path: key, table })
    }

    /// A list of tables below this one; none if it is absent.
    pub(super) fn tables(&self, key: &'a str) -> Read<Vec<Reader<'a>>> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let list: Option<Vec<&'a Table>> = value.as_array().and_then(|l| l.iter().map(Value::as_table).collect());
        let list = list.ok_or_else(|| self.fault(key, "is expected to be a list: [[when]]".to_owned()))?;
        Ok(list.into_iter().map(|table| Reader { scenario: self.scenario, path: key, table }).collect())
    }

    /// A table of dotted keys as paths with the text of each value.
    pub(super) fn flat(&self, key: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (section, value) in self.table.get(key).and_then(Value::as_table).into_iter().flatten() {
            match value.as_table() {
                Some(keys) => out.extend(keys.iter().map(|(k, v)| (format!("{section}.{k}"), v.to_string()))),
                None => out.push((section.clone(), value.to_string())),
            }
        }
        out
    }
}
