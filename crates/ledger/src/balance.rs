//! Statements: of a sleeve, and of a structure's tax reserve.

use market::value::Money;

use crate::account::{ReserveRole, Role};
use crate::ledger::StructureBooks;
use crate::sleeve::Sleeve;

/// A sleeve's statement at book value: shares at cost less the premium of the puts that delivered them, long options at
/// cost, written options at the premium received.
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
    /// Calls that are held, at what was paid for them before fees.
    pub longs_cost: Money,
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
    /// From other sleeves and the tax reserve: cash, and by a merge all else at book value.
    pub moved_in: Money,
    /// To other sleeves and the tax reserve.
    pub moved_out: Money,
    /// What the prices of internal crosses gave beside the premium of the options that crossed, less what they took. It
    /// counts in the sleeve's result but not for tax.
    pub crosses: Money,
    /// Premium of options that expired, less losses and cost of those bought back.
    pub premium: Money,
    /// Gains less losses on shares that left.
    pub share_gains: Money,
    /// Gains less losses on calls that were held and sold, or expired.
    pub long_gains: Money,
    /// Dividends.
    pub dividends: Money,
    /// Interest.
    pub interest: Money,
    /// Fees, those of positions that are still open included.
    pub fees: Money,
    /// Fractions of a cent gained less lost between dividends computed and paid.
    pub rounding: Money,
    /// Sum of the gains in the tax view, before wash sales: premium + share gains + long gains − fees of what is
    /// closed. Crosses and merges realise nothing: a lot that moved is realised where it ends, with the fees of its
    /// opening.
    pub realised: Money,
}

impl SleeveBalance {
    /// Cash, receivables, shares and long options.
    #[must_use]
    pub fn assets(&self) -> Money {
        self.settled + self.receivable + self.dividends_receivable + self.shares_cost + self.longs_cost
    }

    /// Payables and written options.
    #[must_use]
    pub fn liabilities(&self) -> Money {
        self.payable + self.options_liability
    }

    /// What came from the owner, other sleeves and the tax reserve, less what went there.
    #[must_use]
    pub fn capital(&self) -> Money {
        self.contributed - self.withdrawn + self.moved_in - self.moved_out
    }

    /// All gains less losses and fees.
    #[must_use]
    pub fn gains(&self) -> Money {
        let traded = self.premium + self.share_gains + self.long_gains + self.crosses;
        traded + self.dividends + self.interest + self.rounding - self.fees
    }

    /// Capital + gains = assets − liabilities.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.capital() + self.gains() == self.assets() - self.liabilities()
    }
}

/// The statement of a structure's tax reserve: cash = moved in − moved out + interest − taxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaxReserve {
    /// Settled cash.
    pub cash: Money,
    /// From sleeves, and from reserves of structures that merged.
    pub moved_in: Money,
    /// To sleeves, and on a merge to the parent's reserve.
    pub moved_out: Money,
    /// Interest.
    pub interest: Money,
    /// Taxes paid.
    pub taxes: Money,
}

impl StructureBooks {
    pub(crate) fn tax_reserve(&self) -> TaxReserve {
        let moved = self.role(ReserveRole::Transfers);
        TaxReserve {
            cash: self.cash(),
            moved_in: moved.credits_posted,
            moved_out: moved.debits_posted,
            interest: self.role(ReserveRole::Interest).credit_balance(),
            taxes: self.role(ReserveRole::Taxes).debit_balance(),
        }
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
            longs_cost: asset(Role::Long),
            payable: other(Role::Payable),
            options_liability: other(Role::Written),
            reserved: self.reserved(),
            contributed: owner.credits_posted,
            withdrawn: owner.debits_posted,
            moved_in: moved.credits_posted,
            moved_out: moved.debits_posted,
            crosses: other(Role::Crosses),
            premium: other(Role::Premium),
            share_gains: other(Role::ShareGains),
            long_gains: other(Role::LongGains),
            dividends: other(Role::Dividends),
            interest: other(Role::Interest),
            fees: asset(Role::Fees),
            rounding: other(Role::Rounding),
            realised: self.realised,
        }
    }
}
