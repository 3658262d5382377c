//! What people do on a day of a story: pay in, ask for money, throw a kill switch, decide about a frozen symbol.

use engine::Input;
use engine::event::Scope;
use ledger::{SleeveId, SleeveKind, StructureId};
use market::time::Date;

use super::StoryError;
use super::words::Reader;

/// The keys of a dated line that are people's.
pub(super) const KEYS: [&str; 6] = ["deposit", "withdraw", "kill", "release", "unknown", "thaw"];
/// Who acts where a story names nobody.
const WHO: &str = "the owner";

/// What people do, in the order of the lines.
pub(super) fn acts(scenario: &Reader<'_>) -> Result<Vec<(Date, Input<'static>)>, StoryError> {
    let mut acts = Vec::new();
    for line in scenario.tables("when")? {
        let day = line.date("on")?;
        for key in line.keys().filter(|key| KEYS.contains(&key.as_str())) {
            acts.extend(act(&line, key)?.into_iter().map(|input| (day, input)));
        }
    }
    acts.sort_by_key(|(day, _)| *day);
    Ok(acts)
}

fn act(line: &Reader<'_>, key: &str) -> Result<Vec<Input<'static>>, StoryError> {
    let who = || WHO.to_owned();
    let reason = || "the story says so".to_owned();
    match key {
        "deposit" => {
            Ok(vec![Input::Deposit { structure: engine::decide::ROOT, amount: line.money(key)?, parts: None }])
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
            Ok(vec![Input::KillSwitch { scope, on: key == "kill", who: who(), reason: reason() }])
        }
        "unknown" => {
            let table = line.table("unknown")?;
            let of = |name: &String| Ok(Input::Unknown { symbol: table.ticker(name)?, what: table.text(name)? });
            table.keys().map(of).collect()
        }
        _ => Ok(vec![Input::Thaw { symbol: line.symbol(key)?, who: who(), reason: reason() }]),
    }
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
