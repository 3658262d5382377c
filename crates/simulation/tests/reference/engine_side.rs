//! What the engine recorded, as the lines that the reference writes.

use std::sync::Arc;

use engine::event::Body;
use ledger::SleeveId;
use ledger::id::SleeveKind;
use market::history::History;
use market::instrument::Right;
use market::order::{Action, Trade};
use market::time::{Calendar, TradingDay};
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use runtime::MemoryStore;
use simulation::replay::{Run, replay};

use crate::run::Facts;

fn name(id: SleeveId) -> String {
    let kind = match id.kind {
        SleeveKind::Generation => "Gen",
        SleeveKind::Revenue => "Rev",
        SleeveKind::Compounding => "Com",
    };
    format!("{}.{kind}", id.structure.0)
}

fn line(body: &Body) -> Option<String> {
    Some(match body {
        Body::WeekClassified { classification, .. } => format!("week {:?}", classification.class),
        Body::DividendAccrued(d) => format!("{} dividend {} {}", name(d.sleeve), d.symbol, d.amount.units()),
        Body::Filled { sleeve, trade: Trade::Option { action, series, contracts }, fill, .. } => {
            let verb = match action {
                Action::SellToOpen => "write",
                Action::BuyToClose => "buy back",
                Action::BuyToOpen => "buy long",
                Action::SellToClose => "sell long",
            };
            let (price, fees) = (fill.price.units(), fill.fees.units());
            format!("{} {verb} {series} x{contracts} at {price} fees {fees}", name(*sleeve))
        }
        Body::Filled { sleeve, trade: Trade::Roll { close, open, contracts }, fill, .. } => {
            let sold = fill.sold.unwrap();
            format!(
                "{} roll {close} at {} fees {} into {open} x{contracts} at {} fees {}",
                name(*sleeve),
                fill.price.units(),
                fill.fees.units(),
                sold.price.units(),
                sold.fees.units()
            )
        }
        Body::Filled { sleeve, trade: Trade::SellShares { symbol, shares }, fill, .. } => {
            let (price, fees) = (fill.price.units(), fill.fees.units());
            format!("{} sell {symbol} {shares} shares at {price} fees {fees}", name(*sleeve))
        }
        Body::Expired { sleeve, series, contracts, .. } => format!("{} expired {series} x{contracts}", name(*sleeve)),
        Body::Assigned { sleeve, series, contracts, fees, .. } => {
            format!("{} assigned {series} x{contracts} fees {}", name(*sleeve), fees.units())
        }
        Body::LongEnded { sleeve, series, contracts, settles, .. } => {
            let end = if settles.is_some() { "exercised" } else { "worthless" };
            format!("{} {end} {series} x{contracts}", name(*sleeve))
        }
        Body::SplitApplied { symbol, new_per_old } => format!("split {symbol} {new_per_old}"),
        Body::MergeStarted { structure, total } => format!("{} merges {}", structure.0, total.units()),
        Body::Merged { structure, into, values } => {
            let values: Vec<i64> = values.iter().map(|(_, value)| value.units()).collect();
            format!("{} merged into {} {values:?}", structure.0, name(*into))
        }
        Body::LockChanged { sleeve, locked, drawdown, .. } => {
            format!("{} lock {locked} {}", name(*sleeve), drawdown.0)
        }
        Body::SleeveClosed(w) => format!(
            "{} close {:?} start {} flows {} end {} drawdown {}",
            name(w.sleeve),
            w.kind,
            w.start.units(),
            w.flows.units(),
            w.end.units(),
            w.drawdown.0
        ),
        Body::PositionTyped(t) if t.right == Right::Call => {
            let (price, basis) = (t.price.units(), t.reference.units());
            format!("{} type {} shares {price} basis {basis} {:?}", name(t.sleeve), t.symbol, t.kind)
        }
        Body::IncomeBooked { sleeve, income: w, moved } => format!(
            "{} realised {} reserve {} moved {} year {} reserved {} deficit {} income {} growth {}",
            name(*sleeve),
            w.realised.units(),
            w.reserve.units(),
            moved.units(),
            w.account.realised.units(),
            w.account.reserved.units(),
            w.account.deficit.units(),
            w.account.income.units(),
            w.account.growth.units()
        ),
        Body::ReserveClosed { structure, week } if week.end.is_positive() => {
            format!("{} reserve {}", structure.0, week.end.units())
        }
        Body::Reinvested { sleeve, reinvested: r, set_aside } => {
            let (amount, leaps, aside) = (r.amount.units(), r.leaps.units(), set_aside.units());
            format!("{} reinvested {amount} leaps {leaps} aside {aside}", name(*sleeve))
        }
        Body::Forked { from, structure, division: d, base } => format!(
            "{} forked {} surplus {} gen {} com {} base {}",
            name(*from),
            structure.0,
            d.surplus.units(),
            d.generation.units(),
            d.compounding.units(),
            base.units()
        ),
        Body::PositionTyped(t) => format!("{} type {} {:?}", name(t.sleeve), t.symbol, t.kind),
        _ => return None,
    })
}

/// Replays and writes down what happened.
pub(crate) fn run(
    history: &History,
    policy: &Policy,
    premium: &PremiumModel,
    premium_text: &str,
    calendar: &Arc<Calendar>,
    first: TradingDay,
    deposit: Money,
) -> Facts {
    let run = Run {
        history,
        policy,
        premium,
        premium_text,
        from: Some(first.date()),
        to: None,
        deposit,
        script: &[],
        liquidity: &[],
        quotes: None,
    };
    let (_, store) = replay(&run, calendar, MemoryStore::default(), |_, _| {}).unwrap();
    let (events, _) = engine::journal::read(1, &store.rows).unwrap();
    let mut facts = Facts::new();
    for event in &events {
        if let Some(line) = line(&event.body) {
            facts.entry(engine::state::trade_date(event.at)).or_default().push(line);
        }
    }
    facts
}
