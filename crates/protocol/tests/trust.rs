//! Trust (H-2), its steps enumerated and its bounds as properties; classes of orders (H-1, H-4).

use std::sync::LazyLock;

use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Trade};
use market::time::{Date, Expiration};
use market::value::{Contracts, Money, Price, Shares};
use proptest::prelude::*;
use protocol::policy::unit::Ppm;
use protocol::policy::{Level, Policy};
use protocol::rule::Rule;
use protocol::trust::{Class, Record, is_beyond_the_worst, lowered, score, suggested, trust};

static ALL_USE: LazyLock<Policy> = LazyLock::new(Policy::all_use);

fn policy() -> Policy {
    ALL_USE.clone()
}

fn record(good: usize, bad: usize, weeks: u32) -> Record {
    let mut record = Record::default();
    for n in 0..good + bad {
        record.answer(&policy(), n >= bad);
        record.outcome(&policy(), if n >= bad { Ppm::ONE } else { Ppm::ZERO });
    }
    Record { weeks, ..record }
}

#[test]
fn trust_starts_at_three_tenths_and_is_earned_decision_by_decision() {
    // Agreement and outcomes: (good + (50 − good) × 0.3) / 50; consistency the same over the pairs of both lists.
    for (good, value) in [(0, 300_000), (1, 311_200), (10, 462_400), (26, 731_200), (50, 1_000_000), (80, 1_000_000)] {
        assert_eq!(trust(&policy(), &record(good, 0, 0)).value, Ppm(value), "{good} good ones");
    }
    let bad = trust(&policy(), &record(0, 50, 0));
    assert_eq!((bad.agreement, bad.outcomes, bad.consistency), (Ppm::ZERO, Ppm::ZERO, Ppm::ONE));
    assert_eq!(bad.value, Ppm(200_000), "always wrong is at least steady: 20% of the whole");
}

#[test]
fn an_old_failure_is_forgotten_after_fifty_decisions() {
    assert_eq!(trust(&policy(), &record(50, 7, 0)), trust(&policy(), &record(50, 0, 0)));
    assert!(trust(&policy(), &record(49, 7, 0)).value < Ppm::ONE);
}

#[test]
fn trust_fades_by_two_percent_a_week_until_a_human_answers() {
    let after = |weeks| trust(&policy(), &record(50, 0, weeks)).value;
    assert_eq!([0, 1, 2, 3].map(after), [1_000_000, 980_000, 960_400, 941_192].map(Ppm));
    assert_eq!(after(100_000), Ppm::ZERO);
    let mut answered = record(50, 0, 9);
    answered.answer(&policy(), true);
    assert_eq!(trust(&policy(), &answered).value, Ppm::ONE);
}

#[test]
fn each_step_suggests_its_level_from_the_step_on() {
    use Level::{Automatic as A, ByException as E, Observe as O, Propose as P};
    let values =
        [0, 199_999, 200_000, 399_999, 400_000, 699_999, 700_000, 899_999, 900_000, 949_999, 950_000, 1_000_000];
    let levels = |class| values.map(|v| suggested(&policy(), class, Ppm(v)));
    assert_eq!(levels(Class::Emergency), [O, O, P, P, E, E, A, A, A, A, A, A]);
    for class in [Class::Entry, Class::Adjustment, Class::Roll, Class::Reinvest] {
        assert_eq!(levels(class), [O, O, P, P, P, P, E, E, A, A, A, A], "{class}");
    }
    for class in [Class::Fork, Class::Merge, Class::Parameter] {
        assert_eq!(levels(class), [O, O, P, P, P, P, P, P, E, E, A, A], "{class}");
    }
}

#[test]
fn levels_are_lowered_one_by_one() {
    let down: Vec<_> = Level::ALL.iter().map(|level| lowered(*level)).collect();
    assert_eq!(down, [None, Some(Level::Observe), Some(Level::Propose), Some(Level::ByException)]);
}

#[test]
fn outcomes_lie_between_the_expected_worst_and_the_expectation() {
    let (expected, worst) = (Money::dollars(100), Money::dollars(900));
    for (gain, scored) in [(101, 1_000_000), (100, 1_000_000), (0, 900_000), (-400, 500_000), (-900, 0), (-901, 0)] {
        assert_eq!(score(Money::dollars(gain), expected, worst), Ppm(scored), "{gain}");
    }
    assert_eq!(score(Money::dollars(-1), Money::ZERO, Money::ZERO), Ppm::ZERO);
    assert_eq!(score(Money::ZERO, Money::ZERO, Money::ZERO), Ppm::ONE);
}

#[test]
fn a_loss_lowers_beyond_twice_the_expected_worst_and_not_at_it() {
    let worst = Money::dollars(900);
    let beyond = |cents| is_beyond_the_worst(&policy(), Money::cents(cents), worst);
    assert!(!beyond(-180_000) && beyond(-180_001) && !beyond(180_001));
    assert!(
        !is_beyond_the_worst(&policy(), Money::dollars(-5), Money::ZERO),
        "without an expected worst nothing is beyond it"
    );
}

/// What an order does and the rule that wants it give its class.
#[test]
fn every_order_has_its_class() {
    let series = |right| Series {
        underlying: Symbol::new("TSLA").unwrap(),
        expiration: Expiration(Date::constant(2024, 6, 14)),
        right,
        strike: Price::dollars(180),
    };
    let option = |action, right| Trade::Option { action, series: series(right), contracts: Contracts(1) };
    let roll = Trade::Roll { close: series(Right::Put), open: series(Right::Put), contracts: Contracts(1) };
    let shares = Trade::SellShares { symbol: Symbol::new("TSLA").unwrap(), shares: Shares(100) };
    let back = option(Action::BuyToClose, Right::Put);
    for (trade, rule, class) in [
        (option(Action::SellToOpen, Right::Put), Rule::E5, Class::Entry),
        (option(Action::SellToOpen, Right::Call), Rule::E8, Class::Entry),
        (option(Action::SellToOpen, Right::Put), Rule::R1, Class::Roll),
        (back, Rule::R1, Class::Roll),
        (roll, Rule::X3, Class::Roll),
        (roll, Rule::G1, Class::Roll),
        (back, Rule::X5, Class::Adjustment),
        (back, Rule::X7, Class::Adjustment),
        (back, Rule::G3, Class::Adjustment),
        (shares, Rule::G3, Class::Adjustment),
        (shares, Rule::G1, Class::Adjustment),
        (back, Rule::G1, Class::Emergency),
        (back, Rule::K3, Class::Emergency),
        (back, Rule::J1, Class::Merge),
        (shares, Rule::J1, Class::Merge),
        (option(Action::SellToClose, Right::Call), Rule::Q2, Class::Reinvest),
        (option(Action::BuyToOpen, Right::Call), Rule::Q2, Class::Reinvest),
    ] {
        assert_eq!(Class::of(&policy(), &trade, rule), class, "{trade:?} by {rule}");
    }
    let without = policy().with("rules.off", "[\"H-4\"]").unwrap();
    assert_eq!(Class::of(&without, &back, Rule::G1), Class::Adjustment);
}

#[test]
fn every_class_has_its_key() {
    for class in Class::ALL {
        assert_eq!(Class::from_word(class.word()), Some(class));
        for level in Level::ALL {
            let policy = policy().with(&format!("human.{class}"), &format!("\"{level}\"")).unwrap();
            assert_eq!(class.level(&policy), *level);
            let others = Class::ALL.into_iter().filter(|c| *c != class);
            assert!(others.into_iter().all(|c| c.level(&policy) == Level::Propose));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn trust_stays_between_none_and_all(
        answers in prop::collection::vec(any::<bool>(), 0..70),
        scores in prop::collection::vec(0i64..=1_000_000, 0..70),
        weeks in 0u32..500,
    ) {
        let mut record = Record::default();
        answers.iter().for_each(|a| record.answer(&policy(), *a));
        scores.iter().for_each(|s| record.outcome(&policy(), Ppm(*s)));
        record.weeks = weeks;
        let now = trust(&policy(), &record);
        for part in [now.agreement, now.outcomes, now.consistency, now.value] {
            prop_assert!((Ppm::ZERO..=Ppm::ONE).contains(&part), "{part:?}");
        }
        prop_assert!(record.answers.len() <= 50 && record.scores.len() <= 50);
        let later = trust(&policy(), &Record { weeks: weeks + 1, ..record.clone() });
        prop_assert!(later.value <= now.value, "it never grows by waiting");
        for class in Class::ALL {
            prop_assert!(suggested(&policy(), class, later.value) <= suggested(&policy(), class, now.value));
        }
    }

    /// One more yes never weighs less than one more no, whatever came before.
    #[test]
    fn a_yes_is_worth_more_than_a_no(answers in prop::collection::vec(any::<bool>(), 0..70)) {
        let after = |last: bool| {
            let mut record = Record::default();
            answers.iter().chain([&last]).for_each(|a| record.answer(&policy(), *a));
            trust(&policy(), &record)
        };
        prop_assert!(after(true).agreement > after(false).agreement);
        prop_assert!(after(true).value >= after(false).value);
    }

    #[test]
    fn a_larger_gain_never_scores_less(
        (gain, more) in (-5_000i64..5_000, 0i64..5_000),
        (expected, worst) in (0i64..2_000, 1i64..5_000),
    ) {
        let of = |gain| score(Money::dollars(gain), Money::dollars(expected), Money::dollars(worst));
        prop_assert!(of(gain) <= of(gain + more));
    }
}
