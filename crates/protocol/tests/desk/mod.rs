//! One short option on a desk of its own: a Gen sleeve, a Wednesday, a board that a test changes as it likes.
//!
//! The day is 2024-06-12, with Juneteenth a week ahead: its Friday, 2024-06-14, is two sessions away. Fees of that day:
//! $0.71 a contract bought ($0.65 + $0.02 + $0.0379, each rounded up to the cent), $0.73 a contract sold (SEC and TAF
//! besides, a cent each up to a premium of $3.59).

#![allow(dead_code, reason = "each test that shares the desk uses a part of it")]

use std::sync::LazyLock;

use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::Side;
use market::quote::{Board, Chain, Climate, Delta, Earnings, OptionQuote, Origin, Underlying};
use market::time::{Calendar, Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price, Shares};
use protocol::guard::Guard;
use protocol::manage::{Answer, ManageContext, NextDividend, Review, may_roll, review};
use protocol::policy::Policy;
use protocol::position::PositionType;
use protocol::roll::{CallTarget, RollSearch, RollTerms, search};
use protocol::rule::Rule;
use protocol::view::{Holding, Short, SleeveView};
use protocol::week::{Classification, Evidence, judge};

static NYSE: LazyLock<Calendar> = LazyLock::new(Calendar::nyse);
static ALL_USE: LazyLock<Policy> = LazyLock::new(Policy::all_use);

pub(crate) const WEDNESDAY: &str = "2024-06-12";
pub(crate) const FRIDAY: &str = "2024-06-14";
/// The Friday after, and two later.
pub(crate) const NEXT: &str = "2024-06-21";
pub(crate) const LATER: &str = "2024-06-28";

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn ends(text: &str) -> Expiration {
    Expiration(date(text))
}

pub(crate) fn tsla() -> Symbol {
    Symbol::new("TSLA").unwrap()
}

/// Dollars and cents, from cents.
pub(crate) fn c(cents: i64) -> Price {
    Price::cents(cents)
}

/// A quote: strike in dollars, bid and ask in cents, delta in hundredths of a point.
pub(crate) fn quote(strike: i64, bid: i64, ask: i64, delta: i32) -> OptionQuote {
    let delta = Some(Delta(delta));
    OptionQuote { strike: Price::dollars(strike), bid: c(bid), ask: c(ask), delta, open_interest: None, volume: None }
}

pub(crate) struct Desk {
    pub(crate) policy: Policy,
    pub(crate) board: Board,
    pub(crate) view: SleeveView,
    pub(crate) short: Short,
    pub(crate) week: Option<Classification>,
    pub(crate) guard: Guard,
    pub(crate) killed: bool,
    pub(crate) intraday: bool,
    pub(crate) dividends: Vec<NextDividend>,
    pub(crate) fees: bool,
}

/// An answer in a word or two.
pub(crate) fn word(review: &Review) -> String {
    match review.answer {
        Answer::Close { why, .. } => format!("Close {why:?}"),
        Answer::Roll(roll) => format!("Roll {:?}", roll.kind),
        Answer::ProposeRoll(roll) => format!("Propose {:?}", roll.kind),
        other => format!("{other:?}"),
    }
}

/// A call in the money whose underlying pays `dividend` cents the next day.
pub(crate) fn before_dividend(ask: i64, spread: i64, dividend: i64) -> Desk {
    let mut desk = Desk::call();
    desk.price(11_400);
    desk.now(ask - spread, ask);
    desk.dividend("2024-06-13", dividend);
    desk
}

impl Desk {
    /// The answer in a word or two.
    pub(crate) fn answer(&self) -> String {
        word(&self.review())
    }

    /// The answer with the rule that gave it.
    pub(crate) fn decided(&self) -> (String, Option<Rule>) {
        (self.answer(), self.review().decided)
    }

    /// A put struck at $100, sold for $2.00 with the shares at $104; ATR $4. It stands at $2.00, the shares at $104.
    pub(crate) fn put() -> Desk {
        Desk::of(Right::Put, 100, 104)
    }

    /// A call struck at $110, sold for $2.00 with the shares at $104, over 100 shares with a basis of $100.
    pub(crate) fn call() -> Desk {
        let mut desk = Desk::of(Right::Call, 110, 104);
        let holding =
            Holding { symbol: tsla(), shares: Shares(100), uncovered: Shares(0), basis: c(10_000), kind: None };
        desk.view.holdings.push(holding);
        desk
    }

    fn of(right: Right, strike: i64, price: i64) -> Desk {
        let (strike, price) = (Price::dollars(strike), Price::dollars(price));
        let series = Series { underlying: tsla(), expiration: ends(FRIDAY), right, strike };
        let short = Short {
            series,
            contracts: Contracts(1),
            opened: TradingDay::from_record(date("2024-06-10")),
            price: c(200),
            underlying: price,
            first_premium: c(200),
            rolls: 0,
            chain_credit: Price::ZERO,
        };
        let equity = Money::dollars(100_000);
        let mut desk = Desk {
            policy: ALL_USE.clone(),
            board: board(price),
            view: SleeveView {
                id: SleeveId::new(StructureId(1), SleeveKind::Generation),
                equity,
                unreserved: equity,
                buffer: Money::dollars(5_000),
                committed: Money::ZERO,
                exposure: Vec::new(),
                holdings: Vec::new(),
                shorts: vec![short],
                locked: false,
                profit_taken: Vec::new(),
            },
            short,
            week: None,
            guard: Guard::Calm,
            killed: false,
            intraday: true,
            dividends: Vec::new(),
            fees: true,
        };
        desk.now(195, 200);
        desk
    }

    /// The option's own quote, in cents.
    pub(crate) fn now(&mut self, bid: i64, ask: i64) {
        let strike = self.short.series.strike;
        let expiration = self.short.series.expiration;
        self.board.chains.retain(|chain| chain.expiration != expiration);
        let delta = Some(Delta(4_500));
        let quote = OptionQuote { strike, bid: c(bid), ask: c(ask), delta, open_interest: None, volume: None };
        self.chain(expiration, vec![quote]);
    }

    /// The option's own delta.
    pub(crate) fn old_delta(&mut self, delta: Option<i32>) {
        let expiration = self.short.series.expiration;
        let own = self.board.chains.iter_mut().find(|chain| chain.expiration == expiration).unwrap();
        own.quotes[0].delta = delta.map(Delta);
    }

    /// A chain to roll to.
    pub(crate) fn offer(&mut self, expiration: &str, quotes: Vec<OptionQuote>) {
        self.chain(ends(expiration), quotes);
    }

    fn chain(&mut self, expiration: Expiration, quotes: Vec<OptionQuote>) {
        let (underlying, right) = (tsla(), self.short.series.right);
        self.board.chains.push(Chain { underlying, expiration, right, origin: Origin::Quoted, quotes });
    }

    /// The shares' price, in cents.
    pub(crate) fn price(&mut self, cents: i64) {
        self.board.underlyings[0].price = c(cents);
    }

    pub(crate) fn underlying(&mut self) -> &mut Underlying {
        &mut self.board.underlyings[0]
    }

    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.policy = self.policy.with(key, value).unwrap();
    }

    pub(crate) fn off(&mut self, rule: Rule) {
        self.policy.rules.off = self.policy.rules.off.with(rule);
    }

    pub(crate) fn on(&mut self, day: &str) {
        self.board.day = TradingDay::from_record(date(day));
    }

    pub(crate) fn typed(&mut self, kind: PositionType) {
        self.view.holdings[0].kind = Some(kind);
    }

    pub(crate) fn dividend(&mut self, ex: &str, cents: i64) {
        self.dividends.push(NextDividend { symbol: tsla(), ex: date(ex), amount: c(cents) });
    }

    /// A Red week, which shifts the puts' band five points down.
    pub(crate) fn red(&mut self) {
        self.week = Some(red_week(&self.policy));
    }

    pub(crate) fn fees(&self, side: Side, price: Price) -> Option<Money> {
        let date = self.board.day.date();
        self.policy.fees.option_trade(date, side, Contracts(1), price).ok().filter(|_| self.fees)
    }

    fn with_context<T>(&self, ask: impl FnOnce(&ManageContext<'_>) -> T) -> T {
        let context = ManageContext {
            policy: &self.policy,
            board: &self.board,
            calendar: &NYSE,
            week: self.week.as_ref(),
            guard: self.guard,
            killed: self.killed,
            intraday: self.intraday,
            dividends: &self.dividends,
        };
        ask(&context)
    }

    pub(crate) fn review(&self) -> Review {
        self.with_context(|context| review(context, &self.view, &self.short, &|side, price| self.fees(side, price)))
    }

    pub(crate) fn may_roll(&self) -> bool {
        self.with_context(|context| may_roll(context, &self.view, &self.short))
    }

    /// A search for a roll, debits included.
    pub(crate) fn search(&self) -> RollSearch {
        self.search_for(true, CallTarget::AsCovered)
    }

    pub(crate) fn search_for(&self, debit: bool, target: CallTarget) -> RollSearch {
        let band = match &self.week {
            Some(week) if self.short.series.right == Right::Put => {
                protocol::entry::put_band(&self.policy, self.view.id.kind, week)
            }
            _ => self.policy.band.of(self.view.id.kind),
        };
        let (policy, board, view) = (&self.policy, &self.board, &self.view);
        let terms = RollTerms { policy, board, calendar: &NYSE, view, band, debit, target };
        let seen = self.review().seen.expect("the option is quoted");
        search(&terms, &self.short, &seen, &|side, price| self.fees(side, price))
    }
}

fn board(price: Price) -> Board {
    let climate = Climate {
        as_of: TradingDay::from_record(date("2024-06-11")),
        index_close: Price::dollars(510),
        index_sma20: None,
        index_sma20_before: None,
        vix: None,
        vix_mean: None,
        vix_closes: 0,
        index_bars: 0,
        symbol_bars: 0,
    };
    let underlying = Underlying {
        symbol: tsla(),
        price,
        previous_close: price,
        atr: Some(Price::dollars(4)),
        sma50: None,
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    };
    Board {
        day: TradingDay::from_record(date(WEDNESDAY)),
        climate,
        underlyings: vec![underlying],
        chains: Vec::new(),
        bill_rate: None,
    }
}

fn red_week(policy: &Policy) -> Classification {
    let evidence = Evidence {
        as_of: TradingDay::from_record(date("2024-06-11")),
        close: Price::dollars(490),
        average: Price::dollars(500),
        average_before: Price::dollars(501),
        vix: 2_000,
        vix_mean: 1_500,
        above: 1,
        symbols: 5,
    };
    judge(policy, evidence)
}
