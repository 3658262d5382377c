//! Four weeks more of the journal written by hand: a put is sold and rolled, income is booked, money goes to the tax
//! reserve, a structure is forked and merged, the owner takes some out.
//!
//! Week 26: Rev sells two AAPL $205 puts at $1.00 and rolls them to $200, buying back at $2.00 and selling at $2.20.
//! Gen books a profit of $3,855.54, of which $1,156.66 goes to the tax reserve. Week 27: the puts expire; Gen forks
//! half of its surplus of $2,698.88. Week 28: structure 2 merges into Com. Week 29: the owner takes $100.00 out of Gen.

use engine::event::{Body, OptionMark, ReserveWeek};
use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series};
use market::order::{Fill, Order, Sold, Trade};
use market::quote::{Delta, Origin};
use market::time::{Expiration, Week};
use market::value::{Contracts, Money};
use protocol::growth::{Division, ForkWait};
use protocol::income::{ProfitAccount, WeekIncome};
use protocol::manage::{Answer, Note, Review};
use protocol::policy::unit::{Multiple, Ppm};
use protocol::position::PositionType;
use protocol::roll::{NoDebit, Refusal, Roll, RollKind, RollSearch};
use protocol::rule::Rule;

use super::sample::*;

pub(super) const TWO: StructureId = StructureId(2);
pub(super) const TWO_GEN: SleeveId = SleeveId::new(TWO, SleeveKind::Generation);
pub(super) const TWO_COM: SleeveId = SleeveId::new(TWO, SleeveKind::Compounding);

const GEN_UNIT: [i64; 2] = [1_032_129_499, 1_032_129_499];
const REV_UNIT: [i64; 2] = [999_375_554, 1_000_088_888];

fn week(number: i8) -> Week {
    Week { year: 2024, number }
}

fn aapl(expiration: &str, strike: &str) -> Series {
    let expiration = Expiration(date(expiration));
    Series { underlying: symbol("AAPL"), expiration, right: Right::Put, strike: price(strike) }
}

pub(super) fn sold() -> Series {
    aapl("2024-06-28", "205")
}

pub(super) fn rolled() -> Series {
    aapl("2024-07-05", "200")
}

/// Two AAPL puts, 1.25 ATR against them, with a roll to $200 in the week after.
pub(super) fn looked() -> Review {
    let to = seen(rolled(), "2.20", "2.30", 3_920);
    let roll = Roll {
        to,
        buy: price("2.00"),
        sell: price("2.20"),
        fees: money("1.40"),
        net: price("0.186"),
        kind: RollKind::Credit,
        combined: true,
    };
    let refusal = Refusal::TooLittle {
        strike: price("205"),
        net: price("0.01"),
        least: price("0.05"),
        debit: NoDebit::OutsideBand { band: (Delta::points(30), Delta::points(40)) },
    };
    let tried = vec![(Expiration(date("2024-07-03")), Err(refusal)), (rolled().expiration, Ok(roll))];
    Review {
        series: sold(),
        contracts: Contracts(2),
        price: Some(price("204")),
        seen: Some(seen(sold(), "1.90", "2.00", 5_210)),
        atr: Some(price("4")),
        adverse: Some(Multiple(1_250)),
        captured: Some(Ppm(-1_000_000)),
        sessions_left: 2,
        expiry: None,
        answer: Answer::ProposeRoll(roll),
        decided: Some(Rule::X3),
        notes: vec![Note::CheapNotExercised],
        rules: vec![Rule::K6, Rule::K3, Rule::X7, Rule::X8, Rule::X4, Rule::X3],
        roll: Some(RollSearch { barred: None, tried, earnings_unknown: true, best: Some(roll) }),
    }
}

fn approved(sequence: u64, trade: Trade, limit: &str, rule: Rule, reserve: &str) -> Body {
    Body::OrderApproved {
        sleeve: REV,
        order: Order { id: order_id(sequence), trade, limit: price(limit) },
        rule,
        reserve: money(reserve),
        underlying: price("209"),
        atr: Some(price("4.00")),
        delta: Some(Delta(3_610)),
    }
}

fn filled(sequence: u64, trade: Trade, at: &str, sold: Option<Sold>, settles: &str) -> Body {
    let fees = money("1.40");
    let fill = Fill { order: order_id(sequence), units: 2, price: price(at), fees, sold, origin: Origin::Modelled };
    Body::Filled { sleeve: REV, trade, fill, settles: date(settles) }
}

/// Gen's surplus after the tax reserve took its part, divided.
pub(super) fn division() -> Division {
    Division {
        surplus: money("2698.88"),
        stays: money("1349.44"),
        moves: money("1349.44"),
        generation: money("674.72"),
        compounding: money("674.72"),
    }
}

/// A sleeve's week: (start, flows, end), gains as [`closed`] takes them, unit and mark.
type Row = (SleeveId, [&'static str; 3], [&'static str; 5], [i64; 2]);

/// A weekly close: its marks and each sleeve's week.
fn close(j: &mut Journal, number: i8, last: &str, rows: &[Row]) {
    let closes = [("AAPL", "210"), ("AMZN", "189"), ("MSFT", "440"), ("NVDA", "13"), ("TSLA", "190")];
    let mut marks = marks(week(number), last, &closes, ("540", "0"), ("13", 1), 52_000);
    if number == 26 {
        let mid = price("1.50");
        marks.options.push(OptionMark { series: rolled(), mid, ask: price("1.55"), origin: Origin::Modelled });
    }
    j.say(Body::Marked(marks));
    for (sleeve, balance, gains, unit) in rows {
        j.say(closed(week(number), *sleeve, PositionType::Idle, *balance, *gains, *unit));
    }
}

/// The whole journal.
pub(super) fn forest() -> Journal {
    let mut j = journal();
    week_of_the_roll(&mut j);
    week_of_the_fork(&mut j);
    week_of_the_merge(&mut j);
    last_week(&mut j);
    j
}

fn week_of_the_roll(j: &mut Journal) {
    let first = Trade::write(sold(), Contracts(2));
    let roll = Trade::Roll { close: sold(), open: rolled(), contracts: Contracts(2) };
    j.on("2024-06-24").settled().say(approved(3, first, "1.00", Rule::E5, "41000"));
    j.say(filled(3, first, "1.00", None, "2024-06-25")).ended(1).quiet(&[("2024-06-25", 1)]);
    j.on("2024-06-26").settled().say(Body::Reviewed { sleeve: REV, review: Box::new(looked()) });
    let again = Sold { price: price("2.20"), fees: money("1.40") };
    j.say(approved(4, roll, "0.20", Rule::X3, "0")).say(filled(4, roll, "2.00", Some(again), "2024-06-27")).ended(1);
    j.quiet(&[("2024-06-27", 1), ("2024-06-28", 3)]);
    let rows = [
        (GEN, ["123855.54", "0", "123855.54"], ZERO, GEN_UNIT),
        (REV, ["90008", "0", "89943.80"], ["-200", "0", "0", "-4.20", "140"], REV_UNIT),
        (COM, ["90000", "0", "90000"], ZERO, [ONE, ONE]),
    ];
    close(j, 26, "2024-06-28", &rows);
    let account = ProfitAccount {
        year: 2024,
        realised: money("3855.54"),
        reserved: money("1156.66"),
        deficit: Money::ZERO,
        income: money("2159.10"),
        growth: money("539.78"),
    };
    let income = WeekIncome {
        realised: money("3855.54"),
        reserve: money("1156.66"),
        made_up: Money::ZERO,
        income: money("2159.10"),
        growth: money("539.78"),
        account,
    };
    j.say(Body::IncomeBooked { sleeve: GEN, income, moved: money("1156.66") });
    let contract = ForkWait::Contract { kind: SleeveKind::Generation, cost: money("1900"), covers: money("640.984") };
    j.say(Body::ForkDue {
        sleeve: GEN,
        division: division(),
        waits: vec![contract],
        reserves: Money::ZERO,
        needs: money("5301.12"),
    });
    j.say(Body::WeekEnded { week: week(26) });
}

fn week_of_the_fork(j: &mut Journal) {
    j.quiet(&[("2024-07-01", 1), ("2024-07-02", 1), ("2024-07-03", 2)]).on("2024-07-05").settled();
    j.say(Body::Expired { sleeve: REV, series: rolled(), contracts: Contracts(2), close: price("210") }).ended(3);
    let rows = [
        (GEN, ["123855.54", "-1156.66", "122698.88"], ZERO, GEN_UNIT),
        (REV, ["89943.80", "0", "90243.80"], ["440", "0", "0", "0", "-140"], [1_002_708_887, 1_002_708_887]),
        (COM, ["90000", "0", "90000"], ZERO, [ONE, ONE]),
    ];
    close(j, 27, "2024-07-05", &rows);
    reserve(j, "0", "1156.66");
    j.say(Body::Forked { from: GEN, structure: TWO, division: division(), base: money("121349.44") });
    j.say(Body::WeekEnded { week: week(27) });
}

fn reserve(j: &mut Journal, start: &str, flows: &str) {
    let week = ReserveWeek {
        start: money(start),
        flows: money(flows),
        interest: Money::ZERO,
        end: money(start) + money(flows),
    };
    j.say(Body::ReserveClosed { structure: StructureId(1), week });
}

fn week_of_the_merge(j: &mut Journal) {
    j.quiet(&[("2024-07-08", 1), ("2024-07-09", 1), ("2024-07-10", 1), ("2024-07-11", 1), ("2024-07-12", 3)]);
    let part = money("674.72");
    let rows = [
        (GEN, ["122698.88", "-1349.44", "121349.44"], ZERO, GEN_UNIT),
        (REV, ["90243.80", "0", "90243.80"], ZERO, [1_002_708_887, 1_002_708_887]),
        (COM, ["90000", "0", "90000"], ZERO, [ONE, ONE]),
        (TWO_GEN, ["0", "674.72", "674.72"], ZERO, [ONE, ONE]),
        (TWO_COM, ["0", "674.72", "674.72"], ZERO, [ONE, ONE]),
    ];
    close(j, 28, "2024-07-12", &rows);
    reserve(j, "1156.66", "0");
    j.say(Body::MergeStarted { structure: TWO, total: money("1349.44") });
    j.say(Body::Merged { structure: TWO, into: COM, values: vec![(TWO_GEN, part), (TWO_COM, part)] });
    j.say(Body::WeekEnded { week: week(28) });
}

fn last_week(j: &mut Journal) {
    j.on("2024-07-15").settled().say(Body::Withdrawn { sleeve: GEN, amount: money("100") }).ended(1);
    j.quiet(&[("2024-07-16", 1), ("2024-07-17", 1), ("2024-07-18", 1), ("2024-07-19", 3)]);
    let rows = [
        (GEN, ["121349.44", "-100", "121249.44"], ZERO, GEN_UNIT),
        (REV, ["90243.80", "0", "90243.80"], ZERO, [1_002_708_887, 1_002_708_887]),
        (COM, ["90000", "1349.44", "91349.44"], ZERO, [ONE, ONE]),
    ];
    close(j, 29, "2024-07-19", &rows);
    reserve(j, "1156.66", "0");
    j.say(Body::WeekEnded { week: week(29) });
}
