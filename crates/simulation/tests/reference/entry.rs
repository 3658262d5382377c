//! Section 3: new puts (E-1 to E-6).

use market::instrument::Right;
use market::order::Side;
use market::time::{Expiration, TradingDay};

use crate::book::Id;
use crate::run::Reference;
use crate::week::Kind;
use crate::world::{Quote, World, series, ticker};

/// A put that passed the gates.
struct Candidate {
    series: market::instrument::Series,
    bid: i64,
    contracts: i64,
}

/// E-4: nearest the band's middle, else the highest delta at most ten points below it. Quotes rise by strike; of equals
/// a put takes the first, a call the last.
pub(crate) fn strike(quotes: &[Quote], (low, high): (i64, i64), right: Right) -> Option<Quote> {
    let mut best: Option<(Quote, i64)> = None;
    let inside = quotes.iter().filter_map(|q| Some((*q, q.delta?))).filter(|(_, d)| low <= *d && *d <= high);
    for (quote, delta) in inside {
        let distance = (2 * delta - low - high).abs();
        let better = best.is_none_or(|(_, d)| distance < d || (distance == d && right == Right::Call));
        if better {
            best = Some((quote, distance));
        }
    }
    if let Some((quote, _)) = best {
        return Some(quote);
    }
    let mut below: Option<(Quote, i64)> = None;
    let near = quotes.iter().filter_map(|q| Some((*q, q.delta?))).filter(|(_, d)| low - 1_000 <= *d && *d < low);
    for (quote, delta) in near {
        let better = below.is_none_or(|(_, d)| delta > d || (delta == d && right == Right::Call));
        if better {
            below = Some((quote, delta));
        }
    }
    below.map(|(quote, _)| quote)
}

/// E-6: a spread wider than the wider of 5% of mid and $0.05.
pub(crate) fn too_wide(quote: &Quote) -> bool {
    let spread = quote.ask - quote.bid;
    spread > 500 && 100 * spread > 5 * quote.mid()
}

/// E-2: when puts sold on `day` expire.
fn expiration(world: &World<'_>, reference: &Reference<'_>, day: TradingDay) -> Expiration {
    let last = world.last_expiration(reference.judged().week);
    if last.0 > day.date() {
        return last;
    }
    world.last_expiration(world.calendar.week_after(reference.judged().week))
}

fn passes(reference: &Reference<'_>, id: Id, day: TradingDay, candidate: &Candidate, quote: &Quote) -> bool {
    let world = reference.world;
    let fees = world.policy.fees.option_trade(
        day.date(),
        Side::Sell,
        market::value::Contracts(1),
        market::value::Price::from_units(quote.bid),
    );
    let sleeve = &reference.sleeves[&id];
    let symbol = candidate.series.underlying;
    let expires = candidate.series.expiration.0;
    quote.bid > 0
        && !too_wide(quote)
        && !world.reports_by(symbol, day.date(), expires)
        && 1_000 * quote.bid >= quote.strike
        && quote.bid >= 1_000
        && quote.bid * 100 >= 10 * fees.unwrap().units()
        && sleeve.shares(symbol) == 0
        && !sleeve.taken.contains(&symbol)
}

/// What the sleeve would sell on `day`, in alphabetical order.
pub(crate) fn plan(reference: &Reference<'_>, id: Id, day: TradingDay) -> Vec<(market::instrument::Series, i64)> {
    let world = reference.world;
    let sleeve = &reference.sleeves[&id];
    let judged = reference.judged();
    if !judged.enters(world, id.1, day) || sleeve.locked.is_some() {
        return Vec::new();
    }
    let vix = world.vix(day).0;
    if vix > 6_500 {
        return Vec::new();
    }
    let expiration = expiration(world, reference, day);
    let mut candidates = Vec::new();
    for symbol in id.1.universe().iter().map(|s| ticker(s)) {
        let chain = world.chain(day, symbol, expiration, Right::Put);
        let Some(quote) = strike(&chain, judged.put_band(id.1), Right::Put) else { continue };
        let series = series(symbol, expiration, Right::Put, quote.strike);
        let candidate = Candidate { series, bid: quote.bid, contracts: 0 };
        if passes(reference, id, day, &candidate, &quote) {
            candidates.push(candidate);
        }
    }
    size(reference, id, day, &mut candidates, if vix > 5_000 { 50 } else { 100 });
    candidates.into_iter().filter(|c| c.contracts > 0).map(|c| (c.series, c.contracts)).collect()
}

/// E-5. `guard` is K-3's percentage.
fn size(reference: &Reference<'_>, id: Id, day: TradingDay, candidates: &mut [Candidate], guard: i64) {
    if candidates.is_empty() {
        return;
    }
    let world = reference.world;
    let sleeve = &reference.sleeves[&id];
    let equity = sleeve.equity(world, day);
    let committed = sleeve.committed(world, day) + sleeve.fork;
    let buffer = if sleeve.locked.is_some() { 20 } else { 5 };
    let sizing = i128::from(reference.judged().sizing(world.vix(day)) * guard * (100 - buffer));
    let allowed = i64::try_from((i128::from(equity) * sizing).div_euclid(1_000_000)).unwrap();
    let deployable = (sleeve.free(equity) - sleeve.fork).min(allowed - committed).max(0);
    let share = deployable / candidates.len() as i64;
    let cost = |c: &Candidate| c.series.strike.units() * 100;
    let cap = equity / 2;
    let bound: Vec<i64> = candidates.iter().map(|c| sleeve.committed_in(world, day, c.series.underlying)).collect();
    let mut left = deployable;
    for (candidate, bound) in candidates.iter_mut().zip(&bound) {
        candidate.contracts = share.min(cap - bound).max(0) / cost(candidate);
        left -= candidate.contracts * cost(candidate);
    }
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|a, b| {
        // Bid / strike / days; all expire on one day. Ties stay alphabetical.
        let (a, b) = (&candidates[*a], &candidates[*b]);
        let left = i128::from(b.bid) * i128::from(a.series.strike.units());
        left.cmp(&(i128::from(a.bid) * i128::from(b.series.strike.units())))
    });
    loop {
        let mut sold = false;
        for i in &order {
            let nothing_yet = committed == 0 && candidates.iter().all(|c| c.contracts == 0);
            let candidate = &mut candidates[*i];
            let cost = cost(candidate);
            let fits_cap = bound[*i] + (candidate.contracts + 1) * cost <= cap;
            if cost <= left && (fits_cap || nothing_yet) {
                candidate.contracts += 1;
                left -= cost;
                sold = true;
            }
        }
        if !sold {
            return;
        }
    }
}

/// E-8: the call that a sleeve would sell on one symbol, and how many.
pub(crate) fn call(
    reference: &Reference<'_>,
    id: Id,
    day: TradingDay,
    symbol: market::instrument::Symbol,
) -> Option<(market::instrument::Series, i64)> {
    let world = reference.world;
    let sleeve = &reference.sleeves[&id];
    let mut uncovered = sleeve.shares(symbol) / 100 - sleeve.covered(symbol);
    if uncovered <= 0 || world.vix(day).0 > 8_000 {
        return None;
    }
    let expiration = expiration(world, reference, day);
    if world.reports_by(symbol, day.date(), expiration.0) {
        uncovered = sleeve.shares(symbol) / 2 / 100 - sleeve.covered(symbol);
        if uncovered <= 0 {
            return None;
        }
    }
    let (low, high) = if sleeve.locked.is_some() { (2_000, 3_000) } else { id.1.band() };
    let basis = sleeve.basis(symbol);
    let chain = world.chain(day, symbol, expiration, Right::Call);
    let above: Vec<Quote> = chain.into_iter().filter(|q| q.strike >= basis).collect();
    let first = above.iter().find(|q| q.delta.is_some())?;
    let quote = if first.delta? < low {
        *above.iter().find(|q| q.bid >= 500)?
    } else {
        strike(&above, (low, high), Right::Call)?
    };
    let sound = quote.bid >= 500 && quote.delta? <= 9_000;
    sound.then(|| (series(symbol, expiration, Right::Call, quote.strike), uncovered))
}

/// The lowest strike, times 100, that E-4 would choose in the universe of `kind` in a Green week, of next week's last
/// expiration (F-3).
pub(crate) fn cheapest(world: &World<'_>, kind: Kind, day: TradingDay) -> i64 {
    let next = world.calendar.week_after(market::time::Week::of(day.date()));
    let expiration = world.last_expiration(next);
    let strikes = kind.universe().iter().filter_map(|s| {
        let chain = world.chain(day, ticker(s), expiration, Right::Put);
        strike(&chain, kind.band(), Right::Put).map(|q| q.strike * 100)
    });
    strikes.min().unwrap()
}
