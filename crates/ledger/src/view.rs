//! Questions to the books. A sleeve that does not exist holds nothing.

use market::instrument::{Series, Symbol};
use market::order::OrderId;
use market::time::Date;
use market::value::{Contracts, Money, Shares};

use crate::account::{Instrument, Role, Turnover};
use crate::id::{PortfolioId, SleeveId, StructureId};
use crate::ledger::{Held, Ledger};
use crate::lot::{Lot, LotOrder, Written};
use crate::sleeve::{Flow, Sleeve, Stock};

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

/// A sleeve's statement at book value: shares at cost less the premium of the puts that delivered them, written options
/// at the premium received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SleeveBalance {
    /// Settled cash.
    pub settled: Money,
    /// Sales that have not settled.
    pub receivable: Money,
    /// Dividends that have not been paid.
    pub dividends_receivable: Money,
    /// Shares at book value.
    pub shares_cost: Money,
    /// Purchases that have not settled.
    pub payable: Money,
    /// Written options at the premium received.
    pub options_liability: Money,
    /// Settled cash that is reserved.
    pub reserved: Money,
    /// Paid in by the owner.
    pub contributed: Money,
    /// Paid out to the owner.
    pub withdrawn: Money,
    /// Cash from other sleeves.
    pub moved_in: Money,
    /// Cash to other sleeves.
    pub moved_out: Money,
    /// Premium of options that expired, less losses and cost of those bought back.
    pub premium: Money,
    /// Gains less losses on shares that left.
    pub share_gains: Money,
    /// Dividends.
    pub dividends: Money,
    /// Interest.
    pub interest: Money,
    /// Fees, those of positions that are still open included.
    pub fees: Money,
    /// Fractions of a cent gained less lost between dividends computed and paid.
    pub rounding: Money,
    /// Sum of the gains in the tax view, before wash sales: premium + share gains − fees of what is closed.
    pub realised: Money,
}

impl SleeveBalance {
    /// Cash, receivables and shares.
    #[must_use]
    pub fn assets(&self) -> Money {
        self.settled + self.receivable + self.dividends_receivable + self.shares_cost
    }

    /// Payables and written options.
    #[must_use]
    pub fn liabilities(&self) -> Money {
        self.payable + self.options_liability
    }

    /// What came from the owner and from other sleeves, less what went there.
    #[must_use]
    pub fn capital(&self) -> Money {
        self.contributed - self.withdrawn + self.moved_in - self.moved_out
    }

    /// All gains less losses and fees.
    #[must_use]
    pub fn gains(&self) -> Money {
        self.premium + self.share_gains + self.dividends + self.interest + self.rounding - self.fees
    }

    /// Capital + gains = assets − liabilities.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.capital() + self.gains() == self.assets() - self.liabilities()
    }
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

    /// Every structure with its parent, rising by number.
    pub fn structures(&self) -> impl Iterator<Item = (StructureId, Option<StructureId>)> + '_ {
        self.structures.iter().map(|s| (s.id, s.parent))
    }

    /// Every sleeve, rising by id.
    pub fn sleeves(&self) -> impl Iterator<Item = SleeveId> + '_ {
        self.sleeves.iter().map(|s| s.id)
    }

    pub(crate) fn sleeve(&self, id: SleeveId) -> Option<&Sleeve> {
        self.at(id).ok().map(|at| &self.sleeves[at])
    }

    /// What passed through one account of a sleeve.
    #[must_use]
    pub fn account(&self, sleeve: SleeveId, role: Role) -> Turnover {
        self.sleeve(sleeve).map_or(Turnover::default(), |s| *s.role(role))
    }

    /// What passed through all accounts of all sleeves: debits equal credits, posted and pending.
    #[must_use]
    pub const fn total(&self) -> Turnover {
        self.total
    }

    /// Settled cash.
    #[must_use]
    pub fn settled_cash(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, Sleeve::settled)
    }

    /// Settled cash that is spoken for: working orders, strike × 100 of short puts, purchases that have not settled.
    #[must_use]
    pub fn reserved(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, Sleeve::reserved)
    }

    /// Settled less reserved. Negative only where the fees of an assignment took more than was free.
    #[must_use]
    pub fn free_cash(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, Sleeve::free)
    }

    /// Cash that a working order reserves.
    #[must_use]
    pub fn reservation(&self, order: OrderId) -> Option<Money> {
        let found = self.reservations.iter().find(|r| r.order == order)?;
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

    /// A sleeve's lots of shares, in the order in which they were booked.
    #[must_use]
    pub fn lots(&self, sleeve: SleeveId) -> &[Lot] {
        self.sleeve(sleeve).map_or(&[], |s| &s.lots)
    }

    /// A sleeve's written contracts fill by fill, in the order in which they were sold.
    #[must_use]
    pub fn written(&self, sleeve: SleeveId) -> &[Written] {
        self.sleeve(sleeve).map_or(&[], |s| &s.written)
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
    /// The total is what was paid (strike assigned or price) less the net option premium received on the symbol since
    /// the position began, before fees; divided by the shares it is the protocol's cash basis. A position begins with
    /// the first contract or share of the symbol in the sleeve and ends when neither is left; contracts sold on the day
    /// on which all were bought back continue it (a roll in two orders, R-1). Shares that leave take their part with
    /// them, so that the basis a share of the rest stays; when the last leaves, only the premium of contracts that are
    /// still open remains.
    #[must_use]
    pub fn cash_basis(&self, sleeve: SleeveId, symbol: Symbol) -> Option<(Money, Shares)> {
        let stock = self.stock(sleeve, symbol).filter(|s| s.held > Shares(0))?;
        Some((stock.paid - stock.premium, stock.held))
    }

    /// What the broker must show of an instrument over all sleeves: shares held, or contracts written as a negative
    /// number (K-7).
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

impl Sleeve {
    pub(crate) fn balance(&self) -> SleeveBalance {
        let asset = |role| self.role(role).debit_balance();
        let other = |role| self.role(role).credit_balance();
        let (owner, moved) = (self.role(Role::Owner), self.role(Role::Transfers));
        SleeveBalance {
            settled: asset(Role::Cash),
            receivable: asset(Role::Receivable),
            dividends_receivable: asset(Role::DividendsReceivable),
            shares_cost: asset(Role::Shares),
            payable: other(Role::Payable),
            options_liability: other(Role::Written),
            reserved: self.reserved(),
            contributed: owner.credits_posted,
            withdrawn: owner.debits_posted,
            moved_in: moved.credits_posted,
            moved_out: moved.debits_posted,
            premium: other(Role::Premium),
            share_gains: other(Role::ShareGains),
            dividends: other(Role::Dividends),
            interest: other(Role::Interest),
            fees: asset(Role::Fees),
            rounding: other(Role::Rounding),
            realised: self.realised,
        }
    }
}
