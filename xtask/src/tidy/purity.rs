//! What the code may not mention: the outside world in pure crates, the platform's elementary functions anywhere.

use super::Finding;
use super::layers::is_pure;
use super::source::{Kind, Mention};
use super::tree::{Tree, crate_of, is_program};

/// Which code of a crate a ban holds for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// All but benches and examples, which are programs.
    Tests,
    /// Not tests either: they may read files and print.
    Code,
}

/// A family of bans with one replacement.
struct Ban {
    what: &'static str,
    instead: &'static str,
    reach: Reach,
    paths: &'static [&'static str],
    methods: &'static [&'static str],
    macros: &'static [&'static str],
}

/// Bans in every pure crate.
const PURE: &[Ban] = &[
    Ban {
        what: "a clock",
        instead: "take the time as an argument",
        reach: Reach::Tests,
        paths: &["time::Instant", "Instant::now", "SystemTime", "Timestamp::now", "Zoned::now", "TimeZone::system"],
        methods: &[],
        macros: &[],
    },
    Ban {
        what: "entropy",
        instead: "take a seed as an argument",
        reach: Reach::Tests,
        paths: &[
            "rand::rng",
            "rand::random",
            "thread_rng",
            "from_os_rng",
            "from_entropy",
            "OsRng",
            "getrandom",
            "RandomState",
        ],
        methods: &[],
        macros: &[],
    },
    Ban {
        what: "threads",
        instead: "the caller spreads work over cores",
        reach: Reach::Tests,
        paths: &["std::thread", "thread::spawn", "thread::scope", "thread::sleep", "rayon"],
        methods: &[],
        macros: &["thread_local"],
    },
    Ban {
        what: "async",
        instead: "return what is to be done and let the caller wait",
        reach: Reach::Tests,
        paths: &["async", "tokio", "async_std", "smol", "futures"],
        methods: &[],
        macros: &[],
    },
    Ban {
        what: "hash-map order",
        instead: "use BTreeMap, BTreeSet or a sorted Vec",
        reach: Reach::Tests,
        paths: &["HashMap", "HashSet"],
        methods: &[],
        macros: &[],
    },
    Ban {
        what: "the outside (files, sockets, environment, processes, terminal)",
        instead: "take the text as an argument and return what was made; adapters read and write",
        reach: Reach::Code,
        paths: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "fs::File",
            "env::var",
            "io::stdin",
            "io::stdout",
            "io::stderr",
        ],
        methods: &[],
        macros: &["print", "println", "eprint", "eprintln", "dbg"],
    },
];

/// Crates whose state must be visible in their types.
const NO_INTERIOR: &[&str] = &["engine", "protocol", "ledger"];

const INTERIOR: Ban = Ban {
    what: "interior mutability",
    instead: "take &mut self",
    reach: Reach::Code,
    paths: &[
        "std::cell",
        "core::cell",
        "sync::atomic",
        "Cell",
        "RefCell",
        "OnceCell",
        "LazyCell",
        "UnsafeCell",
        "Mutex",
        "RwLock",
        "OnceLock",
        "LazyLock",
        "AtomicBool",
        "AtomicU32",
        "AtomicU64",
        "AtomicUsize",
    ],
    methods: &[],
    macros: &[],
};

/// Where the elementary functions come from.
const MATH: &str = "crates/market/src/math";

const FLOATS: Ban = Ban {
    what: "an elementary function of the platform",
    instead: "use market::math: same bits everywhere",
    reach: Reach::Tests,
    paths: &[
        "libm",
        "f64::exp",
        "f64::exp2",
        "f64::exp_m1",
        "f64::ln",
        "f64::ln_1p",
        "f64::log",
        "f64::log2",
        "f64::log10",
        "f64::powf",
        "f64::powi",
        "f64::cbrt",
        "f64::hypot",
        "f64::sin",
        "f64::cos",
        "f64::tan",
        "f64::atan",
        "f64::tanh",
    ],
    methods: &[
        "exp", "exp2", "exp_m1", "ln", "ln_1p", "log2", "log10", "powf", "powi", "cbrt", "hypot", "sin", "cos",
        "sin_cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    ],
    macros: &[],
};

const PANICS: Ban = Ban {
    what: "a panic without a reason",
    instead: "return an error, or use expect(\"why it cannot fail\")",
    reach: Reach::Code,
    paths: &[],
    methods: &["unwrap", "unwrap_err"],
    macros: &["todo", "unimplemented"],
};

/// Where files are put on a disk.
const DISK: &str = "crates/adapters/src/files";

const WRITES: Ban = Ban {
    what: "a file that a power cut may leave in half",
    instead: "use adapters::files: whole or not at all",
    reach: Reach::Code,
    paths: &[
        "fs::write",
        "fs::rename",
        "fs::copy",
        "fs::hard_link",
        "File::create",
        "File::create_new",
        "File::options",
        "OpenOptions",
    ],
    methods: &[],
    macros: &[],
};

impl Ban {
    fn hits(&self, mention: &Mention) -> bool {
        match mention.kind {
            Kind::Path => self.paths.iter().any(|p| mention.holds(p)),
            Kind::Method => self.methods.contains(&mention.name.as_str()),
            Kind::Macro => self.macros.contains(&mention.name.as_str()),
            Kind::Attribute => false,
        }
    }

    /// The findings in the Rust files that `held` names.
    fn over(&self, tree: &Tree, held: impl Fn(&str) -> bool) -> Vec<Finding> {
        let mut out = Vec::new();
        for (path, source) in tree.sources().filter(|(path, _)| held(path) && !is_program(path)) {
            let spared = |m: &Mention| self.reach == Reach::Code && (m.test || tree.is_test_file(path));
            let hits = source.mentions.iter().filter(|m| self.hits(m) && !spared(m));
            out.extend(
                hits.map(|m| Finding::new(path, m.line, format!("`{}` is {}: {}", m.name, self.what, self.instead))),
            );
        }
        out
    }
}

/// Pure crates touch no clock, entropy, threads, async, hash order or outside; some hold no hidden state either.
pub(super) fn purity(tree: &Tree) -> Vec<Finding> {
    let pure = |path: &str| crate_of(path).is_some_and(is_pure);
    let mut out: Vec<Finding> = PURE.iter().flat_map(|ban| ban.over(tree, pure)).collect();
    out.extend(INTERIOR.over(tree, |path| crate_of(path).is_some_and(|name| NO_INTERIOR.contains(&name))));
    out
}

/// Elementary functions come from one module.
pub(super) fn floats(tree: &Tree) -> Vec<Finding> {
    FLOATS.over(tree, |path| crate_of(path).is_some() && !path.starts_with(MATH))
}

/// Files are put on a disk in one way.
pub(super) fn writes(tree: &Tree) -> Vec<Finding> {
    WRITES.over(tree, |path| crate_of(path).is_some() && !path.starts_with(DISK))
}

/// Outside tests nothing panics without saying why it cannot.
pub(super) fn panics(tree: &Tree) -> Vec<Finding> {
    PANICS.over(tree, |path| crate_of(path).is_some() || path.starts_with("xtask/"))
}

/// A test that is not run says why.
pub(super) fn ignored_tests(tree: &Tree) -> Vec<Finding> {
    let mut out = Vec::new();
    for (path, source) in tree.sources() {
        let bare = source.mentions.iter().filter(|m| m.kind == Kind::Attribute && m.name == "ignore");
        out.extend(bare.map(|m| Finding::new(path, m.line, "an ignored test without a reason: #[ignore = \"…\"]")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Check, findings};
    use super::*;

    /// How many findings a check has in one file.
    fn count(check: Check, path: &str, text: &str) -> usize {
        findings(check, &[(path, text)]).len()
    }

    #[test]
    fn pure_crates_touch_nothing_outside() {
        let cases = [
            "let t = std::time::Instant::now();",
            "use std::{time::{Duration, Instant}};",
            "fn f() -> std::time::SystemTime { x }",
            "jiff::Timestamp::now()",
            "Zoned::now()",
            "rand::rng()",
            "use rand::thread_rng;",
            "std::thread::spawn(f)",
            "async fn f() {}",
            "use tokio::sync;",
            "use std::collections::{BTreeMap, HashMap};",
            "let s: HashSet<u8> = x;",
            "use std::fs;",
            "std::env::var(\"A\")",
            "use std::net::TcpStream;",
            "println!(\"x\")",
        ];
        for text in cases {
            for name in ["market", "engine", "report", "simulation"] {
                assert!(count(purity, &format!("crates/{name}/src/x.rs"), text) >= 1, "{name}: {text}");
            }
            assert_eq!(count(purity, "crates/adapters/src/x.rs", text), 0, "{text}");
            assert_eq!(count(purity, "xtask/src/x.rs", text), 0, "{text}");
        }
        let fine =
            "// std::fs\nlet a = \"std::fs\"; use std::time::Duration; use std::collections::BTreeMap; env!(\"A\")";
        assert_eq!(count(purity, "crates/engine/src/x.rs", fine), 0);
    }

    #[test]
    fn tests_may_read_files_but_no_clock() {
        let files = "#[cfg(test)]\nmod tests { use std::fs; }";
        let clock = "#[cfg(test)]\nmod tests { use std::time::Instant; }";
        assert_eq!(count(purity, "crates/engine/src/x.rs", files), 0);
        assert_eq!(count(purity, "crates/engine/tests/x.rs", "use std::fs;"), 0);
        assert_eq!(count(purity, "crates/engine/src/x.rs", clock), 1);
        assert_eq!(count(purity, "crates/engine/tests/x.rs", "use std::time::Instant;"), 1);
        assert_eq!(count(purity, "crates/engine/benches/x.rs", "use std::time::Instant;"), 0);
    }

    #[test]
    fn some_crates_hide_no_state() {
        for text in [
            "use std::cell::Cell;",
            "x: RefCell<u8>",
            "static A: AtomicU64 = x;",
            "use std::sync::{Arc, Mutex};",
            "OnceLock::new()",
        ] {
            assert!(count(purity, "crates/ledger/src/x.rs", text) >= 1, "{text}");
            assert_eq!(count(purity, "crates/report/src/x.rs", text), 0, "{text}");
            assert_eq!(count(purity, "crates/ledger/tests/x.rs", text), 0, "{text}");
        }
        assert_eq!(count(purity, "crates/ledger/src/x.rs", "use std::sync::Arc; struct CellName;"), 0);
    }

    #[test]
    fn elementary_functions_come_from_one_module() {
        for text in
            ["x.exp()", "(x + y).ln()", "x.powi(2)", "x.powf(y)", "f64::tanh(x)", "libm::exp(x)", "use libm::log;"]
        {
            for path in ["crates/pricing/src/x.rs", "crates/adapters/src/x.rs", "crates/pricing/tests/x.rs"] {
                assert_eq!(count(floats, path, text), 1, "{path}: {text}");
            }
            assert_eq!(count(floats, "crates/market/src/math.rs", text), 0, "{text}");
        }
        for text in [
            "x.sqrt()",
            "x.abs().round()",
            "math::exp(x)",
            "use market::math::{exp, ln};",
            "let exp = x.exp;",
            "10_i64.pow(2)",
        ] {
            assert_eq!(count(floats, "crates/pricing/src/x.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn files_are_put_on_a_disk_in_one_way() {
        for text in [
            "std::fs::write(a, b)",
            "fs::rename(a, b)",
            "use std::fs::{self, OpenOptions};",
            "let f = File::create(a)?;",
            "std::fs::File::options().write(true)",
            "fs::copy(a, b)",
        ] {
            for path in ["crates/adapters/src/head/key.rs", "crates/alluse/src/home.rs"] {
                assert_eq!(count(writes, path, text), 1, "{path}: {text}");
            }
            assert_eq!(count(writes, "crates/adapters/src/files/system.rs", text), 0, "{text}");
            assert_eq!(count(writes, "crates/adapters/tests/x.rs", text), 0, "{text}");
            assert_eq!(count(writes, "xtask/src/book.rs", text), 0, "{text}");
        }
        assert_eq!(count(writes, "crates/alluse/src/x.rs", "files::replace(f, p, b); fs::read(a); File::open(a)"), 0);
    }

    #[test]
    fn panics_say_why() {
        assert_eq!(count(panics, "crates/engine/src/x.rs", "a.unwrap(); todo!(); unimplemented!(\"x\")"), 3);
        assert_eq!(count(panics, "crates/engine/src/x.rs", "a.expect(\"why\"); b.unwrap_or(0); // .unwrap()"), 0);
        assert_eq!(count(panics, "crates/engine/src/x.rs", "#[test]\nfn t() { a.unwrap(); }"), 0);
    }

    #[test]
    fn ignored_tests_say_why() {
        assert_eq!(count(ignored_tests, "crates/engine/tests/x.rs", "#[test]\n#[ignore]\nfn t() {}"), 1);
        assert_eq!(count(ignored_tests, "crates/engine/tests/x.rs", "#[test]\n#[ignore = \"an hour\"]\nfn t() {}"), 0);
    }
}
