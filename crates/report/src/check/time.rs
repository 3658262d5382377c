//! Time: sessions and weeks without a gap, each week with its marks and every sleeve's close.

use std::collections::BTreeSet;

use engine::event::{Body, Event};
use jiff::Timestamp;
use ledger::{SleeveId, SleeveKind};
use market::time::{Calendar, TradingDay, Week};

use super::{CheckError, Tally, invariant as is};

/// Where the journal stands in time.
#[derive(Default)]
pub(super) struct Time {
    at: Option<Timestamp>,
    day: Option<TradingDay>,
    week: Option<Week>,
    marked: Option<Week>,
    sleeves: BTreeSet<SleeveId>,
    /// Those that were there when the week was marked: a close may found and end others.
    expected: BTreeSet<SleeveId>,
    closed: BTreeSet<SleeveId>,
}

impl Time {
    pub(super) fn take(&mut self, event: &Event, calendar: &Calendar, tally: &mut Tally) -> Result<(), CheckError> {
        let before = self.at.replace(event.at);
        tally.must(is::TIME, before.is_none_or(|b| b <= event.at), || {
            format!("{} comes after {}", event.at, before.unwrap_or(event.at))
        })?;
        match &event.body {
            Body::Founded { structure, sleeves, .. } => {
                let kinds = SleeveKind::ALL.into_iter().filter(|k| sleeves.contains(*k));
                self.sleeves.extend(kinds.map(|k| SleeveId::new(*structure, k)));
                Ok(())
            }
            Body::Forked { structure, .. } => {
                let kinds = [SleeveKind::Generation, SleeveKind::Compounding];
                self.sleeves.extend(kinds.map(|k| SleeveId::new(*structure, k)));
                Ok(())
            }
            Body::Merged { structure, .. } => {
                self.sleeves.retain(|sleeve| sleeve.structure != *structure);
                Ok(())
            }
            Body::DayEnded { day, .. } => self.day_ended(*day, calendar, tally),
            Body::Marked(marks) => {
                self.marked = Some(marks.week);
                self.expected.clone_from(&self.sleeves);
                let right = calendar.last_session(marks.week) == Some(marks.day) && self.day == Some(marks.day);
                tally.must(is::WEEKS, right, || format!("week {} is marked on {}", marks.week, marks.day))
            }
            Body::SleeveClosed(week) => {
                let once = self.closed.insert(week.sleeve) && self.marked == Some(week.week);
                tally.must(is::WEEKS, once, || format!("{} closes week {} twice or unmarked", week.sleeve, week.week))
            }
            Body::WeekEnded { week } => self.week_ended(*week, calendar, tally),
            _ => Ok(()),
        }
    }

    fn day_ended(&mut self, day: TradingDay, calendar: &Calendar, tally: &mut Tally) -> Result<(), CheckError> {
        let is_session = calendar.session(day.date()) == Some(day);
        let before = self.day.replace(day);
        let follows = is_session && before.is_none_or(|before| calendar.next(before) == day);
        tally.must(is::SESSIONS, follows, || match before {
            Some(before) => format!("session {day} follows {before}; expected {}", calendar.next(before)),
            None => format!("{day} is no session"),
        })
    }

    fn week_ended(&mut self, week: Week, calendar: &Calendar, tally: &mut Tally) -> Result<(), CheckError> {
        let before = self.week.replace(week);
        let expected = before.map(|b| calendar.week_after(b));
        let follows = expected.is_none_or(|e| e == week);
        tally.must(is::WEEKS, follows, || match before {
            Some(before) => format!("week {week} follows {before}"),
            None => format!("week {week}"),
        })?;
        let (closed, sleeves) = (std::mem::take(&mut self.closed), &self.expected);
        tally.must(is::WEEKS, closed == *sleeves && self.marked == Some(week), || {
            let names = |set: &BTreeSet<SleeveId>| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("week {week} ends with the closes of {}; expected {}", names(&closed), names(sleeves))
        })
    }
}
