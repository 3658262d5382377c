//! Market data that the next decision needs, so that feeds bring that and no more.

use ledger::SleeveKind;
use market::instrument::{Right, Symbol};
use market::quote::Board;
use market::time::{Expiration, TradingDay, Week};
use market::value::Money;
use protocol::policy::{EntryDays, WeekClass};
use protocol::week::is_entry_day;

use super::view::{equity, view_of};
use super::{leaps, manage};
use crate::decide::Engine;
use crate::input::Want;
use crate::people::Wanted;
use crate::sleeve::SleeveState;
use crate::state::State;

impl Engine {
    /// What the board of [`crate::Input::Market`] must hold beside its prices: every open option, and the chains to
    /// which one may be rolled. Rising, each once.
    #[must_use]
    pub fn wants_to_manage(&self, board: &Board) -> Vec<Want> {
        let state = &self.state;
        let mut wants = self.options_at_hand();
        for sleeve in &state.sleeves {
            for short in &view_of(state, board, sleeve.id, Money::ZERO).shorts {
                if manage::may_roll(state, board, sleeve.id, short) {
                    let (old, day) = (&short.series, board.day);
                    let later = protocol::roll::expirations(&state.policy, &state.calendar, day, old);
                    wants.extend(later.into_iter().map(|e| Want::Chain(old.underlying, e, old.right)));
                }
            }
        }
        wants.sort_unstable();
        wants.dedup();
        wants
    }

    /// What the board of [`crate::Input::Window`] must hold: every open option, the chains of today's entries, and
    /// those of calls on uncovered shares. Rising, each once.
    #[must_use]
    pub fn wants(&self, day: TradingDay) -> Vec<Want> {
        let state = &self.state;
        let mut wants = self.options_at_hand();
        for sleeve in &state.sleeves {
            if may_enter(state, sleeve.id.kind, day) {
                let puts = universe(state, sleeve.id.kind).iter();
                let puts = puts.filter_map(|s| put_expiration(state, sleeve.id.kind, day).map(|e| (*s, e)));
                wants.extend(puts.map(|(s, e)| Want::Chain(s, e, Right::Put)));
            }
            if leaps::is_due(state, sleeve.id, day) {
                let later = protocol::leaps::expirations(&state.policy, &state.calendar, day);
                let symbols = universe(state, sleeve.id.kind).iter();
                wants.extend(symbols.flat_map(|s| later.iter().map(|e| Want::Chain(*s, *e, Right::Call))));
            }
            for (symbol, _) in state.ledger.holdings(sleeve.id) {
                if state.ledger.uncovered_shares(sleeve.id, symbol).whole_contracts().0 > 0 {
                    let expiration = call_expiration(state, day);
                    wants.extend(expiration.map(|e| Want::Chain(symbol, e, Right::Call)));
                }
            }
        }
        wants.sort_unstable();
        wants.dedup();
        wants
    }

    /// The chains that a weekly close needs beside the open options: those in which a fork that is due would sell its
    /// new sleeves' first puts (F-3). `board` holds the open options already.
    #[must_use]
    pub fn wants_to_fork(&self, board: &Board) -> Vec<Want> {
        let state = &self.state;
        let due = |sleeve: &SleeveState| {
            sleeve.id.kind == SleeveKind::Generation
                && equity(state, board, sleeve.id).is_ok_and(|e| e - sleeve.base >= state.policy.fork.surplus)
        };
        let week = state.calendar.week_after(Week::of(board.day.date()));
        let Some(last) = state.calendar.last_session(week).filter(|_| state.sleeves.iter().any(due)) else {
            return Vec::new();
        };
        let symbols = [SleeveKind::Generation, SleeveKind::Compounding].into_iter().flat_map(|k| universe(state, k));
        symbols.map(|s| Want::Chain(*s, Expiration(last.date()), Right::Put)).collect()
    }

    /// Every open option, rising, each once: what a weekly close must be able to mark.
    #[must_use]
    pub fn open_options(&self) -> Vec<Want> {
        let mut wants = self.held_options();
        wants.sort_unstable();
        wants.dedup();
        wants
    }

    /// Every open option, and every series that an order is about for which a human may answer (H-3).
    fn options_at_hand(&self) -> Vec<Want> {
        let people = &self.state.people;
        let mut wants = self.held_options();
        let orders =
            people.open.iter().flat_map(|p| p.content.orders()).chain(people.granted.iter().map(|g| &g.wanted));
        wants.extend(orders.flat_map(Wanted::series).map(Want::Series));
        wants
    }

    fn held_options(&self) -> Vec<Want> {
        let sleeves = self.state.sleeves.iter();
        let mut wants = Vec::new();
        for sleeve in sleeves {
            wants.extend(self.state.ledger.written(sleeve.id).iter().map(|w| Want::Series(w.series)));
            wants.extend(self.state.ledger.longs(sleeve.id).iter().map(|l| Want::Series(l.series)));
        }
        wants
    }
}

/// The symbols that sleeves of `kind` trade.
pub(super) fn universe(state: &State, kind: SleeveKind) -> &[Symbol] {
    &state.policy.universe.of(kind).0
}

/// Whether a sleeve of `kind` may enter on `day`; while the week is not judged, whether it might.
fn may_enter(state: &State, kind: SleeveKind, day: TradingDay) -> bool {
    let week = Week::of(day.date());
    let (first, now) = match state.week {
        Some(current) if current.week == week => (current.first, current.now.class),
        _ => return WeekClass::ALL.iter().any(|c| enters(state, kind, *c, *c, day)),
    };
    WeekClass::ALL.iter().any(|c| *c >= now && enters(state, kind, first, *c, day))
}

/// Whether sleeves of `kind` enter on `day` in a week first judged `first` and now `now`.
pub(super) fn enters(state: &State, kind: SleeveKind, first: WeekClass, now: WeekClass, day: TradingDay) -> bool {
    let days = protocol::week::entry_days(&state.policy, kind, first, now);
    is_entry_day(&state.policy, &state.calendar, days, day)
}

/// E-2: the expiration that a put would be sold to on `day`.
pub(super) fn put_expiration(state: &State, kind: SleeveKind, day: TradingDay) -> Option<Expiration> {
    let last = state.calendar.last_session(Week::of(day.date()))?;
    let next = state.calendar.next(day);
    let thursday =
        kind == SleeveKind::Generation && is_entry_day(&state.policy, &state.calendar, EntryDays::Thursday, day);
    listed(state, day, if thursday { next.min(last) } else { last })
}

/// E-2: calls take the week's last expiration or, sold on that day, the next week's. Gen's "next session" on a Thursday
/// is the week's last expiration.
pub(super) fn call_expiration(state: &State, day: TradingDay) -> Option<Expiration> {
    listed(state, day, state.calendar.last_session(Week::of(day.date()))?)
}

/// The expiration on `wanted`, if it lies ahead and weeklies are listed by then; else the nearest later one within the
/// policy's limit.
fn listed(state: &State, day: TradingDay, wanted: TradingDay) -> Option<Expiration> {
    let mut week = Week::of(day.date());
    let mut target = wanted;
    loop {
        let expiration = Expiration(target.date());
        let near = expiration.days_from(day.date()) <= i64::from(state.policy.entry.latest_expiration);
        if target != wanted && !near {
            return None;
        }
        if target > day && target.date() >= state.policy.listing.friday_since {
            return Some(expiration);
        }
        week = state.calendar.week_after(week);
        target = state.calendar.last_session(week)?;
    }
}
