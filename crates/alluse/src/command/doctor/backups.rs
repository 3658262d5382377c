//! Backups, and the last rehearsed restore.

use std::fs;
use std::path::Path;

use adapters::backup::Note;
use engine::journal::hex;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::finding::{Finding, asked};
use super::store::{Looked, room};
use crate::command::backup::{self, REHEARSED};
use crate::home;

/// A month: keys, programs and disks that a restore needs are lost unnoticed, and `backup prune` keeps the daily
/// backups of 30 days, so that what was rehearsed is of the kind that is still kept.
const REHEARSED_WITHIN_DAYS: i64 = 30;
/// A week: the protocol closes, measures and locks by the week, and a week of trades can be entered again by hand from
/// the broker's statement.
const BACKED_UP_WITHIN_DAYS: i64 = 7;

/// Looks at the folder that is named and at what was rehearsed.
pub(super) fn look(folder: Option<&Path>, journal: Option<&Looked>, now: Timestamp) -> Vec<Finding> {
    let mut found = vec![rehearsed(journal, now)];
    let kept = asked("backups", "a whole backup of this journal, at most a week behind it");
    match folder {
        None => found.push(kept.unknown("no folder was named", "name it with --backups")),
        Some(folder) => {
            found.push(newest(folder, journal, now));
            found.push(room(folder, 0));
        }
    }
    found
}

/// Whole days from then till now; fewer than none for what is to come.
fn days(then: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(then).as_secs().div_euclid(SignedDuration::from_hours(24).as_secs())
}

fn rehearsed(journal: Option<&Looked>, now: Timestamp) -> Finding {
    let asked = asked("rehearsed restore", "a restore of this journal's backups, rehearsed within 30 days");
    let again = "alluse backup verify BACKUP";
    let file = match home::folder() {
        Ok(folder) => folder.join(REHEARSED),
        Err(why) => return asked.unknown(&why.to_string(), again),
    };
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return asked.unfit("never", again),
        Err(why) => return asked.unfit(format!("{}: {why}", file.display()), again),
    };
    let record: Option<Value> = serde_json::from_str(&text).ok();
    let at = record.as_ref().and_then(|record| record["at"].as_str()?.parse::<Timestamp>().ok());
    let (Some(record), Some(at)) = (record, at) else {
        return asked.unfit(format!("{}: it cannot be read", file.display()), again);
    };
    let backups = record["backups"].as_array().map_or(&[][..], Vec::as_slice);
    let seen = format!("{at}, portfolios in backups: {}", backups.len());
    match (days(at, now), journal.map(|journal| backups.iter().any(|backup| is_of(backup, journal)))) {
        (..0, _) => {
            asked.unfit(format!("{seen}: a time that has not come yet"), "set the clock, then alluse backup verify")
        }
        (age @ REHEARSED_WITHIN_DAYS.., _) => asked.unfit(format!("{seen}: {age} days ago"), again),
        (_, Some(false)) => asked.unfit(format!("{seen}, none of this journal"), again),
        (_, None) => asked.look(format!("{seen}; of which journal is not known"), "name the journal with --journal"),
        (age, Some(true)) => asked.fit(format!("{seen}: {age} days ago")),
    }
}

/// Whether a rehearsed backup was of this journal: the journal had that digest after one of its rows.
fn is_of(backup: &Value, journal: &Looked) -> bool {
    let (portfolio, digest) = (backup["portfolio"].as_u64(), backup["digest"].as_str());
    journal
        .journals
        .iter()
        .filter(|(own, _)| portfolio == Some(u64::from(*own)))
        .any(|(_, journal)| journal.rows.iter().any(|row| Some(hex(&row.digest).as_str()) == digest))
}

fn newest(folder: &Path, journal: Option<&Looked>, now: Timestamp) -> Finding {
    let kept = asked("backups", "a whole backup of this journal, at most a week behind it");
    let make = format!("alluse backup make --to {}", folder.display());
    let notes = match backup::notes(folder) {
        Ok(notes) => notes,
        Err(why) => return kept.unfit(why.to_string(), make),
    };
    let Some(journal) = journal else {
        let seen = format!("{} lie there; of which journal is not known", notes.len());
        return kept.look(seen, "name the journal with --journal");
    };
    let Some(note) = notes.iter().rev().find(|note| holds(note, journal)) else {
        return kept.unfit(format!("none of the {} that lie there is of this journal", notes.len()), make);
    };
    let file = folder.join(&note.file);
    let length = fs::metadata(&file).map(|file| file.len());
    if length.as_ref().ok() != Some(&note.bytes) {
        let found = length.map_or_else(|why| why.to_string(), |bytes| format!("{bytes} bytes"));
        return kept.unfit(format!("{}: {found}; its note says {} bytes", file.display(), note.bytes), make);
    }
    let events: u64 = note.head.portfolios.iter().map(|head| head.events).sum();
    let age = days(note.head.taken, now);
    let seen = format!(
        "{}, made {} ({age} days ago), has {events} of {} events",
        note.file,
        note.head.taken,
        journal.events()
    );
    let behind = usize::try_from(events).is_ok_and(|events| events < journal.events());
    if behind && age >= BACKED_UP_WITHIN_DAYS { kept.unfit(seen, make) } else { kept.fit(seen) }
}

/// Whether the journal begins as it did when the backup was made.
fn holds(note: &Note, journal: &Looked) -> bool {
    let begins = |head: &engine::proof::PortfolioHead| {
        let own = journal.journals.iter().find(|(portfolio, _)| *portfolio == head.portfolio);
        own.is_some_and(|(_, journal)| head.holds(note.head.taken, &journal.rows).is_ok())
    };
    !note.head.portfolios.is_empty() && note.head.portfolios.iter().all(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_those_to_come_are_negative() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-01-31T12:00:00Z");
        for (then, age) in [
            ("2026-01-31T12:00:00Z", 0),
            ("2026-01-30T12:00:01Z", 0),
            ("2026-01-30T12:00:00Z", 1),
            ("2026-01-01T12:00:00Z", 30),
            ("2026-01-31T12:00:01Z", -1),
        ] {
            assert_eq!(days(at(then), now), age, "{then}");
        }
    }
}
