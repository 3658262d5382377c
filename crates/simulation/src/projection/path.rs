//! One path of V-2: the tree of structures in floats, a column for each figure, kept from path to path.
//!
//! The rules are those of `protocol::growth` and `protocol::income`, which V-1 calls; a test holds both together. Where
//! those round to the cent each week, this rounds only what a fork moves.

use ledger::SleeveKind;
use market::value::UNITS_PER_DOLLAR;
use protocol::income::{income_policy, income_share};
use protocol::policy::{IncomePolicy, Policy};
use protocol::rule::Rule;

/// The keys that a path asks for, in dollars and fractions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    /// Surplus at which a fork falls due.
    fork_at: f64,
    /// Share of it that leaves.
    leaves: f64,
    /// Share of that which founds the new Com.
    to_com: f64,
    rebase: bool,
    /// Share of a Gen sleeve that may fork or be paid out.
    free_to_fork: f64,
    free_to_pay: f64,
    /// Total at which a structure merges.
    merge_at: f64,
    /// Share of a profit that is income.
    income: f64,
    withdraws: bool,
    /// Whether a fork lowers the income bucket.
    fork_takes_income: bool,
    /// Whether income is paid only out of what stands above base.
    above_base: bool,
    /// Whether a sleeve that is locked or in capital preservation forks.
    forks_locked: bool,
}

impl Keys {
    pub(super) fn new(policy: &Policy) -> Keys {
        let on = |rule| !policy.is_off(rule);
        let buffered = policy.buffer.share.rest().to_f64();
        let never = |rule, at: market::value::Money| if on(rule) { at.to_f64() } else { f64::INFINITY };
        Keys {
            fork_at: never(Rule::F1, policy.fork.surplus),
            leaves: if on(Rule::F2) { policy.fork.keep.rest().to_f64() } else { 1.0 },
            to_com: policy.fork.to_gen.rest().to_f64(),
            rebase: policy.fork.rebase,
            free_to_fork: if on(Rule::F3) { buffered } else { 1.0 },
            free_to_pay: buffered,
            merge_at: never(Rule::J1, policy.merge.size),
            income: income_share(policy, SleeveKind::Generation).to_f64(),
            withdraws: income_policy(policy) == IncomePolicy::Withdraw,
            fork_takes_income: on(Rule::I2),
            above_base: on(Rule::I1),
            forks_locked: !on(Rule::F4),
        }
    }

    /// Whether income is paid out.
    pub(super) const fn withdraws(&self) -> bool {
        self.withdraws
    }
}

/// Whether the sleeves of a kind are held back this week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Locked by their drawdown limit (K-2): nothing is paid out.
    pub(super) locked: bool,
    /// Locked, or in capital preservation (G-1): nothing forks.
    pub(super) barred: bool,
}

/// The open structures of a path, a column for each figure; the root is the first. A closed structure leaves zeros.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    generation: Vec<f64>,
    base: Vec<f64>,
    income: Vec<f64>,
    deficit: Vec<f64>,
    compounding: Vec<f64>,
    parent: Vec<u32>,
    revenue: Alone,
    /// Equity of all sleeves of each kind.
    totals: [f64; 3],
    paid: f64,
    open: u32,
    forks: u32,
    merges: u32,
}

/// The root's Rev sleeve.
#[derive(Clone, Copy, Debug, Default)]
struct Alone {
    base: f64,
    income: f64,
    deficit: f64,
}

impl Tree {
    /// Begins a path with what is paid in: Gen, Rev, Com.
    pub(super) fn found(&mut self, parts: [f64; 3]) {
        for column in [&mut self.generation, &mut self.base, &mut self.income, &mut self.deficit, &mut self.compounding]
        {
            column.clear();
        }
        self.parent.clear();
        self.totals = parts;
        self.revenue = Alone { base: parts[1], ..Alone::default() };
        (self.paid, self.open, self.forks, self.merges) = (0.0, 0, 0, 0);
        self.add(0, parts[0], parts[2]);
    }

    fn add(&mut self, parent: u32, generation: f64, compounding: f64) {
        self.generation.push(generation);
        self.base.push(generation);
        self.income.push(0.0);
        self.deficit.push(0.0);
        self.compounding.push(compounding);
        self.parent.push(parent);
        self.open += 1;
    }

    /// Equity of all sleeves.
    pub(super) fn equity(&self) -> f64 {
        self.totals.iter().sum()
    }

    /// Equity of all sleeves of each kind: Gen, Rev, Com.
    #[cfg(test)]
    pub(super) const fn by_kind(&self) -> [f64; 3] {
        self.totals
    }

    /// Income not withdrawn, and income paid out since the deposit.
    pub(super) fn incomes(&self) -> (f64, f64) {
        (self.income.iter().sum::<f64>() + self.revenue.income, self.paid)
    }

    /// Open structures, forks and merges since the deposit.
    pub(super) const fn counts(&self) -> (u32, u32, u32) {
        (self.open, self.forks, self.merges)
    }

    /// One week with these returns of Gen, Rev and Com: compounding, income, merges, forks. The return of the whole.
    pub(super) fn week(&mut self, rates: [f64; 3], held: [Held; 3], keys: &Keys) -> f64 {
        let before = self.equity();
        let profit: f64 = self.totals.iter().zip(rates).map(|(total, rate)| total * rate).sum();
        let due = self.earn(rates[0], keys);
        self.earn_alone(rates[1], keys);
        let grown = self.compound(rates[2], keys);
        if keys.withdraws {
            self.pay(held, keys);
        }
        if grown {
            self.merge(keys);
        }
        if due && (keys.forks_locked || !held[0].barred) {
            self.fork(keys);
        }
        if before > 0.0 { profit / before } else { 0.0 }
    }

    /// Compounds every Gen sleeve and divides its profit (I-1); whether any has a surplus that may fork.
    fn earn(&mut self, rate: f64, keys: &Keys) -> bool {
        let n = self.generation.len();
        let (equity, base) = (&mut self.generation[..n], &self.base[..n]);
        let (income, deficit) = (&mut self.income[..n], &mut self.deficit[..n]);
        let (share, at) = (keys.income, keys.fork_at);
        let mut due = 0;
        for i in 0..n {
            let profit = equity[i] * rate;
            let gain = larger(profit, 0.0);
            let made_up = smaller(gain, deficit[i]);
            deficit[i] += (gain - profit) - made_up;
            income[i] += share * (gain - made_up);
            equity[i] += profit;
            due |= u64::from(equity[i] - base[i] >= at);
        }
        self.totals[0] += self.totals[0] * rate;
        due != 0
    }

    fn earn_alone(&mut self, rate: f64, keys: &Keys) {
        let profit = self.totals[1] * rate;
        let gain = larger(profit, 0.0);
        let made_up = smaller(gain, self.revenue.deficit);
        self.revenue.deficit += (gain - profit) - made_up;
        self.revenue.income += keys.income * (gain - made_up);
        self.totals[1] += profit;
    }

    /// Compounds every Com sleeve; whether any forked structure has grown to its full size.
    fn compound(&mut self, rate: f64, keys: &Keys) -> bool {
        let n = self.generation.len();
        let (generation, compounding) = (&self.generation[..n], &mut self.compounding[..n]);
        let at = keys.merge_at;
        compounding[0] += compounding[0] * rate;
        let mut grown = 0;
        for i in 1..n {
            compounding[i] += compounding[i] * rate;
            grown |= u64::from(generation[i] + compounding[i] >= at);
        }
        self.totals[2] += self.totals[2] * rate;
        grown != 0
    }

    /// I-2: pays out what may be withdrawn of every Gen sleeve and of Rev (A-6, I-1).
    fn pay(&mut self, held: [Held; 3], keys: &Keys) {
        let most = |equity: f64, base: f64, income: f64| {
            let above = if keys.above_base { equity - base } else { f64::INFINITY };
            larger(smaller(smaller(income, above), keys.free_to_pay * equity), 0.0)
        };
        if !held[0].locked {
            for ((equity, base), income) in self.generation.iter_mut().zip(&self.base).zip(&mut self.income) {
                let paid = most(*equity, *base, *income);
                *equity -= paid;
                *income -= paid;
                self.paid += paid;
                self.totals[0] -= paid;
            }
        }
        if !held[1].locked {
            let paid = most(self.totals[1], self.revenue.base, self.revenue.income);
            self.revenue.income -= paid;
            self.paid += paid;
            self.totals[1] -= paid;
        }
    }

    /// J-1: the last founded first, so that a child goes before its parent: a parent is always older.
    fn merge(&mut self, keys: &Keys) {
        for i in (1..self.generation.len()).rev() {
            let (generation, total) = (self.generation[i], self.generation[i] + self.compounding[i]);
            if total >= keys.merge_at {
                let into = self.parent[i];
                self.compounding[into as usize] += total;
                self.totals[0] -= generation;
                self.totals[2] += generation;
                (self.generation[i], self.compounding[i]) = (0.0, 0.0);
                (self.base[i], self.income[i], self.deficit[i]) = (0.0, 0.0, 0.0);
                self.parent[i + 1..].iter_mut().filter(|p| **p == i as u32).for_each(|p| *p = into);
                self.open -= 1;
                self.merges += 1;
            }
        }
    }

    /// F-1 to F-4: the root first, then by age.
    fn fork(&mut self, keys: &Keys) {
        for i in 0..self.generation.len() {
            let surplus = self.generation[i] - self.base[i];
            if surplus < keys.fork_at {
                continue;
            }
            let moves = floor_cents(surplus * keys.leaves);
            if moves > keys.free_to_fork * self.generation[i] {
                continue;
            }
            let compounding = floor_cents(moves * keys.to_com);
            self.generation[i] -= moves;
            if keys.rebase {
                self.base[i] += surplus - moves;
            }
            if keys.fork_takes_income {
                self.income[i] = larger(self.income[i] - moves, 0.0);
            }
            self.totals[0] -= compounding;
            self.totals[2] += compounding;
            self.forks += 1;
            self.add(i as u32, moves - compounding, compounding);
        }
    }
}

/// Rounded down to the cent. Amounts computed from whole ten-thousandths are brought to one first, so that an exact
/// cent stays what it is.
fn floor_cents(dollars: f64) -> f64 {
    let units = (dollars * UNITS_PER_DOLLAR as f64).round();
    (units / 100.0).floor() / 100.0
}

/// The larger of two numbers that are numbers.
#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The smaller of two numbers that are numbers.
#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use market::value::Money;

    use super::super::{Quality, at_targets, parts, projected};
    use super::*;

    const FREE: [Held; 3] = [Held { locked: false, barred: false }; 3];

    fn set(base: Policy, keys: &[(&str, &str)]) -> Policy {
        keys.iter().fold(base, |policy, (key, value)| policy.with(key, value).unwrap())
    }

    fn without(rule: Rule) -> Policy {
        let mut policy = Policy::all_use();
        policy.rules.off = policy.rules.off.with(rule);
        policy
    }

    /// V-1 by the functions that trade, to the ten-thousandth, and this tree at the same returns: the same structures,
    /// forks and merges every year, and the same money to a millionth.
    fn agree(policy: &Policy, deposit: i64, years: u32, quality: Quality) {
        let deposit = Money::dollars(deposit);
        let exact = at_targets(policy, deposit, years, quality).unwrap();
        let projected = projected(policy);
        let keys = Keys::new(&projected);
        let factor = quality.factor(policy).to_f64();
        let rates = SleeveKind::ALL.map(|kind| policy.target.of(kind).to_f64() * factor);
        let mut tree = Tree::default();
        tree.found(parts(&projected, deposit).unwrap().map(Money::to_f64));
        for year in &exact.years[1..] {
            for _ in 0..policy.target.weeks_per_year {
                tree.week(rates, FREE, &keys);
            }
            let counts = (year.structures, year.forks, year.merges);
            assert_eq!(tree.counts(), counts, "{} {quality}, year {}", policy.name, year.year);
            let (income, paid) = tree.incomes();
            let pairs = tree.by_kind().into_iter().zip(year.equity).chain([(income, year.income), (paid, year.paid)]);
            for (float, exact) in pairs {
                // A cent a week and sleeve is what rounding income may come to.
                let band = 1e-6 * exact.to_f64().abs() + 0.01 * 52.0 * f64::from(year.year * year.structures);
                assert!((float - exact.to_f64()).abs() <= band, "year {}: {float} against {exact}", year.year);
            }
        }
    }

    #[test]
    fn both_trees_grow_alike() {
        for base in [Policy::all_use(), Policy::as_written()] {
            for quality in Quality::ALL {
                agree(&base, 300_000, 7, quality);
            }
            agree(&set(base.clone(), &[("income.policy", "withdraw")]), 300_000, 7, Quality::Expected);
            // Small structures merge early: children, and children's children.
            agree(&set(base.clone(), &[("merge.size", "60000")]), 1_000_000, 5, Quality::Good);
            agree(&set(base, &[("fork.keep", "20"), ("fork.to_gen", "75")]), 300_000, 5, Quality::Expected);
        }
        for rule in [Rule::F1, Rule::F2, Rule::F3, Rule::J1, Rule::I1, Rule::I2] {
            agree(&without(rule), 300_000, 5, Quality::Expected);
        }
    }

    #[test]
    fn a_barred_gen_forks_later_and_a_locked_one_pays_nothing() {
        let keys = Keys::new(&Policy::all_use());
        let barred = [Held { locked: false, barred: true }, Held::default(), Held::default()];
        let mut tree = Tree::default();
        let forks = |tree: &mut Tree, held, keys: &Keys| {
            tree.found([120_000.0, 0.0, 0.0]);
            tree.week([0.5, 0.0, 0.0], held, keys);
            tree.counts().1
        };
        assert_eq!((forks(&mut tree, FREE, &keys), forks(&mut tree, barred, &keys)), (1, 0));
        assert_eq!(forks(&mut tree, barred, &Keys::new(&without(Rule::F4))), 1);

        let withdraw = Keys::new(&set(Policy::as_written(), &[("income.policy", "withdraw")]));
        let paid = |tree: &mut Tree, held: [Held; 3]| {
            tree.found([100_000.0, 100_000.0, 100_000.0]);
            tree.week([0.01, 0.01, 0.01], held, &withdraw);
            (tree.incomes().1 * 100.0).round() as i64
        };
        let locked = |kind: usize| std::array::from_fn(|k| Held { locked: k == kind, barred: false });
        let all =
            [paid(&mut tree, FREE), paid(&mut tree, locked(0)), paid(&mut tree, locked(1)), paid(&mut tree, locked(2))];
        assert_eq!(all, [160_000, 80_000, 80_000, 160_000]);
    }

    #[test]
    fn a_loss_is_made_up_before_income_and_money_is_conserved() {
        let keys = Keys::new(&Policy::as_written());
        let mut tree = Tree::default();
        tree.found([100_000.0, 50_000.0, 50_000.0]);
        let mut expected = 200_000.0;
        let weeks = [
            [-0.10, 0.0, 0.0],
            [0.05, -0.02, 0.01],
            [0.06, 0.02, 0.01],
            [0.30, 0.1, 0.0],
            [0.40, 0.0, -0.1],
            [0.30, 0.0, 0.02],
        ];
        for rates in weeks {
            let before = tree.equity();
            let rate = tree.week(rates, FREE, &keys);
            expected *= 1.0 + rate;
            assert!((tree.equity() - before * (1.0 + rate)).abs() < 1e-6 && (tree.equity() - expected).abs() < 1e-6);
            let sum: f64 = tree.generation.iter().chain(&tree.compounding).sum::<f64>() + tree.by_kind()[1];
            assert!((sum - tree.equity()).abs() < 1e-6, "columns and totals agree");
        }
        assert_eq!(tree.counts(), (3, 2, 0));
        tree.found([100_000.0, 0.0, 0.0]);
        tree.week([-0.10, 0.0, 0.0], FREE, &keys);
        assert_eq!(tree.incomes(), (0.0, 0.0));
        tree.week([0.20, 0.0, 0.0], FREE, &keys);
        // $18,000 earned, $10,000 of them make up the loss: 80% of $8,000.
        assert!((tree.incomes().0 - 6_400.0).abs() < 1e-9);
    }

    #[test]
    fn what_a_fork_moves_is_whole_cents() {
        for (dollars, floored) in
            [(26_000.0, 26_000.0), (25_000.005, 25_000.0), (0.029_999, 0.03), (12_500.019, 12_500.01)]
        {
            assert!((floor_cents(dollars) - floored).abs() < 1e-12, "{dollars}");
        }
    }
}
