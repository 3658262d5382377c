//! One owner: all accounts that are declared, in one view.

use std::collections::BTreeSet;

use market::instrument::Symbol;
use market::time::Date;

use super::books::{Books, Closes};
use super::error::TaxError;
use super::journal::{Gathered, account_of, gather, gather_until};
use super::rules::Rules;
use super::transaction::{Account, Transaction, in_order};
use super::warning::{Asked, Intent, Warning};
use crate::book::Book;

/// Everything that the tax view is made from.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    accounts: Vec<Account>,
    transactions: Vec<Transaction>,
    intents: Vec<Intent>,
    asked: Vec<Asked>,
    closes: Closes,
    through: Option<Date>,
}

impl Owner {
    /// Declares a journal as an account.
    pub fn journal(&mut self, book: &Book<'_>) {
        self.take(book, gather(book, self.accounts.len()));
    }

    /// A journal alone as it stood after its first events.
    #[must_use]
    pub(crate) fn after(book: &Book<'_>, events: usize) -> Owner {
        let mut owner = Owner::default();
        owner.take(book, gather_until(book, 0, events));
        owner
    }

    fn take(&mut self, book: &Book<'_>, gathered: Gathered) {
        self.accounts.push(account_of(book));
        self.transactions.extend(gathered.transactions);
        self.intents.extend(gathered.intents);
        self.asked.extend(gathered.asked);
        self.through = self.through.max(gathered.through);
        for (symbol, days) in gathered.closes {
            let closes = self.closes.entry(symbol).or_default();
            closes.extend(days);
            closes.sort_unstable();
            closes.dedup_by_key(|(day, _)| *day);
        }
    }

    /// Declares an account that lies elsewhere, by its trades. Their places are set here.
    pub fn outside(&mut self, account: Account, transactions: Vec<Transaction>) {
        let number = self.accounts.len();
        self.accounts.push(account);
        let placed = transactions.into_iter().map(|mut t| {
            t.place.account = number;
            t
        });
        self.transactions.extend(placed);
    }

    /// What was known at the end of a day; all of it without one.
    #[must_use]
    pub fn until(mut self, day: Option<Date>) -> Owner {
        let Some(day) = day else { return self };
        self.transactions.retain(|t| t.day <= day);
        self.intents.retain(|intent| intent.day <= day);
        self.asked.retain(|asked| asked.made <= day);
        self.asked.iter_mut().for_each(|asked| asked.answered = asked.answered.filter(|on| *on <= day));
        self.closes.values_mut().for_each(|closes| closes.retain(|(on, _)| *on <= day));
        self.through = self.through.map(|last| last.min(day));
        self
    }

    /// The accounts that are declared.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The last day that is known: of the journals, or of the trades elsewhere.
    #[must_use]
    pub fn through(&self) -> Date {
        let last = self.transactions.iter().map(|t| t.day).max();
        self.through.max(last).unwrap_or(Date::ZERO)
    }

    /// The books in one view, up to the last day.
    ///
    /// # Errors
    /// [`TaxError`] if the trades of an account cannot be.
    pub fn books(&self, rules: Rules) -> Result<Books, TaxError> {
        let mut books = self.open_books(rules)?;
        books.finish(self.through());
        Ok(books)
    }

    /// The same without the last year's end: to ask what an order would do.
    ///
    /// # Errors
    /// [`TaxError`] if the trades of an account cannot be.
    pub fn open_books(&self, rules: Rules) -> Result<Books, TaxError> {
        let mut books = Books::new(rules, self.accounts.clone(), self.closes.clone());
        books.post_all(&self.ordered())?;
        Ok(books)
    }

    fn ordered(&self) -> Vec<Transaction> {
        let mut transactions = self.transactions.clone();
        in_order(&mut transactions);
        transactions
    }

    /// The first day on which something is on record.
    #[must_use]
    pub fn since(&self) -> Option<Date> {
        self.transactions.iter().map(|t| t.day).min()
    }

    /// The symbols of everything that was ever traded, rising.
    #[must_use]
    pub fn symbols(&self) -> Vec<Symbol> {
        let symbols: BTreeSet<Symbol> = self.transactions.iter().filter_map(|t| t.act.symbol()).collect();
        symbols.into_iter().collect()
    }

    /// Orders on record that would disallow losses, as the books stood when they were approved.
    ///
    /// # Errors
    /// [`TaxError`] if the trades of an account cannot be.
    pub fn warnings(&self, rules: Rules) -> Result<Vec<Warning>, TaxError> {
        self.as_it_stood(rules, &self.intents)
    }

    /// The same of what people were asked for, all of it or one proposal, as the books stood when they were asked.
    ///
    /// # Errors
    /// [`TaxError`] if the trades of an account cannot be.
    pub fn proposed(&self, rules: Rules, one: Option<u64>) -> Result<Vec<Warning>, TaxError> {
        let asked = self.asked.iter().filter(|asked| one.is_none_or(|id| asked.proposal == id));
        let mut orders: Vec<Intent> = asked.flat_map(|asked| asked.orders.iter().copied()).collect();
        orders.sort_by_key(|order| order.day);
        self.as_it_stood(rules, &orders)
    }

    /// What people are still asked for, each with what its orders would do to losses now, one by one.
    ///
    /// # Errors
    /// [`TaxError`] if the trades of an account cannot be.
    pub fn waiting(&self, rules: Rules) -> Result<Vec<(&Asked, Vec<Warning>)>, TaxError> {
        let books = self.open_books(rules)?;
        let open = self.asked.iter().filter(|asked| asked.answered.is_none());
        Ok(open.map(|asked| (asked, asked.orders.iter().flat_map(|order| books.would_wash(order)).collect())).collect())
    }

    fn as_it_stood(&self, rules: Rules, orders: &[Intent]) -> Result<Vec<Warning>, TaxError> {
        let mut books = Books::new(rules, self.accounts.clone(), Closes::new());
        let (ordered, mut warnings) = (self.ordered(), Vec::new());
        let mut rest = &ordered[..];
        for intent in orders {
            // What was booked before that day; of the day itself, what was filled before the order counts too, but no
            // journal says at which moment another account traded: days are the measure.
            let before = rest.partition_point(|t| t.day < intent.day);
            books.post_all(&rest[..before])?;
            rest = &rest[before..];
            warnings.extend(books.would_wash(intent));
        }
        Ok(warnings)
    }
}
