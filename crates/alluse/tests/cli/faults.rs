//! A disk that takes nothing more: whatever a command was to write, the old file stays, nothing half-written lies
//! beside it, and the error names the file (bar R12). The limit on a file's length is the system's own, and set to 0.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Home, write_history};

/// Every file of a folder with its bytes.
fn snapshot(folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            snapshot(&path, into);
        } else {
            let bytes = fs::read(&path).unwrap();
            into.insert(path, bytes);
        }
    }
}

/// Runs a command that may not make any file longer than `blocks` of 512 bytes.
fn limited(home: &Home, arguments: &[&str], blocks: u32) -> std::process::Output {
    let own = home.command(arguments);
    let mut command = Command::new("sh");
    // Told to ignore the signal, the program gets the error.
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]).arg(own.get_program());
    command.args(own.get_args());
    own.get_envs().for_each(|(key, value)| {
        value.map(|value| command.env(key, value));
    });
    command.output().unwrap()
}

#[test]
fn a_disk_that_takes_nothing_leaves_every_old_file() {
    let home = Home::new();
    let at = |name: &str| home.path(name).display().to_string();
    home.prints(&["demo", "--years", "1"]);
    home.prints(&["head", "key"]);
    let data = home.path("prices");
    write_history(&data);
    let rows = home.path("rows.csv");
    fs::write(&rows, "symbol,ex_date,amount_split_adjusted\nSPY,2025-12-19,1.99\n").unwrap();
    let identity = home.prints(&["backup", "key", "--out", &at("identity.txt")]);
    let recipient = identity.lines().last().unwrap().to_owned();
    let (prices, rows) = (at("prices"), at("rows.csv"));
    let outs = ["page.html", "books.journal", "8949.csv", "week.svg", "3.proof"].map(at);
    let backups = at("backups");
    let heads = at("heads");
    let (key, secret) = (at("new.key"), at("new.txt"));
    let journal = at("new.journal");
    let commands: Vec<Vec<&str>> = vec![
        vec!["report", "page", "--out", &outs[0]],
        vec!["export", "hledger", "--out", &outs[1]],
        vec!["tax", "form-8949", "2025", "--out", &outs[2]],
        vec!["policy", "draw", "week", "--svg", &outs[3]],
        vec!["prove", "#3", "--out", &outs[4]],
        vec!["head", "key", "--out", &key],
        vec!["head", "sign", "--to", &heads],
        vec!["backup", "key", "--out", &secret],
        vec!["backup", "make", "--to", &backups],
        vec!["backup", "make", "--to", &backups, "--recipient", &recipient],
        vec!["data", "import", "--from", &rows, "--kind", "dividends", "--into", &prices],
        vec!["demo", "--years", "1", "--seed", "2"],
        vec!["backtest", "--data", &prices, "--out", &journal],
    ];
    // The first five replace what the same commands have written.
    commands[..5].iter().for_each(|command| drop(home.prints(command)));
    let mut before = BTreeMap::new();
    snapshot(&home.path(""), &mut before);
    for command in &commands {
        let ran = limited(&home, command, 0);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(5), "{command:?}: {said}{}", String::from_utf8_lossy(&ran.stdout));
        let named = said.contains(&at(""));
        assert!(named, "{command:?}: expected the file's name in {said:?}");
        let mut after = BTreeMap::new();
        snapshot(&home.path(""), &mut after);
        after.retain(|path, _| !path.ends_with(".lock"));
        let changed: Vec<_> = after.iter().filter(|(path, bytes)| before.get(*path) != Some(bytes)).collect();
        assert!(changed.is_empty(), "{command:?}: {:?}", changed.iter().map(|(path, _)| path).collect::<Vec<_>>());
        assert_eq!(after.len(), before.len(), "{command:?}: something is gone");
    }
    // With room, each of them does what it was asked to.
    for command in &commands {
        let ran = home.run(command);
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.err);
    }
}
