//! How another's table is to be read: which column is what, what its words mean, how it writes dates and signs.
//!
//! A TOML file; everything in it may be left out, and means then what our own layout does:
//!
//! ```toml
//! skip_lines = 2                      # lines above the header
//! dates = "mdy"                       # iso, mdy, dmy or compact (20240614)
//! unsigned = ["quantity", "amount"]   # written without a sign: the kind says which way it goes
//!
//! [columns]                           # our name = theirs
//! date = "Run Date"
//! kind = "Action"
//! instrument = "Symbol"               # or underlying, expiration, right and strike, each a column of its own
//! fees = ["Commission", "Fees"]       # several are added
//!
//! [kinds]                             # their word = ours; "skip" passes a row over
//! "YOU SOLD OPENING TRANSACTION" = "sell to open"
//! "JOURNALED" = "skip"
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use report::statement::Kind;
use toml::{Table, Value};

use crate::fault::{DataError, Fault, quoted};

/// Our columns.
pub(super) const COLUMNS: [&str; 14] = [
    "date",
    "settles",
    "kind",
    "instrument",
    "quantity",
    "price",
    "fees",
    "amount",
    "id",
    "text",
    "underlying",
    "expiration",
    "right",
    "strike",
];

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// Something that happened.
    Happened(Kind),
    /// Something that is held on the last day.
    Position,
    /// Cash on the last day.
    Cash,
    /// The first day.
    Begins,
    /// The last day.
    Ends,
    /// Nothing.
    Skip,
}

/// How a table is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub(super) skip_lines: usize,
    pub(super) dates: String,
    pub(super) unsigned: Vec<String>,
    /// Our column, and theirs.
    pub(super) columns: BTreeMap<String, Vec<String>>,
    /// Their word in small letters, and ours.
    kinds: BTreeMap<String, String>,
}

impl Default for Mapping {
    /// Our own layout.
    fn default() -> Self {
        let own = |name: &str| (name.to_owned(), vec![name.to_owned()]);
        Mapping {
            skip_lines: 0,
            dates: "iso".to_owned(),
            unsigned: Vec::new(),
            columns: COLUMNS.into_iter().map(own).collect(),
            kinds: BTreeMap::new(),
        }
    }
}

impl Mapping {
    /// Reads a file.
    ///
    /// # Errors
    /// [`DataError`] naming line or key.
    pub fn read(path: &Path) -> Result<Mapping, DataError> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            let (reason, expected) = (e.to_string(), "a mapping of columns (TOML)".into());
            DataError::of_file(path, Fault::Unreadable { reason, expected })
        })?;
        Mapping::parse(path, &text)
    }

    /// Reads a text; `path` stands in messages.
    ///
    /// # Errors
    /// [`DataError`] naming line or key.
    pub fn parse(path: &Path, text: &str) -> Result<Mapping, DataError> {
        let table: Table = text.parse().map_err(|e: toml::de::Error| {
            let before = e.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text.as_bytes()[..before].iter().filter(|b| **b == b'\n').count();
            let problem = format!("{}; expected TOML", e.message());
            DataError::new(path, u32::try_from(line).ok(), None, Fault::Unsound { problem })
        })?;
        let mut mapping = Mapping::default();
        for (key, value) in &table {
            mapping.take(key, value).map_err(|(key, expected)| {
                let found = value.to_string();
                let fault = Fault::Found { found: quoted(&found), expected: expected.into() };
                DataError::new(path, None, Some(key.into()), fault)
            })?;
        }
        Ok(mapping)
    }

    fn take(&mut self, key: &str, value: &Value) -> Result<(), (String, String)> {
        let refuse = |expected: &str| Err((key.to_owned(), expected.to_owned()));
        match (key, value) {
            ("skip_lines", Value::Integer(n)) if (0..1_000).contains(n) => {
                self.skip_lines = usize::try_from(*n).unwrap_or(0);
            }
            ("skip_lines", _) => return refuse("a number of lines from 0 to 999"),
            ("dates", Value::String(form)) if ["iso", "mdy", "dmy", "compact"].contains(&form.as_str()) => {
                self.dates.clone_from(form);
            }
            ("dates", _) => return refuse("iso, mdy, dmy or compact"),
            ("unsigned", value) => {
                match words(value).filter(|all| all.iter().all(|w| w == "quantity" || w == "amount")) {
                    Some(all) => self.unsigned = all,
                    None => return refuse("a list of quantity and amount"),
                }
            }
            ("columns", Value::Table(columns)) => {
                for (ours, theirs) in columns {
                    let key = format!("columns.{ours}");
                    let theirs = words(theirs).ok_or((key.clone(), "a name, or a list of names".to_owned()))?;
                    if !COLUMNS.contains(&ours.as_str()) {
                        return Err((key, format!("one of {}", COLUMNS.join(", "))));
                    }
                    if theirs.len() != 1 && ours != "fees" {
                        return Err((key, "one name; only fees are added".to_owned()));
                    }
                    self.columns.insert(ours.clone(), theirs);
                }
            }
            ("kinds", Value::Table(kinds)) => {
                for (theirs, ours) in kinds {
                    let ours = ours.as_str().filter(|word| means(word).is_some());
                    let key = format!("kinds.{theirs}");
                    let ours = ours.ok_or((key, "one of our kinds, such as \"sell to open\", or skip".to_owned()))?;
                    self.kinds.insert(theirs.trim().to_lowercase(), ours.to_owned());
                }
            }
            ("columns" | "kinds", _) => return refuse("a table"),
            _ => return refuse("nothing of that name: skip_lines, dates, unsigned, columns or kinds"),
        }
        Ok(())
    }

    /// What their word means.
    pub(super) fn means(&self, word: &str) -> Option<Means> {
        let word = word.trim();
        self.kinds.get(&word.to_lowercase()).map_or_else(|| means(word), |ours| means(ours))
    }

    pub(super) fn is_unsigned(&self, column: &str) -> bool {
        self.unsigned.iter().any(|name| name == column)
    }
}

fn words(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(word) => Some(vec![word.clone()]),
        Value::Array(all) => all.iter().map(|word| word.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn means(word: &str) -> Option<Means> {
    let own = [
        ("position", Means::Position),
        ("cash", Means::Cash),
        ("begins", Means::Begins),
        ("ends", Means::Ends),
        ("skip", Means::Skip),
    ];
    let found = own.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, means)| means);
    found.or_else(|| Kind::of(word).map(Means::Happened))
}
