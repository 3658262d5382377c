//! J-1: a structure that has grown large folds back into its parent's Com.

use market::instrument::{Series, Symbol};
use market::time::TradingDay;
use market::value::{Price, Shares};

use crate::book::Id;
use crate::run::{Reference, name};
use crate::week::Kind;
use crate::world::ticker;

fn is_foreign(symbol: Symbol) -> bool {
    !Kind::Com.universe().iter().any(|s| ticker(s) == symbol)
}

impl Reference<'_> {
    /// Whether the structure of a sleeve merges.
    pub(crate) fn is_merging(&self, id: Id) -> bool {
        self.structures[&id.0].merging
    }

    fn sleeves_of(&self, number: u32) -> Vec<Id> {
        self.sleeves.keys().copied().filter(|id| id.0 == number).collect()
    }

    /// What merging structures buy back: all that they have written, in the order in which it was opened.
    pub(crate) fn merge_buy_backs(&self) -> Vec<(Id, Series)> {
        let merging = self.sleeves.iter().filter(|(id, _)| self.is_merging(**id));
        let mut all = Vec::new();
        for (id, sleeve) in merging {
            let mut open: Vec<(u64, Series)> = sleeve.shorts.iter().map(|(s, short)| (short.place, *s)).collect();
            open.sort_unstable();
            all.extend(open.into_iter().map(|(_, series)| (*id, series)));
        }
        all
    }

    /// Sells the shares that Com does not trade, once the structure has written nothing more.
    pub(crate) fn merge_sales(&mut self, day: TradingDay) {
        if self.world.vix(day).0 > 6_500 {
            return;
        }
        let merging: Vec<u32> = self.structures.iter().filter(|(_, s)| s.merging).map(|(n, _)| *n).collect();
        for number in merging {
            let ids = self.sleeves_of(number);
            if ids.iter().any(|id| !self.sleeves[id].shorts.is_empty()) {
                continue;
            }
            for id in ids {
                let lots = self.sleeves[&id].lots.keys().copied();
                let foreign: Vec<Symbol> = lots.filter(|s| is_foreign(*s)).collect();
                for symbol in foreign {
                    self.sell_shares(day, id, symbol);
                }
            }
        }
    }

    fn sell_shares(&mut self, day: TradingDay, id: Id, symbol: Symbol) {
        let world = self.world;
        let price = world.close(symbol, day);
        let settles = world.settles(day.date(), true);
        // K-4: $500,000 an order.
        let most = 5_000_000_000 / price;
        let mut left = self.sleeves[&id].shares(symbol);
        while left > 0 {
            let n = left.min(most);
            let fees = world.policy.fees.assigned_call(day.date(), Shares(n), Price::from_units(price)).unwrap();
            let fees = fees.units();
            self.note(day, format!("{} sell {symbol} {n} shares at {price} fees {fees}", name(id)));
            let sleeve = self.sleeve(id);
            sleeve.pending.push((settles, price * n - fees));
            sleeve.give(day, symbol, n, price * n, fees);
            left -= n;
        }
    }

    /// C-7: merges, the deepest first, equally deep ones by number.
    pub(crate) fn merge(&mut self, day: TradingDay) {
        let depth = |mut number: u32| {
            let mut depth = 0;
            while let Some(parent) = self.structures[&number].parent {
                (number, depth) = (parent, depth + 1);
            }
            depth
        };
        let mut order: Vec<(i32, u32)> = self.structures.keys().map(|n| (-depth(*n), *n)).collect();
        order.sort_unstable();
        for (_, number) in order {
            let Some(parent) = self.structures[&number].parent else { continue };
            let ids = self.sleeves_of(number);
            let values: Vec<i64> = ids.iter().map(|id| self.sleeves[id].equity(self.world, day)).collect();
            let total: i64 = values.iter().sum();
            if !self.structures[&number].merging && total >= self.numbers.merge_size * 10_000 {
                self.structures.get_mut(&number).unwrap().merging = true;
                self.note(day, format!("{number} merges {total}"));
            }
            let left = ids
                .iter()
                .map(|id| &self.sleeves[id])
                .any(|s| !s.shorts.is_empty() || s.lots.keys().any(|symbol| is_foreign(*symbol)));
            if self.structures[&number].merging && !left {
                self.fold(day, number, parent, &values);
            }
        }
    }

    /// Everything moves, as one entry.
    fn fold(&mut self, day: TradingDay, number: u32, parent: u32, values: &[i64]) {
        let into = (parent, Kind::Com);
        self.note(day, format!("{number} merged into {} {values:?}", name(into)));
        for (id, value) in self.sleeves_of(number).into_iter().zip(values) {
            let gone = self.sleeves.remove(&id).unwrap();
            self.see("LEAPS moved in kind", gone.longs.len());
            self.see("shares moved in kind", gone.lots.len());
            self.see("money set aside moved", usize::from(gone.aside > 0));
            self.see("the quarter's money moved", usize::from(gone.buys));
            self.see("an income bucket became growth", usize::from(gone.income > 0));
            let taker = self.sleeve(into);
            taker.flows += value;
            taker.settled += gone.settled;
            taker.pending.extend(&gone.pending);
            taker.dividends.extend(&gone.dividends);
            taker.longs.extend(&gone.longs);
            taker.longs.sort_by_key(|l| l.place);
            taker.aside += gone.aside;
            taker.buys |= gone.buys;
            taker.owed += gone.owed;
            taker.unspent += (gone.income + gone.unspent - gone.losses).max(0);
            for (symbol, lots) in gone.lots {
                let all = taker.lots.entry(symbol).or_default();
                all.extend(lots);
                all.sort_by_key(|l| l.place);
                *taker.paid.entry(symbol).or_default() += gone.paid[&symbol];
                *taker.premium.entry(symbol).or_default() += gone.premium.get(&symbol).copied().unwrap_or(0);
            }
        }
        let gone = self.structures.remove(&number).unwrap();
        self.see("tax reserve moved", usize::from(gone.reserve > 0));
        self.structures.get_mut(&parent).unwrap().reserve += gone.reserve;
        let children: Vec<u32> =
            self.structures.iter().filter(|(_, s)| s.parent == Some(number)).map(|(n, _)| *n).collect();
        self.see("children moved up", children.len());
        for child in children {
            self.structures.get_mut(&child).unwrap().parent = Some(parent);
        }
    }
}
