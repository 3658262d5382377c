//! The places of `adapters` that put files somewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use adapters::backup::{self, Identity};
use adapters::files::Scratch;
use adapters::folder::{Kind, Mapping, Origin, Piece, Provenance, Put, provenance, translate};
use adapters::head::{self, Mail, Place, SigningKey};
use adapters::pull::{Cache, Fetched, Validators};
use adapters::store::{SqliteFiles, SqliteStore};
use engine::event::{Opened, World};
use engine::proof::{Growing, Head};
use engine::{Body, Chain, Event, Row};
use jiff::Timestamp;
use market::time::Calendar;

use super::folder;
use super::shadow::{Shadow, walk};

/// One place.
pub(crate) struct Site {
    pub(crate) name: &'static str,
    /// Makes what is there before, in an empty folder.
    pub(crate) prepare: fn(&Path),
    /// Puts the new one there.
    pub(crate) act: fn(&Path, &Shadow) -> Result<(), String>,
    /// Whether the new one is there, rather than the old one; an error if it is neither.
    pub(crate) is_new: fn(&Path) -> Result<bool, String>,
    /// Whether what is new can be put there again.
    pub(crate) again: bool,
}

pub(crate) const SITES: &[Site] = &[
    Site { name: "answers of sources", prepare: keep_old, act: keep_new, is_new: kept, again: true },
    Site { name: "price history", prepare: put_old, act: put_new, is_new: was_put, again: true },
    Site { name: "a signing key", prepare: |_| {}, act: make_key, is_new: has_key, again: false },
    Site { name: "a head", prepare: |_| {}, act: keep_head, is_new: has_head, again: false },
    Site { name: "a backup", prepare: journal, act: back_up, is_new: is_backed_up, again: false },
    Site { name: "an encrypted backup", prepare: journal, act: seal, is_new: is_sealed, again: false },
    Site { name: "a journal", prepare: journal, act: write_journal, is_new: is_written, again: true },
];

fn time() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a time")
}

// Answers of sources.

fn answer(bytes: &[u8]) -> Fetched {
    let validators = Validators { etag: Some(bytes.len().to_string()), last_modified: None };
    Fetched { bytes: bytes.to_vec(), validators, status: 200, answered: "https://x.test/".to_owned(), at: time() }
}

fn old_answer() -> Fetched {
    answer(&[b'o'; 700])
}

fn new_answer() -> Fetched {
    answer(&[b'n'; 1_300])
}

fn keep(root: &Path, shadow: &Shadow, answer: &Fetched) -> Result<(), String> {
    let cache = Cache { dir: &root.join("fetched"), files: shadow };
    let kept = cache.keep("source", "SPY.csv", "https://x.test/", answer);
    kept.map_err(|(file, error)| format!("{}: {error}", file.display()))
}

fn keep_old(root: &Path) {
    keep(root, &Shadow::of(root), &old_answer()).unwrap();
}

fn keep_new(root: &Path, shadow: &Shadow) -> Result<(), String> {
    keep(root, shadow, &new_answer())
}

/// Between the answer and its note there is none that is known: it is asked for again.
fn kept(root: &Path) -> Result<bool, String> {
    let shadow = Shadow::of(root);
    let cache = Cache { dir: &root.join("fetched"), files: &shadow };
    match cache.known("source", "SPY.csv", "https://x.test/") {
        Some(known) if known == new_answer() => Ok(true),
        Some(known) if known != old_answer() => Err(format!("an answer that nobody gave: {known:?}")),
        _ => Ok(false),
    }
}

// Price history.

const NEW: [(Kind, &str); 2] = [
    (Kind::Dividends, "symbol,ex_date,amount_split_adjusted\nSPY,2024-06-04,1.22\n"),
    (Kind::Rates, "date,DGS1MO,DGS3MO,DGS6MO,DGS1,DGS2\n2024-06-05,3.4,3.5,3.4,3.1,2.8\n"),
];

fn put_old(root: &Path) {
    for (name, text) in folder::FILES {
        let file = root.join("prices").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

fn put_new(root: &Path, shadow: &Shadow) -> Result<(), String> {
    let piece = |(kind, text): (Kind, &str)| {
        let sheet = translate("mine.csv".into(), text.into(), kind, &Mapping::default()).unwrap();
        Piece { kind, sheet, origin: Some(Origin::imported("mine.csv".to_owned(), text.as_bytes(), time())) }
    };
    let (dir, calendar, options) = (root.join("prices"), Calendar::nyse(), folder::options());
    let put = Put { dir: &dir, files: shadow, accept_revisions: false, options: &options, calendar: &calendar };
    put.write(NEW.map(piece).to_vec()).map(|_| ()).map_err(|error| error.to_string())
}

/// The files as they are once they were written.
fn written() -> &'static [String; 2] {
    static ONE: OnceLock<[String; 2]> = OnceLock::new();
    ONE.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        put_old(root.path());
        put_new(root.path(), &Shadow::of(root.path())).unwrap();
        NEW.map(|(kind, _)| fs::read_to_string(root.path().join("prices").join(kind.file())).unwrap())
    })
}

/// Each file is old or new; whether all are new, and their notes.
fn was_put(root: &Path) -> Result<bool, String> {
    let mut all_new = true;
    for ((kind, _), new) in NEW.iter().zip(written()) {
        let file = root.join("prices").join(kind.file());
        let found = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let old = folder::FILES.iter().find(|(name, _)| Path::new(name) == kind.file()).unwrap().1;
        match found {
            found if found == *new => all_new &= matches!(provenance(&file), Provenance::Told { .. }),
            found if found == old => all_new = false,
            found => return Err(format!("{}: {found:?}", file.display())),
        }
    }
    Ok(all_new)
}

// Keys and heads.

fn make_key(root: &Path, shadow: &Shadow) -> Result<(), String> {
    SigningKey::create(shadow, &root.join("key")).map(|_| ()).map_err(|error| error.to_string())
}

fn only_owner_reads(file: &Path) {
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    #[cfg(not(unix))]
    let _ = file;
}

fn has_key(root: &Path) -> Result<bool, String> {
    let file = root.join("key");
    if !file.exists() {
        return Ok(false);
    }
    // The disk keeps no modes.
    only_owner_reads(&file);
    SigningKey::open(&file).map(|_| true).map_err(|error| error.to_string())
}

fn keep_head(root: &Path, shadow: &Shadow) -> Result<(), String> {
    let kept = tempfile::tempdir().unwrap();
    let key = SigningKey::create(&adapters::files::SystemFiles, &kept.path().join("key")).unwrap();
    let mut growing = Growing::new(1);
    rows(3).iter().for_each(|row| growing.follow(row).unwrap());
    let signed = key.sign(Head { taken: time(), portfolios: vec![growing.head()] });
    let place = Place::Folder(root.join("heads/here"));
    head::keep(shadow, &signed, &place, &Mail::default()).map(|_| ()).map_err(|error| error.to_string())
}

fn has_head(root: &Path) -> Result<bool, String> {
    let file = root.join("heads/here/head-20231114T221320Z.txt");
    match fs::read_to_string(&file) {
        Ok(text) => head::read(&text).map(|_| true).map_err(|why| format!("{}: {why}", file.display())),
        Err(_) => Ok(false),
    }
}

// Journals and their backups.

fn rows(count: usize) -> Vec<Row> {
    let opened = |n: usize| Event {
        at: time(),
        body: Body::Opened(Opened {
            portfolio: ledger::PortfolioId(1),
            program: "0.1.0".to_owned(),
            schema: 1,
            world: World::Simulated,
            source: format!("seed {n}"),
            policy: "text of a policy ".repeat(20),
            premium_model: String::new(),
            people: false,
        }),
    };
    let mut chain = Chain::new(1);
    (0..count).map(|n| chain.seal(&[opened(n)]).unwrap()).collect()
}

fn write_rows(on: &SqliteFiles, file: &Path, count: usize) -> Result<(), String> {
    let write = || {
        let mut store = on.create_atomically(file)?;
        store.append(&rows(count))?;
        store.finish()
    };
    write().map_err(|error: adapters::store::StoreError| error.to_string())
}

fn journal(root: &Path) {
    write_rows(&SqliteFiles::of_system(), &root.join("book.journal"), 4).unwrap();
}

fn write_journal(root: &Path, shadow: &Shadow) -> Result<(), String> {
    write_rows(&SqliteFiles::on(Arc::new(shadow.clone())), &root.join("book.journal"), 9)
}

fn is_written(root: &Path) -> Result<bool, String> {
    let read = || SqliteStore::open_read_only(&root.join("book.journal"))?.rows(1);
    match read().map_err(|error| error.to_string())? {
        found if found == rows(4) => Ok(false),
        found if found == rows(9) => Ok(true),
        found => Err(format!("{} rows", found.len())),
    }
}

/// One identity for the whole test.
fn identity() -> &'static Identity {
    static ONE: OnceLock<Identity> = OnceLock::new();
    ONE.get_or_init(|| backup::new_identity().0.lines().nth(1).unwrap().parse().unwrap())
}

fn make(root: &Path, shadow: &Shadow, sealed: bool) -> Result<(), String> {
    let on = SqliteFiles::on(Arc::new(shadow.clone()));
    let journal = SqliteStore::open_read_only(&root.join("book.journal")).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(&kept.path().join("scratch")).unwrap();
    let folder = root.join("backups");
    let recipients = if sealed { vec![identity().to_public()] } else { Vec::new() };
    // A backup without its note, which a cut may leave, has the name.
    let later = walk_backups(&folder).len() as i64;
    let now = Timestamp::from_second(time().as_second() + later).unwrap();
    backup::make(&on, &journal, &folder, &recipients, &scratch, now).map(|_| ()).map_err(|error| error.to_string())
}

fn walk_backups(folder: &Path) -> Vec<PathBuf> {
    if folder.is_dir() { walk(folder) } else { Vec::new() }
}

fn back_up(root: &Path, shadow: &Shadow) -> Result<(), String> {
    make(root, shadow, false)
}

fn seal(root: &Path, shadow: &Shadow) -> Result<(), String> {
    make(root, shadow, true)
}

/// Whether a backup is there with its note; each that has one can be opened.
fn backups(root: &Path, identities: &[Identity]) -> Result<bool, String> {
    let kept = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(&kept.path().join("scratch")).unwrap();
    let mut found = false;
    for note in walk_backups(&root.join("backups")).iter().filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let opened = backup::open(&note.with_extension(""), identities, &scratch).map_err(|error| error.to_string())?;
        found |= opened.journal().rows(1).map_err(|error| error.to_string())? == rows(4);
    }
    Ok(found)
}

fn is_backed_up(root: &Path) -> Result<bool, String> {
    backups(root, &[])
}

fn is_sealed(root: &Path) -> Result<bool, String> {
    backups(root, std::slice::from_ref(identity()))
}
