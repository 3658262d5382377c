//! Programs of others that read what we write: run as processes where they are installed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use market::value::Money;

/// What an account holds in a program's own words: units by instrument, and dollars at cost.
pub(crate) type Holdings = BTreeMap<String, Money>;
pub(crate) type Units = BTreeMap<(String, String), i64>;

/// hledger; `None`, and a line that says so, where it is not installed.
pub(crate) fn hledger(test: &str) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("hledger")).find(|program| program.is_file());
    if found.is_none() {
        println!("SKIPPED {test}: hledger is not installed (apt-get install hledger)");
    }
    found
}

/// A Python that has beancount and ofxtools; `None`, and a line that says so, where there is none.
pub(crate) fn python(test: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = variable("ALLUSE_TOOLS").map_or_else(|| root.join(".tools"), PathBuf::from);
    let found = Some(tools.join("python/bin/python")).filter(|program| program.is_file());
    if found.is_none() {
        println!("SKIPPED {test}: beancount is not installed (cargo xtask tools)");
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "where programs lie is the environment's to say")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// What a program prints that must succeed.
pub(crate) fn says(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}:\n{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Checks a file with hledger, and reads its balances: dollars at cost, and units.
pub(crate) fn by_hledger(program: &Path, file: &str) -> (Holdings, Units) {
    says(program, &["-f", file, "check", "--strict", "ordereddates"]);
    let balances = ["-f", file, "balance", "--flat", "--empty", "--no-total", "-O", "csv", "--layout", "bare"];
    let rows = |more: &[&str]| -> Vec<(String, String, String)> {
        let text = says(program, &[&balances[..], more].concat());
        let row = |line: &str| {
            let fields: Vec<String> = line.split("\",\"").map(|f| f.trim_matches('"').to_owned()).collect();
            (fields[0].clone(), fields[1].replace('"', ""), fields[2].clone())
        };
        text.lines().skip(1).map(row).collect()
    };
    let mut money = Holdings::new();
    for (account, _, balance) in rows(&["--cost"]) {
        *money.entry(account).or_default() += balance.parse().unwrap();
    }
    let units = rows(&[]).into_iter().filter(|(_, held, _)| !held.is_empty() && held != "USD");
    let units = units.map(|(account, held, n)| ((account, held), n.parse().unwrap()));
    (money, units.filter(|(_, n)| *n != 0).collect())
}

const BALANCES: &str = "
import sys, collections, decimal
from beancount import loader
from beancount.core import data
entries, errors, _ = loader.load_file(sys.argv[1])
for error in errors[:5]:
    print(error.source, error.message, file=sys.stderr)
if errors:
    sys.exit(1)
money, units = collections.Counter(), collections.Counter()
for entry in entries:
    if isinstance(entry, data.Transaction):
        for p in entry.postings:
            cost = p.units.number * p.cost.number if p.cost else p.units.number
            money[p.account] += cost
            if p.units.currency != 'USD':
                units[p.account, p.units.currency] += p.units.number
for account, cost in sorted(money.items()):
    print('money', account, cost.quantize(decimal.Decimal('0.0001')), sep='\\t')
for (account, held), n in sorted(units.items()):
    if n:
        print('units', account, held, n, sep='\\t')
";

/// Checks a file with beancount, and reads its balances: dollars at cost, and units.
pub(crate) fn by_beancount(python: &Path, file: &str) -> (Holdings, Units) {
    says(&python.with_file_name("bean-check"), &[file]);
    let text = says(python, &["-c", BALANCES, file]);
    let (mut money, mut units) = (Holdings::new(), Units::new());
    for line in text.lines() {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["money", account, cost] => {
                money.insert((*account).to_owned(), cost.parse().unwrap());
            }
            ["units", account, held, n] => {
                units.insert(((*account).to_owned(), (*held).to_owned()), n.parse().unwrap());
            }
            other => panic!("{other:?}"),
        }
    }
    (money, units)
}

const STATEMENT: &str = "
import sys
from ofxtools.Parser import OFXTree
tree = OFXTree()
tree.parse(sys.argv[1])
statement, = tree.convert().statements
print('cash', statement.balances.availcash)
for p in statement.positions:
    print('held', p.invpos.secid.uniqueid, p.invpos.units, sep='\\t')
";

/// Reads a statement with ofxtools, which holds it against the specification: its cash, and its positions by the names
/// of exported books.
pub(crate) fn by_ofxtools(python: &Path, file: &str) -> (Money, BTreeMap<String, i64>) {
    let text = says(python, &["-c", STATEMENT, file]);
    let (mut cash, mut held) = (Money::ZERO, BTreeMap::new());
    for line in text.lines() {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["held", id, units] => {
                let series = market::instrument::Series::from_occ(id).map(ledger::account::Instrument::Option);
                let name = series.map_or_else(|_| (*id).to_owned(), |held| adapters::books::names::instrument(&held));
                held.insert(name, units.parse().unwrap());
            }
            [line] => cash = line.trim_start_matches("cash ").parse().unwrap(),
            other => panic!("{other:?}"),
        }
    }
    (cash, held)
}
