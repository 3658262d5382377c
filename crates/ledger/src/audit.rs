//! The audit: what the accounts say against what their parts come to, counted anew.

use market::instrument::Right;
use market::value::{Money, Shares};

use crate::account::{Account, Instrument, ReserveRole, Role, Side, Turnover};
use crate::id::{SleeveId, StructureId};
use crate::ledger::{Held, Ledger, Reservation, StructureBooks};
use crate::sleeve::{Flow, Sleeve, Stock};

/// Where the books do not agree with themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// Money of the whole portfolio.
    #[error("portfolio: {what} should be {expected}, but the books say {booked}")]
    Portfolio {
        /// What was compared.
        what: &'static str,
        /// What the books say.
        booked: Money,
        /// What the parts come to.
        expected: Money,
    },
    /// Money of one tax reserve.
    #[error("{structure}.tax reserve: {what} should be {expected}, but the books say {booked}")]
    Reserve {
        /// The structure.
        structure: StructureId,
        /// What was compared.
        what: &'static str,
        /// What the books say.
        booked: Money,
        /// What the parts come to.
        expected: Money,
    },
    /// A tree that is none.
    #[error("structure {0} is open, but what it stands under is not there, or closed")]
    Tree(StructureId),
    /// Money of one sleeve.
    #[error("{sleeve}: {what} should be {expected}, but the books say {booked}")]
    Sleeve {
        /// The sleeve.
        sleeve: SleeveId,
        /// What was compared.
        what: &'static str,
        /// What the books say.
        booked: Money,
        /// What the parts come to.
        expected: Money,
    },
    /// Units of an instrument.
    #[error("{account}: {what} should be {expected}, but the books say {booked}")]
    Units {
        /// The account.
        account: Account,
        /// What was compared.
        what: &'static str,
        /// What the books say.
        booked: i64,
        /// What the parts come to.
        expected: i64,
    },
}

impl Ledger {
    /// Recomputes the books from their parts: debits against credits, control accounts against lots and what is to
    /// settle, reservations against orders, collateral and what is set aside, units against the market, gains against
    /// what was realised, each sleeve's identity, tax reserves, and that what has merged is empty.
    ///
    /// # Errors
    /// [`AuditError`], the first disagreement.
    pub fn audit(&self) -> Result<(), AuditError> {
        self.audit_totals()?;
        self.structures.iter().try_for_each(|structure| self.audit_structure(structure))?;
        let mut orders: Vec<&Reservation> = self.reservations.iter().collect();
        orders.sort_by_key(|r| r.sleeve);
        for sleeve in &self.sleeves {
            let first = orders.partition_point(|r| r.sleeve < sleeve.id);
            let after = orders.partition_point(|r| r.sleeve <= sleeve.id);
            audit_signs(sleeve)?;
            audit_controls(sleeve)?;
            audit_reserved(sleeve, &orders[first..after])?;
            audit_identity(sleeve)?;
            for stock in &sleeve.stocks {
                audit_stock(sleeve, stock, &orders[first..after])?;
            }
            self.audit_closed(sleeve)?;
        }
        self.audit_clearing()
    }

    fn audit_totals(&self) -> Result<(), AuditError> {
        let accounts =
            || self.sleeves.iter().flat_map(|s| &s.roles).chain(self.structures.iter().flat_map(|s| &s.reserve));
        let over_all = |part: fn(&Turnover) -> Money| accounts().map(part).sum::<Money>();
        let same = |what, booked, expected| {
            if booked == expected { Ok(()) } else { Err(AuditError::Portfolio { what, booked, expected }) }
        };
        let total = &self.total;
        same("debits", total.debits_posted, over_all(|t| t.debits_posted))?;
        same("credits", total.credits_posted, over_all(|t| t.credits_posted))?;
        same("debits beside credits", total.debits_posted, total.credits_posted)?;
        same("pending debits", total.debits_pending, over_all(|t| t.debits_pending))?;
        same("pending credits", total.credits_pending, over_all(|t| t.credits_pending))?;
        same("pending debits beside credits", total.debits_pending, total.credits_pending)?;
        let between = |role| self.sleeves.iter().map(|s| s.role(role).credit_balance()).sum::<Money>();
        let reserves: Money = self.structures.iter().map(|s| s.role(ReserveRole::Transfers).credit_balance()).sum();
        same("what sleeves and tax reserves gave each other", between(Role::Transfers) + reserves, Money::ZERO)?;
        same("crosses between sleeves", between(Role::Crosses), Money::ZERO)?;
        let fees = self.sleeves.iter().map(|s| s.lot_fees_in).sum();
        same("fees of lots that moved between sleeves", fees, Money::ZERO)
    }

    /// The structure's place in the tree and its tax reserve.
    fn audit_structure(&self, structure: &StructureBooks) -> Result<(), AuditError> {
        if structure.closed.is_none() && structure.parent.is_some_and(|parent| self.structure_at(parent).is_err()) {
            return Err(AuditError::Tree(structure.id));
        }
        let same = |what, booked, expected| {
            let structure = structure.id;
            if booked == expected { Ok(()) } else { Err(AuditError::Reserve { structure, what, booked, expected }) }
        };
        let held = structure.tax_reserve();
        same("cash", held.cash, held.moved_in - held.moved_out + held.interest - held.taxes)?;
        same("the part of cash below zero", held.cash.min(Money::ZERO), Money::ZERO)?;
        let left = if structure.closed.is_some() { held.cash } else { Money::ZERO };
        same("what a merge left", left, Money::ZERO)
    }

    /// A structure that has merged has nothing and owes nothing.
    fn audit_closed(&self, sleeve: &Sleeve) -> Result<(), AuditError> {
        let closed = self.structure(sleeve.id.structure).is_some_and(|s| s.closed.is_some());
        let accounts = [Role::Cash, Role::Receivable, Role::DividendsReceivable, Role::Shares, Role::Long];
        let owned = accounts.into_iter().chain([Role::Written, Role::Payable]);
        let balances = owned.map(|role| sleeve.role(role).debit_balance().abs());
        let left = if closed || sleeve.closed { balances.sum::<Money>() + sleeve.reserved() } else { Money::ZERO };
        same(sleeve, "what a merge left", left, Money::ZERO)
    }

    /// Posts every holding against a copy of the market's accounts: all of them must come out even.
    fn audit_clearing(&self) -> Result<(), AuditError> {
        let mut left = self.clearing.clone();
        for sleeve in &self.sleeves {
            for lot in &sleeve.lots {
                left.post(Instrument::Shares(lot.symbol), Side::Debit, lot.shares.0);
            }
            for long in &sleeve.longs {
                left.post(Instrument::Option(long.series), Side::Debit, long.contracts.0);
            }
            for written in &sleeve.written {
                left.post(Instrument::Option(written.series), Side::Credit, written.contracts.0);
            }
        }
        match left.open().first() {
            None => Ok(()),
            Some(uneven) => {
                let booked = self.clearing.position(uneven.instrument);
                let expected = booked - left.position(uneven.instrument);
                let account = Account::Market(uneven.instrument);
                Err(AuditError::Units { account, what: "units delivered", booked, expected })
            }
        }
    }
}

fn audit_reserved(sleeve: &Sleeve, orders: &[&Reservation]) -> Result<(), AuditError> {
    let orders = orders.iter().map(|r| match r.held {
        Held::Cash(cash) => cash,
        Held::Shares(..) => Money::ZERO,
    });
    let collateral = sleeve.written.iter().map(|w| match w.series.right {
        Right::Put => w.series.strike.of_contracts(w.contracts),
        Right::Call => Money::ZERO,
    });
    let owed = sleeve.dues.iter().filter(|d| d.flow == Flow::Payable).map(|d| d.amount);
    let expected = orders.chain(collateral).chain(owed).chain(sleeve.earmarks).sum();
    same(sleeve, "reserved cash", sleeve.role(Role::Cash).credits_pending, expected)?;
    same(sleeve, "payments to come", sleeve.role(Role::Payable).debits_pending, expected)
}

fn audit_stock(sleeve: &Sleeve, stock: &Stock, orders: &[&Reservation]) -> Result<(), AuditError> {
    let account = Account::Holding(sleeve.id, Role::Shares, Instrument::Shares(stock.symbol));
    let same = |what, booked, expected| {
        if booked == expected { Ok(()) } else { Err(AuditError::Units { account, what, booked, expected }) }
    };
    let written = || sleeve.written.iter().filter(|w| w.series.underlying == stock.symbol);
    let calls = written().filter(|w| w.series.right == Right::Call).map(|w| w.contracts.shares().0);
    let ordered = orders.iter().map(|r| match r.held {
        Held::Shares(symbol, shares) if symbol == stock.symbol => shares.0,
        _ => 0,
    });
    let lots = sleeve.lots.iter().filter(|lot| lot.symbol == stock.symbol).map(|lot| lot.shares.0);
    same("shares held", stock.held.0, lots.sum())?;
    same("shares that cover calls", stock.covering.0, calls.sum())?;
    same("shares reserved by orders", stock.ordered.0, ordered.sum())?;
    same("open contracts", stock.contracts.0, written().map(|w| w.contracts.0).sum())?;
    same("shares beyond those held", stock.uncovered().min(Shares(0)).0, 0)
}

fn same(sleeve: &Sleeve, what: &'static str, booked: Money, expected: Money) -> Result<(), AuditError> {
    if booked == expected { Ok(()) } else { Err(AuditError::Sleeve { sleeve: sleeve.id, what, booked, expected }) }
}

/// Amounts that a side or a kind of account cannot have.
fn audit_signs(sleeve: &Sleeve) -> Result<(), AuditError> {
    let below_zero = |amount: Money| amount.min(Money::ZERO);
    for (role, account) in Role::ALL.into_iter().zip(&sleeve.roles) {
        let sides = [account.debits_posted, account.credits_posted, account.debits_pending, account.credits_pending];
        for amount in sides {
            same(sleeve, "the part of a side below zero", below_zero(amount), Money::ZERO)?;
        }
        let balance = match role {
            Role::Cash | Role::Receivable | Role::DividendsReceivable | Role::Shares | Role::Long => {
                account.debit_balance()
            }
            Role::Written | Role::Payable | Role::Dividends | Role::Interest => account.credit_balance(),
            _ => Money::ZERO,
        };
        same(sleeve, "the part of a balance below zero", below_zero(balance), Money::ZERO)?;
        let pending = match role {
            Role::Cash => account.debits_pending,
            Role::Payable => account.credits_pending,
            _ => account.debits_pending + account.credits_pending,
        };
        same(sleeve, "reservations outside cash and payables", pending, Money::ZERO)?;
    }
    Ok(())
}

/// Control accounts against the lists under them.
fn audit_controls(sleeve: &Sleeve) -> Result<(), AuditError> {
    let due = |flow| sleeve.dues.iter().filter(|d| d.flow == flow).map(|d| d.amount).sum::<Money>();
    let balance = sleeve.balance();
    same(sleeve, "shares at cost", balance.shares_cost, sleeve.lots.iter().map(|lot| lot.paid - lot.premium).sum())?;
    same(sleeve, "long options at cost", balance.longs_cost, sleeve.longs.iter().map(|l| l.cost).sum())?;
    same(sleeve, "written options", balance.options_liability, sleeve.written.iter().map(|w| w.premium).sum())?;
    same(sleeve, "receivables", balance.receivable, due(Flow::Receivable))?;
    same(sleeve, "dividends to come", balance.dividends_receivable, due(Flow::Dividend))?;
    same(sleeve, "payables", balance.payable, due(Flow::Payable))
}

/// The sleeve's identity, and the tax view against the accounts: they differ by the fees of what is still open, and of
/// lots that were opened elsewhere.
fn audit_identity(sleeve: &Sleeve) -> Result<(), AuditError> {
    let balance = sleeve.balance();
    same(sleeve, "capital and gains", balance.capital() + balance.gains(), balance.assets() - balance.liabilities())?;
    let open = sleeve.lots.iter().map(|l| l.fees).chain(sleeve.longs.iter().map(|l| l.fees));
    let open_fees = open.chain(sleeve.written.iter().map(|w| w.fees)).sum::<Money>();
    let paid_for_closed = balance.fees - open_fees + sleeve.lot_fees_in;
    let closed = balance.premium + balance.share_gains + balance.long_gains - paid_for_closed;
    same(sleeve, "realised gains", sleeve.realised, closed)
}

#[cfg(test)]
mod tests;
