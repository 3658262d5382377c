//! The calendar against the exchange's own record, settlement notices and its own laws (bar V7).

mod support;

use std::fs;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use market::time::{Calendar, CalendarProblem, Date, TradingDay, Week, date_of_number, day_number};
use proptest::prelude::*;

const FIRST: Date = Date::constant(2005, 1, 1);
const LAST: Date = Date::constant(2040, 12, 31);

fn read(file: &str, test: &str) -> Option<String> {
    Some(fs::read_to_string(support::shared(test)?.join("calendar").join(file)).unwrap())
}

fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    (day_number(from)..=day_number(to)).map(|n| date_of_number(n).unwrap())
}

fn rows(csv: &str) -> Vec<(Date, &str)> {
    csv.lines().skip(1).map(|l| l.split_once(',').unwrap()).map(|(d, rest)| (d.parse().unwrap(), rest)).collect()
}

#[test]
fn every_session_of_2005_to_2027_is_the_exchanges() {
    let Some(csv) = read("nyse_closed.csv", "every_session_of_2005_to_2027_is_the_exchanges") else {
        return;
    };
    let closed: Vec<Date> = rows(&csv).into_iter().map(|(date, _)| date).collect();
    let calendar = Calendar::nyse();
    let mut seen = 0;
    for date in days(FIRST, Date::constant(2027, 12, 31)) {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let expected = !weekend && !closed.contains(&date);
        assert_eq!(calendar.session(date).is_some(), expected, "{date}");
        seen += usize::from(!weekend && !expected);
    }
    assert_eq!(seen, closed.len());
}

#[test]
fn every_early_close_of_2005_to_2027_is_the_exchanges() {
    let name = "every_early_close_of_2005_to_2027_is_the_exchanges";
    let Some(csv) = read("nyse_early_closes.csv", name) else { return };
    let early = rows(&csv);
    let calendar = Calendar::nyse();
    let sessions = calendar.sessions_between(FIRST, Date::constant(2027, 12, 31));
    let found: Vec<TradingDay> = sessions.iter().copied().filter(|day| calendar.is_early_close(*day)).collect();
    assert_eq!(found.iter().map(|day| day.date()).collect::<Vec<_>>(), early.iter().map(|r| r.0).collect::<Vec<_>>());
    for (day, (_, close)) in found.iter().zip(&early) {
        assert_eq!(calendar.closes_at(*day), close.parse::<Timestamp>().unwrap());
    }
}

#[test]
fn hours_agree_with_the_time_zone_database() {
    let calendar = Calendar::nyse();
    let new_york = TimeZone::get("America/New_York").unwrap();
    for day in calendar.sessions_between(FIRST, LAST) {
        let close = if calendar.is_early_close(*day) { 13 } else { 16 };
        for (instant, hour, minute) in [(calendar.opens_at(*day), 9, 30), (calendar.closes_at(*day), close, 0)] {
            assert_eq!(instant, day.date().at(hour, minute, 0, 0).to_zoned(new_york.clone()).unwrap().timestamp());
        }
    }
}

/// NASD Notices to Members 99-83 (Columbus Day, T+3) and 88-82 (Veterans Day on a Friday and Thanksgiving, T+5),
/// carried to the years 2010 and 2005, whose weekdays fall on the same dates.
#[test]
fn trades_settle_as_the_notices_say() {
    let calendar = Calendar::nyse();
    let date = |year, (month, day): (i8, i8)| Date::constant(year, month, day);
    for (trade, settles) in [(5, 8), (6, 12), (7, 13), (8, 14), (11, 14), (12, 15)] {
        assert_eq!(calendar.settles(date(2010, (10, trade)), 3), date(2010, (10, settles)), "trade of October {trade}");
    }
    for (trade, settles) in [
        ((11, 3), (11, 10)),
        ((11, 4), (11, 14)),
        ((11, 7), (11, 15)),
        ((11, 8), (11, 16)),
        ((11, 9), (11, 17)),
        ((11, 10), (11, 18)),
        ((11, 11), (11, 18)),
        ((11, 14), (11, 21)),
        ((11, 15), (11, 22)),
        ((11, 16), (11, 23)),
        ((11, 17), (11, 25)),
        ((11, 18), (11, 28)),
        ((11, 21), (11, 29)),
        ((11, 22), (11, 30)),
        ((11, 23), (12, 1)),
        ((11, 25), (12, 2)),
    ] {
        assert_eq!(calendar.settles(date(2005, trade), 5), date(2005, settles), "trade of {trade:?}");
    }
}

#[test]
fn weeks_hold_their_sessions() {
    let calendar = Calendar::nyse();
    for (date, sessions, last) in [
        ("2024-06-12", 5, "2024-06-14"),
        ("2024-03-27", 4, "2024-03-28"), // Good Friday
        ("2012-10-31", 3, "2012-11-02"), // Hurricane Sandy
        ("2021-12-28", 5, "2021-12-31"), // Saturday's New Year is not kept
        ("2026-12-29", 4, "2026-12-31"), // Friday's is
        ("2020-12-31", 4, "2020-12-31"), // week 53
    ] {
        let week = Week::of(date.parse().unwrap());
        assert_eq!(calendar.sessions(week).len(), sessions, "{week}");
        assert_eq!(calendar.last_session(week).unwrap().date(), last.parse::<Date>().unwrap(), "{week}");
        let ends = |day: &&TradingDay| calendar.is_last_of_week(**day);
        assert_eq!(calendar.sessions(week).iter().find(ends).copied(), calendar.last_session(week), "{week}");
    }
    assert_eq!(calendar.week_after(Week { year: 2020, number: 53 }), Week { year: 2021, number: 1 });
    assert_eq!(Week { year: 2021, number: 1 }.before(), Week { year: 2020, number: 53 });
    assert!(calendar.sessions(Week { year: 2021, number: 53 }).is_empty(), "2021 has 52 weeks");
    assert_eq!(calendar.last_session(Week { year: 2041, number: 10 }), None);
}

#[test]
fn special_days_replace_rules() {
    let list = "# a comment\ndate,session,settlement,reason\n\
                2030-03-06,closed,open,storm\n2030-03-07,early,open,storm\n\
                2030-07-04,full,closed,an open holiday\n2030-03-07,full,open,taken back";
    let calendar = Calendar::with_special(list).unwrap();
    let day = |text: &str| text.parse::<Date>().unwrap();
    assert_eq!(calendar.session(day("2030-03-06")), None);
    assert!(calendar.is_settlement_day(day("2030-03-06")));
    assert!(!calendar.is_early_close(calendar.session(day("2030-03-07")).unwrap()));
    assert!(calendar.session(day("2030-07-04")).is_some());
    assert_eq!(calendar.session(day("2025-01-09")), None, "the built-in list stays");
}

#[test]
fn special_days_that_cannot_be_read_are_refused_with_their_line() {
    for (text, problem) in [
        ("2030-03-06,closed,open", CalendarProblem::Columns),
        ("March 6,closed,open,storm", CalendarProblem::Date),
        ("2030-03-09,closed,open,a Saturday", CalendarProblem::Day),
        ("2050-03-09,closed,open,too late", CalendarProblem::Day),
        ("2030-03-06,shut,open,storm", CalendarProblem::Session),
        ("2030-03-06,closed,maybe,storm", CalendarProblem::Settlement),
    ] {
        let error = Calendar::with_special(&format!("\n{text}")).unwrap_err();
        assert_eq!((error.line, error.problem), (2, problem));
    }
}

#[test]
fn outside_the_table_nothing_is_made_up() {
    let calendar = Calendar::nyse();
    for date in [Date::MIN, FIRST.yesterday().unwrap(), LAST.tomorrow().unwrap(), Date::MAX] {
        assert_eq!(
            (calendar.session(date), calendar.on_or_after(date), calendar.on_or_before(date)),
            (None, None, None)
        );
        assert!(!calendar.is_settlement_day(date));
        assert!(calendar.settles(date, 2).year() >= 2005);
    }
    let last = calendar.on_or_before(LAST).unwrap();
    assert_eq!(calendar.next(last), last);
    assert_eq!(calendar.offset(last, i64::MAX), last);
    let first = calendar.offset(last, i64::MIN);
    assert_eq!(first.date(), Date::constant(2005, 1, 3));
    assert_eq!(calendar.previous(first), first);
    assert_eq!(calendar.on_or_before(FIRST), None);
}

proptest! {
    #[test]
    fn walks_count_back(from in 500i64..12_600, steps in -250i64..250) {
        let calendar = Calendar::nyse();
        let date = date_of_number(day_number(FIRST) + from).unwrap();
        let day = calendar.on_or_after(date).unwrap();
        prop_assert!(day.date() >= date);
        let there = calendar.offset(day, steps);
        prop_assert_eq!(calendar.count(day, there), steps);
        prop_assert_eq!(calendar.count(there, day), -calendar.count(day, there));
        let between = calendar.sessions_between(day.date(), there.date()).len() as i64;
        prop_assert_eq!(between, (steps + 1).max(0));
    }

    #[test]
    fn settlement_is_later_and_keeps_the_order_of_trades(from in 0i64..13_000, days in 1u32..6) {
        let calendar = Calendar::nyse();
        let date = date_of_number(day_number(FIRST) + from).unwrap();
        let settles = calendar.settles(date, days);
        prop_assert!(settles > date && calendar.is_settlement_day(settles));
        prop_assert!(calendar.settles(date.tomorrow().unwrap(), days) >= settles);
        prop_assert!(calendar.settles(date, days + 1) > settles);
    }
}

/// Every day that a date can be, there and back.
#[test]
fn every_day_has_its_number() {
    let (first, last) = (day_number(Date::MIN), day_number(Date::MAX));
    let mut day = Date::MIN;
    for number in first..=last {
        let found = date_of_number(number).expect("a day between the first and the last");
        assert_eq!((found, day_number(found)), (day, number));
        day = if number < last { day.tomorrow().unwrap() } else { day };
    }
    for outside in [first - 1, last + 1, i64::MIN, i64::MAX, 1 << 29, -(1 << 32)] {
        assert_eq!(date_of_number(outside), None, "{outside}");
    }
}
