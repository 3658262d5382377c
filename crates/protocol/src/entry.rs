//! New cash-secured puts: which strike (E-4), which gates (E-6), how many contracts (E-5).

use market::instrument::{Right, Series, Symbol};
use market::order::Side;
use market::quote::{Board, Chain, Delta, Earnings, OptionQuote, Underlying};
use market::time::{Date, Expiration};
use market::value::{Contracts, MULTIPLIER, Money, Price};

use crate::guard::{Guard, Intent};
use crate::plan::{Candidate, Gate, Plan, Purpose, Seen, Skip, Untestable, Verdict};
use crate::policy::Policy;
use crate::policy::unit::{DeltaBand, Ppm};
use crate::rule::Rule;
use crate::view::SleeveView;
use crate::walk;
use crate::week::{self, Classification};

/// What an entry decision looks at besides the sleeve.
#[derive(Clone, Copy, Debug)]
pub struct EntryContext<'a> {
    /// Every number.
    pub policy: &'a Policy,
    /// Quotes and prices.
    pub board: &'a Board,
    /// The judged week.
    pub week: &'a Classification,
    /// How far the guard has closed (K-3).
    pub guard: Guard,
    /// Contracts that orders of the owner's sleeves sold to open today, by series: E-6's share of the volume holds for
    /// their sum (K-7).
    pub sold_today: &'a [(Series, Contracts)],
    /// The expiration that each symbol of the sleeve would sell (E-2); absent if it has none near enough.
    pub expirations: &'a [(Symbol, Option<Expiration>)],
}

/// The band of the sleeve's puts this week (E-1, M-6).
#[must_use]
pub fn put_band(policy: &Policy, kind: ledger::SleeveKind, week: &Classification) -> DeltaBand {
    use crate::policy::WeekClass;
    let shift = match week.class {
        _ if policy.is_off(Rule::M6) => Delta(0),
        WeekClass::Green => policy.band.shift_green,
        WeekClass::Red => policy.band.shift_red,
        WeekClass::Chop => policy.band.shift_chop,
    };
    let floor = if policy.is_off(Rule::E1) { Delta(0) } else { policy.band.floor };
    policy.band.of(kind).shifted(shift, floor)
}

/// E-4 for puts: the quoted strike inside the band nearest its middle (ties to the lower strike); if none is inside,
/// the highest delta below the band but at most `band.fallback` under it.
///
/// # Errors
/// The highest delta below the band, where one was quoted.
pub fn put_strike<'a>(policy: &Policy, chain: &'a Chain, band: DeltaBand) -> Result<&'a OptionQuote, Option<Delta>> {
    let known = || chain.quotes.iter().filter_map(|q| q.delta.map(|d| (d, q)));
    let inside = known().filter(|(d, _)| band.contains(*d));
    let nearest = if policy.is_off(Rule::E4) {
        inside.max_by_key(|(d, q)| (*d, std::cmp::Reverse(q.strike)))
    } else {
        inside.min_by_key(|(d, q)| ((2 * d.0 - band.twice_middle()).abs(), q.strike))
    };
    if let Some((_, quote)) = nearest {
        return Ok(quote);
    }
    let below = known().filter(|(d, _)| *d < band.low).max_by_key(|(d, q)| (*d, std::cmp::Reverse(q.strike)));
    match below {
        Some((d, quote)) if band.low.0 - d.0 <= policy.band.fallback.0 => Ok(quote),
        best => Err(best.map(|(d, _)| d)),
    }
}

/// The earliest day on which a report may come that is not after `expiration`.
#[must_use]
pub fn report_before(earnings: Earnings, today: Date, expiration: Expiration) -> Option<Date> {
    match earnings {
        Earnings::On(date) if date <= expiration.0 => Some(date),
        Earnings::Between(from, to) if from <= expiration.0 && to >= today => Some(from.max(today)),
        _ => None,
    }
}

/// E-6: the first gate that refuses, and the gates that could not be asked.
#[must_use]
pub fn put_gates(
    policy: &Policy,
    day: Date,
    underlying: &Underlying,
    series: &Series,
    quote: &OptionQuote,
    fees: Money,
) -> (Option<Gate>, Vec<Untestable>) {
    let mut untestable = Vec::new();
    if policy.is_off(Rule::E6) {
        return (None, untestable);
    }
    let gates = &policy.gate;
    let mut refused = None;
    let mut refuse = |gate: Gate| {
        refused.get_or_insert(gate);
    };
    if quote.bid <= Price::ZERO {
        refuse(Gate::NoBid);
    }
    let spread = quote.ask - quote.bid;
    let limit = gates.spread.of_price(quote.mid()).max(gates.spread_min);
    if spread > limit {
        refuse(Gate::Spread { spread, limit });
    }
    match quote.open_interest {
        None => untestable.push(Untestable::OpenInterest),
        Some(found) if found < gates.open_interest => {
            refuse(Gate::OpenInterest { found, least: gates.open_interest });
        }
        Some(_) => {}
    }
    match quote.volume {
        None => untestable.push(Untestable::Volume),
        Some(found) if found < gates.volume => refuse(Gate::Volume { found, least: gates.volume }),
        Some(_) => {}
    }
    if underlying.earnings == Earnings::Unknown {
        untestable.push(Untestable::Earnings);
    } else if let Some(on) = report_before(underlying.earnings, day, series.expiration) {
        refuse(Gate::Earnings { on });
    }
    let rank = policy.iv_rank.min;
    if rank > Ppm::ZERO && !policy.is_off(Rule::E10) {
        match underlying.iv_rank.map(Ppm) {
            None => untestable.push(Untestable::IvRank),
            Some(found) if found < rank => refuse(Gate::IvRank { found, least: rank }),
            Some(_) => {}
        }
    }
    let per_share = |money: Money| Price::from_units((money.units() + MULTIPLIER - 1).div_euclid(MULTIPLIER));
    let least =
        gates.premium.of_price(series.strike).max(gates.premium_min).max(per_share(gates.premium_fees.of(fees)));
    if quote.bid < least {
        refuse(Gate::Premium { bid: quote.bid, least });
    }
    (refused, untestable)
}

/// A candidate that passed every gate, on its way to a size.
struct Sized {
    index: usize,
    symbol: Symbol,
    collateral: Money,
    exposure: Money,
    /// Contracts traded by all, where known and asked.
    volume: Option<u32>,
    most: i64,
    contracts: i64,
    yield_parts: (i128, i128),
    /// The worst limit (E-7).
    limit: Price,
}

impl Sized {
    /// Falling yield = bid / strike / calendar days; ties alphabetical.
    fn ranks_before(&self, other: &Sized) -> std::cmp::Ordering {
        let (a, b) = (self.yield_parts, other.yield_parts);
        (b.0 * a.1).cmp(&(a.0 * b.1)).then(self.symbol.cmp(&other.symbol))
    }
}

/// Size of new entries: the week's (M-6, M-7), cut further by the guard (K-3).
#[must_use]
pub fn sizing(policy: &Policy, week: &Classification, guard: Guard) -> Ppm {
    Ppm(guard.sizing(policy).of_count(week::sizing(policy, week).0))
}

/// What may be deployed (E-5): the smaller of free cash and what sizing leaves of the equity.
#[must_use]
pub fn deployable(policy: &Policy, view: &SleeveView, week: &Classification, guard: Guard) -> Money {
    let sizing = sizing(policy, week, guard);
    let usable = view.equity - view.buffer.min(view.equity);
    let left = sizing.of(usable) - view.committed;
    view.free_cash().min(left).max(Money::ZERO)
}

/// Decides the sleeve's new puts of one session.
#[must_use]
pub fn plan(view: &SleeveView, context: EntryContext<'_>, fees: impl Fn(Price) -> Option<Money>) -> Plan {
    let EntryContext { policy, board, week, guard, sold_today, expirations } = context;
    let band = put_band(policy, view.id.kind, week);
    let deployable = deployable(policy, view, week, guard);
    let mut candidates = Vec::with_capacity(expirations.len());
    let mut sized = Vec::with_capacity(expirations.len());
    for (symbol, expiration) in expirations {
        let Some(underlying) = board.underlying(*symbol) else { continue };
        let mut candidate = blank(*symbol, underlying.price);
        let found = choose(view, &context, underlying, *expiration, band, &fees, &mut candidate);
        match found {
            Err(skip) => candidate.verdict = Verdict::Leave(skip),
            Ok((series, quote)) => {
                let volume = quote.volume.filter(|_| !policy.is_off(Rule::E6));
                let days = i128::from(series.expiration.days_from(board.day.date()).max(1));
                let collateral = series.strike.times(MULTIPLIER);
                sized.push(Sized {
                    index: candidates.len(),
                    symbol: *symbol,
                    collateral,
                    exposure: view.exposure_to(*symbol),
                    volume,
                    most: volume.map_or(i64::MAX, |v| {
                        let sold = sold_today.iter().find(|(s, _)| *s == series).map_or(0, |(_, n)| n.0);
                        (policy.gate.volume_share.of_count(i64::from(v)) - sold).max(0)
                    }),
                    contracts: 0,
                    limit: walk::last(policy, *symbol, &quote, Side::Sell),
                    yield_parts: (i128::from(quote.bid.units()), i128::from(series.strike.units()) * days),
                });
            }
        }
        candidates.push(candidate);
    }
    size(policy, view, deployable, &mut sized);
    for one in &sized {
        let candidate = &mut candidates[one.index];
        candidate.rules.push(Rule::E5);
        candidate.verdict = verdict(policy, view, deployable, one);
        if matches!(candidate.verdict, Verdict::Take { .. }) {
            candidate.rules.push(Rule::E7);
        }
    }
    Plan {
        sleeve: view.id,
        day: board.day,
        purpose: Purpose::Entry,
        class: week.class,
        sizing: sizing(policy, week, guard),
        equity: view.equity,
        free_cash: view.free_cash(),
        committed: view.committed,
        deployable,
        candidates,
    }
}

pub(crate) fn blank(symbol: Symbol, price: Price) -> Candidate {
    Candidate {
        symbol,
        price,
        seen: None,
        verdict: Verdict::Leave(Skip::NoExpiration),
        untestable: Vec::new(),
        rules: Vec::with_capacity(4),
        locked_loss: Price::ZERO,
    }
}

fn choose(
    view: &SleeveView,
    context: &EntryContext<'_>,
    underlying: &Underlying,
    expiration: Option<Expiration>,
    band: DeltaBand,
    fees: impl Fn(Price) -> Option<Money>,
    candidate: &mut Candidate,
) -> Result<(Series, OptionQuote), Skip> {
    let (policy, board) = (context.policy, context.board);
    let symbol = underlying.symbol;
    if view.locked {
        candidate.rules.push(Rule::K2);
        return Err(Skip::Locked);
    }
    if !context.guard.allows(Intent::NewPut) {
        candidate.rules.push(Rule::K3);
        return Err(Skip::Guarded);
    }
    if view.profit_taken.contains(&symbol) && !policy.is_off(Rule::E2) {
        candidate.rules.extend([Rule::X5, Rule::E2]);
        return Err(Skip::ProfitTaken);
    }
    let holds = view.holding(symbol).is_some_and(|h| h.shares.whole_contracts() > Contracts(0));
    if holds && !policy.is_off(Rule::E8) {
        candidate.rules.push(Rule::E8);
        return Err(Skip::HoldsShares);
    }
    candidate.rules.push(Rule::E2);
    let expiration = expiration.ok_or(Skip::NoExpiration)?;
    let chain = board.chain(symbol, expiration, Right::Put).ok_or(Skip::NoQuotes(expiration))?;
    candidate.rules.extend([Rule::E1, Rule::E4]);
    let quote =
        *put_strike(policy, chain, band).map_err(|best| Skip::NoStrike { band: (band.low, band.high), best })?;
    let series = Series { underlying: symbol, expiration, right: Right::Put, strike: quote.strike };
    candidate.seen = Some(Seen { series, bid: quote.bid, ask: quote.ask, delta: quote.delta, origin: chain.origin });
    candidate.rules.push(Rule::E6);
    let fees = fees(quote.bid).ok_or(Skip::FeesUnknown)?;
    let (refused, untestable) = put_gates(policy, board.day.date(), underlying, &series, &quote, fees);
    candidate.untestable = untestable;
    refused.map_or(Ok((series, quote)), |gate| Err(Skip::Gate(gate)))
}

/// E-5: equal shares first, then rounds of one contract each in falling yield until nothing fits.
fn size(policy: &Policy, view: &SleeveView, deployable: Money, sized: &mut [Sized]) {
    if sized.is_empty() {
        return;
    }
    let cap = policy.cap.underlying.of(view.equity);
    let share = deployable.fraction(1, sized.len() as i64);
    let mut left = deployable;
    for one in sized.iter_mut() {
        let room = (cap - one.exposure).max(Money::ZERO).min(share);
        one.contracts = (room.units() / one.collateral.units()).min(one.most).max(0);
        left -= one.collateral.times(one.contracts);
    }
    if policy.is_off(Rule::E5) {
        return;
    }
    let mut order: Vec<usize> = (0..sized.len()).collect();
    order.sort_by(|a, b| sized[*a].ranks_before(&sized[*b]));
    loop {
        let mut added = false;
        for i in &order {
            let nothing_yet = view.committed == Money::ZERO && sized.iter().all(|s| s.contracts == 0);
            let one = &mut sized[*i];
            let would = one.exposure + one.collateral.times(one.contracts + 1);
            let fits = one.collateral <= left && one.contracts < one.most;
            let first = policy.cap.first_contract && nothing_yet;
            if fits && (would <= cap || first) {
                one.contracts += 1;
                left -= one.collateral;
                added = true;
            }
        }
        if !added {
            return;
        }
    }
}

fn verdict(policy: &Policy, view: &SleeveView, deployable: Money, one: &Sized) -> Verdict {
    if one.contracts > 0 {
        return Verdict::Take { side: Side::Sell, contracts: Contracts(one.contracts), limit: one.limit };
    }
    let cap = policy.cap.underlying.of(view.equity);
    let would = one.exposure + one.collateral;
    if let (0, Some(volume)) = (one.most, one.volume) {
        return Verdict::Leave(Skip::VolumeShare { volume });
    }
    Verdict::Leave(if one.collateral > deployable {
        Skip::DoesNotFit { needs: one.collateral, deployable }
    } else if would > cap {
        Skip::Cap { would, cap }
    } else {
        Skip::Outbid
    })
}
