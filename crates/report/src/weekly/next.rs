//! Locks, and what comes next.

use engine::state::State;
use market::time::{TradingDay, Week};
use market::value::Contracts;

use crate::story::Line;
use crate::words;

pub(super) fn locks(state: &State, lines: &[Line]) -> Vec<String> {
    let changed = lines.iter().filter(|l| l.text.contains("locked for new puts")).map(ToString::to_string);
    let held = state.sleeves.iter().filter_map(|s| {
        let lock = s.lock?;
        let weeks = words::plural(i64::from(lock.weeks), "week", "weeks");
        let (name, since) = (words::sleeve(s.id), lock.since);
        Some(format!("{name} is locked for new puts since {since} ({} {weeks}) [K-2]", lock.weeks))
    });
    changed.chain(held).collect()
}

/// What comes next: open options by expiration, shares without a call, sleeves without an entry.
pub(super) fn next(state: &State, week: Week) -> Vec<String> {
    let mut next = Vec::new();
    let after = state.calendar.week_after(week);
    let days: &[TradingDay] = state.calendar.sessions(after);
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        next.push(format!("{after} has {} sessions, {first} to {last}; it is judged on {first} (M-4)", days.len()));
    }
    for sleeve in &state.sleeves {
        let name = words::sleeve(sleeve.id);
        let mut open: Vec<ledger::view::Short> = state.ledger.shorts(sleeve.id).collect();
        open.sort_by_key(|s| (s.series.expiration, s.series));
        for short in open {
            let expiration = short.series.expiration;
            next.push(format!(
                "{name}: {} end on {expiration} (X-6)",
                words::lots_today(short.contracts, &short.series)
            ));
        }
        for (symbol, _) in state.ledger.holdings(sleeve.id) {
            let shares = state.ledger.uncovered_shares(sleeve.id, symbol);
            let hundreds = shares.whole_contracts();
            if hundreds > Contracts(0) {
                let calls = words::plural(hundreds.0, "a call", "calls");
                next.push(format!(
                    "{name}: {} shares of {symbol} without a call; {calls} at the next session (E-8)",
                    shares.0
                ));
            } else if shares.0 > 0 {
                next.push(format!("{name}: {} odd shares of {symbol}, held (E-8)", shares.0));
            }
        }
        if sleeve.lock.is_some() {
            next.push(format!("{name}: no new puts while it is locked (K-2)"));
        }
    }
    next
}
