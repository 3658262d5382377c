//! Weeks of the whole and of each sleeve.

use engine::event::{Body, SleeveWeek};
use engine::state::State;
use ledger::SleeveId;
use market::value::{Money, Price};

use super::{Allocation, CourseWeek, MarketPoint, SleeveCourse, SleevePoint, is_modelled, number};
use crate::book::{Book, WeekRecord, blank};
use crate::figure::{Amount, Day, Share};
use crate::weekly::{fall, offered};
use crate::words;

/// Every closed week, and every sleeve's.
pub(super) fn weeks(book: &Book<'_>) -> (Vec<CourseWeek>, Vec<SleeveCourse>) {
    let mut walk = Walk { state: blank(book.events, &book.state.calendar).expect("a book has been folded"), place: 0 };
    let mut weeks = Vec::new();
    let mut sleeves: Vec<(SleeveId, SleeveCourse)> = Vec::new();
    for record in book.closed() {
        let Some(marks) = book.marks(record) else { continue };
        let state = walk.to(book, record.events.end);
        weeks.push(CourseWeek {
            week: record.week.to_string(),
            day: Day(marks.day.date()),
            event: number(record.marked.unwrap_or_default()),
            market: market(book, record),
            total: book.total(record),
            allocation: allocation(state),
            idle: book.sleeve_weeks(record).iter().map(|w| w.idle).sum::<Money>().into(),
        });
        for (place, close) in closes(book, record) {
            let point = point(book, record, weeks.len() - 1, place, close);
            match sleeves.iter_mut().find(|(id, _)| *id == close.sleeve) {
                Some((_, course)) => course.points.push(point),
                None => sleeves.push((close.sleeve, sleeve(book, close.sleeve, point))),
            }
        }
    }
    sleeves.sort_by_key(|(id, _)| *id);
    (weeks, sleeves.into_iter().map(|(_, course)| course).collect())
}

/// The state, taken forward.
struct Walk {
    state: State,
    place: usize,
}

impl Walk {
    fn to(&mut self, book: &Book<'_>, place: usize) -> &State {
        for event in &book.events[self.place..place] {
            self.state.apply(event).expect("these events have been folded before");
        }
        self.place = place;
        &self.state
    }
}

fn market(book: &Book<'_>, record: &WeekRecord) -> Option<MarketPoint> {
    record.events.clone().rev().find_map(|place| match &book.events[place].body {
        Body::WeekClassified { classification, .. } => Some(MarketPoint {
            event: number(place),
            class: classification.class.to_string(),
            confidence: classification.confidence.into(),
            vix: classification.evidence.vix as f64 / 100.0,
            vix_mean: classification.evidence.vix_mean as f64 / 100.0,
        }),
        _ => None,
    })
}

fn closes<'b>(book: &'b Book<'_>, record: &WeekRecord) -> impl Iterator<Item = (usize, &'b SleeveWeek)> {
    record.events.clone().filter_map(|place| match &book.events[place].body {
        Body::SleeveClosed(close) => Some((place, close)),
        _ => None,
    })
}

fn sleeve(book: &Book<'_>, id: SleeveId, first: SleevePoint) -> SleeveCourse {
    SleeveCourse {
        sleeve: id.to_string(),
        kind: id.kind.to_string(),
        structure: id.structure.0,
        target: book.policy().target.of(id.kind).into(),
        points: vec![first],
    }
}

fn point(book: &Book<'_>, record: &WeekRecord, week: usize, place: usize, close: &SleeveWeek) -> SleevePoint {
    let (mut quoted, mut modelled, mut fills) = (Money::ZERO, Money::ZERO, Vec::new());
    for at in record.events.clone() {
        let Body::Filled { sleeve, trade, fill, .. } = &book.events[at].body else { continue };
        if *sleeve != close.sleeve || (trade.writes().is_none() && trade.buys_back().is_none()) {
            continue;
        }
        *(if is_modelled(fill.origin) { &mut modelled } else { &mut quoted }) += fill.proceeds(trade);
        fills.push(number(at));
    }
    SleevePoint {
        week,
        event: number(place),
        kind: close.kind.to_string(),
        meaning: words::position(close.kind).to_owned(),
        equity: close.end.into(),
        earned: Share::of(close.gains.total(), close.start + close.flows),
        unit: close.unit as f64 / engine::sleeve::UNIT as f64,
        drawdown: fall(close.unit, close.peak),
        mark_drawdown: close.drawdown.into(),
        on_offer: offered(&book.events[record.events.clone()], close.sleeve),
        premium_quoted: quoted.into(),
        premium_modelled: modelled.into(),
        fills,
        idle: close.idle.into(),
    }
}

/// What the owner has in `state`, valued at its last marks.
fn allocation(state: &State) -> Allocation {
    let ledger = &state.ledger;
    let mid = |series| state.marks.as_ref().and_then(|m| m.mid(series)).unwrap_or(Price::ZERO);
    let close = |symbol| state.marks.as_ref().and_then(|m| m.close(symbol)).unwrap_or(Price::ZERO);
    let mut found = Allocation::default();
    let add = |to: &mut Amount, money: Money| to.0 += money;
    for id in state.sleeves.iter().map(|s| s.id) {
        let balance = ledger.balance(id);
        let secured = balance.reserved - balance.payable;
        let cash = balance.settled + balance.receivable + balance.dividends_receivable - balance.payable;
        add(&mut found.secured, secured);
        add(&mut found.cash, cash - secured);
        add(&mut found.shares, ledger.holdings(id).map(|(symbol, shares)| close(symbol).of_shares(shares)).sum());
        add(&mut found.leaps, ledger.longs(id).iter().map(|l| mid(&l.series).of_contracts(l.contracts)).sum());
        add(&mut found.written, ledger.written(id).iter().map(|w| -mid(&w.series).of_contracts(w.contracts)).sum());
    }
    for structure in &state.structures {
        add(&mut found.reserve, ledger.tax_reserve(structure.id).cash);
    }
    found
}
