//! Journals in a schema of a PostgreSQL database, for several machines on one store.
//!
//! One writer for each portfolio: it holds a *lease*, a row in the database with a *fencing token* that rises with each
//! taking. An append locks its leases, compares its tokens, asks the database's clock whether they hold, writes its
//! rows with their tokens and commits, all in one transaction; as it commits, a trigger asks once more. A lease that
//! was taken over or ran out therefore never appends, whatever its former holder believes. What is acknowledged is
//! durable: a database that says otherwise of itself is refused. After a failed append the store takes nothing more,
//! and a commit whose answer was lost is unknown until the journal is opened again.

mod fault;
mod lease;
mod read;
mod schema;
mod tls;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use engine::Row;
use postgres::config::SslMode;
use postgres::{Client, NoTls};

pub use lease::Lease;
pub use schema::POSTGRES_VERSION;

use super::{Address, Head, Place, StoreError, StoreFault, signed};

/// What every session does: it looks for nothing outside its schema and the system's own, never waits for ever, and
/// ends for itself when its program has died in the middle of a transaction.
const SESSION: &str = "
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '60s';
    SET client_encoding = 'UTF8';
    SET default_transaction_isolation = 'read committed'";

/// All rows of a group in one statement.
const INSERT: &str = "
    INSERT INTO journal_row (portfolio, row, first_event, events, bytes, digest, chain, token)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
                         $5::bytea[], $6::bytea[], $7::bytea[], $8::bigint[])";

/// How long a store that appears whole may take to be written.
const COPY: Duration = Duration::from_secs(3600);

/// Settings without which the database could lose what it acknowledged, and what they must be.
const DURABLE: [(&str, &[&str], &str); 3] = [
    ("synchronous_commit", &["on", "remote_apply"], "on"),
    ("fsync", &["on"], "on"),
    ("data_sync_retry", &["off"], "off"),
];

/// Journals in one schema of a database.
pub struct PostgresStore {
    client: RefCell<Client>,
    place: Place,
    lease: Lease,
    held: BTreeMap<u32, Held>,
    stopped: bool,
    whole: bool,
}

/// A lease of ours, and where its portfolio's next row goes.
#[derive(Clone, Copy)]
struct Held {
    token: u64,
    head: Head,
}

impl PostgresStore {
    /// Makes an empty store in a schema that is new or empty, and opens it for writing.
    ///
    /// # Errors
    /// [`StoreFault::Occupied`] if something is there, or why it cannot be made.
    pub fn create(address: &Address) -> Result<Self, StoreError> {
        Self::create_at(address, POSTGRES_VERSION)?;
        Self::open(address)
    }

    /// Makes a store as an earlier version of this program did: how migrations are tried.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_at(address: &Address, version: i32) -> Result<(), StoreError> {
        let make = || -> Result<(), StoreFault> {
            let mut client = connect(address)?;
            let mut transaction = client.transaction()?;
            schema::create(&mut transaction, &address.schema, version)?;
            transaction.commit().map_err(fault::of_commit)
        };
        make().map_err(|fault| fault.of(&address.place()))
    }

    /// Opens a store for reading and writing, with a lease of a minute under a name made from this process.
    ///
    /// # Errors
    /// If it is missing, not ours, of another version, a standby, or would not keep what it acknowledges.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        Self::open_with(address, Lease::default())
    }

    /// The same with another lease.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(address: &Address, lease: Lease) -> Result<Self, StoreError> {
        let open = || -> Result<Client, StoreFault> {
            let mut client = connect(address)?;
            if client.query_one("SELECT pg_is_in_recovery()", &[])?.get(0) {
                return Err(StoreFault::Standby);
            }
            schema::verify(&mut client, &address.schema)?;
            durable(&mut client)?;
            Ok(client)
        };
        let client = open().map_err(|fault| fault.of(&address.place()))?;
        Ok(Self::over(client, address, lease, false))
    }

    /// Opens a store for reading only, at the head or at a standby; appends to it are refused.
    ///
    /// # Errors
    /// If it is missing, not ours or of another version.
    pub fn open_read_only(address: &Address) -> Result<Self, StoreError> {
        let open = || -> Result<Client, StoreFault> {
            let mut client = connect(address)?;
            client.batch_execute("SET default_transaction_read_only = on")?;
            schema::verify(&mut client, &address.schema)?;
            Ok(client)
        };
        let client = open().map_err(|fault| fault.of(&address.place()))?;
        Ok(Self::over(client, address, Lease::default(), false))
    }

    /// Begins a store in a schema that is new or holds no rows yet. Its rows appear, all of them, when [`Self::finish`]
    /// is called; dropped before, nothing was there.
    ///
    /// # Errors
    /// If rows or something else are there, or why it cannot be written durably.
    pub fn create_whole(address: &Address) -> Result<Self, StoreError> {
        let begin = || -> Result<Client, StoreFault> {
            let mut client = connect(address)?;
            if client.query_one("SELECT pg_is_in_recovery()", &[])?.get(0) {
                return Err(StoreFault::Standby);
            }
            durable(&mut client)?;
            let schema = &address.schema;
            let is_new = schema::look(&mut client, schema)? == schema::Found::Nothing;
            client.batch_execute("BEGIN")?;
            if is_new {
                schema::create(&mut client, schema, POSTGRES_VERSION)?;
            } else {
                schema::verify(&mut client, schema)?;
                // Nobody else puts rows here until this is done.
                client.batch_execute("LOCK TABLE journal_row IN SHARE ROW EXCLUSIVE MODE")?;
                if client.query_one("SELECT EXISTS (SELECT FROM journal_row)", &[])?.get(0) {
                    return Err(StoreFault::Occupied { schema: schema.clone(), holds: "journals" });
                }
            }
            Ok(client)
        };
        let client = begin().map_err(|fault| fault.of(&address.place()))?;
        // All leases have to hold when everything is committed at the end.
        Ok(Self::over(client, address, Lease { lasts: COPY, ..Lease::default() }, true))
    }

    /// Brings the tables to this program's version; the version that they had.
    ///
    /// # Errors
    /// If they are newer or not ours, or why they cannot be changed: then they are as they were.
    pub fn migrate(address: &Address) -> Result<i32, StoreError> {
        let climb = || -> Result<i32, StoreFault> {
            let mut client = connect(address)?;
            let mut transaction = client.transaction()?;
            let from = schema::migrate(&mut transaction, &address.schema)?;
            transaction.commit().map_err(fault::of_commit)?;
            Ok(from)
        };
        climb().map_err(|fault| fault.of(&address.place()))
    }

    fn over(client: Client, address: &Address, lease: Lease, whole: bool) -> Self {
        let place = address.place();
        PostgresStore { client: RefCell::new(client), place, lease, held: BTreeMap::new(), stopped: false, whole }
    }

    /// The database and schema, without a password.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Version of the tables.
    #[must_use]
    pub const fn version(&self) -> i32 {
        POSTGRES_VERSION
    }

    /// Appends rows of any portfolios in one transaction; they are durable when it returns. A portfolio whose lease is
    /// not ours yet is claimed in the same transaction.
    ///
    /// # Errors
    /// If a row does not continue its portfolio's journal, a lease is another's, was taken over or ran out, or why the
    /// database could not write. Nothing of the batch is acknowledged then, and every later append is refused.
    pub fn append(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        if self.stopped {
            return Err(StoreFault::Stopped.of(&self.place));
        }
        self.stopped = true;
        self.transact(rows).map_err(|fault| {
            // The connection may be gone, and the transaction with it; the store is stopped either way.
            let _ = self.client.get_mut().batch_execute("ROLLBACK");
            fault.of(&self.place)
        })?;
        self.stopped = false;
        Ok(())
    }

    fn transact(&mut self, rows: &[Row]) -> Result<(), StoreFault> {
        let Self { client, held, lease, whole, .. } = self;
        let client = client.get_mut();
        if rows.is_empty() {
            return Ok(());
        }
        if !*whole {
            client.batch_execute("BEGIN")?;
        }
        // In one order everywhere, so that two groups never wait for each other.
        let mut portfolios: Vec<u32> = rows.iter().map(|row| row.portfolio).collect();
        portfolios.sort_unstable();
        portfolios.dedup();
        let (ours, new): (Vec<u32>, Vec<u32>) = portfolios.iter().partition(|p| held.contains_key(p));
        lease.hold(client, &ours, held)?;
        for portfolio in new {
            held.insert(portfolio, lease.take(client, portfolio)?);
        }
        for row in rows {
            let here = held.get_mut(&row.portfolio).expect("each portfolio is held");
            here.head.advance(row)?;
        }
        insert(client, rows, held)?;
        if !*whole {
            client.batch_execute("COMMIT").map_err(fault::of_commit)?;
        }
        Ok(())
    }

    /// Takes the lease of a portfolio, with a token that is higher than every one before; it holds until it runs out
    /// by the database's clock, and each append renews it.
    ///
    /// # Errors
    /// [`StoreFault::Held`] if another writer has it.
    pub fn claim(&mut self, portfolio: u32) -> Result<u64, StoreError> {
        let Self { client, held, lease, place, .. } = self;
        if let Some(ours) = held.get(&portfolio) {
            return Ok(ours.token);
        }
        let taken = lease.take(client.get_mut(), portfolio).map_err(|fault| fault.of(place))?;
        held.insert(portfolio, taken);
        Ok(taken.token)
    }

    /// Renews the leases of all portfolios that are held: for a writer that has nothing to append for a while.
    ///
    /// # Errors
    /// If one was taken over or ran out; then the store takes nothing more.
    pub fn renew(&mut self) -> Result<(), StoreError> {
        let Self { client, held, lease, place, stopped, .. } = self;
        if *stopped {
            return Err(StoreFault::Stopped.of(place));
        }
        *stopped = true;
        let portfolios: Vec<u32> = held.keys().copied().collect();
        lease.renew(client.get_mut(), &portfolios, held).map_err(|fault| fault.of(place))?;
        *stopped = false;
        Ok(())
    }

    /// Ends the work: a store that was begun with [`Self::create_whole`] appears, and leases are given back, so that
    /// the next writer need not wait until they run out.
    ///
    /// # Errors
    /// If an append has failed, or the end could not be committed.
    pub fn finish(self) -> Result<(), StoreError> {
        let Self { client, place, held, stopped, whole, .. } = self;
        let mut client = client.into_inner();
        let mut finish = || -> Result<(), StoreFault> {
            if stopped {
                return Err(StoreFault::Stopped);
            }
            if whole {
                client.batch_execute("COMMIT").map_err(fault::of_commit)?;
            }
            for (portfolio, Held { token, .. }) in &held {
                // One that is not given back runs out by itself.
                let _ = lease::give_back(&mut client, *portfolio, *token);
            }
            Ok(())
        };
        finish().map_err(|fault| fault.of(&place))
    }
}

impl runtime::Store for PostgresStore {
    type Error = StoreError;

    fn append(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        PostgresStore::append(self, &rows)
    }
}

fn insert(client: &mut Client, rows: &[Row], held: &BTreeMap<u32, Held>) -> Result<(), StoreFault> {
    let count = rows.len();
    let mut numbers: [Vec<i64>; 5] = std::array::from_fn(|_| Vec::with_capacity(count));
    for row in rows {
        let token = held.get(&row.portfolio).map_or(0, |held| held.token);
        let columns = [u64::from(row.portfolio), row.row, row.first_event, u64::from(row.events), token].map(signed);
        for (numbers, column) in numbers.iter_mut().zip(columns) {
            numbers.push(column?);
        }
    }
    let blobs = |of: fn(&Row) -> &[u8]| rows.iter().map(of).collect::<Vec<_>>();
    let (bytes, digests, chains) = (blobs(|r| &r.bytes), blobs(|r| &r.digest), blobs(|r| &r.chain));
    let [portfolios, numbers, firsts, events, tokens] = numbers;
    let inserted =
        client.execute(INSERT, &[&portfolios, &numbers, &firsts, &events, &bytes, &digests, &chains, &tokens]);
    inserted.map(|_| ()).map_err(|error| match (error.code(), rows.first()) {
        (Some(code), Some(row)) if *code == postgres::error::SqlState::UNIQUE_VIOLATION => {
            StoreFault::Taken { portfolio: row.portfolio, row: row.row }
        }
        _ => error.into(),
    })
}

fn connect(address: &Address) -> Result<Client, StoreFault> {
    let mut client = match address.config.get_ssl_mode() {
        SslMode::Disable => address.config.connect(NoTls)?,
        _ => address.config.connect(tls::connector(address.roots.as_deref())?)?,
    };
    // The address has checked that the name needs no quotes.
    client.batch_execute(&format!("SET search_path = {}; {SESSION}", address.schema))?;
    Ok(client)
}

/// Refuses a database that would acknowledge a commit before it is durable, and holds this session to what it said.
fn durable(client: &mut Client) -> Result<(), StoreFault> {
    for (setting, allowed, expected) in DURABLE {
        let found: String = client.query_one("SELECT current_setting($1)", &[&setting])?.get(0);
        if !allowed.contains(&found.as_str()) {
            return Err(StoreFault::NotDurable { setting, found, expected });
        }
        if setting == "synchronous_commit" {
            // A reloaded configuration does not change what a session has set for itself.
            client.batch_execute(&format!("SET synchronous_commit = {found}"))?;
        }
    }
    Ok(())
}
