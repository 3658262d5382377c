//! Fat tails: a monotone map from a standard normal to a Student variable of variance one.
//!
//! Because the map is monotone, correlated normals become Student variables of the same rank correlation.

use market::math;

/// Step and reach of the trapezoid over the normal density; its error falls faster than any power of the step.
const STEP: f64 = 0.25;
const REACH: i32 = 32;
/// Rounds after which the scale has settled to ten digits.
const SCALE_ROUNDS: usize = 6;

/// The map for one number of degrees of freedom: Wallace's normal approximation of Student's t (1959), solved for t,
/// divided by its standard deviation, cut at a largest move.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    degrees: f64,
    exponent: f64,
    scale: f64,
    largest: f64,
}

impl Tail {
    pub(crate) fn new(degrees: f64, largest: f64) -> Self {
        let ratio = (8.0 * degrees + 3.0) / (8.0 * degrees + 1.0);
        let mut tail = Tail { degrees, exponent: ratio * ratio / degrees, scale: 1.0, largest };
        // The cut takes some variance, so that the scale that gives one is found in rounds.
        for _ in 0..SCALE_ROUNDS {
            let variance = expectation(|z| tail.map(z) * tail.map(z));
            tail.scale /= variance.sqrt();
        }
        tail
    }

    /// The Student variable that has the same probability below it as `z` has under the normal.
    #[inline]
    pub(crate) fn map(&self, z: f64) -> f64 {
        let t = (self.degrees * (math::exp(self.exponent * z * z) - 1.0)).sqrt() * self.scale;
        t.min(self.largest).copysign(z)
    }

    /// Logarithm of the density at `t`, but for a constant: that of the normal at the z that is mapped to `t`, times
    /// dz / dt.
    pub(crate) fn log_density(&self, t: f64) -> f64 {
        let plain = (t / self.scale).abs().max(1e-6);
        let square = plain * plain / self.degrees;
        let z_square = math::ln(1.0 + square) / self.exponent;
        let slope = plain / (self.degrees * (1.0 + square) * self.exponent * z_square.sqrt() * self.scale);
        math::ln(slope) - 0.5 * z_square
    }

    /// ln E exp(`a` × variable).
    pub(crate) fn cumulant(&self, a: f64) -> f64 {
        math::ln(expectation(|z| math::exp(a * self.map(z))))
    }
}

/// E f(z) for a standard normal z.
fn expectation(f: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut mass) = (0.0, 0.0);
    for i in -REACH..=REACH {
        let z = f64::from(i) * STEP;
        let weight = math::exp(-0.5 * z * z);
        sum += weight * f(z);
        mass += weight;
    }
    sum / mass
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::inverse_normal;

    /// Student's table (for example Abramowitz and Stegun, 1964, table 26.10); Wallace's approximation is within one
    /// percent of it.
    #[test]
    fn quantiles_are_those_of_student() {
        for (degrees, p, t) in
            [(4.0, 0.95, 2.132), (5.0, 0.975, 2.571), (5.0, 0.995, 4.032), (8.0, 0.9995, 5.041), (30.0, 0.99, 2.457)]
        {
            let tail = Tail::new(degrees, 100.0);
            let found = tail.map(inverse_normal(p)) / tail.scale;
            assert!((found / t - 1.0).abs() < 0.01, "{degrees} {p}: {found} instead of {t}");
        }
    }

    #[test]
    fn the_map_is_odd_rising_cut_and_of_variance_one() {
        for degrees in [4.0, 5.0, 12.0] {
            let tail = Tail::new(degrees, 12.0);
            let values: Vec<f64> = (-800..=800).map(|i| tail.map(f64::from(i) / 100.0)).collect();
            assert!(values.windows(2).all(|w| w[0] < w[1] || w[1].abs() > 11.999 || w[0].abs() > 11.999));
            assert!(values.iter().zip(values.iter().rev()).all(|(a, b)| (a + b).abs() < 1e-12));
            assert!(values.iter().all(|v| v.abs() <= 12.0));
            let variance = expectation(|z| tail.map(z) * tail.map(z));
            assert!((variance - 1.0).abs() < 1e-9, "{degrees}: {variance}");
        }
    }

    /// A density: rises to its mode at zero, and its logarithm falls as that of a power in the tail.
    #[test]
    fn the_density_has_the_power_of_its_degrees() {
        let tail = Tail::new(5.0, 1000.0);
        let (near, far) = (tail.log_density(40.0), tail.log_density(80.0));
        let power = (near - far) / math::ln(2.0);
        assert!((5.0..6.5).contains(&power), "{power}");
        assert!(tail.log_density(0.1) > tail.log_density(0.5));
    }
}
