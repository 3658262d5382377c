//! Projections: V-1 against compound interest worked out by hand, V-2's bits, and what the rules are worth in both.

use market::value::Money;
use proptest::prelude::*;
use protocol::policy::Policy;
use protocol::rule::Rule;
use simulation::projection::{
    Distribution, Horizon, Model, Outcomes, ProjectionError, Quality, Source, Summary, WeeklyReturns, at_targets,
};

fn set(base: Policy, keys: &[(&str, &str)]) -> Policy {
    keys.iter().fold(base, |policy, (key, value)| policy.with(key, value).unwrap())
}

fn without(rule: Rule) -> Policy {
    let mut policy = Policy::all_use();
    policy.rules.off = policy.rules.off.with(rule);
    policy
}

/// `dollars` compounded `weeks` times at `rate` ten-thousandths, rounded down to the ten-thousandth each week.
fn compounded(dollars: i64, rate: i64, weeks: u32) -> Money {
    (0..weeks).fold(Money::dollars(dollars), |m, _| m + Money::from_units(m.units() * rate / 10_000))
}

#[test]
fn sleeves_compound_to_the_ten_thousandth() {
    // Without forks $300,000 are three sums at interest: 120,000 at 1.5%, 90,000 at 1%, 90,000 at 0.5% a week.
    let projected = at_targets(&without(Rule::F1), Money::dollars(300_000), 2, Quality::Expected).unwrap();
    for (year, weeks) in [(0, 0), (1, 52), (2, 104)] {
        let expected = [(120_000, 150), (90_000, 100), (90_000, 50)].map(|(m, rate)| compounded(m, rate, weeks));
        assert_eq!(projected.years[year].equity, expected);
    }
    let last = projected.last();
    assert_eq!((last.structures, last.forks, last.merges, projected.first_fork), (1, 0, 0, None));
    // The authors' annual figures: 117%, 68%, 30%.
    let growth = projected.years[1]
        .equity
        .map(|m| m.to_f64())
        .iter()
        .zip([120_000.0, 90_000.0, 90_000.0])
        .map(|(m, start)| (100.0 * (m / start - 1.0)).round())
        .collect::<Vec<_>>();
    assert_eq!(growth, [117.0, 68.0, 30.0]);
    let poor = at_targets(&without(Rule::F1), Money::dollars(300_000), 1, Quality::Poor).unwrap();
    assert_eq!(poor.last().equity, [(120_000, 120), (90_000, 80), (90_000, 40)].map(|(m, r)| compounded(m, r, 52)));
}

#[test]
fn the_first_fork_comes_when_the_surplus_does_and_moves_half() {
    // 120,000 × 1.015^w reaches 170,000 in week 24: 1.015^23 = 1.4084, 1.015^24 = 1.4295.
    let projected = at_targets(&Policy::all_use(), Money::dollars(300_000), 1, Quality::Expected).unwrap();
    assert_eq!(projected.first_fork, Some(24));
    let forks =
        |policy: &Policy| at_targets(policy, Money::dollars(300_000), 1, Quality::Expected).unwrap().last().forks;
    // By hand: with the base raised each fork needs $50,000 more, without it $25,000 more.
    let by_hand = |rebase: bool| {
        let (mut equity, mut base, mut forks) = (120_000.0_f64, 120_000.0, 0);
        for _ in 0..52 {
            equity *= 1.015;
            if equity - base >= 50_000.0 {
                let surplus = equity - base;
                equity -= surplus / 2.0;
                base += if rebase { surplus / 2.0 } else { 0.0 };
                forks += 1;
            }
        }
        forks
    };
    assert_eq!((forks(&Policy::all_use()), forks(&Policy::as_written())), (by_hand(true), by_hand(false)));
    assert_eq!((by_hand(true), by_hand(false)), (2, 3));
}

#[test]
fn a_projection_is_before_tax_and_waits_for_no_contract() {
    let project = |policy: &Policy| at_targets(policy, Money::dollars(300_000), 3, Quality::Good).unwrap();
    let policy = Policy::all_use();
    let other = set(policy.clone(), &[("tax.reserve", "0"), ("fork.wait_for_contract", "false")]);
    assert_eq!(project(&policy), project(&other));
    assert!(project(&policy).last().forks > 3);
}

#[test]
fn merges_come_within_ten_years_only_with_a_raised_base() {
    for quality in Quality::ALL {
        let first = |rebase: &str| {
            let policy = set(Policy::all_use(), &[("fork.rebase", rebase)]);
            at_targets(&policy, Money::dollars(300_000), 10, quality).unwrap().first_merge
        };
        assert_eq!(first("false"), None, "{quality}");
        assert!(first("true").is_some(), "{quality}");
    }
}

#[test]
fn income_is_kept_or_paid_and_kept_income_grows_the_tree() {
    let project = |keys: &[(&str, &str)]| {
        at_targets(&set(Policy::all_use(), keys), Money::dollars(300_000), 5, Quality::Expected).unwrap()
    };
    let (kept, paid) = (project(&[]), project(&[("income.policy", "withdraw")]));
    assert_eq!((kept.last().paid, paid.last().income), (Money::ZERO, Money::ZERO));
    assert!(kept.last().income.is_positive() && paid.last().paid.is_positive());
    assert!(paid.last().total() < kept.last().total() && paid.last().forks < kept.last().forks);
    let off = at_targets(&without(Rule::I1), Money::dollars(300_000), 5, Quality::Expected).unwrap();
    assert_eq!(off.last().income, Money::ZERO);
}

fn typed(policy: &Policy, years: u32) -> Model {
    Model::new(policy, Money::dollars(300_000), years, Source::Types).unwrap()
}

fn joined(model: &Model, seed: u64, cuts: &[u64]) -> Outcomes {
    let ranges: Vec<_> = cuts.windows(2).map(|w| w[0]..w[1]).collect();
    let mut whole = model.run(seed, 0..0);
    ranges.into_iter().rev().for_each(|range| whole.join(&model.run(seed, range)));
    whole
}

#[test]
fn paths_have_the_same_bits_in_any_ranges() {
    let model = typed(&Policy::all_use(), 4);
    let whole = model.run(7, 0..97);
    for cuts in [&[0, 97][..], &[0, 1, 97], &[0, 33, 34, 60, 97]] {
        let other = joined(&model, 7, cuts);
        assert_eq!((other.summary(), other.account_weeks), (whole.summary(), whole.account_weeks), "{cuts:?}");
    }
    assert!(model.run(8, 0..97).summary() != whole.summary(), "another seed, other paths");
}

/// The figures themselves, which must be the same on every machine and under every optimisation.
#[test]
fn a_projection_is_the_same_everywhere() {
    let end = typed(&Policy::all_use(), 5).run(1, 0..500).summary().horizons[4];
    let told = format!(
        "{:.2} {:.2} {:.2} {:.2} {} {:.6}",
        end.equity.p5, end.equity.p50, end.equity.mean, end.income.p50, end.structures.p50, end.drawdown.p95
    );
    assert_eq!(told, "4506377.97 5908967.72 5882290.14 2521706.78 55 0.000662");
}

#[test]
fn drawn_years_keep_their_odds_and_their_middle_stays_near_the_targets() {
    let none = set(without(Rule::F1), &[("projection.odds", "0/100/0")]);
    let end = typed(&none, 1).run(1, 0..4_000).summary().horizons[0];
    let exact = at_targets(&none, Money::dollars(300_000), 1, Quality::Expected).unwrap().last().total().to_f64();
    assert!((end.equity.mean / exact - 1.0).abs() < 0.01, "{} against {exact}", end.equity.mean);
    let by = |odds: &str| {
        let policy = set(without(Rule::F1), &[("projection.odds", odds)]);
        typed(&policy, 1).run(1, 0..1_000).summary().horizons[0].equity.mean
    };
    let [good, expected, poor] = [by("100/0/0"), by("0/100/0"), by("0/0/100")];
    assert!(good > expected && expected > poor);
    let mixed = 0.6 * good + 0.3 * expected + 0.1 * poor;
    assert!((by("60/30/10") / mixed - 1.0).abs() < 0.01, "{} against {mixed}", by("60/30/10"));
}

#[test]
fn a_history_is_drawn_as_it_is() {
    let of = |table: &str| {
        let returns = WeeklyReturns::parse("h.csv", table).unwrap();
        let model = Model::new(&without(Rule::F1), Money::dollars(300_000), 1, Source::History(returns)).unwrap();
        model.run(3, 0..500).summary().horizons[0]
    };
    let flat = of("gen,rev,com\n0.01,0.0,-0.001");
    let exact =
        120_000.0 * (0..52).fold(1.0, |m, _| m * 1.01) + 90_000.0 + 90_000.0 * (0..52).fold(1.0, |m, _| m * 0.999);
    for equity in [flat.equity.p5, flat.equity.p95, flat.equity.mean] {
        assert!((equity / exact - 1.0).abs() < 1e-12, "{equity} against {exact}");
    }
    assert_eq!((flat.ruin, flat.structures.p95, flat.merged), (0.0, 1.0, 0.0));
    let falling = of("gen,rev,com\n-0.05,-0.05,-0.05");
    assert!((falling.drawdown.p5 - (1.0 - (0..52).fold(1.0, |m, _| m * 0.95))).abs() < 1e-12);
    assert_eq!((falling.ruin, falling.income.p95), (1.0, 0.0));
    let mixed = of("gen,rev,com\n0.05,0.05,0.05\n-0.05,-0.05,-0.05");
    assert!(0.0 < mixed.ruin && mixed.ruin < 1.0 && mixed.equity.p5 < mixed.equity.p50);
}

#[test]
fn a_deposit_that_cannot_be_split_is_refused() {
    for deposit in [Money::ZERO, Money::dollars(-1), Money::from_units(10_001)] {
        let refused = Err(ProjectionError::Deposit(deposit));
        assert_eq!(at_targets(&Policy::all_use(), deposit, 1, Quality::Good), refused);
        let model = Model::new(&Policy::all_use(), deposit, 1, Source::Types);
        assert_eq!(model.map(|_| ()), Err(ProjectionError::Deposit(deposit)));
    }
}

fn rising(summary: &Summary) -> bool {
    let sorted = |d: Distribution| d.p5 <= d.p25 && d.p25 <= d.p50 && d.p50 <= d.p75 && d.p75 <= d.p95;
    let horizon = |h: &Horizon| {
        [h.equity, h.income, h.structures, h.drawdown].into_iter().all(sorted)
            && h.structures.p5 >= 1.0
            && (0.0..1.0).contains(&h.drawdown.p95)
            && (0.0..=1.0).contains(&h.ruin)
    };
    summary.horizons.iter().all(horizon)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Whatever is drawn, percentiles rise, something is always open, and what never falls never does.
    #[test]
    fn summaries_are_sound(seed: u64, deposit in 1_000i64..2_000_000, rebase: bool, withdraw: bool) {
        let policy = set(Policy::all_use(), &[
            ("fork.rebase", if rebase { "true" } else { "false" }),
            ("income.policy", if withdraw { "withdraw" } else { "keep" }),
        ]);
        let model = Model::new(&policy, Money::dollars(deposit), 4, Source::Types).unwrap();
        let summary = model.run(seed, 0..40).summary();
        prop_assert!(rising(&summary));
        for pair in summary.horizons.windows(2) {
            prop_assert!(pair[0].drawdown.mean <= pair[1].drawdown.mean && pair[0].merged <= pair[1].merged);
            prop_assert!(pair[0].ruin <= pair[1].ruin && (!withdraw || pair[0].income.mean <= pair[1].income.mean));
        }
    }
}
