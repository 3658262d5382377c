//! Expiration day: what each expiring short option is expected to do.

use market::instrument::{Right, Series};
use market::value::Price;

use crate::policy::Policy;
use crate::policy::unit::TimeOfDay;

/// What is done about an option on its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExpiryAnswer {
    /// Far enough out of the money: let it expire.
    LetExpire,
    /// Near or in the money: the cash stays ready to buy the shares.
    PrepareAssignment,
    /// Far in the money: roll where R-2 allows, else take the shares.
    RollOrAssign,
    /// In deep drawdown: capital preservation (G-1).
    DeepDrawdown,
    /// A call in the money: the shares stay ready to be delivered.
    PrepareDelivery,
}

/// X-6's table: complete and without overlap; an exact edge belongs to the milder side.
#[must_use]
pub fn answer(policy: &Policy, series: &Series, price: Price) -> ExpiryAnswer {
    let strike = series.strike;
    if series.right == Right::Call {
        return if price > strike { ExpiryAnswer::PrepareDelivery } else { ExpiryAnswer::LetExpire };
    }
    let (change, whole) = (price.units() - strike.units(), strike.units().max(1));
    if policy.exit.expire_above.is_exceeded_by(change, whole) {
        ExpiryAnswer::LetExpire
    } else if policy.types.put_deep.is_undercut_by(change, whole) {
        ExpiryAnswer::DeepDrawdown
    } else if policy.exit.roll_below.is_undercut_by(change, whole) {
        ExpiryAnswer::RollOrAssign
    } else {
        ExpiryAnswer::PrepareAssignment
    }
}

/// Whether the OCC exercises it by itself: in the money by `exit.exercise_from` at the official close.
#[must_use]
pub fn is_exercised(policy: &Policy, right: Right, strike: Price, close: Price) -> bool {
    let from = policy.exit.exercise_from;
    match right {
        Right::Put => strike - close >= from,
        Right::Call => close - strike >= from,
    }
}

/// When an option is looked at on its last day, live. Replay looks once, at the close (E-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastDay {
    /// First look.
    pub first: TimeOfDay,
    /// Second look.
    pub second: TimeOfDay,
    /// Rolls are done before this.
    pub roll_before: TimeOfDay,
}

/// The times of X-6, earlier by `exit.early_close` where trading ends early.
#[must_use]
pub fn last_day(policy: &Policy, early_close: bool) -> LastDay {
    let exit = &policy.exit;
    let by = if early_close { u16::try_from(exit.early_close).unwrap_or(u16::MAX) } else { 0 };
    let at = |time: TimeOfDay| TimeOfDay(time.0.saturating_sub(by));
    LastDay { first: at(exit.first_check), second: at(exit.second_check), roll_before: at(exit.roll_before) }
}
