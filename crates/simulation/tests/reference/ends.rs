//! What expires and what is exercised after the close.

use crate::book::{Id, Lot, Sleeve, portion};
use crate::run::{Reference, name};
use crate::world::nearest;
use market::instrument::{Right, Series, Symbol};
use market::time::TradingDay;
use market::value::Contracts;

impl Reference<'_> {
    /// X-8 and C-1: what expires or is exercised after the close.
    pub(crate) fn endings(&mut self, day: TradingDay) {
        let world = self.world;
        // W-5: what was open in this session, though it was bought back at its close.
        for sleeve in self.sleeves.values_mut() {
            for (series, week) in &mut sleeve.puts {
                let here = sleeve.shorts.contains_key(series) || week.bought_back_on == Some(day.date());
                week.deep |= here && 100 * world.close(series.underlying, day) < 85 * series.strike.units();
            }
        }
        let mut ends: Vec<(Id, Series, i64, bool)> = Vec::new();
        for (id, sleeve) in &self.sleeves {
            for (series, short) in &sleeve.shorts {
                let close = world.close(series.underlying, day);
                let strike = series.strike.units();
                let gives = if series.right == Right::Put { strike - close } else { close - strike };
                let expires = series.expiration.0 <= day.date();
                let exercised = if expires { gives >= 100 } else { gives > 0 && self.is_early(day, series, gives) };
                if expires || exercised {
                    ends.push((*id, *series, short.contracts(), exercised));
                }
            }
        }
        let place = |series: &Series| self.opened.iter().position(|s| s == series);
        ends.sort_by_key(|(_, series, _, _)| place(series));
        let fees = self.delivery_fees(day, &ends);
        for ((id, series, contracts, exercised), fees) in ends.into_iter().zip(fees) {
            if exercised {
                self.assigned(day, id, series, contracts, fees);
            } else {
                self.note(day, format!("{} expired {series} x{contracts}", name(id)));
                let sleeve = self.sleeve(id);
                let short = sleeve.shorts.remove(&series).unwrap();
                for fill in &short.fills {
                    sleeve.gain(day, series.underlying, fill.premium - fill.fees);
                }
                sleeve.forget(series.underlying);
            }
        }
        self.longs_end(day);
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
        let place = self.next_place();
        if series.expiration.0 > day.date() {
            let put = series.right == Right::Put;
            self.see(if put { "a put exercised early" } else { "a call exercised early" }, 1);
        }
        self.note(day, format!("{} assigned {series} x{contracts} fees {fees}", name(id)));
        let sleeve = self.sleeve(id);
        let short = sleeve.shorts.remove(&series).unwrap();
        if series.right == Right::Put {
            sleeve.pending.push((settles, -amount));
            sleeve.puts.entry(series).or_default().assigned = true;
            sleeve.began.push(symbol);
            let (acquired, premium, fees) = (day.date(), short.premium(), short.fees());
            let lot = Lot { shares: 100 * contracts, acquired, place, paid: amount, premium, fees };
            sleeve.lots.entry(symbol).or_default().push(lot);
            *sleeve.paid.entry(symbol).or_default() += amount;
        } else {
            let basis = sleeve.basis(symbol);
            sleeve.called.entry(symbol).or_insert((strike, basis));
            sleeve.pending.push((settles, amount - fees));
            sleeve.give(day, symbol, 100 * contracts, amount + short.premium(), fees + short.fees());
        }
    }
}

impl Sleeve {
    /// Gives shares away for `income`, those that cost most first (T-1), and realises what that brings.
    pub(crate) fn give(&mut self, day: TradingDay, symbol: Symbol, shares: i64, income: i64, fees: i64) {
        let held = self.shares(symbol);
        for pool in [&mut self.premium, &mut self.paid] {
            let all = pool.entry(symbol).or_default();
            *all -= nearest(i128::from(*all) * i128::from(shares), i128::from(held));
        }
        let (mut left, mut income, mut fees) = (shares, income, fees);
        while left > 0 {
            let lots = self.lots.get_mut(&symbol).unwrap();
            let dearest = (0..lots.len()).reduce(|best, i| {
                let scaled = |a: &Lot, b: &Lot| i128::from(a.cost()) * i128::from(b.shares);
                let (old, new) = (scaled(&lots[best], &lots[i]), scaled(&lots[i], &lots[best]));
                if new > old || (new == old && lots[i].acquired < lots[best].acquired) { i } else { best }
            });
            let lot = &mut lots[dearest.unwrap()];
            let taken = lot.take(left.min(lot.shares));
            lots.retain(|l| l.shares > 0);
            let (brought, charged) = (portion(income, taken.shares, left), portion(fees, taken.shares, left));
            (income, fees, left) = (income - brought, fees - charged, left - taken.shares);
            self.gain(day, symbol, brought - charged - taken.cost());
        }
        if self.shares(symbol) == 0 {
            // What is left of the position is its open options.
            let open = self.shorts.iter().filter(|(s, _)| s.underlying == symbol);
            let premium = open.map(|(_, short)| short.premium()).sum();
            self.premium.insert(symbol, premium);
        }
        self.forget(symbol);
    }
}
