//! A broker that fills at once: sells at the bid, buys at the ask (E-9), exercises what the OCC would, and whose
//! customers exercise early where it pays them.

use std::collections::VecDeque;

use engine::input::Ending;
use engine::risk::Approved;
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Fill, Order, OrderId, OrderStatus, Side, Sold, Trade};
use market::quote::{Board, OptionQuote, Origin, Underlying};
use market::time::{Calendar, Date};
use market::value::{Contracts, Money, Price, Shares};
use protocol::expiry::is_exercised;
use protocol::policy::{FillAt, Policy};
use protocol::rule::Rule;
use runtime::{Broker, Report};

/// The simulated broker: quotes of the moment, short positions, fills that wait to be reported.
pub struct SimulatedBroker<'a> {
    policy: &'a Policy,
    calendar: &'a Calendar,
    quotes: Vec<(Series, OptionQuote, Origin)>,
    closes: Vec<(Symbol, Price)>,
    /// Symbols that go ex-dividend at the next session, rising.
    eves: Vec<Symbol>,
    day: Date,
    short: Vec<(Series, Contracts)>,
    long: Vec<(Series, Contracts)>,
    reports: VecDeque<Report>,
}

/// Nobody quotes it.
struct Unquoted;

/// What the OCC exercises at the end; without X-8 nothing.
fn ends_exercised(policy: &Policy, series: &Series, close: Price) -> bool {
    !policy.is_off(Rule::X8) && is_exercised(policy, series.right, series.strike, close)
}

/// Adds contracts to a position, or takes them off.
fn shift(positions: &mut Vec<(Series, Contracts)>, series: Series, change: Contracts) {
    match positions.iter_mut().find(|(s, _)| *s == series) {
        Some((_, open)) => *open += change,
        None => positions.push((series, change)),
    }
    positions.retain(|(_, open)| open.0 != 0);
}

impl<'a> SimulatedBroker<'a> {
    /// A broker that knows no position. Fees come from the policy's dated table.
    #[must_use]
    pub const fn new(policy: &'a Policy, calendar: &'a Calendar) -> Self {
        SimulatedBroker {
            policy,
            calendar,
            quotes: Vec::new(),
            closes: Vec::new(),
            eves: Vec::new(),
            day: Date::ZERO,
            short: Vec::new(),
            long: Vec::new(),
            reports: VecDeque::new(),
        }
    }

    fn quote(&self, series: &Series) -> Option<(OptionQuote, Origin)> {
        self.quotes.iter().find(|(s, _, _)| s == series).map(|(_, q, o)| (*q, *o))
    }

    /// What the order would be filled at now.
    fn execute(&self, order: &Order) -> Result<Fill, Unquoted> {
        let units = order.trade.units();
        let fill = |price, fees, sold, origin| Fill { order: order.id, units, price, fees, sold, origin };
        match order.trade {
            Trade::Option { action, series, contracts } => {
                let (price, origin) = self.price(&series, action.side())?;
                Ok(fill(price, self.fees(action.side(), contracts, price), None, origin))
            }
            Trade::Roll { close, open, contracts } => {
                let (bought, origin) = self.price(&close, Side::Buy)?;
                let (price, other) = self.price(&open, Side::Sell)?;
                let origin = if other == Origin::Modelled { other } else { origin };
                let sold = Sold { price, fees: self.fees(Side::Sell, contracts, price) };
                Ok(fill(bought, self.fees(Side::Buy, contracts, bought), Some(sold), origin))
            }
            Trade::SellShares { symbol, shares } => {
                let price = self.closes.iter().find(|(s, _)| *s == symbol).ok_or(Unquoted)?.1;
                Ok(fill(price, self.share_fees(shares, price), None, Origin::Quoted))
            }
        }
    }

    /// What one side of `series` trades at: the touch, or mid (E-9).
    fn price(&self, series: &Series, side: Side) -> Result<(Price, Origin), Unquoted> {
        let (quote, origin) = self.quote(series).ok_or(Unquoted)?;
        let at_mid = self.policy.replay.fill == FillAt::Mid || self.policy.is_off(Rule::E9);
        let price = match (at_mid, side) {
            (true, _) => quote.mid(),
            (false, Side::Sell) => quote.bid,
            (false, Side::Buy) => quote.ask,
        };
        Ok((price, origin))
    }

    /// Books a fill in the broker's own positions.
    fn take(&mut self, trade: &Trade) {
        let units = Contracts(trade.units());
        if let Some(series) = trade.buys_back() {
            shift(&mut self.short, series, -units);
        }
        if let Some(series) = trade.writes() {
            shift(&mut self.short, series, units);
        }
        match *trade {
            Trade::Option { action: Action::BuyToOpen, series, .. } => shift(&mut self.long, series, units),
            Trade::Option { action: Action::SellToClose, series, .. } => shift(&mut self.long, series, -units),
            _ => {}
        }
    }

    fn share_fees(&self, shares: Shares, price: Price) -> Money {
        if self.policy.is_off(Rule::E9) {
            return Money::ZERO;
        }
        let fees = self.policy.fees.assigned_call(self.day, shares, price);
        fees.expect("a replay outside the fee table is refused before it begins")
    }

    fn fees(&self, side: Side, quantity: Contracts, price: Price) -> Money {
        if self.policy.is_off(Rule::E9) {
            return Money::ZERO;
        }
        let fees = self.policy.fees.option_trade(self.day, side, quantity, price);
        fees.expect("a replay outside the fee table is refused before it begins")
    }
}

impl Broker for SimulatedBroker<'_> {
    fn see(&mut self, board: &Board) {
        self.day = board.day.date();
        self.closes.clear();
        self.closes.extend(board.underlyings.iter().map(|u| (u.symbol, u.price)));
        let next = self.calendar.next(board.day).date();
        let eve = |u: &&Underlying| u.dividend.is_some_and(|d| d.ex > self.day && d.ex <= next);
        self.eves.clear();
        self.eves.extend(board.underlyings.iter().filter(eve).map(|u| u.symbol));
        self.quotes.clear();
        for chain in &board.chains {
            let series = |q: &OptionQuote| Series {
                underlying: chain.underlying,
                expiration: chain.expiration,
                right: chain.right,
                strike: q.strike,
            };
            self.quotes.extend(chain.quotes.iter().map(|q| (series(q), *q, chain.origin)));
        }
    }

    fn adjust(&mut self, symbol: Symbol, new_per_old: i64) {
        let cent = market::value::UNITS_PER_CENT;
        let positions = self.short.iter_mut().chain(&mut self.long);
        for (series, contracts) in positions.filter(|(s, _)| s.underlying == symbol) {
            let doubled = 2 * series.strike.units() + new_per_old * cent;
            series.strike = Price::cents(doubled.div_euclid(2 * new_per_old * cent));
            *contracts = Contracts(contracts.0 * new_per_old);
        }
    }

    fn submit(&mut self, approved: &Approved) {
        let order = approved.order();
        let report = match self.execute(order) {
            Ok(fill) if fill.keeps(order) => {
                self.take(&order.trade);
                Report::Filled(fill)
            }
            Ok(_) => Report::Ended { order: order.id, status: OrderStatus::Cancelled },
            Err(Unquoted) => Report::Ended { order: order.id, status: OrderStatus::Rejected },
        };
        self.reports.push_back(report);
    }

    /// Every order is answered at once: there is nothing left to cancel.
    fn cancel(&mut self, _order: OrderId) {}

    fn report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    fn endings(&mut self, board: &Board) -> Vec<Ending> {
        let held = std::mem::take(&mut self.short);
        let mut endings = Vec::new();
        for (series, contracts) in held {
            let close = board.underlying(series.underlying).map_or(Price::ZERO, |u| u.price);
            let expires = series.expiration.0 <= board.day.date();
            let exercised = if expires {
                ends_exercised(self.policy, &series, close)
            } else {
                self.is_exercised_early(&series, close)
            };
            if !expires && !exercised {
                self.short.push((series, contracts));
                continue;
            }
            let fees = match (exercised, series.right) {
                (true, Right::Call) => self.share_fees(contracts.shares(), series.strike),
                _ => Money::ZERO,
            };
            let exercised = if exercised { contracts } else { Contracts(0) };
            endings.push(Ending { series, side: Side::Sell, exercised, expires, close, fees });
        }
        let today = board.day.date();
        for (series, contracts) in self.long.extract_if(.., |(series, _)| series.expiration.0 <= today) {
            let close = board.underlying(series.underlying).map_or(Price::ZERO, |u| u.price);
            let exercised = ends_exercised(self.policy, &series, close);
            let exercised = if exercised { contracts } else { Contracts(0) };
            let fees = Money::ZERO;
            endings.push(Ending { series, side: Side::Buy, exercised, expires: true, close, fees });
        }
        endings
    }
}

impl SimulatedBroker<'_> {
    /// Whether holders give the option up before its end: when mid lies less than half a tick above what exercise
    /// brings; bids are rounded down and asks up, so that no time value is left then. Of a call that can only be on the
    /// eve of an ex-date (Merton 1973, theorem 2); of a put on any night on which the interest on its strike is worth
    /// more than the time that is left.
    fn is_exercised_early(&self, series: &Series, close: Price) -> bool {
        if !self.policy.replay.early_exercise {
            return false;
        }
        let gives = match series.right {
            Right::Put => series.strike - close,
            Right::Call => close - series.strike,
        };
        let due = series.right == Right::Put || self.eves.binary_search(&series.underlying).is_ok();
        let no_more = |quote: OptionQuote| {
            let tick = self.policy.order.tick(series.underlying, quote.mid());
            2 * (quote.mid() - gives).units() < tick.units()
        };
        due && gives > Price::ZERO && self.quote(series).is_some_and(|(quote, _)| no_more(quote))
    }
}
