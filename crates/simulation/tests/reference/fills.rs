//! Sales to open, buy-backs and rolls.

use crate::book::{Id, Short};
use crate::run::{Reference, name};
use market::instrument::{Right, Series};
use market::order::Side;
use market::time::TradingDay;

impl Reference<'_> {
    #[expect(clippy::too_many_arguments, reason = "a fill has that many parts")]
    pub(crate) fn written(
        &mut self,
        day: TradingDay,
        id: Id,
        series: Series,
        contracts: i64,
        price: i64,
        fees: i64,
        paid: i64,
        rolled: Option<(u32, i64, i64)>,
    ) {
        let underlying = self.world.close(series.underlying, day);
        let settles = self.world.settles(day.date(), false);
        self.places += 1;
        let place = self.places;
        let sleeve = self.sleeve(id);
        let premium = price * 100 * contracts;
        sleeve.pending.push((settles, premium - fees - paid));
        *sleeve.premium.entry(series.underlying).or_default() += premium;
        if series.right == Right::Put {
            sleeve.puts.entry(series).or_default();
        }
        let (rolls, first_premium, rolled_net) = rolled.unwrap_or((0, price, 0));
        let new = Short { contracts: 0, premium: 0, fees: 0, underlying, rolls, first_premium, rolled_net, place };
        let short = sleeve.shorts.entry(series).or_insert(new);
        short.contracts += contracts;
        short.premium += premium;
        short.fees += fees;
        if !self.opened.contains(&series) {
            self.opened.push(series);
        }
    }

    /// Buys a whole position back and, for a roll, writes as many of `into`.
    pub(crate) fn buy_back(&mut self, day: TradingDay, id: Id, series: Series, into: Option<Series>) {
        let ask = self.world.quote(day, &series).ask;
        let short = self.sleeve(id).shorts.remove(&series).unwrap();
        let settles = self.world.settles(day.date(), false);
        let mut all_fees = 0;
        let mut paid = Vec::new();
        let bid = into.map(|new| self.world.quote(day, &new).bid);
        let mut net = short.rolled_net;
        let notional = into.unwrap_or(series).strike.units();
        for n in Self::orders(notional, short.contracts) {
            let fees = self.fee(day.date(), Side::Buy, n, ask);
            all_fees += fees;
            paid.push(ask * 100 * n + fees);
            match (into, bid) {
                (Some(new), Some(bid)) => {
                    let sold = self.fee(day.date(), Side::Sell, n, bid);
                    let line =
                        format!("{} roll {series} at {ask} fees {fees} into {new} x{n} at {bid} fees {sold}", name(id));
                    self.note(day, line);
                }
                _ => self.note(day, format!("{} buy back {series} x{n} at {ask} fees {fees}", name(id))),
            }
        }
        self.forget_closed();
        let cost = ask * 100 * short.contracts;
        let sleeve = self.sleeve(id);
        *sleeve.premium.entry(series.underlying).or_default() -= cost;
        let gain = short.premium - short.fees - cost - all_fees;
        sleeve.realise(day, gain);
        if series.right == Right::Put {
            let week = sleeve.puts.entry(series).or_default();
            week.rolled |= into.is_some() || cost > short.premium;
            week.ended_on = Some(day.date());
        }
        if let (Some(new), Some(bid)) = (into, bid) {
            let sold: Vec<i64> = Self::orders(notional, short.contracts);
            let mut fees = Vec::new();
            for n in &sold {
                fees.push(self.fee(day.date(), Side::Sell, *n, bid));
            }
            let total: i64 = fees.iter().sum::<i64>() + all_fees;
            net += ((bid - ask) * 100 * short.contracts - total).div_euclid(100 * short.contracts);
            for ((n, fee), paid) in sold.into_iter().zip(fees).zip(paid) {
                self.written(day, id, new, n, bid, fee, paid, Some((short.rolls + 1, short.first_premium, net)));
            }
        } else {
            let sleeve = self.sleeve(id);
            sleeve.pending.extend(paid.into_iter().map(|amount| (settles, -amount)));
            sleeve.forget(series.underlying);
        }
    }
}
