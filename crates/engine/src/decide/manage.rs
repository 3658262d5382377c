//! What is done about open positions (X, R, G-1): one review of each, and the orders that it asks for.

use ledger::SleeveId;
use market::instrument::Right;
use market::order::{Side, Trade};
use market::quote::{Board, NextDividend};
use market::value::{Contracts, Money, Price, Shares};
use protocol::guard::guard;
use protocol::manage::{self, Answer, ManageContext, Note, Review};
use protocol::roll::RollKind;
use protocol::rule::Rule;
use protocol::view::Short;

use super::orders::Wanted;
use super::view::view_of;
use crate::event::Body;
use crate::sleeve::RollBegun;
use crate::state::State;

/// K-3: where the guard stands at the last VIX close, if that is news.
pub(super) fn guard_change(state: &State, board: &Board) -> Option<Body> {
    let vix = board.climate.vix?;
    let (from, to) = (state.guard, guard(&state.policy, vix));
    (from != to).then_some(Body::GuardChanged { from, to, vix })
}

/// What is seen and decided of every open option of `sleeve`.
pub(super) fn reviews(state: &State, board: &Board, sleeve: SleeveId) -> Vec<Review> {
    let view = view_of(state, board, sleeve, Money::ZERO);
    if view.shorts.is_empty() {
        return Vec::new();
    }
    let dividends = dividends(board);
    let context = context(state, board, sleeve, &dividends);
    let date = board.day.date();
    let fees = |side: Side, price: Price| state.policy.fees.option_trade(date, side, Contracts(1), price).ok();
    view.shorts.iter().map(|short| manage::review(&context, &view, short, &fees)).collect()
}

/// What the rules look at beside the sleeve.
pub(super) fn context<'a>(
    state: &'a State,
    board: &'a Board,
    sleeve: SleeveId,
    dividends: &'a [manage::NextDividend],
) -> ManageContext<'a> {
    let week = state.week.as_ref().filter(|w| w.week == market::time::Week::of(board.day.date()));
    ManageContext {
        policy: &state.policy,
        board,
        calendar: &state.calendar,
        week: week.map(|w| &w.now),
        guard: state.guard,
        killed: state.is_killed(sleeve),
        intraday: false,
        dividends,
    }
}

/// The dividends to come of every symbol on the board.
pub(super) fn dividends(board: &Board) -> Vec<manage::NextDividend> {
    let known = |symbol, next: NextDividend| manage::NextDividend { symbol, ex: next.ex, amount: next.amount };
    board.underlyings.iter().filter_map(|u| u.dividend.map(|next| known(u.symbol, next))).collect()
}

/// Whether a review is worth recording: it asks for something, or there is something to know.
pub(super) fn is_news(review: &Review) -> bool {
    let notes = review.notes.iter().any(|n| !matches!(n, Note::NoRange | Note::CheapNotExercised));
    review.answer != Answer::Hold || notes
}

/// The orders that a review asks for. A roll that X-3 only proposes is taken if it is a credit where nobody is asked;
/// `asked` says that a human decides rolls, and then has both orders of a roll before him (X-3, H-1).
pub(super) fn wanted(sleeve: SleeveId, review: &Review, asked: bool) -> Vec<Wanted> {
    let Review { series, contracts, .. } = *review;
    let rule = review.decided.unwrap_or(Rule::X4);
    let delta = None;
    match review.answer {
        Answer::Close { limit, .. } => {
            vec![Wanted { sleeve, trade: Trade::buy_back(series, contracts), limit, rule, delta }]
        }
        Answer::ProposeRoll(roll) if roll.kind != RollKind::Credit && !asked => Vec::new(),
        Answer::Roll(roll) | Answer::ProposeRoll(roll) if !roll.combined => {
            let trade = Trade::buy_back(series, contracts);
            let back = Wanted { sleeve, trade, limit: roll.buy, rule: Rule::R1, delta };
            let sale = Wanted {
                trade: Trade::write(roll.to.series, contracts),
                limit: roll.sell,
                delta: roll.to.delta,
                ..back
            };
            if asked { vec![back, sale] } else { vec![back] }
        }
        Answer::Roll(roll) | Answer::ProposeRoll(roll) => {
            let trade = Trade::Roll { close: series, open: roll.to.series, contracts };
            vec![Wanted { sleeve, trade, limit: roll.sell - roll.buy, rule, delta: roll.to.delta }]
        }
        _ => Vec::new(),
    }
}

/// the sales of rolls in two orders, for what was bought back.
pub(super) fn second_sides(state: &State, sleeve: SleeveId) -> Vec<Wanted> {
    let begun = state.sleeve(sleeve).map_or(&[][..], |s| &s.rolls);
    let bought = begun.iter().filter(|r| r.bought > Contracts(0));
    let sale = |r: &RollBegun| Wanted {
        sleeve,
        trade: Trade::write(r.roll.to.series, r.bought),
        limit: r.roll.sell,
        rule: Rule::R1,
        delta: r.roll.to.delta,
    };
    bought.map(sale).collect()
}

/// G-3: where the owner answers so after half a year, calls are bought back and then the shares are sold.
pub(super) fn sales(state: &State, board: &Board, sleeve: SleeveId) -> Vec<Wanted> {
    if !state.sleeve(sleeve).and_then(|s| s.lock).is_some_and(|lock| lock.selling) {
        return Vec::new();
    }
    let view = view_of(state, board, sleeve, Money::ZERO);
    let calls = view.shorts.iter().filter(|s| s.series.right == Right::Call);
    let back = calls.filter_map(|s| {
        let limit = board.quote(&s.series)?.0.ask.max(Price::cents(1));
        Some(Wanted { sleeve, trade: Trade::buy_back(s.series, s.contracts), limit, rule: Rule::G3, delta: None })
    });
    let free = view.holdings.iter().filter(|h| h.uncovered > Shares(0));
    let sold = free.filter_map(|h| {
        let (symbol, shares) = (h.symbol, h.uncovered);
        let limit = board.underlying(symbol)?.price;
        Some(Wanted { sleeve, trade: Trade::SellShares { symbol, shares }, limit, rule: Rule::G3, delta: None })
    });
    back.chain(sold).collect()
}

/// Whether the board should hold the chains to which `short` may be rolled.
pub(super) fn may_roll(state: &State, board: &Board, sleeve: SleeveId, short: &Short) -> bool {
    let dividends = dividends(board);
    let view = view_of(state, board, sleeve, Money::ZERO);
    manage::may_roll(&context(state, board, sleeve, &dividends), &view, short)
}
