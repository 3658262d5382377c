//! What each event says, in full.

use engine::event::{Body, Marks};
use engine::people::Proposal;
use market::instrument::{Right, Symbol};
use market::order::{Action, Trade};
use market::value::Money;
use protocol::plan::{Plan, Purpose, Verdict};
use protocol::rule::Rule;

use super::{Depth, Sentence, candidate, growth, review};
use crate::book::Book;
use crate::tax::{Owner, Rules, View, Warning};
use crate::{story, words};

/// Everything that the event at `place` says.
pub(super) fn sentences(book: &Book<'_>, place: usize, depth: Depth) -> Vec<Sentence> {
    about(book, place, depth, None)
}

/// What the event at `place` says about `symbol`, or about anything. What concerns no symbol is told too where it
/// concerns the market.
pub(super) fn about(book: &Book<'_>, place: usize, depth: Depth, symbol: Option<Symbol>) -> Vec<Sentence> {
    let body = &book.events[place].body;
    let mut told: Vec<Sentence> = match body {
        Body::Planned(plan) if depth == Depth::Full => planned(book, place, plan, symbol),
        Body::SplitApplied { symbol, new_per_old } => split(book, place, *symbol, *new_per_old),
        _ => story::lines(book, place)
            .into_iter()
            .filter(|line| symbol.is_none() || line.symbol.is_none_or(|s| Some(s) == symbol))
            .map(|line| Sentence::from_line(line, place))
            .collect(),
    };
    if let Body::Proposed(proposal) = body {
        told.extend(warned(book, place, proposal, symbol));
    }
    if depth == Depth::Full {
        told.extend(unsaid(book, place, body, symbol));
    }
    let market = matches!(body, Body::WeekClassified { .. } | Body::WeekUnclassified { .. });
    let tells = symbol.is_none_or(|symbol| market || speaks_of(book, body, symbol));
    if tells { told } else { Vec::new() }
}

/// The plan's figures and every candidate in full.
fn planned(book: &Book<'_>, place: usize, plan: &Plan, symbol: Option<Symbol>) -> Vec<Sentence> {
    let name = words::sleeve(plan.sleeve);
    let cash = |amount: Money| words::money(amount.floor_cents());
    let what = words::purpose(plan.purpose);
    let (text, rules): (String, &[Rule]) = match plan.purpose {
        Purpose::Cover => {
            let text = format!(
                "{name} plans {what}, unsized: equity {}, free cash {}",
                cash(plan.equity),
                cash(plan.free_cash)
            );
            (text, &[Rule::E8])
        }
        Purpose::Entry => {
            let text = format!(
                "{name} plans {what}: {} week, sizing {}, equity {}, free cash {}, committed {}, deployable {}",
                plan.class,
                words::ppm(plan.sizing),
                cash(plan.equity),
                cash(plan.free_cash),
                cash(plan.committed),
                cash(plan.deployable)
            );
            (text, &[Rule::A3, Rule::M6, Rule::M7, Rule::E5])
        }
    };
    let mut told = vec![Sentence::of(plan.day, text, rules, place)];
    let asked = plan.candidates.iter().filter(|c| symbol.is_none_or(|s| s == c.symbol));
    told.extend(asked.flat_map(|c| candidate::sentences(book, place, plan, c)));
    let nothing = plan.candidates.iter().all(|c| matches!(c.verdict, Verdict::Leave(_)));
    if nothing && symbol.is_none() {
        told.push(Sentence::of(plan.day, format!("{name} takes nothing"), &[], place));
    }
    told
}

/// A split with what became of every holding and short option.
fn split(book: &Book<'_>, place: usize, symbol: Symbol, n: i64) -> Vec<Sentence> {
    let mut told: Vec<Sentence> =
        story::lines(book, place).into_iter().map(|line| Sentence::from_line(line, place)).collect();
    let (before, after) = (book.state_before(place), book.state_before(place + 1));
    let day = book.day(place);
    for sleeve in &before.sleeves {
        let name = words::sleeve(sleeve.id);
        let (old, new) = (before.ledger.shares(sleeve.id, symbol), after.ledger.shares(sleeve.id, symbol));
        if old.0 > 0 {
            let text = format!("{name}'s {} shares of {symbol} become {}", words::count(old.0), words::count(new.0));
            told.push(Sentence::of(day, text, &[Rule::C1], place));
        }
        let (old, new) = (before.ledger.written(sleeve.id), after.ledger.written(sleeve.id));
        for (old, new) in old.iter().zip(new).filter(|(o, _)| o.series.underlying == symbol) {
            let text = format!(
                "{name}'s {} become {}",
                words::lots(old.contracts, &old.series),
                words::lots(new.contracts, &new.series)
            );
            told.push(Sentence::of(day, text, &[Rule::C1], place));
        }
    }
    if told.len() == 1 {
        told.push(Sentence::of(day, format!("no sleeve holds {symbol}, × {n} changes nothing"), &[Rule::C1], place));
    }
    told
}

/// What the story leaves out.
fn unsaid(book: &Book<'_>, place: usize, body: &Body, symbol: Option<Symbol>) -> Vec<Sentence> {
    let day = book.day(place);
    let say = |text: String, rules: &[Rule]| vec![Sentence::of(day, text, rules, place)];
    match body {
        Body::Settled { through } => say(format!("what was due by {through} is settled"), &[Rule::A7]),
        Body::OrderApproved { sleeve, order, rule, reserve, underlying, atr, delta } => {
            let backed = match order.trade {
                Trade::Option { action: Action::SellToOpen, series, contracts } if series.right == Right::Call => {
                    format!("{} shares are reserved for it", words::count(contracts.shares().0))
                }
                Trade::SellShares { shares, .. } => {
                    format!("{} shares are reserved for it", words::count(shares.0))
                }
                _ if reserve.is_positive() => format!("{} of cash is reserved for it", words::money(*reserve)),
                _ => "what it frees pays for it".to_owned(),
            };
            let atr = atr.map_or("its average true range is not known".to_owned(), |a| {
                format!("its average true range is {}", words::price(a))
            });
            let delta = delta.map_or(String::new(), |d| format!(", the option's delta {d}"));
            let text = format!(
                "{}: order {} to {} {} {} or better passes the risk gate; {backed}; {} stands at {}, {atr}{delta}",
                words::sleeve(*sleeve),
                order.id,
                words::verb(&order.trade),
                words::traded(&order.trade),
                words::limit(order),
                order.trade.underlying(),
                words::price(*underlying)
            );
            say(text, &[*rule, Rule::K4])
        }
        Body::Filled { fill, settles, .. } => {
            let sold = fill.sold.map_or(String::new(), |s| format!(", sold again at {}", words::price(s.price)));
            let text = format!(
                "order {} is filled: {} at {}{sold}, fees {}, settles {settles}, {}",
                fill.order,
                words::count(fill.units),
                words::price(fill.price),
                words::money(fill.all_fees()),
                words::origin(fill.origin)
            );
            say(text, &[Rule::E9, Rule::A7])
        }
        Body::Assigned { settles, .. } => say(format!("the shares of it settle {settles}"), &[Rule::A7]),
        Body::DayEnded { day, days, .. } if symbol.is_none() => {
            let calendar_days = words::plural(i64::from(*days), "calendar day", "calendar days");
            let text = format!("the session of {day} ends; cash earns for {days} {calendar_days}");
            say(text, &[Rule::E9])
        }
        Body::InterestCredited { amount, .. } if *amount == Money::ZERO => {
            say("no interest is credited".to_owned(), &[Rule::E9])
        }
        Body::Marked(marks) => say(marked(marks, symbol), &[Rule::C2]),
        Body::SleeveClosed(week) => {
            let g = &week.gains;
            let text = format!(
                "{}: premium {}, shares {}, LEAPS {}, dividends {}, interest {}, fees {}, unrealised {}; idle {}; \
                 drawdown {}",
                words::sleeve(week.sleeve),
                words::money(g.premium),
                words::money(g.shares),
                words::money(g.longs),
                words::money(g.dividends),
                words::money(g.interest),
                words::money(g.fees),
                words::money(g.unrealised),
                words::money(week.idle.floor_cents()),
                words::ppm(week.drawdown)
            );
            say(text, &[Rule::C5, Rule::K1])
        }
        Body::ReserveClosed { structure, week } => {
            let text = format!(
                "structure {structure}: tax reserve starts with {}, flows {}, interest {}, ends with {}",
                words::money(week.start),
                words::money(week.flows),
                words::money(week.interest),
                words::money(week.end)
            );
            say(text, &[Rule::Q1])
        }
        Body::WeekEnded { week } => say(format!("week {week} is closed"), &[Rule::C9]),
        Body::Reviewed { sleeve, review } => review::sentences(book, place, *sleeve, review),
        Body::Observed { .. }
        | Body::Proposed(_)
        | Body::Answered { .. }
        | Body::NotDone { .. }
        | Body::ActRefused { .. }
        | Body::WeekOverridden { .. }
        | Body::LevelChanged { .. }
        | Body::DecisionJudged(_)
        | Body::TrustSuggested { .. } => {
            story::people::detail(body).map_or_else(Vec::new, |(text, rules)| say(text, &rules))
        }
        _ => growth::sentences(book, place),
    }
}

/// What a proposal's orders would do to losses of this journal, as it stood when they were proposed (T-4).
fn warned(book: &Book<'_>, place: usize, proposal: &Proposal, symbol: Option<Symbol>) -> Vec<Sentence> {
    let orders = proposal.content.orders();
    if orders.is_empty() || symbol.is_some_and(|s| orders.iter().all(|w| w.trade.underlying() != s)) {
        return Vec::new();
    }
    let owner = Owner::after(book, place + 1);
    let warnings = owner.proposed(Rules::of(book.policy(), View::Owner), Some(proposal.id)).unwrap_or_default();
    let here = warnings.iter().filter(|w| symbol.is_none_or(|s| s == w.intent.trade.underlying()));
    let sentence = |w: &Warning| {
        let text = format!("tax warning: {w}; {}", w.lots().join(", "));
        Sentence::of(book.day(place), text, &[Rule::T4, Rule::T3], place)
    };
    here.map(sentence).collect()
}

fn marked(marks: &Marks, symbol: Option<Symbol>) -> String {
    let asked = |s: Symbol| symbol.is_none_or(|symbol| symbol == s);
    let closes = marks.closes.iter().filter(|(s, _)| asked(*s)).map(|(s, p)| format!("{s} {}", words::price(*p)));
    let options = marks.options.iter().filter(|o| asked(o.series.underlying));
    let options =
        options.map(|o| format!("{} at {} in the middle ({})", o.series, words::price(o.mid), words::origin(o.origin)));
    let listed: Vec<String> = closes.chain(options).collect();
    let bill = match marks.bill_rate {
        Some(rate) if symbol.is_none() => format!("; one-month Treasury yield {}", words::ppm(rate)),
        _ => String::new(),
    };
    format!("marks of week {}: {}{bill}", marks.week, listed.join(", "))
}

/// The one symbol that an event is about.
fn symbol_of(book: &Book<'_>, body: &Body) -> Option<Symbol> {
    match body {
        Body::SplitApplied { symbol, .. } => Some(*symbol),
        Body::DividendAccrued(dividend) => Some(dividend.symbol),
        Body::PositionTyped(typed) => Some(typed.symbol),
        Body::OrderApproved { order, .. } | Body::OrderRefused { order, .. } => Some(order.trade.underlying()),
        Body::Filled { trade, .. } => Some(trade.underlying()),
        Body::Crossed(crossing) => Some(crossing.series.underlying),
        Body::Reviewed { review, .. } => Some(review.series.underlying),
        Body::LeapsReviewed { series, .. } => Some(series.underlying),
        Body::Frozen { symbol, .. } | Body::Thawed { symbol, .. } => Some(*symbol),
        Body::Expired { series, .. } | Body::Assigned { series, .. } | Body::LongEnded { series, .. } => {
            Some(series.underlying)
        }
        Body::OrderEnded { order, .. } => symbol_of(book, &book.events[book.order(*order)?.decided].body),
        _ => story::people::symbol(body),
    }
}

/// Whether an event says something of `symbol`.
fn speaks_of(book: &Book<'_>, body: &Body, symbol: Symbol) -> bool {
    match body {
        Body::Planned(plan) => plan.candidates.iter().any(|c| c.symbol == symbol),
        Body::LeapsPlanned { plan, .. } => plan.candidates.iter().any(|c| c.symbol == symbol),
        Body::Marked(marks) => marks.close(symbol).is_some(),
        Body::DayEnded { deep, .. } => deep.iter().any(|(_, series)| series.underlying == symbol),
        _ => symbol_of(book, body) == Some(symbol),
    }
}
