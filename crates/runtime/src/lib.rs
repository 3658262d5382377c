//! The loop around the engine: what arrives becomes events, events are made durable, and only then outputs are obeyed.
//!
//! Replay and live differ only in who stands at the ports. Clock and Notifier join the three below with the first world
//! that has them; here time comes with each arrival.

use engine::command::{Answer, Command, CommandError, Key, Outcome};
use engine::event::NewEpoch;
use engine::input::Ending;
use engine::risk::Approved;
use engine::{Chain, Engine, Event, Input, Output, Row};
use jiff::Timestamp;
use market::instrument::Symbol;
use market::order::{Fill, OrderId, OrderStatus};
use market::quote::Board;

/// Keeps rows durably, in order, for ever.
pub trait Store {
    /// Why rows could not be kept.
    type Error: std::error::Error + 'static;

    /// Appends rows, all or none; they are durable when it returns.
    ///
    /// # Errors
    /// The store's own; after one the loop stops and never tries again.
    fn append(&mut self, rows: Vec<Row>) -> Result<(), Self::Error>;
}

/// Brings what happens in the market, in order of time.
pub trait Feed {
    /// Moves to the next arrival; `None` at the end. The engine says what data it wants.
    fn advance(&mut self, engine: &Engine) -> Option<Timestamp>;

    /// What has arrived.
    fn arrival(&self) -> Input<'_>;
}

/// What a broker says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// It was filled, whole or in part.
    Filled(Fill),
    /// It ended without (further) fills.
    Ended {
        /// The order.
        order: OrderId,
        /// Cancelled or rejected.
        status: OrderStatus,
    },
}

/// Takes orders and reports on them. Only its word ends an order: one that it never answers stays working, with its
/// cash or shares reserved.
pub trait Broker {
    /// The market as it stands; a broker on a wire has eyes of its own and needs none of it.
    fn see(&mut self, _board: &Board) {}

    /// A whole-number split takes effect; a broker on a wire adjusts its positions itself.
    fn adjust(&mut self, _symbol: Symbol, _new_per_old: i64) {}

    /// Sends an approved order.
    fn submit(&mut self, order: &Approved);

    /// Asks for an order to be cancelled; its report says whether it was.
    fn cancel(&mut self, order: OrderId);

    /// The next report that waits.
    fn report(&mut self) -> Option<Report>;

    /// What became of the options that expired at this session's end.
    fn endings(&mut self, board: &Board) -> Vec<Ending>;
}

/// Why the loop stopped before its feed ended.
#[derive(Debug, thiserror::Error)]
#[error("the journal could not be written: {0}")]
pub struct Stopped<E: std::error::Error + 'static>(#[source] pub E);

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum NotDone<E: std::error::Error + 'static> {
    /// It cannot be, and nothing was recorded.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The journal could not be written: whether it was carried out is known once the journal is read again.
    #[error(transparent)]
    Stopped(#[from] Stopped<E>),
    /// The journal could not be written before; the loop takes nothing more.
    #[error("the journal could not be written before; expected it to be opened again")]
    StoppedBefore,
}

/// When events that wait are sealed into a row and made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// Before any output of the same input is obeyed: whatever crashes, nothing was sent that is not on record.
    EachInput,
    /// Once so many events wait, and at the end: for a simulated broker, which forgets with the process.
    Batches(usize),
}

/// One engine with its journal.
pub struct Loop<S: Store> {
    engine: Engine,
    chain: Chain,
    store: S,
    commit: Commit,
    waiting: Vec<Event>,
    stopped: bool,
}

impl<S: Store> Loop<S> {
    /// A loop around `engine`, whose journal continues `chain` in `store`.
    pub fn new(engine: Engine, chain: Chain, store: S, commit: Commit) -> Self {
        Loop { engine, chain, store, commit, waiting: Vec::new(), stopped: false }
    }

    /// A loop that goes on with a journal that `engine` and `chain` have read from `store`. That `who`'s program takes
    /// it over, and its version, is on record before anything else happens, and a new epoch of order ids begins.
    ///
    /// # Errors
    /// [`Stopped`] if the store failed, for example because another writer has the journal.
    pub fn resume(
        now: Timestamp,
        (who, program): (&str, &str),
        engine: Engine,
        chain: Chain,
        store: S,
        commit: Commit,
    ) -> Result<Self, Stopped<S::Error>> {
        let mut resumed = Loop::new(engine, chain, store, commit);
        let (who, reason) = (who.to_owned(), "the program starts".to_owned());
        let begin = Input::BeginEpoch { why: NewEpoch::TakenOver, who, reason };
        for input in [Input::Resume { program }, begin] {
            let step = resumed.engine.handle(now, &input);
            resumed.waiting.extend(step.events);
        }
        resumed.flush()?;
        Ok(resumed)
    }

    /// The engine.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs until the feed ends.
    ///
    /// # Errors
    /// [`Stopped`] if the store failed: nothing further was sent.
    pub fn run(
        &mut self,
        feed: &mut impl Feed,
        broker: &mut impl Broker,
        mut progress: impl FnMut(&Engine),
    ) -> Result<(), Stopped<S::Error>> {
        while let Some(now) = feed.advance(&self.engine) {
            match feed.arrival() {
                input @ (Input::Market(board) | Input::Window(board)) => {
                    broker.see(board);
                    self.take(now, &input, broker)?;
                }
                Input::SessionReported { board, benchmarks, .. } => {
                    let endings = broker.endings(board);
                    self.take(now, &Input::SessionReported { board, endings: &endings, benchmarks }, broker)?;
                    progress(&self.engine);
                }
                input => {
                    if let Input::SessionOpened { splits, .. } = &input {
                        splits.iter().for_each(|(symbol, n)| broker.adjust(*symbol, *n));
                    }
                    self.take(now, &input, broker)?;
                }
            }
            while let Some(report) = broker.report() {
                let input = match report {
                    Report::Filled(fill) => Input::Filled(fill),
                    Report::Ended { order, status } => Input::OrderEnded { order, status },
                };
                self.take(now, &input, broker)?;
            }
        }
        Ok(())
    }

    /// Handles one input and obeys what comes of it.
    ///
    /// # Errors
    /// [`Stopped`] if the store failed: no output was obeyed.
    pub fn take(
        &mut self,
        now: Timestamp,
        input: &Input<'_>,
        broker: &mut impl Broker,
    ) -> Result<(), Stopped<S::Error>> {
        let step = self.engine.handle(now, input);
        self.waiting.extend(step.events);
        let due = match self.commit {
            Commit::EachInput => true,
            Commit::Batches(size) => self.waiting.len() >= size,
        };
        if due {
            self.flush()?;
        }
        self.obey(&step.outputs, broker);
        Ok(())
    }

    /// Carries out a command with a key, or says what it came to the first time. Whatever is answered is durable: a
    /// repetition is answered only from what the journal holds.
    ///
    /// # Errors
    /// [`NotDone`]: a key that stands for something else, a command that cannot be carried out, or a store that failed.
    pub fn command(
        &mut self,
        now: Timestamp,
        key: &Key,
        command: &Command,
        board: Option<&Board>,
        broker: &mut impl Broker,
    ) -> Result<Answer, NotDone<S::Error>> {
        if self.stopped {
            // The engine may know of effects that the journal does not.
            return Err(NotDone::StoppedBefore);
        }
        let (answer, outputs) = match self.engine.command(now, key, command, board)? {
            Outcome::Now(step, answer) => {
                self.waiting.extend(step.events);
                (answer, step.outputs)
            }
            Outcome::Before(answer) => (answer, Vec::new()),
        };
        self.flush()?;
        self.obey(&outputs, broker);
        Ok(answer)
    }

    fn obey(&self, outputs: &[Output], broker: &mut impl Broker) {
        for output in outputs {
            match output {
                Output::Submit(order) => broker.submit(order),
                Output::Cancel(order) => broker.cancel(*order),
            }
        }
    }

    fn flush(&mut self) -> Result<(), Stopped<S::Error>> {
        let row = self.chain.seal(&self.waiting);
        self.waiting.clear();
        let Some(row) = row else { return Ok(()) };
        self.stopped = true;
        self.store.append(vec![row]).map_err(Stopped)?;
        self.stopped = false;
        Ok(())
    }

    /// Makes everything durable and gives the parts back.
    ///
    /// # Errors
    /// [`Stopped`] if the store failed.
    pub fn finish(mut self) -> Result<(Engine, Chain, S), Stopped<S::Error>> {
        self.flush()?;
        Ok((self.engine, self.chain, self.store))
    }
}

/// A store that keeps rows in memory: for replays that are written out when they are whole, and for tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    /// What was appended.
    pub rows: Vec<Row>,
}

impl Store for MemoryStore {
    type Error = std::convert::Infallible;

    fn append(&mut self, mut rows: Vec<Row>) -> Result<(), Self::Error> {
        self.rows.append(&mut rows);
        Ok(())
    }
}
