//! Growth of the tree: when a Gen sleeve founds a structure (F-1 to F-4), and when a structure folds back (J-1).
//!
//! Both are judged at each weekly close, merges first ([`merge_order`]), then forks ([`fork_order`]). What is decided
//! here moves no money: a verdict carries every figure that the books need to do it in one entry.

mod merge;

use ledger::{SleeveKind, StructureId};
use market::instrument::{Right, Symbol};
use market::quote::{Board, Delta};
use market::time::Expiration;
use market::value::{MULTIPLIER, Money, Price, UNITS_PER_CENT};

use crate::entry::put_strike;
use crate::policy::Policy;
use crate::policy::unit::Ppm;
use crate::rule::Rule;

pub use merge::{Member, MergeStep, StructureTotal, merge_order, merge_steps, merges};

/// A Gen sleeve as a fork sees it at a weekly close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForkState {
    /// Cash + shares + options at mid.
    pub equity: Money,
    /// Initial balance plus later contributions, as earlier forks have moved it.
    pub base: Money,
    /// Settled cash less collateral, order reservations and buffer.
    pub free_cash: Money,
    /// The same with the buffer.
    pub unreserved: Money,
    /// Whether new puts are locked (K-2).
    pub locked: bool,
    /// Whether the sleeve is in capital preservation (GBR-4).
    pub preserving: bool,
    /// Whether its structure is merging (J-1).
    pub merging: bool,
    /// What the cheapest contract of the new sleeves costs ([`cheapest_contract`]).
    pub contract: ContractCosts,
}

/// What the cheapest contract costs in each of the two sleeves that a fork founds; absent where nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContractCosts {
    /// In Gen's universe.
    pub generation: Option<Money>,
    /// In Com's universe.
    pub compounding: Option<Money>,
}

/// A surplus divided (F-2). The parts sum to the surplus exactly; what leaves is whole cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Equity less base.
    pub surplus: Money,
    /// What stays in the sleeve.
    pub stays: Money,
    /// What leaves it.
    pub moves: Money,
    /// What founds the new Gen.
    pub generation: Money,
    /// What founds the new Com.
    pub compounding: Money,
}

/// Why a fork that is due is not executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForkWait {
    /// New puts are locked (K-2).
    Locked,
    /// The sleeve is in capital preservation (G-1).
    Preserving,
    /// The structure is merging (J-1).
    Merging,
    /// Too little cash is free.
    FreeCash {
        /// What is free.
        free: Money,
        /// What more it would take.
        short: Money,
    },
    /// A new sleeve could not afford its cheapest contract.
    Contract {
        /// Which of the two.
        kind: SleeveKind,
        /// Collateral of that contract.
        cost: Money,
        /// What of the new sleeve may cover it.
        covers: Money,
    },
    /// Nothing is known of what a contract costs.
    ContractUnknown {
        /// In which of the two.
        kind: SleeveKind,
    },
}

/// What a weekly close decides of one Gen sleeve's fork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForkVerdict {
    /// The surplus does not reach the limit.
    NotDue {
        /// Equity less base.
        surplus: Money,
        /// What more it would take.
        short: Money,
    },
    /// Due, and waiting.
    Due {
        /// What would be moved today.
        division: Division,
        /// Why it waits, in the order of [`ForkWait`]; never empty.
        waits: Vec<ForkWait>,
        /// By how much new entries shrink meanwhile.
        reserves: Money,
        /// What more surplus it would take for each new sleeve to afford a contract; zero if that is not the reason.
        needs: Money,
    },
    /// To be executed at this close, as one entry.
    Execute {
        /// What is moved.
        division: Division,
        /// The sleeve's base from now on.
        base: Money,
    },
}

impl ForkWait {
    /// The rule that makes it wait.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            ForkWait::Locked | ForkWait::Preserving | ForkWait::Merging => Rule::F4,
            ForkWait::FreeCash { .. } | ForkWait::Contract { .. } | ForkWait::ContractUnknown { .. } => Rule::F3,
        }
    }
}

impl ForkVerdict {
    /// The rules that decided, in the order in which they were asked.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        match self {
            ForkVerdict::NotDue { .. } => vec![Rule::F1],
            ForkVerdict::Execute { .. } => vec![Rule::F1, Rule::F2, Rule::F3, Rule::F4],
            ForkVerdict::Due { waits, .. } => {
                let mut rules = vec![Rule::F1, Rule::F2];
                rules.extend([Rule::F3, Rule::F4].into_iter().filter(|rule| waits.iter().any(|w| w.rule() == *rule)));
                rules
            }
        }
    }

    /// By how much new entries of the sleeve shrink until the next close.
    #[must_use]
    pub const fn reserves(&self) -> Money {
        match self {
            ForkVerdict::Due { reserves, .. } => *reserves,
            ForkVerdict::NotDue { .. } | ForkVerdict::Execute { .. } => Money::ZERO,
        }
    }
}

/// F-1: what a sleeve has above its base; below zero where it has lost.
#[must_use]
pub fn surplus(equity: Money, base: Money) -> Money {
    equity - base
}

/// F-2: half stays, the other half is rounded down to the cent and leaves, itself half to Gen and half to Com; its odd
/// cent goes to Gen. Without F-2 nothing stays.
#[must_use]
pub fn divide(policy: &Policy, surplus: Money) -> Division {
    let moves = leaving(policy).of(surplus).floor_cents();
    let compounding = policy.fork.to_gen.rest().of(moves).floor_cents();
    Division { surplus, stays: surplus - moves, moves, generation: moves - compounding, compounding }
}

/// Decides one Gen sleeve's fork at a weekly close (F-1 to F-4). Without F-1 no fork falls due; without F-3 it takes
/// whatever cash is not reserved, asks for no contract and shrinks no entry; without F-4 it leaves a locked sleeve too.
#[must_use]
pub fn fork(policy: &Policy, state: &ForkState) -> ForkVerdict {
    let surplus = surplus(state.equity, state.base);
    if policy.is_off(Rule::F1) || surplus < policy.fork.surplus {
        return ForkVerdict::NotDue { surplus, short: (policy.fork.surplus - surplus).max(Money::ZERO) };
    }
    let division = divide(policy, surplus);
    let waits = waits(policy, state, &division);
    if waits.is_empty() {
        return ForkVerdict::Execute { division, base: rebased(policy, state.base, &division) };
    }
    let barred = waits.iter().any(|wait| wait.rule() == Rule::F4);
    let cash = waits.iter().any(|wait| matches!(wait, ForkWait::FreeCash { .. }));
    let reserves = if cash && !barred && !policy.is_off(Rule::F3) { division.moves } else { Money::ZERO };
    let poor = waits.iter().any(|wait| matches!(wait, ForkWait::Contract { .. }));
    let enough = if poor { least_surplus(policy, state.contract) } else { surplus };
    ForkVerdict::Due { division, waits, reserves, needs: enough - surplus }
}

/// F-2: base after a fork: the part that stays is added to it, if `fork.rebase` says so.
#[must_use]
pub fn rebased(policy: &Policy, base: Money, division: &Division) -> Money {
    if policy.fork.rebase { base + division.stays } else { base }
}

/// F-3: what the cheapest contract of a new sleeve costs: 100 × the lowest strike that E-4 would choose in its universe
/// in a Green week or, where no quotes are at hand, 100 × the lowest price. `None` if neither is known. `expiration`
/// gives what each symbol would sell (E-2).
#[must_use]
pub fn cheapest_contract(
    policy: &Policy,
    kind: SleeveKind,
    board: &Board,
    expiration: impl Fn(Symbol) -> Option<Expiration>,
) -> Option<Money> {
    let shift = if policy.is_off(Rule::M6) { Delta(0) } else { policy.band.shift_green };
    let floor = if policy.is_off(Rule::E1) { Delta(0) } else { policy.band.floor };
    let band = policy.band.of(kind).shifted(shift, floor);
    let symbols = || policy.universe.of(kind).0.iter().copied();
    let strike = |symbol| {
        let chain = board.chain(symbol, expiration(symbol)?, Right::Put)?;
        put_strike(policy, chain, band).ok().map(|quote| quote.strike)
    };
    let lowest = symbols().filter_map(strike).min();
    let close = || symbols().filter_map(|symbol| board.underlying(symbol)).map(|known| known.price).min();
    lowest.or_else(close).map(|price: Price| price.times(MULTIPLIER))
}

/// C-8: the order in which structures fork: the root first, then by id.
#[must_use]
pub fn fork_order(structures: &[(StructureId, Option<StructureId>)]) -> Vec<StructureId> {
    let mut order: Vec<_> = structures.iter().map(|(id, parent)| (parent.is_some(), *id)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, id)| id).collect()
}

/// The share of a surplus that leaves.
fn leaving(policy: &Policy) -> Ppm {
    if policy.is_off(Rule::F2) { Ppm::ONE } else { policy.fork.keep.rest() }
}

fn waits(policy: &Policy, state: &ForkState, division: &Division) -> Vec<ForkWait> {
    let mut waits = Vec::new();
    if !policy.is_off(Rule::F4) {
        let barred = [
            (state.locked, ForkWait::Locked),
            (state.preserving, ForkWait::Preserving),
            (state.merging, ForkWait::Merging),
        ];
        waits.extend(barred.into_iter().filter(|(bars, _)| *bars).map(|(_, wait)| wait));
    }
    let free = if policy.is_off(Rule::F3) { state.unreserved } else { state.free_cash };
    if free < division.moves {
        waits.push(ForkWait::FreeCash { free, short: division.moves - free });
    }
    if policy.fork.wait_for_contract && !policy.is_off(Rule::F3) {
        let parts = [
            (SleeveKind::Generation, division.generation, state.contract.generation),
            (SleeveKind::Compounding, division.compounding, state.contract.compounding),
        ];
        let founded = parts.into_iter().filter(|(_, part, _)| part.is_positive());
        waits.extend(founded.filter_map(|(kind, part, cost)| poor(policy, kind, part, cost)));
    }
    waits
}

/// Why a new sleeve of `part` could not trade.
fn poor(policy: &Policy, kind: SleeveKind, part: Money, cost: Option<Money>) -> Option<ForkWait> {
    let Some(cost) = cost else { return Some(ForkWait::ContractUnknown { kind }) };
    let covers = policy.fork.wait_cover.of(part);
    (covers < cost).then_some(ForkWait::Contract { kind, cost, covers })
}

/// The smallest surplus whose division lets both new sleeves afford a contract, as far as costs are known.
fn least_surplus(policy: &Policy, costs: ContractCosts) -> Money {
    // Com's part is rounded down and Gen has the rest: com = floor(c × moves), gen = ceil(g × moves), in cents.
    let least = |cost: Money| {
        Money::from_units(divided_up(cost.units(), policy.fork.wait_cover)).ceil_cents().units() / UNITS_PER_CENT
    };
    let (to_gen, to_com) = (policy.fork.to_gen, policy.fork.to_gen.rest());
    let asked = |cost: Option<Money>, share: Ppm| cost.filter(|_| share != Ppm::ZERO);
    let for_com = asked(costs.compounding, to_com).map_or(0, |cost| divided_up(least(cost), to_com));
    let for_gen = asked(costs.generation, to_gen).map_or(0, |cost| divided_down(least(cost) - 1, to_gen) + 1);
    let moves = Money::cents(for_com.max(for_gen));
    Money::from_units(divided_up(moves.units(), leaving(policy)))
}

/// n / share, rounded down.
fn divided_down(n: i64, share: Ppm) -> i64 {
    let product = i128::from(n) * i128::from(Ppm::WHOLE);
    i64::try_from(product.div_euclid(i128::from(share.0))).expect("money overflow")
}

/// n / share, rounded up.
fn divided_up(n: i64, share: Ppm) -> i64 {
    -divided_down(-n, share)
}
