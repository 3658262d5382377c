//! What companies do: dividends and splits.

use market::instrument::{Right, Series, Symbol};
use market::time::Date;
use market::value::{Contracts, Money, Price, Shares, UNITS_PER_CENT};

use super::{positive, quantity, settles_after, value};
use crate::account::{Instrument, Role, Side};
use crate::entry::Dividend;
use crate::error::LedgerError;
use crate::ledger::{Held, Ledger};
use crate::lot::{Written, collateral};
use crate::sleeve::Flow;

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
        }
        Ok(())
    }

    fn check_split(&self, symbol: Symbol, new_per_old: i64) -> Result<(), LedgerError> {
        let fits = |units: i64| units <= MOST_UNITS_AFTER / new_per_old;
        let stocks = || self.sleeves.iter().filter_map(|s| s.stock(symbol));
        if !(2..=MOST_NEW_PER_OLD).contains(&new_per_old)
            || !stocks().all(|s| fits(s.held.0) && fits(s.contracts.shares().0))
        {
            return Err(LedgerError::SplitFactor(new_per_old));
        }
        for reservation in &self.reservations {
            if matches!(reservation.held, Held::Shares(held, _) if held == symbol) {
                return Err(LedgerError::SplitWhileReserved(symbol, reservation.order));
            }
        }
        for sleeve in &self.sleeves {
            let of_symbol = || sleeve.written.iter().filter(|w| w.series.underlying == symbol);
            for old in of_symbol() {
                let new = after(old, new_per_old);
                let same =
                    |other: &Written| other.series != old.series && after(other, new_per_old).series == new.series;
                let thin = new.series.right == Right::Put && new.premium > new.collateral();
                if new.series.strike == Price::ZERO || thin || of_symbol().any(same) {
                    return Err(LedgerError::SplitStrike(old.series));
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
            self.exchange(at, Instrument::Shares(symbol), Side::Debit, Money::ZERO, more);
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
            let new = after(&old, n);
            self.sleeves[at].written[i] = new;
            self.exchange(at, Instrument::Option(old.series), Side::Debit, old.premium, old.contracts.0);
            self.exchange(at, Instrument::Option(new.series), Side::Credit, new.premium, new.contracts.0);
            before += collateral(&old.series, old.contracts);
            then += collateral(&new.series, new.contracts);
        }
        self.reserve_cash(at, then, before);
    }
}

/// Contracts after a split.
fn after(old: &Written, n: i64) -> Written {
    let strike = Price::from_units((2 * old.series.strike.units() + n * CENT) / (2 * n * CENT) * CENT);
    Written { series: Series { strike, ..old.series }, contracts: Contracts(old.contracts.0 * n), ..*old }
}
