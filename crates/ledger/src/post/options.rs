//! Writing options, buying them back, rolling them, and their end without value.

use market::instrument::{Right, Series};
use market::order::OrderId;
use market::time::Date;
use market::value::{Contracts, Money, Price, Shares};

use super::{Given, not_negative, not_too_large, positive, quantity, settles_after, shares_of, value};
use crate::account::{Instrument, Role, Side};
use crate::entry::{Leg, OptionTrade, Roll};
use crate::error::LedgerError;
use crate::id::SleeveId;
use crate::ledger::Ledger;
use crate::lot::{Written, collateral, portion};
use crate::receipt::{Ending, Realised};

/// A leg whose figures were found sound.
#[derive(Clone, Copy)]
pub(super) struct Checked {
    pub leg: Leg,
    /// Price × 100 × contracts.
    pub gross: Money,
    /// Cash that the contracts need while they are open.
    pub collateral: Money,
}

impl Ledger {
    pub(crate) fn sell_to_open(&mut self, day: Date, trade: &OptionTrade) -> Result<(), LedgerError> {
        let at = self.at(trade.sleeve)?;
        let sold = check_sale(trade.leg())?;
        check_dates(day, trade.settles, &sold.leg.series)?;
        let net = sold.gross - sold.leg.fees;
        let given = self.check_cover(at, trade.order, &sold, Shares(0), owed(net), Money::ZERO)?;

        self.begin(day);
        self.use_up(given);
        self.write(at, day, &sold);
        self.settle_later(at, trade.settles, net);
        self.debit(at, Role::Fees, sold.leg.fees);
        self.reserve_cash(at, sold.collateral + owed(net), given.cash);
        Ok(())
    }

    pub(crate) fn buy_to_close(&mut self, day: Date, trade: &OptionTrade) -> Result<(), LedgerError> {
        let at = self.at(trade.sleeve)?;
        let bought = check_purchase(trade.leg())?;
        check_dates(day, trade.settles, &bought.leg.series)?;
        let cost = bought.gross + bought.leg.fees;
        let given = self.given(at, trade.order, cost, None)?;
        self.require_written(at, &bought.leg.series, bought.leg.contracts)?;
        self.require_cash(at, cost, given.cash + bought.collateral)?;

        self.begin(day);
        self.use_up(given);
        self.buy_back(at, day, &bought);
        self.settle_later(at, trade.settles, -cost);
        self.debit(at, Role::Fees, bought.leg.fees);
        self.reserve_cash(at, cost, given.cash + bought.collateral);
        Ok(())
    }

    pub(crate) fn roll(&mut self, day: Date, roll: &Roll) -> Result<(), LedgerError> {
        let at = self.at(roll.sleeve)?;
        let (bought, sold) = (check_purchase(roll.close)?, check_sale(roll.open)?);
        check_dates(day, roll.settles, &bought.leg.series)?;
        check_dates(day, roll.settles, &sold.leg.series)?;
        let fees = bought.leg.fees + sold.leg.fees;
        let net = sold.gross - bought.gross - fees;
        self.require_written(at, &bought.leg.series, bought.leg.contracts)?;
        let same_stock = bought.leg.series.underlying == sold.leg.series.underlying;
        let uncovered = if same_stock { cover(&bought) } else { Shares(0) };
        let given = self.check_cover(at, roll.order, &sold, uncovered, owed(net), bought.collateral)?;

        self.begin(day);
        self.use_up(given);
        self.buy_back(at, day, &bought);
        self.write(at, day, &sold);
        self.settle_later(at, roll.settles, net);
        self.debit(at, Role::Fees, fees);
        self.reserve_cash(at, sold.collateral + owed(net), given.cash + bought.collateral);
        Ok(())
    }

    pub(crate) fn expire(
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
        self.require_written(at, series, contracts)?;

        self.begin(day);
        let leg = Leg { series: *series, contracts, price: Price::ZERO, fees: Money::ZERO };
        self.end_written(at, day, Ending::Expired, &leg);
        self.end_position(at, series, None);
        self.reserve_cash(at, Money::ZERO, collateral(series, contracts));
        Ok(())
    }

    pub(super) fn require_written(&self, at: usize, series: &Series, needed: Contracts) -> Result<(), LedgerError> {
        let sleeve = &self.sleeves[at];
        let held = sleeve.contracts(series);
        if needed > held {
            return Err(LedgerError::NotWritten { sleeve: sleeve.id, series: *series, held, needed });
        }
        Ok(())
    }

    /// Whether cash secures a put or shares cover a call, after what a roll frees beside it.
    fn check_cover(
        &self,
        at: usize,
        order: Option<OrderId>,
        sold: &Checked,
        freed_shares: Shares,
        owed: Money,
        freed_cash: Money,
    ) -> Result<Given, LedgerError> {
        let (symbol, cover) = (sold.leg.series.underlying, cover(sold));
        let needed = sold.collateral + owed;
        let shares = (cover > Shares(0)).then_some((symbol, cover));
        let given = self.given(at, order, needed, shares)?;
        if cover > Shares(0) {
            self.require_shares(at, symbol, cover, given.shares + freed_shares)?;
        }
        self.require_cash(at, needed, given.cash + freed_cash)?;
        Ok(given)
    }

    fn write(&mut self, at: usize, day: Date, sold: &Checked) {
        let Leg { series, contracts, fees, .. } = sold.leg;
        self.exchange(at, Role::Written, Instrument::Option(series), Side::Credit, sold.gross, contracts.0);
        let id = self.next_lot();
        let (premium, received) = (sold.gross, sold.gross);
        self.sleeves[at].written.push(Written { id, series, contracts, opened: day, premium, fees, received });
        self.take_on(at, day, sold);
    }

    /// The position's side of contracts that a sleeve comes to have written, for what it receives.
    pub(super) fn take_on(&mut self, at: usize, day: Date, sold: &Checked) {
        let stock = self.sleeves[at].stock_mut(sold.leg.series.underlying);
        stock.begin(day);
        stock.contracts += sold.leg.contracts;
        stock.covering += cover(sold);
        stock.premium += sold.gross;
    }

    fn buy_back(&mut self, at: usize, day: Date, bought: &Checked) {
        self.end_written(at, day, Ending::BoughtBack, &bought.leg);
        self.sleeves[at].stock_mut(bought.leg.series.underlying).premium -= bought.gross;
        self.end_position(at, &bought.leg.series, Some(day));
    }

    /// Takes the contracts of a leg off the books at its price, the oldest first; what they brought is realised.
    fn end_written(&mut self, at: usize, day: Date, ending: Ending, leg: &Leg) {
        let Leg { series, contracts, price, mut fees } = *leg;
        let instrument = Instrument::Option(series);
        let (mut left, mut premium) = (contracts, Money::ZERO);
        while left > Contracts(0) {
            let part = self.take_written(at, &series, left);
            let (part_cost, part_fees) = (price.of_contracts(part.contracts), portion(fees, part.contracts.0, left.0));
            self.realise(
                at,
                Realised {
                    sleeve: self.sleeves[at].id,
                    lot: part.id,
                    instrument,
                    ending,
                    quantity: part.contracts.0,
                    opened: part.opened,
                    closed: day,
                    proceeds: part.premium - part.fees,
                    basis: part_cost + part_fees,
                    fees: part.fees + part_fees,
                },
            );
            fees -= part_fees;
            premium += part.premium;
            left -= part.contracts;
        }
        self.exchange(at, Role::Written, instrument, Side::Debit, premium, contracts.0);
        self.credit_or_debit(at, Role::Premium, premium - price.of_contracts(contracts));
    }

    /// Takes up to `wanted` contracts out of the oldest lot, and out of cover and count.
    pub(super) fn take_written(&mut self, at: usize, series: &Series, wanted: Contracts) -> Written {
        let sleeve = &mut self.sleeves[at];
        let part = sleeve.take_written(series, wanted);
        let stock = sleeve.stock_mut(series.underlying);
        stock.contracts -= part.contracts;
        if series.right == Right::Call {
            stock.covering -= part.contracts.shares();
        }
        part
    }

    pub(super) fn end_position(&mut self, at: usize, series: &Series, rolling: Option<Date>) {
        self.sleeves[at].stock_mut(series.underlying).end(rolling);
    }
}

/// What a net amount leaves to pay.
pub(super) fn owed(net: Money) -> Money {
    (-net).max(Money::ZERO)
}

/// Shares that a call needs.
pub(super) fn cover(sold: &Checked) -> Shares {
    match sold.leg.series.right {
        Right::Put => Shares(0),
        Right::Call => sold.leg.contracts.shares(),
    }
}

pub(super) fn check_sale(leg: Leg) -> Result<Checked, LedgerError> {
    positive("the price", leg.price.times(1))?;
    let checked = check_leg(leg)?;
    if leg.series.right == Right::Put && checked.gross > checked.collateral {
        let (premium, collateral) = (checked.gross, checked.collateral);
        return Err(LedgerError::PutAboveStrike { series: leg.series, premium, collateral });
    }
    Ok(checked)
}

fn check_purchase(leg: Leg) -> Result<Checked, LedgerError> {
    not_negative("the price", leg.price.times(1))?;
    check_leg(leg)
}

pub(super) fn check_leg(leg: Leg) -> Result<Checked, LedgerError> {
    not_negative("the fee", leg.fees)?;
    quantity(leg.contracts.0)?;
    not_too_large(leg.fees)?;
    let gross = value(leg.price, shares_of(leg.contracts.0))?;
    value(leg.series.strike, shares_of(leg.contracts.0))?;
    if leg.series.strike <= Price::ZERO {
        return Err(LedgerError::Strike(leg.series));
    }
    Ok(Checked { leg, gross, collateral: collateral(&leg.series, leg.contracts) })
}

pub(super) fn check_dates(day: Date, settles: Date, series: &Series) -> Result<(), LedgerError> {
    settles_after(day, settles)?;
    if day > series.expiration.0 { Err(LedgerError::Expired { series: *series, day }) } else { Ok(()) }
}
