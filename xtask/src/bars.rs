//! `cargo xtask bars`: runs the benches that exist, and says for which bars there is none yet.
//!
//! A bench names the bars that it measures in its first lines: `//! P17: journal replay`.

use std::collections::BTreeMap;

use crate::cargo::{Target, cargo, root, run, targets};

/// The bars of speed. Those of safety and truth are held by tests.
const BARS: &[(&str, &str)] = &[
    ("P1", "text quote parsed, gated, book updated"),
    ("P2", "binary feed decoded, book updated"),
    ("P3", "quote to decision, in process"),
    ("P4", "protocol decisions with every refusal typed"),
    ("P5", "full-fidelity event backtest"),
    ("P6", "daily backtest of the whole protocol, ten years"),
    ("P7", "option-chain backtest"),
    ("P8", "European price and five Greeks"),
    ("P9", "implied volatility"),
    ("P10", "American price"),
    ("P12", "durable transfers in batches"),
    ("P13", "one durable order intent"),
    ("P14", "50 clients, each waiting for its durable commit"),
    ("P15", "HTTP reads of real endpoints"),
    ("P16", "risk checks and order build"),
    ("P17", "journal replay"),
    ("P18", "Monte Carlo"),
    ("P19", "Isolation Forest"),
    ("P20", "forecasts"),
    ("P21", "memory"),
    ("P22", "metrics"),
    ("P23", "load shape"),
];

/// Runs the benches named, or all.
pub(crate) fn run_named(names: &[String]) -> Result<(), String> {
    let benches = targets("bench")?;
    if let Some(unknown) = names.iter().find(|name| benches.iter().all(|b| b.name != **name)) {
        let known: Vec<&str> = benches.iter().map(|b| b.name.as_str()).collect();
        return Err(format!("there is no bench {unknown}; there are: {}", known.join(", ")));
    }
    let chosen = benches.iter().filter(|b| names.is_empty() || names.contains(&b.name));
    let failed: Vec<String> = chosen.filter_map(|bench| run_one(bench).err()).collect();
    let sources: Vec<(&Target, String)> = benches
        .iter()
        .map(|bench| (bench, std::fs::read_to_string(root().join(&bench.source)).unwrap_or_default()))
        .collect();
    let measured = measured(sources.iter().map(|(bench, text)| (bench.name.as_str(), text.as_str())));
    println!();
    for (bar, what) in BARS {
        let by = measured.get(*bar).map_or_else(|| "no bench yet".to_owned(), |names| names.join(", "));
        println!("{bar:<4} {what:<50} {by}");
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn run_one(bench: &Target) -> Result<(), String> {
    run(&mut cargo(&["bench", "--package", &bench.package, "--bench", &bench.name]))
}

/// Which benches name which bar in their first lines.
fn measured<'a>(benches: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<&'static str, Vec<&'a str>> {
    let mut out: BTreeMap<&'static str, Vec<&'a str>> = BTreeMap::new();
    for (name, text) in benches {
        let doc: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let words = doc.join(" ");
        let named = |bar: &str| words.split(|c: char| !c.is_alphanumeric()).any(|word| word == bar);
        for (bar, _) in BARS.iter().filter(|(bar, _)| named(bar)) {
            out.entry(bar).or_default().push(name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_names_its_bars_in_its_first_lines() {
        let benches = [
            ("replay", "//! P17: journal replay; also\n//! what P6 rests on.\nuse a; // P1"),
            ("other", "//! Nothing of a bar: P170, XP6."),
        ];
        let found = measured(benches.into_iter());
        assert_eq!(found, BTreeMap::from([("P17", vec!["replay"]), ("P6", vec!["replay"])]));
    }
}
