//! Links in documents lead somewhere: to a file of the project, and to a heading in it.

use std::collections::BTreeSet;

use super::Finding;
use super::coverage::{RULES, titles};
use super::tree::Tree;
use crate::book::PAGES;
use crate::book::page::outside_fences;

/// What the book consists of, in order.
const SUMMARY: &str = "docs/book/src/SUMMARY.md";

/// Every link of every document leads to a file and heading; every page of the book stands in its summary; every rule
/// that a page names in brackets has a target.
pub(super) fn links(tree: &Tree) -> Vec<Finding> {
    let rules: BTreeSet<&str> =
        tree.text(RULES).map(|text| titles(text).map(|(id, _)| id).collect()).unwrap_or_default();
    let mut out = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(".md")) {
        for (number, line) in outside_fences(text) {
            let dead = targets(line).into_iter().filter(|target| !leads(tree, path, target));
            let hint = if path.starts_with(PAGES) { "; in a block: cargo xtask book" } else { "" };
            out.extend(dead.map(|target| Finding::new(path, number, format!("`{target}` leads nowhere{hint}"))));
            let named = bracketed(line).filter(|id| path.starts_with(PAGES) && rules.contains(id));
            let bare = named.filter(|id| !text.contains(&format!("\n[{id}]: ")));
            out.extend(bare.map(|id| {
                Finding::new(path, number, format!("[{id}] has no target: `<!-- book: links -->` at the page's end"))
            }));
        }
        let listed = || tree.text(SUMMARY).unwrap_or_default().contains(&format!("({})", &path[PAGES.len()..]));
        if path.starts_with(PAGES) && path != SUMMARY && !listed() {
            out.push(Finding::new(path, 0, format!("stands in no line of {SUMMARY}")));
        }
    }
    out
}

/// What stands between `[` and `]` and is no text of another link.
pub(crate) fn bracketed(text: &str) -> impl Iterator<Item = &str> {
    text.split('[').skip(1).filter_map(|rest| {
        let (inner, after) = rest.split_once(']')?;
        (!after.starts_with(['(', ':'])).then_some(inner)
    })
}

/// The targets of a line: `[text](target)`, and `[text]: target`. What stands in backquotes is none.
fn targets(line: &str) -> Vec<String> {
    let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let inline = plain.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let mut out: Vec<String> = inline.map(|(target, _)| target.to_owned()).collect();
    if let Some((_, target)) = plain.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
        out.push(target.trim().to_owned());
    }
    out
}

fn leads(tree: &Tree, from: &str, target: &str) -> bool {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return true;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let Some(path) = (if file.is_empty() { Some(from.to_owned()) } else { joined(from, file) }) else { return false };
    let folder = format!("{}/", path.trim_end_matches('/'));
    match (tree.text(&path), anchor) {
        (Some(_), None) => true,
        (Some(text), Some(anchor)) => !path.ends_with(".md") || headings(text).any(|heading| heading == anchor),
        (None, _) => anchor.is_none() && tree.files().any(|(file, _)| file.starts_with(&folder)),
    }
}

/// A path from the file that names it; nothing if it leaves the project.
fn joined(from: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Headings as they are linked to: small letters, digits and hyphens.
fn headings(text: &str) -> impl Iterator<Item = String> {
    outside_fences(text).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::findings;
    use super::*;

    const ENUM: &str = "    X4 \"X-4\" \"act\";\n";

    /// Findings for one page beside another.
    fn of(page: &str) -> Vec<String> {
        let one = format!("{PAGES}one.md");
        let summary = "- [One](one.md)\n- [Two](sub/two.md)\n";
        let two = format!("{PAGES}sub/two.md");
        findings(links, &[(RULES, ENUM), (SUMMARY, summary), (&two, "# A Rule: X-4!\n"), (&one, page), ("a/b.rs", "")])
    }

    #[test]
    fn links_lead_to_files_and_headings() {
        let sound = "[a](sub/two.md) [b](sub/two.md#a-rule-x-4) [c](#here) [d](../../../a/b.rs)\n[e](https://x.org)\n\
                     [f](../../../a) `[g](gone.md)`\n```\n[h](gone.md)\n```\n# Here\n[X-4] [i](one.md)\n\
                     [X-4]: sub/two.md\n";
        assert_eq!(of(sound), [""; 0]);
        for dead in ["[a](two.md)", "[a](#gone)", "[a](sub/two.md#gone)", "[a](../../../../x)", "a\n[X-4]: gone.md"] {
            assert_eq!(of(dead).len(), 1, "{dead}");
        }
        assert_eq!(
            of("[X-4]"),
            ["docs/book/src/one.md:1: [X-4] has no target: `<!-- book: links -->` at the page's end"]
        );
    }

    #[test]
    fn pages_stand_in_the_summary() {
        let page = format!("{PAGES}three.md");
        let found = findings(links, &[(SUMMARY, "- [One](one.md)"), (&page, "x")]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().any(|f| f.contains("stands in no line")) && found.iter().any(|f| f.contains("nowhere")));
    }
}
