//! What people are asked, what they answer, and what they may do on their own (H, M-5).

use std::fmt;

use jiff::Timestamp;
use ledger::{SleeveId, StructureId};
use market::instrument::{Series, Symbol};
use market::order::{Action, Order, Trade};
use market::quote::Delta;
use market::time::Week;
use market::value::{Contracts, Money, Price};
use protocol::growth::Division;
use protocol::income::Reinvested;
use protocol::plan::{Seen, Skip};
use protocol::policy::{Level, WeekClass};
use protocol::rule::Rule;
use protocol::trust::Class;

/// BLAKE3 over a content's bytes: what an approval is bound to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// What a rule wants to be traded: everything that an order says, but its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// For which sleeve.
    pub sleeve: SleeveId,
    /// What.
    pub trade: Trade,
    /// The worst price accepted.
    pub limit: Price,
    /// The rule.
    pub rule: Rule,
    /// |delta| of what is sold, where known.
    pub delta: Option<Delta>,
}

impl Wanted {
    /// Whether `order` is this, or a part of it.
    #[must_use]
    pub fn holds(&self, sleeve: SleeveId, order: &Order) -> bool {
        self.sleeve == sleeve && self.limit == order.limit && self.trade.of(order.trade.units()) == order.trade
    }

    /// Whether it is a part of `other`, or the other way round.
    #[must_use]
    pub fn same_as(&self, other: &Wanted) -> bool {
        let line = |w: &Wanted| (w.sleeve, w.rule, w.limit, w.trade.of(1));
        line(self) == line(other)
    }

    /// What two decisions must not both be about: the option that an order closes, else the underlying that it opens
    /// something in.
    #[must_use]
    pub fn subject(sleeve: SleeveId, trade: &Trade) -> (SleeveId, Symbol, Option<Series>) {
        let closes = match trade {
            Trade::Option { action: Action::BuyToClose | Action::SellToClose, series, .. }
            | Trade::Roll { close: series, .. } => Some(*series),
            _ => None,
        };
        (sleeve, trade.underlying(), closes)
    }

    /// The options that it is about.
    pub fn series(&self) -> impl Iterator<Item = Series> {
        let (first, second) = match self.trade {
            Trade::Option { series, .. } => (Some(series), None),
            Trade::Roll { close, open, .. } => (Some(close), Some(open)),
            Trade::SellShares { .. } => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Whether it is the sale of a roll in two orders, which waits for the buy-back's fill.
    #[must_use]
    pub fn is_second_side(&self) -> bool {
        self.rule == Rule::R1 && self.trade.writes().is_some()
    }
}

/// What would be done: complete, so that whoever says yes knows to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Orders with their limits.
    Orders(Vec<Wanted>),
    /// A Gen sleeve founds a structure (F-2).
    Fork {
        /// The Gen sleeve.
        from: SleeveId,
        /// What moves and what stays.
        division: Division,
        /// The sleeve's base from then on.
        base: Money,
    },
    /// A structure begins to merge; what it then trades and moves belongs to it (J-1).
    Merge {
        /// Which.
        structure: StructureId,
        /// What its own sleeves total.
        total: Money,
    },
    /// A quarter's profit is reinvested.
    Reinvest {
        /// The sleeve.
        sleeve: SleeveId,
        /// How it is divided.
        reinvested: Reinvested,
        /// What of the LEAPS' part is set aside.
        set_aside: Money,
    },
}

impl Content {
    /// Each sleeve and underlying that orders of it are about.
    pub fn lines(&self) -> impl Iterator<Item = (SleeveId, Symbol)> {
        self.orders().iter().map(|w| (w.sleeve, w.trade.underlying()))
    }

    /// Its orders.
    #[must_use]
    pub fn orders(&self) -> &[Wanted] {
        match self {
            Content::Orders(wanted) => wanted,
            _ => &[],
        }
    }

    /// The structure, and the sleeve of it, that a fork, merge or reinvestment is about.
    #[must_use]
    pub fn about(&self) -> Option<(StructureId, Option<SleeveId>)> {
        match self {
            Content::Orders(_) => None,
            Content::Merge { structure, .. } => Some((*structure, None)),
            Content::Fork { from: sleeve, .. } | Content::Reinvest { sleeve, .. } => {
                Some((sleeve.structure, Some(*sleeve)))
            }
        }
    }

    /// The sleeve it is about, if it is about one alone.
    #[must_use]
    pub fn sleeve(&self) -> Option<SleeveId> {
        match self {
            Content::Orders(wanted) => {
                wanted.first().map(|w| w.sleeve).filter(|s| wanted.iter().all(|w| w.sleeve == *s))
            }
            Content::Fork { from, .. } => Some(*from),
            Content::Reinvest { sleeve, .. } => Some(*sleeve),
            Content::Merge { .. } => None,
        }
    }
}

/// What could be done instead, with the figures that are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alternative {
    /// Another candidate of the same plan.
    Candidate {
        /// What was seen of it.
        seen: Seen,
        /// Why the plan left it.
        skip: Skip,
        /// What one contract would bring at the bid, if it expires worthless.
        brings: Money,
    },
    /// The option stays as it is.
    Hold {
        /// What it would cost if it expired at this price of the underlying.
        costs: Money,
    },
    /// The option is bought back.
    Close {
        /// What that costs at the ask.
        costs: Money,
    },
    /// The shares are taken, or given.
    Assignment {
        /// What is paid for them, or received.
        strike: Money,
        /// What they are worth at this price.
        worth: Money,
    },
    /// The option is rolled.
    Roll {
        /// To which series.
        to: Series,
        /// What it brings after fees; negative for a debit.
        net: Money,
    },
}

/// A decision that waits for a human's word (H-3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its number; rises by one from 1.
    pub id: u64,
    /// The class of decision.
    pub class: Class,
    /// Propose, or approve by exception.
    pub level: Level,
    /// What would be done.
    pub content: Content,
    /// What an approval must name.
    pub digest: Digest,
    /// The rules that led to it.
    pub rules: Vec<Rule>,
    /// The event that holds its evidence, from 1: a plan or a review.
    pub evidence: Option<u64>,
    /// What could be done instead.
    pub alternatives: Vec<Alternative>,
    /// When silence answers.
    pub expires: Timestamp,
    /// The proposal that it amends.
    pub parent: Option<u64>,
}

/// What a human says to a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Yes, as it is.
    Approve,
    /// No.
    Reject,
    /// Yes, with this instead.
    Amend(Content),
}

/// How a proposal was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// A human said yes.
    Approved,
    /// A human said no.
    Rejected,
    /// A human said yes to something else.
    Amended {
        /// The proposal that takes its place.
        by: u64,
    },
    /// Nobody said no in time, at approve by exception.
    SilentYes,
    /// Nobody said yes in time.
    SilentNo,
}

impl Reply {
    /// Whether what was proposed is done.
    #[must_use]
    pub const fn is_yes(self) -> bool {
        matches!(self, Reply::Approved | Reply::SilentYes)
    }

    /// Whether a human gave it.
    #[must_use]
    pub const fn is_human(self) -> bool {
        !matches!(self, Reply::SilentYes | Reply::SilentNo)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Approved => f.write_str("approved"),
            Reply::Rejected => f.write_str("rejected"),
            Reply::Amended { by } => write!(f, "amended into proposal {by}"),
            Reply::SilentYes => f.write_str("approved by silence"),
            Reply::SilentNo => f.write_str("refused by silence"),
        }
    }
}

/// What a human tried to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Say yes to a proposal.
    Approve {
        /// Which.
        proposal: u64,
    },
    /// Say no to it.
    Reject {
        /// Which.
        proposal: u64,
    },
    /// Change it.
    Amend {
        /// Which.
        proposal: u64,
    },
    /// Judge the week otherwise than the rules (M-5).
    Override {
        /// The class that it should have.
        class: WeekClass,
    },
    /// Grant a class of decisions a level (H-2).
    Grant {
        /// The class of decisions.
        class: Class,
        /// The level.
        level: Level,
    },
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Approve { proposal } => write!(f, "approve proposal {proposal}"),
            Act::Reject { proposal } => write!(f, "reject proposal {proposal}"),
            Act::Amend { proposal } => write!(f, "amend proposal {proposal}"),
            Act::Override { class } => write!(f, "override the week as {class}"),
            Act::Grant { class, level } => write!(f, "grant {class} the level {level}"),
        }
    }
}

/// Why a human's act changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum NoAct {
    /// Nobody stands behind it.
    #[error("it names nobody; expected a human's name")]
    Unnamed,
    /// It gives no reason.
    #[error("it gives no reason")]
    NoReason,
    /// There never was such a proposal.
    #[error("there is no such proposal")]
    Unknown,
    /// The proposal holds something else than what was approved.
    #[error("it names content {named}, but the proposal holds {held}")]
    OtherContent {
        /// The digest that was named.
        named: Digest,
        /// The proposal's.
        held: Digest,
    },
    /// The proposal was answered before.
    #[error("the proposal was {0} before")]
    Answered(Reply),
    /// Only orders can be amended.
    #[error("its figures follow from the books; only orders can be amended")]
    NotAmendable,
    /// The amendment is empty, or of another sleeve, rule or class.
    #[error("an amendment holds orders of the same sleeves and rules as the proposal, with a quantity above zero")]
    OtherOrders,
    /// The week's first entries are planned.
    #[error("the entries of {week} are planned; expected it before the week's first window")]
    TooLate {
        /// The week.
        week: Week,
    },
    /// The rule that allows it is switched off.
    #[error("{0} is switched off")]
    RuleOff(Rule),
    /// The run decides everything by itself.
    #[error("this run decides by itself")]
    DecidesAlone,
    /// It is so already.
    #[error("it is so already")]
    AlreadySo,
}

/// Why something that was approved is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Undone {
    /// The books no longer give what was approved.
    #[error("the books have changed since it was proposed")]
    Changed,
    /// The session ended before a price was seen.
    #[error("the session ended before its orders could be sent")]
    SessionOver,
}

/// Why the level of a class changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelWhy {
    /// A human granted it.
    Granted {
        /// Who.
        who: String,
    },
    /// A loss beyond the multiple of the expected worst.
    Loss {
        /// The gain, negative.
        gain: Money,
        /// The worst that was expected, as a loss.
        worst: Money,
    },
    /// A human refused what then would have lost.
    Override {
        /// What it would have gained, negative.
        gain: Money,
    },
}

/// How a decision to write a put turned out, held to its expiration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The class of decision.
    pub class: Class,
    /// The sleeve.
    pub sleeve: SleeveId,
    /// The put.
    pub series: Series,
    /// How many.
    pub contracts: Contracts,
    /// Whether it was written; else a human refused it.
    pub taken: bool,
    /// Premium at the limit, less what the close lies below the strike.
    pub gain: Money,
    /// The premium at the limit: what it brings if it expires worthless.
    pub expected: Money,
    /// The worst that was expected, as a loss: an assignment at the limit of W-2.
    pub worst: Money,
}
