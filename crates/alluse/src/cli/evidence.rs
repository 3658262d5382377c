//! What can be typed after `alluse evidence`.

use std::path::PathBuf;

use clap::{Args, Subcommand, value_parser};
use market::time::Date;
use market::value::Money;

use super::date;

#[derive(Debug, Subcommand)]
pub(crate) enum Evidence {
    /// The published buy-write index, rebuilt from prices and modelled premiums
    ///
    /// Computes BXM by its published method from the closes of SPX, the dividends of SPY and modelled calls, and holds
    /// it against benchmarks/BXM.csv: how well the premium model does where somebody wrote real options.
    #[command(after_help = "Example:\n  alluse evidence buywrite --data ../shared/data")]
    Buywrite {
        /// Folder of price history, with benchmarks/BXM.csv
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// A policy that ships (all-use, as-written), or a file: it has the level of the premium model
        #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
        policy: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// The protocol beside simpler things that the same money could have done
    ///
    /// The index and the same symbols held, T-bills, a plain wheel with none of the protocol's rules, and the buy-write
    /// and put-write indices by their methods: what each returned and risked, and between which bounds the protocol's
    /// difference to it lies in 95 of 100 histories drawn from the same weeks.
    #[command(after_help = "\
Examples:
  alluse evidence benchmarks --data ../shared/data
  alluse evidence benchmarks --data ../shared/data --control     on symbols not chosen with hindsight")]
    Benchmarks(Evidenced),
    /// What each rule was worth: the same run without it
    ///
    /// Switches off each rule by itself, and says what the run earned more or less with it, and between which bounds
    /// that difference lies in 95 of 100 histories drawn from the same weeks. A rule after which no week differs is
    /// only named.
    #[command(after_help = "\
Examples:
  alluse evidence rules --data ../shared/data
  alluse evidence rules --data ../shared/data --json > worth.json
  alluse report page --journal ten.journal --out ten.html --rule-worth worth.json")]
    Rules(Evidenced),
}

/// A run that is measured, and how chance is.
#[derive(Debug, Args)]
pub(crate) struct Evidenced {
    /// Folder of price history
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// First day [default: the first at hand]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// Last day [default: the last at hand]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: Option<Date>,
    /// What the owner pays in at the start, in dollars
    #[arg(long, value_name = "DOLLARS", default_value = "300000")]
    pub(crate) deposit: Money,
    /// A policy that ships (all-use, as-written), or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
    pub(crate) policy: String,
    /// On the control universe, whose symbols were not chosen by how well they did
    #[arg(long)]
    pub(crate) control: bool,
    /// Which histories are drawn; the same seed draws the same on every machine
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many histories are drawn
    #[arg(long, value_name = "N", default_value = "10000", value_parser = value_parser!(u32).range(100..=100_000))]
    pub(crate) draws: u32,
    /// Mean length of the blocks of weeks that they are drawn in
    #[arg(long, value_name = "WEEKS", default_value = "13", value_parser = clap::value_parser!(u32).range(1..=104))]
    pub(crate) block: u32,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
