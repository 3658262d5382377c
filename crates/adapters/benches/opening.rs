//! P17: the journal that ten generated years leave, folded, and opened: hashed, decoded and folded.

mod generated;

use std::sync::Arc;

use adapters::opening;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::journal::{self, JournalError};
use engine::{Chain, Event, Row, State};
use generated::ten_years;
use market::time::Calendar;
use protocol::policy::Policy;

/// Portfolios whose journals make a million events.
const PORTFOLIOS: usize = 40;

type Walk = fn(u32, &[Row], &mut dyn FnMut(&Event)) -> Result<Chain, JournalError>;

fn open_journal(c: &mut Criterion) {
    let (calendar, policy) = (Arc::new(Calendar::nyse()), Policy::all_use());
    let rows = ten_years(&calendar, &policy);
    let (decoded, chain) = journal::read(1, &rows).expect("the journal is sound");
    let mut group = c.benchmark_group("P17");
    group.sample_size(10);
    group.throughput(Throughput::Elements(chain.events()));
    group.bench_function("fold: decoded events applied", |b| {
        b.iter(|| {
            let mut state = State::new(Arc::clone(&calendar), policy.clone());
            decoded.iter().for_each(|event| state.apply(event).expect("the journal is sound"));
            state.events
        });
    });
    let all = chain.events() * PORTFOLIOS as u64;
    group.throughput(Throughput::Elements(all));
    let walks: [(&str, Walk); 2] = [
        ("open on all cores", |portfolio, rows, visit| opening::walk(portfolio, rows, visit)),
        ("open on one core", |portfolio, rows, visit| journal::walk(portfolio, rows, |event| visit(&event))),
    ];
    for (name, walk) in walks {
        group.bench_with_input(BenchmarkId::new(name, all), &rows, |b, rows| {
            b.iter(|| {
                for _ in 0..PORTFOLIOS {
                    let mut state = State::new(Arc::clone(&calendar), policy.clone());
                    walk(1, rows, &mut |event| state.apply(event).expect("the journal is sound"))
                        .expect("the journal is sound");
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, open_journal);
criterion_main!(benches);
