//! What can be typed after `alluse store`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// How an address is written.
const ADDRESS: &str = "\
An address of a database is postgres://USER@HOST:PORT/DATABASE?schema=NAME; the schema is alluse where none is named.
Its password may stand in it or in PGPASSWORD; it is never shown. A socket's folder is named by host=/FOLDER behind
the question mark.";

#[derive(Debug, Subcommand)]
pub(crate) enum Store {
    /// Makes an empty store
    ///
    /// A new file of SQLite, or tables in a schema of a PostgreSQL database that is new or empty. What is there already
    /// is refused and left as it is.
    #[command(after_help = "\
Examples:
  alluse store init live.journal
  alluse store init 'postgres://trader@db.example/books'")]
    Init {
        /// A file, or the address of a database
        #[arg(value_name = "FILE|URL", help = format!("A file, or the address of a database\n\n{ADDRESS}"))]
        place: PathBuf,
    },
    /// Proves every journal of a store
    ///
    /// Tables, keys and triggers; each row's place, digest and chain; each event; and what `alluse check` proves of
    /// each portfolio.
    #[command(after_help = "\
Examples:
  alluse store verify live.journal
  alluse store verify 'postgres://trader@db.example/books' --json")]
    Verify(StoreVerify),
    /// Copies every journal of a store to another, whole or not at all
    ///
    /// Digests and chains are checked on the way and read again at the end: they are the same in both, and printed. The
    /// target must be a file that is not there, or a schema that is new or empty.
    #[command(after_help = "\
Examples:
  alluse store copy live.journal 'postgres://trader@db.example/books'
  alluse store copy 'postgres://trader@db.example/books' back.journal")]
    Copy {
        /// What is copied: a file, or the address of a database
        #[arg(value_name = "FROM")]
        from: PathBuf,
        /// Where to: a file, or the address of a database
        #[arg(value_name = "TO")]
        to: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Brings the tables of a store to this program's version
    ///
    /// Only forward: tables of a newer version are refused and left as they are. Rows are not touched.
    #[command(after_help = "Example:\n  alluse store migrate 'postgres://trader@db.example/books'")]
    Migrate {
        /// A file, or the address of a database
        #[arg(value_name = "FILE|URL")]
        place: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct StoreVerify {
    /// A file, or the address of a database
    #[arg(value_name = "FILE|URL")]
    pub(crate) place: PathBuf,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
