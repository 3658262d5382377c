//! The gate's checks (K-4, K-3, K-5, K-6), one by one: what passes at each limit and what is refused a step beyond it.

use std::sync::Arc;

use engine::State;
use engine::event::{Body, Event, Opened, Scope, World};
use engine::risk::{Refusal, RiskView, cash_needed, check};
use engine::sleeve::Lock;
use engine::state::{NewExposure, Working};
use ledger::entry::{Entry, OptionTrade, ShareTrade};
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Order, OrderId, OrderStatus, Trade};
use market::quote::{Board, Chain, Climate, Earnings, OptionQuote, Origin, Underlying};
use market::time::{Calendar, Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price, Shares};
use protocol::guard::Guard;
use protocol::policy::Policy;
use protocol::rule::Rule;

const ROOT: StructureId = StructureId(1);
const GEN: SleeveId = SleeveId::new(ROOT, SleeveKind::Generation);
const COM: SleeveId = SleeveId::new(ROOT, SleeveKind::Compounding);

fn date(day: i8) -> Date {
    Date::constant(2024, 6, day)
}

fn tsla() -> Symbol {
    Symbol::new("TSLA").unwrap()
}

fn option(right: Right, strike: i64, expires: i8) -> Series {
    Series { underlying: tsla(), expiration: Expiration(date(expires)), right, strike: Price::dollars(strike) }
}

fn put(strike: i64) -> Series {
    option(Right::Put, strike, 21)
}

fn call(strike: i64) -> Series {
    option(Right::Call, strike, 21)
}

fn trade(action: Action, series: Series, contracts: i64) -> Trade {
    Trade::Option { action, series, contracts: Contracts(contracts) }
}

fn write(series: Series, contracts: i64) -> Trade {
    trade(Action::SellToOpen, series, contracts)
}

fn back(series: Series, contracts: i64) -> Trade {
    trade(Action::BuyToClose, series, contracts)
}

fn roll(close: Series, open: Series, contracts: i64) -> Trade {
    Trade::Roll { close, open, contracts: Contracts(contracts) }
}

fn sell(shares: i64) -> Trade {
    Trade::SellShares { symbol: tsla(), shares: Shares(shares) }
}

fn order(sequence: u64, trade: Trade, cents: i64) -> Order {
    let id = OrderId { portfolio: 1, epoch: 1, sequence };
    Order { id, trade, limit: Price::cents(cents) }
}

fn working(sleeve: SleeveId, order: Order, filled: i64) -> Working {
    let (underlying, filled) = (Price::dollars(178), Contracts(filled));
    Working { sleeve, order, rule: Rule::E5, status: OrderStatus::Working, filled, underlying, atr: None }
}

/// Monday 2024-06-17: a Gen sleeve with cash and 250 shares of TSLA at $178, whose options all stand at $1.00.
struct Gate {
    state: State,
    board: Board,
    equity: Money,
    owner_equity: Money,
    first_contract: bool,
    crosses: Option<OrderId>,
}

/// Cash of the sleeve in dollars.
fn gate(cash: i64) -> Gate {
    let mut state = State::new(Arc::new(Calendar::nyse()), Policy::all_use());
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
    for body in [
        Body::Opened(opened),
        Body::Founded { structure: ROOT, parent: None, sleeves: SleeveKinds::ROOT },
        Body::Deposited { structure: ROOT, parts: [Money::dollars(cash + 250), Money::ZERO, Money::ZERO] },
    ] {
        let at = "2024-06-14T20:00:00Z".parse().unwrap();
        state.apply(&Event { at, body }).unwrap();
    }
    let (settles, fees) = (date(17), Money::ZERO);
    let (shares, price) = (Shares(250), Price::dollars(1));
    let bought = ShareTrade { sleeve: GEN, symbol: tsla(), shares, price, fees, settles, order: None };
    state.ledger.post(date(14), &Entry::BuyShares(bought)).unwrap();
    state.ledger.post(date(17), &Entry::Settle { through: date(17) }).unwrap();
    let equity = Money::dollars(1_000_000);
    Gate { state, board: board(), equity, owner_equity: equity, first_contract: false, crosses: None }
}

fn board() -> Board {
    let climate = Climate {
        as_of: TradingDay::from_record(date(14)),
        index_close: Price::dollars(540),
        index_sma20: None,
        index_sma20_before: None,
        vix: None,
        vix_mean: None,
        vix_closes: 0,
        index_bars: 0,
        symbol_bars: 0,
    };
    let price = Price::dollars(178);
    let underlying = Underlying {
        symbol: tsla(),
        price,
        previous_close: price,
        atr: None,
        sma50: None,
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    };
    let quote = |(strike, mid): (i64, i64)| OptionQuote {
        strike: Price::dollars(strike),
        bid: Price::cents(mid - 1),
        ask: Price::cents(mid + 1),
        delta: None,
        open_interest: None,
        volume: None,
    };
    let chain = |right, expires| Chain {
        underlying: tsla(),
        expiration: Expiration(date(expires)),
        right,
        origin: Origin::Quoted,
        quotes: [(90, 30), (100, 100), (101, 100), (110, 150)].map(quote).to_vec(),
    };
    Board {
        day: TradingDay::from_record(date(17)),
        climate,
        underlyings: vec![underlying],
        chains: vec![chain(Right::Put, 14), chain(Right::Put, 17), chain(Right::Put, 21), chain(Right::Call, 21)],
        bill_rate: None,
    }
}

impl Gate {
    fn says(&self, order: Order) -> Result<(), Refusal> {
        self.says_to(GEN, order)
    }

    fn says_to(&self, sleeve: SleeveId, order: Order) -> Result<(), Refusal> {
        let Gate { state, board, equity, owner_equity, first_contract, crosses } = self;
        let view = RiskView {
            board,
            equity: *equity,
            owner_equity: *owner_equity,
            first_contract: *first_contract,
            rule: Rule::E5,
            crosses: *crosses,
        };
        check(state, sleeve, order, &view).map(|_| ())
    }

    fn off(&mut self, rule: Rule) {
        self.state.policy.rules.off = self.state.policy.rules.off.with(rule);
    }

    /// Puts or calls that the sleeve has written.
    fn has_written(&mut self, series: Series, contracts: i64) {
        let (price, fees, settles) = (Price::dollars(1), Money::ZERO, date(18));
        let contracts = Contracts(contracts);
        let sold = OptionTrade { sleeve: GEN, series, contracts, price, fees, settles, order: None };
        self.state.ledger.post(date(17), &Entry::SellToOpen(sold)).unwrap();
    }
}

/// One put at $100 for $1.00.
fn one() -> Order {
    order(1, write(put(100), 1), 100)
}

#[test]
fn quantity_and_limit_are_above_zero() {
    let gate = gate(100_000);
    assert_eq!(gate.says(one()), Ok(()));
    for (contracts, cents) in [(0, 100), (-1, 100), (1, 0), (1, -1)] {
        let (quantity, limit) = (Contracts(contracts), Price::cents(cents));
        let refused = Err(Refusal::Malformed { quantity, limit });
        assert_eq!(gate.says(order(1, write(put(100), contracts), cents)), refused, "{contracts} at {limit}");
    }
    // A roll may cost or come for nothing; it needs a quantity all the same.
    let rolled = |contracts| gate.says(order(1, roll(put(101), put(100), contracts), 0));
    assert!(matches!(rolled(0), Err(Refusal::Malformed { .. })));
    assert!(matches!(rolled(1), Err(Refusal::NothingOpen { .. })));
}

#[test]
fn sleeve_symbol_contract_and_day_are_known() {
    let mut gate = gate(100_000);
    let nowhere = SleeveId::new(StructureId(9), SleeveKind::Generation);
    assert_eq!(gate.says_to(nowhere, one()), Err(Refusal::UnknownSleeve(nowhere)));
    let nvda = Symbol::new("NVDA").unwrap();
    let other = Series { underlying: nvda, ..put(100) };
    assert_eq!(gate.says(order(1, write(other, 1), 100)), Err(Refusal::UnknownSymbol(nvda)));
    assert_eq!(gate.says(order(1, write(put(95), 1), 100)), Err(Refusal::UnknownContract));
    let on = |expires| gate.says(order(1, write(option(Right::Put, 100, expires), 1), 100));
    assert_eq!((on(14), on(17)), (Err(Refusal::Expired), Ok(())), "on its last day it still trades");
    gate.state.last_day = Some(TradingDay::from_record(date(14)));
    assert_eq!(gate.says(one()), Ok(()));
    gate.state.last_day = Some(gate.board.day);
    assert_eq!(gate.says(one()), Err(Refusal::Stale));
    gate.board.day = TradingDay::from_record(date(19));
    assert_eq!(gate.says(one()), Err(Refusal::MarketClosed), "Juneteenth");
}

/// 20% of the middle or $0.10, whichever is more; a roll has the room of both its legs.
#[test]
fn a_limit_is_near_the_middle() {
    let mut gate = gate(100_000);
    let at = |gate: &Gate, strike, units| {
        let order = Order { limit: Price::from_units(units), ..order(1, write(put(strike), 1), 0) };
        gate.says(order).map_err(|refused| match refused {
            Refusal::Price { mid, allowed, .. } => (mid.units(), allowed.units()),
            other => panic!("{other}"),
        })
    };
    assert_eq!([8_000, 12_000].map(|units| at(&gate, 100, units)), [Ok(()); 2]);
    assert_eq!([7_999, 12_001].map(|units| at(&gate, 100, units)), [Err((10_000, 2_000)); 2]);
    assert_eq!([2_000, 4_000].map(|units| at(&gate, 90, units)), [Ok(()); 2]);
    assert_eq!([1_999, 4_001].map(|units| at(&gate, 90, units)), [Err((3_000, 1_000)); 2]);
    // From $1.50 to $1.00: a debit of $0.50, $0.30 + $0.20 to each side.
    gate.has_written(put(110), 1);
    let rolled = |cents| gate.says(order(1, roll(put(110), put(100), 1), cents));
    assert_eq!([-100, 0].map(rolled), [Ok(()); 2]);
    for cents in [-101, 1] {
        let (limit, mid, allowed) = (Price::cents(cents), Price::cents(-50), Price::cents(50));
        assert_eq!(rolled(cents), Err(Refusal::Price { limit, mid, allowed }));
    }
    // Shares: 20% of $178 is $35.60.
    assert_eq!(gate.says(order(1, sell(100), 14_240)), Ok(()));
    assert!(matches!(gate.says(order(1, sell(100), 14_239)), Err(Refusal::Price { .. })));
}

#[test]
fn one_order_holds_fifty_contracts_and_half_a_million() {
    let mut gate = gate(1_000_000);
    gate.equity = Money::dollars(2_000_000);
    gate.owner_equity = Money::dollars(10_000_000);
    assert_eq!(gate.says(order(1, write(put(100), 50), 100)), Ok(()));
    let (quantity, most) = (Contracts(51), Contracts(50));
    assert_eq!(gate.says(order(1, write(put(90), 51), 30)), Err(Refusal::Quantity { quantity, most }));
    let (notional, most) = (Money::dollars(505_000), Money::dollars(500_000));
    assert_eq!(gate.says(order(1, write(put(101), 50), 100)), Err(Refusal::Notional { notional, most }));
    // Shares are no contracts; what they are worth counts.
    assert_eq!(gate.says(order(1, sell(250), 17_800)), Ok(()));
    let notional = Money::dollars(178 * 2_809);
    assert_eq!(gate.says(order(1, sell(2_809), 17_800)), Err(Refusal::Notional { notional, most }));
}

/// E-5's cap of the sleeve; in one larger than $1,000,000 also 25% of the owner's equity over all sleeves.
#[test]
fn new_exposure_to_one_underlying_a_day_has_its_limit() {
    let mut gate = gate(200_000);
    gate.equity = Money::dollars(40_000);
    let asked = |gate: &Gate, contracts| gate.says(order(1, write(put(100), contracts), 100));
    assert_eq!(asked(&gate, 2), Ok(()));
    let refused = |would| Err(Refusal::Exposure { would: Money::dollars(would), most: Money::dollars(20_000) });
    assert_eq!(asked(&gate, 3), refused(30_000));
    let nvda = Symbol::new("NVDA").unwrap();
    let of = |sleeve, symbol, amount| NewExposure { sleeve, symbol, amount: Money::dollars(amount) };
    gate.state.exposure_today = vec![of(GEN, nvda, 90_000), of(COM, tsla(), 90_000), of(GEN, tsla(), 10_000)];
    assert_eq!((asked(&gate, 1), asked(&gate, 2)), (Ok(()), refused(30_000)));
    // Neither a sleeve's first contract nor a call is held to it.
    assert!(matches!(gate.says(order(1, write(call(100), 9), 100)), Err(Refusal::Cover { .. })));
    gate.first_contract = true;
    assert_eq!(asked(&gate, 2), Ok(()));

    gate.first_contract = false;
    gate.owner_equity = Money::dollars(440_000);
    gate.equity = Money::dollars(1_000_000);
    assert_eq!(asked(&gate, 2), Ok(()), "not larger than $1,000,000");
    gate.equity = Money::dollars(1_000_001);
    assert_eq!(asked(&gate, 1), Ok(()), "$90,000 of Com, $10,000 of Gen and $10,000 are 25% of $440,000");
    let (would, most) = (Money::dollars(120_000), Money::dollars(110_000));
    assert_eq!(asked(&gate, 2), Err(Refusal::Exposure { would, most }));
    gate.off(Rule::K7);
    assert_eq!(asked(&gate, 2), Ok(()), "without K-7 each sleeve counts alone");
}

#[test]
fn a_sleeve_sends_a_hundred_orders_a_day() {
    let mut gate = gate(100_000);
    gate.state.orders_today = vec![(COM, 500), (GEN, 99)];
    assert_eq!(gate.says(one()), Ok(()));
    gate.state.orders_today[1].1 = 100;
    assert_eq!(gate.says(one()), Err(Refusal::OrdersToday { sent: 100, most: 100 }));
}

#[test]
fn a_locked_sleeve_writes_no_put() {
    let mut gate = gate(100_000);
    let since = TradingDay::from_record(date(14));
    gate.state.sleeves[0].lock = Some(Lock { since, weeks: 0, selling: false });
    assert_eq!(gate.says(one()), Err(Refusal::Locked));
    assert_eq!(gate.says(order(1, write(call(100), 1), 100)), Ok(()));
}

#[test]
fn what_an_order_needs_in_cash() {
    // Fees of one contract bought on that day are $0.71.
    let needs = |trade, cents| cash_needed(&Policy::all_use(), date(17), &order(1, trade, cents));
    assert_eq!(needs(write(put(100), 2), 100), Money::dollars(20_000));
    assert_eq!(needs(write(call(100), 2), 100), Money::ZERO);
    assert_eq!(needs(back(put(100), 1), 100), Money::ZERO, "its collateral pays");
    assert_eq!(needs(back(call(100), 1), 100), Money::cents(10_071));
    assert_eq!(needs(back(put(1), 1), 150), Money::cents(5_071), "$150.71 less $100");
    assert_eq!(needs(trade(Action::BuyToOpen, call(100), 1), 100), Money::cents(10_071));
    assert_eq!(needs(trade(Action::SellToClose, call(100), 1), 100), Money::ZERO);
    assert_eq!(needs(sell(100), 17_800), Money::ZERO);
    // A roll: the new collateral and what it costs, less the old collateral.
    assert_eq!(needs(roll(put(100), put(100), 2), -50), Money::dollars(100));
    assert_eq!(needs(roll(put(100), put(101), 2), 50), Money::dollars(200));
    assert_eq!(needs(roll(put(100), put(101), 2), -50), Money::dollars(300));
    assert_eq!(needs(roll(put(101), put(100), 2), -50), Money::ZERO);
}

#[test]
fn cash_and_shares_are_there() {
    assert_eq!(gate(10_000).says(one()), Ok(()));
    let (needs, free) = (Money::dollars(10_000), Money::dollars(9_999));
    assert_eq!(gate(9_999).says(one()), Err(Refusal::Collateral { needs, free }));

    // 250 shares cover two calls, and one when one has been written.
    let mut gate = gate(1_000);
    let calls = |gate: &Gate, n| gate.says(order(1, write(call(100), n), 100));
    assert_eq!((calls(&gate, 2), calls(&gate, 3)), (Ok(()), Err(Refusal::Cover { needs: 300, free: 250 })));
    gate.has_written(call(110), 1);
    assert_eq!((calls(&gate, 1), calls(&gate, 2)), (Ok(()), Err(Refusal::Cover { needs: 200, free: 150 })));
    let shares = |n| gate.says(order(1, sell(n), 17_800));
    assert_eq!((shares(150), shares(151)), (Ok(()), Err(Refusal::Cover { needs: 151, free: 150 })));
}

/// What is bought back is open, less what an order of the sleeve buys back already.
#[test]
fn no_more_is_bought_back_than_is_open() {
    let mut gate = gate(100_000);
    gate.has_written(put(100), 3);
    let bought = |gate: &Gate, n| gate.says(order(9, back(put(100), n), 100));
    let refused = |wanted, open| Err(Refusal::NothingOpen { wanted: Contracts(wanted), open: Contracts(open) });
    assert_eq!((bought(&gate, 3), bought(&gate, 4)), (Ok(()), refused(4, 3)));
    // Two contracts of which one is filled, and one that is rolled; other sleeves, series and sales do not count.
    let others = [
        working(COM, order(1, back(put(100), 3), 100), 0),
        working(GEN, order(2, back(put(101), 3), 100), 0),
        working(GEN, order(3, write(call(100), 1), 100), 0),
    ];
    gate.state.working = others.to_vec();
    assert_eq!(bought(&gate, 3), Ok(()));
    gate.state.working.push(working(GEN, order(4, back(put(100), 2), 100), 1));
    assert_eq!((bought(&gate, 2), bought(&gate, 3)), (Ok(()), refused(3, 2)));
    gate.state.working.push(working(GEN, order(5, roll(put(100), put(101), 1), -50), 0));
    assert_eq!((bought(&gate, 1), bought(&gate, 2)), (Ok(()), refused(2, 1)));
}

#[test]
fn an_intent_is_sent_once_and_not_against_our_own() {
    let mut gate = gate(100_000);
    gate.state.next_order = 5;
    let numbered = |gate: &Gate, sequence| gate.says(order(sequence, write(put(100), 1), 100));
    assert_eq!(numbered(&gate, 4), Err(Refusal::SentBefore(order(4, sell(1), 1).id)));
    assert_eq!((numbered(&gate, 5), numbered(&gate, 6)), (Ok(()), Ok(())));
    let opposite = order(3, back(put(100), 1), 100);
    gate.state.working = vec![working(COM, opposite, 0)];
    assert_eq!(numbered(&gate, 5), Err(Refusal::AgainstOurOwn(opposite.id)));
    gate.crosses = Some(opposite.id);
    assert_eq!(numbered(&gate, 5), Ok(()), "the two are crossed first");
    gate.crosses = Some(order(2, sell(1), 1).id);
    assert_eq!(numbered(&gate, 5), Err(Refusal::AgainstOurOwn(opposite.id)));
}

/// Every kind of order with what the gate says of it; each passes where nothing is closed.
fn kinds(gate: &mut Gate) -> [Order; 7] {
    gate.has_written(put(110), 1);
    [
        order(1, back(put(110), 1), 150),
        order(1, sell(100), 17_800),
        order(1, write(call(100), 1), 100),
        order(1, roll(put(101), put(110), 1), 1),
        order(1, roll(put(110), put(100), 1), 0),
        order(1, write(put(100), 1), 100),
        order(1, trade(Action::BuyToOpen, call(100), 1), 100),
    ]
}

/// One letter an order: `s`ent, `K`illed, `G`uarded, `F`rozen, or `.` where another check refuses.
fn drawn(gate: &Gate, kinds: &[Order]) -> String {
    let letter = |order: &Order| match gate.says(*order) {
        Ok(()) => 's',
        Err(Refusal::Killed) => 'K',
        Err(Refusal::Guarded) => 'G',
        Err(Refusal::SymbolFrozen(_)) => 'F',
        Err(_) => '.',
    };
    kinds.iter().map(letter).collect()
}

/// Buy-back, shares, call, roll for a credit (of a put that is not there), roll for nothing, put, LEAPS.
#[test]
fn switches_and_guard_stop_what_raises_risk() {
    let mut gate = gate(100_000);
    let kinds = kinds(&mut gate);
    assert_eq!(drawn(&gate, &kinds), "sss.sss");
    for (scope, said) in [
        (Scope::Sleeve(COM), "sss.sss"),
        (Scope::Sleeve(GEN), "ssKKKKK"),
        (Scope::Portfolio, "ssKKKKK"),
        (Scope::System, "ssKKKKK"),
    ] {
        gate.state.killed = vec![scope];
        assert_eq!(drawn(&gate, &kinds), said, "{scope:?}");
    }
    gate.off(Rule::K6);
    assert_eq!(drawn(&gate, &kinds), "sss.sss");
    for (guard, said) in
        [(Guard::Calm, "sss.sss"), (Guard::Reduce, "sss.sss"), (Guard::Defend, "sGs.GGG"), (Guard::Stop, "GGGGGGG")]
    {
        gate.state.guard = guard;
        assert_eq!(drawn(&gate, &kinds), said, "{guard:?}");
    }
    gate.off(Rule::K3);
    assert_eq!(drawn(&gate, &kinds), "sss.sss");
    gate.state.frozen = vec![Symbol::new("NVDA").unwrap()];
    assert_eq!(drawn(&gate, &kinds), "sss.sss");
    gate.state.frozen.push(tsla());
    assert_eq!(drawn(&gate, &kinds), "FFFFFFF");
    gate.off(Rule::K5);
    assert_eq!(drawn(&gate, &kinds), "sss.sss");
}

#[test]
fn what_a_cross_leaves_is_still_approved() {
    let gate = gate(100_000);
    let view = RiskView {
        board: &gate.board,
        equity: gate.equity,
        owner_equity: gate.equity,
        first_contract: false,
        rule: Rule::E5,
        crosses: None,
    };
    let three = order(1, write(put(100), 3), 100);
    let approved = check(&gate.state, GEN, three, &view).unwrap();
    let left = approved.after_cross(Contracts(1)).unwrap();
    assert_eq!((*left.order(), left.sleeve()), (Order { trade: write(put(100), 2), ..three }, GEN));
    assert_eq!(approved.after_cross(Contracts(3)), None);
}

#[test]
fn without_k4_the_gate_stands_open() {
    let mut gate = gate(0);
    gate.off(Rule::K4);
    assert_eq!(gate.says(order(1, write(put(95), 0), 0)), Ok(()));
}
