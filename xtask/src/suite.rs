//! The tests: run, counted, and what they skipped.
//!
//! A test that needs what is absent prints `SKIPPED <test>: <why>` and returns; such lines are looked for in what
//! passing tests printed, and count as skipped.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use crate::cargo::{cargo, output, program, root, run, run_and_keep, shared, today};
use crate::tools;

/// How many tests ended how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    passed: usize,
    failed: usize,
    /// Tests that said why they did nothing.
    skipped: BTreeSet<String>,
    /// Tests marked `#[ignore = "…"]`.
    ignored: usize,
    /// The runner's own complaint, where there are no figures that show it.
    broken: Option<String>,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.skipped.len() + self.ignored;
        write!(
            f,
            "{} passed, {} failed, {skipped} skipped",
            self.passed - self.skipped.len().min(self.passed),
            self.failed
        )
    }
}

impl Count {
    /// Adds what another runner counted.
    pub(crate) fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.skipped.extend(other.skipped);
    }

    /// The lines with which tests said why they did nothing.
    pub(crate) fn skipped_lines(&self) -> Vec<String> {
        self.skipped.iter().cloned().collect()
    }

    /// An error where a test failed, the runner did, or a test missed price history that is there.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        if self.failed > 0 {
            return Err(self.to_string());
        }
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        match self.skipped.iter().find(|line| line.contains("shared is absent")) {
            Some(line) if shared_is_there() => Err(format!("../shared is there, but: {line}")),
            _ => Ok(()),
        }
    }
}

fn shared_is_there() -> bool {
    shared().join("data").is_dir()
}

/// The examples in the documentation.
pub(crate) fn examples() -> Result<Count, String> {
    counted(&["test", "--doc", "--workspace", "--no-fail-fast"])
}

/// All other tests: by cargo-nextest, and by cargo test where that cannot be had.
pub(crate) fn tests() -> Result<Count, String> {
    if let Err(e) = tools::python() {
        eprintln!("beancount and ofxtools cannot be had ({e}); the tests that ask them will say so");
    }
    match tools::NEXTEST.find_or_install() {
        Ok(nextest) => with_nextest(&nextest),
        Err(e) => {
            eprintln!("cargo-nextest cannot be had ({e}); cargo test runs the tests instead");
            counted(&["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast", "--", "--show-output"])
        }
    }
}

/// Where cargo-nextest reports, as `.config/nextest.toml` says.
const REPORT: &str = "target/nextest/report/junit.xml";

fn with_nextest(nextest: &Path) -> Result<Count, String> {
    let report = root().join(REPORT);
    // An old report would be counted for a run that wrote none.
    let _ = std::fs::remove_file(&report);
    let mut command =
        program(&nextest.display().to_string(), &["nextest", "run", "--workspace", "--profile", "report"]);
    // Mutations of the corpora are others each day; a failing test names the seed.
    let ran = run(command.env("ALLUSE_FUZZ_SEED", today().to_string()));
    let text = std::fs::read_to_string(&report);
    match (text, ran) {
        (Ok(text), ran) => Ok(Count { broken: ran.err(), ignored: ignored(&root()).len(), ..from_junit(&text) }),
        (Err(_), Err(e)) => Err(e),
        (Err(e), Ok(())) => Err(format!("{REPORT}: {e}: the tests' report was expected there")),
    }
}

/// Runs `cargo test` and counts from what it prints.
fn counted(arguments: &[&str]) -> Result<Count, String> {
    let (text, ran) = run_and_keep(&mut cargo(arguments))?;
    Ok(Count { broken: ran.err(), ..from_libtest(&text) })
}

/// Sums the lines `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn from_libtest(text: &str) -> Count {
    let mut count = Count { skipped: skips(text), ..Count::default() };
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let before = |word: &str| {
            let at = words.iter().position(|w| w.trim_end_matches(';') == word);
            at.and_then(|i| words[i.checked_sub(1)?].parse().ok()).unwrap_or(0)
        };
        count.passed += before("passed");
        count.failed += before("failed");
        count.ignored += before("ignored");
    }
    count
}

/// Reads the totals of a report in JUnit's format, and the lines of skipped tests in it.
fn from_junit(text: &str) -> Count {
    let head = text.find("<testsuites").map_or("", |at| text[at..].split('>').next().unwrap_or_default());
    let number = |key: &str| {
        let value = head.split_once(&format!(" {key}=\"")).and_then(|(_, rest)| rest.split('"').next());
        value.and_then(|v| v.parse().ok()).unwrap_or(0)
    };
    let failed = number("failures") + number("errors");
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
    Count { passed: number("tests") - failed, failed, skipped: skips(&plain), ..Count::default() }
}

/// `SKIPPED <test>: <why>`, also behind the test's name on one line.
fn skips(text: &str) -> BTreeSet<String> {
    let line = |line: &str| {
        let at = line.find("SKIPPED ")?;
        let said = line[at..].split('<').next().unwrap_or_default().trim_end();
        said.contains(": ").then(|| said.to_owned())
    };
    text.lines().filter_map(line).collect()
}

/// Tests that are never run here, with the reason that stands beside them.
pub(crate) fn ignored(root: &Path) -> Vec<String> {
    let listed =
        output(&mut program("git", &["ls-files", "-z", "--", "crates/*.rs", "xtask/*.rs"])).unwrap_or_default();
    let mut out = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        out.extend(ignored_in(&text).into_iter().map(|(line, why)| format!("SKIPPED {path}:{line}: {why}")));
    }
    out
}

/// Lines of `#[ignore = "why"]`, with the reason.
fn ignored_in(text: &str) -> Vec<(usize, &str)> {
    text.lines()
        .enumerate()
        .filter_map(|(i, line)| Some((i + 1, line.trim_start().strip_prefix("#[ignore = \"")?.strip_suffix("\"]")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_counted_and_its_skips_are_found() {
        let text = "<?xml?>\n<testsuites name=\"nextest-run\" tests=\"5\" failures=\"1\" errors=\"1\" time=\"1\">\n\
                    <system-out>running 1 test\ntest a::b ... SKIPPED b: ../shared is absent\nok</system-out>\n\
                    <system-err>SKIPPED c: no \"x\" &lt; &amp;y</system-err>";
        let count = from_junit(text);
        assert_eq!((count.passed, count.failed), (3, 2));
        assert_eq!(count.skipped_lines()[0], "SKIPPED b: ../shared is absent");
        assert_eq!(count.skipped.len(), 2);
        assert_eq!(count.to_string(), "1 passed, 2 failed, 2 skipped");
        assert_eq!(count.verdict(), Err(count.to_string()));
    }

    #[test]
    fn lines_of_cargo_test_are_summed() {
        let text = "SKIPPED d: no shared\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured\n";
        let count = from_libtest(text);
        assert_eq!((count.passed, count.failed, count.ignored), (5, 4, 1));
        assert_eq!(count.to_string(), "4 passed, 4 failed, 2 skipped");
    }

    #[test]
    fn a_runner_that_broke_is_no_success() {
        let broken = Count { passed: 3, broken: Some("killed".to_owned()), ..Count::default() };
        assert_eq!(broken.verdict(), Err("killed".to_owned()));
        assert_eq!(Count { passed: 3, ..Count::default() }.verdict(), Ok(()));
    }

    #[test]
    fn ignored_tests_are_listed_with_their_reason() {
        let mark = concat!("#[ig", "nore = \"an hour\"]");
        assert_eq!(ignored_in(&format!("#[test]\n    {mark}\nfn t() {{}}")), [(2, "an hour")]);
    }
}
