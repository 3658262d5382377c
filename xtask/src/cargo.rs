//! Cargo run as a process, and what it knows of the workspace.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// The project's root.
pub(crate) fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().map(PathBuf::from).expect("xtask stands in the project's root")
}

/// The folder beside the project that holds price history, where there is one.
pub(crate) fn shared() -> PathBuf {
    variable("ALLUSE_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from)
}

/// An environment variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "xtask is a program of the command line")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the crate exists yet.
pub(crate) fn has_crate(name: &str) -> bool {
    root().join("crates").join(name).join("Cargo.toml").is_file()
}

/// Cargo, in the project's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    program(&variable("CARGO").unwrap_or_else(|| "cargo".to_owned()), arguments)
}

/// A program, in the project's root.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).args(arguments);
    command
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|a| a.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// Runs a command whose output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = shown(command);
    eprintln!("$ {name}");
    let status = command.status().map_err(|e| format!("`{name}` could not be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
}

/// Runs a command, shows its standard output as it comes, and returns it with how the command ended.
pub(crate) fn run_and_keep(command: &mut Command) -> Result<(String, Result<(), String>), String> {
    let name = shown(command);
    eprintln!("$ {name}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|e| format!("`{name}` could not be started: {e}"))?;
    let mut kept = String::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            kept.push_str(&line);
            kept.push('\n');
        }
    }
    let status = child.wait().map_err(|e| format!("`{name}` was lost: {e}"))?;
    let end = if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) };
    Ok((kept, end))
}

/// Runs a command silently; its standard output, or what it said on failing.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let name = shown(command);
    let output = command.output().map_err(|e| format!("`{name}` could not be started: {e}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{name}` failed:\n{}", String::from_utf8_lossy(&output.stderr).trim_end()))
    }
}

/// Days since 1970, by UTC.
#[expect(clippy::disallowed_methods, reason = "xtask is a program of the command line")]
pub(crate) fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs() / 86_400)
}

/// What `cargo metadata` says of the workspace, with all dependencies or without.
pub(crate) fn metadata(with_dependencies: bool) -> Result<Value, String> {
    let mut command = cargo(&["metadata", "--format-version", "1"]);
    command.args((!with_dependencies).then_some("--no-deps"));
    serde_json::from_str(&output(&mut command)?).map_err(|e| format!("cargo metadata could not be read: {e}"))
}

/// Where cargo builds.
pub(crate) fn target() -> Result<PathBuf, String> {
    let folder = metadata(false)?["target_directory"].as_str().map(PathBuf::from);
    folder.ok_or_else(|| "cargo metadata names no target folder".to_owned())
}

/// A target of one of the project's crates.
#[derive(Debug)]
pub(crate) struct Target {
    /// The crate.
    pub(crate) package: String,
    /// The target's own name.
    pub(crate) name: String,
    /// Its source, from the root.
    pub(crate) source: String,
}

/// All targets of a kind (`bench`, `test`) in the workspace.
pub(crate) fn targets(kind: &str) -> Result<Vec<Target>, String> {
    let metadata = metadata(false)?;
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let root = format!("{}/", root().display());
    let mut out = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        for target in package["targets"].as_array().into_iter().flatten() {
            if target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind)) {
                let source = text(target, "src_path").replacen(&root, "", 1);
                out.push(Target { package: text(package, "name"), name: text(target, "name"), source });
            }
        }
    }
    Ok(out)
}
