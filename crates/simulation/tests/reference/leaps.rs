//! the ladder of LEAPS: purchase, rolls, and what becomes of those that are held to their end.

use market::instrument::{Right, Series, Symbol};
use market::order::Side;
use market::time::{Date, Expiration, TradingDay, day_number};

use crate::book::{Id, Long, Lot, Sleeve, Sold, portion};
use crate::run::{Reference, name};
use crate::world::{Quote, World, series, ticker};

/// The same day `months` later, or the last of that month.
pub(crate) fn months_after(date: Date, months: i32) -> Date {
    let count = i32::from(date.year()) * 12 + i32::from(date.month()) - 1 + months;
    let first = Date::constant((count / 12) as i16, (count % 12 + 1) as i8, 1);
    Date::constant(first.year(), first.month(), date.day().min(first.days_in_month()))
}

fn days_after(date: Date, days: i64) -> Date {
    market::time::date_of_number(day_number(date) + days).unwrap()
}

/// The third Friday of a month, or the session before it.
fn third_friday(world: &World<'_>, year: i16, month: i8) -> Expiration {
    let first = Date::constant(year, month, 1);
    // 1970-01-01 was a Thursday.
    let weekday = (day_number(first) + 3).rem_euclid(7);
    let mut at = days_after(first, (4 - weekday).rem_euclid(7) + 14);
    while world.calendar.session(at).is_none() {
        at = days_after(at, -1);
    }
    Expiration(at)
}

/// What expires 15 to 24 months from `day`, the latest first.
fn expirations(world: &World<'_>, day: Date) -> Vec<Expiration> {
    let (from, to) = (months_after(day, 15), months_after(day, 24));
    let mut all: Vec<Expiration> = (from.year()..=to.year())
        .flat_map(|year| [1, 6].map(|month| third_friday(world, year, month)))
        .filter(|e| from <= e.0 && e.0 <= to)
        .collect();
    all.reverse();
    all
}

/// The quote with the delta nearest 70, at most five points from it; of equals the lower strike.
fn nearest(chain: &[Quote]) -> Option<Quote> {
    let known = chain.iter().filter_map(|q| q.delta.map(|d| ((d - 7_000).abs(), *q)));
    let (distance, quote) = known.min_by_key(|(distance, q)| (*distance, q.strike))?;
    (distance <= 500).then_some(quote)
}

/// What a window buys: one contract at a time.
struct Shelf<'a, 'w> {
    reference: &'a Reference<'w>,
    day: TradingDay,
    equity: i64,
    /// What each symbol binds before this window.
    bound: Vec<(Symbol, i64)>,
    /// Symbol, expiration, value at mid of what is held, then of what is bought.
    lines: Vec<(Symbol, Expiration, i64)>,
    held: usize,
}

impl Shelf<'_, '_> {
    fn value(&self, of: impl Fn(&(Symbol, Expiration, i64)) -> bool) -> i64 {
        self.lines.iter().filter(|l| of(l)).map(|l| l.2).sum()
    }

    /// One contract of `symbol` with what it costs, if it fits into `left`.
    fn offer(&self, symbol: Symbol, left: i64) -> Option<(Series, i64, i64)> {
        let world = self.reference.world;
        let all = self.value(|_| true);
        let full = |e: Expiration| all > 0 && 2 * self.value(|l| l.1 == e) >= all;
        let listed = expirations(world, self.day.date());
        let chain = |e: Expiration| world.chain(self.day, symbol, e, Right::Call);
        let expiration = listed.into_iter().find(|e| !chain(*e).is_empty() && !full(*e))?;
        let quote = nearest(&chain(expiration))?;
        let mid = quote.mid();
        let cost = quote.ask * 100 + self.reference.fee(self.day.date(), Side::Buy, 1, quote.ask);
        let sound = quote.bid > 0 && 100 * (quote.ask - quote.bid) <= 5 * mid && cost <= left;
        let bought: i64 = self.lines[self.held..].iter().filter(|l| l.0 == symbol).map(|l| l.2).sum();
        let would = self.bound.iter().find(|b| b.0 == symbol).map_or(0, |b| b.1) + bought + 100 * mid;
        let within = 2 * would <= self.equity;
        (sound && within).then(|| (series(symbol, expiration, Right::Call, quote.strike), cost, 100 * mid))
    }

    /// What `left` buys of `symbols`, at most `most` contracts, and what is left then.
    fn buy(&mut self, symbols: &[Symbol], mut left: i64, most: i64) -> (Vec<(Series, i64)>, i64) {
        let mut bought: Vec<(Series, i64)> = Vec::new();
        while bought.iter().map(|b| b.1).sum::<i64>() < most {
            let mut order = symbols.to_vec();
            order.sort_by_key(|s| (self.value(|l| l.0 == *s), *s));
            let Some((series, cost, value)) = order.into_iter().find_map(|s| self.offer(s, left)) else { break };
            self.lines.push((series.underlying, series.expiration, value));
            left -= cost;
            match bought.iter_mut().find(|(s, _)| *s == series) {
                Some((_, n)) => *n += 1,
                None => bought.push((series, 1)),
            }
        }
        (bought, left)
    }
}

impl Reference<'_> {
    /// Which LEAPS `sleeve` sells today, to roll them.
    pub(crate) fn leaps_to_sell(&self, sleeve: &Sleeve, day: TradingDay) -> Vec<(Series, i64)> {
        if self.world.vix(day).0 > 6_500 {
            return Vec::new();
        }
        let rolls = sleeve.longs.iter().filter(|l| self.is_rolled(sleeve, l, day.date()));
        let bid = |l: &&Long| self.world.quote(day, &l.series).bid > 0;
        rolls.filter(bid).map(|l| (l.series, l.contracts)).collect()
    }

    fn is_rolled(&self, sleeve: &Sleeve, long: &Long, today: Date) -> bool {
        let end = long.series.expiration.0;
        if months_after(today, self.numbers.leaps_roll_months) <= end {
            return false;
        }
        let ahead = |until: Date| until > today && until < end;
        let long_term = days_after(months_after(long.opened, 12), 1);
        let soon = self.world.days(today, long_term) <= 60;
        let loss = sleeve.losses_on.get(&long.series.underlying).map(|loss| days_after(*loss, 31));
        !(soon && ahead(long_term) || loss.is_some_and(ahead))
    }

    /// Sells LEAPS as one order, those that cost most first (T-1).
    pub(crate) fn sell_long(&mut self, day: TradingDay, id: Id, series: Series, n: i64) {
        let bid = self.world.quote(day, &series).bid;
        let fees = self.fee(day.date(), Side::Sell, n, bid);
        let settles = self.world.settles(day.date(), false);
        self.note(day, format!("{} sell long {series} x{n} at {bid} fees {fees}", name(id)));
        let sleeve = self.sleeve(id);
        sleeve.lose_longs(day, &series, n, bid * 100 * n, fees);
        let proceeds = bid * 100 * n - fees;
        sleeve.pending.push((settles, proceeds));
        sleeve.sold.push(Sold { symbol: series.underlying, contracts: n, proceeds, settles });
        self.forget_closed();
    }

    /// The orders of one window: the quarter's money first, then in place of what was sold. Each order's cash is spoken
    /// for.
    pub(crate) fn leaps_to_buy(&mut self, day: TradingDay, id: Id) -> Vec<(Series, i64)> {
        let world = self.world;
        let sleeve = &self.sleeves[&id];
        let due = |s: &Sold| s.settles <= day.date();
        if !(sleeve.buys || sleeve.sold.iter().any(due)) {
            return Vec::new();
        }
        let universe: Vec<Symbol> = id.1.universe().iter().map(|s| ticker(s)).collect();
        let lines = sleeve
            .longs
            .iter()
            .map(|l| (l.series.underlying, l.series.expiration, world.quote(day, &l.series).mid() * 100 * l.contracts));
        let lines: Vec<_> = lines.collect();
        let bound = universe.iter().map(|s| (*s, sleeve.committed_in(world, day, *s))).collect();
        let mut shelf =
            Shelf { reference: self, day, equity: sleeve.equity(world, day), bound, held: lines.len(), lines };
        let mut orders: Vec<(Series, i64, i64)> = Vec::new();
        let send = |bought: Vec<(Series, i64)>, orders: &mut Vec<(Series, i64, i64)>| {
            for (series, contracts) in bought {
                let ask = world.quote(day, &series).ask;
                for n in Reference::orders(series.strike.units(), contracts) {
                    orders.push((series, n, ask * 100 * n + self.fee(day.date(), Side::Buy, n, ask)));
                }
            }
        };
        let (free, mut aside) = (sleeve.unreserved() + sleeve.aside, sleeve.aside);
        if sleeve.buys {
            let (bought, left) = shelf.buy(&universe, sleeve.aside, i64::MAX);
            aside = left;
            send(bought, &mut orders);
        }
        for sold in sleeve.sold.iter().filter(|s| due(s)) {
            let spent: i64 = orders.iter().map(|o| o.2).sum();
            let budget = sold.proceeds.min(free - aside - spent).max(0);
            let (bought, _) = shelf.buy(&[sold.symbol], budget, sold.contracts);
            send(bought, &mut orders);
        }
        let sleeve = self.sleeve(id);
        (sleeve.aside, sleeve.buys) = (aside, false);
        sleeve.sold.retain(|s| !due(s));
        sleeve.working.extend(orders.iter().map(|(series, _, cost)| (series.underlying, *cost)));
        orders.into_iter().map(|(series, n, _)| (series, n)).collect()
    }

    /// One order is filled at the ask.
    pub(crate) fn buy_long(&mut self, day: TradingDay, id: Id, series: Series, n: i64) {
        let ask = self.world.quote(day, &series).ask;
        let fees = self.fee(day.date(), Side::Buy, n, ask);
        let settles = self.world.settles(day.date(), false);
        self.note(day, format!("{} buy long {series} x{n} at {ask} fees {fees}", name(id)));
        let cost = ask * 100 * n;
        let long = Long { series, contracts: n, opened: day.date(), cost, fees, place: self.next_place() };
        let sleeve = self.sleeve(id);
        sleeve.pending.push((settles, -cost - fees));
        sleeve.longs.push(long);
        if !self.longs_opened.contains(&series) {
            self.longs_opened.push(series);
        }
    }

    /// LEAPS that were held to their end: exercised where they are worth it and free cash pays for the shares.
    pub(crate) fn longs_end(&mut self, day: TradingDay) {
        let ends: Vec<Series> = self.longs_opened.iter().copied().filter(|s| s.expiration.0 <= day.date()).collect();
        for series in ends {
            let worth = self.world.close(series.underlying, day) - series.strike.units() >= 100;
            let ids: Vec<Id> = self.sleeves.keys().copied().collect();
            for id in ids {
                let n: i64 = self.sleeves[&id].longs.iter().filter(|l| l.series == series).map(|l| l.contracts).sum();
                if n > 0 {
                    self.long_ends(day, id, series, n, worth);
                }
            }
        }
        self.forget_closed();
    }

    fn long_ends(&mut self, day: TradingDay, id: Id, series: Series, n: i64, worth: bool) {
        let settles = self.world.settles(day.date(), true);
        let place = self.next_place();
        let pays = series.strike.units() * 100 * n;
        let sleeve = self.sleeve(id);
        if !worth || sleeve.unreserved() < pays {
            sleeve.lose_longs(day, &series, n, 0, 0);
            self.note(day, format!("{} worthless {series} x{n}", name(id)));
            return;
        }
        let gone = sleeve.longs.iter().filter(|l| l.series == series);
        let (cost, fees) = gone.fold((0, 0), |(cost, fees), l| (cost + l.cost, fees + l.fees));
        sleeve.longs.retain(|l| l.series != series);
        let symbol = series.underlying;
        // What the call cost is part of the price of the shares (T-2).
        let paid = pays + cost;
        let lot = Lot { shares: 100 * n, acquired: day.date(), place, paid, premium: 0, fees };
        sleeve.lots.entry(symbol).or_default().push(lot);
        *sleeve.paid.entry(symbol).or_default() += paid;
        sleeve.pending.push((settles, -pays));
        self.note(day, format!("{} exercised {series} x{n}", name(id)));
    }
}

impl Sleeve {
    /// Takes long contracts out, those that cost most first, and realises what they bring.
    fn lose_longs(&mut self, day: TradingDay, series: &Series, n: i64, income: i64, fees: i64) {
        let (mut left, mut income, mut fees) = (n, income, fees);
        while left > 0 {
            let dearest = (0..self.longs.len()).filter(|i| self.longs[*i].series == *series).reduce(|best, i| {
                let (a, b) = (&self.longs[best], &self.longs[i]);
                let (old, new) = ((a.cost + a.fees) * b.contracts, (b.cost + b.fees) * a.contracts);
                if new > old || (new == old && b.opened < a.opened) { i } else { best }
            });
            let lot = &mut self.longs[dearest.unwrap()];
            let part = left.min(lot.contracts);
            let (cost, paid) = (portion(lot.cost, part, lot.contracts), portion(lot.fees, part, lot.contracts));
            (lot.contracts, lot.cost, lot.fees) = (lot.contracts - part, lot.cost - cost, lot.fees - paid);
            let (brought, charged) = (portion(income, part, left), portion(fees, part, left));
            (income, fees, left) = (income - brought, fees - charged, left - part);
            self.longs.retain(|l| l.contracts > 0);
            self.gain(day, series.underlying, brought - charged - cost - paid);
        }
    }
}
