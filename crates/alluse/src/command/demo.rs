//! `alluse demo`: years that never were, marked SIMULATED on every page.

use std::sync::Arc;

use market::history::History;
use market::time::{Calendar, Date, TradingDay};
use market::value::Money;
use protocol::policy::Policy;
use report::{comparison, whole};
use runtime::MemoryStore;
use serde_json::json;
use simulation::generator::{Parameters, generate};
use simulation::replay::{Run, replay};

use super::ranks::{self, Stale, Standing, Table};
use super::summary;
use crate::cli::Demo;
use crate::failure::Failure;
use crate::home;
use crate::inputs::{self, Premium};
use crate::journal::{Draft, Journal, Masthead};
use crate::run::make;
use crate::show;

/// What the owner pays in where ranks are known.
const DEPOSIT: Money = Money::dollars(300_000);
/// Years whose ranks are known.
const YEARS: u8 = 5;
/// The made-up years end with this one. They lie in the past because fees are known for no day to come.
const LAST_YEAR: i16 = 2025;

/// What a demo is made from.
pub(crate) struct World {
    /// Every number of the protocol.
    pub(crate) policy: Policy,
    /// The generator's parameters that ship.
    pub(crate) parameters: Parameters,
    premium: Premium,
}

impl World {
    /// As it ships.
    pub(crate) fn shipped() -> World {
        World { policy: Policy::all_use(), parameters: Parameters::shipped(), premium: Premium::shipped() }
    }

    fn market(&self, calendar: &Calendar, seed: u64, years: u8) -> (TradingDay, History) {
        let (from, to) = (Date::constant(LAST_YEAR + 1 - i16::from(years), 1, 1), Date::constant(LAST_YEAR, 12, 31));
        let days = calendar.sessions_between(from, to);
        (days[0], generate(&self.parameters, seed, days[0], days.len(), calendar))
    }

    fn run<'a>(&'a self, history: &'a History, first: TradingDay, deposit: Money) -> Run<'a> {
        Run {
            history,
            policy: &self.policy,
            premium: &self.premium.model,
            premium_text: &self.premium.text,
            from: Some(first.date()),
            to: None,
            deposit,
            script: &[],
            liquidity: &[],
            quotes: None,
        }
    }
}

/// What the owner ends with after the market of `seed`, floored to the cent.
pub(crate) fn equity(world: &World, calendar: &Arc<Calendar>, seed: u64) -> Result<Money, Failure> {
    let (first, history) = world.market(calendar, seed, YEARS);
    let (outcome, _) = replay(&world.run(&history, first, DEPOSIT), calendar, MemoryStore::default(), |_, _| {})?;
    Ok(outcome.equity.floor_cents())
}

/// Runs the demo.
pub(crate) fn run(arguments: &Demo) -> Result<(), Failure> {
    let calendar = Arc::new(Calendar::nyse());
    if arguments.build_ranks {
        return ranks::build(&World::shipped(), &calendar);
    }
    let world = World { policy: inputs::policy(&arguments.policy)?, ..World::shipped() };
    let draft = Draft::begin(&home::file("demo.journal")?)?;
    let (first, history) = world.market(&calendar, arguments.seed, arguments.years);
    let made = make(&world.run(&history, first, arguments.deposit), &calendar)?;
    let opened = draft.finish(&made.rows)?;
    let book = opened.book(&calendar)?;
    let own_policy = world.policy != Policy::all_use();
    let ranked = arguments.years == YEARS && arguments.deposit == DEPOSIT && !own_policy;
    let standing = ranked.then(|| Table::shipped(&world)?.standing(arguments.seed, made.outcome.equity.floor_cents()));
    if arguments.json {
        return show::json(&json!({
            "world": "SIMULATED",
            "premiums": Masthead::of(&book).premiums(),
            "seed": arguments.seed,
            "years": arguments.years,
            "standing": standing.and_then(Result::ok),
            "journal": opened.place.to_string(),
            "digest": opened.digest(),
            "whole": whole(&book),
            "comparison": comparison(&book),
        }));
    }
    Masthead::of(&book).print()?;
    let named = if own_policy { format!(" by the policy {}", world.policy.name) } else { String::new() };
    show::paragraph(&format!(
        "{} simulated years of the protocol{named}, {} paid in on {}; the market of seed {}.",
        arguments.years, arguments.deposit, made.outcome.first, arguments.seed
    ))?;
    summary::print(&book)?;
    if let Some(standing) = standing {
        luck(standing)?;
    }
    closing(&opened, book.closed().next_back().map(|w| w.week.to_string()))
}

fn luck(standing: Result<Standing, Stale>) -> Result<(), Failure> {
    show::heading("Luck")?;
    match standing {
        Err(Stale) => show::paragraph(Stale::WHY),
        Ok(Standing { rank, of, low, middle, high }) => show::paragraph(&format!(
            "Rank {rank} of {of} seeds by what the owner ends with; 1 is the luckiest. The middle seed ends with \
             {middle}; one in twenty ends below {low}, one in twenty above {high}. Other seeds: alluse demo --seed N."
        )),
    }
}

/// Where the journal is, and what can be asked of it.
pub(crate) fn closing(opened: &Journal, week: Option<String>) -> Result<(), Failure> {
    show::heading("Journal")?;
    show::print(&format!("{}\n{} events, digest {}", opened.place, opened.events.len(), opened.digest()))?;
    show::print("")?;
    if let Some(week) = week {
        show::print(&format!("alluse explain {week}   why each trade of that week was made, or was not"))?;
    }
    show::print("alluse report annual      statements; also weekly, monthly")?;
    show::print("alluse tree               structures and sleeves, with what they hold")?;
    show::print(&format!("alluse check {}", opened.place))
}
