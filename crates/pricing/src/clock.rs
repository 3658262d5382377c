//! Time as variance passes: less of it while the exchange is closed, more of it when a company reports.
//!
//! Returns vary less over a weekend than over as many hours of trading (French and Roll 1986), and a report moves a
//! stock as much as many ordinary sessions (Dubinsky, Johannes, Kaeck and Seeger 2019). Option prices know both.
//! Counting time in sessions' worth of variance says so with two numbers.

/// How much variance passes, an ordinary session being 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    pub(crate) closed_day: f64,
    pub(crate) report: f64,
}

impl Clock {
    /// Every calendar day alike, reports like any other day.
    pub const CALENDAR: Clock = Clock { closed_day: 1.0, report: 1.0 };

    /// What a calendar day without a session, and the reaction to a report, are worth in sessions. `None` if the first
    /// is negative or either is not finite, or the second is below 1.
    #[must_use]
    pub fn new(closed_day: f64, report: f64) -> Option<Self> {
        let sound = closed_day.is_finite() && closed_day >= 0.0 && report.is_finite() && report >= 1.0;
        sound.then_some(Clock { closed_day, report })
    }

    /// What a calendar day without a session is worth, in sessions.
    #[must_use]
    pub const fn closed_day(&self) -> f64 {
        self.closed_day
    }

    /// What the reaction to a report is worth, in sessions.
    #[must_use]
    pub const fn report(&self) -> f64 {
        self.report
    }

    /// Whether it looks at reports at all.
    #[must_use]
    pub fn counts_reports(&self) -> bool {
        self.report > 1.0
    }

    /// The time of `days` calendar days, of which `closed` have no session, with `reports` reports.
    #[must_use]
    pub fn time(&self, days: f64, closed: u32, reports: u32) -> Time {
        let index = days + (self.closed_day - 1.0) * f64::from(closed);
        Time { days, index, own: index + (self.report - 1.0) * f64::from(reports) }
    }
}

/// Time to an expiration, three ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    pub(crate) days: f64,
    pub(crate) index: f64,
    pub(crate) own: f64,
}

impl Time {
    /// Calendar days that all count alike, and no report.
    #[must_use]
    pub const fn of_days(days: f64) -> Self {
        Time { days, index: days, own: days }
    }

    /// Calendar days.
    #[must_use]
    pub const fn days(&self) -> f64 {
        self.days
    }

    /// Sessions' worth of variance of the index, which reports nothing.
    #[must_use]
    pub const fn index(&self) -> f64 {
        self.index
    }

    /// Sessions' worth of variance of the symbol, its reports included.
    #[must_use]
    pub const fn own(&self) -> f64 {
        self.own
    }

    /// The symbol's variance over that of every calendar day counted alike.
    pub(crate) fn per_day(&self, worth: f64) -> f64 {
        if self.days > 0.0 { worth / self.days } else { 1.0 }
    }
}
