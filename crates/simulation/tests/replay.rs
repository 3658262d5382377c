//! A replay ends with a sentence where its data ends, not with a panic and not with a made-up price.

use std::sync::Arc;

use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{ReplayError, Run, replay};

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

/// Weeklies are listed from the second Friday on, so that the first week's puts live through a weekly close; Treasury
/// yields end before that close, and with them what could price it.
#[test]
fn a_weekly_close_that_cannot_be_marked_is_refused_by_name() {
    let calendar = Arc::new(Calendar::nyse());
    let first = calendar.on_or_after(Date::constant(2021, 1, 4)).unwrap();
    let policy = Policy::all_use().with("listing.friday_since", "2021-01-15").unwrap();
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let mut refused = 0;
    for seed in 1..=20 {
        let mut history = generate(&Parameters::shipped(), seed, first, 20, &calendar);
        history.rates.retain(|rate| rate.date <= Date::constant(2020, 12, 30));
        let run = Run {
            history: &history,
            policy: &policy,
            premium: &premium,
            premium_text: PREMIUM,
            from: Some(first.date()),
            to: None,
            deposit: Money::dollars(300_000),
            script: &[],
            liquidity: &[],
            quotes: None,
        };
        match replay(&run, &calendar, MemoryStore::default(), |_, _| {}) {
            Ok(_) => {}
            Err(error @ ReplayError::Unpriced { .. }) => {
                let said = error.to_string();
                assert!(said.contains("weekly close of 2021-01-08"), "{said}");
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    println!("{refused} of 20 markets hold an option that cannot be marked");
    assert!(refused > 0);
}
