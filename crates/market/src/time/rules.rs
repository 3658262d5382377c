//! Closures, early closes and clock changes by rule, for any year since 2005.
//!
//! NYSE Rule 7.2 (holidays; a Saturday's holiday is kept on Friday unless that Friday ends a month's accounts, a
//! Sunday's on Monday) and the early closes that NYSE announces with it.

use jiff::civil::Weekday;

use super::Date;

/// The days of `year` on which NYSE is closed by rule; a few may fall on a weekend.
pub(super) fn closures(year: i16) -> impl Iterator<Item = Date> {
    let new_year = fixed(year, 1, 1);
    // Friday 31 December ends the year's accounts: a Saturday's New Year is not moved.
    let new_year = if new_year.weekday() == Weekday::Saturday { new_year } else { observed(new_year) };
    let juneteenth = (year >= 2022).then(|| observed(fixed(year, 6, 19)));
    [
        new_year,
        nth(year, 1, 3, Weekday::Monday),
        nth(year, 2, 3, Weekday::Monday),
        days_after(easter(year), -2),
        nth(year, 5, -1, Weekday::Monday),
        observed(fixed(year, 7, 4)),
        nth(year, 9, 1, Weekday::Monday),
        nth(year, 11, 4, Weekday::Thursday),
        observed(fixed(year, 12, 25)),
    ]
    .into_iter()
    .chain(juneteenth)
}

/// The days of `year` on which trading ends at 13:00 if NYSE trades on them at all: the day before Independence Day,
/// the day after Thanksgiving, Christmas Eve.
pub(super) fn early_closes(year: i16) -> [Date; 3] {
    [fixed(year, 7, 3), days_after(nth(year, 11, 4, Weekday::Thursday), 1), fixed(year, 12, 24)]
}

/// The days of `year` on which banks are closed although NYSE trades: Columbus Day and Veterans Day (a Sunday's is kept
/// on Monday, a Saturday's not at all).
pub(super) fn settlement_closures(year: i16) -> [Date; 2] {
    let veterans = fixed(year, 11, 11);
    let veterans = if veterans.weekday() == Weekday::Sunday { days_after(veterans, 1) } else { veterans };
    [nth(year, 10, 2, Weekday::Monday), veterans]
}

/// First and last day of `year` with New York on summer time at the open (Energy Policy Act of 2005, in force 2007).
pub(super) fn summer_time(year: i16) -> (Date, Date) {
    let (begins, ends) = if year >= 2007 {
        (nth(year, 3, 2, Weekday::Sunday), nth(year, 11, 1, Weekday::Sunday))
    } else {
        (nth(year, 4, 1, Weekday::Sunday), nth(year, 10, -1, Weekday::Sunday))
    };
    (begins, days_after(ends, -1))
}

fn observed(date: Date) -> Date {
    match date.weekday() {
        Weekday::Saturday => days_after(date, -1),
        Weekday::Sunday => days_after(date, 1),
        _ => date,
    }
}

/// Easter Sunday by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, 1991, chapter 8).
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    fixed(year, month as i8, day as i8)
}

fn fixed(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day).expect("a holiday's date exists in every year")
}

fn nth(year: i16, month: i8, nth: i8, weekday: Weekday) -> Date {
    fixed(year, month, 1).nth_weekday_of_month(nth, weekday).expect("every month has four of each weekday")
}

fn days_after(date: Date, days: i64) -> Date {
    super::date_of_number(super::day_number(date) + days).expect("a holiday's neighbour is a date")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_ecclesiastical_tables_put_it() {
        // U.S. Naval Observatory, Dates of Easter; with the earliest and latest of the period.
        for (year, month, day) in
            [(2008, 3, 23), (2011, 4, 24), (2019, 4, 21), (2024, 3, 31), (2025, 4, 20), (2035, 3, 25), (2038, 4, 25)]
        {
            assert_eq!(easter(year), Date::constant(year, month, day));
        }
    }
}
