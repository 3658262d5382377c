//! The books in other programs: what hledger and beancount make of them is what our own ledger holds.

use std::path::Path;
use std::sync::Arc;

use adapters::books::names;
use adapters::store::SqliteStore;
use ledger::Ledger;
use ledger::account::{Account, Instrument, ReserveRole, Role};
use market::time::Calendar;
use market::value::Money;
use report::Book;

use crate::oracles::{Holdings, Units, by_beancount, by_hledger, hledger, python};
use crate::support::{Home, shared};

/// The journal's own ledger, by the names of exported accounts.
fn own(journal: &Path) -> (Holdings, Units) {
    let rows = SqliteStore::open_read_only(journal).unwrap().rows(1).unwrap();
    let (events, _) = engine::journal::read(1, &rows).unwrap();
    let ledger = Book::fold(&events, &Arc::new(Calendar::nyse())).unwrap().state.ledger;
    let (mut money, mut units) = (Holdings::new(), Units::new());
    for sleeve in ledger.sleeves() {
        for role in Role::ALL {
            let balance = ledger.account(sleeve, role).debit_balance();
            money.insert(names::account(&Account::Sleeve(sleeve, role)), balance);
        }
        held(&ledger, sleeve, &mut units);
    }
    for structure in ledger.structures() {
        for role in ReserveRole::ALL {
            let balance = ledger.reserve_account(structure.id, role).debit_balance();
            money.insert(names::account(&Account::Reserve(structure.id, role)), balance);
        }
    }
    (money, units)
}

fn held(ledger: &Ledger, sleeve: ledger::SleeveId, units: &mut Units) {
    let mut add = |role, held: Instrument, n: i64| {
        let key = (names::account(&Account::Sleeve(sleeve, role)), names::instrument(&held));
        *units.entry(key).or_default() += n;
    };
    ledger.lots(sleeve).iter().for_each(|l| add(Role::Shares, Instrument::Shares(l.symbol), l.shares.0));
    ledger.longs(sleeve).iter().for_each(|l| add(Role::Long, Instrument::Option(l.series), l.contracts.0));
    ledger.written(sleeve).iter().for_each(|w| add(Role::Written, Instrument::Option(w.series), -w.contracts.0));
}

/// Every account that the other program knows holds what ours does, and those that it does not know hold nothing.
fn same(ours: &(Holdings, Units), theirs: &(Holdings, Units), by: &str) {
    for (account, money) in &ours.0 {
        let other = theirs.0.get(account).copied().unwrap_or_default();
        assert_eq!(other, *money, "{account} by {by}");
    }
    assert!(theirs.0.keys().all(|account| ours.0.contains_key(account)), "{by} knows an account that we do not");
    assert_eq!(theirs.1, ours.1, "units by {by}");
    assert_eq!(theirs.0.values().copied().sum::<Money>(), Money::ZERO, "{by}: debits and credits");
    let (accounts, holdings) = (theirs.0.len(), theirs.1.len());
    println!("{by}: {accounts} accounts and {holdings} holdings agree");
}

/// Exports the journal for both programs and compares every balance.
fn agrees(home: &Home, journal: &Path, test: &str) {
    let ours = own(journal);
    let journal = journal.to_str().unwrap();
    for (format, name) in [("hledger", "books.hledger"), ("beancount", "books.beancount")] {
        let out = home.path(name);
        let out = out.to_str().unwrap();
        let said = home.prints(&["export", format, "--journal", journal, "--out", out]);
        println!("{}", said.trim_end().rsplit('/').next().unwrap_or_default());
        match format {
            "hledger" => hledger(test).into_iter().for_each(|p| same(&ours, &by_hledger(&p, out), format)),
            _ => python(test).into_iter().for_each(|p| same(&ours, &by_beancount(&p, out), format)),
        }
    }
}

#[test]
fn five_generated_years_balance_in_hledger_and_beancount() {
    let home = Home::new();
    home.prints(&["demo", "--seed", "1"]);
    agrees(&home, &home.path("demo.journal"), "five_generated_years_balance_in_hledger_and_beancount");
}

#[test]
fn forks_merges_and_leaps_balance_in_hledger_and_beancount() {
    let home = Home::new();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/small-steps.toml");
    home.prints(&["demo", "--policy", policy.to_str().unwrap(), "--deposit", "30000000", "--years", "3"]);
    let journal = home.path("demo.journal");
    let table = home.prints(&["export", "csv"]);
    for what in
        [" forks structure ", " merges into ", "LongOptions", "TaxReserve", "goes ex-dividend", " are assigned: "]
    {
        assert!(table.contains(what), "{what}: not in this run");
    }
    agrees(&home, &journal, "forks_merges_and_leaps_balance_in_hledger_and_beancount");
}

#[test]
fn ten_years_and_their_splits_balance_in_hledger_and_beancount() {
    let test = "ten_years_and_their_splits_balance_in_hledger_and_beancount";
    let Some(data) = shared(test) else { return };
    let home = Home::new();
    let journal = home.path("ten.journal");
    let file = journal.to_str().unwrap();
    home.prints(&["backtest", "--data", &data, "--deposit", "1000000", "--out", file]);
    assert!(home.prints(&["export", "csv", "--journal", file]).contains(" splits "));
    agrees(&home, &journal, test);
}

#[test]
fn a_part_of_the_books_balances_by_itself() {
    let test = "a_part_of_the_books_balances_by_itself";
    let home = Home::new();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/small-steps.toml");
    home.prints(&["demo", "--policy", policy.to_str().unwrap(), "--deposit", "30000000", "--years", "2"]);
    for part in [&["--structure", "2"][..], &["--from", "2024-07-01"], &["--to", "2024-12-31"]] {
        for (format, name) in [("hledger", "part.hledger"), ("beancount", "part.beancount")] {
            let out = home.path(name);
            let out = out.to_str().unwrap();
            home.prints(&[&["export", format, "--out", out], part].concat());
            let balances = match format {
                "hledger" => hledger(test).map(|program| by_hledger(&program, out)),
                _ => python(test).map(|program| by_beancount(&program, out)),
            };
            let Some((money, _)) = balances else { continue };
            assert_eq!(money.values().copied().sum::<Money>(), Money::ZERO, "{part:?}");
        }
    }
    home.refuses(&["export", "csv", "--structure", "99"], 2, &["there is no structure 99", "it has 1 to"]);
    home.refuses(&["export", "csv", "--from", "2025-01-02", "--to", "2025-01-01"], 2, &["--from 2025-01-02 is after"]);
    std::fs::write(home.path("mine.txt"), "my own notes, and more of them").unwrap();
    let mine = home.path("mine.txt");
    home.refuses(&["export", "csv", "--out", mine.to_str().unwrap()], 2, &["not written by this command"]);
}
