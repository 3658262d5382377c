//! What can be typed after `alluse export`, `import`, `reconcile` and `report structures`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};
use market::time::Date;

use super::{Of, Statement, date, month};

/// The books for another program: hledger, beancount, a spreadsheet, or as a broker's statement
///
/// Every transaction of the ledger with its postings, lot by lot: puts from sale to assignment, shares at cost, gains
/// as postings of their own, forks, merges, reserves for tax. What was only reserved stands beside it as a remark. The
/// files for hledger and beancount assert every balance at each weekly close, and are accepted by
/// `hledger check --strict` and `bean-check`. A statement, as OFX or as a table, says the same as a broker would. The
/// chapter "Books" says what each account and column means.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse export hledger --out books.hledger && hledger -f books.hledger check --strict
  alluse export beancount --out books.beancount && bean-check books.beancount
  alluse export csv --structure 2 > two.csv
  alluse export hledger --from 2022-01-01 --to 2022-12-31 > year.hledger")]
pub(crate) struct Export {
    /// For which program
    pub(crate) format: Format,
    /// The journal [default: that of the last run]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Where it goes; a file that this command wrote is replaced, anything else is left as it is [default: standard
    /// output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Only this structure's sleeves and tax reserve
    #[arg(long, value_name = "N", value_parser = value_parser!(u32))]
    pub(crate) structure: Option<u32>,
    /// First day; what every account holds before it is brought forward [default: the journal's first]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// Last day [default: the journal's last]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: Option<Date>,
}

/// For which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A journal for hledger
    Hledger,
    /// A file for beancount
    Beancount,
    /// A table with a line for each posting
    Csv,
    /// A statement in OFX 2.2: trades, income, positions, cash, securities
    Ofx,
    /// The same statement as a table, which `alluse reconcile` reads
    Statement,
}

/// Reads brokers' statements, and writes them in our own layout
///
/// A statement is OFX 1.x or 2.x, or a table (CSV): in our own layout, or in any other with a mapping that says which
/// column is what. Nothing is booked: the journal is what happened here, a statement what somebody else says of it, and
/// `alluse reconcile` compares the two.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse import june.ofx > june.csv
  alluse import history.csv --mapping mine.toml --out history-plain.csv

A mapping, in which everything may be left out:
  skip_lines = 2                     # lines above the header
  dates = \"mdy\"                      # iso, mdy, dmy or compact
  unsigned = [\"quantity\"]            # written without a sign: the kind says which way it goes
  [columns]                          # ours = theirs
  date = \"Run Date\"
  kind = \"Action\"
  fees = [\"Commission\", \"Fees\"]     # several are added
  [kinds]                            # their word = ours; \"skip\" passes a row over
  \"YOU SOLD OPENING\" = \"sell to open\"")]
pub(crate) struct Import {
    /// The statements
    #[arg(value_name = "STATEMENT", required = true)]
    pub(crate) statements: Vec<PathBuf>,
    /// How a table is to be read that is not in our own layout
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) mapping: Option<PathBuf>,
    /// Where it goes, of one statement; a file that this command wrote is replaced [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Brokers' statements held against the journal
///
/// What is the same on both sides is matched; what is alike is paired, and every field that differs is named; the rest
/// is missing on one side. Positions and cash on a statement's last day are compared by themselves. Exit code 1 if
/// anything differs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse reconcile june.ofx --journal run.journal
  alluse reconcile history.csv --mapping mine.toml --json
  alluse export ofx --out own.ofx && alluse reconcile own.ofx     no difference to oneself

`alluse import --help` shows what a mapping is.")]
pub(crate) struct Reconcile {
    /// The statements
    #[arg(value_name = "STATEMENT", required = true)]
    pub(crate) statements: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) of: Of,
    /// The statement is of this structure's account alone
    #[arg(long, value_name = "N", value_parser = value_parser!(u32))]
    pub(crate) structure: Option<u32>,
    /// How a table is to be read that is not in our own layout
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) mapping: Option<PathBuf>,
    /// First day compared [default: the statement's]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// Last day compared; the statement's positions and cash must be of it [default: the statement's]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: Option<Date>,
}

/// Each structure beside the whole: line by line they must sum to it
///
/// Start, flows, gains by where they came from, and end of every structure: its sleeves and its tax reserve. Below them
/// their sum, the whole by its own route, and the check line, which is nothing everywhere. Exit code 1 if it is not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse report structures                    the whole run
  alluse report structures --year 2022 --csv
  alluse report structures --structure 2      one structure's own statement, sleeve by sleeve
  alluse report structures --consolidated     the whole alone, with its check")]
pub(crate) struct ReportStructures {
    /// One month [default: the whole run]
    #[arg(long, value_name = "YYYY-MM", value_parser = month, conflicts_with = "year")]
    pub(crate) month: Option<String>,
    /// One year [default: the whole run]
    #[arg(long, value_name = "YYYY", value_parser = value_parser!(u16).range(2000..=2100))]
    pub(crate) year: Option<u16>,
    /// One structure's statement alone, with its sleeves
    #[arg(long, value_name = "N", value_parser = value_parser!(u32), conflicts_with = "consolidated")]
    pub(crate) structure: Option<u32>,
    /// The whole alone
    #[arg(long)]
    pub(crate) consolidated: bool,
    #[command(flatten)]
    pub(crate) of: Statement,
}
