//! J-1: a mature structure folds back into its parent's Com.

use ledger::{SleeveId, SleeveKind, StructureId};
use market::instrument::{Series, Symbol};
use market::value::{Contracts, Money, Shares};

use crate::leaps::LongLine;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::view::SleeveView;

/// A structure as J-1 weighs it at a weekly close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructureTotal {
    /// Which structure.
    pub id: StructureId,
    /// Its parent; the root has none.
    pub parent: Option<StructureId>,
    /// Equity of its own sleeves: neither its children's nor its tax reserve.
    pub total: Money,
}

/// A sleeve of a merging structure with what it holds.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Its shares and short options.
    pub view: &'a SleeveView,
    /// Its LEAPS.
    pub leaps: &'a [LongLine],
}

/// One thing that a merge has to do, in the order in which it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeStep {
    /// Buys a short option back at the next session.
    BuyBack {
        /// Whose.
        sleeve: SleeveId,
        /// Which option.
        series: Series,
        /// All of them.
        contracts: Contracts,
    },
    /// Sells shares that Com does not trade.
    SellShares {
        /// Whose.
        sleeve: SleeveId,
        /// Which.
        symbol: Symbol,
        /// All of them, odd lots too.
        shares: Shares,
    },
    /// Sells LEAPS that Com does not trade.
    SellLeaps {
        /// Whose.
        sleeve: SleeveId,
        /// Which.
        series: Series,
        /// All of them.
        contracts: Contracts,
    },
    /// Moves everything that is left, as one entry: cash as cash, shares and LEAPS in kind with their lots; the tax
    /// reserve to the parent's; children up to the parent. The structure is closed, its income bucket is growth.
    Move {
        /// The structure that merges.
        from: StructureId,
        /// The parent's Com.
        into: SleeveId,
    },
}

/// Whether a structure begins to merge: forked, and its own sleeves have reached the limit. Without J-1 none does.
#[must_use]
pub fn merges(policy: &Policy, structure: &StructureTotal) -> bool {
    structure.parent.is_some() && structure.total >= policy.merge.size && !policy.is_off(Rule::J1)
}

/// What a merge still has to do. The last step is always the move; when it is the only one, the structure is ready.
/// A merge that has begun is completed whatever its total, and enters nothing new meanwhile.
#[must_use]
pub fn merge_steps(policy: &Policy, from: StructureId, parent: StructureId, members: &[Member<'_>]) -> Vec<MergeStep> {
    let foreign = |symbol: Symbol| !policy.universe.of(SleeveKind::Compounding).contains(symbol);
    let mut steps = Vec::new();
    for Member { view, .. } in members {
        let back =
            |s: &crate::view::Short| MergeStep::BuyBack { sleeve: view.id, series: s.series, contracts: s.contracts };
        steps.extend(view.shorts.iter().map(back));
    }
    for Member { view, leaps } in members {
        let sleeve = view.id;
        let held = view.holdings.iter().filter(|h| h.shares > Shares(0) && foreign(h.symbol));
        steps.extend(held.map(|h| MergeStep::SellShares { sleeve, symbol: h.symbol, shares: h.shares }));
        let long = leaps.iter().filter(|line| foreign(line.series.underlying));
        steps.extend(long.map(|l| MergeStep::SellLeaps { sleeve, series: l.series, contracts: l.contracts }));
    }
    steps.push(MergeStep::Move { from, into: SleeveId::new(parent, SleeveKind::Compounding) });
    steps
}

/// C-7: the order in which structures merge: the deepest first, so that a child that merges together with its parent
/// goes first; equally deep ones by id. A structure whose parent is not in the list counts as a root.
#[must_use]
pub fn merge_order(structures: &[(StructureId, Option<StructureId>)]) -> Vec<StructureId> {
    let mut by_id = structures.to_vec();
    by_id.sort_unstable();
    let parent = |id: StructureId| by_id.binary_search_by_key(&id, |(other, _)| *other).ok().and_then(|at| by_id[at].1);
    let depth = |id: StructureId| {
        let above = std::iter::successors(parent(id), |id| parent(*id));
        above.take(structures.len()).count()
    };
    let mut order: Vec<_> = structures.iter().map(|(id, _)| (std::cmp::Reverse(depth(*id)), *id)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, id)| id).collect()
}
