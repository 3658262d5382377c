//! Who may send, and who ends an order: a sleeve with a debit is frozen, and only the broker's word ends one.

use std::sync::Arc;

use engine::event::{Body, Opened, World};
use engine::risk::{Refusal, RiskView, check};
use engine::{Engine, Event, Input, State};
use ledger::entry::Entry;
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, Order, OrderId, OrderStatus, Trade};
use market::quote::{Board, Chain, Climate, Delta, Earnings, OptionQuote, Origin, Underlying};
use market::time::{Calendar, Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price};
use protocol::policy::Policy;
use protocol::rule::Rule;

const ROOT: StructureId = StructureId(1);
const GEN: SleeveId = SleeveId::new(ROOT, SleeveKind::Generation);

fn date(day: i8) -> Date {
    Date::constant(2024, 6, day)
}

fn put(strike: i64, expires: i8) -> Series {
    let (underlying, strike) = (Symbol::new("TSLA").unwrap(), Price::dollars(strike));
    Series { underlying, expiration: Expiration(date(expires)), right: Right::Put, strike }
}

fn order(sequence: u64, series: Series) -> Order {
    let id = OrderId { portfolio: 1, epoch: 1, sequence };
    Order { id, trade: Trade::write(series, Contracts(1)), limit: Price::cents(100) }
}

fn apply(state: &mut State, day: i8, body: Body) {
    let at = format!("2024-06-{day:02}T20:00:00Z").parse().unwrap();
    state.apply(&Event { at, body }).unwrap();
}

/// A Gen sleeve of $18,200 with a working order for one $180 put.
fn working(policy: Policy) -> State {
    let mut state = State::new(Arc::new(Calendar::nyse()), policy);
    let opened = Opened {
        portfolio: PortfolioId(1),
        program: String::new(),
        schema: 1,
        world: World::Simulated,
        source: String::new(),
        policy: String::new(),
        premium_model: String::new(),
        people: false,
    };
    apply(&mut state, 13, Body::Opened(opened));
    apply(&mut state, 13, Body::Founded { structure: ROOT, parent: None, sleeves: SleeveKinds::ROOT });
    let parts = [Money::dollars(18_200), Money::ZERO, Money::ZERO];
    apply(&mut state, 13, Body::Deposited { structure: ROOT, parts });
    let (order, reserve) = (order(1, put(180, 14)), Money::dollars(18_000));
    let (underlying, atr, delta) = (Price::dollars(181), None, None);
    let rule = Rule::E5;
    apply(&mut state, 13, Body::OrderApproved { sleeve: GEN, order, rule, reserve, underlying, atr, delta });
    state
}

/// The same sleeve after the put was filled and assigned with `fees` of the delivery, on the day it settles.
fn assigned(policy: Policy, fees: Money) -> State {
    let mut state = working(policy);
    let (series, contracts) = (put(180, 14), Contracts(1));
    let (price, origin) = (Price::cents(100), Origin::Quoted);
    let fill = Fill { order: order(1, series).id, units: 1, price, fees: Money::ZERO, sold: None, origin };
    let trade = Trade::write(series, contracts);
    apply(&mut state, 13, Body::Filled { sleeve: GEN, trade, fill, settles: date(14) });
    let (close, settles, basis) = (Price::dollars(178), date(17), Price::ZERO);
    apply(&mut state, 14, Body::Assigned { sleeve: GEN, series, contracts, close, fees, settles, basis });
    let day = TradingDay::from_record(date(14));
    apply(&mut state, 14, Body::DayEnded { day, days: 3, deep: Vec::new() });
    apply(&mut state, 17, Body::Settled { through: date(17) });
    state
}

/// A board of `day` with one put of a dollar's strike.
fn board(day: i8, series: Series) -> Board {
    let climate = Climate {
        as_of: TradingDay::from_record(date(12)),
        index_close: Price::dollars(540),
        index_sma20: None,
        index_sma20_before: None,
        vix: None,
        vix_mean: None,
        vix_closes: 0,
        index_bars: 0,
        symbol_bars: 0,
    };
    let underlying = Underlying {
        symbol: series.underlying,
        price: Price::dollars(178),
        previous_close: Price::dollars(178),
        atr: None,
        sma50: None,
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    };
    let (bid, ask) = (Price::cents(99), Price::cents(101));
    let delta = Some(Delta::points(40));
    let quote = OptionQuote { strike: series.strike, bid, ask, delta, open_interest: None, volume: None };
    let chain = Chain {
        underlying: series.underlying,
        expiration: series.expiration,
        right: Right::Put,
        origin: Origin::Quoted,
        quotes: vec![quote],
    };
    let day = TradingDay::from_record(date(day));
    Board { day, climate, underlyings: vec![underlying], chains: vec![chain], bill_rate: None }
}

/// What the risk gate says to one more put, struck at a dollar so that little but a debit can stand in its way.
fn asked(state: &State) -> Result<(), Refusal> {
    let series = put(1, 21);
    let board = board(17, series);
    let equity = Money::dollars(18_000);
    let view =
        RiskView { board: &board, equity, owner_equity: equity, first_contract: false, rule: Rule::E5, crosses: None };
    check(state, GEN, order(2, series), &view).map(|_| ())
}

#[test]
fn a_debit_at_settlement_freezes_the_sleeve_until_it_is_paid() {
    // $18,200 and $100 of premium cannot pay $18,000 and fees of $400: the sleeve has a debit.
    let mut state = assigned(Policy::all_use(), Money::dollars(400));
    let Err(Refusal::Frozen { owed }) = asked(&state) else { panic!("{:?}", asked(&state)) };
    assert!(owed.is_positive(), "{owed}");
    assert!(asked(&state).unwrap_err().to_string().contains("frozen"));

    // The owner pays in, the debt settles, and the sleeve trades again.
    let parts = [Money::dollars(1_000), Money::ZERO, Money::ZERO];
    state.ledger.post(date(17), &Entry::Deposit { structure: ROOT, parts }).unwrap();
    state.ledger.post(date(17), &Entry::Settle { through: date(17) }).unwrap();
    assert_eq!(asked(&state), Ok(()));
}

#[test]
fn a_sleeve_that_can_pay_is_not_frozen() {
    // Fees of exactly what is there: $18,300 pays $18,000 and $300. Then there is no cash, but no debt either.
    let state = assigned(Policy::all_use(), Money::dollars(300));
    assert!(matches!(asked(&state), Err(Refusal::Collateral { .. })), "{:?}", asked(&state));
}

#[test]
fn switching_a7_off_lets_the_order_go_on_to_the_next_check() {
    let policy = Policy::all_use().with("rules.off", "[\"A-7\"]").unwrap();
    let state = assigned(policy, Money::dollars(400));
    assert!(!matches!(asked(&state), Err(Refusal::Frozen { .. })), "{:?}", asked(&state));
}

#[test]
fn an_order_that_nobody_answers_stays_working_and_its_cash_reserved() {
    let policy = Policy::all_use();
    let state = working(policy.clone());
    let mut engine = Engine::resume(Arc::clone(&state.calendar), policy, state);
    let free = |engine: &Engine| engine.state().ledger.free_cash(GEN);
    assert_eq!(free(&engine), Money::dollars(200));
    let board = board(13, put(180, 14));
    let at = "2024-06-13T21:30:00Z".parse().unwrap();
    let report = Input::SessionReported { board: &board, endings: &[], benchmarks: &[] };
    let step = engine.handle(at, &report);
    assert!(step.events.iter().all(|e| !matches!(e.body, Body::OrderEnded { .. })), "{:?}", step.events);
    assert_eq!((engine.state().working.len(), free(&engine)), (1, Money::dollars(200)));

    let ended = Input::OrderEnded { order: order(1, put(180, 14)).id, status: OrderStatus::Cancelled };
    assert_eq!(engine.handle(at, &ended).events.len(), 1);
    assert_eq!((engine.state().working.len(), free(&engine)), (0, Money::dollars(18_200)));
    assert!(engine.handle(at, &ended).events.is_empty(), "a second report of the same end changes nothing");
}
