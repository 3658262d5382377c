//! Sales to open, buy-backs and rolls.

use crate::book::{Id, Short, Written};
use crate::run::{Reference, name};
use market::instrument::{Right, Series};
use market::order::Side;
use market::time::TradingDay;

/// What a roll hands on: rolls so far, first premium of the chain, net of its rolls, and what the buy-back cost.
pub(crate) struct Chain {
    rolls: u32,
    first_premium: i64,
    net: i64,
    paid: i64,
}

impl Reference<'_> {
    pub(crate) fn written(&mut self, day: TradingDay, id: Id, series: Series, filled: Written, chain: Option<Chain>) {
        let underlying = self.world.close(series.underlying, day);
        let settles = self.world.settles(day.date(), false);
        let place = self.next_place();
        let sleeve = self.sleeve(id);
        let price = filled.premium / (100 * filled.contracts);
        let paid = chain.as_ref().map_or(0, |c| c.paid);
        sleeve.pending.push((settles, filled.premium - filled.fees - paid));
        *sleeve.premium.entry(series.underlying).or_default() += filled.premium;
        if series.right == Right::Put {
            sleeve.puts.entry(series).or_default();
        }
        let (rolls, first_premium, rolled_net) = chain.map_or((0, price, 0), |c| (c.rolls, c.first_premium, c.net));
        let new = Short { fills: Vec::new(), underlying, rolls, first_premium, rolled_net, place };
        sleeve.shorts.entry(series).or_insert(new).fills.push(filled);
        if !self.opened.contains(&series) {
            self.opened.push(series);
        }
    }

    /// Buys `n` contracts back as one order and, for a roll, writes as many of `into`.
    pub(crate) fn buy_back(&mut self, day: TradingDay, id: Id, series: Series, n: i64, into: Option<Series>) {
        let ask = self.world.quote(day, &series).ask;
        let fees = self.fee(day.date(), Side::Buy, n, ask);
        let settles = self.world.settles(day.date(), false);
        let sale = into.map(|new| (new, self.world.quote(day, &new).bid));
        let sale = sale.map(|(new, bid)| (new, bid, self.fee(day.date(), Side::Sell, n, bid)));
        let line = match sale {
            Some((new, bid, sold)) => {
                format!("{} roll {series} at {ask} fees {fees} into {new} x{n} at {bid} fees {sold}", name(id))
            }
            None => format!("{} buy back {series} x{n} at {ask} fees {fees}", name(id)),
        };
        self.note(day, line);
        let sleeve = self.sleeve(id);
        let short = sleeve.shorts.get_mut(&series).unwrap();
        let (rolls, first_premium, rolled_net) = (short.rolls, short.first_premium, short.rolled_net);
        let taken = short.take(n);
        if short.fills.is_empty() {
            sleeve.shorts.remove(&series);
        }
        let cost = ask * 100 * n;
        *sleeve.premium.entry(series.underlying).or_default() -= cost;
        let (mut left, mut fees_left) = (n, fees);
        for part in &taken {
            let part_fees = crate::book::portion(fees_left, part.contracts, left);
            sleeve.gain(day, series.underlying, part.premium - part.fees - ask * 100 * part.contracts - part_fees);
            (left, fees_left) = (left - part.contracts, fees_left - part_fees);
        }
        if series.right == Right::Put {
            let week = sleeve.puts.entry(series).or_default();
            week.rolled |= into.is_some() || cost > taken.iter().map(|part| part.premium).sum();
            week.bought_back_on = Some(day.date());
        }
        self.forget_closed();
        match sale {
            Some((new, bid, sold)) => {
                let net = rolled_net + ((bid - ask) * 100 * n - fees - sold).div_euclid(100 * n);
                let chain = Chain { rolls: rolls + 1, first_premium, net, paid: cost + fees };
                let filled = Written { contracts: n, premium: bid * 100 * n, fees: sold };
                self.written(day, id, new, filled, Some(chain));
            }
            None => {
                let sleeve = self.sleeve(id);
                sleeve.pending.push((settles, -cost - fees));
                sleeve.forget(series.underlying);
            }
        }
    }
}
