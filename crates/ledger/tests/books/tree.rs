//! Forks, merges, cash set aside and tax reserves: what they book, what they refuse, and what a merge carries along.

use super::desk::*;
use ledger::entry::ShareTrade;
use ledger::id::SleeveKinds;
use ledger::{Entry, LotOrder, Purpose, SleeveId, SleeveKind, StructureId};
use market::value::{Contracts, Money, Shares};

const PUT: &str = "AAPL 2024-06-14 180 put";
const CALL: &str = "AAPL 2024-06-21 182.5 call";
const CHILD: StructureId = StructureId(2);
const CHILD_GEN: SleeveId = SleeveId::new(CHILD, SleeveKind::Generation);
const CHILD_COM: SleeveId = SleeveId::new(CHILD, SleeveKind::Compounding);

fn fork(from: SleeveId, structure: u32, generation: &str, compounding: &str) -> Entry {
    Entry::Fork { from, structure: StructureId(structure), parts: [usd(generation), usd(compounding)] }
}

fn merge(structure: u32, into: SleeveId) -> Entry {
    Entry::Merge { structure: StructureId(structure), into }
}

fn earmark(purpose: Purpose, amount: &str) -> Entry {
    Entry::Earmark { sleeve: GEN, purpose, amount: usd(amount) }
}

/// A root with $202,000 in its Generation sleeve, and a structure forked from it with $25,000.01 and $25,000.
fn forked() -> Desk {
    let mut desk = Desk::with("252000.01", LotOrder::HighestCost);
    desk.post(fork(GEN, 2, "25000.01", "25000"));
    desk
}

/// The tree as `child<parent`, a closed structure with its day.
fn tree(desk: &Desk) -> Vec<String> {
    let name = |s: ledger::Structure| {
        let parent = s.parent.map_or("root".to_owned(), |p| p.to_string());
        s.closed.map_or(format!("{}<{parent}", s.id), |day| format!("{}<{parent} closed {day}", s.id))
    };
    desk.ledger.structures().map(name).collect()
}

#[test]
fn a_fork_is_one_entry() {
    let mut desk = Desk::with("152000.01", LotOrder::HighestCost);
    desk.post(earmark(Purpose::Fork, "26000"));
    let lines = desk.post(fork(GEN, 2, "13000.01", "13000"));
    assert_eq!(
        lines,
        [
            "1.Gen:payable released debit $26,000.00",
            "1.Gen:cash released credit $26,000.00",
            "1.Gen:transfers debit $13,000.01",
            "1.Gen:cash credit $13,000.01",
            "2.Gen:cash debit $13,000.01",
            "2.Gen:transfers credit $13,000.01",
            "1.Gen:transfers debit $13,000.00",
            "1.Gen:cash credit $13,000.00",
            "2.Com:cash debit $13,000.00",
            "2.Com:transfers credit $13,000.00",
        ]
    );
    assert_eq!(tree(&desk), ["1<root", "2<1"]);
    assert_eq!(desk.ledger.children(ROOT).collect::<Vec<_>>(), [CHILD]);
    assert_eq!(desk.ledger.structure(CHILD).unwrap().parent, Some(ROOT));
    assert_eq!(desk.ledger.structure(StructureId(3)), None);
    assert_eq!(desk.ledger.earmark(GEN, Purpose::Fork), Money::ZERO);
    assert_eq!(desk.free(), "$126,000.00");
    assert_eq!(desk.ledger.balance(CHILD_GEN).moved_in, usd("13000.01"));

    // A forked structure forks, and one part may be nothing.
    desk.post(fork(CHILD_GEN, 3, "0", "0.01"));
    assert_eq!(tree(&desk), ["1<root", "2<1", "3<2"]);
}

#[test]
fn a_fork_takes_free_cash_and_what_is_set_aside_for_it() {
    let mut desk = Desk::with("30000", LotOrder::HighestCost);
    desk.post(earmark(Purpose::Fork, "20000"));
    desk.post(earmark(Purpose::Leaps, "4000"));
    assert_eq!(desk.free(), "$6,000.00");
    assert_eq!(
        desk.refuse(fork(GEN, 2, "13000", "13000.01")),
        "1.Gen has $26,000.00 of settled cash that is not reserved; the entry needs $26,000.01"
    );
    desk.post(fork(GEN, 2, "13000", "13000"));
    assert_eq!((desk.free().as_str(), desk.ledger.reserved(GEN)), ("$0.00", usd("4000")));
}

#[test]
fn forks_that_are_refused() {
    let mut desk = forked();
    assert_eq!(desk.refuse(fork(GEN, 2, "1", "1")), "structure 2 exists already; expected a new number");
    assert_eq!(desk.refuse(fork(GEN, 3, "0", "0")), "the fork is $0.00; expected more than zero");
    assert_eq!(desk.refuse(fork(GEN, 3, "2", "-1")), "a part of the fork is -$1.00; expected zero or more");
    let large = "one entry moves more than $100,000,000,000; expected less";
    assert_eq!(desk.refuse(fork(GEN, 3, "100000000000.01", "0")), large);
    assert_eq!(desk.refuse(fork(GEN, 3, "100000000000", "0.01")), large);
    let nowhere = SleeveId::new(CHILD, SleeveKind::Revenue);
    assert_eq!(
        desk.refuse(fork(nowhere, 3, "1", "1")),
        "sleeve 2.Rev does not exist; its structure must be founded with it first"
    );
}

#[test]
fn cash_is_set_aside_and_freed() {
    let mut desk = Desk::with("1000", LotOrder::HighestCost);
    let reserves =
        |amount: &str| [format!("1.Gen:payable pending debit {amount}"), format!("1.Gen:cash pending credit {amount}")];
    assert_eq!(desk.post(earmark(Purpose::Leaps, "600")), reserves("$600.00"));
    assert_eq!(desk.post(earmark(Purpose::Merge, "300")), reserves("$300.00"));
    assert_eq!(desk.post(earmark(Purpose::Leaps, "700")), reserves("$100.00"));
    assert_eq!(desk.post(earmark(Purpose::Leaps, "700")), [""; 0]);
    assert_eq!(desk.free(), "$0.00");
    assert_eq!(
        desk.refuse(earmark(Purpose::Merge, "300.01")),
        "1.Gen has $300.00 of settled cash that is not reserved; the entry needs $300.01"
    );
    desk.refuse(Entry::Withdraw { sleeve: GEN, amount: usd("0.01") });
    assert_eq!(desk.refuse(earmark(Purpose::Leaps, "-1")), "the amount set aside is -$1.00; expected zero or more");
    assert_eq!(
        desk.refuse(earmark(Purpose::Leaps, "100000000001")),
        "one entry moves more than $100,000,000,000; expected less"
    );
    assert_eq!(
        desk.post(earmark(Purpose::Leaps, "0")),
        ["1.Gen:payable released debit $700.00", "1.Gen:cash released credit $700.00"]
    );
    assert_eq!(desk.ledger.earmark(GEN, Purpose::Merge), usd("300"));
    assert_eq!(desk.ledger.earmark(CHILD_GEN, Purpose::Merge), Money::ZERO);
}

#[test]
fn a_tax_reserve_is_filled_drawn_on_paid_out_and_earns() {
    let mut desk = Desk::with("1000", LotOrder::HighestCost);
    assert_eq!(
        desk.post(Entry::ToTaxReserve { sleeve: GEN, amount: usd("300") }),
        [
            "1.Gen:transfers debit $300.00",
            "1.Gen:cash credit $300.00",
            "1.tax reserve:cash debit $300.00",
            "1.tax reserve:transfers credit $300.00",
        ]
    );
    assert_eq!(
        desk.post(Entry::FromTaxReserve { sleeve: REV, amount: usd("20") }),
        [
            "1.tax reserve:transfers debit $20.00",
            "1.tax reserve:cash credit $20.00",
            "1.Rev:cash debit $20.00",
            "1.Rev:transfers credit $20.00",
        ]
    );
    assert_eq!(
        desk.post(Entry::TaxReserveInterest { structure: ROOT, amount: usd("1.25") }),
        ["1.tax reserve:cash debit $1.25", "1.tax reserve:interest credit $1.25"]
    );
    assert_eq!(
        desk.post(Entry::PayTax { structure: ROOT, amount: usd("100") }),
        ["1.tax reserve:taxes debit $100.00", "1.tax reserve:cash credit $100.00"]
    );
    let reserve = desk.ledger.tax_reserve(ROOT);
    assert_eq!((reserve.cash, reserve.moved_in, reserve.moved_out), (usd("181.25"), usd("300"), usd("20")));
    assert_eq!((reserve.interest, reserve.taxes), (usd("1.25"), usd("100")));
    let interest = desk.ledger.reserve_account(ROOT, ledger::account::ReserveRole::Interest);
    assert_eq!(interest.credit_balance(), usd("1.25"));
    assert_eq!(desk.gen_balance().capital(), usd("700"), "what is reserved for taxes is not the sleeve's");
    assert_eq!(desk.ledger.tax_reserve(CHILD), ledger::TaxReserve::default());

    let short = "the tax reserve of structure 1 has $181.25; the entry needs $181.26";
    assert_eq!(desk.refuse(Entry::PayTax { structure: ROOT, amount: usd("181.26") }), short);
    assert_eq!(desk.refuse(Entry::FromTaxReserve { sleeve: GEN, amount: usd("181.26") }), short);
    // A sleeve gives what is free, and the rest when there is more.
    desk.post(earmark(Purpose::Leaps, "600"));
    assert_eq!(
        desk.refuse(Entry::ToTaxReserve { sleeve: GEN, amount: usd("200") }),
        "1.Gen has $100.00 of settled cash that is not reserved; the entry needs $200.00"
    );
    desk.post(Entry::ToTaxReserve { sleeve: GEN, amount: usd("100") });
    for (entry, what) in [
        (Entry::ToTaxReserve { sleeve: GEN, amount: Money::ZERO }, "the amount for the tax reserve"),
        (Entry::FromTaxReserve { sleeve: GEN, amount: Money::ZERO }, "the amount from the tax reserve"),
        (Entry::PayTax { structure: ROOT, amount: Money::ZERO }, "the tax payment"),
        (Entry::TaxReserveInterest { structure: ROOT, amount: Money::ZERO }, "the interest"),
    ] {
        assert_eq!(desk.refuse(entry), format!("{what} is $0.00; expected more than zero"));
    }
    for entry in [
        Entry::PayTax { structure: CHILD, amount: usd("1") },
        Entry::TaxReserveInterest { structure: CHILD, amount: usd("1") },
    ] {
        assert_eq!(desk.refuse(entry), "structure 2 does not exist; it must be founded first");
    }
}

/// The forked structure at work: shares that are not paid, a dividend to come, shares sold that have not settled, cash
/// set aside, a LEAPS call, a tax reserve.
fn busy() -> Desk {
    let mut desk = forked();
    let of = |sleeve, trade| ShareTrade { sleeve, ..trade };
    desk.on("2024-06-11").post(Entry::BuyShares(of(CHILD_COM, stock(100, "AAPL", "180", "1", "2024-06-12"))));
    desk.on("2024-06-12").post(settle("2024-06-12"));
    desk.post(Entry::SellShares(of(CHILD_COM, stock(40, "AAPL", "190", "0.50", "2024-06-13"))));
    desk.post(Entry::BuyShares(of(CHILD_GEN, stock(10, "NVDA", "120", "0.30", "2024-06-13"))));
    let ledger::Entry::AccrueDividend(dividend) = dividend(60, "AAPL", "0.25", "15", "2024-06-20") else {
        unreachable!()
    };
    desk.post(Entry::AccrueDividend(ledger::entry::Dividend { sleeve: CHILD_COM, ..dividend }));
    let leaps = option(1, "AAPL 2026-01-16 150 call", "48", "0.70", "2024-06-13");
    desk.post(Entry::BuyToOpen(ledger::entry::OptionTrade { sleeve: CHILD_COM, ..leaps }));
    for (purpose, amount) in [(Purpose::Leaps, "1000"), (Purpose::Fork, "500"), (Purpose::Merge, "250")] {
        desk.post(Entry::Earmark { sleeve: CHILD_COM, purpose, amount: usd(amount) });
    }
    desk.post(Entry::ToTaxReserve { sleeve: CHILD_GEN, amount: usd("150") });
    desk
}

#[test]
fn a_merge_is_one_entry() {
    let mut desk = busy();
    assert_eq!(
        desk.post(merge(2, COM)),
        [
            "2.Gen:cash credit $24,850.01",
            "1.Com:cash debit $24,850.01",
            "2.Gen:shares:NVDA credit $1,200.00 x10",
            "1.Com:shares:NVDA debit $1,200.00 x10",
            "2.Gen:payable released debit $1,200.30",
            "2.Gen:cash released credit $1,200.30",
            "2.Gen:payable debit $1,200.30",
            "1.Com:payable credit $1,200.30",
            "2.Gen:transfers debit $24,849.71",
            "1.Com:transfers credit $24,849.71",
            "1.Com:payable pending debit $1,200.30",
            "1.Com:cash pending credit $1,200.30",
            "2.Com:payable released debit $1,000.00",
            "2.Com:cash released credit $1,000.00",
            "2.Com:payable released debit $500.00",
            "2.Com:cash released credit $500.00",
            "2.Com:payable released debit $250.00",
            "2.Com:cash released credit $250.00",
            "2.Com:cash credit $6,999.00",
            "1.Com:cash debit $6,999.00",
            "2.Com:receivable credit $7,599.50",
            "1.Com:receivable debit $7,599.50",
            "2.Com:dividends receivable credit $15.00",
            "1.Com:dividends receivable debit $15.00",
            "2.Com:shares:AAPL credit $10,800.00 x60",
            "1.Com:shares:AAPL debit $10,800.00 x60",
            "2.Com:long options:AAPL 2026-01-16 $150.00 call credit $4,800.00 x1",
            "1.Com:long options:AAPL 2026-01-16 $150.00 call debit $4,800.00 x1",
            "2.Com:payable released debit $4,800.70",
            "2.Com:cash released credit $4,800.70",
            "2.Com:payable debit $4,800.70",
            "1.Com:payable credit $4,800.70",
            "2.Com:transfers debit $25,412.80",
            "1.Com:transfers credit $25,412.80",
            "1.Com:payable pending debit $5,800.70",
            "1.Com:cash pending credit $5,800.70",
            "2.tax reserve:transfers debit $150.00",
            "2.tax reserve:cash credit $150.00",
            "1.tax reserve:cash debit $150.00",
            "1.tax reserve:transfers credit $150.00",
        ]
    );
    assert!(desk.realised().is_empty(), "a merge realises nothing");
    assert_eq!(tree(&desk), ["1<root", "2<1 closed 2024-06-12"]);
    assert_eq!(desk.ledger.children(ROOT).count(), 0);
    assert_eq!(desk.ledger.tax_reserve(ROOT).cash, usd("150"));
    assert_eq!(desk.ledger.earmark(COM, Purpose::Leaps), usd("1000"), "what waits for a LEAPS call still does");
    assert_eq!(desk.ledger.earmark(COM, Purpose::Fork), Money::ZERO);

    let old = desk.ledger.balance(CHILD_COM);
    assert_eq!((old.assets(), old.liabilities(), old.reserved), (Money::ZERO, Money::ZERO, Money::ZERO));
    assert_eq!((old.realised, old.share_gains), (usd("399.10"), usd("400")), "its history stays");
}

#[test]
fn lots_dates_and_fees_move_with_a_merge() {
    let mut desk = busy();
    let before: Vec<_> = [CHILD_COM, CHILD_GEN].iter().flat_map(|s| desk.ledger.lots(*s).to_vec()).collect();
    let leaps = desk.ledger.longs(CHILD_COM).to_vec();
    desk.post(merge(2, COM));
    assert_eq!(desk.ledger.lots(COM), before, "numbers, dates, settlement, basis and fees");
    assert_eq!(desk.ledger.longs(COM), leaps);
    assert!(desk.ledger.lots(CHILD_COM).is_empty() && desk.ledger.longs(CHILD_COM).is_empty());

    desk.on("2024-06-13").post(settle("2024-06-13"));
    assert_eq!(desk.ledger.settled_cash(COM), usd("33447.51"), "31,849.01 + 7,599.50 - 1,200.30 - 4,800.70");
    let gone = ShareTrade { sleeve: COM, ..stock(60, "AAPL", "200", "0.50", "2024-06-14") };
    desk.post(Entry::SellShares(gone));
    // 40 of 100 shares took 0.40 of the purchase's fee of 1.00 along; it counts where the lot ends.
    assert_eq!(desk.realised(), ["60 AAPL Sold: $11,999.50 - $10,800.60 = $1,198.90"]);
    let balance = desk.ledger.balance(COM);
    assert_eq!((balance.share_gains, balance.fees, balance.realised), (usd("1200"), usd("0.50"), usd("1198.90")));
    desk.on("2024-06-20").post(settle("2024-06-20"));
    assert_eq!(desk.ledger.balance(COM).dividends_receivable, Money::ZERO);
}

#[test]
fn the_cash_basis_moves_with_the_shares() {
    let mut desk = forked();
    desk.post(Entry::Move { from: GEN, to: COM, amount: usd("20000") });
    let put = |sleeve| ledger::entry::OptionTrade { sleeve, ..option(1, PUT, "1.80", "0", "2024-06-14") };
    let call = |sleeve, at: &str| ledger::entry::OptionTrade { sleeve, ..option(1, CALL, at, "0", "2024-06-18") };
    for sleeve in [CHILD_GEN, COM] {
        desk.on("2024-06-13").post(Entry::SellToOpen(put(sleeve)));
        let Entry::Assign(assignment) = assigned(1, PUT, "0", "2024-06-17") else { unreachable!() };
        desk.on("2024-06-14").post(Entry::Assign(ledger::entry::Assignment { sleeve, ..assignment }));
    }
    desk.on("2024-06-17").post(settle("2024-06-17"));
    desk.post(Entry::SellToOpen(call(CHILD_GEN, "2.00")));
    assert_eq!(
        desk.refuse(merge(2, COM)),
        "2.Gen has written AAPL 2024-06-21 $182.50 call; a structure merges when its written options are bought back \
         or ended"
    );
    desk.post(Entry::BuyToClose(call(CHILD_GEN, "0.50")));
    desk.on("2024-06-18").post(settle("2024-06-18"));
    assert_eq!(desk.ledger.cash_basis(CHILD_GEN, symbol("AAPL")), Some((usd("17670"), Shares(100))));
    desk.post(merge(2, COM));
    // Beside 17,820 for the shares that the sleeve had.
    assert_eq!(desk.ledger.cash_basis(COM, symbol("AAPL")), Some((usd("35490"), Shares(200))));
    assert_eq!(desk.ledger.cash_basis(CHILD_GEN, symbol("AAPL")), None);
    assert_eq!(desk.ledger.uncovered_shares(COM, symbol("AAPL")), Shares(200));
    // All of them may be promised now.
    let two = ledger::entry::OptionTrade { sleeve: COM, ..option(2, CALL, "2", "0", "2024-06-20") };
    desk.post(Entry::SellToOpen(two));
}

#[test]
fn shares_begin_a_new_position_where_there_was_none() {
    let mut desk = forked();
    desk.post(Entry::Move { from: GEN, to: COM, amount: usd("20000") });
    // An old position of the sleeve that takes in, with a premium that ended with it.
    let sleeve = COM;
    desk.post(Entry::SellToOpen(ledger::entry::OptionTrade { sleeve, ..option(1, PUT, "1.80", "0", "2024-06-11") }));
    desk.on("2024-06-14").post(Entry::Expire { sleeve, series: series(PUT), contracts: market::value::Contracts(1) });
    desk.post(Entry::BuyShares(ShareTrade { sleeve: CHILD_COM, ..stock(100, "AAPL", "180", "0", "2024-06-17") }));
    desk.post(merge(2, COM));
    assert_eq!(desk.ledger.cash_basis(COM, symbol("AAPL")), Some((usd("18000"), Shares(100))));
}

#[test]
fn children_move_up_and_reserves_stay_what_they_were() {
    let mut desk = forked();
    desk.post(fork(CHILD_GEN, 5, "100", "100"));
    desk.post(fork(CHILD_COM, 3, "100", "100"));
    let grandchild = SleeveId::new(StructureId(3), SleeveKind::Generation);
    desk.post(fork(grandchild, 4, "10", "10"));
    // Working orders follow their sleeve, wherever others are put in before it.
    desk.post(Entry::Reserve { sleeve: grandchild, order: order(1), amount: usd("40") });
    desk.post(fork(GEN, 6, "1", "1"));
    assert_eq!(tree(&desk), ["1<root", "2<1", "3<2", "4<3", "5<2", "6<1"]);
    desk.on("2024-06-14").post(merge(2, COM));
    assert_eq!(tree(&desk), ["1<root", "2<1 closed 2024-06-14", "3<1", "4<3", "5<1", "6<1"]);
    assert_eq!(
        desk.refuse(merge(3, COM)),
        "order o1.1.1 of 3.Gen is working; a structure merges when none of its orders reserves anything"
    );
    desk.post(Entry::Release { order: order(1) });
    assert_eq!(desk.ledger.free_cash(grandchild), usd("80"));
    // The child first, then its parent; what merged stays where it merged.
    desk.post(merge(4, SleeveId::new(StructureId(3), SleeveKind::Compounding)));
    desk.on("2024-06-21").post(merge(3, COM));
    assert_eq!(
        tree(&desk),
        ["1<root", "2<1 closed 2024-06-14", "3<1 closed 2024-06-21", "4<3 closed 2024-06-14", "5<1", "6<1"]
    );
    let all: Money = desk.ledger.sleeves().map(|s| desk.ledger.settled_cash(s)).sum();
    assert_eq!(all, usd("252000.01"));
}

#[test]
fn merges_that_are_refused() {
    let mut desk = forked();
    assert_eq!(desk.refuse(merge(9, COM)), "structure 9 does not exist; it must be founded first");
    assert_eq!(
        desk.refuse(merge(1, COM)),
        "structure 1 is the root of the portfolio; expected a structure that stands under another"
    );
    for into in [CHILD_COM, SleeveId::new(StructureId(9), SleeveKind::Compounding)] {
        assert_eq!(
            desk.refuse(merge(2, into)),
            format!("structure 2 cannot merge into {into}; expected a sleeve of the structure that it stands under")
        );
    }
    desk.post(Entry::Found { structure: StructureId(3), parent: Some(CHILD), sleeves: SleeveKinds::FORKED });
    assert_eq!(
        desk.refuse(merge(3, SleeveId::new(CHILD, SleeveKind::Revenue))),
        "sleeve 2.Rev does not exist; its structure must be founded with it first"
    );
    let hold = Entry::Reserve { sleeve: CHILD_COM, order: order(7), amount: usd("1") };
    desk.post(hold);
    let working = "order o1.1.7 of 2.Com is working; a structure merges when none of its orders reserves anything";
    assert_eq!(desk.refuse(merge(2, COM)), working);
    desk.post(Entry::Release { order: order(7) });
    desk.post(merge(2, COM));
}

/// A debt that the cash it comes with cannot pay is taken in only by a sleeve that can.
#[test]
fn a_debt_moves_to_where_it_can_be_paid() {
    let mut desk = Desk::with("36000", LotOrder::HighestCost);
    desk.post(fork(GEN, 2, "18000", "0"));
    let put = ledger::entry::OptionTrade { sleeve: CHILD_GEN, ..option(1, PUT, "0.10", "0.70", "2024-06-14") };
    desk.on("2024-06-13").post(Entry::SellToOpen(put));
    let Entry::Assign(assignment) = assigned(1, PUT, "15", "2024-06-17") else { unreachable!() };
    desk.on("2024-06-14").post(Entry::Assign(ledger::entry::Assignment { sleeve: CHILD_GEN, ..assignment }));
    assert_eq!(desk.ledger.free_cash(CHILD_GEN), usd("-15"));
    assert_eq!(
        desk.refuse(merge(2, COM)),
        "1.Com has $0.00 of settled cash that is not reserved; the entry needs $15.00"
    );
    desk.post(Entry::Move { from: GEN, to: COM, amount: usd("15") });
    desk.post(merge(2, COM));
    assert_eq!(desk.ledger.free_cash(COM), Money::ZERO);
    assert_eq!(desk.ledger.balance(CHILD_GEN).moved_in, usd("18000"));
    desk.on("2024-06-17").post(settle("2024-06-17"));
    assert_eq!(desk.ledger.last().debit, None);
}

/// A structure whose debts exceed what it owns at book value brings its parent less than nothing.
#[test]
fn a_loss_moves_as_a_loss() {
    let mut desk = forked();
    let sale = |n, at: &str, fees: &str| {
        let trade = ShareTrade { sleeve: CHILD_GEN, ..stock(n, "AAPL", at, fees, "2024-06-12") };
        if fees == "0" { Entry::BuyShares(trade) } else { Entry::SellShares(trade) }
    };
    desk.post(Entry::Withdraw { sleeve: CHILD_COM, amount: usd("25000") });
    desk.post(sale(1, "100", "0"));
    desk.post(sale(1, "0.01", "24900.01"));
    desk.post(Entry::Withdraw { sleeve: CHILD_GEN, amount: usd("0.01") });
    desk.post(merge(2, GEN));
    assert_eq!(desk.ledger.balance(GEN).moved_in, Money::ZERO);
    assert_eq!(desk.ledger.free_cash(GEN), usd("202000"));
    assert_eq!(desk.ledger.balance(GEN).payable, usd("25000"));
}

#[test]
fn a_closed_structure_is_history() {
    let mut desk = forked();
    desk.post(merge(2, COM));
    let closed = "structure 2 is closed: it has merged, and its books only keep its history";
    let (amount, sleeve) = (usd("1"), CHILD_GEN);
    for entry in [
        merge(2, COM),
        fork(sleeve, 3, "1", "1"),
        Entry::Found { structure: StructureId(3), parent: Some(CHILD), sleeves: SleeveKinds::FORKED },
        Entry::Deposit { structure: CHILD, parts: [amount, Money::ZERO, amount] },
        Entry::Withdraw { sleeve, amount },
        Entry::Move { from: sleeve, to: GEN, amount },
        Entry::Move { from: GEN, to: sleeve, amount },
        Entry::Earmark { sleeve, purpose: Purpose::Fork, amount },
        Entry::ToTaxReserve { sleeve, amount },
        Entry::FromTaxReserve { sleeve, amount },
        Entry::PayTax { structure: CHILD, amount },
        Entry::TaxReserveInterest { structure: CHILD, amount },
        Entry::Interest { sleeve, amount },
        Entry::BuyShares(ShareTrade { sleeve, ..stock(1, "AAPL", "180", "0", "2024-06-11") }),
    ] {
        assert_eq!(desk.refuse(entry), closed);
    }
    assert_eq!(
        desk.refuse(Entry::Found { structure: CHILD, parent: Some(ROOT), sleeves: SleeveKinds::FORKED }),
        "structure 2 exists already; expected a new number"
    );
    assert_eq!(desk.ledger.balance(sleeve).moved_out, usd("25000.01"));
}

/// Premium of a position that has ended belongs to no shares of the sleeve that takes over.
#[test]
fn premium_without_shares_does_not_move_with_a_merge() {
    let mut desk = forked();
    desk.post(Entry::Move { from: GEN, to: COM, amount: usd("20000") });
    desk.post(Entry::BuyShares(ShareTrade { sleeve: COM, ..stock(100, "AAPL", "180", "0", "2024-06-11") }));
    let put = ledger::entry::OptionTrade { sleeve: CHILD_GEN, ..option(1, PUT, "1.80", "0", "2024-06-11") };
    desk.post(Entry::SellToOpen(put));
    let ended = Entry::Expire { sleeve: CHILD_GEN, series: series(PUT), contracts: Contracts(1) };
    desk.on("2024-06-14").post(settle("2024-06-14"));
    desk.post(ended);
    desk.post(merge(2, COM));
    assert_eq!(desk.ledger.cash_basis(COM, symbol("AAPL")), Some((usd("18000"), Shares(100))));
}

/// What the structure owes and keeps for LEAPS beyond its cash, the parent's sleeve must be able to pay.
#[test]
fn a_merge_needs_what_the_structure_is_short_of() {
    let mut desk = Desk::with("50000", LotOrder::HighestCost);
    desk.post(fork(GEN, 2, "0.01", "19000"));
    desk.post(Entry::Earmark { sleeve: CHILD_COM, purpose: Purpose::Leaps, amount: usd("1000") });
    // $1.00 of premium pays the fee of its sale; the fee of the assignment finds nothing.
    let put = ledger::entry::OptionTrade { sleeve: CHILD_COM, ..option(1, PUT, "0.01", "1", "2024-06-11") };
    desk.post(Entry::SellToOpen(put));
    desk.on("2024-06-14").post(settle("2024-06-14"));
    let Entry::Assign(assignment) = assigned(1, PUT, "0.52", "2024-06-17") else { unreachable!() };
    desk.post(Entry::Assign(ledger::entry::Assignment { sleeve: CHILD_COM, ..assignment }));
    assert_eq!(desk.ledger.free_cash(CHILD_COM), usd("-0.52"));
    assert_eq!(
        desk.refuse(merge(2, COM)),
        "1.Com has $0.00 of settled cash that is not reserved; the entry needs $0.51"
    );
    desk.post(Entry::Move { from: GEN, to: COM, amount: usd("0.51") });
    desk.post(merge(2, COM));
    assert_eq!(desk.ledger.free_cash(COM), Money::ZERO);
}

/// Shares that a merge brings begin a position of their own: what a put of the taker brought before, even one bought
/// back that very day, is no part of their basis.
#[test]
fn a_merge_begins_a_position_anew() {
    let put = |sleeve| ledger::entry::OptionTrade { sleeve, ..option(1, PUT, "1.80", "0", "2024-06-11") };
    let bought_back =
        Entry::BuyToClose(ledger::entry::OptionTrade { sleeve: COM, ..option(1, PUT, "0.50", "0", "2024-06-14") });
    let ended = Entry::Expire { sleeve: COM, series: series(PUT), contracts: Contracts(1) };
    for end in [ended, bought_back] {
        let mut desk = forked();
        desk.post(Entry::Move { from: GEN, to: COM, amount: usd("20000") });
        desk.post(Entry::BuyShares(ShareTrade { sleeve: CHILD_COM, ..stock(100, "AAPL", "180", "0", "2024-06-11") }));
        desk.post(Entry::SellToOpen(put(COM)));
        desk.on("2024-06-14").post(settle("2024-06-14"));
        desk.post(end);
        desk.post(merge(2, COM));
        assert_eq!(desk.ledger.cash_basis(COM, symbol("AAPL")), Some((usd("18000"), Shares(100))), "{end:?}");
    }
}
