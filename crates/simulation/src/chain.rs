//! Chains where nobody quoted: the premium model's prices on the strikes that were listed, at ticks, labelled modelled.

use engine::input::Want;
use market::history::History;
use market::instrument::ladder::Ladder;
use market::instrument::{Right, Symbol};
use market::math;
use market::quote::{Chain, Delta, OptionQuote, Origin, QuotedChains};
use market::time::{Calendar, Expiration, TradingDay};
use market::value::{Price, UNITS_PER_DOLLAR};
use pricing::black_scholes::Terms;
use pricing::curve::Smile;
use pricing::model::PremiumModel;
use protocol::policy::Policy;

use crate::premium::Ground;

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
    policy: &'a Policy,
    ground: Ground<'a>,
    liquidity: &'a [(Symbol, Liquidity)],
    /// What somebody quoted.
    quotes: Option<&'a QuotedChains>,
    /// Prices that are supposed in place of closes.
    supposed: Vec<(Symbol, Price)>,
    ladder: Ladder,
}

/// One chain at one session's close.
struct Asked {
    day: TradingDay,
    underlying: Symbol,
    expiration: Expiration,
    right: Right,
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
        let model = premium.clone().at_level(policy.model.level.to_f64());
        let listing = &policy.listing.strikes;
        let ladder = Ladder::new(&listing.below, listing.above).unwrap_or_else(|_| Ladder::standard());
        ChainModel {
            history,
            policy,
            ground: Ground::new(history, calendar, policy.universe.index, model),
            liquidity,
            quotes: None,
            supposed: Vec::new(),
            ladder,
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
        let terms = self.ground.terms(day, symbol, price, expiration).ok()?;
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
        let smile = self.ground.smile(day, underlying, expiration).ok()?;
        let symbol = self.history.symbol(underlying)?;
        let bar = &symbol.bars[symbol.index_of(day)?];
        let supposed = self.supposed.iter().find(|(s, _)| *s == underlying).map(|(_, price)| *price);
        let price = supposed.unwrap_or_else(|| symbol.of_day(bar.close, day.date()));
        let terms = self.ground.terms(day, symbol, price, expiration).ok()?;
        strikes.sort_unstable();
        strikes.dedup();
        if whole {
            let deviation = smile.at_money().get() * terms.years().get().sqrt();
            let (below, above) = if right == Right::Put { REACH } else { (REACH.1, REACH.0) };
            let at = |x: f64| Price::from_f64(price.to_f64() * math::exp(x * deviation)).unwrap_or(price);
            strikes.extend(self.ladder.strikes_between(at(-below), at(above)));
            strikes.sort_unstable();
            strikes.dedup();
        }
        let known = self.liquidity.iter().find(|(s, _)| *s == underlying).map(|(_, known)| *known).unwrap_or_default();
        let Liquidity { open_interest, volume } = known;
        let quotes =
            strikes.into_iter().filter_map(|strike| self.quote(&terms, &smile, right, strike, (underlying, price)));
        let quotes = quotes.map(|quote| OptionQuote { open_interest, volume, ..quote });
        Some(Chain { underlying, expiration, right, origin: Origin::Modelled, quotes: quotes.collect() })
    }

    /// One modelled quote. The model's price is that of a European option; holders may exercise at any time, so that
    /// nobody sells for less than exercise gives (Merton 1973, theorem 1): the mid does not fall below it.
    fn quote(
        &self,
        terms: &Terms,
        smile: &Smile,
        right: Right,
        strike: Price,
        (underlying, price): (Symbol, Price),
    ) -> Option<OptionQuote> {
        let modelled = self.ground.model().quote(terms, smile, right, strike.to_f64());
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
}

fn shift_price(shift: f64) -> Price {
    Price::from_units((shift * UNITS_PER_DOLLAR as f64).round() as i64)
}
