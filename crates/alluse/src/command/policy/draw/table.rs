//! Decision tables, each filled by asking the rule for every case.

use ledger::SleeveKind;
use market::instrument::{Right, Series, Symbol};
use market::time::{Calendar, Date, Expiration};
use market::value::Price;
use protocol::entry::put_band;
use protocol::expiry::{ExpiryAnswer, answer};
use protocol::guard::{Guard, Intent, guard};
use protocol::policy::unit::{DeltaBand, Ppm};
use protocol::policy::{Policy, WeekClass};
use protocol::position::{PositionType, PutEnd, put_type, shares_type};
use protocol::rule::Rule;
use protocol::week::{Classification, Evidence, Support, Trend, VixState, entry_days, judge, sizing, table};
use report::words;

use super::interval::{Interval, spans};
use super::{Cell, Drawing, Part, Table, Tone, machine};

/// The strike, or basis, that prices are compared with: one unit of price is a tenth of a millionth of it.
const REFERENCE: Price = Price::from_units(10_000_000);
/// Units of price in a millionth of [`REFERENCE`].
const MILLIONTH: i64 = 10;
/// Moves that are asked: from a loss of nearly all to three times the price.
const MOVES: (i64, i64) = (-9_990_000, 20_000_000);
/// A tenth of a percent: no two edges of a rule lie nearer.
const TENTH: usize = 10_000;
/// Symbols, or hundredths of VIX, that stand for a whole: their figures then are shares in millionths.
const WHOLE: i64 = Ppm::WHOLE;

pub(super) fn week(policy: &Policy) -> Drawing {
    let parts =
        vec![classes(policy), responses(policy), trends(policy), volatility(policy), breadth(policy), calm(policy)];
    Drawing {
        title: format!("The market's week, as the policy {} judges and answers it", policy.name),
        intro: "Judged on figures to the close before, at the week's start and again before each later window; within \
                a week only a worse class replaces it (M-5)."
            .to_owned(),
        parts: parts.into_iter().map(Part::Table).collect(),
    }
}

pub(super) fn position(policy: &Policy) -> Drawing {
    let tables =
        [puts(policy), shares(policy), severities(), last_day(policy, Right::Put), last_day(policy, Right::Call)];
    Drawing {
        title: "A position's life, its type of week, and its last day".to_owned(),
        intro: format!("Edges as the policy {} sets them. What is not drawn cannot happen.", policy.name),
        parts: [machine::position()].into_iter().chain(tables.map(Part::Table)).collect(),
    }
}

pub(super) fn order(policy: &Policy) -> Drawing {
    Drawing {
        title: "An order's life, and the guard before it".to_owned(),
        intro: format!("The guard's edges as the policy {} sets them. What is not drawn cannot happen.", policy.name),
        parts: vec![machine::order(), Part::Table(levels(policy)), Part::Table(intents())],
    }
}

fn row(label: impl Into<Cell>, cells: impl IntoIterator<Item = Cell>) -> Vec<Cell> {
    [label.into()].into_iter().chain(cells).collect()
}

fn heads(label: &str, columns: impl IntoIterator<Item = String>) -> Vec<String> {
    [label.to_owned()].into_iter().chain(columns).collect()
}

/// M-4.
fn classes(policy: &Policy) -> Table {
    let cells = |trend, vix| Support::ALL.map(|support| class_cell(table(policy, trend, vix, support)));
    let line = |trend, vix| row(words::trend(trend), row(words::volatility(vix), cells(trend, vix)));
    Table {
        title: "The class of the week".to_owned(),
        rules: vec![Rule::M4],
        heads: heads("trend", heads("VIX", Support::ALL.map(|s| format!("support {}", words::support(s))))),
        labels: 2,
        rows: Trend::ALL.iter().flat_map(|trend| VixState::ALL.map(|vix| line(*trend, vix))).collect(),
    }
}

fn class_cell(class: WeekClass) -> Cell {
    let tone = match class {
        WeekClass::Green => Tone::Good,
        WeekClass::Red => Tone::Bad,
        WeekClass::Chop => Tone::Wary,
    };
    Cell { text: class.to_string(), tone }
}

/// M-6.
fn responses(policy: &Policy) -> Table {
    let each = |of: &dyn Fn(WeekClass) -> String| WeekClass::ALL.iter().map(|c| of(*c).into()).collect::<Vec<Cell>>();
    let mut rows = vec![row("size of new entries", each(&|class| sizing(policy, &judged(policy, class)).to_string()))];
    for kind in SleeveKind::ALL {
        let band = |class| shown(put_band(policy, kind, &judged(policy, class)));
        rows.push(row(format!("{kind}: puts' deltas"), each(&band)));
    }
    for kind in SleeveKind::ALL {
        let days = |class| entry_days(policy, kind, class, class).to_string();
        rows.push(row(format!("{kind}: enters"), each(&days)));
    }
    Table {
        title: "What each class answers, with VIX at its mean".to_owned(),
        rules: vec![Rule::M6, Rule::E1],
        heads: heads("", WeekClass::ALL.iter().map(ToString::to_string)),
        labels: 1,
        rows,
    }
}

fn shown(band: DeltaBand) -> String {
    let points = |d: market::quote::Delta| d.to_string().trim_end_matches(".00").to_owned();
    format!("{} to {}", points(band.low), points(band.high))
}

/// Figures on which nothing leans either way: equal averages, VIX at its mean, every symbol above its average.
fn level_evidence() -> Evidence {
    let as_of = Calendar::nyse().on_or_after(Date::constant(2024, 1, 2)).expect("the calendar has 2024");
    let whole = u32::try_from(WHOLE).unwrap_or(u32::MAX);
    let (close, average, average_before) = (REFERENCE, REFERENCE, REFERENCE);
    Evidence { as_of, close, average, average_before, vix: WHOLE, vix_mean: WHOLE, above: whole, symbols: whole }
}

fn judged(policy: &Policy, class: WeekClass) -> Classification {
    Classification { class, ..judge(policy, level_evidence()) }
}

/// M-1.
fn trends(policy: &Policy) -> Table {
    let unit = Price::from_units(1);
    let beside = [("above", unit), ("at", Price::ZERO), ("below", -unit)];
    let slopes = [("rising", -unit), ("flat", Price::ZERO), ("falling", unit)];
    let trend = |close: Price, before: Price| {
        let e = level_evidence();
        judge(policy, Evidence { close: e.close + close, average_before: e.average + before, ..e }).trend
    };
    let cells = |close| slopes.map(|(_, before)| words::trend(trend(close, before)).into());
    Table {
        title: format!("The trend of {}", policy.universe.index),
        rules: vec![Rule::M1],
        heads: heads("its close", slopes.map(|(name, _)| format!("average {name}"))),
        labels: 1,
        rows: beside.map(|(name, close)| row(format!("{name} its average"), cells(close))).into(),
    }
}

/// A share in millionths, as percent.
fn percent(millionths: i64) -> String {
    words::minus(&Ppm(millionths).to_string())
}

/// A table of one figure's spans.
fn spanned(title: &str, rule: Rule, heads: [&str; 2], rows: impl IntoIterator<Item = (String, Cell)>) -> Table {
    Table {
        title: title.to_owned(),
        rules: vec![rule],
        heads: heads.map(str::to_owned).into(),
        labels: 1,
        rows: rows.into_iter().map(|(label, cell)| row(label, [cell])).collect(),
    }
}

/// M-2.
fn volatility(policy: &Policy) -> Table {
    let found = spans((0, 3 * WHOLE), 1_000, 1, |vix| judge(policy, Evidence { vix, ..level_evidence() }).vix);
    let rows = found.into_iter().map(|(span, state)| (of_mean(&span), words::volatility(state).into()));
    spanned("Volatility", Rule::M2, ["VIX", "it is"], rows)
}

fn of_mean(span: &Interval) -> String {
    span.words("VIX", |x| if x == WHOLE { "its mean".to_owned() } else { format!("{} of its mean", percent(x)) })
}

/// M-3.
fn breadth(policy: &Policy) -> Table {
    let support = |above| {
        let above = u32::try_from(above).unwrap_or(u32::MAX);
        judge(policy, Evidence { above, ..level_evidence() }).support
    };
    let found = spans((0, WHOLE), 1_000, 100, support);
    let rows = found.into_iter().map(|(span, support)| (span.words("share", percent), words::support(support).into()));
    spanned("Support: the share of symbols above their average", Rule::M3, ["share", "it is"], rows)
}

/// M-7.
fn calm(policy: &Policy) -> Table {
    let size = |vix| {
        let evidence = Evidence { vix, ..level_evidence() };
        sizing(policy, &Classification { class: WeekClass::Green, evidence, ..judge(policy, evidence) })
    };
    let rows = spans((0, 20 * WHOLE), TENTH, 1_000, size).into_iter();
    let rows = rows.map(|(span, size)| (of_mean(&span), size.to_string().into()));
    spanned("Size of new entries by VIX; the smaller of this and the class's holds", Rule::M7, ["VIX", "size"], rows)
}

fn kind_cell(kind: PositionType) -> Cell {
    let tone = match kind {
        PositionType::PutExpired | PositionType::CallStrong | PositionType::CallAppreciation => Tone::Good,
        PositionType::PutDeep | PositionType::CallRecovery => Tone::Bad,
        PositionType::Idle => Tone::Plain,
        _ => Tone::Wary,
    };
    Cell { text: kind.to_string(), tone }
}

const fn ended(end: PutEnd) -> &'static str {
    match end {
        PutEnd::Expired => "expired",
        PutEnd::Assigned => "assigned",
        PutEnd::ClosedAtGain => "bought back at a gain",
        PutEnd::ClosedAtLoss => "bought back at a loss",
        PutEnd::Rolled => "rolled",
        PutEnd::Open => "still open",
    }
}

/// W-1 to W-5.
fn puts(policy: &Policy) -> Table {
    let at = |by: i64| REFERENCE + Price::from_units(by);
    let kinds = |by: i64| PutEnd::ALL.map(|end| put_type(policy, end, REFERENCE, at(by), false));
    let found = spans(MOVES, TENTH, MILLIONTH, kinds);
    let deep = |end| put_type(policy, end, REFERENCE, at(MOVES.0), true);
    let line = |(i, end): (usize, &PutEnd)| {
        let beside = found.iter().map(|(_, kinds)| kind_cell(kinds[i]));
        row(ended(*end), beside.chain([kind_cell(deep(*end))]))
    };
    let columns = found.iter().map(|(span, _)| span.words("close", |x| percent(x / MILLIONTH)));
    Table {
        title: "A put's week, by the last close (or any) against its strike".to_owned(),
        rules: vec![Rule::W1, Rule::W2, Rule::W3, Rule::W4, Rule::W5],
        heads: heads("the put", columns.chain([format!("any < {}", percent(policy.types.put_deep.0))])),
        labels: 1,
        rows: PutEnd::ALL.iter().enumerate().map(line).collect(),
    }
}

/// W-6 to W-10.
fn shares(policy: &Policy) -> Table {
    let kind = |by: i64| shares_type(policy, REFERENCE + Price::from_units(by), REFERENCE);
    let line = |(span, kind): (Interval, PositionType)| {
        let cells = [kind_cell(kind), words::position(kind).into()];
        row(span.words("close", |x| percent(x / MILLIONTH)), cells)
    };
    Table {
        title: "Shares' week, by the close against the cash basis".to_owned(),
        rules: vec![Rule::W6, Rule::W7, Rule::W8, Rule::W9, Rule::W10],
        heads: ["close", "type", "which is"].map(str::to_owned).into(),
        labels: 1,
        rows: spans(MOVES, TENTH, MILLIONTH, kind).into_iter().map(line).collect(),
    }
}

/// W-12.
fn severities() -> Table {
    let line = |kind: PositionType| vec![kind_cell(kind), kind.rule().id().into(), words::position(kind).into()];
    Table {
        title: "A sleeve's week is its most severe position's: these come first".to_owned(),
        rules: vec![Rule::W12],
        heads: ["type", "rule", "which is"].map(str::to_owned).into(),
        labels: 0,
        rows: PositionType::ALL.map(line).into(),
    }
}

///
fn last_day(policy: &Policy, right: Right) -> Table {
    let underlying = Symbol::new("ANY").expect("three letters are a symbol");
    let expiration = Expiration(Date::constant(2024, 1, 5));
    let series = Series { underlying, expiration, right, strike: REFERENCE };
    let found = spans(MOVES, TENTH, MILLIONTH, |by| answer(policy, &series, REFERENCE + Price::from_units(by)));
    let rows =
        found.into_iter().map(|(span, answer)| (span.words("price", |x| percent(x / MILLIONTH)), expiry_cell(answer)));
    let title = match right {
        Right::Put => "A put's last day, by the price against its strike",
        Right::Call => "A call's last day, by the price against its strike",
    };
    spanned(title, Rule::X6, ["price", "what is done"], rows)
}

fn expiry_cell(answer: ExpiryAnswer) -> Cell {
    let (text, tone) = match answer {
        ExpiryAnswer::LetExpire => ("let it expire", Tone::Good),
        ExpiryAnswer::PrepareAssignment => ("keep the cash ready to buy the shares", Tone::Wary),
        ExpiryAnswer::RollOrAssign => ("roll it where R-2 allows, else take the shares", Tone::Wary),
        ExpiryAnswer::DeepDrawdown => ("deep drawdown: preserve capital (G-1)", Tone::Bad),
        ExpiryAnswer::PrepareDelivery => ("keep the shares ready to be delivered", Tone::Wary),
    };
    Cell { text: text.to_owned(), tone }
}

const fn guard_name(guard: Guard) -> &'static str {
    match guard {
        Guard::Calm => "calm",
        Guard::Reduce => "reduce",
        Guard::Defend => "defend",
        Guard::Stop => "stop",
    }
}

/// K-3: where the guard stands.
fn levels(policy: &Policy) -> Table {
    let tone = |guard| match guard {
        Guard::Calm => Tone::Good,
        Guard::Reduce | Guard::Defend => Tone::Wary,
        Guard::Stop => Tone::Bad,
    };
    let line = |(span, guard): (Interval, Guard)| {
        let cell = Cell { text: guard_name(guard).to_owned(), tone: tone(guard) };
        row(span.words("VIX", words::vix), [cell, guard.sizing(policy).to_string().into()])
    };
    Table {
        title: "The guard, by VIX".to_owned(),
        rules: vec![Rule::K3],
        heads: ["VIX", "guard", "size left to new entries"].map(str::to_owned).into(),
        labels: 1,
        rows: spans((0, 100_000), 50, 1, |vix| guard(policy, vix)).into_iter().map(line).collect(),
    }
}

const fn intent(intent: Intent) -> &'static str {
    match intent {
        Intent::BuyToClose => "buy an option back",
        Intent::CreditRoll => "roll for a credit",
        Intent::CoverShares => "sell calls on shares",
        Intent::DebitRoll => "roll for a debit",
        Intent::NewPut => "sell a new put",
        Intent::NewLeaps => "buy LEAPS",
        Intent::SellShares => "sell shares",
    }
}

/// K-3: what may be sent.
fn intents() -> Table {
    let sent = |guard: Guard, what| match guard.allows(what) {
        true => Cell { text: "sent".to_owned(), tone: Tone::Good },
        false => Cell { text: "held back".to_owned(), tone: Tone::Bad },
    };
    Table {
        title: "What the guard lets through".to_owned(),
        rules: vec![Rule::K3],
        heads: heads("order", Guard::ALL.map(|g| guard_name(g).to_owned())),
        labels: 1,
        rows: Intent::ALL.map(|what| row(intent(what), Guard::ALL.map(|g| sent(g, what)))).into(),
    }
}
