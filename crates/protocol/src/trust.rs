//! Classes of decisions (H-1) and the trust that each has earned (H-2).
//!
//! Trust is a number from 0 to 1 in whole millionths, made of three parts over the last decisions of a class:
//! *agreement* is the share of answers with which a human let the decision stand, *outcomes* is how the decisions
//! turned out against what was expected of them, and *consistency* is how little either jumps from one decision to the
//! next. What has not happened yet counts as the trust at the start, so that nobody is trusted for three good days.
//! Weeks without a human's answer let it fade. It suggests a level; only a human grants one.

use market::order::{Action, Trade};
use market::value::Money;

use crate::policy::unit::{Multiple, Ppm};
use crate::policy::{Level, Policy};
use crate::rule::Rule;

/// A class of decisions, each with a level of its own (H-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// New puts and calls.
    Entry,
    /// Closing and other changes of a position.
    Adjustment,
    /// Rolls of puts and calls.
    Roll,
    /// Splitting off a new structure.
    Fork,
    /// Folding a structure back.
    Merge,
    /// Reinvesting into contracts and LEAPS.
    Reinvest,
    /// Changes of the policy.
    Parameter,
    /// What only reduces risk and cannot wait.
    Emergency,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 8] = [
        Class::Entry,
        Class::Adjustment,
        Class::Roll,
        Class::Fork,
        Class::Merge,
        Class::Reinvest,
        Class::Parameter,
        Class::Emergency,
    ];

    /// The word that a policy has for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Class::Entry => "entry",
            Class::Adjustment => "adjustment",
            Class::Roll => "roll",
            Class::Fork => "fork",
            Class::Merge => "merge",
            Class::Reinvest => "reinvest",
            Class::Parameter => "parameter",
            Class::Emergency => "emergency",
        }
    }

    /// The class that a word names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.word() == word)
    }

    /// The class of an order, by what it does and the rule that wants it. A buy-back that capital preservation asks for
    /// only reduces risk (H-4); without that rule it is an adjustment like any other.
    #[must_use]
    pub fn of(policy: &Policy, trade: &Trade, rule: Rule) -> Class {
        let buys_back = matches!(trade, Trade::Option { action: Action::BuyToClose, .. });
        match (trade, rule) {
            (_, Rule::J1) => Class::Merge,
            (_, Rule::Q2) => Class::Reinvest,
            (Trade::Roll { .. }, _) | (_, Rule::R1) => Class::Roll,
            (Trade::Option { action: Action::SellToOpen, .. }, _) => Class::Entry,
            (_, Rule::G1 | Rule::K3) if buys_back && !policy.is_off(Rule::H4) => Class::Emergency,
            _ => Class::Adjustment,
        }
    }

    /// Who decides it, as the policy says.
    #[must_use]
    pub const fn level(self, policy: &Policy) -> Level {
        let human = &policy.human;
        match self {
            Class::Entry => human.entry,
            Class::Adjustment => human.adjustment,
            Class::Roll => human.roll,
            Class::Fork => human.fork,
            Class::Merge => human.merge,
            Class::Reinvest => human.reinvest,
            Class::Parameter => human.parameter,
            Class::Emergency => human.emergency,
        }
    }

    /// The steps of the policy's scale at which each level above observing is suggested: propose, approve by exception,
    /// automatic. What only reduces risk is let go soonest, what cannot be undone last.
    const fn steps(self) -> [usize; 3] {
        match self {
            Class::Emergency => [0, 1, 2],
            Class::Entry | Class::Adjustment | Class::Roll | Class::Reinvest => [0, 2, 3],
            Class::Fork | Class::Merge | Class::Parameter => [0, 3, 4],
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// What is known of the last decisions of one class, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Of each answer, whether the human let the decision stand as it was.
    pub answers: Vec<bool>,
    /// How each decision whose end is known turned out, from 0 to 1.
    pub scores: Vec<Ppm>,
    /// Whole weeks since a human last answered.
    pub weeks: u32,
}

impl Record {
    /// A human answered.
    pub fn answer(&mut self, policy: &Policy, agreed: bool) {
        self.weeks = 0;
        remember(&mut self.answers, agreed, policy);
    }

    /// A decision came to its end.
    pub fn outcome(&mut self, policy: &Policy, score: Ppm) {
        remember(&mut self.scores, score, policy);
    }
}

/// Keeps the last decisions that trust looks back on.
fn remember<T>(list: &mut Vec<T>, item: T, policy: &Policy) {
    list.push(item);
    let most = policy.human.trust_decisions as usize;
    list.drain(..list.len().saturating_sub(most));
}

/// Trust in one class, with its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Share of answers with which a human let the decision stand.
    pub agreement: Ppm,
    /// How decisions turned out against expectation.
    pub outcomes: Ppm,
    /// How little both jump from one decision to the next.
    pub consistency: Ppm,
    /// Whole weeks without a human's answer.
    pub weeks: u32,
    /// The weighted whole, after it faded.
    pub value: Ppm,
}

/// The trust that `record` has earned; every division rounds down.
#[must_use]
pub fn trust(policy: &Policy, record: &Record) -> Trust {
    let human = &policy.human;
    let agreed: Vec<Ppm> = record.answers.iter().map(|yes| if *yes { Ppm::ONE } else { Ppm::ZERO }).collect();
    let steady = steadiness(&agreed).chain(steadiness(&record.scores)).collect::<Vec<_>>();
    let (agreement, outcomes) = (filled_up(policy, &agreed), filled_up(policy, &record.scores));
    let consistency = filled_up(policy, &steady);
    let parts = [agreement, outcomes, consistency];
    let weighted: i64 = parts.iter().zip(human.trust_weights.0).map(|(part, weight)| part.0 * weight.0).sum();
    let mut value = weighted / Ppm::WHOLE;
    for _ in 0..record.weeks {
        value = human.trust_decay.rest().of_count(value);
        if value == 0 {
            break;
        }
    }
    Trust { agreement, outcomes, consistency, weeks: record.weeks, value: Ppm(value) }
}

/// One less the change from each to the next.
fn steadiness(list: &[Ppm]) -> impl Iterator<Item = Ppm> + '_ {
    list.windows(2).map(|pair| Ppm(Ppm::WHOLE - (pair[1].0 - pair[0].0).abs()))
}

/// The mean of `known`, in which decisions that have not been made yet count as the trust at the start.
fn filled_up(policy: &Policy, known: &[Ppm]) -> Ppm {
    let most = i64::from(policy.human.trust_decisions);
    let n = known.len() as i64;
    let sum: i64 = known.iter().map(|p| p.0).sum();
    let missing = (most - n).max(0);
    Ppm((sum + missing * policy.human.trust_start.0) / (n + missing).max(1))
}

/// The level that trust suggests for a class: the first whose step it does not reach is one too many.
#[must_use]
pub fn suggested(policy: &Policy, class: Class, trust: Ppm) -> Level {
    let steps = class.steps().map(|i| policy.human.trust_levels.0[i]);
    let reached = steps.iter().filter(|step| trust >= **step).count();
    Level::ALL[reached]
}

/// The level below, if there is one.
#[must_use]
pub fn lowered(level: Level) -> Option<Level> {
    Level::ALL.iter().copied().rev().find(|below| *below < level)
}

/// How a gain compares with what was expected: 1 for the expectation or more, 0 for the expected worst or less, between
/// them in proportion, rounded down. `worst` is the expected worst loss, above zero.
#[must_use]
pub fn score(gain: Money, expected: Money, worst: Money) -> Ppm {
    let (above, whole) = ((gain + worst).units(), (expected + worst).units());
    if whole <= 0 {
        return if gain >= expected { Ppm::ONE } else { Ppm::ZERO };
    }
    let share = i128::from(above) * i128::from(Ppm::WHOLE) / i128::from(whole);
    Ppm(i64::try_from(share.clamp(0, i128::from(Ppm::WHOLE))).unwrap_or(0))
}

/// Whether a loss lies beyond the multiple of the expected worst that lowers a level at once; the edge does not.
#[must_use]
pub fn is_beyond_the_worst(policy: &Policy, gain: Money, worst: Money) -> bool {
    let limit: Multiple = policy.human.trust_loss;
    worst.is_positive() && limit.is_exceeded_by(-gain.units(), worst.units())
}
