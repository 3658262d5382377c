//! C-1: splits of what is held.

use market::instrument::{Series, Symbol};
use market::time::TradingDay;
use market::value::Price;

use crate::run::Reference;

/// `amount` / `n`, to the nearest ten-thousandth, halves up.
fn divided(amount: i64, n: i64) -> i64 {
    (2 * amount + n).div_euclid(2 * n)
}

/// A series after a split: its strike to the nearest cent.
fn renamed(series: Series, symbol: Symbol, n: i64) -> Series {
    if series.underlying != symbol {
        return series;
    }
    Series { strike: Price::from_units(divided(series.strike.units(), 100 * n) * 100), ..series }
}

impl Reference<'_> {
    /// A whole-number split multiplies contracts and shares, and divides strikes and prices.
    pub(crate) fn split(&mut self, day: TradingDay, symbol: Symbol, n: i64) {
        let mut held = false;
        for sleeve in self.sleeves.values_mut() {
            let of = |series: &Series| series.underlying == symbol;
            held |= sleeve.shares(symbol) > 0
                || sleeve.shorts.keys().any(of)
                || sleeve.longs.iter().any(|l| of(&l.series))
                || sleeve.sold.iter().any(|s| s.symbol == symbol);
            for lot in sleeve.lots.get_mut(&symbol).into_iter().flatten() {
                lot.shares *= n;
            }
            for short in sleeve.shorts.iter_mut().filter(|(s, _)| of(s)).map(|(_, short)| short) {
                short.fills.iter_mut().for_each(|f| f.contracts *= n);
                short.underlying = divided(short.underlying, n);
                short.first_premium = divided(short.first_premium, n);
                short.rolled_net = divided(short.rolled_net, n);
            }
            for long in sleeve.longs.iter_mut().filter(|l| of(&l.series)) {
                long.contracts *= n;
                long.series = renamed(long.series, symbol, n);
            }
            sleeve.sold.iter_mut().filter(|s| s.symbol == symbol).for_each(|s| s.contracts *= n);
            let shorts = std::mem::take(&mut sleeve.shorts).into_iter();
            sleeve.shorts = shorts.map(|(s, short)| (renamed(s, symbol, n), short)).collect();
            let puts = std::mem::take(&mut sleeve.puts).into_iter();
            sleeve.puts = puts.map(|(s, week)| (renamed(s, symbol, n), week)).collect();
            if let Some((strike, basis)) = sleeve.called.get_mut(&symbol) {
                (*strike, *basis) = (divided(*strike, n), divided(*basis, n));
            }
        }
        for series in self.opened.iter_mut().chain(&mut self.longs_opened) {
            *series = renamed(*series, symbol, n);
        }
        if held {
            self.note(day, format!("split {symbol} {n}"));
        }
    }
}
