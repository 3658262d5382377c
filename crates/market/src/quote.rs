//! Bars, option quotes and chains, and the board: all that a decision may look at in one moment.

use crate::instrument::{Right, Series, Symbol};
use crate::time::{Date, Expiration, TradingDay};
use crate::value::Price;

/// One session of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The session.
    pub day: TradingDay,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Official close.
    pub close: Price,
    /// Shares traded.
    pub volume: u64,
}

/// Where an option's price comes from. A modelled price may fill a replay; it never becomes a live order and is never
/// shown without its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Somebody was bidding and offering.
    Quoted,
    /// A model's answer where no quote is at hand.
    Modelled,
}

/// An option's |delta| in hundredths of a point: 4500 is 45 points, |delta| 0.45. Decisions compare this rounded value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delta(pub i32);

impl Delta {
    /// Rounds |delta| in [0, 1] to hundredths of a point; `None` if it is not a number.
    #[must_use]
    pub fn from_f64(delta: f64) -> Option<Self> {
        delta.is_finite().then(|| Delta((delta.abs() * 10_000.0).round() as i32))
    }

    /// Whole points.
    #[must_use]
    pub const fn points(points: i32) -> Self {
        Delta(points * 100)
    }
}

impl std::fmt::Display for Delta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, (self.0 % 100).abs())
    }
}

/// One option's quote with what the gates ask of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionQuote {
    /// Strike.
    pub strike: Price,
    /// Best price somebody pays.
    pub bid: Price,
    /// Best price somebody asks.
    pub ask: Price,
    /// |delta| from the mid's own implied volatility; absent where none exists (mid below intrinsic value).
    pub delta: Option<Delta>,
    /// Contracts open, where known.
    pub open_interest: Option<u32>,
    /// The larger of today's volume so far and the last session's, where known.
    pub volume: Option<u32>,
}

impl OptionQuote {
    /// Middle of bid and ask.
    #[must_use]
    pub const fn mid(&self) -> Price {
        self.bid.middle(self.ask)
    }
}

/// All quoted strikes of one symbol, expiration and right, in rising order of strike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Symbol.
    pub underlying: Symbol,
    /// Expiration.
    pub expiration: Expiration,
    /// Put or call.
    pub right: Right,
    /// Whether these are quotes or a model's answers.
    pub origin: Origin,
    /// Rising by strike, each strike once.
    pub quotes: Vec<OptionQuote>,
}

impl Chain {
    /// The quote at `strike`.
    #[must_use]
    pub fn at(&self, strike: Price) -> Option<&OptionQuote> {
        self.quotes.binary_search_by_key(&strike, |q| q.strike).ok().map(|i| &self.quotes[i])
    }
}

/// Chains that somebody quoted, session by session: what a replay asks before it asks a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotedChains {
    /// Where they come from, for journals and messages.
    pub source: String,
    /// Rising by session, symbol, expiration and right; each quote's delta is not known yet.
    chains: Vec<(TradingDay, Chain)>,
}

impl QuotedChains {
    /// Chains as they stood at the close of their sessions. Of two of one session, symbol, expiration and right, the
    /// first counts.
    #[must_use]
    pub fn new(source: String, mut chains: Vec<(TradingDay, Chain)>) -> Self {
        chains.sort_by_key(|(day, chain)| QuotedChains::key(*day, chain));
        chains.dedup_by_key(|(day, chain)| QuotedChains::key(*day, chain));
        QuotedChains { source, chains }
    }

    fn key(day: TradingDay, chain: &Chain) -> (TradingDay, Symbol, Expiration, Right) {
        (day, chain.underlying, chain.expiration, chain.right)
    }

    /// What was quoted at the close of `day`.
    #[must_use]
    pub fn chain(&self, day: TradingDay, underlying: Symbol, expiration: Expiration, right: Right) -> Option<&Chain> {
        let wanted = (day, underlying, expiration, right);
        let at = self.chains.binary_search_by(|(day, chain)| QuotedChains::key(*day, chain).cmp(&wanted)).ok()?;
        Some(&self.chains[at].1)
    }

    /// Every chain with its session, rising by session, symbol, expiration and right.
    pub fn iter(&self) -> impl Iterator<Item = (TradingDay, &Chain)> {
        self.chains.iter().map(|(day, chain)| (*day, chain))
    }

    /// Whether anybody quoted anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// Sessions with a quote of some symbol, rising, each once.
    pub fn sessions(&self) -> impl Iterator<Item = TradingDay> {
        self.chains.chunk_by(|a, b| a.0 == b.0).map(|chains| chains[0].0)
    }
}

/// What is known of one underlying when a decision is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Underlying {
    /// Symbol.
    pub symbol: Symbol,
    /// Price now, of the day (not split-adjusted).
    pub price: Price,
    /// Close of the session before, in today's shares.
    pub previous_close: Price,
    /// Wilder's ATR(14) to the previous close, in today's shares; absent before 15 bars.
    pub atr: Option<Price>,
    /// SMA(50) to the previous close, in today's shares; absent before 50 bars.
    pub sma50: Option<Price>,
    /// Next earnings date on or after today; `Unknown` where no table is at hand.
    pub earnings: Earnings,
    /// Where its implied volatility stood at the previous close between the lowest (0) and the highest (1,000,000) of
    /// its last 252 closes, in parts per million; absent where it has no volatility index of its own.
    pub iv_rank: Option<i64>,
    /// The next dividend with an ex-date after today, where one is known.
    pub dividend: Option<NextDividend>,
}

/// A dividend that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextDividend {
    /// The first day on which a buyer no longer gets it.
    pub ex: Date,
    /// Dollars a share, in today's shares.
    pub amount: Price,
}

/// What is known of the next earnings report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earnings {
    /// Funds do not report.
    None,
    /// Announced for this date.
    On(Date),
    /// Not announced; from the last report it is expected in this span (84 to 98 days after it).
    Between(Date, Date),
    /// No table covers this symbol and day.
    Unknown,
}

/// The index and volatility figures that classify a week, all to the close named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Climate {
    /// Session of the last close in these figures.
    pub as_of: TradingDay,
    /// Index close.
    pub index_close: Price,
    /// Index SMA(20); absent before 20 bars.
    pub index_sma20: Option<Price>,
    /// Index SMA(20) five sessions earlier; absent before 25 bars.
    pub index_sma20_before: Option<Price>,
    /// VIX close in hundredths of a point; absent where the series has no value for `as_of`.
    pub vix: Option<i64>,
    /// Mean of the last 252 VIX closes on sessions, in hundredths of a point, rounded; absent before 252 closes.
    pub vix_mean: Option<i64>,
    /// VIX closes on sessions seen so far.
    pub vix_closes: u32,
    /// Index bars seen so far.
    pub index_bars: u32,
    /// Fewest bars that any symbol of the universe has.
    pub symbol_bars: u32,
}

/// Everything a decision may look at in one moment: in replay, one session's close.
#[derive(Clone, Debug)]
pub struct Board {
    /// The session.
    pub day: TradingDay,
    /// Figures to the previous close.
    pub climate: Climate,
    /// Each symbol at hand, in rising order of symbol.
    pub underlyings: Vec<Underlying>,
    /// Chains at hand.
    pub chains: Vec<Chain>,
    /// One-month Treasury yield at the last close, in hundredths of a basis point (10,000 = 1%); absent where unknown.
    pub bill_rate: Option<i64>,
}

impl Board {
    /// What is known of `symbol`.
    #[must_use]
    pub fn underlying(&self, symbol: Symbol) -> Option<&Underlying> {
        self.underlyings.binary_search_by_key(&symbol, |u| u.symbol).ok().map(|i| &self.underlyings[i])
    }

    /// The chain of one symbol, expiration and right. A second one with the same may follow: the strikes that a model
    /// had to price because nobody quoted them.
    #[must_use]
    pub fn chain(&self, underlying: Symbol, expiration: Expiration, right: Right) -> Option<&Chain> {
        self.chains.iter().find(|c| c.underlying == underlying && c.expiration == expiration && c.right == right)
    }

    /// The quote of one series with its origin.
    #[must_use]
    pub fn quote(&self, series: &Series) -> Option<(&OptionQuote, Origin)> {
        let of =
            |c: &&Chain| (c.underlying, c.expiration, c.right) == (series.underlying, series.expiration, series.right);
        self.chains.iter().filter(of).find_map(|c| c.at(series.strike).map(|q| (q, c.origin)))
    }
}
