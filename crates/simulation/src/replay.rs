//! The whole protocol on one history: the loop that runs live, with a simulated broker at its port.

use std::sync::Arc;

use engine::decide::ROOT;
use engine::event::{Opened, Variant, World};
use engine::sleeve::UNIT;
use engine::{Chain, Engine, Input, State};
use ledger::PortfolioId;
use market::climate::{Spans, Tape};
use market::history::History;
use market::instrument::{Series, Symbol};
use market::quote::QuotedChains;
use market::time::{Calendar, Date, TradingDay, Week};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::unit::Ppm;
use protocol::policy::{FillAt, Policy};
use runtime::{Commit, Loop, MemoryStore, Store};

use crate::broker::SimulatedBroker;
use crate::chain::{ChainModel, Liquidity};
use crate::feed::HistoryFeed;
use crate::people::Human;

/// Events in one row of a replay's journal: large enough that hashing dominates, small enough to name a damaged place.
const BATCH: usize = 1024;

/// One run of the protocol.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// Prices.
    pub history: &'a History,
    /// Every number.
    pub policy: &'a Policy,
    /// How premiums are modelled where none were quoted.
    pub premium: &'a PremiumModel,
    /// The model's text, for the journal.
    pub premium_text: &'a str,
    /// First day; the history's second session if absent.
    pub from: Option<Date>,
    /// Last day; the history's last complete week if absent.
    pub to: Option<Date>,
    /// What the owner pays in at the start.
    pub deposit: Money,
    /// What people do later, at the opening of its day, rising by day; empty where nobody does anything.
    pub script: &'a [(Date, Input<'a>)],
    /// How much the options of a symbol trade; empty where nothing is known of it (E-6's gates are not testable then).
    pub liquidity: &'a [(Symbol, Liquidity)],
    /// What somebody quoted; where that says nothing, premiums are modelled.
    pub quotes: Option<&'a QuotedChains>,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The engine's state at the end.
    pub state: State,
    /// Digest and chain of the journal.
    pub chain: Chain,
    /// First session.
    pub first: TradingDay,
    /// Last session.
    pub last: TradingDay,
    /// Equity of all sleeves and cash of all tax reserves at the last weekly close.
    pub equity: Money,
    /// Time-weighted return in parts per million, from the weekly close before the first classified week.
    pub twr: i64,
    /// Largest fall of a weekly close from the highest before, over the same weeks.
    pub drawdown: Ppm,
}

/// Why a run cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A symbol that the policy needs has no bars.
    #[error("{0} has no bars in {1}; the policy trades it or judges the week by it")]
    MissingSymbol(Symbol, String),
    /// The volatility index is missing.
    #[error("{0} has no VIX closes; no week can be judged and no premium modelled")]
    MissingVix(String),
    /// No complete week between the dates.
    #[error("there is no complete week of sessions from {from} to {to}; the history runs from {first} to {last}")]
    NoSessions {
        /// First day asked for.
        from: Date,
        /// Last day asked for.
        to: Date,
        /// First session at hand.
        first: Date,
        /// Last session at hand.
        last: Date,
    },
    /// The run begins before splits are known.
    #[error("the run would begin on {from}, but splits are only complete since {since} (data.splits_complete_since)")]
    SplitsUnknown {
        /// First day.
        from: Date,
        /// From when splits are known.
        since: Date,
    },
    /// Fees are not known for some day of the run.
    #[error("the run would go from {from} to {to}, but fees are known from {known_from} to {known_to} (section fees)")]
    FeesUnknown {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// First day of the fee table.
        known_from: Date,
        /// Last day of the fee table.
        known_to: Date,
    },
    /// A weekly close cannot mark an open option: volatility, rate or the underlying's bar is missing around that day.
    #[error(
        "{series} is open at the weekly close of {day}, and {history} has nothing to price it by; expected VIX, a \
         Treasury yield and a bar of {} within seven days before", series.underlying
    )]
    Unpriced {
        /// The option.
        series: Series,
        /// The session.
        day: Date,
        /// The history.
        history: String,
    },
    /// A deposit that is not above zero.
    #[error("the deposit is {0}; expected more than zero")]
    Deposit(Money),
    /// The journal could not be written.
    #[error("the journal could not be written: {0}")]
    Store(String),
}

pub(crate) fn spans(policy: &Policy) -> Spans {
    Spans {
        trend_average: policy.week.trend_average as usize,
        trend_lookback: policy.week.trend_lag as usize,
        vix_mean: policy.week.vix_window as usize,
        support_average: policy.week.support_average as usize,
        atr: policy.exit.atr as usize,
        atr_bars: policy.data.warmup_atr_bars,
        earnings_expected: (policy.gate.earnings_expected.low, policy.gate.earnings_expected.high),
    }
}

impl Run<'_> {
    fn tape(&self, calendar: &Calendar) -> Result<Tape, ReplayError> {
        let source = || self.history.source.clone();
        if self.history.volatility.is_empty() {
            return Err(ReplayError::MissingVix(source()));
        }
        let universe = self.policy.universe.all();
        Tape::new(self.history, self.policy.universe.index, &universe, calendar, &spans(self.policy))
            .map_err(|missing| ReplayError::MissingSymbol(missing.symbol, source()))
    }

    /// The sessions of the run as a range of the tape: whole weeks at the end.
    fn range(&self, tape: &Tape, calendar: &Calendar) -> Result<(usize, usize), ReplayError> {
        let days = tape.days();
        let (first, last) =
            (days.first().map_or(Date::ZERO, |d| d.date()), days.last().map_or(Date::ZERO, |d| d.date()));
        let (from, to) = (self.from.unwrap_or(first), self.to.unwrap_or(last));
        let begin = days.partition_point(|d| d.date() < from);
        let mut end = days.partition_point(|d| d.date() <= to);
        while end > begin && !calendar.is_last_of_week(days[end - 1]) {
            end -= 1;
        }
        if begin >= end {
            return Err(ReplayError::NoSessions { from, to, first, last });
        }
        Ok((begin, end))
    }

    fn check(&self, first: Date, last: Date) -> Result<(), ReplayError> {
        let since = self.policy.data.splits_complete_since.max(self.history.splits_complete_since);
        if first < since {
            return Err(ReplayError::SplitsUnknown { from: first, since });
        }
        let (known_from, known_to) = (self.policy.fees.known_from(), self.policy.fees.known_through);
        if first < known_from || last > known_to {
            return Err(ReplayError::FeesUnknown { from: first, to: last, known_from, known_to });
        }
        if !self.deposit.is_positive() {
            return Err(ReplayError::Deposit(self.deposit));
        }
        Ok(())
    }

    fn opened(&self, people: bool) -> Opened {
        Opened {
            portfolio: PortfolioId(1),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema: engine::codec::SCHEMA,
            world: if self.history.simulated { World::Simulated } else { World::History },
            source: match self.quotes {
                Some(quotes) => format!("{}; option quotes of {}", self.history.source, quotes.source),
                None => self.history.source.clone(),
            },
            policy: self.policy.to_toml(),
            premium_model: self.premium_text.to_owned(),
            people,
        }
    }
}

/// Runs the protocol; `progress` hears (sessions done, sessions in all).
///
/// # Errors
/// [`ReplayError`] if data, dates or fees do not allow the run, or the store failed.
pub fn replay<S: Store>(
    run: &Run<'_>,
    calendar: &Arc<Calendar>,
    store: S,
    progress: impl FnMut(usize, usize),
) -> Result<(Outcome, S), ReplayError> {
    replay_asking(run, None, calendar, store, progress)
}

/// The same with events made durable as a live loop makes them: those of each input before anything is sent.
///
/// # Errors
/// As [`replay`].
pub fn replay_durably<S: Store>(
    run: &Run<'_>,
    calendar: &Arc<Calendar>,
    store: S,
    progress: impl FnMut(usize, usize),
) -> Result<(Outcome, S), ReplayError> {
    replay_in(run, None, Commit::EachInput, calendar, store, progress)
}

/// The same where a human is asked at the levels of the policy; nobody where the run decides by itself (H-1).
///
/// # Errors
/// As [`replay`].
pub fn replay_asking<S: Store>(
    run: &Run<'_>,
    human: Option<&Human>,
    calendar: &Arc<Calendar>,
    store: S,
    progress: impl FnMut(usize, usize),
) -> Result<(Outcome, S), ReplayError> {
    replay_in(run, human, Commit::Batches(BATCH), calendar, store, progress)
}

fn replay_in<S: Store>(
    run: &Run<'_>,
    human: Option<&Human>,
    commit: Commit,
    calendar: &Arc<Calendar>,
    store: S,
    mut progress: impl FnMut(usize, usize),
) -> Result<(Outcome, S), ReplayError> {
    let tape = run.tape(calendar)?;
    let (begin, end) = run.range(&tape, calendar)?;
    let (first, last) = (tape.days()[begin], tape.days()[end - 1]);
    run.check(first.date(), last.date())?;
    let mut benchmarks = run.policy.universe.all();
    if !benchmarks.contains(&run.policy.universe.index) {
        benchmarks.push(run.policy.universe.index);
        benchmarks.sort_unstable();
    }
    let chains = ChainModel::new(run.history, calendar, run.policy, run.premium, run.liquidity).quoting(run.quotes);
    let mut feed = HistoryFeed::new(run.history, calendar, &tape, chains, benchmarks, (begin, end), run.script)
        .expect("the range was checked to hold a session")
        .asking(human);
    let mut broker = SimulatedBroker::new(run.policy, calendar);
    let opened = run.opened(human.is_some());
    let chain = Chain::new(opened.portfolio.0);
    let engine = Engine::new(Arc::clone(calendar), run.policy.clone());
    let mut world = Loop::new(engine, chain, store, commit);
    let stopped = |e: runtime::Stopped<S::Error>| ReplayError::Store(e.0.to_string());
    let start = calendar.opens_at(first);
    world.take(start, &Input::Open(opened), &mut broker).map_err(stopped)?;
    let deposit = Input::Deposit { structure: ROOT, amount: run.deposit, parts: None };
    world.take(start, &deposit, &mut broker).map_err(stopped)?;

    let (mut done, mut track) = (0, Track::new());
    let hear = |engine: &Engine| {
        done += 1;
        progress(done, end - begin);
        track.hear(engine.state());
    };
    world.run(&mut feed, &mut broker, hear).map_err(stopped)?;
    if let Some((series, day)) = feed.unpriced() {
        return Err(ReplayError::Unpriced { series, day: day.date(), history: run.history.source.clone() });
    }
    let (engine, chain, store) = world.finish().map_err(stopped)?;
    let state = engine.state().clone();
    let equity = state.owner_equity();
    let (twr, drawdown) = (track.unit - UNIT, Ppm(track.drawdown));
    let twr = twr / (UNIT / Ppm::WHOLE);
    Ok((Outcome { state, chain, first, last, equity, twr, drawdown }, store))
}

/// The whole portfolio week by week, time-weighted: sleeves and tax reserves together, flows taken in at the start of
/// their week.
struct Track {
    week: Option<Week>,
    before: Money,
    unit: i64,
    peak: i64,
    drawdown: i64,
}

impl Track {
    const fn new() -> Self {
        Track { week: None, before: Money::ZERO, unit: UNIT, peak: UNIT, drawdown: 0 }
    }

    fn hear(&mut self, state: &State) {
        if state.last_close.is_none() || state.last_close == self.week {
            return;
        }
        let is_first = self.week.is_none();
        self.week = state.last_close;
        let (start, end) = (self.before + state.paid_before, state.owner_equity());
        // Comparisons start with the first classified week (M), at the weekly close before it.
        if !is_first && state.week.is_some() && start.is_positive() {
            let unit = i128::from(self.unit) * i128::from(end.units()) / i128::from(start.units());
            self.unit = i64::try_from(unit).unwrap_or(i64::MAX);
        }
        self.before = end;
        self.peak = self.peak.max(self.unit);
        let fall = i128::from(self.peak - self.unit) * i128::from(Ppm::WHOLE) / i128::from(self.peak.max(1));
        self.drawdown = self.drawdown.max(i64::try_from(fall).unwrap_or(i64::MAX));
    }
}
/// The same run under the assumptions that every report must show beside it (E-9, A-5): at mid, with modelled premiums
/// lower and higher, on the control universe, by the founding document's letter, and, where quotes were at hand,
/// without them. Variants whose symbols the history lacks are left out, with the error that says why.
pub fn variants(run: &Run<'_>, calendar: &Arc<Calendar>) -> Vec<(String, Result<Variant, ReplayError>)> {
    let policy = run.policy;
    let scaled = |by: i64| {
        let mut scaled = policy.clone();
        scaled.replay.premium_scale = Ppm(Ppm::WHOLE + by * policy.replay.sensitivity.0);
        scaled
    };
    let mut mid = policy.clone();
    mid.replay.fill = FillAt::Mid;
    let percent = policy.replay.sensitivity.0 / 10_000;
    let other = if policy.name == "as-written" { Policy::all_use() } else { Policy::as_written() };
    let mut all = vec![
        ("fills at mid".to_owned(), mid),
        (format!("modelled premiums −{percent}%"), scaled(-1)),
        (format!("modelled premiums +{percent}%"), scaled(1)),
    ];
    all.push((format!("policy {}", other.name), other));
    all.push(("control universe".to_owned(), policy.on_control_universe()));
    let mut all: Vec<_> = all.into_iter().map(|(name, policy)| (name, policy, run.quotes)).collect();
    if run.quotes.is_some() {
        all.insert(0, ("all premiums modelled".to_owned(), policy.clone(), None));
    }
    all.into_iter()
        .map(|(name, policy, quotes)| {
            let varied = Run { policy: &policy, quotes, ..*run };
            let outcome = replay(&varied, calendar, MemoryStore::default(), |_, _| {});
            let variant = outcome.map(|(o, _)| Variant {
                name: name.clone(),
                equity: o.equity,
                twr: o.twr,
                drawdown: o.drawdown,
            });
            (name, variant)
        })
        .collect()
}
