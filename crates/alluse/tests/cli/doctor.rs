//! The doctor: each finding as it should be, and each broken once.

use std::fs;
use std::path::{Path, PathBuf};

use adapters::machine::{FileSystem, file_system};
use adapters::store::SqliteStore;
use serde_json::Value;

use crate::postgres_server::Server;
use crate::support::{Home, too_wide, write_history};

/// What no installation has yet: the program has no broker.
const NEVER_FIT: [&str; 3] = ["account", "broker", "feed"];

/// A run of the doctor, as JSON.
struct Said(Value);

impl Said {
    fn findings(&self) -> impl Iterator<Item = &Value> {
        self.0["sections"].as_array().unwrap().iter().flat_map(|s| s["findings"].as_array().unwrap())
    }

    fn unfit(&self) -> Vec<&str> {
        self.0["unfit"].as_array().unwrap().iter().map(|what| what.as_str().unwrap()).collect()
    }

    /// One finding stands so, and says that.
    fn says(&self, what: &str, state: &str, seen: &str) {
        let all: Vec<&Value> = self.findings().filter(|finding| finding["what"] == what).collect();
        let same = all.iter().any(|f| f["state"] == state && f["seen"].as_str().unwrap().contains(seen));
        assert!(same, "expected {what} {state}: {seen:?} in {all:#?}");
        assert_eq!(self.unfit().contains(&what), state == "unfit", "{what}");
    }
}

/// Runs the doctor in an environment; it always fails, since nothing can trade yet.
fn with(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut command = home.command(&[&["doctor", "--json"], arguments].concat());
    command.env_remove("ALLUSE_SMTP").env_remove("ALLUSE_MAIL_FROM");
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(1), "{err}");
    let said = Said(serde_json::from_str(&out).unwrap());
    assert_eq!(err, format!("alluse: unfit for real money: {}\n", said.unfit().join(", ")));
    assert_eq!(said.0["fit_for_real_money"], false);
    said
}

fn doctor(home: &Home, arguments: &[&str]) -> Said {
    with(home, arguments, &[])
}

/// A home with a journal of a simulated year, a key, a backup and a rehearsed restore; the journal and the backups.
fn healthy() -> (Home, PathBuf, String) {
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    home.prints(&["head", "key"]);
    let backups = home.path("backups").display().to_string();
    home.prints(&["backup", "make", "--to", &backups]);
    home.prints(&["backup", "verify", &backup(Path::new(&backups)).display().to_string()]);
    let journal = home.path("demo.journal");
    (home, journal, backups)
}

/// The one backup of a folder.
fn backup(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|file| file.extension().is_some_and(|e| e == "journal")).unwrap()
}

/// Changes a file of JSON.
fn edit(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    change(&mut value);
    fs::write(file, value.to_string()).unwrap();
}

/// A folder with a `timedatectl` that answers so.
#[cfg(unix)]
fn time_server(home: &Home, answer: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let folder = home.path("bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("timedatectl");
    fs::write(&program, format!("#!/bin/sh\n{answer}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder.display().to_string()
}

#[cfg(unix)]
#[test]
fn what_is_as_it_should_be_is_fit_and_what_no_version_has_is_not() {
    let (home, journal, backups) = healthy();
    let path = time_server(&home, "echo yes");
    let said = with(&home, &["--backups", &backups], &[("PATH", &path)]);
    let mut never = NEVER_FIT.to_vec();
    if matches!(file_system(&journal), FileSystem::Memory(_) | FileSystem::Far(_)) {
        never.push("file system");
    }
    let mut unfit = said.unfit();
    unfit.sort_unstable();
    never.sort_unstable();
    assert_eq!(unfit, never);
    let fit = ["version", "folder", "mail", "time zones", "time", "time server", "journal", "structure"];
    let more = ["digest and chain", "durability", "room", "signing key", "rehearsed restore", "backups", "policy"];
    for what in [&fit[..], &more].concat() {
        said.says(what, "fit", "");
    }
    said.says("journal", "fit", "demo.journal: tables of version 2");
    said.says("the journal's policy", "fit", "the same");
    said.says("price history", "look", "not known: no folder was named");
    said.says("account", "unfit", "SIMULATED");
    said.says("broker", "unfit", "nothing here can trade yet");
    for finding in said.findings() {
        let mends = finding["mend"].is_string();
        assert!(mends == (finding["state"] != "fit") && finding["expected"].is_string(), "{finding:#}");
    }
}

#[test]
fn people_read_the_same_with_what_is_expected_and_how_to_mend_it() {
    let home = Home::new();
    let output = home.command(&["doctor"]).env("COLUMNS", "80").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    for said in ["\nBroker and feeds\nunfit broker: none configured", "      to mend: alluse head key\n", " unfit\n"] {
        assert!(text.contains(said), "{said:?} in:\n{text}");
    }
    assert_eq!(too_wide(&text, 80), [""; 0]);
    assert_eq!(home.files(), [""; 0], "nothing is written");
}

#[test]
fn an_empty_home_has_no_journal_no_key_and_no_rehearsal() {
    let said = doctor(&Home::new(), &[]);
    said.says("journal", "unfit", "no journal was written yet");
    said.says("signing key", "unfit", "there is none");
    said.says("rehearsed restore", "unfit", "never");
    said.says("backups", "look", "not known: no folder was named");
}

#[test]
fn a_folder_that_cannot_be_used_is_unfit() {
    let home = Home::new();
    fs::write(home.path("file"), "").unwrap();
    let file = home.path("file").display().to_string();
    with(&home, &[], &[("ALLUSE_HOME", &file)]).says("folder", "unfit", "it is not a folder");
    let below = format!("{file}/below");
    with(&home, &[], &[("ALLUSE_HOME", &below)]).says("folder", "unfit", "it is not a folder");
    let later = home.path("later").display().to_string();
    with(&home, &[], &[("ALLUSE_HOME", &later)]).says("folder", "fit", "not there yet");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(home.path(""), fs::Permissions::from_mode(0o777)).unwrap();
        doctor(&home, &[]).says("folder", "unfit", "mode 777");
    }
}

#[test]
fn a_plain_copy_that_a_killed_command_left_is_unfit_until_a_command_removes_it() {
    let (home, _, backups) = healthy();
    assert!(doctor(&home, &[]).findings().all(|finding| finding["what"] != "plain copies"));
    fs::write(home.path("scratch/demo.journal.age.plain"), "plain text").unwrap();
    doctor(&home, &[]).says("plain copies", "unfit", "demo.journal.age.plain");
    home.prints(&["backup", "verify", &backup(Path::new(&backups)).display().to_string()]);
    assert!(doctor(&home, &[]).findings().all(|finding| finding["what"] != "plain copies"));
}

#[test]
fn an_environment_that_cannot_be_read_is_told_without_its_secrets() {
    let home = Home::new();
    let said = with(&home, &[], &[("ALLUSE_SMTP", "mail://ada:hunter2@example.org")]);
    said.says("mail", "unfit", "the mail server's address cannot be read");
    assert!(!said.0.to_string().contains("hunter2"));
    let server = ("ALLUSE_SMTP", "smtps://ada:hunter2@example.org");
    with(&home, &[], &[server]).says("mail", "fit", "can be read");
    let said = with(&home, &[], &[server, ("ALLUSE_MAIL_FROM", "nobody")]);
    said.says("mail", "unfit", "the sender \"nobody\" is no address");
    with(&home, &[], &[("ALLUSE_STMP", "x")]).says("environment", "look", "ALLUSE_STMP");
    let said = with(&home, &[], &[("SSL_CERT_FILE", "/nowhere/roots.pem"), ("SSL_CERT_DIR", "/nowhere")]);
    said.says("SSL_CERT_FILE", "unfit", "/nowhere/roots.pem");
    said.says("root certificates", "look", "no root certificates");
}

#[cfg(unix)]
#[test]
fn a_clock_that_follows_nothing_or_stands_before_the_build_is_unfit() {
    let home = Home::new();
    for (answer, state, seen) in [
        ("echo yes", "fit", "synchronised"),
        ("echo no", "unfit", "not synchronised"),
        ("echo whatever", "look", "not known"),
        ("exit 1", "look", "not known"),
    ] {
        let path = time_server(&home, answer);
        with(&home, &[], &[("PATH", &path)]).says("time server", state, seen);
    }
    with(&home, &[], &[("PATH", "/nowhere")]).says("time server", "look", "not known");

    let from_the_future = home.path("alluse");
    fs::copy(env!("CARGO_BIN_EXE_alluse"), &from_the_future).unwrap();
    let later = std::time::UNIX_EPOCH + std::time::Duration::from_secs(4_102_444_800);
    fs::File::options().append(true).open(&from_the_future).unwrap().set_modified(later).unwrap();
    let mut command = std::process::Command::new(&from_the_future);
    let output = command.args(["doctor", "--json"]).env("ALLUSE_HOME", home.path("")).output().unwrap();
    let said = Said(serde_json::from_slice(&output.stdout).unwrap());
    said.says("time", "unfit", "before this program was written to the disk (2100-01-01T00:00:00Z)");
}

#[test]
fn a_journal_that_is_missing_or_damaged_is_unfit() {
    let (home, journal, _) = healthy();
    let whole = fs::read(&journal).unwrap();
    doctor(&home, &["--journal", "nowhere.journal"]).says("journal", "unfit", "nowhere.journal");
    let empty = home.path("empty.journal").display().to_string();
    home.prints(&["store", "init", &empty]);
    doctor(&home, &["--journal", &empty]).says("digest and chain", "look", "it holds no journal yet");

    let change = "DROP TRIGGER journal_row_never_changes; UPDATE journal_row SET chain = zeroblob(32) WHERE row = 2";
    home.sqlite(&journal, change);
    let said = doctor(&home, &[]);
    said.says("structure", "fit", "whole");
    said.says("digest and chain", "unfit", "row 2: its chain");

    let mut torn = whole.clone();
    let half = torn.len() / 2;
    torn[half..half + 8192].fill(0xA5);
    fs::write(&journal, torn).unwrap();
    let said = doctor(&home, &[]);
    assert!(["journal", "structure"].iter().any(|what| said.unfit().contains(what)), "{:?}", said.unfit());
    fs::write(&journal, "no journal at all").unwrap();
    doctor(&home, &[]).says("journal", "unfit", "demo.journal");
}

#[test]
fn a_database_that_forgets_commits_is_unfit() {
    let Some(server) = Server::start("a_database_that_forgets_commits_is_unfit") else { return };
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    let address = server.address("postgres", "books");
    home.prints(&["store", "init", &address]);
    home.prints(&["store", "copy", &home.path("demo.journal").display().to_string(), &address]);
    let said = doctor(&home, &["--journal", &address]);
    said.says("digest and chain", "fit", "portfolio 1");
    said.says("durability", "fit", "synchronous_commit = on, fsync = on");
    said.says("room", "look", "the disk is the database's");

    server.session("postgres").batch_execute("ALTER DATABASE postgres SET synchronous_commit = off").unwrap();
    doctor(&home, &["--journal", &address]).says("durability", "unfit", "synchronous_commit = off");
    drop(server);
    doctor(&home, &["--journal", &address]).says("journal", "unfit", "cannot be reached");
}

#[test]
fn a_key_that_others_may_read_or_that_is_none_is_unfit() {
    let home = Home::new();
    home.prints(&["head", "key"]);
    let key = home.path("head.key");
    doctor(&home, &[]).says("signing key", "fit", "head.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        doctor(&home, &[]).says("signing key", "unfit", "mode 644");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(&key, "no key").unwrap();
    doctor(&home, &[]).says("signing key", "unfit", "expected two lines");
    let other = home.path("other.key").display().to_string();
    doctor(&home, &["--key", &other]).says("signing key", "unfit", "other.key: there is none");
}

#[test]
fn a_rehearsal_counts_for_thirty_days_and_for_its_own_journal() {
    let (home, _, backups) = healthy();
    let file = home.path("rehearsed.json");
    let at = |at: &str| edit(&file, |value| value["at"] = at.into());
    let says = |state, seen| doctor(&home, &["--backups", &backups]).says("rehearsed restore", state, seen);
    says("fit", "0 days ago");
    edit(&file, |value| value["backups"][0]["digest"] = "00".into());
    says("unfit", "none of this journal");
    at("2020-01-01T00:00:00Z");
    says("unfit", "days ago");
    at("2100-01-01T00:00:00Z");
    says("unfit", "a time that has not come yet");
    at("yesterday");
    says("unfit", "it cannot be read");
    fs::remove_file(&file).unwrap();
    says("unfit", "never");
}

#[test]
fn a_backup_counts_for_its_own_journal_whole_and_not_for_long() {
    let (home, journal, backups) = healthy();
    let folder = Path::new(&backups);
    let says = |state, seen| doctor(&home, &["--backups", &backups]).says("backups", state, seen);
    says("fit", "(0 days ago)");
    let file = backup(folder);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[1..]).unwrap();
    says("unfit", "its note says");
    fs::remove_file(&file).unwrap();
    says("unfit", "No such file");
    fs::remove_dir_all(folder).unwrap();
    says("unfit", "backups");
    home.prints(&["demo", "--years", "1", "--seed", "2"]);
    home.prints(&["backup", "make", "--to", &backups]);
    home.prints(&["demo", "--years", "1"]);
    says("unfit", "none of the 1 that lie there is of this journal");

    // A backup of the journal as it was, half as long: the journal has grown since.
    fs::remove_dir_all(folder).unwrap();
    let earlier = home.path("earlier.journal");
    let rows = SqliteStore::open_read_only(&journal).unwrap().rows(1).unwrap();
    let mut store = SqliteStore::create(&earlier).unwrap();
    store.append(&rows[..rows.len() / 2]).unwrap();
    store.finish().unwrap();
    home.prints(&["backup", "make", "--journal", &earlier.display().to_string(), "--to", &backups]);
    says("fit", "(0 days ago), has");
    let mut note = backup(folder).into_os_string();
    note.push(".json");
    edit(Path::new(&note), |value| value["taken"] = "2025-01-01T00:00:00Z".into());
    says("unfit", "made 2025-01-01T00:00:00Z");
}

#[test]
fn a_policy_that_does_not_read_is_unfit_and_another_than_the_journals_is_told() {
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    doctor(&home, &["--policy", "as-written"]).says("the journal's policy", "look", "it differs in");
    let own = home.path("own.toml");
    fs::write(&own, "name = \"own\"\nextends = \"all-use\"\n[band]\nnonsense = 1\n").unwrap();
    doctor(&home, &["--policy", &own.display().to_string()]).says("policy", "unfit", "nonsense");
}

#[test]
fn price_history_that_does_not_read_is_unfit_and_an_old_one_is_told() {
    let home = Home::new();
    let dir = home.path("prices");
    write_history(&dir);
    let data = dir.display().to_string();
    let said = doctor(&home, &["--data", &data]);
    said.says("price history", "fit", "nothing is wrong with it");
    said.says("last session", "look", "sessions have closed since");
    fs::write(dir.join("volatility/VIX.csv"), "date,close\n2025-13-01,12\n").unwrap();
    doctor(&home, &["--data", &data]).says("price history", "unfit", "VIX.csv");
    let nowhere = home.path("nowhere").display().to_string();
    doctor(&home, &["--data", &nowhere]).says("price history", "unfit", "nowhere");
}
