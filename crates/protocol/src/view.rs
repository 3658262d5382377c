//! What a rule may see of one sleeve: the books and open positions, in today's prices.

use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::time::TradingDay;
use market::value::{Contracts, Money, Price, Shares};

/// Shares that a sleeve holds of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Which symbol.
    pub symbol: Symbol,
    /// How many.
    pub shares: Shares,
    /// How many neither a short call nor a working order may take.
    pub uncovered: Shares,
    /// Cash basis a share, rounded up to the ten-thousandth: strike assigned or price paid less net option premium.
    pub basis: Price,
    /// The type it got at the last weekly close.
    pub kind: Option<crate::position::PositionType>,
}

/// A short option line, with what was true when it was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// Which series.
    pub series: Series,
    /// How many contracts are open.
    pub contracts: Contracts,
    /// The session on which it was sold.
    pub opened: TradingDay,
    /// Premium received a share.
    pub price: Price,
    /// The underlying's price then.
    pub underlying: Price,
    /// Premium a share of the chain of rolls' first option; its own where it was not rolled.
    pub first_premium: Price,
    /// How often the position was rolled so far.
    pub rolls: u32,
    /// What all rolls of the chain so far brought a share, net of fees; negative if they cost.
    pub chain_credit: Price,
}

/// One sleeve at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SleeveView {
    /// Which sleeve.
    pub id: SleeveId,
    /// Cash + shares + options at mid (short ones negative).
    pub equity: Money,
    /// Settled cash less collateral and order reservations, buffer not yet taken off.
    pub unreserved: Money,
    /// Cash that new entries leave alone.
    pub buffer: Money,
    /// Strike × 100 of short puts, market value of shares, working orders.
    pub committed: Money,
    /// The same by underlying, rising by symbol.
    pub exposure: Vec<(Symbol, Money)>,
    /// Rising by symbol.
    pub holdings: Vec<Holding>,
    /// In the order of sale.
    pub shorts: Vec<Short>,
    /// Whether new puts are locked (K-2).
    pub locked: bool,
    /// Symbols of which X-5 bought a put back this week.
    pub profit_taken: Vec<Symbol>,
}

impl SleeveView {
    /// Free cash: what is settled, not reserved, and above the buffer.
    #[must_use]
    pub fn free_cash(&self) -> Money {
        self.unreserved - self.buffer
    }

    /// What `symbol` binds already.
    #[must_use]
    pub fn exposure_to(&self, symbol: Symbol) -> Money {
        self.exposure.iter().find(|(s, _)| *s == symbol).map_or(Money::ZERO, |(_, m)| *m)
    }

    /// The holding of `symbol`.
    #[must_use]
    pub fn holding(&self, symbol: Symbol) -> Option<&Holding> {
        self.holdings.iter().find(|h| h.symbol == symbol)
    }

    /// Contracts of short calls on `symbol`.
    #[must_use]
    pub fn calls_on(&self, symbol: Symbol) -> Contracts {
        let calls = self.shorts.iter().filter(|s| s.series.underlying == symbol && s.series.right == Right::Call);
        calls.map(|s| s.contracts).sum()
    }
}
