//! Written options that cross from one sleeve to another (K-7).

use market::time::Date;
use market::value::{Contracts, Money, Shares};

use super::options::{Checked, check_sale, cover};
use crate::account::{Instrument, Role, Side};
use crate::entry::{Cross, Leg};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::lot::Written;

impl Ledger {
    pub(crate) fn cross(&mut self, day: Date, cross: &Cross) -> Result<(), LedgerError> {
        let Cross { series, contracts, from, to, price, close, open } = *cross;
        let (giver, taker) = (self.at(from)?, self.at(to)?);
        if from == to {
            return Err(LedgerError::SameSleeve(from));
        }
        let sold = check_sale(Leg { series, contracts, price, fees: Money::ZERO })?;
        if day > series.expiration.0 {
            return Err(LedgerError::Expired { series, day });
        }
        let pays = self.given(giver, close, sold.gross, None)?;
        let shares = (cover(&sold) > Shares(0)).then_some((series.underlying, cover(&sold)));
        let secures = self.given(taker, open, sold.collateral, shares)?;
        self.require_written(giver, &series, contracts)?;
        if let Some((symbol, shares)) = shares {
            self.require_shares(taker, symbol, shares, secures.shares)?;
        }
        self.require_settled(giver, sold.gross, pays.cash + sold.collateral)?;
        self.require_cash(taker, sold.collateral, secures.cash + sold.gross)?;

        self.begin(day);
        self.use_up(pays);
        self.use_up(secures);
        self.pass_written(giver, taker, day, &sold);
        self.credit(giver, Role::Cash, sold.gross);
        self.debit(taker, Role::Cash, sold.gross);
        self.reserve_cash(giver, Money::ZERO, pays.cash + sold.collateral);
        self.reserve_cash(taker, sold.collateral, secures.cash);
        Ok(())
    }

    /// The lots pass, the oldest first; both sleeves book what the price makes of their premium.
    fn pass_written(&mut self, giver: usize, taker: usize, day: Date, sold: &Checked) {
        let Leg { series, contracts, price, .. } = sold.leg;
        let (mut left, mut premium, mut fees) = (contracts, Money::ZERO, Money::ZERO);
        while left > Contracts(0) {
            let part = self.take_written(giver, &series, left);
            left -= part.contracts;
            premium += part.premium;
            fees += part.fees;
            self.sleeves[taker].take_in(Written { received: price.of_contracts(part.contracts), ..part });
        }
        self.move_lot_fees(giver, taker, fees);
        self.sleeves[giver].stock_mut(series.underlying).premium -= sold.gross;
        self.end_position(giver, &series, Some(day));
        self.take_on(taker, day, sold);
        let held = Instrument::Option(series);
        self.hold(giver, Role::Written, held, Side::Debit, premium, contracts.0);
        self.hold(taker, Role::Written, held, Side::Credit, premium, contracts.0);
        self.credit_or_debit(giver, Role::Crosses, premium - sold.gross);
        self.credit_or_debit(taker, Role::Crosses, sold.gross - premium);
    }
}
