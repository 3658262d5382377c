//! The journal folded into a daybook, with a second ledger beside the engine's.

use std::collections::BTreeSet;

use engine::event::{Body, Event, Marks};
use engine::state::{State, trade_date};
use ledger::account::{Account, Instrument, Side};
use ledger::receipt::Phase;
use ledger::{Entry, Ledger, Posting, StructureId, TransactionId};
use market::quote::Origin;
use market::time::Date;
use market::value::Money;

use super::lots::{Lots, total};
use super::narration::narration;
use super::{Balance, Balances, Daybook, Extent, Item, Line, Mark, Stake, Transaction};
use crate::book::{Book, blank};
use crate::error::ReportError;
use crate::words;

/// Folds the journal of `book` into a daybook.
///
/// # Errors
/// [`ReportError`] if it does not fold, a structure was never founded, or the books do not agree with themselves when
/// they are kept a second time.
pub fn daybook(book: &Book<'_>, extent: Extent) -> Result<Daybook, ReportError> {
    known(book, extent.structure)?;
    let opened = book.opened();
    let state = blank(book.events, &book.state.calendar)?;
    let mut fold = Fold {
        second: Ledger::new(opened.portfolio, state.ledger.lot_order()),
        state,
        extent,
        day: Date::ZERO,
        event: 0,
        closes: false,
        begun: extent.from.is_none(),
        lots: Lots::default(),
        ever: BTreeSet::new(),
        changed: BTreeSet::new(),
        items: Vec::new(),
    };
    for event in book.events {
        let day = trade_date(event.at);
        if extent.to.is_some_and(|to| day > to) {
            break;
        }
        fold.turn(day);
        fold.apply(event)?;
    }
    fold.bring_forward(extent.from.unwrap_or(Date::ZERO));
    fold.balances(true);
    fold.compare()?;
    Ok(Daybook {
        portfolio: opened.portfolio.0,
        world: words::world(opened.world),
        source: opened.source.clone(),
        policy: book.policy().name.clone(),
        extent,
        items: fold.items,
    })
}

/// Refuses a structure that is not there.
pub(crate) fn known(book: &Book<'_>, structure: Option<StructureId>) -> Result<(), ReportError> {
    let mut founded = book.state.ledger.structures().map(|s| s.id);
    let Some(structure) = structure.filter(|id| book.state.ledger.structure(*id).is_none()) else { return Ok(()) };
    let first = founded.next().unwrap_or(StructureId(0));
    Err(ReportError::NoSuchStructure { structure, first, last: founded.last().unwrap_or(first) })
}

struct Fold {
    state: State,
    /// Books the same entries again; lots are read off this one.
    second: Ledger,
    extent: Extent,
    day: Date,
    /// Events applied so far.
    event: usize,
    /// A week closes today.
    closes: bool,
    /// What came before the first day has been brought forward.
    begun: bool,
    lots: Lots,
    /// Accounts that something was booked to, ever and since the last balances.
    ever: BTreeSet<Account>,
    changed: BTreeSet<Account>,
    items: Vec<Item>,
}

impl Fold {
    /// Ends the day before `day`, if `day` is another one.
    fn turn(&mut self, day: Date) {
        if day == self.day {
            return;
        }
        if std::mem::take(&mut self.closes) {
            self.balances(day.year() != self.day.year());
        }
        if self.extent.from.is_some_and(|from| day >= from) {
            self.bring_forward(self.extent.from.unwrap_or(day));
        }
        self.day = day;
    }

    fn apply(&mut self, event: &Event) -> Result<(), ReportError> {
        self.event += 1;
        self.state.apply(event)?;
        for (day, entry) in self.state.ledger.take_entries() {
            self.book(day, &entry)?;
        }
        match &event.body {
            Body::Opened(_) => self.state.ledger.keep_entries(),
            Body::Marked(marks) if self.begun => self.prices(marks),
            Body::WeekEnded { .. } => self.closes = true,
            _ => {}
        }
        Ok(())
    }

    /// Books one entry in the second ledger, and writes it down with the lots that it moved.
    fn book(&mut self, day: Date, entry: &Entry) -> Result<(), ReportError> {
        let transaction = self.second.last().transaction;
        let refused = |why| ReportError::Daybook { transaction, what: format!("the one after it is refused ({why})") };
        let receipt = self.second.post(day, entry).map_err(refused)?;
        let (transaction, postings) = (receipt.transaction, receipt.postings.to_vec());
        let lines = self.lines(&postings);
        agree(transaction, &postings, &lines)?;
        for line in &lines {
            self.ever.insert(line.account);
            self.changed.insert(line.account);
        }
        let pending = postings.into_iter().filter(|p| p.phase != Phase::Posted).collect();
        let text = narration(entry);
        let (number, event, entry) = (Some(transaction), self.event, Some(*entry));
        if self.begun {
            self.write(Transaction { number, day, event, entry, text, lines, pending });
        }
        Ok(())
    }

    /// The postings that count, those of holdings lot by lot.
    fn lines(&mut self, postings: &[Posting]) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut seen: Vec<Account> = Vec::new();
        for posting in postings.iter().filter(|p| p.phase == Phase::Posted) {
            match posting.account {
                Account::Market(_) => {}
                Account::Holding(sleeve, role, held) => {
                    if !seen.contains(&posting.account) {
                        seen.push(posting.account);
                        lines.extend(self.lots.moved(&self.second, (sleeve, role, held)));
                    }
                }
                account => lines.push(Line { account, money: signed(posting).cost, lot: None }),
            }
        }
        lines
    }

    /// Writes down what concerns the structure that was asked for; an entry that moves nothing of it is left out.
    fn write(&mut self, mut transaction: Transaction) {
        if let Some(structure) = self.extent.structure {
            transaction.lines.retain(|line| line.account.structure() == Some(structure));
            transaction.pending.retain(|posting| posting.account.structure() == Some(structure));
        }
        if !transaction.lines.is_empty() || !transaction.pending.is_empty() {
            self.items.push(Item::Transaction(Box::new(transaction)));
        }
    }

    /// Brings forward what every account holds, once, dated the day before `from`.
    fn bring_forward(&mut self, from: Date) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let day = from.yesterday().unwrap_or(from);
        let money = self.ever.iter().filter(|account| !matches!(account, Account::Holding(..)));
        let money = money.map(|account| Line { account: *account, money: self.stake(*account).cost, lot: None });
        let lines = money.filter(|line| line.money != Money::ZERO).chain(self.lots.all()).collect();
        let text = "what every account holds is brought forward".to_owned();
        let pending = Vec::new();
        self.write(Transaction { number: None, day, event: self.event, entry: None, text, lines, pending });
        self.changed.clear();
    }

    fn prices(&mut self, marks: &Marks) {
        let known = |instrument| self.ever.iter().any(|account| holds(account, instrument));
        let closes = marks.closes.iter().map(|(s, price)| Mark::new(Instrument::Shares(*s), *price, false));
        let mut all: Vec<Mark> = closes.filter(|mark| known(mark.instrument)).collect();
        for option in &marks.options {
            let mark = Mark::new(Instrument::Option(option.series), option.mid, option.origin == Origin::Modelled);
            if all.iter().all(|other| other.instrument != mark.instrument) {
                all.push(mark);
            }
        }
        if !all.is_empty() {
            self.items.push(Item::Prices(self.day, all));
        }
    }

    /// Writes down what the engine's own ledger holds: in every account ever used, or in those that changed.
    fn balances(&mut self, all: bool) {
        if !self.begun {
            return;
        }
        let wanted = std::mem::take(&mut self.changed);
        let of_structure = |account: &&Account| self.extent.structure.is_none_or(|s| account.structure() == Some(s));
        let named = if all { &self.ever } else { &wanted };
        let accounts: Vec<Balance> = named
            .iter()
            .filter(of_structure)
            .map(|account| Balance { account: *account, stake: self.stake(*account) })
            .collect();
        if !accounts.is_empty() {
            self.items.push(Item::Balances(Balances { day: self.day, all, accounts }));
        }
    }

    /// Both ledgers must hold the same, and the second one what its parts come to.
    fn compare(&self) -> Result<(), ReportError> {
        let refuse = |what| ReportError::Daybook { transaction: self.second.last().transaction, what };
        self.second.audit().map_err(|why| refuse(format!("the books do not hold ({why})")))?;
        let differs = |account: &&Account| self.stake(**account) != stake(&self.second, **account);
        match self.ever.iter().find(differs) {
            Some(account) => Err(refuse(format!("{account} holds something else"))),
            None => Ok(()),
        }
    }

    /// What an account holds by the engine's own ledger.
    fn stake(&self, account: Account) -> Stake {
        stake(&self.state.ledger, account)
    }
}

fn stake(ledger: &Ledger, account: Account) -> Stake {
    let cost = match account {
        Account::Sleeve(sleeve, role) => ledger.account(sleeve, role).debit_balance(),
        Account::Reserve(structure, role) => ledger.reserve_account(structure, role).debit_balance(),
        Account::Holding(sleeve, role, held) => return total(ledger, (sleeve, role, held)),
        Account::Market(_) => Money::ZERO,
    };
    Stake { units: 0, cost }
}

fn holds(account: &Account, instrument: Instrument) -> bool {
    matches!(account, Account::Holding(.., held) if *held == instrument)
}

/// Debits are positive.
fn signed(posting: &Posting) -> Stake {
    match posting.side {
        Side::Debit => Stake { units: posting.units, cost: posting.money },
        Side::Credit => Stake { units: -posting.units, cost: -posting.money },
    }
}

/// Whether the lines sum to nothing, and the lots of each holding to its postings.
fn agree(transaction: TransactionId, postings: &[Posting], lines: &[Line]) -> Result<(), ReportError> {
    let refuse = |what: String| Err(ReportError::Daybook { transaction, what });
    let sum: Money = lines.iter().map(|line| line.money).sum();
    if sum != Money::ZERO {
        return refuse(format!("debits exceed credits by {}", words::money(sum)));
    }
    let holdings: BTreeSet<Account> =
        postings.iter().map(|p| p.account).filter(|account| matches!(account, Account::Holding(..))).collect();
    for account in holdings {
        let posted = postings.iter().filter(|p| p.account == account && p.phase == Phase::Posted).map(signed);
        let lots = lines.iter().filter(|line| line.account == account).filter_map(|line| line.lot);
        let add = |sum: Stake, s: Stake| Stake { units: sum.units + s.units, cost: sum.cost + s.cost };
        let (posted, moved) =
            (posted.fold(Stake::default(), add), lots.map(|l| l.change()).fold(Stake::default(), add));
        if posted != moved {
            return refuse(format!("the lots of {account} do not move as its postings do"));
        }
    }
    Ok(())
}
