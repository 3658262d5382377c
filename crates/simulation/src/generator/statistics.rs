//! Plain statistics over columns.

use market::math;

/// Mean; zero of nothing.
pub(crate) fn mean(x: &[f64]) -> f64 {
    if x.is_empty() { 0.0 } else { x.iter().sum::<f64>() / x.len() as f64 }
}

/// Mean square.
pub(crate) fn mean_square(x: &[f64]) -> f64 {
    if x.is_empty() { 0.0 } else { x.iter().map(|v| v * v).sum::<f64>() / x.len() as f64 }
}

/// Mean product of the deviations from the means.
pub(crate) fn covariance(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let n = x.len().min(y.len()).max(1);
    x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / n as f64
}

/// Standard deviation.
pub(crate) fn deviation(x: &[f64]) -> f64 {
    covariance(x, x).sqrt()
}

/// Correlation; zero if either column is constant.
pub(crate) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let scale = deviation(x) * deviation(y);
    if scale > 0.0 { covariance(x, y) / scale } else { 0.0 }
}

/// Fourth standardised moment: 3 for a normal.
pub(crate) fn kurtosis(x: &[f64]) -> f64 {
    let m = mean(x);
    let variance = covariance(x, x);
    let fourth = x.iter().map(|v| (v - m) * (v - m) * (v - m) * (v - m)).sum::<f64>() / x.len().max(1) as f64;
    if variance > 0.0 { fourth / (variance * variance) } else { 0.0 }
}

/// Correlation of a column with itself `lag` rows later.
pub(crate) fn autocorrelation(x: &[f64], lag: usize) -> f64 {
    if x.len() <= lag { 0.0 } else { correlation(&x[..x.len() - lag], &x[lag..]) }
}

/// Differences from one row to the next.
pub(crate) fn changes(x: &[f64]) -> Vec<f64> {
    x.windows(2).map(|w| w[1] - w[0]).collect()
}

/// Natural logarithms.
pub(crate) fn logs(x: &[f64]) -> Vec<f64> {
    x.iter().map(|v| math::ln(*v)).collect()
}

/// The middle value, or the mean of the two middle ones.
pub(crate) fn median(x: &[f64]) -> f64 {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// Least squares of `y` on a constant and `x`: (constant, slope).
pub(crate) fn line(x: &[f64], y: &[f64]) -> (f64, f64) {
    let variance = covariance(x, x);
    let slope = if variance > 0.0 { covariance(x, y) / variance } else { 0.0 };
    (mean(y) - slope * mean(x), slope)
}

/// Mean squared difference between rows `lag` apart: the empirical variogram, twice.
pub(crate) fn variogram(x: &[f64], lag: usize) -> f64 {
    let differences: Vec<f64> = x.iter().zip(&x[lag.min(x.len())..]).map(|(a, b)| b - a).collect();
    mean_square(&differences)
}

/// The degrees of freedom of a Student variable of this kurtosis (3 + 6 / (ν − 4)), between 4.1 and 30.
pub(crate) fn degrees_of(kurtosis: f64) -> f64 {
    let excess = (kurtosis - 3.0).max(1e-3);
    (4.0 + 6.0 / excess).clamp(4.1, 30.0)
}

/// `x` to `digits` significant digits, through its decimal form, so that it prints as it is.
pub(crate) fn significant(x: f64, digits: usize) -> f64 {
    format!("{x:.*e}", digits.saturating_sub(1)).parse().unwrap_or(x)
}

/// The lowest point of `f` near `start` by the simplex of Nelder and Mead (1965), `rounds` times, started over at the
/// best point once; deterministic.
pub(crate) fn minimise<const N: usize>(
    start: [f64; N],
    step: f64,
    rounds: usize,
    f: impl Fn(&[f64; N]) -> f64,
) -> [f64; N] {
    let halfway = simplex(start, step, rounds / 2, &f);
    simplex(halfway, step / 2.0, rounds - rounds / 2, &f)
}

fn simplex<const N: usize>(start: [f64; N], step: f64, rounds: usize, f: &impl Fn(&[f64; N]) -> f64) -> [f64; N] {
    let measured = |point: [f64; N]| (f(&point), point);
    let mut corners = vec![measured(start)];
    for i in 0..N {
        let mut point = start;
        point[i] += step;
        corners.push(measured(point));
    }
    let by_value = |a: &(f64, [f64; N]), b: &(f64, [f64; N])| a.0.total_cmp(&b.0);
    for _ in 0..rounds {
        corners.sort_by(by_value);
        let worst = corners[N];
        let centre: [f64; N] = std::array::from_fn(|i| corners[..N].iter().map(|c| c.1[i]).sum::<f64>() / N as f64);
        let along = |t: f64| measured(std::array::from_fn(|i| centre[i] + t * (worst.1[i] - centre[i])));
        let reflected = along(-1.0);
        let candidate = if reflected.0 < corners[0].0 {
            std::cmp::min_by(along(-2.0), reflected, by_value)
        } else if reflected.0 < corners[N - 1].0 {
            reflected
        } else {
            std::cmp::min_by(along(0.5), along(-0.5), by_value)
        };
        if candidate.0 < worst.0 {
            corners[N] = candidate;
        } else {
            let best = corners[0].1;
            for corner in &mut corners[1..] {
                *corner = measured(std::array::from_fn(|i| (best[i] + corner.1[i]) / 2.0));
            }
        }
    }
    corners.sort_by(by_value);
    corners[0].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_short_columns_by_hand() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let y = [1.0, 3.0, 2.0, 6.0];
        for (what, found, wanted) in [
            ("mean", mean(&x), 2.5),
            ("mean square", mean_square(&x), 7.5),
            ("covariance", covariance(&x, &y), 1.75),
            ("correlation", correlation(&x, &y), 7.0 / 70.0_f64.sqrt()),
            ("kurtosis", kurtosis(&x), 1.64),
            ("median of four", median(&y), 2.5),
            ("median of three", median(&y[..3]), 2.0),
            ("variogram at 2", variogram(&y, 2), 5.0),
            ("slope", line(&x, &y).1, 1.4),
            ("constant", line(&x, &y).0, -0.5),
            ("degrees of a fourth moment of six", degrees_of(6.0), 6.0),
            ("three digits", significant(0.012_345_6, 3), 0.0123),
            ("three digits of thousands", significant(-98_765.0, 3), -98_800.0),
        ] {
            assert!((found - wanted).abs() < 1e-12, "{what} is {found} instead of {wanted}");
        }
    }

    /// Rosenbrock's valley (1960): the lowest point is at (1, 1).
    #[test]
    fn the_simplex_finds_the_end_of_a_curved_valley() {
        let valley = |p: &[f64; 2]| {
            let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
            a * a + 100.0 * b * b
        };
        let found = minimise([-1.2, 1.0], 0.5, 300, valley);
        assert!((found[0] - 1.0).abs() < 1e-6 && (found[1] - 1.0).abs() < 1e-6, "{found:?}");
    }
}
