//! `cargo xtask test` and `check`: every step is run, also after one failed, and a table says how each ended.

use std::time::{Duration, Instant};

use crate::cargo::{cargo, output, program, root, run};
use crate::suite::{self, Count};
use crate::{book, determinism, licences, tidy, tools};

/// How a step ended, with a word on it.
enum Outcome {
    Passed(String),
    /// It could not be done here, and why.
    Skipped(String),
    Failed(String),
}

/// The steps done so far.
#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Outcome, Duration)>,
    count: Count,
}

/// Everything that a change has to pass.
pub(crate) fn test() -> Result<(), String> {
    let mut steps = Steps::default();
    steps.house();
    steps.tests();
    steps.program();
    steps.close()
}

/// The same, and cargo-deny where it is installed.
pub(crate) fn check() -> Result<(), String> {
    let mut steps = Steps::default();
    steps.house();
    steps.add("deny", deny);
    steps.tests();
    steps.program();
    steps.close()
}

impl Steps {
    /// What can be said without running the code.
    fn house(&mut self) {
        self.add("format", || component("fmt", "rustfmt", &["fmt", "--all", "--", "--check", "-l"]));
        self.add("tidy", || tidy::run(&root()).into());
        self.add("licences", || licences::run().into());
        self.add("clippy", || {
            component("clippy", "clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
        });
        self.add("docs", || {
            let mut command = cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]);
            run(command.env("RUSTDOCFLAGS", "-D warnings")).map(|()| String::new()).into()
        });
    }

    /// Examples first, so that the closing line of the tests proper stands last.
    fn tests(&mut self) {
        for (name, suite) in [("examples", suite::examples as fn() -> _), ("tests", suite::tests)] {
            let mut count = Count::default();
            self.add(name, || match suite() {
                Ok(counted) => {
                    count = counted;
                    count.verdict().map(|()| count.to_string()).into()
                }
                Err(e) => Outcome::Failed(e),
            });
            self.count.add(count);
        }
    }

    /// What the program says, built for use.
    fn program(&mut self) {
        self.add("book", || book::run(true).into());
        self.add("builds", || determinism::builds_agree().into());
    }

    #[expect(clippy::disallowed_methods, reason = "how long a step took is shown to a person")]
    fn add(&mut self, name: &'static str, step: impl FnOnce() -> Outcome) {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let outcome = step();
        self.done.push((name, outcome, start.elapsed()));
    }

    /// Prints the table and the closing line.
    fn close(self) -> Result<(), String> {
        println!();
        for (name, outcome, time) in &self.done {
            let (word, said) = match outcome {
                Outcome::Passed(said) => ("ok", said),
                Outcome::Skipped(said) => ("SKIPPED", said),
                Outcome::Failed(said) => ("FAILED", said),
            };
            println!("{name:<9} {word:<7} {:>6.1} s  {said}", time.as_secs_f64());
        }
        for line in self.count.skipped_lines().into_iter().chain(suite::ignored(&root())) {
            println!("{line}");
        }
        println!("tests: {}", self.count);
        let failed: Vec<&str> =
            self.done.iter().filter(|(_, o, _)| matches!(o, Outcome::Failed(_))).map(|(name, _, _)| *name).collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
    }
}

impl From<Result<String, String>> for Outcome {
    fn from(result: Result<String, String>) -> Outcome {
        match result {
            Ok(said) => Outcome::Passed(said),
            Err(e) => Outcome::Failed(e),
        }
    }
}

/// A step of a component of the toolchain, which a minimal toolchain has not.
fn component(subcommand: &str, component: &str, arguments: &[&str]) -> Outcome {
    let here = || output(&mut cargo(&[subcommand, "--version"])).is_ok();
    if !here() && output(&mut program("rustup", &["component", "add", component])).is_err() && !here() {
        return Outcome::Skipped(format!("{component} is not installed: rustup component add {component}"));
    }
    run(&mut cargo(arguments)).map(|()| String::new()).into()
}

/// Advisories need the network and are not asked for.
fn deny() -> Outcome {
    match tools::DENY.find() {
        None => Outcome::Skipped(
            "cargo-deny is not installed (cargo xtask tools); the step \"licences\" read deny.toml itself".to_owned(),
        ),
        Some(deny) => {
            let program = deny.display().to_string();
            let mut command = crate::cargo::program(&program, &["check", "licenses", "bans", "sources"]);
            run(&mut command).map(|()| String::new()).into()
        }
    }
}
