//! A look at an open option in words: what was seen, what is done about it, and where no roll was found, why.

use protocol::guard::Guard;
use protocol::manage::{Answer, CloseReason, Note, Review};
use protocol::roll::{Barred, NoDebit, Refusal, Roll, RollSearch};
use protocol::rule::Rule;

use super::away;
use crate::words;

/// What was seen of the option and what is done about it.
#[must_use]
pub fn told(review: &Review) -> String {
    let Review { series, contracts, .. } = review;
    let at = review.price.map_or_else(
        || format!("with no price of {}", series.underlying),
        |price| format!("with {} at {} ({})", series.underlying, words::price(price), away(price, series.strike)),
    );
    let head = if review.expiry.is_some() {
        let ends = words::plural(contracts.0, "ends", "end");
        format!("{} {ends} today {at}", words::lots_today(*contracts, series))
    } else {
        format!("{} {at}{}", words::lots(*contracts, series), moved(review))
    };
    let mut text = format!("{head}: {}", answer(review));
    if let Some(search) = &review.roll
        && !matches!(review.answer, Answer::Roll(_) | Answer::ProposeRoll(_))
    {
        text += &format!("; no roll: {}", unfound(search));
    }
    for note in &review.notes {
        text += &noted(note);
    }
    text
}

/// The rules that a review cites.
#[must_use]
pub fn cited(review: &Review) -> Vec<Rule> {
    let measured = matches!(review.decided, Some(Rule::X2 | Rule::X3 | Rule::X4 | Rule::X5 | Rule::G1));
    let mut rules: Vec<Rule> = (measured && review.adverse.is_some()).then_some(Rule::X1).into_iter().collect();
    rules.extend(review.decided);
    if review.roll.is_some() {
        rules.extend([Rule::R2, Rule::R3]);
    }
    let early = |note: &Note| matches!(note, Note::AssignmentAnyNight { .. } | Note::Dividend { .. });
    if review.notes.iter().any(early) && !rules.contains(&Rule::X7) {
        rules.push(Rule::X7);
    }
    rules
}

fn moved(review: &Review) -> String {
    let adverse = review.adverse.map(|a| format!("{} ATR against it", words::minus(&a.to_string())));
    let captured = review.captured.map(|c| format!("{} of the premium captured", words::ppm(c)));
    let parts: Vec<String> = adverse.into_iter().chain(captured).collect();
    if parts.is_empty() { String::new() } else { format!(", {}", parts.join(", ")) }
}

fn answer(review: &Review) -> String {
    match &review.answer {
        Answer::Halt => "nothing may be sent".to_owned(),
        Answer::NoQuote => "it has no quote and cannot be judged".to_owned(),
        Answer::Hold => "nothing is asked for".to_owned(),
        Answer::Watch => "watch it closely".to_owned(),
        Answer::LetExpire => "let it expire".to_owned(),
        Answer::PrepareAssignment => "prepare for assignment".to_owned(),
        Answer::PrepareDelivery => "prepare to deliver the shares".to_owned(),
        Answer::KeepForAssignment => "keep it for assignment".to_owned(),
        Answer::Close { limit, why } => {
            format!("buy it back at {} or better: {}", words::price(*limit), closed(*why))
        }
        Answer::Roll(roll) => format!("roll it to {}", rolled(roll)),
        Answer::ProposeRoll(roll) => format!("a roll is proposed to {}", rolled(roll)),
    }
}

/// Why an option is bought back.
#[must_use]
pub const fn closed(why: CloseReason) -> &'static str {
    match why {
        CloseReason::Dividend => "it would be exercised for the dividend",
        CloseReason::Cheap => "it costs next to nothing",
        CloseReason::Preservation => "capital is preserved, and no roll is allowed",
        CloseReason::Profit => "nearly all of its premium is captured",
        CloseReason::ProfitEarly => "half of its premium is captured early, after a move in favour",
        CloseReason::NeverAssigned => "shares of it are never taken, and no roll is allowed",
    }
}

fn rolled(roll: &Roll) -> String {
    let series = &roll.to.series;
    let delta = roll.to.delta.map_or(String::new(), |d| format!(", delta {d}"));
    let net = words::net(roll.net);
    format!("{} {}{delta}, {net} a share after fees", series.expiration, series.strike)
}

fn unfound(search: &RollSearch) -> String {
    if let Some(barred) = &search.barred {
        return self::barred(barred);
    }
    let tried = search.tried.iter().map(|(expiration, outcome)| match outcome {
        Ok(roll) => format!("{expiration}: only {}", words::net(roll.net)),
        Err(refusal) => format!("{expiration}: {}", refused(refusal)),
    });
    let tried: Vec<String> = tried.collect();
    if tried.is_empty() { "no later expiration is near enough".to_owned() } else { tried.join(", ") }
}

/// Why no expiration was asked.
#[must_use]
pub fn barred(barred: &Barred) -> String {
    match barred {
        Barred::RuleOff => "rolls are switched off".to_owned(),
        Barred::TooMany { rolls, most } => format!("it was rolled {rolls} times, at most {most} are allowed"),
        Barred::FeesUnknown => "the fees of this day are not in the policy's table".to_owned(),
        Barred::NoShares => "there are no shares under it".to_owned(),
    }
}

/// Why an expiration offers no roll.
#[must_use]
pub fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoQuotes => "no quotes".to_owned(),
        Refusal::Earnings { on } => format!("earnings on {on}"),
        Refusal::NoStrike { most, below, lowest } => {
            let lowest = lowest.map_or("none".to_owned(), |d| d.to_string());
            format!("no strike with a delta of at most {most} and below {below} (lowest {lowest})")
        }
        Refusal::FeesUnknown => "fees not known".to_owned(),
        Refusal::Call(skip) => words::skip(skip),
        Refusal::TooLittle { strike, net, least, debit } => {
            let brings = words::net(*net);
            let debit = match debit {
                NoDebit::NotAsked => "no debit is allowed".to_owned(),
                NoDebit::OutsideBand { band } => format!("outside the band {} to {} for a debit", band.0, band.1),
                NoDebit::TooMuch { spent, most } => {
                    format!("its rolls would cost {}, at most {}", words::price(*spent), words::price(*most))
                }
            };
            format!("{strike} {brings}, less than {}, {debit}", words::price(*least))
        }
    }
}

fn noted(note: &Note) -> String {
    match note {
        Note::AssignmentAnyNight { time_value, least } => format!(
            "; assignment any night: its time value of {} is below {}",
            words::price(*time_value),
            words::price(*least)
        ),
        Note::Dividend { ex, amount, time_value, last_session, .. } => format!(
            "; the dividend of {} on {ex} is worth more than its time value of {}{}",
            words::price(*amount),
            words::price(*time_value),
            if *last_session { ", and this is the last session before it" } else { "" }
        ),
        // What replay cannot exercise is said once, among the assumptions (E-3).
        Note::CheapNotExercised | Note::NoRange => String::new(),
    }
}

/// How far the guard has closed.
#[must_use]
pub const fn guard(guard: Guard) -> &'static str {
    match guard {
        Guard::Calm => "open",
        Guard::Reduce => "half: new entries are cut further",
        Guard::Defend => "closed to all but defensive orders",
        Guard::Stop => "shut: nothing is sent without a human",
    }
}
