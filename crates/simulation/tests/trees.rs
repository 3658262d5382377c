//! Trees of structures over generated markets: forks, nested forks, merges, LEAPS and rolls in numbers, every journal
//! audited.

use std::sync::Arc;

use engine::event::Body;
use market::order::{Action, Trade};
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};

const PREMIUM: &str = include_str!("../../../policy/premium-model.toml");

/// Small thresholds, so that five years hold forks, nested forks, merges, LEAPS and rolls in numbers; each journal must
/// pass the audit, which counts every dollar by a second route.
#[test]
fn trees_that_grow_and_fold_pass_the_audit() {
    let calendar = Arc::new(Calendar::nyse());
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").unwrap();
    let first = calendar.on_or_after(Date::constant(2019, 1, 2)).unwrap();
    let small = |policy: Policy| -> Policy {
        let keys = [
            ("fork.surplus", "8000"),
            ("fork.wait_for_contract", "false"),
            ("fork.keep", "0"),
            ("merge.size", "110000"),
            ("reinvest.split", "\"50 / 50\""),
        ];
        keys.iter().fold(policy, |policy, (key, value)| policy.with(key, value).unwrap())
    };
    let (mut forks, mut nested, mut merges, mut moved, mut leaps, mut rolls, mut sales) = (0, 0, 0, 0, 0, 0, 0);
    for seed in 13..=24u64 {
        let history = generate(&Parameters::shipped(), seed, first, 1_100, &calendar);
        let policy = match seed % 4 {
            0 => small(Policy::as_written()),
            1 => small(Policy::all_use().with("income.policy", "\"withdraw\"").unwrap()),
            2 => small(Policy::all_use().with("rules.off", "[\"R-1\"]").unwrap()),
            _ => small(Policy::all_use()),
        };
        let run = Run {
            history: &history,
            policy: &policy,
            premium: &premium,
            premium_text: PREMIUM,
            from: None,
            to: None,
            deposit: Money::dollars(1_000_000 + 4_000_000 * (seed as i64 % 5)),
            script: &[],
            liquidity: &[],
            quotes: None,
        };
        let (_, store) = replay(&run, &calendar, MemoryStore::default(), |_, _| {}).unwrap();
        let (events, _) = engine::journal::read(1, &store.rows).unwrap();
        report::check(&events, &calendar).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        let mut parents = std::collections::BTreeMap::new();
        for event in &events {
            if let Body::Filled { trade, settles, .. } = &event.body {
                // shares settled on the second day from 2017-09-05 to 2024-05-27, options on the first.
                let shares = matches!(trade, Trade::SellShares { .. });
                sales += usize::from(shares);
                let day = engine::state::trade_date(event.at);
                assert_eq!(*settles, calendar.settles(day, if shares { 2 } else { 1 }), "seed {seed}: {trade:?}");
            }
            match &event.body {
                Body::Forked { from, structure, .. } => {
                    forks += 1;
                    nested += usize::from(from.structure.0 != 1);
                    parents.insert(*structure, from.structure);
                }
                Body::Merged { structure, into, .. } => {
                    merges += 1;
                    for up in parents.values_mut().filter(|up| **up == *structure) {
                        *up = into.structure;
                        moved += 1;
                    }
                }
                Body::Filled { trade: Trade::Option { action: Action::BuyToOpen, .. }, .. } => leaps += 1,
                Body::Filled { trade: Trade::Roll { .. }, .. } => rolls += 1,
                _ => {}
            }
        }
    }
    println!(
        "{forks} forks, {nested} of them nested, {merges} merges, {moved} children moved up, {leaps} LEAPS, {rolls} \
         rolls, {sales} sales of shares"
    );
    assert!([forks, nested, merges, leaps, rolls, sales].iter().all(|n| *n > 0));
}
