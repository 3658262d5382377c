//! Treasury yields: two slow paths and the tenors between them.

use market::history::RateDay;
use market::time::TradingDay;

use super::parameters::{Rates, Slow};
use crate::rng::Rng;

/// Two equal lags in a row behind white noise.
struct Path {
    law: Slow,
    lead: f64,
    value: f64,
    kept: f64,
    shock: f64,
}

impl Path {
    /// Starts anywhere the path spends its time: the follower has half the leader's variance and half its covariance.
    fn new(law: Slow, stream: &mut Rng) -> Self {
        let kept = 1.0 - 1.0 / law.lag;
        let leading = law.deviation * std::f64::consts::SQRT_2;
        let lead = leading * stream.normal();
        let value = 0.5 * lead + 0.5 * leading * stream.normal();
        Path { law, lead, value, kept, shock: leading * (1.0 - kept * kept).sqrt() }
    }

    fn step(&mut self, stream: &mut Rng) -> f64 {
        self.value = self.kept * self.value + (1.0 - self.kept) * self.lead;
        self.lead = self.kept * self.lead + self.shock * stream.normal();
        self.law.mean + self.value
    }
}

/// A yield as it is published: hundredths of a percent, not below zero.
fn published(percent: f64) -> f64 {
    (percent.max(0.0) * 100.0).round() / 100.0
}

/// Yields on each session.
pub(crate) fn rates(p: &Rates, seed: u64, days: &[TradingDay]) -> Vec<RateDay> {
    let (mut of_bill, mut of_spread) = (Rng::stream(seed, "rates/bill"), Rng::stream(seed, "rates/spread"));
    let mut bill = Path::new(p.bill, &mut of_bill);
    let mut spread = Path::new(p.spread, &mut of_spread);
    let day = |day: &TradingDay| {
        let (short, spread) = (bill.step(&mut of_bill), spread.step(&mut of_spread));
        let shares = [0.0, p.shares[0], p.shares[1], p.shares[2], 1.0];
        RateDay { date: day.date(), yields: shares.map(|share| Some(published(short + share * spread))) }
    };
    days.iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over two thousand years the path has its mean and deviation, and moves little from one session to the next.
    #[test]
    fn a_slow_path_has_its_mean_and_deviation() {
        let law = Slow { mean: 2.0, deviation: 1.5, lag: 200.0 };
        let mut stream = Rng::new(3);
        let mut path = Path::new(law, &mut stream);
        let (mut sum, mut square, mut change, mut before) = (0.0, 0.0, 0.0, path.step(&mut stream));
        const N: u32 = 504_000;
        for _ in 0..N {
            let now = path.step(&mut stream);
            sum += now;
            square += now * now;
            change += (now - before) * (now - before);
            before = now;
        }
        let mean = sum / f64::from(N);
        let deviation = (square / f64::from(N) - mean * mean).sqrt();
        assert!((mean - 2.0).abs() < 0.1, "{mean}");
        assert!((deviation / 1.5 - 1.0).abs() < 0.05, "{deviation}");
        assert!((change / f64::from(N)).sqrt() < 0.02);
    }

    #[test]
    fn yields_are_published_in_hundredths_and_not_below_zero() {
        assert!((published(4.126) - 4.13).abs() < 1e-12);
        assert!(published(-0.3).abs() < 1e-12);
    }
}
