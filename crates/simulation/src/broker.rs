//! A broker that fills at once: sells at the bid, buys at the ask (E-9), and exercises what the OCC would.

use std::collections::VecDeque;

use engine::input::Ending;
use engine::risk::Approved;
use market::instrument::Series;
use market::order::{Fill, OrderStatus, Side};
use market::quote::{Board, OptionQuote, Origin};
use market::value::{Contracts, Money, Price};
use protocol::expiry::is_exercised;
use protocol::policy::{FillAt, Policy};
use protocol::rule::Rule;
use runtime::{Broker, Report};

/// The simulated broker: quotes of the moment, short positions, fills that wait to be reported.
pub struct SimulatedBroker<'a> {
    policy: &'a Policy,
    quotes: Vec<(Series, OptionQuote, Origin)>,
    day: market::time::Date,
    short: Vec<(Series, Contracts)>,
    reports: VecDeque<Report>,
}

impl<'a> SimulatedBroker<'a> {
    /// A broker that knows no position. Fees come from the policy's dated table.
    #[must_use]
    pub const fn new(policy: &'a Policy) -> Self {
        SimulatedBroker {
            policy,
            quotes: Vec::new(),
            day: market::time::Date::ZERO,
            short: Vec::new(),
            reports: VecDeque::new(),
        }
    }

    fn quote(&self, series: &Series) -> Option<(OptionQuote, Origin)> {
        self.quotes.iter().find(|(s, _, _)| s == series).map(|(_, q, o)| (*q, *o))
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

    fn adjust(&mut self, symbol: market::instrument::Symbol, new_per_old: i64) {
        let cent = market::value::UNITS_PER_CENT;
        for (series, contracts) in self.short.iter_mut().filter(|(s, _)| s.underlying == symbol) {
            let doubled = 2 * series.strike.units() + new_per_old * cent;
            series.strike = Price::cents(doubled.div_euclid(2 * new_per_old * cent));
            *contracts = Contracts(contracts.0 * new_per_old);
        }
    }

    fn submit(&mut self, approved: &Approved) {
        let order = approved.order();
        let ended = |status| Report::Ended { order: order.id, status };
        let Some((quote, origin)) = self.quote(&order.series) else {
            self.reports.push_back(ended(OrderStatus::Rejected));
            return;
        };
        let at_mid = self.policy.replay.fill == FillAt::Mid || self.policy.is_off(Rule::E9);
        let price = match (at_mid, order.side) {
            (true, _) => quote.mid(),
            (false, Side::Sell) => quote.bid,
            (false, Side::Buy) => quote.ask,
        };
        let crosses = match order.side {
            Side::Sell => price >= order.limit,
            Side::Buy => price <= order.limit,
        };
        if !crosses {
            self.reports.push_back(ended(OrderStatus::Cancelled));
            return;
        }
        let fees = self.fees(order.side, order.quantity, price);
        let fill = Fill { order: order.id, quantity: order.quantity, price, fees, origin };
        self.reports.push_back(Report::Filled(fill));
        let signed = if order.side == Side::Sell { order.quantity } else { -order.quantity };
        match self.short.iter_mut().find(|(s, _)| *s == order.series) {
            Some((_, open)) => *open += signed,
            None => self.short.push((order.series, signed)),
        }
        self.short.retain(|(_, open)| open.0 != 0);
    }

    fn report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    fn endings(&mut self, board: &Board) -> Vec<Ending> {
        let today = board.day.date();
        let mut endings = Vec::new();
        self.short.retain(|(series, contracts)| {
            if series.expiration.0 > today {
                return true;
            }
            let close = board.underlying(series.underlying).map_or(Price::ZERO, |u| u.price);
            let exercised = is_exercised(series.right, series.strike, close);
            let shares = contracts.shares();
            let fees = match (exercised, series.right) {
                (true, market::instrument::Right::Call) if !self.policy.is_off(Rule::E9) => {
                    let fees = self.policy.fees.assigned_call(today, shares, series.strike);
                    fees.expect("a replay outside the fee table is refused before it begins")
                }
                _ => Money::ZERO,
            };
            let assigned = if exercised { *contracts } else { Contracts(0) };
            endings.push(Ending { series: *series, assigned, close, fees });
            false
        });
        endings
    }
}
