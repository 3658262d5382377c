//! Orders: what the rules ask for, cut to the size of an order and asked by K-4, then filled.

use std::collections::BTreeMap;

use market::instrument::{Right, Series, Symbol};
use market::order::Side;
use market::time::{Date, TradingDay};
use market::value::{Contracts, Price};

use crate::book::{Id, Written};
use crate::entry;
use crate::manage::{self, Act};
use crate::run::{Reference, name};

impl Reference<'_> {
    /// The orders that `contracts` are sent in: at most 50 contracts and $500,000 each (K-4).
    pub(crate) fn orders(strike: i64, mut contracts: i64) -> Vec<i64> {
        let most = (5_000_000_000 / (strike * 100)).clamp(1, 50);
        let mut orders = Vec::new();
        while contracts > 0 {
            orders.push(contracts.min(most));
            contracts -= contracts.min(most);
        }
        orders
    }

    /// Fees of one order (E-9).
    pub(crate) fn fee(&self, day: Date, side: Side, contracts: i64, price: i64) -> i64 {
        let fees = self.world.policy.fees.option_trade(day, side, Contracts(contracts), Price::from_units(price));
        fees.unwrap().units()
    }

    /// Fees of all orders that `contracts` are sent in.
    pub(crate) fn fees(&self, day: Date, side: Side, strike: i64, contracts: i64, price: i64) -> i64 {
        Self::orders(strike, contracts).into_iter().map(|n| self.fee(day, side, n, price)).sum()
    }

    /// What is done about open options, looked at in the order in which they were opened.
    pub(crate) fn manage(&mut self, day: TradingDay) {
        self.show_held(true);
        self.merge_sales(day);
        let mut acts: Vec<(Id, Series, Act)> = Vec::new();
        if self.world.vix(day).0 <= 8_000 {
            acts.extend(self.merge_buy_backs().into_iter().map(|(id, series)| (id, series, Act::Close(false))));
        }
        for (id, sleeve) in self.sleeves.iter().filter(|(id, _)| !self.is_merging(**id)) {
            let sales = self.leaps_to_sell(sleeve, day);
            acts.extend(sales.into_iter().map(|(series, n)| (*id, series, Act::Sell(n))));
            // The text names no order; those opened first are asked first.
            let mut open: Vec<(u64, Series)> = sleeve.shorts.iter().map(|(s, short)| (short.place, *s)).collect();
            open.sort_unstable();
            for (_, series) in &open {
                let act = manage::look(self, *id, day, *series);
                if act != Act::Keep {
                    acts.push((*id, *series, act));
                }
            }
        }
        let mut sent: Vec<(Series, Side)> = Vec::new();
        let mut orders: Vec<(Id, Series, Act, i64)> = Vec::new();
        for (id, series, act) in acts {
            let contracts = match act {
                Act::Sell(n) => n,
                _ => self.sleeves[&id].shorts[&series].contracts(),
            };
            let notional = if let Act::Roll(new) = act { new } else { series };
            for n in Self::orders(notional.strike.units(), contracts) {
                if self.passes(day, id, series, act, n, &sent) {
                    sent.push((series, if matches!(act, Act::Sell(_)) { Side::Sell } else { Side::Buy }));
                    sent.extend(if let Act::Roll(new) = act { Some((new, Side::Sell)) } else { None });
                    let needs = self.needs(day, series, act, n);
                    let sleeve = self.sleeve(id);
                    sleeve.working.push((series.underlying, needs));
                    sleeve.orders_today += 1;
                    orders.push((id, series, act, n));
                }
            }
        }
        for (id, series, act, n) in orders {
            match act {
                Act::Keep => {}
                Act::Sell(_) => self.sell_long(day, id, series, n),
                Act::Close(profit) => {
                    if profit {
                        self.sleeve(id).taken.push(series.underlying);
                    }
                    self.buy_back(day, id, series, n, None);
                }
                Act::Roll(new) => self.buy_back(day, id, series, n, Some(new)),
            }
        }
        self.sleeves.values_mut().for_each(|s| s.working.clear());
    }

    /// K-4: at most 100 orders a sleeve and day.
    pub(crate) fn may_send(&self, id: Id) -> bool {
        self.sleeves[&id].orders_today < 100
    }

    /// Cash that an order needs beside what it frees.
    fn needs(&self, day: TradingDay, series: Series, act: Act, n: i64) -> i64 {
        let secures = |s: &Series| if s.right == Right::Put { s.strike.units() * 100 * n } else { 0 };
        let ask = self.world.quote(day, &series).ask;
        let needs = match act {
            Act::Keep | Act::Sell(_) => 0,
            Act::Close(_) => {
                let limit = ask.max(100);
                limit * 100 * n + self.fee(day.date(), Side::Buy, n, limit) - secures(&series)
            }
            Act::Roll(new) => {
                let debit = (ask - self.world.quote(day, &new).bid).max(0) * 100 * n;
                secures(&new) + debit - secures(&series)
            }
        };
        needs.max(0)
    }

    /// K-4: what is asked of an order about an open option.
    fn passes(&self, day: TradingDay, id: Id, series: Series, act: Act, n: i64, sent: &[(Series, Side)]) -> bool {
        let side = if matches!(act, Act::Sell(_)) { Side::Sell } else { Side::Buy };
        let mut sides = vec![(series, side)];
        let priced = if let Act::Roll(new) = act {
            sides.push((new, Side::Sell));
            let (old, bought) = (self.world.quote(day, &series), self.world.quote(day, &new));
            let away = (bought.bid - old.ask) - (bought.mid() - old.mid());
            let band = |mid: i64| (mid / 5).max(1_000);
            away.abs() <= band(old.mid()) + band(bought.mid())
        } else {
            self.is_near_mid(day, &series, side)
        };
        // No order against one of our own that is working.
        let opposed = sides.iter().any(|(s, side)| sent.iter().any(|(t, other)| s == t && side != other));
        let needs = self.needs(day, series, act, n);
        self.may_send(id) && priced && !opposed && (needs == 0 || needs <= self.sleeves[&id].unreserved())
    }

    /// Calls, LEAPS and puts of one session; each order is asked by K-4 before any is filled.
    pub(crate) fn window(&mut self, day: TradingDay) {
        self.show_held(false);
        let trading: Vec<Id> = self.sleeves.keys().copied().filter(|id| !self.is_merging(*id)).collect();
        let mut writes = Vec::new();
        for id in &trading {
            for symbol in self.sleeves[id].lots.keys() {
                writes.extend(entry::call(self, *id, day, *symbol).map(|(s, n)| (*id, s, n, false)));
            }
        }
        let mut bought = Vec::new();
        if self.world.vix(day).0 <= 6_500 {
            for id in &trading {
                bought.extend(self.leaps_to_buy(day, *id).into_iter().map(|(s, n)| (*id, s, n)));
            }
        }
        for id in &trading {
            let nothing_before = self.committed(*id, day) == 0;
            writes.extend(entry::plan(self, *id, day).into_iter().map(|(s, n)| (*id, s, n, nothing_before)));
        }
        let owner = self.owner_equity(day);
        let equities: BTreeMap<Id, i64> = self.sleeves.iter().map(|(id, s)| (*id, s.equity(self.world, day))).collect();
        let mut exposure: BTreeMap<(Id, Symbol), i64> = BTreeMap::new();
        let mut filled = Vec::new();
        for (id, series, contracts, nothing_before) in writes {
            if !self.is_near_mid(day, &series, Side::Sell) {
                continue;
            }
            for n in Self::orders(series.strike.units(), contracts) {
                // K-4: $500,000 an order.
                if series.strike.units() * 100 * n > 5_000_000_000 || !self.may_send(id) {
                    continue;
                }
                if series.right == Right::Put {
                    // K-4: what is added to one underlying in a day.
                    let more = series.strike.units() * 100 * n;
                    let cap = equities[&id] / 2;
                    let of = |(who, symbol): &(Id, Symbol)| *who == id && *symbol == series.underlying;
                    let own: i64 = exposure.iter().filter(|(key, _)| of(key)).map(|(_, amount)| *amount).sum();
                    let taken = exposure.iter().filter(|((_, s), _)| *s == series.underlying);
                    let all: i64 = taken.map(|(_, amount)| *amount).sum();
                    let beyond = own + more > cap || (equities[&id] > 10_000_000_000 && all + more > owner / 4);
                    // E-5's first contract is exempt, and it is the only one beyond the cap.
                    let over = exposure.iter().any(|((who, _), amount)| *who == id && *amount > cap);
                    let first = nothing_before && n == 1 && own == 0 && !over;
                    if beyond && !first {
                        continue;
                    }
                    *exposure.entry((id, series.underlying)).or_default() += more;
                }
                self.sleeve(id).orders_today += 1;
                filled.push((id, series, n));
            }
        }
        for (id, series, n) in filled {
            // E-7: what bids less than 95% of the middle is not sold.
            let quote = self.world.quote(day, &series);
            if 100 * quote.bid < 95 * quote.mid() {
                continue;
            }
            let (premium, fees) = (quote.bid * 100 * n, self.fee(day.date(), Side::Sell, n, quote.bid));
            self.note(day, format!("{} write {series} x{n} at {} fees {fees}", name(id), quote.bid));
            self.written(day, id, series, Written { contracts: n, premium, fees }, None);
        }
        for (id, series, n) in bought {
            self.buy_long(day, id, series, n);
        }
        self.sleeves.values_mut().for_each(|s| s.working.clear());
        self.merge_sales(day);
    }

    /// What a sleeve has committed, with a fork that is due.
    fn committed(&self, id: Id, day: TradingDay) -> i64 {
        let sleeve = &self.sleeves[&id];
        sleeve.committed(self.world, day) + sleeve.fork
    }

    /// K-4: the touch lies within 20% of mid or $0.10 of it.
    fn is_near_mid(&self, day: TradingDay, series: &Series, side: Side) -> bool {
        let quote = self.world.quote(day, series);
        let price = if side == Side::Buy { quote.ask } else { quote.bid };
        let away = (price - quote.mid()).abs();
        away <= 1_000 || 5 * away <= quote.mid()
    }
}
