//! What the engine records. Each event carries by value every market figure that it used, so that the journal alone
//! tells the whole story.

use jiff::Timestamp;
use ledger::entry::Dividend;
use ledger::id::SleeveKinds;
use ledger::{PortfolioId, SleeveId, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Fill, Order, OrderId, OrderStatus, Trade};
use market::quote::{Delta, Origin};
use market::time::{Date, TradingDay, Week};
use market::value::{Contracts, Money, Price};
use protocol::growth::{Division, ForkWait};
use protocol::guard::Guard;
use protocol::income::{NoWithdrawal, Reinvested, WeekIncome};
use protocol::leaps::{LeapsAnswer, LeapsPlan};
use protocol::manage::Review;
use protocol::plan::Plan;
use protocol::policy::unit::Ppm;
use protocol::policy::{Level, WeekClass};
use protocol::position::PositionType;
use protocol::rule::Rule;
use protocol::trust::{Class, Trust};
use protocol::week::{Classification, Unclassified};

use crate::command::Key;
use crate::people::{Act, Content, Digest, Judged, LevelWhy, NoAct, Proposal, Reply, Undone};
use crate::risk::Refusal;

/// One recorded fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it happened, to the second.
    pub at: Timestamp,
    /// What happened.
    pub body: Body,
}

/// In which world a run takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum World {
    /// Prices that were.
    History,
    /// Prices that a generator made up: every page says SIMULATED.
    Simulated,
}

/// What a kill switch stops (K-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One sleeve.
    Sleeve(SleeveId),
    /// The whole portfolio.
    Portfolio,
    /// Every portfolio of this system.
    System,
}

/// Why order ids begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewEpoch {
    /// The journal was restored from a backup: what was sent after it was made is not in it.
    Restored,
    /// It goes on from an earlier point. What came after that stands in the journal that was left.
    Branched {
        /// Events that were left behind.
        left: u64,
        /// Digest of the journal that has them.
        from: Digest,
    },
    /// Another program goes on with it.
    TakenOver,
}

/// What a journal begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whose journal it is.
    pub portfolio: PortfolioId,
    /// Version of the program that wrote it.
    pub program: String,
    /// Version of the schema of its events.
    pub schema: u32,
    /// Past or made-up prices.
    pub world: World,
    /// Where the prices come from.
    pub source: String,
    /// The whole policy, as its canonical text.
    pub policy: String,
    /// The premium model's numbers, as text; empty where every premium was quoted.
    pub premium_model: String,
    /// Whether people decide, at the levels that the policy gives each class; else the run decides by itself (H-1).
    pub people: bool,
}

/// The marks of one open option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionMark {
    /// Which series.
    pub series: Series,
    /// Middle of bid and ask.
    pub mid: Price,
    /// What buying it back would cost a share.
    pub ask: Price,
    /// Quoted or modelled.
    pub origin: Origin,
}

/// One benchmark's week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BenchmarkMark {
    /// Which symbol.
    pub symbol: Symbol,
    /// Close, in today's shares.
    pub close: Price,
    /// Dividends a share with an ex-date since the mark before, in today's shares.
    pub dividends: Price,
    /// Shares that one share of the mark before became.
    pub split: i64,
}

/// All figures that a weekly close uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The week.
    pub week: Week,
    /// Its last session.
    pub day: TradingDay,
    /// Close of each underlying that some sleeve trades or holds, rising by symbol.
    pub closes: Vec<(Symbol, Price)>,
    /// Open options, in the order of the sleeves.
    pub options: Vec<OptionMark>,
    /// Benchmarks: the index, the universe, and what others publish.
    pub benchmarks: Vec<BenchmarkMark>,
    /// One-month Treasury yield at the last close before, where known.
    pub bill_rate: Option<Ppm>,
}

impl Marks {
    /// The close of `symbol`.
    #[must_use]
    pub fn close(&self, symbol: Symbol) -> Option<Price> {
        self.closes.binary_search_by_key(&symbol, |(s, _)| *s).ok().map(|i| self.closes[i].1)
    }

    /// The middle of `series`.
    #[must_use]
    pub fn mid(&self, series: &Series) -> Option<Price> {
        self.options.iter().find(|o| o.series == *series).map(|o| o.mid)
    }
}

/// How a position fared in one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedPosition {
    /// The sleeve.
    pub sleeve: SleeveId,
    /// Which underlying.
    pub symbol: Symbol,
    /// A put line, or shares with their calls.
    pub right: Right,
    /// Its type.
    pub kind: PositionType,
    /// The price that was compared: the close, or the strike at which the shares were called away.
    pub price: Price,
    /// What it was compared with: the strike, or the cash basis.
    pub reference: Price,
    /// Price / reference − 1.
    pub change: Ppm,
    /// Gain of the whole symbol in this sleeve and week, dividends and fees included.
    pub gain: Money,
    /// What it bound: collateral, or the shares' value at the week's start.
    pub capital: Money,
}

/// Why new puts were locked or unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockReason {
    /// The drawdown exceeded its limit (K-2).
    Drawdown,
    /// A put closed the week in deep drawdown (W-5, G-1).
    DeepPut,
    /// Ten quiet sessions and a drawdown below half its limit (G-2).
    Recovered,
    /// Ten quiet sessions and nothing left to hold; the mark restarts (G-2).
    Empty,
    /// Twenty-six weeks have passed and the mark restarts (G-3).
    Reset,
    /// Twenty-six weeks have passed and the shares are sold (G-3).
    Sell,
}

/// A week's gains by where they came from; they sum to the week's gain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gains {
    /// Premium of options that expired or were bought back.
    pub premium: Money,
    /// Shares that left.
    pub shares: Money,
    /// LEAPS that were sold.
    pub longs: Money,
    /// Dividends.
    pub dividends: Money,
    /// Interest.
    pub interest: Money,
    /// Fees, as a negative amount.
    pub fees: Money,
    /// Change of what open positions are worth above their book value.
    pub unrealised: Money,
}

impl Gains {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> Money {
        self.premium + self.shares + self.longs + self.dividends + self.interest + self.fees + self.unrealised
    }
}

/// One sleeve's week in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SleeveWeek {
    /// The week.
    pub week: Week,
    /// The sleeve.
    pub sleeve: SleeveId,
    /// Its most severe position's type (W-12).
    pub kind: PositionType,
    /// Equity at the week's start.
    pub start: Money,
    /// Deposits less withdrawals, and moves between sleeves.
    pub flows: Money,
    /// Where the gain came from.
    pub gains: Gains,
    /// Equity at the weekly close: start + flows + gains.
    pub end: Money,
    /// Settled cash that was neither reserved nor buffer.
    pub idle: Money,
    /// Unit value × 10⁹, time-weighted, flows removed (K-1).
    pub unit: i64,
    /// Highest weekly-close unit value since the mark last restarted × 10⁹.
    pub mark: i64,
    /// Highest weekly-close unit value ever × 10⁹.
    pub peak: i64,
    /// 1 − unit / mark (K-1), what K-2 compares.
    pub drawdown: Ppm,
}

/// Written options that pass from one sleeve to another (K-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Which series.
    pub series: Series,
    /// How many contracts.
    pub contracts: Contracts,
    /// The sleeve that is rid of them and pays.
    pub from: SleeveId,
    /// The sleeve that takes them on and is paid.
    pub to: SleeveId,
    /// The middle of bid and ask a share.
    pub price: Price,
    /// Whether that was quoted or modelled.
    pub origin: Origin,
    /// The order of `from`.
    pub close: OrderId,
    /// The order of `to`.
    pub open: OrderId,
}

impl Crossing {
    /// What one sleeve pays the other.
    #[must_use]
    pub fn paid(&self) -> Money {
        self.price.of_contracts(self.contracts)
    }
}

/// One tax reserve's week in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReserveWeek {
    /// Cash at the week's start.
    pub start: Money,
    /// What came from sleeves and other reserves, less what went there.
    pub flows: Money,
    /// Interest.
    pub interest: Money,
    /// Cash at the weekly close: start + flows + interest.
    pub end: Money,
}

/// The same run under another assumption, for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// What differs.
    pub name: String,
    /// Equity at the end.
    pub equity: Money,
    /// Time-weighted return over the run, in parts per million.
    pub twr: i64,
    /// Largest fall of a weekly close from the highest before.
    pub drawdown: Ppm,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The journal begins.
    Opened(Opened),
    /// A structure is founded.
    Founded {
        /// Its number.
        structure: StructureId,
        /// Where it stands.
        parent: Option<StructureId>,
        /// Its sleeves.
        sleeves: SleeveKinds,
    },
    /// The owner paid in.
    Deposited {
        /// The structure that received it.
        structure: StructureId,
        /// Its Generation's, Revenue's and Compounding's part.
        parts: [Money; 3],
    },
    /// The owner took money out (A-6, I-2).
    Withdrawn {
        /// The sleeve that paid.
        sleeve: SleeveId,
        /// How much.
        amount: Money,
    },
    /// A withdrawal was refused.
    WithdrawalRefused {
        /// The sleeve that was asked.
        sleeve: SleeveId,
        /// How much was asked for.
        asked: Money,
        /// Why.
        why: NoWithdrawal,
    },
    /// A week's realised profit was divided into tax reserve, income and growth (C-4).
    IncomeBooked {
        /// The sleeve.
        sleeve: SleeveId,
        /// The division.
        income: WeekIncome,
        /// What really moved to the structure's tax reserve: less than is due where too little cash is free; negative
        /// where it came back.
        moved: Money,
    },
    /// A structure's tax reserve earned interest.
    ReserveInterest {
        /// Whose.
        structure: StructureId,
        /// Annual rate.
        rate: Ppm,
        /// Cash × days that earned it, in dollar-days rounded down.
        dollar_days: i64,
        /// What was credited.
        amount: Money,
    },
    /// A quarter's profit was reinvested (Q-1, C-6).
    Reinvested {
        /// The sleeve.
        sleeve: SleeveId,
        /// How it was divided.
        reinvested: Reinvested,
        /// What of the LEAPS' part is set aside: less where too little cash is free.
        set_aside: Money,
    },
    /// What LEAPS a sleeve buys, and why not others.
    LeapsPlanned {
        /// The plan.
        plan: LeapsPlan,
        /// Whether it replaces LEAPS that were sold.
        rolls: bool,
    },
    /// A LEAPS line is short of time: what is done about it.
    LeapsReviewed {
        /// The sleeve.
        sleeve: SleeveId,
        /// The line.
        series: Series,
        /// How many contracts.
        contracts: Contracts,
        /// What is done.
        answer: LeapsAnswer,
    },
    /// A fork is due and waits (F-3).
    ForkDue {
        /// The Gen sleeve.
        sleeve: SleeveId,
        /// What would be moved today.
        division: Division,
        /// Why it waits.
        waits: Vec<ForkWait>,
        /// By how much new entries shrink meanwhile.
        reserves: Money,
        /// What more surplus it would take for each new sleeve to afford a contract.
        needs: Money,
    },
    /// A fork that was due is so no more: the surplus fell below its threshold, or the structure merges (F-3).
    ForkLapsed {
        /// The Gen sleeve.
        sleeve: SleeveId,
        /// Equity less base.
        surplus: Money,
    },
    /// A Gen sleeve founded a structure (F-2, F-4).
    Forked {
        /// The Gen sleeve.
        from: SleeveId,
        /// The new structure.
        structure: StructureId,
        /// What was moved and what stays.
        division: Division,
        /// The sleeve's base from now on.
        base: Money,
    },
    /// A structure has reached its full size and begins to merge (J-1).
    MergeStarted {
        /// Which.
        structure: StructureId,
        /// What its own sleeves total.
        total: Money,
    },
    /// A structure moved into its parent's Com and is closed (J-1).
    Merged {
        /// Which.
        structure: StructureId,
        /// Where it went.
        into: SleeveId,
        /// What each of its sleeves was worth.
        values: Vec<(SleeveId, Money)>,
    },
    /// A whole-number split took effect (C-1).
    SplitApplied {
        /// Which symbol.
        symbol: Symbol,
        /// Shares after, per one before.
        new_per_old: i64,
    },
    /// A symbol went ex-dividend while a sleeve held it (C-1).
    DividendAccrued(Dividend),
    /// Money due was settled.
    Settled {
        /// The last day that was settled.
        through: Date,
    },
    /// The week was judged, for the first time or again (M-4, M-5).
    WeekClassified {
        /// The week.
        week: Week,
        /// The judgement.
        classification: Classification,
        /// The class that it replaces.
        replaces: Option<WeekClass>,
    },
    /// The week could not be judged: nothing is entered.
    WeekUnclassified {
        /// The week.
        week: Week,
        /// Why.
        why: Unclassified,
    },
    /// The guard against extreme volatility opened or closed (K-3).
    GuardChanged {
        /// Where it stood.
        from: Guard,
        /// Where it stands.
        to: Guard,
        /// VIX at the close before, in hundredths of a point.
        vix: i64,
    },
    /// An open option was looked at and something was to be said of it (X-1 to X-8, G-1).
    Reviewed {
        /// The sleeve.
        sleeve: SleeveId,
        /// What was seen and decided.
        review: Box<Review>,
    },
    /// A kill switch was thrown or released by a named human (K-6).
    KillSwitch {
        /// What it stops.
        scope: Scope,
        /// Whether it holds now.
        on: bool,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// A symbol is frozen until a human decides: the broker shows what the books do not know (K-5), or its options were
    /// adjusted in a way that nobody here can follow (C-1).
    Frozen {
        /// Which symbol.
        symbol: Symbol,
        /// What was seen.
        why: String,
    },
    /// A human decided about a frozen symbol: it trades again.
    Thawed {
        /// Which symbol.
        symbol: Symbol,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// A sleeve's plan for the session.
    Planned(Plan),
    /// An order passed the risk gate; its cash or shares are reserved.
    OrderApproved {
        /// The sleeve.
        sleeve: SleeveId,
        /// The order.
        order: Order,
        /// The rule that wanted it.
        rule: Rule,
        /// Cash that is reserved for it.
        reserve: Money,
        /// The underlying's price when it was decided.
        underlying: Price,
        /// Its average true range then, where known.
        atr: Option<Price>,
        /// |delta| of the option then, where known.
        delta: Option<Delta>,
    },
    /// The risk gate refused an order (K-4).
    OrderRefused {
        /// The sleeve.
        sleeve: SleeveId,
        /// The order.
        order: Order,
        /// Why, with its figures.
        refusal: Refusal,
    },
    /// The broker filled an order.
    Filled {
        /// The sleeve.
        sleeve: SleeveId,
        /// What was traded, in the quantity that was filled.
        trade: Trade,
        /// At what price and for what fees.
        fill: Fill,
        /// Settlement date.
        settles: Date,
    },
    /// An order ended without (further) fills.
    OrderEnded {
        /// The order.
        order: OrderId,
        /// How.
        status: OrderStatus,
    },
    /// Order ids begin anew, so that none is ever sent twice (ids are portfolio, epoch, sequence).
    EpochBegan {
        /// The epoch, one above the one before.
        epoch: u32,
        /// Why.
        why: NewEpoch,
        /// Who.
        who: String,
        /// In their words.
        reason: String,
    },
    /// Two orders of our own on opposite sides of one option met before either was sent: it passes from one sleeve to
    /// the other at the middle of its quote (K-7).
    Crossed(Crossing),
    /// Options expired without value.
    Expired {
        /// The sleeve.
        sleeve: SleeveId,
        /// The option.
        series: Series,
        /// How many.
        contracts: Contracts,
        /// The underlying's official close.
        close: Price,
    },
    /// Calls that were held came to their end: exercised where they were in the money and cash paid for the shares,
    /// else without value.
    LongEnded {
        /// The sleeve.
        sleeve: SleeveId,
        /// The option.
        series: Series,
        /// How many.
        contracts: Contracts,
        /// The underlying's official close.
        close: Price,
        /// All fees of the delivery.
        fees: Money,
        /// When the shares of an exercise settle; absent where they ended without value.
        settles: Option<Date>,
    },
    /// Options were assigned.
    Assigned {
        /// The sleeve.
        sleeve: SleeveId,
        /// The option.
        series: Series,
        /// How many.
        contracts: Contracts,
        /// The underlying's official close.
        close: Price,
        /// All fees of the delivery.
        fees: Money,
        /// Settlement date of the shares.
        settles: Date,
        /// Calls: cash basis a share before delivery. Puts: zero.
        basis: Price,
    },
    /// A session ended; positions whose close stood deep below their strike are named (W-5).
    DayEnded {
        /// The session.
        day: TradingDay,
        /// Calendar days to the next session, for interest.
        days: u32,
        /// Put lines in deep drawdown at this close.
        deep: Vec<(SleeveId, Series)>,
    },
    /// Cash earned interest (E-9).
    InterestCredited {
        /// The sleeve.
        sleeve: SleeveId,
        /// Annual rate.
        rate: Ppm,
        /// Settled cash × days that earned it, in dollar-days rounded down.
        dollar_days: i64,
        /// What was credited.
        amount: Money,
    },
    /// The figures of a weekly close (C-2).
    Marked(Marks),
    /// A position got its type (C-3).
    PositionTyped(TypedPosition),
    /// New puts were locked or unlocked (C-5).
    LockChanged {
        /// The sleeve.
        sleeve: SleeveId,
        /// Whether they are locked now.
        locked: bool,
        /// Why.
        why: LockReason,
        /// The drawdown that was compared.
        drawdown: Ppm,
    },
    /// A sleeve's weekly close.
    SleeveClosed(SleeveWeek),
    /// A structure's tax reserve at the weekly close.
    ReserveClosed {
        /// Whose.
        structure: StructureId,
        /// Its week.
        week: ReserveWeek,
    },
    /// The weekly close is done (C-9).
    WeekEnded {
        /// The week.
        week: Week,
    },
    /// The same run under other assumptions, made after it.
    Compared(Vec<Variant>),
    /// A decision that is only shown: nothing is sent (H-1).
    Observed {
        /// Its class.
        class: Class,
        /// What would have been done.
        content: Content,
        /// The rules that led to it.
        rules: Vec<Rule>,
    },
    /// A decision waits for a human's word (H-3).
    Proposed(Box<Proposal>),
    /// A proposal was answered, by a human or by silence.
    Answered {
        /// Which.
        proposal: u64,
        /// How.
        reply: Reply,
        /// Who; nobody where silence answered.
        who: Option<String>,
        /// Why, in the human's words.
        reason: String,
    },
    /// What was approved is not done after all; orders that the risk gate refuses say so themselves.
    NotDone {
        /// The proposal.
        proposal: u64,
        /// Why.
        why: Undone,
    },
    /// A human's act changes nothing.
    ActRefused {
        /// What was tried.
        act: Act,
        /// Who tried it, as given.
        who: String,
        /// Why it changes nothing.
        why: NoAct,
    },
    /// A human judges a week otherwise than the rules (M-5).
    WeekOverridden {
        /// The week.
        week: Week,
        /// The class that it has from now on.
        class: WeekClass,
        /// The class that it had, where the rules have judged already.
        replaces: Option<WeekClass>,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// The level of a class of decisions changed (H-1, H-2).
    LevelChanged {
        /// The class.
        class: Class,
        /// Its level before.
        from: Level,
        /// Its level now.
        to: Level,
        /// Why.
        why: LevelWhy,
    },
    /// A decision to write a put came to its end (H-2).
    DecisionJudged(Judged),
    /// Trust suggests another level than the class has; a human may grant it (H-2).
    TrustSuggested {
        /// The class.
        class: Class,
        /// The trust that it has earned.
        trust: Trust,
        /// The level that it has.
        level: Level,
        /// The level that is suggested.
        suggested: Level,
    },
    /// The events just before came of a command with a key: the key stands for its content from now on.
    Commanded {
        /// The key.
        key: Key,
        /// BLAKE3 over the command's bytes.
        content: Digest,
        /// How many events just before this one it came to.
        events: u32,
    },
    /// A program goes on with a journal that it has read.
    Resumed {
        /// Version of the program.
        program: String,
        /// Version of the schema of its events.
        schema: u32,
    },
}
