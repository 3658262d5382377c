//! The weekly report (L-1): market week, sleeves against targets, trades with reasons, balances, and what comes next.

mod identity;
mod market;
mod next;
mod sleeve;
mod trade;

use ::market::time::Week;
use serde::Serialize;

use crate::book::Book;
use crate::error::ReportError;
use crate::figure::{Amount, Share};
use crate::story::{self, Line};
use crate::tree::{Holding, Leaps, Short};
use crate::{notes, words};

pub use identity::{Identity, together};
pub(crate) use sleeve::fall;
pub use sleeve::{offered, premium};
pub use trade::{reference, trades};

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
    /// The tax reserves together, which the total includes.
    pub reserve: Identity,
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

/// A sleeve's balances after a weekly close.
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
    /// Settled cash and what is to be received, less what is to be paid.
    pub cash: Amount,
    /// Shares at the close.
    pub shares: Amount,
    /// Written options at mid, negative.
    pub options: Amount,
    /// LEAPS at mid.
    pub leaps: Amount,
    /// Cash, shares, options and LEAPS: what the sleeve has once the close itself has moved what it moves (C-4 to C-8).
    pub equity: Amount,
    /// Shares held.
    pub holdings: Vec<Holding>,
    /// Options written.
    pub shorts: Vec<Short>,
    /// LEAPS held.
    pub longs: Vec<Leaps>,
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
        market: market::market_week(book, record),
        sleeves: book.sleeve_weeks(record).iter().map(|w| sleeve::statement(book, record, &state, w)).collect(),
        reserve: book.reserve(record),
        total: book.total(record),
        trades: record.events.clone().flat_map(|place| trades(book, place)).collect(),
        left: trade::left(book, record),
        positions: trade::positions(book, record),
        locks: next::locks(&state, &lines),
        next: next::next(&state, record.week),
        notes: notes::of_world(book),
    })
}
