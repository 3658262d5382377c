//! One event of every kind, and of every choice within the kinds that hold choices.

use engine::event::*;
use engine::risk::Refusal;
use engine::{Body, Event};
use jiff::Timestamp;
use ledger::entry::Dividend;
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, Order, OrderId, OrderStatus, Side, Trade};
use market::quote::{Delta, Origin};
use market::time::{Date, Expiration, TradingDay, Week};
use market::value::{Contracts, Money, Price, Shares};
use protocol::expiry::ExpiryAnswer;
use protocol::plan::*;
use protocol::policy::WeekClass;
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;
use protocol::rule::Rule;
use protocol::week::*;

fn date(day: i8) -> Date {
    Date::constant(2024, 6, day)
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn put() -> Series {
    Series {
        underlying: symbol("TSLA"),
        expiration: Expiration(date(14)),
        right: Right::Put,
        strike: Price::dollars(180),
    }
}

fn order() -> Order {
    let id = OrderId { portfolio: 1, epoch: 1, sequence: 42 };
    Order { id, trade: Trade::write(put(), Contracts(5)), limit: Price::cents(123) }
}

fn plan(verdicts: Vec<Verdict>) -> Plan {
    let seen = Seen {
        series: put(),
        bid: Price::cents(123),
        ask: Price::cents(127),
        delta: Some(Delta(4410)),
        origin: Origin::Modelled,
    };
    let candidates = verdicts.into_iter().enumerate().map(|(i, verdict)| Candidate {
        symbol: symbol("TSLA"),
        price: Price::cents(18_244),
        seen: (i % 2 == 0).then_some(seen),
        verdict,
        untestable: vec![Untestable::OpenInterest, Untestable::Volume, Untestable::Earnings],
        rules: vec![Rule::E2, Rule::E1, Rule::E4, Rule::E6, Rule::E5],
        locked_loss: Price::cents(i as i64),
    });
    Plan {
        sleeve: SleeveId::new(StructureId(1), SleeveKind::Generation),
        day: TradingDay::from_record(date(13)),
        purpose: Purpose::Entry,
        class: WeekClass::Green,
        sizing: Ppm::ONE,
        equity: Money::dollars(120_000),
        free_cash: Money::dollars(114_000),
        committed: Money::ZERO,
        deployable: Money::dollars(114_000),
        candidates: candidates.collect(),
    }
}

fn skips() -> Vec<Skip> {
    let (price, money) = (Price::cents(5), Money::dollars(9));
    let gates = [
        Gate::NoBid,
        Gate::Spread { spread: price, limit: price },
        Gate::OpenInterest { found: 499, least: 500 },
        Gate::Volume { found: 99, least: 100 },
        Gate::Earnings { on: date(14) },
        Gate::Premium { bid: price, least: price },
    ];
    let mut skips: Vec<Skip> = gates.into_iter().map(Skip::Gate).collect();
    skips.extend([
        Skip::HoldsShares,
        Skip::Locked,
        Skip::NoExpiration,
        Skip::NoQuotes(Expiration(date(14))),
        Skip::NoStrike { band: (Delta::points(40), Delta::points(50)), best: None },
        Skip::DoesNotFit { needs: money, deployable: money },
        Skip::Cap { would: money, cap: money },
        Skip::Outbid,
        Skip::NothingAboveBasis { basis: price },
        Skip::EarningsCoverage { on: date(14) },
        Skip::NoMark(put()),
        Skip::VolumeShare { volume: 7 },
    ]);
    skips
}

fn refusals() -> Vec<Refusal> {
    let (price, money, contracts) = (Price::cents(5), Money::dollars(9), Contracts(3));
    let sleeve = SleeveId::new(StructureId(1), SleeveKind::Revenue);
    vec![
        Refusal::Malformed { quantity: contracts, limit: price },
        Refusal::UnknownSleeve(sleeve),
        Refusal::UnknownSymbol(symbol("TSLA")),
        Refusal::UnknownContract,
        Refusal::Expired,
        Refusal::MarketClosed,
        Refusal::Stale,
        Refusal::Price { limit: price, mid: price, allowed: price },
        Refusal::Quantity { quantity: contracts, most: contracts },
        Refusal::Notional { notional: money, most: money },
        Refusal::Exposure { would: money, most: money },
        Refusal::OrdersToday { sent: 100, most: 100 },
        Refusal::Locked,
        Refusal::Collateral { needs: money, free: money },
        Refusal::Cover { needs: 100, free: 0 },
        Refusal::NothingOpen { wanted: contracts, open: contracts },
        Refusal::SentBefore(order().id),
        Refusal::AgainstOurOwn(order().id),
    ]
}

fn classification() -> Classification {
    Classification {
        class: WeekClass::Chop,
        trend: Trend::Sideways,
        vix: VixState::Low,
        support: Support::Mixed,
        confidence: Ppm(160_792),
        evidence: Evidence {
            as_of: TradingDay::from_record(date(7)),
            close: Price::cents(52_345),
            average: Price::cents(52_345),
            average_before: Price::cents(52_001),
            vix: 1322,
            vix_mean: 1498,
            above: 3,
            symbols: 5,
        },
    }
}

fn marks() -> Marks {
    Marks {
        week: Week { year: 2024, number: 24 },
        day: TradingDay::from_record(date(14)),
        closes: vec![(symbol("AAPL"), Price::cents(21_249)), (symbol("TSLA"), Price::cents(17_801))],
        options: vec![OptionMark {
            series: put(),
            mid: Price::cents(199),
            ask: Price::cents(201),
            origin: Origin::Quoted,
        }],
        benchmarks: vec![BenchmarkMark {
            symbol: symbol("SPY"),
            close: Price::cents(54_278),
            dividends: Price::cents(176),
            split: 1,
        }],
        bill_rate: Some(Ppm(54_700)),
    }
}

/// The events.
pub(crate) fn samples() -> Vec<Event> {
    let sleeve = SleeveId::new(StructureId(1), SleeveKind::Compounding);
    let week = Week { year: 2024, number: 24 };
    let (series, contracts) = (put(), Contracts(5));
    let takes = Verdict::Take { side: Side::Sell, contracts, limit: Price::cents(123) };
    let gains = Gains {
        premium: Money::cents(61_500),
        shares: Money::cents(-1),
        dividends: Money::ZERO,
        interest: Money::cents(77),
        fees: Money::cents(-340),
        unrealised: Money::cents(-98_765),
    };
    let mut bodies = vec![
        Body::Opened(Opened {
            portfolio: PortfolioId(1),
            program: "0.1.0".to_owned(),
            schema: 1,
            world: World::History,
            source: "a folder".to_owned(),
            policy: "name = \"all-use\"\n".to_owned(),
            premium_model: String::new(),
        }),
        Body::Founded { structure: StructureId(1), parent: None, sleeves: SleeveKinds::ROOT },
        Body::Founded { structure: StructureId(2), parent: Some(StructureId(1)), sleeves: SleeveKinds::FORKED },
        Body::Deposited {
            structure: StructureId(1),
            parts: [Money::dollars(120_000), Money::dollars(90_000), Money::dollars(90_000)],
        },
        Body::SplitApplied { symbol: symbol("NVDA"), new_per_old: 10 },
        Body::DividendAccrued(Dividend {
            sleeve,
            symbol: symbol("AAPL"),
            shares: Shares(300),
            per_share: Price::cents(25),
            amount: Money::dollars(75),
            settles: date(28),
        }),
        Body::Settled { through: date(12) },
        Body::WeekClassified { week, classification: classification(), replaces: None },
        Body::WeekClassified { week, classification: classification(), replaces: Some(WeekClass::Red) },
        Body::WeekUnclassified { week, why: Unclassified::WarmUp { vix_closes: 251, index_bars: 24, symbol_bars: 49 } },
        Body::WeekUnclassified { week, why: Unclassified::NoVix(TradingDay::from_record(date(7))) },
        Body::Planned(plan(vec![takes])),
        Body::Planned(plan(skips().into_iter().map(Verdict::Leave).collect())),
        Body::OrderApproved {
            sleeve,
            order: order(),
            purpose: Purpose::Entry,
            reserve: Money::dollars(90_000),
            underlying: Price::cents(18_244),
            atr: Some(Price::cents(612)),
            delta: Some(Delta(4410)),
        },
        Body::Filled {
            sleeve,
            trade: Trade::write(series, contracts),
            fill: Fill {
                order: order().id,
                units: contracts.0,
                price: Price::cents(123),
                fees: Money::cents(340),
                sold: None,
                origin: Origin::Modelled,
            },
            settles: date(14),
        },
        Body::OrderEnded { order: order().id, status: OrderStatus::Cancelled },
        Body::Expired { sleeve, series, contracts, close: Price::cents(18_001) },
        Body::Assigned {
            sleeve,
            series,
            contracts,
            close: Price::cents(17_801),
            fees: Money::ZERO,
            settles: date(17),
            basis: Price::ZERO,
        },
        Body::DayEnded { day: TradingDay::from_record(date(14)), days: 3, deep: vec![(sleeve, series)] },
        Body::InterestCredited { sleeve, rate: Ppm(48_600), dollar_days: 840_011, amount: Money::cents(11_184) },
        Body::Marked(marks()),
        Body::PositionTyped(TypedPosition {
            sleeve,
            symbol: symbol("TSLA"),
            right: Right::Put,
            kind: PositionType::PutWithinLimit,
            price: Price::cents(17_801),
            reference: Price::dollars(180),
            change: Ppm(-11_055),
            gain: Money::cents(-38_340),
            capital: Money::dollars(90_000),
        }),
        Body::SleeveClosed(SleeveWeek {
            week,
            sleeve,
            kind: PositionType::PutWithinLimit,
            start: Money::dollars(90_000),
            flows: Money::ZERO,
            gains,
            end: Money::dollars(90_000) + gains.total(),
            idle: Money::cents(1_234_567),
            unit: 995_775_100,
            mark: 1_000_000_000,
            peak: 1_000_000_000,
            drawdown: Ppm(4_224),
        }),
        Body::WeekEnded { week },
        Body::Compared(vec![Variant {
            name: "fills at mid".to_owned(),
            equity: Money::dollars(300_001),
            twr: 3,
            drawdown: Ppm(1),
        }]),
    ];
    bodies.extend(refusals().into_iter().map(|refusal| Body::OrderRefused { sleeve, order: order(), refusal }));
    for answer in [
        ExpiryAnswer::LetExpire,
        ExpiryAnswer::PrepareAssignment,
        ExpiryAnswer::RollOrAssign,
        ExpiryAnswer::DeepDrawdown,
        ExpiryAnswer::PrepareDelivery,
    ] {
        bodies.push(Body::ExpiryViewed { sleeve, series, contracts, price: Price::cents(17_801), answer });
    }
    for why in [LockReason::Drawdown, LockReason::Recovered, LockReason::Empty, LockReason::Reset] {
        bodies.push(Body::LockChanged { sleeve, locked: why == LockReason::Drawdown, why, drawdown: Ppm(70_001) });
    }
    // Added later, and so at the end: the bytes of those before stay as they were.
    bodies.push(Body::OrderRefused { sleeve, order: order(), refusal: Refusal::Frozen { owed: Money::dollars(7) } });
    bodies.push(Body::Planned(plan(vec![Verdict::Leave(Skip::FeesUnknown)])));
    let at = |i: usize| Timestamp::from_second(1_718_300_000 + i as i64).unwrap();
    bodies.into_iter().enumerate().map(|(i, body)| Event { at: at(i), body }).collect()
}
