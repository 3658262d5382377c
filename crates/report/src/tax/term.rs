//! Holding periods: from the day after the acquisition, long-term when longer than a year.

use market::time::{Date, date_of_number, day_number, days_between};

/// The date `days` after `date`.
pub(super) fn after(date: Date, days: i64) -> Date {
    date_of_number(day_number(date) + days).unwrap_or(date)
}

/// The first day of the holding period of what was acquired on `acquired`.
pub(super) fn begins(acquired: Date) -> Date {
    after(acquired, 1)
}

/// Days of a holding period that began on `first`, through the day of the disposal; none if it had not begun.
pub(super) fn days_held(first: Date, disposed: Date) -> i64 {
    (days_between(first, disposed) + 1).max(0)
}

/// Whether something whose holding period began on `first` is held for more than one year when it is disposed of: not
/// before that date of the next year (Publication 550, chapter 4, Holding Period; Revenue Ruling 66-7). A period that
/// began on a leap day ends with the next February.
#[must_use]
pub fn is_long_term(first: Date, disposed: Date) -> bool {
    let next = Date::new(first.year() + 1, first.month(), first.day());
    let anniversary = next.or_else(|_| Date::new(first.year() + 1, 3, 1));
    anniversary.is_ok_and(|anniversary| disposed >= anniversary)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Publication 550, chapter 4, Holding Period, and Revenue Ruling 66-7 on the last day of a month.
    #[test]
    fn more_than_one_year() {
        let day = Date::constant;
        for (acquired, disposed, long) in [
            (day(2023, 2, 5), day(2024, 2, 5), false),
            (day(2023, 2, 5), day(2024, 2, 6), true),
            (day(2023, 2, 28), day(2024, 2, 29), false),
            (day(2023, 2, 28), day(2024, 3, 1), true),
            (day(2024, 2, 28), day(2025, 2, 28), false),
            (day(2024, 2, 28), day(2025, 3, 1), true),
            (day(2024, 2, 29), day(2025, 2, 28), false),
            (day(2024, 2, 29), day(2025, 3, 1), true),
            (day(2023, 12, 31), day(2024, 12, 31), false),
            (day(2023, 12, 31), day(2025, 1, 1), true),
        ] {
            assert_eq!(is_long_term(begins(acquired), disposed), long, "{acquired} to {disposed}");
        }
        assert_eq!(days_held(begins(day(2024, 7, 5)), day(2024, 8, 8)), 34);
        assert_eq!(days_held(begins(day(2024, 7, 5)), day(2024, 7, 5)), 0);
    }
}
