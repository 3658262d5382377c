//! Documents: dated decisions, and figures with the command that reproduces them.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::Finding;
use super::tree::Tree;

const DECISIONS: &str = "docs/decisions/";
const BENCHMARKS: &str = "docs/benchmarks.md";

/// A note on a decision is named by its day: `2026-11-24-money-is-an-integer.md`.
pub(super) fn decisions(tree: &Tree) -> Vec<Finding> {
    let misnamed = tree.files().filter_map(|(path, _)| {
        let name = path.strip_prefix(DECISIONS)?;
        (!is_dated(name)).then(|| Finding::new(path, 0, "a decision is named YYYY-MM-DD-what-was-decided.md"))
    });
    misnamed.collect()
}

fn is_dated(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".md") else { return false };
    let parts: Vec<&str> = stem.splitn(4, '-').collect();
    let [year, month, day, title] = parts.as_slice() else { return false };
    let number = |text: &str, digits: usize, low: u16, high: u16| {
        text.len() == digits && text.parse().is_ok_and(|n: u16| (low..=high).contains(&n))
    };
    number(year, 4, 2000, 2999) && number(month, 2, 1, 12) && number(day, 2, 1, 31) && !title.is_empty()
}

/// Each section on a measurement holds its command, and the command names a bench that exists.
pub(super) fn benchmarks(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(BENCHMARKS) else { return Vec::new() };
    let benches = benches(tree);
    let mut out = Vec::new();
    for section in sections(text) {
        let commands = section.commands();
        if commands.is_empty() && section.has_text() {
            let what =
                format!("\"{}\" has no command: figures stand beside a code block that reproduces them", section.title);
            out.push(Finding::new(BENCHMARKS, section.line, what));
        }
        let unknown = commands.iter().filter_map(|c| after(c, "--bench")).filter(|name| !benches.contains(*name));
        out.extend(unknown.map(|name| Finding::new(BENCHMARKS, section.line, format!("no crate has a bench {name}"))));
    }
    out
}

/// What lies between two headings.
struct Section<'a> {
    title: &'a str,
    line: usize,
    level: usize,
    lines: Vec<&'a str>,
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut out: Vec<Section<'_>> = Vec::new();
    let mut fenced = false;
    for (i, line) in text.lines().enumerate() {
        fenced ^= line.starts_with("```");
        let level = line.chars().take_while(|c| *c == '#').count();
        if !fenced && level > 0 && line[level..].starts_with(' ') {
            out.push(Section { title: line[level..].trim(), line: i + 1, level, lines: Vec::new() });
        } else if let Some(section) = out.last_mut() {
            section.lines.push(line);
        }
    }
    out
}

impl Section<'_> {
    /// Lines of code blocks that run something.
    fn commands(&self) -> Vec<&str> {
        let mut fenced = false;
        let mut out = Vec::new();
        for line in &self.lines {
            fenced ^= line.starts_with("```");
            let line = line.trim().trim_start_matches("$ ");
            let runs = ["cargo ", "alluse ", "bench/", "python", "./"]
                .iter()
                .any(|c| line.starts_with(c) || line.contains(&format!(" {c}")));
            out.extend((fenced && runs).then_some(line));
        }
        out
    }

    /// The title of the page may be followed by an introduction; every other heading with text is a measurement.
    fn has_text(&self) -> bool {
        self.level > 1 && self.lines.iter().any(|line| !line.trim().is_empty())
    }
}

/// The word after an option of a command.
fn after<'a>(command: &'a str, option: &str) -> Option<&'a str> {
    command.split_whitespace().skip_while(|word| *word != option).nth(1)
}

/// The names of all `[[bench]]` of all crates.
fn benches(tree: &Tree) -> BTreeSet<String> {
    let manifests = tree.files().filter(|(path, _)| path.ends_with("Cargo.toml"));
    let tables = manifests.filter_map(|(_, text)| text.parse::<Table>().ok());
    tables
        .flat_map(|t| t.get("bench").and_then(Value::as_array).cloned().unwrap_or_default())
        .filter_map(|bench| bench.get("name").and_then(Value::as_str).map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::findings;
    use super::*;

    #[test]
    fn decisions_are_dated() {
        let of = |name: &str| findings(decisions, &[(&format!("docs/decisions/{name}"), "x")]).len();
        assert_eq!(of("2026-11-24-money-is-an-integer.md"), 0);
        let bad = [
            "money.md",
            "2026-13-01-x.md",
            "2026-1-01-x.md",
            "2026-11-32-x.md",
            "2026-11-24.md",
            "2026-11-24-.md",
            "2026-11-24-x.txt",
        ];
        assert_eq!(bad.map(of), [1; 7]);
    }

    #[test]
    fn figures_have_a_command_that_exists() {
        let manifest = "[package]\nname = \"engine\"\n[[bench]]\nname = \"replay\"\nharness = false";
        let of = |text: &str| findings(benchmarks, &[("crates/engine/Cargo.toml", manifest), (BENCHMARKS, text)]);
        let good = "# Benchmarks\nTwo cores.\n## Replay\n```sh\n# here\ncargo bench -p engine --bench replay\n```\n\
                    | p50 | 1 |\n";
        assert_eq!(of(good), [""; 0]);
        assert_eq!(of("# Benchmarks\n## Speed\n### Replay\n```\ncargo bench --bench replay\n```"), [""; 0]);
        assert_eq!(
            of("# Benchmarks\n## Replay\n10 M events/s\n"),
            ["docs/benchmarks.md:2: \"Replay\" has no command: figures stand beside a code block that reproduces them"]
        );
        assert_eq!(of("## Replay\n```\n10 M events/s\n```").len(), 1);
        assert_eq!(
            of("## Replay\n```\ncargo bench --bench gone\n```"),
            ["docs/benchmarks.md:1: no crate has a bench gone"]
        );
    }
}
