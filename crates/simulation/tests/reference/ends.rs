//! What expires and what is exercised after the close.

use crate::book::{Id, Lot, Sleeve};
use crate::run::{Reference, name};
use crate::world::nearest;
use market::instrument::{Right, Series, Symbol};
use market::time::TradingDay;
use market::value::{Contracts, Shares};

impl Reference<'_> {
    /// X-8 and C-1: what expires or is exercised after the close.
    pub(crate) fn endings(&mut self, day: TradingDay) {
        let world = self.world;
        let off = self.is_off("X-8");
        let mut ends: Vec<(Id, Series, i64, bool)> = Vec::new();
        for (id, sleeve) in &self.sleeves {
            for (series, short) in &sleeve.shorts {
                let close = world.close(series.underlying, day);
                let strike = series.strike.units();
                let gives = if series.right == Right::Put { strike - close } else { close - strike };
                let expires = series.expiration.0 <= day.date();
                let exercised =
                    if expires { gives >= 100 && !off } else { gives > 0 && self.is_early(day, series, gives) };
                if expires || exercised {
                    ends.push((*id, *series, short.contracts, exercised));
                }
            }
        }
        let place = |series: &Series| self.opened.iter().position(|s| s == series);
        ends.sort_by_key(|(_, series, _, _)| place(series));
        let fees = self.delivery_fees(day, &ends);
        for ((id, series, contracts, exercised), fees) in ends.into_iter().zip(fees) {
            if series.right == Right::Put {
                self.sleeve(id).puts.entry(series).or_default().ended_on = Some(day.date());
            }
            if exercised {
                self.assigned(day, id, series, contracts, fees);
            } else {
                self.note(day, format!("{} expired {series} x{contracts}", name(id)));
                let sleeve = self.sleeve(id);
                let short = sleeve.shorts.remove(&series).unwrap();
                sleeve.realise(day, short.premium - short.fees);
                sleeve.forget(series.underlying);
            }
        }
    }

    /// Holders exercise calls on the eve of an ex-date and puts on any night, when mid lies less
    /// than half a tick above what it gives.
    fn is_early(&self, day: TradingDay, series: &Series, gives: i64) -> bool {
        let next = self.world.calendar.next(day).date();
        let eve = self.world.next_dividend(series.underlying, day.date()).is_some_and(|(ex, _)| ex <= next);
        let mid = self.world.quote(day, series).mid();
        let tick = if mid < 30_000 { 100 } else { 500 };
        (series.right == Right::Put || eve) && 2 * (mid - gives) < tick
    }

    /// K-7: the broker assigns the sum over sleeves; its fees are divided by contracts to the cent, largest remainder,
    /// ties to the lower sleeve.
    fn delivery_fees(&self, day: TradingDay, ends: &[(Id, Series, i64, bool)]) -> Vec<i64> {
        let mut fees = vec![0; ends.len()];
        for (i, (_, series, _, exercised)) in ends.iter().enumerate() {
            let same: Vec<usize> = (0..ends.len()).filter(|j| ends[*j].1 == *series).collect();
            if !exercised || series.right == Right::Put || same[0] != i {
                continue;
            }
            let all: i64 = same.iter().map(|j| ends[*j].2).sum();
            let shares = Contracts(all).shares();
            let table = &self.world.policy.fees;
            let cents = table.assigned_call(day.date(), shares, series.strike).unwrap().units() / 100;
            let mut order = same.clone();
            order.sort_by_key(|j| -(cents * ends[*j].2).rem_euclid(all));
            let given: i64 = same.iter().map(|j| cents * ends[*j].2 / all).sum();
            for (place, j) in order.into_iter().enumerate() {
                let extra = i64::from((place as i64) < cents - given);
                fees[j] = (cents * ends[j].2 / all + extra) * 100;
            }
        }
        fees
    }

    fn assigned(&mut self, day: TradingDay, id: Id, series: Series, contracts: i64, fees: i64) {
        let world = self.world;
        let settles = world.settles(day.date(), true);
        let strike = series.strike.units();
        let amount = strike * 100 * contracts;
        let symbol = series.underlying;
        self.note(day, format!("{} assigned {series} x{contracts} fees {fees}", name(id)));
        let sleeve = self.sleeve(id);
        let short = sleeve.shorts.remove(&series).unwrap();
        if series.right == Right::Put {
            sleeve.pending.push((settles, -amount));
            sleeve.puts.entry(series).or_default().assigned = true;
            sleeve.began.push(symbol);
            let lot = Lot { shares: 100 * contracts, paid: amount, premium: short.premium, fees: short.fees };
            sleeve.lots.entry(symbol).or_default().push(lot);
            *sleeve.paid.entry(symbol).or_default() += amount;
        } else {
            let basis = sleeve.basis(symbol);
            sleeve.called.entry(symbol).or_insert((strike, basis));
            sleeve.pending.push((settles, amount - fees));
            let cost = sleeve.give(symbol, Shares(100 * contracts));
            if sleeve.shares(symbol) == 0 {
                // What is left of the position is its open options.
                let open = sleeve.shorts.iter().filter(|(s, _)| s.underlying == symbol);
                let premium = open.map(|(_, short)| short.premium).sum();
                sleeve.premium.insert(symbol, premium);
            }
            sleeve.realise(day, amount - fees + short.premium - short.fees - cost);
            sleeve.forget(symbol);
        }
    }
}

impl Sleeve {
    /// Gives shares away, those that cost most first (T-1); what the tax office counts as their cost.
    fn give(&mut self, symbol: Symbol, shares: Shares) -> i64 {
        let held = self.shares(symbol);
        for pool in [&mut self.premium, &mut self.paid] {
            let all = pool.entry(symbol).or_default();
            *all -= nearest(i128::from(*all) * i128::from(shares.0), i128::from(held));
        }
        let lots = self.lots.get_mut(&symbol).unwrap();
        let (mut left, mut cost) = (shares.0, 0);
        while left > 0 {
            let dearest = |l: &&mut Lot| (l.cost() * 1_000).div_euclid(l.shares.max(1));
            let lot = lots.iter_mut().filter(|l| l.shares > 0).max_by_key(dearest).unwrap();
            let n = left.min(lot.shares);
            cost += lot.take(n).cost();
            left -= n;
        }
        lots.retain(|l| l.shares > 0);
        cost
    }
}
