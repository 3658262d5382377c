//! Quarterly dates: earnings and dividends.

use market::time::{Calendar, Date, TradingDay, date_of_number, day_number};

/// The first day of the quarter that holds `date`.
pub(crate) fn quarter_start(date: Date) -> Date {
    let month = (date.month() - 1) / 3 * 3 + 1;
    Date::new(date.year(), month, 1).expect("the first of a month of this year exists")
}

/// Every first of a quarter from the one that holds `first` to `last`.
pub(crate) fn quarters(first: Date, last: Date) -> impl Iterator<Item = Date> {
    // A quarter has at most 92 days, so that 92 days after its first the next one has begun and not ended.
    let next = |d: &Date| date_of_number(day_number(*d) + 92).map(quarter_start);
    std::iter::successors(Some(quarter_start(first)), next).take_while(move |d| *d <= last)
}

/// The session on or after the day that lies `days` after `start`.
pub(crate) fn session_after(start: Date, days: f64, calendar: &Calendar) -> Option<TradingDay> {
    let date = date_of_number(day_number(start) + days.round().clamp(0.0, 89.0) as i64)?;
    calendar.on_or_after(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_follow_each_other() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let found: Vec<Date> = quarters(day("2023-11-30"), day("2025-01-01")).collect();
        let wanted = ["2023-10-01", "2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01"].map(day);
        assert_eq!(found, wanted);
        let calendar = Calendar::nyse();
        assert_eq!(session_after(day("2024-07-01"), 3.0, &calendar).unwrap().date(), day("2024-07-05"));
    }
}
