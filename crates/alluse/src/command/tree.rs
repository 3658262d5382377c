//! `alluse tree`: structures and sleeves, with what they hold.

use std::sync::Arc;

use market::time::Calendar;
use report::tree;
use report::tree::Sleeve;

use crate::cli::Of;
use crate::failure::Failure;
use crate::journal::{self, Journal, Masthead};
use crate::show::{self, figures, words};

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
    show::print(&format!("Portfolio {}, {as_of}: equity {}", tree.portfolio, tree.equity))?;
    for structure in &tree.structures {
        let under = structure.parent.map_or_else(String::new, |parent| format!(", under structure {parent}"));
        let title = format!("Structure {}{under}: equity {}", structure.structure, structure.equity);
        let columns = [
            words("sleeve"),
            figures("equity"),
            figures("settled cash"),
            figures("free cash"),
            figures("drawdown"),
            words("locked since"),
        ];
        let rows = structure.sleeves.iter().map(|s| {
            let locked = s.locked_since.clone().unwrap_or_else(|| show::NONE.to_owned());
            [
                s.sleeve.clone(),
                s.equity.to_string(),
                s.cash.to_string(),
                s.free.to_string(),
                s.drawdown.to_string(),
                locked,
            ]
        });
        show::table(&title, columns, rows)?;
        holdings(&structure.sleeves)?;
        shorts(&structure.sleeves)?;
    }
    Ok(())
}

fn holdings(sleeves: &[Sleeve]) -> Result<(), Failure> {
    let money =
        |amount: Option<report::figure::Amount>| amount.map_or_else(|| show::NONE.to_owned(), |a| a.to_string());
    let rows: Vec<[String; 7]> = sleeves
        .iter()
        .flat_map(|s| s.holdings.iter().map(move |h| (s, h)))
        .map(|(s, h)| {
            [
                s.sleeve.clone(),
                h.symbol.clone(),
                h.shares.to_string(),
                h.uncovered.to_string(),
                h.basis.map_or_else(|| show::NONE.to_owned(), show::cents),
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

fn shorts(sleeves: &[Sleeve]) -> Result<(), Failure> {
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
