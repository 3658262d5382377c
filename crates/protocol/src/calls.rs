//! Covered calls (E-8): every whole hundred of shares, in the sleeve's band and never below the cash basis.

use market::instrument::{Right, Series};
use market::order::Side;
use market::quote::{Board, Chain, OptionQuote, Underlying};
use market::time::Expiration;
use market::value::{Contracts, Price};

use crate::entry::{blank, report_before};
use crate::plan::{Candidate, Plan, Purpose, Seen, Skip, Untestable, Verdict};
use crate::policy::unit::DeltaBand;
use crate::policy::{CallStrike, Policy, WeekClass};
use crate::position::PositionType;
use crate::rule::Rule;
use crate::view::{Holding, SleeveView};
use crate::walk;
use market::quote::Earnings;

/// Decides the calls of one session on all uncovered hundreds; `None` if there are none. `expirations` gives each
/// holding's expiration (E-2), in the order of the holdings.
#[must_use]
pub fn plan(
    policy: &Policy,
    view: &SleeveView,
    board: &Board,
    class: WeekClass,
    expiration: impl Fn(&Holding) -> Option<Expiration>,
) -> Option<Plan> {
    if policy.is_off(Rule::E8) {
        return None;
    }
    let mut candidates = Vec::new();
    for holding in view.holdings.iter().filter(|h| h.uncovered.whole_contracts() > Contracts(0)) {
        let Some(underlying) = board.underlying(holding.symbol) else { continue };
        let mut candidate = blank(holding.symbol, underlying.price);
        candidate.rules.extend([Rule::E8, Rule::E2]);
        let verdict = cover(policy, view, board, holding, underlying, expiration(holding), &mut candidate);
        candidate.verdict = verdict.unwrap_or_else(Verdict::Leave);
        candidates.push(candidate);
    }
    if candidates.is_empty() {
        return None;
    }
    Some(Plan {
        sleeve: view.id,
        day: board.day,
        purpose: Purpose::Cover,
        class,
        sizing: crate::policy::unit::Ppm::ONE,
        equity: view.equity,
        free_cash: view.free_cash(),
        committed: view.committed,
        deployable: market::value::Money::ZERO,
        candidates,
    })
}

fn cover(
    policy: &Policy,
    view: &SleeveView,
    board: &Board,
    holding: &Holding,
    underlying: &Underlying,
    expiration: Option<Expiration>,
    candidate: &mut Candidate,
) -> Result<Verdict, Skip> {
    let expiration = expiration.ok_or(Skip::NoExpiration)?;
    let report = report_before(underlying.earnings, board.day.date(), expiration);
    if underlying.earnings == Earnings::Unknown {
        candidate.untestable.push(Untestable::Earnings);
    }
    let contracts = coverage(policy, view, holding, report)?;
    let chain = board.chain(holding.symbol, expiration, Right::Call).ok_or(Skip::NoQuotes(expiration))?;
    let below_basis = policy.calls.below_basis && report.is_none();
    let quote = *strike(policy, view, holding, underlying, chain, below_basis)?;
    let series = Series { underlying: holding.symbol, expiration, right: Right::Call, strike: quote.strike };
    candidate.seen = Some(Seen { series, bid: quote.bid, ask: quote.ask, delta: quote.delta, origin: chain.origin });
    candidate.locked_loss = (holding.basis - quote.strike).max(Price::ZERO);
    candidate.rules.push(Rule::E7);
    let limit = walk::last(policy, holding.symbol, &quote, Side::Sell);
    Ok(Verdict::Take { side: Side::Sell, contracts, limit })
}

/// How many contracts may be sold now: all uncovered hundreds, or up to half of all hundreds over an earnings report.
fn coverage(
    policy: &Policy,
    view: &SleeveView,
    holding: &Holding,
    report: Option<market::time::Date>,
) -> Result<Contracts, Skip> {
    let uncovered = holding.uncovered.whole_contracts();
    let Some(on) = report else { return Ok(uncovered) };
    let all = holding.shares.whole_contracts();
    let allowed = policy.calls.earnings_coverage.of_count(all.0) - view.calls_on(holding.symbol).0;
    if allowed <= 0 { Err(Skip::EarningsCoverage { on }) } else { Ok(Contracts(allowed.min(uncovered.0))) }
}

/// The band in which this holding's call is sought, whether it is sought at the money instead, and whether it may lie
/// below the basis.
fn aim(policy: &Policy, view: &SleeveView, holding: &Holding, below_basis: bool) -> (DeltaBand, bool, bool) {
    let band = policy.band.of(view.id.kind);
    let at_the_money = policy.calls.strike == CallStrike::AtTheMoney;
    if view.locked && !policy.is_off(Rule::G1) {
        return (policy.calls.recovery_band, false, below_basis);
    }
    match holding.kind {
        Some(PositionType::CallRecovery) if below_basis => (policy.calls.recovery_band, false, true),
        Some(PositionType::CallRolled) if below_basis => (band, true, true),
        _ => (band, at_the_money, false),
    }
}

/// Whether a call pays enough and is not as good as the shares themselves (E-8).
pub(crate) fn pays(policy: &Policy, quote: &OptionQuote) -> bool {
    quote.bid >= policy.calls.premium_min && quote.delta.is_some_and(|d| d <= policy.calls.max_delta)
}

/// E-8's strike.
pub(crate) fn strike<'a>(
    policy: &Policy,
    view: &SleeveView,
    holding: &Holding,
    underlying: &Underlying,
    chain: &'a Chain,
    below_basis: bool,
) -> Result<&'a OptionQuote, Skip> {
    let calls = &policy.calls;
    let (band, at_the_money, may_be_below) = aim(policy, view, holding, below_basis);
    let lowest = if may_be_below { calls.max_locked_loss.rest().of_price(holding.basis) } else { holding.basis };
    let sound = || chain.quotes.iter().filter(|q| pays(policy, q) && q.strike >= lowest);
    let delta = |q: &OptionQuote| q.delta.map_or(0, |d| d.0);
    if at_the_money {
        let nearest = sound().min_by_key(|q| (q.strike.distance(underlying.price), std::cmp::Reverse(q.strike)));
        return nearest.ok_or(Skip::NothingAboveBasis { basis: holding.basis });
    }
    let inside = sound().filter(|q| q.delta.is_some_and(|d| band.contains(d)));
    let best = inside.min_by_key(|q| ((2 * delta(q) - band.twice_middle()).abs(), std::cmp::Reverse(q.strike)));
    if let Some(quote) = best {
        return Ok(quote);
    }
    // The band lies below the basis where the first strike at or above it is already out of the band's reach.
    let first = chain.quotes.iter().find(|q| q.strike >= lowest);
    if first.is_none_or(|q| delta(q) < band.low.0) {
        return sound().min_by_key(|q| q.strike).ok_or(Skip::NothingAboveBasis { basis: holding.basis });
    }
    let under = sound().filter(|q| delta(q) < band.low.0).max_by_key(|q| (delta(q), q.strike));
    match under {
        Some(quote) if band.low.0 - delta(quote) <= policy.band.fallback.0 => Ok(quote),
        best => Err(Skip::NoStrike { band: (band.low, band.high), best: best.and_then(|q| q.delta) }),
    }
}
