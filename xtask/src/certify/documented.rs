//! How many public items say what they are.

use std::collections::BTreeMap;

use super::page::{Line, Verdict};
use crate::tidy::source::mask;
use crate::tidy::tree::{Tree, crate_of};

/// What begins a public item that rustc's lint `missing_docs` asks about, behind `pub `.
const ITEMS: &[&str] =
    &["fn", "const", "static", "struct", "enum", "union", "trait", "type", "unsafe", "async", "extern", "macro"];

/// Public items, and how many of them are documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    items: usize,
    documented: usize,
}

/// The line of the page.
pub(super) fn line(tree: &Tree) -> Line {
    let mut crates: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut bare = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(".rs") && !tree.is_test_file(path)) {
        let in_source = path.split('/').nth(2) == Some("src");
        let Some(name) = crate_of(path).filter(|_| in_source) else { continue };
        let (counts, missing) = count(text);
        let own = crates.entry(name).or_default();
        *own = Counts { items: own.items + counts.items, documented: own.documented + counts.documented };
        bare.extend(missing.into_iter().map(|line| format!("{path}:{line}: a public item without a word on it")));
    }
    let items: usize = crates.values().map(|counts| counts.items).sum();
    let documented: usize = crates.values().map(|counts| counts.documented).sum();
    let each = crates.iter().filter(|(_, counts)| counts.items > 0);
    let each = each.map(|(name, Counts { items, documented })| format!("`{name}`: {documented} of {items}"));
    Line {
        about: "documentation",
        verdict: if bare.is_empty() { Verdict::Holds } else { Verdict::Fails },
        said: format!("{documented} of {items} public items of the crates are documented"),
        from: "lines that begin a `pub` item or field, and whether a doc comment stands above; the lint \
               `missing_docs` is on, and `cargo xtask test` denies its warnings"
            .to_owned(),
        more: bare.into_iter().chain(each).collect(),
    }
}

/// Counts the public items of a file, and gives the lines of those without documentation.
fn count(text: &str) -> (Counts, Vec<usize>) {
    let masked = mask(text);
    let code: Vec<&str> = masked.lines().collect();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut counts = Counts::default();
    let mut missing = Vec::new();
    for at in (0..code.len()).filter(|at| is_item(code[*at].trim()) || is_public_field(&code[..*at], code[*at])) {
        counts.items += 1;
        if is_documented(&lines[..at]) {
            counts.documented += 1;
        } else {
            missing.push(at + 1);
        }
    }
    (counts, missing)
}

/// A public item. `pub use` shows what is documented elsewhere, a `pub mod` documents itself in its file.
fn is_item(code: &str) -> bool {
    code.strip_prefix("pub ").is_some_and(|rest| ITEMS.contains(&word(rest)))
}

/// A public field of a public type: one of a type that its crate keeps to itself needs no word.
fn is_public_field(above: &[&str], line: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let Some(rest) = line.trim().strip_prefix("pub ") else { return false };
    let behind = &rest[word(rest).len()..];
    let field = !word(rest).is_empty() && behind.starts_with(':') && !behind.starts_with("::");
    let holder = above.iter().rev().find(|above| !above.trim().is_empty() && indent(above) < indent(line));
    field && holder.is_some_and(|holder| is_item(holder.trim()))
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// Whether the lines just above, attributes passed over, document what follows.
fn is_documented(above: &[&str]) -> bool {
    let mut open = 0_i32;
    for line in above.iter().rev() {
        if line.starts_with("///") || line.contains("#[doc") || line.ends_with("*/") {
            return true;
        }
        let closing = |c: char| line.matches(c).count();
        open += i32::try_from(closing(']')).unwrap_or(0) - i32::try_from(closing('[')).unwrap_or(0);
        // The end of an attribute over several lines, or all of one.
        if open <= 0 && !line.starts_with("#[") && !line.starts_with("//") {
            return false;
        }
        open = if line.starts_with("#[") { 0 } else { open };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_counted_with_and_without_a_word_on_them() {
        let text = [
            "//! A module.",
            "pub use a::b;",
            "pub mod c;",
            "/// One.",
            "pub struct A {",
            "    /// A field.",
            "    pub a: u8,",
            "    pub b: u8,",
            "    c: u8,",
            "}",
            "/// Two.",
            "#[must_use]",
            "#[derive(",
            "    Debug,",
            ")]",
            "pub fn d() {}",
            "#[inline]",
            "pub fn e() {}",
            "pub(crate) struct F {",
            "    pub f: u8,",
            "}",
            "let x = \"pub fn g\";",
            "#[doc = \"h\"]",
            "pub const H: u8 = 1;",
        ];
        let text = &text.join("\n");
        let (counts, missing) = count(text);
        assert_eq!(counts, Counts { items: 6, documented: 4 });
        assert_eq!(missing, [8, 18]);
    }
}
