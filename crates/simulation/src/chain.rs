//! Chains where nobody quoted: the premium model's prices on the strikes that were listed, at ticks, labelled modelled.

use engine::input::Want;
use market::history::{History, RateDay, SymbolHistory, VolatilityDay};
use market::instrument::ladder::Ladder;
use market::instrument::{Right, Symbol};
use market::math;
use market::quote::{Chain, Delta, OptionQuote, Origin, QuotedChains};
use market::time::{Calendar, Date, Expiration, TradingDay, days_between};
use market::value::{Price, UNITS_PER_DOLLAR};
use pricing::black_scholes::{CashDividend, Terms};
use pricing::curve::{TermStructure, VolatilityCurve};
use pricing::model::{PremiumModel, squared_returns};
use pricing::rate::TreasuryCurve;
use pricing::unit::{Rate, Years};
use protocol::policy::Policy;

/// A figure older than this many days does not stand for today's.
const OLDEST: i64 = 7;
/// How far the strikes of a chain reach, in standard deviations of the underlying to expiration: (below, above) the
/// price for puts; calls mirror it. Beyond, no rule of the protocol would choose.
const REACH: (f64, f64) = (3.5, 1.5);

/// What is known of how much every option of a symbol trades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Liquidity {
    /// Contracts open, where known.
    pub open_interest: Option<u32>,
    /// Contracts traded in a session, where known.
    pub volume: Option<u32>,
}

/// Prices chains of one history by one model.
pub struct ChainModel<'a> {
    history: &'a History,
    calendar: &'a Calendar,
    policy: &'a Policy,
    model: PremiumModel,
    liquidity: &'a [(Symbol, Liquidity)],
    /// What somebody quoted.
    quotes: Option<&'a QuotedChains>,
    /// Prices that are supposed in place of closes.
    supposed: Vec<(Symbol, Price)>,
    ladder: Ladder,
    /// Squared returns of the index, and the sessions of its bars.
    index: Vec<f64>,
    index_days: Vec<TradingDay>,
    /// Squared returns of each symbol.
    squares: Vec<(Symbol, Vec<f64>)>,
    curves: Vec<(Symbol, Option<VolatilityCurve>)>,
    curves_of: Option<TradingDay>,
}

/// One chain at one session's close.
struct Asked {
    day: TradingDay,
    underlying: Symbol,
    expiration: Expiration,
    right: Right,
}

fn squares(history: &SymbolHistory) -> Vec<f64> {
    squared_returns(&history.bars.iter().map(|bar| bar.close.to_f64()).collect::<Vec<_>>())
}

impl<'a> ChainModel<'a> {
    /// A model for every symbol of `history`. The policy gives the level, the scale and the ticks; `liquidity` what is
    /// known of how much the options trade.
    #[must_use]
    pub fn new(
        history: &'a History,
        calendar: &'a Calendar,
        policy: &'a Policy,
        premium: &PremiumModel,
        liquidity: &'a [(Symbol, Liquidity)],
    ) -> Self {
        let index = history.symbol(policy.universe.index);
        let listing = &policy.listing.strikes;
        let ladder = Ladder::new(&listing.below, listing.above).unwrap_or_else(|_| Ladder::standard());
        ChainModel {
            history,
            calendar,
            policy,
            model: premium.clone().at_level(policy.model.level.to_f64()),
            liquidity,
            quotes: None,
            supposed: Vec::new(),
            ladder,
            index: index.map(squares).unwrap_or_default(),
            index_days: index.map(|h| h.bars.iter().map(|b| b.day).collect()).unwrap_or_default(),
            squares: history.symbols.iter().map(|(s, h)| (*s, squares(h))).collect(),
            curves: Vec::new(),
            curves_of: None,
        }
    }

    /// The same with what somebody quoted before what a model says.
    #[must_use]
    pub const fn quoting(mut self, quotes: Option<&'a QuotedChains>) -> Self {
        self.quotes = quotes;
        self
    }

    /// The same with these prices of the day in place of closes; volatility stays what it was.
    #[must_use]
    pub fn supposing(mut self, prices: &[(Symbol, Price)]) -> Self {
        self.supposed = prices.to_vec();
        self
    }

    /// Adds the chains that are wanted and not in `out` yet, at the close of `day`; one that cannot be modelled for
    /// lack of data is left out.
    pub fn add(&mut self, day: TradingDay, wants: &[Want], out: &mut Vec<Chain>) {
        let mut groups: Vec<(Symbol, Expiration, Right, bool, Vec<Price>)> = Vec::new();
        for want in wants {
            let (key, whole, strike) = match want {
                Want::Chain(symbol, expiration, right) => ((*symbol, *expiration, *right), true, None),
                Want::Series(s) => ((s.underlying, s.expiration, s.right), false, Some(s.strike)),
            };
            let found = groups.iter_mut().find(|g| (g.0, g.1, g.2) == key);
            match found {
                Some(group) => {
                    group.3 |= whole;
                    group.4.extend(strike);
                }
                None => groups.push((key.0, key.1, key.2, whole, strike.into_iter().collect())),
            }
        }
        for (symbol, expiration, right, whole, mut strikes) in groups {
            let same = |c: &Chain| (c.underlying, c.expiration, c.right) == (symbol, expiration, right);
            let known = |strike: &Price| out.iter().any(|c| same(c) && c.at(*strike).is_some());
            if !whole && strikes.iter().all(known) {
                continue;
            }
            let before = out.extract_if(.., |c| same(c));
            strikes.extend(before.flat_map(|c| c.quotes).map(|q| q.strike));
            let asked = Asked { day, underlying: symbol, expiration, right };
            let quoted = self.quoted(&asked, whole, &mut strikes);
            if quoted.is_none() || !strikes.is_empty() {
                let whole = whole && quoted.is_none();
                out.extend(quoted);
                out.extend(self.chain(day, symbol, expiration, right, whole, strikes));
            } else {
                out.extend(quoted);
            }
        }
    }

    /// What was quoted of a chain, all strikes or those asked for, each with the delta of its mid's own implied
    /// volatility; `strikes` keeps those that nobody quoted.
    fn quoted(&self, asked: &Asked, whole: bool, strikes: &mut Vec<Price>) -> Option<Chain> {
        let Asked { day, underlying, expiration, right } = *asked;
        let chain = self.quotes?.chain(day, underlying, expiration, right)?;
        let symbol = self.history.symbol(underlying)?;
        let price = symbol.of_day(symbol.bars[symbol.index_of(day)?].close, day.date());
        let terms = self.terms(day, symbol, price, expiration)?;
        let wanted = |q: &&OptionQuote| whole || strikes.contains(&q.strike);
        let delta = |q: &OptionQuote| {
            let (strike, mid) = (q.strike.to_f64(), q.mid().to_f64());
            let volatility = pricing::implied::volatility(&terms, right, strike, mid).ok()?;
            Delta::from_f64(terms.price_and_delta(right, strike, volatility).1)
        };
        let quotes: Vec<_> =
            chain.quotes.iter().filter(wanted).map(|q| OptionQuote { delta: delta(q), ..*q }).collect();
        strikes.retain(|strike| chain.at(*strike).is_none());
        Some(Chain { quotes, ..chain.clone() })
    }

    fn chain(
        &mut self,
        day: TradingDay,
        underlying: Symbol,
        expiration: Expiration,
        right: Right,
        whole: bool,
        mut strikes: Vec<Price>,
    ) -> Option<Chain> {
        let curve = self.curve(day, underlying)?;
        let symbol = self.history.symbol(underlying)?;
        let bar = &symbol.bars[symbol.index_of(day)?];
        let supposed = self.supposed.iter().find(|(s, _)| *s == underlying).map(|(_, price)| *price);
        let price = supposed.unwrap_or_else(|| symbol.of_day(bar.close, day.date()));
        let terms = self.terms(day, symbol, price, expiration)?;
        strikes.sort_unstable();
        strikes.dedup();
        if whole {
            let deviation = curve.volatility(terms.years()).get() * terms.years().get().sqrt();
            let (below, above) = if right == Right::Put { REACH } else { (REACH.1, REACH.0) };
            let at = |x: f64| Price::from_f64(price.to_f64() * math::exp(x * deviation)).unwrap_or(price);
            strikes.extend(self.ladder.strikes_between(at(-below), at(above)));
            strikes.sort_unstable();
            strikes.dedup();
        }
        let known = self.liquidity.iter().find(|(s, _)| *s == underlying).map(|(_, known)| *known).unwrap_or_default();
        let Liquidity { open_interest, volume } = known;
        let quotes =
            strikes.into_iter().filter_map(|strike| self.quote(&terms, &curve, right, strike, (underlying, price)));
        let quotes = quotes.map(|quote| OptionQuote { open_interest, volume, ..quote });
        Some(Chain { underlying, expiration, right, origin: Origin::Modelled, quotes: quotes.collect() })
    }

    /// One modelled quote. The model's price is that of a European option; holders may exercise at any time, so that
    /// nobody sells for less than exercise gives (Merton 1973, theorem 1): the mid does not fall below it.
    fn quote(
        &self,
        terms: &Terms,
        curve: &VolatilityCurve,
        right: Right,
        strike: Price,
        (underlying, price): (Symbol, Price),
    ) -> Option<OptionQuote> {
        let modelled = self.model.quote(terms, curve, right, strike.to_f64());
        let discounted = strike.to_f64() * terms.discount();
        let (european, exercise) = match right {
            Right::Put => (discounted - terms.net_spot(), strike - price),
            Right::Call => (terms.net_spot() - discounted, price - strike),
        };
        // The sensitivity scales what is paid for time; what exercise gives is nobody's estimate.
        let scale = self.policy.replay.premium_scale.to_f64();
        let scaled = (scale - 1.0) * (modelled.mid - european.max(0.0));
        let shift = scaled + (exercise.to_f64() - modelled.mid - scaled).max(0.0);
        let bid = self.tick(underlying, modelled.bid + shift, false)?;
        let ask = self.tick(underlying, modelled.ask + shift, true)?;
        let delta =
            self.own_delta(terms, right, strike, bid - shift_price(shift), ask - shift_price(shift), modelled.delta);
        Some(OptionQuote { strike, bid, ask, delta, open_interest: None, volume: None })
    }

    /// The delta from the mid's own implied volatility; the model's where the tick took the mid below what exercise
    /// gives.
    fn own_delta(
        &self,
        terms: &Terms,
        right: Right,
        strike: Price,
        bid: Price,
        ask: Price,
        model: f64,
    ) -> Option<Delta> {
        let mid = bid.middle(ask).to_f64();
        let own = pricing::implied::volatility(terms, right, strike.to_f64(), mid)
            .map(|volatility| terms.price_and_delta(right, strike.to_f64(), volatility).1);
        Delta::from_f64(own.unwrap_or(model))
    }

    /// A price at the exchange's tick, bids down and asks up, never below zero.
    fn tick(&self, underlying: Symbol, dollars: f64, up: bool) -> Option<Price> {
        let raw = Price::from_f64(dollars.max(0.0))?;
        let step = self.policy.order.tick(underlying, raw).units();
        let floor = raw.units().div_euclid(step) * step;
        Some(Price::from_units(if up && floor < raw.units() { floor + step } else { floor }))
    }

    fn terms(&self, day: TradingDay, symbol: &SymbolHistory, price: Price, expiration: Expiration) -> Option<Terms> {
        let last = self.calendar.session(expiration.0)?;
        let (now, end) = (self.calendar.closes_at(day).as_second(), self.calendar.closes_at(last).as_second());
        let years = Years::from_seconds(end - now);
        let rate = rate(&self.history.rates, day.date(), years)?;
        let factor = symbol.factor(day.date()) as f64;
        let ahead = symbol.dividends.partition_point(|d| d.ex_date <= day.date());
        let due = symbol.dividends[ahead..].iter().take_while(|d| d.ex_date <= expiration.0);
        let cash: Vec<CashDividend> = due
            .filter_map(|d| {
                let days = u32::try_from(days_between(day.date(), d.ex_date)).ok()?;
                Some(CashDividend { years: Years::from_days(days), amount: d.amount.to_f64() * factor })
            })
            .collect();
        Terms::with_dividends(price.to_f64(), rate, years, &cash).ok()
    }

    /// The symbol's volatility curve at the close of `day`.
    fn curve(&mut self, day: TradingDay, symbol: Symbol) -> Option<VolatilityCurve> {
        if self.curves_of != Some(day) {
            self.curves.clear();
            self.curves_of = Some(day);
        }
        if let Some((_, curve)) = self.curves.iter().find(|(s, _)| *s == symbol) {
            return *curve;
        }
        let curve = self.fresh_curve(day, symbol);
        self.curves.push((symbol, curve));
        curve
    }

    fn fresh_curve(&self, day: TradingDay, symbol: Symbol) -> Option<VolatilityCurve> {
        let vix = recent(&self.history.volatility, day.date(), |v: &VolatilityDay| v.date)?;
        let term = TermStructure::new(vix.vix9d, vix.vix, vix.vix3m).ok()?;
        if symbol == self.policy.universe.index {
            return self.model.index_curve(term).ok();
        }
        let history = self.history.symbol(symbol)?;
        if let Some((_, own)) = recent(&history.volatility, day.date(), |(date, _)| *date) {
            return self.model.own_index_curve(term, *own).ok();
        }
        let (mine, index) = self.squares_before(day, symbol, history)?;
        self.model.ratio_curve(term, self.model.ratio_rule().ratio_of_squares(mine, index)?).ok()
    }

    /// Squared returns of the symbol and the index on the same sessions, up to the previous close.
    fn squares_before(&self, day: TradingDay, symbol: Symbol, history: &SymbolHistory) -> Option<(&[f64], &[f64])> {
        let mine = history.index_of(day)?.checked_sub(1)?;
        let index = self.index_days.binary_search(&day).ok()?.checked_sub(1)?;
        let n = mine.min(index);
        let squares = &self.squares.iter().find(|(s, _)| *s == symbol)?.1;
        Some((&squares[mine - n..mine], &self.index[index - n..index]))
    }
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

fn shift_price(shift: f64) -> Price {
    Price::from_units((shift * UNITS_PER_DOLLAR as f64).round() as i64)
}
