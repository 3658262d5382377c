//! A plan: what one sleeve will do in one session, and why each candidate was taken or left.
//!
//! A plan is complete and does not change: the executor has no choices left. Each candidate names the rules that
//! decided it and carries every figure they used.

use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::order::Side;
use market::quote::{Delta, Origin};
use market::time::{Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price};

use crate::policy::WeekClass;
use crate::policy::unit::Ppm;
use crate::rule::Rule;

/// Why a plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// New cash-secured puts (E).
    Entry,
    /// Calls on shares that the sleeve holds (E-8).
    Cover,
}

/// A gate of E-6 that refused, with its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// Nobody bids.
    NoBid,
    /// Ask less bid is too wide.
    Spread {
        /// Ask less bid.
        spread: Price,
        /// Widest allowed.
        limit: Price,
    },
    /// Too few contracts open.
    OpenInterest {
        /// Contracts open.
        found: u32,
        /// Fewest asked for.
        least: u32,
    },
    /// Implied volatility is too low in its own year (E-10).
    IvRank {
        /// Its rank.
        found: Ppm,
        /// The lowest asked for.
        least: Ppm,
    },
    /// Too few contracts traded.
    Volume {
        /// Contracts traded.
        found: u32,
        /// Fewest asked for.
        least: u32,
    },
    /// A report is due on or before expiration.
    Earnings {
        /// The earliest day on which it may come.
        on: Date,
    },
    /// The premium is too small for the strike.
    Premium {
        /// Bid a share.
        bid: Price,
        /// Least asked for, the largest of the three limits.
        least: Price,
    },
}

/// A gate that cannot be asked because nothing is known of it; neither passed nor refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Untestable {
    /// Open interest.
    OpenInterest,
    /// Volume, and the order's share of it.
    Volume,
    /// Earnings dates.
    Earnings,
    /// Where implied volatility stands in its own year.
    IvRank,
}

/// Why a candidate was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// The sleeve holds shares of it and sells calls on them instead (E-8).
    HoldsShares,
    /// New puts are locked (K-2).
    Locked,
    /// The guard against extreme volatility is closed to new puts (K-3).
    Guarded,
    /// X-5 took the profit of a put on it this week: there is no second entry (E-2).
    ProfitTaken,
    /// No expiration in the week nor soon after (E-2).
    NoExpiration,
    /// No quotes for the expiration.
    NoQuotes(Expiration),
    /// No strike with a delta in the band or just below it (E-4).
    NoStrike {
        /// The band.
        band: (Delta, Delta),
        /// The highest delta below the band that was quoted.
        best: Option<Delta>,
    },
    /// A gate refused (E-6).
    Gate(Gate),
    /// One contract does not fit the cash that may be deployed (E-5).
    DoesNotFit {
        /// Collateral of one contract.
        needs: Money,
        /// What may be deployed.
        deployable: Money,
    },
    /// One contract would exceed the underlying's cap (E-5).
    Cap {
        /// What the underlying would bind.
        would: Money,
        /// The cap.
        cap: Money,
    },
    /// Other candidates took the cash (E-5).
    Outbid,
    /// No call at or above the basis pays enough (E-8).
    NothingAboveBasis {
        /// Cash basis a share.
        basis: Price,
    },
    /// Enough of the shares are covered over an earnings report (E-8).
    EarningsCoverage {
        /// The report.
        on: Date,
    },
    /// An open option has no quote, so that the sleeve's equity is not known.
    NoMark(Series),
    /// The fees of the day are not known, so that the premium cannot be weighed against them (E-9).
    FeesUnknown,
    /// One contract more would be too large a share of the volume, with what the owner sold today (E-6, K-7).
    VolumeShare {
        /// Contracts traded.
        volume: u32,
    },
}

/// What was decided of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Trade it.
    Take {
        /// Which way.
        side: Side,
        /// How many contracts.
        contracts: Contracts,
        /// Worst price accepted.
        limit: Price,
    },
    /// Leave it.
    Leave(Skip),
}

/// The quote that a candidate was judged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which series.
    pub series: Series,
    /// Bid.
    pub bid: Price,
    /// Ask.
    pub ask: Price,
    /// |delta|.
    pub delta: Option<Delta>,
    /// Quoted or modelled.
    pub origin: Origin,
}

/// One symbol with all that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which symbol.
    pub symbol: Symbol,
    /// Its price.
    pub price: Price,
    /// The series that was chosen, if the rules came that far.
    pub seen: Option<Seen>,
    /// What was decided.
    pub verdict: Verdict,
    /// Gates that could not be asked.
    pub untestable: Vec<Untestable>,
    /// The rules that decided, in the order in which they were asked.
    pub rules: Vec<Rule>,
    /// Loss a share against the basis that an assignment of the call would lock in; zero if none.
    pub locked_loss: Price,
}

/// What one sleeve will do in one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The sleeve.
    pub sleeve: SleeveId,
    /// The session.
    pub day: TradingDay,
    /// Why.
    pub purpose: Purpose,
    /// The week's class.
    pub class: WeekClass,
    /// Share of the equity that may be put to work.
    pub sizing: Ppm,
    /// The sleeve's equity.
    pub equity: Money,
    /// Free cash.
    pub free_cash: Money,
    /// What was committed before.
    pub committed: Money,
    /// What could be deployed (E-5).
    pub deployable: Money,
    /// Each symbol, in alphabetical order.
    pub candidates: Vec<Candidate>,
}

impl Plan {
    /// The candidates that are traded.
    pub fn taken(&self) -> impl Iterator<Item = (&Candidate, Seen, Contracts, Price)> {
        self.candidates.iter().filter_map(|c| match (c.verdict, c.seen) {
            (Verdict::Take { contracts, limit, .. }, Some(seen)) => Some((c, seen, contracts, limit)),
            _ => None,
        })
    }

    /// The right that this plan trades.
    #[must_use]
    pub const fn right(&self) -> Right {
        match self.purpose {
            Purpose::Entry => Right::Put,
            Purpose::Cover => Right::Call,
        }
    }
}
