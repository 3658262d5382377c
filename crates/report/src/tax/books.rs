//! The books of the tax view: transactions in, disposals out.
//!
//! Each step takes what leaves off the books first, then asks which losses are washed by what is still held, then puts
//! in what arrives and asks which earlier losses that washes, and last lays calls over shares.

use std::collections::BTreeMap;

use ledger::LotOrder;
use market::instrument::{Right, Series, Symbol};
use market::time::Date;
use market::value::{MULTIPLIER, Money, Price, Shares};

use super::covered::is_qualified;
use super::disposal::{Disposal, How};
use super::dividend::{DividendPaid, Interest};
use super::error::TaxError;
use super::index::is_broad_index;
use super::lot::{Cost, Lot, Piece, portion};
use super::rules::Rules;
use super::straddle::Deferral;
use super::term::{begins, days_held, is_long_term};
use super::transaction::{Account, AccountKind, Act, Asset, Place, Side, Transaction};
use super::wash::Loss;

/// Closes by symbol, rising by date: what is held is worth at a year's end.
pub type Closes = BTreeMap<Symbol, Vec<(Date, Price)>>;

/// The books of one owner in one view.
#[derive(Clone, Debug)]
pub struct Books {
    pub(super) rules: Rules,
    pub(super) accounts: Vec<Account>,
    pub(super) closes: Closes,
    /// What is open, in the order in which it was booked.
    pub(super) lots: Vec<Lot>,
    /// What was disposed of, in order. In a copy made to ask what would be, only what came after it.
    pub(super) disposals: Vec<Disposal>,
    /// How many disposals came before those.
    pub(super) earlier: usize,
    pub(super) dividends: Vec<DividendPaid>,
    pub(super) interest: Vec<Interest>,
    pub(super) deferrals: Vec<Deferral>,
    /// Losses that a purchase may still wash.
    pub(super) losses: Vec<Loss>,
    /// Those of the step that is being booked.
    pub(super) new_losses: Vec<Loss>,
    /// What was washed since the books were made or copied.
    pub(super) washed: Vec<super::wash::Washed>,
    pub(super) day: Date,
    last_split: Option<(Date, Symbol)>,
    next_lot: u64,
}

/// What leaves the books in one step.
pub(super) struct Leaving {
    pub(super) place: Place,
    pub(super) asset: Asset,
    pub(super) units: i64,
    pub(super) how: How,
    /// What comes in, or for written options what is paid.
    pub(super) amount: Money,
    pub(super) fees: Money,
    /// Disallowed losses of the option that delivers.
    pub(super) carried: Money,
}

impl Books {
    /// Empty books.
    #[must_use]
    pub fn new(rules: Rules, accounts: Vec<Account>, closes: Closes) -> Books {
        Books {
            rules,
            accounts,
            closes,
            lots: Vec::new(),
            disposals: Vec::new(),
            earlier: 0,
            dividends: Vec::new(),
            interest: Vec::new(),
            deferrals: Vec::new(),
            losses: Vec::new(),
            new_losses: Vec::new(),
            washed: Vec::new(),
            day: Date::ZERO,
            last_split: None,
            next_lot: 1,
        }
    }

    /// A copy that asks what would be: without what was disposed of so far.
    #[must_use]
    pub(super) fn probe(&self) -> Books {
        let earlier = self.next_disposal();
        let done = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (disposals, dividends, interest, deferrals) = done;
        Books {
            rules: self.rules,
            accounts: self.accounts.clone(),
            closes: Closes::new(),
            lots: self.lots.clone(),
            disposals,
            earlier,
            dividends,
            interest,
            deferrals,
            losses: self.losses.clone(),
            new_losses: Vec::new(),
            washed: Vec::new(),
            ..*self
        }
    }

    /// Everything that was disposed of, in order.
    #[must_use]
    pub fn disposals(&self) -> &[Disposal] {
        &self.disposals
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// What an account's trades really brought, before wash sales: what its ledger has realised too.
    #[must_use]
    pub fn economic(&self, account: usize) -> Money {
        self.disposals.iter().filter(|d| d.place.account == account).map(Disposal::economic).sum()
    }

    /// Where something is open, and the accounts themselves.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let accounts = (0..self.accounts.len()).map(|account| Place { account, sleeve: None });
        let mut places: Vec<Place> = self.lots.iter().map(|lot| lot.place).chain(accounts).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The day up to which the books are kept.
    #[must_use]
    pub const fn day(&self) -> Date {
        self.day
    }

    /// Books transactions, which must be in order.
    ///
    /// # Errors
    /// [`TaxError`] for the first that cannot be.
    pub fn post_all(&mut self, transactions: &[Transaction]) -> Result<(), TaxError> {
        transactions.chunk_by(Transaction::is_one_with).try_for_each(|step| self.post(step))
    }

    /// Books what happens at one moment.
    pub(super) fn post(&mut self, step: &[Transaction]) -> Result<(), TaxError> {
        let Some(day) = step.first().map(|t| t.day) else { return Ok(()) };
        if day < self.day {
            return Err(TaxError::Order { day, after: self.day });
        }
        self.turn_years(day);
        self.day = day;
        let mut arrivals = Vec::new();
        for transaction in step {
            self.act(transaction, &mut arrivals)?;
        }
        self.wash_new_losses();
        for lot in arrivals {
            self.arrive(lot);
        }
        for transaction in step {
            self.lay_calls(transaction.place);
            if let Act::Pass { to, .. } | Act::Merge { to } = transaction.act {
                self.lay_calls(to);
            }
        }
        Ok(())
    }

    fn act(&mut self, transaction: &Transaction, arrivals: &mut Vec<Lot>) -> Result<(), TaxError> {
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

    fn lot(&mut self, place: Place, asset: Asset, cost: Cost, units: i64) -> Lot {
        let id = self.next_lot;
        self.next_lot += 1;
        let pieces = vec![Piece::new(units, begins(self.day))];
        Lot { id, place, asset, acquired: self.day, cost, deep: false, qualified: false, pieces }
    }

    fn is_qualified(&self, series: &Series, spot: Option<Price>) -> bool {
        let listed = market::instrument::ladder::Ladder::standard();
        is_qualified(series, self.day, spot, self.rules.covered_call_days, &listed)
    }

    pub(super) fn is_retirement(&self, place: Place) -> bool {
        self.accounts.get(place.account).is_some_and(|account| account.kind == AccountKind::Retirement)
    }

    pub(super) fn next_disposal(&self) -> usize {
        self.earlier + self.disposals.len()
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

    /// A disposal of a piece, without its amounts.
    pub(super) fn disposal(&self, lot: &Lot, piece: &Piece, how: How) -> Disposal {
        let held = lot.asset.is_short() || piece.is_suspended() && self.rules.straddles;
        Disposal {
            place: lot.place,
            asset: lot.asset,
            how,
            lot: lot.id,
            units: piece.units,
            acquired: lot.acquired,
            begins: piece.begins,
            closed: self.day,
            proceeds: Money::ZERO,
            cost: Money::ZERO,
            carried: Money::ZERO,
            disallowed: Money::ZERO,
            lost: Money::ZERO,
            long_term: !held && is_long_term(piece.begins, self.day),
            section_1256: self.rules.index_options && is_broad_index(&lot.asset),
            replaced_by: Vec::new(),
        }
    }

    /// The place in the list of the lot that leaves next.
    fn next_to_leave(&self, place: Place, asset: Asset) -> Option<usize> {
        let order = if asset.is_short() { LotOrder::Fifo } else { self.rules.lots };
        let there = self.lots.iter().enumerate().filter(|(_, lot)| lot.place == place && lot.asset == asset);
        let first = |best: (usize, _), lot: (usize, _)| {
            let (a, b): (&Lot, &Lot) = (lot.1, best.1);
            if !asset.is_short() && a.leaves_before(b, order) { lot } else { best }
        };
        there.reduce(first).map(|(at, _)| at)
    }

    pub(super) fn held(&self, place: Place, asset: Asset) -> i64 {
        self.lots.iter().filter(|lot| lot.place == place && lot.asset == asset).map(Lot::units).sum()
    }

    fn require(&self, place: Place, asset: Asset, needed: i64) -> Result<(), TaxError> {
        let held = self.held(place, asset);
        if held >= needed && needed > 0 {
            return Ok(());
        }
        let account = self.accounts.get(place.account).map_or_else(String::new, |a| a.name.clone());
        let (what, per) = match asset {
            Asset::Shares(symbol) => (format!("shares of {symbol}"), 1),
            Asset::Option(series, Side::Long) => (format!("contracts of {series} held"), MULTIPLIER),
            Asset::Option(series, Side::Short) => (format!("contracts of {series} written"), MULTIPLIER),
        };
        Err(TaxError::NotHeld { account, day: self.day, what, held: held / per, needed: needed / per })
    }

    /// Takes units off the books, lot by lot in their order.
    pub(super) fn take(&mut self, place: Place, asset: Asset, units: i64) -> Result<Vec<Lot>, TaxError> {
        self.require(place, asset, units)?;
        let (mut left, mut taken) = (units, Vec::new());
        while left > 0 {
            let Some(at) = self.next_to_leave(place, asset) else { break };
            let whole = self.lots[at].units();
            let part = if whole <= left { self.lots.remove(at) } else { self.lots[at].take(left) };
            left -= part.units();
            taken.push(part);
        }
        Ok(taken)
    }

    /// Disposes of shares, or of options that were held.
    pub(super) fn remove(&mut self, leaving: &Leaving) -> Result<(), TaxError> {
        let Leaving { place, asset, units, how, .. } = *leaving;
        let (mut amount, mut fees, mut carried, mut left) = (leaving.amount, leaving.fees, leaving.carried, units);
        for mut lot in self.take(place, asset, units)? {
            let whole = lot.units();
            let share = |amount: &mut Money| {
                let part = portion(*amount, whole, left);
                *amount -= part;
                part
            };
            let (mut proceeds, mut brought) = (share(&mut amount) - share(&mut fees), share(&mut carried));
            let (mut cost, mut rest) = (lot.cost.net(&asset), whole);
            for piece in std::mem::take(&mut lot.pieces) {
                let share = |amount: &mut Money| {
                    let part = portion(*amount, piece.units, rest);
                    *amount -= part;
                    part
                };
                let (proceeds, cost) = (share(&mut proceeds), share(&mut cost));
                let carried = piece.carried + share(&mut brought);
                rest -= piece.units;
                let disposal = Disposal { proceeds, cost, carried, ..self.disposal(&lot, &piece, how) };
                self.leave(&lot, &piece, disposal);
            }
            left -= whole;
        }
        Ok(())
    }

    /// Notes a disposal, and its loss.
    pub(super) fn leave(&mut self, lot: &Lot, piece: &Piece, disposal: Disposal) {
        self.end_dividends(lot, piece);
        let suspended = piece.is_suspended() && self.rules.straddles;
        let held = if suspended { 0 } else { days_held(piece.begins, self.day) };
        self.note_loss(self.next_disposal(), &disposal, held);
        self.disposals.push(disposal);
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

    /// An option delivers: its premium becomes part of the basis or the proceeds of the shares.
    fn deliver(
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

    /// Ends the books' last year as far as they go: straddles are looked at, and dividends counted.
    pub fn finish(&mut self, through: Date) {
        self.turn_years(through);
        self.day = self.day.max(through);
        self.close_year(through.year(), through);
        self.count_dividends();
    }
}

impl Piece {
    /// What the option's piece is once it has delivered: a purchase that replaced something does not do so again.
    fn delivered(self, day: Date) -> Piece {
        let Piece { units, tacked, carried, used, .. } = self;
        Piece { tacked, carried, used, ..Piece::new(units, super::term::after(begins(day), -tacked)) }
    }
}

/// Pieces without a history become one.
fn merged(pieces: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let (plain, mut others): (Vec<Piece>, Vec<Piece>) = pieces.partition(|p| !p.used && p.carried == Money::ZERO);
    others.extend(plain.into_iter().reduce(|all, piece| Piece { units: all.units + piece.units, ..all }));
    others
}
