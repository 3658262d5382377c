//! `alluse tree`: structures and sleeves, with what they hold.

use std::sync::Arc;

use market::time::Calendar;
use report::figure::Amount;
use report::tree;
use report::tree::{Closed, Fork, Sleeve, Tree};

use crate::cli::Of;
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};
use crate::show::{self, cents, figures, words};

/// Shows the tree.
pub(crate) fn run(arguments: &Of) -> Result<(), Failure> {
    let calendar = Arc::new(Calendar::nyse());
    let opened = Journal::open(arguments.journal.as_deref())?;
    let book = opened.book(&calendar)?;
    let masthead = Masthead::of(&book);
    let tree = tree(&book);
    if arguments.json {
        return journal::json(&opened, masthead, &tree);
    }
    masthead.print()?;
    let as_of = tree.as_of.clone().unwrap_or_else(|| "before its first weekly close".to_owned());
    let reserve = match tree.reserve {
        none if none == Amount::default() => String::new(),
        some => format!(", of it {some} in tax reserves"),
    };
    show::print(&format!("Portfolio {}, {as_of}: equity {}{reserve}", tree.portfolio, cents(tree.equity)))?;
    structures(&tree)?;
    let sleeves: Vec<&Sleeve> = tree.structures.iter().flat_map(|s| &s.sleeves).collect();
    balances(&sleeves)?;
    profits(&sleeves)?;
    risks(&sleeves)?;
    forks(&sleeves)?;
    holdings(&sleeves)?;
    shorts(&sleeves)?;
    leaps(&sleeves)?;
    closed(&tree.closed)
}

/// Each structure below the one that it stands under.
fn structures(tree: &Tree) -> Result<(), Failure> {
    let columns =
        [words("structure"), words("founded"), figures("equity"), figures("tax reserve"), words("merging since")];
    let rows = tree.structures.iter().map(|s| {
        let branch = if s.depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(s.depth as usize - 1)) };
        [
            format!("{branch}Structure {}", s.structure),
            or_none(s.founded.clone()),
            cents(s.equity),
            cents(s.reserve),
            or_none(s.merging_since.clone()),
        ]
    });
    show::table("Structures; a tax reserve stands outside its structure's equity", columns, rows)
}

fn balances(sleeves: &[&Sleeve]) -> Result<(), Failure> {
    let columns = [words("sleeve"), figures("equity"), figures("base"), figures("settled cash"), figures("free cash")];
    let rows = sleeves.iter().map(|s| [s.sleeve.clone(), cents(s.equity), cents(s.base), cents(s.cash), cents(s.free)]);
    show::table("Sleeves", columns, rows)
}

fn profits(sleeves: &[&Sleeve]) -> Result<(), Failure> {
    let columns = [words("sleeve"), figures("income"), figures("growth"), figures("to make up"), figures("set aside")];
    let rows = sleeves
        .iter()
        .map(|s| [s.sleeve.clone(), cents(s.income), cents(s.growth), cents(s.deficit), cents(s.set_aside)]);
    let title = "Profit: income that may be withdrawn, growth to reinvest, losses to make up, cash set aside for LEAPS";
    show::table(title, columns, rows)
}

fn risks(sleeves: &[&Sleeve]) -> Result<(), Failure> {
    let columns = [words("sleeve"), figures("drawdown"), figures("marks restarted"), words("locked since")];
    let rows = sleeves
        .iter()
        .map(|s| [s.sleeve.clone(), s.drawdown.to_string(), s.resets.to_string(), or_none(s.locked_since.clone())]);
    show::table("Fall from the highest weekly close, and locks on new puts", columns, rows)
}

/// Forks that are due, with what they wait for (F-3).
fn forks(sleeves: &[&Sleeve]) -> Result<(), Failure> {
    let due: Vec<String> = sleeves.iter().filter_map(|s| s.fork.as_ref().map(|f| fork(&s.sleeve, f))).collect();
    if due.is_empty() {
        return Ok(());
    }
    show::heading("Forks that are due")?;
    show::list(due)
}

fn fork(sleeve: &str, f: &Fork) -> String {
    let needs =
        if f.needs.0.is_positive() { format!(", needs {} more surplus", cents(f.needs)) } else { String::new() };
    let shrinks = if f.reserves.0.is_positive() {
        format!("; new entries shrink by {}", cents(f.reserves))
    } else {
        String::new()
    };
    let closes = if f.weeks == 1 { "close" } else { "closes" };
    format!(
        "{sleeve}: due since {}{needs}: {} (as of {}, surplus {}, {} would move){shrinks}; it waited at {} weekly \
         {closes}, with {} × weeks of idle cash",
        f.since,
        f.waits.join("; "),
        f.as_of,
        cents(f.surplus),
        f.moves,
        f.weeks,
        cents(f.idle_dollar_weeks)
    )
}

/// LEAPS with what they are worth.
fn leaps(sleeves: &[&Sleeve]) -> Result<(), Failure> {
    let rows: Vec<[String; 6]> = sleeves
        .iter()
        .flat_map(|s| s.leaps.iter().map(move |l| (s, l)))
        .map(|(s, l)| {
            let value = or_none(l.value.map(|v| v.to_string()));
            [s.sleeve.clone(), l.series.clone(), l.contracts.to_string(), l.opened.clone(), l.cost.to_string(), value]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let columns =
        [words("sleeve"), words("LEAPS"), figures("held"), words("bought"), figures("cost"), figures("value")];
    show::table("LEAPS held, at mid", columns, rows)
}

/// Structures that have merged (J-1).
fn closed(closed: &[Closed]) -> Result<(), Failure> {
    if closed.is_empty() {
        return Ok(());
    }
    let columns = [words("structure"), words("founded"), words("merged"), words("into"), figures("value then")];
    let rows = closed.iter().map(|c| {
        [
            format!("Structure {}", c.structure),
            or_none(c.founded.clone()),
            c.merged.clone(),
            or_none(c.into.clone()),
            cents(c.value),
        ]
    });
    show::table("Structures that have merged", columns, rows)
}

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| show::NONE.to_owned())
}

fn holdings(sleeves: &[&Sleeve]) -> Result<(), Failure> {
    let money = |amount: Option<Amount>| amount.map_or_else(|| show::NONE.to_owned(), |a| a.to_string());
    let rows: Vec<[String; 7]> = sleeves
        .iter()
        .flat_map(|s| s.holdings.iter().map(move |h| (s, h)))
        .map(|(s, h)| {
            [
                s.sleeve.clone(),
                h.symbol.clone(),
                h.shares.to_string(),
                h.uncovered.to_string(),
                h.basis.map_or_else(|| show::NONE.to_owned(), cents),
                money(h.close),
                money(h.value),
            ]
        })
        .collect();
    if rows.is_empty() {
        return show::print("\nNo shares are held.");
    }
    let columns = [
        words("sleeve"),
        words("symbol"),
        figures("shares"),
        figures("uncovered"),
        figures("basis/share"),
        figures("close"),
        figures("value"),
    ];
    show::table("Shares held", columns, rows)
}

fn shorts(sleeves: &[&Sleeve]) -> Result<(), Failure> {
    let rows: Vec<[String; 6]> = sleeves
        .iter()
        .flat_map(|s| s.shorts.iter().map(move |o| (s, o)))
        .map(|(s, o)| {
            [
                s.sleeve.clone(),
                o.series.clone(),
                o.contracts.to_string(),
                o.opened.clone(),
                o.premium.to_string(),
                o.collateral.to_string(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return show::print("\nNo options are open.");
    }
    let columns = [
        words("sleeve"),
        words("option"),
        figures("short"),
        words("sold on"),
        figures("premium"),
        figures("collateral"),
    ];
    show::table("Options written and open", columns, rows)
}
