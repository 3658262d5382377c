//! Stories: a market made up in a trader's words, for scenarios that show what a rule does.
//!
//! A scenario is a file of `scenarios/`, whose README explains it. `[given]` describes a calm market, built by the
//! module `world`; dated `[[when]]` lines move it; and `[then]` names the part of the run's story that is told, with
//! the lines as they must be. Nothing here reads a file or runs anything: [`Scenario::parse`] gives the history and the
//! policy of one run.

mod people;
mod words;
mod world;

use engine::Input;
use ledger::{SleeveId, SleeveKind};
use market::history::History;
use market::instrument::Symbol;
use market::time::{Calendar, Date};
use market::value::Money;
use protocol::policy::Policy;
use protocol::rule::Rule;
use toml::Table;

use crate::chain::Liquidity;
use crate::people::Human;
use words::Reader;

/// What is wrong with a scenario's text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scenario {scenario}: {key} {problem}")]
pub struct StoryError {
    /// The scenario's name.
    pub scenario: String,
    /// The key at fault.
    pub key: String,
    /// What was found and what was expected.
    pub problem: String,
}

/// Which part of the story a scenario tells. What is absent does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// From this day on.
    pub from: Option<Date>,
    /// To this day, included.
    pub to: Option<Date>,
    /// This sleeve alone.
    pub sleeve: Option<SleeveId>,
    /// This symbol alone.
    pub symbol: Option<Symbol>,
    /// Lines that hold any of these words; all of them if there are none.
    pub about: Vec<String>,
    /// Whether the lines of the tax view are told, after the others.
    pub tax: bool,
}

/// One scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name: the path below `scenarios/`, without the ending.
    pub name: String,
    /// What it shows, in one sentence.
    pub title: String,
    /// The rules that it shows.
    pub rules: Vec<Rule>,
    /// Those whose switching off changes what is told.
    pub switches: Vec<Rule>,
    /// Every number.
    pub policy: Policy,
    /// First day of the run.
    pub from: Date,
    /// Last day of the run, the end of a week.
    pub to: Date,
    /// What the owner pays in.
    pub deposit: Money,
    /// The market, with its warm-up.
    pub history: History,
    /// What people do, by day.
    pub script: Vec<(Date, Input<'static>)>,
    /// Who is asked, where the run does not decide by itself.
    pub human: Option<Human>,
    /// How much the options trade of the symbols of which it says so.
    pub liquidity: Vec<(Symbol, Liquidity)>,
    /// Which part of the story is told.
    pub told: Told,
    /// Its lines, one below the other.
    pub then: String,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// [`StoryError`] for the first key that is missing, unknown or out of its range.
    pub fn parse(name: &str, text: &str, calendar: &Calendar) -> Result<Self, StoryError> {
        let fault = |key: &str, problem: String| {
            let key = key.to_owned();
            StoryError { scenario: name.to_owned(), key, problem }
        };
        let table: Table = text.parse().map_err(|e: toml::de::Error| fault("the file", e.to_string()))?;
        let read = Reader::new(name, "", &table);
        read.only(&[
            "title",
            "rules",
            "negative",
            "boundary",
            "switches",
            "policy",
            "policy_keys",
            "given",
            "when",
            "then",
        ])?;
        let policy = policy(&read)?;
        let given = read.table("given")?;
        let world = world::World::read(&given, calendar)?;
        let changes = world::changes(&read)?;
        let (from, to) = world.span();
        let history = world.history(&changes, &policy, calendar).map_err(|(key, problem)| fault(&key, problem))?;
        let then = read.table("then")?;
        Ok(Scenario {
            name: name.to_owned(),
            title: read.text("title")?,
            rules: read.rules("rules")?,
            switches: read.rules("switches")?,
            policy,
            from,
            to,
            deposit: world.deposit(),
            script: people::acts(&read)?,
            human: people::human(&read, &given, from)?,
            liquidity: world.liquidity(),
            history,
            told: told(&then)?,
            then: then.text("story")?,
        })
    }

    /// The scenario's policy with one rule switched off.
    ///
    /// # Errors
    /// [`StoryError`] if the policy does not allow that.
    pub fn without(&self, rule: Rule) -> Result<Policy, StoryError> {
        self.policy.with("rules.off", &format!("[\"{}\"]", rule.id())).map_err(|e| StoryError {
            scenario: self.name.clone(),
            key: format!("switches {rule}"),
            problem: e.to_string(),
        })
    }
}

fn policy(read: &Reader<'_>) -> Result<Policy, StoryError> {
    let name = read.optional("policy", "all-use".to_owned(), Reader::text)?;
    let mut policy = match name.as_str() {
        "all-use" => Policy::all_use(),
        "as-written" => Policy::as_written(),
        _ => return Err(read.fault("policy", format!("is {name:?}; expected \"all-use\" or \"as-written\""))),
    };
    for (path, value) in read.flat("policy_keys") {
        policy = policy.with(&path, &value).map_err(|e| read.fault("policy_keys", e.to_string()))?;
    }
    Ok(policy)
}

fn told(then: &Reader<'_>) -> Result<Told, StoryError> {
    then.only(&["from", "to", "sleeve", "symbol", "about", "tax", "story"])?;
    let some = |key| if then.has(key) { then.date(key).map(Some) } else { Ok(None) };
    let kind = then.optional("sleeve", None, |r, key| match r.text(key)?.as_str() {
        "Gen" => Ok(Some(SleeveKind::Generation)),
        "Rev" => Ok(Some(SleeveKind::Revenue)),
        "Com" => Ok(Some(SleeveKind::Compounding)),
        other => Err(r.fault(key, format!("is {other:?}; expected \"Gen\", \"Rev\" or \"Com\""))),
    })?;
    Ok(Told {
        from: some("from")?,
        to: some("to")?,
        sleeve: kind.map(|kind| SleeveId::new(engine::decide::ROOT, kind)),
        symbol: then.optional("symbol", None, |r, key| r.symbol(key).map(Some))?,
        about: then.optional("about", Vec::new(), Reader::texts)?,
        tax: then.optional("tax", false, Reader::yes)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use market::value::Price;

    const CALM: &str = "title = \"calm\"\nrules = [\"E-4\"]\nswitches = []\n\n[given]\nfirst = 2024-06-10\n\n\
                        [[when]]\non = 2024-06-12\nTSLA = \"-4%\"\n\n[then]\nstory = '''\n'''\n";

    fn parse(text: &str) -> Result<Scenario, StoryError> {
        Scenario::parse("calm", text, &Calendar::nyse())
    }

    #[test]
    fn every_fault_names_scenario_key_and_what_was_expected() {
        for (from, to, message) in [
            ("first = 2024-06-10", "first = 2024-06-09", "given.first is 2024-06-09; expected a session of NYSE"),
            ("first = 2024-06-10", "first = 7", "given.first is 7; expected a date such as 2024-06-10"),
            ("first = 2024-06-10", "", "given.first is missing"),
            ("[given]", "[given]\nweeks = 0", "given.weeks is 0; expected a whole number above zero"),
            ("[given]", "[given]\ncolour = 1", "given.colour is no key of a scenario; expected one of first, weeks"),
            ("[given]", "[given]\nprices = { TSLA = -1 }", "prices.TSLA is no price; expected dollars above zero"),
            ("[given]", "[given]\nimplied = { TSLA = nan }", "implied.TSLA is nan; expected a number"),
            ("[given]", "[given]\nvolume = { TSLA = -1 }", "volume.TSLA is -1; expected a number of contracts"),
            (
                "TSLA = \"-4%\"",
                "kill = \"gen\"",
                "when.kill is \"gen\"; expected a sleeve such as \"Gen\" or \"2.Com\"",
            ),
            ("TSLA = \"-4%\"", "deposit = 7\nparts.Gen = 6", "when.parts come to $6.00; expected the deposit of $7.00"),
            ("E-4", "E-44", "rules names \"E-44\"; expected rules such as \"E-4\""),
            ("\"-4%\"", "\"much\"", "when.TSLA is \"much\"; expected a share such as \"-4%\""),
            ("TSLA = ", "tsla = ", "when.tsla is neither a key of a scenario nor a ticker"),
            ("on = 2024-06-12", "on = 2024-06-15", "when.TSLA is dated 2024-06-15; expected a session of the story"),
            ("title", "policy = \"wild\"\ntitle", "policy is \"wild\"; expected \"all-use\" or \"as-written\""),
            ("[then]", "[then]\nsleeve = \"gen\"", "then.sleeve is \"gen\"; expected \"Gen\", \"Rev\" or \"Com\""),
            ("[then]", "[policy_keys]\nband.fallback = 99\n[then]", "policy_keys "),
        ] {
            let text = CALM.replacen(from, to, 1);
            assert_ne!(text, CALM, "{from}");
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("scenario calm: {message}")), "{to:?} gives {error:?}");
        }
    }

    /// Calm until a line moves it, in the prices of the day, on both sides of a split.
    #[test]
    fn prices_are_those_that_the_scenario_says() {
        let text = CALM.replace("[then]", "[[when]]\non = 2024-06-13\nsplit.TSLA = 3\n\n[then]");
        let scenario = parse(&text).unwrap();
        let symbol = Symbol::new("TSLA").unwrap();
        let tesla = scenario.history.symbol(symbol).unwrap();
        let printed: Vec<Price> =
            tesla.bars.iter().rev().take(6).rev().map(|bar| tesla.of_day(bar.close, bar.day.date())).collect();
        let expected = [18_000, 18_000, 18_000, 17_280, 5_760, 5_760].map(Price::cents);
        assert_eq!(printed, expected);
        let eve = tesla.bars.len() - 6;
        assert_eq!(tesla.of_day(tesla.bars[eve - 1].close, Date::constant(2024, 6, 6)), Price::cents(17_982));
        assert_eq!(tesla.bars.len(), 305);
        let index = scenario.history.symbol(scenario.policy.universe.index).unwrap();
        assert_eq!(index.bars[300].close, Price::cents(50_050));
    }

    #[test]
    fn a_rule_is_switched_off_by_its_policy_alone() {
        let scenario = parse(CALM).unwrap();
        let without = scenario.without(Rule::E4).unwrap();
        assert!(without.is_off(Rule::E4) && !scenario.policy.is_off(Rule::E4));
        assert_eq!((scenario.from, scenario.to), (Date::constant(2024, 6, 10), Date::constant(2024, 6, 14)));
    }
}
