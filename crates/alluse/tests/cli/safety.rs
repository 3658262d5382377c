//! Heads that are kept elsewhere, proofs, backups and rehearsed restores.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;

use adapters::store::SqliteStore;
use engine::{Chain, journal};

use crate::support::Home;

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A home with a journal of a simulated year and a signing key; the journal, and the public key.
fn signed_home() -> (Home, String, String) {
    let home = Home::new();
    home.prints(&["demo", "--years", "1"]);
    let made = home.prints(&["head", "key"]);
    let key = made.lines().last().unwrap().to_owned();
    assert_eq!(key.len(), 64, "{made}");
    let journal = text(&home.path("demo.journal"));
    (home, journal, key)
}

/// Writes the journal anew without its last event but one, every digest and chain sound: what a thief would do who can
/// write to the store.
fn rewrite(file: &str) {
    let rows = SqliteStore::open_read_only(Path::new(file)).unwrap().rows(1).unwrap();
    let (mut events, _) = journal::read(1, &rows).unwrap();
    let at = events.len() - 2;
    events.remove(at);
    fs::remove_file(file).unwrap();
    let mut chain = Chain::new(1);
    let rows: Vec<_> = events.chunks(1024).filter_map(|events| chain.seal(events)).collect();
    let mut store = SqliteStore::create(Path::new(file)).unwrap();
    store.append(&rows).unwrap();
    store.finish().unwrap();
}

#[test]
fn a_head_that_was_kept_shows_that_history_was_rewritten() {
    let (home, journal, key) = signed_home();
    let heads = text(&home.path("elsewhere"));
    let kept = home.prints(&["head", "sign", "--to", &heads]);
    assert!(kept.contains("kept: ") && kept.contains(&key), "{kept}");
    let holds = home.prints(&["head", "check", &heads, "--key", &key]);
    assert!(holds.contains("Every head holds."), "{holds}");
    // By another key, or with another figure in it, nobody signed it.
    let other = "0".repeat(64);
    home.refuses(&["head", "check", &heads, "--key", &other], 1, &["1 of 1 heads do not hold"]);
    let file = fs::read_dir(&heads).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, whole.replacen("rows ", "rows 1", 1)).unwrap();
    let forged = home.run(&["head", "check", &heads, "--key", &key]);
    assert!(forged.code == 1 && forged.out.contains("it was not signed by the key"), "{}", forged.out);
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let cut = home.run(&["head", "check", &heads, "--key", &key]);
    assert!(cut.code == 1 && cut.out.contains("line "), "{}", cut.out);
    fs::write(&file, &whole).unwrap();
    // The journal is sound by itself, and not the one that was signed.
    rewrite(&journal);
    home.prints(&["head", "sign"]);
    let json = home.run(&["head", "check", &heads, "--key", &key, "--json"]);
    assert_eq!(json.code, 1);
    assert!(json.out.contains("its end was cut off"), "{}", json.out);
}

#[test]
fn the_key_is_its_owners_alone() {
    let (home, ..) = signed_home();
    home.refuses(&["head", "key"], 5, &["head.key", "exists"]);
    home.refuses(&["head", "check", "x", "--key", "abc"], 2, &["--key: \"abc\" is no public key; expected 64"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = home.path("head.key");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        home.refuses(&["head", "sign"], 5, &["others than its owner may read it (mode 644)"]);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&key, "all-use signing key: keep it to yourself\n12\n").unwrap();
        home.refuses(&["head", "sign"], 5, &["expected two lines"]);
    }
    let nowhere = text(&home.path("no.key"));
    home.refuses(&["head", "sign", "--key", &nowhere], 2, &["`alluse head key` makes one"]);
}

/// Answers one connection on this machine as `answer` does.
fn served(answer: impl FnOnce(TcpStream) -> String + Send + 'static) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, std::thread::spawn(move || answer(listener.accept().unwrap().0)))
}

#[test]
fn a_host_and_a_mail_box_keep_a_head() {
    let (home, _, key) = signed_home();
    let (port, host) = served(|mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        while reader.read_line(&mut head).unwrap() > 2 {
            let line = head.lines().last().unwrap().to_lowercase();
            length = line.strip_prefix("content-length: ").map_or(length, |n| n.parse().unwrap());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").unwrap();
        head + &String::from_utf8(body).unwrap()
    });
    let address = format!("http://127.0.0.1:{port}/heads?key=secret");
    let kept = home.prints(&["head", "sign", "--to", &address]);
    assert!(!kept.contains("secret") && kept.contains("127.0.0.1"), "{kept}");
    let received = host.join().unwrap();
    assert!(received.starts_with("POST /heads") && received.contains(&format!("key {key}")), "{received}");

    let (port, mail) = served(|stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut out = stream;
        let (mut all, mut data) = (String::new(), false);
        out.write_all(b"220 mail\r\n").unwrap();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap() == 0 {
                return all;
            }
            all += &line;
            let said = match (data, line.trim_end()) {
                (true, ".") => "250 kept\r\n",
                (true, _) => continue,
                (_, "DATA") => "354 go on\r\n",
                (_, "QUIT") => "221 bye\r\n",
                _ => "250 ok\r\n",
            };
            data = said.starts_with("354");
            out.write_all(said.as_bytes()).unwrap();
        }
    });
    let ran = home
        .command(&["head", "sign", "--to", "mailto:me@example.org"])
        .env("ALLUSE_SMTP", format!("smtp://127.0.0.1:{port}"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let received = mail.join().unwrap();
    assert!(received.contains("<me@example.org>") && received.contains("all-use head 1"), "{received}");

    // Where nobody is, nothing is kept, and the rest is.
    let folder = text(&home.path("kept"));
    let dead = "http://127.0.0.1:9/heads";
    let half = home.run(&["head", "sign", "--to", dead, "--to", &folder, "--to", "mailto:me@example.org"]);
    assert_eq!(half.code, 5, "{}{}", half.out, half.err);
    assert!(half.err.contains(dead) && half.err.contains("set ALLUSE_SMTP"), "{}", half.err);
    assert!(half.out.contains("kept: ") && fs::read_dir(&folder).unwrap().count() == 1, "{}", half.out);
    home.refuses(&["head", "sign", "--to", "http://example.org/"], 5, &["begins with https://"]);
}

#[test]
fn an_event_is_proved_without_the_journal() {
    let (home, journal, key) = signed_home();
    let proof = text(&home.path("17.proof"));
    let said = home.prints(&["prove", "#17", "--out", &proof]);
    assert!(said.contains("prove event #17"), "{said}");
    assert!(fs::metadata(&proof).unwrap().len() <= 1024);
    fs::remove_file(&journal).unwrap();
    let shown = home.prints(&["verify-proof", &proof, "--key", &key]);
    assert!(shown.contains("Event #17 stood in the journal of portfolio 1"), "{shown}");
    let json = home.json(&["verify-proof", &proof, "--key", &key, "--json"]);
    assert_eq!((&json["holds"], &json["event"]), (&true.into(), &17.into()));
    home.refuses(&["verify-proof", &proof, "--key", &"1".repeat(64)], 1, &["was not signed by the key 1111"]);
    let mut bytes = fs::read(&proof).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&proof, &bytes).unwrap();
    assert_eq!(home.run(&["verify-proof", &proof, "--key", &key]).code, 1);
    fs::write(&proof, b"not a proof").unwrap();
    home.refuses(&["verify-proof", &proof, "--key", &key], 3, &["17.proof: it is no proof"]);
    fs::write(&proof, [0; 2000]).unwrap();
    home.refuses(&["verify-proof", &proof, "--key", &key], 3, &["2000 bytes; expected a proof of at most 1024"]);
}

#[test]
fn a_backup_is_made_rehearsed_and_restored() {
    let (home, journal, _) = signed_home();
    let digest = home.json(&["check", &journal, "--json"])["portfolios"][0]["digest"].as_str().unwrap().to_owned();
    let folder = text(&home.path("backups"));
    let made = home.prints(&["backup", "make", "--to", &folder]);
    assert!(made.contains(&digest) && made.contains("not encrypted"), "{made}");
    let listed = home.json(&["backup", "list", &folder, "--json"]);
    let name = listed["backups"][0]["file"].as_str().unwrap().to_owned();
    let backup = format!("{folder}/{name}");
    let said = home.prints(&["backup", "verify", &backup]);
    assert!(said.contains("opened, replayed") && said.contains("Every backup could be restored."), "{said}");
    let rehearsed = fs::read_to_string(home.path("rehearsed.json")).unwrap();
    assert!(rehearsed.contains(&digest) && rehearsed.contains(&name), "{rehearsed}");

    let again = text(&home.path("again.journal"));
    let who = ["--who", "Ada", "--reason", "the disk broke"];
    let restore = [&["restore", &backup, "--to", &again][..], &who].concat();
    let said = home.prints(&restore);
    assert!(said.contains("epoch 2 begins"), "{said}");
    home.refuses(&restore, 2, &["again.journal: the file exists already"]);
    let restored = home.json(&["check", &again, "--json"]);
    assert_eq!(restored["holds"], true);
    let events = |json: &serde_json::Value| json["portfolios"][0]["events"].as_u64().unwrap();
    let before = events(&home.json(&["check", &journal, "--json"]));
    assert_eq!(events(&restored), before + 1);
    let last = home.prints(&["explain", &format!("#{}", before + 1), "--journal", &again]);
    assert!(last.contains("Ada restores the journal from a backup: the disk broke"), "{last}");

    // Back to a date: a branch of its own, and the original as it was.
    let branch = text(&home.path("branch.journal"));
    let back = [&["restore", &backup, "--to", &branch, "--at", "2025-06-30"][..], &who].concat();
    let said = home.prints(&back);
    assert!(said.contains("later ones left behind; epoch 2 begins"), "{said}");
    let kept = events(&home.json(&["check", &branch, "--json"]));
    assert!(kept > 100 && kept < before, "{kept} of {before}");
    let last = home.prints(&["explain", &format!("#{kept}"), "--journal", &branch]);
    let left = format!("leaves {} later events behind", before + 1 - kept);
    assert!(last.replace(',', "").contains(&left), "{left}: {last}");
    assert_eq!(home.json(&["check", &journal, "--json"])["portfolios"][0]["digest"], digest);
    let x = text(&home.path("x"));
    let early = [&["restore", &backup, "--to", &x, "--at", "1999-01-01"][..], &who].concat();
    home.refuses(&early, 2, &["--at 1999-01-01: the journal begins on"]);
    assert!(!home.path("x").exists());

    // A damaged backup is refused, and nothing is left of it.
    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&backup, bytes).unwrap();
    home.refuses(&["backup", "verify", &backup], 4, &[&name, "it was damaged"]);
    let third = text(&home.path("third.journal"));
    home.refuses(&[&["restore", &backup, "--to", &third][..], &who].concat(), 4, &["it was damaged"]);
    assert!(!home.path("third.journal").exists());
    assert_eq!(fs::read_dir(home.path("scratch")).unwrap().count(), 0);
    fs::remove_file(format!("{backup}.json")).unwrap();
    home.refuses(&["backup", "verify", &backup], 4, &["expected the note that was written beside the backup"]);
}

#[test]
fn an_encrypted_backup_is_read_by_its_identity_alone() {
    let (home, ..) = signed_home();
    let (identity, other) = (text(&home.path("identity.txt")), text(&home.path("other.txt")));
    let made = home.prints(&["backup", "key", "--out", &identity]);
    let recipient = made.lines().last().unwrap();
    assert!(recipient.starts_with("age1"), "{made}");
    home.prints(&["backup", "key", "--out", &other]);
    home.refuses(&["backup", "key", "--out", &other], 5, &["exists"]);
    let folder = text(&home.path("backups"));
    home.prints(&["backup", "make", "--to", &folder, "--recipient", recipient]);
    let listed = home.json(&["backup", "list", &folder, "--json"]);
    let backup = format!("{folder}/{}", listed["backups"][0]["file"].as_str().unwrap());
    assert!(backup.ends_with(".journal.age"));
    let bytes = fs::read(&backup).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1") && !bytes.windows(6).any(|w| w == b"SQLite"));
    home.prints(&["backup", "verify", &backup, "--identity", &identity]);
    home.refuses(&["backup", "verify", &backup], 4, &["expected an identity, --identity FILE"]);
    home.refuses(&["backup", "verify", &backup, "--identity", &other], 4, &["it cannot be decrypted"]);
    let wrong = ["backup", "make", "--to", &folder, "--recipient", "age1nobody"];
    home.refuses(&wrong, 2, &["--recipient age1nobody", "expected an age recipient"]);
    assert_eq!(fs::read_dir(home.path("scratch")).unwrap().count(), 0, "no plain copy is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(home.path("scratch")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "nobody else looks at one while it is there");
    }
}

#[test]
fn old_backups_go_by_rule_and_only_when_told() {
    let (home, ..) = signed_home();
    let folder = home.path("backups");
    home.prints(&["backup", "make", "--to", &text(&folder)]);
    let made =
        fs::read_dir(&folder).unwrap().flatten().map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "json"));
    let note = fs::read_to_string(made.as_ref().unwrap()).unwrap();
    let taken = serde_json::from_str::<serde_json::Value>(&note).unwrap()["taken"].as_str().unwrap().to_owned();
    for day in 1..=9 {
        let name = format!("demo.2020010{day}T080000Z.journal");
        fs::write(folder.join(&name), "old").unwrap();
        let own = serde_json::from_str::<serde_json::Value>(&note).unwrap()["file"].as_str().unwrap().to_owned();
        let older = note.replace(&taken, &format!("2020-01-0{day}T08:00:00Z")).replace(&own, &name);
        fs::write(folder.join(format!("{name}.json")), older).unwrap();
    }
    let shown = text(&folder);
    let prune = ["backup", "prune", &shown, "--last", "2", "--daily", "3", "--weekly", "0", "--monthly", "0"];
    let said = home.prints(&prune);
    assert!(said.contains("would remove") && said.contains("3 of 10 backups kept; nothing was removed"), "{said}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 20);
    let said = home.prints(&[&prune[..], &["--apply"]].concat());
    assert!(said.contains("3 of 10 backups kept"), "{said}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 6);
}
