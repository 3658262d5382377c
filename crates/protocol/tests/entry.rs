//! New puts: what stands before E-4 and E-5 (E-2, E-8, K-2, K-3, K-7), rank of implied volatility (E-10), and sizes to
//! the contract: caps, leftovers by yield, and why none is sold.

use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::quote::{Board, Chain, Climate, Delta, Earnings, OptionQuote, Origin, Underlying};
use market::time::{Date, Expiration, TradingDay};
use market::value::{Contracts, Money, Price, Shares};
use protocol::entry::{EntryContext, deployable, plan, put_gates, put_strike};
use protocol::guard::Guard;
use protocol::plan::{Candidate, Gate, Skip, Untestable, Verdict};
use protocol::policy::unit::Ppm;
use protocol::policy::{Policy, WeekClass};
use protocol::rule::Rule;
use protocol::view::{Holding, SleeveView};
use protocol::week::{Classification, Evidence, judge};

const FRIDAY: Expiration = Expiration(Date::constant(2024, 6, 14));
const NEXT: Expiration = Expiration(Date::constant(2024, 6, 21));

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

/// One put in the middle of Rev's band on 2024-06-10: symbol, strike in dollars, bid in cents, expiration.
struct Offer(&'static str, i64, i64, Expiration);

/// A Rev sleeve of $100,000 that a test changes as it likes.
struct Case {
    policy: Policy,
    view: SleeveView,
    offers: Vec<Offer>,
    volume: Option<u32>,
    class: WeekClass,
    guard: Guard,
    sold_today: Vec<(Series, Contracts)>,
}

fn case(offers: Vec<Offer>) -> Case {
    let equity = Money::dollars(100_000);
    let view = SleeveView {
        id: SleeveId::new(StructureId(1), SleeveKind::Revenue),
        equity,
        unreserved: equity,
        buffer: Money::dollars(5_000),
        committed: Money::ZERO,
        exposure: Vec::new(),
        holdings: Vec::new(),
        shorts: Vec::new(),
        locked: false,
        profit_taken: Vec::new(),
    };
    let (policy, class, guard) = (Policy::all_use(), WeekClass::Green, Guard::Calm);
    Case { policy, view, offers, volume: None, class, guard, sold_today: Vec::new() }
}

fn series(Offer(name, strike, _, expiration): &Offer) -> Series {
    Series { underlying: symbol(name), expiration: *expiration, right: Right::Put, strike: Price::dollars(*strike) }
}

fn underlying(symbol: Symbol) -> Underlying {
    Underlying {
        symbol,
        price: Price::dollars(104),
        previous_close: Price::dollars(104),
        atr: None,
        sma50: None,
        earnings: Earnings::None,
        iv_rank: None,
        dividend: None,
    }
}

impl Case {
    fn off(mut self, rule: Rule) -> Self {
        self.policy.rules.off = self.policy.rules.off.with(rule);
        self
    }

    fn set(mut self, key: &str, value: &str) -> Self {
        self.policy = self.policy.with(key, value).unwrap();
        self
    }

    /// What the sleeve has bound already: in dollars, by symbol.
    fn binds(mut self, exposure: &[(&str, i64)]) -> Self {
        self.view.exposure = exposure.iter().map(|(name, m)| (symbol(name), Money::dollars(*m))).collect();
        self.view.committed = self.view.exposure.iter().map(|(_, m)| *m).sum();
        self
    }

    fn week(&self) -> Classification {
        let evidence = Evidence {
            as_of: TradingDay::from_record(Date::constant(2024, 6, 7)),
            close: Price::dollars(510),
            average: Price::dollars(500),
            average_before: Price::dollars(495),
            vix: 1_400,
            vix_mean: 1_500,
            above: 5,
            symbols: 5,
        };
        Classification { class: self.class, ..judge(&self.policy, evidence) }
    }

    fn board(&self) -> Board {
        let quote = |Offer(_, strike, bid, _): &Offer| OptionQuote {
            strike: Price::dollars(*strike),
            bid: Price::cents(*bid),
            ask: Price::cents(bid + 2),
            delta: Some(Delta(3_500)),
            open_interest: None,
            volume: self.volume,
        };
        let chain = |offer: &Offer| Chain {
            underlying: symbol(offer.0),
            expiration: offer.3,
            right: Right::Put,
            origin: Origin::Quoted,
            quotes: vec![quote(offer)],
        };
        let day = TradingDay::from_record(Date::constant(2024, 6, 10));
        let climate = Climate {
            as_of: day,
            index_close: Price::dollars(510),
            index_sma20: None,
            index_sma20_before: None,
            vix: None,
            vix_mean: None,
            vix_closes: 0,
            index_bars: 0,
            symbol_bars: 0,
        };
        let underlyings = self.offers.iter().map(|o| underlying(symbol(o.0))).collect();
        Board { day, climate, underlyings, chains: self.offers.iter().map(chain).collect(), bill_rate: None }
    }

    fn candidates(&self) -> Vec<Candidate> {
        let (board, week) = (self.board(), self.week());
        let expirations: Vec<_> = self.offers.iter().map(|o| (symbol(o.0), Some(o.3))).collect();
        let context = EntryContext {
            policy: &self.policy,
            board: &board,
            week: &week,
            guard: self.guard,
            sold_today: &self.sold_today,
            expirations: &expirations,
        };
        plan(&self.view, context, |_| Some(Money::cents(68))).candidates
    }

    /// Contracts of each symbol, or why none.
    fn sold(&self) -> Vec<Result<i64, Skip>> {
        let of = |c: Candidate| match c.verdict {
            Verdict::Take { contracts, .. } => Ok(contracts.0),
            Verdict::Leave(skip) => Err(skip),
        };
        self.candidates().into_iter().map(of).collect()
    }

    fn deployable(&self) -> Money {
        deployable(&self.policy, &self.view, &self.week(), self.guard)
    }
}

/// A put on AAPL struck at $100 for $0.80.
fn one() -> Vec<Offer> {
    vec![Offer("AAPL", 100, 80, FRIDAY)]
}

#[test]
fn e5_deploys_what_sizing_leaves_of_equity_and_cash() {
    let mut case = case(one()).binds(&[("MSFT", 20_000)]);
    // Free cash is $95,000; sized, $95,000 less what is committed.
    assert_eq!(case.deployable(), Money::dollars(75_000));
    case.class = WeekClass::Red;
    assert_eq!(case.deployable(), Money::dollars(71_250 - 20_000));
    case.guard = Guard::Reduce;
    assert_eq!(case.deployable(), Money::dollars(35_625 - 20_000), "K-3 halves it again");
    case.view.unreserved = Money::dollars(12_000);
    assert_eq!(case.deployable(), Money::dollars(7_000), "free cash: $12,000 less the buffer");
    case.view.unreserved = Money::dollars(4_000);
    assert_eq!((case.view.free_cash(), case.deployable()), (Money::dollars(-1_000), Money::ZERO));
    case.view.buffer = Money::dollars(200_000);
    assert_eq!(case.deployable(), Money::ZERO, "a buffer larger than the equity leaves nothing");
}

#[test]
fn a_symbol_with_a_hundred_shares_sells_calls_instead() {
    let with = |shares| {
        let mut case = case(one());
        case.view.holdings = vec![Holding {
            symbol: symbol("AAPL"),
            shares: Shares(shares),
            uncovered: Shares(shares),
            basis: Price::dollars(100),
            kind: None,
        }];
        case
    };
    assert_eq!(with(99).sold(), [Ok(5)], "an odd lot is held and stands in nobody's way");
    assert_eq!(with(100).sold(), [Err(Skip::HoldsShares)]);
    assert_eq!(with(100).off(Rule::E8).sold(), [Ok(5)]);
}

#[test]
fn no_second_entry_after_a_profit_taken_this_week() {
    let mut taken = case(one());
    taken.view.profit_taken = vec![symbol("MSFT")];
    assert_eq!(taken.sold(), [Ok(5)]);
    taken.view.profit_taken.push(symbol("AAPL"));
    assert_eq!(taken.sold(), [Err(Skip::ProfitTaken)]);
    assert_eq!(taken.candidates()[0].rules, [Rule::X5, Rule::E2]);
    assert_eq!(taken.off(Rule::E2).sold(), [Ok(5)]);
}

#[test]
fn locks_and_the_guard_come_first() {
    let mut locked = case(one());
    locked.view.locked = true;
    locked.guard = Guard::Defend;
    assert_eq!((locked.sold(), &locked.candidates()[0].rules[..]), (vec![Err(Skip::Locked)], &[Rule::K2][..]));
    locked.view.locked = false;
    assert_eq!((locked.sold(), &locked.candidates()[0].rules[..]), (vec![Err(Skip::Guarded)], &[Rule::K3][..]));
}

/// K-7: an order shares the tenth of the volume with what the owner's sleeves sold of the same series today.
#[test]
fn what_was_sold_today_counts_towards_the_share_of_the_volume() {
    let mut case = case(one());
    case.volume = Some(100);
    assert_eq!(case.sold(), [Ok(5)], "ten contracts would be allowed; the cap holds five");
    let aapl = series(&case.offers[0]);
    let other = Series { expiration: NEXT, ..aapl };
    case.sold_today = vec![(other, Contracts(9)), (aapl, Contracts(7))];
    assert_eq!(case.sold(), [Ok(3)]);
    case.sold_today[1].1 = Contracts(10);
    assert_eq!(case.sold(), [Err(Skip::VolumeShare { volume: 100 })]);
    case.sold_today[1].1 = Contracts(11);
    assert_eq!(case.sold(), [Err(Skip::VolumeShare { volume: 100 })]);
}

/// $95,000 in two equal shares: 4 contracts at $100 and 4 at $110; the $11,000 left hold one more of either.
#[test]
fn leftovers_go_to_the_higher_yield_a_day() {
    let with = |aapl: Offer, amzn: Offer| {
        let case = case(vec![aapl, amzn]).set("cap.underlying", "100");
        case.sold().into_iter().map(Result::unwrap).collect::<Vec<_>>()
    };
    let aapl = |strike, bid| Offer("AAPL", strike, bid, FRIDAY);
    let amzn = |strike, bid| Offer("AMZN", strike, bid, FRIDAY);
    // 0.8% against 0.9% of strike and 0.7%, whichever strike is the higher.
    assert_eq!(with(aapl(100, 80), amzn(110, 99)), [4, 5]);
    assert_eq!(with(aapl(100, 80), amzn(110, 77)), [5, 4]);
    assert_eq!(with(aapl(110, 99), amzn(100, 80)), [5, 4]);
    assert_eq!(with(aapl(110, 77), amzn(100, 80)), [4, 5]);
    // The same yield: alphabetical, though AMZN bids less for a lower strike.
    assert_eq!(with(aapl(110, 88), amzn(100, 80)), [5, 4]);
    // Twice the premium over eleven days instead of four is less a day.
    assert_eq!(with(aapl(100, 80), Offer("AMZN", 110, 176, NEXT)), [5, 4]);
    assert_eq!(with(aapl(100, 80), Offer("AMZN", 110, 243, NEXT)), [4, 5], "0.2009% a day against 0.2%");
    assert_eq!(with(aapl(100, 80), Offer("AMZN", 110, 241, NEXT)), [5, 4], "0.1992% a day against 0.2%");
}

#[test]
fn what_a_symbol_binds_already_counts_towards_its_cap() {
    let binds = |aapl| case(one()).binds(&[("AAPL", aapl), ("MSFT", 3_000)]).sold();
    // A cap of $50,000: $40,000 leave one contract, a dollar more none.
    assert_eq!(binds(40_000), [Ok(1)]);
    let cap = Money::dollars(50_000);
    assert_eq!(binds(40_001), [Err(Skip::Cap { would: Money::dollars(50_001), cap })]);
    assert_eq!(binds(45_000), [Err(Skip::Cap { would: Money::dollars(55_000), cap })]);
}

#[test]
fn why_a_symbol_got_nothing() {
    // One contract fits to the cent, but would pass the cap of $7,500; another position stands, so it is not the first.
    let mut case = case(one()).binds(&[("MSFT", 1_000)]);
    case.view.equity = Money::dollars(15_000);
    case.view.buffer = Money::dollars(750);
    case.view.unreserved = Money::dollars(10_750);
    let (needs, cap) = (Money::dollars(10_000), Money::dollars(7_500));
    assert_eq!(case.deployable(), needs);
    assert_eq!(case.sold(), [Err(Skip::Cap { would: needs, cap })]);
    case.view.unreserved -= Money::cents(1);
    assert_eq!(case.sold(), [Err(Skip::DoesNotFit { needs, deployable: needs - Money::cents(1) })]);

    // Two symbols, cash for one contract; each would reach its cap exactly, so that only the other stood in its way.
    let mut two = self::case(vec![Offer("AAPL", 100, 80, FRIDAY), Offer("AMZN", 100, 90, FRIDAY)]);
    two.view.equity = Money::dollars(20_000);
    two.view.unreserved = Money::dollars(15_000);
    assert_eq!(two.sold(), [Err(Skip::Outbid), Ok(1)]);
}

/// E-10: off at zero; asked where a rank is known.
#[test]
fn e10_asks_for_the_rank_of_implied_volatility() {
    let asked = |policy: &Policy, rank: Option<i64>| {
        let offer = &one()[0];
        let quote = case(one()).board().chains[0].quotes[0];
        let underlying = Underlying { iv_rank: rank, ..underlying(symbol("AAPL")) };
        let sound = OptionQuote { open_interest: Some(500), volume: Some(100), ..quote };
        let monday = Date::constant(2024, 6, 10);
        put_gates(policy, monday, &underlying, &series(offer), &sound, Money::cents(68))
    };
    let off = Policy::all_use();
    assert_eq!([None, Some(0), Some(1_000_000)].map(|rank| asked(&off, rank)), [(); 3].map(|()| (None, vec![])));
    let least = Ppm::percent(30);
    let min = off.with("iv_rank.min", "30").unwrap();
    assert_eq!(asked(&min, None), (None, vec![Untestable::IvRank]));
    assert_eq!(asked(&min, Some(299_999)).0, Some(Gate::IvRank { found: Ppm(299_999), least }));
    assert_eq!([300_000, 300_001].map(|rank| asked(&min, Some(rank))), [(); 2].map(|()| (None, vec![])));
    let mut switched = min;
    switched.rules.off = switched.rules.off.with(Rule::E10);
    assert_eq!(asked(&switched, Some(0)), (None, vec![]));
}

/// Ten times the fees a share, brought up to the ten-thousandth.
#[test]
fn e6_weighs_the_premium_against_its_fees() {
    let policy = Policy::all_use().with("gate.premium_min", "0.01").unwrap().with("gate.premium", "0").unwrap();
    let asked = |fees: i64, bid: i64| {
        let board = case(one()).board();
        let bid = Price::from_units(bid);
        let quote = OptionQuote { bid, ask: bid, ..board.chains[0].quotes[0] };
        let series = series(&one()[0]);
        put_gates(&policy, board.day.date(), &board.underlyings[0], &series, &quote, Money::from_units(fees)).0
    };
    let refused = |bid, least| Some(Gate::Premium { bid: Price::from_units(bid), least: Price::from_units(least) });
    // $0.68 a contract is $0.0068 a share: $0.068. A ten-thousandth more is $0.06801, which $0.068 does not pay.
    assert_eq!((asked(6_800, 680), asked(6_800, 679)), (None, refused(679, 680)));
    assert_eq!((asked(6_801, 681), asked(6_801, 680)), (None, refused(680, 681)));
}

/// A delta just under the band is no strike of it where no fallback is allowed.
#[test]
fn without_a_fallback_the_band_is_the_band() {
    let policy = Policy::all_use().with("band.fallback", "0").unwrap();
    let band = policy.band.of(SleeveKind::Revenue);
    let chosen = |delta| {
        let mut chain = case(one()).board().chains.remove(0);
        chain.quotes[0].delta = Some(Delta(delta));
        put_strike(&policy, &chain, band).map(|q| q.strike).map_err(|best| best.map(|d| d.0))
    };
    assert_eq!((chosen(3_000), chosen(2_999)), (Ok(Price::dollars(100)), Err(Some(2_999))));
}
