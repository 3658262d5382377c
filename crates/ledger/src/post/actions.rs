//! What companies do: dividends and splits.

use market::instrument::{Right, Series, Symbol};
use market::time::Date;
use market::value::{Contracts, Money, Price, Shares, UNITS_PER_CENT};

use super::{positive, quantity, settles_after, value};
use crate::account::{Instrument, Role, Side};
use crate::entry::Dividend;
use crate::error::LedgerError;
use crate::ledger::{Held, Ledger};
use crate::lot::collateral;
use crate::sleeve::{Flow, Sleeve};

const CENT: i64 = UNITS_PER_CENT;
const MOST_NEW_PER_OLD: i64 = 1_000;
const MOST_UNITS_AFTER: i64 = 1_000_000_000_000;

impl Ledger {
    pub(crate) fn accrue_dividend(&mut self, day: Date, dividend: &Dividend) -> Result<(), LedgerError> {
        let Dividend { sleeve, shares, per_share, amount, settles, .. } = *dividend;
        let at = self.at(sleeve)?;
        positive("the dividend a share", per_share.times(1))?;
        positive("the dividend", amount)?;
        quantity(shares.0)?;
        super::not_too_large(amount)?;
        let expected = value(per_share, shares.0)?;
        let rounding = amount - expected;
        if rounding.abs() > Money::cents(1) {
            return Err(LedgerError::DividendAmount { amount, expected });
        }
        settles_after(day, settles)?;

        self.begin(day);
        self.debit(at, Role::DividendsReceivable, amount);
        self.credit(at, Role::Dividends, expected);
        self.credit_or_debit(at, Role::Rounding, rounding);
        self.sleeves[at].add_due(settles, Flow::Dividend, amount);
        Ok(())
    }

    pub(crate) fn split(&mut self, day: Date, symbol: Symbol, new_per_old: i64) -> Result<(), LedgerError> {
        self.check_split(symbol, new_per_old)?;
        self.begin(day);
        for at in 0..self.sleeves.len() {
            self.split_shares(at, symbol, new_per_old);
            self.split_written(at, symbol, new_per_old);
            self.split_longs(at, symbol, new_per_old);
        }
        Ok(())
    }

    fn check_split(&self, symbol: Symbol, new_per_old: i64) -> Result<(), LedgerError> {
        let fits = |units: i64| units <= MOST_UNITS_AFTER / new_per_old;
        let long = |s: &Sleeve| s.longs.iter().filter(|l| l.series.underlying == symbol).map(|l| l.contracts).sum();
        let fit = |s: &Sleeve| {
            let stock = s.stock(symbol).is_none_or(|s| fits(s.held.0) && fits(s.contracts.shares().0));
            stock && fits(Contracts::shares(long(s)).0)
        };
        if !(2..=MOST_NEW_PER_OLD).contains(&new_per_old) || !self.sleeves.iter().all(fit) {
            return Err(LedgerError::SplitFactor(new_per_old));
        }
        for reservation in &self.reservations {
            if matches!(reservation.held, Held::Shares(held, _) if held == symbol) {
                return Err(LedgerError::SplitWhileReserved(symbol, reservation.order));
            }
        }
        for sleeve in &self.sleeves {
            let of_symbol = |series: &Series| series.underlying == symbol;
            for w in sleeve.written.iter().filter(|w| of_symbol(&w.series)) {
                let others = sleeve.written.iter().map(|w| w.series).filter(of_symbol);
                let thin = w.series.right == Right::Put
                    && w.premium > collateral(&after(&w.series, new_per_old), more(w.contracts, new_per_old));
                if thin || blurs(&w.series, others, new_per_old) {
                    return Err(LedgerError::SplitStrike(w.series));
                }
            }
            for l in sleeve.longs.iter().filter(|l| of_symbol(&l.series)) {
                if blurs(&l.series, sleeve.longs.iter().map(|l| l.series).filter(of_symbol), new_per_old) {
                    return Err(LedgerError::SplitStrike(l.series));
                }
            }
        }
        Ok(())
    }

    fn split_shares(&mut self, at: usize, symbol: Symbol, n: i64) {
        let sleeve = &mut self.sleeves[at];
        for lot in sleeve.lots.iter_mut().filter(|lot| lot.symbol == symbol) {
            lot.shares = Shares(lot.shares.0 * n);
        }
        let Some(stock) = sleeve.stocks.iter_mut().find(|s| s.symbol == symbol) else { return };
        let more = stock.held.0 * (n - 1);
        stock.held = Shares(stock.held.0 * n);
        stock.covering = Shares(stock.covering.0 * n);
        stock.contracts = Contracts(stock.contracts.0 * n);
        if more > 0 {
            self.exchange(at, Role::Shares, Instrument::Shares(symbol), Side::Debit, Money::ZERO, more);
        }
    }

    /// Collateral follows the strike, which is rounded to the cent.
    fn split_written(&mut self, at: usize, symbol: Symbol, n: i64) {
        let (mut before, mut then) = (Money::ZERO, Money::ZERO);
        for i in 0..self.sleeves[at].written.len() {
            let old = self.sleeves[at].written[i];
            if old.series.underlying != symbol {
                continue;
            }
            let (series, contracts) = (after(&old.series, n), more(old.contracts, n));
            let new = &mut self.sleeves[at].written[i];
            (new.series, new.contracts) = (series, contracts);
            let (role, premium) = (Role::Written, old.premium);
            self.exchange(at, role, Instrument::Option(old.series), Side::Debit, premium, old.contracts.0);
            self.exchange(at, role, Instrument::Option(series), Side::Credit, premium, contracts.0);
            before += old.collateral();
            then += collateral(&series, contracts);
        }
        self.reserve_cash(at, then, before);
    }

    fn split_longs(&mut self, at: usize, symbol: Symbol, n: i64) {
        for i in 0..self.sleeves[at].longs.len() {
            let old = self.sleeves[at].longs[i];
            if old.series.underlying != symbol {
                continue;
            }
            let (series, contracts) = (after(&old.series, n), more(old.contracts, n));
            let new = &mut self.sleeves[at].longs[i];
            (new.series, new.contracts) = (series, contracts);
            self.exchange(at, Role::Long, Instrument::Option(old.series), Side::Credit, old.cost, old.contracts.0);
            self.exchange(at, Role::Long, Instrument::Option(series), Side::Debit, old.cost, contracts.0);
        }
    }
}

/// A series after a split.
fn after(old: &Series, n: i64) -> Series {
    Series { strike: Price::from_units((2 * old.strike.units() + n * CENT) / (2 * n * CENT) * CENT), ..*old }
}

fn more(contracts: Contracts, n: i64) -> Contracts {
    Contracts(contracts.0 * n)
}

/// Whether the strike would round to nothing, or the series to another one.
fn blurs(old: &Series, mut all: impl Iterator<Item = Series>, n: i64) -> bool {
    let new = after(old, n);
    new.strike == Price::ZERO || all.any(|other| other != *old && after(&other, n) == new)
}
