//! What the engine keeps of a sleeve beside its books.

use ledger::{SleeveBalance, SleeveId};
use market::instrument::{Right, Series, Symbol};
use market::time::{Date, TradingDay};
use market::value::{Contracts, Money, Price};
use protocol::growth::ForkWait;
use protocol::income::{ProfitAccount, YearProfit};
use protocol::position::{PositionType, PutEnd};
use protocol::roll::Roll;

/// One unit's value at the start, × 10⁹.
pub const UNIT: i64 = 1_000_000_000;

/// A short option line as it was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which series.
    pub series: Series,
    /// The session on which it was sold.
    pub opened: TradingDay,
    /// Contracts sold.
    pub contracts: Contracts,
    /// Premium a share.
    pub price: Price,
    /// The underlying's price then.
    pub underlying: Price,
    /// Its average true range then.
    pub atr: Option<Price>,
    /// Whether a close of this week stood deep below the strike.
    pub deep: bool,
    /// How it ended, or that it is open.
    pub end: PutEnd,
    /// Contracts that ended.
    pub ended: Contracts,
    /// Contracts of them that were assigned this week.
    pub assigned: Contracts,
    /// The last session in which contracts of it ended.
    pub ended_on: Option<TradingDay>,
    /// The rolls that led to it.
    pub chain: RollChain,
}

/// The rolls of one position: what its first option brought, and what came since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollChain {
    /// Premium a share of the first option.
    pub first_premium: Price,
    /// Rolls so far.
    pub rolls: u32,
    /// Net credit a share of all rolls, after fees; negative for debits.
    pub credit: Price,
}

impl RollChain {
    /// The chain of an option that was not rolled, sold for `premium` a share.
    #[must_use]
    pub const fn begun_at(premium: Price) -> Self {
        RollChain { first_premium: premium, rolls: 0, credit: Price::ZERO }
    }
}

/// Shares that an assigned call took this week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// Which symbol.
    pub symbol: Symbol,
    /// The call's strike.
    pub strike: Price,
    /// Cash basis a share before.
    pub basis: Price,
}

/// New puts are locked (K-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The weekly close at which it began, or was last reset.
    pub since: TradingDay,
    /// Weekly closes since.
    pub weeks: u32,
    /// Whether the shares are to be sold (G-3).
    pub selling: bool,
}

/// What of a symbol one position is (C-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its shares with their calls and dividends, and its LEAPS.
    Shares,
    /// Its puts of one series.
    Put(Series),
}

impl Part {
    /// The part that an option written belongs to.
    #[must_use]
    pub const fn of(series: Series) -> Part {
        match series.right {
            Right::Put => Part::Put(series),
            Right::Call => Part::Shares,
        }
    }
}

/// One position's week in a sleeve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionWeek {
    /// Which symbol.
    pub symbol: Symbol,
    /// What of it.
    pub part: Part,
    /// What it was worth at the week's start, short options negative.
    pub start: Money,
    /// Cash that came in less what went out since.
    pub flow: Money,
}

/// A roll in two orders: the buy-back came first, and the sale waits for its fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollBegun {
    /// What is bought back.
    pub from: Series,
    /// What is sold then, with its limit.
    pub roll: Roll,
    /// Contracts bought back and not yet sold again.
    pub bought: Contracts,
    /// What the buy-backs cost a share, fees included.
    pub cost: Price,
    /// The rolls before.
    pub chain: RollChain,
}

/// A fork that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkDue {
    /// The weekly close since which it is.
    pub since: TradingDay,
    /// By how much new entries shrink.
    pub reserves: Money,
    /// Why it waits.
    pub waits: Vec<ForkWait>,
}

/// LEAPS that were sold and are to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeapsSold {
    /// Which symbol's.
    pub symbol: Symbol,
    /// How many contracts.
    pub contracts: Contracts,
    /// What the sale brought, fees paid.
    pub proceeds: Money,
    /// When that settles.
    pub settles: Date,
}

/// A sleeve beside its books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SleeveState {
    /// Which sleeve.
    pub id: SleeveId,
    /// Initial balance and later contributions (F-1).
    pub base: Money,
    /// Unit value × 10⁹ at the last weekly close (K-1).
    pub unit: i64,
    /// Highest weekly-close unit value since the mark last restarted.
    pub mark: i64,
    /// Highest weekly-close unit value ever.
    pub peak: i64,
    /// How often the mark was restarted (G-2, G-3).
    pub resets: u32,
    /// The drawdown lock.
    pub lock: Option<Lock>,
    /// Equity at the last weekly close.
    pub start: Money,
    /// Flows since.
    pub flows: Money,
    /// The books at the last weekly close.
    pub book: SleeveBalance,
    /// What open positions were worth above book value then.
    pub unrealised: Money,
    /// Settled cash in ten-thousandths of a dollar × calendar days since interest was last credited.
    pub cash_days: i128,
    /// Lines that were open at some time this week.
    pub lines: Vec<Line>,
    /// Calls assigned this week.
    pub called: Vec<Called>,
    /// Each position's week, rising by symbol and part.
    pub positions: Vec<PositionWeek>,
    /// Types given at the last weekly close.
    pub types: Vec<(Symbol, Right, PositionType)>,
    /// What is kept of its profit: income, growth, losses (I-1).
    pub profit: ProfitAccount,
    /// Profit realised since the last weekly close, by tax year.
    pub realised: Vec<YearProfit>,
    /// All profit that the books had realised when `realised` was last brought up to date.
    pub realised_before: Money,
    /// What the tax reserve is still owed; negative where it owes.
    pub reserve_owed: Money,
    /// The fork that is due (F-3).
    pub fork: Option<ForkDue>,
    /// Whether the next window buys LEAPS.
    pub leaps_due: bool,
    /// LEAPS that were sold and are to be replaced.
    pub leaps_sold: Vec<LeapsSold>,
    /// The last day on which each symbol was closed at a loss.
    pub losses: Vec<(Symbol, Date)>,
    /// Rolls in two orders that are under way today.
    pub rolls: Vec<RollBegun>,
    /// Symbols of which X-5 bought a put back this week: no second entry in them.
    pub profit_taken: Vec<Symbol>,
}

impl SleeveState {
    pub(crate) fn new(id: SleeveId) -> Self {
        SleeveState {
            id,
            base: Money::ZERO,
            unit: UNIT,
            mark: UNIT,
            peak: UNIT,
            resets: 0,
            lock: None,
            start: Money::ZERO,
            flows: Money::ZERO,
            book: SleeveBalance::default(),
            unrealised: Money::ZERO,
            cash_days: 0,
            lines: Vec::new(),
            called: Vec::new(),
            positions: Vec::new(),
            types: Vec::new(),
            profit: ProfitAccount::default(),
            realised: Vec::new(),
            realised_before: Money::ZERO,
            reserve_owed: Money::ZERO,
            fork: None,
            leaps_due: false,
            leaps_sold: Vec::new(),
            losses: Vec::new(),
            rolls: Vec::new(),
            profit_taken: Vec::new(),
        }
    }

    pub(crate) fn position_mut(&mut self, symbol: Symbol, part: Part) -> &mut PositionWeek {
        let key = (symbol, part);
        let at = self.positions.partition_point(|p| (p.symbol, p.part) < key);
        if self.positions.get(at).is_none_or(|p| (p.symbol, p.part) != key) {
            self.positions.insert(at, PositionWeek { symbol, part, start: Money::ZERO, flow: Money::ZERO });
        }
        &mut self.positions[at]
    }

    /// The type that `symbol`'s shares got at the last weekly close.
    #[must_use]
    pub fn shares_type(&self, symbol: Symbol) -> Option<PositionType> {
        self.types.iter().find(|(s, r, _)| *s == symbol && *r == Right::Call).map(|(_, _, t)| *t)
    }
}
