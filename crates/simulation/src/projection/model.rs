//! V-2: many paths, each of years good, expected or poor, each of weeks drawn from W-12's types or from a history.

use std::ops::Range;

use ledger::SleeveKind;
use market::value::Money;
use protocol::policy::{AfterGbr4, Policy};
use protocol::position::PositionType;
use protocol::rule::Rule;

use super::draw::{below, key, word};
use super::history::WeeklyReturns;
use super::outcome::{Figures, Outcomes};
use super::path::{Held, Keys, Tree};
use super::weeks::{Holds, TypedWeeks};
use super::{ProjectionError, Quality, parts, projected};

/// Sessions in a projected week: G-2 counts sessions.
const SESSIONS_A_WEEK: u32 = 5;

/// Where weekly returns come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// W-12's types of weeks with the ranges of W-1 to W-11, scaled to the targets, times the year's quality.
    Types,
    /// Weeks of a history, each as likely as any other, as they are.
    History(WeeklyReturns),
}

/// What V-2 draws paths of.
#[derive(Clone, Debug)]
pub struct Model {
    keys: Keys,
    guards: [GuardKeys; 3],
    parts: [f64; 3],
    ruin: f64,
    years: u32,
    weeks_a_year: u32,
    weeks: Weeks,
    /// What each quality multiplies returns with, and the part of all words below which it is drawn.
    qualities: [(u64, f64); 3],
}

#[derive(Clone, Debug)]
enum Weeks {
    Typed(Box<[TypedWeeks; 3]>),
    History(WeeklyReturns),
}

impl Model {
    /// Prepares to project `deposit` over `years`: before tax, no fork waits for a contract, income kept or withdrawn
    /// as the policy says.
    ///
    /// # Errors
    /// [`ProjectionError`] if there is nothing to project or no week to draw.
    pub fn new(policy: &Policy, deposit: Money, years: u32, source: Source) -> Result<Model, ProjectionError> {
        let policy = &projected(policy);
        let parts = parts(policy, deposit)?.map(Money::to_f64);
        let typed = |kind| TypedWeeks::new(policy, kind);
        let [generation, revenue, compounding] = SleeveKind::ALL;
        let (weeks, scaled) = match source {
            Source::History(returns) => (Weeks::History(returns), false),
            Source::Types => (Weeks::Typed(Box::new([typed(generation)?, typed(revenue)?, typed(compounding)?])), true),
        };
        let mut so_far = 0;
        let qualities = std::array::from_fn(|i| {
            so_far += policy.projection.odds.0[i].0 as u64;
            let factor = if scaled { Quality::ALL[i].factor(policy).to_f64() } else { 1.0 };
            (so_far, factor)
        });
        Ok(Model {
            keys: Keys::new(policy),
            guards: SleeveKind::ALL.map(|kind| GuardKeys::new(policy, kind)),
            parts,
            ruin: policy.projection.ruin.of(deposit).to_f64(),
            years,
            weeks_a_year: policy.target.weeks_per_year,
            weeks,
            qualities,
        })
    }

    /// Years that are projected.
    #[must_use]
    pub const fn years(&self) -> u32 {
        self.years
    }

    /// Draws these paths of `seed`. A path is the same whichever range it is drawn in.
    #[must_use]
    pub fn run(&self, seed: u64, paths: Range<u64>) -> Outcomes {
        let mut outcomes = Outcomes::new(self.years);
        let mut tree = Tree::default();
        let (years, weeks) = (key(seed, "projection/years"), key(seed, "projection/weeks"));
        for path in paths {
            self.path(word(years, path), word(weeks, path), &mut tree, &mut outcomes);
        }
        outcomes
    }

    fn path(&self, year_key: u64, week_key: u64, tree: &mut Tree, outcomes: &mut Outcomes) {
        tree.found(self.parts);
        let mut guards = self.guards.map(Guard::new);
        let mut holds = [Holds::Puts; 3];
        let mut whole = Whole { unit: 1.0, peak: 1.0, drawdown: 0.0 };
        let (mut week, mut ruined) = (0, false);
        for year in 0..self.years {
            let factor = self.quality(word(year_key, u64::from(year)));
            for _ in 0..self.weeks_a_year {
                let drawn = self.draw(week_key, week, &mut holds);
                week += 1;
                let rates = drawn.map(|(rate, _)| rate * factor);
                let held = std::array::from_fn(|k| guards[k].close(rates[k], drawn[k].1));
                outcomes.account_weeks += u64::from(2 * tree.counts().0 + 1);
                whole.close(tree.week(rates, held, &self.keys));
                ruined |= tree.equity() < self.ruin;
            }
            outcomes.record(year as usize, self.figures(tree, &whole, ruined));
        }
    }

    fn figures(&self, tree: &Tree, whole: &Whole, ruined: bool) -> Figures {
        let ((kept, paid), (structures, _, merges)) = (tree.incomes(), tree.counts());
        let income = if self.keys.withdraws() { paid } else { kept };
        let (equity, drawdown) = (tree.equity(), whole.drawdown);
        Figures { equity, income, structures, drawdown, merged: merges > 0, ruined }
    }

    fn quality(&self, word: u64) -> f64 {
        let millionth = below(word, 1_000_000);
        let (_, factor) = self.qualities.iter().find(|(limit, _)| millionth < *limit).unwrap_or(&self.qualities[2]);
        *factor
    }

    /// Each kind's return in a week, and whether it was a week of puts in deep drawdown.
    fn draw(&self, key: u64, week: u64, holds: &mut [Holds; 3]) -> [(f64, bool); 3] {
        match &self.weeks {
            Weeks::History(returns) => {
                let row = below(word(key, week), returns.weeks() as u64);
                returns.at(row as usize).map(|rate| (rate, false))
            }
            Weeks::Typed(kinds) => std::array::from_fn(|k| {
                let drawn = kinds[k].draw(holds[k], word(key, 3 * week + k as u64));
                holds[k] = drawn.then;
                (drawn.rate, drawn.kind == PositionType::PutDeep)
            }),
        }
    }
}

/// Unit value of the whole, flows removed.
struct Whole {
    unit: f64,
    peak: f64,
    /// The largest so far.
    drawdown: f64,
}

impl Whole {
    fn close(&mut self, rate: f64) {
        self.unit *= 1.0 + rate;
        self.peak = self.peak.max(self.unit);
        self.drawdown = self.drawdown.max(1.0 - self.unit / self.peak);
    }
}

/// What C-5 asks of one kind of sleeve. All sleeves of a kind have one unit value, so that they are locked together;
/// one that is founded meanwhile is taken to have been there.
#[derive(Clone, Copy, Debug)]
struct GuardKeys {
    /// Share of the mark below which the sleeve is locked (K-2).
    limit: f64,
    /// Share of the mark above which it is released (G-2).
    release: f64,
    /// Whether P-DD begins capital preservation (G-1).
    deep: bool,
    exit_weeks: u32,
    ask_weeks: u32,
    resets: bool,
}

impl GuardKeys {
    fn new(policy: &Policy, kind: SleeveKind) -> GuardKeys {
        let closes = !policy.is_off(Rule::C5);
        let limit = policy.drawdown.of(kind).to_f64();
        GuardKeys {
            limit: if closes && !policy.is_off(Rule::K2) { 1.0 - limit } else { f64::NEG_INFINITY },
            release: 1.0 - policy.gbr4.exit_drawdown.to_f64() * limit,
            deep: closes && !policy.is_off(Rule::G1),
            exit_weeks: policy.gbr4.exit_sessions.div_ceil(SESSIONS_A_WEEK),
            ask_weeks: policy.gbr4.ask_after,
            resets: policy.gbr4.after_26_weeks != AfterGbr4::Wait && !policy.is_off(Rule::G3),
        }
    }
}

/// Drawdown, lock and capital preservation of one kind of sleeve (C-5).
struct Guard {
    keys: GuardKeys,
    unit: f64,
    mark: f64,
    /// Weekly closes since capital preservation began.
    since: Option<u32>,
    locked: bool,
}

impl Guard {
    const fn new(keys: GuardKeys) -> Guard {
        Guard { keys, unit: 1.0, mark: 1.0, since: None, locked: false }
    }

    /// A weekly close. Income comes before it (C-4) and sees the lock of the last one; forks come after it.
    fn close(&mut self, rate: f64, deep: bool) -> Held {
        let locked = self.locked;
        self.unit *= 1.0 + rate;
        self.mark = self.mark.max(self.unit);
        let breach = self.unit < self.keys.limit * self.mark;
        let recovered = self.unit > self.keys.release * self.mark;
        self.since = match self.since {
            None => (breach || (deep && self.keys.deep)).then_some(0),
            Some(weeks) if weeks + 1 >= self.keys.exit_weeks && recovered => None,
            Some(weeks) => Some(weeks + 1),
        };
        self.locked = self.since.is_some() && (self.locked || breach);
        let asked = self.since.is_some_and(|weeks| weeks > 0 && weeks.is_multiple_of(self.keys.ask_weeks));
        if asked && self.keys.resets {
            self.mark = self.unit;
        }
        Held { locked, barred: self.since.is_some() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each weekly close: whether it withholds income (l) and bars forks (b).
    fn told(policy: &Policy, rates: &[f64], deep: &[usize]) -> String {
        let mut guard = Guard::new(GuardKeys::new(policy, SleeveKind::Generation));
        let mut week = |(i, rate): (usize, &f64)| {
            let held = guard.close(*rate, deep.contains(&i));
            format!("{}{}", if held.locked { 'l' } else { '-' }, if held.barred { 'b' } else { '-' })
        };
        rates.iter().enumerate().map(&mut week).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_drawdown_locks_and_half_of_it_releases() {
        let policy = Policy::all_use();
        // 16% down locks Gen (15%); it is released below 7.5%, two closes after the entry at the earliest.
        assert_eq!(told(&policy, &[0.01, -0.16, 0.05, 0.05, 0.02, 0.02], &[]), "-- -b lb l- -- --");
        assert_eq!(told(&policy, &[-0.15, 0.0, 0.0], &[]), "-- -- --", "the limit itself is no breach");
        assert_eq!(told(&policy, &[-0.16, 0.3, 0.0, 0.0], &[]), "-b lb l- --");
        // After 26 weeks the mark restarts, and the next close releases.
        let still: Vec<f64> = std::iter::once(-0.2).chain([0.0; 29]).collect();
        assert_eq!(told(&policy, &still, &[]).matches('b').count(), 27);
        let waits = policy.with("gbr4.after_26_weeks", "wait").unwrap();
        assert_eq!(told(&waits, &still, &[]).matches('b').count(), 30);
    }

    #[test]
    fn a_deep_put_bars_forks_for_two_weeks_and_withholds_no_income() {
        let policy = Policy::all_use();
        assert_eq!(told(&policy, &[0.01; 5], &[1]), "-- -b -b -- --");
        let mut off = policy.clone();
        off.rules.off = off.rules.off.with(Rule::G1);
        assert_eq!(told(&off, &[0.01; 3], &[1]), "-- -- --");
    }
}
