//! Trades of accounts that lie elsewhere, as the owner declares them for the tax view (T-3).
//!
//! A CSV table, one trade a line, in the order in which they were made. Columns, in any order:
//!
//! | column | holds |
//! |---|---|
//! | `account` | what the owner calls it |
//! | `kind` | `taxable` or `retirement` |
//! | `date` | trade date, such as 2024-06-10; of a dividend the ex-date |
//! | `action` | what was done, see below |
//! | `symbol` | the ticker of the shares, of options that of what they deliver; nothing for interest |
//! | `expiration`, `right`, `strike` | of options: a date, `put` or `call`, dollars; else nothing |
//! | `quantity` | shares or contracts; of a split new shares per old one; nothing for interest |
//! | `amount` | dollars in all, before fees; nothing where none moves |
//! | `fees` | dollars; nothing for none |
//! | `delta`, `underlying` | if there: of an option that is opened its delta in points, the price of the shares |
//! | `paid` | if there: the day on which a dividend was paid |
//!
//! Actions: `buy`, `sell`; `buy to open`, `sell to open`, `buy to close`, `sell to close`; `assigned`, `exercised`,
//! `expired`; `split`, `dividend`, `interest`.

mod broker;
mod rates;

use std::collections::BTreeMap;
use std::path::Path;

use market::instrument::{Right, Series};
use market::quote::Delta;
use market::time::Expiration;
use market::value::{Money, Price};
use report::tax::{Account, AccountKind, Act, Place, Side, Transaction};

use crate::fault::DataError;
use crate::table::{Row, Table};

pub use broker::{parse_1099b, read_1099b};
pub use rates::read_rates;

const EXPECTED: &str = "trades of accounts that lie elsewhere: account, kind, date, action, …";

const COLUMNS: [&str; 14] = [
    "account",
    "kind",
    "date",
    "action",
    "symbol",
    "expiration",
    "right",
    "strike",
    "quantity",
    "amount",
    "fees",
    "delta",
    "underlying",
    "paid",
];
const ACCOUNT: usize = 0;
const KIND: usize = 1;
const DATE: usize = 2;
const ACTION: usize = 3;
const SYMBOL: usize = 4;
const EXPIRATION: usize = 5;
const RIGHT: usize = 6;
const STRIKE: usize = 7;
const QUANTITY: usize = 8;
const AMOUNT: usize = 9;
const FEES: usize = 10;
/// Columns that may be absent begin here.
const DELTA: usize = 11;
const UNDERLYING: usize = 12;
const PAID: usize = 13;

type Line<'a> = Row<'a, 14>;

/// An account and its trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The account.
    pub account: Account,
    /// Its trades, in order. Their places name no account yet.
    pub transactions: Vec<Transaction>,
    /// What is open of each series, written below zero: it says what expires.
    open: BTreeMap<Series, i64>,
}

/// Reads a file of trades, account by account in the order in which they are named.
///
/// # Errors
/// [`DataError`] with the file, line and column of the first thing that cannot be.
pub fn read_trades(file: &Path) -> Result<Vec<Declared>, DataError> {
    read(&Table::open(file.to_owned(), EXPECTED)?)
}

/// The same of what was read already.
///
/// # Errors
/// As [`read_trades`].
pub fn parse_trades(file: &Path, bytes: Vec<u8>) -> Result<Vec<Declared>, DataError> {
    read(&Table::of_bytes(file.to_owned(), bytes, EXPECTED)?)
}

fn read(table: &Table) -> Result<Vec<Declared>, DataError> {
    let rows = table.rows_of(COLUMNS, |slot| slot < DELTA || table.has(COLUMNS[slot]))?;
    let mut declared: Vec<Declared> = Vec::new();
    for row in rows {
        let row = row?;
        let account = account(&row)?;
        let known = declared.iter().position(|d| d.account.name == account.name);
        let at = known.unwrap_or(declared.len());
        if known.is_none() {
            declared.push(Declared { account: account.clone(), transactions: Vec::new(), open: BTreeMap::new() });
        }
        let of = &mut declared[at];
        if of.account.kind != account.kind {
            return Err(row.unsound(KIND, format!("{:?} was of the other kind above", account.name)));
        }
        let day = row.date(DATE)?;
        if of.transactions.last().is_some_and(|last| last.day > day) {
            return Err(row.unsound(DATE, format!("{day} comes after a later day; expected trades in order")));
        }
        let act = act(&row, of)?;
        of.transactions.push(Transaction { day, place: Place { account: 0, sleeve: None }, act });
    }
    if declared.is_empty() { Err(table.without_rows("a trade in each line")) } else { Ok(declared) }
}

fn account(row: &Line<'_>) -> Result<Account, DataError> {
    let name = row.text(ACCOUNT).trim();
    if name.is_empty() {
        return Err(row.wrong(ACCOUNT, "what the account is called"));
    }
    let kind = match row.text(KIND) {
        "taxable" => AccountKind::Taxable,
        "retirement" => AccountKind::Retirement,
        _ => return Err(row.wrong(KIND, "taxable or retirement")),
    };
    Ok(Account { name: name.to_owned(), kind })
}

fn act(row: &Line<'_>, of: &mut Declared) -> Result<Act, DataError> {
    let action = row.text(ACTION);
    match action {
        "buy" => {
            let (symbol, shares) = (row.symbol(SYMBOL)?, quantity(row)?);
            Ok(Act::Buy { symbol, shares, paid: dollars(row, AMOUNT)?, fees: dollars(row, FEES)? })
        }
        "sell" => {
            let (symbol, shares) = (row.symbol(SYMBOL)?, quantity(row)?);
            Ok(Act::Sell { symbol, shares, income: dollars(row, AMOUNT)?, fees: dollars(row, FEES)? })
        }
        "split" => Ok(Act::Split { symbol: row.symbol(SYMBOL)?, new_per_old: quantity(row)? }),
        "dividend" => {
            let paid = if row.text(PAID).is_empty() { row.date(DATE)? } else { row.date(PAID)? };
            let (symbol, shares) = (row.symbol(SYMBOL)?, quantity(row)?);
            Ok(Act::Dividend { symbol, shares, amount: dollars(row, AMOUNT)?, paid })
        }
        "interest" => Ok(Act::Interest { amount: dollars(row, AMOUNT)? }),
        _ => option(row, of, action),
    }
}

fn option(row: &Line<'_>, of: &mut Declared, action: &str) -> Result<Act, DataError> {
    const EXPECTED: &str = "buy, sell, buy to open, sell to open, buy to close, sell to close, assigned, exercised, \
                            expired, split, dividend or interest";
    let known = ["buy to open", "sell to open", "buy to close", "sell to close", "assigned", "exercised", "expired"];
    if !known.contains(&action) {
        return Err(row.wrong(ACTION, EXPECTED));
    }
    let (series, contracts) = (series(row)?, quantity(row)?);
    let (amount, fees) = (dollars(row, AMOUNT)?, dollars(row, FEES)?);
    let open = of.open.entry(series).or_default();
    let held = *open;
    let change = match action {
        "buy to open" | "buy to close" | "assigned" => contracts,
        "sell to open" | "sell to close" | "exercised" => -contracts,
        _ => -contracts * held.signum(),
    };
    *open += change;
    let closes = !action.ends_with("open");
    if closes && (held.abs() < contracts || held.signum() == change.signum()) {
        let (how, many) = if held < 0 { ("written", -held) } else { ("held", held) };
        let problem = format!("{contracts} contracts of {series} are {action}, but {many} are {how} above");
        return Err(row.unsound(QUANTITY, problem));
    }
    let side = if action == "buy to open" || closes && held > 0 { Side::Long } else { Side::Short };
    Ok(match action {
        "buy to open" | "sell to open" => {
            let (delta, spot) = (delta(row)?, row.quote(UNDERLYING)?);
            Act::Open { series, side, contracts, amount, fees, delta, spot }
        }
        "assigned" => Act::Assign { series, contracts, fees },
        "exercised" => Act::Exercise { series, contracts, fees },
        "expired" => Act::Expire { series, side, contracts },
        _ => Act::Close { series, side, contracts, amount, fees },
    })
}

fn series(row: &Line<'_>) -> Result<Series, DataError> {
    let right = match row.text(RIGHT) {
        "put" => Right::Put,
        "call" => Right::Call,
        _ => return Err(row.wrong(RIGHT, "put or call")),
    };
    let underlying = row.symbol(SYMBOL)?;
    Ok(Series { underlying, expiration: Expiration(row.date(EXPIRATION)?), right, strike: row.price(STRIKE)? })
}

fn quantity(row: &Line<'_>) -> Result<i64, DataError> {
    let whole = row.text(QUANTITY).parse::<i64>().ok().filter(|n| (1..=1_000_000_000).contains(n));
    whole.ok_or_else(|| row.wrong(QUANTITY, "a whole number above zero"))
}

/// Dollars in all, zero or more; nothing is zero.
fn dollars(row: &Line<'_>, field: usize) -> Result<Money, DataError> {
    if row.text(field).is_empty() {
        return Ok(Money::ZERO);
    }
    let amount = row.text(field).parse::<Money>().ok().filter(|m| !m.is_negative());
    amount.ok_or_else(|| row.wrong(field, "dollars of zero or more, such as 1250.75"))
}

fn delta(row: &Line<'_>) -> Result<Option<Delta>, DataError> {
    if row.text(DELTA).is_empty() {
        return Ok(None);
    }
    let points = row.text(DELTA).parse::<Price>().ok().map(|p| p.units().abs() / 100);
    let delta = points.and_then(|p| i32::try_from(p).ok()).filter(|p| *p <= 10_000).map(Delta);
    delta.map(Some).ok_or_else(|| row.wrong(DELTA, "a delta in points from 0 to 100, such as 92.5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "account,kind,date,action,symbol,expiration,right,strike,quantity,amount,fees";

    fn of(lines: &str) -> Result<Vec<Declared>, String> {
        let bytes = format!("{HEADER}\n{lines}\n").into_bytes();
        read(&Table::of_bytes("trades.csv".into(), bytes, "trades").unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn trades_are_read_account_by_account() {
        let declared = of("IRA,retirement,2024-06-03,buy,X,,,,100,1000,1\n\
                           other,taxable,2024-06-03,sell to open,X,2024-06-21,put,10,2,80,1.30\n\
                           other,taxable,2024-06-21,expired,X,2024-06-21,put,10,1,,\n\
                           other,taxable,2024-06-21,assigned,X,2024-06-21,put,10,1,,5\n\
                           IRA,retirement,2024-06-28,interest,,,,,,1.25,")
        .unwrap();
        let names: Vec<_> = declared.iter().map(|d| (d.account.name.as_str(), d.transactions.len())).collect();
        assert_eq!(names, [("IRA", 2), ("other", 3)]);
        assert!(matches!(declared[1].transactions[1].act, Act::Expire { side: Side::Short, contracts: 1, .. }));
        assert!(matches!(declared[0].transactions[1].act, Act::Interest { amount } if amount == Money::cents(125)));
    }

    #[test]
    fn what_cannot_be_names_file_line_and_column() {
        for (lines, message) in [
            ("IRA,roth,2024-06-03,buy,X,,,,100,1000,", "trades.csv, line 2, kind: found \"roth\""),
            ("IRA,taxable,2024-06-03,bought,X,,,,100,1000,", "action: found \"bought\"; expected buy, sell"),
            ("IRA,taxable,2024-06-03,buy,X,,,,-1,1000,", "quantity: found \"-1\"; expected a whole number"),
            ("IRA,taxable,2024-06-03,buy,X,,,,1,1e3,", "amount: found \"1e3\"; expected dollars"),
            ("IRA,taxable,2024-06-03,expired,X,2024-06-21,put,10,1,,", "but 0 are held above"),
            ("A,taxable,2024-06-03,buy,X,,,,1,1,\nA,taxable,2024-06-02,buy,X,,,,1,1,", "line 3, date"),
            ("A,taxable,2024-06-03,buy,X,,,,1,1,\nA,retirement,2024-06-03,buy,X,,,,1,1,", "of the other kind above"),
            ("", "there is nothing below the header; expected a trade in each line"),
        ] {
            let error = of(lines).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
