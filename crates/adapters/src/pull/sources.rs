//! Where to ask, and in which shape the answer comes: `sources.toml`.

use std::collections::BTreeMap;
use std::time::Duration;

use market::instrument::Symbol;
use market::time::Date;
use toml::{Table, Value};

use super::http::Manners;
use crate::folder::{DateForm, Kind, Mapping};

/// The sources that ship.
pub const SHIPPED: &str = include_str!("sources.toml");

/// What a source gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Daily bars of a symbol; of a chart also dividends and splits.
    Bars,
    /// Volatility indices by day.
    Volatility,
    /// Treasury yields by day.
    Rates,
}

/// The shape of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// JSON: price lists, dividends and splits of one symbol.
    Chart,
    /// A table.
    Csv,
}

/// One source.
#[derive(Clone, Debug)]
pub struct Source {
    /// What a person calls it.
    pub name: String,
    /// What it gives.
    pub gives: Gives,
    /// In which shape.
    pub shape: Shape,
    /// Where, with places for what is wanted.
    pub address: String,
    /// Where its owner says what may be done with the data.
    pub terms: String,
    mapping: Mapping,
    symbols: BTreeMap<String, String>,
    lower: bool,
}

/// All sources, and how they are asked.
#[derive(Clone, Debug)]
pub struct Sources {
    /// In the file's order.
    pub all: Vec<Source>,
    /// How requests are made.
    pub manners: Manners,
    /// An answer younger than this is not asked for again.
    pub fresh: Duration,
    /// A session is left out until so long after its close.
    pub settle: Duration,
}

/// A file of sources that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct SourcesError {
    /// The file.
    pub file: String,
    /// What is wrong, where, and what was expected.
    pub problem: String,
}

impl Sources {
    /// Reads a file of sources. `file` stands in messages.
    ///
    /// # Errors
    /// [`SourcesError`] naming the key at fault.
    pub fn parse(text: &str, file: &str) -> Result<Sources, SourcesError> {
        read(text).map_err(|problem| SourcesError { file: file.to_owned(), problem })
    }

    /// Those that ship.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn shipped() -> Sources {
        Sources::parse(SHIPPED, "sources.toml").expect("the shipped sources are tested")
    }

    /// The source of that name, or the first, of those that give it.
    pub(super) fn of(&self, gives: Gives, name: Option<&str>) -> Option<&Source> {
        self.all.iter().find(|source| source.gives == gives && name.is_none_or(|name| source.name == name))
    }
}

fn read(text: &str) -> Result<Sources, String> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    known(&table, &["manners", "source"], "")?;
    let manners = table.get("manners").and_then(Value::as_table).ok_or("[manners] is missing")?;
    let names = [
        "gap_seconds",
        "tries",
        "timeout_seconds",
        "longest_wait_seconds",
        "fresh_hours",
        "settle_hours",
        "largest_megabytes",
    ];
    known(manners, &names, "manners.")?;
    let number = |key: &str| {
        let number = manners.get(key).and_then(Value::as_integer).and_then(|number| u32::try_from(number).ok());
        number.filter(|n| *n <= 1_000_000).ok_or_else(|| format!("manners.{key}: expected a whole number from 0"))
    };
    let seconds = |key: &str| number(key).map(|seconds| Duration::from_secs(seconds.into()));
    let hours = |key: &str| number(key).map(|hours| Duration::from_secs(3600 * u64::from(hours)));
    let all = table.get("source").and_then(Value::as_array).ok_or("[[source]]: expected at least one")?;
    Ok(Sources {
        all: all.iter().map(source).collect::<Result<_, _>>()?,
        manners: Manners {
            gap: seconds("gap_seconds")?,
            tries: number("tries")?.max(1),
            timeout: seconds("timeout_seconds")?,
            longest_wait: seconds("longest_wait_seconds")?,
            largest: u64::from(number("largest_megabytes")?) * 1_000_000,
        },
        fresh: hours("fresh_hours")?,
        settle: hours("settle_hours")?,
    })
}

fn source(value: &Value) -> Result<Source, String> {
    let table = value.as_table().ok_or("[[source]]: expected a table")?;
    let name = table.get("name").and_then(Value::as_str).ok_or("source.name: expected a name")?;
    let is_plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !is_plain {
        return Err(format!("source.name: found {name:?}; expected small letters, digits and '-'"));
    }
    let place = format!("source {name}: ");
    let keys = ["name", "gives", "shape", "base", "path", "symbols", "lower", "dates", "columns", "missing", "terms"];
    known(table, &keys, &place)?;
    let text = |key: &str| {
        let text = table.get(key).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| format!("{place}{key}: expected a text"))
    };
    let one_of = |key: &str, expected: &str| format!("{place}{key}: expected {expected}");
    let gives = match text("gives")?.as_str() {
        "bars" => Gives::Bars,
        "volatility" => Gives::Volatility,
        "rates" => Gives::Rates,
        _ => return Err(one_of("gives", "bars, volatility or rates")),
    };
    let shape = match text("shape")?.as_str() {
        "chart" if gives == Gives::Bars => Shape::Chart,
        "csv" => Shape::Csv,
        _ => return Err(one_of("shape", "csv or, for bars, chart")),
    };
    let dates = match table.get("dates") {
        None => DateForm::Iso,
        Some(dates) => {
            dates.as_str().and_then(DateForm::named).ok_or_else(|| one_of("dates", "iso, mdy, dmy or compact"))?
        }
    };
    let missing = table.get("missing").map(Value::as_array);
    let missing =
        missing.map_or(Some(Vec::new()), |all| all?.iter().map(|text| text.as_str().map(str::to_owned)).collect());
    let mapping = Mapping {
        dates,
        columns: pairs(table, "columns", &place)?.into_iter().collect(),
        missing: missing.ok_or_else(|| one_of("missing", "a list of texts"))?,
        index: None,
        symbol: None,
    };
    let symbols = pairs(table, "symbols", &place)?;
    if let Some(unknown) = symbols.keys().find(|name| gives == Gives::Volatility && Kind::index(name).is_none()) {
        return Err(format!("{place}symbols: found {unknown}; expected one of {}", Kind::INDICES.join(", ")));
    }
    Ok(Source {
        name: name.to_owned(),
        gives,
        shape,
        address: text("base")? + &text("path")?,
        terms: text("terms").unwrap_or_default(),
        mapping,
        symbols,
        lower: table.get("lower").and_then(Value::as_bool).unwrap_or(false),
    })
}

fn known(table: &Table, keys: &[&str], place: &str) -> Result<(), String> {
    match table.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("{place}{key}: no such key; expected {}", keys.join(", "))),
        None => Ok(()),
    }
}

fn pairs(table: &Table, key: &str, place: &str) -> Result<BTreeMap<String, String>, String> {
    let Some(pairs) = table.get(key) else { return Ok(BTreeMap::new()) };
    let pairs = pairs.as_table().and_then(|pairs| {
        pairs.iter().map(|(ours, theirs)| Some((ours.clone(), theirs.as_str()?.to_owned()))).collect()
    });
    pairs.ok_or_else(|| format!("{place}{key}: expected pairs of texts"))
}

/// The first second of a day in UTC.
fn seconds(day: Date) -> i64 {
    market::time::day_number(day).saturating_mul(86_400)
}

impl Source {
    /// Where the bars of a symbol are, from a day on.
    pub(super) fn of_symbol(&self, symbol: Symbol, from: Date) -> String {
        let name = self.written(symbol);
        let compact = from.to_string().replace('-', "");
        let address = self.address.replace("{symbol}", &name).replace("{from_date}", &compact);
        address.replace("{from}", &seconds(from).to_string())
    }

    fn written(&self, symbol: Symbol) -> String {
        let ticker = symbol.to_string();
        let name = self.symbols.get(&ticker).cloned().unwrap_or(ticker);
        if self.lower { name.to_ascii_lowercase() } else { name }
    }

    /// What it calls a symbol.
    pub(super) fn their_name(&self, symbol: Symbol) -> String {
        self.written(symbol).replace("%5E", "^")
    }

    /// The indices that it has, and where.
    pub(super) fn indices(&self) -> impl Iterator<Item = (&'static str, String)> {
        let at = |name: &String| self.address.replace("{symbol}", name);
        // In the order of the vocabulary, the 30-day index first.
        Kind::INDICES.into_iter().filter_map(move |name| Some((name, at(self.symbols.get(name)?))))
    }

    /// How a table of that kind is to be read.
    pub(super) fn mapping_of(&self, kind: Kind) -> Mapping {
        let index = match kind {
            Kind::Index(name) => self.symbols.get(name).cloned(),
            _ => None,
        };
        Mapping { index, ..self.mapping.clone() }
    }

    /// Where a year is.
    pub(super) fn of_year(&self, year: i16) -> String {
        self.address.replace("{year}", &year.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_sources_give_everything_that_can_be_pulled() {
        let sources = Sources::shipped();
        for gives in [Gives::Bars, Gives::Volatility, Gives::Rates] {
            let source = sources.of(gives, None).unwrap();
            assert!(source.address.starts_with("https://") && source.terms.starts_with("https://"), "{source:?}");
        }
        let from = Date::constant(2016, 1, 1);
        let bars = sources.of(Gives::Bars, None).unwrap();
        let index = bars.of_symbol(Symbol::new("SPX").unwrap(), from);
        assert!(index.contains("%5EGSPC") && index.contains("period1=1451606400"), "{index}");
        let table = sources.of(Gives::Bars, Some("stooq")).unwrap().of_symbol(Symbol::new("SPY").unwrap(), from);
        assert!(table.contains("s=spy.us") && table.contains("d1=20160101"), "{table}");
        let first = sources.of(Gives::Volatility, None).unwrap().indices().next();
        assert_eq!(first.map(|(name, _)| name), Some("VIX"));
    }

    #[test]
    fn a_wrong_key_is_named() {
        for (from, to, said) in [
            ("gap_seconds", "gap", "manners.gap: no such key"),
            ("tries = 4", "tries = -1", "manners.tries: expected a whole number"),
            ("gives = \"rates\"", "gives = \"rats\"", "source treasury: gives: expected bars, volatility or rates"),
            ("shape = \"csv\"", "shape = \"xml\"", "shape: expected csv"),
            ("dates = \"mdy\"", "dates = \"us\"", "dates: expected iso, mdy, dmy or compact"),
            ("VIX9D = ", "VIX8D = ", "found VIX8D; expected one of VIX, VIX9D"),
            ("lower = true", "small = true", "source stooq: small: no such key"),
            ("name = \"cboe\"", "name = \"../cboe\"", "expected small letters"),
            ("[manners]", "[manner]", "manner: no such key"),
        ] {
            let error = Sources::parse(&SHIPPED.replace(from, to), "mine.toml").unwrap_err().to_string();
            assert!(error.starts_with("mine.toml: ") && error.contains(said), "{error}");
        }
    }
}
