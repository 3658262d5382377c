//! How an input becomes events. Deciding reads the state and never changes it; `record` applies what was
//! decided before the next question is asked.

mod close;
mod session;
mod view;
mod want;

use std::sync::Arc;

use jiff::Timestamp;
use ledger::id::SleeveKinds;
use ledger::{SleeveKind, StructureId};
use market::order::Fill;
use market::quote::Board;
use market::time::Calendar;
use market::value::Money;
use protocol::policy::Policy;
use protocol::rule::Rule;

use crate::event::{Body, Event};
use crate::input::{Input, Output, Step};
use crate::state::{State, trade_date};

pub use view::{equity, option_value, sleeve_view};

/// The structure that every portfolio begins with.
pub const ROOT: StructureId = StructureId(1);

/// One portfolio's engine.
#[derive(Clone, Debug)]
pub struct Engine {
    state: State,
}

impl Engine {
    /// An engine before its first input.
    #[must_use]
    pub fn new(calendar: Arc<Calendar>, policy: Policy) -> Self {
        Engine { state: State::new(calendar, policy) }
    }

    /// An engine that goes on from a state: of a replay that ended, or of a journal that was folded.
    #[must_use]
    pub fn resume(calendar: Arc<Calendar>, policy: Policy, state: State) -> Self {
        Engine { state: State { calendar, policy, ..state } }
    }

    /// What the journal amounts to so far.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Handles one input at `now`: decide → apply, until nothing is left to decide.
    ///
    /// # Panics
    /// If the engine decides what its own state cannot take. The journal before is intact; a restart replays it.
    pub fn handle(&mut self, now: Timestamp, input: &Input<'_>) -> Step {
        let mut turn = Turn { state: &mut self.state, step: Step::default(), now };
        turn.take(input);
        turn.step
    }
}

/// One input on its way through the engine.
struct Turn<'a> {
    state: &'a mut State,
    step: Step,
    now: Timestamp,
}

impl Turn<'_> {
    fn record(&mut self, body: Body) {
        let event = Event { at: self.now, body };
        self.state.apply(&event).expect("the engine decided what its own state takes");
        self.step.events.push(event);
    }

    fn record_all(&mut self, bodies: Vec<Body>) {
        for body in bodies {
            self.record(body);
        }
    }

    fn send(&mut self, output: Output) {
        self.step.outputs.push(output);
    }

    fn take(&mut self, input: &Input<'_>) {
        match input {
            Input::Open(opened) => {
                self.record(Body::Opened(opened.clone()));
                self.record(Body::Founded { structure: ROOT, parent: None, sleeves: SleeveKinds::ROOT });
            }
            Input::Deposit { structure, amount } => {
                let parts = deposit_parts(&self.state.policy, *amount);
                self.record(Body::Deposited { structure: *structure, parts });
            }
            Input::SessionOpened { day, splits, dividends } => {
                self.record_all(session::opening(self.state, *day, splits, dividends));
            }
            Input::Market(board) => self.market(board),
            Input::Filled(fill) => self.filled(fill),
            Input::OrderEnded { order, status } => {
                if self.state.working.iter().any(|w| w.order.id == *order) {
                    self.record(Body::OrderEnded { order: *order, status: *status });
                }
            }
            Input::SessionReported { board, endings, benchmarks } => self.reported(board, endings, benchmarks),
            Input::Compared(variants) => self.record(Body::Compared(variants.clone())),
        }
    }

    fn market(&mut self, board: &Board) {
        self.record_all(session::judge_week(self.state, board));
        self.record_all(session::view_expirations(self.state, board));
        let sleeves: Vec<_> = self.state.sleeves.iter().map(|s| s.id).collect();
        for sleeve in &sleeves {
            let plan = session::plan_calls(self.state, board, *sleeve);
            self.execute(board, plan);
        }
        for sleeve in &sleeves {
            let plan = session::plan_puts(self.state, board, *sleeve);
            self.execute(board, plan);
        }
    }

    /// Records a plan and sends what the risk gate lets through.
    fn execute(&mut self, board: &Board, plan: Option<protocol::plan::Plan>) {
        let Some(plan) = plan else { return };
        self.record(Body::Planned(plan.clone()));
        for order in session::orders(self.state, &plan) {
            let (body, output) = session::gate(self.state, board, &plan, order);
            self.record(body);
            output.into_iter().for_each(|o| self.send(o));
        }
    }

    fn filled(&mut self, fill: &Fill) {
        // A fill of an order that is not working is the broker's second report of it: its first one counts.
        let body = session::fill(self.state, trade_date(self.now), fill);
        body.into_iter().for_each(|b| self.record(b));
    }

    fn reported(
        &mut self,
        board: &Board,
        endings: &[crate::input::Ending],
        benchmarks: &[crate::event::BenchmarkMark],
    ) {
        self.record_all(close::expirations(self.state, board, endings));
        self.record(session::day_ended(self.state, board));
        let week = market::time::Week::of(board.day.date());
        if self.state.calendar.last_session(week) != Some(board.day) {
            return;
        }
        self.record_all(close::interest(self.state, board));
        let marks = close::marks(self.state, board, benchmarks);
        self.record(Body::Marked(marks.clone()));
        let typed = close::types(self.state, &marks);
        self.record_all(typed.iter().copied().map(Body::PositionTyped).collect());
        let weeks = close::weeks(self.state, &marks, &typed);
        self.record_all(weeks.iter().copied().map(Body::SleeveClosed).collect());
        self.record_all(close::locks(self.state, board, &weeks));
        self.record(Body::WeekEnded { week });
    }
}

/// 40 / 30 / 30, exact to the cent by largest remainder.
fn deposit_parts(policy: &Policy, amount: Money) -> [Money; 3] {
    let weights = if policy.is_off(Rule::A2) { [1, 1, 1] } else { policy.deposit.split.weights() };
    let parts = amount.split(&weights);
    let mut out = [Money::ZERO; 3];
    for kind in SleeveKind::ALL {
        out[kind as usize] = parts[kind as usize];
    }
    out
}
