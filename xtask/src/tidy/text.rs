//! The form of files: width, length, a line at the top of each module, nothing left lying about.

use super::Finding;
use super::tree::Tree;

/// Characters in a line.
const WIDTH: usize = 120;

/// Lines in a file.
const LENGTH: usize = 800;

/// Endings of files that people write by hand and read.
const WRITTEN: &[&str] =
    &[".rs", ".toml", ".sh", ".py", ".ts", ".svelte", ".css", ".yml", ".ci/run", "README.md", "CHANGELOG.md"];

/// Marks of unfinished work. Written in two halves, so that this list does not find itself.
const LEFTOVERS: &[&str] =
    &[concat!("FIX", "ME"), concat!("XX", "X"), concat!("TO", "DO"), concat!("<<<<", "<<<"), concat!(">>>>", ">>>")];

/// A program that does nothing, without its spaces.
const EMPTY: &str = concat!("fnmain", "(){}");

/// Folders at the root of some machine, never of this project.
const MACHINE: &[&str] = &["home", "root", "Users", "work", "tmp", "mnt"];

fn is_written(path: &str) -> bool {
    WRITTEN.iter().any(|end| path.ends_with(end))
}

/// Each module begins with what it is about.
pub(super) fn module_docs(tree: &Tree) -> Vec<Finding> {
    let held = |path: &str| path.ends_with(".rs") && path.contains("/src/");
    let bare = tree.files().filter(|(path, text)| held(path) && !begins_with_doc(text));
    bare.map(|(path, _)| Finding::new(path, 1, "a module begins with `//!` and what it is about")).collect()
}

fn begins_with_doc(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).skip_while(|l| l.is_empty() || l.starts_with("#!["));
    lines.next().and_then(|l| l.strip_prefix("//!")).is_some_and(|doc| !doc.trim().is_empty())
}

/// No line is wider than a screen. Rows of a table in Markdown and addresses cannot be broken and may be.
pub(super) fn width(tree: &Tree) -> Vec<Finding> {
    each_line(tree, |path, line| {
        let cells = line.chars().count();
        let unbreakable = path.ends_with(".md") && (line.starts_with('|') || line.contains("https://"));
        (is_written(path) && cells > WIDTH && !unbreakable).then(|| format!("{cells} characters wide, at most {WIDTH}"))
    })
}

/// No file of code is longer than can be read at one go; a policy file may be, being its own manual.
pub(super) fn length(tree: &Tree) -> Vec<Finding> {
    let held = |path: &str| is_written(path) && !path.ends_with(".toml") && !path.ends_with(".md");
    let lines = tree.files().filter(|(path, _)| held(path)).map(|(path, text)| (path, text.lines().count()));
    lines
        .filter(|(_, n)| *n > LENGTH)
        .map(|(path, n)| Finding::new(path, 0, format!("{n} lines, at most {LENGTH}")))
        .collect()
}

/// No mark of unfinished work, no line of an unfinished merge, no program that does nothing.
pub(super) fn leftovers(tree: &Tree) -> Vec<Finding> {
    let mut out: Vec<Finding> = tree
        .files()
        .filter(|(path, text)| path.ends_with(".rs") && text.split_whitespace().collect::<String>().contains(EMPTY))
        .map(|(path, _)| Finding::new(path, 0, "its main does nothing"))
        .collect();
    out.extend(each_line(tree, |path, line| {
        let mark = LEFTOVERS.iter().find(|mark| has_mark(line, mark))?;
        (!path.ends_with(".lock")).then(|| format!("`{mark}` is unfinished work: finish it, or file an issue"))
    }));
    out
}

fn has_mark(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '<' || c == '>';
        let (before, after) = (line[..at].chars().next_back(), line[at + mark.len()..].chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    })
}

/// No path that exists on one machine only.
pub(super) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    each_line(tree, |_, line| {
        let place = MACHINE.iter().map(|dir| format!("/{dir}/")).find(|place| is_rooted(line, place))?;
        Some(format!("{place}… is a path of one machine: name it from the project's root"))
    })
}

/// Whether the place stands in the line as the beginning of a path, rather than inside one.
fn is_rooted(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~/})]*".contains(c))
    })
}

fn each_line(tree: &Tree, fault: impl Fn(&str, &str) -> Option<String>) -> Vec<Finding> {
    let mut out = Vec::new();
    for (path, text) in tree.files() {
        let faults = text.lines().enumerate().filter_map(|(i, line)| Some((i + 1, fault(path, line)?)));
        out.extend(faults.map(|(line, what)| Finding::new(path, line, what)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::findings;
    use super::*;

    #[test]
    fn a_module_begins_with_its_doc() {
        let of = |text: &str| findings(module_docs, &[("crates/a/src/x.rs", text)]).len();
        assert_eq!(["//! What it is.\nuse a;", "\n#![no_std]\n//! What it is."].map(of), [0, 0]);
        assert_eq!(["", "use a;\n//! Late.", "// No doc.", "//!\nuse a;", "/// Of an item."].map(of), [1; 5]);
        assert_eq!(findings(module_docs, &[("xtask/src/x.rs", "")]).len(), 1);
        assert_eq!(findings(module_docs, &[("crates/a/benches/x.rs", "")]).len(), 0);
    }

    #[test]
    fn lines_fit_and_files_end() {
        let (fits, wide) = ("é".repeat(WIDTH), "é".repeat(WIDTH + 1));
        assert_eq!(findings(width, &[("a.rs", &fits), ("a.csv", &wide), ("README.md", &format!("|{wide}"))]), [""; 0]);
        assert_eq!(findings(width, &[("a.rs", &wide)]), ["a.rs:1: 121 characters wide, at most 120"]);
        assert_eq!(findings(length, &[("a.rs", &"\n".repeat(LENGTH)), ("a.csv", &"\n".repeat(LENGTH + 1))]), [""; 0]);
        assert_eq!(findings(length, &[("a.rs", &"\n".repeat(LENGTH + 1))]), ["a.rs: 801 lines, at most 800"]);
    }

    #[test]
    fn marks_of_unfinished_work_are_found() {
        for mark in LEFTOVERS {
            assert_eq!(findings(leftovers, &[("a.md", &format!("one\n// {mark}: later"))]).len(), 1, "{mark}");
            assert_eq!(findings(leftovers, &[("a.md", &format!("A{mark}B"))]).len(), 0, "{mark}");
        }
        let empty = concat!("//! Speed.\nfn main() ", "{\n}");
        assert_eq!(
            findings(leftovers, &[("crates/a/benches/x.rs", empty)]),
            ["crates/a/benches/x.rs: its main does nothing"]
        );
        assert_eq!(findings(leftovers, &[("crates/a/benches/x.rs", "fn main() {\n    run()\n}")]), [""; 0]);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let of = |text: &str| findings(machine_paths, &[("a.md", text)]).len();
        for dir in MACHINE {
            assert_eq!(of(&format!("see /{dir}/x")), 1, "{dir}");
            assert_eq!(of(&format!("\"/{dir}/x\"")), 1, "{dir}");
            assert_eq!(of(&format!("at ../{dir}/x, https://a.org/{dir}/x and ${{HOME}}/{dir}/x")), 0, "{dir}");
        }
        assert_eq!(of("/target\n../shared/data"), 0);
    }
}
