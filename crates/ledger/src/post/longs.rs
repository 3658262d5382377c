//! Calls that are held (LEAPS): bought, sold, exercised, and their end without value.

use market::instrument::{Right, Series};
use market::time::Date;
use market::value::{Contracts, Money};

use super::options::{check_dates, check_leg, owed};
use super::{not_negative, not_too_large, positive, quantity, shares_of, value};
use crate::account::{Instrument, Role, Side};
use crate::entry::{Exercise, OptionTrade, Purpose};
use crate::error::LedgerError;
use crate::id::SleeveId;
use crate::ledger::Ledger;
use crate::lot::{Long, Lot, portion};
use crate::receipt::{Ending, Realised};

/// Contracts that leave, and what they bring.
struct Leaving {
    series: Series,
    contracts: Contracts,
    ending: Ending,
    income: Money,
    fees: Money,
}

impl Ledger {
    pub(crate) fn buy_to_open(&mut self, day: Date, trade: &OptionTrade) -> Result<(), LedgerError> {
        let at = self.at(trade.sleeve)?;
        let gross = check_trade(day, trade)?;
        let cost = gross + trade.fees;
        let given = self.given(at, trade.order, cost, None)?;
        let set_aside = self.sleeves[at].earmark(Purpose::Leaps).min(cost - given.cash);
        self.require_cash(at, cost, given.cash + set_aside)?;

        self.begin(day);
        self.use_up(given);
        *self.sleeves[at].earmark_mut(Purpose::Leaps) -= set_aside;
        let OptionTrade { series, contracts, fees, settles, .. } = *trade;
        let id = self.next_lot();
        self.sleeves[at].longs.push(Long { id, series, contracts, opened: day, settles, cost: gross, fees });
        self.exchange(at, Role::Long, Instrument::Option(series), Side::Debit, gross, contracts.0);
        self.settle_later(at, settles, -cost);
        self.debit(at, Role::Fees, fees);
        self.reserve_cash(at, cost, given.cash + set_aside);
        Ok(())
    }

    pub(crate) fn sell_to_close(&mut self, day: Date, trade: &OptionTrade) -> Result<(), LedgerError> {
        let at = self.at(trade.sleeve)?;
        let income = check_trade(day, trade)?;
        let OptionTrade { series, contracts, fees, settles, .. } = *trade;
        let net = income - fees;
        let given = self.given(at, trade.order, owed(net), None)?;
        self.require_held(at, &series, contracts)?;
        self.require_cash(at, owed(net), given.cash)?;

        self.begin(day);
        self.use_up(given);
        self.remove_longs(at, day, &Leaving { series, contracts, ending: Ending::LongSold, income, fees });
        self.settle_later(at, settles, net);
        self.debit(at, Role::Fees, fees);
        self.reserve_cash(at, owed(net), given.cash);
        Ok(())
    }

    pub(crate) fn expire_long(
        &mut self,
        day: Date,
        sleeve: SleeveId,
        series: &Series,
        contracts: Contracts,
    ) -> Result<(), LedgerError> {
        let at = self.at(sleeve)?;
        quantity(contracts.0)?;
        if day < series.expiration.0 {
            return Err(LedgerError::NotExpiring { series: *series, day });
        }
        self.require_held(at, series, contracts)?;

        self.begin(day);
        let (series, ending) = (*series, Ending::LongExpired);
        let nothing = Money::ZERO;
        self.remove_longs(at, day, &Leaving { series, contracts, ending, income: nothing, fees: nothing });
        Ok(())
    }

    pub(crate) fn exercise(&mut self, day: Date, exercise: &Exercise) -> Result<(), LedgerError> {
        let at = self.at(exercise.sleeve)?;
        let Exercise { series, contracts, fees, settles, .. } = *exercise;
        not_negative("the fee", fees)?;
        quantity(contracts.0)?;
        not_too_large(fees)?;
        let strikes = value(series.strike, shares_of(contracts.0))?;
        check_dates(day, settles, &series)?;
        self.require_held(at, &series, contracts)?;
        let owed = strikes + fees;
        self.require_cash(at, owed, Money::ZERO)?;

        self.begin(day);
        let gone = self.take_longs(at, &series, contracts);
        let (cost, opening) = (gone.iter().map(|l| l.cost).sum(), gone.iter().map(|l| l.fees).sum::<Money>());
        self.exchange(at, Role::Long, Instrument::Option(series), Side::Credit, cost, contracts.0);
        let (id, symbol, shares) = (self.next_lot(), series.underlying, contracts.shares());
        let (paid, premium) = (strikes + cost, Money::ZERO);
        self.sleeves[at].stock_mut(symbol).begin_anew(day);
        self.add_lot(at, Lot { id, symbol, shares, acquired: day, settles, paid, premium, fees: fees + opening });
        self.settle_later(at, settles, -owed);
        self.debit(at, Role::Fees, fees);
        self.reserve_cash(at, owed, Money::ZERO);
        Ok(())
    }

    fn require_held(&self, at: usize, series: &Series, needed: Contracts) -> Result<(), LedgerError> {
        let sleeve = &self.sleeves[at];
        let held = sleeve.long_contracts(series);
        if needed > held {
            return Err(LedgerError::NotHeld { sleeve: sleeve.id, series: *series, held, needed });
        }
        Ok(())
    }

    /// Takes contracts out, lot by lot in the standing order.
    fn take_longs(&mut self, at: usize, series: &Series, contracts: Contracts) -> Vec<Long> {
        let (mut left, mut taken) = (contracts, Vec::new());
        while left > Contracts(0) {
            let part = self.sleeves[at].take_long(series, left, self.lot_order);
            left -= part.contracts;
            taken.push(part);
        }
        taken
    }

    /// Takes contracts off the books; what they bring beyond their cost is realised.
    fn remove_longs(&mut self, at: usize, day: Date, leaving: &Leaving) {
        let Leaving { series, contracts, ending, mut income, mut fees } = *leaving;
        let (instrument, mut left, mut cost) = (Instrument::Option(series), contracts, Money::ZERO);
        for lot in self.take_longs(at, &series, contracts) {
            let share = |amount| portion(amount, lot.contracts.0, left.0);
            let (part_income, part_fees) = (share(income), share(fees));
            self.realise(
                at,
                Realised {
                    sleeve: self.sleeves[at].id,
                    lot: lot.id,
                    instrument,
                    ending,
                    quantity: lot.contracts.0,
                    opened: lot.opened,
                    closed: day,
                    proceeds: part_income - part_fees,
                    basis: lot.basis(),
                    fees: lot.fees + part_fees,
                },
            );
            (income, fees) = (income - part_income, fees - part_fees);
            cost += lot.cost;
            left -= lot.contracts;
        }
        self.exchange(at, Role::Long, instrument, Side::Credit, cost, contracts.0);
        self.credit_or_debit(at, Role::LongGains, leaving.income - cost);
    }
}

/// The gross amount of a sound trade in calls.
fn check_trade(day: Date, trade: &OptionTrade) -> Result<Money, LedgerError> {
    positive("the price", trade.price.times(1))?;
    let checked = check_leg(trade.leg())?;
    if trade.series.right == Right::Put {
        return Err(LedgerError::LongPut(trade.series));
    }
    check_dates(day, trade.settles, &trade.series)?;
    Ok(checked.gross)
}
