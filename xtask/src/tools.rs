//! Programs beside cargo: found on the path or in the project's own folder, else installed there.

use std::path::{Path, PathBuf};

use crate::cargo::{cargo, program, root, run, variable};

/// A program from the registry.
pub(crate) struct Tool {
    /// The crate and the program.
    pub(crate) name: &'static str,
    /// The version that is installed where there is none.
    pub(crate) version: &'static str,
    /// How it is built.
    options: &'static [&'static str],
}

/// Runs tests, each in a process of its own. Built without its own updater, which would bring a whole HTTPS client.
pub(crate) const NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    version: "0.9.143",
    options: &["--no-default-features", "--features", "default-no-update"],
};

/// Checks licences and origins of dependencies.
pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", options: &[] };

/// Measures which lines tests reach, and reads LLVM's profiles by itself: no component of the toolchain is needed.
/// Built without what sends reports to a service.
pub(crate) const TARPAULIN: Tool =
    Tool { name: "cargo-tarpaulin", version: "0.37.5", options: &["--no-default-features"] };

/// Independent readers of what the program writes: beancount for books, ofxtools for statements. They are run as
/// processes and linked into nothing.
const PYTHON_PACKAGES: [&str; 2] = ["beancount==3.2.3", "ofxtools==1.1.1"];

/// A program in the project's own folder or on the path.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let folders = std::iter::once(folder().join("bin")).chain(std::env::split_paths(&path));
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folders.map(|folder| folder.join(&file)).find(|program| program.is_file())
}

impl Tool {
    /// Where the program is, if it is anywhere.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        on_path(self.name)
    }

    /// Where the program is, after installing it if need be.
    pub(crate) fn find_or_install(&self) -> Result<PathBuf, String> {
        match self.find() {
            Some(program) => Ok(program),
            None => self.install(),
        }
    }

    fn install(&self) -> Result<PathBuf, String> {
        let folder = folder();
        let build = folder.join("build");
        eprintln!("{} is not installed: building it into {} (some minutes, once)", self.name, shown(&folder));
        let mut command = cargo(&["install", "--locked", self.name, "--version", self.version]);
        command.args(self.options).arg("--root").arg(&folder).arg("--target-dir").arg(&build);
        let done = run(&mut command);
        // What was built on the way is of no more use; that it cannot be removed is no reason to stop.
        let _ = std::fs::remove_dir_all(&build);
        done?;
        self.find().ok_or_else(|| format!("{} was installed, but is not in {}", self.name, shown(&folder)))
    }
}

/// A Python of the project's own with the packages that tests ask, after installing them if need be.
pub(crate) fn python() -> Result<PathBuf, String> {
    let environment = folder().join("python");
    let interpreter = environment.join("bin/python");
    // The last line of the list of what is installed says that all of it is.
    let done = environment.join("installed");
    let wanted = PYTHON_PACKAGES.join("\n");
    if interpreter.is_file() && std::fs::read_to_string(&done).is_ok_and(|text| text == wanted) {
        return Ok(interpreter);
    }
    eprintln!("beancount and ofxtools are not installed: installing them into {}", shown(&environment));
    let at = environment.display().to_string();
    run(&mut program("python3", &["-m", "venv", "--clear", &at]))?;
    let install = [&["-m", "pip", "install", "--quiet", "--disable-pip-version-check"][..], &PYTHON_PACKAGES].concat();
    run(&mut program(&interpreter.display().to_string(), &install))?;
    std::fs::write(&done, wanted).map_err(|e| format!("{}: {e}", done.display()))?;
    Ok(interpreter)
}

/// The folder for tools.
fn folder() -> PathBuf {
    variable("ALLUSE_TOOLS").map_or_else(|| root().join(".tools"), PathBuf::from)
}

fn shown(folder: &Path) -> String {
    folder.strip_prefix(root()).unwrap_or(folder).display().to_string()
}

/// Installs what is missing.
pub(crate) fn install_all() -> Result<(), String> {
    for tool in [NEXTEST, DENY, TARPAULIN] {
        println!("{}: {}", tool.name, shown(&tool.find_or_install()?));
    }
    println!("beancount, ofxtools: {}", shown(&python()?));
    Ok(())
}
