//! Who decides (H): what goes out at once, what is shown, what waits for a human's word, and what silence says.

use jiff::Timestamp;
use ledger::SleeveId;
use market::instrument::Right;
use market::order::{Action, Trade};
use market::quote::Board;
use market::time::Week;
use market::value::{Money, Price};
use protocol::manage::{Answer, Review};
use protocol::plan::{Candidate, Plan, Verdict};
use protocol::policy::{Level, WeekClass};
use protocol::rule::Rule;
use protocol::trust::{Class, is_beyond_the_worst, lowered, suggested, trust};

use super::Turn;
use super::orders::{Standing, Wanted};
use super::view::sleeve_view;
use super::{growth, manage};
use crate::codec;
use crate::decide::Engine;
use crate::event::{Body, Marks};
use crate::input::Input;
use crate::people::{Act, Alternative, Content, Judged, LevelWhy, NoAct, Proposal, Reply, Undone, Word};
use crate::state::{Pending, State, trade_date};

/// Other candidates that a proposal names at most.
const NEXT_BEST: usize = 3;

/// What led to a decision, and what else could be done.
#[derive(Clone, Debug, Default)]
pub(super) struct Why {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The event with the evidence, from 1.
    pub evidence: Option<u64>,
    /// What could be done instead.
    pub alternatives: Vec<Alternative>,
}

impl Why {
    pub(super) fn of(rules: &[Rule]) -> Self {
        Why { rules: rules.to_vec(), ..Why::default() }
    }
}

impl Engine {
    /// When silence answers the first of the proposals that wait, if it ever does (H-3).
    #[must_use]
    pub fn silence_at(&self) -> Option<Timestamp> {
        if self.state.policy.is_off(Rule::H3) {
            return None;
        }
        self.state.people.open.iter().map(|p| p.expires).min()
    }

    /// Whether the buy-back of a roll in two orders is filled, and people wait for its sale.
    #[must_use]
    pub fn waits_to_sell(&self) -> bool {
        let mut begun = self.state.sleeves.iter().flat_map(|s| &s.rolls);
        self.state.asks_people() && begun.any(|roll| roll.bought.0 > 0)
    }
}

impl Turn<'_> {
    /// What led to a decision whose evidence was recorded last.
    pub(super) fn seen(&self, rules: &[Rule]) -> Why {
        Why { evidence: Some(self.state.events), ..Why::of(rules) }
    }

    /// The one place where orders are asked for. What nobody needs to answer for, and what a kill switch stops, goes
    /// before the risk gate; the rest is shown or proposed, class by class (H-1).
    pub(super) fn trade(&mut self, board: &Board, wanted: &[Wanted], standing: Standing, why: &Why) {
        let policy = &self.state.policy;
        let classed: Vec<_> = wanted.iter().map(|w| (Class::of(policy, &w.trade, w.rule), *w)).collect();
        let free = |(class, w): &(Class, Wanted)| {
            let granted =
                w.is_second_side() && self.state.people.granted.iter().any(|g| g.left > 0 && g.wanted.same_as(w));
            granted || self.state.decides(*class, w.sleeve) || is_stopped(self.state, w)
        };
        let (free, asked): (Vec<_>, Vec<_>) = classed.into_iter().partition(free);
        let free: Vec<Wanted> = free.into_iter().map(|(_, w)| w).collect();
        self.put(board, &free, standing);
        for class in Class::ALL {
            let orders = asked.iter().filter(|(c, w)| *c == class && !self.state.is_under_way(class, w));
            let orders: Vec<Wanted> = orders.map(|(_, w)| *w).collect();
            if !orders.is_empty() {
                self.ask(class, Content::Orders(orders), why);
            }
        }
    }

    /// What a weekly close does by itself, or asks whether it should.
    pub(super) fn grow(&mut self, class: Class, rules: &[Rule], body: Option<Body>) {
        let Some(body) = body else { return };
        match content_of(&body).filter(|_| self.state.level(class) != Level::Automatic) {
            Some(content) if self.state.is_proposed(class, &content) => {}
            Some(content) => self.ask(class, content, &Why::of(rules)),
            None => self.record(body),
        }
    }

    /// Shows or proposes, once a day.
    fn ask(&mut self, class: Class, content: Content, why: &Why) {
        let level = self.state.level(class);
        let digest = codec::digest(&content);
        if self.state.people.today.contains(&digest) {
            return;
        }
        if level == Level::Observe {
            return self.record(Body::Observed { class, content, rules: why.rules.clone() });
        }
        self.record(Body::Proposed(Box::new(Proposal {
            id: self.state.people.proposals + 1,
            class,
            level,
            content,
            digest,
            rules: why.rules.clone(),
            evidence: why.evidence,
            alternatives: why.alternatives.clone(),
            expires: later(self.now, self.state.policy.human.answer_within),
            parent: None,
        })));
    }

    /// Lets silence answer what has waited long enough: a no, and at approve by exception a yes (H-3).
    pub(super) fn silence(&mut self) {
        if self.state.people.open.is_empty() || self.state.policy.is_off(Rule::H3) {
            return;
        }
        let due: Vec<_> = self.state.people.open.iter().filter(|p| p.expires <= self.now).cloned().collect();
        for proposal in due {
            let yes = proposal.level == Level::ByException;
            let reply = if yes { Reply::SilentYes } else { Reply::SilentNo };
            self.close(&proposal, reply, None, String::new());
        }
    }

    /// Records an answer and does what needs no prices; approved orders wait for the next.
    fn close(&mut self, proposal: &Proposal, reply: Reply, who: Option<String>, reason: String) {
        self.record(Body::Answered { proposal: proposal.id, reply, who, reason });
        if !reply.is_yes() {
            return;
        }
        match done(self.state, &proposal.content) {
            Some(Ok(body)) => self.record(body),
            Some(Err(why)) => self.record(Body::NotDone { proposal: proposal.id, why }),
            None => {}
        }
    }

    /// A human answers.
    pub(super) fn answer(&mut self, input: &Input<'_>) {
        let Input::Answer { proposal: id, digest, word, who, reason, board } = input else { return };
        let act = match word {
            Word::Approve => Act::Approve { proposal: *id },
            Word::Reject => Act::Reject { proposal: *id },
            Word::Amend(_) => Act::Amend { proposal: *id },
        };
        let state = &*self.state;
        let found = named(who).and_then(|()| waiting(state, *id)).and_then(|proposal| {
            let held = proposal.digest;
            if held != *digest {
                return Err(NoAct::OtherContent { named: *digest, held });
            }
            match word {
                Word::Amend(content) => amendable(state, &proposal, content).map(|()| proposal),
                Word::Approve | Word::Reject => Ok(proposal),
            }
        });
        let (name, reason) = (Some(who.clone()), reason.clone());
        match (found, word) {
            (Err(why), _) => return self.record(Body::ActRefused { act, who: who.clone(), why }),
            (Ok(proposal), Word::Approve) => self.close(&proposal, Reply::Approved, name, reason),
            (Ok(proposal), Word::Reject) => self.close(&proposal, Reply::Rejected, name, reason),
            (Ok(proposal), Word::Amend(content)) => {
                let child = Proposal {
                    id: state.people.proposals + 1,
                    digest: codec::digest(content),
                    content: content.clone(),
                    parent: Some(proposal.id),
                    ..proposal.clone()
                };
                self.record(Body::Proposed(Box::new(child.clone())));
                self.close(&proposal, Reply::Amended { by: child.id }, name.clone(), reason.clone());
                self.close(&child, Reply::Approved, name, reason);
            }
        }
        if let Some(board) = board {
            self.go_on(board);
        }
    }

    /// Sends what was approved, and the sales of rolls whose buy-back is filled.
    pub(super) fn go_on(&mut self, board: &Board) {
        self.send_approved(board);
        if !self.state.asks_people() {
            return;
        }
        for sleeve in self.trading() {
            let works = |w: &Wanted| {
                let sold = w.trade.writes();
                self.state.working.iter().any(|o| o.sleeve == sleeve && o.order.trade.writes() == sold)
            };
            let second: Vec<_> = manage::second_sides(self.state, sleeve).into_iter().filter(|w| !works(w)).collect();
            self.sell_again(board, sleeve, &second);
        }
    }

    /// The sales of rolls in two orders.
    pub(super) fn sell_again(&mut self, board: &Board, sleeve: SleeveId, second: &[Wanted]) {
        if !second.is_empty() {
            let standing = standing(self.state, board, sleeve);
            self.trade(board, second, standing, &Why::of(&[Rule::R1]));
        }
    }

    /// Puts approved orders before the risk gate: the market may have changed since they were proposed (K-4).
    pub(super) fn send_approved(&mut self, board: &Board) {
        let due = self.state.people.granted.iter().filter(|g| g.left > 0 && !g.wanted.is_second_side());
        let due: Vec<Wanted> = due.map(|g| g.wanted).collect();
        for wanted in due {
            let standing = standing(self.state, board, wanted.sleeve);
            self.put(board, &[wanted], standing);
        }
    }
}

/// Whether a kill switch stops an order: no word can let it out (K-6).
fn is_stopped(state: &State, wanted: &Wanted) -> bool {
    let raises_risk =
        wanted.trade.writes().is_some() || matches!(wanted.trade, Trade::Option { action: Action::BuyToOpen, .. });
    raises_risk && state.is_killed(wanted.sleeve) && !state.policy.is_off(Rule::K6)
}

/// What E-5 knows of a sleeve now.
fn standing(state: &State, board: &Board, sleeve: SleeveId) -> Standing {
    sleeve_view(state, board, sleeve).map_or_else(
        |_| Standing::default(),
        |view| Standing { equity: view.equity, nothing_before: view.committed == Money::ZERO },
    )
}

fn later(now: Timestamp, minutes: u32) -> Timestamp {
    Timestamp::from_second(now.as_second() + i64::from(minutes) * 60).unwrap_or(now)
}

fn named(who: &str) -> Result<(), NoAct> {
    if who.trim().is_empty() { Err(NoAct::Unnamed) } else { Ok(()) }
}

/// The proposal, if it waits for an answer.
fn waiting(state: &State, id: u64) -> Result<Proposal, NoAct> {
    let answered = || state.people.closed.iter().find(|c| c.id == id).map(|c| NoAct::Answered(c.reply));
    state.people.waiting(id).cloned().ok_or_else(|| answered().unwrap_or(NoAct::Unknown))
}

/// Whether `content` may take the place of what was proposed: orders of the same sleeves, rules and class.
fn amendable(state: &State, proposal: &Proposal, content: &Content) -> Result<(), NoAct> {
    let (Content::Orders(theirs), Content::Orders(ours)) = (content, &proposal.content) else {
        return Err(NoAct::NotAmendable);
    };
    let same = |w: &Wanted| {
        w.trade.units() > 0
            && Class::of(&state.policy, &w.trade, w.rule) == proposal.class
            && ours.iter().any(|o| (o.sleeve, o.rule) == (w.sleeve, w.rule))
    };
    let all = !theirs.is_empty() && theirs.iter().all(same);
    match (all, theirs == ours) {
        (false, _) => Err(NoAct::OtherOrders),
        (true, true) => Err(NoAct::AlreadySo),
        (true, false) => Ok(()),
    }
}

/// What a weekly close would record, as the content of a proposal.
fn content_of(body: &Body) -> Option<Content> {
    match body {
        Body::Forked { from, division, base, .. } => {
            Some(Content::Fork { from: *from, division: *division, base: *base })
        }
        Body::MergeStarted { structure, total } => Some(Content::Merge { structure: *structure, total: *total }),
        Body::Reinvested { sleeve, reinvested, set_aside } => {
            Some(Content::Reinvest { sleeve: *sleeve, reinvested: *reinvested, set_aside: *set_aside })
        }
        _ => None,
    }
}

/// What an approved fork, merge or reinvestment records, if the books still give exactly what was approved; nothing for
/// orders, which the risk gate checks.
fn done(state: &State, content: &Content) -> Option<Result<Body, Undone>> {
    let now = match content {
        Content::Orders(_) => return None,
        Content::Fork { from, division, base } => growth::approved_fork(state, *from, division, *base),
        Content::Merge { structure, .. } => growth::merge_start(state, *structure),
        Content::Reinvest { sleeve, .. } => growth::reinvested(state, *sleeve),
    };
    Some(now.filter(|body| content_of(body).as_ref() == Some(content)).ok_or(Undone::Changed))
}

/// Approved orders that saw no prices before the session's end: they lapse.
pub(super) fn unsent(state: &State) -> Vec<Body> {
    let mut left: Vec<u64> = state.people.granted.iter().filter(|g| g.left > 0).map(|g| g.proposal).collect();
    left.dedup();
    left.into_iter().map(|proposal| Body::NotDone { proposal, why: Undone::SessionOver }).collect()
}

/// M-5: a human judges the week that is under way or, once it is closed, the next.
pub(super) fn override_week(state: &State, now: Timestamp, class: WeekClass, who: &str, reason: &str) -> Body {
    let mut week = Week::of(trade_date(now));
    if state.last_close == Some(week) {
        week = state.calendar.week_after(week);
    }
    let current = state.week.filter(|w| w.week == week);
    let refused = |why| Body::ActRefused { act: Act::Override { class }, who: who.to_owned(), why };
    if let Err(why) = named(who) {
        return refused(why);
    }
    if reason.trim().is_empty() {
        return refused(NoAct::NoReason);
    }
    if state.policy.is_off(Rule::M5) {
        return refused(NoAct::RuleOff(Rule::M5));
    }
    if current.is_some_and(|w| w.planned) {
        return refused(NoAct::TooLate { week });
    }
    let replaces = current.map(|w| w.now.class);
    Body::WeekOverridden { week, class, replaces, who: who.to_owned(), reason: reason.to_owned() }
}

/// H-2: a human grants a level.
pub(super) fn grant(state: &State, class: Class, to: Level, who: &str) -> Body {
    let from = state.level(class);
    let refused = |why| Body::ActRefused { act: Act::Grant { class, level: to }, who: who.to_owned(), why };
    if let Err(why) = named(who) {
        return refused(why);
    }
    if !state.asks_people() {
        return refused(NoAct::DecidesAlone);
    }
    if from == to {
        return refused(NoAct::AlreadySo);
    }
    Body::LevelChanged { class, from, to, why: LevelWhy::Granted { who: who.to_owned() } }
}

/// H-2: how decisions whose puts expire with this week turned out, held to that day; a level falls at once after a loss
/// beyond the multiple of the expected worst, and after a human refused what would have lost.
pub(super) fn ends(state: &State, marks: &Marks) -> Vec<Body> {
    let mut bodies = Vec::new();
    let mut levels: Vec<_> = Class::ALL.into_iter().map(|class| (class, state.level(class))).collect();
    if !state.asks_people() || state.policy.is_off(Rule::H2) {
        return bodies;
    }
    for pending in state.people.pending.iter().filter(|p| p.series.expiration.0 == marks.day.date()) {
        let Some(judged) = judged(state, marks, pending) else { continue };
        bodies.push(Body::DecisionJudged(judged));
        let (gain, worst) = (judged.gain, judged.worst);
        let why = if !judged.taken && gain.is_negative() {
            LevelWhy::Override { gain }
        } else if judged.taken && is_beyond_the_worst(&state.policy, gain, worst) {
            LevelWhy::Loss { gain, worst }
        } else {
            continue;
        };
        let Some((class, level)) = levels.iter_mut().find(|(class, _)| *class == judged.class) else { continue };
        if let Some(to) = lowered(*level) {
            bodies.push(Body::LevelChanged { class: *class, from: *level, to, why });
            *level = to;
        }
    }
    bodies
}

fn judged(state: &State, marks: &Marks, pending: &Pending) -> Option<Judged> {
    let Pending { class, sleeve, series, contracts, limit, taken } = *pending;
    let below = (series.strike - marks.close(series.underlying)?).max(Price::ZERO);
    let expected = limit.of_contracts(contracts);
    let worst = -state.policy.types.put_limit.of(series.strike.of_contracts(contracts));
    let gain = expected - below.of_contracts(contracts);
    Some(Judged { class, sleeve, series, contracts, taken, gain, expected, worst })
}

/// H-2: the levels that trust suggests, where that is news.
pub(super) fn suggestions(state: &State) -> Vec<Body> {
    if !state.asks_people() || state.policy.is_off(Rule::H2) {
        return Vec::new();
    }
    let news = Class::ALL.into_iter().filter_map(|class| {
        let trust = trust(&state.policy, state.people.record(class)?);
        let (level, suggested) = (state.level(class), suggested(&state.policy, class, trust.value));
        let said = state.people.suggested.iter().find(|(c, _)| *c == class).map_or(level, |(_, said)| *said);
        (suggested != said).then_some(Body::TrustSuggested { class, trust, level, suggested })
    });
    news.collect()
}

/// The rules that a plan's taken candidates cite, each once.
pub(super) fn cited(plan: &Plan) -> Vec<Rule> {
    let mut rules: Vec<Rule> = plan.taken().flat_map(|(candidate, ..)| candidate.rules.iter().copied()).collect();
    let mut seen = Vec::new();
    rules.retain(|rule| {
        !seen.contains(rule) && {
            seen.push(*rule);
            true
        }
    });
    rules
}

/// The candidates that a plan left although it had a quote of them, in falling premium for their strike.
pub(super) fn next_best(plan: &Plan) -> Vec<Alternative> {
    let left = |candidate: &Candidate| match (candidate.verdict, candidate.seen) {
        (Verdict::Leave(skip), Some(seen)) if seen.bid > Price::ZERO => Some((seen, skip)),
        _ => None,
    };
    let mut others: Vec<_> = plan.candidates.iter().filter_map(left).collect();
    others.sort_by_key(|(seen, _)| -(seen.bid.units() * 1_000_000 / seen.series.strike.units().max(1)));
    let brings = |bid: Price| bid.of_contracts(market::value::Contracts(1));
    let others = others.into_iter().take(NEXT_BEST);
    others.map(|(seen, skip)| Alternative::Candidate { seen, skip, brings: brings(seen.bid) }).collect()
}

/// What could be done with an option instead of what its review asks for, where the review has the figures.
pub(super) fn instead_of(review: &Review) -> Vec<Alternative> {
    let Review { series, contracts, price: Some(price), .. } = *review else { return Vec::new() };
    let into_the_money = match series.right {
        Right::Put => series.strike - price,
        Right::Call => price - series.strike,
    };
    let mut others = vec![Alternative::Hold { costs: into_the_money.max(Price::ZERO).of_contracts(contracts) }];
    if let Some(seen) = review.seen.filter(|_| !matches!(review.answer, Answer::Close { .. })) {
        others.push(Alternative::Close { costs: seen.ask.of_contracts(contracts) });
    }
    if into_the_money > Price::ZERO {
        let (strike, worth) = (series.strike.of_contracts(contracts), price.of_contracts(contracts));
        others.push(Alternative::Assignment { strike, worth });
    }
    if let Some(roll) = review.roll.as_ref().and_then(|r| r.best)
        && matches!(review.answer, Answer::Close { .. })
    {
        others.push(Alternative::Roll { to: roll.to.series, net: roll.net.of_contracts(contracts) });
    }
    others
}
