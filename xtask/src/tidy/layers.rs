//! Who may know whom: the order of the crates, and what belongs to one of them alone.

use toml::{Table, Value};

use super::Finding;
use super::source::Kind;
use super::tree::{Tree, crate_of};

/// The crates; each may use only those before it.
const ORDER: &[&str] = &[
    "market",
    "pricing",
    "ledger",
    "protocol",
    "engine",
    "runtime",
    "report",
    "simulation",
    "insight",
    "render",
    "agent",
    "adapters",
    "server",
    "alluse",
];

/// Neighbours in the order that must not know each other either.
const STRANGERS: &[(&str, &str)] = &[("ledger", "pricing")];

/// The crates that may touch the outside: clock, files, sockets, environment, entropy.
const OUTER: &[&str] = &["adapters", "server", "alluse"];

/// Ways to write bytes, none of which `ledger` and `engine` may use…
const SERIALISERS: &[&str] =
    &["serde", "serde_json", "serde_derive", "bincode", "postcard", "rmp-serde", "ciborium", "toml", "minicbor"];

/// … except this one, in this place.
const CODEC: (&str, &str) = ("minicbor", "crates/engine/src/codec");

/// Names of vendors: brokers, sellers of data, makers of models. Lower case, whole words.
const VENDORS: &[&str] = &[
    "alpaca",
    "databento",
    "etrade",
    "finnhub",
    "ibapi",
    "ibkr",
    "interactive brokers",
    "ollama",
    "openai",
    "orats",
    "polygon.io",
    "quantconnect",
    "robinhood",
    "schwab",
    "tastytrade",
    "thetadata",
    "tiingo",
    "tradier",
    "twilio",
    "yahoo",
];

/// Whether the crate must not touch the outside.
pub(super) fn is_pure(name: &str) -> bool {
    !OUTER.contains(&name)
}

/// A crate uses only crates before it, in tests too; nobody uses the binary.
pub(super) fn crate_order(tree: &Tree) -> Vec<Finding> {
    let mut out = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with("Cargo.toml")) {
        match (crate_of(path), path) {
            (Some(name), _) => out.extend(uses(text).flat_map(|dep| order_fault(path, name, &dep))),
            (None, "xtask/Cargo.toml") => {
                let own = uses(text).filter(|dep| ORDER.contains(&dep.as_str()));
                out.extend(own.map(|dep| {
                    Finding::new(path, 0, format!("xtask uses {dep}: it runs the project's crates, it links none"))
                }));
            }
            _ => {}
        }
        if let Some(name) = crate_of(path).filter(|name| !ORDER.contains(name)) {
            out.push(Finding::new(
                path,
                0,
                format!("{name} has no place in the order of crates (xtask/src/tidy/layers.rs)"),
            ));
        }
    }
    out
}

fn order_fault(path: &str, name: &str, dep: &str) -> Option<Finding> {
    let place = |name: &str| ORDER.iter().position(|n| *n == name);
    let (own, other) = (place(name)?, place(dep)?);
    if other >= own {
        Some(Finding::new(
            path,
            0,
            format!("{name} uses {dep}, which stands after it: a crate uses only those above it"),
        ))
    } else if STRANGERS.contains(&(name, dep)) {
        Some(Finding::new(path, 0, format!("{name} uses {dep}: these two never know each other")))
    } else {
        None
    }
}

/// The names of everything a manifest depends on, in any of its tables. One that cannot be read is cargo's to report.
fn uses(text: &str) -> impl Iterator<Item = String> + use<> {
    let manifest: Table = text.parse().unwrap_or_default();
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(|t| t.values());
    let tables: Vec<Table> =
        targets.filter_map(Value::as_table).cloned().chain(std::iter::once(manifest.clone())).collect();
    tables.into_iter().flat_map(|table| {
        ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .filter_map(|kind| table.get(*kind).and_then(Value::as_table))
            .flat_map(|deps| deps.iter().map(|(key, dep)| package(key, dep)))
            .collect::<Vec<_>>()
    })
}

/// A dependency may be renamed; what counts is the package.
fn package(key: &str, dep: &Value) -> String {
    dep.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()
}

/// The table of crates in ARCHITECTURE.md has every crate that exists, and keeps the order.
pub(super) fn crate_table(tree: &Tree) -> Vec<Finding> {
    const PATH: &str = "ARCHITECTURE.md";
    let Some(text) = tree.text(PATH) else { return Vec::new() };
    let rows: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `crates/")?.split_once('`').map(|(name, _)| name))
        .collect();
    let ordered: Vec<&str> = ORDER.iter().copied().filter(|name| rows.contains(name)).collect();
    let manifests = tree.files().filter(|(path, _)| path.ends_with("Cargo.toml"));
    let missing = manifests.filter_map(|(path, _)| crate_of(path)).filter(|name| !rows.contains(name));
    let mut out: Vec<Finding> =
        missing.map(|name| Finding::new(PATH, 0, format!("its table of crates lacks crates/{name}"))).collect();
    if rows != ordered {
        let what = format!("its table lists the crates as {}, but their order is {}", rows.join(" "), ORDER.join(" "));
        out.push(Finding::new(PATH, 0, what));
    }
    out
}

/// Types of `ledger` and `engine` turn into bytes in `engine::codec` only.
pub(super) fn serialisation(tree: &Tree) -> Vec<Finding> {
    let (codec, place) = CODEC;
    let mut out = Vec::new();
    for name in ["ledger", "engine"] {
        let path = format!("crates/{name}/Cargo.toml");
        let Some(text) = tree.text(&path) else { continue };
        let allowed = |dep: &str| name == "engine" && dep == codec;
        let used = direct(text).into_iter().filter(|dep| SERIALISERS.contains(&dep.as_str()) && !allowed(dep));
        out.extend(used.map(|dep| {
            Finding::new(&path, 0, format!("{name} uses {dep}: bytes are made in {place} only, with {codec}"))
        }));
    }
    for (path, source) in tree.sources() {
        let inside = path.starts_with("crates/engine/src/") && !path.starts_with(place);
        let mention = source.mentions.iter().filter(|m| inside && m.kind == Kind::Path && m.holds(codec));
        out.extend(mention.map(|m| Finding::new(path, m.line, format!("{codec} outside {place}"))));
    }
    out
}

/// What a manifest needs when it is not under test.
fn direct(text: &str) -> Vec<String> {
    let manifest: Table = text.parse().unwrap_or_default();
    let deps = manifest.get("dependencies").and_then(Value::as_table);
    deps.into_iter().flatten().map(|(key, dep)| package(key, dep)).collect()
}

/// A vendor's name stands in `adapters` only (and in prose about it).
pub(super) fn vendors(tree: &Tree) -> Vec<Finding> {
    let held = |path: &str| {
        crate_of(path).is_some_and(|name| name != "adapters")
            || path.starts_with("policy/")
            || path.starts_with("scenarios/")
    };
    let mut out = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| held(path)) {
        for (i, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            let named = VENDORS.iter().filter(|vendor| has_word(&line, vendor));
            out.extend(
                named.map(|vendor| Finding::new(path, i + 1, format!("the vendor {vendor} is named outside adapters"))),
            );
        }
    }
    out
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::super::findings;
    use super::*;

    fn manifest(deps: &str) -> String {
        format!("[package]\nname = \"x\"\n{deps}")
    }

    #[test]
    fn a_crate_uses_only_those_above_it() {
        let allowed = manifest(
            "[dependencies]\nmarket.workspace = true\nserde = \"1\"\n[dev-dependencies]\nledger.workspace = true",
        );
        assert_eq!(findings(crate_order, &[("crates/engine/Cargo.toml", &allowed)]), [""; 0]);

        let cases = [
            ("pricing", "[dependencies]\nengine.workspace = true", "pricing uses engine, which stands after it"),
            ("market", "[dev-dependencies]\nledger = { path = \"x\" }", "market uses ledger, which stands after it"),
            ("market", "[build-dependencies]\nmarket.workspace = true", "market uses market, which stands after it"),
            (
                "ledger",
                "[dependencies]\npricing.workspace = true",
                "ledger uses pricing: these two never know each other",
            ),
            ("pricing", "[dependencies]\nledger.workspace = true", "pricing uses ledger, which stands after it"),
            ("server", "[dependencies]\nalluse.workspace = true", "server uses alluse, which stands after it"),
            ("market", "[target.'cfg(unix)'.dependencies]\nengine.workspace = true", "market uses engine"),
            ("market", "[dependencies]\nm = { package = \"engine\", path = \"x\" }", "market uses engine"),
            ("extra", "[dependencies]", "extra has no place in the order of crates"),
        ];
        for (name, deps, expected) in cases {
            let found = findings(crate_order, &[(&format!("crates/{name}/Cargo.toml"), &manifest(deps))]);
            assert!(found.len() == 1 && found[0].contains(expected), "{name}: {found:?}");
        }
        let found =
            findings(crate_order, &[("xtask/Cargo.toml", &manifest("[dependencies]\nmarket.workspace = true"))]);
        assert!(found.len() == 1 && found[0].contains("xtask uses market"), "{found:?}");
    }

    #[test]
    fn the_table_of_crates_is_the_order() {
        let row = |name: &&str| format!("| `crates/{name}` | one line | the others |\n");
        let of = |names: &[&str]| {
            let table: String = names.iter().map(row).collect();
            findings(crate_table, &[("ARCHITECTURE.md", &table), ("crates/ledger/Cargo.toml", "")])
        };
        assert_eq!([of(ORDER), of(&["market", "ledger", "engine"])], [vec![], Vec::<String>::new()]);
        assert!(of(&["ledger", "market"])[0].contains("ledger market, but their order is market"));
        assert!(of(&["market", "ledger", "extra"])[0].contains("market ledger extra"));
        assert_eq!(of(&["market"]), ["ARCHITECTURE.md: its table of crates lacks crates/ledger"]);
    }

    #[test]
    fn bytes_are_made_in_the_codec_only() {
        let serde = manifest("[dependencies]\nserde.workspace = true");
        let cbor = manifest("[dependencies]\nminicbor.workspace = true");
        let tests = manifest("[dev-dependencies]\nserde_json.workspace = true");
        let code = "use minicbor::Encoder;";
        let of = |files: &[(&str, &str)]| findings(serialisation, files).len();
        assert_eq!(of(&[("crates/engine/Cargo.toml", &cbor), ("crates/engine/src/codec/put.rs", code)]), 0);
        assert_eq!(of(&[("crates/engine/Cargo.toml", &tests), ("crates/protocol/Cargo.toml", &serde)]), 0);
        assert_eq!(of(&[("crates/engine/Cargo.toml", &serde)]), 1);
        assert_eq!(of(&[("crates/ledger/Cargo.toml", &cbor)]), 1);
        assert_eq!(of(&[("crates/engine/src/state.rs", code)]), 1);
    }

    #[test]
    fn vendors_are_named_in_adapters_only() {
        let text = "//! As Alpaca sends it.";
        assert_eq!(findings(vendors, &[("crates/adapters/src/x.rs", text), ("docs/brokers.md", text)]), [""; 0]);
        assert_eq!(
            findings(vendors, &[("crates/engine/src/x.rs", text)]),
            ["crates/engine/src/x.rs:1: the vendor alpaca is named outside adapters"]
        );
        assert_eq!(findings(vendors, &[("policy/x.toml", "# interactive brokers")]).len(), 1);
        assert_eq!(findings(vendors, &[("crates/engine/src/x.rs", "alpacas and moratss")]), [""; 0]);
    }
}
