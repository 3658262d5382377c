//! What the fuzzers under `fuzz_targets` call.

pub mod targets;

/// Runs the target of that name.
pub fn run(name: &str, data: &[u8]) {
    let target = targets::TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    (target.run)(data);
}
