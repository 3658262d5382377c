//! Between which bounds a difference of two lines of weekly returns may lie: the stationary bootstrap.
//!
//! Weeks are drawn with replacement in blocks of random length, so that what one week says of the next stays in the
//! draw (Politis and Romano 1994, "The Stationary Bootstrap", Journal of the American Statistical Association 89). The
//! length is geometric with a stated mean, the history is taken as a circle, and both lines are drawn at the same
//! places: a difference is always one between the same weeks. Bounds are percentiles of the drawn differences.

use market::math;

use crate::rng::Rng;

/// Of a hundred draws how many lie between the bounds.
pub const PERCENT: u32 = 95;

/// How weeks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// Which draws; the same seed draws the same weeks on every machine.
    pub seed: u64,
    /// How many draws.
    pub draws: u32,
    /// Mean length of a block, in weeks.
    pub block: u32,
}

impl Default for Resampling {
    /// Ten thousand draws in blocks of a quarter of a year, which is longer than any option that replay trades but
    /// LEAPS. It was not chosen by what it gives.
    fn default() -> Self {
        Resampling { seed: 1, draws: 10_000, block: 13 }
    }
}

/// Bounds of a difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Interval {
    /// Whether zero lies outside: the sign is hardly chance.
    #[must_use]
    pub fn excludes_zero(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// The places of all draws from a history of some weeks; lines that are drawn by them stay week by week together.
#[derive(Clone, Debug)]
pub struct Draws {
    weeks: usize,
    /// Draw after draw, `weeks` places each.
    places: Vec<u32>,
}

impl Draws {
    /// Draws from `weeks` weeks.
    #[must_use]
    pub fn new(weeks: usize, how: &Resampling) -> Draws {
        let mut rng = Rng::stream(how.seed, "stationary bootstrap");
        let fresh = 1.0 / f64::from(how.block.max(1));
        let mut places = Vec::with_capacity(weeks * how.draws as usize);
        for _ in 0..how.draws {
            let mut at = 0;
            for week in 0..weeks {
                let anew = week == 0 || rng.uniform() < fresh;
                at = if anew { (rng.uniform() * weeks as f64) as usize } else { at + 1 } % weeks;
                places.push(at as u32);
            }
        }
        Draws { weeks, places }
    }

    /// The bounds of the annual growth of `a` less that of `b`, both weekly returns over the same weeks, which span
    /// `years` years: e to (the sum of a draw's log returns over the years), less 1, each. The bounds always hold the
    /// growth of the weeks as they came. `None` unless both have as many returns as the draws, at least two, above −1.
    #[must_use]
    pub fn growth_difference(&self, a: &[f64], b: &[f64], years: f64) -> Option<Interval> {
        let (a, b) = (self.logs(a)?, self.logs(b)?);
        let growth = |sum: f64| math::exp(sum / years) - 1.0;
        let difference = |a: f64, b: f64| growth(a) - growth(b);
        let whole = difference(a.iter().sum(), b.iter().sum());
        let drawn = self.places.chunks_exact(self.weeks).map(|places| {
            let (mut of_a, mut of_b) = (0.0, 0.0);
            for place in places {
                of_a += a[*place as usize];
                of_b += b[*place as usize];
            }
            difference(of_a, of_b)
        });
        bounds(drawn.collect(), whole).filter(|i| i.low.is_finite() && i.high.is_finite())
    }

    fn logs(&self, returns: &[f64]) -> Option<Vec<f64>> {
        let fit = returns.len() == self.weeks && self.weeks > 1 && returns.iter().all(|r| *r > -1.0);
        fit.then(|| returns.iter().map(|r| math::ln(1.0 + r)).collect())
    }
}

/// Percentiles of what was drawn, and no narrower than `whole`.
fn bounds(mut drawn: Vec<f64>, whole: f64) -> Option<Interval> {
    drawn.sort_unstable_by(f64::total_cmp);
    let outside = drawn.len() * (100 - PERCENT as usize) / 200;
    let (low, high) = (*drawn.get(outside)?, *drawn.get(drawn.len() - 1 - outside)?);
    Some(Interval { low: low.min(whole), high: high.max(whole) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    const FEW: Resampling = Resampling { seed: 7, draws: 400, block: 5 };

    /// Two lines whose logarithms differ by `mean` on average; each week remembers a part of the one before.
    fn lines(seed: u64, weeks: usize, mean: f64, memory: f64) -> (Vec<f64>, Vec<f64>) {
        let mut rng = Rng::stream(seed, "two lines");
        let (mut a, mut b, mut shock) = (Vec::new(), Vec::new(), 0.0);
        for _ in 0..weeks {
            let common = 0.02 * rng.normal();
            shock = memory * shock + 0.01 * rng.normal();
            a.push(math::exp(common + mean + shock) - 1.0);
            b.push(math::exp(common) - 1.0);
        }
        (a, b)
    }

    /// Of two hundred made-up histories the interval of how many holds the true difference of mean logarithms; with
    /// years = weeks the growth of the second line is near nothing, so that growth and mean hardly differ.
    fn coverage(memory: f64, block: u32) -> usize {
        const WEEKS: usize = 260;
        let how = Resampling { block, ..FEW };
        let draws = Draws::new(WEEKS, &how);
        let holds = |seed: &u64| {
            let (a, b) = lines(*seed, WEEKS, 0.001, memory);
            let interval = draws.growth_difference(&a, &b, WEEKS as f64).unwrap();
            interval.low <= 0.001 && 0.001 <= interval.high
        };
        (1..=200).filter(holds).count()
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let found = coverage(0.0, 5);
        assert!((180..=198).contains(&found), "{found} of 200 for independent weeks");
        let (alone, blocks) = (coverage(0.6, 1), coverage(0.6, 13));
        assert!(alone < 150, "{alone} of 200: single weeks do not see that weeks depend on each other");
        assert!(blocks > 165, "{blocks} of 200: blocks do");
    }

    #[test]
    fn a_line_does_not_differ_from_itself() {
        let (a, _) = lines(1, 100, 0.0, 0.0);
        let draws = Draws::new(a.len(), &FEW);
        assert_eq!(draws.growth_difference(&a, &a, 2.0), Some(Interval { low: 0.0, high: 0.0 }));
        assert!(!draws.growth_difference(&a, &a, 2.0).unwrap().excludes_zero());
    }

    /// 1% a week against nothing, in 52 weeks of a year: 1.01^52 − 1 in every draw.
    #[test]
    fn a_steady_difference_has_no_width() {
        let draws = Draws::new(52, &FEW);
        let found = draws.growth_difference(&[0.01; 52], &[0.0; 52], 1.0).unwrap();
        let exact = math::pow(1.01, 52.0) - 1.0;
        assert!((found.low - exact).abs() < 1e-12 && (found.high - exact).abs() < 1e-12, "{found:?}");
        assert!(found.excludes_zero());
        let other_way = draws.growth_difference(&[0.0; 52], &[0.01; 52], 1.0).unwrap();
        assert!(other_way.high < 0.0 && other_way.excludes_zero());
    }

    #[test]
    fn what_cannot_be_drawn_has_no_bounds() {
        let two = Draws::new(2, &FEW);
        assert_eq!(two.growth_difference(&[0.1], &[0.1], 1.0), None, "fewer weeks than drawn");
        assert_eq!(two.growth_difference(&[0.1, -1.0], &[0.1, 0.1], 1.0), None, "everything was lost");
        assert_eq!(two.growth_difference(&[0.1, f64::NAN], &[0.1, 0.1], 1.0), None);
        assert!(two.growth_difference(&[0.1, -0.999], &[0.1, 0.1], 1.0).is_some());
        assert_eq!(Draws::new(1, &FEW).growth_difference(&[0.1], &[0.2], 1.0), None, "one week says nothing");
        assert_eq!(Draws::new(0, &FEW).growth_difference(&[], &[], 1.0), None);
        let none = Draws::new(2, &Resampling { draws: 0, ..FEW });
        assert_eq!(none.growth_difference(&[0.1, 0.2], &[0.0, 0.0], 1.0), None, "no draws");
    }

    #[test]
    fn blocks_have_the_length_that_is_asked_for() {
        for block in [1, 4, 13] {
            let draws = Draws::new(400, &Resampling { seed: 3, draws: 200, block });
            let starts = |places: &[u32]| places.windows(2).filter(|p| p[1] != (p[0] + 1) % 400).count() + 1;
            let found: usize = draws.places.chunks_exact(400).map(starts).sum();
            let mean = 400.0 * 200.0 / found as f64;
            let asked = f64::from(block);
            assert!((mean / asked - 1.0).abs() < 0.05, "{mean} for {block}");
        }
    }

    proptest! {
        /// The bounds hold the difference itself, and turn around with the lines.
        #[test]
        fn bounds_hold_the_difference_and_mirror(seed in 1u64..500, mean in -0.01f64..0.01) {
            let (a, b) = lines(seed, 60, mean, 0.3);
            let draws = Draws::new(60, &FEW);
            let growth = |r: &[f64]| r.iter().fold(1.0, |grown, r| grown * (1.0 + r)) - 1.0;
            let (one, two) =
                (draws.growth_difference(&a, &b, 1.0).unwrap(), draws.growth_difference(&b, &a, 1.0).unwrap());
            let whole = growth(&a) - growth(&b);
            prop_assert!(one.low <= whole + 1e-9 && whole <= one.high + 1e-9, "{one:?} {whole}");
            prop_assert!((one.low + two.high).abs() < 1e-12 && (one.high + two.low).abs() < 1e-12);
        }
    }
}
