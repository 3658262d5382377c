//! Work to be timed from outside, in rounds that alternate with others' (`bench/pricing/compare.py`).
//!
//! Reads lines `work repetitions` and answers each with a line when it is done; `cases` prints the American puts. The
//! one who asks reads this process's CPU time before and after.

use std::hint::black_box;
use std::io::{BufRead, Write};

use implied_vol::{DefaultSpecialFn, ImpliedBlackVolatility};
use market::instrument::Right;
use pricing::american::{Accuracy, Pricer, YieldTerms};
use pricing::black_scholes::Terms;
use pricing::greeks::Columns;
use pricing::implied;
use pricing::unit::{Rate, Volatility, Years};

const DAYS: [u32; 5] = [30, 91, 182, 274, 365];

fn rate(rate: f64) -> Rate {
    Rate::continuous(rate).expect("finite")
}

/// Puts of one underlying and expiration, a call of the platform's usual size.
struct Chain {
    terms: Terms,
    strikes: Vec<f64>,
    volatilities: Vec<Volatility>,
    prices: Vec<f64>,
}

impl Chain {
    /// 1,024 puts from 60% to 140% of a spot of 400, `days` to expiration, at volatilities from 20% to 60%.
    fn new(days: u32) -> Chain {
        let terms = Terms::new(400.0, rate(0.04), Years::from_days(days)).expect("positive");
        let strikes: Vec<f64> = (0..1024).map(|i| 240.0 + 320.0 * f64::from(i) / 1024.0).collect();
        let volatilities: Vec<Volatility> =
            (0..1024).map(|i| Volatility::new(0.2 + 0.1 * f64::from(i % 5)).expect("positive")).collect();
        let price = |(strike, volatility): (&f64, &Volatility)| terms.price(Right::Put, *strike, *volatility);
        let prices = strikes.iter().zip(&volatilities).map(price).collect();
        Chain { terms, strikes, volatilities, prices }
    }

    fn greeks(&self, columns: &mut [Vec<f64>]) {
        let [price, delta, gamma, vega, theta, rho] = columns else { return };
        let into = Columns { price, delta, gamma, vega, theta, rho };
        self.terms.greeks_rows(black_box(Right::Put), &self.strikes, &self.volatilities, into);
    }

    fn by_the_crate(&self) {
        let (forward, discount, years) = (self.terms.forward(), self.terms.discount(), self.terms.years().get());
        for (strike, price) in self.strikes.iter().zip(&self.prices) {
            let option = ImpliedBlackVolatility::builder()
                .option_price(price / discount)
                .forward(forward)
                .strike(*strike)
                .expiry(years)
                .is_call(false)
                .build_unchecked();
            black_box(option.calculate::<DefaultSpecialFn>());
        }
    }
}

struct Case {
    terms: YieldTerms,
    volatility: Volatility,
    exact: f64,
}

/// The options of Andersen, Lake and Offengenden 2016, section 6, whose prices are above $0.50 at a strike of 100.
fn american() -> Vec<Case> {
    let pricer = Pricer::new(Accuracy::Exact);
    let mut out = Vec::new();
    for interest in [0.02, 0.04, 0.06, 0.08, 0.10] {
        for dividend_yield in [0.0, 0.04, 0.08, 0.12] {
            for spot in [25.0, 50.0, 80.0, 90.0, 100.0, 110.0, 120.0, 150.0, 175.0, 200.0] {
                for days in DAYS {
                    for volatility in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] {
                        let terms = YieldTerms::new(spot, rate(interest), rate(dividend_yield), Years::from_days(days));
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

fn main() {
    let chains = [Chain::new(7), Chain::new(30), Chain::new(365)];
    let cases = american();
    let pricers = [Pricer::new(Accuracy::Fast), Pricer::new(Accuracy::Accurate)];
    let mut columns = vec![vec![0.0; 1024]; 6];
    let mut found = vec![0.0; 1024];
    let prices = |pricer: &Pricer| -> Vec<f64> {
        cases.iter().map(|case| pricer.price(&case.terms, Right::Put, 100.0, case.volatility)).collect()
    };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let (work, count) = line.split_once(' ').unwrap_or((&line, "1"));
        for _ in 0..count.parse().unwrap_or(1) {
            match work {
                "cases" => {
                    let (fast, accurate) = (prices(&pricers[0]), prices(&pricers[1]));
                    for (i, Case { terms, volatility, exact }) in cases.iter().enumerate() {
                        let (rate, paid) = (terms.rate().get(), terms.dividend_yield().get());
                        let (days, sigma) = (terms.years().days().round(), volatility.get());
                        println!("{} {rate} {paid} {days} {sigma} {exact} {} {}", terms.spot(), fast[i], accurate[i]);
                    }
                }
                "greeks" => chains.iter().for_each(|chain| chain.greeks(&mut columns)),
                "implied" => chains.iter().for_each(|chain| {
                    implied::volatilities(
                        &chain.terms,
                        black_box(Right::Put),
                        &chain.strikes,
                        &chain.prices,
                        &mut found,
                    );
                }),
                "implied-one" => chains.iter().for_each(|chain| {
                    for (strike, price) in chain.strikes.iter().zip(&chain.prices) {
                        let _ = black_box(implied::volatility(&chain.terms, Right::Put, *strike, *price));
                    }
                }),
                "implied-crate" => chains.iter().for_each(Chain::by_the_crate),
                "american-fast" => drop(black_box(prices(&pricers[0]))),
                "american-accurate" => drop(black_box(prices(&pricers[1]))),
                unknown => println!("unknown work {unknown}"),
            }
        }
        println!("done");
        let _ = std::io::stdout().flush();
    }
}
