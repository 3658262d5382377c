//! `cargo xtask bars`: runs the benches and the long tests that exist, and says what there is for each bar.
//!
//! A bench or a test names its bars in its own words: `//! P17: journal replay`, `/// … (bar R1)`.

mod long;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cargo::{Target, cargo, root, run, targets};

/// A bar: its name, what it is about, and where the part of the product lies that it judges.
type Listed = (&'static str, &'static str, &'static str);

/// Parts that are there.
const HERE: &str = "crates";
/// Parts whose time comes; a bar counts against the product from the day on which its part is there.
const FEED: &str = "crates/adapters/src/feed";
const BROKER: &str = "crates/adapters/src/broker";
const SERVER: &str = "crates/server";
const INSIGHT: &str = "crates/insight";

/// The bars of speed, held by benches.
const SPEED: &[Listed] = &[
    ("P1", "text quote parsed, gated, book updated", FEED),
    ("P2", "binary feed decoded, book updated", FEED),
    ("P3", "quote to decision, in process", FEED),
    ("P4", "protocol decisions with every refusal typed", HERE),
    ("P5", "full-fidelity event backtest", FEED),
    ("P6", "daily backtest of the whole protocol, ten years", HERE),
    ("P7", "option-chain backtest", HERE),
    ("P8", "European price and five Greeks", HERE),
    ("P9", "implied volatility", HERE),
    ("P10", "American price", HERE),
    ("P12", "durable transfers in batches", HERE),
    ("P13", "one durable order intent", HERE),
    ("P14", "50 clients, each waiting for its durable commit", HERE),
    ("P15", "HTTP reads of real endpoints", SERVER),
    ("P16", "risk checks and order build", HERE),
    ("P17", "journal replay", HERE),
    ("P18", "Monte Carlo", HERE),
    ("P19", "Isolation Forest", INSIGHT),
    ("P20", "forecasts", INSIGHT),
    ("P21", "memory", SERVER),
    ("P22", "metrics", SERVER),
    ("P23", "load shape", SERVER),
];

/// The bars of safety and truth, held by tests.
const HELD: &[Listed] = &[
    ("R1", "a crash anywhere loses nothing acknowledged", HERE),
    ("R2", "never two live orders for one intent", BROKER),
    ("R3", "deterministic replay", HERE),
    ("R4", "invariants always on", HERE),
    ("R5", "stale data never trades", FEED),
    ("R6", "kill switch", SERVER),
    ("R7", "pre-trade limits", BROKER),
    ("R8", "idempotent API", HERE),
    ("R9", "who may do what", SERVER),
    ("R10", "audit trail", HERE),
    ("R11", "bad input", HERE),
    ("R12", "faults", HERE),
    ("R13", "fills out of order, corrected, busted", BROKER),
    ("R14", "the option's life", BROKER),
    ("R15", "safe change", HERE),
    ("R16", "stall and overload", HERE),
    ("R17", "reconciliation", BROKER),
    ("V1", "the BuyWrite index rebuilt", HERE),
    ("V2", "published prices and Greeks", HERE),
    ("V3", "wash sales: Publication 550", HERE),
    ("V4", "journal exported to hledger and beancount", HERE),
    ("V5", "broker protocol with the vendor's client", BROKER),
    ("V6", "expirations and assignments beside a reference", HERE),
    ("V7", "NYSE sessions beside exchange_calendars", HERE),
    ("V8", "what stands beside every report", HERE),
    ("V9", "the premium model on held-out days", HERE),
    ("V10", "wash sales, straddles, qualified dividends", HERE),
];

/// Runs the benches and long tests named, or all.
pub(crate) fn run_named(names: &[String]) -> Result<(), String> {
    let benches = targets("bench")?;
    let known: Vec<&str> = long::NAMES.iter().copied().chain(benches.iter().map(|b| b.name.as_str())).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("there is no bench or long test {unknown}; there are: {}", known.join(", ")));
    }
    let chosen = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let mut failed: Vec<String> =
        long::NAMES.iter().filter(|name| chosen(name)).filter_map(|name| long::run_all(name).err()).collect();
    failed.extend(benches.iter().filter(|b| chosen(&b.name)).filter_map(|bench| run_one(bench).err()));
    list()?;
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// A bar, and what measures or holds it.
pub(crate) struct Bar {
    /// Its name, such as P17.
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) what: &'static str,
    /// Benches and tests that name it.
    pub(crate) by: Vec<String>,
    /// Where the part lies that it judges, if that is not there yet.
    pub(crate) awaits: Option<&'static str>,
}

/// Every bar.
pub(crate) fn held() -> Result<Vec<Bar>, String> {
    let (benches, tests) = (sources(&targets("bench")?), tests()?);
    let each = |bars: &'static [Listed], sources: &[(String, String)]| {
        let by = named_by(bars, sources);
        let owned = |name: &str| by.get(name).into_iter().flatten().map(|source: &&str| (*source).to_owned()).collect();
        let awaits = |part: &'static str| Some(part).filter(|part| !root().join(part).exists());
        let bar = |&(name, what, part): &Listed| Bar { name, what, by: owned(name), awaits: awaits(part) };
        bars.iter().map(bar).collect::<Vec<_>>()
    };
    Ok(each(SPEED, &benches).into_iter().chain(each(HELD, &tests)).collect())
}

fn run_one(bench: &Target) -> Result<(), String> {
    run(&mut cargo(&["bench", "--package", &bench.package, "--bench", &bench.name]))
}

/// Prints every bar with what measures or holds it.
fn list() -> Result<(), String> {
    println!();
    for Bar { name, what, by, awaits } in held()? {
        let said = match awaits {
            _ if !by.is_empty() => by.join(", "),
            Some(part) => format!("nothing yet: {part} is not there"),
            None => "nothing yet".to_owned(),
        };
        println!("{name:<4} {what:<50} {said}");
    }
    Ok(())
}

/// The benches' sources, by their names.
fn sources(benches: &[Target]) -> Vec<(String, String)> {
    let source = |bench: &Target| fs::read_to_string(root().join(&bench.source)).unwrap_or_default();
    benches.iter().map(|bench| (bench.name.clone(), source(bench))).collect()
}

/// Every source of a test in the workspace, by its path.
fn tests() -> Result<Vec<(String, String)>, String> {
    let mut out = Vec::new();
    let crates = root().join("crates");
    for one in fs::read_dir(&crates).map_err(|e| format!("{}: {e}", crates.display()))?.flatten() {
        gather(&one.path().join("tests"), &mut out);
        // Tests of what a crate does not show stand in a folder of their own in its source.
        let mut inner = Vec::new();
        gather(&one.path().join("src"), &mut inner);
        out.extend(inner.into_iter().filter(|(name, _)| name.split(['/', '\\']).any(|part| part == "tests")));
    }
    out.sort();
    Ok(out)
}

fn gather(folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root().join("crates")).unwrap_or(&path).display().to_string();
            out.push((name, fs::read_to_string(&path).unwrap_or_default()));
        }
    }
}

/// Which sources name which bar in their documentation.
fn named_by<'a>(bars: &'a [Listed], sources: &'a [(String, String)]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, text) in sources {
        let doc = text.lines().map(str::trim_start).filter(|line| line.starts_with("//!") || line.starts_with("///"));
        let words = doc.collect::<Vec<_>>().join(" ");
        let named = |bar: &str| words.split(|c: char| !c.is_alphanumeric()).any(|word| word == bar);
        for (bar, ..) in bars.iter().filter(|(bar, ..)| named(bar)) {
            out.entry(bar).or_default().push(name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_its_bars_in_its_documentation() {
        let source = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let sources = [
            source("replay", "//! P17: journal replay; also\n//! what P6 rests on.\nuse a; // P1"),
            source("other", "//! Nothing of a bar: P170, XP6; rule P-6."),
        ];
        assert_eq!(named_by(SPEED, &sources), BTreeMap::from([("P17", vec!["replay"]), ("P6", vec!["replay"])]));
    }

    #[test]
    fn what_is_no_bench_and_no_long_test_is_answered_with_those_that_are() {
        let message = run_named(&["recovry".to_owned()]).expect_err("no such name");
        assert!(message.contains("recovery") && message.contains("replay"), "{message}");
    }
}
