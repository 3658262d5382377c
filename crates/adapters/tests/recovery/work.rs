//! What is done to a disk, what of it was acknowledged, and what a disk found after a cut must hold.

use std::path::Path;
use std::sync::Arc;

use adapters::store::{SqliteFiles, SqliteStore, StoreError, StoreFault};
use engine::Row;
use simulation::disk::{Class, Disk, Fate, Op};
use simulation::rng::Rng;

use super::books::{Book, audit};
use super::machine::{Mounted, locked};

pub(crate) const MOUNT: &str = "disk";
pub(crate) const FILE: &str = "/disk/book.journal";

/// What a journal file may hold: nothing at all, or the first rows of each portfolio of one book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Nothing,
    Rows { book: usize, counts: Vec<usize> },
}

/// From an entry of the log on, the file must be as one of these.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) from: usize,
    pub(crate) allowed: Vec<Held>,
}

/// Work on one disk: what it began with, and where it stands.
pub(crate) struct Work<'a> {
    books: &'a [Book],
    journals: SqliteFiles,
    pub(crate) disk: Mounted,
    start: Disk,
    pub(crate) marks: Vec<Mark>,
    pub(crate) held: Held,
    /// The disk at the moment at which something that was to be acknowledged failed.
    pub(crate) at_failure: Option<Disk>,
    /// What the next append said then, and how many calls to the disk it made.
    pub(crate) after_failure: Option<(StoreFault, usize)>,
}

/// Which rows come next: some of each portfolio.
fn batch<'b>(book: &'b Book, counts: &[usize], rng: &mut Rng) -> (Vec<&'b Row>, Vec<usize>) {
    let (mut rows, mut after) = (Vec::new(), counts.to_vec());
    for (at, (_, journal)) in book.journals.iter().enumerate() {
        let more = rng.below(4).min(journal.len() - counts[at]);
        rows.extend(&journal[counts[at]..counts[at] + more]);
        after[at] += more;
    }
    (rows, after)
}

impl<'a> Work<'a> {
    pub(crate) fn on(start: Disk, held: Held, books: &'a [Book]) -> Work<'a> {
        let disk = Mounted::new(MOUNT, start.clone());
        let journals = SqliteFiles::on(Arc::new(disk.clone()));
        let marks = vec![Mark { from: 0, allowed: vec![held.clone()] }];
        Work { books, journals, disk, start, marks, held, at_failure: None, after_failure: None }
    }

    pub(crate) fn skipping(self, class: Option<Class>) -> Self {
        locked(&self.disk.machine).drive.skipped = class;
        self
    }

    pub(crate) fn log(&self) -> Vec<Op> {
        locked(&self.disk.machine).drive.log().to_vec()
    }

    fn mark(&mut self, allowed: Vec<Held>) {
        let from = locked(&self.disk.machine).drive.log().len();
        self.marks.push(Mark { from, allowed });
    }

    /// Does something that, once it is acknowledged, has brought the file from what it held to `then`.
    fn toward<T>(
        &mut self,
        then: Held,
        act: impl FnOnce(&SqliteFiles) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.mark(vec![self.held.clone(), then.clone()]);
        let done = act(&self.journals).inspect_err(|_| {
            self.at_failure = Some(locked(&self.disk.machine).drive.disk().clone());
        })?;
        self.held = then.clone();
        self.mark(vec![then]);
        Ok(done)
    }

    fn nothing_of(&self, book: usize) -> Vec<usize> {
        vec![0; self.books[book].journals.len()]
    }

    /// Appends a batch.
    pub(crate) fn append(&mut self, store: &mut SqliteStore, rng: &mut Rng) -> Result<(), StoreError> {
        let Held::Rows { book, counts } = self.held.clone() else { return Ok(()) };
        let (rows, counts) = batch(&self.books[book], &counts, rng);
        let rows: Vec<Row> = rows.into_iter().cloned().collect();
        let done = self.toward(Held::Rows { book, counts }, |_| store.append(&rows));
        if done.is_err() {
            let calls = locked(&self.disk.machine).drive.calls();
            let next = store.append(&rows).err();
            let more = locked(&self.disk.machine).drive.calls() - calls;
            self.after_failure = next.map(|error| (error.fault, more));
        }
        done
    }

    /// Opens the journal, or makes a new one where there is none; appends so many batches; closes it.
    pub(crate) fn session(&mut self, batches: usize, rng: &mut Rng) -> Result<(), StoreError> {
        let mut store = match &self.held {
            Held::Nothing => {
                let book = rng.below(self.books.len());
                let counts = self.nothing_of(book);
                self.toward(Held::Rows { book, counts }, |journals| journals.create(Path::new(FILE)))?
            }
            Held::Rows { .. } => self.journals.open(Path::new(FILE))?,
        };
        store.checkpoint_every([4, 20, 1000][rng.below(3)])?;
        store.place_every([1, 3, 1024][rng.below(3)]);
        for _ in 0..batches {
            self.append(&mut store, rng)?;
        }
        store.finish()
    }

    /// Writes a journal that appears whole, in the place of what is there.
    pub(crate) fn replace(&mut self, batches: usize, rng: &mut Rng) -> Result<(), StoreError> {
        let book = rng.below(self.books.len());
        let mut counts = self.nothing_of(book);
        let mut store = self.journals.create_atomically(Path::new(FILE))?;
        for _ in 0..batches {
            let (rows, after) = batch(&self.books[book], &counts, rng);
            let rows: Vec<Row> = rows.into_iter().cloned().collect();
            store.append(&rows)?;
            counts = after;
        }
        self.toward(Held::Rows { book, counts }, |_| store.finish())
    }

    /// Some sessions and replacements.
    pub(crate) fn some(&mut self, steps: usize, rng: &mut Rng) -> Result<(), StoreError> {
        for _ in 0..steps {
            let batches = rng.below(8);
            if rng.below(4) == 0 { self.replace(batches, rng)? } else { self.session(batches, rng)? }
        }
        Ok(())
    }

    /// The disk as it was after `done` entries of `log`.
    pub(crate) fn disk_after(&self, log: &[Op], done: usize) -> Disk {
        let mut disk = self.start.clone();
        log[..done].iter().for_each(|op| disk.apply(op));
        disk
    }

    /// What may be found after a cut when so much was done.
    pub(crate) fn allowed(&self, done: usize) -> &[Held] {
        let at = self.marks.partition_point(|mark| mark.from <= done);
        &self.marks[at.saturating_sub(1)].allowed
    }
}

/// Opens what a cut left, checks everything about it, and says which of the allowed it is.
pub(crate) fn recover(disk: &Mounted, books: &[Book], allowed: &[Held]) -> Result<Held, String> {
    let journals = SqliteFiles::on(Arc::new(disk.clone()));
    let found = match journals.open(Path::new(FILE)) {
        Ok(store) => Some(read(store).map_err(|error| error.to_string())?),
        Err(StoreError { fault: StoreFault::Missing, .. }) => None,
        Err(error) => return Err(error.to_string()),
    };
    found.iter().flatten().try_for_each(|(portfolio, rows)| audit(*portfolio, rows))?;
    let is = |held: &&Held| match (held, &found) {
        (Held::Nothing, None) => true,
        (Held::Rows { book, counts }, Some(found)) => is_first_of(&books[*book], counts, found),
        _ => false,
    };
    let held = allowed.iter().find(is).cloned();
    held.ok_or_else(|| {
        let counts = found.map(|found| found.iter().map(|(p, rows)| (*p, rows.len())).collect::<Vec<_>>());
        format!("found portfolios with rows {counts:?}; expected one of {allowed:?}")
    })
}

/// Every portfolio's rows.
fn read(store: SqliteStore) -> Result<Vec<(u32, Vec<Row>)>, StoreError> {
    store.check_structure()?;
    let mut found = Vec::new();
    for portfolio in store.portfolios()? {
        found.push((portfolio, store.rows(portfolio)?));
    }
    store.finish()?;
    Ok(found)
}

/// Whether these are so many first rows of each portfolio of a book, and no others.
fn is_first_of(book: &Book, counts: &[usize], found: &[(u32, Vec<Row>)]) -> bool {
    let expected = book.journals.iter().zip(counts).filter(|(_, count)| **count > 0);
    let expected: Vec<(u32, &[Row])> = expected.map(|((p, rows), count)| (*p, &rows[..*count])).collect();
    expected.len() == found.len() && expected.iter().zip(found).all(|(e, f)| e.0 == f.0 && *e.1 == *f.1)
}

/// A disk that was cut.
pub(crate) fn cut(disk: &Disk, fate: Fate, rng: &mut Rng) -> Mounted {
    Mounted::new(MOUNT, disk.cut(fate, rng))
}
