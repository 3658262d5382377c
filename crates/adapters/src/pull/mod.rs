//! Public market data, asked for politely and taken only as expected.
//!
//! [`pull`] asks the [`Sources`] for what is wanted, one question after another ([`Client`]), keeps each answer that it
//! understood byte for byte in a folder of its own, and gives [`Piece`]s for [`Put`](crate::folder::Put) to write. An
//! answer that is not of the expected shape is refused with its address, line and field; nothing is repaired.

mod cache;
mod chart;
mod http;
mod sources;

use std::io;
use std::path::{Path, PathBuf};

use market::instrument::Symbol;
use market::time::{Calendar, Date, TradingDay};

pub use cache::Cache;
pub use chart::{Chart, read as read_chart};
pub use http::{Client, FetchError, FetchFault, Fetched, Manners, Validators, post, roots};
pub use sources::{Gives, SHIPPED, Shape, Source, Sources, SourcesError};

use crate::clock::Clock;
use crate::fault::DataError;
use crate::folder::{Kind, Origin, Piece, Sheet, digest, translate};
use http::Answer;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Symbols whose bars are, with dividends and splits where the source has them.
    pub symbols: Vec<Symbol>,
    /// Whether volatility indices are.
    pub volatility: bool,
    /// Whether Treasury yields are.
    pub rates: bool,
    /// The first day of bars and yields; indices come whole.
    pub from: Date,
    /// The source of bars; the first that gives them if nothing is said.
    pub source: Option<String>,
}

/// How an answer was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The host gave it.
    Fetched,
    /// The host said that the one at hand is still good.
    Unchanged,
    /// The one at hand is fresh: nobody was asked.
    AtHand,
}

/// One question and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The source.
    pub source: String,
    /// The address, without secrets.
    pub address: String,
    /// How.
    pub how: How,
    /// Rows understood.
    pub rows: usize,
    /// Sessions left out because the source may still change what it says of them.
    pub unsettled: usize,
}

/// What was pulled.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// For the folder.
    pub pieces: Vec<Piece>,
    /// In order.
    pub asked: Vec<Asked>,
}

/// Why nothing was pulled.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// There is no such source.
    #[error("no source called {name:?} gives bars; `alluse data pull --list` shows those that do")]
    NoSource {
        /// The name.
        name: String,
    },
    /// No source gives it.
    #[error("no source gives {what}; `alluse data pull --list` shows what they give")]
    Nobody {
        /// What is wanted.
        what: &'static str,
    },
    /// No answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// An answer that is not as expected.
    #[error("{0}")]
    Shape(Box<DataError>),
    /// An answer could not be kept.
    #[error("{}: {error}", file.display())]
    Keep {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl From<DataError> for PullError {
    fn from(error: DataError) -> Self {
        PullError::Shape(Box::new(error))
    }
}

/// A question.
struct Question<'a> {
    source: &'a Source,
    name: String,
    address: String,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Chart(Symbol),
    Table(Kind),
}

/// Asks for all that is wanted. `told` hears of each question that was answered, and how many there are.
///
/// # Errors
/// [`PullError`] at the first question that has no good answer. Answers understood before it stay in the cache.
pub fn pull<C: Clock>(
    sources: &Sources,
    wanted: &Wanted,
    cache: Cache<'_>,
    client: &mut Client<C>,
    calendar: &Calendar,
    mut told: impl FnMut(&Asked, usize, usize),
) -> Result<Pulled, PullError> {
    let questions = questions(sources, wanted, client.now())?;
    // What is settled is decided once: every file ends with the same session.
    let settled = last_settled(client.now(), sources.settle, calendar);
    let mut pulling = Pulling { sources, wanted, cache, client, settled };
    let mut pulled = Pulled { pieces: Vec::new(), asked: Vec::new() };
    for (i, question) in questions.iter().enumerate() {
        let (pieces, asked) = pulling.answer(question)?;
        told(&asked, i + 1, questions.len());
        pulled.pieces.extend(pieces);
        pulled.asked.push(asked);
    }
    if !wanted.symbols.is_empty() {
        // No source gives it, and a header alone says that nothing is known. Of dividends and splits it would say that
        // there are none: a source that does not tell them leaves them missing.
        let kind = Kind::Earnings;
        pulled.pieces.push(Piece { kind, sheet: Sheet::new(kind), origin: None });
    }
    Ok(pulled)
}

fn questions<'a>(sources: &'a Sources, wanted: &Wanted, now: jiff::Timestamp) -> Result<Vec<Question<'a>>, PullError> {
    let mut questions = Vec::new();
    if !wanted.symbols.is_empty() {
        let source = sources.of(Gives::Bars, wanted.source.as_deref()).ok_or_else(|| match &wanted.source {
            Some(name) => PullError::NoSource { name: name.clone() },
            None => PullError::Nobody { what: "bars" },
        })?;
        for symbol in &wanted.symbols {
            let address = source.of_symbol(*symbol, wanted.from);
            let (what, ending) = match source.shape {
                Shape::Chart => (What::Chart(*symbol), "json"),
                Shape::Csv => (What::Table(Kind::Bars(*symbol)), "csv"),
            };
            questions.push(Question { source, name: format!("{symbol}.{ending}"), address, what });
        }
    }
    if wanted.volatility {
        let source = sources.of(Gives::Volatility, None).ok_or(PullError::Nobody { what: "volatility indices" })?;
        questions.extend(source.indices().map(|(name, address)| Question {
            source,
            name: format!("{name}.csv"),
            address,
            what: What::Table(Kind::Index(name)),
        }));
    }
    if wanted.rates {
        let source = sources.of(Gives::Rates, None).ok_or(PullError::Nobody { what: "Treasury yields" })?;
        let this_year = now.to_zoned(jiff::tz::TimeZone::UTC).year();
        questions.extend((wanted.from.year()..=this_year).map(|year| {
            let (name, address) = (format!("{year}.csv"), source.of_year(year));
            Question { source, name, address, what: What::Table(Kind::Rates) }
        }));
    }
    Ok(questions)
}

struct Pulling<'a, C> {
    sources: &'a Sources,
    wanted: &'a Wanted,
    cache: Cache<'a>,
    client: &'a mut Client<C>,
    /// The last day of which sources no longer change what they say.
    settled: Date,
}

impl<C: Clock> Pulling<'_, C> {
    fn answer(&mut self, question: &Question<'_>) -> Result<(Vec<Piece>, Asked), PullError> {
        let (fetched, how) = self.fetch(question)?;
        let shown = http::without_secrets(&question.address);
        let (sheets, unsettled) = self.understand(question, &shown, &fetched)?;
        if how != How::AtHand {
            let kept = self.cache.keep(&question.source.name, &question.name, &question.address, &fetched);
            kept.map_err(|(file, error)| PullError::Keep { file, error })?;
        }
        let rows = sheets.iter().map(|(_, sheet)| sheet.len()).sum();
        let origin = Origin {
            source: question.source.name.clone(),
            address: fetched.answered,
            at: fetched.at,
            status: Some(fetched.status),
            blake3: digest(&fetched.bytes),
            bytes: fetched.bytes.len(),
        };
        let piece = |(kind, sheet)| Piece { kind, sheet, origin: Some(origin.clone()) };
        let asked = Asked { source: question.source.name.clone(), address: shown, how, rows, unsettled };
        Ok((sheets.into_iter().map(piece).collect(), asked))
    }

    fn fetch(&mut self, question: &Question<'_>) -> Result<(Fetched, How), PullError> {
        let Question { source, name, address, .. } = question;
        let known = self.cache.known(&source.name, name, address);
        let now = self.client.now();
        let is_fresh = |known: &Fetched| {
            let age = now.duration_since(known.at);
            !age.is_negative() && age.unsigned_abs() < self.sources.fresh
        };
        if let Some(known) = known.clone().filter(is_fresh) {
            return Ok((known, How::AtHand));
        }
        let validators = known.as_ref().map(|known| known.validators.clone()).unwrap_or_default();
        match (self.client.get(address, &validators)?, known) {
            (Answer::Whole(fetched), _) => Ok((fetched, How::Fetched)),
            (Answer::Unchanged, Some(known)) => Ok((Fetched { at: now, ..known }, How::Unchanged)),
            (Answer::Unchanged, None) => unreachable!("only what is known is asked for conditionally"),
        }
    }

    fn understand(
        &self,
        question: &Question<'_>,
        shown: &str,
        fetched: &Fetched,
    ) -> Result<(Vec<(Kind, Sheet)>, usize), PullError> {
        let is_settled = |day: Date| day <= self.settled;
        let name = Path::new(shown);
        match question.what {
            What::Chart(symbol) => {
                let theirs = question.source.their_name(symbol);
                let chart::Chart { bars, dividends, splits } =
                    chart::read(name, &fetched.bytes, symbol, &theirs, &is_settled)?;
                let sheets = vec![(Kind::Bars(symbol), bars), (Kind::Dividends, dividends), (Kind::Splits, splits)];
                Ok((sheets, 0))
            }
            What::Table(kind) => {
                let mapping = question.source.mapping_of(kind);
                let mut sheet = translate(name.to_owned(), fetched.bytes.clone(), kind, &mapping)?;
                let unsettled = sheet.retain(|date| crate::text::date(date).is_some_and(is_settled));
                if !matches!(kind, Kind::Index(_)) {
                    sheet.retain(|date| crate::text::date(date).is_some_and(|date| date >= self.wanted.from));
                }
                Ok((vec![(kind, sheet)], unsettled))
            }
        }
    }
}

/// The last day of which sources no longer change what they say.
fn last_settled(now: jiff::Timestamp, settle: std::time::Duration, calendar: &Calendar) -> Date {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let is_settled = |day: &TradingDay| {
        let settled = calendar.closes_at(*day).checked_add(settle);
        settled.is_ok_and(|settled| settled <= now)
    };
    let mut day = calendar.on_or_before(today);
    while let Some(open) = day.filter(|day| !is_settled(day)) {
        day = Some(calendar.previous(open));
    }
    day.map_or(today, TradingDay::date)
}
