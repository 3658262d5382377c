//! Growth at the weekly close: income and tax reserve (C-4), reinvestment (C-6), merges (C-7), forks (C-8); and what a
//! merge has to do in the sessions after.

use ledger::entry::Purpose;
use ledger::{SleeveId, SleeveKind, StructureId};
use market::order::{Action, Trade};
use market::quote::Board;
use market::time::Week;
use market::value::{Money, Price};
use protocol::growth::{self, ContractCosts, Division, ForkState, ForkVerdict, Member, MergeStep, StructureTotal};
use protocol::income::{self, Purse};
use protocol::policy::unit::Ppm;
use protocol::rule::Rule;

use super::leaps::lines;
use super::orders::Wanted;
use super::view::view_of;
use crate::event::{Body, ReserveWeek};
use crate::state::State;

/// Cash that a sleeve with so much equity keeps out of new entries (A-3, G-1).
pub(super) fn buffer(state: &State, sleeve: SleeveId, equity: Money) -> Money {
    if state.policy.is_off(Rule::A3) {
        return Money::ZERO;
    }
    let locked = state.sleeve(sleeve).is_some_and(|s| s.lock.is_some());
    let share = if locked { state.policy.gbr4.buffer } else { state.policy.buffer.share };
    share.of(equity.max(Money::ZERO))
}

/// Each structure's tax reserve at the weekly close, where there is or was something in it.
pub(super) fn reserves(state: &State) -> Vec<Body> {
    let closed = state.structures.iter().filter_map(|s| {
        let (start, flows, interest) = (s.reserve_start, s.reserve_flows, s.reserve_interest);
        let end = state.ledger.tax_reserve(s.id).cash;
        let week = ReserveWeek { start, flows, interest, end };
        (week != ReserveWeek::default()).then_some(Body::ReserveClosed { structure: s.id, week })
    });
    closed.collect()
}

/// C-4: what becomes of the profit that a sleeve realised this week.
pub(super) fn income(state: &State, sleeve: SleeveId) -> Option<Body> {
    let beside = state.sleeve(sleeve).filter(|_| !state.policy.is_off(Rule::C4))?;
    let mut parts = beside.realised.clone();
    parts.sort_unstable_by_key(|part| part.year);
    let income = income::close(&state.policy, sleeve.kind, &beside.profit, &parts);
    let due = beside.reserve_owed + income.reserve;
    let moved = if due.is_positive() {
        due.min(state.ledger.free_cash(sleeve)).floor_cents().max(Money::ZERO)
    } else {
        -(-due).min(state.ledger.tax_reserve(sleeve.structure).cash)
    };
    let news = income.realised != Money::ZERO || moved != Money::ZERO;
    news.then_some(Body::IncomeBooked { sleeve, income, moved })
}

/// What a withdrawal is asked of, as the books stood at the last weekly close.
pub(super) fn purse(state: &State, sleeve: SleeveId) -> Purse {
    let beside = state.sleeve(sleeve);
    let equity = state.closing_equity(sleeve);
    Purse {
        kind: sleeve.kind,
        income: beside.map_or(Money::ZERO, |s| s.profit.income),
        equity,
        base: beside.map_or(Money::ZERO, |s| s.base),
        free_cash: state.ledger.free_cash(sleeve) - buffer(state, sleeve, equity),
        locked: beside.is_some_and(|s| s.lock.is_some()),
    }
}

/// I-2: what the weekly close pays out by itself.
pub(super) fn payout(state: &State, sleeve: SleeveId) -> Option<Body> {
    let amount = income::payout(&state.policy, &purse(state, sleeve));
    amount.is_positive().then_some(Body::Withdrawn { sleeve, amount })
}

/// the owner asks for money.
pub(super) fn withdrawal(state: &State, sleeve: SleeveId, asked: Money) -> Body {
    match income::check_withdrawal(&state.policy, &purse(state, sleeve), asked) {
        Ok(()) => Body::Withdrawn { sleeve, amount: asked },
        Err(why) => Body::WithdrawalRefused { sleeve, asked, why },
    }
}

/// interest of each structure's tax reserve.
pub(super) fn reserve_interest(state: &State, rate: Ppm) -> Vec<Body> {
    let year = i128::from(Ppm::WHOLE) * i128::from(state.policy.interest.day_count);
    let earned = state.structures.iter().filter(|s| s.reserve_days > 0).map(|s| {
        let units = s.reserve_days * i128::from(rate.0) / year;
        let days = s.reserve_days / i128::from(market::value::UNITS_PER_DOLLAR);
        Body::ReserveInterest {
            structure: s.id,
            rate,
            dollar_days: i64::try_from(days).unwrap_or(i64::MAX),
            amount: Money::from_units(i64::try_from(units).unwrap_or(0)).floor_cents(),
        }
    });
    earned.collect()
}

/// C-6: what of a quarter's profit is reinvested.
pub(super) fn reinvestment(state: &State, week: Week, sleeve: SleeveId) -> Option<Body> {
    let policy = &state.policy;
    if policy.is_off(Rule::C6) || !income::is_reinvestment_week(policy, &state.calendar, week) {
        return None;
    }
    reinvested(state, sleeve)
}

/// What is reinvested of the profit that a sleeve has kept.
pub(super) fn reinvested(state: &State, sleeve: SleeveId) -> Option<Body> {
    let policy = &state.policy;
    if state.is_merging(sleeve) {
        return None;
    }
    let reinvested = income::reinvest(policy, sleeve.kind, &state.sleeve(sleeve)?.profit)?;
    let held = state.ledger.earmark(sleeve, Purpose::Leaps);
    let kept = buffer(state, sleeve, state.closing_equity(sleeve));
    let free = (state.ledger.free_cash(sleeve) - kept).max(Money::ZERO).floor_cents();
    let set_aside = held + reinvested.leaps.min(free);
    Some(Body::Reinvested { sleeve, reinvested, set_aside })
}

/// The structures that are not closed, each with its parent.
pub(super) fn tree(state: &State) -> Vec<(StructureId, Option<StructureId>)> {
    state.structures.iter().map(|s| (s.id, s.parent)).collect()
}

/// C-7, first half: whether a structure begins to merge now.
pub(super) fn merge_start(state: &State, id: StructureId) -> Option<Body> {
    let structure = state.structure(id).filter(|s| s.merging.is_none())?;
    let own = state.sleeves.iter().filter(|s| s.id.structure == id);
    let total = own.map(|s| state.closing_equity(s.id)).sum();
    let merges = growth::merges(&state.policy, &StructureTotal { id, parent: structure.parent, total });
    (merges && !state.policy.is_off(Rule::C7)).then_some(Body::MergeStarted { structure: id, total })
}

/// What a merge still has to do; nothing where the structure does not merge.
fn merge_steps(state: &State, board: &Board, id: StructureId) -> Vec<MergeStep> {
    let Some(structure) = state.structure(id).filter(|s| s.merging.is_some()) else { return Vec::new() };
    let Some(parent) = structure.parent else { return Vec::new() };
    let own = state.sleeves.iter().filter(|s| s.id.structure == id).map(|s| s.id);
    let views: Vec<_> = own.map(|s| (view_of(state, board, s, Money::ZERO), lines(state, board, s))).collect();
    let members: Vec<Member<'_>> = views.iter().map(|(view, leaps)| Member { view, leaps }).collect();
    growth::merge_steps(&state.policy, id, parent, &members)
}

/// C-7, second half: the move, once nothing else is left to do.
pub(super) fn merge_move(state: &State, board: &Board, id: StructureId) -> Option<Body> {
    let steps = merge_steps(state, board, id);
    let [MergeStep::Move { from, into }] = steps[..] else { return None };
    let working = state.working.iter().any(|w| w.sleeve.structure == id);
    let own = state.sleeves.iter().filter(|s| s.id.structure == id);
    let values = own.map(|s| (s.id, state.closing_equity(s.id))).collect();
    (!working).then_some(Body::Merged { structure: from, into, values })
}

/// What a merging structure trades in this session: first its short options are bought back, then what Com does not
/// trade is sold (J-1).
pub(super) fn merge_trades(state: &State, board: &Board, id: StructureId) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let steps = merge_steps(state, board, id);
    let shorts = steps.iter().any(|s| matches!(s, MergeStep::BuyBack { .. }));
    for step in steps {
        let (sleeve, trade, limit) = match step {
            MergeStep::BuyBack { sleeve, series, contracts } => {
                let Some((quote, _)) = board.quote(&series) else { continue };
                (sleeve, Trade::buy_back(series, contracts), quote.ask)
            }
            MergeStep::SellShares { sleeve, symbol, shares } if !shorts => {
                let Some(known) = board.underlying(symbol) else { continue };
                (sleeve, Trade::SellShares { symbol, shares }, known.price)
            }
            MergeStep::SellLeaps { sleeve, series, contracts } if !shorts => {
                let Some((quote, _)) = board.quote(&series) else { continue };
                (sleeve, Trade::Option { action: Action::SellToClose, series, contracts }, quote.bid)
            }
            _ => continue,
        };
        // What costs nothing to buy back is bought at a cent: an order needs a price.
        let limit = limit.max(Price::cents(1));
        wanted.push(Wanted { sleeve, trade, limit, rule: Rule::J1, delta: None });
    }
    wanted
}

/// C-8: what the weekly close says of one Gen sleeve's fork, if it is news.
pub(super) fn fork(state: &State, board: &Board, structure: StructureId) -> Option<Body> {
    let from = SleeveId::new(structure, SleeveKind::Generation);
    let beside = state.sleeve(from).filter(|_| !state.policy.is_off(Rule::C8))?;
    match growth::fork(&state.policy, &fork_state(state, board, from)) {
        ForkVerdict::NotDue { surplus, .. } => beside.fork.as_ref().map(|_| Body::ForkLapsed { sleeve: from, surplus }),
        ForkVerdict::Due { division, waits, reserves, needs } => {
            let kinds = |waits: &[growth::ForkWait]| -> Vec<_> { waits.iter().map(std::mem::discriminant).collect() };
            let known =
                beside.fork.as_ref().is_some_and(|f| kinds(&f.waits) == kinds(&waits) && f.reserves == reserves);
            (!known).then_some(Body::ForkDue { sleeve: from, division, waits, reserves, needs })
        }
        ForkVerdict::Execute { division, base } => {
            let last = state.ledger.structures().map(|s| s.id.0).max().unwrap_or(0);
            Some(Body::Forked { from, structure: StructureId(last + 1), division, base })
        }
    }
}

/// A fork that was approved, with the figures that were approved, if nothing stands against it.
pub(super) fn approved_fork(state: &State, from: SleeveId, division: &Division, base: Money) -> Option<Body> {
    let beside = state.sleeve(from).filter(|s| s.lock.is_none() && !state.is_merging(from))?;
    let rebased = growth::rebased(&state.policy, beside.base, division);
    let free = state.ledger.free_cash(from) - buffer(state, from, state.closing_equity(from));
    let last = state.ledger.structures().map(|s| s.id.0).max().unwrap_or(0);
    let body = Body::Forked { from, structure: StructureId(last + 1), division: *division, base };
    (free >= division.moves && rebased == base).then_some(body)
}

fn fork_state(state: &State, board: &Board, from: SleeveId) -> ForkState {
    let beside = state.sleeve(from);
    let equity = state.closing_equity(from);
    let unreserved = state.ledger.free_cash(from);
    let locked = beside.is_some_and(|s| s.lock.is_some());
    let week = state.calendar.week_after(Week::of(board.day.date()));
    let expiration = state.calendar.last_session(week).map(|day| market::time::Expiration(day.date()));
    let contract = |kind| growth::cheapest_contract(&state.policy, kind, board, |_| expiration);
    ForkState {
        equity,
        base: beside.map_or(Money::ZERO, |s| s.base),
        free_cash: unreserved - buffer(state, from, equity),
        unreserved,
        locked,
        preserving: locked,
        merging: state.is_merging(from),
        contract: ContractCosts {
            generation: contract(SleeveKind::Generation),
            compounding: contract(SleeveKind::Compounding),
        },
    }
}
