//! Three views of one basis, side by side: in cash, for the broker, for tax.

use std::collections::BTreeMap;

use market::value::{MULTIPLIER, Money};
use serde::Serialize;

use super::books::Books;
use super::harvest::OpenLot;
use super::transaction::{Asset, Place, Side};
use crate::figure::Amount;
use crate::words;

/// One position in three views.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The account.
    pub account: String,
    /// The sleeve, in accounts that have sleeves.
    pub sleeve: Option<String>,
    /// What it is.
    pub what: String,
    /// Shares or contracts.
    pub quantity: i64,
    /// Strike or price, less all premium received on the symbol since the position began; of shares in a journal.
    pub cash: Option<Amount>,
    /// Cost less the premium of the put that delivered the shares, with fees, and with wash sales of the same security
    /// in one account. Of written options what they brought.
    pub broker: Amount,
    /// That with wash sales over all accounts, options included.
    pub tax: Amount,
    /// Losses in the tax basis that T-3 disallowed.
    pub carried: Amount,
}

/// Positions by place and asset. `cash` gives the cash basis of shares that a ledger holds.
#[must_use]
pub fn positions(owner: &Books, broker: &Books, cash: impl Fn(Place, &Asset) -> Option<Money>) -> Vec<Position> {
    let sums = |books: &Books| {
        let mut sums: BTreeMap<(Place, Asset), (i64, Money, Money)> = BTreeMap::new();
        for OpenLot { place, asset, units, cost, carried, .. } in books.open() {
            let sum = sums.entry((place, asset)).or_default();
            let basis = if asset.is_short() { cost - carried } else { cost + carried };
            *sum = (sum.0 + units, sum.1 + basis, sum.2 + carried);
        }
        sums
    };
    let theirs = sums(broker);
    let position = |((place, asset), (units, tax, carried)): ((Place, Asset), (i64, Money, Money))| Position {
        account: owner.accounts()[place.account].name.clone(),
        sleeve: place.sleeve.map(words::sleeve),
        what: named(&asset),
        quantity: if matches!(asset, Asset::Shares(_)) { units } else { units / MULTIPLIER },
        cash: cash(place, &asset).map(Amount),
        broker: Amount(theirs.get(&(place, asset)).map_or(Money::ZERO, |sum| sum.1)),
        tax: Amount(tax),
        carried: Amount(carried),
    };
    sums(owner).into_iter().map(position).collect()
}

fn named(asset: &Asset) -> String {
    match asset {
        Asset::Shares(symbol) => format!("{symbol} shares"),
        Asset::Option(series, Side::Short) => format!("{series}, written"),
        Asset::Option(series, Side::Long) => series.to_string(),
    }
}
