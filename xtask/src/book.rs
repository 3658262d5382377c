//! `cargo xtask book`: writes the blocks of the book anew, from the program, the scenarios and the code.
//!
//! A page is prose with blocks between two markers, `<!-- book: … -->` and `<!-- /book -->`. The first says where the
//! block comes from:
//!
//! - `alluse explain 2021-W12` and any other command: what it prints. Behind ` | ` may stand `after: demo --seed 7`, a
//!   command that makes the journal (else `demo`), `sections: A; B`, the paragraphs that begin so, and `lines: x; y`,
//!   the lines that hold one of these.
//! - `scenario: growth/fork`: what is given there, and the story that is told.
//! - `rules`, `rules: X R G`: the index of all rules, the table of some families. `links`: the targets of the rules
//!   that a page names in brackets. `glossary`: the words of docs/vocabulary.md.

pub(crate) mod page;
mod program;
mod rules;
mod stories;

use std::path::Path;

use crate::cargo::{program as command, root, run as run_command};
use crate::tidy::tree::Tree;
use crate::tools;
use page::Piece;
use program::Program;

/// Where the pages are.
pub(crate) const PAGES: &str = "docs/book/src/";

/// What made up a page.
enum Made {
    /// The block as it is to be.
    Text(String),
    /// It cannot be made here, and why.
    Skipped(String),
}

/// Writes every block anew, or with `check` says which are stale.
pub(crate) fn run(check: bool) -> Result<String, String> {
    let root = root();
    let tree = Tree::read(&root)?;
    let mut writer =
        Writer { tree: &tree, program: Program::default(), skipped: Vec::new(), faults: Vec::new(), blocks: 0 };
    let mut stale = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.starts_with(PAGES) && path.ends_with(".md")) {
        let fresh = writer.page(path, text);
        if fresh != text {
            stale.push(path);
            if !check {
                std::fs::write(root.join(path), fresh).map_err(|e| format!("{path}: {e}"))?;
            }
        }
    }
    if !writer.faults.is_empty() {
        return Err(writer.faults.join("\n"));
    }
    writer.skipped.dedup();
    let said = writer.skipped.iter().map(|why| format!("\nSKIPPED {why}")).collect::<String>();
    match (check, stale.as_slice()) {
        (true, [_, ..]) => Err(format!("stale: {}; `cargo xtask book` writes it anew", stale.join(", "))),
        _ => Ok(format!("{} blocks, {} pages written; {}{said}", writer.blocks, stale.len(), build(&root)?)),
    }
}

/// Builds the pages with mdBook where it is installed.
fn build(root: &Path) -> Result<String, String> {
    match tools::on_path("mdbook") {
        None => Ok("mdBook is not installed: pages not built".to_owned()),
        Some(mdbook) => {
            let book = root.join("docs/book").display().to_string();
            let target = root.join("target/book/html").display().to_string();
            run_command(&mut command(&mdbook.display().to_string(), &["build", &book, "--dest-dir", &target]))?;
            Ok(format!("built into {target}"))
        }
    }
}

struct Writer<'a> {
    tree: &'a Tree,
    program: Program,
    skipped: Vec<String>,
    faults: Vec<String>,
    blocks: usize,
}

impl Writer<'_> {
    /// The page with every block as it is to be; one that cannot be made stays as it is, and is a fault.
    fn page(&mut self, path: &str, text: &str) -> String {
        let pieces = match page::pieces(text) {
            Ok(pieces) => pieces,
            Err(e) => {
                self.faults.push(format!("{path}{e}"));
                return text.to_owned();
            }
        };
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Prose { text, .. } => out.push_str(text),
                Piece::Block { line, source, text: old } => {
                    let at = format!("{path}:{line}: {source}");
                    let body = self.body(source, text, &at).unwrap_or_else(|| old.trim().to_owned());
                    out.push_str(&page::block(source, &body));
                }
            }
        }
        out
    }

    /// What a block is to hold; nothing if it cannot be made, which is noted.
    fn body(&mut self, source: &str, page: &str, at: &str) -> Option<String> {
        self.blocks += 1;
        match self.block(source, page) {
            Ok(Made::Text(body)) => return Some(body),
            Ok(Made::Skipped(why)) => self.skipped.push(why),
            Err(e) => self.faults.push(format!("{at}: {e}")),
        }
        None
    }

    fn block(&mut self, source: &str, page: &str) -> Result<Made, String> {
        if source.starts_with("alluse ") {
            return self.program.block(source);
        }
        let (kind, what) = source.split_once(':').map_or((source, ""), |(kind, what)| (kind, what.trim()));
        let made = match (kind, what) {
            ("scenario", name) => stories::scenario(self.tree, name)?,
            ("glossary", "") => stories::glossary(self.tree)?,
            ("rules", "") => rules::index(self.tree)?,
            ("rules", families) => rules::table(self.tree, families)?,
            ("links", "") => rules::links(self.tree, page)?,
            _ => return Err("no such block: a command, scenario, rules, links or glossary was expected".to_owned()),
        };
        Ok(Made::Text(made))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_cannot_be_made_stays_and_is_a_fault() {
        let tree = Tree::of([("docs/vocabulary.md", "| **lot** | shares |\n")]);
        let mut writer =
            Writer { tree: &tree, program: Program::default(), skipped: Vec::new(), faults: Vec::new(), blocks: 0 };
        let page = format!("A\n{}\n{}\n", page::block("glossary", "old"), page::block("scenario: a/b", "kept"));
        let fresh = writer.page("one.md", &page);
        assert!(fresh.contains("| **lot** | shares |") && fresh.contains("kept") && !fresh.contains("old"), "{fresh}");
        assert_eq!(writer.faults, ["one.md:7: scenario: a/b: scenarios/a/b.toml is missing"]);
        assert_eq!(writer.page("one.md", &fresh), fresh);
        writer.faults.clear();
        for wrong in ["sums", "rules", "links", "scenario"] {
            writer.page("one.md", &page::block(wrong, "kept"));
        }
        assert_eq!(writer.faults.len(), 4, "{:?}", writer.faults);
    }
}
