//! Scenarios from their files, run through the engine and told by the report.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use market::time::Calendar;
use market::value::Money;
use pricing::model::PremiumModel;
use protocol::policy::Policy;
use report::story::Filter;
use report::tax::owner::Owner;
use report::tax::{Rules, View};
use report::{Book, story};
use runtime::MemoryStore;
use simulation::replay::{Run, replay_asking};
use simulation::story::Scenario;

const PREMIUM: &str = include_str!("premium-model.toml");

/// Every scenario with what running it needs.
pub(crate) struct Shelf {
    calendar: Arc<Calendar>,
    premium: PremiumModel,
    pub(crate) scenarios: Vec<(PathBuf, Scenario)>,
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "toml") && !path.ends_with("pending.toml") {
            out.push(path);
        }
    }
}

impl Shelf {
    pub(crate) fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let calendar = Arc::new(Calendar::nyse());
        let mut paths = Vec::new();
        files(&root, &mut paths);
        paths.sort();
        let read = |path: PathBuf| {
            let below = path.strip_prefix(&root).unwrap().with_extension("");
            let text = fs::read_to_string(&path).unwrap();
            let scenario = Scenario::parse(&below.display().to_string(), &text, &calendar);
            (path, scenario.unwrap_or_else(|e| panic!("{e}")))
        };
        let scenarios: Vec<_> = paths.into_iter().map(read).collect();
        assert!(!scenarios.is_empty(), "{} holds no scenario", root.display());
        let premium = PremiumModel::parse(PREMIUM, "premium-model.toml").unwrap();
        Shelf { calendar, premium, scenarios }
    }

    /// The lines that `scenario` tells when it is run by `policy`. The run's journal must pass the audit, whatever rule
    /// is off.
    pub(crate) fn tell(&self, scenario: &Scenario, policy: &Policy) -> String {
        let run = Run {
            history: &scenario.history,
            policy,
            premium: &self.premium,
            premium_text: "the scenarios' own",
            from: Some(scenario.from),
            to: Some(scenario.to),
            deposit: scenario.deposit,
            script: &scenario.script,
            liquidity: &scenario.liquidity,
            quotes: None,
        };
        let name = &scenario.name;
        let (_, store) =
            replay_asking(&run, scenario.human.as_ref(), &self.calendar, MemoryStore::default(), |_, _| {})
                .unwrap_or_else(|e| panic!("{name}: {e}"));
        let (events, _) = engine::journal::read(1, &store.rows).unwrap_or_else(|e| panic!("{name}: {e}"));
        report::check(&events, &self.calendar).unwrap_or_else(|e| panic!("{name} fails its audit: {e}"));
        let book = Book::fold(&events, &self.calendar).unwrap_or_else(|e| panic!("{name}: {e}"));
        let told = &scenario.told;
        let filter = Filter { from: told.from, to: told.to, sleeve: told.sleeve, symbol: told.symbol };
        let about = |line: &String| told.about.is_empty() || told.about.iter().any(|word| line.contains(word));
        let taxed = taxed(&book, policy, &filter).unwrap_or_else(|e| panic!("{name}: {e}"));
        let taxed = if told.tax { taxed } else { Vec::new() };
        story(&book, &filter).into_iter().chain(taxed).filter(about).map(|line| wrapped(&line)).collect()
    }
}

/// The lines of the tax view, whose economic gain must be what the ledger has realised, lot by lot.
fn taxed(book: &Book<'_>, policy: &Policy, filter: &Filter) -> Result<Vec<String>, report::tax::TaxError> {
    let mut owner = Owner::default();
    owner.journal(book);
    let rules = Rules::of(policy, View::Owner);
    let lines = report::tax::told(&owner, rules, filter)?;
    if rules.premium_waits {
        let ledger = &book.state.ledger;
        let realised: Money = ledger.sleeves().map(|sleeve| ledger.realised(sleeve)).sum();
        assert_eq!(owner.books(rules)?.economic(0), realised, "the tax view and the ledger");
    }
    Ok(lines)
}

/// A line of the story as lines of a file: what is wider goes on below, indented.
fn wrapped(line: &str) -> String {
    const WIDTH: usize = 120;
    const INDENT: &str = "    ";
    let (mut out, mut at) = (String::new(), 0);
    for word in line.split(' ') {
        let width = word.chars().count();
        if at > 0 && at + 1 + width > WIDTH {
            out = out + "\n" + INDENT + word;
            at = INDENT.len() + width;
        } else {
            let gap = if at > 0 { " " } else { "" };
            out = out + gap + word;
            at += gap.len() + width;
        }
    }
    out + "\n"
}

/// The scenario's text with another story at its end.
pub(crate) fn blessed(text: &str, told: &str) -> String {
    let (head, _) = text.split_once("story = '''").expect("a scenario ends with its story");
    format!("{head}story = '''\n{told}'''\n")
}

/// What was expected and is missing, and what came instead.
pub(crate) fn difference(expected: &str, told: &str) -> String {
    let (expected, told): (Vec<_>, Vec<_>) = (expected.lines().collect(), told.lines().collect());
    let missing = expected.iter().filter(|l| !told.contains(l)).map(|l| format!("  - {l}\n"));
    let new = told.iter().filter(|l| !expected.contains(l)).map(|l| format!("  + {l}\n"));
    let mut out: String = missing.chain(new).collect();
    if out.is_empty() {
        out.push_str("  the same lines in another order\n");
    }
    out
}
