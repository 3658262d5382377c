//! The eleven position types (W-1 to W-11) and a sleeve's week (W-12).

use std::fmt;

use market::value::Price;

use crate::policy::Policy;
use crate::policy::unit::Ppm;
use crate::rule::Rule;

/// What a position's week was. In the order of W-12: the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PositionType {
    /// W-5: puts in deep drawdown.
    PutDeep,
    /// W-10: calls in recovery mode.
    CallRecovery,
    /// W-9: calls rolled over.
    CallRolled,
    /// W-4: puts assigned over limit.
    PutOverLimit,
    /// W-3: puts rolled over.
    PutRolled,
    /// W-2: puts assigned within limit.
    PutWithinLimit,
    /// W-8: calls, premium only.
    CallPremium,
    /// W-6: calls with appreciation profit.
    CallAppreciation,
    /// W-7: calls with strong appreciation profit.
    CallStrong,
    /// W-1: puts expired worthless.
    PutExpired,
    /// W-11: no position all week.
    Idle,
}

impl PositionType {
    /// Every type, the most severe first (W-12).
    pub const ALL: [PositionType; 11] = [
        PositionType::PutDeep,
        PositionType::CallRecovery,
        PositionType::CallRolled,
        PositionType::PutOverLimit,
        PositionType::PutRolled,
        PositionType::PutWithinLimit,
        PositionType::CallPremium,
        PositionType::CallAppreciation,
        PositionType::CallStrong,
        PositionType::PutExpired,
        PositionType::Idle,
    ];

    /// The types of puts, in the order in which they are asked.
    pub const PUTS: [PositionType; 5] = [
        PositionType::PutDeep,
        PositionType::PutRolled,
        PositionType::PutWithinLimit,
        PositionType::PutOverLimit,
        PositionType::PutExpired,
    ];

    /// The authors' abbreviation.
    #[must_use]
    pub const fn abbreviation(self) -> &'static str {
        match self {
            PositionType::PutDeep => "P-DD",
            PositionType::CallRecovery => "C-REC",
            PositionType::CallRolled => "C-RO",
            PositionType::PutOverLimit => "P-AOL",
            PositionType::PutRolled => "P-RO",
            PositionType::PutWithinLimit => "P-AWL",
            PositionType::CallPremium => "C-PNO",
            PositionType::CallAppreciation => "C-WAP",
            PositionType::CallStrong => "C-WAP+",
            PositionType::PutExpired => "P-EW",
            PositionType::Idle => "W-IDL",
        }
    }

    /// The rule that defines it.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            PositionType::PutExpired => Rule::W1,
            PositionType::PutWithinLimit => Rule::W2,
            PositionType::PutRolled => Rule::W3,
            PositionType::PutOverLimit => Rule::W4,
            PositionType::PutDeep => Rule::W5,
            PositionType::CallAppreciation => Rule::W6,
            PositionType::CallStrong => Rule::W7,
            PositionType::CallPremium => Rule::W8,
            PositionType::CallRolled => Rule::W9,
            PositionType::CallRecovery => Rule::W10,
            PositionType::Idle => Rule::W11,
        }
    }
}

impl fmt::Display for PositionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.abbreviation())
    }
}

/// How a put's week ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PutEnd {
    /// Expired without value.
    Expired,
    /// Assigned.
    Assigned,
    /// Bought back at a gain.
    ClosedAtGain,
    /// Bought back at a loss.
    ClosedAtLoss,
    /// Rolled to another series.
    Rolled,
    /// Still open.
    Open,
}

impl PutEnd {
    /// Every end.
    pub const ALL: [PutEnd; 6] =
        [PutEnd::Expired, PutEnd::Assigned, PutEnd::ClosedAtGain, PutEnd::ClosedAtLoss, PutEnd::Rolled, PutEnd::Open];
}

/// price / reference − 1 in parts per million, rounded toward the milder side for a fall: exact values on a boundary
/// compare as the boundary.
#[must_use]
pub fn move_from(price: Price, reference: Price) -> Ppm {
    let product = i128::from(price.units() - reference.units()) * i128::from(Ppm::WHOLE);
    let whole = i128::from(reference.units().max(1));
    Ppm(i64::try_from(product.div_euclid(whole) + i128::from(product.rem_euclid(whole) != 0)).unwrap_or(i64::MAX))
}

/// Whether `price` lies more than `limit` below `reference` (W-5's edge), exactly.
#[must_use]
pub fn is_below(price: Price, reference: Price, limit: Ppm) -> bool {
    reference > Price::ZERO && limit.is_undercut_by(price.units() - reference.units(), reference.units())
}

/// The type of a put line: the first of W-5, W-3, W-2, W-4, W-1 that matches. `deep` says whether any close of the week
/// stood deep below the strike; `close` is the week's last.
#[must_use]
pub fn put_type(policy: &Policy, end: PutEnd, strike: Price, close: Price, deep: bool) -> PositionType {
    let types = &policy.types;
    let on = |rule: Rule| !policy.is_off(rule);
    if deep && on(Rule::W5) {
        return PositionType::PutDeep;
    }
    let rolled = matches!(end, PutEnd::Rolled | PutEnd::ClosedAtLoss) || (end == PutEnd::Open && close < strike);
    if rolled && on(Rule::W3) {
        return PositionType::PutRolled;
    }
    if end == PutEnd::Assigned {
        let over = is_below(close, strike, types.put_limit);
        if !over && on(Rule::W2) {
            return PositionType::PutWithinLimit;
        }
        if over && on(Rule::W4) {
            return PositionType::PutOverLimit;
        }
    }
    PositionType::PutExpired
}

/// The type of shares with their calls: W-6 to W-10 by the move from the cash basis. `price` is the week's last close
/// or, if the shares were called away, the call's strike.
#[must_use]
pub fn shares_type(policy: &Policy, price: Price, basis: Price) -> PositionType {
    if basis <= Price::ZERO {
        return PositionType::CallStrong;
    }
    let types = &policy.types;
    let (change, whole) = (price.units() - basis.units(), basis.units());
    let on = |rule: Rule| !policy.is_off(rule);
    if types.call_strong.is_exceeded_by(change, whole) && on(Rule::W7) {
        PositionType::CallStrong
    } else if change > 0 && on(Rule::W6) {
        PositionType::CallAppreciation
    } else if types.call_recovery.is_undercut_by(change, whole) && on(Rule::W10) {
        PositionType::CallRecovery
    } else if types.call_roll.is_undercut_by(change, whole) && on(Rule::W9) {
        PositionType::CallRolled
    } else {
        PositionType::CallPremium
    }
}

/// A sleeve's week: its most severe position's type, idle without one (W-12, W-11).
#[must_use]
pub fn sleeve_type(policy: &Policy, positions: &[PositionType]) -> PositionType {
    let severest = if policy.is_off(Rule::W12) { positions.first() } else { positions.iter().min() };
    let idle = if policy.is_off(Rule::W11) { PositionType::PutExpired } else { PositionType::Idle };
    severest.copied().unwrap_or(idle)
}
