//! Licences and origins of every dependency, held against `deny.toml` without needing cargo-deny.

use serde_json::Value as Json;
use spdx::{Expression, Licensee, ParseMode};
use toml::{Table, Value};

use crate::cargo::{metadata, root};

/// Where dependencies may come from: the public registry, or this workspace (no source).
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What deny.toml allows.
struct Allowed {
    everywhere: Vec<Licensee>,
    /// Licences allowed to one crate only.
    to: Vec<(String, Vec<Licensee>)>,
    /// What the text of a licence comes to, for a crate that ships one without naming it.
    clarified: Vec<(String, String)>,
}

/// A dependency, as `cargo metadata` knows it.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    licence: Option<&'a str>,
    source: Option<&'a str>,
}

/// Checks every dependency on every platform; an error names each that may not be used.
pub(crate) fn run() -> Result<String, String> {
    let path = root().join("deny.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("deny.toml: {e}"))?;
    let allowed = Allowed::parse(&text)?;
    let metadata = metadata(true)?;
    let packages: Vec<Package<'_>> = metadata["packages"].as_array().into_iter().flatten().map(Package::read).collect();
    let faults: Vec<String> = packages.iter().filter_map(|package| allowed.fault(package)).collect();
    if faults.is_empty() {
        Ok(format!("{} crates under licences that deny.toml allows, all from the public registry", packages.len()))
    } else {
        Err(faults.join("\n"))
    }
}

impl<'a> Package<'a> {
    fn read(json: &'a Json) -> Package<'a> {
        Package {
            name: json["name"].as_str().unwrap_or_default(),
            version: json["version"].as_str().unwrap_or_default(),
            licence: json["license"].as_str(),
            source: json["source"].as_str(),
        }
    }
}

impl Allowed {
    fn parse(text: &str) -> Result<Allowed, String> {
        let table: Table = text.parse().map_err(|e| format!("deny.toml: {e}"))?;
        let licenses = table.get("licenses").and_then(Value::as_table).ok_or("deny.toml: [licenses] is missing")?;
        let entries = |key: &str| licenses.get(key).and_then(Value::as_array).into_iter().flatten();
        let own = |entry: &Value| Ok((named(entry)?, licensees(entry.get("allow"))?));
        let clear = |entry: &Value| {
            let expression = entry.get("expression").and_then(Value::as_str);
            Ok((named(entry)?, expression.ok_or("deny.toml: a clarification says its expression")?.to_owned()))
        };
        Ok(Allowed {
            everywhere: licensees(licenses.get("allow"))?,
            to: entries("exceptions").map(own).collect::<Result<_, String>>()?,
            clarified: entries("clarify").map(clear).collect::<Result<_, String>>()?,
        })
    }

    /// Why the dependency may not be used.
    fn fault(&self, package: &Package<'_>) -> Option<String> {
        let Package { name, version, licence, source } = package;
        if source.is_some_and(|source| source != REGISTRY) {
            return Some(format!("{name} {version} comes from {}, not from the registry", source.unwrap_or_default()));
        }
        let clarified = self.clarified.iter().find(|(of, _)| of == name).map(|(_, expression)| expression.as_str());
        let Some(licence) = clarified.or(*licence) else {
            return Some(format!("{name} {version} names no licence"));
        };
        let expression = match Expression::parse_mode(licence, ParseMode::LAX) {
            Ok(expression) => expression,
            Err(e) => return Some(format!("{name} {version}: the licence \"{licence}\" cannot be read: {}", e.reason)),
        };
        let own = self.to.iter().filter(|(to, _)| to == name).flat_map(|(_, licensees)| licensees);
        let licensees: Vec<&Licensee> = self.everywhere.iter().chain(own).collect();
        let allowed = expression.evaluate(|request| licensees.iter().any(|licensee| licensee.satisfies(request)));
        (!allowed).then(|| format!("{name} {version}: the licence \"{licence}\" is not allowed by deny.toml"))
    }
}

fn named(entry: &Value) -> Result<String, String> {
    let name = entry.get("crate").and_then(Value::as_str);
    name.map(str::to_owned).ok_or_else(|| "deny.toml: an exception or clarification names its crate".to_owned())
}

fn licensees(list: Option<&Value>) -> Result<Vec<Licensee>, String> {
    let list = list.and_then(Value::as_array).ok_or("deny.toml: a list of licences is expected: allow = [\"MIT\"]")?;
    let licensee = |value: &Value| {
        let name = value.as_str().unwrap_or_default();
        Licensee::parse(name).map_err(|e| format!("deny.toml: \"{name}\" is no licence: {}", e.reason))
    };
    list.iter().map(licensee).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = "[licenses]\nallow = [\"MIT\", \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"]\n\
                        exceptions = [{ crate = \"special\", allow = [\"MPL-2.0\"] }]\n\
                        clarify = [{ crate = \"silent\", expression = \"MIT AND Apache-2.0\" }]";

    fn fault(name: &str, licence: Option<&str>, source: Option<&str>) -> Option<String> {
        let allowed = Allowed::parse(DENY).expect("the fixture is well-formed");
        allowed.fault(&Package { name, version: "1.0.0", licence, source })
    }

    #[test]
    fn permissive_licences_pass_and_others_do_not() {
        let fine = [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "MIT AND (Apache-2.0 OR GPL-3.0-only)",
            "Apache-2.0 WITH LLVM-exception",
        ];
        for licence in fine {
            assert_eq!(fault("x", Some(licence), Some(REGISTRY)), None, "{licence}");
        }
        for licence in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "MPL-2.0", "no licence at all"] {
            assert!(fault("x", Some(licence), None).is_some_and(|f| f.contains(licence)), "{licence}");
        }
        assert_eq!(fault("special", Some("MPL-2.0"), None), None);
        assert_eq!(fault("silent", None, None), None);
        assert!(fault("x", None, None).is_some_and(|f| f.contains("names no licence")));
    }

    #[test]
    fn dependencies_come_from_the_registry() {
        let git = fault("x", Some("MIT"), Some("git+https://example.org/x"));
        assert!(git.is_some_and(|f| f.contains("not from the registry")));
        assert_eq!(fault("own", Some("MIT"), None), None);
    }

    #[test]
    fn a_list_that_allows_nothing_known_is_an_error() {
        for text in ["", "[licenses]", "[licenses]\nallow = [\"NOT-A-LICENCE\"]", "[licenses]\nallow = [1]", "["] {
            assert!(Allowed::parse(text).is_err(), "{text}");
        }
    }
}
