//! What can be typed after `alluse export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};
use market::time::Date;

use super::date;

/// The books for another program: hledger, beancount, a spreadsheet
///
/// Every transaction of the ledger with its postings, lot by lot: puts from sale to assignment, shares at cost, gains as
/// postings of their own, forks, merges, reserves for tax. What was only reserved stands beside it as a remark. Files
/// for hledger and beancount assert every balance at each weekly close, and are accepted by `hledger check --strict`
/// and `bean-check`. The chapter "Books" says what each account means.
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
}
