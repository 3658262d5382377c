//! `alluse head`: what a journal is, signed and kept elsewhere, and later held against it.

mod proof;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use adapters::clock::{Clock, SystemClock};
use adapters::files::SystemFiles;
use adapters::head::{self, KeyError, Mail, Place, PublicKey, SigningKey, fingerprint};
use adapters::store::JournalStore;
use engine::proof::{Growing, Head as Taken, SignedHead};
use jiff::Timestamp;
use serde_json::json;

use crate::cli::{Head, HeadCheck, HeadSign};
use crate::failure::Failure;
use crate::home;
use crate::journal::{self as journals, portfolios};
use crate::show;

pub(crate) use proof::{prove, verify};

/// The signing key's own name.
pub(super) const KEY: &str = "head.key";

/// Runs the command.
pub(crate) fn run(command: &Head) -> Result<(), Failure> {
    match command {
        Head::Key { out } => key(out.as_deref()),
        Head::Sign(asked) => sign(asked),
        Head::Check(asked) => check(asked),
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Failure {
        match error {
            KeyError::NotPublic(_) => Failure::Usage(format!("--key: {error}")),
            _ => Failure::System(error.to_string()),
        }
    }
}

fn key(out: Option<&Path>) -> Result<(), Failure> {
    let file = out.map_or_else(|| home::file(KEY), |file| Ok(file.to_owned()))?;
    let made = SigningKey::create(&SystemFiles, &file)?.public();
    show::print(&format!("{}: a new signing key; keep it to yourself, and keep a copy.", file.display()))?;
    show::print(&format!("Public key, to be noted down elsewhere:\n{made}"))
}

fn signing_key(file: Option<&Path>) -> Result<SigningKey, Failure> {
    let file = file.map_or_else(|| home::file(KEY), |file| Ok(file.to_owned()))?;
    if !file.exists() {
        let what = "there is no signing key; `alluse head key` makes one";
        return Err(Failure::Usage(format!("{}: {what}", file.display())));
    }
    Ok(SigningKey::open(&file)?)
}

/// The journals that were named, or those that were written last.
fn store(asked: Option<&Path>) -> Result<Box<dyn JournalStore>, Failure> {
    let named = asked.map_or_else(home::last, |named| Ok(named.to_owned()))?;
    let store = journals::reader(&journals::location(&named)?)?;
    store.hold()?;
    Ok(store)
}

/// What the store is now.
fn take(store: &dyn JournalStore, now: Timestamp) -> Result<Taken, Failure> {
    let head = |portfolio: &u32| {
        let mut growing = Growing::new(*portfolio);
        let mut followed = Ok(());
        store.visit(*portfolio, 0, &mut |row| {
            followed = growing.follow(row);
            if followed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        followed.map_err(|why| Failure::Journal(format!("{}: {why}", store.place())))?;
        Ok(growing.head())
    };
    let heads: Result<Vec<_>, Failure> = portfolios(store)?.iter().map(head).collect();
    Ok(Taken { taken: now, portfolios: heads? })
}

/// Now, to the second, as heads say it.
fn now() -> Timestamp {
    Timestamp::from_second(SystemClock.now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn sign(asked: &HeadSign) -> Result<(), Failure> {
    let key = signing_key(asked.key.as_deref())?;
    let signed = key.sign(take(store(asked.journal.as_deref())?.as_ref(), now())?);
    if asked.to.is_empty() {
        return show::print(head::write(&signed).trim_end());
    }
    let mail = Mail { server: home::variable("ALLUSE_SMTP"), from: home::variable("ALLUSE_MAIL_FROM") };
    let mut failed = Vec::new();
    for to in &asked.to {
        let Ok(place) = to.parse::<Place>();
        match head::keep(&SystemFiles, &signed, &place, &mail) {
            Ok(kept) => show::print(&format!("kept: {kept}"))?,
            Err(why) => failed.push(why.to_string()),
        }
    }
    show::print(&format!("signed by {} ({})", key.public(), fingerprint(&key.public())))?;
    if failed.is_empty() { Ok(()) } else { Err(Failure::System(format!("not kept: {}", failed.join("; ")))) }
}

/// One head with what was found.
struct Found {
    file: PathBuf,
    /// When it was taken; absent where it cannot be read.
    taken: Option<Timestamp>,
    /// Events of all its portfolios.
    events: u64,
    wrong: Option<String>,
}

fn check(asked: &HeadCheck) -> Result<(), Failure> {
    let key: PublicKey = asked.key.parse()?;
    let store = store(asked.journal.as_deref())?;
    let found: Vec<Found> = files(&asked.heads)?.into_iter().map(|head| held(store.as_ref(), &key, head)).collect();
    let wrong = found.iter().filter(|found| found.wrong.is_some()).count();
    if asked.json {
        let heads: Vec<_> = found
            .iter()
            .map(|Found { file, taken, events, wrong }| {
                let taken = taken.map(|taken| taken.to_string());
                json!({ "head": file, "taken": taken, "events": events, "wrong": wrong })
            })
            .collect();
        show::json(&json!({ "journal": store.place().to_string(), "holds": wrong == 0, "heads": heads }))?;
    } else {
        for Found { file, taken, events, wrong } in &found {
            let taken = taken.map_or_else(String::new, |taken| format!(" of {taken}, {events} events"));
            let said = wrong.as_deref().unwrap_or("the journal begins as it did then");
            show::print(&format!("{}{taken}: {said}", file.display()))?;
        }
    }
    if wrong == 0 {
        return if asked.json { Ok(()) } else { show::print("\nEvery head holds.") };
    }
    Err(Failure::Check(format!("{}: {wrong} of {} heads do not hold", store.place(), found.len())))
}

fn held(store: &dyn JournalStore, key: &PublicKey, file: PathBuf) -> Found {
    let signed = match read(&file) {
        Ok(signed) => signed,
        Err(why) => return Found { file, taken: None, events: 0, wrong: Some(why.to_string()) },
    };
    let events = signed.head.portfolios.iter().map(|head| head.events).sum();
    let wrong = wrong(store, key, &signed);
    Found { file, taken: Some(signed.head.taken), events, wrong }
}

/// What is wrong with a head, or with the journal by it.
fn wrong(store: &dyn JournalStore, key: &PublicKey, signed: &SignedHead) -> Option<String> {
    if !key.signed(signed) {
        let by = PublicKey(signed.key);
        return Some(format!("it was not signed by the key {} (it names {})", fingerprint(key), fingerprint(&by)));
    }
    signed.head.portfolios.iter().find_map(|head| match store.rows(head.portfolio) {
        Ok(rows) => head.holds(signed.head.taken, &rows).err().map(|why| why.to_string()),
        Err(why) => Some(why.to_string()),
    })
}

fn read(file: &Path) -> Result<SignedHead, Failure> {
    let text = fs::read_to_string(file).map_err(|e| Failure::file(file, &e))?;
    head::read(&text).map_err(|why| Failure::Data(format!("{}: {why}", file.display())))
}

/// The heads that are named, those of a folder by name.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in named {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let listed = fs::read_dir(path).map_err(|e| Failure::file(path, &e))?;
        let mut heads: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        heads.retain(|file| file.extension().is_some_and(|e| e == "txt"));
        if heads.is_empty() {
            return Err(Failure::Usage(format!("{}: there is no head in it; expected head-….txt", path.display())));
        }
        heads.sort();
        all.extend(heads);
    }
    Ok(all)
}
