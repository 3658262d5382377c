//! What people do on a day of a story: pay in, ask for money, throw a kill switch, decide about a frozen symbol, judge
//! a week, grant a level; and what they say to proposals.

use engine::Input;
use engine::event::Scope;
use ledger::{SleeveId, SleeveKind, StructureId};
use market::time::Date;
use market::value::Money;
use protocol::policy::{Level, WeekClass};
use protocol::trust::Class;

use super::StoryError;
use super::words::Reader;
use crate::people::{Amendment, Belated, Habit, Human, Rule};

/// What people do on a dated line.
const ACTS: [&str; 8] = ["deposit", "withdraw", "kill", "release", "unknown", "thaw", "override", "grant"];
/// The keys of a dated line that are people's: what they do, who it is, why, and the parts of a deposit.
pub(super) const KEYS: [&str; 14] = [
    "deposit", "withdraw", "kill", "release", "unknown", "thaw", "override", "grant", "who", "reason", "parts",
    "people", "amend", "approve",
];
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
        "override" => {
            let name = line.text(key)?;
            let class = WeekClass::from_word(&name);
            let class =
                class.ok_or_else(|| line.fault(key, format!("is {name:?}; expected a week such as \"red\"")))?;
            Ok(vec![Input::OverrideWeek { class, who, reason }])
        }
        "grant" => {
            let table = line.table("grant")?;
            let of = |name: &String| {
                let word = table.text(name)?;
                let level = Level::from_word(&word);
                let problem = || table.fault(name, format!("is {word:?}; expected a level such as \"propose\""));
                let (class, level) = (class_named(&table, name)?, level.ok_or_else(problem)?);
                Ok(Input::GrantLevel { class, level, who: who.clone() })
            };
            table.keys().map(of).collect()
        }
        _ => Ok(vec![Input::Thaw { symbol: line.symbol(key)?, who, reason }]),
    }
}

/// The human whom a story asks: `people` says what he answers, from the first day or from that of a line.
pub(super) fn human(scenario: &Reader<'_>, given: &Reader<'_>, first: Date) -> Result<Option<Human>, StoryError> {
    if !given.has("people") {
        return Ok(None);
    }
    let mut human = Human { name: WHO.0.to_owned(), rules: habits(given, first)?, ..Human::default() };
    for line in scenario.tables("when")? {
        let on = line.date("on")?;
        if line.has("people") {
            human.rules.extend(habits(&line, on)?);
        }
        if line.has("amend") {
            let table = line.table("amend")?;
            for name in table.keys() {
                let contracts = table.number(name)? as i64;
                human.amendments.push(Amendment { on, symbol: table.ticker(name)?, contracts });
            }
        }
        if line.has("approve") {
            let table = line.table("approve")?;
            let number = |key: &str| table.count(key).map(i64::unsigned_abs);
            let proposal = number("proposal")?;
            let content_of = if table.has("content_of") { number("content_of")? } else { proposal };
            human.belated.push(Belated { on, proposal, content_of });
        }
    }
    Ok(Some(human))
}

/// `people = "approve"` for every class, or a table by class with `others` for the rest.
fn habits(line: &Reader<'_>, from: Date) -> Result<Vec<Rule>, StoryError> {
    let habit = |read: &Reader<'_>, key: &str| match read.text(key)?.as_str() {
        "approve" => Ok(Habit::Approve),
        "reject" => Ok(Habit::Reject),
        "silent" => Ok(Habit::Silent),
        other => Err(read.fault(key, format!("is {other:?}; expected \"approve\", \"reject\" or \"silent\""))),
    };
    if line.is_text("people") {
        return Ok(vec![Rule { from, class: None, habit: habit(line, "people")? }]);
    }
    let table = line.table("people")?;
    let others = table.keys().filter(|key| *key == "others");
    let others = others.map(|key| Ok(Rule { from, class: None, habit: habit(&table, key)? }));
    let classes = table.keys().filter(|key| *key != "others");
    let classes =
        classes.map(|key| Ok(Rule { from, class: Some(class_named(&table, key)?), habit: habit(&table, key)? }));
    others.chain(classes).collect()
}

fn class_named(table: &Reader<'_>, key: &str) -> Result<Class, StoryError> {
    Class::from_word(key).ok_or_else(|| table.fault(key, "is no class of decisions such as entry or roll".to_owned()))
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
