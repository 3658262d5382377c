//! The market of a story: calm until a dated line moves it, so that every figure told can be followed by hand.
//!
//! Prices are those of the day. Through a warm-up of 300 sessions every symbol rises by the same small share a session
//! to its base price on the eve of the first session, so that the index is bullish and support strong; from then on a
//! symbol stays where it is and only the index goes on, until a line says otherwise. Bars reach the same share above
//! and below their close, and a symbol's options are priced from an implied volatility of its own.

use std::collections::BTreeMap;

use market::history::{Dividend, History, RateDay, Split, SymbolHistory, VolatilityDay};
use market::instrument::Symbol;
use market::quote::Bar;
use market::time::{Calendar, Date, TradingDay, Week, date_of_number, day_number};
use market::value::{Money, Price, UNITS_PER_CENT};
use protocol::policy::Policy;

use super::StoryError;
use super::words::Reader;
use crate::chain::Liquidity;

/// Sessions before the first, enough for every average.
const WARM_UP: i64 = 300;
/// One whole in parts per million.
const WHOLE: i64 = 1_000_000;
/// Days around the run at which every company reports where a scenario says nothing: too far away to matter.
const REPORTS_AWAY: i64 = 60;
/// Price and implied volatility of each symbol where a scenario says nothing: round numbers near those of June 2024.
const USUAL: [(&str, i64, f64); 6] = [
    ("AAPL", 200, 25.0),
    ("AMZN", 180, 30.0),
    ("MSFT", 400, 20.0),
    ("NVDA", 120, 50.0),
    ("SPY", 500, 15.0),
    ("TSLA", 180, 60.0),
];

/// What a scenario's `[given]` says.
pub(super) struct World {
    first: TradingDay,
    last: TradingDay,
    warm_up: i64,
    deposit: Money,
    prices: BTreeMap<Symbol, Price>,
    implied: BTreeMap<Symbol, f64>,
    reported: BTreeMap<Symbol, Date>,
    open_interest: BTreeMap<Symbol, u32>,
    volume: BTreeMap<Symbol, u32>,
    vix: f64,
    bills: f64,
    trend: i64,
    range: i64,
}

/// What one dated line does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// A close of so many dollars.
    Level(Symbol, Price),
    /// A close so far from the one before, in parts per million.
    Move(Symbol, i64),
    /// From here on each close so far from the one before.
    Trend(Symbol, i64),
    /// Implied volatility from here on, in percent.
    Implied(Symbol, f64),
    /// The ex-date of a dividend a share.
    Dividend(Symbol, Price),
    /// The first session after a split.
    Split(Symbol, i64),
    /// The company reports.
    Earnings(Symbol),
    /// VIX from here on.
    Vix(f64),
    /// The Treasury yield from here on, in percent.
    Bills(f64),
}

/// The dated lines, each with the key that asked for it.
pub(super) type Changes = BTreeMap<Date, Vec<(String, Change)>>;

/// Reads the `[[when]]` lines.
pub(super) fn changes(scenario: &Reader<'_>) -> Result<Changes, StoryError> {
    let mut all = Changes::new();
    for line in scenario.tables("when")? {
        let changes = all.entry(line.date("on")?).or_default();
        for key in line.keys().filter(|key| *key != "on") {
            changes.extend(change(&line, key)?.into_iter().map(|c| (format!("when.{key}"), c)));
        }
    }
    Ok(all)
}

fn change(line: &Reader<'_>, key: &str) -> Result<Vec<Change>, StoryError> {
    let each = |of: &dyn Fn(&Reader<'_>, &str, Symbol) -> Result<Change, StoryError>| {
        let table = line.table(key)?;
        table.keys().map(|k| of(&table, k, table.ticker(k)?)).collect()
    };
    match key {
        theirs if super::people::KEYS.contains(&theirs) => Ok(Vec::new()),
        "VIX" => Ok(vec![Change::Vix(line.number(key)?)]),
        "bills" => Ok(vec![Change::Bills(line.number(key)?)]),
        "trend" => each(&|t, k, s| Ok(Change::Trend(s, t.share(k)?))),
        "implied" => each(&|t, k, s| Ok(Change::Implied(s, t.number(k)?))),
        "dividend" => each(&|t, k, s| Ok(Change::Dividend(s, t.price(k)?))),
        "split" => each(&|t, k, s| Ok(Change::Split(s, t.count(k)?))),
        "earnings" => Ok(vec![Change::Earnings(line.symbol(key)?)]),
        ticker if line.is_text(key) => Ok(vec![Change::Move(line.ticker(ticker)?, line.share(key)?)]),
        ticker => Ok(vec![Change::Level(line.ticker(ticker)?, line.price(key)?)]),
    }
}

/// A table of tickers, read by `read`, over what is usual.
fn by_symbol<'a, T>(
    given: &Reader<'a>,
    key: &'a str,
    usual: impl Fn(i64, f64) -> Option<T>,
    read: impl Fn(&Reader<'a>, &str) -> Result<T, StoryError>,
) -> Result<BTreeMap<Symbol, T>, StoryError> {
    let known = |(name, price, implied): &(&str, i64, f64)| Some((Symbol::new(name).ok()?, usual(*price, *implied)?));
    let mut all: BTreeMap<Symbol, T> = USUAL.iter().filter_map(known).collect();
    if given.has(key) {
        let table = given.table(key)?;
        for ticker in table.keys() {
            all.insert(table.ticker(ticker)?, read(&table, ticker)?);
        }
    }
    Ok(all)
}

impl World {
    pub(super) fn read(given: &Reader<'_>, calendar: &Calendar) -> Result<Self, StoryError> {
        given.only(&[
            "first",
            "weeks",
            "deposit",
            "prices",
            "implied",
            "reported",
            "open_interest",
            "volume",
            "VIX",
            "bills",
            "trend",
            "range",
            "warm_up",
            "people",
        ])?;
        let date = given.date("first")?;
        let first = calendar.session(date);
        let first = first.ok_or_else(|| given.fault("first", format!("is {date}; expected a session of NYSE")))?;
        let weeks = given.optional("weeks", 1, Reader::count)?;
        let last = calendar.last_session(Week::of(date).offset(weeks - 1));
        Ok(World {
            first,
            last: last.ok_or_else(|| given.fault("weeks", "leads beyond the calendar".to_owned()))?,
            warm_up: given.optional("warm_up", WARM_UP, Reader::count)?,
            deposit: given.optional("deposit", Money::dollars(300_000), Reader::money)?,
            prices: by_symbol(given, "prices", |price, _| Some(Price::dollars(price)), Reader::price)?,
            implied: by_symbol(given, "implied", |_, implied| Some(implied), Reader::number)?,
            reported: by_symbol(given, "reported", |_, _| None, Reader::date)?,
            open_interest: by_symbol(given, "open_interest", |_, _| None, Reader::contracts)?,
            volume: by_symbol(given, "volume", |_, _| None, Reader::contracts)?,
            vix: given.optional("VIX", 15.0, Reader::number)?,
            bills: given.optional("bills", 0.5, Reader::number)?,
            trend: given.optional("trend", 1_000, Reader::share)?,
            range: given.optional("range", 10_000, Reader::share)?,
        })
    }

    /// First and last day of the run.
    pub(super) fn span(&self) -> (Date, Date) {
        (self.first.date(), self.last.date())
    }

    /// What the owner pays in.
    pub(super) const fn deposit(&self) -> Money {
        self.deposit
    }

    /// How much the options trade of the symbols of which it says so.
    pub(super) fn liquidity(&self) -> Vec<(Symbol, Liquidity)> {
        let mut symbols: Vec<Symbol> = self.open_interest.keys().chain(self.volume.keys()).copied().collect();
        symbols.sort_unstable();
        symbols.dedup();
        let of = |symbol: Symbol| Liquidity {
            open_interest: self.open_interest.get(&symbol).copied(),
            volume: self.volume.get(&symbol).copied(),
        };
        symbols.into_iter().map(|symbol| (symbol, of(symbol))).collect()
    }

    /// The market that `changes` make of this world; or the key that cannot be, and why.
    pub(super) fn history(
        &self,
        changes: &Changes,
        policy: &Policy,
        calendar: &Calendar,
    ) -> Result<History, (String, String)> {
        let begin = calendar.offset(self.first, -self.warm_up);
        let days = calendar.sessions_between(begin.date(), self.last.date());
        for (date, of_day) in changes {
            if days.iter().all(|d| d.date() != *date) {
                let key = of_day.first().map_or("when", |(key, _)| key);
                return Err((key.to_owned(), format!("is dated {date}; expected a session of the story")));
            }
        }
        let mut universe = policy.universe.all();
        universe.push(policy.universe.index);
        universe.sort_unstable();
        universe.dedup();
        let symbols: Result<Vec<_>, _> = universe
            .into_iter()
            .map(|s| self.symbol(s, s == policy.universe.index, days, changes).map(|history| (s, history)))
            .collect();
        let (volatility, rates) = self.climate(days, changes);
        let history = History {
            symbols: symbols?,
            volatility,
            rates,
            indices: Vec::new(),
            splits_complete_since: begin.date(),
            simulated: true,
            source: "a scenario".to_owned(),
        };
        history.check(calendar).map_err(|e| (e.symbol.clone(), e.problem))?;
        Ok(history)
    }

    fn symbol(
        &self,
        symbol: Symbol,
        is_index: bool,
        days: &[TradingDay],
        changes: &Changes,
    ) -> Result<SymbolHistory, (String, String)> {
        let missing = |table: &str| (format!("given.{table}.{symbol}"), "is missing".to_owned());
        let base = *self.prices.get(&symbol).ok_or_else(|| missing("prices"))?;
        let mut implied = *self.implied.get(&symbol).ok_or_else(|| missing("implied"))?;
        let mut history = SymbolHistory::default();
        let mut reports = self.reports(symbol);
        let mut closes = self.warm_up_closes(base, days.len());
        let (mut trend, mut moved) = (self.trend, false);
        let nothing = Vec::new();
        for (i, day) in days.iter().enumerate() {
            let date = day.date();
            if *day == self.first && !is_index {
                (trend, moved) = (0, true);
            }
            if i > 0 && (moved || *day >= self.first) {
                closes[i] = by(closes[i - 1], trend);
            }
            for (_, change) in changes.get(&date).unwrap_or(&nothing) {
                let before = closes[i.saturating_sub(1)];
                match *change {
                    Change::Level(s, price) if s == symbol => (closes[i], moved) = (price, true),
                    Change::Move(s, share) if s == symbol => (closes[i], moved) = (by(before, share), true),
                    Change::Trend(s, share) if s == symbol => {
                        (closes[i], trend, moved) = (by(before, share), share, true);
                    }
                    Change::Split(s, n) if s == symbol => {
                        history.splits.push(Split { effective: date, new_per_old: n });
                        (closes[i], moved) = (cents(before.units(), n), true);
                    }
                    Change::Dividend(s, amount) if s == symbol => {
                        history.dividends.push(Dividend { ex_date: date, amount });
                    }
                    Change::Implied(s, percent) if s == symbol => implied = percent,
                    Change::Earnings(s) if s == symbol => reports.push(date),
                    _ => {}
                }
            }
            history.volatility.push((date, implied));
        }
        reports.sort_unstable();
        history.earnings = if is_index { None } else { Some(reports) };
        self.adjust(&mut history, days, &closes);
        Ok(history)
    }

    /// The rise to the base price on the eve of the first session, and that price from there on.
    fn warm_up_closes(&self, base: Price, sessions: usize) -> Vec<Price> {
        let eve = usize::try_from(self.warm_up).unwrap_or(0).saturating_sub(1);
        let mut closes = vec![base; sessions];
        for i in (0..eve.min(sessions.saturating_sub(1))).rev() {
            closes[i] = cents(closes[i + 1].units() * WHOLE, WHOLE + self.trend);
        }
        closes
    }

    /// Reports that lie too far away to matter, or the only one that is known.
    fn reports(&self, symbol: Symbol) -> Vec<Date> {
        let away = |date: Date, days: i64| date_of_number(day_number(date) + days);
        match self.reported.get(&symbol) {
            Some(date) => vec![*date],
            None => {
                let around = [away(self.first.date(), -REPORTS_AWAY), away(self.last.date(), REPORTS_AWAY)];
                around.into_iter().flatten().collect()
            }
        }
    }

    /// Bars and dividends in the shares of the last day, as histories keep them.
    fn adjust(&self, history: &mut SymbolHistory, days: &[TradingDay], closes: &[Price]) {
        let per = |price: Price, n: i64| Price::from_units((2 * price.units() + n).div_euclid(2 * n));
        for (day, close) in days.iter().zip(closes) {
            let n = history.factor(day.date());
            let (low, high) = (by(*close, -self.range), by(*close, self.range));
            let [close, low, high] = [*close, low, high].map(|price| per(price, n));
            history.bars.push(Bar { day: *day, open: close, high, low, close, volume: 1_000_000 });
        }
        let factors: Vec<i64> = history.dividends.iter().map(|d| history.factor(d.ex_date)).collect();
        for (dividend, n) in history.dividends.iter_mut().zip(factors) {
            dividend.amount = per(dividend.amount, n);
        }
    }

    fn climate(&self, days: &[TradingDay], changes: &Changes) -> (Vec<VolatilityDay>, Vec<RateDay>) {
        let (mut vix, mut bills) = (self.vix, self.bills);
        let (mut volatility, mut rates) = (Vec::new(), Vec::new());
        for date in days.iter().map(|day| day.date()) {
            for (_, change) in changes.get(&date).into_iter().flatten() {
                match change {
                    Change::Vix(level) => vix = *level,
                    Change::Bills(percent) => bills = *percent,
                    _ => {}
                }
            }
            volatility.push(VolatilityDay { date, vix, vix9d: Some(vix), vix3m: Some(vix), vix1d: None });
            rates.push(RateDay { date, yields: [Some(bills); 5] });
        }
        (volatility, rates)
    }
}

/// A price moved by a share in parts per million, to the nearest cent.
fn by(price: Price, share: i64) -> Price {
    cents(price.units() * (WHOLE + share), WHOLE)
}

/// `units / divisor` to the nearest cent.
fn cents(units: i64, divisor: i64) -> Price {
    let per = divisor * UNITS_PER_CENT;
    Price::cents((2 * units + per).div_euclid(2 * per))
}
