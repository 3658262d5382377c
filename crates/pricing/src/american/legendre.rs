//! Gauss–Legendre quadrature.

use market::math;

/// Points in (−1, 1), rising, and weights of the rule of `count` points: roots of Legendre's polynomial by Newton's
/// method from Tricomi's estimate (Abramowitz and Stegun 1964, 25.4.29 and 22.16.6).
pub(super) fn rule(count: usize) -> Vec<(f64, f64)> {
    let size = count as f64;
    let point = |i: usize| {
        let angle = std::f64::consts::PI * (4 * (count - i) - 1) as f64 / (4.0 * size + 2.0);
        let mut x = (1.0 - (size - 1.0) / (8.0 * size * size * size)) * math::cos(angle);
        let mut slope = 0.0;
        for _ in 0..5 {
            let (value, derivative) = polynomial(count, x);
            slope = derivative;
            x -= value / derivative;
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..count).map(point).collect()
}

/// Legendre's polynomial and its derivative, by its recurrence.
fn polynomial(degree: usize, x: f64) -> (f64, f64) {
    let (mut previous, mut value) = (1.0, x);
    for k in 1..degree {
        let k = k as f64;
        (previous, value) = (value, ((2.0 * k + 1.0) * x * value - k * previous) / (k + 1.0));
    }
    (value, degree as f64 * (x * value - previous) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule of n points is exact for polynomials of degree 2n − 1.
    #[test]
    fn integrates_powers_exactly() {
        for count in [2, 7, 8, 16, 64] {
            let rule = rule(count);
            for power in 0..2 * count {
                let found: f64 = rule.iter().map(|(x, w)| w * math::pow(*x, power as f64)).sum();
                let exact = if power % 2 == 0 { 2.0 / (power as f64 + 1.0) } else { 0.0 };
                assert!((found - exact).abs() < 1e-13, "{count} points, power {power}: {found}");
            }
        }
    }
}
