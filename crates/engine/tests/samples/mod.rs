//! One event of every kind, and of every choice within the kinds that hold choices.

mod people;

use engine::command::{Command, Key};
use engine::event::*;
use engine::risk::Refusal as RiskRefusal;
use engine::{Body, Event};
use jiff::Timestamp;
use ledger::entry::Dividend;
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Fill, Order, OrderId, OrderStatus, Side, Sold, Trade};
use market::quote::{Delta, Origin};
use market::time::{Date, Expiration, TradingDay, Week};
use market::value::{Contracts, Money, Price, Shares};
use protocol::expiry::ExpiryAnswer;
use protocol::growth::{Division, ForkWait};
use protocol::guard::Guard;
use protocol::income::{Bound, NoWithdrawal, ProfitAccount, Reinvested, WeekIncome};
use protocol::leaps::{Bought, LeapsAnswer, LeapsCandidate, LeapsPlan, LeapsSkip};
use protocol::manage::{Answer, CloseReason, Note, Review};
use protocol::plan::*;
use protocol::policy::WeekClass;
use protocol::policy::unit::{Multiple, Ppm};
use protocol::position::PositionType;
use protocol::roll::{Barred, NoDebit, Refusal, Roll, RollKind, RollSearch};
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

fn refusals() -> Vec<RiskRefusal> {
    let (price, money, contracts) = (Price::cents(5), Money::dollars(9), Contracts(3));
    let sleeve = SleeveId::new(StructureId(1), SleeveKind::Revenue);
    vec![
        RiskRefusal::Malformed { quantity: contracts, limit: price },
        RiskRefusal::UnknownSleeve(sleeve),
        RiskRefusal::UnknownSymbol(symbol("TSLA")),
        RiskRefusal::UnknownContract,
        RiskRefusal::Expired,
        RiskRefusal::MarketClosed,
        RiskRefusal::Stale,
        RiskRefusal::Price { limit: price, mid: price, allowed: price },
        RiskRefusal::Quantity { quantity: contracts, most: contracts },
        RiskRefusal::Notional { notional: money, most: money },
        RiskRefusal::Exposure { would: money, most: money },
        RiskRefusal::OrdersToday { sent: 100, most: 100 },
        RiskRefusal::Locked,
        RiskRefusal::Collateral { needs: money, free: money },
        RiskRefusal::Cover { needs: 100, free: 0 },
        RiskRefusal::NothingOpen { wanted: contracts, open: contracts },
        RiskRefusal::SentBefore(order().id),
        RiskRefusal::AgainstOurOwn(order().id),
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

/// An option looked at on its last day, as the first version wrote it.
fn looked_at(expiry: ExpiryAnswer) -> Review {
    let answer = match expiry {
        ExpiryAnswer::LetExpire => Answer::LetExpire,
        ExpiryAnswer::PrepareDelivery => Answer::PrepareDelivery,
        _ => Answer::PrepareAssignment,
    };
    Review {
        series: put(),
        contracts: Contracts(5),
        price: Some(Price::cents(17_801)),
        seen: None,
        atr: None,
        adverse: None,
        captured: None,
        sessions_left: 0,
        expiry: Some(expiry),
        answer,
        decided: Some(Rule::X6),
        notes: Vec::new(),
        rules: vec![Rule::X6],
        roll: None,
    }
}

/// A look with everything that one can hold.
fn reviews() -> Vec<Review> {
    let (price, contracts) = (Price::cents(77), Contracts(5));
    let to = Series { expiration: Expiration(date(21)), strike: Price::dollars(175), ..put() };
    let seen = |series| Seen {
        series,
        bid: Price::cents(300),
        ask: Price::cents(310),
        delta: Some(Delta(5_810)),
        origin: Origin::Modelled,
    };
    let roll = Roll {
        to: seen(to),
        buy: Price::cents(310),
        sell: Price::cents(322),
        fees: Money::cents(137),
        net: Price::from_units(1_063),
        kind: RollKind::Credit,
        combined: true,
    };
    let debits = [
        NoDebit::NotAsked,
        NoDebit::OutsideBand { band: (Delta::points(40), Delta::points(50)) },
        NoDebit::TooMuch { spent: price, most: price },
    ];
    let little = |debit| Refusal::TooLittle { strike: price, net: price, least: price, debit };
    let mut refusals = vec![
        Refusal::NoQuotes,
        Refusal::Earnings { on: date(20) },
        Refusal::NoStrike { most: Delta::points(70), below: Delta(5_500), lowest: None },
        Refusal::FeesUnknown,
        Refusal::Call(Skip::NothingAboveBasis { basis: price }),
    ];
    refusals.extend(debits.map(little));
    let mut tried: Vec<_> = refusals.into_iter().map(|r| (Expiration(date(21)), Err(r))).collect();
    tried.push((Expiration(date(28)), Ok(roll)));
    let barred = [
        None,
        Some(Barred::RuleOff),
        Some(Barred::TooMany { rolls: 2, most: 2 }),
        Some(Barred::FeesUnknown),
        Some(Barred::NoShares),
    ];
    let notes = vec![
        Note::AssignmentAnyNight { time_value: price, least: price },
        Note::Dividend { ex: date(14), amount: price, time_value: price, cost: None, last_session: true },
        Note::CheapNotExercised,
        Note::NoRange,
    ];
    let whys = [
        CloseReason::Dividend,
        CloseReason::Cheap,
        CloseReason::Preservation,
        CloseReason::Profit,
        CloseReason::ProfitEarly,
        CloseReason::NeverAssigned,
    ];
    let mut answers = vec![
        Answer::Halt,
        Answer::NoQuote,
        Answer::Hold,
        Answer::Watch,
        Answer::KeepForAssignment,
        Answer::Roll(roll),
        Answer::ProposeRoll(roll),
    ];
    answers.extend(whys.map(|why| Answer::Close { limit: price, why }));
    let searches = barred.into_iter().cycle();
    let looks = answers.into_iter().zip(searches).map(|(answer, barred)| Review {
        series: put(),
        contracts,
        price: Some(Price::cents(17_210)),
        seen: Some(seen(put())),
        atr: None,
        adverse: Some(Multiple(1_512)),
        captured: Some(Ppm(-1_520_325)),
        sessions_left: 3,
        expiry: None,
        answer,
        decided: Some(Rule::X4),
        notes: notes.clone(),
        rules: vec![Rule::X1, Rule::K6, Rule::K3, Rule::X7, Rule::X8, Rule::X6, Rule::G1, Rule::X4],
        roll: Some(RollSearch { barred, tried: tried.clone(), earnings_unknown: false, best: Some(roll) }),
    });
    looks.collect()
}

/// Kinds that came after the first version.
fn later(sleeve: SleeveId) -> Vec<Body> {
    let mut bodies: Vec<Body> =
        reviews().into_iter().map(|review| Body::Reviewed { sleeve, review: Box::new(review) }).collect();
    let steps = [Guard::Calm, Guard::Reduce, Guard::Defend, Guard::Stop];
    bodies.extend(steps.windows(2).map(|w| Body::GuardChanged { from: w[0], to: w[1], vix: 5_001 }));
    let (who, reason) = ("Ada".to_owned(), "the feed looks wrong".to_owned());
    for scope in [Scope::Sleeve(sleeve), Scope::Portfolio, Scope::System] {
        bodies.push(Body::KillSwitch { scope, on: true, who: who.clone(), reason: reason.clone() });
    }
    bodies.push(Body::Frozen { symbol: symbol("TSLA"), why: "3 contracts more than the books".to_owned() });
    bodies.push(Body::Thawed { symbol: symbol("TSLA"), who, reason });
    let roll = Trade::Roll {
        close: put(),
        open: Series { expiration: Expiration(date(21)), ..put() },
        contracts: Contracts(5),
    };
    let fill = Fill {
        order: order().id,
        units: 5,
        price: Price::cents(310),
        fees: Money::cents(340),
        sold: Some(Sold { price: Price::cents(322), fees: Money::cents(345) }),
        origin: Origin::Modelled,
    };
    bodies.push(Body::Filled { sleeve, trade: roll, fill, settles: date(14) });
    let shares = Trade::SellShares { symbol: symbol("NVDA"), shares: Shares(130) };
    bodies.push(Body::Filled {
        sleeve,
        trade: shares,
        fill: Fill { units: 130, sold: None, ..fill },
        settles: date(17),
    });
    for action in Action::ALL {
        let trade = Trade::Option { action, series: put(), contracts: Contracts(5) };
        bodies.push(Body::Filled { sleeve, trade, fill: Fill { sold: None, ..fill }, settles: date(14) });
    }
    for refusal in [RiskRefusal::Killed, RiskRefusal::Guarded, RiskRefusal::SymbolFrozen(symbol("TSLA"))] {
        bodies.push(Body::OrderRefused { sleeve, order: order(), refusal });
    }
    bodies.push(Body::LockChanged { sleeve, locked: true, why: LockReason::DeepPut, drawdown: Ppm(70_001) });
    bodies.extend(growth(sleeve));
    let gate = Gate::IvRank { found: Ppm(1), least: Ppm(2) };
    let left = [Skip::Guarded, Skip::ProfitTaken, Skip::Gate(gate)].map(Verdict::Leave);
    let mut asked = plan(left.to_vec());
    asked.candidates[0].untestable = vec![Untestable::IvRank];
    bodies.push(Body::Planned(asked));
    bodies.push(Body::LockChanged { sleeve, locked: true, why: LockReason::Sell, drawdown: Ppm(70_001) });
    let week = ReserveWeek {
        start: Money::cents(5),
        flows: Money::cents(-3),
        interest: Money::cents(1),
        end: Money::cents(3),
    };
    bodies.push(Body::ReserveClosed { structure: StructureId(2), week });
    bodies
}

/// Income, reinvestment, LEAPS, forks and merges.
fn growth(sleeve: SleeveId) -> Vec<Body> {
    let money = Money::cents;
    let series = Series {
        underlying: symbol("MSFT"),
        expiration: Expiration(Date::constant(2026, 1, 16)),
        right: Right::Call,
        strike: Price::dollars(380),
    };
    let division = Division {
        surplus: money(5_200_000),
        stays: money(2_600_000),
        moves: money(2_600_000),
        generation: money(1_300_000),
        compounding: money(1_300_000),
    };
    let account = ProfitAccount {
        year: 2024,
        realised: money(-5),
        reserved: money(0),
        deficit: money(5),
        income: money(80),
        growth: money(20),
    };
    let income = WeekIncome {
        realised: money(150),
        reserve: money(45),
        made_up: money(5),
        income: money(80),
        growth: money(20),
        account,
    };
    let reinvested =
        Reinvested { amount: money(100), contracts: money(75), leaps: money(25), from_income: money(80), account };
    let refusals = [
        NoWithdrawal::Compounding,
        NoWithdrawal::Locked,
        NoWithdrawal::NoIncome,
        NoWithdrawal::NotAboveBase { equity: money(1), base: money(2) },
        NoWithdrawal::NoFreeCash { free: money(0) },
        NoWithdrawal::TooMuch { asked: money(9), most: money(8), bound: Bound::Income },
        NoWithdrawal::TooMuch { asked: money(9), most: money(8), bound: Bound::Surplus },
        NoWithdrawal::TooMuch { asked: money(9), most: money(8), bound: Bound::FreeCash },
        NoWithdrawal::NotAnAmount { asked: money(-1) },
    ];
    let waits = vec![
        ForkWait::Locked,
        ForkWait::Preserving,
        ForkWait::Merging,
        ForkWait::FreeCash { free: money(1), short: money(2) },
        ForkWait::Contract { kind: SleeveKind::Generation, cost: money(3), covers: money(2) },
        ForkWait::ContractUnknown { kind: SleeveKind::Compounding },
    ];
    let expiration = series.expiration;
    let skips = [
        LeapsSkip::NoExpiration { window: (date(14), date(15)) },
        LeapsSkip::Concentrated { expiration, holds: money(5), of: money(9) },
        LeapsSkip::NoStrike { expiration, band: (Delta::points(65), Delta::points(75)), nearest: None },
        LeapsSkip::Gate(Gate::NoBid),
        LeapsSkip::FeesUnknown,
        LeapsSkip::DoesNotFit { needs: money(9), left: money(8) },
        LeapsSkip::Cap { would: money(9), cap: money(8) },
        LeapsSkip::Enough,
    ];
    let bought = Bought { contracts: Contracts(1), limit: Price::dollars(88), cost: money(880_070) };
    let verdicts = skips.into_iter().map(Err).chain([Ok(bought)]);
    let candidates = verdicts.map(|verdict| LeapsCandidate {
        symbol: symbol("MSFT"),
        value: money(0),
        seen: None,
        verdict,
        untestable: vec![Untestable::OpenInterest],
    });
    let plan = LeapsPlan {
        sleeve,
        day: TradingDay::from_record(date(14)),
        budget: money(900_000),
        left: money(19_930),
        candidates: candidates.collect(),
    };
    let (structure, from) = (StructureId(2), SleeveId::new(StructureId(1), SleeveKind::Generation));
    let answers = [
        LeapsAnswer::Hold,
        LeapsAnswer::WaitLongTerm { until: date(20) },
        LeapsAnswer::WaitLoss { until: date(20) },
        LeapsAnswer::Roll,
    ];
    let mut bodies = vec![
        Body::Withdrawn { sleeve, amount: money(8) },
        Body::IncomeBooked { sleeve, income, moved: money(45) },
        Body::ReserveInterest { structure, rate: Ppm(48_600), dollar_days: 7, amount: money(1) },
        Body::Reinvested { sleeve, reinvested, set_aside: money(25) },
        Body::LeapsPlanned { plan, rolls: false },
        Body::ForkDue { sleeve: from, division, waits, reserves: money(2_600_000), needs: money(1) },
        Body::ForkLapsed { sleeve: from, surplus: money(4_999_999) },
        Body::Forked { from, structure, division, base: money(14_600_000) },
        Body::MergeStarted { structure, total: money(50_000_000) },
        Body::Merged { structure, into: sleeve, values: vec![(from, money(1)), (sleeve, money(2))] },
    ];
    bodies.extend(refusals.map(|why| Body::WithdrawalRefused { sleeve, asked: money(9), why }));
    let looks = answers.map(|answer| Body::LeapsReviewed { sleeve, series, contracts: Contracts(1), answer });
    bodies.extend(looks);
    bodies
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
        longs: Money::ZERO,
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
            people: false,
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
            rule: Rule::E5,
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
        bodies.push(Body::Reviewed { sleeve, review: Box::new(looked_at(answer)) });
    }
    for why in [LockReason::Drawdown, LockReason::Recovered, LockReason::Empty, LockReason::Reset] {
        bodies.push(Body::LockChanged { sleeve, locked: why == LockReason::Drawdown, why, drawdown: Ppm(70_001) });
    }
    // Added later, and so at the end: the bytes of those before stay as they were.
    bodies.push(Body::OrderRefused {
        sleeve,
        order: order(),
        refusal: RiskRefusal::Frozen { owed: Money::dollars(7) },
    });
    bodies.push(Body::Planned(plan(vec![Verdict::Leave(Skip::FeesUnknown)])));
    bodies.extend(later(sleeve));
    bodies.extend(people::events(sleeve));
    let review = Review { atr: Some(Price::cents(612)), ..looked_at(ExpiryAnswer::LetExpire) };
    bodies.push(Body::Reviewed { sleeve, review: Box::new(review) });
    for settles in [None, Some(date(24))] {
        let (close, fees) = (Price::cents(18_001), Money::cents(1));
        bodies.push(Body::LongEnded { sleeve, series, contracts, close, fees, settles });
    }
    bodies.push(Body::Crossed(Crossing {
        series,
        contracts,
        from: sleeve,
        to: SleeveId::new(StructureId(2), SleeveKind::Generation),
        price: Price::from_units(12_350),
        origin: Origin::Quoted,
        close: order().id,
        open: OrderId { sequence: 78, ..order().id },
    }));
    let branched = NewEpoch::Branched { left: 3_000, from: engine::people::Digest([5; 32]) };
    for (epoch, why) in [(2, NewEpoch::Restored), (3, branched), (4, NewEpoch::TakenOver)] {
        let (who, reason) = ("Ada".to_owned(), "the disk broke".to_owned());
        bodies.push(Body::EpochBegan { epoch, why, who, reason });
    }
    bodies.extend(commands());
    let at = |i: usize| Timestamp::from_second(1_718_300_000 + i as i64).unwrap();
    bodies.into_iter().enumerate().map(|(i, body)| Event { at: at(i), body }).collect()
}

/// What a journal says of itself: keys of commands, and who went on with it.
fn commands() -> [Body; 3] {
    let deposit = Command::Deposit { structure: StructureId(1), amount: Money::dollars(300), parts: None };
    let content = engine::codec::command_digest(&deposit);
    let key = |text: &str| Key::new(text).unwrap();
    [
        Body::Commanded { key: key("9b2f0c1e-deposit"), content, events: 1 },
        Body::Commanded { key: key("Zürich/7"), content, events: 0 },
        Body::Resumed { program: "0.2.0".to_owned(), schema: 5 },
    ]
}
