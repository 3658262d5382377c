//! The audit finds whatever is spoiled.

use market::instrument::{Series, Symbol};
use market::order::OrderId;
use market::time::{Date, Expiration};
use market::value::{Contracts, Price};

use super::*;
use crate::entry::{Cross, Dividend, Entry, OptionTrade, Purpose, ShareTrade};
use crate::id::{PortfolioId, SleeveKind, SleeveKinds, StructureId};
use crate::lot::LotOrder;

const DAY: Date = Date::constant(2024, 6, 10);

/// Books with something in every place: lots, puts, calls written and held, orders, amounts to settle and set aside, a
/// put that crossed, a tax reserve, a structure that merged and one that stands.
fn books() -> Ledger {
    let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
    let (structure, settles) = (StructureId(1), Date::constant(2024, 6, 12));
    let sleeve = SleeveId::new(structure, SleeveKind::Generation);
    let to = SleeveId::new(structure, SleeveKind::Compounding);
    let symbol = Symbol::new("AAPL").expect("a ticker");
    let order = |sequence| OrderId { portfolio: 1, epoch: 1, sequence };
    let option = |right, strike| OptionTrade {
        sleeve,
        series: Series { underlying: symbol, expiration: Expiration(settles), right, strike: Price::dollars(strike) },
        contracts: Contracts(1),
        price: Price::dollars(1),
        fees: Money::cents(70),
        settles: DAY,
        order: None,
    };
    let (fees, amount) = (Money::cents(35), Money::dollars(50));
    let shares =
        ShareTrade { sleeve, symbol, shares: Shares(200), price: Price::dollars(180), fees, settles, order: None };
    let forked = |structure| Entry::Fork { from: sleeve, structure, parts: [amount; 2] };
    let cheap = option(Right::Put, 5);
    let contracts = Contracts(1);
    let cross =
        Cross { series: cheap.series, contracts, from: sleeve, to, price: Price::cents(90), close: None, open: None };
    for entry in [
        Entry::Found { structure, parent: None, sleeves: SleeveKinds::ROOT },
        Entry::Deposit { structure, parts: [Money::dollars(100_000), Money::ZERO, Money::ZERO] },
        Entry::Move { from: sleeve, to, amount },
        Entry::BuyShares(shares),
        Entry::SellToOpen(option(Right::Put, 170)),
        Entry::SellToOpen(option(Right::Call, 190)),
        Entry::SellToOpen(option(Right::Put, 160)),
        Entry::BuyToClose(option(Right::Put, 160)),
        Entry::Settle { through: DAY },
        Entry::SellShares(ShareTrade { shares: Shares(10), ..shares }),
        Entry::Reserve { sleeve, order: order(1), amount },
        Entry::ReserveShares { sleeve, order: order(2), symbol, shares: Shares(5) },
        Entry::AccrueDividend(Dividend {
            sleeve,
            symbol,
            shares: Shares(200),
            per_share: Price::cents(25),
            amount,
            settles,
        }),
        forked(StructureId(2)),
        Entry::Merge { structure: StructureId(2), into: to },
        forked(StructureId(3)),
        Entry::Move { from: sleeve, to, amount: Money::dollars(1_000) },
        Entry::SellToOpen(cheap),
        Entry::Cross(cross),
        Entry::BuyToOpen(option(Right::Call, 150)),
        Entry::Earmark { sleeve, purpose: Purpose::Fork, amount },
        Entry::ToTaxReserve { sleeve, amount },
    ] {
        ledger.post(DAY, &entry).expect("a sound entry");
    }
    ledger
}

#[test]
fn sound_books_pass() {
    books().audit().unwrap();
}

/// Each row spoils one thing and names what the audit must say of it.
#[test]
fn whatever_is_spoiled_is_found() {
    type Spoil = fn(&mut Ledger);
    let rows: [(&str, Spoil); 43] = [
        ("portfolio: debits should", |l| l.total.debits_posted += Money::cents(1)),
        ("portfolio: credits should", |l| l.total.credits_posted += Money::cents(1)),
        ("portfolio: debits should", |l| l.sleeves[0].role_mut(Role::Cash).debits_posted += Money::cents(1)),
        ("portfolio: debits beside credits", |l| {
            l.total.debits_posted += Money::cents(1);
            l.sleeves[0].role_mut(Role::Cash).debits_posted += Money::cents(1);
        }),
        ("portfolio: pending debits should", |l| l.total.debits_pending += Money::cents(1)),
        ("portfolio: pending credits should", |l| l.total.credits_pending += Money::cents(1)),
        ("portfolio: pending debits beside", |l| {
            l.total.debits_pending += Money::cents(1);
            l.sleeves[0].role_mut(Role::Payable).debits_pending += Money::cents(1);
        }),
        ("portfolio: what sleeves and tax reserves gave", |l| shift(l, Role::Transfers, Role::Owner)),
        ("portfolio: crosses between sleeves", |l| shift(l, Role::Crosses, Role::Owner)),
        ("portfolio: what sleeves and tax reserves gave", |l| reserve(l, 0, ReserveRole::Transfers)),
        ("portfolio: fees of lots that moved", |l| l.sleeves[0].lot_fees_in += Money::cents(1)),
        ("1.tax reserve: cash should", |l| reserve(l, 0, ReserveRole::Interest)),
        ("1.tax reserve: the part of cash below zero", |l| {
            l.structures[0].role_mut(ReserveRole::Cash).credits_posted += Money::dollars(51);
            l.structures[0].role_mut(ReserveRole::Taxes).debits_posted += Money::dollars(51);
            l.total.debits_posted += Money::dollars(51);
            l.total.credits_posted += Money::dollars(51);
        }),
        ("2.tax reserve: what a merge left", |l| {
            l.structures[1].role_mut(ReserveRole::Cash).debits_posted += Money::cents(1);
            l.structures[1].role_mut(ReserveRole::Interest).credits_posted += Money::cents(1);
            l.total.debits_posted += Money::cents(1);
            l.total.credits_posted += Money::cents(1);
        }),
        ("2.Gen: what a merge left", |l| {
            let at = l.find(SleeveId::new(StructureId(2), SleeveKind::Generation)).expect("a sleeve");
            l.sleeves[at].role_mut(Role::Cash).debits_posted += Money::cents(1);
            l.sleeves[at].role_mut(Role::Owner).credits_posted += Money::cents(1);
            l.total.debits_posted += Money::cents(1);
            l.total.credits_posted += Money::cents(1);
        }),
        ("3.Gen: what a merge left", |l| {
            let at = l.find(SleeveId::new(StructureId(3), SleeveKind::Generation)).expect("a sleeve");
            l.sleeves[at].closed = true;
        }),
        ("3.Gen: what a merge left", |l| {
            let at = l.find(SleeveId::new(StructureId(3), SleeveKind::Generation)).expect("a sleeve");
            let sleeve = &mut l.sleeves[at];
            let all = sleeve.settled();
            (sleeve.closed, sleeve.earmarks[0]) = (true, all);
            sleeve.role_mut(Role::Cash).credits_pending += all;
            sleeve.role_mut(Role::Payable).debits_pending += all;
            l.total.credits_pending += all;
            l.total.debits_pending += all;
        }),
        ("3.Gen: what a merge left", |l| {
            (l.structures[2].closed, l.structures[2].parent) = (Some(DAY), None);
        }),
        ("structure 3 is open, but", |l| l.structures[2].parent = Some(StructureId(2))),
        ("structure 3 is open, but", |l| l.structures[2].parent = Some(StructureId(4))),
        ("1.Gen: long options at cost", |l| shift(l, Role::Long, Role::Fees)),
        ("1.Gen: long options at cost", |l| l.sleeves[0].longs[0].cost += Money::cents(1)),
        ("1.Gen: realised gains", |l| l.sleeves[0].longs[0].fees += Money::cents(1)),
        ("1.Gen: reserved cash", |l| l.sleeves[0].earmarks[1] += Money::cents(1)),
        ("1.Gen: shares at cost", |l| shift(l, Role::Shares, Role::Fees)),
        ("1.Gen: shares at cost", |l| l.sleeves[0].lots[0].paid += Money::cents(1)),
        ("1.Gen: shares at cost", |l| l.sleeves[0].lots[0].premium += Money::cents(1)),
        ("1.Gen: written options", |l| l.sleeves[0].written[0].premium += Money::cents(1)),
        ("1.Gen: receivables", |l| shift(l, Role::Receivable, Role::Fees)),
        ("1.Gen: dividends to come", |l| shift(l, Role::DividendsReceivable, Role::Fees)),
        ("1.Gen: payables", |l| shift(l, Role::Payable, Role::Fees)),
        ("1.Gen: receivables", |l| due(l, Flow::Receivable)),
        ("1.Gen: dividends to come", |l| due(l, Flow::Dividend)),
        ("1.Gen: payables", |l| due(l, Flow::Payable)),
        ("1.Gen: reserved cash", |l| l.reservations[0].held = Held::Cash(Money::dollars(49))),
        ("1.Gen: reserved cash", |l| l.sleeves[0].written[0].series.strike += Price::cents(1)),
        ("1.Gen: realised gains", |l| l.sleeves[0].realised += Money::cents(1)),
        ("1.Gen: realised gains", |l| l.sleeves[0].lots[0].fees += Money::cents(1)),
        ("1.Gen: realised gains", |l| l.sleeves[0].written[0].fees += Money::cents(1)),
        ("1.Gen:shares:AAPL: shares held", |l| l.sleeves[0].lots[0].shares += Shares(1)),
        ("1.Gen:shares:AAPL: shares that cover", |l| l.sleeves[0].stocks[0].covering -= Shares(100)),
        ("1.Gen:shares:AAPL: shares reserved", |l| l.sleeves[0].stocks[0].ordered -= Shares(1)),
        ("1.Gen:shares:AAPL: open contracts", |l| l.sleeves[0].stocks[0].contracts += Contracts(1)),
    ];
    for (sentence, spoil) in rows {
        let mut books = books();
        spoil(&mut books);
        let found = books.audit().expect_err(sentence).to_string();
        assert!(found.starts_with(sentence), "{sentence}: {found}");
    }
}

#[test]
fn units_that_the_market_did_not_deliver_are_found() {
    let mut books = books();
    let symbol = Symbol::new("AAPL").expect("a ticker");
    books.clearing.post(Instrument::Shares(symbol), Side::Debit, 1);
    let found = books.audit().unwrap_err().to_string();
    assert_eq!(found, "market:AAPL: units delivered should be 190, but the books say 189");

    let mut books = self::books();
    books.clearing.post(Instrument::Option(books.sleeves[0].written[0].series), Side::Debit, 2);
    let found = books.audit().unwrap_err().to_string();
    assert_eq!(found, "market:AAPL 2024-06-12 $170.00 put: units delivered should be -1, but the books say -3");

    let mut books = self::books();
    books.clearing.post(Instrument::Option(books.sleeves[0].longs[0].series), Side::Debit, 2);
    let found = books.audit().unwrap_err().to_string();
    assert_eq!(found, "market:AAPL 2024-06-12 $150.00 call: units delivered should be 1, but the books say -1");
}

#[test]
fn shares_promised_beyond_those_held_are_found() {
    let mut books = books();
    books.sleeves[0].stocks[0].ordered = Shares(91);
    for reservation in &mut books.reservations {
        if let Held::Shares(_, shares) = &mut reservation.held {
            *shares = Shares(91);
        }
    }
    let found = books.audit().unwrap_err().to_string();
    assert_eq!(found, "1.Gen:shares:AAPL: shares beyond those held should be 0, but the books say -1");
}

#[test]
fn signs_that_an_account_cannot_have_are_found() {
    type Spoil = fn(&mut Turnover);
    let rows: [(Role, Spoil); 7] = [
        (Role::Cash, |t| t.debits_pending += Money::cents(1)),
        (Role::Payable, |t| t.credits_pending += Money::cents(1)),
        (Role::Owner, |t| t.debits_pending += Money::cents(1)),
        (Role::Fees, |t| t.credits_pending += Money::cents(1)),
        (Role::Owner, |t| (t.debits_pending, t.credits_pending) = (Money::cents(1), Money::cents(1))),
        (Role::Interest, |t| t.debits_posted += Money::cents(1)),
        (Role::Rounding, |t| t.debits_posted -= Money::cents(1)),
    ];
    for (role, spoil) in rows {
        let mut sleeve = books().sleeves[0].clone();
        assert_eq!(audit_signs(&sleeve), Ok(()));
        spoil(sleeve.role_mut(role));
        assert!(audit_signs(&sleeve).is_err(), "{role:?}");
    }
    for role in [Role::Cash, Role::Receivable, Role::DividendsReceivable, Role::Shares, Role::Long] {
        let mut sleeve = books().sleeves[0].clone();
        sleeve.role_mut(role).credits_posted += Money::dollars(1_000_000);
        assert!(audit_signs(&sleeve).is_err(), "{role:?}");
    }
    for role in [Role::Written, Role::Payable, Role::Dividends, Role::Interest] {
        let mut sleeve = books().sleeves[0].clone();
        sleeve.role_mut(role).debits_posted += Money::dollars(1_000_000);
        assert!(audit_signs(&sleeve).is_err(), "{role:?}");
    }
}

/// Moves a cent from one account of the first sleeve to another, balanced as a transaction would.
fn shift(ledger: &mut Ledger, from: Role, to: Role) {
    ledger.sleeves[0].role_mut(from).credits_posted += Money::cents(1);
    ledger.sleeves[0].role_mut(to).debits_posted += Money::cents(1);
    ledger.total.credits_posted += Money::cents(1);
    ledger.total.debits_posted += Money::cents(1);
}

/// A cent more on the credit side of a tax reserve, balanced by a fee of the first sleeve.
fn reserve(ledger: &mut Ledger, at: usize, role: ReserveRole) {
    ledger.structures[at].role_mut(role).credits_posted += Money::cents(1);
    ledger.sleeves[0].role_mut(Role::Fees).debits_posted += Money::cents(1);
    ledger.total.credits_posted += Money::cents(1);
    ledger.total.debits_posted += Money::cents(1);
}

fn due(ledger: &mut Ledger, flow: Flow) {
    let due = ledger.sleeves[0].dues.iter_mut().find(|due| due.flow == flow).expect("something falls due");
    due.amount += Money::cents(1);
}
