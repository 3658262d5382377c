//! Where a battery runs: fresh places for stores, and what another program could do to them.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use adapters::store::{Location, Place};
use engine::Row;
use tempfile::TempDir;

use super::server::Server;

/// A kind of store, with fresh places for it.
pub(crate) trait World {
    /// A place where nothing is.
    fn fresh(&self) -> Location;

    /// What another process has to be told so that it finds a store.
    fn named(&self, at: &Location) -> String;

    /// Runs SQL on a store as another program would; what the database said if it refused.
    fn sql(&self, at: &Location, sql: &str) -> Result<(), String>;

    /// Makes a store say that its tables are of another version.
    fn set_version(&self, at: &Location, version: i32);

    /// Removes a row as only somebody with every right could.
    fn remove(&self, at: &Location, row: u64);

    /// Puts somebody else's table in place of a store.
    fn occupy(&self, at: &Location);
}

/// The row that a correct writer appends after `row` others of `portfolio`: every byte follows from the two numbers.
pub(crate) fn row(portfolio: u32, row: u64) -> Row {
    let seed = u8::try_from((row * 31 + u64::from(portfolio) * 7) % 251).expect("below 251");
    Row {
        portfolio,
        row: row + 1,
        first_event: row * 3 + 1,
        events: 3,
        bytes: vec![seed; usize::from(seed) * 9],
        digest: [seed; 32],
        chain: [seed.wrapping_add(1); 32],
    }
}

/// The first rows of a portfolio, from one number to another.
pub(crate) fn rows(portfolio: u32, numbers: std::ops::Range<u64>) -> Vec<Row> {
    numbers.map(|n| row(portfolio, n)).collect()
}

/// Files of SQLite.
pub(crate) struct Files {
    folder: TempDir,
    next: Cell<u32>,
}

impl Files {
    pub(crate) fn new() -> Files {
        Files { folder: tempfile::tempdir().unwrap(), next: Cell::new(0) }
    }

    fn path(at: &Location) -> PathBuf {
        match at.place() {
            Place::File(path) => path,
            Place::Database(address) => panic!("{address} is no file"),
        }
    }

    fn with(path: &Path, sql: &str) -> Result<(), String> {
        rusqlite::Connection::open(path).and_then(|c| c.execute_batch(sql)).map_err(|e| e.to_string())
    }
}

impl World for Files {
    fn fresh(&self) -> Location {
        self.next.set(self.next.get() + 1);
        Location::File(self.folder.path().join(format!("{}.journal", self.next.get())))
    }

    fn named(&self, at: &Location) -> String {
        Files::path(at).to_str().expect("a name in UTF-8").to_owned()
    }

    fn sql(&self, at: &Location, sql: &str) -> Result<(), String> {
        Files::with(&Files::path(at), sql)
    }

    fn set_version(&self, at: &Location, version: i32) {
        self.sql(at, &format!("PRAGMA user_version = {version}")).unwrap();
    }

    fn remove(&self, at: &Location, row: u64) {
        let delete = format!("DROP TRIGGER journal_row_never_goes; DELETE FROM journal_row WHERE row = {row}");
        self.sql(at, &delete).unwrap();
    }

    fn occupy(&self, at: &Location) {
        self.sql(at, "CREATE TABLE journal_row (row)").unwrap();
    }
}

/// Schemas of a database.
pub(crate) struct Schemas<'a> {
    pub(crate) server: &'a Server,
    pub(crate) database: String,
    next: Cell<u32>,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(server: &'a Server) -> Schemas<'a> {
        let mut session = server.session("postgres");
        let count: i64 = session.query_one("SELECT count(*) FROM pg_database", &[]).unwrap().get(0);
        let database = format!("of{count}");
        session.batch_execute(&format!("CREATE DATABASE {database}")).unwrap();
        Schemas { server, database, next: Cell::new(0) }
    }

    /// The schema that an address names.
    pub(crate) fn schema(at: &Location) -> String {
        let shown = at.place().to_string();
        shown.split_once("schema=").map_or("alluse", |(_, name)| name).to_owned()
    }

    /// The address of a schema.
    pub(crate) fn address(&self, at: &Location) -> adapters::store::Address {
        adapters::store::Address::read(&self.server.address(&self.database, &Schemas::schema(at))).unwrap()
    }

    /// A session of another program, in the schema of a store.
    pub(crate) fn session(&self, at: &Location) -> postgres::Client {
        let mut session = self.server.session(&self.database);
        session.batch_execute(&format!("SET search_path = {}", Schemas::schema(at))).unwrap();
        session
    }
}

impl World for Schemas<'_> {
    fn fresh(&self) -> Location {
        self.next.set(self.next.get() + 1);
        let address = self.server.address(&self.database, &format!("store_{}", self.next.get()));
        Location::read(Path::new(&address), None).unwrap()
    }

    fn named(&self, at: &Location) -> String {
        self.server.address(&self.database, &Schemas::schema(at))
    }

    fn sql(&self, at: &Location, sql: &str) -> Result<(), String> {
        self.session(at)
            .batch_execute(sql)
            .map_err(|e| e.as_db_error().map_or(e.to_string(), |d| d.message().to_owned()))
    }

    fn set_version(&self, at: &Location, version: i32) {
        self.sql(at, &format!("INSERT INTO store_version (version, program) VALUES ({version}, 'x')")).unwrap();
    }

    fn remove(&self, at: &Location, row: u64) {
        let delete = format!("SET session_replication_role = replica; DELETE FROM journal_row WHERE row = {row}");
        self.sql(at, &delete).unwrap();
    }

    fn occupy(&self, at: &Location) {
        let schema = Schemas::schema(at);
        self.sql(at, &format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.journal_row (row int)")).unwrap();
    }
}
