//! Section 5: what is done about each written option, once a session. X-8 needs intraday data and is not exercised in
//! daily replay (E-3).

use market::instrument::{Right, Series};
use market::order::Side;
use market::time::TradingDay;

use crate::book::{Id, Short};
use crate::run::Reference;
use crate::world::{Quote, series};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Nothing.
    Keep,
    /// Bought back; true if X-5 took a profit.
    Close(bool),
    /// Bought back and sold again in this series.
    Roll(Series),
    /// So many LEAPS sold.
    Sell(i64),
}

/// One look at one position.
struct Look<'a, 'w> {
    reference: &'a Reference<'w>,
    id: Id,
    day: TradingDay,
    series: Series,
    short: &'a Short,
    quote: Quote,
    price: i64,
    /// The adverse move times its unit: (sale − now), and ATR.
    fall: i64,
    range: i64,
}

/// What is done about `series` on `day`.
pub(crate) fn look(reference: &Reference<'_>, id: Id, day: TradingDay, series: Series) -> Act {
    let world = reference.world;
    let short = &reference.sleeves[&id].shorts[&series];
    let price = world.close(series.underlying, day);
    let look = Look {
        reference,
        id,
        day,
        series,
        short,
        quote: world.quote(day, &series),
        price,
        fall: short.underlying - price,
        range: world.range(series.underlying, day).unwrap(),
    };
    let vix = world.vix(day).0;
    if vix > 8_000 {
        return Act::Keep;
    }
    look.act()
}

impl Look<'_, '_> {
    fn locked(&self) -> bool {
        self.reference.sleeves[&self.id].locked.is_some()
    }

    fn act(&self) -> Act {
        let put = self.series.right == Right::Put;
        let last_day = self.series.expiration.0 == self.day.date();
        if !put && let Some(act) = self.before_dividend() {
            return act;
        }
        if last_day {
            return self.on_last_day();
        }
        if put && 2 * self.fall >= 3 * self.range {
            if let Some(new) = self.roll(true) {
                return Act::Roll(new);
            }
            return if self.locked() { Act::Close(false) } else { Act::Keep };
        }
        if put
            && self.fall >= self.range
            && let Some(new) = self.roll(false)
        {
            return Act::Roll(new);
        }
        //
        let premium = self.short.mean();
        let captured = premium - self.quote.ask;
        let left = self.reference.world.calendar.sessions_between(self.day.date(), self.series.expiration.0).len();
        if 100 * captured >= 80 * premium {
            return Act::Close(put);
        }
        if put && 100 * captured >= 50 * premium && left > 2 && -self.fall >= self.range {
            return Act::Close(true);
        }
        Act::Keep
    }

    ///
    fn on_last_day(&self) -> Act {
        let strike = self.series.strike.units();
        if self.series.right == Right::Call || 100 * self.price >= 95 * strike {
            return Act::Keep;
        }
        // G-1's second step asks for 1.5 ATR against the sleeve.
        let deep = 100 * self.price < 85 * strike;
        if deep && 2 * self.fall < 3 * self.range {
            return Act::Keep;
        }
        if let Some(new) = self.roll(true) {
            return Act::Roll(new);
        }
        if deep { Act::Close(false) } else { Act::Keep }
    }

    ///
    fn before_dividend(&self) -> Option<Act> {
        let world = self.reference.world;
        let strike = self.series.strike.units();
        let (ex, amount) = world.next_dividend(self.series.underlying, self.day.date())?;
        let eve = world.calendar.next(self.day).date() >= ex;
        let value = self.quote.ask - (self.price - strike);
        if self.price <= strike || !eve || ex > self.series.expiration.0 || value >= amount {
            return None;
        }
        if let Some(new) = self.roll(false) {
            return Some(Act::Roll(new));
        }
        let n = self.short.contracts();
        let fees = self.fees(Side::Buy, strike, self.quote.ask);
        let costs = (self.quote.ask - self.quote.bid) * 100 * n + fees;
        Some(if costs < (amount - value) * 100 * n { Act::Close(false) } else { Act::Keep })
    }

    fn fees(&self, side: Side, strike: i64, price: i64) -> i64 {
        self.reference.fees(self.day.date(), side, strike, self.short.contracts(), price)
    }

    /// the series to roll into, for a debit only if `debit` allows.
    fn roll(&self, debit: bool) -> Option<Series> {
        let world = self.reference.world;
        if self.short.rolls >= 2 {
            return None;
        }
        let debit = debit && world.vix(self.day).0 <= 6_500;
        let mut cheapest: Option<(i64, Series)> = None;
        for expiration in world.expirations(self.series.underlying, self.day.date(), 35) {
            if expiration <= self.series.expiration
                || world.reports_by(self.series.underlying, self.day.date(), expiration.0)
            {
                continue;
            }
            for quote in world.chain(self.day, self.series.underlying, expiration, self.series.right) {
                if !self.is_target(&quote) {
                    continue;
                }
                let n = 100 * self.short.contracts();
                let fees =
                    self.fees(Side::Buy, quote.strike, self.quote.ask) + self.fees(Side::Sell, quote.strike, quote.bid);
                let net = (quote.bid - self.quote.ask) * n - fees;
                let target = series(self.series.underlying, expiration, self.series.right, quote.strike);
                if net >= 500 * n {
                    return Some(target);
                }
                let (low, high) = self.reference.judged().put_band(self.id.1);
                let in_band = quote.delta.is_some_and(|d| low <= d && d <= high);
                let all = -(net + self.short.rolled_net * n);
                let bearable = in_band && 2 * all <= self.short.first_premium * n;
                if debit && bearable && cheapest.is_none_or(|(best, _)| net > best) {
                    cheapest = Some((net, target));
                }
            }
        }
        cheapest.map(|(_, target)| target)
    }

    fn is_target(&self, quote: &Quote) -> bool {
        let strike = self.series.strike.units();
        if quote.bid <= 0 {
            return false;
        }
        match self.series.right {
            // E-8: no call is sold below the basis, with a delta above 90 or for less than $0.05.
            Right::Call => {
                let lowest = strike.max(self.reference.sleeves[&self.id].basis(self.series.underlying));
                quote.strike >= lowest && quote.bid >= 500 && quote.delta.is_some_and(|delta| delta <= 9_000)
            }
            Right::Put => {
                let Some(delta) = quote.delta else { return false };
                let below = self.quote.delta.is_none_or(|old| delta < old);
                quote.strike <= strike && delta <= 7_000 && below
            }
        }
    }
}
