//! P8, P9: nanoseconds per price with delta, per five Greeks and per implied volatility, one element being one option.
//!
//! `cargo bench -p pricing --bench european`. The crate `implied-vol` (Jäckel's method) solves the same prices in the
//! same run as an anchor.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use implied_vol::{DefaultSpecialFn, ImpliedBlackVolatility};
use market::instrument::Right;
use pricing::black_scholes::Terms;
use pricing::greeks::Columns;
use pricing::implied;
use pricing::unit::{Rate, Volatility, Years};

const STRIKES: usize = 256;

struct Row {
    terms: Terms,
    strikes: Vec<f64>,
    volatility: Volatility,
    prices: Vec<f64>,
    deltas: Vec<f64>,
}

/// Puts of 30 days from 60% to 140% of a spot of 400.
fn row() -> Row {
    let rate = Rate::continuous(0.04).expect("finite");
    let terms = Terms::new(400.0, rate, Years::from_days(30)).expect("a positive spot");
    let strikes: Vec<f64> = (0..STRIKES).map(|i| 240.0 + 320.0 * i as f64 / STRIKES as f64).collect();
    let volatility = Volatility::new(0.45).expect("a volatility");
    let (mut prices, mut deltas) = (vec![0.0; STRIKES], vec![0.0; STRIKES]);
    terms.price_and_delta_row(Right::Put, &strikes, volatility, &mut prices, &mut deltas);
    Row { terms, strikes, volatility, prices, deltas }
}

fn european(criterion: &mut Criterion) {
    let mut row = row();
    let mut group = criterion.benchmark_group("european");
    group.throughput(Throughput::Elements(STRIKES as u64));
    group.bench_function("price and delta, one at a time", |b| {
        b.iter(|| {
            for strike in &row.strikes {
                black_box(row.terms.price_and_delta(black_box(Right::Put), *strike, row.volatility));
            }
        });
    });
    group.bench_function("price and delta, row", |b| {
        let Row { terms, strikes, volatility, prices, deltas } = &mut row;
        b.iter(|| terms.price_and_delta_row(black_box(Right::Put), strikes, *volatility, prices, deltas));
    });
    group.bench_function("price and Greeks", |b| {
        b.iter(|| {
            for strike in &row.strikes {
                black_box(row.terms.greeks(black_box(Right::Put), *strike, row.volatility));
            }
        });
    });
    let volatilities = vec![row.volatility; STRIKES];
    let mut columns = vec![vec![0.0; STRIKES]; 6];
    group.bench_function("price and Greeks, row", |b| {
        let [price, delta, gamma, vega, theta, rho] = &mut columns[..] else { return };
        b.iter(|| {
            let into = Columns { price, delta, gamma, vega, theta, rho };
            row.terms.greeks_rows(black_box(Right::Put), &row.strikes, &volatilities, into);
        });
    });
    group.finish();
}

fn implied_volatility(criterion: &mut Criterion) {
    let row = row();
    let mut group = criterion.benchmark_group("implied volatility");
    group.throughput(Throughput::Elements(STRIKES as u64));
    group.bench_function("own, one at a time", |b| {
        b.iter(|| {
            for (strike, price) in row.strikes.iter().zip(&row.prices) {
                let _ = black_box(implied::volatility(&row.terms, Right::Put, *strike, *price));
            }
        });
    });
    let mut found = vec![0.0; STRIKES];
    group.bench_function("own, row", |b| {
        b.iter(|| implied::volatilities(&row.terms, black_box(Right::Put), &row.strikes, &row.prices, &mut found));
    });
    group.bench_function("crate implied-vol", |b| {
        let (forward, discount, years) = (row.terms.forward(), row.terms.discount(), row.terms.years().get());
        b.iter(|| {
            for (strike, price) in row.strikes.iter().zip(&row.prices) {
                let option = ImpliedBlackVolatility::builder()
                    .option_price(price / discount)
                    .forward(forward)
                    .strike(*strike)
                    .expiry(years)
                    .is_call(false)
                    .build_unchecked();
                black_box(option.calculate::<DefaultSpecialFn>());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, european, implied_volatility);
criterion_main!(benches);
