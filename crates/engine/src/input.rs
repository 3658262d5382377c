//! What can happen to the engine, and what it asks of the world.

use jiff::Timestamp;
use ledger::{SleeveId, StructureId};
use market::instrument::{Series, Symbol};
use market::order::{Fill, OrderId, OrderStatus, Side};
use market::quote::Board;
use market::time::{Expiration, TradingDay};
use market::value::{Contracts, Money, Price};
use protocol::policy::{Level, WeekClass};
use protocol::trust::Class;

use crate::event::{BenchmarkMark, Event, NewEpoch, Opened, Scope, Variant};
use crate::people::{Digest, Word};
use crate::risk::Approved;

/// One thing that happened outside.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A new portfolio begins.
    Open(Opened),
    /// The owner pays in; without `parts` A-2 splits it.
    Deposit {
        /// The structure.
        structure: StructureId,
        /// How much.
        amount: Money,
        /// The parts of its Generation, Revenue and Compounding sleeve, where they are told.
        parts: Option<[Money; 3]>,
    },
    /// The owner asks for money.
    Withdraw {
        /// From which sleeve.
        sleeve: SleeveId,
        /// How much.
        amount: Money,
    },
    /// A session begins, with the corporate actions that take effect.
    SessionOpened {
        /// The session.
        day: TradingDay,
        /// Splits effective today.
        splits: &'a [(Symbol, i64)],
        /// Dividends a share with today as ex-date, in today's shares.
        dividends: &'a [(Symbol, Price)],
    },
    /// Prices, quotes and indicators: the week is judged and open positions are looked at. In daily replay, the
    /// session's close.
    Market(&'a Board),
    /// An entry window is open: calls, puts and LEAPS are sold and bought. In daily replay, the same close, once what
    /// the positions asked for is done.
    Window(&'a Board),
    /// A named human throws a kill switch, or releases it (K-6).
    KillSwitch {
        /// What it stops.
        scope: Scope,
        /// Whether it holds from now on.
        on: bool,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// The journal goes on elsewhere or from elsewhere: order ids begin anew.
    BeginEpoch {
        /// Why.
        why: NewEpoch,
        /// Who.
        who: String,
        /// In their words.
        reason: String,
    },
    /// The broker shows a position or an order that the books do not know (K-5).
    Unknown {
        /// In which symbol.
        symbol: Symbol,
        /// What was seen.
        what: String,
    },
    /// A human has decided about a frozen symbol.
    Thaw {
        /// Which symbol.
        symbol: Symbol,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// The broker filled (part of) an order.
    Filled(Fill),
    /// An order ended without further fills.
    OrderEnded {
        /// The order.
        order: OrderId,
        /// How: cancelled or rejected.
        status: OrderStatus,
    },
    /// The broker's word on everything that expired today; all of a session's assignments are known with it.
    SessionReported {
        /// Prices and quotes at the close.
        board: &'a Board,
        /// What became of each series that expired or was exercised, over all sleeves.
        endings: &'a [Ending],
        /// Closes and dividends of the benchmarks since the last weekly close; used on a week's last session.
        benchmarks: &'a [BenchmarkMark],
    },
    /// A human answers a proposal (H-3).
    Answer {
        /// Which.
        proposal: u64,
        /// The content that the human has seen.
        digest: Digest,
        /// Yes, no, or something else.
        word: Word,
        /// Who.
        who: String,
        /// Why.
        reason: String,
        /// Prices, where the market is open: approved orders are sent at once, else at the session's next prices.
        board: Option<&'a Board>,
    },
    /// Time has passed: silence answers what has waited long enough (H-3).
    Tick(Option<&'a Board>),
    /// A human judges the week to come, or the present one before its first entries, otherwise than the rules (M-5).
    OverrideWeek {
        /// The class.
        class: WeekClass,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// A human grants a class of decisions a level (H-2).
    GrantLevel {
        /// The class of decisions.
        class: Class,
        /// The level.
        level: Level,
        /// Who.
        who: String,
    },
    /// What the same run came to under other assumptions.
    Compared(Vec<Variant>),
    /// A program goes on with a journal that it has read.
    Resume {
        /// Version of the program.
        program: &'a str,
    },
}

/// What became of one series at the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The series.
    pub series: Series,
    /// How it was held: sold, and so short, or bought.
    pub side: Side,
    /// Contracts that were exercised: short ones are assigned; of long ones, those that the OCC exercises unless it is
    /// told not to.
    pub exercised: Contracts,
    /// Whether the rest expired; else it is still open, and the holders exercised early.
    pub expires: bool,
    /// Official close of the underlying.
    pub close: Price,
    /// Fees of all deliveries together.
    pub fees: Money,
}

/// What the world is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send an order that the risk gate approved.
    Submit(Approved),
    /// Cancel an order that works; the broker's word ends it.
    Cancel(OrderId),
}

/// What handling one input came to. Events are made durable before any output is obeyed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// To be appended as one.
    pub events: Vec<Event>,
    /// To be obeyed afterwards.
    pub outputs: Vec<Output>,
}

/// Market data that the next decision needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// All strikes of one symbol, expiration and right.
    Chain(Symbol, Expiration, market::instrument::Right),
    /// One series.
    Series(Series),
}

/// A moment and what happened in it.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// When.
    pub at: Timestamp,
    /// What.
    pub input: Input<'a>,
}
