//! `cargo xtask tidy`: rules of the house that neither rustfmt nor clippy knows, each checked over the whole tree.
//!
//! Every check is a function from the tree to its findings, and has tests that show it failing: a check that cannot
//! fail is worth nothing.

pub(crate) mod coverage;
mod figures;
mod layers;
pub(crate) mod links;
mod papers;
mod purity;
pub(crate) mod source;
mod text;
pub(crate) mod tree;

use std::fmt;
use std::path::Path;

use tree::Tree;

/// Something that has to be put right.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    /// Counted from 1; 0 where the finding is about the whole file.
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

type Check = fn(&Tree) -> Vec<Finding>;

/// The checks, with the name under which their findings are printed.
const CHECKS: &[(&str, Check)] = &[
    ("crate order", layers::crate_order),
    ("crate table", layers::crate_table),
    ("serialisation", layers::serialisation),
    ("vendors", layers::vendors),
    ("purity", purity::purity),
    ("floats", purity::floats),
    ("writes", purity::writes),
    ("panics", purity::panics),
    ("ignored tests", purity::ignored_tests),
    ("module docs", text::module_docs),
    ("width", text::width),
    ("length", text::length),
    ("leftovers", text::leftovers),
    ("machine paths", text::machine_paths),
    ("rule coverage", coverage::coverage),
    ("pending shrinks", coverage::pending_shrinks),
    ("decisions", papers::decisions),
    ("benchmarks", papers::benchmarks),
    ("book links", links::links),
    ("book figures", figures::figures),
];

/// Runs every check below `root` and prints the findings; an error says how many there were.
pub(crate) fn run(root: &Path) -> Result<String, String> {
    let tree = Tree::read(root)?;
    let found = all(&tree);
    found.iter().for_each(|finding| println!("{finding}"));
    said(&tree, found.len())
}

/// Every finding of every check, as it is printed.
pub(crate) fn all(tree: &Tree) -> Vec<String> {
    let of = |(name, check): &(&str, Check)| {
        let mut findings = check(tree);
        findings.sort();
        findings.into_iter().map(|finding| format!("{finding} [{name}]")).collect::<Vec<_>>()
    };
    CHECKS.iter().flat_map(of).collect()
}

/// What that many findings come to.
pub(crate) fn said(tree: &Tree, found: usize) -> Result<String, String> {
    let files = tree.files().count();
    match found {
        0 => Ok(format!("{files} files, {} checks", CHECKS.len())),
        _ => Err(format!("{found} findings in {files} files")),
    }
}

/// What the findings of `check` over these files are, as printed.
#[cfg(test)]
fn findings(check: Check, files: &[(&str, &str)]) -> Vec<String> {
    let mut findings = check(&Tree::of(files.iter().copied()));
    findings.sort();
    findings.iter().map(Finding::to_string).collect()
}
