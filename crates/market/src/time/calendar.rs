//! NYSE sessions and settlement days, 2005 to 2040, by rule and by a list of special days.
//!
//! The calendar is a table with a row for each calendar day: every question about a day is one look-up. Outside the
//! table there are no sessions; a walk that would leave it stays on its first or last session.

use std::fmt;

use jiff::Timestamp;

use super::{Date, TradingDay, Week, date_of_number, day_number, rules, weekday_offset};

const FIRST_YEAR: i16 = 2005;
const LAST_YEAR: i16 = 2040;
const SPECIAL: &str = include_str!("special.csv");

const HOUR: i64 = 3600;
const OPEN: i64 = 9 * HOUR + HOUR / 2;
const CLOSE: i64 = 16 * HOUR;
const EARLY_CLOSE: i64 = 13 * HOUR;

/// NYSE sessions with their hours, and the days on which trades settle.
#[derive(Clone)]
pub struct Calendar {
    first: i64,
    days: Box<[Day]>,
    sessions: Box<[TradingDay]>,
    settlements: Box<[Date]>,
}

/// One calendar day. The counts are positions in the calendar's lists.
#[derive(Clone, Copy, Default)]
struct Day {
    sessions_before: u16,
    settlements_before: u16,
    session: bool,
    settlement: bool,
    early: bool,
    summer: bool,
}

/// Why a list of special days cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("special days, line {line}: {text:?} {problem}")]
pub struct CalendarError {
    /// Line of the list, from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
    /// What is wrong and what was expected.
    pub problem: CalendarProblem,
}

/// What is wrong with a line of special days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarProblem {
    /// Fewer or more than four columns.
    #[error("does not have the four columns date,session,settlement,reason")]
    Columns,
    /// The first column is no date.
    #[error("does not begin with a date such as 2025-01-09")]
    Date,
    /// The date lies outside the calendar, or on a weekend.
    #[error("is not a weekday of the years 2005 to 2040")]
    Day,
    /// The second column is none of its words.
    #[error("has a session that is none of full, early, closed")]
    Session,
    /// The third column is none of its words.
    #[error("has a settlement that is neither open nor closed")]
    Settlement,
}

impl Calendar {
    /// The calendar by rule and with the special days known when this was built.
    #[must_use]
    pub fn nyse() -> Calendar {
        Calendar::with_special("").expect("the built-in special days are tested")
    }

    /// The calendar with further special days, in the form of the built-in list: lines
    /// `date,session,settlement,reason`, session being `full`, `early` or `closed`, settlement `open` or `closed`.
    /// They replace rules and earlier lines.
    ///
    /// # Errors
    /// [`CalendarError`] for a line that cannot be read, or a day that is a weekend or outside the calendar.
    pub fn with_special(special: &str) -> Result<Calendar, CalendarError> {
        let mut table = Table::by_rule();
        table.apply(SPECIAL)?;
        table.apply(special)?;
        Ok(table.finish())
    }

    /// The session of `date`; `None` if NYSE is closed, or the date is outside 2005 to 2040.
    #[must_use]
    pub fn session(&self, date: Date) -> Option<TradingDay> {
        self.day(date).filter(|day| day.session).map(|_| TradingDay(date))
    }

    /// The session after `day`; the calendar's last has none and is given back.
    #[must_use]
    pub fn next(&self, day: TradingDay) -> TradingDay {
        self.offset(day, 1)
    }

    /// The session before `day`; the calendar's first has none and is given back.
    #[must_use]
    pub fn previous(&self, day: TradingDay) -> TradingDay {
        self.offset(day, -1)
    }

    /// The first session on or after `date`; `None` outside the calendar.
    #[must_use]
    pub fn on_or_after(&self, date: Date) -> Option<TradingDay> {
        self.sessions.get(usize::from(self.day(date)?.sessions_before)).copied()
    }

    /// The last session on or before `date`; `None` outside the calendar.
    #[must_use]
    pub fn on_or_before(&self, date: Date) -> Option<TradingDay> {
        let day = self.day(date)?;
        let through = usize::from(day.sessions_before) + usize::from(day.session);
        self.sessions.get(through.checked_sub(1)?).copied()
    }

    /// The session `sessions` after `day` (before it, if negative), held inside the calendar.
    #[must_use]
    pub fn offset(&self, day: TradingDay, sessions: i64) -> TradingDay {
        let last = self.sessions.len() as i64 - 1;
        self.sessions[self.position(day).saturating_add(sessions).clamp(0, last) as usize]
    }

    /// Sessions from `from` to `to`: 0 for the same day, 1 for the next, negative backwards.
    #[must_use]
    pub fn count(&self, from: TradingDay, to: TradingDay) -> i64 {
        self.position(to) - self.position(from)
    }

    /// Whether trading ends at 13:00 on `day`.
    #[must_use]
    pub fn is_early_close(&self, day: TradingDay) -> bool {
        self.day(day.0).is_some_and(|day| day.early)
    }

    /// The opening: 09:30 in New York.
    #[must_use]
    pub fn opens_at(&self, day: TradingDay) -> Timestamp {
        self.at(day, OPEN)
    }

    /// The close: 16:00 in New York, 13:00 on an early close.
    #[must_use]
    pub fn closes_at(&self, day: TradingDay) -> Timestamp {
        self.at(day, if self.is_early_close(day) { EARLY_CLOSE } else { CLOSE })
    }

    /// The instant `seconds` after midnight in New York on `day`; midnight itself is only right outside the nights on
    /// which the clock changes.
    #[must_use]
    pub fn at(&self, day: TradingDay, seconds: i64) -> Timestamp {
        let behind = if self.day(day.0).is_some_and(|d| d.summer) { 4 } else { 5 } * HOUR;
        Timestamp::from_second(day_number(day.0) * 24 * HOUR + seconds + behind)
            .expect("a session lies in jiff's range")
    }

    /// The sessions of `week` in order: five, fewer with holidays, none outside the calendar.
    #[must_use]
    pub fn sessions(&self, week: Week) -> &[TradingDay] {
        let Some(monday) = week.monday().map(day_number) else { return &[] };
        &self.sessions[self.sessions_before(monday)..self.sessions_before(monday + 7)]
    }

    /// All sessions from `from` to `to`, both included if they are sessions; none if the dates are turned round.
    #[must_use]
    pub fn sessions_between(&self, from: Date, to: Date) -> &[TradingDay] {
        let (from, to) = (self.sessions_before(day_number(from)), self.sessions_before(day_number(to) + 1));
        self.sessions.get(from..to).unwrap_or(&[])
    }

    /// The last session of `week`; `None` if it has none or lies outside the calendar.
    #[must_use]
    pub fn last_session(&self, week: Week) -> Option<TradingDay> {
        self.sessions(week).last().copied()
    }

    /// Whether `day` is the last session of its week.
    #[must_use]
    pub fn is_last_of_week(&self, day: TradingDay) -> bool {
        let number = day_number(day.0);
        let next_monday = number - weekday_offset(number) + 7;
        self.sessions_before(number) + 1 == self.sessions_before(next_monday)
    }

    /// The week after `week`.
    #[must_use]
    pub fn week_after(&self, week: Week) -> Week {
        week.after()
    }

    /// Whether trades settle on `date`: by rule, an NYSE session on which banks are open.
    #[must_use]
    pub fn is_settlement_day(&self, date: Date) -> bool {
        self.day(date).is_some_and(|day| day.settlement)
    }

    /// The day on which a trade of `trade` settles: the settlement day `business_days` after it, or, with none to wait,
    /// the first on or after it. Columbus Day and Veterans Day settle nothing although NYSE trades, so a trade of
    /// such a day settles with those of the session before it. Held inside the calendar.
    #[must_use]
    pub fn settles(&self, trade: Date, business_days: u32) -> Date {
        let n = (day_number(trade) - self.first).clamp(0, self.days.len() as i64 - 1) as usize;
        let day = self.days[n];
        let skipped = usize::from(day.settlement) + business_days as usize;
        let at = usize::from(day.settlements_before) + if business_days == 0 { 0 } else { skipped - 1 };
        self.settlements[at.min(self.settlements.len() - 1)]
    }

    fn day(&self, date: Date) -> Option<&Day> {
        self.days.get(usize::try_from(day_number(date) - self.first).ok()?)
    }

    fn sessions_before(&self, number: i64) -> usize {
        match usize::try_from(number - self.first) {
            Err(_) => 0,
            Ok(n) => self.days.get(n).map_or(self.sessions.len(), |day| usize::from(day.sessions_before)),
        }
    }

    fn position(&self, day: TradingDay) -> i64 {
        self.sessions_before(day_number(day.0)) as i64
    }
}

/// The table while it is being filled.
struct Table {
    first: i64,
    days: Vec<Day>,
}

impl Table {
    fn by_rule() -> Table {
        let first = day_number(Date::constant(FIRST_YEAR, 1, 1));
        let length = day_number(Date::constant(LAST_YEAR + 1, 1, 1)) - first;
        let days = (first..first + length)
            .map(|number| {
                let open = !is_weekend(number);
                Day { session: open, settlement: open, ..Day::default() }
            })
            .collect();
        let mut table = Table { first, days };
        for year in FIRST_YEAR..=LAST_YEAR {
            table.mark(year);
        }
        table
    }

    fn mark(&mut self, year: i16) {
        for date in rules::closures(year) {
            if let Some(day) = self.day(date) {
                (day.session, day.settlement) = (false, false);
            }
        }
        for date in rules::settlement_closures(year) {
            if let Some(day) = self.day(date) {
                day.settlement = false;
            }
        }
        for date in rules::early_closes(year) {
            if let Some(day) = self.day(date) {
                day.early = day.session;
            }
        }
        let (begins, ends) = rules::summer_time(year);
        for number in day_number(begins)..=day_number(ends) {
            self.days[(number - self.first) as usize].summer = true;
        }
    }

    fn apply(&mut self, special: &str) -> Result<(), CalendarError> {
        for (i, text) in special.lines().enumerate() {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') || text.starts_with("date,") {
                continue;
            }
            self.apply_line(text).map_err(|problem| CalendarError { line: i + 1, text: text.to_owned(), problem })?;
        }
        Ok(())
    }

    fn apply_line(&mut self, text: &str) -> Result<(), CalendarProblem> {
        let mut columns = text.splitn(4, ',').map(str::trim);
        let mut column = || columns.next().ok_or(CalendarProblem::Columns);
        let (date, session, settlement, _reason) = (column()?, column()?, column()?, column()?);
        let date: Date = date.parse().map_err(|_| CalendarProblem::Date)?;
        if is_weekend(day_number(date)) {
            return Err(CalendarProblem::Day);
        }
        let day = self.day(date).ok_or(CalendarProblem::Day)?;
        (day.session, day.early) = match session {
            "full" => (true, false),
            "early" => (true, true),
            "closed" => (false, false),
            _ => return Err(CalendarProblem::Session),
        };
        day.settlement = match settlement {
            "open" => true,
            "closed" => false,
            _ => return Err(CalendarProblem::Settlement),
        };
        Ok(())
    }

    fn day(&mut self, date: Date) -> Option<&mut Day> {
        self.days.get_mut(usize::try_from(day_number(date) - self.first).ok()?)
    }

    fn finish(mut self) -> Calendar {
        let (mut sessions, mut settlements) = (Vec::new(), Vec::new());
        for (number, day) in (self.first..).zip(&mut self.days) {
            let date = date_of_number(number).expect("a day of the table is a date");
            day.sessions_before = sessions.len() as u16;
            day.settlements_before = settlements.len() as u16;
            if day.session {
                sessions.push(TradingDay(date));
            }
            if day.settlement {
                settlements.push(date);
            }
        }
        Calendar {
            first: self.first,
            days: self.days.into(),
            sessions: sessions.into(),
            settlements: settlements.into(),
        }
    }
}

fn is_weekend(number: i64) -> bool {
    weekday_offset(number) >= 5
}

impl Default for Calendar {
    fn default() -> Self {
        Calendar::nyse()
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Calendar({FIRST_YEAR}..={LAST_YEAR}, {} sessions)", self.sessions.len())
    }
}
