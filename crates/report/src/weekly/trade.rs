//! What was traded, what was left, and how positions fared.

use engine::event::{Body, TypedPosition};
use ledger::SleeveId;
use market::instrument::Right;
use market::order::OrderId;
use market::value::Money;
use protocol::plan::Verdict;
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;
use protocol::position::PositionType;

use super::{PositionWeek, Trade};
use crate::book::{Book, WeekRecord};
use crate::figure::{Amount, Share};
use crate::{story, words};

/// The trade, expiration or assignment at `place`, if there is one; of a cross, what each of its two sleeves did.
#[must_use]
pub fn trades(book: &Book<'_>, place: usize) -> Vec<Trade> {
    let Body::Crossed(crossing) = &book.events[place].body else { return trade(book, place).into_iter().collect() };
    let line = story::lines(book, place).into_iter().next();
    let side = |(sleeve, what, cash, order): (SleeveId, &str, Money, OrderId)| {
        let line = line.as_ref()?;
        Some(Trade {
            day: book.day(place).to_string(),
            sleeve: sleeve.to_string(),
            what: what.to_owned(),
            series: crossing.series.to_string(),
            contracts: crossing.contracts.0,
            price: crossing.price.into(),
            cash: cash.into(),
            fees: Amount::default(),
            origin: Some(words::origin(crossing.origin).to_owned()),
            order: Some(order.to_string()),
            rules: line.rules.iter().map(|r| r.id().to_owned()).collect(),
            event: place as u64 + 1,
            sentence: line.text.clone(),
        })
    };
    let gives = (crossing.from, "crossed out", -crossing.paid(), crossing.close);
    let takes = (crossing.to, "crossed in", crossing.paid(), crossing.open);
    [gives, takes].into_iter().filter_map(side).collect()
}

fn trade(book: &Book<'_>, place: usize) -> Option<Trade> {
    let blank = |sleeve: SleeveId, what: &str, series: String, units: i64| {
        let line = story::lines(book, place).into_iter().next()?;
        Some(Trade {
            day: book.day(place).to_string(),
            sleeve: sleeve.to_string(),
            what: what.to_owned(),
            series,
            contracts: units,
            price: Amount::default(),
            cash: Amount::default(),
            fees: Amount::default(),
            origin: None,
            order: None,
            rules: line.rules.iter().map(|r| r.id().to_owned()).collect(),
            event: place as u64 + 1,
            sentence: line.text,
        })
    };
    match &book.events[place].body {
        Body::Filled { sleeve, trade, fill, .. } => {
            let price = fill.sold.map_or(fill.price, |s| s.price - fill.price);
            Some(Trade {
                price: price.into(),
                cash: (fill.proceeds(trade) - fill.all_fees()).into(),
                fees: fill.all_fees().into(),
                origin: Some(words::origin(fill.origin).to_owned()),
                order: Some(fill.order.to_string()),
                ..blank(*sleeve, done(trade), named(trade), fill.units)?
            })
        }
        Body::Expired { sleeve, series, contracts, close } => {
            Some(Trade { price: (*close).into(), ..blank(*sleeve, "expired", series.to_string(), contracts.0)? })
        }
        Body::LongEnded { sleeve, series, contracts, close, fees, settles } => {
            let (what, cash) = match settles {
                Some(_) => ("exercised", -(series.strike.of_contracts(*contracts) + *fees)),
                None => ("expired", Money::ZERO),
            };
            let trade = blank(*sleeve, what, series.to_string(), contracts.0)?;
            Some(Trade { price: (*close).into(), cash: cash.into(), fees: (*fees).into(), ..trade })
        }
        Body::Assigned { sleeve, series, contracts, close, fees, .. } => {
            let value = series.strike.of_contracts(*contracts);
            let (what, cash) = match series.right {
                Right::Put => ("assigned", -(value + *fees)),
                Right::Call => ("called away", value - *fees),
            };
            let trade = blank(*sleeve, what, series.to_string(), contracts.0)?;
            Some(Trade { price: (*close).into(), cash: cash.into(), fees: (*fees).into(), ..trade })
        }
        _ => None,
    }
}

/// What was done.
const fn done(trade: &market::order::Trade) -> &'static str {
    use market::order::{Action, Trade};
    match trade {
        Trade::Option { action: Action::SellToOpen | Action::SellToClose, .. } | Trade::SellShares { .. } => "sold",
        Trade::Option { action: Action::BuyToClose, .. } => "bought back",
        Trade::Option { action: Action::BuyToOpen, .. } => "bought",
        Trade::Roll { .. } => "rolled",
    }
}

/// What it was done to: a series, of a roll the one that was written, or shares.
fn named(trade: &market::order::Trade) -> String {
    use market::order::Trade;
    match trade {
        Trade::Option { series, .. } | Trade::Roll { open: series, .. } => series.to_string(),
        Trade::SellShares { symbol, .. } => format!("{symbol} shares"),
    }
}

/// Every candidate that was left and every order that was refused, as sentences with their rules.
pub(super) fn left(book: &Book<'_>, record: &WeekRecord) -> Vec<String> {
    let places = record.events.clone().filter(|place| match &book.events[*place].body {
        Body::Planned(plan) => plan.candidates.iter().any(|c| matches!(c.verdict, Verdict::Leave(_))),
        Body::OrderRefused { .. } | Body::OrderEnded { .. } => true,
        _ => false,
    });
    let lines = places.flat_map(|place| story::lines(book, place));
    lines.filter(|line| line.symbol.is_some()).map(|line| line.to_string()).collect()
}

pub(super) fn positions(book: &Book<'_>, record: &WeekRecord) -> Vec<PositionWeek> {
    let typed = book.events[record.events.clone()].iter().filter_map(|event| match &event.body {
        Body::PositionTyped(typed) => Some(position(book.policy(), typed)),
        _ => None,
    });
    typed.collect()
}

fn position(policy: &Policy, typed: &TypedPosition) -> PositionWeek {
    let (low, high) = reference(policy, typed.kind);
    PositionWeek {
        sleeve: typed.sleeve.to_string(),
        symbol: typed.symbol.to_string(),
        what: if typed.right == Right::Put { "put" } else { "shares" }.to_owned(),
        kind: typed.kind.to_string(),
        price: typed.price.into(),
        reference: typed.reference.into(),
        change: typed.change.into(),
        gain: typed.gain.into(),
        earned: Share::of(typed.gain, typed.capital),
        reference_range: (low.into(), high.into()),
    }
}

/// The authors' range of weekly returns for a type (W).
#[must_use]
pub fn reference(policy: &Policy, kind: PositionType) -> (Ppm, Ppm) {
    let r = &policy.reference;
    let span = match kind {
        PositionType::PutExpired => r.p_ew,
        PositionType::PutWithinLimit => r.p_awl,
        PositionType::PutRolled => r.p_ro,
        PositionType::PutOverLimit => r.p_aol,
        PositionType::PutDeep => r.p_dd,
        PositionType::CallAppreciation => r.c_wap,
        PositionType::CallStrong => r.c_wap_plus,
        PositionType::CallPremium => r.c_pno,
        PositionType::CallRolled => r.c_ro,
        PositionType::CallRecovery => r.c_rec,
        PositionType::Idle => r.w_idl,
    };
    (span.low, span.high)
}
