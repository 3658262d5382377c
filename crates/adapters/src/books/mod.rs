//! The books in the languages of other bookkeeping programs: hledger's, beancount's, and a table of postings.
//!
//! One chart of accounts and one way to name instruments serve all of them ([`names`]). What each file holds is
//! described in the book's page on books; nothing here computes an amount.

mod beancount;
mod hledger;
pub mod names;
mod table;

pub use beancount::beancount;
pub use hledger::hledger;
pub use table::postings;
pub(crate) use table::record;

use ledger::receipt::Phase;
use market::value::{Money, UNITS_PER_CENT, UNITS_PER_DOLLAR};
use report::daybook::{Daybook, Line, Transaction};

/// Dollars with two decimals, or four where there are parts of a cent: `-1234.50`, `0.0001`.
#[must_use]
pub fn dollars(money: Money) -> String {
    let sign = if money.is_negative() { "-" } else { "" };
    let units = money.units().unsigned_abs();
    let (whole, part) = (units / UNITS_PER_DOLLAR.unsigned_abs(), units % UNITS_PER_DOLLAR.unsigned_abs());
    let cent = UNITS_PER_CENT.unsigned_abs();
    if part.is_multiple_of(cent) {
        format!("{sign}{whole}.{:02}", part / cent)
    } else {
        format!("{sign}{whole}.{part:04}")
    }
}

/// What stands at the head of a file, a line each, without the sign of a comment.
fn head(daybook: &Daybook) -> Vec<String> {
    let Daybook { portfolio, world, source, policy, extent, .. } = daybook;
    let mut out = vec![
        format!("Books of portfolio {portfolio}, policy {policy}, prices from {source}."),
        "Costs are book values: what was paid, less the premium of the put that delivered the shares.".to_owned(),
    ];
    if *world == "SIMULATED" {
        out.insert(1, "SIMULATED: a generator made up every price; nothing here ever happened.".to_owned());
    }
    if let Some(structure) = extent.structure {
        out.push(format!("Only structure {structure}."));
    }
    match (extent.from, extent.to) {
        (None, None) => {}
        (Some(from), None) => out.push(format!("From {from} on.")),
        (None, Some(to)) => out.push(format!("Up to {to}.")),
        (Some(from), Some(to)) => out.push(format!("From {from} to {to}.")),
    }
    out
}

/// Lines of a transaction that say something: a line of nothing is left out.
fn telling(transaction: &Transaction) -> impl Iterator<Item = &Line> {
    transaction.lines.iter().filter(|line| line.lot.is_some() || line.money != Money::ZERO)
}

/// What is reserved or released beside a transaction, a sentence each; the other side of a reservation is not repeated.
fn reservations(transaction: &Transaction) -> impl Iterator<Item = String> + '_ {
    use ledger::account::{Account, Role};
    transaction.pending.iter().filter_map(|posting| match posting.account {
        Account::Sleeve(sleeve, Role::Cash) => Some(match posting.phase {
            Phase::Released => format!("{} USD of {sleeve}'s cash is free again", dollars(posting.money)),
            _ => format!("{} USD of {sleeve}'s cash is reserved", dollars(posting.money)),
        }),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_have_two_decimals_or_four() {
        for (units, written) in [(-12_345_000, "-1234.50"), (1, "0.0001"), (-1, "-0.0001"), (0, "0.00"), (100, "0.01")]
        {
            assert_eq!(dollars(Money::from_units(units)), written);
        }
    }
}
