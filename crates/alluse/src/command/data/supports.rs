//! What each command finds in a folder of price history, and what it misses.

use adapters::history::{DataError, EarningsCoverage, Fault, Inspection, Premiums, SymbolInspection};
use market::instrument::Symbol;
use market::time::Date;
use protocol::policy::Policy;
use serde_json::{Value, json};
use simulation::generator::Parameters;

/// One command and what the folder has for it.
pub(super) struct Support {
    /// The command.
    pub(super) command: &'static str,
    /// What it cannot do without and does not find; nothing if it can run.
    pub(super) missing: Vec<String>,
    /// From when to when, and what is poorer than it could be.
    pub(super) notes: Vec<String>,
}

impl Support {
    /// In a sentence.
    pub(super) fn said(&self) -> String {
        let missing = match self.missing.as_slice() {
            [] => "Supported.".to_owned(),
            missing => format!("Missing: {}.", missing.join("; ")),
        };
        [missing].into_iter().chain(self.notes.iter().cloned()).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "command": self.command,
            "supported": self.missing.is_empty(),
            "missing": self.missing,
            "notes": self.notes,
        })
    }
}

/// What a run of the shipped policy, of quotes and of a calibration would find.
pub(super) fn supports(found: &Inspection, policy: &Policy) -> Vec<Support> {
    vec![backtest(found, policy), control(found, policy), quotes(found), calibrate(found, policy)]
}

/// Faults end every reading: files that are not there by their names, and how many others there are.
fn faults(found: &Inspection) -> Vec<String> {
    let (absent, others): (Vec<&DataError>, Vec<&DataError>) =
        found.problems.iter().partition(|problem| matches!(problem.fault, Fault::NoFile { .. }));
    let name = |problem: &&DataError| {
        let parts = problem.file.iter().rev().take(2).map(|part| part.to_string_lossy());
        parts.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/")
    };
    let others = match others.len() {
        0 => None,
        1 => Some("1 problem, below".to_owned()),
        count => Some(format!("{count} problems, below")),
    };
    absent.iter().map(name).chain(others).collect()
}

fn of(found: &Inspection, symbol: Symbol) -> Option<&SymbolInspection> {
    found.symbols.iter().find(|own| own.symbol == symbol && own.bars.is_some())
}

fn without_bars(found: &Inspection, symbols: &[Symbol]) -> Option<String> {
    let names: Vec<String> =
        symbols.iter().filter(|symbol| of(found, **symbol).is_none()).map(Symbol::to_string).collect();
    (!names.is_empty()).then(|| format!("bars of {}", names.join(", ")))
}

fn series(found: &Inspection) -> Vec<String> {
    let needed = [("VIX", found.vix), ("Treasury yields", found.bill_rates)];
    needed.into_iter().filter(|(_, span)| span.is_none()).map(|(name, _)| name.to_owned()).collect()
}

/// The symbols that a policy judges by and trades, each once.
fn universe(policy: &Policy) -> Vec<Symbol> {
    let mut symbols = policy.universe.all();
    symbols.push(policy.universe.index);
    symbols.sort_unstable();
    symbols.dedup();
    symbols
}

fn backtest(found: &Inspection, policy: &Policy) -> Support {
    let symbols = universe(policy);
    let missing: Vec<String> =
        faults(found).into_iter().chain(without_bars(found, &symbols)).chain(series(found)).collect();
    let own: Vec<&SymbolInspection> = symbols.iter().filter_map(|symbol| of(found, *symbol)).collect();
    let mut notes = Vec::new();
    let latest = |take: fn(&SymbolInspection) -> Option<Date>| {
        own.iter().map(|symbol| take(symbol)).collect::<Option<Vec<_>>>().and_then(|days| days.into_iter().max())
    };
    if missing.is_empty() {
        let last = own.iter().filter_map(|symbol| symbol.bars).map(|bars| bars.last).min();
        notes.extend(latest(|symbol| symbol.replay_from).zip(last).map(|(from, to)| format!("From {from} to {to}.")));
        notes.push(match latest(|symbol| symbol.act_from) {
            Some(day) => format!("Rules act from {day}."),
            None => "Rules never act: the history is shorter than the warm-up.".to_owned(),
        });
        let through = policy.fees.known_through;
        if last.is_some_and(|last| last > through) {
            notes.push(format!("Fees are known to {through}: say --to {through}."));
        }
    }
    notes.extend(without_earnings(found, &symbols));
    if found.vix9d.is_none() {
        notes.push("Without VIX9D short premiums are modelled from VIX alone.".to_owned());
    } else if let Some(days) = found.vix1d {
        notes.push(format!("Below nine days VIX1D has a part in premiums, from {} to {}.", days.first, days.last));
    }
    if own.iter().all(|symbol| matches!(symbol.premiums, Premiums::TermStructure)) && !own.is_empty() {
        notes.push("No stock has its own volatility index.".to_owned());
    }
    Support { command: "backtest, evidence, whatif", missing, notes }
}

fn control(found: &Inspection, policy: &Policy) -> Support {
    let policy = policy.on_control_universe();
    let symbols = universe(&policy);
    let missing = without_bars(found, &symbols).into_iter().collect();
    let notes = without_earnings(found, &symbols).into_iter().collect();
    Support { command: "… on the control universe", missing, notes }
}

/// Stocks that report and of which no report is known.
fn without_earnings(found: &Inspection, symbols: &[Symbol]) -> Option<String> {
    let own = symbols.iter().filter_map(|symbol| of(found, *symbol));
    let silent = own.filter(|symbol| symbol.earnings == EarningsCoverage::Missing);
    let names: Vec<String> = silent.map(|symbol| symbol.symbol.to_string()).collect();
    (!names.is_empty()).then(|| format!("No earnings dates, so nothing is entered in: {}.", names.join(", ")))
}

fn quotes(found: &Inspection) -> Support {
    let (missing, notes) = if found.chains.is_empty() {
        let none = "option chains; without them every premium is modelled";
        (vec![none.to_owned()], Vec::new())
    } else {
        let folders = found.chains.join(", ");
        (Vec::new(), vec![format!("Chains in {folders}; how good they are: alluse data chains DIR.")])
    };
    Support { command: "backtest --quotes", missing, notes }
}

fn calibrate(found: &Inspection, policy: &Policy) -> Support {
    let mut symbols: Vec<Symbol> = Parameters::shipped().symbols.iter().map(|symbol| symbol.tape.symbol).collect();
    symbols.push(policy.universe.index);
    symbols.sort_unstable();
    symbols.dedup();
    let missing = faults(found).into_iter().chain(without_bars(found, &symbols)).chain(series(found)).collect();
    Support { command: "data calibrate", missing, notes: Vec::new() }
}
