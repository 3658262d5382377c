//! Structures, income, forks and merges as the fold keeps them.

use ledger::entry::Purpose;
use ledger::{Entry, SleeveId, SleeveKind, StructureId};
use market::time::{Date, TradingDay};
use market::value::Money;
use protocol::income::YearProfit;

use super::{Impossible, State};
use crate::event::Body;
use crate::sleeve::{ForkDue, Part, SleeveState};

/// A structure beside its books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructureState {
    /// Which.
    pub id: StructureId,
    /// Where it stands.
    pub parent: Option<StructureId>,
    /// The weekly close at which it began to merge.
    pub merging: Option<TradingDay>,
    /// Cash of its tax reserve at the last weekly close.
    pub reserve_start: Money,
    /// What moved to and from it since.
    pub reserve_flows: Money,
    /// Interest that it earned since.
    pub reserve_interest: Money,
    /// Cash of its tax reserve in ten-thousandths of a dollar × calendar days since interest was last credited.
    pub reserve_days: i128,
}

impl StructureState {
    pub(super) const fn new(id: StructureId, parent: Option<StructureId>) -> Self {
        StructureState {
            id,
            parent,
            merging: None,
            reserve_start: Money::ZERO,
            reserve_flows: Money::ZERO,
            reserve_interest: Money::ZERO,
            reserve_days: 0,
        }
    }
}

impl State {
    /// One structure's state.
    #[must_use]
    pub fn structure(&self, id: StructureId) -> Option<&StructureState> {
        self.structures.iter().find(|s| s.id == id)
    }

    fn structure_mut(&mut self, id: StructureId) -> Option<&mut StructureState> {
        self.structures.iter_mut().find(|s| s.id == id)
    }

    /// All that the owner has at the last weekly close: every sleeve's equity and every tax reserve.
    #[must_use]
    pub fn owner_equity(&self) -> Money {
        let sleeves: Money = self.sleeves.iter().map(|s| s.start).sum();
        sleeves + self.structures.iter().map(|s| s.reserve_start).sum::<Money>()
    }

    /// Whether a sleeve's structure merges.
    #[must_use]
    pub fn is_merging(&self, sleeve: SleeveId) -> bool {
        self.structure(sleeve.structure).is_some_and(|s| s.merging.is_some())
    }

    /// A sleeve's equity at the last weekly close, with what has moved since.
    #[must_use]
    pub fn closing_equity(&self, sleeve: SleeveId) -> Money {
        self.sleeve(sleeve).map_or(Money::ZERO, |s| s.start + s.flows)
    }

    /// Takes note of the profit that the books have realised since it was last asked.
    pub(super) fn count_realised(&mut self, i: usize, today: Date) {
        let now = self.ledger.realised(self.sleeves[i].id);
        let sleeve = &mut self.sleeves[i];
        let realised = now - sleeve.realised_before;
        if realised == Money::ZERO {
            return;
        }
        sleeve.realised_before = now;
        match sleeve.realised.iter_mut().find(|y| y.year == today.year()) {
            Some(part) => part.realised += realised,
            None => sleeve.realised.push(YearProfit { year: today.year(), realised }),
        }
    }

    fn moved(&mut self, sleeve: SleeveId, amount: Money) {
        if let Some(sleeve) = self.sleeve_mut(sleeve) {
            sleeve.flows += amount;
        }
    }

    /// Applies what concerns growth and income.
    pub(super) fn grow(&mut self, today: Date, body: &Body) -> Result<(), Impossible> {
        match body {
            Body::Withdrawn { sleeve, amount } => {
                self.post(today, &Entry::Withdraw { sleeve: *sleeve, amount: *amount })?;
                self.moved(*sleeve, -*amount);
                self.paid -= *amount;
                if let Some(state) = self.sleeve_mut(*sleeve) {
                    state.profit = state.profit.withdrawn(*amount);
                }
            }
            Body::IncomeBooked { sleeve, income, moved } => {
                let (id, amount) = (*sleeve, moved.abs());
                if moved.is_positive() {
                    self.post(today, &Entry::ToTaxReserve { sleeve: id, amount })?;
                } else if moved.is_negative() {
                    self.post(today, &Entry::FromTaxReserve { sleeve: id, amount })?;
                }
                self.moved(id, -*moved);
                if let Some(structure) = self.structure_mut(id.structure) {
                    structure.reserve_flows += *moved;
                }
                if let Some(state) = self.sleeve_mut(id) {
                    state.profit = income.account;
                    state.reserve_owed += income.reserve - *moved;
                    state.realised.clear();
                }
            }
            Body::ReserveInterest { structure, amount, .. } => {
                if amount.is_positive() {
                    self.post(today, &Entry::TaxReserveInterest { structure: *structure, amount: *amount })?;
                }
                if let Some(state) = self.structure_mut(*structure) {
                    state.reserve_days = 0;
                    state.reserve_interest += *amount;
                }
            }
            Body::ReserveClosed { structure, week } => {
                let at = self.events;
                let sum = week.start + week.flows + week.interest;
                let (cash, structure) = (self.ledger.tax_reserve(*structure).cash, *structure);
                if sum != week.end || cash != week.end {
                    return Err(Impossible::Reserve { at, structure, end: week.end, sum });
                }
                if let Some(state) = self.structure_mut(structure) {
                    state.reserve_start = week.end;
                    (state.reserve_flows, state.reserve_interest) = (Money::ZERO, Money::ZERO);
                }
            }
            Body::Reinvested { sleeve, reinvested, set_aside } => {
                let earmark = Entry::Earmark { sleeve: *sleeve, purpose: Purpose::Leaps, amount: *set_aside };
                self.post(today, &earmark)?;
                if let Some(state) = self.sleeve_mut(*sleeve) {
                    state.profit = reinvested.account;
                    state.leaps_due = set_aside.is_positive();
                }
            }
            Body::LeapsPlanned { plan, rolls } => {
                if !rolls {
                    // What is bought is reserved by its orders; what is left waits for the next quarter.
                    let (sleeve, amount) = (plan.sleeve, plan.left);
                    self.post(today, &Entry::Earmark { sleeve, purpose: Purpose::Leaps, amount })?;
                }
                if let Some(state) = self.sleeve_mut(plan.sleeve) {
                    if *rolls {
                        state.leaps_sold.retain(|s| s.settles > today);
                    } else {
                        state.leaps_due = false;
                    }
                }
            }
            Body::ForkDue { sleeve, waits, reserves, .. } => {
                let day = self.last_day;
                if let Some(state) = self.sleeve_mut(*sleeve) {
                    let since = state.fork.as_ref().map(|f| f.since).or(day);
                    state.fork = since.map(|since| ForkDue { since, reserves: *reserves, waits: waits.clone() });
                }
            }
            Body::ForkLapsed { sleeve, .. } => {
                if let Some(state) = self.sleeve_mut(*sleeve) {
                    state.fork = None;
                }
            }
            Body::Forked { .. } => self.fork(today, body)?,
            Body::MergeStarted { structure, .. } => {
                let day = self.last_day;
                if let Some(state) = self.structure_mut(*structure) {
                    state.merging = day;
                }
            }
            Body::Merged { .. } => self.merge(today, body)?,
            _ => {}
        }
        Ok(())
    }

    fn fork(&mut self, today: Date, body: &Body) -> Result<(), Impossible> {
        let Body::Forked { from, structure, division, base } = body else { return Ok(()) };
        let parts = [division.generation, division.compounding];
        self.post(today, &Entry::Fork { from: *from, structure: *structure, parts })?;
        let rules = self.policy.clone();
        if let Some(state) = self.sleeve_mut(*from) {
            state.flows -= division.moves;
            state.base = *base;
            state.fork = None;
            state.profit = state.profit.forked(&rules, division.moves);
        }
        for (kind, part) in [SleeveKind::Generation, SleeveKind::Compounding].into_iter().zip(parts) {
            let mut sleeve = SleeveState::new(SleeveId::new(*structure, kind));
            (sleeve.flows, sleeve.base) = (part, part);
            self.sleeves.push(sleeve);
        }
        self.sleeves.sort_by_key(|s| s.id);
        self.structures.push(StructureState::new(*structure, Some(from.structure)));
        Ok(())
    }

    fn merge(&mut self, today: Date, body: &Body) -> Result<(), Impossible> {
        let Body::Merged { structure, into, values } = body else { return Ok(()) };
        self.post(today, &Entry::Merge { structure: *structure, into: *into })?;
        let parent = self.structure(*structure).and_then(|s| s.parent);
        let (reserve_days, reserve) = self
            .structure(*structure)
            .map_or((0, Money::ZERO), |s| (s.reserve_days, s.reserve_start + s.reserve_flows));
        self.structures.retain(|s| s.id != *structure);
        for child in &mut self.structures {
            if child.parent == Some(*structure) {
                child.parent = parent;
            }
            if Some(child.id) == parent {
                child.reserve_days += reserve_days;
                child.reserve_flows += reserve;
            }
        }
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.sleeves).into_iter().partition(|s| s.id.structure == *structure);
        self.sleeves = kept;
        let value: Money = values.iter().map(|(_, value)| *value).sum();
        if let Some(taker) = self.sleeve_mut(*into) {
            taker.flows += value;
            for sleeve in gone {
                taker.unrealised += sleeve.unrealised;
                taker.cash_days += sleeve.cash_days;
                taker.reserve_owed += sleeve.reserve_owed;
                taker.leaps_due |= sleeve.leaps_due;
                taker.profit.growth += sleeve.profit.unspent().max(Money::ZERO);
                for week in &sleeve.positions {
                    taker.position_mut(week.symbol, Part::Shares);
                }
            }
        }
        Ok(())
    }
}
