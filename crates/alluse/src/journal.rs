//! Journals: opened with digest and chain checked, written whole or not at all, and what every page of one begins with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapters::opening;
use adapters::store::{JournalStore, Location, Place, SqliteStore, Standing};
use engine::{Chain, Event, Row, journal};
use market::time::Calendar;
use report::Book;
use serde::Serialize;

use crate::failure::Failure;
use crate::home;
use crate::show::{self, Screen};

/// A journal whose digest and chain hold.
pub(crate) struct Journal {
    /// Where it lies: a file, or an address without its password.
    pub(crate) place: Place,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
    /// Its events.
    pub(crate) events: Vec<Event>,
    /// Digest and chain over them.
    pub(crate) chain: Chain,
}

impl Journal {
    /// The journal at `named`, a file or the address of a database, or the one that was written last.
    ///
    /// # Errors
    /// [`Failure::Usage`] if there is none, [`Failure::Journal`] if it is not sound.
    pub(crate) fn open(named: Option<&Path>) -> Result<Journal, Failure> {
        let named = named.map_or_else(home::last, |named| Ok(named.to_owned()))?;
        let store = reader(&location(&named)?)?;
        let portfolio = portfolios(store.as_ref())?[0];
        Journal::read(store.as_ref(), portfolio)
    }

    /// One portfolio's journal.
    pub(crate) fn read(store: &dyn JournalStore, portfolio: u32) -> Result<Journal, Failure> {
        let place = store.place();
        let damaged = |why: String| Failure::Journal(format!("{place}: {why}"));
        let rows = store.rows(portfolio)?;
        let (events, chain) = opening::read(portfolio, &rows).map_err(|e| damaged(e.to_string()))?;
        Ok(Journal { place, rows, events, chain })
    }

    /// The journal folded.
    pub(crate) fn book(&self, calendar: &Arc<Calendar>) -> Result<Book<'_>, Failure> {
        Book::fold(&self.events, calendar).map_err(|e| Failure::Journal(format!("{}: {e}", self.place)))
    }

    /// The digest as people read it.
    pub(crate) fn digest(&self) -> String {
        journal::hex(&self.chain.digest())
    }
}

/// Where journals lie that a person named: a file, or a database. A password that its address lacks comes from
/// PGPASSWORD, as with other programs of PostgreSQL.
pub(crate) fn location(named: &Path) -> Result<Location, Failure> {
    Ok(Location::read(named, home::variable("PGPASSWORD").as_deref())?)
}

/// Opens journals for reading; of a copy that follows the head, how far it follows is said.
pub(crate) fn reader(location: &Location) -> Result<Box<dyn JournalStore>, Failure> {
    let store = location.open_read_only()?;
    if let standing @ Standing::Standby { .. } = store.standing()? {
        show::aside(&format!("{}: {standing}", store.place()));
    }
    Ok(store)
}

/// The portfolios of a journal, at least one.
pub(crate) fn portfolios(store: &dyn JournalStore) -> Result<Vec<u32>, Failure> {
    let found = store.portfolios()?;
    let empty = || Failure::Journal(format!("{}: the journal is empty; expected at least one event", store.place()));
    if found.is_empty() { Err(empty()) } else { Ok(found) }
}

/// Writes to a journal that appears whole, or not at all. It is begun before the work that fills it, so that a name
/// that cannot be written is told at once.
pub(crate) struct Draft {
    store: Box<dyn JournalStore>,
    named: PathBuf,
}

impl Draft {
    /// Begins a journal. A file of ours that stands there is replaced at the end; anything else is refused now. In a
    /// database nothing is replaced: its schema must be new or empty.
    pub(crate) fn begin(named: &Path) -> Result<Draft, Failure> {
        let store: Box<dyn JournalStore> = match location(named)? {
            Location::File(file) => Box::new(SqliteStore::create_atomically(&file)?),
            database @ Location::Database(_) => database.create_whole()?,
        };
        Ok(Draft { store, named: named.to_owned() })
    }

    /// Writes the rows, lets the journal appear, and remembers it as the last one where it is a file.
    pub(crate) fn finish(mut self, rows: &[Row]) -> Result<Journal, Failure> {
        self.store.append(rows)?;
        self.store.finish()?;
        if let Place::File(file) = location(&self.named)?.place() {
            home::remember(&file)?;
        }
        Journal::open(Some(&self.named))
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
    journal: String,
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
        journal: journal.place.to_string(),
        digest: journal.digest(),
        world: masthead.world(),
        premiums: masthead.premiums(),
        report,
    })
}
