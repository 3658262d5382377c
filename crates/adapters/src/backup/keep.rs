//! Which backups are kept: the last few, and the newest of each of the last days, weeks and months that have one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How many of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The newest.
    pub last: usize,
    /// Days.
    pub daily: usize,
    /// ISO weeks.
    pub weekly: usize,
    /// Months.
    pub monthly: usize,
}

/// Places of the backups that are kept, and of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorted {
    /// Kept, newest first.
    pub kept: Vec<usize>,
    /// Not kept, newest first.
    pub dropped: Vec<usize>,
}

/// Sorts backups by when they were made, in UTC. The newest is always kept.
#[must_use]
pub fn sort(made: &[Timestamp], keep: Keep) -> Sorted {
    let mut newest_first: Vec<usize> = (0..made.len()).collect();
    newest_first.sort_by_key(|at| std::cmp::Reverse((made[*at], *at)));
    let mut kept: BTreeSet<usize> = newest_first.iter().copied().take(keep.last.max(1)).collect();
    let date = |at: usize| made[at].to_zoned(TimeZone::UTC).date();
    let day = |at: usize| (date(at).year(), date(at).day_of_year());
    let week = |at: usize| (date(at).iso_week_date().year(), i16::from(date(at).iso_week_date().week()));
    let month = |at: usize| (date(at).year(), i16::from(date(at).month()));
    let mut newest_of_each = |count: usize, period: &dyn Fn(usize) -> (i16, i16)| {
        let mut seen = BTreeSet::new();
        for at in &newest_first {
            if seen.len() < count && seen.insert(period(*at)) {
                kept.insert(*at);
            }
        }
    };
    newest_of_each(keep.daily, &day);
    newest_of_each(keep.weekly, &week);
    newest_of_each(keep.monthly, &month);
    let (kept, dropped) = newest_first.into_iter().partition(|at| kept.contains(at));
    Sorted { kept, dropped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_of_each_period_is_kept() {
        let made = [
            at("2026-01-31T08:00:00Z"),
            at("2026-02-01T08:00:00Z"),
            at("2026-02-27T08:00:00Z"),
            at("2026-03-02T08:00:00Z"),
            at("2026-03-03T08:00:00Z"),
            at("2026-03-03T20:00:00Z"),
        ];
        let kept = |last, daily, weekly, monthly| sort(&made, Keep { last, daily, weekly, monthly }).kept;
        assert_eq!(kept(2, 0, 0, 0), [5, 4]);
        assert_eq!(kept(0, 0, 0, 0), [5], "the newest is never dropped");
        assert_eq!(kept(1, 3, 0, 0), [5, 3, 2], "the newest of three days that have one");
        assert_eq!(kept(1, 0, 3, 0), [5, 2, 1], "1 February 2026 is a Sunday, of the week of 31 January");
        assert_eq!(kept(1, 0, 0, 3), [5, 2, 0]);
        let all = sort(&made, Keep { last: 1, daily: 2, weekly: 0, monthly: 3 });
        assert_eq!((all.kept, all.dropped), (vec![5, 3, 2, 0], vec![4, 1]));
        assert_eq!(sort(&[], Keep { last: 3, daily: 3, weekly: 3, monthly: 3 }).kept, [0; 0]);
    }
}
