//! The formulas of performance, on plain numbers. A result that is not defined is `None`, never zero.

use market::math::pow;
use market::time::{Date, days_between};

/// Days in a year, for annual rates.
const YEAR: f64 = 365.0;

/// The mean.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample standard deviation (n − 1).
#[must_use]
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// The standard deviation of returns, annualised by the square root of `periods` a year.
#[must_use]
pub fn volatility(returns: &[f64], periods: f64) -> Option<f64> {
    deviation(returns).map(|d| d * periods.sqrt())
}

/// Sharpe's ratio: mean excess return over its standard deviation, annualised by the square root of `periods` a year
/// (Sharpe 1994, "The Sharpe Ratio", equations 3 to 6).
#[must_use]
pub fn sharpe(excess: &[f64], periods: f64) -> Option<f64> {
    let deviation = deviation(excess).filter(|d| *d > 0.0)?;
    mean(excess).map(|m| m / deviation * periods.sqrt())
}

/// The downside deviation of excess returns from zero: the root of the mean of the squared shortfalls, over all returns
/// (Sortino and Price 1994).
#[must_use]
pub fn downside(excess: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = excess.iter().map(|e| e.min(0.0) * e.min(0.0)).collect();
    mean(&squares).map(f64::sqrt)
}

/// Sortino's ratio: mean excess return over its downside deviation, annualised by the square root of `periods` a year.
#[must_use]
pub fn sortino(excess: &[f64], periods: f64) -> Option<f64> {
    let downside = downside(excess).filter(|d| *d > 0.0)?;
    mean(excess).map(|m| m / downside * periods.sqrt())
}

/// The growth of one dollar over all returns.
#[must_use]
pub fn linked(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |grown, r| grown * (1.0 + r))
}

/// Compound annual growth rate of `growth` (end over start) in `days` calendar days, at 365 days a year.
#[must_use]
pub fn cagr(growth: f64, days: i64) -> Option<f64> {
    (growth > 0.0 && days > 0).then(|| pow(growth, YEAR / days as f64) - 1.0)
}

/// The effective annual rate of `growth` over `weeks`, with `weeks_per_year` in a year: (1 + w)^52 − 1, w being the
/// geometric mean of the weeks.
#[must_use]
pub fn effective_annual(growth: f64, weeks: usize, weeks_per_year: f64) -> Option<f64> {
    (growth > 0.0 && weeks > 0).then(|| pow(growth, weeks_per_year / weeks as f64) - 1.0)
}

/// The largest fall from a highest value before, as a share of it, over values that begin with `start`.
#[must_use]
pub fn drawdown(start: f64, values: impl IntoIterator<Item = f64>) -> f64 {
    let mut peak = start;
    let mut worst: f64 = 0.0;
    for value in values {
        peak = peak.max(value);
        if peak > 0.0 {
            worst = worst.max(1.0 - value / peak);
        }
    }
    worst
}

/// The money-weighted annual rate: the rate at which dated flows, paid in negative and received positive, are worth
/// nothing on the day of the first, at 365 days a year (as the XIRR of spreadsheets). By bisection, so that it is the
/// same on every machine; `None` without a flow of either sign, or where the rate lies outside −99.9999% to 1,000,000%.
#[must_use]
pub fn xirr(flows: &[(Date, f64)]) -> Option<f64> {
    let first = flows.iter().map(|(date, _)| *date).min()?;
    let years: Vec<(f64, f64)> = flows.iter().map(|(d, f)| (days_between(first, *d) as f64 / YEAR, *f)).collect();
    let both = years.iter().any(|(_, f)| *f > 0.0) && years.iter().any(|(_, f)| *f < 0.0);
    let spread = years.iter().any(|(y, _)| *y > 0.0);
    let worth = |rate: f64| years.iter().map(|(y, f)| f * pow(1.0 + rate, -y)).sum::<f64>();
    let (mut low, mut high) = (-0.999_999, 1.0);
    if !both || !spread {
        return None;
    }
    while worth(low) * worth(high) > 0.0 {
        high *= 4.0;
        if high > 1e4 {
            return None;
        }
    }
    let rising = worth(low) < 0.0;
    for _ in 0..200 {
        let middle = low.midpoint(high);
        if (worth(middle) < 0.0) == rising {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low.midpoint(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<f64>, expected: f64, within: f64) {
        let found = found.expect("a figure");
        assert!((found - expected).abs() <= within, "{found} is not {expected}");
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// The example of Microsoft's documentation of XIRR: 0.373362535.
    #[test]
    fn xirr_of_the_spreadsheet_manual() {
        let flows = [
            ("2008-01-01", -10_000.0),
            ("2008-03-01", 2_750.0),
            ("2008-10-30", 4_250.0),
            ("2009-02-15", 3_250.0),
            ("2009-04-01", 2_750.0),
        ]
        .map(|(d, f)| (date(d), f));
        near(xirr(&flows), 0.373_362_535, 5e-9);
    }

    #[test]
    fn xirr_is_refused_where_there_is_none() {
        assert_eq!(xirr(&[]), None);
        assert_eq!(xirr(&[(date("2020-01-01"), -1.0)]), None);
        assert_eq!(xirr(&[(date("2020-01-01"), -1.0), (date("2021-01-01"), -1.0)]), None);
        assert_eq!(xirr(&[(date("2020-01-01"), -1.0), (date("2020-01-01"), 1.0)]), None);
        assert_eq!(xirr(&[(date("2020-01-01"), -1.0), (date("2020-01-02"), 9.0)]), None, "beyond the range");
    }

    /// A $10,000 portfolio that ends three years later at $19,000 grew 23.86% a year (Investopedia, "CAGR").
    #[test]
    fn a_published_growth_rate() {
        near(cagr(1.9, 3 * 365), 0.238_6, 5e-5);
        assert_eq!(cagr(1.9, 0), None);
        assert_eq!(cagr(0.0, 365), None);
    }

    /// 1.5%, 1.0% and 0.5% a week are 117%, 68% and 30% a year.
    #[test]
    fn the_targets_as_annual_rates() {
        for (weekly, annual) in [(1.015, 1.17), (1.01, 0.68), (1.005, 0.30)] {
            near(effective_annual(weekly, 1, 52.0), annual, 0.005);
            near(effective_annual(weekly * weekly, 2, 52.0), annual, 0.005);
        }
    }

    /// Eight annual returns whose downside deviation from zero is 2.264% and whose ratio is 4.417 (Rollinger and
    /// Hoffman 2013, "Sortino: A 'Sharper' Ratio").
    #[test]
    fn a_published_sortino_ratio() {
        let returns = [0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04];
        near(downside(&returns), 0.022_64, 5e-6);
        near(sortino(&returns, 1.0), 4.417, 5e-4);
    }

    /// Five annual returns of the S&P 500, 2001 to 2005: mean 2.10%, deviation 19.83% (Bodie, Kane and Marcus 2009,
    /// "Investments", spreadsheet 5.2), so that the ratio over nothing is 0.1058.
    #[test]
    fn a_published_deviation() {
        let returns = [-0.1189, -0.2210, 0.2869, 0.1088, 0.0491];
        near(mean(&returns), 0.0210, 5e-5);
        near(deviation(&returns), 0.1983, 5e-5);
        near(sharpe(&returns, 1.0), 0.0210 / 0.1983, 2e-4);
    }

    /// Returns of 1%, 2% and 3% over nothing: mean 2%, deviation 1%, so that the ratio is 2 a period.
    #[test]
    fn ratios_on_plain_series() {
        let rising = [0.01, 0.02, 0.03];
        near(sharpe(&rising, 1.0), 2.0, 1e-12);
        near(sharpe(&rising, 52.0), 2.0 * 52f64.sqrt(), 1e-12);
        near(volatility(&rising, 4.0), 0.02, 1e-12);
        assert_eq!(sortino(&rising, 52.0), None, "nothing fell short");
        assert_eq!(sharpe(&[0.01, 0.01], 52.0), None, "nothing varied");
        assert_eq!((sharpe(&[0.01], 52.0), mean(&[])), (None, None));
        // Shortfalls of 3% and 4% in four: √((9 + 16) / 4) = 2.5%; the mean is 1%.
        near(sortino(&[0.05, -0.03, 0.06, -0.04], 1.0), 0.01 / 0.025, 1e-12);
    }

    #[test]
    fn the_deepest_fall_counts_from_the_highest_before() {
        assert!((drawdown(100.0, [120.0, 90.0, 130.0, 110.0]) - 0.25).abs() < 1e-12);
        assert!((drawdown(100.0, [90.0, 95.0]) - 0.1).abs() < 1e-12, "the start counts as a peak");
        assert_eq!(drawdown(100.0, []).to_bits(), 0f64.to_bits());
    }

    proptest! {
        /// One payment and one receipt: the rate is the compound annual growth rate.
        #[test]
        fn xirr_of_two_flows_is_their_growth(growth in 0.2f64..4.0, days in 200i32..4_000) {
            let end = date("2016-01-04").checked_add(jiff::Span::new().days(days)).unwrap();
            let rate = xirr(&[(date("2016-01-04"), -100.0), (end, 100.0 * growth)]).unwrap();
            let expected = cagr(growth, i64::from(days)).unwrap();
            prop_assert!((rate - expected).abs() < 1e-9, "{rate} {expected}");
        }
    }
}
