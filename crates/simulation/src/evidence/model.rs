//! How far the premium model is from what somebody quoted (V9).
//!
//! Every quote at a session's close that has an implied volatility is priced as the model would price it, knowing
//! nothing of the chain. The underlying's price is the bar's close; where there is no bar of that day, put–call parity
//! of the expiration gives it. Errors are the model's less the quote's.

use std::collections::{BTreeMap, BTreeSet};

use market::history::{History, VolatilityDay};
use market::instrument::{Right, Symbol};
use market::quote::{Chain, OptionQuote, QuotedChains};
use market::time::{Calendar, Date, Expiration, TradingDay};
use pricing::black_scholes::Terms;
use pricing::curve::Smile;
use pricing::implied;
use pricing::model::PremiumModel;
use pricing::spread::{Quoted, parity_forward};
use pricing::unit::Volatility;

use crate::premium::{Ground, Method, NoPremium};

/// Days of a year's VIX closes, whose mean says whether it is high (M-2).
const YEAR: usize = 252;
/// From this multiple of its mean on VIX is very high (M-7).
const VERY_HIGH: f64 = 1.5;
/// At the money: |delta| in points.
pub const AT_MONEY: (f64, f64) = (45.0, 55.0);
/// Expirations that the bar at the money looks at, calendar days.
pub const NEAR: (f64, f64) = (2.5, 45.5);
/// Sessions from which a mean can be held against the bar (V9).
pub const ENOUGH: usize = 60;

/// VIX beside the mean of its last year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Regime {
    /// At or below the mean.
    Low,
    /// Above.
    High,
    /// Above one and a half times the mean.
    VeryHigh,
}

/// One quote beside the model's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// Session at whose close it stood.
    pub day: TradingDay,
    /// The underlying.
    pub symbol: Symbol,
    /// How the model came by the symbol's volatility.
    pub method: Method,
    /// Put or call.
    pub right: Right,
    /// Calendar days to expiration.
    pub days: f64,
    /// |delta| of the quote's mid, points.
    pub delta: f64,
    /// Implied volatility of the quote's mid, points.
    pub volatility: f64,
    /// The model's less that.
    pub error: f64,
    /// What was bid, and the middle, dollars.
    pub quoted: (f64, f64),
    /// The same of the model.
    pub modelled: (f64, f64),
    /// How high VIX was.
    pub regime: Regime,
    /// Whether the symbol reacts to a report before expiration.
    pub report: bool,
    /// Whether some number of the model was fitted on quotes of this session.
    pub fitted: bool,
}

impl Compared {
    /// Whether the bar at the money looks at it.
    #[must_use]
    pub fn is_at_money(&self) -> bool {
        (AT_MONEY.0..=AT_MONEY.1).contains(&self.delta) && (NEAR.0..=NEAR.1).contains(&self.days)
    }
}

/// The error over some quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Error {
    /// Quotes.
    pub quotes: usize,
    /// Sessions that they are of.
    pub sessions: usize,
    /// Mean error, volatility points.
    pub bias: f64,
    /// Mean size of the error, volatility points.
    pub size: f64,
    /// Error of the middle as a share of all that was quoted.
    pub premium_bias: f64,
    /// Size of the errors of the middle as a share of all that was quoted.
    pub premium_size: f64,
    /// Error of the bid as a share of all that was bid: what a seller would have been promised too much.
    pub bid_bias: f64,
}

/// The error over these quotes; `None` without any.
#[must_use]
pub fn error<'a>(quotes: impl IntoIterator<Item = &'a Compared>) -> Option<Error> {
    let mut sums = Error::default();
    let (mut mids, mut bids, mut sessions) = (0.0, 0.0, BTreeSet::new());
    for quote in quotes {
        sums.quotes += 1;
        sessions.insert((quote.day, quote.symbol));
        sums.bias += quote.error;
        sums.size += quote.error.abs();
        let off = quote.modelled.1 - quote.quoted.1;
        sums.premium_bias += off;
        sums.premium_size += off.abs();
        sums.bid_bias += quote.modelled.0 - quote.quoted.0;
        mids += quote.quoted.1;
        bids += quote.quoted.0;
    }
    let quotes = sums.quotes as f64;
    (sums.quotes > 0).then(|| Error {
        quotes: sums.quotes,
        sessions: sessions.len(),
        bias: sums.bias / quotes,
        size: sums.size / quotes,
        premium_bias: sums.premium_bias / mids,
        premium_size: sums.premium_size / mids,
        bid_bias: sums.bid_bias / bids,
    })
}

/// The errors over the classes that `class` puts quotes into.
pub fn by<K: Ord>(quotes: &[Compared], class: impl Fn(&Compared) -> Option<K>) -> Vec<(K, Error)> {
    let mut classes: BTreeMap<K, Vec<&Compared>> = BTreeMap::new();
    for quote in quotes {
        if let Some(key) = class(quote) {
            classes.entry(key).or_default().push(quote);
        }
    }
    classes.into_iter().filter_map(|(key, quotes)| Some((key, error(quotes)?))).collect()
}

/// What could not be compared, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// The underlying.
    pub symbol: Symbol,
    /// Quotes.
    pub quotes: usize,
    /// Why, of the first.
    pub why: String,
}

/// All that was compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Rising by session, symbol, expiration, right and strike.
    pub quotes: Vec<Compared>,
    /// Rising by symbol: quotes that the model has no answer to.
    pub unpriced: Vec<LeftOut>,
    /// Quotes without a bid, or whose middle no volatility explains.
    pub without_volatility: usize,
}

/// A mean at the money held against its bar (V9).
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The symbol.
    pub symbol: Symbol,
    /// The year.
    pub year: i16,
    /// How its volatility was come by.
    pub method: Method,
    /// Sessions on which no number was fitted.
    pub tested: usize,
    /// Sessions on which some was.
    pub fitted: usize,
    /// Mean over the sessions tested of each one's mean error at the money, volatility points.
    pub bias: Option<f64>,
    /// Mean over the sessions fitted.
    pub bias_fitted: Option<f64>,
    /// Mean size over the sessions tested.
    pub size: Option<f64>,
}

/// What the bar says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Within the limit on enough sessions.
    Met,
    /// Beyond it on enough sessions.
    Missed,
    /// Too few sessions to say.
    TooFew,
}

impl Bar {
    /// From the error of each session.
    fn of((symbol, year): (Symbol, i16), method: Method, tested: &[f64], fitted: &[f64]) -> Bar {
        let size = mean(&tested.iter().map(|error| error.abs()).collect::<Vec<_>>());
        let (bias, bias_fitted) = (mean(tested), mean(fitted));
        Bar { symbol, year, method, tested: tested.len(), fitted: fitted.len(), bias, bias_fitted, size }
    }

    /// The largest mean error that the bar allows, volatility points.
    #[must_use]
    pub const fn limit(&self) -> f64 {
        match self.method {
            Method::Index | Method::Own => 2.0,
            Method::Ratio => 10.0,
        }
    }

    /// Whether it is met.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.bias {
            Some(bias) if self.tested >= ENOUGH && bias.abs() <= self.limit() => Verdict::Met,
            Some(_) if self.tested >= ENOUGH => Verdict::Missed,
            _ => Verdict::TooFew,
        }
    }
}

/// Every quote beside the model's.
///
/// # Errors
/// [`NoPremium`] if not one can be priced: what the first lacks.
pub fn compare(
    history: &History,
    calendar: &Calendar,
    index: Symbol,
    model: &PremiumModel,
    quotes: &QuotedChains,
) -> Result<Comparison, NoPremium> {
    let mut ground = Ground::new(history, calendar, index, model.clone());
    let mut found = Comparison::default();
    let mut unpriced: BTreeMap<Symbol, LeftOut> = BTreeMap::new();
    let mut first = None;
    for pair in expirations(quotes) {
        let (day, symbol) = (pair.day, pair.symbol);
        match ground.priced(&pair) {
            Ok((terms, smile)) => {
                let regime = regime(&history.volatility, day.date());
                for chain in &pair.chains {
                    let like = Compared { right: chain.right, ..pair.blank(&ground, regime) };
                    let all = chain.quotes.iter().map(|quote| one(&ground, &terms, &smile, quote, like));
                    let before = found.quotes.len();
                    found.quotes.extend(all.flatten());
                    found.without_volatility += chain.quotes.len() - (found.quotes.len() - before);
                }
            }
            Err(why) => {
                let entry =
                    unpriced.entry(symbol).or_insert_with(|| LeftOut { symbol, quotes: 0, why: why.to_string() });
                entry.quotes += pair.chains.iter().map(|chain| chain.quotes.len()).sum::<usize>();
                first.get_or_insert(why);
            }
        }
    }
    found.unpriced = unpriced.into_values().collect();
    match first {
        Some(why) if found.quotes.is_empty() => Err(why),
        _ => Ok(found),
    }
}

/// The chains of one expiration, puts and calls.
pub(super) struct Pair<'a> {
    pub(super) day: TradingDay,
    pub(super) symbol: Symbol,
    pub(super) expiration: Expiration,
    pub(super) chains: Vec<&'a Chain>,
}

/// Puts and calls together, in the order of sessions.
pub(super) fn expirations(quotes: &QuotedChains) -> Vec<Pair<'_>> {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for (day, chain) in quotes.iter() {
        let key = (day, chain.underlying, chain.expiration);
        match pairs.last_mut().filter(|p| (p.day, p.symbol, p.expiration) == key) {
            Some(pair) => pair.chains.push(chain),
            None => {
                let (day, symbol, expiration) = key;
                pairs.push(Pair { day, symbol, expiration, chains: vec![chain] });
            }
        }
    }
    pairs
}

impl Pair<'_> {
    fn blank(&self, ground: &Ground<'_>, regime: Regime) -> Compared {
        Compared {
            day: self.day,
            symbol: self.symbol,
            method: ground.method(self.day, self.symbol),
            right: Right::Put,
            days: self.expiration.days_from(self.day.date()) as f64,
            delta: 0.0,
            volatility: 0.0,
            error: 0.0,
            quoted: (0.0, 0.0),
            modelled: (0.0, 0.0),
            regime,
            report: ground.reports(self.symbol, self.day.date(), self.expiration.0) > 0,
            fitted: ground.model().fitted().on_quotes(self.day.date()),
        }
    }

    /// The forward by put–call parity.
    pub(super) fn forward(&self, discount: f64) -> Option<f64> {
        let quoted: Vec<Quoted> = self
            .chains
            .iter()
            .flat_map(|chain| {
                let of = |q: &OptionQuote| {
                    let (strike, bid, ask) = (q.strike.to_f64(), q.bid.to_f64(), q.ask.to_f64());
                    Quoted { right: chain.right, strike, bid, ask }
                };
                chain.quotes.iter().map(of)
            })
            .collect();
        parity_forward(&quoted, discount)
    }
}

impl Ground<'_> {
    /// Terms and volatilities of an expiration.
    fn priced(&mut self, pair: &Pair<'_>) -> Result<(Terms, Smile), NoPremium> {
        let smile = self.smile(pair.day, pair.symbol, pair.expiration)?;
        Ok((self.terms_of(pair)?, smile))
    }

    /// At the bar's close; without a bar by put–call parity.
    pub(super) fn terms_of(&self, pair: &Pair<'_>) -> Result<Terms, NoPremium> {
        let (day, symbol, expiration) = (pair.day, pair.symbol, pair.expiration);
        let own = self.history().symbol(symbol);
        if let Some((own, at)) = own.and_then(|own| Some((own, own.index_of(day)?))) {
            return self.terms(day, own, own.of_day(own.bars[at].close, day.date()), expiration);
        }
        let years = self.years(day, expiration)?;
        let rate = self.rate(day.date(), years)?;
        let discount = rate.discount(years);
        let forward = pair.forward(discount).ok_or(NoPremium::Bar(symbol, day.date()))?;
        Ok(Terms::new(forward * discount, rate, years)?)
    }
}

/// One quote; `None` without a bid, or if no volatility explains its middle.
fn one(ground: &Ground<'_>, terms: &Terms, smile: &Smile, quote: &OptionQuote, like: Compared) -> Option<Compared> {
    let (strike, bid, mid) = (quote.strike.to_f64(), quote.bid.to_f64(), quote.mid().to_f64());
    let implied = implied::volatility(terms, like.right, strike, mid).ok()?;
    if bid <= 0.0 || implied <= Volatility::ZERO {
        return None;
    }
    let delta = terms.price_and_delta(like.right, strike, implied).1.abs() * 100.0;
    let modelled = ground.model().quote(terms, smile, like.right, strike);
    let volatility = implied.points();
    Some(Compared {
        delta,
        volatility,
        error: smile.volatility(terms, strike).points() - volatility,
        quoted: (bid, mid),
        modelled: (modelled.bid, modelled.mid),
        ..like
    })
}

/// VIX beside the mean of its last year.
fn regime(days: &[VolatilityDay], date: Date) -> Regime {
    let through = &days[..days.partition_point(|day| day.date <= date)];
    let year = &through[through.len().saturating_sub(YEAR)..];
    let mean = year.iter().map(|day| day.vix).sum::<f64>() / year.len().max(1) as f64;
    match year.last().map_or(0.0, |day| day.vix) {
        vix if vix > VERY_HIGH * mean => Regime::VeryHigh,
        vix if vix > mean => Regime::High,
        _ => Regime::Low,
    }
}

/// The bar at the money, by symbol and year.
#[must_use]
pub fn bars(quotes: &[Compared]) -> Vec<Bar> {
    /// Whether some number was fitted on the session, the sum of its errors, and their count.
    type Sessions = BTreeMap<TradingDay, (bool, f64, f64)>;
    let mut days: BTreeMap<(Symbol, i16, Method), Sessions> = BTreeMap::new();
    for quote in quotes.iter().filter(|quote| quote.is_at_money()) {
        let key = (quote.symbol, quote.day.date().year(), quote.method);
        let day = days.entry(key).or_default().entry(quote.day).or_insert((quote.fitted, 0.0, 0.0));
        day.1 += quote.error;
        day.2 += 1.0;
    }
    days.into_iter()
        .map(|((symbol, year, method), days)| {
            let means = |fitted: bool| -> Vec<f64> {
                days.values().filter(|day| day.0 == fitted).map(|(_, sum, count)| sum / count).collect()
            };
            let (tested, fitted) = (means(false), means(true));
            Bar::of((symbol, year), method, &tested, &fitted)
        })
        .collect()
}

/// The method for symbols without an index on those that have one: its 30-day figure less the index, by symbol and
/// year, each session weighing the same.
#[must_use]
pub fn as_if_without_index(history: &History, calendar: &Calendar, index: Symbol, model: &PremiumModel) -> Vec<Bar> {
    let ground = Ground::new(history, calendar, index, model.clone());
    let mut years: BTreeMap<(Symbol, i16), [Vec<f64>; 2]> = BTreeMap::new();
    for (symbol, own) in history.symbols.iter().filter(|(symbol, own)| *symbol != index && !own.volatility.is_empty()) {
        for day in own.bars.iter().map(|bar| bar.day) {
            let listed = own.volatility.binary_search_by_key(&day.date(), |(date, _)| *date);
            let (Ok(at), Ok(modelled)) = (listed, ground.as_if_without_index(day, *symbol)) else { continue };
            let fitted = usize::from(model.fitted().on_history(day.date()));
            years.entry((*symbol, day.date().year())).or_default()[fitted].push(modelled - own.volatility[at].1);
        }
    }
    years.into_iter().map(|(of, [tested, fitted])| Bar::of(of, Method::Ratio, &tested, &fitted)).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
