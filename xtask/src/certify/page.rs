//! The page: a line for each kind of evidence, and below it what a line alone cannot say.

use std::fmt::Write as _;

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was looked at now, or measured, and is as it has to be.
    Holds,
    /// It is not as it has to be.
    Fails,
    /// A figure without a bar.
    Recorded,
    /// Nobody has measured it, or not all of it.
    NotShown,
}

/// One kind of evidence.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) about: &'static str,
    pub(super) verdict: Verdict,
    /// What was found.
    pub(super) said: String,
    /// By what: a command, a file.
    pub(super) from: String,
    /// What it is made of, or what fails.
    pub(super) more: Vec<String>,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Fails => "FAILS",
            Verdict::Recorded => "recorded",
            Verdict::NotShown => "not shown",
        }
    }
}

/// The page on a state of the project.
pub(super) fn text(state: &str, lines: &[Line]) -> String {
    let mut out = format!("# Certificate\n\nOf {state}. `cargo xtask certify` prints it; it makes no figure up.\n\n");
    out.push_str("| evidence | | found | from |\n|---|---|---|---|\n");
    for Line { about, verdict, said, from, .. } in lines {
        let said = said.trim().replace('\n', "; ").replace('|', "\\|");
        let _ = writeln!(out, "| {about} | {} | {said} | {from} |", verdict.word());
    }
    for Line { about, more, .. } in lines.iter().filter(|line| !line.more.is_empty()) {
        let _ = writeln!(out, "\n## {about}\n");
        for item in more {
            let _ = writeln!(out, "- {item}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_row_for_each_line_and_a_list_where_there_is_more() {
        let line = |about, verdict, more: &[&str]| Line {
            about,
            verdict,
            said: "3 a|b\nand c".to_owned(),
            from: "`d`".to_owned(),
            more: more.iter().map(|m| (*m).to_owned()).collect(),
        };
        let page = text("x", &[line("one", Verdict::Holds, &[]), line("two", Verdict::Fails, &["why"])]);
        assert!(page.contains("| one | holds | 3 a\\|b; and c | `d` |\n"), "{page}");
        assert!(page.contains("| two | FAILS |") && page.ends_with("## two\n\n- why\n"), "{page}");
    }
}
