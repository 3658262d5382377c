//! What every store of journals does, whichever database is under it.

use std::fmt;
use std::ops::ControlFlow;

use engine::Row;
use jiff::Timestamp;

use super::{Place, PostgresStore, SqliteStore, StoreError};

/// A store of journals: many portfolios, appended to and never changed.
///
/// [`SqliteStore`] keeps them in one file of one machine, [`PostgresStore`] in a database that several machines share.
/// One battery of tests runs over both.
pub trait JournalStore: Send {
    /// Where the journals lie, as people may see it: without a password.
    fn place(&self) -> Place;

    /// Version of the tables.
    fn version(&self) -> i32;

    /// Takes the right to append to a portfolio's journal before its first row is read, where the database knows of
    /// such a right; the fencing token then, which rises with each taking. Without it, the first append takes it.
    ///
    /// # Errors
    /// If another writer holds it, or the store cannot be written.
    fn claim(&mut self, portfolio: u32) -> Result<Option<u64>, StoreError>;

    /// Appends rows of any portfolios in one transaction, all or none; they are durable when it returns.
    ///
    /// # Errors
    /// If a row does not continue its portfolio's journal, another writer has taken its place, or why the store could
    /// not be written. Every later append is refused then: whether the rows are there is known once the store is opened
    /// again.
    fn append(&mut self, rows: &[Row]) -> Result<(), StoreError>;

    /// Shows rows of a portfolio in order, from the row with this number on, one in memory at a time.
    ///
    /// # Errors
    /// If the store cannot be read, or a row in it does not continue the one before.
    fn visit(
        &self,
        portfolio: u32,
        from_row: u64,
        visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Holds what the store says now for all reads to come, whatever writers beside add: what is copied is of one
    /// moment.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn hold(&self) -> Result<(), StoreError>;

    /// The portfolios that the store holds, rising.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn portfolios(&self) -> Result<Vec<u32>, StoreError>;

    /// How many rows a portfolio has.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn head(&self, portfolio: u32) -> Result<u64, StoreError>;

    /// Checks tables, keys and the numbers of all rows. Changed content that leaves those whole is not its affair: the
    /// chain over the rows shows that.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`](super::StoreFault::Damaged) with the first finding.
    fn check_structure(&self) -> Result<(), StoreError>;

    /// Whether what is read here is all that writers have committed.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn standing(&self) -> Result<Standing, StoreError>;

    /// What the store rests on when it says that a commit is durable.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn durability(&self) -> Result<Vec<Durability>, StoreError>;

    /// Ends the work with the store: gives back what was claimed; a store that was to appear whole appears.
    ///
    /// # Errors
    /// If an append has failed, or the end cannot be made durable.
    fn finish(self: Box<Self>) -> Result<(), StoreError>;

    /// A portfolio's rows in order; none for a portfolio that the store does not know.
    ///
    /// # Errors
    /// As [`Self::visit`].
    fn rows(&self, portfolio: u32) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        self.visit(portfolio, 0, &mut |row| {
            rows.push(row.clone());
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    /// How many rows a reader that has seen `row` rows of a portfolio is behind.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn behind(&self, portfolio: u32, row: u64) -> Result<u64, StoreError> {
        Ok(self.head(portfolio)?.saturating_sub(row))
    }
}

impl dyn JournalStore + '_ {
    /// Shows rows of a portfolio in order, from the row with this number on, until the visitor refuses one; its refusal
    /// then, inside.
    ///
    /// # Errors
    /// As [`JournalStore::visit`].
    pub fn for_each_row<E>(
        &self,
        portfolio: u32,
        from_row: u64,
        mut visit: impl FnMut(&Row) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreError> {
        let mut refusal = Ok(());
        self.visit(portfolio, from_row, &mut |row| {
            refusal = visit(row);
            if refusal.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(refusal)
    }
}

/// A setting that an acknowledged append rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// Its name in the database.
    pub setting: &'static str,
    /// As it is.
    pub found: String,
    /// What is safe.
    pub expected: &'static str,
    /// Whether it is.
    pub safe: bool,
}

/// Where a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It reads where writers write: what is committed is seen.
    Head,
    /// It reads a copy that follows the head; what was committed there since is not seen.
    Standby {
        /// Bytes of log that have arrived and are not shown yet; none are known of where nothing has arrived.
        waiting: Option<u64>,
        /// When the last transaction that is shown was committed, where there was one.
        shows: Option<Timestamp>,
    },
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Standing::Standby { waiting, shows } = self else {
            return f.write_str("read where it is written: everything committed is here");
        };
        f.write_str("read from a standby, which follows the head: ")?;
        match shows {
            Some(at) => write!(f, "its last commit is of {at}")?,
            None => f.write_str("it has shown no commit since it started")?,
        }
        match waiting {
            Some(0) => f.write_str("; all that arrived is shown"),
            Some(bytes) => write!(f, "; {bytes} bytes of log have arrived and are not shown yet"),
            None => f.write_str("; no log arrives"),
        }
    }
}

impl JournalStore for SqliteStore {
    fn hold(&self) -> Result<(), StoreError> {
        SqliteStore::hold(self)
    }

    fn place(&self) -> Place {
        SqliteStore::place(self)
    }

    fn version(&self) -> i32 {
        SqliteStore::version(self)
    }

    /// A file has no leases: a second writer is refused by the row that it finds in its place.
    fn claim(&mut self, _portfolio: u32) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    fn append(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        SqliteStore::append(self, rows)
    }

    fn visit(
        &self,
        portfolio: u32,
        from_row: u64,
        visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let swept = self.for_each_row(portfolio, from_row, |row| match visit(row) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(()),
        })?;
        // The visitor has seen enough: that is no error.
        swept.or(Ok(()))
    }

    fn portfolios(&self) -> Result<Vec<u32>, StoreError> {
        SqliteStore::portfolios(self)
    }

    fn head(&self, portfolio: u32) -> Result<u64, StoreError> {
        SqliteStore::head(self, portfolio)
    }

    fn check_structure(&self) -> Result<(), StoreError> {
        SqliteStore::check_structure(self)
    }

    fn standing(&self) -> Result<Standing, StoreError> {
        Ok(Standing::Head)
    }

    fn durability(&self) -> Result<Vec<Durability>, StoreError> {
        SqliteStore::durability(self)
    }

    fn finish(self: Box<Self>) -> Result<(), StoreError> {
        SqliteStore::finish(*self)
    }
}

impl JournalStore for PostgresStore {
    fn hold(&self) -> Result<(), StoreError> {
        PostgresStore::hold(self)
    }

    fn place(&self) -> Place {
        PostgresStore::place(self)
    }

    fn version(&self) -> i32 {
        PostgresStore::version(self)
    }

    fn claim(&mut self, portfolio: u32) -> Result<Option<u64>, StoreError> {
        PostgresStore::claim(self, portfolio).map(Some)
    }

    fn append(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        PostgresStore::append(self, rows)
    }

    fn visit(
        &self,
        portfolio: u32,
        from_row: u64,
        visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        PostgresStore::visit(self, portfolio, from_row, visit)
    }

    fn portfolios(&self) -> Result<Vec<u32>, StoreError> {
        PostgresStore::portfolios(self)
    }

    fn head(&self, portfolio: u32) -> Result<u64, StoreError> {
        PostgresStore::head(self, portfolio)
    }

    fn check_structure(&self) -> Result<(), StoreError> {
        PostgresStore::check_structure(self)
    }

    fn standing(&self) -> Result<Standing, StoreError> {
        PostgresStore::standing(self)
    }

    fn durability(&self) -> Result<Vec<Durability>, StoreError> {
        PostgresStore::durability(self)
    }

    fn finish(self: Box<Self>) -> Result<(), StoreError> {
        PostgresStore::finish(*self)
    }
}

impl runtime::Store for Box<dyn JournalStore> {
    type Error = StoreError;

    fn append(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        JournalStore::append(self.as_mut(), &rows)
    }
}
