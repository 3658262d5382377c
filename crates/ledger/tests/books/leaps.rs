//! Calls that are held: bought, sold, exercised, expired, split; and written options that cross between sleeves.

use super::desk::*;
use ledger::account::Instrument;
use ledger::entry::{Assignment, Cross, Exercise, OptionTrade, Roll};
use ledger::{Entry, LotOrder, Purpose, SleeveId, SleeveKind, StructureId};
use market::value::{Contracts, Money, Price, Shares};

const LEAPS: &str = "AAPL 2026-01-16 150 call";
const PUT: &str = "AAPL 2024-06-14 180 put";
const CALL: &str = "AAPL 2024-06-14 190 call";
const NOWHERE: SleeveId = SleeveId::new(StructureId(9), SleeveKind::Generation);

fn bought(contracts: i64, at: &str) -> OptionTrade {
    option(contracts, LEAPS, at, "0.70", "2024-06-11")
}

fn exercise(contracts: i64, fees: &str) -> Entry {
    let (fees, settles) = (usd(fees), date("2026-01-20"));
    Entry::Exercise(Exercise { sleeve: GEN, series: series(LEAPS), contracts: Contracts(contracts), fees, settles })
}

fn expired_long(contracts: i64) -> Entry {
    Entry::ExpireLong { sleeve: GEN, series: series(LEAPS), contracts: Contracts(contracts) }
}

fn cross(contracts: i64, what: &str, at: &str) -> Cross {
    let (series, contracts, price) = (series(what), Contracts(contracts), price(at));
    Cross { series, contracts, from: GEN, to: REV, price, close: None, open: None }
}

#[test]
fn what_is_set_aside_pays_for_leaps() {
    let mut desk = Desk::with("10000", LotOrder::HighestCost);
    desk.post(Entry::Earmark { sleeve: GEN, purpose: Purpose::Leaps, amount: usd("5000") });
    assert_eq!(
        desk.post(Entry::BuyToOpen(bought(1, "48"))),
        [
            "1.Gen:long options:AAPL 2026-01-16 $150.00 call debit $4,800.00 x1",
            "market:AAPL 2026-01-16 $150.00 call credit $0.00 x1",
            "1.Gen:payable credit $4,800.70",
            "1.Gen:fees debit $0.70",
        ]
    );
    assert_eq!(desk.ledger.earmark(GEN, Purpose::Leaps), usd("199.30"), "what a contract cannot use waits");
    assert_eq!(desk.free(), "$5,000.00");
    let lot = desk.ledger.longs(GEN)[0];
    assert_eq!(desk.ledger.last().lot, Some(lot.id));
    assert_eq!((lot.opened, lot.settles, lot.contracts), (date("2024-06-10"), date("2024-06-11"), Contracts(1)));
    assert_eq!((lot.cost, lot.fees, lot.basis()), (usd("4800"), usd("0.70"), usd("4800.70")));
    assert_eq!(desk.ledger.position(Instrument::Option(series(LEAPS))), 1);

    // An order's reservation pays first, then what is set aside, then free cash.
    desk.post(reserve(1, "3000"));
    desk.post(Entry::BuyToOpen(OptionTrade { order: Some(order(1)), ..bought(1, "49") }));
    assert_eq!((desk.ledger.reservation(order(1)), desk.free().as_str()), (None, "$298.60"));
    assert_eq!(desk.ledger.earmark(GEN, Purpose::Leaps), Money::ZERO);
    assert_eq!(
        desk.refuse(Entry::BuyToOpen(bought(1, "3"))),
        "1.Gen has $298.60 of settled cash that is not reserved; the entry needs $300.70"
    );
    let balance = desk.gen_balance();
    assert_eq!((balance.longs_cost, balance.assets()), (usd("9700"), usd("19700")));
    assert_eq!(balance.settled, usd("10000"), "the value of LEAPS is no cash");
}

#[test]
fn leaps_leave_by_the_standing_order_of_lots() {
    let story = |lots| {
        let mut desk = Desk::with("50000", lots);
        desk.on("2024-06-10").post(Entry::BuyToOpen(bought(2, "40")));
        desk.on("2024-06-11").post(Entry::BuyToOpen(bought(2, "50")));
        desk.on("2024-06-12").post(Entry::SellToClose(option(3, LEAPS, "45", "2.10", "2024-06-13")));
        desk
    };
    let desk = story(LotOrder::HighestCost);
    let kept = "1 AAPL 2026-01-16 $150.00 call LongSold: $4,499.30 - $4,000.35 = $498.95";
    assert_eq!(desk.realised(), ["2 AAPL 2026-01-16 $150.00 call LongSold: $8,998.60 - $10,000.70 = -$1,002.10", kept]);
    assert_eq!(desk.ledger.last().realised[0].opened, date("2024-06-11"));
    let balance = desk.gen_balance();
    assert_eq!((balance.long_gains, balance.longs_cost), (usd("-500"), usd("4000")));
    assert_eq!((balance.realised, balance.receivable), (usd("-503.15"), usd("13497.90")));
    assert_eq!(desk.ledger.long_contracts(GEN, &series(LEAPS)), Contracts(1));

    let desk = story(LotOrder::Fifo);
    assert_eq!(
        desk.realised(),
        [
            "2 AAPL 2026-01-16 $150.00 call LongSold: $8,998.60 - $8,000.70 = $997.90",
            "1 AAPL 2026-01-16 $150.00 call LongSold: $4,499.30 - $5,000.35 = -$501.05",
        ]
    );
}

#[test]
fn a_sale_of_leaps_that_costs_more_than_it_brings() {
    let mut desk = Desk::with("5000", LotOrder::HighestCost);
    desk.post(Entry::BuyToOpen(bought(1, "40")));
    assert_eq!(
        desk.post(Entry::SellToClose(option(1, LEAPS, "0.01", "1.75", "2024-06-11"))),
        [
            "1.Gen:long options:AAPL 2026-01-16 $150.00 call credit $4,000.00 x1",
            "market:AAPL 2026-01-16 $150.00 call debit $0.00 x1",
            "1.Gen:long option gains debit $3,999.00",
            "1.Gen:payable credit $0.75",
            "1.Gen:fees debit $1.75",
            "1.Gen:payable pending debit $0.75",
            "1.Gen:cash pending credit $0.75",
        ]
    );
}

/// E-8: what a put that was bought back on that day had brought belongs to a position that ended.
#[test]
fn an_exercise_begins_a_position() {
    let mut desk = Desk::with("60000", LotOrder::HighestCost);
    desk.post(Entry::BuyToOpen(bought(1, "40")));
    desk.on("2026-01-15").post(settle("2026-01-15"));
    let put = |at| option(1, "AAPL 2026-01-23 140 put", at, "0", "2026-01-20");
    desk.post(Entry::SellToOpen(put("3")));
    desk.on("2026-01-16").post(Entry::BuyToClose(put("1")));
    desk.post(exercise(1, "0"));
    assert_eq!(desk.basis("AAPL"), "$19,000.00 for 100");
}

#[test]
fn leaps_are_exercised_with_their_cost_in_the_basis() {
    let mut desk = Desk::with("40000", LotOrder::HighestCost);
    desk.post(Entry::BuyToOpen(bought(2, "40")));
    desk.on("2024-06-11").post(settle("2024-06-11"));
    assert_eq!(
        desk.on("2026-01-16").post(exercise(1, "5")),
        [
            "1.Gen:long options:AAPL 2026-01-16 $150.00 call credit $4,000.00 x1",
            "market:AAPL 2026-01-16 $150.00 call debit $0.00 x1",
            "1.Gen:shares:AAPL debit $19,000.00 x100",
            "market:AAPL credit $0.00 x100",
            "1.Gen:payable credit $15,005.00",
            "1.Gen:fees debit $5.00",
            "1.Gen:payable pending debit $15,005.00",
            "1.Gen:cash pending credit $15,005.00",
        ]
    );
    assert!(desk.realised().is_empty());
    let lot = desk.ledger.lots(GEN)[0];
    assert_eq!((lot.paid, lot.premium, lot.fees), (usd("19000"), Money::ZERO, usd("5.35")));
    assert_eq!((lot.acquired, lot.settles), (date("2026-01-16"), date("2026-01-20")));
    assert_eq!(desk.basis("AAPL"), "$19,000.00 for 100");
    assert_eq!(
        desk.refuse(exercise(1, "2000")),
        "1.Gen has $16,994.30 of settled cash that is not reserved; the entry needs $17,000.00"
    );
    assert_eq!(
        desk.post(expired_long(1)),
        [
            "1.Gen:long options:AAPL 2026-01-16 $150.00 call credit $4,000.00 x1",
            "market:AAPL 2026-01-16 $150.00 call debit $0.00 x1",
            "1.Gen:long option gains debit $4,000.00",
        ]
    );
    assert_eq!(desk.realised(), ["1 AAPL 2026-01-16 $150.00 call LongExpired: $0.00 - $4,000.35 = -$4,000.35"]);
}

#[test]
fn leaps_cover_nothing_and_follow_splits() {
    let mut desk = Desk::with("50000", LotOrder::HighestCost);
    desk.post(Entry::BuyToOpen(bought(2, "40")));
    assert!(desk.refuse(Entry::SellToOpen(option(1, CALL, "1", "0", "2024-06-11"))).contains("has 0 shares"));
    assert_eq!(
        desk.post(Entry::Split { symbol: symbol("AAPL"), new_per_old: 4 }),
        [
            "1.Gen:long options:AAPL 2026-01-16 $150.00 call credit $8,000.00 x2",
            "market:AAPL 2026-01-16 $150.00 call debit $0.00 x2",
            "1.Gen:long options:AAPL 2026-01-16 $37.50 call debit $8,000.00 x8",
            "market:AAPL 2026-01-16 $37.50 call credit $0.00 x8",
        ]
    );
    let long = desk.ledger.longs(GEN)[0];
    assert_eq!((long.series.strike, long.contracts, long.cost), (price("37.50"), Contracts(8), usd("8000")));

    let odd = |strike: &str| option(1, &format!("NVDA 2026-01-16 {strike} call"), "1", "0", "2024-06-11");
    desk.post(Entry::BuyToOpen(odd("10.00")));
    desk.post(Entry::BuyToOpen(odd("10.01")));
    let blurred = "the split would round the strike of NVDA 2026-01-16 $10.00 call to zero, to that of another series, \
                   or below its own premium";
    assert_eq!(desk.refuse(Entry::Split { symbol: symbol("NVDA"), new_per_old: 4 }), blurred);
    desk.post(Entry::SellToClose(odd("10.01")));
    desk.post(Entry::Split { symbol: symbol("NVDA"), new_per_old: 4 });
    desk.post(Entry::BuyToOpen(option(1, "TSLA 2026-01-16 0.01 call", "1", "0", "2024-06-11")));
    assert!(desk.refuse(Entry::Split { symbol: symbol("TSLA"), new_per_old: 3 }).contains("round the strike"));
    // A written call and a long one of one name do not disturb each other.
    desk.post(Entry::BuyToOpen(option(1, "MSFT 2026-01-16 400 call", "1", "0", "2024-06-11")));
    desk.post(Entry::SellToOpen(option(1, "MSFT 2024-06-14 40 put", "1", "0", "2024-06-11")));
    desk.post(Entry::Split { symbol: symbol("MSFT"), new_per_old: 2 });
}

#[test]
fn a_split_of_leaps_beyond_counting() {
    let mut desk = Desk::with("100000000000", LotOrder::HighestCost);
    let many = option(1_000_000_000, "AAPL 2026-01-16 0.9 call", "0.0001", "0", "2024-06-11");
    desk.post(Entry::BuyToOpen(many));
    desk.post(Entry::Split { symbol: symbol("AAPL"), new_per_old: 10 });
    assert!(desk.refuse(Entry::Split { symbol: symbol("AAPL"), new_per_old: 2 }).contains("cannot be booked"));
}

#[test]
fn trades_in_leaps_that_are_refused() {
    let mut desk = Desk::with("50000", LotOrder::HighestCost);
    desk.post(Entry::BuyToOpen(bought(1, "40")));
    let none = "1.Gen holds 1 of AAPL 2026-01-16 $150.00 call; the entry needs 2";
    assert_eq!(desk.refuse(Entry::SellToClose(bought(2, "40"))), none);
    assert_eq!(desk.on("2026-01-16").refuse(expired_long(2)), none);
    assert_eq!(desk.refuse(exercise(2, "0")), none);
    desk.on("2024-06-10");
    let put = option(1, PUT, "1", "0", "2024-06-11");
    let only_calls = "AAPL 2024-06-14 $180.00 put is a put; only calls are bought to be held";
    assert_eq!(desk.refuse(Entry::BuyToOpen(put)), only_calls);
    assert_eq!(desk.refuse(Entry::SellToClose(put)), only_calls);
    let free = OptionTrade { price: Price::ZERO, ..bought(1, "40") };
    for entry in [Entry::BuyToOpen(free), Entry::SellToClose(free)] {
        assert_eq!(desk.refuse(entry), "the price is $0.00; expected more than zero");
    }
    for entry in [Entry::BuyToOpen(bought(0, "40")), exercise(0, "0"), expired_long(0)] {
        assert_eq!(desk.refuse(entry), "the quantity is 0; expected 1 to 1,000,000,000");
    }
    assert_eq!(desk.refuse(exercise(1, "-1")), "the fee is -$1.00; expected zero or more");
    let large = "one entry moves more than $100,000,000,000; expected less";
    assert_eq!(desk.refuse(exercise(1, "100000000001")), large);
    assert_eq!(desk.refuse(exercise(1_000_000_000, "0")), large);
    assert_eq!(
        desk.refuse(expired_long(1)),
        "AAPL 2026-01-16 $150.00 call cannot expire on 2024-06-10: its last day has not come"
    );
    desk.on("2024-06-12");
    let late = "the trade of 2024-06-12 would settle on 2024-06-11; expected its own day or a later one";
    assert_eq!(desk.refuse(Entry::BuyToOpen(bought(1, "40"))), late);
    assert_eq!(desk.refuse(Entry::SellToClose(bought(1, "40"))), late);
    let over = "AAPL 2026-01-16 $150.00 call ended before 2026-01-17; it cannot be traded or assigned any more";
    desk.on("2026-01-17");
    assert_eq!(desk.refuse(exercise(1, "0")), over);
    assert_eq!(desk.refuse(Entry::SellToClose(option(1, LEAPS, "40", "0", "2026-01-20"))), over);
    let nowhere = "sleeve 9.Gen does not exist; its structure must be founded with it first";
    let sleeve = NOWHERE;
    let Entry::Exercise(inside) = exercise(1, "0") else { unreachable!() };
    for entry in [
        Entry::BuyToOpen(OptionTrade { sleeve, ..bought(1, "40") }),
        Entry::SellToClose(OptionTrade { sleeve, ..bought(1, "40") }),
        Entry::ExpireLong { sleeve, series: series(LEAPS), contracts: Contracts(1) },
        Entry::Exercise(Exercise { sleeve, ..inside }),
        Entry::Earmark { sleeve, purpose: Purpose::Leaps, amount: Money::ZERO },
        Entry::ToTaxReserve { sleeve, amount: usd("1") },
        Entry::FromTaxReserve { sleeve, amount: usd("1") },
        Entry::Cross(Cross { to: sleeve, ..cross(1, PUT, "1") }),
        Entry::Cross(Cross { from: sleeve, ..cross(1, PUT, "1") }),
    ] {
        assert_eq!(desk.refuse(entry), nowhere);
    }
}

/// A desk with $40,000 in Generation, which wrote two puts at 2.00, and $18,000 in Revenue.
fn with_puts() -> Desk {
    let mut desk = Desk::with("40000", LotOrder::HighestCost);
    desk.post(deposit("0", "17950", "0"));
    desk.post(Entry::SellToOpen(option(2, PUT, "2.00", "1.41", "2024-06-11")));
    desk.on("2024-06-11").post(settle("2024-06-11"));
    desk
}

#[test]
fn a_put_crosses() {
    let mut desk = with_puts();
    assert_eq!(
        desk.post(Entry::Cross(cross(1, PUT, "0.50"))),
        [
            "1.Gen:written options:AAPL 2024-06-14 $180.00 put debit $200.00 x1",
            "1.Rev:written options:AAPL 2024-06-14 $180.00 put credit $200.00 x1",
            "1.Gen:crosses credit $150.00",
            "1.Rev:crosses debit $150.00",
            "1.Gen:cash credit $50.00",
            "1.Rev:cash debit $50.00",
            "1.Gen:payable released debit $18,000.00",
            "1.Gen:cash released credit $18,000.00",
            "1.Rev:payable pending debit $18,000.00",
            "1.Rev:cash pending credit $18,000.00",
        ]
    );
    assert!(desk.realised().is_empty(), "for tax a cross realises nothing");
    let (written, taken) = (desk.ledger.written(GEN)[0], desk.ledger.written(REV)[0]);
    assert_eq!((written.id, written.opened, written.contracts), (taken.id, taken.opened, Contracts(1)));
    assert_eq!((taken.premium, taken.fees, taken.received), (usd("200"), usd("0.70"), usd("50")));
    assert_eq!((written.premium, written.fees, written.received), (usd("200"), usd("0.71"), usd("200")));
    assert_eq!(desk.ledger.position(Instrument::Option(series(PUT))), -2, "at the broker nothing has happened");
    assert_eq!((desk.gen_balance().crosses, desk.ledger.balance(REV).crosses), (usd("150"), usd("-150")));
    assert_eq!(desk.ledger.free_cash(REV), Money::ZERO);

    // Where it ends, all of its premium is realised, with the fees that another paid.
    let expired = |sleeve| Entry::Expire { sleeve, series: series(PUT), contracts: Contracts(1) };
    desk.on("2024-06-14").post(expired(REV));
    assert_eq!(desk.realised(), ["1 AAPL 2024-06-14 $180.00 put Expired: $199.30 - $0.00 = $199.30"]);
    let revenue = desk.ledger.balance(REV);
    assert_eq!((revenue.gains(), revenue.realised, revenue.fees), (usd("50"), usd("199.30"), Money::ZERO));
    desk.post(expired(GEN));
    let generation = desk.gen_balance();
    assert_eq!((generation.gains(), generation.realised), (usd("348.59"), usd("199.29")));
}

#[test]
fn an_assigned_put_that_crossed_has_its_premium_for_tax_and_its_price_for_the_sleeve() {
    let mut desk = with_puts();
    desk.post(Entry::Cross(cross(1, PUT, "0.50")));
    let (series, contracts, fees, settles) = (series(PUT), Contracts(1), Money::ZERO, date("2024-06-17"));
    let assign = |sleeve| Entry::Assign(Assignment { sleeve, series, contracts, fees, settles });
    desk.on("2024-06-14").post(assign(REV));
    assert_eq!(desk.ledger.lots(REV)[0].basis(), usd("17800.70"));
    assert_eq!(desk.ledger.cash_basis(REV, symbol("AAPL")), Some((usd("17950"), Shares(100))));
    desk.post(assign(GEN));
    assert_eq!(desk.basis("AAPL"), "$17,650.00 for 100", "18,000 less 400 received, plus 50 paid");
}

#[test]
fn a_call_crosses_to_other_shares_and_its_own_are_free() {
    let mut desk = Desk::with("40000", LotOrder::HighestCost);
    desk.post(deposit("0", "40000", "0"));
    for sleeve in [GEN, REV] {
        let shares = stock(100, "AAPL", "185", "0", "2024-06-11");
        desk.post(Entry::BuyShares(ledger::entry::ShareTrade { sleeve, ..shares }));
    }
    desk.on("2024-06-11").post(settle("2024-06-11"));
    desk.post(Entry::SellToOpen(option(1, CALL, "1.00", "0", "2024-06-12")));
    let hold = |shares| Entry::ReserveShares { sleeve: REV, order: order(2), symbol: symbol("AAPL"), shares };
    desk.post(hold(Shares(100)));
    desk.post(reserve(1, "250"));
    assert_eq!(
        desk.refuse(Entry::Cross(cross(1, CALL, "2.00"))),
        "1.Rev has 0 shares of AAPL that cover no call and no order; the entry needs 100"
    );
    let filled = Cross { close: Some(order(1)), open: Some(order(2)), ..cross(1, CALL, "2.00") };
    let wrong = Cross { open: Some(order(1)), ..filled };
    assert!(desk.refuse(Entry::Cross(wrong)).contains("made for something else"));
    let wrong = Cross { close: Some(order(2)), ..filled };
    assert!(desk.refuse(Entry::Cross(wrong)).contains("made for something else"));
    desk.post(Entry::Cross(filled));
    assert_eq!(desk.ledger.reservation(order(1)), Some(usd("50")), "an order that is not filled whole goes on");
    assert_eq!(desk.ledger.reservation(order(2)), None);
    let uncovered = |sleeve| desk.ledger.uncovered_shares(sleeve, symbol("AAPL"));
    assert_eq!((uncovered(GEN), uncovered(REV)), (Shares(100), Shares(0)));
    assert_eq!((desk.gen_balance().crosses, desk.ledger.balance(REV).crosses), (usd("-100"), usd("100")));
    assert_eq!(desk.basis("AAPL"), "$18,600.00 for 100", "a dollar received, two paid");
    assert_eq!(desk.ledger.cash_basis(REV, symbol("AAPL")), Some((usd("18300"), Shares(100))));
    // Shares that leave while the call runs leave the price of the cross in the cash view.
    desk.on("2024-06-14").post(Entry::Assign(Assignment {
        sleeve: REV,
        series: series(CALL),
        contracts: Contracts(1),
        fees: Money::ZERO,
        settles: date("2024-06-17"),
    }));
    assert_eq!(desk.realised(), ["100 AAPL CalledAway: $19,100.00 - $18,500.00 = $600.00"]);
    assert_eq!(desk.ledger.balance(REV).gains(), usd("700"));
}

#[test]
fn lots_that_cross_in_parts_stand_in_the_order_in_which_they_were_sold() {
    let mut desk = with_puts();
    desk.post(deposit("0", "60000", "0"));
    desk.post(Entry::SellToOpen(OptionTrade { sleeve: REV, ..option(1, PUT, "3.00", "0", "2024-06-12") }));
    desk.post(Entry::Cross(cross(1, PUT, "1")));
    desk.post(Entry::Cross(cross(1, PUT, "1.10")));
    let lots: Vec<_> = desk.ledger.written(REV).iter().map(|w| (w.id.0, w.received)).collect();
    assert_eq!(lots, [(1, usd("100")), (1, usd("110")), (2, usd("300"))]);
    assert!(desk.ledger.written(GEN).is_empty());
    let short = desk.ledger.short(REV, &series(PUT)).unwrap();
    assert_eq!((short.contracts, short.premium, short.opened), (Contracts(3), usd("700"), date("2024-06-10")));
    // Two lots cross in one entry.
    let back = Cross { from: REV, to: GEN, ..cross(2, PUT, "1") };
    desk.post(Entry::Cross(back));
    assert_eq!(desk.ledger.written(GEN).len(), 2);
    assert_eq!((desk.gen_balance().crosses, desk.ledger.balance(REV).crosses), (usd("-10"), usd("10")));
}

#[test]
fn crosses_that_are_refused() {
    let mut desk = with_puts();
    let mut refused = |cross, sentence: &str| assert_eq!(desk.refuse(Entry::Cross(cross)), sentence);
    let plain = cross(1, PUT, "0.50");
    refused(Cross { to: GEN, ..plain }, "sleeve 1.Gen cannot give to itself; expected two sleeves");
    refused(Cross { price: Price::ZERO, ..plain }, "the price is $0.00; expected more than zero");
    refused(Cross { contracts: Contracts(0), ..plain }, "the quantity is 0; expected 1 to 1,000,000,000");
    refused(cross(3, PUT, "0.50"), "1.Gen has written 2 of AAPL 2024-06-14 $180.00 put; the entry needs 3");
    refused(
        cross(1, PUT, "180.01"),
        "AAPL 2024-06-14 $180.00 put was sold for $18,001.00 in all, above its collateral $18,000.00; \
         no put is worth more",
    );
    refused(
        cross(1, PUT, "0.49"),
        "1.Rev has $17,999.00 of settled cash that is not reserved; the entry needs $18,000.00",
    );
    desk.on("2024-06-15");
    assert_eq!(
        desk.refuse(Entry::Cross(plain)),
        "AAPL 2024-06-14 $180.00 put ended before 2024-06-15; it cannot be traded or assigned any more"
    );
}

/// The price of a cross is paid at once: collateral that an assignment's fees have eaten into cannot pay it whole.
#[test]
fn a_sleeve_in_debt_cannot_pay_for_a_cross() {
    let mut desk = Desk::with("20000", LotOrder::HighestCost);
    desk.post(deposit("0", "40000", "0"));
    let small = "AAPL 2024-06-28 20 put";
    for what in [PUT, small] {
        desk.post(Entry::SellToOpen(option(1, what, "0.01", "1.00", "2024-06-12")));
    }
    desk.on("2024-06-14").post(assigned(1, PUT, "100", "2024-06-14"));
    desk.post(settle("2024-06-14"));
    assert_eq!((desk.free().as_str(), desk.ledger.settled_cash(GEN)), ("-$100.00", usd("1900")));
    assert_eq!(
        desk.refuse(Entry::Cross(cross(1, small, "19.01"))),
        "1.Gen has $1,900.00 of settled cash that is not reserved; the entry needs $1,901.00"
    );
    desk.post(Entry::Cross(cross(1, small, "19")));
    assert_eq!(desk.ledger.settled_cash(GEN), Money::ZERO);
}

/// A roll in part: some contracts stay, fewer or more are written than are bought back.
#[test]
fn puts_and_calls_roll_in_part() {
    let mut desk = Desk::with("120000", LotOrder::HighestCost);
    desk.post(Entry::BuyShares(stock(300, "AAPL", "185", "0", "2024-06-10")));
    desk.post(Entry::SellToOpen(option(3, PUT, "2.00", "0", "2024-06-10")));
    desk.post(Entry::SellToOpen(option(3, CALL, "1.50", "0", "2024-06-10")));
    desk.post(settle("2024-06-10"));
    let roll = |close: OptionTrade, open: OptionTrade| {
        Entry::Roll(Roll {
            sleeve: GEN,
            close: close.leg(),
            open: open.leg(),
            settles: date("2024-06-11"),
            order: None,
        })
    };
    let day = "2024-06-11";
    desk.post(roll(option(2, PUT, "4", "0", day), option(1, "AAPL 2024-06-21 175 put", "8.50", "0", day)));
    desk.post(roll(option(1, CALL, "3", "0", day), option(1, "AAPL 2024-06-21 195 call", "3.20", "0", day)));
    let shorts: Vec<_> =
        desk.ledger.shorts(GEN).map(|s| format!("{} {} {}", s.contracts, s.series, s.premium)).collect();
    assert_eq!(
        shorts,
        [
            "1 AAPL 2024-06-14 $180.00 put $200.00",
            "2 AAPL 2024-06-14 $190.00 call $300.00",
            "1 AAPL 2024-06-21 $175.00 put $850.00",
            "1 AAPL 2024-06-21 $195.00 call $320.00",
        ]
    );
    assert_eq!(desk.ledger.uncovered_shares(GEN, symbol("AAPL")), Shares(0));
    let more = roll(option(1, CALL, "3", "0", day), option(2, "AAPL 2024-06-21 195 call", "3.20", "0", day));
    assert_eq!(desk.refuse(more), "1.Gen has 100 shares of AAPL that cover no call and no order; the entry needs 200");
}

/// A put needs cash: an order that keeps shares does not secure it, whatever shares they are.
#[test]
fn a_crossed_put_is_secured_by_an_order_for_cash_alone() {
    let mut desk = with_puts();
    desk.post(deposit("0", "18000", "0"));
    let shares = ledger::entry::ShareTrade { sleeve: REV, ..stock(100, "AAPL", "180", "0", "2024-06-12") };
    desk.post(Entry::BuyShares(shares));
    desk.on("2024-06-12").post(settle("2024-06-12"));
    desk.post(Entry::ReserveShares { sleeve: REV, order: order(1), symbol: symbol("AAPL"), shares: Shares(100) });
    let by = |sequence| Entry::Cross(Cross { open: Some(order(sequence)), ..cross(1, PUT, "0.50") });
    assert!(desk.refuse(by(1)).starts_with("the reservation of order "));
    desk.post(Entry::Reserve { sleeve: REV, order: order(2), amount: usd("17950") });
    desk.post(by(2));
    assert_eq!(desk.ledger.free_cash(REV), Money::ZERO);
}
