//! One sleeve's week: its identity, its target beside the premium that was on offer, its balances.

use std::collections::BTreeMap;

use engine::event::{Body, Event, SleeveWeek};
use engine::state::State;
use ledger::SleeveId;
use market::instrument::{Right, Symbol};
use market::value::{Money, Price};
use protocol::plan::Plan;

use super::{Balances, Identity, SleeveStatement};
use crate::book::{Book, WeekRecord};
use crate::figure::Share;
use crate::tree::{self, holdings, shorts};
use crate::words;

pub(super) fn statement(book: &Book<'_>, record: &WeekRecord, state: &State, week: &SleeveWeek) -> SleeveStatement {
    let policy = book.policy();
    let events = &book.events[record.events.clone()];
    SleeveStatement {
        sleeve: week.sleeve.to_string(),
        kind: week.kind.to_string(),
        meaning: words::position(week.kind).to_owned(),
        identity: Identity::of(week),
        target: policy.target.of(week.sleeve.kind).into(),
        on_offer: offered(events, week.sleeve),
        premium_taken: premium(events, week.sleeve).into(),
        unit: week.unit as f64 / engine::sleeve::UNIT as f64,
        drawdown: fall(week.unit, week.peak),
        mark_drawdown: week.drawdown.into(),
        locked: state.sleeve(week.sleeve).is_some_and(|s| s.lock.is_some()),
        balances: balances(state, week),
    }
}

/// 1 − unit / peak.
pub(crate) fn fall(unit: i64, peak: i64) -> Share {
    Share(if peak > 0 { 1.0 - unit as f64 / peak as f64 } else { 0.0 })
}

/// The premium that was on offer to a sleeve in a week: for each symbol and right the last candidate of the
/// week's plans that had a quote, its bid over the strike for a put, over the share's price for a call; of these the
/// mean. It is what the sleeve's equity would have earned before fees had all of it been put to work at these bids, in
/// equal parts, and had nothing been assigned. Candidates that a gate refused count: their bid was on offer too.
#[must_use]
pub fn offered(events: &[Event], sleeve: SleeveId) -> Option<Share> {
    let mut bids: BTreeMap<(Symbol, Right), f64> = BTreeMap::new();
    for plan in events.iter().filter_map(|event| plan_of(event, sleeve)) {
        for (candidate, seen) in plan.candidates.iter().filter_map(|c| c.seen.map(|s| (c, s))) {
            let whole = if seen.series.right == Right::Put { seen.series.strike } else { candidate.price };
            if whole > Price::ZERO {
                bids.insert((candidate.symbol, seen.series.right), seen.bid.units() as f64 / whole.units() as f64);
            }
        }
    }
    crate::measure::mean(&bids.into_values().collect::<Vec<_>>()).map(Share)
}

fn plan_of(event: &Event, sleeve: SleeveId) -> Option<&Plan> {
    match &event.body {
        Body::Planned(plan) if plan.sleeve == sleeve => Some(plan),
        _ => None,
    }
}

/// Premium sold less premium bought back by a sleeve, before fees.
#[must_use]
pub fn premium(events: &[Event], sleeve: SleeveId) -> Money {
    let fills = events.iter().filter_map(|event| match &event.body {
        Body::Filled { sleeve: of, trade, fill, .. } if *of == sleeve => {
            (trade.writes().is_some() || trade.buys_back().is_some()).then(|| fill.proceeds(trade))
        }
        Body::Crossed(crossing) if crossing.from == sleeve => Some(-crossing.paid()),
        Body::Crossed(crossing) if crossing.to == sleeve => Some(crossing.paid()),
        _ => None,
    });
    fills.sum()
}

fn balances(state: &State, week: &SleeveWeek) -> Balances {
    let id = week.sleeve;
    let book = state.ledger.balance(id);
    let held = holdings(state, id);
    let mid = |series| state.marks.as_ref().and_then(|m| m.mid(series)).unwrap_or(Price::ZERO);
    let options: Money = state.ledger.written(id).iter().map(|w| -mid(&w.series).of_contracts(w.contracts)).sum();
    let leaps: Money = state.ledger.longs(id).iter().map(|l| mid(&l.series).of_contracts(l.contracts)).sum();
    let shares: Money = held.iter().filter_map(|h| h.value).map(|v| v.0).sum();
    let receivable = book.receivable + book.dividends_receivable;
    let cash = book.settled + receivable - book.payable;
    Balances {
        settled: book.settled.into(),
        receivable: receivable.into(),
        payable: book.payable.into(),
        reserved: book.reserved.into(),
        idle: week.idle.into(),
        cash: cash.into(),
        shares: shares.into(),
        options: options.into(),
        leaps: leaps.into(),
        equity: (cash + shares + options + leaps).into(),
        holdings: held,
        shorts: shorts(state, id),
        longs: tree::leaps(state, id),
    }
}
