//! Implied volatility: round trips over the whole domain, Jäckel's method as an oracle, and every refusal.

use implied_vol::{DefaultSpecialFn, ImpliedBlackVolatility, PriceBlackScholes};
use market::instrument::Right;
use market::math;
use pricing::black_scholes::Terms;
use pricing::implied::{self, NoVolatility};
use pricing::unit::{Rate, Volatility, Years};
use proptest::prelude::*;

fn terms(spot: f64, rate: f64, years: f64) -> Terms {
    Terms::new(spot, Rate::continuous(rate).unwrap(), Years::new(years).unwrap()).unwrap()
}

/// 1e-13, or four roundings of what the price was computed from, carried to the volatility: the price itself where it
/// is out of the money, spot and strike where it contains their difference.
fn tolerance(terms: &Terms, right: Right, strike: f64, volatility: f64) -> f64 {
    let greeks = terms.greeks(right, strike, Volatility::new(volatility).unwrap());
    let discounted = strike * terms.discount();
    let inside = (right == Right::Put) == (discounted > terms.net_spot());
    let rounded = if inside { terms.net_spot().max(discounted) } else { greeks.price };
    (4.0 * f64::EPSILON * rounded / (greeks.vega * volatility)).max(1e-13)
}

/// The price by Jäckel's formula, exact also where the plain formula subtracts nearly equal parts.
fn exact_price(forward: f64, right: Right, strike: f64, volatility: f64, years: f64) -> f64 {
    let builder = PriceBlackScholes::builder().forward(forward).strike(strike).volatility(volatility);
    builder.expiry(years).is_call(right == Right::Call).build().unwrap().calculate::<DefaultSpecialFn>()
}

/// At no interest. Where the price says nothing about volatility (at its bound to the last bit) there is none to find.
fn check_round_trip(spot: f64, right: Right, strike: f64, volatility: f64, years: f64) {
    let terms = terms(spot, 0.0, years);
    let price = exact_price(spot, right, strike, volatility, years);
    let tolerance = tolerance(&terms, right, strike, volatility);
    if !tolerance.is_finite() || tolerance > 1e-3 || price < 1e-290 {
        return;
    }
    let found = implied::volatility(&terms, right, strike, price)
        .unwrap_or_else(|e| panic!("{right} {strike} at {volatility}: {e}"));
    let error = (found.get() / volatility - 1.0).abs() / tolerance;
    assert!(error < 2.0, "{right} {strike} at {volatility}: found {}, {error} × {tolerance:e}", found.get());
}

/// Strikes of e^±6 times the forward, deviations from 0.0001 to 12.
#[test]
fn round_trips_over_the_whole_domain() {
    for i in -120..=120 {
        let strike = 100.0 * math::exp(f64::from(i) / 20.0);
        for j in 0..=120 {
            let volatility = 2e-4 * math::exp(f64::from(j) * 0.0977);
            check_round_trip(100.0, Right::Put, strike, volatility, 0.25);
            check_round_trip(100.0, Right::Call, strike, volatility, 0.25);
        }
    }
}

/// Within a hair of the money, where the strike's logarithm is itself only a few roundings.
#[test]
fn round_trips_at_the_money() {
    for ulps in -3..=3 {
        let strike = 100.0 * (1.0 + f64::from(ulps) * 4.5e-16);
        for volatility in [1e-12, 1e-8, 1e-5, 1e-3, 0.01, 0.2, 1.0, 3.0] {
            let price = exact_price(100.0, Right::Call, strike, volatility, 1.0);
            let found = implied::volatility(&terms(100.0, 0.0, 1.0), Right::Call, strike, price).unwrap().get();
            let allowed = 1e-13_f64.max(3e-16 / volatility);
            assert!((found / volatility - 1.0).abs() < allowed, "{ulps} {volatility}: {found}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn round_trips(moneyness in -2.0..2.0f64, volatility in 0.01..4.0f64, days in 1.0..1500.0f64, is_call: bool) {
        let right = if is_call { Right::Call } else { Right::Put };
        check_round_trip(250.0, right, 250.0 * math::exp(moneyness), volatility, days / 365.0);
    }

    /// Any price strictly inside the bounds has a volatility, and the formula gives the price back.
    #[test]
    fn never_fails_inside_the_bounds(
        moneyness in -5.0..5.0f64,
        share in prop_oneof![0.0..1.0f64, (-280.0..-1.0f64).prop_map(|e| math::pow(10.0, e))],
        days in 0.001..1500.0f64, is_call: bool,
    ) {
        let terms = terms(100.0, 0.0, days / 365.0);
        let strike = 100.0 * math::exp(moneyness);
        let right = if is_call { Right::Call } else { Right::Put };
        let (intrinsic, most) = match right {
            Right::Call => ((100.0 - strike).max(0.0), 100.0),
            Right::Put => ((strike - 100.0).max(0.0), strike),
        };
        let price = intrinsic + share * (most - intrinsic);
        prop_assume!(price < most);
        let found = implied::volatility(&terms, right, strike, price).unwrap();
        let again = terms.price(right, strike, found);
        // Rounding of spot and strike, and of d² in the density.
        let allowed = 4e-16 * most.max(100.0) + 3e-13 * (price - intrinsic);
        prop_assert!((again - price).abs() <= allowed, "{again} for {price}, volatility {}", found.get());
    }

    /// The same bits whether solved alone or in a row of any length, and NaN exactly where one alone is refused.
    #[test]
    fn rows_equal_single_volatilities(
        right in prop_oneof![Just(Right::Put), Just(Right::Call)], days in 0.0..900.0f64,
        options in proptest::collection::vec((30.0..300.0f64, -1.0..120.0f64), 0..80),
    ) {
        let terms = terms(100.0, 0.03, days / 365.0);
        let (strikes, prices): (Vec<f64>, Vec<f64>) = options.into_iter().unzip();
        let mut found = vec![0.0; strikes.len()];
        implied::volatilities(&terms, right, &strikes, &prices, &mut found);
        for ((strike, price), found) in strikes.iter().zip(&prices).zip(found) {
            match implied::volatility(&terms, right, *strike, *price) {
                Ok(alone) => prop_assert_eq!(alone.get().to_bits(), found.to_bits()),
                Err(_) => prop_assert!(found.is_nan()),
            }
        }
    }

    #[test]
    fn agrees_with_jaeckels_method(
        moneyness in -1.5..1.5f64, volatility in 0.02..3.0f64, days in 1.0..1500.0f64, is_call: bool,
    ) {
        let terms = terms(100.0, 0.0, days / 365.0);
        let strike = 100.0 * math::exp(moneyness);
        let right = if is_call { Right::Call } else { Right::Put };
        let theirs = exact_price(100.0, right, strike, volatility, days / 365.0);
        let ours = terms.price(right, strike, Volatility::new(volatility).unwrap());
        prop_assert!((ours - theirs).abs() < 1e-13, "{ours} {theirs}");

        let tolerance = tolerance(&terms, right, strike, volatility);
        prop_assume!(tolerance < 1e-3 && theirs > 1e-200);
        let builder = ImpliedBlackVolatility::builder().option_price(theirs).forward(100.0).strike(strike);
        let solved = builder.expiry(days / 365.0).is_call(is_call).build().unwrap().calculate::<DefaultSpecialFn>();
        let found = implied::volatility(&terms, right, strike, theirs).unwrap().get();
        prop_assert!((found / solved.unwrap() - 1.0).abs() < 4.0 * tolerance, "{found} {solved:?}");
    }
}

#[test]
fn refusals_say_what_was_expected() {
    let terms = terms(100.0, 0.0, 0.5);
    let put = |strike, price| implied::volatility(&terms, Right::Put, strike, price);
    assert_eq!(put(110.0, 10.0), Ok(Volatility::ZERO));
    assert_eq!(put(110.0, 9.0), Err(NoVolatility::BelowIntrinsic { price: 9.0, intrinsic: 10.0 }));
    assert_eq!(put(110.0, 110.0), Err(NoVolatility::TooHigh { price: 110.0, most: 110.0 }));
    assert_eq!(put(0.0, 1.0), Err(NoVolatility::Strike { strike: 0.0 }));
    assert_eq!(put(110.0, f64::INFINITY), Err(NoVolatility::Price { price: f64::INFINITY }));
    let call = implied::volatility(&terms, Right::Call, 110.0, 100.0);
    assert_eq!(call, Err(NoVolatility::TooHigh { price: 100.0, most: 100.0 }));
    assert_eq!(
        put(110.0, 9.0).unwrap_err().to_string(),
        "price is 9; expected at least the option's intrinsic value 10"
    );
    let expired = Terms::new(100.0, Rate::ZERO, Years::from_seconds(-5)).unwrap();
    assert_eq!(implied::volatility(&expired, Right::Put, 90.0, 1.0), Err(NoVolatility::Expired));
}
