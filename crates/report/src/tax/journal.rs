//! A folded journal as transactions of the tax view.

use std::collections::BTreeMap;

use engine::event::Body;
use engine::people::{Proposal, Wanted};
use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::Symbol;
use market::order::{Action, Fill, OrderId, Trade};
use market::quote::Delta;
use market::time::Date;
use market::value::{Contracts, Money, Price, Shares};
use protocol::policy;

use super::books::Closes;
use super::transaction::{Account, AccountKind, Act, Place, Side, Transaction};
use super::warning::{Asked, Intent};
use crate::book::Book;

/// What one journal tells the tax view.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// What happened, in order.
    pub transactions: Vec<Transaction>,
    /// Orders that were approved.
    pub intents: Vec<Intent>,
    /// What people were asked for.
    pub asked: Vec<Asked>,
    /// Closes that the journal holds: those of its weekly marks, and those at which options ended.
    pub closes: Closes,
    /// The last day on record.
    pub through: Option<Date>,
}

/// The account that a journal is.
#[must_use]
pub fn account_of(book: &Book<'_>) -> Account {
    let kind = match book.policy().tax.account {
        policy::Account::Taxable => AccountKind::Taxable,
        policy::Account::Retirement => AccountKind::Retirement,
    };
    Account { name: format!("portfolio {}", book.opened().portfolio), kind }
}

/// Gathers a journal as the account of that number.
#[must_use]
pub fn gather(book: &Book<'_>, account: usize) -> Gathered {
    gather_until(book, account, book.events.len())
}

/// The same of its first events alone.
pub(super) fn gather_until(book: &Book<'_>, account: usize, events: usize) -> Gathered {
    let mut gathering = Gathering {
        account,
        day: Date::ZERO,
        gathered: Gathered::default(),
        orders: BTreeMap::new(),
        closes: BTreeMap::new(),
    };
    for (at, event) in book.events.iter().enumerate().take(events) {
        gathering.day = book.day(at);
        gathering.note(&event.body);
    }
    let mut gathered = gathering.gathered;
    gathered.through = (events > 0).then_some(gathering.day);
    gathered.closes = gathering.closes.into_iter().map(|(s, days)| (s, days.into_iter().collect())).collect();
    gathered
}

struct Gathering {
    account: usize,
    day: Date,
    gathered: Gathered,
    /// What was known when an order was approved: |delta| and the underlying's price.
    orders: BTreeMap<OrderId, (Option<Delta>, Price)>,
    closes: BTreeMap<Symbol, BTreeMap<Date, Price>>,
}

impl Gathering {
    fn place(&self, sleeve: impl Into<Option<SleeveId>>) -> Place {
        Place { account: self.account, sleeve: sleeve.into() }
    }

    fn push(&mut self, place: Place, act: Act) {
        self.gathered.transactions.push(Transaction { day: self.day, place, act });
    }

    fn close(&mut self, symbol: Symbol, close: Price) {
        self.closes.entry(symbol).or_default().insert(self.day, close);
    }

    fn note(&mut self, body: &Body) {
        match body {
            Body::OrderApproved { sleeve, order, underlying, delta, .. } => {
                self.orders.insert(order.id, (*delta, *underlying));
                let (day, place, id) = (self.day, self.place(*sleeve), Some(order.id));
                let (trade, price, delta) = (order.trade, order.limit, *delta);
                self.gathered.intents.push(Intent { day, place, order: id, proposal: None, trade, price, delta });
            }
            Body::Proposed(proposal) => self.proposed(proposal),
            Body::Answered { proposal, .. } => {
                let mut asked = self.gathered.asked.iter_mut().rev();
                if let Some(asked) = asked.find(|asked| asked.proposal == *proposal) {
                    asked.answered = Some(self.day);
                }
            }
            Body::Filled { sleeve, trade, fill, .. } => self.filled(*sleeve, trade, fill),
            Body::Crossed(c) => {
                let (series, contracts) = (c.series, c.contracts.0);
                let act = Act::Pass { series, contracts, to: self.place(c.to) };
                self.push(self.place(c.from), act);
            }
            Body::Expired { sleeve, series, contracts, close } => {
                self.close(series.underlying, *close);
                let act = Act::Expire { series: *series, side: Side::Short, contracts: contracts.0 };
                self.push(self.place(*sleeve), act);
            }
            Body::Assigned { sleeve, series, contracts, fees, close, .. } => {
                self.close(series.underlying, *close);
                let act = Act::Assign { series: *series, contracts: contracts.0, fees: *fees };
                self.push(self.place(*sleeve), act);
            }
            Body::LongEnded { sleeve, series, contracts, close, fees, settles } => {
                self.close(series.underlying, *close);
                let (series, contracts, fees) = (*series, contracts.0, *fees);
                let act = match settles {
                    Some(_) => Act::Exercise { series, contracts, fees },
                    None => Act::Expire { series, side: Side::Long, contracts },
                };
                self.push(self.place(*sleeve), act);
            }
            Body::SplitApplied { symbol, new_per_old } => {
                let act = Act::Split { symbol: *symbol, new_per_old: *new_per_old };
                self.push(self.place(None), act);
            }
            Body::DividendAccrued(d) => {
                let act = Act::Dividend { symbol: d.symbol, shares: d.shares.0, amount: d.amount, paid: d.settles };
                self.push(self.place(d.sleeve), act);
            }
            Body::InterestCredited { sleeve, amount, .. } if amount.is_positive() => {
                self.push(self.place(*sleeve), Act::Interest { amount: *amount });
            }
            Body::ReserveInterest { amount, .. } if amount.is_positive() => {
                self.push(self.place(None), Act::Interest { amount: *amount });
            }
            Body::Merged { structure, into, .. } => self.merged(*structure, *into),
            Body::Marked(marks) => {
                for (symbol, close) in &marks.closes {
                    self.closes.entry(*symbol).or_default().insert(marks.day.date(), *close);
                }
            }
            _ => {}
        }
    }

    fn proposed(&mut self, proposal: &Proposal) {
        let order = |w: &Wanted| Intent {
            day: self.day,
            place: self.place(w.sleeve),
            order: None,
            proposal: Some(proposal.id),
            trade: w.trade,
            price: w.limit,
            delta: w.delta,
        };
        let orders = proposal.content.orders().iter().map(order).collect();
        let (made, expires) = (self.day, proposal.expires);
        self.gathered.asked.push(Asked { proposal: proposal.id, made, expires, answered: None, orders });
    }

    fn filled(&mut self, sleeve: SleeveId, trade: &Trade, fill: &Fill) {
        let place = self.place(sleeve);
        let (delta, spot) = self.orders.get(&fill.order).map_or((None, None), |(delta, spot)| (*delta, Some(*spot)));
        let of = |price: Price, n: i64| price.of_contracts(Contracts(n));
        let open = |series, side, contracts, amount: Money, fees| Act::Open {
            series,
            side,
            contracts,
            amount,
            fees,
            delta,
            spot,
        };
        match *trade {
            Trade::Option { action, series, contracts } => {
                let (n, fees) = (contracts.0, fill.fees);
                let (side, amount, contracts) = (side(action), of(fill.price, n), n);
                let act = match action {
                    Action::SellToOpen | Action::BuyToOpen => open(series, side, contracts, amount, fees),
                    Action::BuyToClose | Action::SellToClose => Act::Close { series, side, contracts, amount, fees },
                };
                self.push(place, act);
            }
            Trade::Roll { close, open: opened, .. } => {
                let (n, side) = (fill.units, Side::Short);
                let (amount, fees) = (of(fill.price, n), fill.fees);
                self.push(place, Act::Close { series: close, side, contracts: n, amount, fees });
                if let Some(sold) = fill.sold {
                    self.push(place, open(opened, side, n, of(sold.price, n), sold.fees));
                }
            }
            Trade::SellShares { symbol, shares } => {
                let income = fill.price.of_shares(Shares(shares.0));
                self.push(place, Act::Sell { symbol, shares: shares.0, income, fees: fill.fees });
            }
        }
    }

    fn merged(&mut self, structure: StructureId, into: SleeveId) {
        for kind in SleeveKind::ALL {
            let (from, to) = (self.place(SleeveId::new(structure, kind)), self.place(into));
            self.push(from, Act::Merge { to });
        }
    }
}

const fn side(action: Action) -> Side {
    match action {
        Action::SellToOpen | Action::BuyToClose => Side::Short,
        Action::BuyToOpen | Action::SellToClose => Side::Long,
    }
}
