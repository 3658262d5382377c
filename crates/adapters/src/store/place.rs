//! Where journals lie: a file, or a schema of a database.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};

use super::{JournalStore, Lease, PostgresStore, SqliteStore, StoreError, StoreFault};

/// What an address of a database begins with.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
/// The schema of a database that journals lie in, where the address names none.
const SCHEMA: &str = "alluse";
/// How long a database may take to answer a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long what was sent may go unacknowledged before the connection counts as broken: it may be half open, its other
/// end gone without a word.
const UNHEARD: Duration = Duration::from_secs(30);
/// How long nothing comes before the other end is asked whether it is there, how often, and how many times.
const ASK: (Duration, Duration, u32) = (Duration::from_secs(10), Duration::from_secs(5), 4);

/// Where journals lie, as people may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// A schema of a PostgreSQL database, as an address without its password.
    Database(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => path.display().fmt(f),
            Place::Database(address) => f.write_str(address),
        }
    }
}

/// The address of a schema in a PostgreSQL database: `postgres://USER@HOST:PORT/DATABASE?schema=NAME`.
///
/// Everything that libpq's addresses say may be said, and `schema` beside it (`alluse` by default). A password in it is
/// used and never shown.
///
/// Between machines the connection is encrypted, and the server's certificate checked against its name and the roots
/// of this machine, or those in the file that `sslrootcert` names (without escapes). Only `sslmode=disable` goes
/// without, or `prefer` where the server has no encryption. On this machine, by a socket or a loopback address, nothing
/// is encrypted unless `sslmode` asks for it.
#[derive(Clone)]
pub struct Address {
    pub(super) config: Config,
    pub(super) schema: String,
    pub(super) roots: Option<PathBuf>,
}

impl Address {
    /// Whether `text` is meant as an address rather than as a file's name.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        SCHEMES.iter().any(|scheme| text.starts_with(scheme))
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`StoreFault::Address`], which does not repeat the text: there may be a password in it.
    pub fn read(text: &str) -> Result<Address, StoreError> {
        let wrong =
            |why: &str| StoreFault::Address { why: why.to_owned() }.of(&Place::Database("postgres://…".to_owned()));
        let (bare, [schema, roots, mode]) = without_ours(text);
        let schema = schema.unwrap_or(SCHEMA);
        if !is_name(schema) {
            return Err(wrong("its schema is not a name of lower-case letters, digits and underscores"));
        }
        // What the library says of a bad address repeats none of its values.
        let mut config: Config = bare.parse().map_err(|e: postgres::Error| wrong(&reason(&e)))?;
        if config.get_dbname().is_none() {
            return Err(wrong("it names no database"));
        }
        config.ssl_mode(match mode {
            None if is_here(&config) => SslMode::Disable,
            // The certificate is always checked, and so is the name in it.
            None | Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some("prefer") => SslMode::Prefer,
            Some("disable") => SslMode::Disable,
            Some(_) => return Err(wrong("its sslmode is none of disable, prefer, require, verify-ca, verify-full")),
        });
        let patience = config.get_connect_timeout().copied().unwrap_or(CONNECT);
        config.application_name("alluse").connect_timeout(patience);
        never_wait_for_ever(&mut config, &bare);
        Ok(Address { config, schema: schema.to_owned(), roots: roots.map(PathBuf::from) })
    }

    /// The same with a password, unless the address has one.
    #[must_use]
    pub fn or_password(mut self, password: Option<&str>) -> Address {
        if let Some(password) = password.filter(|_| self.config.get_password().is_none()) {
            self.config.password(password);
        }
        self
    }

    /// As people may see it.
    #[must_use]
    pub fn place(&self) -> Place {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        let ports: Vec<String> = self.config.get_ports().iter().map(u16::to_string).collect();
        let user = self.config.get_user().map_or_else(String::new, |user| format!("{user}@"));
        let port = if ports.is_empty() { String::new() } else { format!(":{}", ports.join(",")) };
        let database = self.config.get_dbname().unwrap_or_default();
        let schema = if self.schema == SCHEMA { String::new() } else { format!("?schema={}", self.schema) };
        Place::Database(format!("postgres://{user}{}{port}/{database}{schema}", hosts.join(",")))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.place())
    }
}

/// A connection whose other end is gone is given up, sooner or later as the address says, or soon.
fn never_wait_for_ever(config: &mut Config, address: &str) {
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNHEARD);
    }
    let (idle, every, times) = ASK;
    if !address.contains("keepalives_idle=") {
        config.keepalives_idle(idle);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(every);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(times);
    }
}

/// What the library says is wrong, with its cause.
pub(super) fn reason(error: &postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Parts of an address that are read here.
const OURS: [&str; 3] = ["schema", "sslrootcert", "sslmode"];

/// The address without those, and what they said.
fn without_ours(text: &str) -> (String, [Option<&str>; 3]) {
    let Some((front, query)) = text.split_once('?') else { return (text.to_owned(), [None; 3]) };
    let said = OURS.map(|name| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    });
    let theirs = |pair: &&str| !pair.split_once('=').is_some_and(|(key, _)| OURS.contains(&key));
    let rest: Vec<&str> = query.split('&').filter(theirs).collect();
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    (format!("{front}{query}"), said)
}

/// Whether every host is this machine, by its name and by the address that stands beside it.
fn is_here(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    named && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn is_name(text: &str) -> bool {
    let first = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    first && text.len() <= 63 && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Where journals are to be found or made: a file's name or a database's address.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file of SQLite.
    File(PathBuf),
    /// A schema of a PostgreSQL database.
    Database(Box<Address>),
}

impl Location {
    /// Reads what a person wrote; `password` is for an address that has none.
    ///
    /// # Errors
    /// [`StoreFault::Address`] if it is meant as an address and is none.
    pub fn read(text: &Path, password: Option<&str>) -> Result<Location, StoreError> {
        match text.to_str().filter(|text| Address::is_meant(text)) {
            Some(address) => Ok(Location::Database(Box::new(Address::read(address)?.or_password(password)))),
            None => Ok(Location::File(text.to_owned())),
        }
    }

    /// As people may see it.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Location::File(path) => Place::File(path.clone()),
            Location::Database(address) => address.place(),
        }
    }

    /// Opens what is there for reading only.
    ///
    /// # Errors
    /// If it is missing, not ours, of another version, or cannot be read.
    pub fn open_read_only(&self) -> Result<Box<dyn JournalStore>, StoreError> {
        Ok(match self {
            Location::File(path) => Box::new(SqliteStore::open_read_only(path)?),
            Location::Database(address) => Box::new(PostgresStore::open_read_only(address)?),
        })
    }

    /// Opens what is there for reading and writing.
    ///
    /// # Errors
    /// If it is missing, not ours, of another version, or cannot be written durably.
    pub fn open(&self) -> Result<Box<dyn JournalStore>, StoreError> {
        self.open_as(Lease::default())
    }

    /// The same under a lease of other terms; a file has no leases.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_as(&self, lease: Lease) -> Result<Box<dyn JournalStore>, StoreError> {
        Ok(match self {
            Location::File(path) => Box::new(SqliteStore::open(path)?),
            Location::Database(address) => Box::new(PostgresStore::open_with(address, lease)?),
        })
    }

    /// Makes an empty store where none is.
    ///
    /// # Errors
    /// [`StoreFault::Exists`] if there is one, or why it cannot be made.
    pub fn create(&self) -> Result<Box<dyn JournalStore>, StoreError> {
        Ok(match self {
            Location::File(path) => Box::new(SqliteStore::create(path)?),
            Location::Database(address) => Box::new(PostgresStore::create(address)?),
        })
    }

    /// Begins a store that appears whole, or not at all, when it is finished: a new file, or rows in a new or empty
    /// schema.
    ///
    /// # Errors
    /// If something is there already, or why it cannot be made.
    pub fn create_whole(&self) -> Result<Box<dyn JournalStore>, StoreError> {
        Ok(match self {
            Location::File(path) if path.exists() => return Err(StoreFault::Exists.at(path)),
            Location::File(path) => Box::new(SqliteStore::create_atomically(path)?),
            Location::Database(address) => Box::new(PostgresStore::create_whole(address)?),
        })
    }

    /// Brings the tables to the version of this program; the version that they had.
    ///
    /// # Errors
    /// If they are newer, or why they cannot be changed: then they are as they were.
    pub fn migrate(&self) -> Result<i32, StoreError> {
        match self {
            Location::File(path) => SqliteStore::migrate(path),
            Location::Database(address) => PostgresStore::migrate(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_machines_a_connection_is_encrypted_unless_its_address_says_otherwise() {
        for (address, mode) in [
            ("postgres://a@/x?host=/run/postgresql", SslMode::Disable),
            ("postgres://a@localhost/x", SslMode::Disable),
            ("postgres://a@[::1]:5433/x?schema=s", SslMode::Disable),
            ("postgres://a@db.example/x", SslMode::Require),
            ("postgres://a@localhost,db.example/x?connect_timeout=3", SslMode::Require),
            ("postgres://a@10.0.0.7/x?schema=s", SslMode::Require),
            ("postgres://a@localhost/x?hostaddr=10.0.0.7", SslMode::Require),
            ("postgres://a@/x?hostaddr=10.0.0.7", SslMode::Require),
            ("postgres://a@localhost/x?hostaddr=127.0.0.1", SslMode::Disable),
            ("postgres://a@db.example/x?sslmode=disable", SslMode::Disable),
            ("postgres://a@db.example/x?sslmode=prefer", SslMode::Prefer),
            ("postgres://a@localhost/x?sslmode=verify-full&schema=s", SslMode::Require),
        ] {
            assert_eq!(Address::read(address).expect("an address").config.get_ssl_mode(), mode, "{address}");
        }
        let refusal = Address::read("postgres://a@db.example/x?sslmode=allow").expect_err("it could go without");
        assert!(refusal.to_string().contains("sslmode is none of disable"), "{refusal}");
    }
}
