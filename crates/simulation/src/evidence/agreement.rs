//! How well a rebuilt index agrees with the published one (V1).

use market::time::{Date, TradingDay, days_between};
use report::measure;

/// A rebuilt index beside the published one.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// The close at which both start: the last of a month.
    pub from: Date,
    /// The close at which both end: the last of a month.
    pub to: Date,
    /// Months between them.
    pub months: usize,
    /// Correlation of monthly returns.
    pub correlation: f64,
    /// Standard deviation of the differences of monthly returns.
    pub monthly_deviation: f64,
    /// Weeks compared; weeks do not end with months.
    pub weeks: usize,
    /// Correlation of weekly returns.
    pub weekly_correlation: f64,
    /// Standard deviation of the differences of weekly returns.
    pub weekly_deviation: f64,
    /// Growth a year, the rebuilt index's first.
    pub annual: (f64, f64),
    /// Returns of each calendar year, the rebuilt index's first; the first and the last may not be whole.
    pub years: Vec<(i16, f64, f64)>,
    /// Returns of each month by its last close, the rebuilt index's first.
    pub monthly: Vec<(Date, f64, f64)>,
}

impl Agreement {
    /// The years that are whole: from the last close of one December to that of the next.
    pub fn whole_years(&self) -> impl Iterator<Item = (i16, f64, f64)> + '_ {
        let (first, last) = (self.from, self.to);
        let begins = first.year() + 1;
        let ends = if last.month() == 12 { last.year() } else { last.year() - 1 };
        self.years.iter().copied().filter(move |(year, _, _)| (begins..=ends).contains(year))
    }

    /// The year in which the two differ most, with the difference.
    #[must_use]
    pub fn worst_year(&self) -> Option<(i16, f64)> {
        let differences = self.years.iter().map(|(year, own, published)| (*year, own - published));
        differences.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
    }
}

/// Values of both on one day.
#[derive(Clone, Copy)]
struct Pair {
    date: Date,
    own: f64,
    published: f64,
}

/// Compares the two from the first month's end on that both have, to the last; both rise by date. `None` if they share
/// no three ends of months.
#[must_use]
pub fn agreement(own: &[(TradingDay, f64)], published: &[(Date, f64)]) -> Option<Agreement> {
    let pair = |(day, own): &(TradingDay, f64)| {
        let at = published.binary_search_by_key(&day.date(), |(date, _)| *date).ok()?;
        Some(Pair { date: day.date(), own: *own, published: published[at].1 })
    };
    let days: Vec<Pair> = own.iter().filter_map(pair).collect();
    // The last day of a period is the one that the next period's first follows: the end of the data ends none.
    let ends = |same: fn(Date, Date) -> bool| -> Vec<Pair> {
        let whole = days.windows(2).filter(|pair| !same(pair[0].date, pair[1].date)).map(|pair| pair[0]);
        whole.collect()
    };
    let mut months = ends(|a, b| (a.year(), a.month()) == (b.year(), b.month()));
    months.extend(days.last().filter(|last| last.date.tomorrow().is_ok_and(|next| next.month() != last.date.month())));
    let (first, last) = (*months.first()?, *months.last()?);
    let within = |pair: &Pair| pair.date >= first.date && pair.date <= last.date;
    let weeks: Vec<Pair> = ends(|a, b| a.iso_week_date().week() == b.iso_week_date().week());
    let weeks: Vec<Pair> = weeks.into_iter().filter(within).collect();
    let (monthly, weekly) = (returns(&months), returns(&weeks));
    let growth = |of: fn(&Pair) -> f64| measure::cagr(of(&last) / of(&first), days_between(first.date, last.date));
    Some(Agreement {
        from: first.date,
        to: last.date,
        months: monthly.len(),
        correlation: correlation(&monthly)?,
        monthly_deviation: deviation(&monthly)?,
        weeks: weekly.len(),
        weekly_correlation: correlation(&weekly)?,
        weekly_deviation: deviation(&weekly)?,
        annual: (growth(|p| p.own)?, growth(|p| p.published)?),
        years: years(&months),
        monthly: months[1..].iter().zip(monthly).map(|(end, (own, published))| (end.date, own, published)).collect(),
    })
}

/// Returns of both between each pair and the next.
fn returns(pairs: &[Pair]) -> Vec<(f64, f64)> {
    let step = |pair: &[Pair]| (pair[1].own / pair[0].own - 1.0, pair[1].published / pair[0].published - 1.0);
    pairs.windows(2).map(step).collect()
}

fn deviation(returns: &[(f64, f64)]) -> Option<f64> {
    measure::deviation(&returns.iter().map(|(a, b)| a - b).collect::<Vec<_>>())
}

/// Pearson's correlation; `None` if either never moves.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (mean_a, mean_b) = (measure::mean(&a)?, measure::mean(&b)?);
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(a, b)| of(a - mean_a, b - mean_b)).sum::<f64>();
    let scale = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    (scale > 0.0).then(|| sum(&|a, b| a * b) / scale)
}

/// Each year from the last end of a month before it, or the first, to its own last.
fn years(months: &[Pair]) -> Vec<(i16, f64, f64)> {
    let mut before = months[0];
    let mut years = Vec::new();
    for year in months[1..].chunk_by(|a, b| a.date.year() == b.date.year()) {
        let last = year[year.len() - 1];
        years.push((last.date.year(), last.own / before.own - 1.0, last.published / before.published - 1.0));
        before = last;
    }
    years
}

#[cfg(test)]
mod tests {
    use super::*;
    use market::time::Calendar;

    /// Every session from December 2018 to the end of June 2020, a value for each.
    fn series(of: impl Fn(usize) -> f64) -> Vec<(TradingDay, f64)> {
        let calendar = Calendar::nyse();
        let (from, to) = (Date::constant(2018, 12, 3), Date::constant(2020, 6, 30));
        let sessions = calendar.sessions_between(from, to);
        sessions.iter().enumerate().map(|(i, day)| (*day, of(i))).collect()
    }

    fn dated(series: &[(TradingDay, f64)]) -> Vec<(Date, f64)> {
        series.iter().map(|(day, value)| (day.date(), *value)).collect()
    }

    #[test]
    fn an_index_agrees_with_itself_whatever_its_base() {
        let own = series(|i| 100.0 + (i % 17) as f64 + i as f64 / 10.0);
        let twice: Vec<(Date, f64)> = dated(&own).into_iter().map(|(date, value)| (date, 2.0 * value)).collect();
        let found = agreement(&own, &twice).unwrap();
        assert_eq!((found.from, found.to), (Date::constant(2018, 12, 31), Date::constant(2020, 6, 30)));
        assert_eq!((found.months, found.weeks, found.years.len()), (18, 77, 2));
        assert!((found.correlation - 1.0).abs() < 1e-12 && (found.weekly_correlation - 1.0).abs() < 1e-12);
        assert!(found.monthly_deviation < 1e-12 && found.weekly_deviation < 1e-12);
        assert!((found.annual.0 - found.annual.1).abs() < 1e-12);
        assert!(found.worst_year().unwrap().1.abs() < 1e-12);
    }

    /// The published index stands still but for 2019, in whose last month it loses a tenth.
    #[test]
    fn a_difference_is_found_in_its_year() {
        let own = series(|i| 100.0 + (i % 17) as f64);
        let lower = |(date, value): (Date, f64)| (date, if date.year() < 2020 { value } else { 0.9 * value });
        let published: Vec<(Date, f64)> = dated(&own).into_iter().map(lower).collect();
        let found = agreement(&own, &published).unwrap();
        let (year, by) = found.worst_year().unwrap();
        let own_2020 = found.years.iter().find(|(y, _, _)| *y == 2020).unwrap().1;
        assert_eq!(year, 2020);
        assert!((by - 0.1 * (1.0 + own_2020)).abs() < 1e-12, "{found:?}");
        assert!(found.correlation < 1.0 && found.annual.0 > found.annual.1);
        let whole: Vec<i16> = found.whole_years().map(|(year, _, _)| year).collect();
        assert_eq!((whole, found.years.len()), (vec![2019], 2), "2020 ends in June");
        let later = agreement(&own[30..], &published).unwrap();
        assert_eq!(later.whole_years().count(), 0, "2019 begins in January");
        let grown: f64 = found.monthly[12..].iter().map(|(_, _, published)| 1.0 + published).product();
        assert!((grown - 1.0 - found.years[1].2).abs() < 1e-12, "{:?}", found.monthly);
    }

    #[test]
    fn what_does_not_meet_or_does_not_move_is_not_compared() {
        let own = series(|i| 100.0 + (i % 17) as f64);
        assert_eq!(agreement(&own, &[]), None);
        assert_eq!(agreement(&own[..25], &dated(&own[..25])), None, "one month's end");
        let still: Vec<(Date, f64)> = dated(&own).into_iter().map(|(date, _)| (date, 1.0)).collect();
        assert_eq!(agreement(&own, &still), None, "an index that stands still correlates with nothing");
    }
}
