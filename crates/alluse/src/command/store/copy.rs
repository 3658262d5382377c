//! `alluse store copy`: all journals of one store to another, whole or not at all.

use std::ops::ControlFlow;
use std::path::Path;

use adapters::store::{JournalStore, StoreError};
use engine::{Chain, JournalError, Row, journal};
use serde::Serialize;

use crate::failure::Failure;
use crate::journal::{location, portfolios, reader};
use crate::show::{self, figures, prose};

/// Rows that are appended at once.
const GROUP: usize = 256;

/// One portfolio's journal, the same in both stores.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Copied {
    portfolio: u32,
    rows: u64,
    events: u64,
    digest: String,
    chain: String,
}

/// Copies `from` to `to`.
pub(super) fn run(from: &Path, to: &Path, json: bool) -> Result<(), Failure> {
    let source = reader(&location(from)?)?;
    let portfolios = portfolios(source.as_ref())?;
    let mut target = location(to)?.create_whole()?;
    let copied = portfolios.iter().map(|p| journal_of(source.as_ref(), Some(target.as_mut()), *p));
    let copied: Vec<Copied> = copied.collect::<Result<_, _>>()?;
    for one in &copied {
        let again = journal_of(target.as_ref(), None, one.portfolio)?;
        if again != *one {
            return Err(Failure::Check(format!(
                "{}: portfolio {} reads back as {again:?}; expected {one:?}. Nothing was copied",
                target.place(),
                one.portfolio
            )));
        }
    }
    let (source, place) = (source.place(), target.place());
    target.finish()?;
    if json {
        return show::json(&serde_json::json!({
            "from": source.to_string(), "to": place.to_string(), "portfolios": copied,
        }));
    }
    show::print(&format!("{source}\n  copied to {place}"))?;
    let row = |c: &Copied| [c.portfolio.to_string(), c.rows.to_string(), c.events.to_string(), c.digest.clone()];
    let columns = [figures("portfolio"), figures("rows"), figures("events"), prose("digest, the same in both")];
    show::table("Journals", columns, copied.iter().map(row))?;
    let chains = copied.iter().map(|c| format!("portfolio {}: chain {}", c.portfolio, c.chain));
    show::print(&chains.collect::<Vec<_>>().join("\n"))
}

/// Reads one journal from end to end, its digest and chain checked, and appends it to `target` where there is one. Rows
/// that a writer appends meanwhile are for the next copy: the journal ends where it ended when it was begun.
fn journal_of(
    source: &dyn JournalStore,
    mut target: Option<&mut (dyn JournalStore + 'static)>,
    portfolio: u32,
) -> Result<Copied, Failure> {
    let rows = source.head(portfolio)?;
    let place = source.place();
    let mut chain = Chain::new(portfolio);
    let mut group: Vec<Row> = Vec::with_capacity(GROUP);
    let mut stop: Option<Stop> = None;
    source.visit(portfolio, 0, &mut |row| {
        let mut take = || -> Result<(), Stop> {
            chain.follow(row)?;
            if let Some(target) = target.as_deref_mut() {
                group.push(row.clone());
                if group.len() == GROUP || row.row == rows {
                    target.append(&group)?;
                    group.clear();
                }
            }
            Ok(())
        };
        stop = take().err();
        if stop.is_some() || row.row == rows { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match stop {
        Some(Stop::Unsound(why)) => Err(Failure::Journal(format!("{place}: portfolio {portfolio}: {why}"))),
        Some(Stop::Store(error)) => Err(error.into()),
        None => Ok(Copied {
            portfolio,
            rows,
            events: chain.events(),
            digest: journal::hex(&chain.digest()),
            chain: journal::hex(&chain.head()),
        }),
    }
}

/// Why a copy ends before the journal does.
enum Stop {
    Unsound(JournalError),
    Store(StoreError),
}

impl From<JournalError> for Stop {
    fn from(why: JournalError) -> Self {
        Stop::Unsound(why)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Store(error)
    }
}
