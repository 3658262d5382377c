//! The weekly close (C), each step reading what the last left: expirations, interest, marks, types, weeks, locks.

use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::order::Side;
use market::quote::Board;
use market::time::TradingDay;
use market::value::{Contracts, Money, Price};
use protocol::policy::AfterGbr4;
use protocol::policy::unit::Ppm;
use protocol::position::{PositionType, move_from, put_type, shares_type, sleeve_type};
use protocol::rule::Rule;

use super::session::shares_settle;
use super::view::basis;
use crate::event::{BenchmarkMark, Body, Gains, LockReason, Marks, OptionMark, SleeveWeek, TypedPosition};
use crate::input::Ending;
use crate::sleeve::{Line, Part, PositionWeek, SleeveState};
use crate::state::State;

/// C-1: what the broker reported of expiring options, allocated to sleeves pro rata by contracts (K-7).
pub(super) fn expirations(state: &State, board: &Board, endings: &[Ending]) -> Vec<Body> {
    let mut bodies = Vec::new();
    for ending in endings.iter().filter(|e| e.side == Side::Sell) {
        let holders: Vec<(SleeveId, Contracts)> = state
            .sleeves
            .iter()
            .filter_map(|s| state.ledger.short(s.id, &ending.series).map(|short| (s.id, short.contracts)))
            .collect();
        let open: i64 = holders.iter().map(|(_, c)| c.0).sum();
        let shares = allocate(ending.exercised.0.min(open), &holders);
        let weights: Vec<i64> = shares.iter().map(|n| (*n).max(0)).collect();
        let fees = if weights.iter().sum::<i64>() > 0 {
            ending.fees.split(&weights)
        } else {
            vec![Money::ZERO; weights.len()]
        };
        for (((sleeve, contracts), assigned), fees) in holders.iter().zip(shares).zip(fees) {
            let (sleeve, series, close) = (*sleeve, ending.series, ending.close);
            if assigned > 0 {
                bodies.push(assigned_body(state, board.day, sleeve, ending, Contracts(assigned), fees));
            }
            let expired = Contracts(contracts.0 - assigned);
            if expired.0 > 0 && ending.expires {
                bodies.push(Body::Expired { sleeve, series, contracts: expired, close });
            }
        }
    }
    bodies
}

fn assigned_body(
    state: &State,
    day: TradingDay,
    sleeve: SleeveId,
    ending: &Ending,
    contracts: Contracts,
    fees: Money,
) -> Body {
    let series = ending.series;
    let basis = if series.right == Right::Call { basis(state, sleeve, series.underlying) } else { Price::ZERO };
    let settles = shares_settle(state, day.date());
    Body::Assigned { sleeve, series, contracts, close: ending.close, fees, settles, basis }
}

/// C-1: what became of calls that were held, allocated to sleeves pro rata by contracts (K-7). A sleeve whose free cash
/// does not pay for the shares declines the exercise.
pub(super) fn long_endings(state: &State, board: &Board, ending: &Ending) -> Vec<Body> {
    let Ending { series, close, .. } = *ending;
    let held = |sleeve: SleeveId| -> Contracts {
        state.ledger.longs(sleeve).iter().filter(|l| l.series == series).map(|l| l.contracts).sum()
    };
    let holders: Vec<_> = state.sleeves.iter().map(|s| (s.id, held(s.id))).filter(|(_, n)| *n > Contracts(0)).collect();
    let all: i64 = holders.iter().map(|(_, c)| c.0).sum();
    let parts = allocate(ending.exercised.0.min(all), &holders);
    let fees = ending.fees.split(&parts.iter().map(|n| (*n).max(1)).collect::<Vec<_>>());
    let mut bodies = Vec::new();
    for (((sleeve, contracts), exercised), fees) in holders.into_iter().zip(parts).zip(fees) {
        let pays = state.ledger.free_cash(sleeve) >= series.strike.of_contracts(Contracts(exercised)) + fees;
        let exercised = if pays { exercised } else { 0 };
        let mut end = |contracts, fees, settles| {
            if contracts > Contracts(0) {
                bodies.push(Body::LongEnded { sleeve, series, contracts, close, fees, settles });
            }
        };
        end(Contracts(exercised), fees, Some(shares_settle(state, board.day.date())));
        end(contracts - Contracts(exercised), Money::ZERO, None);
    }
    bodies
}

/// `total` over the holders pro rata by contracts, largest remainder, ties to the lower sleeve id.
fn allocate(total: i64, holders: &[(SleeveId, Contracts)]) -> Vec<i64> {
    let open: i64 = holders.iter().map(|(_, c)| c.0).sum();
    if open == 0 {
        return vec![0; holders.len()];
    }
    let mut shares: Vec<i64> = holders.iter().map(|(_, c)| total * c.0 / open).collect();
    let mut order: Vec<usize> = (0..holders.len()).collect();
    order.sort_by_key(|i| (-(total * holders[*i].1.0 % open), holders[*i].0));
    let missing = total - shares.iter().sum::<i64>();
    for i in order.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        shares[i] += 1;
    }
    shares
}

/// E-9: cash earns the one-month Treasury yield less a spread, never below zero, on settled cash by calendar days.
pub(super) fn interest(state: &State, board: &Board) -> Vec<Body> {
    let Some(rate) = rate(state, board) else { return Vec::new() };
    let year = i128::from(Ppm::WHOLE) * i128::from(state.policy.interest.day_count);
    let credited = state.sleeves.iter().filter(|s| s.cash_days > 0).map(|s| {
        let units = s.cash_days * i128::from(rate.0) / year;
        let amount = Money::from_units(i64::try_from(units).unwrap_or(0)).floor_cents();
        let dollar_days = s.cash_days / i128::from(market::value::UNITS_PER_DOLLAR);
        let dollar_days = i64::try_from(dollar_days).unwrap_or(i64::MAX);
        Body::InterestCredited { sleeve: s.id, rate, dollar_days, amount }
    });
    credited.chain(super::growth::reserve_interest(state, rate)).collect()
}

/// What cash earns a year.
fn rate(state: &State, board: &Board) -> Option<Ppm> {
    let bill = board.bill_rate.filter(|_| !state.policy.is_off(Rule::E9))?;
    Some(Ppm((bill - state.policy.interest.spread.0).max(0)))
}

/// C-2: every figure that the weekly close uses.
///
/// # Panics
/// If the board lacks a quote of an open option: the feed owes it (see [`crate::Engine::wants`]).
pub(super) fn marks(state: &State, board: &Board, benchmarks: &[BenchmarkMark]) -> Marks {
    let mut options: Vec<OptionMark> = Vec::new();
    for sleeve in &state.sleeves {
        let written = state.ledger.written(sleeve.id).iter().map(|w| w.series);
        for series in written.chain(state.ledger.longs(sleeve.id).iter().map(|l| l.series)) {
            if options.iter().any(|o| o.series == series) {
                continue;
            }
            let (quote, origin) = board.quote(&series).expect("the feed brings a quote of every open option");
            options.push(OptionMark { series, mid: quote.mid(), ask: quote.ask, origin });
        }
    }
    let of_interest = |symbol: Symbol| {
        state.policy.universe.all().contains(&symbol)
            || state.sleeves.iter().any(|s| s.positions.iter().any(|p| p.symbol == symbol))
    };
    let closes = board.underlyings.iter().filter(|u| of_interest(u.symbol)).map(|u| (u.symbol, u.price));
    Marks {
        week: market::time::Week::of(board.day.date()),
        day: board.day,
        closes: closes.collect(),
        options,
        benchmarks: benchmarks.to_vec(),
        bill_rate: board.bill_rate.map(Ppm),
    }
}

/// C-3: the type of every position that was open at some time in the week.
pub(super) fn types(state: &State, marks: &Marks) -> Vec<TypedPosition> {
    if state.policy.is_off(Rule::C3) {
        return Vec::new();
    }
    let mut typed = Vec::new();
    for sleeve in &state.sleeves {
        let mut seen: Vec<Series> = Vec::new();
        for line in sleeve.lines.iter().filter(|l| l.series.right == Right::Put) {
            if !seen.contains(&line.series) {
                seen.push(line.series);
                typed.extend(put_position(state, marks, sleeve, line));
            }
        }
        for week in sleeve.positions.iter().filter(|p| p.part == Part::Shares) {
            typed.extend(share_position(state, marks, sleeve, week));
        }
    }
    typed.retain(|t| !state.policy.is_off(t.kind.rule()));
    typed
}

fn put_position(state: &State, marks: &Marks, sleeve: &SleeveState, first: &Line) -> Option<TypedPosition> {
    let series = first.series;
    let lines = || sleeve.lines.iter().filter(|l| l.series == series);
    let close = marks.close(series.underlying)?;
    // Lines of one series are one position: the first row of the table that one of them matches.
    let of_line = |l: &Line| put_type(&state.policy, l.end, series.strike, close, l.deep);
    let kind = PositionType::PUTS.into_iter().find(|row| lines().any(|l| of_line(l) == *row))?;
    let contracts: Contracts = lines().map(|l| l.contracts).sum();
    let own = sleeve.positions.iter().filter(|p| p.part == Part::Put(series));
    let own: Money = own.map(|p| state.position_gain(sleeve.id, p)).sum();
    let gain = own + delivered_gain(state, sleeve, series);
    Some(TypedPosition {
        sleeve: sleeve.id,
        symbol: series.underlying,
        right: Right::Put,
        kind,
        price: close,
        reference: series.strike,
        change: move_from(close, series.strike),
        gain,
        capital: series.strike.of_contracts(contracts),
    })
}

/// What the shares that puts of `series` delivered this week have gained: shares that several series delivered speak
/// through all of them, pro rata by contracts.
fn delivered_gain(state: &State, sleeve: &SleeveState, series: Series) -> Money {
    let symbol = series.underlying;
    let mut delivered: Vec<(Series, i64)> = Vec::new();
    for line in sleeve.lines.iter().filter(|l| l.series.underlying == symbol && l.assigned > Contracts(0)) {
        match delivered.iter_mut().find(|(s, _)| *s == line.series) {
            Some((_, contracts)) => *contracts += line.assigned.0,
            None => delivered.push((line.series, line.assigned.0)),
        }
    }
    let Some(own) = delivered.iter().position(|(s, _)| *s == series) else { return Money::ZERO };
    let shares = sleeve.positions.iter().filter(|p| (p.symbol, p.part) == (symbol, Part::Shares));
    let gain: Money = shares.map(|p| state.position_gain(sleeve.id, p)).sum();
    gain.split(&delivered.iter().map(|(_, contracts)| *contracts).collect::<Vec<_>>())[own]
}

/// Shares with their calls. Those that a put delivered this week speak through the put; those called away are compared
/// at the call's strike.
fn share_position(state: &State, marks: &Marks, sleeve: &SleeveState, week: &PositionWeek) -> Option<TypedPosition> {
    let symbol = week.symbol;
    let puts = || sleeve.lines.iter().filter(|l| l.series.underlying == symbol && l.series.right == Right::Put);
    if puts().any(|l| l.assigned > Contracts(0)) {
        return None;
    }
    let called = sleeve.called.iter().find(|c| c.symbol == symbol);
    let holds = state.ledger.shares(sleeve.id, symbol).whole_contracts() > Contracts(0);
    let (price, reference) = match called {
        Some(called) => (called.strike, called.basis),
        None if holds => (marks.close(symbol)?, basis(state, sleeve.id, symbol)),
        None => return None,
    };
    Some(TypedPosition {
        sleeve: sleeve.id,
        symbol,
        right: Right::Call,
        kind: shares_type(&state.policy, price, reference),
        price,
        reference,
        change: move_from(price, reference),
        gain: state.position_gain(sleeve.id, week),
        capital: week.start,
    })
}

/// C-5 and C-9: each sleeve's week in figures, with its drawdown (K-1).
pub(super) fn weeks(state: &State, marks: &Marks, typed: &[TypedPosition]) -> Vec<SleeveWeek> {
    state.sleeves.iter().map(|sleeve| week(state, marks, typed, sleeve)).collect()
}

fn week(state: &State, marks: &Marks, typed: &[TypedPosition], sleeve: &SleeveState) -> SleeveWeek {
    let id = sleeve.id;
    let book = state.ledger.balance(id);
    let value: Money = sleeve.positions.iter().map(|p| state.position_value(id, p.symbol, p.part)).sum();
    let end = book.settled + book.receivable + book.dividends_receivable - book.payable + value;
    let unrealised = value - (book.shares_cost + book.longs_cost - book.options_liability);
    let before = &sleeve.book;
    let gains = Gains {
        premium: book.premium + book.crosses - before.premium - before.crosses,
        shares: book.share_gains - before.share_gains,
        longs: book.long_gains - before.long_gains,
        dividends: book.dividends + book.rounding - before.dividends - before.rounding,
        interest: book.interest - before.interest,
        fees: before.fees - book.fees,
        unrealised: unrealised - sleeve.unrealised,
    };
    let unit = grown(sleeve.unit, end, sleeve.start + sleeve.flows);
    let mark = sleeve.mark.max(unit);
    let kinds: Vec<PositionType> = typed.iter().filter(|t| t.sleeve == id).map(|t| t.kind).collect();
    let buffer = super::growth::buffer(state, id, end);
    let fall = if state.policy.is_off(Rule::K1) { 0 } else { mark - unit };
    SleeveWeek {
        week: marks.week,
        sleeve: id,
        kind: sleeve_type(&state.policy, &kinds),
        start: sleeve.start,
        flows: sleeve.flows,
        gains,
        end,
        idle: (state.ledger.free_cash(id) - buffer).max(Money::ZERO),
        unit,
        mark,
        peak: sleeve.peak.max(unit),
        drawdown: share(fall, mark),
    }
}

/// K-1: a unit's value after its sleeve went from `before` (flows in) to `after`.
fn grown(unit: i64, after: Money, before: Money) -> i64 {
    if !before.is_positive() {
        return unit;
    }
    let grown = i128::from(unit) * i128::from(after.units()) / i128::from(before.units());
    i64::try_from(grown).unwrap_or(i64::MAX)
}

fn share(part: i64, whole: i64) -> Ppm {
    let share = i128::from(part) * i128::from(Ppm::WHOLE) / i128::from(whole.max(1));
    Ppm(i64::try_from(share).unwrap_or(i64::MAX))
}

/// C-5: drawdown locks begin (K-2) and end (G-2), and long ones are answered (G-3).
pub(super) fn locks(state: &State, board: &Board, weeks: &[SleeveWeek]) -> Vec<Body> {
    if state.policy.is_off(Rule::C5) {
        return Vec::new();
    }
    weeks.iter().filter_map(|week| lock_change(state, board.day, week)).collect()
}

fn lock_change(state: &State, today: TradingDay, week: &SleeveWeek) -> Option<Body> {
    let sleeve = state.sleeve(week.sleeve)?;
    let limit = state.policy.drawdown.of(week.sleeve.kind);
    let change = |locked, why| Some(Body::LockChanged { sleeve: week.sleeve, locked, why, drawdown: week.drawdown });
    let gbr4 = &state.policy.gbr4;
    let Some(lock) = sleeve.lock else {
        // The fall is compared exactly: rounding must not decide about an edge.
        let over = limit.is_exceeded_by(week.mark - week.unit, week.mark.max(1)) && !state.policy.is_off(Rule::K2);
        let deep = sleeve.types.iter().any(|(_, _, kind)| *kind == PositionType::PutDeep);
        return match (over, deep && !state.policy.is_off(Rule::G1)) {
            (true, _) => change(true, LockReason::Drawdown),
            (false, true) => change(true, LockReason::DeepPut),
            _ => None,
        };
    };
    if state.policy.is_off(Rule::G2) {
        return None;
    }
    let sessions = i64::from(gbr4.exit_sessions);
    let first = state.calendar.offset(today, 1 - sessions);
    let this_is_red =
        state.week.is_some_and(|w| w.week == week.week && w.now.class == protocol::policy::WeekClass::Red);
    let quiet = first > lock.since && !this_is_red && state.last_red.is_none_or(|red| red < first);
    let empty = state.ledger.holdings(week.sleeve).next().is_none() && state.ledger.written(week.sleeve).is_empty();
    let half = gbr4.exit_drawdown.0 * limit.0 / Ppm::WHOLE;
    let recovered = Ppm(half).is_undercut_by(week.mark - week.unit, week.mark.max(1));
    if quiet && recovered {
        change(false, LockReason::Recovered)
    } else if quiet && empty {
        change(false, LockReason::Empty)
    } else if lock.weeks < gbr4.ask_after || state.policy.is_off(Rule::G3) {
        None
    } else {
        match gbr4.after_26_weeks {
            AfterGbr4::Wait => None,
            AfterGbr4::Reset => change(true, LockReason::Reset),
            AfterGbr4::Sell => change(true, LockReason::Sell),
        }
    }
}
