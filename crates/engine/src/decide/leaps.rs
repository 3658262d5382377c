//! LEAPS: what a window buys with what reinvestment set aside, and lines that are short of time.

use ledger::SleeveId;
use ledger::entry::Purpose;
use market::instrument::Symbol;
use market::order::{Action, Side, Trade};
use market::quote::{Board, OptionQuote, Origin};
use market::time::TradingDay;
use market::value::{Contracts, Money, Price};
use protocol::leaps::{self, LeapsAnswer, LeapsPlan, LeapsView, LongLine};
use protocol::rule::Rule;

use super::orders::Wanted;
use super::view::sleeve_view;
use super::want::universe;
use crate::event::Body;
use crate::state::State;

/// The LEAPS of a sleeve at mid, one line for each series and day of purchase.
pub(super) fn lines(state: &State, board: &Board, sleeve: SleeveId) -> Vec<LongLine> {
    let line = |long: &ledger::lot::Long| LongLine {
        series: long.series,
        contracts: long.contracts,
        opened: TradingDay::from_record(long.opened),
        value: board.quote(&long.series).map_or(Money::ZERO, |(quote, _)| quote.mid().of_contracts(long.contracts)),
    };
    state.ledger.longs(sleeve).iter().map(line).collect()
}

/// Whether this session's window buys LEAPS for a sleeve.
pub(super) fn is_due(state: &State, sleeve: SleeveId, day: TradingDay) -> bool {
    state.sleeve(sleeve).is_some_and(|s| s.leaps_due || s.leaps_sold.iter().any(|sold| sold.settles <= day.date()))
        && !state.is_merging(sleeve)
}

/// What the window buys: with the quarter's money first, then in place of what was sold.
pub(super) fn plans(state: &State, board: &Board, sleeve: SleeveId) -> Vec<(LeapsPlan, bool)> {
    let mut plans = Vec::new();
    let Some(beside) = state.sleeve(sleeve).filter(|_| is_due(state, sleeve, board.day)) else { return plans };
    let Ok(view) = sleeve_view(state, board, sleeve) else { return plans };
    let mut held = lines(state, board, sleeve);
    let mut exposure = view.exposure;
    let date = board.day.date();
    let fees = |price: Price| state.policy.fees.option_trade(date, Side::Buy, Contracts(1), price).ok();
    let mut ask = |budget, most, symbols: &[Symbol]| {
        let asked = LeapsView { id: sleeve, lines: &held, budget, equity: view.equity, exposure: &exposure, most };
        let plan = leaps::plan(&state.policy, &asked, symbols, board, fees);
        // The next plan of this window sees what this one buys.
        for (series, bought) in plan.purchases() {
            let mid = board.quote(&series).map_or(Price::ZERO, |(quote, _)| quote.mid());
            let (contracts, value) = (bought.contracts, mid.of_contracts(bought.contracts));
            held.push(LongLine { series, contracts, opened: board.day, value });
            match exposure.binary_search_by_key(&series.underlying, |(symbol, _)| *symbol) {
                Ok(at) => exposure[at].1 += value,
                Err(at) => exposure.insert(at, (series.underlying, value)),
            }
        }
        plan
    };
    if beside.leaps_due {
        let budget = state.ledger.earmark(sleeve, Purpose::Leaps);
        plans.push((ask(budget, None, universe(state, sleeve.kind)), false));
    }
    let mut free = state.ledger.free_cash(sleeve);
    for sold in beside.leaps_sold.iter().filter(|sold| sold.settles <= date) {
        let budget = sold.proceeds.min(free).max(Money::ZERO);
        let plan = ask(budget, Some(sold.contracts), &[sold.symbol]);
        free -= plan.budget - plan.left;
        plans.push((plan, true));
    }
    plans
}

/// What a plan wants to be bought.
pub(super) fn wanted(plan: &LeapsPlan) -> Vec<Wanted> {
    let buy = |(series, bought): (market::instrument::Series, leaps::Bought)| Wanted {
        sleeve: plan.sleeve,
        trade: Trade::Option { action: Action::BuyToOpen, series, contracts: bought.contracts },
        limit: bought.limit,
        rule: Rule::Q2,
        delta: None,
    };
    plan.purchases().into_iter().map(buy).collect()
}

/// Lines that are to be rolled today, with the sale that begins it.
pub(super) fn reviews(state: &State, board: &Board, sleeve: SleeveId) -> Vec<(Body, Wanted)> {
    let mut reviews = Vec::new();
    let Some(beside) = state.sleeve(sleeve).filter(|_| !state.is_merging(sleeve)) else { return reviews };
    for line in lines(state, board, sleeve) {
        let LongLine { series, contracts, .. } = line;
        let loss = beside.losses.iter().find(|(symbol, _)| *symbol == series.underlying).map(|(_, day)| *day);
        let answer = leaps::roll(&state.policy, board.day, &line, loss);
        // Where nobody bids there is nothing to sell to: the line is held, to its end if need be.
        let bid = |(quote, _): &(&OptionQuote, Origin)| quote.bid > Price::ZERO && answer == LeapsAnswer::Roll;
        let Some((quote, _)) = board.quote(&series).filter(bid) else { continue };
        let trade = Trade::Option { action: Action::SellToClose, series, contracts };
        let wanted = Wanted { sleeve, trade, limit: quote.bid, rule: Rule::Q2, delta: quote.delta };
        reviews.push((Body::LeapsReviewed { sleeve, series, contracts, answer }, wanted));
    }
    reviews
}
