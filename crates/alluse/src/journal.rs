//! Journals: opened with digest and chain checked, written whole or not at all, and what every page of one begins with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapters::store::SqliteStore;
use engine::event::Body;
use engine::{Chain, Event, Row, codec, journal};
use market::time::Calendar;
use report::Book;
use serde::Serialize;

use crate::failure::Failure;
use crate::home;
use crate::show::{self, Screen};

/// A journal whose digest and chain hold.
pub(crate) struct Journal {
    /// Where it lies.
    pub(crate) file: PathBuf,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
    /// Its events.
    pub(crate) events: Vec<Event>,
    /// Digest and chain over them.
    pub(crate) chain: Chain,
}

impl Journal {
    /// The journal of `file`, or the one that was written last.
    ///
    /// # Errors
    /// [`Failure::Usage`] if there is none, [`Failure::Journal`] if it is not sound.
    pub(crate) fn open(file: Option<&Path>) -> Result<Journal, Failure> {
        let file = file.map_or_else(home::last, |file| Ok(file.to_owned()))?;
        let store = SqliteStore::open_read_only(&file)?;
        let portfolio = portfolios(&store, &file)?[0];
        Journal::read(&store, &file, portfolio)
    }

    /// One portfolio's journal of a file.
    pub(crate) fn portfolio(file: &Path, portfolio: u32) -> Result<Journal, Failure> {
        Journal::read(&SqliteStore::open_read_only(file)?, file, portfolio)
    }

    /// One portfolio's journal.
    pub(crate) fn read(store: &SqliteStore, file: &Path, portfolio: u32) -> Result<Journal, Failure> {
        let damaged = |why: String| Failure::Journal(format!("{}: {why}", file.display()));
        let rows = store.rows(portfolio)?;
        let (events, chain) = journal::read(portfolio, &rows).map_err(|e| damaged(e.to_string()))?;
        match events.first().map(|event| &event.body) {
            Some(Body::Opened(opened)) if opened.schema > codec::SCHEMA => Err(damaged(format!(
                "a newer program wrote it (version {}, schema {}); this one knows schemas up to {}",
                opened.program,
                opened.schema,
                codec::SCHEMA
            ))),
            _ => Ok(Journal { file: file.to_owned(), rows, events, chain }),
        }
    }

    /// The journal folded.
    pub(crate) fn book(&self, calendar: &Arc<Calendar>) -> Result<Book<'_>, Failure> {
        Book::fold(&self.events, calendar).map_err(|e| Failure::Journal(format!("{}: {e}", self.file.display())))
    }

    /// The digest as people read it.
    pub(crate) fn digest(&self) -> String {
        journal::hex(&self.chain.digest())
    }
}

/// The portfolios of a journal, at least one.
pub(crate) fn portfolios(store: &SqliteStore, file: &Path) -> Result<Vec<u32>, Failure> {
    let found = store.portfolios()?;
    let empty = || Failure::Journal(format!("{}: the journal is empty; expected at least one event", file.display()));
    if found.is_empty() { Err(empty()) } else { Ok(found) }
}

/// Writes to a journal that appears whole, or not at all. It is begun before the work that fills it, so that a name
/// that cannot be written is told at once.
pub(crate) struct Draft {
    store: SqliteStore,
    file: PathBuf,
}

impl Draft {
    /// Begins a journal at `file`. One of ours that stands there is replaced at the end; anything else is refused now.
    pub(crate) fn begin(file: &Path) -> Result<Draft, Failure> {
        Ok(Draft { store: SqliteStore::create_atomically(file)?, file: file.to_owned() })
    }

    /// Writes the rows, gives the journal its name, and remembers it as the last one.
    pub(crate) fn finish(mut self, rows: &[Row]) -> Result<Journal, Failure> {
        self.store.append(rows)?;
        self.store.finish()?;
        home::remember(&self.file)?;
        Journal::open(Some(&self.file))
    }
}

/// What every page begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Masthead(report::Masthead);

impl From<report::Masthead> for Masthead {
    fn from(masthead: report::Masthead) -> Self {
        Masthead(masthead)
    }
}

/// Any report with what must stand beside it.
#[derive(Serialize)]
struct Page<'a, T> {
    journal: &'a Path,
    digest: String,
    world: &'static str,
    premiums: &'static str,
    report: &'a T,
}

impl Masthead {
    /// Of a folded journal.
    pub(crate) fn of(book: &Book<'_>) -> Masthead {
        Masthead(report::Masthead::of(book))
    }

    /// `history` or `SIMULATED`.
    pub(crate) const fn world(self) -> &'static str {
        self.0.world()
    }

    /// `modelled`, `quoted`, `modelled and quoted`, or `none`.
    pub(crate) const fn premiums(self) -> &'static str {
        self.0.premiums()
    }

    /// Prints it.
    pub(crate) fn print(self) -> Result<(), Failure> {
        let screen = Screen::stdout();
        self.0.warnings().iter().try_for_each(|text| show::print(&screen.warning(&screen.wrap(text, 2))))
    }
}

/// Prints a report on a journal as JSON.
pub(crate) fn json<T: Serialize>(journal: &Journal, masthead: Masthead, report: &T) -> Result<(), Failure> {
    show::json(&Page {
        journal: &journal.file,
        digest: journal.digest(),
        world: masthead.world(),
        premiums: masthead.premiums(),
        report,
    })
}
