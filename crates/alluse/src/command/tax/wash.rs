//! `alluse tax wash` and `alluse tax warn`: losses that were, and that would be disallowed.

use market::instrument::{Right, Series, Symbol};
use market::order::{Action, Trade};
use market::quote::Delta;
use market::time::{Date, Expiration};
use market::value::{Contracts, Price, Shares};
use report::figure::{Amount, Day};
use report::tax::{Disposal, Intent, Place, View, Warning, described};
use serde::Serialize;

use super::{Declared, impossible};
use crate::failure::Failure;
use crate::show::{self, figures, words};

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
    warning: String,
    amount: Amount,
    if_assigned_by: Option<Day>,
}

/// Prints what an order would do, or what orders on record did.
pub(super) fn warn(declared: &Declared, order: Option<&str>, on: Option<Date>) -> Result<(), Failure> {
    let rules = declared.rules(View::Owner);
    let warnings = match order {
        Some(text) => {
            let owner = declared.owner.clone().until(on);
            let books = owner.open_books(rules).map_err(|e| impossible(&e))?;
            let asked = asked(text, on.unwrap_or(owner.through()))?;
            // The order is tried wherever the account holds what it trades.
            books.places().into_iter().flat_map(|place| books.would_wash(&Intent { place, ..asked })).collect()
        }
        None => declared.owner.clone().until(on).warnings(rules).map_err(|e| impossible(&e))?,
    };
    let told = |w: &Warning| Warned {
        day: Day(w.intent.day),
        order: w.intent.order.map(|id| id.to_string()),
        warning: w.to_string(),
        amount: Amount(w.amount()),
        if_assigned_by: w.if_assigned.map(Day),
    };
    let mut found: Vec<Warned> = warnings.iter().map(told).collect();
    found.dedup_by(|a, b| a.order.is_none() && b.order.is_none() && a.warning == b.warning);
    if declared.json {
        return declared.print_json(&found);
    }
    declared.begin()?;
    if found.is_empty() {
        show::print("\nNo loss would be disallowed.")?;
        return declared.end(&["T-3", "T-4"]);
    }
    let columns = [words("day"), words("order"), words("warning")];
    let order = |w: &Warned| w.order.clone().unwrap_or_else(|| show::NONE.to_owned());
    let rows = found.iter().map(|w| [w.day.to_string(), order(w), w.warning.clone()]);
    show::table("Orders that would disallow losses", columns, rows)?;
    declared.end(&["T-3", "T-4"])
}

/// An order in words.
fn asked(text: &str, day: Date) -> Result<Intent, Failure> {
    let expected = "expected an order such as 'sell 100 TSLA at 170' or \
                    'sell to open 2 TSLA 2026-01-16 180 put at 9.50 delta 93'";
    let wrong = || Failure::Usage(format!("{text:?} is not an order; {expected}"));
    let (trade, price, delta) = parse(&text.split_whitespace().collect::<Vec<_>>()).ok_or_else(wrong)?;
    Ok(Intent { day, place: Place { account: 0, sleeve: None }, order: None, trade, price, delta })
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
