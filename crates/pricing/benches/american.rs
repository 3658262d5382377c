//! P10: nanoseconds per American price, one at a time, beside the errors of each accuracy.
//!
//! `cargo bench -p pricing --bench american`. The options are those of Andersen, Lake and Offengenden 2016, section 6,
//! whose prices are above $0.50 at a strike of 100; `bench/pricing/compare.py` takes the same ones for QuantLib.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use market::instrument::Right;
use pricing::american::grid::{self, CashTerms, Size};
use pricing::american::{Accuracy, Pricer, YieldTerms};
use pricing::black_scholes::CashDividend;
use pricing::unit::{Rate, Volatility, Years};

struct Case {
    terms: YieldTerms,
    volatility: Volatility,
    exact: f64,
}

fn rate(rate: f64) -> Rate {
    Rate::continuous(rate).expect("finite")
}

fn cases() -> Vec<Case> {
    let pricer = Pricer::new(Accuracy::Exact);
    let mut out = Vec::new();
    for interest in [0.02, 0.04, 0.06, 0.08, 0.10] {
        for dividend_yield in [0.0, 0.04, 0.08, 0.12] {
            for spot in [25.0, 50.0, 80.0, 90.0, 100.0, 110.0, 120.0, 150.0, 175.0, 200.0] {
                for time in [1.0 / 12.0, 0.25, 0.5, 0.75, 1.0] {
                    for volatility in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] {
                        let years = Years::new(time).expect("positive");
                        let terms = YieldTerms::new(spot, rate(interest), rate(dividend_yield), years);
                        let (terms, volatility) =
                            (terms.expect("positive"), Volatility::new(volatility).expect("positive"));
                        let exact = pricer.price(&terms, Right::Put, 100.0, volatility);
                        if exact > 0.5 {
                            out.push(Case { terms, volatility, exact });
                        }
                    }
                }
            }
        }
    }
    out
}

fn american(criterion: &mut Criterion) {
    let cases = cases();
    let mut group = criterion.benchmark_group("American put");
    group.sample_size(20).throughput(Throughput::Elements(cases.len() as u64));
    for accuracy in [Accuracy::Fast, Accuracy::Accurate] {
        let pricer = Pricer::new(accuracy);
        let price = |case: &Case| pricer.price(&case.terms, Right::Put, 100.0, case.volatility);
        let mean = |error: &dyn Fn(&Case) -> f64| {
            let sum: f64 = cases.iter().map(|case| error(case) * error(case)).sum();
            (sum / cases.len() as f64).sqrt()
        };
        let dollars = mean(&|case| price(case) - case.exact);
        let relative = mean(&|case| price(case) / case.exact - 1.0);
        println!(
            "{accuracy:?}: {} options, root mean square error ${dollars:.1e}, relative {relative:.1e}",
            cases.len()
        );
        group.bench_function(format!("{accuracy:?}"), |b| {
            b.iter(|| {
                for case in &cases {
                    black_box(price(black_box(case)));
                }
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("American call with two cash dividends");
    let paid = [0.25, 0.75].map(|time| CashDividend { years: Years::new(time).expect("positive"), amount: 2.0 });
    let terms = CashTerms::new(100.0, rate(0.05), Years::new(1.0).expect("positive"), &paid).expect("sound");
    let volatility = Volatility::new(0.3).expect("positive");
    group.sample_size(10);
    group.bench_function("grid of 800 × 400", |b| {
        b.iter(|| grid::price(black_box(&terms), Right::Call, 100.0, volatility, Size::USUAL));
    });
    group.finish();
}

criterion_group!(benches, american);
criterion_main!(benches);
