//! Income, reinvestment, LEAPS, forks, merges, withdrawals and locks down to their figures.

use engine::event::{Body, LockReason, SleeveWeek};
use engine::state::State;
use ledger::{SleeveId, SleeveKind, StructureId};
use market::value::Money;
use protocol::growth::{Division, ForkWait};
use protocol::income::{ProfitAccount, WeekIncome, income_share, reserve_share};
use protocol::leaps::{LeapsAnswer, LeapsCandidate};
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;
use protocol::rule::Rule;

use super::Sentence;
use crate::book::Book;
use crate::words::{self, money};

/// Everything that the event at `place` holds beside its line in the story.
pub(super) fn sentences(book: &Book<'_>, place: usize) -> Vec<Sentence> {
    let teller = Teller { book, place };
    match &book.events[place].body {
        Body::Withdrawn { sleeve, .. } | Body::WithdrawalRefused { sleeve, .. } => teller.purse(*sleeve),
        Body::IncomeBooked { sleeve, income, moved } => teller.income(*sleeve, income, *moved),
        Body::ReserveInterest { rate, dollar_days, amount, .. } => {
            let credited = if amount.is_positive() { String::new() } else { ": no interest is credited".to_owned() };
            let text = format!("{} a year on {} dollar-days{credited}", words::rate(*rate), words::count(*dollar_days));
            vec![teller.say(text, &[Rule::Q1, Rule::E9])]
        }
        Body::Reinvested { sleeve, reinvested, .. } => teller.account(*sleeve, &reinvested.account, &[Rule::Q1]),
        Body::LeapsPlanned { plan, .. } => teller.ladder(&plan.candidates),
        Body::LeapsReviewed { answer, .. } => teller.leaps_answer(*answer),
        Body::ForkDue { sleeve, division, waits, .. } => {
            let mut told = teller.fork(*sleeve, division);
            told.extend(waits.iter().filter_map(|wait| teller.wait(wait)));
            told
        }
        Body::ForkLapsed { .. } => {
            vec![teller.say(
                format!("a fork falls due from a surplus of {} on", money(teller.policy().fork.surplus)),
                &[Rule::F1],
            )]
        }
        Body::Forked { from, division, .. } => teller.fork(*from, division),
        Body::MergeStarted { structure, .. } => teller.merge_start(*structure),
        Body::Merged { structure, into, .. } => teller.merged(*structure, *into),
        Body::LockChanged { sleeve, why, .. } => teller.lock(*sleeve, *why),
        Body::GuardChanged { .. } => {
            let vix = &teller.policy().vix;
            let text = format!(
                "above {} new entries are cut to {}, above {} only defensive orders go, above {} none",
                vix.reduce,
                words::rate(vix.reduce_to),
                vix.defend,
                vix.stop
            );
            vec![teller.say(text, &[Rule::K3])]
        }
        _ => Vec::new(),
    }
}

struct Teller<'b, 'a> {
    book: &'b Book<'a>,
    place: usize,
}

impl Teller<'_, '_> {
    fn say(&self, text: String, rules: &[Rule]) -> Sentence {
        Sentence::of(self.book.day(self.place), text, rules, self.place)
    }

    fn policy(&self) -> &Policy {
        self.book.policy()
    }

    fn before(&self) -> State {
        self.book.state_before(self.place)
    }

    /// What bounds a withdrawal.
    fn purse(&self, sleeve: SleeveId) -> Vec<Sentence> {
        let state = self.before();
        let Some(beside) = state.sleeve(sleeve) else { return Vec::new() };
        let surplus = state.closing_equity(sleeve) - beside.base;
        let text = format!(
            "{}: income bucket {}, equity less base {}, free cash {} before its buffer",
            words::sleeve(sleeve),
            money(beside.profit.income),
            money(surplus.floor_cents()),
            money(state.ledger.free_cash(sleeve).floor_cents())
        );
        vec![self.say(text, &[Rule::A6, Rule::I1])]
    }

    fn income(&self, sleeve: SleeveId, income: &WeekIncome, moved: Money) -> Vec<Sentence> {
        let account = &income.account;
        let mut reserve = format!(
            "of {}'s realised {} the tax reserve is due {}, {} in all; {} of it this week",
            account.year,
            money(account.realised),
            words::rate(reserve_share(self.policy())),
            money(account.reserved),
            money(income.reserve)
        );
        if moved != income.reserve {
            reserve += &format!(", and {} moves", money(moved));
        }
        let share = income_share(self.policy(), sleeve.kind);
        let divided = format!(
            "after reserve {}: {} makes up losses; of the rest {} is income, {}, and {} is growth",
            money(income.after_reserve()),
            money(income.made_up),
            words::rate(share),
            money(income.income),
            money(income.growth)
        );
        let mut told = vec![self.say(reserve, &[Rule::Q1]), self.say(divided, &[Rule::I1])];
        told.extend(self.account(sleeve, account, &[Rule::I1]));
        told
    }

    fn account(&self, sleeve: SleeveId, account: &ProfitAccount, rules: &[Rule]) -> Vec<Sentence> {
        let text = format!(
            "{} then has {} of income, {} of growth to reinvest and {} of losses to make up",
            words::sleeve(sleeve),
            money(account.income),
            money(account.growth),
            money(account.deficit)
        );
        vec![self.say(text, rules)]
    }

    /// The ladder: each symbol in the order in which it was asked, with what was bought.
    fn ladder(&self, candidates: &[LeapsCandidate]) -> Vec<Sentence> {
        candidates.iter().flat_map(|candidate| self.rung(candidate)).collect()
    }

    fn rung(&self, candidate: &LeapsCandidate) -> Vec<Sentence> {
        let LeapsCandidate { symbol, value, seen, verdict, untestable } = candidate;
        let mut told = Vec::new();
        if let Some(seen) = seen {
            let delta = seen.delta.map_or("no delta".to_owned(), |d| format!("delta {d}"));
            let taken = match verdict {
                Ok(bought) => format!(
                    "{} taken at {} or less, {} with fees",
                    words::count(bought.contracts.0),
                    words::price(bought.limit),
                    money(bought.cost)
                ),
                Err(_) => "not taken".to_owned(),
            };
            let text = format!(
                "{symbol}, with {} of LEAPS so far: {}, bid {}, ask {}, {delta}, {}: {taken}",
                money(value.floor_cents()),
                seen.series,
                words::price(seen.bid),
                words::price(seen.ask),
                words::origin(seen.origin)
            );
            told.push(self.say(text, &[Rule::Q2]));
        }
        if !untestable.is_empty() {
            let gates: Vec<&str> = untestable.iter().map(|u| words::untestable(*u)).collect();
            let text = format!("not testable for {symbol}, so neither passed nor refused: {}", gates.join(", "));
            told.push(self.say(text, &[Rule::Q2]));
        }
        told
    }

    fn leaps_answer(&self, answer: LeapsAnswer) -> Vec<Sentence> {
        let leaps = &self.policy().leaps;
        let text = match answer {
            LeapsAnswer::WaitLongTerm { until } => format!("from {until} on a gain on it is long-term"),
            LeapsAnswer::WaitLoss { until } => format!("it may be sold from {until} on"),
            LeapsAnswer::Hold | LeapsAnswer::Roll => {
                format!("LEAPS are rolled with less than {} months left", leaps.roll_months)
            }
        };
        vec![self.say(text, &[Rule::Q2])]
    }

    /// F-1 and F-2 with their figures.
    fn fork(&self, from: SleeveId, division: &Division) -> Vec<Sentence> {
        let (name, fork) = (words::sleeve(from), &self.policy().fork);
        let base = self.before().sleeve(from).map_or(Money::ZERO, |s| s.base);
        let surplus = format!(
            "{name}: equity {} less base {} is a surplus of {}; a fork falls due from {} on",
            money((base + division.surplus).floor_cents()),
            money(base.floor_cents()),
            money(division.surplus.floor_cents()),
            money(fork.surplus)
        );
        let rebased = if fork.rebase { "what stays is added to base" } else { "base stays as it was" };
        let halves = format!(
            "{} of it stays, the rest leaves in whole cents, {} of that to the new Gen, which gets an odd cent too; \
             {rebased}",
            words::rate(fork.keep),
            words::rate(fork.to_gen)
        );
        vec![self.say(surplus, &[Rule::F1]), self.say(halves, &[Rule::F2])]
    }

    /// What a fork that waits for a contract waits for.
    fn wait(&self, wait: &ForkWait) -> Option<Sentence> {
        let ForkWait::Contract { kind, cost, covers } = wait else { return None };
        let text = format!(
            "a contract of the new {kind} takes 100 × the lowest strike that it would sell, {}; {} of the new sleeve, \
             {}, may cover it: {} is missing",
            money(*cost),
            words::rate(self.policy().fork.wait_cover),
            money(covers.floor_cents()),
            money((*cost - *covers).ceil_cents())
        );
        Some(self.say(text, &[Rule::F3]))
    }

    fn merge_start(&self, id: StructureId) -> Vec<Sentence> {
        let state = self.before();
        let own = state.sleeves.iter().filter(|s| s.id.structure == id);
        let own: Vec<String> = own
            .map(|s| format!("{} {}", words::sleeve(s.id), money(state.closing_equity(s.id).floor_cents())))
            .collect();
        let parent = state.structure(id).and_then(|s| s.parent);
        let into = parent.map_or("its parent".to_owned(), |p| words::sleeve(SleeveId::new(p, SleeveKind::Compounding)));
        let text = format!(
            "a structure merges from {} on: {}; its short options are bought back at the next session, what Com does \
             not trade is sold, then all moves to {into}",
            money(self.policy().merge.size),
            own.join(", ")
        );
        vec![self.say(text, &[Rule::J1])]
    }

    /// What moved.
    fn merged(&self, id: StructureId, into: SleeveId) -> Vec<Sentence> {
        let state = self.before();
        let mut told = Vec::new();
        for sleeve in state.sleeves.iter().filter(|s| s.id.structure == id).map(|s| s.id) {
            let cash = money(state.ledger.settled_cash(sleeve).floor_cents());
            let held = crate::story::growth::held(&state, sleeve);
            let parts: Vec<String> = [format!("{cash} of settled cash")].into_iter().chain(held).collect();
            let text = format!("{} brings {} to {}", words::sleeve(sleeve), parts.join(", "), words::sleeve(into));
            told.push(self.say(text, &[Rule::J1]));
        }
        let reserve = state.ledger.tax_reserve(id).cash;
        if reserve.is_positive() {
            let text = format!("its tax reserve of {} goes to that of structure {}", money(reserve), into.structure);
            told.push(self.say(text, &[Rule::J1, Rule::Q1]));
        }
        told
    }

    /// K-1 with its figures, and what ends or began a lock.
    fn lock(&self, sleeve: SleeveId, why: LockReason) -> Vec<Sentence> {
        let (policy, mut told) = (self.policy(), Vec::new());
        if let Some(week) = self.close(sleeve) {
            let unit = |unit: i64| format!("{:.6}", unit as f64 / engine::sleeve::UNIT as f64);
            let text = format!(
                "a unit of {} is worth {}, its mark is {}: {} below it; the limit is {}",
                words::sleeve(sleeve),
                unit(week.unit),
                unit(week.mark),
                words::ppm(week.drawdown),
                words::rate(policy.drawdown.of(sleeve.kind))
            );
            told.push(self.say(text, &[Rule::K1, Rule::K2]));
        }
        let gbr4 = &policy.gbr4;
        let (text, rules): (String, &[Rule]) = match why {
            LockReason::Drawdown => (self.begins(), &[Rule::K2, Rule::G1]),
            LockReason::DeepPut => {
                let deep = self.deep(sleeve);
                (format!("{}; {}", deep.join(", "), self.begins()), &[Rule::W5, Rule::G1])
            }
            LockReason::Recovered | LockReason::Empty => {
                let half = Ppm(gbr4.exit_drawdown.0 * policy.drawdown.of(sleeve.kind).0 / Ppm::WHOLE);
                let then = match why {
                    LockReason::Recovered => format!("and the drawdown is below {}", words::rate(half)),
                    _ => "and it holds neither shares nor short options; the mark restarts here".to_owned(),
                };
                let text = format!(
                    "the last {} sessions all lie after its beginning, none of them in a Red week, {then}; the buffer \
                     is {} again",
                    gbr4.exit_sessions,
                    words::rate(policy.buffer.share)
                );
                (text, &[Rule::G2])
            }
            LockReason::Reset | LockReason::Sell => {
                let text = format!("after {} weeks the owner is asked; in replay the policy answers", gbr4.ask_after);
                (text, &[Rule::G3])
            }
        };
        told.push(self.say(text, rules));
        told
    }

    fn begins(&self) -> String {
        format!(
            "capital is preserved: no new puts, short puts from {} ATR on are rolled or closed, the buffer is {}",
            self.policy().gbr4.close_from,
            words::rate(self.policy().gbr4.buffer)
        )
    }

    /// The sleeve's figures of the weekly close that the event belongs to.
    fn close(&self, sleeve: SleeveId) -> Option<&SleeveWeek> {
        let week = self.book.week(market::time::Week::of(self.book.day(self.place)))?;
        self.book.sleeve_weeks(week).iter().find(|close| close.sleeve == sleeve)
    }

    /// The positions of the week that ended in deep drawdown.
    fn deep(&self, sleeve: SleeveId) -> Vec<String> {
        let events = self.book.events[..self.place].iter().rev();
        let week = events.take_while(|event| !matches!(event.body, Body::Marked(_)));
        let deep = week.filter_map(|event| match &event.body {
            Body::PositionTyped(typed) if typed.sleeve == sleeve && typed.kind == PositionType::PutDeep => {
                Some(format!("{} {}", typed.symbol, typed.kind))
            }
            _ => None,
        });
        deep.collect()
    }
}
