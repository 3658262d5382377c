//! What each entry books, line by line, in dollars.

use super::desk::*;
use ledger::entry::{OptionTrade, Roll};
use ledger::id::SleeveKinds;
use ledger::{Entry, LotOrder, SleeveId, SleeveKind, StructureId, TransactionId};
use market::value::{Money, Shares};

const PUT: &str = "AAPL 2024-06-14 180 put";
const CALL: &str = "AAPL 2024-06-14 190 call";

/// A desk with $100,000, 200 shares of AAPL, two short puts and a short call, all settled.
fn busy() -> Desk {
    let mut desk = Desk::with("100000", LotOrder::HighestCost);
    desk.on("2024-06-10").post(Entry::BuyShares(stock(200, "AAPL", "185", "1", "2024-06-11")));
    desk.post(Entry::SellToOpen(option(2, PUT, "1.50", "1.40", "2024-06-11")));
    desk.post(Entry::SellToOpen(option(1, CALL, "1.00", "0.70", "2024-06-11")));
    desk.on("2024-06-11").post(settle("2024-06-11"));
    desk
}

#[track_caller]
fn books(desk: &mut Desk, entry: Entry, lines: &[&str]) {
    assert_eq!(desk.post(entry), lines);
}

#[test]
fn cash_of_the_owner_and_between_sleeves() {
    let mut desk = Desk::with("0", LotOrder::HighestCost);
    books(
        &mut desk,
        deposit("40.01", "30", "0"),
        &[
            "1.Gen:cash debit $40.01",
            "1.Gen:owner credit $40.01",
            "1.Rev:cash debit $30.00",
            "1.Rev:owner credit $30.00",
        ],
    );
    books(
        &mut desk,
        Entry::Move { from: GEN, to: COM, amount: usd("15") },
        &[
            "1.Gen:transfers debit $15.00",
            "1.Gen:cash credit $15.00",
            "1.Com:cash debit $15.00",
            "1.Com:transfers credit $15.00",
        ],
    );
    books(
        &mut desk,
        Entry::Withdraw { sleeve: GEN, amount: usd("25.01") },
        &["1.Gen:owner debit $25.01", "1.Gen:cash credit $25.01"],
    );
    books(
        &mut desk,
        Entry::Interest { sleeve: REV, amount: usd("0.07") },
        &["1.Rev:cash debit $0.07", "1.Rev:interest credit $0.07"],
    );
    let (gen_sleeve, com) = (desk.gen_balance(), desk.ledger.balance(COM));
    assert_eq!((gen_sleeve.contributed, gen_sleeve.withdrawn), (usd("40.01"), usd("25.01")));
    assert_eq!((gen_sleeve.moved_out, com.moved_in), (usd("15"), usd("15")));
    assert_eq!((gen_sleeve.settled, gen_sleeve.capital(), gen_sleeve.gains()), (usd("0"), usd("0"), usd("0")));
    assert_eq!(desk.ledger.balance(REV).gains(), usd("0.07"));
}

#[test]
fn reservations() {
    let mut desk = busy();
    books(
        &mut desk,
        reserve(1, "18000"),
        &["1.Gen:payable pending debit $18,000.00", "1.Gen:cash pending credit $18,000.00"],
    );
    books(
        &mut desk,
        Entry::Release { order: order(1) },
        &["1.Gen:payable released debit $18,000.00", "1.Gen:cash released credit $18,000.00"],
    );
    let hold = Entry::ReserveShares { sleeve: GEN, order: order(2), symbol: symbol("AAPL"), shares: Shares(60) };
    books(&mut desk, hold, &[]);
    assert_eq!(desk.ledger.uncovered_shares(GEN, symbol("AAPL")), Shares(40));
    assert_eq!(desk.ledger.reservation(order(2)), Some(Money::ZERO));
    books(&mut desk, Entry::Release { order: order(2) }, &[]);
    assert_eq!(desk.ledger.uncovered_shares(GEN, symbol("AAPL")), Shares(100));
}

#[test]
fn options_sold() {
    let mut desk = busy();
    let (put, call) = (option(1, PUT, "2", "0.70", "2024-06-12"), option(1, CALL, "1.25", "0.70", "2024-06-12"));
    books(
        &mut desk,
        Entry::SellToOpen(put),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $180.00 put credit $200.00 x1",
            "market:AAPL 2024-06-14 $180.00 put debit $0.00 x1",
            "1.Gen:receivable debit $199.30",
            "1.Gen:fees debit $0.70",
            "1.Gen:payable pending debit $18,000.00",
            "1.Gen:cash pending credit $18,000.00",
        ],
    );
    // What the order had reserved becomes the collateral: nothing more is reserved.
    desk.post(reserve(4, "7500"));
    books(
        &mut desk,
        Entry::SellToOpen(OptionTrade {
            order: Some(order(4)),
            ..option(1, "NVDA 2024-06-14 75 put", "0.50", "0", "2024-06-12")
        }),
        &[
            "1.Gen:written options:NVDA 2024-06-14 $75.00 put credit $50.00 x1",
            "market:NVDA 2024-06-14 $75.00 put debit $0.00 x1",
            "1.Gen:receivable debit $50.00",
        ],
    );
    books(
        &mut desk,
        Entry::SellToOpen(call),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $190.00 call credit $125.00 x1",
            "market:AAPL 2024-06-14 $190.00 call debit $0.00 x1",
            "1.Gen:receivable debit $124.30",
            "1.Gen:fees debit $0.70",
        ],
    );
}

#[test]
fn a_sale_that_costs_more_than_it_brings() {
    let mut desk = busy();
    books(
        &mut desk,
        Entry::SellToOpen(option(1, CALL, "0.01", "1.75", "2024-06-12")),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $190.00 call credit $1.00 x1",
            "market:AAPL 2024-06-14 $190.00 call debit $0.00 x1",
            "1.Gen:payable credit $0.75",
            "1.Gen:fees debit $1.75",
            "1.Gen:payable pending debit $0.75",
            "1.Gen:cash pending credit $0.75",
        ],
    );
}

#[test]
fn options_bought_back_at_a_gain_and_at_a_loss() {
    let mut desk = busy();
    books(
        &mut desk,
        Entry::BuyToClose(option(1, PUT, "0.40", "0.70", "2024-06-12")),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $180.00 put debit $150.00 x1",
            "market:AAPL 2024-06-14 $180.00 put credit $0.00 x1",
            "1.Gen:premium credit $110.00",
            "1.Gen:payable credit $40.70",
            "1.Gen:fees debit $0.70",
            "1.Gen:payable released debit $17,959.30",
            "1.Gen:cash released credit $17,959.30",
        ],
    );
    assert_eq!(desk.realised(), ["1 AAPL 2024-06-14 $180.00 put BoughtBack: $149.30 - $40.70 = $108.60"]);
    books(
        &mut desk,
        Entry::BuyToClose(option(1, CALL, "3", "0.70", "2024-06-12")),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $190.00 call debit $100.00 x1",
            "market:AAPL 2024-06-14 $190.00 call credit $0.00 x1",
            "1.Gen:premium debit $200.00",
            "1.Gen:payable credit $300.70",
            "1.Gen:fees debit $0.70",
            "1.Gen:payable pending debit $300.70",
            "1.Gen:cash pending credit $300.70",
        ],
    );
    assert_eq!(desk.realised(), ["1 AAPL 2024-06-14 $190.00 call BoughtBack: $99.30 - $300.70 = -$201.40"]);
    assert_eq!(desk.gen_balance().premium, usd("-90"));
}

#[test]
fn a_roll_for_a_credit_and_for_a_debit() {
    let mut desk = busy();
    let roll = |from: OptionTrade, to: OptionTrade| {
        Entry::Roll(Roll { sleeve: GEN, close: from.leg(), open: to.leg(), settles: date("2024-06-12"), order: None })
    };
    let settles = "2024-06-12";
    books(
        &mut desk,
        roll(option(2, PUT, "3", "1.40", settles), option(2, "AAPL 2024-06-21 175 put", "3.10", "1.40", settles)),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $180.00 put debit $300.00 x2",
            "market:AAPL 2024-06-14 $180.00 put credit $0.00 x2",
            "1.Gen:premium debit $300.00",
            "1.Gen:written options:AAPL 2024-06-21 $175.00 put credit $620.00 x2",
            "market:AAPL 2024-06-21 $175.00 put debit $0.00 x2",
            "1.Gen:receivable debit $17.20",
            "1.Gen:fees debit $2.80",
            "1.Gen:payable released debit $1,000.00",
            "1.Gen:cash released credit $1,000.00",
        ],
    );
    // The call's own shares cover the next one.
    desk.post(Entry::SellShares(stock(100, "AAPL", "186", "0", settles)));
    books(
        &mut desk,
        roll(option(1, CALL, "0.90", "0.70", settles), option(1, "AAPL 2024-06-21 195 call", "0.80", "0.70", settles)),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $190.00 call debit $100.00 x1",
            "market:AAPL 2024-06-14 $190.00 call credit $0.00 x1",
            "1.Gen:premium credit $10.00",
            "1.Gen:written options:AAPL 2024-06-21 $195.00 call credit $80.00 x1",
            "market:AAPL 2024-06-21 $195.00 call debit $0.00 x1",
            "1.Gen:payable credit $11.40",
            "1.Gen:fees debit $1.40",
            "1.Gen:payable pending debit $11.40",
            "1.Gen:cash pending credit $11.40",
        ],
    );
}

#[test]
fn options_that_end() {
    let mut desk = busy();
    books(
        desk.on("2024-06-14"),
        expired(1, CALL),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $190.00 call debit $100.00 x1",
            "market:AAPL 2024-06-14 $190.00 call credit $0.00 x1",
            "1.Gen:premium credit $100.00",
        ],
    );
    books(
        &mut desk,
        expired(1, PUT),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $180.00 put debit $150.00 x1",
            "market:AAPL 2024-06-14 $180.00 put credit $0.00 x1",
            "1.Gen:premium credit $150.00",
            "1.Gen:payable released debit $18,000.00",
            "1.Gen:cash released credit $18,000.00",
        ],
    );
    books(
        &mut desk,
        assigned(1, PUT, "5", "2024-06-17"),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $180.00 put debit $150.00 x1",
            "market:AAPL 2024-06-14 $180.00 put credit $0.00 x1",
            "1.Gen:shares:AAPL debit $17,850.00 x100",
            "market:AAPL credit $0.00 x100",
            "1.Gen:payable credit $18,005.00",
            "1.Gen:payable pending debit $5.00",
            "1.Gen:cash pending credit $5.00",
            "1.Gen:fees debit $5.00",
        ],
    );
    let lot = desk.ledger.lots(GEN)[1];
    assert_eq!(desk.ledger.last().lot, Some(lot.id));
    assert_eq!((lot.paid, lot.premium, lot.fees), (usd("18000"), usd("150"), usd("5.70")));
    assert_eq!((lot.acquired, lot.settles), (date("2024-06-14"), date("2024-06-17")));
}

#[test]
fn shares_called_away() {
    let mut desk = busy();
    books(
        desk.on("2024-06-14"),
        assigned(1, CALL, "5", "2024-06-17"),
        &[
            "1.Gen:written options:AAPL 2024-06-14 $190.00 call debit $100.00 x1",
            "market:AAPL 2024-06-14 $190.00 call credit $0.00 x1",
            "1.Gen:shares:AAPL credit $18,500.00 x100",
            "market:AAPL debit $0.00 x100",
            "1.Gen:share gains credit $600.00",
            "1.Gen:receivable debit $18,995.00",
            "1.Gen:fees debit $5.00",
        ],
    );
    assert_eq!(desk.realised(), ["100 AAPL CalledAway: $19,094.30 - $18,500.50 = $593.80"]);
}

#[test]
fn shares_traded() {
    let mut desk = busy();
    books(
        &mut desk,
        Entry::BuyShares(stock(10, "NVDA", "120.5", "0.35", "2024-06-12")),
        &[
            "1.Gen:shares:NVDA debit $1,205.00 x10",
            "market:NVDA credit $0.00 x10",
            "1.Gen:payable credit $1,205.35",
            "1.Gen:fees debit $0.35",
            "1.Gen:payable pending debit $1,205.35",
            "1.Gen:cash pending credit $1,205.35",
        ],
    );
    books(
        &mut desk,
        Entry::SellShares(stock(50, "AAPL", "180", "0.60", "2024-06-12")),
        &[
            "1.Gen:shares:AAPL credit $9,250.00 x50",
            "market:AAPL debit $0.00 x50",
            "1.Gen:share gains debit $250.00",
            "1.Gen:receivable debit $8,999.40",
            "1.Gen:fees debit $0.60",
        ],
    );
    assert_eq!(desk.realised(), ["50 AAPL Sold: $8,999.40 - $9,250.25 = -$250.85"]);
    books(
        &mut desk,
        Entry::SellShares(stock(1, "NVDA", "0.01", "0.35", "2024-06-12")),
        &[
            "1.Gen:shares:NVDA credit $120.50 x1",
            "market:NVDA debit $0.00 x1",
            "1.Gen:share gains debit $120.49",
            "1.Gen:payable credit $0.34",
            "1.Gen:fees debit $0.35",
            "1.Gen:payable pending debit $0.34",
            "1.Gen:cash pending credit $0.34",
        ],
    );
}

#[test]
fn dividends_round_to_what_is_paid() {
    let mut desk = busy();
    let pays = "2024-06-20";
    books(
        &mut desk,
        dividend(200, "AAPL", "0.25", "50", pays),
        &["1.Gen:dividends receivable debit $50.00", "1.Gen:dividends credit $50.00"],
    );
    books(
        &mut desk,
        dividend(3, "AAPL", "0.2475", "0.74", pays),
        &["1.Gen:dividends receivable debit $0.74", "1.Gen:dividends credit $0.7425", "1.Gen:rounding debit $0.0025"],
    );
    books(
        &mut desk,
        dividend(3, "AAPL", "0.2525", "0.76", pays),
        &["1.Gen:dividends receivable debit $0.76", "1.Gen:dividends credit $0.7575", "1.Gen:rounding credit $0.0025"],
    );
    assert_eq!(desk.gen_balance().dividends_receivable, usd("51.50"));
    desk.on(pays).post(settle(pays));
    let balance = desk.gen_balance();
    assert_eq!((balance.dividends_receivable, balance.dividends, balance.rounding), (usd("0"), usd("51.50"), usd("0")));
}

#[test]
fn settlement_waits_for_its_day() {
    let mut desk = busy();
    desk.post(Entry::BuyShares(stock(10, "NVDA", "120", "0", "2024-06-12")));
    desk.post(Entry::SellShares(stock(4, "AAPL", "186", "0", "2024-06-13")));
    desk.post(Entry::SellShares(stock(6, "AAPL", "186", "0", "2024-06-13")));
    desk.post(dividend(100, "AAPL", "0.25", "25", "2024-06-13"));
    books(desk.on("2024-06-11"), settle("2024-06-11"), &[]);
    books(
        desk.on("2024-06-12"),
        settle("2024-06-12"),
        &[
            "1.Gen:payable released debit $1,200.00",
            "1.Gen:cash released credit $1,200.00",
            "1.Gen:payable debit $1,200.00",
            "1.Gen:cash credit $1,200.00",
        ],
    );
    books(
        desk.on("2024-06-13"),
        settle("2024-06-13"),
        &[
            "1.Gen:cash debit $1,860.00",
            "1.Gen:receivable credit $1,860.00",
            "1.Gen:cash debit $25.00",
            "1.Gen:dividends receivable credit $25.00",
        ],
    );
}

#[test]
fn splits() {
    let mut desk = busy();
    books(
        &mut desk,
        Entry::Split { symbol: symbol("AAPL"), new_per_old: 4 },
        &[
            "1.Gen:shares:AAPL debit $0.00 x600",
            "market:AAPL credit $0.00 x600",
            "1.Gen:written options:AAPL 2024-06-14 $180.00 put debit $300.00 x2",
            "market:AAPL 2024-06-14 $180.00 put credit $0.00 x2",
            "1.Gen:written options:AAPL 2024-06-14 $45.00 put credit $300.00 x8",
            "market:AAPL 2024-06-14 $45.00 put debit $0.00 x8",
            "1.Gen:written options:AAPL 2024-06-14 $190.00 call debit $100.00 x1",
            "market:AAPL 2024-06-14 $190.00 call credit $0.00 x1",
            "1.Gen:written options:AAPL 2024-06-14 $47.50 call credit $100.00 x4",
            "market:AAPL 2024-06-14 $47.50 call debit $0.00 x4",
        ],
    );
    books(&mut desk, Entry::Split { symbol: symbol("TSLA"), new_per_old: 3 }, &[]);
    desk.post(Entry::BuyShares(stock(10, "TSLA", "180", "0", "2024-06-12")));
    desk.post(Entry::SellShares(stock(10, "TSLA", "181", "0", "2024-06-12")));
    books(&mut desk, Entry::Split { symbol: symbol("TSLA"), new_per_old: 3 }, &[]);
}

#[test]
fn a_tree_of_structures() {
    let mut desk = Desk::with("100", LotOrder::HighestCost);
    let (child, grandchild) = (StructureId(7), StructureId(3));
    let found = |structure, parent| Entry::Found { structure, parent: Some(parent), sleeves: SleeveKinds::FORKED };
    // Reservations must follow their sleeve when others are inserted before it.
    desk.post(found(child, ROOT));
    let to = SleeveId::new(child, SleeveKind::Generation);
    desk.post(Entry::Move { from: GEN, to, amount: usd("50") });
    desk.post(Entry::Reserve { sleeve: to, order: order(1), amount: usd("20") });
    desk.post(found(grandchild, child));
    let names: Vec<_> = desk.ledger.sleeves().map(|s| s.to_string()).collect();
    assert_eq!(names, ["1.Gen", "1.Rev", "1.Com", "3.Gen", "3.Com", "7.Gen", "7.Com"]);
    let tree: Vec<_> = desk.ledger.structures().map(|s| (s.id.0, s.parent.map(|p| p.0))).collect();
    assert_eq!(tree, [(1, None), (3, Some(7)), (7, Some(1))]);
    assert_eq!(desk.ledger.free_cash(to), usd("30"));
    desk.post(Entry::Release { order: order(1) });
    assert_eq!(desk.ledger.free_cash(to), usd("50"));
}

/// Each lot bears its part of the fees; what does not divide to the cent falls on the last.
#[test]
fn the_fees_of_a_close_are_shared_by_its_lots() {
    let mut desk = Desk::with("40000", LotOrder::HighestCost);
    for at in ["2.00", "1.50"] {
        desk.post(Entry::SellToOpen(option(1, PUT, at, "0", "2024-06-11")));
    }
    desk.post(Entry::BuyToClose(option(2, PUT, "0.40", "1.41", "2024-06-12")));
    assert_eq!(
        desk.realised(),
        [
            "1 AAPL 2024-06-14 $180.00 put BoughtBack: $200.00 - $40.70 = $159.30",
            "1 AAPL 2024-06-14 $180.00 put BoughtBack: $150.00 - $40.71 = $109.29",
        ]
    );
    assert_eq!(desk.ledger.realised(GEN), usd("268.59"));
    let nowhere = SleeveId::new(StructureId(9), SleeveKind::Generation);
    assert_eq!([REV, nowhere].map(|sleeve| desk.ledger.realised(sleeve)), [Money::ZERO; 2]);
}

#[test]
fn transactions_are_numbered_from_one() {
    let mut desk = Desk::with("1000", LotOrder::HighestCost);
    assert_eq!(desk.ledger.last().transaction, TransactionId(2), "founded, then filled");
    desk.post(Entry::Withdraw { sleeve: GEN, amount: usd("1") });
    assert_eq!(desk.ledger.last().transaction, TransactionId(3));
    desk.refuse(Entry::Withdraw { sleeve: GEN, amount: usd("1000") });
    assert_eq!(desk.ledger.last().transaction, TransactionId(3), "what is refused takes no number");
}

#[test]
fn an_account_knows_its_sleeve() {
    let mut desk = Desk::with("1000", LotOrder::HighestCost);
    desk.post(Entry::BuyShares(stock(5, "AAPL", "180", "0", "2024-06-12")));
    let of = |desk: &Desk| desk.ledger.last().postings.iter().map(|p| p.account.sleeve()).collect::<Vec<_>>();
    // Shares in the sleeve, delivered by the market, to be paid, and cash that waits for it.
    assert_eq!(of(&desk), [Some(GEN), None, Some(GEN), Some(GEN), Some(GEN)]);
    desk.post(Entry::ToTaxReserve { sleeve: GEN, amount: usd("10") });
    assert_eq!(of(&desk), [Some(GEN), Some(GEN), None, None]);
}

#[test]
fn a_kind_named_twice_is_in_the_set_once() {
    use SleeveKind::{Compounding, Generation};
    assert_eq!(SleeveKinds::of(&[Generation, Compounding, Generation, Compounding]), SleeveKinds::FORKED);
}
