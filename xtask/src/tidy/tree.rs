//! The files that the checks read: from the work tree, or from a test's own table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use super::source::Source;

/// Files larger than this are data, not text that someone writes (bytes).
const TEXT_LIMIT: u64 = 2_000_000;

/// One earlier state of the two files that rule coverage compares with.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// How git names the commit.
    pub(crate) commit: String,
    /// The list of rules of later work, then.
    pub(crate) pending: String,
    /// The enum of rules, then; empty where there was none.
    pub(crate) rules: String,
}

/// Every text file of the project by its path from the root, with `/` between folders.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
    sources: BTreeMap<String, Source>,
    test_files: BTreeSet<String>,
    /// Earlier states, newest first; empty without git.
    pub(crate) past: Vec<Past>,
}

impl Tree {
    /// A tree of the files given as (path, text).
    pub(crate) fn of<P: Into<String>, T: Into<String>>(files: impl IntoIterator<Item = (P, T)>) -> Tree {
        let files: BTreeMap<String, String> = files.into_iter().map(|(p, t)| (p.into(), t.into())).collect();
        let sources: BTreeMap<String, Source> = files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| (path.clone(), Source::scan(text)))
            .collect();
        let test_files = files_for_tests(&sources);
        Tree { files, sources, test_files, past: Vec::new() }
    }

    /// Reads what git tracks or would track below `root`.
    pub(crate) fn read(root: &Path) -> Result<Tree, String> {
        let listed = git(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .ok_or_else(|| format!("{}: git could not list the files; tidy needs a git checkout", root.display()))?;
        let text = |path: &str| {
            let full = root.join(path);
            let small = std::fs::metadata(&full).is_ok_and(|m| m.is_file() && m.len() <= TEXT_LIMIT);
            small.then(|| std::fs::read_to_string(&full).ok()).flatten()
        };
        let mut tree = Tree::of(listed.split('\0').filter_map(|p| Some((p, text(p)?))));
        tree.past = ["HEAD", "HEAD~", "@{upstream}"].iter().filter_map(|commit| past(root, commit)).collect();
        Ok(tree)
    }

    /// Every file.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every Rust file.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.sources.iter().map(|(path, source)| (path.as_str(), source))
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether the whole file is compiled for tests only.
    pub(crate) fn is_test_file(&self, path: &str) -> bool {
        self.test_files.contains(path)
    }
}

/// The crate of a path below `crates/`.
pub(crate) fn crate_of(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.split_once('/').map(|(name, _)| name)
}

/// Whether the file is a program beside a crate: a bench, which measures, or an example.
pub(crate) fn is_program(path: &str) -> bool {
    crate_of(path).is_some() && matches!(path.split('/').nth(2), Some("benches" | "examples"))
}

/// Files in a `tests` folder of a crate, and modules declared under `#[cfg(test)]` with all that is below them.
fn files_for_tests(sources: &BTreeMap<String, Source>) -> BTreeSet<String> {
    let roots: Vec<String> = sources
        .iter()
        .flat_map(|(path, source)| source.test_modules.iter().map(move |name| format!("{}{name}", folder_of(path))))
        .collect();
    let below =
        |path: &str, root: &str| path.strip_prefix(root).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'));
    let in_tests = |path: &str| crate_of(path).is_some() && path.split('/').nth(2) == Some("tests");
    sources.keys().filter(|p| in_tests(p) || roots.iter().any(|root| below(p, root))).cloned().collect()
}

/// The folder of a module's own modules: `src/` for `src/lib.rs`, `src/a/` for `src/a.rs` and `src/a/mod.rs`.
fn folder_of(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    match file.trim_end_matches(".rs") {
        "lib" | "main" | "mod" => format!("{folder}/"),
        name => format!("{folder}/{name}/"),
    }
}

fn past(root: &Path, commit: &str) -> Option<Past> {
    let show = |path: &str| git(root, &["show", &format!("{commit}:{path}")]);
    let pending = show(super::coverage::PENDING)?;
    Some(Past { commit: commit.to_owned(), pending, rules: show(super::coverage::RULES).unwrap_or_default() })
}

fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_compiled_for_tests_only_are_known() {
        let tree = Tree::of([
            ("crates/a/src/lib.rs", "mod b;\n#[cfg(test)]\nmod cases;"),
            ("crates/a/src/b.rs", "#[cfg(test)]\nmod deep;"),
            ("crates/a/src/b/deep.rs", ""),
            ("crates/a/src/cases/mod.rs", ""),
            ("crates/a/src/cases/one.rs", ""),
            ("crates/a/src/cases2.rs", ""),
            ("crates/a/tests/it.rs", ""),
            ("crates/a/benches/speed.rs", ""),
        ]);
        let found: Vec<&str> = tree.sources().map(|(p, _)| p).filter(|p| tree.is_test_file(p)).collect();
        assert_eq!(
            found,
            [
                "crates/a/src/b/deep.rs",
                "crates/a/src/cases/mod.rs",
                "crates/a/src/cases/one.rs",
                "crates/a/tests/it.rs"
            ]
        );
        assert!(is_program("crates/a/benches/speed.rs") && is_program("crates/a/examples/x.rs"));
        assert!(!is_program("crates/a/src/benches.rs") && !is_program("benches/x.rs"));
    }
}
