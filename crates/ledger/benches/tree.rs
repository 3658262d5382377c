//! How many forks and merges the books take a second: `cargo bench -p ledger --bench tree`.
//!
//! `grow` forks a tree of 4,000 structures, each with a deposit, `fold` merges it back into its root, the last founded
//! first. The others fork a structure and merge it in a tree that stands already: at once, or after ten entries that
//! give it eight lots of shares, a LEAPS call, cash to settle and a tax reserve. Throughput counts forks and merges
//! alone.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ledger::entry::{OptionTrade, ShareTrade};
use ledger::id::SleeveKinds;
use ledger::{Entry, Ledger, LotOrder, PortfolioId, SleeveId, SleeveKind, StructureId};
use market::instrument::{Right, Series, Symbol};
use market::time::{Date, Expiration};
use market::value::{Contracts, Money, Price, Shares};

const DAY: Date = Date::constant(2024, 6, 13);
const FRIDAY: Date = Date::constant(2024, 6, 14);
const STRUCTURES: u32 = 4_000;
/// Structures that are forked and merged on one copy of the books.
const TURNS: u32 = 100;

fn sleeve(structure: u32, kind: SleeveKind) -> SleeveId {
    SleeveId::new(StructureId(structure), kind)
}

/// Four structures stand under each.
fn parent(structure: u32) -> u32 {
    (structure + 2) / 4
}

fn fork(from: u32, structure: u32) -> Entry {
    let from = sleeve(from, SleeveKind::Generation);
    Entry::Fork { from, structure: StructureId(structure), parts: [Money::dollars(100); 2] }
}

fn merge(structure: u32, into: u32) -> Entry {
    Entry::Merge { structure: StructureId(structure), into: sleeve(into, SleeveKind::Compounding) }
}

fn post(ledger: &mut Ledger, entry: &Entry) {
    black_box(ledger.post(DAY, black_box(entry)).expect("a sound entry"));
}

fn root() -> Ledger {
    let mut ledger = Ledger::new(PortfolioId(1), LotOrder::HighestCost);
    let structure = StructureId(1);
    post(&mut ledger, &Entry::Found { structure, parent: None, sleeves: SleeveKinds::ROOT });
    post(&mut ledger, &Entry::Deposit { structure, parts: [Money::dollars(100_000_000), Money::ZERO, Money::ZERO] });
    ledger
}

/// What grows a tree: each structure is paid for what it will fork.
fn growth(structures: u32) -> Vec<Entry> {
    let parts = [Money::dollars(1_000), Money::ZERO, Money::ZERO];
    let paid = |structure| Entry::Deposit { structure: StructureId(structure), parts };
    (2..=structures).flat_map(|n| [fork(parent(n), n), paid(n)]).collect()
}

fn tree(structures: u32) -> Ledger {
    let mut ledger = root();
    growth(structures).iter().for_each(|entry| post(&mut ledger, entry));
    ledger
}

/// What a structure does between its fork and its merge.
fn life(structure: u32) -> Vec<Entry> {
    let (generation, compounding) = (SleeveKind::Generation, SleeveKind::Compounding);
    let symbol = |n: usize| Symbol::new(["AAPL", "MSFT", "AMZN", "NVDA"][n % 4]).expect("a ticker");
    let lot = |n: usize| {
        let sleeve = sleeve(structure, if n < 4 { generation } else { compounding });
        let (shares, price, fees) = (Shares(1), Price::dollars(10), Money::cents(1));
        Entry::BuyShares(ShareTrade { sleeve, symbol: symbol(n), shares, price, fees, settles: FRIDAY, order: None })
    };
    let expiration = Expiration(Date::constant(2026, 1, 16));
    let series = Series { underlying: symbol(0), expiration, right: Right::Call, strike: Price::dollars(150) };
    let sleeve = sleeve(structure, compounding);
    let leaps = OptionTrade {
        sleeve,
        series,
        contracts: Contracts(1),
        price: Price::cents(20),
        fees: Money::cents(70),
        settles: FRIDAY,
        order: None,
    };
    let aside = Entry::ToTaxReserve { sleeve, amount: Money::dollars(1) };
    (0..8).map(lot).chain([Entry::BuyToOpen(leaps), aside]).collect()
}

fn whole_trees(c: &mut Criterion) {
    let mut group = c.benchmark_group("tree of 4,000 structures");
    group.throughput(Throughput::Elements(u64::from(STRUCTURES) - 1));
    let run = |mut ledger: Ledger, entries: &[Entry]| {
        entries.iter().for_each(|entry| post(&mut ledger, entry));
        ledger
    };
    group.bench_function("grow", |b| {
        let entries = growth(STRUCTURES);
        b.iter_batched(root, |ledger| run(ledger, &entries), BatchSize::LargeInput);
    });
    group.bench_function("fold", |b| {
        let start = tree(STRUCTURES);
        let entries: Vec<Entry> = (2..=STRUCTURES).rev().map(|n| merge(n, parent(n))).collect();
        b.iter_batched(|| start.clone(), |ledger| run(ledger, &entries), BatchSize::LargeInput);
    });
    group.finish();
}

fn in_a_standing_tree(c: &mut Criterion) {
    let mut group = c.benchmark_group("fork and merge");
    group.throughput(Throughput::Elements(2 * u64::from(TURNS)));
    for structures in [10, 1_000, STRUCTURES] {
        let start = tree(structures);
        for (name, busy) in [("empty", false), ("with positions", true)] {
            let turn = |n| {
                let life = if busy { life(n) } else { Vec::new() };
                [fork(1, n)].into_iter().chain(life).chain([merge(n, 1)])
            };
            let entries: Vec<Entry> = (structures + 1..=structures + TURNS).flat_map(turn).collect();
            group.bench_function(BenchmarkId::new(name, structures), |b| {
                b.iter_batched_ref(
                    || start.clone(),
                    |ledger| entries.iter().for_each(|entry| post(ledger, entry)),
                    BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = whole_trees, in_a_standing_tree
}
criterion_main!(benches);
