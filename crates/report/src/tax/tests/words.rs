//! Transactions in words, for tables: `2024-01-09 sell 100 M 4000`, `ira 2024-01-09 buy 10 M 400`.

use ledger::LotOrder;
use market::instrument::{Right, Series, Symbol};
use market::quote::Delta;
use market::time::{Date, Expiration};
use market::value::{Money, Price};
use protocol::policy::Policy;

use crate::tax::{Account, AccountKind, Act, Books, Closes, Place, Rules, Side, Transaction, View, in_order};

/// Taxable, taxable, retirement.
pub(in crate::tax) fn accounts() -> Vec<Account> {
    let account = |name: &str, kind| Account { name: name.to_owned(), kind };
    let (taxable, retirement) = (AccountKind::Taxable, AccountKind::Retirement);
    vec![account("mine", taxable), account("other", taxable), account("ira", retirement)]
}

pub(in crate::tax) fn rules(order: LotOrder) -> Rules {
    Rules { lots: order, ..Rules::of(&Policy::all_use(), View::Owner) }
}

pub(in crate::tax) fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

pub(in crate::tax) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

pub(in crate::tax) fn money(text: &str) -> Money {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// `JJJ:2024-12-20:C50`.
pub(super) fn series(text: &str) -> Series {
    let parts: Vec<&str> = text.split(':').collect();
    let (right, strike) = parts[2].split_at(1);
    Series {
        underlying: symbol(parts[0]),
        expiration: Expiration(day(parts[1])),
        right: if right == "C" { Right::Call } else { Right::Put },
        strike: strike.parse::<Price>().unwrap(),
    }
}

/// One line; amounts are in all. A written option may end with `delta 95` and `at 180` (the price of the shares).
pub(super) fn transaction(line: &str) -> Transaction {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (account, words) = match words[0] {
        "other" => (1, &words[1..]),
        "ira" => (2, &words[1..]),
        _ => (0, &words[..]),
    };
    let after = |name: &str| words.iter().position(|w| *w == name).map(|at| words[at + 1]);
    let number = |at: usize| words[at].parse::<i64>().unwrap_or_else(|e| panic!("{line}: {e}"));
    let amount = |at: usize| money(words[at]);
    let fees = after("fees").map_or(Money::ZERO, money);
    let n = || number(2);
    let act = match words[1] {
        "buy" => Act::Buy { symbol: symbol(words[3]), shares: n(), paid: amount(4), fees },
        "sell" => Act::Sell { symbol: symbol(words[3]), shares: n(), income: amount(4), fees },
        "write" | "hold" => Act::Open {
            series: series(words[3]),
            side: if words[1] == "write" { Side::Short } else { Side::Long },
            contracts: n(),
            amount: amount(4),
            fees,
            delta: after("delta").map(|d| Delta::points(d.parse().unwrap())),
            spot: after("at").map(|p| p.parse().unwrap()),
        },
        "buyback" | "unload" => Act::Close {
            series: series(words[3]),
            side: if words[1] == "buyback" { Side::Short } else { Side::Long },
            contracts: n(),
            amount: amount(4),
            fees,
        },
        "expire" => Act::Expire { series: series(words[3]), side: Side::Short, contracts: n() },
        "lapse" => Act::Expire { series: series(words[3]), side: Side::Long, contracts: n() },
        "assign" => Act::Assign { series: series(words[3]), contracts: n(), fees },
        "exercise" => Act::Exercise { series: series(words[3]), contracts: n(), fees },
        "split" => Act::Split { symbol: symbol(words[3]), new_per_old: n() },
        "dividend" => {
            let paid = after("paid").map_or_else(|| day(words[0]), day);
            Act::Dividend { symbol: symbol(words[3]), shares: n(), amount: amount(4), paid }
        }
        "interest" => Act::Interest { amount: amount(2) },
        other => panic!("{line}: {other} is no act"),
    };
    Transaction { day: day(words[0]), place: Place { account, sleeve: None }, act }
}

/// Books of lines, kept to the last day named.
pub(in crate::tax) fn books(rules: Rules, lines: &[&str], closes: Closes, through: &str) -> Books {
    let mut transactions: Vec<Transaction> = lines.iter().map(|line| transaction(line)).collect();
    in_order(&mut transactions);
    let mut books = Books::new(rules, accounts(), closes);
    books.post_all(&transactions).unwrap_or_else(|e| panic!("{lines:?}: {e}"));
    books.finish(day(through));
    books
}
