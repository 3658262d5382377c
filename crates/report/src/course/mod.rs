//! The course of a run: what charts draw, week by week and option by option, with the numbers of its events.
//!
//! Statements say what a span came to; this says how it got there. One pass over the journal makes all of it.

mod growth;
mod life;
mod types;
mod week;

use market::quote::Origin;
use serde::Serialize;

use crate::book::Book;
use crate::figure::{Amount, Day, Share};
use crate::weekly::Identity;

/// A run, step by step.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Course {
    /// Its closed weeks, rising.
    pub weeks: Vec<CourseWeek>,
    /// Every sleeve that ever closed a week, rising by name.
    pub sleeves: Vec<SleeveCourse>,
    /// Every structure, rising by number.
    pub structures: Vec<StructureCourse>,
    /// Every option that was written, in the order of the sales.
    pub options: Vec<OptionLife>,
    /// Closes of the benchmarks in shares of the last close, rising by symbol.
    pub prices: Vec<PriceCourse>,
    /// When sleeves were locked for new puts, in the order of the locks.
    pub locks: Vec<LockSpan>,
    /// Position-weeks by type, the most severe type first; types that never came are left out.
    pub types: Vec<TypeCourse>,
}

/// One closed week of the whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CourseWeek {
    /// `2020-W12`.
    pub week: String,
    /// Its last session.
    pub day: Day,
    /// Number of the event that marked it.
    pub event: u64,
    /// How the market's week was judged; absent if it was not.
    pub market: Option<MarketPoint>,
    /// All sleeves and tax reserves: start + flows + gains = end.
    pub total: Identity,
    /// What there is at its end, by kind.
    pub allocation: Allocation,
    /// Settled cash of all sleeves that was neither reserved nor buffer.
    pub idle: Amount,
}

/// A judgement of the market's week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarketPoint {
    /// Number of the event that judged it last.
    pub event: u64,
    /// `Green`, `Red` or `Chop`.
    pub class: String,
    /// Distance from another class (M-5).
    pub confidence: Share,
    /// VIX at the close before.
    pub vix: f64,
    /// Its mean over a year.
    pub vix_mean: f64,
}

/// What there is at a weekly close, after the close has moved what it moves. Its parts sum to the equity of all sleeves
/// and the tax reserves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Allocation {
    /// Cash that secures written puts, and working orders.
    pub secured: Amount,
    /// All other cash of the sleeves: free, buffer, and what is to be received.
    pub cash: Amount,
    /// Shares at the close.
    pub shares: Amount,
    /// LEAPS at mid.
    pub leaps: Amount,
    /// Tax reserves.
    pub reserve: Amount,
    /// Written options at mid, negative.
    pub written: Amount,
}

/// One sleeve, week by week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SleeveCourse {
    /// `1.Gen`.
    pub sleeve: String,
    /// `Gen`.
    pub kind: String,
    /// Its structure.
    pub structure: u32,
    /// Its weekly target.
    pub target: Share,
    /// Its weeks, rising.
    pub points: Vec<SleevePoint>,
}

/// A sleeve's week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SleevePoint {
    /// Which of [`Course::weeks`].
    pub week: usize,
    /// Number of the event that closed it.
    pub event: u64,
    /// Its type (W-12).
    pub kind: String,
    /// What the type means.
    pub meaning: String,
    /// Equity at the close.
    pub equity: Amount,
    /// Its return.
    pub earned: Option<Share>,
    /// Unit value, 1 at the start, flows removed.
    pub unit: f64,
    /// Fall from the highest weekly close ever.
    pub drawdown: Share,
    /// Fall from the mark that K-2 uses, which restarts (G-2, G-3).
    pub mark_drawdown: Share,
    /// The premium that was on offer.
    pub on_offer: Option<Share>,
    /// Premium sold less premium bought back at quotes, before fees.
    pub premium_quoted: Amount,
    /// The same at modelled prices.
    pub premium_modelled: Amount,
    /// Numbers of the fills behind the premium.
    pub fills: Vec<u64>,
    /// Settled cash that was neither reserved nor buffer.
    pub idle: Amount,
}

/// One structure through time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StructureCourse {
    /// Its number.
    pub structure: u32,
    /// The structure it was founded under.
    pub parent: Option<u32>,
    /// The day on which it was founded.
    pub founded: Day,
    /// The day on which it merged.
    pub merged: Option<Day>,
    /// The structure that took it in.
    pub into: Option<u32>,
    /// Equity of its own sleeves at each weekly close: which of [`Course::weeks`], and how much.
    pub equity: Vec<(usize, Amount)>,
    /// What happened to it, in order.
    pub news: Vec<News>,
}

/// Something that happened, told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct News {
    /// Number of its event.
    pub event: u64,
    /// When.
    pub day: Day,
    /// What kind of thing it is.
    pub what: Growth,
    /// In a trader's words, with its rules.
    pub text: String,
}

/// What can happen to a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Growth {
    /// It was founded.
    Founded,
    /// A fork from it is due, or waits for other reasons than before.
    ForkDue,
    /// A fork that was due is so no more.
    ForkLapsed,
    /// It founded another structure.
    Forked,
    /// It begins to merge.
    MergeStarted,
    /// It merged.
    Merged,
}

/// Options of one series in one sleeve, from the first sale to the last contract's end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptionLife {
    /// The sleeve.
    pub sleeve: String,
    /// The underlying.
    pub symbol: String,
    /// `TSLA 2024-06-14 $180.00 put`, in prices of the day of the sale.
    pub series: String,
    /// Whether it is a call.
    pub call: bool,
    /// Strike in shares of the last close, so that lives before and after a split can be compared.
    pub strike: f64,
    /// Contracts at their most.
    pub contracts: i64,
    /// The day of the first sale.
    pub sold: Day,
    /// The day on which the last contract ended; absent while some are open.
    pub ended: Option<Day>,
    /// How the last contracts ended.
    pub end: LifeEnd,
    /// Premium sold less premium bought back, before fees.
    pub premium: Amount,
    /// Whether any of it was at a model's price.
    pub modelled: bool,
    /// Numbers of its events.
    pub events: Vec<u64>,
}

/// How a written option ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum LifeEnd {
    /// Without value.
    Expired,
    /// Bought back.
    BoughtBack,
    /// Bought back and written again as one combination.
    Rolled,
    /// A put that brought shares.
    Assigned,
    /// A call that took shares.
    CalledAway,
    /// Not yet.
    Open,
}

/// Weekly closes of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriceCourse {
    /// Which symbol.
    pub symbol: String,
    /// Which of [`Course::weeks`], and the close in shares of the last close.
    pub closes: Vec<(usize, f64)>,
}

/// A time in which a sleeve was locked for new puts (K-2, G-1).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LockSpan {
    /// The sleeve.
    pub sleeve: String,
    /// The close at which it began.
    pub from: Day,
    /// The close at which it ended; absent while it holds.
    pub to: Option<Day>,
    /// Drawdown at its beginning.
    pub drawdown: Share,
    /// Whether it ended, or went on, with the mark restarted (G-2, G-3).
    pub restarted: bool,
    /// Why it began, why it changed, why it ended.
    pub why: Vec<String>,
    /// Numbers of its events.
    pub events: Vec<u64>,
}

/// Position-weeks of one type beside what the authors expect of it (W).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TypeCourse {
    /// `P-EW`.
    pub kind: String,
    /// What it means.
    pub meaning: String,
    /// How many position-weeks.
    pub weeks: usize,
    /// Mean of gain over what the position bound.
    pub mean: Share,
    /// The worst of a hundred sorted weeks' fifth, and the fifth best: a tenth lie outside.
    pub middle: (Share, Share),
    /// The authors' range, which decides nothing.
    pub reference: (Share, Share),
    /// Numbers of the events that gave the type.
    pub events: Vec<u64>,
}

/// The course of a run.
///
/// # Panics
/// Never: the events have been folded once, with the book.
#[must_use]
pub fn course(book: &Book<'_>) -> Course {
    let (weeks, sleeves) = week::weeks(book);
    Course {
        structures: growth::structures(book, &weeks, &sleeves),
        locks: growth::locks(book),
        options: life::options(book),
        prices: life::prices(book),
        types: types::types(book),
        weeks,
        sleeves,
    }
}

/// The number by which people ask for the event at `place`.
const fn number(place: usize) -> u64 {
    place as u64 + 1
}

fn is_modelled(origin: Origin) -> bool {
    origin == Origin::Modelled
}
