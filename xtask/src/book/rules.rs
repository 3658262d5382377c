//! Every rule with its meaning, its code and its stories, read from the code and the scenarios themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use toml::{Table, Value};

use super::page::{Piece, outside_fences, pieces};
use crate::tidy::coverage::{PENDING, RULES, is_scenario, titles};
use crate::tidy::links::bracketed;
use crate::tidy::tree::Tree;

/// From a page to the project's root.
const ROOT: &str = "../../../";

/// Crates whose mentions of a rule are its code. The others are asked for a rule that these do not mention.
const DECIDE: &[&str] = &["crates/protocol/src/", "crates/engine/src/"];

/// A rule as the index shows it.
struct Entry<'a> {
    id: &'a str,
    title: &'a str,
    /// Files with the items in them that mention the rule.
    code: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Scenarios, with their titles.
    stories: BTreeMap<&'a str, String>,
}

/// All rules, each under a heading of its own.
pub(super) fn index(tree: &Tree) -> Result<String, String> {
    let later = pending(tree)?;
    let sections = sections(tree.text(RULES).unwrap_or_default());
    let mut out = String::new();
    let mut last = "";
    for entry in entries(tree)? {
        let letter = &entry.id[..1];
        let section = sections.get(letter).or_else(|| sections.get("_")).copied().unwrap_or_default();
        if section != last {
            let _ = write!(out, "## {section}\n\n");
            last = section;
        }
        let _ = write!(out, "### {}\n\n{}\n\n{}\n", entry.id, capital(entry.title), code(&entry));
        let _ = writeln!(out, "{}", stories(&entry, &later));
    }
    Ok(out)
}

/// A table of the rules of some families.
pub(super) fn table(tree: &Tree, families: &str) -> Result<String, String> {
    let letters: Vec<&str> = families.split_whitespace().collect();
    let mut out = "| rule | what it is about | stories |\n|---|---|---|\n".to_owned();
    let all = entries(tree)?;
    if let Some(unknown) = letters.iter().find(|l| all.iter().all(|e| e.id[..1] != ***l)) {
        return Err(format!("{unknown} is no family of rules"));
    }
    for letter in letters {
        for Entry { id, title, stories, .. } in all.iter().filter(|e| &e.id[..1] == letter) {
            let _ = writeln!(out, "| [{id}]({}) | {title} | {} |", target(id), stories.len());
        }
    }
    Ok(out)
}

/// The targets of the rules that a page's prose names in brackets, such as `[X-4]`.
pub(super) fn links(tree: &Tree, page: &str) -> Result<String, String> {
    let known: BTreeSet<&str> = titles(tree.text(RULES).unwrap_or_default()).map(|(id, _)| id).collect();
    let mut named: Vec<&str> = Vec::new();
    for piece in pieces(page)? {
        let Piece::Prose { text, .. } = piece else { continue };
        named.extend(outside_fences(text).flat_map(|(_, line)| bracketed(line)).filter(|id| known.contains(id)));
    }
    named.sort_by_key(|id| titles(tree.text(RULES).unwrap_or_default()).position(|(known, _)| known == *id));
    named.dedup();
    if named.is_empty() {
        return Err("the page names no rule in brackets, such as [X-4]".to_owned());
    }
    Ok(named.iter().map(|id| format!("[{id}]: {}\n", target(id))).collect())
}

fn target(id: &str) -> String {
    format!("rules.md#{}", id.to_lowercase())
}

fn entries(tree: &Tree) -> Result<Vec<Entry<'_>>, String> {
    let text = tree.text(RULES).ok_or_else(|| format!("{RULES} is missing"))?;
    let scenarios = scenarios(tree)?;
    let told = |id: &str| {
        let told = scenarios.iter().filter(|(_, scenario)| scenario.rules.contains(id));
        told.map(|(path, scenario)| (*path, scenario.title.clone())).collect()
    };
    let entry = |(id, title)| Entry { id, title, code: mentions(tree, id), stories: told(id) };
    Ok(titles(text).map(entry).collect())
}

struct Scenario {
    title: String,
    rules: BTreeSet<String>,
}

fn scenarios(tree: &Tree) -> Result<BTreeMap<&str, Scenario>, String> {
    let read = |(path, text): (&'_ str, &str)| {
        let table: Table = text.parse().map_err(|e| format!("{path}: {e}"))?;
        let title = table.get("title").and_then(Value::as_str).ok_or_else(|| format!("{path} has no title"))?;
        Ok(Scenario { title: title.to_owned(), rules: listed(&table) })
    };
    tree.files()
        .filter(|(path, _)| is_scenario(path))
        .map(|(path, text)| read((path, text)).map(|scenario| (path, scenario)))
        .collect()
}

fn listed(table: &Table) -> BTreeSet<String> {
    let rules = table.get("rules").and_then(Value::as_array);
    rules.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Rules without a story, each with the reason.
fn pending(tree: &Tree) -> Result<BTreeMap<String, String>, String> {
    let text = tree.text(PENDING).ok_or_else(|| format!("{PENDING} is missing"))?;
    let table: Table = text.parse().map_err(|e| format!("{PENDING}: {e}"))?;
    let exempt = table.get("exempt").and_then(Value::as_table).into_iter().flatten();
    let exempt = exempt.map(|(id, why)| (id.clone(), format!("none of its own: {}", why.as_str().unwrap_or_default())));
    let later = listed(&table).into_iter().map(|id| (id, "none yet".to_owned()));
    Ok(later.chain(exempt).collect())
}

/// Where the rule is cited in code that is not a test's: in what decides, else anywhere, also in documentation.
fn mentions<'a>(tree: &'a Tree, id: &str) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let cited = format!("Rule::{}", id.replace('-', ""));
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, source) in tree.sources().filter(|(path, _)| path.starts_with("crates/") && path.contains("/src/")) {
        let text = tree.text(path).unwrap_or_default();
        for mention in source.mentions.iter().filter(|m| !m.test && m.holds(&cited) && !tree.is_test_file(path)) {
            found.entry(path).or_default().extend(item(text, mention.line));
        }
    }
    if found.keys().any(|path| decides(path)) {
        found.retain(|path, _| decides(path));
        return found;
    }
    for (path, _) in tree.sources().filter(|(path, _)| path.contains("/src/") && *path != RULES) {
        let text = tree.text(path).unwrap_or_default();
        let documents = |line: &str| line.trim_start().starts_with("//") && names(line, id);
        if !tree.is_test_file(path) && path.starts_with("crates/") && text.lines().any(documents) {
            found.entry(path).or_default();
        }
    }
    found
}

fn decides(path: &str) -> bool {
    DECIDE.iter().any(|folder| path.starts_with(folder)) && path != RULES
}

/// Whether a line names the rule itself, and not another that begins so.
fn names(line: &str, id: &str) -> bool {
    line.match_indices(id).any(|(at, _)| {
        let word = |c: char| c.is_alphanumeric() || c == '-';
        let (before, after) = (line[..at].chars().next_back(), line[at + id.len()..].chars().next());
        !before.is_some_and(word) && !after.is_some_and(|c| c.is_ascii_digit())
    })
}

/// The function or constant in which a line stands.
fn item(text: &str, line: usize) -> Option<&str> {
    text.lines().take(line).filter_map(declared).last()
}

fn declared(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|w| w.starts_with("pub"));
    let (mut word, mut named) = (words.next()?, words.next()?);
    if word == "const" && named == "fn" {
        (word, named) = ("fn", words.next()?);
    }
    let constant = matches!(word, "const" | "static") && named.ends_with(':');
    let name = named.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (word == "fn" || constant).then_some(name)
}

/// What each letter stands for: lines such as `'X' | 'R' => "Managing positions",`, and `_` for the rest.
fn sections(text: &str) -> BTreeMap<&str, &str> {
    let arms = text.lines().filter_map(|line| {
        let (letters, heading) = line.trim().split_once(" => \"")?;
        Some((letters, heading.strip_suffix("\",")?))
    });
    arms.flat_map(|(letters, heading)| letters.split(" | ").map(move |l| (l.trim_matches('\''), heading))).collect()
}

fn code(entry: &Entry<'_>) -> String {
    if entry.code.is_empty() {
        return "Code: none yet.\n".to_owned();
    }
    let mut out = "Code:\n".to_owned();
    for (path, items) in &entry.code {
        let items: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
        let of = if items.is_empty() { String::new() } else { format!(": {}", items.join(", ")) };
        let _ = writeln!(out, "- [{}]({ROOT}{path}){of}", path.trim_start_matches("crates/").replace("/src/", "/"));
    }
    out
}

fn stories(entry: &Entry<'_>, later: &BTreeMap<String, String>) -> String {
    if entry.stories.is_empty() {
        let why = later.get(entry.id).map_or("none yet", String::as_str);
        return format!("Stories: {why}.\n");
    }
    let mut out = "Stories:\n".to_owned();
    for (path, title) in &entry.stories {
        let _ = writeln!(out, "- [{title}]({ROOT}{path})");
    }
    out
}

fn capital(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENUM: &str = "    A1 \"A-1\" \"tree\";\n    X4 \"X-4\" \"act\";\n    X8 \"X-8\" \"last\";\n\
                        'A' => \"Structures\",\n'X' | 'R' => \"Managing\",\n_ => \"Reports\",\n";

    fn tree() -> Tree {
        Tree::of([
            (RULES, ENUM),
            (PENDING, "rules = [\"X-8\"]\n[exempt]\nA-1 = \"says what a tree is\""),
            ("scenarios/exits/act.toml", "title = \"It acts\"\nrules = [\"X-4\"]"),
            ("crates/protocol/src/manage.rs", "//! X-8: x\npub(crate) const fn act() {\n    why(Rule::X4);\n}\n"),
            ("crates/report/src/lib.rs", "fn told() { Rule::X4; }"),
            ("crates/ledger/src/lib.rs", "/// A tree (A-1, A-12).\nfn a() {}"),
        ])
    }

    #[test]
    fn a_rule_has_its_code_and_its_stories() {
        let index = index(&tree()).expect("a sound tree");
        let expected = "## Managing\n\n### X-4\n\nAct.\n\nCode:\n\
                        - [protocol/manage.rs](../../../crates/protocol/src/manage.rs): `act`\n\nStories:\n\
                        - [It acts](../../../scenarios/exits/act.toml)\n\n### X-8\n\nLast.\n\nCode:\n\
                        - [protocol/manage.rs](../../../crates/protocol/src/manage.rs)\n\nStories: none yet.\n";
        assert!(index.contains(expected), "{index}");
        assert!(
            index.contains("[ledger/lib.rs]") && index.contains("none of its own: says what a tree is."),
            "{index}"
        );
    }

    #[test]
    fn a_chapter_lists_its_families_and_links_what_it_names() {
        let table = table(&tree(), "X").expect("a known family");
        assert!(table.contains("| [X-4](rules.md#x-4) | act | 1 |\n| [X-8]") && !table.contains("A-1"), "{table}");
        assert!(super::table(&tree(), "X Z").is_err());
        let page = "See [X-8], [X-4] and [a page](b.md).\n<!-- book: links -->\n[A-1]: x\n<!-- /book -->\n";
        assert_eq!(links(&tree(), page), Ok("[X-4]: rules.md#x-4\n[X-8]: rules.md#x-8\n".to_owned()));
        assert!(links(&tree(), "nothing").is_err());
    }

    #[test]
    fn items_are_found() {
        let text = "pub const A: u8 = 1;\nimpl B {\n    pub(super) const fn c() {\n    }\n    fn d<T>(x: T) {}\n}\n";
        assert_eq!([1, 2, 3, 4, 5, 6].map(|n| item(text, n).unwrap_or_default()), ["A", "A", "c", "c", "d", "d"]);
        assert!(names("of A-1, A-12", "A-1") && !names("of A-12", "A-1") && !names("of CA-1", "A-1"));
    }
}
