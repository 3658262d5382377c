//! Structures and sleeves as they stand after the last event.

use engine::state::State;
use ledger::{SleeveId, StructureId};
use market::instrument::Right;
use serde::Serialize;

use crate::book::Book;
use crate::figure::{Amount, Share};
use crate::words;

/// The whole portfolio.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tree {
    /// `history`, or `SIMULATED`.
    pub world: String,
    /// Its number.
    pub portfolio: u32,
    /// The session of the last weekly close, whose marks value everything here.
    pub as_of: Option<String>,
    /// Equity of all sleeves at that close.
    pub equity: Amount,
    /// Structures, rising by number.
    pub structures: Vec<Structure>,
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
    /// Equity of its own sleeves.
    pub equity: Amount,
    /// Its sleeves.
    pub sleeves: Vec<Sleeve>,
}

/// One sleeve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sleeve {
    /// Its name, `1.Gen`.
    pub sleeve: String,
    /// Equity at the last weekly close.
    pub equity: Amount,
    /// Initial balance and later contributions (F-1).
    pub base: Amount,
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
    /// Shares held.
    pub holdings: Vec<Holding>,
    /// Options written.
    pub shorts: Vec<Short>,
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
    let ids: Vec<(StructureId, Option<StructureId>)> = state.ledger.structures().map(|s| (s.id, s.parent)).collect();
    let structures: Vec<Structure> = ids.iter().map(|(id, parent)| structure(state, &ids, *id, *parent)).collect();
    Tree {
        world: words::world(book.opened().world).to_owned(),
        portfolio: state.portfolio().0,
        as_of: state.marks.as_ref().map(|m| m.day.to_string()),
        equity: structures.iter().map(|s| s.equity.0).sum::<market::value::Money>().into(),
        structures,
    }
}

fn structure(
    state: &State,
    all: &[(StructureId, Option<StructureId>)],
    id: StructureId,
    parent: Option<StructureId>,
) -> Structure {
    let above = |id: StructureId| all.iter().find(|(s, _)| *s == id).and_then(|(_, parent)| *parent);
    let depth = std::iter::successors(parent, |p| above(*p)).take(all.len()).count();
    let sleeves: Vec<Sleeve> =
        state.sleeves.iter().filter(|s| s.id.structure == id).map(|s| sleeve(state, s.id)).collect();
    Structure {
        structure: id.0,
        parent: parent.map(|p| p.0),
        depth: u32::try_from(depth).unwrap_or(u32::MAX),
        equity: sleeves.iter().map(|s| s.equity.0).sum::<market::value::Money>().into(),
        sleeves,
    }
}

fn sleeve(state: &State, id: SleeveId) -> Sleeve {
    let beside = state.sleeve(id).expect("the sleeve comes from the state's own list");
    Sleeve {
        sleeve: id.to_string(),
        equity: beside.start.into(),
        base: beside.base.into(),
        unit: beside.unit as f64 / engine::sleeve::UNIT as f64,
        drawdown: Share(1.0 - beside.unit as f64 / beside.peak.max(1) as f64),
        locked_since: beside.lock.map(|lock| lock.since.to_string()),
        resets: beside.resets,
        cash: state.ledger.settled_cash(id).into(),
        free: state.ledger.free_cash(id).into(),
        holdings: holdings(state, id),
        shorts: shorts(state, id),
    }
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
