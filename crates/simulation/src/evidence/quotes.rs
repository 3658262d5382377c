//! A run on quotes beside the same run on modelled premiums, and what makes the difference.
//!
//! Options that the two runs traded in one week, sleeve, symbol and right, opening or closing, are set beside each
//! other in their order. What the first got for one less what the second got for the other comes from
//!
//! - *volatility*: the middle of the quote less the model's middle of the same option;
//! - *spread*: how much further from its middle the one was filled than the model would have filled it;
//! - *choice*: the model's price of the one option less that of the other (strike, expiration, day);
//! - *size*: the contracts that one traded more, at the other's price;
//! - *alone*: what only one of the two traded, at the model's price.
//!
//! These add up to the difference exactly: each is a difference of prices at a tick times contracts.

use std::collections::BTreeMap;
use std::ops::{Add, AddAssign};
use std::sync::Arc;

use engine::event::{Body, Event, Gains};
use engine::input::Want;
use engine::journal;
use engine::state::trade_date;
use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Side, Trade};
use market::quote::{OptionQuote, QuotedChains};
use market::time::{Calendar, TradingDay, Week};
use market::value::{Contracts, Money, Price};
use protocol::policy::FillAt;
use report::{Book, Masthead};
use runtime::MemoryStore;

use super::weekly::EvidenceError;
use crate::chain::ChainModel;
use crate::replay::{Run, replay};

/// An option that a run traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traded {
    /// The session.
    pub day: TradingDay,
    /// The sleeve.
    pub sleeve: SleeveId,
    /// Opened or closed, written or held.
    pub action: Action,
    /// Which option.
    pub series: Series,
    /// How many contracts.
    pub contracts: Contracts,
    /// Price a share.
    pub price: Price,
}

/// Where a difference comes from, in dollars, the run on quotes less the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The middle of the quote less that of the model.
    pub volatility: Money,
    /// Where between bid and ask each was filled.
    pub spread: Money,
    /// Another strike, expiration or day.
    pub choice: Money,
    /// More or fewer contracts.
    pub size: Money,
    /// Traded in one of the runs only.
    pub alone: Money,
}

/// What was traded in one run beside what was traded in the other; at least one is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// In the run on quotes.
    pub quoted: Option<Traded>,
    /// The quote of that option, where there was one.
    pub quote: Option<OptionQuote>,
    /// What the model says of the same option.
    pub model: Option<OptionQuote>,
    /// In the run on modelled premiums.
    pub modelled: Option<Traded>,
    /// Where the difference between the two comes from.
    pub parts: Parts,
}

/// One of the two runs.
#[derive(Clone, Debug)]
pub struct Told {
    /// What every page of it begins with.
    pub masthead: Masthead,
    /// All that the owner had at the last weekly close.
    pub end: Money,
    /// All gains of all weeks; `interest` has that of the tax reserves too.
    pub gains: Gains,
    /// Every option traded, in the journal's order.
    pub traded: Vec<Traded>,
}

/// The two runs beside each other.
#[derive(Clone, Debug)]
pub struct Beside {
    /// On quotes as far as they go.
    pub quoted: Told,
    /// On modelled premiums alone.
    pub modelled: Told,
    /// Options traded, by week, sleeve, symbol, right and action.
    pub pairs: Vec<Pair>,
}

/// Runs the protocol twice, on `run.quotes` and without them, and takes the difference apart.
///
/// # Errors
/// [`EvidenceError`] if a run cannot be made, or an option that was traded cannot be modelled.
pub fn beside(run: &Run<'_>, calendar: &Arc<Calendar>) -> Result<Beside, EvidenceError> {
    let quoted = told(run, calendar)?;
    let modelled = told(&Run { quotes: None, ..*run }, calendar)?;
    let mut model = Prices { run, chains: ChainModel::new(run.history, calendar, run.policy, run.premium, &[]) };
    let mut pairs = Vec::new();
    for (mine, other) in grouped(&quoted.traded, &modelled.traded).into_values() {
        for at in 0..mine.len().max(other.len()) {
            pairs.push(model.pair(mine.get(at).copied(), other.get(at).copied())?);
        }
    }
    Ok(Beside { quoted, modelled, pairs })
}

impl Beside {
    /// The parts of all pairs.
    #[must_use]
    pub fn parts(&self) -> Parts {
        self.pairs.iter().fold(Parts::default(), |sum, pair| sum + pair.parts)
    }
}

fn told(run: &Run<'_>, calendar: &Arc<Calendar>) -> Result<Told, EvidenceError> {
    let unreadable = |e: &dyn std::fmt::Display| EvidenceError::Journal(e.to_string());
    let (outcome, store) = replay(run, calendar, MemoryStore::default(), |_, _| {})?;
    let portfolio = outcome.state.opened.as_ref().map_or(0, |opened| opened.portfolio.0);
    let (events, _) = journal::read(portfolio, &store.rows).map_err(|e| unreadable(&e))?;
    let book = Book::fold(&events, calendar).map_err(|e| unreadable(&e))?;
    let mut gains = Gains::default();
    for week in &book.closes {
        add(&mut gains, &week.gains);
    }
    gains.interest += book.reserves.iter().map(|reserve| reserve.interest).sum::<Money>();
    let traded = events.iter().flat_map(|event| traded(event, calendar)).collect();
    Ok(Told { masthead: Masthead::of(&book), end: outcome.equity, gains, traded })
}

fn add(sum: &mut Gains, week: &Gains) {
    sum.premium += week.premium;
    sum.shares += week.shares;
    sum.longs += week.longs;
    sum.dividends += week.dividends;
    sum.interest += week.interest;
    sum.fees += week.fees;
    sum.unrealised += week.unrealised;
}

/// The options that a fill traded: one, or a roll's two. What crossed between two sleeves cost the owner nothing.
fn traded(event: &Event, calendar: &Calendar) -> Vec<Traded> {
    let Body::Filled { sleeve, trade, fill, .. } = &event.body else { return Vec::new() };
    let Some(day) = calendar.on_or_before(trade_date(event.at)) else { return Vec::new() };
    let contracts = Contracts(fill.units);
    let one = |action, series, price| Traded { day, sleeve: *sleeve, action, series, contracts, price };
    match *trade {
        Trade::Option { action, series, .. } => vec![one(action, series, fill.price)],
        Trade::Roll { close, open, .. } => {
            let sold = fill.sold.map_or(Price::ZERO, |sold| sold.price);
            vec![one(Action::BuyToClose, close, fill.price), one(Action::SellToOpen, open, sold)]
        }
        Trade::SellShares { .. } => Vec::new(),
    }
}

type Key = (Week, SleeveId, Symbol, Right, Action);
type Groups<'a> = BTreeMap<Key, (Vec<&'a Traded>, Vec<&'a Traded>)>;

fn grouped<'a>(quoted: &'a [Traded], modelled: &'a [Traded]) -> Groups<'a> {
    let mut groups = Groups::new();
    for one in quoted {
        groups.entry(one.key()).or_default().0.push(one);
    }
    for one in modelled {
        groups.entry(one.key()).or_default().1.push(one);
    }
    groups
}

impl Traded {
    fn key(&self) -> Key {
        (Week::of(self.day.date()), self.sleeve, self.series.underlying, self.series.right, self.action)
    }

    /// Cash that it brought before fees; below zero where it was paid.
    #[must_use]
    pub fn cash(&self) -> Money {
        self.at(self.price)
    }

    /// The same at another price.
    fn at(&self, price: Price) -> Money {
        let paid = price.of_contracts(self.contracts);
        if self.action.side() == Side::Sell { paid } else { -paid }
    }
}

impl Pair {
    /// What the run on quotes got more than the other.
    #[must_use]
    pub fn difference(&self) -> Money {
        let cash = |traded: &Option<Traded>| traded.map_or(Money::ZERO, |t| t.cash());
        cash(&self.quoted) - cash(&self.modelled)
    }

    /// Whether both traded the same contracts of the same option on one day at one price.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let what = |t: &Traded| (t.day, t.series, t.contracts, t.price);
        self.quoted.as_ref().map(what) == self.modelled.as_ref().map(what)
    }
}

/// What the model says of the options that the run on quotes traded.
struct Prices<'a> {
    run: &'a Run<'a>,
    chains: ChainModel<'a>,
}

impl Prices<'_> {
    fn pair(&mut self, quoted: Option<&Traded>, modelled: Option<&Traded>) -> Result<Pair, EvidenceError> {
        let Some(mine) = quoted else {
            let alone = modelled.map_or(Money::ZERO, |other| -other.cash());
            let parts = Parts { alone, ..Parts::default() };
            return Ok(Pair { quoted: None, quote: None, model: None, modelled: modelled.copied(), parts });
        };
        let model = self.modelled(mine)?;
        let quote = self.run.quotes.and_then(|quotes| quote(quotes, mine));
        let filled = self.filled(mine.action.side(), &model);
        let volatility = quote.map_or(Money::ZERO, |q| mine.at(q.mid()) - mine.at(model.mid()));
        let spread = mine.cash() - mine.at(filled) - volatility;
        let mut parts = Parts { volatility, spread, ..Parts::default() };
        match modelled {
            None => parts.alone = mine.at(filled),
            Some(other) => {
                parts.choice = mine.at(filled) - mine.at(other.price);
                parts.size = mine.at(other.price) - other.cash();
            }
        }
        Ok(Pair { quoted: Some(*mine), quote, model: Some(model), modelled: modelled.copied(), parts })
    }

    /// The model's quote of an option at the close of the session in which it was traded.
    fn modelled(&mut self, traded: &Traded) -> Result<OptionQuote, EvidenceError> {
        let mut chains = Vec::new();
        self.chains.add(traded.day, &[Want::Series(traded.series)], &mut chains);
        let found = chains.iter().find_map(|chain| chain.at(traded.series.strike));
        found.copied().ok_or_else(|| EvidenceError::Unpriced {
            symbol: traded.series.underlying.to_string(),
            day: traded.day.date(),
            history: self.run.history.source.clone(),
        })
    }

    /// Where the run's broker fills on a quote.
    fn filled(&self, side: Side, quote: &OptionQuote) -> Price {
        match (self.run.policy.replay.fill, side) {
            (FillAt::Mid, _) => quote.mid(),
            (FillAt::Touch, Side::Sell) => quote.bid,
            (FillAt::Touch, Side::Buy) => quote.ask,
        }
    }
}

/// What was quoted of an option when it was traded. Replay goes by a quote wherever there is one; a roll's fill only
/// says whether both of its sides were quoted.
fn quote(quotes: &QuotedChains, traded: &Traded) -> Option<OptionQuote> {
    let Series { underlying, expiration, right, strike, .. } = traded.series;
    quotes.chain(traded.day, underlying, expiration, right)?.at(strike).copied()
}

impl Parts {
    /// All of them: the difference.
    #[must_use]
    pub fn total(&self) -> Money {
        self.volatility + self.spread + self.choice + self.size + self.alone
    }
}

impl Add for Parts {
    type Output = Parts;

    fn add(self, other: Parts) -> Parts {
        Parts {
            volatility: self.volatility + other.volatility,
            spread: self.spread + other.spread,
            choice: self.choice + other.choice,
            size: self.size + other.size,
            alone: self.alone + other.alone,
        }
    }
}

impl AddAssign for Parts {
    fn add_assign(&mut self, other: Parts) {
        *self = *self + other;
    }
}
