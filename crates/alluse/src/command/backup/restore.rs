//! `alluse restore`: a journal from a backup, as it was, or up to a date.

use std::sync::Arc;

use adapters::store::SqliteStore;
use engine::event::NewEpoch;
use engine::people::Digest;
use engine::state::trade_date;
use engine::{Chain, Engine, Event, Input, Row};
use market::time::Calendar;
use report::Book;

use super::{identities, now, opened};
use crate::cli::Restore;
use crate::failure::Failure;
use crate::home;
use crate::journal::Journal;
use crate::show;

/// One portfolio's journal as it goes on.
struct Resumed {
    rows: Vec<Row>,
    kept: usize,
    left: usize,
    epoch: u32,
}

/// Runs the command.
pub(crate) fn run(asked: &Restore) -> Result<(), Failure> {
    if asked.to.exists() {
        let what = "the file exists already; expected a name that is free";
        return Err(Failure::Usage(format!("{}: {what}", asked.to.display())));
    }
    let calendar = Arc::new(Calendar::nyse());
    let opened = opened(&asked.backup, &identities(asked.identity.as_deref())?)?;
    let mut resumed = Vec::new();
    for head in &opened.note.head.portfolios {
        resumed.push(resume(asked, &Journal::read(opened.journal(), head.portfolio)?, head.portfolio, &calendar)?);
    }
    let mut store = SqliteStore::create_atomically(&asked.to)?;
    resumed.iter().try_for_each(|one| store.append(&one.rows))?;
    store.finish()?;
    home::remember(&asked.to)?;
    for (one, head) in resumed.iter().zip(&opened.note.head.portfolios) {
        let left = if one.left == 0 { String::new() } else { format!(", {} later ones left behind", one.left) };
        show::print(&format!(
            "{}: portfolio {}, {} events restored{left}; epoch {} begins",
            asked.to.display(),
            head.portfolio,
            one.kept,
            one.epoch
        ))?;
    }
    Ok(())
}

fn resume(asked: &Restore, journal: &Journal, portfolio: u32, calendar: &Arc<Calendar>) -> Result<Resumed, Failure> {
    let kept = match asked.at {
        Some(day) => journal.events.partition_point(|event| trade_date(event.at) <= day),
        None => journal.events.len(),
    };
    if kept == 0 {
        let first = journal.events.first().map_or_else(String::new, |event| trade_date(event.at).to_string());
        let at = asked.at.map_or_else(String::new, |day| day.to_string());
        return Err(Failure::Usage(format!("--at {at}: the journal begins on {first}; expected a day from then on")));
    }
    let left = journal.events.len() - kept;
    let why = match asked.at {
        Some(_) => NewEpoch::Branched { left: left as u64, from: Digest(journal.chain.digest()) },
        None => NewEpoch::Restored,
    };
    let events = &journal.events[..kept];
    let state = Book::fold(events, calendar).map_err(|why| Failure::Journal(why.to_string()))?.state;
    let mut engine = Engine::resume(Arc::clone(calendar), state.policy.clone(), state);
    let input = Input::BeginEpoch { why, who: asked.who.clone(), reason: asked.reason.clone() };
    let begun = engine.handle(now(), &input).events;
    let (mut rows, mut chain) = rows(journal, portfolio, events);
    rows.extend(chain.seal(&begun));
    Ok(Resumed { rows, kept, left, epoch: engine.state().epoch })
}

/// The rows as they were as far as they are whole, then what is kept of the next one in a row of its own.
fn rows(journal: &Journal, portfolio: u32, events: &[Event]) -> (Vec<Row>, Chain) {
    let whole = |row: &&Row| row.first_event - 1 + u64::from(row.events) <= events.len() as u64;
    let mut chain = Chain::new(portfolio);
    let mut rows: Vec<Row> = journal.rows.iter().take_while(whole).cloned().collect();
    rows.iter().for_each(|row| chain.follow(row).expect("the journal was read with its chain checked"));
    let done = usize::try_from(chain.events()).expect("events in memory");
    rows.extend(chain.seal(&events[done..]));
    (rows, chain)
}
