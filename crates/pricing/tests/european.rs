//! Properties of European prices: parity, bounds, order, convexity, Greeks as derivatives, limits.

use market::instrument::Right::{self, Call, Put};
use market::math;
use pricing::black_scholes::{BadTerms, CashDividend, Terms};
use pricing::unit::{Rate, Volatility, Years};
use proptest::prelude::*;

fn vol(volatility: f64) -> Volatility {
    Volatility::new(volatility).unwrap()
}

/// A spot with one dividend halfway.
fn terms(spot: f64, dividend: f64, rate: f64, years: f64) -> Terms {
    let cash = CashDividend { years: Years::new(0.5 * years).unwrap(), amount: dividend };
    Terms::with_dividends(spot, Rate::continuous(rate).unwrap(), Years::new(years).unwrap(), &[cash]).unwrap()
}

fn right() -> impl Strategy<Value = Right> {
    prop_oneof![Just(Put), Just(Call)]
}

/// Central difference of `f` at `x`, by Richardson from steps of a thousandth of `scale` and its half.
fn slope(f: impl Fn(f64) -> f64, x: f64, scale: f64) -> f64 {
    let central = |step: f64| (f(x + step) - f(x - step)) / (2.0 * step);
    let step = 1e-3 * scale;
    (4.0 * central(0.5 * step) - central(step)) / 3.0
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn put_call_parity(
        strike in 20.0..500.0f64, dividend in 0.0..5.0f64, rate in -0.02..0.15f64, years in 0.001..4.0f64,
        volatility in 0.0..3.0f64,
    ) {
        let terms = terms(100.0, dividend, rate, years);
        let (call, call_delta) = terms.price_and_delta(Call, strike, vol(volatility));
        let (put, put_delta) = terms.price_and_delta(Put, strike, vol(volatility));
        let forward = terms.net_spot() - strike * terms.discount();
        prop_assert!((call - put - forward).abs() < 1e-15 * 600.0);
        prop_assert!((call_delta - put_delta - 1.0).abs() < 1e-15);
    }

    #[test]
    fn bounds_order_and_convexity(
        right in right(), strike in 50.0..200.0f64, rate in -0.02..0.15f64, years in 0.001..4.0f64,
        volatility in 0.01..2.0f64,
    ) {
        let terms = terms(100.0, 0.5, rate, years);
        let price = |strike, volatility| terms.price(right, strike, vol(volatility));
        let middle = price(strike, volatility);
        let (spot, discounted) = (terms.net_spot(), strike * terms.discount());
        let (least, most) = if right == Call { (spot - discounted, spot) } else { (discounted - spot, discounted) };
        prop_assert!(middle >= least.max(0.0) - 1e-13 && middle <= most);
        prop_assert!(price(strike, volatility + 0.01) >= middle - 1e-13);
        let (below, above) = (price(strike - 1.0, volatility), price(strike + 1.0, volatility));
        let (dear, cheap) = if right == Call { (below, above) } else { (above, below) };
        prop_assert!(dear >= middle && middle >= cheap);
        prop_assert!(below + above >= 2.0 * middle - 1e-13);
    }

    #[test]
    fn greeks_are_the_derivatives(
        right in right(), strike in 70.0..140.0f64, dividend in 0.0..3.0f64, rate in -0.02..0.12f64,
        years in 0.05..3.0f64, volatility in 0.1..1.5f64,
    ) {
        let priced = |spot: f64, rate: f64, later: f64, volatility: f64| {
            let cash = CashDividend { years: Years::new(0.5 * years - later).unwrap(), amount: dividend };
            let years = Years::new(years - later).unwrap();
            let terms = Terms::with_dividends(spot, Rate::continuous(rate).unwrap(), years, &[cash]).unwrap();
            terms.greeks(right, strike, vol(volatility))
        };
        let found = priced(100.0, rate, 0.0, volatility);
        let near = |found: f64, expected: f64, scale: f64| (found - expected).abs() < 1e-7 * scale;
        prop_assert!(near(found.delta, slope(|s| priced(s, rate, 0.0, volatility).price, 100.0, 10.0), 1.0));
        prop_assert!(near(found.gamma, slope(|s| priced(s, rate, 0.0, volatility).delta, 100.0, 10.0), 1.0));
        prop_assert!(near(found.vega, slope(|v| priced(100.0, rate, 0.0, v).price, volatility, 0.1), 100.0));
        prop_assert!(near(found.rho, slope(|r| priced(100.0, r, 0.0, volatility).price, rate, 0.1), 300.0));
        let decay = slope(|later| priced(100.0, rate, later, volatility).price, 0.0, 0.5 * years);
        prop_assert!(near(found.theta * 365.0, decay, 100.0));
    }

    /// Each is the derivative of a Greek that is a derivative itself.
    #[test]
    fn second_orders_are_the_derivatives(
        right in right(), strike in 70.0..140.0f64, dividend in 0.0..3.0f64, rate in -0.02..0.12f64,
        years in 0.05..3.0f64, volatility in 0.1..1.5f64,
    ) {
        let terms = |spot: f64, later: f64| {
            let cash = CashDividend { years: Years::new(0.5 * years - later).unwrap(), amount: dividend };
            let years = Years::new(years - later).unwrap();
            Terms::with_dividends(spot, Rate::continuous(rate).unwrap(), years, &[cash]).unwrap()
        };
        let greeks = |spot, later, volatility| terms(spot, later).greeks(right, strike, vol(volatility));
        let found = terms(100.0, 0.0).second_order(right, strike, vol(volatility));
        let near = |found: f64, expected: f64, scale: f64| (found - expected).abs() < 1e-7 * scale;
        let by_volatility = |f: &dyn Fn(f64) -> f64| slope(f, volatility, 0.1);
        let by_day = |f: &dyn Fn(f64) -> f64| slope(f, 0.0, 0.5 * years) / 365.0;
        prop_assert!(near(found.vanna, by_volatility(&|v| greeks(100.0, 0.0, v).delta), 10.0));
        prop_assert!(near(found.volga, by_volatility(&|v| greeks(100.0, 0.0, v).vega), 1e4));
        prop_assert!(near(found.zomma, by_volatility(&|v| greeks(100.0, 0.0, v).gamma), 10.0));
        let volga = |v| terms(100.0, 0.0).second_order(right, strike, vol(v)).volga;
        prop_assert!(near(found.ultima, by_volatility(&volga), 1e6));
        prop_assert!(near(found.speed, slope(|s| greeks(s, 0.0, volatility).gamma, 100.0, 10.0), 1.0));
        prop_assert!(near(found.charm, by_day(&|later| greeks(100.0, later, volatility).delta), 1.0));
        prop_assert!(near(found.veta, by_day(&|later| greeks(100.0, later, volatility).vega), 100.0));
        prop_assert!(near(found.color, by_day(&|later| greeks(100.0, later, volatility).gamma), 1.0));
        let priced = greeks(100.0, 0.0, volatility);
        if priced.price > 1e-6 {
            prop_assert!(near(found.elasticity * priced.price, priced.delta * terms(100.0, 0.0).net_spot(), 1.0));
        }
    }

    /// The same bits whether priced alone, in a row, or in a row of own volatilities.
    #[test]
    fn rows_equal_single_prices(right in right(), volatility in 0.01..2.0f64, first in 1.0..400.0f64) {
        let terms = terms(100.0, 0.3, 0.04, 0.2);
        let strikes: Vec<f64> = (0..37).map(|i| first + f64::from(i) * 5.0).collect();
        let (mut prices, mut deltas) = (vec![0.0; 37], vec![0.0; 37]);
        terms.price_and_delta_row(right, &strikes, vol(volatility), &mut prices, &mut deltas);
        let single: Vec<_> = strikes.iter().map(|k| terms.price_and_delta(right, *k, vol(volatility))).collect();
        let row: Vec<_> = prices.iter().copied().zip(deltas.iter().copied()).collect();
        prop_assert_eq!(&row, &single);
        terms.price_and_delta_rows(right, &strikes, &[vol(volatility); 37], &mut prices, &mut deltas);
        prop_assert_eq!(&prices.into_iter().zip(deltas).collect::<Vec<_>>(), &single);
    }
}

#[test]
fn without_volatility_or_time_the_exercise_value_remains() {
    let flat = Terms::new(100.0, Rate::ZERO, Years::new(1.0).unwrap()).unwrap();
    let expired = Terms::new(100.0, Rate::continuous(0.05).unwrap(), Years::from_seconds(0)).unwrap();
    for (terms, volatility) in [(flat, 0.0), (expired, 0.4)] {
        let table = [
            (Call, 90.0, (10.0, 1.0)),
            (Put, 90.0, (0.0, 0.0)),
            (Call, 110.0, (0.0, 0.0)),
            (Put, 110.0, (10.0, -1.0)),
            (Call, 100.0, (0.0, 0.5)),
            (Put, 100.0, (0.0, -0.5)),
        ];
        for (right, strike, expected) in table {
            assert_eq!(terms.price_and_delta(right, strike, vol(volatility)), expected, "{right} {strike}");
        }
        let greeks = terms.greeks(Call, 90.0, vol(volatility));
        assert_eq!((greeks.gamma, greeks.vega), (0.0, 0.0));
    }
    // Almost no volatility is the same, without an overflow on the way.
    let (price, delta) = flat.price_and_delta(Put, 110.0, vol(1e-300));
    assert_eq!((price, delta), (10.0, -1.0));
}

#[test]
fn far_out_of_the_money_keeps_its_relative_accuracy() {
    // Fourteen deviations away, where 1 − N(d) would be zero.
    let terms = Terms::new(100.0, Rate::ZERO, Years::new(1.0).unwrap()).unwrap();
    let price = terms.price(Put, 100.0 * math::exp(-1.39), vol(0.1));
    assert!(price > 0.0 && price < 1e-40);
    let slope = slope(|s| Terms::new(s, terms.rate(), terms.years()).unwrap().price(Put, 24.9, vol(0.1)), 100.0, 0.1);
    let delta = terms.price_and_delta(Put, 24.9, vol(0.1)).1;
    assert!((slope / delta - 1.0).abs() < 1e-8, "{slope:e} {delta:e}");
}

#[test]
fn terms_refuse_what_cannot_be_priced() {
    let (rate, years) = (Rate::ZERO, Years::from_days(30));
    let paying = |amount| [CashDividend { years: Years::from_days(3), amount }];
    let spot = Terms::new(0.0, rate, years).unwrap_err();
    assert_eq!(spot.to_string(), "spot is 0; expected a positive number of dollars");
    assert!(matches!(Terms::new(f64::NAN, rate, years), Err(BadTerms::Spot { .. })));
    let negative = Terms::with_dividends(10.0, rate, years, &paying(-1.0)).unwrap_err();
    assert_eq!(negative, BadTerms::Dividend { amount: -1.0 });
    let whole = Terms::with_dividends(10.0, rate, years, &paying(10.0)).unwrap_err();
    assert_eq!(whole.to_string(), "dividends before expiration are worth 10 today, the spot only 10");
}

#[test]
fn units_refuse_what_they_are_not() {
    assert_eq!(Years::new(-0.1), None);
    assert_eq!(Years::new(f64::NAN), None);
    assert_eq!(Volatility::new(-1e-9), None);
    assert_eq!(Rate::continuous(f64::INFINITY), None);
    assert_eq!(Rate::from_bond_yield(-2.0), None);
    assert_eq!(Some(Years::from_seconds(365 * 86_400)), Years::new(1.0));
    // 2 ln 1.025: a bond-equivalent 5%.
    assert!((Rate::from_bond_yield(0.05).unwrap().get() - 0.049_385_225_180_742_9).abs() < 1e-16);
}
