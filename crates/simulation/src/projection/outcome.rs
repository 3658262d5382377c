//! What the paths of V-2 came to, and how it is distributed.

/// What a range of paths came to, year by year. Ranges may be joined in any order: a summary has the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    years: Vec<Columns>,
    /// Sleeves times weeks that were compounded: the work done.
    pub account_weeks: u64,
}

/// The figures of every path at one horizon.
#[derive(Clone, Debug, Default, PartialEq)]
struct Columns {
    equity: Vec<f64>,
    income: Vec<f64>,
    structures: Vec<f64>,
    drawdown: Vec<f64>,
    merged: u64,
    ruined: u64,
}

/// One path's figures at one horizon.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) equity: f64,
    pub(super) income: f64,
    pub(super) structures: u32,
    pub(super) drawdown: f64,
    pub(super) merged: bool,
    pub(super) ruined: bool,
}

/// How a figure is distributed over paths. Percentiles are values that a path has: the smallest that is not below that
/// share of paths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    /// One path in twenty has no more.
    pub p5: f64,
    /// One path in four has no more.
    pub p25: f64,
    /// Half of the paths have no more.
    pub p50: f64,
    /// Three paths in four have no more.
    pub p75: f64,
    /// Nineteen paths in twenty have no more.
    pub p95: f64,
    /// The mean.
    pub mean: f64,
}

/// All figures at one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Years since the deposit.
    pub year: u32,
    /// Equity of all sleeves, in dollars.
    pub equity: Distribution,
    /// Income in dollars: with income kept what is in the buckets, with income withdrawn what was paid out so far.
    pub income: Distribution,
    /// Open structures.
    pub structures: Distribution,
    /// Largest drawdown so far of the whole, at weekly closes, flows removed: 0.1 is 10%.
    pub drawdown: Distribution,
    /// Share of paths in which a structure has merged.
    pub merged: f64,
    /// Share of paths in which equity has been below the policy's share of what was contributed, at a weekly close.
    pub ruin: f64,
}

/// How all paths are distributed.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// How many paths there are.
    pub paths: u64,
    /// Every year after the deposit.
    pub horizons: Vec<Horizon>,
}

impl Distribution {
    fn of(values: &[f64]) -> Distribution {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        // Summed in rising order, so that the order in which paths were joined leaves no trace.
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        let at = |percent: usize| sorted[(percent * sorted.len()).div_ceil(100).max(1) - 1];
        Distribution { p5: at(5), p25: at(25), p50: at(50), p75: at(75), p95: at(95), mean }
    }
}

impl Outcomes {
    pub(super) fn new(years: u32) -> Outcomes {
        Outcomes { years: vec![Columns::default(); years as usize], account_weeks: 0 }
    }

    pub(super) fn record(&mut self, year: usize, figures: Figures) {
        let columns = &mut self.years[year];
        columns.equity.push(figures.equity);
        columns.income.push(figures.income);
        columns.structures.push(f64::from(figures.structures));
        columns.drawdown.push(figures.drawdown);
        columns.merged += u64::from(figures.merged);
        columns.ruined += u64::from(figures.ruined);
    }

    /// Joins what another range of paths of the same model came to.
    pub fn join(&mut self, other: &Outcomes) {
        for (own, other) in self.years.iter_mut().zip(&other.years) {
            own.equity.extend_from_slice(&other.equity);
            own.income.extend_from_slice(&other.income);
            own.structures.extend_from_slice(&other.structures);
            own.drawdown.extend_from_slice(&other.drawdown);
            own.merged += other.merged;
            own.ruined += other.ruined;
        }
        self.account_weeks += other.account_weeks;
    }

    /// How many paths these are.
    #[must_use]
    pub fn paths(&self) -> u64 {
        self.years.first().map_or(0, |columns| columns.equity.len() as u64)
    }

    /// How they are distributed at the end of every year; no horizons without a path.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let paths = self.paths();
        let share = |count: u64| count as f64 / paths as f64;
        let horizon = |(columns, year): (&Columns, u32)| Horizon {
            year,
            equity: Distribution::of(&columns.equity),
            income: Distribution::of(&columns.income),
            structures: Distribution::of(&columns.structures),
            drawdown: Distribution::of(&columns.drawdown),
            merged: share(columns.merged),
            ruin: share(columns.ruined),
        };
        let years = if paths == 0 { &[][..] } else { &self.years[..] };
        Summary { paths, horizons: years.iter().zip(1..).map(horizon).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_a_path_has() {
        let of = |n: u32| Distribution::of(&(1..=n).rev().map(f64::from).collect::<Vec<_>>());
        let hundred = of(100);
        let d = |[p5, p25, p50, p75, p95, mean]: [f64; 6]| Distribution { p5, p25, p50, p75, p95, mean };
        assert_eq!(hundred, d([5.0, 25.0, 50.0, 75.0, 95.0, 50.5]));
        assert_eq!(of(1), d([1.0; 6]));
        assert_eq!(of(3), d([1.0, 1.0, 2.0, 3.0, 3.0, 2.0]));
    }

    #[test]
    fn no_path_has_no_horizon() {
        assert_eq!(Outcomes::new(3).summary(), Summary { paths: 0, horizons: Vec::new() });
    }
}
