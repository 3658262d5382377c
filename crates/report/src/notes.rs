//! What every report says of itself: the world, hindsight, and what a daily replay leaves out.

use engine::event::{Body, Event, World};
use market::instrument::Symbol;
use market::quote::Origin;
use protocol::manage::Note;
use protocol::policy::Policy;

use crate::book::Book;
use crate::words;

/// A-5 and V-3: what must stand on every page of this journal.
pub(crate) fn of_world(book: &Book<'_>) -> Vec<String> {
    let opened = book.opened();
    match opened.world {
        World::Simulated => {
            vec![format!(
                "SIMULATED: every price was made up by a generator ({}); nothing here happened.",
                opened.source
            )]
        }
        World::History => vec![hindsight(book)],
    }
}

/// the universe was chosen with hindsight, and the control universe stands beside it.
pub(crate) fn hindsight(book: &Book<'_>) -> String {
    let policy = book.policy();
    format!("{} The same run on {} stands beside it.", chosen(policy), names(&policy.universe.control().all()))
}

/// how the universe was chosen, in a sentence.
#[must_use]
pub fn chosen(policy: &Policy) -> String {
    let (own, control) = (policy.universe.all(), policy.universe.control().all());
    if own == control {
        format!("The universe ({}) was not chosen by how well these symbols did.", names(&own))
    } else {
        format!("The universe ({}) was chosen with hindsight: these shares are known to have done well.", names(&own))
    }
}

fn names(symbols: &[Symbol]) -> String {
    symbols.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What the run assumes, and which rules it does not exercise, in sentences.
#[must_use]
pub fn assumptions(book: &Book<'_>) -> Vec<String> {
    let opened = book.opened();
    let policy = book.policy();
    let mut notes = vec![
        "Every decision and fill is made at the session's close, on that close's prices and quotes, with indicators to \
         the close before (E-3)."
            .to_owned(),
        "Options are sold at the bid and bought at the ask, with the fees of the day (E-9).".to_owned(),
        unexercised(book),
        early(policy),
        "The tax reserve is set aside and shown on its own line; nothing is paid out of it, and no tax is taken off \
         these figures (Q-1). Wash sales, holding periods and straddles are no part of them either: `alluse tax` has \
         those (T)."
            .to_owned(),
        "Nobody is asked: replay decides by itself (H-1).".to_owned(),
        format!(
            "Idle cash earns the one-month Treasury yield less {} on settled dollars, on a line of its own (E-9).",
            words::ppm(policy.interest.spread)
        ),
        "Returns take flows in at the start of the week in which they come; a year has 365 days; weekly figures are \
         annualised with 52 weeks."
            .to_owned(),
    ];
    let modelled = fills(book).any(|origin| origin == Origin::Modelled);
    if modelled || !opened.premium_model.is_empty() {
        let model = words::model(&opened.premium_model);
        let text = if model.is_empty() { "no model is named" } else { model };
        notes.push(format!(
            "Premiums without a quote are modelled and labelled so ({text}); the same run at −20% and +20% of them \
             stands beside it."
        ));
        notes.push(
            "A modelled price is that of a European option, but never below what exercise gives; what the right to \
             exercise early is worth beyond that is left out."
                .to_owned(),
        );
        notes.push(
            "Open interest, volume and, where no table covers them, earnings dates are not testable on a modelled \
             quote: these gates neither passed nor refused (E-6)."
                .to_owned(),
        );
    }
    if !policy.rules.off.is_empty() {
        let off: Vec<&str> = policy.rules.off.iter().map(protocol::rule::Rule::id).collect();
        notes.push(format!("Switched off in this run: {}.", off.join(", ")));
    }
    notes
}

/// E-3: the rules that need intraday data, and how often X-8 would have been asked had there been any.
fn unexercised(book: &Book<'_>) -> String {
    let cheap = |event: &&Event| match &event.body {
        Body::Reviewed { review, .. } => review.notes.contains(&Note::CheapNotExercised),
        _ => false,
    };
    let asked = book.events.iter().filter(cheap).count();
    let times = match asked {
        0 => "at no close was an option that cheap and still open".to_owned(),
        1 => "at one close an option was that cheap".to_owned(),
        n => format!("{} times an option was that cheap at a close", words::count(n as i64)),
    };
    format!(
        "Not exercised in daily replay, because they need intraday data: the walk of limit orders (E-7; a bid that \
         its worst limit does not reach is left), entry and \
         expiration-day windows (E-3, X-6), quote age (E-6), and buying back during the day what costs at most {} and \
         {} of its premium (X-8): {times}.",
        words::price(book.policy().exit.cheap),
        words::rate(book.policy().exit.cheap_share)
    )
}

/// How assignments come about.
fn early(policy: &Policy) -> String {
    let early = if policy.replay.early_exercise {
        "before it a holder exercises a call on the eve of an ex-date, and a put on any night, when mid is \
         less than half a tick above what exercise gives (X-7)"
    } else {
        "nobody exercises before it (replay.early_exercise = false)"
    };
    format!(
        "Assignment on the last day is decided by the official close, a cent in the money (X-8); {early}; holders who \
         decline or exercise after hours are not replayed."
    )
}

/// Where each fill's price came from.
pub(crate) fn fills(book: &Book<'_>) -> impl Iterator<Item = Origin> {
    book.events.iter().filter_map(|event| match &event.body {
        Body::Filled { fill, .. } => Some(fill.origin),
        _ => None,
    })
}
