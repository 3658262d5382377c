//! Which lines tests reach: measured by cargo-tarpaulin on request, and read from the record otherwise.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::page::{Line, Verdict};
use crate::cargo::{output, program, root, run, target, today};
use crate::tidy::tree::{Tree, crate_of};
use crate::tools;

/// Where the newest measurement is recorded.
const RECORD: &str = "docs/coverage.json";
/// Lines in a hundred that tests must reach of everything.
const ALL: f64 = 85.0;
/// And of the code that money goes through.
const MONEY: f64 = 95.0;

/// Tests that are left out by a part of their names: they kill processes, whose counts of lines then break off where no
/// reader of them can go on.
const UNMEASURED: &[&str] = &["kill", "however_its_process_dies"];

/// The code that money goes through: the books, the gate, and the rules that size, price and divide.
const MONEY_PATHS: &[&str] = &[
    "crates/ledger/src/",
    "crates/engine/src/risk.rs",
    "crates/protocol/src/calls.rs",
    "crates/protocol/src/entry.rs",
    "crates/protocol/src/fees.rs",
    "crates/protocol/src/growth",
    "crates/protocol/src/guard.rs",
    "crates/protocol/src/income.rs",
    "crates/protocol/src/leaps.rs",
];

/// Lines that can be reached, and those that tests reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lines {
    reached: u64,
    all: u64,
}

/// A measurement.
#[derive(Debug, PartialEq, Eq)]
struct Record {
    date: String,
    commit: String,
    command: String,
    tool: String,
    crates: BTreeSet<String>,
    files: BTreeMap<String, Lines>,
}

/// Measures the crates that are named, or all, by their own tests together, and records what was found.
pub(super) fn measure(named: &[String]) -> Result<(), String> {
    let known = crates(&Tree::read(&root())?);
    if let Some(unknown) = named.iter().find(|name| !known.contains(*name)) {
        return Err(format!("there is no crate {unknown}"));
    }
    let crates = if named.is_empty() { known } else { named.iter().cloned().collect() };
    let tool = tools::TARPAULIN.find_or_install()?;
    let out = target()?.join("coverage");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let mut command = program(&tool.display().to_string(), &["tarpaulin", "--engine", "llvm", "--skip-clean"]);
    command.args(["--out", "Json", "--timeout", "3600", "--output-dir"]).arg(&out);
    command.arg("--target-dir").arg(out.join("build"));
    command.args(crates.iter().flat_map(|name| ["--packages", name.as_str()]));
    command.arg("--").args(UNMEASURED.iter().flat_map(|test| ["--skip", test]));
    run(&mut command)?;
    let report = out.join("tarpaulin-report.json");
    let text = std::fs::read_to_string(&report).map_err(|e| format!("{}: {e}", report.display()))?;
    let paths: Vec<String> = crates.iter().map(|name| format!("crates/{name}")).collect();
    let git = |arguments: &[&str]| {
        let said = output(program("git", arguments).arg("--").args(&paths))?;
        Ok::<_, String>(said.trim().to_owned())
    };
    if !git(&["status", "--porcelain"])?.is_empty() {
        return Err(
            "the crates that were measured have changes that no commit has; commit them and measure again".into()
        );
    }
    let names: Vec<&str> = crates.iter().map(String::as_str).collect();
    let record = Record {
        date: civil(today()),
        commit: git(&["log", "-1", "--format=%h"])?,
        command: format!("cargo xtask certify --coverage {}", names.join(" ")),
        tool: format!("{} {}, engine llvm", tools::TARPAULIN.name, tools::TARPAULIN.version),
        files: files(&text, &crates)?,
        crates,
    };
    std::fs::write(root().join(RECORD), record.to_text()).map_err(|e| format!("{RECORD}: {e}"))
}

/// The line of the page.
pub(super) fn line(tree: &Tree) -> Result<Line, String> {
    let Some(text) = tree.text(RECORD) else {
        let said = "nobody has measured it; `cargo xtask certify --coverage` does".to_owned();
        return Ok(Line {
            about: "lines tested",
            verdict: Verdict::NotShown,
            said,
            from: RECORD.to_owned(),
            more: Vec::new(),
        });
    };
    let record = Record::read(text)?;
    let mut line = record.line(&crates(tree));
    line.said.push_str(&record.age());
    Ok(line)
}

/// The crates of the project.
fn crates(tree: &Tree) -> BTreeSet<String> {
    let own = tree.files().filter(|(path, _)| path.ends_with("/Cargo.toml"));
    own.filter_map(|(path, _)| crate_of(path)).map(str::to_owned).collect()
}

/// Lines of each file of these crates' sources, from a report of cargo-tarpaulin.
fn files(report: &str, crates: &BTreeSet<String>) -> Result<BTreeMap<String, Lines>, String> {
    let report: Value = serde_json::from_str(report).map_err(|e| format!("tarpaulin's report cannot be read: {e}"))?;
    let mut out = BTreeMap::new();
    for file in report["files"].as_array().into_iter().flatten() {
        let parts: Vec<&str> = file["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let Some(at) = parts.iter().rposition(|part| *part == "crates") else { continue };
        let path = parts[at..].join("/");
        let source = path.split('/').nth(2) == Some("src");
        if source && crate_of(&path).is_some_and(|name| crates.contains(name)) {
            let number = |key: &str| file[key].as_u64().ok_or_else(|| format!("{path}: the report has no {key}"));
            out.insert(path.clone(), Lines { reached: number("covered")?, all: number("coverable")? });
        }
    }
    if out.is_empty() { Err("tarpaulin's report has no file of these crates".to_owned()) } else { Ok(out) }
}

impl Record {
    fn to_text(&self) -> String {
        let files: BTreeMap<_, _> = self.files.iter().map(|(path, lines)| (path, [lines.reached, lines.all])).collect();
        let value = json!({
            "what": "lines that tests reach, and lines that can be reached, of each file",
            "date": self.date,
            "commit": self.commit,
            "command": self.command,
            "tool": self.tool,
            "crates": self.crates,
            "files": files,
        });
        format!("{value:#}\n")
    }

    fn read(text: &str) -> Result<Record, String> {
        let value: Value = serde_json::from_str(text).map_err(|e| format!("{RECORD}: {e}"))?;
        let word = |key: &str| {
            value[key].as_str().map(str::to_owned).ok_or_else(|| format!("{RECORD}: a text is expected as {key}"))
        };
        let lines = |(path, counts): (&String, &Value)| match (counts[0].as_u64(), counts[1].as_u64()) {
            (Some(reached), Some(all)) if reached <= all => Ok((path.clone(), Lines { reached, all })),
            _ => Err(format!("{RECORD}: {path}: expected [lines reached, lines that can be], found {counts}")),
        };
        let names = value["crates"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Record {
            date: word("date")?,
            commit: word("commit")?,
            command: word("command")?,
            tool: word("tool")?,
            crates: names.map(str::to_owned).collect(),
            files: value["files"].as_object().into_iter().flatten().map(lines).collect::<Result<_, _>>()?,
        })
    }

    /// What it says, beside all crates of the project.
    fn line(&self, known: &BTreeSet<String>) -> Line {
        let all = self.sum(|_| true);
        let money = self.sum(is_money);
        let missing: Vec<&str> = known.difference(&self.crates).map(String::as_str).collect();
        let unseen = MONEY_PATHS.iter().find(|path| !self.files.keys().any(|file| file.starts_with(**path)));
        let verdict = match () {
            () if all.share() < ALL || money.share() < MONEY => Verdict::Fails,
            () if !missing.is_empty() || unseen.is_some() => Verdict::NotShown,
            () => Verdict::Holds,
        };
        let mut said = format!(
            "{} of all that was measured (bar {ALL}%), {} of money paths (bar {MONEY}%)",
            all.shown(),
            money.shown()
        );
        if !missing.is_empty() {
            said.push_str(&format!("; not measured: {}", missing.join(", ")));
        }
        let each = self.crates.iter().map(|name| {
            let own = self.sum(|path| crate_of(path) == Some(name));
            format!("`{name}`: {}", own.shown())
        });
        let paths = MONEY_PATHS
            .iter()
            .map(|path| format!("money, `{path}`: {}", self.sum(|file| file.starts_with(path)).shown()));
        let from = format!("`{}` on {} ({})", self.command, self.date, self.tool);
        Line { about: "lines tested", verdict, said, from, more: each.chain(paths).collect() }
    }

    fn sum(&self, which: impl Fn(&str) -> bool) -> Lines {
        let chosen = self.files.iter().filter(|(path, _)| which(path));
        chosen.fold(Lines::default(), |sum, (_, lines)| Lines {
            reached: sum.reached + lines.reached,
            all: sum.all + lines.all,
        })
    }

    /// How many commits have touched what was measured since.
    fn age(&self) -> String {
        let paths = self.crates.iter().map(|name| format!("crates/{name}"));
        let range = format!("{}..HEAD", self.commit);
        let counted = output(program("git", &["rev-list", "--count", &range, "--"]).args(paths));
        match counted.as_deref().map(str::trim) {
            Ok("0") => format!("; of {}, unchanged since", self.commit),
            Ok(commits) => format!("; of {}, {commits} commits behind", self.commit),
            Err(_) => format!("; of {}, which this history does not have: its age is not known", self.commit),
        }
    }
}

impl Lines {
    /// In a hundred; of nothing, none.
    fn share(self) -> f64 {
        if self.all == 0 { 0.0 } else { 100.0 * self.reached as f64 / self.all as f64 }
    }

    fn shown(self) -> String {
        format!("{:.1}% ({} of {} lines)", self.share(), self.reached, self.all)
    }
}

fn is_money(path: &str) -> bool {
    MONEY_PATHS.iter().any(|money| path.starts_with(money))
}

/// The date that so many days after 1970-01-01 are (Howard Hinnant, `civil_from_days`, 2021).
fn civil(days: u64) -> String {
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"files": [
        {"path": ["/", "x", "crates", "ledger", "src", "lot.rs"], "covered": 97, "coverable": 100, "traces": []},
        {"path": ["/", "x", "crates", "ledger", "tests", "a.rs"], "covered": 1, "coverable": 1},
        {"path": ["/", "x", "crates", "engine", "src", "risk.rs"], "covered": 90, "coverable": 100},
        {"path": ["/", "x", "crates", "market", "src", "lib.rs"], "covered": 0, "coverable": 100}]}"#;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn record(files: &[(&str, u64, u64)], crates: &[&str]) -> Record {
        let files =
            files.iter().map(|(path, reached, all)| ((*path).to_owned(), Lines { reached: *reached, all: *all }));
        Record {
            date: "2026-11-30".to_owned(),
            commit: "abc".to_owned(),
            command: "c".to_owned(),
            tool: "t".to_owned(),
            crates: names(crates),
            files: files.collect(),
        }
    }

    #[test]
    fn a_report_gives_the_sources_of_the_crates_that_were_measured() {
        let found = files(REPORT, &names(&["ledger", "engine"])).expect("it is well-formed");
        let paths: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(paths, ["crates/engine/src/risk.rs", "crates/ledger/src/lot.rs"]);
        assert_eq!(found["crates/ledger/src/lot.rs"], Lines { reached: 97, all: 100 });
        assert!(files("{}", &names(&["ledger"])).is_err() && files("no", &names(&[])).is_err());
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let written = record(&[("crates/ledger/src/lot.rs", 97, 100)], &["ledger"]);
        assert_eq!(Record::read(&written.to_text()), Ok(written));
        for text in ["", "{}", r#"{"date":"","commit":"","command":"","tool":"","files":{"a":[2,1]}}"#] {
            assert!(Record::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bars_are_held_to_the_line_and_what_was_not_measured_is_not_shown() {
        let money: Vec<(&str, u64, u64)> = MONEY_PATHS.iter().map(|path| (*path, 95, 100)).collect();
        let plain = |reached| [&money[..], &[("crates/market/src/lib.rs", reached, 900)]].concat();
        // 9 money paths have 855 of 900 lines; all must have 85 of 100, 1,530 of 1,800.
        let known = names(&["market"]);
        for (reached, verdict) in [(675, Verdict::Holds), (674, Verdict::Fails)] {
            assert_eq!(record(&plain(reached), &["market"]).line(&known).verdict, verdict, "{reached}");
        }
        let mut short = plain(900);
        short[0].1 = 94;
        assert_eq!(record(&short, &["market"]).line(&known).verdict, Verdict::Fails);
        let line = record(&plain(900), &["market"]).line(&names(&["market", "report"]));
        assert_eq!(line.verdict, Verdict::NotShown);
        assert!(line.said.contains("not measured: report"), "{}", line.said);
        assert_eq!(record(&plain(900)[1..], &["market"]).line(&known).verdict, Verdict::NotShown);
        assert_eq!(record(&[], &[]).line(&names(&[])).verdict, Verdict::Fails);
    }

    #[test]
    fn days_are_dates() {
        for (days, date) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_787, "2026-11-30"), (16_435, "2014-12-31")]
        {
            assert_eq!(civil(days), date);
        }
    }

    #[test]
    fn money_paths_are_there() {
        for path in MONEY_PATHS {
            let there = root().join(path).exists() || root().join(format!("{path}.rs")).exists();
            assert!(there, "{path}");
        }
    }
}
