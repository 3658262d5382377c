//! How many entries the books take a second: `cargo bench -p ledger`.
//!
//! `round trip` is a week of a sleeve's life: reserve, sell, settle, expire. The others repeat an entry with its
//! opposite, so that the books stay the same size; throughput counts entries. The portfolio has one root and eight
//! forked structures, each of whose Generation sleeves has four series open.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ledger::entry::{Assignment, OptionTrade};
use ledger::id::SleeveKinds;
use ledger::{Entry, Ledger, LotOrder, PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::order::OrderId;
use market::time::{Date, Expiration};
use market::value::{Contracts, Money, Price};

const DAY: Date = Date::constant(2024, 6, 13);
const FRIDAY: Date = Date::constant(2024, 6, 14);

fn series(symbol: &str, strike: i64, right: Right) -> Series {
    let underlying = Symbol::new(symbol).expect("a ticker");
    Series { underlying, expiration: Expiration(FRIDAY), right, strike: Price::dollars(strike) }
}

fn generation(structure: u32) -> SleeveId {
    SleeveId::new(StructureId(structure), SleeveKind::Generation)
}

fn trade(sleeve: SleeveId, series: Series) -> OptionTrade {
    OptionTrade {
        sleeve,
        series,
        contracts: Contracts(1),
        price: Price::cents(180),
        fees: Money::cents(70),
        settles: FRIDAY,
        order: None,
    }
}

fn books() -> Ledger {
    let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
    let mut post = |entry: Entry| {
        ledger.post(DAY, &entry).expect("a sound entry");
    };
    for number in 1..=9 {
        let (structure, parent) = (StructureId(number), (number > 1).then_some(StructureId(1)));
        let sleeves = if number == 1 { SleeveKinds::ROOT } else { SleeveKinds::FORKED };
        post(Entry::Found { structure, parent, sleeves });
        post(Entry::Deposit { structure, parts: [Money::dollars(1_000_000), Money::ZERO, Money::ZERO] });
        for (symbol, strike) in [("AAPL", 180), ("MSFT", 420), ("AMZN", 175), ("TSLA", 170)] {
            post(Entry::SellToOpen(trade(generation(number), series(symbol, strike, Right::Put))));
        }
    }
    post(Entry::Settle { through: FRIDAY });
    ledger
}

fn cycles(c: &mut Criterion) {
    let sleeve = generation(5);
    let put = series("NVDA", 120, Right::Put);
    let order = OrderId { portfolio: 1, epoch: 1, sequence: 1 };
    let reserve = Entry::Reserve { sleeve, order, amount: Money::dollars(12_000) };
    let sell = Entry::SellToOpen(trade(sleeve, put));
    let filled = Entry::SellToOpen(OptionTrade { order: Some(order), ..trade(sleeve, put) });
    let back = Entry::BuyToClose(OptionTrade { price: Price::cents(90), ..trade(sleeve, put) });
    let expire = Entry::Expire { sleeve, series: put, contracts: Contracts(1) };
    let settle = Entry::Settle { through: FRIDAY };
    let call = series("NVDA", 125, Right::Call);
    let cover = Entry::SellToOpen(trade(sleeve, call));
    let assign = |series| {
        let (contracts, fees) = (Contracts(1), Money::cents(500));
        Entry::Assign(Assignment { sleeve, series, contracts, fees, settles: FRIDAY })
    };

    let mut group = c.benchmark_group("post");
    for (name, cycle) in [
        ("reserve, release", vec![reserve, Entry::Release { order }]),
        ("sell to open, expire", vec![sell, expire]),
        ("sell to open, buy to close, settle", vec![sell, back, settle]),
        ("round trip: reserve, sell, settle, expire", vec![reserve, filled, settle, expire]),
        ("assigned, called away, settle", vec![sell, assign(put), cover, assign(call), settle]),
    ] {
        group.throughput(Throughput::Elements(cycle.len() as u64));
        group.bench_function(name, |b| {
            let start = books();
            let mut ledger = start.clone();
            let mut turns = 0_u32;
            b.iter(|| {
                // What waits for settlement is one amount a day; a fresh copy keeps the totals far from their bound.
                turns += 1;
                if turns.is_multiple_of(100_000) {
                    ledger.clone_from(&start);
                }
                for entry in &cycle {
                    black_box(ledger.post(FRIDAY, black_box(entry)).expect("a sound entry"));
                }
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = cycles
}
criterion_main!(benches);
