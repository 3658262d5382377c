//! The journal, the disk under it, and the key that signs what it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapters::head::{KeyError, SigningKey, fingerprint};
use adapters::machine::{self, FileSystem};
use adapters::store::{JournalStore, Place};
use engine::event::{Body, World};
use jiff::Timestamp;
use market::time::Calendar;

use super::finding::{Finding, asked};
use crate::command::{check, head};
use crate::failure::Failure;
use crate::home;
use crate::journal::{self as journals, Journal};

/// A journal whose digest and chain hold.
pub(super) struct Looked {
    /// Portfolios with their journals.
    pub(super) journals: Vec<(u32, Journal)>,
}

impl Looked {
    /// The last event of any portfolio.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.journals.iter().filter_map(|(_, journal)| journal.events.last().map(|event| event.at)).max()
    }

    /// Events of all portfolios.
    pub(super) fn events(&self) -> usize {
        self.journals.iter().map(|(_, journal)| journal.events.len()).sum()
    }
}

/// Less room than this and a long run, a backup or a rehearsal of one may find no more: each writes the journal once
/// again, and SQLite's log may grow to its size. Four times the journal leaves one over.
const TIMES_THE_JOURNAL: u64 = 4;
/// And never less than this, in bytes: what ten years of the whole protocol come to, several times over.
const LEAST_ROOM: u64 = 256 << 20;

/// Looks at the journal that is named, or the one that was written last.
pub(super) fn look(named: Option<&Path>) -> (Vec<Finding>, Option<Looked>) {
    let opens = asked("journal", "a journal that opens");
    let named = match named.map_or_else(home::last, |named| Ok(named.to_owned())) {
        Ok(named) => named,
        Err(why) => return (vec![opens.unfit(why.to_string(), "name one with --journal")], None),
    };
    let store = match journals::location(&named).and_then(|location| journals::reader(&location)) {
        Ok(store) => store,
        Err(why) => {
            let mend = "name another with --journal, or restore it: alluse restore BACKUP --to FILE";
            return (vec![opens.unfit(why.to_string(), mend)], None);
        }
    };
    let place = store.place();
    let mut found = vec![opens.fit(format!("{place}: tables of version {}", store.version()))];
    let (proved, looked) = proved(store.as_ref());
    found.extend(proved);
    found.extend(looked.as_ref().map(account));
    found.extend(standing(store.as_ref()));
    found.push(durable(store.as_ref()));
    match &place {
        Place::File(file) => found.extend(disk(file)),
        Place::Database(_) => found.push(
            asked("room", "room for the journal to grow")
                .unknown("the disk is the database's", "look on the machine of the database"),
        ),
    }
    (found, looked)
}

/// Structure, digest, chain and books.
fn proved(store: &dyn JournalStore) -> (Vec<Finding>, Option<Looked>) {
    let structure = asked("structure", "tables, keys and row numbers whole");
    let sound = asked("digest and chain", "every row continues the chain, every event folds, the books balance");
    let restore = "restore it from a backup (alluse restore), and keep this one for whoever finds out why";
    if let Err(why) = store.check_structure() {
        return (vec![structure.unfit(why.to_string(), restore)], None);
    }
    let whole = structure.fit("whole");
    match store.portfolios() {
        Ok(none) if none.is_empty() => {
            (vec![whole, sound.look("it holds no journal yet", "open a portfolio in it")], None)
        }
        Err(why) => (vec![whole, sound.unfit(why.to_string(), restore)], None),
        Ok(portfolios) => match read(store, &portfolios) {
            Ok(looked) => {
                let digests = looked.journals.iter().map(|(p, journal)| format!("portfolio {p} {}", journal.digest()));
                let said = format!("hold over {} events: {}", looked.events(), digests.collect::<Vec<_>>().join(", "));
                (vec![whole, sound.fit(said)], Some(looked))
            }
            Err(why) => (vec![whole, sound.unfit(why.to_string(), restore)], None),
        },
    }
}

fn read(store: &dyn JournalStore, portfolios: &[u32]) -> Result<Looked, Failure> {
    let calendar = Arc::new(Calendar::nyse());
    let one = |portfolio: &u32| {
        let journal = Journal::read(store, *portfolio)?;
        check::prove(&journal, *portfolio, &calendar)?;
        Ok((*portfolio, journal))
    };
    Ok(Looked { journals: portfolios.iter().map(one).collect::<Result<_, Failure>>()? })
}

/// Whether anybody's money is in it.
fn account(looked: &Looked) -> Finding {
    let opened = looked.journals.iter().find_map(|(_, journal)| match &journal.events.first()?.body {
        Body::Opened(opened) => Some(opened.world),
        _ => None,
    });
    let account = asked("account", "a broker's account, paper first");
    let mend = "nothing yet: this version keeps journals of replays alone";
    match opened {
        Some(World::History) => account.unfit("a replay of past prices: no account is behind it", mend),
        Some(World::Simulated) => account.unfit("SIMULATED prices: no account is behind it", mend),
        None => account.unknown("the journal does not begin with its opening", "alluse check"),
    }
}

fn standing(store: &dyn JournalStore) -> Option<Finding> {
    use adapters::store::Standing;
    let head = asked("standing", "read where it is written");
    match store.standing() {
        Ok(Standing::Head) => None,
        Ok(standby) => Some(head.look(standby.to_string(), "name the database that is written to")),
        Err(why) => Some(head.unknown(&why.to_string(), "see whether the database can be read")),
    }
}

fn durable(store: &dyn JournalStore) -> Finding {
    let durable = asked("durability", "an append is acknowledged once the disk has it");
    match store.durability() {
        Err(why) => durable.unknown(&why.to_string(), "see whether the store can be read"),
        Ok(settings) => {
            let said = settings.iter().map(|s| format!("{} = {}", s.setting, s.found)).collect::<Vec<_>>().join(", ");
            let wrong = settings.iter().filter(|s| !s.safe).map(|s| format!("set {} to {}", s.setting, s.expected));
            match wrong.collect::<Vec<_>>().join("; ") {
                none if none.is_empty() => {
                    durable.fit(format!("{said}; a writer refuses to begin without a full sync at each append"))
                }
                wrong => durable.unfit(said, wrong),
            }
        }
    }
}

/// The disk under a journal's file.
fn disk(file: &Path) -> Vec<Finding> {
    let kind = asked("file system", "on a disk of this machine");
    let mend = "keep the journal on a disk of this machine, or in PostgreSQL";
    let size = fs::metadata(file).map_or(0, |file| file.len());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    vec![
        match machine::file_system(file) {
            FileSystem::Local(named) => kind.fit(named),
            FileSystem::Memory(named) => kind.unfit(format!("{named}: in memory, gone after a restart"), mend),
            FileSystem::Far(named) => {
                kind.unfit(format!("{named}: of another machine, whose locks and syncs are not known"), mend)
            }
            FileSystem::Unknown => kind.unknown("this system does not say", "see where the journal lies"),
        },
        room(&folder, size),
    ]
}

/// Room beside a journal of that size.
pub(super) fn room(folder: &Path, size: u64) -> Finding {
    let room = asked("room", "four times the journal's size, and 256 MiB at the least");
    match machine::free(folder) {
        Ok(Some(free)) => enough(folder, free, size),
        Ok(None) => room.unknown("this system does not say", "see how full the disk is"),
        Err(why) => room.unknown(&format!("{}: {why}", folder.display()), "see whether the folder is there"),
    }
}

fn enough(folder: &Path, free: u64, size: u64) -> Finding {
    let room = asked("room", "four times the journal's size, and 256 MiB at the least");
    let needed = size.saturating_mul(TIMES_THE_JOURNAL).max(LEAST_ROOM);
    let mib = |bytes: u64| bytes >> 20;
    let seen = format!("{} MiB free in {}, {} MiB wanted", mib(free), folder.display(), mib(needed));
    if free < needed { room.unfit(seen, "make room, or move the journal to a larger disk") } else { room.fit(seen) }
}

/// The key that signs heads.
pub(super) fn key(file: Option<&Path>) -> Vec<Finding> {
    let key = asked("signing key", "a key that its owner alone may read (mode 600)");
    let file = match file.map_or_else(|| Ok(home::folder()?.join(head::KEY)), |file: &Path| Ok(file.to_owned())) {
        Ok(file) => file,
        Err(why @ Failure::System(_)) => return vec![key.unknown(&why.to_string(), "name it with --key")],
        Err(why) => return vec![key.unfit(why.to_string(), "name it with --key")],
    };
    let shown = file.display();
    vec![match SigningKey::open(&file) {
        Ok(opened) => key.fit(format!("{shown}: {}", fingerprint(&opened.public()))),
        Err(_) if !file.exists() => {
            key.unfit(format!("{shown}: there is none, so no head can be signed"), "alluse head key")
        }
        Err(why @ KeyError::Open { .. }) => key.unfit(why.to_string(), format!("chmod 600 {shown}")),
        Err(why) => key.unfit(why.to_string(), "restore the copy that you kept, or make a new one: alluse head key"),
    }]
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn room_is_four_times_the_journal_and_never_less_than_256_mib() {
        let mib = 1_u64 << 20;
        for (free, size, state) in [
            (256 * mib, 0, State::Fit),
            (256 * mib - 1, 0, State::Unfit),
            (256 * mib, 64 * mib, State::Fit),
            (256 * mib, 65 * mib, State::Unfit),
            (u64::MAX, u64::MAX, State::Fit),
        ] {
            assert_eq!(enough(Path::new("."), free, size).state, state, "{free} {size}");
        }
    }
}
