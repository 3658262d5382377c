//! Every reason for which an entry is refused, as its sentence; a refusal changes nothing.

use super::desk::*;
use ledger::entry::{Assignment, OptionTrade, Roll, ShareTrade};
use ledger::id::SleeveKinds;
use ledger::{Entry, LotOrder, SleeveId, SleeveKind, StructureId};
use market::value::{Contracts, Money, Price, Shares};

const PUT: &str = "AAPL 2024-06-14 180 put";
const CALL: &str = "AAPL 2024-06-14 190 call";
const NOWHERE: SleeveId = SleeveId::new(StructureId(9), SleeveKind::Generation);

#[track_caller]
fn refused(desk: &mut Desk, entry: Entry, sentence: &str) {
    assert_eq!(desk.refuse(entry), sentence);
}

fn put() -> OptionTrade {
    option(1, PUT, "1.80", "0.70", "2024-06-11")
}

#[test]
fn founding() {
    let mut desk = Desk::with("0", LotOrder::HighestCost);
    let found = |structure, parent: Option<u32>, sleeves| Entry::Found {
        structure: StructureId(structure),
        parent: parent.map(StructureId),
        sleeves,
    };
    let all = SleeveKinds::ROOT;
    refused(&mut desk, found(1, Some(1), all), "structure 1 exists already; expected a new number");
    let one_root = "structure 2 must name its parent, unless it is the first of the portfolio: then it must name none";
    refused(&mut desk, found(2, None, all), one_root);
    refused(&mut desk, found(2, Some(5), all), "structure 5 does not exist; it must be founded first");
    refused(&mut desk, found(2, Some(1), SleeveKinds::of(&[])), "structure 2 has no sleeves; expected at least one");
    let mut empty = Desk { ledger: ledger::Ledger::new(ledger::PortfolioId(1), LotOrder::Fifo), today: desk.today };
    refused(&mut empty, found(2, Some(1), all), one_root);
}

#[test]
fn sleeves_that_do_not_exist() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    let sentence = "sleeve 9.Gen does not exist; its structure must be founded with it first";
    let (amount, sleeve) = (usd("1"), NOWHERE);
    let trade = OptionTrade { sleeve, ..put() };
    let shares = ShareTrade { sleeve, ..stock(1, "AAPL", "180", "0", "2024-06-11") };
    let (contracts, settles) = (Contracts(1), date("2024-06-17"));
    for entry in [
        Entry::Withdraw { sleeve, amount },
        Entry::Move { from: sleeve, to: GEN, amount },
        Entry::Move { from: GEN, to: sleeve, amount },
        Entry::Reserve { sleeve, order: order(1), amount },
        Entry::ReserveShares { sleeve, order: order(1), symbol: symbol("AAPL"), shares: Shares(1) },
        Entry::SellToOpen(trade),
        Entry::BuyToClose(trade),
        Entry::Roll(Roll { sleeve, close: trade.leg(), open: trade.leg(), settles, order: None }),
        Entry::Expire { sleeve, series: series(PUT), contracts },
        Entry::Assign(Assignment { sleeve, series: series(PUT), contracts, fees: Money::ZERO, settles }),
        Entry::BuyShares(shares),
        Entry::SellShares(shares),
        Entry::Interest { sleeve, amount },
    ] {
        refused(&mut desk, entry, sentence);
    }
    let Entry::AccrueDividend(dividend) = dividend(1, "AAPL", "1", "1", "2024-06-17") else { unreachable!() };
    refused(&mut desk, Entry::AccrueDividend(ledger::entry::Dividend { sleeve, ..dividend }), sentence);
    let elsewhere = Entry::Deposit { structure: StructureId(9), parts: [usd("1"); 3] };
    refused(&mut desk, elsewhere, "structure 9 does not exist; it must be founded first");
    desk.post(Entry::Found { structure: StructureId(2), parent: Some(ROOT), sleeves: SleeveKinds::FORKED });
    let no_revenue = Entry::Deposit { structure: StructureId(2), parts: [usd("1"); 3] };
    refused(&mut desk, no_revenue, "sleeve 2.Rev does not exist; its structure must be founded with it first");
}

#[test]
fn amounts_that_make_no_sense() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    let nothing = Money::ZERO;
    refused(&mut desk, deposit("0", "0", "0"), "the deposit is $0.00; expected more than zero");
    refused(&mut desk, deposit("2", "-1", "0"), "a part of the deposit is -$1.00; expected zero or more");
    let same = Entry::Move { from: GEN, to: GEN, amount: usd("1") };
    refused(&mut desk, same, "sleeve 1.Gen cannot give to itself; expected two sleeves");
    for (entry, what) in [
        (Entry::Withdraw { sleeve: GEN, amount: nothing }, "the withdrawal"),
        (Entry::Move { from: GEN, to: REV, amount: nothing }, "the amount moved"),
        (reserve(1, "0"), "the reservation"),
        (Entry::Interest { sleeve: GEN, amount: nothing }, "the interest"),
        (Entry::SellToOpen(OptionTrade { price: Price::ZERO, ..put() }), "the price"),
        (Entry::BuyShares(stock(1, "AAPL", "0", "0", "2024-06-11")), "the price"),
        (dividend(1, "AAPL", "0", "1", "2024-06-11"), "the dividend a share"),
        (dividend(1, "AAPL", "1", "0", "2024-06-11"), "the dividend"),
    ] {
        refused(&mut desk, entry, &format!("{what} is $0.00; expected more than zero"));
    }
    for (entry, what) in [
        (Entry::SellToOpen(OptionTrade { fees: usd("-0.01"), ..put() }), "the fee"),
        (Entry::BuyToClose(OptionTrade { fees: usd("-0.01"), ..put() }), "the fee"),
        (Entry::BuyToClose(OptionTrade { price: price("-0.01"), ..put() }), "the price"),
        (assigned(1, PUT, "-0.01", "2024-06-17"), "the fee"),
        (Entry::SellShares(stock(1, "AAPL", "1", "-0.01", "2024-06-11")), "the fee"),
    ] {
        refused(&mut desk, entry, &format!("{what} is -$0.01; expected zero or more"));
    }
    for n in [0, -1, 1_000_000_001, i64::MIN, i64::MAX] {
        let sentence = format!("the quantity is {n}; expected 1 to 1,000,000,000");
        for entry in [
            Entry::SellToOpen(OptionTrade { contracts: Contracts(n), ..put() }),
            Entry::BuyToClose(OptionTrade { contracts: Contracts(n), ..put() }),
            Entry::SellShares(stock(n, "AAPL", "1", "0", "2024-06-11")),
            Entry::ReserveShares { sleeve: GEN, order: order(1), symbol: symbol("AAPL"), shares: Shares(n) },
            assigned(n, PUT, "0", "2024-06-17"),
            dividend(n, "AAPL", "1", "1", "2024-06-11"),
            expired(n, PUT),
        ] {
            refused(desk.on("2024-06-10"), entry, &sentence);
        }
    }
    refused(
        &mut desk,
        dividend(100, "AAPL", "0.25", "25.0101", "2024-06-17"),
        "a dividend of $25.0101 was given where the shares receive $25.00; expected them within a cent",
    );
    desk.post(dividend(100, "AAPL", "0.25", "25.01", "2024-06-17"));
    desk.refuse(dividend(100, "AAPL", "0.25", "24.98", "2024-06-17"));
}

#[test]
fn amounts_too_large_to_count() {
    let mut desk = Desk::with("100000000000", LotOrder::HighestCost);
    let sentence = "one entry moves more than $100,000,000,000; expected less";
    let (most, million) = (Price::from_units(i64::MAX), Contracts(1_000_000));
    for entry in [
        deposit("100000000000.01", "0", "0"),
        Entry::Interest { sleeve: GEN, amount: Money::from_units(i64::MAX) },
        reserve(1, "100000000000.01"),
        Entry::SellToOpen(OptionTrade { price: most, ..put() }),
        Entry::SellToOpen(OptionTrade { contracts: Contracts(1_000_000_000), ..put() }),
        Entry::BuyToClose(OptionTrade { fees: Money::from_units(i64::MAX), ..put() }),
        Entry::BuyShares(ShareTrade { price: most, ..stock(2, "AAPL", "1", "0", "2024-06-11") }),
        Entry::SellShares(stock(1, "AAPL", "1", "100000000001", "2024-06-11")),
        assigned(1_000_000_000, PUT, "0", "2024-06-17"),
        assigned(1, PUT, "100000000001", "2024-06-17"),
        dividend(1, "AAPL", "100000000001", "1", "2024-06-17"),
        dividend(1, "AAPL", "1", "100000000001", "2024-06-17"),
    ] {
        refused(&mut desk, entry, sentence);
    }
    desk.post(Entry::SellToOpen(OptionTrade { contracts: million, ..put() }));

    // A thousand trillion dollars in: the books stop before a counter could overflow.
    let most = deposit("100000000000", "100000000000", "100000000000");
    let posted = (0..1_000).take_while(|_| desk.ledger.post(desk.today, &most).is_ok()).count();
    assert_eq!(posted, 769, "1.0018 and then 3 x 10^15 each, until a quarter of 2^63 is passed");
    refused(
        &mut desk,
        most,
        "the books are full: more than $230,000,000,000,000 has passed through them; start a new portfolio",
    );
    desk.ledger.audit().unwrap();
}

#[test]
fn options_that_cannot_be() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    let worthless = series("AAPL 2024-06-14 0 put");
    let no_strike = "AAPL 2024-06-14 $0.00 put: expected a strike above zero";
    refused(&mut desk, Entry::SellToOpen(OptionTrade { series: worthless, ..put() }), no_strike);
    refused(&mut desk, Entry::BuyToClose(OptionTrade { series: worthless, ..put() }), no_strike);
    refused(
        &mut desk,
        Entry::SellToOpen(OptionTrade { price: price("180.01"), ..put() }),
        "AAPL 2024-06-14 $180.00 put was sold for $18,001.00 in all, above its collateral $18,000.00; \
         no put is worth more",
    );
    desk.post(Entry::SellToOpen(OptionTrade { price: price("180"), ..put() }));
}

#[test]
fn days_out_of_order() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.on("2024-06-12").post(Entry::SellToOpen(option(1, PUT, "1", "0", "2024-06-12")));
    let late = "the trade of 2024-06-12 would settle on 2024-06-11; expected its own day or a later one";
    let back = OptionTrade { price: price("0.50"), ..put() };
    let roll = Roll { sleeve: GEN, close: back.leg(), open: put().leg(), settles: back.settles, order: None };
    for entry in [
        Entry::SellToOpen(put()),
        Entry::BuyToClose(back),
        Entry::Roll(roll),
        assigned(1, PUT, "0", "2024-06-11"),
        Entry::BuyShares(stock(1, "AAPL", "180", "0", "2024-06-11")),
        dividend(1, "AAPL", "1", "1", "2024-06-11"),
    ] {
        refused(&mut desk, entry, late);
    }
    let not_yet = "AAPL 2024-06-14 $180.00 put cannot expire on 2024-06-13: its last day has not come";
    refused(desk.on("2024-06-13"), expired(1, PUT), not_yet);
    let over = "AAPL 2024-06-14 $180.00 put ended before 2024-06-15; it cannot be traded or assigned any more";
    let settles = "2024-06-17";
    desk.on("2024-06-15");
    refused(&mut desk, Entry::SellToOpen(option(1, PUT, "1", "0", settles)), over);
    refused(&mut desk, Entry::BuyToClose(option(1, PUT, "1", "0", settles)), over);
    refused(&mut desk, assigned(1, PUT, "0", settles), over);
    let next = option(1, "AAPL 2024-06-21 180 put", "1", "0", settles);
    let roll = |close: OptionTrade, open: OptionTrade| {
        Entry::Roll(Roll { sleeve: GEN, close: close.leg(), open: open.leg(), settles: next.settles, order: None })
    };
    refused(&mut desk, roll(put(), next), over);
    refused(&mut desk, roll(next, put()), over);
    desk.post(expired(1, PUT));
}

#[test]
fn what_is_not_there() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.post(Entry::SellToOpen(put()));
    let none = "1.Gen has written 1 of AAPL 2024-06-14 $180.00 put; the entry needs 2";
    let two = option(2, PUT, "1", "0", "2024-06-11");
    let roll = Roll { sleeve: GEN, close: two.leg(), open: put().leg(), settles: two.settles, order: None };
    for entry in [Entry::BuyToClose(two), Entry::Roll(roll), assigned(2, PUT, "0", "2024-06-17")] {
        refused(&mut desk, entry, none);
    }
    refused(desk.on("2024-06-14"), expired(2, PUT), none);
    let uncovered = "1.Gen has 0 shares of AAPL that cover no call and no order; the entry needs 100";
    refused(&mut desk, Entry::SellToOpen(option(1, CALL, "1", "0", "2024-06-17")), uncovered);
    refused(&mut desk, Entry::SellShares(stock(100, "AAPL", "1", "0", "2024-06-17")), uncovered);
}

#[test]
fn a_roll_into_another_symbol_is_covered_on_its_own() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.post(Entry::BuyShares(stock(100, "AAPL", "180", "0", "2024-06-11")));
    let (call, other) =
        (option(1, CALL, "1", "0", "2024-06-11"), option(1, "NVDA 2024-06-14 130 call", "1", "0", "2024-06-11"));
    desk.post(Entry::SellToOpen(call));
    let roll = Roll { sleeve: GEN, close: call.leg(), open: other.leg(), settles: call.settles, order: None };
    let uncovered = "1.Gen has 0 shares of NVDA that cover no call and no order; the entry needs 100";
    refused(&mut desk, Entry::Roll(roll), uncovered);
}

#[test]
fn reservations_that_do_not_fit() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.post(deposit("0", "50000", "0"));
    desk.post(Entry::BuyShares(stock(300, "AAPL", "180", "0", "2024-06-11")));
    let shares = |n, shares| Entry::ReserveShares {
        sleeve: GEN,
        order: order(n),
        symbol: symbol("AAPL"),
        shares: Shares(shares),
    };
    desk.post(reserve(1, "18000"));
    desk.post(shares(2, 100));
    refused(&mut desk, reserve(2, "1"), "order o1.1.2 has a reservation already; expected one a working order");
    refused(&mut desk, shares(1, 1), "order o1.1.1 has a reservation already; expected one a working order");
    refused(
        &mut desk,
        Entry::Release { order: order(3) },
        "order o1.1.3 has no reservation; it was never made, used up or released before",
    );
    refused(
        &mut desk,
        shares(3, 201),
        "1.Gen has 200 shares of AAPL that cover no call and no order; the entry needs 201",
    );

    let wrong = |n| format!("the reservation of order o1.1.{n} was made for something else than this entry");
    let of = |n, trade| OptionTrade { order: Some(order(n)), ..trade };
    refused(&mut desk, Entry::SellToOpen(OptionTrade { sleeve: REV, ..of(1, put()) }), &wrong(1));
    refused(&mut desk, Entry::SellToOpen(of(2, put())), &wrong(2));
    let other = of(2, option(1, "NVDA 2024-06-14 130 call", "1", "0", "2024-06-11"));
    refused(&mut desk, Entry::SellToOpen(other), &wrong(2));
    let buy = ShareTrade { order: Some(order(2)), ..stock(1, "AAPL", "180", "0", "2024-06-11") };
    refused(&mut desk, Entry::BuyShares(buy), &wrong(2));
    // An order without a reservation is none the worse for it.
    desk.post(Entry::SellToOpen(of(9, put())));
}

#[test]
fn cash_that_is_not_free() {
    let mut desk = Desk::with("18000", LotOrder::HighestCost);
    let free = |n: &str| format!("1.Gen has $18,000.00 of settled cash that is not reserved; the entry needs {n}");
    refused(&mut desk, Entry::Withdraw { sleeve: GEN, amount: usd("18000.01") }, &free("$18,000.01"));
    refused(&mut desk, Entry::Move { from: GEN, to: REV, amount: usd("18001") }, &free("$18,001.00"));
    refused(&mut desk, reserve(1, "18001"), &free("$18,001.00"));
    refused(&mut desk, Entry::BuyShares(stock(100, "AAPL", "180", "1", "2024-06-11")), &free("$18,001.00"));
    refused(
        &mut desk,
        Entry::SellToOpen(option(1, "AAPL 2024-06-14 181 put", "1", "0", "2024-06-11")),
        &free("$18,100.00"),
    );
    desk.post(Entry::SellToOpen(put()));
    // The collateral that a purchase releases may pay for it, and nothing beyond.
    refused(
        &mut desk,
        Entry::BuyToClose(option(1, PUT, "180", "0.01", "2024-06-11")),
        "1.Gen has $18,000.00 of settled cash that is not reserved; the entry needs $18,000.01",
    );
    desk.post(Entry::BuyToClose(option(1, PUT, "180", "0", "2024-06-11")));
    assert_eq!(desk.free(), "$0.00");
    desk.on("2024-06-11").post(settle("2024-06-11"));
    assert_eq!(desk.ledger.settled_cash(GEN), usd("179.30"));
}

#[test]
fn a_roll_that_needs_more_collateral_than_there_is() {
    let mut desk = Desk::with("18000", LotOrder::HighestCost);
    desk.post(Entry::SellToOpen(put()));
    let roll = |strike: &str, credit: &str| {
        let (close, what) = (option(1, PUT, "2", "0", "2024-06-11"), format!("AAPL 2024-06-21 {strike} put"));
        let open = option(1, &what, credit, "0", "2024-06-11");
        Entry::Roll(Roll { sleeve: GEN, close: close.leg(), open: open.leg(), settles: open.settles, order: None })
    };
    refused(
        &mut desk,
        roll("180.5", "2.50"),
        "1.Gen has $18,000.00 of settled cash that is not reserved; the entry needs $18,050.00",
    );
    refused(
        &mut desk,
        roll("180", "1.99"),
        "1.Gen has $18,000.00 of settled cash that is not reserved; the entry needs $18,001.00",
    );
    desk.post(roll("180", "2.00"));
}

#[test]
fn splits_that_cannot_be_booked() {
    let mut desk = Desk::with("1000000", LotOrder::HighestCost);
    let split = |n| Entry::Split { symbol: symbol("AAPL"), new_per_old: n };
    for n in [i64::MIN, -2, 0, 1, 1_001] {
        let sentence =
            format!("a split of {n} shares for one cannot be booked; expected a whole number from 2 to 1,000");
        refused(&mut desk, split(n), &sentence);
    }
    desk.post(Entry::BuyShares(stock(100, "AAPL", "180", "0", "2024-06-11")));
    let hold = Entry::ReserveShares { sleeve: GEN, order: order(1), symbol: symbol("AAPL"), shares: Shares(1) };
    desk.post(hold);
    refused(
        &mut desk,
        split(2),
        "AAPL cannot be split while order o1.1.1 reserves shares of it; release the reservation first",
    );
    desk.post(Entry::Split { symbol: symbol("NVDA"), new_per_old: 2 });
    desk.post(Entry::Release { order: order(1) });

    let rounds = |strike| {
        format!(
            "the split would round the strike of AAPL 2024-06-14 {strike} put to zero, to that of another series, \
             or below its own premium"
        )
    };
    let sell = |what: &str, at: &str| Entry::SellToOpen(option(1, what, at, "0", "2024-06-12"));
    desk.post(sell("AAPL 2024-06-14 0.01 put", "0.01"));
    refused(&mut desk, split(3), &rounds("$0.01"));
    desk.on("2024-06-14").post(expired(1, "AAPL 2024-06-14 0.01 put"));
    desk.on("2024-06-12").post(sell("AAPL 2024-06-14 10.00 put", "0.01"));
    desk.post(sell("AAPL 2024-06-14 10.01 put", "0.01"));
    refused(&mut desk, split(4), &rounds("$10.00"));
    desk.on("2024-06-14").post(expired(1, "AAPL 2024-06-14 10.01 put"));
    desk.on("2024-06-12").post(sell("AAPL 2024-06-14 20.00 put", "20"));
    desk.on("2024-06-12").post(Entry::BuyToClose(option(1, "AAPL 2024-06-14 10 put", "0", "0", "2024-06-12")));
    refused(&mut desk, split(6), &rounds("$20.00"));
    desk.post(split(2));
}

#[test]
fn a_split_beyond_counting() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.post(Entry::BuyShares(stock(1_000_000_000, "AAPL", "0.0001", "0", "2024-06-11")));
    let split = Entry::Split { symbol: symbol("AAPL"), new_per_old: 1_000 };
    desk.post(split);
    assert!(desk.refuse(split).contains("cannot be booked"));
}
