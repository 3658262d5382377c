//! Income, reinvestment, forks and merges in words.

use engine::event::Body;
use engine::state::State;
use ledger::{SleeveId, StructureId};
use market::instrument::Symbol;
use market::value::Money;
use protocol::growth::{Division, ForkWait};
use protocol::income::WeekIncome;
use protocol::leaps::{LeapsAnswer, LeapsCandidate, LeapsPlan, LeapsSkip};
use protocol::rule::Rule;

use crate::book::Book;
use crate::words;

/// What an event of growth or income says: of which sleeve, of which symbol, in which words, by which rules.
pub(super) struct Said {
    pub sleeve: Option<SleeveId>,
    pub symbol: Option<Symbol>,
    pub text: String,
    pub rules: Vec<Rule>,
}

impl Said {
    /// Of a structure as a whole, or of several.
    fn whole(text: String, rules: &[Rule]) -> Said {
        Said { sleeve: None, symbol: None, text, rules: rules.to_vec() }
    }
}

fn of(sleeve: SleeveId, text: String, rules: &[Rule]) -> Said {
    let text = format!("{}: {text}", words::sleeve(sleeve));
    Said { sleeve: Some(sleeve), symbol: None, text, rules: rules.to_vec() }
}

/// The lines of the event at `place`, if it is one of growth or income.
pub(super) fn told(book: &Book<'_>, place: usize) -> Vec<Said> {
    let one = match &book.events[place].body {
        Body::Withdrawn { sleeve, amount } => {
            of(*sleeve, format!("{} is withdrawn", words::money(*amount)), &[Rule::A6, Rule::I2])
        }
        Body::WithdrawalRefused { sleeve, asked, why } => {
            of(*sleeve, format!("a withdrawal of {} is refused: {why}", words::money(*asked)), &[Rule::A6])
        }
        Body::IncomeBooked { sleeve, income, moved } => income_booked(*sleeve, income, *moved),
        Body::ReserveInterest { structure, amount, .. } if amount.is_positive() => Said::whole(
            format!("structure {structure}: its tax reserve earns {} interest", words::money(*amount)),
            &[Rule::Q1],
        ),
        Body::Reinvested { sleeve, reinvested, set_aside } => {
            let text = format!(
                "{} of profit is reinvested: {} in contracts, {} in LEAPS ({} set aside in all), income falls by {}",
                words::money(reinvested.amount),
                words::money(reinvested.contracts),
                words::money(reinvested.leaps),
                words::money(*set_aside),
                words::money(reinvested.from_income)
            );
            of(*sleeve, text, &[Rule::Q1])
        }
        Body::LeapsPlanned { plan, rolls } => return leaps(plan, *rolls),
        Body::LeapsReviewed { sleeve, series, contracts, answer } => Said {
            symbol: Some(series.underlying),
            ..of(*sleeve, format!("{}: {}", words::lots(*contracts, series), leaps_answer(*answer)), &[Rule::Q2])
        },
        Body::ForkDue { sleeve, division, waits, reserves, needs } => {
            let why: Vec<String> = waits.iter().map(waits_for).collect();
            let mut text = format!("a fork is due ({}) and waits: {}", divided(division), why.join("; "));
            if needs.is_positive() {
                text += &format!("; it needs {} more surplus", words::money(*needs));
            }
            if reserves.is_positive() {
                text += &format!("; new entries shrink by {}", words::money(*reserves));
            }
            of(*sleeve, text, &[Rule::F1, Rule::F3, Rule::F4])
        }
        Body::ForkLapsed { sleeve, surplus } => of(
            *sleeve,
            format!("the fork that was due lapses: surplus {}", words::money(surplus.floor_cents())),
            &[Rule::F3],
        ),
        Body::Forked { from, structure, division, base } => {
            let text = format!(
                "forks structure {structure}: {}; base from now on {}",
                divided(division),
                words::money(base.floor_cents())
            );
            of(*from, text, &[Rule::F1, Rule::F2, Rule::F4])
        }
        Body::MergeStarted { structure, total } => {
            let total = words::money(total.floor_cents());
            Said::whole(format!("structure {structure} begins to merge: its sleeves total {total}"), &[Rule::J1])
        }
        Body::Merged { structure, into, values } => {
            return merged(&book.state_before(place), *structure, *into, values);
        }
        _ => return Vec::new(),
    };
    vec![one]
}

/// A merge with what moved, and the structures that stand elsewhere from now on.
fn merged(before: &State, structure: StructureId, into: SleeveId, values: &[(SleeveId, Money)]) -> Vec<Said> {
    let worth = |value: Money| words::money(value.floor_cents());
    let parts: Vec<String> =
        values.iter().map(|(sleeve, value)| format!("{} {}", words::sleeve(*sleeve), worth(*value))).collect();
    let kept: Vec<String> = values.iter().flat_map(|(sleeve, _)| held(before, *sleeve)).collect();
    let kept = if kept.is_empty() { String::new() } else { format!(", of it in kind {}", kept.join(", ")) };
    let text = format!(
        "structure {structure} merges into {}: {} in all ({}){kept}; it is closed",
        words::sleeve(into),
        worth(values.iter().map(|(_, value)| *value).sum()),
        parts.join(", ")
    );
    let children = before.structures.iter().filter(|s| s.parent == Some(structure));
    let rises = |id: StructureId| format!("structure {id} moves up from structure {structure} to {}", into.structure);
    let lines = std::iter::once(text).chain(children.map(|child| rises(child.id)));
    lines.map(|text| Said::whole(text, &[Rule::J1])).collect()
}

/// Shares and LEAPS of a sleeve.
pub(crate) fn held(state: &State, sleeve: SleeveId) -> Vec<String> {
    let shares = state.ledger.holdings(sleeve).map(|(symbol, n)| format!("{} {symbol} shares", words::count(n.0)));
    let leaps = state.ledger.longs(sleeve).iter().map(|l| words::lots(l.contracts, &l.series));
    shares.chain(leaps).collect()
}

fn income_booked(sleeve: SleeveId, income: &WeekIncome, moved: Money) -> Said {
    let WeekIncome { realised, made_up, income: paid, growth, account, .. } = income;
    let realised = match realised {
        r if r.is_negative() => format!("loss of {} realised", words::money(r.abs())),
        r => format!("profit of {} realised", words::money(*r)),
    };
    let mut parts = vec![realised];
    if moved.is_positive() {
        parts.push(format!("{} to the tax reserve", words::money(moved)));
    } else if moved.is_negative() {
        parts.push(format!("{} back from the tax reserve", words::money(moved.abs())));
    }
    if made_up.is_positive() {
        parts.push(format!("{} makes up earlier losses", words::money(*made_up)));
    }
    if paid.is_positive() || growth.is_positive() {
        parts.push(format!("{} income, {} growth", words::money(*paid), words::money(*growth)));
    }
    if account.deficit.is_positive() {
        parts.push(format!("{} still to be made up", words::money(account.deficit)));
    }
    of(sleeve, parts.join(", "), &[Rule::I1, Rule::Q1])
}

pub(crate) fn divided(division: &Division) -> String {
    format!(
        "surplus {}: {} stays, {} leaves, {} to the new Gen, {} to the new Com",
        words::money(division.surplus.floor_cents()),
        words::money(division.stays.floor_cents()),
        words::money(division.moves),
        words::money(division.generation),
        words::money(division.compounding)
    )
}

/// Why a fork waits.
pub(crate) fn waits_for(wait: &ForkWait) -> String {
    match wait {
        ForkWait::Locked => "new puts are locked".to_owned(),
        ForkWait::Preserving => "capital is preserved".to_owned(),
        ForkWait::Merging => "the structure merges".to_owned(),
        ForkWait::FreeCash { free, short } => {
            format!("free cash is {}, {} short", words::money(free.floor_cents()), words::money(short.ceil_cents()))
        }
        ForkWait::Contract { kind, cost, covers } => {
            format!(
                "the new {kind} could put {} to work, its cheapest contract takes {}",
                words::money(covers.floor_cents()),
                words::money(*cost)
            )
        }
        ForkWait::ContractUnknown { kind } => format!("nothing is known of what a contract of the new {kind} costs"),
    }
}

fn leaps(plan: &LeapsPlan, rolls: bool) -> Vec<Said> {
    let what = if rolls { "in place of those sold" } else { "with the quarter's money" };
    let head = format!("buys LEAPS {what}: {} at hand, {} left", words::money(plan.budget), words::money(plan.left));
    let mut said = vec![of(plan.sleeve, head, &[Rule::Q2])];
    let mut seen: Vec<(Symbol, LeapsSkip)> = Vec::new();
    for candidate in &plan.candidates {
        let Err(skip) = candidate.verdict else { continue };
        if !seen.contains(&(candidate.symbol, skip)) {
            seen.push((candidate.symbol, skip));
            said.push(left(plan.sleeve, candidate, &skip));
        }
    }
    said
}

fn left(sleeve: SleeveId, candidate: &LeapsCandidate, skip: &LeapsSkip) -> Said {
    let text = format!("no LEAPS of {}: {}", candidate.symbol, leaps_skip(skip));
    Said { symbol: Some(candidate.symbol), ..of(sleeve, text, &[Rule::Q2]) }
}

/// Why a symbol's LEAPS are not bought.
pub(crate) fn leaps_skip(skip: &LeapsSkip) -> String {
    match skip {
        LeapsSkip::NoExpiration { window } => format!("none is quoted from {} to {}", window.0, window.1),
        LeapsSkip::Concentrated { expiration, holds, of } => {
            format!(
                "{expiration} already holds {} of {}",
                words::money(holds.floor_cents()),
                words::money(of.floor_cents())
            )
        }
        LeapsSkip::NoStrike { expiration, band, nearest } => {
            let nearest = nearest.map_or("none".to_owned(), |d| d.to_string());
            format!("no strike of {expiration} with a delta of {} to {} (nearest {nearest})", band.0, band.1)
        }
        LeapsSkip::Gate(gate) => words::gate(gate),
        LeapsSkip::FeesUnknown => "the fees of this day are not in the policy's table".to_owned(),
        LeapsSkip::DoesNotFit { needs, left } => {
            format!("one contract costs {}, {} is left", words::money(*needs), words::money(*left))
        }
        LeapsSkip::Cap { would, cap } => {
            format!(
                "it would bind {}, the cap is {}",
                words::money(would.floor_cents()),
                words::money(cap.floor_cents())
            )
        }
        LeapsSkip::Enough => "enough are bought".to_owned(),
    }
}

const fn leaps_answer(answer: LeapsAnswer) -> &'static str {
    match answer {
        LeapsAnswer::Hold => "enough time is left",
        LeapsAnswer::WaitLongTerm { .. } => "short of time, but soon held for over a year",
        LeapsAnswer::WaitLoss { .. } => "short of time, but a loss on the symbol is too recent",
        LeapsAnswer::Roll => "short of time: sell it and buy a later one",
    }
}
