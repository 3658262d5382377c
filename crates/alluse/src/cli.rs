//! What can be typed, and the help that explains it.

mod backtest;
mod backup;
mod books;
mod doctor;
mod evidence;
mod head;
mod store;
mod tax;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use market::instrument::Symbol;
use market::time::{Date, Week};
use market::value::{Money, Price};
use protocol::policy::WeekClass;

pub(crate) use backtest::{Backtest, OverHistory};
pub(crate) use backup::{Backup, BackupMake, BackupPrune, BackupVerify, Restore};
pub(crate) use books::{Export, Format, Import as ImportStatement, Reconcile, ReportStructures};
pub(crate) use doctor::Doctor;
pub(crate) use evidence::{Evidence, EvidenceFit, EvidenceModel, Evidenced};
pub(crate) use head::{Head, HeadCheck, HeadSign, Prove, VerifyProof};
pub(crate) use store::Store;
pub(crate) use tax::{AtRates, Owned, Tax};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a check failed: a journal that does not hold, two replays that differ
  2  wrong usage: an argument, or an id or week that the journal does not have
  3  price history, a policy or a parameter file that cannot be used; an answer not as expected
  4  a journal that is missing, damaged, not ours, or newer than this program
  5  the machine or the network refused: a folder, a disk, a permission, a host

Journals without a name lie in $ALLUSE_HOME, or in the folder for data of your system
(~/.local/share/alluse). Colour goes to terminals only, and not where NO_COLOR is set.";

/// Weekly option premium by rule: every trade with its reason, every dollar in books that balance
///
/// ALL-USE sells cash-secured puts and covered calls by a written protocol, in three sleeves of one portfolio. Here you
/// can watch it on a market that never existed (`alluse demo`), or over ten years that did (`alluse backtest`). Every
/// run leaves a journal; from that alone come statements, the reason for each trade, and the proof that the books
/// balance.
#[derive(Debug, Parser)]
#[command(name = "alluse", version, max_term_width = 100, after_long_help = EXIT_CODES)]
#[command(
    after_help = "Begin with `alluse demo`: it needs nothing. `alluse --help` explains more and lists exit codes."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Demo),
    Backtest(Backtest),
    /// What the protocol was worth, beside simpler things and rule by rule, and what its premiums rest on
    #[command(subcommand)]
    Evidence(Evidence),
    Project(Project),
    /// Statements of a journal: weekly, monthly, annual, and the whole as a page
    #[command(subcommand)]
    Report(Report),
    Explain(Explain),
    Whatif(WhatIf),
    Tree(Tree),
    /// Tax: years, forms, wash sales, basis. A record and an estimate, not advice
    #[command(subcommand)]
    Tax(Tax),
    Check(Check),
    Doctor(Doctor),
    /// Heads: what a journal is, signed and kept elsewhere
    #[command(subcommand)]
    Head(Head),
    Prove(Prove),
    VerifyProof(VerifyProof),
    /// Backups: made while the journal is written, rehearsed, kept by rule
    #[command(subcommand)]
    Backup(Backup),
    Restore(Restore),
    /// Where journals lie: files of SQLite, schemas of PostgreSQL
    #[command(subcommand)]
    Store(Store),
    Export(Export),
    Import(ImportStatement),
    Reconcile(Reconcile),
    /// Price history: what a folder supports, and what is measured from it
    #[command(subcommand)]
    Data(Data),
    /// The policy: every number that decides something
    #[command(subcommand)]
    Policy(Policy),
    Completions(Completions),
}

/// Five simulated years; nothing is needed
///
/// Runs the protocol over a market that a seeded generator makes up, and shows what came of it, and where that result
/// ranks among those of a thousand seeds: whether it was luck. The generator's parameters are measured from real
/// history (policy/generator.toml); the market itself never existed, and every page says SIMULATED.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse demo                     the market of seed 1
  alluse demo --seed 7            another one
  alluse demo --policy policy/small-steps.toml --deposit 30000000
                                  forks, forks of forks, merges: see the book on growth
  alluse explain 2021-W10         afterwards: why it did what it did in that week
  alluse report weekly            and its last week's statement")]
pub(crate) struct Demo {
    /// Which market; the same seed makes the same market on every machine
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many years, up to the end of 2025; ranks are known for five
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub(crate) years: u8,
    /// What the owner pays in at the start, in dollars; ranks are known for the default
    #[arg(long, value_name = "DOLLARS", default_value = "300000")]
    pub(crate) deposit: Money,
    /// A policy that ships (all-use, as-written), or a file; ranks are known for the default
    #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
    pub(crate) policy: String,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the table of a thousand seeds, from which ranks are read, built anew; this takes minutes
    #[arg(long, conflicts_with_all = ["seed", "years", "deposit", "policy", "json"])]
    pub(crate) build_ranks: bool,
}

/// What would be if the targets were met
///
/// Arithmetic on the authors' weekly targets, with the protocol's forks, merges and income, and no market behind it:
/// first every week at its target (V-1), then many paths of drawn weeks (V-2), for both policies that ship. Before tax;
/// no fork waits for a contract. What a market would have paid is another matter: that is `alluse backtest`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse project
  alluse project --years 5 --deposit 100000 --withdraw
  alluse project --policy mine.toml --paths 50000 --json
  alluse project --history weeks.csv      weeks drawn from a table instead of the protocol's types of weeks

A history is a CSV table with the columns gen, rev and com: a line for each week, returns as
fractions such as 0.0123.")]
pub(crate) struct Project {
    /// How many years
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=15))]
    pub(crate) years: u32,
    /// What the owner pays in at the start, in dollars
    #[arg(long, value_name = "DOLLARS", default_value = "300000")]
    pub(crate) deposit: Money,
    /// Income is paid out each week [default: as the policy says; it is kept in those that ship]
    #[arg(long)]
    pub(crate) withdraw: bool,
    /// Which paths; the same seed draws the same paths on every machine
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many paths
    #[arg(long, value_name = "N", default_value = "2000", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) paths: u64,
    /// A policy that ships (all-use, as-written), or a file [default: both that ship, side by side]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// A table of weekly returns from which weeks are drawn
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// One week in full: the market, sleeves, trades with reasons, balances, what comes next
    #[command(after_help = "\
Examples:
  alluse report weekly                        the last week of the last run
  alluse report weekly --week 2020-W12
  alluse report weekly --week 2020-W12 --csv  its trades, for a spreadsheet")]
    Weekly {
        /// Which week [default: the last]
        #[arg(long, value_name = "YYYY-Www", value_parser = week)]
        week: Option<Week>,
        #[command(flatten)]
        of: Statement,
    },
    /// Months: returns, drawdown, Sharpe, Sortino, types of weeks, decisions by rule
    #[command(after_help = "\
Examples:
  alluse report monthly                       a line for each month and sleeve
  alluse report monthly --month 2020-03       one month in full
  alluse report monthly --csv > months.csv")]
    Monthly {
        /// One month in full [default: all of them, in lines]
        #[arg(long, value_name = "YYYY-MM", value_parser = month)]
        month: Option<String>,
        #[command(flatten)]
        of: Statement,
    },
    /// Years, and the whole run beside its benchmarks
    #[command(after_help = "\
Examples:
  alluse report annual
  alluse report annual --year 2022
  alluse report annual --json")]
    Annual {
        /// One year in full [default: all of them, and the whole]
        #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(u16).range(2000..=2100))]
        year: Option<u16>,
        #[command(flatten)]
        of: Statement,
    },
    Structures(ReportStructures),
    /// The whole run as one HTML file with its charts, readable without a network
    #[command(after_help = "\
Examples:
  alluse report page --out run.html
  alluse report page --journal ten.journal --out ten.html --rule-worth worth.json")]
    Page(ReportPage),
}

#[derive(Debug, Args)]
pub(crate) struct ReportPage {
    /// The journal, a file or the address of a database [default: that of the last run]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) journal: Option<PathBuf>,
    /// Where the page goes; a page that stands there is replaced, anything else is left as it is
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
    /// What each rule was worth, as `alluse evidence rules --json` prints it
    #[arg(long, value_name = "FILE.json")]
    pub(crate) rule_worth: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Of {
    /// The journal, a file or the address of a database [default: that of the last run]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) journal: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Statement {
    #[command(flatten)]
    pub(crate) of: Of,
    /// Print as CSV
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

/// Why: a week, a day, an order, an event, a sleeve's or a symbol's week
///
/// Tells what happened and why, with every number and the rules that decided it, in the prices of that day; and every
/// candidate that was left, with its reason.
#[derive(Debug, Args)]
#[command(after_help = "\
Ids:
  2020-W12            a week
  2020-08-31          a day, with everything that is on record of it
  o1.1.42             an order: why it was wanted, approved, filled, and how it ended
  '#1234'             an event, by its number
  1.Gen/2020-W12      a sleeve's week; Gen/2020-W12 is the root's
  TSLA/2020-W35       a symbol's week, with the quotes it was judged on")]
pub(crate) struct Explain {
    /// What to explain, see below
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) of: Of,
}

/// One moment decided again: under another policy, class of week, or price
///
/// Takes the books as the journal has them before a session's close, and the market from the folder that the journal
/// was made from; decides that close again as it was recorded, which must give the same; then decides it with what is
/// supposed, and shows on what the two differ: the week, positions looked at, calls, LEAPS, puts, orders, with strikes,
/// contracts and the rules that decided. The weekly close after it is not decided again. Nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse whatif 2020-03-16 --data prices --class green
  alluse whatif 2020-W12 --data prices --set band.fallback=0 --set rules.off=M-7
  alluse whatif 2020-03-16 --data prices --policy as-written --sleeve 1.Gen --all
  alluse whatif 2020-03-16 --data prices --price TSLA=380 --symbol TSLA")]
pub(crate) struct WhatIf {
    /// A session or, of a week, each of its sessions by itself
    #[arg(value_name = "DATE|WEEK", value_parser = when)]
    pub(crate) when: When,
    /// Folder of price history from which the journal was made
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Another policy: one that ships (all-use, as-written), or a file [default: the journal's]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// One key of the policy with another value, as `backtest --vary` takes it; may be given more than once
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// The class that the week is given, whatever its evidence says
    #[arg(long, value_name = "CLASS")]
    pub(crate) class: Option<Class>,
    /// A close in dollars of that day; may be given for more than one symbol
    #[arg(long, value_name = "SYMBOL=DOLLARS", value_parser = price)]
    pub(crate) price: Vec<(Symbol, Price)>,
    /// Only this sleeve, such as 1.Gen
    #[arg(long, value_name = "SLEEVE")]
    pub(crate) sleeve: Option<String>,
    /// Only this symbol
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) symbol: Option<Symbol>,
    /// Also what would be the same
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) of: Of,
}

/// A session, or all of a week.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    Day(Date),
    Week(Week),
}

/// A class of week, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Class {
    Green,
    Red,
    Chop,
}

impl From<Class> for WeekClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Green => WeekClass::Green,
            Class::Red => WeekClass::Red,
            Class::Chop => WeekClass::Chop,
        }
    }
}

/// Structures and sleeves, with what they hold
///
/// The portfolio as it stands after the last event: equity, drawdown, locks, shares with their basis, and written
/// options.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse tree
  alluse tree --journal letter.journal --json")]
pub(crate) struct Tree {
    #[command(flatten)]
    pub(crate) of: Of,
}

/// Proves a journal from itself alone
///
/// Checks the file, the chain over its rows and the digest over its events; writes the events again in other batches,
/// which must give the same digest; folds them through the engine; and counts cash, shares and options by a second
/// route that shares no code with it. At every weekly close both must say the same, to the ten-thousandth of a dollar:
/// start + flows + gains = end for each sleeve, cash never negative, every put secured, every call covered. The first
/// thing that does not hold is named with its row or event.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse check run.journal
  alluse check run.journal --json && echo sound

Exit code 0 if everything holds, 1 if an invariant does not, 4 if the file, chain or digest is damaged.")]
pub(crate) struct Check {
    /// The journal: a file, or the address of a database
    #[arg(value_name = "FILE|URL")]
    pub(crate) file: PathBuf,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// What a folder holds and supports, and everything that is wrong with it
    ///
    /// A folder of price history holds bars/SYMBOL.csv for each symbol (date, open, high, low, close, volume; adjusted
    /// for splits), volatility/VIX.csv and volatility/indices.csv, rates/treasury.csv, and events/dividends.csv,
    /// events/splits.csv and events/earnings.csv. Whatever is wrong is told with file, line, column and what was
    /// expected; nothing is repaired. Exit code 3 if anything is. Then it says for each command whether the folder
    /// supports it, from when to when, and what is missing; and of each file where it came from.
    #[command(after_help = "\
Examples:
  alluse data inspect ../shared/data
  alluse data inspect prices --policy mine.toml   what a universe of your own finds there")]
    Inspect {
        /// The folder
        dir: PathBuf,
        /// The policy whose run it has to support: one that ships (all-use, as-written), or a file
        #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
        policy: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    Pull(Pull),
    Import(Import),
    /// How good quoted option chains are, and what they support
    ///
    /// Reads every chain in a folder, whatever its layout: a file for each expiration (YYYY/MM/DD/EXPIRATION.csv, or
    /// *.tar.xz of them), LEAN's zip archives and universes, or the plain layout. For each symbol and date it counts
    /// what is quoted, crossed, without bid or ask, stale, twice or missing, and holds put–call parity against the
    /// bars' closes. A row that cannot be read is refused with its file, line and column (exit code 3).
    #[command(after_help = "\
Examples:
  alluse data chains ../shared/data/chains
  alluse data chains mine --data prices --json")]
    Chains {
        /// Folder of option chains, or one file
        dir: PathBuf,
        /// Folder of price history to hold them against [default: the nearest folder above that has bars]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Measures the market generator's parameters, and prints them as TOML
    ///
    /// This is how policy/generator.toml was made. Everything in it is measured except the equity premium, which is
    /// assumed and says so.
    #[command(after_help = "Example:\n  alluse data calibrate ../shared/data > generator.toml")]
    Calibrate {
        /// Folder of price history
        dir: PathBuf,
    },
    /// Measures bid-ask spreads on quoted option chains, and prints them as TOML
    ///
    /// This is how the table in policy/premium-model.toml was made: the median half-width over mid, by delta and days
    /// to expiration, of every quote in the archives. A crossed quote is refused with its place.
    #[command(after_help = "Example:\n  alluse data spreads ../shared/data/chains/TSLA-2026 --leave-crossed")]
    Spreads {
        /// Folder of chains with a file for each expiration (or *.tar.xz of them)
        dir: PathBuf,
        /// Folder of price history, for interest rates [default: two folders above the archives]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Leave out quotes whose bid is above their ask, instead of refusing the archive
        #[arg(long)]
        leave_crossed: bool,
    },
}

/// Pulls public daily prices, volatility indices and Treasury yields into a folder
///
/// Asks public sources, one question at a time with a pause between two to the same host, and lays the rows over those
/// that the folder has. An answer that is not as expected (a page for a browser, a missing column, a price of zero, a
/// hole in the sessions, prices adjusted for dividends) is refused with its address, line and field. A value that
/// differs from the folder's is refused too, unless --accept-revisions is said. All files change or none. What was
/// fetched is kept byte for byte in the cache; beside each file stands a note of where its rows came from.
///
/// No public source gives the days of earnings reports: import them (`alluse data import --kind earnings`), or no
/// stock that reports is ever entered. Read the sources' terms (--list) before you pass anything on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse data pull --list
  alluse data pull SPY QQQ AAPL MSFT AMZN NVDA TSLA GOOG META --into prices
  alluse data pull SPY --into prices --only bars --from 2020-01-02
  alluse data pull --into prices --only volatility,rates
  alluse data inspect prices      afterwards: what that supports

An address has moved? Copy what `alluse data pull --list` shows into a file of your own, change it,
and say --sources FILE.")]
pub(crate) struct Pull {
    /// Symbols whose bars, dividends and splits are pulled
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbols: Vec<Symbol>,
    /// Folder of price history to write into; it is made if it is not there
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    pub(crate) into: Option<PathBuf>,
    /// Only these [default: bars of the symbols, volatility and rates]
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) only: Vec<Part>,
    /// First day of bars and yields [default: the day from which the policy knows every split]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// The source of bars [default: the first that gives them]
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// A file of sources in place of those that ship
    #[arg(long, value_name = "FILE")]
    pub(crate) sources: Option<PathBuf>,
    /// Where answers are kept [default: fetched in the program's own folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Least seconds between two requests to one host [default: as the sources say]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) gap: Option<u32>,
    /// An answer younger than this many hours is not asked for again [default: as the sources say]
    #[arg(long, value_name = "HOURS")]
    pub(crate) fresh: Option<u32>,
    /// Take values that differ from the folder's
    #[arg(long)]
    pub(crate) accept_revisions: bool,
    /// Print the file of sources, and pull nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Bars, dividends and splits of the symbols
    Bars,
    /// Volatility indices
    Volatility,
    /// Treasury yields
    Rates,
}

/// Takes a table of your own into a folder
///
/// Reads a CSV table with a header, checks each value, lays the rows over those that the folder has, and has the whole
/// read as a run would read it before anything changes. What stands in the folder otherwise is refused unless
/// --accept-revisions is said. Beside each file stands a note of where its rows came from.
///
/// Columns stand by name, in any order: date, open, high, low, close, volume of bars; date and close, or the index's
/// name, of an index; date, DGS1MO, DGS3MO, DGS6MO, DGS1, DGS2 of rates; symbol, ex_date, amount_split_adjusted of
/// dividends; symbol, effective_date, new_shares_per_old of splits; symbol, report_date of earnings; symbol, session,
/// expiration, right, strike, bid, ask of chains. Where yours has another name, say --column OURS=YOURS. Bars and
/// dividends must be adjusted for splits, bars not for dividends.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse data import --from spy.csv --kind bars --symbol SPY --into prices
  alluse data import --from spy.csv --kind bars --symbol SPY --into prices --dates mdy \\
      --column 'close=Close/Last' --column volume=Shares
  alluse data import --from vix.csv --kind index --symbol VIX --into prices --dates mdy
  alluse data import --from aapl.csv --kind earnings --symbol AAPL --into prices
  alluse data import --from quotes.csv --kind chains --into prices")]
pub(crate) struct Import {
    /// The table
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// What it holds
    #[arg(long)]
    pub(crate) kind: Holds,
    /// Of which symbol or index the table is; of one that says symbols, the rows that are taken
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) symbol: Option<String>,
    /// Folder of price history to write into; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// A column that has another name in the table; may be given more than once
    #[arg(long, value_name = "OURS=YOURS", value_parser = column)]
    pub(crate) column: Vec<(String, String)>,
    /// How dates are written: 2024-06-10, 06/10/2024, 10/06/2024 or 20240610
    #[arg(long, value_name = "FORM", default_value = "iso", value_parser = ["iso", "mdy", "dmy", "compact"])]
    pub(crate) dates: String,
    /// What the table writes where there is no value, such as N/A; may be given more than once
    #[arg(long, value_name = "TEXT")]
    pub(crate) missing: Vec<String>,
    /// Take values that differ from the folder's
    #[arg(long)]
    pub(crate) accept_revisions: bool,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a table holds.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Holds {
    /// Daily bars of one symbol
    Bars,
    /// A volatility index by day
    Index,
    /// Treasury yields by day
    Rates,
    /// Cash dividends by ex-date
    Dividends,
    /// Splits
    Splits,
    /// Days of earnings reports
    Earnings,
    /// Quoted option chains
    Chains,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Reads a policy file, and tells everything that is wrong with it
    #[command(
        after_help = "Example:\n  alluse policy check mine.toml && alluse backtest --data prices --policy mine.toml"
    )]
    Check {
        /// The file, or a policy that ships (all-use, as-written)
        #[arg(value_name = "NAME|FILE")]
        file: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    /// Every key with its value, unit, range, rule and meaning
    #[command(after_help = "\
Examples:
  alluse policy show                              the defaults
  alluse policy show --only roll.                 one section
  alluse policy show --policy as-written --changes")]
    Show {
        /// A policy that ships (all-use, as-written), or a file
        #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
        policy: String,
        /// Only keys that contain this text
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
        /// Only keys that differ from all-use
        #[arg(long)]
        changes: bool,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
    Diff(PolicyDiff),
    /// Draws decision tables and state machines, from the tables that decide
    #[command(after_help = "\
Examples:
  alluse policy draw week                         Green, Red or Chop, and what each answers
  alluse policy draw position --svg position.svg  for a page: light and dark, needs nothing else
  alluse policy draw order --policy mine.toml     the guard with your own edges")]
    Draw {
        /// What to draw
        picture: Picture,
        /// A policy that ships (all-use, as-written), or a file
        #[arg(long, value_name = "NAME|FILE", default_value = "all-use")]
        policy: String,
        /// Write an SVG picture there instead
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
}

/// What can be drawn.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Picture {
    /// The market's week: its class, what it answers, and how trend, volatility and support are judged
    Week,
    /// A position's life, its eleven types of week, and its last day
    Position,
    /// Capital preservation of a sleeve
    Lock,
    /// Forks and merges
    Structure,
    /// An order's life, and the guard against extreme volatility
    Order,
}

/// On what two policies differ, in words
///
/// Each key on which they differ: what it decides, both values, and the rules that ask for it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse policy diff as-written                   what the founding document's letter changes
  alluse policy diff mine.toml yours.toml
  alluse policy diff mine.toml --exit-code        1 if it differs from all-use in anything")]
pub(crate) struct PolicyDiff {
    /// A policy that ships (all-use, as-written), or a file
    #[arg(value_name = "A")]
    pub(crate) policy: String,
    /// The policy it is compared with [default: A is compared with all-use]
    #[arg(value_name = "B")]
    pub(crate) other: Option<String>,
    /// Exit code 1 if they differ
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Prints completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  alluse completions bash > ~/.local/share/bash-completion/completions/alluse
  alluse completions zsh > ~/.zfunc/_alluse
  alluse completions fish > ~/.config/fish/completions/alluse.fish")]
pub(crate) struct Completions {
    /// Which shell
    pub(crate) shell: Shell,
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a date such as 2020-03-16".to_owned())
}

fn when(text: &str) -> Result<When, String> {
    let day = date(text).map(When::Day);
    day.or_else(|_| week(text).map(When::Week))
        .map_err(|_| "expected a date such as 2020-03-16, or a week such as 2020-W12".to_owned())
}

fn price(text: &str) -> Result<(Symbol, Price), String> {
    let read = || {
        let (symbol, price) = text.split_once('=')?;
        let price: Price = price.trim().parse().ok()?;
        Some((Symbol::new(symbol.trim()).ok()?, price)).filter(|(_, price)| *price > Price::ZERO)
    };
    read().ok_or_else(|| "expected a symbol and a price above zero such as TSLA=180.50".to_owned())
}

fn column(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(ours, yours)| !ours.is_empty() && !yours.is_empty());
    let pair = pair.map(|(ours, yours)| (ours.to_owned(), yours.to_owned()));
    pair.ok_or_else(|| "expected our name of a column and yours, such as close=Last".to_owned())
}

fn week(text: &str) -> Result<Week, String> {
    let read = || {
        let (year, number) = text.split_once("-W").or_else(|| text.split_once("-w"))?;
        let week = Week { year: year.parse().ok()?, number: number.parse().ok()? };
        week.monday().map(|_| week)
    };
    read().ok_or_else(|| "expected a week such as 2020-W12".to_owned())
}

fn month(text: &str) -> Result<String, String> {
    let first: Result<Date, _> = format!("{text}-01").parse();
    let first = first.map_err(|_| "expected a month such as 2020-03".to_owned())?;
    Ok(format!("{}-{:02}", first.year(), first.month()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn weeks_and_months_read() {
        assert_eq!(week("2020-W53").map(|w| w.to_string()), Ok("2020-W53".to_owned()));
        for wrong in ["2021-W53", "2020-W0", "2020-12", "W12", ""] {
            assert!(week(wrong).is_err(), "{wrong}");
        }
        assert_eq!(month("2020-03"), Ok("2020-03".to_owned()));
        for wrong in ["2020-13", "2020", "03-2020"] {
            assert!(month(wrong).is_err(), "{wrong}");
        }
    }
}
