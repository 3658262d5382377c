//! What people do on a day of a story: pay in, ask for money, throw a kill switch, decide about a frozen symbol.

use engine::Input;
use engine::event::Scope;
use ledger::{SleeveId, SleeveKind, StructureId};
use market::time::Date;
use market::value::Money;

use super::StoryError;
use super::words::Reader;

/// What people do on a dated line.
const ACTS: [&str; 6] = ["deposit", "withdraw", "kill", "release", "unknown", "thaw"];
/// The keys of a dated line that are people's: what they do, who it is, why, and the parts of a deposit.
pub(super) const KEYS: [&str; 9] =
    ["deposit", "withdraw", "kill", "release", "unknown", "thaw", "who", "reason", "parts"];
/// Who acts, and why, where a story does not say.
const WHO: (&str, &str) = ("the owner", "the story says so");

/// What people do, in the order of the lines.
pub(super) fn acts(scenario: &Reader<'_>) -> Result<Vec<(Date, Input<'static>)>, StoryError> {
    let mut acts = Vec::new();
    for line in scenario.tables("when")? {
        let day = line.date("on")?;
        for key in line.keys().filter(|key| ACTS.contains(&key.as_str())) {
            acts.extend(act(&line, key)?.into_iter().map(|input| (day, input)));
        }
    }
    acts.sort_by_key(|(day, _)| *day);
    Ok(acts)
}

fn act(line: &Reader<'_>, key: &str) -> Result<Vec<Input<'static>>, StoryError> {
    let who = line.optional("who", WHO.0.to_owned(), Reader::text)?;
    let reason = line.optional("reason", WHO.1.to_owned(), Reader::text)?;
    match key {
        "deposit" => {
            let (structure, amount) = (engine::decide::ROOT, line.money(key)?);
            Ok(vec![Input::Deposit { structure, amount, parts: parts(line, amount)? }])
        }
        "withdraw" => {
            let table = line.table("withdraw")?;
            let of = |name: &String| Ok(Input::Withdraw { sleeve: sleeve(&table, name)?, amount: table.money(name)? });
            table.keys().map(of).collect()
        }
        "kill" | "release" => {
            let name = line.text(key)?;
            let scope =
                if name == "portfolio" { Scope::Portfolio } else { Scope::Sleeve(sleeve_named(line, key, &name)?) };
            Ok(vec![Input::KillSwitch { scope, on: key == "kill", who, reason }])
        }
        "unknown" => {
            let table = line.table("unknown")?;
            let of = |name: &String| Ok(Input::Unknown { symbol: table.ticker(name)?, what: table.text(name)? });
            table.keys().map(of).collect()
        }
        _ => Ok(vec![Input::Thaw { symbol: line.symbol(key)?, who, reason }]),
    }
}

/// How a deposit is split where its maker says so: what each sleeve of the root gets.
fn parts(line: &Reader<'_>, amount: Money) -> Result<Option<[Money; 3]>, StoryError> {
    if !line.has("parts") {
        return Ok(None);
    }
    let table = line.table("parts")?;
    let mut parts = [Money::ZERO; 3];
    for name in table.keys() {
        parts[sleeve(&table, name)?.kind as usize] = table.money(name)?;
    }
    let sum: Money = parts.into_iter().sum();
    let problem = || line.fault("parts", format!("come to {sum}; expected the deposit of {amount}"));
    if sum == amount { Ok(Some(parts)) } else { Err(problem()) }
}

fn sleeve(table: &Reader<'_>, name: &str) -> Result<SleeveId, StoryError> {
    sleeve_named(table, name, name)
}

/// `Gen` of the root, or `2.Gen`.
fn sleeve_named(line: &Reader<'_>, key: &str, name: &str) -> Result<SleeveId, StoryError> {
    let (structure, kind) = name.split_once('.').unwrap_or(("1", name));
    let kind = SleeveKind::ALL.into_iter().find(|k| k.to_string() == kind);
    let structure = structure.parse().ok().map(StructureId);
    let expected = || line.fault(key, format!("is {name:?}; expected a sleeve such as \"Gen\" or \"2.Com\""));
    Ok(SleeveId::new(structure.ok_or_else(expected)?, kind.ok_or_else(expected)?))
}
