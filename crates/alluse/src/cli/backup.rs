//! What can be typed after `alluse backup` and `alluse restore`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use market::time::Date;

use super::date;

#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    Make(BackupMake),
    Verify(BackupVerify),
    /// What lies in a folder of backups
    List {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    Prune(BackupPrune),
    /// Make an identity that reads encrypted backups
    ///
    /// Writes an age identity to a new file and prints its recipient, which `alluse backup make --recipient` takes.
    /// Keep the identity where the backups are not: without it they cannot be read, by anybody.
    #[command(after_help = "Example:\n  alluse backup key --out identity.txt")]
    Key {
        /// Where the identity goes
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Back a journal up, while it is being written
///
/// The backup is a journal like any other, as it stood at one moment, and a note beside it says what it holds. It
/// appears whole or not at all.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse backup make --to usb/backups
  alluse backup make --to backups --recipient age1…     encrypted: see `alluse backup key`")]
pub(crate) struct BackupMake {
    /// The folder that it goes to
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// The journal [default: the one that was written last]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Who may read it, an age recipient; more than one may be named. Without one it is not encrypted
    #[arg(long, value_name = "AGE1…")]
    pub(crate) recipient: Vec<String>,
}

/// Rehearse a restore: open backups, replay them, and compare
///
/// Decrypts each backup to a file that is removed again, checks every byte and row against its note, folds the journal
/// with every invariant checked, and remembers when this was done.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  alluse backup verify backups/*.journal.age --identity identity.txt")]
pub(crate) struct BackupVerify {
    /// Backups
    #[arg(value_name = "BACKUP", required = true)]
    pub(crate) backups: Vec<PathBuf>,
    /// The age identity that reads them
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Remove backups that are no longer kept
///
/// Keeps the newest few, and the newest of each of the last days, weeks and months that have one; the newest of all is
/// never removed. Says what it would remove; removes it only when told to.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  alluse backup prune backups --apply")]
pub(crate) struct BackupPrune {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// How many of the newest are kept
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) last: usize,
    /// How many days
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) daily: usize,
    /// How many weeks
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub(crate) weekly: usize,
    /// How many months
    #[arg(long, value_name = "N", default_value_t = 120)]
    pub(crate) monthly: usize,
    /// Remove them
    #[arg(long)]
    pub(crate) apply: bool,
}

/// Restore a journal from a backup, or go back to a date
///
/// Makes a new journal; the backup and any journal that is there stay as they are. What is restored begins a new epoch
/// of order ids, with your name and reason in it, so that no order is ever sent twice. With --at it becomes a branch:
/// it goes on from the end of that day, and says how many later events stand in the journal that was left.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse restore backups/demo.20260102T210000Z.journal --to demo.journal --who Ada --reason 'the disk broke'
  alluse restore backups/demo.20260102T210000Z.journal --to other.journal --at 2025-06-30 \\
    --who Ada --reason 'the feed was wrong from July on'")]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "BACKUP")]
    pub(crate) backup: PathBuf,
    /// The new journal; a name that is free
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Who restores it
    #[arg(long, value_name = "NAME")]
    pub(crate) who: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The last day that is kept [default: all of it]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) at: Option<Date>,
    /// The age identity that reads the backup
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
}
