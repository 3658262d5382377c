//! The audit: what the accounts say against what their parts come to, counted anew.

use market::instrument::Right;
use market::value::{Money, Shares};

use crate::account::{Account, Instrument, Role, Side, Turnover};
use crate::id::SleeveId;
use crate::ledger::{Held, Ledger};
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
    /// settle, reservations against orders and collateral, units against the market, gains against what was realised,
    /// and each sleeve's identity.
    ///
    /// # Errors
    /// [`AuditError`], the first disagreement.
    pub fn audit(&self) -> Result<(), AuditError> {
        self.audit_totals()?;
        for (at, sleeve) in self.sleeves.iter().enumerate() {
            audit_signs(sleeve)?;
            audit_controls(sleeve)?;
            self.audit_reserved(at, sleeve)?;
            audit_identity(sleeve)?;
            for stock in &sleeve.stocks {
                self.audit_stock(at, sleeve, stock)?;
            }
        }
        self.audit_clearing()
    }

    fn audit_totals(&self) -> Result<(), AuditError> {
        let over_all =
            |part: fn(&Turnover) -> Money| self.sleeves.iter().flat_map(|s| &s.roles).map(part).sum::<Money>();
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
        let moved = self.sleeves.iter().map(|s| s.role(Role::Transfers).credit_balance()).sum();
        same("cash between sleeves", moved, Money::ZERO)
    }

    fn audit_reserved(&self, at: usize, sleeve: &Sleeve) -> Result<(), AuditError> {
        let orders = self.reservations.iter().filter(|r| r.sleeve == at).map(|r| match r.held {
            Held::Cash(cash) => cash,
            Held::Shares(..) => Money::ZERO,
        });
        let collateral = sleeve.written.iter().map(|w| match w.series.right {
            Right::Put => w.series.strike.of_contracts(w.contracts),
            Right::Call => Money::ZERO,
        });
        let owed = sleeve.dues.iter().filter(|d| d.flow == Flow::Payable).map(|d| d.amount);
        let expected = orders.chain(collateral).chain(owed).sum();
        same(sleeve, "reserved cash", sleeve.role(Role::Cash).credits_pending, expected)?;
        same(sleeve, "payments to come", sleeve.role(Role::Payable).debits_pending, expected)
    }

    fn audit_stock(&self, at: usize, sleeve: &Sleeve, stock: &Stock) -> Result<(), AuditError> {
        let account = Account::Holding(sleeve.id, Instrument::Shares(stock.symbol));
        let same = |what, booked, expected| {
            if booked == expected { Ok(()) } else { Err(AuditError::Units { account, what, booked, expected }) }
        };
        let written = || sleeve.written.iter().filter(|w| w.series.underlying == stock.symbol);
        let calls = written().filter(|w| w.series.right == Right::Call).map(|w| w.contracts.shares().0);
        let ordered = self.reservations.iter().filter(|r| r.sleeve == at).map(|r| match r.held {
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

    /// Posts every holding against a copy of the market's accounts: all of them must come out even.
    fn audit_clearing(&self) -> Result<(), AuditError> {
        let mut left = self.clearing.clone();
        for sleeve in &self.sleeves {
            for lot in &sleeve.lots {
                left.post(Instrument::Shares(lot.symbol), Side::Debit, lot.shares.0);
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
            Role::Cash | Role::Receivable | Role::DividendsReceivable | Role::Shares => account.debit_balance(),
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
    same(sleeve, "written options", balance.options_liability, sleeve.written.iter().map(|w| w.premium).sum())?;
    same(sleeve, "receivables", balance.receivable, due(Flow::Receivable))?;
    same(sleeve, "dividends to come", balance.dividends_receivable, due(Flow::Dividend))?;
    same(sleeve, "payables", balance.payable, due(Flow::Payable))
}

/// The sleeve's identity, and the tax view against the accounts: they differ by the fees of what is still open.
fn audit_identity(sleeve: &Sleeve) -> Result<(), AuditError> {
    let balance = sleeve.balance();
    same(sleeve, "capital and gains", balance.capital() + balance.gains(), balance.assets() - balance.liabilities())?;
    let open_fees = sleeve.lots.iter().map(|l| l.fees).chain(sleeve.written.iter().map(|w| w.fees)).sum::<Money>();
    let closed = balance.premium + balance.share_gains - balance.fees + open_fees;
    same(sleeve, "realised gains", sleeve.realised, closed)
}

#[cfg(test)]
mod tests;
