//! The weekly report (L-1): market week, sleeves against targets, trades with reasons, balances, and what comes next.

use std::collections::BTreeMap;

use engine::event::{Body, Event, SleeveWeek, TypedPosition};
use engine::state::State;
use ledger::SleeveId;
use market::instrument::{Right, Symbol};
use market::order::Side;
use market::time::{TradingDay, Week};
use market::value::{Contracts, Money, Price};
use protocol::plan::{Plan, Verdict};
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;
use protocol::week::Classification;
use serde::Serialize;

use crate::book::{Book, WeekRecord};
use crate::error::ReportError;
use crate::figure::{Amount, Share};
use crate::story::{self, Line};
use crate::tree::{Holding, Short, holdings, shorts};
use crate::{notes, words};

/// One week's statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weekly {
    /// `history`, or `SIMULATED`.
    pub world: String,
    /// The week, `2020-W12`.
    pub week: String,
    /// Its last session.
    pub day: String,
    /// How the market's week was judged (M).
    pub market: MarketWeek,
    /// Each sleeve.
    pub sleeves: Vec<SleeveStatement>,
    /// All sleeves together.
    pub total: Identity,
    /// Trades, expirations and assignments, in their order.
    pub trades: Vec<Trade>,
    /// Candidates that were left and orders that were refused, with their reasons.
    pub left: Vec<String>,
    /// Every position that was open at some time in the week.
    pub positions: Vec<PositionWeek>,
    /// Locks that began or ended, and those that hold.
    pub locks: Vec<String>,
    /// What comes next.
    pub next: Vec<String>,
    /// What must be said beside these figures.
    pub notes: Vec<String>,
}

/// The market's week (M-1 to M-5).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarketWeek {
    /// `green`, `red` or `chop`; absent if the week was not judged.
    pub class: Option<String>,
    /// Distance from another class, 0 to 1 (M-5).
    pub confidence: Option<Share>,
    /// What the class rests on.
    pub evidence: Option<Evidence>,
    /// Each judgement of the week in a sentence, with what it rests on; or why there was none.
    pub sentences: Vec<String>,
}

/// The figures behind a class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The session to whose close they are.
    pub as_of: String,
    /// The index.
    pub index: String,
    /// `bullish`, `bearish` or `sideways` (M-1).
    pub trend: String,
    /// Index close.
    pub close: Amount,
    /// Its moving average.
    pub average: Amount,
    /// That average some sessions earlier.
    pub average_before: Amount,
    /// `low` or `high` (M-2).
    pub volatility: String,
    /// VIX close.
    pub vix: f64,
    /// Mean of VIX over its window.
    pub vix_mean: f64,
    /// `strong`, `mixed` or `broken` (M-3).
    pub support: String,
    /// Symbols above their average.
    pub above: u32,
    /// Symbols looked at.
    pub symbols: u32,
}

/// start + flows + gains = end, with the gains by where they came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Identity {
    /// Equity at the start.
    pub start: Amount,
    /// Deposits less withdrawals.
    pub flows: Amount,
    /// Premium of options that expired or were bought back.
    pub premium: Amount,
    /// Shares that left.
    pub shares: Amount,
    /// Dividends.
    pub dividends: Amount,
    /// Interest on cash, outside premium return.
    pub interest: Amount,
    /// Fees, negative.
    pub fees: Amount,
    /// Change of what open positions are worth above their book value.
    pub unrealised: Amount,
    /// All gains.
    pub gains: Amount,
    /// Equity at the end.
    pub end: Amount,
    /// Gains over start + flows; absent where that is nothing.
    pub earned: Option<Share>,
}

/// One sleeve's week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SleeveStatement {
    /// Its name, `1.Gen`.
    pub sleeve: String,
    /// Its week's type (W-12).
    pub kind: String,
    /// What the type means.
    pub meaning: String,
    /// The identity.
    pub identity: Identity,
    /// The weekly target: shown, never traded on.
    pub target: Share,
    /// The premium that was on offer, see [`offered`]; absent if nothing was quoted.
    pub on_offer: Option<Share>,
    /// Premium sold less premium bought back, before fees.
    pub premium_taken: Amount,
    /// Unit value, 1 at the start, flows removed.
    pub unit: f64,
    /// Fall from the highest weekly close ever.
    pub drawdown: Share,
    /// Fall from the mark that K-2 uses, which restarts (G-2, G-3).
    pub mark_drawdown: Share,
    /// Whether new puts are locked after this close.
    pub locked: bool,
    /// Its balances at the close.
    pub balances: Balances,
}

/// A sleeve's balances at a weekly close.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Balances {
    /// Settled cash.
    pub settled: Amount,
    /// Sales and dividends that have not settled.
    pub receivable: Amount,
    /// Purchases that have not settled.
    pub payable: Amount,
    /// Settled cash that secures puts and orders, or is owed.
    pub reserved: Amount,
    /// Settled cash that was neither reserved nor buffer.
    pub idle: Amount,
    /// Shares at the close.
    pub shares: Amount,
    /// Written options at mid, negative.
    pub options: Amount,
    /// Shares held.
    pub holdings: Vec<Holding>,
    /// Options written.
    pub shorts: Vec<Short>,
}

/// A trade, expiration or assignment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trade {
    /// The day.
    pub day: String,
    /// The sleeve.
    pub sleeve: String,
    /// `sold`, `bought back`, `expired`, `assigned` or `called away`.
    pub what: String,
    /// `TSLA 2024-06-14 $180.00 put`.
    pub series: String,
    /// How many contracts.
    pub contracts: i64,
    /// Premium a share of a trade; the underlying's close of an expiration or assignment.
    pub price: Amount,
    /// Cash in, or out as a negative amount, after fees.
    pub cash: Amount,
    /// Fees.
    pub fees: Amount,
    /// `quoted` or `modelled`; absent where nothing was traded.
    pub origin: Option<String>,
    /// The order, where there was one.
    pub order: Option<String>,
    /// The rules that decided it.
    pub rules: Vec<String>,
    /// Number of its event.
    pub event: u64,
    /// In a trader's words.
    pub sentence: String,
}

/// How a position fared (C-3).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PositionWeek {
    /// The sleeve.
    pub sleeve: String,
    /// Which underlying.
    pub symbol: String,
    /// `put` or `shares`.
    pub what: String,
    /// Its type, `P-AWL`.
    pub kind: String,
    /// The price that was compared.
    pub price: Amount,
    /// What it was compared with: the strike, or the cash basis.
    pub reference: Amount,
    /// price / reference − 1.
    pub change: Share,
    /// Gain of the whole symbol in this sleeve and week.
    pub gain: Amount,
    /// Gain over what the position bound.
    pub earned: Option<Share>,
    /// The authors' range for this type, which decides nothing.
    pub reference_range: (Share, Share),
}

/// The statement of a closed week, of the last one if none is named.
///
/// # Errors
/// [`ReportError::NoClose`] or [`ReportError::NoSuchWeek`].
pub fn weekly(book: &Book<'_>, week: Option<Week>) -> Result<Weekly, ReportError> {
    let record = book.closed_week(week)?;
    let state = book.state_before(record.events.end);
    let day = book.marks(record).map_or_else(String::new, |m| m.day.to_string());
    let lines: Vec<Line> = record.events.clone().flat_map(|place| story::lines(book, place)).collect();
    Ok(Weekly {
        world: words::world(book.opened().world).to_owned(),
        week: record.week.to_string(),
        day,
        market: market_week(book, record),
        sleeves: book.sleeve_weeks(record).iter().map(|w| statement(book, record, &state, w)).collect(),
        total: total(book.sleeve_weeks(record)),
        trades: record.events.clone().filter_map(|place| trade(book, place)).collect(),
        left: left(book, record),
        positions: positions(book, record),
        locks: locks(&state, &lines),
        next: next(&state, record.week),
        notes: notes::of_world(book),
    })
}

impl Identity {
    /// The identity of one sleeve's week.
    #[must_use]
    pub fn of(week: &SleeveWeek) -> Self {
        let g = &week.gains;
        Identity {
            start: week.start.into(),
            flows: week.flows.into(),
            premium: g.premium.into(),
            shares: g.shares.into(),
            dividends: g.dividends.into(),
            interest: g.interest.into(),
            fees: g.fees.into(),
            unrealised: g.unrealised.into(),
            gains: g.total().into(),
            end: week.end.into(),
            earned: Share::of(g.total(), week.start + week.flows),
        }
    }

    /// This identity beside another one of the same span: every part is added, the start and the end too.
    #[must_use]
    pub fn beside(self, other: Identity) -> Self {
        let start = add(self.start, other.start);
        Identity { start, end: add(self.end, other.end), ..self.added(other) }.with_earned()
    }

    /// This identity followed by the one of the span after it: it keeps its start and takes the later end.
    #[must_use]
    pub fn then(self, later: Identity) -> Self {
        Identity { start: self.start, end: later.end, ..self.added(later) }.with_earned()
    }

    fn added(self, other: Identity) -> Self {
        Identity {
            flows: add(self.flows, other.flows),
            premium: add(self.premium, other.premium),
            shares: add(self.shares, other.shares),
            dividends: add(self.dividends, other.dividends),
            interest: add(self.interest, other.interest),
            fees: add(self.fees, other.fees),
            unrealised: add(self.unrealised, other.unrealised),
            gains: add(self.gains, other.gains),
            ..self
        }
    }

    fn with_earned(self) -> Self {
        Identity { earned: Share::of(self.gains.0, self.start.0 + self.flows.0), ..self }
    }

    /// Whether start + flows + the gains' parts = end, to the ten-thousandth.
    #[must_use]
    pub fn holds(&self) -> bool {
        let parts = [self.premium, self.shares, self.dividends, self.interest, self.fees, self.unrealised];
        let gains: Money = parts.iter().map(|a| a.0).sum();
        gains == self.gains.0 && self.start.0 + self.flows.0 + gains == self.end.0
    }
}

fn add(a: Amount, b: Amount) -> Amount {
    Amount(a.0 + b.0)
}

/// All sleeves of one week together.
#[must_use]
pub fn total(weeks: &[SleeveWeek]) -> Identity {
    weeks.iter().map(Identity::of).reduce(Identity::beside).unwrap_or_default()
}

fn market_week(book: &Book<'_>, record: &WeekRecord) -> MarketWeek {
    let mut week = MarketWeek { class: None, confidence: None, evidence: None, sentences: Vec::new() };
    for place in record.events.clone() {
        match &book.events[place].body {
            Body::WeekClassified { classification, .. } => {
                week.class = Some(classification.class.to_string());
                week.confidence = Some(classification.confidence.into());
                week.evidence = Some(evidence(book.policy(), classification));
            }
            Body::WeekUnclassified { .. } => {}
            _ => continue,
        }
        week.sentences.extend(story::lines(book, place).into_iter().map(|line| line.text));
    }
    week
}

fn evidence(policy: &Policy, class: &Classification) -> Evidence {
    let e = &class.evidence;
    Evidence {
        as_of: e.as_of.to_string(),
        index: policy.universe.index.to_string(),
        trend: words::trend(class.trend).to_owned(),
        close: e.close.into(),
        average: e.average.into(),
        average_before: e.average_before.into(),
        volatility: words::volatility(class.vix).to_owned(),
        vix: e.vix as f64 / 100.0,
        vix_mean: e.vix_mean as f64 / 100.0,
        support: words::support(class.support).to_owned(),
        above: e.above,
        symbols: e.symbols,
    }
}

fn statement(book: &Book<'_>, record: &WeekRecord, state: &State, week: &SleeveWeek) -> SleeveStatement {
    let policy = book.policy();
    let events = &book.events[record.events.clone()];
    SleeveStatement {
        sleeve: week.sleeve.to_string(),
        kind: week.kind.to_string(),
        meaning: words::position(week.kind).to_owned(),
        identity: Identity::of(week),
        target: policy.target.of(week.sleeve.kind).into(),
        on_offer: offered(events, week.sleeve),
        premium_taken: premium(events, week.sleeve).into(),
        unit: week.unit as f64 / engine::sleeve::UNIT as f64,
        drawdown: fall(week.unit, week.peak),
        mark_drawdown: week.drawdown.into(),
        locked: state.sleeve(week.sleeve).is_some_and(|s| s.lock.is_some()),
        balances: balances(state, week),
    }
}

/// 1 − unit / peak.
pub(crate) fn fall(unit: i64, peak: i64) -> Share {
    Share(if peak > 0 { 1.0 - unit as f64 / peak as f64 } else { 0.0 })
}

/// The premium that was on offer to a sleeve in a week: for each symbol and right the last candidate of the week's
/// plans that had a quote, its bid over the strike for a put, over the share's price for a call; of these the mean. It is
/// what the sleeve's equity would have earned before fees had all of it been put to work at these bids, in equal parts,
/// and had nothing been assigned. Candidates that a gate refused count: their bid was on offer too.
#[must_use]
pub fn offered(events: &[Event], sleeve: SleeveId) -> Option<Share> {
    let mut bids: BTreeMap<(Symbol, Right), f64> = BTreeMap::new();
    for plan in events.iter().filter_map(|event| plan_of(event, sleeve)) {
        for (candidate, seen) in plan.candidates.iter().filter_map(|c| c.seen.map(|s| (c, s))) {
            let whole = if seen.series.right == Right::Put { seen.series.strike } else { candidate.price };
            if whole > Price::ZERO {
                bids.insert((candidate.symbol, seen.series.right), seen.bid.units() as f64 / whole.units() as f64);
            }
        }
    }
    crate::measure::mean(&bids.into_values().collect::<Vec<_>>()).map(Share)
}

fn plan_of(event: &Event, sleeve: SleeveId) -> Option<&Plan> {
    match &event.body {
        Body::Planned(plan) if plan.sleeve == sleeve => Some(plan),
        _ => None,
    }
}

/// Premium sold less premium bought back by a sleeve, before fees.
#[must_use]
pub fn premium(events: &[Event], sleeve: SleeveId) -> Money {
    let fills = events.iter().filter_map(|event| match &event.body {
        Body::Filled { sleeve: of, side, fill, .. } if *of == sleeve => {
            let premium = fill.price.of_contracts(fill.quantity);
            Some(if *side == Side::Sell { premium } else { -premium })
        }
        _ => None,
    });
    fills.sum()
}

fn balances(state: &State, week: &SleeveWeek) -> Balances {
    let id = week.sleeve;
    let book = state.ledger.balance(id);
    let held = holdings(state, id);
    let mid = |series| state.marks.as_ref().and_then(|m| m.mid(series)).unwrap_or(Price::ZERO);
    let options: Money = state.ledger.written(id).iter().map(|w| -mid(&w.series).of_contracts(w.contracts)).sum();
    Balances {
        settled: book.settled.into(),
        receivable: (book.receivable + book.dividends_receivable).into(),
        payable: book.payable.into(),
        reserved: book.reserved.into(),
        idle: week.idle.into(),
        shares: held.iter().filter_map(|h| h.value).map(|v| v.0).sum::<Money>().into(),
        options: options.into(),
        holdings: held,
        shorts: shorts(state, id),
    }
}

/// The trade, expiration or assignment at `place`, if there is one.
#[must_use]
pub fn trade(book: &Book<'_>, place: usize) -> Option<Trade> {
    let blank = |sleeve: SleeveId, what: &str, series: &market::instrument::Series, contracts: Contracts| {
        let line = story::lines(book, place).into_iter().next()?;
        Some(Trade {
            day: book.day(place).to_string(),
            sleeve: sleeve.to_string(),
            what: what.to_owned(),
            series: series.to_string(),
            contracts: contracts.0,
            price: Amount::default(),
            cash: Amount::default(),
            fees: Amount::default(),
            origin: None,
            order: None,
            rules: line.rules.iter().map(|r| r.id().to_owned()).collect(),
            event: place as u64 + 1,
            sentence: line.text,
        })
    };
    match &book.events[place].body {
        Body::Filled { sleeve, series, side, fill, .. } => {
            let premium = fill.price.of_contracts(fill.quantity);
            let (what, cash) = match side {
                Side::Sell => ("sold", premium - fill.fees),
                Side::Buy => ("bought back", -(premium + fill.fees)),
            };
            Some(Trade {
                price: fill.price.into(),
                cash: cash.into(),
                fees: fill.fees.into(),
                origin: Some(words::origin(fill.origin).to_owned()),
                order: Some(fill.order.to_string()),
                ..blank(*sleeve, what, series, fill.quantity)?
            })
        }
        Body::Expired { sleeve, series, contracts, close } => {
            Some(Trade { price: (*close).into(), ..blank(*sleeve, "expired", series, *contracts)? })
        }
        Body::Assigned { sleeve, series, contracts, close, fees, .. } => {
            let value = series.strike.of_contracts(*contracts);
            let (what, cash) = match series.right {
                Right::Put => ("assigned", -(value + *fees)),
                Right::Call => ("called away", value - *fees),
            };
            let trade = blank(*sleeve, what, series, *contracts)?;
            Some(Trade { price: (*close).into(), cash: cash.into(), fees: (*fees).into(), ..trade })
        }
        _ => None,
    }
}

/// Every candidate that was left and every order that was refused, as sentences with their rules.
fn left(book: &Book<'_>, record: &WeekRecord) -> Vec<String> {
    let places = record.events.clone().filter(|place| match &book.events[*place].body {
        Body::Planned(plan) => plan.candidates.iter().any(|c| matches!(c.verdict, Verdict::Leave(_))),
        Body::OrderRefused { .. } | Body::OrderEnded { .. } => true,
        _ => false,
    });
    let lines = places.flat_map(|place| story::lines(book, place));
    lines.filter(|line| line.symbol.is_some()).map(|line| line.to_string()).collect()
}

fn positions(book: &Book<'_>, record: &WeekRecord) -> Vec<PositionWeek> {
    let typed = book.events[record.events.clone()].iter().filter_map(|event| match &event.body {
        Body::PositionTyped(typed) => Some(position(book.policy(), typed)),
        _ => None,
    });
    typed.collect()
}

fn position(policy: &Policy, typed: &TypedPosition) -> PositionWeek {
    let (low, high) = reference(policy, typed.kind);
    PositionWeek {
        sleeve: typed.sleeve.to_string(),
        symbol: typed.symbol.to_string(),
        what: if typed.right == Right::Put { "put" } else { "shares" }.to_owned(),
        kind: typed.kind.to_string(),
        price: typed.price.into(),
        reference: typed.reference.into(),
        change: typed.change.into(),
        gain: typed.gain.into(),
        earned: Share::of(typed.gain, typed.capital),
        reference_range: (low.into(), high.into()),
    }
}

/// The authors' range of weekly returns for a type (W).
#[must_use]
pub fn reference(policy: &Policy, kind: PositionType) -> (Ppm, Ppm) {
    let r = &policy.reference;
    let span = match kind {
        PositionType::PutExpired => r.p_ew,
        PositionType::PutWithinLimit => r.p_awl,
        PositionType::PutRolled => r.p_ro,
        PositionType::PutOverLimit => r.p_aol,
        PositionType::PutDeep => r.p_dd,
        PositionType::CallAppreciation => r.c_wap,
        PositionType::CallStrong => r.c_wap_plus,
        PositionType::CallPremium => r.c_pno,
        PositionType::CallRolled => r.c_ro,
        PositionType::CallRecovery => r.c_rec,
        PositionType::Idle => r.w_idl,
    };
    (span.low, span.high)
}

fn locks(state: &State, lines: &[Line]) -> Vec<String> {
    let changed = lines.iter().filter(|l| l.text.contains("locked for new puts")).map(ToString::to_string);
    let held = state.sleeves.iter().filter_map(|s| {
        let lock = s.lock?;
        let weeks = lock.weeks;
        Some(format!("{} is locked for new puts since {} ({weeks} weeks) [K-2]", words::sleeve(s.id), lock.since))
    });
    changed.chain(held).collect()
}

/// What comes next: open options by expiration, shares without a call, sleeves without an entry.
fn next(state: &State, week: Week) -> Vec<String> {
    let mut next = Vec::new();
    let after = state.calendar.week_after(week);
    let days: &[TradingDay] = state.calendar.sessions(after);
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        next.push(format!("{after} has {} sessions, {first} to {last}; it is judged on {first} (M-4)", days.len()));
    }
    for sleeve in &state.sleeves {
        let name = words::sleeve(sleeve.id);
        let mut open: Vec<ledger::view::Short> = state.ledger.shorts(sleeve.id).collect();
        open.sort_by_key(|s| (s.series.expiration, s.series));
        for short in open {
            let expiration = short.series.expiration;
            next.push(format!(
                "{name}: {} end on {expiration} (X-6)",
                words::lots_today(short.contracts, &short.series)
            ));
        }
        for (symbol, _) in state.ledger.holdings(sleeve.id) {
            let shares = state.ledger.uncovered_shares(sleeve.id, symbol);
            let hundreds = shares.whole_contracts();
            if hundreds > Contracts(0) {
                let calls = words::plural(hundreds.0, "a call", "calls");
                next.push(format!(
                    "{name}: {} shares of {symbol} without a call; {calls} at the next session (E-8)",
                    shares.0
                ));
            } else if shares.0 > 0 {
                next.push(format!("{name}: {} odd shares of {symbol}, held (E-8)", shares.0));
            }
        }
        if sleeve.lock.is_some() {
            next.push(format!("{name}: no new puts while it is locked (K-2)"));
        }
    }
    next
}
