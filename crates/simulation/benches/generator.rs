//! Five generated years of nine symbols.

use criterion::{Criterion, criterion_group, criterion_main};
use market::time::{Calendar, Date};
use simulation::generator::{Parameters, generate};

fn five_years(c: &mut Criterion) {
    let parameters = Parameters::shipped();
    let calendar = Calendar::nyse();
    let first = calendar.on_or_after(Date::constant(2027, 1, 4)).expect("the calendar holds 2027");
    let mut seed = 0;
    c.bench_function("generate five years, nine symbols", |b| {
        b.iter(|| {
            seed += 1;
            generate(&parameters, seed, first, 1260, &calendar)
        });
    });
}

criterion_group!(benches, five_years);
criterion_main!(benches);
