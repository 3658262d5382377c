//! What can be typed after `alluse doctor`.

use std::path::PathBuf;

use clap::Args;

/// Is this fit for real money? What was seen, what is expected, how to mend it
///
/// Looks at the program, its folder and environment, what it depends on, the clock, the journal and the disk under it,
/// the signing key, backups and the last rehearsed restore, the policy, price history, and whether a broker and a feed
/// are there. Each finding is fit, look (somebody should) or unfit. What cannot be found out is said to be not known.
/// Nothing is written, and nothing outside this machine is asked but a database that is named.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse doctor
  alluse doctor --journal live.journal --backups usb/backups --data prices
  alluse doctor --journal 'postgres://trader@db.example/books' --json

Exit code 0 if everything needed for real money was found, 1 if anything is unfit; each is named.")]
pub(crate) struct Doctor {
    /// The journal, a file or the address of a database [default: the one that was written last]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) journal: Option<PathBuf>,
    /// The folder that backups go to [default: not looked at]
    #[arg(long, value_name = "DIR")]
    pub(crate) backups: Option<PathBuf>,
    /// The signing key [default: head.key in the program's own folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// A policy that ships (all-use, as-written), or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
    pub(crate) policy: String,
    /// Folder of price history [default: not looked at]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
