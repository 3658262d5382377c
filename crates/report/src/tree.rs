//! Structures and sleeves as they stand after the last event.

use engine::event::Body;
use engine::sleeve::{ForkDue, SleeveState};
use engine::state::{State, StructureState};
use ledger::entry::Purpose;
use ledger::{SleeveId, StructureId};
use market::instrument::{Right, Series};
use market::time::{Date, Week};
use market::value::{Contracts, Money};
use serde::Serialize;

use crate::book::Book;
use crate::figure::{Amount, Share};
use crate::{story, words};

/// The whole portfolio.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tree {
    /// `history`, or `SIMULATED`.
    pub world: String,
    /// Its number.
    pub portfolio: u32,
    /// The session of the last weekly close, whose marks value everything here.
    pub as_of: Option<String>,
    /// All that the owner has: equity of all sleeves, and the tax reserves.
    pub equity: Amount,
    /// The tax reserves together.
    pub reserve: Amount,
    /// Structures that are open, each after the one that it stands under.
    pub structures: Vec<Structure>,
    /// Structures that have merged, rising by number.
    pub closed: Vec<Closed>,
}

/// One structure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Structure {
    /// Its number.
    pub structure: u32,
    /// The structure it stands under; absent for the root.
    pub parent: Option<u32>,
    /// How deep it stands: 0 for the root.
    pub depth: u32,
    /// The day on which it was founded.
    pub founded: Option<String>,
    /// Since when it merges (J-1).
    pub merging_since: Option<String>,
    /// Equity of its own sleeves.
    pub equity: Amount,
    /// Its tax reserve, which no sleeve's equity holds.
    pub reserve: Amount,
    /// Its sleeves.
    pub sleeves: Vec<Sleeve>,
}

/// A structure that merged (J-1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// Its number.
    pub structure: u32,
    /// The day on which it was founded.
    pub founded: Option<String>,
    /// The day on which it merged.
    pub merged: String,
    /// The sleeve that took it in.
    pub into: Option<String>,
    /// What its sleeves were worth then.
    pub value: Amount,
}

/// One sleeve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sleeve {
    /// Its name, `1.Gen`.
    pub sleeve: String,
    /// Equity at the last weekly close, with what the close itself moved.
    pub equity: Amount,
    /// Initial balance and later contributions (F-1).
    pub base: Amount,
    /// Equity less base (F-1).
    pub surplus: Amount,
    /// Unit value, 1 at the start.
    pub unit: f64,
    /// Fall from the highest weekly close ever.
    pub drawdown: Share,
    /// Since when new puts are locked, if they are (K-2).
    pub locked_since: Option<String>,
    /// How often the mark that K-2 uses was restarted (G-2, G-3).
    pub resets: u32,
    /// Settled cash.
    pub cash: Amount,
    /// Settled cash that is neither reserved nor collateral.
    pub free: Amount,
    /// Of it set aside for LEAPS.
    pub set_aside: Amount,
    /// The income bucket: what may be withdrawn (I-1).
    pub income: Amount,
    /// Profit that is growth and has not been reinvested yet (I-1, Q-1).
    pub growth: Amount,
    /// Losses that no profit has made up yet (I-1).
    pub deficit: Amount,
    /// What the tax reserve is still owed for want of free cash; negative where it owes.
    pub reserve_owed: Amount,
    /// The fork that is due (F-3).
    pub fork: Option<Fork>,
    /// Shares held.
    pub holdings: Vec<Holding>,
    /// Options written.
    pub shorts: Vec<Short>,
    /// LEAPS held.
    pub leaps: Vec<Leaps>,
}

/// A fork that is due and waits (F-3).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fork {
    /// The weekly close since which it is due.
    pub since: String,
    /// Weekly closes at which it waited.
    pub weeks: u64,
    /// The weekly close whose figures follow: the last at which the reasons changed.
    pub as_of: String,
    /// The surplus then.
    pub surplus: Amount,
    /// What would have moved then.
    pub moves: Amount,
    /// What more surplus it would take for each new sleeve to afford a contract.
    pub needs: Amount,
    /// By how much new entries shrink meanwhile.
    pub reserves: Amount,
    /// Why it waits.
    pub waits: Vec<String>,
    /// Dollars × weeks of idle cash that it would have moved.
    pub idle_dollar_weeks: Amount,
}

/// LEAPS of one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leaps {
    /// `MSFT 2026-01-16 $370.00 call`.
    pub series: String,
    /// How many contracts.
    pub contracts: i64,
    /// The day on which the first of them was bought.
    pub opened: String,
    /// Last day of their life.
    pub expires: String,
    /// What was paid, before fees.
    pub cost: Amount,
    /// What they are worth at mid at the last marks.
    pub value: Option<Amount>,
}

/// Shares of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Holding {
    /// Which symbol.
    pub symbol: String,
    /// How many.
    pub shares: i64,
    /// How many no call covers.
    pub uncovered: i64,
    /// Cash basis a share.
    pub basis: Option<Amount>,
    /// Close a share at the last marks.
    pub close: Option<Amount>,
    /// Value at the last marks.
    pub value: Option<Amount>,
}

/// Written options of one series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Short {
    /// `TSLA 2024-06-14 $180.00 put`.
    pub series: String,
    /// `put` or `call`.
    pub right: String,
    /// How many contracts.
    pub contracts: i64,
    /// The day on which the first of them was sold.
    pub opened: String,
    /// Last day of their life.
    pub expires: String,
    /// Premium received, before fees.
    pub premium: Amount,
    /// Cash that secures them.
    pub collateral: Amount,
}

/// Structures and sleeves with what they hold, after the last event of the journal.
#[must_use]
pub fn tree(book: &Book<'_>) -> Tree {
    let state = &book.state;
    let mut structures = Vec::new();
    below(book, None, 0, &mut structures);
    let reserve: Money = structures.iter().map(|s| s.reserve.0).sum();
    Tree {
        world: words::world(book.opened().world).to_owned(),
        portfolio: state.portfolio().0,
        as_of: state.marks.as_ref().map(|m| m.day.to_string()),
        equity: (structures.iter().map(|s| s.equity.0).sum::<Money>() + reserve).into(),
        reserve: reserve.into(),
        structures,
        closed: state.ledger.structures().filter_map(|s| closed(book, s)).collect(),
    }
}

/// The open structures under `parent`, each followed by those under it.
fn below(book: &Book<'_>, parent: Option<StructureId>, depth: u32, found: &mut Vec<Structure>) {
    for state in book.state.structures.iter().filter(|s| s.parent == parent) {
        found.push(structure(book, state, depth));
        below(book, Some(state.id), depth + 1, found);
    }
}

fn structure(book: &Book<'_>, structure: &StructureState, depth: u32) -> Structure {
    let state = &book.state;
    let own = state.sleeves.iter().filter(|s| s.id.structure == structure.id);
    let sleeves: Vec<Sleeve> = own.map(|s| sleeve(book, s)).collect();
    Structure {
        structure: structure.id.0,
        parent: structure.parent.map(|p| p.0),
        depth,
        founded: founded(book, structure.id),
        merging_since: structure.merging.map(|day| day.to_string()),
        equity: sleeves.iter().map(|s| s.equity.0).sum::<Money>().into(),
        reserve: state.ledger.tax_reserve(structure.id).cash.into(),
        sleeves,
    }
}

fn founded(book: &Book<'_>, id: StructureId) -> Option<String> {
    let place = book.events.iter().position(|event| match &event.body {
        Body::Founded { structure, .. } | Body::Forked { structure, .. } => *structure == id,
        _ => false,
    });
    place.map(|place| book.day(place).to_string())
}

fn closed(book: &Book<'_>, closed: ledger::view::Structure) -> Option<Closed> {
    let merged = closed.closed?.to_string();
    let event = book.events.iter().find_map(|event| match &event.body {
        Body::Merged { structure, into, values } if *structure == closed.id => Some((*into, values)),
        _ => None,
    });
    Some(Closed {
        structure: closed.id.0,
        founded: founded(book, closed.id),
        merged,
        into: event.map(|(into, _)| into.to_string()),
        value: event.map_or(Money::ZERO, |(_, values)| values.iter().map(|(_, value)| *value).sum()).into(),
    })
}

fn sleeve(book: &Book<'_>, beside: &SleeveState) -> Sleeve {
    let (state, id) = (&book.state, beside.id);
    let equity = state.closing_equity(id);
    Sleeve {
        sleeve: id.to_string(),
        equity: equity.into(),
        base: beside.base.into(),
        surplus: (equity - beside.base).into(),
        unit: beside.unit as f64 / engine::sleeve::UNIT as f64,
        drawdown: Share(1.0 - beside.unit as f64 / beside.peak.max(1) as f64),
        locked_since: beside.lock.map(|lock| lock.since.to_string()),
        resets: beside.resets,
        cash: state.ledger.settled_cash(id).into(),
        free: state.ledger.free_cash(id).into(),
        set_aside: state.ledger.earmark(id, Purpose::Leaps).into(),
        income: beside.profit.income.into(),
        growth: beside.profit.growth.into(),
        deficit: beside.profit.deficit.into(),
        reserve_owed: beside.reserve_owed.into(),
        fork: beside.fork.as_ref().and_then(|due| fork(book, id, due)),
        holdings: holdings(state, id),
        shorts: shorts(state, id),
        leaps: leaps(state, id),
    }
}

/// A fork that is due, with the figures that its last news gave.
fn fork(book: &Book<'_>, id: SleeveId, due: &ForkDue) -> Option<Fork> {
    let (place, division, needs) =
        book.events.iter().enumerate().rev().find_map(|(place, event)| match &event.body {
            Body::ForkDue { sleeve, division, needs, .. } if *sleeve == id => Some((place, division, *needs)),
            _ => None,
        })?;
    let since = Week::of(due.since.date());
    let waits = || book.waits.iter().filter(|w| w.sleeve == id && w.week >= since);
    Some(Fork {
        since: due.since.to_string(),
        weeks: waits().count() as u64,
        as_of: book.day(place).to_string(),
        surplus: division.surplus.into(),
        moves: division.moves.into(),
        needs: needs.into(),
        reserves: due.reserves.into(),
        waits: due.waits.iter().map(story::growth::waits_for).collect(),
        idle_dollar_weeks: waits().map(|w| w.idle).sum::<Money>().into(),
    })
}

/// The LEAPS of a sleeve, one for each series, valued at the state's last marks.
pub(crate) fn leaps(state: &State, id: SleeveId) -> Vec<Leaps> {
    let mut held: Vec<(Series, Contracts, Date, Money)> = Vec::new();
    for long in state.ledger.longs(id) {
        match held.iter_mut().find(|(series, ..)| *series == long.series) {
            None => held.push((long.series, long.contracts, long.opened, long.cost)),
            Some((_, contracts, _, cost)) => (*contracts, *cost) = (*contracts + long.contracts, *cost + long.cost),
        }
    }
    let shown = held.into_iter().map(|(series, contracts, opened, cost)| Leaps {
        series: series.to_string(),
        contracts: contracts.0,
        opened: opened.to_string(),
        expires: series.expiration.to_string(),
        cost: cost.into(),
        value: state.marks.as_ref().and_then(|m| m.mid(&series)).map(|mid| mid.of_contracts(contracts).into()),
    });
    shown.collect()
}

/// The shares of a sleeve, valued at the state's last marks.
pub(crate) fn holdings(state: &State, id: SleeveId) -> Vec<Holding> {
    let held = state.ledger.holdings(id).map(|(symbol, shares)| {
        let close = state.marks.as_ref().and_then(|m| m.close(symbol));
        Holding {
            symbol: symbol.to_string(),
            shares: shares.0,
            uncovered: state.ledger.uncovered_shares(id, symbol).0,
            basis: basis(state, id, symbol).map(Amount::from),
            close: close.map(Amount::from),
            value: close.map(|c| c.of_shares(shares).into()),
        }
    });
    held.collect()
}

/// Cash basis a share, rounded up to the ten-thousandth.
fn basis(state: &State, id: SleeveId, symbol: market::instrument::Symbol) -> Option<market::value::Price> {
    let (total, shares) = state.ledger.cash_basis(id, symbol)?;
    let units = -((-total.units()).div_euclid(shares.0.max(1)));
    Some(market::value::Price::from_units(units))
}

/// The written options of a sleeve.
pub(crate) fn shorts(state: &State, id: SleeveId) -> Vec<Short> {
    let written = state.ledger.shorts(id).map(|short| Short {
        series: short.series.to_string(),
        right: short.series.right.to_string(),
        contracts: short.contracts.0,
        opened: short.opened.to_string(),
        expires: short.series.expiration.to_string(),
        premium: short.premium.into(),
        collateral: match short.series.right {
            Right::Put => short.series.strike.of_contracts(short.contracts).into(),
            Right::Call => Amount::default(),
        },
    });
    written.collect()
}
