//! The files of this system: what is there is replaced, kept or refused, and writers of one name do not mix.
#![cfg(unix)]

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::thread;

use adapters::files::{
    Access, PARTIAL, Scratch, SystemFiles, Whole, beside, create, make_folders, remove_abandoned, replace,
};
use adapters::store::SqliteStore;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_is_replaced_keeps_its_readers_and_what_is_secret_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    replace(&SystemFiles, &page, b"old").unwrap();
    fs::set_permissions(&page, PermissionsExt::from_mode(0o640)).unwrap();
    replace(&SystemFiles, &page, b"new").unwrap();
    assert_eq!((fs::read(&page).unwrap(), mode(&page)), (b"new".to_vec(), 0o640));
    let key = folder.path().join("key");
    // What a killed run left could be read by others.
    fs::write(beside(&key, PARTIAL), "half a key").unwrap();
    create(&SystemFiles, &key, Access::Owner, b"secret").unwrap();
    assert_eq!((fs::read(&key).unwrap(), mode(&key)), (b"secret".to_vec(), 0o600));
    let taken = create(&SystemFiles, &key, Access::Owner, b"another").unwrap_err();
    assert_eq!(taken.to_string(), "the file exists already; expected a name that is free");
    assert_eq!(fs::read(&key).unwrap(), b"secret");
    assert_eq!(names(folder.path()), ["key", "page.html"]);
}

#[test]
fn a_link_is_followed_to_its_file_and_what_is_no_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::write(&real, "old").unwrap();
    symlink(&real, &link).unwrap();
    replace(&SystemFiles, &link, b"new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"new");
    // Somebody else's link in the place of a partial file leads nowhere.
    let other = folder.path().join("other");
    fs::write(&other, "not ours").unwrap();
    symlink(&other, beside(&real, PARTIAL)).unwrap();
    assert!(replace(&SystemFiles, &real, b"newer").is_err());
    assert_eq!((fs::read(&other).unwrap(), fs::read(&real).unwrap()), (b"not ours".to_vec(), b"new".to_vec()));
    for no_file in [Path::new("/dev/null"), folder.path()] {
        let refused = replace(&SystemFiles, no_file, b"x").unwrap_err();
        assert_eq!(refused.to_string(), "it is no file; expected a name that is free, or a file's");
    }
}

#[test]
fn writers_of_one_name_leave_one_of_theirs_whole() {
    let folder = tempfile::tempdir().unwrap();
    let last = folder.path().join("last");
    thread::scope(|scope| {
        for byte in b'a'..b'i' {
            let last = &last;
            scope.spawn(move || {
                for _ in 0..20 {
                    replace(&SystemFiles, last, &vec![byte; 10_000 + usize::from(byte)]).unwrap();
                    let found = fs::read(last).unwrap();
                    assert!(found.iter().all(|b| *b == found[0]), "a mixture");
                    assert_eq!(found.len(), 10_000 + usize::from(found[0]));
                }
            });
        }
    });
    assert_eq!(names(folder.path()), ["last"]);
}

#[test]
fn of_writers_of_one_free_name_one_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let had: Vec<io::Result<()>> = thread::scope(|scope| {
        let writers: Vec<_> = (b'a'..b'i')
            .map(|byte| {
                let key = &key;
                scope.spawn(move || create(&SystemFiles, key, Access::Owner, &[byte; 100]))
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(had.iter().filter(|had| had.is_ok()).count(), 1);
    let refused = had.iter().filter_map(|had| had.as_ref().err());
    assert!(refused.into_iter().all(|error| error.kind() == io::ErrorKind::AlreadyExists));
    assert_eq!(names(folder.path()), ["key"]);
}

#[test]
fn a_partial_file_is_abandoned_once_nobody_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("head.txt");
    let mut begun = Whole::fresh(&SystemFiles, &target, Access::Usual).unwrap();
    begun.write_all(b"half").unwrap();
    let partial = beside(&target, PARTIAL);
    assert!(!remove_abandoned(&partial).unwrap(), "it is held");
    begun.settle().unwrap();
    fs::write(&partial, "left").unwrap();
    assert!(remove_abandoned(&partial).unwrap());
    assert_eq!(names(folder.path()), ["head.txt"]);
    drop(Whole::replacing(&SystemFiles, &target).unwrap());
    assert_eq!(names(folder.path()), ["head.txt"], "what is given up is removed");
}

#[test]
fn folders_are_made_where_they_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    make_folders(&SystemFiles, &deep).unwrap();
    make_folders(&SystemFiles, &deep).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(make_folders(&SystemFiles, &folder.path().join("file/under")).is_err());
}

#[test]
fn what_has_no_name_is_not_found_and_leftovers_go_when_nobody_is_at_work() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("scratch");
    let first = Scratch::open(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    let (store, nameless) = SqliteStore::create_nameless(&first, Path::new("a backup")).unwrap();
    assert_eq!(names(&folder), [""; 0]);
    // Names of versions that had some; others' files stay.
    for left in ["x.journal.age.plain", "x.journal.age.plain.partial", "x.journal.7.opened", "9-9.nameless", "mine"] {
        fs::write(folder.join(left), "plain text").unwrap();
    }
    let second = Scratch::open(&folder).unwrap();
    assert_eq!(names(&folder).len(), 5, "somebody is at work");
    drop((first, second, store, nameless));
    assert_eq!(Scratch::left(&folder).unwrap().len(), 4);
    let _third = Scratch::open(&folder).unwrap();
    assert_eq!(names(&folder), ["mine"]);
}
