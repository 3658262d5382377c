//! One moment of a replay decided again: the books as they stood, and the same market or, where it is supposed, another
//! policy, class of week, or price. Nothing is kept.

use std::sync::Arc;

use engine::event::{Body, Event};
use engine::{Engine, Input, Output, State};
use jiff::Timestamp;
use market::climate::{Moment, Tape};
use market::history::History;
use market::instrument::Symbol;
use market::quote::Board;
use market::time::{Calendar, Date, TradingDay, Week};
use market::value::Price;
use pricing::model::PremiumModel;
use protocol::policy::{Policy, WeekClass};
use protocol::rule::Rule;
use protocol::week::{Unclassified, classify};
use runtime::{Broker, Report};

use crate::broker::SimulatedBroker;
use crate::chain::ChainModel;
use crate::replay::spans;

/// What a moment is decided on.
#[derive(Clone, Copy)]
pub struct Supposed<'a> {
    /// The prices that were.
    pub history: &'a History,
    /// Every number.
    pub policy: &'a Policy,
    /// How premiums are modelled.
    pub premium: &'a PremiumModel,
    /// The class that the week is given, whatever its evidence says; it holds for the moment (M-5 is off).
    pub class: Option<WeekClass>,
    /// Prices of the day in place of the closes. Indicators rest on the close before and volatility stays what it was.
    pub prices: &'a [(Symbol, Price)],
}

/// Why a moment cannot be decided again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// A symbol that is traded or held has no bars.
    #[error("{0} has no bars in {1}; the policy trades it, holds it, or judges the week by it")]
    MissingSymbol(Symbol, String),
    /// The history has no such session.
    #[error("{day} is no session of {source_name}; its sessions run from {first} to {last}")]
    NoSession {
        /// The day asked for.
        day: Date,
        /// The history.
        source_name: String,
        /// Its first session with a close before it.
        first: Date,
        /// Its last session.
        last: Date,
    },
    /// A price was supposed for a symbol that is not at hand.
    #[error("{symbol} is not at hand on {day}; expected one of {at_hand}")]
    NotAtHand {
        /// The symbol.
        symbol: Symbol,
        /// The session.
        day: Date,
        /// Those that are, with commas between.
        at_hand: String,
    },
    /// A class was supposed for a week that has no evidence.
    #[error("the week of {day} cannot be given a class: {}", unjudged(.why))]
    Unclassified {
        /// The session.
        day: Date,
        /// Why.
        why: Unclassified,
    },
    /// Fees are not known for the day.
    #[error("fees are known from {from} to {to} (section fees), not on {day}")]
    FeesUnknown {
        /// The session.
        day: Date,
        /// First day of the fee table.
        from: Date,
        /// Last day of the fee table.
        to: Date,
    },
}

fn unjudged(why: &Unclassified) -> String {
    match why {
        Unclassified::WarmUp { .. } => "too little history lies before it (warm-up)".to_owned(),
        Unclassified::NoVix(day) => format!("VIX has no value for {day}"),
    }
}

/// Decides the close of `day` on the books of `state`, which must be those before it: all events of that close, fills
/// included, as the replay would record them. A supposed class stands first among them.
///
/// # Errors
/// [`WhatIfError`] if the history, the fees or the evidence do not reach so far.
pub fn decide(
    supposed: &Supposed<'_>,
    calendar: &Arc<Calendar>,
    mut state: State,
    day: TradingDay,
) -> Result<Vec<Event>, WhatIfError> {
    let tape = tape(supposed, calendar, &state)?;
    let moment = moment(supposed, &tape, day)?;
    let mut board = board(supposed, moment)?;
    let (from, to) = (supposed.policy.fees.known_from(), supposed.policy.fees.known_through);
    if day.date() < from || day.date() > to {
        return Err(WhatIfError::FeesUnknown { day: day.date(), from, to });
    }
    let at = calendar.closes_at(day);
    let mut policy = supposed.policy.clone();
    let mut events = Vec::new();
    if let Some(class) = supposed.class {
        let given = given(&policy, &state, &board, class)?;
        events.push(Event { at, body: given });
        state.apply(&events[0]).expect("a judged week fits any state");
        policy.rules.off = policy.rules.off.with(Rule::M5);
    }
    let mut chains = ChainModel::new(supposed.history, calendar, &policy, supposed.premium, &[]);
    chains = chains.supposing(supposed.prices);
    let engine = Engine::resume(Arc::clone(calendar), policy.clone(), state);
    let mut desk = Desk { engine, broker: SimulatedBroker::new(&policy, calendar), at, events };
    chains.add(day, &desk.engine.wants_to_manage(&board), &mut board.chains);
    desk.see(&board, &Input::Market(&board));
    chains.add(day, &desk.engine.wants(day), &mut board.chains);
    desk.see(&board, &Input::Window(&board));
    Ok(desk.events)
}

/// The tape of all that the policy trades or judges by, and of all that is held.
fn tape(supposed: &Supposed<'_>, calendar: &Calendar, state: &State) -> Result<Tape, WhatIfError> {
    let mut symbols = supposed.policy.universe.all();
    for sleeve in &state.sleeves {
        symbols.extend(state.ledger.holdings(sleeve.id).map(|(symbol, _)| symbol));
        symbols.extend(state.ledger.written(sleeve.id).iter().map(|w| w.series.underlying));
        symbols.extend(state.ledger.longs(sleeve.id).iter().map(|l| l.series.underlying));
    }
    symbols.sort_unstable();
    symbols.dedup();
    Tape::new(supposed.history, supposed.policy.universe.index, &symbols, calendar, &spans(supposed.policy))
        .map_err(|missing| WhatIfError::MissingSymbol(missing.symbol, supposed.history.source.clone()))
}

fn moment<'t>(supposed: &Supposed<'_>, tape: &'t Tape, day: TradingDay) -> Result<Moment<'t>, WhatIfError> {
    let end = |day: Option<&TradingDay>| day.map_or(Date::ZERO, |d| d.date());
    tape.position(day).and_then(|position| tape.at(position)).ok_or_else(|| WhatIfError::NoSession {
        day: day.date(),
        source_name: supposed.history.source.clone(),
        first: end(tape.days().first()),
        last: end(tape.days().last()),
    })
}

fn board(supposed: &Supposed<'_>, moment: Moment<'_>) -> Result<Board, WhatIfError> {
    let Moment { day, climate, underlyings, bill_rate } = moment;
    let mut board = Board { day, climate, underlyings: underlyings.to_vec(), chains: Vec::new(), bill_rate };
    for (symbol, price) in supposed.prices {
        match board.underlyings.iter_mut().find(|u| u.symbol == *symbol) {
            Some(underlying) => underlying.price = *price,
            None => {
                let names: Vec<String> = board.underlyings.iter().map(|u| u.symbol.to_string()).collect();
                let (symbol, day, at_hand) = (*symbol, day.date(), names.join(", "));
                return Err(WhatIfError::NotAtHand { symbol, day, at_hand });
            }
        }
    }
    Ok(board)
}

/// The week with the class that it is given, on the evidence that there is.
fn given(policy: &Policy, state: &State, board: &Board, class: WeekClass) -> Result<Body, WhatIfError> {
    let week = Week::of(board.day.date());
    let judged = match state.week.filter(|current| current.week == week) {
        Some(current) => current.now,
        None => classify(policy, board).map_err(|why| WhatIfError::Unclassified { day: board.day.date(), why })?,
    };
    let classification = protocol::week::Classification { class, ..judged };
    Ok(Body::WeekClassified { week, classification, replaces: None })
}

/// An engine and the broker who answers it at once.
struct Desk<'a> {
    engine: Engine,
    broker: SimulatedBroker<'a>,
    at: Timestamp,
    events: Vec<Event>,
}

impl Desk<'_> {
    /// One input, and all that comes of it: the loop of [`runtime::Loop`], without a journal.
    fn see(&mut self, board: &Board, input: &Input<'_>) {
        self.broker.see(board);
        self.take(input);
        while let Some(report) = self.broker.report() {
            self.take(&match report {
                Report::Filled(fill) => Input::Filled(fill),
                Report::Ended { order, status } => Input::OrderEnded { order, status },
            });
        }
    }

    fn take(&mut self, input: &Input<'_>) {
        let step = self.engine.handle(self.at, input);
        self.events.extend(step.events);
        for output in &step.outputs {
            match output {
                Output::Submit(order) => self.broker.submit(order),
                Output::Cancel(order) => self.broker.cancel(*order),
            }
        }
    }
}
