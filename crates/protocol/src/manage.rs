//! One open short option, looked at once a session: what is done about it, and why (X-1 to X-8, G-1).
//!
//! The rules are asked in the protocol's order and the first answer wins; [`ORDER`] is that order. Each question is a
//! function of what [`ManageContext`] shows; nothing here is remembered from one session to the next.

mod question;
mod sight;

use market::instrument::{Series, Symbol};
use market::quote::Board;
use market::time::{Calendar, Date};
use market::value::{Contracts, Money, Price};

use crate::expiry::ExpiryAnswer;
use crate::guard::Guard;
use crate::plan::Seen;
use crate::policy::Policy;
use crate::policy::unit::{Multiple, Ppm};
use crate::roll::{FeeOf, Roll, RollSearch};
use crate::rule::Rule;
use crate::view::{Short, SleeveView};
use crate::week::Classification;

pub use question::ORDER;
pub use sight::{adverse, captured};

/// A symbol's next dividend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextDividend {
    /// Whose.
    pub symbol: Symbol,
    /// The first day on which a buyer no longer gets it; after today.
    pub ex: Date,
    /// Dollars a share.
    pub amount: Price,
}

/// What a decision about open options looks at besides the sleeve.
#[derive(Clone, Copy, Debug)]
pub struct ManageContext<'a> {
    /// Every number.
    pub policy: &'a Policy,
    /// Quotes and prices.
    pub board: &'a Board,
    /// Sessions.
    pub calendar: &'a Calendar,
    /// The judged week, where there is one; without it the puts' band is not shifted.
    pub week: Option<&'a Classification>,
    /// How far the guard has closed (K-3).
    pub guard: Guard,
    /// Whether a kill switch holds this sleeve (K-6).
    pub killed: bool,
    /// Whether quotes within the session are seen. Daily replay has none and reports X-8 as not exercised (E-3).
    pub intraday: bool,
    /// The next dividend of each symbol, where one is known.
    pub dividends: &'a [NextDividend],
}

/// Why a short option is bought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseReason {
    /// A call that would be exercised for a dividend.
    Dividend,
    /// It costs next to nothing.
    Cheap,
    /// Capital preservation, where no roll is allowed (G-1).
    Preservation,
    /// Nearly all of its premium is captured.
    Profit,
    /// Half of its premium is captured early, after a move in favour.
    ProfitEarly,
    /// The owner never takes shares of this symbol, and no roll is allowed (E-10).
    NeverAssigned,
}

/// What is done about an open short option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing may be sent: a kill switch (K-6), or the guard (K-3).
    Halt,
    /// It cannot be judged: its quote, or its underlying's price, is not at hand.
    NoQuote,
    /// Nothing is asked for.
    Hold,
    /// Watch closely.
    Watch,
    /// Let it expire.
    LetExpire,
    /// The cash stays ready to buy the shares.
    PrepareAssignment,
    /// The shares stay ready to be delivered.
    PrepareDelivery,
    /// No roll is allowed: the put is kept for assignment.
    KeepForAssignment,
    /// Buy it back.
    Close {
        /// Most paid a share: the ask.
        limit: Price,
        /// Why.
        why: CloseReason,
    },
    /// Roll it.
    Roll(Roll),
    /// Propose a roll to a human; replay takes it if it is a credit.
    ProposeRoll(Roll),
}

impl Answer {
    /// Whether a call bought back so is sold again in the same session.
    #[must_use]
    pub const fn sells_again(&self) -> bool {
        matches!(self, Answer::Close { why: CloseReason::Cheap | CloseReason::Profit | CloseReason::ProfitEarly, .. })
    }
}

/// Something worth knowing beside the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A put in the money with so little time value that it may be assigned any night; the cash is there.
    AssignmentAnyNight {
        /// Time value a share at the ask.
        time_value: Price,
        /// What it lies below.
        least: Price,
    },
    /// A call in the money may be exercised for a dividend before the ex-date.
    Dividend {
        /// The ex-date.
        ex: Date,
        /// Dollars a share.
        amount: Price,
        /// Time value a share at the ask; less than the dividend.
        time_value: Price,
        /// Spread and fees a contract of buying it back.
        cost: Option<Money>,
        /// Whether this is the last session before the ex-date.
        last_session: bool,
    },
    /// It would have been bought back, had quotes within the session been seen (X-8, E-3).
    CheapNotExercised,
    /// The average true range is not known, so that and G-1 could not be asked.
    NoRange,
}

/// What was seen and decided about one open short option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Which series.
    pub series: Series,
    /// How many contracts.
    pub contracts: Contracts,
    /// The underlying's price, where known.
    pub price: Option<Price>,
    /// The option's quote, where known.
    pub seen: Option<Seen>,
    /// The average true range that the move is measured by, where known.
    pub atr: Option<Price>,
    /// the adverse move in ATRs, rounded down; negative in favour of a put.
    pub adverse: Option<Multiple>,
    /// Share of the premium captured at the ask, rounded down; negative at a loss.
    pub captured: Option<Ppm>,
    /// Sessions after today up to its expiration, that day included.
    pub sessions_left: i64,
    /// On its expiration day: where it stands.
    pub expiry: Option<ExpiryAnswer>,
    /// What is done.
    pub answer: Answer,
    /// The rule that said so; none for [`Answer::Hold`] and [`Answer::NoQuote`].
    pub decided: Option<Rule>,
    /// Worth knowing.
    pub notes: Vec<Note>,
    /// The rules that were asked, in order.
    pub rules: Vec<Rule>,
    /// What was searched for a roll, if one was asked for.
    pub roll: Option<RollSearch>,
}

/// Decides what is done about `short`, one of the sleeve's open options.
#[must_use]
pub fn review(context: &ManageContext<'_>, view: &SleeveView, short: &Short, fees: FeeOf<'_>) -> Review {
    question::ask(context, view, short, fees)
}

/// Whether the rules may search a roll for `short` today, told without its quote: then the board should hold the chains
/// of [`crate::roll::expirations`].
#[must_use]
pub fn may_roll(context: &ManageContext<'_>, view: &SleeveView, short: &Short) -> bool {
    question::may_roll(context, view, short)
}
