//! Shares: bought and sold by trade, delivered by assignment.

use market::instrument::{Right, Series, Symbol};
use market::time::Date;
use market::value::{Money, Shares};

use super::{not_negative, not_too_large, positive, quantity, settles_after, shares_of, value};
use crate::account::{Instrument, Role, Side};
use crate::entry::{Assignment, ShareTrade};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::lot::{Lot, portion};
use crate::receipt::{Ending, Realised};

/// Amounts that go to the lots that leave, pro rata.
struct Sale {
    symbol: Symbol,
    shares: Shares,
    ending: Ending,
    /// Price or strike × shares, and an assigned call's premium.
    income: Money,
    /// Fees of the sale, those of an assigned call's opening included.
    fees: Money,
}

impl Ledger {
    pub(crate) fn buy_shares(&mut self, day: Date, trade: &ShareTrade) -> Result<(), LedgerError> {
        let at = self.at(trade.sleeve)?;
        let paid = check_trade(day, trade)?;
        let cost = paid + trade.fees;
        let given = self.given(at, trade.order, cost, None)?;
        self.require_cash(at, cost, given.cash)?;

        self.begin(day);
        self.use_up(given);
        let ShareTrade { symbol, shares, fees, settles, .. } = *trade;
        let id = self.next_lot();
        self.sleeves[at].stock_mut(symbol).begin(day);
        self.add_lot(at, Lot { id, symbol, shares, acquired: day, settles, paid, premium: Money::ZERO, fees });
        self.settle_later(at, settles, -cost);
        self.debit(at, Role::Fees, fees);
        self.reserve_cash(at, cost, given.cash);
        Ok(())
    }

    pub(crate) fn sell_shares(&mut self, day: Date, trade: &ShareTrade) -> Result<(), LedgerError> {
        let at = self.at(trade.sleeve)?;
        let gross = check_trade(day, trade)?;
        let ShareTrade { symbol, shares, fees, settles, .. } = *trade;
        let net = gross - fees;
        let owed = (-net).max(Money::ZERO);
        let given = self.given(at, trade.order, owed, Some((symbol, shares)))?;
        self.require_shares(at, symbol, shares, given.shares)?;
        self.require_cash(at, owed, given.cash)?;

        self.begin(day);
        self.use_up(given);
        self.remove_shares(at, day, Sale { symbol, shares, ending: Ending::Sold, income: gross, fees });
        self.settle_later(at, settles, net);
        self.debit(at, Role::Fees, fees);
        self.reserve_cash(at, owed, given.cash);
        Ok(())
    }

    /// An assignment is a fact: it is not refused for want of cash for its fees. What they leave short is a negative
    /// free balance until cash comes in.
    pub(crate) fn assign(&mut self, day: Date, assignment: &Assignment) -> Result<(), LedgerError> {
        let at = self.at(assignment.sleeve)?;
        let Assignment { series, contracts, fees, settles, .. } = *assignment;
        not_negative("the fee", fees)?;
        quantity(contracts.0)?;
        not_too_large(fees)?;
        let delivered = value(series.strike, shares_of(contracts.0))?;
        settles_after(day, settles)?;
        if day > series.expiration.0 {
            return Err(LedgerError::Expired { series, day });
        }
        self.require_written(at, &series, contracts)?;

        self.begin(day);
        let (premium, opening) = self.deliver_written(at, assignment);
        match series.right {
            Right::Put => self.put_to_us(at, day, assignment, delivered, premium, opening),
            Right::Call => {
                let sale = Sale {
                    symbol: series.underlying,
                    shares: contracts.shares(),
                    ending: Ending::CalledAway,
                    income: delivered + premium,
                    fees: fees + opening,
                };
                self.remove_shares(at, day, sale);
                self.settle_later(at, settles, delivered - fees);
                self.reserve_cash(at, (fees - delivered).max(Money::ZERO), Money::ZERO);
            }
        }
        self.debit(at, Role::Fees, fees);
        Ok(())
    }

    /// The collateral becomes what is owed for the shares: it stays reserved until that settles.
    fn put_to_us(&mut self, at: usize, day: Date, put: &Assignment, paid: Money, premium: Money, opening: Money) {
        let Assignment { series: Series { underlying: symbol, .. }, contracts, fees, settles, .. } = *put;
        let (id, shares) = (self.next_lot(), contracts.shares());
        self.add_lot(at, Lot { id, symbol, shares, acquired: day, settles, paid, premium, fees: fees + opening });
        self.settle_later(at, settles, -(paid + fees));
        self.reserve_cash(at, fees, Money::ZERO);
    }

    /// Takes assigned contracts off the books without a gain; gives their premium and the fees of their opening.
    fn deliver_written(&mut self, at: usize, assignment: &Assignment) -> (Money, Money) {
        let (mut premium, mut fees, mut left) = (Money::ZERO, Money::ZERO, assignment.contracts);
        while left.0 > 0 {
            let part = self.take_written(at, &assignment.series, left);
            premium += part.premium;
            fees += part.fees;
            left -= part.contracts;
        }
        let held = Instrument::Option(assignment.series);
        self.exchange(at, Role::Written, held, Side::Debit, premium, assignment.contracts.0);
        (premium, fees)
    }

    pub(super) fn add_lot(&mut self, at: usize, lot: Lot) {
        self.exchange(at, Role::Shares, Instrument::Shares(lot.symbol), Side::Debit, lot.carried(), lot.shares.0);
        let sleeve = &mut self.sleeves[at];
        let stock = sleeve.stock_mut(lot.symbol);
        stock.held += lot.shares;
        stock.paid += lot.paid;
        sleeve.lots.push(lot);
    }

    fn remove_shares(&mut self, at: usize, day: Date, sale: Sale) {
        let Sale { symbol, shares, ending, mut income, mut fees } = sale;
        let (mut left, mut carried) = (shares, Money::ZERO);
        while left > Shares(0) {
            let lot = self.sleeves[at].take_lot(symbol, left, self.lot_order);
            let (part_income, part_fees) = (portion(income, lot.shares.0, left.0), portion(fees, lot.shares.0, left.0));
            self.realise(
                at,
                Realised {
                    sleeve: self.sleeves[at].id,
                    lot: lot.id,
                    instrument: Instrument::Shares(symbol),
                    ending,
                    quantity: lot.shares.0,
                    opened: lot.acquired,
                    closed: day,
                    proceeds: part_income - part_fees,
                    basis: lot.basis(),
                    fees: lot.fees + part_fees,
                },
            );
            (income, fees) = (income - part_income, fees - part_fees);
            carried += lot.carried();
            left -= lot.shares;
        }
        self.exchange(at, Role::Shares, Instrument::Shares(symbol), Side::Credit, carried, shares.0);
        self.credit_or_debit(at, Role::ShareGains, sale.income - carried);
        let sleeve = &mut self.sleeves[at];
        let still_open = sleeve.open_premium(symbol);
        let stock = sleeve.stock_mut(symbol);
        stock.leave(shares, still_open);
        stock.end(None);
    }
}

fn check_trade(day: Date, trade: &ShareTrade) -> Result<Money, LedgerError> {
    positive("the price", trade.price.times(1))?;
    not_negative("the fee", trade.fees)?;
    quantity(trade.shares.0)?;
    not_too_large(trade.fees)?;
    let gross = value(trade.price, trade.shares.0)?;
    settles_after(day, trade.settles)?;
    Ok(gross)
}
