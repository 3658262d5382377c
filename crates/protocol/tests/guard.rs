//! K-3 as a table: every hundredth of VIX gives one answer, and each answer says what may be sent.

use protocol::guard::{Guard, Intent, guard};
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use protocol::rule::{Rule, RuleSet};

#[test]
fn every_vix_has_one_answer_and_edges_are_mild() {
    let policy = Policy::all_use();
    let edges = [0, 1_500, 5_000, 5_001, 6_500, 6_501, 8_000, 8_001, 100_000].map(|vix| guard(&policy, vix));
    use Guard::{Calm, Defend, Reduce, Stop};
    assert_eq!(edges, [Calm, Calm, Calm, Reduce, Reduce, Defend, Defend, Stop, Stop]);
    // Complete and without overlap: exactly one of the specification's four sentences holds at each hundredth.
    for vix in 0..=12_000 {
        let sentences = [vix <= 5_000, vix > 5_000 && vix <= 6_500, vix > 6_500 && vix <= 8_000, vix > 8_000];
        assert_eq!(sentences.iter().filter(|s| **s).count(), 1, "{vix}");
        assert_eq!(guard(&policy, vix), Guard::ALL[sentences.iter().position(|s| *s).unwrap()], "{vix}");
    }
}

#[test]
fn what_may_be_sent() {
    let row = |g: Guard| Intent::ALL.map(|i| if g.allows(i) { 'x' } else { '.' }).iter().collect::<String>();
    // Buy to close, credit roll, call on held shares | debit roll, new put, LEAPS, sale of shares.
    assert_eq!(Guard::ALL.map(row), ["xxxxxxx", "xxxxxxx", "xxx....", "......."]);
    for pair in Guard::ALL.windows(2) {
        for intent in Intent::ALL {
            assert!(pair[0].allows(intent) || !pair[1].allows(intent), "a worse state never allows more");
        }
    }
}

#[test]
fn new_entries_are_halved_and_then_stop() {
    let policy = Policy::all_use();
    let sizes = Guard::ALL.map(|g| g.sizing(&policy));
    assert_eq!(sizes, [Ppm::ONE, Ppm::percent(50), Ppm::ZERO, Ppm::ZERO]);
    let policy = policy.with("vix.reduce_to", "40").unwrap();
    assert_eq!(Guard::Reduce.sizing(&policy), Ppm::percent(40));
}

#[test]
fn its_keys_move_the_edges_and_its_switch_opens_it() {
    let policy = Policy::all_use().with("vix.reduce", "30").unwrap().with("vix.defend", "40.5").unwrap();
    assert_eq!(
        [3_000, 3_001, 4_050, 4_051].map(|v| guard(&policy, v)),
        [Guard::Calm, Guard::Reduce, Guard::Reduce, Guard::Defend]
    );
    let mut policy = Policy::all_use();
    policy.rules.off = RuleSet::NONE.with(Rule::K3);
    assert_eq!(guard(&policy, 9_000), Guard::Calm);
}
