//! Names that every bookkeeping program takes: of accounts, and of instruments.
//!
//! An instrument's name is legal in beancount (24 characters at most, of `A-Z 0-9 ' . _ -`, a capital first, a capital
//! or digit last) and in hledger between quotation marks. It can be read back:
//!
//! | instrument | name |
//! |---|---|
//! | shares of TSLA | `TSLA` |
//! | shares whose ticker is one letter, ends in `.` or `-`, or is `USD` | `F_S` |
//! | the TSLA put of 2024-06-14 at $182.50 | `TSLA_240614P182.5` |

use ledger::account::{Account, Instrument, ReserveRole, Role};
use ledger::id::SleeveKind;
use market::instrument::{Right, Series, Symbol};
use market::time::{Date, Expiration};
use market::value::{Price, UNITS_PER_DOLLAR};

/// The currency of everything.
pub const CURRENCY: &str = "USD";
/// What a ticker that is no legal name takes behind it.
const PLAIN: &str = "_S";

/// The name of an instrument.
#[must_use]
pub fn instrument(instrument: &Instrument) -> String {
    match instrument {
        Instrument::Shares(symbol) => {
            let text = symbol.as_str();
            let awkward = text.len() == 1 || text == CURRENCY || text.ends_with(['.', '-']);
            if awkward { format!("{text}{PLAIN}") } else { text.to_owned() }
        }
        Instrument::Option(series) => {
            let right = if series.right == Right::Put { 'P' } else { 'C' };
            let date = series.expiration.0;
            let day = format!("{:02}{:02}{:02}", date.year().rem_euclid(100), date.month(), date.day());
            format!("{}_{day}{right}{}", series.underlying, shortest(series.strike))
        }
    }
}

/// Reads the name of an instrument back; options expire in this century.
#[must_use]
pub fn parse(name: &str) -> Option<Instrument> {
    let read = read(name)?;
    (instrument(&read) == name).then_some(read)
}

fn read(name: &str) -> Option<Instrument> {
    let Some((ticker, rest)) = name.split_once('_') else {
        return Symbol::new(name).ok().map(Instrument::Shares);
    };
    let underlying = Symbol::new(ticker).ok()?;
    if rest == &PLAIN[1..] {
        return Some(Instrument::Shares(underlying));
    }
    let number = |range| rest.get::<std::ops::Range<usize>>(range)?.parse::<i8>().ok();
    let date = Date::new(2000 + i16::from(number(0..2)?), number(2..4)?, number(4..6)?).ok()?;
    let right = match rest.get(6..7)? {
        "P" => Right::Put,
        "C" => Right::Call,
        _ => return None,
    };
    let strike: Price = rest.get(7..)?.parse().ok()?;
    Some(Instrument::Option(Series { underlying, expiration: Expiration(date), right, strike }))
}

/// A price without zeros that say nothing: `182.5`.
fn shortest(price: Price) -> String {
    let (whole, part) = (price.units() / UNITS_PER_DOLLAR, price.units() % UNITS_PER_DOLLAR);
    let text = format!("{whole}.{part:04}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The name of an account, the same in every program: `Assets:Structure1:Gen:Cash`. Holdings share one account, their
/// instruments and lots are told apart within it.
#[must_use]
pub fn account(account: &Account) -> String {
    match account {
        Account::Sleeve(id, role) | Account::Holding(id, role, _) => {
            format!("{}:Structure{}:{}:{}", class(*role), id.structure, sleeve(id.kind), leaf(*role))
        }
        Account::Reserve(structure, role) => {
            let (class, leaf) = match role {
                ReserveRole::Cash => ("Assets", "Cash"),
                ReserveRole::Transfers => ("Equity", "Transfers"),
                ReserveRole::Interest => ("Income", "Interest"),
                ReserveRole::Taxes => ("Expenses", "Taxes"),
            };
            format!("{class}:Structure{structure}:TaxReserve:{leaf}")
        }
        // No file names these: units that come have a cost, which is what they balance by.
        Account::Market(held) => format!("Equity:Market:{}", instrument(held)),
    }
}

const fn sleeve(kind: SleeveKind) -> &'static str {
    match kind {
        SleeveKind::Generation => "Gen",
        SleeveKind::Revenue => "Rev",
        SleeveKind::Compounding => "Com",
    }
}

/// Which of the five classes of accounts a role belongs to.
const fn class(role: Role) -> &'static str {
    match role {
        Role::Cash | Role::Receivable | Role::DividendsReceivable | Role::Shares | Role::Long => "Assets",
        Role::Written | Role::Payable => "Liabilities",
        Role::Owner | Role::Transfers | Role::Crosses => "Equity",
        Role::Premium | Role::ShareGains | Role::LongGains | Role::Dividends | Role::Interest | Role::Rounding => {
            "Income"
        }
        Role::Fees => "Expenses",
    }
}

const fn leaf(role: Role) -> &'static str {
    match role {
        Role::Cash => "Cash",
        Role::Receivable => "Receivable",
        Role::DividendsReceivable => "DividendsReceivable",
        Role::Shares => "Shares",
        Role::Long => "LongOptions",
        Role::Written => "WrittenOptions",
        Role::Payable => "Payable",
        Role::Owner => "Owner",
        Role::Transfers => "Transfers",
        Role::Crosses => "Crosses",
        Role::Premium => "Premium",
        Role::ShareGains => "ShareGains",
        Role::LongGains => "LongOptionGains",
        Role::Dividends => "Dividends",
        Role::Interest => "Interest",
        Role::Fees => "Fees",
        Role::Rounding => "Rounding",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put(strike: &str) -> Instrument {
        let expiration = Expiration(Date::constant(2024, 6, 14));
        let underlying = Symbol::new("TSLA").unwrap();
        Instrument::Option(Series { underlying, expiration, right: Right::Put, strike: strike.parse().unwrap() })
    }

    #[test]
    fn instruments_are_named_as_the_table_says() {
        let shares = |text| Instrument::Shares(Symbol::new(text).unwrap());
        for (held, name) in [
            (shares("TSLA"), "TSLA"),
            (shares("BRK.B"), "BRK.B"),
            (shares("F"), "F_S"),
            (shares("USD"), "USD_S"),
            (shares("AB-"), "AB-_S"),
            (put("182.5"), "TSLA_240614P182.5"),
            (put("190"), "TSLA_240614P190"),
        ] {
            assert_eq!(instrument(&held), name);
            assert_eq!(parse(name), Some(held));
        }
        for wrong in ["", "USD", "tsla", "TSLA_", "TSLA_X", "TSLA_240614P", "TSLA_240614P190.0", "F", "TSLA_241314P190"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn names_are_legal_and_read_back(
            root in "[A-Z][A-Z0-9.-]{0,5}",
            option: bool,
            call: bool,
            day in 0i64..30_000,
            strike in 1i64..1_000_000_000,
        ) {
            let underlying = Symbol::new(&root).unwrap();
            let expiration = Expiration(market::time::date_of_number(10_957 + day).unwrap());
            let right = if call { Right::Call } else { Right::Put };
            let series = Series { underlying, expiration, right, strike: Price::from_units(strike) };
            let held = if option { Instrument::Option(series) } else { Instrument::Shares(underlying) };
            let name = instrument(&held);
            prop_assert!((2..=24).contains(&name.len()), "{}", name);
            prop_assert!(name.ends_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()), "{}", name);
            prop_assert_eq!(parse(&name), Some(held));
        }
    }
}
