//! The books of the tax view: transactions in, disposals out.
//!
//! Each step takes what leaves off the books first, then asks which losses are washed by what is still held, then puts
//! in what arrives and asks which earlier losses that washes, and last lays calls over shares.

use std::collections::BTreeMap;

use market::instrument::Symbol;
use market::time::Date;
use market::value::{Money, Price};

use super::disposal::Disposal;
use super::dividend::{DividendPaid, Interest};
use super::error::TaxError;
use super::lot::Lot;
use super::rules::Rules;
use super::straddle::Deferral;
use super::transaction::{Account, AccountKind, Act, Place, Transaction};
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
    pub(super) last_split: Option<(Date, Symbol)>,
    pub(super) next_lot: u64,
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

    pub(super) fn is_retirement(&self, place: Place) -> bool {
        self.is_retirement_account(place.account)
    }

    pub(super) fn is_retirement_account(&self, account: usize) -> bool {
        self.accounts.get(account).is_some_and(|account| account.kind == AccountKind::Retirement)
    }

    pub(super) fn next_disposal(&self) -> usize {
        self.earlier + self.disposals.len()
    }

    /// Ends the books' last year as far as they go: straddles are looked at, and dividends counted.
    pub fn finish(&mut self, through: Date) {
        self.turn_years(through);
        self.day = self.day.max(through);
        self.close_year(through.year(), through);
        self.count_dividends();
    }
}
