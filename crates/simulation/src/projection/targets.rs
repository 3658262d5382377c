//! V-1: every sleeve compounds at its target, week by week, and the weekly close does what it does when trading.

use ledger::{SleeveKind, StructureId};
use market::value::Money;
use protocol::growth::{self, ContractCosts, Division, ForkState, ForkVerdict, StructureTotal};
use protocol::income::{self, ProfitAccount, Purse, YearProfit};
use protocol::policy::Policy;
use protocol::policy::unit::Ppm;

use super::{ProjectionError, Quality, parts, projected};

const ROOT: StructureId = StructureId(1);

/// The portfolio at the end of one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetYear {
    /// Years since the deposit.
    pub year: u32,
    /// Equity of all sleeves of each kind: Gen, Rev, Com.
    pub equity: [Money; 3],
    /// Income not withdrawn: the sum of all buckets (I-1).
    pub income: Money,
    /// Income paid out since the deposit (I-2).
    pub paid: Money,
    /// Structures that are open.
    pub structures: u32,
    /// Forks since the deposit.
    pub forks: u32,
    /// Merges since the deposit.
    pub merges: u32,
}

impl TargetYear {
    /// Equity of all sleeves.
    #[must_use]
    pub fn total(&self) -> Money {
        self.equity.into_iter().sum()
    }
}

/// What V-1 comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// How good all its years are.
    pub quality: Quality,
    /// The year of the deposit, year 0, and each one after it.
    pub years: Vec<TargetYear>,
    /// The week of the first fork, counted from 1.
    pub first_fork: Option<u32>,
    /// The week of the first merge.
    pub first_merge: Option<u32>,
}

impl Projection {
    /// The last year.
    #[must_use]
    pub fn last(&self) -> &TargetYear {
        self.years.last().expect("year 0 is always there")
    }
}

/// Projects `deposit` over `years` of one quality at the targets of A-4 (V-1): before tax, no fork waits for a
/// contract, income kept or withdrawn as the policy says.
///
/// # Errors
/// [`ProjectionError::Deposit`] if there is nothing to project.
pub fn at_targets(
    policy: &Policy,
    deposit: Money,
    years: u32,
    quality: Quality,
) -> Result<Projection, ProjectionError> {
    let policy = projected(policy);
    let mut tree = Tree::founded(&policy, parts(&policy, deposit)?);
    let mut projection = Projection { quality, years: vec![tree.year(0)], first_fork: None, first_merge: None };
    let mut week = 0;
    for year in 1..=years {
        for _ in 0..policy.target.weeks_per_year {
            week += 1;
            tree.week(quality.factor(&policy));
            if tree.forks > 0 {
                projection.first_fork.get_or_insert(week);
            }
            if tree.merges > 0 {
                projection.first_merge.get_or_insert(week);
            }
        }
        projection.years.push(tree.year(year));
    }
    Ok(projection)
}

#[derive(Clone, Copy, Default)]
struct Sleeve {
    equity: Money,
    base: Money,
    account: ProfitAccount,
}

impl Sleeve {
    fn founded(money: Money) -> Sleeve {
        Sleeve { equity: money, base: money, account: ProfitAccount::default() }
    }

    fn buffer(&self, policy: &Policy) -> Money {
        policy.buffer.share.of(self.equity)
    }
}

struct Structure {
    id: StructureId,
    parent: Option<StructureId>,
    generation: Sleeve,
    revenue: Option<Sleeve>,
    compounding: Sleeve,
}

impl Structure {
    fn sleeves(&self) -> impl Iterator<Item = (SleeveKind, &Sleeve)> {
        let revenue = self.revenue.as_ref().map(|sleeve| (SleeveKind::Revenue, sleeve));
        let others = [(SleeveKind::Generation, &self.generation), (SleeveKind::Compounding, &self.compounding)];
        others.into_iter().chain(revenue)
    }

    fn sleeves_mut(&mut self) -> impl Iterator<Item = (SleeveKind, &mut Sleeve)> {
        let revenue = self.revenue.as_mut().map(|sleeve| (SleeveKind::Revenue, sleeve));
        let others = [(SleeveKind::Generation, &mut self.generation), (SleeveKind::Compounding, &mut self.compounding)];
        others.into_iter().chain(revenue)
    }

    fn total(&self) -> StructureTotal {
        let total = self.sleeves().map(|(_, sleeve)| sleeve.equity).sum();
        StructureTotal { id: self.id, parent: self.parent, total }
    }
}

/// The open structures, rising by id.
struct Tree<'a> {
    policy: &'a Policy,
    structures: Vec<Structure>,
    founded: u32,
    paid: Money,
    forks: u32,
    merges: u32,
}

impl<'a> Tree<'a> {
    fn founded(policy: &'a Policy, parts: [Money; 3]) -> Tree<'a> {
        let [generation, revenue, compounding] = parts.map(Sleeve::founded);
        let root = Structure { id: ROOT, parent: None, generation, revenue: Some(revenue), compounding };
        Tree { policy, structures: vec![root], founded: ROOT.0, paid: Money::ZERO, forks: 0, merges: 0 }
    }

    fn year(&self, year: u32) -> TargetYear {
        let mut equity = [Money::ZERO; 3];
        let mut income = Money::ZERO;
        for (kind, sleeve) in self.structures.iter().flat_map(Structure::sleeves) {
            equity[kind as usize] += sleeve.equity;
            income += sleeve.account.income;
        }
        let structures = self.structures.len() as u32;
        TargetYear { year, equity, income, paid: self.paid, structures, forks: self.forks, merges: self.merges }
    }

    fn week(&mut self, factor: Ppm) {
        for structure in &mut self.structures {
            for (kind, sleeve) in structure.sleeves_mut() {
                self.paid += earn(self.policy, kind, sleeve, factor);
            }
        }
        if self.structures.iter().any(|s| growth::merges(self.policy, &s.total())) {
            self.merge();
        }
        self.fork();
    }

    fn index(&self, id: StructureId) -> Option<usize> {
        self.structures.binary_search_by_key(&id, |s| s.id).ok()
    }

    fn links(&self) -> Vec<(StructureId, Option<StructureId>)> {
        self.structures.iter().map(|s| (s.id, s.parent)).collect()
    }

    /// C-7: the deepest first.
    fn merge(&mut self) {
        for id in growth::merge_order(&self.links()) {
            let Some(at) = self.index(id) else { continue };
            let total = self.structures[at].total();
            let Some(into) = total.parent.and_then(|parent| self.index(parent)) else { continue };
            if growth::merges(self.policy, &total) {
                let compounding = &mut self.structures[into].compounding;
                compounding.equity += total.total;
                self.structures.remove(at);
                self.structures.iter_mut().filter(|s| s.parent == Some(id)).for_each(|s| s.parent = total.parent);
                self.merges += 1;
            }
        }
    }

    /// C-8: the root first, then by id.
    fn fork(&mut self) {
        for id in growth::fork_order(&self.links()) {
            let Some(at) = self.index(id) else { continue };
            let sleeve = &mut self.structures[at].generation;
            let state = ForkState {
                equity: sleeve.equity,
                base: sleeve.base,
                free_cash: sleeve.equity - sleeve.buffer(self.policy),
                unreserved: sleeve.equity,
                locked: false,
                preserving: false,
                merging: false,
                contract: ContractCosts::default(),
            };
            if let ForkVerdict::Execute { division, base } = growth::fork(self.policy, &state) {
                sleeve.equity -= division.moves;
                sleeve.base = base;
                sleeve.account = sleeve.account.forked(self.policy, division.moves);
                self.found(id, &division);
            }
        }
    }

    fn found(&mut self, parent: StructureId, division: &Division) {
        self.founded += 1;
        self.forks += 1;
        let [generation, compounding] = [division.generation, division.compounding].map(Sleeve::founded);
        let id = StructureId(self.founded);
        self.structures.push(Structure { id, parent: Some(parent), generation, revenue: None, compounding });
    }
}

/// A week's compounding and C-4 of one sleeve; what it pays out.
fn earn(policy: &Policy, kind: SleeveKind, sleeve: &mut Sleeve, factor: Ppm) -> Money {
    let profit = sleeve.equity.fraction(policy.target.of(kind).0 * factor.0, Ppm::WHOLE * Ppm::WHOLE);
    sleeve.equity += profit;
    let realised = YearProfit { year: 0, realised: profit };
    sleeve.account = income::close(policy, kind, &sleeve.account, &[realised]).account;
    let purse = Purse {
        kind,
        income: sleeve.account.income,
        equity: sleeve.equity,
        base: sleeve.base,
        free_cash: sleeve.equity - sleeve.buffer(policy),
        locked: false,
    };
    let paid = income::payout(policy, &purse);
    sleeve.equity -= paid;
    sleeve.account = sleeve.account.withdrawn(paid);
    paid
}
