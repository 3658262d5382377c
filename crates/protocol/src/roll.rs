//! Rolls: buying a short option back and selling a later one against the same cash or shares.
//!
//! [`search`] asks every expiration in turn and says of each why it was refused; the answer is the best roll that R-2
//! allows, or none.

mod hunt;

use market::instrument::Series;
use market::instrument::listing::{Further, Listing};
use market::order::Side;
use market::quote::{Board, Delta, Earnings};
use market::time::{Calendar, Date, Expiration, TradingDay, Weekday};
use market::value::{Money, Price};

use crate::plan::{Seen, Skip};
use crate::policy::Policy;
use crate::policy::unit::DeltaBand;
use crate::rule::Rule;
use crate::view::{Short, SleeveView};
use hunt::Hunt;

/// Fees of one contract bought or sold at a price; `None` where the day's fees are not known (E-9).
pub type FeeOf<'a> = &'a dyn Fn(Side, Price) -> Option<Money>;

/// What a roll brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollKind {
    /// At least `roll.min_credit` a share, net of fees.
    Credit,
    /// Less than that, into the sleeve's band, within `roll.max_debit` of the chain's first premium.
    Debit,
}

/// A roll: both legs with their limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roll {
    /// What is sold, with the quote it was judged on.
    pub to: Seen,
    /// Most paid a share for the old option: its ask.
    pub buy: Price,
    /// Least taken a share for the new one: its bid.
    pub sell: Price,
    /// Fees of both legs, one contract.
    pub fees: Money,
    /// What it brings a share net of fees, rounded down; negative if it costs.
    pub net: Price,
    /// Credit or debit.
    pub kind: RollKind,
    /// Whether both legs are one order; else the buy-back comes first and the sale after its fill.
    pub combined: bool,
}

impl Roll {
    /// Least taken a share for both legs together, before fees; negative if it costs.
    #[must_use]
    pub fn limit(&self) -> Price {
        self.sell - self.buy
    }
}

/// Why no debit was taken where the credit is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoDebit {
    /// Only a credit was asked for: the guard defends (K-3), or a dividend is near.
    NotAsked,
    /// The strike lies outside the sleeve's band.
    OutsideBand {
        /// The band.
        band: (Delta, Delta),
    },
    /// All rolls of the chain together would cost too much.
    TooMuch {
        /// What they would have cost a share.
        spent: Price,
        /// Most that they may.
        most: Price,
    },
}

/// Why an expiration offers no roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// No quotes are at hand.
    NoQuotes,
    /// A report is due on or before it.
    Earnings {
        /// The earliest day on which it may come.
        on: Date,
    },
    /// No strike, not above the old one, with a bid and a delta low enough.
    NoStrike {
        /// Its delta may be at most this.
        most: Delta,
        /// And must lie below the old put's.
        below: Delta,
        /// The lowest delta that somebody bids for.
        lowest: Option<Delta>,
    },
    /// The day's fees are not known (E-9).
    FeesUnknown,
    /// No call that E-8 would sell.
    Call(Skip),
    /// It brings too little and costs too much.
    TooLittle {
        /// The strike that brings most, of those that came nearest.
        strike: Price,
        /// What it brings a share net of fees.
        net: Price,
        /// Least that is a credit.
        least: Price,
        /// Why it is no debit either.
        debit: NoDebit,
    },
}

/// Why no expiration was asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Barred {
    /// R-2, which allows rolls, is switched off.
    RuleOff,
    /// The position has had its rolls.
    TooMany {
        /// Rolls so far.
        rolls: u32,
        /// Most that it may have.
        most: u32,
    },
    /// The day's fees are not known, so that a credit cannot be told (E-9).
    FeesUnknown,
    /// The sleeve holds no shares under the call.
    NoShares,
}

/// What was searched for a roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollSearch {
    /// Why nothing was asked.
    pub barred: Option<Barred>,
    /// Each expiration asked, rising, with its best roll or why it has none. The search ends with the first credit.
    pub tried: Vec<(Expiration, Result<Roll, Refusal>)>,
    /// Whether earnings dates are not known, so that R-2 could not ask for them.
    pub earnings_unknown: bool,
    /// The best roll.
    pub best: Option<Roll>,
}

/// Where a rolled call's strike is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallTarget {
    /// Where E-8 would sell it.
    AsCovered,
    /// The lowest that is not below the old one.
    NotBelowOld,
}

/// What a roll is judged by, besides the option itself.
#[derive(Clone, Copy, Debug)]
pub struct RollTerms<'a> {
    /// Every number.
    pub policy: &'a Policy,
    /// Quotes and prices.
    pub board: &'a Board,
    /// Sessions.
    pub calendar: &'a Calendar,
    /// The sleeve.
    pub view: &'a SleeveView,
    /// The sleeve's band this week: of puts shifted as E-1 and M-6 say, of calls as it is.
    pub band: DeltaBand,
    /// Whether a debit may be taken.
    pub debit: bool,
    /// Where a call's strike is sought.
    pub target: CallTarget,
}

/// The expirations to which `old` may be rolled on `day`: listed, later than the old one and at most `roll.max_days`
/// ahead, rising. E-11's further weekdays count here.
#[must_use]
pub fn expirations(policy: &Policy, calendar: &Calendar, day: TradingDay, old: &Series) -> Vec<Expiration> {
    let listed = &policy.listing;
    let weekdays = if policy.is_off(Rule::E11) { &[][..] } else { &[Weekday::Monday, Weekday::Wednesday] };
    let further = weekdays.iter().filter(|_| listed.monday_wednesday.contains(old.underlying)).map(|weekday| Further {
        symbol: old.underlying,
        weekday: *weekday,
        since: listed.monday_wednesday_since,
    });
    let listing = Listing::new(listed.friday_since, further.collect());
    let ahead = listing.expirations(calendar, old.underlying, day.date(), policy.roll.max_days);
    ahead.filter(|e| *e > old.expiration).collect()
}

/// Searches the best roll of `short`, which is bought back at the ask of `old`.
#[must_use]
pub fn search(terms: &RollTerms<'_>, short: &Short, old: &Seen, fees: FeeOf<'_>) -> RollSearch {
    let (policy, board) = (terms.policy, terms.board);
    let underlying = board.underlying(short.series.underlying);
    let mut found = RollSearch {
        barred: None,
        tried: Vec::new(),
        earnings_unknown: underlying.is_some_and(|u| u.earnings == Earnings::Unknown),
        best: None,
    };
    let hunt = match Hunt::new(terms, short, old, fees) {
        Ok(hunt) => hunt,
        Err(barred) => {
            found.barred = Some(barred);
            return found;
        }
    };
    for expiration in asked(terms, short) {
        let outcome = hunt.ask(expiration);
        found.tried.push((expiration, outcome));
        if let Ok(roll) = outcome
            && found.best.is_none_or(|best| roll.kind < best.kind || roll.kind == best.kind && roll.net > best.net)
        {
            found.best = Some(roll);
        }
        let settled = if policy.is_off(Rule::R3) { found.best.is_some() } else { found.has_credit() };
        if settled {
            break;
        }
    }
    found
}

impl RollSearch {
    /// Whether the best roll is a credit.
    #[must_use]
    pub fn has_credit(&self) -> bool {
        self.best.is_some_and(|roll| roll.kind == RollKind::Credit)
    }
}

/// The listed expirations and those at hand on the board, each once, rising.
fn asked(terms: &RollTerms<'_>, short: &Short) -> Vec<Expiration> {
    let (old, day) = (&short.series, terms.board.day);
    let mut asked = expirations(terms.policy, terms.calendar, day, old);
    let is_near =
        |e: Expiration| e > old.expiration && e.days_from(day.date()) <= i64::from(terms.policy.roll.max_days);
    let at_hand = terms.board.chains.iter().filter(|c| c.underlying == old.underlying && c.right == old.right);
    asked.extend(at_hand.map(|c| c.expiration).filter(|e| is_near(*e)));
    asked.sort_unstable();
    asked.dedup();
    asked
}
