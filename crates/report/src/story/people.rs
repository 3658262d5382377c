//! Proposals, answers, overrides, levels and trust in words.

use engine::event::{Body, Event};
use engine::people::{Act, Alternative, Content, Judged, LevelWhy, Proposal, Wanted};
use jiff::Timestamp;
use ledger::SleeveId;
use market::instrument::Symbol;
use market::value::Money;
use protocol::policy::unit::Ppm;
use protocol::rule::Rule;
use protocol::trust::Trust;

use super::growth::Said;
use crate::words;

fn said(sleeve: Option<SleeveId>, symbol: Option<Symbol>, text: String, rules: &[Rule]) -> Said {
    Said { sleeve, symbol, text, rules: rules.to_vec() }
}

/// The proposal with this number.
fn proposal_of(events: &[Event], id: u64) -> Option<&Proposal> {
    events.iter().rev().find_map(|event| match &event.body {
        Body::Proposed(proposal) if proposal.id == id => Some(&**proposal),
        _ => None,
    })
}

/// A line about a proposal that was made before.
fn about(events: &[Event], id: u64, text: String, rules: &[Rule]) -> Said {
    let content = proposal_of(events, id).map(|p| &p.content);
    said(content.and_then(Content::sleeve), content.and_then(symbol_of), text, rules)
}

/// The line of the last of `events`, if it is about people.
pub(super) fn told(events: &[Event]) -> Option<Said> {
    let one = match &events.last()?.body {
        Body::Observed { class, content, rules } => {
            let text = format!("{class} is only observed: {}", content_of(content));
            said(content.sleeve(), symbol_of(content), text, &cited(&[Rule::H1], rules))
        }
        Body::Proposed(proposal) => proposed(proposal),
        Body::Answered { proposal, reply, who, reason } => {
            let by = who.as_ref().map_or(String::new(), |who| format!(" by {who}"));
            let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            let rules: &[Rule] = if reply.is_human() { &[Rule::H1] } else { &[Rule::H3] };
            about(events, *proposal, format!("proposal {proposal} is {reply}{by}{because}"), rules)
        }
        Body::NotDone { proposal, why } => {
            let text = format!("proposal {proposal} was approved and is not done: {why}");
            about(events, *proposal, text, &[Rule::H3])
        }
        Body::ActRefused { act, who, why } => {
            let who = if who.trim().is_empty() { "nobody" } else { who };
            let rules: &[Rule] = match act {
                Act::Override { .. } => &[Rule::M5],
                Act::Grant { .. } => &[Rule::H2],
                Act::Approve { .. } | Act::Reject { .. } | Act::Amend { .. } => &[Rule::H3],
            };
            said(None, None, format!("{who} cannot {act}: {why}"), rules)
        }
        Body::WeekOverridden { week, class, replaces, who, reason } => {
            let from = replaces.map_or(String::new(), |old| format!(" instead of {old}"));
            said(None, None, format!("{who} overrides {week}: {class}{from}, {reason}"), &[Rule::M5])
        }
        Body::LevelChanged { class, from, to, why } => {
            let text = match why {
                LevelWhy::Granted { who } => format!("{who} grants {class} the level {to} (was {from})"),
                LevelWhy::Loss { gain, worst } => format!(
                    "{class} falls from {from} to {to}: a loss of {} where {} was the worst expected",
                    words::money(gain.abs()),
                    words::money(*worst)
                ),
                LevelWhy::Override { gain } => format!(
                    "{class} falls from {from} to {to}: what a human refused would have lost {}",
                    words::money(gain.abs())
                ),
            };
            said(None, None, text, &[Rule::H2])
        }
        Body::DecisionJudged(judged) => decision(judged),
        Body::TrustSuggested { class, trust, level, suggested } => {
            let text = format!("trust in {class} is {}: {suggested} is suggested, {level} holds", share(trust.value));
            said(None, None, text, &[Rule::H2])
        }
        _ => return None,
    };
    Some(one)
}

/// What else the event holds, for whoever asks for everything.
pub(crate) fn detail(body: &Body) -> Option<(String, Vec<Rule>)> {
    match body {
        Body::Proposed(proposal) => {
            let evidence = proposal.evidence.map_or(String::new(), |event| format!(", evidence in event {event}"));
            Some((format!("content {}{evidence}", proposal.digest), vec![Rule::H3]))
        }
        Body::TrustSuggested { trust, .. } => Some((parts(trust), vec![Rule::H2])),
        _ => None,
    }
}

/// The sleeve that an event about people is about, if it is about one.
pub(crate) fn sleeve_of(body: &Body) -> Option<SleeveId> {
    match body {
        Body::Observed { content, .. } => content.sleeve(),
        Body::Proposed(proposal) => proposal.content.sleeve(),
        Body::DecisionJudged(judged) => Some(judged.sleeve),
        _ => None,
    }
}

/// The one symbol that it is about.
pub(crate) fn symbol(body: &Body) -> Option<Symbol> {
    match body {
        Body::Observed { content, .. } => symbol_of(content),
        Body::Proposed(proposal) => symbol_of(&proposal.content),
        Body::DecisionJudged(judged) => Some(judged.series.underlying),
        _ => None,
    }
}

/// What kind of event it is.
pub(crate) const fn kind(body: &Body) -> &'static str {
    match body {
        Body::Observed { .. } => "observation",
        Body::Proposed(_) => "proposal",
        Body::Answered { .. } => "answer",
        Body::NotDone { .. } => "approved, not done",
        Body::ActRefused { .. } => "act refused",
        Body::WeekOverridden { .. } => "override",
        Body::LevelChanged { .. } => "level",
        Body::DecisionJudged(_) => "decision judged",
        _ => "trust",
    }
}

fn cited(first: &[Rule], then: &[Rule]) -> Vec<Rule> {
    first.iter().chain(then).copied().collect()
}

fn symbol_of(content: &Content) -> Option<Symbol> {
    let mut symbols = content.lines().map(|(_, symbol)| symbol);
    let first = symbols.next()?;
    symbols.all(|s| s == first).then_some(first)
}

fn proposed(proposal: &Proposal) -> Said {
    let Proposal { id, class, level, content, alternatives, parent, expires, .. } = proposal;
    let amends = parent.map_or(String::new(), |parent| format!(" in place of {parent}"));
    let instead: Vec<String> = alternatives.iter().map(alternative).collect();
    let instead = if instead.is_empty() { String::new() } else { format!("; instead: {}", instead.join(", ")) };
    let text = format!(
        "proposal {id}{amends} ({class}, {level}), until {} UTC: {}{instead}",
        until(*expires),
        content_of(content)
    );
    said(content.sleeve(), symbol_of(content), text, &cited(&[Rule::H1, Rule::H3], &proposal.rules))
}

/// `2024-06-13 21:00`.
fn until(at: Timestamp) -> String {
    let text = at.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {}", time.get(..5).unwrap_or(time))
}

/// What is proposed, in one phrase.
fn content_of(content: &Content) -> String {
    match content {
        Content::Orders(wanted) => wanted.iter().map(order).collect::<Vec<_>>().join(", "),
        Content::Fork { from, division, .. } => format!(
            "{} founds a structure with {} in Gen and {} in Com, {} stay",
            words::sleeve(*from),
            words::money(division.generation),
            words::money(division.compounding),
            words::money(division.stays)
        ),
        Content::Merge { structure, total } => {
            format!("structure {structure} merges into its parent with {}", words::money(*total))
        }
        Content::Reinvest { sleeve, reinvested, set_aside } => format!(
            "{} reinvests {}: {} in contracts, {} set aside for LEAPS",
            words::sleeve(*sleeve),
            words::money(reinvested.amount),
            words::money(reinvested.contracts),
            words::money(*set_aside)
        ),
    }
}

fn order(wanted: &Wanted) -> String {
    let limit = if wanted.trade.buys_back().is_some() && wanted.trade.writes().is_some() {
        words::net(wanted.limit)
    } else {
        format!("at {}", words::price(wanted.limit))
    };
    format!("{} {} {} {limit}", words::sleeve(wanted.sleeve), words::does(&wanted.trade), words::traded(&wanted.trade))
}

fn alternative(alternative: &Alternative) -> String {
    match alternative {
        Alternative::Candidate { seen, skip, brings } => format!(
            "{} {} {} for {} a contract ({})",
            seen.series.underlying,
            seen.series.strike,
            seen.series.right,
            words::money(*brings),
            words::skip(skip)
        ),
        Alternative::Hold { costs: Money::ZERO } => "hold, worthless at this price".to_owned(),
        Alternative::Hold { costs } => format!("hold, {} in the money", words::money(*costs)),
        Alternative::Close { costs } => format!("buy back for {}", words::money(*costs)),
        Alternative::Assignment { strike, worth } => {
            format!("assignment at {} for shares worth {}", words::money(*strike), words::money(*worth))
        }
        Alternative::Roll { to, net } => {
            format!("roll to {} {} for {}", to.expiration.0, to.strike, words::money(*net))
        }
    }
}

fn decision(judged: &Judged) -> Said {
    let verb = if judged.taken { "sold" } else { "refused" };
    let text = format!(
        "{}: {} {verb} come to {} at expiration, {} expected",
        words::sleeve(judged.sleeve),
        words::lots(judged.contracts, &judged.series),
        words::money(judged.gain),
        words::money(judged.expected)
    );
    said(Some(judged.sleeve), Some(judged.series.underlying), text, &[Rule::H2])
}

fn share(value: Ppm) -> String {
    format!("{}.{:06}", value.0 / Ppm::WHOLE, value.0 % Ppm::WHOLE)
}

fn parts(trust: &Trust) -> String {
    format!(
        "agreement {}, outcomes {}, consistency {}, {} weeks without an answer",
        words::ppm(trust.agreement),
        words::ppm(trust.outcomes),
        words::ppm(trust.consistency),
        trust.weeks
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::codec;
    use engine::people::{NoAct, Reply, Undone};
    use ledger::{SleeveKind, StructureId};
    use market::instrument::{Right, Series};
    use market::order::Trade;
    use market::time::{Date, Expiration, Week};
    use market::value::{Contracts, Price};
    use protocol::policy::{Level, WeekClass};
    use protocol::trust::Class;

    fn series() -> Series {
        let (underlying, strike) = (Symbol::new("TSLA").unwrap(), Price::dollars(180));
        let expiration = Expiration(Date::constant(2024, 6, 14));
        Series { underlying, expiration, right: Right::Put, strike }
    }

    fn bodies() -> Vec<Body> {
        let sleeve = SleeveId::new(StructureId(1), SleeveKind::Generation);
        let trade = Trade::write(series(), Contracts(3));
        let wanted = Wanted { sleeve, trade, limit: Price::cents(189), rule: Rule::E5, delta: None };
        let content = Content::Orders(vec![wanted]);
        let proposal = Proposal {
            id: 1,
            class: Class::Entry,
            level: Level::Propose,
            digest: codec::digest(&content),
            content: content.clone(),
            rules: vec![Rule::E5],
            evidence: Some(7),
            alternatives: vec![
                Alternative::Hold { costs: Money::ZERO },
                Alternative::Close { costs: Money::dollars(5) },
            ],
            expires: Timestamp::from_second(1_718_312_400).unwrap(),
            parent: None,
        };
        let (who, reason) = ("Ada".to_owned(), "thin".to_owned());
        let (gain, worst, expected) = (Money::dollars(-6_000), Money::dollars(2_700), Money::dollars(567));
        let (half, none) = (Ppm(500_000), Ppm::ZERO);
        let trust = Trust { agreement: half, outcomes: half, consistency: none, weeks: 2, value: Ppm(384_160) };
        vec![
            Body::Observed { class: Class::Entry, content, rules: vec![Rule::E5] },
            Body::Proposed(Box::new(proposal)),
            Body::Answered { proposal: 1, reply: Reply::Rejected, who: Some(who.clone()), reason: reason.clone() },
            Body::NotDone { proposal: 1, why: Undone::Changed },
            Body::ActRefused { act: Act::Approve { proposal: 2 }, who: who.clone(), why: NoAct::Unknown },
            Body::WeekOverridden {
                week: Week { year: 2024, number: 24 },
                class: WeekClass::Red,
                replaces: Some(WeekClass::Green),
                who,
                reason,
            },
            Body::LevelChanged {
                class: Class::Entry,
                from: Level::Propose,
                to: Level::Observe,
                why: LevelWhy::Loss { gain, worst },
            },
            Body::DecisionJudged(Judged {
                class: Class::Entry,
                sleeve,
                series: series(),
                contracts: Contracts(3),
                taken: true,
                gain,
                expected,
                worst,
            }),
            Body::TrustSuggested { class: Class::Entry, trust, level: Level::Observe, suggested: Level::Propose },
        ]
    }

    /// Every event about people has a line, a kind of its own, and says of which sleeve and symbol it is.
    #[test]
    fn every_event_about_people_is_told() {
        let at = Timestamp::from_second(1_718_308_800).unwrap();
        let events: Vec<Event> = bodies().into_iter().map(|body| Event { at, body }).collect();
        let lines: Vec<String> = (1..=events.len()).map(|n| told(&events[..n]).unwrap().text).collect();
        let expected = [
            "entry is only observed: Gen sells 3 TSLA 2024-06-14 $180.00 puts at $1.89",
            "proposal 1 (entry, propose), until 2024-06-13 21:00 UTC: Gen sells 3 TSLA 2024-06-14 $180.00 puts at \
             $1.89; instead: hold, worthless at this price, buy back for $5.00",
            "proposal 1 is rejected by Ada: thin",
            "proposal 1 was approved and is not done: the books have changed since it was proposed",
            "Ada cannot approve proposal 2: there is no such proposal",
            "Ada overrides 2024-W24: red instead of green, thin",
            "entry falls from propose to observe: a loss of $6,000.00 where $2,700.00 was the worst expected",
            "Gen: 3 TSLA 2024-06-14 $180.00 puts sold come to −$6,000.00 at expiration, $567.00 expected",
            "trust in entry is 0.384160: propose is suggested, observe holds",
        ];
        assert_eq!(lines, expected);
        let kinds: std::collections::BTreeSet<&str> = events.iter().map(|e| kind(&e.body)).collect();
        assert_eq!(kinds.len(), events.len());
        let spoken_of: Vec<bool> =
            events.iter().map(|e| symbol(&e.body).is_some() && sleeve_of(&e.body).is_some()).collect();
        assert_eq!(spoken_of, [true, true, false, false, false, false, false, true, false]);
        let answer = told(&events[..3]).unwrap();
        assert_eq!((answer.sleeve.is_some(), answer.symbol.is_some()), (true, true), "an answer is about its proposal");
        assert!(detail(&events[1].body).unwrap().0.ends_with("evidence in event 7"));
        assert!(detail(&events[8].body).unwrap().0.contains("2 weeks without an answer"));
        assert_eq!((told(&[]).is_none(), detail(&events[0].body)), (true, None));
    }
}
