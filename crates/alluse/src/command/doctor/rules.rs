//! What decides and what feeds it: the policy, price history, the broker and its feed.

use std::path::Path;

use adapters::history::{HistoryOptions, WarmUp, inspect};
use engine::event::Body;
use jiff::Timestamp;
use market::time::Calendar;
use protocol::policy::Policy;

use super::finding::{Finding, asked};
use super::store::Looked;
use crate::inputs;

/// Keys that are named where two policies differ; the rest is counted.
const NAMED: usize = 3;

/// The policy that was asked for, and the one that the journal goes by.
pub(super) fn policy(name: &str, journal: Option<&Looked>) -> Vec<Finding> {
    let reads = asked("policy", "a policy that reads, with every key in its bounds");
    match inputs::policy(name) {
        Err(why) => vec![reads.unfit(why.to_string(), "alluse policy check FILE says what is wrong with which line")],
        Ok(policy) => {
            let ours = Policy::all_use().diff(&policy).len();
            let seen = format!("{name} reads: {} keys, {ours} other than all-use has them", policy.keys().len());
            let mut found = vec![reads.fit(seen)];
            found.extend(journal.into_iter().flat_map(|journal| recorded(&policy, journal)));
            found
        }
    }
}

fn recorded(policy: &Policy, journal: &Looked) -> Vec<Finding> {
    let same = asked("the journal's policy", "the policy that is asked for");
    let one = |(portfolio, journal): &(u32, crate::journal::Journal)| {
        let Some(Body::Opened(opened)) = journal.events.first().map(|event| &event.body) else { return None };
        let written =
            format!("portfolio {portfolio} was opened by version {}, schema {}", opened.program, opened.schema);
        Some(match Policy::parse("the journal's policy", &opened.policy, Policy::shipped) {
            Err(why) => same.unfit(format!("{written}: {why}"), "use the program that wrote it"),
            Ok(own) => match differences(&own, policy) {
                None => same.fit(format!("{written}, under the policy {:?}: the same", own.name)),
                Some(differ) => {
                    let mend = "name the policy that it goes by with --policy, or begin a journal under this one";
                    same.look(format!("{written}, under the policy {:?}: {differ}", own.name), mend)
                }
            },
        })
    };
    journal.journals.iter().filter_map(one).collect()
}

/// On what two policies differ, in short.
fn differences(own: &Policy, other: &Policy) -> Option<String> {
    let all = own.diff(other);
    let named: Vec<&str> = all.iter().take(NAMED).map(|difference| difference.path.as_str()).collect();
    let more = if all.len() > NAMED { ", …" } else { "" };
    (!all.is_empty()).then(|| format!("it differs in {} keys ({}{more})", all.len(), named.join(", ")))
}

/// A folder of price history.
pub(super) fn data(dir: Option<&Path>, policy: &str, now: Timestamp) -> Vec<Finding> {
    let sound = asked("price history", "a folder that reads whole");
    let Some(dir) = dir else { return vec![sound.unknown("no folder was named", "name it with --data")] };
    // A policy that does not read has its own finding.
    let policy = inputs::policy(policy).unwrap_or_else(|_| Policy::all_use());
    let warm_up = WarmUp {
        symbol_bars: policy.data.warmup_symbol_bars as usize,
        vix_closes: policy.data.warmup_vix_closes as usize,
    };
    let options = HistoryOptions::new(policy.data.splits_complete_since);
    let calendar = Calendar::nyse();
    let found = inspect(dir, &options, warm_up, &calendar);
    if let Some(first) = found.problems.first() {
        let seen = format!("{} problems, the first: {first}", found.problems.len());
        return vec![sound.unfit(seen, format!("alluse data inspect {} names all", dir.display()))];
    }
    let mut last: Vec<_> = found.symbols.iter().filter_map(|symbol| symbol.bars.map(|bars| bars.last)).collect();
    last.sort_unstable();
    let fresh = asked("last session", "the last session that has closed");
    let Some(last) = last.first() else {
        return vec![sound.unfit(format!("{}: it has no bars", found.folder), "alluse data pull")];
    };
    // The calendar is asked up to tomorrow by UTC, which New York has not passed.
    let days = calendar.sessions_between(*last, now.to_zoned(jiff::tz::TimeZone::UTC).date());
    let closed = days.iter().filter(|day| day.date() > *last && calendar.closes_at(**day) <= now).count();
    vec![
        sound.fit(format!("{}: {} symbols, nothing is wrong with it", found.folder, found.symbols.len())),
        if closed == 0 {
            fresh.fit(last.to_string())
        } else {
            fresh.look(format!("{last}; {closed} sessions have closed since"), "alluse data pull")
        },
    ]
}

/// What no version has yet.
pub(super) fn broker() -> Vec<Finding> {
    let yet = "nothing yet: this version replays the past and simulated markets, and trades nowhere";
    vec![
        asked("broker", "a broker's account, reached and reconciled, on paper before with money")
            .unfit("none configured: nothing here can trade yet", yet),
        asked("feed", "live quotes with their age").unfit("none configured: no live quote reaches this program", yet),
    ]
}
