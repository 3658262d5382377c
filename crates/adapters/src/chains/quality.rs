//! How good quoted chains are: what is crossed, empty, stale, twice or missing, and whether they fit the bars.

use market::history::{History, SymbolHistory};
use market::instrument::{Series, Symbol};
use market::time::{Calendar, Date, days_between};
use market::value::Price;
use pricing::spread::{Quoted, parity_forward};
use pricing::unit::{Rate, Years};

use super::{Collected, Day, spreads};

/// One symbol on one date.
#[derive(Clone, Debug, PartialEq)]
pub struct DayQuality {
    /// Symbol.
    pub symbol: Symbol,
    /// Date.
    pub date: Date,
    /// The files that it was read from.
    pub files: Vec<String>,
    /// Whether NYSE held a session that day.
    pub session: bool,
    /// The date whose quotes it repeats.
    pub copy_of: Option<Date>,
    /// Rows read.
    pub rows: usize,
    /// Series that they are of.
    pub series: usize,
    /// Rows that say again what another said.
    pub twice: usize,
    /// Series whose bid and ask can fill an order at the close.
    pub quoted: usize,
    /// Series with a bid above the ask.
    pub crossed: usize,
    /// Series for which nobody bids.
    pub zero_bid: usize,
    /// Series for which nobody asks.
    pub zero_ask: usize,
    /// Series without a record of bid or of ask.
    pub unrecorded: usize,
    /// Series whose last bid and ask stood more than 15 minutes before the close.
    pub stale: usize,
    /// Expirations.
    pub expirations: usize,
    /// Expirations of the sessions before and after that are not there.
    pub missing_expirations: Vec<Date>,
    /// Series of the sessions before and after that are not there, those of missing expirations included.
    pub missing_series: usize,
    /// The underlying's price by put–call parity in the nearest expiration after the date that has pairs; absent where
    /// it has none, or there is no interest rate.
    pub parity_spot: Option<Price>,
    /// The price that the files give.
    pub underlying: Option<Price>,
    /// The bar's close, in shares of that day.
    pub close: Option<Price>,
}

impl DayQuality {
    /// Parity's price less the bar's close.
    #[must_use]
    pub fn off_close(&self) -> Option<Price> {
        Some(Price::from_units(self.parity_spot?.units() - self.close?.units()))
    }
}

/// One symbol over all its dates.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolQuality {
    /// Symbol.
    pub symbol: Symbol,
    /// Sessions that have quotes at the close.
    pub quoted: Vec<Date>,
    /// Sessions between the first of them and the last that have none.
    pub holes: Vec<Date>,
    /// Dates that are no session of NYSE, or repeat the date before.
    pub left_out: Vec<Date>,
    /// Dates whose files have no bid and ask at all.
    pub without_quotes: Vec<Date>,
    /// Quoted sessions for which there is no bar to compare with.
    pub without_bar: usize,
    /// Median size of parity's price less the bar's close, where both are known.
    pub off_close: Option<Price>,
    /// How many dates that is the median of.
    pub compared: usize,
}

/// All that is said of a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// Rising by symbol and date.
    pub days: Vec<DayQuality>,
    /// Rising by symbol.
    pub symbols: Vec<SymbolQuality>,
}

/// What chains are held against: prices, dividends and interest.
pub struct Beside<'a, R> {
    /// Bars and dividends.
    pub history: &'a History,
    /// The rate from a date to an expiration.
    pub rate: R,
}

/// Looks everything over. Without `beside`, nothing is said about the underlying's price.
pub fn quality<R: Fn(Date, Years) -> Option<Rate>>(
    all: &Collected,
    beside: Option<&Beside<'_, R>>,
    calendar: &Calendar,
) -> Quality {
    let mut days = Vec::with_capacity(all.days.len());
    for ((symbol, date), day) in &all.days {
        let mut found = of_day(all, (*symbol, *date), day, calendar);
        if let Some(beside) = beside {
            let own = beside.history.symbol(*symbol);
            found.close = own.and_then(|own| close(own, *date));
            found.parity_spot = parity_spot(day, *date, own, &beside.rate);
        }
        days.push(found);
    }
    let symbols = days.chunk_by(|a, b| a.symbol == b.symbol).map(|days| of_symbol(days, calendar)).collect();
    Quality { days, symbols }
}

fn of_day(all: &Collected, (symbol, date): (Symbol, Date), day: &Day, calendar: &Calendar) -> DayQuality {
    let session = calendar.session(date);
    let close = session.map(|session| calendar.closes_at(session).as_second());
    let count = |is: &dyn Fn(&super::Seen) -> bool| day.series.values().filter(|seen| is(seen)).count();
    let is_zero = |price: Option<Price>| price == Some(Price::ZERO);
    let missing = missing(all, symbol, date, day, calendar);
    let mut missing_expirations: Vec<Date> = missing.iter().map(|series| series.expiration.0).collect();
    missing_expirations.dedup();
    let at_hand = expirations(day);
    missing_expirations.retain(|date| at_hand.binary_search(date).is_err());
    DayQuality {
        symbol,
        date,
        files: day.files.iter().cloned().collect(),
        session: session.is_some(),
        copy_of: all.copy_of(symbol, date),
        rows: day.rows,
        series: day.series.len(),
        twice: day.twice,
        quoted: close.map_or(0, |close| count(&|seen| seen.quote(close).is_some())),
        crossed: count(&|seen| seen.row.is_crossed()),
        zero_bid: count(&|seen| is_zero(seen.row.bid)),
        zero_ask: count(&|seen| is_zero(seen.row.ask)),
        unrecorded: count(&|seen| seen.row.bid.is_none() || seen.row.ask.is_none()),
        stale: close.map_or(0, |close| count(&|seen| seen.is_stale(close))),
        expirations: at_hand.len(),
        missing_expirations,
        missing_series: missing.len(),
        parity_spot: None,
        underlying: day.series.values().find_map(|seen| seen.row.underlying),
        close: None,
    }
}

/// Expirations of a date, rising.
fn expirations(day: &Day) -> Vec<Date> {
    let mut dates: Vec<Date> = day.series.keys().map(|series| series.expiration.0).collect();
    dates.sort_unstable();
    dates.dedup();
    dates
}

/// Series that the sessions before and after have and this date has not, rising.
fn missing(all: &Collected, symbol: Symbol, date: Date, day: &Day, calendar: &Calendar) -> Vec<Series> {
    let Some(session) = calendar.session(date) else { return Vec::new() };
    let beside = |day: market::time::TradingDay| all.days.get(&(symbol, day.date()));
    let (Some(before), Some(after)) = (beside(calendar.previous(session)), beside(calendar.next(session))) else {
        return Vec::new();
    };
    let kept = before.series.keys().filter(|series| after.series.contains_key(series));
    kept.filter(|series| !day.series.contains_key(series)).copied().collect()
}

fn close(own: &SymbolHistory, date: Date) -> Option<Price> {
    let at = own.bars.binary_search_by_key(&date, |bar| bar.day.date()).ok()?;
    Some(own.of_day(own.bars[at].close, date))
}

/// Put–call parity (Stoll 1969) in the nearest expiration after `date`: the discounted forward of the pairs nearest the
/// money and the dividends due until then.
fn parity_spot(
    day: &Day,
    date: Date,
    own: Option<&SymbolHistory>,
    rate: &impl Fn(Date, Years) -> Option<Rate>,
) -> Option<Price> {
    let mut rows: Vec<_> = day.series.values().map(|seen| seen.row).filter(|row| !row.is_crossed()).collect();
    rows.sort_by_key(|row| row.series.expiration);
    for of in rows.chunk_by(|a, b| a.series.expiration == b.series.expiration) {
        let expiration = of[0].series.expiration.0;
        let Some(years) = years(date, expiration) else { continue };
        let rate = rate(date, years)?;
        let quotes: Vec<Quoted> = of.iter().filter_map(spreads::quoted).collect();
        let Some(forward) = parity_forward(&quotes, rate.discount(years)) else { continue };
        let due = |own: &SymbolHistory| dividends(own, date, expiration, rate);
        return Price::from_f64(forward * rate.discount(years) + own.map_or(0.0, due));
    }
    None
}

/// The present value of dividends after `date` and up to `expiration`.
fn dividends(own: &SymbolHistory, date: Date, expiration: Date, rate: Rate) -> f64 {
    let due = own.dividends.iter().filter(|paid| paid.ex_date > date && paid.ex_date <= expiration);
    let factor = own.factor(date) as f64;
    due.filter_map(|paid| Some(paid.amount.to_f64() * factor * rate.discount(years(date, paid.ex_date)?))).sum()
}

/// Time to a later date; `None` if it is not later.
fn years(from: Date, to: Date) -> Option<Years> {
    u32::try_from(days_between(from, to)).ok().filter(|days| *days > 0).map(Years::from_days)
}

fn of_symbol(days: &[DayQuality], calendar: &Calendar) -> SymbolQuality {
    let dates = |is: &dyn Fn(&DayQuality) -> bool| -> Vec<Date> {
        days.iter().filter(|day| is(day)).map(|day| day.date).collect()
    };
    let sound = |day: &DayQuality| day.session && day.copy_of.is_none();
    let quoted = dates(&|day| sound(day) && day.quoted > 0);
    let holes = match (quoted.first(), quoted.last()) {
        (Some(first), Some(last)) => {
            let sessions = calendar.sessions_between(*first, *last).iter().map(|day| day.date());
            sessions.filter(|day| quoted.binary_search(day).is_err()).collect()
        }
        _ => Vec::new(),
    };
    let mut off: Vec<i64> =
        days.iter().filter(|day| sound(day)).filter_map(|d| Some(d.off_close()?.units().abs())).collect();
    off.sort_unstable();
    let is_quoted = |day: &&DayQuality| sound(day) && day.quoted > 0;
    SymbolQuality {
        symbol: days[0].symbol,
        holes,
        left_out: dates(&|day| !sound(day)),
        without_quotes: dates(&|day| sound(day) && day.quoted == 0),
        without_bar: days.iter().filter(is_quoted).filter(|day| day.close.is_none()).count(),
        off_close: off.get(off.len().saturating_sub(1) / 2).copied().map(Price::from_units),
        compared: off.len(),
        quoted,
    }
}
