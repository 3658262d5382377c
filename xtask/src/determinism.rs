//! One digest, whether the program is built for debugging or for use (bar R3). Threads and instruction sets are tried
//! by the test `determinism`.

use crate::cargo::{cargo, output, target, today};

/// Seeds that are tried with each run of the tests.
const SEEDS: u64 = 4;
/// Other ones each day, of so many.
const OF: u64 = 1000;

/// Runs simulated years in both builds and compares their journals' digests.
pub(crate) fn builds_agree() -> Result<String, String> {
    let first = 1 + today() * SEEDS % OF;
    for seed in first..first + SEEDS {
        let (debug, release) = (digest(seed, &[])?, digest(seed, &["--release"])?);
        if debug != release {
            return Err(format!("seed {seed}: a debug build makes {debug}, a release build {release}"));
        }
    }
    Ok(format!("debug and release make one digest of each of the seeds {first} to {}", first + SEEDS - 1))
}

/// The digest of a simulated year's journal.
fn digest(seed: u64, profile: &[&str]) -> Result<String, String> {
    let mut command = cargo(&["run", "--quiet", "--package", "alluse"]);
    command.args(profile).args(["--", "demo", "--years", "1", "--seed", &seed.to_string()]);
    // What it writes stays out of the user's folder.
    let said = output(command.env("ALLUSE_HOME", target()?.join("determinism")))?;
    let after = said.split_once(", digest ").map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default());
    after.map(str::to_owned).ok_or_else(|| format!("seed {seed}: the demo printed no digest"))
}
