//! A journal written by hand. Every figure in it was worked out on paper and stands in the tests.
//!
//! Gen sells five TSLA $180 puts at $1.23 on Thursday 2024-06-13, takes 500 shares on Friday at a close of $176, sells
//! five $185 calls at $1.50 on Monday 2024-06-17 and delivers at a close of $190. Rev holds cash and earns $8 of
//! interest; Com does nothing.

use std::sync::Arc;

use engine::event::{BenchmarkMark, Body, Event, Gains, Marks, Opened, OptionMark, SleeveWeek, TypedPosition, World};
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, Order, OrderId, Side, Trade};
use market::quote::{Delta, Origin};
use market::time::{Calendar, Date, Expiration, TradingDay, Week};
use market::value::{Contracts, Money, Price};
use protocol::manage::{Answer, Review};
use protocol::plan::{Candidate, Gate, Plan, Purpose, Seen, Skip, Untestable, Verdict};
use protocol::policy::unit::Ppm;
use protocol::policy::{Policy, WeekClass};
use protocol::position::PositionType;
use protocol::rule::Rule;
use protocol::week::{Classification, Evidence, Support, Trend, VixState};

pub(super) const GEN: SleeveId = SleeveId::new(StructureId(1), SleeveKind::Generation);
pub(super) const REV: SleeveId = SleeveId::new(StructureId(1), SleeveKind::Revenue);
pub(super) const COM: SleeveId = SleeveId::new(StructureId(1), SleeveKind::Compounding);
pub(super) const W24: Week = Week { year: 2024, number: 24 };
pub(super) const W25: Week = Week { year: 2024, number: 25 };

pub(super) fn calendar() -> Arc<Calendar> {
    Arc::new(Calendar::nyse())
}

pub(super) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

pub(super) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn day(text: &str) -> TradingDay {
    TradingDay::from_record(date(text))
}

pub(super) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(super) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(super) fn tsla(right: Right, expiration: &str, strike: &str) -> Series {
    Series { underlying: symbol("TSLA"), expiration: Expiration(date(expiration)), right, strike: price(strike) }
}

pub(super) fn put() -> Series {
    tsla(Right::Put, "2024-06-14", "180")
}

pub(super) fn call() -> Series {
    tsla(Right::Call, "2024-06-21", "185")
}

pub(super) fn order_id(sequence: u64) -> OrderId {
    OrderId { portfolio: 1, epoch: 1, sequence }
}

/// Events at the closes of days, in order.
pub(super) struct Journal {
    calendar: Arc<Calendar>,
    day: TradingDay,
    pub(super) events: Vec<Event>,
}

impl Journal {
    pub(super) fn on(&mut self, text: &str) -> &mut Self {
        self.day = day(text);
        self
    }

    pub(super) fn say(&mut self, body: Body) -> &mut Self {
        self.events.push(Event { at: self.calendar.closes_at(self.day), body });
        self
    }

    pub(super) fn settled(&mut self) -> &mut Self {
        let through = self.day.date();
        self.say(Body::Settled { through })
    }

    pub(super) fn ended(&mut self, days: u32) -> &mut Self {
        let day = self.day;
        self.say(Body::DayEnded { day, days, deep: Vec::new() })
    }

    pub(super) fn quiet(&mut self, days: &[(&str, u32)]) -> &mut Self {
        for (text, calendar_days) in days {
            self.on(text).settled().ended(*calendar_days);
        }
        self
    }
}

pub(super) fn opened(world: World) -> Opened {
    Opened {
        portfolio: PortfolioId(1),
        program: "0.1.0".to_owned(),
        schema: 1,
        world,
        source: "by hand".to_owned(),
        policy: Policy::all_use().to_toml(),
        premium_model: String::new(),
        people: false,
    }
}

pub(super) fn classification() -> Classification {
    Classification {
        class: WeekClass::Green,
        trend: Trend::Bullish,
        vix: VixState::Low,
        support: Support::Strong,
        confidence: Ppm(423_900),
        evidence: Evidence {
            as_of: day("2024-06-07"),
            close: price("534.01"),
            average: price("528.25"),
            average_before: price("521.10"),
            vix: 1_222,
            vix_mean: 1_450,
            above: 4,
            symbols: 5,
        },
    }
}

pub(super) fn seen(series: Series, bid: &str, ask: &str, delta: i32) -> Seen {
    Seen { series, bid: price(bid), ask: price(ask), delta: Some(Delta(delta)), origin: Origin::Quoted }
}

pub(super) fn taken() -> Candidate {
    Candidate {
        symbol: symbol("TSLA"),
        price: price("182.47"),
        seen: Some(seen(put(), "1.23", "1.27", 4_410)),
        verdict: Verdict::Take { side: Side::Sell, contracts: Contracts(5), limit: price("1.23") },
        untestable: vec![Untestable::OpenInterest, Untestable::Volume],
        rules: vec![Rule::E2, Rule::E1, Rule::E4, Rule::E6, Rule::E5],
        locked_loss: Price::ZERO,
    }
}

pub(super) fn left() -> Candidate {
    let series = Series { underlying: symbol("NVDA"), strike: price("129"), ..put() };
    let gate = Gate::Spread { spread: price("0.12"), limit: price("0.0565") };
    Candidate {
        symbol: symbol("NVDA"),
        price: price("129.61"),
        seen: Some(seen(series, "1.07", "1.19", 4_333)),
        verdict: Verdict::Leave(Skip::Gate(gate)),
        untestable: Vec::new(),
        rules: vec![Rule::E2, Rule::E1, Rule::E4, Rule::E6],
        locked_loss: Price::ZERO,
    }
}

pub(super) fn plan() -> Plan {
    Plan {
        sleeve: GEN,
        day: day("2024-06-13"),
        purpose: Purpose::Entry,
        class: WeekClass::Green,
        sizing: Ppm::ONE,
        equity: money("120000"),
        free_cash: money("114000"),
        committed: Money::ZERO,
        deployable: money("114000"),
        candidates: vec![left(), taken()],
    }
}

pub(super) fn cover() -> Plan {
    let candidate = Candidate {
        symbol: symbol("TSLA"),
        price: price("187.44"),
        seen: Some(seen(call(), "1.50", "1.60", 4_200)),
        verdict: Verdict::Take { side: Side::Sell, contracts: Contracts(5), limit: price("1.50") },
        untestable: Vec::new(),
        rules: vec![Rule::E8, Rule::E2],
        locked_loss: Price::ZERO,
    };
    Plan { day: day("2024-06-17"), purpose: Purpose::Cover, candidates: vec![candidate], ..plan() }
}

pub(super) fn order(sequence: u64, series: Series, limit: &str) -> Order {
    Order { id: order_id(sequence), trade: Trade::write(series, Contracts(5)), limit: price(limit) }
}

pub(super) fn approved(sequence: u64, series: Series, limit: &str, reserve: &str) -> Body {
    Body::OrderApproved {
        sleeve: GEN,
        order: order(sequence, series, limit),
        rule: if series.right == Right::Put { Rule::E5 } else { Rule::E8 },
        reserve: money(reserve),
        underlying: price("182.47"),
        atr: Some(price("6.10")),
        delta: Some(Delta(4_410)),
    }
}

pub(super) fn filled(sequence: u64, series: Series, at: &str, fees: &str, settles: &str) -> Body {
    let fill = Fill {
        order: order_id(sequence),
        units: 5,
        price: price(at),
        fees: money(fees),
        sold: None,
        origin: Origin::Quoted,
    };
    let trade = Trade::write(series, Contracts(5));
    Body::Filled { sleeve: GEN, trade, fill, settles: date(settles) }
}

pub(super) fn assigned(series: Series, close: &str, fees: &str, settles: &str, basis: &str) -> Body {
    Body::Assigned {
        sleeve: GEN,
        series,
        contracts: Contracts(5),
        close: price(close),
        fees: money(fees),
        settles: date(settles),
        basis: price(basis),
    }
}

/// An option looked at on its last day, as the rules say.
fn viewed(series: Series, at: &str, answer: Answer) -> Body {
    let price = price(at);
    let review = Review {
        series,
        contracts: Contracts(5),
        price: Some(price),
        seen: None,
        atr: None,
        adverse: None,
        captured: None,
        sessions_left: 0,
        expiry: Some(protocol::expiry::answer(&protocol::policy::Policy::all_use(), &series, price)),
        answer,
        decided: Some(Rule::X6),
        notes: Vec::new(),
        rules: vec![Rule::X6],
        roll: None,
    };
    Body::Reviewed { sleeve: GEN, review: Box::new(review) }
}

/// Closes of SPY and the universe; each symbol's figures are (close, dividends, split).
pub(super) fn marks(
    week: Week,
    last: &str,
    closes: &[(&str, &str)],
    spy: (&str, &str),
    nvda: (&str, i64),
    bill: i64,
) -> Marks {
    let mark = |name: &str, close: &str, dividends: &str, split: i64| BenchmarkMark {
        symbol: symbol(name),
        close: price(close),
        dividends: price(dividends),
        split,
    };
    let of = |name: &str| closes.iter().find(|(n, _)| *n == name).map_or("0", |(_, c)| *c);
    Marks {
        week,
        day: day(last),
        closes: closes.iter().map(|(n, c)| (symbol(n), price(c))).collect(),
        options: Vec::new(),
        benchmarks: vec![
            mark("AAPL", of("AAPL"), "0", 1),
            mark("AMZN", of("AMZN"), "0", 1),
            mark("MSFT", of("MSFT"), "0", 1),
            mark("NVDA", nvda.0, "0", nvda.1),
            mark("SPY", spy.0, spy.1, 1),
            mark("TSLA", of("TSLA"), "0", 1),
        ],
        bill_rate: Some(Ppm(bill)),
    }
}

pub(super) fn first_marks() -> Marks {
    let closes = [("AAPL", "200"), ("AMZN", "180"), ("MSFT", "440"), ("NVDA", "130"), ("TSLA", "176")];
    marks(W24, "2024-06-14", &closes, ("540", "0"), ("130", 1), 52_000)
}

fn second_marks() -> Marks {
    let closes = [("AAPL", "210"), ("AMZN", "189"), ("MSFT", "440"), ("NVDA", "13"), ("TSLA", "190")];
    marks(W25, "2024-06-21", &closes, ("534.60", "1.80"), ("13", 10), 52_000)
}

fn typed(right: Right, kind: PositionType, at: (&str, &str, i64), gain: &str, capital: &str) -> Body {
    Body::PositionTyped(TypedPosition {
        sleeve: GEN,
        symbol: symbol("TSLA"),
        right,
        kind,
        price: price(at.0),
        reference: price(at.1),
        change: Ppm(at.2),
        gain: money(gain),
        capital: money(capital),
    })
}

/// A sleeve's week; the gains are premium, shares, interest, fees, unrealised.
pub(super) fn closed(
    week: Week,
    sleeve: SleeveId,
    kind: PositionType,
    balance: [&str; 3],
    gains: [&str; 5],
    unit: [i64; 2],
) -> Body {
    let [premium, shares, interest, fees, unrealised] = gains.map(money);
    let drawdown = (unit[1] - unit[0]) * 1_000_000 / unit[1];
    Body::SleeveClosed(SleeveWeek {
        week,
        sleeve,
        kind,
        start: money(balance[0]),
        flows: money(balance[1]),
        gains: Gains { premium, shares, longs: Money::ZERO, dividends: Money::ZERO, interest, fees, unrealised },
        end: money(balance[2]),
        idle: if sleeve == GEN { money("24069.42") } else { money("85500") },
        unit: unit[0],
        mark: unit[1],
        peak: unit[1],
        drawdown: Ppm(drawdown),
    })
}

pub(super) const ZERO: [&str; 5] = ["0"; 5];
pub(super) const ONE: i64 = 1_000_000_000;

/// The whole journal.
pub(super) fn journal() -> Journal {
    let mut j = Journal { calendar: calendar(), day: day("2024-06-10"), events: Vec::new() };
    j.say(Body::Opened(opened(World::History)));
    j.say(Body::Founded { structure: StructureId(1), parent: None, sleeves: SleeveKinds::ROOT });
    j.say(Body::Deposited { structure: StructureId(1), parts: ["120000", "90000", "90000"].map(money) });
    j.settled().say(Body::WeekClassified { week: W24, classification: classification(), replaces: None }).ended(1);
    j.quiet(&[("2024-06-11", 1), ("2024-06-12", 1)]);
    j.on("2024-06-13").settled().say(Body::Planned(plan()));
    j.say(approved(1, put(), "1.23", "90000")).say(filled(1, put(), "1.23", "3.40", "2024-06-14")).ended(1);
    j.on("2024-06-14").settled().say(viewed(put(), "176", Answer::PrepareAssignment));
    j.say(assigned(put(), "176", "0", "2024-06-17", "0")).ended(3);
    j.say(Body::InterestCredited { sleeve: REV, rate: Ppm(47_000), dollar_days: 630_000, amount: money("8") });
    j.say(Body::Marked(first_marks()));
    j.say(typed(Right::Put, PositionType::PutWithinLimit, ("176", "180", -22_222), "-1388.40", "90000"));
    let gains = ["0", "0", "0", "-3.40", "-1385"];
    let kind = PositionType::PutWithinLimit;
    j.say(closed(W24, GEN, kind, ["0", "120000", "118611.60"], gains, [988_430_000, ONE]));
    let gains = ["0", "0", "8", "0", "0"];
    j.say(closed(W24, REV, PositionType::Idle, ["0", "90000", "90008"], gains, [1_000_088_888, 1_000_088_888]));
    j.say(closed(W24, COM, PositionType::Idle, ["0", "90000", "90000"], ZERO, [ONE, ONE]));
    j.say(Body::WeekEnded { week: W24 });
    second_week(&mut j);
    j
}

fn second_week(j: &mut Journal) {
    j.on("2024-06-17").settled();
    j.say(Body::WeekClassified { week: W25, classification: classification(), replaces: None });
    j.say(Body::Planned(cover())).say(approved(2, call(), "1.50", "0"));
    j.say(filled(2, call(), "1.50", "3.41", "2024-06-18")).ended(1);
    j.quiet(&[("2024-06-18", 2), ("2024-06-20", 1)]);
    j.on("2024-06-21").settled().say(viewed(call(), "190", Answer::PrepareDelivery));
    j.say(assigned(call(), "190", "2.65", "2024-06-24", "177.27")).ended(3);
    j.say(Body::Marked(second_marks()));
    let kind = PositionType::CallAppreciation;
    j.say(typed(Right::Call, kind, ("185", "177.27", 43_606), "5243.94", "88000"));
    let gains = ["0", "3865", "0", "-6.06", "1385"];
    j.say(closed(W25, GEN, kind, ["118611.60", "0", "123855.54"], gains, [1_032_129_499, 1_032_129_499]));
    let unit = [1_000_088_888, 1_000_088_888];
    j.say(closed(W25, REV, PositionType::Idle, ["90008", "0", "90008"], ZERO, unit));
    j.say(closed(W25, COM, PositionType::Idle, ["90000", "0", "90000"], ZERO, [ONE, ONE]));
    j.say(Body::WeekEnded { week: W25 });
}

/// A mark of an option that nobody holds, for sentences.
pub(super) fn option_mark() -> OptionMark {
    OptionMark { series: call(), mid: price("1.55"), ask: price("1.60"), origin: Origin::Modelled }
}
