//! Dividends (T-6): qualified if the shares were held long enough around the ex-date, not counting days under a call
//! that is no qualified covered call (IRC 1(h)(11)(B)(iii), 246(c)).

use market::instrument::Symbol;
use market::time::Date;
use market::value::Money;

use super::books::Books;
use super::lot::{Lot, Piece, Received, portion};
use super::term::{after, begins};
use super::transaction::{Asset, Place};

/// A dividend and how much of it is qualified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DividendPaid {
    /// Where.
    pub place: Place,
    /// Who paid.
    pub symbol: Symbol,
    /// The ex-date.
    pub ex: Date,
    /// When it was paid: the year in which it is taxed.
    pub paid: Date,
    /// How many shares were entitled.
    pub shares: i64,
    /// What was paid.
    pub amount: Money,
    /// What of it was counted.
    pub parts: Vec<Part>,
}

/// A dividend on shares of one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What was paid on them.
    pub amount: Money,
    /// Days held in the window around the ex-date that count.
    pub days: i64,
    /// Whether that makes it qualified.
    pub qualified: bool,
    /// Whether the window is over, or the shares are gone.
    pub known: bool,
}

/// Interest that was credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    /// When.
    pub day: Date,
    /// Where.
    pub place: Place,
    /// How much.
    pub amount: Money,
}

impl DividendPaid {
    /// The qualified part.
    #[must_use]
    pub fn qualified(&self) -> Money {
        self.parts.iter().filter(|part| part.qualified).map(|part| part.amount).sum()
    }
}

impl Books {
    /// Dividends, in the order of their ex-dates. Those on shares still held are counted by [`Books::finish`].
    #[must_use]
    pub fn dividends(&self) -> &[DividendPaid] {
        &self.dividends
    }

    /// Interest, day by day.
    #[must_use]
    pub fn interest(&self) -> &[Interest] {
        &self.interest
    }

    /// The shares held in the morning of the ex-date share a dividend.
    pub(super) fn pay_dividend(&mut self, place: Place, symbol: Symbol, shares: i64, amount: Money, paid: Date) {
        let (dividend, ex) = (self.dividends.len(), self.day);
        let lots = self.lots.iter_mut().filter(|lot| lot.place == place && lot.asset == Asset::Shares(symbol));
        let (mut left, mut rest) = (shares, amount);
        for piece in lots.flat_map(|lot| &mut lot.pieces) {
            let entitled = piece.units.min(left);
            if entitled == 0 {
                break;
            }
            let amount = portion(rest, entitled, left);
            piece.received.push(Received { dividend, amount });
            (left, rest) = (left - entitled, rest - amount);
        }
        self.dividends.push(DividendPaid { place, symbol, ex, paid, shares, amount, parts: Vec::new() });
    }

    /// Counts the dividends of shares that leave.
    pub(super) fn end_dividends(&mut self, lot: &Lot, piece: &Piece) {
        for received in &piece.received {
            let Some(dividend) = self.dividends.get(received.dividend) else { continue };
            let part = self.count(lot, piece, dividend.ex, received.amount, true);
            self.dividends[received.dividend].parts.push(part);
        }
    }

    /// Counts those of shares that are still held.
    pub(super) fn count_dividends(&mut self) {
        let lots = std::mem::take(&mut self.lots);
        for lot in &lots {
            for piece in &lot.pieces {
                for received in &piece.received {
                    let Some(dividend) = self.dividends.get(received.dividend) else { continue };
                    let part = self.count(lot, piece, dividend.ex, received.amount, false);
                    self.dividends[received.dividend].parts.push(part);
                }
            }
        }
        self.lots = lots;
    }

    fn count(&self, lot: &Lot, piece: &Piece, ex: Date, amount: Money, gone: bool) -> Part {
        let Some((more_than, window)) = self.rules.dividend else {
            return Part { amount, days: 0, qualified: true, known: true };
        };
        let first = begins(lot.acquired).max(after(ex, -(window - 1) / 2));
        let end = after(ex, window - 1 - (window - 1) / 2);
        let last = self.day.min(end);
        let days = piece.days_at_risk(first, last);
        let qualified = days > more_than;
        Part { amount, days, qualified, known: gone || qualified || self.day >= end }
    }
}
