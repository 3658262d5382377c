//! `cargo xtask certify`: one page of evidence on the code, each line with what it was read from. Nothing here is a
//! score: a figure was measured by the command beside it, or it is said that it was not.

mod coverage;
mod documented;
mod page;
mod recorded;
mod secrets;

use crate::cargo::{output, program, root};
use crate::tidy::{self, tree::Tree};
use crate::{bars, licences};

use page::{Line, Verdict};

/// Where the page is written.
const CERTIFICATE: &str = "docs/certificate.md";

/// Gathers the evidence, prints it, and writes it where asked; fails where a line fails.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let write = arguments.iter().any(|argument| argument == "--write");
    let rest: Vec<String> = arguments.iter().filter(|argument| *argument != "--write").cloned().collect();
    match rest.split_first() {
        None => {}
        Some((flag, crates)) if flag == "--coverage" => coverage::measure(crates)?,
        Some((other, _)) => return Err(format!("certify takes --coverage [CRATE…] and --write, not {other}")),
    }
    let tree = Tree::read(&root())?;
    let untidy = tidy::all(&tree);
    let structure = of("file structure", "cargo xtask tidy", tidy::said(&tree, untidy.len()));
    let lines = [
        Line { more: untidy, ..structure },
        of("dependencies and licences", "cargo xtask licences", licences::run()),
        secrets::line()?,
        documented::line(&tree),
        coverage::line(&tree)?,
        recorded::mutation(&tree),
        bars()?,
    ];
    let text = page::text(&state()?, &lines);
    print!("{text}");
    if write {
        let file = root().join(CERTIFICATE);
        std::fs::write(&file, &text).map_err(|e| format!("{CERTIFICATE}: {e}"))?;
        eprintln!("{CERTIFICATE}: written");
    }
    let failed: Vec<&str> = lines.iter().filter(|line| line.verdict == Verdict::Fails).map(|line| line.about).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("not held: {}", failed.join(", "))) }
}

/// A line of what another command says.
fn of(about: &'static str, command: &'static str, said: Result<String, String>) -> Line {
    let verdict = if said.is_ok() { Verdict::Holds } else { Verdict::Fails };
    let said = said.unwrap_or_else(|why| why);
    Line { about, verdict, said, from: format!("`{command}`"), more: Vec::new() }
}

/// Which state of the project this is of.
fn state() -> Result<String, String> {
    let git = |arguments: &[&str]| output(&mut program("git", arguments)).map(|said| said.trim().to_owned());
    let commit = git(&["show", "-s", "--format=%h of %cs", "HEAD"])?;
    let changed = git(&["status", "--porcelain"])?.lines().count();
    Ok(if changed == 0 {
        format!("commit {commit}")
    } else {
        format!("commit {commit} and {changed} files changed since")
    })
}

/// Whether each bar has a bench or a test that names it. One whose part of the product is not there yet has nothing to
/// judge, and is named.
fn bars() -> Result<Line, String> {
    let all = bars::held()?;
    let (none, held): (Vec<_>, Vec<_>) = all.iter().partition(|bar| bar.by.is_empty());
    let (later, owed): (Vec<_>, Vec<_>) = none.into_iter().partition(|bar| bar.awaits.is_some());
    let owes = owed.iter().map(|bar| format!("none for {} {}", bar.name, bar.what));
    let waits =
        later.iter().filter_map(|bar| bar.awaits.map(|part| format!("{} {} waits for `{part}`", bar.name, bar.what)));
    Ok(Line {
        about: "bars",
        verdict: match (owed.is_empty(), later.is_empty()) {
            (false, _) => Verdict::Fails,
            (true, false) => Verdict::NotShown,
            (true, true) => Verdict::Holds,
        },
        said: format!(
            "{} of {} bars have a bench or a test that names them; {} wait for parts that are not there yet",
            held.len(),
            all.len(),
            later.len()
        ),
        from: "the benches' and tests' own documentation; `cargo xtask bars` runs them".to_owned(),
        more: owes.chain(waits).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_command_finds_fails() {
        assert_eq!(of("a", "b", Err("3 findings".to_owned())).verdict, Verdict::Fails);
        assert_eq!(of("a", "b", Ok(String::new())).verdict, Verdict::Holds);
    }

    #[test]
    fn an_argument_that_is_none_is_named() {
        assert!(run(&["--wrte".to_owned()]).is_err_and(|why| why.contains("--wrte")));
    }
}
