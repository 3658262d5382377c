//! `alluse tax basis` and `alluse tax harvest`: what is open.

use market::instrument::Symbol;
use market::time::Date;
use report::tax::View;
use report::tax::basis::{Position, positions};

use super::{Declared, impossible};
use crate::failure::Failure;
use crate::show::{self, figures, words};

/// Prints three views of what is open.
pub(super) fn run(declared: &Declared, symbol: Option<Symbol>) -> Result<(), Failure> {
    let known = declared.owner.symbols();
    if let Some(symbol) = symbol.filter(|s| !known.contains(s)) {
        let known: Vec<&str> = known.iter().map(Symbol::as_str).collect();
        return Err(Failure::Usage(format!("{symbol} was never traded here; there are {}", known.join(", "))));
    }
    let owner = declared.books()?;
    let broker = declared.owner.books(declared.rules(View::Broker)).map_err(|e| impossible(&e))?;
    let found = positions(&owner, &broker, |place, asset| declared.cash_basis(place, asset));
    let of_symbol = |p: &Position| symbol.is_none_or(|s| p.what.split([' ', ',']).next() == Some(s.as_str()));
    let found: Vec<Position> = found.into_iter().filter(of_symbol).collect();
    if declared.json {
        return declared.print_json(&found);
    }
    declared.begin()?;
    if found.is_empty() {
        show::print("\nNothing of that is open.")?;
        return declared.end(&["T-2", "T-3"]);
    }
    let columns = [
        words("account"),
        words("sleeve"),
        words("what"),
        figures("quantity"),
        figures("cash"),
        figures("broker"),
        figures("tax"),
        figures("of it earlier losses"),
    ];
    let none = || show::NONE.to_owned();
    let rows = found.iter().map(|p| {
        [
            p.account.clone(),
            p.sleeve.clone().unwrap_or_else(none),
            p.what.clone(),
            p.quantity.to_string(),
            p.cash.map_or_else(none, |cash| cash.to_string()),
            p.broker.to_string(),
            p.tax.to_string(),
            p.carried.to_string(),
        ]
    });
    show::table("Basis in three views", columns, rows)?;
    show::list([
        "Cash: strike or price, less all premium received on the symbol since the position began.",
        "Broker: cost less the premium of the put that delivered the shares, with fees, and wash sales of the same \
         security in one account. Of written options: what they brought.",
        "Tax: that with wash sales over all accounts, options included.",
    ])?;
    declared.end(&["T-2", "T-3"])
}

/// Prints losses that could be taken.
pub(super) fn harvest(declared: &Declared, on: Option<Date>) -> Result<(), Failure> {
    let owner = declared.until(on)?;
    let books = owner.books(declared.rules(View::Owner)).map_err(|e| impossible(&e))?;
    let found = books.harvest();
    if declared.json {
        return declared.print_json(&found);
    }
    declared.begin()?;
    if books.day().month() < 10 {
        show::paragraph("Before the fourth quarter a loss taken now still has time to become a gain, or a wash sale.")?;
    }
    if found.is_empty() {
        show::print(&format!("\nNo shares stand at a loss on {}.", books.day()))?;
        return declared.end(&["T-3", "T-4"]);
    }
    let columns = [
        words("where"),
        words("what"),
        words("since"),
        figures("close"),
        figures("basis"),
        figures("loss"),
        words("term"),
        figures("disallowed now"),
        words("clear from"),
        figures("under calls"),
        figures("open puts"),
    ];
    let rows = found.iter().map(|c| {
        [
            c.sleeve.as_ref().map_or_else(|| c.account.clone(), |sleeve| format!("{}, {sleeve}", c.account)),
            c.what.clone(),
            c.acquired.to_string(),
            c.close.to_string(),
            c.basis.to_string(),
            c.loss.to_string(),
            if c.long_term { "long" } else { "short" }.to_owned(),
            c.disallowed.to_string(),
            c.clear_from.to_string(),
            c.covered.to_string(),
            c.open_puts.to_string(),
        ]
    });
    show::table(&format!("Losses that could be taken on {}", books.day()), columns, rows)?;
    let until = found.first().map_or_else(String::new, |c| c.not_bought_until.to_string());
    show::paragraph(&format!(
        "A loss taken on that day stays allowed only if until {until} nothing of the same is bought, no call on it is \
         bought, and no put on it is assigned."
    ))?;
    declared.end(&["T-3", "T-4"])
}
