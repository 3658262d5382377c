//! The journal that benches open and write: ten generated years of the shipped policy.

use std::sync::Arc;

use engine::Row;
use market::time::{Calendar, Date};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};

const PREMIUM: &str = include_str!("../../../../policy/premium-model.toml");
/// Ten years of sessions.
const SESSIONS: usize = 2_520;

/// Its rows, of portfolio 1.
pub(crate) fn ten_years(calendar: &Arc<Calendar>, policy: &Policy) -> Vec<Row> {
    let first = calendar.on_or_after(Date::constant(2016, 7, 1)).expect("the calendar holds 2016");
    let history = generate(&Parameters::shipped(), 1, first, SESSIONS, calendar);
    let premium = PremiumModel::parse(PREMIUM, "policy/premium-model.toml").expect("the shipped model is tested");
    let run = Run {
        history: &history,
        policy,
        premium: &premium,
        premium_text: PREMIUM,
        from: Some(first.date()),
        to: None,
        deposit: Money::dollars(300_000),
        script: &[],
        liquidity: &[],
        quotes: None,
    };
    replay(&run, calendar, MemoryStore::default(), |_, _| {}).expect("the run is sound").1.rows
}
