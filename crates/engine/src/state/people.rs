//! Proposals, levels and trust as the fold keeps them.

use ledger::SleeveId;
use market::instrument::{Right, Series, Symbol};
use market::order::{Order, Trade};
use market::time::Week;
use market::value::{Contracts, Price};
use protocol::plan::{Plan, Purpose};
use protocol::policy::{Level, WeekClass};
use protocol::rule::Rule;
use protocol::trust::{Class, Record, score};
use protocol::week::Classification;

use super::{CurrentWeek, Impossible, State};
use crate::codec;
use crate::event::Body;
use crate::people::{Content, Digest, Judged, Proposal, Reply, Wanted};

/// A proposal that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Its number.
    pub id: u64,
    /// What it held.
    pub digest: Digest,
    /// How it was answered.
    pub reply: Reply,
}

/// An order that was approved and not yet sent in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The proposal that held it.
    pub proposal: u64,
    /// What was approved.
    pub wanted: Wanted,
    /// Contracts, or shares, that were not put before the risk gate yet.
    pub left: i64,
    /// Whether a human said yes, and not silence.
    pub by_human: bool,
}

/// A put that was written, or that a human refused, and how it ends is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The class of decision.
    pub class: Class,
    /// The sleeve.
    pub sleeve: SleeveId,
    /// The put.
    pub series: Series,
    /// How many.
    pub contracts: Contracts,
    /// The premium a share at the limit; of a roll its net credit.
    pub limit: Price,
    /// Whether it was written.
    pub taken: bool,
}

/// What people were asked, what they said, and how far each class is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// How many proposals there were.
    pub proposals: u64,
    /// Proposals that wait, in the order in which they were made.
    pub open: Vec<Proposal>,
    /// Those that were answered, in the order of the answers.
    pub closed: Vec<Closed>,
    /// Approved orders that are to be sent this session.
    pub granted: Vec<Granted>,
    /// What was proposed or observed today: it is not said twice.
    pub today: Vec<Digest>,
    /// The level of each class that is not the policy's.
    pub levels: Vec<(Class, Level)>,
    /// Answers and outcomes of each class.
    pub records: Vec<(Class, Record)>,
    /// Puts whose end is awaited.
    pub pending: Vec<Pending>,
    /// The level that was last suggested for each class.
    pub suggested: Vec<(Class, Level)>,
    /// The last week that a human judged, and how.
    pub overridden: Option<(Week, WeekClass)>,
}

/// The value at `class`, inserted if it is not there.
fn at<T: Default>(list: &mut Vec<(Class, T)>, class: Class) -> &mut T {
    let found = list.iter().position(|(c, _)| *c == class).unwrap_or_else(|| {
        list.push((class, T::default()));
        list.len() - 1
    });
    &mut list[found].1
}

impl People {
    /// The proposal with this number, if it waits.
    #[must_use]
    pub fn waiting(&self, id: u64) -> Option<&Proposal> {
        self.open.iter().find(|p| p.id == id)
    }

    /// The approved order that `order` is, or is a part of.
    #[must_use]
    pub fn granted(&self, sleeve: SleeveId, order: &Order, rule: Rule) -> Option<&Granted> {
        let units = order.trade.units();
        self.granted.iter().find(|g| g.wanted.rule == rule && g.left >= units && g.wanted.holds(sleeve, order))
    }

    /// What is known of the decisions of `class`.
    #[must_use]
    pub fn record(&self, class: Class) -> Option<&Record> {
        self.records.iter().find(|(c, _)| *c == class).map(|(_, record)| record)
    }

    /// An order was put before the risk gate: what was approved of it is used up.
    pub(super) fn spend(&mut self, sleeve: SleeveId, order: &Order) {
        let units = order.trade.units();
        let found = self.granted.iter_mut().find(|g| g.left >= units && g.wanted.holds(sleeve, order));
        if let Some(granted) = found {
            granted.left -= units;
        }
    }

    /// What awaits its end in a symbol that splits is not followed further: its strikes are no more.
    pub(super) fn split(&mut self, symbol: Symbol) {
        self.pending.retain(|p| p.series.underlying != symbol);
    }

    pub(super) fn end_day(&mut self) {
        self.granted.clear();
        self.today.clear();
    }

    pub(super) fn end_week(&mut self) {
        self.records.iter_mut().for_each(|(_, record)| record.weeks += 1);
    }

    fn answered(&mut self, proposal: &Proposal, reply: Reply) {
        let (by_human, id) = (reply.is_human(), proposal.id);
        self.closed.push(Closed { id, digest: proposal.digest, reply });
        let orders = proposal.content.orders().iter();
        if reply.is_yes() {
            let granted = |w: &Wanted| Granted { proposal: id, wanted: *w, left: w.trade.units(), by_human };
            self.granted.extend(orders.map(granted));
        } else if reply == Reply::Rejected {
            self.pending.extend(orders.filter_map(|w| awaited(proposal.class, w.sleeve, &w.trade, w.limit, false)));
        }
    }
}

/// The put that a trade writes, as far as its end tells how good the decision was.
fn awaited(class: Class, sleeve: SleeveId, trade: &Trade, limit: Price, taken: bool) -> Option<Pending> {
    let series = trade.writes().filter(|s| s.right == Right::Put)?;
    Some(Pending { class, sleeve, series, contracts: Contracts(trade.units()), limit, taken })
}

impl State {
    /// Whether people decide in this run at all.
    #[must_use]
    pub fn asks_people(&self) -> bool {
        self.opened.as_ref().is_some_and(|o| o.people) && !self.policy.is_off(Rule::H1)
    }

    /// Who decides a class now: what was granted, else what the policy says; where nobody is asked, the run itself.
    #[must_use]
    pub fn level(&self, class: Class) -> Level {
        if !self.asks_people() {
            return Level::Automatic;
        }
        let granted = self.people.levels.iter().find(|(c, _)| *c == class);
        granted.map_or_else(|| class.level(&self.policy), |(_, level)| *level)
    }

    /// Whether orders of a class go out without a word: at the level automatic, and those of a merge that was approved.
    #[must_use]
    pub fn decides(&self, class: Class, sleeve: SleeveId) -> bool {
        self.level(class) == Level::Automatic || (class == Class::Merge && self.is_merging(sleeve))
    }

    /// The rules judged a week; what a human said of it holds until they judge it worse than before.
    pub(super) fn judge(&mut self, week: Week, judged: &Classification, replaces: Option<WeekClass>) {
        let current = self.week.filter(|w| w.week == week && replaces.is_some());
        let said = self.people.overridden.filter(|(w, _)| *w == week && current.is_none());
        let class = said.map_or(judged.class, |(_, class)| class);
        self.week = Some(CurrentWeek {
            week,
            first: current.map_or(class, |w| w.first),
            now: Classification { class, ..*judged },
            judged: judged.class,
            planned: current.is_some_and(|w| w.planned),
        });
    }

    pub(super) fn plan(&mut self, plan: &Plan) {
        let week = Week::of(plan.day.date());
        if let Some(current) = self.week.as_mut().filter(|w| w.week == week && plan.purpose == Purpose::Entry) {
            current.planned = true;
        }
    }

    /// An order was sent: it is no longer to be sent, and where people decide its end will be judged.
    pub(super) fn sent(&mut self, sleeve: SleeveId, order: &Order, rule: Rule) {
        self.people.spend(sleeve, order);
        if self.asks_people() {
            let class = Class::of(&self.policy, &order.trade, rule);
            self.people.pending.extend(awaited(class, sleeve, &order.trade, order.limit, true));
        }
    }

    /// Applies what concerns people.
    pub(super) fn hear(&mut self, body: &Body) -> Result<(), Impossible> {
        match body {
            Body::Observed { content, .. } => self.people.today.push(codec::digest(content)),
            Body::Proposed(proposal) => self.propose(proposal)?,
            Body::Answered { proposal, reply, .. } => self.close_proposal(*proposal, *reply)?,
            Body::NotDone { proposal, .. } => self.people.granted.retain(|g| g.proposal != *proposal),
            Body::WeekOverridden { week, class, .. } => {
                self.people.overridden = Some((*week, *class));
                if let Some(current) = self.week.as_mut().filter(|w| w.week == *week) {
                    (current.first, current.now.class) = (*class, *class);
                }
            }
            Body::LevelChanged { class, to, .. } => {
                self.people.levels.retain(|(c, _)| c != class);
                self.people.levels.push((*class, *to));
                self.people.suggested.retain(|(c, _)| c != class);
            }
            Body::DecisionJudged(judged) => self.decision_judged(judged),
            Body::TrustSuggested { class, suggested, .. } => {
                self.people.suggested.retain(|(c, _)| c != class);
                self.people.suggested.push((*class, *suggested));
            }
            _ => {}
        }
        Ok(())
    }

    fn propose(&mut self, proposal: &Proposal) -> Result<(), Impossible> {
        let sound = proposal.id == self.people.proposals + 1 && proposal.digest == codec::digest(&proposal.content);
        if !sound {
            return Err(Impossible::Proposal { at: self.events, proposal: proposal.id });
        }
        self.people.proposals = proposal.id;
        self.people.today.push(proposal.digest);
        self.people.open.push(proposal.clone());
        Ok(())
    }

    fn close_proposal(&mut self, id: u64, reply: Reply) -> Result<(), Impossible> {
        let found = self.people.open.iter().position(|p| p.id == id);
        let found = found.ok_or(Impossible::Proposal { at: self.events, proposal: id })?;
        let proposal = self.people.open.remove(found);
        self.people.answered(&proposal, reply);
        // What a human wrote agrees with that human; only the rules' own proposals are a test of the rules.
        if reply.is_human() && proposal.parent.is_none() {
            at(&mut self.people.records, proposal.class).answer(&self.policy, reply == Reply::Approved);
        }
        Ok(())
    }

    fn decision_judged(&mut self, judged: &Judged) {
        let Judged { class, sleeve, series, contracts, taken, .. } = *judged;
        let same = |p: &Pending| {
            (p.class, p.sleeve, p.series, p.contracts, p.taken) == (class, sleeve, series, contracts, taken)
        };
        if let Some(found) = self.people.pending.iter().position(same) {
            self.people.pending.remove(found);
        }
        if taken {
            let score = score(judged.gain, judged.expected, judged.worst);
            at(&mut self.people.records, class).outcome(&self.policy, score);
        }
    }

    /// Whether an order of this class about the same is under way: it waits for an answer, was approved, or works.
    pub(crate) fn is_under_way(&self, class: Class, wanted: &Wanted) -> bool {
        let asked = self.people.open.iter().filter(|p| p.class == class).flat_map(|p| p.content.orders());
        let granted = self.people.granted.iter().filter(|g| g.left > 0).map(|g| &g.wanted);
        let granted = granted.filter(|w| Class::of(&self.policy, &w.trade, w.rule) == class);
        let works = self.working.iter().filter(|w| Class::of(&self.policy, &w.order.trade, w.rule) == class);
        let works = works.map(|w| Wanted::subject(w.sleeve, &w.order.trade));
        let mut all = asked.chain(granted).map(|w| Wanted::subject(w.sleeve, &w.trade)).chain(works);
        let ours = Wanted::subject(wanted.sleeve, &wanted.trade);
        all.any(|theirs| theirs == ours)
    }

    /// Whether the same fork, merge or reinvestment waits for an answer already, whatever its figures.
    pub(crate) fn is_proposed(&self, class: Class, content: &Content) -> bool {
        self.people.open.iter().any(|p| p.class == class && p.content.about() == content.about())
    }
}
