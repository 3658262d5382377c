//! The S&P 500 and its options as a history has them: closes, dividends, and what the premium model says of options.

use market::history::{History, IntradaySession, SymbolHistory};
use market::instrument::Symbol;
use market::instrument::listing::monthly;
use market::time::{Calendar, Expiration, TradingDay, days_between};
use pricing::black_scholes::{CashDividend, Terms};
use pricing::clock::Time;
use pricing::curve::TermStructure;
use pricing::model::PremiumModel;
use pricing::unit::Years;

use super::roll::Roll;
use super::weekly::EvidenceError;
use super::writing::{Close, Market, Moment, Settlement, Written};
use crate::premium;

/// A month's bill stands for the rate of a month's option.
const MONTH: u32 = 30;

/// The S&P 500's ticker.
pub const INDEX: &str = "SPX";

/// The S&P 500 as a history has it: its bars, dividends at the fund's yield, volatility from VIX and its term
/// structure at the model's level, the Treasury's yields.
pub struct Modelled<'a> {
    history: &'a History,
    calendar: &'a Calendar,
    model: PremiumModel,
    index: &'a SymbolHistory,
    fund: &'a SymbolHistory,
}

impl<'a> Modelled<'a> {
    /// The index of `history`; `fund` holds it and pays its dividends. `model` stands at the policy's level already.
    ///
    /// # Errors
    /// [`EvidenceError::Missing`] if the history has no bars of either.
    pub fn new(
        history: &'a History,
        calendar: &'a Calendar,
        model: PremiumModel,
        fund: Symbol,
    ) -> Result<Modelled<'a>, EvidenceError> {
        let of = |name: &str, what| {
            let missing = || EvidenceError::Missing { symbol: name.to_owned(), what, history: history.source.clone() };
            Symbol::new(name).ok().and_then(|s| history.symbol(s)).ok_or_else(missing)
        };
        let index = of(INDEX, "the index that the published method writes options on")?;
        let fund = of(fund.as_str(), "the fund whose dividends stand for the index's")?;
        Ok(Modelled { history, calendar, model, index, fund })
    }

    /// Every session that both have, the index's dividends being the fund's by its yield on the close before.
    #[must_use]
    pub fn closes(&self) -> Vec<Close> {
        let mut before: Option<(f64, f64, TradingDay)> = None;
        let mut closes = Vec::with_capacity(self.index.bars.len());
        for bar in &self.index.bars {
            let Some(fund) = self.fund.index_of(bar.day).map(|i| self.fund.bars[i].close.to_f64()) else { continue };
            let dividends = before.map_or(0.0, |(index, fund, last)| {
                let paid = self.paid(last, bar.day).map(|d| d.amount).sum::<f64>();
                index * paid / fund
            });
            let index = bar.close.to_f64();
            before = Some((index, fund, bar.day));
            let (next, settlement) = (self.next(bar.day), Settlement::Close);
            closes.push(Close { day: bar.day, index, dividends, next, settlement, roll: None });
        }
        closes
    }

    /// The same as far as bars within the session go, which rise by session. Calls that expire on their first session
    /// or later settle at the opening, and those expirations have their hours; the call that is held when the bars
    /// begin was still sold at a close.
    #[must_use]
    pub fn closes_within(&self, sessions: &[IntradaySession]) -> Vec<Close> {
        let Some((first, last)) = sessions.first().zip(sessions.last()) else { return Vec::new() };
        let mut closes = self.closes();
        closes.truncate(closes.partition_point(|close| close.day <= last.day));
        for close in &mut closes {
            if close.next.is_some_and(|next| next.0 >= first.day.date()) {
                close.settlement = Settlement::Opening;
            }
            let at = sessions.binary_search_by_key(&close.day, |session| session.day).ok();
            close.roll = at.filter(|_| close.next.is_some()).and_then(|at| Roll::of(&sessions[at], self.calendar));
        }
        closes
    }

    /// The fund's dividends that go ex after one session and up to another, with the time to them from the first.
    fn paid(&self, after: TradingDay, to: TradingDay) -> impl Iterator<Item = CashDividend> + '_ {
        let due = self.fund.dividends.iter().filter(move |d| d.ex_date > after.date() && d.ex_date <= to.date());
        due.map(move |d| CashDividend {
            years: Years::from_days(u32::try_from(days_between(after.date(), d.ex_date)).unwrap_or(0)),
            amount: d.amount.to_f64(),
        })
    }

    /// The next monthly expiration, if this session is one.
    fn next(&self, day: TradingDay) -> Option<Expiration> {
        let (year, month) = (day.date().year(), day.date().month());
        monthly(self.calendar, year, month).filter(|e| e.0 == day.date())?;
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        monthly(self.calendar, year, month)
    }

    fn unpriced(&self, day: TradingDay) -> EvidenceError {
        EvidenceError::Unpriced { symbol: INDEX.into(), day: day.date(), history: self.history.source.clone() }
    }

    fn modelled(&self, at: &Moment<'_>, option: &Written) -> Option<f64> {
        let known = at.known();
        let vix = premium::recent(&self.history.volatility, known.date(), |v| v.date)?;
        let term = TermStructure::new(vix.vix9d, vix.vix, vix.vix3m).ok()?;
        let term = match premium::next_session(vix, known, self.calendar) {
            Some((points, days)) => term.with_session(points, Time::of_days(days)).ok()?,
            None => term,
        };
        let curve = self.model.index_curve(term).ok()?;
        let last = self.calendar.session(option.expiration.0)?;
        let now = match at {
            Moment::Close(close) => self.calendar.closes_at(close.day),
            Moment::Midday(_, roll) => roll.at,
        };
        let end = match option.settlement {
            Settlement::Opening => self.calendar.opens_at(last),
            Settlement::Close => self.calendar.closes_at(last),
        };
        let years = Years::from_seconds(end.as_second() - now.as_second());
        let rate = premium::rate(&self.history.rates, known.date(), years)?;
        let close = |of: &SymbolHistory| of.index_of(known).map(|i| of.bars[i].close.to_f64());
        let scale = close(self.index)? / close(self.fund)?;
        let cash = self.paid(at.day(), last).map(|d| CashDividend { amount: d.amount * scale, ..d });
        let cash: Vec<CashDividend> = cash.collect();
        let terms = Terms::with_dividends(at.index(), rate, years, &cash).ok()?;
        Some(terms.price(option.right, option.strike, curve.volatility(years)))
    }
}

impl Market for Modelled<'_> {
    fn price(&self, at: &Moment<'_>, option: &Written) -> Result<f64, EvidenceError> {
        self.modelled(at, option).ok_or_else(|| self.unpriced(at.day()))
    }

    fn bill(&self, at: &Close, days: i64) -> Result<f64, EvidenceError> {
        let rate = premium::rate(&self.history.rates, at.day.date(), Years::from_days(MONTH));
        let days = Years::from_days(u32::try_from(days).unwrap_or(0));
        rate.map(|rate| 1.0 / rate.discount(days)).ok_or_else(|| self.unpriced(at.day))
    }
}

#[cfg(test)]
mod tests {
    use market::history::{IntradayBar, RateDay, VolatilityDay};
    use market::instrument::Right;
    use market::quote::Bar;
    use market::time::Date;
    use market::value::Price;

    use super::super::writing::sales;
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Flat prices from December 2024 to May 2025; VIX at 20, but 40 on expirations and the sessions after.
    fn flat(calendar: &Calendar) -> History {
        let days = calendar.sessions_between(date("2024-12-02"), date("2025-05-30"));
        let of = |price: i64| {
            let price = Price::dollars(price);
            let bar =
                |day: &TradingDay| Bar { day: *day, open: price, high: price, low: price, close: price, volume: 1 };
            SymbolHistory { bars: days.iter().map(bar).collect(), ..SymbolHistory::default() }
        };
        let vix = |day: &TradingDay| {
            let expires = monthly(calendar, day.date().year(), day.date().month()).unwrap().0;
            let vix = if day.date() < expires { 20.0 } else { 40.0 };
            VolatilityDay { date: day.date(), vix, vix9d: None, vix3m: None, vix1d: None }
        };
        let rate = |day: &TradingDay| RateDay { date: day.date(), yields: [Some(4.0); 5] };
        let name = |name: &str| Symbol::new(name).unwrap();
        History {
            symbols: vec![(name("SPX"), of(4001)), (name("SPY"), of(400))],
            volatility: days.iter().map(vix).collect(),
            rates: days.iter().map(rate).collect(),
            indices: Vec::new(),
            splits_complete_since: date("2016-01-01"),
            simulated: false,
            source: "made up".to_owned(),
        }
    }

    /// A midday knows the VIX of the close before; time runs to the opening of the last day, Good Friday's Thursday.
    #[test]
    fn a_call_of_a_midday_knows_the_close_before_and_ends_at_an_opening() {
        let calendar = Calendar::nyse();
        let history = flat(&calendar);
        let model = PremiumModel::parse(include_str!("../../../../policy/premium-model.toml"), "model").unwrap();
        let market = Modelled::new(&history, &calendar, model.clone(), Symbol::new("SPY").unwrap()).unwrap();
        let price = Price::dollars(4001);
        let bar = IntradayBar { open: price, high: price, low: price, close: price };
        let session = |day: &TradingDay| IntradaySession { day: *day, bars: vec![bar; 26] };
        let days = calendar.sessions_between(date("2025-02-03"), date("2025-04-30"));
        let sessions: Vec<IntradaySession> = days.iter().map(session).collect();
        let closes = market.closes_within(&sessions);
        assert_eq!(closes.last().map(|close| close.day), days.last().copied(), "no further than the bars");
        let ends = |day: &str| closes.iter().find(|close| close.day.date() == date(day)).unwrap();
        let january = ends("2025-01-17");
        assert_eq!((january.roll, january.settlement), (None, Settlement::Opening), "sold at a close, and held on");
        assert_eq!(ends("2024-12-20").settlement, Settlement::Close, "it ends before the bars begin");
        let sold = sales(&closes, &market).unwrap();
        let march = sold.iter().find(|sale| sale.at.day().date() == date("2025-03-21")).unwrap();
        assert_eq!((march.call.expiration.0, march.call.strike), (date("2025-04-17"), 4005.0));
        let worth = |vix: f64, from: &str, to: &str| {
            let seconds = |at: &str| at.parse::<jiff::Timestamp>().unwrap().as_second();
            let years = Years::from_seconds(seconds(to) - seconds(from));
            let rate = premium::rate(&history.rates, date("2025-03-20"), years).unwrap();
            let curve = model.index_curve(TermStructure::new(None, vix, None).unwrap()).unwrap();
            Terms::new(4001.0, rate, years).unwrap().price(Right::Call, 4005.0, curve.volatility(years))
        };
        let midday = worth(20.0, "2025-03-21T16:30:00Z", "2025-04-17T13:30:00Z");
        assert!((march.price - midday).abs() < 1e-9, "{} is not {midday}", march.price);
        let close = market.price(&Moment::Close(ends("2025-03-21")), &march.call).unwrap();
        let expected = worth(40.0, "2025-03-21T20:00:00Z", "2025-04-17T13:30:00Z");
        assert!((close - expected).abs() < 1e-9, "{close} is not {expected}");
    }
}
