//! The demo's table of a thousand seeds: whether a run was lucky.
//!
//! The table names by fingerprints what it was built from. Where they are not this program's, or a seed's equity is not
//! what this program comes to, no rank is shown.

use std::sync::Arc;

use market::time::Calendar;
use market::value::{Money, UNITS_PER_CENT};
use report::figure::Amount;
use serde::Serialize;

use super::demo::{self, World};
use crate::failure::Failure;
use crate::inputs;
use crate::parallel;
use crate::show::{self, Progress};

/// Seeds in the table: 1 to 1,000.
const SEEDS: u64 = 1_000;
const TABLE: &str = include_str!("../../data/demo-ranks.csv");
const COLUMNS: &str = "seed,final_equity";

/// Where a result stands among those of all seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Standing {
    /// 1 is the highest equity.
    pub(crate) rank: usize,
    /// Of how many.
    pub(crate) of: usize,
    /// One seed in twenty ends with less.
    pub(crate) low: Amount,
    /// Half of them do.
    pub(crate) middle: Amount,
    /// One in twenty ends with more.
    pub(crate) high: Amount,
}

/// Why there is no rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stale;

impl Stale {
    pub(crate) const WHY: &'static str = "No rank: the table of a thousand seeds was built from another policy, \
        generator or program. `cargo xtask ranks` builds it anew.";
}

/// The table.
pub(crate) struct Table {
    /// Seed and final equity, rising by seed.
    rows: Vec<(u64, Money)>,
}

impl Table {
    /// The table that ships, if it was built from what this program has.
    pub(crate) fn shipped(world: &World) -> Result<Table, Stale> {
        Table::parse(TABLE, world)
    }

    fn parse(text: &str, world: &World) -> Result<Table, Stale> {
        let mut lines = text.lines();
        if lines.next() != Some(head(world).as_str()) || lines.next() != Some(COLUMNS) {
            return Err(Stale);
        }
        let row = |line: &str| {
            let (seed, equity) = line.split_once(',')?;
            Some((seed.parse().ok()?, equity.parse().ok()?))
        };
        let rows = lines.map(row).collect::<Option<Vec<_>>>().filter(|rows| !rows.is_empty());
        rows.map(|rows| Table { rows }).ok_or(Stale)
    }

    /// Where `equity`, the result of `seed`, stands.
    pub(crate) fn standing(&self, seed: u64, equity: Money) -> Result<Standing, Stale> {
        if self.rows.iter().any(|(s, e)| *s == seed && *e != equity) {
            return Err(Stale);
        }
        let mut all: Vec<Money> = self.rows.iter().map(|(_, equity)| *equity).collect();
        all.sort_unstable();
        let above = all.len() - all.partition_point(|e| *e <= equity);
        let at = |twentieths: usize| Amount(all[all.len() * twentieths / 20]);
        Ok(Standing { rank: above + 1, of: all.len(), low: at(1), middle: at(10), high: at(19) })
    }
}

/// The first line: what the table depends on.
fn head(world: &World) -> String {
    let print = |text: &str| blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
    format!(
        "# policy {}, generator {}, premium model {}; built by: cargo xtask ranks",
        print(&world.policy.to_toml()),
        print(&world.parameters.to_toml("")),
        print(inputs::PREMIUM)
    )
}

/// Runs every seed and prints the table.
pub(crate) fn build(world: &World, calendar: &Arc<Calendar>) -> Result<(), Failure> {
    let equities = run(world, calendar, SEEDS)?;
    let rows = (1..=SEEDS).zip(equities).map(|(seed, equity)| {
        let cents = equity.units() / UNITS_PER_CENT;
        format!("{seed},{}.{:02}", cents / 100, cents % 100)
    });
    show::print(&head(world))?;
    show::print(COLUMNS)?;
    show::print(&rows.collect::<Vec<_>>().join("\n"))
}

/// Final equities of seeds 1 to `seeds`, floored to the cent, on all cores.
fn run(world: &World, calendar: &Arc<Calendar>, seeds: u64) -> Result<Vec<Money>, Failure> {
    let bar = Progress::new("seeds", seeds);
    let all: Vec<u64> = (1..=seeds).collect();
    let one = |seed: &u64| {
        let equity = demo::equity(world, calendar, *seed)?;
        bar.step();
        Ok(equity)
    };
    parallel::each(&all, one).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table that this program would not build shows no rank; this test says so before a user sees it.
    #[test]
    fn the_shipped_table_is_what_this_program_builds() {
        let world = World::shipped();
        let table = Table::shipped(&world).unwrap_or_else(|Stale| panic!("{}", Stale::WHY));
        assert_eq!(table.rows.iter().map(|(seed, _)| *seed).collect::<Vec<_>>(), (1..=SEEDS).collect::<Vec<_>>());
        let calendar = Arc::new(Calendar::nyse());
        for seed in [1, 500, 1_000] {
            let equity = demo::equity(&world, &calendar, seed).unwrap();
            assert!(table.standing(seed, equity).is_ok(), "seed {seed} comes to {equity}: run `cargo xtask ranks`");
        }
    }

    #[test]
    fn a_rank_counts_from_the_highest() {
        let rows = [(1, 100), (2, 300), (3, 200), (4, 400)].map(|(seed, d)| (seed, Money::dollars(d)));
        let table = Table { rows: rows.to_vec() };
        let rank = |seed, dollars| table.standing(seed, Money::dollars(dollars)).map(|s| (s.rank, s.of));
        assert_eq!((rank(4, 400), rank(1, 100), rank(9, 250)), (Ok((1, 4)), Ok((4, 4)), Ok((3, 4))));
        assert_eq!(rank(4, 401), Err(Stale), "a seed of the table that comes to something else");
    }

    #[test]
    fn a_table_of_something_else_is_stale() {
        let world = World::shipped();
        for text in ["", "seed,final_equity\n1,2.00\n", "# policy x\nseed,final_equity\n1,2.00\n"] {
            assert!(Table::parse(text, &world).is_err(), "{text:?}");
        }
        let own = format!("{}\n{COLUMNS}\n1,2.00\n", head(&world));
        assert!(Table::parse(&own, &world).is_ok());
        assert!(Table::parse(&own.replace("2.00", "x"), &world).is_err());
    }
}
