//! What one session decides: its opening, the week's class, expirations ahead, calls, puts, and the orders they become.

use ledger::SleeveId;
use ledger::entry::Dividend;
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, OrderStatus, Side, Trade};
use market::quote::Board;
use market::time::{Date, TradingDay, Week, date_of_number, day_number};
use market::value::{Contracts, Money, Price};
use protocol::entry::EntryContext;
use protocol::plan::{Plan, Purpose, Skip, Verdict};
use protocol::policy::WeekClass;
use protocol::rule::Rule;
use protocol::week::{classify, is_worse};

use super::orders::Wanted;
use super::view::sleeve_view;
use super::want::{call_expiration, enters, put_expiration, universe};
use crate::event::Body;
use crate::state::State;

/// Settlements that fall due, splits, and dividends of shares held.
pub(super) fn opening(
    state: &State,
    day: TradingDay,
    splits: &[(Symbol, i64)],
    dividends: &[(Symbol, Price)],
) -> Vec<Body> {
    let mut bodies = vec![Body::Settled { through: day.date() }];
    let held = |symbol: Symbol| {
        state.sleeves.iter().any(|s| {
            state.ledger.shares(s.id, symbol).0 > 0
                || state.ledger.written(s.id).iter().any(|w| w.series.underlying == symbol)
                || state.ledger.longs(s.id).iter().any(|l| l.series.underlying == symbol)
                || s.leaps_sold.iter().any(|sold| sold.symbol == symbol)
        })
    };
    if state.policy.is_off(Rule::C1) {
        return bodies;
    }
    let applied = splits.iter().filter(|(s, _)| held(*s));
    bodies.extend(applied.map(|(symbol, n)| Body::SplitApplied { symbol: *symbol, new_per_old: *n }));
    let factor = |symbol: Symbol| splits.iter().find(|(s, _)| *s == symbol).map_or(1, |(_, n)| *n);
    for (symbol, per_share) in dividends {
        for sleeve in &state.sleeves {
            let shares = state.ledger.shares(sleeve.id, *symbol);
            let shares = market::value::Shares(shares.0 * factor(*symbol));
            let amount = per_share.of_shares(shares).round_cents();
            if amount.is_positive() {
                let pays = date_of_number(day_number(day.date()) + i64::from(state.policy.dividends.pay_after_days));
                let settles = state.calendar.settles(pays.unwrap_or(day.date()), 0);
                bodies.push(Body::DividendAccrued(Dividend {
                    sleeve: sleeve.id,
                    symbol: *symbol,
                    shares,
                    per_share: *per_share,
                    amount,
                    settles,
                }));
            }
        }
    }
    bodies
}

/// The week's class, before its first window and again before each later one (M-5).
pub(super) fn judge_week(state: &State, board: &Board) -> Vec<Body> {
    let week = Week::of(board.day.date());
    let current = state.week.filter(|w| w.week == week);
    if current.is_some() && (state.policy.is_off(Rule::M5) || !is_window(state, board.day)) {
        return Vec::new();
    }
    let first_session = state.calendar.sessions(week).first() == Some(&board.day);
    match (classify(&state.policy, board), current) {
        (Ok(classification), None) => vec![Body::WeekClassified { week, classification, replaces: None }],
        // A human's word stands until the rules judge the week worse than when it was given.
        (Ok(classification), Some(current))
            if is_worse(classification.class, current.now.class)
                && (current.judged == current.now.class || is_worse(classification.class, current.judged)) =>
        {
            vec![Body::WeekClassified { week, classification, replaces: Some(current.now.class) }]
        }
        (Err(why), None) if first_session => vec![Body::WeekUnclassified { week, why }],
        _ => Vec::new(),
    }
}

/// Whether some sleeve may enter on `day`, whatever the week's class.
fn is_window(state: &State, day: TradingDay) -> bool {
    ledger::SleeveKind::ALL.iter().any(|k| WeekClass::ALL.iter().any(|c| enters(state, *k, *c, *c, day)))
}

/// E-8: calls on uncovered shares.
pub(super) fn plan_calls(state: &State, board: &Board, sleeve: SleeveId) -> Option<Plan> {
    let uncovered = |(symbol, _): (Symbol, market::value::Shares)| {
        state.ledger.uncovered_shares(sleeve, symbol).whole_contracts() > Contracts(0)
    };
    if !state.ledger.holdings(sleeve).any(uncovered) {
        return None;
    }
    let view = sleeve_view(state, board, sleeve).ok()?;
    let class = state.week.map_or(WeekClass::Green, |w| w.now.class);
    protocol::calls::plan(&state.policy, &view, board, class, |_| call_expiration(state, board.day))
}

/// E-1 to E-6: new puts, if the sleeve enters today.
pub(super) fn plan_puts(state: &State, board: &Board, sleeve: SleeveId) -> Option<Plan> {
    let current = state.week.filter(|w| w.week == Week::of(board.day.date()))?;
    if !enters(state, sleeve.kind, current.first, current.now.class, board.day) {
        return None;
    }
    let symbols = universe(state, sleeve.kind);
    let expirations: Vec<_> = symbols.iter().map(|s| (*s, put_expiration(state, sleeve.kind, board.day))).collect();
    let view = match sleeve_view(state, board, sleeve) {
        Ok(view) => view,
        Err(series) => return Some(unmarked(board, sleeve, current.now.class, symbols, series)),
    };
    let week = protocol::week::with_vix_of(&current.now, &board.climate);
    let context = EntryContext {
        policy: &state.policy,
        board,
        week: &week,
        guard: state.guard,
        sold_today: if state.policy.is_off(Rule::K7) { &[] } else { &state.sold_today },
        expirations: &expirations,
    };
    let date = board.day.date();
    let fees = |price: Price| state.policy.fees.option_trade(date, Side::Sell, Contracts(1), price).ok();
    Some(protocol::entry::plan(&view, context, fees))
}

/// A plan that takes nothing because an open option has no quote.
fn unmarked(board: &Board, sleeve: SleeveId, class: WeekClass, symbols: &[Symbol], series: Series) -> Plan {
    let candidate = |symbol: &Symbol| protocol::plan::Candidate {
        symbol: *symbol,
        price: board.underlying(*symbol).map_or(Price::ZERO, |u| u.price),
        seen: None,
        verdict: Verdict::Leave(Skip::NoMark(series)),
        untestable: Vec::new(),
        rules: vec![Rule::E5],
        locked_loss: Price::ZERO,
    };
    Plan {
        sleeve,
        day: board.day,
        purpose: Purpose::Entry,
        class,
        sizing: protocol::policy::unit::Ppm::ZERO,
        equity: Money::ZERO,
        free_cash: Money::ZERO,
        committed: Money::ZERO,
        deployable: Money::ZERO,
        candidates: symbols.iter().map(candidate).collect(),
    }
}

/// What a plan wants to be traded.
pub(super) fn wanted(plan: &Plan) -> Vec<Wanted> {
    let rule = match plan.purpose {
        Purpose::Entry => Rule::E5,
        Purpose::Cover => Rule::E8,
    };
    let taken = plan.taken().map(|(_, seen, contracts, limit)| Wanted {
        sleeve: plan.sleeve,
        trade: Trade::write(seen.series, contracts),
        limit,
        rule,
        delta: seen.delta,
    });
    taken.collect()
}

/// When options that are traded on `day` settle.
fn options_settle(state: &State, day: Date) -> Date {
    let days = if state.policy.is_off(Rule::A7) { 0 } else { state.policy.settlement.options };
    state.calendar.settles(day, days)
}

/// When shares that are sold or delivered on `day` settle.
pub(super) fn shares_settle(state: &State, day: Date) -> Date {
    let days =
        if state.policy.is_off(Rule::A7) { 0 } else { state.policy.settlement.shares.at(day).copied().unwrap_or(1) };
    state.calendar.settles(day, days)
}

/// A fill of a working order.
pub(super) fn fill(state: &State, trade_date: Date, fill: &Fill) -> Option<Body> {
    let working = state.working.iter().find(|w| w.order.id == fill.order)?;
    let trade = working.order.trade.of(fill.units);
    let settles = match trade {
        Trade::SellShares { .. } => shares_settle(state, trade_date),
        Trade::Option { .. } | Trade::Roll { .. } => options_settle(state, trade_date),
    };
    Some(Body::Filled { sleeve: working.sleeve, trade, fill: *fill, settles })
}

/// A fill of an order that does not work. Of one that was filled whole it is the broker's second report; after one that
/// ended otherwise, the broker holds what the books do not know (K-5).
pub(super) fn late_fill(state: &State, fill: &Fill) -> Option<Body> {
    let ended = state.ended.iter().find(|e| e.order == fill.order)?;
    let why = || format!("order {} was filled after it ended: {} at {}", fill.order, fill.units, fill.price);
    (ended.status != OrderStatus::Filled).then(|| Body::Frozen { symbol: ended.symbol, why: why() })
}

/// The session is over: which put lines that were open in it closed deep below their strike (W-5).
pub(super) fn day_ended(state: &State, board: &Board) -> Body {
    let next = state.calendar.next(board.day);
    let days = u32::try_from(market::time::days_between(board.day.date(), next.date())).unwrap_or(1);
    let mut deep = Vec::new();
    for sleeve in &state.sleeves {
        for line in sleeve.lines.iter().filter(|l| l.series.right == Right::Put && !l.deep) {
            let close = board.underlying(line.series.underlying).map(|u| u.price);
            let limit = state.policy.types.put_deep;
            let open = line.ended < line.contracts || line.ended_on == Some(board.day);
            if open && close.is_some_and(|c| protocol::position::is_below(c, line.series.strike, limit)) {
                deep.push((sleeve.id, line.series));
            }
        }
    }
    Body::DayEnded { day: board.day, days, deep }
}
