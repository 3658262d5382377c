//! What would be if the targets were met (V-1, V-2). None of it is a forecast: targets are a belief, and only a
//! simulation on prices (V-3, [`replay`](crate::replay)) says what a market would have paid.
//!
//! [`at_targets`] compounds every sleeve at its target to the ten-thousandth of a dollar, with the very rules that
//! trade (V-1). [`Model`] draws weeks instead, path by path, in floats and without allocation (V-2): a range of paths
//! in, their [`Outcomes`] out. A path's numbers depend on the seed and its own number alone, and distributions on no
//! order, so that any number of threads comes to the same bits.

pub mod draw;
mod history;
mod model;
mod outcome;
mod path;
mod targets;
mod weeks;

use std::fmt;

use ledger::SleeveKind;
use market::value::Money;
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use protocol::rule::Rule;

pub use history::{HistoryError, WeeklyReturns};
pub use model::{Model, Source};
pub use outcome::{Distribution, Horizon, Outcomes, Summary};
pub use targets::{Projection, TargetYear, at_targets};

/// How good a year is: its weekly returns are the targets times a factor of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Better than expected.
    Good,
    /// As expected.
    Expected,
    /// Worse than expected.
    Poor,
}

impl Quality {
    /// Every quality, in the order of the policy's odds.
    pub const ALL: [Quality; 3] = [Quality::Good, Quality::Expected, Quality::Poor];

    /// What it multiplies targets with.
    #[must_use]
    pub const fn factor(self, policy: &Policy) -> Ppm {
        match self {
            Quality::Good => policy.projection.good,
            Quality::Expected => policy.projection.expected,
            Quality::Poor => policy.projection.poor,
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Quality::Good => "good",
            Quality::Expected => "expected",
            Quality::Poor => "poor",
        })
    }
}

/// Why nothing can be projected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectionError {
    /// Nothing is paid in.
    #[error("{0} cannot be projected; expected a deposit of at least a cent for each sleeve, in whole cents")]
    Deposit(Money),
    /// Every frequency of a kind of week is zero.
    #[error("no week of {of} can be drawn: every one of their frequencies is 0 (W-12: `frequency`)")]
    NoWeeks {
        /// Puts, or shares with calls.
        of: &'static str,
    },
    /// The drawn weeks bring nothing on average, so that nothing scales them to a target.
    #[error(
        "the weeks of W-1 to W-11 bring {mean} on average, which no positive factor turns into {kind}'s target of \
         {target} (`reference`, `frequency`, `target`)"
    )]
    NoMean {
        /// Which sleeves.
        kind: SleeveKind,
        /// Average return of a week, in percent.
        mean: String,
        /// The target.
        target: Ppm,
    },
}

/// The policy as a projection has it: before tax, no fork waits for a contract, and nothing is ever withdrawn from Com.
fn projected(policy: &Policy) -> Policy {
    let mut policy = policy.clone();
    (policy.tax.reserve, policy.tax.reserve_retirement) = (Ppm::ZERO, Ppm::ZERO);
    policy.fork.wait_for_contract = false;
    policy.rules.off = policy.rules.off.without(Rule::A6);
    policy
}

/// The deposit in its parts, Gen / Rev / Com.
fn parts(policy: &Policy, deposit: Money) -> Result<[Money; 3], ProjectionError> {
    let refused = || ProjectionError::Deposit(deposit);
    if deposit != deposit.floor_cents() || deposit.units() <= 0 {
        return Err(refused());
    }
    let parts = deposit.split(&policy.deposit.split.weights());
    parts.try_into().map_err(|_| refused())
}
