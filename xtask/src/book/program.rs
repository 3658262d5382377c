//! Blocks that are what the program prints.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Made, page};
use crate::cargo::{cargo, output, program, run, shared, target};

/// Characters in a line, beyond which a sentence is broken. Rows of tables are left as they are.
const WIDTH: usize = 108;

/// The journal of a block that names no other.
const DEMO: &str = "demo";

/// How a path into the price history begins in a command.
const SHARED: &str = "../shared";

/// Lines with which a page of output says what its figures are. They stand above every excerpt.
const BANNERS: &[&str] = &["SIMULATED:", "MODELLED:", "IF THE TARGETS WERE MET:"];

/// The program, built when it is first asked, and what it has said.
#[derive(Default)]
pub(super) struct Program {
    binary: Option<PathBuf>,
    /// A folder of the program's own for each command that makes a journal.
    homes: BTreeMap<String, PathBuf>,
    said: BTreeMap<(String, String), String>,
}

/// A command with its options.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked<'a> {
    command: &'a str,
    after: &'a str,
    sections: Vec<&'a str>,
    lines: Vec<&'a str>,
}

impl Program {
    /// The block of a command.
    pub(super) fn block(&mut self, source: &str) -> Result<Made, String> {
        let asked = Asked::read(source)?;
        if (asked.command.contains(SHARED) || asked.after.contains(SHARED)) && !shared().join("data").is_dir() {
            return Ok(Made::Skipped("blocks on real history: ../shared is absent".to_owned()));
        }
        let said = self.ask(&asked)?;
        let itself = asked.command.strip_prefix("alluse ") == Some(asked.after);
        let after =
            if itself || asked.after == DEMO { String::new() } else { format!("    # after: alluse {}", asked.after) };
        let text = excerpt(&said, &asked)?;
        let text =
            if ["--csv", "--json"].iter().any(|form| asked.command.ends_with(form)) { text } else { wrapped(&text) };
        let text = format!("$ {}{after}\n\n{text}", asked.command);
        Ok(Made::Text(page::fenced(&text)))
    }

    fn ask(&mut self, asked: &Asked<'_>) -> Result<String, String> {
        let home = self.home(asked.after)?;
        let key = (asked.after.to_owned(), asked.command.to_owned());
        if let Some(said) = self.said.get(&key) {
            return Ok(said.clone());
        }
        // A run of its own would replace the journal that later blocks are about.
        let runs = ["alluse demo", "alluse backtest"].iter().any(|run| asked.command.starts_with(run));
        let home = if runs { fresh("scratch")? } else { home };
        let said = self.run(&asked.command["alluse ".len()..], &home)?;
        self.said.insert(key, said.clone());
        Ok(said)
    }

    /// The folder in which the command has made its journal.
    fn home(&mut self, after: &str) -> Result<PathBuf, String> {
        if let Some(home) = self.homes.get(after) {
            return Ok(home.clone());
        }
        let home = fresh(&format!("home-{}", self.homes.len()))?;
        let said = self.run(after, &home)?;
        self.said.insert((after.to_owned(), format!("alluse {after}")), said);
        self.homes.insert(after.to_owned(), home.clone());
        Ok(home)
    }

    fn run(&mut self, arguments: &str, home: &Path) -> Result<String, String> {
        let binary = self.binary()?;
        let (there, here) = (shared().display().to_string(), home.display().to_string());
        let arguments: Vec<String> = arguments.split_whitespace().map(|a| a.replace(SHARED, &there)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = program(&binary.display().to_string(), &arguments);
        let said = output(command.env("ALLUSE_HOME", home).env("NO_COLOR", "1"))?;
        Ok(said.replace(&here, "~/.local/share/alluse").replace(&there, SHARED))
    }

    /// The program as the tests build it, so that nothing is built twice.
    fn binary(&mut self) -> Result<PathBuf, String> {
        if self.binary.is_none() {
            run(&mut cargo(&["build", "--quiet", "--package", "alluse"]))?;
            let name = format!("debug/alluse{}", std::env::consts::EXE_SUFFIX);
            self.binary = Some(target()?.join(name));
        }
        self.binary.clone().ok_or_else(|| "the program was not built".to_owned())
    }
}

/// An empty folder for the program.
fn fresh(name: &str) -> Result<PathBuf, String> {
    let folder = target()?.join("book").join(name);
    let made = match folder.exists() {
        true => std::fs::remove_dir_all(&folder).and_then(|()| std::fs::create_dir_all(&folder)),
        false => std::fs::create_dir_all(&folder),
    };
    made.map(|()| folder.clone()).map_err(|e| format!("{}: {e}", folder.display()))
}

impl<'a> Asked<'a> {
    fn read(source: &'a str) -> Result<Asked<'a>, String> {
        let mut parts = source.split(" | ");
        let command = parts.next().unwrap_or_default().trim();
        let mut asked = Asked { command, after: DEMO, ..Asked::default() };
        for part in parts {
            let (key, value) = part.split_once(':').unwrap_or((part, ""));
            let list = || value.split(';').map(str::trim).filter(|v| !v.is_empty()).collect();
            match key.trim() {
                "after" => asked.after = value.trim(),
                "sections" => asked.sections = list(),
                "lines" => asked.lines = list(),
                other => return Err(format!("`{other}` is no option: after, sections or lines was expected")),
            }
        }
        Ok(asked)
    }
}

/// The banners, and the paragraphs and lines that were asked for; `…` where something was left out between them.
fn excerpt(said: &str, asked: &Asked<'_>) -> Result<String, String> {
    let (banners, rest): (Vec<&str>, Vec<&str>) = {
        let head = said.lines().take_while(|line| BANNERS.iter().any(|b| line.starts_with(b))).count();
        (said.lines().take(head).collect(), said.lines().skip(head).collect())
    };
    let rest = rest.join("\n");
    let mut kept: Vec<String> = Vec::new();
    let mut gap = false;
    for paragraph in rest.split("\n\n").map(|p| p.trim_matches('\n')).filter(|p| !p.is_empty()) {
        let wanted = asked.sections.is_empty() || asked.sections.iter().any(|s| paragraph.starts_with(s));
        match wanted.then(|| lines(paragraph, &asked.lines)).flatten() {
            Some(text) => {
                if gap && !kept.is_empty() {
                    kept.push("…".to_owned());
                }
                kept.push(text);
                gap = false;
            }
            None => gap = true,
        }
    }
    if kept.is_empty() {
        return Err("nothing of what was asked for is printed any more".to_owned());
    }
    let missed = asked.sections.iter().find(|s| !kept.iter().any(|p| p.starts_with(**s)));
    let missed = missed.or_else(|| asked.lines.iter().find(|l| !kept.iter().any(|p| p.contains(**l))));
    match missed {
        Some(missed) => Err(format!("`{missed}` is not printed any more")),
        None if banners.is_empty() => Ok(kept.join("\n\n")),
        None => Ok(format!("{}\n\n{}", banners.join("\n"), kept.join("\n\n"))),
    }
}

/// The paragraph with only the lines that hold one of the words, below its heading; nothing if none does.
fn lines(paragraph: &str, words: &[&str]) -> Option<String> {
    if words.is_empty() {
        return Some(paragraph.to_owned());
    }
    let (heading, body) = paragraph.split_once('\n')?;
    let kept: Vec<&str> = body.lines().filter(|line| words.iter().any(|w| line.contains(w))).collect();
    (!kept.is_empty()).then(|| format!("{heading}\n{}", kept.join("\n")))
}

/// Long sentences broken, what follows indented.
fn wrapped(text: &str) -> String {
    text.lines().map(wrapped_line).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str) -> String {
    // A table keeps its columns.
    if line.chars().count() <= WIDTH || line.contains("──") || line.trim_start().contains("  ") {
        return line.trim_end().to_owned();
    }
    let indent = " ".repeat(line.chars().take_while(|c| *c == ' ').count() + 4);
    let mut rows: Vec<String> = Vec::new();
    let mut row = line[..line.len() - line.trim_start().len()].to_owned();
    for word in line.split_whitespace() {
        if row.chars().count() + word.chars().count() + 1 > WIDTH && !row.trim().is_empty() {
            rows.push(std::mem::replace(&mut row, indent.clone()));
        }
        if !row.trim().is_empty() {
            row.push(' ');
        }
        row.push_str(word);
    }
    rows.push(row);
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_broken_and_a_wide_table_is_not() {
        let sentence = "one word after the other ".repeat(6);
        assert!(wrapped(&sentence).lines().count() > 1);
        let row = "a cell  and another  ".repeat(8);
        assert_eq!(wrapped(&row), row.trim_end());
    }

    #[test]
    fn a_command_is_read_with_its_options() {
        let asked = Asked::read("alluse tree | after: demo --seed 7 | sections: A; B | lines: x");
        let expected =
            Asked { command: "alluse tree", after: "demo --seed 7", sections: vec!["A", "B"], lines: vec!["x"] };
        assert_eq!(asked, Ok(expected));
        assert_eq!(Asked::read("alluse tree").map(|a| a.after), Ok(DEMO));
        assert!(Asked::read("alluse tree | section: A").is_err());
    }

    #[test]
    fn an_excerpt_keeps_its_banners_and_shows_its_gaps() {
        let said = "MODELLED: all\nhead\n\nA one\nx 1\ny 2\n\nB\nz\n\nC\nx 3\n";
        let of = |options: &str| excerpt(said, &Asked::read(&format!("alluse a{options}")).expect("sound options"));
        assert_eq!(of(" | sections: A; C"), Ok("MODELLED: all\n\nA one\nx 1\ny 2\n\n…\n\nC\nx 3".to_owned()));
        assert_eq!(of(" | sections: A | lines: y"), Ok("MODELLED: all\n\nA one\ny 2".to_owned()));
        assert_eq!(of(""), Ok("MODELLED: all\n\nhead\n\nA one\nx 1\ny 2\n\nB\nz\n\nC\nx 3".to_owned()));
        for gone in [" | sections: D", " | sections: A; D", " | lines: q", " | lines: x; q"] {
            assert!(of(gone).is_err(), "{gone}");
        }
    }

    #[test]
    fn sentences_are_broken_and_tables_are_not() {
        let line = format!("  {}", "word ".repeat(40));
        let text = wrapped(&line);
        assert!(text.lines().count() == 2 && text.lines().all(|l| l.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().nth(1).is_some_and(|l| l.starts_with("      word")), "{text}");
        let rule = "─".repeat(WIDTH + 10);
        assert_eq!(wrapped(&rule), rule);
    }
}
