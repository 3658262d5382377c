//! Examples of IRS Publication 550 as somebody else wrote them down, read from `../shared/data/wash-sales` (bar V3).
//!
//! A file of trades and a file of the lots that must come of them. A lot that replaced something has the date that its
//! holding period gives it; a sale is divided by what replaced it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use market::instrument::Symbol;
use market::time::{Date, date_of_number, day_number};
use market::value::Money;
use protocol::policy::Policy;
use report::tax::{Account, AccountKind, Act, Books, Closes, Disposal, Place, Rules, Transaction, View, in_order};

/// Shared examples, or `None` with a word about it.
fn shared(test: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the shared data lies is the environment's to say")]
    let named = std::env::var_os("ALLUSE_SHARED").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = folder.join("data/wash-sales");
    if !folder.is_dir() {
        println!("SKIPPED {test}: ../shared is absent");
        return None;
    }
    Some(folder)
}

type Row = BTreeMap<String, String>;

/// A table of fields, some of them between quotation marks.
fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut lines = text.lines();
    let names = fields(lines.next().unwrap());
    lines.map(|line| names.iter().cloned().zip(fields(line)).collect()).collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut out, mut quoted) = (vec![String::new()], false);
    for c in line.trim_end().chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            _ => out.last_mut().unwrap().push(c),
        }
    }
    out
}

/// `9/26/2013`.
fn date(text: &str) -> Date {
    let parts: Vec<i16> = text.split('/').map(|part| part.parse().unwrap_or_else(|e| panic!("{text}: {e}"))).collect();
    Date::constant(parts[2], i8::try_from(parts[0]).unwrap(), i8::try_from(parts[1]).unwrap())
}

fn money(text: &str) -> Money {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// Count, day of the purchase or what the holding period makes of it, basis, and of a sale its day, proceeds, code and
/// adjustment.
type Lot = (i64, Date, Money, Option<(Date, Money, String, Money)>);

fn trades(rows: &[Row]) -> Vec<Transaction> {
    let place = Place { account: 0, sleeve: None };
    let mut out = Vec::new();
    for row in rows {
        let (symbol, shares) = (Symbol::new(&row["Sym"]).unwrap(), row["Cnt"].parse().unwrap());
        let fees = Money::ZERO;
        let act = Act::Buy { symbol, shares, paid: money(&row["Basis"]), fees };
        out.push(Transaction { day: date(&row["BuyDate"]), place, act });
        if !row["SellDate"].is_empty() {
            let act = Act::Sell { symbol, shares, income: money(&row["Proceeds"]), fees };
            out.push(Transaction { day: date(&row["SellDate"]), place, act });
        }
    }
    out.sort_by_key(|t| t.day);
    in_order(&mut out);
    out
}

fn expected(rows: &[Row]) -> Vec<Lot> {
    let sold =
        |row: &Row| (date(&row["SellDate"]), money(&row["Proceeds"]), row["AdjCode"].clone(), money(&row["Adj"]));
    let lot = |row: &Row| {
        let sale = (!row["SellDate"].is_empty()).then(|| sold(row));
        (row["Cnt"].parse().unwrap(), date(&row["BuyDate"]), money(&row["Basis"]), sale)
    };
    let mut lots: Vec<Lot> = rows.iter().map(lot).collect();
    lots.sort();
    lots
}

/// A sale by what replaced it, and what is left of it.
fn parts(d: &Disposal) -> Vec<Lot> {
    let mut parts: Vec<(i64, Money)> = d.replaced_by.iter().map(|r| (r.units, r.amount)).collect();
    let left = d.units - parts.iter().map(|part| part.0).sum::<i64>();
    parts.extend((left > 0).then_some((left, Money::ZERO)));
    let part = |(units, amount): (i64, Money)| {
        let share = |whole: Money| whole.fraction(units, d.units);
        let code = if amount.is_positive() { "W" } else { "" };
        (units, d.acquired, share(d.basis()), Some((d.closed, share(d.proceeds), code.to_owned(), amount)))
    };
    parts.into_iter().map(part).collect()
}

#[test]
fn the_examples_as_somebody_else_wrote_them_down() {
    let Some(folder) = shared("the_examples_as_somebody_else_wrote_them_down") else { return };
    let mut names: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|file| file.extension().is_some_and(|e| e == "csv") && !file.to_str().unwrap().ends_with("_out.csv"));
    names.sort();
    assert!(names.len() >= 2, "{}: {} examples", folder.display(), names.len());
    for file in &names {
        let rules = Rules::of(&Policy::all_use().with("tax.lots", "\"fifo\"").unwrap(), View::Owner);
        let account = Account { name: "mine".to_owned(), kind: AccountKind::Taxable };
        let mut books = Books::new(rules, vec![account], Closes::new());
        books.post_all(&trades(&rows(file))).unwrap();
        let open = books.open().into_iter().map(|lot| {
            let bought = date_of_number(day_number(lot.held_from) - 1).unwrap();
            (lot.units, bought, lot.cost + lot.carried, None)
        });
        let mut found: Vec<Lot> = books.disposals().iter().flat_map(parts).chain(open).collect();
        found.sort();
        let out = file.to_str().unwrap().replace(".csv", "_out.csv");
        assert_eq!(found, expected(&rows(Path::new(&out))), "{}", file.display());
    }
    println!("{} examples", names.len());
}
