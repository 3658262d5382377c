//! What can be typed after `alluse evidence`.

use std::path::PathBuf;

use clap::{Args, Subcommand, value_parser};
use market::time::Date;

use super::{OverHistory, date};

#[derive(Debug, Subcommand)]
pub(crate) enum Evidence {
    /// The published buy-write index, rebuilt from prices and modelled premiums
    ///
    /// Computes BXM by its published method from the closes of SPX, the dividends of SPY and modelled calls, and holds
    /// it against benchmarks/BXM.csv: how well the premium model does where somebody wrote real options. With
    /// --intraday the days on which calls expire go by bars of 15 minutes, as published: settled at the opening,
    /// written at midday.
    #[command(after_help = "\
Examples:
  alluse evidence buywrite --data ../shared/data
  alluse evidence buywrite --data ../shared/data --intraday --json     every month and every call sold")]
    Buywrite {
        /// Folder of price history, with benchmarks/BXM.csv
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// A policy that ships (all-use, as-written), or a file: it has the level of the premium model
        #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
        policy: String,
        /// Settle at the opening and write at midday, by the bars of bars-15m/SPX_15m.csv.gz; BXM.csv may be absent
        #[arg(long)]
        intraday: bool,
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
    /// Real quotes or modelled premiums: the same run on both, and what makes the difference
    ///
    /// Sets the options that each of the two runs traded in a week beside each other, and takes the difference of what
    /// they brought apart: the model's volatility, the spread, another strike, more contracts, traded in one run only.
    /// The parts add up to the cent.
    #[command(after_help = "\
Example:
  alluse evidence quotes --data ../shared/data --quotes ../shared/data/chains/TSLA-2026 --from 2026-01-02")]
    Quotes {
        #[command(flatten)]
        run: OverHistory,
        /// Folder of quoted option chains
        #[arg(long, value_name = "DIR")]
        quotes: PathBuf,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    Model(EvidenceModel),
    Fit(EvidenceFit),
}

/// A run that is measured, and how chance is.
#[derive(Debug, Args)]
pub(crate) struct Evidenced {
    #[command(flatten)]
    pub(crate) run: OverHistory,
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

/// Fits the premium model's numbers on named days, and prints its file
///
/// Bars and volatility indices are fitted on the first half of their sessions. Quotes are fitted on their first
/// sessions, so that 60 are left for the test where that leaves at least 10. What was fitted on which days stands in
/// the file; `alluse evidence model --model FILE` tests it on all others. Spreads stay as they ship
/// (`alluse data spreads` measures them).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse evidence fit --data ../shared/data > mine.toml
  alluse evidence model --data ../shared/data --model mine.toml")]
pub(crate) struct EvidenceFit {
    /// Folder of price history
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Folder of quoted option chains [default: chains in the folder of price history]
    #[arg(long, value_name = "DIR")]
    pub(crate) chains: Option<PathBuf>,
    /// Last day of bars and indices to fit on [default: half-way through the sessions at hand]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) history_to: Option<Date>,
    /// Last day of quotes to fit on [default: so that 60 sessions are left, or half-way]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) quotes_to: Option<Date>,
}

/// How far the premium model is from what somebody quoted
///
/// Prices every quote at a session's close as the model would, knowing nothing of the chain, and shows the error by
/// symbol, delta, days to expiration, VIX, reports and weekday: in points of implied volatility and as a share of the
/// premium, apart for days on which the model's numbers were fitted and days that test it. Then says whether the mean
/// error at the money keeps within its bar, on quotes and, for symbols with an index of their own, on that index as if
/// they had none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse evidence model --data ../shared/data
  alluse evidence model --data prices --chains mine --json
  alluse evidence model --data prices --model mine.toml")]
pub(crate) struct EvidenceModel {
    /// Folder of price history
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Folder of quoted option chains [default: chains in the folder of price history]
    #[arg(long, value_name = "DIR")]
    pub(crate) chains: Option<PathBuf>,
    /// The premium model to judge [default: the one that ships, policy/premium-model.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
