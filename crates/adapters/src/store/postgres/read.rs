//! How journals are read from a database, and how far behind a reader is.

use std::ops::ControlFlow;

use engine::Row;
use jiff::Timestamp;
use postgres::Client;

use super::super::{Durability, Head, START, Standing, StoreError, StoreFault, damaged, signed, unsigned};
use super::{DURABLE, POSTGRES_VERSION, PostgresStore, schema};

/// Rows that are fetched at once.
const FETCH: i64 = 128;

const SELECT: &str = "
    SELECT portfolio, row, first_event, events, bytes, digest, chain
    FROM journal_row WHERE portfolio = $1 AND row >= $2 ORDER BY row LIMIT $3";
/// One step down the key for each portfolio, instead of a sweep over all rows.
const PORTFOLIOS: &str = "
    WITH RECURSIVE each(portfolio) AS (
      (SELECT portfolio FROM journal_row ORDER BY portfolio LIMIT 1)
      UNION ALL
      SELECT (SELECT r.portfolio FROM journal_row r WHERE r.portfolio > each.portfolio ORDER BY r.portfolio LIMIT 1)
      FROM each WHERE each.portfolio IS NOT NULL)
    SELECT portfolio FROM each WHERE portfolio IS NOT NULL";
/// The first row that does not continue the one before, or holds another token than a later one may.
const BROKEN: &str = "
    SELECT portfolio, row FROM (
      SELECT portfolio, row, first_event, token,
             lag(row, 1, 0) OVER journal + 1 AS next_row,
             lag(first_event + events, 1, 1) OVER journal AS next_event,
             lag(token, 1, 0) OVER journal AS least_token
      FROM journal_row WINDOW journal AS (PARTITION BY portfolio ORDER BY row)) AS rows
    WHERE row <> next_row OR first_event <> next_event OR token < least_token
    ORDER BY portfolio, row LIMIT 1";
const GUARDS: &str = "
    SELECT t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal ORDER BY 1";
const KEYS: &str = "
    SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND NOT (i.indisvalid AND i.indisready) LIMIT 1";
const STANDING: &str = "
    SELECT pg_is_in_recovery(),
           (pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn())::bigint,
           extract(epoch FROM pg_last_xact_replay_timestamp())::bigint";

impl PostgresStore {
    /// Shows rows of a portfolio in order, from the row with this number on. Rows that are appended meanwhile are shown
    /// as well.
    ///
    /// # Errors
    /// If the database cannot be read, or a row in it does not continue the one before.
    pub fn visit(
        &self,
        portfolio: u32,
        from_row: u64,
        visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut head = (from_row <= START.row).then_some(START);
        let mut from = from_row;
        loop {
            // Fetched whole before any is shown: the visitor may ask this store for something else.
            let rows = self.ask(|client| fetch(client, portfolio, from))?;
            for row in &rows {
                let here = Head { row: row.row, event: row.first_event };
                let advanced = head.get_or_insert(here).advance(row).map_err(damaged);
                advanced.map_err(|fault| fault.of(&self.place))?;
                if visit(row).is_break() {
                    return Ok(());
                }
            }
            match rows.last() {
                Some(last) if rows.len() as i64 == FETCH => from = last.row + 1,
                _ => return Ok(()),
            }
        }
    }

    /// The portfolios that the store holds, rising.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn portfolios(&self) -> Result<Vec<u32>, StoreError> {
        self.ask(|client| client.query(PORTFOLIOS, &[])?.iter().map(|row| narrow(row.get(0))).collect())
    }

    /// How many rows a portfolio has.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn head(&self, portfolio: u32) -> Result<u64, StoreError> {
        const LAST: &str = "SELECT coalesce(max(row), 0) FROM journal_row WHERE portfolio = $1";
        self.ask(|client| unsigned(client.query_one(LAST, &[&i64::from(portfolio)])?.get(0)))
    }

    /// Checks version, triggers and keys, and that the rows of each portfolio are numbered without a gap. Changed
    /// content that leaves those whole is not its affair: the chain over the rows shows that.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] with the first finding.
    pub fn check_structure(&self) -> Result<(), StoreError> {
        let broken = |detail: String| Err(StoreFault::Damaged { detail });
        self.ask(|client| {
            let schema: String = client.query_one("SELECT current_schema()::text", &[])?.get(0);
            schema::verify(client, &schema)?;
            let guards: Vec<String> = client.query(GUARDS, &[])?.iter().map(|row| row.get(0)).collect();
            if let Some(missing) = schema::TRIGGERS.iter().find(|name| !guards.iter().any(|guard| guard == *name)) {
                return broken(format!("trigger {missing} of version {POSTGRES_VERSION} is missing or switched off"));
            }
            if let Some(key) = client.query_opt(KEYS, &[])? {
                return broken(format!("index {} is not valid", key.get::<_, String>(0)));
            }
            match client.query_opt(BROKEN, &[])? {
                Some(at) => {
                    let (portfolio, row): (i64, i64) = (at.get(0), at.get(1));
                    broken(format!("portfolio {portfolio}: row {row} does not continue the one before"))
                }
                None => Ok(()),
            }
        })
    }

    /// Whether this is the head or a standby, and what a standby knows to be missing.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn standing(&self) -> Result<Standing, StoreError> {
        self.ask(|client| {
            let found = client.query_one(STANDING, &[])?;
            if !found.get::<_, bool>(0) {
                return Ok(Standing::Head);
            }
            let waiting: Option<i64> = found.get(1);
            let shows = found.get::<_, Option<i64>>(2).and_then(|second| Timestamp::from_second(second).ok());
            Ok(Standing::Standby { waiting: waiting.map(|bytes| bytes.max(0).unsigned_abs()), shows })
        })
    }

    /// The database's settings that an acknowledged commit rests on.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn durability(&self) -> Result<Vec<Durability>, StoreError> {
        self.ask(|client| {
            let settings = DURABLE.iter().map(|(setting, allowed, expected)| {
                let found: String = client.query_one("SELECT current_setting($1)", &[setting])?.get(0);
                let safe = allowed.contains(&found.as_str());
                Ok(Durability { setting, found, expected, safe })
            });
            settings.collect()
        })
    }

    /// Holds what the database says now for all reads to come.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn hold(&self) -> Result<(), StoreError> {
        self.ask(|client| {
            // The transaction's first question fixes what it sees. Whoever copies may pause longer than a writer may.
            Ok(client.batch_execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
                 SET LOCAL idle_in_transaction_session_timeout = 0;
                 SELECT 1",
            )?)
        })
    }

    fn ask<T>(&self, question: impl FnOnce(&mut Client) -> Result<T, StoreFault>) -> Result<T, StoreError> {
        question(&mut self.client.borrow_mut()).map_err(|fault| fault.of(&self.place))
    }
}

fn fetch(client: &mut Client, portfolio: u32, from: u64) -> Result<Vec<Row>, StoreFault> {
    let found = client.query(SELECT, &[&i64::from(portfolio), &signed(from)?, &FETCH])?;
    found.iter().map(read_row).collect()
}

fn read_row(columns: &postgres::Row) -> Result<Row, StoreFault> {
    Ok(Row {
        portfolio: narrow(columns.get(0))?,
        row: unsigned(columns.get(1))?,
        first_event: unsigned(columns.get(2))?,
        events: narrow(columns.get(3))?,
        bytes: columns.get(4),
        digest: hash(columns.get(5))?,
        chain: hash(columns.get(6))?,
    })
}

fn narrow(number: i64) -> Result<u32, StoreFault> {
    u32::try_from(number)
        .map_err(|_| StoreFault::Damaged { detail: format!("a count is {number}; expected 0 to 4294967295") })
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], StoreFault> {
    let length = bytes.len();
    bytes.try_into().map_err(|_| StoreFault::Damaged { detail: format!("a hash has {length} bytes; expected 32") })
}
