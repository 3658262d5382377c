//! The policy's tax rules as the books apply them.

use ledger::LotOrder;
use market::quote::Delta;
use protocol::policy::{Lots, Policy, Straddle};
use protocol::rule::Rule;

/// Whose view of the basis is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// The owner's, over all accounts: what is taxed.
    Owner,
    /// A broker's, who reports each account by itself: wash sales of the same security within it, no straddles.
    Broker,
}

/// What decides the tax view, from the policy. A rule that is switched off is told by its absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whose view it is.
    pub view: View,
    /// Which lot leaves first (T-1); first in, first out without the rule, as without an instruction.
    pub lots: LotOrder,
    /// Whether a written option's premium waits for its end (T-2); without the rule it counts when it is received.
    pub premium_waits: bool,
    /// Days before and after a loss, and the delta from which a written put is a purchase (T-3).
    pub wash: Option<(i64, Delta)>,
    /// Whether orders are warned of, and losses to harvest listed (T-4).
    pub warnings: bool,
    /// A call of this term or less is no qualified covered call (T-5): for holding periods, and for dividends.
    pub covered_call_days: u32,
    /// Whether straddles are treated at all (T-5).
    pub straddles: bool,
    /// More days than this, of so many around the ex-date (T-6).
    pub dividend: Option<(i64, i64)>,
    /// Whether options on broad indices are section 1256 contracts (T-7).
    pub index_options: bool,
}

impl Rules {
    /// The standing instruction that is kept at the broker (T-1).
    #[must_use]
    pub const fn instruction(&self) -> &'static str {
        match self.lots {
            LotOrder::HighestCost => "specific identification, highest cost first",
            LotOrder::Fifo => "first in, first out",
        }
    }

    /// The rules of a policy.
    #[must_use]
    pub fn of(policy: &Policy, view: View) -> Rules {
        let (tax, on) = (&policy.tax, |rule| !policy.is_off(rule));
        let owner = view == View::Owner;
        Rules {
            view,
            lots: if on(Rule::T1) && tax.lots == Lots::HighestCost { LotOrder::HighestCost } else { LotOrder::Fifo },
            premium_waits: on(Rule::T2),
            wash: on(Rule::T3).then_some((i64::from(tax.wash_days), tax.wash_put_delta)),
            warnings: on(Rule::T4),
            covered_call_days: tax.covered_call_days,
            straddles: owner && on(Rule::T5) && tax.straddle == Straddle::Conservative,
            dividend: on(Rule::T6).then_some((i64::from(tax.dividend_held), i64::from(tax.dividend_window))),
            index_options: on(Rule::T7),
        }
    }
}
