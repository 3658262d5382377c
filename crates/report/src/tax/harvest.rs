//! Losses that could be taken before a year ends, lot by lot, and what T-3 would make of them (T-4).

use market::time::Date;
use market::value::{Money, Price, Shares};
use serde::Serialize;

use super::books::Books;
use super::form::described;
use super::lot::portion;
use super::straddle::close_of;
use super::term::{after, is_long_term};
use super::transaction::{Asset, Place};
use crate::figure::{Amount, Day};
use crate::words;

/// Shares that stand at a loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The account.
    pub account: String,
    /// The sleeve, in accounts that have sleeves.
    pub sleeve: Option<String>,
    /// What it is.
    pub what: String,
    /// Since when.
    pub acquired: Day,
    /// The close that it is valued at.
    pub close: Amount,
    /// Its basis, disallowed losses included.
    pub basis: Amount,
    /// Basis less value: what a sale would give up, negative.
    pub loss: Amount,
    /// Whether that would be long-term.
    pub long_term: bool,
    /// The part of it that would be disallowed at once, by what was bought in the last 30 days and is still held.
    pub disallowed: Amount,
    /// Shares of it that a written call covers: they cannot be sold before the call is closed.
    pub covered: i64,
    /// Written puts on the same shares: if assigned within 30 days after a sale, they disallow it too.
    pub open_puts: i64,
    /// The first day on which a sale would not be washed by what is held now.
    pub clear_from: Day,
    /// The last day on which a new purchase would wash a sale made now.
    pub not_bought_until: Day,
}

impl Books {
    /// Lots of shares in taxable accounts that stand at a loss at the last closes, the largest first.
    #[must_use]
    pub fn harvest(&self) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let days = self.rules.wash.map_or(0, |(days, _)| days);
        for lot in self.lots.iter().filter(|lot| !self.is_retirement(lot.place)) {
            let Asset::Shares(symbol) = lot.asset else { continue };
            let Some(close) = close_of(&self.closes, symbol, self.day) else { continue };
            let (basis, units) = (lot.cost.net(&lot.asset) + lot.carried(), lot.units());
            let loss = close.of_shares(Shares(units)) - basis;
            if !loss.is_negative() {
                continue;
            }
            let near: Vec<(Date, i64)> = self
                .lots
                .iter()
                .filter(|other| other.id != lot.id && self.counts_for(other, symbol))
                .filter(|other| market::time::days_between(other.acquired, self.day) <= days)
                .map(|other| (other.acquired, other.pieces.iter().filter(|p| !p.used).map(|p| p.units).sum()))
                .filter(|(_, units)| *units > 0)
                .collect();
            let replaced = near.iter().map(|(_, units)| units).sum::<i64>().min(units);
            let last = near.iter().map(|(day, _)| *day).max();
            let puts = self.lots.iter().filter(|l| {
                matches!(l.asset, Asset::Option(s, super::Side::Short)
                if s.underlying == symbol && s.right == market::instrument::Right::Put)
            });
            found.push(Candidate {
                account: self.accounts[lot.place.account].name.clone(),
                sleeve: lot.place.sleeve.map(words::sleeve),
                what: described(&lot.asset, units),
                acquired: Day(lot.acquired),
                close: Amount::from(close),
                basis: Amount(basis),
                loss: Amount(loss),
                long_term: lot.pieces.iter().all(|p| is_long_term(p.begins, self.day) && !p.is_suspended()),
                disallowed: Amount(portion(-loss, replaced, units)),
                covered: lot.pieces.iter().filter(|p| p.cover.is_some()).map(|p| p.units).sum(),
                open_puts: puts.map(super::lot::Lot::units).sum::<i64>() / market::value::MULTIPLIER,
                clear_from: Day(last.map_or(self.day, |last| after(last, days + 1))),
                not_bought_until: Day(after(self.day, days)),
            });
        }
        found.sort_by_key(|candidate| candidate.loss.0);
        found
    }

    /// Whether a lot would replace shares of a symbol that are sold at a loss.
    fn counts_for(&self, lot: &super::lot::Lot, symbol: market::instrument::Symbol) -> bool {
        use market::instrument::Right;
        match lot.asset {
            Asset::Shares(of) => of == symbol,
            Asset::Option(series, super::Side::Long) => series.right == Right::Call && series.underlying == symbol,
            Asset::Option(series, super::Side::Short) => lot.deep && series.underlying == symbol,
        }
    }

    /// The last close of a symbol that the books know.
    #[must_use]
    pub fn close(&self, symbol: market::instrument::Symbol) -> Option<Price> {
        close_of(&self.closes, symbol, self.day)
    }

    /// What is open, lot by lot, for a table of bases.
    #[must_use]
    pub fn open(&self) -> Vec<OpenLot> {
        let lot = |lot: &super::lot::Lot| OpenLot {
            place: lot.place,
            asset: lot.asset,
            acquired: lot.acquired,
            held_from: lot.pieces.iter().map(|p| p.begins).max().unwrap_or(lot.acquired),
            units: lot.units(),
            cost: lot.cost.net(&lot.asset),
            carried: lot.carried(),
            premium: lot.cost.premium,
        };
        self.lots.iter().map(lot).collect()
    }
}

/// A lot that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLot {
    /// Where.
    pub place: Place,
    /// What.
    pub asset: Asset,
    /// Since when.
    pub acquired: Date,
    /// First day of the holding period, of its last part if they differ.
    pub held_from: Date,
    /// Shares, or shares that the contracts stand for.
    pub units: i64,
    /// What it cost with fees, or of written options brought, without disallowed losses.
    pub cost: Money,
    /// Disallowed losses in its basis.
    pub carried: Money,
    /// Premium of the put that delivered it, which is off its cost already.
    pub premium: Money,
}
