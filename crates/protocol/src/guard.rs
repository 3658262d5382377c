//! The guard against extreme volatility (K-3): what VIX leaves to be sent.

use crate::policy::Policy;
use crate::policy::unit::{Ppm, VixLevel};
use crate::rule::Rule;

/// How far the guard has closed, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guard {
    /// Nothing is held back.
    Calm,
    /// New entries are cut further.
    Reduce,
    /// Only defensive orders are sent.
    Defend,
    /// Working orders are cancelled and nothing is sent without a human.
    Stop,
}

/// What an order does, as far as the guard asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Intent {
    /// Buy a short option back.
    BuyToClose,
    /// Roll a short option for a credit.
    CreditRoll,
    /// Sell calls on shares that the sleeve holds.
    CoverShares,
    /// Roll a short option for a debit.
    DebitRoll,
    /// Sell a new put.
    NewPut,
    /// Buy a long call.
    NewLeaps,
    /// Sell shares (G-3, J-1).
    SellShares,
}

impl Intent {
    /// Every kind, defensive ones first.
    pub const ALL: [Intent; 7] = [
        Intent::BuyToClose,
        Intent::CreditRoll,
        Intent::CoverShares,
        Intent::DebitRoll,
        Intent::NewPut,
        Intent::NewLeaps,
        Intent::SellShares,
    ];

    /// Whether K-3 names it among the defensive ones.
    #[must_use]
    pub const fn is_defensive(self) -> bool {
        matches!(self, Intent::BuyToClose | Intent::CreditRoll | Intent::CoverShares)
    }
}

/// The guard at `vix`, in hundredths of a point: live the present value, in replay the previous close. Edges belong to
/// the milder answer.
#[must_use]
pub fn guard(policy: &Policy, vix: i64) -> Guard {
    let (vix, edge) = (VixLevel(vix), &policy.vix);
    if policy.is_off(Rule::K3) {
        Guard::Calm
    } else if vix > edge.stop {
        Guard::Stop
    } else if vix > edge.defend {
        Guard::Defend
    } else if vix > edge.reduce {
        Guard::Reduce
    } else {
        Guard::Calm
    }
}

impl Guard {
    /// Every state, the mildest first.
    pub const ALL: [Guard; 4] = [Guard::Calm, Guard::Reduce, Guard::Defend, Guard::Stop];

    /// Whether an order that does this may be sent.
    #[must_use]
    pub const fn allows(self, intent: Intent) -> bool {
        match self {
            Guard::Calm | Guard::Reduce => true,
            Guard::Defend => intent.is_defensive(),
            Guard::Stop => false,
        }
    }

    /// Share of the size that the week allows (M-6, M-7) that is left to new entries.
    #[must_use]
    pub fn sizing(self, policy: &Policy) -> Ppm {
        match self {
            Guard::Calm => Ppm::ONE,
            Guard::Reduce => policy.vix.reduce_to,
            Guard::Defend | Guard::Stop => Ppm::ZERO,
        }
    }
}
