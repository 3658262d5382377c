//! What can be typed after `alluse backtest`, and what every run over price history is asked.

use std::path::PathBuf;

use clap::Args;
use market::time::Date;
use market::value::Money;

use super::date;

/// The protocol over real price history
///
/// Reads a folder of price history and replays the protocol over it twice: both journals must have one digest. Shows
/// the result beside what else the money could have done (the index and the same symbols bought and held, with
/// dividends; T-bills), beside the targets, and beside the same run under other assumptions: fills at mid, premiums a
/// fifth lower and higher, the other policy, symbols not chosen with hindsight. Premiums are modelled wherever
/// nobody's quotes are at hand, and marked so.
///
/// The journal appears whole or not at all. A journal of that name is replaced; any other file is left as it is, and
/// the run refused.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse backtest --data ../shared/data
  alluse backtest --data prices --from 2019-01-01 --to 2020-12-31 --deposit 1000000
  alluse backtest --data prices --policy as-written --out letter.journal
  alluse backtest --data prices --vary band.fallback=0,5,10 --vary rules.off=X-4,K-2
  alluse explain 2020-W12         afterwards: March 2020, trade by trade

`alluse data inspect DIR` says what a folder has to hold, and what is wrong with it.")]
pub(crate) struct Backtest {
    #[command(flatten)]
    pub(crate) run: OverHistory,
    /// Folder of quoted option chains: what they quote is filled and marked at it, the rest is modelled
    #[arg(long, value_name = "DIR")]
    pub(crate) quotes: Option<PathBuf>,
    /// Where the journal goes [default: backtest.journal in the program's own folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// What other choices of a key are worth, each a run of its own; of several keys one is varied at a time
    ///
    /// Values are written as in a policy file, without quotes where one word will do, and separated by commas. Commas
    /// within quotes or brackets belong to the value: 'universe.gen=["TSLA","NVDA"],["TSLA"]'. A rule is switched off
    /// by rules.off=X-4; rules.off=X-4,K-2 switches off each of them alone, and 'rules.off="X-4,K-2"' both at once.
    #[arg(long, value_name = "KEY=A,B")]
    pub(crate) vary: Vec<String>,
    /// Every combination of the choices, instead of each alone
    #[arg(long, requires = "vary")]
    pub(crate) grid: bool,
    /// Print what the choices are worth as CSV
    #[arg(long, requires = "vary", conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A run over price history
#[derive(Debug, Args)]
pub(crate) struct OverHistory {
    /// Folder of price history
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// First day [default: the first at hand; nothing is entered before the indicators are warm]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// Last day; the run ends with the last whole week up to it [default: the last at hand]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: Option<Date>,
    /// What the owner pays in at the start, in dollars
    #[arg(long, value_name = "DOLLARS", default_value = "300000")]
    pub(crate) deposit: Money,
    /// A policy that ships (all-use, as-written), or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
    pub(crate) policy: String,
}
