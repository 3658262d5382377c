//! The books in other programs: what hledger and beancount make of them is what our own ledger holds
//! (bar V4).

use std::path::Path;
use std::sync::Arc;

use adapters::books::names;
use adapters::store::SqliteStore;
use ledger::Ledger;
use ledger::account::{Account, Instrument, ReserveRole, Role};
use market::time::Calendar;
use market::value::Money;
use report::Book;

use crate::oracles::{Holdings, Units, by_beancount, by_hledger, by_ofxtools, hledger, python};
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
    statement_agrees(&home, &journal, test);
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

/// What an independent reader of OFX finds, against our own ledger: cash by trade date, and positions.
fn statement_agrees(home: &Home, journal: &Path, test: &str) {
    let file = journal.to_str().unwrap();
    for format in ["ofx", "statement"] {
        let out = home.path(format);
        let out = out.to_str().unwrap();
        home.prints(&["export", format, "--journal", file, "--out", out]);
        let said = home.prints(&["reconcile", out, "--journal", file]);
        assert!(said.contains("- 0 in the books alone") && said.contains(", the same on both sides"), "{said}");
        println!("{format}: {}", said.lines().nth(1).unwrap_or_default());
    }
    let Some(python) = python(test) else { return };
    let (cash, positions) = by_ofxtools(&python, home.path("ofx").to_str().unwrap());
    let ours = own(journal);
    let accounts = ["Cash", "Receivable", "Payable"].map(|leaf| format!(":{leaf}"));
    let own_cash = ours.0.iter().filter(|(name, _)| {
        (name.starts_with("Assets") || name.starts_with("Liabilities"))
            && accounts.iter().any(|leaf| name.ends_with(leaf.as_str()))
    });
    assert_eq!(cash, own_cash.map(|(_, money)| *money).sum::<Money>());
    let mut own_positions = std::collections::BTreeMap::new();
    for ((_, held), n) in &ours.1 {
        *own_positions.entry(held.clone()).or_insert(0) += n;
    }
    own_positions.retain(|_, n| *n != 0);
    assert_eq!(positions, own_positions);
    println!("ofxtools: cash and {} positions agree", positions.len());
}

#[test]
fn a_statement_of_our_own_reconciles_to_nothing() {
    let test = "a_statement_of_our_own_reconciles_to_nothing";
    let home = Home::new();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/small-steps.toml");
    home.prints(&["demo", "--policy", policy.to_str().unwrap(), "--deposit", "30000000", "--years", "2"]);
    let journal = home.path("demo.journal");
    statement_agrees(&home, &journal, test);
    let own = home.path("two.csv");
    let own = own.to_str().unwrap();
    home.prints(&["export", "statement", "--structure", "2", "--from", "2024-07-01", "--out", own]);
    home.prints(&["reconcile", own, "--structure", "2"]);
    let plain = home.prints(&["import", own]);
    assert_eq!(plain, std::fs::read_to_string(own).unwrap());
    // A fee that the broker took and nobody booked, and a trade that he forgot.
    let text = std::fs::read_to_string(own).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let forgotten = lines.iter().position(|line| line.contains("sell to open")).unwrap();
    let mut changed = [&lines[..forgotten], &lines[forgotten + 1..]].concat();
    let fee = "2024-08-01,,withdrawal,,,,,-12.50,,a fee";
    changed.insert(2, fee);
    std::fs::write(own, changed.join("\n") + "\n").unwrap();
    let ran = home.run(&["reconcile", own, "--structure", "2"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("2 things differ"), "{}", ran.err);
    assert!(ran.out.contains("In the statement alone") && ran.out.contains("withdrawal"), "{}", ran.out);
    let json = home.run(&["reconcile", own, "--structure", "2", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["report"][0]["missing_in_books"][0]["amount"], "-12.50");
    home.refuses(&["reconcile", home.path("no.ofx").to_str().unwrap()], 3, &["no.ofx: there is no such file"]);
}
