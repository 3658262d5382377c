//! What the premium model goes by on a day: prices, dividends, interest, volatility indices, realised volatilities,
//! sessions and reports, from one history.

use market::history::{History, RateDay, SymbolHistory, VolatilityDay};
use market::instrument::Symbol;
use market::time::{Calendar, Date, Expiration, TradingDay, date_of_number, day_number, days_between};
use market::value::Price;
use pricing::black_scholes::{BadTerms, CashDividend, Terms};
use pricing::clock::Time;
use pricing::curve::{BadLevel, INDEX_DAYS, Smile, TermStructure, VolatilityCurve};
use pricing::model::{PremiumModel, squared_returns};
use pricing::rate::TreasuryCurve;
use pricing::unit::{Rate, Years};

/// A figure older than this many days does not stand for today's.
const OLDEST: i64 = 7;
/// Days from one quarterly report to the next where the next is not known yet.
const QUARTER: i64 = 91;

/// Why no premium can be modelled: what is missing, in which file and column.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoPremium {
    /// No VIX around that day.
    #[error("volatility/indices.csv: VIX is missing on {0} and the seven days before; expected a close")]
    Vix(Date),
    /// No yield around that day.
    #[error("rates/treasury.csv: no yield (DGS1MO to DGS2) on {0} or the seven days before; expected at least one")]
    Rate(Date),
    /// The symbol is not there at all.
    #[error("bars/{0}.csv: the file is missing; expected the symbol's daily bars")]
    Symbol(Symbol),
    /// The session has no bar.
    #[error("bars/{0}.csv: no close of {1}; expected one of each session")]
    Bar(Symbol, Date),
    /// Neither an index nor a past to estimate it by.
    #[error(
        "bars/{symbol}.csv: {symbol} has no volatility index (volatility/indices.csv) and too few closes before {day} \
         in common with bars/{index}.csv; expected at least {least} sessions"
    )]
    Past {
        /// The symbol.
        symbol: Symbol,
        /// The index fund.
        index: Symbol,
        /// The session.
        day: Date,
        /// Sessions needed.
        least: usize,
    },
    /// An expiration that is no session.
    #[error("{0} is no session of NYSE; expected an option's last day")]
    Expiration(Date),
    /// A figure that is none.
    #[error("{0}")]
    Level(#[from] BadLevel),
    /// Nothing to price an option on.
    #[error("{0}")]
    Terms(#[from] BadTerms),
}

/// How a symbol's volatility was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// The index fund: VIX and its kin.
    Index,
    /// A volatility index of the symbol's own.
    Own,
    /// Realised volatility over the index fund's.
    Ratio,
}

/// The premium model on the ground of one history.
pub struct Ground<'a> {
    history: &'a History,
    calendar: &'a Calendar,
    index: Symbol,
    model: PremiumModel,
    past: Vec<(Symbol, Past)>,
    curves: Vec<(Symbol, Result<VolatilityCurve, NoPremium>)>,
    curves_of: Option<TradingDay>,
}

/// Squared returns of a symbol: `squares[i]` from the close of `days[i]` to that of the session after.
struct Past {
    days: Vec<TradingDay>,
    squares: Vec<f64>,
}

impl Past {
    fn of(history: &SymbolHistory) -> Past {
        let closes: Vec<f64> = history.bars.iter().map(|bar| bar.close.to_f64()).collect();
        Past { days: history.bars.iter().map(|bar| bar.day).collect(), squares: squared_returns(&closes) }
    }
}

impl<'a> Ground<'a> {
    /// The ground of `history`, `index` being the fund whose volatility VIX is.
    #[must_use]
    pub fn new(history: &'a History, calendar: &'a Calendar, index: Symbol, model: PremiumModel) -> Self {
        let past = history.symbols.iter().map(|(symbol, own)| (*symbol, Past::of(own))).collect();
        Ground { history, calendar, index, model, past, curves: Vec::new(), curves_of: None }
    }

    /// The history.
    #[must_use]
    pub const fn history(&self) -> &'a History {
        self.history
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &PremiumModel {
        &self.model
    }

    /// What the options of an expiration share at the close of `day`, the underlying at `price` dollars of that day.
    ///
    /// # Errors
    /// [`NoPremium`] if there is no interest rate, the expiration is no session, or the price is none.
    pub fn terms(
        &self,
        day: TradingDay,
        symbol: &SymbolHistory,
        price: Price,
        expiration: Expiration,
    ) -> Result<Terms, NoPremium> {
        let years = self.years(day, expiration)?;
        let rate = self.rate(day.date(), years)?;
        let factor = symbol.factor(day.date()) as f64;
        let ahead = symbol.dividends.partition_point(|d| d.ex_date <= day.date());
        let due = symbol.dividends[ahead..].iter().take_while(|d| d.ex_date <= expiration.0);
        let cash: Vec<CashDividend> = due
            .filter_map(|d| {
                let days = u32::try_from(days_between(day.date(), d.ex_date)).ok()?;
                Some(CashDividend { years: Years::from_days(days), amount: d.amount.to_f64() * factor })
            })
            .collect();
        Ok(Terms::with_dividends(price.to_f64(), rate, years, &cash)?)
    }

    /// Time from the close of `day` to that of the expiration.
    ///
    /// # Errors
    /// [`NoPremium::Expiration`] if that is no session.
    pub fn years(&self, day: TradingDay, expiration: Expiration) -> Result<Years, NoPremium> {
        let last = self.calendar.session(expiration.0).ok_or(NoPremium::Expiration(expiration.0))?;
        let (now, end) = (self.calendar.closes_at(day).as_second(), self.calendar.closes_at(last).as_second());
        Ok(Years::from_seconds(end - now))
    }

    /// The Treasury rate over `years`, from the last day on which some maturity was published.
    ///
    /// # Errors
    /// [`NoPremium::Rate`] if that is too long ago.
    pub fn rate(&self, date: Date, years: Years) -> Result<Rate, NoPremium> {
        rate(&self.history.rates, date, years).ok_or(NoPremium::Rate(date))
    }

    /// The modelled volatilities of an expiration at the close of `day`.
    ///
    /// # Errors
    /// [`NoPremium`] naming what is missing.
    pub fn smile(&mut self, day: TradingDay, symbol: Symbol, expiration: Expiration) -> Result<Smile, NoPremium> {
        let days = self.years(day, expiration)?.days();
        let curve = self.curve(day, symbol)?;
        Ok(curve.smile(self.time(day, symbol, days, expiration.0)))
    }

    /// How the symbol's volatility is come by on `day`.
    #[must_use]
    pub fn method(&self, day: TradingDay, symbol: Symbol) -> Method {
        if symbol == self.index {
            Method::Index
        } else if self.own_index(day.date(), symbol).is_some() {
            Method::Own
        } else {
            Method::Ratio
        }
    }

    /// The symbol's own 30-day index, volatility points, as it last stood.
    #[must_use]
    pub fn own_index(&self, date: Date, symbol: Symbol) -> Option<f64> {
        let own = self.history.symbol(symbol)?;
        recent(&own.volatility, date, |(date, _)| *date).map(|(_, points)| *points)
    }

    /// VIX and its kin as they last stood.
    ///
    /// # Errors
    /// [`NoPremium::Vix`] if that is too long ago.
    pub fn vix(&self, date: Date) -> Result<&'a VolatilityDay, NoPremium> {
        recent(&self.history.volatility, date, |v: &VolatilityDay| v.date).ok_or(NoPremium::Vix(date))
    }

    /// `days` calendar days up to `until` as the model's clock counts them.
    fn time(&self, day: TradingDay, symbol: Symbol, days: f64, until: Date) -> Time {
        let clock = self.model.clock();
        if clock.closed_day() >= 1.0 && !clock.counts_reports() {
            return Time::of_days(days);
        }
        clock.time(days, self.closed(day.date(), until), self.reports(symbol, day.date(), until))
    }

    /// 30 days as the model's clock counts them for the symbol.
    #[must_use]
    pub fn month(&self, day: TradingDay, symbol: Symbol) -> Time {
        self.time(day, symbol, INDEX_DAYS[1], after(day.date(), INDEX_DAYS[1] as i64))
    }

    /// Calendar days without a session after `day` up to `until`.
    pub(crate) fn closed(&self, day: Date, until: Date) -> u32 {
        let sessions = self.calendar.sessions_between(after(day, 1), until).len() as i64;
        u32::try_from(days_between(day, until) - sessions).unwrap_or(0)
    }

    /// Reports to which the symbol reacts between the close of `day` and that of `until`: those of the table, and one
    /// each quarter after its last. The table does not say at which hour; reports count as made after the close, as
    /// nearly all are: the session after a report moves seven times as much as that of its day (`alluse evidence fit`).
    #[must_use]
    pub fn reports(&self, symbol: Symbol, day: Date, until: Date) -> u32 {
        let Some(dates) = self.history.symbol(symbol).and_then(|own| own.earnings.as_deref()) else { return 0 };
        let Some(last) = dates.last() else { return 0 };
        let before = |date: Date| dates.partition_point(|d| *d < date);
        let known = before(until).saturating_sub(before(day));
        let quarters = |date: Date| days_between(*last, date).max(0) / QUARTER;
        known as u32 + u32::try_from(quarters(until) - quarters(day)).unwrap_or(0)
    }

    /// The index's volatility by time at the close of `day`.
    ///
    /// # Errors
    /// [`NoPremium`] without VIX.
    pub fn term_structure(&self, day: TradingDay) -> Result<TermStructure, NoPremium> {
        let vix = self.vix(day.date())?;
        let clock = self.model.clock();
        let closed = |days: f64| match clock.closed_day() {
            worth if worth < 1.0 => self.closed(day.date(), after(day.date(), days as i64)),
            _ => 0,
        };
        let term = TermStructure::timed(vix.vix9d, vix.vix, vix.vix3m, clock, INDEX_DAYS.map(closed))?;
        Ok(match next_session(vix, day, self.calendar) {
            Some((points, days)) => term.with_session(points, clock.time(days, closed(days), 0))?,
            None => term,
        })
    }

    /// The symbol's volatility curve at the close of `day`.
    fn curve(&mut self, day: TradingDay, symbol: Symbol) -> Result<VolatilityCurve, NoPremium> {
        if self.curves_of != Some(day) {
            self.curves.clear();
            self.curves_of = Some(day);
        }
        if let Some((_, curve)) = self.curves.iter().find(|(s, _)| *s == symbol) {
            return curve.clone();
        }
        let curve = self.fresh_curve(day, symbol);
        self.curves.push((symbol, curve.clone()));
        curve
    }

    fn fresh_curve(&self, day: TradingDay, symbol: Symbol) -> Result<VolatilityCurve, NoPremium> {
        let term = self.term_structure(day)?;
        if symbol == self.index {
            return Ok(self.model.index_curve(term)?);
        }
        match self.own_index(day.date(), symbol) {
            Some(own) => Ok(self.model.own_index_curve(term, own, self.month(day, symbol))?),
            None => Ok(self.model.ratio_curve(term, self.ratio(day, symbol)?)?),
        }
    }

    /// The 30-day index that the symbol would have if it had none of its own: VIX times its ratio, volatility points.
    ///
    /// # Errors
    /// [`NoPremium`] without VIX or a past to compare.
    pub fn as_if_without_index(&self, day: TradingDay, symbol: Symbol) -> Result<f64, NoPremium> {
        let curve = VolatilityCurve::by_ratio(self.term_structure(day)?, self.ratio(day, symbol)?, 1.0)?;
        Ok(curve.volatility(self.month(day, symbol)).points())
    }

    /// The symbol's volatility over VIX, by what both did up to the previous close. Where the clock counts
    /// reports apart, the sessions that may have reacted to one are left out.
    ///
    /// # Errors
    /// [`NoPremium`] without bars of both, or with too few.
    pub fn ratio(&self, day: TradingDay, symbol: Symbol) -> Result<f64, NoPremium> {
        let own = self.history.symbol(symbol).ok_or(NoPremium::Symbol(symbol))?;
        let find = |symbol: Symbol| self.past.iter().find(|(s, _)| *s == symbol).map(|(_, past)| past);
        let (mine, index) =
            (find(symbol).ok_or(NoPremium::Symbol(symbol))?, find(self.index).ok_or(NoPremium::Symbol(self.index))?);
        let before = |past: &Past, symbol: Symbol| {
            past.days.binary_search(&day).map_err(|_| NoPremium::Bar(symbol, day.date())).map(|at| at.saturating_sub(1))
        };
        let (end, index_end) = (before(mine, symbol)?, before(index, self.index)?);
        let n = end.min(index_end);
        let (squares, index_squares) = (&mine.squares[end - n..end], &index.squares[index_end - n..index_end]);
        let rule = self.model.ratio_rule();
        let short = || {
            let least = rule.least_sessions();
            NoPremium::Past { symbol, index: self.index, day: day.date(), least }
        };
        let vix = self.vix(day.date())?.vix;
        let of = |squares: &[f64], index: &[f64]| {
            rule.ratio_of_squares(squares, index).map(|ratio| ratio * rule.damped(index, vix)).ok_or_else(short)
        };
        if !self.model.clock().counts_reports() {
            return of(squares, index_squares);
        }
        let from = n.saturating_sub(rule.sessions());
        let days = &mine.days[end - n..end];
        let dates = own.earnings.as_deref().unwrap_or(&[]);
        let ordinary = |at: &usize| dates.binary_search(&days[*at].date()).is_err();
        let keep = |squares: &[f64]| -> Vec<f64> { (from..n).filter(ordinary).map(|at| squares[at]).collect() };
        of(&keep(squares), &keep(index_squares))
    }
}

/// VIX1D at the close of `day` and the calendar days to the end of the session that it speaks of; an older one speaks
/// of a session that is over.
pub(crate) fn next_session(vix: &VolatilityDay, day: TradingDay, calendar: &Calendar) -> Option<(f64, f64)> {
    let points = vix.vix1d.filter(|_| vix.date == day.date())?;
    Some((points, days_between(day.date(), calendar.next(day).date()) as f64))
}

/// The date `days` after `date`; the last there is beyond it.
fn after(date: Date, days: i64) -> Date {
    date_of_number(day_number(date) + days).unwrap_or(Date::MAX)
}

/// The last record on or before `date`, if it is recent.
pub(crate) fn recent<T>(records: &[T], date: Date, of: impl Fn(&T) -> Date) -> Option<&T> {
    let record = records[..records.partition_point(|r| of(r) <= date)].last()?;
    (days_between(of(record), date) <= OLDEST).then_some(record)
}

/// The Treasury rate to an expiration, from the last day on which some maturity was published.
pub(crate) fn rate(rates: &[RateDay], date: Date, years: Years) -> Option<Rate> {
    let through = rates.partition_point(|r| r.date <= date);
    let near = rates[..through].iter().rev().take_while(|r| days_between(r.date, date) <= OLDEST);
    near.filter_map(|r| TreasuryCurve::new(r.yields).rate(years)).next()
}
