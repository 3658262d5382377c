//! A plain wheel: cash-secured puts, and calls on what is assigned, at one delta, with none of the protocol's rules.
//!
//! On each week's first session it sells, at that close, what expires on the week's last: against shares calls; in
//! symbols of which it holds no shares puts, as many whole contracts as an equal part of the cash secures, and then one
//! more at a time, in the order of their names, while one fits. Each strike is the one whose delta is nearest. Nothing
//! is judged, rolled, bought back or kept back. Chains, spreads, ticks, fees and interest are those of the run; like
//! the run it sells at the bid.
//!
//! Two things are left to choose. Calls are sold at any strike, or at none below what the shares cost ([`Calls`]). And
//! puts over an earnings report are sold or left ([`Pot::earnings`]): the premium model knows of no report, so that it
//! prices the week of one like any other, and nobody would sell it at that price.

use market::climate::bill_rate;
use market::history::SymbolHistory;
use market::instrument::{Right, Symbol};
use market::order::Side;
use market::quote::{Chain, Delta, OptionQuote};
use market::time::{Calendar, Date, Expiration, TradingDay, Week, days_between};
use market::value::{Contracts, Money, Price, Shares};
use protocol::expiry::is_exercised;
use protocol::policy::unit::Ppm;

use super::weekly::EvidenceError;
use crate::chain::ChainModel;
use crate::replay::Run;
use engine::input::Want;

/// Money that turns one wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pot {
    /// What it starts with.
    pub cash: Money,
    /// What it trades, rising.
    pub symbols: Vec<Symbol>,
    /// The delta that it sells.
    pub delta: Delta,
    /// Which calls it sells.
    pub calls: Calls,
    /// Whether it sells puts over earnings reports.
    pub earnings: bool,
}

/// Which calls are sold on shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// The nearest to the delta.
    Anywhere,
    /// The nearest to the delta among those that are not below the strike at which the shares were assigned.
    NotBelowCost,
}

/// Where the money of a wheel came from and went, from its start on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flows {
    /// Premium sold, before fees.
    pub premium: Money,
    /// Fees of options and of delivered shares.
    pub fees: Money,
    /// Dividends.
    pub dividends: Money,
    /// Interest on cash.
    pub interest: Money,
    /// Paid for shares that were assigned.
    pub bought: Money,
    /// Received for shares that were called away.
    pub sold: Money,
}

/// One symbol in a wheel.
#[derive(Clone, Debug)]
struct Holding {
    symbol: Symbol,
    /// In shares of the last session looked at.
    shares: Shares,
    /// What they were assigned at, together.
    cost: Money,
    written: Option<(Right, Price, Contracts)>,
}

/// A wheel at some session.
#[derive(Clone, Debug)]
pub struct Wheel {
    delta: Delta,
    calls: Calls,
    earnings: bool,
    /// Cash, all of it settled: the wheel knows no settlement days.
    pub cash: Money,
    /// Where it came from.
    pub flows: Flows,
    holdings: Vec<Holding>,
}

/// What a wheel asks of its surroundings.
pub struct Street<'a> {
    run: &'a Run<'a>,
    calendar: &'a Calendar,
    chains: ChainModel<'a>,
}

impl<'a> Street<'a> {
    /// The history, policy and premiums of a run.
    #[must_use]
    pub fn new(run: &'a Run<'a>, calendar: &'a Calendar) -> Street<'a> {
        let chains = ChainModel::new(run.history, calendar, run.policy, run.premium, run.liquidity);
        Street { run, calendar, chains: chains.quoting(run.quotes) }
    }

    fn symbol(&self, symbol: Symbol) -> Result<&'a SymbolHistory, EvidenceError> {
        let missing = || EvidenceError::Missing {
            symbol: symbol.to_string(),
            what: "which the wheel trades",
            history: self.run.history.source.clone(),
        };
        self.run.history.symbol(symbol).ok_or_else(missing)
    }

    /// The close of `day` in the money of `of`; the last one before where the symbol has no bar on it.
    fn close(&self, symbol: Symbol, day: TradingDay, of: Date) -> Result<Price, EvidenceError> {
        let history = self.symbol(symbol)?;
        let through = history.bars.partition_point(|bar| bar.day <= day);
        Ok(history.bars[..through].last().map_or(Price::ZERO, |bar| history.of_day(bar.close, of)))
    }

    /// Whether the symbol reports between two sessions, both included.
    fn reports(&self, symbol: Symbol, day: TradingDay, end: TradingDay) -> Result<bool, EvidenceError> {
        let mut reports = self.symbol(symbol)?.earnings.iter().flatten();
        Ok(reports.any(|report| (day.date()..=end.date()).contains(report)))
    }

    /// The quote at `least` or above that is nearest to `delta` and that somebody bids for; of two as near the lower
    /// put, the higher call.
    fn nearest(
        &mut self,
        (day, end): (TradingDay, TradingDay),
        symbol: Symbol,
        right: Right,
        delta: Delta,
        least: Price,
    ) -> Option<OptionQuote> {
        let mut found: Vec<Chain> = Vec::new();
        self.chains.add(day, &[Want::Chain(symbol, Expiration(end.date()), right)], &mut found);
        let quotes = found.into_iter().flat_map(|chain| chain.quotes);
        let quotes = quotes.filter(|q| q.bid > Price::ZERO && q.strike >= least);
        let by_distance = quotes.filter_map(|q| {
            let tie = if right == Right::Put { q.strike.units() } else { -q.strike.units() };
            Some(((q.delta?.0 - delta.0).abs(), tie, q))
        });
        by_distance.min_by_key(|(distance, tie, _)| (*distance, *tie)).map(|(_, _, q)| q)
    }
}

impl Wheel {
    /// A wheel that holds cash alone.
    #[must_use]
    pub fn new(pot: &Pot) -> Wheel {
        let holding =
            |symbol: &Symbol| Holding { symbol: *symbol, shares: Shares(0), cost: Money::ZERO, written: None };
        Wheel {
            delta: pot.delta,
            calls: pot.calls,
            earnings: pot.earnings,
            cash: pot.cash,
            flows: Flows::default(),
            holdings: pot.symbols.iter().map(holding).collect(),
        }
    }

    /// Shares of each symbol, as of the last session looked at.
    pub fn shares(&self) -> impl Iterator<Item = (Symbol, Shares)> + '_ {
        self.holdings.iter().map(|h| (h.symbol, h.shares))
    }

    /// What its written puts bind.
    #[must_use]
    pub fn secured(&self) -> Money {
        let puts = self.holdings.iter().filter_map(|h| h.written.filter(|(right, ..)| *right == Right::Put));
        puts.map(|(_, strike, contracts)| strike.of_contracts(contracts)).sum()
    }

    /// Turns once: from one weekly close to the next.
    ///
    /// # Errors
    /// If a symbol has no bars, or fees are not known.
    pub fn turn(&mut self, street: &mut Street<'_>, from: TradingDay, to: TradingDay) -> Result<(), EvidenceError> {
        self.receive(street, from, to)?;
        let monday = street.calendar.sessions(Week::of(to.date())).first().copied().filter(|day| *day < to);
        if let Some(monday) = monday {
            self.split(street, from.date(), monday.date())?;
            self.sell_calls(street, monday, to)?;
            self.sell_puts(street, monday, to)?;
            self.settle(street, monday, to)?;
            self.split(street, monday.date(), to.date())
        } else {
            self.split(street, from.date(), to.date())
        }
    }

    /// Cash and shares at the close of `day`; nothing is written then.
    ///
    /// # Errors
    /// If a symbol has no bars.
    pub fn equity(&self, street: &Street<'_>, day: TradingDay) -> Result<Money, EvidenceError> {
        let shares = self.holdings.iter().filter(|h| h.shares != Shares(0));
        let values = shares.map(|h| Ok(street.close(h.symbol, day, day.date())?.of_shares(h.shares)));
        let values: Vec<Money> = values.collect::<Result<_, EvidenceError>>()?;
        Ok(self.cash + values.into_iter().sum::<Money>())
    }

    /// Dividends that went ex, on the shares of the close before; interest on the cash of it.
    fn receive(&mut self, street: &Street<'_>, from: TradingDay, to: TradingDay) -> Result<(), EvidenceError> {
        for holding in self.holdings.iter().filter(|h| h.shares != Shares(0)) {
            let history = street.symbol(holding.symbol)?;
            let due = history.dividends.iter().filter(|d| d.ex_date > from.date() && d.ex_date <= to.date());
            let factor = history.factor(from.date());
            let paid: Money = due.map(|d| d.amount.of_shares(holding.shares).times(factor)).sum();
            self.flows.dividends += paid.floor_cents();
            self.cash += paid.floor_cents();
        }
        let policy = &street.run.policy.interest;
        let bill = bill_rate(&street.run.history.rates, from.date()).unwrap_or_default();
        let rate = (bill - policy.spread.0).max(0) * days_between(from.date(), to.date());
        let interest = self.cash.fraction(rate, Ppm::WHOLE * i64::from(policy.day_count)).floor_cents();
        self.flows.interest += interest;
        self.cash += interest;
        Ok(())
    }

    /// Shares after the splits between two dates.
    fn split(&mut self, street: &Street<'_>, from: Date, to: Date) -> Result<(), EvidenceError> {
        for holding in self.holdings.iter_mut().filter(|h| h.shares != Shares(0)) {
            let history = street.symbol(holding.symbol)?;
            holding.shares.0 *= history.factor(from) / history.factor(to);
        }
        Ok(())
    }

    fn sell_calls(&mut self, street: &mut Street<'_>, day: TradingDay, end: TradingDay) -> Result<(), EvidenceError> {
        for at in 0..self.holdings.len() {
            let Holding { symbol, shares, cost, .. } = self.holdings[at];
            let contracts = shares.whole_contracts();
            if contracts.0 == 0 {
                continue;
            }
            let least = match self.calls {
                Calls::Anywhere => Price::ZERO,
                Calls::NotBelowCost => Price::from_units(cost.fraction(1, shares.0).units()),
            };
            if let Some(quote) = street.nearest((day, end), symbol, Right::Call, self.delta, least) {
                self.sell(street, day, at, Right::Call, &quote, contracts)?;
            }
        }
        Ok(())
    }

    fn sell_puts(&mut self, street: &mut Street<'_>, day: TradingDay, end: TradingDay) -> Result<(), EvidenceError> {
        let mut quoted: Vec<(usize, OptionQuote)> = Vec::new();
        for (at, holding) in self.holdings.iter().enumerate().filter(|(_, h)| h.shares == Shares(0)) {
            if self.earnings || !street.reports(holding.symbol, day, end)? {
                let quote = street.nearest((day, end), holding.symbol, Right::Put, self.delta, Price::ZERO);
                quoted.extend(quote.map(|quote| (at, quote)));
            }
        }
        let costs: Vec<Money> = quoted.iter().map(|(_, q)| q.strike.of_contracts(Contracts(1))).collect();
        for ((at, quote), contracts) in quoted.iter().zip(spread(self.cash, &costs)) {
            if contracts.0 > 0 {
                self.sell(street, day, *at, Right::Put, quote, contracts)?;
            }
        }
        Ok(())
    }

    fn sell(
        &mut self,
        street: &Street<'_>,
        day: TradingDay,
        at: usize,
        right: Right,
        quote: &OptionQuote,
        contracts: Contracts,
    ) -> Result<(), EvidenceError> {
        let premium = quote.bid.of_contracts(contracts);
        let fees = street.run.policy.fees.option_trade(day.date(), Side::Sell, contracts, quote.bid)?;
        self.flows.premium += premium;
        self.flows.fees += fees;
        self.cash += premium - fees;
        self.holdings[at].written = Some((right, quote.strike, contracts));
        Ok(())
    }

    /// The end of what was written on `since`: in that day's shares and strikes, whatever was split since then.
    fn settle(&mut self, street: &Street<'_>, since: TradingDay, day: TradingDay) -> Result<(), EvidenceError> {
        let fees = &street.run.policy.fees;
        for holding in &mut self.holdings {
            let Some((right, strike, contracts)) = holding.written.take() else { continue };
            let close = street.close(holding.symbol, day, since.date())?;
            if !is_exercised(street.run.policy, right, strike, close) {
                continue;
            }
            let money = strike.of_contracts(contracts);
            match right {
                Right::Put => {
                    holding.shares += contracts.shares();
                    holding.cost += money;
                    self.cash -= money;
                    self.flows.bought += money;
                }
                Right::Call => {
                    let fee = fees.assigned_call(day.date(), contracts.shares(), strike)?;
                    holding.shares -= contracts.shares();
                    holding.cost = Money::ZERO;
                    self.cash += money - fee;
                    self.flows.sold += money;
                    self.flows.fees += fee;
                }
            }
        }
        Ok(())
    }
}

/// Whole contracts of each cost: as many as an equal part of the cash pays for, then one at a time while one fits.
fn spread(cash: Money, costs: &[Money]) -> Vec<Contracts> {
    let parts = i64::try_from(costs.len()).unwrap_or(i64::MAX).max(1);
    let share = cash.fraction(1, parts);
    let mut contracts: Vec<Contracts> =
        costs.iter().map(|cost| Contracts(share.units().max(0) / cost.units().max(1))).collect();
    let used: Money = costs.iter().zip(&contracts).map(|(cost, n)| cost.times(n.0)).sum();
    let mut left = cash - used;
    loop {
        let before = left;
        for (cost, n) in costs.iter().zip(&mut contracts) {
            if cost.is_positive() && *cost <= left {
                left -= *cost;
                n.0 += 1;
            }
        }
        if left == before {
            return contracts;
        }
    }
}

/// Equity of all pots together at each of `closes`, weekly ones; the first is their start.
///
/// # Errors
/// As [`Wheel::turn`].
pub fn equities(
    run: &Run<'_>,
    calendar: &Calendar,
    closes: &[TradingDay],
    pots: &[Pot],
) -> Result<Vec<Money>, EvidenceError> {
    let mut street = Street::new(run, calendar);
    let mut wheels: Vec<Wheel> = pots.iter().map(Wheel::new).collect();
    let mut equities = vec![pots.iter().map(|pot| pot.cash).sum::<Money>()];
    for pair in closes.windows(2) {
        let mut equity = Money::ZERO;
        for wheel in &mut wheels {
            wheel.turn(&mut street, pair[0], pair[1])?;
            equity += wheel.equity(&street, pair[1])?;
        }
        equities.push(equity);
    }
    Ok(equities)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::{Parameters, generate};
    use market::history::History;
    use pricing::model::PremiumModel;
    use proptest::prelude::*;
    use protocol::policy::Policy;

    const PREMIUM: &str = include_str!("../../../../policy/premium-model.toml");

    fn pot(policy: &Policy, dollars: i64, points: i32) -> Pot {
        let (symbols, delta) = (policy.universe.all(), Delta::points(points));
        Pot { cash: Money::dollars(dollars), symbols, delta, calls: Calls::Anywhere, earnings: true }
    }

    fn with_run<T>(history: &History, look: impl FnOnce(&Run<'_>, &Calendar) -> T) -> T {
        let policy = Policy::all_use();
        let premium = PremiumModel::parse(PREMIUM, "premium-model.toml").unwrap();
        let run = Run {
            history,
            policy: &policy,
            premium: &premium,
            premium_text: PREMIUM,
            from: None,
            to: None,
            deposit: Money::dollars(300_000),
            script: &[],
            liquidity: &[],
            quotes: None,
        };
        look(&run, &Calendar::nyse())
    }

    fn market(seed: u64, sessions: usize) -> History {
        let calendar = Calendar::nyse();
        let first = calendar.on_or_after(Date::constant(2023, 1, 3)).unwrap();
        generate(&Parameters::shipped(), seed, first, sessions, &calendar)
    }

    /// The last sessions of whole weeks at the end of a history.
    fn closes(run: &Run<'_>, calendar: &Calendar, weeks: usize) -> Vec<TradingDay> {
        let bars = &run.history.symbols[0].1.bars;
        let ends: Vec<TradingDay> = bars.iter().map(|b| b.day).filter(|d| calendar.is_last_of_week(*d)).collect();
        ends[ends.len() - weeks - 1..].to_vec()
    }

    #[test]
    fn every_dollar_and_share_of_a_wheel_has_its_flow() {
        let mut assigned = 0;
        for seed in 1..=3 {
            with_run(&market(seed, 260), |run, calendar| {
                let mut street = Street::new(run, calendar);
                let pot = pot(run.policy, 300_000, 40);
                let mut wheel = Wheel::new(&pot);
                for pair in closes(run, calendar, 50).windows(2) {
                    wheel.turn(&mut street, pair[0], pair[1]).unwrap();
                    let f = wheel.flows;
                    let paid = pot.cash + f.premium - f.fees + f.dividends + f.interest - f.bought + f.sold;
                    assert_eq!(wheel.cash, paid, "week to {}", pair[1]);
                    assert!(!wheel.cash.is_negative(), "puts are secured, to {}", pair[1]);
                    assert!(wheel.shares().all(|(_, shares)| shares.0 >= 0 && shares.0 % 100 == 0));
                    assert_eq!(wheel.secured(), Money::ZERO, "nothing outlives its week");
                }
                assigned += usize::from(wheel.flows.bought.is_positive() && wheel.flows.sold.is_positive());
            });
        }
        assert_eq!(assigned, 3, "every wheel went round");
    }

    /// In a market that stands still puts end worthless: what is left is the deposit, premium, interest, less fees.
    #[test]
    fn a_wheel_in_a_market_that_stands_still_earns_its_premium() {
        let mut history = market(1, 30);
        for (_, symbol) in &mut history.symbols {
            let last = symbol.bars[symbol.bars.len() - 40].close;
            let from = symbol.bars.len() - 40;
            for bar in &mut symbol.bars[from..] {
                (bar.open, bar.high, bar.low, bar.close) = (last, last, last, last);
            }
        }
        with_run(&history, |run, calendar| {
            let mut street = Street::new(run, calendar);
            let mut wheel = Wheel::new(&pot(run.policy, 300_000, 30));
            let closes = closes(run, calendar, 4);
            for pair in closes.windows(2) {
                wheel.turn(&mut street, pair[0], pair[1]).unwrap();
            }
            let f = wheel.flows;
            assert!(f.premium.is_positive() && f.fees.is_positive());
            assert_eq!((f.bought, f.sold), (Money::ZERO, Money::ZERO));
            let equity = wheel.equity(&street, closes[4]).unwrap();
            assert_eq!(equity, Money::dollars(300_000) + f.premium + f.interest - f.fees);
        });
    }

    /// Calls sold at cost or above bring back at least what was paid; calls sold anywhere do not.
    #[test]
    fn calls_from_cost_lose_nothing_on_the_shares_they_deliver() {
        let mut lost = 0;
        for seed in 1..=3 {
            with_run(&market(seed, 260), |run, calendar| {
                for calls in [Calls::Anywhere, Calls::NotBelowCost] {
                    let mut street = Street::new(run, calendar);
                    let mut wheel = Wheel::new(&Pot { calls, ..pot(run.policy, 300_000, 40) });
                    for pair in closes(run, calendar, 50).windows(2) {
                        wheel.turn(&mut street, pair[0], pair[1]).unwrap();
                    }
                    let held: Money = wheel.holdings.iter().map(|h| h.cost).sum();
                    let lost_on_shares = wheel.flows.bought - held > wheel.flows.sold;
                    assert!(!(lost_on_shares && calls == Calls::NotBelowCost), "seed {seed}: {:?}", wheel.flows);
                    lost += usize::from(lost_on_shares);
                }
            });
        }
        assert!(lost > 0, "some wheel sold shares for less than it paid");
    }

    /// Without puts over earnings a symbol that reports every week is never traded.
    #[test]
    fn puts_over_earnings_are_sold_or_left() {
        let mut history = market(1, 60);
        for (_, symbol) in &mut history.symbols {
            symbol.earnings = Some(symbol.bars.iter().map(|bar| bar.day.date()).collect());
        }
        with_run(&history, |run, calendar| {
            let premium = |earnings| {
                let mut street = Street::new(run, calendar);
                let mut wheel = Wheel::new(&Pot { earnings, ..pot(run.policy, 300_000, 30) });
                for pair in closes(run, calendar, 4).windows(2) {
                    wheel.turn(&mut street, pair[0], pair[1]).unwrap();
                }
                wheel.flows.premium
            };
            assert!(premium(true).is_positive());
            assert_eq!(premium(false), Money::ZERO);
        });
    }

    #[test]
    fn pots_add_up() {
        with_run(&market(2, 60), |run, calendar| {
            let closes = closes(run, calendar, 8);
            let pots = [pot(run.policy, 200_000, 20), pot(run.policy, 100_000, 40)];
            let of = |pots: &[Pot]| equities(run, calendar, &closes, pots).unwrap();
            let (first, second, both) = (of(&pots[..1]), of(&pots[1..]), of(&pots));
            let sum: Vec<Money> = first.into_iter().zip(second).map(|(a, b)| a + b).collect();
            assert_eq!(both, sum);
        });
    }

    #[test]
    fn a_symbol_without_bars_is_refused_by_name() {
        let mut history = market(1, 10);
        history.symbols.retain(|(symbol, _)| symbol.as_str() != "TSLA");
        with_run(&history, |run, calendar| {
            let mut street = Street::new(run, calendar);
            let wheel = Wheel::new(&pot(run.policy, 300_000, 30));
            assert!(wheel.equity(&street, closes(run, calendar, 1)[0]).is_ok(), "nothing is held of it");
            let tesla = Symbol::new("TSLA").unwrap();
            let error = street.close(tesla, closes(run, calendar, 1)[0], Date::MAX).unwrap_err().to_string();
            assert!(error.contains("no bars of TSLA; expected bars/TSLA.csv"), "{error}");
            let day = closes(run, calendar, 1)[0];
            assert_eq!(street.nearest((day, day), tesla, Right::Put, Delta(0), Price::ZERO), None);
        });
    }

    proptest! {
        /// No contract more fits, and none too many was bought.
        #[test]
        fn cash_is_spread_to_the_last_contract(
            cash in 0i64..1_000_000,
            costs in prop::collection::vec(1_000i64..90_000, 0..6),
        ) {
            let costs: Vec<Money> = costs.into_iter().map(Money::dollars).collect();
            let contracts = spread(Money::dollars(cash), &costs);
            let used: Money = costs.iter().zip(&contracts).map(|(cost, n)| cost.times(n.0)).sum();
            let left = Money::dollars(cash) - used;
            prop_assert!(!left.is_negative());
            prop_assert!(costs.iter().all(|cost| *cost > left));
        }
    }
}
