//! State is the fold of the journal: [`State::apply`] changes it and decides nothing.

mod booking;
mod growth;
mod people;
mod sleeve;

use std::sync::Arc;

use jiff::Timestamp;
use ledger::entry::{Assignment, Cross, Exercise};
use ledger::{Entry, Ledger, LedgerError, LotOrder, PortfolioId, SleeveId, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Fill, Order, OrderChange, OrderId, OrderStatus, Trade};
use market::time::{Calendar, Date, TradingDay, Week, date_of_number};
use market::value::{Contracts, Money, Price};
use protocol::guard::Guard;
use protocol::manage::{Answer, Review};
use protocol::policy::{Lots, Policy, WeekClass};
use protocol::position::PutEnd;
use protocol::rule::Rule;
use protocol::week::Classification;

use crate::command::{Answer as CommandAnswer, Commands, Key};
use crate::event::{Body, Crossing, Event, Marks, Opened, Scope, SleeveWeek};
pub use growth::StructureState;
pub use people::{Closed, Granted, Pending, People};

use booking::{booked, flows};
use sleeve::net_a_share;

use crate::sleeve::{Called, LeapsSold, Line, Part, PositionWeek, RollBegun, RollChain, SleeveState};

/// An order on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    /// The sleeve.
    pub sleeve: SleeveId,
    /// The order.
    pub order: Order,
    /// The rule that wanted it.
    pub rule: Rule,
    /// Where it stands.
    pub status: OrderStatus,
    /// Contracts, or shares, filled so far.
    pub filled: Contracts,
    /// The underlying's price when it was decided.
    pub underlying: Price,
    /// Its average true range then.
    pub atr: Option<Price>,
}

/// An order that came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which order.
    pub order: OrderId,
    /// Its underlying.
    pub symbol: Symbol,
    /// How it ended.
    pub status: OrderStatus,
}

/// The week that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentWeek {
    /// Which week.
    pub week: Week,
    /// The class that it was first given.
    pub first: WeekClass,
    /// How it is judged now: the rules' evidence, and the class that holds.
    pub now: Classification,
    /// The class that the rules gave it last, whatever a human said (M-5).
    pub judged: WeekClass,
    /// Whether entries of it were planned: a human's word comes too late then.
    pub planned: bool,
}

/// What new exposure one sleeve took to one underlying today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewExposure {
    /// The sleeve.
    pub sleeve: SleeveId,
    /// Which underlying.
    pub symbol: Symbol,
    /// How much.
    pub amount: Money,
}

/// Everything that the journal amounts to.
#[derive(Clone, Debug)]
pub struct State {
    /// The exchange's calendar.
    pub calendar: Arc<Calendar>,
    /// Every number.
    pub policy: Policy,
    /// How the journal began; absent before it did.
    pub opened: Option<Opened>,
    /// The books.
    pub ledger: Ledger,
    /// Each structure that is not closed, rising by number.
    pub structures: Vec<StructureState>,
    /// Each sleeve of them beside its books, rising by id.
    pub sleeves: Vec<SleeveState>,
    /// The judged week.
    pub week: Option<CurrentWeek>,
    /// Orders without an end yet.
    pub working: Vec<Working>,
    /// Orders that ended today.
    pub ended: Vec<Ended>,
    /// Where the guard against extreme volatility stands (K-3).
    pub guard: Guard,
    /// Kill switches that hold (K-6).
    pub killed: Vec<Scope>,
    /// Symbols that are frozen (K-5), rising.
    pub frozen: Vec<Symbol>,
    /// Which epoch of order ids this is, from 1.
    pub epoch: u32,
    /// Sequence of the epoch's next order.
    pub next_order: u64,
    /// Orders approved today, by sleeve.
    pub orders_today: Vec<(SleeveId, u32)>,
    /// Contracts that orders approved today sell to open, by series.
    pub sold_today: Vec<(Series, Contracts)>,
    /// New exposure taken today.
    pub exposure_today: Vec<NewExposure>,
    /// The last session that ended.
    pub last_day: Option<TradingDay>,
    /// The last weekly close.
    pub last_close: Option<Week>,
    /// The last session of the last Red week.
    pub last_red: Option<TradingDay>,
    /// What the owner paid in less what was paid out since the last weekly close was marked.
    pub paid: Money,
    /// The same between the last two.
    pub paid_before: Money,
    /// The figures of the last weekly close.
    pub marks: Option<Marks>,
    /// What people were asked and what they said.
    pub people: People,
    /// Keys of commands, and what they came to.
    pub commands: Commands,
    /// Events applied so far.
    pub events: u64,
    /// When the last of them happened, to the second; nothing before the first.
    pub at: Option<Timestamp>,
}

/// Why an event cannot follow what came before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// The books refuse it.
    #[error("event {at} cannot be booked: {why}")]
    Books {
        /// Which event, from 1.
        at: u64,
        /// The books' reason.
        why: LedgerError,
    },
    /// It names an order that is not working, or a change that the order's state does not allow.
    #[error("event {at} changes order {order}, which does not allow it")]
    Order {
        /// Which event, from 1.
        at: u64,
        /// The order.
        order: OrderId,
    },
    /// An epoch that does not follow the one before.
    #[error("event {at} begins epoch {found}; expected {expected}")]
    Epoch {
        /// Which event, from 1.
        at: u64,
        /// The epoch that it names.
        found: u32,
        /// The one that would follow.
        expected: u32,
    },
    /// The figures of a weekly close do not add up.
    #[error("event {at}: {sleeve} closes week {week} with {end}, but start + flows + gains is {sum}")]
    Identity {
        /// Which event, from 1.
        at: u64,
        /// The sleeve.
        sleeve: SleeveId,
        /// The week.
        week: Week,
        /// The end that is written.
        end: Money,
        /// What the parts sum to.
        sum: Money,
    },
    /// The figures of a tax reserve do not add up, or are not what the books hold.
    #[error(
        "event {at}: the tax reserve of structure {structure} closes with {end}, but start + flows + interest is {sum}"
    )]
    Reserve {
        /// Which event, from 1.
        at: u64,
        /// Whose reserve.
        structure: StructureId,
        /// The end that is written.
        end: Money,
        /// What the parts sum to.
        sum: Money,
    },
    /// A proposal that is not what its digest or number says, or is not open.
    #[error("event {at}: proposal {proposal} is not what its digest says, or does not wait")]
    Proposal {
        /// Which event, from 1.
        at: u64,
        /// The proposal.
        proposal: u64,
    },
    /// A key that was used before, or that says it came to more events than there are.
    #[error("event {at}: key {key} was used before, or came to more events than there are")]
    Key {
        /// Which event, from 1.
        at: u64,
        /// The key.
        key: Key,
    },
    /// A journal that does not begin with its opening, or begins twice.
    #[error("event {at}: a journal begins with exactly one opening")]
    Opening {
        /// Which event, from 1.
        at: u64,
    },
}

impl State {
    /// A state before its first event.
    #[must_use]
    pub fn new(calendar: Arc<Calendar>, policy: Policy) -> Self {
        let lots = match policy.tax.lots {
            // Without an instruction what was bought first is sold first (T-1).
            Lots::HighestCost if !policy.is_off(Rule::T1) => LotOrder::HighestCost,
            Lots::HighestCost | Lots::Fifo => LotOrder::Fifo,
        };
        State {
            calendar,
            policy,
            opened: None,
            ledger: Ledger::new(PortfolioId(0), lots),
            structures: Vec::new(),
            sleeves: Vec::new(),
            week: None,
            working: Vec::new(),
            ended: Vec::new(),
            guard: Guard::Calm,
            killed: Vec::new(),
            frozen: Vec::new(),
            epoch: 1,
            next_order: 1,
            orders_today: Vec::new(),
            sold_today: Vec::new(),
            exposure_today: Vec::new(),
            last_day: None,
            last_close: None,
            last_red: None,
            paid: Money::ZERO,
            paid_before: Money::ZERO,
            marks: None,
            people: People::default(),
            commands: Commands::default(),
            events: 0,
            at: None,
        }
    }

    /// The portfolio's number.
    #[must_use]
    pub fn portfolio(&self) -> PortfolioId {
        self.opened.as_ref().map_or(PortfolioId(0), |o| o.portfolio)
    }

    /// One sleeve's state.
    #[must_use]
    pub fn sleeve(&self, id: SleeveId) -> Option<&SleeveState> {
        self.sleeves.binary_search_by_key(&id, |s| s.id).ok().map(|i| &self.sleeves[i])
    }

    /// Whether a kill switch holds `sleeve`.
    #[must_use]
    pub fn is_killed(&self, sleeve: SleeveId) -> bool {
        self.killed.iter().any(|scope| match scope {
            Scope::Sleeve(id) => *id == sleeve,
            Scope::Portfolio | Scope::System => true,
        })
    }

    fn sleeve_mut(&mut self, id: SleeveId) -> Option<&mut SleeveState> {
        self.sleeves.binary_search_by_key(&id, |s| s.id).ok().map(|i| &mut self.sleeves[i])
    }

    /// Applies one event.
    ///
    /// # Errors
    /// [`Impossible`] if it cannot follow what came before: then the journal was not written by this engine.
    pub fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        self.events += 1;
        self.at = Some(second(event.at));
        if self.opened.is_none() != matches!(event.body, Body::Opened(_)) {
            return Err(Impossible::Opening { at: self.events });
        }
        let today = trade_date(event.at);
        match &event.body {
            Body::Opened(opened) => {
                self.ledger = Ledger::new(opened.portfolio, self.ledger.lot_order());
                self.opened = Some(opened.clone());
            }
            Body::Founded { structure, parent, sleeves } => {
                self.post(today, &Entry::Found { structure: *structure, parent: *parent, sleeves: *sleeves })?;
                for kind in ledger::SleeveKind::ALL.into_iter().filter(|k| sleeves.contains(*k)) {
                    self.sleeves.push(SleeveState::new(SleeveId::new(*structure, kind)));
                }
                self.sleeves.sort_by_key(|s| s.id);
                self.structures.push(StructureState::new(*structure, *parent));
            }
            Body::Withdrawn { .. }
            | Body::IncomeBooked { .. }
            | Body::ReserveInterest { .. }
            | Body::Reinvested { .. }
            | Body::LeapsPlanned { .. }
            | Body::ForkDue { .. }
            | Body::ForkLapsed { .. }
            | Body::Forked { .. }
            | Body::MergeStarted { .. }
            | Body::ReserveClosed { .. }
            | Body::Merged { .. } => self.grow(today, &event.body)?,
            Body::Deposited { structure, parts } => {
                self.post(today, &Entry::Deposit { structure: *structure, parts: *parts })?;
                self.paid += parts.iter().copied().sum::<Money>();
                for (kind, part) in ledger::SleeveKind::ALL.into_iter().zip(parts) {
                    if let Some(sleeve) = self.sleeve_mut(SleeveId::new(*structure, kind)) {
                        sleeve.flows += *part;
                        sleeve.base += *part;
                    }
                }
            }
            Body::SplitApplied { symbol, new_per_old } => {
                self.post(today, &Entry::Split { symbol: *symbol, new_per_old: *new_per_old })?;
                for sleeve in &mut self.sleeves {
                    sleeve.split(*symbol, *new_per_old);
                }
                self.people.split(*symbol);
            }
            Body::DividendAccrued(dividend) => {
                self.post(today, &Entry::AccrueDividend(*dividend))?;
                self.flow(dividend.sleeve, dividend.symbol, Part::Shares, dividend.amount);
            }
            Body::Settled { through } => {
                self.post(today, &Entry::Settle { through: *through })?;
            }
            Body::WeekClassified { week, classification, replaces } => {
                self.judge(*week, classification, *replaces);
            }
            Body::Reviewed { sleeve, review } => self.begin_roll(*sleeve, review),
            Body::WeekUnclassified { .. }
            | Body::Compared(_)
            | Body::WithdrawalRefused { .. }
            | Body::LeapsReviewed { .. } => {}
            Body::Planned(plan) => self.plan(plan),
            Body::Observed { .. }
            | Body::Proposed(_)
            | Body::Answered { .. }
            | Body::NotDone { .. }
            | Body::ActRefused { .. }
            | Body::WeekOverridden { .. }
            | Body::LevelChanged { .. }
            | Body::DecisionJudged(_)
            | Body::TrustSuggested { .. } => self.hear(&event.body)?,
            Body::GuardChanged { to, .. } => self.guard = *to,
            Body::KillSwitch { scope, on, .. } => {
                self.killed.retain(|held| held != scope);
                self.killed.extend(on.then_some(*scope));
            }
            Body::EpochBegan { epoch, .. } => {
                if *epoch != self.epoch + 1 {
                    return Err(Impossible::Epoch { at: self.events + 1, found: *epoch, expected: self.epoch + 1 });
                }
                (self.epoch, self.next_order) = (*epoch, 1);
            }
            Body::Frozen { symbol, .. } => {
                if let Err(at) = self.frozen.binary_search(symbol) {
                    self.frozen.insert(at, *symbol);
                }
            }
            Body::Thawed { symbol, .. } => self.frozen.retain(|frozen| frozen != symbol),
            Body::OrderRefused { sleeve, order, .. } => {
                self.next_order = order.id.sequence + 1;
                self.people.spend(*sleeve, order);
            }
            Body::OrderApproved { .. } => self.approve(today, &event.body)?,
            Body::Marked(marks) => {
                self.paid_before = std::mem::take(&mut self.paid);
                for sleeve in &mut self.sleeves {
                    sleeve.types.clear();
                }
                self.marks = Some(marks.clone());
            }
            Body::Filled { .. } => self.fill(today, &event.body)?,
            Body::Crossed(crossing) => self.cross(today, crossing)?,
            Body::OrderEnded { order, status } => self.end_order(today, *order, *status)?,
            Body::Expired { sleeve, series, contracts, .. } => {
                let (sleeve, series, contracts) = (*sleeve, *series, *contracts);
                self.post(today, &Entry::Expire { sleeve, series, contracts })?;
                if let Some(sleeve) = self.sleeve_mut(sleeve) {
                    sleeve.end_line(&series, contracts, PutEnd::Expired, today);
                }
            }
            Body::Assigned { .. } => self.assign(today, &event.body)?,
            Body::LongEnded { .. } => self.end_long(today, &event.body)?,
            Body::DayEnded { day, days, deep } => {
                for (sleeve, series) in deep {
                    if let Some(sleeve) = self.sleeve_mut(*sleeve) {
                        sleeve.mark_deep(series);
                    }
                }
                for i in 0..self.sleeves.len() {
                    let cash = self.ledger.settled_cash(self.sleeves[i].id);
                    self.sleeves[i].cash_days += i128::from(cash.units()) * i128::from(*days);
                    self.count_realised(i, today);
                }
                for structure in &mut self.structures {
                    let cash = self.ledger.tax_reserve(structure.id).cash;
                    structure.reserve_days += i128::from(cash.units()) * i128::from(*days);
                }
                self.last_day = Some(*day);
                self.orders_today.clear();
                self.ended.clear();
                self.sleeves.iter_mut().for_each(|s| s.rolls.clear());
                self.sold_today.clear();
                self.exposure_today.clear();
                self.people.end_day();
            }
            Body::InterestCredited { sleeve, amount, .. } => {
                if amount.is_positive() {
                    self.post(today, &Entry::Interest { sleeve: *sleeve, amount: *amount })?;
                }
                if let Some(sleeve) = self.sleeve_mut(*sleeve) {
                    sleeve.cash_days = 0;
                }
            }
            Body::PositionTyped(typed) => {
                if let Some(sleeve) = self.sleeve_mut(typed.sleeve) {
                    sleeve.types.push((typed.symbol, typed.right, typed.kind));
                }
            }
            Body::LockChanged { sleeve, locked, why, .. } => {
                let day = self.last_day;
                if let Some(sleeve) = self.sleeve_mut(*sleeve) {
                    sleeve.change_lock(*locked, *why, day);
                }
            }
            Body::SleeveClosed(week) => self.close_sleeve(week)?,
            Body::WeekEnded { week } => {
                self.begin_week(*week);
                self.people.end_week();
            }
            Body::Commanded { key, content, events } => {
                let at = self.events;
                let refuse = || Impossible::Key { at, key: key.clone() };
                let first = at.checked_sub(u64::from(*events)).filter(|first| *first > 1).ok_or_else(refuse)?;
                let answer = CommandAnswer { content: *content, at: event.at, first, events: *events };
                if !self.commands.take(key, answer) {
                    return Err(refuse());
                }
            }
            Body::Resumed { .. } => {}
        }
        Ok(())
    }

    fn post(&mut self, day: Date, entry: &Entry) -> Result<(), Impossible> {
        let at = self.events;
        let receipt = self.ledger.post(day, entry).map_err(|why| Impossible::Books { at, why })?;
        for lost in receipt.realised.iter().filter(|r| r.gain().is_negative()) {
            let symbol = lost.instrument.symbol();
            let Ok(i) = self.sleeves.binary_search_by_key(&lost.sleeve, |s| s.id) else { continue };
            let losses = &mut self.sleeves[i].losses;
            losses.retain(|(of, _)| *of != symbol);
            losses.push((symbol, day));
        }
        Ok(())
    }

    /// Cash that moved for one position of a sleeve this week, in (positive) or out.
    fn flow(&mut self, sleeve: SleeveId, symbol: Symbol, part: Part, amount: Money) {
        if let Some(sleeve) = self.sleeve_mut(sleeve) {
            sleeve.position_mut(symbol, part).flow += amount;
        }
    }

    fn approve(&mut self, today: Date, body: &Body) -> Result<(), Impossible> {
        let Body::OrderApproved { sleeve, order, rule, reserve, underlying, atr, .. } = body else { return Ok(()) };
        let (sleeve, reserve) = (*sleeve, *reserve);
        let symbol = order.trade.underlying();
        let shares = match order.trade {
            Trade::Option { action: Action::SellToOpen, series, contracts } if series.right == Right::Call => {
                Some(contracts.shares())
            }
            Trade::SellShares { shares, .. } => Some(shares),
            _ => None,
        };
        if let Some(shares) = shares {
            self.post(today, &Entry::ReserveShares { sleeve, order: order.id, symbol, shares })?;
        } else if reserve.is_positive() {
            self.post(today, &Entry::Reserve { sleeve, order: order.id, amount: reserve })?;
        }
        self.working.push(Working {
            sleeve,
            order: *order,
            rule: *rule,
            status: OrderStatus::Intended,
            filled: Contracts(0),
            underlying: *underlying,
            atr: *atr,
        });
        self.next_order = order.id.sequence + 1;
        self.sent(sleeve, order, *rule);
        match self.orders_today.iter_mut().find(|(s, _)| *s == sleeve) {
            Some((_, n)) => *n += 1,
            None => self.orders_today.push((sleeve, 1)),
        }
        if let Some(series) = order.trade.writes() {
            let contracts = Contracts(order.trade.units());
            match self.sold_today.iter_mut().find(|(s, _)| *s == series) {
                Some((_, n)) => *n += contracts,
                None => self.sold_today.push((series, contracts)),
            }
        }
        let new_put = matches!(order.trade, Trade::Option { action: Action::SellToOpen, .. });
        if new_put && reserve.is_positive() {
            let found = self.exposure_today.iter_mut().find(|e| e.sleeve == sleeve && e.symbol == symbol);
            match found {
                Some(exposure) => exposure.amount += reserve,
                None => self.exposure_today.push(NewExposure { sleeve, symbol, amount: reserve }),
            }
        }
        Ok(())
    }

    fn fill(&mut self, today: Date, body: &Body) -> Result<(), Impossible> {
        let Body::Filled { sleeve, trade, fill, settles } = body else { return Ok(()) };
        let at = self.events;
        let working = self.working.iter().find(|w| w.order.id == fill.order).copied();
        let working = working.ok_or(Impossible::Order { at, order: fill.order })?;
        let sleeve = *sleeve;
        self.post(today, &booked(sleeve, trade, fill, *settles))?;
        for (part, amount) in flows(trade, fill) {
            self.flow(sleeve, trade.underlying(), part, amount);
        }
        let contracts = Contracts(fill.units);
        if working.rule == Rule::Q2
            && let Trade::Option { action: Action::SellToClose, series, contracts } = trade
            && let Some(state) = self.sleeve_mut(sleeve)
        {
            let (symbol, proceeds) = (series.underlying, fill.proceeds(trade) - fill.all_fees());
            state.leaps_sold.push(LeapsSold { symbol, contracts: *contracts, proceeds, settles: *settles });
        }
        let chain = self.bought_back(today, &working, trade, fill);
        self.written(today, &working, trade, fill, chain);
        self.advance(today, fill.order, contracts)
    }

    /// Ends the line that a trade buys back, if it does; the rolls that led to it.
    fn bought_back(&mut self, today: Date, working: &Working, trade: &Trade, fill: &Fill) -> Option<RollChain> {
        let closed = trade.buys_back()?;
        let state = self.sleeve_mut(working.sleeve)?;
        let before = state.lines.iter().find(|l| l.series == closed && l.ended < l.contracts).copied();
        let gain = before.is_some_and(|l| fill.price <= l.price);
        let rolled = state.bought_to_roll(&closed, fill, before.map(|l| l.chain));
        let end = match trade {
            Trade::Roll { .. } => PutEnd::Rolled,
            _ if rolled => PutEnd::Rolled,
            _ if gain => PutEnd::ClosedAtGain,
            _ => PutEnd::ClosedAtLoss,
        };
        state.end_line(&closed, Contracts(fill.units), end, today);
        if working.rule == Rule::X5 && closed.right == Right::Put {
            state.profit_taken.push(closed.underlying);
        }
        before.map(|l| l.chain)
    }

    /// Begins the line that a trade writes, if it does; `chain` are the rolls of what it bought back.
    fn written(&mut self, today: Date, working: &Working, trade: &Trade, fill: &Fill, chain: Option<RollChain>) {
        let (Some(series), Some(state)) = (trade.writes(), self.sleeve_mut(working.sleeve)) else { return };
        let price = fill.sold.map_or(fill.price, |s| s.price);
        let begun = if working.rule == Rule::R1 { state.sold_to_roll(&series, fill) } else { None };
        let rolled = chain.filter(|_| fill.sold.is_some());
        let rolled = rolled.map(|c| RollChain { rolls: c.rolls + 1, credit: c.credit + net_a_share(fill), ..c });
        state.lines.push(Line {
            series,
            opened: TradingDay::from_record(today),
            contracts: Contracts(fill.units),
            price,
            underlying: working.underlying,
            atr: working.atr,
            deep: false,
            end: PutEnd::Open,
            ended: Contracts(0),
            assigned: Contracts(0),
            ended_on: None,
            chain: begun.or(rolled).unwrap_or(RollChain::begun_at(price)),
        });
    }

    /// Options pass from one sleeve to another and fill an order of each (K-7).
    fn cross(&mut self, today: Date, crossing: &Crossing) -> Result<(), Impossible> {
        let Crossing { series, contracts, from, to, price, origin, close, open } = *crossing;
        let at = self.events;
        let working = |id| self.working.iter().find(|w| w.order.id == id).copied();
        let buys = working(close).ok_or(Impossible::Order { at, order: close })?;
        let sells = working(open).ok_or(Impossible::Order { at, order: open })?;
        let (closes, opens) = (Some(close), Some(open));
        self.post(today, &Entry::Cross(Cross { series, contracts, from, to, price, close: closes, open: opens }))?;
        let paid = crossing.paid();
        self.flow(from, series.underlying, Part::of(series), -paid);
        self.flow(to, series.underlying, Part::of(series), paid);
        let fill = |order| Fill { order, units: contracts.0, price, fees: Money::ZERO, sold: None, origin };
        self.bought_back(today, &buys, &Trade::buy_back(series, contracts), &fill(close));
        self.written(today, &sells, &Trade::write(series, contracts), &fill(open), None);
        self.advance(today, close, contracts)?;
        self.advance(today, open, contracts)
    }

    /// A roll that a broker refuses as one order begins with its review.
    fn begin_roll(&mut self, sleeve: SleeveId, review: &Review) {
        let (Answer::Roll(roll) | Answer::ProposeRoll(roll)) = review.answer else { return };
        if let Some(sleeve) = self.sleeve_mut(sleeve).filter(|_| !roll.combined) {
            let chain = RollChain::begun_at(Price::ZERO);
            let from = review.series;
            sleeve.rolls.push(RollBegun { from, roll, bought: Contracts(0), cost: Price::ZERO, chain });
        }
    }

    /// Moves an order's state on by a fill.
    fn advance(&mut self, today: Date, id: OrderId, quantity: Contracts) -> Result<(), Impossible> {
        let at = self.events;
        let refuse = Impossible::Order { at, order: id };
        let found = self.working.iter().position(|w| w.order.id == id).ok_or_else(|| refuse.clone())?;
        let working = &mut self.working[found];
        working.filled += quantity;
        let whole = Contracts(working.order.trade.units());
        let change = if working.filled == whole { OrderChange::FillRest } else { OrderChange::FillPart };
        if working.filled > whole {
            return Err(refuse);
        }
        working.status = working.status.after(change).ok_or(refuse)?;
        if working.status.is_final() {
            let gone = self.working.swap_remove(found);
            self.ended.push(gone.end());
            self.release(today, id)?;
        }
        Ok(())
    }

    /// Frees what is left of an order's reservation, if it has one.
    fn release(&mut self, today: Date, order: OrderId) -> Result<(), Impossible> {
        match self.ledger.reservation(order) {
            Some(_) => self.post(today, &Entry::Release { order }),
            None => Ok(()),
        }
    }

    fn end_order(&mut self, today: Date, id: OrderId, status: OrderStatus) -> Result<(), Impossible> {
        let at = self.events;
        let found = self.working.iter().position(|w| w.order.id == id);
        let found = found.ok_or(Impossible::Order { at, order: id })?;
        let change = if status == OrderStatus::Rejected { OrderChange::Reject } else { OrderChange::Cancel };
        let allowed = self.working[found].status.after(change);
        if allowed != Some(status) {
            return Err(Impossible::Order { at, order: id });
        }
        self.release(today, id)?;
        let gone = self.working.swap_remove(found);
        self.ended.push(Ended { status, ..gone.end() });
        Ok(())
    }

    fn assign(&mut self, today: Date, body: &Body) -> Result<(), Impossible> {
        let Body::Assigned { sleeve, series, contracts, fees, settles, basis, .. } = body else { return Ok(()) };
        let (sleeve, series, contracts) = (*sleeve, *series, *contracts);
        self.post(today, &Entry::Assign(Assignment { sleeve, series, contracts, fees: *fees, settles: *settles }))?;
        let value = series.strike.of_contracts(contracts);
        let flow = if series.right == Right::Put { -(value + *fees) } else { value - *fees };
        self.flow(sleeve, series.underlying, Part::Shares, flow);
        if let Some(state) = self.sleeve_mut(sleeve) {
            state.end_line(&series, contracts, PutEnd::Assigned, today);
            if series.right == Right::Call {
                state.called.push(Called { symbol: series.underlying, strike: series.strike, basis: *basis });
            }
        }
        Ok(())
    }

    /// Calls that were held are exercised, or end without value.
    fn end_long(&mut self, today: Date, body: &Body) -> Result<(), Impossible> {
        let Body::LongEnded { sleeve, series, contracts, fees, settles, .. } = body else { return Ok(()) };
        let (sleeve, series, contracts, fees) = (*sleeve, *series, *contracts, *fees);
        let Some(settles) = *settles else {
            return self.post(today, &Entry::ExpireLong { sleeve, series, contracts });
        };
        self.post(today, &Entry::Exercise(Exercise { sleeve, series, contracts, fees, settles }))?;
        self.flow(sleeve, series.underlying, Part::Shares, -(series.strike.of_contracts(contracts) + fees));
        Ok(())
    }

    fn close_sleeve(&mut self, week: &SleeveWeek) -> Result<(), Impossible> {
        let at = self.events;
        let sum = week.start + week.flows + week.gains.total();
        if sum != week.end {
            return Err(Impossible::Identity { at, sleeve: week.sleeve, week: week.week, end: week.end, sum });
        }
        let balance = self.ledger.balance(week.sleeve);
        let by_position = self.position_gains(week.sleeve) + week.gains.interest;
        if by_position != week.gains.total() {
            let sum = week.start + week.flows + by_position;
            return Err(Impossible::Identity { at, sleeve: week.sleeve, week: week.week, end: week.end, sum });
        }
        if let Some(sleeve) = self.sleeve_mut(week.sleeve) {
            sleeve.close(week, balance);
        }
        Ok(())
    }

    /// What a position is worth at the last marks, short options negative.
    #[must_use]
    pub fn position_value(&self, sleeve: SleeveId, symbol: Symbol, part: Part) -> Money {
        let Some(marks) = &self.marks else { return Money::ZERO };
        let mid = |series: &Series| marks.mid(series).unwrap_or(Price::ZERO);
        let written = self.ledger.written(sleeve).iter();
        let written = written.filter(|w| w.series.underlying == symbol && Part::of(w.series) == part);
        let short: Money = written.map(|w| mid(&w.series).of_contracts(w.contracts)).sum();
        if part != Part::Shares {
            return -short;
        }
        let longs = self.ledger.longs(sleeve).iter().filter(|l| l.series.underlying == symbol);
        let longs: Money = longs.map(|l| mid(&l.series).of_contracts(l.contracts)).sum();
        let close = marks.close(symbol).unwrap_or(Price::ZERO);
        close.of_shares(self.ledger.shares(sleeve, symbol)) + longs - short
    }

    /// The week's gain of one position at the last marks: end value − start value + cash in − cash out.
    #[must_use]
    pub fn position_gain(&self, sleeve: SleeveId, week: &PositionWeek) -> Money {
        self.position_value(sleeve, week.symbol, week.part) - week.start + week.flow
    }

    fn position_gains(&self, sleeve: SleeveId) -> Money {
        let positions = self.sleeve(sleeve).map_or(&[][..], |s| &s.positions);
        positions.iter().map(|p| self.position_gain(sleeve, p)).sum()
    }

    fn begin_week(&mut self, week: Week) {
        self.last_close = Some(week);
        if self.week.is_some_and(|w| w.week == week && w.now.class == WeekClass::Red) {
            self.last_red = self.last_day;
        }
        for i in 0..self.sleeves.len() {
            let id = self.sleeves[i].id;
            let written = self.ledger.written(id);
            let open =
                |p: &PositionWeek| p.part == Part::Shares || written.iter().any(|w| Part::of(w.series) == p.part);
            self.sleeves[i].positions.retain(open);
            for j in 0..self.sleeves[i].positions.len() {
                let PositionWeek { symbol, part, .. } = self.sleeves[i].positions[j];
                let start = self.position_value(id, symbol, part);
                self.sleeves[i].positions[j] = PositionWeek { symbol, part, start, flow: Money::ZERO };
            }
            self.sleeves[i].begin_week();
        }
    }
}

impl Working {
    const fn end(&self) -> Ended {
        Ended { order: self.order.id, symbol: self.order.trade.underlying(), status: self.status }
    }
}

/// A moment as the journal has it.
pub(crate) fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The New York day of an instant, by standard time all year: right from one in the morning to midnight.
#[must_use]
pub fn trade_date(at: Timestamp) -> Date {
    const BEHIND: i64 = 5 * 3600;
    date_of_number((at.as_second() - BEHIND).div_euclid(86_400)).unwrap_or(Date::ZERO)
}
