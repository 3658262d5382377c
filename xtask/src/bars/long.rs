//! Tests that `cargo xtask test` runs in small and this command runs in full.

use crate::cargo::{cargo, run, run_and_keep};

/// One test with the counts that its bars ask for.
struct Long {
    name: &'static str,
    package: &'static str,
    test: &'static str,
    filter: &'static str,
    counts: &'static [(&'static str, &'static str)],
}

/// The names by which they are run.
pub(super) const NAMES: &[&str] = &["recovery", "kills", "determinism", "reference", "tamper", "truth"];

const LONG: &[Long] = &[
    Long {
        name: "recovery",
        package: "adapters",
        test: "recovery",
        filter: "",
        counts: &[("ALLUSE_RECOVERIES", "200000")],
    },
    Long {
        name: "recovery",
        package: "adapters",
        test: "files",
        filter: "",
        counts: &[("ALLUSE_RECOVERIES", "200000")],
    },
    Long { name: "kills", package: "adapters", test: "store_kill", filter: "", counts: &[("ALLUSE_KILLS", "500")] },
    Long { name: "kills", package: "alluse", test: "cli", filter: "kill::", counts: &[("ALLUSE_KILLS", "500")] },
    Long {
        name: "reference",
        package: "simulation",
        test: "reference",
        filter: "",
        counts: &[("ALLUSE_HISTORIES", "200")],
    },
    Long {
        name: "tamper",
        package: "simulation",
        test: "tamper",
        filter: "",
        counts: &[("ALLUSE_TAMPERINGS", "1000000")],
    },
    Long { name: "truth", package: "pricing", test: "published", filter: "", counts: &[] },
    Long { name: "truth", package: "pricing", test: "american_published", filter: "", counts: &[] },
];

/// What is held against history, each printed by one command (V1, V9, V8 and what stands beside).
const TRUTH: [&[&str]; 4] =
    [&["evidence", "buywrite"], &["evidence", "model"], &["backtest"], &["evidence", "benchmarks"]];

/// Runs one by its name.
pub(super) fn run_all(name: &str) -> Result<(), String> {
    if name == "determinism" {
        return determinism();
    }
    LONG.iter().filter(|long| long.name == name).try_for_each(|long| {
        let mut command = cargo(&["test", "--release", "--package", long.package, "--test", long.test]);
        command.args(["--", "--nocapture", long.filter]).envs(long.counts.iter().copied());
        run(&mut command)
    })?;
    if name == "truth" { truth() } else { Ok(()) }
}

/// Prints what the program says of real history, where it is at hand.
fn truth() -> Result<(), String> {
    let data = crate::cargo::root().join("../shared/data");
    if !data.is_dir() {
        println!("skipped: V1, V8 and V9 need ../shared/data, which is not there");
        return Ok(());
    }
    TRUTH.iter().try_for_each(|what| {
        println!("\n$ alluse {} --data ../shared/data", what.join(" "));
        let mut command = cargo(&["run", "--release", "--quiet", "--package", "alluse", "--"]);
        run(command
            .args(*what)
            .arg("--data")
            .arg("../shared/data")
            .env("ALLUSE_HOME", crate::cargo::root().join("target/bars")))
    })
}

/// The digest of a hundred seeds, built as for debugging and as for use.
fn determinism() -> Result<(), String> {
    let digest = |profile: &[&str]| -> Result<String, String> {
        let mut command = cargo(&["test", "--package", "adapters", "--test", "determinism"]);
        command.args(profile).args(["--", "--nocapture"]).env("ALLUSE_SEEDS", "100").env("ALLUSE_SEED", "1");
        let (said, end) = run_and_keep(&mut command)?;
        end?;
        let line = said.lines().find_map(|line| line.split_once("digest "));
        line.map(|(_, digest)| digest.trim().to_owned()).ok_or_else(|| "the test printed no digest".to_owned())
    };
    let (debug, release) = (digest(&[])?, digest(&["--release"])?);
    if debug != release {
        return Err(format!("a debug build makes {debug}, a release build {release}"));
    }
    println!("determinism: one digest over debug and release: {debug}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_something_to_run() {
        let runs = |name: &str| name == "determinism" || LONG.iter().any(|long| long.name == name);
        assert!(NAMES.iter().all(|name| runs(name)));
        assert!(LONG.iter().all(|long| NAMES.contains(&long.name)));
    }
}
