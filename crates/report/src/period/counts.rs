//! What was decided, counted.

use std::collections::BTreeMap;

use engine::event::{Body, LockReason};
use market::order::OrderStatus;
use protocol::plan::Verdict;
use protocol::policy::Policy;
use protocol::position::PositionType;
use protocol::rule::Rule;

use super::{Adherence, Count, RuleCount, TypeCount};
use crate::book::{Book, WeekRecord};
use crate::figure::Share;
use crate::{story, words};

pub(super) fn market_weeks(book: &Book<'_>, weeks: &[&WeekRecord]) -> Vec<Count> {
    let mut tally = Tally::of(&["green", "red", "chop", "not judged"]);
    for week in weeks {
        let last = book.events[week.events.clone()].iter().rev().find_map(|event| match &event.body {
            Body::WeekClassified { classification, .. } => Some(classification.class.word()),
            _ => None,
        });
        tally.add(last.unwrap_or("not judged"));
    }
    tally.0
}

pub(super) fn types(book: &Book<'_>, weeks: &[&WeekRecord]) -> Vec<TypeCount> {
    let mut counts = [0u64; PositionType::ALL.len()];
    let mut count = |kind: PositionType| {
        let place = PositionType::ALL.iter().position(|k| *k == kind);
        place.into_iter().for_each(|p| counts[p] += 1);
    };
    for week in weeks {
        for event in &book.events[week.events.clone()] {
            match &event.body {
                Body::PositionTyped(typed) => count(typed.kind),
                Body::SleeveClosed(close) if close.kind == PositionType::Idle => count(PositionType::Idle),
                _ => {}
            }
        }
    }
    let all: u64 = counts.iter().sum();
    let policy = book.policy();
    let middle = |kind| frequency(policy, kind).map_or(0.0, |(low, high)| f64::from(low + high) / 2.0);
    let whole: f64 = PositionType::ALL.into_iter().map(middle).sum();
    let rows = PositionType::ALL.into_iter().zip(counts).map(|(kind, count)| TypeCount {
        kind: kind.to_string(),
        meaning: words::position(kind).to_owned(),
        count,
        share: (all > 0).then(|| Share(count as f64 / all as f64)),
        reference: frequency(policy, kind),
        reference_share: frequency(policy, kind).filter(|_| whole > 0.0).map(|_| Share(middle(kind) / whole)),
    });
    rows.collect()
}

/// Weeks a year in which the authors expect a type of one position (W-12); none for P-AWL and P-AOL.
fn frequency(policy: &Policy, kind: PositionType) -> Option<(u32, u32)> {
    let f = &policy.frequency;
    let span = match kind {
        PositionType::PutExpired => f.p_ew,
        PositionType::PutRolled => f.p_ro,
        PositionType::PutDeep => f.p_dd,
        PositionType::CallAppreciation => f.c_wap,
        PositionType::CallStrong => f.c_wap_plus,
        PositionType::CallPremium => f.c_pno,
        PositionType::CallRolled => f.c_ro,
        PositionType::CallRecovery => f.c_rec,
        PositionType::Idle => f.w_idl,
        PositionType::PutWithinLimit | PositionType::PutOverLimit => return None,
    };
    Some((span.low, span.high))
}

/// Counts by name, in the order in which the names came.
struct Tally(Vec<Count>);

impl Tally {
    fn of(names: &[&str]) -> Self {
        Tally(names.iter().map(|name| Count { name: (*name).to_owned(), count: 0 }).collect())
    }

    fn add(&mut self, name: &str) {
        match self.0.iter_mut().find(|c| c.name == name) {
            Some(found) => found.count += 1,
            None => self.0.push(Count { name: name.to_owned(), count: 1 }),
        }
    }

    /// The most frequent first, equals by name.
    fn ranked(mut self) -> Vec<Count> {
        self.0.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        self.0
    }
}

pub(super) fn adherence(book: &Book<'_>, weeks: &[&WeekRecord]) -> Adherence {
    let mut found = Adherence::default();
    let (mut left, mut untestable, mut refused, mut unfilled) =
        (Tally::of(&[]), Tally::of(&[]), Tally::of(&[]), Tally::of(&[]));
    let mut rules: BTreeMap<Rule, u64> = BTreeMap::new();
    let mut cite = |rule: Rule| *rules.entry(rule).or_default() += 1;
    for event in weeks.iter().flat_map(|w| &book.events[w.events.clone()]) {
        match &event.body {
            Body::Planned(plan) => {
                found.plans += 1;
                for candidate in &plan.candidates {
                    candidate.rules.iter().copied().for_each(&mut cite);
                    candidate.untestable.iter().for_each(|u| untestable.add(words::untestable(*u)));
                    match &candidate.verdict {
                        Verdict::Take { .. } => found.taken += 1,
                        Verdict::Leave(skip) => left.add(words::skip_name(skip)),
                    }
                }
            }
            Body::OrderApproved { .. } => found.approved += 1,
            Body::OrderRefused { refusal, .. } => {
                refused.add(words::refusal_name(refusal));
                cite(Rule::K4);
            }
            Body::Filled { fill, .. } if fill.units > 0 => found.fills += 1,
            Body::Crossed(_) => cite(Rule::K7),
            Body::OrderEnded { status, .. } if *status != OrderStatus::Filled => unfilled.add(words::status(*status)),
            Body::PositionTyped(typed) => cite(typed.kind.rule()),
            Body::Reviewed { review, .. } => story::review::cited(review).into_iter().for_each(&mut cite),
            Body::GuardChanged { .. } => cite(Rule::K3),
            Body::KillSwitch { .. } => cite(Rule::K6),
            Body::Frozen { .. } => cite(Rule::K5),
            Body::LockChanged { why, .. } => cite(match why {
                LockReason::Drawdown => Rule::K2,
                LockReason::DeepPut => Rule::G1,
                LockReason::Recovered | LockReason::Empty => Rule::G2,
                LockReason::Reset | LockReason::Sell => Rule::G3,
            }),
            _ => {}
        }
    }
    (found.left, found.not_testable) = (left.ranked(), untestable.ranked());
    (found.refused, found.unfilled) = (refused.ranked(), unfilled.ranked());
    let counted = rules.into_iter();
    found.rules = counted
        .map(|(rule, count)| RuleCount { rule: rule.id().to_owned(), title: rule.title().to_owned(), count })
        .collect();
    found
}
