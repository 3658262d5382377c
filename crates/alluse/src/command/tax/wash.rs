//! `alluse tax wash` and `alluse tax warn`: losses that were, and that would be disallowed.

use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Trade};
use market::quote::Delta;
use market::time::{Date, Expiration};
use market::value::{Contracts, Price, Shares};
use report::figure::{Amount, Day};
use report::tax::{Disposal, Intent, Owner, Place, View, Warning, described};
use serde::Serialize;

use super::{Declared, impossible};
use crate::failure::Failure;
use crate::show::{self, figures, prose, words};

/// A loss and what replaced it.
#[derive(Serialize)]
struct Washed {
    sold: Day,
    what: String,
    loss: Amount,
    disallowed: Amount,
    replaced_by: Vec<Replaced>,
}

#[derive(Serialize)]
struct Replaced {
    acquired: Day,
    what: String,
    account: String,
    amount: Amount,
    in_its_basis: bool,
}

/// Prints the wash sales of a year, or of all.
pub(super) fn run(declared: &Declared, year: Option<i16>) -> Result<(), Failure> {
    let books = declared.books()?;
    if year.is_some() {
        super::year::asked(&books, year)?;
    }
    let of_year = |d: &&Disposal| d.disallowed.is_positive() && year.is_none_or(|year| d.closed.year() == year);
    let washed = |d: &Disposal| Washed {
        sold: Day(d.closed),
        what: described(&d.asset, d.units),
        loss: Amount(d.result()),
        disallowed: Amount(d.disallowed),
        replaced_by: d
            .replaced_by
            .iter()
            .map(|r| Replaced {
                acquired: Day(r.acquired),
                what: described(&r.asset, r.units),
                account: books.accounts()[r.place.account].name.clone(),
                amount: Amount(r.amount),
                in_its_basis: r.carries,
            })
            .collect(),
    };
    let found: Vec<Washed> = books.disposals().iter().filter(of_year).map(washed).collect();
    if declared.json {
        return declared.print_json(&found);
    }
    declared.begin()?;
    if found.is_empty() {
        show::print("\nNo loss was disallowed.")?;
        return declared.end(&["T-3"]);
    }
    let columns = [
        words("sold"),
        words("what"),
        figures("loss"),
        figures("disallowed"),
        words("replaced by"),
        words("bought"),
        words("where the loss went"),
    ];
    let rows = found.iter().flat_map(|w| {
        w.replaced_by.iter().map(|r| {
            let went = if r.in_its_basis { "its basis" } else { "lost: a retirement account" };
            [
                w.sold.to_string(),
                w.what.clone(),
                w.loss.to_string(),
                r.amount.to_string(),
                r.what.clone(),
                r.acquired.to_string(),
                format!("{went} ({})", r.account),
            ]
        })
    });
    show::table("Wash sales", columns, rows)?;
    declared.end(&["T-3"])
}

#[derive(Serialize)]
struct Warned {
    day: Day,
    order: Option<String>,
    /// The proposal that waits for people.
    proposal: Option<u64>,
    /// Its account.
    account: String,
    warning: String,
    amount: Amount,
    if_assigned_by: Option<Day>,
    losses: Vec<Loss>,
}

/// A loss that would be disallowed, and the lot that would replace what was sold.
#[derive(Serialize)]
struct Loss {
    sold: Day,
    what: String,
    amount: Amount,
    replaced_by: String,
    account: String,
    in_its_basis: bool,
}

impl Warned {
    fn of(declared: &Declared, w: &Warning) -> Warned {
        let account = |place: Place| declared.owner.accounts()[place.account].name.clone();
        let loss = |washed: &report::tax::Washed| Loss {
            sold: Day(washed.sold),
            what: described(&washed.asset, washed.replacement.units),
            amount: Amount(washed.replacement.amount),
            replaced_by: w.lot(washed),
            account: account(washed.replacement.place),
            in_its_basis: washed.replacement.carries,
        };
        Warned {
            day: Day(w.intent.day),
            order: w.intent.order.map(|id| id.to_string()),
            proposal: w.intent.proposal,
            account: account(w.intent.place),
            warning: w.to_string(),
            amount: Amount(w.amount()),
            if_assigned_by: w.if_assigned.map(Day),
            losses: w.washes.iter().map(loss).collect(),
        }
    }

    /// The order or proposal by its name.
    fn name(&self) -> String {
        let proposal = self.proposal.map(|id| format!("proposal {id}"));
        proposal.or_else(|| self.order.clone()).unwrap_or_else(|| show::NONE.to_owned())
    }
}

/// Prints what an order would do; or what proposals that wait would, and orders on record did.
pub(super) fn warn(declared: &Declared, order: Option<&str>, on: Option<Date>) -> Result<(), Failure> {
    let rules = declared.rules(View::Owner);
    let owner = declared.until(on)?;
    let (mut warnings, nothing) = match order {
        Some(text) => (declared.tried(&owner, text, on)?, "No loss would be disallowed."),
        None => {
            let waiting = owner.waiting(rules).map_err(|e| impossible(&e))?;
            let mut all: Vec<Warning> = waiting.into_iter().flat_map(|(_, warnings)| warnings).collect();
            all.extend(owner.warnings(rules).map_err(|e| impossible(&e))?);
            (all, "No order or proposal on record would disallow a loss.")
        }
    };
    warnings.dedup_by(|a, b| a.intent.order.is_none() && b.intent.order.is_none() && a.to_string() == b.to_string());
    let found: Vec<Warned> = warnings.iter().map(|w| Warned::of(declared, w)).collect();
    if declared.json {
        return declared.print_json(&found);
    }
    declared.begin()?;
    if found.is_empty() {
        show::print(&format!("\n{nothing}"))?;
        return declared.end(&["T-3", "T-4"]);
    }
    let row =
        |(w, warning): (&Warned, &Warning)| [w.day.to_string(), w.name(), w.warning.clone(), warning.lots().join(", ")];
    let (waiting, others): (Vec<_>, Vec<_>) = found.iter().zip(&warnings).partition(|(w, _)| w.proposal.is_some());
    for (title, rows) in [("Proposals that wait, and losses", waiting), ("Orders that would disallow losses", others)] {
        let columns = [words("day"), words("order"), prose("warning"), prose("where the loss would go")];
        if !rows.is_empty() {
            show::table(title, columns, rows.into_iter().map(row))?;
        }
    }
    declared.end(&["T-3", "T-4"])
}

impl Declared {
    /// What an order in words would do, wherever the owner holds what it trades.
    fn tried(&self, owner: &Owner, text: &str, on: Option<Date>) -> Result<Vec<Warning>, Failure> {
        let books = owner.open_books(self.rules(View::Owner)).map_err(|e| impossible(&e))?;
        let asked = asked(text, on.unwrap_or(owner.through()))?;
        let places: Vec<Place> = books.places().into_iter().filter(|place| books.can(*place, &asked.trade)).collect();
        if places.is_empty() {
            let day = books.day();
            return Err(Failure::Usage(format!("{text:?}: no sleeve and no account holds that much of it on {day}")));
        }
        Ok(places.into_iter().flat_map(|place| books.would_wash(&Intent { place, ..asked })).collect())
    }
}

/// An order in words.
fn asked(text: &str, day: Date) -> Result<Intent, Failure> {
    let expected = "expected an order such as 'sell 100 TSLA at 170' or \
                    'sell to open 2 TSLA 2026-01-16 180 put at 9.50 delta 93'";
    let wrong = || Failure::Usage(format!("{text:?} is not an order; {expected}"));
    let (trade, price, delta) = parse(&text.split_whitespace().collect::<Vec<_>>()).ok_or_else(wrong)?;
    Ok(Intent { day, place: Place { account: 0, sleeve: None }, order: None, proposal: None, trade, price, delta })
}

fn parse(words: &[&str]) -> Option<(Trade, Price, Option<Delta>)> {
    let (action, rest) = match words {
        ["sell", "to", "open", rest @ ..] => (Some(Action::SellToOpen), rest),
        ["buy", "to", "open", rest @ ..] => (Some(Action::BuyToOpen), rest),
        ["buy", "to", "close", rest @ ..] => (Some(Action::BuyToClose), rest),
        ["sell", "to", "close", rest @ ..] => (Some(Action::SellToClose), rest),
        ["sell", rest @ ..] => (None, rest),
        _ => return None,
    };
    let whole = |text: &str| text.parse::<i64>().ok().filter(|n| *n > 0);
    let price = |text: &str| text.parse::<Price>().ok().filter(|p| *p >= Price::ZERO);
    match (action, rest) {
        (None, [n, symbol, "at", at]) => {
            let trade = Trade::SellShares { symbol: Symbol::new(symbol).ok()?, shares: Shares(whole(n)?) };
            Some((trade, price(at)?, None))
        }
        (Some(action), [n, symbol, expiration, strike, right, "at", at, delta @ ..]) => {
            let right = match *right {
                "put" => Right::Put,
                "call" => Right::Call,
                _ => return None,
            };
            let (underlying, expiration) = (Symbol::new(symbol).ok()?, Expiration(expiration.parse().ok()?));
            let series = Series { underlying, expiration, right, strike: price(strike)? };
            let delta = match delta {
                [] => None,
                ["delta", points] => Some(Delta::points(points.parse().ok().filter(|p| (0..=100).contains(p))?)),
                _ => return None,
            };
            Some((Trade::Option { action, series, contracts: Contracts(whole(n)?) }, price(at)?, delta))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_read() {
        let day = Date::constant(2024, 6, 10);
        for order in [
            "sell 100 TSLA at 170",
            "sell to open 2 TSLA 2026-01-16 180 put at 9.50 delta 93",
            "buy to open 1 TSLA 2026-01-16 180 call at 4.20",
            "buy to close 1 TSLA 2026-01-16 180 call at 0",
        ] {
            assert!(asked(order, day).is_ok(), "{order}");
        }
        for wrong in
            ["", "sell TSLA", "buy 100 TSLA at 170", "sell to open 2 TSLA 2026-01-16 180 at 9", "sell 0 X at 1"]
        {
            assert!(asked(wrong, day).is_err(), "{wrong}");
        }
    }
}
