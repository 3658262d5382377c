//! How an input becomes events. Deciding reads the state and never changes it; `record` applies what was
//! decided before the next question is asked.

mod close;
mod growth;
mod leaps;
mod manage;
mod orders;
mod people;
mod session;
mod view;
mod want;

use std::sync::Arc;

use jiff::Timestamp;
use ledger::id::SleeveKinds;
use ledger::{SleeveId, SleeveKind, StructureId};
use market::order::{Fill, Side};
use market::quote::Board;
use market::time::Calendar;
use market::value::Money;
use protocol::guard::Guard;
use protocol::plan::Plan;
use protocol::policy::{Level, Policy};
use protocol::rule::Rule;
use protocol::trust::Class;

use crate::codec;
use crate::command::{Answer, Command, CommandError, Key, Outcome};
use crate::event::{Body, Event};
use crate::input::{Input, Output, Step};
use crate::state::{State, second, trade_date};

use orders::Standing;
use people::Why;
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

    /// Carries out a command with a key, or says what it came to when it was carried out before. The key is recorded
    /// behind its effect, in the same step.
    ///
    /// # Errors
    /// [`CommandError`] if the key stands for something else, or the command cannot be put before the engine at all.
    /// Nothing is recorded then.
    ///
    /// # Panics
    /// As [`Self::handle`].
    pub fn command(
        &mut self,
        now: Timestamp,
        key: &Key,
        command: &Command,
        board: Option<&Board>,
    ) -> Result<Outcome, CommandError> {
        let content = codec::command_digest(command);
        if let Some(first) = self.state.commands.first(key, content)? {
            return Ok(Outcome::Before(first));
        }
        command.check(&self.state)?;
        // As the journal has it, so that the first answer is the same as those that are read from there.
        let now = self.moment(second(now));
        let mut turn = Turn { state: &mut self.state, step: Step::default(), now };
        // What silence answers at this moment is not the command's doing.
        turn.silence();
        let before = turn.step.events.len();
        let first = turn.state.events + 1;
        turn.take(&command.input(board));
        let events = u32::try_from(turn.step.events.len() - before).expect("a step is far below four billion events");
        turn.record(Body::Commanded { key: key.clone(), content, events });
        Ok(Outcome::Now(turn.step, Answer { content, at: now, first, events }))
    }

    /// Handles one input at `now`: decide → apply, until nothing is left to decide. Where a clock was set back, it is
    /// the moment of the last event until the clock has caught up: a journal's time never runs backwards.
    ///
    /// # Panics
    /// If the engine decides what its own state cannot take. The journal before is intact; a restart replays it.
    pub fn handle(&mut self, now: Timestamp, input: &Input<'_>) -> Step {
        let now = self.moment(now);
        let mut turn = Turn { state: &mut self.state, step: Step::default(), now };
        turn.take(input);
        turn.step
    }

    /// A moment that is not before the last event.
    fn moment(&self, now: Timestamp) -> Timestamp {
        self.state.at.map_or(now, |at| now.max(at))
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
        // Nothing that waited is answered by the time that passed until somebody goes on with the journal.
        if let Input::BeginEpoch { why, who, reason } = input {
            let (who, reason) = (who.clone(), reason.clone());
            return self.record(Body::EpochBegan { epoch: self.state.epoch + 1, why: *why, who, reason });
        }
        if let Input::Resume { program } = input {
            return self.record(Body::Resumed { program: (*program).to_owned(), schema: codec::SCHEMA });
        }
        self.silence();
        match input {
            Input::Open(opened) => {
                self.record(Body::Opened(opened.clone()));
                self.record(Body::Founded { structure: ROOT, parent: None, sleeves: SleeveKinds::ROOT });
            }
            Input::Deposit { structure, amount, parts } => {
                let parts = parts.unwrap_or_else(|| deposit_parts(&self.state.policy, *amount));
                self.record(Body::Deposited { structure: *structure, parts });
            }
            Input::Withdraw { sleeve, amount } => self.record(growth::withdrawal(self.state, *sleeve, *amount)),
            Input::SessionOpened { day, splits, dividends } => {
                self.record_all(session::opening(self.state, *day, splits, dividends));
            }
            Input::Market(board) => self.market(board),
            Input::Window(board) => self.window(board),
            Input::KillSwitch { scope, on, who, reason } => {
                let (who, reason) = (who.clone(), reason.clone());
                self.record(Body::KillSwitch { scope: *scope, on: *on, who, reason });
                if *on {
                    self.cancel_all();
                }
            }
            Input::BeginEpoch { .. } | Input::Resume { .. } => {}
            Input::Unknown { symbol, what } => self.record(Body::Frozen { symbol: *symbol, why: what.clone() }),
            Input::Thaw { symbol, who, reason } => {
                self.record(Body::Thawed { symbol: *symbol, who: who.clone(), reason: reason.clone() });
            }
            Input::Filled(fill) => self.filled(fill),
            Input::OrderEnded { order, status } => {
                if self.state.working.iter().any(|w| w.order.id == *order) {
                    self.record(Body::OrderEnded { order: *order, status: *status });
                }
            }
            Input::SessionReported { board, endings, benchmarks } => self.reported(board, endings, benchmarks),
            Input::Answer { .. } => self.answer(input),
            Input::Tick(board) => board.map_or((), |board| self.go_on(board)),
            Input::OverrideWeek { class, who, reason } => {
                self.record(people::override_week(self.state, self.now, *class, who, reason));
            }
            Input::GrantLevel { class, level, who } => self.record(people::grant(self.state, *class, *level, who)),
            Input::Compared(variants) => self.record(Body::Compared(variants.clone())),
        }
    }

    fn sleeves(&self) -> Vec<SleeveId> {
        self.state.sleeves.iter().map(|s| s.id).collect()
    }

    /// The week is judged, the guard is asked, and every open position is looked at.
    fn market(&mut self, board: &Board) {
        self.send_approved(board);
        self.record_all(session::judge_week(self.state, board));
        if let Some(change) = manage::guard_change(self.state, board) {
            self.record(change);
            if self.state.guard == Guard::Stop {
                self.cancel_all();
            }
        }
        for structure in self.merging() {
            let wanted = growth::merge_trades(self.state, board, structure);
            self.trade(board, &wanted, Standing::default(), &Why::of(&[Rule::J1]));
        }
        for sleeve in self.trading() {
            for (body, wanted) in leaps::reviews(self.state, board, sleeve) {
                self.record(body);
                self.trade(board, &[wanted], Standing::default(), &self.seen(&[Rule::Q2]));
            }
            let sales = manage::sales(self.state, board, sleeve);
            self.trade(board, &sales, Standing::default(), &Why::of(&[Rule::G3]));
            let asked = self.state.level(Class::Roll) != Level::Automatic;
            for review in manage::reviews(self.state, board, sleeve) {
                let wanted = manage::wanted(sleeve, &review, asked);
                let (alternatives, rules) = match wanted.is_empty() || !self.state.asks_people() {
                    true => (Vec::new(), Vec::new()),
                    false => (people::instead_of(&review), review.rules.clone()),
                };
                if manage::is_news(&review) {
                    self.record(Body::Reviewed { sleeve, review: Box::new(review) });
                }
                let why = Why { alternatives, ..self.seen(&rules) };
                self.trade(board, &wanted, Standing::default(), &why);
            }
        }
    }

    /// What merging structures still hold is sold; then calls on uncovered shares, LEAPS, and new puts.
    fn window(&mut self, board: &Board) {
        self.send_approved(board);
        for structure in self.merging() {
            let wanted = growth::merge_trades(self.state, board, structure);
            let sales: Vec<_> = wanted.into_iter().filter(|w| w.trade.buys_back().is_none()).collect();
            self.trade(board, &sales, Standing::default(), &Why::of(&[Rule::J1]));
        }
        let trading = self.trading();
        for sleeve in &trading {
            let second = manage::second_sides(self.state, *sleeve);
            self.sell_again(board, *sleeve, &second);
            let sales = manage::sales(self.state, board, *sleeve);
            let sales: Vec<_> = sales.into_iter().filter(|w| w.trade.buys_back().is_none()).collect();
            self.trade(board, &sales, Standing::default(), &Why::of(&[Rule::G3]));
            let plan = session::plan_calls(self.state, board, *sleeve);
            self.execute(board, plan);
        }
        for sleeve in &trading {
            for (plan, rolls) in leaps::plans(self.state, board, *sleeve) {
                let wanted = leaps::wanted(&plan);
                self.record(Body::LeapsPlanned { plan, rolls });
                self.trade(board, &wanted, Standing::default(), &self.seen(&[Rule::Q2]));
            }
        }
        for sleeve in &trading {
            let plan = session::plan_puts(self.state, board, *sleeve);
            self.execute(board, plan);
        }
    }

    /// The sleeves whose structure does not merge.
    fn trading(&self) -> Vec<SleeveId> {
        self.sleeves().into_iter().filter(|s| !self.state.is_merging(*s)).collect()
    }

    fn merging(&self) -> Vec<StructureId> {
        self.state.structures.iter().filter(|s| s.merging.is_some()).map(|s| s.id).collect()
    }

    /// Records a plan and sends what the risk gate lets through.
    fn execute(&mut self, board: &Board, plan: Option<Plan>) {
        let Some(plan) = plan else { return };
        self.record(Body::Planned(plan.clone()));
        let standing = Standing { equity: plan.equity, nothing_before: plan.committed == Money::ZERO };
        let why = match self.state.asks_people() {
            true => Why { alternatives: people::next_best(&plan), ..self.seen(&people::cited(&plan)) },
            false => Why::default(),
        };
        self.trade(board, &session::wanted(&plan), standing, &why);
    }

    /// Asks the broker to cancel whatever works.
    fn cancel_all(&mut self) {
        let working: Vec<_> = self.state.working.iter().map(|w| w.order.id).collect();
        working.into_iter().for_each(|id| self.send(Output::Cancel(id)));
    }

    fn filled(&mut self, fill: &Fill) {
        match session::fill(self.state, trade_date(self.now), fill) {
            Some(body) => self.record(body),
            None => self.record_all(session::late_fill(self.state, fill).into_iter().collect()),
        }
    }

    fn reported(
        &mut self,
        board: &Board,
        endings: &[crate::input::Ending],
        benchmarks: &[crate::event::BenchmarkMark],
    ) {
        self.record_all(close::expirations(self.state, board, endings));
        for ending in endings.iter().filter(|e| e.side == Side::Buy) {
            self.record_all(close::long_endings(self.state, board, ending));
        }
        self.record_all(people::unsent(self.state));
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
        self.record_all(growth::reserves(self.state));
        for sleeve in self.sleeves() {
            self.record_all(growth::income(self.state, sleeve).into_iter().collect());
            self.record_all(growth::payout(self.state, sleeve).into_iter().collect());
        }
        self.record_all(close::locks(self.state, board, &weeks));
        for sleeve in self.sleeves() {
            let reinvested = growth::reinvestment(self.state, week, sleeve);
            self.grow(Class::Reinvest, &[Rule::Q1], reinvested);
        }
        self.merge(board);
        for structure in protocol::growth::fork_order(&growth::tree(self.state)) {
            let fork = growth::fork(self.state, board, structure);
            self.grow(Class::Fork, &[Rule::F1, Rule::F2, Rule::F3], fork);
        }
        self.record_all(people::ends(self.state, &marks));
        self.record_all(people::suggestions(self.state));
        self.record(Body::WeekEnded { week });
    }

    /// C-7: merges, the deepest first.
    fn merge(&mut self, board: &Board) {
        for structure in protocol::growth::merge_order(&growth::tree(self.state)) {
            let start = growth::merge_start(self.state, structure);
            self.grow(Class::Merge, &[Rule::J1], start);
            if let Some(moved) = growth::merge_move(self.state, board, structure) {
                self.record(moved);
            }
        }
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
