//! Commands that run the program or its scenarios.

use std::path::Path;
use std::process::Stdio;

use crate::cargo::{cargo, has_crate, output, root, run, targets};

/// The crate of the binary.
const BINARY: &str = "alluse";

/// Where the demo's table of ranks stands.
const RANKS: &str = "crates/alluse/data/demo-ranks.csv";

/// Runs the demo.
pub(crate) fn demo(arguments: &[String]) -> Result<(), String> {
    let mut command = cargo(&["run", "--release", "--package", BINARY, "--", "demo"]);
    if !has_crate(BINARY) {
        return Err(format!("there is no demo yet: crates/{BINARY} does not exist"));
    }
    eprintln!("Building the program; the first time this takes a few minutes.");
    run(command.args(arguments))
}

/// Runs the scenarios; when blessing, their golden output is written anew and is to be read before it is committed.
pub(crate) fn run_all(bless: bool) -> Result<(), String> {
    let found: Vec<_> = targets("test")?.into_iter().filter(|t| t.name.contains("scenario")).collect();
    if found.is_empty() {
        return Err("no crate has a test named after scenarios".to_owned());
    }
    for target in &found {
        let mut command = cargo(&["test", "--package", &target.package, "--test", &target.name]);
        if bless {
            command.env("ALLUSE_BLESS", "1");
        }
        run(&mut command)?;
    }
    if bless {
        println!("The golden output was written anew: read `git diff scenarios` before you commit it.");
    }
    Ok(())
}

/// Builds the demo's table of ranks anew. It is replaced only by a whole one.
pub(crate) fn ranks() -> Result<(), String> {
    if !has_crate(BINARY) {
        return Err(format!("there is no demo yet: crates/{BINARY} does not exist"));
    }
    let mut command = cargo(&["run", "--release", "--package", BINARY, "--", "demo", "--build-ranks"]);
    let table = output(command.stderr(Stdio::inherit()))?;
    let rows = rows(&table)?;
    write_whole(&root().join(RANKS), &table)?;
    println!("{RANKS}: {rows} rows");
    Ok(())
}

/// The number of rows below the header of a table that has the same columns in each.
fn rows(table: &str) -> Result<usize, String> {
    let mut lines = table.lines().filter(|line| !line.starts_with('#'));
    let columns = lines.next().map_or(0, |header| header.split(',').count());
    let rows: Vec<&str> = lines.collect();
    match rows.iter().position(|row| row.split(',').count() != columns) {
        _ if columns < 2 || rows.is_empty() => {
            Err("the program printed no table: a header and rows were expected".to_owned())
        }
        Some(at) => Err(format!("row {} of the table has not the {columns} columns of its header", at + 1)),
        None => Ok(rows.len()),
    }
}

fn write_whole(path: &Path, text: &str) -> Result<(), String> {
    let part = path.with_extension("part");
    let written = std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| std::fs::write(&part, text))
        .and_then(|()| std::fs::rename(&part, path));
    written.map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_whole_or_refused() {
        assert_eq!(rows("# built by\nseed,end\n1,2.50\n2,3.00\n"), Ok(2));
        for wrong in ["", "seed,end\n", "hello\n1\n", "seed,end\n1,2\n3\n"] {
            assert!(rows(wrong).is_err(), "{wrong}");
        }
    }
}
