//! From values to places: scales of values, and of time.

use market::math::ln;
use market::time::{Date, days_between};

/// A scale of values, drawn upwards from `bottom` to `top`, in pixels from the upper edge.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    log: bool,
    top: f64,
    bottom: f64,
    ticks: Vec<f64>,
}

impl Scale {
    /// A linear scale that holds every value and zero where it is near; its ends are ticks.
    pub(crate) fn linear(values: impl IntoIterator<Item = f64>, (top, bottom): (f64, f64), most: usize) -> Scale {
        let (low, high) = span(values).unwrap_or((0.0, 1.0));
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, high + 0.5) };
        let step = step((high - low) / most as f64);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks: Vec<f64> = (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect();
        Scale { low: first * step, high: last * step, log: false, top, bottom, ticks }
    }

    /// A logarithmic scale of values above zero, with ticks at 1, 2 and 5 times powers of ten.
    pub(crate) fn log(values: impl IntoIterator<Item = f64>, (top, bottom): (f64, f64)) -> Scale {
        let (low, high) = span(values.into_iter().filter(|v| *v > 0.0)).unwrap_or((1.0, 10.0));
        let (low, high) = if high > low { (low, high) } else { (low * 0.9, high * 1.1) };
        let mut decade = 1.0;
        while decade > low {
            decade /= 10.0;
        }
        while decade * 10.0 <= low {
            decade *= 10.0;
        }
        let mut ticks = Vec::new();
        while decade <= high {
            ticks.extend([1.0, 2.0, 5.0].map(|n| n * decade).into_iter().filter(|t| *t >= low && *t <= high));
            decade *= 10.0;
        }
        Scale { low: low * 0.97, high: high * 1.03, log: true, top, bottom, ticks }
    }

    /// A logarithmic scale where values differ by more than a factor of five and are all above zero, else a linear one.
    pub(crate) fn fitting(values: &[f64], place: (f64, f64)) -> Scale {
        match span(values.iter().copied()) {
            Some((low, high)) if low > 0.0 && high / low > 5.0 => Scale::log(values.iter().copied(), place),
            _ => Scale::linear(values.iter().copied(), place, 4),
        }
    }

    /// Whether equal steps are equal factors.
    pub(crate) const fn is_log(&self) -> bool {
        self.log
    }

    /// The place of a value; one outside lies on the edge.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let of = |v: f64| if self.log { ln(v) } else { v };
        let value = value.clamp(self.low, self.high);
        let share = (of(value) - of(self.low)) / (of(self.high) - of(self.low));
        self.bottom - share * (self.bottom - self.top)
    }

    /// The same as a share of the way from the lowest value to the highest, for values that run to the right.
    pub(crate) fn share(&self, value: f64) -> f64 {
        (self.bottom - self.at(value)) / (self.bottom - self.top)
    }

    /// Round values in between.
    pub(crate) fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// The lowest place.
    pub(crate) const fn bottom(&self) -> f64 {
        self.bottom
    }
}

fn span(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| v.is_finite()).fold(None, |span, v| match span {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

/// The next of 1, 2, 2.5 and 5 times a power of ten.
fn step(least: f64) -> f64 {
    let mut power = 1.0;
    while power > least {
        power /= 10.0;
    }
    while power * 10.0 <= least {
        power *= 10.0;
    }
    let fits = [1.0, 2.0, 2.5, 5.0].into_iter().map(|n| n * power).find(|s| *s >= least * 0.999_999);
    fits.unwrap_or(power * 10.0)
}

/// Days from left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Time {
    from: Date,
    to: Date,
}

impl Time {
    /// From one day to another; a single day stands in the middle.
    pub(crate) const fn new(from: Date, to: Date) -> Time {
        Time { from, to }
    }

    /// Where a day stands, 0 at the left edge and 1 at the right.
    pub(crate) fn at(&self, day: Date) -> f64 {
        let whole = days_between(self.from, self.to);
        if whole <= 0 { 0.5 } else { (days_between(self.from, day) as f64 / whole as f64).clamp(0.0, 1.0) }
    }

    /// Beginnings of years, of quarters or of months, so that there are about ten, each with its name.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let months = i32::from(self.to.year() - self.from.year()) * 12 + i32::from(self.to.month() - self.from.month());
        let every = match months {
            0..=11 => 1,
            12..=35 => 3,
            36..=143 => 12,
            _ => 24,
        };
        let first = i32::from(self.from.year()) * 12 + i32::from(self.from.month()) - 1;
        let ticks = (first..=first + months).filter(|m| m % every == 0).filter_map(|month| {
            let (year, number) =
                (i16::try_from(month.div_euclid(12)).ok()?, i8::try_from(month.rem_euclid(12) + 1).ok()?);
            let day = Date::new(year, number, 1).ok()?;
            let name = match every {
                12 | 24 => year.to_string(),
                _ => format!("{} {:02}", MONTHS[number as usize - 1], year.rem_euclid(100)),
            };
            (day >= self.from).then(|| (self.at(day), name))
        });
        ticks.collect()
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn linear_scales_end_on_round_values() {
        let scale = Scale::linear([0.0, 803_603.57], (10.0, 210.0), 4);
        assert_eq!(scale.ticks(), [0.0, 250_000.0, 500_000.0, 750_000.0, 1_000_000.0]);
        assert!((scale.at(0.0) - 210.0).abs() < 1e-9 && (scale.at(1e6) - 10.0).abs() < 1e-9);
        assert!((scale.at(2e6) - 10.0).abs() < 1e-9, "what lies outside is drawn on the edge");
        let flat = Scale::linear([5.0], (0.0, 100.0), 4);
        assert!((flat.at(5.0) - 50.0).abs() < 1e-9, "one value stands in the middle");
        assert_eq!(Scale::linear([], (0.0, 1.0), 4).ticks().len(), 5);
        let below = Scale::linear([-0.213, 0.0], (0.0, 100.0), 4);
        assert!(below.ticks()[0] <= -0.213 && below.ticks().len() <= 6);
    }

    #[test]
    fn logarithmic_scales_keep_factors() {
        let scale = Scale::log([300_000.0, 11_812_173.0], (0.0, 300.0));
        assert_eq!(scale.ticks(), [500_000.0, 1e6, 2e6, 5e6, 1e7]);
        let factor = |a: f64, b: f64| scale.at(a) - scale.at(b);
        assert!((factor(1e6, 2e6) - factor(5e6, 1e7)).abs() < 1e-9);
        assert!(Scale::fitting(&[300.0, 11_000.0], (0.0, 1.0)).is_log());
        assert!(!Scale::fitting(&[300.0, 1_000.0], (0.0, 1.0)).is_log());
        assert!(!Scale::fitting(&[-1.0, 1_000.0], (0.0, 1.0)).is_log());
    }

    #[test]
    fn time_is_marked_by_years_or_months() {
        let ten = Time::new(date("2016-09-02"), date("2026-05-29"));
        let names: Vec<String> = ten.ticks().into_iter().map(|t| t.1).collect();
        assert_eq!(names, ["2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024", "2025", "2026"]);
        let short = Time::new(date("2024-06-14"), date("2024-08-21"));
        assert_eq!(short.ticks().into_iter().map(|t| t.1).collect::<Vec<_>>(), ["Jul 24", "Aug 24"]);
        assert!((ten.at(date("2016-09-02"))).abs() < 1e-12 && (ten.at(date("2026-05-29")) - 1.0).abs() < 1e-12);
        let one = Time::new(date("2024-06-14"), date("2024-06-14"));
        assert!((one.at(date("2024-06-14")) - 0.5).abs() < 1e-12);
    }
}
