//! American options by a binomial lattice (Leisen and Reimer 1996, "Binomial models for option valuation — examining
//! and improving convergence", with Peizer and Pratt's second inversion of the binomial distribution).

use market::instrument::Right;
use market::math;

use super::YieldTerms;
use crate::black_scholes::sign;
use crate::unit::Volatility;

/// Price, dollars, in a lattice of this many steps; an even number is raised by one. The error falls about as the
/// inverse of the steps. With no volatility or time left, the better of exercise now and at expiration.
#[must_use]
pub fn price(terms: &YieldTerms, right: Right, strike: f64, volatility: Volatility, steps: usize) -> f64 {
    let steps = steps | 1;
    let (spot, rate, years) = (terms.spot(), terms.rate().get(), terms.years().get());
    let drift = rate - terms.dividend_yield().get();
    let deviation = volatility.get() * years.sqrt();
    let worth = |stock: f64| (sign(right) * (stock - strike)).max(0.0);
    let discount = math::exp(-rate * years);
    if deviation <= 0.0 {
        return worth(spot).max(discount * worth(spot * math::exp(drift * years)));
    }
    let middle = (math::ln(spot / strike) + drift * years) / deviation;
    let (with, without) = (inverted(middle + 0.5 * deviation, steps), inverted(middle - 0.5 * deviation, steps));
    let step_years = years / steps as f64;
    let growth = math::exp(drift * step_years);
    let (up, down) = (growth * with / without, growth * (1.0 - with) / (1.0 - without));
    let step_discount = math::exp(-rate * step_years);
    let (up_weight, down_weight) = (step_discount * without, step_discount * (1.0 - without));
    // Stocks of the last step, falling; a step earlier each is its upper successor over `up`.
    let mut stocks: Vec<f64> = Vec::with_capacity(steps + 1);
    let (log_up, log_down) = (math::ln(up), math::ln(down));
    for downs in 0..=steps {
        stocks.push(spot * math::exp((steps - downs) as f64 * log_up + downs as f64 * log_down));
    }
    let mut values: Vec<f64> = stocks.iter().map(|stock| worth(*stock)).collect();
    for last in (0..steps).rev() {
        for i in 0..=last {
            stocks[i] /= up;
            values[i] = worth(stocks[i]).max(up_weight * values[i] + down_weight * values[i + 1]);
        }
    }
    values[0]
}

/// The probability of one upward step with which more than half of `steps` go up with probability N(z).
fn inverted(z: f64, steps: usize) -> f64 {
    let n = steps as f64;
    let scaled = z / (n + 1.0 / 3.0 + 0.1 / (n + 1.0));
    let root = (1.0 - math::exp(-scaled * scaled * (n + 1.0 / 6.0))).sqrt();
    if z < 0.0 { 0.5 - 0.5 * root } else { 0.5 + 0.5 * root }
}
