//! A scripted human: what he says to each class of proposal, by day (H-1, H-3).
//!
//! In daily replay there is one moment a day, the session's close. Proposals made there are answered there, at the same
//! prices; what he leaves unanswered, silence answers when its time is up, still at that close.

use engine::people::{Content, Proposal, Wanted, Word};
use engine::{Engine, Input};
use market::instrument::Symbol;
use market::quote::Board;
use market::time::Date;
use protocol::trust::Class;

/// What he says to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Yes.
    Approve,
    /// No.
    Reject,
    /// Nothing.
    Silent,
}

/// From one day on, one class or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// From which day.
    pub from: Date,
    /// Which class; every class if absent.
    pub class: Option<Class>,
    /// What he says.
    pub habit: Habit,
}

/// On one day, of one symbol he takes so many contracts instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// On which day.
    pub on: Date,
    /// Of which symbol.
    pub symbol: Symbol,
    /// How many contracts; none leaves it out.
    pub contracts: i64,
}

/// On one morning, he says yes to a proposal by its number, whatever has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belated {
    /// On which day.
    pub on: Date,
    /// Which proposal.
    pub proposal: u64,
    /// The proposal whose content he has before him.
    pub content_of: u64,
}

/// One human for a whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Human {
    /// His name.
    pub name: String,
    /// What he says, the later the stronger.
    pub rules: Vec<Rule>,
    /// What he changes.
    pub amendments: Vec<Amendment>,
    /// What he says yes to by number.
    pub belated: Vec<Belated>,
}

/// One answer on its way to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    proposal: u64,
    digest: engine::people::Digest,
    word: Word,
    who: String,
}

impl Said {
    /// As the engine hears it; with prices if the market is open.
    #[must_use]
    pub fn input<'a>(&self, board: Option<&'a Board>) -> Input<'a> {
        let reason = match self.word {
            Word::Approve => "as proposed",
            Word::Reject => "not this time",
            Word::Amend(_) => "so much and no more",
        };
        Input::Answer {
            proposal: self.proposal,
            digest: self.digest,
            word: self.word.clone(),
            who: self.who.clone(),
            reason: reason.to_owned(),
            board,
        }
    }
}

impl Human {
    /// What he says on `day`, to the first proposal to which he says anything.
    #[must_use]
    pub fn answer(&self, engine: &Engine, day: Date) -> Option<Said> {
        engine
            .state()
            .people
            .open
            .iter()
            .find_map(|proposal| self.word(proposal, day).map(|word| self.said(proposal, word)))
    }

    /// The proposals that he says yes to by number that morning, `nth` of them.
    #[must_use]
    pub fn belated(&self, engine: &Engine, day: Date, nth: usize) -> Option<Said> {
        let late = self.belated.iter().filter(|late| late.on == day).nth(nth)?;
        let people = &engine.state().people;
        let open = people.open.iter().map(|p| (p.id, p.digest));
        let known = open.chain(people.closed.iter().map(|c| (c.id, c.digest)));
        let digest = known.into_iter().find(|(id, _)| *id == late.content_of)?.1;
        Some(Said { proposal: late.proposal, digest, word: Word::Approve, who: self.name.clone() })
    }

    fn said(&self, proposal: &Proposal, word: Word) -> Said {
        Said { proposal: proposal.id, digest: proposal.digest, word, who: self.name.clone() }
    }

    fn word(&self, proposal: &Proposal, day: Date) -> Option<Word> {
        if let Some(content) = self.amended(&proposal.content, day) {
            return Some(Word::Amend(content));
        }
        let mine = |rule: &&Rule| rule.from <= day && rule.class.is_none_or(|class| class == proposal.class);
        match self.rules.iter().rev().find(mine)?.habit {
            Habit::Approve => Some(Word::Approve),
            Habit::Reject => Some(Word::Reject),
            Habit::Silent => None,
        }
    }

    /// The content with his numbers of contracts, if that is something else.
    fn amended(&self, content: &Content, day: Date) -> Option<Content> {
        let Content::Orders(wanted) = content else { return None };
        let of_day = |w: &Wanted| self.amendments.iter().find(|a| a.on == day && a.symbol == w.trade.underlying());
        let changed = wanted.iter().map(|w| match of_day(w) {
            Some(amendment) => Wanted { trade: w.trade.of(amendment.contracts), ..*w },
            None => *w,
        });
        let changed: Vec<Wanted> = changed.filter(|w| w.trade.units() != 0).collect();
        (changed != *wanted).then_some(Content::Orders(changed))
    }
}
