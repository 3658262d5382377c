//! `alluse tax`: the tax view of an owner's journals, a record and an estimate.

mod basis;
mod estimate;
mod form;
mod wash;
mod year;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use adapters::trades::read_trades;
use market::time::{Calendar, Date};
use market::value::Money;
use protocol::policy::Policy;
use report::Book;
use report::tax::owner::Owner;
use report::tax::sources::{NOT_ADVICE, SOURCES};
use report::tax::{AccountKind, Asset, Books, Place, Rules, TaxError, View};
use serde::Serialize;

use crate::cli::{Owned, Tax};
use crate::failure::Failure;
use crate::journal::{Journal, Masthead, location, portfolios, reader};
use crate::show::{self, Screen};

/// Answers a question on tax.
pub(crate) fn run(command: &Tax) -> Result<(), Failure> {
    match command {
        Tax::Year { year, of } => year::run(&Declared::open(of)?, *year),
        Tax::Estimate { year, rates, by_trade, of } => estimate::run(&Declared::open(of)?, *year, rates, *by_trade),
        Tax::Form8949 { year, out, broker, of } => {
            form::run(&Declared::open(of)?, *year, out.as_deref(), broker.as_deref())
        }
        Tax::Check1099b { year, broker, of } => form::check(&Declared::open(of)?, *year, broker),
        Tax::Basis { symbol, of } => basis::run(&Declared::open(of)?, *symbol),
        Tax::Harvest { on, of } => basis::harvest(&Declared::open(of)?, *on),
        Tax::Wash { year, of } => wash::run(&Declared::open(of)?, *year),
        Tax::Warn { order, on, of } => wash::warn(&Declared::open(of)?, order.as_deref(), *on),
    }
}

/// All that the owner declared.
struct Declared {
    owner: Owner,
    policy: Policy,
    mastheads: Vec<Masthead>,
    /// The cash basis of shares that a journal holds.
    cash: BTreeMap<(Place, Asset), Money>,
    files: Vec<String>,
    json: bool,
}

/// Any answer with what must stand beside it.
#[derive(Serialize)]
struct Page<'a, T> {
    notice: &'static str,
    journals: &'a [String],
    worlds: Vec<&'static str>,
    premiums: Vec<&'static str>,
    accounts: Vec<String>,
    other_accounts: &'static str,
    straddles: &'static str,
    answer: &'a T,
}

impl Declared {
    /// Opens the journals and reads the tables. A journal holds one or more portfolios, all of the owner.
    fn open(of: &Owned) -> Result<Declared, Failure> {
        let calendar = Arc::new(Calendar::nyse());
        let named: Vec<Option<&PathBuf>> =
            if of.journal.is_empty() { vec![None] } else { of.journal.iter().map(Some).collect() };
        let mut declared = Declared {
            owner: Owner::default(),
            policy: Policy::all_use(),
            mastheads: vec![],
            cash: BTreeMap::new(),
            files: vec![],
            json: of.json,
        };
        for (i, file) in named.into_iter().enumerate() {
            let file = file.map_or_else(crate::home::last, |file| Ok(file.clone()))?;
            let store = reader(&location(&file)?)?;
            for portfolio in portfolios(store.as_ref())? {
                let journal = Journal::read(store.as_ref(), portfolio)?;
                let book = journal.book(&calendar)?;
                declared.note_cash(&book);
                declared.owner.journal(&book);
                declared.mastheads.push(Masthead::of(&book));
                if i == 0 {
                    declared.policy = book.policy().clone();
                }
            }
            declared.files.push(store.place().to_string());
        }
        for file in &of.outside {
            for elsewhere in read_trades(file).map_err(|e| Failure::Data(e.to_string()))? {
                declared.owner.outside(elsewhere.account, elsewhere.transactions);
            }
        }
        Ok(declared)
    }

    /// Keeps the cash basis of what a journal holds, whose account comes next.
    fn note_cash(&mut self, book: &Book<'_>) {
        let (account, ledger) = (self.owner.accounts().len(), &book.state.ledger);
        for sleeve in ledger.sleeves() {
            for (symbol, _) in ledger.holdings(sleeve) {
                let place = Place { account, sleeve: Some(sleeve) };
                if let Some((cash, _)) = ledger.cash_basis(sleeve, symbol) {
                    self.cash.insert((place, Asset::Shares(symbol)), cash);
                }
            }
        }
    }

    fn cash_basis(&self, place: Place, asset: &Asset) -> Option<Money> {
        self.cash.get(&(place, *asset)).copied()
    }

    fn rules(&self, view: View) -> Rules {
        Rules::of(&self.policy, view)
    }

    /// The owner's books.
    fn books(&self) -> Result<Books, Failure> {
        self.owner.books(self.rules(View::Owner)).map_err(|e| impossible(&e))
    }

    /// All of it as it was known on a day, which must not be before the first.
    fn until(&self, day: Option<Date>) -> Result<Owner, Failure> {
        match (day, self.owner.since()) {
            (Some(day), Some(first)) if day < first => {
                Err(Failure::Usage(format!("nothing is on record up to {day}; the first trade is of {first}")))
            }
            _ => Ok(self.owner.clone().until(day)),
        }
    }

    fn straddles(&self) -> &'static str {
        if self.rules(View::Owner).straddles {
            "treated (tax.straddle = conservative)"
        } else {
            "IGNORED (tax.straddle = ignore, or T-5 is off): holding periods and losses on calls may be wrong"
        }
    }

    /// What every tax page begins with.
    fn begin(&self) -> Result<(), Failure> {
        self.mastheads.iter().try_for_each(|masthead| masthead.print())?;
        let screen = Screen::stdout();
        show::print(&screen.warning(&screen.wrap(NOT_ADVICE, 2)))
    }

    /// What every tax page ends with: what was counted, what is unknown, and where the rules are written.
    fn end(&self, rules: &[&str]) -> Result<(), Failure> {
        show::print("")?;
        let accounts = format!("Accounts counted: {}.", self.accounts().join(", "));
        let straddles = format!("Straddles: {}.", self.straddles());
        let instruction = self.rules(View::Owner).instruction();
        let lots = format!("Lots leave by {instruction}: the standing instruction to be kept at the broker.");
        show::list([accounts, UNKNOWN.to_owned(), lots, straddles])?;
        let sources = SOURCES.iter().filter(|source| rules.contains(&source.rule));
        show::list(sources.map(|s| format!("{} ({}): {}", s.rule, s.about, s.publications)))
    }

    fn accounts(&self) -> Vec<String> {
        let kind = |kind| if kind == AccountKind::Taxable { "taxable" } else { "retirement" };
        self.owner.accounts().iter().map(|a| format!("{} ({})", a.name, kind(a.kind))).collect()
    }

    fn print_json<T: Serialize>(&self, answer: &T) -> Result<(), Failure> {
        show::json(&Page {
            notice: NOT_ADVICE,
            journals: &self.files,
            worlds: self.mastheads.iter().map(|m| m.world()).collect(),
            premiums: self.mastheads.iter().map(|m| m.premiums()).collect(),
            accounts: self.accounts(),
            other_accounts: UNKNOWN,
            straddles: self.straddles(),
            answer,
        })
    }
}

/// What of accounts that nobody declared (T-3).
const UNKNOWN: &str = "Any other account of the owner: unknown. What was bought there within 30 days of a loss may \
                       wash it; declare such accounts with --outside.";

/// The journals' trades are sound, so that the tables are at fault.
fn impossible(error: &TaxError) -> Failure {
    Failure::Data(error.to_string())
}
