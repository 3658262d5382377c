//! The project's own commands, run as `cargo xtask COMMAND`.

mod bars;
mod book;
mod cargo;
mod certify;
mod determinism;
mod licences;
mod scenarios;
mod steps;
mod suite;
mod tidy;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
The project's own commands.

Usage: cargo xtask COMMAND

  demo [ARGUMENTS]      five simulated years in the terminal; nothing is needed for it
  test                  everything that a change has to pass: format, tidy, licences, clippy, docs, tests, book, builds;
                        says what ran, and what was skipped and why
  check                 the same, and cargo-deny where it is installed; before you say \"done\"

  tidy                  the house rules alone (seconds)
  licences              the licences and origins of all dependencies, against deny.toml
  book [--check]        writes the blocks of docs/book anew from the program, the scenarios and the code; --check
                        only says whether any is stale
  bars [NAME…]          the benches and long tests that exist, or those named; what there is for each bar
  certify [--coverage [CRATE…]] [--write]
                        one page of evidence: structure, licences, secrets, documentation, lines tested, planted
                        faults, bars; --coverage measures lines anew (long), --write writes docs/certificate.md
  scenarios [--bless]   the scenarios alone; --bless writes their golden output anew
  ranks                 builds the demo's table of a thousand seeds anew
  tools                 installs cargo-nextest, cargo-deny, cargo-tarpaulin, beancount and ofxtools into .tools
                        (minutes)
  help                  this text

Tests use cargo-nextest; where it is missing it is installed into .tools, and where that fails cargo test is used.
The folder for tools can be set with ALLUSE_TOOLS, price history (../shared) with ALLUSE_SHARED.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let (command, rest) = arguments.split_first().map_or(("help", arguments), |(c, rest)| (c.as_str(), rest));
    match (command, rest) {
        ("demo", _) => scenarios::demo(rest),
        ("test", []) => steps::test(),
        ("check", []) => steps::check(),
        ("tidy", []) => tidy::run(&cargo::root()).map(|said| println!("tidy: {said}")),
        ("licences", []) => licences::run().map(|said| println!("licences: {said}")),
        ("book", []) => book::run(false).map(|said| println!("book: {said}")),
        ("book", [flag]) if flag == "--check" => book::run(true).map(|said| println!("book: {said}")),
        ("certify", _) => certify::run(rest),
        ("bars", _) => bars::run_named(rest),
        ("scenarios", []) => scenarios::run_all(false),
        ("scenarios", [flag]) if flag == "--bless" => scenarios::run_all(true),
        ("ranks", []) => scenarios::ranks(),
        ("tools", []) => tools::install_all(),
        ("help" | "--help" | "-h", _) => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("`{}` is no command\n\n{HELP}", arguments.join(" "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_command_is_answered_with_help() {
        for wrong in [&["tset"][..], &["test", "x"], &["scenarios", "--bles"], &["tidy", "--all"], &["book", "--chek"]]
        {
            let arguments: Vec<String> = wrong.iter().map(|a| (*a).to_owned()).collect();
            let message = run(&arguments).expect_err("no such command");
            assert!(message.contains(wrong[0]) && message.contains("Usage:"), "{message}");
        }
        assert_eq!(run(&[]), Ok(()));
    }
}
