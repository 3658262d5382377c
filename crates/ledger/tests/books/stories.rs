//! The life of positions, to the cent.

use super::desk::*;
use ledger::entry::Roll;
use ledger::{Entry, LotOrder};
use market::value::Contracts;

const PUT: &str = "AAPL 2024-06-14 180 put";
const CALL: &str = "AAPL 2024-06-21 182.5 call";

#[test]
fn a_put_is_sold_assigned_its_shares_covered_and_called_away() {
    let mut desk = Desk::with("20000", LotOrder::HighestCost);
    desk.on("2024-06-13").post(reserve(1, "18000"));
    assert_eq!(desk.free(), "$2,000.00");
    let put = option(1, PUT, "1.80", "0.70", "2024-06-14");
    desk.post(Entry::SellToOpen(ledger::entry::OptionTrade { order: Some(order(1)), ..put }));
    assert_eq!(desk.free(), "$2,000.00", "the premium has not settled");
    desk.on("2024-06-14").post(settle("2024-06-14"));
    assert_eq!(desk.free(), "$2,179.30");

    desk.post(assigned(1, PUT, "5", "2024-06-17"));
    assert!(desk.realised().is_empty(), "an assigned put's premium is no profit until the shares leave");
    assert_eq!(desk.gen_balance().premium, usd("0"));
    assert_eq!(desk.basis("AAPL"), "$17,820.00 for 100");
    assert_eq!(desk.ledger.lots(GEN)[0].basis(), usd("17825.70"));
    assert_eq!(desk.free(), "$2,174.30", "the cash stays reserved until the shares are paid");

    desk.on("2024-06-17").post(settle("2024-06-17"));
    assert_eq!((desk.free().as_str(), desk.ledger.reserved(GEN)), ("$2,174.30", usd("0")));
    desk.post(Entry::SellToOpen(option(1, CALL, "2.00", "0.70", "2024-06-18")));
    assert_eq!(desk.basis("AAPL"), "$17,620.00 for 100");
    desk.on("2024-06-18").post(settle("2024-06-18"));

    desk.on("2024-06-21").post(assigned(1, CALL, "5.51", "2024-06-24"));
    let closed = "100 AAPL CalledAway: $18,443.79 - $17,825.70 = $618.09";
    assert_eq!(desk.realised(), [closed]);
    assert_eq!(desk.basis("AAPL"), "none");
    assert_eq!(desk.free(), "$2,373.60", "the proceeds have not settled");
    desk.on("2024-06-24").post(settle("2024-06-24"));

    // 20,000 + 180 + 200 of premium + 250 from strike to strike - 11.91 of fees.
    assert_eq!(desk.free(), "$20,618.09");
    let balance = desk.gen_balance();
    assert_eq!((balance.share_gains, balance.fees), (usd("630"), usd("11.91")));
    assert_eq!(balance.realised, usd("618.09"));
}

#[test]
fn a_put_that_expires_is_profit_that_day_and_the_next_position_starts_afresh() {
    let mut desk = Desk::with("20000", LotOrder::HighestCost);
    desk.on("2024-06-13").post(Entry::SellToOpen(option(1, PUT, "1.80", "0.70", "2024-06-14")));
    desk.on("2024-06-14").post(expired(1, PUT));
    assert_eq!(desk.realised(), ["1 AAPL 2024-06-14 $180.00 put Expired: $179.30 - $0.00 = $179.30"]);
    desk.post(settle("2024-06-14"));
    assert_eq!(desk.free(), "$20,179.30");

    let next = "AAPL 2024-06-21 175 put";
    desk.on("2024-06-20").post(Entry::SellToOpen(option(1, next, "1", "0", "2024-06-21")));
    desk.on("2024-06-21").post(assigned(1, next, "0", "2024-06-24"));
    assert_eq!(desk.basis("AAPL"), "$17,400.00 for 100", "last week's premium belongs to a position that ended");
}

#[test]
fn a_rolled_put_keeps_its_chain_of_premiums() {
    for two_orders in [false, true] {
        let mut desk = Desk::with("18300", LotOrder::HighestCost);
        desk.on("2024-06-12").post(Entry::SellToOpen(option(1, PUT, "2.00", "0.70", "2024-06-13")));
        desk.on("2024-06-13").post(settle("2024-06-13"));
        let later = "AAPL 2024-06-21 175 put";
        let (back, again) =
            (option(1, PUT, "4.50", "0.70", "2024-06-14"), option(1, later, "4.60", "0.70", "2024-06-14"));
        if two_orders {
            desk.post(Entry::BuyToClose(back));
            desk.post(Entry::SellToOpen(again));
        } else {
            let roll =
                Roll { sleeve: GEN, close: back.leg(), open: again.leg(), settles: date("2024-06-14"), order: None };
            desk.post(Entry::Roll(roll));
        }
        let loss = "1 AAPL 2024-06-14 $180.00 put BoughtBack: $199.30 - $450.70 = -$251.40";
        if !two_orders {
            assert_eq!(desk.realised(), [loss]);
        }
        desk.on("2024-06-14").post(settle("2024-06-14"));
        assert_eq!(desk.ledger.settled_cash(GEN), usd("18507.90"));
        desk.on("2024-06-21").post(assigned(1, later, "0", "2024-06-24"));
        assert_eq!(desk.basis("AAPL"), "$17,290.00 for 100", "175 less 2.00, less 0.10 credit of the roll");
    }
}

#[test]
fn what_was_bought_back_yesterday_does_not_lower_the_next_basis() {
    let mut desk = Desk::with("20000", LotOrder::HighestCost);
    desk.on("2024-06-12").post(Entry::SellToOpen(option(1, PUT, "2.00", "0", "2024-06-13")));
    desk.post(Entry::BuyToClose(option(1, PUT, "1.00", "0", "2024-06-13")));
    let next = "AAPL 2024-06-14 175 put";
    desk.on("2024-06-13").post(Entry::SellToOpen(option(1, next, "1.50", "0", "2024-06-14")));
    desk.on("2024-06-14").post(assigned(1, next, "0", "2024-06-17"));
    assert_eq!(desk.basis("AAPL"), "$17,350.00 for 100");
}

#[test]
fn a_combination_needs_no_cash_twice() {
    // The new collateral and the price of the old put could not both be paid from settled cash.
    let mut desk = Desk::with("18000", LotOrder::HighestCost);
    desk.on("2024-06-12").post(Entry::SellToOpen(option(1, PUT, "2.00", "0", "2024-06-13")));
    let later = "AAPL 2024-06-21 179 put";
    let (back, again) = (option(1, PUT, "4.50", "0", "2024-06-13"), option(1, later, "4.60", "0", "2024-06-13"));
    desk.post(Entry::Roll(Roll {
        sleeve: GEN,
        close: back.leg(),
        open: again.leg(),
        settles: date("2024-06-13"),
        order: None,
    }));
    assert_eq!(desk.free(), "$100.00");
    assert_eq!(desk.gen_balance().receivable, usd("210"));
}

#[test]
fn calls_lower_the_basis_of_the_shares_that_they_cover() {
    let mut desk = Desk::with("40000", LotOrder::HighestCost);
    desk.on("2024-06-13").post(Entry::SellToOpen(option(2, PUT, "1.80", "0", "2024-06-14")));
    desk.on("2024-06-14").post(assigned(2, PUT, "0", "2024-06-17"));
    assert_eq!(desk.basis("AAPL"), "$35,640.00 for 200");
    desk.on("2024-06-17").post(Entry::SellToOpen(option(2, CALL, "2.00", "0", "2024-06-18")));
    assert_eq!(desk.basis("AAPL"), "$35,240.00 for 200");
    desk.post(Entry::BuyToClose(option(1, CALL, "0.50", "0", "2024-06-18")));
    assert_eq!(desk.basis("AAPL"), "$35,290.00 for 200");
    assert_eq!(desk.ledger.uncovered_shares(GEN, symbol("AAPL")).0, 100);

    // One call is assigned: the rest keeps its basis a share.
    desk.on("2024-06-21").post(assigned(1, CALL, "0", "2024-06-24"));
    assert_eq!(desk.basis("AAPL"), "$17,645.00 for 100");
}

#[test]
fn a_put_that_still_runs_when_the_shares_leave_keeps_its_own_premium() {
    let mut desk = Desk::with("60000", LotOrder::HighestCost);
    let (near, far) = (PUT, "AAPL 2024-06-28 170 put");
    desk.on("2024-06-13").post(Entry::SellToOpen(option(1, near, "1.80", "0", "2024-06-14")));
    desk.post(Entry::SellToOpen(option(1, far, "3.00", "0", "2024-06-14")));
    desk.on("2024-06-14").post(assigned(1, near, "0", "2024-06-17"));
    assert_eq!(desk.basis("AAPL"), "$17,520.00 for 100", "all premium of the symbol since the position began");
    desk.on("2024-06-17").post(Entry::SellShares(stock(100, "AAPL", "185", "0", "2024-06-18")));
    desk.on("2024-06-28").post(assigned(1, far, "0", "2024-07-01"));
    assert_eq!(desk.basis("AAPL"), "$16,700.00 for 100");
}

#[test]
fn a_split_while_shares_are_held_and_options_run() {
    let mut desk = Desk::with("500000", LotOrder::HighestCost);
    let (put, call) = ("NVDA 2024-06-14 1200 put", "NVDA 2024-06-14 1250 call");
    desk.on("2024-06-05").post(Entry::BuyShares(stock(150, "NVDA", "1150", "1", "2024-06-06")));
    desk.post(Entry::SellToOpen(option(1, put, "30", "0.70", "2024-06-06")));
    desk.post(Entry::SellToOpen(option(1, call, "20", "0.70", "2024-06-06")));
    let before = desk.gen_balance();
    desk.on("2024-06-10").post(Entry::Split { symbol: symbol("NVDA"), new_per_old: 10 });
    assert_eq!(desk.gen_balance(), before, "a split moves no money");
    assert_eq!(desk.ledger.shares(GEN, symbol("NVDA")).0, 1500);
    assert_eq!(desk.ledger.uncovered_shares(GEN, symbol("NVDA")).0, 500);
    let shorts: Vec<_> =
        desk.ledger.shorts(GEN).map(|s| format!("{} {} {}", s.contracts, s.series, s.premium)).collect();
    assert_eq!(shorts, ["10 NVDA 2024-06-14 $120.00 put $3,000.00", "10 NVDA 2024-06-14 $125.00 call $2,000.00"]);
    assert_eq!(desk.basis("NVDA"), "$167,500.00 for 1500", "150 x 1,150 less both premiums");

    desk.on("2024-06-14").post(assigned(3, "NVDA 2024-06-14 120 put", "0", "2024-06-17"));
    desk.post(expired(7, "NVDA 2024-06-14 120 put"));
    desk.post(assigned(10, "NVDA 2024-06-14 125 call", "0", "2024-06-17"));
    assert_eq!(desk.ledger.shares(GEN, symbol("NVDA")).0, 800);
}

#[test]
fn a_split_rounds_a_strike_to_the_cent_and_collateral_follows() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.on("2022-08-24").post(Entry::SellToOpen(option(1, "TSLA 2022-08-26 890 put", "9", "0", "2022-08-25")));
    assert_eq!(desk.ledger.reserved(GEN), usd("89000"));
    desk.on("2022-08-25").post(Entry::Split { symbol: symbol("TSLA"), new_per_old: 3 });
    let short = desk.ledger.shorts(GEN).next().unwrap();
    assert_eq!(short.series.to_string(), "TSLA 2022-08-26 $296.67 put");
    assert_eq!(short.contracts, Contracts(3));
    assert_eq!(desk.ledger.reserved(GEN), usd("89001"));
    // Premium of three contracts, bought back one by one, sums to what was received.
    let mut gains = Vec::new();
    for _ in 0..3 {
        desk.post(Entry::BuyToClose(option(1, "TSLA 2022-08-26 296.67 put", "1", "0", "2022-08-26")));
        gains.push(desk.ledger.last().realised[0].gain());
    }
    assert_eq!(gains, [usd("200"), usd("200"), usd("200")]);
}

#[test]
fn no_dollar_is_reserved_twice() {
    let mut desk = Desk::with("20000", LotOrder::HighestCost);
    desk.post(reserve(1, "18000"));
    assert_eq!(
        desk.refuse(reserve(2, "2000.0001")),
        "1.Gen has $2,000.00 of settled cash that is not reserved; the entry needs $2,000.0001"
    );
    desk.refuse(reserve(1, "100"));
    desk.refuse(Entry::SellToOpen(option(1, PUT, "1.80", "0", "2024-06-14")));
    desk.refuse(Entry::Withdraw { sleeve: GEN, amount: usd("2000.01") });
    desk.refuse(Entry::Move { from: GEN, to: REV, amount: usd("2000.01") });
    desk.refuse(Entry::BuyShares(stock(11, "AAPL", "182", "0", "2024-06-11")));
    desk.post(Entry::Release { order: order(1) });
    assert_eq!(desk.free(), "$20,000.00");
    desk.refuse(Entry::Release { order: order(1) });
}

#[test]
fn a_fill_in_parts_uses_its_reservation_up_in_parts() {
    let mut desk = Desk::with("54000", LotOrder::HighestCost);
    desk.post(reserve(1, "54000"));
    let part = |n| {
        let put = option(n, PUT, "1.80", "0", "2024-06-11");
        Entry::SellToOpen(ledger::entry::OptionTrade { order: Some(order(1)), ..put })
    };
    desk.post(part(1));
    assert_eq!(desk.ledger.reservation(order(1)), Some(usd("36000")));
    assert_eq!(desk.free(), "$0.00");
    desk.post(part(2));
    assert_eq!(desk.ledger.reservation(order(1)), None);
    assert_eq!((desk.free().as_str(), desk.ledger.reserved(GEN)), ("$0.00", usd("54000")));
    assert!(desk.refuse(part(1)).contains("needs $18,000.00"));
}

#[test]
fn shares_are_promised_once() {
    let mut desk = Desk::with("40000", LotOrder::HighestCost);
    desk.post(Entry::BuyShares(stock(199, "AAPL", "180", "0", "2024-06-11")));
    assert_eq!(
        desk.refuse(Entry::SellToOpen(option(2, CALL, "2", "0", "2024-06-11"))),
        "1.Gen has 199 shares of AAPL that cover no call and no order; the entry needs 200"
    );
    let hold = Entry::ReserveShares {
        sleeve: GEN,
        order: order(1),
        symbol: symbol("AAPL"),
        shares: market::value::Shares(100),
    };
    desk.post(hold);
    desk.refuse(Entry::SellToOpen(option(1, CALL, "2", "0", "2024-06-11")));
    let call = option(1, CALL, "2", "0", "2024-06-11");
    desk.post(Entry::SellToOpen(ledger::entry::OptionTrade { order: Some(order(1)), ..call }));
    assert!(desk.refuse(Entry::SellShares(stock(100, "AAPL", "190", "0", "2024-06-11"))).contains("has 99 shares"));
    desk.post(Entry::SellShares(stock(99, "AAPL", "190", "0", "2024-06-11")));
    assert!(desk.refuse(Entry::SellShares(stock(1, "AAPL", "190", "0", "2024-06-11"))).contains("has 0 shares"));
}

#[test]
fn lots_leave_in_the_order_chosen_and_split_to_the_cent() {
    let story = |lots| {
        let mut desk = Desk::with("100000", lots);
        desk.on("2024-06-10").post(Entry::BuyShares(stock(100, "AAPL", "180", "1.00", "2024-06-11")));
        desk.on("2024-06-11").post(Entry::BuyShares(stock(100, "AAPL", "190", "1.00", "2024-06-12")));
        desk.on("2024-06-12").post(Entry::BuyShares(stock(100, "AAPL", "185", "1.00", "2024-06-13")));
        desk.on("2024-06-13").post(Entry::SellShares(stock(133, "AAPL", "187", "0.50", "2024-06-14")));
        let left: Vec<_> = desk.ledger.lots(GEN).iter().map(|l| format!("{} {}", l.shares, l.basis())).collect();
        (desk.realised(), left)
    };
    let (realised, left) = story(LotOrder::HighestCost);
    // The fee of 0.50 falls on 100 and 33 shares as 0.37 and 0.13; 33/100 of a fee of 1.00 leaves with the part.
    assert_eq!(
        realised,
        ["100 AAPL Sold: $18,699.63 - $19,001.00 = -$301.37", "33 AAPL Sold: $6,170.87 - $6,105.33 = $65.54"]
    );
    assert_eq!(left, ["100 $18,001.00", "67 $12,395.67"]);
    let (realised, left) = story(LotOrder::Fifo);
    assert_eq!(
        realised,
        ["100 AAPL Sold: $18,699.63 - $18,001.00 = $698.63", "33 AAPL Sold: $6,170.87 - $6,270.33 = -$99.46"]
    );
    assert_eq!(left, ["67 $12,730.67", "100 $18,501.00"]);
}

#[test]
fn contracts_of_one_series_close_in_the_order_in_which_they_were_sold() {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.on("2024-06-10").post(Entry::SellToOpen(option(2, PUT, "1.00", "1.41", "2024-06-11")));
    desk.on("2024-06-11").post(Entry::SellToOpen(option(1, PUT, "3.00", "0.70", "2024-06-12")));
    let short = desk.ledger.short(GEN, &series(PUT)).unwrap();
    assert_eq!((short.contracts.0, short.premium, short.fees), (3, usd("500"), usd("2.11")));
    assert_eq!(short.opened, date("2024-06-10"));
    desk.post(Entry::BuyToClose(option(1, PUT, "2.00", "0.70", "2024-06-12")));
    assert_eq!(desk.realised(), ["1 AAPL 2024-06-14 $180.00 put BoughtBack: $99.30 - $200.70 = -$101.40"]);
    desk.on("2024-06-14").post(expired(2, PUT));
    assert_eq!(
        desk.realised(),
        [
            "1 AAPL 2024-06-14 $180.00 put Expired: $99.29 - $0.00 = $99.29",
            "1 AAPL 2024-06-14 $180.00 put Expired: $299.30 - $0.00 = $299.30"
        ]
    );
}

#[test]
fn fees_of_an_assignment_that_free_cash_cannot_pay_become_a_debit_at_settlement() {
    let mut desk = Desk::with("18000", LotOrder::HighestCost);
    desk.on("2024-06-13").post(Entry::SellToOpen(option(1, PUT, "0.10", "0.70", "2024-06-14")));
    desk.on("2024-06-14").post(assigned(1, PUT, "15", "2024-06-17"));
    assert_eq!(desk.free(), "-$15.00");
    desk.refuse(Entry::Withdraw { sleeve: GEN, amount: usd("0.01") });
    desk.on("2024-06-17").post(settle("2024-06-17"));
    assert_eq!(desk.ledger.last().debit, Some(GEN));
    assert_eq!(desk.ledger.overdue(GEN, desk.today), usd("18015"));
    assert_eq!(desk.free(), "-$5.70");
    assert_eq!(desk.ledger.overdue(GEN, date("2024-06-16")), usd("0"));

    // Shares may be covered and cash may come in while the sleeve is short.
    desk.post(Entry::SellToOpen(option(1, CALL, "2", "0.70", "2024-06-18")));
    assert_eq!(desk.ledger.overdue(GEN, date("2024-06-18")), usd("18015"), "what comes in is not what is owed");
    desk.on("2024-06-18").post(settle("2024-06-18"));
    assert_eq!(desk.ledger.last().debit, None, "the call's premium has paid it: receipts come before payments");
    assert_eq!((desk.ledger.overdue(GEN, desk.today), desk.free().as_str()), (usd("0"), "$193.60"));
}

#[test]
fn sleeves_are_separate_and_the_broker_sees_their_sum() {
    use ledger::account::Instrument;
    let mut desk = Desk::with("20000", LotOrder::HighestCost);
    desk.post(deposit("0", "40000", "0"));
    desk.post(Entry::SellToOpen(option(1, PUT, "1.80", "0", "2024-06-11")));
    desk.post(Entry::SellToOpen(ledger::entry::OptionTrade {
        sleeve: REV,
        ..option(2, PUT, "1.80", "0", "2024-06-11")
    }));
    let position = |desk: &Desk, what| desk.ledger.position(what);
    assert_eq!(position(&desk, Instrument::Option(series(PUT))), -3);
    desk.on("2024-06-14").post(assigned(1, PUT, "0", "2024-06-17"));
    assert_eq!(position(&desk, Instrument::Option(series(PUT))), -2);
    assert_eq!(position(&desk, Instrument::Shares(symbol("AAPL"))), 100);
    assert_eq!(desk.ledger.shares(REV, symbol("AAPL")).0, 0);
    assert!(desk.refuse(expired(1, PUT)).contains("has written 0"));
    assert_eq!(desk.ledger.balance(COM), ledger::SleeveBalance::default());
}

#[test]
fn a_statement_that_does_not_add_up_is_told_apart() {
    let desk = Desk::with("100", LotOrder::HighestCost);
    let balance = desk.gen_balance();
    assert!(balance.is_identity());
    let off = ledger::SleeveBalance { settled: usd("99.99"), ..balance };
    assert!(!off.is_identity());
    assert_eq!((off.assets(), off.capital(), off.gains()), (usd("99.99"), usd("100"), usd("0")));
}
