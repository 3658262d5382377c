//! What can be typed after `alluse head`, `prove` and `verify-proof`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Head {
    /// Make the key that signs heads
    ///
    /// Writes a new key to a file that its owner alone may read, and prints the public key. Note that down elsewhere:
    /// whoever checks a head or a proof needs it, and must not take it from this machine.
    #[command(after_help = "Example:\n  alluse head key --out head.key")]
    Key {
        /// Where the key goes [default: head.key in the program's own folder]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    Sign(HeadSign),
    Check(HeadCheck),
}

/// Sign what a journal is now, and keep it elsewhere
///
/// A head is a few hundred bytes: for each portfolio how many rows and events it has, their digest and chain, and the
/// root of a tree over its events. Kept where whoever can write to the journal cannot, it shows later whether anything
/// in the journal was altered since, even if every hash in it was made anew.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse head sign                                    print it
  alluse head sign --to usb/heads --to https://heads.example.org/mine
  alluse head sign --to mailto:me@example.org         by the server that $ALLUSE_SMTP names

$ALLUSE_SMTP is an address such as smtps://user:password@host; mail comes from $ALLUSE_MAIL_FROM, or
else from whoever receives it.")]
pub(crate) struct HeadSign {
    /// The journal [default: the one that was written last]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// The signing key [default: head.key in the program's own folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// A folder, an https:// address that takes text, or mailto:ADDRESS; more than one may be named
    #[arg(long, value_name = "WHERE")]
    pub(crate) to: Vec<String>,
}

/// Hold heads that were kept against the journal
///
/// Says of each head whether the key signed it and whether the journal still begins as it did then.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  alluse head check usb/heads/head-20260102T210000Z.txt --key 3c0f…")]
pub(crate) struct HeadCheck {
    /// Heads, or folders of them
    #[arg(value_name = "HEAD", required = true)]
    pub(crate) heads: Vec<PathBuf>,
    /// The journal [default: the one that was written last]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// The public key as it was noted down elsewhere
    #[arg(long, value_name = "KEY")]
    pub(crate) key: String,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Prove that an event stands in the journal, in at most a kilobyte
///
/// Writes a proof that somebody without the journal can check: the event, the hashes beside its way to the root, and a
/// signed head. An event too long for a kilobyte is proved by its hash.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  alluse prove '#17' --out fill.proof")]
pub(crate) struct Prove {
    /// The event: #NUMBER, as `alluse explain` shows it
    #[arg(value_name = "EVENT")]
    pub(crate) event: String,
    /// The journal [default: the one that was written last]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Which portfolio [default: the first]
    #[arg(long, value_name = "N")]
    pub(crate) portfolio: Option<u32>,
    /// The signing key [default: head.key in the program's own folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// A head that was signed before, in place of one over the journal as it is now
    #[arg(long, value_name = "HEAD")]
    pub(crate) head: Option<PathBuf>,
    /// Where the proof goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Check a proof, without a journal
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  alluse verify-proof fill.proof --key 3c0f…")]
pub(crate) struct VerifyProof {
    /// The proof
    #[arg(value_name = "PROOF")]
    pub(crate) proof: PathBuf,
    /// The public key as it was noted down elsewhere
    #[arg(long, value_name = "KEY")]
    pub(crate) key: String,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
