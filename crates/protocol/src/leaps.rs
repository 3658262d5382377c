//! LEAPS: the ladder of long calls that reinvestment builds: which to buy, and when one is rolled.

use ledger::SleeveId;
use market::instrument::listing::Listing;
use market::instrument::{Right, Series, Symbol};
use market::quote::{Board, Chain, Delta, OptionQuote};
use market::time::{Calendar, Date, Expiration, TradingDay, date_of_number, day_number, days_between};
use market::value::{Contracts, MULTIPLIER, Money, Price};

use crate::plan::{Gate, Seen, Untestable};
use crate::policy::Policy;
use crate::policy::unit::Span;
use crate::rule::Rule;

/// Long calls of one series, bought on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongLine {
    /// Which series.
    pub series: Series,
    /// How many contracts are held.
    pub contracts: Contracts,
    /// The session on which they were bought.
    pub opened: TradingDay,
    /// What they are worth at mid.
    pub value: Money,
}

/// A sleeve as the purchase of LEAPS sees it.
#[derive(Clone, Copy, Debug)]
pub struct LeapsView<'a> {
    /// Which sleeve.
    pub id: SleeveId,
    /// The LEAPS that it holds.
    pub lines: &'a [LongLine],
    /// Money set aside for LEAPS and not spent yet; for a roll, with what the sale brings.
    pub budget: Money,
    /// Cash + shares + options at mid + LEAPS; E-5's cap is a share of it.
    pub equity: Money,
    /// What each underlying binds already, rising by symbol: shares, puts, working orders and LEAPS together.
    pub exposure: &'a [(Symbol, Money)],
    /// The most contracts that may be bought: for a roll those sold, else absent.
    pub most: Option<Contracts>,
}

/// Why a symbol's LEAPS are not bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeapsSkip {
    /// No calls are quoted with an expiration in the window.
    NoExpiration {
        /// The window.
        window: (Date, Date),
    },
    /// Every expiration in the window already holds too much of the ladder's value.
    Concentrated {
        /// The latest of them.
        expiration: Expiration,
        /// What it holds.
        holds: Money,
        /// What the whole ladder is worth.
        of: Money,
    },
    /// No strike has a delta near enough.
    NoStrike {
        /// The latest expiration that may be bought.
        expiration: Expiration,
        /// Deltas sought.
        band: (Delta, Delta),
        /// The nearest that was quoted.
        nearest: Option<Delta>,
    },
    /// A gate refused.
    Gate(Gate),
    /// The fees of the day are not known (E-9).
    FeesUnknown,
    /// One contract costs more than is left.
    DoesNotFit {
        /// What one contract costs, fees included.
        needs: Money,
        /// What is left.
        left: Money,
    },
    /// One contract more would exceed the underlying's cap (E-5).
    Cap {
        /// What the underlying would bind.
        would: Money,
        /// The cap.
        cap: Money,
    },
    /// All that were to be bought are bought.
    Enough,
}

/// A symbol with all that decided its LEAPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeapsCandidate {
    /// Which symbol.
    pub symbol: Symbol,
    /// What its LEAPS are worth when it is asked, those bought before it in this plan included.
    pub value: Money,
    /// The series that was chosen, if the rules came that far.
    pub seen: Option<Seen>,
    /// One contract at the ask, or why not.
    pub verdict: Result<Bought, LeapsSkip>,
    /// Gates that could not be asked.
    pub untestable: Vec<Untestable>,
}

/// Contracts that a plan buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bought {
    /// How many contracts.
    pub contracts: Contracts,
    /// Worst price accepted, a share.
    pub limit: Price,
    /// What they cost at it, fees included.
    pub cost: Money,
}

/// What a sleeve buys of LEAPS in one session. Candidates stand in the order in which they were asked: a symbol may be
/// bought, and asked again later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeapsPlan {
    /// The sleeve.
    pub sleeve: SleeveId,
    /// The session.
    pub day: TradingDay,
    /// What was set aside.
    pub budget: Money,
    /// What waits for the next quarter.
    pub left: Money,
    /// Every symbol that was asked.
    pub candidates: Vec<LeapsCandidate>,
}

impl LeapsPlan {
    /// What is bought, one entry for each series, in the order of purchase.
    #[must_use]
    pub fn purchases(&self) -> Vec<(Series, Bought)> {
        let mut purchases: Vec<(Series, Bought)> = Vec::new();
        for candidate in &self.candidates {
            let (Some(seen), Ok(bought)) = (candidate.seen, candidate.verdict) else { continue };
            match purchases.iter_mut().find(|(series, _)| *series == seen.series) {
                None => purchases.push((seen.series, bought)),
                Some((_, sum)) => {
                    sum.contracts += bought.contracts;
                    sum.cost += bought.cost;
                }
            }
        }
        purchases
    }
}

/// the first and last day on which LEAPS bought on `day` may expire.
#[must_use]
pub fn window(policy: &Policy, day: Date) -> (Date, Date) {
    let Span { low, high } = policy.leaps.months;
    (months_after(day, low), months_after(day, high))
}

/// the expirations in the window where no chain is at hand: third Fridays of January and June, rising.
#[must_use]
pub fn expirations(policy: &Policy, calendar: &Calendar, day: TradingDay) -> Vec<Expiration> {
    let (from, to) = window(policy, day.date());
    Listing::leaps(calendar, from, to).collect()
}

/// Decides what LEAPS a sleeve buys, one contract after the other: each time of the symbol with the least LEAPS value
/// (ties alphabetical), the next if it does not fit, until nothing fits. `fees` gives those of one contract at a price.
/// Empty without Q-2. A roll asks with the one symbol that it sold.
#[must_use]
pub fn plan(
    policy: &Policy,
    view: &LeapsView<'_>,
    symbols: &[Symbol],
    board: &Board,
    fees: impl Fn(Price) -> Option<Money>,
) -> LeapsPlan {
    let mut shelf = Shelf { policy, board, view, lines: view.lines.to_vec(), left: view.budget, bought: Contracts(0) };
    let mut candidates = Vec::new();
    if !policy.is_off(Rule::Q2) {
        while shelf.round(symbols, &fees, &mut candidates) {}
    }
    LeapsPlan { sleeve: view.id, day: board.day, budget: view.budget, left: shelf.left, candidates }
}

/// The ladder while it is being added to.
struct Shelf<'a> {
    policy: &'a Policy,
    board: &'a Board,
    view: &'a LeapsView<'a>,
    lines: Vec<LongLine>,
    left: Money,
    bought: Contracts,
}

impl Shelf<'_> {
    fn value_of(&self, symbol: Symbol) -> Money {
        self.lines.iter().filter(|l| l.series.underlying == symbol).map(|l| l.value).sum()
    }

    fn value_at(&self, expiration: Expiration) -> Money {
        self.lines.iter().filter(|l| l.series.expiration == expiration).map(|l| l.value).sum()
    }

    /// Asks one symbol after the other until one contract is bought; whether one was.
    fn round(
        &mut self,
        symbols: &[Symbol],
        fees: impl Fn(Price) -> Option<Money>,
        candidates: &mut Vec<LeapsCandidate>,
    ) -> bool {
        let mut order: Vec<(Money, Symbol)> = symbols.iter().map(|s| (self.value_of(*s), *s)).collect();
        order.sort_unstable();
        order.into_iter().any(|(value, symbol)| {
            let candidate = self.ask(symbol, value, &fees);
            let bought = candidate.verdict.is_ok();
            candidates.push(candidate);
            bought
        })
    }

    fn ask(&mut self, symbol: Symbol, value: Money, fees: impl Fn(Price) -> Option<Money>) -> LeapsCandidate {
        let mut candidate =
            LeapsCandidate { symbol, value, seen: None, verdict: Err(LeapsSkip::Enough), untestable: Vec::new() };
        candidate.verdict = self.buy(symbol, fees, &mut candidate);
        candidate
    }

    fn buy(
        &mut self,
        symbol: Symbol,
        fees: impl Fn(Price) -> Option<Money>,
        candidate: &mut LeapsCandidate,
    ) -> Result<Bought, LeapsSkip> {
        if self.view.most.is_some_and(|most| self.bought >= most) {
            return Err(LeapsSkip::Enough);
        }
        let chain = self.chain(symbol)?;
        let quote = *nearest(self.policy, chain)?;
        let series =
            Series { underlying: symbol, expiration: chain.expiration, right: Right::Call, strike: quote.strike };
        candidate.seen =
            Some(Seen { series, bid: quote.bid, ask: quote.ask, delta: quote.delta, origin: chain.origin });
        let (refused, untestable) = gates(self.policy, &quote);
        candidate.untestable = untestable;
        if let Some(gate) = refused {
            return Err(LeapsSkip::Gate(gate));
        }
        let cost = quote.ask.times(MULTIPLIER) + fees(quote.ask).ok_or(LeapsSkip::FeesUnknown)?;
        if cost > self.left {
            return Err(LeapsSkip::DoesNotFit { needs: cost, left: self.left });
        }
        self.within_cap(symbol, quote.mid().times(MULTIPLIER))?;
        let line =
            LongLine { series, contracts: Contracts(1), opened: self.board.day, value: quote.mid().times(MULTIPLIER) };
        self.lines.push(line);
        self.left -= cost;
        self.bought += Contracts(1);
        Ok(Bought { contracts: Contracts(1), limit: quote.ask, cost })
    }

    /// The latest expiration in the window that does not hold too much of the ladder already.
    fn chain(&self, symbol: Symbol) -> Result<&Chain, LeapsSkip> {
        let window = window(self.policy, self.board.day.date());
        let inside = |c: &&Chain| {
            let date = c.expiration.0;
            c.underlying == symbol && c.right == Right::Call && window.0 <= date && date <= window.1
        };
        let mut chains: Vec<&Chain> = self.board.chains.iter().filter(inside).collect();
        chains.sort_by_key(|c| std::cmp::Reverse(c.expiration));
        let latest = chains.first().ok_or(LeapsSkip::NoExpiration { window })?.expiration;
        let of: Money = self.lines.iter().map(|l| l.value).sum();
        let full = |expiration| {
            let share = self.policy.leaps.expiration_share;
            of.is_positive() && !share.is_undercut_by(self.value_at(expiration).units(), of.units())
        };
        let open = chains.into_iter().find(|c| !full(c.expiration));
        open.ok_or_else(|| LeapsSkip::Concentrated { expiration: latest, holds: self.value_at(latest), of })
    }

    fn within_cap(&self, symbol: Symbol, adds: Money) -> Result<(), LeapsSkip> {
        if self.policy.is_off(Rule::E5) {
            return Ok(());
        }
        let before = self.view.exposure.iter().find(|(s, _)| *s == symbol).map_or(Money::ZERO, |(_, m)| *m);
        let held: Money = self.view.lines.iter().filter(|l| l.series.underlying == symbol).map(|l| l.value).sum();
        let would = before + (self.value_of(symbol) - held) + adds;
        let cap = self.policy.cap.underlying.of(self.view.equity);
        if would > cap { Err(LeapsSkip::Cap { would, cap }) } else { Ok(()) }
    }
}

/// The quote with the delta nearest the one sought, within its width; ties to the lower strike.
fn nearest<'a>(policy: &Policy, chain: &'a Chain) -> Result<&'a OptionQuote, LeapsSkip> {
    let Delta(sought) = policy.leaps.delta;
    let width = policy.leaps.delta_width.0;
    let known = chain.quotes.iter().filter_map(|q| q.delta.map(|d| ((d.0 - sought).abs(), q)));
    let best = known.min_by_key(|(distance, q)| (*distance, q.strike));
    match best {
        Some((distance, quote)) if distance <= width => Ok(quote),
        other => Err(LeapsSkip::NoStrike {
            expiration: chain.expiration,
            band: (Delta(sought - width), Delta(sought + width)),
            nearest: other.and_then(|(_, q)| q.delta),
        }),
    }
}

/// Q-2's gates: open interest and spread; neither volume nor earnings.
fn gates(policy: &Policy, quote: &OptionQuote) -> (Option<Gate>, Vec<Untestable>) {
    let leaps = &policy.leaps;
    let (spread, limit) = (quote.ask - quote.bid, leaps.spread.of_price(quote.mid()));
    let least = leaps.open_interest;
    let untestable = if quote.open_interest.is_none() { vec![Untestable::OpenInterest] } else { Vec::new() };
    let refused = match quote.open_interest {
        _ if quote.bid <= Price::ZERO => Some(Gate::NoBid),
        _ if spread > limit => Some(Gate::Spread { spread, limit }),
        Some(found) if found < least => Some(Gate::OpenInterest { found, least }),
        _ => None,
    };
    (refused, untestable)
}

/// What is to be done about a LEAPS line on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeapsAnswer {
    /// Enough time is left.
    Hold,
    /// Time is short, but it will soon have been held for over one year.
    WaitLongTerm {
        /// The first day on which a gain is long-term.
        until: Date,
    },
    /// Time is short, but a loss on the symbol is too recent (T-3).
    WaitLoss {
        /// The first day on which it may be rolled.
        until: Date,
    },
    /// Sell it and buy the next.
    Roll,
}

/// whether a LEAPS line is rolled on `day`: when less than three months remain; but once it has been held for over
/// one year, if that comes within 60 days, and not within 30 days of a loss on its symbol. A wait that would outlive
/// the option is no wait: what expires in the money would be exercised. Without Q-2 nothing is rolled.
#[must_use]
pub fn roll(policy: &Policy, day: TradingDay, line: &LongLine, last_loss: Option<Date>) -> LeapsAnswer {
    let (leaps, today, end) = (&policy.leaps, day.date(), line.series.expiration.0);
    if policy.is_off(Rule::Q2) || months_after(today, leaps.roll_months) <= end {
        return LeapsAnswer::Hold;
    }
    let in_time = |until: &Date| *until < end;
    let long_term = days_after(months_after(line.opened.date(), 12), 1);
    let soon = days_between(today, long_term) <= i64::from(leaps.long_term_wait);
    if let Some(until) = Some(long_term).filter(|until| *until > today && soon).filter(in_time) {
        return LeapsAnswer::WaitLongTerm { until };
    }
    let clear = last_loss.map(|loss| days_after(loss, i64::from(leaps.after_loss) + 1));
    match clear.filter(|until| *until > today).filter(in_time) {
        Some(until) => LeapsAnswer::WaitLoss { until },
        None => LeapsAnswer::Roll,
    }
}

/// The same day of the month `months` later, the month's last where it has no such day.
fn months_after(date: Date, months: u32) -> Date {
    let count =
        i32::from(date.year()) * 12 + i32::from(date.month()) - 1 + i32::try_from(months).unwrap_or(i32::MAX / 2);
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let first = i16::try_from(year).ok().and_then(|year| Date::new(year, month as i8, 1).ok());
    first.map_or(Date::MAX, |first| {
        let day = date.day().min(first.days_in_month());
        Date::new(first.year(), first.month(), day).unwrap_or(first)
    })
}

fn days_after(date: Date, days: i64) -> Date {
    date_of_number(day_number(date) + days).unwrap_or(Date::MAX)
}
