//! Questions to the books. A sleeve that does not exist holds nothing.

use market::instrument::{Series, Symbol};
use market::order::OrderId;
use market::time::Date;
use market::value::{Contracts, Money, Shares};

use crate::account::{Instrument, ReserveRole, Role, Turnover};
use crate::balance::{SleeveBalance, TaxReserve};
use crate::entry::Purpose;
use crate::id::{PortfolioId, SleeveId, StructureId};
use crate::ledger::{Held, Ledger, StructureBooks};
use crate::lot::{Long, Lot, LotOrder, Written};
use crate::sleeve::{Flow, Sleeve, Stock};

/// A structure and where it stands in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Its number.
    pub id: StructureId,
    /// The structure that it stands under, or merged into; none for the root.
    pub parent: Option<StructureId>,
    /// The day on which it merged.
    pub closed: Option<Date>,
}

/// All contracts that a sleeve has written of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// Which series.
    pub series: Series,
    /// How many contracts are open.
    pub contracts: Contracts,
    /// Premium received for them, before fees.
    pub premium: Money,
    /// Fees paid when they were sold.
    pub fees: Money,
    /// The day on which the first of them was sold.
    pub opened: Date,
}

impl Ledger {
    /// Whose books these are.
    #[must_use]
    pub const fn portfolio(&self) -> PortfolioId {
        self.portfolio
    }

    /// The order in which lots leave.
    #[must_use]
    pub const fn lot_order(&self) -> LotOrder {
        self.lot_order
    }

    /// Every structure, those that have merged too, rising by number.
    pub fn structures(&self) -> impl Iterator<Item = Structure> + '_ {
        self.structures.iter().map(StructureBooks::place)
    }

    /// Where a structure stands; none if it was never founded.
    #[must_use]
    pub fn structure(&self, id: StructureId) -> Option<Structure> {
        self.find_structure(id).map(|at| self.structures[at].place())
    }

    /// The open structures directly under one, rising by number.
    pub fn children(&self, id: StructureId) -> impl Iterator<Item = StructureId> + '_ {
        self.structures.iter().filter(move |s| s.parent == Some(id) && s.closed.is_none()).map(|s| s.id)
    }

    /// What a structure has put aside for taxes.
    #[must_use]
    pub fn tax_reserve(&self, structure: StructureId) -> TaxReserve {
        self.find_structure(structure).map(|at| self.structures[at].tax_reserve()).unwrap_or_default()
    }

    /// What passed through one account of a structure's tax reserve.
    #[must_use]
    pub fn reserve_account(&self, structure: StructureId, role: ReserveRole) -> Turnover {
        self.find_structure(structure).map_or(Turnover::default(), |at| *self.structures[at].role(role))
    }

    /// Every sleeve, those of structures that have merged too, rising by id.
    pub fn sleeves(&self) -> impl Iterator<Item = SleeveId> + '_ {
        self.sleeves.iter().map(|s| s.id)
    }

    pub(crate) fn sleeve(&self, id: SleeveId) -> Option<&Sleeve> {
        self.find(id).map(|at| &self.sleeves[at])
    }

    /// What passed through one account of a sleeve.
    #[must_use]
    pub fn account(&self, sleeve: SleeveId, role: Role) -> Turnover {
        self.sleeve(sleeve).map_or(Turnover::default(), |s| *s.role(role))
    }

    /// What passed through all accounts of all sleeves and tax reserves: debits equal credits, posted and pending.
    #[must_use]
    pub const fn total(&self) -> Turnover {
        self.total
    }

    /// Settled cash.
    #[must_use]
    pub fn settled_cash(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, Sleeve::settled)
    }

    /// Settled cash that is spoken for: working orders, strike × 100 of short puts, purchases that have not settled,
    /// and what is set aside.
    #[must_use]
    pub fn reserved(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, Sleeve::reserved)
    }

    /// Settled less reserved. Negative only where the fees of an assignment took more than was free.
    #[must_use]
    pub fn free_cash(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, Sleeve::free)
    }

    /// Cash that is set aside for a purpose.
    #[must_use]
    pub fn earmark(&self, sleeve: SleeveId, purpose: Purpose) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, |s| s.earmark(purpose))
    }

    /// Cash that a working order reserves.
    #[must_use]
    pub fn reservation(&self, order: OrderId) -> Option<Money> {
        let found = &self.reservations[self.find_reservation(order)?];
        Some(if let Held::Cash(cash) = found.held { cash } else { Money::ZERO })
    }

    /// What fell due by `through` and could not be paid.
    #[must_use]
    pub fn overdue(&self, sleeve: SleeveId, through: Date) -> Money {
        let Some(sleeve) = self.sleeve(sleeve) else { return Money::ZERO };
        sleeve.dues.iter().filter(|d| d.flow == Flow::Payable && d.date <= through).map(|d| d.amount).sum()
    }

    /// Shares of `symbol` that a sleeve holds.
    #[must_use]
    pub fn shares(&self, sleeve: SleeveId, symbol: Symbol) -> Shares {
        self.stock(sleeve, symbol).map_or(Shares(0), |s| s.held)
    }

    /// Shares that no short call may take and no working order reserves.
    #[must_use]
    pub fn uncovered_shares(&self, sleeve: SleeveId, symbol: Symbol) -> Shares {
        self.stock(sleeve, symbol).map_or(Shares(0), Stock::uncovered)
    }

    fn stock(&self, sleeve: SleeveId, symbol: Symbol) -> Option<&Stock> {
        self.sleeve(sleeve)?.stock(symbol)
    }

    /// What a sleeve holds of each symbol, rising by symbol.
    pub fn holdings(&self, sleeve: SleeveId) -> impl Iterator<Item = (Symbol, Shares)> + '_ {
        let stocks = self.sleeve(sleeve).map_or(&[][..], |s| &s.stocks);
        stocks.iter().filter(|s| s.held > Shares(0)).map(|s| (s.symbol, s.held))
    }

    /// A sleeve's lots of shares, in the order in which they were bought.
    #[must_use]
    pub fn lots(&self, sleeve: SleeveId) -> &[Lot] {
        self.sleeve(sleeve).map_or(&[], |s| &s.lots)
    }

    /// A sleeve's written contracts fill by fill, in the order in which they were sold.
    #[must_use]
    pub fn written(&self, sleeve: SleeveId) -> &[Written] {
        self.sleeve(sleeve).map_or(&[], |s| &s.written)
    }

    /// A sleeve's lots of long calls, in the order in which they were bought.
    #[must_use]
    pub fn longs(&self, sleeve: SleeveId) -> &[Long] {
        self.sleeve(sleeve).map_or(&[], |s| &s.longs)
    }

    /// Contracts of one series that a sleeve holds long.
    #[must_use]
    pub fn long_contracts(&self, sleeve: SleeveId, series: &Series) -> Contracts {
        self.sleeve(sleeve).map_or(Contracts(0), |s| s.long_contracts(series))
    }

    /// A sleeve's written contracts, one [`Short`] a series, in the order in which the first was sold.
    pub fn shorts(&self, sleeve: SleeveId) -> impl Iterator<Item = Short> + '_ {
        let written = self.written(sleeve);
        let firsts = written.iter().enumerate().filter(|(i, w)| written[..*i].iter().all(|v| v.series != w.series));
        firsts.filter_map(move |(_, w)| self.short(sleeve, &w.series))
    }

    /// What a sleeve has written of one series.
    #[must_use]
    pub fn short(&self, sleeve: SleeveId, series: &Series) -> Option<Short> {
        let mut of_series = self.written(sleeve).iter().filter(|w| w.series == *series);
        let first = of_series.next()?;
        let Written { series, contracts, opened, premium, fees, .. } = *first;
        let start = Short { series, contracts, premium, fees, opened };
        Some(of_series.fold(start, |sum, w| Short {
            contracts: sum.contracts + w.contracts,
            premium: sum.premium + w.premium,
            fees: sum.fees + w.fees,
            ..sum
        }))
    }

    /// What the shares of `symbol` cost in the cash view, and how many they are; none where no share is held.
    ///
    /// The total is what was paid (strike assigned or price, and the cost of calls that were exercised) less the net
    /// option premium received on the symbol since the position began, before fees; a cross counts at its price;
    /// divided by the shares it is the protocol's cash basis. A position begins with the first contract or share of the
    /// symbol in the sleeve and ends when neither is left; contracts sold on the day on which all were bought back
    /// continue it (a roll in two orders, R-1). Shares that leave take their part with them, so that the basis a share
    /// of the rest stays; when the last leaves, only the premium of contracts that are still open remains.
    #[must_use]
    pub fn cash_basis(&self, sleeve: SleeveId, symbol: Symbol) -> Option<(Money, Shares)> {
        let stock = self.stock(sleeve, symbol).filter(|s| s.held > Shares(0))?;
        Some((stock.paid - stock.premium, stock.held))
    }

    /// All that a sleeve has realised so far, in the tax view before wash sales.
    #[must_use]
    pub fn realised(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, |s| s.realised)
    }

    /// What the broker must show of an instrument over all sleeves: shares held, or contracts held less contracts
    /// written (K-7).
    #[must_use]
    pub fn position(&self, instrument: Instrument) -> i64 {
        self.clearing.position(instrument)
    }

    /// A sleeve's statement.
    ///
    /// # Panics
    /// If capital + gains is not assets − liabilities: the books are wrong, and going on would be worse.
    #[must_use]
    pub fn balance(&self, sleeve: SleeveId) -> SleeveBalance {
        let balance = self.sleeve(sleeve).map(Sleeve::balance).unwrap_or_default();
        assert!(
            balance.is_identity(),
            "{sleeve}: capital and gains are not what it owns less what it owes: {balance:?}"
        );
        balance
    }
}

impl StructureBooks {
    pub(crate) fn place(&self) -> Structure {
        Structure { id: self.id, parent: self.parent, closed: self.closed }
    }
}
