//! Options that deliver: by assignment, or by exercise.

use market::instrument::{Right, Series};
use market::time::Date;
use market::value::{MULTIPLIER, Money, Shares};

use super::books::Books;
use super::disposal::How;
use super::error::TaxError;
use super::leaving::Leaving;
use super::lot::{Cost, Lot, Piece};
use super::term::{after, begins};
use super::transaction::{Asset, Place, Side};

impl Books {
    /// An option delivers: its premium becomes part of the basis or the proceeds of the shares.
    pub(super) fn deliver(
        &mut self,
        place: Place,
        series: Series,
        side: Side,
        contracts: i64,
        fees: Money,
        arrivals: &mut Vec<Lot>,
    ) -> Result<(), TaxError> {
        let units = contracts * MULTIPLIER;
        let strikes = series.strike.of_shares(Shares(units));
        let parts = self.take(place, Asset::Option(series, side), units)?;
        let gross: Money = parts.iter().map(|lot| lot.cost.gross).sum();
        let opening: Money = parts.iter().map(|lot| lot.cost.fees).sum();
        let fees = fees + opening;
        if (side, series.right) == (Side::Short, Right::Put) || (side, series.right) == (Side::Long, Right::Call) {
            let cost = match side {
                Side::Short => Cost { gross: strikes, premium: gross, fees },
                Side::Long => Cost { gross: strikes + gross, premium: Money::ZERO, fees },
            };
            let mut lot = self.lot(place, Asset::Shares(series.underlying), cost, units);
            let pieces = parts.into_iter().flat_map(|part| part.pieces);
            lot.pieces = merged(pieces.map(|piece| piece.delivered(self.day)));
            arrivals.push(lot);
            return Ok(());
        }
        let carried = parts.iter().map(Lot::carried).sum();
        let amount = if side == Side::Short { strikes + gross } else { strikes - gross };
        let how = if side == Side::Short { How::CalledAway } else { How::Delivered };
        let asset = Asset::Shares(series.underlying);
        self.remove(&Leaving { place, asset, units, how, amount, fees, carried })?;
        for part in &parts {
            self.uncover(part, &[]);
        }
        Ok(())
    }
}

impl Piece {
    /// What the option's piece is once it has delivered: a purchase that replaced something does not do so again.
    fn delivered(self, day: Date) -> Piece {
        let Piece { units, tacked, carried, used, .. } = self;
        Piece { tacked, carried, used, ..Piece::new(units, after(begins(day), -tacked)) }
    }
}

/// Pieces without a history become one.
fn merged(pieces: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let (plain, mut others): (Vec<Piece>, Vec<Piece>) = pieces.partition(|p| !p.used && p.carried == Money::ZERO);
    others.extend(plain.into_iter().reduce(|all, piece| Piece { units: all.units + piece.units, ..all }));
    others
}
