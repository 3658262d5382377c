//! What each act does to the books: what it takes off, and what it puts in.

use market::instrument::{Right, Series, Symbol};
use market::value::{MULTIPLIER, Money, Price};

use super::books::Books;
use super::covered::is_qualified;
use super::disposal::{Disposal, How};
use super::dividend::Interest;
use super::error::TaxError;
use super::leaving::Leaving;
use super::lot::{Cost, Lot, Piece};
use super::term::begins;
use super::transaction::{Act, Asset, Place, Side, Transaction};

impl Books {
    pub(super) fn act(&mut self, transaction: &Transaction, arrivals: &mut Vec<Lot>) -> Result<(), TaxError> {
        let place = transaction.place;
        match transaction.act {
            Act::Buy { symbol, shares, paid, fees } => {
                let cost = Cost { gross: paid, premium: Money::ZERO, fees };
                arrivals.push(self.lot(place, Asset::Shares(symbol), cost, shares));
            }
            Act::Sell { symbol, shares, income, fees } => {
                let (asset, units) = (Asset::Shares(symbol), shares);
                let sale = Leaving { place, asset, units, how: How::Sold, amount: income, fees, carried: Money::ZERO };
                self.remove(&sale)?;
            }
            Act::Open { series, side, contracts, amount, fees, delta, spot } => {
                let cost = Cost { gross: amount, premium: Money::ZERO, fees };
                let mut lot = self.lot(place, Asset::Option(series, side), cost, contracts * MULTIPLIER);
                if side == Side::Short {
                    let from = self.rules.wash.map(|(_, delta)| delta);
                    lot.deep = series.right == Right::Put && from.is_some_and(|from| delta.is_some_and(|d| d >= from));
                    lot.qualified = self.is_qualified(&series, spot);
                    self.receive(&mut lot);
                }
                arrivals.push(lot);
            }
            Act::Close { series, side, contracts, amount, fees } => {
                let how = if side == Side::Long { How::Sold } else { How::BoughtBack };
                self.end(place, series, side, contracts, how, amount, fees)?;
            }
            Act::Expire { series, side, contracts } => {
                self.end(place, series, side, contracts, How::Expired, Money::ZERO, Money::ZERO)?;
            }
            Act::Assign { series, contracts, fees } => {
                self.deliver(place, series, Side::Short, contracts, fees, arrivals)?;
            }
            Act::Exercise { series, contracts, fees } => {
                self.deliver(place, series, Side::Long, contracts, fees, arrivals)?;
            }
            Act::Split { symbol, new_per_old } => self.split(symbol, new_per_old),
            Act::Dividend { symbol, shares, amount, paid } => self.pay_dividend(place, symbol, shares, amount, paid),
            Act::Interest { amount } => self.interest.push(Interest { day: self.day, place, amount }),
            Act::Pass { series, contracts, to } => self.pass(place, series, contracts, to)?,
            Act::Merge { to } => {
                self.lots.iter_mut().filter(|lot| lot.place == place).for_each(|lot| lot.place = to);
            }
        }
        Ok(())
    }

    pub(super) fn lot(&mut self, place: Place, asset: Asset, cost: Cost, units: i64) -> Lot {
        let id = self.next_lot;
        self.next_lot += 1;
        let pieces = vec![Piece::new(units, begins(self.day))];
        Lot { id, place, asset, acquired: self.day, cost, deep: false, qualified: false, pieces }
    }

    fn is_qualified(&self, series: &Series, spot: Option<Price>) -> bool {
        let listed = market::instrument::ladder::Ladder::standard();
        is_qualified(series, self.day, spot, self.rules.covered_call_days, &listed)
    }

    /// Without T-2 a premium counts on the day on which it is received, and in no basis.
    fn receive(&mut self, lot: &mut Lot) {
        if self.rules.premium_waits {
            return;
        }
        let cost = std::mem::take(&mut lot.cost);
        let (units, proceeds) = (lot.units(), cost.net(&lot.asset));
        self.disposals.push(Disposal {
            proceeds,
            cost: Money::ZERO,
            ..self.disposal(lot, &Piece::new(units, begins(self.day)), How::Received)
        });
    }

    #[expect(clippy::too_many_arguments, reason = "an act's own fields, in the order in which it names them")]
    fn end(
        &mut self,
        place: Place,
        series: Series,
        side: Side,
        contracts: i64,
        how: How,
        amount: Money,
        fees: Money,
    ) -> Result<(), TaxError> {
        let (asset, units) = (Asset::Option(series, side), contracts * MULTIPLIER);
        let leaving = Leaving { place, asset, units, how, amount, fees, carried: Money::ZERO };
        match side {
            Side::Long => self.remove(&leaving),
            Side::Short => self.end_written(&leaving),
        }
    }

    fn pass(&mut self, from: Place, series: Series, contracts: i64, to: Place) -> Result<(), TaxError> {
        for part in self.take(from, Asset::Option(series, Side::Short), contracts * MULTIPLIER)? {
            self.uncover(&part, &[]);
            let at = self.lots.partition_point(|lot| lot.id <= part.id);
            self.lots.insert(at, Lot { place: to, ..part });
        }
        Ok(())
    }

    /// A split is booked once, whichever account tells of it first.
    fn split(&mut self, symbol: Symbol, n: i64) {
        if self.last_split == Some((self.day, symbol)) {
            return;
        }
        self.last_split = Some((self.day, symbol));
        let renamed = |asset: Asset| match asset {
            Asset::Option(series, side) if series.underlying == symbol => {
                let cent = market::value::UNITS_PER_CENT;
                let cents = (2 * series.strike.units() + n * cent) / (2 * n * cent);
                Asset::Option(Series { strike: Price::cents(cents), ..series }, side)
            }
            other => other,
        };
        for lot in self.lots.iter_mut().filter(|lot| lot.asset.symbol() == symbol) {
            lot.asset = renamed(lot.asset);
            lot.pieces.iter_mut().for_each(|piece| piece.units *= n);
        }
        for loss in self.losses.iter_mut().filter(|loss| loss.asset.symbol() == symbol) {
            loss.asset = renamed(loss.asset);
            loss.units *= n;
        }
    }
}
