//! Days, sessions and expirations of the New York exchanges.
//!
//! A [`Date`] is any calendar day; a [`TradingDay`] is one on which NYSE holds a session and comes only from a
//! [`Calendar`]; an [`Expiration`] is the day on which an option ends. Nothing here reads a clock.

use std::fmt;

use jiff::civil::ISOWeekDate;

mod calendar;
mod rules;

pub use calendar::{Calendar, CalendarError, CalendarProblem};
/// A calendar day, without time or zone.
pub use jiff::civil::Date;
/// A day of the week.
pub use jiff::civil::Weekday;

/// A day on which NYSE holds a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TradingDay(Date);

impl TradingDay {
    /// Takes a calendar's, or a stored record's, word that `date` is a session.
    #[must_use]
    pub const fn from_record(date: Date) -> Self {
        TradingDay(date)
    }

    /// The calendar day of this session.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }
}

/// The last day of an option's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiration(pub Date);

impl Expiration {
    /// Calendar days from `date` to the expiration; negative once it has passed.
    #[must_use]
    pub fn days_from(self, date: Date) -> i64 {
        days_between(date, self.0)
    }
}

/// One ISO week; its trading sessions are the protocol's week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    /// ISO year.
    pub year: i16,
    /// ISO week of that year, 1 to 53.
    pub number: i8,
}

impl Week {
    /// The ISO week that holds `date`.
    #[must_use]
    pub fn of(date: Date) -> Self {
        let iso = date.iso_week_date();
        Week { year: iso.year(), number: iso.week() }
    }

    /// The Monday of this week, session or not; `None` if the year has no week of this number.
    #[must_use]
    pub fn monday(self) -> Option<Date> {
        ISOWeekDate::new(self.year, self.number, Weekday::Monday).ok().map(ISOWeekDate::date)
    }

    /// The week `weeks` later, earlier if negative; this week itself where there is none.
    #[must_use]
    pub fn offset(self, weeks: i64) -> Week {
        let monday =
            self.monday().and_then(|monday| date_of_number(day_number(monday).checked_add(weeks.checked_mul(7)?)?));
        monday.map_or(self, Week::of)
    }

    /// The week after this one.
    #[must_use]
    pub fn after(self) -> Week {
        self.offset(1)
    }

    /// The week before this one.
    #[must_use]
    pub fn before(self) -> Week {
        self.offset(-1)
    }
}

/// Calendar days from `from` to `to`.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    day_number(to) - day_number(from)
}

/// Days since 1970-01-01, by the civil-from-days algorithm of Howard Hinnant (2013), without a table.
#[must_use]
pub fn day_number(date: Date) -> i64 {
    let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date that lies `number` days after 1970-01-01; `None` outside years -9999 to 9999. By the multiplications of
/// Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms", 2022.
#[must_use]
pub fn date_of_number(number: i64) -> Option<Date> {
    // Twenty-five cycles of 400 years are added, so that no year is negative, and taken from the year again.
    let n = u32::try_from(number.checked_add(719_468 + 25 * 146_097)?).ok().filter(|n| *n < 1 << 29)?;
    let of_centuries = 4 * n + 3;
    let of_years = (of_centuries % 146_097) | 3;
    let product = 2_939_745 * u64::from(of_years);
    let (year_of_century, low) = ((product >> 32) as u32, product as u32);
    let day_of_year = low / 2_939_745 / 4;
    let shifted = 2141 * day_of_year + 197_913;
    let (month, day) = (shifted >> 16, (shifted & 0xffff) / 2141 + 1);
    let is_next_year = day_of_year >= 306;
    let year = (100 * (of_centuries / 146_097) + year_of_century) as i32 + i32::from(is_next_year) - 10_000;
    let month = if is_next_year { month - 12 } else { month };
    Date::new(i16::try_from(year).ok()?, month as i8, day as i8).ok()
}

/// Days since the last Monday, 0 to 6, of the day with this number: 1970-01-01 was a Thursday.
pub(crate) const fn weekday_offset(number: i64) -> i64 {
    (number + 3).rem_euclid(7)
}

impl fmt::Display for TradingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Expiration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-W{:02}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_agree_with_the_date_library() {
        let epoch = Date::constant(1970, 1, 1);
        let mut date = Date::constant(1995, 1, 1);
        while date.year() < 2045 {
            let n = day_number(date);
            assert_eq!(n, i64::from(epoch.until(date).unwrap().get_days()), "{date}");
            assert_eq!(date_of_number(n), Some(date));
            assert_eq!(weekday_offset(n), i64::from(date.weekday().to_monday_zero_offset()));
            date = date.tomorrow().unwrap();
        }
    }
}
