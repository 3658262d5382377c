//! What the market shows: prices, averages and ranges recomputed from the bars for each question, and chains from the
//! same model that the replay asks. All amounts are ten-thousandths of a dollar.

use std::cell::RefCell;
use std::collections::BTreeMap;

use engine::input::Want;
use market::climate::next_earnings;
use market::history::{History, SymbolHistory};
use market::instrument::listing::Listing;
use market::instrument::{Right, Series, Symbol};
use market::quote::Earnings;
use market::time::{Calendar, Date, Expiration, TradingDay, Week, days_between};
use market::value::Price;
use protocol::policy::Policy;
use simulation::chain::ChainModel;

/// One strike's quote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quote {
    /// Strike.
    pub(crate) strike: i64,
    /// What is paid.
    pub(crate) bid: i64,
    /// What is asked.
    pub(crate) ask: i64,
    /// |delta| in hundredths of a point.
    pub(crate) delta: Option<i64>,
}

impl Quote {
    /// The middle, rounded down.
    pub(crate) fn mid(&self) -> i64 {
        (self.bid + self.ask).div_euclid(2)
    }
}

type Key = (Symbol, Expiration, Right);
/// Chains that were asked for today.
type Today = (Option<TradingDay>, BTreeMap<Key, Vec<Quote>>);

/// One generated history with everything that can be asked of it.
pub(crate) struct World<'a> {
    /// Prices.
    pub(crate) history: &'a History,
    /// Sessions.
    pub(crate) calendar: &'a Calendar,
    /// Fees and settlement tables.
    pub(crate) policy: &'a Policy,
    listing: Listing,
    model: RefCell<ChainModel<'a>>,
    today: RefCell<Today>,
    held: RefCell<Vec<Series>>,
    ranges: BTreeMap<Symbol, Vec<Option<i128>>>,
}

/// `sum / n`, to the nearest, halves up.
pub(crate) fn nearest(sum: i128, n: i128) -> i64 {
    i64::try_from((2 * sum + n).div_euclid(2 * n)).unwrap()
}

/// Parts of a ten-thousandth of a dollar in which the average true range is carried.
const FINE: i128 = 1_000_000_000;

/// Wilder's average true range after each adjusted bar, in 10⁻¹³ dollars.
fn ranges(history: &SymbolHistory) -> Vec<Option<i128>> {
    let mut all = Vec::new();
    let mut first_sum = 0i128;
    let mut average = 0i128;
    for (i, bar) in history.bars.iter().enumerate() {
        let (high, low) = (bar.high.units(), bar.low.units());
        let mut range = high - low;
        if i > 0 {
            let before = history.bars[i - 1].close.units();
            range = range.max((high - before).abs()).max((low - before).abs());
        }
        let range = i128::from(range) * FINE;
        if i < 14 {
            first_sum += range;
            average = first_sum / 14;
        } else {
            average = (average * 13 + range) / 14;
        }
        // M: fifteen bars before the range is used.
        all.push((i >= 14).then_some(average));
    }
    all
}

impl<'a> World<'a> {
    /// Everything that can be asked of `history`.
    pub(crate) fn new(history: &'a History, calendar: &'a Calendar, policy: &'a Policy, model: ChainModel<'a>) -> Self {
        World {
            history,
            calendar,
            policy,
            listing: Listing::standard(),
            model: RefCell::new(model),
            today: RefCell::new((None, BTreeMap::new())),
            held: RefCell::new(Vec::new()),
            ranges: history.symbols.iter().map(|(s, h)| (*s, ranges(h))).collect(),
        }
    }

    fn symbol(&self, symbol: Symbol) -> &SymbolHistory {
        self.history.symbol(symbol).unwrap()
    }

    fn index(&self, symbol: Symbol, day: TradingDay) -> usize {
        self.symbol(symbol).index_of(day).unwrap()
    }

    /// What one share of `date` is in later shares: the product of the splits to come.
    fn factor(&self, symbol: Symbol, date: Date) -> i64 {
        self.symbol(symbol).splits.iter().filter(|s| s.effective > date).map(|s| s.new_per_old).product()
    }

    /// The split that takes effect on `day`.
    pub(crate) fn split_on(&self, symbol: Symbol, day: Date) -> Option<i64> {
        self.symbol(symbol).splits.iter().find(|s| s.effective == day).map(|s| s.new_per_old)
    }

    /// The close of `day`, as it was printed.
    pub(crate) fn close(&self, symbol: Symbol, day: TradingDay) -> i64 {
        self.adjusted(symbol, day) * self.factor(symbol, day.date())
    }

    /// The close of `day` in the shares of the history's end.
    pub(crate) fn adjusted(&self, symbol: Symbol, day: TradingDay) -> i64 {
        self.symbol(symbol).bars[self.index(symbol, day)].close.units()
    }

    /// The mean of the last `n` adjusted closes up to the one `back` sessions before `day`.
    pub(crate) fn average(&self, symbol: Symbol, day: TradingDay, n: usize, back: usize) -> i64 {
        let end = self.index(symbol, day) + 1 - back;
        let closes = &self.symbol(symbol).bars[end - n..end];
        nearest(closes.iter().map(|b| i128::from(b.close.units())).sum(), n as i128)
    }

    /// ATR(14) to the close before `day`, in shares of the day.
    pub(crate) fn range(&self, symbol: Symbol, day: TradingDay) -> Option<i64> {
        let average = self.ranges[&symbol][self.index(symbol, day) - 1]?;
        Some(nearest(average * i128::from(self.factor(symbol, day.date())), FINE))
    }

    /// VIX of the close before `day` and the mean of its last 252 closes, in hundredths of a point.
    pub(crate) fn vix(&self, day: TradingDay) -> (i64, i64) {
        let closes: Vec<i64> = self
            .history
            .volatility
            .iter()
            .filter(|v| v.date < day.date() && self.calendar.session(v.date).is_some())
            .map(|v| (v.vix * 100.0).round() as i64)
            .collect();
        let year = &closes[closes.len() - 252..];
        (year[251], nearest(year.iter().map(|v| i128::from(*v)).sum(), 252))
    }

    /// The one-month Treasury yield at the close before `day`, in parts per million a year.
    pub(crate) fn bill(&self, day: TradingDay) -> i64 {
        let before = self.history.rates.iter().rev().filter(|r| r.date < day.date());
        let percent = before.filter_map(|r| r.yields[0]).next().unwrap_or(0.0);
        (percent * 10_000.0).round() as i64
    }

    /// The next dividend with an ex-date after `day`.
    pub(crate) fn next_dividend(&self, symbol: Symbol, day: Date) -> Option<(Date, i64)> {
        let next = self.symbol(symbol).dividends.iter().find(|d| d.ex_date > day)?;
        Some((next.ex_date, next.amount.units() * self.factor(symbol, day)))
    }

    /// The dividend that goes ex on `day`.
    pub(crate) fn dividend_on(&self, symbol: Symbol, day: Date) -> Option<i64> {
        let paid = self.symbol(symbol).dividends.iter().find(|d| d.ex_date == day)?;
        Some(paid.amount.units() * self.factor(symbol, day))
    }

    /// Whether an earnings report falls, or may fall, on or before `last`, seen from `day`.
    pub(crate) fn reports_by(&self, symbol: Symbol, day: Date, last: Date) -> bool {
        match next_earnings(self.symbol(symbol).earnings.as_deref(), day, (84, 98)) {
            Earnings::On(date) => date <= last,
            Earnings::Between(from, _) => from <= last,
            Earnings::None | Earnings::Unknown => false,
        }
    }

    /// The last expiration of the ISO week of `day`.
    pub(crate) fn last_expiration(&self, week: Week) -> Expiration {
        self.listing.last_expiration(self.calendar, week).unwrap()
    }

    /// Expirations listed on `day` after it and at most `days` later.
    pub(crate) fn expirations(&self, symbol: Symbol, day: Date, days: u32) -> Vec<Expiration> {
        self.listing.expirations(self.calendar, symbol, day, days).filter(|e| e.0 > day).collect()
    }

    /// Says which options somebody holds: after a split their strikes stand on the chains beside the ladder's (the
    /// decision record counts this among what is known to be wrong). `fresh` forgets what was held before.
    pub(crate) fn hold(&self, series: Vec<Series>, fresh: bool) {
        let mut held = self.held.borrow_mut();
        let before = held.clone();
        if fresh {
            held.clear();
        }
        held.extend(series);
        held.sort_unstable();
        held.dedup();
        let changed = before.iter().filter(|s| !held.contains(s)).chain(held.iter().filter(|s| !before.contains(s)));
        for s in changed {
            self.today.borrow_mut().1.remove(&(s.underlying, s.expiration, s.right));
        }
    }

    /// The whole chain at the close of `day`.
    pub(crate) fn chain(&self, day: TradingDay, symbol: Symbol, expiration: Expiration, right: Right) -> Vec<Quote> {
        let mut today = self.today.borrow_mut();
        if today.0 != Some(day) {
            *today = (Some(day), BTreeMap::new());
        }
        let quotes = || {
            let held = self.held.borrow();
            let here = held.iter().filter(|s| (s.underlying, s.expiration, s.right) == (symbol, expiration, right));
            let mut wants = vec![Want::Chain(symbol, expiration, right)];
            wants.extend(here.map(|s| Want::Series(*s)));
            self.ask(day, &wants)
        };
        today.1.entry((symbol, expiration, right)).or_insert_with(quotes).clone()
    }

    fn ask(&self, day: TradingDay, wants: &[Want]) -> Vec<Quote> {
        let mut chains = Vec::new();
        self.model.borrow_mut().add(day, wants, &mut chains);
        let quotes = chains.first().map(|c| c.quotes.clone()).unwrap_or_default();
        let quote = |q: market::quote::OptionQuote| Quote {
            strike: q.strike.units(),
            bid: q.bid.units(),
            ask: q.ask.units(),
            delta: q.delta.map(|d| i64::from(d.0)),
        };
        quotes.into_iter().map(quote).collect()
    }

    /// One series' quote at the close of `day`.
    pub(crate) fn quote(&self, day: TradingDay, series: &Series) -> Quote {
        self.ask(day, &[Want::Series(*series)])
            .first()
            .copied()
            .unwrap_or_else(|| panic!("{series} has no price on {day}"))
    }

    /// The settlement date of shares (or options) traded on `day`.
    pub(crate) fn settles(&self, day: Date, shares: bool) -> Date {
        let date = |y, m, d| Date::constant(y, m, d);
        let wait = match shares {
            false => 1,
            true if day < date(2017, 9, 5) => 3,
            true if day < date(2024, 5, 28) => 2,
            true => 1,
        };
        let mut left = wait;
        let mut at = day;
        while left > 0 || !self.calendar.is_settlement_day(at) {
            at = at.tomorrow().unwrap();
            if self.calendar.is_settlement_day(at) && left > 0 {
                left -= 1;
            }
        }
        at
    }

    /// Calendar days between two dates.
    pub(crate) fn days(&self, from: Date, to: Date) -> i64 {
        days_between(from, to)
    }
}

/// A symbol by its ticker.
pub(crate) fn ticker(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

/// A series by its parts.
pub(crate) fn series(underlying: Symbol, expiration: Expiration, right: Right, strike: i64) -> Series {
    Series { underlying, expiration, right, strike: Price::from_units(strike) }
}
