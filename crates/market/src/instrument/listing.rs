//! Expirations that exchanges list where no chain is at hand, dated (E-2, E-11).
//!
//! Equities expire on Fridays, or on the session before where Friday is a holiday: on the third Friday of a month
//! always, on the others since weeklies began. Some symbols have further weekdays, from a dated table. An exchange
//! that skips a single date, such as a Wednesday with an earnings report, is not modelled. Monthlies that before 2015
//! expired on the Saturday stand on the Friday, their last session.

use jiff::civil::Weekday;

use super::Symbol;
use crate::time::{Calendar, Date, Expiration, TradingDay, Week, date_of_number, day_number, weekday_offset};

const FURTHER: &str = include_str!("listing.csv");
/// Weeklies listed at once, monthlies not counted (Cboe Rule 4.5(d), Short Term Option Series Program).
const WEEKLIES: usize = 5;
/// Months ahead, this one included, in which the third Friday of every month is listed; later only January and June.
const MONTHLIES: i32 = 9;
const MONTHS_OF_LEAPS: [i8; 2] = [1, 6];

/// Which expirations are listed, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    friday_since: Date,
    further: Vec<Further>,
}

/// A further weekday on which a symbol's options expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Further {
    /// Whose options.
    pub symbol: Symbol,
    /// The day of the week.
    pub weekday: Weekday,
    /// Day of the first listing; it is of an expiration in the following week.
    pub since: Date,
}

/// Why a table of further expirations cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("listed expirations, line {line}: {text:?} is not of the form TSLA,wednesday,2026-01-26")]
pub struct ListingError {
    /// Line of the table, from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

/// What kind of expiration a session is for a symbol.
enum Kind {
    Monthly,
    Weekly,
    Further(Date),
}

impl Listing {
    /// Friday weeklies since June 2010, and the built-in table of further weekdays.
    #[must_use]
    pub fn standard() -> Listing {
        let further = Listing::read(FURTHER).expect("the built-in table is tested");
        Listing::new(Date::constant(2010, 6, 1), further)
    }

    /// Weeklies every Friday since `friday_since`, before it only every third Friday, and `further` weekdays.
    #[must_use]
    pub const fn new(friday_since: Date, further: Vec<Further>) -> Listing {
        Listing { friday_since, further }
    }

    /// Reads further weekdays from lines `symbol,weekday,since`; empty lines, comments (`#`) and a heading are passed
    /// over.
    ///
    /// # Errors
    /// [`ListingError`] for a line of another form.
    pub fn read(table: &str) -> Result<Vec<Further>, ListingError> {
        let lines = table.lines().map(str::trim).enumerate();
        let lines =
            lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#') && *text != "symbol,weekday,since");
        lines
            .map(|(i, text)| further(text).ok_or_else(|| ListingError { line: i + 1, text: text.to_owned() }))
            .collect()
    }

    /// The last expiration of `week`: its Friday's, moved to the session before on a holiday; `None` in a week without
    /// one.
    #[must_use]
    pub fn last_expiration(&self, calendar: &Calendar, week: Week) -> Option<Expiration> {
        let friday = date_of_number(day_number(week.monday()?) + 4)?;
        (is_third(friday) || friday >= self.friday_since)
            .then(|| calendar.last_session(week))?
            .map(|day| Expiration(day.date()))
    }

    /// Expirations of `symbol` listed on `from` that lie between it (included) and `days` later, rising.
    ///
    /// Five weeklies are listed at once; third Fridays of each month for nine months, of January and June beyond;
    /// further weekdays to the end of the following week.
    pub fn expirations<'a>(
        &'a self,
        calendar: &'a Calendar,
        symbol: Symbol,
        from: Date,
        days: u32,
    ) -> impl Iterator<Item = Expiration> + 'a {
        let to = date_of_number(day_number(from) + i64::from(days)).unwrap_or(Date::MAX);
        let mut weeklies = 0;
        let listed = move |day: &TradingDay| match self.kind(calendar, symbol, *day) {
            None => false,
            Some(Kind::Monthly) => is_listed_monthly(from, day.date()),
            Some(Kind::Further(since)) => since <= from && weeks_between(from, day.date()) <= 1,
            Some(Kind::Weekly) => {
                weeklies += 1;
                weeklies <= WEEKLIES
            }
        };
        calendar.sessions_between(from, to).iter().copied().filter(listed).map(|day| Expiration(day.date()))
    }

    /// Third Fridays of January and June between `from` and `to`, both included, moved to the session before on
    /// holidays: where LEAPS expire.
    pub fn leaps(calendar: &Calendar, from: Date, to: Date) -> impl Iterator<Item = Expiration> + '_ {
        (from.year()..=to.year())
            .flat_map(|year| MONTHS_OF_LEAPS.map(|month| (year, month)))
            .filter_map(|(year, month)| monthly(calendar, year, month))
            .filter(move |expiration| (from..=to).contains(&expiration.0))
    }

    fn kind(&self, calendar: &Calendar, symbol: Symbol, day: TradingDay) -> Option<Kind> {
        let monday = monday_number(day.date());
        if calendar.is_last_of_week(day) {
            let friday = date_of_number(monday + 4)?;
            return match is_third(friday) {
                true => Some(Kind::Monthly),
                false => (friday >= self.friday_since).then_some(Kind::Weekly),
            };
        }
        let offset = day_number(day.date()) - monday;
        let row = self
            .further
            .iter()
            .find(|row| row.symbol == symbol && i64::from(row.weekday.to_monday_zero_offset()) == offset)?;
        (weeks_between(row.since, day.date()) >= 1).then_some(Kind::Further(row.since))
    }
}

impl Default for Listing {
    fn default() -> Self {
        Listing::standard()
    }
}

/// The standard monthly expiration of a month: its third Friday or, if that is a holiday, the session before; `None`
/// outside the calendar or if there is no such month.
#[must_use]
pub fn monthly(calendar: &Calendar, year: i16, month: i8) -> Option<Expiration> {
    let friday = Date::new(year, month, 1).ok()?.nth_weekday_of_month(3, Weekday::Friday).ok()?;
    calendar.on_or_before(friday).map(|day| Expiration(day.date()))
}

fn further(text: &str) -> Option<Further> {
    let mut columns = text.split(',').map(str::trim);
    let symbol = Symbol::new(columns.next()?).ok()?;
    let weekday = match columns.next()? {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        _ => return None,
    };
    let since = columns.next()?.parse().ok()?;
    columns.next().is_none().then_some(Further { symbol, weekday, since })
}

fn is_third(friday: Date) -> bool {
    (15..=21).contains(&friday.day())
}

fn is_listed_monthly(from: Date, date: Date) -> bool {
    let months = |d: Date| i32::from(d.year()) * 12 + i32::from(d.month());
    months(date) - months(from) < MONTHLIES || MONTHS_OF_LEAPS.contains(&date.month())
}

fn weeks_between(from: Date, to: Date) -> i64 {
    (monday_number(to) - monday_number(from)) / 7
}

fn monday_number(date: Date) -> i64 {
    let number = day_number(date);
    number - weekday_offset(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(symbol: &str, from: &str, days: u32) -> Vec<String> {
        let (calendar, listing) = (Calendar::nyse(), Listing::standard());
        let symbol = Symbol::new(symbol).unwrap();
        listing
            .expirations(&calendar, symbol, from.parse().unwrap(), days)
            .map(|e| e.to_string()[5..].to_owned())
            .collect()
    }

    /// Against the expirations that TSLA had on these days.
    #[test]
    fn expirations_of_tesla_in_2026() {
        let before = ["01-23", "01-30", "02-06", "02-13", "02-20", "02-27", "03-20"];
        assert_eq!(listed("TSLA", "2026-01-20", 60), before);
        let further = ["02-06", "02-09", "02-11", "02-13", "02-20"];
        assert_eq!(listed("TSLA", "2026-02-06", 14), further);
        let presidents_day = ["02-09", "02-11", "02-13", "02-18", "02-20"];
        assert_eq!(listed("TSLA", "2026-02-09", 14), presidents_day);
        let good_friday = ["03-30", "04-01", "04-02", "04-06", "04-08", "04-10", "04-17"];
        assert_eq!(listed("TSLA", "2026-03-30", 21), good_friday);
        let may = ["05-04", "05-06", "05-08", "05-11", "05-13", "05-15", "05-22", "05-29", "06-05", "06-12", "06-18"];
        assert_eq!(listed("TSLA", "2026-05-04", 60), may);
        assert_eq!(listed("META", "2026-05-04", 14), ["05-08", "05-15"]);
    }

    #[test]
    fn further_weekdays_begin_in_the_week_after_the_first_listing() {
        assert_eq!(listed("TSLA", "2026-01-23", 14), ["01-23", "01-30", "02-06"]);
        assert_eq!(listed("TSLA", "2026-01-26", 12), ["01-30", "02-02", "02-04", "02-06"]);
    }

    #[test]
    fn beyond_nine_months_only_january_and_june() {
        let all = listed("AAPL", "2026-01-20", 600);
        let far = ["05-15", "06-18", "07-17", "08-21", "09-18", "01-15", "06-17"];
        assert_eq!(all[all.len() - 7..], far);
    }

    #[test]
    fn before_weeklies_only_third_fridays() {
        assert_eq!(listed("AAPL", "2010-04-01", 70), ["04-16", "05-21", "06-04"]);
        let (calendar, listing) = (Calendar::nyse(), Listing::standard());
        let last =
            |date: &str| listing.last_expiration(&calendar, Week::of(date.parse().unwrap())).map(|e| e.0.to_string());
        assert_eq!(last("2010-05-12"), None);
        assert_eq!(last("2010-05-19").as_deref(), Some("2010-05-21"));
        assert_eq!(last("2019-04-17").as_deref(), Some("2019-04-18"), "Good Friday");
        assert_eq!(last("2026-07-01").as_deref(), Some("2026-07-02"), "Independence Day kept on Friday");
        assert_eq!(last("2024-06-12").as_deref(), Some("2024-06-14"));
    }

    #[test]
    fn leaps_stand_where_juneteenth_moves_them() {
        let calendar = Calendar::nyse();
        let leaps: Vec<String> = Listing::leaps(&calendar, Date::constant(2026, 1, 20), Date::constant(2028, 6, 30))
            .map(|e| e.to_string())
            .collect();
        assert_eq!(leaps, ["2026-06-18", "2027-01-15", "2027-06-17", "2028-01-21", "2028-06-16"]);
    }

    #[test]
    fn every_expiration_of_a_week_is_a_session_and_the_last_one_is_its_last() {
        let (calendar, listing) = (Calendar::nyse(), Listing::standard());
        let symbol = Symbol::new("NVDA").unwrap();
        let mut week = Week { year: 2025, number: 40 };
        for _ in 0..120 {
            let monday = week.monday().unwrap();
            let found: Vec<Expiration> = listing.expirations(&calendar, symbol, monday, 6).collect();
            assert_eq!(found.last().copied(), listing.last_expiration(&calendar, week), "{week}");
            assert!(found.is_sorted() && found.iter().all(|e| calendar.session(e.0).is_some()));
            week = week.after();
        }
    }

    #[test]
    fn a_table_that_cannot_be_read_is_refused_with_its_line() {
        for text in [
            "TSLA,friday,2026-01-26",
            "TSLA,monday",
            "tsla,monday,2026-01-26",
            "TSLA,monday,soon",
            "A,monday,2026-01-26,x",
        ] {
            let error = Listing::read(&format!("# table\n{text}")).unwrap_err();
            assert_eq!((error.line, error.text.as_str()), (2, text));
        }
    }
}
