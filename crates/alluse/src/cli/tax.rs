//! What can be typed after `alluse tax`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use market::instrument::Symbol;
use market::time::Date;
use report::tax::Rates;
use report::tax::netting::percent;

use super::date;

const YEAR: std::ops::RangeInclusive<i64> = 1990..=2100;

#[derive(Debug, Subcommand)]
pub(crate) enum Tax {
    /// A tax year: gains by term, wash sales, straddles, dividends, interest
    ///
    /// Sums what was disposed of and paid in a year, account by account, with the adjustments of wash sales (T-3) and
    /// straddles (T-5).
    #[command(after_help = "\
Examples:
  alluse tax year                             every year, a line each
  alluse tax year 2020
  alluse tax year 2020 --journal a.journal --journal b.journal --outside ira.csv")]
    Year {
        /// One year in full [default: all of them, in lines]
        #[arg(value_name = "YYYY", value_parser = clap::value_parser!(i16).range(YEAR))]
        year: Option<i16>,
        #[command(flatten)]
        of: Owned,
    },
    /// What a year may be taxed at your rates: by trade, by account, in all
    ///
    /// Each disposal is taxed at the rate of its own term, a loss below zero. Then both terms are netted as Schedule D
    /// does it, with the losses carried in from the year before; a loss takes at most $3,000 a year off other income,
    /// and the rest is carried on (IRC 1211(b), 1212(b)). Lines add up to accounts and to the total, to the cent.
    ///
    /// Rates are yours and have no default. A file of them names `ordinary` and `long_term` in percent, and if need be
    /// `loss_limit`, `carried_short` and `carried_long` in dollars.
    #[command(after_help = "\
Examples:
  alluse tax estimate --rates 32/15           every year, a line each
  alluse tax estimate 2020 --rates 32/15      by account
  alluse tax estimate 2020 --rates-file rates.toml --by-trade")]
    Estimate {
        /// One year in full [default: all of them, in lines]
        #[arg(value_name = "YYYY", value_parser = clap::value_parser!(i16).range(YEAR))]
        year: Option<i16>,
        #[command(flatten)]
        rates: AtRates,
        /// Each disposal, dividend and credit of interest of that year too
        #[arg(long, requires = "year")]
        by_trade: bool,
        #[command(flatten)]
        of: Owned,
    },
    /// A year's disposals as a CSV table shaped as Form 8949
    #[command(name = "form-8949")]
    #[command(after_help = "\
Examples:
  alluse tax form-8949 2020 > 8949.csv
  alluse tax form-8949 2020 --out 8949.csv
  alluse tax form-8949 2020 --broker 1099b.csv    boxes A and D for what the broker reported")]
    Form8949 {
        /// Which year
        #[arg(value_name = "YYYY", value_parser = clap::value_parser!(i16).range(YEAR))]
        year: i16,
        /// Where the table goes; a file that stands there is replaced [default: the terminal]
        #[arg(long, value_name = "FILE.csv")]
        out: Option<PathBuf>,
        /// The broker's Form 1099-B as a table: what it reports is in boxes A and D, or B and E without its basis
        #[arg(long, value_name = "FILE.csv")]
        broker: Option<PathBuf>,
        #[command(flatten)]
        of: Owned,
    },
    /// A broker's Form 1099-B beside these books, line by line
    ///
    /// Compares sales with those of the broker's view: the same lots by the standing instruction, wash sales of the
    /// same security in one account. What differs is named; nothing is changed.
    ///
    /// The table has the columns description, acquired, sold, quantity, proceeds, basis, wash (dollars disallowed) and
    /// term (short or long); acquired may be empty, and so may basis where it was not reported. A description is a
    /// ticker, or an option such as TSLA 2024-06-21 180 call.
    #[command(name = "check-1099b")]
    #[command(after_help = "Example:\n  alluse tax check-1099b 2020 1099b.csv")]
    Check1099b {
        /// Which year
        #[arg(value_name = "YYYY", value_parser = clap::value_parser!(i16).range(YEAR))]
        year: i16,
        /// The broker's table
        #[arg(value_name = "FILE.csv")]
        broker: PathBuf,
        #[command(flatten)]
        of: Owned,
    },
    /// What shares and options stand at: in cash, for the broker, for tax
    ///
    /// Three views of one position side by side. Cash: strike or price less all premium received since the position
    /// began. Broker: cost less the premium of the put that delivered the shares, with wash sales of the same security
    /// in one account. Tax: that with wash sales over all accounts, options included.
    #[command(after_help = "Examples:\n  alluse tax basis\n  alluse tax basis TSLA --json")]
    Basis {
        /// One symbol alone
        #[arg(value_name = "SYMBOL")]
        symbol: Option<Symbol>,
        #[command(flatten)]
        of: Owned,
    },
    /// Wash sales of a year: each loss, what replaced it, and where it went
    #[command(after_help = "Examples:\n  alluse tax wash 2020\n  alluse tax wash 2020 --json")]
    Wash {
        /// Which year [default: all]
        #[arg(value_name = "YYYY", value_parser = clap::value_parser!(i16).range(YEAR))]
        year: Option<i16>,
        #[command(flatten)]
        of: Owned,
    },
    /// Losses that could be taken before the year ends, lot by lot, and what would wash them
    #[command(after_help = "\
Examples:
  alluse tax harvest                          at the journal's last marks
  alluse tax harvest --on 2020-11-20          as it stood then")]
    Harvest {
        /// As of this day [default: the last that the journals know]
        #[arg(long, value_name = "DATE", value_parser = date)]
        on: Option<Date>,
        #[command(flatten)]
        of: Owned,
    },
    /// Orders that would disallow losses: one that is asked about, or those on record
    ///
    /// Without an order: proposals that wait for people, with what they would do now, and orders that were approved,
    /// with what they would have done as the books stood then. Each with the loss and the lot that it would go into.
    #[command(after_help = "\
Examples:
  alluse tax warn                             proposals that wait, and orders on record
  alluse tax warn 'sell 100 TSLA at 170'
  alluse tax warn 'sell to open 2 TSLA 2026-01-16 180 put at 9.50 delta 93'")]
    Warn {
        /// The order: `sell 100 TSLA at 170`, or `buy to open 1 TSLA 2026-01-16 180 call at 4.20`
        #[arg(value_name = "ORDER")]
        order: Option<String>,
        /// As of this day [default: the last that the journals know]
        #[arg(long, value_name = "DATE", value_parser = date)]
        on: Option<Date>,
        #[command(flatten)]
        of: Owned,
    },
}

/// Whose taxes.
#[derive(Debug, Args)]
pub(crate) struct Owned {
    /// A journal of the owner; may be given more than once [default: that of the last run]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Vec<PathBuf>,
    /// A table of trades in accounts that lie elsewhere; may be given more than once
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) outside: Vec<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// At what rates.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct AtRates {
    /// Percent on short-term gains and other ordinary income, and on long-term gains
    #[arg(long, value_name = "SHORT/LONG", value_parser = rates)]
    pub(crate) rates: Option<Rates>,
    /// The same and more as a file
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) rates_file: Option<PathBuf>,
}

fn rates(text: &str) -> Result<Rates, String> {
    let both = text.split_once('/').and_then(|(short, long)| Some(Rates::of(percent(short)?, percent(long)?)));
    both.ok_or_else(|| "expected two rates in percent such as 32/15".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::policy::unit::Ppm;

    #[test]
    fn rates_are_two() {
        assert_eq!(rates("32/15"), Ok(Rates::of(Ppm(320_000), Ppm(150_000))));
        assert_eq!(rates("37.5/18.8"), Ok(Rates::of(Ppm(375_000), Ppm(188_000))));
        for wrong in ["32", "32/", "a/b", "-1/5", "32/150", "1e1/5", "NaN/5"] {
            assert!(rates(wrong).is_err(), "{wrong}");
        }
    }
}
